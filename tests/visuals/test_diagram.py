"""Diagrams: every part at its place and none on another, gray lines that leave and come back, files that are what they claim."""

import json
import math
import re
import xml.etree.ElementTree as ET

import pytest

from shared.architecture import ARCHITECTURES, SIZES, block, places, shapes
from shared.visuals.diagram import diagrams, diagrams_figure, draw_diagram, lay_out
from shared.visuals.diagram_svg import diagram_svg
from shared.visuals.excalidraw import excalidraw_scene, excalidraw_text
from shared.visuals.label_diagram import BLANKS, EXTRA, label_the_diagram
from tests.visuals.test_page import data_of

WORDS = dict(alt="Parts that stand on each other, and gray lines around them.", caption="A diagram.")
TOKENS = {"": 6, "encoder": 6, "decoder": 7}
KINDS = list(ARCHITECTURES)
WRONG = ["token embedding", block(["fork", "norm", "masked attention", "add", "add", "fork", "feed-forward"], 3), "norm"]


def noted(kind: str) -> dict:
    return shapes(ARCHITECTURES[kind], SIZES[kind], TOKENS)


# --- the layout -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_stands_once_above_the_one_before_it_and_none_on_another(kind):
    layout = lay_out(ARCHITECTURES[kind], noted(kind))
    assert [box.place for box in layout.boxes] == [place for place, _ in places(ARCHITECTURES[kind])]
    for tower in {box.place[0] for box in layout.boxes}:
        column = [box for box in layout.boxes if box.place[0] == tower]
        for lower, upper in zip(column, column[1:]):
            assert upper.y + upper.h / 2 + 10 <= lower.y - lower.h / 2, (lower.place, upper.place)
    for box in layout.boxes:
        assert box.w / 2 < box.x < layout.width - box.w / 2 and box.h / 2 < box.y < layout.height - box.h / 2


@pytest.mark.parametrize("kind", KINDS)
def test_gray_lines_join_each_fork_with_its_add(kind):
    layout = lay_out(ARCHITECTURES[kind])
    at = {box.place: box for box in layout.boxes}
    lines = [wire for wire in layout.wires if wire.kind == "shortcut"]
    assert len(lines) == sum(name == "fork" for _, name in places(ARCHITECTURES[kind]))
    for line in lines:
        fork, add = at[line.start], at[line.end]
        assert fork.role == "fork" and add.role == "add" and add.y < fork.y and line.points[0][1] == fork.y and line.points[-1][1] == add.y
        between = [box for box in layout.boxes if add.y < box.y < fork.y and box.place[0] == fork.place[0]]
        assert sum(box.role == "worker" for box in between) == 1 and all(box.x + box.w / 2 < line.points[1][0] for box in between)
    assert not [wire for wire in layout.wires if wire.kind == "loose"]


def test_the_memory_goes_from_the_encoder_to_the_cross_attention():
    layout = lay_out(ARCHITECTURES["encoder-decoder"])
    (memory,) = (wire for wire in layout.wires if wire.kind == "memory")
    at = {box.place: box for box in layout.boxes}
    assert at[memory.end].says == "Cross-attention" and memory.start[0] == "encoder" and at[memory.start].says == "Norm"
    assert min(point[1] for point in memory.points) < at[memory.start].y


def test_a_wrong_diagram_is_drawn_with_its_loose_end():
    layout = lay_out(WRONG)
    assert [wire.kind for wire in layout.wires].count("loose") == 1 and "?" in [note.says for note in layout.notes]
    for nonsense, words in ((["atention"], "did you mean 'attention'"), ([], "at least one part"), ({"a": []}, "two towers")):
        with pytest.raises(ValueError, match=words):
            lay_out(nonsense)
    with pytest.raises(TypeError, match="a list of parts"):
        lay_out("norm")


def test_notes_stand_beside_their_arrows_and_not_on_a_part():
    for kind in KINDS:
        layout = lay_out(ARCHITECTURES[kind], noted(kind))
        written = [note for note in layout.notes if note.kind == "shape"]
        assert len(written) == len([1 for place in noted(kind) if place[1] == -1]) + sum(box.role != "fork" for box in layout.boxes)
        for note in written:
            for box in layout.boxes:
                apart = abs(note.y - box.y) >= box.h / 2 + 6 or not box.x - box.w / 2 - 60 < note.x < box.x + box.w / 2 or box.role == "fork"
                assert apart, (kind, note, box)


# --- the picture ------------------------------------------------------------------------------------------------------


def words_of(drawing) -> list[str]:
    return [text.get_text() for text in drawing.axes[0].texts if text.get_text()]


