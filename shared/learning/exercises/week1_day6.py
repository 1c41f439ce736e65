"""The exercises of week 1, day 6: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from shared.learning.exercises import Exercise, Mistake

# --- day 6, exercise 1: cross-attention ----------------------------------------------------------------------------------


def _cross_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(16)
    # target and source differ in length, and so do the widths, so that no mistake hides behind a square matrix;
    # the last case has equal lengths and widths, so that a mistake shows in numbers and not only as an error
    return [tuple(torch.randn(*shape, generator=numbers) / 2 for shape in ((t, d), (s, d), (d, w), (d, w), (d, w)))
            for t, s, d, w in ((3, 5, 12, 8), (6, 4, 8, 16), (4, 4, 9, 9))]


def _cross_with(asks="y", keys="memory", values="memory", scale=math.sqrt, dim=-1, mask=False):
    """One head of cross-attention with one thing changed: who asks, who answers, the divisor, the softmax's axis, a mask."""

    def cross(y: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
        rows = {"y": y, "memory": memory}
        q, k, v = rows[asks] @ w_q, rows[keys] @ w_k, rows[values] @ w_v
        scores = q @ k.T / scale(w_q.shape[1])
        if mask:
            scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), -math.inf)
        return scores.softmax(dim) @ v

    return cross


CROSS_ATTENTION = Exercise(
    id="w1d6-e1",
    title="one head of cross-attention",
    task="Fill in the two missing lines: keys and values, and the weights.",
    name="cross_attention",
    cases=_cross_cases(),
    reference=_cross_with(),
    mistakes=(
        Mistake("self-attention", _cross_with(keys="y", values="y"),
                "This is self-attention: keys and values come from `y`, so the target looks at itself and never at the source. "
                "Make both from `memory`."),
        Mistake("values from the target", _cross_with(values="y"),
                "The keys are right, but the values come from `y`. What a target token takes home must come from the source: `memory @ w_v`."),
        Mistake("keys from the target", _cross_with(keys="y"),
                "The values are right, but the keys come from `y`. The source must answer the queries: `memory @ w_k`."),
        Mistake("everything from the memory", _cross_with(asks="memory"),
                "Now the source asks itself, and the target has no say. The queries are made from `y`; that line was right as it stood."),
        Mistake("the source asks", _cross_with(asks="memory", keys="y", values="y"),
                "The roles are swapped: the source asks and the target answers. It is the target that wants to know something: `q = y @ w_q`."),
        Mistake("a causal mask", _cross_with(mask=True),
                "You added a causal mask. It belongs into the decoder's self-attention; the source is known whole, and every "
                "target token may look at all of it."),
        Mistake("no division", _cross_with(scale=lambda d_k: 1.0),
                "The scores are not divided. Divide them by √d_k before the softmax, as in every attention."),
        Mistake("division by d_k", _cross_with(scale=float),
                "The scores are divided by d_k. Divide by its square root."),
        Mistake("division by the square root of 64", _cross_with(scale=lambda d_k: 8.0),
                "You divide by √64, whatever the width is. Let the code ask: `q.shape[-1]**0.5`."),
        Mistake("softmax down the columns", _cross_with(dim=0),
                "The softmax runs down the columns, over the queries. Each target token shares out 1 among the source tokens: dim=-1."),
        Mistake("weights without softmax", lambda y, memory, w_q, w_k, w_v: (y @ w_q) @ (memory @ w_k).T / math.sqrt(w_q.shape[1]) @ (memory @ w_v),
                "You mix with raw scores. Put them through a softmax along each row first."),
    ),
    hints=(
        "Who asks, and who answers? The line with `q` is right. What must the shape of `weights` be, and which lengths does that need?",
        "Keys and values are both made from `memory`. The weights are the softmax, along each row, of `q @ k.T` divided by √d_k.",
    ),
    starter="""
def cross_attention(y, memory, w_q, w_k, w_v):
    q = y @ w_q
    k, v = ..., ...
    weights = ...  # (T, S): how much each target token looks at each source token
    return weights @ v
""",
    solution="""
def cross_attention(y, memory, w_q, w_k, w_v):
    q = y @ w_q
    k, v = memory @ w_k, memory @ w_v
    weights = torch.softmax(q @ k.T / q.shape[-1]**0.5, dim=-1)
    return weights @ v
""",
)

