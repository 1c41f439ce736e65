"""The two arrows in a real browser: dragged, moved by keys and by buttons, read aloud, looked at on a phone."""

import math

import pytest

from shared.visuals.angle import angle_view, cosine_in_words
from tests.browser.test_interactives import becomes, enter, number, nothing_cut

WORDS = dict(alt="The cosine depends on the angle alone.", caption="Drag b.")


def result(frame) -> float:
    return number(frame.locator(".result").inner_text().split("=")[-1])


def dot(frame) -> float:
    return number(frame.locator(".dot").inner_text().split("=")[-1])


def drag_to(page, frame, x: float, y: float) -> None:
    """Pull the tip of b to a place of the plane."""
    box = frame.locator(".plane").bounding_box()
    place = lambda u, v: (box["x"] + box["width"] * (u + 4) / 8, box["y"] + box["height"] * (4 - v) / 8)  # noqa: E731
    page.mouse.move(*place(1, 2))
    page.mouse.down()
    page.mouse.move(*place(x, y), steps=4)
    page.mouse.up()


def test_it_starts_with_the_numbers_of_its_arrows(show):  # noqa: F811
    _, frame = show(angle_view((3, 1), (1, 2), **WORDS))
    assert dot(frame) == 5.0 and result(frame) == pytest.approx(0.71)
    assert "45° apart" in frame.locator(".said").inner_text()


@pytest.mark.parametrize("x, y", [(3, 1), (-1, 3), (-3, -1), (0.5, -3.2), (3.9, 3.9)])
def test_dragging_moves_angle_and_length(show, x, y):  # noqa: F811
    page, frame = show(angle_view((3, 1), (1, 2), **WORDS))
    drag_to(page, frame, x, y)
    length = min(math.hypot(x, y), 4.0)
    cosine = (3 * x + y) / math.hypot(3, 1) / math.hypot(x, y)
    assert result(frame) == pytest.approx(cosine, abs=0.02)
    assert dot(frame) == pytest.approx(cosine * length * math.hypot(3, 1), abs=0.25)
    turn = math.degrees(math.acos(max(-1, min(1, cosine))))
    apart = int(frame.locator(".degrees").text_content().rstrip("°"))
    assert abs(apart - turn) <= 1.6 and f"point {cosine_in_words(apart)}:" in frame.locator(".said").inner_text()


def test_a_longer_arrow_changes_the_dot_product_alone(show):  # noqa: F811
    page, frame = show(angle_view((3, 1), (1, 2), **WORDS))
    before = dot(frame)
    frame.locator("input").nth(1).focus()
    page.keyboard.press("End")
    frame.wait_for_function("() => document.querySelector('.lengths').textContent.includes('4.00')")
    assert dot(frame) == pytest.approx(before * 4 / 5**0.5, abs=0.02) and result(frame) == pytest.approx(0.71)


def test_from_the_keyboard_alone(show):  # noqa: F811
    page, frame = show(angle_view((3, 1), (1, 2), **WORDS))
    enter(page, frame)
    page.keyboard.press("End")
    becomes(frame, ".degrees", "180°")
    assert result(frame) == -1.0
    page.keyboard.press("ArrowLeft")
    becomes(frame, ".degrees", "179°")
    said = frame.locator("input").first.get_attribute("aria-valuetext")
    assert said.startswith("179°") and "cosine −1.00" in said
    assert frame.locator("input").first.get_attribute("aria-label") == "angle of b"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the first button
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    becomes(frame, ".degrees", "90°")
    assert result(frame) == 0.0 and dot(frame) == 0.0
    # a reader's voice gets one sentence when all has come to rest
    becomes(frame, "[role=status]", "a and b point at a right angle: 90° apart. Cosine 0.00.")


def test_words_in_the_page_are_those_of_python(show):  # noqa: F811
    page, frame = show(angle_view((2, 0), (2, 1), **WORDS))
    slider = frame.locator("input").first
    for turn in (0, 17, -60, 90, 120, -170, 180):
        slider.evaluate("(input, turn) => { input.value = turn; input.dispatchEvent(new Event('input')); }", turn)
        assert f"point {cosine_in_words(turn)}:" in frame.locator(".said").inner_text()


@pytest.mark.parametrize("width", [900, 732, 640, 360, 320])
def test_it_fits_every_width(show, width):  # noqa: F811
    page, frame = show(angle_view(names=("<b>king</b>", "queen of water"), **WORDS), width=width)
    nothing_cut(frame)
    for turn in (-180, -90, 135):
        frame.locator("input").first.evaluate("(input, turn) => { input.value = turn; input.dispatchEvent(new Event('input')); }", turn)
        nothing_cut(frame)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_without_script_the_words_remain(show):  # noqa: F811
    page, _ = show(angle_view(**WORDS), script=False)
    assert "The cosine depends on the angle alone." in page.frames[1].locator("noscript, p").all_inner_texts()[0]
