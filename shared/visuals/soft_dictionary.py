"""A soft dictionary to turn by hand: a query's arrow among keys, the shares that it gives them, and the mixture of the values."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.page import Page, concepts

LONGEST = 6.0  # of a query that the slider allows


def soft_dictionary(
    keys: np.ndarray,
    values: np.ndarray,
    names: Sequence[str],
    value_names: Sequence[str],
    query: np.ndarray,
    *,
    query_name: str,
    alt: str,
    caption: str,
) -> Page:
    """Turn and stretch a query, and see weights = softmax(query · keys / √2) and the mixture weights @ values follow.

    keys, values: (n, 2) each, two to six of them; names, value_names: a word for each; query: (2,), where it starts.
    alt: what a person would learn from it; caption: shown below it.
    Errors: ValueError that names the argument, for shapes or counts that do not fit or numbers that are not finite.
    Used in week 1 day 3.
    """
    keys, values, query = (np.asarray(part, dtype=np.float64) for part in (keys, values, query))
    count = len(names)
    if not 2 <= count <= 6:
        raise ValueError(f"names must be two to six words, got {count}")
    if len(value_names) != count:
        raise ValueError(f"value_names: {len(value_names)} for {count} names")
    for name, part, shape in (("keys", keys, (count, 2)), ("values", values, (count, 2)), ("query", query, (2,))):
        if part.shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {part.shape}")
        if not np.isfinite(part).all():
            raise ValueError(f"{name} must be finite")
    if np.hypot(*query) > LONGEST:
        raise ValueError(f"query must be at most {LONGEST:g} long, got {np.hypot(*query):.2f}")
    reach = 1.25 * max(np.abs(keys).max(), np.abs(query).max(), 1e-6)
    low, high = values.min() - 1.0, values.max() + 1.0
    colors = concepts()
    data = {
        "keys": keys.tolist(), "values": values.tolist(), "names": [str(n) for n in names],
        "value_names": [str(n) for n in value_names], "query": query.tolist(), "query_name": str(query_name),
        "key_range": [-reach, reach], "value_range": [low, high], "longest": LONGEST,
        "colors": {name: colors[name] for name in ("query", "key", "value", "attention")},
    }  # fmt: skip
    still = _still(keys, values, names, value_names, query, query_name, (-reach, reach), (low, high), alt, caption)
    heights = {0: f"{960 + 27 * count}px", 420: f"{740 + 27 * max(0, count - 4)}px", 640: f"calc(max(100cqw / 3, 236px) + {128 + 27 * max(0, count - 4)}px)"}
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, heights=heights,
        scripts=["soft_dictionary.js"], styles=["player.css", "soft_dictionary.css"], still=still,
    )  # fmt: skip


def shares(query: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """softmax(query · keys / √d_k): query (d_k,), keys (n, d_k); returns (n,), positive numbers that sum to 1.

    Errors: ValueError for shapes that do not fit.
    """
    check_fit(query, keys)
    scores = keys @ query / np.sqrt(len(query))
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def check_fit(query: np.ndarray, keys: np.ndarray) -> None:
    """Raise one clear error unless the query can be compared with each of the keys."""
    if np.ndim(query) != 1 or np.ndim(keys) != 2 or keys.shape[1] != len(query) or 0 in keys.shape:
        raise ValueError(f"query must be (d_k,) and keys (n, d_k), got {np.shape(query)} and {np.shape(keys)}")


def draw_arrow(ax: Axes, tip: Sequence[float], concept: str, name: str = "", *, width: float = 2.6) -> None:
    """An arrow from the origin to `tip` in a concept's color, with its name just beyond the tip. Used from week 1 day 3 on."""
    ax.annotate("", xy=tip, xytext=(0, 0), arrowprops={
        "arrowstyle": "-|>,head_width=0.32,head_length=0.6", "color": palette.color(concept), "linewidth": width,
        "shrinkA": 0, "shrinkB": 0})  # fmt: skip
    length = float(np.hypot(*tip))
    if name and length > 0:
        out = (12 * tip[0] / length, 12 * tip[1] / length)
        side = "left" if out[0] > 6 else "right" if out[0] < -6 else "center"
        ax.annotate(name, tip, xytext=(out[0] * 0.5, out[1]), textcoords="offset points", ha=side, va="center",
                    color=palette.words(concept), fontsize=10.5, parse_math=False)  # fmt: skip


def _still(keys, values, names, value_names, query, query_name, key_range, value_range, alt, caption) -> Picture:
    weights = shares(query, keys)
    drawing = Figure(figsize=(9, 3.3), layout="constrained")
    left, middle, right = drawing.subplots(1, 3)
    for tip, name in zip(keys, names):
        draw_arrow(left, tip, "key", name)
    draw_arrow(left, query, "query")
    side = 14 * np.array([-query[1], query[0]]) / max(float(np.hypot(*query)), 1e-9)
    left.annotate(query_name, 0.6 * query, xytext=tuple(side), textcoords="offset points", ha="center", va="center",
                  color=palette.words("query"), fontsize=10.5, fontweight="bold", parse_math=False)  # fmt: skip
    left.set(xlim=key_range, ylim=key_range, title="query and keys")
    middle.barh(range(len(names)), weights, color=palette.color("attention"), height=0.6)
    for i, share in enumerate(weights):
        middle.text(share + 0.03, i, f"{100 * share:.0f} %", va="center", fontsize=10.5)
    middle.set_yticks(range(len(names)), list(names))
    middle.invert_yaxis()
    middle.set(xlim=(0, 1.3), xticks=[0, 0.5, 1], title="weights")
    mixture = weights @ values
    for place, name, share in zip(values, value_names, weights):
        right.plot(*zip(place, mixture), color=palette.color("attention"), linewidth=1 + 5 * share, alpha=0.25 + 0.6 * share)
        right.plot(*place, "s", color=palette.color("value"), markersize=8)
        right.annotate(name, place, xytext=(0, 10), textcoords="offset points", ha="center", color=palette.words("value"), parse_math=False)
    right.plot(*mixture, "o", color=palette.CARD, markeredgecolor=palette.INK, markeredgewidth=2.4, markersize=10)
    right.set(xlim=value_range, ylim=value_range, title="values and mixture")
    for ax in (left, right):
        ax.set_aspect("equal")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_facecolor(palette.PAPER)
        ax.spines[:].set_visible(False)
    return figure(drawing, alt=alt, caption=caption)
