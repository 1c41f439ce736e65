"""A learner runs cells twice: every cell of a day, run again right after itself, works and says the same kind of thing.

It costs twice a day's time, so one short day stands for all in every run of the tests; TWICE_DAYS=all takes all of them,
TWICE_DAYS=week2/day3,week2/day4 those two.
"""

import os
import subprocess

import nbformat
import pytest
from nbclient import NotebookClient

from shared.building import ROOT
from shared.building.places import notebooks
from shared.building.settings import CELL_SECONDS, environment, folders_in

DAYS = os.environ.get("TWICE_DAYS", "week4/day6").split(",")
CHOSEN = [path for path in notebooks(ROOT) if DAYS == ["all"] or f"{path.parent.name}/{path.name.split('_')[0]}" in DAYS]


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: f"{path.parent.name}/{path.name.split('_')[0]}")
def test_every_cell_can_be_run_twice(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    with client.setup_kernel(env={**environment(), **folders_in(str(tmp_path))}, stderr=subprocess.DEVNULL):
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            client.execute_cell(cell, index)
            first = kinds(cell)
            client.execute_cell(cell, index)
            assert kinds(cell) == first, f"cell {index}: {cell.source.splitlines()[0]}"


def kinds(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell shows, by kind: printed text counts once, however many pieces it came in."""
    found = [output.output_type if output.output_type != "stream" else output.name for output in cell.outputs]
    return [kind for place, kind in enumerate(found) if place == 0 or found[place - 1] != kind or kind not in ("stdout", "stderr")]
