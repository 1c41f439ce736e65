"""The exercises of week 2, day 1: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: the average of the past -------------------------------------------------------------------------------


def _row_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(211)
    # as many texts as words in none of them, so that no mistake hides behind a square
    return [(torch.randn(*shape, generator=numbers),) for shape in ((2, 4, 3), (3, 5, 5))]


def _open(x: Tensor) -> Tensor:
    return torch.ones(x.shape[1], x.shape[1]).tril().bool()


def _average(x: Tensor) -> Tensor:
    return torch.zeros(x.shape[1], x.shape[1]).masked_fill(~_open(x), -math.inf).softmax(-1) @ x


def _with(weights: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """x (B, T, d) → weights @ x, the weights made from x and from the table of open cells."""
    return lambda x: weights(x, _open(x)) @ x


def _zeros(x: Tensor) -> Tensor:
    return torch.zeros(x.shape[1], x.shape[1])


AVERAGE = Exercise(
    id="w2d1-e1",
    title="the average of the past",
    task="Fill in the two missing lines: close the future, and make each row a share of 1.",
    name="average_of_past",
    cases=_row_cases(),
    reference=_average,
    mistakes=(
        Mistake("the average of everything", lambda x: x.mean(1, keepdim=True).expand_as(x),
                "Every word gets the average of the *whole* text, the future included. Close the cells to the right of the diagonal, and with −∞: a score of 0 closes nothing."),
        Mistake("the future is averaged", _with(lambda x, may: _zeros(x).masked_fill(~may.T, -math.inf).softmax(-1)),
                "This averages the future, from the word itself to the end. `may_look` is True on and *below* the diagonal; close where it is not True."),
        Mistake("mask after the softmax", _with(lambda x, may: _zeros(x).softmax(-1) * may),
                "Each row is divided by T, as if nothing were closed: the mask comes after the softmax, and the closed cells' shares are lost. Put −∞ *before* the softmax."),
        Mistake("a sum", _with(lambda x, may: may.float()),
                "This is the *sum* of the past. A softmax along each row makes shares that add up to 1."),
        Mistake("down the columns", _with(lambda x, may: _zeros(x).masked_fill(~may, -math.inf).softmax(0)),
                "The softmax runs down the columns. It is the *row*, the word that looks back, that has 1 to share out: `dim=-1`."),
        Mistake("without the word itself", _with(lambda x, may: torch.nan_to_num(_zeros(x).masked_fill(~may.tril(-1), -math.inf).softmax(-1))),
                "The diagonal is closed, too: a word may look at itself, and the first word has nobody else."),
        Mistake("the mean over the batch", lambda x: x.mean(0, keepdim=True).expand_as(x),
                "You averaged over axis 0, the texts of the batch. Texts must not meet; average over the words, axis 1."),
        Mistake("the mean over the features", lambda x: x.mean(-1, keepdim=True).expand_as(x),
                "You averaged over the last axis, the numbers *inside* one word. Average over the words, axis 1."),
        Mistake("the weights come back", lambda x: _zeros(x).masked_fill(~_open(x), -math.inf).softmax(-1),
                "You return the weights. Multiply them with x to get the averages."),
    ),
    hints=(
        "All open cells have the same score, 0. Which score has a softmax share of exactly 0? And along which axis must the shares add up to 1?",
        "`scores = scores.masked_fill(~may_look, float(\"-inf\"))`, then `torch.softmax(scores, dim=-1)`.",
    ),
    starter="""
def average_of_past(x):               # x: (B, T, d)
    T = x.shape[1]
    may_look = torch.ones(T, T).tril().bool()
    scores = torch.zeros(T, T)
    scores = ...                      # close the future
    weights = ...                     # (T, T): shares of 1
    return weights @ x                # (T, T) @ (B, T, d) = (B, T, d)
""",
    solution="""
