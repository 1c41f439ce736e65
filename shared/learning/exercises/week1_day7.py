"""The exercises of week 1, day 7: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: from the static row to the contextual one -------------------------------------------------------------


def _row_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(71)
    # T = d in the first case, so that a slip in the axes gives wrong numbers and not only wrong shapes
    return [(torch.randn(t, d, generator=numbers), *(torch.randn(d, d, generator=numbers) / d**0.5 for _ in range(3))) for t, d in ((4, 4), (6, 9))]


def _row_with(scale=math.sqrt, take="v", shortcut=True, share=lambda scores: torch.softmax(scores, dim=-1), ask=-1):
    def row(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
        shares = share(x @ w_k @ (x[ask] @ w_q) / scale(x.shape[-1]))
        brought = shares @ {"v": x @ w_v, "k": x @ w_k, "x": x}[take]
        return x[-1] + brought if shortcut else brought

    return row


def _shares_alone(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    return torch.softmax(x @ w_k @ (x[-1] @ w_q) / math.sqrt(x.shape[-1]), dim=-1)


def _query_kept(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    return x[-1] @ w_q + _shares_alone(x, w_q, w_k, w_v) @ (x @ w_v)


CONTEXTUAL = Exercise(
    id="w1d7-e1",
    title="from the static row to the contextual one",
    task="Fill in the two missing lines: the shares of the last word, and its new row.",
    name="contextual_vector",
    cases=_row_cases(),
    reference=_row_with(),
    mistakes=(
        Mistake("no shortcut", _row_with(shortcut=False),
                "This is what attention brings, alone. The shortcut adds it to the old row: `x[-1] + …`. Without it the word would forget what it is."),
        Mistake("the query is kept", _query_kept,
                "You add to the query. What is kept is the word's *row*, `x[-1]`; the query only asks."),
        Mistake("no division", _row_with(scale=lambda d: 1.0),
                "The scores are not divided by √d. Wide rows then put the softmax to sleep (day 3)."),
        Mistake("division by d", _row_with(scale=float),
                "You divide by d. The spread of a dot product grows like √d: divide by `x.shape[-1] ** 0.5`."),
        Mistake("no softmax", _row_with(share=lambda scores: scores),
                "You mix with the raw scores. Put them through a softmax, so that they are shares of 1."),
        Mistake("keys are mixed", _row_with(take="k"),
                "You mix the keys. Keys are only there to be found by; what is taken home are the values."),
        Mistake("static rows are mixed", _row_with(take="x"),
                "You mix the static rows, as section 2 did. Here there is a W_v: mix `values`."),
        Mistake("the shares are returned", _shares_alone,
                "You return the shares, (T,). They say how to mix: `shares @ values`, and then the shortcut."),
        Mistake("the first word asks", _row_with(ask=0),
                "The first word asks. In this exercise it is the last one, `x[-1]`, whose context is wanted."),
    ),
    hints=(
        "First scores: the query with all keys, (T, d) @ (d,) = (T,), divided by √d; softmax makes shares of them. Then the values, mixed by the shares, are added to a row. Which row?",
        "`torch.softmax(keys @ query / x.shape[-1] ** 0.5, dim=-1)` are the shares; what is returned begins with `x[-1] +`.",
    ),
    starter="""
def contextual_vector(x, w_q, w_k, w_v):
    query = x[-1] @ w_q            # (d,)
    keys, values = x @ w_k, x @ w_v  # (T, d) each
    shares = ...  # (T,): how the last word shares its attention
    return ...    # (d,): its old row, and what attention brings
""",
    solution="""
def contextual_vector(x, w_q, w_k, w_v):
    query = x[-1] @ w_q
    keys, values = x @ w_k, x @ w_v
    shares = torch.softmax(keys @ query / x.shape[-1] ** 0.5, dim=-1)
    return x[-1] + shares @ values
