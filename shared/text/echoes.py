"""Rows of random words that are said again: what makes a small model learn to copy.

Stories repeat themselves a little. These rows do nothing else, with words that follow no grammar, so that the only way to
foresee the second round is to look up what came after the same word in the first one. Models trained on enough of this
form induction heads (Olsson et al. 2022, https://arxiv.org/abs/2209.11895).
"""

import math
import random
from collections.abc import Sequence

SHORTEST, COPIES, WITH_MARK = 3, (2, 6), 0.3


def echo(words: Sequence[int], length: int, longest: int, rng: random.Random, mark: int) -> list[int]:
    """One row of `length` ids: lines of 3 … `longest` random words, each said 2 to 6 times, one line after the other.

    words: ids to choose from; short lines are as common as long ones (log-uniform); after each round of three lines in
    ten stands `mark`, the id of ".". Errors: ValueError for no words, or a longest line under 3 words.
    Used from week 3 day 4 on.
    """
    if not words or longest < SHORTEST:
        raise ValueError(f"need words and a longest line of at least {SHORTEST}, got {len(words)} words, longest={longest}")
    row: list[int] = []
    while len(row) < length:
        n = round(math.exp(rng.uniform(math.log(SHORTEST), math.log(longest))))
        line = [rng.choice(words) for _ in range(n)]
        if rng.random() < WITH_MARK:
            line.append(mark)
        row += line * rng.randint(*COPIES)
    return row[:length]
