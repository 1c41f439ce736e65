"""Attention rollout: from the maps of all layers, one map from each token back to the *input* tokens.

A layer's map says how much a position takes from the positions of the layer below. Above the first layer these are no longer
words but mixtures of words. Rollout multiplies the mixtures through: each layer becomes one matrix, the mean of its heads with a
share of the identity for the residual stream, and the matrices are multiplied from the bottom up.

    maps     a tensor or array (layers, heads, T, T), or what a Hugging Face model returns for one text: a tuple of layers,
             each (1, heads, T, T); row = query, column = key, every row sums to 1

Source: Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", https://arxiv.org/abs/2005.00928, section 3.
It follows shares of attention and nothing else: values, output projections, the feed-forward networks and the real size of the
residual stream do not enter. So it is a map of possible ways, not a measure of effect.
"""

from typing import Any

import torch
from torch import Tensor

from shared.heads import as_weights


def layer_mix(heads: Any, residual: float = 0.5) -> Tensor:
    """One layer as one mixture of the positions below: (1 - residual) · mean over heads + residual · identity → (T, T).

    heads: (heads, T, T), the maps of one layer; residual: the share of the stream that goes straight up, from 0 to 1.
    Every row sums to 1, as the heads' rows do. The paper takes one half for each.
    Errors: those of `as_weights`; ValueError for another shape or a share outside of 0 to 1. Built in week 4 day 3.
    """
    weights = as_weights(heads)
    if weights.ndim != 3 or len(weights) == 0:
        raise ValueError(f"heads must have shape (heads, T, T) with at least one head, got {tuple(weights.shape)}")
    _check_share(residual)
    identity = torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    return (1 - residual) * weights.mean(0) + residual * identity


def rollout(maps: Any, residual: float = 0.5) -> Tensor:
    """The rollout up to each layer: (layers, T, T); row t of the last one shares position t out among the input tokens.

    maps: all heads of a model on one text, (layers, heads, T, T); residual: as in `layer_mix`.
    Entry l is mix(l) @ … @ mix(1) @ mix(0): the latest layer stands on the left. Every row sums to 1, and where all maps are
    causal, so is the rollout.
    Errors: those of `layer_mix`; ValueError for another shape. Built in week 4 day 3.
    """
    weights = as_weights(maps)
    if weights.ndim != 4 or 0 in weights.shape:
        raise ValueError(f"maps must have shape (layers, heads, T, T), got {tuple(weights.shape)}")
    rolled = [layer_mix(weights[0], residual)]
    for layer in weights[1:]:
        rolled.append(layer_mix(layer, residual) @ rolled[-1])
    return torch.stack(rolled)


def _check_share(residual: float) -> None:
    if isinstance(residual, bool) or not isinstance(residual, (int, float)):
        raise TypeError(f"residual must be a number from 0 to 1, got {residual!r}")
    if not 0 <= residual <= 1:
        raise ValueError(f"residual must lie between 0 and 1, got {residual!r}")
