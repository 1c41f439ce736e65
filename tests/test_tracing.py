"""Every stage of a trace against the model itself: hooks on its modules, its own attentions and hidden states, and torch."""

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertConfig, BertForMaskedLM, BertModel, GPT2Config, GPT2LMHeadModel, GPT2Model

from shared.gpt import GPT, GPTConfig
from shared.attention import positional_encoding
from shared.tracing import trace
from shared.transformer import Transformer, TransformerConfig

IDS = [5, 17, 3, 80, 5, 41, 2]
SEGMENTS = [0, 0, 0, 1, 1, 1, 1]


def rough(model: nn.Module) -> nn.Module:
    """Weights, gains and biases far from their first values, so that a swapped or forgotten one shows."""
    torch.manual_seed(3)
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            parameter.data += 0.3 * torch.randn_like(parameter)
        else:
            parameter.data *= 6
    return model.eval()


def gpt2(**more) -> nn.Module:
    sizes = dict(vocab_size=100, n_positions=16, n_embd=32, n_layer=3, n_head=4, bos_token_id=None, eos_token_id=None)
    torch.manual_seed(0)
    return rough(GPT2LMHeadModel(GPT2Config(**{**sizes, **more}, attn_implementation="eager")))


def bert(kind=BertForMaskedLM, **more) -> nn.Module:
    sizes = dict(vocab_size=100, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=48, max_position_embeddings=16)
    torch.manual_seed(0)
    return rough(kind(BertConfig(**{**sizes, **more}, attn_implementation="eager")))


def course_gpt() -> nn.Module:
    torch.manual_seed(0)
    return rough(GPT(GPTConfig(vocab_size=100, context=16, n_layers=3, n_heads=4, d_model=32)))


MODELS = {
    "gpt2": gpt2,
    "gpt2, scores also divided by the layer": lambda: gpt2(scale_attn_by_inverse_layer_idx=True, activation_function="relu"),
    "gpt2, scores as they are": lambda: gpt2(scale_attn_weights=False),
    "bert": bert,
    "bert alone": lambda: bert(BertModel),
    "the course's gpt": course_gpt,
}


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    return MODELS[request.param]()


@pytest.fixture(scope="module")
def traced(model):
    return trace(model, IDS, segments=SEGMENTS if isinstance(model, (BertForMaskedLM, BertModel)) else None)


def forward(model):
    ids = torch.tensor([IDS])
    if isinstance(model, GPT):
        return model(ids)
    if isinstance(model, GPT2LMHeadModel):
        return model(ids, output_attentions=True, output_hidden_states=True)
    return model(ids, token_type_ids=torch.tensor([SEGMENTS]), output_attentions=True, output_hidden_states=True)


def hooked(model) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """What every module was given and what it gave, by its name."""
    seen = {}
    handles = [
        module.register_forward_hook(lambda m, inputs, output, name=name: seen.update({name: (inputs[0] if inputs else None, output)}))
        for name, module in model.named_modules()
    ]  # fmt: skip
    with torch.inference_mode():
        forward(model)
    for handle in handles:
        handle.remove()
    return seen


