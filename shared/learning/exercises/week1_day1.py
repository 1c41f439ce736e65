"""The exercises of week 1, day 1: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: a layer with ReLU -------------------------------------------------------------------------------------


def _layer_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(11)
    # in the first case W is square, so that a turned W gives wrong numbers and not only an error
    return [tuple(torch.randn(*shape, generator=numbers) for shape in ((n, i), (i, o), (o,))) for n, i, o in ((5, 3, 3), (4, 2, 6))]


def _layer(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return torch.relu(X @ W + b)


LAYER = Exercise(
    id="w1d1-e1",
    title="a layer with ReLU",
    task="Fill in the two missing lines: the sums, and the ReLU.",
    name="layer",
    cases=_layer_cases(),
    reference=_layer,
    mistakes=(
        Mistake("no bias", lambda X, W, b: torch.relu(X @ W),
                "The bias is missing: every line goes through the middle of the plane. Add `b` to the sums; PyTorch adds it to every row."),
        Mistake("no ReLU", lambda X, W, b: X @ W + b,
                "These are the sums. The bend is missing, and without it many layers are worth only one: put the sums through `torch.relu`."),
        Mistake("bias after the ReLU", lambda X, W, b: torch.relu(X @ W) + b,
                "You add the bias after the ReLU. It belongs to the sum, before the bend; else something negative can come out."),
        Mistake("bias taken away", lambda X, W, b: torch.relu(X @ W - b),
                "You take the bias away. It is added: z = w·x + b."),
        Mistake("sign dropped", lambda X, W, b: (X @ W + b).abs(),
                "You drop the sign of negative sums. ReLU does not flip them, it cuts them to 0: `max(0, z)`."),
        Mistake("the wrong side is kept", lambda X, W, b: (X @ W + b).clamp(max=0),
                "You keep the negative sums and cut the positive ones. ReLU does the opposite: `clamp(min=0)`."),
        Mistake("a step", lambda X, W, b: (X @ W + b > 0).float(),
                "This is the step: it says whether the sum is positive, and forgets how large it is. ReLU lets positive sums through as they are."),
        Mistake("a sigmoid", lambda X, W, b: torch.sigmoid(X @ W + b),
                "You use the sigmoid. Here the bend is ReLU, which lets positive sums through unchanged."),
        Mistake("a tanh", lambda X, W, b: torch.tanh(X @ W + b),
                "You use tanh. Here the bend is ReLU, which lets positive sums through unchanged."),
        Mistake("W is turned", lambda X, W, b: torch.relu(X @ W.T + b),
                "Your W is turned on its side. Here each *column* is a neuron: (n, d_in) @ (d_in, d_out). (PyTorch's own `nn.Linear` keeps it the other way round.)"),
    ),
    hints=(
        "The first line is Z = XW + b of section 1. The second puts every number of Z through max(0, z).",
        "`X @ W + b`, and then `torch.relu(Z)`.",
    ),
    starter="""
def layer(X, W, b):
    Z = ...     # (n, d_out): the sums
    return ...  # (n, d_out): after the ReLU
""",
    solution="""
def layer(X, W, b):
    Z = X @ W + b
    return torch.relu(Z)
""",
)  # fmt: skip

# --- exercise 2: gradient descent that looks only once -----------------------------------------------------------------


def _fit_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(12)
    cases = []
    for n, d, rate, steps in ((9, 2, 0.7, 5), (6, 3, 1.5, 4)):
        X, w = torch.randn(n, d, generator=numbers), torch.randn(d, generator=numbers)
        cases.append((w, X, (torch.rand(n, generator=numbers) < 0.5).float(), rate, steps))
    return cases


def _fit_with(share=torch.sigmoid, sign: float = 1.0, mean: bool = True, again: bool = True, most: int | None = None, more: int = 0):
    def fit(w: Tensor, X: Tensor, y: Tensor, rate: float, steps: int) -> Tensor:
        slope = None
        for _ in range(steps + more if most is None else most):
            if slope is None or again:
                slope = X.T @ (share(X @ w) - y) / (len(y) if mean else 1)
            w = w - sign * rate * slope
        return w

    return fit


FIT = Exercise(
    id="w1d1-e2",
    title="gradient descent that looks only once",
    task="Repair the function, so that every step follows the slope of the place where it stands.",
    name="fit",
    cases=_fit_cases(),
    reference=_fit_with(),
    mistakes=(
        Mistake("the slope is felt once", _fit_with(again=False),
                "The slope is still felt once, at the start, and followed blindly ever after: past the bottom it leads uphill. "
                "p and slope depend on w. When w has moved, both must be computed again, inside the loop."),
        Mistake("uphill", _fit_with(sign=-1.0),
                "Now it walks uphill. `p - y` gives the slope of the loss, and the step goes *against* it: `w - rate * slope`."),
        Mistake("a single step", _fit_with(most=1),
                "It returns after the first step. The `return` belongs behind the loop, not into it."),
        Mistake("no step", lambda w, X, y, rate, steps: w,
                "The weights come back as they went in. The line `w = w - rate * slope` must stay inside the loop."),
        Mistake("summed, not averaged", _fit_with(mean=False),
                "The slopes of all examples are summed. Divide by `len(y)`: else the step grows with the number of examples."),
        Mistake("no sigmoid", _fit_with(share=lambda z: z),
                "You compare the bare sums with what happened. Put them through the sigmoid first: p is a probability."),
        Mistake("one step too many", _fit_with(more=1),
                "It takes one step too many. The loop already makes all of them."),
    ),
    hints=(
        "Print `slope` inside the loop. Does it change from step to step? Should it?",
        "Move the two lines that compute `p` and `slope` into the loop, in front of the line that changes `w`.",
    ),
    starter="""
