"""The explorer where no script may run: all heads as small maps, the chosen one large, in one picture."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from shared.visuals import palette
from shared.visuals.explorer_data import Attention
from shared.visuals.heatmap import draw_heatmap
from shared.visuals.text import label

NAMED_UP_TO = 16  # tokens on an axis that all get their name
TILE, GAP = 20, 3  # pixels of a small map and between two


def explorer_still(attention: Attention, layer: int, head: int, title: str) -> Figure:
    """Draw it. layer, head: the places in `attention.weights` of the head that is drawn large."""
    layers, heads = attention.weights.shape[:2]
    alone = layers * heads == 1
    drawing = Figure(figsize=(5.4 if alone else 9.0, 4.9), layout="constrained")
    drawing.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    if alone:
        _large(drawing.subplots(), attention, 0, 0)
    else:
        small, large = drawing.subplots(1, 2, width_ratios=(1, 1.15))
        _all_heads(small, attention, layer, head)
        _large(large, attention, layer, head)
    return drawing


def largest(weights: np.ndarray, most: int) -> np.ndarray:
    """Maps (…, T, S) on at most `most` × `most` pixels: each pixel is the largest of the cells in it, so that a thin diagonal stays."""
    for axis in (-2, -1):
        length = weights.shape[axis]
        if length > most:
            starts = np.unique(np.arange(most) * length // most)
            weights = np.maximum.reduceat(weights, starts, axis=axis)
    return weights


def _all_heads(ax: Axes, attention: Attention, layer: int, head: int) -> None:
    layers, heads = attention.weights.shape[:2]
    maps = largest(attention.weights, TILE)
    pick = [np.arange(TILE) * n // TILE for n in maps.shape[-2:]]  # fewer cells than pixels: each is drawn larger
    maps = maps[..., pick[0][:, None], pick[1][None, :]]
    pitch = TILE + GAP
    mosaic = np.full((layers * pitch, heads * pitch), np.nan, dtype=np.float32)
    for i in range(layers):
        for j in range(heads):
            mosaic[i * pitch : i * pitch + TILE, j * pitch : j * pitch + TILE] = maps[i, j]
            corner = (j * pitch - 0.5, i * pitch - 0.5)
            ax.add_patch(Rectangle(corner, TILE, TILE, fill=False, edgecolor=palette.LINE, linewidth=0.6))
    ax.imshow(mosaic, cmap=palette.weights_map().with_extremes(bad=palette.CARD), vmin=0, vmax=1, interpolation="nearest")
    ring = (head * pitch - 1.5, layer * pitch - 1.5)
    ax.add_patch(Rectangle(ring, TILE + 2, TILE + 2, fill=False, edgecolor=palette.INK, linewidth=2.2, zorder=5, clip_on=False))
    for count, names, set_ticks in ((heads, range(heads), ax.set_xticks), (layers, attention.layers, ax.set_yticks)):
        every = math.ceil(count / 12)
        set_ticks(np.arange(0, count, every) * pitch + TILE / 2 - 0.5, [str(n) for n in list(names)[::every]], fontsize=10)
    ax.set_xlabel("head")
    ax.set_ylabel("layer")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _large(ax: Axes, attention: Attention, layer: int, head: int) -> None:
    weights, rows, columns = attention.weights[layer, head], attention.rows, attention.columns
    if max(weights.shape) <= NAMED_UP_TO:
        draw_heatmap(ax, weights, rows, columns, labels=10 if max(weights.shape) > 8 else 11)
    else:
        # a name on every line would be unreadable; the small ticks say that some are left out
        shown = largest(weights, 256)
        extent = (-0.5, len(columns) - 0.5, len(rows) - 0.5, -0.5)
        ax.imshow(shown, cmap=palette.weights_map(), vmin=0, vmax=1, interpolation="nearest", extent=extent)
        for names, set_ticks, lean in (
            (columns, ax.set_xticks, {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}),
            (rows, ax.set_yticks, {}),
        ):
            every = math.ceil(len(names) / NAMED_UP_TO)
            set_ticks(range(0, len(names), every), [label(token) for token in names[::every]], fontsize=10, parse_math=False, **lean)
        ax.set_xlabel("key: the token that is looked at")
        ax.set_ylabel("query: the token that asks")
        ax.tick_params(length=2, color=palette.LINE)
        ax.spines[:].set(visible=True, color=palette.LINE)
    ax.set_title(f"Layer {attention.layers[layer]}, head {head}", fontsize=12)
