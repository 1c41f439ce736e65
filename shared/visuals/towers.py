"""The encoder–decoder in small drawings: who asks whom in each of its attentions, and where its norms stand."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch

from shared.visuals import palette
from shared.visuals.text import label

ORDERS = ("post-LN", "pre-LN")
BOX_WIDTH, BOX_HEIGHT = 0.34, 0.62  # of a token, in units of the axes: the two columns stand at x = 0 and x = 2, a row is 1 high


def draw_links(ax: Axes, queries: Sequence[str], keys: Sequence[str], weights: np.ndarray, *, title: str = "") -> None:
    """Draw one attention as lines from the tokens that ask (left, blue) to those that are looked at (right, orange).

    queries: T labels; keys: S labels; weights: (T, S), each from 0 to 1: the darker and thicker a line, the more weight,
    none at 0; a table of True and False says who may look where. title: one short line above.
    Errors: ValueError for a shape that does not fit the labels, or numbers outside 0 to 1. Used in week 1 day 6.
    """
    table = np.asarray(weights, dtype=np.float64)
    if table.shape != (len(queries), len(keys)) or 0 in table.shape:
        raise ValueError(f"weights of shape {table.shape} do not fit {len(queries)} query tokens and {len(keys)} key tokens")
    if not np.isfinite(table).all() or table.min() < -1e-6 or table.max() > 1 + 1e-6:
        raise ValueError("weights must hold shares from 0 to 1")
    rows = max(table.shape)
    # the shorter column stands in the middle
    left, right = (np.arange(n) + (rows - n) / 2 for n in table.shape)
    for (t, s), share in np.ndenumerate(table):
        if share > 0.01:
            ax.plot([BOX_WIDTH, 2 - BOX_WIDTH], [left[t], right[s]], color=palette.color("attention"), alpha=float(min(1.0, 0.15 + 0.85 * share)),
                    linewidth=0.6 + 2.6 * float(share), solid_capstyle="round", zorder=1)  # fmt: skip
    for x, ys, names, concept in ((0, left, queries, "query"), (2, right, keys, "key")):
        for y, name in zip(ys, names):
            _rounded(ax, x, y, 2 * BOX_WIDTH, BOX_HEIGHT, palette.outline(concept))
            ax.text(x, y, label(name), ha="center", va="center", fontsize=11, color=palette.INK, parse_math=False, zorder=3)
    ax.text(0, -0.95, "asks", ha="center", fontsize=10, color=palette.words("query"))
    ax.text(2, -0.95, "is asked", ha="center", fontsize=10, color=palette.words("key"))
    ax.set(xlim=(-0.6, 2.6), ylim=(rows - 0.4, -1.3))
    ax.axis("off")
    if title:
        ax.set_title(title, fontsize=11, parse_math=False)


def draw_norm_order(ax: Axes, order: str, part: str = "attention") -> None:
    """Draw the road of one token through a part, with its shortcut: post-LN (the paper) or pre-LN (most code since).

    order: "post-LN" or "pre-LN"; part: what the box in the middle is called. Errors: ValueError for another order.
    Used in week 1 day 6.
    """
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}; got {order!r}")
    first = order == "pre-LN"
    norm, body, plus = (1.5, 3.3, 5.0) if first else (5.9, 2.3, 4.3)
    end = 6.7 if first else 7.3
    road = palette.color("residual")
    ax.annotate("", (end, 1), (0, 1), arrowprops=dict(arrowstyle="-|>", color=road, linewidth=2.2, shrinkA=0, shrinkB=0), zorder=1)
    start = 0.55
    ax.plot([start, start, plus, plus], [1, 2.05, 2.05, 1.3], color=road, linewidth=2.2, zorder=1, solid_joinstyle="round")
    ax.text((start + plus) / 2, 2.17, "x, unchanged", ha="center", va="bottom", fontsize=10, color=palette.QUIET)
    _rounded(ax, norm, 1, 1.25, 0.72, palette.outline("normalization"), palette.color("normalization"))
    ax.text(norm, 1, "norm", ha="center", va="center", fontsize=11, zorder=3)
    _rounded(ax, body, 1, 1.75, 0.72, palette.color("attention"), palette.color("attention"))
    ax.text(body, 1, part, ha="center", va="center", fontsize=11, color=palette.CARD, zorder=3)
    ax.add_patch(Circle((plus, 1), 0.3, facecolor=palette.CARD, edgecolor=road, linewidth=1.8, zorder=2))
    ax.text(plus, 0.99, "+", ha="center", va="center", fontsize=14, zorder=3)
    ax.text(-0.08, 1, "x", ha="right", va="center", fontsize=12)
    ax.set(xlim=(-0.4, 7.5), ylim=(0.35, 2.65), aspect="equal")
    ax.axis("off")


def _rounded(ax: Axes, x: float, y: float, width: float, height: float, edge: str, face: str = palette.CARD) -> None:
    ax.add_patch(FancyBboxPatch(
        (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0,rounding_size=0.12", facecolor=face, edgecolor=edge,
        linewidth=1.5, zorder=2,
    ))  # fmt: skip
