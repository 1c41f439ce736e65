"""Checkpoints that a crash, a full disk or a pulled plug cannot spoil: one file, whole or not there.

The file is a safetensors file: tensors, and in its header the rest as JSON. Nothing in it can run when it is read.
"""

import contextlib
import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

NAME = "checkpoint.safetensors"
FORM = 1  # of what is in the file; a later form gets a higher number


class CheckpointError(RuntimeError):
    """A checkpoint could not be written or read; says why, and what is unharmed."""


def save(folder: Path, tensors: dict[str, Tensor], facts: dict) -> Path:
    """Write a checkpoint into a folder in place of the one that is there; returns its path.

    tensors: on any device, by name; facts: what JSON can hold. The old file stays until the new one is whole and on the disk;
    then a single rename puts it in the old one's place. So at every moment one of the two is there, and it is whole.
    Errors: CheckpointError where the disk is full or refuses; the old file is then unharmed. Built in week 4 day 4.
    """
    path, new = folder / NAME, folder / (NAME + ".new")
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(whole, new, metadata={"form": str(FORM), "facts": json.dumps(facts)})
        _to_the_disk(new)
        os.replace(new, path)
    except (OSError, SafetensorError) as problem:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        kept = "The checkpoint before it is unharmed." if path.exists() else "There is no earlier one."
        raise CheckpointError(f"could not write the checkpoint {path}: {problem}. {kept}") from problem
    with contextlib.suppress(OSError):  # Windows, and some drives in a cloud, cannot do this for a folder
        _to_the_disk(folder)
    return path


def load(folder: Path) -> tuple[dict[str, Tensor], dict]:
    """The tensors and the facts of the checkpoint in a folder.

    Errors: FileNotFoundError where there is none, CheckpointError where the file is no checkpoint. Built in week 4 day 4.
    """
    path = folder / NAME
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint in {folder}")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError) as problem:
        raise CheckpointError(f"{path} cannot be read: {problem}") from problem
    if header.get("form") != str(FORM):
        raise CheckpointError(f"{path} is no checkpoint of form {FORM}: its header says {header.get('form', 'nothing')}")
    return tensors, json.loads(header["facts"])


def exists(folder: Path) -> bool:
    """Whether a folder holds a checkpoint."""
    return (folder / NAME).is_file()


def _to_the_disk(path: Path) -> None:
    """Wait until what was written really lies on the disk: else a rename may outlive the bytes it names."""
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
