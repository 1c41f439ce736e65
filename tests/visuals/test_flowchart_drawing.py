"""Flowcharts: every word lies in its box, the way back arrives where it should, PNG and SVG say the same, and bytes do not change."""

import itertools
import xml.etree.ElementTree as ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from shared.learning.flowchart import STEPS, Visit, enough
from shared.learning.plain_words import check_plain
from shared.visuals.flowchart_drawing import BOX_W, LANE, X, draw_flowchart, flowchart, flowchart_svg, flowcharts, lay_out_chart, read_out
from shared.visuals.loop_film import Moment, loop_frames
from shared.visuals.marked_text import marked_text

RIGHT = ["cut", "look up", "blocks", "votes", "chances", "pick", "append", enough(no="look up"), "join"]
LONG = {name: "words " * 9 + "w" for name in STEPS}
WIDE = {name: "W" * 60 for name in STEPS}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart, words=None, **rest):
    layout = lay_out_chart(chart, words)
    drawing = Figure(figsize=(layout.width / 100, layout.height / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, layout.width), ylim=(layout.height, 0))
    draw_flowchart(axes, layout, **rest)
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    return drawing, canvas.get_renderer(), layout


def test_boxes_do_not_touch_and_stand_in_the_order_of_the_chart():
    layout = lay_out_chart(RIGHT)
    for one, other in itertools.pairwise(layout.nodes):
        assert one.y + one.h / 2 + 10 <= other.y - other.h / 2
    assert [node.at for node in layout.nodes] == [-1, *range(9), -1] and layout.nodes[-1].y + layout.nodes[-1].h / 2 <= layout.height


@pytest.mark.parametrize("words", [None, LONG, WIDE])
def test_every_line_of_words_fits_into_its_box(words):
    drawing, renderer, layout = drawn(RIGHT, words)
    boxes = {a.get_gid(): a.get_window_extent(renderer) for a in drawing.findobj(lambda a: str(a.get_gid() or "").startswith("node:"))}
    said = drawing.findobj(lambda a: str(a.get_gid() or "").startswith("says:"))
    assert len(said) >= 11
    for text in said:
        box = boxes.get(text.get_gid().replace("says:", "node:"))
        if box is not None and text.get_gid() != "says:-1":
            extent = text.get_window_extent(renderer)
            assert box.x0 <= extent.x0 and extent.x1 <= box.x1 and box.y0 - 1 <= extent.y0 and extent.y1 <= box.y1 + 1, text.get_text()


@pytest.mark.parametrize("target", ["look up", "pick", "blocks"])
def test_the_way_back_arrives_at_its_target_in_the_svg(target):
    chart = [*RIGHT[:7], enough(no=target), "join"]
    layout = lay_out_chart(chart)
    tree = ElementTree.fromstring(flowchart_svg(chart, title="How GPT writes"))
    node = next(n for n in layout.nodes if n.name == target)
    roads = [path.get("d") for path in tree.iter(f"{SVG}path") if f"L{LANE:g} " in path.get("d")]
    assert len(roads) == 1 and roads[0].endswith(f"L{X + BOX_W / 2:g} {node.y:g}")


def test_the_svg_has_a_group_for_each_item_real_words_and_a_description():
    text = flowchart_svg(RIGHT, title="How GPT writes", words={"pick": "take <one> & go"})
    tree = ElementTree.fromstring(text)
    groups = [g.get("id") for g in tree.iter(f"{SVG}g") if g.get("id")]
    assert len(groups) == 11 and "step-look-up" in groups and "step-enough" in groups
    assert "take <one> & go" in [t.text for t in tree.iter(f"{SVG}text")]
    assert "once more from: look up" in tree.find(f"{SVG}desc").text
    assert text == flowchart_svg(RIGHT, title="How GPT writes", words={"pick": "take <one> & go"}) and "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_the_alt_text_reads_the_steps_out_in_order():
    alt = flowchart(RIGHT, title="How GPT writes", caption="The loop.").alt
    places = [alt.index(STEPS[name].says.split(":")[0]) for name in STEPS]
    assert places == sorted(places) and alt.startswith("How GPT writes.") and read_out(RIGHT) in alt


