"""The exercises of week 2, day 4: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: the network -------------------------------------------------------------------------------------------


def _weights(seed: int, t: int, d: int, f: int) -> tuple[Tensor, ...]:
    numbers = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(*shape, generator=numbers) for shape in ((t, d), (d, f), (f,), (f, d), (d,)))


def _network(x: Tensor, w_1: Tensor, b_1: Tensor, w_2: Tensor, b_2: Tensor) -> Tensor:
    return torch.relu(x @ w_1 + b_1) @ w_2 + b_2


FEED_FORWARD = Exercise(
    id="w2d4-e1",
    title="the feed-forward network",
    task="Fill in the two lines: up with a bend, and back.",
    name="feed_forward",
    cases=[_weights(41, 3, 4, 8), _weights(42, 5, 2, 6)],
    reference=_network,
    mistakes=(
        Mistake("no bend", lambda x, w_1, b_1, w_2, b_2: (x @ w_1 + b_1) @ w_2 + b_2,
                "There is no ReLU, so the two matrices are only one. Cut off what is below zero in the middle."),
        Mistake("the bend at the end", lambda x, w_1, b_1, w_2, b_2: torch.relu((x @ w_1 + b_1) @ w_2 + b_2),
                "The ReLU stands at the end. It belongs in the middle; the output may well be negative."),
        Mistake("a bend in both places", lambda x, w_1, b_1, w_2, b_2: torch.relu(_network(x, w_1, b_1, w_2, b_2)),
                "A second ReLU stands at the end. Only the middle is bent; the output may well be negative."),
        Mistake("softmax", lambda x, w_1, b_1, w_2, b_2: torch.softmax(x @ w_1 + b_1, dim=-1) @ w_2 + b_2,
                "You took a softmax: shares of a 1. A neuron needs no shares; several may fire fully. Use ReLU."),
        Mistake("sigmoid", lambda x, w_1, b_1, w_2, b_2: torch.sigmoid(x @ w_1 + b_1) @ w_2 + b_2,
                "You took a sigmoid, which is never 0. The formula says max(0, …): ReLU."),
        Mistake("b_1 is missing", lambda x, w_1, b_1, w_2, b_2: torch.relu(x @ w_1) @ w_2 + b_2,
                "b_1 is missing. It is added before the ReLU: the threshold of each neuron."),
        Mistake("b_1 after the bend", lambda x, w_1, b_1, w_2, b_2: (torch.relu(x @ w_1) + b_1) @ w_2 + b_2,
                "You add b_1 after the ReLU. It must come before, else it cannot move the threshold."),
        Mistake("b_2 is missing", lambda x, w_1, b_1, w_2, b_2: torch.relu(x @ w_1 + b_1) @ w_2,
                "b_2 is missing: it is added at the very end."),
        Mistake("the hidden numbers come back", lambda x, w_1, b_1, w_2, b_2: torch.relu(x @ w_1 + b_1),
                "You return the wide numbers of the middle. There is a way back: times w_2, plus b_2."),
        Mistake("x is added", lambda x, w_1, b_1, w_2, b_2: x + _network(x, w_1, b_1, w_2, b_2),
                "You added x. The shortcut is the block's business (tomorrow); here only the network is asked for."),
    ),
    hints=(
        "Two layers of day 1 of week 1, one behind the other, with ReLU between them and nothing after the second.",
        "`torch.relu(x @ w_1 + b_1)` has shape (T, f); times `w_2` it is (T, d) again, plus `b_2`.",
    ),
    setup="import torch",
    starter="""
def feed_forward(x, w_1, b_1, w_2, b_2):
    hidden = ...  # (T, f), nothing below zero
    return ...    # (T, d)
""",
    solution="""
def feed_forward(x, w_1, b_1, w_2, b_2):
    hidden = torch.relu(x @ w_1 + b_1)
    return hidden @ w_2 + b_2
