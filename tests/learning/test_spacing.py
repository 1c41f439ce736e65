"""The warm-ups: what a learner meets who follows the course day by day."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from shared.learning import questions, spacing
from shared.learning.codes import day_code, day_number, day_of
from shared.learning.record import Answer
from tests.learning.samples import choice

START = date(2026, 3, 1)


def course(write_questions, per_day: int) -> None:
    write_questions(
        [
            choice(f"{day_code(number)}-{i:02}", prompt=f"{number} {i}?")
            for number in range(28)
            for i in range(1, per_day + 1)
        ]
    )


def asked(question: str, day: str, correct: bool, place: str = "warm-up", late: int = 0) -> Answer:
    when = START + timedelta(days=day_number(day) + late)
    return Answer(question, "b" if correct else "a", correct, place, day, f"{when}T09:00:00+00:00")


def follow(answer_right) -> tuple[list[Answer], dict[str, list[str]]]:
    """28 days: the warm-up, then the day's quiz. Returns the record and the questions of each warm-up."""
    record: list[Answer] = []
    warm_ups = {}
    for number in range(28):
        day = day_code(number)
        picked = spacing.pick(day, record)
        warm_ups[day] = [question.id for question in picked]
        record += [asked(question.id, day, answer_right(question.id, number)) for question in picked]
        record += [asked(q.id, day, answer_right(q.id, number), "quiz") for q in questions.questions_of(day)]
    return record, warm_ups


@pytest.mark.parametrize("per_day", [1, 6])
def test_key_questions_return_three_times_with_growing_gaps(write_questions, per_day):
    course(write_questions, per_day)
    _, warm_ups = follow(lambda question, number: True)
    returns = defaultdict(list)
    for day, items in warm_ups.items():
        for item in items:
            returns[item].append(day_number(day) - day_number(day_of(item)))
    for number in range(17):  # the last whose third return still falls into the course
        gaps = returns[f"{day_code(number)}-01"]
        gaps = [gap for gap in gaps if gap > 0]
        assert len(gaps) >= 3, (day_code(number), gaps)
        if per_day == 6:
            assert gaps == [1, 4, 10], (day_code(number), gaps)
    for number in range(17, 23):
        assert len(returns[f"{day_code(number)}-01"]) >= 2


@pytest.mark.parametrize("per_day", [1, 2, 6])
def test_each_warm_up_asks_three_different_earlier_questions(write_questions, per_day):
    course(write_questions, per_day)
    _, warm_ups = follow(lambda question, number: (len(question) + number) % 3 != 0)
    for day, items in warm_ups.items():
        number = day_number(day)
        assert len(set(items)) == len(items) == min(3, number * per_day if number else per_day)
        ages = [number - day_number(day_of(item)) for item in items]
        if number:
            assert 1 in ages and min(ages) >= 1
        if number >= 4:
            assert any(3 <= age <= 7 for age in ages)


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(0.02, 0.25))
def test_a_miss_returns_until_it_was_right_on_two_later_dates(chance, rate):
    # the pool is set up by hand: a function-scoped fixture would be shared by all examples
    pool = [
        questions.Question(f"{day_code(n)}-{i:02}", "choice", "?", "there", (questions.Option("x", True, "y"),))
        for n in range(28)
        for i in (1, 2, 3)
    ]
    patch = pytest.MonkeyPatch()
    patch.setattr(questions, "_week", lambda week: [q for q in pool if q.id[1] == str(week)])
    try:
        record, warm_ups = follow(lambda question, number: chance.random() > rate)
    finally:
        patch.undo()
    for number in range(1, 28):
        day = day_code(number)
        earlier = [a for a in record if day_number(a.day) < number]
        missed = [m for m in spacing.open_misses(earlier) if day_number(day_of(m)) < number]
        if missed:
            assert missed[0] in warm_ups[day], day  # the one unseen for longest


def test_open_misses_close_after_two_right_dates():
    q = "w1d1-01"
    miss = asked(q, "w1d1", False, "quiz")
    same_day = asked(q, "w1d1", True, "quiz")
    assert spacing.open_misses([miss]) == [q]
    assert spacing.open_misses([miss, same_day, asked(q, "w1d2", True)]) == [q]  # right after the feedback is no proof
    assert spacing.open_misses([miss, asked(q, "w1d2", True), asked(q, "w1d2", True)]) == [q]  # twice on one date
    assert spacing.open_misses([miss, asked(q, "w1d2", True), asked(q, "w1d3", True)]) == []
    again = [miss, asked(q, "w1d2", True), asked(q, "w1d3", False), asked(q, "w1d4", True)]
    assert spacing.open_misses(again) == [q]
    other = asked("w1d1-02", "w1d1", False, "quiz")
    assert spacing.open_misses([miss, other, asked(q, "w1d2", True)]) == ["w1d1-02", q]  # the longest unseen first


def test_the_longest_unseen_miss_takes_the_third_place(write_questions):
    course(write_questions, 6)
    record = [asked(item, day, False, "quiz") for item, day in (("w1d2-05", "w1d2"), ("w1d1-03", "w1d1"))]
    assert [q.id for q in spacing.pick("w2d2", record)][2] == "w1d2-05"
    check_miss = Answer("w1d2-06", "a", False, "check", "", "2026-02-01T09:00:00+00:00")
    assert [q.id for q in spacing.pick("w2d2", [check_miss, *record])][2] == "w1d2-06"


def test_a_cell_that_is_run_again_asks_the_same(write_questions):
    course(write_questions, 6)
    record, warm_ups = follow(lambda question, number: (number + int(question[-1])) % 4 != 0)
    for day, items in warm_ups.items():
        assert [question.id for question in spacing.pick(day, record)] == items


def test_an_empty_record_always_gives_the_same(write_questions):
    course(write_questions, 4)
    for number in range(28):
        day = day_code(number)
        assert spacing.pick(day, []) == spacing.pick(day, []) and len(spacing.pick(day, [])) == 3
    assert [q.id for q in spacing.pick("w1d1", [])] == ["w1d1-01", "w1d1-02", "w1d1-03"]
    assert [q.id for q in spacing.pick("w1d2", [])] == ["w1d1-01", "w1d1-02", "w1d1-03"]
    assert [q.id for q in spacing.pick("w2d1", [])][:2] == ["w1d7-01", "w1d4-01"]


def test_answers_to_questions_that_are_gone_do_no_harm(write_questions):
    course(write_questions, 2)
    record = [asked("w1d1-77", "w1d1", False, "quiz")]
    assert len(spacing.pick("w1d3", record)) == 3