# --- day 6, exercise 2: the decoder that reads what it must say -------------------------------------------------------------


def _lesson_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(26)
    return [(torch.randint(3, 20, (b, t), generator=numbers), start, stop) for b, t, start, stop in ((2, 5, 1, 2), (3, 4, 25, 0), (1, 1, 7, 8))]


def _lesson_with(reads, must_say):
    """The lesson from two functions of (start column, target, stop column), each a list of what is put side by side."""

    def lesson(target: Tensor, start_id: int, stop_id: int) -> tuple[Tensor, Tensor]:
        start, stop = torch.full((len(target), 1), start_id), torch.full((len(target), 1), stop_id)
        return torch.cat(reads(start, target, stop), 1), torch.cat(must_say(start, target, stop), 1)

    return lesson


DECODER_LESSON = Exercise(
    id="w1d6-e2",
    title="the decoder that reads what it must say",
    task="Repair what the decoder reads, so that each seat must say a token that it has not read yet.",
    name="decoder_lesson",
    cases=_lesson_cases(),
    reference=_lesson_with(lambda a, t, z: [a, t], lambda a, t, z: [t, z]),
    mistakes=(
        Mistake("unchanged", _lesson_with(lambda a, t, z: [t, z], lambda a, t, z: [t, z]),
                "Both are still the same: at every seat the decoder reads the very token that it must say. Copying is easy, and it "
                "learns nothing else. Move what it reads one seat to the right, behind the start token."),
        Mistake("swapped", _lesson_with(lambda a, t, z: [t, z], lambda a, t, z: [a, t]),
                "The shift goes the wrong way: the decoder reads a token and must say the one *before* it. Swap the two."),
        Mistake("both begin with the start", _lesson_with(lambda a, t, z: [a, t], lambda a, t, z: [a, t]),
                "Now both begin with the start token, and are the same again. What it must say has no start token, and ends with the stop token."),
        Mistake("no stop token", _lesson_with(lambda a, t, z: [a, t[:, :-1]], lambda a, t, z: [t]),
                "The shift is right. But the model never has to say the stop token, so it would never learn when to end. Both must be (B, T + 1)."),
        Mistake("both ends on both sides", _lesson_with(lambda a, t, z: [a, t, z], lambda a, t, z: [a, t, z]),
                "Start and stop stand on both sides, and both sides are the same. The start token is only read; the stop token is only said."),
        Mistake("reads the stop token, too", _lesson_with(lambda a, t, z: [a, t, z], lambda a, t, z: [t, z, z]),
                "Behind the stop token nothing is to be said. The decoder reads start and target, T + 1 tokens, and no stop token."),
        Mistake("shifted around the corner", _lesson_with(lambda a, t, z: [z, t], lambda a, t, z: [t, z]),
                "The shift is right, but the decoder begins with the *stop* token. Begin with the start token: that is what it gets when it writes."),
        Mistake("shifted without a start", _lesson_with(lambda a, t, z: [t[:, :1], t], lambda a, t, z: [t, z]),
                "The first seat reads the first token, which it must say. In front there must be something that gives nothing away: the start token."),
    ),
    hints=(
        "Print both for a target of three tokens, one under the other. What does seat 0 read, and what must it say?",
        "`must_say` is right. `reads` begins with `start` and holds the target behind it; it does not need the stop token.",
    ),
    starter="""
def decoder_lesson(target, start_id, stop_id):
    start = torch.full((len(target), 1), start_id)
    stop = torch.full((len(target), 1), stop_id)
    reads = torch.cat([target, stop], dim=1)
    must_say = torch.cat([target, stop], dim=1)
    return reads, must_say
""",
    solution="""
def decoder_lesson(target, start_id, stop_id):
    start = torch.full((len(target), 1), start_id)
    stop = torch.full((len(target), 1), stop_id)
    reads = torch.cat([start, target], dim=1)
    must_say = torch.cat([target, stop], dim=1)
    return reads, must_say
""",
)

# --- day 6, exercise 3: an encoder layer as the paper has it ----------------------------------------------------------------