def test_blanks_ghosts_and_lights():
    kind = "decoder-only"
    everything = words_of(diagrams_figure({"GPT-2": ARCHITECTURES[kind]}))
    assert everything.count("Norm") == 3 and "× 12" in everything
    blank = words_of(diagrams_figure({"GPT-2": ARCHITECTURES[kind]}, blanks=[("", 2, 1), ("", 3)]))
    assert blank.count("Norm") == 1 and {"1", "2"} <= set(blank)
    ghost = words_of(diagrams_figure({"GPT-2": ARCHITECTURES[kind]}, ghosts=[("", 2, 1), ("", 3)]))
    assert ghost.count("Norm") == 1 and "1" not in ghost
    one, other = (diagrams({"x": ARCHITECTURES[kind]}, lit={"x": lit}, **WORDS).png for lit in (set(), {("", 2, 2)}))
    assert one != other == diagrams({"x": ARCHITECTURES[kind]}, lit={"x": {("", 2, 2)}}, **WORDS).png
    assert diagrams({"x": WRONG}, rings={"x": [("", 1, 4)]}, below={"x": "one\ntwo"}, **WORDS).width <= 900


def test_diagrams_stand_on_one_line():
    from matplotlib.figure import Figure

    drawing = diagrams_figure({kind: ARCHITECTURES[kind] for kind in KINDS})
    feet = [text.get_position()[1] for text in drawing.axes[0].texts if text.get_text() in ("words", "source", "target so far")]
    assert len(feet) == 4 and len(set(feet)) == 1
    ax = Figure().add_subplot()
    draw_diagram(ax, lay_out(ARCHITECTURES["decoder-only"]), at=(10, 20))
    assert len(ax.patches) > 10


def test_the_blanks_have_labels_that_exclude_each_other():
    data = data_of(label_the_diagram(**WORDS))
    assert len(data["blanks"]) == len(BLANKS) == 8 and len(data["labels"]) == 8 + len(EXTRA) == len(set(data["labels"]))
    assert data["width"] < 420 and all(blank["why"] and blank["answer"] in data["labels"] for blank in data["blanks"])
    known = dict(places(ARCHITECTURES["decoder-only"]))
    for place, (label, _) in BLANKS.items():
        assert known[place] in label or (known[place], label) == ("output", "linear + softmax")


# --- SVG --------------------------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", KINDS)
def test_svg_holds_every_part_as_text_with_words_for_screen_readers(kind):
    text = diagram_svg(ARCHITECTURES[kind], title="A & B", description="What <one> learns.", shapes=noted(kind))
    root = ET.fromstring(text)
    assert root.tag == SVG + "svg" and root.find(SVG + "title").text == "A & B" and root.find(SVG + "desc").text == "What <one> learns."
    assert root.get("aria-labelledby") == "title description"
    said = [element.text for element in root.iter(SVG + "text")]
    layout = lay_out(ARCHITECTURES[kind], noted(kind))
    for box in layout.boxes:
        assert not box.says or box.says in said
    assert sum(group.get("id", "").startswith("part-") for group in root.iter(SVG + "g")) == len(layout.boxes)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) and "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text == diagram_svg(ARCHITECTURES[kind], title="A & B", description="What <one> learns.", shapes=noted(kind))


def test_svg_needs_words():
    for given in (dict(title="", description="x"), dict(title="x", description=" ")):
        with pytest.raises(ValueError, match="must say something"):
            diagram_svg(ARCHITECTURES["decoder-only"], **given)


# --- Excalidraw: what its types.ts and restore.ts ask of a file ----------------------------------------------------------

HEX = re.compile(r"#[0-9A-Fa-f]{6}$")
BASE = {
    "id": str, "type": str, "x": (int, float), "y": (int, float), "width": (int, float), "height": (int, float), "angle": (int, float),
    "strokeColor": str, "backgroundColor": str, "fillStyle": str, "strokeWidth": (int, float), "strokeStyle": str, "roughness": (int, float),
    "opacity": (int, float), "groupIds": list, "frameId": (str, type(None)), "index": (str, type(None)), "roundness": (dict, type(None)),
    "seed": int, "version": int, "versionNonce": int, "isDeleted": bool, "boundElements": (list, type(None)), "updated": int,
    "link": (str, type(None)), "locked": bool,
}  # fmt: skip
TEXT = {
    "text": str, "originalText": str, "fontSize": (int, float), "fontFamily": int, "textAlign": str, "verticalAlign": str,
    "containerId": (str, type(None)), "lineHeight": float, "autoResize": bool,
}  # fmt: skip
ARROW = {
    "points": list, "startBinding": (dict, type(None)), "endBinding": (dict, type(None)), "startArrowhead": (str, type(None)),
    "endArrowhead": (str, type(None)), "lastCommittedPoint": (list, type(None)), "elbowed": bool,
}  # fmt: skip
OWN = {"rectangle": {}, "ellipse": {}, "diamond": {}, "text": TEXT, "arrow": ARROW}
BINDABLE = ("rectangle", "ellipse", "diamond", "text")
ARROWHEADS = {None, "arrow", "bar", "circle", "circle_outline", "triangle", "triangle_outline", "diamond", "diamond_outline"}


