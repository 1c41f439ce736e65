"""The neuron in a real browser: sliders, sets, single dots, keys, a phone; its verdict against numbers computed here."""

import re

import numpy as np
import pytest

from shared.visuals.neuron import neuron_view
from tests.browser.test_interactives import becomes, enter, nothing_cut, number

WORDS = dict(alt="Weights tip the line, the bias shifts it.", caption="Move the sliders.")
NUMBERS = np.random.default_rng(4)
POINTS, LABELS = NUMBERS.uniform(-2.9, 2.9, (20, 2)).round(2), NUMBERS.integers(0, 2, 20)
EASY = ([[1.0, 1.0], [2.0, -0.5], [-1.0, -1.0], [-2.0, 0.5]], [1, 1, 0, 0])


def view(**given):
    return neuron_view({"easy": EASY, "a <b>second</b> set": (POINTS, LABELS)}, **given, **WORDS)


def move(frame, *values) -> None:
    for i, value in enumerate(values):
        frame.locator("input").nth(i).evaluate("(input, n) => { input.value = n; input.dispatchEvent(new Event('input')); }", value)


def verdict(frame) -> str:
    return frame.locator(".verdict").inner_text()


def test_it_starts_with_its_numbers_and_its_first_set(show):  # noqa: F811
    _, frame = show(view(weights=(0.0, 1.0), bias=-1.5))
    assert frame.locator(".formula").inner_text() == "z = 0.0·x₁ + 1.0·x₂ − 1.5"
    assert verdict(frame) == "2 of 4 dots right; the wrong ones are crossed out."
    assert frame.locator(".plane .cross:visible").count() == 2


def test_the_verdict_is_right_wherever_the_sliders_stand(show):  # noqa: F811
    _, frame = show(view())
    frame.locator(".sets button").nth(1).click()
    for w1, w2, b in NUMBERS.uniform(-1, 1, (12, 3)) * (2, 2, 4):
        move(frame, w1, w2, b)
        w1, w2, b = (number(frame.locator(".value").nth(i).inner_text()) for i in range(3))  # as the sliders round them
        fires = POINTS @ np.array([w1, w2]) + b > 1e-9
        right = int((fires == (LABELS == 1)).sum())
        assert verdict(frame).startswith(f"{right} of 20 dots right"), (w1, w2, b)
        assert frame.locator(".plane .cross:visible").count() == 20 - right


@pytest.mark.parametrize("w1, w2, b", [(1, 0.5, 0.4), (-0.7, 1.2, -1), (0, 1, 2), (2, 0, -3)])
def test_the_line_is_drawn_where_the_sum_is_zero(show, w1, w2, b):  # noqa: F811
    _, frame = show(view())
    move(frame, w1, w2, b)
    line = frame.locator(".plane line")
    scale = (360 - 2 * 42) / 6
    for end in "12":
        x = (float(line.get_attribute(f"x{end}")) - 42) / scale - 3
        y = (360 - 42 - float(line.get_attribute(f"y{end}"))) / scale - 3
        assert abs(w1 * x + w2 * y + b) < 0.03


def test_without_a_line_it_says_so(show):  # noqa: F811
    _, frame = show(view())
    move(frame, 0, 0, 1)
    assert frame.locator(".where").inner_text() == "Both weights are 0: no line, every dot fires."
    move(frame, 0.1, 0, 4)
    assert frame.locator(".where").inner_text() == "The line has left the plane."
    assert not frame.locator(".plane line").is_visible()


def test_a_dot_shows_its_sum(show):  # noqa: F811
    _, frame = show(view(weights=(1.0, -2.0), bias=0.5))
    frame.get_by_label("next dot").click()
    assert frame.locator(".dot").inner_text() == "circle, 2 of 4: fires"
    assert frame.locator(".sum").inner_text() == "1.0·2.0 − 2.0·(−0.5) + 0.5 = 3.50"
    frame.get_by_label("previous dot").click()
    frame.get_by_label("previous dot").click()
    assert re.match(r"triangle, 4 of 4: does not fire", frame.locator(".dot").inner_text())


def test_from_the_keyboard_alone(show):  # noqa: F811
    page, frame = show(view(weights=(1.0, 0.0)))
    enter(page, frame)
    assert frame.evaluate("() => document.activeElement.textContent") == "easy"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the first slider
    page.keyboard.press("End")
    becomes(frame, ".formula", "z = 2.0·x₁ + 0.0·x₂ + 0.0")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    becomes(frame, ".formula", "z = 2.0·x₁ − 0.1·x₂ + 0.0")
    assert frame.locator("input").nth(1).get_attribute("aria-valuetext") == "−0.1"
    assert verdict(frame) == "All 4 dots right: solved."


def test_restart_brings_the_first_numbers_back(show):  # noqa: F811
    _, frame = show(view(weights=(0.5, -0.5), bias=1.0))
    before = frame.locator(".formula").inner_text()
    move(frame, 2, 2, -4)
    assert frame.locator(".formula").inner_text() != before
    frame.get_by_text("Restart").click()
    assert frame.locator(".formula").inner_text() == before


@pytest.mark.parametrize("width", [900, 732, 640, 360, 320])
def test_it_fits_every_width(show, width):  # noqa: F811
    page, frame = show(view(), width=width)
    nothing_cut(frame)
    for numbers in ((-2, -2, -4), (0, 0, 0), (-0.1, 1.9, -3.3)):
        move(frame, *numbers)
        nothing_cut(frame)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_without_script_the_words_remain(show):  # noqa: F811
    page, _ = show(view(), script=False)
    assert "Weights tip the line" in page.frames[1].locator("noscript, p").all_inner_texts()[0]
