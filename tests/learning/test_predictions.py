"""Commitments and what the reveal says to them."""

import json

import pytest

from shared.learning import guess, predict, predictions, record, reveal


def send(form, **message) -> dict:
    form._repr_mimebundle_()
    form._take(message)
    return json.loads(form._widget.state)


def test_an_empty_record_runs_on(own_folder):
    form = predict("p", "How many?")
    assert guess("p") is None and repr(form) == "<prediction p: open>"
    card = reveal("p", 36, "6 ×\n      6.")
    assert repr(card) == "It is 36. 6 × 6."
    assert "<details><summary>Your guess first" in card.html, "the answer stays closed until it is asked for"
    assert not form.closed  # who runs all cells at once may still commit, and run the reveal again
    assert not own_folder.exists()


@pytest.mark.parametrize(
    "mine, value, words",
    [
        (36, 36, "You said 36, and so it is."),
        ("36.0", 36, "You said 36, and so it is."),
        (35, 36, "You said 35; it is 36: close."),
        (12, 36, "You said 12; it is 36: 3 times too small."),
        (512, 36, "You said 512; it is 36: about 14 times too large."),
        (50, 36, "You said 50; it is 36: off by 14."),
        (-36, 36, "You said -36; it is 36: the other sign."),
        (0, 36, "You said 0; it is 36: off by 36."),
        (1, 0, "You said 1; it is 0: off by 1."),
        ("1/3", 0.27, "You said 0.3333; it is 0.27: off by 0.06333."),
        (-2, -8, "You said -2; it is -8: 4 times too small."),
        (1, 5e6, "You said 1; it is 5,000,000: about 10 to the 7 times too small."),
    ],
)
def test_numbers(mine, value, words):
    predict("p", "How many?", mine=mine)
    assert repr(reveal("p", value, "Because.")) == f"{words} Because."


def test_tolerance_and_tensors():
    import torch

    predict("p", "How much?", mine=0.7)
    assert repr(reveal("p", torch.tensor(0.731), "x", tolerance=0.05)) == "You said 0.7, and it is 0.731: right. x"
    assert guess("p") == 0.7


def test_choice():
    predict("p", "Which?", options=["row `a`", "row b"], mine="b")
    assert guess("p") == "row b"
    assert repr(reveal("p", "row b", "x")) == "You said “row b”, and so it is. x"
    assert repr(reveal("p", "row `a`", "x")) == "You said “row b”; it is “row `a`”. x"
    with pytest.raises(ValueError, match="one of the options"):
        reveal("p", "row c", "x")
    predict("p", "Which?", options=["row `a`", "row b"], mine="row `a`")
    assert guess("p") == "row `a`"
    assert "none of the options a to b" in repr(predict("p", "Which?", options=["row `a`", "row b"], mine="c"))
    assert guess("p") == "row `a`"


def test_text():
    predict("p", "What happens?", "text", mine=" it gets sharper ")
    assert repr(reveal("p", "sharper", "x")) == "You wrote “it gets sharper”. It is “sharper”. x"


def test_a_question_that_changed_its_kind():
    predict("p", "Old?", "text", mine="a lot")
    predictions._open.clear()
    assert repr(reveal("p", 36, "x")) == "You said “a lot”; it is 36. x"


def test_the_form_commits_changes_and_closes():
    form = predict("p", "How many?")
    assert "not a number" in send(form, do="commit", given="six")["problem"] and guess("p") is None
    assert send(form, do="commit", given="1,024")["said"] == "1,024" and guess("p") == 1024
    state = send(form, do="commit", given="12", time=7)
    assert state == {"said": "12", "problem": "", "closed": False, "time": 7, "notice": ""}
    reveal("p", 36, "x")
    assert json.loads(form._widget.state)["closed"]
    send(form, do="commit", given="36")
    assert guess("p") == 12
    again = predict("p", "How many?")  # the cell is run again: the commitment is still there
    assert repr(again) == "<prediction p: 12>" and "Noted: 12" in again.fallback()


def test_what_cannot_be_saved_still_meets_its_reveal(own_folder):
    own_folder.write_text("in the way")
    predict("p", "How many?", mine=36)
    shown = reveal("p", 36, "x")
    assert "You said 36, and so it is. x" in repr(shown) and "Not saved" in repr(shown)


@pytest.mark.parametrize("how", [{"answer": "picture"}, {"options": ["one"]}, {"options": ["a", "a"]}, {"options": []}])
def test_the_author_s_slips(how):
    with pytest.raises(ValueError, match="answer|options"):
        predict("p", "?", **how)


@pytest.mark.parametrize("value", [float("nan"), None, [1, 2], float("inf")])
def test_a_value_that_is_none(value):
    with pytest.raises(ValueError, match="value must be"):
        reveal("p", value, "x")


@pytest.mark.parametrize(("mine", "words"), [("", "Nothing is written"), ("x", "not a number"), (True, "not a number"), (float("nan"), "not a number")])
def test_an_unreadable_commitment_is_a_sentence(mine, words):
    assert words in repr(predict("p", "?", mine=mine)) and record.prediction("p") is None
    assert repr(predict("p", "?", mine=...)) == "<prediction p: open>"
