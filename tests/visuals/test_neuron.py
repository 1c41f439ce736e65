"""One neuron in the plane: what the view carries, where its line and its arrow are drawn, and what it refuses."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from shared.visuals import palette
from shared.visuals.neuron import draw_dots, draw_neuron, neuron_view
from tests.visuals.test_page import data_of

WORDS = dict(alt="Weights tip the line, the bias shifts it.", caption="Move the sliders.")
DOTS = ([[1.0, 2.0], [-1.0, 0.5], [2.5, -3.0]], [1, 0, 1])


def axes_of(weights, bias, *dots):
    ax = Figure(figsize=(4, 4)).subplots()
    draw_neuron(ax, weights, bias, *dots)
    return ax


def line_of(ax) -> np.ndarray:
    """The corners of the drawn line: the last set of contours."""
    return np.concatenate([path.vertices for path in ax.collections[1].get_paths()])


def test_the_view_carries_dots_labels_and_start():
    data = data_of(neuron_view({"one": DOTS, "two": ([[0, 0]], [0])}, weights=(0.5, -1.5), bias=2.0, **WORDS))
    assert [one["name"] for one in data["sets"]] == ["one", "two"]
    assert data["sets"][0]["points"] == DOTS[0] and data["sets"][0]["labels"] == DOTS[1]
    assert data["start"] == [0.5, -1.5, 2.0]


def test_it_is_small_the_same_every_time_and_leaves_a_still():
    page = neuron_view({"one": DOTS}, **WORDS)
    assert page.kind == "interactive" and 'alt="Weights tip the line, the bias shifts it."' in page.html
    assert Image.open(io.BytesIO(page.still.png)).width > 400 and len(page.still.png) < 40_000
    assert len(page.html) < 80_000 and page.html == neuron_view({"one": DOTS}, **WORDS).html


def test_names_are_text_and_never_markup():
    page = neuron_view({"</script><b>": DOTS}, **WORDS)
    assert "</script><b>" not in page.document


@pytest.mark.parametrize("weights, bias", [((1, 0), -1), ((0, 2), 1), ((0.6, 1.0), 0), ((-1.5, 0.5), 0.7)])
def test_the_line_lies_where_the_sum_is_zero(weights, bias):
    corners = line_of(axes_of(weights, bias))
    assert len(corners) > 10
    assert np.abs(corners @ np.array(weights) + bias).max() < 1e-6
    assert np.ptp(corners, axis=0).max() > 5, "it crosses the whole plane"


@pytest.mark.parametrize("weights, bias", [((1, 0), -1), ((0.6, 1.0), 0.5), ((-1, 2), 0)])
def test_the_arrow_stands_on_the_line_and_points_to_the_side_that_fires(weights, bias):
    arrow = axes_of(weights, bias).texts[0]
    tip, foot, w = np.array(arrow.xy), np.array(arrow.xyann), np.array(weights)
    assert abs(foot @ w + bias) < 1e-9
    assert tip @ w + bias > 0.1 and abs((tip - foot) @ np.array([-w[1], w[0]])) < 1e-9, "upright on the line"


def test_the_firing_side_is_blue():
    """Looked at, not asked: a pixel of the side where x₁ > 0 is bluer than one of the other side."""
    drawing = Figure(figsize=(4, 4), dpi=100, layout="none")
    ax = drawing.add_axes((0, 0, 1, 1))
    draw_neuron(ax, (1, 0), 0)
    raw = io.BytesIO()
    drawing.savefig(raw, format="png", dpi=100)
    image = np.asarray(Image.open(raw).convert("RGB")).astype(int)
    left, right = image[100, 100], image[100, 300]
    assert right[2] > right[0] + 5 and left[0] > left[2] + 5


def test_without_weights_there_is_no_line():
    ax = axes_of((0, 0), 1)
    assert len(ax.collections) == 1 and not ax.texts


def test_circles_are_the_dots_that_should_fire():
    ax = Figure().subplots()
    draw_dots(ax, DOTS[0], DOTS[1])
    fires, others = ax.collections
    assert fires.get_offsets().tolist() == [[1.0, 2.0], [2.5, -3.0]] and others.get_offsets().tolist() == [[-1.0, 0.5]]
    assert [to_hex(part.get_facecolor()[0]).upper() for part in (fires, others)] == [palette.color("query"), palette.color("feed-forward")]
    shapes = [part.get_paths()[0].vertices.shape for part in (fires, others)]
    assert shapes[0] != shapes[1], "color is never the only sign"


@pytest.mark.parametrize("given, words", [
    (dict(sets={}), "sets must hold 1 to 4 sets of dots, got 0"),
    (dict(sets={str(i): DOTS for i in range(5)}), "got 5"),
    (dict(sets={"a": ([[1, 2, 3]], [1])}), r"'a' must have points of shape \(n, 2\) .* got \(1, 3\)"),
    (dict(sets={"a": ([[1, 2]] * 61, [1] * 61)}), "n from 1 to 60"),
    (dict(sets={"a": ([[1, 2]], [2])}), "a label 0 or 1 for each of its 1 points"),
    (dict(sets={"a": ([[1, 2]], [1, 0])}), "a label 0 or 1"),
    (dict(sets={"a": ([[1, 3.5]], [1])}), "within ±3"),
    (dict(sets={"a": ([[1, np.nan]], [1])}), "within ±3"),
    (dict(weights=(2.5, 0)), "weights must be two numbers within ±2"),
    (dict(weights=(1, 2, 0)), "weights must be two numbers"),
    (dict(bias=np.inf), "bias within ±4"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_named(given, words):
    with pytest.raises(ValueError, match=words):
        neuron_view(**{"sets": {"one": DOTS}} | given, **WORDS)


@pytest.mark.parametrize("words", [dict(alt="", caption="c"), dict(alt="a", caption=" ")])
def test_words_are_required(words):
    with pytest.raises(ValueError, match="must say something"):
        neuron_view({"one": DOTS}, **words)
