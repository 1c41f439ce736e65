"""Tokens as boxes in reading order, and the tree of merges that made a token: drawings for tokenizers. Strings only."""

from collections.abc import Collection, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import text_to_path

from shared.visuals import palette
from shared.visuals.text import label

# they part neighbors and mean nothing else: pale, and none of them a hue of the palette
TINTS = ("#E3EAF4", "#F6E7D2", "#DFEEDF", "#EFE1F0", "#F4F1D4")
WIDE_PX, BOX_PX, LINE_PX, NAME_PX = 860.0, 28.0, 36.0, 26.0
BESIDE_PX, BETWEEN_PX, WORD_PX = 7.0, 3.0, 14.0  # inside a box beside its letters; between tokens; between words
TOKEN_PT = 11.0


def tokens_drawing(
    rows: Mapping[str, Sequence[Sequence[str]]],
    *,
    title: str = "",
    lit: Collection[str] = (),
    plain: Collection[str] = (),
    lines: int = 0,
    by_token: bool = False,
) -> Figure:
    """Draw texts as rows of token boxes, for `figure` or as a frame of `stepper`.

    rows: {name of the row: its words, each a sequence of tokens}; between words is a wider gap. A long row goes on in the next line.
    lit: tokens with a ring; plain: tokens without a tint. lines: at least so many lines of boxes high, so that all frames of an
    animation have one size. by_token: whether equal tokens have equal tints, in all frames; else neighbors differ.
    Errors: ValueError for no rows or a row without a token. Built in week 3 day 2.
    """
    if not rows:
        raise ValueError("rows must hold at least one row")
    for name, words in rows.items():
        if not any(len(word) for word in words):
            raise ValueError(f"rows: {name!r} has no token")
    placed = {name: _filled(words) for name, words in rows.items()}
    count = max(sum(map(len, placed.values())), lines)
    named = [name for name in rows if name.strip()]
    head = 34.0 if title else 8.0
    height = head + count * LINE_PX + len(named) * NAME_PX + 6
    drawing = Figure(figsize=((WIDE_PX + 20) / 100, height / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-10, WIDE_PX + 10), ylim=(height, 0))
    axes.axis("off")
    if title:
        axes.text(0, 16, title, fontsize=13, fontweight="bold", va="center", parse_math=False)
    y, n = head, 0
    for name, row in placed.items():
        if name.strip():
            axes.text(0, y + NAME_PX / 2, name, fontsize=10.5, va="center", color=palette.QUIET, parse_math=False)
            y += NAME_PX
        for line in row:
            for x, wide, token in line:
                tint = TINTS[(sum(token.encode()) if by_token else n) % len(TINTS)]
                _box(axes, x, y + LINE_PX / 2, wide, token, palette.PAPER if token in plain else tint, token in lit)
                n += 1
            y += LINE_PX
    return drawing


def draw_merge_tree(axes: Axes, tokens: Sequence[str], halves: Mapping[str, tuple[str, str, int]]) -> None:
    """Draw how tokens were joined, from single letters at the bottom to the tokens of a word at the top.

    tokens: the tokens of a word, from left to right; halves: {token: (left half, right half, number of the merge)}; a token that is
    not in it is a leaf. Errors: ValueError for no token. Built in week 3 day 2.
    """
    if not tokens:
        raise ValueError("tokens must hold at least one token")
    across, top = 0.0, 0
    for token in tokens:
        across, _, high = _branch(axes, token, halves, across)
        across += 0.35
        top = max(top, high)
    axes.set(xlim=(-0.65, across - 0.7), ylim=(-0.55, top + 0.75))
    axes.axis("off")


def _branch(axes: Axes, token: str, halves: Mapping[str, tuple[str, str, int]], left: float) -> tuple[float, float, int]:
    """Draw a token above its halves; returns where the next one may start, the middle of this one, and its height."""
    if token not in halves:
        axes.text(left, 0, label(token), ha="center", va="center", fontsize=11.5, bbox=_ground(palette.PAPER), parse_math=False, zorder=3)
        return left + 1, left, 0
    first, second, number = halves[token]
    left, x1, y1 = _branch(axes, first, halves, left)
    left, x2, y2 = _branch(axes, second, halves, left)
    x, y = (x1 + x2) / 2, max(y1, y2) + 1
    for below_x, below_y in ((x1, y1), (x2, y2)):
        axes.plot([x, below_x], [y, below_y], color=palette.QUIET, linewidth=1.3, zorder=1)
    axes.text(x, y, label(token), ha="center", va="center", fontsize=11.5, bbox=_ground(TINTS[y % len(TINTS)]), parse_math=False, zorder=3)
    axes.text(x, y + 0.42, f"merge {number}", ha="center", va="center", fontsize=10, color=palette.QUIET, zorder=2,
              bbox=dict(boxstyle="square,pad=0.1", facecolor=palette.CARD, edgecolor="none"))  # fmt: skip
    return left, x, y


def _ground(tint: str) -> dict:
    return dict(boxstyle="round,pad=0.35", facecolor=tint, edgecolor=palette.LINE, linewidth=1.1)


def _box(axes: Axes, x: float, y: float, wide: float, token: str, tint: str, ring: bool) -> None:
    axes.add_patch(FancyBboxPatch((x, y - BOX_PX / 2), wide, BOX_PX, boxstyle="round,pad=0,rounding_size=6", facecolor=tint,
                                  edgecolor=palette.INK if ring else palette.LINE, linewidth=2.2 if ring else 1.0))  # fmt: skip
    axes.text(x + wide / 2, y, label(token), ha="center", va="center_baseline", fontsize=TOKEN_PT, fontweight="bold" if ring else "normal", parse_math=False)


def _filled(words: Sequence[Sequence[str]]) -> list[list[tuple[float, float, str]]]:
    """The boxes of a row in lines: (left edge, width, token). A word goes to the next line whole where it can."""
    lines, x = [[]], 0.0
    for word in words:
        widths = [_width(token) for token in word]
        if x > 0 and x + sum(widths) + BETWEEN_PX * len(word) > WIDE_PX:
            lines.append([])
            x = 0.0
        for token, wide in zip(word, widths):
            if x > 0 and x + wide > WIDE_PX:
                lines.append([])
                x = 0.0
            lines[-1].append((x, wide, token))
            x += wide + BETWEEN_PX
        x += WORD_PX - BETWEEN_PX
    return lines


def _width(token: str) -> float:
    size = FontProperties(size=TOKEN_PT * 100 / 72)
    return text_to_path.get_text_width_height_descent(label(token), size, False)[0] + 2 * BESIDE_PX
