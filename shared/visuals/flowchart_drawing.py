"""A flowchart from top to bottom: steps as boxes, the decision as a diamond, and the way back beside them. For PNG and SVG.

`lay_out_chart` places everything, in pixels, y downwards; what is drawn from that is the same everywhere.
"""

import html
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle
from matplotlib.textpath import text_to_path

from shared.learning.flowchart import STEPS, Chart, Decision
from shared.visuals import palette
from shared.visuals.diagram_svg import FONT
from shared.visuals.figure import Picture, figure
from shared.visuals.film import drawable
from shared.visuals.text import check_font_size

BOX_W, BOX_H, DIAMOND_H, END_H = 240.0, 36.0, 46.0, 26.0
GAP, YES_GAP, LINE, SIZE = 13.0, 26.0, 14.5, 10.0  # between boxes, and below a decision; height of a line of words; points of the words
X, LANE, WIDTH = 142.0, 292.0, 334.0  # middle of the boxes; where the way back runs; width of all
BAND = "#F3EAF2"  # behind what is done again
LONGEST_WORDS = 60
START, END = "a text", "a longer text"


@dataclass(frozen=True)
class Node:
    """One item. name: its step, "enough?", or "" for start and end; at: its number in the chart, -1 for start and end."""

    at: int
    name: str
    lines: tuple[str, ...]
    kind: str  # "end", "step", "decision"
    concept: str
    y: float
    h: float


@dataclass(frozen=True)
class ChartLayout:
    """Where everything stands. back: (number of the decision, number of its target or None) for each decision."""

    nodes: tuple[Node, ...]
    back: tuple[tuple[int, int | None], ...]
    height: float
    width: float = WIDTH


def lay_out_chart(chart: Chart, words: Mapping[str, str] | None = None) -> ChartLayout:
    """Places for a chart, right or wrong.

    words: step → the learner's own words for its box, up to 60 letters ("" = as it is). Errors: ValueError for an item that is no
    step, words for one, or words that are too long. Built in week 3 day 7.
    """
    words = dict(words or {})
    for name, text in words.items():
        if name not in STEPS and name != "enough?":
            raise ValueError(f"words: there is no step {name!r}; steps are {', '.join(STEPS)}, enough?")
        if not isinstance(text, str) or len(text) > LONGEST_WORDS:
            raise ValueError(f"words for {name!r} must be a text of at most {LONGEST_WORDS} letters, got {text!r}")
    nodes, y = [Node(-1, "", (START,), "end", "", END_H / 2 + 4, END_H)], END_H + 4
    for i, item in enumerate(chart):
        if isinstance(item, Decision):
            name, says, kind, concept, high = "enough?", item.says, "decision", "", DIAMOND_H
        elif isinstance(item, str) and item in STEPS:
            name, says, kind, concept, high = item, STEPS[item].says, "step", STEPS[item].concept, BOX_H
        else:
            raise ValueError(f"chart: item {i} is {item!r}; steps are {', '.join(STEPS)}, or enough(no=…)")
        own = drawable(words.get(name, "")).strip() or says
        y += YES_GAP if nodes[-1].kind == "decision" else GAP
        nodes.append(Node(i, name, _two_lines(own, BOX_W - 14 if kind == "step" else BOX_W * 0.42), kind, concept, y + high / 2, high))
        y += high
    y += YES_GAP if nodes[-1].kind == "decision" else GAP
    nodes.append(Node(-1, "", (END,), "end", "", y + END_H / 2, END_H))
    names = [item if isinstance(item, str) else "enough?" for item in chart]
    back = tuple((i, names.index(item.no) if item.no in names else None) for i, item in enumerate(chart) if isinstance(item, Decision))
    return ChartLayout(tuple(nodes), back, y + END_H + 6)


