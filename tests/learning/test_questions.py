"""The questions' file format and the grading of each kind."""

import json

import pytest
from hypothesis import given, strategies as st

from shared.learning import questions
from shared.learning.questions import (
    AnswerError,
    find_question,
    grade,
    load_week,
    number_words,
    questions_before,
    questions_of,
    to_number,
)
from tests.learning.samples import choice, every_kind


@pytest.fixture
def asked(write_questions):
    write_questions(every_kind())
    return {question.kind + question.id[-1]: question for question in questions_of("w1d4")}


def test_the_course_s_own_questions_are_sound():
    for file in sorted(questions.FOLDER.glob("week*.json")):
        found = load_week(file)
        assert found, file.name
        for question in found:
            if question.kind == "order":
                assert question.shown != question.options


def test_choice(asked):
    question = asked["choice1"]
    right, wrong = grade(question, "b"), grade(question, " A ")
    assert right.correct and right.headline == "Right." and right.lines[0].feedback == "One dot product each."
    assert not wrong.correct and wrong.lines[0].feedback.startswith("Keys only score") and wrong.shows == "Keys"
    assert len(wrong.lines) == 1  # only what was chosen is explained


@pytest.mark.parametrize("answer", ["d", "", "ab", "aa", 2, None, "✓", ["a", 1], b"a"])
def test_a_bad_letter_gets_a_sentence(asked, answer):
    words = "Nothing is chosen yet. Choose one of the options a to c" if answer == "" else "w1d4-01 with one letter from a to c"
    with pytest.raises(AnswerError, match=words):
        grade(asked["choice1"], answer)


def test_many(asked):
    question = asked["many2"]
    for answer in ("ac", "ca", "a, c", ["c", "a"], {"a", "c"}, "A C"):
        verdict = grade(question, answer)
        assert verdict.correct and verdict.given == "ac" and len(verdict.lines) == 2
    part = grade(question, "a")
    assert not part.correct and "there is more" in part.headline
    mixed = grade(question, "ab")
    assert not mixed.correct and [line.good for line in mixed.lines] == [True, False] and "more" not in mixed.headline
    assert not grade(question, "abc").correct


def test_number(asked):
    question = asked["number3"]
    for answer in (36, 36.4, "36", " 36 numbers", "36,0", "72/2", "3.6e1"):
        assert grade(question, answer).correct, answer
    known, other = grade(question, "6"), grade(question, -1)
    assert known.lines[0].feedback == "That is one row." and other.lines[0].feedback == "Rows times columns."
    assert not known.correct and not other.correct
    for answer in ("", "six", None, True, float("nan"), "inf", "1/0", [1, 2]):
        with pytest.raises(AnswerError, match="not a number" if answer not in ("", None) else "Nothing is written yet"):
            grade(question, answer)


def test_number_takes_a_tensor():
    import torch

    assert to_number(torch.tensor([[36]])) == 36 and to_number(torch.ones(2)) is None


def test_order(asked):
    question = asked["order4"]
    letters = {option.text: questions.LETTERS[i] for i, option in enumerate(question.shown)}
    right = "".join(letters[option.text] for option in question.options)
    assert right != "abcd"
    verdict = grade(question, right)
    assert verdict.correct and len(verdict.lines) == 4
    swapped = right[0] + right[2] + right[1] + right[3]
    wrong = grade(question, swapped)
    assert not wrong.correct and "Right up to place 1" in wrong.headline
    assert wrong.lines[0].text == "softmax" and "Shares come next." in wrong.lines[0].feedback
    for answer in ("abc", "abca", "abcde"):
        with pytest.raises(AnswerError, match="all 4 letters in order"):
            grade(question, answer)
    assert question.shown == find_question("w1d4-04").shown


def test_picture(asked):
    for name in ("picture5", "picture6"):
        assert grade(asked[name], "b").correct and not grade(asked[name], "a").correct


def test_every_answer_of_every_kind_explains_itself(asked):
    for question in asked.values():
        if question.kind in ("choice", "picture"):
            for i, option in enumerate(question.options):
                (line,) = grade(question, questions.LETTERS[i]).lines
                assert line.feedback and line.text == option.text


def test_unknown_id_names_near_ones(asked):
    with pytest.raises(AnswerError, match="Did you mean.*w1d4-01"):
        find_question("w1d4-1")


def test_before_is_in_the_course_s_order(write_questions):
    write_questions([choice(item) for item in ("w2d1-01", "w1d7-02", "w1d7-01", "w1d2-01")])
    assert [q.id for q in questions_before("w2d2")] == ["w1d2-01", "w1d7-02", "w1d7-01", "w2d1-01"]
    assert questions_before("w1d2") == [] and questions_of("w4d4") == []


