"""Predictions: the learner commits before the picture, and the reveal answers the commitment.

A guess that was made is remembered with what follows it, right or wrong. Left empty, the notebook runs on.
"""

import html
import math
from typing import Literal

from shared.learning import record
from shared.learning.cards import Card, inline, note
from shared.learning.forms import Form
from shared.learning.questions import LETTERS, is_near, no_number, number_words, to_number

CLOSE = 0.15  # a guess within 15 % counts as close

_open: dict[str, "Prediction"] = {}  # the forms of this session, so that a reveal can close its own


def predict(
    item: str, prompt: str, answer: Literal["number", "text"] = "number", *, options: list[str] | None = None, mine=None
) -> "Prediction":
    """Ask for a commitment: `predict("w1d4-p1", "How many numbers …?")`. It can be changed until `reveal`.

    answer: "number" or "text"; options: texts to choose from, instead of both. mine: the commitment in plain code,
    where clicking is no way: a number, a text, or an option's letter or text.
    Errors: ValueError for another kind of answer, or fewer than two options.
    """
    if answer not in ("number", "text"):
        raise ValueError(f'answer must be "number" or "text", got {answer!r}')
    if options is not None and (len(options) < 2 or len(set(options)) < len(options)):
        raise ValueError(f"options must be two or more different texts, got {options!r}")
    prediction = Prediction(item, " ".join(prompt.split()), "choice" if options else answer, list(options or ()))
    if mine is not None and mine is not ...:
        prediction.commit(mine)
    _open[item] = prediction
    return prediction


def guess(item: str) -> float | str | None:
    """The learner's commitment, so that a figure can mark it: a number if it is one, else a text; or None."""
    said = record.prediction(item)
    value = to_number(said) if said is not None else None
    return said if value is None else value


def reveal(item: str, value, because: str, *, tolerance: float | None = None) -> Card:
    """Compare the commitment with what was computed: `reveal("w1d4-p1", weights.numel(), "6 queries meet 6 keys.")`.

    value: a number (also a tensor of one number) or a text. because: one or two sentences that hold for everyone.
    tolerance: how far off still counts as right; left out, only rounding. Errors: ValueError for a text that is none of
    the options.
    """
    form = _open.get(item)
    number = None if isinstance(value, str) else to_number(value)
    if not isinstance(value, str) and number is None:
        raise ValueError(f"value must be a finite number or a text, got {value!r}")
    if form is not None and form.options and value not in form.options:
        raise ValueError(f"value must be one of the options {form.options}, got {value!r}")
    said = record.prediction(item)
    because = " ".join(because.split())
    if said is None:
        sentence = f"It is {_quoted(value, number)}."
    elif number is not None:
        sentence = _compare_numbers(said, number, tolerance)
    elif form is not None and form.kind == "text":
        sentence = f"You wrote “{said}”. It is {_quoted(value, number)}."
    else:
        sentence = (
            f"You said “{said}”, and so it is."
            if said == value
            else f"You said “{said}”; it is {_quoted(value, number)}."
        )
    if form is not None and said is not None:
        form.close()
    notice = record.take_notice()
    text = f"{sentence} {because}" + (f"\n{notice}" if notice else "")
    answer = f"<p><strong>{inline(sentence)}</strong> {inline(because)}</p>"
    if said is None:  # who reads before guessing should have to ask for the answer
        answer = f"<details><summary>Your guess first; then open the answer</summary>{answer}</details>"
    return Card(text, answer + note(notice))


