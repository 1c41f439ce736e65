"""Matrices drawn to scale: so many tokens high, so many features wide, with name and shape beside them.

Two scales hold in a whole figure: one for tokens (every token is a row or a column that can be seen) and one for features
(512 columns are not 512 squares). What is left out or cut is said in the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.text import label

Unit = Literal["tokens", "features"]
TOKEN_PX = 16.0  # a token's row or column, in screen pixels
FEATURE_PX = 0.5  # one feature, so that 512 are 256 px
LONGEST_PX = 300.0  # a longer side is cut and marked
STRIPE_PX = 4.0  # a number of a wide matrix gets a stripe about this wide; those between are left out, and the legend says so
GAP, LABEL_PX, NARROWEST_PX = 14.0, 36.0, 600.0
LEAST_FEATURE_PX = 0.001


@dataclass(frozen=True)
class Matrix:
    """A matrix with the words that a picture of it needs.

    name: as in the lesson ("W_q"); values: (rows, columns), finite; concept: a color of the palette.
    rows, columns: a label for each, or None; row_unit, column_unit: whether an axis counts tokens or features.
    Errors: ValueError for values that are no finite matrix, labels of another length, or an unknown concept or unit.
    """

    name: str
    values: np.ndarray
    concept: str
    rows: Sequence[str] | None = None
    columns: Sequence[str] | None = None
    row_unit: Unit = "tokens"
    column_unit: Unit = "features"

    def __post_init__(self):
        values = np.asarray(self.values)
        if not np.issubdtype(values.dtype, np.floating):
            values = values.astype(np.float64)
        if values.ndim != 2 or 0 in values.shape:
            raise ValueError(f"{self.name}: values must be a matrix (rows, columns), got shape {values.shape}")
        if not np.isfinite(values).all():
            first = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
            raise ValueError(f"{self.name}: values of shape {values.shape} are not finite at {first}")
        for axis, labels in enumerate((self.rows, self.columns)):
            if labels is not None and len(labels) != values.shape[axis]:
                side = ("rows", "columns")[axis]
                raise ValueError(f"{self.name}: {len(labels)} labels for {values.shape[axis]} {side}")
        for unit in (self.row_unit, self.column_unit):
            if unit not in ("tokens", "features"):
                raise ValueError(f"{self.name}: a unit must be 'tokens' or 'features', got {unit!r}")
        palette.color(self.concept)
        object.__setattr__(self, "values", values)

    @property
    def shape(self) -> tuple[int, int]:
        return self.values.shape

    def side_px(self, axis: int, feature_px: float = FEATURE_PX, token_px: float = TOKEN_PX) -> tuple[float, bool]:
        """Length of a side on screen in pixels, and whether it had to be cut."""
        _check_scale(feature_px)
        unit = (self.row_unit, self.column_unit)[axis]
        length = self.shape[axis] * (token_px if unit == "tokens" else feature_px)
        return min(max(length, 3.0), LONGEST_PX), length > LONGEST_PX

    def stride(self, axis: int, feature_px: float = FEATURE_PX) -> int:
        """Every how many-th number along this axis is drawn; 1 = all of them. Tokens are never left out."""
        unit = (self.row_unit, self.column_unit)[axis]
        # odd, so that the alternating sines and cosines of a positional encoding are both seen
        return 1 if unit == "tokens" else round(STRIPE_PX / feature_px) // 2 * 2 + 1


def _check_scale(feature_px: float) -> None:
    if not LEAST_FEATURE_PX <= feature_px <= LONGEST_PX:
        raise ValueError(f"feature_px must be a number of pixels from {LEAST_FEATURE_PX} to {LONGEST_PX:g}, got {feature_px!r}")


def drawn_values(matrix: Matrix, feature_px: float = FEATURE_PX) -> np.ndarray:
    """The numbers that a to-scale drawing shows: true entries, every `stride`-th along features, only the part before a cut."""
    values = matrix.values
    for axis in (0, 1):
        px, cut = matrix.side_px(axis, feature_px)
        end = int(px / feature_px) if cut else values.shape[axis]
        values = values.take(range(0, end, matrix.stride(axis, feature_px)), axis=axis)
    return values


def matrices_figure(
    lines: Sequence[Sequence[Matrix | str]], *, alt: str, caption: str, title: str = "", feature_px: float = FEATURE_PX
) -> Picture:
    """Equations of matrices to scale, one line below the other; strings stand between matrices as operators.

    lines: for example [[x, "×", w_q, "=", q]]. feature_px: screen pixels of one feature, the same in the whole figure.
    Errors: ValueError for no line, a line without a matrix, or another scale; those of `Matrix` and `figure`. Used from week 1 day 3 on.
    """
    if not lines or not all(any(isinstance(item, Matrix) for item in line) for line in lines):
        raise ValueError("lines must hold at least one line, and every line at least one Matrix")
    label_px = [_row_label_px(line) for line in lines]
    widths = [label_px[i] + sum(_item_px(item, feature_px) for item in line) for i, line in enumerate(lines)]
    heights = [max(m.side_px(0, feature_px)[0] for m in line if isinstance(m, Matrix)) + 2 * LABEL_PX for line in lines]
    top = 34.0 if title else 4.0
    width = max(*widths, NARROWEST_PX) + 2 * GAP
    legend = _wrap(_legend(lines, feature_px), width - 2 * GAP)
    height = sum(heights) + top + 8 + 16 * len(legend)
    drawing = Figure(figsize=(width / 100, height / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    if title:
        axes.text(GAP, 22, title, fontsize=13, fontweight="bold", color=palette.INK)
    y = top
    for line, line_height, labels_px in zip(lines, heights, label_px):
        _draw_line(axes, line, GAP + labels_px, y + line_height / 2, feature_px)
        y += line_height
    for i, note in enumerate(reversed(legend)):
        axes.text(GAP, height - 9 - 16 * i, note, fontsize=9.6, color=palette.QUIET)
    return figure(drawing, alt=alt, caption=caption)


def draw_matrix(
    axes: Axes, matrix: Matrix, x: float, y: float, feature_px: float = FEATURE_PX, token_px: float = TOKEN_PX
) -> None:
    """Draw one matrix with its left top corner at (x, y), in pixels with y downwards; its size is `side_px` of its axes."""
    (height, cut_rows), (width, cut_columns) = (matrix.side_px(axis, feature_px, token_px) for axis in (0, 1))
    values = drawn_values(matrix, feature_px)
    shares = matrix.concept == "attention"
    limit = 1.0 if shares else (np.abs(values).max() or 1.0)
    colors = palette.weights_map() if shares else palette.signed_map()
    axes.imshow(
        values, cmap=colors, vmin=0 if shares else -limit, vmax=limit, extent=(x, x + width, y + height, y),
        aspect="auto", interpolation="nearest", zorder=1,
    )
    axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=palette.outline(matrix.concept), linewidth=1.6, zorder=2))
    if cut_columns:
        _break_mark(axes, x + width * 0.86, y - 4, 0, height + 8)
    if cut_rows:
        _break_mark(axes, x - 4, y + height * 0.86, width + 8, 0)


def _draw_line(axes: Axes, line: Sequence[Matrix | str], x: float, middle: float, feature_px: float) -> None:
    first = True
    for item in line:
        item_px = _item_px(item, feature_px)
        center = x + item_px / 2
        if isinstance(item, str):
            axes.text(center, middle, item, ha="center", va="center", fontsize=13 if len(item) < 3 else 11, color=palette.INK)
        else:
            height, width = item.side_px(0, feature_px)[0], item.side_px(1, feature_px)[0]
            top = middle - height / 2
            draw_matrix(axes, item, center - width / 2, top, feature_px)
            axes.text(center, top - 9, item.name, ha="center", fontsize=12, fontweight="bold", color=palette.words(item.concept))
            axes.text(center, top + height + 17, f"({item.shape[0]}, {item.shape[1]})",
                      ha="center", fontsize=10, family="DejaVu Sans Mono", color=palette.INK)
            if first and item.rows is not None:
                for i, token in enumerate(item.rows):
                    axes.text(center - width / 2 - 7, top + (i + 0.5) * height / len(item.rows), label(token), ha="right", va="center",
                              fontsize=10, color=palette.INK, parse_math=False)
            first = False
        x += item_px


def _item_px(item: Matrix | str, feature_px: float) -> float:
    if isinstance(item, str):
        return 2 * GAP + 7.5 * len(item)
    # a narrow matrix still needs room for its name and shape
    words = 7.2 * max(len(f"({item.shape[0]}, {item.shape[1]})"), len(item.name) + 2)
    return max(item.side_px(1, feature_px)[0], words) + 6


def _row_label_px(line: Sequence[Matrix | str]) -> float:
    first = next((m for m in line if isinstance(m, Matrix)), None)
    if first is None or first.rows is None:
        return 0.0
    return 7.5 * max(len(label(token)) for token in first.rows) + 10


def _legend(lines: Sequence[Sequence[Matrix | str]], feature_px: float) -> list[str]:
    matrices = [m for line in lines for m in line if isinstance(m, Matrix)]
    notes = []
    wide = any("features" in (m.row_unit, m.column_unit) for m in matrices)
    if wide:
        step = max(m.stride(axis, feature_px) for m in matrices for axis in (0, 1))
        notes.append("to scale, tokens by one scale, features by another")
        if step > 1:
            notes.append(f"1 in {step} features is drawn")
    if any(m.concept != "attention" for m in matrices):
        notes.append("vermilion < 0 < blue")
    if any(m.concept == "attention" for m in matrices):
        notes.append("purple: white 0, dark 1")
    if any(m.side_px(axis, feature_px)[1] for m in matrices for axis in (0, 1)):
        notes.append("// = cut, goes on")
    return notes


def _wrap(notes: list[str], width_px: float) -> list[str]:
    """Join notes into lines of at most `width_px`; a letter of the legend is about 7 px wide."""
    joined = [notes[0]]
    for note in notes[1:]:
        if 7.0 * len(f"{joined[-1]}  ·  {note}") <= width_px:
            joined[-1] += f"  ·  {note}"
        else:
            joined.append(note)
    return joined


def _break_mark(axes: Axes, x: float, y: float, dx: float, dy: float) -> None:
    """Two slanted strokes across a side that is longer than it is drawn."""
    for shift in (0, 7):
        if dy:
            axes.plot([x + shift + 5, x + shift - 5], [y, y + dy], color=palette.CARD, linewidth=5, zorder=3)
            axes.plot([x + shift + 5, x + shift - 5], [y, y + dy], color=palette.INK, linewidth=1, zorder=4)
        else:
            axes.plot([x, x + dx], [y + shift + 5, y + shift - 5], color=palette.CARD, linewidth=5, zorder=3)
            axes.plot([x, x + dx], [y + shift + 5, y + shift - 5], color=palette.INK, linewidth=1, zorder=4)
