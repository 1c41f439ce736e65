"""The exercises of week 2, day 2: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

import torch
from torch import Tensor

from shared.attention import positional_encoding, scaled_dot_product_attention
from shared.learning.exercises import Exercise, Mistake
from shared.modern import rotary_turns, rotate

# --- exercise 1: the row of one place ----------------------------------------------------------------------------------


def _row(position: int, d_model: int) -> Tensor:
    return positional_encoding(position + 1, d_model)[position]


def _row_with(angle, first=math.sin, second=math.cos):
    """The row, with another angle (a function of position, pair and d_model) or other waves."""

    def row(position: int, d_model: int) -> Tensor:
        turned = [angle(position, i, d_model) for i in range(d_model // 2)]
        return torch.tensor([wave(a) for a in turned for wave in (first, second)])

    return row


def _angle(position: int, i: int, d_model: int) -> float:
    return position / 10000 ** (2 * i / d_model)


def _row_in_halves(position: int, d_model: int) -> Tensor:
    row = _row(position, d_model)
    return torch.cat([row[0::2], row[1::2]])


PLACE_ROW = Exercise(
    id="w2d2-e1",
    title="the row of one place",
    task="Fill in the three missing expressions: the angle of pair i, its sine, its cosine.",
    name="place_row",
    cases=[(1, 4), (3, 8), (50, 16)],
    reference=_row,
    mistakes=(
        Mistake("exponent i / d_model", _row_with(lambda p, i, d: p / 10000 ** (i / d)),
                "Your exponent is i / d_model: off by a factor of 2. There are only d_model / 2 pairs, so i alone would stop at half of the "
                "range; the exponent is 2i / d_model."),
        Mistake("exponent 4i / d_model", _row_with(lambda p, i, d: p / 10000 ** (4 * i / d)),
                "Your exponent is 4i / d_model: off by a factor of 2. You probably took a column number, which is 2i already, and doubled it."),
        Mistake("exponent of the column", lambda position, d_model: torch.tensor(
                    [(math.cos if c % 2 else math.sin)(position / 10000 ** (c / d_model)) for c in range(d_model)]),
                "Sine and cosine of a pair turn at different speeds here: you took each column's own number as exponent. "
                "Both belong to one hand, so both use the same 2i."),
        Mistake("position and pair swapped", _row_with(lambda p, i, d: i / 10000 ** (2 * p / d)),
                "Position and pair have changed places. The *position* is what is divided; the pair only sets the speed, in the exponent."),
        Mistake("degrees", _row_with(lambda p, i, d: math.radians(_angle(p, i, d))),
                "The angle is taken as degrees. `math.sin` wants radians, and p / 10000^(2i/d) is in radians already: convert nothing."),
        Mistake("turned into degrees", _row_with(lambda p, i, d: math.degrees(_angle(p, i, d))),
                "You turn the angle into degrees. `math.sin` wants radians, and the formula gives radians: convert nothing."),
        Mistake("multiplied", _row_with(lambda p, i, d: p * 10000 ** (2 * i / d)),
                "You multiply by the power, so later hands run faster and faster. Divide: the first hand is the fastest."),
        Mistake("cosine first", _row_with(_angle, math.cos, math.sin),
                "Sine and cosine have changed places. Column 2i holds the sine, column 2i + 1 the cosine."),
        Mistake("sine twice", _row_with(_angle, math.sin, math.sin),
                "Both columns hold the sine. A hand needs both coordinates: the second one is the cosine."),
        Mistake("one place too far", _row_with(lambda p, i, d: _angle(p + 1, i, d)),
                "You count places from 1. The first place is 0: all hands stand at 12."),
        Mistake("one speed for all", _row_with(lambda p, i, d: float(p)),
                "All hands turn at the same speed. Divide the position by 10000 to the power of 2i / d_model."),
        Mistake("a factor of 2π", _row_with(lambda p, i, d: 2 * math.pi * _angle(p, i, d)),
                "You multiply by 2π. Then the first hand makes a full round at every place and always stands at 12. The formula has no 2π."),
        Mistake("sines first, then cosines", _row_in_halves,
                "All sines come first here, then all cosines. The paper interleaves: sine and cosine of a pair stand side by side."),
    ),
    hints=(
        "Each pair is one clock. Its hand has turned by the position, divided by a number that grows with i: 10000 to the power of 2i / d_model.",
        "`angle = position / 10000 ** (2 * i / d_model)`, then `math.sin(angle)` and `math.cos(angle)`.",
    ),
    setup="import math\nimport torch",
    starter="""