def draw_flowchart(axes: Axes, layout: ChartLayout, *, at: tuple[float, float] = (0.0, 0.0), lit: Collection[int] | None = None,
                   rings: Collection[int] = (), way: str = "", size: float = SIZE) -> None:  # fmt: skip
    """Draw a layout into axes in pixels, y downwards, moved by `at`.

    lit: the numbers of the items in color, None = all; rings: items with a ring, where something is wrong; way: "yes" or "no" to
    light the decision's way; size: of the words, in points. Errors: ValueError for a size that no font has. Built in week 3 day 7.
    """
    check_font_size("size", size)
    dx, dy = at
    by_number = {node.at: node for node in layout.nodes if node.at >= 0}
    for start, target in layout.back:
        if target is not None and target < start:
            top, bottom = by_number[target].y - by_number[target].h / 2 - 7, by_number[start].y + by_number[start].h / 2 + 5
            axes.add_patch(Rectangle((X - BOX_W / 2 - 9 + dx, top + dy), BOX_W + 18, bottom - top, facecolor=BAND, edgecolor="none", zorder=0))
    for one, other in zip(layout.nodes, layout.nodes[1:]):
        strong = way == "yes" and one.kind == "decision"
        _arrow(axes, [(X + dx, one.y + one.h / 2 + dy), (X + dx, other.y - other.h / 2 + dy)], strong)
        if one.kind == "decision":
            axes.text(X + 8 + dx, one.y + one.h / 2 + 12 + dy, "yes", fontsize=size, va="center", fontweight="bold", color=palette.INK)
    for start, target in layout.back:
        node = by_number[start]
        right = X + BOX_W / 2 if node.kind == "step" else X + BOX_W * 0.36
        axes.text(right + 6 + dx, node.y - 9 + dy, "no", fontsize=size, va="center", fontweight="bold", color=palette.INK)
        if target is None:
            axes.plot([right + dx, LANE + dx], [node.y + dy] * 2, color=palette.QUIET, linewidth=1.6, linestyle="--", zorder=2)
            axes.text(LANE + 6 + dx, node.y + dy, "?", fontsize=size + 3, va="center", fontweight="bold", color=palette.words("feed-forward"))
            continue
        to = by_number[target].y - (3 if target == start else 0)
        _arrow(axes, [(right + dx, node.y + dy), (LANE + dx, node.y + dy), (LANE + dx, to + dy), (X + BOX_W / 2 + dx, to + dy)], way == "no")
        axes.text(LANE + 10 + dx, (node.y + to) / 2 + dy, "once more", rotation=90, fontsize=size, va="center", ha="left", color=palette.INK)
    for node in layout.nodes:
        _node(axes, node, dx, dy, lit is None or node.at in lit, node.at in rings and node.at >= 0, size)


def flowchart(chart: Chart, *, title: str, caption: str, words: Mapping[str, str] | None = None, rings: Collection[int] = (), kind: str = "still") -> Picture:
    """A chart as a picture; its alt text reads the steps out. Arguments as in `lay_out_chart` and `draw_flowchart`.

    title: what the picture says. Errors: those of `lay_out_chart`; ValueError for a title without words. Built in week 3 day 7.
    """
    return flowcharts({title: chart}, caption=caption, words=words, rings={title: rings}, kind=kind)


def flowcharts(charts: Mapping[str, Chart], *, caption: str, words: Mapping[str, str] | None = None, rings: Mapping[str, Collection[int]] | None = None,
               kind: str = "still", notes: Mapping[str, str] | None = None) -> Picture:  # fmt: skip
    """Up to two charts side by side, under their titles; notes: title → a few words below the chart, such as what it writes.

    Errors: as `flowchart`; ValueError for none or more than two. Built in week 3 day 7.
    """
    if not 1 <= len(charts) <= 2 or not all(isinstance(title, str) and title.strip() for title in charts):
        raise ValueError(f"charts must be one or two, each with a title, got {len(charts)}")
    layouts = {title: lay_out_chart(chart, words) for title, chart in charts.items()}
    noted = {title: textwrap.wrap(drawable((notes or {}).get(title, "")), 44) for title in charts}
    height = 44 + max(layout.height for layout in layouts.values()) + (18 * max(map(len, noted.values())) + 14 if any(noted.values()) else 0)
    wide = WIDTH + 70
    drawing = Figure(figsize=(wide * len(charts) / 100, height / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, wide * len(charts)), ylim=(height, 0))
    axes.axis("off")
    for n, (title, layout) in enumerate(layouts.items()):
        axes.text(n * wide + 20, 18, title, fontsize=12, fontweight="bold", va="center", parse_math=False)
        draw_flowchart(axes, layout, at=(n * wide + 20, 38), rings=(rings or {}).get(title, ()))
        for i, line in enumerate(noted[title]):
            axes.text(n * wide + 20, 38 + layout.height + 14 + 18 * i, line, fontsize=10.5, va="center", parse_math=False)
    told = [f"{title}. {read_out(chart, words)}" + (f" {notes[title]}" if notes and notes.get(title) else "") for title, chart in charts.items()]
    return figure(drawing, alt=" ".join(told), caption=caption, kind=kind)


