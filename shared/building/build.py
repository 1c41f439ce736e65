"""Build notebooks: read the source, run it, look at what came out, and only then replace the old notebook."""

import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from shared.building import CourseError
from shared.building.compare import CPU_SECONDS, CPU_SECONDS_TRAINING, MOST_BYTES, output_faults, source_faults
from shared.building.execute import run_cells
from shared.building.places import notebook_of, source_of, sources
from shared.building.source import read_source


def build(paths: list[Path], root: Path, say: Callable[[str], None] = print) -> None:
    """Build the named days, all when none is named. A path may be a source or a notebook.

    Errors: CourseError at the first day that fails; its old notebook is left as it was.
    """
    chosen = [_as_source(path) for path in paths] or sources(root)
    if not chosen:
        raise CourseError(f"There is nothing to build: {root} has no week1/source/day1_….py.")
    for path in chosen:
        build_one(path, say)


def build_one(source: Path, say: Callable[[str], None] = print) -> Path:
    """Build one day from its source. Returns the notebook's path."""
    path = notebook_of(source)
    name = f"{path.parent.name}/{path.name}"
    notebook = read_source(source)
    _refuse(name, source_faults(source, notebook))
    say(f"{name}: {len(notebook.cells)} cells")
    try:
        seconds = run_cells(notebook, path.parent, progress=lambda heading: say(f"  {heading}"))
    except CourseError as problem:
        raise CourseError(f"{name}: {problem}") from None
    text = as_text(notebook)
    size, limit = len(text.encode("utf-8")), cpu_limit(notebook)
    faults = output_faults(notebook)
    if size > MOST_BYTES:
        faults.append(f"it has {size / 1000:.0f} KB and may have {MOST_BYTES / 1000:.0f}")
    if seconds > limit:
        faults.append(f"it took {seconds:.0f} s of CPU time and may take {limit}")
    _refuse(name, faults)
    write(path, text)
    say(f"  written: {size / 1000:.0f} KB, {seconds:.1f} s of CPU time")
    return path


def as_text(notebook: NotebookNode) -> str:
    """A notebook as it is stored: the same cells and outputs always give the same bytes."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def cpu_limit(notebook: NotebookNode) -> int:
    """The CPU seconds that a notebook may take; the tag "training" on its set-up cell announces that it needs more."""
    training = any("training" in cell.metadata.get("tags", []) for cell in notebook.cells)
    return CPU_SECONDS_TRAINING if training else CPU_SECONDS


def write(path: Path, text: str) -> None:
    """Put `text` at `path` in one step, so that nobody ever finds half a notebook there."""
    draft = path.with_name(path.name + ".draft")
    draft.write_bytes(text.encode("utf-8"))
    os.replace(draft, path)


def _as_source(path: Path) -> Path:
    path = path.resolve()
    source = source_of(path) if path.suffix == ".ipynb" else path
    if source.suffix != ".py" or source.parent.name != "source" or not source.is_file():
        raise CourseError(f"{path} is no source (such as week1/source/day1_topic.py) and no notebook that has one.")
    return source


def _refuse(name: str, faults: list[str]) -> None:
    if faults:
        raise CourseError("\n  ".join([f"{name} was not written:", *faults]))
