"""Quizzes: clickable in a cell, answered in plain code with `check`, and readable where there is no kernel."""

import html
from dataclasses import asdict

from shared.learning import own_questions, record, rounds, spacing
from shared.learning.cards import Card, inline, note
from shared.learning.codes import day_of, day_words
from shared.learning.drawings import drawing
from shared.learning.forms import Form
from shared.learning.questions import (
    LETTERS,
    AnswerError,
    Question,
    Verdict,
    find_question,
    grade,
    number_words,
    questions_of,
)


def quiz(day: str) -> "Quiz":
    """The self-quiz of a day: `quiz("w1d4")`. A day that looks back asks in rounds, one for each idea (see rounds.py).

    Errors: ValueError for a day that the course does not have.
    """
    title = f"Self-quiz, {day_words(day)}"
    if found := rounds.rounds_of(day):
        return RoundsQuiz(title, found, day)
    return Quiz(title, "", questions_of(day), "quiz", day)


def own_quiz(day: str) -> "Quiz":
    """The questions that the learner wrote on a day, to be tried at once: `own_quiz("w1d5")`. Errors: as `quiz`."""
    mine = own_questions.written(day)
    title = f"Your own quiz, {day_words(day)}"
    form = Quiz(title, "Read each option as somebody who is not sure.", mine, "own", day)
    if not mine:
        form.intro = "No question of yours is ready yet. Write one in the form above, save it, and run this cell again."
    return form


def warm_up(day: str) -> "Quiz":
    """Three questions from earlier days, chosen by `spacing.pick`: `warm_up("w1d4")`, and one that the learner wrote, when
    its turn has come (`own_questions.due`). Also notes that the day was opened.

    Errors: ValueError for a day that the course does not have.
    """
    record.add_visit(day)
    answers = record.answers()
    picked = spacing.pick(day, answers)
    first_day = bool(picked) and all(day_of(question.id) == day for question in picked)
    intro = (
        "What do you already know? Guess freely: today's pages answer all of them."
        if first_day
        else "From memory, without looking back."
    )
    if mine := own_questions.due(day, answers):
        picked.append(mine)
        intro += " The last question is one that you wrote."
    return Quiz(f"Warm up, {day_words(day)}", intro if picked else "", picked, "warm-up", day)


def check(item: str, given) -> Card:
    """Answer one question in plain code, anywhere: `check("w1d4-02", "b")`.

    given: a letter; "ac" where several belong; "cab" for an order; a number where a number is asked. Never raises: an
    unknown id or letter is answered by a sentence.
    """
    try:
        own = isinstance(item, str) and item.startswith(own_questions.PREFIX)
        question = own_questions.find_own(item) if own else find_question(item)
        verdict = grade(question, given)
    except AnswerError as error:
        return Card(str(error), f"<p>{inline(str(error))}</p>")
    record.add_answer(item, verdict.given, verdict.correct, "check")
    return _verdict_card(question, verdict, record.take_notice())


