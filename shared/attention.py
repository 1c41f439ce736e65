"""Attention, from one softmax to many heads: the mathematics of week 1, in the order in which the course builds it.

Shapes are written with the same letters everywhere:

    …         any leading axes (batch, heads), or none
    T         positions that ask (rows, queries)
    S         positions that are asked (columns, keys); S = T in self-attention
    d_model   width of a token's vector, 512 in the 2017 paper
    h         number of heads, 8 in the paper
    d_k, d_v  width of one head's queries and keys, and of its values: d_model / h = 64

Weights stand on the right, as in the paper: `x @ w` with w of shape (width in, width out).
Source of the equations: Vaswani et al. 2017, "Attention Is All You Need", https://arxiv.org/abs/1706.03762.
"""

import math

import torch
from torch import Tensor, nn

from shared.counts import check_count


# --- from scores to weights -------------------------------------------------------------------------------------------


def softmax(scores: Tensor, dim: int = -1) -> Tensor:
    """Turn scores into shares that are positive and sum to 1 along `dim`.

    scores: any shape, floating point; -inf means "no share at all". Returns the same shape.
    Errors: ValueError where a score is NaN or +inf, where everything along `dim` is -inf, or where there is no score.
    Source: paper, equation 1. Built in week 1 day 3.
    """
    _require_floating("scores", scores)
    if scores.numel() == 0:
        raise ValueError(f"scores holds no numbers: its shape is {_shape(scores)}")
    largest = scores.max(dim=dim, keepdim=True).values
    if largest.isnan().any() or (largest == math.inf).any():  # NaN counts as larger than any number
        raise ValueError("scores must be finite or -inf; got NaN or +inf")
    if (largest == -math.inf).any():
        raise ValueError(f"scores of shape {_shape(scores)} have a slice along dim={dim} that is all -inf: nothing to share out")
    # exp(1000) overflows; subtracting the largest score changes no share, because it cancels in the fraction
    powers = torch.exp(scores - largest)
    return powers / powers.sum(dim=dim, keepdim=True)


def scaled_dot_product_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Let every query look at all keys and take home a mixture of their values: softmax(q kᵀ / √d_k) v.

    q: (…, T, d_k), k: (…, S, d_k), v: (…, S, d_v), one floating-point type.
    mask: bool, broadcastable to (…, T, S); True = may attend. None = everyone may attend to everyone.
    Returns output (…, T, d_v) and weights (…, T, S), whose rows sum to 1.
    Errors: TypeError or ValueError that names the argument and the shapes, for widths or lengths that do not fit, numbers
    that are not finite, no tokens at all, a mask of another shape or type, or a mask row that may attend to nothing.
    Source: paper, equation 1. Built in week 1 days 3 and 4.
    """
    _check_qkv(q, k, v)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        mask = _check_mask(mask, scores.shape)
        # before the softmax, so that the remaining shares still sum to 1
        scores = scores.masked_fill(~mask, -math.inf)
    weights = softmax(scores, dim=-1)
    return weights @ v, weights


# --- masks ------------------------------------------------------------------------------------------------------------


def causal_mask(length: int, device: torch.device | str | None = None) -> Tensor:
    """The mask of a model that writes: position t may attend to positions 0 … t, never to a later one.

    length: T, at least 1. Returns (T, T) bool, True on and below the diagonal.
    Errors: ValueError for a length below 1. Source: paper, section 3.2.3. Built in week 1 day 3.
    """
    check_count("length", length)
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def padding_mask(ids: Tensor, pad_id: int) -> Tensor:
    """The mask of a batch of sentences of different length: nobody may attend to the filler.

    ids: (B, S) token ids, where `pad_id` fills up the short rows.
    Returns (B, 1, S) bool, True where a real token stands. Combine with `causal_mask` by `&`.
    Errors: TypeError for ids or a pad_id that are not whole numbers, ValueError for another number of axes, no ids at all
    or a sentence of nothing but padding. Source: paper, section 3.2.3, applied to padding. Built in week 1 day 6.
    """
    _require_tensor("ids", ids)
    if ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool:
        raise TypeError(f"ids must be whole numbers, got {ids.dtype}")
    if isinstance(pad_id, bool) or not isinstance(pad_id, int):
        raise TypeError(f"pad_id must be a whole number, got {pad_id!r}")
    if ids.ndim != 2 or 0 in ids.shape:
        raise ValueError(f"ids must have shape (batch, length), both at least 1, got {_shape(ids)}")
    real = ids != pad_id
    if not real.any(dim=-1).all():
        row = int((~real.any(dim=-1)).nonzero()[0])
        raise ValueError(f"ids: sentence {row} is nothing but padding (pad_id={pad_id})")
    return real[:, None, :]


# --- queries, keys and values -----------------------------------------------------------------------------------------


def project_qkv(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Ask three questions of the same vectors: three learned matrices give queries, keys and values.

    x: (…, T, d_model); w_q, w_k, w_v: (d_model, width each). Returns q, k, v: (…, T, width each).
    Errors: ValueError where a matrix does not fit x. Source: paper, section 3.2.2. Built in week 1 days 3 and 4.
    """
    _require_tokens("x", x)
    for name, w in (("w_q", w_q), ("w_k", w_k), ("w_v", w_v)):
        _require_matrix(name, w, rows=x.shape[-1], rows_of="x", other=x)
    return x @ w_q, x @ w_k, x @ w_v


