"""The drawings of the encoder–decoder: what is drawn, and what is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from shared.visuals.towers import draw_links, draw_norm_order


@pytest.fixture
def ax():
    return Figure(figsize=(4, 3)).subplots()


def test_there_is_a_line_for_every_look_and_none_for_no_look(ax):
    draw_links(ax, ["▸", "t"], ["s", "t", "$x$"], np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]), title="cross")
    assert len(ax.lines) == 3
    widths = sorted(line.get_linewidth() for line in ax.lines)
    assert widths[0] == widths[1] < widths[2]  # half a share twice, a whole one once
    words = [text.get_text() for text in ax.texts]
    assert words.count("t") == 2 and "$x$" in words and {"asks", "is asked"} <= set(words)
    assert not any(text.get_parse_math() for text in ax.texts if "$" in text.get_text())


def test_permission_may_be_true_and_false(ax):
    draw_links(ax, list("abc"), list("abc"), np.tril(np.ones((3, 3), dtype=bool)))
    assert len(ax.lines) == 6


@pytest.mark.parametrize("weights, words", [
    (np.ones((2, 2)), r"shape \(2, 2\) do not fit 2 query tokens and 3 key tokens"),
    (np.full((2, 3), 1.2), "from 0 to 1"),
    (np.full((2, 3), np.nan), "from 0 to 1"),
])  # fmt: skip
def test_links_name_what_is_wrong(ax, weights, words):
    with pytest.raises(ValueError, match=words):
        draw_links(ax, ["a", "b"], ["c", "d", "e"], weights)


@pytest.mark.parametrize("order", ["post-LN", "pre-LN"])
def test_the_norm_stands_where_it_belongs(ax, order):
    draw_norm_order(ax, order, part="feed-forward")
    at = {text.get_text(): text.get_position()[0] for text in ax.texts}
    road = ["x", "norm", "feed-forward", "+"] if order == "pre-LN" else ["x", "feed-forward", "+", "norm"]
    assert sorted(road, key=at.get) == road
    plt.close("all")


def test_another_order_is_refused(ax):
    with pytest.raises(ValueError, match="post-LN, pre-LN; got 'mid-LN'"):
        draw_norm_order(ax, "mid-LN")
