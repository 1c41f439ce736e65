"""The attention drawing: every part with its note or room for one, and bad input is an error."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from shared.visuals import attention_drawing as module
from shared.visuals.attention_drawing import PARTS, attention_drawing

WORDS = dict(alt="How sat gets its new row.", caption="A drawing.", title="sat asks")


def drawn(monkeypatch, notes, tokens=("cat", "sat", "mat")):
    """The figure's texts and its dotted lines."""
    kept = []
    monkeypatch.setattr(module, "figure", lambda drawing, **words: kept.append(drawing))
    n = len(tokens)
    attention_drawing(tokens, 1, np.linspace(-1, 1, n), np.full(n, 1 / n), notes, **WORDS)
    lines = [line for line in kept[0].findobj(plt.Line2D) if line.get_linestyle() == ":"]
    return [t.get_text() for t in kept[0].findobj(plt.Text) if t.get_text()], lines


def test_a_note_stands_below_its_part_and_an_empty_one_leaves_lines(monkeypatch):
    texts, lines = drawn(monkeypatch, {"query": "what sat asks", "keys": "  ", "values": "$5 & more"})
    assert "what sat asks" in texts and "$5 & more" in texts
    assert len(lines) == 3 * 4, "three dotted lines for each of the four parts without a note"
    assert {"q of sat", "k of mat", "v of cat", "new sat", "−1.00", "33 %"} <= set(texts)


def test_every_part_has_its_number(monkeypatch):
    texts, _ = drawn(monkeypatch, {})
    assert all(f"{i + 1}  {part}" in texts for i, part in enumerate(PARTS))


@pytest.mark.parametrize("given, word", [
    (dict(tokens=["one"]), "tokens"), (dict(asks=3), "asks"), (dict(scores=np.zeros(2)), "scores"),
    (dict(weights=np.zeros(4)), "weights"), (dict(notes={"quary": "a slip"}), "quary"), (dict(notes={"query": "much too long " * 20}), "too long"),
])  # fmt: skip
def test_bad_input_is_named(given, word):
    right = dict(tokens=["cat", "sat", "mat"], asks=1, scores=np.zeros(3), weights=np.full(3, 1 / 3), notes={})
    with pytest.raises(ValueError, match=word):
        attention_drawing(**(right | given), **WORDS)
