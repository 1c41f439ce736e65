"""The still pictures: what is drawn is what came in, to scale, and bad input is an error instead of a wrong picture."""

import importlib
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from shared.days import BLOCKS, DAYS, WEEKS, find_day
from shared.visuals import (
    Matrix, attention_heatmap, course_map, draw_heatmap, draw_matrix, matrices_figure, palette, probability_bars, shapes_poster,
)
from shared.visuals.text import label
from shared.visuals.matrices import FEATURE_PX, LONGEST_PX, TOKEN_PX, drawn_values

WORDS = {"alt": "What a reader would learn from this picture.", "caption": "A caption."}
TOKENS = "The cat sat on the mat".split()


def even(rows: int, columns: int) -> np.ndarray:
    return np.full((rows, columns), 1 / columns)


def texts(drawn) -> list[str]:
    return [t.get_text() for t in drawn.findobj(plt.Text) if t.get_text()]


# --- attention maps ---------------------------------------------------------------------------------------------------


def test_rows_are_queries_and_columns_are_keys():
    weights = np.array([[1.0, 0.0], [0.25, 0.75]])
    axes = Figure().subplots()
    draw_heatmap(axes, weights, ["a", "b"], ["a", "b"])
    image = axes.images[0]
    assert image.get_array()[1, 0] == 0.25
    assert axes.yaxis.get_inverted(), "row 0 stands on top"
    assert "query" in axes.get_ylabel() and "key" in axes.get_xlabel()
    assert (image.norm.vmin, image.norm.vmax) == (0.0, 1.0), "a fixed scale, so that two maps can be compared"
    assert [t for t in texts(axes) if t in ("1.00", "0.25", "0.75")] == ["1.00", "0.25", "0.75"]


def test_numbers_are_printed_up_to_eight_tokens_only():
    for count, printed in ((8, True), (9, False)):
        axes = Figure().subplots()
        draw_heatmap(axes, even(count, count), ["t"] * count, ["t"] * count)
        assert (f"{1 / count:.2f}" in texts(axes)) is printed


def test_scores_are_white_at_exactly_zero_and_a_masked_cell_says_minus_infinity():
    axes = Figure().subplots()
    draw_heatmap(axes, np.array([[-3.0, 0.0], [1.0, -np.inf]]), ["a", "b"], ["a", "b"], signed=True)
    image = axes.images[0]
    assert to_hex(image.cmap(image.norm(0.0))) == palette.CARD.lower()
    assert "−∞" in texts(axes) and "−3.00" in texts(axes)


@pytest.mark.parametrize("token", ["<script>alert(1)</script>", "</script>", "$\\frac{1}{0}$", "$", "'\"", "🐱", "שלום", "x" * 300, ""])
@pytest.mark.filterwarnings("error:Glyph")
def test_any_token_is_drawn_as_text(token):
    picture = attention_heatmap(even(2, 2), [token, "b"], **WORDS)
    assert Image.open(io.BytesIO(picture.png)).width > 100
    assert "<script>alert" not in picture.html


def test_a_long_token_is_shortened_in_the_middle():
    axes = Figure().subplots()
    draw_heatmap(axes, even(1, 1), ["unbelievablylongtokenname"], ["a"])
    label = axes.get_yticklabels()[0].get_text()
    assert len(label) <= 18 and label.startswith("unbel") and label.endswith("name") and "…" in label


@pytest.mark.parametrize(
    "token, shown", [("cat", "cat"), ("🦊", "[fox face]"), ("\u200b", "∅"), (" can", "␣can"), ("a b ", "a b␣"), ("\n", "⏎"), ("猫", "[U+732B]"), ("", "∅"), ("  ", "␣␣"), ("a\u200bb", "ab"), ("שלום", "שלום")]
)
def test_labels_never_show_an_empty_box(token, shown):
    assert label(token) == shown


@pytest.mark.parametrize(
    "weights, tokens, message",
    [
        (even(6, 5), TOKENS, r"\(6, 5\).*6 query tokens and 6 key tokens"),
        (even(6, 6) * 2, TOKENS, "row sums to 2.000"),
        (np.full((6, 6), np.nan), TOKENS, "finite"),
        (np.zeros((0, 0)), [], r"\(T, S\)"),
        (np.zeros(6), TOKENS, r"got \(6,\)|got \(1, 6\)|\(T, S\)"),
        (np.array([[1.5, -0.5], [0.5, 0.5]]), ["a", "b"], "nothing is negative"),
    ],
)
def test_a_map_that_is_none_is_refused(weights, tokens, message):
    with pytest.raises(ValueError, match=message):
        attention_heatmap(weights, tokens, **WORDS)


