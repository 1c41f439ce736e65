"""The loop in which GPT writes, as a film: the flowchart at the left, at the right what it has just made. Arrays and strings only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.textpath import text_to_path
from matplotlib.font_manager import FontProperties

from shared.learning.flowchart import STEPS, Chart, Visit
from shared.visuals import palette
from shared.visuals.flowchart_drawing import WIDTH, draw_flowchart, lay_out_chart
from shared.visuals.text import label

WIDE_PX, TOP_PX = 760.0, 10.0
RIGHT_X = WIDTH + 26
MOST_BARS, MOST_COLUMNS, MOST_ROWS = 5, 12, 9
TOKEN_PT = 11.0


@dataclass(frozen=True)
class Moment:
    """What there is after a visit. tokens: the text so far; new: whether its last token has just been put there.

    rows: (T, columns) of numbers, a row for each token, or None; what: what the rows are called. shares: (token, share) of the most
    likely next tokens, or None; votes: whether these are votes still, not shares; picked: the token that was picked, or "".
    says: what just happened, as a sentence. way: "yes" or "no" at a decision.
    """

    visit: Visit
    tokens: tuple[str, ...]
    says: str
    new: bool = False
    rows: np.ndarray | None = None
    what: str = ""
    shares: tuple[tuple[str, float], ...] | None = None
    votes: bool = False
    picked: str = ""
    way: str = ""


def loop_frames(chart: Chart, moments: Sequence[Moment]) -> list[tuple[Figure, str]]:
    """A frame for each moment, for `stepper`: the chart with the present step lit, the text so far, and rows or chances.

    Errors: ValueError for no moments, a moment without a sentence, an item that the chart does not have, or numbers that are not
    finite. Built in week 3 day 7.
    """
    if not moments:
        raise ValueError("moments must hold at least one moment")
    # only the steps' names: what they do is said below each frame, and few letters make a small film
    layout = lay_out_chart(chart, {name: name for name in STEPS})
    height = layout.height + TOP_PX + 6
    frames = []
    for i, moment in enumerate(moments):
        if not moment.says.strip():
            raise ValueError(f"moments: number {i} says nothing")
        if not 0 <= moment.visit.at < len(chart):
            raise ValueError(f"moments: number {i} visits item {moment.visit.at}, the chart has {len(chart)}")
        rows, shares = np.atleast_1d(0.0 if moment.rows is None else moment.rows), [share for _, share in moment.shares or ()]
        if rows.size == 0 or (moment.rows is not None and rows.ndim != 2) or not np.isfinite(rows).all() or not np.isfinite(shares).all():
            raise ValueError(f"moments: number {i} must have finite numbers, rows as (T, columns); got rows of shape {rows.shape}")
        drawing = Figure(figsize=(WIDE_PX / 100, height / 100), layout="none")
        axes = drawing.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDE_PX), ylim=(height, 0))
        axes.axis("off")
        draw_flowchart(axes, layout, at=(0, TOP_PX), lit={moment.visit.at}, way=moment.way, size=11.5)
        _head(axes, moment)
        below = _tokens(axes, moment)
        if moment.rows is not None:
            _rows(axes, moment, below + 26)
        if moment.shares:
            _bars(axes, moment, below + 26)
        frames.append((drawing, moment.says))
    return frames


def _head(axes: Axes, moment: Moment) -> None:
    axes.text(RIGHT_X, TOP_PX + 12, f"round {moment.visit.round}", fontsize=12, fontweight="bold", va="center", color=palette.INK)
    axes.text(RIGHT_X, TOP_PX + 42, "the text so far", fontsize=10.5, va="center", color=palette.QUIET)


def _tokens(axes: Axes, moment: Moment) -> float:
    """The tokens as boxes in reading order; returns where they end."""
    x, y = RIGHT_X, TOP_PX + 70
    for i, token in enumerate(moment.tokens):
        says = label(token)
        wide = text_to_path.get_text_width_height_descent(says, FontProperties(size=TOKEN_PT * 100 / 72), False)[0] + 16
        if x + wide > WIDE_PX - 10 and x > RIGHT_X:
            x, y = RIGHT_X, y + 36
        fresh = moment.new and i == len(moment.tokens) - 1
        axes.add_patch(FancyBboxPatch((x, y - 14), wide, 28, boxstyle="round,pad=0,rounding_size=7", facecolor=palette.CARD if fresh else palette.PAPER,
                                      edgecolor=palette.INK if fresh else palette.LINE, linewidth=2.4 if fresh else 1.2))  # fmt: skip
        axes.text(x + wide / 2, y, says, ha="center", va="center_baseline", fontsize=TOKEN_PT, fontweight="bold" if fresh else "normal", parse_math=False)
        x += wide + 6
    return y + 14


def _rows(axes: Axes, moment: Moment, y: float) -> None:
    rows = np.asarray(moment.rows, dtype=np.float64)[-MOST_ROWS:, :MOST_COLUMNS]
    names = moment.tokens[-len(rows) :]
    more = len(moment.tokens) - len(names)
    axes.text(RIGHT_X, y, moment.what + (f" (the last {len(names)} of them)" if more else ""), fontsize=10.5, va="center", color=palette.QUIET)
    limit = float(np.abs(rows).max()) or 1.0
    cell, left = 18.0, RIGHT_X + 96
    for t, name in enumerate(names):
        top = y + 16 + t * (cell + 4)
        axes.text(left - 8, top + cell / 2, label(name), ha="right", va="center_baseline", fontsize=10, parse_math=False)
        for c, value in enumerate(rows[t]):
            axes.add_patch(Rectangle((left + c * cell, top), cell, cell, facecolor=palette.signed_map()(0.5 + round(5 * value / limit) / 10), edgecolor="none"))
    axes.text(left + len(rows[0]) * cell + 6, y + 16 + cell / 2, "…", va="center", fontsize=11)


def _bars(axes: Axes, moment: Moment, y: float) -> None:
    shares = moment.shares[:MOST_BARS]
    title = "the highest votes" if moment.votes else "the highest chances"
    axes.text(RIGHT_X, y, title, fontsize=10.5, va="center", color=palette.QUIET)
    largest = max(abs(value) for _, value in shares) or 1.0
    left, room = RIGHT_X + 116, WIDE_PX - RIGHT_X - 116 - 76
    for i, (token, value) in enumerate(shares):
        top = y + 18 + i * 32
        picked = bool(moment.picked) and token == moment.picked
        axes.text(left - 8, top + 12, label(token), ha="right", va="center_baseline", fontsize=11, fontweight="bold" if picked else "normal", parse_math=False)
        wide = room * abs(value) / largest if moment.votes else room * value
        axes.add_patch(Rectangle((left, top), max(wide, 1.0), 24, facecolor=palette.INK if picked else palette.color("residual"), edgecolor="none"))
        says = f"{value:.1f}" if moment.votes else f"{100 * value:.0f} %"
        axes.text(left + max(wide, 1.0) + 6, top + 12, says + (" ← picked" if picked and wide < room - 60 else ""), va="center_baseline", fontsize=10.5)
        if picked:
            axes.add_patch(FancyBboxPatch((RIGHT_X + 4, top - 3), WIDE_PX - RIGHT_X - 12, 30, boxstyle="round,pad=0,rounding_size=7", facecolor="none",
                                          edgecolor=palette.INK, linewidth=1.6))  # fmt: skip
