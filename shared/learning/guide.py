"""The learner's own guide: chapters of words and pictures, as one web page that needs no network and as Markdown for a blog.

`material` collects what lies in the record and the portfolio, the learner chooses and writes, and only what is chosen goes into the
page. Nothing is sent anywhere.
"""

import base64
import html
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import isfile
from pathlib import Path

from shared.days import DAYS, WEEKS
from shared.learning import places, record
from shared.learning.progress_map import State, day_states

KINDS = {".png": "image/png", ".gif": "image/gif", ".html": "text/html"}
LARGEST = 8_000_000  # bytes of one picture or view: more makes a page that nobody opens twice
FRAME_HEIGHT = 560  # pixels for a view that moves
MADE_HERE = '<meta name="generator" content="guide of the course">'  # a guide is no material for the next one

STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#1F2937;font:17px/1.6 system-ui,"DejaVu Sans",Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:820px;margin:0 auto;padding:16px 20px}
header{padding-top:48px}
h1{font-size:2.1rem;line-height:1.2;margin:0 0 8px}
h2{font-size:1.5rem;line-height:1.25;margin:48px 0 8px}
nav ol{padding-left:22px}
a{color:#005A8C}
figure{margin:24px 0;border:1px solid #D1D5DB;border-radius:10px;padding:12px}
figure img{display:block;max-width:100%;height:auto;margin:0 auto}
figure iframe{display:block;width:100%;border:0}
figcaption{font-size:.9rem;margin-top:8px}
blockquote{margin:16px 0;padding:2px 16px;border-left:4px solid #0072B2}
.quiet{color:#4B5563;font-size:.9rem}
table{border-collapse:collapse;overflow-wrap:break-word}
th,td{text-align:left;padding:4px 16px 4px 0;border-bottom:1px solid #D1D5DB}
@media (max-width:480px){table{font-size:.85rem}th,td{padding-right:8px}}
@media print{h2{break-after:avoid}figure{break-inside:avoid}}
"""


@dataclass(frozen=True)
class Shown:
    """A picture (.png, .gif) or a view of the course that moves (.html), with what one learns from it and a line below it.

    Errors: FileNotFoundError or ValueError that names the file; ValueError for a missing alt text.
    """

    path: Path
    alt: str
    caption: str = ""

    def __post_init__(self):
        object.__setattr__(self, "path", Path(self.path))
        if self.path.suffix.lower() not in KINDS:
            raise ValueError(f"{self.path.name} must be a {', '.join(KINDS)} file")
        if not isfile(self.path):  # unlike Path.is_file, never an error for a name too long for this machine
            raise FileNotFoundError(f"there is no {self.path.name} in {self.path.parent}")
        if self.path.stat().st_size > LARGEST:
            raise ValueError(f"{self.path.name} has {self.path.stat().st_size / 1e6:.1f} MB, more than the {LARGEST / 1e6:.0f} MB that a page can bear")
        if not self.alt.strip():
            raise ValueError(f"{self.path.name} needs an alt text: what does one learn from it?")


@dataclass(frozen=True)
class Chapter:
    """A part of the guide. text: paragraphs, with an empty line between two; quotes: (prompt, what was written to it).

    Errors: ValueError for a chapter without a title.
    """

    title: str
    text: str = ""
    pictures: tuple[Shown, ...] = ()
    quotes: tuple[tuple[str, str], ...] = ()

    def __post_init__(self):
        if not self.title.strip():
            raise ValueError("a chapter needs a title")
        object.__setattr__(self, "pictures", tuple(self.pictures))
        object.__setattr__(self, "quotes", tuple(tuple(quote) for quote in self.quotes))


@dataclass(frozen=True)
class Material:
    """What there is to choose from. journal: day → {prompt: text}; pictures: the portfolio's, by name; states: how each day stands."""

    journal: dict[str, dict[str, str]]
    pictures: dict[str, Shown]
    states: dict[str, State]


def material() -> Material:
    """Everything of one's own that a guide can be made from, in the order of the days. Used in week 4 day 6."""
    written = {day.code: {prompt: text for prompt, text in record.journal_entries(day.code).items() if text.strip()} for day in DAYS.values()}
    pictures = {}
    for path in sorted(places.portfolio().iterdir(), key=lambda path: path.name):
        if path.is_file() and path.suffix.lower() in KINDS and not path.name.startswith(".") and path.stat().st_size <= LARGEST and not _is_guide(path):
            pictures[path.name] = Shown(path, *_words_for(path))
    return Material({day: texts for day, texts in written.items() if texts}, pictures, day_states())


def first_draft(found: Material) -> list[Chapter]:
    """A chapter a week, with what was written and drawn in it: something to cut and to rewrite."""
    chapters = []
    for week, title in WEEKS.items():
        days = [day.code for day in DAYS.values() if day.week == week]
        quotes = [quote for day in days for quote in found.journal.get(day, {}).items()]
        pictures = [shown for name, shown in found.pictures.items() if name[:4] in days and not _still_of_another(name, found.pictures)]
        if quotes or pictures:
            chapters.append(Chapter(f"Week {week}: {title}", "", tuple(pictures), tuple(quotes)))
    return chapters


def save_guide(chapters: Sequence[Chapter], path: str | Path, *, title: str, author: str = "", states: dict[str, State] | None = None) -> Path:
    """Write the guide as one HTML file with everything inside; returns the path.

    states: as in `Material`, to close with a table of the days. Errors: ValueError for no title or no chapters.
    """
    _check(chapters, title)
    contents = "".join(f'<li><a href="#chapter-{n}">{html.escape(c.title)}</a></li>' for n, c in enumerate(chapters, 1))
    body = "".join(_chapter_html(number, chapter) for number, chapter in enumerate(chapters, 1))
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
    text = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{MADE_HERE}\n<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n<header><h1>{html.escape(title)}</h1>{_line(author)}</header>\n"
        f'<main>\n<nav aria-label="Contents"><ol>{contents}</ol></nav>\n{body}{_results(states)}</main>\n</body>\n</html>\n'
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    places.write_whole(path, text)
    return path


def save_markdown(chapters: Sequence[Chapter], folder: str | Path, *, title: str, author: str = "") -> Path:
    """Write the guide for a blog: `guide.md`, and its pictures in `pictures/` beside it; returns the path of `guide.md`.

    A view that moves is a link to its file, as no blog runs it. Errors: ValueError for no title or no chapters.
    """
    _check(chapters, title)
    folder = Path(folder)
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    parts = [f"# {_md(title)}\n"] + ([f"*{_md(author)}*\n"] if author.strip() else [])
    for chapter in chapters:
        parts.append(f"## {_md(chapter.title)}\n")
        parts += [f"{_md(paragraph)}\n" for paragraph in _paragraphs(chapter.text)]
        for shown in chapter.pictures:
            shutil.copyfile(shown.path, folder / "pictures" / shown.path.name)
            mark = "" if shown.path.suffix.lower() == ".html" else "!"
            parts.append(f"{mark}[{_md(_one_line(shown.alt))}](pictures/{shown.path.name})\n")
            parts += [f"*{_md(_one_line(shown.caption))}*\n"] if shown.caption.strip() else []
        for prompt, text in chapter.quotes:
            parts.append(f"**{_md(_one_line(prompt))}**\n")
            parts.append("\n".join(f"> {_md(line)}" for line in text.strip().splitlines()) + "\n")
    places.write_whole(folder / "guide.md", "\n".join(parts))
    return folder / "guide.md"


def check_guide(chapters: Sequence[Chapter]) -> list[str]:
    """What a reader would miss, as sentences; none if nothing is missing. A hint, not a judgment."""
    words = " ".join([c.text for c in chapters] + [text for c in chapters for _, text in c.quotes]).split()
    says = []
    if len(words) < 150:
        says.append(f"There are {len(words)} words so far. A reader who was not there needs more: 150 at least.")
    if sum(len(c.pictures) for c in chapters) < 3:
        says.append("Fewer than three pictures: you learned visually, so show it.")
    says += [f"“{c.title}” has pictures and no words of yours: say what one should see." for c in chapters if c.pictures and not c.text.strip()]
    says += [f"{shown.path.name} has no caption." for c in chapters for shown in c.pictures if not shown.caption.strip()]
    private = [word for word in words if re.fullmatch(r"\S+@\S+\.\w+|\+?\d[\d\-/]{7,}\d", word.strip(".,;()"))]
    if private:
        says.append(f"Is this meant for everybody to read? {', '.join(dict.fromkeys(private))}")
    return says


# --- parts of the page ------------------------------------------------------------------------------------------------


def _check(chapters: Sequence[Chapter], title: str) -> None:
    if not title.strip():
        raise ValueError("title must say what the guide is about")
    if not chapters or not all(isinstance(chapter, Chapter) for chapter in chapters):
        raise ValueError("chapters must be a list of at least one Chapter")


def _chapter_html(number: int, chapter: Chapter) -> str:
    parts = [f"<p>{html.escape(paragraph)}</p>" for paragraph in _paragraphs(chapter.text)]
    parts += [_shown_html(shown) for shown in chapter.pictures]
    for prompt, text in chapter.quotes:
        said = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in _paragraphs(text))
        parts.append(f'<p class="quiet">{html.escape(prompt)}</p><blockquote>{said}</blockquote>')
    return f'<section aria-labelledby="chapter-{number}"><h2 id="chapter-{number}">{html.escape(chapter.title)}</h2>{"".join(parts)}</section>\n'


def _shown_html(shown: Shown) -> str:
    kind, data = KINDS[shown.path.suffix.lower()], shown.path.read_bytes()
    if kind == "text/html":
        # in a frame without an origin of its own: whatever is in the file, it reaches nothing else
        page = html.escape(data.decode("utf-8", "replace"))
        inside = f'<iframe title="{html.escape(shown.alt)}" sandbox="allow-scripts" height="{FRAME_HEIGHT}" srcdoc="{page}"></iframe>'
    else:
        inside = f'<img alt="{html.escape(shown.alt)}" src="data:{kind};base64,{base64.b64encode(data).decode()}">'
    below = f"<figcaption>{html.escape(shown.caption)}</figcaption>" if shown.caption.strip() else ""
    return f"<figure>{inside}{below}</figure>"


def _results(states: dict[str, State] | None) -> str:
    if not states or not any(state.opened for state in states.values()):
        return ""
    rows = "".join(
        f'<tr><th scope="row">Week {day.week}, day {day.day}: {html.escape(day.title)}</th>'
        f"<td>{states[day.code].known} of {states[day.code].questions}</td><td>{states[day.code].passed} of {states[day.code].exercises}</td></tr>"
        for day in DAYS.values()
        if day.code in states and states[day.code].opened
    )
    head = '<tr><th scope="col">Day</th><th scope="col">questions known</th><th scope="col">exercises solved</th></tr>'
    return f'<section aria-labelledby="results"><h2 id="results">What I worked on</h2><table><thead>{head}</thead><tbody>{rows}</tbody></table></section>\n'


def _line(text: str) -> str:
    return f'<p class="quiet">{html.escape(text)}</p>' if text.strip() else ""


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _md(text: str) -> str:
    """Text that stays text in Markdown: what would be markup gets a backslash, and "<" its own name."""
    return re.sub(r"([\\`*_\[\]#!|])", r"\\\1", text).replace("<", "&lt;")


def _is_guide(path: Path) -> bool:
    """Whether `save_guide` wrote this page: inside of itself it would grow with every run."""
    if path.suffix.lower() != ".html":
        return False
    with path.open("rb") as page:
        return MADE_HERE.encode() in page.read(1000)


def _words_for(path: Path) -> tuple[str, str]:
    """Alt text and caption: those that the picture carries, else its title, else its name made readable."""
    if path.suffix.lower() == ".png":
        from shared.visuals.figure import words_in

        try:
            alt, caption = words_in(path)
        except ValueError:
            alt = caption = ""
        if alt:
            return alt, caption
    if path.suffix.lower() == ".html":
        title = re.search(r"<title>(.*?)</title>", path.read_text(encoding="utf-8", errors="replace"), re.DOTALL)
        if title and title[1].strip():
            return html.unescape(title[1].strip()), ""
    return re.sub(r"^w\dd\d_", "", path.stem).replace("_", " "), ""


def _still_of_another(name: str, pictures: dict[str, Shown]) -> bool:
    """Whether a PNG only stands in for a view of the same name that moves."""
    return name.endswith(".png") and f"{name[:-4]}.html" in pictures
