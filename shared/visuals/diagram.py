"""An architecture as a drawing: the stream of rows rises through its parts, gray lines carry it around them.

`lay_out` puts every part of a list (see shared/architecture.py) at its place, in pixels, y downwards. What is drawn from that
is the same everywhere: `draw_diagram` for matplotlib, shared/visuals/diagram_svg.py, shared/visuals/excalidraw.py.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from shared.architecture import PARTS, Block, Place, towers
from shared.visuals import palette
from shared.visuals.figure import Picture, figure

BOX_W = 140.0
HEIGHTS = {"norm": 24.0, "add": 22.0, "fork": 7.0}
BOX_H = 30.0
GAP, WIDE_GAP = 15.0, 25.0  # between parts; the wide one has room for a note beside the arrow
FOOT, ROOF = 12.0, 4.0  # a block's frame stands so far from the parts below and above it, beside the gap
LANE = 84.0  # the gray shortcuts run so far to the right of the stream
FRAME_LEFT, FRAME_RIGHT = 80.0, 96.0
PITCH, MEMORY_PITCH = 200.0, 226.0  # between towers; the wide one has room for the arrow from the encoder to the decoder
# a block's ground; the palette's paper is so light that a small PNG would round it to another tint
GROUND = "#F1F5F9"
MEMORY = "memory"


@dataclass(frozen=True)
class Box:
    """A part. x, y: its middle. role: as in `PARTS`; concept: its color."""

    place: Place
    says: str
    concept: str
    role: str
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Wire:
    """A line. start, end: the places that it joins, None for the open air; kind: "stream", "shortcut", "memory", "loose"."""

    points: tuple[tuple[float, float], ...]
    start: Place | None
    end: Place | None
    arrow: bool
    kind: str


@dataclass(frozen=True)
class Note:
    """A few words. kind: "shape" (monospace), "quiet", "times"; align: "left", "center" or "right" of x."""

    says: str
    x: float
    y: float
    kind: str = "quiet"
    align: str = "center"


@dataclass
class Layout:
    """Everything that is drawn of a diagram. frames: (x, y, width, height) of each block, from its upper left corner."""

    width: float = 0.0
    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    frames: list[tuple[float, float, float, float]] = field(default_factory=list)


def lay_out(diagram: Sequence | Mapping, shapes: Mapping[Place, Sequence[int]] | None = None, least_height: float = 0.0) -> Layout:
    """Where everything stands. A wrong diagram is laid out, too: a gray line without an end ends in a "?".

    shapes: place → what leaves the part there, written beside its arrow, as `shared.architecture.shapes` gives them.
    least_height: to stand beside a taller diagram, feet on one line. Errors: as `shared.architecture.towers`.
    """
    read = towers(diagram)
    gap = WIDE_GAP if shapes else GAP
    tallest = max(_height(parts, gap) for parts in read.values())
    layout = Layout(height=max(tallest + 74, least_height))
    layout.width = FRAME_LEFT + FRAME_RIGHT + 12 + (MEMORY_PITCH if len(read) == 2 else 0) + 10
    for n, (tower, parts) in enumerate(read.items()):
        _raise(layout, tower, parts, FRAME_LEFT + 6 + n * MEMORY_PITCH, gap, shapes or {})
    if len(read) == 2:
        _memory(layout, gap, shapes or {})
    return layout


def draw_diagram(
    ax: Axes,
    layout: Layout,
    *,
    at: tuple[float, float] = (0.0, 0.0),
    lit: Collection[Place] | None = None,
    ghosts: Collection[Place] = (),
    blanks: Sequence[Place] = (),
    rings: Collection[Place] = (),
) -> None:
    """Draw a layout into axes in pixels, y downwards, moved by `at`.

    lit: the places in color, None = all; ghosts: not there yet, only outlined, and their lines left out; blanks: shown as 1, 2,
    3 … instead of their words; rings: places with a ring, where something is wrong. Used from week 2 day 6 on.
    """
    dx, dy = at
    hidden = set(ghosts)
    for x, y, w, h in layout.frames:
        ax.add_patch(FancyBboxPatch((x + dx, y + dy), w, h, boxstyle="round,pad=0,rounding_size=12", facecolor=GROUND,
                                    edgecolor=palette.LINE, linewidth=1.2, zorder=0))  # fmt: skip
    for wire in layout.wires:
        if not {wire.start, wire.end} & hidden:
            _wire(ax, wire, dx, dy)
    for box in layout.boxes:
        _box(ax, box, dx, dy, lit is None or box.place in lit, box.place in hidden,
             list(blanks).index(box.place) + 1 if box.place in blanks else 0, box.place in rings)  # fmt: skip
    for note in layout.notes:
        mono = dict(family="DejaVu Sans Mono") if note.kind == "shape" else {}
        ax.text(note.x + dx, note.y + dy, note.says, ha=note.align, va="center", fontsize=11 if note.kind == "times" else 10,
                fontweight="bold" if note.kind == "times" else "normal", color=palette.INK if note.kind == "times" else "#4B5563",
                zorder=4, **mono)  # fmt: skip


def diagrams(
    drawn: Mapping[str, Sequence | Mapping],
    *,
    alt: str,
    caption: str,
    title: str = "",
    shapes: Mapping[str, Mapping] | None = None,
    lit: Mapping[str, Collection[Place]] | None = None,
    blanks: Sequence[Place] = (),
    rings: Mapping[str, Collection[Place]] | None = None,
    below: Mapping[str, str] | None = None,
) -> Picture:
    """Diagrams side by side, feet on one line: {"GPT-2": list, "BERT": list}.

    title: above all; shapes, lit, rings: by name, as in `lay_out` and `draw_diagram`; below: some words under each, by name.
    blanks: for all of them. Errors: as `lay_out` and `figure`. Used from week 2 day 6 on.
    """
    drawing = diagrams_figure(drawn, title=title, shapes=shapes, lit=lit, blanks=blanks, rings=rings, below=below)
    return figure(drawing, alt=alt, caption=caption)


def diagrams_figure(drawn, *, title="", shapes=None, lit=None, ghosts=(), blanks=(), rings=None, below=None) -> Figure:
    """The drawing of `diagrams`, without its words. ghosts: as in `draw_diagram`, for all of them. Errors: ValueError for no diagram."""
    if not drawn:
        raise ValueError("drawn must hold at least one diagram")
    shapes, lit, rings, below = shapes or {}, lit or {}, rings or {}, below or {}
    layouts = {name: lay_out(diagram, shapes.get(name)) for name, diagram in drawn.items()}
    height = max(layout.height for layout in layouts.values())
    layouts = {name: lay_out(diagram, shapes.get(name), height) for name, diagram in drawn.items()}
    named = any(name.strip() for name in drawn)
    top = (34 if title else 6) + (24 if named else 0)
    lines = max((words.count("\n") + 1 for words in below.values()), default=0)
    gap = 14.0
    inside = sum(layout.width for layout in layouts.values()) + gap * (len(layouts) - 1)
    width = max(inside + 16, 10.6 * len(title) + 20)
    tall = top + height + 17 * lines + (8 if lines else 0)
    drawing = Figure(figsize=(width / 100, tall / 100), layout="none")
    ax = drawing.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(tall, 0))
    ax.axis("off")
    if title:
        ax.text(10, 20, title, fontsize=13, fontweight="bold", va="center", color=palette.INK)
    x = (width - inside) / 2
    for name, layout in layouts.items():
        draw_diagram(ax, layout, at=(x, top), lit=lit.get(name), ghosts=ghosts, blanks=blanks, rings=rings.get(name, ()))
        middle = x + (FRAME_LEFT + 6 if len(layout.frames) < 2 else layout.width / 2)
        if named:
            ax.text(middle, top - 10, name, fontsize=11.5, fontweight="bold", ha="center", va="center", color=palette.INK)
        for i, line in enumerate(below.get(name, "").split("\n")):
            ax.text(middle, top + height + 8 + 17 * i, line, fontsize=10, ha="center", va="center", color=palette.INK)
        x += layout.width + gap
    return drawing


# --- where everything stands ------------------------------------------------------------------------------------------


def _size(name: str) -> tuple[float, float]:
    height = HEIGHTS.get(PARTS[name].role, BOX_H)
    return (BOX_W if PARTS[name].role not in ("add", "fork") else height), height


def _height(parts: list, gap: float) -> float:
    total = gap
    for item in parts:
        names = item.parts if isinstance(item, Block) else (item,)
        total += sum(_size(name)[1] + gap for name in names) + (2 * (FOOT + ROOF) + _clear(item) if isinstance(item, Block) else 0)
    return total


def _clear(item: Block) -> float:
    """Room for the "× 12" in the block's corner, where the first part is a box and not a dot."""
    return 0.0 if item.parts[0] == "fork" else 20.0


