"""The exercises of week 2, day 5: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: LayerNorm ---------------------------------------------------------------------------------------------


def _norm_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(51)

    def some(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=numbers)

    # sizes that differ from each other, and rows whose spread is small enough for the place of epsilon to show
    return [(3 * some(3, 5) + 2, 1 + some(5), some(5)), (0.01 * some(2, 4, 6), 1 + some(6), some(6)), (some(4, 7), 2 + some(7), some(7), 0.1)]


def _layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float = 1e-5) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], gamma, beta, epsilon)


def _over(dim, x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float) -> Tensor:
    centered = x - x.mean(dim, keepdim=True)
    return centered / (centered.square().mean(dim, keepdim=True) + epsilon).sqrt() * gamma + beta


def _other_spread(spread: Callable[[Tensor, float], Tensor]) -> Callable:
    def norm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float = 1e-5) -> Tensor:
        centered = x - x.mean(-1, keepdim=True)
        return centered / spread(centered, epsilon) * gamma + beta

    return norm


def _mean_square(x: Tensor) -> Tensor:
    return x.square().mean(-1, keepdim=True)


LAYER_NORM = Exercise(
    id="w2d5-e1",
    title="LayerNorm with its learned numbers",
    task="Fill in the lines: center each token's row, divide by its spread, then scale by gamma and shift by beta.",
    name="layer_norm",
    cases=_norm_cases(),
    reference=_layer_norm,
    mistakes=(
        Mistake("over the tokens", lambda x, gamma, beta, epsilon=1e-5: _over(-2, x, gamma, beta, epsilon),
                "You take mean and spread down the columns, over the tokens. LayerNorm looks at one token: along the row, `dim=-1`."),
        Mistake("over everything", lambda x, gamma, beta, epsilon=1e-5: _over(tuple(range(x.ndim)), x, gamma, beta, epsilon),
                "You take one mean and one spread of the whole table. Each token has its own: `dim=-1, keepdim=True`."),
        Mistake("the mean stays", lambda x, gamma, beta, epsilon=1e-5: x / (_mean_square(x) + epsilon).sqrt() * gamma + beta,
                "You divide and do not take off the mean: that is RMSNorm. Center each row first."),
        Mistake("nothing is divided", lambda x, gamma, beta, epsilon=1e-5: (x - x.mean(-1, keepdim=True)) * gamma + beta,
                "The rows are centered, but still as wide as before. Divide each by its spread."),
        Mistake("divided by d - 1", _other_spread(lambda c, e: (c.square().sum(-1, keepdim=True) / (c.shape[-1] - 1) + e).sqrt()),
                "Your variance divides by d − 1, as `x.var()` and `x.std()` do by default. LayerNorm divides by d: `unbiased=False`, or a plain mean of squares."),
        Mistake("epsilon outside the root", _other_spread(lambda c, e: _mean_square(c).sqrt() + e),
                "Your epsilon is added after the root. It belongs inside: root of (variance + epsilon). For rows with a small spread this is not the same."),
        Mistake("no epsilon", _other_spread(lambda c, e: _mean_square(c).sqrt()),
                "Epsilon is missing. A row of equal numbers would be divided by 0: use the root of (variance + epsilon)."),
        Mistake("no root", _other_spread(lambda c, e: _mean_square(c) + e),
                "You divide by the variance. Its root, the spread, has the units of x."),
        Mistake("gamma and beta left out", lambda x, gamma, beta, epsilon=1e-5: F.layer_norm(x, x.shape[-1:], eps=epsilon),
                "The rows are normed, and gamma and beta are not used. At the end: times gamma, plus beta."),
        Mistake("beta is scaled, too", lambda x, gamma, beta, epsilon=1e-5: (F.layer_norm(x, x.shape[-1:], eps=epsilon) + beta) * gamma,
                "You add beta before you multiply by gamma. First times gamma, then plus beta."),
    ),
    hints=(
        "Everything happens along the last axis, and `keepdim=True` keeps the shape (…, 1), so that each row meets its own number.",
        "`centered = x - x.mean(-1, keepdim=True)`; the variance is the mean of `centered.square()`; epsilon comes before the root.",
    ),
    setup="import torch",
    starter="""
def layer_norm(x, gamma, beta, epsilon=1e-5):
    centered = ...  # (…, d): each token's row, less its own mean
    spread = ...    # (…, 1): the root of each row's variance plus epsilon
    return ...
""",
    solution="""
def layer_norm(x, gamma, beta, epsilon=1e-5):
    centered = x - x.mean(-1, keepdim=True)
    spread = (centered.square().mean(-1, keepdim=True) + epsilon).sqrt()
    return centered / spread * gamma + beta
