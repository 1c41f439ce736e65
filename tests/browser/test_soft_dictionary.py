"""The soft dictionary in a real browser: it turns, its numbers are softmax's, and nothing is cut off."""

import numpy as np
import pytest

from shared.visuals.soft_dictionary import shares, soft_dictionary

KEYS = np.array([[2.0, -0.6], [1.4, 1.6], [-1.6, 1.2], [-1.0, -1.8]])
VALUES = np.array([[1.0, 1.0], [4.0, 1.5], [4.5, 4.5], [0.5, 4.0]])


@pytest.fixture
def frame(inside_of, request):
    view = soft_dictionary(
        KEYS, VALUES, ["cat", "dog", "bird", "frog"], ["mat", "rug", "branch", "log"], np.array([1.9, -0.4]),
        query_name="kitten", alt="Kitten lands near the mat.", caption="Turn it.",
    )  # fmt: skip
    return inside_of(view, getattr(request, "param", 900), 1000)


def said(frame) -> list[int]:
    return [int(row.inner_text().split("%")[0].split()[-1]) for row in frame.locator(".row").all()[1:]]


def test_turning_and_stretching_changes_the_shares(frame):
    assert said(frame) == (100 * shares(np.array([1.9, -0.4]), KEYS)).round().astype(int).tolist()
    direction, length = frame.locator("input").all()
    direction.focus()
    before = direction.input_value()
    direction.press("ArrowLeft")
    assert direction.input_value() != before
    for slider, value in ((direction, 95), (length, 4)):
        slider.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", value)
    turn = np.radians(95)
    assert said(frame) == (100 * shares(4 * np.array([np.cos(turn), np.sin(turn)]), KEYS)).round().astype(int).tolist()
    length.evaluate("e => { e.value = 0; e.dispatchEvent(new Event('input')); }")
    assert said(frame) == [25] * 4 and "plain average" in frame.locator(".says").inner_text()


@pytest.mark.parametrize("frame", [360, 480, 560, 690, 720, 900], indirect=True)
def test_nothing_is_cut_off(frame):
    high, seen, wide, across = frame.evaluate("[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]")
    assert high <= seen and wide <= across
