"""The glossary as a page: each word with its sentence, a small picture, and the way to the cell that introduces it.

    python -m shared.building.glossary_page

The picture is one that the word's own section shows, as the notebook stores it; so it changes when the day changes.
"""

import base64
import html
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from shared.building import ROOT, CourseError
from shared.building.places import find_notebook
from shared.building.thumbnails import thumbnail
from shared.learning.codes import day_number, day_words
from shared.learning.glossary import FILE, PICTURES, PLACES, load_glossary

PAGE = ROOT / "shared" / "GLOSSARY.md"
SIZE, COLORS = (200, 120), 24  # pixels at most; a word's picture is a reminder, not a figure


@dataclass(frozen=True)
class Found:
    """Where a word is introduced: the cell's id, the heading above it, and a picture near it (PNG) with its alt text."""

    cell: str
    heading: str
    png: bytes
    alt: str


def find_word(cells: list[dict], word: str) -> Found:
    """The cell that has the word in bold, and the picture that its section shows: the first one after it, else the last before it.

    Errors: ValueError where no text has the word in bold, or the notebook has no picture at all.
    """
    pattern = re.compile(rf"\*\*{re.escape(word)}s?\*\*", 0 if word.isupper() else re.IGNORECASE)
    heading, section, sections, place = "", 0, [], None
    for index, cell in enumerate(cells):
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for line in text.splitlines():
                if title := re.fullmatch(r"##+ (.*?)(?: \(\d+ min.*)?", line):
                    heading, section = title[1], section + line.startswith("## ")
            if place is None and pattern.search(" ".join(text.split())):
                place = (index, heading, section)
        sections.append(section)
    if place is None:
        raise ValueError(f"no text has **{word}**")
    start, title, mine = place
    shown = [(index, *picture) for index, cell in enumerate(cells) if (picture := _picture(cell))]
    if not shown:
        raise ValueError(f"there is no picture for **{word}**")
    near = [p for p in shown if sections[p[0]] == mine]
    after = [p for p in near if p[0] >= start] or near[-1:] or [p for p in shown if p[0] > start] or shown[-1:]
    return Found(cells[start]["id"], title, after[0][1], after[0][2])


def _picture(cell: dict) -> tuple[bytes, str] | None:
    """The first picture of a cell and its alt text. An empty sheet to draw on is none."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "image/png" in data and "sketch" not in "".join(cell["source"]):
            alt = re.search(r'\balt="([^"]*)"', "".join(data.get("text/html", "")))
            return base64.b64decode("".join(data["image/png"])), html.unescape(alt[1]) if alt else ""
    return None


def all_words(root: Path = ROOT) -> dict[str, Found]:
    """Every word of the glossary that has its notebook, in alphabetical order. Errors: CourseError that names day and word."""
    found, cells = {}, {}
    for name, entry in sorted(load_glossary(FILE).items(), key=lambda pair: pair[0].casefold()):
        day = entry["day"]
        if day not in cells:
            cells[day] = json.loads(_notebook(day, root).read_text(encoding="utf-8"))["cells"]
        try:
            found[name] = find_word(cells[day], name)
        except ValueError as problem:
            raise CourseError(f"{day}: {problem}") from None
    return found


def page(found: dict[str, Found], root: Path = ROOT) -> str:
    """The page in Markdown: a table for each letter."""
    words = load_glossary(FILE)
    letters = sorted({_letter(name) for name in found})
    parts = [
        "# The words of the course\n",
        f"{len(found)} words. Each leads to the place in the notebook that introduces it, and shows a picture from there. In a notebook,",
        '`from shared.learning import word; word("softmax")` shows one of them.\n',
        " · ".join(f"[{letter}](#{letter.lower()})" for letter in letters),
    ]
    for letter in letters:
        parts += [f"\n## {letter}\n", "| Word | | In one sentence | Introduced in |", "|---|---|---|---|"]
        for name, place in found.items():
            if _letter(name) == letter:
                day, means = words[name]["day"], words[name]["means"].replace("|", "\\|")
                notebook = _notebook(day, root).relative_to(root).as_posix()
                where = f"[{day_words(day)}](../{quote(notebook)}#cell-id={place.cell})"
                alt = html.escape(_short(place.alt or f"From {place.heading}"), quote=True).replace("|", "&#124;")
                picture = f'<img src="{PICTURES.relative_to(ROOT / "shared").as_posix()}/{_name(place)}" alt="{alt}" width="{SIZE[0]}">'
                parts.append(f"| **{name}** | {picture} | {means} | {where}, “{place.heading.replace('|', ' ')}” |")
    return "\n".join(parts) + "\n"


def _notebook(day: str, root: Path) -> Path:
    week, number = divmod(day_number(day), 7)
    return find_notebook(root, week + 1, number + 1)


def _letter(name: str) -> str:
    return next((sign.upper() for sign in name if sign.isalpha()), "#")


def _short(alt: str) -> str:
    """The first sentences of an alt text, or as much of them as a table bears."""
    said = ""
    for sentence in re.split(r"(?<=[.!?]) ", " ".join(alt.split())):
        if len(said) < 40:
            said = f"{said} {sentence}".strip()
    return said if len(said) <= 160 else said[:157].rsplit(" ", 1)[0] + " …"


def _name(place: Found) -> str:
    """The picture's file name: words of one section share one picture."""
    return sha256(place.png).hexdigest()[:12] + ".png"


def small(place: Found) -> bytes:
    """The picture of a word as it is stored."""
    return thumbnail(place.png, SIZE, COLORS)


def write(root: Path = ROOT) -> None:
    """Write the page, the pictures, and the table of places from which `word` makes its cards. What is right stays untouched."""
    found, words = all_words(root), load_glossary(FILE)
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = {_name(place): place for place in found.values()}
    for old in PICTURES.glob("*.png"):
        if old.name not in wanted:
            old.unlink()
    for name, place in wanted.items():
        if not (PICTURES / name).exists():
            (PICTURES / name).write_bytes(small(place))
    table = {
        name: {
            "notebook": _notebook(words[name]["day"], root).relative_to(root).as_posix(),
            "cell": place.cell, "heading": place.heading, "picture": _name(place), "alt": _short(place.alt),
        }
        for name, place in found.items()
    }  # fmt: skip
    PLACES.write_bytes((json.dumps(table, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
    PAGE.write_bytes(page(found, root).encode("utf-8"))


if __name__ == "__main__":
    write()
    print(f"{PAGE.relative_to(ROOT).as_posix()}: {len(load_glossary(FILE))} words, {len(list(PICTURES.glob('*.png')))} pictures")
