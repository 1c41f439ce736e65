"""What a folder with a model must hold, and the sums that tell whether a shipped one is as it was made."""

import hashlib
import json
from pathlib import Path

SUMS = "SHA256SUMS"
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
# one of these lines makes a tokenizer; the first is what every recent model has
TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("vocab.txt",), ("tokenizer.model",), ("spiece.model",))


def require_whole(folder: Path) -> None:
    """Make sure that a folder holds a model with its tokenizer, and that no file of its weights is cut short.

    Looks at names and sizes, and at the headers of the weights, which say how long each file must be.
    Errors: FileNotFoundError for a file that is missing, ValueError for one that is damaged. Used from week 1 day 4 on.
    """
    if not (folder / "config.json").is_file():
        raise FileNotFoundError("config.json is missing")
    if not any(all((folder / name).is_file() for name in names) for names in TOKENIZERS):
        raise FileNotFoundError("the tokenizer is missing (tokenizer.json)")
    for name in weight_files(folder):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{name} is missing")
        size, expected = (folder / name).stat().st_size, _length_by_header(folder / name)
        if size != expected:
            announced = f"its header announces {expected:,}" if expected is not None else "it has no readable header"
            raise ValueError(f"{name} is damaged: it has {size:,} bytes and {announced}")


def weight_files(folder: Path) -> list[str]:
    """The names of the weights' files: one, or those that the index of a large model lists.

    Errors: FileNotFoundError where there is neither, ValueError for an index that cannot be read.
    """
    if (folder / WEIGHTS).is_file():
        return [WEIGHTS]
    if not (folder / INDEX).is_file():
        pickles = sorted(path.name for path in folder.glob("*.bin"))
        remark = f"; {pickles[0]} is a pickle, which could run any code, so it is not read" if pickles else ""
        raise FileNotFoundError(f"{WEIGHTS} is missing{remark}")
    try:
        names = set(json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{INDEX} is damaged") from None
    # a name with folders in it could lead out of this one
    plain = all(isinstance(name, str) and Path(name).name == name and name.endswith(".safetensors") for name in names)
    if not names or not plain:
        raise ValueError(f"{INDEX} names files that are no safetensors of this folder")
    return sorted(names)


def write_sums(folder: str | Path) -> Path:
    """Write the SHA-256 of every file of a folder into its SHA256SUMS, in the form that `sha256sum --check` reads.

    Returns the path. Errors: FileNotFoundError for no such folder, ValueError for an empty one.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder at {folder}")
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS and not path.name.startswith("."))
    if not files:
        raise ValueError(f"{folder} holds no files to sum up")
    text = "".join(f"{sha256(path)}  {path.name}\n" for path in files)
    (folder / SUMS).write_text(text, encoding="utf-8", newline="\n")
    return folder / SUMS


def check_sums(folder: str | Path) -> None:
    """Compare every file that SHA256SUMS lists with what lies there.

    Errors: FileNotFoundError for a missing folder, list or file, ValueError for a file that differs or a list that is no list;
    each says how to get the files back.
    """
    folder = Path(folder)
    remedy = f"Get it back from the course: git checkout -- shared/pretrained/{folder.name}, or fetch the course again"
    if not (folder / SUMS).is_file():
        raise FileNotFoundError(f"{folder.name}: {SUMS} is missing in {folder}. {remedy}.")
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        if len(expected) != 64 or not name or Path(name).name != name:
            raise ValueError(f"{folder.name}: {SUMS} in {folder} holds a line that is no sum: {line!r}. {remedy}.")
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder.name}: {name} is missing in {folder}. {remedy}.")
        if sha256(folder / name) != expected:
            raise ValueError(f"{folder.name}: {name} in {folder} is not as it was made (its SHA-256 differs). {remedy}.")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _length_by_header(path: Path) -> int | None:
    """How many bytes a safetensors file must have: 8 for the header's length, the header, the numbers. None = no header."""
    with path.open("rb") as file:
        header_length = int.from_bytes(file.read(8), "little")
        if not 2 <= header_length <= path.stat().st_size:
            return None
        try:
            header = json.loads(file.read(header_length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return None
    return 8 + header_length + max(ends, default=0)
