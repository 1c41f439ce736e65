"""Comparing architectures: two diagrams with arrows that mark what changed between them, and a table with marked cells."""

import io
from collections.abc import Callable, Collection, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from PIL import Image

from shared.architecture import Place
from shared.visuals import palette
from shared.visuals.colors import indexed
from shared.visuals.diagram import Layout, draw_diagram, lay_out
from shared.visuals.figure import WIDEST_PX, Picture, figure

ROOM = 96.0  # between a label and the diagrams on both sides of it, together
LINE_H, APART = 16.0, 12.0
HUE = palette.INK  # of arrows: no part's color, and darker than the gray lines of a diagram
TINT = "#FDEBDD"  # ground of a marked cell
Arrow = tuple[Place | None, Place | None, str]


def changes_figure(
    old: tuple[str, Sequence | Mapping], new: tuple[str, Sequence | Mapping], arrows: Sequence[Arrow], *, title: str, alt: str, caption: str
) -> Picture:
    """Two diagrams, feet on one line, and an arrow from each part of the old one to what became of it in the new one.

    old, new: (name, diagram), as in shared/architecture.py. arrows: (place in the old, place in the new, words), places as there;
    None for the old = it is new, None for the new = it is gone. Arrows are numbered from the bottom up.
    Errors: ValueError for an arrow without a place, without words, or with a place that its diagram lacks; those of `lay_out` and
    `figure`. Used in week 3 day 6.
    """
    layouts = [lay_out(diagram) for _, diagram in (old, new)]
    height = max(layout.height for layout in layouts)
    layouts = [lay_out(diagram, least_height=height) for _, diagram in (old, new)]
    top, left = 62.0, 8.0
    label = 42 + 8.2 * max((len(line) for _, _, words in arrows for line in words.split("\n")), default=12)
    right = left + layouts[0].width + label + ROOM
    width, tall = right + layouts[1].width + 8, top + height + 8
    middles = [_middles(layout, x, top) for layout, x in zip(layouts, (left, right))]
    ends = [_ends(arrow, middles) for arrow in arrows]
    drawing = Figure(figsize=(width / 100, tall / 100), layout="none")
    ax = drawing.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(tall, 0))
    ax.axis("off")
    ax.text(10, 20, title, fontsize=13, fontweight="bold", va="center", color=palette.INK)
    for (name, _), layout, x in zip((old, new), layouts, (left, right)):
        draw_diagram(ax, layout, at=(x, top))
        ax.text(x + 86, top - 10, name, fontsize=11.5, fontweight="bold", ha="center", va="center", color=palette.INK)
    middle = left + layouts[0].width + (label + ROOM) / 2 - 6
    order = sorted(range(len(arrows)), key=lambda i: -_height_of(ends[i]))
    heights = _spread([_height_of(ends[i]) for i in order], [_label_height(arrows[i][2]) for i in order], top + 6, tall - 12)
    for number, (i, y) in enumerate(zip(order, heights), 1):
        _arrow(ax, ends[i], arrows[i], number, middle, y, label)
    return _light(figure(drawing, alt=alt, caption=caption), lambda image: indexed(image, 32))


def _middles(layout: Layout, x: float, top: float) -> dict[Place, tuple[float, float, float]]:
    """place → left edge, right edge and height on the drawing."""
    return {box.place: (box.x + x - box.w / 2, box.x + x + box.w / 2, box.y + top) for box in layout.boxes}


def _ends(arrow: Arrow, middles: Sequence[Mapping]) -> tuple:
    start, end, words = arrow
    if start is None and end is None:
        raise ValueError(f"arrows: {words!r} must start or end at a part")
    if not words.strip():
        raise ValueError(f"arrows: the arrow from {start} to {end} must say what changed")
    for place, known, which in ((start, middles[0], "old"), (end, middles[1], "new")):
        if place is not None and place not in known:
            raise ValueError(f"arrows: the {which} diagram has no part at {place}")
    return (None if start is None else middles[0][start], None if end is None else middles[1][end])


