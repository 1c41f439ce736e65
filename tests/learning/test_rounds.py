"""A quiz in rounds: the course's own file is sound, the diagnosis counts first tries, slips in the file are named."""

import json

import pytest

from shared.learning import questions, quiz
from shared.learning.quizzes import Quiz, RoundsQuiz
from shared.learning.rounds import FILE, rounds_of
from tests.learning.samples import choice


@pytest.fixture
def two_rounds(write_questions):
    """A course of two rounds of two; a function that replaces the file."""
    folder = write_questions([choice(f"w1d{day}-0{i}", prompt=f"{day} {i}?", shows=f"Heading {day}{i}") for day in (1, 2, 5, 6) for i in (1, 2)])

    def write(day: str = "w1d5", found=None) -> None:
        found = found or [{"idea": "Neurons", "ask": ["w1d1-01", "w1d5-01"]}, {"idea": "Words", "ask": ["w1d2-01", "w1d2-02"]}]
        (folder / FILE).write_text(json.dumps({day: found}), encoding="utf-8")

    write()
    return write


def answer(form: Quiz, item: str, given: str) -> None:
    form._repr_mimebundle_()
    form._take({"do": "grade", "id": item, "given": given})


def test_the_course_s_own_rounds_are_sound():
    asked = rounds_of("w1d5")
    assert len(asked) == 5 and sum(len(one.questions) for one in asked) == 25
    everything = [question for one in asked for question in one.questions]
    assert {question.kind for question in everything} == set(questions.KINDS)
    assert {question.id[:4] for question in everything} == {"w1d1", "w1d2", "w1d3", "w1d4", "w1d5"}
    own = {question.id for question in questions.questions_of("w1d5")}
    assert own <= {question.id for question in everything}, "a new question that the day does not ask"


def test_a_day_without_rounds_asks_its_own_questions(two_rounds):
    assert type(quiz("w1d2")) is Quiz and type(quiz("w1d5")) is RoundsQuiz and rounds_of("w1d6") == []


def test_the_page_has_a_heading_for_each_round(two_rounds):
    form = quiz("w1d5")
    assert [question["round"] for question in form.content()["questions"]] == ["Round 1: Neurons", "", "Round 2: Words", ""]
    assert "Round 2: Words" in form.fallback() and form.fallback().count("<details>") == 12
    assert repr(form) == "<Self-quiz, week 1 day 5: w1d1-01, w1d5-01, w1d2-01, w1d2-02>"


def test_the_diagnosis_counts_first_tries_and_says_where_to_read(two_rounds):
    form = quiz("w1d5")
    answer(form, "w1d1-01", "a")
    assert form.diagnosis() == [] and form.score() == ""
    answer(form, "w1d1-01", "b")  # a second try, after the feedback
    answer(form, "w1d5-01", "b")
    assert form.diagnosis() == [{"title": "Neurons", "right": 1, "total": 2, "look": ["Heading 11, day 1"]}]
    answer(form, "w1d2-01", "b")
    answer(form, "w1d2-02", "b")
    assert form.diagnosis()[1] == {"title": "Words", "right": 2, "total": 2, "look": []}
    assert form.score().startswith("3 of 4 right at the first try. Begin with “Neurons”.")
    assert json.loads(form._widget.state)["days"] == form.diagnosis()


def test_all_right_is_said(two_rounds):
    form = quiz("w1d5")
    for item in form.questions:
        answer(form, item, "b")
    assert form.score() == "4 of 4 right at the first try. Nothing of this needs another look today."


@pytest.mark.parametrize("found, words", [
    ([{"idea": " ", "ask": ["w1d1-01"]}], "needs an idea and questions"),
    ([{"idea": "x", "ask": []}], "needs an idea and questions"),
    ([{"idea": "x", "ask": ["w1d1-09"]}], 'no question "w1d1-09"'),
    ([{"idea": "x", "ask": ["w1d1-01", "w1d1-01"]}], "asked twice"),
    ([{"idea": "x", "ask": ["w1d6-01"]}], "a later day"),
])  # fmt: skip
def test_slips_in_the_file_are_named(two_rounds, found, words):
    two_rounds("w1d5", found)
    with pytest.raises(ValueError, match=words):
        rounds_of("w1d5")
