"""A computation as boxes and arrows: every value and slope stands at its box, and arrows run the way they should."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from shared.visuals import palette
from shared.visuals.graph import HALF_HEIGHT, HALF_WIDTH, draw_graph

PLACES = {"w": (0, 2), "x": (0, 1), "z": (1, 1), "loss": (2, 1)}
EDGES = [("w", "z"), ("x", "z"), ("z", "loss")]


def drawn(**given):
    ax = Figure(figsize=(6, 3)).subplots()
    draw_graph(ax, PLACES, EDGES, **{"values": {"w": 1.5, "x": 2, "z": 3}} | given)
    return ax


def labels(ax) -> dict[str, tuple[float, float]]:
    return {text.get_text(): text.get_position() for text in ax.texts if text.get_text()}


def arrows(ax) -> dict[tuple, float]:
    """(box it leaves, box it points to) -> how thick it is. A box is known by its place."""

    def box(point) -> str:
        return min(PLACES, key=lambda name: np.abs((np.array(PLACES[name]) - point) / (HALF_WIDTH, HALF_HEIGHT)).max())

    return {(box(a.xyann), box(a.xy)): a.arrow_patch.get_linewidth() for a in ax.texts if getattr(a, "arrow_patch", None)}


def test_values_stand_in_their_boxes():
    found = labels(drawn())
    for name, said in (("w", "1.5"), ("x", "2"), ("z", "3")):
        (x, y), (column, row) = found[said], PLACES[name]
        assert abs(x - column) < HALF_WIDTH and abs(y - row) < HALF_HEIGHT
    assert set(PLACES) <= set(found)
    assert len(drawn().findobj(FancyBboxPatch)) >= len(PLACES)


def test_slopes_stand_above_the_top_row_and_below_the_others():
    found = labels(drawn(slopes={"w": 12, "z": -6.0, "x": 0.125}))
    assert found["slope 12"][1] > 2 + HALF_HEIGHT
    assert found["slope −6"] == pytest.approx((1, 1 - HALF_HEIGHT - 0.12))
    assert "slope 0.12" in found


def test_arrows_run_forward_and_lit_ones_are_strong():
    found = arrows(drawn(lit=[("w", "z")]))
    assert set(found) == set(EDGES)
    assert found["w", "z"] > found["x", "z"] == found["z", "loss"]


def test_slopes_run_against_the_arrow_that_they_belong_to():
    ax = drawn(lit=[("z", "loss")], backward=True)
    found = arrows(ax)
    assert set(found) == {("w", "z"), ("x", "z"), ("loss", "z")}
    colors = {to_hex(a.arrow_patch.get_edgecolor()).upper() for a in ax.texts if getattr(a, "arrow_patch", None)}
    assert palette.color("feed-forward") in colors


def test_arrows_begin_and_end_at_the_edges_of_boxes():
    for a in drawn().texts:
        if getattr(a, "arrow_patch", None):
            for point in (a.xy, a.xyann):
                off = min(np.abs((np.array(place) - point) / (HALF_WIDTH, HALF_HEIGHT)).max() for place in PLACES.values())
                assert off == pytest.approx(1)


def test_a_negative_zero_is_zero():
    assert "0" in labels(drawn(values={"z": -0.0001}))


@pytest.mark.parametrize("given, words", [
    (dict(values={"y": 1}), "values names the box 'y'"),
    (dict(slopes={"y": 1}), "slopes names the box 'y'"),
    (dict(lit=[("w", "y")]), "lit names the box 'y'"),
])  # fmt: skip
def test_a_box_that_is_not_there_is_named(given, words):
    with pytest.raises(ValueError, match=words):
        drawn(**given)


def test_an_edge_into_nowhere_is_named():
    with pytest.raises(ValueError, match="edges names the box 'q', and places has w, x, z, loss"):
        draw_graph(Figure().subplots(), PLACES, [("w", "q")], values={})
