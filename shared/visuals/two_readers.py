"""Two ways of reading one sentence: a model that looks to both sides, and one that only looks back.

`draw_looks` draws who may look at whom as lines. `hidden_word_view` hides a word and shows what each of two models can
see around it, and what it guesses; the guesses come from outside, this page knows no model.
"""

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import figure
from shared.visuals.page import Page
from shared.visuals.text import check_font_size, label, visible

MOST_WORDS, MOST_SENTENCES, MOST_GUESSES = 24, 6, 6
SIDES = 600  # width in px from which the two readers stand side by side; also in assets/two_readers.css


def draw_looks(ax: Axes, tokens: Sequence[str], mask: np.ndarray, *, row: int | None = None, size: float = 11) -> None:
    """Draw who may look at whom: tokens below are looked at (keys), tokens above ask (queries), a line for each open cell.

    tokens: T labels. mask: (T, T) of booleans, True = may look; rows are queries. row: one query, whose lines alone are drawn and
    whose token gets a ring; None = the lines of all. size: of the labels, in points.
    Errors: ValueError for shapes that do not fit, a row outside, or a size that no font has. Used in week 3 day 1.
    """
    check_font_size("size", size)
    mask, T = np.asarray(mask), len(tokens)
    if mask.dtype != bool or mask.shape != (T, T) or T == 0:
        raise ValueError(f"mask must hold ({T}, {T}) booleans for {T} tokens, got {mask.dtype} of shape {mask.shape}")
    if row is not None and not 0 <= row < T:
        raise ValueError(f"row must be a token from 0 to {T - 1}, got {row}")
    for t, s in zip(*mask.nonzero()):
        if row in (None, t):
            ax.plot([s, t], [0.16, 0.84], color=palette.color("attention"), linewidth=2.2 if row == t else 1.1, alpha=0.85, solid_capstyle="round")
    seen = np.ones(T, bool) if row is None else mask[row]
    for x, token in enumerate(tokens):
        for y, lit, ring in ((0, bool(seen[x]), False), (1, row is None or x == row, x == row)):
            box = dict(boxstyle="round,pad=0.3", facecolor=palette.PAPER, edgecolor=palette.INK if ring else palette.LINE, linewidth=2.2 if ring else 1)
            ink = palette.INK if lit else "#9CA3AF"
            ax.text(x, y, label(token), ha="center", va="center", fontsize=size, color=ink, bbox=box, parse_math=False)
    ax.set(xlim=(-0.6, T - 0.4), ylim=(-0.22, 1.22))
    ax.axis("off")


@dataclass(frozen=True)
class Hidden:
    """One hidden word of a sentence, and what two models guess for it.

    words: the sentence; at: which word is hidden. both, back: the best guesses with their chances, best first, of the model
    that sees both sides and of the one that sees what comes before. truth: the chance of the hidden word in each of the two.
    """

    words: tuple[str, ...]
    at: int
    both: Mapping[str, float]
    back: Mapping[str, float]
    truth: tuple[float, float]

    def rows(self, reader: int) -> list[tuple[str, float, bool]]:
        """The bars of a reader (0 = both sides, 1 = back): (word, chance, is it the hidden word); the hidden word is always one."""
        word = self.words[self.at]
        rows = [(guess, float(chance), guess.lower() == word.lower()) for guess, chance in (self.both, self.back)[reader].items()]
        return rows if any(hit for *_, hit in rows) else [*rows, (word, float(self.truth[reader]), True)]

    def sees(self, reader: int) -> list[bool]:
        """Which words the reader sees."""
        return [i < self.at or (reader == 0 and i != self.at) for i in range(len(self.words))]


def hidden_word_view(
    sentences: Sequence[Sequence[Hidden]], *, names: tuple[str, str] = ("BERT", "GPT"), start: int = 0, alt: str, caption: str
) -> Page:
    """Hide a word of a sentence, and see what two models see, and guess, in its place.

    sentences: for each sentence the words that can be hidden. names: of the model that sees both sides, and of the one that
    looks back. start: which word of the first sentence is hidden at first (an index into its list).
    Errors: ValueError that names the argument, for no sentence, too many words, chances that are none. Used in week 3 day 1.
    """
    sentences = [list(sentence) for sentence in sentences]
    if not 1 <= len(sentences) <= MOST_SENTENCES or not all(sentences):
        raise ValueError(f"sentences must be 1 to {MOST_SENTENCES}, each with at least one hidden word")
    for hidden in (hidden for sentence in sentences for hidden in sentence):
        _check(hidden)
    for sentence in sentences:
        if len({hidden.words for hidden in sentence}) != 1:
            raise ValueError("sentences: the hidden words of one sentence must have the same words around them")
    if not 0 <= start < len(sentences[0]):
        raise ValueError(f"start must be from 0 to {len(sentences[0]) - 1}, got {start}")
    data = {
        "names": list(names), "start": start, "alt": " ".join(alt.split()), "tint": palette.color("attention"),
        "sentences": [
            {
                "words": [visible(word) for word in sentence[0].words],
                "hidden": [
                    {"at": one.at, "rows": [[[visible(w), chance, hit] for w, chance, hit in one.rows(r)] for r in (0, 1)],
                     "sees": [one.sees(r) for r in (0, 1)], "truth": [float(c) for c in one.truth]}
                    for one in sentence
                ],
            }
            for sentence in sentences
        ],
    }  # fmt: skip
    widths = (0, 340, 420, 500, SIDES, 760)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["two_readers.js"], styles=["two_readers.css"],
        heights={least: f"{_height(sentences, max(least, 300))}px" for least in widths}, still=_still(sentences[0][start], names, alt, caption),
    )  # fmt: skip


