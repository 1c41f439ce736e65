"""The frame stepper: what changes over time, one drawing and one sentence at a time. It never starts by itself.

`stepper` takes drawings, `map_stepper` takes attention weights and lets the page draw them. Both leave an animated PNG,
with the sentences in it, for places without script.
"""

import io
import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from shared.visuals import palette
from shared.visuals.figure import DOTS_PER_INCH, READABLE_PX, saved, whole
from shared.visuals.heatmap import draw_heatmap
from shared.visuals.colors import indexed
from shared.visuals.page import LONGEST_LABEL, Page, pack, ramp, short

COLORS = 64  # of all frames together; a drawing needs few
STILL_BYTES = 150_000
# the animated PNG is drawn smaller, then with every second or third frame, until it fits: (width in px, colors, every)
STILL_TRIES = ((600, 48, 1), (480, 40, 1), (400, 32, 1), (320, 32, 1), (320, 32, 2), (320, 32, 3), (320, 32, 5))
NUMBERS_UP_TO = 8  # tokens on an axis; beyond, numbers in the cells are too small to read
MOST_TOKENS = 64  # on an axis; beyond, a cell is smaller than a fingertip even at full width
# widths of the card's inside for which the frame's height is set: from a small phone to the full 900 px
WIDTHS = (0, 330, 420, 540, 680, 820)
SCROLL_PX = 16  # of the bar below a drawing that is wider than the card


def stepper(frames: Sequence[tuple[Figure, str]], *, alt: str, caption: str, start: int = 0) -> Page:
    """Step through drawings, forwards and back, each with a sentence that says what just happened.

    frames: (matplotlib figure, sentence) for each step, all figures of one size; they are closed afterwards.
    alt: what a person would learn from the whole animation; caption: shown below it; start: the frame shown first.
    Errors: ValueError that names the argument, for fewer than two frames, an empty sentence, figures of different
    size, or a start outside the frames. Used from week 1 day 1 on.
    """
    frames = list(frames)
    for i, frame in enumerate(frames):
        if not (isinstance(frame, tuple) and len(frame) == 2 and isinstance(frame[0], Figure)):
            raise ValueError(f"frames: number {i} must be (matplotlib figure, sentence), got {type(frame).__name__}")
    says = _sentences([sentence for _, sentence in frames], len(frames))
    _check_start(start, len(frames))
    wide = round(min(900, frames[0][0].get_figwidth() * 100))
    images = [_drawn(drawing) for drawing, _ in frames]
    for i, image in enumerate(images):
        if image.size != images[0].size:
            raise ValueError(
                f"frames: number {i} is {image.size} px large, number 0 is {images[0].size}; all must be equal"
            )
    colors, indexes = _one_palette(images)
    least_px = min(wide, READABLE_PX)
    # most of a frame is as it was in the frame before: differences deflate to almost nothing
    changes = np.diff(indexes.astype(np.int16), axis=0, prepend=np.zeros_like(indexes[:1], dtype=np.int16)) % 256
    data = {
        "says": says,
        "start": start,
        "alt": alt,
        "width": wide,
        "least": least_px,
        "colors": [int(part) for part in colors.flat],
        "frames": pack(changes, "bytes"),
    }
    ratio = images[0].height / images[0].width
    heights = {
        least: f"calc(clamp({least_px}px, 100cqw, {wide}px)*{ratio:.4f} + {_words_px(says, least) + _controls_px(least) + 8 + SCROLL_PX * (least < least_px)}px)"
        for least in WIDTHS
    }
    return Page(
        kind="animation", alt=alt, caption=caption, data=data, heights=heights,
        scripts=["player.js", "stepper.js"], styles=["player.css"],
        still=moving_still(images, says, start), poster=_png(images[start]),
    )  # fmt: skip


