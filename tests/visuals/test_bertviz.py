"""BertViz in a frame: its own numbers, no token that breaks out, and the explorer where it cannot draw."""

import json
import re
import time
from html import unescape

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from shared.visuals import bertviz, explorer
from shared.visuals.packed import PackedPage

TOKENS = ["The", "</script><script>alert(1)</script>", "cat", "<img src=x onerror=alert(2)>", "https://evil.example/require.js"]


@pytest.fixture(autouse=True)
def plain_still(monkeypatch):
    """The explorer's still picture has tests of its own; drawing it is what takes the time here."""
    monkeypatch.setattr(explorer, "explorer_still", lambda *_, **__: Figure(figsize=(2, 2)))


@pytest.fixture
def online(monkeypatch):
    monkeypatch.setattr(bertviz, "_reachable", lambda address: True)


def maps(layers=2, heads=3, T=5, S=None) -> np.ndarray:
    powers = np.random.default_rng(0).random((layers, heads, T, S or T)) + 0.01
    return (powers / powers.sum(-1, keepdims=True)).astype(np.float32)


def parameters(document: str) -> dict:
    """The numbers that BertViz's script is given, read as a browser would: a "\\/" in a string is a "/"."""
    text = re.search(r"(?:const params = |bertviz_params = )(\{.*?\})(?:;| *</script>)", document, re.S)[1]
    return json.loads(text)


def test_each_view_holds_its_numbers_and_nothing_breaks_out(online):
    weights, vectors = maps(), np.random.default_rng(1).normal(size=(2, 3, 5, 4))
    views = [
        bertviz.bertviz_head_view(TOKENS, torch.tensor(weights), layer=1),
        bertviz.bertviz_model_view(TOKENS, weights),
        bertviz.bertviz_neuron_view(TOKENS, weights, vectors, torch.tensor(vectors)),
    ]
    for view in views:
        given = parameters(view.document)
        attention = given["attention"]["all"] if "all" in given["attention"] else given["attention"][0]
        assert np.abs(np.array(attention["attn"]) - weights).max() < 1e-4
        assert attention["left_text"][0] == "The" and attention["left_text"][1].startswith("</script>")
        # our two, BertViz's loader and its script (the neuron view has one more)
        assert view.document.count("</script") <= 5 and view.document.count("<\\/script") >= 2
        assert "evil" not in re.search(r'Content-Security-Policy" content="([^"]*)"', view.document)[1]
        assert unescape(re.search(r'srcdoc="([^"]*)"', view.html)[1]) == view.document
    assert parameters(views[0].document)["layer"] == 1
    assert np.abs(np.array(parameters(views[2].document)["attention"]["all"]["queries"]) - vectors).max() < 1e-3


def test_pairs_and_two_texts(online):
    pair = parameters(bertviz.bertviz_head_view(list("abcde"), maps(), second=2).document)["attention"]
    assert [part["name"] for part in pair][1:] == [f"Sentence {x} -> Sentence {y}" for x, y in ("AA", "BB", "AB", "BA")]
    across = parameters(bertviz.bertviz_model_view(["x", "y"], maps(T=2, S=5), keys=list("abcde")).document)["attention"][0]
    assert across["left_text"] == ["x", "y"] and across["right_text"] == list("abcde")


def test_two_makings_agree_to_the_byte(online):
    assert bertviz.bertviz_head_view(TOKENS, maps()).html == bertviz.bertviz_head_view(TOKENS, maps()).html


def test_thirty_two_tokens_of_a_large_model_fit_a_notebook(online):
    page = bertviz.bertviz_head_view([f"w{i}" for i in range(32)], maps(12, 12, 32))
    assert len(page.document) < 1_400_000


def test_where_the_network_is_off_the_explorer_stands_in_and_holds_no_address(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for view in (bertviz.bertviz_head_view(TOKENS[:4], maps(T=4)), bertviz.bertviz_model_view(TOKENS[:4], maps(T=4))):
        assert view.caption.startswith("BertViz needs scripts from the network, which cannot be reached from here; this is the course's own explorer")
        assert isinstance(view, PackedPage) and not re.search("https?://", view.html)


def test_the_explorer_that_stands_in_opens_at_the_layer_and_head_asked_for(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    q = np.random.default_rng(1).random((2, 3, 5, 4))
    assert "layer 1, head 0" in bertviz.bertviz_head_view(TOKENS, maps(), layer=1).alt.lower()
    assert "layer 0, head 0" in bertviz.bertviz_model_view(TOKENS, maps()).alt.lower()
    assert "layer 1, head 2" in bertviz.bertviz_neuron_view(TOKENS, maps(), q, q, layer=1, head=2).alt.lower()


def test_where_bertviz_is_missing_the_explorer_says_so(monkeypatch):
    monkeypatch.setattr(bertviz.util, "find_spec", lambda name: None)
    assert bertviz.bertviz_head_view(TOKENS, maps()).caption.startswith("BertViz is not installed here")


def test_the_network_is_asked_for_a_second_at_most(monkeypatch):
    def slow(*_, **__):
        time.sleep(3)
        raise TimeoutError

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(bertviz.urllib.request, "urlopen", slow)
    start = time.monotonic()
    assert not bertviz._reachable("https://example.org/require.js") and time.monotonic() - start < 2.5
    monkeypatch.setattr(bertviz.urllib.request, "urlopen", lambda *_, **__: (_ for _ in ()).throw(OSError("no route")))
    assert not bertviz._reachable("https://example.org/require.js")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(bertviz.urllib.request, "urlopen", lambda *_, **__: pytest.fail("asked though switched off"))
    assert not bertviz._reachable("https://example.org/require.js")


def test_a_network_that_answers(monkeypatch):
    import http.server
    import threading

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200 if self.path == "/require.js" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        assert bertviz._reachable(f"{base}/require.js") and not bertviz._reachable(f"{base}/gone.js")
        server.shutdown()


def test_three_scripts_are_loaded_from_where_bertviz_says():
    assert [re.search("require|d3|jquery", address)[0] for address in bertviz._addresses()] == ["require", "d3", "jquery"]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: bertviz.bertviz_head_view([f"w{i}" for i in range(33)], maps(T=33)), "at most 32 tokens, got 33; attention_view"),
        (lambda: bertviz.bertviz_head_view(TOKENS, maps(T=4)), "tokens holds 5"),
        (lambda: bertviz.bertviz_head_view(TOKENS, maps(), layer=2), "layer must lie between 0 and 1, got 2"),
        (lambda: bertviz.bertviz_model_view(TOKENS, {("pattern", 3): maps(1)[0]}), r"without gaps, got layers \[3\]"),
        (lambda: bertviz.bertviz_neuron_view(TOKENS, maps(), np.zeros((2, 3, 5)), np.zeros((2, 3, 5, 4))), r"queries must have shape .* \(2, 3, 5, d_k\), got \(2, 3, 5\)"),
        (lambda: bertviz.bertviz_neuron_view(TOKENS, maps(), np.zeros((2, 3, 5, 4)), np.zeros((2, 3, 5, 8))), "must have one shape"),
        (lambda: bertviz.bertviz_neuron_view(TOKENS, maps(), np.full((2, 3, 5, 4), np.nan), np.zeros((2, 3, 5, 4))), "queries must be finite"),
        (lambda: bertviz.bertviz_neuron_view(TOKENS, maps(), np.zeros((2, 3, 5, 4)), np.zeros((2, 3, 5, 4)), head=3), "head must lie between 0 and 2"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()
