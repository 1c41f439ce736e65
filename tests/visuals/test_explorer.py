"""The attention explorer's numbers: found in whatever a model gives, checked, measured, packed to within what the view states."""

import io
import json
import re
import time
import zlib
from html import unescape

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from shared import heads
from shared.visuals import explorer, explorer_data
from shared.visuals.explorer import attention_view
from shared.visuals.explorer_data import measures_of, read_attention, read_measures, sent_measures, sent_sums, sent_weights
from shared.visuals.explorer_still import largest
from tests.benchmarks.attention_view import TEXT, sample
from tests.visuals.test_packed import read

TOKENS = "The cat sat on the mat".split()
HOSTILE = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\"'`&amp;\\\0", "😀👩‍👩‍👧", "שלום", "\u202eabc", "\u200b", "x" * 300, "", "  ",
]  # fmt: skip


@pytest.fixture(autouse=True)
def plain_still(request, monkeypatch):
    """An empty still where it is not what is tested: drawing it takes most of the time."""
    if not any(word in request.node.name for word in ("still", "in_time", "agree")):
        monkeypatch.setattr(explorer, "explorer_still", lambda *_, **__: Figure(figsize=(2, 2)))


def maps(layers=2, n_heads=3, T=6, S=None, causal=False, seed=0, sharp=2.0) -> np.ndarray:
    """Random attention weights (layers, heads, T, S), float32."""
    scores = np.random.default_rng(seed).normal(size=(layers, n_heads, T, S or T)) * sharp
    if causal:
        scores = np.where(np.tril(np.ones((T, T), dtype=bool)), scores, -np.inf)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).astype(np.float32)


def packed_in(page) -> tuple[str, bytes]:
    """The letters of a packed page, and what they hold, unpacked by hand."""
    text, size = re.search(r'\("([^"]*)",(\d+),\d+\)</script>', page.document).groups()
    return text, zlib.decompress(read(text, int(size)), wbits=-15)


def opened(page) -> tuple[dict, np.ndarray]:
    """What the page's script reads: (data, bytes)."""
    numbers = int(re.search(r",(\d+)\)</script>", page.document)[1])
    whole = packed_in(page)[1]
    style, script, data = whole[numbers:].decode().split("\0")
    assert ".text button" in style and "course" in script
    return json.loads(data), np.frombuffer(whole[:numbers], dtype=np.uint8)


def weights_in(data: dict, sent: np.ndarray) -> np.ndarray:
    """The weights as a reader of the page's format has them, row by row: the last one is what the others leave, and a rounding."""
    layers, n_heads, T, S = data["shape"]
    seen = np.zeros((layers * n_heads * T, S), dtype=np.int64)
    lasts = sent[seen.shape[0] * (S - 1) if not data["causal"] else layers * n_heads * T * (T - 1) // 2 :]
    at = 0
    for row in range(len(seen)):
        n = row % T if data["causal"] else S - 1
        seen[row, :n] = sent[at : at + n]
        seen[row, n] = (int(lasts[row]) - seen[row, :n].sum() + 255) % 256
        at += n
    return seen.reshape(data["shape"]) / 255


# --- the numbers in the page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("causal", [True, False])
def test_the_page_holds_the_tensors_to_the_precision_it_states(causal):
    weights = maps(3, 4, 9, causal=causal)
    page = attention_view([f"t{i}" for i in range(9)], torch.tensor(weights))
    data, sent = opened(page)
    assert data["causal"] is causal and data["shape"] == [3, 4, 9, 9]
    assert np.abs(weights_in(data, sent) - weights).max() <= 1 / 510 + 1e-7 < 0.002


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 12), st.booleans(), st.floats(0.1, 8), st.integers(0, 99))
def test_weights_and_sums_survive_packing(layers, n_heads, T, causal, sharp, seed):
    weights = maps(layers, n_heads, T, causal=causal, sharp=sharp, seed=seed)
    attention = read_attention(["a"] * T, weights)
    others, lasts = sent_weights(attention)
    seen = weights_in({"causal": attention.causal, "shape": weights.shape}, np.concatenate([others.ravel(), lasts.ravel()]))
    assert np.abs(seen - weights).max() <= 1 / 510 + 1e-7
    corrections, step = sent_sums(attention)
    sums = seen.sum(-2) + (corrections.astype(int) - 127) * step
    assert np.abs(sums - weights.sum(-2)).max() <= 0.002 + 1e-5


