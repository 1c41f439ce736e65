"""What changes with one word: a cell is filled exactly where something changed, and wide tables are binned."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from shared.visuals.ripple import CELLS, FAINTEST, ripple

TOKENS = ["the", "cat", "sat"]


def changes(width: int, *cells) -> np.ndarray:
    table = np.zeros((3, width))
    for i, j, size in cells:
        table[i, j] = size
    return table


def filled(ax) -> dict[tuple[int, int], float | None]:
    return {(round(p.get_y()), round(p.get_x())): p.get_alpha() for p in ax.patches if isinstance(p, Rectangle)}


def test_only_changed_cells_are_filled_the_largest_most_strongly():
    rows = [("one line", [("A", "attention", changes(3, (1, 0, 4.0), (2, 2, 1.0)))])]
    found = filled(ripple(rows, TOKENS, 1, 1, "news").axes[0])
    assert set(found) == {(1, 0), (2, 2)}
    assert found[1, 0] == pytest.approx(1.0) and FAINTEST < found[2, 2] < 1.0


def test_wide_tables_are_binned_and_no_change_gets_lost():
    table = changes(64, (0, 0, 1.0), (2, 63, 1.0))
    found = filled(ripple([("x", [("X", "residual", table)])], TOKENS, 0, 1, "news").axes[0])
    assert set(found) == {(0, 0), (2, CELLS - 1)}


def test_closed_cells_are_gray_and_later_stages_empty():
    table = changes(3)
    table[0, 1:] = np.nan
    stages = [("A", "attention", table), ("V", "value", changes(3, (0, 0, 1.0)))]
    first, second = ripple([("x", stages)], TOKENS, 0, 1, "news").axes
    assert set(filled(first)) == {(0, 1), (0, 2)} and set(filled(first).values()) == {None}
    assert filled(second) == {}


def test_the_changed_word_is_bold_and_every_table_has_its_name():
    drawing = ripple([("first", [("A", "attention", changes(3))]), ("second", [("B", "value", changes(3))])], TOKENS, 1, 1, "news")
    said = {t.get_text(): t.get_fontweight() for t in drawing.axes[0].texts}
    assert said == {"the": "normal", "cat": "bold", "sat": "normal"}
    assert {"first", "second", "A", "B", "news"} <= {t.get_text() for t in drawing.texts}


@pytest.mark.parametrize("rows", [
    [("x", [("A", "attention", np.zeros((2, 3)))])],
    [("x", [("A", "attention", np.zeros((3, 3)))]), ("y", [])],
])  # fmt: skip
def test_stages_that_do_not_fit_are_named(rows):
    with pytest.raises(ValueError, match="must have 1 stages of 3 rows"):
        ripple(rows, TOKENS, 0, 1, "news")
