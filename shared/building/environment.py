"""The folder .venv, where the course's packages live: made once, found ready in a blink, brought up to date, repaired.

A mark in .venv says which packages it holds. It says "unfinished" while anything is being changed, so a set-up that was
interrupted, wherever it was, is known as such.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.building import CourseError

FOLDER = ".venv"
MARK = "course-set-up.txt"
UNFINISHED = "unfinished"
GIGABYTES = 3
GIGABYTES_WITH_GPU = 9  # the libraries for an NVIDIA GPU come as packages, too
CPU_ONLY = "https://download.pytorch.org/whl/cpu"

Say = Callable[[str], None]


def set_up(root: Path, say: Say = print) -> Path:
    """Make sure that .venv under `root` holds what requirements.txt asks for, in the versions of constraints.txt.

    Returns the path of its Python. Two calls at the same time do not disturb each other: the second one waits.
    Errors: CourseError for a folder that cannot be written to, too little space, no network, packages that do not fit.
    """
    folder = root / FOLDER
    if _is_ready(folder, root):
        return python_in(folder)
    with _one_at_a_time(root, say):
        if not _is_ready(folder, root):  # it may be by now, if another call was at it
            _make_ready(folder, root, say)
    return python_in(folder)


def python_in(folder: Path) -> Path:
    """The Python of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(root: Path) -> str:
    """What the two files ask for, in a few letters: another wish gives another fingerprint."""
    wish = b"\0".join((root / name).read_bytes() for name in ("requirements.txt", "constraints.txt"))
    return hashlib.sha256(wish).hexdigest()[:16]


# --- the states of .venv ----------------------------------------------------------------------------------------------


def _is_ready(folder: Path, root: Path) -> bool:
    packages, _, version = _mark(folder).partition(" ")
    return packages == fingerprint(root) and version == _version(folder)


