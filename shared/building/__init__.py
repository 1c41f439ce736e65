"""How the course is set up, built, checked and published. Only course.py and the tests use it; a notebook never does.

With the standard library alone, because nothing is installed yet:
    commands.py         open, test, build, publish: the commands of course.py
    environment.py      the folder .venv: made, found ready, brought up to date, repaired
    lab.py              JupyterLab, opened on a day
    checks.py           the command that runs every test
    settings.py         the settings under which notebooks are built and tested
    publish.py          a repository's address, stamped into Colab links and set-up cells
    places.py           where notebooks and their sources lie
With the course's packages:
    source.py           text (jupytext's py:percent) → cells
    execute.py          cells → cells with outputs
    compare.py          is a notebook what its source says, and is it fit to be published?
    build.py            all of that, one notebook after the other
    notebook_tests.py   a pytest plugin: every notebook is tested as it was built
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class CourseError(Exception):
    """Something a person can mend. Its text, all that is printed, says in a sentence what is wrong and what to do."""
