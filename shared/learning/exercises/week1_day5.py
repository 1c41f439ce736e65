"""The exercises of week 1, day 5: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

import torch
from torch import Tensor

from shared.attention import causal_mask
from shared.learning.exercises import Exercise, Mistake

# --- day 5, exercise 1: five lines of attention, shuffled -----------------------------------------------------------------


def _attend_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(15)
    draw = lambda *shape: torch.randn(*shape, generator=numbers)  # noqa: E731
    closed = torch.tensor([[True, True, False], [False, True, True], [True, False, True]])
    return [(draw(4, 8), draw(4, 8), draw(4, 8), causal_mask(4)), (draw(3, 16), draw(3, 16), draw(3, 16), closed)]


def _attend_with(divide="first", close="first", dim=-1, take="v", fill=-math.inf):
    """Attention with one thing out of order. divide, close: "first" (before the softmax), "after" it, or "never"."""

    def attend(q: Tensor, k: Tensor, v: Tensor, may_look: Tensor) -> Tensor:
        scores = q @ k.T
        if divide == "first":
            scores = scores / math.sqrt(q.shape[-1])
        if close == "first":
            scores = scores.masked_fill(~may_look, fill)
        weights = torch.softmax(scores, dim=dim)
        if close == "after":
            weights = weights.masked_fill(~may_look, 0.0)
        if divide == "after":
            weights = weights / math.sqrt(q.shape[-1])
        return weights @ {"v": v, "k": k}[take]

    return attend


SHUFFLED = Exercise(
    id="w1d5-e1",
    title="five lines out of order",
    task="Bring the five lines of attention with a mask into order.",
    name="attend",
    cases=_attend_cases(),
    reference=_attend_with(),
    mistakes=(
        Mistake("mask after the weights were made", _attend_with(close="never"),
                "The mask has no effect. You close scores when the weights have already been made from them: close first, softmax then."),
        Mistake("division after the weights were made", _attend_with(divide="never"),
                "The division has no effect. It belongs to the scores, before the softmax: afterwards nobody reads them any more."),
        Mistake("softmax before division and mask", _attend_with(divide="never", close="never"),
                "The softmax comes too early: it sees raw scores, and division and mask no longer reach the weights."),
        Mistake("weights set to zero", _attend_with(close="after"),
                "You set *weights* to 0 after the softmax: the rows no longer add up to 1. Close the *scores* with −∞, before it."),
        Mistake("weights divided", _attend_with(divide="after"),
                "You divide the weights: the rows no longer add up to 1. Divide the scores, before the softmax."),
        Mistake("closed with zero", _attend_with(fill=0.0),
                "You close cells with 0. A score of 0 is an ordinary score and buys a share: close with −∞."),
        Mistake("softmax down the columns", _attend_with(dim=0),
                "The softmax runs down the columns. Each query shares out 1 along its row: dim=-1."),
        Mistake("keys are mixed", _attend_with(take="k"),
                "You mix the keys. They have done their work in the scores; what is mixed is v."),
    ),
    hints=(
        "Which line makes `scores`, and which line is the last that reads them? Everything that works on scores stands between these two.",
        "Dot products, division, mask, softmax, mixture. (Division and mask may change places: −∞ divided by anything positive is −∞.)",
    ),
    starter="""
def attend(q, k, v, may_look):
    # weights = torch.softmax(scores, dim=-1)
    # scores = scores.masked_fill(~may_look, -math.inf)
    # return weights @ v
    # scores = scores / q.shape[-1]**0.5
    # scores = q @ k.T
    ...
""",
    solution="""
def attend(q, k, v, may_look):
    scores = q @ k.T
    scores = scores / q.shape[-1]**0.5
    scores = scores.masked_fill(~may_look, -math.inf)
    weights = torch.softmax(scores, dim=-1)
    return weights @ v
