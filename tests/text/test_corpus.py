"""The tiny tales: their entropy against a million sampled tokens, their recognizer against stories that were spoiled on purpose."""

import math
import random
import re
import statistics

import pytest

from shared.text import (
    entropy_per_story, entropy_per_token, is_story, read_story, spelled, stories, tokens_per_story, vocabulary, words_of,
)  # fmt: skip
from shared.text.echoes import echo
from shared.text.tales import FAMILIES, TALES

MANY = stories(300, seed=11)


def test_the_entropy_is_the_mean_surprise_of_a_million_tokens():
    rng, surprises, lengths = random.Random(5), [], []
    while sum(lengths) < 1_000_000:
        words, surprise = TALES.draw(rng)
        surprises.append(surprise)
        lengths.append(len(words) + 1)
    error = statistics.stdev(surprises) / math.sqrt(len(surprises))
    assert abs(statistics.mean(surprises) - entropy_per_story()) < 4 * error
    assert abs(statistics.mean(lengths) - tokens_per_story()) < 4 * statistics.stdev(lengths) / math.sqrt(len(lengths))
    # narrow enough to notice a draw of one word in sixteen that is counted but never said: ln 16 = 2.8 nats
    assert 4 * error < 1.5
    assert entropy_per_token() == pytest.approx(entropy_per_story() / tokens_per_story())


def test_every_story_has_one_reading_and_the_recognizer_knows_its_chance():
    rng = random.Random(6)
    for _ in range(150):
        words, surprise = TALES.draw(rng)
        reading = read_story(spelled(words))
        assert reading.complete and reading.readings == 1
        assert sum(reading.surprises) + reading.end_surprise == pytest.approx(surprise, abs=1e-9)


def test_the_recognizer_accepts_what_the_generator_writes():
    assert all(is_story(story) for story in MANY[:100])
    assert len(set(MANY)) == len(MANY)


# each takes a story and spoils it, or returns None where this story has nothing to spoil
def _first_sub(pattern: str, to: str):
    def spoil(story: str) -> str | None:
        spoiled, count = re.subn(pattern, to, story, count=1)
        return spoiled if count else None

    return spoil


def _other_pronoun(story: str) -> str:
    pairs = {"his": "her", "her": "his"}
    return re.sub(r"\btook (his|her)\b", lambda m: "took " + pairs[m[1]], story, count=1)


def _hero_renamed(story: str) -> str:
    hero = next(word for word in words_of(story) if word in FAMILIES["girl"].split() + FAMILIES["boy"].split())
    family = FAMILIES["girl" if hero in FAMILIES["girl"].split() else "boy"].split()
    other = next(name for name in family if name != hero)
    place = story.index(hero, story.index(hero) + 1)
    return story[:place] + other + story[place + len(hero) :]


def _color_changed_late(story: str) -> str | None:
    found = re.search(r"dreamed of the (\w+)|Where is my (\w+)|Now \w+ had a (\w+)", story)
    if not found:
        return None
    word = found[found.lastindex]
    other = next(color for color in FAMILIES["color"].split() if color != word)
    return story[: found.start(found.lastindex)] + other + story[found.end(found.lastindex) :]


def _song_changed(story: str) -> str | None:
    found = re.search(r"song: (\w+) (\w+)([^,]*), (\w+) (\w+)", story)
    if not found:
        return None
    return story[: found.start(4)] + f"{found[2]} {found[1]}" + story[found.end(5) :]