def _raise(layout: Layout, tower: str, parts: list, x: float, gap: float, shapes: Mapping) -> None:
    """One tower, from its feet upward."""
    y = layout.height - 30
    foot_words, head_words = _ends(tower, parts)
    layout.notes.append(Note(foot_words, x, layout.height - 14))
    if (tower, -1) in shapes:
        layout.notes.append(_shape(shapes[tower, -1], x, y - gap / 2))
    before: Place | None = None
    last = y  # where the stream has arrived
    open_forks: list[Box] = []
    for i, item in enumerate(parts):
        names = item.parts if isinstance(item, Block) else (item,)
        if isinstance(item, Block):
            foot = y - ROOF - 4
            y -= FOOT + ROOF + _clear(item)
        for j, name in enumerate(names):
            place = (tower, i, j) if isinstance(item, Block) else (tower, i)
            wide, high = _size(name)
            y -= gap + high / 2
            part = PARTS[name]
            box = Box(place, part.says, part.concept, part.role, x, y, wide, high)
            layout.boxes.append(box)
            layout.wires.append(Wire(((x, last), (x, y + high / 2)), before, place, part.role != "fork", "stream"))
            if part.role == "fork":
                open_forks.append(box)
            if part.role == "add" and open_forks:
                fork = open_forks.pop()
                lane = x + LANE
                layout.wires.append(Wire(((x + fork.w / 2, fork.y), (lane, fork.y), (lane, y), (x + wide / 2, y)), fork.place, place, True, "shortcut"))
            y -= high / 2
            last, before = y, place
            if place in shapes and part.role != "fork":
                layout.notes.append(_shape(shapes[place], x, y - gap / 2))
        if isinstance(item, Block):
            y -= FOOT + ROOF
            layout.frames.append((x - FRAME_LEFT, y + ROOF, FRAME_LEFT + FRAME_RIGHT, foot - y - ROOF))
            layout.notes.append(Note(f"× {item.times}", x - FRAME_LEFT + 9, foot - 14, "times", "left"))
    for fork in open_forks:  # a gray line that never comes back
        lane = x + LANE
        layout.wires.append(Wire(((x + fork.w / 2, fork.y), (lane, fork.y), (lane, fork.y - 22)), fork.place, None, False, "loose"))
        layout.notes.append(Note("?", lane, fork.y - 32, "times"))
    layout.wires.append(Wire(((x, last), (x, last - gap - 2)), before, None, True, "stream"))
    layout.notes.append(Note(head_words, x, last - gap - 13))


