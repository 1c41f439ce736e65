"""The exam at a week's end: questions of several days, handed in at once, and a result day by day.

A quiz answers each question as it comes; that helps to learn. An exam waits until all is handed in; that shows what is
known without help. Its answers go into the learner's record like all others (place "exam"), so what was missed comes
back in later warm-ups, and `results` can say how an exam went, weeks later.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from shared.days import find_day
from shared.learning import record
from shared.learning.codes import day_code, day_number, day_of, day_words
from shared.learning.questions import (
    LETTERS,
    AnswerError,
    Line,
    Question,
    Verdict,
    grade,
    is_empty,
    number_words,
    questions_of,
)
from shared.learning.quizzes import Quiz

PLACE = "exam"
SAME_SITTING_S = 60.0  # answers of one sitting are written within a moment


@dataclass(frozen=True)
class DayResult:
    """How one day went. right of total; look: the headings of what was missed."""

    day: str
    right: int
    total: int
    look: tuple[str, ...]


@dataclass(frozen=True)
class Sitting:
    """One exam that was handed in, as the record knows it. at: ISO time of its last answer."""

    right: int
    total: int
    at: str


def exam(
    day: str,
    days: Sequence[str] | Literal["week", "course"] = "week",
    *,
    count: int = 15,
    seed: int = 1,
    mine: Mapping[int, object] | None = None,
) -> "Exam":
    """The exam of a day: `exam("w1d7")` asks 15 questions from the six days before it.

    days: "week" = the earlier days of the same week, "course" = all earlier days, or the days by name.
    count: how many questions; fewer if there are fewer. seed: another one draws other questions.
    mine: number of a question → answer, in plain code, where clicking is no way; it is handed in at once.
    Errors: ValueError for a day that the course does not have, no days at all, or a count below 1.
    """
    form = Exam(day, draw(day, days, count, seed))
    if mine is not None:
        ids = list(form.questions)
        unknown = [number for number in mine if not (isinstance(number, int) and 1 <= number <= len(ids))]
        if unknown:
            raise ValueError(f"mine: there is no question number {unknown[0]!r}; they go from 1 to {len(ids)}")
        form.hand_in({ids[number - 1]: given for number, given in mine.items()}, anyway=True)
    return form


def draw(day: str, days: Sequence[str] | str = "week", count: int = 15, seed: int = 1) -> list[Question]:
    """The questions of an exam: as many from each day as possible, days mixed; the same ones for the same seed.

    Each question's place in the draw hangs on its own name, so a question that is added to a day moves few others.
    Errors: as `exam`.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"count must be a whole number from 1 up, got {count!r}")
    number = day_number(day)
    if isinstance(days, str):
        if days not in ("week", "course"):
            raise ValueError(f'days must be "week", "course" or a list of days, got {days!r}')
        first = number - number % 7 if days == "week" else 0
        days = [day_code(n) for n in range(first, number)]
    if not days:
        raise ValueError(f"there is no day to ask about before {day_words(day)}")
    waiting = {name: sorted(questions_of(name), key=lambda q: _rank(seed, q.id)) for name in dict.fromkeys(days)}
    drawn: list[Question] = []
    while len(drawn) < count and any(waiting.values()):
        # a round: one question from each day, in an order of its own, so that the days come mixed
        names = sorted((name for name in waiting if waiting[name]), key=lambda name: _rank(seed, f"{name} {len(drawn)}"))
        drawn += [waiting[name].pop(0) for name in names[: count - len(drawn)]]
    return drawn


def results(day: str) -> list[Sitting]:
    """The sittings of a day's exam, oldest first, from the learner's record. Errors: ValueError for an unknown day."""
    day_number(day)
    sittings: list[list[record.Answer]] = []
    for answer in record.answers():
        if answer.place != PLACE or answer.day != day:
            continue
        last = sittings[-1] if sittings else []
        if not last or answer.question in {a.question for a in last} or _seconds(last[-1].at, answer.at) > SAME_SITTING_S:
            sittings.append([])
        sittings[-1].append(answer)
    return [Sitting(sum(a.correct for a in taken), len(taken), taken[-1].at) for taken in sittings]


