"""The exercises of week 3, day 4: what each asks, how its check knows the usual mistakes, two hints and a solution."""

from collections.abc import Callable

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: the stripe of an induction head ------------------------------------------------------------------------


def _stripe_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(341)
    cases = []
    for n in (4, 7):
        scores = 2 * torch.randn(2 * n, 2 * n, generator=numbers)
        cases.append((torch.softmax(scores.masked_fill(torch.ones(2 * n, 2 * n).triu(1).bool(), -torch.inf), dim=-1), n))
    return cases


def _stripe(weights: Tensor, n: int) -> Tensor:
    t = torch.arange(n, 2 * n)
    return weights[t, t - n + 1].mean()


def _at(offset: Callable[[int], int], rows: Callable[[int], tuple[int, int]] = lambda n: (n, 2 * n)) -> Callable:
    def score(weights: Tensor, n: int) -> Tensor:
        t = torch.arange(*rows(n))
        return weights[t, t - offset(n)].mean()

    return score


INDUCTION_SCORE = Exercise(
    id="w3d4-e1",
    title="the stripe of an induction head",
    task="Fill in the two missing lines: the cells of the stripe, and the score.",
    name="induction_score",
    cases=_stripe_cases(),
    reference=_stripe,
    mistakes=(
        Mistake("the same word", _at(lambda n: n),
                "You read the cell n places back: that is the same word in the first round. An induction head looks at the word *after* it, one place nearer: n − 1 back."),
        Mistake("one too far", _at(lambda n: n + 1, lambda n: (n + 1, 2 * n)),
                "You read n + 1 places back: the word *before* the same word. The one after it is n − 1 back."),
        Mistake("the previous token", _at(lambda n: 1),
                "You read the cell one place back: that is the previous-token score. The stripe lies n − 1 places back."),
        Mistake("also rows of the first round", _at(lambda n: n - 1, lambda n: (n - 1, 2 * n)),
                "You count row n − 1, too, the last word of the *first* round. It has not been said before; start at row n."),
        Mistake("the first word is left out", _at(lambda n: n - 1, lambda n: (n + 1, 2 * n)),
                "You leave out row n, the first word of the second round. It does have a place to look at: position 1."),
        Mistake("the sum", lambda weights, n: _stripe(weights, n) * n,
                "This is the sum over the n rows. Take the mean, so that a perfect head scores 1."),
        Mistake("mean over all rows", lambda weights, n: _stripe(weights, n) / 2,
                "You divide by all 2n rows. The rows of the first round have nothing to find; they do not count."),
        Mistake("rows and columns are swapped", lambda weights, n: _stripe(weights.T, n),
                "Rows and columns are swapped: rows ask. `weights[t, s]` is what t gives to s."),
    ),
    hints=(
        "The word at t stood at t − n before. The head looks at what came after *that*. Which column is it?",
        "`t = torch.arange(n, 2 * n)` are the rows, `s = t - n + 1` the columns; `weights[t, s]` picks n cells, of which you want the mean.",
    ),
    setup="import torch",
    starter="""
def induction_score(weights, n):
    t = torch.arange(n, 2 * n)  # the rows of the second round
    s = ...     # (n,): where a perfect induction head looks from t
    return ...  # one number
""",
    solution="""
def induction_score(weights, n):
    t = torch.arange(n, 2 * n)
    s = t - n + 1
    return weights[t, s].mean()
""",
)

# --- exercise 2: the wrong numbers fall silent --------------------------------------------------------------------------


def _joined_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(342)
    return [(torch.randn(5, 12, generator=numbers), 1, 3), (torch.randn(3, 16, generator=numbers), 2, 4)]


def _silent(joined: Tensor, head: int, n_heads: int) -> Tensor:
    parts = joined.clone().reshape(len(joined), n_heads, -1)
    parts[:, head] = 0.0
    return parts.reshape(joined.shape)


def _interleaved(joined: Tensor, head: int, n_heads: int) -> Tensor:
    parts = joined.clone().reshape(len(joined), -1, n_heads)
    parts[:, :, head] = 0.0
    return parts.reshape(joined.shape)


