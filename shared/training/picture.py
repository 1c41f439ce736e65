"""The live picture of a run in a notebook: the loss on its way down to the floor, speed, time left, the newest sample.

It is drawn as SVG text, which takes a millisecond, and put into one widget whose content changes in place. Only the widget's view
goes into the notebook, no text and no picture, so a notebook that is built or tested keeps no trace of it.
"""

import html
import math

import ipywidgets
from IPython.display import display

from shared.training.live import Show, progress_line
from shared.training.run import TrainingRun
from shared.visuals import palette

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDTH, HEIGHT, READABLE = 640, 260, 540  # of the drawing, and the width below which its letters would be too small
LEFT, RIGHT, TOP, BOTTOM = 48, 112, 16, 36  # margins around the axes
POINTS = 240  # of the curve; more are averaged
SAMPLE_LETTERS = 400


class LivePicture(Show):
    """A card that follows the run. Errors: ImportError where ipywidgets is not installed."""

    seconds = 1.0

    def __init__(self):
        self.widget = ipywidgets.HTML()
        self.displayed = False

    def draw(self, run: TrainingRun, over: bool) -> None:
        """See `Show.draw`."""
        self.widget.value = card(run, "" if over else self.time_left(run))
        if not self.displayed:
            # what ipywidgets 7 and 8 display, less the text beside it, which would stay in the notebook
            display({WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}}, raw=True)
            self.displayed = True


def card(run: TrainingRun, time_left: str = "") -> str:
    """The card as HTML: a line of numbers, the curve, the newest sample."""
    box = (
        f"background:{palette.CARD};color:{palette.INK};border:1px solid {palette.LINE};border-radius:10px;padding:12px;"
        "max-width:900px;box-sizing:border-box;font:14px/1.45 system-ui,sans-serif"
    )
    line = f'<div role="status">{html.escape(progress_line(run, time_left))}</div>'
    # on a phone the drawing scrolls sideways instead of shrinking until nobody can read it
    return f'<div style="{box}">{line}<div style="overflow-x:auto">{curve(run)}</div>{_sample(run)}</div>'


def curve(run: TrainingRun) -> str:
    """The losses as an SVG: each batch's in gray, the held-out part's as dots, the floor as a broken line."""
    words = html.escape(f"The loss falls while the model learns: {progress_line(run)}.")
    axes = _Axes(run)
    parts = [axes.grid()]
    labels = []
    if run.losses:
        points = thinned(run.losses)
        parts.append(axes.line(points, palette.QUIET))
        labels += [] if run.evaluations else [(*points[-1], f"{points[-1][1]:.2f}", palette.INK)]
    if run.evaluations:
        parts.append(axes.line(run.evaluations, palette.INK, width=2))
        parts += [axes.dot(step, loss) for step, loss in run.evaluations]
        labels.append((*run.evaluations[-1], f"held out {run.evaluations[-1][1]:.2f}", palette.INK))
    if run.floor is not None:
        parts.append(axes.line([(0, run.floor), (run.config.steps, run.floor)], palette.words("value"), dashes="6 4"))
        labels.append((run.config.steps, run.floor, f"floor {run.floor:.2f}", palette.words("value")))
    parts.append(axes.labels(labels))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" style="width:100%;min-width:{READABLE}px;max-width:{WIDTH}px;height:auto;display:block"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{words}" {size}>{"".join(parts)}</svg>'


def thinned(losses: list[float]) -> list[tuple[float, float]]:
    """At most 240 points (step, mean loss around it) of a curve, so that drawing stays quick in a long run."""
    size = math.ceil(len(losses) / POINTS)
    groups = [losses[first : first + size] for first in range(0, len(losses), size)]
    return [(i * size + (len(group) + 1) / 2, sum(group) / len(group)) for i, group in enumerate(groups)]


class _Axes:
    """From (step, loss) to places in the drawing."""

    def __init__(self, run: TrainingRun):
        seen = [loss for loss in (*run.losses, *(loss for _, loss in run.evaluations)) if math.isfinite(loss)] or [1.0]
        low = min([*seen, *([] if run.floor is None else [run.floor])])
        self.low, self.high, self.steps = math.floor(low * 2) / 2, math.ceil(max(seen) * 2 + 1e-9) / 2, run.config.steps
        self.high = max(self.high, self.low + 0.5)

    def place(self, step: float, loss: float) -> tuple[float, float]:
        share = (min(max(loss, self.low), self.high) - self.low) / (self.high - self.low) if math.isfinite(loss) else 1.0
        across = LEFT + step / self.steps * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def grid(self) -> str:
        rows = math.ceil((self.high - self.low) / 0.5)
        apart = 0.5 * max(1, math.ceil(rows / 6))
        drawn = []
        for i in range(int((self.high - self.low) / apart + 1e-9) + 1):
            x, y = self.place(0, self.low + i * apart)
            drawn.append(f'<line x1="{x}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#E5E7EB"/>')
            drawn.append(_text(x - 8, y + 4, f"{self.low + i * apart:.1f}", palette.INK, "end"))
        bottom = HEIGHT - BOTTOM
        drawn.append(_text(LEFT, bottom + 18, "0", palette.INK, "middle"))
        drawn.append(_text(WIDTH - RIGHT, bottom + 18, f"{self.steps:,}", palette.INK, "middle"))
        drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, bottom + 30, "step", palette.INK, "middle"))
        turned = f'transform="rotate(-90 12 {HEIGHT / 2})"'
        drawn.append(_text(12, HEIGHT / 2, "loss (nats per token)", palette.INK, "middle", turned))
        return "".join(drawn)

    def line(self, points: list[tuple[float, float]], color: str, width: float = 1.5, dashes: str = "none") -> str:
        places = " ".join("{},{}".format(*self.place(*point)) for point in points)
        return f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="{width}" stroke-dasharray="{dashes}"/>'

    def dot(self, step: float, loss: float) -> str:
        x, y = self.place(step, loss)
        return f'<circle cx="{x}" cy="{y}" r="3.5" fill="{palette.INK}"/>'

    def labels(self, wanted: list[tuple[float, float, str, str]]) -> str:
        """Words beside points, from above to below; one that would touch the last moves down."""
        drawn, last = [], -math.inf
        for step, loss, words, color in wanted:
            x, y = self.place(step, loss)
            last = max(y, last + 16)
            drawn.append(_text(x + 8, last + 4, words, color, "start"))
        return "".join(drawn)


def _text(x: float, y: float, words: str, color: str, anchor: str, extra: str = "") -> str:
    font = 'font-family="system-ui,sans-serif" font-size="13"'
    return f'<text x="{x}" y="{y}" fill="{color}" text-anchor="{anchor}" {font} {extra}>{html.escape(words)}</text>'


def _sample(run: TrainingRun) -> str:
    if not run.samples:
        return ""
    step, text = run.samples[-1]
    text = text if len(text) <= SAMPLE_LETTERS else text[:SAMPLE_LETTERS] + " …"
    style = (
        f"background:{palette.PAPER};color:{palette.INK};border-radius:6px;padding:8px;margin:6px 0 0;"
        "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;font:13px/1.4 monospace"
    )
    return f'<div style="margin-top:8px">After step {step:,} it writes:</div><pre style="{style}">{html.escape(text)}</pre>'
