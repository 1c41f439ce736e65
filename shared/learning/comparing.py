"""Comparing a learner's result with the right one, through numpy: only lessons that use torch load it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Difference:
    """Why two results are not the same, in plain words; `close` if only the last digits differ."""

    words: str
    close: bool = False


def difference(expected, got, tolerance: float, where: str = "") -> Difference | None:
    """None if `got` equals `expected` up to `tolerance` (absolute, and relative to the expected number), else what
    differs first.

    Tensors, arrays, numbers, texts, None, and lists, tuples and dicts of them. A tensor is not the same as a list with
    equal numbers; a list is as good as a tuple; float32 is as good as float64; a single number is as good as a tensor
    that holds one.
    """
    at = f"{where}: " if where else ""
    if isinstance(expected, dict):
        return _dicts(expected, got, tolerance, where)
    if isinstance(expected, (list, tuple)) and not _is_numbers(expected):
        return _sequences(expected, got, tolerance, where)
    if isinstance(expected, str) or expected is None:
        return (
            None
            if type(got) is type(expected) and got == expected
            else Difference(f"{at}expected {_brief(expected)}, got {_brief(got)}.")
        )
    wanted_kind, kind = _kind(expected), _kind(got)
    right, mine = to_array(expected), to_array(got)
    if mine is None:
        return Difference(f"{at}type: expected {wanted_kind}, got {_a(got)}.")
    if right.shape != mine.shape:
        return Difference(f"{at}shape: expected {shape_words(right)}, got {shape_words(mine)}.")
    if wanted_kind != kind and right.ndim:
        same = " (the numbers agree)" if np.allclose(right, mine, equal_nan=True) else ""
        return Difference(f"{at}type: expected {wanted_kind}, got {kind}{same}.")
    if (right.dtype == bool) != (mine.dtype == bool):
        names = ["True and False" if array.dtype == bool else "numbers" for array in (right, mine)]
        return Difference(f"{at}type: expected {names[0]}, got {names[1]}.")
    return _arrays(right, mine, tolerance, at)


def to_array(value) -> np.ndarray | None:
    """A tensor, an array, a number or nested lists of numbers as a numpy array; None for anything else."""
    try:
        if hasattr(value, "detach"):
            value = value.detach().cpu()
            value = value.float().numpy() if str(value.dtype) in ("torch.bfloat16", "torch.float16") else value.numpy()
        array = np.asarray(value)
    except Exception:  # sparse tensors, ragged lists, objects with their own idea of being an array
        return None
    return array if array.dtype.kind in "biufc" else None


def shape_words(array: np.ndarray) -> str:
    """(6,) → "(6,)"; () → "a single number"."""
    return str(tuple(int(n) for n in array.shape)) if array.ndim else "a single number"


def _arrays(right: np.ndarray, mine: np.ndarray, tolerance: float, at: str) -> Difference | None:
    wide = np.complex128 if "c" in (right.dtype.kind, mine.dtype.kind) else np.float64
    right, mine = right.astype(wide), mine.astype(wide)
    lost = np.isnan(mine) & ~np.isnan(right)
    if lost.any():
        return Difference(
            f"{at}NaN (not a number){_place(_first(lost))}, {int(lost.sum())} of {lost.size} in all. NaN comes from"
            " 0/0, ∞ − ∞ or a row of −∞ only."
        )
    equal = (right == mine) | (np.isnan(right) & np.isnan(mine))
    if equal.all():
        return None
    with np.errstate(invalid="ignore"):
        gap = np.where(equal, 0.0, np.abs(right - mine))
        near = equal | (np.isfinite(right) & (gap <= tolerance * (1 + np.abs(right))))  # near to ∞ is nothing but ∞
    if near.all():
        return None
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(gap), gap.shape))
    largest = float(gap[worst])
    first = _first(~near)
    close = bool((equal | (np.isfinite(right) & (gap <= 1e-2 * (1 + np.abs(right))))).all())
    words = (
        f"{at}the shape {shape_words(right)} is right; exactly equal: no; approximately: {'almost' if close else 'no'};"
        f" largest difference {_number(largest)}{_place(worst)}. First difference{_place(first)}: expected"
        f" {_number(right[first])}, got {_number(mine[first])}."
        if right.ndim
        else f"{at}expected {_number(right[()])}, got {_number(mine[()])}."
    )
    return Difference(words, close)


def _sequences(expected, got, tolerance: float, where: str) -> Difference | None:
    at = f"{where}: " if where else ""
    if not isinstance(got, (list, tuple)):
        return Difference(f"{at}expected {len(expected)} values in a {type(expected).__name__}, got {_a(got)}.")
    if len(got) != len(expected):
        return Difference(f"{at}expected {len(expected)} values, got {len(got)}.")
    for i, (right, mine) in enumerate(zip(expected, got), 1):
        found = difference(right, mine, tolerance, f"{where}, value {i}" if where else f"value {i} of {len(expected)}")
        if found:
            return found
    return None


def _dicts(expected: dict, got, tolerance: float, where: str) -> Difference | None:
    at = f"{where}: " if where else ""
    if not isinstance(got, dict):
        return Difference(f"{at}expected a dict, got {_a(got)}.")
    for key in expected:
        if key not in got:
            return Difference(f"{at}the key {key!r} is missing.")
        found = difference(expected[key], got[key], tolerance, f"{where}, {key!r}" if where else f"{key!r}")
        if found:
            return found
    extra = [key for key in got if key not in expected]
    return Difference(f"{at}the key {extra[0]!r} is too much.") if extra else None


def _is_numbers(value) -> bool:
    """Whether a list or tuple is (nested) plain numbers, to be compared as one array."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_numbers, value)) and to_array(value) is not None
    return isinstance(value, (bool, int, float, complex))


def _kind(value) -> str:
    if hasattr(value, "detach"):
        return "a tensor"
    if isinstance(value, np.ndarray) and value.ndim:
        return "a numpy array"
    return "a list of numbers" if isinstance(value, (list, tuple)) else "a number"


def _a(value) -> str:
    """What a value is, in words that a learner can act on."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the text {_brief(value)}"
    array = to_array(value)
    if array is not None and array.ndim:
        return f"{_kind(value)} of shape {shape_words(array)}"
    return f"a value of type {type(value).__name__}"


def _brief(value) -> str:
    if value is None or isinstance(value, str):
        text = repr(value)
        return text if len(text) <= 80 else text[:77] + "…"
    return _a(value)


def _first(where: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(where)[0])


def _place(index: tuple[int, ...]) -> str:
    return f" at [{', '.join(map(str, index))}]" if index else ""


def _number(value) -> str:
    value = complex(value)
    if value.imag:
        return f"{value:.4g}"
    real = value.real
    return str(int(real)) if np.isfinite(real) and real == int(real) and abs(real) < 1e6 else f"{real:.4g}"
