"""The flow view as Python makes it: what the page carries equals the tensors, how much it weighs, what it refuses."""

import html
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForMaskedLM, BertModel, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from shared.gpt import GPT, GPTConfig
from shared.text.bpe import BytePairTokenizer
from shared.text.wordpiece import WordPieceTokenizer
from shared.tracing import trace
from shared.transformer import Transformer, TransformerConfig
from shared.visuals.flow import EXACT_LOGITS, NAMED, OPENED, _Sent, flow_page, flow_view
from shared.visuals.flow_picture import STRIPS, binned
from shared.visuals.flow_words import stage_words, summary
from shared.visuals.page import unpack
from tests.visuals.test_page import data_of

WORDS = "[UNK] [CLS] [SEP] [MASK] The cat sat on the mat . dog saw it".split()
HOSTILE = ["<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>", "\"'`&amp;", "😀👩‍👩‍👧", "שלום", "a\u200bb", "x" * 300, ""]


class Words:
    """A tokenizer as the course's are: encode and decode."""

    def encode(self, text: str) -> list[int]:
        return [WORDS.index(word) for word in text.split()]

    def decode(self, ids) -> str:
        return " ".join(WORDS[i] for i in ids)


class Fixed:
    """A tokenizer that writes ids as given texts."""

    def __init__(self, texts):
        self.texts = texts

    def decode(self, ids) -> str:
        return self.texts[ids[0] % len(self.texts)]


def hugging_face(pairs: bool) -> PreTrainedTokenizerFast:
    inner = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if pairs:
        pair = "[CLS] $A [SEP] $B:1 [SEP]:1"
        inner.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair=pair, special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    return PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[UNK]")


def gpt2(seed=0, **more):
    torch.manual_seed(seed)
    sizes = dict(vocab_size=2000, n_positions=64, n_embd=128, n_layer=4, n_head=4, bos_token_id=None, eos_token_id=None, initializer_range=0.2)
    return GPT2LMHeadModel(GPT2Config(**{**sizes, **more})).eval()


def small(**more):
    return gpt2(**{**dict(vocab_size=300, n_embd=32, n_layer=2, n_head=2), **more})


def bert(kind=BertForMaskedLM):
    torch.manual_seed(0)
    return kind(BertConfig(vocab_size=300, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)).eval()


class Letters:
    """A tokenizer of letters; ▸ starts a text."""

    signs = "▸abcdefghijklmnopqrstuvwxyz"

    def encode(self, text: str) -> list[int]:
        return [self.signs.index(letter) for letter in text]

    def decode(self, ids) -> str:
        return self.signs[ids[0]]


def transformer(**more) -> Transformer:
    torch.manual_seed(0)
    sizes = dict(source_vocab_size=27, target_vocab_size=27, n_layers=2, n_heads=2, d_model=32, d_ff=64)
    return Transformer(TransformerConfig(**{**sizes, **more})).eval()


@pytest.fixture(scope="module")
def model():
    return gpt2()


@pytest.fixture(scope="module")
def traced(model):
    return trace(model, range(40, 52))


@pytest.fixture(scope="module")
def page(traced):
    return flow_page(traced)


def arrays(data: dict) -> list[np.ndarray]:
    """All arrays of a page: high bytes first, low bytes after them, each times its power of two."""
    high, low = unpack(data["numbers"]).astype(np.uint16).reshape(2, -1)
    flat = (high << 8 | low).view(np.float16).astype(np.float64)
    return [flat[at : at + int(np.prod(shape))].reshape(shape) * factor for at, shape, factor in data["arrays"]]


def agree(sent: np.ndarray, true: np.ndarray) -> bool:
    """Within 0.05 % of each number, as the page says; numbers a billion times smaller than the largest may become 0."""
    return sent.shape == true.shape and bool((np.abs(sent - true) <= 2.0**-11 * np.abs(true) + 1e-9 * np.abs(true).max()).all())


# --- what is sent -----------------------------------------------------------------------------------------------------


