"""For fuzzing what draws: pictures are laid out, every word measured, but not turned into pixels, which would take many times as long."""

import functools
import io
import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from PIL import Image

from shared.learning.flowchart import enough
from shared.visuals.figure import saved
from tests.fuzz.harness import Good, good

RULER = RendererAgg(100, 100, 100)  # measures every word of a drawing; one for all, because it remembers what it has measured
for way in [name for name in dir(RULER) if name.startswith("draw_")]:
    setattr(RULER, way, lambda *_, **__: None)  # and draws nothing
EVERY = 5  # of so many drawings one is laid out, which takes longer than making it
COUNTED = itertools.count()

WORDS = dict(alt="What one learns from it.", caption="A caption.")
TITLE = dict(title="What it says", **WORDS)
TOKENS = ["the", "cat", "sat"]
SHARES = np.array([[1.0, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]])
MAPS = np.stack([np.stack([SHARES, SHARES]), np.stack([SHARES, SHARES])])  # (layers, heads, T, T)
VECTORS = np.random.default_rng(0).normal(size=(1, 2, 3, 4))  # (layers, heads, T, d_k)
CHART = ["cut", "look up", "blocks", "votes", "chances", "pick", "append", enough(no="look up"), "join"]


def png(wide: int, high: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (wide, high), "white").save(out, format="PNG")
    return out.getvalue()


def laid_out(drawing: Figure, out: io.BytesIO, dpi: int = 100, **_: Any) -> None:
    """In the place of `savefig`: once all of it has found its place, a small white image with the drawing's proportions."""
    if dpi <= 100 and next(COUNTED) % EVERY == 0:
        drawing.draw(RULER)
    out.write(png(*(max(1, round(10 * side)) for side in drawing.get_size_inches())))


@pytest.fixture(autouse=True)
def no_pixels(monkeypatch):
    """To be imported by every file of tests that uses `shows` or `draws`."""
    monkeypatch.setattr("tests.fuzz.pictures.COUNTED", itertools.count())  # each test lays out the same ones, whatever ran before it
    monkeypatch.setattr(Figure, "savefig", laid_out)
    # a layout engine would only move things about, many times over
    monkeypatch.setattr(sys.modules[saved.__module__], "_arrange", lambda *_: None)


def shows(function: Callable, _keep: tuple[str, ...] = (), **arguments: Any) -> Good:
    """A good call whose result is shown, too: a page or picture as HTML, a drawing or frames with a place for all of their words."""

    @functools.wraps(function)
    def call(**given: Any) -> None:
        made = function(**given)
        for one in made if isinstance(made, list) else [made]:
            drawing = one[0] if isinstance(one, tuple) else one
            if isinstance(drawing, Figure):
                saved(drawing, 100)
            getattr(one, "html", None)

    return good(call, _keep, **arguments)


def draws(function: Callable, _keep: tuple[str, ...] = (), **arguments: Any) -> Good:
    """A good call of a function that draws into axes, which are given to it and shown."""

    @functools.wraps(function)
    def call(**given: Any) -> None:
        drawing = Figure(figsize=(3, 3), layout="none")
        function(drawing.add_axes((0, 0, 1, 1)), **given)
        saved(drawing, 100)

    return good(call, _keep, **arguments)
