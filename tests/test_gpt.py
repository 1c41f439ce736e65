"""`shared.gpt` against Hugging Face's GPT-2 on the same weights, against numbers worked out by hand, and against bad input."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Model
from transformers.generation.logits_process import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from shared.gpt import GPT, GPTConfig, next_token_probabilities

ROOT = Path(__file__).resolve().parents[1]
TINY = GPTConfig(vocab_size=61, context=24, n_layers=3, n_heads=4, d_model=32)
few_examples = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**31)


def theirs_of(config: GPTConfig) -> GPT2LMHeadModel:
    """Hugging Face's GPT-2 of the same sizes, with weights large enough that every part matters."""
    sizes = dict(n_positions=config.context, n_layer=config.n_layers, n_head=config.n_heads, n_embd=config.d_model)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=config.vocab_size, **sizes, bos_token_id=None, eos_token_id=None)).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            # biases and gains too: at their usual start of 0 and 1 a forgotten one would not show
            p.normal_(mean=1.0 if "ln_" in name and name.endswith("weight") else 0.0, std=0.2)
    return model


@pytest.fixture(scope="module")
def theirs() -> GPT2LMHeadModel:
    torch.manual_seed(0)
    return theirs_of(TINY)


@pytest.fixture(scope="module")
def folder(theirs, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("gpt2")
    theirs.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def gpt(folder) -> GPT:
    return GPT.from_pretrained(folder)


def some_ids(*shape: int, config: GPTConfig = TINY, seed: int = 1) -> Tensor:
    return torch.randint(config.vocab_size, shape, generator=torch.Generator().manual_seed(seed))


# --- sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"),
    [("gpt2", 124_439_808), ("gpt2-medium", 354_823_168), ("gpt2-large", 774_030_080), ("gpt2-xl", 1_557_611_200)],
)
def test_published_sizes_have_their_exact_number_of_parameters(name, count):
    with torch.device("meta"):
        model = GPT(GPTConfig.named(name))
    assert sum(p.numel() for p in model.parameters()) == count
    assert model.config.d_model // model.config.n_heads == 64


def test_the_small_model_counted_part_by_part():
    with torch.device("meta"):
        model = GPT(GPTConfig())
    count = lambda part: sum(p.numel() for p in part.parameters())  # noqa: E731
    block = model.blocks[0]
    assert count(block.attention.qkv) == 768 * 2304 + 2304 == 1_771_776
    assert (count(block.attention), count(block.feed_forward), count(block)) == (2_362_368, 4_722_432, 7_087_872)
    assert count(model.tokens) == 50257 * 768 and count(model.positions) == 1024 * 768
    assert tuple(block.attention.qkv.weight.shape) == (2304, 768)


def test_the_sizes_are_those_of_the_library():
    for name in ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"):
        config = GPTConfig.named(name)
        names = dict(n_layer=config.n_layers, n_head=config.n_heads, n_embd=config.d_model)
        with torch.device("meta"):
            ours, theirs = GPT(config), GPT2LMHeadModel(GPT2Config(**names))
        assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())


@pytest.mark.parametrize("field", ["vocab_size", "context", "n_layers", "n_heads", "d_model"])
@pytest.mark.parametrize(
    ("value", "error"),
    [(0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError), ("8", TypeError), (None, TypeError)],
)
def test_a_size_must_be_a_positive_whole_number(field, value, error):
    with pytest.raises(error, match=f"{field} must be"):
        GPTConfig(**{field: value})


def test_other_bad_sizes():
    with pytest.raises(ValueError, match="d_model=768 does not divide into n_heads=10"):
        GPTConfig(n_heads=10)
    with pytest.raises(ValueError, match="gpt2-xl; got 'gpt3'"):
        GPTConfig.named("gpt3")


# --- how an untrained model begins -------------------------------------------------------------------------------------


def test_weights_begin_as_gpt2s():
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocab_size=400, context=128, n_layers=8, n_heads=4, d_model=128))
    for name, p in model.named_parameters():
        if name.endswith("bias"):
            assert (p == 0).all(), name
        elif "norm" in name:
            assert (p == 1).all(), name
        else:
            expected = 0.02 / math.sqrt(2 * 8) if name.endswith(("out.weight", "down.weight")) else 0.02
            assert p.std().item() == pytest.approx(expected, rel=0.03), name
            assert abs(p.mean().item()) < 5 * expected / math.sqrt(p.numel()), name