@pytest.mark.parametrize("ring", [(6, 0), (0, -1)])
def test_a_ring_outside_the_map_is_refused(ring):
    with pytest.raises(ValueError, match=r"ring must be a \(row, column\) inside the map of shape \(6, 6\)"):
        attention_heatmap(even(6, 6), TOKENS, ring=ring, **WORDS)


def test_several_maps_need_as_many_titles():
    with pytest.raises(ValueError, match="1 for 2 maps"):
        attention_heatmap(np.stack([even(6, 6)] * 2), TOKENS, titles=["one"], **WORDS)
    for count in (1, 2, 3, 8, 12):
        picture = attention_heatmap(np.stack([even(6, 6)] * count), TOKENS, titles=[str(i) for i in range(count)], **WORDS)
        assert picture.width <= 900


# --- matrices to scale ------------------------------------------------------------------------------------------------


def extent(matrix: Matrix, **scale) -> tuple[float, float]:
    axes = Figure().subplots()
    draw_matrix(axes, matrix, 0, 0, **scale)
    left, right, bottom, top = axes.images[0].get_extent()
    return right - left, bottom - top


def test_sides_are_to_scale():
    wide = extent(Matrix("X", np.zeros((6, 512)), "residual"))
    narrow = extent(Matrix("Q", np.zeros((6, 64)), "query"))
    weight = extent(Matrix("W", np.zeros((512, 64)), "query", row_unit="features"))
    assert wide[0] / narrow[0] == 8 and wide[1] == narrow[1] == 6 * TOKEN_PX
    assert weight == (narrow[0], wide[0]), "as tall as X is wide: the sides that meet in a product are equal"


def test_a_side_that_is_too_long_is_cut_and_said():
    votes = Matrix("votes", np.zeros((1, 50_000)), "residual")
    assert votes.side_px(1) == (LONGEST_PX, True)
    assert drawn_values(votes).shape[1] * votes.stride(1) <= LONGEST_PX / FEATURE_PX + votes.stride(1)
    line = Figure().subplots()
    draw_matrix(line, votes, 0, 0)
    assert len(line.lines) == 4, "two white and two dark strokes across the cut side"


@given(st.integers(1, 9), st.integers(1, 700))
def test_every_number_drawn_is_a_true_entry(rows, columns):
    values = np.arange(rows * columns, dtype=float).reshape(rows, columns)
    matrix = Matrix("X", values, "residual")
    drawn = drawn_values(matrix)
    assert drawn.shape[0] == rows, "no token is left out"
    assert (drawn == values[:, :: matrix.stride(1)][:, : drawn.shape[1]]).all()


def test_sines_and_cosines_are_both_drawn():
    assert Matrix("P", np.zeros((6, 512)), "position").stride(1) % 2 == 1


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(values=np.zeros(3)), r"shape \(3,\)"),
        (dict(values=np.zeros((0, 3))), r"shape \(0, 3\)"),
        (dict(values=np.array([[1.0, np.nan]])), r"not finite at \(0, 1\)"),
        (dict(rows=["only one"]), "1 labels for 2 rows"),
        (dict(columns=["a", "b"]), "2 labels for 3 columns"),
        (dict(concept="quary"), "concept must be one of"),
        (dict(row_unit="words"), "'tokens' or 'features'"),
    ],
)
def test_a_matrix_that_is_none_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Matrix(**{"name": "M", "values": np.zeros((2, 3)), "concept": "query"} | change)


def test_an_equation_shows_names_and_shapes():
    x = Matrix("X", np.ones((2, 64)), "residual", rows=["a", "b"])
    with pytest.raises(ValueError, match="at least one Matrix"):
        matrices_figure([[x], ["="]], **WORDS)
    assert matrices_figure([[x, "+", x, "=", x]], title="t", **WORDS).width <= 900


def test_poster_refuses_to_be_empty():
    with pytest.raises(ValueError, match="at least one step"):
        shapes_poster([], title="t", **WORDS)


# --- the course map ---------------------------------------------------------------------------------------------------


def test_there_are_28_days_with_known_blocks():
    assert sorted(DAYS) == [(w, d) for w in range(1, 5) for d in range(1, 8)] and sorted(WEEKS) == [1, 2, 3, 4]
    for day in DAYS.values():
        assert day.title and day.blocks and set(day.blocks) <= set(BLOCKS)


