"""The notes of the lines against the program itself, its shapes against a real model's, the drawing's parts, and what is refused."""

import inspect

import pytest
import torch
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from shared.attention import merge_heads
from shared.gpt import GPT, Block, CausalSelfAttention, FeedForward, GPTConfig
from shared.visuals import palette
from shared.visuals.model_code import BOXES, NOTES, PARTS, PASS, code_figure, code_lines, code_view, draw_model, draw_tensor, note_of, pass_frames, shape_of

SHOWN = (GPT.__init__, GPT.forward, GPT.hidden, GPT.embed, Block, CausalSelfAttention, FeedForward)
SIZES = dict(B=2, T=5, d=12, h=3, k=4, V=31, C=9, n=2)
WORDS = dict(alt="Each line of the program lights its own parts of the drawing.", caption="Choose a line.")


@pytest.mark.parametrize("piece", [p for p in SHOWN if p is not CausalSelfAttention] + [CausalSelfAttention.__init__, CausalSelfAttention.project, CausalSelfAttention.forward])
def test_every_line_that_is_shown_has_a_note_and_lights_parts_that_exist(piece):
    for line in code_lines(inspect.getsource(piece)):
        assert set(note_of(line).lights) <= set(PARTS) and note_of(line).says.endswith(".")


def test_no_note_is_left_over():
    lines = {line.strip() for piece in SHOWN for line in code_lines(inspect.getsource(piece))}
    assert set(NOTES) <= lines, "a note for a line that the program no longer has"


def test_docstrings_comments_and_blank_lines_are_dropped_and_code_is_kept():
    source = 'class A:\n    """Words.\n\n    More."""\n\n    x = "# no comment"\n    # a comment\n    def f(self):\n        "One."\n        return 1  # kept\n'
    assert code_lines(source) == ["class A:", '    x = "# no comment"', "    def f(self):", "        return 1  # kept"]
    assert code_lines("    def f():\n        return 1\n") == ["def f():", "    return 1"]


def test_the_shapes_of_the_notes_are_those_of_a_real_model():
    config = GPTConfig(vocab_size=31, context=9, n_layers=2, n_heads=3, d_model=12)
    model, ids = GPT(config), torch.zeros(2, 5, dtype=torch.long)
    x = model.embed(ids)
    attention = model.blocks[0].attention
    q, _, _ = attention.project(x)
    made = {
        "self.tokens = nn.Embedding(config.vocab_size, config.d_model)": model.tokens.weight,
        "self.positions = nn.Embedding(config.context, config.d_model)": model.positions.weight,
        "self.head.weight = self.tokens.weight": model.head.weight,
        "return self.tokens(ids[:, start:]) + self.positions.weight[start : ids.shape[1]]": x,
        "q, k, v = self.project(x)": q,
        "heads = F.scaled_dot_product_attention(q, k, v, is_causal=q.shape[-2] > 1)": torch.softmax(q @ q.mT, -1) @ q,
        "return self.out(merge_heads(heads))": attention.out(merge_heads(q)),
        "return x + self.feed_forward(self.norm_2(x))": model.blocks[0](x),
        "return self.final_norm(x)": model.hidden(ids),
        "return self.head(self.hidden(ids))": model(ids),
    }
    for line, tensor in made.items():
        assert shape_of(NOTES[line], SIZES) == tuple(tensor.shape), line


def colored(ax) -> set[str]:
    found = {}
    for patch in ax.patches:
        if (patch.get_gid() or "").startswith("part:"):
            found[patch.get_gid().split(":")[1]] = patch.get_facecolor()
    return {part for part, face in found.items() if face == to_rgba(palette.color(PARTS[part].concept))}


def test_just_the_asked_parts_are_colored():
    for lit in ([], ["qkv"], ["tokens", "head"], None):
        ax = Figure().subplots()
        draw_model(ax, lit)
        assert colored(ax) == (set(PARTS) if lit is None else set(lit))
    with pytest.raises(ValueError, match="tokenz"):
        draw_model(Figure().subplots(), ["tokenz"])


def test_no_two_boxes_overlap():
    for i, a in enumerate(BOXES):
        for b in BOXES[:i]:
            assert abs(a.x - b.x) >= (a.w + b.w) / 2 or abs(a.y - b.y) >= (a.h + b.h) / 2, (a.part, b.part)


@pytest.mark.parametrize(("shape", "sheets", "width"), [((1, 6, 768), 1, 768 * 0.16), ((6, 2304), 1, 2304 * 0.16), ((1, 12, 6, 64), 12, 12 * (64 * 0.16 + 5) - 5)])
def test_shapes_are_to_scale(shape, sheets, width):
    ax = Figure().subplots()
    wide, high = draw_tensor(ax, 10, 20, shape, "query")
    outlines = [p for p in ax.patches if not p.get_fill()]
    assert wide == pytest.approx(width) and high == 66 and len(outlines) == sheets


def test_a_side_that_is_too_long_is_cut_and_marked_and_tables_run_over_several_rows():
    ax = Figure().subplots()
    before = draw_tensor(ax, 0, 0, (6, 2000), "residual"), len(ax.lines)
    after = draw_tensor(ax, 0, 0, (6, 50257), "residual"), len(ax.lines) - before[1]
    assert after[0][0] == 380 > before[0][0] and after[1] == before[1] + 4
    assert draw_tensor(Figure().subplots(), 0, 0, (12, 6, 6), "attention", square=True)[1] > 2 * 66
    for wrong in ((6,), (2, 3, 4, 5), (0, 4)):
        with pytest.raises(ValueError, match="shape"):
            draw_tensor(Figure().subplots(), 0, 0, wrong, "query")


def test_the_film_wants_a_shape_for_each_step():
    assert len(pass_frames([(1, 6, 8)] * len(PASS))) == len(PASS)
    with pytest.raises(ValueError, match=f"{len(PASS)} steps"):
        pass_frames([(1, 6, 8)])


def test_the_page_says_what_is_chosen_and_refuses_what_it_does_not_know():
    page = code_view({"Block": inspect.getsource(Block)}, SIZES, start=("Block", 8), **WORDS)
    assert "x = x + self.attention(self.norm_1(x), cache)" in page.document and "(2, 5, 12)" in page.document
    for pieces, sizes, start, says in (
        ({}, SIZES, None, "pieces"),
        ({"A": "y = 1"}, SIZES, None, "y = 1"),
        ({"Block": inspect.getsource(Block)}, {"B": 1}, None, "sizes lacks T"),
        ({"Block": inspect.getsource(Block)}, SIZES, ("Block", 99), "start"),
    ):
        with pytest.raises(ValueError, match=says):
            code_view(pieces, sizes, start=start, **WORDS)


def test_a_still_of_one_piece():
    assert code_figure(inspect.getsource(FeedForward), ["up"], title="FeedForward", **WORDS).width == 900
