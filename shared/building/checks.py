"""The command that runs every test: pytest for the code, and nbval, which runs notebooks and compares their outputs."""

import os
from pathlib import Path

from shared.building.places import notebooks
from shared.building.settings import CELL_SECONDS


def test_command(python: Path, root: Path, paths: list[str]) -> list[str]:
    """The pytest command for the named paths, or for all tests and all notebooks when none is named."""
    chosen = paths or [str(root / "tests"), *map(str, notebooks(root))]
    command = [
        str(python),
        "-m",
        "pytest",
        *chosen,
        "-p",
        "shared.building.notebook_tests",
        "--nbval",
        "--nbval-current-env",
        f"--nbval-cell-timeout={CELL_SECONDS}",
        f"--nbval-sanitize-with={root / 'tests' / 'nbval_sanitize.cfg'}",
    ]
    if len(chosen) > 1 or Path(chosen[0]).is_dir():
        # a notebook's cells share one kernel, so they must go to one worker: loadfile;
        # one worker more than cores, because a test often waits for a kernel or a browser
        command += ["-n", str(min((os.cpu_count() or 1) + 1, 4)), "--dist", "loadfile"]
    return command