def test_an_untrained_model_knows_nothing():
    # equal shares for all tokens cost ln(vocab_size); a well-started model is within a few hundredths of that
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocab_size=500, context=64, n_layers=4, n_heads=4, d_model=128))
    ids = torch.randint(500, (8, 65))
    loss = torch.nn.functional.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
    assert loss.item() == pytest.approx(math.log(500), abs=0.05)


def test_the_head_is_tied_and_stays_tied(gpt):
    for model in (GPT(TINY), gpt):
        assert model.head.weight is model.tokens.weight
        assert "head.weight" not in dict(model.named_parameters())
        assert model.load_state_dict(model.state_dict()).missing_keys == []


# --- the same numbers as Hugging Face's --------------------------------------------------------------------------------


@given(b=st.integers(1, 4), t=st.integers(1, TINY.context), seed=seeds)
@few_examples
def test_logits_equal_hugging_face(gpt, theirs, b, t, seed):
    ids = some_ids(b, t, seed=seed)
    with torch.no_grad():
        torch.testing.assert_close(gpt(ids), theirs(ids).logits, rtol=0, atol=1e-4)


def test_gradients_equal_hugging_face(folder):
    ours, other, ids = GPT.from_pretrained(folder), GPT2LMHeadModel.from_pretrained(folder).eval(), some_ids(3, 20)
    torch.nn.functional.cross_entropy(ours(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()).backward()
    other(ids, labels=ids).loss.backward()
    torch.testing.assert_close(ours.tokens.weight.grad, other.transformer.wte.weight.grad, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(ours.positions.weight.grad, other.transformer.wpe.weight.grad, rtol=1e-4, atol=1e-6)
    for mine, their in zip(ours.blocks, other.transformer.h, strict=True):
        torch.testing.assert_close(mine.attention.qkv.weight.grad, their.attn.c_attn.weight.grad.T, rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(mine.feed_forward.down.bias.grad, their.mlp.c_proj.bias.grad, rtol=1e-4, atol=1e-6)


def test_logits_equal_hugging_face_at_full_size(tmp_path):
    # random weights at GPT-2's own scale, written by transformers, read by the course
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config()).save_pretrained(tmp_path)
    ids = torch.randint(50257, (1, 12))
    with torch.no_grad():
        model = GPT.from_pretrained(tmp_path)
        assert sum(p.numel() for p in model.parameters()) == 124_439_808
        ours = model(ids)
        del model
        torch.testing.assert_close(ours, GPT2LMHeadModel.from_pretrained(tmp_path)(ids).logits, rtol=0, atol=1e-4)


SHIPPED = ROOT / "shared" / "pretrained" / "tiny-gpt2"


@pytest.mark.skipif(not (SHIPPED / "config.json").exists(), reason="the shipped checkpoint is not built yet")
def test_logits_equal_hugging_face_on_the_shipped_checkpoint():
    ours = GPT.from_pretrained(SHIPPED)
    other = GPT2LMHeadModel.from_pretrained(SHIPPED, dtype=torch.float32, attn_implementation="eager").eval()
    ids = some_ids(2, ours.config.context, config=ours.config)
    with torch.no_grad():
        torch.testing.assert_close(ours(ids), other(ids).logits, rtol=0, atol=1e-4)
        for mine, their in zip(ours.attentions(ids), other(ids, output_attentions=True).attentions, strict=True):
            torch.testing.assert_close(mine, their, rtol=0, atol=1e-5)
        other.generation_config.eos_token_id = None  # ours goes on after the end of a text unless told to stop
        greedy = ours.generate(ids[:, :8], 40, temperature=0)
        assert torch.equal(greedy, by_theirs(other, ids[:, :8], 40))


@given(t=st.integers(1, TINY.context), seed=seeds)
@few_examples
def test_attentions_equal_hugging_face(gpt, folder, t, seed):
    theirs = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").eval()
    ids = some_ids(2, t, seed=seed)
    with torch.no_grad():
        expected = theirs(ids, output_attentions=True).attentions
    ours = gpt.attentions(ids)
    assert isinstance(ours, tuple) and len(ours) == TINY.n_layers
    for mine, their in zip(ours, expected, strict=True):
        assert mine.shape == (2, TINY.n_heads, t, t) and not mine.requires_grad
        torch.testing.assert_close(mine, their, rtol=0, atol=1e-5)


def test_no_token_sees_a_later_one(gpt):
    ids, changed = some_ids(2, 20), some_ids(2, 20)
    changed[:, 11:] = (changed[:, 11:] + 1) % TINY.vocab_size
    with torch.no_grad():
        a, b = gpt(ids), gpt(changed)
    torch.testing.assert_close(a[:, :11], b[:, :11], rtol=0, atol=1e-5)
    assert (a[:, 11:] - b[:, 11:]).abs().amax(-1).min() > 1e-3


def test_a_hook_takes_a_head_out(gpt, folder):
    """What week 3 day 4 does: the input of `attention.out` holds the heads side by side, so a hook can silence one."""
    d_k, head, ids = TINY.d_model // TINY.n_heads, 2, some_ids(1, 10)

    def silence(module, inputs):
        x = inputs[0].clone()
        x[..., head * d_k : (head + 1) * d_k] = 0
        return (x,)

    handle = gpt.blocks[1].attention.out.register_forward_pre_hook(silence)
    with torch.no_grad():
        hooked = gpt(ids)
    handle.remove()
    # the same by surgery: without its rows in c_proj the head writes nothing
    surgery = GPT2LMHeadModel.from_pretrained(folder).eval()
    with torch.no_grad():
        surgery.transformer.h[1].attn.c_proj.weight[head * d_k : (head + 1) * d_k] = 0
        torch.testing.assert_close(hooked, surgery(ids).logits, rtol=0, atol=1e-4)


# --- files ------------------------------------------------------------------------------------------------------------


def same_weights(a: GPT, b: GPT) -> bool:
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


def test_what_the_course_saves_hugging_face_loads(tmp_path):
    torch.manual_seed(3)
    ours = GPT(TINY)
    ours.save_pretrained(tmp_path / "new" / "folder")
    theirs, notes = GPT2LMHeadModel.from_pretrained(tmp_path / "new" / "folder", output_loading_info=True)
    assert not any(notes[k] for k in ("missing_keys", "unexpected_keys", "mismatched_keys")), notes
    ids = some_ids(2, 24)
    with torch.no_grad():
        torch.testing.assert_close(ours(ids), theirs.eval()(ids).logits, rtol=0, atol=1e-5)
    theirs.save_pretrained(tmp_path / "again")
    assert same_weights(ours, GPT.from_pretrained(tmp_path / "again"))


def test_a_folder_of_the_bare_model_is_read_too(theirs, gpt, tmp_path):
    theirs.transformer.save_pretrained(tmp_path)  # names without "transformer."
    assert "h.0.attn.c_attn.weight" in load_file(tmp_path / "model.safetensors")
    assert isinstance(GPT2Model.from_pretrained(tmp_path), GPT2Model)
    assert same_weights(gpt, GPT.from_pretrained(tmp_path))


def test_old_files_with_masks_in_them_are_read_too(folder, gpt, tmp_path):
    weights = load_file(folder / "model.safetensors")
    weights["transformer.h.0.attn.bias"] = torch.ones(1, 1, 24, 24)
    weights["transformer.h.0.attn.masked_bias"] = torch.tensor(-1e4)
    weights["lm_head.weight"] = weights["transformer.wte.weight"].clone()
    shutil.copy(folder / "config.json", tmp_path)
    save_file(weights, tmp_path / "model.safetensors")
    assert same_weights(gpt, GPT.from_pretrained(tmp_path))


def test_shards_are_read_too(theirs, gpt, tmp_path):
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1 and not (tmp_path / "model.safetensors").exists()
    assert same_weights(gpt, GPT.from_pretrained(str(tmp_path)))


def test_half_precision_files_become_float32(theirs, gpt, tmp_path):
    theirs.save_pretrained(tmp_path)
    weights = {n: w.half() for n, w in load_file(tmp_path / "model.safetensors").items()}
    save_file(weights, tmp_path / "model.safetensors")
    model = GPT.from_pretrained(tmp_path)
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    torch.testing.assert_close(model.blocks[0].attention.qkv.weight, gpt.blocks[0].attention.qkv.weight, rtol=1e-3, atol=1e-4)


def test_a_loaded_model_can_be_trained_and_saved(folder, tmp_path):
    model = GPT.from_pretrained(folder)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ids = some_ids(2, 10)
    before = model(ids).detach()
    torch.nn.functional.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()).backward()
    optimizer.step()
    model.save_pretrained(tmp_path)
    assert (model(ids) - before).abs().max() > 1e-3
    assert same_weights(model, GPT.from_pretrained(tmp_path))


def test_a_failed_save_leaves_the_old_model(folder, tmp_path, monkeypatch):
    shutil.copytree(folder, tmp_path / "kept")
    before = GPT.from_pretrained(tmp_path / "kept")

    def full(tensors, path, metadata=None):
        Path(path).write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shared.gpt.save_file", full)
    with pytest.raises(OSError, match="No space left"):
        GPT(TINY).save_pretrained(tmp_path / "kept")
    assert same_weights(before, GPT.from_pretrained(tmp_path / "kept"))


def changed_config(folder: Path, target: Path, **changes) -> Path:
    shutil.copytree(folder, target, dirs_exist_ok=True)
    config = json.loads((folder / "config.json").read_text()) | changes
    (target / "config.json").write_text(json.dumps(config))
    return target


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "llama"},
        {"activation_function": "relu"},
        {"layer_norm_epsilon": 1e-6},
        {"scale_attn_weights": False},
        {"scale_attn_by_inverse_layer_idx": True},
        {"tie_word_embeddings": False},
        {"n_inner": 100},
    ],
    ids=lambda c: next(iter(c)),
)
def test_a_model_of_another_kind_is_refused(folder, tmp_path, changes):
    name, value = next(iter(changes.items()))
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        GPT.from_pretrained(changed_config(folder, tmp_path, **changes))


