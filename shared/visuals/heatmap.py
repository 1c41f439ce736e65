"""Attention maps with the tokens on both axes: rows are queries, columns are keys, one purple from 0 to 1."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.text import check_font_size, label

NUMBERS_UP_TO = 8  # with more tokens than this the numbers would be too small to read


def attention_heatmap(
    weights: np.ndarray,
    tokens: Sequence[str],
    *,
    alt: str,
    caption: str,
    title: str = "",
    titles: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    ring: tuple[int, int] | None = None,
) -> Picture:
    """Draw one attention map, or several of one size side by side.

    weights: (T, S), or (n, T, S) for n maps; each row sums to 1. tokens: T labels for the rows (queries).
    keys: S labels for the columns, where they differ (cross-attention). titles: one for each map.
    ring: (row, column) of a cell to circle. Numbers are printed for up to eight tokens.
    Errors: ValueError that names the argument, for shapes or label counts that do not fit, or rows that are no shares.
    Used from week 1 day 3 on.
    """
    maps = np.asarray(weights, dtype=np.float64)
    maps = maps[None] if maps.ndim == 2 else maps
    keys = tokens if keys is None else keys
    _check(maps, tokens, keys)
    if titles is not None and len(titles) != len(maps):
        raise ValueError(f"titles: {len(titles)} for {len(maps)} maps")
    across = min(len(maps), 4 if len(maps) > 3 else 3)
    down = math.ceil(len(maps) / across)
    side = {1: 5.0, 2: 3.9, 3: 2.9}.get(across, 2.2)
    # small maps in a grid carry neither numbers nor repeated labels: they are there to be compared at a glance
    small = across > 2
    drawing = Figure(figsize=(across * side + 0.5, down * side * 0.92 + (1.0 if title else 0.5)), layout="constrained")
    drawing.get_layout_engine().set(h_pad=0.08, w_pad=0.08)  # inches; else the title sits on the panels' titles
    axes = drawing.subplots(down, across, squeeze=False)
    for i, ax in enumerate(axes.flat):
        if i >= len(maps):
            ax.axis("off")
            continue
        draw_heatmap(ax, maps[i], tokens, keys, ring=ring, numbers=False if small else None, labels=9.6 if small else 11)
        if i % across:
            ax.set_ylabel("")
        if i < len(maps) - across:
            ax.set_xlabel("")
        if titles is not None:
            ax.set_title(titles[i], fontsize=11 if small else 12, parse_math=False)
    if title:
        drawing.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    return figure(drawing, alt=alt, caption=caption)


def draw_heatmap(
    ax: Axes,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    signed: bool = False,
    ring: tuple[int, int] | None = None,
    numbers: bool | None = None,
    labels: float = 11,
) -> None:
    """Draw one map on given axes, for figures that mix a map with something else.

    values: (T, S); signed: scores on the diverging scale (white at 0) instead of shares on the purple one.
    numbers: print them; None = for up to eight tokens. labels: font size of the tokens in points.
    Errors: ValueError for values that are no such table, no labels or a size that they cannot have, or a ring outside.
    """
    check_font_size("labels", labels)
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or 0 in values.shape or not len(rows) or not len(columns):
        raise ValueError(f"values must be a table (T, S) with labels, got shape {values.shape} for {len(rows)} rows and {len(columns)} columns")
    limit = (np.abs(values[np.isfinite(values)]).max(initial=0.0) or 1.0) if signed else 1.0
    colors = (palette.signed_map() if signed else palette.weights_map()).with_extremes(bad="#E5E7EB")  # bad = masked, -inf
    shown = np.ma.masked_invalid(values)
    ax.imshow(shown, cmap=colors, vmin=-limit if signed else 0.0, vmax=limit, interpolation="nearest")
    # short words stand upright; longer ones lean, so that they do not run into each other
    lean = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if max(map(len, columns)) > 4 or labels < 11 else {}
    ax.set_xticks(range(len(columns)), [label(t) for t in columns], fontsize=labels, **lean)
    ax.set_yticks(range(len(rows)), [label(t) for t in rows], fontsize=labels)
    for text in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        text.set_parse_math(False)  # a token "$x$" is text, not a formula
    ax.set_xlabel("key (is looked at)" if labels < 11 else "key: the token that is looked at", fontsize=labels)
    ax.set_ylabel("query (asks)" if labels < 11 else "query: the token that asks", fontsize=labels)
    ax.tick_params(length=0)
    ax.set_xticks(np.arange(-0.5, len(columns)), minor=True)
    ax.set_yticks(np.arange(-0.5, len(rows)), minor=True)
    ax.grid(which="minor", color=palette.CARD, linewidth=1.5)
    ax.tick_params(which="minor", length=0)
    ax.spines[:].set_visible(False)
    if numbers if numbers is not None else max(values.shape) <= NUMBERS_UP_TO:
        for (i, j), value in np.ndenumerate(values):
            text = "−∞" if value == -math.inf else f"{value:.2f}".replace("-", "−")
            dark = math.isfinite(value) and abs(value) > 0.37 * limit
            ax.text(j, i, text, ha="center", va="center", fontsize=10, color=palette.CARD if dark else palette.INK)
    if ring is not None:
        if not (0 <= ring[0] < values.shape[0] and 0 <= ring[1] < values.shape[1]):
            raise ValueError(f"ring must be a (row, column) inside the map of shape {values.shape}, got {ring}")
        corner = (ring[1] - 0.5, ring[0] - 0.5)
        ax.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=palette.INK, linewidth=2.2, zorder=5, clip_on=False))


def _check(maps: np.ndarray, tokens: Sequence[str], keys: Sequence[str]) -> None:
    if maps.ndim != 3 or 0 in maps.shape:
        raise ValueError(f"weights must have shape (T, S) or (n, T, S), got {maps.shape}")
    if maps.shape[1:] != (len(tokens), len(keys)):
        raise ValueError(f"weights of shape {maps.shape[1:]} do not fit {len(tokens)} query tokens and {len(keys)} key tokens")
    if not np.isfinite(maps).all():
        raise ValueError("weights must be finite; got NaN or infinity")
    sums = maps.sum(-1)
    if (maps < -1e-6).any() or np.abs(sums - 1).max() > 1e-3:
        worst = float(sums.flat[np.abs(sums - 1).argmax()])
        raise ValueError(f"weights must be shares: every row sums to 1 and nothing is negative; a row sums to {worst:.3f}")
