"""The reference drawing of how attention learns context: equal words have equal rows, words fit into boxes, slips are named."""

import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text

from shared.visuals import context_drawing as module
from shared.visuals.context_drawing import context_drawing

RIVER, MONEY = ("the river bank".split(), (0.1, 0.4, 0.5)), ("the money bank".split(), (0.2, 0.5, 0.3))
WORDS = dict(title="Two rows out", alt="One word in two texts.", caption="Read it from below.")


@pytest.fixture
def drawn(monkeypatch):
    kept = []
    monkeypatch.setattr(module, "figure", lambda drawing, **rest: kept.append(drawing))
    context_drawing([RIVER, MONEY], **WORDS)
    FigureCanvasAgg(kept[0]).draw()
    return kept[0]


def strips(drawing):
    """The rows of numbers that are drawn: (left edge, height on the sheet) → the grays of its four cells."""
    cells = sorted(((p.get_y(), p.get_x(), p.get_facecolor()[0]) for p in drawing.findobj(Rectangle) if p.get_width() == 14))
    rows = [cells[i : i + 4] for i in range(0, len(cells), 4)]
    return {(row[0][1], row[0][0]): tuple(round(gray, 2) for *_, gray in row) for row in rows}


def test_the_same_word_has_the_same_row_and_two_new_ones(drawn):
    found = strips(drawn)
    below = sorted(((x, grays) for (x, y), grays in found.items() if y == module.ROWS - 10))
    new = [grays for (x, y), grays in sorted(found.items()) if y == module.NEW - 10]
    the, river, bank, the_again, money, bank_again = (grays for _, grays in below)
    assert the == the_again and bank == bank_again and river != money and river != bank
    assert len(new) == 2 and new[0] != new[1] and bank not in new


def test_the_shares_are_those_that_were_given(drawn):
    said = [text.get_text() for text in drawn.findobj(Text)]
    assert [word for word in said if word.endswith("%")] == ["10.0 %", "40.0 %", "50.0 %", "20.0 %", "50.0 %", "30.0 %"]


def test_every_word_fits_into_its_box_and_no_box_lies_on_another(drawn):
    renderer = drawn.canvas.get_renderer()
    boxes = [patch.get_window_extent(renderer) for patch in drawn.findobj(FancyBboxPatch) if patch.axes is not None]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.padded(-1).overlaps(other.padded(-1))
    for text in (text for text in drawn.findobj(Text) if text.get_text()):
        words = text.get_window_extent(renderer)
        assert words.x0 >= 0 and words.x1 <= drawn.bbox.x1 and words.y0 >= 0 and words.y1 <= drawn.bbox.y1, text
        for box in boxes:
            inside = box.x0 <= words.x0 and words.x1 <= box.x1 and box.y0 <= words.y0 and words.y1 <= box.y1
            assert inside or not box.overlaps(words), text.get_text()


@pytest.mark.parametrize("texts, words", [
    ([RIVER], "two that end in the same word"), ([RIVER, ("the money river".split(), MONEY[1])], "two that end in the same word"),
    ([RIVER, ("my bank".split(), (0.5, 0.5))], "three words with three shares"), ([RIVER, (MONEY[0], (0.5, 0.5, 0.5))], "that sum to 1"),
    ([RIVER, (MONEY[0], (1.5, -1, 0.5))], "that sum to 1"),
])  # fmt: skip
def test_slips_are_named(texts, words):
    with pytest.raises(ValueError, match=words):
        context_drawing(texts, **WORDS)


def test_the_same_drawing_gives_the_same_bytes():
    assert context_drawing([RIVER, MONEY], **WORDS).png == context_drawing([RIVER, MONEY], **WORDS).png