class Exam(Quiz):
    """The questions of an exam in one form. Nothing is graded or recorded before `hand_in`."""

    def __init__(self, day: str, questions: list[Question]):
        intro = (
            f"{len(questions)} questions from {len({day_of(q.id) for q in questions})} days, mixed. From memory; nothing is graded "
            "before you hand in. Mark what you are sure of: being sure and wrong tells you most."
        )
        super().__init__(f"Exam, {day_words(day)}", intro, questions, PLACE, day)
        self.verdicts: dict[str, Verdict] = {}
        self.sure: set[str] = set()
        self._before = results(day)
        self._open = ""  # what is still open, as it was said when the learner wanted to hand in
        self._time = None

    @property
    def handed_in(self) -> bool:
        """Whether this sitting is over."""
        return bool(self.verdicts)

    def content(self) -> dict:
        return {**super().content(), "hand_in": "Hand in"}

    def state(self) -> dict:
        verdicts = {
            item: {**asdict(_with_answer(self.questions[item], verdict)), "closed": True, "time": self._time}
            for item, verdict in self.verdicts.items()
        }
        days = [{"title": _title(d.day), "right": d.right, "total": d.total, "look": d.look} for d in self.by_day()]
        return {"verdicts": verdicts, "score": self.score(), "handed_in": self.handed_in, "days": days, "time": self._time}

    def receive(self, message: dict) -> None:
        given, sure = message.get("given"), message.get("sure")
        if message.get("do") != "hand in" or not isinstance(given, dict):
            return
        self._time = message.get("time")
        self.hand_in(given, [item for item in sure if isinstance(item, str)] if isinstance(sure, list) else [])

    def hand_in(self, given: Mapping[str, object], sure: Sequence[str] = (), anyway: bool = False) -> None:
        """Grade and record everything at once; after that the exam is closed.

        given: question id → answer. What is missing or cannot be read is named the first time, and counts as missed if
        it is handed in again as it is, or with `anyway`. sure: ids of the questions that the learner is sure of.
        """
        if self.handed_in or not self.questions:
            return
        verdicts, still_open = {}, []
        for number, question in enumerate(self.questions.values(), 1):
            answer = given.get(question.id, "")
            try:
                if is_empty(answer):
                    raise AnswerError("")
                verdicts[question.id] = grade(question, answer)
            except AnswerError as problem:
                still_open.append(f"question {number}" + (f" ({problem})" if str(problem) else ""))
                verdicts[question.id] = Verdict(question.id, False, "", "Left open.", (), question.shows)
        nothing = all(is_empty(given.get(item)) for item in self.questions)
        said = f"all {len(still_open)} questions" if nothing and len(still_open) > 1 else "; ".join(still_open)
        if said and not anyway and said != self._open:
            self._open = said
            return
        self._open = ""
        self.verdicts, self.sure = verdicts, set(sure) & set(verdicts)
        for item, verdict in verdicts.items():
            record.add_answer(item, verdict.given, verdict.correct, PLACE, self.day)

    def by_day(self) -> list[DayResult]:
        """The result of each day, in the course's order; an empty list before the exam is handed in."""
        found = []
        for day in sorted({day_of(item) for item in self.verdicts}, key=day_number):
            here = [verdict for item, verdict in self.verdicts.items() if day_of(item) == day]
            missed = tuple(dict.fromkeys(verdict.shows for verdict in here if not verdict.correct))
            found.append(DayResult(day, sum(verdict.correct for verdict in here), len(here), missed))
        return found

    def score(self) -> str:
        """What to tell the learner: the result, what is still open, or how the exam went before."""
        if self._open:
            return f"Still open: {self._open}. A guess costs nothing. Or hand in again as it is: what is open counts as missed."
        if not self.handed_in:
            if not self._before:
                return ""
            last = self._before[-1]
            return f"You took this exam before: {last.right} of {last.total} right, on {last.at[:10]}."
        right, total = sum(v.correct for v in self.verdicts.values()), len(self.verdicts)
        told = [f"{right} of {total} right."]
        numbers = {item: number for number, item in enumerate(self.questions, 1)}
        trapped = [str(numbers[item]) for item in self.questions if item in self.sure and not self.verdicts[item].correct]
        if trapped:
            told.append(f"Sure and wrong: {', '.join(trapped)}. Begin there.")
        if right < total:
            told.append("What you missed comes back in later warm-ups.")
        return " ".join(told)

    def __repr__(self) -> str:
        if not self.handed_in:
            return super().__repr__()
        lines = [f"{_title(d.day)}: {d.right} of {d.total}" + (f", look again at {', '.join(d.look)}" if d.look else "") for d in self.by_day()]
        return "\n".join([f"<{self.title}: {self.score()}>", *lines])


def _with_answer(question: Question, verdict: Verdict) -> Verdict:
    """A wrong answer with what would have been right: the paper is closed, so nobody is robbed of another try."""
    if verdict.correct:
        return verdict
    if question.kind == "number":
        right = [Line(True, "", f"{number_words(question.answer)} {question.unit}".strip(), question.feedback)]
    elif question.kind == "order":
        right = [Line(True, str(place), option.text, option.feedback) for place, option in enumerate(question.options, 1)]
    else:
        told = {line.label for line in verdict.lines}
        options = zip(LETTERS, question.shown)
        right = [Line(True, letter, o.text, o.feedback) for letter, o in options if o.correct and letter not in told]
    headline = "Not right." if verdict.headline == "Not yet." else verdict.headline.replace("Not yet.", "Not right.")
    return replace(verdict, headline=headline, lines=verdict.lines + tuple(right))


def _title(day: str) -> str:
    number = day_number(day)
    found = find_day(number // 7 + 1, number % 7 + 1)
    return f"Week {found.week} day {found.day}, {found.short}"


def _rank(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()


def _seconds(earlier: str, later: str) -> float:
    try:
        return abs((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())
    except ValueError:
        return 0.0
