"""Concept maps: a week's ideas in the order of its days, and what leads from each to the next.

A map is drawn from data: ideas that stand on a grid, a row (or two) for each day, and links that each read as a short
sentence, "gradient descent trains the embedding". Some ideas can be left blank, for the learner to fill in first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from shared.visuals import palette
from shared.visuals.figure import Picture, figure

# pixels of the drawing, y downwards
WIDTH, LEFT, TOP = 900.0, 170.0, 92.0
COLUMN, ROW = 205.0, 92.0
BOX_W, BOX_H = 142.0, 36.0
LONGEST = 15  # letters of an answer in its box
MARGIN_LEFT, MARGIN_RIGHT = 84.0, 880.0  # where links go around the boxes


@dataclass(frozen=True)
class Idea:
    """One idea. at: (column, row) on the grid, columns 0 … 3, halves allowed; concept: gives its color, "" = none.

    goal: drawn with a thick border, for what all the others lead to. also: other names that a learner may give it.
    """

    name: str
    at: tuple[float, int]
    concept: str = ""
    goal: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """start –says→ end, both by name. around: "left" or "right" if it goes around the boxes, at the edge of the map."""

    start: str
    says: str
    end: str
    around: str = ""


@dataclass(frozen=True)
class ConceptMap:
    """A map.

    days: the day of each row of the grid, from the top ("Day 1"); rows of one day stand together.
    blanks: the ideas that a learner is asked to fill in, in reading order.
    """

    title: str
    days: tuple[str, ...]
    ideas: tuple[Idea, ...]
    links: tuple[Link, ...]
    blanks: tuple[str, ...] = ()

    def day_of(self, name: str) -> str:
        """The day of the idea with this name. Errors: ValueError that lists the ideas."""
        return self.days[self.idea(name).at[1]]

    def idea(self, name: str) -> Idea:
        """The idea with this name. Errors: ValueError that lists the ideas."""
        for idea in self.ideas:
            if idea.name == name:
                return idea
        raise ValueError(f"there is no idea {name!r} on this map; there are {', '.join(i.name for i in self.ideas)}")


WEEK_1 = ConceptMap(
    "Everything of this week leads to a word in its context",
    ("Day 1", "Day 2", "Day 3", "Day 3", "Day 4", "Day 6", "Day 7"),
    (
        Idea("loss", (0, 0)),
        Idea("gradient descent", (1, 0), also=("training", "optimizer")),
        Idea("neuron", (3, 0), "feed-forward"),
        Idea("embedding", (1, 1), "residual", also=("embedding table", "word vector", "word embedding", "static embedding")),
        Idea("dot product", (3, 1)),
        Idea("value", (0, 2), "value"),
        Idea("query", (1, 2), "query"),
        Idea("key", (2, 2), "key"),
        Idea("softmax", (3, 2), "attention"),
        Idea("mixture", (0, 3), "value"),
        Idea("attention weights", (1.5, 3), "attention"),
        Idea("mask", (3, 3), "attention", also=("causal mask", "the mask")),
        Idea("position", (0, 4), "position", also=("positional encoding", "position encoding", "the seat")),
        Idea("heads", (1, 4), "attention"),
        Idea("feed-forward", (3, 4), "feed-forward"),
        Idea("cross-attention", (0, 5), "attention"),
        Idea("add & norm", (2, 5), "normalization"),
        Idea("word in context", (1, 6), "residual", goal=True),
    ),
    (
        Link("loss", "steers", "gradient descent"),
        Link("gradient descent", "trains", "embedding"),
        Link("neuron", "takes a", "dot product"),
        Link("neuron", "many make a", "feed-forward", "right"),
        Link("embedding", "is compared by a", "dot product"),
        Link("embedding", "× W_v", "value"),
        Link("embedding", "× W_q", "query"),
        Link("embedding", "× W_k", "key"),
        Link("dot product", "makes scores for", "softmax"),
        Link("value", "goes into", "mixture"),
        Link("query", "asks", "attention weights"),
        Link("key", "answers", "attention weights"),
        Link("softmax", "makes", "attention weights"),
        Link("mask", "closes cells of", "attention weights"),
        Link("attention weights", "set the", "mixture"),
        Link("position", "is added to", "embedding", "left"),
        Link("mixture", "happens in many", "heads"),
        Link("heads", "ask another text in", "cross-attention"),
        Link("heads", "go through", "add & norm"),
        Link("feed-forward", "goes through", "add & norm"),
        Link("heads", "bring neighbors to", "word in context"),
        Link("cross-attention", "brings others to", "word in context"),
        Link("add & norm", "keeps the old in", "word in context"),
    ),
    blanks=("gradient descent", "embedding", "query", "softmax", "mask", "position"),
)

WEEK_2 = ConceptMap(
    "Everything of this week is a part of one block, and the block is stacked",
    ("Day 1", "Day 2", "Day 3", "Day 4", "Day 5", "Day 6"),
    (
        Idea("causal mask", (1, 0), "attention", also=("mask", "triangle")),
        Idea("residual stream", (3, 0), "residual", also=("stream",)),
        Idea("clocks", (0, 1), "position", also=("sine and cosine", "waves")),
        Idea("position", (2, 1), "position", also=("positional encoding", "position encoding", "place", "seat")),
        Idea("RoPE", (3, 1), "position", also=("rotary position embedding",)),
        Idea("score", (0, 2)),
        Idea("heads", (2, 2), "attention", also=("attention", "attention head", "self-attention", "masked attention", "multi-head attention")),
        Idea("attention map", (3, 2), "attention"),
        Idea("neurons", (1, 3), "feed-forward"),
        Idea("feed-forward", (3, 3), "feed-forward", also=("feed-forward network", "FFN", "MLP")),
        Idea("shortcut", (0, 4), "residual", also=("residual connection", "residual", "skip connection", "road", "fork and add", "add")),
        Idea("gradient", (1, 4)),
        Idea("LayerNorm", (3, 4), "normalization", also=("layer normalization", "norm")),
        Idea("Transformer", (1.5, 5), "residual", goal=True, also=("architecture", "stack")),
        Idea("diagram", (3, 5)),
    ),
    (
        Link("causal mask", "limits", "heads"),
        Link("clocks", "tell", "position"),
        Link("position", "is added to", "residual stream"),
        Link("RoPE", "turns keys in", "heads"),
        Link("residual stream", "feeds", "heads"),
        Link("score", "names the habits of", "heads"),
        Link("attention map", "shows", "heads"),
        Link("neurons", "form", "feed-forward"),
        Link("feed-forward", "adds what it knows to", "residual stream", "right"),
        Link("shortcut", "carries", "gradient"),
        Link("gradient", "trains", "Transformer"),
        Link("heads", "let words meet in", "Transformer"),
        Link("LayerNorm", "keeps in bounds", "Transformer"),
        Link("diagram", "is a claim about", "Transformer"),
    ),
    blanks=("causal mask", "position", "heads", "feed-forward", "shortcut", "LayerNorm"),
)


WEEK_3 = ConceptMap(
    "Everything of this week goes into one sentence: GPT guesses the next token",
    ("Day 1", "Day 2", "Day 3", "Day 4", "Day 5", "Day 6"),
    (
        Idea("BERT", (1, 0), "residual"),
        Idea("causal mask", (2.05, 0), "attention", also=("mask", "triangle", "looking back only")),
        Idea("loss", (3, 0), also=("next-token loss", "cross-entropy", "cross entropy", "surprise")),
        Idea("token", (0, 1), "residual", also=("piece", "piece of text", "token id", "id", "subword")),
        Idea("merges", (1, 1), also=("BPE", "byte-pair encoding", "merge")),
        Idea("q, k and v", (0.9, 2), "query", also=("qkv", "c_attn", "fused projection")),
        Idea("block", (2, 2), "residual", also=("layer", "Transformer block")),
        Idea("parameters", (3, 2), also=("weights",)),
        Idea("heads", (1, 3), "attention", also=("attention", "attention head", "masked attention", "self-attention", "multi-head attention")),
        Idea("ablation", (2, 3), also=("taking it away", "patching", "activation patching")),
        Idea("logit lens", (3, 3)),
        Idea("embedding table", (0, 4), "residual", also=("embedding", "static embedding", "token embedding")),
        Idea("contextual vector", (1.75, 4), "residual", also=("contextual embedding", "word in context")),
        Idea("flat map", (3, 4), also=("PCA", "t-SNE")),
        Idea("KV cache", (0, 5), "key", also=("key-value cache", "cache")),
        Idea("GPT", (1.6, 5), "residual", goal=True, also=("GPT-2", "next token")),
        Idea("size", (3, 5), also=("scale", "number of parameters")),
    ),
    (
        Link("BERT", "fills in a hidden", "token"),
        Link("causal mask", "keeps the future from", "heads"),
        Link("loss", "trains the", "parameters"),
        Link("merges", "build a", "token"),
        Link("token", "picks a row of the", "embedding table"),
        Link("q, k and v", "feed the", "heads"),
        Link("parameters", "fill a", "block"),
        Link("block", "contains", "heads"),
        Link("ablation", "tests", "heads"),
        Link("logit lens", "reads each", "block"),
        Link("heads", "mix the past into a", "contextual vector"),
        Link("embedding table", "begins each", "contextual vector"),
        Link("flat map", "shows a", "contextual vector"),
        Link("contextual vector", "votes in", "GPT"),
        Link("KV cache", "saves work for", "GPT"),
        Link("size", "sets the price of", "GPT"),
    ),
    blanks=("causal mask", "token", "heads", "ablation", "logit lens", "KV cache"),
)


# the last map is the map of all four weeks: a band for each
WEEK_4 = ConceptMap(
    "Four weeks in one map: everything leads to the next token",
    ("Week 1", "Week 1", "Week 2", "Week 2", "Week 3", "Week 3", "Week 4", "Week 4"),
    (
        Idea("loss", (0, 0)),
        Idea("gradient descent", (1, 0), also=("training", "optimizer")),
        Idea("softmax", (2.5, 0), "attention"),
        Idea("embedding", (1, 1), "residual", also=("embedding table", "word vector")),
        Idea("attention", (2.5, 1), "attention", also=("attention weights", "self-attention")),
        Idea("position", (0, 2), "position", also=("positional encoding", "position encoding", "place", "seat")),
        Idea("heads", (2.5, 2), "attention", also=("attention heads", "multi-head attention")),
        Idea("shortcut", (0, 3), "residual", also=("residual connection", "residual stream", "skip connection", "road")),
        Idea("block", (1.5, 3), "residual", also=("Transformer block", "layer")),
        Idea("feed-forward", (3, 3), "feed-forward", also=("feed-forward network", "FFN", "MLP")),
        Idea("token", (0, 4), "residual", also=("token id", "piece of text")),
        Idea("GPT", (1.5, 4), "residual", also=("GPT-2", "model", "language model")),
        Idea("causal mask", (3, 4), "attention", also=("mask", "triangle")),
        Idea("ablation", (0, 5), also=("taking it away", "patching", "activation patching")),
        Idea("BERT", (3, 5), "residual"),
        Idea("prompt", (0, 6), also=("prompting", "context")),
        Idea("LoRA", (3, 6), also=("adapter", "fine-tuning")),
        Idea("temperature", (0, 7)),
        Idea("next token", (1.5, 7), "residual", goal=True),
        Idea("rating", (3, 7), also=("Elo", "vote", "arena")),
    ),
    (
        Link("loss", "steers", "gradient descent"),
        Link("gradient descent", "trains", "embedding"),
        Link("softmax", "makes the shares of", "attention"),
        Link("embedding", "asks and answers in", "attention"),
        Link("attention", "happens in many", "heads"),
        Link("position", "is added to", "embedding"),
        Link("embedding", "goes up through", "block"),
        Link("heads", "let words meet in", "block"),
        Link("shortcut", "carries gradients in", "block"),
        Link("feed-forward", "thinks alone in", "block"),
        Link("block", "stacked, makes", "GPT"),
        Link("token", "picks a row of", "embedding", "left"),
        Link("causal mask", "hides what follows in", "GPT"),
        Link("ablation", "tests the parts of", "GPT"),
        Link("BERT", "shares the block of", "GPT"),
        Link("LoRA", "adds a little to", "GPT"),
        Link("GPT", "votes for the", "next token"),
        Link("prompt", "is read before the", "next token"),
        Link("temperature", "sets the risk of", "next token"),
        Link("rating", "compares writers of", "next token"),
    ),
    blanks=("softmax", "position", "feed-forward", "causal mask", "ablation", "LoRA"),
)


def concept_map(of: ConceptMap, *, caption: str, blanks: Sequence[str] = (), mine: Mapping[str, str] | None = None) -> Picture:
    """Draw a concept map; its alt text reads out every idea with its day, and every link as a sentence.

    blanks: names of ideas that are left out; they get the letters A, B, C, … in this order.
    mine: letter → what the learner thinks belongs there ("" or missing = still open). Right and wrong ones are marked,
    and the caption counts them; capitals, blanks and hyphens do not matter. For the first wrong one it reads out the
    sentences of the map with the learner's word in them, and their question: does it hold?
    Errors: ValueError for a blank that is no idea of the map, a link whose end is none, an idea without a day, or a letter that is not
    asked.
    Used from week 1 day 7 on.
    """
    letters = {letter_of(i): of.idea(name).name for i, name in enumerate(blanks)}
    mine = {str(letter).strip().upper(): str(said).strip() for letter, said in (mine or {}).items()}
    for letter in mine:
        if letter not in letters:
            raise ValueError(f"mine: there is no blank {letter!r}; the blanks are {', '.join(letters) or 'none'}")
    for link in of.links:
        of.idea(link.start), of.idea(link.end)
    for idea in of.ideas:
        if not 0 <= idea.at[1] < len(of.days):
            raise ValueError(f"{idea.name!r} stands in row {idea.at[1]}, and the map has days for rows 0 to {len(of.days) - 1}")
    asked = {name: letter for letter, name in letters.items()}
    drawing = Figure(figsize=(WIDTH / 100, (TOP + ROW * len(of.days) - 20) / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(drawing.get_figheight() * 100, 0))
    axes.axis("off")
    axes.text(16, 26, of.title, fontsize=13, fontweight="bold", color=palette.INK, va="center")
    _draw_days(axes, of.days)
    for link in of.links:
        _draw_link(axes, of.idea(link.start), of.idea(link.end), link)
    for idea in of.ideas:
        letter = asked.get(idea.name, "")
        _draw_idea(axes, idea, letter, mine.get(letter, ""))
    answered = {letter: said for letter, said in mine.items() if said}
    if answered:
        wrong = [letter for letter in letters if letter in answered and not is_right(answered[letter], of.idea(letters[letter]))]
        right = len(answered) - len(wrong)
        caption += f" {right} of {len(letters)} blanks right" + (f", {len(letters) - len(answered)} still open." if len(answered) < len(letters) else ".")
        if wrong:
            read = [f"“{link}”" for link in _sentences(of, asked, letters[wrong[0]], answered[wrong[0]])]
            caption += f" Read {wrong[0]} aloud: {', '.join(read)}. Does each of these hold?"
    return figure(drawing, alt=_alt(of, asked, mine), caption=caption)


def letter_of(place: int) -> str:
    """0 → "A", 1 → "B", …: the letter of a blank. Errors: ValueError beyond "Z"."""
    if not 0 <= place < 26:
        raise ValueError(f"place must be 0 to 25, a letter for each blank; got {place!r}")
    return chr(ord("A") + place)


def is_right(said: str, idea: Idea) -> bool:
    """Whether a learner's word means the idea: capitals, blanks, hyphens, "and" for "&", "the" and a plural do not matter."""

    def plain(text: str) -> str:
        text = re.sub(r"[\W_]|and|^the ", "", text.casefold().replace("&", ""))
        return text.removesuffix("ies") + "y" if text.endswith("ies") else text.removesuffix("s")

    return plain(said) in {plain(name) for name in (idea.name, *idea.also)}


