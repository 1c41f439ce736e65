"""The flow of attention on one sheet: from the words' rows X to new rows, whole or with numbered blanks to label."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.label_blanks import label_blanks
from shared.visuals.page import Page

WIDTH, HEIGHT = 880.0, 342.0  # pixels of the drawing, y downwards
BOX_H = 42.0
HALF = 31.0  # half the width of a box


@dataclass(frozen=True)
class Part:
    """One box of the flow. at: its middle in pixels; below: its shape, written under it; concept: gives its color."""

    name: str
    says: str
    at: tuple[float, float]
    below: str = ""
    concept: str = ""
    half: float = HALF


ROWS = {"q": 84.0, "k": 164.0, "v": 262.0}
MIDDLE = (ROWS["q"] + ROWS["k"]) / 2
PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("x", "X", (42, 174), "(6, 512)", "residual"),
        Part("w_q", "× W_q", (132, ROWS["q"]), "", "query"),
        Part("w_k", "× W_k", (132, ROWS["k"]), "", "key"),
        Part("w_v", "× W_v", (132, ROWS["v"]), "", "value"),
        Part("q", "Q", (218, ROWS["q"]), "(6, 64)", "query"),
        Part("k", "K", (218, ROWS["k"]), "(6, 64)", "key"),
        Part("v", "V", (218, ROWS["v"]), "(6, 64)", "value"),
        Part("scores", "Q Kᵀ", (312, MIDDLE), "(6, 6)"),
        Part("scale", "÷ √d_k", (392.5, MIDDLE), half=36),
        Part("mask", "mask", (472, MIDDLE), "", "attention", 30),
        Part("softmax", "softmax", (557.5, MIDDLE), "along rows", "attention", 42),
        Part("weights", "A", (644, MIDDLE), "(6, 6)", "attention"),
        Part("mix", "A V", (644, ROWS["v"]), "(6, 64)", "value"),
        Part("w_o", "× W_o", (744, ROWS["v"]), "all heads", "residual"),
        Part("new", "output", (836, ROWS["v"]), "(6, 512)", "residual", 34),
    )
}
ARROWS = (
    ("x", "w_q"), ("x", "w_k"), ("x", "w_v"), ("w_q", "q"), ("w_k", "k"), ("w_v", "v"), ("q", "scores"), ("k", "scores"),
    ("scores", "scale"), ("scale", "mask"), ("mask", "softmax"), ("softmax", "weights"), ("weights", "mix"), ("v", "mix"),
    ("mix", "w_o"), ("w_o", "new"),
)  # fmt: skip

# What `label_the_flow` asks about one head. It stands here and not in the notebook, where the cell would show the answers.
ONE_HEAD: dict = {
    "answers": {
        "w_q": "× W_q", "k": "K", "mask": "mask: −∞", "softmax": "softmax along each row", "v": "V", "mix": "A V", "w_o": "× W_o",
    },
    "extra": ("softmax down each column", "A K", "feed-forward"),
    "why": {
        "w_q": "A learned matrix makes each word's query from its whole row: (6, 512)(512, 64) = (6, 64).",
        "k": "Keys are what words can be found by. Each query meets each key in Q Kᵀ.",
        "mask": "Closed cells get −∞ while they are still scores; the softmax turns that into exactly 0.",
        "softmax": "Each query shares out 1 among all keys, so every row adds up to 1.",
        "v": "Values take no part in the scoring. They wait below until the shares are known.",
        "mix": "Shares times values: each word takes home its own mixture of the six values.",
        "w_o": "The heads' outputs are laid side by side, and this matrix mixes them: (6, 512).",
    },
    "traps": {
        ("w_q", "× W_o"): "W_o stands at the end, where the heads are joined. Here a word's row becomes its query.",
        ("w_q", "K"): "A box in front of Q turns X into Q: it is a matrix to multiply with, not a result.",
        ("k", "V"): "Both come from X by a matrix, but this one goes into Q Kᵀ: it scores.",
        ("k", "A K"): "There is no A yet: it is made from the scores, and this box is needed for them.",
        ("mask", "softmax along each row"): "After the softmax a mask comes too late: the shares are already given away.",
        ("mask", "softmax down each column"): "Down a column you go over the queries. And something must be closed before any softmax.",
        ("softmax", "mask: −∞"): "The −∞ must be there before the softmax, or it closes nothing properly.",
        ("softmax", "softmax down each column"): "Down a column you go over the queries. It is the query that shares out 1.",
        ("v", "K"): "This one takes no part in the scores. It is what gets mixed.",
        ("v", "A V"): "Only one arrow arrives here, from W_v. To mix, the shares of A are needed as well.",
        ("mix", "A K"): "Keys only score. What a word takes home is made of values.",
        ("mix", "V"): "V arrives from the left. Two arrows come in here: shares and values, so something is multiplied.",
        ("mix", "feed-forward"): "A feed-forward network sees one row at a time. Here six rows become a mixture.",
        ("w_o", "feed-forward"): "That comes after attention, and it does not join heads. Here eight outputs become one row.",
        ("w_o", "× W_q"): "W_q makes queries from X, at the start. Here the outputs of all heads are joined.",
    },
}  # fmt: skip


def draw_attention_flow(ax: Axes, blanks: Sequence[str] = ()) -> None:
    """Draw the flow of one head into `ax`. blanks: names of parts (see PARTS) shown as 1, 2, 3 … instead of their words.

    Errors: ValueError that names an unknown part.
    """
    for name in blanks:
        if name not in PARTS:
            raise ValueError(f"blanks names {name!r}; the parts are {', '.join(PARTS)}")
    ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    ax.set_axis_off()
    ax.add_patch(FancyBboxPatch((274, 70), 414, 262, boxstyle="round,pad=0,rounding_size=12", facecolor=palette.PAPER, edgecolor=palette.LINE, linewidth=1))
    ax.text(284, 324, "words meet only in here", color="#4B5563", fontsize=10, va="bottom")
    ax.text(175, 46, "three roles", fontsize=11, color="#4B5563", ha="center")
    ax.text(478, 58, "scores become shares", fontsize=11, color="#4B5563", ha="center")
    ax.text(790, 226, "mix, then join", fontsize=11, color="#4B5563", ha="center")
    for start, end in ARROWS:
        _arrow(ax, PARTS[start], PARTS[end])
    for part in PARTS.values():
        _box(ax, part, blanks.index(part.name) + 1 if part.name in blanks else 0)


def attention_flow(*, alt: str, caption: str, title: str, blanks: Sequence[str] = ()) -> Picture:
    """The flow as a still picture. Errors: as `draw_attention_flow` and `figure`. Used from week 1 day 5 on."""
    return figure(_drawing(title, blanks), alt=alt, caption=caption)


def label_the_flow(
    answers: Mapping[str, str],
    extra: Sequence[str],
    why: Mapping[str, str],
    traps: Mapping[tuple[str, str], str],
    *,
    alt: str,
    caption: str,
) -> Page:
    """The flow with blanks to label: one menu for each, a check with a reason for each, and the full drawing at the end.

    answers: part → its right label, in the order of the numbers; extra: labels that belong nowhere; why: part → why its label is
    right; traps: (part, wrong label) → why that is tempting and wrong (see ONE_HEAD). alt, caption: its words.
    Errors: ValueError for an unknown part, a part without a reason, or a label that is used twice.
    """
    blanks = [part for part in answers if part in PARTS]
    empty = figure(_drawing("Seven boxes have lost their words", blanks), alt=alt, caption=caption)
    full = figure(_drawing("The flow of attention in one head", ()), alt=alt, caption=caption)
    return label_blanks(
        empty, full, answers, extra, why, traps, parts=list(PARTS), width=880,
        heights={0: "1290px", 400: "1180px", 560: "calc(39cqw + 530px)", 760: "calc(39cqw + 490px)"},
    )  # fmt: skip


def _drawing(title: str, blanks: Sequence[str]) -> Figure:
    drawing = Figure(figsize=(WIDTH / 100, HEIGHT / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    draw_attention_flow(axes, blanks)
    axes.text(8, 16, title, fontsize=13, fontweight="bold", va="center")
    return drawing


def _box(ax: Axes, part: Part, number: int) -> None:
    x, y = part.at
    look = dict(boxstyle="round,pad=0,rounding_size=8", zorder=3)
    line = palette.outline(part.concept) if part.concept else "#4B5563"
    words = palette.words(part.concept) if part.concept else palette.INK
    corner, size = (x - part.half, y - BOX_H / 2), (2 * part.half, BOX_H)
    if number:
        ax.add_patch(FancyBboxPatch(corner, *size, **look, facecolor="#FFFFFF", edgecolor=palette.INK, linewidth=1.8, linestyle=(0, (4, 3))))
        ax.text(x, y, str(number), ha="center", va="center", fontsize=15, fontweight="bold", zorder=4)
        return
    ax.add_patch(FancyBboxPatch(corner, *size, **look, facecolor="#FFFFFF", edgecolor=line, linewidth=2))
    ax.text(x, y, part.says, ha="center", va="center", fontsize=10.5, fontweight="bold", color=words, zorder=4)
    if part.below:
        mono = "DejaVu Sans Mono" if part.below.startswith("(") else "DejaVu Sans"
        ax.text(x, y + BOX_H / 2 + 5, part.below, ha="center", va="top", fontsize=10, color="#4B5563", family=mono, zorder=4)


def _arrow(ax: Axes, start: Part, end: Part) -> None:
    (x0, y0), (x1, y1) = start.at, end.at
    if x0 == x1:  # downwards: below the shape that is written under the box
        tail, tip = (x0, y0 + BOX_H / 2 + 20), (x1, y1 - BOX_H / 2)
    else:
        tail, tip = (x0 + start.half, y0), (x1 - end.half, y1)
    if start.name == "v":  # the long way: V passes below the scores
        tip = (end.at[0] - end.half, y1)
    ax.annotate("", tip, tail, arrowprops=dict(arrowstyle="-|>", color="#6B7280", linewidth=1.5, mutation_scale=13, shrinkA=1, shrinkB=1), zorder=2)
