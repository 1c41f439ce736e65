"""The exercises of week 4, day 3: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake
from shared.rollout import layer_mix, rollout


def _maps(seed: int, *shape: int) -> Tensor:
    """Attention weights that nobody looked at before: every row sums to 1."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).mul(1.5).softmax(-1)


def _eye(weights: Tensor) -> Tensor:
    return torch.eye(weights.shape[-1], dtype=weights.dtype)


# --- exercise 1: a layer as one mixture -----------------------------------------------------------------------------------

MIXTURE = Exercise(
    id="w4d3-e1",
    title="a layer as one mixture",
    task="Fill in the two missing parts: the mean over the heads, and the residual stream's half.",
    name="mixture",
    setup="import torch",
    cases=[(_maps(431, 3, 5, 5),), (_maps(432, 2, 4, 4),)],
    reference=layer_mix,
    mistakes=(
        Mistake("without the stream", lambda w: 0.5 * w.mean(0),
                "Rows sum to one half here: the residual stream is missing. Add one half of the identity, so that each position keeps half of itself."),
        Mistake("the mean alone", lambda w: w.mean(0),
                "This is the mean of the heads. Half of it must give way to the residual stream: 0.5 · mean + 0.5 · identity."),
        Mistake("a whole identity", lambda w: 0.5 * w.mean(0) + _eye(w),
                "Rows sum to 1.5: you added a whole identity. Half goes through the heads, so only half goes straight up."),
        Mistake("one half everywhere", lambda w: 0.5 * w.mean(0) + 0.5,
                "You added 0.5 to every cell: that would be a stream that carries every token to every place. Straight up means the diagonal only: `torch.eye(T)`."),
        Mistake("ones for the identity", lambda w: 0.5 * w.mean(0) + 0.5 / w.shape[-1],
                "You spread the stream's half over all tokens. It goes straight up: only the diagonal."),
        Mistake("a sum of heads", lambda w: 0.5 * w.sum(0) + 0.5 * _eye(w),
                "You added the heads up. Then rows sum to more than 1; take their mean over dimension 0."),
        Mistake("the mean of the columns' rows", lambda w: 0.5 * w.mean(0).T + 0.5 * _eye(w),
                "The heads' part is transposed: rows must stay the positions that ask."),
        Mistake("one head", lambda w: 0.5 * w[0] + 0.5 * _eye(w),
                "Only head 0 is in it. All heads count alike: `weights.mean(0)`."),
    ),
    hints=(
        "Heads lie along dimension 0. The stream carries each position straight up to itself: which matrix has ones on the diagonal and zeros elsewhere?",
        "`mean = weights.mean(0)`, and `0.5 * torch.eye(weights.shape[-1])`.",
    ),
    starter="""
def mixture(weights):
    mean = ...  # (T, T)
    return 0.5 * mean + ...
""",
    solution="""
def mixture(weights):
    mean = weights.mean(0)  # (T, T)
    return 0.5 * mean + 0.5 * torch.eye(weights.shape[-1])
""",
)

# --- exercise 2: the wrong way up -----------------------------------------------------------------------------------------


def _product(maps: Tensor, residual: float = 0.5, upward: bool = True) -> Tensor:
    result = _eye(maps)
    for layer in maps if upward else maps.flip(0):
        result = ((1 - residual) * layer.mean(0) + residual * _eye(maps)) @ result
    return result


