"""Pictures and a timed script become a storyboard sheet (PNG) and a film to talk over (GIF), with Pillow alone.

The film shows each scene for as many seconds as its line takes, with the line below it and a bar that moves once a second.
It plays once and stays on its last scene. A notebook shows its first scene; the film itself opens on a click.
"""

import base64
import functools
import html
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from shared.learning.storyboard import Script, Timed, clock
from shared.visuals import palette
from shared.visuals.colors import indexed
from shared.visuals.figure import READABLE_PX, WIDEST_PX, Picture, card, figure
from shared.visuals.text import label

LEAST_PX, FILM_PX = 360, 720
MOST_SECONDS = 600  # a frame a second: more would be a large file, and no mini explainer
COLORS = 96  # of all scenes together
SHEET_PX, SHARPER = 900, 1.5  # CSS pixels of a sheet, and how many of its own stand for one
COLUMNS = 2

Shot = Picture | bytes | str | Path


class Film:
    """A finished film. gif: its bytes; seconds: its length; still: the first scene; save(path): writes the GIF."""

    def __init__(self, gif: bytes, seconds: int, still: Picture):
        self.gif, self.seconds, self.still = gif, seconds, still

    def save(self, path: str | Path) -> Path:
        """Write the GIF, which any browser plays, and return the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.gif)
        return path

    @property
    def html(self) -> str:
        """The card: the first scene, and the film behind a click, because nothing starts by itself."""
        data = base64.b64encode(self.gif).decode()
        size = f"width:{self.still.width}px;max-width:100%;height:auto;display:block;margin:0 auto"
        moving = f'<img alt="{html.escape(self.still.alt)}" style="{size}" src="data:image/gif;base64,{data}">'
        button = "min-height:32px;line-height:32px;cursor:pointer;font-weight:600"
        inside = (
            f'<div style="overflow-x:auto">{self.still.img(least=READABLE_PX)}</div><details><summary style="{button}">'
            f"Play the film, {clock(self.seconds)}</summary>{moving}</details>"
        )
        return card(inside, self.still.caption, "animation")

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/html": self.html, "image/png": base64.b64encode(self.still.bare).decode(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<film of {clock(self.seconds)}: {self.still.caption}>"


def film(pictures: Sequence[Shot], script: Script, *, caption: str, width: int = FILM_PX) -> Film:
    """A film to talk over: each picture as long as its line takes, the line below it, and a bar for the time.

    pictures: one for each scene of the script, as a `Picture`, PNG bytes or a file; of an animated one the first frame.
    width: pixels, 360 to 900. The alt text reads out every scene with its start.
    The frames' durations add up to script.seconds exactly.
    Errors: ValueError for another number of pictures than scenes, something that is no picture, a scene of 0 s, or more than
    ten minutes. Built in week 2 day 7.
    """
    if isinstance(width, bool) or not isinstance(width, int) or not LEAST_PX <= width <= WIDEST_PX:
        raise ValueError(f"width must be a whole number of pixels from {LEAST_PX} to {WIDEST_PX}, got {width!r}")
    images = _opened(pictures, script)
    if script.seconds > MOST_SECONDS:
        raise ValueError(f"a film may take {clock(MOST_SECONDS)} at most, this script takes {script.clock}: cut it, or show fewer scenes")
    for scene in script.scenes:
        if scene.seconds < 1:
            raise ValueError(f"scene {scene.number}, {scene.title!r}, would be shown for 0 s: its line is too short")
    drawn = _scenes(images, script, width)
    # one palette for all scenes, so that a frame differs from the one before in the bar alone
    column = Image.new("RGB", (width, sum(one.height for one in drawn)))
    for i, one in enumerate(drawn):
        column.paste(one, (0, i * one.height))
    column, high = indexed(column, COLORS), drawn[0].height
    flat = [column.crop((0, i * high, width, (i + 1) * high)) for i in range(len(drawn))]
    frames = []
    for scene, page in zip(script.scenes, flat):
        for second in range(scene.seconds):
            frame = page.copy()
            _bar(frame, script, scene.start + second + 1)
            frames.append(frame)
    out = io.BytesIO()
    # no `loop`: the film plays once and waits on its last scene; what is being said then is up to the speaker
    frames[0].save(out, format="GIF", save_all=True, append_images=frames[1:], duration=1000, optimize=False)
    first = io.BytesIO()
    flat[0].save(first, format="PNG", optimize=True)
    told = " ".join(f"{s.clock}, {s.title}: {s.line}" for s in script.scenes)
    still = figure(first.getvalue(), alt=f"A film of {len(flat)} scenes in {script.clock}. {told}", caption=caption, kind="animation")
    return Film(out.getvalue(), script.seconds, still)


def storyboard_sheet(pictures: Sequence[Shot], script: Script, *, title: str, caption: str) -> Picture:
    """All scenes on one sheet, two in a row: number, title, start and length, the picture, and the line below it.

    pictures: as in `film`. The alt text reads out every scene with its start, its length and its line.
    Errors: ValueError as `film`, and for a title without words. Built in week 2 day 7.
    """
    if not isinstance(title, str) or not title.strip():
        raise ValueError("title must say something")
    images = _opened(pictures, script)
    s = SHARPER
    gap, wide = round(12 * s), round((SHEET_PX - 12 * (COLUMNS + 1)) / COLUMNS * s)
    words, bold = _font(round(14 * s)), _font(round(14 * s), bold=True)
    inside = wide - 2 * gap
    lines = [wrap(scene.line, words, inside) for scene in script.scenes]
    row, high = round(19 * s), round(215 * s)
    tall = round(38 * s) + high + row * max(map(len, lines)) + 2 * gap
    rows = -(-len(images) // COLUMNS)
    head = round(46 * s)
    sheet = Image.new("RGB", (round(SHEET_PX * s), head + rows * (tall + gap)), palette.CARD)
    draw = ImageDraw.Draw(sheet)
    draw.text((gap, head / 2), drawable(title), fill=palette.INK, font=_font(round(17 * s), bold=True), anchor="lm")
    draw.text((sheet.width - gap, head / 2), f"{script.clock} at {script.words_per_minute} words per minute", fill=palette.INK, font=words, anchor="rm")
    for i, (scene, image, said) in enumerate(zip(script.scenes, images, lines)):
        x, y = gap + i % COLUMNS * (wide + gap), head + i // COLUMNS * (tall + gap)
        draw.rounded_rectangle((x, y, x + wide, y + tall), radius=10 * s, outline=palette.LINE, width=round(1.5 * s))
        _heading(draw, scene, x + gap, y + round(20 * s), inside, bold, words)
        _place(sheet, image, (x + gap, y + round(38 * s), inside, high))
        _write(draw, said, x + gap, y + round(38 * s) + high + gap, words, row)
    out = io.BytesIO()
    indexed(sheet, 160).save(out, format="PNG", optimize=True)
    told = " ".join(f"{one.number}, {one.title}, from {one.clock}, {one.seconds} s: {one.line}" for one in script.scenes)
    return figure(out.getvalue(), alt=f"{title}: {len(images)} scenes in {script.clock}. {told}", caption=caption, width=SHEET_PX)


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The text in lines of at most `width` pixels; a word that is wider is cut. What the font cannot draw is named."""
    lines, line = [], ""
    for word in drawable(text).split():
        if line and font.getlength(f"{line} {word}") <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        while font.getlength(word) > width and len(word) > 1:
            fits = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or font.getlength(word[:n]) <= width)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line else lines or [""]


