"""The plain-language checker: planted jargon and long sentences are found, a good explanation is left alone, everyday words are not blamed."""

import pytest
from hypothesis import given, strategies as st

from shared.learning.plain_words import EVERYDAY, check_plain, course_words, grade, stem, syllables, words_of

KNOWN = ["token", "softmax", "logit", "head", "query", "key", "value", "mask", "attention", "embedding", "language model", "feed-forward network",
         "one-hot", "layer", "weight", "loss", "bias", "self-attention", "t-SNE"]  # fmt: skip
GOOD = (
    "Imagine a friend who has read a whole library and plays one game all day. The game is: guess what comes next. "
    "Your text is cut into small pieces. Such a piece is called a token. Then each token looks back at those before it. "
    "Use your head, and pay attention: it does not know what is true."
)


def test_a_good_explanation_is_left_alone():
    checked = check_plain(GOOD, KNOWN)
    assert checked.plain and not checked.of("jargon") and not checked.of("long sentence") and not checked.of("perhaps")
    assert checked.names("explained") == ["token"] and len(checked.of("explained")) == 2


@pytest.mark.parametrize("word, name", [("softmax", "softmax"), ("logits", "logit"), ("tokenized", "token"), ("Tokenizer's", "token"), ("embedded", "embedding"),
                                        ("queries", "query"), ("language models", "language model"), ("self attention", "self-attention")])  # fmt: skip
def test_planted_jargon_is_caught_in_all_its_forms(word, name):
    text = f"{GOOD} After that the {word} of the text are there."
    checked = check_plain(text.replace("called a token", "here"), KNOWN)
    assert name in checked.names("jargon") and not checked.plain
    mark = next(m for m in checked.of("jargon") if m.word == name and m.start > len(GOOD) - 20)
    assert checked.text[mark.start : mark.end].casefold().removesuffix("'s").startswith(word.casefold().removesuffix("'s")[:6])


def test_a_planted_long_sentence_is_caught_and_its_neighbors_are_not():
    long = "And so it goes " + "and goes " * 9 + "on."  # 4 + 18 + 1 = 23 words
    checked = check_plain(f"{GOOD} {long} The end.", KNOWN)
    (mark,) = checked.of("long sentence")
    assert checked.text[mark.start : mark.end] == long and "23 words" in mark.says


@given(st.integers(1, 60), st.integers(3, 40))
def test_a_sentence_is_long_from_one_word_above_the_limit_on(words, longest):
    text = " ".join(["cat"] * words) + "."
    assert bool(check_plain(text, KNOWN, longest=longest).of("long sentence")) == (words > longest)


@pytest.mark.parametrize("text", [
    "Use your head.", "She shook her head at the front door key.", "Pay attention to the dog.", "By heart and by head.", "The toy lies on the floor."])  # fmt: skip
def test_everyday_words_in_everyday_sentences_are_no_jargon(text):
    checked = check_plain(text, [*KNOWN, "floor"])
    assert not checked.of("jargon") and checked.plain


def test_an_everyday_word_is_ours_where_another_one_of_ours_is_near():
    assert check_plain("The head asks with its query.", KNOWN).names("jargon") == ["head", "query"]
    assert check_plain("The attention head works.", KNOWN).names("jargon") == ["attention", "head"]
    alone = check_plain("The head is here.", KNOWN)
    assert alone.names("perhaps") == ["head"] and not alone.of("jargon")


@pytest.mark.parametrize("text", ["The word is later.", "The layered ahead of us.", "Hotly, one hot day came.", "A number of keystones."])
def test_other_words_are_not_mistaken_for_ours(text):
    assert not {"head", "one-hot", "key", "token"} & {m.word for m in check_plain(text, KNOWN).marks}


@pytest.mark.parametrize("text", [
    "A logit is a vote for one token to come.", "Votes are called logits.", "Logits are votes for tokens.", "A logit means a vote.", "We call it a logit.",
    "A logit (a vote) is high.", "Each gets a raw vote (a logit).", "Logits: votes for what comes.", "It makes logits. Logits are just votes.",
    "By a logit I mean a vote.", "The word for it is logit."])  # fmt: skip
def test_a_word_that_the_text_explains_is_paid_for(text):
    checked = check_plain(text, KNOWN)
    assert "logit" in checked.names("explained") and "logit" not in checked.names("jargon")


