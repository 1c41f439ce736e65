"""What the attention explorer shows, as numbers: weights found in whatever a model gave, checked, measured and packed.

Nothing here knows a model or a framework: a tensor is anything that turns itself into an array.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

EAGER = 'load the model with attn_implementation="eager" and call it with output_attentions=True'
MOST_TOKENS = 512  # on an axis: beyond, a cell is smaller than a pixel
MOST_NUMBERS = 12_000_000  # in all heads together: 12 layers of 12 heads over 256 tokens are 9.4 million, about 3 MB
STEP = 1 / 255  # between two shares that the page can tell apart
# how far a row may be from 1: half precision keeps three digits of each weight, and a row adds up many
TOLERANCE = {"half": 1e-2, "single": 1e-3}


@dataclass(frozen=True)
class Attention:
    """All heads of one model on one text, checked: every row of every map is finite, not negative, and sums to 1.

    weights: (layers, heads, T, S) float32; rows: the T tokens that ask; columns: the S tokens that are looked at;
    layers: the number of each layer in its model; across: rows and columns are two different texts (cross-attention);
    causal: no token looks at a later one; second: where the second text of a pair starts, or None.
    """

    weights: np.ndarray
    rows: list[str]
    columns: list[str]
    layers: list[int]
    across: bool
    causal: bool
    second: int | None

    @property
    def heads(self) -> int:
        return self.weights.shape[1]


def read_attention(
    tokens: Sequence[str], attentions: Any, *, keys: Sequence[str] | None = None, second: int | None = None
) -> Attention:
    """The weights inside `attentions`, with their tokens, once they are known to be attention weights.

    attentions: Hugging Face's tuple of layers, each (1, heads, T, S); a list of (heads, T, S); one array or tensor
    (layers, heads, T, S); or a TransformerLens cache, whose attention patterns are found by name.
    keys: the S tokens of the columns, where they are another text (cross-attention). second: the position of the
    second text's first token, for a pair of texts in one sequence (BERT).
    Errors: TypeError or ValueError that names the argument, the layer, head and row, what came and what was expected.
    """
    rows = _token_list("tokens", tokens)
    columns = rows if keys is None else _token_list("keys", keys)
    weights, layers, half = _collected(attentions)
    _check_size(weights, rows, columns, keys is not None)
    _check_shares(weights, layers, TOLERANCE["half" if half else "single"])
    if second is not None:
        if keys is not None:
            raise ValueError("second belongs to a pair of texts in one sequence; with keys, rows and columns are two texts already")
        if isinstance(second, bool) or not isinstance(second, (int, np.integer)):
            raise TypeError(f"second must be the position of the second text's first token, got {second!r}")
        if not 0 < second < len(rows):
            raise ValueError(f"second must lie between 1 and {len(rows) - 1}, the last of the {len(rows)} tokens; got {second}")
    above = np.triu(np.ones(weights.shape[-2:], dtype=bool), 1)
    causal = keys is None and len(rows) > 1 and not weights[..., above].any()
    return Attention(weights, rows, columns, layers, keys is not None, causal, None if second is None else int(second))


# --- where the weights are --------------------------------------------------------------------------------------------


def _collected(attentions: Any) -> tuple[np.ndarray, list[int], bool]:
    """The weights as (layers, heads, T, S), the layers' numbers, and whether they came in half precision."""
    if attentions is None:
        raise ValueError(f"attentions is None: this model returned none. To get them, {EAGER}")
    if isinstance(attentions, str):
        raise TypeError("attentions must hold arrays or tensors, got a text; the first argument is the tokens, the second the attentions")
    if hasattr(attentions, "keys") and hasattr(attentions, "__getitem__"):
        found = _patterns(attentions)
        layers, parts = list(found), list(found.values())
    elif isinstance(attentions, (tuple, list)):
        layers, parts = list(range(len(attentions))), list(attentions)
    else:
        whole = _array(attentions, "attentions")
        if whole.ndim == 5 and whole.shape[1] == 1:  # a stack of Hugging Face's layers
            whole = whole[:, 0]
        if whole.ndim != 4 or 0 in whole.shape:
            raise ValueError(f"attentions as one array must have shape (layers, heads, T, S), got {whole.shape}")
        return whole.astype(np.float32, copy=False), list(range(len(whole))), _is_half(attentions)
    if not parts:
        raise ValueError(f"attentions is empty: this model returned none. To get them, {EAGER}")
    arrays = []
    for layer, part in zip(layers, parts):
        if part is None:
            raise ValueError(f"attentions of layer {layer} is None: this model keeps its weights to itself. To get them, {EAGER}")
        if isinstance(part, (tuple, list)):
            raise TypeError(
                f"attentions of layer {layer} is a {type(part).__name__} of {len(part)}, expected an array or tensor (1, heads, T, S); "
                "generate() returns one such tuple for each new token: pass one of them"
            )
        values = _array(part, f"attentions of layer {layer}")
        if values.ndim == 4 and values.shape[0] > 1:
            raise ValueError(f"attentions of layer {layer} holds a batch of {values.shape[0]} texts; choose one: [a[:1] for a in attentions]")
        if values.ndim not in (3, 4) or 0 in values.shape:
            raise ValueError(f"attentions of layer {layer} must have shape (1, heads, T, S) or (heads, T, S), got {values.shape}")
        values = values[0] if values.ndim == 4 else values
        if arrays and values.shape != arrays[0].shape:
            raise ValueError(f"attentions: layer {layer} has shape {values.shape}, layer {layers[0]} has {arrays[0].shape}; all must be equal")
        arrays.append(values.astype(np.float32, copy=False))
    return np.stack(arrays), layers, any(_is_half(part) for part in parts)


