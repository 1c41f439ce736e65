"""The exercises of week 2, day 3: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared import heads
from shared.learning.exercises import Exercise, Mistake


def _maps(seed: int, *shape: int) -> Tensor:
    """Attention weights that nobody looked at before: every row sums to 1."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).mul(1.5).softmax(-1)


# --- exercise 1: a score from one map -----------------------------------------------------------------------------------

PREVIOUS_TOKEN = Exercise(
    id="w2d3-e1",
    title="a score from one map",
    task="Fill in the two missing lines: the cells just left of the diagonal, and their mean.",
    name="previous_token_score",
    cases=[(_maps(231, 5, 5),), (_maps(232, 8, 8),)],
    reference=lambda weights: heads.previous_token(weights),
    mistakes=(
        Mistake("the next token", lambda weights: weights.diagonal(1).mean(),
                "This is the *next*-token score: you took the cells right of the diagonal. Row t asks, column t − 1 is looked at: `weights[t, t - 1]`."),
        Mistake("its own place", lambda weights: weights.diagonal().mean(),
                "You took the diagonal itself: how much tokens look at themselves. The token before is one column further left."),
        Mistake("divided by T", lambda weights: weights.diagonal(-1).sum() / len(weights),
                "You divide by T. Row 0 has no token before it and does not count: T − 1 rows are left."),
        Mistake("row 0 wraps around", lambda weights: sum(weights[t, t - 1] for t in range(len(weights))) / len(weights),
                "Your loop begins at row 0, where `weights[0, -1]` is the *last* token. Row 0 has nobody before it: begin at 1, and divide by T − 1."),
        Mistake("a sum", lambda weights: weights.diagonal(-1).sum(),
                "This is the sum. Divide by the number of rows, so that long and short texts can be compared."),
        Mistake("the cells", lambda weights: weights.diagonal(-1),
                "These are the cells, one for each row. The score is one number: their mean."),
        Mistake("the mean of all cells", lambda weights: weights.mean(),
                "The mean of all cells is 1 / T for every head of the world, because each row sums to 1. Take only the cells of the pattern."),
        Mistake("two back", lambda weights: weights.diagonal(-2).mean(),
                "You took the cells two places back. One place back is `diagonal(-1)`, or `weights[t, t - 1]`."),
    ),
    hints=(
        "Row t asks, column t − 1 is looked at. Row 0 has no such cell. Which rows are left?",
        "`weights.diagonal(-1)` is the line just below the diagonal, T − 1 cells. Or index with two ranges: `weights[torch.arange(1, T), torch.arange(T - 1)]`.",
    ),
    starter="""
def previous_token_score(weights):
    T = weights.shape[0]
    cells = ...  # (T - 1,): what each row t gives to t - 1
    return ...   # one number
""",
    solution="""
def previous_token_score(weights):
    T = weights.shape[0]
    cells = weights[torch.arange(1, T), torch.arange(T - 1)]
    return cells.mean()
""",
)

# --- exercise 2: two bugs in one line -----------------------------------------------------------------------------------

RECEIVED = Exercise(
    id="w2d3-e2",
    title="how much a word receives",
    task="Repair the function: for each real word, the mean weight that real words give to it. The first and the last token are special.",
    name="received",
    cases=[(_maps(233, 6, 6),), (_maps(234, 9, 9),)],
    reference=lambda weights: weights[1:-1, 1:-1].mean(0),
    mistakes=(
        Mistake("along the rows", lambda weights: weights.mean(1),
                "The mean still runs along the rows: what a token *gives*. Every row gives exactly 1, so this is 1 / T for all. What a word receives stands in its *column*: `dim=0`. And [CLS] and [SEP] still count."),
        Mistake("along the rows, without the special tokens", lambda weights: weights[1:-1, 1:-1].mean(1),
                "[CLS] and [SEP] are out, but the mean runs along the rows: what a word gives. What it receives stands in its *column*: `dim=0`."),
        Mistake("special tokens still count", lambda weights: weights.mean(0),
                "The axis is right now. But [CLS] and [SEP] still ask, and still have a place in the result. Leave their rows *and* their columns out."),
        Mistake("special tokens still ask", lambda weights: weights.mean(0)[1:-1],
                "The result has the right length, but the mean still runs over the rows of [CLS] and [SEP]: leave out their rows, too."),
        Mistake("special tokens are still in the result", lambda weights: weights[1:-1].mean(0),
                "You left out the two rows. Their columns are still in the result: T numbers instead of T − 2."),
        Mistake("divided by T", lambda weights: weights[1:-1, 1:-1].sum(0) / len(weights),
                "You divide by T. Only T − 2 real words ask: the mean is over those."),
        Mistake("only the first one is left out", lambda weights: weights[1:, 1:].mean(0),
                "[CLS] is out, [SEP] is not: the slice `1:-1` leaves out both ends."),
        Mistake("a sum", lambda weights: weights[1:-1, 1:-1].sum(0),
                "This is the sum over the words that ask. Take the mean."),
    ),
    hints=(
        "Rows give, columns receive. A row sums to 1 whatever the head does: what is the mean of a row, then?",
        "First cut rows and columns of the special tokens, `weights[1:-1, 1:-1]`; then take the mean *down the columns*, over the rows: `dim=0`.",
    ),
    starter="""
def received(weights):
    return weights.mean(dim=1)
""",
    solution="""
def received(weights):
    between_words = weights[1:-1, 1:-1]
    return between_words.mean(dim=0)
""",
)