def test_weights_that_do_not_fit_are_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"wte.weight .* another shape .* \(61, 32\) for \(62, 32\)"):
        GPT.from_pretrained(changed_config(folder, tmp_path / "a", vocab_size=62))
    with pytest.raises(ValueError, match="holds no weights named h.3.ln_1.weight"):
        GPT.from_pretrained(changed_config(folder, tmp_path / "b", n_layer=4))
    weights = load_file(folder / "model.safetensors")
    weights["lm_head.weight"] = weights["transformer.wte.weight"] + 1
    save_file(weights, tmp_path / "a" / "model.safetensors")
    changed_config(folder, tmp_path / "b", n_layer=3)
    save_file(weights, tmp_path / "b" / "model.safetensors")
    with pytest.raises(ValueError, match="not its token table"):
        GPT.from_pretrained(tmp_path / "b")


def test_fewer_layers_than_the_file_holds_are_refused(folder, tmp_path):
    # else a model would be cut off above its second layer without a word
    with pytest.raises(ValueError, match=r"h\.2\."):
        GPT.from_pretrained(changed_config(folder, tmp_path, n_layer=2))


def test_missing_files_are_named(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="config.json"):
        GPT.from_pretrained(tmp_path / "empty")
    shutil.copy(folder / "config.json", tmp_path / "empty")
    (tmp_path / "empty" / "config.json").write_text("{")
    with pytest.raises(ValueError, match="config.json cannot be read"):
        GPT.from_pretrained(tmp_path / "empty")
    shutil.copy(folder / "config.json", tmp_path / "empty")
    (tmp_path / "empty" / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="model.safetensors"):
        GPT.from_pretrained(tmp_path / "empty")


