"""Run a notebook's cells as a learner would, from top to bottom, and keep only what is the same in every run."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from shared.building import CourseError
from shared.building.settings import CELL_SECONDS, environment, folders_in

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def run_cells(notebook: NotebookNode, folder: Path, progress: Callable[[str], None] = lambda heading: None) -> float:
    """Execute the code cells in place and clean their outputs.

    folder: where the kernel starts, the notebook's own; progress: told each "##" heading when it is reached.
    Returns the CPU seconds that the kernel used, on all cores together.
    Errors: CourseError that names the cell by number and first line, with the error it ended in.
    """
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.reset_execution_trackers()
    with tempfile.TemporaryDirectory(prefix="course-build-") as empty:
        variables = {**environment(), **folders_in(empty)}
        with client.setup_kernel(env=variables, stderr=subprocess.DEVNULL):
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type == "markdown" and cell.source.startswith("## "):
                    progress(cell.source.split("\n")[0].removeprefix("## "))
                _run_cell(client, cell, index)
            kernel = psutil.Process(client.km.provisioner.pid)
            seconds = sum(kernel.cpu_times()[:4])  # its own and its children's, in user and system mode
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.outputs)
            cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    return seconds


def _run_cell(client: NotebookClient, cell: NotebookNode, index: int) -> None:
    where = f"cell {index + 1} ({cell.source.strip().split(chr(10))[0]!r})"
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as problem:
        raise CourseError(f"{where} failed with {problem.ename}: {problem.evalue}") from None
    except CellTimeoutError:
        raise CourseError(f"{where} ran for more than {CELL_SECONDS} seconds and was stopped.") from None
    except DeadKernelError:
        raise CourseError(f"{where} ended the kernel (out of memory, or a crash).") from None


def clean_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs as they are stored: printed text in one piece however it arrived, and no views of widgets.

    A widget's view is dead without its kernel and shows an error; what is kept is the text/html that stands beside it.
    """
    cleaned: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            before = cleaned[-1] if cleaned else None
            if before is not None and before.output_type == "stream" and before.name == output.name:
                before.text += output.text
                continue
        elif "data" in output:
            output.data.pop(WIDGET_VIEW, None)
            if not output.data:
                continue
        cleaned.append(output)
    return cleaned
