"""A grammar against what can be worked out by hand or by listing every text that it can say."""

import math
import random
from collections import Counter

import pytest

from shared.text.grammar import Choice, Grammar, Pick, Say, evenly

ANIMALS = {"animal": ("cat", "dog", "hen"), "bird": ("duck", "crow"), "color": ("red", "blue")}
FORMS = {name: {"voice": voice} for name, voice in dict(cat="meow", dog="woof", hen="cluck", duck="quack", crow="caw").items()}

# "the cat saw the duck . meow" or "the cat slept . red cat": an animal and a bird, a voice asked late, a choice of 3 : 1
SMALL = Grammar(
    ("the", Pick("animal", "one"), Choice(
        (0.75, ("saw", "the", Pick("bird", "two"), ".", evenly(Say("one", "voice"), Say("two", "voice")))),
        (0.25, ("slept", ".", Pick("color"), Say("one"))),
    )),
    ANIMALS, FORMS,
)  # fmt: skip


def every_text(grammar: Grammar) -> dict[tuple[str, ...], float]:
    """Each text of a small grammar with its probability, by going down every branch."""
    found: Counter = Counter()
    open_ = [((), grammar.begin(), 1.0)]
    while open_:
        words, state, chance = open_.pop()
        for step in grammar.steps(state):
            if step.word is None:
                found[words] += chance * step.probability
            else:
                open_.append(((*words, step.word), step.state, chance * step.probability))
    return dict(found)


def test_the_small_grammar_says_what_was_written_down():
    texts = every_text(SMALL)
    assert len(texts) == 3 * 2 * 2 + 3 * 2
    assert math.isclose(sum(texts.values()), 1.0)
    assert texts["the", "cat", "saw", "the", "duck", ".", "quack"] == pytest.approx(1 / 3 * 0.75 * 1 / 2 * 1 / 2)
    assert texts["the", "hen", "slept", ".", "blue", "hen"] == pytest.approx(1 / 3 * 0.25 * 1 / 2)


def test_entropy_is_the_sum_over_all_texts():
    by_listing = -sum(p * math.log(p) for p in every_text(SMALL).values())
    assert SMALL.entropy() == pytest.approx(by_listing, abs=1e-12)
    # by hand: ln 3 for the first animal, the choice of 3 : 1, then ln 2 + ln 2 three times in four, ln 2 once
    by_hand = math.log(3) - 0.75 * math.log(0.75) - 0.25 * math.log(0.25) + 0.75 * 2 * math.log(2) + 0.25 * math.log(2)
    assert SMALL.entropy() == pytest.approx(by_hand, abs=1e-12)


def test_length_is_the_mean_over_all_texts():
    assert SMALL.length() == pytest.approx(sum(p * len(words) for words, p in every_text(SMALL).items()), abs=1e-12)


def test_a_drawn_text_is_as_surprising_as_its_probability_says():
    texts, rng = every_text(SMALL), random.Random(0)
    seen: Counter = Counter()
    for _ in range(20_000):
        words, surprise = SMALL.draw(rng)
        assert surprise == pytest.approx(-math.log(texts[tuple(words)]), abs=1e-12)
        seen[tuple(words)] += 1
    for words, p in texts.items():
        assert seen[words] == pytest.approx(20_000 * p, abs=5 * math.sqrt(20_000 * p))


def test_reading_gives_every_word_its_chance_given_the_words_before():
    texts = every_text(SMALL)
    for words in texts:
        reading = SMALL.follow(words)
        assert reading.complete and reading.readings == 1
        for i, surprise in enumerate(reading.surprises):
            before = sum(p for other, p in texts.items() if other[:i] == words[:i])
            with_it = sum(p for other, p in texts.items() if other[: i + 1] == words[: i + 1])
            assert surprise == pytest.approx(-math.log(with_it / before), abs=1e-12)
        assert reading.end_surprise == 0.0


def test_reading_stops_at_the_first_word_that_cannot_be():
    reading = SMALL.follow("the cat saw the hen".split())
    assert (reading.words, reading.refused, reading.complete) == ("the cat saw the".split(), "hen", False)
    assert not reading.read("dog"), "a refused text stays refused"
    assert SMALL.follow("the cat saw the duck .".split()).complete is False, "a text that stops too early"
    assert SMALL.accepts("the cat saw the duck . meow meow".split()) is False, "a text that goes on too long"
    assert math.isinf(SMALL.follow(["the"]).end_surprise)


def test_readings_tell_of_an_ambiguous_grammar():
    twice = Grammar(evenly(("a", Pick("color")), ("a", "red")), ANIMALS)
    assert twice.follow(["a", "red"]).readings == 2
    assert twice.follow(["a", "blue"]).readings == 1
    true_entropy = -sum(p * math.log(p) for p in every_text(twice).values())
    assert twice.entropy() > true_entropy + 0.1, "the sum over rules counts the reading too: hence one reading each"


@pytest.mark.parametrize("blanks", [(1,), (6,), (1, 4), (1, 6), (2, 3), (0, 1, 2, 3, 4, 5, 6)])
def test_blanks_are_filled_with_the_exact_chances(blanks):
    texts = every_text(SMALL)
    full = tuple("the cat saw the duck . quack".split())
    given = [None if i in blanks else word for i, word in enumerate(full)]
    fitting = {t: p for t, p in texts.items() if len(t) == len(full) and all(g in (None, w) for g, w in zip(given, t, strict=True))}
    for place, shares in zip(blanks, SMALL.fill(given), strict=True):
        expected: Counter = Counter()
        for text, p in fitting.items():
            expected[text[place]] += p / sum(fitting.values())
        assert shares == pytest.approx(dict(expected), abs=1e-12)


def test_blanks_may_be_parts_of_words():
    spelled = [None, "a", "t", "s", "l", "e", "p", "t", ".", "r", "e", "d", None, "a", "t"]
    shares = SMALL.fill([*"the", *spelled], spell=list)
    assert shares == [{"c": pytest.approx(1.0)}, {"c": pytest.approx(1.0)}]


def test_filling_a_text_that_nobody_can_say_is_an_error():
    with pytest.raises(ValueError, match="after 1 of 2 units, at 'elephant'"):
        SMALL.fill(["the", "elephant"])


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (Pick("plant"), "no family 'plant'"),
        (Say("one"), "nothing is remembered as 'one'"),
        ((Pick("color", "c"), Say("c", "voice")), "has no form 'voice'"),
        ((evenly("x", Pick("color", "c")), Say("c")), "nothing is remembered as 'c'"),
        (("a", 7), "a part must be"),
    ],
)
def test_a_grammar_that_cannot_work_is_refused_at_once(start, message):
    with pytest.raises(ValueError, match=message):
        Grammar(start, ANIMALS, FORMS)


@pytest.mark.parametrize("words", [(), ("cat", "cat")])
def test_a_family_must_hold_different_words(words):
    with pytest.raises(ValueError, match="must hold different words"):
        Grammar(Pick("animal"), {"animal": words})


@pytest.mark.parametrize("shares", [(0.5, 0.6), (1.0, 0.0), (-0.5, 1.5)])
def test_shares_must_be_shares(shares):
    with pytest.raises(ValueError, match="positive and sum to 1"):
        Choice(*((share, "x") for share in shares))


def test_families_hold_different_words():
    with pytest.raises(ValueError, match="'color' must hold different words"):
        Grammar("x", {"color": ("red", "red")})


def test_words_lists_everything_that_can_be_said():
    assert SMALL.words() == sorted({word for text in every_text(SMALL) for word in text})
