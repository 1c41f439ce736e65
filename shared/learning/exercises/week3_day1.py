"""The exercises of week 3, day 1: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor
from torch.nn import functional as F

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: the loss of masked language modeling ------------------------------------------------------------------


def _masked_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(311)
    cases = []
    for T, V, places in ((6, 5, (2, 5)), (9, 12, (0, 3, 4)), (4, 30, (1,))):
        chosen = torch.zeros(T, dtype=torch.bool)
        chosen[list(places)] = True
        cases.append((2 * torch.randn(T, V, generator=numbers), torch.randint(V, (T,), generator=numbers), chosen))
    return cases


def _right(logits: Tensor, ids: Tensor) -> Tensor:
    return logits.softmax(-1)[torch.arange(len(ids)), ids]


def _masked_loss(logits: Tensor, ids: Tensor, chosen: Tensor) -> Tensor:
    return -_right(logits, ids)[chosen].log().mean()


MASKED_LOSS = Exercise(
    id="w3d1-e1",
    title="the loss of masked language modeling",
    task="Fill in the two missing lines: the chance of the true token at each position, and the mean surprise of the chosen ones.",
    name="masked_loss",
    cases=_masked_cases(),
    reference=_masked_loss,
    mistakes=(
        Mistake("every position counts", lambda logits, ids, chosen: -_right(logits, ids).log().mean(),
                "You take the mean over all positions. BERT is asked at the chosen ones only: index with `chosen`."),
        Mistake("only the others count", lambda logits, ids, chosen: -_right(logits, ids)[~chosen].log().mean(),
                "You count the positions that were not chosen. It is the other way round."),
        Mistake("divided by the whole length", lambda logits, ids, chosen: -(_right(logits, ids).log() * chosen).mean(),
                "You leave the others out of the sum, but still divide by T. Divide by the number of chosen positions."),
        Mistake("a sum", lambda logits, ids, chosen: -_right(logits, ids)[chosen].log().sum(),
                "You add the surprises up. The loss is their mean, so that it does not depend on how many were chosen."),
        Mistake("the sign", lambda logits, ids, chosen: _right(logits, ids)[chosen].log().mean(),
                "The logarithm of a chance is negative. A surprise is *minus* ln of it."),
        Mistake("no logarithm", lambda logits, ids, chosen: _right(logits, ids)[chosen].mean(),
                "This is the mean chance of the right tokens. The loss is the mean of −ln of each."),
        Mistake("one minus the chance", lambda logits, ids, chosen: (1 - _right(logits, ids)[chosen]).mean(),
                "1 − p is no surprise: it hardly minds a chance of nearly 0. Take −ln p."),
        Mistake("logarithm of the mean", lambda logits, ids, chosen: -_right(logits, ids)[chosen].mean().log(),
                "You average the chances first and take the logarithm of the average. First −ln of each, then the mean."),
        Mistake("the most likely token", lambda logits, ids, chosen: -logits.softmax(-1).amax(-1)[chosen].log().mean(),
                "You take the chance of the model's favorite. What counts is the chance of the *true* token, `ids[t]`."),
        Mistake("the next token", lambda logits, ids, chosen: -_right(logits, ids.roll(-1))[chosen].log().mean(),
                "You ask each row for the token *after* it: that is GPT's game. BERT's row t is asked for token t itself."),
    ),
    hints=(
        "Row t of `chances` has a number for every token of the vocabulary; you need the one in column ids[t]. Then −ln, and the mean over the chosen rows.",
        "`chances[torch.arange(len(ids)), ids]` picks one number from each row; `right[chosen]` keeps the chosen ones; `-….log().mean()` does the rest.",
    ),
    starter="""
def masked_loss(logits, ids, chosen):
    chances = logits.softmax(-1)
    right = ...   # (T,): the chance of the true token at each position
    return ...    # one number: the mean surprise of the chosen positions
""",
    solution="""
def masked_loss(logits, ids, chosen):
    chances = logits.softmax(-1)
    right = chances[torch.arange(len(ids)), ids]
    return -right[chosen].log().mean()
