"""Exercises: the learner's code is run on cases, compared with a reference, and a known mistake is called by its name.

`weekN.py` in this folder holds all `EXERCISES` of a week, gathered from `weekN_dayM.py`; these may import torch, and are
loaded only when an exercise of that week is asked for.
"""

import ast
import copy
import functools
import html
import importlib
import importlib.util
import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.learning import record
from shared.learning.cards import Card, code_style, inline, note
from shared.learning.codes import day_number, day_of
from shared.learning.comparing import difference, to_array

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Mistake:
    """A known wrong way.

    function: takes the same arguments and makes the mistake (it may raise); message: why it is tempting and wrong.
    """

    name: str
    function: Callable
    message: str


@dataclass(frozen=True)
class Exercise:
    """One exercise of a notebook.

    id: "w1d4-e1", written as a literal; name: what the learner defines, a function or, with `cases=None`, a value.
    cases: the arguments of each call, as tuples; the cases must tell all known mistakes apart.
    reference: the right function. hints: two, of rising help.
    starter: the cell as the learner finds it, unfinished or with the bug. solution: source text that defines `name`.
    setup: source text that starter and solution need before them ("import torch"). tolerance: absolute and relative.
    """

    id: str
    title: str
    task: str
    name: str
    cases: Sequence[tuple] | None
    reference: Callable
    mistakes: Sequence[Mistake]
    hints: tuple[str, str]
    starter: str
    solution: str
    setup: str = "import torch"
    tolerance: float = 1e-5


class Checked(Card):
    """The answer to an attempt; `passed` says whether it is right."""

    def __init__(self, text: str, body: str, passed: bool):
        super().__init__(text, body)
        self.passed = passed


def check_exercise(item: str, answer) -> Checked:
    """Check an exercise: `check_exercise("w1d4-e1", attention_weights)`. Never raises, so that a notebook runs to its
    end.

    answer: the learner's function (or value). An attempt that is more than an empty start is recorded.
    """
    try:
        exercise = find_exercise(item)
    except ValueError as error:
        return _checked(item, "", str(error))
    judgement = judge(exercise, answer)
    if judgement.attempted:
        record.add_attempt(item, judgement.passed)
    return _checked(
        f"{exercise.id}, {exercise.title}", judgement.sign, judgement.words, record.take_notice(), judgement.passed
    )


def help_with(item: str) -> Card:
    """Two hints and the solution, each closed until it is opened: `help_with("w1d4-e1")`. An unknown id is answered by
    a sentence.
    """
    try:
        exercise = find_exercise(item)
    except ValueError as error:
        return _checked(item, "", str(error))
    hints = "".join(
        f"<details><summary>Hint {i}</summary><p>{inline(hint)}</p></details>"
        for i, hint in enumerate(exercise.hints, 1)
    )
    code = html.escape(_flush(exercise.solution))
    body = (
        '<div class="learn-title"><strong>Help with'
        f" {html.escape(exercise.title)}</strong></div>{hints}<details><summary>One solution</summary><pre"
        f' style="{code_style()}"><code style="{code_style()}">{code}</code></pre></details>'
    )
    return Card(f"<help with {exercise.id}: hint 1, hint 2, one solution>", body)


@dataclass(frozen=True)
class Judgement:
    """What an attempt is worth. mistake: the name of the known mistake that it makes, or ""."""

    passed: bool
    words: str
    attempted: bool = True
    mistake: str = ""

    @property
    def sign(self) -> str:
        return "✓" if self.passed else "✗" if self.attempted else "○"


def judge(exercise: Exercise, answer) -> Judgement:
    """Compare an attempt with the reference and the known mistakes. Never raises."""
    if exercise.cases is None:
        return _judge_value(exercise, answer)
    if not callable(answer):
        if answer is None or answer is ...:
            return _not_done(f"`{exercise.name}` is still empty.")
        return Judgement(
            False,
            f'Hand over the function itself: `check_exercise("{exercise.id}", {exercise.name})`, without brackets after'
            " its name.",
        )
    outcomes = []
    for case in exercise.cases:
        mine = _run(answer, case)
        missing = _unfinished(mine)
        if missing:
            return _not_done(missing)
        outcomes.append(mine)
    right = [_run(exercise.reference, case) for case in exercise.cases]
    wrong = next((i for i in range(len(right)) if _differ(right[i], outcomes[i], exercise.tolerance)), None)
    if wrong is None:
        count = len(exercise.cases)
        return Judgement(True, f"Passed: right on {'its case' if count == 1 else f'all {count} cases'}.")
    for mistake in exercise.mistakes:
        theirs = [_run(mistake.function, case) for case in exercise.cases]
        if not any(_differ(one, other, exercise.tolerance) for one, other in zip(theirs, outcomes)):
            return Judgement(False, mistake.message, mistake=mistake.name)
    return Judgement(False, _report(exercise, wrong, right[wrong], outcomes[wrong]))