def test_a_wrong_way_back_is_drawn_too_and_a_ring_has_a_sign():
    drawing, _, _ = drawn([*RIGHT[:7], enough(no="nowhere"), "join"], rings=[7])
    texts = [t.get_text() for t in drawing.findobj(plt.Text)]
    assert "?" in texts and "✗" in texts


def test_two_side_by_side_and_the_same_bytes():
    both = flowcharts({"one": RIGHT, "other": RIGHT}, caption="Two.", notes={"one": "It writes."})
    assert both.width == 2 * flowchart(RIGHT, title="one", caption="x").width and "It writes." in both.alt
    assert both.png == flowcharts({"one": RIGHT, "other": RIGHT}, caption="Two.", notes={"one": "It writes."}).png


def test_bad_input_of_charts_is_named():
    for call, says in (
        (lambda: lay_out_chart(["cat"]), "'cat'"), (lambda: lay_out_chart(RIGHT, {"cat": "x"}), "'cat'"), (lambda: lay_out_chart(RIGHT, {"pick": "x" * 61}), "60 letters"),
        (lambda: flowcharts({}, caption="x"), "one or two"), (lambda: flowchart_svg(RIGHT, title=" "), "title"), (lambda: loop_frames(RIGHT, []), "at least one"),
        (lambda: loop_frames(RIGHT, [Moment(Visit(99, "cut", 1), ("a",), "x")]), "item 99")):  # fmt: skip
        with pytest.raises(ValueError, match=says):
            call()


# --- the film and the marked text ---------------------------------------------------------------------------------------


def test_film_frames_have_one_size_and_show_tokens_chances_and_the_picked_one():
    rows = np.linspace(-1, 1, 24).reshape(2, 12)
    moments = [
        Moment(Visit(1, "look up", 1), ("The", " dog"), "Rows.", rows=rows, what="numbers"),
        Moment(Visit(5, "pick", 1), ("The", " dog"), "Picked.", shares=((" ran", 0.6), (" sat", 0.3)), picked=" ran"),
        Moment(Visit(7, "enough?", 1), tuple("word" for _ in range(40)), "No.", way="no"),
    ]
    frames = loop_frames(RIGHT, moments)
    assert len({tuple(f.get_size_inches()) for f, _ in frames}) == 1 and [says for _, says in frames] == ["Rows.", "Picked.", "No."]
    texts = [t.get_text() for t in frames[1][0].findobj(plt.Text)]
    assert "60 % ← picked" in texts and "30 %" in texts and "␣ran" in texts
    for drawing, _ in frames:  # nothing leaves the sheet
        canvas = FigureCanvasAgg(drawing)
        canvas.draw()
        for text in drawing.findobj(plt.Text):
            box = text.get_window_extent(canvas.get_renderer())
            assert not text.get_text() or (box.x0 >= 0 and box.x1 <= drawing.bbox.x1 + 1 and box.y0 >= -1), text.get_text()


TEXT = "The softmax makes shares (out of logits), and so on and so on and so on and so on and so on and so on. A token is a piece. A head is autoregressive."


def test_marks_of_a_text_are_drawn_with_their_signs_and_read_out():
    checked = check_plain(TEXT, ["softmax", "logit", "token", "head"])
    picture = marked_text(checked, title="A text", caption="Marks.")
    assert "Not explained: softmax, logit." in picture.alt and "Explained in the text: token." in picture.alt and "Perhaps everyday words: head." in picture.alt
    assert "sentence 1 has 25 words" in picture.alt and "Long words: autoregressive." in picture.alt
    assert picture.png == marked_text(checked, title="A text", caption="Marks.").png


@pytest.mark.parametrize("text", ["W" * 200 + " and more.", "a " * 300, "日本語 🦊 <b>x</b> $y$ token.", "(token)"])
def test_any_text_can_be_drawn(text):
    assert marked_text(check_plain(text, ["token"]), title="t $x", caption="c").width <= 900


def test_bad_input_of_marked_text_is_named():
    with pytest.raises(TypeError, match="check_plain"):
        marked_text("text", title="t", caption="c")
    with pytest.raises(ValueError, match="title"):
        marked_text(check_plain("A cat.", ["cat"]), title=" ", caption="c")