def _mix(x: Tensor) -> Tensor:
    """Something that lets tokens meet, as attention does: each row takes half of the row before it."""
    return torch.roll(x, 1, 0) * 0.5 + 0.3


def _bend(x: Tensor) -> Tensor:
    """Something that treats each token alone, as a feed-forward network does."""
    return torch.relu(x - 0.2) * 2.0


def _layer_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(36)
    return [(torch.randn(s, d, generator=numbers) * 1.5 + 0.5, _mix, _bend) for s, d in ((4, 6), (3, 10))]


def _norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:])


def _post(x: Tensor, look, think) -> Tensor:
    x = _norm(x + look(x))
    return _norm(x + think(x))


def _pre(x: Tensor, look, think) -> Tensor:
    x = x + look(_norm(x))
    return x + think(_norm(x))


def _over_tokens(x: Tensor) -> Tensor:
    return (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt()


def _over_all(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape)


def _post_with(norm) -> object:
    def layer(x: Tensor, look, think) -> Tensor:
        x = norm(x + look(x))
        return norm(x + think(x))

    return layer


ENCODER_LAYER = Exercise(
    id="w1d6-e3",
    title="an encoder layer, post-LN",
    task="Write the two parts with their Add & Norm, in the paper's order.",
    name="encoder_layer",
    cases=_layer_cases(),
    reference=_post,
    mistakes=(
        Mistake("pre-LN", _pre,
                "This is pre-LN: the norm stands in front of each part. A fine layer, but not the paper's. There the norm comes last: norm(x + part(x))."),
        Mistake("pre-LN with a last norm", lambda x, look, think: _norm(_pre(x, look, think)),
                "This is pre-LN with one norm at the end, as a whole pre-LN encoder has it. The paper norms each sum: norm(x + part(x))."),
        Mistake("no shortcut", lambda x, look, think: _norm(think(_norm(look(x)))),
                "The shortcut is missing: each part's result replaces x. Add x before the norm: norm(x + part(x))."),
        Mistake("no norm", lambda x, look, think: (x + look(x)) + think(x + look(x)),
                "Both sums are there, and no norm. Put each sum through LayerNorm."),
        Mistake("norm before the addition", lambda x, look, think: (lambda y: y + _norm(think(y)))(x + _norm(look(x))),
                "You norm what the part found and then add x. In the paper the norm is around the whole sum: norm(x + part(x))."),
        Mistake("one norm, at the end", lambda x, look, think: _norm((x + look(x)) + think(x + look(x))),
                "There is a norm at the end, but none after the look. Each of the two sums has a norm of its own."),
        Mistake("the second shortcut starts too early", lambda x, look, think: _norm(x + think(_norm(x + look(x)))),
                "The second shortcut starts at the layer's input. It must start at what comes out of the first norm, so that what was looked up is kept."),
        Mistake("both parts side by side", lambda x, look, think: _norm(x + look(x) + think(x)),
                "Both parts read the same x. In the paper they stand one behind the other: first look, then think about what was found."),
        Mistake("think before look", lambda x, look, think: _post(x, think, look),
                "The order is turned round: first look (attention), then think (feed-forward)."),
        Mistake("norm over the tokens", _post_with(_over_tokens),
                "Your norm runs down the columns, over the tokens. LayerNorm works inside one token: along the last axis."),
        Mistake("norm over the whole table", _post_with(_over_all),
                "Your norm takes the mean of the whole table. LayerNorm works inside one token: along the last axis only."),
    ),
    hints=(
        "There are two lines, one for each part, and they look alike. What is added to what, and what is done with the sum?",
        "The first line is `x = norm(x + look(x))`, with `F.layer_norm` as the norm. The second one is its twin with `think`.",
    ),
    starter="""
def encoder_layer(x, look, think):
    ...
""",
    solution="""
def encoder_layer(x, look, think):
    x = F.layer_norm(x + look(x), x.shape[-1:])
    return F.layer_norm(x + think(x), x.shape[-1:])
""",
    setup="import torch\nfrom torch.nn import functional as F",
)

EXERCISES = (CROSS_ATTENTION, DECODER_LESSON, ENCODER_LAYER)