IN, OUT = 0, 1
# stage -> module and what to take of it; {i} is the layer
BY_HOOK = {
    GPT2LMHeadModel: {
        "embedding": ("transformer.wte", OUT), "input": ("transformer.h.0.ln_1", IN),
        "layers.{i}.norm_1": ("transformer.h.{i}.ln_1", OUT), "layers.{i}.joined": ("transformer.h.{i}.attn.c_proj", IN),
        "layers.{i}.attention": ("transformer.h.{i}.attn.c_proj", OUT), "layers.{i}.after_attention": ("transformer.h.{i}.ln_2", IN),
        "layers.{i}.norm_2": ("transformer.h.{i}.ln_2", OUT), "layers.{i}.hidden": ("transformer.h.{i}.mlp.c_fc", OUT),
        "layers.{i}.active": ("transformer.h.{i}.mlp.act", OUT), "layers.{i}.feed_forward": ("transformer.h.{i}.mlp.c_proj", OUT),
        "layers.{i}.after_feed_forward": ("transformer.h.{i}", OUT), "final_norm": ("transformer.ln_f", OUT), "logits": ("lm_head", OUT),
    },
    GPT: {
        "embedding": ("tokens", OUT), "input": ("blocks.0", IN), "layers.{i}.norm_1": ("blocks.{i}.norm_1", OUT),
        "layers.{i}.joined": ("blocks.{i}.attention.out", IN), "layers.{i}.attention": ("blocks.{i}.attention", OUT),
        "layers.{i}.after_attention": ("blocks.{i}.norm_2", IN), "layers.{i}.norm_2": ("blocks.{i}.norm_2", OUT),
        "layers.{i}.hidden": ("blocks.{i}.feed_forward.up", OUT), "layers.{i}.active": ("blocks.{i}.feed_forward.down", IN),
        "layers.{i}.feed_forward": ("blocks.{i}.feed_forward", OUT), "layers.{i}.after_feed_forward": ("blocks.{i}", OUT),
        "final_norm": ("final_norm", OUT), "logits": ("head", OUT),
    },
    BertModel: {
        "embedding": ("embeddings.word_embeddings", OUT), "position": ("embeddings.position_embeddings", OUT),
        "segment": ("embeddings.token_type_embeddings", OUT), "input": ("embeddings.LayerNorm", IN), "input_norm": ("embeddings", OUT),
        "layers.{i}.joined": ("encoder.layer.{i}.attention.output.dense", IN),
        "layers.{i}.attention": ("encoder.layer.{i}.attention.output.dense", OUT),
        "layers.{i}.after_attention": ("encoder.layer.{i}.attention.output.LayerNorm", IN),
        "layers.{i}.norm_1": ("encoder.layer.{i}.attention.output", OUT), "layers.{i}.hidden": ("encoder.layer.{i}.intermediate.dense", OUT),
        "layers.{i}.active": ("encoder.layer.{i}.intermediate", OUT), "layers.{i}.feed_forward": ("encoder.layer.{i}.output.dense", OUT),
        "layers.{i}.after_feed_forward": ("encoder.layer.{i}.output.LayerNorm", IN), "layers.{i}.norm_2": ("encoder.layer.{i}", OUT),
    },
}  # fmt: skip
BY_HOOK[BertForMaskedLM] = {key: (f"bert.{name}", part) for key, (name, part) in BY_HOOK[BertModel].items()} | {
    "head": ("cls.predictions.transform.dense", OUT), "head_active": ("cls.predictions.transform.transform_act_fn", OUT),
    "head_norm": ("cls.predictions.transform", OUT), "logits": ("cls.predictions.decoder", OUT),
}  # fmt: skip


def test_each_stage_equals_what_a_hook_on_the_model_sees(model, traced):
    seen = hooked(model)
    for key, (name, part) in BY_HOOK[type(model)].items():
        for i in range(3 if "{i}" in key else 1):
            found = seen[name.format(i=i)][part]
            found = found[0] if isinstance(found, tuple) or found.ndim == 3 else found
            found = found[0] if found.ndim == 3 else found
            assert np.array_equal(traced[key.format(i=i)].values, found.numpy()), key.format(i=i)


def test_queries_keys_and_values_equal_what_their_modules_give(model, traced):
    seen = hooked(model)
    for i in range(3):
        if isinstance(model, (GPT2LMHeadModel, GPT)):
            name = f"blocks.{i}.attention.qkv" if isinstance(model, GPT) else f"transformer.h.{i}.attn.c_attn"
            parts = seen[name][OUT][0].chunk(3, dim=-1)
        else:
            at = ("bert." if isinstance(model, BertForMaskedLM) else "") + f"encoder.layer.{i}.attention.self."
            parts = [seen[at + name][OUT][0] for name in ("query", "key", "value")]
        for key, part in zip("qkv", parts):
            for head in range(4):
                assert np.array_equal(traced[f"layers.{i}.{key}"].values[head], part[:, 8 * head : 8 * head + 8].numpy())