def average_of_past(x):
    T = x.shape[1]
    may_look = torch.ones(T, T).tril().bool()
    scores = torch.zeros(T, T)
    scores = scores.masked_fill(~may_look, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ x
""",
)

# --- exercise 2: a block with slips ------------------------------------------------------------------------------------


def _norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:])


def _look(x: Tensor) -> Tensor:
    """Stands for the heads: each word takes home the mean of the past, turned by one place."""
    return _average(x).roll(1, -1)


def _think(x: Tensor) -> Tensor:
    """Stands for the feed-forward network: each word on its own."""
    return torch.relu(x) * 2 - 0.5


def _block_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(212)
    return [(3 * torch.randn(*shape, generator=numbers) + 1, _look, _think) for shape in ((2, 4, 6), (1, 5, 8))]


def _block(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = x + look(_norm(x))
    return x + think(_norm(x))


def _post(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = _norm(x + look(x))
    return _norm(x + think(x))


def _side_by_side(x: Tensor, look: Callable, think: Callable) -> Tensor:
    return x + look(_norm(x)) + think(_norm(x))


def _normed_road(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = _norm(x)
    x = x + look(x)
    x = _norm(x)
    return x + think(x)


def _chain(first: bool, second: bool, norms: bool = True) -> Callable:
    """The block with or without its two shortcuts."""

    def block(x: Tensor, look: Callable, think: Callable) -> Tensor:
        norm = _norm if norms else lambda rows: rows
        y = look(norm(x))
        x = x + y if first else y
        y = think(norm(x))
        return x + y if second else y

    return block


def _one_shortcut(x: Tensor, look: Callable, think: Callable) -> Tensor:
    return x + think(_norm(look(_norm(x))))


def _other_order(x: Tensor, look: Callable, think: Callable) -> Tensor:
    x = x + think(_norm(x))
    return x + look(_norm(x))


BLOCK = Exercise(
    id="w2d1-e2",
    title="a block that forgets",
    task="Repair the block, so that the word's own row is never lost.",
    name="block",
    cases=_block_cases(),
    reference=_block,
    mistakes=(
        Mistake("no shortcut at all", _chain(False, False),
                "Both shortcuts are still missing: what comes out is only what the last part returned. Add each part's result to its x."),
        Mistake("the first shortcut is missing", _chain(False, True),
                "Around `look` there is no shortcut: after it, a word's own row is gone, and `think` gets a mixture only. `x = x + look(…)`."),
        Mistake("the second shortcut is missing", _chain(True, False),
                "Around `think` there is no shortcut: all that `look` brought home is replaced, not added to. `return x + think(…)`."),
        Mistake("the norms are gone", _chain(True, True, norms=False),
                "The shortcuts are right; the norms in front of the parts are gone. Pre-LN: each part reads `norm(x)`, and its result is added to x."),
        Mistake("one norm is gone, the first", lambda x, look, think: (y := x + look(x)) + think(_norm(y)),
                "`look` reads the row as it is. Each part has a norm in front of it: `look(norm(x))`."),
        Mistake("one norm is gone, the second", lambda x, look, think: (y := x + look(_norm(x))) + think(y),
                "`think` reads the row as it is. Each part has a norm in front of it: `think(norm(x))`."),
        Mistake("one shortcut around both", _one_shortcut,
                "One shortcut runs around both parts. Each part has its own: `think` should read a row that still holds the word itself."),
        Mistake("post-LN", _post,
                "This is post-LN, the order of the paper of 2017: norm(x + part(x)). Here, as in GPT-2, the norm stands in front of the part, and nothing on the shortcut."),
        Mistake("the norm stands on the road", _normed_road,
                "You write norm(x) into x itself, so the shortcut carries normed rows. Norm what the *part* reads, and add its result to the x of before."),
        Mistake("both parts read the same x", _side_by_side,
                "`think` reads the x from before `look`. Take the parts one after the other: first update x, then go on with the new one."),
        Mistake("think comes first", _other_order,
                "The order is turned: first a word looks around, then it thinks about what it found."),
        Mistake("the norm after the part", lambda x, look, think: (y := x + _norm(look(x))) + _norm(think(y)),
                "The norm stands behind the part, on its result. Put it in front: `look(norm(x))`."),
    ),
    hints=(
        "A part's result should be *added* to what was there. How many pluses does the tower in section 4 have, and how many do you see here?",
        "`x = x + look(norm(x))`, and the same once more with `think`.",
    ),
    starter="""
def norm(x):
    return F.layer_norm(x, x.shape[-1:])

def block(x, look, think):            # x: (B, T, d); look and think return the same shape
    x = look(norm(x))
    x = think(norm(x))
    return x
""",
    solution="""
def norm(x):
    return F.layer_norm(x, x.shape[-1:])

def block(x, look, think):
    x = x + look(norm(x))
    x = x + think(norm(x))
    return x
""",
    setup="import torch\nfrom torch.nn import functional as F",
)

# --- exercise 3: one masked head for a batch ---------------------------------------------------------------------------


def _head_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(213)
    # B and T differ, and so do d and d_k, except in the last case, where a wrong transpose keeps its shape
    sizes = ((2, 5, 6, 4), (3, 4, 9, 9), (4, 4, 4, 4))
    return [tuple(torch.randn(*s, generator=numbers) for s in ((b, t, d), (d, k), (d, k), (d, k))) for b, t, d, k in sizes]


def _head_with(scale: Callable[[int, int], float] = lambda k, d: math.sqrt(k), dim: int = -1, close: str = "before", take: str = "v") -> Callable:
    def head(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
        q, k, v = x @ w_q, x @ w_k, x @ w_v
        scores = q @ k.transpose(1, 2) / scale(k.shape[-1], x.shape[-1])
        may = _open(x)
        closed = {"before": ~may, "past": ~may.T, "zero": ~may, "self": ~may.tril(-1)}.get(close)
        if closed is not None:
            scores = scores.masked_fill(closed, 0.0 if close == "zero" else -math.inf)
        weights = scores.softmax(dim)
        if close == "after":
            weights = weights * may
        return torch.nan_to_num(weights) @ {"v": v, "x": x, "k": k}[take] if take != "weights" else weights

    return head


HEAD = Exercise(
    id="w2d1-e3",
    title="one masked head",
    task="Write one causal head for a batch of texts.",
    name="masked_head",
    cases=_head_cases(),
    reference=_head_with(),
    mistakes=(
        Mistake("no mask", _head_with(close="none"), "There is no mask: the first word takes home something from the last. Close the future before the softmax."),
        Mistake("the past is closed", _head_with(close="past"), "You closed the past: each word looks at itself and what comes *after* it. Keep the cells on and below the diagonal."),
        Mistake("mask after the softmax", _head_with(close="after"), "The mask comes after the softmax: the closed cells' shares are lost, and rows add up to less than 1. Fill the *scores* with −∞."),
        Mistake("closed with 0", _head_with(close="zero"), "You close cells with a score of 0. That is an ordinary score, and e⁰ = 1 buys a share. Use `float(\"-inf\")`."),
        Mistake("the diagonal is closed", _head_with(close="self"), "The diagonal is closed, too. A word may look at itself; the first one has nobody else."),
        Mistake("down the columns", _head_with(dim=1), "The softmax runs over the queries (axis 1). Each query shares out 1 among the keys, the last axis: `dim=-1`."),
        Mistake("over the batch", _head_with(dim=0), "The softmax runs over the batch (axis 0): texts share out 1 among each other. It belongs on the last axis, the keys."),
        Mistake("no division", _head_with(scale=lambda k, d: 1.0), "The scores are not divided. Divide them by √d_k, the width of a key, before the softmax."),
        Mistake("division by d_k", _head_with(scale=lambda k, d: float(k)), "You divide by d_k. The spread of a dot product grows like √d_k: divide by the root."),
        Mistake("division by √d_model", _head_with(scale=lambda k, d: math.sqrt(d)), "You divide by √d_model, the width of x. What counts is the width of a *key*: `k.shape[-1]`."),
        Mistake("x is mixed", _head_with(take="x"), "You mix the rows x themselves. A head takes home *values*, x @ w_v."),
        Mistake("keys are mixed", _head_with(take="k"), "You mix the keys. Keys only score; values are mixed."),
        Mistake("the weights come back", _head_with(take="weights"), "You return the weights. Multiply them with the values."),
        Mistake("the residual inside", lambda x, w_q, w_k, w_v: x + _head_with()(x, w_q, w_k, w_v),
                "You added x inside the head. The shortcut belongs to the block, around all heads together; and a head is narrower than x in general."),
        Mistake("all axes turned", lambda x, w_q, w_k, w_v: _head_with(scale=lambda k, d: math.sqrt(k))(x, w_k, w_q, w_v),
                "Queries and keys have changed places. Rows belong to the queries: `q @ k.transpose(1, 2)`."),
    ),
    hints=(
        "Five lines: q, k, v; scores; mask; softmax; mixture. `.T` turns all axes of a batch around; which two axes of k should change places?",
        "`scores = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5`, a (B, T, T) table for each text; a (T, T) mask fits all of them.",
    ),
    starter="""
def masked_head(x, w_q, w_k, w_v):    # x: (B, T, d); each w: (d, d_k)
    ...
""",
    solution="""
def masked_head(x, w_q, w_k, w_v):
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    scores = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5
    may_look = torch.ones(x.shape[1], x.shape[1]).tril().bool()
    scores = scores.masked_fill(~may_look, float("-inf"))
    return torch.softmax(scores, dim=-1) @ v
""",
)

EXERCISES = (AVERAGE, BLOCK, HEAD)