""",
)

# --- exercise 2: a pre-LN layer, broken in two places ------------------------------------------------------------------


def _norm(rows: Tensor) -> Tensor:
    return F.layer_norm(rows, rows.shape[-1:])


def _look(rows: Tensor) -> Tensor:
    return rows.cumsum(0) / torch.arange(1, len(rows) + 1)[:, None]  # the mean of what came before


def _think(rows: Tensor) -> Tensor:
    return torch.relu(2 * rows - 1)


def _layer_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(52)
    return [(3 * torch.randn(t, d, generator=numbers) + 1, _look, _think) for t, d in ((3, 4), (5, 6))]


def _pre_ln(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = x + look(_norm(x))
    return x + think(_norm(x))


def _road_through_the_norm(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = _norm(x)
    x = x + look(x)
    return x + think(_norm(x))


def _second_road_missing(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = x + look(_norm(x))
    return think(_norm(x))


def _both_bugs(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = _norm(x)
    x = x + look(x)
    return think(_norm(x))


def _post_ln(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = _norm(x + look(x))
    return _norm(x + think(x))


def _side_by_side(x: Tensor, look: Callable, think: Callable) -> Tensor:
    return x + look(_norm(x)) + think(_norm(x))


def _normed_at_the_end(x: Tensor, look: Callable, think: Callable) -> Tensor:
    return _norm(_pre_ln(x, look, think))


def _second_not_normed(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = x + look(_norm(x))
    return x + think(x)


PRE_LN_LAYER = Exercise(
    id="w2d5-e2",
    title="a pre-LN layer, broken in two places",
    task="Repair the layer: the road must run past both norms and around both parts.",
    name="pre_ln_layer",
    cases=_layer_cases(),
    reference=_pre_ln,
    mistakes=(
        Mistake("both bugs are still there", _both_bugs,
                "Both faults are still in. Follow the road from x to the output: where does it meet a norm, and where does it end?"),
        Mistake("the road goes through the first norm", _road_through_the_norm,
                "The second part is right now. But the road still goes through the first norm: `x = norm(x)` overwrites x. Norm only what `look` reads."),
        Mistake("the second road is missing", _second_road_missing,
                "The first part is right now. But the last line returns what `think` found, without x: the road ends there."),
        Mistake("post-LN", _post_ln,
                "This is post-LN, the paper of 2017: the norm stands after the plus, on the road. In pre-LN it stands in front of the part, in the branch."),
        Mistake("both parts read the same x", _side_by_side,
                "`think` reads what stood there before `look` added to it. The second part must read the new x. (Some models do put both side by side, but this is not GPT-2's layer.)"),
        Mistake("a norm at the end", _normed_at_the_end,
                "You norm the output of the layer as well. In pre-LN only one norm stands on the road: after the last layer, before the head."),
        Mistake("think reads without a norm", _second_not_normed,
                "`think` reads the stream as it is. In pre-LN each part has its own norm in front of it."),
    ),
    hints=(
        "Two lines, one for each part, of the same form: x becomes x + part(norm(x)).",
        "`x = norm(x)` puts the norm on the road. And `return think(norm(x))` forgets to add x.",
    ),
    setup="import torch",
    starter="""
def pre_ln_layer(x, look, think):
    norm = lambda rows: torch.nn.functional.layer_norm(rows, rows.shape[-1:])
    x = norm(x)
    x = x + look(x)
    return think(norm(x))
""",
    solution="""
def pre_ln_layer(x, look, think):
    norm = lambda rows: torch.nn.functional.layer_norm(rows, rows.shape[-1:])
    x = x + look(norm(x))
    return x + think(norm(x))
""",
)

# --- exercise 3: the factor that reaches the bottom --------------------------------------------------------------------


def _factor(slopes: list[float], road: bool) -> float:
    return math.prod(1 + slope if road else slope for slope in slopes)


MESSAGE_FACTOR = Exercise(
    id="w2d5-e3",
    title="the factor that reaches the bottom",
    task="Return the factor by which a message is multiplied on its way down through all parts.",
    name="message_factor",
    cases=[([0.5, 0.2, -0.4], False), ([0.5, 0.2, -0.4], True), ([0.0, 0.3], True), ([0.0, 0.3], False), ([], True)],
    reference=_factor,
    mistakes=(
        Mistake("the road is not used", lambda slopes, road: math.prod(slopes),
                "You multiply the slopes also where there is a road. The slope of x + f(x) is 1 + the slope of f."),
        Mistake("always a road", lambda slopes, road: math.prod(1 + slope for slope in slopes),
                "You add 1 also where there is no road. Without one, the slope of a part is its own slope."),
        Mistake("one road around everything", lambda slopes, road: math.prod(slopes) + (1 if road else 0),
                "You built one road around the whole stack. Each part has a road of its own: add 1 to every slope, then multiply."),
        Mistake("slopes added", lambda slopes, road: sum(1 + slope if road else slope for slope in slopes),
                "You add up what should be multiplied: parts that stand one behind the other multiply their slopes (the chain rule)."),
        Mistake("1 minus", lambda slopes, road: math.prod(1 - slope if road else slope for slope in slopes),
                "You subtract the slope from 1. x + f(x) has the slope 1 + f′(x)."),
        Mistake("the empty stack gives 0", lambda slopes, road: _factor(slopes, road) if slopes else 0.0,
                "A stack without parts changes nothing: its factor is 1, not 0. Start the product at 1."),
    ),
    hints=(
        "The chain rule: slopes of parts one behind the other are multiplied. Which slope does a part with a road have?",
        "Start with 1. For each slope, multiply by (1 + slope) if there is a road, else by slope.",
    ),
    starter="""
def message_factor(slopes, road):
    ...
""",
    solution="""
def message_factor(slopes, road):
    factor = 1.0
    for slope in slopes:
        factor *= 1 + slope if road else slope
    return factor
""",
)

EXERCISES = (LAYER_NORM, PRE_LN_LAYER, MESSAGE_FACTOR)
