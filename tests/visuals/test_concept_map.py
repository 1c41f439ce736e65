"""Concept maps: nothing lies on anything else, every link joins ideas that exist, blanks are marked, and the alt text reads the map out."""

import itertools

import matplotlib.pyplot as plt
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from shared.visuals import concept_map as module
from shared.visuals.concept_map import WEEK_1, WEEK_2, WEEK_3, WEEK_4, ConceptMap, Idea, Link, concept_map, is_right

BLANKS = ("gradient descent", "embedding", "softmax", "attention weights", "add & norm", "word in context")


def drawn(monkeypatch, of=WEEK_1, **words):
    """The figure of a map, rendered, with its renderer."""
    kept = []
    with monkeypatch.context() as patched:
        patched.setattr(module, "figure", lambda drawing, **rest: kept.append((drawing, rest)))
        concept_map(of, caption="A map.", **words)
    drawing, rest = kept[0]
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    return drawing, canvas.get_renderer(), rest


def boxes(drawing, renderer, kind):
    """name → extent in pixels, for everything that is marked as an idea, its word or a link's words."""
    found = {}
    for artist in drawing.findobj(lambda a: str(a.get_gid() or "").startswith(f"{kind}:")):
        found[artist.get_gid()] = artist.get_window_extent(renderer)
    return found


WEEKS = pytest.mark.parametrize("week", [WEEK_1, WEEK_2, WEEK_3, WEEK_4], ids=["week 1", "week 2", "week 3", "week 4"])


@WEEKS
def test_nothing_lies_on_anything_else_and_all_is_on_the_card(monkeypatch, week):
    drawing, renderer, _ = drawn(monkeypatch, of=week)
    ideas, links = boxes(drawing, renderer, "idea"), boxes(drawing, renderer, "link")
    assert len(ideas) == len(week.ideas) and len(links) == len(week.links)
    for (a, one), (b, other) in itertools.combinations((ideas | links).items(), 2):
        assert not one.overlaps(other), f"{a} lies on {b}"
    for name, box in (ideas | links).items():
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= drawing.bbox.x1 and box.y1 <= drawing.bbox.y1, name


@pytest.mark.parametrize("mine", [{}, {letter: "a very long answer indeed" for letter in "ABCDEF"}])
def test_every_word_fits_into_its_box(monkeypatch, mine):
    drawing, renderer, _ = drawn(monkeypatch, blanks=BLANKS, mine=mine)
    ideas, names = boxes(drawing, renderer, "idea"), boxes(drawing, renderer, "word")
    for name, word in names.items():
        box = ideas[name.replace("word:", "idea:")]
        assert box.x0 <= word.x0 and word.x1 <= box.x1 and box.y0 <= word.y0 and word.y1 <= box.y1, name


@WEEKS
def test_straight_links_cross_no_idea(week):
    def place(name):
        return module._place(week.idea(name))

    for link in (link for link in week.links if not link.around):
        (x0, y0), (x1, y1) = place(link.start), place(link.end)
        for idea in (i for i in week.ideas if i.name not in (link.start, link.end)):
            x, y = module._place(idea)
            on_the_way = [(x0 + t * (x1 - x0) / 200, y0 + t * (y1 - y0) / 200) for t in range(201)]
            assert not any(abs(px - x) < module.BOX_W / 2 and abs(py - y) < module.BOX_H / 2 for px, py in on_the_way), (link, idea)


@WEEKS
def test_the_week_hangs_together(week):
    names = {idea.name for idea in week.ideas}
    assert len(names) == len(week.ideas)
    reached = {idea.name for idea in week.ideas if idea.goal}
    for _ in names:
        reached |= {link.start for link in week.links if link.end in reached}
    assert reached == names, "every idea leads to the goal"
    assert {idea.at[1] for idea in week.ideas} == set(range(len(week.days)))


def test_ideas_stand_on_the_day_that_taught_them():
    assert WEEK_1.day_of("embedding") == "Day 2" and WEEK_1.day_of("mask") == "Day 3"
    assert WEEK_2.day_of("RoPE") == "Day 2" and WEEK_2.day_of("LayerNorm") == "Day 5"
    assert WEEK_3.day_of("merges") == "Day 2" and WEEK_3.day_of("ablation") == "Day 4" and WEEK_3.day_of("KV cache") == "Day 6"
    assert WEEK_4.day_of("position") == "Week 2" and WEEK_4.day_of("causal mask") == "Week 3" and WEEK_4.day_of("LoRA") == "Week 4"


