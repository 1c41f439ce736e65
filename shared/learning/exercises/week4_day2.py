"""The exercises of week 4, day 2: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: the repetition penalty -----------------------------------------------------------------------------------


def _put(scores: Tensor, seen: Tensor, rows: Tensor) -> Tensor:
    new = scores.clone()
    new[seen] = rows
    return new


def _penalize(scores: Tensor, seen: Tensor, theta: float) -> Tensor:
    old = scores[seen]
    return _put(scores, seen, torch.where(old > 0, old / theta, old * theta))


PENALTY = Exercise(
    id="w4d2-e1",
    title="a repetition penalty",
    task="Fill in the line: scores of seen tokens get less likely, whatever their sign.",
    name="penalize",
    setup="import torch",
    cases=[(torch.tensor([2.0, 1.0, 0.5, -1.0]), torch.tensor([0, 3]), 2.0), (torch.tensor([-3.0, 4.0, 0.4]), torch.tensor([1, 0]), 1.5)],
    reference=_penalize,
    mistakes=(
        Mistake("only divided", lambda s, seen, t: _put(s, seen, s[seen] / t),
                "You divide negative scores, too: −1 becomes −0.5, and the token gets likelier. Negative scores must be multiplied."),
        Mistake("only multiplied", lambda s, seen, t: _put(s, seen, s[seen] * t),
                "You multiply positive scores, too: that rewards repetition. Positive scores must be divided."),
        Mistake("turned around", lambda s, seen, t: _put(s, seen, torch.where(s[seen] > 0, s[seen] * t, s[seen] / t)),
                "The two cases are swapped: every seen token gets likelier. Divide where positive, multiply where negative."),
        Mistake("subtracted", lambda s, seen, t: _put(s, seen, s[seen] - t),
                "You subtract θ. That is another penalty (a presence penalty); this one is a factor."),
        Mistake("all tokens", lambda s, seen, t: torch.where(s > 0, s / t, s * t),
                "You changed all scores. Only the tokens in `seen` are penalized."),
    ),
    hints=(
        "`torch.where(condition, a, b)` takes from a where the condition holds, else from b. Which condition tells the two cases apart?",
        "The condition is `scores[seen] > 0`; a is `scores[seen] / theta`, b is `scores[seen] * theta`.",
    ),
    starter="""
def penalize(scores, seen, theta):
    new = scores.clone()
    new[seen] = ...  # positive scores divided by theta, the others multiplied
    return new
""",
    solution="""
def penalize(scores, seen, theta):
    new = scores.clone()
    new[seen] = torch.where(scores[seen] > 0, scores[seen] / theta, scores[seen] * theta)
    return new
""",
)

# --- exercise 2: the temperature that came too late -----------------------------------------------------------------------


def _at(scores: Tensor, temperature: float) -> Tensor:
    return torch.softmax(scores / temperature, dim=-1)


HEAT = Exercise(
    id="w4d2-e2",
    title="a temperature in the right place",
    task="Repair the function, so that the temperature divides the scores.",
    name="chances_at",
    setup="import torch",
    cases=[(torch.tensor([5.0, 0.0, -2.0]), 0.5), (torch.tensor([1.0, 2.0, 4.0, 0.0]), 2.0), (torch.tensor([0.5, -1.0]), 1.0)],
    reference=_at,
    mistakes=(
        Mistake("after softmax", lambda s, t: torch.softmax(torch.softmax(s, -1) / t, -1),
                "Two softmaxes, one after the other. The second one takes chances for scores, and chances are all close together. The temperature must divide the scores, before the only softmax."),
        Mistake("chances divided", lambda s, t: torch.softmax(s, -1) / t,
                "You divide the chances: they no longer sum to 1. The temperature belongs before softmax."),
        Mistake("divided and scaled back", lambda s, t: torch.softmax(s, -1),
                "The temperature has no effect. Dividing chances and scaling them to a sum of 1 cancels out; so does leaving it away."),
        Mistake("multiplied", lambda s, t: torch.softmax(s * t, -1),
                "You multiply by the temperature: hot makes it surer. It must be a division."),
        Mistake("two softmaxes still", lambda s, t: torch.softmax(torch.softmax(s / t, -1), -1),
                "The temperature is in the right place now, but there is still a second softmax behind the first. Remove it."),
    ),
    hints=(
        "How many softmaxes do you count? What does the second one get to see?",
        "One softmax is enough: of `scores / temperature`.",
    ),
    starter="""
