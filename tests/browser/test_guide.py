"""The learner's guide in a real browser: wide and as narrow as a telephone, with a deck inside, and with no network."""

import pytest
from PIL import Image

from shared.decks import Slide, save_reveal
from shared.learning.guide import Chapter, Shown, save_guide
from shared.learning.progress_map import State

STATES = {"w1d3": State(3, 14, 1, 3, True), "w4d5": State(12, 12, 3, 3, True)}


@pytest.fixture
def guide(new_page, tmp_path):
    """A function that opens a guide with a picture, a deck, a quote and the results: guide(width) -> page, its faults in `page.faults`."""
    Image.new("RGB", (1400, 500), "#0072B2").save(tmp_path / "wide.png")
    deck = save_reveal([Slide("Attention is a soft lookup", tmp_path / "wide.png", "A blue map of weights", ("one", "two"))], tmp_path / "deck.html", title="Transformers")
    first = Chapter("A title", "Words.\n\n" + "x" * 200, (Shown(tmp_path / "wide.png", "A map", "Look here."), Shown(deck, "A deck")), (("Why?", "<b>x</b> & more"),))
    path = save_guide([first, Chapter("Second", "More words. " * 120)], tmp_path / "guide.html", title="How I learned", author="Ada", states=STATES)
    def opened(width):
        page = new_page(width, 900)
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: page.faults.append(request.url) if request.url.startswith("http") else None)
        page.goto(path.as_uri())
        page.locator("iframe").scroll_into_view_if_needed()
        page.frame_locator("iframe").locator(".reveal.ready").wait_for()
        return page

    return opened


@pytest.mark.parametrize("width", [1100, 360])
def test_everything_stands_inside_of_the_page(guide, width):
    page = guide(width)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.locator("figure img").evaluate("i => i.naturalWidth === 1400 && i.getBoundingClientRect().right <= innerWidth")
    assert page.locator("blockquote").inner_text() == "<b>x</b> & more"
    # a heading of the table breaks between words, never inside of one
    narrow = page.locator("thead th").evaluate_all("""all => all.filter(th => { const words = th.innerText.split(" "); th.innerHTML =
        words.map(word => `<span>${word}</span>`).join(" "); return [...th.children].some(word => word.getClientRects().length > 1) }).map(th => th.innerText)""")
    assert narrow == []
    assert page.faults == []


@pytest.mark.parametrize("width", [1100, 360])
def test_a_deck_inside_turns_its_pages(guide, width):
    page = guide(width)
    deck = page.frame_locator("iframe")
    assert deck.locator("section.present").inner_text().startswith("Transformers")
    deck.locator("button.navigate-right").click()
    assert "soft lookup" in deck.locator("section.present").inner_text()
    assert page.faults == []


def test_a_chapter_is_reached_from_the_contents_by_the_keyboard(guide):
    page = guide(1100)
    page.locator("nav a").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#chapter-2').getBoundingClientRect().top < innerHeight")
    assert page.url.endswith("#chapter-2")
