"""The blind vote in a browser: by keyboard, names only after the vote, text never markup, on a phone."""

from tests.browser.test_forms import opened

CONTENT = {
    "title": "Which text is better?",
    "rounds": [{"prompt": "Once", "texts": ["left one", "<img src=x onerror=alert(1)>"]}, {"prompt": "The cat", "texts": ["l2", "r2"]}],
    "sides": {"left": "The left text is better", "tie": "A tie", "right": "The right text is better"},
    "stand_in": "none",
}


def state(voted, names) -> dict:
    return {"voted": voted, "names": names, "time": None}


def test_a_round_is_voted_from_the_keyboard_and_then_names_its_writers(browser):
    page = opened(browser, "blind_votes.js", CONTENT, state([None, None], [None, None]))
    assert page.get_by_text("Round 1 of 2; 0 votes so far").is_visible() and page.locator("img").count() == 0
    page.get_by_role("button", name="A tie").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.sent.at(-1)")["round"] == 0 and page.evaluate("window.sent.at(-1)")["side"] == "tie"
    page.evaluate("s => answer(s)", state(["tie", None], [["small", "big"], None]))
    assert page.get_by_text("You said: a tie. Left was small, right was big.").is_visible()
    assert page.get_by_role("button", name="A tie").is_disabled()
    faint = "e => getComputedStyle(e).opacity < 0.6"
    assert page.get_by_role("button", name="A tie").evaluate(faint), "a button that does nothing looks like one"
    assert page.get_by_role("button", name="Round before").evaluate(faint) and not page.get_by_role("button", name="Next round").evaluate(faint)
    page.get_by_role("button", name="Next round").click()
    assert page.get_by_text("Round 2 of 2; 1 vote so far").is_visible() and not page.get_by_text("Left was").is_visible()
    page.evaluate("s => answer(s)", state(["tie", "left"], [["small", "big"], ["big", "small"]]))
    assert page.get_by_text("All rounds have a vote").is_visible()


def test_it_opens_at_the_first_round_without_a_vote_and_fits_a_phone(browser):
    page = opened(browser, "blind_votes.js", CONTENT, state(["left", None], [["small", "big"], None]))
    assert page.get_by_text("Round 2 of 2").is_visible()
    assert page.locator("button").evaluate_all("all => all.every(e => e.dataset.lmSuppressShortcuts)")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
