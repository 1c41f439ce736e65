"""The exercises of week 1, day 4: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

import torch
from torch import Tensor

from shared.attention import causal_mask, merge_heads, scaled_dot_product_attention, split_heads
from shared.learning.exercises import Exercise, Mistake

# --- day 4, exercise 1: one head ---------------------------------------------------------------------------------------


def _head_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(14)
    # sizes that differ from each other, so that no mistake hides behind a square matrix
    return [tuple(torch.randn(*shape, generator=numbers) / 2 for shape in ((t, d), (d, w), (d, w), (d, w)))
            for t, d, w in ((5, 12, 8), (3, 6, 16))]


def _one_head(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    return scaled_dot_product_attention(x @ w_q, x @ w_k, x @ w_v)[0]


def _head_with(scale=math.sqrt, dim=-1, swap=False, take="v"):
    """A head with one thing changed: the divisor, the softmax's axis, who asks whom, or what is mixed."""

    def head(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
        parts = {"q": x @ w_q, "k": x @ w_k, "v": x @ w_v}
        asks, answers = ("k", "q") if swap else ("q", "k")
        scores = parts[asks] @ parts[answers].T / scale(w_q.shape[1])
        return scores.softmax(dim) @ parts[take]

    return head


def _masked_head(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    return scaled_dot_product_attention(x @ w_q, x @ w_k, x @ w_v, causal_mask(len(x)))[0]


ONE_HEAD = Exercise(
    id="w1d4-e1",
    title="one head, from X to its output",
    task="Fill in the two missing lines: who looks at whom, and what each word takes home.",
    name="one_head",
    cases=_head_cases(),
    reference=_one_head,
    mistakes=(
        Mistake("no division", _head_with(scale=lambda d_k: 1.0),
                "The scores are not divided. Divide them by √d_k before the softmax, else a wide head stares at one word."),
        Mistake("division by d_k", _head_with(scale=float),
                "The scores are divided by d_k. The spread of a dot product grows like √d_k, so divide by its square root."),
        Mistake("division by 8", _head_with(scale=lambda d_k: 8.0),
                "You divide by 8. That is √64, but the check brings heads of other widths, too: use `d_k**0.5`."),
        Mistake("division by √d_model", lambda x, w_q, w_k, w_v: (x @ w_q @ (x @ w_k).T / math.sqrt(x.shape[1])).softmax(-1) @ (x @ w_v),
                "You divide by √d_model. The dot product runs over the head's d_k numbers: divide by √d_k."),
        Mistake("softmax down the columns", _head_with(dim=0),
                "The softmax runs down the columns, over the queries. Each query shares out 1 among the keys: take dim=-1."),
        Mistake("no softmax", lambda x, w_q, w_k, w_v: x @ w_q @ (x @ w_k).T / math.sqrt(w_q.shape[1]) @ (x @ w_v),
                "You mix with the raw scores. Put them through a softmax first, so that each row is made of shares that sum to 1."),
        Mistake("division after the softmax", lambda x, w_q, w_k, w_v: (x @ w_q @ (x @ w_k).T).softmax(-1) / math.sqrt(w_q.shape[1]) @ (x @ w_v),
                "You divide after the softmax: the rows no longer sum to 1. Divide the scores, before the softmax."),
        Mistake("a causal mask", _masked_head,
                "You added a causal mask. A fine thing for a model that writes; this head reads, and every word may look everywhere."),
        Mistake("keys ask queries", _head_with(swap=True),
                "Queries and keys have changed places: rows belong to queries, so it is q @ k.T, not k @ q.T."),
        Mistake("keys are mixed", _head_with(take="k"),
                "You mix the keys. Keys only serve to score; what a word takes home is a mixture of values."),
        Mistake("queries are mixed", _head_with(take="q"),
                "You mix the queries. They have asked; what a word takes home is a mixture of values."),
        Mistake("values are not mixed", lambda x, w_q, w_k, w_v: x @ w_v,
                "You return the values as they are. Multiply the weights with them, so that each word takes home its own mixture."),
        Mistake("weights are returned", lambda x, w_q, w_k, w_v: (x @ w_q @ (x @ w_k).T / math.sqrt(w_q.shape[1])).softmax(-1),
                "You return the weights. They say how to mix; multiply them with the values to get the output."),
    ),
    hints=(
        "Two things are missing: a table that says who looks at whom, and the mixture that follows from it. Which shapes do they have?",
        "`weights` is the softmax, along each row, of `q @ k.T` divided by the square root of d_k. The output multiplies `weights` with `v`.",
    ),
    starter="""
def one_head(x, w_q, w_k, w_v):
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    d_k = q.shape[-1]
    weights = ...  # (T, T): who looks at whom
    return ...     # (T, d_k): what each word takes home
""",
    solution="""
def one_head(x, w_q, w_k, w_v):
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    d_k = q.shape[-1]
    weights = torch.softmax(q @ k.T / d_k**0.5, dim=-1)
    return weights @ v
""",
)

# --- day 4, exercise 2: the model that is always certain ------------------------------------------------------------------


def _vote_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(24)
    return [(torch.randn(d, generator=numbers), torch.randn(d, v, generator=numbers)) for d, v in ((64, 100), (512, 300))]


def _calm(y: Tensor, w: Tensor) -> Tensor:
    return torch.softmax(y @ w / math.sqrt(len(y)), dim=-1)


ALWAYS_CERTAIN = Exercise(
    id="w1d4-e2",
    title="the model that is always certain",
    task="Repair one line, so that an untrained model is no longer certain.",
    name="next_word_probabilities",
    cases=_vote_cases(),
    reference=_calm,
    mistakes=(
        Mistake("unchanged", lambda y, w: torch.softmax(y @ w, dim=-1),
                "Still certain: each logit is a sum of d products, so their spread is about √d. Bring it back to about 1."),
        Mistake("division by d", lambda y, w: torch.softmax(y @ w / len(y), dim=-1),
                "Now every token gets almost the even share: you divided by d. The spread of the sum is √d, so divide by its square root."),
        Mistake("division by the square root of 512", lambda y, w: torch.softmax(y @ w / math.sqrt(512), dim=-1),
                "You divide by √512. That is right for 512 features, but the check also brings a `y` of 64. Let the code ask: `len(y)**0.5`."),
        Mistake("division by the size of the vocabulary", lambda y, w: torch.softmax(y @ w / math.sqrt(w.shape[1]), dim=-1),
                "You scale by the size of the vocabulary. But a logit is a sum over the d features of y; how many other logits there are does not matter."),
        Mistake("softmax twice", lambda y, w: torch.softmax(torch.softmax(y @ w, dim=-1), dim=-1),
                "A softmax of a softmax looks calm, but it only blurs the result. Mend the logits, not the probabilities."),
        Mistake("probabilities divided", lambda y, w: torch.softmax(y @ w, dim=-1) / math.sqrt(len(y)),
                "You divide after the softmax, and the probabilities no longer sum to 1. Scale the logits, before the softmax."),
    ),
    hints=(
        "Print `logits.std()`. How large would you like it to be, and how does it depend on the 512?",
        "A sum of d independent products of spread 1 has a spread of √d. One division on the line of the logits is enough.",
    ),
    starter="""
def next_word_probabilities(y, w):
    logits = y @ w
    return torch.softmax(logits, dim=-1)
""",
    solution="""
def next_word_probabilities(y, w):
    logits = y @ w / len(y)**0.5
    return torch.softmax(logits, dim=-1)
""",
)

# --- day 4, exercise 3: all heads without a loop --------------------------------------------------------------------------


def _heads_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(34)
    # lengths that are no multiple of the heads would make a wrong reshape fail loudly, so one of them is
    return [(torch.randn(t, d, generator=numbers), *(torch.randn(d, d, generator=numbers) / 2 for _ in range(4)), h)
            for t, d, h in ((4, 12, 2), (5, 12, 3))]


def _many_heads(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, n_heads: int) -> Tensor:
    q, k, v = (split_heads(x @ w, n_heads) for w in (w_q, w_k, w_v))
    return merge_heads(scaled_dot_product_attention(q, k, v)[0]) @ w_o


def _heads_with(split=split_heads, merge=merge_heads, out=True, width=lambda d_model, d_k: d_k):
    """All heads with one thing changed: how they are split, how they are merged, W_o, or the width under the root."""

    def heads(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, n_heads: int) -> Tensor:
        q, k, v = (split(x @ w, n_heads) for w in (w_q, w_k, w_v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(width(x.shape[-1], q.shape[-1]))
        joined = merge(scores.softmax(-1) @ v)
        return joined @ w_o if out else joined

    return heads


def _split_by_view(x: Tensor, n_heads: int) -> Tensor:
    return x.reshape(n_heads, x.shape[0], x.shape[1] // n_heads)


def _split_interleaved(x: Tensor, n_heads: int) -> Tensor:
    return x.unflatten(-1, (x.shape[-1] // n_heads, n_heads)).movedim(-1, -3)


def _merge_by_view(heads: Tensor) -> Tensor:
    return heads.reshape(heads.shape[-2], -1)


MANY_HEADS = Exercise(
    id="w1d4-e3",
    title="all heads, without a loop",
    task="Compute multi-head attention with heads as an axis of their own.",
    name="many_heads",
    cases=_heads_cases(),
    reference=_many_heads,
    mistakes=(
        Mistake("split by one reshape", _heads_with(split=_split_by_view),
                "The split mixes words into each other: (T, d_model) reshaped straight to (heads, T, d_k) reads the numbers in the wrong "
                "order. Reshape to (T, heads, d_k) first, then transpose."),
        Mistake("merge by one reshape", _heads_with(merge=_merge_by_view),
                "The merge mixes heads into words. Undo the split in reverse: transpose back to (T, heads, d_k), then reshape."),
        Mistake("split and merge by one reshape", _heads_with(split=_split_by_view, merge=_merge_by_view),
                "Both reshapes read the numbers in the wrong order: going in, reshape to (T, heads, d_k) and then transpose; coming out, "
                "transpose first and then reshape."),
        Mistake("heads take every h-th column", _heads_with(split=_split_interleaved),
                "Your heads take every h-th column. A head owns a block of d_k neighboring columns: reshape to (T, heads, d_k), in this order."),
        Mistake("heads look at heads", _heads_with(split=lambda x, n_heads: x.unflatten(-1, (n_heads, -1)), merge=lambda heads: heads.flatten(-2)),
                "Heads look at heads inside each word. Transpose to (heads, T, d_k), so that words look at words inside each head."),
        Mistake("no output projection", _heads_with(out=False),
                "The heads lie side by side, but nothing has mixed them yet: multiply by w_o at the end."),
        Mistake("division by √d_model", _heads_with(width=lambda d_model, d_k: d_model),
                "You divide by √d_model. The dot product is taken within one head, over d_k numbers, so divide by √d_k."),
        Mistake("one wide head", _heads_with(split=lambda x, n_heads: x[None], merge=lambda heads: heads[0]),
                "This is one head of full width: n_heads has no effect on the weights. Split q, k and v before the scores."),
        Mistake("no division", _heads_with(width=lambda d_model, d_k: 1),
                "The scores are not divided by √d_k."),
    ),
    hints=(
        "Project first, with the whole matrices: each projection is (T, d_model). Then its columns fall into n_heads blocks of d_k.",
        "`.reshape(T, n_heads, d_k).transpose(0, 1)` gives (n_heads, T, d_k); from there `q @ k.transpose(1, 2)` works on all heads at "
        "once. On the way back transpose first, then reshape to (T, d_model), then `@ w_o`.",
    ),
    starter="""
def many_heads(x, w_q, w_k, w_v, w_o, n_heads):
    ...
""",
    solution="""
def many_heads(x, w_q, w_k, w_v, w_o, n_heads):
    T, d_model = x.shape
    d_k = d_model // n_heads
    q, k, v = ((x @ w).reshape(T, n_heads, d_k).transpose(0, 1) for w in (w_q, w_k, w_v))
    weights = torch.softmax(q @ k.transpose(1, 2) / d_k**0.5, dim=-1)
    joined = (weights @ v).transpose(0, 1).reshape(T, d_model)
    return joined @ w_o
""",
)

EXERCISES = (ONE_HEAD, ALWAYS_CERTAIN, MANY_HEADS)
