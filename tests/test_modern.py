"""`shared.modern` against torch, against transformers' Llama on the same weights, against the papers' formulas, and bad input."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaMLP, LlamaRMSNorm, apply_rotary_pos_emb, repeat_kv

from shared.attention import positional_encoding
from shared.modern import (
    BigramEmbedding,
    ModernConfig,
    ModernGPT,
    PlainNorm,
    ReLUSquared,
    RMSNorm,
    SwiGLU,
    plain_norm,
    rotary_turns,
    rotate,
    share_heads,
    smear,
)

few_examples = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**31)
widths = st.integers(1, 32)
even_widths = st.integers(1, 32).map(lambda n: 2 * n)


def normal(*shape: int, seed: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


# --- norms ------------------------------------------------------------------------------------------------------------


@given(width=st.integers(2, 64), seed=seeds)
@few_examples
def test_plain_norm_is_a_layer_norm_that_learns_nothing(width, seed):
    x = normal(2, 3, width, seed=seed) * 3 + 1
    expected = nn.LayerNorm(width, elementwise_affine=False)(x)
    assert torch.equal(plain_norm(x), expected) and torch.equal(PlainNorm()(x), expected)
    assert list(PlainNorm().parameters()) == []


@given(width=widths, seed=seeds)
@few_examples
def test_rms_norm_equals_torch_and_transformers(width, seed):
    ours, torchs, llamas = RMSNorm(width), nn.RMSNorm(width, eps=1e-6), LlamaRMSNorm(width)
    for gain in (ours.gain, torchs.weight, llamas.weight):
        gain.data = normal(width, seed=seed)
    x = normal(2, 5, width, seed=seed + 1)
    torch.testing.assert_close(ours(x), torchs(x), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(ours(x), llamas(x), rtol=1e-5, atol=1e-6)


def test_rms_norm_worked_by_hand():
    # the mean square of 3 and 4 is 12.5
    torch.testing.assert_close(RMSNorm(2)(torch.tensor([3.0, 4.0])), torch.tensor([3.0, 4.0]) / math.sqrt(12.5))


# --- rotary positions --------------------------------------------------------------------------------------------------


@given(t=st.integers(1, 12), d_k=even_widths, base=st.sampled_from([100.0, 1000.0, 10000.0]), seed=seeds)
@few_examples
def test_rotate_equals_the_papers_matrix(t, d_k, base, seed):
    # equation 15: a 2 × 2 rotation by m·θ_i for every pair i, at position m, written as one large matrix
    x = normal(2, t, d_k, seed=seed)
    expected = torch.empty(2, t, d_k, dtype=torch.float64)
    for m in range(t):
        angles = [m * base ** (-2 * i / d_k) for i in range(d_k // 2)]
        blocks = [torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]], dtype=torch.float64) for a in angles]
        expected[:, m] = x[:, m].double() @ torch.block_diag(*blocks).T
    torch.testing.assert_close(rotate(x, rotary_turns(t, d_k, base)), expected.float(), rtol=0, atol=1e-5)


def pairs_first(x: Tensor) -> Tensor:
    """From halves, where number i is turned with number i + d_k/2 (transformers), to neighbors (the paper, this course)."""
    return torch.stack(x.chunk(2, dim=-1), dim=-1).flatten(-2)


@given(t=st.integers(1, 20), d_k=even_widths, seed=seeds)
@few_examples
def test_rotate_equals_llama(t, d_k, seed):
    q, k = normal(2, 3, t, d_k, seed=seed), normal(2, 3, t, d_k, seed=seed + 1)
    angles = torch.arange(t)[:, None] * 10000.0 ** (-torch.arange(0, d_k, 2) / d_k)
    angles = torch.cat([angles, angles], dim=-1)[None]
    theirs = apply_rotary_pos_emb(q, k, angles.cos(), angles.sin())
    turns = rotary_turns(t, d_k)
    for ours, their in zip((q, k), theirs, strict=True):
        torch.testing.assert_close(rotate(pairs_first(ours), turns), pairs_first(their), rtol=0, atol=2e-5)


@given(d_k=even_widths, first=st.integers(0, 40), distance=st.integers(0, 20), seed=seeds)
@few_examples
def test_a_turned_dot_product_knows_only_the_distance(d_k, first, distance, seed):
    q, k, turns = normal(1, d_k, seed=seed), normal(1, d_k, seed=seed + 1), rotary_turns(61, d_k)
    score = lambda m, n: (rotate(q, turns[m : m + 1]) * rotate(k, turns[n : n + 1])).sum().item()  # noqa: E731
    assert score(first + distance, first) == pytest.approx(score(distance, 0), abs=1e-4)


@given(t=st.integers(1, 20), d_k=even_widths, seed=seeds)
@few_examples
def test_turning_changes_no_length_and_the_first_token_not_at_all(t, d_k, seed):
    x = normal(2, t, d_k, seed=seed)
    turned = rotate(x, rotary_turns(t, d_k))
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(turned[:, 0], x[:, 0], rtol=0, atol=0)
    assert rotate(x.bfloat16(), rotary_turns(t, d_k)).dtype == torch.bfloat16


def test_the_angles_are_those_of_the_sine_and_cosine_encoding():
    torch.testing.assert_close(rotary_turns(50, 16).flip(-1).flatten(1), positional_encoding(50, 16))


def test_an_odd_width_has_no_pairs():
    with pytest.raises(ValueError, match="d_k must be even.* got 7"):
        rotary_turns(4, 7)


# --- shared heads ------------------------------------------------------------------------------------------------------


@given(groups=st.integers(1, 4), n_kv_heads=st.integers(1, 4), t=st.integers(1, 10), seed=seeds)
@few_examples
def test_shared_heads_equal_torchs_grouped_query_attention(groups, n_kv_heads, t, seed):
    n_heads = groups * n_kv_heads
    q, k, v = (normal(2, h, t, 8, seed=seed + i) for i, h in enumerate((n_heads, n_kv_heads, n_kv_heads)))
    ours = F.scaled_dot_product_attention(q, share_heads(k, n_heads), share_heads(v, n_heads), is_causal=True)
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-6)
    assert torch.equal(share_heads(k, n_heads), repeat_kv(k, groups))


def test_heads_that_do_not_divide():
    with pytest.raises(ValueError, match="n_heads=4 .* 3 key or value heads"):
        share_heads(torch.zeros(1, 3, 5, 8), 4)


# --- feed-forward ------------------------------------------------------------------------------------------------------


def test_swiglu_equals_llamas():
    ours = SwiGLU(48)
    theirs = LlamaMLP(LlamaConfig(hidden_size=48, intermediate_size=128, num_attention_heads=4))
    assert ours.down.in_features == 128  # two thirds of 4 · 48
    with torch.no_grad():
        ours.up.weight.copy_(torch.cat([theirs.gate_proj.weight, theirs.up_proj.weight]))
        ours.down.weight.copy_(theirs.down_proj.weight)
    x = normal(2, 5, 48, seed=0)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("d_model", "width"), [(3, 8), (48, 128), (128, 344), (4096, 10928)])
def test_a_gate_costs_no_parameters(d_model, width):
    with torch.device("meta"):
        gated, plain = SwiGLU(d_model), ReLUSquared(d_model)
    assert gated.down.in_features == width and width % 8 == 0 and 0 <= width - 8 * d_model / 3 < 8
    if d_model > 100:
        sizes = [sum(p.numel() for p in part.parameters()) for part in (gated, plain)]
        assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


def test_relu_squared_worked_by_hand():
    layer = ReLUSquared(1)
    with torch.no_grad():
        layer.up.weight.copy_(torch.tensor([[1.0], [2.0], [-1.0], [0.5]]))
        layer.down.weight.copy_(torch.tensor([[1.0, 10.0, 100.0, 1000.0]]))
        # at 3: 3² + 10·6² + 100·0 + 1000·1.5²; at -2 only the third unit wakes: 100·2²
        assert layer(torch.tensor([[3.0], [-2.0]])).flatten().tolist() == [9 + 360 + 2250, 400]


# --- the token before --------------------------------------------------------------------------------------------------


def test_smear_worked_by_hand():
    x = torch.tensor([[[1.0, 10], [2, 20], [3, 30]]])
    assert smear(x, torch.tensor(0.5)).tolist() == [[[1, 10], [2.5, 25], [4, 40]]]
    assert torch.equal(smear(x, torch.tensor(0.0)), x) and torch.equal(smear(x[:, :1], torch.tensor(0.5)), x[:, :1])


def test_bigrams_worked_by_hand():
    pairs = BigramEmbedding(vocab_size=3, rows=9, d_model=1)
    assert pairs.table.weight.abs().sum() == 0
    with torch.no_grad():
        pairs.table.weight.copy_(torch.arange(9.0)[:, None])
        # after 0 comes 1: row 0·3 + 1; after 1 comes 2: row 1·3 + 2; after 2 comes 2: row 2·3 + 2; the first has no pair
        assert pairs(torch.tensor([[0, 1, 2, 2], [2, 0, 0, 1]])).flatten(1).tolist() == [[0, 1, 5, 8], [0, 6, 0, 1]]


@given(vocab_size=st.integers(2, 30), rows=st.integers(1, 200))
@few_examples
def test_pairs_spread_over_all_rows(vocab_size, rows):
    try:
        ModernConfig(vocab_size, 8, 1, 1, 8, bigram_rows=rows)
    except ValueError:
        return  # refused, see below
    ids = torch.cartesian_prod(torch.arange(vocab_size), torch.arange(vocab_size))
    pairs = BigramEmbedding(vocab_size, rows, 1)
    with torch.no_grad():
        pairs.table.weight.copy_(torch.arange(rows)[:, None])
        shares = torch.bincount(pairs(ids)[:, 1, 0].long(), minlength=rows)
    assert shares.max() - shares.min() <= 1, "some rows carry more pairs than others"
    # and the token before makes a difference: tokens with the same successor do not all share a row
    assert rows == 1 or pairs(ids.view(vocab_size, vocab_size, 2)[:, 0])[:, 1].unique().numel() > 1


# --- the model --------------------------------------------------------------------------------------------------------

SIZES = dict(vocab_size=37, context=20, n_layers=3, n_heads=4, d_model=32)
KINDS = {
    "as it stands": {},
    "bigrams": {"bigram_rows": 37 * 37},
    "few bigram rows": {"bigram_rows": 101},
    "grouped queries": {"n_kv_heads": 2},
    "one key head": {"n_kv_heads": 1, "feed_forward": "swiglu"},
    "rms": {"norm": "rms", "smear": False, "bigram_rows": 100},
    "no qk-norm": {"qk_norm": False, "embedding_norm": False},
    "tied": {"tied": True},
}
LLAMA = dict(n_kv_heads=2, rotary_base=10000.0, norm="rms", feed_forward="swiglu")
LLAMA |= dict(qk_norm=False, embedding_norm=False, smear=False)


def awake(**choices) -> ModernGPT:
    """A model in which every part matters: nothing is left at its zero."""
    torch.manual_seed(0)
    model = ModernGPT(ModernConfig(**SIZES | choices))
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.2)
    return model


def some_ids(*shape: int, seed: int = 1) -> Tensor:
    return torch.randint(SIZES["vocab_size"], shape, generator=torch.Generator().manual_seed(seed))


def as_llama(tied: bool) -> tuple[ModernGPT, LlamaForCausalLM]:
    """Hugging Face's Llama with random weights, and ours with the same ones."""
    ours = awake(**LLAMA, tied=tied)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=37, hidden_size=32, intermediate_size=88, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=20, tie_word_embeddings=tied, initializer_range=0.2, attn_implementation="eager",
        bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    theirs = LlamaForCausalLM(config).eval()
    by_head = lambda w: pairs_first(w.view(-1, 8, 32).transpose(1, 2)).transpose(1, 2).flatten(0, 1)  # noqa: E731
    with torch.no_grad():
        for name, p in theirs.named_parameters():
            if "norm" in name:
                p.add_(torch.randn_like(p) * 0.2)
        ours.tokens.weight.copy_(theirs.model.embed_tokens.weight)
        ours.head.weight.copy_(theirs.lm_head.weight)
        ours.final_norm.gain.copy_(theirs.model.norm.weight)
        for mine, their in zip(ours.blocks, theirs.model.layers, strict=True):
            mine.norm_1.gain.copy_(their.input_layernorm.weight)
            mine.norm_2.gain.copy_(their.post_attention_layernorm.weight)
            at, ff = their.self_attn, their.mlp
            mine.attention.qkv.weight.copy_(torch.cat([by_head(at.q_proj.weight), by_head(at.k_proj.weight), at.v_proj.weight]))
            mine.attention.out.weight.copy_(at.o_proj.weight)
            mine.feed_forward.up.weight.copy_(torch.cat([ff.gate_proj.weight, ff.up_proj.weight]))
            mine.feed_forward.down.weight.copy_(ff.down_proj.weight)
    return ours, theirs


