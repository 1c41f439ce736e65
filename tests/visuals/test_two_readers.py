"""Two readers of one sentence: the lines are the mask's open cells, a reader sees what it may, and bad input is refused."""

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from shared.attention import causal_mask
from shared.visuals.two_readers import Hidden, draw_looks, hidden_word_view

WORDS = ("The", "cat", "<b>", "$x$", "mat")


def hidden(**changes):
    about = {"words": WORDS, "at": 1, "both": {"cat": 0.6, "dog": 0.3}, "back": {"dog": 0.2, "hen": 0.1}, "truth": (0.6, 0.05)}
    return Hidden(**(about | changes))


def view(sentences=None, **changes):
    return hidden_word_view(sentences or [[hidden(), hidden(at=4)]], **({"alt": "BERT finds cat.", "caption": "Hide a word."} | changes))


def lines_of(mask, row=None):
    ax = Figure().subplots()
    draw_looks(ax, "abcd", mask, row=row)
    return {(round(line.get_xdata()[1]), round(line.get_xdata()[0])) for line in ax.lines}, ax


def test_there_is_a_line_for_each_open_cell_and_no_other():
    lines, _ = lines_of(causal_mask(4).numpy())
    assert lines == {(t, s) for t in range(4) for s in range(4) if s <= t}
    assert len(lines_of(np.ones((4, 4), bool))[0]) == 16


def test_one_row_alone_draws_its_own_lines_and_rings_the_one_that_asks():
    lines, ax = lines_of(causal_mask(4).numpy(), row=2)
    assert lines == {(2, 0), (2, 1), (2, 2)}
    rings = [text.get_position() for text in ax.texts if text.get_bbox_patch().get_linewidth() > 2]
    assert rings == [(2, 1)], "the ring is above, where the word asks"


def test_both_sides_see_all_but_the_gap_and_back_sees_only_what_came_before():
    one = hidden(at=2)
    assert one.sees(0) == [True, True, False, True, True]
    assert one.sees(1) == [True, True, False, False, False]
    assert hidden(at=0).sees(1) == [False] * 5


def test_the_hidden_word_is_always_among_the_bars():
    assert hidden().rows(0) == [("cat", 0.6, True), ("dog", 0.3, False)]
    assert hidden().rows(1) == [("dog", 0.2, False), ("hen", 0.1, False), ("cat", 0.05, True)]
    assert hidden(at=0, both={"the": 0.9}).rows(0) == [("the", 0.9, True)], "a model that knows no capitals found it, too"


def test_the_page_has_the_numbers_and_no_tag_of_a_word():
    page = view()
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.document)[1].replace("\\u003c", "<"))
    first = data["sentences"][0]["hidden"][0]
    assert data["sentences"][0]["words"] == list(WORDS) and first["at"] == 1 and first["truth"] == [0.6, 0.05]
    assert first["rows"][1][2] == ["cat", 0.05, True]
    assert "<b>" not in page.document
    assert page.kind == "interactive" and "BERT finds cat." in page.html


@pytest.mark.parametrize(
    ("sentences", "says"),
    [
        ([], "sentences"),
        ([[]], "sentences"),
        ([[hidden()]] * 7, "sentences"),
        ([[hidden(), hidden(words=("a", "b"))]], "same words"),
        ([[hidden(words=("a",) * 25)]], "words"),
        ([[hidden(at=5)]], "at must"),
        ([[hidden(truth=(1.5, 0))]], "between 0 and 1"),
        ([[hidden(back={"a": float("nan")})]], "between 0 and 1"),
        ([[hidden(both={})]], "guesses"),
    ],
)
def test_bad_sentences_are_refused(sentences, says):
    with pytest.raises(ValueError, match=says):
        hidden_word_view(sentences, alt="a", caption="c")


def test_bad_masks_and_starts_are_refused():
    with pytest.raises(ValueError, match="booleans"):
        lines_of(np.ones((4, 4)))
    with pytest.raises(ValueError, match="booleans"):
        lines_of(np.ones((3, 4), bool))
    with pytest.raises(ValueError, match="row"):
        lines_of(np.ones((4, 4), bool), row=4)
    with pytest.raises(ValueError, match="start"):
        view(start=2)
