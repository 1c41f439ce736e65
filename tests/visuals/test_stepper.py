"""The frame stepper: what it carries, what it leaves for places without script, and what it refuses."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from shared.visuals import map_stepper, palette, stepper
from shared.visuals.page import unpack
from shared.visuals.stepper import STILL_BYTES, _drawn
from tests.visuals.test_page import data_of

WORDS = dict(alt="A line turns.", caption="A line that turns.")


def drawings(count: int = 4, size: tuple[float, float] = (4, 2.5)) -> list[Figure]:
    made = []
    for i in range(count):
        drawing = Figure(figsize=size)
        ax = drawing.subplots()
        ax.plot([0, 1], [0, i], color=palette.color("value"), linewidth=3)
        ax.set(xlim=(0, 1), ylim=(0, 4), title="It turns")
        made.append(drawing)
    return made


def shares(frames: int = 5, rows: int = 4, columns: int = 4) -> np.ndarray:
    powers = np.exp(np.random.default_rng(7).normal(size=(frames, rows, columns)))
    return powers / powers.sum(-1, keepdims=True)


def test_every_frame_arrives_as_it_was_drawn():
    figures = drawings()
    drawn = [np.asarray(_drawn(figure)).astype(int) for figure in figures]
    page = stepper([(figure, f"Step {i}.") for i, figure in enumerate(figures)], start=1, **WORDS)
    data = data_of(page)
    frames = np.cumsum(unpack(data["frames"]), axis=0).astype(int) % 256
    colors = np.array(data["colors"]).reshape(-1, 3)
    for sent, original in zip(frames, drawn):
        assert sent.shape == original.shape[:2]
        apart = np.abs(colors[sent] - original).max(-1)
        assert np.mean(apart) < 1.5 and np.mean(apart > 40) < 0.002  # edges of letters may differ a little
    assert data["says"] == ["Step 0.", "Step 1.", "Step 2.", "Step 3."] and data["start"] == 1


def test_a_frame_costs_little_where_little_changes():
    page = stepper([(figure, "It turns.") for figure in drawings(12, (8, 4.5))], **WORDS)
    assert len(data_of(page)["frames"]["data"]) < 12 * 10_000
    assert len(page.still.png) <= STILL_BYTES and len(page.poster) < 40_000


def test_places_without_script_get_an_animated_picture_that_starts_where_the_view_does():
    page = stepper([(figure, f"Step {i}.") for i, figure in enumerate(drawings())], start=2, **WORDS)
    still = Image.open(io.BytesIO(page.still.png))
    assert still.is_animated and still.n_frames == 5  # the default image, and one for each frame
    default = np.asarray(still.convert("RGB"))
    still.seek(3)
    assert np.array_equal(default, np.asarray(still.convert("RGB")))
    assert still.info["duration"] >= 1000
    assert 'data-kind="animation"' in page.html and 'alt="A line turns."' in page.html


def test_figures_are_closed_so_that_the_notebook_shows_them_once():
    plt.close("all")
    made = [plt.subplots(figsize=(3, 2))[0] for _ in range(2)]
    stepper([(figure, "One.") for figure in made], **WORDS)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "frames, start, words",
    [
        (lambda: [(drawings(1)[0], "One.")], 0, "at least two"),
        (lambda: [], 0, "at least two"),
        (lambda: [(f, "One.") for f in drawings(1) + drawings(1, (5, 3))], 0, "number 1 is .* all must be equal"),
        (lambda: [(f, s) for f, s in zip(drawings(2), ("One.", " "))], 0, "frame 1 must say"),
        (lambda: [(f, "One.") for f in drawings(2)], 2, "frame from 0 to 1, got 2"),
        (lambda: [(f, "One.") for f in drawings(2)], True, "start"),
        (lambda: drawings(2), 0, r"number 0 must be \(matplotlib figure, sentence\)"),
        (lambda: [("picture.png", "One."), ("b", "c")], 0, "number 0 must be"),
    ],
)
def test_frames_that_cannot_be_stepped_through(frames, start, words):
    with pytest.raises(ValueError, match=words):
        stepper(frames(), start=start, **WORDS)


def test_weights_arrive_to_the_stated_precision():
    maps = shares()
    data = data_of(map_stepper(maps, list("abcd"), ["Now."] * 5, **WORDS))
    assert np.abs(unpack(data["maps"]) - maps).max() <= 1 / 510
    assert data["numbers"] is True and data["rows"][0] == ["a", "a"]


def test_thirty_frames_of_twelve_tokens_are_a_few_kilobytes():
    page = map_stepper(shares(30, 12, 12), [f"t{i}" for i in range(12)], ["Now."] * 30, **WORDS)
    assert len(data_of(page)["maps"]["data"]) < 7_000
    assert len(page.document) < 30_000 and len(page.still.png) <= STILL_BYTES


def test_cross_attention_has_its_own_keys():
    data = data_of(map_stepper(shares(3, 2, 5), ["a", "b"], ["Now."] * 3, keys=list("vwxyz"), **WORDS))
    assert [len(data["rows"]), len(data["columns"])] == [2, 5]


@pytest.mark.parametrize(
    "maps, tokens, says, words",
    [
        (shares()[0], list("abcd"), ["x"] * 5, r"\(frames, T, S\), got \(4, 4\)"),
        (shares(), list("abc"), ["x"] * 5, "do not fit 3 query tokens"),
        (shares(), list("abcd"), ["x"] * 4, "one sentence for each of the 5 frames, got 4"),
        (shares(), list("abcd"), "words", "one sentence for each"),
        (shares() * 9, list("abcd"), ["x"] * 5, "shares from 0 to 1"),
        (shares() - 1, list("abcd"), ["x"] * 5, "shares from 0 to 1"),
        (np.full((2, 1, 1), np.nan), ["a"], ["x"] * 2, "NaN"),
        (np.zeros((2, 65, 65)), ["a"] * 65, ["x"] * 2, "at most 64 tokens"),
        (np.zeros((2, 0, 0)), [], ["x"] * 2, "shape"),
    ],
)
def test_maps_that_cannot_be_drawn(maps, tokens, says, words):
    with pytest.raises(ValueError, match=words):
        map_stepper(maps, tokens, says, **WORDS)
