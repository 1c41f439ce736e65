"""The exercises of week 3, day 6: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: what a text costs -------------------------------------------------------------------------------------


def _text_flops(T: int, n_layers: int, d: int, vocab_size: int, matrices: int = 2, meetings: int = 4, head: int = 2) -> int:
    return matrices * T * n_layers * 12 * d * d + meetings * T * T * d * n_layers + head * T * d * vocab_size


TEXT_FLOPS = Exercise(
    id="w3d6-e1",
    title="what a text costs",
    task="Fill in the two missing lines: what the matrices cost, and what the meetings cost.",
    name="text_flops",
    cases=[(6, 12, 768, 50_257), (5, 3, 8, 11), (9, 2, 4, 3)],
    reference=_text_flops,
    mistakes=(
        Mistake("one operation a weight", lambda T, n, d, v: _text_flops(T, n, d, v, matrices=1),
                "The matrices come out at half: you count one operation for each weight. It is multiplied *and* added: 2."),
        Mistake("weights only once", lambda T, n, d, v: 24 * n * d * d + 4 * T * T * d * n + 2 * T * d * v,
                "The matrices are counted for one token only. Each of the T tokens meets every weight."),
        Mistake("one layer's matrices", lambda T, n, d, v: 24 * T * d * d + 4 * T * T * d * n + 2 * T * d * v,
                "The matrices of a single layer are counted. There are n_layers of them."),
        Mistake("attention's matrices only", lambda T, n, d, v: 8 * T * n * d * d + 4 * T * T * d * n + 2 * T * d * v,
                "Only attention's 4·d² weights are counted. The feed-forward network has 8·d² more: 12·d² in each layer."),
        Mistake("scores without mixtures", lambda T, n, d, v: _text_flops(T, n, d, v, meetings=2),
                "The meetings come out at half: a score costs 2·d, and so does the share of a value that the pair mixes in. Together 4·d."),
        Mistake("meetings in a line", lambda T, n, d, v: 24 * T * n * d * d + 4 * T * d * n + 2 * T * d * v,
                "The meetings grow with T here. Every token meets every token: T · T pairs."),
        Mistake("one layer's meetings", lambda T, n, d, v: 24 * T * n * d * d + 4 * T * T * d + 2 * T * d * v,
                "The meetings of a single layer are counted. Tokens meet in each of the n_layers."),
        Mistake("no meetings", lambda T, n, d, v: _text_flops(T, n, d, v, meetings=0),
                "The meetings are missing. No parameter pays for them, and they cost all the same."),
    ),
    hints=(
        "A weight that is used by one token costs a multiplication and an addition. A pair of tokens costs a dot product of d numbers over all heads, and then d numbers of a value are weighed and added.",
        "`2 * T * n_layers * 12 * d * d`, and for the pairs `n_layers * T * T * (2 * d + 2 * d)`.",
    ),
    starter="""
def text_flops(T, n_layers, d, vocab_size):
    matrices = ...  # each token meets each of the 12·d² weights of each layer
    meetings = ...  # each layer: T × T pairs, a score and a share of a value for each
    head = 2 * T * d * vocab_size
    return matrices + meetings + head
""",
    solution="""
def text_flops(T, n_layers, d, vocab_size):
    matrices = 2 * T * n_layers * 12 * d * d
    meetings = 4 * T * T * d * n_layers
    head = 2 * T * d * vocab_size
    return matrices + meetings + head
""",
)

# --- exercise 2: a cache that is too large -----------------------------------------------------------------------------


def _cache(n_layers: int, n_heads: int, n_kv_heads: int, d_k: int, tokens: int, bytes_each: int) -> int:
    return 2 * n_layers * n_kv_heads * d_k * tokens * bytes_each


CACHE_BYTES = Exercise(
    id="w3d6-e2",
    title="a cache that is too large",
    task="Repair the line, so that it gives the bytes of the KV cache for any number of key-value heads.",
    name="cache_bytes",
    cases=[(12, 12, 12, 64, 1024, 2), (12, 12, 3, 64, 1024, 2), (5, 8, 2, 16, 7, 4)],
    reference=_cache,
    mistakes=(
        Mistake("as it was", lambda n, h, kv, k, t, b: n * h * k * t * t * b * 2,
                "Nothing has changed yet. Attention *weights* are a table of tokens × tokens; keys and values are one row for each token."),
        Mistake("still squared", lambda n, h, kv, k, t, b: n * kv * k * t * t * b * 2,
                "The heads are right now. But the tokens still stand there twice: each token leaves one key and one value, so the cache grows with T."),
        Mistake("still all heads", lambda n, h, kv, k, t, b: n * h * k * t * b * 2,
                "It grows with T now. But it counts query heads: only the n_kv_heads keep anything."),
        Mistake("keys only", lambda n, h, kv, k, t, b: n * kv * k * t * b,
                "Half is missing: keys *and* values are kept."),
        Mistake("all heads, keys only", lambda n, h, kv, k, t, b: n * h * k * t * b,
                "Two things: keys and values are two tables, and only n_kv_heads of the heads keep them."),
        Mistake("queries are kept, too", lambda n, h, kv, k, t, b: 3 * n * kv * k * t * b,
                "The factor 3 would keep queries. A query is asked once, when its token comes, and then thrown away."),
        Mistake("one layer", lambda n, h, kv, k, t, b: 2 * kv * k * t * b,
                "This is the cache of one layer. Each of the n_layers has keys and values of its own."),
        Mistake("numbers, not bytes", lambda n, h, kv, k, t, b: 2 * n * kv * k * t,
                "These are numbers. Each of them takes bytes_each bytes."),
    ),
    hints=(
        "Ask of each factor: for how many different things is a key or a value stored? Two of the factors answer a question that nobody asked.",
        "One `tokens` too many, and `n_heads` where `n_kv_heads` should stand.",
    ),
    starter="""