def find_exercise(item: str) -> Exercise:
    """The exercise with this id. Errors: ValueError that names those that there are."""
    match = re.fullmatch(r"w([1-4])d[1-7]-e\d+", item) if isinstance(item, str) else None
    if match is None:
        raise ValueError(f'An exercise is written like "w1d4-e1"; got {item!r}.')
    known = {exercise.id: exercise for exercise in exercises_of_week(int(match[1]))}
    if item not in known:
        day = day_of(item)
        here = [name for name in known if day_of(name) == day]
        raise ValueError(
            f'There is no exercise "{item}". ' + (f"{day} has {', '.join(here)}." if here else f"{day} has none.")
        )
    return known[item]


@functools.cache
def exercises_of_week(week: int) -> tuple[Exercise, ...]:
    """All exercises of a week, loading what its lessons need; empty if the week has none yet."""
    name = f"{__name__}.week{week}"
    if importlib.util.find_spec(name) is None:
        return ()
    return tuple(importlib.import_module(name).EXERCISES)


def exercise_ids(day: str) -> list[str]:
    """The ids of a day's exercises, read from the source text: counting them must not load torch.

    Errors: ValueError for a day that the course does not have.
    """
    day_number(day)
    file = FOLDER / f"week{day[1]}_day{day[3]}.py"
    if not file.exists():
        return []
    return [item for item in _ids_in(file, file.stat().st_mtime_ns) if day_of(item) == day]


@functools.lru_cache(maxsize=16)
def _ids_in(file: Path, changed: int) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Exercise"]
    firsts = [
        next((word.value for word in call.keywords if word.arg == "id"), call.args[0] if call.args else None)
        for call in made
    ]
    return [first.value for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str)]


def verify(exercise: Exercise) -> list[str]:
    """Everything that is wrong with an exercise itself; an empty list for a sound one. For the tests of all weeks.

    The solution must pass, the starter must count as not done or as a known mistake (where a bug is to be fixed), each
    known mistake must be answered by exactly its own message, and no mistake may look like another.
    """
    problems = []
    if len(exercise.hints) != 2 or not all(hint.strip() for hint in exercise.hints):
        problems.append("it needs two hints")
    if exercise.cases is not None and not exercise.cases:
        problems.append("it needs a case")
    for part, source in (("solution", exercise.solution), ("starter", exercise.starter)):
        space: dict = {}
        try:
            exec(compile(f"{exercise.setup}\n{_flush(source)}", f"<{exercise.id} {part}>", "exec"), space)
        except Exception as error:
            problems.append(f"its {part} does not run: {type(error).__name__}: {error}")
            continue
        result = judge(exercise, space.get(exercise.name))
        if part == "solution" and not result.passed:
            problems.append(f"its solution does not pass: {result.words}")
        if (
            part == "starter" and result.attempted and not result.mistake
        ):  # in "fix the bug" it starts with a known mistake
            problems.append(f"its starter is neither unfinished nor a known mistake: {result.words}")
    for mistake in exercise.mistakes:
        attempt = mistake.function if exercise.cases is not None else mistake.function()
        result = judge(exercise, attempt)
        if result.passed:
            problems.append(f"the mistake {mistake.name!r} passes")
        elif result.mistake != mistake.name:
            problems.append(f"the mistake {mistake.name!r} is answered by {result.mistake or result.words!r}")
    if len({mistake.name for mistake in exercise.mistakes}) < len(exercise.mistakes):
        problems.append("two mistakes have the same name")
    return problems


@dataclass(frozen=True)
class _Outcome:
    """What a call gave: a value, or the error that it raised."""

    value: object = None
    error: Exception | None = None


def _run(function: Callable, case: tuple) -> _Outcome:
    try:
        return _Outcome(
            function(*copy.deepcopy(case))
        )  # copies: a function that changes its input must not spoil the comparison
    except Exception as error:  # whatever the learner's code does, the lesson goes on
        return _Outcome(error=error)


def _differ(right: _Outcome, mine: _Outcome, tolerance: float) -> bool:
    if right.error or mine.error:
        return type(right.error) is not type(mine.error) or str(right.error) != str(mine.error)
    return difference(right.value, mine.value, tolerance) is not None


def _judge_value(exercise: Exercise, answer) -> Judgement:
    if answer is None or answer is ...:
        return _not_done(f"`{exercise.name}` is still empty.")
    found = difference(exercise.reference(), answer, exercise.tolerance)
    if found is None:
        return Judgement(True, "Passed.")
    for mistake in exercise.mistakes:
        if difference(mistake.function(), answer, exercise.tolerance) is None:
            return Judgement(False, mistake.message, mistake=mistake.name)
    return Judgement(False, f"Not yet. {_upper(found.words)}")