class Prediction(Form):
    """One commitment. kind: "number", "text" or "choice"."""

    script = "predict.js"

    def __init__(self, item: str, prompt: str, kind: str, options: list[str]):
        self.item, self.prompt, self.kind, self.options = item, prompt, kind, options
        self.problem = ""
        self.closed = False
        self._time = None  # of the page's last message: makes an equal state a new one, so that the page hears back

    def commit(self, mine) -> None:
        """Take a commitment; one that cannot be read becomes a sentence in the form."""
        self.problem = ""
        if self.kind == "number":
            value = to_number(mine)
            if value is None:
                self.problem = no_number(mine)
                return
            said = repr(value) if value != int(value) else str(int(value))
        elif self.kind == "choice":
            said = self._option(mine)
            if said is None:
                last = LETTERS[len(self.options) - 1]
                self.problem = (
                    "Nothing is chosen yet." if mine in ("", None) else f"“{mine}” is none of the options a to {last}."
                )
                return
        else:
            said = str(mine).strip()
            if not said:
                self.problem = "Write a few words first."
                return
        record.add_prediction(self.item, said)

    def close(self) -> None:
        """After the reveal the commitment stays as it was."""
        self.closed = True
        self.push()

    def content(self) -> dict:
        options = [{"letter": LETTERS[i], "text": option} for i, option in enumerate(self.options)]
        return {"prompt": self.prompt, "kind": self.kind, "options": options}

    def state(self) -> dict:
        said = record.prediction(self.item)
        return {"said": _shown(said, self.kind), "problem": self.problem, "closed": self.closed, "time": self._time}

    def receive(self, message: dict) -> None:
        self._time = message.get("time")
        if message.get("do") == "commit" and not self.closed:
            self.commit(message.get("given"))

    def fallback(self) -> str:
        options = "".join(f"<p>{LETTERS[i]} &nbsp; {inline(option)}</p>" for i, option in enumerate(self.options))
        said = _shown(record.prediction(self.item), self.kind)
        asked = (
            f"<p><strong>Noted: {html.escape(said)}</strong></p>"
            if said
            else '<p class="learn-quiet">Decide before you read on. Run this cell to write your guess down here.</p>'
        )
        problem = f"<p>{html.escape(self.problem)}</p>" if self.problem else ""
        return (
            '<div class="learn-title"><strong>Your'
            f" prediction</strong></div><p>{inline(self.prompt)}</p>{options}{problem}{asked}"
        )

    def _option(self, mine) -> str | None:
        if mine in self.options:
            return mine
        letter = mine.strip().lower() if isinstance(mine, str) else ""
        place = LETTERS.find(letter) if len(letter) == 1 else -1
        return self.options[place] if 0 <= place < len(self.options) else None

    def __repr__(self) -> str:
        said = _shown(record.prediction(self.item), self.kind)
        return f"<prediction {self.item}: {self.problem or said or 'open'}>"


def _shown(said: str | None, kind: str) -> str:
    if said is None:
        return ""
    value = to_number(said) if kind == "number" else None
    return said if value is None else number_words(value)


def _quoted(value, number: float | None) -> str:
    return f"“{value}”" if number is None else number_words(number)


def _compare_numbers(said: str, value: float, tolerance: float | None) -> str:
    mine = to_number(said)
    it_is = number_words(value)
    if mine is None:
        return f"You said “{said}”; it is {it_is}."
    start = f"You said {number_words(mine)}"
    if is_near(mine, value, tolerance or 0.0):
        return f"{start}, and it is {it_is}: right." if number_words(mine) != it_is else f"{start}, and so it is."
    if value and abs(mine - value) <= CLOSE * abs(value):
        return f"{start}; it is {it_is}: close."
    if mine * value > 0:
        factor = max(mine / value, value / mine)
        if factor >= 1.5:
            return f"{start}; it is {it_is}: {_times(factor)} too {'large' if abs(mine) > abs(value) else 'small'}."
    elif mine * value < 0:
        return f"{start}; it is {it_is}: the other sign."
    return f"{start}; it is {it_is}: off by {number_words(abs(mine - value))}."


def _times(factor: float) -> str:
    if math.isinf(factor):
        return "more than 10 to the 308 times"
    if factor >= 1000:
        return f"about 10 to the {round(math.log10(factor))} times"
    rounded = round(factor, 1) if factor < 10 else round(factor)
    exact = math.isclose(factor, rounded, rel_tol=1e-9)
    return f"{'' if exact else 'about '}{rounded:g} times"
