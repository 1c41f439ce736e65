"""Fuzzing: a good call, one or two of its arguments replaced by values of the same type that nobody would want, fifty times.

A function may do two things with them: work, or raise an error of its own that a person can read. What it may not do is fail
somewhere inside, with words about an index or a shape that the caller never saw. Values keep the type that the signature asks
for; a tensor stays a tensor, a text a text: type hints say the rest.
"""

import linecache
import math
import random
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shared.building import ROOT, CourseError

CALLS = 50
SECONDS = 20  # for one call: a guard against loops that do not end, not a measurement
LONG = "attention " * 300
TEXTS = ("", " ", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202eright to left", "a\u200bb\ufeff", "🤖" * 20,
         "zero\x00byte", "\n\n\t", "${x} {y} %s \\", "' OR 1=1 --", LONG, "e\u0301" * 30, "\ud83d", "-1", "NaN", "../../etc/passwd")  # fmt: skip
WHOLE = (-1, 0, 1, 2, 7, 300, -(10**9))  # nothing so large that a function would do for hours what it was asked to
REAL = (0.0, -1.0, 1e-300, 1e300, math.nan, math.inf, -math.inf, 0.5, 3.0)


@dataclass(frozen=True)
class Good:
    """A call that works. make: the arguments, fresh each time; keep: names of those that are left alone (models, folders)."""

    function: Callable
    make: Callable[[], dict[str, Any]]
    keep: tuple[str, ...] = ()
    calls: int = CALLS

    def __str__(self) -> str:
        owner = self.function.__module__.removeprefix("shared.")
        return f"{owner}.{self.function.__qualname__}"


def good(function: Callable, /, _keep: Sequence[str] = (), **arguments: Any) -> Good:
    """A good call with these arguments; an argument that is a lambda is called each time."""
    fresh = {name: value for name, value in arguments.items()}
    return Good(function, lambda: {n: v() if getattr(v, "__name__", "") == "<lambda>" else v for n, v in fresh.items()}, tuple(_keep))


# --- values that nobody would want ------------------------------------------------------------------------------------


def spoiled(value: Any, rng: random.Random) -> Any:
    """Another value of about the same type. What the fuzzer does not know it leaves alone."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice(WHOLE)
    if isinstance(value, float):
        return rng.choice(REAL)
    if isinstance(value, str):
        return rng.choice((*TEXTS, value * 2, value[:1], value.upper()))
    if isinstance(value, Path):
        return value / rng.choice(("missing", "a" * 300, "."))
    if isinstance(value, Tensor):
        return _spoiled_tensor(value, rng)
    if isinstance(value, np.ndarray):
        return _spoiled_tensor(torch.as_tensor(value), rng).numpy()
    if isinstance(value, Mapping):
        return _spoiled_mapping(dict(value), rng)
    if isinstance(value, (list, tuple)):
        return _spoiled_sequence(value, rng)
    if is_dataclass(value) and not isinstance(value, type):
        field = rng.choice([field.name for field in fields(value) if field.init])
        return replace(value, **{field: spoiled(getattr(value, field), rng)})
    return value


def _spoiled_tensor(value: Tensor, rng: random.Random) -> Tensor:
    shape = list(value.shape)
    kind = rng.randrange(9)
    if kind == 0:
        return value.new_empty([0] * max(1, value.ndim))
    if kind == 1:
        return value.flatten()
    if kind == 2:
        return value[None]
    if kind == 3:
        return value[..., :0] if shape else value[None][:0]
    if kind == 4 and shape:
        return torch.cat([value, value], dim=rng.randrange(len(shape)))
    if kind == 5:
        return value.T.contiguous() if len(shape) == 2 else value.new_tensor(0)
    other = value.clone()
    if other.numel():
        flat, place = other.view(-1), rng.randrange(other.numel())
        if other.dtype == torch.bool:
            flat[:] = kind == 6
        elif other.is_floating_point():
            flat[place] = rng.choice((math.nan, math.inf, -math.inf, 1e30, -5.0))
        else:
            flat[place] = rng.choice((max(-1, torch.iinfo(other.dtype).min), min(10**6, torch.iinfo(other.dtype).max)))
    return other


def _spoiled_sequence(value: Sequence, rng: random.Random) -> Sequence:
    items = list(value)
    kind = rng.randrange(6)
    if isinstance(value, tuple) and (len(items) <= 3 or hasattr(value, "_fields") or len(set(map(type, items))) > 1):
        kind = 5  # a pair, a named tuple or one of several types is a type of its own: it keeps its length
    if kind == 0:
        items = []
    elif kind == 1:
        items = items[:-1]
    elif kind == 2 and items:
        items = [*items, items[0]]
    elif kind == 3:
        items = items * 3
    elif items:
        place = rng.randrange(len(items))
        items[place] = spoiled(items[place], rng)
    return type(value)(items) if type(value) in (list, tuple) else type(value)(*items)  # a named tuple wants them one by one


def _spoiled_mapping(value: dict, rng: random.Random) -> dict:
    if not value or rng.random() < 0.2:
        return {}
    name = rng.choice(list(value))
    kind = rng.randrange(3)
    if kind == 0:
        del value[name]
    elif kind == 1:
        value[spoiled(name, rng)] = value.pop(name)
    else:
        value[name] = spoiled(value[name], rng)
    return value


# --- what a function made of them -------------------------------------------------------------------------------------


def bad_ends(call: Good) -> list[str]:
    """Run the good call once, then spoiled ones; returns a line for each that ended in no readable error of the course's own."""
    call.function(**call.make())  # a "good" call that fails would hide everything
    rng, found = random.Random(str(call)), []
    for _ in range(call.calls):
        try:
            arguments = call.make()
            names = [name for name in arguments if name not in call.keep]
            for name in rng.sample(names, min(len(names), rng.choice((1, 1, 2)))):
                arguments[name] = spoiled(arguments[name], rng)
        except (ValueError, TypeError, OSError, CourseError) as error:  # a dataclass that refuses a field at once
            if problem := unreadable(error):
                found.append(f"making the arguments: {problem}")
            continue
        begun = time.monotonic()
        try:
            call.function(**arguments)
        except Exception as error:  # noqa: BLE001, all kinds are judged here
            if problem := unreadable(error):
                found.append(f"{_told(arguments)}: {problem}")
        if time.monotonic() - begun > SECONDS:
            found.append(f"{_told(arguments)}: ran for {time.monotonic() - begun:.0f} s")
    return list(dict.fromkeys(found))


def unreadable(error: BaseException) -> str | None:
    """What is wrong with an error; None for one that the course itself raised, in a sentence."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = Path(frame.filename)
    said = f"{type(error).__name__}: {error} (at {where.name}:{frame.lineno}: {frame.line})"
    if ROOT / "shared" not in where.parents:
        return said
    # the statement that raised: "raise" may stand some lines above the one that the traceback names
    statement = [linecache.getline(frame.filename, number).strip() for number in range(frame.lineno, max(frame.lineno - 8, 0), -1)]
    start = next((line for line in statement if line.startswith(("raise ", "else", "return ", "if ", "for ", "="))), "")
    if not start.startswith("raise "):
        return said
    return None if len(str(error).split()) >= 3 else f"an error without a sentence, {said}"


def _told(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_short(value)}" for name, value in arguments.items())


def _short(value: Any) -> str:
    if isinstance(value, (Tensor, np.ndarray)):
        return f"{type(value).__name__}{tuple(value.shape)}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
