"""The exercises of week 1, day 2: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- day 2, exercise 1: cosines with every row ------------------------------------------------------------------------


def _cosine_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(12)
    # neither x nor the rows have length 1; one table is square, so that a wrong axis cannot hide behind an error
    return [(3 * torch.randn(d, generator=numbers), torch.randn(n, d, generator=numbers) * torch.arange(1, n + 1)[:, None])
            for n, d in ((5, 5), (4, 7))]


def _cosines(x: Tensor, table: Tensor) -> Tensor:
    return (table @ x) / (table.norm(dim=1) * x.norm())


COSINES_WITH = Exercise(
    id="w1d2-e1",
    title="cosines with every row of a table",
    task="Fill in the three missing lines: dot products, lengths, cosines.",
    name="cosines_with",
    cases=_cosine_cases(),
    reference=_cosines,
    mistakes=(
        Mistake("no lengths", lambda x, table: table @ x,
                "These are dot products. A long row wins by its length alone: divide by the length of the row and by the length of x."),
        Mistake("only the rows' lengths", lambda x, table: (table @ x) / table.norm(dim=1),
                "You divide by the rows' lengths, and x keeps its own. Divide by the length of x, too; else a cosine can leave −1 … 1."),
        Mistake("only the length of x", lambda x, table: (table @ x) / x.norm(),
                "You divide by the length of x only. The rows have lengths of their own: `table.norm(dim=1)`."),
        Mistake("squared lengths", lambda x, table: (table @ x) / ((table**2).sum(dim=1) * (x**2).sum()),
                "You divide by the squares of the lengths. A length is the square *root* of the sum of squares."),
        Mistake("lengths of the columns", lambda x, table: (table @ x) / (table.norm(dim=0) * x.norm()),
                "Your lengths run down the columns. A row is one vector: sum over its d numbers, `dim=1`."),
        Mistake("one length for the whole table", lambda x, table: (table @ x) / (table.norm() * x.norm()),
                "You divide by the length of the whole table. Each row has its own: give `norm` the axis `dim=1`."),
        Mistake("sums of numbers as lengths", lambda x, table: (table @ x) / (table.sum(dim=1) * x.sum()),
                "You divide by the sums of the numbers. A length is Pythagoras: square, add up, take the root."),
        Mistake("distances", lambda x, table: (table - x).norm(dim=1),
                "You return distances between the tips. Asked for is the cosine: the dot product over both lengths."),
    ),
    hints=(
        "A dot product of x with each row is one product of a matrix with a vector. A length is the square root of the dot product of a vector with itself.",
        "`dots = table @ x`, `lengths = table.norm(dim=1)`; the cosines are `dots` divided by `lengths * x.norm()`.",
    ),
    starter="""
def cosines_with(x, table):
    dots = ...     # (n,): the dot product of x with each row
    lengths = ...  # (n,): the length of each row
    return ...     # (n,): the cosines
""",
    solution="""
def cosines_with(x, table):
    dots = table @ x
    lengths = table.norm(dim=1)
    return dots / (lengths * x.norm())
""",
)

# --- day 2, exercise 2: the neighbors with two bugs -------------------------------------------------------------------


def _nearest_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(22)
    # rows of very different lengths: the dot product and the cosine must order them differently
    stretched = torch.exp(1.2 * torch.randn(9, 1, generator=numbers)) * torch.randn(9, 4, generator=numbers)
    return [(2, stretched, 3), (7, stretched, 5)]


def _nearest(i: int, table: Tensor, k: int) -> Tensor:
    unit = table / table.norm(dim=1, keepdim=True)
    scores = unit @ unit[i]
    scores[i] = -2
    return scores.topk(k).indices


def _nearest_with(unit=True, itself="out", largest=True):
    """The neighbors with one thing changed: lengths left in, the word itself left in or cut off at a fixed place, the wrong end."""

    def nearest(i: int, table: Tensor, k: int) -> Tensor:
        rows = table / table.norm(dim=1, keepdim=True) if unit else table
        scores = rows @ rows[i]
        if itself == "out":
            scores[i] = -1e9 if largest else 1e9
        found = scores.topk(k + (itself == "first dropped"), largest=largest).indices
        return found[1:] if itself == "first dropped" else found

    return nearest


NEAREST_IDS = Exercise(
    id="w1d2-e2",
    title="the neighbors with two bugs",
    task="Find both bugs: the function must return the k words nearest by cosine, and no word is its own neighbor.",
    name="nearest_ids",
    cases=_nearest_cases(),
    reference=_nearest,
    mistakes=(
        Mistake("unchanged", _nearest_with(unit=False, itself="in"),
                "Both bugs are still there. The scores are dot products, so long rows win; and the word may find itself."),
        Mistake("finds itself", _nearest_with(itself="in"),
                "The cosine is right. But the nearest word of all is the word itself, with cosine 1: it must not be counted."),
        Mistake("long rows win", _nearest_with(unit=False),
                "The word no longer finds itself. But the scores are still dot products: divide every row by its length first."),
        Mistake("first dropped, dot products", _nearest_with(unit=False, itself="first dropped"),
                "You drop the first of the list. With dot products the first need not be the word itself: a longer row may stand before it. Use cosines."),
        Mistake("one neighbor too few", lambda i, table, k: _nearest_with(itself="in")(i, table, k)[1:],
                "You drop the word itself, and then one neighbor is missing: ask `topk` for k + 1 before you drop it."),
        Mistake("the farthest", _nearest_with(largest=False),
                "These are the *farthest* words. A large cosine means alike; a small *distance* would."),
        Mistake("the farthest, by dot product", _nearest_with(unit=False, largest=False),
                "These are the words with the smallest dot products. Take cosines, and their largest values."),
        Mistake("cosines instead of ids", lambda i, table, k: (lambda rows: (rows @ rows[i]).topk(k + 1).values[1:])(table / table.norm(dim=1, keepdim=True)),
                "You return the cosines. Asked for are the ids: `.indices`, not `.values`."),
    ),
    hints=(
        "Print the scores of a word with itself and with a few others. Which rows get large scores, and is the first of the list a neighbor?",
        "First bug: make all rows of `table` length 1, `table / table.norm(dim=1, keepdim=True)`. Second bug: take `k + 1` and leave out the first.",
    ),
    starter="""
