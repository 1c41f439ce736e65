"""How alike are two arrows? A plane with two of them, one to drag; angle, dot product and cosine answer at once."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.page import LONGEST_LABEL, Page, short

REACH = 4.0  # the plane runs from -REACH to REACH on both axes
SHORTEST, LONGEST = 0.5, 4.0  # lengths that the moving arrow can take
LENGTH_STEP = 0.1


def angle_view(
    a: Sequence[float] = (3.0, 1.0),
    b: Sequence[float] = (1.0, 2.0),
    *,
    alt: str,
    caption: str,
    names: Sequence[str] = ("a", "b"),
) -> Page:
    """Drag one arrow around another and watch their dot product and their cosine similarity.

    a: the arrow that stands still, (x, y); b: where the moving one starts, (x, y); once it moves it takes whole degrees from a
    and tenths of length. Both have a length from 0.5 to 4. names: what the two are called, up to 14 letters each.
    alt: what a person would learn from the view; caption: shown below it. Works by pointer, and by two sliders from the
    keyboard. Errors: ValueError that names the argument. Used from week 1 day 2 on.
    """
    a, b = _arrow("a", a), _arrow("b", b)
    names = list(names) if not isinstance(names, str) else names
    if isinstance(names, str) or len(names) != 2 or any(not isinstance(n, str) or not n.strip() for n in names) or names[0] == names[1]:
        raise ValueError(f"names must be two different texts, got {names!r}")
    if max(map(len, names)) > LONGEST_LABEL:
        raise ValueError(f"names must have at most {LONGEST_LABEL} letters each, got {names!r}")
    length = float(np.hypot(*b))
    turn = math.degrees(math.atan2(a[0] * b[1] - a[1] * b[0], a @ b))
    start = {"turn": round(turn, 6), "length": round(length, 6)}
    data = {
        "a": a.tolist(),
        "start": start,
        "names": [short(name) for name in names],
        "reach": REACH,
        "lengths": [SHORTEST, LONGEST, LENGTH_STEP],
        "colors": {
            "a": palette.color("residual"), "b": palette.INK,
            "meet": palette.color("attention"), "words": palette.words("attention"),
        },
        "alt": alt,
    }  # fmt: skip
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, heights=_heights(), still=_still(a, start, names, alt, caption),
        scripts=["angle.js"], styles=["angle.css"],
    )  # fmt: skip


def cosine_in_words(turn: float) -> str:
    """An angle in words, as the view says it: "the same way", "at a right angle" … Mirrors `inWords` in assets/angle.js.

    Errors: ValueError for an angle that is not finite.
    """
    if not math.isfinite(turn):
        raise ValueError(f"turn must be a finite angle in degrees, got {turn!r}")
    apart = abs(round(turn))
    for most, words in ((0, "exactly the same way"), (30, "almost the same way"), (89, "partly the same way"), (90, "at a right angle"),
                        (149, "partly against each other"), (179, "almost opposite ways")):  # fmt: skip
        if apart <= most:
            return words
    return "exactly opposite ways"


def _arrow(name: str, value: Sequence[float]) -> np.ndarray:
    try:
        arrow = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be two numbers (x, y), got {value!r}") from None
    if arrow.shape != (2,) or not np.isfinite(arrow).all():
        raise ValueError(f"{name} must be two finite numbers (x, y), got {value!r}")
    if not SHORTEST - 1e-9 <= np.hypot(*arrow) <= LONGEST + 1e-9:
        raise ValueError(f"{name} must have a length from {SHORTEST:g} to {LONGEST:g}, got {np.hypot(*arrow):.3g}")
    return arrow


def _heights() -> dict[int, str]:
    """Mirrors assets/angle.css: side by side from 640 px on, else one below the other."""
    return {0: "calc(min(100cqw, 380px) + 545px)", 330: "calc(min(100cqw, 380px) + 470px)",
            480: "calc(min(100cqw, 380px) + 440px)", 640: "480px"}  # fmt: skip


# --- the still --------------------------------------------------------------------------------------------------------


def _still(a: np.ndarray, start: dict, names: Sequence[str], alt: str, caption: str) -> Picture:
    direction = math.atan2(a[1], a[0]) + math.radians(start["turn"])
    b = start["length"] * np.array([math.cos(direction), math.sin(direction)])
    drawing = Figure(figsize=(8.6, 4.0))
    plane, curve = drawing.subplots(1, 2, width_ratios=(1, 1.1))
    _draw_plane(plane, a, b, start["turn"], names)
    _draw_curve(curve, start["turn"])
    return figure(drawing, alt=alt, caption=caption)


def _draw_plane(ax: Axes, a: np.ndarray, b: np.ndarray, turn: float, names: Sequence[str]) -> None:
    for arrow, name, hue in ((a, names[0], palette.color("residual")), (b, names[1], palette.INK)):
        ax.annotate("", arrow, (0, 0), arrowprops=dict(arrowstyle="-|>", color=hue, linewidth=2.6, shrinkA=0, shrinkB=0, mutation_scale=16))
        ax.text(*(arrow * (1 + 0.35 / np.hypot(*arrow))), name, color=hue, fontweight="bold", ha="center", va="center")
    first = math.degrees(math.atan2(a[1], a[0]))
    low, high = sorted((first, first + turn))
    ax.add_patch(Arc((0, 0), 1.8, 1.8, theta1=low, theta2=high, color=palette.color("attention"), linewidth=2.2))
    middle = math.radians(first + turn / 2)
    ax.text(1.4 * math.cos(middle), 1.4 * math.sin(middle), f"{abs(turn):.0f}°", color=palette.words("attention"), ha="center", va="center")
    ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", title="Two arrows, one angle", xlabel="first number", ylabel="second number")
    ax.grid(True)
    ax.set_axisbelow(True)


def _draw_curve(ax: Axes, turn: float) -> None:
    angles = np.linspace(0, 180, 181)
    cosine = math.cos(math.radians(turn))
    ax.axhline(0, color=palette.LINE)
    ax.plot(angles, np.cos(np.radians(angles)), color=palette.color("attention"), linewidth=2.2)
    ax.plot(abs(turn), cosine, "o", color=palette.color("attention"), markersize=10)
    ax.annotate(f"cosine {cosine:.2f}".replace("-", "−"), (abs(turn), cosine), (10, 8), textcoords="offset points", color=palette.words("attention"))
    ax.set(xlim=(0, 180), ylim=(-1.1, 1.25), xticks=range(0, 181, 45), yticks=(-1, 0, 1), title="The cosine knows only the angle",
           xlabel="angle between the arrows (degrees)", ylabel="cosine")  # fmt: skip
