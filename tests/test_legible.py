"""Legibility against published values, and the preview of a slide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from shared.decks import Slide
from shared.decks.legible import MISSING, arc_minutes, contrast, letter_height, linear, seen_without
from shared.decks.preview import draw_slide

COLORS = st.from_regex(r"\A#[0-9a-f]{6}\Z")


@pytest.mark.parametrize("one, other, ratio", [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59), ("#ffff00", "#ffffff", 1.07)])
def test_contrast_has_the_published_values(one, other, ratio):
    """The values that WCAG's own checkers give; #777777 on white is the well-known near miss of 4.5."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@given(COLORS, COLORS)
def test_contrast_is_symmetric_and_between_1_and_21(one, other):
    assert contrast(one, other) == contrast(other, one) and 1 <= contrast(one, other) <= 21.0001


def test_the_angle_of_a_letter():
    """One meter at 57.3 meters is a degree: 60 minutes. An optician's 20/20 letter, 8.73 mm at 6 m, is 5 minutes."""
    assert arc_minutes(1, 57.29) == pytest.approx(60, abs=0.01)
    assert arc_minutes(0.00873, 6) == pytest.approx(5, abs=0.01)
    # 36 points are half an inch: a small letter is a quarter inch of 7.5, so a thirtieth of the wall's picture
    assert letter_height(36, 7.5, 1.5) == pytest.approx(1.5 / 30)


def test_missing_cones_leave_gray_gray_and_make_red_and_green_alike():
    gray = np.full((1, 1, 3), 128, np.uint8)
    for cones in MISSING:
        assert np.abs(seen_without(gray, cones).astype(int) - 128).max() <= 1
    red_green = np.array([[[200, 0, 0], [127, 112, 0]]], np.uint8)  # a red and an olive
    before = np.abs(np.diff(red_green.astype(int), axis=1)).sum()
    after = np.abs(np.diff(seen_without(red_green, "green cones (deuteranopia)").astype(int), axis=1)).sum()
    assert after < 0.15 * before


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: linear("red"), "written \"#RRGGBB\""),
        (lambda: linear("#12345g"), "written \"#RRGGBB\""),
        (lambda: arc_minutes(1, 0), "distance positive"),
        (lambda: letter_height(0, 1, 1), "must be positive"),
        (lambda: seen_without(np.zeros((2, 2, 3)), "blue cones (tritanopia)"), "of uint8"),
        (lambda: seen_without(np.zeros((2, 2, 3), np.uint8), "x"), "cones must be one of"),
        (lambda: draw_slide(Slide("T"), 3, 2), "number must be 1 to 2"),
    ],
)
def test_bad_input_gets_a_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_the_preview_keeps_words_and_picture_on_the_page(tmp_path):
    path = tmp_path / "p.png"
    Image.new("RGB", (400, 300), "#0072B2").save(path)
    slide = Slide("A title that is long enough to need $two$ lines on a page", path, "a blue rectangle, nothing else", ("x" * 100, "one more", "and a third"))
    drawing = draw_slide(slide, 1, 2)
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    renderer, page = canvas.get_renderer(), drawing.bbox
    for text in drawing.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.x1 <= page.x1 and box.y0 >= 0 and box.y1 <= page.y1, text.get_text()
    # x grows to the right, y downward: the picture's upper edge is above its lower edge
    left, right, bottom, top = drawing.axes[0].images[0].get_extent()
    assert 0 <= left < right <= 13.34 and 0 <= top < bottom <= 7.5
