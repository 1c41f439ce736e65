"""The web deck in a real browser: turned by keys, with no network, and the speaker's view."""

import re

import pytest
from PIL import Image

from shared.decks import Slide, save_reveal
from shared.decks.legible import ENOUGH, contrast


@pytest.fixture
def deck(new_page, tmp_path):
    picture = tmp_path / "p.png"
    Image.new("RGB", (900, 500), "#0072B2").save(picture)
    slides = [
        Slide("Attention is a soft lookup", picture, "A blue rectangle in place of a map", ("Queries ask", "Keys answer"), "Say it slowly"),
        Slide("Words </script><script>document.title='hit'</script>", points=("one", "two")),
    ]
    path = save_reveal(slides, tmp_path / "deck.html", title="Transformers", author="Ada")
    page = new_page(1280, 720)
    page.faults, page.away = [], []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: page.away.append(request.url) if request.url.startswith("http") else None)
    page.goto(path.as_uri())
    page.wait_for_selector(".reveal.ready")
    return page


def test_arrow_keys_turn_the_pages(deck):
    shown = lambda: deck.locator(".slides > section.present").inner_text()  # noqa: E731
    assert shown().startswith("Transformers")
    deck.keyboard.press("ArrowRight")
    assert "soft lookup" in shown() and "Queries ask" in shown() and "Say it slowly" not in shown()
    deck.keyboard.press("ArrowRight")
    assert "</script>" in shown() and deck.title() == "Transformers"
    deck.keyboard.press("ArrowLeft")
    assert "soft lookup" in shown()
    assert deck.faults == [] and deck.away == []


def test_picture_and_points_stand_side_by_side_inside_of_the_page(deck):
    deck.keyboard.press("ArrowRight")
    picture, points, heading = (deck.locator(f"section.present {what}").bounding_box() for what in ("img", "ul", "h2"))
    assert picture["x"] >= 0 and picture["x"] + picture["width"] <= points["x"] and points["x"] + points["width"] <= 1280
    assert heading["y"] + heading["height"] <= picture["y"] + 1 and picture["y"] + picture["height"] <= 720


@pytest.mark.parametrize("width", [1280, 360])
def test_the_number_stands_clear_of_the_arrows_and_can_be_read(deck, width):
    deck.set_viewport_size({"width": width, "height": 720})
    deck.keyboard.press("ArrowRight")
    number = deck.locator(".slide-number")
    assert number.inner_text().split() == ["2", "/", "3"]
    place, arrows = number.bounding_box(), deck.locator(".controls").bounding_box()
    assert place["x"] >= 0 and place["x"] + place["width"] <= arrows["x"] and arrows["x"] + arrows["width"] <= width
    ink = [int(part) for part in re.findall(r"\d+", number.evaluate("e => getComputedStyle(e).color"))]
    assert contrast("#{:02X}{:02X}{:02X}".format(*ink[:3]), "#FFFFFF") >= ENOUGH


def test_the_speaker_s_view_opens_and_shows_the_notes(deck):
    deck.keyboard.press("ArrowRight")
    with deck.expect_popup() as waiting:
        deck.keyboard.press("s")
    waiting.value.get_by_text("Say it slowly").wait_for(timeout=15_000)
