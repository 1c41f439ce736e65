"""One learner, four weeks: all days in order, with mistakes, hints, two windows, an evening cut short, and what stands at the end.

The learner is played through the same calls that the notebooks make; only the clock is a stand-in, so that days pass.
"""

from datetime import datetime, timedelta

import pytest

from shared.days import DAYS
from shared.learning import check_exercise, help_with, journal, progress, quiz, record, warm_up
from shared.learning.certificate import achieved, certificate
from shared.learning.codes import day_of
from shared.learning.exam import exam, results
from shared.learning.exercises import exercise_ids, find_exercise
from shared.learning.growth import growth
from shared.learning.guide import first_draft, material, save_guide
from shared.learning.places import portfolio
from shared.learning.progress_map import day_states
from shared.learning.questions import LETTERS, Question, questions_of
from shared.learning.quizzes import check
from shared.learning.spacing import open_misses

FIRST = datetime(2027, 3, 1, 18, 0).astimezone()
CODES = [day.code for day in DAYS.values()]
MISSED = 3  # of each day's first three questions every third is wrong at first


class Clock(datetime):
    """`datetime` with a `now` that the test sets."""

    present = FIRST

    @classmethod
    def now(cls, tz=None):
        return cls.present


def right_answer(question: Question):
    if question.kind == "number":
        return question.answer
    if question.kind == "order":
        return "".join(LETTERS[question.shown.index(option)] for option in question.options)
    return "".join(letter for letter, option in zip(LETTERS, question.options) if option.correct)


def wrong_answer(question: Question):
    if question.kind == "number":
        return question.answer + 10 * max(1.0, question.tolerance)
    if question.kind == "order":
        return "".join(reversed(right_answer(question)))
    return next(letter for letter, option in zip(LETTERS, question.options) if not option.correct)


def solved(item: str):
    exercise = find_exercise(item)
    space: dict = {}
    exec(compile(exercise.setup + "\nimport torch, math\nimport numpy as np\n" + exercise.solution, "solution", "exec"), space)
    return space[exercise.name]


def answer(form, question: Question, given) -> None:
    form.receive({"do": "grade", "id": question.id, "given": given, "time": 1})


@pytest.fixture
def played(monkeypatch):
    """The record after four weeks. Returns what the warm-ups asked, day by day."""
    monkeypatch.setattr(record, "datetime", Clock)
    asked = {}
    for number, day in enumerate(CODES):
        Clock.present = FIRST + timedelta(days=number)
        morning = warm_up(day)
        asked[day] = list(morning.questions)
        for question in morning.questions.values():
            answer(morning, question, right_answer(question))
        form, second_window = quiz(day), quiz(day)
        for place, question in enumerate(questions_of(day)):
            if place % MISSED == 0:
                answer(form, question, wrong_answer(question))
                Clock.present += timedelta(minutes=1)
            # every other answer comes from a second window on the same day
            answer(second_window if place % 2 else form, question, right_answer(question))
        for item in exercise_ids(day):
            check_exercise(item, lambda *given: None)  # nothing yet
            help_with(item)
            check_exercise(item, solved(item))
        journal(day, ["What was new?"], answers=[f"On {day} I saw it."])
        if day == "w2d3":  # the lid is closed in the middle: what waited in memory is gone, what was written is not
            record._waiting.clear()
        if day.endswith("d7"):
            sitting = exam(day, "course" if day == "w4d7" else "week")
            answers = {n: right_answer(q) if n % 4 else wrong_answer(q) for n, q in enumerate(sitting.questions.values(), 1)}
            exam(day, "course" if day == "w4d7" else "week", mine=answers)
    Clock.present = FIRST + timedelta(days=28)
    return asked


def test_four_weeks(played):
    days = [day for day in CODES if questions_of(day)]
    assert len(days) == 28

    # progress: every question's latest answer counts; only what the last exam missed is open
    states = day_states()
    assert all(states[day].opened and states[day].passed == states[day].exercises for day in days)
    latest = {a.question: a.correct for a in record.answers()}
    for day in days:
        assert states[day].known == sum(latest[q.id] for q in questions_of(day))
    done = sum(state.done for state in states.values())
    assert progress().alt.startswith(f"Progress: 28 of 28 days opened, {done} complete.") and done >= 7

    # spaced reviews: three a day from the second day on, never from a day that is still to come, from many different days
    for place, day in enumerate(CODES[1:], 1):
        assert len(played[day]) == 3, day
        assert all(CODES.index(day_of(item)) < place for item in played[day]), day
    first_of = {questions_of(day)[0].id for day in days}
    came_back = {item for items in played.values() for item in items}
    assert len(first_of & came_back) >= 0.8 * len([d for d in days if d != CODES[-1]])
    missed_once = {a.question for a in record.answers() if not a.correct}
    assert missed_once & came_back
    # a miss is over once it was right on two later dates: so what came back twice is, and what was never asked again is not
    still_open = set(open_misses(record.answers()))
    right_later = {q: {a.at[:10] for a in record.answers() if a.question == q and a.correct} for q in missed_once}
    assert still_open and still_open < missed_once
    assert all(len(right_later[q]) >= 2 for q in missed_once - still_open)

    # exams: one sitting each, of the size that the form had
    for day in ("w1d7", "w2d7", "w3d7", "w4d7"):
        (sitting,) = results(day)
        assert 0.6 * sitting.total <= sitting.right < sitting.total

    # growth, certificate, guide
    grown = growth()
    assert [g.day for g in grown] == [day for day in CODES if day in {g.day for g in grown}] and len(grown) >= 21
    assert sum(g.latest for g in grown) > sum(g.first for g in grown)
    found = achieved()
    assert found.days == 28 and found.passed == found.exercises and found.best is not None
    picture = certificate("Ada Lovelace")
    assert "opened 28 of 28 days" in picture.alt and "final exam on 2027-03-28" in picture.alt
    assert (portfolio() / "certificate.pdf").is_file()
    chapters = first_draft(material())
    assert [chapter.title[:6] for chapter in chapters] == ["Week 1", "Week 2", "Week 3", "Week 4"]
    assert sum(len(chapter.quotes) for chapter in chapters) == 28
    page = save_guide(chapters, portfolio() / "guide.html", title="Mine", states=states).read_text(encoding="utf-8")
    assert "On w3d5 I saw it." in page and "Week 4, day 7" in page


def test_an_answer_in_plain_code_counts_like_a_click(played):
    before = achieved().known
    missed = [item for item, right in {a.question: a.correct for a in record.answers()}.items() if not right]
    assert missed, "the last exam left something open"
    from shared.learning.questions import find_question

    check(missed[0], right_answer(find_question(missed[0])))
    assert achieved().known == before + 1
