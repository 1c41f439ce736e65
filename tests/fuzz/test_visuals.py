"""What draws, from angles to flowcharts: each function with fifty inputs that nobody would want; of what can be shown, the HTML too."""

from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from shared import gpt
from shared.architecture import ARCHITECTURES
from shared.learning.storyboard import timed_script
from shared.tracing import trace
from shared.visuals import (
    angle, attention_drawing, attention_flow, bars, bertviz, block_drawing, canvas, changes, concept_map, context_drawing, cost_view,
    diagram, diagram_svg, excalidraw, explorer, film, flow, flowchart_drawing,
)  # fmt: skip
from shared.visuals.course_map import course_map
from shared.visuals.figure import card, figure, words_in
from tests.fuzz.harness import bad_ends, good
from tests.fuzz.pictures import CHART, MAPS, SHARES, TITLE, TOKENS, VECTORS, WORDS, draws, no_pixels, png, shows  # noqa: F401

torch.manual_seed(0)
GPT2 = ARCHITECTURES["decoder-only"]
SMALL = ["token embedding", "fork", "norm", "attention", "add", "output"]
MODEL = gpt.GPT(gpt.GPTConfig(vocab_size=9, context=6, n_layers=1, n_heads=2, d_model=4)).eval()
TRACE = trace(MODEL, [1, 2, 3], tokens=TOKENS)
SCRIPT = timed_script([("One", "Words become rows."), ("Two", "Rows look at rows.")])
SHOT = png(30, 20)
MAP = concept_map.ConceptMap(
    "Two ideas", ("Day 1", "Day 2"), (concept_map.Idea("loss", (0.0, 0)), concept_map.Idea("softmax", (1.5, 1), "attention", also=("share",))),
    (concept_map.Link("loss", "steers", "softmax"),), ("softmax",),
)  # fmt: skip
BUILT = {
    block_drawing.Recipe(mix, ff, cut): block_drawing.Trained(2.0, "the cat")
    for mix in ("", "heads") for ff in (False, True) for cut in (False, True) if mix or ff or not cut
}  # fmt: skip


def chart_drawn(axes, **arguments: Any) -> None:
    flowchart_drawing.draw_flowchart(axes, flowchart_drawing.lay_out_chart(CHART), **arguments)


def diagram_drawn(axes, diagram_: list, **arguments: Any) -> None:
    diagram.draw_diagram(axes, diagram.lay_out(diagram_), **arguments)


CALLS = [
    shows(angle.angle_view, a=(3.0, 1.0), b=(1.0, 2.0), names=("a", "b"), **WORDS),
    good(angle.cosine_in_words, turn=30.0),
    shows(
        attention_drawing.attention_drawing, tokens=TOKENS, asks=1, scores=np.array([1.0, 2.0, 0.5]), weights=SHARES[2],
        notes={"query": "who asks"}, **TITLE,
    ),  # fmt: skip
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
    shows(
        diagram.diagrams, drawn={"one": SMALL, "two": GPT2}, shapes={"one": {("", 0): (3, 8)}}, lit={"one": [("", 0)]}, blanks=[("", 2)],
        rings={"two": [("", 1)]}, below={"one": "a\nb"}, **TITLE,
    ),  # fmt: skip
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
    shows(
        flowchart_drawing.flowcharts, charts={"one": CHART, "two": CHART[:3]}, caption="Charts.", words={"cut": "into pieces"},
        rings={"one": [1]}, kind="still", notes={"one": "it writes"},
    ),  # fmt: skip
    good(flowchart_drawing.read_out, chart=CHART, words={"cut": "into pieces"}),
    good(flowchart_drawing.flowchart_svg, chart=CHART, title="The loop", words={"cut": "into pieces"}),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_works_or_says_what_is_wrong(call):
    assert bad_ends(call) == []


def test_words_in_a_picture(tmp_path):
    path = figure(SHOT, **WORDS).save(tmp_path / "a.png")
    assert bad_ends(good(words_in, path=path)) == []
