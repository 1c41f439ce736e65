"""Every day, opened alone in a simulated Colab: an empty folder, a stub of google.colab, the course fetched by the day's own first cell.

The set-up cell and the imports of each day run in every run of the tests: they show that the fetched course is enough, and that a
day uses nothing that Colab lacks and the day does not install; days that need the same share a session. COLAB_DAYS=all runs the days whole, from top to bottom;
COLAB_DAYS=week2/day3,week3/day4 those two.
"""

import ast
import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from shared.building import ROOT
from shared.building.places import notebooks
from shared.building.settings import CELL_SECONDS, environment
from shared.colab import required
from tests.test_setup_cell import CELL, Machine

# what the course uses and Colab does not have, as packages are called when they are installed and when they are imported
ABSENT = {
    "bertviz": "bertviz", "transformer-lens": "transformer_lens", "streamlit": "streamlit", "python-pptx": "pptx",
    "jupyterlab": "jupyterlab", "nbval": "nbval", "pytest-xdist": "xdist", "hypothesis": "hypothesis", "playwright": "playwright",
    "tdewolff-minify": "minify",
}  # fmt: skip
# what Colab had when this was tested: moving one of these makes Colab ask for a restart, or breaks the session
PINS = {
    "numpy": "2.1.3", "matplotlib": "3.10.0", "scikit-learn": "1.6.1", "seaborn": "0.13.2", "transformers": "5.15.0", "ipywidgets": "7.7.1",
    "anywidget": "0.9.21", "pillow": "11.3.0", "regex": "2025.11.3", "safetensors": "0.8.0", "tqdm": "4.67.3", "nbclient": "0.10.4",
    "jupytext": "1.19.5", "pytest": "8.4.2", "torch": "2.11.0",
}  # fmt: skip
WHOLE = os.environ.get("COLAB_DAYS", "").split(",")


def name_of(notebook: Path) -> str:
    return f"{notebook.parent.name}/{notebook.name.split('_')[0]}"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The whole course as GitHub would hand it out: a bare repository of what stands here now."""
    folder = tmp_path_factory.mktemp("github")
    work = folder / "work"
    unwanted = shutil.ignore_patterns("__pycache__", "*.draft", ".ipynb_checkpoints", "my_course")
    for part in ("shared", "week1", "week2", "week3", "week4"):
        shutil.copytree(ROOT / part, work / part, ignore=unwanted)
    for part in ("requirements.txt", "constraints.txt", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / part, work / part)
    me = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    fast = ["config", "core.compression", "0"]  # 40 MB that nobody sends anywhere
    for command in (["init", "--quiet"], fast, ["add", "--all"], [*me, "commit", "--quiet", "-m", "The course"]):
        subprocess.run(["git", "-C", str(work), *command], check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(work), str(folder / "course.git")], check=True)
    return folder / "course.git"


@pytest.fixture(scope="module")
def fetched(course, tmp_path_factory):
    """The course as the first day's own first cell fetched it."""
    machine = Machine(tmp_path_factory.mktemp("colab"), colab=True, github=course)
    setup, _, _ = cells_of(notebooks(ROOT)[0])
    code, said = machine.run(setup)
    assert (code, said) == (0, ""), said
    return (machine.folder / "transformers-course").resolve()


def session(folder: Path, course: Path | None, needs: list[str]) -> Machine:
    """A Colab with this course behind GitHub's address. What Colab lacks cannot be imported, unless the day asks for it."""
    machine = Machine(folder, colab=True, github=course)
    for package, module in ABSENT.items():
        if package not in needs:
            (machine.stubs / f"{module}.py").write_text(f"raise ModuleNotFoundError('Colab has no {module}, and this day does not install it')\n")
    return machine


