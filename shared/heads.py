"""What does a head look at? Each measure draws the cells where a perfect head would put its weight, and adds up what is there.

A head's attention weights are a matrix (T, T): row = the position that asks (query), column = the position that is asked
(key), every row sums to 1. Each measure below takes one head or many at once and gives one number a head:

    attention  a tensor or array (…, T, T), the weights of one text, or what a Hugging Face model returns for it:
               a tuple of layers, each (1, heads, T, T)
    tokens     the T tokens of that text, as strings or as ids; two tokens are the same where they are equal ("The" is not "the")
    returns    (…) for (…, T, T), so (layers, heads) for a whole model: the mean over the rows that could fit the pattern

The rows that could fit: a row whose pattern is empty says nothing about the head and is left out of the mean, for instance
row 0 when the previous token is asked for. Where no row is left there is nothing to measure, which is an error.
A score says where a head looks on this text. It does not say what the head is for: that takes an ablation.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

DELIMITERS = (".", "[SEP]")


# --- heads with a fixed place to look ---------------------------------------------------------------------------------


def previous_token(attention: Any) -> Tensor:
    """How much of its attention a head gives to the token just before: the mean weight from t on t - 1, over t = 1 … T - 1.

    Uniform causal attention scores mean(1 / (t + 1)), for 6 tokens 0.29; a perfect head 1.
    Errors: those of `weight_on`; a single token has none before it.
    Source: Elhage et al. 2021, https://transformer-circuits.pub/2021/framework/index.html. Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    return weight_on(weights, _diagonal(weights, -1), what="a token before")


def next_token(attention: Any) -> Tensor:
    """How much of its attention a head gives to the token just after: the mean weight from t on t + 1, over t = 0 … T - 2.

    Always 0 in a causal model. Errors: those of `weight_on`; a single token has none after it.
    Source: Clark et al. 2019, https://arxiv.org/abs/1906.04341, section 3.1. Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    return weight_on(weights, _diagonal(weights, 1), what="a token after")


# --- heads that look for a token --------------------------------------------------------------------------------------


def same_token(
    attention: Any, tokens: Sequence[Hashable] | Tensor, *, causal: bool, segments: Sequence[int] | Tensor | None = None
) -> Tensor:
    """How much a head gives to *other* places that hold the same token, over the positions that can see such a place.

    causal: whether the model only looks back; then a token's first occurrence sees no other and is left out.
    segments: the T segment numbers of a pair of texts; with it only the twins in the other segment count.
    A look at itself does not count, so a head that only attends to its own position scores 0.
    Errors: those of `weight_on`; ValueError where no token comes twice. Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    names = _tokens("tokens", tokens, weights)
    pattern = _equal(names) & ~_diagonal(weights, 0)
    if segments is not None:
        pattern &= ~_equal(_tokens("segments", segments, weights))
    if causal:
        pattern &= _earlier(weights)
    return weight_on(weights, pattern, what="another place with the same token")


def induction(attention: Any, tokens: Sequence[Hashable] | Tensor) -> Tensor:
    """How much a head looks at what came *after* the same token last time: "… cat sat … cat" looks at "sat".

    The prefix-matching score: the weight from t on the positions j + 1 for every earlier j that holds the token of t,
    averaged over the positions t that have one. On n tokens said twice that is the weight n - 1 places back, over the
    second saying. Only j + 1 < t counts: in "ha ha" the token after the first "ha" is the asking position itself.
    Errors: those of `weight_on`; ValueError where no token comes back.
    Source: Olsson et al. 2022, https://arxiv.org/abs/2209.11895, and Elhage et al. 2021. Used from week 3 day 4 on.
    """
    weights = as_weights(attention)
    same = _equal(_tokens("tokens", tokens, weights))
    # the cell (t, j + 1) fits where (t, j) holds the same token: the pattern of equal tokens, moved right by one
    pattern = torch.zeros_like(same)
    pattern[:, 1:] = same[:, :-1]
    return weight_on(weights, pattern & _earlier(weights), what="a token that came before, with something after it")