def read_out(chart: Chart, words: Mapping[str, str] | None = None) -> str:
    """A chart as a sentence for those who cannot see it."""
    parts = [START]
    for node, item in zip(lay_out_chart(chart, words).nodes[1:-1], chart):
        says = " ".join(node.lines)
        parts.append(f"{says} If no, once more from: {item.no}. If yes, on" if isinstance(item, Decision) else says)
    return "From the top: " + "; ".join([*parts, END]) + "."


def flowchart_svg(chart: Chart, *, title: str, words: Mapping[str, str] | None = None) -> str:
    """The chart as SVG text that any browser and drawing program opens, with its words as real text. The same bytes every time.

    Errors: as `flowchart`. Built in week 3 day 7.
    """
    if not isinstance(title, str) or not title.strip():
        raise ValueError("title must say something: a drawing has words for those who cannot see it")
    layout = lay_out_chart(chart, words)
    by_number = {node.at: node for node in layout.nodes if node.at >= 0}
    inside = []
    for start, target in layout.back:
        if target is not None and target < start:
            top, bottom = by_number[target].y - by_number[target].h / 2 - 7, by_number[start].y + by_number[start].h / 2 + 5
            inside.append(f'<rect x="{X - BOX_W / 2 - 9:g}" y="{top:g}" width="{BOX_W + 18:g}" height="{bottom - top:g}" fill="{BAND}"/>')
    for one, other in zip(layout.nodes, layout.nodes[1:]):
        inside.append(_svg_arrow([(X, one.y + one.h / 2), (X, other.y - other.h / 2)]))
        if one.kind == "decision":
            inside.append(_svg_text("yes", X + 8, one.y + one.h / 2 + 16, "start", True))
    for start, target in layout.back:
        node, right = by_number[start], X + BOX_W * 0.36
        inside.append(_svg_text("no", right + 6, node.y - 5, "start", True))
        if target is not None:
            inside.append(_svg_arrow([(right, node.y), (LANE, node.y), (LANE, by_number[target].y), (X + BOX_W / 2, by_number[target].y)]))
    inside += [_svg_node(node) for node in layout.nodes]
    wide = max(layout.width + 40, 10.5 * len(title) + 20)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{layout.height + 44:g}" viewBox="0 0 {wide:g} {layout.height + 44:g}" '
        f'role="img" aria-labelledby="title description" font-family="{FONT}" font-size="13">',
        f'<title id="title">{html.escape(title)}</title>', f'<desc id="description">{html.escape(read_out(chart, words))}</desc>',
        f'<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" '
        f'orient="auto"><path d="M0 0L10 5L0 10z" fill="{palette.QUIET}"/></marker></defs>',
        f'<rect width="{wide:g}" height="{layout.height + 44:g}" fill="{palette.CARD}"/>',
        f'<text x="20" y="26" font-size="17" font-weight="bold" fill="{palette.INK}">{html.escape(title)}</text>',
        '<g transform="translate(20 38)">', *inside, "</g>", "</svg>", "",
    ])  # fmt: skip


