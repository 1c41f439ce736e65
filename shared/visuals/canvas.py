"""A sheet to draw on in a cell: pen, eraser, words, a few colors of the palette, undo, and a PNG to keep.

It works by pointer and touch, and from the keyboard: arrow keys move a cross over the sheet, the space bar lowers and lifts
the pen. The page downloads its drawing by itself. Where a notebook listens (`shared.learning.sketch`), "Save" also sends the
drawing there; nothing else ever leaves the page.
"""

import base64
import html

from matplotlib.figure import Figure

from shared.visuals import palette
from shared.visuals.figure import figure
from shared.visuals.page import Page

SHEET = (880, 580)  # the sheet in its own pixels; the page shows it as wide as there is room
COLORS = ("ink", "query", "key", "value", "attention", "residual")
MOST_START_BYTES = 400_000  # of a drawing that is laid on the sheet from the start


class Sheet(Page):
    """A page that may also hand a file to the browser's downloads."""

    @property
    def html(self) -> str:
        """The card with frame, still and caption, the frame allowed to download."""
        return super().html.replace('sandbox="allow-scripts"', 'sandbox="allow-scripts allow-downloads"', 1)


def canvas_view(name: str, *, alt: str, caption: str, start: bytes | None = None) -> Sheet:
    """A sheet to draw on.

    name: the drawing's file name without ending, letters, digits and "_". alt: what is to be drawn; caption: shown below.
    start: the PNG of an earlier drawing, to go on from; one that is no PNG or above 400 kB is left out.
    Errors: ValueError that names the argument. Used from week 1 day 5 on.
    """
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise ValueError(f"name must be made of letters, digits and _, got {name!r}")
    pens = [{"name": part, "color": palette.INK if part == "ink" else palette.color(part)} for part in COLORS]
    for pen in pens:
        pen["letter"] = "" if pen["name"] == "ink" else palette.letter(pen["name"])
    usable = isinstance(start, bytes) and start.startswith(b"\x89PNG\r\n\x1a\n") and len(start) <= MOST_START_BYTES
    data = {
        "name": name,
        "sheet": SHEET,
        "pens": pens,
        "start": "data:image/png;base64," + base64.b64encode(start).decode() if usable else "",
        "alt": html.unescape(alt),
    }
    return Sheet(
        kind="interactive", alt=alt, caption=caption, data=data, still=_still(alt, caption), scripts=["canvas.js"], styles=["canvas.css"],
        heights={0: "calc(66cqw + 350px)", 312: "calc(66cqw + 290px)", 372: "calc(66cqw + 246px)", 432: "calc(66cqw + 204px)",
                 650: "calc(66cqw + 166px)", 800: "calc(66cqw + 126px)"},
    )  # fmt: skip


def _still(alt: str, caption: str):
    """What stands where no script may run: an empty sheet that says what to do."""
    drawing = Figure(figsize=(6.4, 2.2), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 640), ylim=(220, 0))
    axes.axis("off")
    for y in range(40, 220, 30):
        axes.axhline(y, color=palette.LINE, linewidth=0.8)
    axes.text(320, 108, "Take a sheet of paper, or run this cell to draw here.", ha="center", va="center", fontsize=13,
              bbox=dict(facecolor=palette.CARD, edgecolor="none", pad=6))  # fmt: skip
    return figure(drawing, alt=alt, caption=caption)
