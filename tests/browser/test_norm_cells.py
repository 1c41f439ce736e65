"""The norms' view in a real browser: its results are torch's, cells are reached by keys and mouse, nothing is cut off."""

import numpy as np
import pytest

from shared.visuals.norm_cells import norm_cells, normalized

TABLE = (np.arange(36.0).reshape(2, 3, 6) * 7 % 11 - 5).round(1)


@pytest.fixture
def frame(inside_of, request):
    view = norm_cells(
        TABLE, [["the", "cat", "</td>"], ["a", "dog", "ran"]], alt="LayerNorm looks at one token.", caption="Choose a norm.",
    )  # fmt: skip
    return inside_of(view, getattr(request, "param", 900), 1200)


def results(frame) -> np.ndarray:
    texts = frame.locator(".side").nth(1).locator("td").all_inner_texts()[1:]  # the first one is the empty corner
    return np.array([float(text.replace("−", "-")) for text in texts]).reshape(2, 3, 6)


def test_results_are_those_of_the_norms(frame):
    for name in ("LayerNorm", "RMSNorm", "BatchNorm"):
        frame.get_by_role("button", name=name).click()
        assert np.abs(results(frame) - normalized(TABLE, name)).max() < 0.051
    frame.locator("input").evaluate("e => { e.value = 5; e.dispatchEvent(new Event('input')); }")
    loud = TABLE * np.array([1.0, 5.0])[:, None, None]
    assert np.abs(results(frame) - normalized(loud, "BatchNorm")).max() < 0.051
    assert "× 5.0" in frame.locator(".loud").inner_text()


def test_keys_and_mouse_choose_a_cell_and_its_group_lights_up(frame):
    assert frame.locator("td.group").count() == 6 + 1, "six of the token, and the result"
    frame.locator("td[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        frame.page.keyboard.press(key)
    assert "“a” alone" in frame.locator(".says").inner_text()
    assert frame.evaluate("document.activeElement.classList.contains('chosen')")
    frame.get_by_role("button", name="BatchNorm").click()
    assert "feature 2 of every token" in frame.locator(".says").inner_text()
    frame.locator(".side").nth(0).locator("td").nth(1).click()
    assert "feature 0" in frame.locator(".says").inner_text()


def test_the_sum_that_is_written_is_right(frame):
    top, result = frame.locator(".sum").inner_text().replace("−", "-").split("=")
    assert eval(top) == pytest.approx(float(result), abs=0.02)


@pytest.mark.parametrize("frame", [360, 420, 460, 700, 760, 900], indirect=True)
def test_nothing_is_cut_off(frame):
    frame.get_by_role("button", name="BatchNorm").click()
    high, seen, wide, across = frame.evaluate("[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]")
    assert high <= seen and wide <= across
    assert seen - high < 90, "no large empty space"