def cells_of(notebook: Path) -> tuple[str, list[str], list[str]]:
    """A day's set-up cell, the packages it asks for, and the cells of code that follow."""
    setup, *rest = ["".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    names = next(node for node in ast.walk(ast.parse(setup)) if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "(WEEK, NEEDS)")
    return setup, ast.literal_eval(names.value)[1], rest


def imports_in(cells: list[str]) -> str:
    """Every import of a day, wherever it stands, as one cell."""
    found = []
    for cell in cells:
        code = "\n".join(line for line in cell.splitlines() if not line.startswith(("%", "!")))
        found += [ast.unparse(node) for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return "\n".join(dict.fromkeys(found))


def here_already(folder: Path, fetched: Path, needs: list[str]) -> Machine:
    """A Colab in which an earlier day has fetched the course: to fetch it 28 times would show nothing new."""
    machine = session(folder, None, needs)
    (machine.folder / "transformers-course").symlink_to(fetched)
    return machine


@pytest.mark.parametrize("notebook", notebooks(ROOT), ids=name_of)
def test_the_first_cell_finds_the_course_and_says_nothing(notebook, fetched, tmp_path):
    setup, needs, _ = cells_of(notebook)
    colab = here_already(tmp_path, fetched, needs)
    code, said = colab.run(setup, "import os, shared; print(os.getcwd(), os.path.realpath(os.path.dirname(shared.__file__)))")
    assert code == 0, said
    assert said.split() == [str(fetched / notebook.parent.name), str(fetched / "shared")], "nothing else is used"
    assert not colab.asked.exists(), "what is there is not installed again"


@pytest.mark.parametrize("needs", sorted({tuple(cells_of(path)[1]) for path in notebooks(ROOT)}), ids=lambda needs: "+".join(needs) or "nothing")
def test_the_days_that_need_the_same_find_all_that_they_import(needs, fetched, tmp_path):
    days = [path for path in notebooks(ROOT) if cells_of(path)[1] == list(needs)]
    colab = here_already(tmp_path, fetched, list(needs))
    # a comment says in the traceback whose import it is
    code, said = colab.run(*(f"{cells_of(day)[0]}\n# {name_of(day)}\n{imports_in(cells_of(day)[2])}" for day in days))
    assert code == 0, said


def test_the_course_asks_for_nothing_that_would_move_colab_s_own_packages():
    from packaging.requirements import Requirement

    for package, line in required().items():
        if package in PINS:
            assert Requirement(line).specifier.contains(PINS[package]), f"{line} would replace Colab's {PINS[package]}"
    assert set(required()) <= set(PINS) | set(ABSENT), "what Colab does not have stands in ABSENT"
    needed = {package for notebook in notebooks(ROOT) for package in cells_of(notebook)[1]}
    assert needed <= set(ABSENT), "a day installs only what Colab lacks"


def test_a_day_that_forgets_to_ask_is_found(fetched, tmp_path):
    colab = here_already(tmp_path, fetched, [])
    code, said = colab.run(CELL, "import bertviz")
    assert code == 1 and "Colab has no bertviz, and this day does not install it" in said


@pytest.mark.skipif(WHOLE == [""], reason="whole days in Colab: COLAB_DAYS=all")
@pytest.mark.parametrize("notebook", [path for path in notebooks(ROOT) if WHOLE == ["all"] or name_of(path) in WHOLE], ids=name_of)
def test_alone_in_colab_it_runs_whole(notebook, course, tmp_path, monkeypatch):
    _, needs, _ = cells_of(notebook)
    colab = session(tmp_path, course, needs)
    # Colab's kernel has google.colab loaded before the first cell
    (colab.stubs / "sitecustomize.py").write_text("import google.colab\n")
    shutil.copyfile(notebook, colab.folder / notebook.name)
    opened = nbformat.read(colab.folder / notebook.name, as_version=4)
    resources = {"metadata": {"path": str(colab.folder)}}
    variables = {**environment(), **colab.variables, "HOME": str(tmp_path)}
    client = NotebookClient(opened, timeout=CELL_SECONDS, kernel_name="python3", resources=resources)
    with client.setup_kernel(env=variables, stderr=subprocess.DEVNULL):
        for index, cell in enumerate(opened.cells):
            client.execute_cell(cell, index)