def _ends(tower: str, parts: list) -> tuple[str, str]:
    """What comes in at the foot and what comes out at the head."""
    if tower:
        return ("source", MEMORY) if tower == "encoder" else ("target so far", "next word")
    names = [name for item in parts for name in (item.parts if isinstance(item, Block) else (item,))]
    foot = "words" if any(PARTS[name].role == "table" for name in names) else "rows"
    return foot, "rows" if "output" not in names else "hidden words" if "segment embedding" in names else "next word"


def _shape(shape: Sequence[int], x: float, y: float) -> Note:
    words = f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
    return Note(words, x + 8, y + 1, "shape", "left")


def _memory(layout: Layout, gap: float, shapes: Mapping) -> None:
    """The encoder's result, carried over to every cross-attention."""
    crosses = [box for box in layout.boxes if box.says == PARTS["cross-attention"].says]
    tops = [box for box in layout.boxes if box.place[0] == "encoder"]
    if not crosses or not tops:
        return
    top = min(tops, key=lambda box: box.y)
    frames = [frame for frame in layout.frames if frame[0] < top.x]
    between = top.x + FRAME_RIGHT + (MEMORY_PITCH - FRAME_LEFT - FRAME_RIGHT) / 2
    height = min([top.y - top.h / 2, *(frame[1] for frame in frames)]) - 16
    for cross in crosses:
        points = ((top.x, top.y - top.h / 2), (top.x, height), (between, height), (between, cross.y), (cross.x - cross.w / 2, cross.y))
        layout.wires.append(Wire(points, top.place, cross.place, True, "memory"))
    # the stream's own arrow out of the encoder is this one
    layout.wires = [wire for wire in layout.wires if not (wire.start == top.place and wire.end is None)]
    layout.notes = [note for note in layout.notes if note.says != MEMORY]
    layout.notes.append(Note(MEMORY, (top.x + between) / 2, height - 12))


