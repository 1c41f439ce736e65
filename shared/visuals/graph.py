"""A computation as boxes and arrows: values flow along the arrows, slopes flow back against them."""

import math
from collections.abc import Collection, Mapping, Sequence

from matplotlib.axes import Axes

from shared.visuals import palette

HALF_WIDTH, HALF_HEIGHT = 0.36, 0.27  # of a box, in steps of the grid on which boxes stand
FORWARD, BACKWARD = "query", "feed-forward"  # colors of values and of slopes


def draw_graph(
    ax: Axes,
    places: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    *,
    values: Mapping[str, float],
    slopes: Mapping[str, float] | None = None,
    lit: Collection[tuple[str, str]] = (),
    backward: bool = False,
) -> None:
    """Draw a computation graph into `ax`.

    places: name of each box -> where it stands (column, row), rows counted upwards; edges: (from, to) names.
    values: what stands in a box, by name (a box without one shows its name alone); slopes: the loss's slope for a box,
    written above a box of the top row and below any other. lit: edges drawn strong; backward: whether these are drawn
    against their own direction, as slopes run.
    Errors: ValueError for an edge, a value or a slope whose box is not there, no box at all, or a place that is not finite.
    Used in week 1 day 1.
    """
    if not places or not all(math.isfinite(number) for place in places.values() for number in place):
        raise ValueError(f"places must name at least one box, with finite numbers (column, row), got {dict(places)}")
    slopes = dict(slopes or {})
    for what, names in (("edges", [n for edge in edges for n in edge]), ("values", values), ("slopes", slopes), ("lit", [n for e in lit for n in e])):
        for name in names:
            if name not in places:
                raise ValueError(f"{what} names the box {name!r}, and places has {', '.join(places)}")
    for start, end in edges:
        strong = (start, end) in set(lit)
        hue = palette.color(BACKWARD if backward else FORWARD) if strong else palette.LINE
        tail, tip = (places[end], places[start]) if strong and backward else (places[start], places[end])
        ax.annotate("", _edge_of(tip, tail), _edge_of(tail, tip), arrowprops=dict(
            arrowstyle="-|>", color=hue, lw=3 if strong else 1.6, mutation_scale=17, shrinkA=1, shrinkB=1))  # fmt: skip
    top = max(row for _, row in places.values())
    for name, (x, y) in places.items():
        known = name in values
        ax.add_patch(_box(x, y, palette.color(FORWARD) if known else palette.LINE))
        ax.text(x, y + (0.09 if known else 0), name, ha="center", va="center", fontsize=12, fontweight="bold")
        if known:
            ax.text(x, y - 0.12, _said(values[name]), ha="center", va="center", fontsize=12, color=palette.words(FORWARD))
        if name in slopes:
            out = HALF_HEIGHT + 0.12
            ax.text(x, y + out if y == top else y - out, f"slope {_said(slopes[name])}", ha="center", va="center", fontsize=11.5,
                    fontweight="bold", color=palette.words(BACKWARD))  # fmt: skip
    columns, rows = zip(*places.values())
    ax.set(xlim=(min(columns) - 0.45, max(columns) + 0.45), ylim=(min(rows) - 0.5, top + 0.5))
    ax.set_axis_off()


def _box(x: float, y: float, line: str):
    from matplotlib.patches import FancyBboxPatch

    shape = "round,pad=0,rounding_size=0.08"
    return FancyBboxPatch((x - HALF_WIDTH, y - HALF_HEIGHT), 2 * HALF_WIDTH, 2 * HALF_HEIGHT, boxstyle=shape,
                          facecolor=palette.PAPER, edgecolor=line, linewidth=1.8, zorder=2)  # fmt: skip


def _edge_of(inside: tuple[float, float], outside: tuple[float, float]) -> tuple[float, float]:
    """Where the straight way from one box to another leaves the first."""
    (x, y), dx, dy = inside, outside[0] - inside[0], outside[1] - inside[1]
    share = min(HALF_WIDTH / abs(dx) if dx else 9e9, HALF_HEIGHT / abs(dy) if dy else 9e9)
    return x + share * dx, y + share * dy


def _said(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "−") if text != "-0" else "0"
