"""The shape poster: one line a step, its result drawn to scale, its shape in large type."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.matrices import Matrix, draw_matrix

WIDTH, LINE_PX, TOP_PX = 880.0, 74.0, 58.0
FEATURE_PX = 0.42
STRIP_TOKEN_PX = 8.5  # lower rows than elsewhere, so that eight lines fit on one page


def shapes_poster(
    lines: Sequence[tuple[str, str, Sequence[int], Matrix]], *, alt: str, caption: str, title: str
) -> Picture:
    """Draw the results of several steps below each other, all to one scale.

    lines: for each result the step's number (or ""), what happens, the tensor's shape, and the matrix to draw. The shape is
    given apart from the matrix, because a vector of 50,000 votes is drawn as a matrix of one row.
    Errors: ValueError for no lines; those of `figure`. Used in week 1 day 4.
    """
    if not lines:
        raise ValueError("lines must hold at least one step")
    height = TOP_PX + LINE_PX * len(lines) + 34
    drawing = Figure(figsize=(WIDTH / 100, height / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    axes.text(24, 32, title, fontsize=15, fontweight="bold", color=palette.INK)
    for i, (step, words, shape, matrix) in enumerate(lines):
        middle = TOP_PX + LINE_PX * (i + 0.5)
        if step:
            axes.plot([24, WIDTH - 24], [middle - LINE_PX / 2] * 2, color=palette.LINE, linewidth=1)
            axes.text(36, middle, step, ha="center", va="center", fontsize=17, fontweight="bold", color=palette.QUIET)
        axes.text(66, middle, words, va="center", fontsize=11.5, color=palette.INK)
        tall = matrix.side_px(0, FEATURE_PX, STRIP_TOKEN_PX)[0]
        draw_matrix(axes, matrix, 330, middle - tall / 2, FEATURE_PX, STRIP_TOKEN_PX)
        wide = matrix.side_px(1, FEATURE_PX, STRIP_TOKEN_PX)[0]
        axes.text(330 + wide + 14, middle, matrix.name, va="center", fontsize=11, fontweight="bold", color=palette.words(matrix.concept))
        axes.text(WIDTH - 30, middle, _shape(shape), ha="right", va="center", fontsize=15, family="DejaVu Sans Mono", color=palette.INK)
    axes.text(24, height - 14, "to scale, tokens by one scale, features by another  ·  // = cut, goes on", fontsize=9.6, color=palette.QUIET)
    return figure(drawing, alt=alt, caption=caption)


def _shape(shape: Sequence[int]) -> str:
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(str(n) for n in shape)})"
