"""The command that runs every test: pytest for the code, and nbval for the notebooks, which are run and compared output by output."""

import os
from pathlib import Path

from shared.building.places import notebooks

CELL_SECONDS = 600  # a dead kernel is noticed only then, and a cell that trains takes minutes on a busy machine


def test_command(python: Path, root: Path, paths: list[str]) -> list[str]:
    """The pytest command for the named paths, or for all tests and all notebooks when none is named."""
    chosen = paths or [str(root / "tests"), *map(str, notebooks(root))]
    command = [
        str(python), "-m", "pytest", *chosen, "-p", "shared.building.notebook_tests",
        "--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}",
        f"--nbval-sanitize-with={root / 'tests' / 'nbval_sanitize.cfg'}",
    ]
    if len(chosen) > 1 or Path(chosen[0]).is_dir():
        # a notebook's cells share one kernel, so they must go to one worker: loadfile
        command += ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
    return command


def test_environment() -> dict[str, str]:
    """The environment of the tests: no hub, one thread a process, as the notebooks were built."""
    return {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
