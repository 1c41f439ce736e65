"""Everything that draws, each function with fifty inputs that nobody would want; of what can be shown, the HTML too.

Pictures are laid out as always, every text measured, but not turned into pixels, which would take many times as long.
"""

import functools
import inspect
import io
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from PIL import Image

from shared import gpt
from shared.architecture import ARCHITECTURES
from shared.learning.flowchart import Visit, enough
from shared.learning.plain_words import check_plain
from shared.learning.storyboard import timed_script
from shared.tracing import trace
from shared.visuals import (
    angle, attention_drawing, attention_flow, bars, bertviz, block_drawing, canvas, changes, concept_map, context_drawing, cost_view,
    diagram, diagram_svg, excalidraw, explorer, film, flow, flowchart_drawing, graph, head_switches, heatmap, label_diagram, live, loop_film,
    marked_text, matrices, model_code, neuron, norm_cells, palette, point_map, position_clocks, poster, query_key, ripple, shaded_text,
    soft_dictionary, text, token_boxes, token_view, towers, two_readers, walk,
)  # fmt: skip
from shared.visuals.course_map import course_map
from shared.visuals.figure import card, figure, saved, words_in
from shared.visuals.stepper import map_stepper, stepper
from tests.fuzz.harness import Good, bad_ends, good


RULER = RendererAgg(100, 100, 100)  # measures every word of a drawing; one for all, because it remembers what it has measured
for way in [name for name in dir(RULER) if name.startswith("draw_")]:
    setattr(RULER, way, lambda *_, **__: None)  # and draws nothing
EVERY = 4  # of so many drawings one is laid out: that takes longer than all the rest
COUNTED = itertools.count()


def laid_out(drawing: Figure, out: io.BytesIO | None = None, dpi: int = 100, **_: Any) -> None:
    """In the place of `savefig`: once all of it has found its place, a white image with the drawing's proportions."""
    if dpi <= 100 and next(COUNTED) % EVERY == 0:
        drawing.set_layout_engine("none")  # it would only move things about, many times over
        drawing.draw(RULER)
    if out is not None:
        Image.new("RGB", [max(1, round(10 * side)) for side in drawing.get_size_inches()], "white").save(out, format="PNG")