def test_weights_streams_and_probabilities_equal_what_the_model_returns(model, traced):
    with torch.inference_mode():
        out = forward(model)
        if isinstance(model, GPT):
            attentions, logits, hidden = model.attentions(torch.tensor([IDS])), out, None
        else:
            attentions, hidden, logits = out.attentions, out.hidden_states, getattr(out, "logits", None)
    for i in range(3):
        assert np.allclose(traced[f"layers.{i}.weights"].values, attentions[i][0], atol=1e-6)
    if hidden is not None:
        last = "norm_2" if "input_norm" in traced else "after_feed_forward"
        assert np.allclose(traced["input_norm" if "input_norm" in traced else "input"].values, hidden[0][0], atol=1e-6)
        for i in range(2 if "final_norm" in traced else 3):  # GPT-2's last hidden state is the one after the final norm
            assert np.allclose(traced[f"layers.{i}.{last}"].values, hidden[i + 1][0], atol=1e-6)
    if logits is None:
        assert "logits" not in traced and "probabilities" not in traced
    else:
        assert np.abs(traced["probabilities"].values - logits[0].softmax(-1).numpy()).max() < 1e-6
        assert np.abs(traced["probabilities"].values.sum(-1) - 1).max() < 1e-5


def made_again(stage, traced) -> torch.Tensor:
    """A stage computed from the stages that it says it is made from, by torch."""
    of = [torch.from_numpy(traced[key].values) for key in stage.of]
    take = lambda x: None if x is None else torch.from_numpy(np.ascontiguousarray(x))  # noqa: E731
    weight, bias = take(stage.weight), take(stage.bias)
    if stage.how == "project":
        out = of[0] @ weight if bias is None else of[0] @ weight + bias
        return out.unflatten(-1, (traced.n_heads, -1)).transpose(0, 1) if stage.values.ndim == 3 else out
    return {
        "lookup": lambda: F.embedding(torch.from_numpy(stage.rows), weight),
        "sum": lambda: sum(of),
        "norm": lambda: F.layer_norm(of[0], of[0].shape[-1:], take(stage.gain), bias, stage.eps),
        "scale": lambda: of[0] * stage.scale,
        "waves": lambda: positional_encoding(*stage.shape),
        "scores": lambda: torch.einsum("htd,hsd->hts", *of) * stage.scale,
        "mask": lambda: of[0].masked_fill(torch.ones(of[0].shape[-2:]).triu(1).bool(), -math.inf),
        "softmax": lambda: of[0].softmax(-1),
        "mix": lambda: of[0] @ of[1],
        "join": lambda: torch.cat(list(of[0]), dim=-1),
        "activation": lambda: {
            "gelu_new": lambda x: F.gelu(x, approximate="tanh"), "gelu": F.gelu, "relu": F.relu,
        }[stage.function](of[0]),
    }[stage.how]()  # fmt: skip


def test_each_stage_follows_from_the_stages_that_it_names(traced):
    order = [stage.key for stage in traced.stages]
    assert len(set(order)) == len(order)
    for place, stage in enumerate(traced.stages):
        assert all(key in order[:place] for key in stage.of), stage.key
        if stage.how == "ids":
            assert stage.values[:, 0].tolist() == IDS
            continue
        again = made_again(stage, traced).numpy()
        assert again.shape == stage.values.shape and stage.shape == again.shape[-2:]
        both_masked = np.isneginf(again) & np.isneginf(stage.values)
        apart = np.where(both_masked, 0, again - np.where(both_masked, 0, stage.values))
        assert np.abs(apart).max() <= 2e-5 * max(1, np.abs(again[np.isfinite(again)]).max()), stage.key


def test_a_head_without_a_bias_has_none(model, traced):
    if "logits" in traced:
        assert (traced["logits"].bias is None) == (not isinstance(model, BertForMaskedLM))
    assert all(stage.bias is not None for stage in traced.stages if stage.how == "project" and stage.layer is not None)


def test_the_colors_say_what_a_stage_is(traced):
    concepts = {stage.key.split(".")[-1]: stage.concept for stage in traced.stages}
    expected = {
        "position": "position", "input": "residual", "norm_1": "normalization", "q": "query", "k": "key", "v": "value",
        "scores": "attention", "weights": "attention", "heads": "value", "attention": "residual", "hidden": "feed-forward",
        "active": "feed-forward", "after_feed_forward": "residual",
    }  # fmt: skip
    assert {key: concepts[key] for key in expected} == expected


def test_there_are_all_stages_and_no_others(traced):
    causal = traced.causal
    layer = ["q", "k", "v", "scores", *(["masked"] if causal else []), "weights", "heads", "joined", "attention", "after_attention"]
    feed = ["hidden", "active", "feed_forward", "after_feed_forward"]
    layer = ["norm_1", *layer, "norm_2", *feed] if causal else [*layer, "norm_1", *feed, "norm_2"]
    first = ["ids", "embedding", "position", "input"] if causal else ["ids", "embedding", "position", "segment", "input", "input_norm"]
    keys = [stage.key for stage in traced.stages]
    end = keys[len(first) + 3 * len(layer) :]
    assert keys[: len(first)] == first
    assert keys[len(first) : len(keys) - len(end)] == [f"layers.{i}.{name}" for i in range(3) for name in layer]
    head = ["final_norm"] if causal else ["head", "head_active", "head_norm"]
    assert end in ([], [*head, "logits", "probabilities"])