def _height_of(ends: tuple) -> float:
    there = [end[2] for end in ends if end is not None]
    return sum(there) / len(there)


def _label_height(words: str) -> float:
    return LINE_H * (words.count("\n") + 1) + 8


def _spread(wanted: Sequence[float], tall: Sequence[float], top: float, bottom: float) -> list[float]:
    """Heights (downwards) near the wanted ones, from the lowest up, so that no two labels touch. May start below `top` only."""
    found, free = [], bottom
    for y, h in zip(wanted, tall):
        found.append(min(y, free - h / 2))
        free = found[-1] - h / 2 - APART
    over = top - (found[-1] - tall[-1] / 2) if found else 0
    if over > 0:  # too high: push down again from the top
        free = top
        for i in reversed(range(len(found))):
            found[i] = max(found[i], free + tall[i] / 2)
            free = found[i] + tall[i] / 2 + APART
    return found


def _arrow(ax: Axes, ends: tuple, arrow: Arrow, number: int, x: float, y: float, w: float) -> None:
    h = _label_height(arrow[2])
    ax.add_patch(FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle="round,pad=0,rounding_size=7", facecolor=palette.CARD, edgecolor=HUE, linewidth=1.2, zorder=6))
    ax.text(x - w / 2 + 10, y, str(number), fontsize=12, fontweight="bold", color=HUE, va="center", ha="left", zorder=7)
    ax.text(x - w / 2 + 27, y, arrow[2], fontsize=10, color=palette.INK, va="center", ha="left", linespacing=1.25, zorder=7)
    look = dict(color=HUE, linewidth=1.6, zorder=5, shrinkA=0, shrinkB=0)
    if ends[0] is not None:
        _, right, at = ends[0]
        ax.add_patch(FancyArrowPatch((right + 2, at), (x - w / 2, y), arrowstyle="-", **look))
        ax.plot(right + 2, at, "o", color=HUE, markersize=4.5, zorder=6)
    if ends[1] is not None:
        ax.add_patch(FancyArrowPatch((x + w / 2, y), (ends[1][0] - 2, ends[1][2]), arrowstyle="-|>", mutation_scale=13, **look))


def _light(picture: Picture, squeeze: Callable[[Image.Image], Image.Image]) -> Picture:
    """The same picture with few colors: lines and letters need no more, and the file is a quarter smaller."""
    return Picture(*(_few(png, squeeze) for png in (picture.png, picture.bare)), picture.alt, picture.caption, picture.kind, picture.width)


def _few(png: bytes, squeeze: Callable[[Image.Image], Image.Image]) -> bytes:
    out = io.BytesIO()
    squeeze(Image.open(io.BytesIO(png)).convert("RGB")).save(out, format="PNG", optimize=True)
    return out.getvalue()


def _in_table_colors(image: Image.Image, tinted: bool) -> Image.Image:
    """White, the tint, lines, and letters on white and on the tint: nothing else is in a table."""
    ends = [(palette.CARD, palette.INK, 14), (palette.CARD, palette.QUIET, 4), (palette.LINE, palette.LINE, 1)] + [(TINT, palette.INK, 4)] * tinted
    mixed = [tuple(round(255 * (a + (b - a) * i / max(1, n - 1))) for a, b in zip(to_rgb(one), to_rgb(other))) for one, other, n in ends for i in range(n)]
    colors = Image.new("P", (1, 1))
    colors.putpalette([part for color in dict.fromkeys(mixed) for part in color])
    return image.quantize(palette=colors, dither=Image.Dither.NONE)


# --- a table ----------------------------------------------------------------------------------------------------------