def _zeroed(joined: Tensor, *where) -> Tensor:
    joined = joined.clone()
    joined[where] = 0.0
    return joined


SILENCE_HEAD = Exercise(
    id="w3d4-e2",
    title="the wrong numbers fall silent",
    task="Repair the function, so that exactly one head falls silent.",
    name="silence_head",
    cases=_joined_cases(),
    reference=_silent,
    mistakes=(
        Mistake("every n_heads-th column", _interleaved,
                "Still one column of *each* head falls silent. The heads lie side by side, block by block: reshape to (T, n_heads, d_head), and index the middle axis."),
        Mistake("one column", lambda joined, head, n_heads: _zeroed(joined, slice(None), head),
                "Only one column is zero. A head owns d_head columns, from head · d_head to (head + 1) · d_head."),
        Mistake("a position", lambda joined, head, n_heads: _zeroed(joined, head),
                "You silence a position, a *row*. A head owns columns, in all rows."),
        Mistake("the block that starts at head", lambda joined, head, n_heads: _zeroed(joined, slice(None), slice(head, head + joined.shape[1] // n_heads)),
                "The block has the right width and starts too early. Head h starts at column h · d_head."),
        Mistake("all others are silent", lambda joined, head, n_heads: joined - _silent(joined, head, n_heads),
                "Now all *other* heads are silent."),
        Mistake("the mean", lambda joined, head, n_heads: _silent(joined, head, n_heads) + (joined - _silent(joined, head, n_heads)).mean(0),
                "You put the head's mean in. That is mean ablation, a good idea; here the task is zero."),
        Mistake("nothing happens", lambda joined, head, n_heads: joined.clone(),
                "Nothing has changed. After a reshape that copies, give the changed tensor back, not the old one."),
    ),
    hints=(
        "Print `torch.arange(12).reshape(4, 3)` and `torch.arange(12).reshape(3, 4)`. In which of them are the numbers of one head together in a row?",
        "`joined.clone().reshape(T, n_heads, d // n_heads)`, then `[:, head] = 0.0`.",
    ),
    setup="import torch",
    starter="""
def silence_head(joined, head, n_heads):
    T, d = joined.shape
    parts = joined.clone().reshape(T, d // n_heads, n_heads)
    parts[:, :, head] = 0.0
    return parts.reshape(T, d)
""",
    solution="""
def silence_head(joined, head, n_heads):
    T, d = joined.shape
    parts = joined.clone().reshape(T, n_heads, d // n_heads)
    parts[:, head] = 0.0
    return parts.reshape(T, d)
""",
)

# --- exercise 3: activation patching from scratch -----------------------------------------------------------------------


class _Block:
    """A small block: each position adds a mixture of itself and the one before it, bent."""

    def __init__(self, seed: int, d: int):
        self.own, self.before = 0.7 * torch.randn(2, d, d, generator=torch.Generator().manual_seed(seed))

    def __call__(self, x: Tensor) -> Tensor:
        earlier = torch.cat([torch.zeros_like(x[:1]), x[:-1]])
        return x + torch.tanh(x @ self.own + earlier @ self.before)

    def __repr__(self) -> str:
        return "a block"


class _Read:
    """What is read from the last row: one number."""

    def __init__(self, d: int):
        self.direction = torch.linspace(-1, 1, d)

    def __call__(self, x: Tensor) -> Tensor:
        return x[-1] @ self.direction

    def __repr__(self) -> str:
        return "read"


def _patch_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(343)
    cases = []
    for layers, T, d in ((2, 4, 3), (3, 5, 4)):
        clean = torch.randn(T, d, generator=numbers)
        corrupt = torch.randn(T, d, generator=numbers)  # differs everywhere, so that no mistake hides behind an equal row
        cases.append(([_Block(10 * layers + i, d) for i in range(layers)], clean, corrupt, _Read(d)))
    return cases


def _entering(blocks, x):
    kept = []
    for block in blocks:
        kept.append(x)
        x = block(x)
    return kept, x


def _patch(blocks, clean, corrupt, read, *, late=False, noising=False, whole=False, embeddings=False) -> Tensor:
    if noising:
        clean, corrupt = corrupt, clean
    kept, last = _entering(blocks, clean)
    leaving = [*kept[1:], last]
    grid = torch.zeros(len(blocks), len(clean))
    for layer in range(len(blocks)):
        for position in range(len(clean)):
            x = corrupt
            for i, block in enumerate(blocks):
                if i == layer and not late:
                    x = x.clone()
                    where = slice(None) if whole else position
                    x[where] = (kept[0] if embeddings else kept[layer])[where]
                x = block(x)
                if i == layer and late:
                    x[position] = leaving[layer][position]
            grid[layer, position] = read(x)
    return grid


def _accumulating(blocks, clean, corrupt, read) -> Tensor:
    kept, _ = _entering(blocks, clean)
    broken, _ = _entering(blocks, corrupt)
    grid = torch.zeros(len(blocks), len(clean))
    for layer in range(len(blocks)):
        x = broken[layer].clone()
        for position in range(len(clean)):
            x[position] = kept[layer][position]
            y = x
            for block in blocks[layer:]:
                y = block(y)
            grid[layer, position] = read(y)
    return grid


PATCH_EACH = Exercise(
    id="w3d4-e3",
    title="activation patching from scratch",
    task="Restore the clean row at each layer and position in turn, and read the result of each run.",
    name="patch_each",
    cases=_patch_cases(),
    reference=_patch,
    mistakes=(
        Mistake("behind the block", lambda *given: _patch(*given, late=True),
                "You patch what *leaves* block l. Row l of the grid patches what enters it: overwrite first, then run the block."),
        Mistake("the other way round", lambda *given: _patch(*given, noising=True),
                "You put corrupt rows into the clean run. That is a fair experiment, too, but another one: here the corrupt run gets clean rows."),
        Mistake("all positions at once", lambda *given: _patch(*given, whole=True),
                "You restore all positions at once. Each run restores a single one."),
        Mistake("patches pile up", _accumulating,
                "The patches pile up: position 1 is patched on top of position 0. Start each run from a fresh copy, with `.clone()`."),
        Mistake("embeddings everywhere", lambda *given: _patch(*given, embeddings=True),
                "You put the clean *input* in at every layer. Keep what enters each block in the clean run, and use the row of that layer."),
        Mistake("the transposed grid", lambda *given: _patch(*given).T,
                "The grid is transposed: one row for each layer, one column for each position."),
        Mistake("the corrupt run", lambda blocks, clean, corrupt, read: read(_entering(blocks, corrupt)[1]).expand(len(blocks), len(clean)),
                "All entries are the corrupt run's. The patch did not arrive: overwrite the row *before* the block runs."),
    ),
    hints=(
        "First a clean run that keeps what enters each block. Then two loops, over layers and positions, and inside them a corrupt run from the start that is changed in one place.",
        "Inside the loops: `x = corrupt.clone()`, then for each block: `if i == layer: x = x.clone(); x[position] = kept[layer][position]`, then `x = block(x)`; last `grid[layer, position] = read(x)`.",
    ),
    setup="import torch",
    starter="""
def patch_each(blocks, clean, corrupt, read):
    ...
""",
    solution="""
def patch_each(blocks, clean, corrupt, read):
    kept, x = [], clean
    for block in blocks:
        kept.append(x)
        x = block(x)
    grid = torch.zeros(len(blocks), len(clean))
    for layer in range(len(blocks)):
        for position in range(len(clean)):
            x = corrupt
            for i, block in enumerate(blocks):
                if i == layer:
                    x = x.clone()
                    x[position] = kept[layer][position]
                x = block(x)
            grid[layer, position] = read(x)
    return grid
""",
)

EXERCISES = (INDUCTION_SCORE, SILENCE_HEAD, PATCH_EACH)
