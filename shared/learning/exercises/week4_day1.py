"""The exercises of week 4, day 1: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import numpy as np

from shared.arena import expected_score
from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: a difference is a chance ---------------------------------------------------------------------------------

CHANCE = Exercise(
    id="w4d1-e1",
    title="a chance from two ratings",
    task="Fill in the exponent: by how many times 400 points B is ahead of A.",
    name="chance_of_a",
    cases=[(1400.0, 1000.0), (900.0, 1010.0), (1000.0, 1000.0)],
    reference=expected_score,
    mistakes=(
        Mistake("turned around", lambda a, b: expected_score(b, a),
                "This is the chance of B: your exponent is (a − b) / 400. A is ahead when the exponent is negative, so it must be (b − a) / 400."),
        Mistake("not divided by 400", lambda a, b: 1 / (1 + 10.0 ** max(min(b - a, 300), -300)),
                "400 points are to be one factor of 10: divide the difference by 400. As it is, one point is a factor of 10, and nobody ever loses by surprise."),
        Mistake("divided twice", lambda a, b: 1 / (1 + 10 ** ((b - a) / 800)),
                "You divide by 800. By agreement, 400 points are odds of 10 to 1."),
        Mistake("in percent of A", lambda a, b: 1 / (1 + 10 ** ((b - a) / a)),
                "You divide by A's rating. Only the difference may count: add 1000 to both, and the chance must stay the same."),
    ),
    hints=(
        "If A is 400 points ahead, the chance is to be 10/11, so 10**exponent must be 1/10. Which exponent is that?",
        "The exponent is a difference of the two ratings, divided by 400. Its sign: negative when A is ahead.",
    ),
    starter="""
def chance_of_a(rating_a, rating_b):
    exponent = ...  # how many times 400 points B is ahead
    return 1 / (1 + 10**exponent)
""",
    solution="""
def chance_of_a(rating_a, rating_b):
    exponent = (rating_b - rating_a) / 400
    return 1 / (1 + 10**exponent)
""",
)

# --- exercise 2: the sum that creeps --------------------------------------------------------------------------------------


def _step(a: float, b: float, score: float, k: float = 32.0) -> tuple[float, float]:
    surprise = score - expected_score(a, b)
    return a + k * surprise, b - k * surprise


def _creeping(a: float, b: float, score: float, k: float = 32.0) -> tuple[float, float]:
    a = a + k * (score - expected_score(a, b))
    return a, b - k * (score - expected_score(a, b))


ELO_STEP = Exercise(
    id="w4d1-e2",
    title="a step of Elo that keeps the sum",
    task="Repair the step, so that what one model gains the other loses.",
    name="elo_step",
    cases=[(1000.0, 1000.0, 1.0), (1100.0, 900.0, 0.0), (950.0, 1200.0, 0.5)],
    reference=_step,
    mistakes=(
        Mistake("the second surprise uses the new rating", _creeping,
                "The second line already sees A's *new* rating, so its surprise is another one, and the sum creeps. Work out the surprise once, before anything moves."),
        Mistake("the second surprise uses B's new rating", lambda a, b, s, k=32.0: (a + k * (s - expected_score(a, b - k * (s - expected_score(a, b)))), b - k * (s - expected_score(a, b))),
                "Now B moves first, and A's surprise sees B's new rating. The order is not the point: work out the surprise once, before anything moves."),
        Mistake("both gain", lambda a, b, s, k=32.0: (a + k * (s - expected_score(a, b)), b + k * (s - expected_score(a, b))),
                "Both move in the same direction. What A gains, B must lose: a minus in the second line."),
        Mistake("the wrong way", lambda a, b, s, k=32.0: (a - k * (s - expected_score(a, b)), b + k * (s - expected_score(a, b))),
                "The winner loses points here. A's surprise is score − expected, and A moves by *plus* K times that."),
        Mistake("without what was expected", lambda a, b, s, k=32.0: (a + k * (s - 0.5), b - k * (s - 0.5)),
                "You take one half for what was expected. That holds for equal ratings only: a favorite is expected to win more."),
    ),
    hints=(
        "Print the sum of the two new ratings. Which of the two lines reads a number that the other one has just changed?",
        "Compute `surprise = score - 1 / (1 + 10 ** ((rating_b - rating_a) / 400))` once, then add k times it to A and take it from B.",
    ),
    starter="""
