"""What has grown: the first answer to each question against the latest one, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.days import DAYS
from shared.learning import record
from shared.learning.codes import day_number, day_of


@dataclass(frozen=True)
class Growth:
    """One day's questions that were answered at least twice. first, latest: how many were right; total: of how many."""

    day: str
    first: int
    latest: int
    total: int


def growth(days: Sequence[str] | None = None) -> list[Growth]:
    """First answers against latest ones, for the days given, else for all, in order; days without a second answer are left out.

    A question that was answered once says nothing about growth and does not count. Warm-ups and exams count as answers.
    Errors: ValueError for a day that the course does not have. Used in week 4 day 7.
    """
    chosen = list(days) if days is not None else [day.code for day in DAYS.values()]
    for day in chosen:
        day_number(day)
    given: dict[str, list[bool]] = {}
    for answer in record.answers():
        given.setdefault(answer.question, []).append(answer.correct)
    found = []
    for day in sorted(set(chosen), key=day_number):
        twice = [answers for question, answers in given.items() if day_of(question) == day and len(answers) > 1]
        if twice:
            found.append(Growth(day, sum(a[0] for a in twice), sum(a[-1] for a in twice), len(twice)))
    return found
