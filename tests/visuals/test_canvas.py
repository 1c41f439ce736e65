"""The sheet to draw on: what the page carries, what it may do, and what it refuses."""

import io
import re

import pytest
from PIL import Image

from shared.visuals import palette
from shared.visuals.canvas import COLORS, MOST_START_BYTES, SHEET, canvas_view
from tests.visuals.test_page import a_png, data_of

WORDS = dict(alt="An empty sheet, for the flow of attention from memory.", caption="Draw here.")


def test_the_pens_are_the_colors_of_the_course():
    pens = data_of(canvas_view("w1d5_flow", **WORDS))["pens"]
    assert [pen["name"] for pen in pens] == list(COLORS)
    assert pens[0]["color"] == palette.INK and pens[1] == {"name": "query", "color": palette.color("query"), "letter": "Q"}


def test_the_frame_may_download_and_nothing_else_is_new():
    page = canvas_view("w1d5_flow", **WORDS)
    assert re.findall(r'sandbox="([^"]*)"', page.html) == ["allow-scripts allow-downloads"]
    assert "allow-same-origin" not in page.html and "http" not in page.document.replace("http-equiv", "")
    assert page._repr_html_() == page.html and "allow-downloads" in page._repr_mimebundle_()["text/html"]


def test_it_is_small_and_leaves_a_still_with_its_words():
    page = canvas_view("w1d5_flow", **WORDS)
    assert page.kind == "interactive" and f'alt="{WORDS["alt"]}"' in page.html
    assert Image.open(io.BytesIO(page.still.png)).width > 600 and len(page.still.png) < 40_000 and len(page.html) < 90_000
    assert page.html == canvas_view("w1d5_flow", **WORDS).html


def test_an_earlier_drawing_lies_on_the_sheet():
    assert data_of(canvas_view("a", **WORDS, start=a_png()))["start"].startswith("data:image/png;base64,")
    assert tuple(data_of(canvas_view("a", **WORDS))["sheet"]) == SHEET


@pytest.mark.parametrize("start", [None, b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"0" * MOST_START_BYTES, "text"])
def test_what_is_no_drawing_is_left_out(start):
    assert data_of(canvas_view("a", **WORDS, start=start))["start"] == ""


@pytest.mark.parametrize("name", ["", "a b", "../a", "a.png", "ä", 3, None])
def test_a_name_must_be_a_file_name(name):
    with pytest.raises(ValueError, match="name must be made of letters"):
        canvas_view(name, **WORDS)


def test_words_are_required():
    with pytest.raises(ValueError, match="must say something"):
        canvas_view("a", alt=" ", caption="c")
