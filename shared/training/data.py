"""Where a batch comes from: random windows of one long row of token ids, in memory or in a file as large as the disk."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from shared.counts import check_count

BYTES_HASHED = 1 << 20  # of each end of the row: enough to tell two texts apart, and quick for a file of many gigabytes


class Windows:
    """Pieces of one long text: what stands at positions s … s+T-1 is read, what stands one further on is to be predicted.

    ids: token ids in one row: a tensor, an array, a list, or the path of a file of uint16 numbers, which stays on the disk
    and of which only the windows in use are read. context: T, the tokens in a window. name: what errors call the ids.
    Errors: TypeError for ids that are not whole numbers in one row; ValueError for negative ids, no ids, or fewer than
    context + 1 (a window and the token after it); FileNotFoundError. Built in week 4 day 4.
    """

    def __init__(self, ids: Tensor | np.ndarray | Sequence[int] | str | Path, context: int, name: str = "ids"):
        check_count("context", context)
        self.ids, self.context = _as_row(ids, name), context
        if len(self.ids) < context + 1:
            raise ValueError(
                f"{name} holds {len(self.ids):,} tokens, which is too few: a window of context={context} needs {context + 1}, "
                "because the last token of it must have a next one"
            )

    def draw(self, count: int, rng: np.random.Generator, done: float = 1.0) -> tuple[Tensor, Tensor]:
        """`count` windows from anywhere: inputs and targets (count, T), int64; targets[b, t] is what follows inputs[b, t].

        done: the share of the run that lies behind, which every source is told; windows are the same all along.
        """
        check_count("count", count)
        return self.at(rng.integers(0, len(self.ids) - self.context, size=count))

    def at(self, starts: Sequence[int]) -> tuple[Tensor, Tensor]:
        """The windows that begin at these positions: inputs and targets (len(starts), T), int64."""
        rows = np.stack([self.ids[start : start + self.context + 1] for start in starts]).astype(np.int64)
        both = torch.from_numpy(rows)
        return both[:, :-1], both[:, 1:]

    def in_order(self, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The whole text once, `count` windows at a time: every token except the first is a target exactly once.

        The windows do not overlap; what is left at the end comes last, as one shorter window.
        """
        check_count("count", count)
        full = (len(self.ids) - 1) // self.context
        starts = np.arange(full) * self.context
        for first in range(0, full, count):
            yield self.at(starts[first : first + count])
        rest = torch.from_numpy(np.asarray(self.ids[full * self.context :], dtype=np.int64))[None]
        if rest.shape[1] > 1:
            yield rest[:, :-1], rest[:, 1:]

    def fingerprint(self) -> str:
        """A short name that another text would not have, from the row's length and its two ends."""
        n = BYTES_HASHED // 8
        ends = np.concatenate([self.ids[:n], self.ids[-n:]]).astype("<i8")
        return hashlib.sha256(f"{len(self.ids)}:".encode() + ends.tobytes()).hexdigest()[:16]


def save_ids(ids: Tensor | np.ndarray | Sequence[int], path: str | Path) -> Path:
    """Write token ids as the file of uint16 numbers that `Windows` reads from the disk; returns the path.

    Errors: those of `Windows` for the ids, and ValueError for an id above 65,535. Used from week 4 day 4 on.
    """
    row, path = _as_row(ids, "ids"), Path(path)
    if row.max() > np.iinfo(np.uint16).max:
        raise ValueError(f"ids must be at most 65,535 to fit into 16 bits, got {int(row.max()):,}")
    path.parent.mkdir(parents=True, exist_ok=True)
    row.astype("<u2").tofile(path)
    return path


class Characters:
    """The simplest tokenizer: every character of a text is a token, numbered in the alphabet's order.

    text: the text whose characters become the vocabulary. Errors: TypeError for no str, ValueError for an empty one.
    Built in week 2 day 1.
    """

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {type(text).__name__}")
        if not text:
            raise ValueError("text is empty: it has no characters to learn")
        self.letters = "".join(sorted(set(text)))
        self._ids = {letter: i for i, letter in enumerate(self.letters)}

    @property
    def vocab_size(self) -> int:
        """How many different characters there are."""
        return len(self.letters)

    def encode(self, text: str) -> list[int]:
        """The ids of a text's characters. Errors: ValueError that names a character which is not in the vocabulary."""
        try:
            return [self._ids[letter] for letter in text]
        except KeyError as missing:
            letter, known = missing.args[0], self.vocab_size
            raise ValueError(f"text holds {letter!r}, which is not among the {known} known characters") from None

    def decode(self, ids: Tensor | Sequence[int]) -> str:
        """The text that has these ids. Errors: ValueError for an id outside the vocabulary."""
        numbers = ids.tolist() if isinstance(ids, Tensor) else list(ids)
        outside = [i for i in numbers if not 0 <= i < self.vocab_size]
        if outside:
            raise ValueError(f"ids must lie between 0 and {self.vocab_size - 1}, got {outside[0]}")
        return "".join(self.letters[i] for i in numbers)

    def save(self, path: str | Path) -> Path:
        """Write the vocabulary as JSON; `Characters.load` reads it."""
        Path(path).write_text(json.dumps({"characters": self.letters}), encoding="utf-8")
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> "Characters":
        """The tokenizer that `save` wrote."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8"))["characters"])


def largest_id(ids: np.ndarray) -> int:
    """The largest id of a row, read piece by piece, so that a file on the disk need not fit into memory."""
    return max(int(ids[first : first + BYTES_HASHED].max()) for first in range(0, len(ids), BYTES_HASHED))


def _as_row(ids, name: str) -> np.ndarray:
    if isinstance(ids, (str, Path)):
        row = _mapped(Path(ids), name)
    elif isinstance(ids, Tensor):
        row = ids.detach().cpu().numpy()
    else:
        row = np.asarray(ids)
    if row.size == 0:
        raise ValueError(f"{name} holds no tokens")
    if row.ndim != 1 or row.dtype.kind not in "iu":
        raise TypeError(f"{name} must be one row of whole numbers, got shape {row.shape} of {row.dtype}")
    if row.dtype.kind == "i" and row.min() < 0:
        raise ValueError(f"{name} must not be negative, got {int(row.min())}")
    return row


def _mapped(path: Path, name: str) -> np.ndarray:
    if not path.is_file():
        raise FileNotFoundError(f"{name}: there is no file {path}")
    size = path.stat().st_size
    if size % 2:
        raise ValueError(f"{name}: {path} has {size:,} bytes, an odd number, so it is no file of uint16 numbers")
    return np.memmap(path, dtype="<u2", mode="r") if size else np.empty(0, "<u2")
