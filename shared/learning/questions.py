"""The questions of a week, and what an answer to one is worth.

`questions/weekN.json` holds {"questions": [item, …]}, and an item is

    {"id": "w1d4-02", "kind": "choice", "prompt": "…", "shows": "heading that teaches it",
     "options": [{"text": "…", "correct": false, "feedback": "why it is tempting, why it is wrong"}, …]}

- **choice**: exactly one option is correct. **many**: one or more are correct, and one or more are not.
- **number**: `answer`, `tolerance` (0 if left out) and perhaps `unit`; `feedback` is for the answer, `otherwise` for
  numbers that nobody expected; `options` are known wrong numbers (`text` is the number).
- **order**: `options` stand in the right order, each with the feedback that says why it comes at that place; their
  `correct` means nothing and may be left out.
- **picture**: a choice among drawings. Each option has a `matrix` (rows = queries, columns = keys, numbers 0–1) or a
  `curve` (y values); `text` describes the drawing for those who cannot see it. With curves the item needs `axes`:
  ["x name", "y name"].

Options stand in the file as they are shown, lettered a, b, c, …; only those of an order question are shuffled. In
prompt, text and feedback, `code` in backticks and *stressed* words in asterisks are set so; everything else is plain
text. A feedback that starts with "Right:" is shown without that word, since the verdict says it. The first question of
a day is its key question: the warm-ups bring it back three times (see spacing.py).
"""

import functools
import json
import math
import random
import re
from dataclasses import dataclass
from pathlib import Path

from shared.learning.codes import day_number, day_of

FOLDER = Path(__file__).parent / "questions"
KINDS = ("choice", "many", "number", "order", "picture")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Option:
    """One option. matrix: rows of numbers 0–1; curve: y values; both None except in a picture question."""

    text: str
    correct: bool
    feedback: str
    matrix: tuple[tuple[float, ...], ...] | None = None
    curve: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Question:
    """One question, as it stands in the file; `shown` has the options in the order that the learner sees."""

    id: str
    kind: str
    prompt: str
    shows: str
    options: tuple[Option, ...]
    answer: float | None = None
    tolerance: float = 0.0
    unit: str = ""
    feedback: str = ""
    otherwise: str = ""
    axes: tuple[str, str] | None = None

    @property
    def shown(self) -> tuple[Option, ...]:
        """The options as displayed: shuffled for an order question (always the same way, never already right)."""
        if self.kind != "order":
            return self.options
        mixed = list(self.options)
        shuffler = random.Random(self.id)
        while mixed == list(self.options):
            shuffler.shuffle(mixed)
        return tuple(mixed)


