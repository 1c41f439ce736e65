"""The one way out for a picture: no figure reaches a notebook without a caption and a text for those who cannot see it."""

import base64
import contextlib
import html
import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from shared.visuals import palette
from shared.visuals.colors import indexed

KINDS = ("still", "animation", "interactive")
WIDEST_PX, READABLE_PX = 900, 600
MOST_COLORS = 160  # of an indexed PNG
PIXELS_PER_INCH, DOTS_PER_INCH = 100, 150  # more dots than pixels keep lines sharp on dense screens
MOST_INCHES, MOST_SQUARE_INCHES = 120, 1000  # beyond, a drawing takes gigabytes, and no browser shows it


class Picture:
    """A finished picture with its words. A notebook shows it as the last line of a cell.

    png: the image's bytes; bare: the same at one dot a pixel, for viewers that drop the card; html: the card with image, alt text
    and caption; save(path): writes the PNG.
    """

    def __init__(self, png: bytes, bare: bytes | Figure, alt: str, caption: str, kind: str, width: int):
        self.png, self._bare, self.alt, self.caption, self.kind, self.width = png, bare, alt, caption, kind, width

    @property
    def bare(self) -> bytes:
        """Drawn when it is first asked for: of a picture behind an interactive view it never is."""
        if isinstance(self._bare, Figure):
            # a second rendering, because a shrunken one is blurred, and larger; everything stays where it was in the first
            self._bare = _png(self._bare, PIXELS_PER_INCH, arrange=False)
        return self._bare

    @property
    def html(self) -> str:
        """The picture as a self-contained card: nothing in it is fetched from anywhere."""
        # on a phone a wide picture scrolls sideways instead of shrinking until nobody can read it
        return card(f'<div style="overflow-x:auto">{self.img(least=READABLE_PX)}</div>', self.caption, self.kind)

    def img(self, extra: str = "", least: int = 0) -> str:
        """Only the <img> tag, with its alt text; `extra` adds attributes, `least` keeps it from shrinking below so many pixels."""
        data = base64.b64encode(self.png).decode()
        size = f"width:{self.width}px;max-width:100%;min-width:{min(self.width, least)}px;height:auto;display:block;margin:0 auto"
        return f'<img {extra} alt="{html.escape(self.alt)}" style="{size}" src="data:image/png;base64,{data}">'

    def save(self, path: str | Path) -> Path:
        """Write the PNG to `path` and return the path. Alt text and caption go along inside, where `words_in` finds them."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_with_words(self.png, self.alt, self.caption))
        return path

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        # two forms of one picture: HTML carries the alt text, the bare PNG serves viewers that drop data addresses
        return {"text/html": self.html, "image/png": base64.b64encode(self.bare).decode(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{self.kind} picture: {self.caption}>"


def figure(picture: Figure | bytes, *, alt: str, caption: str, kind: str = "still", width: int | None = None) -> Picture:
    """Give a drawing its words and its card.

    picture: a matplotlib figure (it is closed afterwards) or the bytes of a PNG, animated or not.
    alt: what a person would learn from the picture; caption: one or two sentences shown below it.
    width: CSS pixels on screen, at most 900; left out, the figure's own size.
    Errors: ValueError or TypeError for a missing alt text or caption, an unknown kind, a width that cannot be, a drawing that is far
    too large, or no picture at all.
    """
    words = {"alt": alt, "caption": caption}
    for name, text in words.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} must say something: every picture of this course has words for those who cannot see it")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
    if isinstance(width, bool) or not (width is None or isinstance(width, int)):
        raise TypeError(f"width must be a whole number of pixels, got {width!r}")
    if width is not None and not 1 <= width <= WIDEST_PX:
        raise ValueError(f"width must lie between 1 and {WIDEST_PX} pixels, got {width!r}")
    if isinstance(picture, Figure):
        width = width or round(min(WIDEST_PX, picture.get_figwidth() * PIXELS_PER_INCH))
        png = _png(picture, DOTS_PER_INCH)
    else:
        png = picture
    width = width or min(WIDEST_PX, _width_of(png))
    return Picture(png, picture, *(whole(" ".join(text.split())) for text in words.values()), kind, width)


def words_in(path: str | Path) -> tuple[str, str]:
    """The alt text and the caption that a picture of the course carries; "" and "" for any other PNG.

    Errors: FileNotFoundError; ValueError for a file that is no PNG.
    """
    try:
        png = Path(path).read_bytes()
    except OSError as error:
        raise FileNotFoundError(f"there is no picture that can be read at {str(path)[:200]}: {error.strerror}") from None
    _width_of(png)
    with Image.open(path) as image:
        return image.info.get("Description", ""), image.info.get("Title", "")


def card(inside: str, caption: str, kind: str) -> str:
    """The light card with a thin border that carries every visual output. `inside` is HTML, `caption` is plain text."""
    box = (
        f"background:{palette.CARD};color:{palette.INK};border:1px solid {palette.LINE};border-radius:10px;"
        "padding:12px 12px 10px;margin:8px 0;max-width:900px;box-sizing:border-box;font-family:system-ui,sans-serif"
    )
    words = f"font-size:14px;line-height:1.45;margin:8px 4px 0;color:{palette.INK}"
    return (
        f'<figure data-kind="{kind}" style="{box}">{inside}'
        f'<figcaption style="{words}">{html.escape(caption)}</figcaption></figure>'
    )


def whole(text: str) -> str:
    """The text with "?" for every half of a surrogate pair, which a text cut in the wrong place may hold: no file and no font knows it."""
    return text.encode("utf-8", "replace").decode()


def saved(drawing: Figure, dots_per_inch: int, arrange: bool = True) -> io.BytesIO:
    """The drawing as a PNG that can be read from its start. Errors: ValueError for one that is far too large.

    arrange: whether its layout engine finds every part its place, or all stays where it is.
    """
    wide, high = drawing.get_size_inches()
    if not (0 < wide <= MOST_INCHES and 0 < high <= MOST_INCHES and wide * high <= MOST_SQUARE_INCHES):
        raise ValueError(f"the drawing would be {100 * wide:,.0f} × {100 * high:,.0f} pixels large; use shorter texts, or fewer of them")
    raw = io.BytesIO()
    try:
        if arrange:
            _arrange(drawing, dots_per_inch)
        with _arranged(drawing):
            # hardly compressed: it is read again at once, and compressed when its colors have been chosen
            drawing.savefig(raw, format="png", dpi=dots_per_inch, metadata={"Software": None}, pil_kwargs={"compress_level": 1})
    except (TypeError, UnicodeEncodeError):
        words = [text for text in drawing.findobj(Text) if text.get_text() != whole(text.get_text())]
        if not words:
            raise
        for text in words:
            text.set_text(whole(text.get_text()))
        return saved(drawing, dots_per_inch, arrange)
    raw.seek(0)
    return raw


def _arrange(drawing: Figure, dots_per_inch: int) -> None:
    """Let the drawing's layout engine find every part its place, as it looks with so many dots per inch."""
    engine, before = drawing.get_layout_engine(), drawing.dpi
    if engine is not None and drawing.axes:
        drawing.dpi = dots_per_inch
        try:
            engine.execute(drawing)
        finally:
            drawing.dpi = before