def test_a_name_is_found_in_the_hubs_cache(folder, gpt, tmp_path, monkeypatch):
    """A cache as huggingface_hub lays it out, with the network forbidden."""
    repo = tmp_path / "models--someone--small"
    snapshot = repo / "snapshots" / "0123456789abcdef"
    snapshot.parent.mkdir(parents=True)
    shutil.copytree(folder, snapshot)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("0123456789abcdef")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert same_weights(gpt, GPT.from_pretrained("someone/small"))
    for name in ("someone/else", "no/such/folder/here"):
        with pytest.raises(FileNotFoundError, match=name):
            GPT.from_pretrained(name)


# --- the next token's distribution -------------------------------------------------------------------------------------

LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0]])
NOTHING = torch.zeros(1, 0, dtype=torch.long)


def test_sampling_worked_by_hand():
    e = math.e
    probabilities = lambda **choices: next_token_probabilities(LOGITS, NOTHING, **choices)[0].tolist()  # noqa: E731
    powers = [e**2, e, 1, 1 / e]
    assert probabilities() == pytest.approx([p / sum(powers) for p in powers])
    # half the temperature doubles every logit, that is, squares the powers
    assert probabilities(temperature=0.5) == pytest.approx([p**2 / sum(q**2 for q in powers) for p in powers])
    assert probabilities(temperature=0) == [1, 0, 0, 0]
    assert probabilities(top_k=2) == pytest.approx([e / (e + 1), 1 / (e + 1), 0, 0])
    # the shares are 0.644, 0.237, 0.087, 0.032: one reaches 0.6, two reach 0.65 and 0.88, three reach 0.9
    assert probabilities(top_p=0.6) == [1, 0, 0, 0]
    for top_p in (0.65, 0.88):
        assert probabilities(top_p=top_p) == pytest.approx([e / (e + 1), 1 / (e + 1), 0, 0])
    assert probabilities(top_p=0.9)[3] == 0 < probabilities(top_p=0.9)[2]
    assert probabilities(top_p=1.0) == probabilities()