def _without(item: dict, *keys: str) -> dict:
    return {key: value for key, value in item.items() if key not in keys}


def _options(item: dict, change) -> dict:
    options = json.loads(json.dumps(item["options"]))
    return item | {"options": change(options) or options}


CHOICE, MANY, NUMBER, ORDER, MAP, CURVE = every_kind()
BROKEN = [
    (choice("w1d8-01"), "id"),
    (choice("first"), "id"),
    (choice("w2d1-01"), "id: belongs in week2"),
    (CHOICE | {"kind": "guess"}, "kind"),
    (CHOICE | {"prompt": " "}, "prompt"),
    (_without(CHOICE, "shows"), "shows"),
    (_without(CHOICE, "options"), "options"),
    (CHOICE | {"hint": "x"}, "hint: is not known"),
    (CHOICE | {"answer": 1}, "answer: belongs to a number"),
    (_options(CHOICE, lambda o: o[:1]), "options: needs 2"),
    (_options(CHOICE, lambda o: o[0].update(correct=True)), "exactly one must be correct, got 2"),
    (_options(CHOICE, lambda o: o[1].update(correct="yes")), r"options\[1\].correct"),
    (_options(CHOICE, lambda o: o[2].update(feedback=None)), r"options\[2\].feedback"),
    (_options(CHOICE, lambda o: o[2].update(text=o[0]["text"])), "same text"),
    (_options(CHOICE, lambda o: ["a", "b"]), r"options\[0\]: must be an object"),
    (_options(CHOICE, lambda o: o[0].update(matrix=[[1]])), "only a picture"),
    (_options(CHOICE, lambda o: o[0].update(why="x")), r"options\[0\].why"),
    (_options(MANY, lambda o: o[1].update(correct=True)), "some but not all"),
    (_without(NUMBER, "feedback"), "feedback"),
    (_without(NUMBER, "otherwise"), "otherwise"),
    (NUMBER | {"answer": "36"}, "answer"),
    (NUMBER | {"answer": True}, "answer"),
    (NUMBER | {"tolerance": -1}, "tolerance"),
    (NUMBER | {"unit": 3}, "unit"),
    (_options(NUMBER, lambda o: o[0].update(text="six")), "must be a number"),
    (_options(NUMBER, lambda o: o[0].update(text="36.2")), "known wrong number"),
    (
        _options(MAP, lambda o: o[0].clear() or o[0].update(text="t", correct=False, feedback="f")),
        "each needs a matrix",
    ),
    (_options(MAP, lambda o: o[0].update(matrix=[[2]])), "from 0 to 1"),
    (_options(MAP, lambda o: o[0].update(matrix=[[1], [1, 0]])), "equal length"),
    (_options(MAP, lambda o: o[0].update(matrix="x")), "list of rows"),
    (_options(CURVE, lambda o: o[0].update(curve=[1])), "two points"),
    (_options(CURVE, lambda o: o[0].update(curve=[1, "x"])), "finite numbers"),
    (_without(CURVE, "axes"), "axes"),
    (MAP | {"axes": ["x", "y"]}, "axes"),
    (CHOICE | {"axes": ["x", "y"]}, "axes"),
]


@pytest.mark.parametrize("item, field", BROKEN, ids=[field for _, field in BROKEN])
def test_a_broken_item_is_named(tmp_path, item, field):
    file = tmp_path / "week1.json"
    file.write_text(json.dumps({"questions": [item]}))
    with pytest.raises(ValueError, match=rf"week1.json, .*field .*{field}"):
        load_week(file)


def test_broken_files_are_named(tmp_path):
    file = tmp_path / "week1.json"
    for text, problem in (("{", "no valid JSON"), ("[]", "expected"), ('{"questions": [3]}', "question number 1")):
        file.write_text(text)
        with pytest.raises(ValueError, match=f"week1.json.*{problem}"):
            load_week(file)
    file.write_text(json.dumps({"questions": [choice(), choice()]}))
    with pytest.raises(ValueError, match="week1.json, w1d4-01: field id: used twice"):
        load_week(file)


@pytest.mark.parametrize("text, value", [("0,125", 0.125), ("-0,5", -0.5), ("1,024", 1024), ("12,345.5", 12345.5)])
def test_a_comma_is_of_thousands_or_of_decimals(text, value):
    assert to_number(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back(value):
    assert to_number(repr(value)) == value


@pytest.mark.parametrize(
    "value, words", [(36, "36"), (124439808.0, "124,439,808"), (0.123456, "0.1235"), (-2.5, "-2.5"), (0, "0")]
)
def test_number_words(value, words):
    assert number_words(value) == words and abs(to_number(words) - value) < 1e-4
