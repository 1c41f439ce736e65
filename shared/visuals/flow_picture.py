"""The still of the flow view: the stream through all layers above, one layer opened below, the prediction at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.flow_words import percent
from shared.visuals.text import label

if TYPE_CHECKING:
    from shared.tracing import Stage, Trace

STRIPS = 64  # a wider matrix is drawn as so many strips, each the mean of its columns
WIDE, HIGH, MARGIN = 880.0, 468.0, 16.0  # px
WIRE, MONO = "#9CA3AF", "DejaVu Sans Mono"
STREAM_MAPS = 8  # of the stream that are shown; of deeper models the layers in between are left out
MAP_W, MAP_H = 84.0, 46.0
ATTENTION = ("norm_1", "q", "k", "v", "scores", "masked", "weights", "heads", "attention")
FEED_FORWARD = ("norm_2", "hidden", "active", "feed_forward", "after_feed_forward")


def flow_picture(
    trace: Trace,
    layer: int,
    head: int,
    at: int | None,
    best: Sequence[tuple[str, float]] | None,
    *,
    alt: str,
    caption: str,
) -> Picture:
    """Draw the whole way. layer, head: what is opened, from 0; at, best: the position that predicts and its first words.

    Errors: those of `figure`. Used from week 3 day 3 on.
    """
    if trace.source is not None:
        return _pair_picture(trace, layer, head, at, best, alt=alt, caption=caption)
    norm_first = trace["layers.0.hidden"].of[0] == "layers.0.norm_2"
    attention = ATTENTION if norm_first else (*ATTENTION[1:], "norm_1")
    feed_forward = FEED_FORWARD if norm_first else ("hidden", "active", "feed_forward", "norm_2")
    drawing = Figure(figsize=(WIDE / 100, HIGH / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDE), ylim=(HIGH, 0))
    axes.axis("off")
    _write(axes, MARGIN, 26, _title(trace), fontsize=13, fontweight="bold")
    end = WIDE - MARGIN - (190 if best else 0)
    _draw_stream(axes, trace, layer, end)
    if best:
        _draw_bars(axes, trace, at, best, end + 34)
    top = 212.0
    _draw_box(axes, MARGIN - 8, top - 8, WIDE - 2 * MARGIN + 16, 250, palette.PAPER, palette.LINE)
    _write(axes, MARGIN + 2, top + 14, f"layer {layer}, opened at head {head}", fontweight="bold")
    _draw_line(axes, trace, f"layers.{layer}", head, attention, top + 52)
    _draw_line(axes, trace, f"layers.{layer}", head, feed_forward, top + 158)
    notes = ["vermilion below 0, white 0, blue above", "purple: shares, from 0 to 1"]
    if any(stage.shape[1] > STRIPS and stage.key != "logits" for stage in trace.stages):
        notes.append(f"wide matrices as {STRIPS} strips of means")
    for i, note in enumerate(notes):
        _write(axes, WIDE - MARGIN, top + 176 + 17 * i, note, ha="right", color=palette.QUIET)
    return figure(drawing, alt=alt, caption=caption)


def _pair_picture(
    trace: Trace, layer: int, head: int, at: int, best: Sequence[tuple[str, float]], *, alt: str, caption: str
) -> Picture:
    """The two streams above, a layer of the decoder opened below: at the target, at the source, then each token by itself."""
    high = 664.0
    drawing = Figure(figsize=(WIDE / 100, high / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDE), ylim=(high, 0))
    axes.axis("off")
    layers = "one layer" if trace.n_layers == 1 else f"{trace.n_layers} layers"
    title = f"{len(trace.source)} tokens are read, {len(trace.tokens)} written, through {layers} on each side"
    _write(axes, MARGIN, 26, title, fontsize=13, fontweight="bold")
    end = WIDE - MARGIN - 190
    left = MARGIN + 10 + 6.6 * max(len(_short(token)) for token in (*trace.source, *trace.tokens))
    for side, part, tokens, top in (("source", "encoder", trace.source, 62.0), ("target", "decoder", trace.tokens, 182.0)):
        last = [stage for stage in trace.stages if stage.layer is not None and stage.block.startswith(part)]
        ends = {stage.layer: stage for stage in last}  # of each layer the last stage stays
        chosen = sorted({round(i * (trace.n_layers - 1) / (min(STREAM_MAPS, trace.n_layers) - 1 or 1)) for i in range(STREAM_MAPS)} & set(ends))
        titles = [side, f"{part} {chosen[0]}", *map(str, chosen[1:])]
        _draw_maps(axes, tokens, [trace[f"{side}.input"], *(ends[i] for i in chosen)], titles, left, end, top, 76.0)
    _write(axes, end - 8, 90, "memory", ha="right", color=palette.words("residual"), fontweight="bold")
    _draw_bars(axes, trace, at, best, end + 34)
    top, block = 312.0, f"decoder.{layer}"
    _draw_box(axes, MARGIN - 8, top - 8, WIDE - 2 * MARGIN + 16, 340, palette.PAPER, palette.LINE)
    _write(axes, MARGIN + 2, top + 14, f"decoder layer {layer}, opened at head {head}", fontweight="bold")
    _draw_line(axes, trace, block, head, ("q", "k", "v", "scores", "masked", "weights", "heads", "attention", "after_attention"), top + 52)
    cross = tuple(f"cross_{key}" for key in ("q", "k", "v", "scores", "weights", "heads", "attention"))
    _draw_line(axes, trace, block, head, (*cross, "after_cross_attention"), top + 148)
    _draw_line(axes, trace, block, head, ("hidden", "active", "feed_forward", "after_feed_forward"), top + 244)
    for i, note in enumerate(["vermilion below 0, white 0, blue above", "purple: shares, from 0 to 1", "wide matrices as strips of means"]):
        _write(axes, WIDE - MARGIN, top + 262 + 17 * i, note, ha="right", color=palette.QUIET)
    return figure(drawing, alt=alt, caption=caption)


def binned(values: np.ndarray, strips: int = STRIPS) -> np.ndarray:
    """(T, width) → (T, strips): the means of neighboring columns, as equal in number as the width allows.

    A matrix that is not wider than the strips stays as it is.
    """
    width = values.shape[-1]
    strips = min(strips, width)
    edges = [i * width // strips for i in range(strips + 1)]
    return np.stack([values[..., a:b].mean(-1) for a, b in zip(edges, edges[1:])], axis=-1)


def _title(trace: Trace) -> str:
    count, end = len(trace.tokens), "probabilities" if "probabilities" in trace else "vectors"
    tokens = "One token on its" if count == 1 else f"{count} tokens on their"
    layers = "one layer" if trace.n_layers == 1 else f"{trace.n_layers} layers"
    return f"{tokens} way through {layers}, from ids to {end}"


def _draw_stream(axes: Axes, trace: Trace, layer: int, end: float) -> None:
    """The input and what each layer leaves, on one gray line."""
    normed = "input_norm" in trace
    chosen = list(range(trace.n_layers))
    if len(chosen) > STREAM_MAPS:
        chosen = sorted({round(i * (trace.n_layers - 1) / (STREAM_MAPS - 1)) for i in range(STREAM_MAPS)})
    last = "norm_2" if normed else "after_feed_forward"
    stages = [trace["input_norm" if normed else "input"], *(trace[f"layers.{i}.{last}"] for i in chosen)]
    titles = ["in", f"layer {chosen[0]}", *map(str, chosen[1:])]
    left = MARGIN + 10 + 6.6 * max(len(_short(token)) for token in trace.tokens)
    top, high = 62.0, 86.0
    each, wide = _draw_maps(axes, trace.tokens, stages, titles, left, end, top, high)
    # the layer that is opened below hangs from the stream, just before what it leaves
    place = 1 + chosen.index(min(chosen, key=lambda i: abs(i - layer)))
    x = left + place * each - (each - wide) / 2
    axes.plot([x, x], [top + high / 2, 204], color=WIRE, linewidth=1.6, zorder=1)


def _draw_maps(
    axes: Axes, tokens: Sequence[str], stages: Sequence[Stage], titles: Sequence[str], left: float, end: float, top: float, high: float
) -> tuple[float, float]:
    """A stream from left to right, its tokens named at the left. Returns how far the maps are apart, and how wide they are."""
    each = (end - left) / len(stages)
    wide, middle = min(96.0, each - 16), top + high / 2
    axes.plot([left, end], [middle, middle], color=WIRE, linewidth=6, zorder=1, solid_capstyle="butt")
    for i, (stage, title) in enumerate(zip(stages, titles)):
        x = left + i * each
        _draw_map(axes, stage, 0, x, top, wide, high)
        _write(axes, x + wide / 2, top - 8, title, ha="center", color=palette.words("residual"), fontweight="bold")
    _write(axes, left, top + high + 17, _shape(stages[0]), family=MONO)
    rows = len(tokens)
    every = -(-rows * 13 // int(high))  # as many names as fit
    for r in range(0, rows, every):
        _write(axes, left - 6, top + (r + 0.5) * high / rows, _short(tokens[r]), ha="right", va="center", fontsize=9.6)
    return each, wide


def _draw_bars(axes: Axes, trace: Trace, at: int | None, best: Sequence[tuple[str, float]], x: float) -> None:
    """What the model finds most likely; the longest bar is the likeliest word."""
    asks = "after" if trace.causal else "at"
    _write(axes, x, 54, f"{asks} “{_short(trace.tokens[at])}”", color=palette.QUIET)
    for i, (name, share) in enumerate(best):
        y, wide = 74 + 19 * i, max(1.0, 50 * share / max(best[0][1], 1e-9))
        _write(axes, x + 62, y, _short(name, 9), ha="right", va="center", fontsize=9.6)
        _draw_box(axes, x + 68, y - 5, wide, 10, palette.color("attention"))
        _write(axes, x + 72 + wide, y, percent(share).replace("under", "<"), va="center", fontsize=9.6)


def _draw_line(axes: Axes, trace: Trace, block: str, head: int, keys: Sequence[str], top: float) -> None:
    """One part of the layer, from left to right."""
    stages = [trace[f"{block}.{key}"] for key in keys if f"{block}.{key}" in trace]
    gap = (WIDE - 2 * MARGIN - 9 * MAP_W) / 8
    middle = top + MAP_H / 2
    for i, stage in enumerate(stages):
        x = MARGIN + i * (MAP_W + gap)
        # q, k and v stand side by side: they come from the same matrix, not from each other
        if i and not stage.key.endswith((".k", ".v", "_k", "_v")):
            arrow = FancyArrowPatch((x - gap, middle), (x - 1, middle), shrinkA=0, shrinkB=0, arrowstyle="-|>", mutation_scale=9)
            arrow.set(color=WIRE, linewidth=1.4)
            axes.add_patch(arrow)
        _draw_map(axes, stage, head, x, top, MAP_W, MAP_H)
        # the first three say whose line it is
        name = stage.name if stage.key.endswith(("_q", "_k", "_v")) else stage.name.removeprefix("cross ")
        _write(axes, x, top - 7, name, fontsize=10.5, fontweight="bold", color=palette.words(stage.concept))
        _write(axes, x, top + MAP_H + 16, _shape(stage), fontsize=9.6, family=MONO)


def _draw_map(axes: Axes, stage: Stage, head: int, x: float, y: float, wide: float, high: float) -> None:
    values = binned(stage.values[head] if stage.values.ndim == 3 else stage.values)
    shares = stage.how == "softmax"
    sizes = np.abs(values[np.isfinite(values)])
    # few outliers must not turn all others white, as in the view
    limit = 1.0 if shares else float(np.quantile(sizes, 0.98)) or float(sizes.max()) or 1.0
    colors = (palette.weights_map() if shares else palette.signed_map()).with_extremes(bad="#E5E7EB")
    axes.imshow(
        np.ma.masked_invalid(values), cmap=colors, vmin=0 if shares else -limit, vmax=limit,
        extent=(x, x + wide, y + high, y), aspect="auto", interpolation="nearest", zorder=2,
    )  # fmt: skip
    outline = palette.outline(stage.concept)
    axes.add_patch(Rectangle((x, y), wide, high, fill=False, edgecolor=outline, linewidth=1.4, zorder=3))


def _draw_box(axes: Axes, x: float, y: float, wide: float, high: float, color: str, line: str = "none") -> None:
    axes.add_patch(Rectangle((x, y), wide, high, facecolor=color, edgecolor=line, zorder=0))


def _write(axes: Axes, x: float, y: float, text: str, **look) -> None:
    # a token "$x$" is text, not a formula
    axes.text(x, y, text, **{"fontsize": 10, "color": palette.INK, "parse_math": False, **look})


def _shape(stage: Stage) -> str:
    return f"({stage.shape[0]}, {stage.shape[1]})"


def _short(token: str, letters: int = 10) -> str:
    text = label(token)
    return text if len(text) <= letters else text[: letters - 1] + "…"
