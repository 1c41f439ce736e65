"""The hidden word in a real browser: every word can be hidden, each reader shows what it may see, nothing is cut off."""

import pytest

from shared.visuals.two_readers import Hidden, hidden_word_view

LONG = tuple("The animal was too tired so it stopped to rest <img> here".split())
SHORT = ("The", "cat", "sat")


def sentence(words, able):
    return [Hidden(words, i, {"cat": 0.5, words[i]: 0.25, "c": 0.1, "d": 0.05, "e": 0.01}, {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.05, "e": 0.002}, (0.25, 0.004)) for i in able]


@pytest.fixture(params=[900, 360])
def frame(inside_of, request):
    sentences = [sentence(SHORT, (0, 2)), sentence(LONG, range(len(LONG)))]
    view = hidden_word_view(sentences, start=1, alt="BERT finds it.", caption="Hide a word.")
    return inside_of(view, request.param, 1500)


def chips(frame, reader):
    found = frame.locator(".reader").nth(reader).locator(".chip")
    return [(chip.inner_text(), chip.get_attribute("class").split()[1]) for chip in found.all()]


def test_it_starts_where_it_was_told_and_a_word_that_cannot_be_hidden_is_no_choice(frame):
    assert chips(frame, 0) == [("The", "seen"), ("cat", "seen"), ("?", "gap")]
    assert chips(frame, 1) == [("The", "seen"), ("cat", "seen"), ("?", "gap")]
    assert frame.locator(".words button").nth(1).is_disabled()


def test_a_word_is_hidden_from_both_and_the_future_from_one(frame):
    frame.get_by_role("button", name="The animal was").click()
    frame.locator(".words button").nth(4).click()
    assert [kind for _, kind in chips(frame, 0)] == ["seen"] * 4 + ["gap"] + ["seen"] * 7
    assert [kind for _, kind in chips(frame, 1)] == ["seen"] * 4 + ["gap"] + ["unseen-word"] * 7
    said = frame.locator(".says").inner_text()
    assert "“tired”" in said and "BERT sees 11 of 11 words and gives it 25 %" in said and "GPT sees 4 of 11 words and gives it under 1 %" in said
    assert frame.locator("img").count() == 0


def test_the_hidden_word_has_the_marked_bar(frame):
    hits = frame.locator(".bar.hit .name").all_inner_texts()
    assert hits == ["sat", "sat"], "in both readers, though GPT has it not among its best"


def test_nothing_is_cut_off(frame):
    frame.get_by_role("button", name="The animal was").click()
    high, wide = frame.evaluate("[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]")
    assert high <= 1 and wide <= 0
    spare = frame.evaluate("innerHeight - document.querySelector('.says').getBoundingClientRect().bottom")
    assert spare < 130, "no large empty space below"
