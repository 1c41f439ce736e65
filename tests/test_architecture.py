"""The lists against the models: as many parameters, the same shapes, the same numbers when a list is run."""

from collections import defaultdict

import pytest
import torch

from shared.architecture import ARCHITECTURES, PARTS, SIZES, Block, block, compare, parameters, part, places, shapes, towers, written_out
from shared.gpt import GPT, GPTConfig
from shared.transformer import Transformer, TransformerConfig

GPT2 = ARCHITECTURES["decoder-only"]


def count(model) -> int:
    return sum(p.numel() for p in model.parameters())


def test_parameters_are_those_of_the_real_models():
    transformers = pytest.importorskip("transformers")
    with torch.device("meta"):
        real = {
            "encoder-decoder": Transformer(TransformerConfig()),
            "decoder-only": GPT(GPTConfig()),
            "encoder-only": transformers.BertModel(transformers.BertConfig(), add_pooling_layer=False),
        }
    for kind, model in real.items():
        assert sum(parameters(ARCHITECTURES[kind], SIZES[kind]).values()) == count(model), kind
    found = parameters(GPT2, SIZES["decoder-only"])
    assert sum(found.values()) == 124_439_808 and found["", 2, 2] == 12 * 2_362_368 and found["", 2, 6] == 12 * 4_722_432


def test_shapes_are_those_of_a_real_pass():
    found = {}
    config = GPTConfig(vocab_size=50, context=10, n_layers=1, n_heads=2, d_model=8)
    model = GPT(config)
    for name, module in {"token embedding": model.tokens, "masked attention": model.blocks[0].attention, "feed-forward": model.blocks[0].feed_forward,
                         "norm": model.final_norm, "output": model.head}.items():  # fmt: skip
        module.register_forward_hook(lambda m, i, o, name=name: found.update({name: tuple(o.shape[1:])}))
    model(torch.arange(6)[None])
    size = type(SIZES["decoder-only"])("tiny", 8, 2, 32, 50, 10)
    said = shapes(GPT2, size, 6)
    for place, name in places(GPT2):
        if name in found:
            assert said[place] == found[name], name
    assert len(found) == 5
    assert said["", -1] == (6,)


def run(parts: list[str], x, do):
    """A list as a program: the independent reading of "fork" and "add"."""
    kept = []
    for name in parts:
        if name == "fork":
            kept.append(x)
        elif name == "add":
            x = x + kept.pop()
        else:
            x = next(do[name])(x)
    assert not kept
    return x


def test_the_list_run_as_a_program_is_gpt2():
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocab_size=50, context=10, n_layers=3, n_heads=2, d_model=8)).eval()
    norms = [norm for b in model.blocks for norm in (b.norm_1, b.norm_2)] + [model.final_norm]
    do = {
        "token embedding": iter([model.tokens]), "learned position": iter([lambda x: x + model.positions.weight[: x.shape[1]]]),
        "norm": iter(norms), "masked attention": (b.attention for b in model.blocks), "feed-forward": (b.feed_forward for b in model.blocks),
        "output": iter([model.head]),
    }  # fmt: skip
    ids = torch.randint(50, (2, 7))
    mine = [block(item.parts, 3) if isinstance(item, Block) else item for item in GPT2]
    assert torch.allclose(run(written_out(mine), ids, do), model(ids), atol=1e-6)


def test_the_2017_lists_run_as_programs():
    torch.manual_seed(0)
    model = Transformer(TransformerConfig(source_vocab_size=20, target_vocab_size=20, n_layers=2, n_heads=2, d_model=8, d_ff=16)).eval()
    source, target = torch.randint(20, (1, 5)), torch.randint(20, (1, 4))
    memory = None
    for tower, table, layers, ids in (("encoder", model.source_tokens, model.encoder, source), ("decoder", model.target_tokens, model.decoder, target)):
        do = defaultdict(list)
        do["token embedding"], do["position waves"] = [lambda x, t=table: x], [lambda x, t=table: model._embed(t, x)]
        for layer in layers:
            do["attention"].append(lambda x, m=layer.attention: m(x)[0])
            causal = torch.ones(x_len := target.shape[1], x_len).tril().bool()
            do["masked attention"].append(lambda x, m=layer.attention: m(x, causal)[0])
            do["feed-forward"].append(layer.feed_forward)
            do["norm"].append(layer.after_attention.norm)
            if tower == "decoder":
                do["cross-attention"].append(lambda x, m=layer.cross_attention: m(x, context=memory)[0])
                do["norm"].append(layer.after_cross_attention.norm)
            do["norm"].append(layer.after_feed_forward.norm)
        do["output"] = [model.head]
        parts = [block(p.parts, 2) if isinstance(p, Block) else p for p in ARCHITECTURES["encoder-decoder"][tower]]
        out = run(written_out(parts), ids, {name: iter(made) for name, made in do.items()})
        memory = out if tower == "encoder" else memory
    assert torch.allclose(out, model(source, target), atol=1e-5)


def test_compare_names_what_differs():
    two = ARCHITECTURES["encoder-decoder"]
    gone, new = compare(two["decoder"], GPT2)
    assert set(gone) == {"position waves", "norm after the add", "cross-attention, with a branch of its own"}
    assert set(new) == {"learned position", "norm inside the branch", "one more norm, before the output"}
    assert new["one more norm, before the output"] == {("", 3)} and new["norm inside the branch"] == {("", 2, 1), ("", 2, 5)}
    gone, new = compare(two["encoder"], ARCHITECTURES["encoder-only"])
    assert set(gone) == {"position waves"} and set(new) == {"learned position", "segment embedding", "one more norm, after the embeddings", "output"}
    gone, new = compare(ARCHITECTURES["encoder-only"], GPT2)
    assert "attention" in gone and "masked attention" in new and compare(GPT2, GPT2) == ({}, {})


def test_written_out_repeats_a_block():
    assert written_out(["norm", block(["fork", "add"], 2)]) == ["norm", "fork", "add", "fork", "add"]
    assert len(written_out(GPT2)) == 2 + 12 * 8 + 2 and list(towers(GPT2)) == [""]


@pytest.mark.parametrize("wrong, error, words", [
    (lambda: block("norm"), TypeError, "list of names"),
    (lambda: block(["norm", 3]), TypeError, "list of names"),
    (lambda: block(["norm"], times=1.5), TypeError, "whole number"),
    (lambda: block(["norm"], times=0), ValueError, "at least 1"),
    (lambda: block([]), ValueError, "at least one part"),
    (lambda: part("Norms"), ValueError, "did you mean 'norm'"),
    (lambda: written_out({"encoder": ["norm"]}), ValueError, "two towers"),
    (lambda: towers(7), TypeError, "a list of parts"),
    (lambda: shapes(["x"], SIZES["decoder-only"], 6), ValueError, "no part 'x'"),
])  # fmt: skip
def test_slips_are_named(wrong, error, words):
    with pytest.raises(error, match=words):
        wrong()


def test_every_part_says_what_it_is():
    from shared.visuals import palette

    for name, one in PARTS.items():
        assert one.name == name and one.does.endswith(".") and palette.color(one.concept)
