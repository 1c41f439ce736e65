"""A diagram as a scene for Excalidraw: boxes, bound labels and bound arrows, all of which can be moved and rewritten by hand.

The format is Excalidraw's own (type "excalidraw", version 2), written as its editor writes it: a label is a text element with the
box as its container, an arrow is tied to what it joins, and moves along. Bindings carry both the older form (focus, gap) and the
newer one (fixedPoint, mode), so that editors of either kind read them. Nothing is random: the same diagram gives the same bytes.

Source: https://github.com/excalidraw/excalidraw, packages/element/src/types.ts and packages/excalidraw/data/restore.ts.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from shared.architecture import Place
from shared.visuals import palette
from shared.visuals.diagram import GROUND, STREAM, Box, Note, Wire, lay_out, look

SOURCE = "https://excalidraw.com"
SCALE = 1.5  # of the layout: room for the editor's hand-drawn letters
FONT, MONO = 5, 8  # Excalifont and Comic Shanns in the editor's list
LINE_HEIGHT = 1.25
LETTER = 0.55  # width of a letter by its size; the editor measures anew when a label is touched


def excalidraw_scene(diagram: Sequence | Mapping, *, title: str, shapes: Mapping[Place, Sequence[int]] | None = None) -> dict:
    """The diagram as a scene: `json.dumps` of it is a file for "Open" in Excalidraw.

    title: written above it; shapes: as in `lay_out`. Errors: ValueError for a missing title; those of `lay_out`.
    Used in week 2 day 6.
    """
    if not isinstance(title, str) or not title.strip():
        raise ValueError("title must say something: it stands above the drawing")
    layout = lay_out(diagram, shapes)
    scene = _Scene()
    for n, (x, y, w, h) in enumerate(layout.frames):
        scene.add("rectangle", f"frame-{n}", x, y, w, h, strokeColor=palette.LINE, backgroundColor=GROUND, strokeWidth=1, roundness={"type": 3})
    for box in layout.boxes:
        scene.box(box)
    for n, wire in enumerate(layout.wires):
        scene.wire(n, wire)
    scene.note("title", Note(title, layout.width / 2, -26, "title"))
    for n, note in enumerate(layout.notes):
        scene.note(f"note-{n}", note)
    return {
        "type": "excalidraw",
        "version": 2,
        "source": SOURCE,
        "elements": scene.elements,
        "appState": {"gridSize": None, "viewBackgroundColor": palette.CARD},
        "files": {},
    }


def excalidraw_text(scene: Mapping) -> str:
    """The scene as the text of an `.excalidraw` file."""
    return json.dumps(scene, ensure_ascii=False, indent=1) + "\n"


class _Scene:
    """The elements in the order in which they lie on each other."""

    def __init__(self):
        self.elements: list[dict] = []
        self.known: dict[str, dict] = {}

    def add(self, kind: str, name: str, x: float, y: float, width: float, height: float, **more) -> dict:
        """One element; x, y, width, height in pixels of the layout."""
        element = {
            "id": name,
            "type": kind,
            "x": _round(x * SCALE),
            "y": _round(y * SCALE),
            "width": _round(width * SCALE),
            "height": _round(height * SCALE),
            "angle": 0,
            "strokeColor": palette.INK,
            "backgroundColor": "transparent",
            "fillStyle": "solid",
            "strokeWidth": 2,
            "strokeStyle": "solid",
            "roughness": 1,
            "opacity": 100,
            "groupIds": [],
            "frameId": None,
            "index": None,  # the editor numbers them by their order
            "roundness": None,
            "seed": _number(name, "seed"),
            "version": 1,
            "versionNonce": _number(name, "nonce"),
            "isDeleted": False,
            "boundElements": [],
            "updated": 1,
            "link": None,
            "locked": False,
        } | more
        self.elements.append(element)
        self.known[name] = element
        return element

    def box(self, box: Box) -> None:
        face, edge, ink = look(box, True)
        round_one = box.role in ("add", "fork")
        name = _name(box.place)
        holder = self.add(
            "ellipse" if round_one else "rectangle", name, box.x - box.w / 2, box.y - box.h / 2, box.w, box.h,
            strokeColor=edge, backgroundColor=face, roundness=None if round_one else {"type": 3},
        )  # fmt: skip
        if box.says:
            self.text(f"{name}-label", box.says, box.x, box.y, 20 if box.role == "add" else 16, ink, holder=holder)

    def text(self, name: str, words: str, x: float, y: float, size: int, ink: str, align: str = "center", font: int = FONT, holder: dict | None = None) -> None:
        """Words around (or beside) the point x, y of the layout."""
        wide, high = len(words) * size * LETTER / SCALE, size * LINE_HEIGHT / SCALE
        left = x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        self.add(
            "text", name, left, y - high / 2, wide, high, strokeColor=ink, text=words, originalText=words, fontSize=size, fontFamily=font,
            textAlign=align, verticalAlign="middle" if holder else "top", containerId=holder["id"] if holder else None, lineHeight=LINE_HEIGHT,
            autoResize=True, boundElements=None,
        )  # fmt: skip
        if holder:
            holder["boundElements"].append({"id": name, "type": "text"})

    def wire(self, n: int, wire: Wire) -> None:
        (x0, y0), points = wire.points[0], wire.points
        local = [[_round((x - x0) * SCALE), _round((y - y0) * SCALE)] for x, y in points]
        name = f"{wire.kind}-{n}"
        xs, ys = zip(*points)
        self.add(
            "arrow", name, x0, y0, max(xs) - min(xs), max(ys) - min(ys), strokeColor=STREAM,
            strokeWidth=4 if wire.kind in ("shortcut", "loose") else 2, strokeStyle="dashed" if wire.kind == "loose" else "solid",
            points=local, lastCommittedPoint=None, startBinding=self.bound(name, wire.start, points[0]),
            endBinding=self.bound(name, wire.end, points[-1]), startArrowhead=None, endArrowhead="arrow" if wire.arrow else None, elbowed=False,
        )  # fmt: skip

    def bound(self, arrow: str, place: Place | None, at: tuple[float, float]) -> dict | None:
        """How an arrow's end is tied to a box, at the point where it touches it."""
        if place is None:
            return None
        holder = self.known[_name(place)]
        holder["boundElements"].append({"id": arrow, "type": "arrow"})
        inside = [(at[0] * SCALE - holder["x"]) / holder["width"], (at[1] * SCALE - holder["y"]) / holder["height"]]
        # exactly one half would leave it open which side is meant
        fixed = [_round(share) if abs(share - 0.5) > 1e-3 else 0.5001 for share in inside]
        return {"elementId": holder["id"], "focus": 0, "gap": 1, "fixedPoint": fixed, "mode": "orbit"}

    def note(self, name: str, note: Note) -> None:
        size = {"title": 28, "times": 20}.get(note.kind, 14)
        ink = palette.INK if note.kind in ("title", "times") else "#4B5563"
        self.text(name, note.says, note.x, note.y, size, ink, note.align, MONO if note.kind == "shape" else FONT)


def _name(place: Place) -> str:
    return "part-" + "-".join(str(step) for step in place if step != "")


def _round(value: float) -> float:
    return round(value, 3) + 0.0


def _number(name: str, what: str) -> int:
    """A whole number below 2³¹ that belongs to this name."""
    return int.from_bytes(hashlib.sha256(f"{name} {what}".encode()).digest()[:4], "big") % (2**31 - 1) + 1