def test_the_sums_of_a_long_text_lie_within_what_the_page_states():
    T = 512
    weights = np.tile(np.linspace(1, 2, T, dtype=np.float32), (T, 1))[None, None]
    weights /= weights.sum(-1, keepdims=True)  # each column is rounded T times in the same direction
    attention = read_attention(["a"] * T, weights)
    corrections, step = sent_sums(attention)
    sums = explorer_data.quantized(weights).sum(-2, dtype=int) / 255 + (corrections.astype(int) - 127) * step
    assert np.abs(sums - weights.sum(-2)).max() <= step / 2 + 1e-4 < 0.0042


def test_a_causal_model_sends_half():
    tokens = ["a"] * 64
    full, half = (sent_weights(read_attention(tokens, maps(1, 2, 64, causal=c))) for c in (False, True))
    assert full[0].size == 2 * 64 * 63 and half[0].size == 2 * 64 * 63 // 2 and full[1].size == half[1].size == 2 * 64
    # the rest of a row is known to a few steps of rounding
    assert np.abs(full[1].astype(np.int8)).max() < 20


def test_a_weight_that_is_tiny_but_looks_ahead_is_not_causal():
    weights = maps(1, 1, 4, causal=True)
    weights[0, 0, 0] = [1 - 1e-4, 1e-4, 0, 0]
    assert not read_attention(list("abcd"), weights).causal
    assert not read_attention(["a"], np.ones((1, 1, 1, 1))).causal  # one token shows nothing about later ones


@pytest.mark.parametrize("T, most", [(8, 20_000), (32, 120_000), (128, 1_200_000), (256, 3_000_000)])
def test_the_page_of_twelve_by_twelve_heads_stays_light(T, most):
    tokens = [TEXT[i % len(TEXT)] for i in range(T)]
    page = attention_view(tokens, sample(tokens, causal=True))
    assert len(page.document.encode()) <= most


def test_a_long_text_is_made_in_time():
    weights, tokens = maps(12, 12, 128, causal=True), [f"w{i}" for i in range(128)]
    attention_view(TOKENS, maps())  # fonts and colors are loaded once
    start = time.process_time()
    page = attention_view(tokens, weights)
    # measured at 0.5 to 1.1 s; processor time, so that other work on the machine does not count
    assert time.process_time() - start < 4
    assert len(page.document) < 1_200_000


# --- every kind of input ----------------------------------------------------------------------------------------------


def as_kinds(weights: np.ndarray) -> dict:
    tensor = torch.tensor(weights)
    return {
        "array": weights,
        "nested list of arrays": [layer for layer in weights],
        "tensor": tensor,
        "tensor with gradient": tensor.clone().requires_grad_(),
        "Hugging Face": tuple(tensor[:, None]),
        "stacked Hugging Face": tensor[:, None],
        "half": tuple(tensor[:, None].half()),
        "bfloat16": tuple(tensor[:, None].bfloat16()),
        "cache by name": {"hook_embed": 1, **{f"blocks.{i}.attn.hook_pattern": tensor[i : i + 1] for i in range(len(tensor))}},
        "cache by pair": {("pattern", i): tensor[i : i + 1] for i in range(len(tensor))},
    }


@pytest.mark.parametrize("kind", as_kinds(maps()))
def test_every_kind_of_input_gives_the_same_weights(kind):
    weights = maps()
    attention = read_attention(TOKENS, as_kinds(weights)[kind])
    assert attention.weights.dtype == np.float32 and attention.layers == [0, 1]
    assert np.abs(attention.weights - weights).max() <= {"half": 5e-4, "bfloat16": 4e-3}.get(kind, 0)


def test_a_cache_of_some_layers_keeps_their_numbers():
    weights = torch.tensor(maps(3))
    attention = read_attention(TOKENS, {f"blocks.{n}.attn.hook_pattern": weights[i] for i, n in enumerate((11, 2, 5))})
    assert attention.layers == [2, 5, 11] and np.array_equal(attention.weights[2], weights[0])
    page = attention_view(TOKENS, {("pattern", 5): weights[:1]}, layer=5)
    assert opened(page)[0]["layers"] == [5] and opened(page)[0]["start"] == [0, 0] and "layer 5, head 0" in page.alt