@pytest.mark.parametrize("tied", [False, True])
def test_with_llamas_choices_it_is_a_llama(tied):
    ours, theirs = as_llama(tied)
    assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())
    ids = some_ids(2, 20)
    with torch.no_grad():
        expected = theirs(ids, output_attentions=True)
        torch.testing.assert_close(ours(ids), expected.logits, rtol=0, atol=1e-4)
    for mine, their in zip(ours.attentions(ids), expected.attentions, strict=True):
        torch.testing.assert_close(mine, their, rtol=0, atol=1e-5)
    prompt = ids[:, :4]
    greedy = theirs.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=12, do_sample=False, pad_token_id=0)
    assert torch.equal(ours.generate(prompt, 12, temperature=0), greedy)


@pytest.mark.parametrize("kind", KINDS)
def test_the_cache_changes_nothing(kind):
    model = awake(**KINDS[kind])
    ids = some_ids(2, SIZES["context"])
    with torch.no_grad():
        whole, caches = model.hidden(ids), model.new_caches(2)
        steps = [model.hidden(ids[:, :end], caches) for end in (1, *range(2, 21))]
    torch.testing.assert_close(torch.cat(steps, dim=1), whole, rtol=0, atol=1e-4)
    for prompt, new in ((1, 19), (5, 10), (18, 12)):  # the last beyond the context
        a = model.generate(ids[:, :prompt], new, seed=3)
        assert torch.equal(a, model.generate(ids[:, :prompt], new, seed=3, use_cache=False))
        assert a.shape == (2, prompt + new)