def test_repetition_penalty_worked_by_hand():
    # tokens 0 and 3 were said (0 even twice, which counts once): 2 / 2 = 1 and -1 · 2 = -2
    shares = next_token_probabilities(LOGITS, torch.tensor([[0, 3, 0]]), repetition_penalty=2.0)
    torch.testing.assert_close(shares, torch.tensor([[1.0, 1.0, 0.0, -2.0]]).softmax(-1))


def test_no_temperature_is_too_small_or_too_large():
    for temperature in (5e-324, 1e-45, 1e-30, 1e-6):
        assert next_token_probabilities(LOGITS * 1000, NOTHING, temperature=temperature)[0].tolist() == [1, 0, 0, 0]
        # a penalty below 1 lifts token 1 above the one that was largest: 1 / 0.1 = 10
        lifted = next_token_probabilities(LOGITS, torch.tensor([[1]]), temperature=temperature, repetition_penalty=0.1)
        assert lifted[0].tolist() == [0, 1, 0, 0]
    torch.testing.assert_close(next_token_probabilities(LOGITS, NOTHING, temperature=1e30), torch.full((1, 4), 0.25))


@given(
    seed=seeds,
    vocab=st.integers(2, 60),
    temperature=st.sampled_from([0.1, 0.7, 1.0, 1.5]),
    top_k=st.one_of(st.none(), st.integers(1, 80)),
    top_p=st.one_of(st.none(), st.floats(0.01, 0.99)),
    penalty=st.sampled_from([0.5, 1.0, 1.2, 3.0]),
    ties=st.booleans(),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_distribution_equals_hugging_faces_processors(seed, vocab, temperature, top_k, top_p, penalty, ties):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(3, vocab, generator=generator) * 3
    if ties:
        logits = logits.round()
        top_p = None  # which of several equal tokens falls out is each sort's own affair
    ids = torch.randint(vocab, (3, 7), generator=generator)
    processors = LogitsProcessorList([RepetitionPenaltyLogitsProcessor(penalty), TemperatureLogitsWarper(temperature)])
    if top_k is not None:
        processors.append(TopKLogitsWarper(top_k))
    if top_p is not None:
        processors.append(TopPLogitsWarper(top_p))
    expected = processors(ids, logits.clone()).softmax(-1)
    before = logits.clone()
    ours = next_token_probabilities(logits, ids, temperature, top_k, top_p, penalty)
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-6)
    assert torch.equal(logits, before), "the caller's logits were changed"


