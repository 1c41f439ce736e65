"""The learner's own drawings: a sheet in a cell whose picture goes into the portfolio, and a reference to hold against it."""

import base64
import binascii
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.learning import places
from shared.learning.cards import Card, inline
from shared.learning.codes import day_words
from shared.learning.forms import WIDGET_VIEW, Form

if TYPE_CHECKING:
    from shared.visuals.figure import Picture

MOST_BYTES = 4_000_000


def sketch(day: str, name: str, *, alt: str, caption: str) -> "Sketch":
    """A sheet to draw on: `sketch("w1d5", "attention_flow", …)` saves `w1d5_attention_flow.png` in the portfolio.

    An earlier drawing of this name lies on the sheet from the start. alt: what is to be drawn; caption: shown below it.
    Errors: ValueError for a day that the course does not have, a name that is no file name, or words that are missing or hold half
    a character; TypeError for words that are no text.
    """
    from shared.text.files import check_text

    check_text("alt", alt)
    check_text("caption", caption)
    return Sketch(_file_of(day, name), alt, caption)


def compare_sketch(day: str, name: str, reference: "Picture", checklist: Sequence[str]) -> Card:
    """The reference, closed until it is opened, beside the learner's own drawing if there is one, and what to look for.

    checklist: questions to answer by looking, each a sentence. Errors: as `sketch`; ValueError for an empty checklist.
    """
    if not checklist:
        raise ValueError("checklist must have at least one question")
    own = drawing(_file_of(day, name))
    mine = ""
    if own is not None:
        address = base64.b64encode(own).decode()
        mine = (
            '<p><strong>Yours</strong></p><img alt="Your own drawing, as you saved it in your portfolio" style="width:100%;'
            f'max-width:700px;border:1px solid #D1D5DB;border-radius:8px" src="data:image/png;base64,{address}">'
        )
    ticks = "".join(
        '<label style="display:flex;gap:10px;align-items:baseline;padding:5px 0;min-height:32px"><input type="checkbox" '
        f'data-lm-suppress-shortcuts="true"><span>{inline(question)}</span></label>'
        for question in checklist
    )
    # no <figure> of its own: that is for pictures that are always in view, and this one is closed
    shown = f'<div style="overflow-x:auto;background:#FFFFFF">{reference.img(least=600)}</div><p class="learn-quiet">{inline(reference.caption)}</p>'
    body = (
        '<div class="learn-title"><strong>Reference and checklist</strong></div><details><summary>Open after you have drawn'
        f"</summary>{mine}<p><strong>The reference</strong></p>{shown}<p><strong>Look for</strong></p>{ticks}</details>"
    )
    listed = "\n".join(f"- {question}" for question in checklist)
    return Card(f"Reference and checklist, closed until you open it:\n{listed}", body)


def drawing(file: str) -> bytes | None:
    """The PNG of a saved drawing (file name without ending), or None if there is none that can be read."""
    try:
        return (places.own_folder() / "portfolio" / f"{file}.png").read_bytes()
    except (OSError, ValueError):  # ValueError: signs that no file's name can have
        return None


class Sketch(Form):
    """A sheet to draw on, and the ear in the notebook that takes its picture."""

    script = "sketch.js"

    def __init__(self, file: str, alt: str, caption: str):
        from shared.visuals.canvas import canvas_view

        self.file, self.said, self._time = file, "", None
        self.page = canvas_view(file, alt=alt, caption=caption, start=drawing(file))

    def content(self) -> dict:
        return {"name": self.file}

    def state(self) -> dict:
        return {"said": self.said, "time": self._time}

    def receive(self, message: dict) -> None:
        if message.get("do") == "save":
            self._time = message.get("time")
            self.save(message.get("png"))

    def save(self, png: str) -> None:
        """Keep a drawing. png: its data address, as a browser makes it. What is no PNG is refused; `said` says how it went."""
        start = "data:image/png;base64,"
        try:
            if not isinstance(png, str) or not png.startswith(start) or len(png) > MOST_BYTES:
                raise ValueError("no PNG")
            image = base64.b64decode(png[len(start) :], validate=True)
            _check_png(image)
        except (ValueError, binascii.Error):
            self.said = "This is no drawing that can be kept."
            return
        try:
            places.write_whole(places.portfolio() / f"{self.file}.png", image)
            self.said = f"Saved as portfolio/{self.file}.png."
        except OSError as error:
            self.said = f"The drawing could not be written to your portfolio: {error.strerror or error}. Download it instead."

    def fallback(self) -> str:
        return self.page.html

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        # the sheet itself is a page of its own, which draws and downloads without a kernel; the widget only listens
        if self._widget is None:
            self._show()
        shown = self._widget._repr_mimebundle_()
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {WIDGET_VIEW: data[WIDGET_VIEW], **self.page._repr_mimebundle_()}, metadata

    def __repr__(self) -> str:
        return f"<sheet to draw on: {self.file}>"


def _file_of(day: str, name: str) -> str:
    day_words(day)
    file = f"{day}_{name}"
    if not file.isidentifier() or not file.isascii():
        raise ValueError(f"name must be made of letters, digits and _, got {name!r}")
    return file


def _check_png(image: bytes) -> None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(image)) as found:
            if found.format != "PNG":
                raise ValueError("no PNG")
            found.verify()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("no PNG") from error