@pytest.mark.parametrize("kind", KINDS)
def test_no_token_sees_a_later_one(kind):
    model, ids = awake(**KINDS[kind]), some_ids(2, 16)
    changed = ids.clone()
    changed[:, 9:] = (changed[:, 9:] + 1) % SIZES["vocab_size"]
    with torch.no_grad():
        a, b = model(ids), model(changed)
    torch.testing.assert_close(a[:, :9], b[:, :9], rtol=0, atol=1e-5)
    assert (a[:, 9:] - b[:, 9:]).abs().amax(-1).min() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_attentions_are_what_the_model_uses(kind):
    model, ids = awake(**KINDS[kind]), some_ids(2, 11)
    maps = model.attentions(ids)
    assert len(maps) == 3 and all(m.shape == (2, 4, 11, 11) for m in maps)
    read = []
    handle = model.blocks[0].attention.out.register_forward_pre_hook(lambda module, inputs: read.append(inputs[0]))
    with torch.no_grad():
        x = model.blocks[0].norm_1(model.embed(ids))
        model.blocks[0].attention(x, model.turns[:11])
        v = share_heads(model.blocks[0].attention.project(x, model.turns[:11])[2], 4)
    handle.remove()
    torch.testing.assert_close((maps[0] @ v).transpose(1, 2).flatten(2), read[0], rtol=0, atol=1e-5)