def _two_lines(text: str, room: float) -> tuple[str, ...]:
    """The text in at most two lines of so many pixels; what does not fit ends in "…"."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _wide(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1]} …"]
    for i, line in enumerate(lines):
        while _wide(line) > room:
            line = line.rstrip("… ")[:-1] + "…"
        lines[i] = line
    return tuple(lines)


def _wide(text: str) -> float:
    return text_to_path.get_text_width_height_descent(text, FontProperties(size=SIZE * 100 / 72), False)[0]


# --- drawing ----------------------------------------------------------------------------------------------------------


def _shape(node: Node) -> list[tuple[float, float]]:
    half = BOX_W * 0.36
    return [(X, node.y - node.h / 2), (X + half, node.y), (X, node.y + node.h / 2), (X - half, node.y)]


def _look(node: Node, lit: bool) -> tuple[str, str, str]:
    """Face, edge and ink."""
    if not lit:
        return palette.CARD, palette.LINE, palette.QUIET
    if node.kind == "end":
        return palette.PAPER, palette.QUIET, palette.INK
    return palette.CARD, palette.outline(node.concept) if node.concept else palette.INK, palette.words(node.concept) if node.concept else palette.INK


def _node(axes: Axes, node: Node, dx: float, dy: float, lit: bool, ring: bool, size: float) -> None:
    face, edge, ink = _look(node, lit)
    thick = 2.2 if lit else 1.2
    if node.kind == "decision":
        axes.add_patch(Polygon([(x + dx, y + dy) for x, y in _shape(node)], closed=True, facecolor=face, edgecolor=edge, linewidth=thick, zorder=4))
    else:
        wide = BOX_W if node.kind == "step" else 132
        axes.add_patch(FancyBboxPatch((X - wide / 2 + dx, node.y - node.h / 2 + dy), wide, node.h, zorder=4, facecolor=face, edgecolor=edge, linewidth=thick,
                                      boxstyle=f"round,pad=0,rounding_size={8 if node.kind == 'step' else node.h / 2}", gid=f"node:{node.at}"))  # fmt: skip
    if ring:
        axes.add_patch(FancyBboxPatch((X - BOX_W / 2 - 6 + dx, node.y - node.h / 2 - 4 + dy), BOX_W + 12, node.h + 8, zorder=5, facecolor="none", linestyle="--",
                                      edgecolor=palette.words("feed-forward"), linewidth=2, boxstyle="round,pad=0,rounding_size=10"))  # fmt: skip
        axes.text(X - BOX_W / 2 - 12 + dx, node.y + dy, "✗", ha="right", va="center", fontsize=12, fontweight="bold", color=palette.words("feed-forward"))
    for i, line in enumerate(node.lines):
        axes.text(X + dx, node.y + (i - (len(node.lines) - 1) / 2) * LINE + dy, line, ha="center", va="center_baseline", fontsize=size, color=ink, zorder=6,
                  parse_math=False, gid=f"says:{node.at}")  # fmt: skip


def _arrow(axes: Axes, points: Sequence[tuple[float, float]], strong: bool = False) -> None:
    hue, thick = (palette.INK, 2.6) if strong else (palette.QUIET, 1.6)
    axes.plot(*zip(*points[:-1]), color=hue, linewidth=thick, zorder=2, solid_joinstyle="round")
    axes.annotate("", points[-1], points[-2], zorder=3, arrowprops={
        "arrowstyle": "-|>,head_width=0.25,head_length=0.5", "color": hue, "linewidth": thick, "shrinkA": 0, "shrinkB": 0})  # fmt: skip


def _svg_arrow(points: Sequence[tuple[float, float]]) -> str:
    road = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path d="{road}" fill="none" stroke="{palette.QUIET}" stroke-width="2" stroke-linejoin="round" marker-end="url(#tip)"/>'


def _svg_text(text: str, x: float, y: float, anchor: str = "middle", bold: bool = False, ink: str = palette.INK) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{ink}"{" font-weight=" + chr(34) + "bold" + chr(34) if bold else ""}>{html.escape(text)}</text>'


def _svg_node(node: Node) -> str:
    face, edge, ink = _look(node, True)
    name = node.name.replace(" ", "-").rstrip("?") or node.lines[0].replace(" ", "-")
    if node.kind == "decision":
        points = " ".join(f"{x:g},{y:g}" for x, y in _shape(node))
        shape = f'<polygon points="{points}" fill="{face}" stroke="{edge}" stroke-width="2"/>'
    else:
        wide = BOX_W if node.kind == "step" else 132
        shape = f'<rect x="{X - wide / 2:g}" y="{node.y - node.h / 2:g}" width="{wide:g}" height="{node.h:g}" rx="{8 if node.kind == "step" else node.h / 2:g}" fill="{face}" stroke="{edge}" stroke-width="2"/>'
    words = "".join(_svg_text(line, X, node.y + 4.5 + (i - (len(node.lines) - 1) / 2) * LINE, ink=ink) for i, line in enumerate(node.lines))
    return f'<g id="step-{name}">{shape}{words}</g>'
