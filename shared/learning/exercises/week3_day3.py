"""The exercises of week 3, day 3: what each asks, how its check knows the usual mistakes, two hints and a solution."""

from collections.abc import Callable

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: from the fused row to heads ---------------------------------------------------------------------------


def _qkv_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(331)
    # tokens, heads and widths that differ from each other, so that no exchange of two axes goes unnoticed
    return [(torch.randn(b, t, 3 * h * k, generator=numbers), h) for b, t, h, k in ((1, 6, 4, 5), (2, 3, 2, 7), (2, 4, 3, 4))]


def _cut(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    return tuple(part.unflatten(-1, (n_heads, -1)).transpose(1, 2) for part in qkv.chunk(3, dim=-1))


def _no_transpose_shape(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    return tuple(part.unflatten(-1, (n_heads, -1)) for part in qkv.chunk(3, dim=-1))


def _reshaped(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    batch, length, _ = qkv.shape
    return tuple(part.reshape(batch, n_heads, length, -1) for part in qkv.chunk(3, dim=-1))


def _head_by_head(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    per_head = qkv.unflatten(-1, (n_heads, 3, -1))  # (B, T, h, 3, d_k): q, k, v of head 0, then of head 1, …
    return tuple(per_head[..., i, :].transpose(1, 2) for i in range(3))


def _every_third(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    return tuple(qkv[..., i::3].unflatten(-1, (n_heads, -1)).transpose(1, 2) for i in range(3))


def _striped_heads(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    # head i gets every h-th number instead of d_k neighbors
    return tuple(part.unflatten(-1, (-1, n_heads)).permute(0, 3, 1, 2) for part in qkv.chunk(3, dim=-1))


def _wrong_order(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    q, k, v = _cut(qkv, n_heads)
    return k, q, v


def _last_two_turned(qkv: Tensor, n_heads: int) -> tuple[Tensor, ...]:
    return tuple(part.transpose(-2, -1) for part in _cut(qkv, n_heads))


CUT = Exercise(
    id="w3d3-e1",
    title="from the fused row to heads",
    task="Fill in the two lines: cut the row into q, k and v, then each into heads, and bring the heads in front.",
    name="cut_into_heads",
    cases=_qkv_cases(),
    reference=_cut,
    mistakes=(
        Mistake("heads not in front", _no_transpose_shape,
                "You cut into (B, T, h, d_k) and stop. Attention works on the last two axes, and they must be tokens × features: bring the heads in front with `transpose(1, 2)`."),
        Mistake("reshaped instead of turned", _reshaped,
                "Your shapes are right and the numbers are not: you asked for (B, h, T, d_k) at once, so head 0 is filled with pieces of the first tokens. First (B, T, h, d_k), then `transpose(1, 2)`."),
        Mistake("q, k, v for each head in turn", _head_by_head,
                "You read the row as q, k, v of head 0, then q, k, v of head 1. In GPT-2's row all queries come first, then all keys, then all values: cut into three *before* you cut into heads. (Some other models do have your order.)"),
        Mistake("every third number", _every_third,
                "You took every third number for q. The row is three blocks, one after the other: `chunk(3, dim=-1)`."),
        Mistake("every h-th number", _striped_heads,
                "Head 0 gets every h-th number of q. A head owns d_k *neighboring* numbers: cut the last axis into (h, d_k), in this order."),
        Mistake("k before q", _wrong_order,
                "Your k is the row's q and the other way round. The order in the row is q, k, v."),
        Mistake("the last two axes turned", _last_two_turned,
                "Your tables are (B, h, d_k, T). Exchange the axes of tokens and heads, `transpose(1, 2)`, and no others."),
    ),
    hints=(
        "Two cuts and one turn. `chunk(3, dim=-1)` cuts the row; `view(B, T, n_heads, …)` cuts a part into heads. Which axis is then in the wrong place?",
        "`part.reshape(B, T, n_heads, three_d // 3 // n_heads)` is (B, T, h, d_k). `.transpose(1, 2)` exchanges T and h.",
    ),
    starter="""
def cut_into_heads(qkv, n_heads):
    B, T, three_d = qkv.shape
    q, k, v = ...                     # three tables (B, T, d)
    q, k, v = (... for part in (q, k, v))
    return q, k, v
""",
    solution="""
def cut_into_heads(qkv, n_heads):
    B, T, three_d = qkv.shape
    q, k, v = qkv.chunk(3, dim=-1)    # three tables (B, T, d)
    q, k, v = (part.reshape(B, T, n_heads, -1).transpose(1, 2) for part in (q, k, v))
    return q, k, v
""",
)

# --- exercise 2: which weights must be turned --------------------------------------------------------------------------

CONV1D = ("c_attn.weight", "c_proj.weight", "c_fc.weight")


def _weight_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(332)
    d, shapes = 4, {}
    shapes |= {"h.0.attn.c_attn.weight": (d, 3 * d), "h.0.attn.c_attn.bias": (3 * d,), "h.0.attn.c_proj.weight": (d, d)}
    shapes |= {"h.1.mlp.c_fc.weight": (d, 4 * d), "h.1.mlp.c_proj.weight": (4 * d, d), "h.1.mlp.c_fc.bias": (4 * d,)}
    shapes |= {"wte.weight": (9, d), "wpe.weight": (6, d), "ln_f.weight": (d,), "h.1.ln_2.bias": (d,)}
    return [(name, torch.randn(*shape, generator=numbers)) for name, shape in shapes.items()]


def _as_linear(name: str, weight: Tensor) -> Tensor:
    return weight.T if name.endswith(CONV1D) else weight


def _if_not_square(name: str, weight: Tensor) -> Tensor:
    return weight.T if weight.ndim == 2 and weight.shape[0] != weight.shape[1] else weight


def _all_matrices(name: str, weight: Tensor) -> Tensor:
    return weight.T if weight.ndim == 2 else weight


def _blocks_not_square(name: str, weight: Tensor) -> Tensor:
    return _if_not_square(name, weight) if name.startswith("h.") else weight


def _only_attention(name: str, weight: Tensor) -> Tensor:
    return weight.T if ".attn." in name and weight.ndim == 2 else weight


def _forgets_c_fc(name: str, weight: Tensor) -> Tensor:
    return weight.T if name.endswith(("c_attn.weight", "c_proj.weight")) else weight


def _reshaped_weight(name: str, weight: Tensor) -> Tensor:
    return weight.reshape(weight.shape[::-1]) if name.endswith(CONV1D) else weight


AS_LINEAR = Exercise(
    id="w3d3-e2",
    title="which weights must be turned",
    task="Decide by the name, not by the shape: what was a Conv1D in the file must be turned, all else stays.",
    name="as_linear",
    cases=_weight_cases(),
    reference=_as_linear,
    mistakes=(
        Mistake("turned if not square", _if_not_square,
                "Both faults are still in. The shape is a bad judge: attention's c_proj is square and must be turned all the same; wte and wpe are not square and must stay. Decide by the name."),
        Mistake("every matrix turned", _all_matrices,
                "The square c_proj is right now. But you turn the embedding tables, too. They are looked up, row by row, and not multiplied: wte and wpe stay as they are."),
        Mistake("square matrices left", _blocks_not_square,
                "The embedding tables are right now. But attention's c_proj is square, so it slips through: it fits either way and must be turned."),
        Mistake("only attention", _only_attention,
                "You turn attention's matrices only. The feed-forward network's c_fc and c_proj are Conv1D, too."),
        Mistake("c_fc forgotten", _forgets_c_fc,
                "c_fc is missing: the first matrix of the feed-forward network is a Conv1D like the others."),
        Mistake("reshaped, not turned", _reshaped_weight,
                "You used `reshape`: the shape is right and the numbers are shuffled. Rows become columns with `.T`."),
    ),
    hints=(
        "Three names end the four matrices of a block that must be turned: c_attn, c_proj (twice) and c_fc. Biases have one axis and stay.",
        "`name.endswith((\"c_attn.weight\", \"c_proj.weight\", \"c_fc.weight\"))` is True for just these.",
    ),
    starter="""
def as_linear(name, weight):
    if weight.ndim == 2 and weight.shape[0] != weight.shape[1]:
        return weight.T
    return weight
""",
    solution="""
def as_linear(name, weight):
    if name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
        return weight.T
    return weight
""",
)

# --- exercise 3: how many parameters -----------------------------------------------------------------------------------


def _count(vocab_size: int, context: int, n_layers: int, d_model: int, tied: bool = True) -> int:
    d, tables = d_model, vocab_size * d_model * (1 if tied else 2)
    return tables + context * d + n_layers * (12 * d * d + 13 * d) + 2 * d


def _less(what: Callable[..., int]) -> Callable[..., int]:
    """The right count, less something that is forgotten (or more, where it is negative)."""
    return lambda V, C, N, d, tied=True: _count(V, C, N, d, tied) - what(V, C, N, d, tied)


COUNT = Exercise(
    id="w3d3-e3",
    title="how many parameters",
    task="Add up: token table, positions, blocks, final norm, and the head where it is not tied.",
    name="count_parameters",
    cases=[(50257, 1024, 12, 768), (50257, 1024, 48, 1600), (11, 7, 2, 8), (11, 7, 2, 8, False), (50257, 1024, 12, 768, False)],
    reference=_count,
    mistakes=(
        Mistake("the head always counted", _less(lambda V, C, N, d, tied: -V * d if tied else 0),
                "You count the head also where it is tied. Then it *is* the token table, and has no numbers of its own."),
        Mistake("tied is not used", _less(lambda V, C, N, d, tied: 0 if tied else V * d),
                "Where the head is not tied, it has a matrix of its own, V·d more. `tied=False` must change your result."),
        Mistake("positions forgotten", _less(lambda V, C, N, d, tied: C * d), "The position table is missing: one row for each of `context` places, C·d."),
        Mistake("final norm forgotten", _less(lambda V, C, N, d, tied: 2 * d), "You are 2·d short: the final norm, behind the last block."),
        Mistake("one number a feature in a norm", _less(lambda V, C, N, d, tied: (2 * N + 1) * d),
                "Each norm has two numbers for every feature, a scale and a shift: 2·d, and not d."),
        Mistake("no norms in the blocks", _less(lambda V, C, N, d, tied: 4 * N * d), "The norms in the blocks are missing: two in each, 2·d numbers each."),
        Mistake("no biases", _less(lambda V, C, N, d, tied: 9 * N * d),
                "The biases of the four matrices are missing: 3·d, d, 4·d and d, so 9·d in each block."),
        Mistake("no output projection", _less(lambda V, C, N, d, tied: N * (d * d + d)), "In each block attention's output projection is missing: d² + d."),
        Mistake("one way of the feed-forward network", _less(lambda V, C, N, d, tied: N * (4 * d * d + d)),
                "The feed-forward network has two matrices: d × 4d up and 4d × d down."),
        Mistake("one block", _less(lambda V, C, N, d, tied: (N - 1) * (12 * d * d + 13 * d)), "You count one block. There are `n_layers` of them, each with numbers of its own."),
    ),
    hints=(
        "One block: the fused projection 3d² + 3d, the output d² + d, up 4d² + 4d, down 4d² + d, two norms of 2d. Outside: two tables and one norm.",
        "A block is 12d² + 13d. The rest is `vocab_size * d_model`, `context * d_model` and `2 * d_model`; a head that is not tied is `vocab_size * d_model` more.",
    ),
    starter="""
def count_parameters(vocab_size, context, n_layers, d_model, tied=True):
    ...
""",
    solution="""
def count_parameters(vocab_size, context, n_layers, d_model, tied=True):
    tokens, positions = vocab_size * d_model, context * d_model
    block = 12 * d_model**2 + 13 * d_model
    head = 0 if tied else vocab_size * d_model
    return tokens + positions + n_layers * block + 2 * d_model + head
""",
)

EXERCISES = (CUT, AS_LINEAR, COUNT)
