"""Ratings from votes: against hand-worked numbers, against scikit-learn's logistic regression, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arena import SCALE, START, Vote, bradley_terry, elo, expected_score, simulate

TRUE = {"north": 1150.0, "east": 1050.0, "south": 950.0, "west": 850.0}


def test_400_points_are_ten_to_one():
    assert expected_score(1400, 1000) == pytest.approx(10 / 11)
    assert expected_score(1000, 1000) == 0.5
    assert expected_score(1e9, -1e9) == 1 and expected_score(-1e9, 1e9) == 0


def test_elo_by_hand():
    """1000 against 1000: 16 points change hands. Then the loser, at 984, beats 1016: he was expected to win 0.4541 of it."""
    history = elo([Vote("a", "b", 1), Vote("b", "a", 1)])
    assert history[0] == {"a": 1000, "b": 1000} and history[1] == {"a": 1016, "b": 984}
    assert history[2]["b"] == pytest.approx(984 + 32 * (1 - 1 / (1 + 10 ** (32 / 400))), abs=1e-9)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("def"), st.sampled_from((0.0, 0.5, 1.0))), max_size=40), st.floats(0.5, 200))
def test_elo_keeps_the_sum(pairs, k):
    votes = [Vote(*pair) for pair in pairs]
    for ratings in elo(votes, k=k):
        assert sum(ratings.values()) == pytest.approx(START * len(ratings))


def test_two_models_have_a_closed_form():
    """30 of 40 won: odds of 3 to 1, so 400·log10(3) = 190.8 points; with the prior 30.5 to 10.5."""
    votes = [Vote("a", "b", 1)] * 30 + [Vote("b", "a", 1)] * 10
    found = bradley_terry(votes)
    assert list(found) == ["a", "b"]
    assert found["a"].points - found["b"].points == pytest.approx(400 * math.log10(30.5 / 10.5), abs=1e-6)
    # the standard error of a log odds is √(1/wins + 1/losses); half of the difference belongs to each
    error = SCALE * math.sqrt(1 / 30.5 + 1 / 10.5) / 2
    assert found["a"].high - found["a"].points == pytest.approx(1.959964 * error, rel=1e-6)


def test_the_fit_is_logistic_regression():
    from sklearn.linear_model import LogisticRegression

    votes = simulate(TRUE, 400, seed=3)
    names = sorted(TRUE)
    rows = np.array([[(name == v.a) - (name == v.b) for name in names] for v in votes], float)
    # the prior, as made-up votes with weight one half
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    made_up = np.array([[(name == a) - (name == b) for name in names] for a, b in pairs], float)
    X = np.concatenate([rows, made_up, made_up])
    y = np.array([v.score for v in votes] + [1.0] * len(pairs) + [0.0] * len(pairs))
    weight = np.array([1.0] * len(votes) + [0.5] * (2 * len(pairs)))
    fit = LogisticRegression(C=1e9, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(X, y, sample_weight=weight)
    theirs = fit.coef_[0] - fit.coef_[0].mean()
    ours = bradley_terry(votes)
    assert [ours[name].points for name in names] == pytest.approx((START + SCALE * theirs).tolist(), abs=0.1)


def test_the_order_of_the_votes_does_not_matter_to_the_fit_but_to_elo():
    votes = simulate(TRUE, 200, seed=1)
    there, back = bradley_terry(votes), bradley_terry(votes[::-1])
    assert {name: round(r.points, 6) for name, r in there.items()} == {name: round(r.points, 6) for name, r in back.items()}
    assert elo(votes)[-1] != elo(votes[::-1])[-1]


def test_the_true_order_comes_back_and_the_intervals_cover():
    """2,000 votes, 60 times: the order is right, and 95 % intervals hold the truth in about 95 % of 240 cases."""
    covered = 0
    for seed in range(60):
        found = bradley_terry(simulate(TRUE, 2000, seed=seed))
        assert list(found) == list(TRUE)
        covered += sum(rating.low <= TRUE[name] <= rating.high for name, rating in found.items())
    # the four of one run are not independent, so a wide net: four standard deviations of 60 independent cases
    assert 0.95 - 4 * math.sqrt(0.95 * 0.05 / 60) < covered / 240 < 0.995


def test_few_votes_make_wide_intervals():
    def width(count):
        return max(r.high - r.low for r in bradley_terry(simulate(TRUE, count, seed=5)).values())

    assert width(100) / width(1600) == pytest.approx(4, rel=0.2)  # like one over the root of the count


def test_ties_pull_together():
    apart, tied = (bradley_terry(simulate(TRUE, 2000, seed=2, ties=share)) for share in (0.0, 0.6))
    assert tied["north"].points - tied["west"].points < 0.6 * (apart["north"].points - apart["west"].points)


def test_who_won_everything_stays_finite():
    found = bradley_terry([Vote("a", "b", 1)] * 5)
    assert found["a"].points - found["b"].points == pytest.approx(400 * math.log10(5.5 / 0.5), abs=1e-6)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: Vote("a", "a", 1), "compares two models"),
        (lambda: Vote("a", "b", 0.7), "1 \\(a won\\)"),
        (lambda: elo([], k=0), "k must be a positive"),
        (lambda: elo([], k=math.nan), "k must be a positive"),
        (lambda: bradley_terry([]), "no votes yet"),
        (lambda: bradley_terry([Vote("a", "b", 1)], prior=0), "prior must be"),
        (lambda: bradley_terry([Vote("a", "b", 1), Vote("c", "d", 0)]), "no chain of votes connects a with c, d"),
        (lambda: simulate({"a": 1.0}, 5, seed=0), "needs two models"),
        (lambda: simulate(TRUE, -1, seed=0), "count must be"),
        (lambda: simulate(TRUE, 1, seed=0, ties=1.5), "ties a share"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
