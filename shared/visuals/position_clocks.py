"""Positional encoding as a row of clocks: each pair (sine, cosine) is the tip of a hand, and every hand has a speed of its own.

`position_clocks` is the view to play with, `clocks_film` plays chosen places; `draw_clock` and `clocks_drawing` are the same
clocks for still pictures.
"""

import io
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Wedge
from PIL import Image

from shared.visuals import palette
from shared.visuals.figure import Picture, figure, saved
from shared.visuals.page import Page, ramp
from shared.visuals.stepper import moving_still

PLACES = 200  # positions that the view knows: 0 … 199
WIDTHS = (2, 4, 8, 16, 32)  # d_model that its slider offers
BASES = (10, 100, 1000, 10000, 100000)
MOST_CLOCKS = 16
STILL_FRAMES = 6  # of a film's moving still, for places without script


def position_clocks(d_model: int = 8, position: int = 0, base: float = 10000, *, alt: str, caption: str) -> Page:
    """Set d_model, position and base, and watch the clocks, the table of encodings and how alike this place is to all others.

    d_model: 2, 4, 8, 16 or 32; position: 0 … 199; base: 10, 100, 1000, 10000 or 100000: where the sliders start.
    alt: what a person would learn from the view; caption: shown below it. Works by pointer and from the keyboard.
    Errors: ValueError that names the argument. Used in week 2 day 2.
    """
    if d_model not in WIDTHS:
        raise ValueError(f"d_model must be one of {WIDTHS}, got {d_model!r}")
    if base not in BASES:
        raise ValueError(f"base must be one of {BASES}, got {base!r}")
    if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < PLACES:
        raise ValueError(f"position must be a whole number from 0 to {PLACES - 1}, got {position!r}")
    data = {
        "places": PLACES, "widths": list(WIDTHS), "bases": list(BASES), "ramp": ramp("signed"), "alt": alt,
        "start": {"width": WIDTHS.index(d_model), "position": position, "base": BASES.index(base)},
        "colors": {"hand": palette.outline("position"), "face": palette.color("position"), "words": palette.words("position"),
                   "meet": palette.color("attention")},
    }  # fmt: skip
    still = _still(d_model, position, float(base), alt, caption)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, heights={0: "1284px", 270: "1172px", 300: "1132px", 345: "1112px", 640: "668px"},
        scripts=["position_clocks.js"], styles=["player.css", "position_clocks.css"],
        still=still, poster=still.bare,
    )  # fmt: skip


def clocks_film(
    positions: Sequence[int], says: Sequence[str], d_model: int = 8, base: float = 10000.0, *, alt: str, caption: str, start: int = 0
) -> Page:
    """Step through places: the clocks of each, the row of numbers that they write, and a sentence.

    positions: two or more whole numbers from 0; says: a sentence for each; d_model: even, at most 32; base: above 1.
    alt: what a person would learn from the film; caption: shown below it; start: the frame shown first.
    Errors: ValueError that names the argument; those of `angles`. Used in week 2 day 2.
    """
    positions = list(positions)
    if len(positions) < 2 or any(isinstance(p, bool) or not isinstance(p, (int, np.integer)) or p < 0 for p in positions):
        raise ValueError(f"positions must be two or more whole numbers from 0, got {positions!r}")
    if isinstance(says, str) or len(says) != len(positions) or any(not isinstance(s, str) or not s.strip() for s in says):
        raise ValueError(f"says must hold one sentence for each of the {len(positions)} positions, got {says!r}")
    if isinstance(start, bool) or not isinstance(start, int) or not 0 <= start < len(positions):
        raise ValueError(f"start must be a frame from 0 to {len(positions) - 1}, got {start!r}")
    says = [" ".join(sentence.split()) for sentence in says]
    speeds = angles(np.array([1]), d_model, base)[0].tolist()
    kept = sorted({round(i) for i in np.linspace(0, len(positions) - 1, min(STILL_FRAMES, len(positions)))} | {start})
    images = []
    for i in kept:
        drawing = clocks_drawing(int(positions[i]), d_model, base, title=f"place {positions[i]:,}")
        images.append(Image.open(saved(drawing, 60)).convert("RGB"))
    poster = io.BytesIO()
    images[kept.index(start)].quantize(64).save(poster, format="PNG", optimize=True)
    data = {
        "places": [int(p) for p in positions], "speeds": speeds, "says": says, "start": start, "ramp": ramp("signed"), "alt": alt,
        "colors": {"hand": palette.outline("position"), "face": palette.color("position")},
    }  # fmt: skip
    longest = max(map(len, says))
    heights = {least: _film_height(least, below, len(speeds), longest) for least, below in ((0, 330), (330, 420), (420, 540), (540, 680), (680, 900))}
    return Page(
        kind="animation", alt=alt, caption=caption, data=data, heights=heights,
        scripts=["player.js", "clocks_film.js"], styles=["player.css", "position_clocks.css"],
        still=moving_still(images, [says[i] for i in kept], kept.index(start)), poster=poster.getvalue(),
    )  # fmt: skip


