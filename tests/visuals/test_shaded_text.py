"""The shaded text: its numbers arrive whole, its still has every word inside, bad input is refused."""

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from shared.visuals.page import unpack
from shared.visuals.shaded_text import draw_shaded_text, shaded_text

WORDS = "Once upon a time there was a girl named Mia , and <b> $x$".split() + ["", "a" * 40]
VALUES = np.random.default_rng(1).normal(size=(2, len(WORDS)))


def view(words=WORDS, values=VALUES, names=("one", "two"), **changes):
    about = {"concept": "feed-forward", "what": "activation", "alt": "The neuron fires at Mia.", "caption": "Choose."}
    return shaded_text(words, values, list(names), **(about | changes))


def test_the_page_has_the_numbers():
    data = json.loads(re.search(r'id="data">(.*?)</script>', view().document)[1].replace("\\u003c", "<"))
    assert np.abs(unpack(data["values"]) - VALUES).max() <= np.abs(VALUES).max() / 32_767
    assert len(data["tokens"]) == len(WORDS) and data["tokens"][0] == "Once"
    assert "<b>" not in view().document, "a token is text, never a tag"


def test_every_word_of_the_still_is_inside_and_none_overlaps():
    drawing = Figure(figsize=(8.4, 3), dpi=100)
    ax = drawing.add_axes((0, 0, 1, 1))
    draw_shaded_text(ax, WORDS[:-2] * 3, np.tile(VALUES[0, :-2], 3), concept="feed-forward")  # without the empty word, which has no outline
    drawing.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 3 * (len(WORDS) - 2)
    assert min(box.x0 for box in boxes) >= 0 and max(box.x1 for box in boxes) <= 840
    for left, right in zip(boxes, boxes[1:]):
        if abs(left.y0 - right.y0) < 8:
            assert left.x1 <= right.x0


def test_the_highest_word_has_the_darkest_ground():
    ax = Figure().subplots()
    draw_shaded_text(ax, ["a", "b", "c"], np.array([-2.0, 0.5, 1.0]), concept="feed-forward")
    assert [text.get_bbox_patch().get_alpha() for text in ax.texts] == pytest.approx([0, 0.425, 0.85])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"words": []}, "tokens"),
        ({"words": ["a"] * 161}, "tokens"),
        ({"values": VALUES[:1]}, "values"),
        ({"values": VALUES[:, :-1]}, "values"),
        ({"values": VALUES * np.nan}, "finite"),
        ({"what": " "}, "what"),
        ({"concept": "neuron"}, "concept"),
    ],
)
def test_bad_input(changes, says):
    with pytest.raises(ValueError, match=says):
        view(**changes)
