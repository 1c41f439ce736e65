"""Two arrows and their angle: what the view carries, what its still shows, and what it refuses."""

import io

import numpy as np
import pytest
from PIL import Image

from shared.visuals.angle import angle_view, cosine_in_words
from tests.visuals.test_page import data_of

WORDS = dict(alt="The cosine depends on the angle alone.", caption="Drag the dark arrow.")


def test_the_view_starts_where_the_arrows_are():
    page = angle_view((2, 0), (0, 3), **WORDS)
    data = data_of(page)
    assert data["a"] == [2.0, 0.0] and data["start"] == {"turn": 90, "length": 3.0} and data["names"] == ["a", "b"]
    assert data_of(angle_view((0, 3), (2, 0), **WORDS))["start"] == {"turn": -90, "length": 2.0}  # clockwise is negative


@pytest.mark.parametrize("b, turn", [((2, 1), 0), ((-2, -1), 180), ((1, -2), -90)])
def test_angles_are_taken_from_the_first_arrow(b, turn):
    assert abs(data_of(angle_view((2, 1), b, **WORDS))["start"]["turn"]) == abs(turn)


def test_it_starts_exactly_at_the_given_arrow():
    start = data_of(angle_view((3, 1), (1, 2), **WORDS))["start"]
    assert start["turn"] == pytest.approx(45) and start["length"] == pytest.approx(5**0.5, abs=1e-6)
    assert 10**0.5 * start["length"] * np.cos(np.radians(start["turn"])) == pytest.approx(5, abs=1e-4)  # the dot product 3·1 + 1·2


def test_it_is_small_and_leaves_a_still_with_its_words():
    page = angle_view(**WORDS)
    assert page.kind == "interactive" and 'alt="The cosine depends on the angle alone."' in page.html
    assert Image.open(io.BytesIO(page.still.png)).width > 600 and len(page.still.png) < 60_000
    assert len(page.html) < 110_000
    assert page.html == angle_view(**WORDS).html  # the same every time


def test_every_angle_has_words():
    said = [cosine_in_words(turn) for turn in (0, 1, 60, 90, 91, 170, 180)]
    assert said[0] == "exactly the same way" and said[3] == "at a right angle" and said[-1] == "exactly opposite ways"
    assert len(set(said)) == 7 and cosine_in_words(-60) == said[2]


def test_names_are_text_and_never_markup():
    page = angle_view(names=("<b>x</b>", "</script>"), **WORDS)
    assert "</script>" not in page.document.split('id="data">')[1].split("</script><script>")[0]


@pytest.mark.parametrize("given, words", [
    (dict(a=(0, 0)), "a must have a length from 0.5 to 4, got 0"),
    (dict(b=(5, 5)), "b must have a length from 0.5 to 4"),
    (dict(a=(1, 2, 3)), r"a must be two finite numbers \(x, y\)"),
    (dict(b=(np.nan, 1)), "b must be two finite numbers"),
    (dict(b="north"), "b must be two numbers"),
    (dict(names="ab"), "names must be two different texts"),
    (dict(names=("a", "a")), "names must be two different texts"),
    (dict(names=("a", " ")), "names must be two different texts"),
    (dict(names=("a", "x" * 15)), "at most 14 letters"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_named(given, words):
    with pytest.raises(ValueError, match=words):
        angle_view(**given, **WORDS)


@pytest.mark.parametrize("words", [dict(alt="", caption="c"), dict(alt="a", caption=" ")])
def test_words_are_required(words):
    with pytest.raises(ValueError, match="must say something"):
        angle_view(**words)
