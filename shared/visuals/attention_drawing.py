"""The flow of attention for one query, as one would draw it on paper, with room for the learner's own notes."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.text import label

PARTS = ("query", "keys", "scores", "weights", "values", "output")
CONCEPTS = {"query": "query", "keys": "key", "scores": "residual", "weights": "attention", "values": "value", "output": "value"}
MIDDLES = {"query": 75, "keys": 218, "scores": 365, "weights": 510, "values": 655, "output": 812}
WIDTH, TOP, ROW, NOTES = 890.0, 92.0, 54.0, 118.0
LETTERS, LINES = 17, 6  # of a note, in a line and in all


def attention_drawing(
    tokens: Sequence[str],
    asks: int,
    scores: np.ndarray,
    weights: np.ndarray,
    notes: Mapping[str, str],
    *,
    alt: str,
    caption: str,
    title: str,
) -> Picture:
    """Draw how one query gets its output: query, keys, scores, weights, values, mixture, with a note below each.

    tokens: two to six words; asks: the index of the one that asks; scores, weights: (n,) of its row.
    notes: a few words for "query", "keys", "scores", "weights", "values", "output"; an empty or missing one leaves a
    dotted line to write on. Errors: ValueError that names the argument, for what does not fit, a part that there is not,
    or a note that is too long for its place. Used in week 1 day 3.
    """
    count = len(tokens)
    scores, weights = np.asarray(scores, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if not 2 <= count <= 6:
        raise ValueError(f"tokens must be two to six words, got {count}")
    if not 0 <= asks < count:
        raise ValueError(f"asks must be an index from 0 to {count - 1}, got {asks}")
    for name, row in (("scores", scores), ("weights", weights)):
        if row.shape != (count,):
            raise ValueError(f"{name} must have shape ({count},), got {row.shape}")
    unknown = [part for part in notes if part not in PARTS]
    if unknown:
        raise ValueError(f"notes: there is no part {unknown[0]!r}; the parts are {', '.join(PARTS)}")
    wrapped = {part: textwrap.wrap(str(notes.get(part) or ""), LETTERS) for part in PARTS}
    for part, lines in wrapped.items():
        if len(lines) > LINES:
            raise ValueError(f"notes: the one for {part!r} is too long; {LETTERS * (LINES - 1)} letters fit")
    height = TOP + ROW * count + NOTES + 30
    drawing = Figure(figsize=(WIDTH / 100, height / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    axes.text(18, 30, title, fontsize=13, fontweight="bold")
    middle = TOP + ROW * count / 2
    rows = [TOP + ROW * (i + 0.5) for i in range(count)]
    for i, y in enumerate(rows):
        _arrow(axes, (MIDDLES["query"] + 46, middle), (MIDDLES["keys"] - 48, y), "query")
        _arrow(axes, (MIDDLES["keys"] + 46, y), (MIDDLES["scores"] - 44, y), "key")
        _arrow(axes, (MIDDLES["scores"] + 42, y), (MIDDLES["weights"] - 46, y), "residual")
        _arrow(axes, (MIDDLES["weights"] + 46, y), (MIDDLES["values"] - 48, y), "attention", 0.8 + 5 * weights[i])
        _arrow(axes, (MIDDLES["values"] + 46, y), (MIDDLES["output"] - 50, middle), "value", 0.8 + 5 * weights[i])
        _box(axes, MIDDLES["keys"], y, f"k of {label(tokens[i])}", "key")
        _box(axes, MIDDLES["scores"], y, f"{scores[i]:.2f}".replace("-", "−"), "residual")
        _box(axes, MIDDLES["weights"], y, f"{100 * weights[i]:.0f} %", "attention")
        _box(axes, MIDDLES["values"], y, f"v of {label(tokens[i])}", "value")
    _box(axes, MIDDLES["query"], middle, f"q of {label(tokens[asks])}", "query", thick=True)
    _box(axes, MIDDLES["output"], middle, f"new {label(tokens[asks])}", "value", thick=True)
    for i, part in enumerate(PARTS):
        axes.text(MIDDLES[part], TOP - 22, f"{i + 1}  {part}", ha="center", fontsize=12, fontweight="bold", color=palette.words(CONCEPTS[part]))
        _note(axes, MIDDLES[part], TOP + ROW * count + 26, wrapped[part])
    return figure(drawing, alt=alt, caption=caption)


def _box(axes: Axes, x: float, y: float, words: str, concept: str, thick: bool = False) -> None:
    edge = palette.outline(concept)
    axes.add_patch(FancyBboxPatch((x - 41, y - 14), 82, 28, boxstyle="round,pad=3,rounding_size=7", facecolor=palette.CARD,
                                  edgecolor=edge, linewidth=2.6 if thick else 1.6, zorder=3))  # fmt: skip
    axes.text(x, y + 1, words, ha="center", va="center", fontsize=11, color=palette.words(concept), zorder=4, parse_math=False)


def _arrow(axes: Axes, start: tuple, end: tuple, concept: str, width: float = 1.2) -> None:
    axes.annotate("", xy=end, xytext=start, zorder=2, arrowprops={
        "arrowstyle": "-|>,head_width=0.25,head_length=0.45", "color": palette.outline(concept), "linewidth": width,
        "shrinkA": 0, "shrinkB": 0, "alpha": 0.75})  # fmt: skip


def _note(axes: Axes, x: float, y: float, lines: Sequence[str]) -> None:
    for i, line in enumerate(lines):
        axes.text(x, y + 17 * i, line, ha="center", va="center", fontsize=10.2, color=palette.INK, parse_math=False)
    for i in range(3 if not lines else 0):
        axes.plot([x - 58, x + 58], [y + 4 + 24 * i] * 2, linestyle=":", color=palette.QUIET, linewidth=1.2)
