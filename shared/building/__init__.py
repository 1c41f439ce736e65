"""How the course is set up, built, checked and published. Only course.py and the tests use it; a notebook never does.

    environment.py   the folder .venv: made, kept up to date, repaired         (standard library only, as the next four)
    lab.py           JupyterLab, opened on a day
    checks.py        the command that runs every test
    publish.py       a repository's address, stamped into links and set-up cells
    places.py        where notebooks and their sources lie
    source.py        text (jupytext's py:percent) → cells
    execute.py       cells → cells with outputs
    compare.py       is a notebook still what its source says, and is it fit to be published?
    build.py         all of that, one notebook after the other
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class CourseError(Exception):
    """Something a person can mend. Its text is one clear sentence that says what is wrong and what to do; course.py prints just that."""
