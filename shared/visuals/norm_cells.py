"""Which numbers does a norm look at? A small table of tokens to click through, for LayerNorm, RMSNorm and BatchNorm.

The page computes everything itself from the table; the still shows the same table with the three groups marked.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from shared.visuals import palette
from shared.visuals.figure import figure
from shared.visuals.page import Page, ramp

NORMS = ("LayerNorm", "RMSNorm", "BatchNorm")
EPSILON = 1e-5  # torch's; added to the mean square before the root, so that nothing is divided by 0
MOST_TOKENS, MOST_FEATURES = 4, 6  # what fits on a phone
LOUDEST = 5.0  # the slider that scales the second text runs from 0 to here
SCALE = 3.0  # magnitudes from here on have the darkest color


def normalized(table: np.ndarray, norm: str) -> np.ndarray:
    """Every number of a table (texts, tokens, features) after one of NORMS, without learned scale and shift.

    LayerNorm (https://arxiv.org/abs/1607.06450): less the mean of its own token, divided by that token's standard deviation.
    RMSNorm (https://arxiv.org/abs/1910.07467): divided by the root of its own token's mean square; no mean is taken off.
    BatchNorm (https://arxiv.org/abs/1502.03167): as LayerNorm, over all tokens of all texts, for each feature alone.
    Errors: ValueError for another norm or a table that is not (texts, tokens, features). Used in week 2 day 5.
    """
    if norm not in NORMS:
        raise ValueError(f"norm must be one of {', '.join(NORMS)}; got {norm!r}")
    table = np.asarray(table, dtype=np.float64)
    if table.ndim != 3 or 0 in table.shape:
        raise ValueError(f"table must have shape (texts, tokens, features), got {table.shape}")
    over = (0, 1) if norm == "BatchNorm" else -1
    if norm != "RMSNorm":
        table = table - table.mean(over, keepdims=True)
    return table / np.sqrt((table**2).mean(over, keepdims=True) + EPSILON)


def norm_cells(table: np.ndarray, tokens: Sequence[Sequence[str]], *, alt: str, caption: str) -> Page:
    """Choose a norm and a cell, and see which numbers its result is made from; make the second text louder or quieter.

    table: (2, tokens, features), two texts of two to four tokens, two to six features; tokens: the words of each text.
    alt: what a person would learn from it; caption: shown below it.
    Errors: ValueError that names the argument, for shapes that do not fit or numbers that are not finite or beyond ±9.9.
    Used in week 2 day 5.
    """
    table = np.asarray(table, dtype=np.float64)
    if table.ndim != 3 or table.shape[0] != 2 or not 2 <= table.shape[1] <= MOST_TOKENS or not 2 <= table.shape[2] <= MOST_FEATURES:
        raise ValueError(f"table must be (2, 2 to {MOST_TOKENS} tokens, 2 to {MOST_FEATURES} features), got {table.shape}")
    if not np.isfinite(table).all() or np.abs(table).max() > 9.9:
        raise ValueError("table must hold finite numbers from -9.9 to 9.9")
    if [len(text) for text in tokens] != [table.shape[1]] * 2:
        raise ValueError(f"tokens must be two texts of {table.shape[1]} words, got {[len(text) for text in tokens]}")
    data = {
        "table": table.round(2).tolist(), "tokens": [[str(word) for word in text] for text in tokens], "norms": list(NORMS),
        "epsilon": EPSILON, "loudest": LOUDEST, "scale": SCALE, "signed": ramp("signed"), "alt": " ".join(alt.split()),
    }  # fmt: skip
    drawing = Figure(figsize=(9, 3.6), layout="constrained")
    for ax, norm in zip(drawing.subplots(1, 3), NORMS):
        draw_norm_group(ax, norm, table, tokens)
    rows = 2 * table.shape[1]
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["norm_cells.js"], styles=["norm_cells.css"],
        heights={0: f"{236 + 72 * (rows + 1)}px", 420: f"{196 + 72 * (rows + 1)}px", 700: f"{162 + 36 * (rows + 1)}px"},
        still=figure(drawing, alt=alt, caption=caption),
    )  # fmt: skip


def draw_norm_group(ax: Axes, norm: str, table: np.ndarray, tokens: Sequence[Sequence[str]], cell: tuple[int, int, int] = (0, 1, 1)) -> None:
    """Draw a table (texts, tokens, features) and, in yellow, the numbers that decide about one cell, which has a ring.

    cell: (text, token, feature). Errors: ValueError for another norm or a table of another shape. Used in week 2 day 5.
    """
    if table.ndim != 3 or 0 in table.shape:
        raise ValueError(f"table must have shape (texts, tokens, features), got {table.shape}")
    texts, length, width = table.shape
    if norm not in NORMS:
        raise ValueError(f"norm must be one of {', '.join(NORMS)}; got {norm!r}")
    for b, t, f in np.ndindex(texts, length, width):
        y = b * (length + 0.4) + t
        in_group = f == cell[2] if norm == "BatchNorm" else (b, t) == cell[:2]
        fill = palette.color("normalization") if in_group else palette.PAPER
        edge = palette.outline("normalization") if in_group else palette.LINE
        ax.add_patch(Rectangle((f + 0.04, y + 0.05), 0.92, 0.9, facecolor=fill, edgecolor=edge, linewidth=1.2 if in_group else 0.8))
        ax.text(f + 0.5, y + 0.5, f"{table[b, t, f]:.1f}".replace("-", "−"), ha="center", va="center", fontsize=10)
        if (b, t, f) == tuple(cell):
            ax.add_patch(Rectangle((f + 0.04, y + 0.05), 0.92, 0.9, fill=False, edgecolor=palette.INK, linewidth=2.4, zorder=3))
    for b, text in enumerate(tokens):
        for t, word in enumerate(text):
            ax.text(-0.15, b * (length + 0.4) + t + 0.5, word, ha="right", va="center", fontsize=10, parse_math=False)
    ax.set(xlim=(-1.05, width + 0.05), ylim=(texts * (length + 0.4) - 0.3, -0.3), aspect=0.8)
    ax.axis("off")
    ax.set_title(norm, fontsize=11.5)
