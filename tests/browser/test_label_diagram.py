"""GPT-2 with blanks, in a browser: labeled by keyboard alone, explained one by one, readable on every width."""

import pytest

from shared.visuals.label_diagram import BLANKS, label_the_diagram
from tests.browser.test_interactives import enter, nothing_cut

WORDS = dict(alt="GPT-2 with eight numbered blanks, from the bottom to the top.", caption="Choose a label for each number, then check.")
RIGHT = [label for label, _ in BLANKS.values()]


def test_all_blanks_from_the_keyboard_alone(show):  # noqa: F811
    page, frame = show(label_the_diagram(**WORDS))
    labels = frame.locator("select").first.locator("option").all_inner_texts()
    assert len(labels) == 1 + 8 + 4 and labels[0] == "choose …"
    empty = frame.locator("img").get_attribute("src")
    enter(page, frame)
    for label in RIGHT:
        page.keyboard.type(label)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    frame.wait_for_function("() => document.querySelector('.sum').textContent.startsWith('All 8 right')")
    assert frame.locator("img").get_attribute("src") != empty
    assert all(said.startswith("✓") for said in frame.locator(".said").all_inner_texts())


def test_a_wrong_label_says_why_it_is_tempting(show):  # noqa: F811
    _, frame = show(label_the_diagram(**WORDS))
    frame.locator("select").nth(3).select_option("attention without a mask")
    frame.locator("select").nth(0).select_option("multiply")
    frame.get_by_role("button", name="Check").click()
    said = frame.locator(".said").all_inner_texts()
    assert said[3].startswith("✗ Then a word would see the next one") and said[0].startswith("✗ Not this one. What comes in")
    assert frame.locator(".sum").inner_text() == "0 of 8 right, 6 still open."


@pytest.mark.parametrize("width", [900, 732, 600, 480, 360, 320])
def test_reasons_fit_every_width(show, width):  # noqa: F811
    page, frame = show(label_the_diagram(**WORDS), width=width)
    for labels in (["attention without a mask"] * 8, RIGHT):
        for menu, label in zip(frame.locator("select").all(), labels):
            menu.select_option(label)
        frame.get_by_role("button", name="Check").click()
        nothing_cut(frame)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