def fit(w, X, y, rate, steps):
    p = torch.sigmoid(X @ w)
    slope = X.T @ (p - y) / len(y)
    for _ in range(steps):
        w = w - rate * slope
    return w
""",
    solution="""
def fit(w, X, y, rate, steps):
    for _ in range(steps):
        p = torch.sigmoid(X @ w)
        slope = X.T @ (p - y) / len(y)
        w = w - rate * slope
    return w
""",
)  # fmt: skip

# --- exercise 3: slopes by hand, with tanh -----------------------------------------------------------------------------


def _slope_cases() -> list[tuple]:
    return [tuple(torch.tensor(n) for n in case) for case in ((0.8, 0.5, 0.9, -0.3, 1.7), (-1.4, -2.0, 0.9, 0.6, -0.7))]


def _slopes_with(two=2.0, bend=lambda z, h: 1 - h**2, sign=1.0, v_gets=lambda z, h, v: h, h_gets=lambda z, h, v: v,
                 w_gets=lambda x, w: x, b_gets=lambda x: 1.0, order=(0, 1, 2)):  # fmt: skip
    def three_slopes(x: Tensor, t: Tensor, w: Tensor, b: Tensor, v: Tensor) -> tuple:
        z = w * x + b
        h = torch.tanh(z)
        d_y = sign * two * (v * h - t)
        d_v, d_z = d_y * v_gets(z, h, v), d_y * h_gets(z, h, v) * bend(z, h)
        found = (d_z * w_gets(x, w), d_z * b_gets(x), d_v)
        return tuple(found[i] for i in order)

    return three_slopes


THREE_SLOPES = Exercise(
    id="w1d1-e3",
    title="three slopes by hand",
    task="Write backpropagation through one hidden neuron with tanh, without autograd.",
    name="three_slopes",
    cases=_slope_cases(),
    reference=_slopes_with(),
    mistakes=(
        Mistake("the factor 2 is missing", _slopes_with(two=1.0),
                "All three are half of what they should be. The slope of (y − t)² is *2*(y − t)."),
        Mistake("t − y", _slopes_with(sign=-1.0),
                "All three have the wrong sign. The slope of (y − t)² for y is 2(y − t), not 2(t − y)."),
        Mistake("the bend is forgotten", _slopes_with(bend=lambda z, h: 1.0),
                "On the way from h to z the bend is missing: multiply by the slope of tanh, 1 − h²."),
        Mistake("ReLU's slope", _slopes_with(bend=lambda z, h: (z > 0).float()),
                "You used the slope of ReLU, 1 or 0. Here the bend is tanh: its slope is 1 − h²."),
        Mistake("1 − z²", _slopes_with(bend=lambda z, h: 1 - z**2),
                "You used 1 − z². The slope of tanh is written with what comes *out*: 1 − h²."),
        Mistake("1 − h", _slopes_with(bend=lambda z, h: 1 - h),
                "You used 1 − h. The slope of tanh is 1 − h², with the square."),
        Mistake("the slope of the sigmoid", _slopes_with(bend=lambda z, h: h * (1 - h)),
                "h(1 − h) is the slope of the sigmoid. That of tanh is 1 − h²."),
        Mistake("v gets v", _slopes_with(v_gets=lambda z, h, v: v),
                "In y = v·h each gets *the other one* as its factor: the slope for v is d_y · h."),
        Mistake("v gets z", _slopes_with(v_gets=lambda z, h, v: z),
                "v was multiplied with h, after the tanh, and not with z. Its slope is d_y · h."),
        Mistake("v is forgotten on the way back", _slopes_with(h_gets=lambda z, h, v: 1.0),
                "On the way from y to h you forgot v: y = v·h, so d_h = d_y · v."),
        Mistake("h gets h", _slopes_with(h_gets=lambda z, h, v: h),
                "In y = v·h each gets *the other one* as its factor: d_h = d_y · v."),
        Mistake("w gets 1", _slopes_with(w_gets=lambda x, w: 1.0),
                "The slope for w lacks its factor x: z = w·x + b, so a larger w counts x times."),
        Mistake("w gets w", _slopes_with(w_gets=lambda x, w: w),
                "In w·x the other factor is x: d_w = d_z · x. (d_z · w would be the slope for the input.)"),
        Mistake("b gets x", _slopes_with(b_gets=lambda x: x),
                "b is only added, nothing multiplies it: d_b = d_z · 1."),
        Mistake("v first", _slopes_with(order=(2, 1, 0)),
                "The numbers are right and in the wrong order: return those for w, b and v."),
    ),
    hints=(
        "Forward first: z, h, y. Then backward, as in section 4: d_y, from it d_v and d_h, from d_h with the bend d_z, and last d_w and d_b.",
        "`d_y = 2 * (y - t)`, `d_z = d_y * v * (1 - h**2)`; then w gets `d_z * x`, b gets `d_z`, v gets `d_y * h`.",
    ),
    starter="""
def three_slopes(x, t, w, b, v):
    ...
""",
    solution="""
def three_slopes(x, t, w, b, v):
    z = w * x + b
    h = torch.tanh(z)
    y = v * h
    d_y = 2 * (y - t)
    d_v, d_h = d_y * h, d_y * v
    d_z = d_h * (1 - h**2)
    return d_z * x, d_z, d_v
""",
)  # fmt: skip

EXERCISES = (LAYER, FIT, THREE_SLOPES)
