"""The clocks in a real browser: sliders, buttons and ticking; the words say what Python computes; nothing is cut off."""

import functools
import math
import re

import pytest

from shared.visuals.position_clocks import BASES, WIDTHS, clocks_film, look_alike, position_clocks
from tests.browser.test_interactives import nothing_cut

WORDS = dict(alt="Each pair of columns is the tip of a hand.", caption="Set the sliders.")


def put(frame, **given) -> None:
    """Set sliders: width and base by their place in the list, position by its number."""
    for name, value in given.items():
        slider = frame.locator("input").nth(("width", "position", "base").index(name))
        slider.evaluate("(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value)


def tips(frame) -> list[tuple[float, float]]:
    """Where the hands end, as (sine, cosine)."""
    found = frame.evaluate("""() => [...document.querySelectorAll('.clocks line')].map(l => {
      const [x, y, u, v] = ['x1', 'y1', 'x2', 'y2'].map(name => Number(l.getAttribute(name)));
      const far = Math.hypot(u - x, v - y);
      return [(u - x) / far, (y - v) / far];
    })""")
    return [tuple(tip) for tip in found]


@pytest.mark.parametrize("width, position, base", [(0, 5, 3), (2, 6, 3), (3, 123, 1), (4, 199, 4)])
def test_hands_stand_at_sine_and_cosine(show, width, position, base):  # noqa: F811
    _, frame = show(position_clocks(**WORDS))
    put(frame, width=width, position=position, base=base)
    d_model = WIDTHS[width]
    expected = [position / BASES[base] ** (2 * i / d_model) for i in range(d_model // 2)]
    found = tips(frame)
    assert len(found) == len(expected)
    for (sine, cosine), angle in zip(found, expected):
        assert sine == pytest.approx(math.sin(angle), abs=1e-6) and cosine == pytest.approx(math.cos(angle), abs=1e-6)


def test_the_words_name_the_look_alike_of_python(show):  # noqa: F811
    _, frame = show(position_clocks(**WORDS))
    for width, position, base in [(0, 0, 3), (0, 44, 3), (1, 10, 1), (2, 6, 3), (4, 199, 4)]:
        put(frame, width=width, position=position, base=base)
        other, most = look_alike(position, WIDTHS[width], BASES[base])
        said = frame.locator(".says").inner_text().replace("−", "-")
        found = re.search(r"most like it: (?:its neighbor, )?(\d+).*\((-?[\d.]+);", said)
        assert int(found[1]) == other and float(found[2]) == pytest.approx(most, abs=6e-4)


def test_the_table_is_colored_by_sign(show):  # noqa: F811
    _, frame = show(position_clocks(2, 0, **WORDS))
    pixel = "([x, y]) => [...document.querySelector('canvas').getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"
    for place in range(10):
        for column, value in enumerate((math.sin(place), math.cos(place))):
            red, _, blue = frame.evaluate(pixel, [column, place])
            assert (blue > red) == (value > 0) or abs(value) < 0.02


def test_buttons_and_keys_move_the_position(show):  # noqa: F811
    page, frame = show(position_clocks(8, 6, **WORDS))
    frame.get_by_role("button", name="one place on").click()
    assert frame.locator("output").nth(1).inner_text() == "7"
    assert "Place 7." in frame.locator("[role=status]").text_content()
    frame.get_by_role("button", name="one place back").click()
    frame.locator("input").nth(1).focus()
    page.keyboard.press("End")
    frame.wait_for_function("() => document.querySelectorAll('output')[1].textContent === '199'")
    assert frame.locator("input").nth(1).get_attribute("aria-label") == "position"


def test_it_ticks_only_when_asked_and_stops(show):  # noqa: F811
    page, frame = show(position_clocks(8, 0, **WORDS))
    page.wait_for_timeout(700)
    assert frame.locator("output").nth(1).inner_text() == "0"
    frame.get_by_role("button", name="Tick").click()
    frame.wait_for_function("() => Number(document.querySelectorAll('output')[1].textContent) >= 2")
    frame.get_by_role("button", name="Stop").click()
    now = frame.locator("output").nth(1).inner_text()
    page.wait_for_timeout(700)
    assert frame.locator("output").nth(1).inner_text() == now


@pytest.mark.parametrize("width", [900, 682, 640, 360, 320])
def test_it_fits_every_width(show, width):  # noqa: F811
    page, frame = show(position_clocks(**WORDS), width=width, height=1300)
    nothing_cut(frame)
    for size in range(len(WIDTHS)):
        put(frame, width=size, position=199, base=0)
        nothing_cut(frame)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_without_script_the_words_remain(show):  # noqa: F811
    page, _ = show(position_clocks(**WORDS), script=False)
    assert WORDS["alt"] in page.frames[1].locator("noscript, p").all_inner_texts()[0]


# --- the film ---------------------------------------------------------------------------------------------------------


def test_the_film_shows_each_place_with_its_hands_and_numbers(show):  # noqa: F811
    _, frame = show(clocks_film([0, 3, 628], ["It begins.", "Half a round.", "Much later."], 8, start=1, **WORDS))
    for place in (3, 628):
        if place == 628:
            frame.get_by_role("button", name="next frame").click()
        assert frame.locator(".place").text_content() == f"place {place}"
        values = [float(text.replace("−", "-")) for text in frame.locator(".value").all_text_contents()]
        expected = [wave(place / 10000 ** (2 * i / 8)) for i in range(4) for wave in (math.sin, math.cos)]
        assert values == pytest.approx(expected, abs=0.0051)
        hand = frame.locator(".hand").first
        x, y = (float(hand.get_attribute(b)) - float(hand.get_attribute(a)) for a, b in (("x1", "x2"), ("y1", "y2")))
        assert x / math.hypot(x, y) == pytest.approx(math.sin(place), abs=1e-6) and -y / math.hypot(x, y) == pytest.approx(math.cos(place), abs=1e-6)


@functools.cache
def long_film(d_model: int):
    says = ["A sentence that is as long as those of the lesson are, with rounds so far: 0.48 · 0.05 · 0.00 · 0.00."] * 2
    return clocks_film([0, 6283], says, d_model, **WORDS)


@pytest.mark.parametrize("width", [900, 540, 360, 320])
def test_the_film_fits_every_width(show, width):  # noqa: F811
    for d_model in (2, 8, 32):
        _, frame = show(long_film(d_model), width=width)
        nothing_cut(frame)
