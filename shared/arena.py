"""Who writes better? Ratings from blind votes: Elo, one vote after the other, and Bradley–Terry, all votes at once.

Both say the same about a pair: the chance that A wins is a sigmoid of the difference of the ratings, and 400 points of difference
are odds of 10 to 1. Elo is gradient descent on that, one vote a step; Bradley–Terry is the best fit to all votes, in any order.
Sources: Elo, The Rating of Chessplayers (1978); Bradley & Terry, Rank Analysis of Incomplete Block Designs (1952); Hunter, MM
Algorithms for Generalized Bradley–Terry Models (2004); Chiang et al., Chatbot Arena (2024). Built in week 4 day 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SCALE = 400 / math.log(10)  # points for one nat of log odds
START = 1000.0  # where a rating begins, and the mean of all fitted ones
SCORES = (0.0, 0.5, 1.0)
NORMAL_95 = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True)
class Vote:
    """One blind comparison. score: 1 where `a` won, 0 where `b` won, 0.5 for a tie.

    Errors: ValueError for a model against itself, or another score.
    """

    a: str
    b: str
    score: float

    def __post_init__(self):
        if self.a == self.b:
            raise ValueError(f"a vote compares two models, not {self.a!r} with itself")
        if self.score not in SCORES:
            raise ValueError(f"the score of a vote is 1 (a won), 0.5 (tie) or 0 (b won), got {self.score!r}")


@dataclass(frozen=True)
class Rating:
    """A fitted rating in points, and the ends of its 95 % confidence interval."""

    points: float
    low: float
    high: float


def expected_score(rating_a: float, rating_b: float) -> float:
    """The chance that A wins, between 0 and 1: 1 / (1 + 10^((rating_b − rating_a) / 400)). Ratings in points."""
    difference = (rating_a - rating_b) / SCALE
    # the form whose exponential cannot overflow
    return 1 / (1 + math.exp(-difference)) if difference >= 0 else math.exp(difference) / (1 + math.exp(difference))


def elo(votes: Sequence[Vote], k: float = 32.0, start: float = START) -> list[dict[str, float]]:
    """All ratings after each vote, in points; entry 0 is before the first one. The sum of the ratings never changes.

    k: the most points that one vote can move. Errors: ValueError for a k that is not positive.
    """
    if not k > 0 or not math.isfinite(k):
        raise ValueError(f"k must be a positive number of points, got {k!r}")
    ratings = dict.fromkeys(names_in(votes), start)
    history = [dict(ratings)]
    for vote in votes:
        surprise = vote.score - expected_score(ratings[vote.a], ratings[vote.b])
        ratings[vote.a] += k * surprise
        ratings[vote.b] -= k * surprise
        history.append(dict(ratings))
    return history


def bradley_terry(votes: Sequence[Vote], prior: float = 0.5) -> dict[str, Rating]:
    """The ratings under which the votes are most likely, best model first, with 95 % intervals. Their mean is START.

    A tie counts as half a win for both. prior: so many made-up wins and as many made-up losses for every pair that met, so that
    a model that won all its votes gets a high rating and not an infinite one; it fades as votes come in.
    The interval is the usual large-sample one: 1.96 standard deviations by the Fisher information of the votes.
    Errors: ValueError for no votes, a prior that is not positive, or models that no chain of votes connects.
    """
    names = names_in(votes)
    if not names:
        raise ValueError("there are no votes yet: ratings need at least one")
    if not 0 < prior < math.inf:
        raise ValueError(f"prior must be a positive number of votes, got {prior!r}")
    wins = _wins(votes, names)
    met = (wins + wins.T) > 0
    _check_connected(met, names)
    wins = wins + prior * met
    games = wins + wins.T
    strengths = _most_likely_strengths(wins.sum(1), games)
    chances = strengths[:, None] / (strengths[:, None] + strengths[None, :])
    points = START + SCALE * np.log(strengths)
    errors = SCALE * np.sqrt(np.diag(_covariance(games * chances * (1 - chances))))
    order = np.argsort(-points, kind="stable")
    return {names[i]: Rating(points[i], points[i] - NORMAL_95 * errors[i], points[i] + NORMAL_95 * errors[i]) for i in order.tolist()}


def simulate(true_points: Mapping[str, float], count: int, seed: int, ties: float = 0.0) -> list[Vote]:
    """So many votes of judges who obey the model exactly: pairs at random, A wins with `expected_score` of the true points.

    ties: the share of votes in which the judge cannot decide, whoever plays. Errors: ValueError for fewer than two models, a negative
    count or seed, or a share outside 0 … 1.
    """
    if len(true_points) < 2:
        raise ValueError(f"a vote needs two models, got {len(true_points)}")
    if count < 0 or not 0 <= ties <= 1:
        raise ValueError(f"count must be at least 0 and ties a share, got {count!r} and {ties!r}")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed!r}")
    rng, names, votes = np.random.default_rng(seed), list(true_points), []
    for _ in range(count):
        a, b = (names[i] for i in rng.choice(len(names), 2, replace=False))
        tied, won = rng.random() < ties, rng.random() < expected_score(true_points[a], true_points[b])
        votes.append(Vote(a, b, 0.5 if tied else float(won)))
    return votes


def names_in(votes: Sequence[Vote]) -> list[str]:
    """The models of the votes, in the order of the alphabet."""
    return sorted({name for vote in votes for name in (vote.a, vote.b)})


# --- inside of the fit ------------------------------------------------------------------------------------------------


def _wins(votes: Sequence[Vote], names: Sequence[str]) -> np.ndarray:
    """(models, models): how often the row's model beat the column's."""
    place = {name: i for i, name in enumerate(names)}
    wins = np.zeros((len(names), len(names)))
    for vote in votes:
        wins[place[vote.a], place[vote.b]] += vote.score
        wins[place[vote.b], place[vote.a]] += 1 - vote.score
    return wins


def _check_connected(met: np.ndarray, names: Sequence[str]) -> None:
    reached, waiting = {0}, [0]
    while waiting:
        for other in np.flatnonzero(met[waiting.pop()]).tolist():
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    if len(reached) < len(names):
        apart = ", ".join(name for i, name in enumerate(names) if i not in reached)
        raise ValueError(f"no chain of votes connects {names[0]} with {apart}: let them meet, then rate them")


def _most_likely_strengths(wins: np.ndarray, games: np.ndarray, rounds: int = 10_000) -> np.ndarray:
    """Hunter's equation 3: strength = wins / Σ games / (strength + the other's), again and again; their product is 1."""
    strengths = np.ones(len(wins))
    for _ in range(rounds):
        new = wins / (games / (strengths[:, None] + strengths[None, :])).sum(1)
        new /= np.exp(np.log(new).mean())
        if np.abs(np.log(new / strengths)).max() < 1e-10:
            break
        strengths = new
    return new


def _covariance(weights: np.ndarray) -> np.ndarray:
    """Of the log strengths with mean 0. weights (models, models): games · p · (1 − p) of each pair.

    The Fisher information has no say about the mean of all, so its pseudo-inverse is taken.
    """
    information = np.diag(weights.sum(1)) - weights
    return np.linalg.pinv(information, hermitian=True)
