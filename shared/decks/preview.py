"""A slide as it will look, drawn to the measures of the .pptx, so that a deck can be looked through in a notebook."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.decks.pptx_deck import BOTTOM, HEIGHT, MARGIN, TEXT_WIDTH, TOP, WIDTH, picture_room
from shared.decks.slides import Slide, fitted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCALE = 0.6  # inches on the page for one inch of the slide
LETTER = 0.0083  # inches that a letter of DejaVu Sans is wide on average, for one point of its size


def draw_slide(slide: Slide, number: int, count: int) -> "Figure":
    """One slide of a deck as a figure: title, picture, points, and its number. Errors: ValueError for a number outside 1 … count."""
    from matplotlib.figure import Figure
    from PIL import Image

    from shared.visuals import palette

    if not 1 <= number <= count:
        raise ValueError(f"number must be 1 to {count}, got {number}")
    drawing = Figure(figsize=(WIDTH * SCALE, HEIGHT * SCALE), facecolor="white")
    drawing.set_layout_engine("none")
    page = drawing.add_axes((0, 0, 1, 1))
    page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))  # inches of the slide, from its upper left corner
    page.axis("off")
    page.plot([0, WIDTH, WIDTH, 0, 0], [0, 0, HEIGHT, HEIGHT, 0], color=palette.LINE, linewidth=2)
    _words(page, MARGIN, 0.9, _lines(slide.title, WIDTH - 2 * MARGIN, 32 * 1.1), 32, "bold")
    if slide.picture is not None:
        with Image.open(slide.picture) as image:
            shown = image.convert("RGB")
        left, top, w, h = fitted(shown.size, MARGIN, TOP, MARGIN + picture_room(slide), BOTTOM)
        # twice as many dots as are drawn is enough
        shown.thumbnail((round(w * SCALE * 200), round(h * SCALE * 200)))
        page.imshow(shown, extent=(left, left + w, top + h, top), aspect="auto", interpolation="antialiased", zorder=2)
        page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    if slide.points:
        size, width = (20, TEXT_WIDTH) if slide.picture else (28, WIDTH - 2 * MARGIN)
        lines = [line for point in slide.points for line in [*_lines(point, width, size), ""]][:-1]
        _words(page, WIDTH - MARGIN - width, (TOP + BOTTOM) / 2, lines, size, "normal")
    page.text(WIDTH - 0.2, HEIGHT - 0.2, f"{number} / {count}", ha="right", va="bottom", fontsize=12 * SCALE, color=palette.QUIET)
    return drawing


def _lines(text: str, width: float, points: float) -> list[str]:
    return textwrap.wrap(text, max(8, int(width / (points * LETTER))))


def _words(page, x: float, y: float, lines: Sequence[str], points: float, weight: str) -> None:
    """Lines around the height y; an empty one stands for the half line between two points."""
    from shared.visuals import palette

    heights = [points / 72 * (1.25 if line else 0.6) for line in lines]
    top = y - sum(heights) / 2
    for line, height in zip(lines, heights):
        page.text(x, top + height / 2, line, fontsize=points * SCALE, fontweight=weight, va="center", color=palette.INK, parse_math=False)
        top += height
