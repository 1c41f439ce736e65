"""Where a number comes from: what a walk carries equals the matrices, and what is not so is refused."""

from dataclasses import replace

import numpy as np
import pytest

from shared.visuals import Matrix, Step, product_view, walk_view
from shared.visuals.page import unpack
from tests.visuals.test_page import data_of

TOKENS = "The cat sat on the mat".split()
WORDS = dict(alt="Each number is a row times a column.", caption="Open any number.")


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def course_walk() -> list[Step]:
    """The six-token walk at its real size: 512 wide, heads of 64, 2,048 inside, 50,000 words."""
    random = np.random.default_rng(0)

    def weights(*shape: int) -> np.ndarray:
        return (random.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32)

    def rows(name, values, concept, **more):
        return Matrix(name, values, concept, rows=TOKENS, **more)

    def weight(name, values, concept):
        return Matrix(name, values, concept, row_unit="features")

    by_token = dict(column_unit="tokens", columns=TOKENS)
    table, ids = random.normal(size=(50_000, 512)).astype(np.float32), np.array([464, 3797, 3332, 319, 262, 2603])
    x = table[ids]
    w_q, w_k, w_v, w_o = weights(512, 64), weights(512, 64), weights(512, 64), weights(512, 512)
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    scores = q @ k.T / 8
    shares = softmax(scores)
    joined = np.concatenate([shares @ v] * 8, axis=1)
    mixed = joined @ w_o
    w_1, b_1, w_2 = weights(512, 2048), random.normal(size=2048).astype(np.float32) / 10, weights(2048, 512)
    hidden = np.maximum(0, mixed @ w_1 + b_1)
    y = hidden @ w_2
    w_words = weights(512, 50_000)
    logits = y[-1:] @ w_words
    best = [int(i) for i in np.argsort(-logits[0])[:5]]
    x_m, q_m, v_m = rows("X", x, "residual"), rows("Q", q, "query"), rows("V", v, "value")
    scores_m, shares_m = rows("scores", scores, "residual", **by_token), rows("A", shares, "attention", **by_token)
    keys = Matrix("Kᵀ", k.T, "key", row_unit="features", **by_token)
    hidden_m, mixed_m, y_m = (
        rows("hidden", hidden, "feed-forward"),
        rows("mixed", mixed, "residual"),
        rows("Y", y, "residual"),
    )
    last, words = Matrix("last", y[-1:], "residual", rows=["mat"]), [f"word {i}" for i in range(50_000)]
    return [
        Step("Lookup", "Ids pick rows.", Matrix("ids", ids[:, None], "residual"), weight("table", table, "residual"), x_m, "lookup"),
        Step("Queries", "What is asked.", x_m, weight("W_q", w_q, "query"), q_m),
        Step("Scores", "How well they match.", q_m, keys, scores_m, divided_by=8),
        Step("Weights", "Shares.", scores_m, None, shares_m, "softmax"),
        Step("Mixture", "What is taken home.", shares_m, v_m, rows("head", shares @ v, "value")),
        Step("Heads", "Mixed.", rows("joined", joined, "value"), weight("W_o", w_o, "residual"), mixed_m),
        Step("Wide", "ReLU.", mixed_m, weight("W_1", w_1, "feed-forward"), hidden_m, bias=b_1, relu=True),
        Step("Narrow", "And back.", hidden_m, weight("W_2", w_2, "feed-forward"), y_m),
        Step("Residual", "Added.", mixed_m, y_m, rows("sum", mixed + y, "residual"), "sum"),
        Step("Votes", "50,000 scores.", last, Matrix("W_words", w_words, "residual", None, words, "features", "features"),
             Matrix("votes", logits, "residual", ["mat"], words), columns=best),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return course_walk()


@pytest.fixture(scope="module")
def walk(steps):
    return walk_view(steps, **WORDS)


def test_shown_results_are_the_tensors_and_the_terms_add_up_to_them(steps, walk):
    data = data_of(walk)
    part = [unpack(p) for p in data["parts"]]
    seen = set()
    for step, sent in zip(steps, data["steps"]):
        opened = np.ix_(sent["rows"], sent["columns"])
        value = part[sent["value"]]
        assert np.array_equal(value, step.result.values[opened].astype(np.float32)), step.title
        seen.add(sent["how"])
        if sent["how"] == "product":
            # from the numbers that the page has, by the way that the page goes
            made = part[sent["leftRows"]] @ part[sent["rightColumns"]].T
            total = part[sent["total"]]
            assert np.abs(made - total).max() <= 3e-4 * np.abs(total).max(), step.title
            after = total / sent["dividedBy"] + (0 if sent["bias"] is None else part[sent["bias"]])
            after = np.maximum(0, after) if sent["relu"] else after
            assert np.allclose(after, value, rtol=1e-3, atol=1e-4 * np.abs(value).max()), step.title
        elif sent["how"] == "softmax":
            assert np.allclose(softmax(part[sent["leftRows"]])[:, sent["columns"]], value, atol=1e-6)
        elif sent["how"] == "sum":
            assert np.allclose(part[sent["leftCells"]] + part[sent["rightCells"]], value, atol=1e-6)
        else:
            assert sent["ids"] == [464, 3797, 3332, 319, 262, 2603]
    assert seen == {"product", "softmax", "sum", "lookup"}


def test_factors_are_right_to_the_stated_step(steps, walk):
    data = data_of(walk)
    step, sent = steps[1], data["steps"][1]
    left, right = (unpack(data["parts"][sent[name]]) for name in ("leftRows", "rightColumns"))
    assert np.abs(left - step.left.values).max() <= np.abs(step.left.values).max() / 65534 * 1.001
    chosen = step.right.values[:, sent["columns"]].T
    assert np.abs(right - chosen).max() <= np.abs(chosen).max() / 65534 * 1.001


def test_only_what_can_be_opened_is_sent(steps, walk):
    data = data_of(walk)
    widths = {sent["title"]: len(sent["columns"]) for sent in data["steps"]}
    assert widths == {"Lookup": 16, "Queries": 16, "Scores": 6, "Weights": 6, "Mixture": 16, "Heads": 16, "Wide": 16,
                      "Narrow": 4, "Residual": 16, "Votes": 5}  # fmt: skip
    assert data["steps"][1]["chosen"] == "16 of 64 columns, every 4th"
    assert data["steps"][2]["chosen"] == "all 6 columns"
    assert data["steps"][9]["chosen"] == "5 of 50,000 columns"
    assert list(data["steps"][9]["result"]["columnNames"]) == [str(c) for c in steps[9].columns]
    # the hidden layer is the result of one step and the left matrix of the next: its picture is sent once
    assert data["steps"][6]["result"]["picture"] == data["steps"][7]["left"]["picture"]


def test_the_whole_walk_stays_small(steps, walk):
    assert len(walk.html) < 300_000
    assert len(walk_view(steps[1:2], **WORDS).document) < 40_000 + 45_000  # numbers, and the page's own code


def test_two_makings_are_equal_byte_for_byte(steps):
    assert walk_view(steps[1:3], **WORDS).html == walk_view(steps[1:3], **WORDS).html


def test_a_long_side_is_cut_and_zero_is_exactly_white(walk):
    data = data_of(walk)
    votes, hidden = data["steps"][9], data["steps"][6]["result"]
    assert votes["right"]["cut"] == [False, True] and votes["right"]["sides"][1] == 160
    zeros = unpack(data["parts"][hidden["picture"]])
    assert (zeros == 0.5).mean() > 0.2  # ReLU's zeros lie in the very middle of the scale


def test_columns_may_come_from_numpy():
    square = np.eye(3)
    step = Step("t", "s", *(Matrix(name, square, "query") for name in "abc"), columns=np.argsort([0.1, 0.3, 0.2])[-2:])
    assert data_of(walk_view([step], **WORDS))["steps"][0]["columns"] == [2, 1]


def test_a_single_product():
    left, right = np.array([[1.0, 2.0], [3.0, -4.0]]), np.array([[0.5, 1.0, 0.0], [2.0, -1.0, 1.0]])
    page = product_view(
        Matrix("a", left, "query"),
        Matrix("b", right, "key"),
        Matrix("c", left @ right / 2, "value"),
        divided_by=2,
        **WORDS,
    )
    sent = data_of(page)["steps"][0]
    assert sent["dividedBy"] == 2 and sent["title"] == "a × b = c" and sent["columns"] == [0, 1, 2]
    assert np.allclose(unpack(data_of(page)["parts"][sent["total"]]), left @ right)


def matrix(shape, name="m", value=0.5, concept="value") -> Matrix:
    return Matrix(name, np.full(shape, value), concept)


GOOD = Step("Title", "Says.", matrix((2, 3), "left"), matrix((3, 4), "right"), matrix((2, 4), "result", 0.75))


@pytest.mark.parametrize(
    "change, error, words",
    [
        (
            dict(right=matrix((5, 4), "right")),
            ValueError,
            r"left must be as wide as right is high, got left \(2, 3\) and right \(5, 4\)",
        ),
        (dict(result=matrix((2, 5))), ValueError, r"result must have shape \(2, 4\), got m \(2, 5\)"),
        (dict(result=matrix((2, 4), value=0.8)), ValueError, "at row 0, column 0 it holds 0.8, expected 0.75"),
        (dict(divided_by=2.0), ValueError, "not what the product gives"),
        (dict(divided_by=0.0), ValueError, "divided_by must be a number above 0, got 0.0"),
        (dict(divided_by=float("nan")), ValueError, "divided_by"),
        (dict(bias=np.zeros(3)), ValueError, r"bias must hold 4 finite numbers, got shape \(3,\)"),
        (dict(bias=np.array([0, 0, 0, np.nan])), ValueError, "bias must hold 4 finite"),
        (dict(how="multiply"), ValueError, "how must be one of product, softmax, sum, lookup; got 'multiply'"),
        (dict(how="softmax"), ValueError, "a softmax has no right matrix"),
        (dict(how="softmax", right=None, result=matrix((2, 3), value=0.4)), ValueError, "not what the softmax gives"),
        (dict(how="softmax", right=None, relu=True), ValueError, "belong to a product"),
        (dict(right=None), TypeError, "right must be a Matrix, got NoneType"),
        (dict(left=np.zeros((2, 3))), TypeError, "left must be a Matrix, got ndarray"),
        (dict(how="sum"), ValueError, r"must have one shape, got left \(2, 3\) and right \(3, 4\)"),
        (dict(how="lookup"), ValueError, r"shape \(T, 1\), got left \(2, 3\)"),
        (dict(how="lookup", left=matrix((2, 1), value=7.0)), ValueError, "row numbers from 0 to 2, got 7"),
        (dict(how="lookup", left=matrix((2, 1), value=0.5)), ValueError, "row numbers from 0 to 2, got 0.5"),
        (dict(mark="far too long"), ValueError, "mark must be a text of at most 6 letters, got 'far too long'"),
        (dict(mark=4), ValueError, "mark must be a text"),
        (dict(columns=[4]), ValueError, r"different columns from 0 to 3, got \[4\]"),
        (dict(columns=[1.5]), ValueError, r"different columns from 0 to 3, got \[1.5\]"),
        (dict(columns=[1, 1]), ValueError, "different columns"),
        (dict(columns=[]), ValueError, "1 to 16 different columns"),
        (dict(title=""), ValueError, r"steps\[0\].title must say something"),
        (dict(says=None), ValueError, r"steps\[0\].says must say something"),
    ],
)
def test_a_step_that_is_not_what_it_says(change, error, words):
    walk_view([GOOD], **WORDS)
    with pytest.raises(error, match=words):
        walk_view([replace(GOOD, **change)], **WORDS)


def test_no_steps_and_no_step():
    with pytest.raises(ValueError, match="at least one Step"):
        walk_view([], **WORDS)
    with pytest.raises(TypeError, match=r"steps\[1\] must be a Step, got tuple"):
        walk_view([GOOD, ("a", "b")], **WORDS)


def test_the_error_names_the_step():
    with pytest.raises(ValueError, match=r"steps\[1\] \('Second'\)"):
        walk_view([GOOD, replace(GOOD, title="Second", result=matrix((2, 4), value=9.0))], **WORDS)
