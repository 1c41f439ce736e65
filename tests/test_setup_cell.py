"""The first cell of every notebook: silent inside the course, fetching it in Colab, one sentence where neither works.

Colab is played by an empty folder, a package named google.colab, and a git that takes GitHub's address for a local one.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from shared.building import ROOT, publish

CELL = publish.TEMPLATE.read_text(encoding="utf-8")
ADDRESS = f"https://github.com/{publish.stamped()}"

# runs cells as a notebook does, one after the other, each argument one cell
SHELL = """
import os, sys
if os.environ.get("COLAB_RELEASE_TAG"):
    import google.colab
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
for cell in sys.argv[1:]:
    if not shell.run_cell(cell).success:
        sys.exit(1)
"""


@pytest.fixture(scope="module")
def github(tmp_path_factory):
    """The course as a bare repository, small: what the set-up cell needs of it."""
    folder = tmp_path_factory.mktemp("github")
    work = folder / "work"
    (work / "week1").mkdir(parents=True)
    (work / "week1" / "day4_tiny.ipynb").touch()
    for name in ("shared/__init__.py", "shared/colab.py", "requirements.txt"):
        (work / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, work / name)
    me = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    for command in (["init", "--quiet"], ["add", "--all"], [*me, "commit", "--quiet", "-m", "The course"]):
        subprocess.run(["git", "-C", str(work), *command], check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(work), str(folder / "course.git")], check=True)
    return folder / "course.git"


class Machine:
    """Somewhere to run a notebook: in Colab or not, with a pip that notes what it is asked and installs nothing."""

    def __init__(self, folder: Path, colab: bool, github: Path | None):
        self.folder, self.stubs, self.asked = folder / "content", folder / "stubs", folder / "pip.log"
        self.folder.mkdir()
        (self.stubs / "google" / "colab").mkdir(parents=True)
        (self.stubs / "google" / "colab" / "__init__.py").touch()
        (self.stubs / "pip.py").write_text(
            textwrap.dedent(f"""
            import os, sys
            constraints = open(sys.argv[sys.argv.index("--constraint") + 1]).read()
            open({str(self.asked)!r}, "a").write(" ".join(sys.argv[1:]) + "\\n" + constraints)
            if os.environ.get("PIP_SAYS"):
                sys.exit(os.environ["PIP_SAYS"])
        """)
        )
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "COLAB_"))}
        self.variables |= {
            "PYTHONPATH": str(self.stubs),
            "IPYTHONDIR": str(folder / "ipython"),
            "GIT_TERMINAL_PROMPT": "0",
        }
        if colab:
            self.variables["COLAB_RELEASE_TAG"] = "release"
        # without a repository GitHub's addresses lead nowhere, so that no test ever asks the network
        target = github.as_uri() if github else (folder / "nowhere.git").as_uri()
        settings = {f"url.{target}.insteadOf": ADDRESS, "url.file:///nowhere/.insteadOf": "https://github.com/"}
        for number, (name, value) in enumerate(settings.items()):
            self.variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        self.variables["GIT_CONFIG_COUNT"] = str(len(settings))

    def run(self, *cells: str, folder: Path | None = None, **variables: str) -> tuple[int, str]:
        """Run the cells in a fresh kernel. Returns its exit status, and all that a reader would see."""
        command = [sys.executable, "-c", SHELL, *cells]
        where = folder or self.folder
        done = subprocess.run(
            command, cwd=where, env={**self.variables, **variables},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.returncode, done.stdout


@pytest.fixture
def colab(tmp_path, github):
    return Machine(tmp_path, colab=True, github=github)


@pytest.fixture
def home(tmp_path):
    return Machine(tmp_path, colab=False, github=None)


WHERE = "import os, shared; print(os.getcwd(), os.path.dirname(shared.__file__))"


def test_the_cell_is_short_and_every_line_fits():
    lines = CELL.splitlines()
    assert len(lines) < 20 and max(map(len, lines)) <= 120


def test_in_colab_it_fetches_the_course_and_says_nothing(colab):
    course = colab.folder.resolve() / "transformers-course"
    assert colab.run(CELL, WHERE) == (0, f"{course}/week1 {course}/shared\n")
    assert int(subprocess.check_output(["git", "-C", str(course), "rev-list", "--count", "HEAD"])) == 1
    assert not colab.asked.exists()


def test_in_colab_it_can_be_run_twice_and_after_a_restart(colab):
    status, first = colab.run(CELL, CELL, WHERE)
    mine = colab.folder / "transformers-course" / "my_notes.txt"
    mine.write_text("keep me")
    assert status == 0 and colab.run(CELL, WHERE) == (0, first)  # a new kernel, back in the first folder
    assert mine.read_text() == "keep me" and not (colab.folder / "transformers-course" / "transformers-course").exists()


def test_in_colab_a_wrong_or_missing_address_is_one_sentence_and_stops_the_run(tmp_path):
    machine = Machine(tmp_path, colab=True, github=None)
    status, seen = machine.run(CELL, "print('went on')")
    assert status == 1 and seen.strip() == f"The course could not be fetched from {ADDRESS}: is that the right address?"


def test_in_colab_a_repository_that_is_not_the_course_is_one_sentence(tmp_path):
    other = tmp_path / "other.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(other)], check=True)
    status, seen = Machine(tmp_path, colab=True, github=other).run(CELL)
    assert status == 1 and seen.strip() == f"The course could not be fetched from {ADDRESS}: is that the right address?"


def test_before_anybody_published_no_strangers_repository_can_be_fetched():
    owner = publish.NOBODY.split("/")[0]
    assert not re.fullmatch(r"[A-Za-z0-9_-]+", owner), "GitHub could give this name to somebody"


def test_at_home_it_finds_the_course_around_it_and_does_nothing_else(home):
    week = home.folder / "week1"
    (home.folder / "shared").symlink_to(ROOT / "shared")
    shutil.copy(ROOT / "requirements.txt", home.folder)
    week.mkdir()
    before = sorted(home.folder.rglob("*"))
    # without a PATH there is no git to call, and pip would leave its log
    needs = CELL.replace('"week1", []', '"week1", ["no-such-package"]')
    for start in (week, home.folder):
        assert home.run(needs, "import os; print(os.getcwd())", folder=start, PATH="") == (0, f"{week.resolve()}\n")
    assert sorted(home.folder.rglob("*")) == before and not home.asked.exists()


def test_at_home_outside_the_course_is_one_sentence(home):
    status, seen = home.run(CELL, "print('went on')")
    here = home.folder.resolve()
    assert status == 1
    assert seen.strip() == f"There is no course around {here}: open this notebook inside the course's folder."


# --- what a day needs and Colab does not bring ------------------------------------------------------------------------


def needing(*packages: str) -> str:
    return CELL.replace('"week1", []', f'"week1", {list(packages)}')


def test_in_colab_only_what_is_missing_is_installed_and_nothing_moves(colab):
    colab.run(CELL)
    requirements = colab.folder / "transformers-course" / "requirements.txt"
    requirements.write_text(requirements.read_text() + "missing-package>=1.2   # words\n")
    assert colab.run(needing("numpy", "missing-package")) == (0, "")
    command, *constraints = colab.asked.read_text().splitlines()
    assert command.startswith("install --quiet --constraint ") and command.endswith(" missing-package>=1.2")
    installed = {line.split("==")[0].lower() for line in constraints}
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!-]+", line) for line in constraints)
    assert {"numpy", "torch", "ipykernel", "jupyterlab"} <= installed


def test_in_colab_nothing_is_installed_when_all_is_there(colab):
    assert colab.run(needing("numpy", "anywidget")) == (0, "") and not colab.asked.exists()


def test_in_colab_a_package_that_cannot_be_installed_is_named(colab):
    colab.run(CELL)
    requirements = colab.folder / "transformers-course" / "requirements.txt"
    requirements.write_text(requirements.read_text() + "missing-package>=1.2\n")
    status, seen = colab.run(needing("missing-package"), PIP_SAYS="ERROR: no network")
    assert status == 1 and "missing-package>=1.2 could not be installed: ERROR: no network" in seen
    status, seen = colab.run(needing("missing"))
    assert status == 1 and "packages must stand in requirements.txt, and missing does not" in seen
