"""The token drawings and the colored-token page: nothing overlaps or is lost, what the page carries is whole, bad input is refused."""

import json
import re

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from shared.text.bpe import BytePairTokenizer
from shared.text.declaration import article, english_articles
from shared.visuals.token_boxes import WIDE_PX, draw_merge_tree, tokens_drawing
from shared.visuals.token_view import LONGEST_TEXT, token_view

BPE = BytePairTokenizer.train(["the cat sat on the mat, the hat </script>"], 12)


def view(**changes):
    given = dict(pairs={"mine": BPE.merges}, pieces={"word": ["[UNK]", "a"]}, text="the cat", tokens=BPE.tokens("the cat"), examples={"one": "<i>"})
    given |= changes
    return token_view(given.pop("pairs"), given.pop("pieces"), given.pop("text"), given.pop("tokens"), alt="A text in tokens.", caption="Type.", **given)


def test_the_page_carries_every_merge_and_no_tag():
    document = view().document
    data = json.loads(re.search(r'id="data">(.*?)</script>', document)[1].replace("\\u003c", "<"))
    assert len(data["bpe"]["mine"].split("\n")) == 12 and data["wordpiece"]["word"] == "[UNK]\na"
    assert "<i>" not in document and len(set(data["letters"])) == 256 == len(set(data["order"]))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"pairs": {}}, "pairs"), ({"pieces": {"mine": ["[UNK]"]}}, "different"), ({"pieces": {"word": ["a"]}}, r"\[UNK\]"), ({"text": ""}, "text"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "601"), ({"tokens": []}, "tokens"), ({"examples": {str(i): "x" for i in range(9)}}, "examples"),
    ],
)  # fmt: skip
def test_what_it_refuses(changes, says):
    with pytest.raises(ValueError, match=says):
        view(**changes)


def boxes(drawing: Figure) -> list:
    drawing.canvas.draw()
    return [patch.get_window_extent() for patch in drawing.axes[0].patches if isinstance(patch, FancyBboxPatch)]


def test_boxes_stay_inside_and_apart_and_hold_their_letters():
    words = [[" de", "clar", "ation"], ["\U0001f98a"], ["$x$"], ["猫"]] * 12
    drawing = tokens_drawing({"a text": words}, title="Many", lit=["clar"])
    found = boxes(drawing)
    assert len(found) == 6 * 12
    assert max(box.x1 for box in found) <= (WIDE_PX + 20) * drawing.dpi / 100 and min(box.y0 for box in found) >= 0
    for one, other in zip(found, found[1:]):
        if abs(one.y0 - other.y0) < 2:
            assert one.x1 < other.x0
    labels = [text.get_window_extent() for text in drawing.axes[0].texts if text.get_text() not in ("Many", "a text")]
    for box, text in zip(found, labels, strict=True):
        assert box.x0 <= text.x0 and text.x1 <= box.x1


def test_frames_can_have_one_size():
    rows = [{" ": [["a"] * n]} for n in (1, 60)]
    sizes = {tuple(tokens_drawing(row, lines=4).get_size_inches()) for row in rows}
    assert len(sizes) == 1
    for bad in ({}, {"x": []}):
        with pytest.raises(ValueError, match="rows"):
            tokens_drawing(bad)


def test_equal_tokens_can_have_equal_tints():
    def tints(**how):
        drawing = tokens_drawing({"a": [["at", "th", "at", "x"]]}, plain=["x"], **how)
        return [patch.get_facecolor() for patch in drawing.axes[0].patches]

    same, differ = tints(by_token=True), tints()
    assert same[0] == same[2] and same[3] not in same[:3] and differ[0] != differ[2]


def test_the_tree_has_every_token_and_parents_above_their_halves():
    drawing = Figure(figsize=(6, 4))
    axes = drawing.subplots()
    draw_merge_tree(axes, ["that", "s"], {"that": ("th", "at", 9), "th": ("t", "h", 3), "at": ("a", "t", 1)})
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert places["that"][1] > places["th"][1] > places["h"][1] and places["that"][0] < places["s"][0]
    assert places["merge 9"][1] > places["that"][1]
    with pytest.raises(ValueError, match="tokens"):
        draw_merge_tree(axes, [], {})


def test_the_declaration():
    one, two = article(1), article(2)
    assert list(one) == list(two) and list(one)[0] == "English" and len(one) == 9
    assert all(text.strip() == text and "\n" not in text for text in [*one.values(), *two.values(), *english_articles()])
    assert len(english_articles()) == 28 and english_articles()[0].startswith("Everyone has the right to life")
    with pytest.raises(ValueError, match="3"):
        article(3)