class Quiz(Form):
    """Some questions in a form. place: where the answers are recorded ("quiz", "warm-up"); day: the notebook they stand
    in.
    """

    script = "quiz.js"

    def __init__(self, title: str, intro: str, questions: list[Question], place: str, day: str):
        self.title, self.place, self.day = title, place, day
        self.intro = intro if questions else "There is nothing to ask here yet."
        self.questions = {question.id: question for question in questions}
        self._last: dict[str, dict] = {}  # question id → the last verdict, as the page shows it
        self._graded: dict[str, list[bool]] = {}

    def content(self) -> dict:
        return {
            "title": self.title,
            "intro": self.intro,
            "questions": [_without_answers(q) for q in self.questions.values()],
        }

    def state(self) -> dict:
        return {"verdicts": self._last, "score": self.score()}

    def receive(self, message: dict) -> None:
        question = self.questions.get(message.get("id"))
        if message.get("do") != "grade" or question is None:
            return
        time = message.get("time")  # makes an equal verdict count as a new one, so the page shows it again
        try:
            verdict = grade(question, message.get("given"))
        except AnswerError as error:
            self._last[question.id] = {"problem": str(error), "time": time}
            return
        self._last[question.id] = {**asdict(verdict), "time": time}
        self._graded.setdefault(question.id, []).append(verdict.correct)
        record.add_answer(question.id, verdict.given, verdict.correct, self.place, self.day)

    def score(self) -> str:
        """The sum once every question was answered, else ""."""
        if not self.questions or len(self._graded) < len(self.questions):
            return ""
        total = len(self.questions)
        right, at_once = (sum(tries[i] for tries in self._graded.values()) for i in (-1, 0))
        words = f"{right} of {total} right, {at_once} at the first try."
        open_headings = dict.fromkeys(self.questions[q].shows for q, tries in self._graded.items() if not tries[-1])
        if open_headings:
            words += " Worth another look: " + "; ".join(f"“{heading}”" for heading in open_headings) + "."
        missed = total - at_once
        return words + (" What you missed comes back in later warm-ups." if missed else "")

    def fallback(self) -> str:
        """The questions as static HTML: each option opens its feedback."""
        intro = f'<p class="learn-quiet">{inline(self.intro)}</p>' if self.intro else ""
        asked = "".join(_static(i, question) for i, question in enumerate(self.questions.values(), 1))
        return f'<div class="learn-title"><strong>{html.escape(self.title)}</strong></div>{intro}{asked}'

    def __repr__(self) -> str:
        ids = ", ".join(self.questions) or "no questions yet"
        return f"<{self.title}: {ids}>"


class RoundsQuiz(Quiz):
    """A quiz in rounds, one for each idea, with a diagnosis at the end: which idea to read again, and where."""

    def __init__(self, title: str, found: list[rounds.Round], day: str):
        self.rounds = found
        count = sum(len(one.questions) for one in found)
        intro = f"{count} questions in {len(found)} rounds, one for each idea. After each round a line at the end says how it went."
        super().__init__(title, intro, [question for one in found for question in one.questions], "quiz", day)

    def content(self) -> dict:
        content = super().content()
        starts = {one.questions[0].id: f"Round {i}: {one.idea}" for i, one in enumerate(self.rounds, 1)}
        asked = [{**question, "round": starts.get(question["id"], "")} for question in content["questions"]]
        return {**content, "questions": asked}

    def state(self) -> dict:
        return {**super().state(), "days": self.diagnosis()}

    def diagnosis(self) -> list[dict]:
        """For each round that is finished: right at the first try, of how many, and the headings to read again."""
        found = []
        for one in self.rounds:
            tries = [self._graded.get(question.id) for question in one.questions]
            if all(tries):
                missed = [question for question, given in zip(one.questions, tries) if not given[0]]
                look = dict.fromkeys(f"{question.shows}, day {day_of(question.id)[3]}" for question in missed)
                found.append({"title": one.idea, "right": len(tries) - len(missed), "total": len(tries), "look": list(look)})
        return found

    def score(self) -> str:
        days = self.diagnosis()
        if not days or len(days) < len(self.rounds):
            return ""
        at_once, total = sum(day["right"] for day in days), len(self.questions)
        words = f"{at_once} of {total} right at the first try."
        if at_once == total:
            return words + " Nothing of this needs another look today."
        worst = min(days, key=lambda day: day["right"] / day["total"])
        return words + f" Begin with “{worst['title']}”. What you missed comes back in later warm-ups."

    def fallback(self) -> str:
        parts, place = [], 0
        for i, one in enumerate(self.rounds, 1):
            parts.append(f'<p class="learn-round" style="margin-top:22px;font-size:16px"><strong>Round {i}: {inline(one.idea)}</strong></p>')
            for question in one.questions:
                place += 1
                parts.append(_static(place, question))
        return (
            f'<div class="learn-title"><strong>{html.escape(self.title)}</strong></div><p class="learn-quiet">{inline(self.intro)}</p>'
            + "".join(parts)
        )


