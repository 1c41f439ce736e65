"""Where notebooks and their sources lie: week1/day4_topic.ipynb is built from week1/source/day4_topic.py."""

from pathlib import Path

from shared.building import CourseError

WEEKS, DAYS = range(1, 5), range(1, 8)


def notebooks(root: Path) -> list[Path]:
    """All built notebooks under `root`, in the order of the days."""
    return sorted(root.glob("week[1-4]/day[1-7]_*.ipynb"))


def sources(root: Path) -> list[Path]:
    """All text sources under `root`, in the order of the days."""
    return sorted(root.glob("week[1-4]/source/day[1-7]_*.py"))


def source_of(notebook: Path) -> Path:
    """The text that a notebook is built from."""
    return notebook.parent / "source" / f"{notebook.stem}.py"


def notebook_of(source: Path) -> Path:
    """The notebook that is built from a text."""
    return source.parent.parent / f"{source.stem}.ipynb"


def day_of(path: Path) -> tuple[int, int]:
    """The week and day of a notebook or a source, read from its path."""
    week = path.parent.parent if path.suffix == ".py" else path.parent
    return int(week.name.removeprefix("week")), int(path.stem.removeprefix("day")[0])


def find_notebook(root: Path, week: int, day: int) -> Path:
    """The notebook of a day. Errors: CourseError that lists the days there are."""
    for notebook in notebooks(root):
        if day_of(notebook) == (week, day):
            return notebook
    there = ", ".join("week {} day {}".format(*day_of(notebook)) for notebook in notebooks(root)) or "none yet"
    raise CourseError(f"There is no notebook for week {week} day {day}; the days there are: {there}.")