def map_stepper(
    maps: np.ndarray,
    tokens: Sequence[str],
    says: Sequence[str],
    *,
    alt: str,
    caption: str,
    keys: Sequence[str] | None = None,
    start: int = 0,
) -> Page:
    """Step through attention maps: rows are queries, columns are keys, one purple from 0 to 1.

    maps: (frames, T, S), each number from 0 to 1; tokens: T labels for the rows; keys: S labels for the columns, where they
    differ (cross-attention); says: a sentence for each frame; alt, caption, start: as in `stepper`.
    Errors: ValueError that names the argument, for shapes or label counts that do not fit or numbers that are no shares.
    Used from week 1 day 3 on.
    """
    maps = np.asarray(maps, dtype=np.float64)
    keys = list(tokens if keys is None else keys)
    tokens = list(tokens)
    if maps.ndim != 3 or 0 in maps.shape:
        raise ValueError(f"maps must have shape (frames, T, S), got {maps.shape}")
    if maps.shape[1:] != (len(tokens), len(keys)):
        raise ValueError(
            f"maps of shape {maps.shape[1:]} do not fit {len(tokens)} query tokens and {len(keys)} key tokens"
        )
    if not np.isfinite(maps).all() or maps.min() < -1e-6 or maps.max() > 1 + 1e-6:
        worst = "NaN or infinity" if not np.isfinite(maps).all() else f"{maps.min():.3f} … {maps.max():.3f}"
        raise ValueError(f"maps must hold shares from 0 to 1, got {worst}")
    if max(maps.shape[1:]) > MOST_TOKENS:
        raise ValueError(f"maps must have at most {MOST_TOKENS} tokens on an axis, got {maps.shape[1:]}")
    says = _sentences(says, len(maps))
    _check_start(start, len(maps))
    maps = maps.clip(0.0, 1.0)
    numbers = max(maps.shape[1:]) <= NUMBERS_UP_TO
    data = {
        "says": says,
        "start": start,
        "alt": alt,
        "rows": [[short(t), str(t)] for t in tokens],
        "columns": [[short(t), str(t)] for t in keys],
        "numbers": numbers,
        "ramp": ramp("weights"),
        # where numbers are printed the step must be finer than their two decimals; a color needs no more than 255 steps
        "maps": pack(maps, "int16" if numbers else "uint8", limit=1.0),
    }
    drawn = _drawn_maps(maps, tokens, keys)
    return Page(
        kind="animation", alt=alt, caption=caption, data=data, heights=_map_heights(maps.shape, data, says),
        scripts=["player.js", "map_stepper.js"], styles=["player.css"],
        still=moving_still(drawn, says, start), poster=_png(drawn[start]),
    )  # fmt: skip


# --- what goes into a stepper -----------------------------------------------------------------------------------------


def _sentences(says: Sequence[str], count: int) -> list[str]:
    if count < 2:
        raise ValueError(f"frames must be at least two to step through, got {count}")
    if isinstance(says, str) or len(says) != count:
        raise ValueError(
            f"says must hold one sentence for each of the {count} frames, got {1 if isinstance(says, str) else len(says)}"
        )
    for i, sentence in enumerate(says):
        if not isinstance(sentence, str) or not sentence.strip():
            raise ValueError(f"says: frame {i} must say what just happened, got {sentence!r}")
    return [whole(" ".join(sentence.split())) for sentence in says]


def _check_start(start: int, count: int) -> None:
    if isinstance(start, bool) or not isinstance(start, int) or not 0 <= start < count:
        raise ValueError(f"start must be a frame from 0 to {count - 1}, got {start!r}")


# --- how tall the frame must be, so that nothing is cut off ------------------------------------------------------------


def _words_px(says: Sequence[str], width: int) -> int:
    """Height of the longest sentence at 15 px in a card `width` wide (a letter is about 7.6 px wide on average)."""
    inside = max(width, 232) - 24  # 232: what a window of 360 leaves beside the cell numbers
    return 22 * max(math.ceil(len(sentence) * 8 / inside) for sentence in says) + 14


def _controls_px(width: int) -> int:
    return 56 if width >= 420 else 96  # the slider takes a line of its own on a phone


def _map_heights(shape: tuple[int, ...], data: dict, says: Sequence[str]) -> dict[int, str]:
    """Mirrors the layout of assets/map_stepper.js, with the largest width of each range."""
    _, rows, columns = shape
    heights = {}
    for least, below in zip(WIDTHS, (*WIDTHS[1:], 900)):
        letters = 7 if below <= 540 else LONGEST_LABEL
        beside = 8.2 * min(letters, max(len(name) for name, _ in data["rows"])) + 38
        above = 8.2 * min(letters, max(len(name) for name, _ in data["columns"])) + 38
        cell = min(46.0, (below - beside - 8) / columns)
        heights[least] = f"{round(above + rows * cell + 34 + _words_px(says, least) + _controls_px(least))}px"
    return heights


# --- pictures ---------------------------------------------------------------------------------------------------------


def _drawn(drawing: Figure, dots_per_inch: int = DOTS_PER_INCH) -> Image.Image:
    # as PNG, which tells its own size: versions of matplotlib round half a pixel differently
    raw = saved(drawing, dots_per_inch)
    plt.close(drawing)  # else the notebook would show it a second time, without its words
    return Image.open(raw).convert("RGB")