def _patterns(cache: Any) -> dict[int, Any]:
    """The attention patterns of a cache by layer: "blocks.3.attn.hook_pattern" or ("pattern", 3), as TransformerLens names them."""
    found = {}
    for key in cache.keys():
        name = re.fullmatch(r"blocks\.(\d+)\.attn\.hook_pattern", key) if isinstance(key, str) else None
        if name:
            found[int(name[1])] = cache[key]
        elif isinstance(key, tuple) and len(key) >= 2 and key[0] == "pattern" and isinstance(key[1], int):
            found[key[1]] = cache[key]
    if not found:
        names = [str(key) for key in cache.keys()]
        for name in ("attentions", "encoder_attentions", "decoder_attentions"):
            if name in names:
                raise TypeError(f"attentions is the model's whole output: pass its .{name}")
        listed = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        raise ValueError(
            f'attentions is a mapping without attention patterns ("blocks.0.attn.hook_pattern" or ("pattern", 0)); it holds: {listed or "nothing"}. '
            f"From a Hugging Face model pass outputs.attentions; {EAGER}"
        )
    return dict(sorted(found.items()))


def _array(values: Any, name: str) -> np.ndarray:
    if hasattr(values, "detach"):  # a tensor: off its graph and its device, and into a type that arrays know
        values = values.detach().float().cpu().numpy()
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be an array or tensor of numbers, got {type(values).__name__}")
    return array


def _is_half(values: Any) -> bool:
    return "16" in str(getattr(values, "dtype", ""))


# --- is it what it says it is? ----------------------------------------------------------------------------------------


def _token_list(name: str, tokens: Any) -> list[str]:
    if isinstance(tokens, str) or not isinstance(tokens, Sequence) and not isinstance(tokens, np.ndarray):
        raise TypeError(f"{name} must be a list of tokens, got {type(tokens).__name__}; a text is split by its tokenizer first")
    listed = list(tokens)
    if not listed:
        raise ValueError(f"{name} is empty: there is nothing to look at")
    for i, token in enumerate(listed):
        if not isinstance(token, str):
            raise TypeError(f"{name}[{i}] must be a text, got {token!r}; ids become tokens with tokenizer.convert_ids_to_tokens(ids)")
    return [str(token) for token in listed]