def _film_height(least: int, below: int, count: int, longest: int) -> str:
    """Mirrors assets/clocks_film.js, with the largest width of each range, and the player's words and controls."""
    size = min(below, 760)
    across = min(count, 4 if below <= 420 else 8)
    drawing = math.ceil(count / across) * (min(size / across, 190) + 18) + 74
    lines = math.ceil(8 * longest / (max(least, 270) - 24))
    return f"{round(drawing + 22 * lines + 14 + (56 if least >= 420 else 96) + 12)}px"


def angles(positions: np.ndarray, d_model: int, base: float = 10000.0) -> np.ndarray:
    """How far each hand has turned, in radians: (positions, d_model / 2), pair i by position / base^(2i/d_model).

    Errors: ValueError for a d_model that is not an even number of at least 2, a base that is not above 1, or positions that are no row.
    Source: https://arxiv.org/abs/1706.03762, section 3.5. Used in week 2 day 2.
    """
    if isinstance(d_model, bool) or not isinstance(d_model, (int, np.integer)) or d_model < 2 or d_model % 2:
        raise ValueError(f"d_model must be even and at least 2, so that its numbers form pairs; got {d_model!r}")
    if not base > 1:
        raise ValueError(f"base must be above 1, got {base!r}")
    positions = np.asarray(positions, dtype=np.float64)
    if positions.ndim != 1:
        raise ValueError(f"positions must be one row of numbers, got shape {positions.shape}")
    return positions[:, None] * float(base) ** (-np.arange(0, d_model, 2) / d_model)


def look_alike(position: int, d_model: int, base: float = 10000.0, places: int = PLACES) -> tuple[int, float]:
    """The other place from 0 to places − 1 whose clocks stand most alike, and how alike: the mean cosine of the pairs, 1 = equal.

    The first of several that are equally alike. Errors: those of `angles`; ValueError for a position outside the places.
    """
    if not 0 <= position < places or places < 2:
        raise ValueError(f"position must lie among the {places} places, of which there must be two; got {position!r}")
    alike = np.cos(angles(np.arange(places) - position, d_model, base)).mean(1)
    alike[position] = -np.inf
    best = int(np.flatnonzero(alike >= alike.max() - 1e-9)[0])
    return best, float(alike[best])


def draw_clock(ax: Axes, angle: float, name: str = "", *, turns: bool = False, numbers: bool = False) -> None:
    """One clock: the hand starts at 12 and turns clockwise, so its tip lies at (sin angle, cos angle).

    angle: radians; name: written above; turns: shade the part of a round that is done; numbers: write sine and cosine below.
    Errors: ValueError for an angle that is not finite. Used in week 2 day 2.
    """
    if not math.isfinite(angle):
        raise ValueError(f"angle must be finite, got {angle!r}")
    ax.add_patch(Circle((0, 0), 1.12, facecolor=palette.PAPER, edgecolor=palette.LINE, linewidth=1.4))
    if turns:
        ax.add_patch(Wedge((0, 0), 1.0, 90 - math.degrees(angle % (2 * math.pi)), 90, facecolor=palette.color("position"), alpha=0.25))
    hours = np.arange(12) * math.pi / 6
    far = np.stack([np.full(12, 1.12), np.where(np.arange(12) % 3, 0.98, 0.92), np.full(12, np.nan)], 1)  # the gap between two strokes
    ax.plot((far * np.sin(hours)[:, None]).ravel(), (far * np.cos(hours)[:, None]).ravel(), color=palette.QUIET, linewidth=1)
    tip = (math.sin(angle), math.cos(angle))
    ax.plot([0, 0.9 * tip[0]], [0, 0.9 * tip[1]], color=palette.outline("position"), linewidth=3, solid_capstyle="round")
    ax.plot(*(0.9 * np.array(tip)), "o", color=palette.outline("position"), markersize=7)
    ax.plot(0, 0, "o", color=palette.INK, markersize=4)
    ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), aspect="equal")
    ax.axis("off")
    if name:
        ax.set_title(name, fontsize=11.5, loc="center", pad=3)
    if numbers:
        said = f"sin {tip[0]:.2f}   cos {tip[1]:.2f}".replace("-", "−")
        ax.text(0, -1.42, said, ha="center", va="top", fontsize=11.5)


