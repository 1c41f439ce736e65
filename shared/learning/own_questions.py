"""Questions that the learner writes: kept in the record, readable in the portfolio, asked back by later warm-ups.

Writing a good question needs more than knowing the answer: a wrong option is good when somebody could really believe it.
So each wrong option has room for the reason why it is tempting, and that reason comes back as feedback weeks later.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.learning import places, record
from shared.learning.cards import inline
from shared.learning.codes import day_number, day_words
from shared.learning.forms import Form
from shared.learning.questions import LETTERS, AnswerError, Option, Question
from shared.learning.record import Answer
from shared.learning.spacing import open_misses

PREFIX = "mine-"
COUNT, WRONG = 3, 3  # questions on a form, wrong options of each
GAPS = (1, 3, 6)  # days of the course until an own question returns, each counted from the last time
LONGEST = 2000  # letters of one text


@dataclass(frozen=True)
class Draft:
    """What the learner wrote, finished or not. wrong: (text, why it is tempting and wrong) of each wrong option."""

    prompt: str = ""
    right: str = ""
    why: str = ""
    wrong: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return any((self.prompt, self.right, self.why, *(part for pair in self.wrong for part in pair)))

    @property
    def missing(self) -> str:
        """What it lacks to be asked, as half a sentence; "" for a finished one."""
        texts = [self.right, *(text for text, _ in self.wrong if text)]
        if not self.prompt:
            return "the question itself is missing"
        if not self.right:
            return "the right answer is missing"
        if any(why and not text for text, why in self.wrong):
            return "a wrong answer has a reason and no words"
        if len(texts) < 2:
            return "it needs at least one wrong answer that somebody could believe"
        if len({text.casefold() for text in texts}) < len(texts):
            return "two answers are the same"
        return ""

    @property
    def advice(self) -> str:
        """What would make a finished question better, or ""."""
        reasons = [why for text, why in self.wrong if text] + [self.why]
        if len(reasons) < 3:
            return "A second wrong answer would make guessing harder."
        if not all(reasons):
            return "Say for each answer why it is right, or why one falls for it: that comes back as feedback."
        return ""


def own_questions(day: str, mine: Sequence[Mapping] | None = None) -> "OwnQuestions":
    """A form for three questions of one's own: `own_questions("w1d5")`. Saved in the record and the portfolio.

    mine: the questions in plain code, where clicking is no way; up to three, each with "prompt", "right", perhaps "why",
    and "wrong", a dictionary from wrong answer to the reason why it is tempting. An empty one leaves its place as it is.
    Errors: ValueError for a day that the course does not have, more than three questions, or a field that is not known.
    """
    day_words(day)
    form = OwnQuestions(day)
    if mine is not None:
        if isinstance(mine, (str, Mapping)) or len(mine) > COUNT:
            raise ValueError(f"mine must be a list of at most {COUNT} questions, got {mine!r}")
        form.save([_from_code(place, item) for place, item in enumerate(mine)])
    return form


def written(day: str = "") -> list[Question]:
    """The finished questions of a day, of all days if none is named, in the order of writing, ready to be asked."""
    found = []
    for item, (its_day, content) in record.own_questions().items():
        draft = _read(content)
        if draft and not draft.missing and day in ("", its_day):
            found.append(_question(item, its_day, draft))
    return found


def find_own(item: str) -> Question:
    """The own question with this name. Errors: AnswerError that says which there are."""
    known = {question.id: question for question in written()}
    if item not in known:
        there = f"There are {', '.join(known)}." if known else "You have not written any yet."
        raise AnswerError(f'There is no question "{item}" of your own. {there}')
    return known[item]


def due(day: str, answers: list[Answer]) -> Question | None:
    """The own question that the warm-up of `day` asks back: one that was missed first, then the one that returned least.

    answers: the record, oldest first; what was answered on this or a later day of the course does not count, so that a cell
    that is run again asks the same. Each returns after 1, 3 and 6 days of the course, and longer if it was missed.
    """
    today = day_number(day)
    earlier = [a for a in answers if a.question.startswith(PREFIX) and a.day and day_number(a.day) < today]
    misses = open_misses([a for a in earlier if a.place == "warm-up"])
    waiting = []
    for place, question in enumerate(written()):
        begun = day_number(_day_of(question.id))
        if begun >= today:
            continue
        returns = {day_number(a.day) for a in earlier if a.question == question.id and a.place == "warm-up"}
        rest = today - max(returns, default=begun)
        missed = question.id in misses
        if missed or (len(returns) < len(GAPS) and rest >= GAPS[len(returns)]):
            waiting.append(((not missed, len(returns), -rest, place), question))
    return min(waiting, key=lambda pair: pair[0])[1] if waiting else None


class OwnQuestions(Form):
    """The form for the questions of one day."""

    script = "own_questions.js"

    def __init__(self, day: str):
        self.day = day
        self.saved = ""
        self._time = None

    def drafts(self) -> list[Draft]:
        """What the record holds for the three places, finished or not."""
        known = record.own_questions()
        return [_read(known.get(self._name(place), (self.day, ""))[1]) for place in range(COUNT)]

    def save(self, drafts: Sequence[Draft | None]) -> None:
        """Keep what changed; None, or an empty draft from plain code, leaves a place as it is."""
        before = self.drafts()
        changed = {
            self._name(place): _as_text(draft)
            for place, draft in enumerate(drafts[:COUNT])
            if draft is not None and draft != before[place]
        }
        if changed:
            record.add_own_questions(self.day, changed)
        self.saved = self._export()

    def said(self) -> list[str]:
        """A sentence about each place."""
        lines = []
        for draft in self.drafts():
            if not draft:
                lines.append("")
            elif draft.missing:
                lines.append(f"Kept, and not yet ready to be asked: {draft.missing}.")
            else:
                lines.append(f"✓ Ready: a later warm-up will ask it. {draft.advice}".strip())
        return lines

    def _name(self, place: int) -> str:
        return f"{PREFIX}{self.day}-{place + 1}"

    def _export(self) -> str:
        """Write the finished questions as Markdown, answers at the end; returns the sentence for the learner."""
        drafts = [draft for draft in self.drafts() if draft and not draft.missing]
        name = f"{self.day}_my_questions.md"
        try:
            if not drafts and not (places.own_folder() / "portfolio" / name).exists():
                return "Saved as drafts." if any(self.drafts()) else "Nothing is written yet."
            places.write_whole(places.portfolio() / name, _page(self.day, written(self.day)))
        except OSError as error:
            return f"Kept in your record. The page {name} could not be written to your portfolio: {error.strerror or error}."
        return f"Saved, also as portfolio/{name}."

    def content(self) -> dict:
        return {"title": f"Your own questions, {day_words(self.day)}", "count": COUNT, "wrong": WRONG}

    def state(self) -> dict:
        drafts = [{"prompt": d.prompt, "right": d.right, "why": d.why, "wrong": d.wrong} for d in self.drafts()]
        return {"drafts": drafts, "said": self.said(), "saved": self.saved, "time": self._time}

    def receive(self, message: dict) -> None:
        drafts = message.get("drafts")
        if message.get("do") != "save" or not isinstance(drafts, list):
            return
        self._time = message.get("time")
        self.save([None if draft is None else _draft(draft) for draft in drafts])

    def fallback(self) -> str:
        parts = []
        for place, draft in enumerate(self.drafts(), 1):
            if draft:
                wrong = "".join(f"<p>✗ {inline(text)} {inline(why)}</p>" for text, why in draft.wrong if text)
                parts.append(
                    f"<details><summary>{place}. {inline(draft.prompt or 'Without a question yet')}</summary>"
                    f"<p>✓ <strong>{inline(draft.right)}</strong> {inline(draft.why)}</p>{wrong}</details>"
                )
            else:
                parts.append(
                    f"<p><strong>Question {place}</strong></p>"
                    '<p class="learn-quiet">Run this cell to write here, or take a sheet of paper: the question, the right '
                    "answer, and wrong answers that somebody could believe, each with its reason.</p>"
                )
        return f'<div class="learn-title"><strong>Your own questions, {day_words(self.day)}</strong></div>{"".join(parts)}'

    def __repr__(self) -> str:
        ready = sum(bool(draft) and not draft.missing for draft in self.drafts())
        return f"<your own questions, {day_words(self.day)}: {ready} of {COUNT} ready>"


def _day_of(item: str) -> str:
    return item.removeprefix(PREFIX).rsplit("-", 1)[0]


def _text(value) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def _draft(found) -> Draft:
    """A draft from whatever a page or a file holds; what makes no sense is left out."""
    if not isinstance(found, dict):
        return Draft()
    pairs = found.get("wrong")
    pairs = [pair for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2] if isinstance(pairs, list) else []
    wrong = tuple((_text(text), _text(why)) for text, why in pairs[:WRONG])
    return Draft(_text(found.get("prompt")), _text(found.get("right")), _text(found.get("why")), tuple(pair for pair in wrong if any(pair)))


def _from_code(place: int, item: Mapping) -> Draft | None:
    if not isinstance(item, Mapping):
        raise ValueError(f'mine[{place}] must look like {{"prompt": …, "right": …, "wrong": {{…: …}}}}, got {item!r}')
    unknown = [key for key in item if key not in ("prompt", "right", "why", "wrong")]
    if unknown:
        raise ValueError(f"mine[{place}] has the field {unknown[0]!r}; the fields are prompt, right, why and wrong")
    wrong = item.get("wrong") or {}
    if not isinstance(wrong, Mapping) or len(wrong) > WRONG:
        raise ValueError(f"mine[{place}]: wrong must be a dictionary of at most {WRONG} wrong answers and their reasons, got {wrong!r}")
    return _draft({**item, "wrong": [list(pair) for pair in wrong.items()]}) or None


def _read(content: str) -> Draft:
    try:
        return _draft(json.loads(content or "{}"))
    except ValueError:  # a row that another version wrote
        return Draft()


def _as_text(draft: Draft) -> str:
    if not draft:
        return ""
    return json.dumps({"prompt": draft.prompt, "right": draft.right, "why": draft.why, "wrong": draft.wrong}, ensure_ascii=False)


def _question(item: str, day: str, draft: Draft) -> Question:
    right = Option(draft.right, True, draft.why or "So you wrote it.")
    wrong = [Option(text, False, why or "You wrote it as a trap. What makes it tempting?") for text, why in draft.wrong if text]
    options = [right, *wrong]
    random.Random(f"{item} {draft.prompt}").shuffle(options)
    return Question(item, "choice", draft.prompt, f"your own questions of {day_words(day)}", tuple(options))


def _page(day: str, questions: Sequence[Question]) -> str:
    """The own quiz as Markdown: questions first, answers at the end, so that it can be handed to somebody else."""
    lines = [f"# My questions, {day_words(day)}", ""]
    for place, question in enumerate(questions, 1):
        lines += [f"## {place}. {question.prompt}", "", *(f"- {LETTERS[i]}: {o.text}" for i, o in enumerate(question.options)), ""]
    lines += ["# Answers", ""]
    for place, question in enumerate(questions, 1):
        for i, option in enumerate(question.options):
            lines.append(f"- {place} {LETTERS[i]}, {'right' if option.correct else 'wrong'}: {option.feedback}")
    return "\n".join(lines) + "\n"
