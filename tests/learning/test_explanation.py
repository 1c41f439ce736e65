"""The checklist of ideas and of numbers: what is said is found, what is not said is missing, a wrong number is called wrong."""

import random

import pytest

from shared.learning.explanation import IDEAS, Fact, check_numbers, find_ideas, gpt2_facts

SAID = {
    "guesses what comes next": ["It guesses the next word.", "All it does is to predict what comes after.", "It makes a bet on what follows."],
    "cuts text into pieces": ["Your text is cut into small bricks.", "Words are split into tokens.", "It chops text into bits."],
    "turns pieces into numbers": ["Each piece becomes a list of numbers.", "Every token is a row of numbers."],
    "looks back only": ["Each piece looks back.", "It never looks ahead.", "It can read only what came before.", "A word cannot see the future."],
    "mixes in what helps": ["It borrows a little from its neighbors.", "Each word asks the others.", "It mixes in what the earlier ones know."],
    "puts it at the end and goes again": ["Then it does all of this again.", "It writes one word at a time.", "Repeat!"],
    "learned from text by being wrong": ["It trained on books and learned from each mistake.", "It was wrong. So it was changed a tiny bit."],
    "does not know what is true": ["It does not know what is true.", "It can't tell facts from stories.", "Never believe it blindly."],
}
CASES = [(name, text) for name, texts in SAID.items() for text in texts]


@pytest.mark.parametrize("name, text", CASES)
def test_an_idea_is_found_in_several_wordings(name, text):
    assert name not in [idea.name for idea in find_ideas(f"Hello there. {text}").missing]


def test_every_idea_of_the_checklist_has_a_wording_here():
    assert list(SAID) == [idea.name for idea in IDEAS]


def test_a_text_about_something_else_holds_none_of_them():
    found = find_ideas("The lake is deep. We rowed to the island and ate bread there. The sun was warm.")
    assert len(found.missing) == len(IDEAS)


@pytest.mark.parametrize("name", SAID)
def test_the_place_is_the_sentence_that_says_it(name):
    before = ["The sky is blue.", "Bread is good."]
    found = {one.idea.name: one.at for one in find_ideas(" ".join([*before, SAID[name][0]])).found}
    assert found[name] == (2,)


def test_two_neighbors_count_together_and_two_strangers_do_not():
    assert "learned from text by being wrong" not in [i.name for i in find_ideas("It was wrong. Then it was changed.").missing]
    assert "learned from text by being wrong" in [i.name for i in find_ideas("It was wrong. It rained. Then it was changed.").missing]


def test_it_is_only_a_hint_shuffled_words_pass_too():
    text = "Each piece never looks ahead."
    words = text[:-1].split()
    random.Random(2).shuffle(words)
    assert len(find_ideas(" ".join(words) + ".").missing) <= len(IDEAS)  # whatever it finds, it says that only a reader can tell
    assert "only a reader can tell" in repr(find_ideas(text))


COUNTS = {"layers": 12, "heads": 12, "width": 768, "head width": 64, "vocabulary": 50257, "context": 1024, "parameters": 124439808}
RIGHT = ("It has 12 layers with a width of 768. Each layer has 12 heads, and each head works on 64 numbers. The vocabulary has 50,257 tokens, "
         "the context is 1,024. That is 124 million parameters.")  # fmt: skip


def verdicts(text):
    return {said.fact.name: said.verdict for said in check_numbers(text, gpt2_facts(COUNTS))}


def test_right_numbers_are_right():
    assert set(verdicts(RIGHT).values()) == {"right"}


@pytest.mark.parametrize("old, new, name", [("12 layers", "48 layers", "layers"), ("12 heads", "16 heads", "heads"), ("of 768", "of 1,024", "width"), ("on 64", "on 768", "head width"),
                                            ("50,257", "30,522", "vocabulary"), ("is 1,024", "is 2,048", "context"), ("124 million", "117M", "parameters")])  # fmt: skip
def test_one_wrong_number_is_called_wrong_and_the_others_stay_right(old, new, name):
    found = verdicts(RIGHT.replace(old, new))
    assert found.pop(name) == "wrong" and set(found.values()) == {"right"}


def test_what_is_not_said_is_missing_and_a_name_is_no_number():
    assert set(verdicts("GPT-2 is a model that writes.").values()) == {"missing"}
    assert verdicts("GPT-2 layers.")["layers"] == "missing"


@pytest.mark.parametrize("text, verdict", [("124M parameters", "right"), ("0.1244 billion parameters", "right"), ("124,439,808 parameters", "right"), ("125 million parameters", "right"),
                                           ("126 million parameters", "wrong"), ("124 parameters", "wrong")])  # fmt: skip
def test_scales_and_tolerance(text, verdict):
    assert verdicts(text)["parameters"] == verdict


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least one sentence"):
        find_ideas("  ")
    with pytest.raises(ValueError, match="at least one idea"):
        find_ideas("A cat.", [])
    with pytest.raises(ValueError, match="at least one fact"):
        check_numbers("A cat.", [])
    with pytest.raises(ValueError, match="missing: parameters"):
        gpt2_facts({name: n for name, n in COUNTS.items() if name != "parameters"})
    assert check_numbers("3 cats", [Fact("cats", "cats?", 3)])[0].verdict == "right"