def clocks_drawing(position: int, d_model: int = 8, base: float = 10000.0, title: str = "") -> Figure:
    """The clocks of one place side by side, and below them the row of numbers that they write: sine, cosine, sine, cosine …

    At most 16 clocks; numbers are printed for up to four. One size for each d_model, so that a stepper can play a series.
    Errors: those of `angles`; ValueError for more than 16 clocks. Used in week 2 day 2.
    """
    turned = angles(np.array([position]), d_model, base)[0]
    count = len(turned)
    if count > MOST_CLOCKS:
        raise ValueError(f"d_model must be at most {2 * MOST_CLOCKS}, so that each clock can be seen; got {d_model}")
    across = min(count, 4 if count <= 4 else 8)
    down = math.ceil(count / across)
    cell, strip = (1.85 if count <= 4 else 0.93), 0.62
    above, below = (0.3, 0.36) if count <= 4 else (0.3, 0.06)  # inches around a clock; below is room for its numbers
    high = 0.4 + down * (above + cell + below) + strip + 0.08
    # placed by hand, not by a layout engine: a film draws dozens of these
    drawing = Figure(figsize=(7.6, high), layout="none")
    left = (7.6 - across * cell) / 2 if count < 4 else 0.06
    for i in range(count):
        x, y = left + (i % across) * (7.6 - 2 * left) / across, 0.4 + (i // across) * (above + cell + below) + above
        draw_clock(drawing.add_axes((x / 7.6, 1 - (y + cell) / high, cell / 7.6, cell / high)), turned[i], f"pair {i}", turns=True, numbers=count <= 4)
    drawing.text(0.015, 1 - 0.28 / high, title or f"position {position}", fontsize=14, fontweight="bold", color=palette.INK)
    row = np.stack([np.sin(turned), np.cos(turned)], 1).reshape(1, -1)
    ax = drawing.add_axes((0.07, 0.06 / high, 0.92, strip / high))
    # in steps of an eighth: the frames of a film share one small palette
    ax.imshow(np.round(8 * row) / 8, cmap=palette.signed_map(), vmin=-1, vmax=1, aspect="auto")
    for i, value in enumerate(row[0]):
        if count <= 4:
            ink = palette.CARD if abs(value) > 0.55 else palette.INK
            ax.text(i, 0, f"{value:.2f}".replace("-", "−"), ha="center", va="center", color=ink, fontsize=12)
    ax.set_xticks([])
    ax.set_yticks([0], ["row"])
    ax.tick_params(length=0)
    for i in range(1, count):
        ax.axvline(2 * i - 0.5, color=palette.INK, linewidth=1)
    return drawing


def _still(d_model: int, position: int, base: float, alt: str, caption: str) -> Picture:
    turned = angles(np.array([position]), d_model, base)[0]
    drawing = Figure(figsize=(8.8, 4.6), layout="constrained")
    left, right = drawing.subfigures(1, 2, width_ratios=(1, 1.1))
    across = math.ceil(math.sqrt(len(turned)))
    for i, ax in enumerate(np.ravel(left.subplots(math.ceil(len(turned) / across), across))):
        if i < len(turned):
            draw_clock(ax, turned[i], f"pair {i}", turns=True)
        else:
            ax.axis("off")
    left.suptitle(f"place {position}: one clock a pair", fontsize=13, fontweight="bold", x=0.03, ha="left")
    table, curve = right.subplots(2, 1, height_ratios=(1.5, 1))
    all_angles = angles(np.arange(PLACES), d_model, base)
    values = np.stack([np.sin(all_angles), np.cos(all_angles)], -1).reshape(PLACES, -1)
    table.imshow(values, cmap=palette.signed_map(), vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    table.axhline(position, color=palette.INK, linewidth=1.5)
    table.set(title="the table", xlabel="column: sine, cosine, sine, cosine …", ylabel="place", xticks=[])
    curve.plot(np.cos(angles(np.arange(PLACES) - position, d_model, base)).mean(1), color=palette.color("attention"), linewidth=2)
    curve.axvline(position, color=palette.INK, linewidth=1)
    curve.set(title="how alike to this place", xlabel="other place", ylabel="alike", ylim=(-1.1, 1.15), yticks=(-1, 0, 1))
    return figure(drawing, alt=alt, caption=caption)