def check_page(traced, data) -> None:
    found, computed = arrays(data), ("ids", "norm", "mask", "mix", "join", "scale", "waves")
    assert [s["key"] for s in data["stages"]] == [s.key for s in traced.stages if s.key != "probabilities"]
    for sent in data["stages"]:
        stage = traced[sent["key"]]
        assert tuple(sent["shape"]) == stage.shape
        if "columns" in sent:
            assert agree(found[sent["binned"]], binned(stage.values))
        if "array" in sent:
            kept = stage.values[..., sent["columns"]] if "columns" in sent else stage.values
            assert agree(found[sent["array"]], kept.astype(np.float64)), sent["key"]
        else:
            assert stage.how in computed or stage.key == "logits"
        if stage.how == "norm":
            assert agree(found[sent["gain"]], stage.gain) and agree(found[sent["bias"]], stage.bias)
        if "weight" in sent:
            assert agree(found[sent["weight"]], stage.weight[:, :: sent["stride"]].T)
            assert agree(found[sent["bias"]], stage.bias[:: sent["stride"]])


def test_the_page_carries_the_tensors(traced, page):
    data = data_of(page)
    check_page(traced, data)
    assert data["model"]["weightsOf"] is None and all("weight" in s for s in data["stages"] if s["how"] == "project" and s["key"] != "logits")
    assert {s["stride"] for s in data["stages"] if "stride" in s and s["layer"] is not None} == {4}


@pytest.mark.parametrize("kind", [BertForMaskedLM, BertModel])
def test_a_bert_is_carried_too(kind):
    traced = trace(bert(kind), [1, 5, 6, 2, 7, 2], segments=[0, 0, 0, 0, 1, 1])
    data = data_of(flow_page(traced))
    check_page(traced, data)
    assert (data["chances"] is None) == (kind is BertModel)
    assert {s["stride"] for s in data["stages"] if "stride" in s} == {1}  # small enough for every column


def test_the_logits_give_the_models_probabilities(traced, page):
    chances = data_of(page)["chances"]
    assert chances["positions"] == list(range(12)) and chances["at"] == 11
    rows = unpack(chances["rows"]) + unpack(chances["middle"])[:, None]
    ids, exact = unpack(chances["exactIds"]).astype(int), unpack(chances["exact"])
    assert ids.shape == (12, EXACT_LOGITS)
    for position in range(12):
        true = torch.from_numpy(traced["logits"].values[position]).double()
        row = rows[position].copy()
        row[ids[position]] = exact[position]
        for temperature in (0.1, 0.5, 1.0, 2.5):
            mine = torch.softmax(torch.from_numpy(row) / temperature, -1)
            assert (mine - torch.softmax(true / temperature, -1)).abs().max() < 1e-4 / 4
        # the order of the first ones is the model's, and they have their names
        first = torch.sort(true, descending=True, stable=True).indices[:NAMED].tolist()
        assert ids[position, :NAMED].tolist() == first and all(str(i) in chances["names"] for i in first)
        assert set(first[:OPENED]) <= set(chances["opened"])
    opened = chances["opened"]
    found = arrays(data_of(page))
    assert agree(found[chances["weight"]], traced["logits"].weight[:, opened].T)


def test_a_tiny_model_stays_under_one_megabyte(page):
    assert len(page.html) < 1_000_000
    assert len(flow_page(trace(gpt2(), range(6))).html) < 850_000


def test_a_gpt2_small_stays_under_three_megabytes():
    torch.manual_seed(0)
    traced = trace(GPT(GPTConfig()), range(8))
    page = flow_page(traced, layer=3, head=5)
    assert len(page.html) < 2_600_000
    data = data_of(page)
    check_page(traced, data)
    assert data["model"] | {"weightsOf": 3, "first": [3, 5]} == data["model"]
    for sent in data["stages"]:
        if sent["how"] == "project" and sent["layer"] is not None:
            assert ("weight" in sent) == (sent["layer"] == 3)
        if sent["key"].endswith(("hidden", "active")):
            assert ("columns" in sent) == (sent["layer"] != 3)
    chances = data["chances"]
    assert chances["positions"] == [6, 7] and chances["at"] == 7
    row = unpack(chances["rows"])[1] + unpack(chances["middle"])[1]
    row[unpack(chances["exactIds"]).astype(int)[1]] = unpack(chances["exact"])[1]
    assert (torch.from_numpy(row).softmax(-1) - torch.from_numpy(traced["probabilities"].values[7])).abs().max() < 1e-6


@pytest.mark.filterwarnings("error")
def test_a_vocabulary_of_a_few_words_is_enough():
    traced = trace(small(vocab_size=3), [0, 2])
    data = data_of(flow_page(traced))
    check_page(traced, data)
    assert len(data["chances"]["names"]) == 3 and binned(traced["logits"].values).shape == (2, 3)