""",
)

# --- exercise 2: switch off neurons ------------------------------------------------------------------------------------


def _off_cases() -> list[tuple]:
    return [(*_weights(43, 3, 4, 6), [1, 4]), (*_weights(44, 4, 5, 7), [0])]


def _without(x: Tensor, w_1: Tensor, b_1: Tensor, w_2: Tensor, b_2: Tensor, off: list[int], keep: bool = False) -> Tensor:
    hidden = torch.relu(x @ w_1 + b_1)
    silent = torch.zeros(hidden.shape[-1], dtype=torch.bool)
    silent[off] = True
    return hidden.masked_fill(~silent if keep else silent, 0.0) @ w_2 + b_2


def _zeroed(part: str, axis: int):
    def wrong(x: Tensor, w_1: Tensor, b_1: Tensor, w_2: Tensor, b_2: Tensor, off: list[int]) -> Tensor:
        changed = {"w_1": w_1.clone(), "w_2": w_2.clone(), "x": x.clone()}
        changed[part].transpose(0, axis)[off] = 0
        return _network(changed["x"], changed["w_1"], b_1, changed["w_2"], b_2)

    return wrong


WITHOUT_NEURONS = Exercise(
    id="w2d4-e2",
    title="switch off some neurons",
    task="Repair the function, so that exactly the neurons in `off` give 0, whatever comes in.",
    name="without_neurons",
    cases=_off_cases(),
    reference=_without,
    mistakes=(
        Mistake("their bias still fires", _zeroed("w_1", 1),
                "You set the columns of w_1 to 0. The neurons no longer see x, but their bias is still there: a neuron with a positive bias now fires at every word. Set what they *give* to 0, after the ReLU."),
        Mistake("input features are switched off", _zeroed("w_1", 0),
                "You set rows of w_1 to 0. A row belongs to a number of x; a neuron is a column."),
        Mistake("output features are switched off", _zeroed("w_2", 1),
                "You set columns of w_2 to 0. A column belongs to a number of the output; a neuron's value is a row of w_2."),
        Mistake("words are switched off", lambda x, w_1, b_1, w_2, b_2, off: torch.relu(x @ w_1 + b_1).index_fill(0, torch.tensor([i for i in off if i < len(x)]), 0.0) @ w_2 + b_2,
                "You set rows of `hidden` to 0: these are words. A neuron is a column: `hidden[:, off]`."),
        Mistake("all the others are switched off", lambda x, w_1, b_1, w_2, b_2, off: _without(x, w_1, b_1, w_2, b_2, off, keep=True),
                "You kept the neurons in `off` and switched off all others."),
        Mistake("nothing is switched off", lambda x, w_1, b_1, w_2, b_2, off: _network(x, w_1, b_1, w_2, b_2),
                "Nothing is switched off: this is the whole network."),
        Mistake("b_2 is gone, too", lambda x, w_1, b_1, w_2, b_2, off: _without(x, w_1, b_1, w_2, b_2, off) - b_2,
                "b_2 is missing. It belongs to the output and not to any neuron, so it stays."),
    ),
    hints=(
        "A neuron is switched off when what it gives is 0. Where in the function is what it gives?",
        "`hidden` has shape (T, f), a column for each neuron: set `hidden[:, off] = 0` after the ReLU, and leave w_1 alone.",
    ),
    setup="import torch",
    starter="""
def without_neurons(x, w_1, b_1, w_2, b_2, off):
    w_1 = w_1.clone()
    w_1[:, off] = 0
    hidden = torch.relu(x @ w_1 + b_1)
    return hidden @ w_2 + b_2
""",
    solution="""
def without_neurons(x, w_1, b_1, w_2, b_2, off):
    hidden = torch.relu(x @ w_1 + b_1)
    hidden[:, off] = 0
    return hidden @ w_2 + b_2
""",
)

# --- exercise 3: a memory ----------------------------------------------------------------------------------------------


def _memory_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(45)

    def some(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=numbers)

    return [(some(3, 4), some(5, 4), some(5, 2), 0.5), (some(4, 6), some(3, 6), some(3, 6), 1.0)]


def _recall(x: Tensor, keys: Tensor, values: Tensor, threshold: float) -> Tensor:
    return torch.relu(x @ keys.T - threshold) @ values


RECALL = Exercise(
    id="w2d4-e3",
    title="a memory",
    task="Return what all memories give together: each value, as far as the fit of its key is above the threshold.",
    name="recall",
    cases=_memory_cases(),
    reference=_recall,
    mistakes=(
        Mistake("no threshold", lambda x, keys, values, threshold: torch.relu(x @ keys.T) @ values,
                "The threshold is missing. A fit below it is silence: subtract it before the ReLU."),
        Mistake("no silence", lambda x, keys, values, threshold: (x @ keys.T - threshold) @ values,
                "Bad fits count as negative answers. Below the threshold a memory is silent: max(0, …)."),
        Mistake("the threshold is added", lambda x, keys, values, threshold: torch.relu(x @ keys.T + threshold) @ values,
                "You added the threshold. As a bias it is −threshold: the fit must be *above* it."),
        Mistake("cut off, but not lowered", lambda x, keys, values, threshold: (x @ keys.T).where(x @ keys.T > threshold, torch.tensor(0.0)) @ values,
                "Above the threshold you give the whole fit. The memory answers only *as far as* the fit is above it: fit − threshold."),
        Mistake("softmax", lambda x, keys, values, threshold: torch.softmax(x @ keys.T - threshold, dim=-1) @ values,
                "You took a softmax: that is attention, whose shares add up to 1. Here each memory answers for itself: ReLU."),
        Mistake("only the best one", lambda x, keys, values, threshold: torch.relu((x @ keys.T).max(1).values - threshold)[:, None] * values[(x @ keys.T).argmax(1)],
                "You return the answer of the best memory alone. All that fit answer together."),
        Mistake("the fits come back", lambda x, keys, values, threshold: torch.relu(x @ keys.T - threshold),
                "You return how well each key fits. The answer is made of values: times `values`."),
    ),
    hints=(
        "How well does each word fit each key? A table (T, n) of dot products. Then the threshold, then the values.",
        "It is a feed-forward network with W₁ = keys.T, b₁ = −threshold, W₂ = values, and no b₂.",
    ),
    setup="import torch",
    starter="""
def recall(x, keys, values, threshold):
    ...
""",
    solution="""
def recall(x, keys, values, threshold):
    fit = torch.relu(x @ keys.T - threshold)
    return fit @ values
""",
)

EXERCISES = (FEED_FORWARD, WITHOUT_NEURONS, RECALL)
