"""A map of points to question: point at a word, or search for it, and see its true neighbors, wherever the map has put them.

The true neighbors are found in the full space, by cosine; the map is flat and may have lost them. The page computes who is near on
the map; the still shows all maps side by side with the neighbors of the point at which the page starts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.page import Page, pack, short
from shared.visuals.text import label

MOST_POINTS, MOST_MAPS, MOST_GROUPS, MOST_NEIGHBORS = 600, 3, 8, 12
MARKERS = "os^DvP"  # the shapes that both the page and the still can draw
LARGEST_DOT = 10_000  # square points
FAINT = "#9CA3AF"  # points of no shown group


def point_map(
    names: Sequence[str],
    vectors: Any,
    maps: Mapping[str, Any],
    *,
    alt: str,
    caption: str,
    groups: Sequence[str] | None = None,
    looks: Mapping[str, tuple[str, str]] | None = None,
    k: int = 8,
    start: str | None = None,
) -> Page:
    """Flat maps of vectors to point at and to search, with each point's true neighbors marked on the map.

    names: n different texts. vectors: (n, d), the full space; its k nearest by cosine are a point's *true neighbors*.
    maps: name on a button -> (n, 2), one to three of them. groups: n texts, what each point belongs to. looks: {group: (concept of
    the palette, marker)}, up to 8 groups that are drawn in color; a marker is one of o s ^ D v P; all other points are gray.
    start: the name that is chosen first, the first one if None. alt, caption: as in `figure`.
    Works by pointer, by touch, by a search field, and by arrow keys. Coordinates are shown to within 1/65,000 of the map's size.
    Errors: TypeError or ValueError that names the argument. Built in week 3 day 5.
    """
    if isinstance(names, str):
        raise TypeError(f"names must be a list of texts, got one string: {names!r}")
    names = [str(name) for name in names]
    if len(set(names)) != len(names):
        raise ValueError("names must differ from each other: a search for one of them must find one point")
    vectors = _table("vectors", vectors, len(names))
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= min(MOST_NEIGHBORS, len(names) - 1):
        raise ValueError(f"k must lie between 1 and {min(MOST_NEIGHBORS, len(names) - 1)}, got {k!r}")
    if len(names) > MOST_POINTS:
        raise ValueError(f"names: at most {MOST_POINTS} points are shown, got {len(names)}")
    if not isinstance(maps, Mapping) or not 1 <= len(maps) <= MOST_MAPS:
        raise ValueError(f"maps must hold 1 to {MOST_MAPS} maps by name, got {len(maps) if isinstance(maps, Mapping) else type(maps).__name__}")
    flat = {str(name): _squared(_table(f"maps[{name!r}]", points, len(names), 2)) for name, points in maps.items()}
    groups = [""] * len(names) if groups is None else [str(group) for group in groups]
    if len(groups) != len(names):
        raise ValueError(f"groups must hold one text for each of the {len(names)} names, got {len(groups)}")
    looks = _looks(looks, groups)
    start = names[0] if start is None else start
    if start not in names:
        raise ValueError(f"start must be one of the names, got {start!r}")
    near, cosines = true_neighbors(vectors, k)
    data = {
        "names": [[short(name), name] for name in names],
        "groups": groups,
        "looks": [[group, palette.color(concept), palette.outline(concept), palette.words(concept), marker] for group, (concept, marker) in looks.items()],
        "maps": [[name, pack(points, "int16", limit=1.0)] for name, points in flat.items()],
        "near": near.tolist(),
        "cosines": np.round(cosines, 2).tolist(),
        "k": k,
        "start": names.index(start),
        "colors": {"faint": FAINT, "ink": palette.INK, "tie": palette.color("attention")},
        "alt": " ".join(alt.split()) if isinstance(alt, str) else "",
    }
    drawing = Figure(figsize=(min(9.0, 4.5 * len(flat)), 4.6), layout="constrained")
    for ax, (name, points) in zip(np.atleast_1d(drawing.subplots(1, len(flat))), flat.items()):
        draw_points(ax, points, names, groups, looks, names.index(start), near[names.index(start)])
        ax.set_title(name)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["point_map.js"], styles=["point_map.css"],
        heights=_heights(k, len(looks), len(flat)), still=figure(drawing, alt=alt, caption=caption),
    )  # fmt: skip


def true_neighbors(vectors: Any, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest other rows of each row of (n, d), by cosine: indexes (n, k), nearest first, and the cosines (n, k).

    A row of length 0 has the cosine 0 with all others. Errors: ValueError for k outside 1 … n − 1, or another shape. Used in week 3 day 5.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    if vectors.ndim != 2:
        raise ValueError(f"vectors must have shape (n, d), got {vectors.shape}")
    if not 1 <= k < len(vectors):
        raise ValueError(f"k must lie between 1 and {len(vectors) - 1}, got {k!r}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths == 0, 1, lengths)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)  # nobody is their own neighbor
    near = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return near, np.take_along_axis(cosines, near, axis=1)


def kept_neighbors(vectors: Any, points: Any, k: int) -> np.ndarray:
    """The share of each point's k true neighbors that are among its k nearest on the map: (n,), each from 0 to 1.

    vectors: (n, d), compared by cosine; points: (n, 2), compared by distance. Errors: ValueError for k outside 1 … n − 1, or another
    number of points than vectors. Used in week 3 day 5.
    """
    near, _ = true_neighbors(vectors, k)
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or len(points) != len(near):
        raise ValueError(f"points must have one row for each of the {len(near)} vectors, got shape {points.shape}")
    apart = ((points[:, None] - points[None]) ** 2).sum(-1)
    np.fill_diagonal(apart, np.inf)
    here = np.argsort(apart, axis=1, kind="stable")[:, :k]
    return np.array([len(set(one) & set(other)) / k for one, other in zip(near.tolist(), here.tolist())])


def draw_points(
    ax: Axes,
    points: np.ndarray,
    names: Sequence[str],
    groups: Sequence[str],
    looks: Mapping[str, tuple[str, str]],
    chosen: int | None = None,
    near: Sequence[int] = (),
    size: float = 26,
) -> None:
    """Draw a flat map (n, 2): shown groups in color and shape, all others gray; a chosen point with lines to `near`.

    looks: {group: (concept, marker)}; the group's name stands above its points. Errors: ValueError for shapes or counts that do not
    fit, a marker that is none, or a point that is not there. Used in week 3 day 5.
    """
    points, groups = np.asarray(points, dtype=np.float64), np.asarray(groups)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) == len(names) == len(groups):
        raise ValueError(f"points must be (n, 2), got {points.shape}, with as many names and groups, got {len(names)} and {len(groups)}")
    for i in (*near, *([] if chosen is None else [chosen])):
        if not 0 <= i < len(points):
            raise ValueError(f"chosen and near must be points from 0 to {len(points) - 1}, got {i}")
    if not 0 < size <= LARGEST_DOT:
        raise ValueError(f"size must be above 0 and at most {LARGEST_DOT}, got {size!r}")
    ax.scatter(*points[~np.isin(groups, list(looks))].T, color="#C9CED6", s=9)
    if chosen is not None:
        for i in near:
            ax.plot(*points[[chosen, i]].T, color=palette.color("attention"), linewidth=1.4, zorder=1)
    wide, labels = np.ptp(points, axis=0), []
    for group, (concept, marker) in looks.items():
        own = points[groups == group]
        if marker not in tuple(MARKERS) or not len(own):
            raise ValueError(f"looks[{group!r}] needs points of this group and a marker out of {' '.join(MARKERS)}; got {marker!r}")
        ax.scatter(*own.T, color=palette.color(concept), marker=marker, s=size, edgecolor="white", linewidth=0.5, zorder=2)
        if chosen is None:
            # a name that would lie on another one stands below its points
            place = np.array([own[:, 0].mean(), own[:, 1].max()])
            below = any((np.abs(place - other) < (0.24, 0.08) * wide).all() for other in labels)
            place[1] = own[:, 1].min() if below else place[1]
            labels.append(place)
            ax.annotate(group, place, (0, -6 if below else 5), textcoords="offset points", ha="center", va="top" if below else "bottom",
                        color=palette.words(concept), fontweight="bold", zorder=5)  # fmt: skip
    if chosen is not None:
        ax.scatter(*points[list(near)].T, s=95, facecolor="none", edgecolor=palette.color("attention"), linewidth=1.6, zorder=3)
        ax.scatter(*points[chosen], s=150, facecolor="none", edgecolor=palette.INK, linewidth=2.2, zorder=4)
        ax.annotate(label(names[chosen]), points[chosen], (8, 8), textcoords="offset points", fontweight="bold", zorder=5, parse_math=False,
                    bbox=dict(boxstyle="round,pad=0.15", facecolor="white", edgecolor="none", alpha=0.85))  # fmt: skip
    ax.set(xticks=[], yticks=[], facecolor=palette.PAPER)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.margins(0.1)


# --- what goes into a page --------------------------------------------------------------------------------------------


def _table(name: str, values: Any, rows: int, columns: int | None = None) -> np.ndarray:
    values = np.asarray(values.detach() if hasattr(values, "detach") else values, dtype=np.float64)
    if values.ndim != 2 or len(values) != rows or columns not in (None, values.shape[1]):
        raise ValueError(f"{name} must have shape ({rows}, {columns or 'd'}), one row for each name; got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must hold finite numbers")
    return values


def _squared(points: np.ndarray) -> np.ndarray:
    """The map moved and scaled as a whole, so that it fills −1 … 1 in its longer direction: shapes stay as they are."""
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    half = (points.max(axis=0) - points.min(axis=0)).max() / 2
    return (points - middle) / (half or 1.0)


def _looks(looks: Mapping[str, tuple[str, str]] | None, groups: Sequence[str]) -> dict[str, tuple[str, str]]:
    looks = dict(looks or {})
    if len(looks) > MOST_GROUPS:
        raise ValueError(f"looks: at most {MOST_GROUPS} groups can be told apart, got {len(looks)}")
    for group, look in looks.items():
        if group not in groups:
            raise ValueError(f"looks names the group {group!r}, which no point belongs to")
        if not isinstance(look, (tuple, list)) or len(look) != 2 or look[1] not in tuple(MARKERS):
            raise ValueError(f"looks[{group!r}] must be (concept, marker) with a marker out of {' '.join(MARKERS)}, got {look!r}")
        palette.color(look[0])
    return looks


def _heights(k: int, shown: int, maps: int) -> dict[int, str]:
    """Mirrors assets/point_map.css: side by side from 680 px on, else one below the other."""
    lines = -(-k // 2)
    panel = 118 + 40 * lines + 56
    return {0: f"calc(min(100cqw, 440px) + {panel + 150 + 24 * -(-shown // 3)}px)", 420: f"calc(min(100cqw, 440px) + {panel + 92 + 24 * -(-shown // 4)}px)",
            680: f"{max(444, 170 + 36 * k) + 62 + 24 * -(-shown // 6)}px"}  # fmt: skip
