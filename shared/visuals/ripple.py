"""One word is changed: which numbers of each step change with it? Small tables side by side, changed cells filled."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from shared.visuals import palette

CELLS = 6  # columns drawn for a wide matrix; each stands for a share of its features
ACROSS = 4  # tables side by side; narrow enough for a phone
LEFT, SIDE, GAP, TALL = 0.62, 0.98, 0.16, 1.3  # inches: room for the words, a table, between tables, a row of tables
FAINTEST = 0.25  # how strongly the smallest change is filled

Stage = tuple[str, str, np.ndarray]


def ripple(rows: Sequence[tuple[str, Sequence[Stage]]], tokens: Sequence[str], changed: int, upto: int, title: str) -> Figure:
    """Draw the changes step by step, one line of small tables for each of `rows`.

    rows: (name of the line, stages); a stage is (name, concept, (T, n) size of each number's change, NaN = a closed cell).
    More columns than tokens are binned into six, a bin showing its largest change. tokens: T labels; changed: the word that was
    changed; upto: how many stages are drawn, the others stay empty frames. Errors: ValueError for stages of unequal number or
    height, or none. Used in week 1 day 5.
    """
    if not rows or not rows[0][1]:
        raise ValueError("rows must hold at least one line with at least one stage")
    count = len(rows[0][1])
    for name, stages in rows:
        if len(stages) != count or any(np.ndim(c) != 2 or len(c) != len(tokens) or 0 in np.shape(c) for _, _, c in stages):
            raise ValueError(f"rows: the line {name!r} must have {count} stages of {len(tokens)} rows")
    across = min(ACROSS, count)
    down = -(-count // across)  # a line of many stages goes on below
    wide, high = LEFT + across * (SIDE + GAP), 0.5 + len(rows) * (0.3 + down * TALL)
    drawing = Figure(figsize=(wide, high), layout="none")
    drawing.text(0.02, 1 - 0.24 / high, title, fontsize=13, fontweight="bold", va="center")
    for r, (name, stages) in enumerate(rows):
        top = 0.5 + r * (0.3 + down * TALL)
        drawing.text(0.02, 1 - (top + 0.12) / high, name, fontsize=11, color="#4B5563", va="center")
        for i, (label, concept, change) in enumerate(stages):
            x, y = LEFT + (i % across) * (SIDE + GAP), top + 0.3 + (i // across) * TALL  # inches from the left, from the top
            ax = drawing.add_axes((x / wide, 1 - (y + SIDE) / high, SIDE / wide, SIDE / high))
            _table(ax, np.asarray(change, dtype=float) if i < upto else None, len(tokens), concept)
            drawing.text((x + SIDE / 2) / wide, 1 - (y + SIDE + 0.14) / high, label, ha="center", va="center", fontsize=10.5,
                         color=palette.words(concept), fontweight="bold")  # fmt: skip
            if i % across == 0:
                for j, token in enumerate(tokens):
                    ax.text(-0.4, j + 0.5, token, ha="right", va="center", fontsize=10, fontweight="bold" if j == changed else "normal")
    return drawing


def _table(ax, change: np.ndarray | None, tokens: int, concept: str) -> None:
    columns = tokens
    ax.set(xlim=(0, columns), ylim=(tokens, 0), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=palette.LINE)
    if change is None:
        return
    if change.shape[1] != columns:
        columns = CELLS
        change = np.stack([part.max(axis=1) for part in np.array_split(change, columns, axis=1)], axis=1)
        ax.set_xlim(0, columns)
    largest = np.nanmax(change, initial=0.0) or 1.0
    for i in range(tokens):
        for j in range(columns):
            size = change[i, j]
            if np.isnan(size):
                ax.add_patch(Rectangle((j, i), 1, 1, facecolor="#E5E7EB", edgecolor="#FFFFFF", linewidth=0.6))
            elif size > 1e-6:
                ax.add_patch(Rectangle((j, i), 1, 1, facecolor=palette.color(concept), edgecolor="#FFFFFF", linewidth=0.6,
                                       alpha=FAINTEST + (1 - FAINTEST) * float(size / largest) ** 0.5))  # fmt: skip
    for i in range(1, tokens):
        ax.axhline(i, color="#E5E7EB", linewidth=0.6, zorder=0)