def elo_step(rating_a, rating_b, score, k=32.0):
    rating_a = rating_a + k * (score - 1 / (1 + 10 ** ((rating_b - rating_a) / 400)))
    rating_b = rating_b - k * (score - 1 / (1 + 10 ** ((rating_b - rating_a) / 400)))
    return rating_a, rating_b
""",
    solution="""
def elo_step(rating_a, rating_b, score, k=32.0):
    surprise = score - 1 / (1 + 10 ** ((rating_b - rating_a) / 400))
    return rating_a + k * surprise, rating_b - k * surprise
""",
)

# --- exercise 3: how surprised is the model? ------------------------------------------------------------------------------


def _chances(r: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(r[:, None] - r[None, :])))


def _loss(wins: np.ndarray, r: np.ndarray) -> float:
    return float(-(wins * np.log(_chances(r))).sum() / wins.sum())


_CASES = [
    (np.array([[0, 30], [10, 0]]), np.array([1.2, 0.0])),
    (np.array([[0, 4, 7], [2, 0, 5], [1, 3, 0]]), np.array([0.9, 0.1, -1.0])),
]

VOTE_LOSS = Exercise(
    id="w4d1-e3",
    title="the surprise of a round",
    task="Return the mean loss of all rounds in `wins`, in nats, for ratings `r` in nats of log odds.",
    name="vote_loss",
    setup="import numpy as np",
    cases=_CASES,
    reference=_loss,
    mistakes=(
        Mistake("the other way round", lambda wins, r: _loss(wins.T, r),
                "You take the column for the winner. `wins[i, j]` counts rounds in which i beat j, so its chance is σ(r[i] − r[j])."),
        Mistake("a sum", lambda wins, r: _loss(wins, r) * wins.sum(),
                "This is the sum over all rounds. Divide by their number, `wins.sum()`, so that 40 and 4,000 votes can be compared."),
        Mistake("divided by the pairs", lambda wins, r: _loss(wins, r) * wins.sum() / (len(wins) * (len(wins) - 1) / 2),
                "You divide by the number of pairs. The mean runs over the rounds: divide by `wins.sum()`."),
        Mistake("both directions", lambda wins, r: float(-((wins * np.log(_chances(r))) + wins * np.log(_chances(r).T)).sum() / wins.sum()),
                "You added ln(1 − p) for every round, too. A round has one outcome: a win of i is −ln σ(r[i] − r[j]), and the wins of j stand in their own cell, wins[j, i]."),
        Mistake("in bits", lambda wins, r: _loss(wins, r) / np.log(2),
                "These are bits: you took log₂. Nats use the natural logarithm, `np.log`."),
        Mistake("the sign", lambda wins, r: -_loss(wins, r),
                "The sign: a surprise is −ln of the chance, and never negative."),
        Mistake("unweighted", lambda wins, r: float(-np.log(_chances(r))[wins > 0].mean()),
                "You count each pair once. A pair that met 30 times weighs 30 times: multiply by `wins`."),
        Mistake("points", lambda wins, r: _loss(wins, r * np.log(10) / 400),
                "You turned the ratings as if they were points. They are nats of log odds already: σ(r[i] − r[j])."),
    ),
    hints=(
        "First the (n, n) table of chances: σ of r as a column minus r as a row. Then each cell's −ln, as often as that cell was won.",
        "`gaps = r[:, None] - r[None, :]`, `chances = 1 / (1 + np.exp(-gaps))`; then `wins * np.log(chances)`, summed, divided by `wins.sum()`, and a minus.",
    ),
    starter="""
def vote_loss(wins, r):
    ...
""",
    solution="""
def vote_loss(wins, r):
    gaps = r[:, None] - r[None, :]
    chances = 1 / (1 + np.exp(-gaps))
    return -(wins * np.log(chances)).sum() / wins.sum()
""",
)

EXERCISES = (CHANCE, ELO_STEP, VOTE_LOSS)