def delimiter(
    attention: Any, tokens: Sequence[Hashable] | Tensor, delimiters: Iterable[Hashable] = DELIMITERS, *, causal: bool
) -> Tensor:
    """How much a head gives to full stops and separators together, over the other positions that can see one.

    delimiters: the tokens that count, written as in `tokens` (ids, where tokens are ids).
    causal: whether the model only looks back; then the positions before the first delimiter are left out.
    The delimiters' own rows are left out too: they often look at themselves, which says nothing about the others.
    Errors: those of `weight_on`; ValueError where the text holds no delimiter that anyone sees.
    Source: Clark et al. 2019, https://arxiv.org/abs/1906.04341, section 3.2. Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    wanted = list(dict.fromkeys(delimiters))
    is_delimiter = torch.tensor([name in wanted for name in _tokens("tokens", tokens, weights)])
    pattern = is_delimiter[None, :] & ~is_delimiter[:, None]
    if causal:
        pattern &= _earlier(weights)
    return weight_on(weights, pattern, what=f"a delimiter ({', '.join(map(repr, wanted))}) elsewhere")


# --- heads that follow a link -----------------------------------------------------------------------------------------


def pronoun_to_name(
    attention: Any,
    tokens: Sequence[Hashable] | Tensor,
    names: Mapping[Hashable, Hashable | Sequence[Hashable]],
    *,
    predicting: bool,
) -> Tensor:
    """How much a head gives from a pronoun to the word that it stands for, over all pronouns that have one before them.

    names: for each pronoun its word or words, written as in `tokens`: {"it": "animal"} or {"she": ["Mia", "girl"]}; all
        earlier places of these words count together.
    predicting: False reads the row of the pronoun itself. True reads the row just before it, where a model that writes
        must already know of whom it speaks; in a causal model the link is often visible only there.
    Errors: those of `weight_on`; ValueError where no pronoun has its word before it, or nothing before it to predict from.
    Source: the idea is in Clark et al. 2019, https://arxiv.org/abs/1906.04341, section 4. Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    words = _tokens("tokens", tokens, weights)
    links = []
    for position, word in enumerate(words):
        if word in names:
            meant = names[word]
            meant = {meant} if isinstance(meant, str) or not isinstance(meant, Iterable) else set(meant)
            keys = [earlier for earlier in range(position) if words[earlier] in meant]
            if keys:
                links.append((position - predicting, keys))
    if not links:
        raise ValueError(f"nothing to measure: no pronoun of {list(names)} has its word before it in these {len(words)} tokens")
    return linked(weights, links)


def linked(attention: Any, links: Iterable[tuple[int, int | Iterable[int]]]) -> Tensor:
    """How much a head gives along links that are known: from each query position to its key position, or to several together.

    links: pairs (query, key) or (query, [keys]), positions from 0 to T - 1; at least one. Two pairs of one query add up.
    Errors: those of `weight_on`; TypeError or ValueError for a position that is not one, or no link. Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    length = weights.shape[-1]
    pattern = torch.zeros(length, length, dtype=torch.bool)
    for query, keys in links:
        for key in keys if isinstance(keys, Iterable) else [keys]:
            for name, position in (("query", query), ("key", key)):
                if isinstance(position, bool) or not isinstance(position, int):
                    raise TypeError(f"links: a {name} must be a whole number, got {position!r}")
                if not 0 <= position < length:
                    raise ValueError(f"links: {name} {position} is not one of the positions 0 to {length - 1}")
            pattern[query, key] = True
    return weight_on(weights, pattern, what="a link")


# --- how a head spreads its attention ---------------------------------------------------------------------------------


def entropy(attention: Any) -> Tensor:
    """How widely a head spreads its attention: the mean over all rows of -Σ w ln w, in nats.

    0 where every row looks at one place. At most ln T where all are visible, at most the mean of ln(t + 1) in a causal
    model, whose row 0 has no choice and adds a 0. e^entropy is about the number of places that a row looks at.
    Errors: those of `as_weights`. Source: Shannon 1948; for heads Clark et al. 2019, section 3.3. Used from week 2 day 3 on.
    """
    return torch.special.entr(as_weights(attention)).sum(-1).mean(-1)


def mean_distance(attention: Any) -> Tensor:
    """How far a head looks: the mean over all rows of Σ w |t - s|, in tokens, forward and backward alike.

    0 for a head that looks at its own position, 1 for a perfect previous-token head but for row 0.
    Errors: those of `as_weights`.
    Source: the attention distance of Vig and Belinkov 2019, https://arxiv.org/abs/1906.04284. Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    place = torch.arange(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    return (weights * (place[:, None] - place[None, :]).abs()).sum(-1).mean(-1)


