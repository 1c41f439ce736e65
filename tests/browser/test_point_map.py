"""The map of points in a real browser: pointed at, searched, walked by keys, switched, looked at on a phone."""

import numpy as np
import pytest

from shared.visuals.point_map import kept_neighbors, point_map, true_neighbors
from tests.browser.test_interactives import becomes, enter, nothing_cut

WORDS = dict(alt="Neighbors may be far on a flat map.", caption="Point at a word.")
NAMES = [f"word{i}" for i in range(40)]
VECTORS = np.random.default_rng(5).normal(size=(40, 12))
MAPS = {"flat": VECTORS[:, :2], "other": VECTORS[:, 2:4]}
GROUPS = ["first", "second", "third", "none"] * 10
LOOKS = {"first": ("value", "o"), "second": ("key", "s"), "third": ("query", "v")}


def a_map(**change):
    return point_map(NAMES, VECTORS, MAPS, groups=GROUPS, looks=LOOKS, start="word3", **WORDS, **change)


def expected(i: int, which: str, k: int = 8) -> str:
    hits = round(k * kept_neighbors(VECTORS, MAPS[which], k)[i])
    return f"Of its {k} true neighbors, {hits} {'is' if hits == 1 else 'are'} among the {k} nearest on this map."


def near(frame) -> list[str]:
    return frame.locator(".near button span:first-child").all_inner_texts()


def test_it_starts_with_the_true_neighbors_and_switches_maps(show):  # noqa: F811
    _, frame = show(a_map())
    assert near(frame) == [f"word{j}" for j in true_neighbors(VECTORS, 8)[0][3]]
    assert frame.locator(".says").inner_text() == expected(3, "flat")
    frame.get_by_role("button", name="other").click()
    becomes(frame, ".says", expected(3, "other"))
    assert frame.locator(".tie").count() == 8 and frame.locator(".true").count() == 8


def test_pointing_chooses_the_point_under_the_pointer(show):  # noqa: F811
    page, frame = show(a_map())
    box = frame.locator(".plane").bounding_box()
    points = MAPS["flat"]
    middle, half = (points.max(0) + points.min(0)) / 2, np.ptp(points, axis=0).max() / 2
    away = np.linalg.norm(points[:, None] - points[None], axis=-1) + 9 * np.eye(40)
    i = int(away.min(axis=1).argmax())  # the loneliest point: no other is under the pointer
    x, y = (points[i] - middle) / half * (box["width"] / 2 - 27) * [1, -1] + box["width"] / 2
    page.mouse.move(box["x"] + x, box["y"] + y)
    becomes(frame, ".chosen strong", f"word{i}")
    assert frame.locator(".says").inner_text() == expected(i, "flat")


def test_searching_finds_and_says_what_is_not_there(show):  # noqa: F811
    page, frame = show(a_map())
    field = frame.get_by_label("find a word on the map")
    field.fill("word17")
    becomes(frame, ".chosen strong", "word17")
    field.fill("nobody")
    becomes(frame, ".missing", "not on this map")
    assert frame.locator(".chosen strong").inner_text() == "word17"


def test_a_neighbor_is_a_way_on(show):  # noqa: F811
    _, frame = show(a_map())
    first = near(frame)[0]
    frame.locator(".near button").first.click()
    becomes(frame, ".chosen strong", first)


def test_from_the_keyboard_alone(show):  # noqa: F811
    page, frame = show(a_map())
    enter(page, frame)
    frame.locator(".plane").focus()
    points = MAPS["flat"]
    page.keyboard.press("ArrowRight")
    frame.wait_for_function("() => document.querySelector('.chosen strong').textContent !== 'word3'")
    to = int(frame.locator(".chosen strong").inner_text()[4:])
    assert points[to, 0] > points[3, 0]  # it did go to the right
    frame.wait_for_function("() => document.querySelector('[role=status].unseen').textContent.includes('true neighbors')")


@pytest.mark.parametrize("width", [320, 360, 420, 540, 680, 900])
def test_nothing_is_cut_off(show, width):  # noqa: F811
    _, frame = show(a_map(), width=width)
    nothing_cut(frame)


def test_names_stay_text(show):  # noqa: F811
    names = ["<img src=x onerror=alert(1)>", "x" * 60, *NAMES[2:]]
    _, frame = show(point_map(names, VECTORS, MAPS, groups=GROUPS, looks=LOOKS, **WORDS), width=360)
    nothing_cut(frame)
    assert frame.locator("main img").count() == 0