def drawable(text: str) -> str:
    """The text in one line, and letters without a shape in the font by their name, "[fox face]"."""
    flat = " ".join(text.split())
    return "".join(c if c.isascii() or c == " " else label(c) for c in flat if unicodedata.category(c) not in ("Cf", "Cc"))


# --- drawing ----------------------------------------------------------------------------------------------------------


def _opened(pictures: Sequence[Shot], script: Script) -> list[Image.Image]:
    """The pictures as RGB on the card's white. Errors: ValueError that names the scene."""
    if not isinstance(script, Script):
        raise ValueError(f"script must come from timed_script, got {type(script).__name__}")
    pictures = list(pictures)
    if len(pictures) != len(script.scenes):
        raise ValueError(f"pictures must be one for each scene: the script has {len(script.scenes)} scenes, got {len(pictures)} pictures")
    images = []
    for number, one in enumerate(pictures, 1):
        try:
            source = one.png if isinstance(one, Picture) else one
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as found:
                image = found.convert("RGBA")
        except (OSError, AttributeError, TypeError, ValueError):
            got = f"file {Path(one).name!r}" if isinstance(one, str | Path) else type(one).__name__
            raise ValueError(f"the picture of scene {number} cannot be read as an image: {got}") from None
        white = Image.new("RGBA", image.size, palette.CARD)
        images.append(Image.alpha_composite(white, image).convert("RGB"))
    return images