def test_a_real_model_with_and_without_its_weights():
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=16, vocab_size=50)
    ids = torch.arange(6)[None]
    eager = BertModel._from_config(config, attn_implementation="eager").eval()
    output = eager(ids, output_attentions=True)
    data, sent = opened(attention_view(TOKENS, output.attentions))
    assert data["shape"] == [2, 4, 6, 6] and not data["causal"]
    assert np.abs(weights_in(data, sent) - torch.cat(output.attentions).detach().numpy()).max() < 0.002
    with pytest.raises(TypeError, match=r"whole output: pass its \.attentions"):
        attention_view(TOKENS, output)
    with pytest.raises(ValueError, match="eager"):
        attention_view(TOKENS, eager(ids))
    with pytest.raises(ValueError, match="eager"):
        attention_view(TOKENS, eager(ids).attentions)


def test_across_two_texts_rows_and_columns_have_their_own_tokens():
    page = attention_view(["der", "Hund"], maps(1, 2, 2, 5), keys="the old dog is here".split())
    data, _ = opened(page)
    assert data["shape"] == [1, 2, 2, 5] and data["keys"] == "the old dog is here".split() and not data["causal"]
    assert "2 tokens that look at 5 others" in page.caption
    assert {m["name"] for m in data["measures"]} == {"first token", "entropy"}
    # cross-attention of equal lengths is still no causal self-attention
    assert not opened(attention_view(list("ab"), maps(1, 1, 2, causal=True), keys=list("cd")))[0]["causal"]


# --- bad input gets one clear error -----------------------------------------------------------------------------------


def spoiled(change) -> np.ndarray:
    weights = maps()
    change(weights)
    return weights


@pytest.mark.parametrize(
    "attentions, words",
    [
        (None, 'attentions is None.*attn_implementation="eager"'),
        ((), 'attentions is empty.*attn_implementation="eager"'),
        ((None, None), 'layer 0 is None.*attn_implementation="eager"'),
        ({}, "mapping without attention patterns.*nothing"),
        ({"a": 1}, "mapping without attention patterns.*it holds: a"),
        ("text", "got a text"),
        ([["a", "b"]], "layer 0 is a list"),
        (((torch.tensor(maps()[0]),),), "layer 0 is a tuple of 1.*generate"),
        (np.array([object()]), "must be an array or tensor of numbers"),
        (maps()[0], r"\(layers, heads, T, S\), got \(3, 6, 6\)"),
        (np.zeros((0, 2, 6, 6)), r"got \(0, 2, 6, 6\)"),
        ([maps()[0, 0]], r"\(1, heads, T, S\) or \(heads, T, S\), got \(6, 6\)"),
        ((torch.tensor(maps(2, 3)),), "layer 0 holds a batch of 2 texts"),
        ([maps()[0], maps(1, 2)[0]], r"layer 1 has shape \(2, 6, 6\), layer 0 has \(3, 6, 6\)"),
        (maps(T=5), "5 rows .* tokens holds 6"),
        (maps(T=6, S=7), "6 rows and 7 columns.*keys="),
        (spoiled(lambda w: w[1, 2, 3].fill(np.nan)), "NaN or infinity in layer 1, head 2, row 3"),
        (spoiled(lambda w: w[1, 0, 4].__setitem__(slice(2), [-0.5, 0.5])), "negative weight in layer 1, head 0, row 4"),
        (spoiled(lambda w: w[0, 1, 2].__imul__(0.9)), r"layer 0, head 1, row 2 sums to 0\.9000.*model\.eval"),
        (spoiled(lambda w: w[0, 1, 2].fill(0)), r"layer 0, head 1, row 2 sums to 0\.0000.*may look at nothing"),
        (np.swapaxes(maps(), -1, -2), "the columns do: the softmax ran over the queries"),
        (np.random.default_rng(0).normal(size=(1, 1, 6, 6)), "look like scores"),
    ],
)
def test_bad_attentions(attentions, words):
    with pytest.raises((ValueError, TypeError), match=words):
        attention_view(TOKENS, attentions)


def test_half_precision_may_be_further_from_one_and_single_may_not():
    weights = maps() * np.float32(1.004)
    read_attention(TOKENS, torch.tensor(weights).bfloat16())
    with pytest.raises(ValueError, match="sum to 1"):
        read_attention(TOKENS, weights)