def nearest_ids(i, table, k):
    scores = table @ table[i]
    return scores.topk(k).indices
""",
    solution="""
def nearest_ids(i, table, k):
    unit = table / table.norm(dim=1, keepdim=True)
    scores = unit @ unit[i]
    return scores.topk(k + 1).indices[1:]
""",
)

# --- day 2, exercise 3: the pairs of skip-gram ------------------------------------------------------------------------


def _pairs_with(left=True, right=True, own=False, wrap=False, less=0, swap=False, order=sorted):
    """All pairs of one sentence with one thing changed: a side, the center itself, indexes below 0, the window's size, the order."""

    def pairs(ids: list[int], window: int) -> list[tuple[int, int]]:
        found = []
        for i, center in enumerate(ids):
            first, last = i - window * left, i + (window - less) * right
            for j in range(first, last + 1):
                if (j == i and not own) or j >= len(ids) or (j < 0 and not wrap):
                    continue
                found.append((ids[j], center) if swap else (center, ids[j]))
        return order(found)

    return pairs


WINDOW_PAIRS = Exercise(
    id="w1d2-e3",
    title="the pairs of skip-gram",
    task="Return all pairs (center, context) at most `window` places apart, sorted.",
    name="window_pairs",
    # 7 stands twice, close enough to be its own word's context; the second sentence is shorter than its window
    cases=[([7, 3, 7, 1, 9, 4], 2), ([5, 2, 8], 4), ([6, 2, 6, 1], 1)],
    reference=_pairs_with(),
    mistakes=(
        Mistake("only the right side", _pairs_with(left=False),
                "You take the words after the center only. Its company stands on both sides."),
        Mistake("only the left side", _pairs_with(right=False),
                "You take the words before the center only. Its company stands on both sides."),
        Mistake("the center itself", _pairs_with(own=True),
                "Each place is paired with itself. Leave out j == i: a word at its own place is not its context."),
        Mistake("wraps around", _pairs_with(wrap=True),
                "At the start you count backwards past 0, and Python then takes words from the *end*: `ids[-1]` is the last one. Begin at max(0, i − window)."),
        Mistake("one place too few", _pairs_with(less=1),
                "On the right one place is missing: `range` stops before its end, so go to i + window + 1."),
        Mistake("no equal words", lambda ids, window: sorted((c, o) for c, o in _pairs_with()(ids, window) if c != o),
                "You leave out pairs of equal words. The same word at *another* place is context; compare the places, not the ids."),
        Mistake("each pair once", lambda ids, window: sorted(set(_pairs_with()(ids, window))),
                "You keep each pair only once. A pair that occurs twice is seen twice: that is how the model learns what is frequent."),
        Mistake("not sorted", _pairs_with(order=list),
                "The pairs are right, and in the order in which you found them. Return them sorted: `sorted(pairs)`."),
        Mistake("everybody with everybody", lambda ids, window: _pairs_with()(ids, len(ids)),
                "You pair every word with every other. Only places at most `window` apart belong together."),
    ),
    hints=(
        "Two loops: i over the places of the centers, j over the places from i − window to i + window. Which j must be left out?",
        "For each i let j run over `range(max(0, i - window), min(len(ids), i + window + 1))`, skip j == i, and append `(ids[i], ids[j])`. Sort at the end.",
    ),
    starter="""
def window_pairs(ids, window):
    ...
""",
    solution="""
def window_pairs(ids, window):
    pairs = []
    for i in range(len(ids)):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if j != i:
                pairs.append((ids[i], ids[j]))
    return sorted(pairs)
""",
)

EXERCISES = (COSINES_WITH, NEAREST_IDS, WINDOW_PAIRS)
