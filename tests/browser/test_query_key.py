"""The strips of a query and its keys in a real browser: chosen pairs, right numbers, nothing cut off."""

import numpy as np
import pytest

from shared.visuals.query_key import query_key_view, shares_of

TOKENS = "[CLS] the cat sat on the mat [SEP]".split()
Q, K = (np.random.default_rng(seed).normal(size=(2, 3, 8, 32)) for seed in (0, 1))


@pytest.fixture
def frame(inside_of, request):
    wide, causal = getattr(request, "param", (900, False))
    view = query_key_view(TOKENS, Q, K, query=2, causal=causal)
    return inside_of(view, wide, 1000)


def said(frame) -> list[str]:
    return frame.locator(".row:not(.head) .share").all_inner_texts()


def expected(layer, head, query, open_=8) -> list[str]:
    return [f"{100 * share:.0f} %" for share in shares_of(Q[layer, head, query], K[layer, head, :open_])]


def test_choosing_changes_the_numbers(frame):
    assert said(frame) == expected(0, 0, 2)
    frame.locator(".ask").nth(5).click()
    assert said(frame) == expected(0, 0, 5) and frame.locator(".ask[aria-pressed=true]").all_inner_texts() == ["the"]
    frame.get_by_label("layer").select_option("1")
    frame.get_by_label("head").select_option("2")
    assert said(frame) == expected(1, 2, 5)
    best = int(shares_of(Q[1, 2, 5], K[1, 2]).argmax())
    assert frame.locator(".row[aria-pressed=true] .of").inner_text() == TOKENS[best]
    frame.locator(".row:not(.head)").nth(6).click()
    products = Q[1, 2, 5] * K[1, 2, 6]
    text = frame.locator(".saying").inner_text().replace("−", "-")
    assert text.startswith(f"{(products > 0).sum()} products push up (+{products[products > 0].sum():.1f})")
    assert f"divided by √32 that is {products.sum() / 32**0.5:.2f}" in text
    slider = frame.get_by_label("entry")
    slider.focus()
    slider.press("ArrowRight")
    shown = frame.locator(".which").inner_text().replace("−", "-")
    assert shown == f"1: {Q[1, 2, 5, 1]:.2f} × {K[1, 2, 6, 1]:.2f} = {products[1]:.2f}"
    assert frame.locator(".stairs rect").count() == 32


@pytest.mark.parametrize("frame", [(900, True)], indirect=True)
def test_closed_keys_say_so(frame):
    assert said(frame) == expected(0, 0, 2, 3) + [""] * 5
    assert frame.locator(".row:disabled .score").all_inner_texts() == ["closed"] * 5


@pytest.mark.parametrize("frame", [(w, False) for w in (360, 420, 480, 560, 700, 900)], indirect=True)
def test_nothing_is_cut_off_and_little_is_empty(frame):
    high, seen, wide, across = frame.evaluate("[document.body.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]")
    assert high <= seen and wide <= across
    assert seen - high < 90, "a frame that is much too tall leaves a hole in the page"
