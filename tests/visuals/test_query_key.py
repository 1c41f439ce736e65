"""The strips of a query and its keys: what is sent is what came in, the words and the still count right, bad input is an error."""

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from shared.attention import scaled_dot_product_attention
from shared.visuals.page import unpack
from shared.visuals.query_key import draw_products, draw_stairs, query_key_view, shares_of
from tests.visuals.test_page import data_of

TOKENS = ["The", "</script><b>", "$x$", "mat"]


def vectors(layers=2, heads=3, T=4, d_k=8, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(layers, heads, T, d_k))


Q, K = vectors(), vectors(seed=1)


def test_everything_arrives_and_no_token_becomes_markup():
    page = query_key_view(TOKENS, torch.tensor(Q), K, layer=1, head=2, query=3)
    data = data_of(page)
    for name, given in (("queries", Q), ("keys", K)):
        assert np.abs(unpack(data[name]) - given).max() <= np.abs(given).max() / 65_000
    assert data["tokens"][1] == ["</script><b>", "</script><b>"] and data["shape"] == [2, 3, 4, 8]
    assert "</script><b>" not in page.document.split('id="data">')[1].split("</script>")[0]
    assert page.kind == "interactive" and "http" not in page.document.replace("http-equiv", "")


def test_the_shares_are_those_of_the_course():
    _, weights = scaled_dot_product_attention(*(torch.tensor(part[1, 2]) for part in (Q, K, K)))
    for t in range(4):
        assert np.allclose(shares_of(Q[1, 2, t], K[1, 2]), weights[t])


def test_it_opens_at_the_largest_share_and_says_its_numbers():
    page = query_key_view(TOKENS, Q, K, query=2)
    products = Q[0, 0, 2] * K[0, 0]
    best = int(products.sum(1).argmax())
    assert data_of(page)["start"] == {"layer": 0, "head": 0, "query": 2, "key": best}
    against = int((products[best] < 0).sum())
    assert f"{8 - against} products push the score up" in page.alt and f"and {against} push it down" in page.alt
    assert f"{100 * shares_of(Q[0, 0, 2], K[0, 0])[best]:.0f} % of the row" in page.alt
    assert data_of(query_key_view(TOKENS, Q, K, query=2, key=0))["start"]["key"] == 0


def test_a_causal_view_looks_back_only():
    page = query_key_view(TOKENS, Q, K, query=0, causal=True)
    assert data_of(page)["start"]["key"] == 0 and "100 % of the row" in page.alt
    with pytest.raises(ValueError, match="key 2 is closed for query 1"):
        query_key_view(TOKENS, Q, K, query=1, key=2, causal=True)


def test_own_words_win():
    page = query_key_view(TOKENS, Q, K, alt="What one learns.", caption="Press a line.")
    assert (page.alt, page.caption) == ("What one learns.", "Press a line.")


def test_the_stairs_end_at_the_sum_and_the_strips_are_white_at_zero():
    products = np.array([2.0, -3.0, 0.5])
    axes = Figure().subplots()
    draw_stairs(axes, products)
    bars = [bar for bar in axes.patches]
    assert np.allclose([bar.get_height() for bar in bars], products) and np.allclose([bar.get_y() for bar in bars], [0, 2, -1])
    assert bars[0].get_facecolor() == bars[2].get_facecolor() != bars[1].get_facecolor()
    assert axes.texts[0].get_text() == " sum −0.5"
    axes = Figure().subplots()
    draw_products(axes, np.array([[0.0, 1.0], [-4.0, 2.0]]), ["$a$", "b"], ring=1)
    image = axes.images[0]
    assert image.get_clim() == (-4.0, 4.0) and image.cmap(image.norm(0.0))[:3] == (1.0, 1.0, 1.0) and len(axes.patches) == 1


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"tokens": "abcd"}, TypeError, "tokens must be a list"),
        ({"tokens": list("abc")}, ValueError, r"queries must have shape \(layers, heads, 3, d_k\)"),
        ({"keys": K[..., :4]}, ValueError, "must have one shape"),
        ({"keys": np.full_like(K, np.nan)}, ValueError, "keys must be finite"),
        ({"queries": Q[0]}, ValueError, "queries must have shape"),
        ({"layer": 2}, ValueError, "layer must lie between 0 and 1, got 2"),
        ({"head": -1}, ValueError, "head must lie between 0 and 2"),
        ({"query": True}, ValueError, "query must lie between 0 and 3"),
        ({"key": 4}, ValueError, "key must lie between 0 and 3"),
        ({"tokens": ["a"] * 25, "queries": vectors(1, 1, 25), "keys": vectors(1, 1, 25)}, ValueError, "at most 24 are shown, got 25"),
        ({"tokens": ["a"] * 20, "queries": vectors(12, 12, 20, 80), "keys": vectors(12, 12, 20, 80)}, ValueError, "pass fewer layers"),
    ],
)
def test_bad_input_is_named(changes, error, says):
    given = {"tokens": TOKENS, "queries": Q, "keys": K} | changes
    with pytest.raises(error, match=says):
        query_key_view(given.pop("tokens"), given.pop("queries"), given.pop("keys"), **given)