def _mark(folder: Path) -> str:
    try:
        return (folder / MARK).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _version(folder: Path, also: str = "") -> str:
    """The version of .venv's Python as "3.12", found by starting it; empty where it does not start or `also` fails."""
    try:
        command = [str(python_in(folder)), "-I", "-c", f"{also}\nimport sys; print('%d.%d' % sys.version_info[:2])"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def _make_ready(folder: Path, root: Path, say: Say) -> None:
    before = _mark(folder)
    if not os.path.lexists(folder):
        say(f"Setting up the course in {folder}: once, a few minutes, about 2 GB.")
        _create(folder)
    elif before == UNFINISHED:
        say(f"An earlier set-up did not come to its end; making {folder} anew.")
        _create(folder)
    elif _version(folder, also="import pip") not in ("3.11", "3.12", "3.13"):
        say(f"{folder} is broken: its Python does not start or does not fit; making it anew.")
        _create(folder)
    else:
        say(f"Bringing {folder} up to date.")
    _write_mark(folder, UNFINISHED)
    try:
        _install(folder, root, say)
    except _NoNetwork:
        if before not in ("", UNFINISHED):
            _write_mark(folder, before)  # packages are fetched before the first is changed, so all is as it was
        raise
    _write_mark(folder, f"{fingerprint(root)} {_version(folder)}")
    say("The course is set up.")


def _write_mark(folder: Path, text: str) -> None:
    try:
        (folder / MARK).write_text(text + "\n", encoding="utf-8")
    except OSError as problem:
        raise CourseError(_why(str(problem), folder.parent)) from None


# --- making it --------------------------------------------------------------------------------------------------------


def _create(folder: Path) -> None:
    """An empty virtual environment at `folder`, in place of whatever environment was there."""
    _remove(folder)
    _check_space(folder.parent)
    try:
        import ensurepip  # noqa: F401  (Debian ships Python without it, and venv then fails half-way)
        import venv  # noqa: F401
    except ImportError:
        version = f"3.{sys.version_info.minor}"
        raise CourseError(
            "This Python cannot make virtual environments. "
            f"On Debian or Ubuntu: sudo apt install python{version}-venv. "
            "Elsewhere: use a Python from https://www.python.org/downloads/."
        ) from None
    try:
        folder.mkdir()
    except OSError as problem:
        raise CourseError(_why(str(problem), folder.parent)) from None
    _write_mark(folder, UNFINISHED)
    # whoever calls this from inside the old .venv has just lost that Python, so take the one beneath it
    python = getattr(sys, "_base_executable", None) or sys.executable
    done = subprocess.run([python, "-m", "venv", str(folder)], capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise CourseError(_why(done.stdout + done.stderr, folder.parent))


def _remove(folder: Path) -> None:
    if not os.path.lexists(folder):
        return
    is_environment = (folder / "pyvenv.cfg").is_file() or (folder / MARK).is_file()
    is_empty = folder.is_dir() and not any(folder.iterdir())
    if folder.is_symlink() or not (is_environment or is_empty):
        raise CourseError(f"{folder} is in the way and is no Python environment: move it elsewhere, then try again.")
    try:
        shutil.rmtree(folder)
    except OSError as problem:
        raise CourseError(f"{folder} could not be removed ({problem}): close what uses it, then try again.") from None


def _check_space(root: Path) -> None:
    needed = GIGABYTES_WITH_GPU if _has_nvidia() else GIGABYTES
    free = shutil.disk_usage(root).free / 1e9
    if free < needed:
        raise CourseError(f"The course needs about {needed} GB, and {root} has {free:.1f} GB left: make room first.")


def _has_nvidia() -> bool:
    found = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None
    return found and sys.platform == "linux"


def _install(folder: Path, root: Path, say: Say) -> None:
    requirements, constraints = str(root / "requirements.txt"), root / "constraints.txt"
    if sys.platform == "linux" and not _has_nvidia():
        # the usual torch for Linux brings gigabytes for a GPU that is not here; where the small one fails, it must do
        torch = re.search(r"^torch==\S+", constraints.read_text(encoding="utf-8"), re.MULTILINE)[0]
        say(f"Fetching {torch} for computers without an NVIDIA GPU.")
        _pip(folder, "--no-deps", "--retries", "0", "--timeout", "15", "--index-url", CPU_ONLY, torch)
    say("Fetching all packages.")
    errors = _pip(folder, "--requirement", requirements, "--constraint", str(constraints))
    if errors is not None:
        raise (_NoNetwork if _NO_NETWORK.search(errors) else CourseError)(_why(errors, root))
    say("Starting everything once.")
    _start_once(folder)


def _pip(folder: Path, *arguments: str) -> str | None:
    """Run pip install, whose progress is shown; return None, or what it said when it failed."""
    command = [str(python_in(folder)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace")
    return done.stderr or "pip gave no reason" if done.returncode else None


def _start_once(folder: Path) -> None:
    """Load the large packages: what cannot start is known now, and matplotlib lists the fonts before it is asked to."""
    settings = folder / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    # JupyterLab would ask about news from the network before it shows the first notebook
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    (settings / "overrides.json").write_text(json.dumps(quiet) + "\n", encoding="utf-8")
    command = [str(python_in(folder)), "-I", "-c", "import torch, transformers, jupyterlab, matplotlib.font_manager"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise CourseError(f"The packages are there, but do not start: {_last_line(done.stderr)}")


# --- two at once ------------------------------------------------------------------------------------------------------


@contextmanager
def _one_at_a_time(root: Path, say: Say) -> Iterator[None]:
    """Wait until no other call sets up this folder. The system lifts the lock when its holder ends, however it ends."""
    try:
        file = open(root / f"{FOLDER}.lock", "a")
    except OSError as problem:
        raise CourseError(_why(str(problem), root)) from None
    with file:
        waiting = False
        while not _locked(file.fileno()):
            if not waiting:
                say("Another set-up of this course is running; waiting for it.")
            waiting = True
            time.sleep(0.2)
        yield


def _locked(file: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        # any other error: a file system without locks, and no reason to stop for it
        return problem.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


# --- in words that help -----------------------------------------------------------------------------------------------


class _NoNetwork(CourseError):
    pass


_NO_SPACE = re.compile(r"Errno 28|No space left|not enough space on the disk|Errno 122|quota exceeded", re.IGNORECASE)
_NO_RIGHT = re.compile(r"Errno 13|Errno 30|Permission denied|Read-only file system", re.IGNORECASE)
_NO_NETWORK = re.compile(
    r"connection broken by|NewConnectionError|NameResolutionError|Temporary failure in name resolution"
    r"|Max retries exceeded|Read timed out|ConnectTimeout|ProxyError|getaddrinfo failed|Network is unreachable"
    r"|IncompleteRead|SSLError"
)


def _why(report: str, root: Path) -> str:
    """One sentence for what pip, venv or the system reported: what is wrong, and what to do."""
    if _NO_SPACE.search(report):
        return f"The disk is full: the course needs about {GIGABYTES} GB in {root}; make room, then try again."
    if _NO_RIGHT.search(report):
        return f"The folder {root} cannot be written to: move the course to a folder of your own, then try again."
    if _NO_NETWORK.search(report):
        return "The packages could not be fetched: check the network (and a proxy, if you use one), then try again."
    missing = re.search(r"No matching distribution found for (\S+)", report)
    if missing:
        return (
            f"There is no {missing[1]} for this computer and this Python ({sys.platform}, {sys.version.split()[0]}): "
            "try another Python from 3.11 to 3.13, or open the notebooks in Colab."
        )
    return f"The set-up stopped: {_last_line(report)}"


def _last_line(report: str) -> str:
    lines = [line.strip() for line in report.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no reason was given"])[-1]
