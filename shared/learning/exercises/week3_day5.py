"""The exercises of week 3, day 5: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import torch
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake


def _unit(rows: Tensor) -> Tensor:
    return rows / rows.norm(dim=1, keepdim=True)


def _others(table: Tensor) -> Tensor:
    """All entries of a square table but its diagonal."""
    return table[~torch.eye(len(table), dtype=torch.bool)]


# --- exercise 1: how narrow is the cone? -------------------------------------------------------------------------------


def _cone_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(351)
    # clouds off the origin, with rows of very different lengths
    return [(torch.randn(n, d, generator=numbers) * torch.linspace(0.5, 4, n)[:, None] + shift,) for n, d, shift in ((4, 3, 1.0), (7, 5, 0.4))]


def _mean_cosine(rows: Tensor) -> float:
    unit = _unit(rows)
    return _others(unit @ unit.T).mean().item()


MEAN_COSINE = Exercise(
    id="w3d5-e1",
    title="how narrow is the cone?",
    task="Fill in the two missing lines: unit rows, and the mean over the pairs of different rows.",
    name="mean_cosine",
    cases=_cone_cases(),
    reference=_mean_cosine,
    mistakes=(
        Mistake("each row with itself, too", lambda rows: (_unit(rows) @ _unit(rows).T).mean().item(),
                "The pairs of a row with itself are still in your mean; their cosine is always 1. Leave the diagonal out."),
        Mistake("dot products", lambda rows: _others(rows @ rows.T).mean().item(),
                "This is the mean dot product: long rows count more. Divide each row by its own length first."),
        Mistake("dot products, each row with itself, too", lambda rows: (rows @ rows.T).mean().item(),
                "Two things are missing: each row must be divided by its length, and the pairs of a row with itself must go."),
        Mistake("one length for all", lambda rows: _others((rows / rows.norm()) @ (rows / rows.norm()).T).mean().item(),
                "You divide by the length of the whole table. Each row has its own length: `rows.norm(dim=1, keepdim=True)`."),
        Mistake("columns of length 1", lambda rows: _others((rows / rows.norm(dim=0)) @ (rows / rows.norm(dim=0)).T).mean().item(),
                "You made the *columns* unit length. A vector is a row here: the norm runs along `dim=1`."),
        Mistake("columns against columns", lambda rows: _others(_unit(rows).T @ _unit(rows)).mean().item(),
                "You compare columns with columns, (d, d). To compare rows with rows, (n, n), the transposed table stands on the right."),
        Mistake("centered first", lambda rows: _mean_cosine(rows - rows.mean(0)),
                "You took the mean row off first. That is the cure; here you measure the illness."),
        Mistake("the diagonal is set to 0", lambda rows: (_others(_unit(rows) @ _unit(rows).T).sum() / len(rows) ** 2).item(),
                "You set the diagonal to 0 but still divide by all n² cells. There are n² − n pairs of different rows."),
    ),
    hints=(
        "`rows.norm(dim=1, keepdim=True)` is (n, 1): each row's own length. After the division one product of matrices gives all cosines.",
        "`different` is True off the diagonal; `cosines[different]` is the list of the n² − n cosines that count. Take its mean, `.item()` makes a number of it.",
    ),
    starter="""
def mean_cosine(rows):  # (n, d)
    unit = ...     # (n, d): every row with length 1
    different = ~torch.eye(len(rows), dtype=torch.bool)  # (n, n): True off the diagonal
    return ...     # one number: the mean cosine of all pairs of different rows
""",
    solution="""
def mean_cosine(rows):
    unit = rows / rows.norm(dim=1, keepdim=True)
    different = ~torch.eye(len(rows), dtype=torch.bool)
    return (unit @ unit.T)[different].mean().item()
""",
)

# --- exercise 2: the map that promises too much ------------------------------------------------------------------------


def _shown_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(352)
    return [(torch.randn(n, d, generator=numbers) * torch.linspace(3, 0.5, d) + 2.0,) for n, d in ((9, 4), (12, 7))]


def _shown(rows: Tensor, center: bool = True, power: float = 2, how_many: int = 2) -> float:
    spreads = torch.linalg.svdvals(rows - rows.mean(0) if center else rows) ** power
    return (spreads[:how_many].sum() / spreads.sum()).item()


SHOWN_BY_MAP = Exercise(
    id="w3d5-e2",
    title="the map that promises too much",
    task="Repair the function: the share of the variance that the best flat map shows, from 0 to 1.",
    name="shown_by_map",
    cases=_shown_cases(),
    reference=_shown,
    mistakes=(
        Mistake("as it was", lambda rows: _shown(rows, center=False, power=1),
                "Neither bug is repaired. From where does PCA measure spread? And is a singular value a spread or a variance?"),
        Mistake("not centered", lambda rows: _shown(rows, center=False),
                "The squares are there. But spread is measured from the *middle* of the cloud: take the mean row off first. Without it the first direction only points from the origin to the cloud."),
        Mistake("not squared", lambda rows: _shown(rows, power=1),
                "Centered: right. But a singular value is a spread; *variance* is its square. Square them before you take shares."),
        Mistake("centered by the wrong mean", lambda rows: _shown(rows - rows.mean(1, keepdim=True), center=False),
                "You took from each row its own mean. The middle of the cloud is the mean *over the rows*: `rows.mean(0)`."),
        Mistake("one number for the mean", lambda rows: _shown(rows - rows.mean(), center=False),
                "You took one number off the whole table. The middle of the cloud is a row: `rows.mean(0)`, one number for each column."),
        Mistake("one direction", lambda rows: _shown(rows, how_many=1),
                "This is the share of the first direction alone. A flat map has two."),
        Mistake("three directions", lambda rows: _shown(rows, how_many=3),
                "These are three directions. A flat map has two: `[:2]`."),
        Mistake("the two widest columns", lambda rows: (rows.var(0).sort(descending=True).values[:2].sum() / rows.var(0).sum()).item(),
                "You chose the two widest *columns*. PCA may turn the cloud first, and finds directions that no single column shows."),
    ),
    hints=(
        "PCA looks at the cloud from its middle. Print `rows.mean(0)`: it is not 0. What does the first singular value measure then?",
        "`torch.linalg.svdvals(rows - rows.mean(0))` are spreads; their squares are, up to one common factor, variances.",
    ),
    starter="""
