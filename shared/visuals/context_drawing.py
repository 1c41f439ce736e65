"""How attention lets a model learn context, on one sheet: one word in two texts, two new rows, and the loop that trains it."""

import zlib
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.text import label

WIDTH, HEIGHT = 890.0, 448.0  # pixels of the drawing, y downwards
STARTS, STEP = (34.0, 354.0), 100.0  # where each text begins, and from word to word
WORDS, ROWS, ROLES, SHARES, MIX, NEW = 424.0, 380.0, 320.0, 232.0, 150.0, 82.0  # the heights of what is drawn, from below
LOOP, LOOP_W = 784.0, 200.0  # the middle of the loop of learning, and its width


def context_drawing(texts: Sequence[tuple[Sequence[str], Sequence[float]]], *, alt: str, caption: str, title: str) -> Picture:
    """Draw two texts of three words that end in the same word, and how that word's row becomes another row in each.

    texts: two pairs of (three words, the shares that the last word gives them: three numbers from 0 to 1 that sum to 1).
    alt, caption, title: its words. Errors: ValueError that names the text which does not fit. Used in week 1 day 7.
    """
    if len(texts) != 2 or not all(len(words) for words, _ in texts) or texts[0][0][-1] != texts[1][0][-1]:
        raise ValueError(f"texts must be two that end in the same word, got {[list(words) for words, _ in texts]}")
    for words, shares in texts:
        if len(words) != 3 or np.shape(shares) != (3,) or min(shares) < 0 or abs(sum(shares) - 1) > 1e-4:
            raise ValueError(f"texts: {list(words)} must be three words with three shares that sum to 1, got {list(shares)}")
    drawing = Figure(figsize=(WIDTH / 100, HEIGHT / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.axis("off")
    axes.text(14, 22, title, fontsize=13, fontweight="bold", va="center", parse_math=False)
    for side, (start, (words, shares)) in enumerate(zip(STARTS, texts)):
        _text(axes, start, words, shares, side)
    _loop(axes)
    for number, place in enumerate(((12, ROWS), (12, ROLES), (12, SHARES - 22), (12, MIX), (12, NEW), (LOOP - LOOP_W / 2 + 12, NEW - 30)), 1):
        axes.add_patch(Circle(place, 11, facecolor=palette.INK, edgecolor="none", zorder=5))
        axes.text(*place, str(number), color=palette.CARD, ha="center", va="center", fontsize=10.5, fontweight="bold", zorder=6)
    return figure(drawing, alt=alt, caption=caption)


def _text(axes: Axes, start: float, words: Sequence[str], shares: Sequence[float], side: int) -> None:
    places = [start + 40 + STEP * i for i in range(3)]
    asks = places[-1]
    for i, (x, word, share) in enumerate(zip(places, words, shares)):
        mine = i == 2
        _box(axes, x, WORDS, 74, 28, label(word), palette.INK, 2.6 if mine else 1.2, bold=mine)
        _strip(axes, x, ROWS, zlib.crc32(word.encode()))  # the same word has the same row, in both texts
        _line(axes, (x, ROWS - 13), (x, ROLES + 14))
        _box(axes, x - 17, ROLES, 30, 26, "k", palette.outline("key"), 1.8)
        _box(axes, x + 17, ROLES, 30, 26, "v", palette.outline("value"), 1.8)
        axes.plot([x, asks], [ROLES - 14, MIX + 14], color=palette.color("attention"), linewidth=1 + 7 * share, alpha=0.55, zorder=1)
        up = 0.32  # the share stands this far along its line
        axes.text(x + up * (asks - x), ROLES - 14 - up * (ROLES - MIX - 28), f"{100 * share:.1f} %", ha="center", va="center", fontsize=10.5, zorder=4,
                  fontweight="bold", color=palette.color("attention"), bbox={"boxstyle": "square,pad=0.1", "facecolor": palette.CARD, "edgecolor": "none"})  # fmt: skip
    _box(axes, asks + 50, ROLES, 26, 26, "q", palette.outline("query"), 1.8)
    _line(axes, (asks + 10, ROWS - 13), (asks + 48, ROLES + 14))
    _box(axes, asks, MIX, 96, 28, "mixture of v", palette.outline("value"), 1.8)
    _line(axes, (asks, MIX - 14), (asks, NEW + 16))
    # the shortcut: the old row is added
    axes.plot([asks + 28, asks + 72, asks + 72, asks + 12], [ROWS, ROWS, (MIX + NEW) / 2, (MIX + NEW) / 2], color=palette.color("residual"), linewidth=1.4, zorder=1)
    axes.text(asks, (MIX + NEW) / 2, "+", ha="center", va="center", fontsize=12, zorder=4,
              bbox={"boxstyle": "circle,pad=0.12", "facecolor": palette.CARD, "edgecolor": palette.color("residual")})  # fmt: skip
    _strip(axes, asks, NEW, 11 + 4 * side)
    if not side:
        axes.text(start - 2, SHARES - 22, "softmax\nof q · k", fontsize=10, va="center", color="#4B5563")
    axes.text(asks - 36, NEW, "new row", ha="right", va="center", fontsize=10.5)


def _loop(axes: Axes) -> None:
    gray = palette.color("residual")
    steps = ((NEW, "a guess of the next word"), (MIX + 14, "loss: how wrong?"), (ROLES - 60, "slopes, going back"))
    for y, words in steps:
        _box(axes, LOOP, y, LOOP_W, 30, words, gray, 1.5)
    for (y, _), (below, _) in zip(steps, steps[1:]):
        _line(axes, (LOOP, y + 15), (LOOP, below - 15))
    _line(axes, (LOOP, ROLES - 45), (LOOP, ROLES + 24))
    _box(axes, LOOP, ROLES + 58, LOOP_W, 66, "change W_q, W_k, W_v\nand the table:\nnever the shares", palette.INK, 1.8)
    _line(axes, (STARTS[1] + 40 + 2 * STEP + 30, NEW), (LOOP - LOOP_W / 2 - 1, NEW))


def _strip(axes: Axes, x: float, y: float, seed: int) -> None:
    """A row of numbers, as four cells in grays: equal seeds are equal rows."""
    for i, gray in enumerate(np.random.default_rng(seed).uniform(0.28, 0.97, 4)):
        axes.add_patch(Rectangle((x - 28 + 14 * i, y - 10), 14, 20, facecolor=str(gray), edgecolor=palette.QUIET, linewidth=0.8, zorder=3))


def _box(axes: Axes, x: float, y: float, wide: float, high: float, words: str, edge: str, line: float, bold: bool = False) -> None:
    axes.add_patch(FancyBboxPatch((x - wide / 2, y - high / 2), wide, high, boxstyle="round,pad=0,rounding_size=7", facecolor=palette.CARD,
                                  edgecolor=edge, linewidth=line, zorder=3))  # fmt: skip
    axes.text(x, y, words, ha="center", va="center", fontsize=10.5, fontweight="bold" if bold else "normal", zorder=4, parse_math=False, linespacing=1.35)


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, zorder=2, arrowprops={"arrowstyle": "-|>", "color": palette.QUIET, "linewidth": 1.3, "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0})