def test_normed_queries_and_keys_keep_scores_small():
    model = awake()
    with torch.no_grad():
        model.blocks[0].attention.qkv.weight.mul_(100)
        q, k, _ = model.blocks[0].attention.project(normal(2, 20, 32, seed=0), model.turns)
    scores = q @ k.mT / math.sqrt(8)
    assert scores.abs().max() <= math.sqrt(8) * 1.0001 and scores.abs().max() > 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "tied"])
def test_an_untrained_model_gives_every_token_the_same_share(kind):
    model, ids = ModernGPT(ModernConfig(**SIZES | KINDS[kind])), some_ids(3, 20)
    loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
    assert loss.item() == pytest.approx(math.log(37), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_from_these_zeros_every_weight_learns(kind):
    torch.manual_seed(0)
    model = ModernGPT(ModernConfig(**SIZES | KINDS[kind]))
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0)
    ids = torch.arange(60).remainder(7).view(3, 20)  # 0 1 2 3 4 5 6 0 1 …
    for _ in range(25):
        loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    assert all((p - start[name]).abs().max() > 1e-4 for name, p in model.named_parameters())
    assert model.generate(ids[:1, :3], 7, temperature=0)[0, 3:].tolist() == [3, 4, 5, 6, 0, 1, 2]


