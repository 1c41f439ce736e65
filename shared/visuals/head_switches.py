"""Switches for the heads of a model: silence one, and see what happens to its losses and to its next word.

Everything is computed beforehand; the page only looks it up. The still shows the first text with one head silenced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import figure
from shared.visuals.page import Page
from shared.visuals.text import visible

MOST_LAYERS, MOST_HEADS, MOST_WORDS = 12, 12, 8


@dataclass(frozen=True)
class Prompt:
    """A text, up to 8 words that may come next, and their chances: (1 + layers · heads, words), row 0 with all heads at work."""

    text: str
    words: Sequence[str]
    chances: np.ndarray


def head_switches(
    layers: int, heads: int, losses: Mapping[str, np.ndarray], prompts: Sequence[Prompt], *, start: tuple[int, int], alt: str, caption: str
) -> Page:
    """Silence a head by a click: its losses beside the intact model's, and the chances of the next word before and after.

    losses: {what is measured: (1 + layers · heads,)}, in nats, entry 0 with all heads at work, entry 1 + layer · heads + head
    without that head. start: the head that is silenced at first. alt: what a person would learn from it; caption: shown below it.
    Errors: ValueError that names the argument, for sizes or shapes that do not fit, chances outside 0 … 1, losses that are not
    finite. Used in week 3 day 4.
    """
    if not 1 <= layers <= MOST_LAYERS or not 1 <= heads <= MOST_HEADS:
        raise ValueError(f"layers and heads must be 1 to {MOST_LAYERS}, got {layers} and {heads}")
    rows = 1 + layers * heads
    for name, values in losses.items():
        if np.shape(values) != (rows,) or not np.isfinite(np.asarray(values, dtype=float)).all():
            raise ValueError(f"losses: {name!r} must hold {rows} finite numbers, got shape {np.shape(values)}")
    if not losses or not prompts:
        raise ValueError("losses and prompts must hold at least one entry each")
    for one in prompts:
        chances = np.asarray(one.chances, dtype=float)
        if not 1 <= len(one.words) <= MOST_WORDS or chances.shape != (rows, len(one.words)):
            raise ValueError(f"prompts: {one.text!r} must have 1 to {MOST_WORDS} words and chances ({rows}, words), got {chances.shape}")
        if not (chances >= -1e-6).all() or not (chances <= 1 + 1e-6).all():
            raise ValueError(f"prompts: the chances of {one.text!r} must lie between 0 and 1")
    if not (0 <= start[0] < layers and 0 <= start[1] < heads):
        raise ValueError(f"start must be a (layer, head) of {layers} layers and {heads} heads, got {start}")
    data = {
        "layers": layers, "heads": heads, "start": 1 + start[0] * heads + start[1], "alt": " ".join(alt.split()),
        "losses": [{"name": str(name), "values": np.round(np.asarray(values, dtype=float), 3).tolist()} for name, values in losses.items()],
        "prompts": [{"text": one.text, "words": [visible(word) for word in one.words],
                     "chances": np.round(np.asarray(one.chances, dtype=float), 4).tolist()} for one in prompts],
        "color": palette.color("attention"),
    }  # fmt: skip
    most = max(len(one.words) for one in prompts)
    below = 34 * most + 30 * len(losses)
    heights = {
        0: f"{(44 if heads <= 4 else 44 * -(-heads // 5)) * layers + 48 * len(prompts) + below + 234}px",
        420: f"{(44 if heads <= 7 else 88) * layers + 48 * len(prompts) + below + 200}px",
        640: f"{max((44 if heads <= 5 else 44 * -(-heads // 5)) * layers + 60 + 34 * len(losses), 48 * len(prompts) + 36 * most) + 110}px",
    }  # fmt: skip
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["head_switches.js"], styles=["head_switches.css"],
        heights=heights, still=_still(prompts[0], start, data["start"], alt, caption),
    )  # fmt: skip


def _still(prompt: Prompt, start: tuple[int, int], row: int, alt: str, caption: str):
    chances = np.asarray(prompt.chances, dtype=float)
    drawing = Figure(figsize=(7.4, 0.5 * len(prompt.words) + 1.5), layout="constrained")
    ax = drawing.subplots()
    place = np.arange(len(prompt.words))
    ax.barh(place - 0.2, chances[0], height=0.36, color=palette.color("residual"), label="all heads at work")
    ax.barh(place + 0.2, chances[row], height=0.36, color=palette.color("attention"), label=f"without layer {start[0]}, head {start[1]}")
    for y, values in ((place - 0.2, chances[0]), (place + 0.2, chances[row])):
        for at, value in zip(y, values):
            ax.text(value + 0.01, at, f"{100 * value:.0f} %", va="center", fontsize=10)
    ax.set_yticks(place, [visible(word) for word in prompt.words])
    for text in ax.get_yticklabels():
        text.set_parse_math(False)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.35), xticks=[0, 0.5, 1], xlabel="chance to come next")
    ax.set_title(f"“{prompt.text} …”", parse_math=False, fontsize=11)
    ax.legend(frameon=False, loc="lower right")
    return figure(drawing, alt=alt, caption=caption, kind="interactive")