def test_the_courses_gpt_and_gpt2_with_the_same_weights_agree_stage_by_stage(tmp_path):
    ours = course_gpt()
    ours.save_pretrained(tmp_path)
    theirs = GPT2LMHeadModel.from_pretrained(tmp_path)
    a, b = trace(ours, IDS), trace(theirs, IDS)
    assert [s.key for s in a.stages] == [s.key for s in b.stages]
    for mine, other in zip(a.stages, b.stages):
        assert np.allclose(mine.values, other.values, atol=2e-4), mine.key


def test_segments_change_what_a_bert_reads():
    model = bert()
    with_segments, without = trace(model, IDS, segments=SEGMENTS), trace(model, IDS)
    assert without.segments == (0,) * 7 and with_segments.segments == tuple(SEGMENTS)
    assert np.array_equal(with_segments["input"].values[:3], without["input"].values[:3])
    assert not np.allclose(with_segments["input"].values[3:], without["input"].values[3:])


@pytest.mark.parametrize("ids", [torch.tensor(IDS), torch.tensor([IDS]), np.array(IDS), tuple(IDS)], ids=["(T,)", "(1, T)", "array", "tuple"])
def test_ids_in_all_their_forms(ids):
    model = course_gpt()
    assert np.array_equal(trace(model, ids)["logits"].values, trace(model, IDS)["logits"].values)


def test_a_single_token_and_a_full_context():
    for model in (gpt2(), bert(), course_gpt()):
        assert trace(model, [7])["layers.0.weights"].values.tolist() == [[[1.0]]] * 4
        assert trace(model, list(range(16)))["logits"].shape == (16, 100)


def test_the_model_is_left_as_it_was():
    model = gpt2(attn_pdrop=0.5, resid_pdrop=0.5, embd_pdrop=0.5)
    model.train()
    model.transformer.h[1].eval()
    modes = [module.training for module in model.modules()]
    before = copy.deepcopy(model.state_dict())
    with_dropout, without = trace(model, IDS), trace(gpt2(), IDS)
    assert np.allclose(with_dropout["probabilities"].values, without["probabilities"].values, atol=1e-6)
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_hooks_are_gone_after_an_error_too():
    model = gpt2()
    with pytest.raises(RuntimeError, match="layers.1.heads"):
        handle = model.transformer.h[1].attn.c_proj.register_forward_pre_hook(lambda module, inputs: (2 * inputs[0],))
        trace(model, IDS)
    handle.remove()
    assert not any(module._forward_hooks for module in model.modules())
    trace(model, IDS)


def test_a_model_in_half_precision_can_be_traced():
    model = gpt2().to(torch.bfloat16)
    traced = trace(model, IDS)
    with torch.inference_mode():
        chances = model(torch.tensor([IDS])).logits[0].double().softmax(-1)
    assert np.abs(traced["probabilities"].values - chances.numpy()).max() < 1e-6
    assert all(stage.values.dtype == np.float32 for stage in traced.stages if stage.how != "ids")


def test_subclasses_are_known_and_names_are_not_enough():
    class Mine(GPT2LMHeadModel):
        pass

    class BertModel(nn.Module):
        pass

    assert trace(Mine(gpt2().config), IDS).family == "GPT-2"
    with pytest.raises(TypeError, match="got BertModel"):
        trace(BertModel(), IDS)


def broken(model: nn.Module) -> nn.Module:
    list(model.parameters())[-1].data[0] = math.nan
    return model