def _check(hidden: Hidden) -> None:
    if not 1 <= len(hidden.words) <= MOST_WORDS:
        raise ValueError(f"words must be 1 to {MOST_WORDS}, got {len(hidden.words)}")
    if not 0 <= hidden.at < len(hidden.words):
        raise ValueError(f"at must be a word from 0 to {len(hidden.words) - 1}, got {hidden.at}")
    for guesses in (hidden.both, hidden.back):
        if not 1 <= len(guesses) <= MOST_GUESSES:
            raise ValueError(f"guesses must be 1 to {MOST_GUESSES}, got {len(guesses)}")
    for chance in (*hidden.both.values(), *hidden.back.values(), *hidden.truth):
        if not (math.isfinite(chance) and 0 <= chance <= 1 + 1e-6):
            raise ValueError(f"a chance must lie between 0 and 1, got {chance}")


def _still(hidden: Hidden, names: tuple[str, str], alt: str, caption: str):
    heads = [_head(hidden, r, names[r]) for r in (0, 1)]
    drawing = Figure(figsize=(8.6, 2.9 + 0.2 * max(head.count("\n") + 1 for head in heads)), layout="constrained")
    drawing.get_layout_engine().set(w_pad=0.15)
    for r, ax in enumerate(drawing.subplots(1, 2)):
        rows = hidden.rows(r)
        ax.barh(range(len(rows)), [chance for _, chance, _ in rows], height=0.62, color=[palette.color("attention") if hit else palette.color("residual") for *_, hit in rows])
        for y, (_, chance, _) in enumerate(rows):
            ax.text(chance + 0.02, y, _percent(chance), va="center", fontsize=10.5)
        ax.set_yticks(range(len(rows)), [label(word) for word, *_ in rows])
        for text, (*_, hit) in zip(ax.get_yticklabels(), rows):
            text.set(parse_math=False, fontweight="bold" if hit else "normal")
        ax.invert_yaxis()
        ax.set(xlim=(0, 1.18), xticks=[0, 0.5, 1], xlabel="chance")
        ax.set_title(heads[r], fontsize=11, loc="left", parse_math=False)
    return figure(drawing, alt=alt, caption=caption)


def _head(hidden: Hidden, reader: int, name: str) -> str:
    """What a reader sees of the sentence, in lines that fit above its bars."""
    shown = ["_____" if i == hidden.at else label(word) if sees else "·" for i, (word, sees) in enumerate(zip(hidden.words, hidden.sees(reader)))]
    return textwrap.fill(f"{name} sees: {' '.join(shown)}", 38)


def _percent(chance: float) -> str:
    return f"{100 * chance:.0f} %" if chance >= 0.01 else "under 1 %"


def _lines(words: Sequence[str], width: float, letter: float, beside: float) -> int:
    x, lines = 0.0, 1
    for word in words:
        wide = max(36.0, letter * len(word) + beside)
        if x and x + wide > width:
            x, lines = 0.0, lines + 1
        x += wide
    return lines


def _height(sentences: Sequence[Sequence[Hidden]], width: int) -> int:
    """Mirrors assets/two_readers.css: buttons for sentences and words, one or two readers, and what is said below."""
    panel = (width - 16) / 2 if width >= SIDES else width
    choose = 44 * _lines([" ".join(s[0].words)[:26] for s in sentences], width - 6, 8, 32) if len(sentences) > 1 else 0
    tallest = 0
    for sentence in sentences:
        words = sentence[0].words
        reader = 26 + 34 * _lines(words, panel - 22, 8.4, 16) + 26 * (MOST_GUESSES + 1) + 26
        tallest = max(tallest, 44 * _lines(words, width - 6, 8.4, 28) + reader * (1 if width >= SIDES else 2) + 12)
    return choose + 26 + tallest + (54 if width >= SIDES else 84)