@pytest.mark.parametrize(
    "tokens, more, words",
    [
        ("The cat", {}, "tokens must be a list of tokens, got str"),
        ([], {}, "tokens is empty"),
        ([1, 2, 3, 4, 5, 6], {}, r"tokens\[0\] must be a text, got 1.*convert_ids_to_tokens"),
        (TOKENS[:5], {}, "6 rows .* tokens holds 5"),
        (TOKENS, {"keys": ["a"]}, "6 columns .* keys holds 1"),
        (TOKENS, {"second": 0}, "between 1 and 5"),
        (TOKENS, {"second": 6}, "between 1 and 5"),
        (TOKENS, {"second": "on"}, "second must be the position"),
        (TOKENS, {"second": 3, "keys": TOKENS}, "two texts already"),
        (TOKENS, {"layer": 2}, "layer must be one of 0, 1; got 2"),
        (TOKENS, {"head": 3}, "head must be a number from 0 to 2, got 3"),
        (TOKENS, {"head": True}, "head must be"),
        (TOKENS, {"measures": [1]}, "measures must be a mapping"),
        (TOKENS, {"measures": {"mine": np.zeros((3, 2))}}, r"shape \(layers, heads\) = \(2, 3\), got \(3, 2\)"),
        (TOKENS, {"measures": {"mine": np.full((2, 3), np.nan)}}, "must be finite"),
        (TOKENS, {"measures": {" ": np.zeros((2, 3))}}, "a name must be a text"),
    ],
)
def test_bad_arguments(tokens, more, words):
    with pytest.raises((ValueError, TypeError), match=words):
        attention_view(tokens, maps(), **more)


def test_what_cannot_be_carried_is_refused():
    with pytest.raises(ValueError, match="at most 512 tokens can be shown, got 600"):
        read_attention(["a"] * 600, np.full((1, 1, 600, 600), 1 / 600))
    with pytest.raises(ValueError, match=r"hold 13,107,200 weights \(2, 25, 512, 512\).*attentions\[:4\]"):
        read_attention(["a"] * 512, np.broadcast_to(np.float32(1 / 512), (2, 25, 512, 512)))


# --- measures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("causal", [True, False])
def test_measures_are_those_of_the_course(causal):
    tokens = "a b c a b c d a".split()
    weights = maps(2, 3, 8, causal=causal)
    mine, theirs = measures_of(read_attention(tokens, weights)), heads.measure_all(torch.tensor(weights), tokens, causal=causal)
    assert set(mine) == {name.replace("_", " ") for name in theirs} | {"first token"}
    for name, scores in theirs.items():
        assert np.allclose(mine[name.replace("_", " ")], scores, atol=1e-5), name


def test_measures_of_heads_that_do_one_thing():
    tokens, T = "a b a b c".split(), 5
    previous = np.eye(T, k=-1) + np.eye(T)[:1].T @ np.eye(T)[:1]
    first = np.zeros((T, T))
    first[:, 0] = 1
    flat = np.tril(np.ones((T, T))) / np.arange(1, T + 1)[:, None]
    found = measures_of(read_attention(tokens, np.stack([previous, first, flat])[None]))
    assert found["previous token"][0] == pytest.approx([1, 0.25, np.mean([1 / 2, 1 / 3, 1 / 4, 1 / 5])])
    assert found["first token"][0] == pytest.approx([0.25, 1, np.mean([1 / 2, 1 / 3, 1 / 4, 1 / 5])])
    assert found["entropy"][0] == pytest.approx([0, 0, np.mean(np.log([1, 2, 3, 4, 5]))])
    assert found["mean distance"][0] == pytest.approx([0.8, 2.0, np.mean([0, 0.5, 1, 1.5, 2])])
    # rows 2 and 3 repeat a token; what followed it earlier stands at 1 and 2
    assert found["induction"][0] == pytest.approx([1, 0, np.mean([1 / 3, 1 / 4])])
    assert found["same token"][0] == pytest.approx([0, 0.5, np.mean([1 / 3, 1 / 4])])
    assert "next token" not in found


def test_own_measures_join_and_replace():
    mine = {"my_score": torch.arange(6.0).reshape(2, 3), "entropy": np.ones((2, 3))}
    data, sent = opened(attention_view(TOKENS, maps(), measures=mine))
    names = [m["name"] for m in data["measures"]]
    i = names.index("my score")
    assert data["measures"][i]["high"] == 5 and names.count("entropy") == 1
    values = sent[-6 * len(names) :].reshape(-1, 2, 3)[i] / 255 * 5
    assert np.abs(values - np.arange(6).reshape(2, 3)).max() <= 5 / 510
    assert read_measures(None, read_attention(TOKENS, maps())) == {}