@pytest.mark.parametrize(
    ("make", "arguments", "error", "says"),
    [
        (lambda: nn.Linear(2, 2), {}, TypeError, "model must be one of .*got Linear"),
        (lambda: GPT2Model(gpt2().config), {}, TypeError, "got GPT2Model"),
        (lambda: "gpt2", {}, TypeError, "got str"),
        (lambda: gpt2(add_cross_attention=True), {}, TypeError, "cross-attention"),
        (lambda: bert(is_decoder=True), {}, TypeError, "decoder"),
        (gpt2, {"ids": []}, ValueError, "no token"),
        (gpt2, {"ids": "The cat"}, TypeError, "got a text"),
        (gpt2, {"ids": [0.5]}, TypeError, "whole numbers, got float64"),
        (gpt2, {"ids": [True, False]}, TypeError, "bool"),
        (gpt2, {"ids": [1, 100]}, ValueError, "between 0 and 99.*got 100 at position 1"),
        (gpt2, {"ids": [-1]}, ValueError, "got -1 at position 0"),
        (gpt2, {"ids": [1] * 17}, ValueError, "17 tokens are more than the 16"),
        (gpt2, {"ids": [[1, 2], [3, 4]]}, ValueError, r"shape \(2, 2\)"),
        (gpt2, {"tokens": ["a"]}, ValueError, "tokens: 1 texts for 7 ids"),
        (gpt2, {"segments": SEGMENTS}, ValueError, "knows no segments"),
        (bert, {"segments": [0]}, ValueError, "segments: 1 numbers for 7 ids"),
        (bert, {"segments": [2] * 7}, ValueError, "from 0 to 1"),
        (lambda: broken(gpt2()), {}, ValueError, "weights transformer.ln_f.bias hold"),
        (lambda: broken(course_gpt()), {}, ValueError, "weights final_norm.bias hold"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_error(make, arguments, error, says):
    with pytest.raises(error, match=says):
        trace(make(), **{"ids": IDS, **arguments})


def test_a_stage_that_is_not_there_is_named_with_those_that_are(traced):
    with pytest.raises(KeyError, match="layers.9.scores.*layers.0.scores, layers.1.scores, layers.2.scores"):
        traced["layers.9.scores"]


# --- two texts through the encoder–decoder ----------------------------------------------------------------------------

SOURCE, TARGET = [4, 9, 9, 27, 3], [1, 8, 30]


def transformer(**more) -> Transformer:
    torch.manual_seed(0)
    sizes = dict(source_vocab_size=40, target_vocab_size=40, n_layers=3, n_heads=4, d_model=32, d_ff=48)
    return rough(Transformer(TransformerConfig(**{**sizes, **more})))


@pytest.fixture(scope="module", params=[False, True], ids=["post-LN", "pre-LN"])
def both(request):
    model = transformer(norm_first=request.param)
    return model, trace(model, (SOURCE, torch.tensor([TARGET])))


def test_each_stage_of_a_pair_equals_what_a_hook_on_the_model_sees(both):
    model, traced = both
    seen = {}
    handles = [
        module.register_forward_hook(lambda m, inputs, output, name=name: seen.update({name: (inputs[0], output)}))
        for name, module in model.named_modules()
    ]  # fmt: skip
    with torch.inference_mode():
        logits = model(torch.tensor([SOURCE]), torch.tensor([TARGET]))[0]
    for handle in handles:
        handle.remove()
    first = model.config.norm_first
    by_hook = {"source.input": ("encoder.0", IN), "target.input": ("decoder.0", IN), "logits": ("head", OUT)}
    for i in range(3):
        for part in ("encoder", "decoder"):
            at, sums = f"{part}.{i}", ["attention", *(["cross_attention"] if part == "decoder" else []), "feed_forward"]
            for number, name in enumerate(sums, 1):
                by_hook[f"{at}.norm_{number}"] = (f"{at}.after_{name}.norm", OUT)
                if not first:
                    by_hook[f"{at}.after_{name}"] = (f"{at}.after_{name}.norm", IN)
                elif number < len(sums):  # the sum is what the next norm is given
                    by_hook[f"{at}.after_{name}"] = (f"{at}.after_{sums[number]}.norm", IN)
                else:
                    by_hook[f"{at}.after_{name}"] = (f"{part}.{i + 1}" if i < 2 else f"{part}_norm", IN)
            by_hook |= {
                f"{at}.attention": (f"{at}.attention", OUT), f"{at}.hidden": (f"{at}.feed_forward.up", OUT),
                f"{at}.active": (f"{at}.feed_forward.down", IN), f"{at}.feed_forward": (f"{at}.feed_forward", OUT),
            }  # fmt: skip
        by_hook[f"decoder.{i}.cross_attention"] = (f"decoder.{i}.cross_attention", OUT)
    if first:
        by_hook |= {"encoder.2.final_norm": ("encoder_norm", OUT), "final_norm": ("decoder_norm", OUT)}
    for key, (name, part) in by_hook.items():
        found = seen[name][part]
        found = found[0] if isinstance(found, tuple) else found
        assert np.array_equal(traced[key].values, found[0].numpy()), key
    assert np.array_equal(traced["logits"].values, logits.numpy())
    assert np.abs(traced["probabilities"].values - logits.softmax(-1).numpy()).max() < 1e-6


def test_all_three_kinds_of_weights_are_the_models_own(both):
    model, traced = both
    maps = model.attentions(torch.tensor([SOURCE]), torch.tensor([TARGET]))
    for i in range(3):
        assert np.array_equal(traced[f"encoder.{i}.weights"].values, maps.encoder[i, 0].numpy())
        assert np.array_equal(traced[f"decoder.{i}.weights"].values, maps.decoder[i, 0].numpy())
        assert np.array_equal(traced[f"decoder.{i}.cross_weights"].values, maps.cross[i, 0].numpy())


def test_each_stage_of_a_pair_follows_from_those_that_it_names(both):
    _, traced = both
    order = [stage.key for stage in traced.stages]
    assert len(set(order)) == len(order) and traced.blocks == tuple(f"{part}.{i}" for part in ("encoder", "decoder") for i in range(3))
    for stage in traced.stages:
        if stage.how == "ids":
            continue
        assert all(order.index(key) < order.index(stage.key) for key in stage.of)
        again = made_again(stage, traced).numpy()
        assert again.shape == stage.values.shape
        masked = np.isneginf(again) & np.isneginf(stage.values)
        apart = np.where(masked, 0, again - np.where(masked, 0, stage.values))
        assert np.abs(apart).max() <= 2e-5 * max(1, np.abs(again[np.isfinite(again)]).max()), stage.key
        assert len(stage.values[0] if stage.values.ndim == 3 else stage.values) == {"source": 5, "target": 3}[stage.side]


def test_a_pair_leaves_the_model_as_it_was():
    model = transformer(dropout=0.5).train()
    traced = trace(model, (SOURCE, TARGET), tokens=(list("abcde"), list("xyz")))
    assert all(module.training and not module._forward_hooks for module in model.modules())
    assert np.array_equal(traced["logits"].values, trace(transformer(dropout=0.0), (SOURCE, TARGET))["logits"].values)
    assert (traced.source, traced.tokens, traced.source_ids, traced.ids) == (tuple("abcde"), tuple("xyz"), tuple(SOURCE), tuple(TARGET))


def test_a_pair_of_single_tokens_and_two_vocabularies():
    traced = trace(transformer(source_vocab_size=9, target_vocab_size=50, tied=False), ([8], [49]))
    assert traced["decoder.0.cross_weights"].values.tolist() == [[[1.0]]] * 4 and traced["logits"].shape == (1, 50)


@pytest.mark.parametrize(
    ("ids", "more", "error", "says"),
    [
        (SOURCE, {}, TypeError, "reads two texts, so ids must be a pair"),
        ([1, 2], {}, TypeError, "must be a pair"),
        ("ab", {}, TypeError, "must be a pair"),
        ((SOURCE, []), {}, ValueError, "target: ids: there is no token"),
        (([40], TARGET), {}, ValueError, "source: ids must lie between 0 and 39"),
        ((SOURCE, [0.5]), {}, TypeError, "target: ids must be whole numbers"),
        ((SOURCE, TARGET), {"tokens": (["a"], list("xyz"))}, ValueError, "1 texts for 5 ids of the source"),
        ((SOURCE, TARGET), {"segments": [0]}, ValueError, "knows no segments"),
        (([4, 0], TARGET), {}, ValueError, "source: holds the padding, pad_id=0"),
    ],
)
def test_a_wrong_pair_is_one_clear_error(ids, more, error, says):
    with pytest.raises(error, match=says):
        trace(transformer(pad_id=0), ids, **more)


def test_a_patched_encoder_decoder_is_refused():
    model = transformer()
    model.decoder[1].cross_attention.register_forward_hook(lambda module, inputs, output: (2 * output[0], output[1]))
    with pytest.raises(RuntimeError, match=r"decoder.1.cross_attention"):
        trace(model, (SOURCE, TARGET))