def table_figure(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str, alt: str, caption: str, marked: Collection[tuple[int, int]] = (),
    bands: Sequence[int] = (), width: int = WIDEST_PX,
) -> Picture:  # fmt: skip
    """A table as a picture that can be saved and shared: the first column is left-aligned, the others right-aligned.

    columns: headings, "\\n" allowed; rows: as many cells each; marked: (row, column) of cells with a tinted ground and bold
    numbers; bands: rows before which a family begins, drawn with a stronger line; width: pixels, 100 to 900.
    Errors: ValueError for rows of another length, a mark outside the table, another width; those of `figure`. Used in week 3 day 6.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    for i, row in enumerate(cells):
        if len(row) != len(columns):
            raise ValueError(f"rows: number {i} has {len(row)} cells for {len(columns)} columns")
    outside = [mark for mark in marked if not (0 <= mark[0] < len(cells) and 0 <= mark[1] < len(columns))]
    if outside or not cells:
        raise ValueError(f"marked: there is no cell {outside[0]}" if outside else "rows must hold at least one row")
    letters = [max([*map(len, heading.split("\n")), *(len(line) for row in cells for line in row[j].split("\n"))]) + 2 for j, heading in enumerate(columns)]
    letters[0] *= 1.15  # bold
    if isinstance(width, bool) or not isinstance(width, int) or not 100 <= width <= WIDEST_PX:
        raise ValueError(f"width must be a whole number of pixels from 100 to {WIDEST_PX}, got {width!r}")
    scale = (width - 16) / sum(letters)
    head = 20 * (max(heading.count("\n") for heading in columns) + 1) + 10
    highs = [27 + 16 * max(cell.count("\n") for cell in row) for row in cells]
    top, tall = 40.0, 40.0 + head + sum(highs) + 10
    drawing = Figure(figsize=(width / 100, tall / 100), layout="none")
    ax = drawing.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(tall, 0))
    ax.axis("off")
    ax.text(10, 20, title, fontsize=13, fontweight="bold", va="center", color=palette.INK)
    edges = [8.0]
    for count in letters:
        edges.append(edges[-1] + count * scale)
    size = 10.5 if scale > 8.6 else 10.0
    for y, row, high, i in zip(_running(top + head, highs), [*cells], highs, range(len(cells))):
        strong = i in bands or i == 0
        ax.plot((8, width - 8), (y, y), color=palette.QUIET if strong else palette.LINE, linewidth=1.3 if strong else 0.7, zorder=2)
        for j, cell in enumerate(row):
            if (i, j) in marked:
                ax.add_patch(Rectangle((edges[j] + 2, y + 2), edges[j + 1] - edges[j] - 2, high - 4, facecolor=TINT, edgecolor="none", zorder=1))
            _cell(ax, cell, edges, j, y + high / 2, size, bold=j == 0 or (i, j) in marked)
    for j, heading in enumerate(columns):
        _cell(ax, heading, edges, j, top + head / 2, size, bold=False, ink=palette.QUIET)
    return _light(figure(drawing, alt=alt, caption=caption, width=width), lambda image: _in_table_colors(image, bool(marked)))


def _running(start: float, steps: Sequence[float]) -> list[float]:
    return [start + sum(steps[:i]) for i in range(len(steps))]


def _cell(ax: Axes, text: str, edges: Sequence[float], j: int, y: float, size: float, bold: bool, ink: str = palette.INK) -> None:
    x, side = (edges[0] + 4, "left") if j == 0 else (edges[j + 1] - 5, "right")
    lines = dict(y=y, va="center") if "\n" in text else dict(y=y + 0.36 * size * 100 / 72, va="baseline")  # all on one line, with or without a "p"
    ax.text(x=x, s=text, **lines, fontsize=size, ha=side, color=ink, fontweight="bold" if bold else "normal", linespacing=1.3, zorder=3)


def table_markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The same table as Markdown, for a blog or a README. "|" in a cell is escaped. Used in week 3 day 6."""
    out = io.StringIO()
    for row in (columns, ["---", *["---:"] * (len(columns) - 1)], *rows):
        out.write("| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in row) + " |\n")
    return out.getvalue()