def png(wide: int, high: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (wide, high), "white").save(out, format="PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def no_pixels(monkeypatch):
    monkeypatch.setattr(Figure, "savefig", laid_out)


def shows(function: Callable, _keep: tuple[str, ...] = (), **arguments: Any) -> Good:
    """A good call whose result is shown, too: a page or picture as HTML, a drawing or frames with a place for all of their words."""

    @functools.wraps(function)
    def call(**given: Any) -> None:
        made = function(**given)
        for one in made if isinstance(made, list) else [made]:
            drawing = one[0] if isinstance(one, tuple) else one
            if isinstance(drawing, Figure):
                saved(drawing, 100)
            getattr(one, "html", None)

    return good(call, _keep, **arguments)


def draws(function: Callable, _keep: tuple[str, ...] = (), **arguments: Any) -> Good:
    """A good call of a function that draws into axes, which are given to it and shown."""

    @functools.wraps(function)
    def call(**given: Any) -> None:
        drawing = Figure(figsize=(3, 3), layout="none")
        function(drawing.add_axes((0, 0, 1, 1)), **given)
        saved(drawing, 100)

    return good(call, _keep, **arguments)


torch.manual_seed(0)
WORDS = dict(alt="What one learns from it.", caption="A caption.")
TITLE = dict(title="What it says", **WORDS)
TOKENS = ["the", "cat", "sat"]
SHARES = np.array([[1.0, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]])
MAPS = np.stack([np.stack([SHARES, SHARES]), np.stack([SHARES, SHARES])])  # (layers, heads, T, T)
VECTORS = np.random.default_rng(0).normal(size=(1, 2, 3, 4))
GPT2 = ARCHITECTURES["decoder-only"]
SMALL = ["token embedding", "fork", "norm", "attention", "add", "output"]
MODEL = gpt.GPT(gpt.GPTConfig(vocab_size=9, context=6, n_layers=1, n_heads=2, d_model=4)).eval()
TRACE = trace(MODEL, [1, 2, 3], tokens=TOKENS)
CHART = ["cut", "look up", "blocks", "votes", "chances", "pick", "append", enough(no="look up"), "join"]
SCRIPT = timed_script([("One", "Words become rows."), ("Two", "Rows look at rows.")])
CHECKED = check_plain("GPT guesses the next token. A token is a piece of a word. It uses softmax.")
SHOT = png(30, 20)
MAP = concept_map.ConceptMap(
    "Two ideas", ("Day 1", "Day 2"), (concept_map.Idea("loss", (0.0, 0)), concept_map.Idea("softmax", (1.5, 1), "attention", also=("share",))),
    (concept_map.Link("loss", "steers", "softmax"),), ("softmax",),
)  # fmt: skip
BUILT = {
    block_drawing.Recipe(mix, ff, cut): block_drawing.Trained(2.0, "the cat")
    for mix in ("", "heads") for ff in (False, True) for cut in (False, True) if mix or ff or not cut
}  # fmt: skip
SET = ([[1.0, 0.5], [-1.0, 0.2], [0.3, -2.0]], [1, 0, 0])
HIDDEN = two_readers.Hidden(("the", "cat", "sat"), 1, {"cat": 0.6, "dog": 0.1}, {"man": 0.2}, (0.6, 0.05))
LEFT, RIGHT = matrices.Matrix("X", np.ones((3, 4)), "residual", rows=TOKENS), matrices.Matrix("W_q", np.full((4, 2), 0.5), "query", row_unit="features")
PRODUCT = matrices.Matrix("Q", np.full((3, 2), 2.0), "query", rows=TOKENS)
STEP = walk.Step("Queries", "A row times a column.", LEFT, RIGHT, PRODUCT)
SOFTMAX = walk.Step("Shares", "Each row.", LEFT, None, matrices.Matrix("A", np.full((3, 4), 0.25), "attention"), how="softmax")
POINTS = np.random.default_rng(1).normal(size=(5, 3))
NAMES = ["cat", "dog", "cow", "red", "blue"]
GROUPS = ["animal", "animal", "animal", "color", "color"]
LOOKS = {"animal": ("query", "o"), "color": ("value", "s")}
MOMENT = loop_film.Moment(Visit(3, "votes", 1), ("the", "cat"), "The model votes.", True, np.ones((2, 3)), "rows", (("sat", 0.7), ("ran", 0.3)), True, "sat", "yes")
SIZES = dict(B=1, T=3, d=8, h=2, k=4, V=11, C=6, n=1)
STILL = figure(Figure(figsize=(1, 1)), kind="interactive", **WORDS)
LOSSES = {"tales": np.array([1.0, 1.2, 1.1, 1.3, 1.0])}
PROMPT = head_switches.Prompt("the cat", ["sat", "ran"], np.full((5, 2), 0.5))
MERGED = {"cat": ("c", "at", 2), "at": ("a", "t", 1)}


def matrix_drawn(axes, **arguments: Any) -> None:
    matrices.draw_matrix(axes, matrices.Matrix(**arguments), 0.0, 0.0)


def chart_drawn(axes, **arguments: Any) -> None:
    flowchart_drawing.draw_flowchart(axes, flowchart_drawing.lay_out_chart(CHART), **arguments)


def diagram_drawn(axes, diagram_: list, **arguments: Any) -> None:
    diagram.draw_diagram(axes, diagram.lay_out(diagram_), **arguments)


CALLS = [
    shows(angle.angle_view, a=(3.0, 1.0), b=(1.0, 2.0), names=("a", "b"), **WORDS),
    good(angle.cosine_in_words, turn=30.0),
    shows(attention_drawing.attention_drawing, tokens=TOKENS, asks=1, scores=np.array([1.0, 2.0, 0.5]), weights=SHARES[2], notes={"query": "who asks"}, **TITLE),
    draws(attention_flow.draw_attention_flow, blanks=["w_q", "mix"]),
    shows(attention_flow.attention_flow, blanks=["w_q"], **TITLE),
    shows(attention_flow.label_the_flow, **attention_flow.ONE_HEAD, **WORDS),
    shows(bars.probability_bars, panels={"before": {"cat": 0.7, "dog": 0.3}}, xlabel="chance", notes=["one", "two"], **TITLE),
    shows(bertviz.bertviz_head_view, tokens=TOKENS, attentions=MAPS, keys=TOKENS, layer=1),
    shows(bertviz.bertviz_model_view, tokens=TOKENS, attentions=MAPS, second=1),
    shows(bertviz.bertviz_neuron_view, tokens=TOKENS, attentions=MAPS[:1], queries=VECTORS, keys=VECTORS, layer=0, head=1),
    good(block_drawing.Recipe, mix="heads", feed_forward=True, shortcuts=True, seats=True),
    good(block_drawing.lit, recipe=block_drawing.Recipe("heads"), part="mix"),
    draws(block_drawing.draw_block, recipe=block_drawing.Recipe("heads", True), new="mix", blank=False),
    good(block_drawing.says, box=block_drawing.TOWER[2], recipe=block_drawing.Recipe("heads")),
    shows(block_drawing.block_picture, recipe=block_drawing.Recipe("heads"), notes=[(280.0, "the past, mixed")], **TITLE),
    shows(block_drawing.block_builder, models=BUILT, even=4.0, floor=1.0, start=block_drawing.Recipe("heads"), **WORDS),
    good(block_drawing.name_of, recipe=block_drawing.Recipe("heads", True, True)),
    shows(canvas.canvas_view, name="sketch_1", start=SHOT, **WORDS),
    shows(changes.changes_figure, old=("old", SMALL), new=("new", GPT2), arrows=[(("", 0), ("", 0), "same"), (None, ("", 1), "new\nhere")], **TITLE),
    shows(changes.table_figure, columns=["model", "size"], rows=[["GPT", 12], ["BERT", 7]], marked=[(0, 1)], bands=[1], width=500, **TITLE),
    good(changes.table_markdown, columns=["model", "size"], rows=[["GPT", 12], ["BERT|x", 7]]),
    shows(concept_map.concept_map, of=MAP, caption="A map.", blanks=["softmax"], mine={"A": "shares"}),
    good(MAP.day_of, name="loss"),
    good(concept_map.letter_of, place=2),
    good(concept_map.is_right, said="softmaxes", idea=MAP.ideas[1]),
    shows(context_drawing.context_drawing, texts=[(["a", "river", "bank"], [0.2, 0.5, 0.3]), (["my", "money", "bank"], [0.1, 0.6, 0.3])], **TITLE),
    good(cost_view.head_width, d_model=512),
    good(cost_view.kv_heads, n_heads=12, sharing="quarter"),
    shows(cost_view.cost_view, n_layers=12, d_model=768, context=1024, batch=1, bytes_each=2, sharing="all", text=1e9, **WORDS),
    draws(cost_view.draw_costs, n_layers=12, d_model=768, context=1024, batch=1, bytes_each=2, sharing="all"),
    shows(course_map, week=1, day=3),
    good(diagram.lay_out, diagram=SMALL, shapes={("", 0): (3, 8)}, least_height=10.0),
    draws(diagram_drawn, diagram_=SMALL, at=(1.0, 2.0), lit=[("", 0)], ghosts=[("", 1)], blanks=[("", 2)], rings=[("", 3)]),
    shows(diagram.diagrams, drawn={"one": SMALL, "two": GPT2}, shapes={"one": {("", 0): (3, 8)}}, lit={"one": [("", 0)]}, blanks=[("", 2)], rings={"two": [("", 1)]}, below={"one": "a\nb"}, **TITLE),
    shows(diagram.diagrams_figure, drawn={"one": SMALL}, title="Parts", ghosts=[("", 1)]),
    good(diagram_svg.diagram_svg, diagram=SMALL, title="Parts", description="What is where.", shapes={("", 0): (3, 8)}),
    good(excalidraw.excalidraw_scene, diagram=SMALL, title="Parts", shapes={("", 0): (3, 8)}),
    good(excalidraw.excalidraw_text, scene=excalidraw.excalidraw_scene(SMALL[:1], title="Parts")),
    shows(explorer.attention_view, tokens=TOKENS, attentions=MAPS, second=1, layer=1, head=1, measures={"mine": np.ones((2, 2))}, **WORDS),
    shows(explorer.attention_view, tokens=TOKENS, attentions=list(MAPS), keys=["die", "Katze", "saß"], layer=0, head=0),
    good(explorer.shown, token=" the"),
    shows(figure, picture=lambda: Figure(figsize=(1, 1)), kind="still", width=300, **WORDS),
    shows(figure, picture=SHOT, **WORDS),
    good(card, inside="<p>", caption="A caption.", kind="still"),
    shows(film.film, ["script"], pictures=[SHOT, SHOT], script=SCRIPT, caption="A film.", width=360),
    shows(film.storyboard_sheet, ["script"], pictures=[SHOT, SHOT], script=SCRIPT, title="The plan", caption="A sheet."),
    good(film.wrap, text="words in a row", font=film._font(14), width=60.0),
    good(film.drawable, text="a fox 🦊"),
    shows(flow.flow_view, ["model"], model=MODEL, text_or_ids=[1, 2, 3], layer=0, head=1, **WORDS),
    shows(flow.flow_page, ["trace"], trace=TRACE, layer=0, head=1, **WORDS),
    good(flowchart_drawing.lay_out_chart, chart=CHART, words={"cut": "into pieces"}),
    draws(chart_drawn, at=(1.0, 2.0), lit=[0, 1], rings=[2], way="yes", size=10.0),
    shows(flowchart_drawing.flowchart, chart=CHART, title="The loop", caption="A chart.", words={"cut": "into pieces"}, rings=[1], kind="still"),
    shows(flowchart_drawing.flowcharts, charts={"one": CHART, "two": CHART[:3]}, caption="Charts.", words={"cut": "into pieces"}, rings={"one": [1]}, kind="still", notes={"one": "it writes"}),
    good(flowchart_drawing.read_out, chart=CHART, words={"cut": "into pieces"}),
    good(flowchart_drawing.flowchart_svg, chart=CHART, title="The loop", words={"cut": "into pieces"}),
    draws(graph.draw_graph, places={"x": (0.0, 0.0), "y": (1.0, 1.0)}, edges=[("x", "y")], values={"x": 2.0}, slopes={"y": 1.0}, lit=[("x", "y")], backward=True),
    shows(head_switches.head_switches, layers=2, heads=2, losses=LOSSES, prompts=[PROMPT], start=(1, 0), **WORDS),
    shows(heatmap.attention_heatmap, weights=np.stack([SHARES, SHARES]), tokens=TOKENS, titles=["one", "two"], keys=TOKENS, ring=(1, 0), **TITLE),
    draws(heatmap.draw_heatmap, values=SHARES - 0.5, rows=TOKENS, columns=TOKENS, signed=True, ring=(1, 0), numbers=True, labels=10.0),
    shows(label_diagram.label_the_diagram, **WORDS),
    good(live.live, ["still"], widgets=["a widget"], still=STILL),
    shows(loop_film.loop_frames, chart=CHART, moments=[MOMENT]),
    shows(marked_text.marked_text, ["checked"], checked=CHECKED, title="Marks", caption="Marked.", kind="still"),
    draws(matrix_drawn, name="X", values=np.ones((3, 4)), concept="residual", rows=TOKENS, columns=list("abcd"), row_unit="tokens", column_unit="features"),
    good(matrices.drawn_values, matrix=LEFT, feature_px=0.5),
    shows(matrices.matrices_figure, lines=[[LEFT, "×", RIGHT, "=", PRODUCT]], feature_px=0.5, **TITLE),
    draws(model_code.draw_model, lit=["attention"], n_layers=12, bold=True),
    good(model_code.code_lines, source=inspect.getsource(gpt.Block)),
    good(model_code.note_of, line="x = block(x, cache)"),
    good(model_code.shape_of, ["note"], note=model_code.note_of("x = block(x, cache)"), sizes=SIZES),
    shows(model_code.code_figure, source=inspect.getsource(gpt.FeedForward), lit=["up"], n_layers=12, **TITLE),
    shows(model_code.code_view, pieces={"Block": inspect.getsource(gpt.Block)}, sizes=SIZES, start=("Block", 1), **WORDS),
    draws(model_code.draw_tensor, x=0.0, y=0.0, shape=[2, 3, 8], concept=["query", "key"], square=True),
    shows(model_code.pass_frames, shapes=[(1, 3, 8)] * len(model_code.PASS), n_layers=2),
    shows(neuron.neuron_view, sets={"one": SET}, weights=(1.0, 0.5), bias=0.1, **WORDS),
    draws(neuron.draw_neuron, weights=(1.0, 0.5), bias=0.1, points=np.array(SET[0]), labels=np.array(SET[1])),
    draws(neuron.draw_dots, points=np.array(SET[0]), labels=np.array(SET[1]), size=40.0),
    good(norm_cells.normalized, table=np.ones((2, 2, 3)), norm="BatchNorm"),
    shows(norm_cells.norm_cells, table=np.arange(12.0).reshape(2, 2, 3) / 4, tokens=[["a", "b"], ["c", "d"]], **WORDS),
    draws(norm_cells.draw_norm_group, norm="LayerNorm", table=np.ones((2, 2, 3)), tokens=[["a", "b"], ["c", "d"]], cell=(0, 1, 1)),
    *(good(look, concept="key") for look in (palette.color, palette.letter, palette.outline, palette.words, palette.weights_map)),
    shows(point_map.point_map, names=NAMES, vectors=POINTS, maps={"flat": POINTS[:, :2]}, groups=GROUPS, looks=LOOKS, k=2, start="dog", **WORDS),
    good(point_map.true_neighbors, vectors=POINTS, k=2),
    good(point_map.kept_neighbors, vectors=POINTS, points=POINTS[:, :2], k=2),
    draws(point_map.draw_points, points=POINTS[:, :2], names=NAMES, groups=GROUPS, looks=LOOKS, chosen=1, near=[0, 2], size=26.0),
    draws(point_map.draw_points, points=POINTS[:, :2], names=NAMES, groups=GROUPS, looks=LOOKS),
    shows(position_clocks.position_clocks, d_model=4, position=3, base=100, **WORDS),
    shows(position_clocks.clocks_film, positions=[0, 1], says=["at first", "then"], d_model=4, base=100.0, start=1, **WORDS),
    good(position_clocks.angles, positions=np.arange(3), d_model=4, base=100.0),
    good(position_clocks.look_alike, position=3, d_model=4, base=100.0, places=20),
    draws(position_clocks.draw_clock, angle=1.0, name="pair 0", turns=True, numbers=True),
    shows(position_clocks.clocks_drawing, position=3, d_model=4, base=100.0, title="place 3"),
    shows(poster.shapes_poster, lines=[("1", "look up", (3, 4), LEFT), ("", "vote", (2,), PRODUCT)], **TITLE),
    shows(query_key.query_key_view, tokens=TOKENS, queries=VECTORS, keys=VECTORS, layer=0, head=1, query=2, key=1, causal=True, **WORDS),
    good(query_key.shares_of, query=VECTORS[0, 0, 0], keys=VECTORS[0, 0]),
    draws(query_key.draw_products, products=VECTORS[0, 0], names=TOKENS, ring=1),
    draws(query_key.draw_stairs, products=VECTORS[0, 0, 0]),
    shows(ripple.ripple, rows=[("with", [("rows", "residual", SHARES), ("mixed", "value", np.ones((3, 8)))])], tokens=TOKENS, changed=1, upto=2, title="A ripple"),
    shows(shaded_text.shaded_text, tokens=TOKENS, values=np.ones((2, 3)), names=["one", "two"], concept="attention", what="activation", **WORDS),
    draws(shaded_text.draw_shaded_text, words=TOKENS, values=np.ones(3), concept="attention", title="one"),
    shows(soft_dictionary.soft_dictionary, keys=POINTS[:3, :2], values=POINTS[:3, 1:], names=["a", "b", "c"], value_names=["x", "y", "z"], query=np.array([1.0, 0.5]), query_name="q", **WORDS),
    good(soft_dictionary.shares, query=POINTS[0], keys=POINTS),
    draws(soft_dictionary.draw_arrow, tip=(1.0, 2.0), concept="key", name="k", width=2.0),
    shows(stepper, frames=lambda: [(Figure(figsize=(1, 1)), "at first"), (Figure(figsize=(1, 1)), "then")], start=1, **WORDS),
    shows(map_stepper, maps=MAPS[0], tokens=TOKENS, says=["at first", "then"], keys=TOKENS, start=1, **WORDS),
    good(text.visible, token=" can"),
    good(text.label, token=" can 🦊"),
    shows(token_boxes.tokens_drawing, rows={"one": [["c", "at"], ["s", "at"]]}, title="Tokens", lit=["at"], plain=["c"], lines=2, by_token=True),
    draws(token_boxes.draw_merge_tree, tokens=["cat", "s"], halves=MERGED),
    shows(token_view.token_view, pairs={"mine": [(b"a", b"t"), (b"c", b"at")]}, pieces={"word": ["[UNK]", "a"]}, text="the cat", tokens=["the", " cat"], examples={"one": "a cat"}, **WORDS),
    draws(towers.draw_links, queries=TOKENS, keys=TOKENS, weights=SHARES, title="who asks"),
    draws(towers.draw_norm_order, order="pre-LN", part="attention"),
    draws(two_readers.draw_looks, tokens=TOKENS, mask=SHARES > 0, row=1, size=11.0),
    shows(two_readers.hidden_word_view, sentences=[[HIDDEN]], names=("BERT", "GPT"), start=0, **WORDS),
    shows(walk.product_view, left=LEFT, right=RIGHT, result=PRODUCT, divided_by=1.0, says="A row times a column.", **WORDS),
    shows(walk.walk_view, steps=[STEP, SOFTMAX], **WORDS),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_works_or_says_what_is_wrong(call):
    assert bad_ends(call) == []


def test_words_in_a_picture(tmp_path):
    path = STILL.save(tmp_path / "a.png")
    assert bad_ends(good(words_in, path=path)) == []
