"""What draws, from graphs to walks: each function with fifty inputs that nobody would want; of what can be shown, the HTML too."""

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from shared import gpt
from shared.learning.flowchart import Visit
from shared.learning.plain_words import check_plain
from shared.visuals import (
    graph, head_switches, heatmap, label_diagram, live, loop_film, marked_text, matrices, model_code, neuron, norm_cells, palette, point_map,
    position_clocks, poster, query_key, ripple, shaded_text, soft_dictionary, text, token_boxes, token_view, towers, two_readers, walk,
)  # fmt: skip
from shared.visuals.figure import figure
from shared.visuals.stepper import map_stepper, stepper
from tests.fuzz.harness import bad_ends, good
from tests.fuzz.pictures import CHART, MAPS, SHARES, TITLE, TOKENS, VECTORS, WORDS, draws, no_pixels, shows  # noqa: F401

CHECKED = check_plain("GPT guesses the next token. A token is a piece of a word. It uses softmax.")
SET = ([[1.0, 0.5], [-1.0, 0.2], [0.3, -2.0]], [1, 0, 0])
HIDDEN = two_readers.Hidden(("the", "cat", "sat"), 1, {"cat": 0.6, "dog": 0.1}, {"man": 0.2}, (0.6, 0.05))
LEFT = matrices.Matrix("X", np.ones((3, 4)), "residual", rows=TOKENS)
RIGHT = matrices.Matrix("W_q", np.full((4, 2), 0.5), "query", row_unit="features")
PRODUCT = matrices.Matrix("Q", np.full((3, 2), 2.0), "query", rows=TOKENS)
STEP = walk.Step("Queries", "A row times a column.", LEFT, RIGHT, PRODUCT)
SOFTMAX = walk.Step("Shares", "Each row.", LEFT, None, matrices.Matrix("A", np.full((3, 4), 0.25), "attention"), how="softmax")
POINTS = np.random.default_rng(1).normal(size=(5, 3))
NAMES = ["cat", "dog", "cow", "red", "blue"]
GROUPS = ["animal", "animal", "animal", "color", "color"]
LOOKS = {"animal": ("query", "o"), "color": ("value", "s")}
MOMENT = loop_film.Moment(
    Visit(3, "votes", 1), ("the", "cat"), "The model votes.", True, np.ones((2, 3)), "rows", (("sat", 0.7), ("ran", 0.3)), True, "sat", "yes"
)
SIZES = dict(B=1, T=3, d=8, h=2, k=4, V=11, C=6, n=1)
STILL = figure(Figure(figsize=(1, 1)), kind="interactive", **WORDS)
LOSSES = {"tales": np.array([1.0, 1.2, 1.1, 1.3, 1.0])}
PROMPT = head_switches.Prompt("the cat", ["sat", "ran"], np.full((5, 2), 0.5))
MERGED = {"cat": ("c", "at", 2), "at": ("a", "t", 1)}


def matrix_drawn(axes, **arguments: Any) -> None:
    matrices.draw_matrix(axes, matrices.Matrix(**arguments), 0.0, 0.0)


CALLS = [
    draws(
        graph.draw_graph, places={"x": (0.0, 0.0), "y": (1.0, 1.0)}, edges=[("x", "y")], values={"x": 2.0}, slopes={"y": 1.0},
        lit=[("x", "y")], backward=True,
    ),  # fmt: skip
    shows(head_switches.head_switches, layers=2, heads=2, losses=LOSSES, prompts=[PROMPT], start=(1, 0), **WORDS),
    shows(heatmap.attention_heatmap, weights=np.stack([SHARES, SHARES]), tokens=TOKENS, titles=["one", "two"], keys=TOKENS, ring=(1, 0), **TITLE),
    draws(heatmap.draw_heatmap, values=SHARES - 0.5, rows=TOKENS, columns=TOKENS, signed=True, ring=(1, 0), numbers=True, labels=10.0),
    shows(label_diagram.label_the_diagram, **WORDS),
    good(live.live, ["still"], widgets=["a widget"], still=STILL),
    shows(loop_film.loop_frames, chart=CHART, moments=[MOMENT]),
    shows(marked_text.marked_text, ["checked"], checked=CHECKED, title="Marks", caption="Marked.", kind="still"),
    draws(
        matrix_drawn, name="X", values=np.ones((3, 4)), concept="residual", rows=TOKENS, columns=list("abcd"), row_unit="tokens",
        column_unit="features",
    ),  # fmt: skip
    good(matrices.drawn_values, matrix=LEFT, feature_px=0.5),
    shows(matrices.matrices_figure, lines=[[LEFT, "×", RIGHT, "=", PRODUCT]], feature_px=0.5, **TITLE),
    draws(model_code.draw_model, lit=["attention"], n_layers=12, bold=True),
    good(model_code.code_lines, source=inspect.getsource(gpt.Block)),
    good(model_code.note_of, line="x = block(x, cache)"),
    good(model_code.shape_of, ["note"], note=model_code.note_of("x = block(x, cache)"), sizes=SIZES),
    shows(model_code.code_figure, source=inspect.getsource(gpt.FeedForward), lit=["up"], n_layers=12, **TITLE),
    shows(model_code.code_view, pieces={"Block": inspect.getsource(gpt.Block)}, sizes=SIZES, start=("Block", 1), **WORDS),
    draws(model_code.draw_tensor, x=0.0, y=0.0, shape=[2, 3, 8], concept=["query", "key"], square=True),
    # 17 drawings a call: half a second
    replace(shows(model_code.pass_frames, shapes=[(1, 3, 8)] * len(model_code.PASS), n_layers=2), calls=6),
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
    shows(
        ripple.ripple, rows=[("with", [("rows", "residual", SHARES), ("mixed", "value", np.ones((3, 8)))])], tokens=TOKENS, changed=1, upto=2,
        title="A ripple",
    ),  # fmt: skip
    shows(shaded_text.shaded_text, tokens=TOKENS, values=np.ones((2, 3)), names=["one", "two"], concept="attention", what="activation", **WORDS),
    draws(shaded_text.draw_shaded_text, words=TOKENS, values=np.ones(3), concept="attention", title="one"),
    shows(
        soft_dictionary.soft_dictionary, keys=POINTS[:3, :2], values=POINTS[:3, 1:], names=["a", "b", "c"], value_names=["x", "y", "z"],
        query=np.array([1.0, 0.5]), query_name="q", **WORDS,
    ),  # fmt: skip
    good(soft_dictionary.shares, query=POINTS[0], keys=POINTS),
    draws(soft_dictionary.draw_arrow, tip=(1.0, 2.0), concept="key", name="k", width=2.0),
    shows(stepper, frames=lambda: [(Figure(figsize=(1, 1)), "at first"), (Figure(figsize=(1, 1)), "then")], start=1, **WORDS),
    shows(map_stepper, maps=MAPS[0], tokens=TOKENS, says=["at first", "then"], keys=TOKENS, start=1, **WORDS),
    good(text.visible, token=" can"),
    good(text.label, token=" can 🦊"),
    shows(token_boxes.tokens_drawing, rows={"one": [["c", "at"], ["s", "at"]]}, title="Tokens", lit=["at"], plain=["c"], lines=2, by_token=True),
    draws(token_boxes.draw_merge_tree, tokens=["cat", "s"], halves=MERGED),
    shows(
        token_view.token_view, pairs={"mine": [(b"a", b"t"), (b"c", b"at")]}, pieces={"word": ["[UNK]", "a"]}, text="the cat",
        tokens=["the", " cat"], examples={"one": "a cat"}, **WORDS,
    ),  # fmt: skip
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
