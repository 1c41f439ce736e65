"""The shaded text in a real browser: buttons change the measurement, words are reached by mouse and keys, nothing is cut off."""

import numpy as np
import pytest

from shared.visuals.shaded_text import shaded_text

WORDS = ("Mia had a red ball . Her friend Tom had a blue kite . </span> <img src=x onerror=alert(1)> " * 5).split()
VALUES = np.random.default_rng(2).normal(size=(3, len(WORDS)))
NAMES = ["layer 0, neuron 3", "layer 2, neuron 411", "layer 3, neuron 7"]


@pytest.fixture
def frame(inside_of, request):
    about = {"concept": "feed-forward", "what": "activation", "alt": "It fires at Mia.", "caption": "Choose a neuron."}
    view = shaded_text(WORDS, VALUES, NAMES, **about)
    return inside_of(view, getattr(request, "param", 900), 1500)


def test_it_starts_at_the_highest_word_and_buttons_change_what_is_shown(frame):
    for row, name in enumerate(NAMES):
        frame.get_by_role("button", name=name).click()
        best = int(VALUES[row].argmax())
        said = frame.locator(".says").inner_text()
        assert said.startswith(name) and f"{VALUES[row, best]:.2f} at “{WORDS[best]}”" in said
        assert frame.locator(".top").inner_text().split()[1] == WORDS[best]
    assert frame.locator(".word").count() == len(WORDS) and frame.locator("img").count() == 0


def test_words_are_reached_by_keys_and_mouse(frame):
    frame.locator(".word").nth(4).click()
    assert f"{VALUES[0, 4]:.2f}".replace("-", "−") in frame.locator(".says").inner_text()
    frame.page.keyboard.press("ArrowRight")
    assert "word 6 of" in frame.locator(".says").inner_text()
    assert frame.evaluate("document.activeElement.classList.contains('here')")
    assert frame.locator(".word[tabindex='0']").count() == 1


@pytest.mark.parametrize("frame", [360, 450, 640, 700, 820, 900], indirect=True)
def test_nothing_is_cut_off(frame):
    high, seen, wide, across = frame.evaluate("[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]")
    assert high <= seen and wide <= across
