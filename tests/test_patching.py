"""Taps: they read and change what they say, and they are gone afterwards."""

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from shared.patching import caught, logit_lens, mean_outputs, next_token_loss, patching_grid, put_in, silence, tapped

LAYERS, HEADS, WIDTH = 3, 2, 8


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=20, n_positions=16, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, initializer_range=0.5)
    return GPT2LMHeadModel._from_config(config, attn_implementation="eager").eval()


@pytest.fixture
def ids():
    return torch.randint(20, (2, 7), generator=torch.Generator().manual_seed(1))


def test_the_cache_is_what_the_model_itself_returns(model, ids):
    cache = caught(model, ids)
    with torch.no_grad():
        answer = model(ids, output_hidden_states=True, output_attentions=True)
    for layer in range(LAYERS):
        assert torch.equal(cache["resid_pre", layer], answer.hidden_states[layer])
        assert torch.equal(cache["pattern", layer], answer.attentions[layer])
        assert cache["z", layer].shape == (2, 7, HEADS, WIDTH // HEADS)
        total = cache["resid_pre", layer] + cache["attn_out", layer] + cache["mlp_out", layer]
        assert torch.allclose(total, cache["resid_post", layer], atol=1e-5)


def test_z_is_the_weights_times_the_values(model, ids):
    cache = caught(model, ids)
    block = model.transformer.h[1]
    with torch.no_grad():
        v = block.attn.c_attn(block.ln_1(cache["resid_pre", 1])).chunk(3, -1)[2].unflatten(-1, (HEADS, -1)).transpose(1, 2)
    assert torch.allclose((cache["pattern", 1] @ v).transpose(1, 2), cache["z", 1], atol=1e-5)


@torch.no_grad()
def test_silence_is_the_same_as_rows_of_w_o_set_to_zero(model, ids):
    with tapped(model, silence([(1, 0)])):
        ours = model(ids).logits
    weight = model.transformer.h[1].attn.c_proj.weight
    before = weight.clone()
    weight[: WIDTH // HEADS] = 0
    theirs = model(ids).logits
    weight.copy_(before)
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert not torch.allclose(ours, model(ids).logits, atol=1e-3), "the tap must be gone, and the head must have mattered"


@torch.no_grad()
def test_mean_ablation_puts_the_mean_in(model, ids):
    means = mean_outputs(model, [ids[0], ids[1:]])
    expected = caught(model, ids)["z", 2].mean((0, 1))
    assert torch.allclose(means[2], expected, atol=1e-6)
    seen = []
    with tapped(model, silence([(2, 1)], means)):
        hook = model.transformer.h[2].attn.c_proj.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        model(ids)
        hook.remove()
    assert torch.allclose(seen[0][..., WIDTH // HEADS :], means[2][1].expand(2, 7, -1), atol=1e-6)


@torch.no_grad()
def test_patching_everything_gives_the_clean_run(model, ids):
    clean, corrupt = ids[:1], ids[1:]
    rows = caught(model, clean)["resid_pre", 1]
    with tapped(model, {("resid_pre", 1): put_in(rows, slice(None))}):
        assert torch.allclose(model(corrupt).logits, model(clean).logits, atol=1e-5)


@torch.no_grad()
def test_the_grid_obeys_what_a_causal_model_must(model, ids):
    clean, corrupt = ids[:1], ids[:1].clone()
    corrupt[0, 2] = (corrupt[0, 2] + 1) % 20
    grid = patching_grid(model, clean, corrupt, lambda logits: logits[0, -1, 5])
    whole, broken = float(model(clean).logits[0, -1, 5]), float(model(corrupt).logits[0, -1, 5])
    assert grid.shape == (LAYERS + 1, 7)
    assert grid[0, 2] == pytest.approx(whole, abs=1e-4), "the changed word's own row restores everything at the bottom"
    assert grid[-1, -1] == pytest.approx(whole, abs=1e-4), "and the last row at the top"
    assert grid[:, :2] == pytest.approx(torch.full((LAYERS + 1, 2), broken), abs=1e-4), "what stands before the change is alike in both"
    assert abs(whole - broken) > 1e-2


def test_the_lens_ends_in_the_answer(model, ids):
    lens = logit_lens(model, ids[:1])
    with torch.no_grad():
        answer = model(ids[:1]).logits
    assert lens.shape == (LAYERS + 1, 7, 20)
    assert torch.allclose(lens[-1:], answer, atol=1e-5)
    assert not torch.allclose(lens[:1], answer, atol=1e-2)


def test_the_loss_is_the_model_s_own(model, ids):
    with torch.no_grad():
        assert next_token_loss(model, ids).mean().item() == pytest.approx(model(ids, labels=ids).loss.item(), abs=1e-5)
    assert next_token_loss(model, ids, start=3).shape == (2, 3)


def test_taps_are_taken_out_after_an_error(model, ids):
    with torch.no_grad():
        before = model(ids).logits
        with pytest.raises(RuntimeError), tapped(model, silence([(0, 0)])):
            raise RuntimeError
        assert torch.equal(model(ids).logits, before)


def test_bad_input(model, ids):
    with pytest.raises(ValueError, match="place"), tapped(model, {("y", 0): lambda x: x}):
        pass
    with pytest.raises(ValueError, match="layer"), tapped(model, {("z", LAYERS): lambda x: x}):
        pass
    with pytest.raises(ValueError, match="shape"), tapped(model, {("z", 0): lambda x: x[:, :1]}):
        model(ids)
    with pytest.raises(TypeError, match="GPT2LMHeadModel"), tapped(torch.nn.Linear(2, 2), {}):
        pass
    with pytest.raises(ValueError, match="at least one"):
        silence([])
    with pytest.raises(ValueError, match="heads 0 to 1"), tapped(model, silence([(0, HEADS)])):
        model(ids)
    with pytest.raises(ValueError, match="means"):
        silence([(1, 0)], {0: torch.zeros(2, 4)})
    with pytest.raises(ValueError, match="one length"), tapped(model, {("resid_pre", 0): put_in(torch.zeros(1, 3, WIDTH), 0)}):
        model(ids)
    with pytest.raises(ValueError, match="one shape"):
        patching_grid(model, ids, ids[:, 1:], lambda logits: 0.0)
    with pytest.raises(ValueError, match="start"):
        next_token_loss(model, ids, start=6)
    with pytest.raises(ValueError, match="at least one"):
        mean_outputs(model, [])