def scene_faults(scene: dict) -> list[str]:
    """Everything in a scene that Excalidraw's format does not allow, or that its editor would repair or drop."""
    found = []
    if (scene.get("type"), scene.get("version")) != ("excalidraw", 2) or not isinstance(scene.get("source"), str):
        found.append("type, version or source")
    if not isinstance(scene.get("appState"), dict) or not isinstance(scene.get("files"), dict):
        found.append("appState or files")
    elements = scene.get("elements")
    if not isinstance(elements, list):
        return [*found, "elements"]
    known = {element.get("id"): element for element in elements}
    if len(known) < len(elements):
        found.append("an id is used twice")
    for element in elements:
        name = element.get("id")
        if element.get("type") not in OWN:
            found.append(f"{name}: type {element.get('type')}")
            continue
        wanted = BASE | OWN[element["type"]]
        found += [f"{name}: no {key}" for key in wanted if key not in element]
        found += [f"{name}: unknown {key}" for key in element if key not in wanted]
        for key, kind in wanted.items():
            value = element.get(key)
            if key in element and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool) or (isinstance(value, float) and not math.isfinite(value))):
                found.append(f"{name}: {key}={value!r}")
        if any(line.startswith(f"{name}: ") for line in found):
            continue
        found += [f"{name}: {what}" for what in _values(element) + _ties(element, known)]
    return found


def _values(e: dict) -> list[str]:
    found = [key for key, allowed in {
        "fillStyle": {"solid", "hachure", "cross-hatch", "zigzag"}, "strokeStyle": {"solid", "dashed", "dotted"}, "roughness": {0, 1, 2},
    }.items() if e[key] not in allowed]  # fmt: skip
    found += [key for key in ("strokeColor", "backgroundColor") if e[key] != "transparent" and not HEX.match(e[key])]
    found += [key for key in ("seed", "version", "versionNonce") if not 0 < e[key] < 2**31]
    if not e["id"] or e["width"] < 0 or e["height"] < 0 or e["strokeWidth"] <= 0 or not 0 <= e["opacity"] <= 100 or e["isDeleted"]:
        found.append("id, size, width of the stroke, opacity or deleted")
    if e["roundness"] is not None and e["roundness"].get("type") not in (1, 2, 3):
        found.append("roundness")
    if e["type"] == "text":
        if not e["text"] or e["text"] != e["originalText"] or e["fontSize"] <= 0 or e["fontFamily"] not in (1, 2, 3, 5, 6, 7, 8, 9):
            found.append("text, originalText, fontSize or fontFamily")
        if e["textAlign"] not in ("left", "center", "right") or e["verticalAlign"] not in ("top", "middle", "bottom") or not 1 <= e["lineHeight"] <= 2:
            found.append("textAlign, verticalAlign or lineHeight")
    if e["type"] == "arrow":
        xs, ys = zip(*e["points"])
        if len(e["points"]) < 2 or e["points"][0] != [0, 0] or not {e["startArrowhead"], e["endArrowhead"]} <= ARROWHEADS:
            found.append("points or arrowheads")
        if abs(max(xs) - min(xs) - e["width"]) > 0.01 or abs(max(ys) - min(ys) - e["height"]) > 0.01:
            found.append("points do not fit width and height")
    return found


