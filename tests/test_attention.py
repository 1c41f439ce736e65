"""`shared.attention` against torch's own attention, against numbers worked out by hand, and against bad input."""

import importlib
import inspect
import json
import math
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import shared
from shared import attention
from shared.attention import (
    MultiHeadAttention,
    causal_mask,
    fuse_qkv,
    merge_heads,
    multi_head_attention,
    padding_mask,
    positional_encoding,
    project_qkv,
    project_qkv_fused,
    scaled_dot_product_attention,
    softmax,
    split_heads,
)

ROOT = Path(__file__).resolve().parents[1]
# how far two correct ways of computing one output may lie apart: rounding, for inputs between -1 and 1
TOLERANCE = {torch.float64: 1e-13, torch.float32: 1e-6, torch.float16: 4e-3, torch.bfloat16: 3e-2}
few_examples = settings(max_examples=60, deadline=None, derandomize=True)
sizes = st.integers(1, 24)
seeds = st.integers(0, 2**31)
leading_axes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


def between(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Random numbers between -1 and 1, the same in every type up to rounding."""
    return (torch.rand(*shape, dtype=torch.float64) * 2 - 1).to(dtype)


def some_true(*shape: int) -> Tensor:
    """A random mask in which every row may attend to something."""
    mask = torch.rand(*shape) < 0.5
    one = torch.randint(shape[-1], shape[:-1])[..., None]
    return mask | (torch.arange(shape[-1]) == one)


def masks(kind: str, leading: tuple[int, ...], t: int, s: int) -> Tensor | None:
    if kind == "none":
        return None
    if kind == "random":
        return some_true(*leading, t, s)
    if kind == "one row for all":
        return some_true(s)
    # padding: the first keys are real, a different number of them for every entry of the leading axes
    return (torch.arange(s) < torch.randint(1, s + 1, (*leading, 1)))[..., None, :]


mask_kinds = st.sampled_from(["none", "random", "one row for all", "padding"])


# --- scaled dot-product attention -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TOLERANCE, ids=lambda d: str(d).removeprefix("torch."))
@given(leading=leading_axes, t=sizes, s=sizes, d_k=st.integers(1, 64), d_v=st.integers(1, 64), kind=mask_kinds, seed=seeds)
@few_examples
def test_equals_torch(dtype, leading, t, s, d_k, d_v, kind, seed):
    torch.manual_seed(seed)
    q, k, v = (between(*leading, n, d, dtype=dtype) for n, d in ((t, d_k), (s, d_k), (s, d_v)))
    mask = masks(kind, leading, t, s)
    output, weights = scaled_dot_product_attention(q, k, v, mask)
    # spelled out for torch, which takes no mask with a single axis
    expected = F.scaled_dot_product_attention(q, k, v, attn_mask=None if mask is None else mask.expand(weights.shape))
    assert output.shape == (*leading, t, d_v) and output.dtype == dtype
    assert weights.shape == (*leading, t, s) and weights.dtype == dtype
    torch.testing.assert_close(output, expected, rtol=0, atol=TOLERANCE[dtype])
    torch.testing.assert_close(weights.sum(-1).double(), torch.ones(*leading, t).double(), rtol=0, atol=4 * TOLERANCE[dtype])
    if mask is not None:
        assert (weights.masked_select(~mask.expand_as(weights)) == 0).all(), "a masked key got a share"


@given(t=sizes, d_k=st.integers(1, 64), seed=seeds)
@few_examples
def test_causal_equals_torch(t, d_k, seed):
    torch.manual_seed(seed)
    q, k, v = (between(2, 3, t, d_k) for _ in range(3))
    output, weights = scaled_dot_product_attention(q, k, v, causal_mask(t))
    torch.testing.assert_close(output, F.scaled_dot_product_attention(q, k, v, is_causal=True), rtol=0, atol=1e-6)
    assert (weights.triu(1) == 0).all()


@given(t=sizes, s=sizes, d_k=st.integers(1, 128), seed=seeds)
@few_examples
def test_is_as_exact_as_torch_for_larger_scores(t, s, d_k, seed):
    # scores of standard normal vectors spread wider, so both roundings show: ours must not be the worse one
    torch.manual_seed(seed)
    q, k, v = torch.randn(t, d_k), torch.randn(s, d_k), torch.randn(s, 16)
    exact = F.scaled_dot_product_attention(q.double(), k.double(), v.double())
    ours = (scaled_dot_product_attention(q, k, v)[0] - exact).abs().max()
    torchs = (F.scaled_dot_product_attention(q, k, v) - exact).abs().max()
    assert ours <= 2 * torchs + 1e-6


@given(t=st.integers(1, 8), s=st.integers(1, 8), kind=mask_kinds, seed=seeds)
@few_examples
def test_gradients_equal_torch(t, s, kind, seed):
    torch.manual_seed(seed)
    ours = [between(2, n, 5, dtype=torch.float64).requires_grad_() for n in (t, s, s)]
    theirs = [x.detach().clone().requires_grad_() for x in ours]
    mask = masks(kind, (2,), t, s)
    pull = between(2, t, 5, dtype=torch.float64)
    (scaled_dot_product_attention(*ours, mask)[0] * pull).sum().backward()
    (F.scaled_dot_product_attention(*theirs, attn_mask=mask) * pull).sum().backward()
    for name, a, b in zip("qkv", ours, theirs, strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=0, atol=1e-12, msg=lambda m, n=name: f"gradient of {n}: {m}")


def test_worked_by_hand():
    # scores q·k / √4: (2·1)/2 = 1, (2·0)/2 = 0, and (2·1)/2 = 1; e¹ = 2.718…, so the shares are e : 1 : e
    q = torch.tensor([[2.0, 0, 0, 0]])
    k = torch.tensor([[1.0, 0, 0, 0], [0, 3, 0, 0], [1, 1, 1, 1]])
    v = torch.tensor([[10.0, 0], [0, 10], [10, 10]])
    output, weights = scaled_dot_product_attention(q, k, v)
    e = math.e
    expected = [e / (2 * e + 1), 1 / (2 * e + 1), e / (2 * e + 1)]
    assert weights[0].tolist() == pytest.approx(expected, abs=1e-7)
    assert expected == pytest.approx([0.42232, 0.15536, 0.42232], abs=1e-5)
    assert output[0].tolist() == pytest.approx([8.4464, 5.7768], abs=1e-4)


def test_a_single_key_is_taken_whole():
    v = torch.tensor([[3.0, -7.0]])
    output, weights = scaled_dot_product_attention(torch.randn(5, 8), torch.randn(1, 8), v)
    assert weights.tolist() == [[1.0]] * 5
    assert torch.equal(output, v.expand(5, 2))


def test_a_masked_key_gets_nothing_however_low_the_others_score():
    # the allowed key scores -10^6, the masked one 0: a mask that only subtracts "a lot" would lose here
    q, k, v = torch.tensor([[1000.0]]), torch.tensor([[-1000.0], [0.0]]), torch.tensor([[1.0], [2.0]])
    output, weights = scaled_dot_product_attention(q, k, v, torch.tensor([[True, False]]))
    assert weights.tolist() == [[1.0, 0.0]] and output.tolist() == [[1.0]]


def test_equal_keys_share_equally():
    output, weights = scaled_dot_product_attention(torch.randn(3, 8), torch.ones(4, 8), torch.eye(4))
    torch.testing.assert_close(weights, torch.full((3, 4), 0.25))
    torch.testing.assert_close(output, weights)


@given(t=st.integers(2, 12), seed=seeds)
@few_examples
def test_without_a_mask_shuffling_tokens_shuffles_outputs(t, seed):
    torch.manual_seed(seed)
    layer = MultiHeadAttention(16, 4).double()
    x, order = torch.randn(t, 16, dtype=torch.float64), torch.randperm(t)
    output, weights = layer(x)
    shuffled, shuffled_weights = layer(x[order])
    torch.testing.assert_close(shuffled, output[order], rtol=0, atol=1e-12)
    torch.testing.assert_close(shuffled_weights, weights[:, order][:, :, order], rtol=0, atol=1e-12)


@given(t=st.integers(2, 12), changed=st.integers(1, 11), seed=seeds)
@few_examples
def test_causal_outputs_do_not_see_later_tokens(t, changed, seed):
    changed = min(changed, t - 1)
    torch.manual_seed(seed)
    layer = MultiHeadAttention(16, 4)
    x = torch.randn(t, 16)
    other = x.clone()
    other[changed] += 5
    before, after = layer(x, causal_mask(t))[0], layer(other, causal_mask(t))[0]
    assert torch.equal(before[:changed], after[:changed])
    assert not torch.allclose(before[changed], after[changed])


def test_leading_axes_broadcast():
    q, k, v = torch.randn(3, 1, 6, 8), torch.randn(4, 5, 8), torch.randn(5, 2)
    output, weights = scaled_dot_product_attention(q, k, v)
    assert output.shape == (3, 4, 6, 2) and weights.shape == (3, 4, 6, 5)
    torch.testing.assert_close(output[2, 3], scaled_dot_product_attention(q[2, 0], k[3], v)[0])


# --- softmax and masks ------------------------------------------------------------------------------------------------


def test_softmax_by_hand():
    # e⁰ : e^(ln 2) : e^(ln 5) = 1 : 2 : 5
    shares = softmax(torch.tensor([0.0, math.log(2), math.log(5)], dtype=torch.float64))
    assert shares.tolist() == pytest.approx([1 / 8, 2 / 8, 5 / 8], abs=1e-15)
    assert softmax(torch.tensor([1.0, 2.0])).tolist() == pytest.approx([0.26894, 0.73106], abs=1e-5)


@given(shape=st.lists(st.integers(1, 6), min_size=1, max_size=4), seed=seeds, data=st.data())
@few_examples
def test_softmax_equals_torch_along_any_axis(shape, seed, data):
    torch.manual_seed(seed)
    scores = torch.randn(*shape, dtype=torch.float64) * 10
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    torch.testing.assert_close(softmax(scores, dim), torch.softmax(scores, dim), rtol=0, atol=1e-15)


def test_softmax_survives_huge_scores_and_hides_minus_infinity():
    assert softmax(torch.tensor([1000.0, 1000.0, -math.inf])).tolist() == [0.5, 0.5, 0.0]
    assert softmax(torch.tensor([-1000.0, 1000.0])).tolist() == [0.0, 1.0]


def test_causal_mask_is_the_lower_triangle():
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert causal_mask(1).tolist() == [[True]]


def test_padding_mask_hides_the_filler_from_everyone():
    mask = padding_mask(torch.tensor([[5, 7, 0, 0], [5, 7, 9, 0]]), pad_id=0)
    assert mask.tolist() == [[[True, True, False, False]], [[True, True, True, False]]]
    assert padding_mask(torch.tensor([[5, 9, 7]]), pad_id=9).tolist() == [[[True, False, True]]]
    together = mask & causal_mask(4)
    assert together[0].tolist() == [[True, False, False, False]] + [[True, True, False, False]] * 3


def test_padding_changes_nothing_for_the_real_tokens():
    torch.manual_seed(0)
    layer = MultiHeadAttention(16, 4)
    x = torch.randn(1, 6, 16)
    mask = padding_mask(torch.tensor([[3, 1, 4, 1, 0, 0]]), pad_id=0)
    torch.testing.assert_close(layer(x, mask)[0][:, :4], layer(x[:, :4])[0], rtol=0, atol=1e-6)


# --- projections and heads --------------------------------------------------------------------------------------------


@given(leading=leading_axes, t=sizes, d_model=st.integers(1, 32), seed=seeds)
@few_examples
def test_fused_projection_equals_three_separate_ones(leading, t, d_model, seed):
    torch.manual_seed(seed)
    x = between(*leading, t, d_model)
    w_q, w_k, w_v = (between(d_model, d_model) for _ in range(3))
    bias = between(3 * d_model)
    separate = project_qkv(x, w_q, w_k, w_v)
    fused = project_qkv_fused(x, fuse_qkv(w_q, w_k, w_v), bias)
    for a, b, c in zip(separate, fused, bias.chunk(3), strict=True):
        torch.testing.assert_close(a + c, b, rtol=0, atol=1e-5)


@given(leading=leading_axes, t=sizes, heads=st.integers(1, 8), d_k=st.integers(1, 16), seed=seeds)
@few_examples
def test_merge_undoes_split(leading, t, heads, d_k, seed):
    torch.manual_seed(seed)
    x = torch.randn(*leading, t, heads * d_k)
    split = split_heads(x, heads)
    assert split.shape == (*leading, heads, t, d_k)
    # head 0 holds the first d_k columns, the last head the last ones
    assert torch.equal(split[..., 0, :, :], x[..., :d_k]) and torch.equal(split[..., -1, :, :], x[..., -d_k:])
    assert torch.equal(merge_heads(split), x)


def test_several_heads_equal_single_heads_side_by_side():
    torch.manual_seed(0)
    x, w_o = torch.randn(6, 32, dtype=torch.float64), torch.randn(32, 32, dtype=torch.float64)
    w_q, w_k, w_v = (torch.randn(32, 32, dtype=torch.float64) for _ in range(3))
    output, weights = multi_head_attention(x, fuse_qkv(w_q, w_k, w_v), w_o, n_heads=4)
    heads = []
    for head in range(4):
        columns = slice(8 * head, 8 * head + 8)
        one, shares = scaled_dot_product_attention(*project_qkv(x, w_q[:, columns], w_k[:, columns], w_v[:, columns]))
        torch.testing.assert_close(shares, weights[head])
        heads.append(one)
    torch.testing.assert_close(output, torch.cat(heads, dim=-1) @ w_o)


def torch_twin(d_model: int, n_heads: int, bias: bool = True) -> tuple[MultiHeadAttention, nn.MultiheadAttention]:
    """Our module and torch's, with the same weights."""
    ours = MultiHeadAttention(d_model, n_heads, bias)
    theirs = nn.MultiheadAttention(d_model, n_heads, bias=bias, batch_first=True)
    with torch.no_grad():
        pairs = [(ours.qkv.weight, theirs.in_proj_weight), (ours.out.weight, theirs.out_proj.weight)]
        pairs += [(ours.qkv.bias, theirs.in_proj_bias), (ours.out.bias, theirs.out_proj.bias)] if bias else []
        for mine, other in pairs:
            other.copy_(mine.copy_(torch.randn_like(mine) / math.sqrt(d_model)))
    return ours, theirs


@given(batch=st.integers(1, 3), t=sizes, heads=st.integers(1, 8), d_k=st.integers(1, 16), bias=st.booleans(), seed=seeds)
@few_examples
def test_module_equals_torch_with_padding_and_causal_masks(batch, t, heads, d_k, bias, seed):
    torch.manual_seed(seed)
    ours, theirs = torch_twin(heads * d_k, heads, bias)
    x = torch.randn(batch, t, heads * d_k)
    real = torch.arange(t) < torch.randint(1, t + 1, (batch, 1))
    mask = real[:, None, :] & causal_mask(t)
    output, weights = ours(x, mask)
    # torch's masks say the opposite: True = may NOT attend
    expected, expected_weights = theirs(
        x, x, x, key_padding_mask=~real, attn_mask=~causal_mask(t), average_attn_weights=False
    )
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(weights, expected_weights, rtol=0, atol=1e-5)


@given(t=sizes, s=sizes, heads=st.integers(1, 4), d_k=st.integers(1, 16), seed=seeds)
@few_examples
def test_cross_attention_equals_torch(t, s, heads, d_k, seed):
    torch.manual_seed(seed)
    ours, theirs = torch_twin(heads * d_k, heads)
    x, context, mask = torch.randn(2, t, heads * d_k), torch.randn(2, s, heads * d_k), some_true(t, s)
    output, weights = ours(x, mask, context)
    expected, expected_weights = theirs(x, context, context, attn_mask=~mask, average_attn_weights=False)
    assert weights.shape == (2, heads, t, s)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(weights, expected_weights, rtol=0, atol=1e-5)


def test_module_gradients_equal_torch():
    torch.manual_seed(0)
    ours, theirs = torch_twin(16, 4)
    x = torch.randn(2, 6, 16)
    ours(x, causal_mask(6))[0].square().sum().backward()
    theirs(x, x, x, attn_mask=~causal_mask(6), need_weights=False)[0].square().sum().backward()
    torch.testing.assert_close(ours.qkv.weight.grad, theirs.in_proj_weight.grad, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(ours.qkv.bias.grad, theirs.in_proj_bias.grad, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(ours.out.weight.grad, theirs.out_proj.weight.grad, rtol=1e-4, atol=1e-5)


def test_the_shapes_of_the_six_token_walk():
    torch.manual_seed(0)
    x = torch.randn(6, 512)
    layer = MultiHeadAttention(d_model=512, n_heads=8)
    q, k, v = project_qkv_fused(x, layer.qkv.weight.T, layer.qkv.bias)
    assert layer.d_k == 64 and q.shape == k.shape == v.shape == (6, 512)
    head, weights = scaled_dot_product_attention(*(split_heads(part, 8)[0] for part in (q, k, v)))
    assert weights.shape == (6, 6) and head.shape == (6, 64)
    output, every_head = layer(x)
    assert output.shape == (6, 512) and every_head.shape == (8, 6, 6)
    assert sum(p.numel() for p in layer.parameters()) == 4 * 512 * 512 + 4 * 512


def test_a_mask_for_each_sentence_holds_for_all_its_heads():
    torch.manual_seed(0)
    layer, x, mask = MultiHeadAttention(16, 4), torch.randn(3, 5, 16), some_true(3, 5, 5)
    weights = layer(x, mask)[1]
    assert (weights.transpose(0, 1)[:, ~mask] == 0).all()
    for sentence in range(3):
        torch.testing.assert_close(weights[sentence], layer(x[sentence], mask[sentence])[1])


# --- positions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "d_model"), [(1, 2), (6, 512), (50, 6), (7, 128)])
def test_positions_follow_the_formula(length, d_model):
    table = positional_encoding(length, d_model)
    assert table.shape == (length, d_model) and table.dtype == torch.float32
    for pos in range(length):
        for i in range(d_model // 2):
            angle = pos / 10000 ** (2 * i / d_model)
            assert table[pos, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert table[pos, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_positions_by_hand():
    # d_model = 4: the second pair turns 10000^(2/4) = 100 times slower than the first
    table = positional_encoding(3, 4)
    assert table[0].tolist() == [0, 1, 0, 1]
    assert table[1].tolist() == pytest.approx([0.84147, 0.54030, 0.00999983, 0.99995], abs=1e-5)
    assert table[2].tolist() == pytest.approx([0.90930, -0.41615, 0.0199987, 0.99980], abs=1e-5)


def test_a_late_position_is_as_exact_as_an_early_one():
    assert positional_encoding(100_001, 2)[100_000, 0].item() == pytest.approx(math.sin(100_000), abs=1e-7)


@given(shift=st.integers(0, 40), start=st.integers(0, 40))
@few_examples
def test_moving_on_is_a_rotation_that_does_not_depend_on_where_one_stands(shift, start):
    d_model = 16
    table = positional_encoding(100, d_model).double()
    for i in range(d_model // 2):
        turn = shift / 10000 ** (2 * i / d_model)
        sine, cosine = table[start, 2 * i].item(), table[start, 2 * i + 1].item()
        moved = [sine * math.cos(turn) + cosine * math.sin(turn), cosine * math.cos(turn) - sine * math.sin(turn)]
        assert table[start + shift, 2 * i : 2 * i + 2].tolist() == pytest.approx(moved, abs=1e-6)


def test_nearness_of_two_positions_depends_only_on_their_distance():
    table = positional_encoding(60, 64)
    products = table @ table.T
    for distance in (0, 1, 7):
        along = products.diagonal(distance)
        torch.testing.assert_close(along, along[0].expand_as(along), rtol=0, atol=1e-4)
    torch.testing.assert_close(products[0, 0], torch.tensor(32.0))  # sin² + cos² = 1 for each of the 32 pairs


# --- bad input: one clear error that names the argument, what came and what was expected ------------------------------

X = torch.zeros(6, 8)
FUSED = torch.zeros(8, 24)
SQUARE = torch.zeros(8, 8)
nan, infinite, minus_infinite = (torch.full((6, 8), value) for value in (math.nan, math.inf, -math.inf))
attend, many = scaled_dot_product_attention, multi_head_attention


def one_nan(*shape: int) -> Tensor:
    x = torch.zeros(*shape)
    x[(-1,) * len(shape)] = math.nan
    return x


def no_row(t: int, s: int, row: int) -> Tensor:
    mask = torch.ones(t, s, dtype=torch.bool)
    mask[row] = False
    return mask


BAD = {
    "attention: wrong d_k": (lambda: attend(X, torch.zeros(6, 7), X), ValueError, ["q (6, 8)", "k (6, 7)", "d_k"]),
    "attention: lengths differ": (lambda: attend(X, X, torch.zeros(5, 8)), ValueError, ["k (6, 8)", "v (5, 8)"]),
    "attention: leading axes differ": (
        lambda: attend(torch.zeros(2, 6, 8), torch.zeros(3, 6, 8), X), ValueError, ["q (2, 6, 8)", "k (3, 6, 8)", "v (6, 8)"],
    ),
    "attention: mask of the wrong shape": (
        lambda: attend(X, X, X, torch.ones(5, 6, dtype=torch.bool)), ValueError, ["mask", "(6, 6)", "(5, 6)"],
    ),
    "attention: mask with more axes than the scores": (
        lambda: attend(X, X, X, torch.ones(2, 6, 6, dtype=torch.bool)), ValueError, ["mask", "(6, 6)", "(2, 6, 6)"],
    ),
    "attention: mask of numbers": (lambda: attend(X, X, X, torch.ones(6, 6)), TypeError, ["mask", "torch.bool", "torch.float32"]),
    "attention: mask as a list": (lambda: attend(X, X, X, [[True] * 6] * 6), TypeError, ["mask", "torch.bool", "list"]),
    "attention: fully masked row": (lambda: attend(X, X, X, no_row(6, 6, 4)), ValueError, ["mask", "(6, 6)", "row 4"]),
    "attention: fully masked row of a batch": (
        lambda: attend(torch.zeros(3, 6, 8), X, X, torch.stack([no_row(6, 6, r) | (r < 5) for r in (3, 4, 5)])),
        ValueError, ["mask", "(3, 6, 6)", "row 5", "(2,)"],
    ),
    "attention: NaN in q": (lambda: attend(one_nan(6, 8), X, X), ValueError, ["q", "(6, 8)", "not finite", "(5, 7)"]),
    "attention: NaN in k": (lambda: attend(X, nan, X), ValueError, ["k", "(6, 8)", "not finite", "(0, 0)"]),
    "attention: infinite v": (lambda: attend(X, X, infinite), ValueError, ["v", "(6, 8)", "not finite"]),
    "attention: minus infinite q": (lambda: attend(minus_infinite, X, X), ValueError, ["q", "not finite"]),
    "attention: scores that overflow": (lambda: attend(X + 1e30, X + 1e30, X), ValueError, ["scores", "inf"]),
    "attention: empty sentence": (
        lambda: attend(torch.zeros(0, 8), torch.zeros(0, 8), torch.zeros(0, 8)), ValueError, ["q", "no tokens", "(0, 8)"],
    ),
    "attention: nothing to look at": (lambda: attend(X, torch.zeros(0, 8), torch.zeros(0, 8)), ValueError, ["k", "no tokens"]),
    "attention: one axis only": (lambda: attend(torch.zeros(8), X, X), ValueError, ["q", "(8,)", "tokens, width"]),
    "attention: whole numbers": (lambda: attend(X.long(), X, X), TypeError, ["q", "floating-point", "torch.int64"]),
    "attention: complex numbers": (lambda: attend(X, X, X * 1j), TypeError, ["v", "floating-point", "torch.complex64"]),
    "attention: a list": (lambda: attend(X, [[1.0]], X), TypeError, ["k", "torch.Tensor", "list"]),
    "attention: mixed types": (lambda: attend(X, X.double(), X), TypeError, ["q, k and v", "torch.float32", "torch.float64"]),
    "softmax: NaN": (lambda: softmax(torch.tensor([1.0, math.nan])), ValueError, ["scores", "NaN"]),
    "softmax: infinite": (lambda: softmax(torch.tensor([1.0, math.inf])), ValueError, ["scores", "inf"]),
    "softmax: nothing to share": (
        lambda: softmax(torch.full((2, 3), -math.inf)), ValueError, ["scores", "(2, 3)", "dim=-1", "-inf"],
    ),
    "softmax: empty": (lambda: softmax(torch.zeros(0)), ValueError, ["scores", "(0,)"]),
    "softmax: whole numbers": (lambda: softmax(torch.tensor([1, 2])), TypeError, ["scores", "floating-point", "int64"]),
    "softmax: a list": (lambda: softmax([1.0, 2.0]), TypeError, ["scores", "list"]),
    "causal_mask: length 0": (lambda: causal_mask(0), ValueError, ["length", "at least 1", "0"]),
    "causal_mask: negative": (lambda: causal_mask(-3), ValueError, ["length", "-3"]),
    "causal_mask: True": (lambda: causal_mask(True), TypeError, ["length", "whole number", "True"]),
    "causal_mask: 6.0": (lambda: causal_mask(6.0), TypeError, ["length", "whole number", "6.0"]),
    "padding_mask: nothing but padding": (
        lambda: padding_mask(torch.tensor([[1, 0], [0, 0]]), 0), ValueError, ["ids", "sentence 1", "pad_id=0"],
    ),
    "padding_mask: one axis": (lambda: padding_mask(torch.tensor([1, 0]), 0), ValueError, ["ids", "(2,)", "(batch, length)"]),
    "padding_mask: empty sentences": (lambda: padding_mask(torch.zeros(2, 0).long(), 0), ValueError, ["ids", "(2, 0)"]),
    "padding_mask: floating ids": (lambda: padding_mask(torch.zeros(2, 3), 0), TypeError, ["ids", "float32"]),
    "padding_mask: a list": (lambda: padding_mask([[1, 0]], 0), TypeError, ["ids", "torch.Tensor", "list"]),
    "padding_mask: no pad_id": (lambda: padding_mask(torch.ones(2, 3).long(), None), TypeError, ["pad_id", "None"]),
    "project_qkv: matrix that does not fit": (
        lambda: project_qkv(X, SQUARE, torch.zeros(7, 8), SQUARE), ValueError, ["w_k", "(8, …)", "x (6, 8)", "(7, 8)"],
    ),
    "project_qkv: NaN in a matrix": (
        lambda: project_qkv(X, SQUARE, SQUARE, one_nan(8, 8)), ValueError, ["w_v", "(8, 8)", "not finite", "(7, 7)"],
    ),
    "project_qkv: mixed types": (lambda: project_qkv(X, SQUARE.double(), SQUARE, SQUARE), TypeError, ["w_q", "float64", "float32"]),
    "fuse_qkv: shapes differ": (lambda: fuse_qkv(SQUARE, SQUARE, FUSED), ValueError, ["w_q, w_k and w_v", "(8, 8)", "(8, 24)"]),
    "fuse_qkv: types differ": (lambda: fuse_qkv(SQUARE, SQUARE, SQUARE.double()), TypeError, ["w_v", "float64"]),
    "fuse_qkv: a list": (lambda: fuse_qkv(SQUARE, [1], SQUARE), TypeError, ["w_k", "list"]),
    "project_qkv_fused: too narrow": (lambda: project_qkv_fused(X, SQUARE), ValueError, ["w_qkv", "(8, 24)", "x (6, 8)", "(8, 8)"]),
    "project_qkv_fused: bias that does not fit": (
        lambda: project_qkv_fused(X, FUSED, torch.zeros(8)), ValueError, ["b_qkv", "(24,)", "w_qkv (8, 24)", "(8,)"],
    ),
    "project_qkv_fused: bias of another type": (
        lambda: project_qkv_fused(X, FUSED, torch.zeros(24).double()), TypeError, ["b_qkv", "float64", "float32"],
    ),
    "split_heads: does not divide": (lambda: split_heads(X, 3), ValueError, ["d_model=8", "n_heads=3"]),
    "split_heads: 0 heads": (lambda: split_heads(X, 0), ValueError, ["n_heads", "at least 1", "0"]),
    "split_heads: negative": (lambda: split_heads(X, -2), ValueError, ["n_heads", "-2"]),
    "split_heads: True": (lambda: split_heads(X, True), TypeError, ["n_heads", "True"]),
    "split_heads: NaN": (lambda: split_heads(nan, 2), ValueError, ["x", "(6, 8)", "not finite"]),
    "merge_heads: two axes": (lambda: merge_heads(X), ValueError, ["heads", "(6, 8)", "T, d_v"]),
    "merge_heads: nothing": (lambda: merge_heads(torch.zeros(2, 0, 4)), ValueError, ["heads", "(2, 0, 4)"]),
    "merge_heads: a list": (lambda: merge_heads([X]), TypeError, ["heads", "list"]),
    "many heads: does not divide": (lambda: many(X, FUSED, SQUARE, 5), ValueError, ["d_model=8", "n_heads=5"]),
    "many heads: 0 heads": (lambda: many(X, FUSED, SQUARE, 0), ValueError, ["n_heads", "0"]),
    "many heads: empty sentence": (lambda: many(torch.zeros(0, 8), FUSED, SQUARE, 2), ValueError, ["x", "no tokens", "(0, 8)"]),
    "many heads: NaN": (lambda: many(nan, FUSED, SQUARE, 2), ValueError, ["x", "(6, 8)", "not finite"]),
    "many heads: w_o that does not fit": (
        lambda: many(X, FUSED, torch.zeros(8, 9), 2), ValueError, ["w_o", "(8, 8)", "x (6, 8)", "(8, 9)"],
    ),
    "many heads: w_o transposed by mistake": (
        lambda: many(X, FUSED, torch.zeros(9, 8), 2), ValueError, ["w_o", "(8, 8)", "(9, 8)"],
    ),
    "many heads: b_o that would broadcast": (
        lambda: many(X, FUSED, SQUARE, 2, b_o=torch.zeros(1)), ValueError, ["b_o", "(8,)", "w_o (8, 8)", "(1,)"],
    ),
    "many heads: context of another width": (
        lambda: many(X, FUSED, SQUARE, 2, context=torch.zeros(4, 7)), ValueError, ["context (4, 7)", "x (6, 8)"],
    ),
    "many heads: context of another type": (
        lambda: many(X, FUSED, SQUARE, 2, context=X.double()), TypeError, ["context", "float64", "x", "float32"],
    ),
    "many heads: NaN in the context": (
        lambda: many(X, FUSED, SQUARE, 2, context=one_nan(4, 8)), ValueError, ["context", "(4, 8)", "not finite", "(3, 7)"],
    ),
    "many heads: context of another batch": (
        lambda: many(torch.zeros(2, 6, 8), FUSED, SQUARE, 2, context=torch.zeros(3, 6, 8)),
        ValueError, ["context (3, 6, 8)", "x (2, 6, 8)"],
    ),
    "many heads: mask for each head": (
        lambda: many(X, FUSED, SQUARE, 2, torch.ones(2, 6, 6, dtype=torch.bool)), ValueError, ["mask", "(6, 6)", "(2, 6, 6)"],
    ),
    "many heads: mask of numbers": (
        lambda: many(X, FUSED, SQUARE, 2, torch.ones(1, 6, 6)), TypeError, ["mask", "torch.bool", "float32"],
    ),
    "many heads: mask as a list": (lambda: many(X, FUSED, SQUARE, 2, [[True]]), TypeError, ["mask", "torch.bool", "list"]),
    "many heads: fully masked row": (
        lambda: many(X, FUSED, SQUARE, 2, no_row(6, 6, 3)), ValueError, ["mask", "(6, 6)", "row 3"],
    ),
    "module: does not divide": (lambda: MultiHeadAttention(512, 7), ValueError, ["d_model=512", "n_heads=7"]),
    "module: 0 heads": (lambda: MultiHeadAttention(512, 0), ValueError, ["n_heads", "0"]),
    "module: True heads": (lambda: MultiHeadAttention(512, True), TypeError, ["n_heads", "True"]),
    "module: width 0": (lambda: MultiHeadAttention(0, 1), ValueError, ["d_model", "0"]),
    "module: width 8.0": (lambda: MultiHeadAttention(8.0, 2), TypeError, ["d_model", "8.0"]),
    "module: x of another width": (
        lambda: MultiHeadAttention(16, 2)(X), ValueError, ["x (6, 8)", "(8, 24)", "(16, 48)"],
    ),
    "positions: length 0": (lambda: positional_encoding(0, 8), ValueError, ["length", "0"]),
    "positions: odd width": (lambda: positional_encoding(6, 7), ValueError, ["d_model", "even", "7"]),
    "positions: width 0": (lambda: positional_encoding(6, 0), ValueError, ["d_model", "0"]),
    "positions: negative length": (lambda: positional_encoding(-1, 8), ValueError, ["length", "-1"]),
    "positions: True": (lambda: positional_encoding(True, 8), TypeError, ["length", "True"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case):
    call, kind, words = BAD[case]
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert type(caught.value) is kind
    assert not [word for word in words if word not in message], message


def test_nothing_is_changed_in_place():
    torch.manual_seed(0)
    q, k, v, mask = torch.randn(6, 8), torch.randn(6, 8), torch.randn(6, 8), causal_mask(6)
    copies = [x.clone() for x in (q, k, v, mask)]
    scaled_dot_product_attention(q, k, v, mask)
    assert all(torch.equal(a, b) for a, b in zip((q, k, v, mask), copies, strict=True))


# --- the package ------------------------------------------------------------------------------------------------------


def test_import_shared_is_instant_and_loads_nothing_heavy():
    program = (
        "import sys, time, json; start = time.perf_counter(); import shared; took = time.perf_counter() - start;"
        "heavy = ['torch', 'matplotlib', 'numpy', 'transformers', 'IPython', 'ipywidgets', 'sqlite3'];"
        "print(json.dumps([took, [m for m in heavy if m in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    took, loaded = json.loads(done.stdout)
    assert loaded == []
    assert took < 0.2


def modules() -> list[str]:
    # a __main__ does its work when it is imported
    return [found.name for found in pkgutil.walk_packages(shared.__path__, "shared.") if not found.name.endswith("__main__")]


@pytest.mark.parametrize("name", modules())
def test_every_public_object_says_what_it_is(name):
    module = importlib.import_module(name)
    silent = [] if (module.__doc__ or "").strip() else [name]
    for key, thing in vars(module).items():
        if key.startswith("_") or getattr(thing, "__module__", None) != name or not callable(thing):
            continue
        silent += [] if own_docstring(thing) else [f"{name}.{key}"]
        if inspect.isclass(thing):
            for method, function in vars(thing).items():
                function = function.fget if isinstance(function, property) else getattr(function, "__func__", function)
                # a method that fills in its parent's has the parent's words; a one-line property says enough by its name
                if inspect.isfunction(function) and not method.startswith("_") and not inspect.getdoc(getattr(thing, method)):
                    silent += [f"{name}.{key}.{method}"] if len(inspect.getsource(function).splitlines()) > 4 else []
    assert silent == []


def own_docstring(thing) -> bool:
    text = (thing.__doc__ or "").strip()
    # a dataclass without words gets its signature as a docstring
    return bool(text) and not text.startswith(f"{getattr(thing, '__name__', '')}(")


def test_attention_names_the_day_that_builds_each_object():
    public = [
        thing for key, thing in vars(attention).items()
        if not key.startswith("_") and getattr(thing, "__module__", None) == attention.__name__
    ]  # fmt: skip
    assert len(public) >= 11
    assert [thing.__name__ for thing in public if "Built in week" not in thing.__doc__] == []
    assert [thing.__name__ for thing in public if "Source:" not in thing.__doc__] == []


def test_numbers_whose_sum_overflows_are_still_finite():
    huge = torch.full((2, 4), 3e38, requires_grad=True)
    assert torch.isinf(huge.sum())
    assert split_heads(huge, 2).shape == (2, 2, 2)
    # 65,504 is the largest number of float16
    assert split_heads(torch.full((3, 4), 60_000.0, dtype=torch.float16), 2).shape == (2, 3, 2)


def test_infinities_of_both_signs_are_found():
    with pytest.raises(ValueError, match=r"not finite, first at \(0, 1\)"):
        split_heads(torch.tensor([[1.0, math.inf], [-math.inf, 1.0]]), 2)