def _scenes(images: list[Image.Image], script: Script, width: int) -> list[Image.Image]:
    """Every scene without its bar: title and clock, picture, line. All of one size."""
    scale = max(0.75, width / FILM_PX)
    pad, size = round(16 * scale), round(16 * scale)
    words, bold = _font(size), _font(size, bold=True)
    lines = [wrap(scene.line, words, width - 2 * pad) for scene in script.scenes]
    row, top, high = round(size * 1.45), round(44 * scale), round(width * 0.56)
    tall = top + high + pad + row * max(map(len, lines)) + pad + BAR_PX
    pages = []
    for scene, image, said in zip(script.scenes, images, lines):
        page = Image.new("RGB", (width, tall), palette.CARD)
        draw = ImageDraw.Draw(page)
        _heading(draw, scene, pad, top // 2, width - 2 * pad, bold, words)
        _place(page, image, (pad, top, width - 2 * pad, high))
        _write(draw, said, pad, top + high + pad, words, row)
        pages.append(page)
    return pages


BAR_PX = 20  # of the strip with the time bar, at the bottom of each frame


def _bar(frame: Image.Image, script: Script, seconds: int) -> None:
    """The time bar of an indexed frame: filled up to `seconds`, with a gap where a scene begins."""
    draw, (width, height) = ImageDraw.Draw(frame), frame.size
    at = functools.partial(_index, frame)
    top, bottom = height - BAR_PX + 6, height - 6
    draw.rectangle((0, top, width, bottom), fill=at(palette.LINE))
    draw.rectangle((0, top, width * seconds / script.seconds, bottom), fill=at(palette.words("attention")))
    for scene in script.scenes[1:]:
        x = width * scene.start / script.seconds
        draw.rectangle((x - 1, top, x + 1, bottom), fill=at(palette.CARD))


def _index(frame: Image.Image, hue: str) -> int:
    """The place in the frame's palette that is nearest to a color."""
    wanted = [int(hue[i : i + 2], 16) for i in (1, 3, 5)]
    numbers = frame.getpalette()
    return min(range(len(numbers) // 3), key=lambda i: sum((numbers[3 * i + k] - wanted[k]) ** 2 for k in range(3)))


def _heading(draw: ImageDraw.ImageDraw, scene: Timed, x: float, y: float, width: float, bold, plain) -> None:
    when = f"{scene.clock} · {scene.seconds} s"
    draw.text((x + width, y), when, fill=palette.INK, font=plain, anchor="rm")
    title = wrap(f"{scene.number} · {scene.title}", bold, width - plain.getlength(when) - 12)
    draw.text((x, y), title[0] + ("…" if len(title) > 1 else ""), fill=palette.INK, font=bold, anchor="lm")


def _write(draw: ImageDraw.ImageDraw, lines: list[str], x: float, y: float, font, row: int) -> None:
    for i, line in enumerate(lines):
        draw.text((x, y + i * row), line, fill=palette.INK, font=font)


def _place(page: Image.Image, image: Image.Image, box: tuple[int, int, int, int]) -> None:
    """The image into the middle of a box (x, y, width, height), as large as it fits, at most twice its size."""
    x, y, width, height = box
    scale = min(width / image.width, height / image.height, 2.0)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    page.paste(image.resize(size, Image.Resampling.LANCZOS), (x + (width - size[0]) // 2, y + (height - size[1]) // 2))


@functools.cache
def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    # the font that ships with matplotlib, so that every machine draws the same
    family = font_manager.FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    return ImageFont.truetype(font_manager.findfont(family), size)