def test_the_alt_text_reads_the_map_out():
    alt = concept_map(WEEK_1, caption="The week.").alt
    assert "Day 2: embedding, dot product." in alt and "gradient descent trains embedding" in alt
    assert all(idea.name in alt for idea in WEEK_1.ideas)


def test_a_blank_tells_nothing_before_it_is_filled(monkeypatch):
    drawing, _, rest = drawn(monkeypatch, blanks=BLANKS)
    texts = [t.get_text() for t in drawing.findobj(plt.Text)]
    assert texts.count("?") == 6 and "softmax" not in texts and {"A", "B", "F"} <= set(texts)
    assert "softmax" not in rest["alt"] and "blank C" in rest["alt"] and rest["caption"] == "A map."


def test_answers_are_marked_and_counted(monkeypatch):
    drawing, _, rest = drawn(monkeypatch, blanks=BLANKS, mine={"A": "Gradient-Descent", "b": "table", "F": "", "D": "attention weight"})
    texts = [t.get_text() for t in drawing.findobj(plt.Text)]
    assert {"table ✗", "attention we… ✓"} <= set(texts) and texts.count("?") == 3
    assert rest["caption"].startswith("A map. 2 of 6 blanks right, 3 still open.")
    assert "table (blank B, not right)" in rest["alt"]


def test_the_first_wrong_answer_is_read_out_in_its_sentences():
    mine = {"A": "table", "B": "softmax", "C": "softmax"}
    caption = concept_map(WEEK_1, caption="A map.", blanks=BLANKS, mine=mine).caption
    assert "1 of 6 blanks right, 3 still open. Read A aloud: “loss steers table”, “table trains B”. Does each" in caption
    assert "gradient descent" not in caption and "embedding" not in caption, "it gives no blank away"
    assert "aloud" not in concept_map(WEEK_1, caption="A map.", blanks=BLANKS, mine={"C": "softmax"}).caption


@pytest.mark.parametrize("said, name, right", [
    ("Softmax", "softmax", True), ("add and norm", "add & norm", True), ("Add&Norm", "add & norm", True), ("queries", "query", True),
    ("attention weight", "attention weights", True), ("", "softmax", False), ("soft", "softmax", False), ("The query", "query", True),
    ("causal masks", "mask", True), ("Positional encoding", "position", True), ("query", "key", False), ("embedding table", "embedding", True),
])  # fmt: skip
def test_small_differences_and_other_names_do_not_matter(said, name, right):
    assert is_right(said, WEEK_1.idea(name)) == right


@WEEKS
def test_no_other_name_means_two_ideas(week):
    for idea in week.ideas:
        assert [i.name for i in week.ideas if any(is_right(name, i) for name in (idea.name, *idea.also))] == [idea.name]


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="'hat'"):
        concept_map(WEEK_1, caption="A map.", blanks=("hat",))
    with pytest.raises(ValueError, match="'C'"):
        concept_map(WEEK_1, caption="A map.", blanks=("mask", "key"), mine={"C": "x"})
    with pytest.raises(ValueError, match="'two'"):
        concept_map(ConceptMap("t", ("Day 1",), (Idea("one", (0, 0)),), (Link("one", "to", "two"),)), caption="A map.")


def test_the_same_map_gives_the_same_bytes():
    assert concept_map(WEEK_1, caption="A map.").png == concept_map(WEEK_1, caption="A map.").png


@WEEKS
def test_the_weeks_blanks_are_ideas_in_reading_order(week):
    places = [week.idea(name).at for name in week.blanks]
    assert len(places) == 6 and places == sorted(places, key=lambda at: (at[1], at[0]))


@WEEKS
def test_every_name_is_written_in_full(monkeypatch, week):
    drawing, _, _ = drawn(monkeypatch, of=week)
    assert {idea.name for idea in week.ideas} <= {t.get_text() for t in drawing.findobj(plt.Text)}
