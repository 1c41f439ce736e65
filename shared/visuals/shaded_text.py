"""A text whose words are shaded by a number each, for several things that can be measured on it: neurons, for example.

The page shows one measurement at a time; the still shows the first one.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath

from shared.visuals import palette
from shared.visuals.figure import figure, whole
from shared.visuals.page import Page, pack
from shared.visuals.text import visible

MOST_TOKENS, MOST_ROWS, TOP = 160, 12, 6
STILL_PX, LINE_PX, BETWEEN_PX = 840, 30, 13  # of the still: width, a line, room between two words' letters


def shaded_text(
    tokens: Sequence[str], values: np.ndarray, names: Sequence[str], *, concept: str, what: str, alt: str, caption: str
) -> Page:
    """Choose a measurement, and see on which words of a text it is high: the darker, the higher; none at 0 and below.

    tokens: T words, as they are to be read; values: (n, T), a row for each measurement; names: n short words for buttons.
    concept: a color of the palette; what: what a number is called, such as "activation".
    alt: what a person would learn from it; caption: shown below it.
    Errors: ValueError that names the argument, for more than 160 tokens or 12 rows, shapes that do not fit, or numbers
    that are not finite. Used in week 2 day 4.
    """
    values = np.asarray(values, dtype=np.float64)
    if not 1 <= len(tokens) <= MOST_TOKENS:
        raise ValueError(f"tokens must be 1 to {MOST_TOKENS} words, got {len(tokens)}")
    if values.ndim != 2 or values.shape != (len(names), len(tokens)) or not 1 <= len(names) <= MOST_ROWS:
        raise ValueError(f"values must be ({len(names)}, {len(tokens)}) for {len(names)} names (at most {MOST_ROWS}) and {len(tokens)} tokens, got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("values must be finite; got NaN or infinity")
    if not what.strip():
        raise ValueError("what must say what a number is called")
    words = [visible(token) for token in tokens]
    data = {
        "tokens": words, "values": pack(values, "int16"), "names": [str(name) for name in names], "what": what, "top": TOP,
        "color": palette.color(concept), "alt": " ".join(alt.split()),
    }  # fmt: skip
    drawing = Figure(figsize=(STILL_PX / 100, 0.75 + LINE_PX / 100 * len(_filled(words))), layout="constrained")
    draw_shaded_text(drawing.subplots(), words, values[0], concept=concept, title=str(names[0]))
    heights = {least: f"{_height(words, names, max(least, 310))}px" for least in (0, 420, 640, 820)}
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["shaded_text.js"], styles=["shaded_text.css"],
        heights=heights, still=figure(drawing, alt=alt, caption=caption),
    )  # fmt: skip


def draw_shaded_text(ax: Axes, words: Sequence[str], values: np.ndarray, *, concept: str, title: str = "") -> None:
    """Write words in lines, each on a ground that is the darker the higher its value; values: (T,).

    Errors: ValueError for no words, another number of values, or values that are not finite. Used in week 2 day 4.
    """
    if not len(words) or np.shape(values) != (len(words),) or not np.isfinite(values).all():
        raise ValueError(f"values must be a finite number for each of the {len(words)} words, got shape {np.shape(values)}")
    most = max(float(np.max(values)), 1e-9)
    lines, t = _filled(words), 0
    for y, line in enumerate(lines):
        for x, word in line:
            share = max(float(values[t]) / most, 0.0)
            ground = dict(boxstyle="round,pad=0.2", facecolor=palette.color(concept), alpha=0.85 * share, edgecolor="none")
            ax.text(x, y, word, va="center", fontsize=11, color=palette.INK, bbox=ground, parse_math=False)
            t += 1
    ax.set(xlim=(-6, STILL_PX), ylim=(len(lines) - 0.4, -0.6))
    ax.axis("off")
    if title:
        ax.set_title(title, fontsize=11.5, loc="left", parse_math=False)


def _filled(words: Sequence[str]) -> list[list[tuple[float, str]]]:
    """The words in lines of STILL_PX: (place, word) each."""
    lines, x = [[]], 0.0
    for word in words:
        # at 11 points and 100 dots an inch; a blank has no outline to measure, and "$x$" is no formula
        wide = TextPath((0, 0), whole(word).replace("$", r"\$"), size=11 * 100 / 72).get_extents().width if word.strip() else 5.0
        if lines[-1] and x + wide > STILL_PX - 10:
            lines.append([])
            x = 0.0
        lines[-1].append((x, word))
        x += wide + BETWEEN_PX
    return lines


def _count_lines(words: Sequence[str], width: float, letter: float, beside: float) -> int:
    x, lines = 0.0, 1
    for word in words:
        wide = letter * len(word) + beside
        if x + wide > width:
            x, lines = 0.0, lines + 1
        x += wide
    return lines


def _height(words: Sequence[str], names: Sequence[str], width: int) -> int:
    """Mirrors assets/shaded_text.css: rows of buttons, lines of words, and the lines that say what is seen."""
    buttons = _count_lines([str(name) for name in names], width - 8, 7.8, 32)
    return 44 * buttons + 34 * _count_lines(words, width - 8, 8.1, 9.5) + (104 if width < 640 else 66)
