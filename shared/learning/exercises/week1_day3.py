"""The exercises of week 1, day 3: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

import torch
from torch import Tensor

from shared.attention import causal_mask, scaled_dot_product_attention, softmax
from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: one question to a soft dictionary ---------------------------------------------------------------------


def _lookup_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(31)
    # sizes that differ from each other, so that no mistake hides behind a square
    return [tuple(torch.randn(*shape, generator=numbers) for shape in ((d,), (n, d), (n, w))) for n, d, w in ((4, 3, 3), (5, 8, 8))]


def _shares(query: Tensor, keys: Tensor) -> Tensor:
    return torch.softmax(keys @ query / math.sqrt(query.shape[-1]), dim=-1)


def _lookup(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return _shares(query, keys) @ values


def _best_alone(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return values[int((keys @ query).argmax())]


def _powers_alone(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return (keys @ query / math.sqrt(query.shape[-1])).exp() @ values


def _scores_shared(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = keys @ query / math.sqrt(query.shape[-1])
    return scores / scores.sum() @ values


SOFT_LOOKUP = Exercise(
    id="w1d3-e1",
    title="one question to a soft dictionary",
    task="Fill in the two missing lines: the shares, and the mixture.",
    name="soft_lookup",
    cases=_lookup_cases(),
    reference=_lookup,
    mistakes=(
        Mistake("the scores are used as they are", lambda query, keys, values: keys @ query / math.sqrt(len(query)) @ values,
                "You mix with the raw scores; some are negative, and they do not add up to 1. Put them through a softmax first."),
        Mistake("scores divided by their sum", _scores_shared,
                "You divide the scores by their sum. They do add up to 1 then, but some are negative. Softmax takes e to the power of each first."),
        Mistake("powers without a sum", _powers_alone,
                "You take e to the power of the scores and stop there. Divide by the sum of the powers, so that the shares add up to 1."),
        Mistake("a hard dictionary", _best_alone,
                "You return the value of the best key: that is a hard dictionary. Here every value takes part, by its share."),
        Mistake("the weights come back", lambda query, keys, values: _shares(query, keys),
                "You return the weights. They say how to mix; multiply them with the values."),
        Mistake("keys are mixed", lambda query, keys, values: _shares(query, keys) @ keys,
                "You mix the keys. Keys are only there to be found by; what comes back is made of values."),
        Mistake("a plain average", lambda query, keys, values: values.mean(0),
                "This is the plain average of the values. The weights must come from the scores."),
        Mistake("weighted, but not added up", lambda query, keys, values: _shares(query, keys)[:, None] * values,
                "You weigh the values and forget to add them up. `weights @ values` does both."),
    ),
    hints=(
        "Softmax has two halves: e to the power of each score, and the division by their sum. The mixture is a sum of values, each times its weight.",
        "`torch.softmax(scores, dim=-1)` makes the shares; `weights @ values` multiplies and adds up at once: (n,) @ (n, d_v) = (d_v,).",
    ),
    starter="""
def soft_lookup(query, keys, values):
    d_k = query.shape[-1]
    scores = keys @ query / d_k**0.5  # (n,): one for each key
    weights = ...  # (n,): shares of 1
    return ...     # (d_v,): the mixture
""",
    solution="""
def soft_lookup(query, keys, values):
    d_k = query.shape[-1]
    scores = keys @ query / d_k**0.5
    weights = torch.softmax(scores, dim=-1)
    return weights @ values
""",
)

# --- exercise 2: the mask that comes too late --------------------------------------------------------------------------


def _score_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(32)
    return [(torch.randn(t, t, generator=numbers),) for t in (3, 5)]


def _causal(scores: Tensor) -> Tensor:
    return softmax(scores.masked_fill(~causal_mask(len(scores)), -math.inf))


def _closed_with(closed: Tensor, fill: float, dim: int = -1, scores: Tensor | None = None) -> Tensor:
    return torch.softmax(scores.masked_fill(closed, fill), dim=dim)


CAUSAL_WEIGHTS = Exercise(
    id="w1d3-e2",
    title="the mask that comes too late",
    task="Repair the function, so that no word sees the future and every row still adds up to 1.",
    name="causal_weights",
    cases=_score_cases(),
    reference=_causal,
    mistakes=(
        Mistake("after the softmax", lambda scores: torch.softmax(scores, dim=-1) * causal_mask(len(scores)),
                "The mask still comes after the softmax: the closed cells' shares are lost, and the rows no longer add up to 1. "
                "Close the *scores*, with −∞, and then take the softmax."),
        Mistake("closed with 0", lambda scores: _closed_with(~causal_mask(len(scores)), 0.0, scores=scores),
                "You close cells with a score of 0. That is an ordinary score, and e⁰ = 1 buys a share. Use `float(\"-inf\")`."),
        Mistake("the past is closed", lambda scores: _closed_with(torch.ones_like(scores).tril(-1).bool(), -math.inf, scores=scores),
                "You closed the past and left the future open. `may_look` is True on and below the diagonal; fill where it is *not* True."),
        Mistake("may_look itself is filled", lambda scores: _closed_with(causal_mask(len(scores)), -math.inf, scores=scores),
                "You filled the cells that are allowed. Close the others: `~may_look`. (The last row has no cell left, hence nan.)"),
        Mistake("the diagonal is closed, too", lambda scores: _closed_with(torch.ones_like(scores).triu().bool(), -math.inf, scores=scores),
                "The diagonal is closed, too: the first word has nobody left to look at, and its row is nan. A word may look at itself."),
        Mistake("down the columns", lambda scores: _closed_with(~causal_mask(len(scores)), -math.inf, dim=0, scores=scores),
                "The softmax runs down the columns, over the queries. Each *row* shares out 1 among the keys: `dim=-1`."),
        Mistake("no mask", lambda scores: torch.softmax(scores, dim=-1),
                "There is no mask any more: the first word sees the last."),
        Mistake("no softmax", lambda scores: scores.masked_fill(~causal_mask(len(scores)), -math.inf),
                "These are the closed scores. The softmax is still missing, after the mask."),
    ),
    hints=(
        "The softmax shares out 1 among whatever it is given. So it must not be given the closed cells: which score becomes the share 0?",
        "First `scores = scores.masked_fill(~may_look, float(\"-inf\"))`, and only then the softmax along the rows.",
    ),
    starter="""
