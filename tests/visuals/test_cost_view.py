"""The cost calculator: what it carries, where it may start, how heads are shared."""

import io

import pytest
from matplotlib.figure import Figure
from PIL import Image

from shared.visuals.cost_view import CONTEXTS, WIDTHS, cost_view, draw_costs, head_width, kv_heads
from tests.visuals.test_page import data_of

WORDS = dict(alt="The cache overtakes the weights where texts are long.", caption="Move the sliders.")


def test_it_carries_its_start_and_is_the_same_every_time():
    page = cost_view(24, 1024, 2048, 4, 1, "one", **WORDS)
    start = data_of(page)["start"]
    assert start["n_layers"] == 24 and start["d_model"] == WIDTHS.index(1024) and start["context"] == CONTEXTS.index(2048)
    assert page.html == cost_view(24, 1024, 2048, 4, 1, "one", **WORDS).html and len(page.html) < 90_000
    assert page.kind == "interactive" and Image.open(io.BytesIO(page.still.png)).width > 700


@pytest.mark.parametrize("n_heads, quarter", [(12, 3), (25, 5), (96, 24), (2, 1), (1, 1), (20, 5), (7, 1)])
def test_a_quarter_of_the_heads_divides_them(n_heads, quarter):
    assert kv_heads(n_heads, "quarter") == quarter and n_heads % quarter == 0
    assert kv_heads(n_heads, "all") == n_heads and kv_heads(n_heads, "one") == 1
    with pytest.raises(ValueError, match="sharing must be one of"):
        kv_heads(n_heads, "half")


def test_every_offered_width_falls_into_heads():
    assert all(width % head_width(width) == 0 for width in WIDTHS)
    assert head_width(1600) == 64 and head_width(12_288) == 128


def test_the_still_says_the_numbers():
    ax = Figure().subplots()
    draw_costs(ax, 12, 768, 1024, bytes_each=4)
    assert "124 M parameters" in ax.get_title(loc="left") and "cache 72 MiB" in ax.texts[0].get_text()
    assert "1.85 GiB" in ax.texts[1].get_text()  # 16 · 124,439,808 / 2³⁰
    weights, cache, train = ax.patches
    assert weights.get_width() * 4 == pytest.approx(train.get_width()) and cache.get_x() == pytest.approx(weights.get_width())


@pytest.mark.parametrize("change, words", [
    (dict(n_layers=0), "n_layers must be a whole number from 1 to 128"), (dict(d_model=700), "d_model must be one of 256, 512"),
    (dict(context=1000), "context must be one of"), (dict(batch=3), "batch must be one of"), (dict(bytes_each=8), "bytes_each must be one of 4, 2, 1"),
    (dict(sharing="half"), "sharing must be one of all, quarter, one"), (dict(text=5.0), "text must be one of"),
])  # fmt: skip
def test_a_start_outside_the_controls_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        cost_view(**change, **WORDS)
