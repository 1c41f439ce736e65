"""What a notebook needs in Colab and Colab does not bring. The set-up cell calls it; outside Colab it does nothing."""

import importlib
import re
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"


def install(packages: list[str]) -> None:
    """In Colab, install those of `packages` that are missing, and touch nothing that is there.

    packages: names from requirements.txt, whose lower bounds are used.
    Errors: ValueError for other names, RuntimeError that says what could not be installed and why.
    """
    if "google.colab" not in sys.modules:
        return  # there course.py has installed everything
    bounds = required()
    unknown = [package for package in packages if package not in bounds]
    if unknown:
        raise ValueError(f"packages must stand in requirements.txt, and {', '.join(unknown)} does not")
    missing = [bounds[package] for package in packages if not _is_installed(package)]
    if not missing:
        return
    with tempfile.TemporaryDirectory() as folder:
        # Colab's packages fit each other; moving one of them would break the session, so pip may only add
        as_it_is = Path(folder, "installed.txt")
        as_it_is.write_text("".join(f"{name}=={number}\n" for name, number in _installed().items()), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", str(as_it_is), *missing]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip() or "pip gave no reason").split("\n")[-1]
        raise RuntimeError(f"{', '.join(missing)} could not be installed: {reason}")
    importlib.invalidate_caches()  # else Python would not see what has just arrived


def required() -> dict[str, str]:
    """What requirements.txt asks for: {"torch": "torch>=2.6", …}."""
    lines = (line.split("#")[0].strip() for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines())
    return {re.match(r"[\w.-]+", line)[0]: line for line in lines if line}


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _installed() -> dict[str, str]:
    from packaging.version import InvalidVersion, Version  # here, not above: outside Colab nobody asks

    found: dict[str, str] = {}
    for package in distributions():
        name, number = package.metadata["Name"], package.metadata["Version"]
        if not name or not number:
            continue  # a half-removed package has neither
        try:
            Version(number)
        except InvalidVersion:
            continue  # a system package may carry "1.1build1", and pip would refuse the whole list for it
        found.setdefault(name, number)  # the first on the path is the one that is imported
    return found