def _check_size(weights: np.ndarray, rows: list[str], columns: list[str], across: bool) -> None:
    T, S = weights.shape[-2:]
    if T != len(rows):
        raise ValueError(f"attentions have {T} rows (queries) in each head, but tokens holds {len(rows)} tokens")
    if S != len(columns):
        if across:
            raise ValueError(f"attentions have {S} columns (keys) in each head, but keys holds {len(columns)} tokens")
        raise ValueError(f"attentions have {T} rows and {S} columns in each head; where the columns are other tokens than the rows, give them as keys=")
    if max(T, S) > MOST_TOKENS:
        raise ValueError(f"at most {MOST_TOKENS} tokens can be shown, got {max(T, S)}; take a part of the text")
    if weights.size > MOST_NUMBERS:
        raise ValueError(
            f"attentions hold {weights.size:,} weights {weights.shape}, more than the {MOST_NUMBERS:,} that a notebook carries; "
            "take fewer layers (attentions[:4]) or a shorter text"
        )


def _check_shares(weights: np.ndarray, layers: list[int], tolerance: float) -> None:
    def place(bad: np.ndarray) -> str:
        layer, head, row = (int(i) for i in np.argwhere(bad)[0])
        return f"layer {layers[layer]}, head {head}, row {row}"

    bad = ~np.isfinite(weights).all(-1)
    if bad.any():
        raise ValueError(f"attentions hold NaN or infinity in {place(bad)}")
    bad = weights.min(-1) < -1e-6
    if bad.any():
        raise ValueError(f"attentions hold a negative weight in {place(bad)}; these look like scores from before the softmax")
    sums = weights.sum(-1, dtype=np.float64)
    bad = np.abs(sums - 1) > tolerance
    if bad.any():
        first = tuple(np.argwhere(bad)[0])
        hint = "dropout scales them while training: call model.eval()"
        if np.abs(weights.sum(-2, dtype=np.float64) - 1).max() <= tolerance:
            hint = "the columns do: the softmax ran over the queries, or the maps are transposed"
        elif sums[first] == 0:
            hint = "this row may look at nothing, as a padded position: leave it out"
        raise ValueError(f"attentions must sum to 1 in every row; {place(bad)} sums to {sums[first]:.4f}; {hint}")


# --- measures of a head -----------------------------------------------------------------------------------------------


def measures_of(attention: Attention) -> dict[str, np.ndarray]:
    """What can be said of every head in one number: {name: (layers, heads)}, as far as this text allows.

    Shares are means over the rows that could fit: "previous token", "next token" (not for a causal model), "same token"
    (another place with the same token), "induction" (what followed the same token earlier), "first token" (the first
    row, which may have no choice, is left out). "entropy" is in nats, "mean distance" in tokens. Across two texts only
    "first token" and "entropy" mean something. The same definitions as in `shared.heads`.
    """
    w, T, S = attention.weights, *attention.weights.shape[-2:]
    entropy = -np.where(w > 0, w * np.log(np.where(w > 0, w, 1)), 0).sum(-1).mean(-1)
    first = {"first token": w[..., min(1, T - 1) :, 0].mean(-1)} if not attention.across else {"first token": w[..., 0].mean(-1)}
    if attention.across:
        return {**first, "entropy": entropy}
    names = np.array(attention.rows, dtype=object)
    same = names[:, None] == names[None, :]
    visible = np.tril(np.ones((T, T), dtype=bool), 0 if attention.causal else T)
    earlier = np.tril(np.ones((T, T), dtype=bool), -1)
    followed = np.zeros_like(same)
    followed[:, 1:] = same[:, :-1]
    patterns = {
        "previous token": np.eye(T, k=-1, dtype=bool),
        "next token": np.eye(T, k=1, dtype=bool) & visible,
        "same token": same & ~np.eye(T, dtype=bool) & visible,
        "induction": followed & earlier,
    }
    shares = {
        name: np.einsum("lhts,ts->lht", w, cells.astype(np.float32))[..., cells.any(-1)].mean(-1)
        for name, cells in patterns.items()
        if cells.any()
    }
    apart = np.abs(np.arange(T)[:, None] - np.arange(S)[None, :]).astype(np.float32)
    return {**shares, **first, "entropy": entropy, "mean distance": np.einsum("lhts,ts->lh", w, apart) / T}


