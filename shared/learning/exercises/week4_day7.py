"""The exercises of week 4, day 7: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: counting ----------------------------------------------------------------------------------------------


def _counted(of_rank, percent):
    def lora_count(d_in: int, d_out: int, rank: int):
        trained = of_rank(d_in, d_out, rank)
        return trained, percent(trained, d_in, d_out)

    return lora_count


def _right_count(i, o, r):
    return r * (i + o)


def _right_percent(n, i, o):
    return 100 * n / (i * o)


COUNT = Exercise(
    id="w4d7-e1",
    title="how many numbers learn",
    task="Fill in the two missing expressions: how many numbers A and B hold, and how many percent of W's that is.",
    name="lora_count",
    cases=[(4, 6, 1), (128, 384, 4), (768, 3072, 8), (512, 128, 16)],
    reference=_counted(_right_count, _right_percent),
    mistakes=(
        Mistake("the product", _counted(lambda i, o, r: r * i * o, _right_percent),
                "You multiply the two sides. That is as large as W itself, rank times. A has one row of `d_in` numbers for each rank, B one column of `d_out`: add them."),
        Mistake("A alone", _counted(lambda i, o, r: r * i, _right_percent),
                "That is A alone, rank × d_in. B, d_out × rank, learns as well."),
        Mistake("B alone", _counted(lambda i, o, r: r * o, _right_percent),
                "That is B alone, d_out × rank. A, rank × d_in, learns as well."),
        Mistake("the rank is forgotten", _counted(lambda i, o, r: i + o, _right_percent),
                "That is one row and one column: rank 1. There are `rank` of each."),
        Mistake("W counts too", _counted(lambda i, o, r: i * o + r * (i + o), _right_percent),
                "W stands still: its d_in · d_out numbers do not learn."),
        Mistake("a share of everything", _counted(_right_count, lambda n, i, o: 100 * n / (i * o + n)),
                "You divide by W, A and B together. The question is: how many percent of *W's own* numbers?"),
        Mistake("a share, not percent", _counted(_right_count, lambda n, i, o: n / (i * o)),
                "That is a share between 0 and 1. For percent, times 100."),
        Mistake("upside down", _counted(_right_count, lambda n, i, o: 100 * i * o / n),
                "Upside down: you say how many times W is larger. Divide the trained numbers by W's."),
    ),
    hints=(
        "Draw the two thin matrices beside W. Which side of W does each of them share?",
        "A is (rank, d_in) and B is (d_out, rank): together `rank * (d_in + d_out)`. W holds `d_in * d_out`.",
    ),
    starter="""
def lora_count(d_in, d_out, rank):
    trained = ...  # how many numbers A and B hold together
    percent = ...  # how many percent of W's numbers that is
    return trained, percent
""",
    solution="""
def lora_count(d_in, d_out, rank):
    trained = rank * (d_in + d_out)
    percent = 100 * trained / (d_in * d_out)
    return trained, percent
""",
    setup="",
)

# --- exercise 2: the way beside ----------------------------------------------------------------------------------------


def _layer_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(47)
    found = []
    for rows, d_in, d_out, rank, alpha in ((3, 5, 7, 2, 4.0), (1, 6, 4, 3, 6.0), (4, 8, 3, 1, 5.0)):
        shapes = (rows, d_in), (d_out, d_in), (rank, d_in), (d_out, rank)
        found.append((*(torch.randn(*shape, generator=numbers) for shape in shapes), alpha))
    return found


def _lora(x: Tensor, W: Tensor, A: Tensor, B: Tensor, alpha: float) -> Tensor:
    return x @ W.T + alpha / A.shape[0] * (x @ A.T) @ B.T


REPAIR = Exercise(
    id="w4d7-e2",
    title="the way beside W",
    task="Repair the layer: what W says stays, and the thin way is added, scaled by alpha / rank.",
    name="lora_layer",
    cases=_layer_cases(),
    reference=_lora,
    mistakes=(
        Mistake("as it was", lambda x, W, A, B, alpha: alpha * A.shape[1] * (x @ A.T) @ B.T,
                "Three things: W is not used at all, and must be added; the rank is A's *first* size; and alpha is divided by it."),
        Mistake("W is left out", lambda x, W, A, B, alpha: alpha / A.shape[0] * (x @ A.T) @ B.T,
                "Only the thin way is left. What the model knew is in W: `x @ W.T` is added to it."),
        Mistake("times the rank", lambda x, W, A, B, alpha: x @ W.T + alpha * A.shape[0] * (x @ A.T) @ B.T,
                "You multiply by the rank. A larger rank is a sum of more terms, so it is *divided* by: alpha / rank."),
        Mistake("the wrong size", lambda x, W, A, B, alpha: x @ W.T + alpha / A.shape[1] * (x @ A.T) @ B.T,
                "`A.shape[1]` is d_in. The rank is `A.shape[0]`, A's rows."),
        Mistake("no alpha", lambda x, W, A, B, alpha: x @ W.T + (x @ A.T) @ B.T / A.shape[0],
                "Alpha is not used. The scale is alpha / rank."),
        Mistake("no scale", lambda x, W, A, B, alpha: x @ W.T + (x @ A.T) @ B.T,
                "The thin way is added unscaled. Multiply it by alpha / rank."),
        Mistake("alpha alone", lambda x, W, A, B, alpha: x @ W.T + alpha * (x @ A.T) @ B.T,
                "The thin way is multiplied by alpha, and not divided by the rank."),
        Mistake("everything is scaled", lambda x, W, A, B, alpha: alpha / A.shape[0] * (x @ W.T + (x @ A.T) @ B.T),
                "You scale what W says, too. W stands still: only the thin way gets alpha / rank."),
        Mistake("subtracted", lambda x, W, A, B, alpha: x @ W.T - alpha / A.shape[0] * (x @ A.T) @ B.T,
                "The thin way is *added*. (Training could turn B's sign around; this check has its numbers already.)"),
    ),
    hints=(
        "Hold the three parts of the formula against the code: W x, the scale, B (A x). Which part is missing, and where does the rank stand?",
        "`rank = A.shape[0]`, then `x @ W.T + alpha / rank * (x @ A.T) @ B.T`.",
    ),
    starter="""