@contextlib.contextmanager
def _arranged(drawing: Figure) -> Iterator[None]:
    """The drawing without its layout engine: where there is one, `savefig` draws everything twice, the first time to arrange it."""
    engine = drawing.get_layout_engine()
    # with these on, a drawing without an engine is given one
    with matplotlib.rc_context({"figure.constrained_layout.use": False, "figure.autolayout": False}):
        drawing.set_layout_engine(None)
        try:
            yield
        finally:
            if engine is not None:
                drawing.set_layout_engine(engine)


def use_style() -> None:
    """Make the course's look matplotlib's default, once, when `shared.visuals` is imported."""
    matplotlib.rcParams.update({
        "font.size": 11,
        "font.family": "DejaVu Sans",
        "text.color": palette.INK,
        "axes.edgecolor": palette.LINE,
        "axes.labelcolor": palette.INK,
        "axes.titlesize": 13,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": matplotlib.cycler(color=[palette.color(c) for c in palette.CONCEPTS if c != "normalization"]),
        "grid.color": "#E5E7EB",
        "xtick.color": palette.QUIET,
        "ytick.color": palette.QUIET,
        "xtick.labelcolor": palette.INK,
        "ytick.labelcolor": palette.INK,
        "figure.facecolor": palette.CARD,
        "axes.facecolor": palette.CARD,
        "figure.constrained_layout.use": True,
        "svg.hashsalt": "course",  # the same drawing gives the same bytes
    })


def _width_of(png: bytes) -> int:
    try:
        with Image.open(io.BytesIO(png)) as image:
            if image.format == "PNG":
                return image.width
    except (TypeError, OSError):  # no bytes, or bytes that no image reader knows
        pass
    raise ValueError(f"picture must be a matplotlib figure or the bytes of a PNG, got {type(png).__name__}")


def _with_words(png: bytes, alt: str, caption: str) -> bytes:
    """The PNG with two more chunks of text behind its header, under the names that the PNG standard has for them.

    Nothing is encoded anew, so an animated one stays as it is.
    """
    chunks = b""
    for name, text in (("Title", caption), ("Description", alt)):
        # keyword, not compressed, no language, no translated keyword, UTF-8
        body = name.encode() + b"\0\0\0\0\0" + text.encode("utf-8", "replace")
        chunks += struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    header = 8 + 25  # the signature, and IHDR with its length, name and checksum
    return png[:header] + chunks + png[header:]


def _png(drawing: Figure, dots_per_inch: int, arrange: bool = True) -> bytes:
    raw = saved(drawing, dots_per_inch, arrange)
    plt.close(drawing)  # else the notebook would show it a second time, without its words
    small = indexed(Image.open(raw), MOST_COLORS)
    out = io.BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()
