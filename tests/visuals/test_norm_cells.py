"""The three norms against torch's own layers, the view's words and sizes, and what it refuses."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F

from shared.visuals.norm_cells import NORMS, draw_norm_group, norm_cells, normalized

TABLE = np.arange(36.0).reshape(2, 3, 6) / 9 - 2
TOKENS = [["the", "cat", "sat"], ["a", "dog", "ran"]]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 5), st.integers(2, 7))
def test_norms_equal_torchs(seed, texts, tokens, features):
    torch.manual_seed(seed)
    x = 3 * torch.randn(texts, tokens, features, dtype=torch.float64) + 1
    assert np.allclose(normalized(x, "LayerNorm"), F.layer_norm(x, (features,)), atol=1e-9)
    assert np.allclose(normalized(x, "RMSNorm"), F.rms_norm(x, (features,), eps=1e-5), atol=1e-9)
    if texts * tokens > 1:  # torch refuses a batch of one
        batch = nn.BatchNorm1d(features).double()(x.transpose(1, 2)).transpose(1, 2)
        assert np.allclose(normalized(x, "BatchNorm"), batch.detach(), atol=1e-9)


def test_worked_by_hand():
    row = np.array([[[2.0, 4.0, 6.0, 12.0]]])  # mean 6, squares 16 + 4 + 0 + 36, spread √14
    assert np.allclose(normalized(row, "LayerNorm"), (row - 6) / np.sqrt(14), atol=1e-5)
    assert np.allclose(normalized(row, "RMSNorm"), row / np.sqrt(50), atol=1e-5)
    assert np.allclose(normalized(row, "BatchNorm"), 0)


def test_only_batch_norm_hears_the_other_text():
    loud = TABLE * np.array([1.0, 5.0])[:, None, None]
    moved = {name: np.abs(normalized(loud, name) - normalized(TABLE, name))[0].max() for name in NORMS}
    assert moved["LayerNorm"] == moved["RMSNorm"] == 0 < moved["BatchNorm"]


@pytest.mark.parametrize(("table", "norm", "says"), [(TABLE, "GroupNorm", "GroupNorm"), (TABLE[0], "LayerNorm", r"\(3, 6\)"), (TABLE[:, :0], "LayerNorm", "0")])
def test_what_cannot_be_normed(table, norm, says):
    with pytest.raises(ValueError, match=says):
        normalized(table, norm)


def test_the_still_marks_what_each_norm_looks_at():
    marked = {}
    for norm in NORMS:
        ax = Figure().subplots()
        draw_norm_group(ax, norm, TABLE, TOKENS, cell=(1, 2, 3))
        yellow = [p for p in ax.patches if p.get_facecolor()[:3] == pytest.approx((0.941, 0.894, 0.259), abs=0.01)]
        marked[norm] = {(round(p.get_x()), round(p.get_y())) for p in yellow}
    assert marked["LayerNorm"] == marked["RMSNorm"] and len(marked["LayerNorm"]) == 6
    assert len(marked["BatchNorm"]) == 6 and {x for x, _ in marked["BatchNorm"]} == {3}
    with pytest.raises(ValueError, match="Other"):
        draw_norm_group(Figure().subplots(), "Other", TABLE, TOKENS)


@pytest.mark.parametrize(
    ("table", "tokens", "says"),
    [
        (TABLE[:1], TOKENS, "table"),
        (TABLE[:, :1], TOKENS, "table"),
        (np.full((2, 3, 6), np.nan), TOKENS, "finite"),
        (TABLE * 10, TOKENS, "9.9"),
        (TABLE, [["the", "cat"], ["a", "dog", "ran"]], "tokens"),
    ],
)
def test_bad_tables(table, tokens, says):
    with pytest.raises(ValueError, match=says):
        norm_cells(table, tokens, alt="What the norms look at in a small table.", caption="Choose.")
