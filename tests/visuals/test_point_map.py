"""A map of points: who its true neighbors are, what it keeps of them, what the page carries, and what it refuses."""

import io

import numpy as np
import pytest
from PIL import Image
from sklearn.neighbors import NearestNeighbors

from shared.visuals.page import unpack
from shared.visuals.point_map import kept_neighbors, point_map, true_neighbors
from tests.visuals.test_page import data_of

WORDS = dict(alt="Neighbors may be far on a flat map.", caption="Point at a word.")
NAMES = [f"word{i}" for i in range(30)]
VECTORS = np.random.default_rng(5).normal(size=(30, 12))
MAPS = {"flat": VECTORS[:, :2], "other": VECTORS[:, 2:4]}


def test_true_neighbors_are_those_of_an_independent_search():
    near, cosines = true_neighbors(VECTORS, 6)
    apart, theirs = NearestNeighbors(n_neighbors=7, metric="cosine").fit(VECTORS).kneighbors(VECTORS)
    assert (near == theirs[:, 1:]).all() and np.allclose(cosines, 1 - apart[:, 1:])


def test_true_neighbors_ignore_length_and_survive_a_row_of_zeros():
    stretched = VECTORS * np.arange(1, 31)[:, None]
    assert (true_neighbors(stretched, 5)[0] == true_neighbors(VECTORS, 5)[0]).all()
    assert np.isfinite(true_neighbors(np.eye(4) * [[0], [1], [1], [1]], 3)[1]).all()


def test_a_map_that_is_the_space_keeps_everybody_and_a_shuffled_one_does_not():
    turns = np.linspace(0, 6, 30)
    circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    assert kept_neighbors(circle, 7 * circle + 3, 4).tolist() == [1.0] * 30
    assert kept_neighbors(circle, np.random.default_rng(0).permutation(circle), 4).mean() < 0.4


def test_the_page_carries_maps_neighbors_and_the_start():
    data = data_of(point_map(NAMES, VECTORS, MAPS, groups=["a", "b", "c"] * 10, looks={"a": ("value", "o")}, k=5, start="word3", **WORDS))
    assert data["start"] == 3 and data["k"] == 5 and [name for name, _ in data["maps"]] == ["flat", "other"]
    assert data["near"] == true_neighbors(VECTORS, 5)[0].tolist()
    for (_, packed), points in zip(data["maps"], MAPS.values()):
        shown = unpack(packed)
        assert abs(np.ptp(shown, axis=0).max() - 2) < 1e-3  # it fills the square …
        a, b = (np.linalg.norm(p[:, None] - p[None], axis=-1) for p in (shown, points))
        assert np.allclose(a * np.ptp(points, axis=0).max() / 2, b, atol=1e-3)  # … and is not bent


def test_it_is_small_leaves_a_still_and_is_the_same_every_time():
    page = point_map(NAMES, VECTORS, MAPS, **WORDS)
    assert page.kind == "interactive" and 'alt="Neighbors may be far on a flat map."' in page.html
    assert Image.open(io.BytesIO(page.still.png)).width > 600 and len(page.html) < 150_000
    assert page.html == point_map(NAMES, VECTORS, MAPS, **WORDS).html


def test_names_are_text_and_never_markup():
    names = ["</script><img src=x onerror=alert(1)>", *NAMES[1:]]
    page = point_map(names, VECTORS, MAPS, **WORDS)
    assert "</script><img" not in page.document


@pytest.mark.parametrize("change, words", [
    (dict(names=["a"] * 30), "names must differ"),
    (dict(vectors=VECTORS[:20]), r"vectors must have shape \(30, d\), one row for each name; got \(20, 12\)"),
    (dict(vectors=VECTORS * np.nan), "vectors must hold finite numbers"),
    (dict(maps={}), "maps must hold 1 to 3 maps by name, got 0"),
    (dict(maps={"m": VECTORS}), r"maps\['m'\] must have shape \(30, 2\)"),
    (dict(k=0), "k must lie between 1 and 12, got 0"),
    (dict(k=30), "k must lie between 1 and 12, got 30"),
    (dict(groups=["a"]), "groups must hold one text for each of the 30 names, got 1"),
    (dict(looks={"z": ("value", "o")}), "looks names the group 'z', which no point belongs to"),
    (dict(groups=["a"] * 30, looks={"a": ("value", "x")}), r"looks\['a'\] must be \(concept, marker\)"),
    (dict(groups=["a"] * 30, looks={"a": ("green", "o")}), "concept must be one of"),
    (dict(start="nobody"), "start must be one of the names, got 'nobody'"),
    (dict(alt=" "), "alt must say something"),
])  # fmt: skip
def test_what_cannot_be_is_refused_by_name(change, words):
    given = dict(names=NAMES, vectors=VECTORS, maps=MAPS, **WORDS) | change
    with pytest.raises(ValueError, match=words):
        point_map(given.pop("names"), given.pop("vectors"), given.pop("maps"), **given)


def test_other_measures_refuse_what_cannot_be():
    with pytest.raises(ValueError, match="k must lie between 1 and 29"):
        true_neighbors(VECTORS, 30)
    with pytest.raises(ValueError, match="points must have one row for each of the 30 vectors, got shape"):
        kept_neighbors(VECTORS, VECTORS[:29, :2], 3)
    with pytest.raises(TypeError, match="names must be a list of texts"):
        point_map("abc", VECTORS, MAPS, **WORDS)