ROLL = Exercise(
    id="w4d3-e2",
    title="a rollout the right way up",
    task="Repair the product, so that news travels from the bottom layer to the top.",
    name="roll",
    setup="import torch",
    cases=[(_maps(433, 3, 2, 5, 5),), (_maps(434, 4, 3, 4, 4),)],
    reference=lambda maps: rollout(maps)[-1],
    mistakes=(
        Mistake("the latest layer on the right", lambda maps: _product(maps, upward=False),
                "The latest layer stands on the right. Row t of the result must start with the *top* layer's row t, so each new layer goes to the left: `mix @ result`."),
        Mistake("turned around", lambda maps: _product(maps).T,
                "You turned the result around: now columns are the positions that ask. The order of the factors is the fault, not rows and columns."),
        Mistake("turned around, wrong order", lambda maps: _product(maps, upward=False).T,
                "The order is still wrong, and the result is transposed on top of it. Only one change is needed: `mix @ result`."),
        Mistake("without the stream", lambda maps: _product(maps, residual=0),
                "The order is right, but the residual stream is gone. Keep 0.5 · mean + 0.5 · identity."),
        Mistake("the last layer only", lambda maps: layer_mix(maps[-1]),
                "This is the last layer alone. Multiply it with everything that lies below: `result = mix @ result`."),
        Mistake("one layer short", lambda maps: _product(maps[:-1]),
                "The last layer is missing."),
        Mistake("a mean of layers", lambda maps: torch.stack([layer_mix(layer) for layer in maps]).mean(0),
                "You averaged the layers. A way goes through all of them, one after the other: multiply."),
    ),
    hints=(
        "Write out two layers: a row of the top layer's matrix times the bottom layer's matrix. Which one stands on the left?",
        "The loop goes from the bottom up. So each new layer must be put on the left of what is there: `result = mix @ result`.",
    ),
    starter="""
def roll(maps):
    T = maps.shape[-1]
    result = torch.eye(T, dtype=maps.dtype)
    for layer in maps:
        result = result @ (0.5 * layer.mean(0) + 0.5 * torch.eye(T, dtype=maps.dtype))
    return result
""",
    solution="""
def roll(maps):
    T = maps.shape[-1]
    result = torch.eye(T, dtype=maps.dtype)
    for layer in maps:
        result = (0.5 * layer.mean(0) + 0.5 * torch.eye(T, dtype=maps.dtype)) @ result
    return result
""",
)

# --- exercise 3: one row is enough ----------------------------------------------------------------------------------------


def _row(maps: Tensor, t: int) -> Tensor:
    return rollout(maps)[-1][t]


ONE_ROW = Exercise(
    id="w4d3-e3",
    title="one row of the rollout",
    task="Return row `t` of the rollout, (T,), carrying one row of shares through the layers.",
    name="one_row",
    setup="import torch",
    cases=[(_maps(435, 3, 2, 5, 5), 3), (_maps(436, 4, 3, 6, 6), 0)],
    reference=_row,
    mistakes=(
        Mistake("from the bottom", lambda maps, t: _product(maps, upward=False)[t],
                "You start at the bottom layer. A row of shares starts at the *top*, at position t, and goes down: take the layers in reverse, `reversed(maps)` or `maps.flip(0)`."),
        Mistake("the column", lambda maps, t: _product(maps)[:, t],
                "This is column t: where token t *went*. Row t asks where position t's content came *from*: the row stands on the left, `row @ mix`."),
        Mistake("the column, from the bottom", lambda maps, t: _product(maps, upward=False)[:, t],
                "This is a column of the product in the wrong order. Put the row on the left, `row @ mix`, and take the layers from the top down."),
        Mistake("without the stream", lambda maps, t: _product(maps, residual=0)[t],
                "The residual stream is missing: half of the row goes straight down, 0.5 · row + 0.5 · (row @ mean)."),
        Mistake("the last layer only", lambda maps, t: layer_mix(maps[-1])[t],
                "This is one layer's step. Carry the row on through all layers below."),
        Mistake("one head", lambda maps, t: _product(maps[:, :1])[t],
                "Only head 0 is followed. Take the mean over the heads of each layer."),
        Mistake("not divided", lambda maps, t: _product(maps)[t] * 2 ** len(maps),
                "The row sums to 2 for each layer: you add the stream's part and the heads' part without taking half of each."),
        Mistake("the raw map", lambda maps, t: maps[-1].mean(0)[t],
                "This is the last layer's own map. It speaks of positions of the layer below, not of words."),
    ),
    hints=(
        "At the top all is at position t: a row with a single 1. One step down: half stays, half goes where the mean of the heads looks.",
        "`row = torch.zeros(T, dtype=maps.dtype); row[t] = 1`, then for each layer from the top: `row = 0.5 * row + 0.5 * row @ layer.mean(0)`.",
    ),
    starter="""
def one_row(maps, t):
    ...
""",
    solution="""
def one_row(maps, t):
    row = torch.zeros(maps.shape[-1], dtype=maps.dtype)
    row[t] = 1
    for layer in maps.flip(0):
        row = 0.5 * row + 0.5 * row @ layer.mean(0)
    return row
""",
)

EXERCISES = (MIXTURE, ROLL, ONE_ROW)
