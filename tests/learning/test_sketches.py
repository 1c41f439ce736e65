"""Drawings of the learner: saved whole or not at all, gone on from, held against a reference."""

import base64
import io
import json

import pytest
from PIL import Image

from shared.learning import places
from shared.learning.forms import WIDGET_VIEW
from shared.learning.sketches import MOST_BYTES, compare_sketch, drawing, sketch
from shared.visuals.figure import figure
from tests.learning.samples import HOSTILE
from tests.visuals.test_page import data_of

WORDS = dict(alt="An empty sheet, for the flow of attention from memory.", caption="Draw here.")


def a_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (88, 58), "#00694D").save(out, format="PNG")
    return out.getvalue()


def address(image: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(image).decode()


def send(form, **message) -> dict:
    form._repr_mimebundle_()
    form._take({"do": "save", **message})
    return json.loads(form._widget.state)


def test_a_drawing_is_saved_and_lies_on_the_sheet_again(own_folder):
    form = sketch("w1d5", "flow", **WORDS)
    assert data_of(form.page)["start"] == ""
    assert send(form, png=address(a_png()), time=3) == {"said": "Saved as portfolio/w1d5_flow.png.", "time": 3, "notice": ""}
    assert (own_folder / "portfolio" / "w1d5_flow.png").read_bytes() == a_png() == drawing("w1d5_flow")
    assert [path.name for path in (own_folder / "portfolio").iterdir()] == ["w1d5_flow.png"]
    assert data_of(sketch("w1d5", "flow", **WORDS).page)["start"] == address(a_png())


def test_the_sheet_stands_with_and_without_its_ear():
    form = sketch("w1d5", "flow", **WORDS)
    bundle, _ = form._repr_mimebundle_()
    assert "allow-downloads" in bundle["text/html"] and WIDGET_VIEW in bundle and bundle["image/png"]
    assert "stand-in" not in bundle["text/html"], "the live ear must not hide the sheet"
    assert repr(form) == "<sheet to draw on: w1d5_flow>"


@pytest.mark.parametrize("png", [
    None, 3, "", "data:image/png;base64,", "data:image/png;base64,AAAA", "data:image/svg+xml;base64,AAAA", address(b"GIF89a"),
    address(a_png()[:60]), address(a_png()) + "?", "data:image/png;base64," + "A" * MOST_BYTES,
])  # fmt: skip
def test_what_is_no_drawing_is_refused(own_folder, png):
    assert send(sketch("w1d5", "flow", **WORDS), png=png)["said"] == "This is no drawing that can be kept."
    assert not (own_folder / "portfolio").exists()


def test_a_failed_save_leaves_the_old_drawing(own_folder, monkeypatch):
    form = sketch("w1d5", "flow", **WORDS)
    send(form, png=address(a_png()))
    monkeypatch.setattr(places.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert "No space left on device. Download it instead." in send(form, png=address(a_png()))["said"]
    assert drawing("w1d5_flow") == a_png()


def test_names_and_days_are_checked():
    with pytest.raises(ValueError, match="letters, digits"):
        sketch("w1d5", "../flow", **WORDS)
    with pytest.raises(ValueError, match="w1d4"):
        sketch("day 5", "flow", **WORDS)
    reference = figure(a_png(), alt="Three roles leave X and meet in the mixture.", caption="c")
    with pytest.raises(ValueError, match="letters, digits"):
        compare_sketch("w1d5", "../flow", reference, ["a?"])


def test_the_reference_is_closed_and_shows_one_s_own_drawing_beside_it():
    reference = figure(a_png(), alt="Three roles leave X and meet in the mixture.", caption="c")
    card = compare_sketch("w1d5", "flow", reference, ["Is the mask before the softmax?", HOSTILE])
    assert card.html.index("<details>") < card.html.index("Three roles") and "Yours" not in card.html
    assert card.html.count('type="checkbox"') == 2 and "<img src=x" not in card.html and "- Is the mask" in card.text
    send(sketch("w1d5", "flow", **WORDS), png=address(a_png()))
    assert "Yours" in compare_sketch("w1d5", "flow", reference, ["a?"]).html
    with pytest.raises(ValueError, match="checklist"):
        compare_sketch("w1d5", "flow", reference, [])