@given(
    seed=seeds,
    vocab=st.integers(1, 40),
    top_k=st.one_of(st.none(), st.integers(1, 50)),
    top_p=st.one_of(st.none(), st.floats(1e-6, 1.0)),
)
@few_examples
def test_what_is_kept(seed, vocab, top_k, top_p):
    logits = torch.randn(2, vocab, generator=torch.Generator().manual_seed(seed))
    full = logits.softmax(-1)
    shares = next_token_probabilities(logits, NOTHING.expand(2, 0), top_k=top_k, top_p=top_p)
    torch.testing.assert_close(shares.sum(-1), torch.ones(2))
    assert (shares.argmax(-1) == full.argmax(-1)).all(), "the most likely token always stays"
    kept = shares > 0
    assert (kept.sum(-1) <= min(top_k or vocab, vocab)).all()
    # nothing that fell out was more likely than something that stayed
    assert (full.masked_fill(~kept, 2).amin(-1) >= full.masked_fill(kept, -1).amax(-1)).all()
    if top_p is not None and top_k is None:
        assert (full.masked_fill(~kept, 0).sum(-1) >= top_p - 1e-5).all()


def test_tokens_are_drawn_as_often_as_they_should(gpt):
    draws = 5_000
    ids = some_ids(1, 6).expand(draws, 6)
    with torch.no_grad():
        expected = next_token_probabilities(gpt(ids[:1])[:, -1], ids[:1], temperature=0.8, top_k=5, top_p=0.95)[0]
    drawn = gpt.generate(ids, 1, temperature=0.8, top_k=5, top_p=0.95, seed=0)[:, -1]
    shares = torch.bincount(drawn, minlength=TINY.vocab_size) / draws
    # four standard deviations of a share of 5,000 draws are at most 0.0283
    torch.testing.assert_close(shares, expected, rtol=0, atol=0.0283)
    assert (shares[expected == 0] == 0).all() and 1 < (expected > 0).sum() <= 5


# --- writing ----------------------------------------------------------------------------------------------------------


def by_theirs(theirs: GPT2LMHeadModel, ids: Tensor, new: int, **choices) -> Tensor:
    choices = {"do_sample": False, "pad_token_id": 0, "attention_mask": torch.ones_like(ids)} | choices
    return theirs.generate(ids, max_new_tokens=new, **choices)


@given(b=st.integers(1, 3), t=st.integers(1, 12), new=st.integers(1, 12), penalty=st.sampled_from([1.0, 1.3, 2.0]), seed=seeds)
@few_examples
def test_greedy_equals_hugging_face_with_and_without_cache(gpt, theirs, b, t, new, penalty, seed):
    ids = some_ids(b, t, seed=seed)
    ours = gpt.generate(ids, new, temperature=0, repetition_penalty=penalty)
    assert torch.equal(ours, gpt.generate(ids, new, temperature=0, repetition_penalty=penalty, use_cache=False))
    assert torch.equal(ours, by_theirs(theirs, ids, new, repetition_penalty=penalty))


@given(t=st.integers(1, TINY.context), new=st.integers(0, 40), temperature=st.sampled_from([0.0, 0.5, 1.0, 2.0]), seed=seeds)
@few_examples
def test_the_cache_changes_nothing(gpt, t, new, temperature, seed):
    ids = some_ids(2, t, seed=seed)
    a = gpt.generate(ids, new, temperature=temperature, top_k=20, seed=seed)
    b = gpt.generate(ids, new, temperature=temperature, top_k=20, seed=seed, use_cache=False)
    assert torch.equal(a, b)
    assert a.shape == (2, t + new) and torch.equal(a[:, :t], ids)


def test_cached_hidden_states_equal_those_of_the_whole_text(gpt):
    ids = some_ids(2, TINY.context)
    with torch.no_grad():
        whole, caches, steps = gpt.hidden(ids), gpt.new_caches(2), []
        for end in range(5, TINY.context + 1):  # a prompt of five, then one token after the other
            steps.append(gpt.hidden(ids[:, :end], caches))
    torch.testing.assert_close(torch.cat(steps, dim=1), whole, rtol=0, atol=1e-5)
    assert caches[0].length == TINY.context