def fuse_qkv(w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    """Lay three matrices side by side, so that one product does the work of three.

    w_q, w_k, w_v: (d_model, d_model) each. Returns (d_model, 3·d_model), queries first, then keys, then values.
    Errors: ValueError for shapes that differ, TypeError for types that differ.
    Source: the layout of GPT-2's c_attn. Built in week 1 day 4.
    """
    for name, w in (("w_q", w_q), ("w_k", w_k), ("w_v", w_v)):
        _require_floating(name, w)
    if not w_q.shape == w_k.shape == w_v.shape or w_q.ndim != 2:
        raise ValueError(f"w_q, w_k and w_v must be matrices of one shape, got {_shape(w_q)}, {_shape(w_k)}, {_shape(w_v)}")
    if not w_q.dtype == w_k.dtype == w_v.dtype:
        raise TypeError(f"w_q, w_k and w_v must have one type, got {w_q.dtype}, {w_k.dtype} and {w_v.dtype}")
    return torch.cat([w_q, w_k, w_v], dim=1)


def project_qkv_fused(x: Tensor, w_qkv: Tensor, b_qkv: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """The same three projections as one product that is then cut into three: equal numbers, fewer calls.

    x: (…, T, d_model), w_qkv: (d_model, 3·d_model), b_qkv: (3·d_model,). Returns q, k, v: (…, T, d_model).
    Errors: ValueError where the matrix or the bias does not fit. Source: GPT-2's c_attn. Built in week 1 day 4.
    """
    _require_tokens("x", x)
    d_model = x.shape[-1]
    _require_matrix("w_qkv", w_qkv, rows=d_model, rows_of="x", other=x, columns=3 * d_model)
    qkv = x @ w_qkv
    if b_qkv is not None:
        _require_bias("b_qkv", b_qkv, goes_with="w_qkv", w=w_qkv)
        qkv = qkv + b_qkv
    q, k, v = qkv.chunk(3, dim=-1)
    return q, k, v


# --- heads ------------------------------------------------------------------------------------------------------------


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """Cut projected vectors into heads: the slices of width d_k become an axis of their own.

    x: (…, T, d_model), already projected. Returns (…, h, T, d_k) with d_k = d_model / h.
    Errors: ValueError where d_model does not divide by n_heads. Source: paper, section 3.2.2. Built in week 1 day 4.
    """
    _require_tokens("x", x)
    d_k = _head_width(x.shape[-1], n_heads)
    return x.unflatten(-1, (n_heads, d_k)).transpose(-3, -2)


def merge_heads(heads: Tensor) -> Tensor:
    """Lay the heads' outputs side by side again: the inverse of `split_heads`.

    heads: (…, h, T, d_v). Returns (…, T, h·d_v).
    Errors: ValueError for fewer than three axes or nothing to merge. Source: the paper's Concat, section 3.2.2. Built in week 1 day 4.
    """
    _require_floating("heads", heads)
    if heads.ndim < 3 or 0 in heads.shape:
        raise ValueError(f"heads must have shape (…, heads, T, d_v), none of them 0, got {_shape(heads)}")
    return heads.transpose(-3, -2).flatten(-2)


def multi_head_attention(
    x: Tensor,
    w_qkv: Tensor,
    w_o: Tensor,
    n_heads: int,
    mask: Tensor | None = None,
    context: Tensor | None = None,
    b_qkv: Tensor | None = None,
    b_o: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Attend in several heads at once, then mix what they found: Concat(head_1 … head_h) W_o.

    x: (…, T, d_model); w_qkv: (d_model, 3·d_model), see `fuse_qkv`; w_o: (d_model, d_model); biases optional.
    mask: bool, broadcastable to (…, T, S), the same for all heads; True = may attend.
    context: (…, S, d_model) to take keys and values from (cross-attention); None = from x itself (self-attention).
    Returns output (…, T, d_model) and weights (…, h, T, S).
    Errors: those of the parts, each naming the argument. Source: paper, section 3.2.2. Built in week 1 days 4 and 6.
    """
    q, k, v = project_qkv_fused(x, w_qkv, b_qkv)
    if context is not None:
        _check_context(context, x)
        _, k, v = project_qkv_fused(context, w_qkv, b_qkv)
    _require_matrix("w_o", w_o, rows=x.shape[-1], rows_of="x", other=x, columns=x.shape[-1])
    if b_o is not None:
        _require_bias("b_o", b_o, goes_with="w_o", w=w_o)
    if mask is not None:
        leading = torch.broadcast_shapes(q.shape[:-2], k.shape[:-2])
        # one more axis, so that the mask holds for every head
        mask = _check_mask(mask, (*leading, q.shape[-2], k.shape[-2])).unsqueeze(-3)
    q, k, v = (split_heads(part, n_heads) for part in (q, k, v))
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    output = merge_heads(heads) @ w_o
    return (output if b_o is None else output + b_o), weights


class MultiHeadAttention(nn.Module):
    """Multi-head attention with weights that learn: one fused projection d_model → 3·d_model, and one back.

    d_model: width of the vectors; n_heads: must divide it; bias: whether both projections add one.
    Errors: ValueError for sizes below 1 or a width that does not divide.
    Source: paper, section 3.2.2; layout as in GPT-2. Built in week 1 day 4.
    """

    def __init__(self, d_model: int, n_heads: int, bias: bool = True):
        super().__init__()
        check_count("d_model", d_model)
        self.d_model, self.n_heads, self.d_k = d_model, n_heads, _head_width(d_model, n_heads)
        self.qkv = nn.Linear(d_model, 3 * d_model, bias=bias)
        self.out = nn.Linear(d_model, d_model, bias=bias)

    def forward(self, x: Tensor, mask: Tensor | None = None, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x (…, T, d_model) → output (…, T, d_model) and weights (…, h, T, S); see `multi_head_attention`."""
        # nn.Linear stores its matrix as (out, in), hence the transposes
        return multi_head_attention(
            x, self.qkv.weight.T, self.out.weight.T, self.n_heads, mask, context, self.qkv.bias, self.out.bias
        )


# --- where a token stands ---------------------------------------------------------------------------------------------


def positional_encoding(length: int, d_model: int) -> Tensor:
    """A fingerprint for every position: sine and cosine waves from fast (first columns) to slow (last columns).

    length: positions, at least 1; d_model: even, at least 2. Returns (length, d_model), values from -1 to 1:
    column 2i is sin(pos / 10000^(2i/d_model)), column 2i+1 is the cosine of the same angle (interleaved, as in the paper).
    Errors: ValueError for a length below 1 or an odd width. Source: paper, section 3.5. Built in week 2 day 2.
    """
    check_count("length", length)
    check_count("d_model", d_model)
    if d_model % 2:
        raise ValueError(f"d_model must be even, so that every sine has its cosine; got {d_model}")
    position = torch.arange(length, dtype=torch.float64)[:, None]
    frequency = 10000.0 ** (-torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    angle = position * frequency
    # computed in float64, because angles of late positions lose digits in float32
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2).to(torch.get_default_dtype())


# --- what the functions above demand of their input -------------------------------------------------------------------


def _shape(x: Tensor) -> str:
    return str(tuple(x.shape))


def _head_width(d_model: int, n_heads: int) -> int:
    check_count("n_heads", n_heads)
    if d_model % n_heads:
        raise ValueError(f"d_model={d_model} does not divide into n_heads={n_heads} equal heads")
    return d_model // n_heads


def _require_tensor(name: str, x: Tensor) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(x).__name__}")


def _require_floating(name: str, x: Tensor) -> None:
    _require_tensor(name, x)
    if not x.is_floating_point():
        raise TypeError(f"{name} must hold floating-point numbers, got {x.dtype}")


def _require_tokens(name: str, x: Tensor) -> None:
    _require_floating(name, x)
    if x.ndim < 2:
        raise ValueError(f"{name} must have shape (…, tokens, width), got {_shape(x)}")
    if 0 in x.shape:
        raise ValueError(f"{name} holds no tokens or no numbers: its shape is {_shape(x)}")
    _require_finite(name, x)


def _require_finite(name: str, x: Tensor) -> None:
    # NaN and infinity spoil a sum, which is found in a tenth of the time; only huge numbers do so too, and are looked at one by one
    if not math.isfinite(x.sum().item()) and not torch.isfinite(x).all():
        first = tuple((~torch.isfinite(x)).nonzero()[0].tolist())
        raise ValueError(f"{name} of shape {_shape(x)} holds a number that is not finite, first at {first}")


def _require_matrix(name: str, w: Tensor, rows: int, rows_of: str, other: Tensor, columns: int | None = None) -> None:
    _require_floating(name, w)
    if w.ndim != 2 or w.shape[0] != rows or (columns is not None and w.shape[1] != columns):
        expected = f"({rows}, {'…' if columns is None else columns})"
        raise ValueError(f"{name} must have shape {expected} to go with {rows_of} {_shape(other)}, got {_shape(w)}")
    if w.dtype != other.dtype:
        raise TypeError(f"{name} is {w.dtype} but {rows_of} is {other.dtype}")
    _require_finite(name, w)


def _require_bias(name: str, bias: Tensor, goes_with: str, w: Tensor) -> None:
    _require_floating(name, bias)
    if bias.shape != w.shape[1:]:
        raise ValueError(f"{name} must have shape ({w.shape[1]},) to go with {goes_with} {_shape(w)}, got {_shape(bias)}")
    if bias.dtype != w.dtype:
        raise TypeError(f"{name} is {bias.dtype} but {goes_with} is {w.dtype}")
    _require_finite(name, bias)


def _check_context(context: Tensor, x: Tensor) -> None:
    _require_tokens("context", context)
    if context.dtype != x.dtype:
        raise TypeError(f"context is {context.dtype} but x is {x.dtype}")
    if context.shape[-1] != x.shape[-1]:
        raise ValueError(f"context must be as wide as x: got context {_shape(context)} and x {_shape(x)}")
    try:
        torch.broadcast_shapes(context.shape[:-2], x.shape[:-2])
    except RuntimeError:
        raise ValueError(f"leading axes do not fit: got context {_shape(context)} and x {_shape(x)}") from None


def _check_qkv(q: Tensor, k: Tensor, v: Tensor) -> None:
    for name, x in (("q", q), ("k", k), ("v", v)):
        _require_tokens(name, x)
    if not q.dtype == k.dtype == v.dtype:
        raise TypeError(f"q, k and v must have one type, got {q.dtype}, {k.dtype} and {v.dtype}")
    if q.shape[-1] != k.shape[-1]:
        raise ValueError(f"q and k must have the same width d_k, got q {_shape(q)} and k {_shape(k)}")
    if k.shape[-2] != v.shape[-2]:
        raise ValueError(f"k and v must have the same number of tokens, got k {_shape(k)} and v {_shape(v)}")
    try:
        if not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:  # torch compares shapes in Python, slowly
            torch.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    except RuntimeError:
        raise ValueError(f"leading axes do not fit: got q {_shape(q)}, k {_shape(k)} and v {_shape(v)}") from None


def _check_mask(mask: Tensor, scores_shape: tuple[int, ...]) -> Tensor:
    """The mask at the full shape of the scores, once every row of it has something to attend to."""
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        came = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
        raise TypeError(f"mask must be a torch.bool tensor with True = may attend, got {came}")
    try:
        full = mask.expand(scores_shape)
    except RuntimeError:
        raise ValueError(f"mask must broadcast to the scores' shape {tuple(scores_shape)}, got {_shape(mask)}") from None
    if not mask.any(dim=-1).all():
        empty = ~full.any(dim=-1)
        first = tuple(empty.nonzero()[0].tolist())
        where = f"row {first[-1]}" + (f" at {first[:-1]}" if len(first) > 1 else "")
        raise ValueError(f"mask of shape {_shape(mask)}: {where} may attend to nothing, so its weights cannot sum to 1")
    return full