""",
    setup="import math\nimport torch",
)

# --- day 5, exercise 2: a film whose table is turned ----------------------------------------------------------------------


def _film_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(25)
    return [(torch.randn(4, 3, generator=numbers),), (torch.randn(5, 5, generator=numbers),)]


INTERPRETER = Exercise(
    id="w1d5-e2",
    title="the interpreter between two layouts",
    task="Turn scores whose rows are keys into weights whose rows are queries.",
    name="our_weights",
    cases=_film_cases(),
    reference=lambda film_scores: torch.softmax(film_scores, dim=0).T,
    mistakes=(
        Mistake("unchanged", lambda film_scores: torch.softmax(film_scores, dim=-1).T,
                "Look at the row sums: they are not 1. In the film a row holds all queries of one key, and the softmax must not run over queries."),
        Mistake("not turned", lambda film_scores: torch.softmax(film_scores, dim=0),
                "The right softmax, in the film's layout: its columns add up to 1. Now turn the table, so that rows are queries."),
        Mistake("only the softmax along rows", lambda film_scores: torch.softmax(film_scores, dim=-1),
                "The softmax runs over the queries, and the table is not turned. In the film a query is a *column*."),
        Mistake("reshaped instead of turned", lambda film_scores: torch.softmax(film_scores, dim=0).reshape(film_scores.T.shape),
                "`reshape` only cuts the same row of numbers anew. To make rows out of columns, transpose: `.T`."),
        Mistake("rows divided by their sum", lambda film_scores: (lambda w: w / w.sum(dim=1, keepdim=True))(torch.softmax(film_scores, dim=-1).T),
                "Now the rows add up to 1, but by force: these are not the shares that a softmax over the keys gives. Choose the axis of the softmax instead."),
        Mistake("no softmax", lambda film_scores: film_scores.T,
                "The table is turned, but these are still scores. Weights are made by a softmax."),
    ),
    hints=(
        "A query shares out 1 among the keys. In the film's table, along which axis do you go from key to key?",
        "Either turn the scores first, and let the softmax run along rows, or let it run down the columns (dim=0), and turn the result.",
    ),
    starter="""
def our_weights(film_scores):
    weights = torch.softmax(film_scores, dim=-1)
    return weights.T
""",
    solution="""
def our_weights(film_scores):
    return torch.softmax(film_scores.T, dim=-1)
""",
)

# --- day 5, exercise 3: the detective -------------------------------------------------------------------------------------


def _tables() -> list[tuple]:
    numbers = torch.Generator().manual_seed(35)
    scores = torch.randn(7, 7, generator=numbers)
    good = torch.softmax(scores, dim=-1)
    assert not torch.equal(good.sum(dim=1), torch.ones(7))  # rounding: an exact comparison must fail here
    late = good.masked_fill(~causal_mask(7), 0.0)
    signed = torch.tensor([[2.0, -1.0], [-0.5, 1.5]])  # its rows add up to 1 all the same
    return [(table,) for table in (good, torch.softmax(scores, dim=0), late, torch.full((4, 4), 0.25), signed, scores)]


def _diagnose_with(same=torch.allclose, first="rows", signs=True, whole=False):
    """The detective with one flaw: how sums are compared, what is asked first, whether signs are looked at."""

    def diagnose(table: Tensor) -> str:
        ones = torch.ones(len(table))
        rows, columns = same(table.sum(dim=1), ones), same(table.sum(dim=0), ones)
        if whole:
            rows = same(table.sum(), torch.tensor(float(len(table))))
        if signs and (table < 0).any():
            return "no softmax"
        if first == "columns":
            return "wrong axis" if columns else "fine" if rows else "late mask"
        return "fine" if rows else "wrong axis" if columns else "late mask"

    return diagnose


DETECTIVE = Exercise(
    id="w1d5-e3",
    title="the detective",
    task="Say from a table of weights what went wrong when it was made.",
    name="diagnose",
    cases=_tables(),
    reference=_diagnose_with(),
    mistakes=(
        Mistake("columns first", _diagnose_with(first="columns"),
                "You ask about columns first. In an even table rows *and* columns add up to 1, and it is fine: ask about rows first."),
        Mistake("exact comparison", _diagnose_with(same=torch.equal),
                "You compare sums exactly. A sum of decimals may come out as 0.99999994: use torch.allclose."),
        Mistake("signs forgotten", _diagnose_with(signs=False),
                "Rows can add up to 1 and still hold negative numbers. A softmax never makes those: look at the signs first."),
        Mistake("the whole table", _diagnose_with(whole=True),
                "You add up the whole table. If the columns add up to 1, the whole does, too: T in both cases. Look at each row."),
        Mistake("rows and columns confused", lambda table: _diagnose_with()(table.T),
                "Rows and columns have changed places: `sum(dim=1)` adds along each row, `sum(dim=0)` down each column."),
    ),
    hints=(
        "`(table < 0).any()` finds negative numbers. `table.sum(dim=1)` gives one sum for each row, `dim=0` one for each column.",
        "Four answers, three questions, each with its own `return`: signs, rows, columns, and the rest. `torch.ones(len(table))` is what the sums are compared with.",
    ),
    starter="""
def diagnose(table):
    ...
""",
    solution="""
def diagnose(table):
    ones = torch.ones(len(table))
    if (table < 0).any():
        return "no softmax"
    if torch.allclose(table.sum(dim=1), ones):
        return "fine"
    if torch.allclose(table.sum(dim=0), ones):
        return "wrong axis"
    return "late mask"
""",
)

EXERCISES = (SHUFFLED, INTERPRETER, DETECTIVE)
