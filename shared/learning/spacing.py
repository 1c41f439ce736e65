"""Which three questions a warm-up asks: spaced, and with the learner's own misses.

Three questions on 27 mornings are 81 places: enough to bring one question of every day back three times, or every
question back never quite often enough. So each day has one *key question*, the first in its file, which returns after
1, 4 and 10 days (the gaps grow, as memory needs), and every question that was *missed* returns until it was right on
two later dates. A miss comes before the third return of a key question, which then waits for the next free place.
"""

from collections import defaultdict

from shared.learning.codes import day_number, day_of
from shared.learning.questions import Question, questions_before, questions_of
from shared.learning.record import Answer

RETURNS = 3  # how often a key question comes back
SECOND = range(4, 8)  # days back, for the second return: 4 if nothing was missed out
THIRD_GAP = 6  # days between the second return and the third


def pick(day: str, answers: list[Answer], count: int = 3) -> list[Question]:
    """The warm-up of `day`: one question from yesterday, one from the last week, one missed before; fewer if fewer
    exist.

    answers: the record, oldest first. What was answered on this or a later day of the course does not count, so that a
    cell which is run again asks the same. On the very first day the day's own questions ask what the learner already
    knows. Errors: ValueError for a day that the course does not have.
    """
    today = day_number(day)
    if today == 0:
        return questions_of(day)[:count]
    pool = questions_before(day)
    history = _History(today, answers, pool)
    picked: list[Question] = []
    for wanted in (_yesterday, _last_week, _missed_or_older, _anything, _anything, _anything):
        choice = wanted([question for question in pool if question not in picked], history)
        if choice is not None and len(picked) < count:
            picked.append(choice)
            history.asked_days.add(day_of(choice.id))
    return picked


def open_misses(answers: list[Answer]) -> list[str]:
    """The questions whose last miss was not yet followed by right answers on two later dates; longest unseen first."""
    last_seen: dict[str, int] = {}
    missed_on: dict[str, str] = {}
    right_on: dict[str, set[str]] = defaultdict(set)
    for place, answer in enumerate(answers):
        date = answer.at[:10]
        last_seen[answer.question] = place
        if not answer.correct:
            missed_on[answer.question] = date
            right_on[answer.question].clear()
        elif missed_on.get(answer.question, date) != date:  # right after reading the feedback is no proof yet
            right_on[answer.question].add(date)
    still_open = [question for question in missed_on if len(right_on[question]) < 2]
    return sorted(still_open, key=lambda question: last_seen[question])


class _History:
    """What the record says about the days before today: the returns of each question, and what was missed."""

    def __init__(self, today: int, answers: list[Answer], pool: list[Question]):
        self.today = today
        self.asked_days: set[str] = set()  # the days that this warm-up already asks about
        first_of_day: dict[str, str] = {}
        for question in pool:
            first_of_day.setdefault(day_of(question.id), question.id)
        self.keys = set(first_of_day.values())
        earlier = [answer for answer in answers if not answer.day or day_number(answer.day) < today]
        self.misses = open_misses(earlier)
        self.returned: dict[str, set[int]] = defaultdict(set)
        for answer in earlier:
            # the warm-up of the first day asks about itself: no return
            if answer.place == "warm-up" and answer.day != day_of(answer.question):
                self.returned[answer.question].add(day_number(answer.day))

    def age(self, question: Question) -> int:
        """Days since the day that teaches it."""
        return self.today - day_number(day_of(question.id))

    def unseen(self, question: Question) -> int:
        """Days since a warm-up last asked it, or since the day that teaches it."""
        return self.today - max(self.returned[question.id], default=day_number(day_of(question.id)))


def _yesterday(pool: list[Question], history: _History) -> Question | None:
    return next((question for question in pool if history.age(question) == 1), None)


def _last_week(pool: list[Question], history: _History) -> Question | None:
    found = [question for question in pool if question.id in history.keys and history.age(question) in SECOND]
    # those that did not return for a second time yet first; among them the one whose turn it is, 4 days after its day
    return min(found, key=lambda q: (len(history.returned[q.id]) >= 2, abs(history.age(q) - 4)), default=None)


def _missed_or_older(pool: list[Question], history: _History) -> Question | None:
    by_id = {question.id: question for question in pool}
    missed = next((by_id[item] for item in history.misses if item in by_id), None)
    if missed is not None:
        return missed
    keys = [q for q in pool if q.id in history.keys]
    due = [q for q in keys if 0 < len(history.returned[q.id]) < RETURNS and history.unseen(q) >= THIRD_GAP]
    return max(due, key=history.unseen, default=None)


def _anything(pool: list[Question], history: _History) -> Question | None:
    """Fills a place that nothing claims: from another day if possible, then what returned least, then the oldest."""
    return min(
        pool,
        key=lambda q: (day_of(q.id) in history.asked_days, len(history.returned[q.id]), -history.unseen(q)),
        default=None,
    )
