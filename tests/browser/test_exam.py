"""The exam's page: one button for all questions, one message, and afterwards a closed paper with a result by day."""

from tests.browser.test_forms import opened

CONTENT = {
    "title": "Exam", "intro": "From memory.", "stand_in": "none", "hand_in": "Hand in",
    "questions": [
        {"id": "w1d1-01", "kind": "choice", "prompt": "One?", "unit": "",
         "options": [{"letter": letter, "text": text, "image": None} for letter, text in (("a", "yes"), ("b", "no"))]},
        {"id": "w1d2-02", "kind": "number", "prompt": "How many?", "unit": "", "options": []},
        {"id": "w1d3-03", "kind": "order", "prompt": "Order.", "unit": "",
         "options": [{"letter": letter, "text": text, "image": None} for letter, text in (("a", "late"), ("b", "soon"))]},
    ],
}  # fmt: skip
EMPTY = {"verdicts": {}, "score": "", "handed_in": False, "days": [], "time": None}


def verdict(item, given, correct):
    lines = [] if not given else [{"good": correct, "label": "", "text": given, "feedback": "because"}]
    return {"question": item, "correct": correct, "given": given, "headline": "Right." if correct else "Not yet.",
            "lines": lines, "shows": "Sums", "closed": True, "time": 1}  # fmt: skip


def test_all_is_handed_in_at_once_and_then_closed(browser):
    page = opened(browser, "quiz.js", CONTENT, EMPTY)
    assert page.get_by_role("button", name="Check").count() == 0
    page.get_by_label("yes").check()
    page.get_by_role("textbox").fill("36")
    page.get_by_role("textbox").press("Enter")
    assert page.evaluate("window.sent.length") == 0, "the Enter key hands nothing in"
    page.get_by_label("I am sure").nth(1).check()
    page.get_by_role("button", name="Hand in").click()
    sent = page.evaluate("window.sent.at(-1)")
    assert sent["do"] == "hand in" and sent["sure"] == ["w1d2-02"]
    assert sent["given"] == {"w1d1-01": "a", "w1d2-02": "36", "w1d3-03": ""}, "an order that nobody touched is no answer"
    page.evaluate("state => answer(state)", EMPTY | {"score": "Still open: question 3.", "time": 1})
    assert page.get_by_text("Still open: question 3.").is_visible()
    page.get_by_role("button", name="Move up: soon").click()
    page.get_by_role("button", name="Hand in").click()
    assert page.evaluate("window.sent.at(-1).given['w1d3-03']") == "ba"
    days = [{"title": "Week 1 day 1, Neural networks", "right": 1, "total": 1, "look": []},
            {"title": "Week 1 day 2, Embeddings", "right": 0, "total": 2, "look": ["Sums", "<b>Shares</b>"]}]  # fmt: skip
    verdicts = {"w1d1-01": verdict("w1d1-01", "a", True), "w1d2-02": verdict("w1d2-02", "36", False), "w1d3-03": verdict("w1d3-03", "", False)}
    page.evaluate("state => answer(state)", {"verdicts": verdicts, "score": "1 of 3 right.", "handed_in": True, "days": days, "time": 2})
    assert page.get_by_text("1 of 3 right.").is_visible() and page.get_by_text("0 of 2").is_visible()
    assert "Look again at “Sums”, “<b>Shares</b>”." in page.inner_text("main")
    assert not page.get_by_role("button", name="Hand in").is_visible()
    assert page.locator("fieldset:disabled").count() == 3 and "Try again" not in page.inner_text("main")


def test_a_paper_that_was_handed_in_is_closed_in_a_second_view(browser):
    state = {"verdicts": {"w1d1-01": verdict("w1d1-01", "a", True)}, "score": "1 of 1 right.", "handed_in": True, "days": [], "time": 1}
    page = opened(browser, "quiz.js", CONTENT | {"questions": CONTENT["questions"][:1]}, state)
    assert page.get_by_label("yes").is_checked() and not page.get_by_role("button", name="Hand in").is_visible()
