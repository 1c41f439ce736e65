"""The plan to take along: the 28 days as a PDF to print, as Markdown and CSV for a note-keeper such as Notion, and as a calendar.

Everything is read from the sources of the days: title, promise, minutes and the links of their "Go further". Markdown, CSV and
calendar need the standard library only; the PDF is drawn with matplotlib.
"""

import csv
import io
import re
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from shared.building import ROOT, CourseError
from shared.building.places import day_of, notebook_of, sources
from shared.building.publish import stamped
from shared.days import WEEKS, find_day

EVENING = 18  # o'clock: when a day's hour stands in the calendar
PAPER = (8.27, 11.69)  # A4, in inches


@dataclass(frozen=True)
class Planned:
    """One day of the plan. minutes: of its sections, without what is optional; links: (text, address) of "Go further"."""

    week: int
    day: int
    title: str
    promise: str
    minutes: int
    notebook: str
    colab: str
    links: tuple[tuple[str, str], ...]


def planned_days(root: Path) -> list[Planned]:
    """The days that are there, in order. Errors: CourseError for a source without its title, promise or minutes."""
    repository, found = stamped(), []
    for source in sources(root):
        week, day = day_of(source)
        text = re.sub(r"^# ?", "", source.read_text(encoding="utf-8"), flags=re.MULTILINE)
        promise = re.search(r"^\*\*(.+?)\*\*$", text, re.MULTILINE | re.DOTALL)
        minutes = sum(int(m) for m in re.findall(r"^## .*\((\d+) min[),]", text, re.MULTILINE))
        if not promise or not minutes:
            raise CourseError(f"{source.name} has no promise in bold below its title, or no minutes in its headings.")
        further = re.search(r"^## Go further.*?(?=^## )", text, re.MULTILINE | re.DOTALL)
        links = re.findall(r"\[([^\]]+)\]\((https?://[^)\s]+)\)", further[0] if further else "")
        path = notebook_of(source).relative_to(root).as_posix()
        found.append(Planned(
            week, day, find_day(week, day).title, " ".join(promise[1].split()), minutes,
            f"https://github.com/{repository}/blob/main/{path}",
            f"https://colab.research.google.com/github/{repository}/blob/main/{path}",
            tuple(dict.fromkeys(links)),
        ))  # fmt: skip
    return found


