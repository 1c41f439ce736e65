"""`shared.rollout` against sums over all paths, against numbers worked out by hand, and on bad input."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from shared.rollout import layer_mix, rollout


def random_maps(layers: int, heads: int, length: int, *, causal: bool, seed: int = 0) -> Tensor:
    scores = 2 * torch.randn(layers, heads, length, length, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    if causal:
        scores = scores.masked_fill(torch.ones(length, length).triu(1).bool(), float("-inf"))
    return scores.softmax(-1)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("residual", [0.0, 0.3, 0.5])
def test_a_cell_is_the_sum_over_all_paths(causal, residual):
    maps = random_maps(3, 2, 4, causal=causal)
    found = rollout(maps, residual)[-1]
    for start, end in itertools.product(range(4), repeat=2):
        total = 0.0
        for middle in itertools.product(range(4), repeat=2):
            way = (start, *middle, end)  # from the top layer down
            share = 1.0
            for step, layer in enumerate((2, 1, 0)):
                a, b = way[step], way[step + 1]
                mean = sum(float(maps[layer, head, a, b]) for head in range(2)) / 2
                share *= (1 - residual) * mean + residual * (a == b)
            total += share
        assert float(found[start, end]) == pytest.approx(total, abs=1e-12)


def test_the_example_worked_out_by_hand():
    one_back = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    maps = one_back.expand(2, 1, 3, 3)
    # "stay" or "one back" in each of two layers, each one half: 0, 1, 1 or 2 steps back
    assert rollout(maps)[-1, 2].tolist() == [0.25, 0.5, 0.25]
    assert rollout(maps, residual=0)[-1, 2].tolist() == [1, 0, 0]


def test_the_latest_layer_stands_on_the_left():
    first = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 0, 1]])  # position 1 fetches token 0
    second = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 1, 0]])  # then position 2 looks at position 1
    assert rollout(torch.stack([first, second])[:, None])[-1, 2, 0] == 0.25
    assert rollout(torch.stack([second, first])[:, None])[-1, 2, 0] == 0  # the other order: too late


@pytest.mark.parametrize("causal", [True, False])
def test_rows_are_shares_and_causal_stays_causal(causal):
    rolled = rollout(random_maps(5, 3, 7, causal=causal))
    assert rolled.shape == (5, 7, 7)
    assert torch.allclose(rolled.sum(-1), torch.ones(5, 7, dtype=torch.float64))
    assert (rolled >= 0).all()
    assert bool((rolled.triu(1) == 0).all()) == causal


def test_the_ends_of_the_residual_share():
    maps = random_maps(3, 2, 5, causal=False)
    assert torch.equal(rollout(maps, residual=1)[-1], torch.eye(5, dtype=torch.float64))
    mean = maps.mean(1)
    assert torch.allclose(rollout(maps, residual=0)[-1], mean[2] @ mean[1] @ mean[0])


def test_a_deep_causal_model_ends_at_its_first_token():
    even = torch.ones(6, 6).tril()
    even = (even / even.sum(-1, keepdim=True)).expand(96, 1, 6, 6)
    assert rollout(even)[-1, -1, 0] > 0.999


def test_hugging_faces_tuple_and_arrays_give_the_same():
    maps = random_maps(2, 3, 4, causal=True)
    assert torch.equal(rollout(tuple(layer[None] for layer in maps)), rollout(maps))
    assert torch.equal(rollout(maps.numpy()), rollout(maps))
    assert isinstance(rollout(np.asarray(maps)), Tensor)


@pytest.mark.parametrize("shape", [(4, 4), (2, 4, 4), (1, 2, 3, 4, 4)])
def test_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match="maps must have shape"):
        rollout(torch.full(shape, 0.25))


def test_a_layer_needs_its_heads():
    with pytest.raises(ValueError, match="heads must have shape"):
        layer_mix(torch.full((4, 4), 0.25))


def test_scores_before_the_softmax_are_refused():
    with pytest.raises(ValueError, match="sum to 1|from 0 to 1"):
        rollout(torch.randn(2, 2, 4, 4))


@pytest.mark.parametrize("residual, error", [(-0.1, ValueError), (1.5, ValueError), (float("nan"), ValueError), ("half", TypeError), (True, TypeError)])
def test_a_share_that_is_none_is_refused(residual, error):
    with pytest.raises(error, match="residual"):
        rollout(random_maps(1, 1, 3, causal=False), residual)