def _without_answers(question: Question) -> dict:
    """What the page needs to ask, and nothing that tells what is right."""
    options = [
        {
            "letter": LETTERS[i],
            "text": option.text,
            "image": drawing(question, option) if question.kind == "picture" else None,
        }
        for i, option in enumerate(question.shown if question.kind != "number" else ())
    ]
    return {
        "id": question.id,
        "kind": question.kind,
        "prompt": question.prompt,
        "unit": question.unit,
        "options": options,
    }


def _static(place: int, question: Question) -> str:
    shows = f'<p class="learn-quiet">It is shown in “{inline(question.shows)}”.</p>'
    if question.kind == "number":
        answer = f"{number_words(question.answer)} {question.unit}".strip()
        traps = "".join(
            f"<p>✗ <strong>{inline(option.text)}</strong> {inline(option.feedback)}</p>" for option in question.options
        )
        body = (
            f"<details><summary>Open after you have a number</summary><p>✓ <strong>{html.escape(answer)}</strong> "
            f"{inline(question.feedback)}</p>{traps}{shows}</details>"
        )
    elif question.kind == "order":
        given = "".join(f"<p>{LETTERS[i]} &nbsp; {inline(option.text)}</p>" for i, option in enumerate(question.shown))
        steps = "".join(
            f"<li><strong>{inline(option.text)}</strong> {inline(option.feedback)}</li>" for option in question.options
        )
        body = f"{given}<details><summary>Open after you have an order</summary><ol>{steps}</ol>{shows}</details>"
    else:
        body = "".join(_static_option(question, i) for i in range(len(question.options)))
        hint = {"many": "Choose all that apply, then open them.", "picture": "Choose one, then open it."}.get(
            question.kind, ""
        )
        body = (f'<p class="learn-quiet">{hint}</p>' if hint else "") + body
    return f'<p style="margin-top:18px"><strong>{place}. {inline(question.prompt)}</strong></p>{body}'


def _static_option(question: Question, i: int) -> str:
    option = question.options[i]
    words = (
        {True: "Right.", False: "Not right."}
        if question.kind != "many"
        else {True: "It belongs.", False: "It does not belong."}
    )
    sign = "✓" if option.correct else "✗"
    told = f"<p>{sign} <strong>{words[option.correct]}</strong> {inline(option.feedback)}</p>"
    if not option.correct:
        told += f'<p class="learn-quiet">It is shown in “{inline(question.shows)}”.</p>'
    if question.kind != "picture":
        return f"<details><summary>{LETTERS[i]} &nbsp; {inline(option.text)}</summary>{told}</details>"
    image = f'<img alt="{html.escape(option.text)}" width="190" height="190" src="{drawing(question, option)}">'
    return f"<p>{image}</p><details><summary>{LETTERS[i]}</summary>{told}</details>"


def _verdict_card(question: Question, verdict: Verdict, notice: str) -> Card:
    sign, kind = ("✓", "learn-right") if verdict.correct else ("✗", "learn-wrong")
    text = [f"{sign} {question.id}: {verdict.headline}"]
    body = [
        f'<p class="learn-quiet">{question.id} &nbsp; {inline(question.prompt)}</p>',
        f'<p class="learn-verdict {kind}"><strong>{sign} {inline(verdict.headline)}</strong></p>',
    ]
    for line in verdict.lines:
        mark, line_kind = ("✓", "learn-right") if line.good else ("✗", "learn-wrong")
        label = f"{line.label}: " if line.label else ""
        text.append(f"  {mark} {label}{line.text} — {line.feedback}")
        body.append(
            f'<p class="learn-line {line_kind}"><span class="learn-mark">{mark} {label}</span>'
            f"<strong>{inline(line.text)}</strong> {inline(line.feedback)}</p>"
        )
    if not verdict.correct:
        text.append(f"  It is shown in “{verdict.shows}”.")
        body.append(f'<p class="learn-quiet">It is shown in “{inline(verdict.shows)}”.</p>')
    if notice:
        text.append(notice)
    return Card("\n".join(text), "".join(body) + note(notice))