def causal_weights(scores):
    T = scores.shape[0]
    may_look = torch.ones(T, T).tril().bool()
    weights = torch.softmax(scores, dim=-1)
    return weights.masked_fill(~may_look, 0.0)
""",
    solution="""
def causal_weights(scores):
    T = scores.shape[0]
    may_look = torch.ones(T, T).tril().bool()
    closed = scores.masked_fill(~may_look, float("-inf"))
    return torch.softmax(closed, dim=-1)
""",
)

# --- exercise 3: the whole formula -------------------------------------------------------------------------------------


def _attend_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(33)
    # in the first case T = S and d_k = d_v, so that swapped roles give wrong numbers and not only wrong shapes
    sizes = ((4, 4, 6, 6), (3, 5, 8, 2))
    return [tuple(torch.randn(*shape, generator=numbers) for shape in ((t, d), (s, d), (s, w))) for t, s, d, w in sizes]


def _attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return scaled_dot_product_attention(q, k, v)[0]


def _attend_with(scale=math.sqrt, dim=-1, take="v"):
    def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        weights = torch.softmax(q @ k.T / scale(q.shape[-1]), dim=dim)
        return weights @ {"v": v, "k": k}[take]

    return attend


ATTEND = Exercise(
    id="w1d3-e3",
    title="the whole formula",
    task="Write softmax(QKᵀ / √d_k) V for texts of any length.",
    name="attend",
    cases=_attend_cases(),
    reference=_attend,
    mistakes=(
        Mistake("no division", _attend_with(scale=lambda d_k: 1.0),
                "The scores are not divided. Divide them by √d_k before the softmax, or wide vectors put the softmax to sleep."),
        Mistake("division by d_k", _attend_with(scale=float),
                "You divide by d_k. The spread of a dot product grows like √d_k; dividing by d_k makes everything a blur."),
        Mistake("division by √2", _attend_with(scale=lambda d_k: math.sqrt(2)),
                "You divide by √2. That was right for arrows of two numbers; the check brings other widths: `q.shape[-1] ** 0.5`."),
        Mistake("division by 8", _attend_with(scale=lambda d_k: 8.0),
                "You divide by 8. That is √64; the check brings other widths: `q.shape[-1] ** 0.5`."),
        Mistake("division by √ of the number of keys", lambda q, k, v: torch.softmax(q @ k.T / math.sqrt(len(k)), dim=-1) @ v,
                "You divide by the square root of the number of keys. It is the *width* of a key that makes scores large: `k.shape[-1]`."),
        Mistake("down the columns", _attend_with(dim=0),
                "The softmax runs down the columns, over the queries. Each query shares out 1 among the keys: `dim=-1`."),
        Mistake("over the whole table", lambda q, k, v: torch.softmax((q @ k.T / math.sqrt(q.shape[-1])).flatten(), 0).view(len(q), len(k)) @ v,
                "One softmax runs over the whole table. Each query has a 1 of its own to share out: `dim=-1`."),
        Mistake("no softmax", lambda q, k, v: q @ k.T / math.sqrt(q.shape[-1]) @ v,
                "You mix with the raw scores. Put them through a softmax first, so that each row is made of shares."),
        Mistake("division after the softmax", lambda q, k, v: torch.softmax(q @ k.T, dim=-1) / math.sqrt(q.shape[-1]) @ v,
                "You divide after the softmax: the rows no longer add up to 1. Divide the scores, before the softmax."),
        Mistake("queries and keys have changed places", lambda q, k, v: torch.softmax(k @ q.T / math.sqrt(q.shape[-1]), dim=-1) @ v,
                "Queries and keys have changed places. Rows belong to the queries: `q @ k.T`."),
        Mistake("keys are mixed", _attend_with(take="k"),
                "You mix the keys. They only serve to score; the output is a mixture of values."),
        Mistake("weights are returned", lambda q, k, v: torch.softmax(q @ k.T / math.sqrt(q.shape[-1]), dim=-1),
                "You return the weights, (T, S). Multiply them with the values, to get (T, d_v)."),
        Mistake("a causal mask", lambda q, k, v: scaled_dot_product_attention(q, k, v, torch.ones(len(q), len(k), dtype=torch.bool).tril())[0],
                "You added a causal mask. Nobody asked for one here: every query may look at all keys."),
    ),
    hints=(
        "Three lines: the table of scores (T, S), the shares, the mixture. Which of the two must be transposed, so that (T, d_k) and (S, d_k) give (T, S)?",
        "`q @ k.T / q.shape[-1] ** 0.5` gives the scores; softmax along `dim=-1`; then `@ v`.",
    ),
    starter="""
def attend(q, k, v):
    ...
""",
    solution="""
def attend(q, k, v):
    scores = q @ k.T / q.shape[-1] ** 0.5
    weights = torch.softmax(scores, dim=-1)
    return weights @ v
""",
)

EXERCISES = (SOFT_LOOKUP, CAUSAL_WEIGHTS, ATTEND)