def _sentences(of: ConceptMap, asked: Mapping[str, str], name: str, said: str) -> list[str]:
    """The links at the idea, as sentences with the learner's word in its place; another blank is called by its letter."""

    def word(idea: str) -> str:
        return said if idea == name else asked.get(idea, idea)

    return [f"{word(link.start)} {link.says} {word(link.end)}" for link in of.links if name in (link.start, link.end)]


# --- drawing ----------------------------------------------------------------------------------------------------------


def _place(idea: Idea) -> tuple[float, float]:
    return LEFT + COLUMN * idea.at[0], TOP + ROW * idea.at[1]


def _draw_days(axes: Axes, days: Sequence[str]) -> None:
    starts = [i for i, day in enumerate(days) if not i or day != days[i - 1]]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(days)])):
        top = TOP + ROW * (start - 0.5)
        if number % 2 == 0:
            axes.add_patch(Rectangle((0, top), WIDTH, ROW * (end - start), facecolor=palette.PAPER, edgecolor="none", zorder=0))
        axes.text(16, top + ROW * (end - start) / 2, days[start], fontsize=11, fontweight="bold", color=palette.INK, va="center")


def _draw_idea(axes: Axes, idea: Idea, letter: str, said: str) -> None:
    x, y = _place(idea)
    right = is_right(said, idea) if said else None
    edge = palette.outline(idea.concept) if idea.concept else palette.QUIET
    words, ink = idea.name, palette.words(idea.concept) if idea.concept and not idea.goal else palette.INK
    if letter:  # a blank does not tell its color
        edge = {None: palette.INK, True: palette.words("value"), False: palette.words("feed-forward")}[right]
        words = {None: "?", True: f"{said} ✓", False: f"{said} ✗"}[right]
        words = words if len(words) <= LONGEST else words[: LONGEST - 3] + "…" + words[-2:]  # the mark at the end stays
        ink = edge
    axes.add_patch(FancyBboxPatch(
        (x - BOX_W / 2, y - BOX_H / 2), BOX_W, BOX_H, boxstyle="round,pad=0,rounding_size=9", gid=f"idea:{idea.name}",
        facecolor=palette.CARD, edgecolor=edge, linewidth=3.2 if idea.goal else 1.8, linestyle="--" if letter and right is not True else "-", zorder=4))  # fmt: skip
    axes.text(x, y + 1, words, ha="center", va="center", fontsize=10.5, fontweight="bold" if idea.goal and not letter else "normal",
              color=ink, zorder=5, parse_math=False, gid=f"word:{idea.name}")  # fmt: skip
    if letter:
        corner = (x - BOX_W / 2 + 2, y - BOX_H / 2 + 1)  # the middle of the side is where arrows arrive
        axes.add_patch(Circle(corner, 12, facecolor=palette.INK, edgecolor=palette.CARD, linewidth=1.5, zorder=6))
        axes.text(corner[0], corner[1] + 0.5, letter, ha="center", va="center", fontsize=10.5, fontweight="bold", color=palette.CARD, zorder=7)