def _unfinished(outcome: _Outcome) -> str:
    """What is still missing, or ""."""
    error = outcome.error
    if isinstance(error, NotImplementedError):
        return "the function still raises NotImplementedError where your code belongs."
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        name = getattr(error, "name", None) or str(error)
        return f"the name `{name}` is used but never defined. Give it a value first, or look for a typing slip."
    if error is not None and re.search(r"\bellipsis\b", str(error)):
        return "a `...` is still standing where your code belongs."
    if outcome.value is None and error is None:
        return "the function gives back nothing. Write your lines, and end with `return`."
    values = outcome.value if isinstance(outcome.value, (tuple, list)) else [outcome.value]
    if any(value is ... for value in values):
        return "a `...` is still standing where your code belongs."
    return ""


def _not_done(missing: str) -> Judgement:
    return Judgement(False, f"Not done yet: {missing}", attempted=False)


def _report(exercise: Exercise, place: int, right: _Outcome, mine: _Outcome) -> str:
    count = len(exercise.cases)
    which = f"On case {place + 1} of {count}" if count > 1 else "On its case"
    with_what = _arguments(exercise.reference, exercise.cases[place])
    start = f"Not yet. {which} ({with_what}): " if with_what else f"Not yet. {which}: "
    if mine.error is not None:
        return start + _error_words(exercise, mine.error)
    if right.error is not None:
        return (
            f"{start}a clear error was expected ({type(right.error).__name__}: {right.error}), but your function gave a"
            " result."
        )
    return start + difference(right.value, mine.value, exercise.tolerance).words


MIXED_KINDS = "Whole numbers, decimals and other kinds are mixed: print the `.dtype` (or `type(...)`) of what goes in."


def _error_words(exercise: Exercise, error: Exception) -> str:
    """The error in plain words, with what most often causes it."""
    said = " ".join(str(error).split())
    said = said if len(said) <= 200 else said[:197] + "…"
    text, line = f"your code stopped with {type(error).__name__}: {said}.".replace("..", "."), _line_of(error)
    if isinstance(error, TypeError) and re.search(r"positional argument|required|unexpected keyword", said):
        wanted = ", ".join(inspect.signature(exercise.reference).parameters)
        reason = f"The function must take ({wanted}), in this order."
    elif isinstance(error, RecursionError):
        reason = "The function calls itself without end."
    elif isinstance(error, ZeroDivisionError):
        reason = "Something is divided by 0."
    elif isinstance(error, IndexError) and "Dimension out of range" not in said:
        reason = "An index goes past the end. Remember that counting starts at 0."
    elif isinstance(error, AttributeError):
        reason = "That object has no such part: look for a typing slip, or a list where a tensor is meant."
    elif isinstance(error, UnboundLocalError):
        reason = "The name is used before it gets its value."
    elif "dtype" in said or "scalar type" in said:
        reason = MIXED_KINDS
    elif re.search(
        r"shapes? cannot be multiplied|size of tensor|must match|out of range|mat1 and mat2|dimension|batch1|not"
        r" aligned|broadcast",
        said,
    ):
        reason = (
            "Two shapes do not fit together: print the `.shape` of both just before that line. A transpose is often"
            " missing or one too many."
        )
    elif isinstance(error, TypeError):
        reason = MIXED_KINDS
    else:
        reason = "Call your function once by hand with small numbers, to see where it stops."
    return f"{text}{line} {reason}"


def _line_of(error: Exception) -> str:
    """The learner's own line that stopped, as " (line 3 of your function)", or ""."""
    trace, last = error.__traceback__, None
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith(str(FOLDER)) and last is None:
            last = trace.tb_lineno - code.co_firstlineno + 1
        trace = trace.tb_next
    return f" (Line {last} of your function.)" if last and last > 0 else ""


def _arguments(reference: Callable, case: tuple) -> str:
    """The arguments of a case in a few words: "q (3, 4), scale 0.5"."""
    try:
        names = list(inspect.signature(reference).parameters)
    except (TypeError, ValueError):
        names = []
    told = []
    for i, value in enumerate(case):
        array = to_array(value)
        if array is not None and array.ndim:
            what = str(tuple(int(n) for n in array.shape))
        elif isinstance(value, (bool, int, float, str)) or value is None:
            what = repr(value) if len(repr(value)) <= 30 else type(value).__name__
        else:
            what = type(value).__name__
        told.append(f"{names[i]} {what}" if i < len(names) else what)
    return ", ".join(told)


def _flush(source: str) -> str:
    return textwrap.dedent(source).strip("\n")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _checked(title: str, sign: str, words: str, notice: str = "", passed: bool = False) -> Checked:
    kind = {"✓": "learn-right", "✗": "learn-wrong"}.get(sign, "")
    head = f"{sign} {title}".strip()
    text = f"{head}: {words}" + (f"\n{notice}" if notice else "")
    body = (
        f'<p class="learn-verdict {kind}"><strong>{html.escape(head)}</strong></p><p class="learn-line'
        f' {kind}">{inline(words)}</p>{note(notice)}'
    )
    return Checked(text, body, passed)
