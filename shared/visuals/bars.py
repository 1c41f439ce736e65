"""Probabilities as bars: what a model thinks comes next, beside what it thought before."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.text import label


def probability_bars(
    panels: Mapping[str, Mapping[str, float]],
    *,
    alt: str,
    caption: str,
    title: str = "",
    xlabel: str = "probability",
    notes: Sequence[str] = (),
    panel_inches: float = 4.3,
) -> Picture:
    """Draw one panel of horizontal bars for each distribution, side by side on one scale from 0 to 1.

    panels: title of a panel -> {word: probability}, drawn from top to bottom in the given order.
    notes: a few words behind each bar of a single panel, in the same order. panel_inches: the width of a panel; its letters keep their size.
    Errors: ValueError for no bars, a value outside 0 … 1, or notes that do not fit. Used from week 1 day 4 on.
    """
    if not panels or not all(panels.values()):
        raise ValueError("panels must hold at least one panel, and every panel at least one bar")
    for name, bars in panels.items():
        for word, value in bars.items():
            if not 0 <= value <= 1 + 1e-6:
                raise ValueError(f"panel {name!r}: the probability of {word!r} must lie between 0 and 1, got {value}")
    longest = max(len(bars) for bars in panels.values())
    if notes and (len(panels) != 1 or len(notes) != longest):
        raise ValueError(f"notes: {len(notes)} for {longest} bars in {len(panels)} panels; they go with a single panel, one for each bar")
    drawing = Figure(figsize=(min(8.8, panel_inches * len(panels) + (2.8 if notes else 0)), 0.42 * longest + (1.6 if title else 1.2)), layout="constrained")
    drawing.get_layout_engine().set(h_pad=0.08, w_pad=0.08)
    for axes, (name, bars) in zip(drawing.subplots(1, len(panels), squeeze=False).flat, panels.items()):
        axes.barh(range(len(bars)), list(bars.values()), color=palette.color("residual"), height=0.66)
        for i, value in enumerate(bars.values()):
            note = f"   {notes[i]}" if notes else ""
            axes.text(min(value, 1.0) + 0.02, i, f"{100 * value:.0f} %{note}", va="center", fontsize=10.5, parse_math=False)
        axes.set_yticks(range(len(bars)), [label(word) for word in bars])
        axes.invert_yaxis()
        axes.set(xlabel=xlabel, xlim=(0, 1.75 if notes else 1.18), xticks=[0, 0.5, 1])
        for text in (axes.set_title(name), *axes.get_yticklabels()):
            text.set_parse_math(False)  # a word "$x$" is text, not a formula
        axes.tick_params(axis="y", length=0)
        axes.spines["bottom"].set_bounds(0, 1)
    if title:
        drawing.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    return figure(drawing, alt=alt, caption=caption)
