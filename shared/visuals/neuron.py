"""One neuron in the plane: two weights and a bias to move, the line that they draw, and the dots that it parts.

The page computes everything itself from a handful of numbers; the still shows the state at which it starts.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import figure
from shared.visuals.page import Page

MOST_WEIGHT, MOST_BIAS, STEP = 2.0, 4.0, 0.1  # the range of the sliders, and how finely they move
HALF_WIDTH = 3.0  # the plane runs from -3 to 3 both ways
MOST_SETS, MOST_DOTS = 4, 60
LARGEST_DOT = 10_000  # square points
YES, NO = "query", "feed-forward"  # colors of the side that fires and of the other


def neuron_view(
    sets: Mapping[str, tuple[Sequence[Sequence[float]], Sequence[int]]],
    *,
    alt: str,
    caption: str,
    weights: tuple[float, float] = (1.0, 0.0),
    bias: float = 0.0,
) -> Page:
    """Move a neuron's two weights and its bias, and watch its line tip and shift among dots of two kinds.

    sets: name on a button -> (points (n, 2), labels (n,)); a label is 1 for the dots that should fire (circles) and 0 for
    the others (triangles); every point lies within -3 … 3. weights, bias: where the sliders start, within ±2 and ±4.
    alt: what a person would learn from it; caption: shown below it.
    Errors: ValueError that names the argument, for no set or more than four, shapes that do not fit, points outside the
    plane, labels other than 0 and 1, a start outside the sliders. Used in week 1 day 1.
    """
    if not sets or len(sets) > MOST_SETS:
        raise ValueError(f"sets must hold 1 to {MOST_SETS} sets of dots, got {len(sets)}")
    checked = {name: _checked(name, *dots) for name, dots in sets.items()}
    numbers = [*weights, bias]
    limits = [MOST_WEIGHT, MOST_WEIGHT, MOST_BIAS]
    if len(numbers) != 3 or not all(math.isfinite(n) and abs(n) <= most for n, most in zip(numbers, limits)):
        raise ValueError(f"weights must be two numbers within ±{MOST_WEIGHT:g} and bias within ±{MOST_BIAS:g}, got {weights} and {bias}")
    data = {
        "sets": [
            {"name": name, "points": points.round(3).tolist(), "labels": labels.tolist()}
            for name, (points, labels) in checked.items()
        ],
        "start": [float(n) for n in numbers],
        "most": limits,
        "step": STEP,
        "half": HALF_WIDTH,
        "colors": {"yes": palette.color(YES), "no": palette.color(NO)},
        "alt": " ".join(alt.split()),
    }
    drawing = Figure(figsize=(4.6, 4.6), layout="constrained")
    points, labels = next(iter(checked.values()))
    draw_neuron(drawing.subplots(), weights, bias, points, labels)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["neuron.js"], styles=["neuron.css"],
        heights={0: "calc(min(100cqw, 360px) + 400px)", 420: "calc(min(100cqw, 360px) + 350px)", 680: "372px"},
        still=figure(drawing, alt=alt, caption=caption),
    )  # fmt: skip


def draw_neuron(
    ax: Axes,
    weights: Sequence[float],
    bias: float,
    points: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> None:
    """Draw a neuron's line, its firing side and the arrow of its weights, with dots (n, 2) and labels (n,) if given.

    The plane runs from -3 to 3. Errors: those of `draw_dots`. Used in week 1 day 1.
    """
    w1, w2 = (float(w) for w in weights)
    side = np.linspace(-HALF_WIDTH, HALF_WIDTH, 241)
    z = w1 * side[None, :] + w2 * side[:, None] + float(bias)
    ax.contourf(side, side, z, levels=[-1e9, 0, 1e9], colors=[palette.color(NO), palette.color(YES)], alpha=0.12)
    if w1 or w2:
        ax.contour(side, side, z, levels=[0], colors=palette.INK, linewidths=2, linestyles="solid")
        # the arrow stands on the line, where it comes nearest to the middle of the plane
        length = w1 * w1 + w2 * w2
        foot = np.array([w1, w2]) * (-float(bias) / length)
        if np.abs(foot).max() < HALF_WIDTH:
            ax.annotate("", foot + np.array([w1, w2]) * 0.8 / math.sqrt(length), foot,
                        arrowprops=dict(arrowstyle="-|>", color=palette.INK, lw=1.8, mutation_scale=16, shrinkA=0, shrinkB=0))  # fmt: skip
    if points is not None:
        draw_dots(ax, points, labels)
    ax.set(xlim=(-HALF_WIDTH, HALF_WIDTH), ylim=(-HALF_WIDTH, HALF_WIDTH), aspect="equal", xlabel="input x₁", ylabel="input x₂")


def draw_dots(ax: Axes, points: np.ndarray, labels: np.ndarray, size: float = 42) -> None:
    """Draw dots (n, 2): circles where the label is above 0, triangles elsewhere.

    Errors: ValueError for points of another shape, another number of labels, or a size that no dot has. Used in week 1 day 1.
    """
    points, labels = np.asarray(points), np.asarray(labels)
    if points.shape != (*labels.shape, 2) or labels.ndim != 1:
        raise ValueError(f"points must be (n, 2) and labels (n,), got {points.shape} and {labels.shape}")
    if not 0 < size <= LARGEST_DOT:
        raise ValueError(f"size must be above 0 and at most {LARGEST_DOT}, got {size!r}")
    fires = labels > 0
    look = dict(edgecolors=palette.CARD, linewidths=0.8, zorder=3)
    ax.scatter(*points[fires].T, s=size, color=palette.color(YES), marker="o", **look)
    ax.scatter(*points[~fires].T, s=size * 1.1, color=palette.color(NO), marker="^", **look)


def _checked(name: str, points, labels) -> tuple[np.ndarray, np.ndarray]:
    try:
        points, labels = np.asarray(points, dtype=np.float64), np.asarray(labels)
    except (TypeError, ValueError):
        raise ValueError(f"sets: {name!r} must have points of shape (n, 2) and n labels, all of them numbers") from None
    if points.ndim != 2 or points.shape[1] != 2 or not 1 <= len(points) <= MOST_DOTS:
        raise ValueError(f"sets: {name!r} must have points of shape (n, 2) with n from 1 to {MOST_DOTS}, got {points.shape}")
    if labels.shape != (len(points),) or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"sets: {name!r} must have a label 0 or 1 for each of its {len(points)} points")
    if not np.isfinite(points).all() or np.abs(points).max() > HALF_WIDTH:
        raise ValueError(f"sets: {name!r} must have all points within ±{HALF_WIDTH:g}")
    return points, labels.astype(int)
