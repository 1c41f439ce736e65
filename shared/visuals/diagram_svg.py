"""A diagram as an SVG file: real text, one group for each part, words for those who cannot see it, the same bytes every time."""

import html
from collections.abc import Mapping, Sequence

from shared.architecture import Place
from shared.visuals import palette
from shared.visuals.diagram import GROUND, STREAM, Box, Note, Wire, lay_out, look

FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"
ANCHORS = {"left": "start", "center": "middle", "right": "end"}
TOP = 40.0  # room for the title


def diagram_svg(diagram: Sequence | Mapping, *, title: str, description: str, shapes: Mapping[Place, Sequence[int]] | None = None) -> str:
    """The diagram as SVG text that any browser and drawing program opens.

    title: written above it, and its name for screen readers; description: what can be learned from it; shapes: as in `lay_out`.
    Errors: ValueError for a missing title or description; those of `lay_out`. Used in week 2 day 6.
    """
    for name, words in (("title", title), ("description", description)):
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"{name} must say something: a drawing has words for those who cannot see it")
    layout = lay_out(diagram, shapes)
    width, height = max(layout.width, 10.5 * len(title) + 20), layout.height + TOP
    inside = [
        f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="12" fill="{GROUND}" stroke="{palette.LINE}"/>'
        for x, y, w, h in layout.frames
    ]
    inside += [_wire(wire) for wire in layout.wires] + [_box(box) for box in layout.boxes] + [_note(note) for note in layout.notes]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'role="img" aria-labelledby="title description" font-family="{FONT}" font-size="13.5">',
        f'<title id="title">{html.escape(title)}</title>',
        f'<desc id="description">{html.escape(" ".join(description.split()))}</desc>',
        f'<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" '
        f'orient="auto"><path d="M0 0L10 5L0 10z" fill="{STREAM}"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" fill="{palette.CARD}"/>',
        f'<text x="10" y="26" font-size="18" font-weight="bold" fill="{palette.INK}">{html.escape(title)}</text>',
        f'<g transform="translate(0 {TOP:g})">', *inside, "</g>", "</svg>", "",
    ])  # fmt: skip


def _wire(wire: Wire) -> str:
    thick = 3 if wire.kind in ("shortcut", "loose") else 2
    tip = ' marker-end="url(#tip)"' if wire.arrow else ""
    dashes = ' stroke-dasharray="6 4"' if wire.kind == "loose" else ""
    road = "M" + "L".join(f"{x:g} {y:g}" for x, y in wire.points)
    return f'<path d="{road}" fill="none" stroke="{STREAM}" stroke-width="{thick}" stroke-linejoin="round"{dashes}{tip}/>'


def _box(box: Box) -> str:
    face, edge, ink = look(box, True)
    name = "-".join(str(step) for step in box.place if step != "")
    if box.role in ("add", "fork"):
        shape = f'<circle cx="{box.x:g}" cy="{box.y:g}" r="{box.h / 2:g}" fill="{face}" stroke="{edge}" stroke-width="2"/>'
    else:
        shape = (
            f'<rect x="{box.x - box.w / 2:g}" y="{box.y - box.h / 2:g}" width="{box.w:g}" height="{box.h:g}" rx="7" fill="{face}" '
            f'stroke="{edge}" stroke-width="2"/>'
        )
    words = f'<text x="{box.x:g}" y="{box.y + 4.8:g}" text-anchor="middle" fill="{ink}">{html.escape(box.says)}</text>' if box.says else ""
    return f'<g id="part-{name}">{shape}{words}</g>'


def _note(note: Note) -> str:
    look_of = {"shape": f' font-family="{MONO}"', "times": ' font-weight="bold"'}.get(note.kind, "")
    ink = palette.INK if note.kind == "times" else "#4B5563"
    return f'<text x="{note.x:g}" y="{note.y + 4.8:g}" text-anchor="{ANCHORS[note.align]}" fill="{ink}"{look_of}>{html.escape(note.says)}</text>'
