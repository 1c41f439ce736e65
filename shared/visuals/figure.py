"""The one way out for a picture: no figure reaches a notebook without a caption and a text for those who cannot see it."""

import base64
import html
import io
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from shared.visuals import palette

KINDS = ("still", "animation", "interactive")
DOTS_PER_INCH = 133  # one inch is 100 px on screen; a third more keeps lines sharp on dense screens, at half the bytes of twice as much


class Picture:
    """A finished picture with its words. A notebook shows it as the last line of a cell.

    png: the image's bytes; html: the card with image, alt text and caption; save(path): writes the PNG.
    """

    def __init__(self, png: bytes, alt: str, caption: str, kind: str, width: int):
        self.png, self.alt, self.caption, self.kind, self.width = png, alt, caption, kind, width

    @property
    def html(self) -> str:
        """The picture as a self-contained card: nothing in it is fetched from anywhere."""
        return card(self.img(), self.caption, self.kind)

    def img(self, extra: str = "") -> str:
        """Only the <img> tag, with its alt text; `extra` adds attributes."""
        data = base64.b64encode(self.png).decode()
        size = f"width:{self.width}px;max-width:100%;height:auto;display:block;margin:0 auto"
        return f'<img {extra} alt="{html.escape(self.alt)}" style="{size}" src="data:image/png;base64,{data}">'

    def save(self, path: str | Path) -> Path:
        """Write the PNG to `path` and return the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.png)
        return path

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        # two forms of one picture: HTML carries the alt text, the bare PNG serves viewers that drop data addresses
        return {"text/html": self.html, "image/png": base64.b64encode(self.png).decode(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{self.kind} picture: {self.caption}>"


def figure(picture: Figure | bytes, *, alt: str, caption: str, kind: str = "still", width: int | None = None) -> Picture:
    """Give a drawing its words and its card.

    picture: a matplotlib figure (it is closed afterwards) or the bytes of a PNG, animated or not.
    alt: what a person would learn from the picture; caption: one or two sentences shown below it.
    width: CSS pixels on screen, at most 900; left out, the figure's own size.
    Errors: ValueError for a missing alt text or caption, an unknown kind, or bytes that are no PNG.
    """
    words = {"alt": alt, "caption": caption}
    for name, text in words.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} must say something: every picture of this course has words for those who cannot see it")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
    if isinstance(picture, Figure):
        width = width or round(min(900, picture.get_figwidth() * 100))
        picture = _png(picture)
    if not picture.startswith(b"\x89PNG"):
        raise ValueError("picture must be a matplotlib figure or the bytes of a PNG")
    width = width or min(900, Image.open(io.BytesIO(picture)).width)
    return Picture(picture, " ".join(alt.split()), " ".join(caption.split()), kind, width)


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


def _png(drawing: Figure) -> bytes:
    raw = io.BytesIO()
    drawing.savefig(raw, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    plt.close(drawing)  # else the notebook would show it a second time, without its words
    raw.seek(0)
    # a drawing needs few colors: an indexed image is a third of the size; k-means keeps rare hues (a purple map) true
    small = Image.open(raw).convert("RGB").quantize(96, kmeans=2, dither=Image.Dither.NONE)
    out = io.BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()
