"""Arrows between two diagrams, and the comparison table: what they refuse, where labels and marks lie."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from shared.architecture import ARCHITECTURES
from shared.visuals import palette
from shared.visuals.changes import HUE, _spread, changes_figure, table_figure, table_markdown

OLD, NEW = ARCHITECTURES["encoder-decoder"]["decoder"], ARCHITECTURES["decoder-only"]
WORDS = dict(title="Changes", alt="What moved, what went, what came.", caption="Numbered from below.")
ARROWS = [(("", 1), ("", 1), "learned"), (("", 2, 5), None, "gone"), (None, ("", 3), "new")]


def pixels(picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).astype(int)


def near(image: np.ndarray, hue: str) -> np.ndarray:
    return np.abs(image - np.array(to_rgb(hue)) * 255).max(-1) < 12


def middle(image: np.ndarray) -> np.ndarray:
    """The part between the two diagrams, where only arrows are."""
    width = image.shape[1]
    return image[:, int(0.29 * width) : int(0.71 * width)]


def test_each_arrow_leaves_its_mark_between_the_diagrams():
    none, one, all_three = (near(middle(pixels(changes_figure(("a", OLD), ("b", NEW), some, **WORDS))), HUE).sum() for some in ([], ARROWS[:1], ARROWS))
    assert none == 0 and one > 400 and all_three > 2 * one


def test_it_is_narrow_enough_and_the_same_every_time():
    picture = changes_figure(("a", OLD), ("b", NEW), ARROWS, **WORDS)
    assert 500 < picture.width <= 900 and picture.alt == WORDS["alt"]
    assert picture.png == changes_figure(("a", OLD), ("b", NEW), ARROWS, **WORDS).png


@pytest.mark.parametrize("arrow, words", [
    ((None, None, "nothing"), "must start or end at a part"),
    ((("", 1), ("", 1), " "), "must say what changed"),
    ((("", 9), None, "gone"), r"the old diagram has no part at \('', 9\)"),
    ((None, ("", 2, 40), "new"), "the new diagram has no part at"),
])  # fmt: skip
def test_an_arrow_that_cannot_be_drawn_is_named(arrow, words):
    with pytest.raises(ValueError, match=words):
        changes_figure(("a", OLD), ("b", NEW), [arrow], **WORDS)


@pytest.mark.parametrize("wanted", [[500, 300, 100], [300, 300, 300], [30, 25, 20], [590, 589, 588], [100], []])
def test_labels_never_touch_and_stay_on_the_sheet(wanted):
    tall = [40.0] * len(wanted)
    found = _spread(wanted, tall, 0, 600)
    edges = sorted((y - 20, y + 20) for y in found)
    assert all(low >= 0 and high <= 600 for low, high in edges)
    assert all(after[0] - before[1] >= 11.9 for before, after in zip(edges, edges[1:]))
    if wanted == [500, 300, 100]:
        assert found == wanted


def test_marked_cells_have_a_ground():
    rows = [["a", 1], ["b", 2], ["c", 3]]
    plain, marked = (table_figure(["name", "n"], rows, marked=some, width=400, **WORDS) for some in ([], [(1, 1)]))
    tint = near(pixels(marked), "#FDEBDD")
    assert near(pixels(plain), "#FDEBDD").sum() == 0 and tint.sum() > 3000
    ys, xs = np.nonzero(tint)
    high, wide = tint.shape
    assert np.percentile(xs, 2) > 0.3 * wide and 0.4 * high < ys.mean() < 0.85 * high  # the second of three rows, the right column
    assert marked.width == 400


@pytest.mark.parametrize("given, words", [
    (dict(rows=[["a"]]), "number 0 has 1 cells for 2 columns"),
    (dict(rows=[["a", 1]], marked=[(1, 0)]), r"there is no cell \(1, 0\)"),
    (dict(rows=[["a", 1]], marked=[(0, 2)]), r"there is no cell \(0, 2\)"),
    (dict(rows=[]), "at least one row"),
])  # fmt: skip
def test_a_table_that_cannot_be_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        table_figure(["name", "n"], **given, **WORDS)


def test_markdown_keeps_its_columns():
    text = table_markdown(["model", "n\nlayers"], [["a|b", 1], ["two\nlines", "x"]])
    assert text.splitlines() == ["| model | n layers |", "| --- | ---: |", "| a\\|b | 1 |", "| two lines | x |"]


def test_the_arrows_color_can_be_read():
    """Contrast of the labels' number on the card, as WCAG computes it."""
    def luminance(hue):
        return sum(w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for w, c in zip((0.2126, 0.7152, 0.0722), to_rgb(hue)))

    assert (luminance(palette.CARD) + 0.05) / (luminance(HUE) + 0.05) > 4.5
