"""Days that look back ask in rounds: some questions for each idea, old ones and new ones mixed.

`questions/rounds.json` holds {"w1d5": [{"idea": "Masks", "ask": ["w1d3-04", "w1d5-09"]}, …]}.
"""

import json
from dataclasses import dataclass

from shared.learning import questions
from shared.learning.codes import day_number, day_of
from shared.learning.questions import AnswerError, Question, find_question

FILE = "rounds.json"


@dataclass(frozen=True)
class Round:
    """The questions about one idea."""

    idea: str
    questions: tuple[Question, ...]


def rounds_of(day: str) -> list[Round]:
    """The rounds of a day's quiz; an empty list for a day that asks its own questions only.

    Errors: ValueError for a day that the course does not have, and one that names what is wrong in the file.
    """
    number = day_number(day)
    path = questions.FOLDER / FILE
    if not path.exists():
        return []
    found, seen = [], set()
    for item in json.loads(path.read_text(encoding="utf-8")).get(day, []):
        idea, asked = item.get("idea", ""), item.get("ask", [])
        if not idea.strip() or not asked:
            raise ValueError(f"{FILE}, {day}: a round needs an idea and questions, got {item!r}")
        try:
            these = tuple(find_question(name) for name in asked)
        except AnswerError as error:
            raise ValueError(f"{FILE}, {day}, {idea}: {error}") from None
        for question in these:
            if question.id in seen or day_number(day_of(question.id)) > number:
                raise ValueError(f"{FILE}, {day}, {idea}: {question.id} is asked twice, or belongs to a later day")
            seen.add(question.id)
        found.append(Round(idea, these))
    return found