def write_plan(root: Path, folder: Path, start: date) -> list[Path]:
    """Write plan.md, plan.csv, plan.ics and plan.pdf; returns their paths.

    Errors: CourseError where there is no day yet, the start leaves no room for the days, or the folder cannot be written to.
    """
    days = planned_days(root)
    if not days:
        raise CourseError("There is no day to plan yet.")
    if start > date.max - timedelta(days=len(days)):
        raise CourseError(f"{start} is too late for {len(days)} days.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = []
        for name, content in (("plan.md", as_markdown(days)), ("plan.csv", as_csv(days)), ("plan.ics", as_calendar(days, start))):
            # a calendar's lines end with CR LF, whatever the system
            (folder / name).write_bytes(content.encode("utf-8"))
            made.append(folder / name)
        return [*made, save_pdf(days, folder / "plan.pdf")]
    except OSError as error:
        raise CourseError(f"The plan could not be written to {folder}: {error.strerror or error}.") from None


# --- the forms --------------------------------------------------------------------------------------------------------


def as_markdown(days: list[Planned]) -> str:
    """A list to tick off, a heading for each week: reads as it is, and imports into Notion as a page."""
    parts = ["# How do I really understand Transformers? The plan\n"]
    for week, title in WEEKS.items():
        mine = [day for day in days if day.week == week]
        if mine:
            parts.append(f"\n## Week {week}: {title}\n")
        for day in mine:
            links = "".join(f"\n    - [{text}]({address})" for text, address in day.links)
            parts.append(f"\n- [ ] **Day {day.day}: [{day.title}]({day.notebook})** ({day.minutes} min, [Colab]({day.colab}))  \n  {day.promise}{links}\n")
    return "".join(parts)


def as_csv(days: list[Planned]) -> str:
    """A row a day: imports into Notion as a database, and opens in any spreadsheet."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["Name", "Week", "Day", "Minutes", "Promise", "Notebook", "Colab", "Further", "Done"])
    for d in days:
        further = " ; ".join(f"{text} {address}" for text, address in d.links)
        table.writerow([f"W{d.week}D{d.day} {d.title}", d.week, d.day, d.minutes, d.promise, d.notebook, d.colab, further, "No"])
    return text.getvalue()


def as_calendar(days: list[Planned], start: date) -> str:
    """An event a day from `start` on, in the evening of wherever the reader is (RFC 5545, floating time)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//How do I really understand Transformers//plan//EN", "CALSCALE:GREGORIAN"]
    for number, day in enumerate(days):
        begin = datetime.combine(start + timedelta(days=number), datetime.min.time()).replace(hour=EVENING)
        end = begin + timedelta(minutes=day.minutes)
        description = "\n".join([day.promise, day.colab, *(f"{text}: {address}" for text, address in day.links)])
        lines += [
            "BEGIN:VEVENT",
            f"UID:w{day.week}d{day.day}-{start:%Y%m%d}@transformers-course",
            f"DTSTAMP:{datetime(start.year, start.month, start.day, tzinfo=timezone.utc):%Y%m%dT%H%M%SZ}",
            f"DTSTART:{begin:%Y%m%dT%H%M%S}",
            f"DTEND:{end:%Y%m%dT%H%M%S}",
            f"SUMMARY:{_calendar_text(f'Transformers, week {day.week} day {day.day}: {day.title}')}",
            f"DESCRIPTION:{_calendar_text(description)}",
            f"URL:{day.notebook}",
            "END:VEVENT",
        ]
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def save_pdf(days: list[Planned], path: Path) -> Path:
    """One page a week on A4, every title and every resource a link that can be clicked."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    with PdfPages(path, metadata={"Title": "How do I really understand Transformers? The plan", "CreationDate": None}) as pdf:
        for week, title in WEEKS.items():
            mine = [day for day in days if day.week == week]
            if mine:
                page = Figure(figsize=PAPER)
                page.set_layout_engine("none")
                _draw_week(page, week, title, mine)
                pdf.savefig(page)
    return path


def _draw_week(page, week: int, title: str, days: list[Planned]) -> None:
    import textwrap

    ink, quiet, blue = "#1F2937", "#4B5563", "#005A8C"
    page.text(0.08, 0.945, f"Week {week}", fontsize=22, fontweight="bold", color=ink)
    page.text(0.08, 0.92, title, fontsize=12, color=quiet)
    top, room = 0.885, 0.82 / 7
    for day in days:
        y = top - (day.day - 1) * room
        page.text(0.08, y, "☐", fontsize=13, color=ink, va="top")
        page.text(0.115, y, f"Day {day.day}: {day.title}", fontsize=12.5, fontweight="bold", color=blue, va="top", url=day.notebook)
        page.text(0.92, y, f"{day.minutes} min", fontsize=10, color=quiet, va="top", ha="right")
        line = y - 0.02
        for piece in textwrap.wrap(day.promise, 98)[:2]:
            page.text(0.115, line, piece, fontsize=9.5, color=ink, va="top", parse_math=False)
            line -= 0.0155
        page.text(0.115, line - 0.003, "Open in Colab", fontsize=9, color=blue, va="top", url=day.colab)
        line -= 0.0185
        for number, (text, address) in enumerate(day.links):  # three in a column, and at most six
            x, y = 0.115 + 0.42 * (number // 3), line - 0.015 * (number % 3)
            page.text(x, y, "→ " + textwrap.shorten(text, 50, placeholder=" …"), fontsize=9, color=blue, va="top", url=address, parse_math=False)
    page.text(0.08, 0.035, "Blue words are links.", fontsize=8.5, color=quiet)


def _calendar_text(text: str) -> str:
    """RFC 5545, section 3.3.11: backslash, semicolon, comma and line end are written with a backslash."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """RFC 5545, section 3.1: lines of at most 75 bytes, the rest on lines that begin with a blank; never inside of a letter."""
    pieces, piece = [], b""
    for letter in line:
        raw = letter.encode("utf-8")
        if len(piece) + len(raw) > 75 - (1 if pieces else 0):
            pieces.append(piece)
            piece = b""
        piece += raw
    return "\r\n ".join(part.decode("utf-8") for part in [*pieces, piece]) + "\r\n"


def main(folder: str, start: str) -> None:
    """Write the plan of this course and say where it lies: `python -m shared.building.plan FOLDER YYYY-MM-DD`."""
    try:
        for path in write_plan(ROOT, Path(folder), date.fromisoformat(start)):
            print(path)
    except CourseError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(*sys.argv[1:])
