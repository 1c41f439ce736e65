"""The timed script: right to the second against exact fractions, each scene and the sum; too short and too long are said."""

import subprocess
import sys
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, strategies as st

from shared.learning.storyboard import Scene, clock, count_words, jargon, seconds_for, sentences, timed_script, words_in

counts = st.lists(st.integers(1, 120), min_size=1, max_size=9)
speeds = st.integers(60, 240)


def scenes_of(words):
    return [(f"scene {i}", " ".join(["word"] * n)) for i, n in enumerate(words)]


@given(counts, speeds)
def test_starts_and_the_sum_are_right_to_the_second(words, speed):
    script = timed_script(scenes_of(words), speed)
    exact = [Fraction(60 * sum(words[:i]), speed) for i in range(len(words) + 1)]
    rounded = [floor(e + Fraction(1, 2)) for e in exact]
    assert [s.start for s in script.scenes] == rounded[:-1] and script.seconds == rounded[-1]
    assert sum(s.seconds for s in script.scenes) == script.seconds and script.words == sum(words)
    for scene, n in zip(script.scenes, words):
        assert abs(scene.seconds - Fraction(60 * n, speed)) <= 1


def test_by_hand():
    script = timed_script(scenes_of([21] * 6), 130)  # 9.69 s each: 10 s six times would be 60 s
    assert script.seconds == 58 and [s.start for s in script.scenes] == [0, 10, 19, 29, 39, 48]
    assert [s.clock for s in script.scenes][:2] == ["0:00", "0:10"] and script.clock == "0:58"
    assert seconds_for(390, 130) == 180 and seconds_for(1, 120) == 1 and seconds_for(0, 130) == 0  # 0.5 goes up


@pytest.mark.parametrize("text, words", [
    ("The cat sat on the mat.", 6), ("feed-forward networks – two of them", 5), ("2,048 → 512", 2), ("", 0), ("— … !", 0),
    ("d_model is\n\t512", 3), ("don't", 1), ("été naïf", 2), ("_", 0),
])  # fmt: skip
def test_words_are_what_is_spoken(text, words):
    assert count_words(text) == words


@given(st.integers(1, 600), speeds)
def test_as_many_words_as_fit_and_not_one_more(seconds, speed):
    words = words_in(seconds, speed)
    assert Fraction(60 * words, speed) <= seconds < Fraction(60 * (words + 1), speed)


def test_too_short_and_too_long_are_said_for_each_scene():
    script = timed_script(scenes_of([2, 60, 100]), 120, shortest=8, longest=40)
    assert script.scenes[0].says.startswith("too short") and "add 14 words" in script.scenes[0].says  # 16 words are 8 s
    assert script.scenes[1].says == "" and script.scenes[2].says.endswith("cut 20 words")  # 80 words are 40 s
    assert "too long" in script.table() and "1:21" in script.table()


def test_following_the_advice_mends_the_scene():
    for speed in (97, 120, 131):
        for words in (3, 200):
            (scene,) = timed_script(scenes_of([words]), speed).scenes
            change = int(scene.says.split()[-2])
            mended = words + change if words == 3 else words - change
            assert timed_script(scenes_of([mended]), speed).scenes[0].says == "", (speed, words)


@pytest.mark.parametrize("words, says", [(400, "5 s over 3:00: cut 10 words"), (390, "exactly 3:00"), (388, "1 s to spare in 3:00")])
def test_the_whole_is_held_against_the_budget(words, says):
    assert timed_script(scenes_of([words]), 130).says == says


def test_the_script_to_read_from():
    text = timed_script([Scene("The block", "It adds."), ("Positions", "Waves tell the place.")], 60).markdown("My explainer")
    assert text.startswith("# My explainer\n\n0:06 at 60 words per minute.")
    assert "## 2 · Positions (0:02, 4 s)\n\nWaves tell the place." in text


def test_clock():
    assert [clock(s) for s in (0, 9, 60, 125, 3600)] == ["0:00", "0:09", "1:00", "2:05", "60:00"]


def test_sentences():
    assert sentences(" One. Two three?  Four! 3.5 is one ") == ["One.", "Two three?", "Four!", "3.5 is one"]


def test_jargon_finds_plurals_and_the_longer_word_first():
    known = ["query", "weight", "attention weight", "head", "layer", "MLP"]
    assert jargon("Queries set attention weights; a headline is no layer.", known) == ["query", "attention weight", "layer"]
    assert jargon("A weight, then an attention weight.", known) == ["weight", "attention weight"]
    assert jargon("Nothing here.", known) == []


@pytest.mark.parametrize("call, says", [
    (lambda: timed_script([]), "at least one scene"),
    (lambda: timed_script([("title", " – ")]), "scene 1: a scene's line"),
    (lambda: timed_script(["only a line"]), "scene 1 must be"),
    (lambda: timed_script([("", "word")]), "title"),
    (lambda: timed_script([("a", "b")], 30), "from 60 to 240"),
    (lambda: timed_script([("a", "b")], 130.5), "from 60 to 240"),
    (lambda: timed_script([("a", "b")], budget=0), "budget"),
    (lambda: timed_script([("a", "b")], shortest=50), "shortest"),
    (lambda: clock(-1), "from 0 up"), (lambda: clock(1.5), "from 0 up"), (lambda: words_in(-1), "from 0 up"),
    (lambda: seconds_for(True), "from 0 up"),
])  # fmt: skip
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_no_text_is_a_type_error():
    for call in (count_words, sentences):
        with pytest.raises(TypeError, match="string"):
            call(3)


def test_it_loads_no_torch():
    code = "import sys, shared.learning.storyboard; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
