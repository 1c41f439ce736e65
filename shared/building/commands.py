"""The commands of course.py. Everything here runs before any package is installed: the standard library only."""

import argparse
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from shared.building import ROOT, CourseError
from shared.building.checks import test_command
from shared.building.environment import set_up
from shared.building.lab import open_lab
from shared.building.places import DAYS, WEEKS, day_of, find_notebook, notebooks
from shared.building.publish import publish
from shared.building.settings import environment


def main(help_text: str, arguments: list[str] | None = None) -> int:
    """Carry out one command line and return its exit status. What a person can mend is a sentence, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)  # a console that lacks a letter shows a "?"
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        print(help_text.strip())
        return 0
    try:
        return args.command(args)
    except CourseError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course.py", description="The one entry to the course.")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(metavar="open | test | build | publish | plan")

    command = commands.add_parser("open", help="open a day in JupyterLab (week 1 day 1 when none is named)")
    command.add_argument("week", nargs="?", type=int, choices=WEEKS)
    command.add_argument("day", nargs="?", type=int, choices=DAYS)
    command.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    command.set_defaults(command=_open)

    command = commands.add_parser("test", help="run all tests and all notebooks, or only those named")
    command.add_argument("paths", nargs="*", metavar="PATH", help="a test file, a folder of tests, or a notebook")
    command.set_defaults(command=_test)

    command = commands.add_parser("build", help="make the notebooks from their sources, or only those named")
    command.add_argument("paths", nargs="*", metavar="PATH", help="a source or its notebook")
    command.set_defaults(command=_build)

    command = commands.add_parser("publish", help="stamp a repository's address into Colab links and set-up cells")
    command.add_argument("repository", nargs="?", metavar="OWNER/NAME", help="otherwise GITHUB_REPOSITORY or origin")
    command.set_defaults(command=_publish)

    command = commands.add_parser("plan", help="write the 28 days as PDF, Markdown, CSV and calendar")
    command.add_argument("--start", metavar="YYYY-MM-DD", help="the first day in the calendar (otherwise tomorrow)")
    command.add_argument("--to", metavar="FOLDER", default="my_course/plan", help="where to (otherwise my_course/plan)")
    command.set_defaults(command=_plan)
    return parser


def _open(args: argparse.Namespace) -> int:
    if args.week is not None and args.day is None:
        raise CourseError(f"Say the day, too, for example: python3 course.py open {args.week} 1")
    notebook = find_notebook(ROOT, args.week, args.day) if args.week else _first_notebook()
    open_lab(set_up(ROOT), ROOT, notebook, browser=not args.no_browser)
    return 0


def _first_notebook() -> Path:
    there = notebooks(ROOT)
    if not there:
        return find_notebook(ROOT, 1, 1)  # which says that there is none
    if day_of(there[0]) != (1, 1):
        print("Week 1 day 1 is not there yet; opening the first day that is: week {} day {}.".format(*day_of(there[0])))
    return there[0]


def _test(args: argparse.Namespace) -> int:
    _check_paths(args.paths)
    return _run(test_command(set_up(ROOT), ROOT, [str(Path(path).resolve()) for path in args.paths]))


def _build(args: argparse.Namespace) -> int:
    python = set_up(ROOT)
    paths = [str(Path(path).resolve()) for path in args.paths]
    return _run([str(python), "-m", "shared.building", *paths])


def _check_paths(paths: list[str]) -> None:
    for path in paths:
        if not Path(path.split("::")[0]).exists():
            raise CourseError(f"There is no {path}.")


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, env=environment()).returncode


def _plan(args: argparse.Namespace) -> int:
    start = _start_day(args.start)  # a wrong day is told before anything is set up
    folder = Path(args.to).expanduser().resolve()
    # in the course's own Python: the PDF needs its packages
    return _run([str(set_up(ROOT)), "-m", "shared.building.plan", str(folder), start.isoformat()])


def _start_day(text: str | None) -> date:
    if text is None:
        return date.today() + timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CourseError(f"--start must be a day such as 2027-03-01, got {text!r}.") from None


def _publish(args: argparse.Namespace) -> int:
    repository, changed = publish(ROOT, args.repository)
    for path in changed:
        print(f"  {path.relative_to(ROOT).as_posix()}")
    if changed:
        print(f"{repository} is stamped into {len(changed)} files. Commit and push them, and the Colab links work.")
    else:
        print(f"{repository} was stamped everywhere already.")
    return 0