def _ties(e: dict, known: dict) -> list[str]:
    """Bindings go both ways, and to elements that can be bound."""
    found = []
    for tie in e["boundElements"] or []:
        other = known.get(tie.get("id"), {})
        back = [other.get("containerId")] if tie.get("type") == "text" else [(other.get(end) or {}).get("elementId") for end in ("startBinding", "endBinding")]
        if other.get("type") != tie.get("type") or e["id"] not in back:
            found.append(f"bound to {tie}, which does not know it")
    if e["type"] == "text" and e["containerId"] is not None:
        holder = known.get(e["containerId"], {})
        if {"id": e["id"], "type": "text"} not in (holder.get("boundElements") or []) or e["verticalAlign"] != "middle":
            found.append("its container does not know it")
        elif not (holder["x"] <= e["x"] and e["x"] + e["width"] <= holder["x"] + holder["width"]):
            found.append("it is wider than its container")
    for end in ("startBinding", "endBinding") if e["type"] == "arrow" else ():
        tie = e[end]
        if tie is None:
            continue
        if set(tie) != {"elementId", "focus", "gap", "fixedPoint", "mode"} or tie["mode"] not in ("orbit", "inside", "skip") or not -1 <= tie["focus"] <= 1:
            found.append(f"{end}: {tie}")
        holder = known.get(tie["elementId"], {})
        if holder.get("type") not in BINDABLE or {"id": e["id"], "type": "arrow"} not in (holder.get("boundElements") or []):
            found.append(f"{end} to {tie['elementId']}, which does not know it")
            continue
        # where the fixed point says, the arrow ends
        dx, dy = e["points"][0 if end == "startBinding" else -1]
        fx, fy = tie["fixedPoint"]
        if math.hypot(holder["x"] + fx * holder["width"] - e["x"] - dx, holder["y"] + fy * holder["height"] - e["y"] - dy) > 0.5:
            found.append(f"{end} does not end at its fixed point")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_scenes_keep_excalidraws_format(kind):
    scene = excalidraw_scene(ARCHITECTURES[kind], title="A diagram", shapes=noted(kind))
    assert scene_faults(scene) == []
    text = excalidraw_text(scene)
    assert json.loads(text) == scene and text == excalidraw_text(excalidraw_scene(ARCHITECTURES[kind], title="A diagram", shapes=noted(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_label_of_a_scene_can_be_rewritten_and_every_line_follows(kind):
    layout = lay_out(ARCHITECTURES[kind])
    elements = excalidraw_scene(ARCHITECTURES[kind], title="A diagram")["elements"]
    bound = [e["text"] for e in elements if e["type"] == "text" and e["containerId"]]
    assert sorted(bound) == sorted(box.says for box in layout.boxes if box.says)
    arrows = [e for e in elements if e["type"] == "arrow"]
    assert len(arrows) == len(layout.wires)
    for arrow, wire in zip(arrows, layout.wires):
        assert (arrow["startBinding"] is None, arrow["endBinding"] is None) == (wire.start is None, wire.end is None)
        assert wire.kind == "stream" or arrow["startBinding"]
    loose = [e for e in excalidraw_scene(WRONG, title="wrong")["elements"] if e["strokeStyle"] == "dashed"]
    assert len(loose) == 1 and loose[0]["endBinding"] is None
    assert scene_faults(excalidraw_scene(WRONG, title="wrong")) == []


def broken(change) -> list[str]:
    scene = excalidraw_scene(ARCHITECTURES["decoder-only"], title="A diagram")
    by = {e["id"]: e for e in scene["elements"]}
    change(scene, by)
    return scene_faults(scene)


@pytest.mark.parametrize("change", [
    lambda s, by: s.update(version=3),
    lambda s, by: s.pop("files"),
    lambda s, by: s["elements"].append(dict(by["part-0"])),
    lambda s, by: by["part-0"].pop("seed"),
    lambda s, by: by["part-0"].update(seed=2**31),
    lambda s, by: by["part-0"].update(strokeColor="gray"),
    lambda s, by: by["part-0"].update(boundElements=[]),
    lambda s, by: by["part-0-label"].update(containerId="part-1"),
    lambda s, by: by["part-0-label"].update(containerId=None),
    lambda s, by: by["part-0-label"].update(originalText="other"),
    lambda s, by: by["part-0-label"].update(width=500),
    lambda s, by: by["stream-1"].update(startBinding=None),
    lambda s, by: by["stream-1"]["endBinding"].update(elementId="part-9"),
    lambda s, by: by["stream-1"]["endBinding"].update(fixedPoint=[0.1, 0.1]),
    lambda s, by: by["stream-1"].update(points=[[1, 0], [0, -5]]),
    lambda s, by: by["stream-1"].update(endArrowhead="tip"),
    lambda s, by: by["part-0"].update(x=float("nan")),
    lambda s, by: by["part-0"].update(hue="red"),
])  # fmt: skip
def test_the_validator_can_fail(change):
    assert broken(lambda s, by: None) == [] and broken(change)


def test_a_scene_needs_a_title():
    with pytest.raises(ValueError, match="title must say something"):
        excalidraw_scene(ARCHITECTURES["decoder-only"], title=" ")