def test_two_builds_agree(traced, page):
    again = flow_page(traced)
    assert again.html == page.html and again.still.png == page.still.png


@given(st.lists(st.floats(-1e30, 1e30).map(lambda x: x if abs(x) > 1e-25 else 0.0), min_size=1, max_size=40))
def test_numbers_of_any_size_survive_the_sixteen_bits(values):
    sent = object.__new__(_Sent)
    sent.arrays, sent._flat, sent._at = [], [], 0
    sent.add(np.array(values))
    [found] = arrays({"numbers": sent.pack(), "arrays": sent.arrays})
    assert agree(found, np.array(values))


@given(st.integers(1, 5), st.integers(STRIPS, 400))
def test_strips_are_means_of_neighbors_and_leave_nothing_out(rows, width):
    values = np.random.default_rng(width).normal(size=(rows, width))
    strips = binned(values)
    edges = [i * width // STRIPS for i in range(STRIPS + 1)]
    sizes = np.diff(edges)
    assert edges[0] == 0 and edges[-1] == width and sizes.max() - sizes.min() <= 1
    assert np.allclose((strips * sizes).sum(1), values.sum(1))
    assert np.allclose(strips[:, 3], values[:, edges[3] : edges[4]].mean(1))


# --- what is read -----------------------------------------------------------------------------------------------------


def tokens_of(page) -> list[str]:
    return [full for _, full in data_of(page)["tokens"]]


def test_a_text_is_read_with_a_tokenizer_of_either_kind():
    model, text = small(), "The cat sat"
    by_ids = flow_view(model, [4, 5, 6], Words())
    for tokenizer in (Words(), hugging_face(pairs=False)):
        page = flow_view(model, text, tokenizer)
        assert tokens_of(page) == ["The", "cat", "sat"] and data_of(page)["ids"] == [4, 5, 6]
        assert data_of(page)["numbers"] == data_of(by_ids)["numbers"]
    assert tokens_of(flow_view(model, torch.tensor([[4, 5, 6]]))) == ["4", "5", "6"]


def test_the_courses_own_tokenizers_are_read_too():
    texts = ["The cat sat on the mat. It saw the dog.", "The dog sat."]
    pieces = BytePairTokenizer.train(texts, 20)
    page = flow_view(small(vocab_size=pieces.vocab_size), "The cat sat", pieces)
    assert "".join(tokens_of(page)) == "The cat sat" and data_of(page)["ids"] == pieces.encode("The cat sat")
    words = WordPieceTokenizer.train(texts)
    page = flow_view(bert(), ("The cat", "the dog"), words)
    assert data_of(page)["ids"] == words.model_inputs("The cat", "the dog")["input_ids"]
    assert tokens_of(page) == ["[CLS]", "the", "cat", "[SEP]", "the", "dog", "[SEP]"]
    assert next(s for s in data_of(page)["stages"] if s["key"] == "segment")["rows"] == [0, 0, 0, 0, 1, 1, 1]


def test_a_model_may_carry_its_tokenizer():
    model = small()
    model.tokenizer = Words()
    assert tokens_of(flow_view(model, "The cat")) == ["The", "cat"]


def test_a_pair_of_texts_becomes_two_segments():
    page = flow_view(bert(), ("The [MASK] sat", "it saw"), hugging_face(pairs=True))
    assert tokens_of(page) == ["[CLS]", "The", "[MASK]", "sat", "[SEP]", "it", "saw", "[SEP]"]
    segment = next(s for s in data_of(page)["stages"] if s["key"] == "segment")
    assert segment["rows"] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert data_of(page)["chances"]["at"] == 2  # what is asked is the mask
    assert "at “[MASK]”" in page.alt


@pytest.mark.parametrize("norm_first", [False, True])
def test_an_encoder_decoder_is_carried_whole(norm_first):
    model = transformer(norm_first=norm_first)
    traced = trace(model, ([19, 20, 1, 18], [0, 18, 1]), tokens=(list("star"), list("▸ra")))
    page = flow_page(traced, layer=1, head=1)
    data = data_of(page)
    check_page(traced, data)
    assert [full for _, full in data["source"]] == list("star") and data["sourceIds"] == [19, 20, 1, 18] and tokens_of(page) == list("▸ra")
    across = {s["key"] for s in data["stages"] if s.get("keysOf") == "source"}
    assert across == {f"decoder.{i}.cross_{name}" for i in range(2) for name in ("scores", "weights")}
    assert {s["side"] for s in data["stages"] if s["key"].endswith(("cross_k", "cross_v"))} == {"source"}
    assert data["chances"]["at"] == 2 and data["chances"]["positions"] == [0, 1, 2]
    words = data["words"]
    for stage in traced.stages:
        title, says = words.get(stage.key) or words[stage.key.split(".")[-1]]
        assert 5 < len(title) < 40 and 40 < len(says) < 260 and says.endswith("."), stage.key
    memory = "encoder.1.final_norm" if norm_first else "encoder.1.norm_2"
    assert words[memory][0] == "The memory" and traced["decoder.0.cross_k"].of == (memory,)
    assert "4 tokens of the source, each as 32 numbers, pass through 2 layers of the encoder and become the memory; 3 of the target" in page.alt
    assert page.caption.startswith("“star” and “▸ra” through the course's Transformer (2 layers on each side, 2 heads, 32 wide).")


def test_a_source_and_a_target_are_read_as_texts_or_as_ids():
    model = transformer()
    by_text = flow_view(model, ("star", "▸ra"), Letters())
    by_ids = flow_view(model, ([19, 20, 1, 18], torch.tensor([[0, 18, 1]])), (Letters(), Letters()))
    assert by_text.html == by_ids.html
    plain = flow_view(model, ([19, 20], [0]))
    assert [full for _, full in data_of(plain)["source"]] == ["19", "20"] and tokens_of(plain) == ["0"]


@pytest.mark.parametrize(
    ("text_or_ids", "tokenizer", "error", "says"),
    [
        ("star", Letters(), TypeError, r"pass a pair \(source, target\)"),
        ([1, 2, 3], None, TypeError, r"pass a pair \(source, target\)"),
        (("star", "▸"), None, TypeError, "source: tokenizer is needed"),
        (("star", "  "), Letters(), ValueError, "target: text_or_ids: there is no text"),
        (("star", "▸"), (Letters(),) * 3, TypeError, "one tokenizer or a pair"),
        (("a" * 33, "▸"), Letters(), ValueError, "text_or_ids, source: 33 tokens are more than the 32"),
        (([27], [0]), None, ValueError, "source: ids must lie between 0 and 26"),
    ],
)
def test_a_wrong_source_or_target_is_one_clear_error(text_or_ids, tokenizer, error, says):
    with pytest.raises(error, match=says):
        flow_view(transformer(), text_or_ids, tokenizer)


def test_a_large_encoder_decoder_sends_the_weights_of_one_layer_on_both_sides():
    torch.manual_seed(0)
    traced = trace(Transformer(TransformerConfig(200, 200, n_layers=6)), (range(6), range(5)))
    page = flow_page(traced, layer=3)
    assert len(page.html) < 3_000_000
    for sent in data_of(page)["stages"]:
        if sent["how"] == "project" and sent["layer"] is not None:
            assert ("weight" in sent) == (sent["layer"] == 3)


def test_a_bert_without_a_mask_is_asked_at_its_first_word():
    assert data_of(flow_view(bert(), "The cat", hugging_face(pairs=True)))["chances"]["at"] == 1


def test_words_of_the_vocabulary_that_have_no_text_are_numbers():
    names = data_of(flow_view(small(), [4, 5], Words()))["chances"]["names"]
    assert all(full == (WORDS[int(i)] if int(i) < len(WORDS) else f"id {i}") for i, (_, full) in names.items())


# --- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [small, bert])
def test_every_kind_of_stage_has_its_words(make):
    traced = trace(make(), [1, 2, 3])
    words = stage_words(traced)
    for stage in traced.stages:
        title, says = words[stage.key.split(".")[-1]]
        assert 5 < len(title) < 40 and 40 < len(says) < 260 and says.endswith(".")


def test_the_computed_words_say_what_is_learned():
    page = flow_view(small(), "The cat sat", Words())
    traced = trace(small(), [4, 5, 6])
    best = int(traced["probabilities"].values[-1].argmax())
    assert "3 tokens, each as 32 numbers, pass through 2 layers of 2 heads" in page.alt
    assert f"most likely after “sat”: “{WORDS[best] if best < len(WORDS) else f'id {best}'}”" in page.alt
    assert page.caption.startswith("“The cat sat” through GPT-2 (2 layers, 2 heads, 32 wide).")
    own = flow_view(small(), [1, 2], alt="Own words about what is seen.", caption="Own caption.")
    assert (own.alt, own.caption) == ("Own words about what is seen.", "Own caption.")


def test_a_text_is_put_together_again():
    for tokens, text in [
        ((" The", " cat", "."), "The cat."), (("[CLS]", "play", "##ing", "on", "[SEP]"), "[CLS] playing on [SEP]"), (("The", "cat"), "The cat"),
    ]:  # fmt: skip
        assert summary(trace(small(), range(len(tokens)), tokens=tokens), None, None).title == text


def test_hostile_tokens_stay_inside_their_quotes():
    page = flow_view(small(), range(8), Fixed(HOSTILE))
    assert tokens_of(page) == HOSTILE
    assert page.document.count("<script") == 2 and page.document.count("</script") == 2 and "<img" not in page.document
    assert page.html.count("<img") == 1 and page.html.count("<script") == 0
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', page.html)[1])
    assert inside == page.document
    assert page.still.png[:4] == b"\x89PNG"


def test_the_page_names_no_address_and_asks_for_nothing(page):
    assert not re.search(r"https?:|//[a-z]+\.|url\(|@import|fetch\(|XMLHttp|import\(", page.document.replace("http-equiv", ""))


# --- what it refuses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"text_or_ids": "The cat"}, TypeError, "tokenizer is needed to read a text, and the model carries none"),
        ({"text_or_ids": "   ", "tokenizer": Words()}, ValueError, "no text to read"),
        ({"text_or_ids": ("The", ""), "tokenizer": hugging_face(True)}, ValueError, "no text to read"),
        ({"text_or_ids": ("The", "cat"), "tokenizer": Words()}, TypeError, "two texts need a tokenizer that can join them"),
        ({"text_or_ids": ("The", "cat"), "tokenizer": hugging_face(False)}, ValueError, "GPT-2 knows no segments"),
        ({"text_or_ids": []}, ValueError, "no token to read"),
        ({"text_or_ids": 7}, TypeError, "got int"),
        ({"text_or_ids": hugging_face(False)("The cat")}, TypeError, "got BatchEncoding"),
        ({"text_or_ids": {"input_ids": [1]}}, TypeError, "got dict"),
        ({"text_or_ids": [1, 300]}, ValueError, "between 0 and 299.*got 300 at position 1"),
        ({"text_or_ids": [1, 300], "tokenizer": Words()}, ValueError, "got 300 at position 1"),
        ({"text_or_ids": [1, -2], "tokenizer": Words()}, ValueError, "got -2 at position 1"),
        ({"text_or_ids": list(range(33))}, ValueError, "33 tokens are more than the 32"),
        ({"text_or_ids": [1], "layer": 2}, ValueError, "layer must be a whole number from 0 to 1, got 2"),
        ({"text_or_ids": [1], "head": -1}, ValueError, "head must be a whole number from 0 to 1, got -1"),
        ({"text_or_ids": [1], "head": True}, ValueError, "head must be"),
        ({"text_or_ids": [1], "alt": "  "}, ValueError, "alt must say something"),
        ({"model": torch.nn.Linear(2, 2), "text_or_ids": [1]}, TypeError, "model must be one of .*got Linear"),
        ({"model": small(n_positions=4), "text_or_ids": [1] * 5}, ValueError, "5 tokens are more than the 4"),
    ],
)
def test_bad_input_is_one_clear_error(arguments, error, says):
    with pytest.raises(error, match=says):
        flow_view(**{"model": small(), **arguments})


def test_a_model_with_numbers_that_are_none_is_refused():
    model = small()
    model.transformer.h[0].ln_1.weight.data[3] = float("nan")
    with pytest.raises(ValueError, match="transformer.h.0.ln_1.weight hold a number that is not finite"):
        flow_view(model, [1, 2])


def test_a_page_that_would_be_too_heavy_is_refused(monkeypatch):
    monkeypatch.setattr("shared.visuals.flow.HEAVY", 10_000)
    with pytest.raises(ValueError, match=r"a view of 5 tokens through this model would carry [\d,]+ numbers; use fewer tokens"):
        flow_view(small(), range(5))


def test_drawing_needs_no_torch():
    code = "import sys, shared.visuals.flow; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
