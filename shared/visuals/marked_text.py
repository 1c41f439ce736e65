"""A text with marks: each sentence on its own lines, its number of words beside it, and words boxed with a sign for why.

A color is never the only sign: ✗ not explained, ✓ explained, ? perhaps an everyday word, ~ long word.
"""

import re

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.textpath import text_to_path

from shared.learning.plain_words import LONGEST_SENTENCE, Checked, Mark
from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.film import drawable

WIDTH_PX, GUTTER_PX, LINE_PX, FONT = 860.0, 74.0, 28.0, 11.5
BETWEEN_PX, SENTENCE_PX = 7.0, 6.0  # between words, between sentences
TOP_PX, FOOT_PX = 40.0, 44.0
SIGNS = {"jargon": "✗", "explained": "✓", "perhaps": "?", "long word": "~"}
TOLD = {"jargon": "not explained", "explained": "explained", "perhaps": "ours, or everyday?", "long word": "long word"}
GROUNDS = {"jargon": "#FDE9DD", "explained": "#E3F4EE", "perhaps": "#F1F5F9", "long word": palette.CARD}


def marked_text(checked: Checked, *, title: str, caption: str, kind: str = "still") -> Picture:
    """Draw a checked text with its marks. The alt text reads them out.

    checked: from `check_plain`; title: what the picture says; kind: as in `figure`.
    Errors: TypeError for anything but a checked text, ValueError for a title without words. Built in week 3 day 7.
    """
    if not isinstance(checked, Checked):
        raise TypeError(f"checked must come from check_plain, got {type(checked).__name__}")
    if not isinstance(title, str) or not title.strip():
        raise ValueError("title must say something")
    rows = [_lines(checked, start, end) for start, end, _ in checked.sentences]
    height = TOP_PX + sum(LINE_PX * len(lines) + SENTENCE_PX for lines in rows) + FOOT_PX
    drawing = Figure(figsize=(WIDTH_PX / 100, height / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH_PX), ylim=(height, 0))
    axes.axis("off")
    axes.text(12, 18, title, fontsize=13, fontweight="bold", va="center", parse_math=False)
    y = TOP_PX
    too_long = {mark.start: mark for mark in checked.of("long sentence")}
    for (start, _, words), lines in zip(checked.sentences, rows):
        high = LINE_PX * len(lines)
        long = start in too_long
        edge = palette.words("feed-forward") if long else palette.QUIET
        axes.add_patch(Rectangle((GUTTER_PX - 12, y + 2), 5 if long else 2, high - 4, facecolor=edge, edgecolor="none"))
        axes.text(GUTTER_PX - 20, y + LINE_PX / 2, f"{words} ✗" if long else str(words), ha="right", va="center", fontsize=FONT, color=edge,
                  fontweight="bold" if long else "normal", gid=f"count:{start}")  # fmt: skip
        for i, line in enumerate(lines):
            for x, wide, word, mark in line:
                _word(axes, x, y + (i + 0.5) * LINE_PX, wide, word, mark)
        y += high + SENTENCE_PX
    _legend(axes, checked, y + 22)
    return figure(drawing, alt=_alt(checked, title), caption=caption, kind=kind)


Piece = tuple[float, float, str, Mark | None]  # x, width in px, what is written, its mark


def _lines(checked: Checked, start: int, end: int) -> list[list[Piece]]:
    lines: list[list[Piece]] = [[]]
    x = GUTTER_PX
    for group in _groups(checked, start, end):
        wides = [_width(word) + (24 if mark else 0) for word, mark in group]
        if lines[-1] and x + sum(wides) > WIDTH_PX - 10:
            lines.append([])
            x = GUTTER_PX
        for (word, mark), wide in zip(group, wides):
            lines[-1].append((x, wide, word, mark))
            x += wide + (2 if mark else 0)
        x += BETWEEN_PX
    return lines


def _groups(checked: Checked, start: int, end: int) -> list[list[tuple[str, Mark | None]]]:
    """What is written without a blank between: a word with its brackets and its full stop. A marked pair of words stays together."""
    marks = [mark for mark in checked.marks if mark.kind in SIGNS and start <= mark.start < end]
    pieces: list[tuple[str, Mark | None]] = []
    at = start
    for mark in marks:
        pieces += [(checked.text[at : mark.start], None), (checked.text[mark.start : mark.end], mark)]
        at = mark.end
    pieces.append((checked.text[at:end], None))
    groups: list[list[tuple[str, Mark | None]]] = [[]]
    for text, mark in pieces:
        if mark:
            groups[-1].append((drawable(text), mark))
            continue
        for part in re.findall(r"\s+|\S+", text):
            if part.isspace():
                groups.append([])
            else:
                # a word that is wider than the sheet is cut
                groups[-1].append((drawable(part)[:90], None))
    return [group for group in groups if group]


def _width(word: str) -> float:
    return text_to_path.get_text_width_height_descent(word, FontProperties(size=FONT * 100 / 72), False)[0] if word else 0.0


def _word(axes: Axes, x: float, y: float, wide: float, word: str, mark: Mark | None) -> None:
    if not mark:
        axes.text(x, y, word, va="center_baseline", fontsize=FONT, parse_math=False)
        return
    ink = _ink(mark.kind)
    axes.add_patch(FancyBboxPatch((x + 1, y - 12), wide - 2, 24, boxstyle="round,pad=0,rounding_size=5", facecolor=GROUNDS[mark.kind],
                                  edgecolor=ink, linewidth=1.3, linestyle={"perhaps": "--", "long word": ":"}.get(mark.kind, "-")))  # fmt: skip
    axes.text(x + 4, y, word, va="center_baseline", fontsize=FONT, color=palette.INK, parse_math=False, gid=f"{mark.kind}:{mark.start}")
    axes.text(x + wide - 4, y, SIGNS[mark.kind], ha="right", va="center_baseline", fontsize=FONT - 1, fontweight="bold", color=ink)


def _ink(kind: str) -> str:
    return {"jargon": palette.words("feed-forward"), "explained": palette.words("value")}.get(kind, palette.QUIET)


def _legend(axes: Axes, checked: Checked, y: float) -> None:
    x = GUTTER_PX
    for kind, sign in SIGNS.items():
        if count := len(checked.of(kind)):
            says = f"{sign} {TOLD[kind]}: {count}"
            axes.text(x, y, says, fontsize=10.5, va="center", color=_ink(kind), fontweight="bold")
            x += _width(says) + 22
    axes.text(12, y, "words", fontsize=10.5, va="center", color=palette.QUIET)


def _alt(checked: Checked, title: str) -> str:
    told = [f"{title}. {checked.words} words in {len(checked.sentences)} {'sentence' if len(checked.sentences) == 1 else 'sentences'}."]
    for kind, says in (("jargon", "Not explained"), ("explained", "Explained in the text"), ("perhaps", "Perhaps everyday words")):
        if checked.names(kind):
            told.append(f"{says}: {', '.join(checked.names(kind))}.")
    if long := checked.of("long sentence"):
        told.append(f"Longer than {LONGEST_SENTENCE} words: {', '.join(mark.says for mark in long)}.")
    if words := dict.fromkeys(checked.text[mark.start : mark.end] for mark in checked.of("long word")):
        told.append(f"Long words: {', '.join(words)}.")
    return " ".join([*told, f"The text reads: {checked.text}" if checked.words <= 120 else ""]).strip()