# --- how it looks -----------------------------------------------------------------------------------------------------

STREAM = palette.color("residual")


def _wire(ax: Axes, wire: Wire, dx: float, dy: float) -> None:
    xs, ys = zip(*((x + dx, y + dy) for x, y in wire.points))
    thick = 2.2 if wire.kind in ("shortcut", "loose") else 1.6
    dashes = dict(linestyle=(0, (3, 2))) if wire.kind == "loose" else {}
    tail = -1 if wire.arrow else None
    if len(xs) > 2 or not wire.arrow:
        ax.plot(xs[:tail] if wire.arrow else xs, ys[:tail] if wire.arrow else ys, color=STREAM, linewidth=thick, zorder=1,
                solid_joinstyle="round", solid_capstyle="round", **dashes)  # fmt: skip
    if wire.arrow:
        ax.annotate("", (xs[-1], ys[-1]), (xs[-2], ys[-2]), zorder=1,
                    arrowprops=dict(arrowstyle="-|>", color=STREAM, linewidth=thick, mutation_scale=11, shrinkA=0, shrinkB=0))  # fmt: skip


def look(box: Box, lit: bool) -> tuple[str, str, str]:
    """Face, border and ink of a part; `lit` = in its color."""
    if box.role == "fork":
        return STREAM, STREAM, STREAM
    if box.role == "add":
        return palette.CARD, STREAM if lit else palette.LINE, palette.INK if lit else palette.QUIET
    if not lit:
        return palette.CARD, palette.LINE, palette.QUIET
    light = box.concept in ("normalization", "position")
    return palette.color(box.concept), palette.outline(box.concept), palette.INK if light else palette.CARD


def _box(ax: Axes, box: Box, dx: float, dy: float, lit: bool, ghost: bool, number: int, ringed: bool) -> None:
    x, y = box.x + dx, box.y + dy
    face, edge, ink = look(box, lit)
    style = dict(linewidth=1.6, zorder=2)
    if ghost:
        face, edge, style = palette.CARD, palette.LINE, dict(linewidth=1, linestyle=(0, (2, 3)), zorder=2)
    if number:
        face, edge, style = palette.CARD, palette.INK, dict(linewidth=1.8, linestyle=(0, (4, 3)), zorder=2)
    if box.role in ("add", "fork") and not number:
        ax.add_patch(Circle((x, y), box.h / 2, facecolor=face if not (ghost and box.role == "fork") else palette.CARD, edgecolor=edge, **style))
    else:
        w, h = (28.0, 21.0) if box.role in ("add", "fork") else (box.w, box.h)
        ax.add_patch(FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle="round,pad=0,rounding_size=7", facecolor=face, edgecolor=edge, **style))
    if number:
        ax.text(x, y, str(number), ha="center", va="center", fontsize=12, fontweight="bold", color=palette.INK, zorder=3)
    elif not ghost:
        ax.text(x, y - (0.6 if box.role == "add" else 0), box.says, ha="center", va="center_baseline" if box.role == "add" else "center",
                fontsize=13 if box.role == "add" else 10, color=ink, zorder=3)  # fmt: skip
    if ringed:
        w, h = max(box.w, 14) + 12, max(box.h, 14) + 12
        ax.add_patch(FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle="round,pad=0,rounding_size=11", facecolor="none",
                                    edgecolor=palette.color("query"), linewidth=2.6, zorder=4))  # fmt: skip