# --- all heads of a model ---------------------------------------------------------------------------------------------


def measure_all(
    attentions: Any, tokens: Sequence[Hashable] | Tensor, *, causal: bool, delimiters: Iterable[Hashable] = DELIMITERS
) -> dict[str, Tensor]:
    """Every measure that a text allows, of every head: {name of the measure: (layers, heads)}.

    attentions: all heads of a model on one text; tokens: its T tokens; causal: whether the model only looks back;
    delimiters: see `delimiter`. A measure that has no row on this text (no delimiter in it, no word that comes twice) is left
    out of the answer; `next_token` is left out for a causal model. `pronoun_to_name` needs to be told the names: call it.
    Errors: those of `as_weights`, and ValueError for tokens of another length or for causal=True where a head looks ahead.
    Used from week 2 day 3 on.
    """
    weights = as_weights(attentions)
    names = _tokens("tokens", tokens, weights)
    if causal and (weights.triu(1) > 0).any():
        raise ValueError("causal=True, but attentions hold weight above the diagonal: this model looks ahead")
    length, delimiters = len(names), list(delimiters)
    seen_before = [name in names[:t] for t, name in enumerate(names)]
    could_look_back = any(name in names[: t - 1] for t, name in enumerate(names) if t > 1)
    others = [t for t, name in enumerate(names) if name not in delimiters]
    marks = [t for t, name in enumerate(names) if name in delimiters]
    scores = {}
    if length > 1:
        scores["previous_token"] = previous_token(weights)
    if length > 1 and not causal:
        scores["next_token"] = next_token(weights)
    if any(seen_before):
        scores["same_token"] = same_token(weights, names, causal=causal)
    if could_look_back:
        scores["induction"] = induction(weights, names)
    if marks and others and (not causal or marks[0] < others[-1]):
        scores["delimiter"] = delimiter(weights, names, delimiters, causal=causal)
    return {**scores, "entropy": entropy(weights), "mean_distance": mean_distance(weights)}


def strongest(scores: Tensor) -> tuple[int, int, float]:
    """The head with the highest score, as (layer, head, score); of equals the first.

    scores: (layers, heads), as the measures give it for a whole model.
    Errors: ValueError for another shape or a score that is not finite. Used from week 2 day 3 on.
    """
    scores = torch.as_tensor(scores)
    if scores.ndim != 2 or scores.numel() == 0:
        raise ValueError(f"scores must have shape (layers, heads), both at least 1, got {tuple(scores.shape)}")
    if not torch.isfinite(scores).all():
        raise ValueError("scores must be finite to have a highest one")
    layer, head = divmod(int(scores.flatten().argmax()), scores.shape[1])
    return layer, head, float(scores[layer, head])


# --- the sum behind every measure, and what it demands ----------------------------------------------------------------


def weight_on(attention: Any, pattern: Tensor, what: str = "a marked cell") -> Tensor:
    """The weight inside a pattern of cells, averaged over the rows that hold at least one of them: (…, T, T) → (…).

    pattern: (T, T) bool, True where a perfect head would look; what: what a True cell is, for the error.
    Errors: those of `as_weights`; TypeError or ValueError for another type or shape of pattern, or a pattern with no cell.
    Used from week 2 day 3 on.
    """
    weights = as_weights(attention)
    if not isinstance(pattern, Tensor) or pattern.dtype != torch.bool:
        raise TypeError(f"pattern must be a torch.bool tensor, got {getattr(pattern, 'dtype', type(pattern).__name__)}")
    if pattern.shape != weights.shape[-2:]:
        raise ValueError(f"pattern must have shape {tuple(weights.shape[-2:])} to go with attention, got {tuple(pattern.shape)}")
    pattern = pattern.to(weights.device)
    rows = pattern.any(-1)
    if not rows.any():
        raise ValueError(f"nothing to measure: none of the {len(rows)} positions has {what}")
    return (weights * pattern).sum(-1)[..., rows].mean(-1)


