"""The attention explorer: every head of any model on one text, as map, arcs and sentence, inside one cell.

`attention_view(tokens, attentions)` takes the learner's own tensors. The page carries all heads in steps of 1/255 and
draws only what is in view, on canvas, so that 144 heads over 256 tokens stay a few hundred elements.
"""

import io
import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from shared.visuals.explorer_data import (
    Attention, measures_of, read_attention, read_measures, sent_measures, sent_sums, sent_weights,
)  # fmt: skip
from shared.visuals.explorer_still import explorer_still
from shared.visuals.figure import figure
from shared.visuals.packed import PackedPage
from shared.visuals.page import Page, ramp, short
from shared.visuals.text import visible

STILL_COLORS = 40
LOOKS_AT = {
    "previous token": "the token just before",
    "next token": "the token just after",
    "induction": "what followed the same token earlier",
    "same token": "other places with the same token",
    "first token": "the first token",
}


def attention_view(
    tokens: Sequence[str],
    attentions: Any,
    *,
    keys: Sequence[str] | None = None,
    second: int | None = None,
    layer: int | None = None,
    head: int = 0,
    measures: Mapping[str, Any] | None = None,
    alt: str | None = None,
    caption: str | None = None,
) -> Page:
    """Explore the attention of all heads of a model on one text: point, pin, compare, sort, save as a file of its own.

    tokens: the T tokens that ask (rows). attentions: the weights, as Hugging Face gives them (a tuple of layers, each
    (1, heads, T, S)), a list of (heads, T, S), one array or tensor (layers, heads, T, S), or a TransformerLens cache.
    keys: the S tokens that are looked at (columns), where they are another text: cross-attention.
    second: where the second text of a pair starts; the view can then be cut to a → a, a → b, b → a or b → b.
    layer, head: the head that is open at first, layers by their number in the model; the first one if left out.
    measures: {name: (layers, heads)} to sort the heads by, beside those of `measures_of`; the same name replaces one.
    alt, caption: your own words for the picture; left out, they are made from the numbers.
    Numbers are shown to within 0.002; sums of columns over more than 259 tokens to within 0.004, which the page then states.
    Sizes: see tests/benchmarks/attention_view.py.
    Errors: those of `read_attention` and `read_measures`; ValueError for a layer or head that is not there.
    Used from week 2 day 3 on.
    """
    attention = read_attention(tokens, attentions, keys=keys, second=second)
    known = {**measures_of(attention), **read_measures(measures, attention)}
    place = _place(attention, layer, head)
    words = _Words(attention, known, place)
    (others, lasts), (corrections, step), (ranges, values) = sent_weights(attention), sent_sums(attention), sent_measures(known)
    data = {
        "tokens": [shown(token) for token in attention.rows],
        "full": _whole(attention.rows),
        "keys": [shown(token) for token in attention.columns] if attention.across else None,
        "fullKeys": _whole(attention.columns) if attention.across else None,
        "shape": list(attention.weights.shape),
        "layers": attention.layers,
        "causal": attention.causal,
        "second": attention.second,
        "start": list(place),
        "ramp": ramp("weights"),
        "step": step,
        "measures": ranges,
    }
    alt, caption = alt or words.alt(), caption or words.caption()
    still = figure(explorer_still(attention, *place, title=words.title()), alt=alt, caption=caption, kind="interactive")
    return PackedPage(
        bundle="explorer", kind="interactive", alt=alt, caption=caption, data=data, numbers=[others, lasts, corrections, values],
        heights=_heights(attention), still=_lighter(still.bare),
    )  # fmt: skip


def _place(attention: Attention, layer: int | None, head: int) -> tuple[int, int]:
    """The opened head as places in the array."""
    layer = attention.layers[0] if layer is None else layer
    if layer not in attention.layers or isinstance(layer, bool):
        named = ", ".join(map(str, attention.layers))
        raise ValueError(f"layer must be one of {named}; got {layer!r}")
    if isinstance(head, bool) or not isinstance(head, (int, np.integer)) or not 0 <= head < attention.heads:
        raise ValueError(f"head must be a number from 0 to {attention.heads - 1}, got {head!r}")
    return attention.layers.index(layer), int(head)


# --- tokens as the page writes them -----------------------------------------------------------------------------------


def shown(token: str) -> str:
    """A token as a short label in which nothing is invisible: one that has only invisible letters is named by them."""
    if token.strip() and all(unicodedata.category(letter) in ("Cf", "Cc", "Mn", "Zs") for letter in token.strip(" \n\t")):
        token = "·".join(f"U+{ord(letter):04X}" for letter in token.strip(" \n\t")[:2])
    return short(token.encode("utf-8", "replace").decode())


def _whole(tokens: Sequence[str]) -> dict[str, str]:
    """The whole of each token whose label is not all of it, by position."""
    return {str(i): visible(token) for i, token in enumerate(tokens) if shown(token) != token}


# --- words, made from the numbers -------------------------------------------------------------------------------------