def test_every_day_has_its_own_map():
    maps = {place: course_map(*place) for place in sorted(DAYS)}
    for (week, day), picture in maps.items():
        assert f"week {week}, day {day}, {find_day(week, day).title}" in picture.alt
    assert len({picture.png for picture in maps.values()}) == 28


@pytest.mark.parametrize("day", DAYS.values(), ids=lambda day: day.code)
def test_the_name_of_today_stands_whole_on_the_map(day):
    room = importlib.import_module("shared.visuals.course_map")  # `shared.visuals.course_map` is the function
    drawing = Figure(figsize=(room.WIDTH / 100, room.HEIGHT / 100), dpi=100)
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, room.WIDTH), ylim=(room.HEIGHT, 0))
    room._draw_path(axes, day)
    drawing.canvas.draw()
    (name,) = [text.get_window_extent() for text in axes.texts if text.get_text() == f"today: {day.title}"]
    # hinting makes letters up to three pixels wider than their outlines; the card ends eight pixels further on
    first, last = room.PATH_LEFT - 24, room.PATH_LEFT + 6 * room.PATH_STEP + 24
    assert first <= name.x0 and name.x1 <= last <= room.WIDTH


@pytest.mark.parametrize("week, day", [(0, 1), (5, 1), (1, 8), ("1", 1), (None, None)])
def test_no_other_day_has_one(week, day):
    with pytest.raises(ValueError, match="weeks 1 to 4"):
        course_map(week, day)


# --- what the PNG keeps -----------------------------------------------------------------------------------------------


def test_a_small_purple_map_keeps_its_hue_beside_many_colors():
    """The stored PNG has few colors; a shrunken palette once turned a small attention map gray."""
    numbers = np.random.default_rng(0)
    shares = numbers.dirichlet(np.ones(6), size=6)
    lines = [("", "x", (6, 512), Matrix("X", numbers.normal(size=(6, 512)), "residual")) for _ in range(7)]
    lines.insert(3, ("", "a", (6, 6), Matrix("A", shares, "attention", column_unit="tokens")))
    picture = shapes_poster(lines, title="t", **WORDS)
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).reshape(-1, 3).astype(int)
    cells = (np.asarray(palette.weights_map()(shares.reshape(-1)))[:, :3] * 255).astype(int)
    for cell in cells:
        assert np.abs(pixels - cell).max(axis=1).min() <= 14, f"no pixel looks like the cell's color {cell}"


# --- bars of probability ----------------------------------------------------------------------------------------------


def test_bars_are_as_long_as_their_probability(monkeypatch):
    drawn = []
    monkeypatch.setattr("shared.visuals.bars.figure", lambda drawing, **words: drawn.append(drawing))
    probability_bars({"before": {"mat": 0.25, "<b>": 0.5}, "after": {"mat": 1.0}}, **WORDS)
    before, after = drawn[0].axes
    assert [bar.get_width() for bar in before.patches] == [0.25, 0.5] and [bar.get_width() for bar in after.patches] == [1.0]
    assert before.get_xlim() == after.get_xlim(), "one scale for both"
    assert "25 %" in texts(before) and "<b>" in texts(before)


def test_a_narrow_panel_is_a_narrow_picture(monkeypatch):
    drawn = []
    monkeypatch.setattr("shared.visuals.bars.figure", lambda drawing, **words: drawn.append(drawing))
    for more in ({}, {"panel_inches": 3.0}):
        probability_bars({"a": {"mat": 0.25}}, **more, **WORDS)
    assert [drawing.get_figwidth() for drawing in drawn] == [4.3, 3.0]


def test_dollar_signs_of_words_are_no_formula():
    probability_bars({r"after $\frac{$": {r"$\frac{$": 0.5}}, **WORDS)  # as a formula it would be an error


@pytest.mark.parametrize(
    "panels, more, message",
    [
        ({}, {}, "at least one panel"),
        ({"a": {}}, {}, "at least one bar"),
        ({"a": {"x": 1.2}}, {}, r"panel 'a': the probability of 'x' must lie between 0 and 1, got 1.2"),
        ({"a": {"x": float("nan")}}, {}, "must lie between 0 and 1, got nan"),
        ({"a": {"x": 0.5}}, {"notes": ["one", "two"]}, "2 for 1 bars"),
        ({"a": {"x": 0.5}, "b": {"x": 0.5}}, {"notes": ["one"]}, "they go with a single panel"),
    ],
)
def test_bars_that_are_none_are_refused(panels, more, message):
    with pytest.raises(ValueError, match=message):
        probability_bars(panels, **more, **WORDS)
