"""The settings under which every notebook is built, and tested again: what is equal in both cannot make them differ."""

import os

# one thread, no hub, nothing left to chance, and text that no system's own alphabet can spoil
FIXED = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "COURSE_MODELS": "shipped", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
# a cell that takes longer hangs: cells that train need minutes on a busy machine, and no cell needs ten
CELL_SECONDS = 600


def environment() -> dict[str, str]:
    """This process's environment with the fixed settings."""
    return {**os.environ, **FIXED}


def folders_in(folder: str) -> dict[str, str]:
    """The variables that give a notebook an empty record, and keep out the habits of its user, inside `folder`."""
    return {"COURSE_FOLDER": os.path.join(folder, "my_course"), "IPYTHONDIR": os.path.join(folder, "ipython")}