def shown_by_map(rows):  # (n, d)
    spreads = torch.linalg.svdvals(rows)  # one for each direction, widest first
    return (spreads[:2].sum() / spreads.sum()).item()
""",
    solution="""
def shown_by_map(rows):
    variances = torch.linalg.svdvals(rows - rows.mean(0)) ** 2
    return (variances[:2].sum() / variances.sum()).item()
""",
)

# --- exercise 3: does the map tell the truth? --------------------------------------------------------------------------


def _kept_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(353)
    cases = []
    for n, d, k in ((9, 5, 2), (14, 6, 3), (12, 4, 4)):
        high = torch.randn(n, d, generator=numbers)
        cases.append((high, high[:, :2] + 0.6 * torch.randn(n, 2, generator=numbers), k))
    return cases


def _nearest(points: Tensor, k: int, skip: int = 1, largest: bool = False) -> list[list[int]]:
    return torch.cdist(points, points).topk(k + skip, largest=largest).indices[:, skip:].tolist()


def _kept(high: Tensor, flat: Tensor, k: int) -> float:
    pairs = zip(_nearest(high, k), _nearest(flat, k))
    return sum(len(set(one) & set(other)) for one, other in pairs) / (k * len(high))


def _kept_with_itself(high: Tensor, flat: Tensor, k: int) -> float:
    pairs = zip(_nearest(high, k, skip=0), _nearest(flat, k, skip=0))
    return sum(len(set(one) & set(other)) for one, other in pairs) / (k * len(high))


def _kept_one_more(high: Tensor, flat: Tensor, k: int) -> float:
    pairs = zip(_nearest(high, k + 1, skip=0), _nearest(flat, k + 1, skip=0))
    return sum(len(set(one) & set(other)) for one, other in pairs) / ((k + 1) * len(high))


def _kept_in_order(high: Tensor, flat: Tensor, k: int) -> float:
    pairs = zip(_nearest(high, k), _nearest(flat, k))
    return sum(a == b for one, other in pairs for a, b in zip(one, other)) / (k * len(high))


def _kept_farthest(high: Tensor, flat: Tensor, k: int) -> float:
    pairs = zip(_nearest(high, k, skip=0, largest=True), _nearest(flat, k, skip=0, largest=True))
    return sum(len(set(one) & set(other)) for one, other in pairs) / (k * len(high))


def _kept_by_all(high: Tensor, flat: Tensor, k: int) -> float:
    pairs = zip(_nearest(high, k), _nearest(flat, k))
    return sum(set(one) == set(other) for one, other in pairs) / len(high)


NEIGHBORS_KEPT = Exercise(
    id="w3d5-e3",
    title="does the map tell the truth?",
    task="Write the function: of all points' k nearest in the full space, the share that are among their k nearest on the map.",
    name="neighbors_kept",
    cases=_kept_cases(),
    reference=_kept,
    mistakes=(
        Mistake("a point is its own neighbor", _kept_with_itself,
                "Each point's nearest point is itself, at distance 0, on every map: a free hit for everybody. Take k + 1 and leave out the first."),
        Mistake("k + 1 with itself", _kept_one_more,
                "You took k + 1 points so as to leave out the point itself, but you left it in. Cut off the first column: `[:, 1:]`."),
        Mistake("the farthest", _kept_farthest,
                "You compare the farthest points. `topk` takes the largest unless you say `largest=False`."),
        Mistake("same place in the list", _kept_in_order,
                "You ask that a neighbor has the same *rank* on the map. It only has to be among the k nearest: compare sets, not lists."),
        Mistake("all or nothing", _kept_by_all,
                "You count a point only if *all* of its neighbors were kept. Count neighbors, then divide by k times the number of points."),
        Mistake("a count", lambda high, flat, k: _kept(high, flat, k) * k * len(high),
                "This is the number of neighbors that were kept. Divide by all that there were: k for each point."),
        Mistake("a mean count", lambda high, flat, k: _kept(high, flat, k) * k,
                "This is how many neighbors a point keeps on average. Divide by k to get a share."),
        Mistake("the map against itself", lambda high, flat, k: 1.0,
                "You get 1 for every map: compare the neighbors in `high` with those in `flat`, not one with itself."),
    ),
    hints=(
        "Make the list of each point's k nearest twice, from `torch.cdist(high, high)` and from `torch.cdist(flat, flat)`. Then, point by point, how many do the two lists share?",
        "`torch.cdist(p, p).topk(k + 1, largest=False).indices[:, 1:].tolist()` are the k nearest of every point; `len(set(a) & set(b))` counts what two lists share.",
    ),
    starter="""
def neighbors_kept(high, flat, k):  # (n, d), (n, 2)
    ...
""",
    solution="""
def neighbors_kept(high, flat, k):
    near, here = (torch.cdist(p, p).topk(k + 1, largest=False).indices[:, 1:].tolist() for p in (high, flat))
    hits = sum(len(set(a) & set(b)) for a, b in zip(near, here))
    return hits / (k * len(high))
""",
)

EXERCISES: tuple[Exercise, ...] = (MEAN_COSINE, SHOWN_BY_MAP, NEIGHBORS_KEPT)