def cache_bytes(n_layers, n_heads, n_kv_heads, d_k, tokens, bytes_each):
    return n_layers * n_heads * d_k * tokens * tokens * bytes_each * 2
""",
    solution="""
def cache_bytes(n_layers, n_heads, n_kv_heads, d_k, tokens, bytes_each):
    return 2 * n_layers * n_kv_heads * d_k * tokens * bytes_each
""",
)

# --- exercise 3: a mixture of experts ----------------------------------------------------------------------------------


def _mixture_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(363)
    drawn = lambda *shape: torch.randn(*shape, generator=numbers)  # noqa: E731
    # in the first case there are as many tokens as experts, so that a softmax along the wrong side gives wrong numbers
    return [(drawn(t, d), drawn(d, e), drawn(e, d, d), top) for t, d, e, top in ((4, 5, 4, 2), (6, 4, 5, 3), (3, 4, 5, 1))]


def _mix(x: Tensor, shares: Tensor, experts: Tensor) -> Tensor:
    return torch.einsum("te,td,edk->tk", shares, x, experts)


def _chosen(scores: Tensor, top: int, largest: bool = True) -> Tensor:
    return torch.zeros_like(scores).scatter(1, scores.topk(top, dim=-1, largest=largest).indices, 1.0).bool()


def _mixture(x: Tensor, router: Tensor, experts: Tensor, top: int) -> Tensor:
    scores = x @ router
    return _mix(x, torch.softmax(scores.masked_fill(~_chosen(scores, top), -torch.inf), dim=-1), experts)


def _late(x, router, experts, top):
    scores = x @ router
    return _mix(x, torch.softmax(scores, dim=-1) * _chosen(scores, top), experts)


def _raw(x, router, experts, top):
    scores = x @ router
    return _mix(x, scores * _chosen(scores, top), experts)


def _even(x, router, experts, top):
    return _mix(x, _chosen(x @ router, top).float() / top, experts)


def _worst(x, router, experts, top):
    scores = x @ router
    return _mix(x, torch.softmax(scores.masked_fill(~_chosen(scores, top, largest=False), -torch.inf), dim=-1), experts)


def _one_choice(x, router, experts, top):
    scores = x @ router
    favorites = torch.zeros_like(scores[0]).scatter(0, scores.mean(0).topk(top).indices, 1.0).bool()
    return _mix(x, torch.softmax(scores.masked_fill(~favorites, -torch.inf), dim=-1), experts)


MIXTURE = Exercise(
    id="w3d6-e3",
    title="a mixture of experts",
    task="Write a layer in which a router sends each token to its best experts.",
    name="mixture",
    cases=_mixture_cases(),
    reference=_mixture,
    mistakes=(
        Mistake("all experts", lambda x, router, experts, top: _mix(x, torch.softmax(x @ router, dim=-1), experts),
                "All experts take part. That costs as much as it can; only the `top` best may run."),
        Mistake("softmax before the choice", _late,
                "The softmax runs over all experts, and the chosen shares no longer add up to 1. Choose first, then take the softmax among the chosen."),
        Mistake("raw scores", _raw,
                "You mix with the raw scores. Put the chosen ones through a softmax."),
        Mistake("equal shares", _even,
                "The chosen experts share evenly. Their scores should decide: a softmax among them."),
        Mistake("only added up", lambda x, router, experts, top: _mix(x, _chosen(x @ router, top).float(), experts),
                "You add up the chosen experts' results without shares. A softmax over their scores gives the weights."),
        Mistake("the worst experts", _worst,
                "These are the experts with the *lowest* scores. `topk` gives the best; `argsort` sorts upward."),
        Mistake("one choice for all", _one_choice,
                "One set of experts is chosen for the whole text. Each token chooses for itself."),
        Mistake("always the best alone", lambda x, router, experts, top: _mixture(x, router, experts, 1),
                "Only the best expert runs. Take the `top` best."),
        Mistake("softmax over tokens", lambda x, router, experts, top: _mix(x, torch.softmax(x @ router, dim=0) * _chosen(x @ router, top), experts),
                "The softmax runs over the tokens. Each token shares out 1 among its experts: `dim=-1`."),
    ),
    hints=(
        "Three steps: scores (T, E); for each token the `top` best of its row and a softmax among them; the weighted sum of what these experts make of it.",
        "`best, which = (x @ router).topk(top, dim=-1)` and `shares = best.softmax(dim=-1)`; then for token t and place i add `shares[t, i] * (x[t] @ experts[which[t, i]])`.",
    ),
    starter="""
def mixture(x, router, experts, top):
    ...
""",
    solution="""
def mixture(x, router, experts, top):
    best, which = (x @ router).topk(top, dim=-1)
    shares = best.softmax(dim=-1)
    out = torch.zeros_like(x)
    for t in range(len(x)):
        for i in range(top):
            out[t] += shares[t, i] * (x[t] @ experts[which[t, i]])
    return out
""",
)

EXERCISES = (TEXT_FLOPS, CACHE_BYTES, MIXTURE)