""",
)

# --- exercise 2: a text alone and in a batch ---------------------------------------------------------------------------


def _batch_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(72)
    cases = []
    for padded in ((0, 0, 0), (0, 2, 1)):  # how many signs of padding each text begins with
        x = torch.randn(3, 5, 4, generator=numbers)
        cases.append((x, torch.tensor([[place >= empty for place in range(5)] for empty in padded])))
    return cases


def _batched(dim=-1, mask="before", scale=True):
    def rows(x: Tensor, real: Tensor) -> Tensor:
        scores = x[:, -1:] @ x.transpose(1, 2) / (x.shape[-1] ** 0.5 if scale else 1.0)
        closed = ~real[:, None]
        if mask == "before":
            scores = scores.masked_fill(closed, -math.inf)
        elif mask == "zero":
            scores = scores.masked_fill(closed, 0.0)
        elif mask == "turned":
            scores = scores.masked_fill(real[:, None], -math.inf)
        weights = torch.softmax(scores, dim=dim)
        if mask == "after":
            weights = weights.masked_fill(closed, 0.0)
        return (weights @ x)[:, 0]

    return rows


BATCH = Exercise(
    id="w1d7-e2",
    title="a text alone and in a batch",
    task="Repair two faults, so that the row of a text depends on nothing but its own words.",
    name="last_word_in_context",
    cases=_batch_cases(),
    reference=_batched(),
    mistakes=(
        Mistake("over the batch, no mask", _batched(dim=0, mask=""),
                "The softmax still runs along `dim=0`, from text to text: the shares of *different texts* add up to 1. It must run over the words of one text, the last axis."),
        Mistake("over the batch, with a mask", _batched(dim=0),
                "The mask is in place. But the softmax runs along `dim=0`, from text to text; it must run over the words of one text, `dim=-1`."),
        Mistake("over the queries", _batched(dim=1),
                "You run the softmax along `dim=1`. There is just one query there, so every share becomes 1. The words to be looked at stand in the last axis."),
        Mistake("padding gets a share", _batched(mask=""),
                "The first fault is gone. The second: padding still gets a share. Close it with `real`, before the softmax."),
        Mistake("mask after the softmax", _batched(mask="after"),
                "You close the padding after the softmax: its share is lost, and the rest no longer adds up to 1. Close the *scores*, with −∞."),
        Mistake("closed with 0", _batched(mask="zero"),
                "You close padding with a score of 0. That is an ordinary score, and e⁰ = 1 buys a share. Use `float(\"-inf\")`."),
        Mistake("words are closed instead", _batched(mask="turned"),
                "You closed the words and left the padding open: `real` is True for words. Fill where it is *not* True, `~real`."),
        Mistake("the division is gone", _batched(scale=False),
                "Both faults are mended, and the division by √d got lost on the way."),
    ),
    hints=(
        "Along which axis stand the words that one query chooses among? And which scores must not take part in the softmax at all? `real` is (B, T), the scores are (B, 1, T).",
        "Before the softmax: `scores = scores.masked_fill(~real[:, None], float(\"-inf\"))`. Then `torch.softmax(scores, dim=-1)`.",
    ),
    starter="""
def last_word_in_context(x, real):
    query = x[:, -1:]                                            # (B, 1, d)
    scores = query @ x.transpose(1, 2) / x.shape[-1] ** 0.5      # (B, 1, T)
    weights = torch.softmax(scores, dim=0)
    return (weights @ x)[:, 0]                                   # (B, d)
""",
    solution="""
def last_word_in_context(x, real):
    query = x[:, -1:]
    scores = query @ x.transpose(1, 2) / x.shape[-1] ** 0.5
    scores = scores.masked_fill(~real[:, None], float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return (weights @ x)[:, 0]
""",
)

# --- exercise 3: an ablation -------------------------------------------------------------------------------------------


def _ablation_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(73)
    made = [tuple(torch.randn(*shape, generator=numbers) for shape in ((d,), (t, d), (t, w))) for t, d, w in ((5, 4, 4), (4, 9, 3))]
    return [(*made[0], 2), (*made[0], 0), (*made[1], 3)]


def _ablated(how: str = "score", scale=math.sqrt):
    def output(q: Tensor, keys: Tensor, values: Tensor, j: int) -> Tensor:
        scores = keys @ q / scale(q.shape[-1])
        if how == "score":
            scores[j] = -math.inf
        if how == "zero":
            scores[j] = 0.0
        if how == "alone":
            scores[torch.arange(len(scores)) != j] = -math.inf
        weights = torch.softmax(scores, dim=-1)
        if how == "weight":
            weights[j] = 0.0
        return weights @ values

    return output


def _weights_of_ablation(q: Tensor, keys: Tensor, values: Tensor, j: int) -> Tensor:
    scores = keys @ q / math.sqrt(q.shape[-1])
    scores[j] = -math.inf
    return torch.softmax(scores, dim=-1)


WITHOUT = Exercise(
    id="w1d7-e3",
    title="an ablation",
    task="Write attention for one query, with word j closed.",
    name="without_word",
    cases=_ablation_cases(),
    reference=_ablated(),
    mistakes=(
        Mistake("nothing is closed", _ablated(""),
                "This is attention with all words open: `j` has no effect yet."),
        Mistake("its weight or value is set to 0", _ablated("weight"),
                "Word j brings nothing now, but nobody gets its share: the rest adds up to less than 1. That happens when its weight (or its value) is set to 0 after the softmax. Close the *score*, with −∞."),
        Mistake("its score or key is set to 0", _ablated("zero"),
                "The score of word j is 0 (or its key is). That is an ordinary score, and e⁰ = 1 buys a share. Use `float(\"-inf\")`."),
        Mistake("all others are closed", _ablated("alone"),
                "You closed all words except j. Now it alone is seen; the other way round is wanted."),
        Mistake("no division", _ablated(scale=lambda d: 1.0),
                "Word j is closed. But the scores are not divided by √d_k."),
        Mistake("the weights are returned", _weights_of_ablation,
                "You return the shares. Mix the values by them: `weights @ values`."),
    ),
    hints=(
        "Three lines as on day 3: scores, shares, mixture. The closing belongs between two of them. If the others are to share the whole 1, between which?",
        "After `scores = keys @ q / q.shape[-1] ** 0.5` write `scores[j] = float(\"-inf\")`, and only then the softmax.",
    ),
    starter="""
def without_word(q, keys, values, j):
    ...
""",
    solution="""
def without_word(q, keys, values, j):
    scores = keys @ q / q.shape[-1] ** 0.5
    scores[j] = float("-inf")
    weights = torch.softmax(scores, dim=-1)
    return weights @ values
""",
)

EXERCISES = (CONTEXTUAL, BATCH, WITHOUT)