def test_a_filled_cache_takes_one_token_at_a_time(gpt):
    caches, ids = gpt.new_caches(1), some_ids(1, 8)
    with torch.no_grad():
        gpt.hidden(ids[:, :4], caches)
        with pytest.raises(ValueError, match="holds 4 tokens takes one token at a time, got 4"):
            gpt.hidden(ids, caches)


def test_ids_may_be_int32(gpt):
    ids = some_ids(2, 5)
    a = gpt.generate(ids.int(), 6, temperature=0, repetition_penalty=1.2)
    assert a.dtype == torch.int64 and torch.equal(a, gpt.generate(ids, 6, temperature=0, repetition_penalty=1.2))


def test_beyond_the_context_the_window_slides(gpt):
    """Each token is the most likely one after the last `context` tokens, worked out here one by one."""
    text = some_ids(2, 20)
    expected = text
    with torch.no_grad():
        for _ in range(30):
            expected = torch.cat([expected, gpt(expected[:, -TINY.context :])[:, -1:].argmax(-1)], dim=1)
    assert torch.equal(gpt.generate(text, 30, temperature=0), expected)


def test_the_same_seed_writes_the_same_text(gpt):
    ids = some_ids(3, 5)
    a = gpt.generate(ids, 15, seed=7)
    torch.rand(3)  # whatever else draws
    assert torch.equal(a, gpt.generate(ids, 15, seed=7))
    assert not torch.equal(a, gpt.generate(ids, 15, seed=8))
    state = torch.get_rng_state()
    gpt.generate(ids, 5, seed=7)
    assert torch.equal(state, torch.get_rng_state()), "a seed of one's own leaves torch's generator alone"
    torch.manual_seed(4)
    b = gpt.generate(ids, 15)
    torch.manual_seed(4)
    assert torch.equal(b, gpt.generate(ids, 15))


def test_streaming_gives_the_same_tokens_one_by_one(gpt):
    ids = some_ids(2, 4)
    stream = gpt.stream(ids, 10, temperature=0.9, seed=3)
    first = next(stream)
    assert first.shape == (2,) and first.dtype == torch.int64
    whole = torch.stack([first, *stream], dim=1)
    assert torch.equal(torch.cat([ids, whole], dim=1), gpt.generate(ids, 10, temperature=0.9, seed=3))


def test_writing_leaves_no_trace(gpt):
    ids = some_ids(1, 4)
    before = ids.clone()
    stream = gpt.stream(ids, 5)
    next(stream)
    assert torch.is_grad_enabled() and torch.equal(ids, before)
    text = gpt.generate(ids, 5, seed=0)
    # what a model wrote can be trained on
    torch.nn.functional.cross_entropy(gpt(text[:, :-1]).flatten(0, 1), text[:, 1:].flatten()).backward()
    gpt.zero_grad(set_to_none=True)


@given(seed=seeds, stops=st.lists(st.integers(0, TINY.vocab_size - 1), min_size=1, max_size=12, unique=True))
@few_examples
def test_stop_tokens(gpt, seed, stops):
    ids = some_ids(3, 4, seed=seed)
    free = gpt.generate(ids, 15, temperature=2.0, seed=seed)[:, 4:].tolist()
    ended = gpt.generate(ids, 15, temperature=2.0, seed=seed, stop=stops)[:, 4:].tolist()
    ends = [next((i for i, token in enumerate(row) if token in stops), 14) for row in ended]
    assert {len(row) for row in ended} == {max(ends) + 1}, "writing ends when the last row is done"
    for row, end in zip(ended, ends, strict=True):
        assert set(row[end + 1 :]) <= {row[end]}, "a row that is done repeats its stop token"
    # until the first row is done, nothing differs
    assert [row[: min(ends) + 1] for row in ended] == [row[: min(ends) + 1] for row in free]


def test_a_single_stop_token_equals_hugging_faces(gpt, theirs):
    ids = some_ids(4, 6)
    stop = gpt.generate(ids, 6, temperature=0)[0, 9].item()  # the fourth token that the first row writes
    ours = gpt.generate(ids, 12, temperature=0, stop=stop)
    assert torch.equal(ours, by_theirs(theirs, ids, 12, eos_token_id=stop, pad_token_id=stop))