def _draw_link(axes: Axes, start: Idea, end: Idea, link: Link) -> None:
    (x0, y0), (x1, y1) = _place(start), _place(end)
    if link.around:
        side = -1 if link.around == "left" else 1
        edge = MARGIN_LEFT if side < 0 else MARGIN_RIGHT
        inner0, inner1 = x0 + side * BOX_W / 2, x1 + side * BOX_W / 2
        axes.plot([inner0, edge, edge], [y0, y0, y1], color=palette.QUIET, linewidth=1.3, zorder=2, solid_joinstyle="round")
        _arrow(axes, (edge, y1), (inner1, y1))
        if abs(inner1 - edge) > 100:  # room for the words on the way in
            _says(axes, (edge + inner1) / 2, y1, link)
        else:
            _says(axes, edge, (y0 + y1) / 2, link, upright=True)
        return
    _arrow(axes, _edge((x0, y0), (x1, y1)), _edge((x1, y1), (x0, y0)))
    _says(axes, (x0 + x1) / 2, (y0 + y1) / 2, link)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, zorder=2, arrowprops={
        "arrowstyle": "-|>,head_width=0.25,head_length=0.5", "color": palette.QUIET, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0})  # fmt: skip


def _says(axes: Axes, x: float, y: float, link: Link, upright: bool = False) -> None:
    axes.text(x, y, link.says, ha="center", va="center", rotation=90 if upright else 0, fontsize=10, color=palette.INK, zorder=3,
              gid=f"link:{link.start}>{link.end}", parse_math=False,
              bbox={"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.92})  # fmt: skip


def _edge(center: tuple[float, float], toward: tuple[float, float]) -> tuple[float, float]:
    """Where the line between two centers leaves the first one's box."""
    dx, dy = toward[0] - center[0], toward[1] - center[1]
    share = min(BOX_W / 2 / abs(dx) if dx else 9.0, (BOX_H / 2 + 2) / abs(dy) if dy else 9.0)
    return center[0] + share * dx, center[1] + share * dy


def _alt(of: ConceptMap, asked: Mapping[str, str], mine: Mapping[str, str]) -> str:
    def called(name: str) -> str:
        letter = asked.get(name)
        if not letter:
            return name
        said = mine.get(letter)
        return f"{said} (blank {letter}, {'right' if is_right(said, of.idea(name)) else 'not right'})" if said else f"blank {letter}"

    days = [f"{day}: {', '.join(called(i.name) for i in of.ideas if of.days[i.at[1]] == day)}" for day in dict.fromkeys(of.days)]
    links = [f"{called(link.start)} {link.says} {called(link.end)}" for link in of.links]
    return f"{of.title}. {'. '.join(days)}. How they hang together: {'; '.join(links)}."
