"""What a model costs: against modules on the meta device, against PyTorch's own counter, and against values worked out by hand."""

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from shared import architecture
from shared.costs import (
    MODELS, Model, compute_optimal, forward_flops, kv_cache_bytes, parameters, said, said_bytes, training_bytes, training_flops)  # fmt: skip
from shared.gpt import GPT, GPTConfig
from shared.modern import ModernConfig, ModernGPT
from shared.transformer import Transformer, TransformerConfig


def counted(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def module_of(model: Model) -> torch.nn.Module:
    """The model built by other code than what counts it, without a single number in it."""
    from transformers import BertConfig, BertModel, OpenAIGPTConfig, OpenAIGPTModel

    with torch.device("meta"):
        if model.kind == "encoder-decoder":
            vocab = dict(source_vocab_size=model.vocab_size, target_vocab_size=model.vocab_size)
            return Transformer(TransformerConfig(n_layers=model.n_layers, n_heads=model.n_heads, d_model=model.d_model, d_ff=model.d_ff, **vocab))
        if model.kind == "encoder-only":
            return BertModel(BertConfig(
                vocab_size=model.vocab_size, hidden_size=model.d_model, num_hidden_layers=model.n_layers,
                num_attention_heads=model.n_heads, intermediate_size=model.d_ff))  # fmt: skip
        if model.name == "GPT-1":
            return OpenAIGPTModel(OpenAIGPTConfig())
        return GPT(GPTConfig(model.vocab_size, model.context, model.n_layers, model.n_heads, model.d_model))


@pytest.mark.parametrize("name", MODELS)
def test_parameters_equal_those_of_the_module(name):
    assert sum(parameters(MODELS[name]).values()) == counted(module_of(MODELS[name]))


@pytest.mark.parametrize("name, total", [
    ("BERT-base", 109_482_240), ("GPT-2 small", 124_439_808), ("GPT-2 medium", 354_823_168),
    ("GPT-2 large", 774_030_080), ("GPT-2 XL", 1_557_611_200),
])  # fmt: skip
def test_the_known_totals(name, total):
    assert sum(parameters(MODELS[name]).values()) == total


@pytest.mark.parametrize("name", MODELS)
def test_they_are_near_what_was_printed(name):
    total = sum(parameters(MODELS[name]).values())
    assert abs(total / MODELS[name].published - 1) < 0.07
    assert MODELS[name].source


@pytest.mark.parametrize("name", ["GPT-2 small", "BERT-base", "Transformer base"])
def test_the_diagrams_count_the_same(name):
    model = MODELS[name]
    diagram = architecture.ARCHITECTURES[model.kind]
    drawn = sum(architecture.parameters(diagram, architecture.SIZES[model.kind]).values())
    assert drawn == sum(parameters(model).values()) - parameters(model)["pooler"]


@pytest.mark.parametrize("tokens", [1, 6, 300])
def test_operations_equal_what_pytorch_counts(tokens):
    with torch.device("meta"):
        gpt = GPT(GPTConfig.named("gpt2"))
        with FlopCounterMode(display=False) as counter:
            gpt(torch.zeros(1, tokens, dtype=torch.long))
    assert counter.get_total_flops() == sum(forward_flops(MODELS["GPT-2 small"], tokens).values())


def test_operations_by_hand():
    tiny = Model("tiny", 2026, "decoder-only", 1, 4, 2, 8, 10, 16, 1.0)
    # 4 matrices of 16 and 2 of 32 weights; 3 tokens; 9 pairs of 4 + 4 numbers, twice; 10 rows of 4
    assert forward_flops(tiny, 3) == {"matrices": 2 * 3 * 128, "meetings": 2 * 9 * 8, "head": 2 * 3 * 40}
    with pytest.raises(ValueError, match="one tower"):
        forward_flops(MODELS["Transformer base"], 3)
    with pytest.raises(ValueError, match="tokens must be at least 1"):
        forward_flops(tiny, 0)


def test_training_gpt_3_comes_to_what_its_paper_says():
    assert training_flops(174.6e9, 300e9) == pytest.approx(3.14e23, rel=2e-3)  # https://arxiv.org/abs/2005.14165, table D.1
    assert training_flops(2, 5) == 60


def test_the_best_split_spends_everything_at_the_asked_rate():
    n, d = compute_optimal(6e23, 20)
    assert training_flops(n, d) == pytest.approx(6e23) and d / n == pytest.approx(20)
    assert compute_optimal(4 * 6e23)[0] == pytest.approx(2 * n)  # four times the budget: both double
    assert compute_optimal(120.0) == (1.0, 20.0)


def test_training_memory_is_sixteen_bytes_a_parameter():
    assert sum(training_bytes(1000).values()) == 16_000
    assert training_bytes(3)["Adam's mean"] == 12


@pytest.mark.parametrize("given, expected", [
    ((12, 768, 12, 1024, dict(bytes_each=4)), 72 * 2**20),
    ((96, 12_288, 96, 2048, {}), 9 * 2**30),
    ((1, 8, 4, 3, dict(bytes_each=1)), 2 * 8 * 3),
    ((1, 8, 4, 3, dict(n_kv_heads=2, bytes_each=1)), 2 * 4 * 3),
    ((1, 8, 4, 3, dict(n_kv_heads=1, batch=5, bytes_each=2)), 2 * 2 * 3 * 5 * 2),
])  # fmt: skip
def test_the_cache_by_hand(given, expected):
    *sizes, more = given
    assert kv_cache_bytes(*sizes, **more) == expected


@pytest.mark.parametrize("n_kv_heads", [12, 4, 2, 1])
def test_the_cache_equals_the_tensors_that_a_model_sets_aside(n_kv_heads):
    with torch.device("meta"):
        caches = ModernGPT(ModernConfig(context=64, n_layers=3, n_kv_heads=n_kv_heads)).new_caches(2)
    held = sum(cache.k.nbytes + cache.v.nbytes for cache in caches)
    assert held == kv_cache_bytes(3, 768, 12, 64, n_kv_heads=n_kv_heads, batch=2, bytes_each=4)


@pytest.mark.parametrize("change, kind, words", [
    (dict(tokens=0), ValueError, "tokens must be at least 1, got 0"),
    (dict(n_heads=5), ValueError, "d_model=768 does not divide into n_heads=5"),
    (dict(n_kv_heads=5), ValueError, "n_kv_heads=5 does not divide n_heads=12"),
    (dict(bytes_each=0.5), TypeError, "bytes_each must be a whole number"),
    (dict(batch=True), TypeError, "batch must be a whole number"),
])  # fmt: skip
def test_a_bad_size_is_named(change, kind, words):
    with pytest.raises(kind, match=words):
        kv_cache_bytes(**dict(n_layers=12, d_model=768, n_heads=12, tokens=10) | change)


@pytest.mark.parametrize("bad", [0, -1, math.inf, math.nan, "6"])
def test_costs_of_nothing_are_refused(bad):
    for call in (lambda: training_flops(bad, 1), lambda: training_bytes(bad), lambda: compute_optimal(1.0, bad)):
        with pytest.raises(ValueError, match="finite number above 0"):
            call()


def test_a_model_that_cannot_be_is_refused():
    good = dict(name="x", year=2026, kind="decoder-only", n_layers=1, d_model=8, n_heads=2, d_ff=8, vocab_size=9, context=4, published=1.0)
    assert Model(**good).d_k == 4
    for change, words in ((dict(kind="decoder"), "kind must be one of"), (dict(n_heads=3), "does not divide"), (dict(d_ff=0), "d_ff must be at least 1")):
        with pytest.raises(ValueError, match=words):
            Model(**good | change)


def test_numbers_as_people_say_them():
    assert [said(n) for n in (0, 12, 999, 1000, 124_439_808, 1_557_611_200, 174_604_259_328, 999_999)] == [
        "0", "12", "999", "1 K", "124 M", "1.56 B", "175 B", "1 M"]  # fmt: skip
    assert [said_bytes(n) for n in (48, 1024, 72 * 2**20, 9 * 2**30)] == ["48 B", "1 KiB", "72 MiB", "9 GiB"]
    for bad in (-1, math.nan):
        with pytest.raises(ValueError, match="finite"):
            said(bad)