def test_a_measure_below_zero_keeps_its_values():
    [sent], values = sent_measures({"x": np.array([[-2.0, 0.5]])})
    assert sent["low"] + values[0] / 255 * (sent["high"] - sent["low"]) == pytest.approx(np.array([[-2, 0.5]]), abs=0.006)


# --- words, the still, the frame --------------------------------------------------------------------------------------


def test_words_are_made_from_the_numbers():
    T = 6
    previous = np.eye(T, k=-1)
    previous[0, 0] = 1
    page = attention_view(TOKENS, np.stack([maps(1, 1, T, causal=True)[0, 0], previous])[None], head=1)
    assert "In layer 0, head 1, tokens look mostly at the token just before (1.00 on average)." in page.alt
    assert "“mat” looks most at “the” (1.00)" in page.alt and "previous token: layer 0, head 1 (1.00)" in page.alt
    assert "No token looks at a later one." in page.alt
    assert page.caption == "Attention of 1 layer with 2 heads over 6 tokens. Rows are queries, columns are keys; white is 0, dark is 1."
    own = attention_view(TOKENS, maps(), alt="My alt.", caption="My caption.")
    assert (own.alt, own.caption) == ("My alt.", "My caption.")


def test_a_head_that_spreads_is_described_by_how_widely():
    page = attention_view(TOKENS, np.full((1, 1, 6, 6), 1 / 6))
    assert "as widely as over 6.0 equal shares" in page.alt


def test_two_makings_agree_to_the_byte():
    assert attention_view(TOKENS, maps())._repr_html_() == attention_view(TOKENS, maps())._repr_html_()


@pytest.mark.parametrize("shape, keys", [((1, 1, 6, 6), None), ((48, 25, 3, 3), None), ((1, 8, 6, 40), 40), ((2, 2, 130, 130), None)])
def test_the_still_is_a_picture_of_readable_size(shape, keys):
    tokens = [f"word{i}" for i in range(shape[2])]
    page = attention_view(tokens, maps(*shape), keys=[f"key{i}" for i in range(keys)] if keys else None)
    with Image.open(io.BytesIO(page.still.png)) as image:
        assert 500 <= image.width <= 900 and 400 <= image.height <= 600
        assert len(image.convert("RGB").getcolors()) > 8
    assert len(page.still.png) < 90_000


def test_the_still_keeps_thin_lines():
    diagonal = np.eye(100)[None]
    small = largest(diagonal, 20)
    assert small.shape == (1, 20, 20) and (small[0].diagonal() == 1).all() and small.sum() == 20
    assert largest(np.ones((2, 3, 3)), 20).shape == (2, 3, 3)


def test_hostile_tokens_stay_text():
    page = attention_view(HOSTILE, maps(1, 2, len(HOSTILE)), alt=HOSTILE[0], caption=HOSTILE[1])
    assert page.document.count("<script") == 1 == page.document.count("</script") and "<img" not in page.document
    outside = re.sub(r'srcdoc="[^"]*"', "", page.html)
    assert "<script" not in outside and "<img src=x" not in outside
    data, _ = opened(page)
    shown = data["tokens"]
    assert all(text.strip() for text in shown) and max(map(len, shown)) <= 14
    assert shown[6] == "U+200B" and shown[8:] == ["∅", "␣␣"] and shown[4] == "שלום" and shown[3] == HOSTILE[3]
    assert data["full"]["7"] == "x" * 300 and data["full"]["0"] == HOSTILE[0]


def test_half_a_surrogate_pair_breaks_nothing(tmp_path):
    attention_view(["\ud83d", "b"], maps(1, 1, 2)).save(tmp_path / "view.html")


def test_nothing_is_an_address():
    page = attention_view(TOKENS, maps())
    text, whole = packed_in(page)
    inside = whole.decode(errors="replace")
    assert not re.search(r"https?:|//[a-z]+\.[a-z]", page.html.replace(text, "")) and not re.search(r"https?:|fetch\(|import\(", inside)
    assert "default-src 'none'" in unescape(page.html) and 'sandbox="allow-scripts"' in page.html


def test_the_frame_is_tall_enough_for_long_texts_and_many_layers():
    def heights(page):
        return {least: float(height.removesuffix("px")) for least, height in page.heights.items()}

    small, long = heights(attention_view(TOKENS, maps(2, 2))), heights(attention_view(TOKENS * 6, maps(2, 2, 36)))
    assert min(small) == 0 and all(400 < height < 2400 for height in {**small, **long}.values())
    assert all(long[width] > small[width] for width in small) and small[0] > small[840]