def _drawn_maps(maps: np.ndarray, tokens: Sequence[str], keys: Sequence[str]) -> list[Image.Image]:
    """The maps as pictures: the axes are drawn once, the cells of each frame are painted over them (30 times faster)."""
    drawing = Figure(figsize=(4.6, 4.3), dpi=100, layout="constrained")
    ax = drawing.subplots()
    draw_heatmap(ax, np.zeros(maps.shape[1:]), tokens, keys, labels=9.6, numbers=False)
    empty = _drawn(drawing, 100)
    # corners of the cells in pixels, y downwards
    rows, columns = maps.shape[1:]
    corners = ax.transData.transform([(i - 0.5, i - 0.5) for i in range(max(rows, columns) + 1)])
    xs, ys = corners[: columns + 1, 0].round().astype(int), (empty.height - corners[: rows + 1, 1]).round().astype(int)
    colors, font = palette.weights_map(), _font(11)
    images = []
    for values in maps:
        image = empty.copy()
        brush = ImageDraw.Draw(image)
        for (t, s), weight in np.ndenumerate(values):
            fill = tuple(round(255 * part) for part in colors(float(weight))[:3])
            brush.rectangle((xs[s] + 1, ys[t] + 1, xs[s + 1] - 1, ys[t + 1] - 1), fill=fill)
            if max(rows, columns) <= NUMBERS_UP_TO:
                middle = ((xs[s] + xs[s + 1]) / 2, (ys[t] + ys[t + 1]) / 2)
                ink = palette.CARD if weight > 0.37 else palette.INK
                brush.text(middle, f"{weight:.2f}", fill=ink, font=font, anchor="mm")
        images.append(image)
    return images


def _font(size: int) -> ImageFont.FreeTypeFont:
    """matplotlib's own font, so that a picture is the same on every machine."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), size)


def _one_palette(images: Sequence[Image.Image], count: int = COLORS) -> tuple[np.ndarray, np.ndarray]:
    """The frames as indexes into one palette: colors (count, 3) and indexes (frames, height, width), both uint8."""
    wide, high = images[0].size
    samples = Image.new("RGB", (wide, high * len(images)))
    for i, image in enumerate(images):
        samples.paste(image, (0, i * high))
    found = indexed(samples, count)
    colors = np.zeros((count, 3), dtype=np.uint8)
    used = np.array(found.getpalette()[: 3 * count], dtype=np.uint8).reshape(-1, 3)
    colors[: len(used)] = used
    return colors, np.asarray(found, dtype=np.uint8).reshape(len(images), high, wide)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    indexed(image, COLORS).save(out, format="PNG", optimize=True)
    return out.getvalue()


def moving_still(images: Sequence[Image.Image], says: Sequence[str], start: int) -> bytes:
    """An animated PNG of at most STILL_BYTES with each frame's sentence below it; plays where no script may run.

    Its default image, for viewers that do not animate, is the frame `start`.
    """
    font = _font(13)
    # each try costs about a second; a long animation never fits at the largest sizes
    for most, colors, every in STILL_TRIES if len(images) <= 16 else STILL_TRIES[2:]:
        width = min(most, images[0].width)
        high = round(images[0].height * width / images[0].width)
        kept = range(len(images) - 1, -1, -every)[::-1]  # the end is always kept
        lines = [textwrap.wrap(says[i], max(20, int((width - 16) / 7.8))) for i in kept]
        # the words keep their size when the drawing shrinks
        strip = 18 * min(6, max(map(len, lines))) + 12
        small = []
        for i, words in zip(kept, lines):
            page = Image.new("RGB", (width, high + strip), palette.CARD)
            page.paste(images[i].resize((width, high), Image.Resampling.LANCZOS), (0, 0))
            ImageDraw.Draw(page).multiline_text(
                (8, high + 4), "\n".join(words[:6]), fill=palette.INK, font=font, spacing=4
            )
            small.append(page)
        hues, indexes = _one_palette(small, colors)
        flat = [Image.fromarray(frame) for frame in indexes]
        for frame in flat:
            frame.putpalette(hues.tobytes())
        # long enough to read the sentence
        stay = [min(4000, max(1000, 38 * len(says[i]))) for i in kept]
        first = flat[min(range(len(kept)), key=lambda n: abs(kept[n] - start))]
        out = io.BytesIO()
        first.save(out, format="PNG", save_all=True, append_images=flat, default_image=True, duration=stay, loop=0)
        if out.tell() <= STILL_BYTES:
            break
    return out.getvalue()