@pytest.mark.parametrize("text", [
    "The logits are multiplied.", "The logit is not large.", "Logits are large.", "A logit was computed.", "The logits go into it.", "Logits are in the row.",
    "It is called a day, and the logits rest."])  # fmt: skip
def test_a_word_that_is_only_used_is_not(text):
    assert check_plain(text, KNOWN).names("jargon") == ["logit"]


def test_an_explanation_that_comes_too_late_is_said_to_be_late():
    checked = check_plain("The logits rise. It rains. It snows. A logit is a vote.", KNOWN)
    (says,) = {m.says.split('” ')[1] for m in checked.of("jargon")}
    assert "used in sentence 1" in says and "only in sentence 4" in says


def test_explaining_one_word_of_ours_by_another_does_not_pay_for_the_other():
    checked = check_plain("A softmax is a way to treat logits.", KNOWN)
    assert checked.names("explained") == ["softmax"] and checked.names("jargon") == ["logit"]


def test_the_longer_name_is_found_first():
    assert check_plain("A big language model sleeps.", ["language model", "model"]).names("jargon") == ["language model"]


def test_the_grade_by_hand():
    # 10 words in 2 sentences; the(1) cat(1) sat(1) on(1) mats(1), dogs(1) bark(1) at(1) yellow(2) rabbits(2): 12 syllables
    assert grade("The cat sat on mats. Dogs bark at yellow rabbits.") == pytest.approx(0.39 * 5 + 11.8 * 12 / 10 - 15.59)


@given(st.permutations("every small child can read this sentence about rabbits".split()))
def test_the_grade_is_blind_to_the_order_of_words(words):
    assert grade(" ".join(words) + ".") == pytest.approx(grade("every small child can read this sentence about rabbits."))


COUNTED = {  # as a dictionary hyphenates them
    1: "the guessed makes piece through strength called you bet once shape named rule worked league",
    2: "tokens wanted boxes tables little pieces people number letter sentence context rabbit science",
    3: "attention computer gradient library imagine billions embeddings area idea language-free",
    4: "distribution automatic positional information parameters",
    5: "vocabulary autoregressive probability university",
}


def test_syllables_are_right_for_nine_words_in_ten():
    words = [(word, count) for count, line in COUNTED.items() for word in line.split()]
    wrong = [(word, syllables(word), count) for word, count in words if syllables(word) != count]
    assert len(wrong) <= len(words) / 10, wrong


@given(st.text())
def test_any_text_has_a_word_count_and_never_crashes_the_checker(text):
    if 1 <= len(words_of(text)) <= 1200:
        checked = check_plain(text, KNOWN)
        assert checked.words >= 1 and all(0 <= m.start < m.end <= len(text) for m in checked.marks)
    else:
        with pytest.raises(ValueError, match="1 to 1,200 words"):
            check_plain(text, KNOWN)


def test_marks_of_words_never_overlap():
    text = "The masked self-attention of one-hot tokens, a language model, feed-forward networks and t-SNE."
    marks = [m for m in check_plain(text, KNOWN).marks if m.kind != "long sentence"]
    assert all(a.end <= b.start for a, b in zip(marks, marks[1:]))


@pytest.mark.parametrize("a, b, same", [("queries", "query", True), ("embedded", "embeddings", True), ("encoders", "encode", True), ("losses", "loss", True), ("biases", "bias", True),
                                        ("later", "layer", False), ("head", "ahead", False), ("loss", "lost", False), ("keys", "key", True), ("values", "value", True)])  # fmt: skip
def test_stems(a, b, same):
    assert (stem(a) == stem(b)) == same


def test_the_words_of_the_course():
    early, late = course_words("w1d3"), course_words("w3d7")
    assert "softmax" in early and "ablation" not in early and set(early) < set(late)
    assert {"head", "key", "value"} <= EVERYDAY and "softmax" not in EVERYDAY


def test_bad_input_is_named():
    with pytest.raises(TypeError, match="text must be a string, got int"):
        check_plain(3)
    with pytest.raises(ValueError, match="1 to 1,200 words, got 0"):
        check_plain("… !")
    with pytest.raises(ValueError, match="longest"):
        check_plain("A cat.", longest=0)
    with pytest.raises(ValueError, match="week 9"):
        course_words("w9d9")
    with pytest.raises(ValueError, match="at least one word"):
        grade(" ")