def test_parameters_counted_by_hand():
    model = ModernGPT(ModernConfig(vocab_size=65, context=64, n_layers=4, n_heads=4, d_model=128, bigram_rows=65 * 65))
    block = 128 * 384 + 128 * 128 + 2 * 128 * 512
    assert sum(p.numel() for p in model.parameters()) == 2 * 65 * 128 + 65 * 65 * 128 + 1 + 4 * block
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()}, "positions are no weights"
    few = ModernGPT(ModernConfig(vocab_size=65, context=64, n_layers=4, n_heads=4, d_model=128, n_kv_heads=1))
    assert few.blocks[0].attention.qkv.weight.shape == (128 + 2 * 32, 128)
    assert few.new_caches(2)[0].k.shape == (2, 1, 64, 32)


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "error", "says"),
    [
        ({"n_kv_heads": 3}, ValueError, "n_kv_heads=3 does not divide n_heads=4"),
        ({"n_kv_heads": 0}, ValueError, "n_kv_heads must be at least 1"),
        ({"n_kv_heads": 2.0}, TypeError, "n_kv_heads must be a whole number"),
        ({"norm": "batch"}, ValueError, "norm must be one of plain, rms; got 'batch'"),
        ({"feed_forward": "gelu"}, ValueError, "feed_forward must be one of relu2, swiglu"),
        ({"rotary_base": 1.0}, ValueError, "rotary_base must be above 1"),
        ({"rotary_base": math.nan}, ValueError, "rotary_base"),
        ({"bigram_rows": -1}, ValueError, "bigram_rows must be"),
        ({"bigram_rows": 74}, ValueError, "share no factor with vocab_size=37.* got 74"),
        ({"bigram_rows": 1.5}, TypeError, "bigram_rows must be a whole number"),
        ({"n_heads": 32}, ValueError, "heads of odd width"),
        ({"n_heads": 5}, ValueError, "d_model=32 does not divide into n_heads=5"),
        ({"n_layers": 0}, ValueError, "n_layers must be at least 1"),
    ],
)
def test_bad_choices(choices, error, says):
    with pytest.raises(error, match=says):
        ModernConfig(**SIZES | choices)


@pytest.mark.parametrize(
    ("ids", "error", "says"),
    [
        (torch.zeros(1, 21, dtype=torch.long), ValueError, "21 tokens, but the model's context is 20"),
        (torch.tensor([[37]]), IndexError, "got 37"),
        (torch.tensor([[-1]]), IndexError, "got -1"),
        (torch.ones(1, 2), TypeError, "torch.float32"),
        (torch.zeros(1, 0, dtype=torch.long), ValueError, r"\(1, 0\)"),
    ],
)
def test_bad_ids(ids, error, says):
    model = ModernGPT(ModernConfig(**SIZES))
    for use in (model, model.attentions, lambda ids: model.generate(ids, 2)):
        with pytest.raises(error, match=says):
            use(ids)