def read_measures(given: Mapping[str, Any] | None, attention: Attention) -> dict[str, np.ndarray]:
    """The caller's own measures, checked: {name: (layers, heads)}, "_" in a name becomes a blank.

    Errors: TypeError or ValueError that names the measure, for another shape, a number that is not finite, or no name.
    """
    shape = attention.weights.shape[:2]
    if given is not None and not isinstance(given, Mapping):
        raise TypeError(f"measures must be a mapping {{name: (layers, heads)}}, got {type(given).__name__}")
    found = {}
    for name, values in (given or {}).items():
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"measures: a name must be a text that says something, got {name!r}")
        values = _array(values, f"measures[{name!r}]").astype(np.float64)
        if values.shape != shape:
            raise ValueError(f"measures[{name!r}] must have shape (layers, heads) = {shape}, got {values.shape}")
        if not np.isfinite(values).all():
            raise ValueError(f"measures[{name!r}] must be finite")
        found[" ".join(name.replace("_", " ").split())] = values
    return found


# --- what is sent -----------------------------------------------------------------------------------------------------


def quantized(weights: np.ndarray) -> np.ndarray:
    """Shares as whole steps of 1/255, uint8: off by at most half a step, which is less than 0.002."""
    return np.rint(weights.clip(0, 1) * np.float32(255)).astype(np.uint8)


def sent_weights(attention: Attention) -> tuple[np.ndarray, np.ndarray]:
    """The weights for the page, quantized, in two parts: (others, lasts), both uint8.

    others: of each row all weights but the last that may be other than 0, (layers, heads, n); of a causal model these are
    the cells left of the diagonal. lasts: of each row how much its last weight is more than what the others leave of 255,
    modulo 256, (layers, heads, T): a few steps of rounding, which take two bits where the weight itself would take six.
    """
    steps = quantized(attention.weights)
    T, S = steps.shape[-2:]
    last = np.arange(T) if attention.causal else np.full(T, S - 1)
    lasts = steps.sum(-1, dtype=np.int64) - 255
    return steps[..., np.arange(S) < last[:, None]], lasts.astype(np.uint8)


def sent_sums(attention: Attention) -> tuple[np.ndarray, float]:
    """What each token receives in all, as a correction of the quantized weights' own column sums: (corrections, step).

    corrections: steps above the column's sum, plus 127, uint8 (layers, heads, S); step: the size of one, 0.004 where 127
    of them are enough for the half steps by which T rounded weights may be off in all. So a sum is right to within 0.002
    up to 259 tokens, and to within 0.004 up to `MOST_TOKENS`.
    """
    step = max(0.004, attention.weights.shape[-2] * STEP / 2 / 127)
    rest = attention.weights.sum(-2, dtype=np.float64) - quantized(attention.weights).sum(-2, dtype=np.int64) * STEP
    return (np.rint(rest / step).clip(-127, 127) + 127).astype(np.uint8), step


def sent_measures(measures: Mapping[str, np.ndarray]) -> tuple[list[dict], np.ndarray]:
    """Measures for the page: each one's name and range, and their values in 255 steps of that range, uint8 (measures, layers, heads)."""
    ranges, values = [], []
    for name, scores in measures.items():
        low, high = min(0.0, float(scores.min())), max(float(scores.max()), 0.0)
        high = max(high, 1.0) if low == 0 and high <= 1 else high
        ranges.append({"name": name, "low": low, "high": high})
        values.append(np.rint((scores - low) / ((high - low) or 1.0) * 255).astype(np.uint8))
    return ranges, np.stack(values)
