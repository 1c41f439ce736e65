"""Text source → executed notebook: reading, running, refusing, comparing, and testing what was built with nbval."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from shared.building import ROOT, CourseError, build, compare, publish
from shared.building.build import build_one
from shared.building.checks import test_command as command_for_tests
from shared.building.compare import differences, output_faults, source_faults
from shared.building.execute import clean_outputs
from shared.building.places import day_of, notebook_of, notebooks, source_of, sources
from shared.building.settings import environment
from shared.building.source import read_source


@pytest.fixture
def root(tmp_path):
    """A course folder with the real package and no day."""
    root = tmp_path / "a course"
    (root / "week1" / "source").mkdir(parents=True)
    (root / "shared").symlink_to(ROOT / "shared", target_is_directory=True)
    (root / "requirements.txt").write_text((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    return root


def write_day(root: Path, *code: str, name: str = "day4_tiny", tags: str = '["setup"]') -> Path:
    """A source that starts as all do, and goes on with these code cells."""
    source = root / "week1" / "source" / f"{name}.py"
    setup = publish.TEMPLATE.read_text(encoding="utf-8").strip()
    cells = [
        f"# %% [markdown]\n# # Tiny\n#\n# [Open in Colab]({publish.colab_link(source)})",
        f"# %% tags={tags}\n{setup}",
    ]
    cells += ["# %% [markdown]\n# ## A heading", *(f"# %%\n{text}" for text in code)]
    source.write_text("\n\n".join(cells) + "\n", encoding="utf-8")
    return source


def outputs_of(notebook: Path) -> list:
    return [output for cell in nbformat.read(notebook, as_version=4).cells for output in cell.get("outputs", [])]


def printed(notebook: Path) -> str:
    return "".join(output.get("text", "") for output in outputs_of(notebook))


# --- reading ----------------------------------------------------------------------------------------------------------


def read(tmp_path: Path, text: str):
    path = tmp_path / "day1_text.py"
    path.write_text(text, encoding="utf-8")
    return read_source(path)


def test_a_source_becomes_cells_with_their_tags(tmp_path):
    notebook = read(
        tmp_path,
        '# %% [markdown] tags=["one", "two"]\n# # Title\n#\n# Text √d_k\n\n'
        '# %%\nx = 1\n\n\ny = 2\n\n# %% tags=["quiz"]\nz',
    )
    assert [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells] == [
        ("markdown", "# Title\n\nText √d_k", {"tags": ["one", "two"]}),
        ("code", "x = 1\n\n\ny = 2", {}),
        ("code", "z", {"tags": ["quiz"]}),
    ]
    assert notebook.metadata.kernelspec.name == "python3" and set(notebook.metadata) == {"kernelspec", "language_info"}
    nbformat.validate(notebook)


def test_a_comment_stays_a_comment(tmp_path):
    assert (
        read(tmp_path, "# %%\n# %time is money\n# !important\nx = 1").cells[0].source
        == "# %time is money\n# !important\nx = 1"
    )


def test_a_header_is_not_a_cell(tmp_path):
    text = "# ---\n# jupyter:\n#   kernelspec:\n#     name: strange\n#     display_name: Strange\n# ---\n\n# %%\nx = 1"
    notebook = read(tmp_path, text)
    assert len(notebook.cells) == 1 and notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# %%\n\n# %%\nx = 1", "cell 1 is empty"),
        ("# %%\nx = 1\n\n# %% [markdown]\n", "cell 2 is empty"),
        ("# %% a title\nx = 1", 'cell 1 .*takes only .*"?a title'),
        ("# %% tags=[predict]\nx = 1", "cell 1 .*takes only"),
        ("# %% editable=false\nx = 1", "cell 1 .*takes only .*editable"),
        ("# %% [raw]\n# x", "cells are code or markdown, and this one is raw"),
    ],
)
def test_what_a_source_may_not_hold_is_named(tmp_path, text, says):
    with pytest.raises(CourseError, match=says):
        read(tmp_path, text)


def test_a_source_that_cannot_be_read(tmp_path):
    with pytest.raises(CourseError, match="There is no source"):
        read_source(tmp_path / "day1_nothing.py")
    (tmp_path / "day1_latin.py").write_bytes("# %%\n'é'".encode("latin-1"))
    with pytest.raises(CourseError, match="is not UTF-8 text"):
        read_source(tmp_path / "day1_latin.py")


def test_an_id_depends_on_its_own_cell_only(tmp_path):
    before = [cell.id for cell in read(tmp_path, "# %%\na\n\n# %%\nb\n\n# %%\nb").cells]
    after = [cell.id for cell in read(tmp_path, "# %%\na\n\n# %%\nnew\n\n# %%\nb\n\n# %%\nb").cells]
    assert len(set(before)) == 3 and [after[0], *after[2:]] == before


def test_publishing_leaves_the_ids_alone(tmp_path, monkeypatch):
    text = f"# %% [markdown]\n# [Open in Colab]({publish.colab_link(tmp_path / 'week1/source/day1_a.py')})\n\n# %%\n"
    text += publish.TEMPLATE.read_text(encoding="utf-8")
    before = [cell.id for cell in read(tmp_path, text).cells]
    template = tmp_path / "setup_cell.txt"
    template.write_text(publish.restamp(publish.TEMPLATE.read_text(encoding="utf-8"), publish.stamped(), "ada/course"))
    stamped = publish.restamp(text, publish.stamped(), "ada/course")
    monkeypatch.setattr(publish, "TEMPLATE", template)
    monkeypatch.setattr(publish.stamped, "__defaults__", (template,))
    assert stamped != text and [cell.id for cell in read(tmp_path, stamped).cells] == before


# --- building ---------------------------------------------------------------------------------------------------------


def test_two_builds_give_the_same_bytes_and_the_source(root):
    source = write_day(
        root,
        "import random\nfor i in range(200):\n    print(i, flush=True)\n{1, 2}",
        "import shared\nfrom IPython.display import HTML\nHTML('<b>bold</b>')",
        "hash('the same in every run') % 1000, sorted({'a', 'b', 'c'}, key=hash)",
        "import ipywidgets\nipywidgets.IntSlider(description='s')",
    )
    said: list[str] = []
    notebook = build_one(source, said.append)
    first = notebook.read_bytes()
    assert build_one(source, said.append) == notebook and notebook.read_bytes() == first
    assert said[0] == "week1/day4_tiny.ipynb: 7 cells" and said[1] == "  A heading"
    assert said[2].startswith("  written: ") and "KB" in said[2] and "CPU time" in said[2]
    built = nbformat.read(notebook, as_version=4)
    nbformat.validate(built)
    assert differences(read_source(source), built) == []
    assert set(built.metadata) == {"kernelspec", "language_info"} and built.metadata.language_info == {"name": "python"}
    assert all(set(cell.metadata) <= {"tags"} for cell in built.cells)
    streams = [output for output in built.cells[3].outputs if output.output_type == "stream"]
    assert [stream.text for stream in streams] == ["".join(f"{i}\n" for i in range(200))]
    assert "widget-view" not in first.decode() and built.cells[1].outputs == []
    assert set((root / "week1").iterdir()) == {root / "week1" / "source", notebook}, "a draft was left behind"


def test_a_notebook_runs_as_a_learner_would_run_it(root):
    source = write_day(
        root,
        "import os\nfrom pathlib import Path\nprint(Path.cwd().name, os.path.exists(os.environ['COURSE_FOLDER']))",
        "print(os.environ['OMP_NUM_THREADS'], os.environ['HF_HUB_OFFLINE'], os.environ['PYTHONHASHSEED'])",
        "import shared\nprint(Path(shared.__file__).parent.resolve() == (Path.cwd().parent / 'shared').resolve())",
    )
    assert printed(build_one(source, lambda line: None)) == "week1 False\n1 1 0\nTrue\n"


def test_every_build_starts_with_an_empty_record(root):
    source = write_day(
        root,
        "import os, pathlib\np = pathlib.Path(os.environ['COURSE_FOLDER'])\nprint(p.exists())\np.mkdir(parents=True)",
    )
    for _ in range(2):
        assert printed(build_one(source, lambda line: None)) == "False\n"


REFUSED = {
    "print('fine')\nraise ValueError('too bad')": r"cell 4 \(\"print\('fine'\)\"\) failed with ValueError: too bad",
    "import os\nos._exit(1)": r"cell 4 \('import os'\) ended the kernel",
    "import sys\nprint('careful', file=sys.stderr)": "cell 4: something went to stderr: 'careful'",
    "import warnings\nwarnings.warn('old')": "cell 4: something went to stderr",
    "object()": r"cell 4: an object's address differs in every run: 'at 0x",
    "import os\nprint(os.getcwd())": "cell 4: a path of this machine",
    "print('saved to /home/ada/x.png')": "cell 4: a path of this machine: '/home/'",
    r"print(r'C:\Users\ada')": r"cell 4: a path of this machine: 'C:\\\\Users",
    "import traceback\ntry:\n    1 / 0\nexcept Exception:\n    print(traceback.format_exc())": "cell 4: a traceback",
    "from IPython.display import HTML\nHTML('<script src=\"https://cdn.example/d3.js\">')": "cell 4: an address",
    "print('x' * 1_600_000)": r"it has 16\d\d KB and may have 1500",
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_day_that_fails_leaves_the_old_notebook_alone(root, code):
    notebook = notebook_of(write_day(root))
    notebook.write_text("the old one")
    with pytest.raises(CourseError, match=REFUSED[code]) as problem:
        build_one(write_day(root, code), lambda line: None)
    assert str(problem.value).startswith("week1/day4_tiny.ipynb")
    assert notebook.read_text() == "the old one" and len(list(notebook.parent.iterdir())) == 2


def test_a_day_may_not_take_all_day(root, monkeypatch):
    monkeypatch.setattr(build, "CPU_SECONDS", 1)
    burn = "import time\nend = time.process_time() + 1.5\nwhile time.process_time() < end: pass"
    with pytest.raises(CourseError, match=r"it took \d s of CPU time and may take 1"):
        build_one(write_day(root, burn), lambda line: None)
    monkeypatch.setattr(build, "CPU_SECONDS_TRAINING", 30)
    assert build_one(write_day(root, burn, tags='["setup", "training"]'), lambda line: None).is_file()


def test_the_limits_are_those_of_the_course():
    assert (compare.MOST_BYTES, compare.CPU_SECONDS, compare.CPU_SECONDS_TRAINING) == (1_500_000, 60, 180)


def test_build_makes_the_named_days_and_only_those(root):
    first, second = write_day(root, "print(1)"), write_day(root, "print(2)", name="day5_tiny")
    build.build([first], root, lambda line: None)
    assert [day_of(path) for path in notebooks(root)] == [(1, 4)]
    build.build([notebook_of(second)], root, lambda line: None)
    assert [day_of(path) for path in notebooks(root)] == [(1, 4), (1, 5)]
    before = [path.stat().st_mtime_ns for path in notebooks(root)]
    build.build([], root, lambda line: None)
    assert all(
        new > old for new, old in zip([path.stat().st_mtime_ns for path in notebooks(root)], before, strict=True)
    )


def test_what_cannot_be_built_is_named(root):
    with pytest.raises(CourseError, match="There is nothing to build"):
        build.build([], root)
    for wrong in ("week1", "week1/day9_no.ipynb", "week1/source/day9_no.py", "requirements.txt"):
        with pytest.raises(CourseError, match="is no source .* and no notebook that has one"):
            build.build([root / wrong], root)


def test_the_command_ends_with_1_and_one_sentence(root):
    source = write_day(root, "nonsense")
    done = subprocess.run(
        [sys.executable, "-m", "shared.building", str(source)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stdout.startswith("week1/day4_tiny.ipynb: 4 cells\n")
    assert (
        done.stderr
        == "week1/day4_tiny.ipynb: cell 4 ('nonsense') failed with NameError: name 'nonsense' is not defined\n"
    )


# --- outputs ----------------------------------------------------------------------------------------------------------


def test_printed_text_is_stored_in_one_piece_however_it_arrived():
    def stream(name, text):
        return new_output("stream", name=name, text=text)

    shown = new_output("display_data", data={"text/plain": "x"})
    outputs = [
        stream("stdout", "a"),
        stream("stdout", "b"),
        stream("stderr", "c"),
        stream("stdout", "d"),
        shown,
        stream("stdout", "e"),
    ]
    assert [output.get("text", "shown") for output in clean_outputs(outputs)] == ["ab", "c", "d", "shown", "e"]


def test_of_a_widget_only_what_lives_without_it_is_stored():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "5f"}}
    with_fallback = new_output("display_data", data={**view, "text/html": "<details>", "text/plain": "Quiz"})
    cleaned = clean_outputs([with_fallback, new_output("display_data", data=view)])
    assert [output.data for output in cleaned] == [{"text/html": "<details>", "text/plain": "Quiz"}]


@pytest.mark.parametrize("text", [
    "0x7f as a number", "a ratio of 3/home/away", "the tmp folder", "see w3: http://www.w3.org/2000/svg",
    "/9j/4AAQ" + "A" * 200 + "/tmp/" + "B" * 200,  # packed pixels spell anything sooner or later
])  # fmt: skip
def test_what_only_looks_like_a_fault_is_none(text):
    cell = new_code_cell("x", outputs=[new_output("display_data", data={"text/html": text})])
    assert output_faults(new_notebook(cells=[cell])) == []


# --- comparing --------------------------------------------------------------------------------------------------------


def cells():
    return [new_markdown_cell("# Title"), new_code_cell("x = 1\ny = 2", metadata={"tags": ["predict"]})]


def test_equal_cells_differ_in_nothing_whatever_their_outputs_and_ids():
    notebook = new_notebook(cells=cells())
    notebook.cells[1].outputs = [new_output("stream", text="1")]
    notebook.cells[1].execution_count = 3
    assert differences(new_notebook(cells=cells()), notebook) == []


@pytest.mark.parametrize(
    ("change", "shows"),
    [
        (lambda book: book.cells[1].update(source="x = 1\ny = 3"), ["-y = 2", "+y = 3"]),
        (
            lambda book: book.cells[1].metadata.update(tags=["quiz"]),
            ['-%% [code] tags=["predict"]', '+%% [code] tags=["quiz"]'],
        ),
        (lambda book: book.cells[0].update(cell_type="raw"), ["-%% [markdown] tags=[]", "+%% [raw] tags=[]"]),
        (lambda book: book.cells.pop(0), ["-# Title"]),
        (lambda book: book.cells.append(new_code_cell("more")), ["+more"]),
        (lambda book: book.cells.reverse(), ["-# Title", "+# Title"]),
    ],
)
def test_a_difference_is_shown_line_by_line(change, shows):
    notebook = new_notebook(cells=cells())
    change(notebook)
    found = differences(new_notebook(cells=cells()), notebook)
    assert all(line in found for line in shows)


def test_a_source_that_starts_like_all_others_has_no_faults(root):
    source = write_day(root, "x = 1")
    assert source_faults(source, read_source(source)) == []
    source.write_text(source.read_text().replace('"week1", []', '"week1", ["anywidget", "bertviz"]'))
    assert source_faults(source, read_source(source)) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("sys.path.insert(0", "sys.path.append(", "the set-up cell is not the one in shared/building/setup_cell.txt"),
        ('"week1", []', '"week2", []', "says WEEK = 'week2', and the notebook is one of week 1"),
        (
            '"week1", []',
            '"week1", ["jupyterlab-x", "torch"]',
            "NEEDS names jupyterlab-x, which requirements.txt does not",
        ),
        ('tags=["setup"]', 'tags=["set-up"]', 'must carry the tag "setup"'),
        ("x = 1", 'x = 1\n\n# %% tags=["setup"]\ny = 1', 'must carry the tag "setup"'),
        ("day4_tiny.ipynb", "day4_other.ipynb", "the first cell must link to Colab"),
        (publish.stamped(), "some/body", "the first cell must link to Colab"),
    ],
)
def test_a_source_that_starts_otherwise_is_not_built(root, old, new, says):
    source = write_day(root, "x = 1")
    text = source.read_text(encoding="utf-8")
    assert old in text
    source.write_text(text.replace(old, new), encoding="utf-8")
    assert any(says in fault for fault in source_faults(source, read_source(source)))
    with pytest.raises(CourseError, match="week1/day4_tiny.ipynb was not written:"):
        build_one(source)


def test_places_lead_from_one_to_the_other(root):
    source = write_day(root)
    assert sources(root) == [source] and source_of(notebook_of(source)) == source
    assert day_of(source) == day_of(notebook_of(source)) == (1, 4)


# --- testing what was built -------------------------------------------------------------------------------------------


def run_nbval(root: Path, *paths: Path) -> subprocess.CompletedProcess:
    (root / "tests").mkdir(exist_ok=True)
    (root / "tests" / "nbval_sanitize.cfg").write_text(
        (ROOT / "tests" / "nbval_sanitize.cfg").read_text(encoding="utf-8")
    )
    command = [
        *command_for_tests(Path(sys.executable), root, list(map(str, paths))),
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(root),
    ]
    return subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True)


def test_a_built_notebook_passes_in_a_folder_of_its_own(root):
    """Both notebooks leave something in the record, and neither may see what the other left."""
    code = "import os, pathlib\np = pathlib.Path(os.environ['COURSE_FOLDER'])\nprint(p.exists())\np.mkdir(parents=True)"
    built = [build_one(write_day(root, code, name=name), lambda line: None) for name in ("day4_a", "day5_b")]
    done = run_nbval(root, *built)
    assert done.returncode == 0 and "4 passed" in done.stdout.splitlines()[-1]


def test_a_notebook_whose_output_changed_does_not_pass(root):
    """Pixels may differ from machine to machine; numbers, words, and what is there at all may not."""
    code = [
        "print('loss 0.1234')",
        'from IPython.display import HTML\nHTML(\'<img alt="a cat" src="data:image/png;base64,' + "A" * 60 + "\">')",
    ]
    notebook = build_one(write_day(root, *code), lambda line: None)
    text = notebook.read_text(encoding="utf-8")
    stored = json.loads(text)

    def save(old: str, new: str) -> None:
        assert old in text
        notebook.write_text(text.replace(old, new), encoding="utf-8")

    save("base64," + "A" * 60 + '\\">"', "base64," + "B" * 60 + '\\">"')  # in the stored output, not in the code
    assert run_nbval(root, notebook).returncode == 0
    for old, new in (
        ('"loss 0.1234\\n"', '"loss 0.1235\\n"'),
        ('alt=\\"a cat\\" src=\\"data:image/png;base64,' + "A" * 60 + '\\">"', '\\">"'),
    ):
        save(old, new)
        done = run_nbval(root, notebook)
        assert done.returncode == 1 and "1 failed, 2 passed" in done.stdout.splitlines()[-1]
    stored["cells"][3]["outputs"] = []
    notebook.write_text(json.dumps(stored), encoding="utf-8")
    assert run_nbval(root, notebook).returncode == 1
