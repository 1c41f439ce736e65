"""Text → notebook: a day is one Python file in jupytext's py:percent format, and only that is edited by hand.

# %% [markdown]             a markdown cell, every line behind "# "
# %%                        a code cell
# %% tags=["predict"]       either kind with tags, and with nothing else
"""

import hashlib
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from shared.building import CourseError
from shared.building.publish import unstamped

# comments stay comments: without this "# %time" in a cell would turn into a magic command
FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# what jupytext notes down while it reads; none of it belongs in a notebook
READERS_NOTES = {"lines_to_next_cell", "lines_to_end_of_cell_marker", "cell_marker"}


def read_source(path: Path) -> NotebookNode:
    """The cells of a text source, not run yet: fixed metadata, ids that depend on the text alone, and tags.

    Errors: CourseError for a file that is missing or not UTF-8, an empty cell, or anything but tags behind "# %%".
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"There is no source {path}.") from None
    except UnicodeDecodeError as problem:
        raise CourseError(f"{path} is not UTF-8 text: {problem}.") from None
    cells = [_cell(path, number, cell) for number, cell in enumerate(jupytext.reads(text, fmt=FORMAT).cells, start=1)]
    _give_ids(path.stem, cells)
    return nbformat.v4.new_notebook(metadata=METADATA, cells=cells)


def _cell(path: Path, number: int, read: NotebookNode) -> NotebookNode:
    first_line = read.source.strip().split("\n")[0]
    where = f"{path.name}, cell {number} ({first_line!r})"
    unknown = set(read.metadata) - READERS_NOTES - {"tags"}
    tags = read.metadata.get("tags", [])
    if unknown or not all(isinstance(tag, str) for tag in tags):
        raise CourseError(f'{where}: "# %%" takes only [markdown] and tags=["…"]; it has {dict(read.metadata)}.')
    if not first_line:
        raise CourseError(f"{path.name}: cell {number} is empty.")
    metadata = {"tags": tags} if tags else {}
    if read.cell_type == "markdown":
        return nbformat.v4.new_markdown_cell(read.source, metadata=metadata)
    if read.cell_type == "code":
        return nbformat.v4.new_code_cell(read.source, metadata=metadata)
    raise CourseError(f"{where}: cells are code or markdown, and this one is {read.cell_type}.")


def _give_ids(stem: str, cells: list[NotebookNode]) -> None:
    """An id for each cell, made of its text, so that editing one cell leaves the ids of all others alone."""
    seen: dict[str, int] = {}
    for cell in cells:
        text = unstamped(cell.source)  # publishing changes an address, not a cell
        seen[text] = seen.get(text, 0) + 1
        cell.id = hashlib.sha256(f"{stem}\n{seen[text]}\n{text}".encode()).hexdigest()[:12]