def chances_at(scores, temperature):
    chances = torch.softmax(scores, dim=-1)
    return torch.softmax(chances / temperature, dim=-1)
""",
    solution="""
def chances_at(scores, temperature):
    return torch.softmax(scores / temperature, dim=-1)
""",
)

# --- exercise 3: top-p ----------------------------------------------------------------------------------------------------


def _kept(chances: Tensor, stays_sorted: Tensor, order: Tensor) -> Tensor:
    stays = torch.zeros_like(stays_sorted)
    stays[order] = stays_sorted
    return torch.where(stays, chances, torch.zeros_like(chances))


def _parts(chances: Tensor) -> tuple[Tensor, Tensor]:
    return chances.sort(descending=True, stable=True)


def _top_p(chances: Tensor, top_p: float) -> Tensor:
    ordered, order = _parts(chances)
    left = _kept(chances, ordered.cumsum(-1) - ordered < top_p, order)
    return left / left.sum()


def _one_short(chances: Tensor, top_p: float) -> Tensor:
    ordered, order = _parts(chances)
    left = _kept(chances, ordered.cumsum(-1) <= top_p, order)
    return left / left.sum()


def _not_scaled(chances: Tensor, top_p: float) -> Tensor:
    ordered, order = _parts(chances)
    return _kept(chances, ordered.cumsum(-1) - ordered < top_p, order)


def _sorted_out(chances: Tensor, top_p: float) -> Tensor:
    return _top_p(_parts(chances)[0], top_p)


def _unsorted(chances: Tensor, top_p: float) -> Tensor:
    left = torch.where(chances.cumsum(-1) - chances < top_p, chances, torch.zeros_like(chances))
    return left / left.sum()


def _threshold(chances: Tensor, top_p: float) -> Tensor:
    left = torch.where(chances >= (1 - top_p), chances, torch.zeros_like(chances))
    return left / left.sum()


def _softmaxed(chances: Tensor, top_p: float) -> Tensor:
    left = _not_scaled(chances, top_p)
    return torch.where(left > 0, left, torch.full_like(left, -torch.inf)).softmax(-1)


TOP_P = Exercise(
    id="w4d2-e3",
    title="top-p from scratch",
    task="Keep the fewest tokens whose chances reach `top_p`, each in its place, and scale them to a sum of 1.",
    name="keep_top_p",
    setup="import torch",
    cases=[
        (torch.tensor([0.15, 0.5, 0.05, 0.3]), 0.9),
        (torch.tensor([0.1, 0.2, 0.66, 0.04]), 0.8),
        (torch.tensor([0.05, 0.25, 0.3, 0.22, 0.18]), 0.6),
    ],
    reference=_top_p,
    mistakes=(
        Mistake("one too few", _one_short,
                "You drop the token that takes the sum past p. The sum must *reach* p, so that token stays: compare what stands before it, `cumsum − chance`, with p."),
        Mistake("not scaled", _not_scaled,
                "The right tokens stay, but they do not sum to 1. Divide by their sum."),
        Mistake("in sorted order", _sorted_out,
                "Your chances come back sorted, so they belong to other tokens now. Put them back with the order that `sort` returned."),
        Mistake("not sorted", _unsorted,
                "You sum in the order of the vocabulary. The likeliest tokens come first: sort before cumsum."),
        Mistake("a threshold", _threshold,
                "You compare each chance by itself with a bound. Top-p looks at the running sum of the likelier ones."),
        Mistake("softmax again", _softmaxed,
                "You used softmax to scale. These are chances already, so that is a double softmax: divide by their sum."),
    ),
    hints=(
        "Sort downward (`sort` also returns the order), take the running sum, and ask for each token: how much do the likelier ones hold already?",
        "`ordered, order = chances.sort(descending=True)`; a token stays where `ordered.cumsum(-1) - ordered < top_p`. Write these into zeros at `order`, then divide by the sum.",
    ),
    starter="""
def keep_top_p(chances, top_p):
    ...
""",
    solution="""
def keep_top_p(chances, top_p):
    ordered, order = chances.sort(descending=True)
    stays = ordered.cumsum(-1) - ordered < top_p
    left = torch.zeros_like(chances)
    left[order] = ordered * stays
    return left / left.sum()
""",
)

EXERCISES: tuple[Exercise, ...] = (PENALTY, HEAT, TOP_P)
