"""Batches of tiny tales: short rows first, and among them rows of random words that are said again."""

import hashlib
import random
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from shared.counts import check_count
from shared.text.bpe import BytePairTokenizer
from shared.text.echoes import echo
from shared.training.loop import IGNORED

# up to which share of the run rows are this long; among 32 tokens the right one is sooner found than among 192
LENGTHS = ((0.1, 32), (0.25, 64), (0.4, 128), (1.0, 192))
ECHOES = (0.5, 0.1, 0.4)  # share of rows that only repeat random words: at first, in the end, and from when on
FROM_THE_MIDDLE = 0.7  # share of short rows that begin in the middle of a tale, so that every part of it is read


class TaleRows:
    """Tales as `train` reads them: rows for learning, and every tale whole for measuring.

    tales: texts; tokenizer: in which every word of them is one token. A tale is read from the end-of-text token on, which says
    that nothing of an earlier tale matters, to the same token again.
    Errors: ValueError for no tales. Built in week 4 day 4.
    """

    def __init__(self, tales: Sequence[str], tokenizer: BytePairTokenizer):
        if not tales:
            raise ValueError("tales must hold at least one tale")
        self.end = tokenizer.special["<|endoftext|>"]
        self.rows = [[self.end, *tokenizer.encode(tale)] for tale in tales]
        # whole words with a space before them: what echoes are made of
        self.words = sorted({i for row in self.rows for i in row if tokenizer.token_bytes(i)[:1] == b" "})
        self.mark = tokenizer.encode(".")[0]

    def draw(self, count: int, rng: np.random.Generator, done: float = 1.0) -> tuple[Tensor, Tensor]:
        """A batch for a run of which the share `done` (0 … 1) lies behind: inputs and targets, both (rows, length).

        count: windows of 256 tokens whose number of tokens the batch has, or a little less: short rows are more rows.
        Errors: ValueError for a count below 1, or a share outside of 0 to 1.
        """
        check_count("count", count)
        if not 0 <= done <= 1:
            raise ValueError(f"done must be a share of the run, from 0 to 1, got {done}")
        length = next(length for until, length in LENGTHS if done <= until)
        first, last, until = ECHOES
        echoes = first - (first - last) * min(1.0, done / until)
        chance = random.Random(int(rng.integers(2**62)))
        rows = [self._row(length, echoes, chance) for _ in range(max(1, count * 256 // length))]
        both = torch.tensor(rows)
        return both[:, :-1], both[:, 1:]

    def _row(self, length: int, echoes: float, chance: random.Random) -> list[int]:
        if self.words and chance.random() < echoes:
            return echo(self.words, length + 1, max(6, min(40, length // 3)), chance, mark=self.mark)
        row: list[int] = []
        if length < LENGTHS[-1][1] and chance.random() < FROM_THE_MIDDLE:
            tale = chance.choice(self.rows)
            row += tale[chance.randrange(1, len(tale)) :]
        while len(row) < length + 1:
            row += chance.choice(self.rows)
        return row[: length + 1]

    def in_order(self, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Every tale once, `count` at a time, each from its beginning to its end: inputs and targets (tales, longest), gaps -100."""
        check_count("count", count)
        for first in range(0, len(self.rows), count):
            part = self.rows[first : first + count]
            longest = max(map(len, part))
            inputs = [row + [self.end] * (longest - len(row)) for row in part]
            targets = [[*row[1:], self.end] + [IGNORED] * (longest - len(row)) for row in part]
            yield torch.tensor(inputs), torch.tensor(targets)

    def fingerprint(self) -> str:
        """A short name that other tales would not have."""
        return hashlib.sha256(repr(self.rows).encode()).hexdigest()[:16]