class _Words:
    """Title, caption and alt text of a view whose author gave none."""

    def __init__(self, attention: Attention, measures: Mapping[str, np.ndarray], place: tuple[int, int]):
        self.attention, self.measures, self.place = attention, measures, place

    def _name(self, layer: int, head: int) -> str:
        return f"layer {self.attention.layers[layer]}, head {head}"

    def _habit(self, layer: int, head: int) -> str | None:
        """What holds at least half of a head's attention."""
        found = [(self.measures[name][layer, head], text) for name, text in LOOKS_AT.items() if name in self.measures]
        share, text = max(found, default=(0.0, ""))
        return f"tokens look mostly at {text} ({share:.2f} on average)" if share >= 0.5 else None

    def title(self) -> str:
        habit = self._habit(*self.place)
        if habit is None:
            habit = f"a token spreads its attention as over {np.exp(self.measures['entropy'][self.place]):.1f} equal shares"
        return habit[0].upper() + habit[1:]

    def caption(self) -> str:
        layers, heads, T, S = self.attention.weights.shape
        over = f"{T} tokens that look at {S} others" if self.attention.across else f"{T} tokens"
        count = f"{layers} {'layer' if layers == 1 else 'layers'} with {heads} {'head' if heads == 1 else 'heads'}" + (" each" if layers > 1 else "")
        return f"Attention of {count} over {over}. Rows are queries, columns are keys; white is 0, dark is 1."

    def alt(self) -> str:
        attention, (layer, head) = self.attention, self.place
        weights = attention.weights[layer, head]
        parts = [self.caption().split(". ")[0] + "."]
        says = self._habit(layer, head)
        if says is None:
            entropy = self.measures["entropy"][layer, head]
            says = f"a token spreads its attention as widely as over {np.exp(entropy):.1f} equal shares, on average"
        parts.append(f"In {self._name(layer, head)}, {says}.")
        # the last token sees all of a causal text
        row = len(attention.rows) - 1
        order = np.argsort(-weights[row], kind="stable")[:2]
        looks = " and ".join(f"“{shown(attention.columns[s])}” ({weights[row, s]:.2f})" for s in order)
        parts.append(f"Its last token “{shown(attention.rows[row])}” looks most at {looks}.")
        best = []
        for name in LOOKS_AT:
            if name in self.measures and attention.weights.shape[0] * attention.heads > 1:
                scores = self.measures[name]
                at = np.unravel_index(scores.argmax(), scores.shape)
                if scores[at] >= 0.3:
                    best.append(f"{name}: {self._name(int(at[0]), int(at[1]))} ({scores[at]:.2f})")
        if best:
            parts.append(f"Strongest heads by measure: {'; '.join(best)}.")
        if attention.causal:
            parts.append("No token looks at a later one.")
        return " ".join(parts)


# --- sizes ------------------------------------------------------------------------------------------------------------


def _heights(attention: Attention) -> dict[int, str]:
    """The frame's height by width: words, sentence, controls and panels, so that nothing inside needs to scroll."""
    layers, heads = attention.weights.shape[:2]
    sides = [attention.rows] + ([attention.columns] if attention.across else [])
    longest = [min(14, max(len(shown(token)) for token in side)) * 8.2 for side in (attention.rows, attention.columns)]
    heights = {}
    for width in (0, 330, 420, 560, 740, 840):
        inside = max(width, 300) - 12
        three, two = width >= 740, 560 <= width < 740
        # a token is as wide as its letters, its padding and a gap
        lines = [sum(max(32, 8.2 * len(shown(t)) + 18) + 4 for t in side) / (inside - 16 - 96 * attention.across) for side in sides]
        text = sum(min(164, 36 * math.ceil(n * 1.08) + 8) + 8 for n in lines)
        tile = max(11, min(58, ((250 if three else inside - 6) - 44) // heads))
        grid = 36 + min(420, 30 + layers * tile)
        room = inside - 500 if three else (inside - 12) / 2 if two else inside
        side = min(56 * len(attention.columns), room - 44 - min(longest[0], room / 4))
        tall = 36 + 40 + min(longest[1], 100) + side * min(1.5, len(attention.rows) / len(attention.columns))
        arcs = 36 + 30 + min(44 * max(len(attention.rows), len(attention.columns)), 340)
        words, bar, foot = (104, 36, 22) if three else (130, 78, 44) if two else (208, 162, 66)
        panels = max(grid, tall, arcs) if three else grid + max(tall, arcs) + 12 if two else grid + tall + arcs + 24
        heights[width] = f"{math.ceil(words + text + bar + panels + foot + 34)}px"
    return heights


def _lighter(png: bytes) -> bytes:
    """The still behind the frame, with fewer colors: few ever see it, and everybody carries it."""
    out = io.BytesIO()
    # all of it is ink and one purple, for which a plain quantizer finds better steps than the course's own palette has
    small = Image.open(io.BytesIO(png)).convert("RGB").quantize(STILL_COLORS, kmeans=1, dither=Image.Dither.NONE)
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()