@dataclass(frozen=True)
class Line:
    """Feedback on one thing that the learner chose. good: whether choosing it was right; label: "b" or ""."""

    good: bool
    label: str
    text: str
    feedback: str


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth. given: the answer in its plain form, as recorded; shows: the heading that teaches it."""

    question: str
    correct: bool
    given: str
    headline: str
    lines: tuple[Line, ...]
    shows: str


class AnswerError(ValueError):
    """An answer that cannot be graded, with a sentence for the learner."""


def questions_of(day: str) -> list[Question]:
    """The questions of one day, in the file's order; an empty list if there are none yet."""
    return [question for question in _week(day_number(day) // 7 + 1) if day_of(question.id) == day]


def questions_before(day: str) -> list[Question]:
    """The questions of all earlier days, in the course's order."""
    number = day_number(day)
    return [q for week in range(1, number // 7 + 2) for q in _week(week) if day_number(day_of(q.id)) < number]


def find_question(item: str) -> Question:
    """The question with this id. Errors: AnswerError that names those which are near."""
    import difflib

    known = {question.id: question for week in range(1, 5) for question in _week(week)}
    if item not in known:
        near = difflib.get_close_matches(str(item), known, 3, 0.5)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise AnswerError(f'There is no question "{item}".{hint}')
    return known[item]


def grade(question: Question, given) -> Verdict:
    """Grade an answer.

    given: a letter for choice and picture; letters for many and order, as "ac", "a, c" or ["a", "c"]; for number, the
    number or its text. Errors: AnswerError with a sentence that says what is expected.
    """
    if question.kind == "number":
        return _grade_number(question, given)
    letters = _letters(question, given)
    if question.kind == "order":
        return _grade_order(question, letters)
    return _grade_choice(question, letters)


def to_number(given) -> float | None:
    """A number from a number or from text such as "36", "1,024", "0.5", "0,125", "1/8", "1e-3"; None if it is none or
    not finite.
    """
    if isinstance(given, str):
        text = given.strip().replace("−", "-").replace("_", "").replace("\u202f", "").replace(" ", "")
        if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", text):
            text = text.replace(",", "")
        elif re.fullmatch(r"[-+]?\d*,\d+", text):  # a decimal comma
            text = text.replace(",", ".")
        numerator, slash, denominator = text.partition("/")
        try:
            value = float(numerator) / float(denominator) if slash else float(text)
        except (ValueError, ZeroDivisionError):
            return None
    else:
        if isinstance(given, (bool, type(None))):
            return None
        try:
            value = float(given)
        except (TypeError, ValueError, RuntimeError, OverflowError):  # RuntimeError: a tensor of several numbers
            return None
    return value if math.isfinite(value) else None


def is_empty(given) -> bool:
    """Whether nothing was answered: nothing at all, or only blanks."""
    return given is None or (isinstance(given, str) and not given.strip())


def no_number(given) -> str:
    """What a learner is told whose answer `to_number` cannot read."""
    what = "Nothing is written yet" if is_empty(given) else f"“{given}” is not a number that can be read"
    return f"{what}; write it like 36, 0.25 or 1/8."


def number_words(value: float) -> str:
    """36.0 → "36", 0.123456 → "0.1235", 124439808 → "124,439,808"."""
    if abs(value) < 1e15 and value == int(value):
        return f"{int(value):,}"
    return f"{value:.4g}"


def is_near(value: float, target: float, tolerance: float) -> bool:
    """Equal within an absolute tolerance, with room for the rounding of floating point."""
    return abs(value - target) <= tolerance + 1e-9 * max(1.0, abs(target))


def _grade_number(question: Question, given) -> Verdict:
    text = given.strip().removesuffix(question.unit).strip() if isinstance(given, str) else given
    value = to_number(text)
    if value is None:
        raise AnswerError(no_number(given))
    said = number_words(value)
    with_unit = f"{said} {question.unit}".strip()
    if is_near(value, question.answer, question.tolerance):
        return _verdict(question, True, said, (Line(True, "", with_unit, question.feedback),))
    known = next((o for o in question.options if is_near(value, to_number(o.text), question.tolerance)), None)
    feedback = known.feedback if known else question.otherwise
    return _verdict(question, False, said, (Line(False, "", with_unit, feedback),))


def _grade_choice(question: Question, letters: str) -> Verdict:
    chosen = [(letter, question.shown[LETTERS.index(letter)]) for letter in sorted(letters)]
    lines = tuple(Line(option.correct, letter, option.text, option.feedback) for letter, option in chosen)
    missing = sum(option.correct for option in question.options) - sum(line.good for line in lines)
    correct = missing == 0 and all(line.good for line in lines)
    headline = ""
    if missing and all(line.good for line in lines):
        headline = "Not all yet: what you chose is right, and there is more that belongs."
    return _verdict(question, correct, "".join(sorted(letters)), lines, headline)


def _grade_order(question: Question, letters: str) -> Verdict:
    placed = [question.shown[LETTERS.index(letter)] for letter in letters]
    if placed == list(question.options):
        lines = tuple(Line(True, str(i), option.text, option.feedback) for i, option in enumerate(placed, 1))
        return _verdict(question, True, letters, lines)
    wrong = next(i for i, (mine, right) in enumerate(zip(placed, question.options)) if mine != right)
    kept = f"Right up to place {wrong}." if wrong else "The first place is not right yet."
    line = Line(
        False, str(wrong + 1), placed[wrong].text, f"It does not come at place {wrong + 1}. {placed[wrong].feedback}"
    )
    return _verdict(question, False, letters, (line,), f"Not yet. {kept}")


def _verdict(question: Question, correct: bool, given: str, lines: tuple[Line, ...], headline: str = "") -> Verdict:
    return Verdict(
        question.id, correct, given, headline or ("Right." if correct else "Not yet."), lines, question.shows
    )


def _letters(question: Question, given) -> str:
    text = "".join(given) if isinstance(given, (list, tuple, set)) and all(isinstance(g, str) for g in given) else given
    possible = LETTERS[: len(question.options)]
    shape = {"many": "one letter or several", "order": f"all {len(possible)} letters in order"}.get(
        question.kind, "one letter"
    )
    wanted = f"Answer {question.id} with {shape} from {possible[0]} to {possible[-1]}"
    if not isinstance(text, str):
        raise AnswerError(f"{wanted}, in quotes; got {given!r}.")
    letters = re.sub(r"[\s,;>→-]", "", text).lower()
    if not letters:
        several = "one or several" if question.kind == "many" else "one"
        raise AnswerError(f"Nothing is chosen yet. Choose {several} of the options {possible[0]} to {possible[-1]}.")
    unknown = [letter for letter in letters if letter not in possible]
    repeated = len(set(letters)) < len(letters)
    too_many = question.kind in ("choice", "picture") and len(letters) > 1
    incomplete = question.kind == "order" and len(letters) != len(possible)
    if unknown or repeated or too_many or incomplete:
        raise AnswerError(f'{wanted}; got "{text}".')
    return letters


def load_week(path: Path) -> list[Question]:
    """Read and check one week's file. Errors: ValueError that names file, question and field."""
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is no valid JSON: {error}") from None
    items = items.get("questions") if isinstance(items, dict) else None
    if not isinstance(items, list):
        raise ValueError(f'{path.name}: expected {{"questions": [ … ]}}')
    found: dict[str, Question] = {}
    for place, item in enumerate(items):
        question = _question(path.name, place, item)
        if question.id in found:
            raise ValueError(f"{path.name}, {question.id}: field id: used twice")
        found[question.id] = question
    return sorted(found.values(), key=lambda q: day_number(day_of(q.id)))  # stable: within a day the file's order stays


def _week(week: int) -> list[Question]:
    path = FOLDER / f"week{week}.json"
    return _load_once(path, path.stat().st_mtime_ns) if path.exists() else []


@functools.lru_cache(maxsize=16)
def _load_once(path: Path, changed: int) -> list[Question]:
    return load_week(path)


_FIELDS = {"id", "kind", "prompt", "shows", "options", "answer", "tolerance", "unit", "feedback", "otherwise", "axes"}
_OPTION_FIELDS = {"text", "correct", "feedback", "matrix", "curve"}
_NUMBER_FIELDS = {"answer", "tolerance", "unit", "feedback", "otherwise"}


def _question(file: str, place: int, item) -> Question:
    """Check one item field by field; every complaint names file, question and field."""
    name = item.get("id") if isinstance(item, dict) else None

    def fail(field: str, problem: str):
        raise ValueError(f"{file}, {name or f'question number {place + 1}'}: field {field}: {problem}")

    if not isinstance(item, dict):
        raise ValueError(f"{file}, question number {place + 1}: expected an object, got {type(item).__name__}")
    week = re.search(r"\d+", file)
    if not isinstance(name, str) or not re.fullmatch(r"w[1-4]d[1-7]-\d\d", name):
        fail("id", f'must look like "w1d4-02", got {name!r}')
    if week and name[1] != week[0]:
        fail("id", f"belongs in week{name[1]}.json")
    kind = item.get("kind")
    if kind not in KINDS:
        fail("kind", f"must be one of {', '.join(KINDS)}; got {kind!r}")
    for field in item.keys() - _FIELDS:
        fail(field, "is not known")
    for field in ("prompt", "shows") + (("feedback", "otherwise") if kind == "number" else ()):
        if not isinstance(item.get(field), str) or not item[field].strip():
            fail(field, "must be text that says something")
    for field in _NUMBER_FIELDS & item.keys() if kind != "number" else ():
        fail(field, f"belongs to a number question, not to {kind}")
    options = item.get("options")
    if not isinstance(options, list):
        fail("options", "must be a list")
    read = tuple(_option(option, f"options[{i}]", kind, fail) for i, option in enumerate(options))
    if kind != "number" and not 2 <= len(read) <= len(LETTERS):
        fail("options", f"needs 2 to {len(LETTERS)} options, got {len(read)}")
    if len({option.text for option in read}) < len(read):
        fail("options", "two options have the same text")
    right = sum(option.correct for option in read)
    if kind in ("choice", "picture") and right != 1:
        fail("options", f"exactly one must be correct, got {right}")
    if kind == "many" and not 1 <= right < len(read):
        fail("options", f"some but not all must be correct, got {right} of {len(read)}")
    extra = {}
    if kind == "number":
        extra = _number_part(item, read, fail)
    if kind == "picture":
        extra = _picture_part(item, read, fail)
    elif "axes" in item:
        fail("axes", "belongs to a picture question with curves")
    return Question(name, kind, item["prompt"], item["shows"], read, **extra)


def _option(option, field: str, kind: str, fail) -> Option:
    if not isinstance(option, dict):
        fail(field, f"must be an object, got {type(option).__name__}")
    for unknown in option.keys() - _OPTION_FIELDS:
        fail(f"{field}.{unknown}", "is not known")
    for part in ("text", "feedback"):
        if not isinstance(option.get(part), str) or not option[part].strip():
            fail(f"{field}.{part}", "must be text that says something")
    if kind != "order" and not isinstance(option.get("correct"), bool):
        fail(f"{field}.correct", f"must be true or false, got {option.get('correct')!r}")
    if kind != "picture" and ("matrix" in option or "curve" in option):
        fail(field, "only a picture question has a matrix or a curve")
    matrix, curve = option.get("matrix"), option.get("curve")
    if matrix is not None and not (
        isinstance(matrix, list) and matrix and all(isinstance(r, list) and r for r in matrix)
    ):
        fail(f"{field}.matrix", "must be a list of rows")
    if curve is not None and not isinstance(curve, list):
        fail(f"{field}.curve", "must be a list of y values")
    return Option(
        option["text"],
        kind == "order" or option["correct"],
        _bare(option["feedback"]),
        tuple(map(tuple, matrix)) if matrix else None,
        tuple(curve) if curve is not None else None,
    )


def _bare(feedback: str) -> str:
    """ "Right: it is one matrix." → "It is one matrix." """
    match = re.match(r"Right[:,.]\s+(?=\S)", feedback)
    rest = feedback[match.end() :] if match else feedback
    return rest[0].upper() + rest[1:]


def _number_part(item: dict, options: tuple[Option, ...], fail) -> dict:
    answer, tolerance = item.get("answer"), item.get("tolerance", 0)
    for field, value in (("answer", answer), ("tolerance", tolerance)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            fail(field, f"must be a number, got {value!r}")
    if tolerance < 0:
        fail("tolerance", f"must not be negative, got {tolerance}")
    if not isinstance(item.get("unit", ""), str):
        fail("unit", f"must be text, got {item['unit']!r}")
    for i, option in enumerate(options):
        value = to_number(option.text)
        if value is None:
            fail(f"options[{i}].text", f"must be a number, got {option.text!r}")
        if option.correct or is_near(value, answer, tolerance):
            fail(f"options[{i}]", "lists a known wrong number; the right one stands in the field answer")
    return {
        "answer": float(answer),
        "tolerance": float(tolerance),
        "unit": item.get("unit", ""),
        "feedback": _bare(item["feedback"]),
        "otherwise": item["otherwise"],
    }


def _picture_part(item: dict, options: tuple[Option, ...], fail) -> dict:
    drawn = {"matrix": [o.matrix for o in options if o.matrix], "curve": [o.curve for o in options if o.curve]}
    if len(drawn["matrix"]) + len(drawn["curve"]) != len(options) or (drawn["matrix"] and drawn["curve"]):
        fail("options", "each needs a matrix, or each a curve")
    for i, option in enumerate(options):
        numbers = [n for row in option.matrix for n in row] if option.matrix else option.curve
        if not all(isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(n) for n in numbers):
            fail(f"options[{i}]", "must hold finite numbers only")
        if option.matrix and (len({len(row) for row in option.matrix}) != 1 or not all(0 <= n <= 1 for n in numbers)):
            fail(f"options[{i}].matrix", "must have rows of equal length with numbers from 0 to 1")
        if option.curve and len(option.curve) < 2:
            fail(f"options[{i}].curve", "needs two points or more")
    axes = item.get("axes")
    if drawn["matrix"]:
        if axes is not None:
            fail("axes", "belongs to curves; rows of a matrix are queries, columns are keys")
        return {}
    if not (isinstance(axes, list) and len(axes) == 2 and all(isinstance(name, str) and name.strip() for name in axes)):
        fail("axes", 'must be ["name of x", "name of y"]')
    return {"axes": tuple(axes)}
