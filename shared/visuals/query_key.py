"""How one score is made: a query meets every key, entry by entry, and the products add up to the score.

The page carries the queries and keys of all heads and computes the rest; the still shows the state at which it starts. The idea is
that of BertViz's neuron view (Vig 2019, https://arxiv.org/abs/1906.05714), here for the vectors of any model.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.page import Page, concepts, pack, ramp, short
from shared.visuals.soft_dictionary import check_fit
from shared.visuals.text import label

MOST_TOKENS = 24  # rows of a page; beyond, nobody compares strips
MOST_NUMBERS = 400_000  # of queries and keys together: 144 heads over 20 tokens, 64 wide, are 369 thousand, about 1 MB


def query_key_view(
    tokens: Sequence[str],
    queries: Any,
    keys: Any,
    *,
    layer: int = 0,
    head: int = 0,
    query: int = 0,
    key: int | None = None,
    causal: bool = False,
    alt: str | None = None,
    caption: str | None = None,
) -> Page:
    """Choose a token that asks, and see its products with every key, their sums, the scores and the shares.

    tokens: T strings, at most 24. queries, keys: (layers, heads, T, d_k) each, an array or tensor, before the division by √d_k.
    layer, head, query: where the view opens, counted from 0; key: the key that is opened, the one with the largest share if None.
    causal: whether keys behind the query are closed. alt, caption: your own words; left out, they are made from the numbers.
    Numbers are shown to within 1/65,000 of the largest. Errors: TypeError or ValueError that names the argument, for shapes that do not
    fit, numbers that are not finite, too many tokens or numbers, or a place that is not there. Built in week 2 day 3.
    """
    if isinstance(tokens, str):
        raise TypeError(f"tokens must be a list of tokens, got one string: {tokens!r}")
    tokens = [str(token) for token in tokens]
    queries, keys = _vectors("queries", queries, len(tokens)), _vectors("keys", keys, len(tokens))
    if queries.shape != keys.shape:
        raise ValueError(f"queries and keys must have one shape, got {queries.shape} and {keys.shape}")
    if len(tokens) > MOST_TOKENS:
        raise ValueError(f"tokens: at most {MOST_TOKENS} are shown, got {len(tokens)}")
    if 2 * queries.size > MOST_NUMBERS:
        raise ValueError(f"queries and keys hold {2 * queries.size:,} numbers, at most {MOST_NUMBERS:,} fit a page; pass fewer layers or heads")
    for name, at, count in (("layer", layer, len(queries)), ("head", head, queries.shape[1]), ("query", query, len(tokens)), ("key", key, len(tokens))):
        if at is None and name == "key":
            continue
        if isinstance(at, bool) or not isinstance(at, (int, np.integer)) or not 0 <= at < count:
            raise ValueError(f"{name} must lie between 0 and {count - 1}, got {at!r}")
    q, ks = queries[layer, head, query], keys[layer, head]
    shares = shares_of(q, ks[: query + 1] if causal else ks)
    key = int(shares.argmax()) if key is None else int(key)
    if key >= len(shares):
        raise ValueError(f"key {key} is closed for query {query}: with causal=True a token looks back only")
    words = _Words(tokens, q, ks, shares, query, key)
    data = {
        "tokens": [[short(token), token] for token in tokens],
        "shape": list(queries.shape),
        "queries": pack(queries, "int16"),
        "keys": pack(keys, "int16"),
        "start": {"layer": int(layer), "head": int(head), "query": int(query), "key": key},
        "causal": causal,
        "ramp": ramp("signed"),
        "colors": {name: concepts()[name] for name in ("query", "key", "attention")},
    }
    alt, caption = alt or words.alt(), caption or words.caption()
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, heights=_heights(tokens), scripts=["query_key.js"],
        styles=["query_key.css"], still=_still(tokens, q, ks, shares, query, key, alt, caption),
    )  # fmt: skip


def shares_of(query: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """softmax(query · keys / √d_k): query (d_k,), keys (n, d_k); returns (n,), positive numbers that sum to 1.

    Errors: ValueError for shapes that do not fit. Used in week 2 day 3.
    """
    check_fit(query, keys)
    scores = keys @ query / math.sqrt(len(query))
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def draw_products(ax: Axes, products: np.ndarray, names: Sequence[str], ring: int | None = None) -> None:
    """Draw products (n, d_k) of one query with n keys as colored strips, one line for each key; ring: a line to frame.

    Blue pushes the score up, vermilion down, white is 0. Errors: ValueError for products that do not fit the names. Used in week 2 day 3.
    """
    products = np.asarray(products, dtype=np.float64)
    if products.ndim != 2 or len(products) != len(names) or 0 in products.shape:
        raise ValueError(f"products must be ({len(names)}, d_k) for {len(names)} names, got {products.shape}")
    limit = np.abs(products).max() or 1.0
    ax.imshow(products, cmap=palette.signed_map(), vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    ax.set_yticks(range(len(names)), [label(name) for name in names], parse_math=False)
    ax.set_yticks(np.arange(0.5, len(names) - 1), minor=True)
    ax.grid(which="minor", axis="y", color=palette.CARD, linewidth=4)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel=f"entry, 0 to {products.shape[1] - 1}", ylabel="key: the token that is looked at")
    if ring is not None:
        ax.add_patch(_frame(-0.5, ring - 0.5, products.shape[1]))


def draw_stairs(ax: Axes, products: np.ndarray) -> None:
    """Draw how products (d_k,) add up, one after the other, from 0 to their sum.

    Errors: ValueError for another shape, or numbers that are not finite. Used in week 2 day 3.
    """
    products = np.asarray(products, dtype=np.float64)
    if products.ndim != 1 or not len(products) or not np.isfinite(products).all():
        raise ValueError(f"products must be one row of finite numbers (d_k,), got shape {products.shape}")
    after = products.cumsum()
    before = after - products
    up, down = palette.signed_map()(0.85), palette.signed_map()(0.2)
    ax.bar(range(len(products)), products, bottom=before, width=0.86, color=[up if p > 0 else down for p in products])
    ax.axhline(0, color=palette.LINE, linewidth=1)
    ax.axhline(after[-1], color=palette.INK, linewidth=1.4, linestyle="--")
    ax.text(0, after[-1], f" sum {after[-1]:.1f}".replace("-", "−"), va="bottom", ha="left", fontsize=11, fontweight="bold")
    low, high = min(0, before.min(), after.min()), max(0, before.max(), after.max())
    room = 0.12 * (high - low or 1.0)
    ax.set(xlabel=f"entry, 0 to {len(products) - 1}", ylabel="sum so far", ylim=(low - room / 3, high + room), xlim=(-1, len(products)))


# --- the still, the words, the sizes ----------------------------------------------------------------------------------


def _frame(x: float, y: float, wide: float):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), wide, 1, fill=False, edgecolor=palette.INK, linewidth=2, zorder=5, clip_on=False)


def _still(tokens, q, ks, shares, query, key, alt, caption) -> Picture:
    names = tokens[: len(shares)]
    products = q * ks[: len(shares)]
    drawing = Figure(figsize=(7.6, max(3.0, 0.28 * len(names) + 1.4)), layout="constrained")
    left, middle, right = drawing.subplots(1, 3, width_ratios=(3, 1, 2.4))
    draw_products(left, products, names, ring=key)
    left.set_title(f"“{label(tokens[query])}” asks: q · k", parse_math=False)
    middle.barh(range(len(names)), shares, color=palette.color("attention"), height=0.6)
    for i, share in enumerate(shares):
        middle.text(share + 0.04, i, f"{100 * share:.0f} %", va="center", fontsize=10)
    middle.set(xlim=(0, 1.5), ylim=(len(names) - 0.5, -0.5), xticks=[], yticks=[], title="share")
    middle.spines[:].set_visible(False)
    draw_stairs(right, products[key])
    right.set_title(f"key “{label(names[key])}”", parse_math=False)
    return figure(drawing, alt=alt, caption=caption)


class _Words:
    """Caption and alt text of a view whose author gave none."""

    def __init__(self, tokens, q, ks, shares, query, key):
        self.asks, self.asked = short(tokens[query]), short(tokens[key])
        self.products, self.share, self.root = q * ks[key], shares[key], math.sqrt(len(q))

    def caption(self) -> str:
        return (
            f"Each strip is q · k, entry by entry, for one key; blue pushes the score up, vermilion down. The {len(self.products)} products of a strip "
            "add up, are divided by √d_k, and the softmax makes shares of them."
        )

    def alt(self) -> str:
        up, down = self.products[self.products > 0], self.products[self.products < 0]
        return (
            f"“{self.asks}” asks, “{self.asked}” is looked at: {len(up)} products push the score up by {up.sum():.1f} and {len(down)} push it down by "
            f"{-down.sum():.1f}. Together {self.products.sum():.1f}, divided by {self.root:.2f} that is {self.products.sum() / self.root:.2f}: "
            f"{100 * self.share:.0f} % of the row."
        )


def _heights(tokens: Sequence[str]) -> dict[int, str]:
    """Mirrors the layout of assets/query_key.css: what stands above the strips, the strips, and the open pair below them."""
    heights = {}
    for least in (0, 330, 420, 560, 700):
        inside = max(least, 296) - 8
        lines = math.ceil(sum(8.6 * len(short(token)) + 30 for token in tokens) / inside * 1.06)
        says = math.ceil(7.8 * 150 / inside)
        top = 52 + 26 + 42 * lines
        heights[least] = f"{top + 30 + 36 * len(tokens) + 34 + 3 * 28 + 44 + 204 + 22 * says + 12}px"
    return heights


def _vectors(name: str, values: Any, count: int) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().float().cpu().numpy()
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 4 or values.shape[2] != count or 0 in values.shape:
        raise ValueError(f"{name} must have shape (layers, heads, {count}, d_k) to go with {count} tokens, got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite; got NaN or infinity")
    return values