""",
)  # fmt: skip

# --- exercise 2: the shift --------------------------------------------------------------------------------------------


def _next_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(312)
    return [(2 * torch.randn(T, V, generator=numbers), torch.randint(V, (T,), generator=numbers)) for T, V in ((6, 5), (10, 20))]


NEXT_TOKEN_LOSS = Exercise(
    id="w3d1-e2",
    title="the loss of the next token",
    task="Row t must be compared with the token after it. Repair the function.",
    name="next_token_loss",
    cases=_next_cases(),
    reference=lambda logits, ids: F.cross_entropy(logits[:-1], ids[1:]),
    mistakes=(
        Mistake("no shift", lambda logits, ids: F.cross_entropy(logits, ids),
                "Row t is still compared with token t, which it has just read. A model learns to copy within minutes, and nothing else. Compare it with token t + 1."),
        Mistake("shifted the wrong way", lambda logits, ids: F.cross_entropy(logits[1:], ids[:-1]),
                "Now row t is asked for the token *before* it, which it may look at. The logits lose their last row, the ids their first."),
        Mistake("the last row guesses the first token", lambda logits, ids: F.cross_entropy(logits, ids.roll(-1)),
                "`roll` brings the first token round to the end, so the last row is asked for it. The last row has no next token: leave it out."),
        Mistake("both cut alike", lambda logits, ids: F.cross_entropy(logits[:-1], ids[:-1]),
                "You cut the end off both, so row t still meets token t. Cut the *last* of the logits and the *first* of the ids."),
        Mistake("both lose their first", lambda logits, ids: F.cross_entropy(logits[1:], ids[1:]),
                "You cut the beginning off both, so row t still meets token t. Cut the *last* of the logits and the *first* of the ids."),
        Mistake("shifted twice", lambda logits, ids: F.cross_entropy(logits[:-2], ids[2:]),
                "Row t is asked for token t + 2: a model trained so skips a word. One step is enough."),
        Mistake("only the last position", lambda logits, ids: F.cross_entropy(logits[-2:-1], ids[-1:]),
                "You train the last guess only. Every position has a next token, and each is a lesson."),
        Mistake("a sum", lambda logits, ids: F.cross_entropy(logits[:-1], ids[1:], reduction="sum"),
                "The shift is right, but you add up. The loss is the mean of the T − 1 surprises."),
    ),
    hints=(
        "What has row t read? Token t is among it. What is it to guess? There are T rows, but only T − 1 of them have a next token.",
        "`logits[:-1]` are the rows that have a next token, `ids[1:]` are these next tokens.",
    ),
    starter="""
def next_token_loss(logits, ids):
    return torch.nn.functional.cross_entropy(logits, ids)
""",
    solution="""
def next_token_loss(logits, ids):
    return torch.nn.functional.cross_entropy(logits[:-1], ids[1:])
""",
)  # fmt: skip

# --- exercise 3: a mask between the two -------------------------------------------------------------------------------


def _prefix_mask(T: int, n: int) -> Tensor:
    mask = torch.ones(T, T).tril().bool()
    mask[:n, :n] = True
    return mask


def _columns_open(T: int, n: int) -> Tensor:
    return torch.ones(T, T).tril().bool() | (torch.arange(T) < n + 1)


def _apart(T: int, n: int) -> Tensor:
    mask = torch.ones(T, T).tril().bool()
    mask[:n, :n] = True
    mask[n:, :n] = False
    return mask


def _rows_open(T: int, n: int) -> Tensor:
    mask = torch.ones(T, T).tril().bool()
    mask[:n] = True
    return mask


def _rest_open(T: int, n: int) -> Tensor:
    mask = torch.ones(T, T).tril().bool()
    mask[n:, n:] = True
    return mask


PREFIX_MASK = Exercise(
    id="w3d1-e3",
    title="a mask between BERT's and GPT's",
    task="(T, T) booleans, True = open: the first n tokens see each other in both directions, the others see the prefix and their own past.",
    name="prefix_mask",
    cases=[(6, 3), (5, 2), (7, 4)],
    reference=_prefix_mask,
    mistakes=(
        Mistake("causal all over", lambda T, n: torch.ones(T, T).tril().bool(),
                "This is GPT's mask. The first n tokens must also see what follows them *inside the prefix*."),
        Mistake("open all over", lambda T, n: torch.ones(T, T).bool(),
                "This is BERT's mask. The tokens after the prefix must not see what follows them."),
        Mistake("the prefix sees the answer", _rows_open,
                "You opened whole rows of the prefix, so the question sees the answer. Open only the square `[:n, :n]`."),
        Mistake("the answer does not see the prefix", _apart,
                "The tokens after the prefix cannot see it. It lies in their past: leave the cells below the diagonal open."),
        Mistake("the wrong part is open", _rest_open,
                "You opened the answer in both directions and left the prefix causal. It is the other way round."),
        Mistake("one too many", _columns_open,
                "The prefix is one token too long: it has the tokens 0 … n − 1, so its square ends before n."),
        Mistake("one too few", lambda T, n: _prefix_mask(T, n - 1),
                "The prefix is one token too short: n tokens are 0 … n − 1, and the slice `:n` takes them all."),
        Mistake("rows and columns swapped", lambda T, n: _prefix_mask(T, n).T,
                "Rows and columns are swapped: rows ask. A row after the prefix is closed to the *right* of the diagonal."),
        Mistake("True means closed", lambda T, n: ~_prefix_mask(T, n),
                "Turned round: here True means that a cell is open."),
    ),
    hints=(
        "Begin with GPT's mask. Which cells are closed in it that must be open now? They form a corner of a square.",
        "`torch.ones(T, T).tril().bool()` is the causal mask; then set the square `mask[:n, :n]` to True.",
    ),
    starter="""
def prefix_mask(T, n):
    ...
""",
    solution="""
def prefix_mask(T, n):
    mask = torch.ones(T, T).tril().bool()
    mask[:n, :n] = True
    return mask
""",
)  # fmt: skip

EXERCISES: tuple[Exercise, ...] = (MASKED_LOSS, NEXT_TOKEN_LOSS, PREFIX_MASK)