def test_a_stop_token_in_the_prompt_ends_nothing(gpt):
    prompts = (some_ids(1, 4, seed=seed) for seed in range(100))
    texts = ((ids, gpt.generate(ids, 6, temperature=0)) for ids in prompts)
    ids, free = next((ids, text) for ids, text in texts if ids[0, -1] not in text[0, 4:])
    assert torch.equal(gpt.generate(ids, 6, temperature=0, stop=ids[0, -1].item()), free)
    assert torch.equal(gpt.generate(ids, 6, temperature=0, stop=[]), free)


# --- bad input --------------------------------------------------------------------------------------------------------

BAD_IDS = [
    ([[1, 2]], TypeError, "torch.Tensor .* got list"),
    (torch.ones(1, 3), TypeError, "int64, got torch.float32"),
    (torch.ones(1, 3, dtype=torch.bool), TypeError, "got torch.bool"),
    (torch.ones(1, 3, dtype=torch.uint8), TypeError, "got torch.uint8"),
    (torch.tensor([1, 2]), ValueError, r"shape \(batch, tokens\).* got \(2,\)"),
    (torch.zeros(1, 0, dtype=torch.long), ValueError, r"got \(1, 0\)"),
    (torch.zeros(0, 3, dtype=torch.long), ValueError, r"got \(0, 3\)"),
    (torch.zeros(1, 25, dtype=torch.long), ValueError, "25 tokens, but the model's context is 24"),
    (torch.tensor([[3, 61]]), IndexError, "from 0 to 60, got 61"),
    (torch.tensor([[3, -1]]), IndexError, "from 0 to 60, got -1"),
]


@pytest.mark.parametrize(("ids", "error", "says"), BAD_IDS)
def test_bad_ids(gpt, ids, error, says):
    for use in (gpt, gpt.attentions, lambda ids: gpt.generate(ids, 3), lambda ids: gpt.stream(ids, 3)):
        with pytest.raises(error, match=says):
            use(ids)


@pytest.mark.parametrize(
    ("choices", "error", "says"),
    [
        ({"temperature": -0.1}, ValueError, "temperature must be 0 .* got -0.1"),
        ({"temperature": math.nan}, ValueError, "temperature"),
        ({"temperature": math.inf}, ValueError, "temperature"),
        ({"top_k": 0}, ValueError, "top_k must be at least 1, got 0"),
        ({"top_k": 2.5}, TypeError, "top_k must be a whole number"),
        ({"top_p": 0.0}, ValueError, "top_p must lie above 0"),
        ({"top_p": 1.1}, ValueError, "top_p"),
        ({"top_p": math.nan}, ValueError, "top_p"),
        ({"repetition_penalty": 0}, ValueError, "repetition_penalty must be a positive"),
        ({"repetition_penalty": -1.0}, ValueError, "repetition_penalty"),
        ({"stop": 61}, ValueError, "stop must hold token ids from 0 to 60, got 61"),
        ({"stop": [1, -1]}, ValueError, "stop"),
        ({"stop": ["."]}, ValueError, "stop"),
        ({"stop": 2.0}, ValueError, "stop must hold token ids from 0 to 60, got 2.0"),
        ({"stop": True}, ValueError, "stop"),
        ({"max_new_tokens": -1}, ValueError, "max_new_tokens must be at least 0, got -1"),
        ({"max_new_tokens": 1.5}, TypeError, "max_new_tokens"),
    ],
)
def test_bad_choices(gpt, choices, error, says):
    arguments = {"max_new_tokens": 3} | choices
    for use in (gpt.generate, gpt.stream):  # at the call, not when the first token is asked for
        with pytest.raises(error, match=says):
            use(some_ids(1, 3), **arguments)


def test_a_model_whose_numbers_broke_says_so():
    model = GPT(TINY)
    with torch.no_grad():
        model.tokens.weight[0, 0] = math.nan
    for temperature in (0, 1):
        with pytest.raises(ValueError, match="logits hold .* not finite"):
            model.generate(some_ids(1, 3), 2, temperature=temperature)


def test_the_models_need_neither_transformers_nor_the_hub():
    command = "import sys, shared.modern; print(sorted({'transformers', 'huggingface_hub'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