def place_row(position, d_model):
    row = torch.zeros(d_model)
    for i in range(d_model // 2):
        angle = ...            # how far hand i has turned, in radians
        row[2 * i] = ...       # across
        row[2 * i + 1] = ...   # up
    return row
""",
    solution="""
def place_row(position, d_model):
    row = torch.zeros(d_model)
    for i in range(d_model // 2):
        angle = position / 10000 ** (2 * i / d_model)
        row[2 * i] = math.sin(angle)
        row[2 * i + 1] = math.cos(angle)
    return row
""",
)

# --- exercise 2: a table in the wrong order ----------------------------------------------------------------------------


def _angles(length: int, d_model: int) -> Tensor:
    return torch.arange(length)[:, None] / 10000 ** (torch.arange(0, d_model, 2) / d_model)


def _mixed_up(length: int, d_model: int) -> Tensor:
    angle = _angles(length, d_model)
    return torch.stack([angle.sin(), angle.cos()]).reshape(length, d_model)


PLACE_TABLE = Exercise(
    id="w2d2-e2",
    title="a table in the wrong order",
    task="Repair the last line, so that sine and cosine of each pair stand side by side.",
    name="place_table",
    cases=[(5, 6), (12, 8)],
    reference=positional_encoding,
    mistakes=(
        Mistake("sines first, then cosines", lambda length, d_model: torch.cat([_angles(length, d_model).sin(), _angles(length, d_model).cos()], dim=1),
                "All sines still come first, then all cosines. The numbers are right, their places are not: put the two of a pair next to each "
                "other. `torch.stack` with a *new last axis* does that, followed by a flatten."),
        Mistake("cosine first", lambda length, d_model: torch.stack([_angles(length, d_model).cos(), _angles(length, d_model).sin()], dim=-1).flatten(1),
                "The pairs stand side by side now, but with the cosine first. Even columns hold the sine."),
        Mistake("places mixed up", _mixed_up,
                "The shape is right, and the numbers of different places are mixed up. Stack along the *last* axis, so that the two numbers "
                "of one pair and one place become neighbors, before you flatten."),
        Mistake("stacked in the middle", lambda length, d_model: torch.stack([_angles(length, d_model).sin(), _angles(length, d_model).cos()], dim=1),
                "You stacked in the middle, and the result has three axes. Stack with `dim=-1`, then flatten the last two axes."),
        Mistake("not flattened", lambda length, d_model: torch.stack([_angles(length, d_model).sin(), _angles(length, d_model).cos()], dim=-1),
                "Stacked in the right way, but the result has three axes. Flatten the last two: `.flatten(1)`."),
        Mistake("only sines", lambda length, d_model: _angles(length, d_model).sin().repeat_interleave(2, dim=1),
                "Each sine stands there twice, and the cosines are gone."),
    ),
    hints=(
        "You have two tables, (length, d_model / 2) each. Wanted: column 0 of the first, column 0 of the second, column 1 of the first, and so on.",
        "`torch.stack([angle.sin(), angle.cos()], dim=-1)` is (length, d_model / 2, 2). `.flatten(1)` lays the pairs side by side.",
    ),
    starter="""
def place_table(length, d_model):
    position = torch.arange(length)[:, None]
    angle = position / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.cat([angle.sin(), angle.cos()], dim=1)
""",
    solution="""
def place_table(length, d_model):
    position = torch.arange(length)[:, None]
    angle = position / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
""",
)

# --- exercise 3: attention with turned queries and keys ----------------------------------------------------------------


def _rope_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(23)
    # d_v = d_k in the second case, so that turned values give wrong numbers and not only wrong shapes
    return [tuple(torch.randn(t, w, generator=numbers) for w in widths) for t, widths in ((4, (6, 6, 3)), (7, (8, 8, 8)))]


def _turned(x: Tensor, sign: int = 1, factor: float = 1.0, angle=None) -> Tensor:
    """Every pair turned by sign · angle: written with sine and cosine, not as `shared.modern` does it."""
    angle = _angles(*x.shape) * factor if angle is None else angle
    even, odd = x[:, 0::2], x[:, 1::2]
    cosine, sine = angle.cos(), sign * angle.sin()
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], dim=-1).flatten(1)


def _turned_in_halves(x: Tensor) -> Tensor:
    left, right = x.chunk(2, dim=1)
    angle = _angles(*x.shape)
    return torch.cat([left * angle.cos() - right * angle.sin(), left * angle.sin() + right * angle.cos()], dim=1)


def _rope(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    turns = rotary_turns(len(q), q.shape[1])
    return scaled_dot_product_attention(rotate(q, turns), rotate(k, turns), v)[0]


def _rope_with(of_q, of_k=None, of_v=lambda v: v):
    def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return scaled_dot_product_attention(of_q(q), (of_k or of_q)(k), of_v(v))[0]

    return attend


def _no_division(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.softmax(_turned(q) @ _turned(k).T, dim=-1) @ v


def _swapped_angles(x: Tensor) -> Tensor:
    pair = torch.arange(x.shape[1] // 2)[None, :]
    return _turned(x, angle=pair / 10000 ** (2 * torch.arange(len(x))[:, None] / x.shape[1]))


ROPE_ATTENTION = Exercise(
    id="w2d2-e3",
    title="attention with turned queries and keys",
    task="Write attention with RoPE: turn the pairs of q and k by their positions, then attend without a mask.",
    name="rope_attention",
    cases=_rope_cases(),
    reference=_rope,
    mistakes=(
        Mistake("values are turned, too", _rope_with(_turned, of_v=lambda v: _turned(v) if v.shape[1] % 2 == 0 else v),
                "You turn the values, too. Positions are needed for *scoring*, so only q and k are turned; what is taken home stays as it is."),
        Mistake("values are turned, whatever their width", _rope_with(_turned, of_v=_turned),
                "You turn the values, too (and stop where their width is odd). Only q and k are turned: positions are needed for *scoring*."),
        Mistake("only queries", _rope_with(_turned, lambda k: k),
                "Only the queries are turned. Then a score depends on the query's position alone; turn the keys as well, so that what is left "
                "is the difference."),
        Mistake("only keys", _rope_with(lambda q: q, _turned),
                "Only the keys are turned. Turn the queries as well, so that the difference of both positions is what is left."),
        Mistake("keys turn backward", _rope_with(_turned, lambda k: _turned(k, sign=-1)),
                "Queries and keys turn in opposite directions: a score then depends on the *sum* of the positions. Turn both the same way."),
        Mistake("both turn backward", _rope_with(lambda x: _turned(x, sign=-1)),
                "Both turn the wrong way: the angle has the wrong sign, and before and after have changed places. "
                "(a, b) becomes (a·cos − b·sin, a·sin + b·cos)."),
        Mistake("pairs in halves", _rope_with(_turned_in_halves),
                "Your pairs are (0, d/2), (1, d/2 + 1), … That also works, and Llama's code on the hub does it, with its matrices rearranged for it. "
                "Here pairs are neighbors: (0, 1), (2, 3), …"),
        Mistake("exponent i / d_k", _rope_with(lambda x: _turned(x, angle=torch.arange(len(x))[:, None] / 10000 ** (torch.arange(x.shape[1] // 2) / x.shape[1]))),
                "Your exponent is i / d_k: off by a factor of 2. Pair i turns by position / 10000^(2i/d_k)."),
        Mistake("degrees", _rope_with(lambda x: _turned(x, factor=math.pi / 180)),
                "The angle is taken as degrees. `torch.sin` wants radians, and the formula gives radians already."),
        Mistake("position and pair swapped", _rope_with(_swapped_angles),
                "Position and pair have changed places: the *position* is divided, the pair sets the speed."),
        Mistake("one speed for all", _rope_with(lambda x: _turned(x, angle=torch.arange(len(x))[:, None].expand(-1, x.shape[1] // 2).float())),
                "All pairs turn at the same speed. Pair i turns by position / 10000^(2i/d_k)."),
        Mistake("added, not turned", _rope_with(lambda x: x + positional_encoding(*x.shape)),
                "You add the waves to q and k. RoPE *turns* each pair: (a, b) becomes (a·cos − b·sin, a·sin + b·cos)."),
        Mistake("multiplied by the waves", _rope_with(lambda x: x * positional_encoding(*x.shape)),
                "You multiply number by number. A turn mixes the two numbers of a pair: (a, b) becomes (a·cos − b·sin, a·sin + b·cos)."),
        Mistake("no division", _no_division,
                "Turned in the right way, but the scores are not divided by √d_k before the softmax."),
        Mistake("no positions", _rope_with(lambda x: x),
                "This is attention without positions: nothing is turned."),
    ),
    hints=(
        "Write a helper `turn(x)` first. With `even = x[:, 0::2]` and `odd = x[:, 1::2]`, all pairs turn at once. The angles are those of the encoding, "
        "(T, d_k / 2).",
        "The new even columns are `even * cos - odd * sin`, the new odd ones `even * sin + odd * cos`; stack them with `dim=-1` and flatten. "
        "Then softmax(turn(q) @ turn(k).T / √d_k) @ v.",
    ),
    starter="""
def rope_attention(q, k, v):
    ...
""",
    solution="""
def rope_attention(q, k, v):
    T, d_k = q.shape
    angle = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, d_k, 2) / d_k)

    def turn(x):
        even, odd = x[:, 0::2], x[:, 1::2]
        pairs = (even * angle.cos() - odd * angle.sin(), even * angle.sin() + odd * angle.cos())
        return torch.stack(pairs, dim=-1).flatten(1)

    return torch.softmax(turn(q) @ turn(k).T / d_k**0.5, dim=-1) @ v
""",
)

EXERCISES = (PLACE_ROW, PLACE_TABLE, ROPE_ATTENTION)