# --- exercise 3: the head for a pattern ---------------------------------------------------------------------------------


def _pattern(*cells: tuple[int, int], size: int) -> Tensor:
    pattern = torch.zeros(size, size, dtype=torch.bool)
    for t, s in cells:
        pattern[t, s] = True
    return pattern


def _mostly(pattern: Tensor, share: float) -> Tensor:
    """A map that puts `share` of each row that has a pattern into it, and spreads the rest evenly."""
    cells = pattern.float()
    rows = pattern.any(-1, keepdim=True)
    there = cells / cells.sum(-1, keepdim=True).clamp(min=1)
    even = torch.full(pattern.shape, 1 / len(pattern))
    return torch.where(rows, share * there + (1 - share) * even, even)


def _find_cases() -> list[tuple[Tensor, Tensor]]:
    cases = []
    for seed, size, (layer, head), cells in (
        (235, 6, (2, 1), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]),
        (236, 7, (0, 3), [(1, 0), (3, 1), (3, 5), (5, 2), (6, 4)]),
    ):
        pattern = _pattern(*cells, size=size)
        maps = _maps(seed, 3, 4, size, size)
        maps[layer, head] = _mostly(pattern, 0.6)
        maps[1, 2] = _mostly(pattern.T, 0.9)  # the same pattern, turned
        bold = torch.full((size, size), 1 / size)
        t, s = cells[0]
        bold[t] = 0.02 / (size - 1)
        bold[t, s] = 0.98  # one bold cell, and else nothing
        maps[1, 0] = bold
        cases.append((maps, pattern))
    return cases


def _find(maps: Tensor, pattern: Tensor) -> tuple[int, int]:
    return heads.strongest(heads.weight_on(maps, pattern))[:2]


def _by(score):
    """The head with the highest `score(maps, pattern)`."""
    return lambda maps, pattern: tuple(divmod(int(score(maps, pattern).flatten().argmax()), maps.shape[1]))


FIND_HEAD = Exercise(
    id="w2d3-e3",
    title="the head for a pattern",
    task="Score all heads: the weight inside the pattern, added up in each row, averaged over the rows that have a cell. Return the best head as (layer, head).",
    name="find_head",
    cases=_find_cases(),
    reference=_find,
    mistakes=(
        Mistake("the turned pattern", _by(lambda maps, pattern: (maps * pattern.T).sum(-1).mean(-1)),
                "You found the head for the *turned* pattern. In both, rows ask and columns are looked at: multiply without turning."),
        Mistake("one bold cell", _by(lambda maps, pattern: (maps * pattern).amax((-1, -2))),
                "You took the head with the single largest cell. One bold look is an anecdote: average over the rows of the pattern."),
        Mistake("head before layer", lambda maps, pattern: _find(maps, pattern)[::-1],
                "Layer and head have changed places: return `(layer, head)`."),
        Mistake("a flat number", lambda maps, pattern: int(heads.weight_on(maps, pattern).argmax()),
                "This is the place in the flattened table. `divmod(place, number_of_heads)` gives layer and head."),
        Mistake("divided by the layers", lambda maps, pattern: tuple(divmod(int(heads.weight_on(maps, pattern).argmax()), maps.shape[0])),
                "You divide the flat place by the number of *layers*. A row of the table is a layer and holds all its heads: divide by the number of heads."),
        Mistake("the worst head", lambda maps, pattern: tuple(divmod(int(heads.weight_on(maps, pattern).argmin()), maps.shape[1])),
                "This is the head with the *lowest* score. Take `argmax`."),
        Mistake("the score", lambda maps, pattern: float(heads.weight_on(maps, pattern).max()),
                "This is the best score. Wanted is *where* it is: (layer, head)."),
        Mistake("all the scores", lambda maps, pattern: heads.weight_on(maps, pattern),
                "These are the scores of all heads, and they are right. Now find the largest: `argmax` on the flattened table, then `divmod`."),
    ),
    hints=(
        "`maps * pattern` keeps only the cells of the pattern, in all heads at once. Add up along the rows, then average over the rows that have a cell: `pattern.any(-1)`.",
        "`scores = (maps * pattern).sum(-1)[..., pattern.any(-1)].mean(-1)` is (layers, heads). `int(scores.argmax())` counts through it row by row; `divmod(place, maps.shape[1])` turns that into layer and head.",
    ),
    starter="""
def find_head(maps, pattern):
    ...
""",
    solution="""
def find_head(maps, pattern):
    in_pattern = (maps * pattern).sum(-1)                       # (layers, heads, T)
    scores = in_pattern[..., pattern.any(-1)].mean(-1)          # (layers, heads)
    return divmod(int(scores.argmax()), maps.shape[1])
""",
)

EXERCISES = (PREVIOUS_TOKEN, RECEIVED, FIND_HEAD)