SPOILERS = {
    "stops early": lambda story: story[:-1],
    "stops a sentence early": lambda story: story[: story.rindex(".", 0, -1) + 1],
    "goes on": lambda story: story + " Then they went home.",
    "told twice": lambda story: story + " " + story,
    "a word twice": _first_sub(r"\bthe ", "the the "),
    "an unknown word": _first_sub(r"\b(park|beach|castle|farm|forest|garden|lake|market|meadow|mill|school|village)\b", "office"),
    "the other pronoun": _other_pronoun,
    "a hero by another name": _hero_renamed,
    "one was": _first_sub(r"\bwas\b", "were"),
    "many were": _first_sub(r"\bwere\b", "was"),
    "a color that changed": _color_changed_late,
    "a song in another order": _song_changed,
    "the wrong voice": _first_sub(r"said (?!quack)\w+,", "said quack,"),
    "the wrong remedy": _first_sub(r"stopped to (?!nap)\w+", "stopped to nap"),
    "words in another order": lambda story: story.replace("One ", "", 1),
    "no capital": lambda story: story[0].lower() + story[1:],
    "a comma too many": _first_sub(r" and ", ", and, "),
}


@pytest.mark.parametrize("name", SPOILERS)
def test_the_recognizer_rejects_spoiled_stories(name):
    spoiled = [bad for story in MANY if (bad := SPOILERS[name](story)) is not None and bad != story]
    assert len(spoiled) >= 20, "too few stories to spoil in this way"
    accepted = [bad for bad in spoiled[:40] if is_story(bad)]
    assert not accepted, accepted[0]


@pytest.mark.parametrize("text", ["", " ", MANY[0] + " ", MANY[0].replace(" ", "  ", 1), MANY[0].replace(".", " .", 1), "\n" + MANY[0]])
def test_spaces_count(text):
    assert not is_story(text)


def test_the_sentences_of_the_course_can_be_said():
    def said_after(start: str, sentence: str) -> bool:
        reading = read_story(start + " " + sentence + ".")
        return reading.refused is None

    start = re.match(r"(.*? to the [^.]*\.)", stories(1, seed=1)[0])[1]
    assert said_after(start, "The cat sat on the mat")
    assert said_after(start + " The cat sat on the mat.", "The animal didn't cross the street because it was too tired")
    assert said_after(start + " The cat sat on the mat.", "The animal didn't cross the street because it was too wide")
    assert not said_after(start, "The mat sat on the cat")


def test_stories_are_short_and_the_vocabulary_is_that_of_a_child():
    lengths = [len(words_of(story)) for story in MANY]
    assert 60 < min(lengths) and max(lengths) < 250, "a context of 256 holds every story"
    assert 300 <= len(vocabulary()) <= 600
    assert {word for story in MANY for word in words_of(story)} <= set(vocabulary())


def test_stories_are_the_same_for_the_same_seed():
    assert stories(3, seed=1) == stories(3, seed=1) != stories(3, seed=2)
    assert stories(3, seed=1) == stories(5, seed=1)[:3]
    assert stories(0) == []
    with pytest.raises(ValueError, match="count must not be negative"):
        stories(-1)


def test_spelling_is_undone_exactly():
    assert spelled(["Where", "didn", "'t", "it", "?", "Yes", ",", "it", ":", "."]) == "Where didn't it? Yes, it:."
    assert all(spelled(words_of(story)) == story for story in MANY)


def test_some_places_are_certain_and_the_others_are_not():
    reading = read_story(MANY[0])
    certain = sum(surprise < 1e-12 for surprise in reading.surprises)
    assert 0.3 < certain / len(reading.surprises) < 0.9


# --- echoes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("longest", [3, 8, 60])
def test_an_echo_says_its_lines_again(longest):
    rng = random.Random(longest)
    rows = [echo(range(1, 400), 257, longest, rng, mark=0) for _ in range(50)]
    assert all(len(row) == 257 for row in rows)
    periods = []
    for row in rows:
        # the first line comes back at once: its length is the smallest shift that fits for that many words
        period = next(n for n in range(3, 62) if row[:n] == row[n : 2 * n])
        periods.append(period)
    assert min(periods) >= 3 and max(periods) <= longest + 1
    if longest == 60:
        assert max(periods) > 30 and min(periods) < 8, "short and long lines both come"


def test_echo_refuses_nothing_to_say():
    with pytest.raises(ValueError, match="need words"):
        echo([], 10, 8, random.Random(0), mark=0)
    with pytest.raises(ValueError, match="longest=2"):
        echo([1], 10, 2, random.Random(0), mark=0)