def as_weights(attention: Any) -> Tensor:
    """Attention weights as one tensor (…, T, T), once they are known to be attention weights.

    attention: a tensor or array (…, T, T), or Hugging Face's tuple of layers, each (1, heads, T, T): → (layers, heads, T, T).
    Half precision becomes float32, so that sums over many cells keep their digits.
    Errors: TypeError or ValueError for no numbers, None, another shape, several texts at once, layers that differ, numbers that
    are negative or not finite, and rows that do not sum to 1 (dropout does that to a model that is still in training mode).
    """
    weights = _stacked(attention) if isinstance(attention, (tuple, list)) else torch.as_tensor(attention)
    if not weights.is_floating_point():
        raise TypeError(f"attention must hold floating-point numbers, got {weights.dtype}")
    if weights.ndim < 2 or weights.shape[-1] != weights.shape[-2] or 0 in weights.shape:
        raise ValueError(f"attention must have shape (…, T, T) with at least one token, got {tuple(weights.shape)}")
    short = weights.dtype in (torch.float16, torch.bfloat16)
    weights = weights.detach().float() if short else weights.detach()
    if not torch.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("attention must hold weights from 0 to 1; got a number that is negative or not finite")
    off = (weights.sum(-1) - 1).abs()
    if off.max() > (0.02 if short else 1e-3):
        row = tuple(int(i) for i in torch.unravel_index(off.argmax(), off.shape))
        raise ValueError(
            f"attention: each row must sum to 1, but row {row[-1]}{f' of head {row[:-1]}' if row[:-1] else ''} sums to "
            f"{weights[row].sum():.3f}; scores before the softmax, or a model in training mode?"
        )
    return weights


def _stacked(layers: Sequence[Any]) -> Tensor:
    """The layers of one text, one above the other: (layers, heads, T, T)."""
    if not layers or any(layer is None for layer in layers):
        raise ValueError(
            "attention holds no weights: load the model with attn_implementation='eager' and call it with output_attentions=True"
        )
    tensors = [torch.as_tensor(layer) for layer in layers]
    shapes = {tuple(tensor.shape) for tensor in tensors}
    if len(shapes) > 1 or tensors[0].ndim not in (3, 4):
        raise ValueError(f"attention: all layers must have one shape (1, heads, T, T), got {sorted(shapes)}")
    if tensors[0].ndim == 3:
        return torch.stack(tensors)
    if len(tensors[0]) != 1:
        raise ValueError(f"attention: one text at a time, got layers for {len(tensors[0])} texts")
    return torch.cat(tensors)


def _tokens(name: str, tokens: Sequence[Hashable] | Tensor, weights: Tensor) -> list[Hashable]:
    """The T tokens as a list, whether they came as strings, ids or a tensor of ids."""
    if isinstance(tokens, str):
        raise TypeError(f"{name} must be a list of tokens, got one string: {tokens!r}")
    names = tokens.tolist() if hasattr(tokens, "tolist") else list(tokens)
    if any(isinstance(one, list) for one in names):
        raise ValueError(f"{name} must be the tokens of one text, got a list of lists")
    if len(names) != weights.shape[-1]:
        raise ValueError(f"{name} and attention differ in length: {len(names)} against {weights.shape[-1]}")
    return names


def _equal(names: list[Hashable]) -> Tensor:
    """(T, T) bool: where do two positions hold the same?"""
    number = {name: i for i, name in enumerate(dict.fromkeys(names))}
    kinds = torch.tensor([number[name] for name in names])
    return kinds[:, None] == kinds[None, :]


def _earlier(weights: Tensor) -> Tensor:
    """(T, T) bool: where is the key before the query?"""
    return torch.ones(weights.shape[-2:], dtype=torch.bool).tril(-1)


def _diagonal(weights: Tensor, offset: int) -> Tensor:
    """(T, T) bool: where is the key `offset` places after the query?"""
    place = torch.arange(weights.shape[-1])
    return place[None, :] - place[:, None] == offset
