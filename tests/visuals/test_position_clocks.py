"""The clocks of the positional encoding: against the course's own encoding, what the view carries, and what it refuses."""

import io

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from shared.attention import positional_encoding
from shared.visuals.position_clocks import BASES, PLACES, WIDTHS, angles, clocks_drawing, clocks_film, draw_clock, look_alike, position_clocks
from tests.visuals.test_page import data_of

WORDS = dict(alt="Each pair of columns is the tip of a hand.", caption="Set the sliders.")


@pytest.mark.parametrize("d_model", WIDTHS)
def test_the_hands_write_the_course_s_encoding(d_model):
    turned = angles(np.arange(PLACES), d_model)
    row = np.stack([np.sin(turned), np.cos(turned)], -1).reshape(PLACES, d_model)
    np.testing.assert_allclose(row, positional_encoding(PLACES, d_model).numpy(), atol=1e-6)


def test_the_tip_of_a_hand_lies_at_sine_and_cosine():
    ax = Figure().subplots()
    draw_clock(ax, 0.5, "pair 0", turns=True, numbers=True)
    hand = max(ax.lines, key=lambda line: line.get_linewidth())
    np.testing.assert_allclose([hand.get_xdata()[1], hand.get_ydata()[1]], [0.9 * np.sin(0.5), 0.9 * np.cos(0.5)])
    assert "sin 0.48   cos 0.88" in [text.get_text() for text in ax.texts]


def test_one_clock_takes_44_places_for_seven_rounds():
    assert look_alike(0, 2) == (44, pytest.approx(np.cos(44.0)))  # 7 · 2π = 43.98
    assert look_alike(44, 2)[0] == 0


@pytest.mark.parametrize("d_model, base", [(2, 10), (4, 100), (8, 10000), (32, 1000)])
def test_the_look_alike_has_the_largest_dot_product(d_model, base):
    for position in (0, 17, 199):
        turned = torch.tensor(angles(np.arange(PLACES), d_model, base))
        rows = torch.stack([turned.sin(), turned.cos()], -1).flatten(1)
        dots = rows @ rows[position] / (d_model / 2)
        dots[position] = -9
        other, most = look_alike(position, d_model, base)
        assert most == pytest.approx(float(dots.max()), abs=1e-9) and float(dots[other]) == pytest.approx(most, abs=1e-9)


def test_the_view_starts_where_it_is_told():
    data = data_of(position_clocks(4, 7, 100, **WORDS))
    assert data["widths"][data["start"]["width"]] == 4 and data["start"]["position"] == 7 and data["bases"][data["start"]["base"]] == 100
    assert data["bases"] == list(BASES)


def test_it_is_small_and_leaves_a_still_with_its_words():
    page = position_clocks(**WORDS)
    assert page.kind == "interactive" and f'alt="{WORDS["alt"]}"' in page.html
    assert Image.open(io.BytesIO(page.still.png)).width > 600 and len(page.html) < 100_000
    assert page.html == position_clocks(**WORDS).html  # the same every time


def test_drawings_of_a_series_have_one_size():
    sizes = {tuple(clocks_drawing(position, 8).get_size_inches()) for position in (0, 3, 5000)}
    assert len(sizes) == 1
    assert clocks_drawing(3, 32) and clocks_drawing(3, 2, title="mine")


def test_a_film_carries_the_speeds_of_the_encoding():
    page = clocks_film([0, 3, 50], ["It begins.", "Half a round.", "Later."], 8, start=1, **WORDS)
    data = data_of(page)
    assert page.kind == "animation" and data["places"] == [0, 3, 50] and data["start"] == 1
    turned = torch.tensor(data["places"], dtype=torch.float64)[:, None] * torch.tensor(data["speeds"], dtype=torch.float64)
    rows = torch.stack([turned.sin(), turned.cos()], -1).flatten(1)
    torch.testing.assert_close(rows.float(), positional_encoding(51, 8)[[0, 3, 50]], atol=1e-6, rtol=0)


def test_a_long_film_stays_small_and_moves_without_script():
    page = clocks_film(range(40), [f"Place {p}." for p in range(40)], 6, 100, **WORDS)
    with Image.open(io.BytesIO(page.still.png)) as still:
        assert still.is_animated and 2 < still.n_frames <= 12
    assert len(page.html) < 150_000
    assert page.html == clocks_film(range(40), [f"Place {p}." for p in range(40)], 6, 100, **WORDS).html


@pytest.mark.parametrize("given, words", [
    (dict(positions=[1]), "positions must be two or more whole numbers"),
    (dict(positions=[1, -2]), "positions must be two or more whole numbers"),
    (dict(positions=[1, 2.5]), "positions must be two or more whole numbers"),
    (dict(says=["one"]), "says must hold one sentence for each of the 2"),
    (dict(says=["one", " "]), "says must hold one sentence"),
    (dict(start=2), "start must be a frame from 0 to 1"),
    (dict(d_model=5), "d_model must be even"),
    (dict(d_model=40), "d_model must be at most 32"),
])  # fmt: skip
def test_a_film_that_cannot_be_made_is_named(given, words):
    with pytest.raises(ValueError, match=words):
        clocks_film(**(dict(positions=[0, 1], says=["one", "two"]) | WORDS | given))


@pytest.mark.parametrize("given, words", [
    (dict(d_model=6), "d_model must be one of"),
    (dict(base=50), "base must be one of"),
    (dict(position=200), "position must be a whole number from 0 to 199"),
    (dict(position=-1), "position must be"),
    (dict(position=True), "position must be"),
    (dict(alt=" "), "must say something"),
])  # fmt: skip
def test_what_cannot_be_shown_is_named(given, words):
    with pytest.raises(ValueError, match=words):
        position_clocks(**(WORDS | given))


@pytest.mark.parametrize("call, words", [
    (lambda: angles(np.arange(3), 5), "d_model must be even"),
    (lambda: angles(np.arange(3), 0), "d_model must be even"),
    (lambda: angles(np.arange(3), 4, base=1), "base must be above 1"),
    (lambda: look_alike(200, 4), "position must lie among the 200 places"),
    (lambda: draw_clock(Figure().subplots(), float("nan")), "angle must be finite"),
    (lambda: clocks_drawing(0, 34), "d_model must be at most 32"),
])  # fmt: skip
def test_what_cannot_be_computed_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
