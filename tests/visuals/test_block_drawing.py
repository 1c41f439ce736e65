"""The block that grows: what is there is lit and ringed, what is missing is an outline, and the page gets every measured model."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.block_drawing import LEAVES, MIXES, PLUSES, TOWER, Recipe, Trained, block_builder, block_picture, draw_block, lit, name_of
from tests.visuals.test_page import data_of

WORDS = dict(alt="Each way to assemble the block has its loss; all parts together have the lowest.", caption="Switch parts on and off.")
EVEN, FLOOR = 5.9, 0.7


def models(**changes):
    ways = [Recipe(mix, ff, cut) for mix in ("", "average", "heads") for ff in (False, True) for cut in (False, True) if mix or ff or not cut]
    return {recipe: Trained(3.0 - 0.1 * i, f"text {i}") for i, recipe in enumerate(ways)} | changes.get("more", {})


def drawn(recipe, new="", blank=False):
    axes = Figure().subplots()
    draw_block(axes, recipe, new, blank)
    return axes


def boxes(axes):
    return [patch for patch in axes.patches if (patch.get_gid() or "").startswith("part:")]


def test_lit_parts_are_filled_in_their_color_and_missing_ones_are_outlines():
    axes = drawn(Recipe("heads", feed_forward=False, shortcuts=True))
    for box, patch in zip(TOWER, boxes(axes), strict=True):
        there = lit(Recipe("heads", False, True), box.part)
        assert to_hex(patch.get_facecolor()).upper() == (palette.color(box.concept) if there else palette.CARD), box
    dashed = [patch for patch in boxes(axes) if patch.get_linestyle() not in ("-", "solid")]
    assert [patch.get_gid() for patch in dashed] == ["part:feed-forward:False"]


def test_a_shortcut_runs_only_where_there_is_a_part_to_go_around():
    def runs(recipe):
        return [line.get_gid() == "shortcut:True" for line in drawn(recipe).lines if line.get_gid()]

    assert runs(Recipe("heads", True, True)) == [True, True]
    assert runs(Recipe("heads", False, True)) == [True, False]
    assert runs(Recipe("heads", True, False)) == [False, False]
    assert runs(Recipe("", False, True)) == [False, False]


def test_a_shortcut_leaves_below_the_norm_and_ends_above_its_part():
    # y grows downwards: the road runs from large y to small y
    for (plus, part), leave in zip(PLUSES, LEAVES):
        at = next(i for i, box in enumerate(TOWER) if box.part == part)
        norm, body = TOWER[at - 1], TOWER[at]
        assert norm.says == "norm" and leave > norm.y + norm.half > body.y + body.half > body.y - body.half > plus


def test_boxes_do_not_touch_and_stand_from_the_word_to_the_votes():
    for below, above in zip(TOWER, TOWER[1:]):
        assert below.y - below.half > above.y + above.half + 4


def test_what_is_new_has_a_thick_dark_ring():
    for new in ("mix", "feed-forward", "shortcuts", "seats"):
        ringed = [p.get_gid() for p in boxes(drawn(Recipe("heads", True, True), new)) if p.get_linewidth() > 2]
        expected = {"seats": ["part::True"]}.get(new, [f"part:{new}:True"] * sum(box.part == new for box in TOWER))
        assert ringed == expected, new
    with pytest.raises(ValueError, match="new must be one of"):
        drawn(Recipe(), "wheels")


def test_the_words_follow_the_recipe_and_a_blank_tower_has_none():
    for mix, words in MIXES.items():
        said = [text.get_text() for text in drawn(Recipe(mix)).texts]
        assert words in said and "word + seat" in said
    assert "word" in [text.get_text() for text in drawn(Recipe(seats=False)).texts]
    assert [t for t in drawn(Recipe("heads", True, True), blank=True).texts if t.get_text()] == []


def test_a_recipe_with_an_unknown_mix_is_refused():
    with pytest.raises(ValueError, match="mix must be one of"):
        Recipe("convolution")
    assert name_of(Recipe("average", True, True)) == "average of the past + feed-forward + shortcuts, norms"
    assert name_of(Recipe()) == "word alone"


def test_every_measured_model_reaches_the_page_as_it_is():
    given = models()
    data = data_of(block_builder(given, even=EVEN, floor=FLOOR, start=Recipe("heads"), **WORDS))
    arrived = {Recipe(mix, ff, cut): (loss, text) for mix, ff, cut, loss, text in data["models"]}
    assert arrived == {recipe: (one.loss, one.text) for recipe, one in given.items()}
    assert data["start"] == ["heads", False, False] and [mix for mix, _ in data["mixes"]] == ["", "average", "heads"]


def test_text_of_a_model_cannot_leave_its_place():
    page = block_builder(models(more={Recipe("heads"): Trained(1.0, "</script><b>x")}), even=EVEN, floor=FLOOR, **WORDS)
    assert "</script><b>" not in page.document.split('id="data">')[1].split("</script>")[0]


@pytest.mark.parametrize("change, words", [
    (lambda m: m.pop(Recipe("average", True, False)), "models lacks"),
    (lambda m: m.update({Recipe("heads"): Trained(float("nan"), "x")}), "the loss of"),
    (lambda m: m.update({Recipe("heads"): Trained(12.0, "x")}), "the loss of"),
])  # fmt: skip
def test_what_is_missing_or_no_loss_is_named(change, words):
    given = models()
    change(given)
    with pytest.raises(ValueError, match=words):
        block_builder(given, even=EVEN, floor=FLOOR, **WORDS)
    with pytest.raises(ValueError, match="start must be one of"):
        block_builder(models(), even=EVEN, floor=FLOOR, start=Recipe("head"), **WORDS)


def test_the_still_picture_grows_wider_for_its_notes():
    plain = block_picture(Recipe("heads", True, True), title="The block", **WORDS)
    noted = block_picture(Recipe("heads", True, True), title="The block", notes=[(288, "words meet here")], **WORDS)
    assert noted.width > plain.width and np.isclose(noted.width, 680) and plain.png != noted.png