def lora_layer(x, W, A, B, alpha):  # x (T, d_in), W (d_out, d_in), A (rank, d_in), B (d_out, rank)
    rank = A.shape[1]
    beside = (x @ A.T) @ B.T
    return alpha * rank * beside
""",
    solution="""
def lora_layer(x, W, A, B, alpha):
    rank = A.shape[0]
    beside = (x @ A.T) @ B.T
    return x @ W.T + alpha / rank * beside
""",
)

# --- exercise 3: how thin may it be? -----------------------------------------------------------------------------------


def _matrices() -> list[tuple]:
    numbers = torch.Generator().manual_seed(48)
    a = torch.outer(torch.tensor([1.0, 2.0, -1.0]), torch.tensor([3.0, 1.0, 0.0, 2.0]))
    two = torch.diag(torch.tensor([2.0, 1.0]))  # squares 4 and 1: the first holds 0.8
    wide = torch.randn(6, 9, generator=numbers)
    fading = torch.diag(torch.tensor([9.0, 5.0, 4.0, 3.0, 2.0, 1.0, 1.0])) @ torch.linalg.qr(torch.randn(7, 7, generator=numbers))[0]
    return [(a, 0.99), (two, 0.75), (two, 0.9), (wide, 0.5), (wide, 0.95), (fading, 0.6), (fading, 0.9), (5 * fading, 0.9)]


def _smallest(shares, least=None):
    def smallest_rank(change: Tensor, share: float) -> int:
        so_far = shares(change)
        return int((so_far < share - 1e-6).sum()) + 1 if least is None else least(so_far, share)

    return smallest_rank


def _energy(change: Tensor) -> Tensor:
    squares = torch.linalg.svdvals(change) ** 2
    return squares.cumsum(0) / squares.sum()


def _unsquared(change: Tensor) -> Tensor:
    sizes = torch.linalg.svdvals(change)
    return sizes.cumsum(0) / sizes.sum()


def _each(change: Tensor) -> Tensor:
    squares = torch.linalg.svdvals(change) ** 2
    return squares / squares.sum()


SMALLEST = Exercise(
    id="w4d7-e3",
    title="how thin may it be?",
    task="Return the smallest rank whose best matrix holds at least `share` of the change.",
    name="smallest_rank",
    cases=_matrices(),
    reference=_smallest(_energy),
    mistakes=(
        Mistake("not squared", _smallest(_unsquared),
                "You add up the singular values as they are. The size of a matrix adds up their *squares* (a sum of squares, as for a vector's length)."),
        Mistake("one too few", _smallest(_energy, lambda so_far, share: max(1, int((so_far < share - 1e-6).sum()))),
                "One too few: with this rank the share is not reached yet. Places count from 0, ranks from 1."),
        Mistake("one too many", _smallest(_energy, lambda so_far, share: int((so_far < share - 1e-6).sum()) + 2),
                "One too many: the rank below holds enough already."),
        Mistake("not added up", _smallest(_energy, lambda so_far, share: int((torch.diff(so_far, prepend=so_far.new_zeros(1)) >= share).sum()) or len(so_far)),
                "You look at each value alone. A matrix of rank r holds the first r together: add them up, `cumsum`."),
        Mistake("no share", _smallest(lambda change: (torch.linalg.svdvals(change) ** 2).cumsum(0)),
                "You hold the sums against the share without dividing by the total. A matrix five times as large has the same shares."),
        Mistake("the full rank", lambda change, share: int(torch.linalg.matrix_rank(change)),
                "That is the rank of the whole change. The question is how many directions hold *most* of it."),
        Mistake("from the smallest", _smallest(lambda change: (torch.linalg.svdvals(change).flip(0) ** 2).cumsum(0) / (torch.linalg.svdvals(change) ** 2).sum()),
                "You begin with the smallest ones. The best matrix of rank r takes the *largest*; `svdvals` gives them in this order."),
    ),
    hints=(
        "`torch.linalg.svdvals(change)` gives the singular values, largest first. Which share of the sum of their squares do the first r hold?",
        "`squares.cumsum(0) / squares.sum()` is the share for rank 1, 2, 3, … Walk through it and return the first rank that reaches `share`.",
    ),
    starter="""
def smallest_rank(change, share):
    ...
""",
    solution="""
def smallest_rank(change, share):
    squares = torch.linalg.svdvals(change) ** 2
    so_far = squares.cumsum(0) / squares.sum()
    for rank, held in enumerate(so_far.tolist(), 1):
        if held >= share - 1e-6:
            return rank
    return len(squares)
""",
)

EXERCISES = (COUNT, REPAIR, SMALLEST)
