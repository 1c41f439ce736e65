"""The checks: every kind of answer gets its sentence, and the exercises of all weeks are sound."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from shared.learning import check_exercise, exercises, help_with, record
from shared.learning.comparing import difference
from shared.learning.exercises import Exercise, Mistake, exercise_ids, exercises_of_week, judge, verify

Q = torch.arange(6.0).reshape(2, 3) / 10
K = torch.arange(12.0).reshape(4, 3) / 7
SOLUTION = "def weights(q, k):\n    return torch.softmax(q @ k.T, dim=-1)"


def right(q, k):
    return torch.softmax(q @ k.T, dim=-1)


def make(**changes) -> Exercise:
    known = dict(
        id="w1d4-e1",
        title="the weights",
        task="Write it.",
        name="weights",
        cases=[(Q, K), (2 * Q, K)],
        reference=right,
        mistakes=[
            Mistake(
                "over the queries", lambda q, k: torch.softmax(q @ k.T, dim=0), "The softmax runs over the queries."
            ),
            Mistake("no transpose", lambda q, k: torch.softmax(q @ k, dim=-1), "The keys are not transposed."),
        ],
        hints=("Look at the shapes.", "`q @ k.T`"),
        starter="def weights(q, k):\n    ...",
        solution=SOLUTION,
    )
    return Exercise(**(known | changes))


@pytest.fixture
def here(monkeypatch):
    """Only one exercise exists."""
    monkeypatch.setattr(exercises, "exercises_of_week", lambda week: (make(),) if week == 1 else ())


ALL = [exercise for week in range(1, 5) for exercise in exercises_of_week(week)]


@pytest.mark.parametrize("exercise", ALL, ids=[exercise.id for exercise in ALL])
def test_every_exercise_of_the_course_is_sound(exercise):
    assert verify(exercise) == []


def test_the_ids_are_read_without_loading():
    for week in range(1, 5):
        counted = [item for day in range(1, 8) for item in exercise_ids(f"w{week}d{day}")]
        assert sorted(counted) == sorted(exercise.id for exercise in exercises_of_week(week))


def test_a_right_answer_passes_and_is_recorded(here):
    result = check_exercise("w1d4-e1", right)
    assert result.passed and repr(result) == "✓ w1d4-e1, the weights: Passed: right on all 2 cases."
    assert record.passed_exercises() == {"w1d4-e1"}


@pytest.mark.parametrize("mistake", make().mistakes, ids=lambda mistake: mistake.name)
def test_a_known_mistake_gets_its_own_message(here, mistake):
    result = check_exercise("w1d4-e1", mistake.function)
    assert not result.passed and repr(result) == f"✗ w1d4-e1, the weights: {mistake.message}"
    assert record.passed_exercises() == set()


def never_defined(q, k):
    return softmaxx(q @ k.T)  # noqa: F821


def to_do(q, k):
    raise NotImplementedError("your turn")


def dots_inside(q, k):
    scores = ...
    return scores @ k


@pytest.mark.parametrize(
    "answer, words",
    [
        (None, "`weights` is still empty"),
        (..., "`weights` is still empty"),
        (lambda q, k: None, "gives back nothing"),
        (lambda q, k: ..., "a `...` is still"),
        (lambda q, k: (q, ...), "a `...` is still"),
        (to_do, "NotImplementedError"),
        (never_defined, "`softmaxx` is used but never defined"),
        (dots_inside, "a `...` is still"),
    ],
)
def test_unfinished_is_no_failure(here, answer, words):
    result = check_exercise("w1d4-e1", answer)
    assert (
        repr(result).startswith("○ w1d4-e1, the weights: Not done yet: ")
        and words in repr(result)
        and not result.passed
    )
    assert record._rows("SELECT * FROM attempts") == []


def with_index(q, k):
    return q[9]


def with_local(q, k):
    total += q  # noqa: F821
    return total


def for_ever(q, k):
    return for_ever(q, k)


@pytest.mark.parametrize(
    "answer, words",
    [
        (right(Q, K), "Hand over the function itself"),
        ("weights", "Hand over the function itself"),
        (lambda q: q, "must take (q, k), in this order"),
        (lambda q, k: q @ q, "Two shapes do not fit"),
        (with_index, "counting starts at 0"),
        (with_local, "before it gets its value"),
        (for_ever, "calls itself without end"),
        (lambda q, k: q.softmx(), "no such part"),
        (lambda q, k: 1 / 0, "divided by 0"),
        (lambda q, k: q @ k.T.long(), "kinds are mixed"),
        (lambda q, k: open("/no/such/file"), "by hand"),
        (lambda q, k: right(k, q), "shape: expected (2, 4), got (4, 2)"),
        (lambda q, k: right(q, k)[0], "shape: expected (2, 4), got (4,)"),
        (lambda q, k: right(q, k).tolist(), "type: expected a tensor, got a list of numbers (the numbers agree)"),
        (lambda q, k: right(q, k).numpy(), "type: expected a tensor, got a numpy array (the numbers agree)"),
        (lambda q, k: "weights", "got the text 'weights'"),
        (lambda q, k: right, "got a value of type function"),
        (lambda q, k: right(q, k) > 0.2, "expected numbers, got True and False"),
        (lambda q, k: right(q, k) * float("nan"), "NaN (not a number) at [0, 0], 8 of 8"),
    ],
)
def test_wrong_answers_are_explained(here, answer, words):
    result = check_exercise("w1d4-e1", answer)
    assert not result.passed and words in repr(result), repr(result)
    assert "0x" not in repr(result)


def test_the_report_has_all_three_measures_and_the_place(here):
    def off(q, k):
        weights = right(q, k)
        weights[1, 2] += 0.25
        weights[1, 0] -= 0.003
        return weights

    words = repr(check_exercise("w1d4-e1", off))
    assert "On case 1 of 2 (q (2, 3), k (4, 3))" in words and "exactly equal: no; approximately: no" in words
    assert (
        "largest difference 0.25 at [1, 2]" in words
        and "First difference at [1, 0]: expected 0.09855, got 0.09555." in words
    )


def test_the_place_of_the_error_is_the_learner_s_own_line(here):
    assert "(Line 2 of your function.)" in repr(check_exercise("w1d4-e1", with_index))


def test_input_that_is_changed_in_place_does_no_harm(here):
    def spoils(q, k):
        q.zero_()
        return right(q, k)

    assert not check_exercise("w1d4-e1", spoils).passed and Q[1, 2] == 0.5
    assert check_exercise("w1d4-e1", right).passed


def test_unknown_exercises_are_sentences(here):
    assert 'There is no exercise "w1d4-e9". w1d4 has w1d4-e1.' in repr(check_exercise("w1d4-e9", right))
    assert "w2d1 has none" in repr(help_with("w2d1-e1"))
    for item in ("e1", None, "w9d9-e1", 3):
        assert "is written like" in repr(check_exercise(item, right))


def test_an_exercise_may_ask_for_a_value():
    exercise = make(
        cases=None,
        name="shape",
        reference=lambda: (6, 64),
        mistakes=[Mistake("turned", lambda: (64, 6), "Rows are tokens.")],
        starter="shape = ...",
        solution="shape = (6, 64)",
    )
    assert verify(exercise) == []
    assert judge(exercise, [6, 64]).passed and judge(exercise, (64, 6)).words == "Rows are tokens."
    assert judge(exercise, None).words == "Not done yet: `shape` is still empty."
    assert "expected 64, got 65" in judge(exercise, (6, 65)).words


def test_a_reference_may_raise():
    def guarded(q, k):
        if q.shape[-1] != k.shape[-1]:
            raise ValueError("k must be as wide as q")
        return right(q, k)

    exercise = make(reference=guarded, cases=[(Q, K), (Q, K[:, :2])], mistakes=[])
    assert judge(exercise, guarded).passed
    assert (
        "a clear error was expected (ValueError: k must be as wide as q)" in judge(
            exercise, lambda q, k: right(q, k[:, :3] if k.shape[1] > 2 else q)
        ).words
    )


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"solution": "def weights(q, k):\n    return q @ k.T"}, "solution does not pass"),
        ({"solution": "def weights(q"}, "solution does not run"),
        ({"starter": SOLUTION}, "neither unfinished nor a known mistake"),
        ({"starter": "def weights(q, k):\n    return q"}, "neither unfinished"),
        ({"mistakes": [Mistake("fine", right, "No.")]}, "'fine' passes"),
        ({"hints": ("one", " ")}, "two hints"),
        ({"cases": []}, "needs a case"),
        (
            {"mistakes": [make().mistakes[0], Mistake("the same", make().mistakes[0].function, "Twin.")]},
            "'the same' is answered by 'over the queries'",
        ),
        ({"mistakes": [make().mistakes[0]] * 2}, "same name"),
    ],
)
def test_verify_finds_what_is_unsound(changes, problem):
    assert verify(make()) == []
    assert any(problem in found for found in verify(make(**changes))), verify(make(**changes))


def test_help_is_closed_and_escaped(monkeypatch):
    hostile = make(
        title="</title><b>",
        hints=("<img src=x onerror=alert(1)>", "`</code>`"),
        solution='def weights(q, k):\n    return "</code><script>"',
    )
    monkeypatch.setattr(exercises, "exercises_of_week", lambda week: (hostile,))
    page = help_with("w1d4-e1").html
    assert page.count("<details>") == 3 and "open" not in page.split("</style>")[1].split("<details>")[1].split(">")[0]
    assert "<script>" not in page and "<img" not in page and "&lt;/code&gt;&lt;script&gt;" in page
    assert repr(help_with("w1d4-e1")) == "<help with w1d4-e1: hint 1, hint 2, one solution>"


SAME = [
    (1, 1.0),
    (torch.tensor(3.0), 3),
    (np.float32(0.1), 0.1),
    ((1, 2), [1, 2]),
    ("a", "a"),
    (None, None),
    ({"a": torch.ones(2)}, {"a": torch.ones(2)}),
    (torch.ones(2, dtype=torch.float64), torch.ones(2)),
    (torch.ones(2, dtype=torch.bfloat16), torch.ones(2)),
    (torch.tensor([float("inf")]), torch.tensor([float("inf")])),
    (torch.tensor([float("nan"), 1]), torch.tensor([float("nan"), 1])),
    (torch.ones(2, requires_grad=True), torch.ones(2)),
    (torch.zeros(0, 3), torch.zeros(0, 3)),
    ((torch.ones(1), "a"), [torch.ones(1), "a"]),
    ([["a"], []], [["a"], []]),
    (True, True),
    (2 + 1j, 2 + 1j),
    ([], []),
]


@pytest.mark.parametrize("expected, got", SAME, ids=range(len(SAME)))
def test_what_counts_as_the_same(expected, got):
    assert difference(expected, got, 1e-5) is None


OTHER = [
    (1, 2, "expected 1, got 2"),
    (1, None, "got None"),
    (1, "1", "got the text '1'"),
    ("a", "b", "expected 'a', got 'b'"),
    (None, 0, "expected None"),
    ((1, "a"), (1, "b"), "value 2 of 2: expected 'a', got 'b'"),
    ((torch.ones(1), 1), torch.ones(1), "expected 2 values in a tuple, got a tensor of shape (1,)"),
    ((torch.ones(1), 1), (1,), "expected 2 values, got 1"),
    ({"a": 1}, {"b": 1}, "the key 'a' is missing"),
    ({"a": 1}, {"a": 1, "b": 1}, "'b' is too much"),
    ({"a": 1}, [1], "expected a dict"),
    ({"a": (1, 2)}, {"a": (1, 3)}, "'a': "),
    (True, 1, "expected True and False, got numbers"),
    (torch.tensor([float("-inf"), 0.0]), torch.tensor([-1e9, 0.0]), "largest difference inf"),
    (torch.ones(2), [[1], [2, 3]], "type: expected a tensor"),
    (torch.ones(2), torch.ones(2) + 1e-3, "approximately: almost"),
    ([["a"]], [["a", "b"]], "value 1 of 1: expected 1 values, got 2"),
    (float("nan"), 1.0, "expected nan, got 1"),
]


@pytest.mark.parametrize("expected, got, words", OTHER, ids=range(len(OTHER)))
def test_what_differs_is_said(expected, got, words):
    assert words in difference(expected, got, 1e-5).words


def test_the_room_loads_without_torch_and_without_matplotlib():
    code = (
        "import sys, shared.learning as room; room.portfolio, room.exercises.exercise_ids('w1d4'); print([m for m in"
        " ('torch', 'matplotlib', 'anywidget') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        check=True,
    )
    assert done.stdout.strip() == "[]"
