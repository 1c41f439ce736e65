"""Scripts and styles made small for pages that shall stay light: `assets/small/` from the files that people edit.

    python -m shared.building.small_scripts

All files of a bundle become one function. What they hand each other through `course` becomes plain variables, so that the
minifier can shorten these names, too. Only `course.data`, `course.bytes` and `course.view` come from outside.

Look at what is made in a browser, or let tests/browser do so: this minifier moves `const [a, b] = …` in front of its
neighbors, and overlooks that it needs one of them where the right side awaits something.
"""

import re
import sys
from collections.abc import Sequence

from shared.building import ROOT
from shared.visuals.page import ASSETS, asset

FOLDER = ASSETS / "small"
START = "packed.js"  # what unpacks a page
BUNDLES = {
    "explorer": (
        ["make.js", "explorer_numbers.js", "explorer_maps.js", "explorer_words.js", "explorer.js"],
        ["page.css", "explorer.css"],
    ),
}
GIVEN = ("data", "bytes", "view")
_TAKEN = re.compile(r"const \{([\w, ]+)\} = course;")


def joined(scripts: Sequence[str]) -> str:
    """Scripts as one that is not small yet. Each keeps its own names to itself, as in a page that is not packed."""
    parts = []
    for script in scripts:
        # const {data, make} = course: by name, as course itself will be gone
        text = _TAKEN.sub(lambda found: f"const {', '.join(f'{name} = course.{name}' for name in found[1].split(', '))};", asset(script))
        parts.append(f"{{{text}}}\n")
    text = "".join(parts)
    handed = sorted(set(re.findall(r"\bcourse\.(\w+)", text)))
    text = re.sub(r"\bcourse\.(\w+)", r"course_\1", text)
    if "fail" not in handed or re.search(r"\bcourse\b", text):
        raise ValueError(f"{', '.join(scripts)}: `course` may be used only as course.name and as const {{name, name}} = course, and one must hand on fail")
    given = ", ".join(f"{name}: course_{name}" for name in GIVEN)
    own = ", ".join(f"course_{name}" for name in handed if name not in GIVEN)
    return f"(({{{given}}}) => {{let {own};\ntry {{{text}}} catch (error) {{course_fail(error)}}}})(course)"


def small() -> dict[str, str]:
    """All that lies in `assets/small/`: {file name: text}. Errors: ImportError where the minifier is not installed."""
    import minify

    def script(text: str) -> str:
        return "// made by python -m shared.building.small_scripts\n" + minify.string("application/javascript", text).rstrip(";") + "\n"

    made = {START: script(asset(START))}
    for bundle, (scripts, styles) in BUNDLES.items():
        made[f"{bundle}.js"] = script(joined(scripts))
        made[f"{bundle}.css"] = minify.string("text/css", "".join(map(asset, styles))) + "\n"
    return made


def main() -> None:
    """Write them, or say why they stay as they are: a day can be built where the minifier cannot be installed."""
    try:
        made = small()
    except ImportError:
        print(f"{FOLDER.relative_to(ROOT)} stays as it is: what makes it, tdewolff-minify, is not installed", file=sys.stderr)
        return
    FOLDER.mkdir(exist_ok=True)
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
