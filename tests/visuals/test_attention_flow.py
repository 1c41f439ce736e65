"""The flow of attention: all parts drawn, blanks in their places, labels checked before they are shown."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from shared.visuals import attention_flow as module
from shared.visuals.attention_flow import ARROWS, ONE_HEAD, PARTS, attention_flow, label_the_flow
from shared.visuals.ripple import ripple
from tests.visuals.test_page import data_of

WORDS = dict(alt="Three roles leave X and meet again in the mixture.", caption="One head.")
GIVEN = dict(
    answers={"k": "K", "v": "V"}, extra=["Q"], why={"k": "It scores.", "v": "It is mixed."}, traps={("k", "V"): "That is mixed."}
)  # fmt: skip


def test_every_arrow_joins_two_parts_and_every_part_is_joined():
    assert {name for arrow in ARROWS for name in arrow} == set(PARTS)


def test_boxes_do_not_touch_each_other():
    parts = list(PARTS.values())
    for i, one in enumerate(parts):
        for other in parts[i + 1 :]:
            apart = abs(one.at[0] - other.at[0]) >= one.half + other.half + 8 or abs(one.at[1] - other.at[1]) >= 60
            assert apart, (one.name, other.name)


def test_a_blank_changes_the_picture_and_an_unknown_one_is_named():
    whole, blank = attention_flow(title="t", **WORDS), attention_flow(title="t", blanks=["k"], **WORDS)
    assert whole.png != blank.png and whole.png == attention_flow(title="t", **WORDS).png
    with pytest.raises(ValueError, match="blanks names 'keys'"):
        attention_flow(title="t", blanks=["keys"], **WORDS)


def test_the_flow_of_one_head_can_be_labeled_and_every_odd_label_has_its_trap():
    blanks = data_of(label_the_flow(**ONE_HEAD, **WORDS))["blanks"]
    assert len(blanks) == 7 and all(len(blank["traps"]) >= 2 for blank in blanks)
    trapped = {label for blank in blanks for label in blank["traps"]}
    assert set(ONE_HEAD["extra"]) <= trapped, "a label that belongs nowhere, and nobody says why"


def test_words_fit_into_their_boxes():
    drawing = module._drawing("t", ())
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    texts = {text.get_text(): text.get_window_extent(canvas.get_renderer()) for text in drawing.findobj(Text)}
    for part in PARTS.values():
        assert texts[part.says].width * 100 / drawing.dpi <= 2 * part.half - 8, f"{part.says!r} touches its frame"


def test_labels_come_sorted_with_their_reasons():
    data = data_of(label_the_flow(**GIVEN, **WORDS))
    assert data["labels"] == ["K", "Q", "V"] and [b["answer"] for b in data["blanks"]] == ["K", "V"]
    assert data["blanks"][0]["traps"] == {"V": "That is mixed."} and data["full"] != data["empty"]


@pytest.mark.parametrize("changes, words", [
    (dict(extra=["K"]), "different labels"),
    (dict(why={"k": "x"}), "'v' must be one of"),
    (dict(answers={"key": "K"}, why={"key": "x"}, traps={}), "'key' must be one of"),
    (dict(traps={("k", "K"): "x"}), "names no blank, or no wrong label"),
    (dict(traps={("q", "V"): "x"}), "names no blank"),
])  # fmt: skip
def test_slips_are_named(changes, words):
    with pytest.raises(ValueError, match=words):
        label_the_flow(**(GIVEN | changes), **WORDS)


def test_a_ripple_shows_as_many_steps_as_asked_for():
    change = np.zeros((3, 12))
    change[1] = 1.0
    closed = np.array([[0.5, np.nan, np.nan], [1, 1, np.nan], [0, 1, 0]])
    line = ("no mask", [("X", "residual", change), ("A", "attention", closed)])
    drawing = ripple([line], ["a", "b", "c"], 1, 1, "title")
    filled = [len(ax.patches) for ax in drawing.axes]
    assert filled == [6, 0]  # twelve columns in six bins, one row
    assert [len(ax.patches) for ax in ripple([line], ["a", "b", "c"], 1, 2, "title").axes] == [6, 7]  # four changed, three closed
    with pytest.raises(ValueError, match="'no mask' must have 2 stages of 2 rows"):
        ripple([line], ["a", "b"], 1, 1, "title")
