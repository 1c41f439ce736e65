"""The shell of every interactive: what goes into a page, and what a notebook, a viewer without script and a file get."""

import base64
import html
import io
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor

from shared.visuals import palette
from shared.visuals.colors import indexed
from shared.visuals.page import LONGEST_LABEL, Page, pack, short, unpack

NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), min_size=1, max_size=60)


def a_png(color: str = "#FFFFFF") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(out, format="PNG")
    return out.getvalue()


def a_page(**changes) -> Page:
    given = dict(
        kind="interactive", alt="What it shows.", caption="A caption.", scripts=["player.js"], styles=["player.css"],
        data={"text": "plain"}, heights={0: "400px", 600: "calc(50cqw + 100px)"}, still=a_png(),
    )  # fmt: skip
    return Page(**(given | changes))


def data_of(page: Page) -> dict:
    """The numbers of a page, as its script reads them."""
    return json.loads(re.search(r'id="data">(.*?)</script>', page.document, re.S).group(1))


@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_int16_keeps_every_number_to_half_a_step(numbers):
    limit = max(abs(n) for n in numbers) or 1.0
    back = unpack(pack(np.array(numbers), "int16"))
    assert np.abs(back - numbers).max() <= limit / 65534 * (1 + 1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_uint8_keeps_shares_to_half_a_step(shares):
    assert np.abs(unpack(pack(np.array(shares), "uint8", limit=1.0)) - shares).max() <= 1 / 510 + 1e-12


@settings(deadline=None, max_examples=40)
@given(NUMBERS)
def test_float32_is_exact(numbers):
    assert np.array_equal(unpack(pack(np.array(numbers), "float32")), np.array(numbers, dtype=np.float32))


def test_zero_stays_zero_and_shapes_survive():
    values = np.array([[0.0, 3.0, -3.0], [0.0, 1.0, 0.0]])
    back = unpack(pack(values, "int16"))
    assert back.shape == (2, 3) and (back[values == 0] == 0).all()
    assert (unpack(pack(np.zeros((2, 2)), "int16")) == 0).all()
    assert np.array_equal(unpack(pack(np.arange(256), "bytes")), np.arange(256))


@pytest.mark.parametrize(
    "values, kind, limit, words",
    [
        ([1.0, np.nan], "int16", None, "finite"),
        ([np.inf], "float32", None, "finite"),
        ([2.0], "uint8", 1.0, "within the limit 1; got 2"),
        ([-0.5], "uint8", 1.0, "not be negative"),
        ([-1.0], "bytes", None, "not be negative"),
        ([1.0], "int8", None, "'int8'"),
    ],
)
def test_what_cannot_be_packed_is_refused(values, kind, limit, words):
    with pytest.raises(ValueError, match=words):
        pack(np.array(values), kind, limit)


@pytest.mark.parametrize(
    "token, expected",
    [
        ("cat", "cat"),
        ("", "∅"),
        ("  ", "␣␣"),
        (" the", "␣the"),
        ("\n", "⏎"),
        ("a\tb", "a⇥b"),
        ("🐱", "🐱"),
        ("<b>", "<b>"),
    ],
)
def test_a_label_shows_what_cannot_be_seen(token, expected):
    assert short(token) == expected


def test_a_long_token_is_cut_where_it_can_be_seen():
    assert len(short("x" * 300)) == LONGEST_LABEL and short("x" * 300).endswith("…")


def test_hostile_text_stays_text_in_every_layer():
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \" ' & 😀"
    page = a_page(data={"token": hostile}, alt=hostile, caption=hostile)
    assert data_of(page)["token"] == hostile
    # in the document: nothing but the page's own two scripts; in the notebook: nothing outside of the attribute
    assert page.document.count("<script") == 2 and page.document.count("</script") == 2
    outside = re.sub(r'srcdoc="[^"]*"', "", page.html)
    assert "<script" not in outside and "<img src=x" not in outside
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', page.html).group(1)) == page.document
    assert html.unescape(re.search(r'<img class="behind" alt="([^"]*)"', page.html).group(1)) == hostile


def test_nothing_in_a_page_is_an_address_and_nothing_may_be_fetched():
    page = a_page()
    assert not re.search(r"https?:|//[a-z]+\.[a-z]", page.html)
    assert "default-src 'none'" in page.document and 'sandbox="allow-scripts"' in page.html


def test_a_notebook_gets_frame_still_picture_and_stable_words():
    bundle = a_page(poster=a_png("#0072B2"))._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/plain"] == "<interactive view: A caption.>"
    assert base64.b64decode(bundle["image/png"]) == a_png("#0072B2")
    assert bundle["text/html"].startswith('<figure data-kind="interactive"') and "<figcaption" in bundle["text/html"]
    assert "figure:has(> iframe) > img.behind{display:none!important}" in bundle["text/html"]
    assert a_page()._repr_html_() == a_page()._repr_html_()


def test_heights_hold_from_their_width_on():
    text = a_page().html
    assert "@container(min-width:0px)" in text and "height:calc(50cqw + 100px)" in text and 'height="400"' in text


def test_saved_as_a_file_of_its_own(tmp_path):
    path = a_page().save(tmp_path / "new" / "view.html")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and a_page().html in text


@pytest.mark.parametrize("missing", ["alt", "caption"])
def test_a_view_without_words_is_refused(missing):
    with pytest.raises(ValueError, match=missing):
        a_page(**{missing: "  "})


def test_few_colors_keep_the_course_colors():
    image = Image.new("RGB", (300, 300), "#0072B2")
    for i, name in enumerate(palette.CONCEPTS):
        image.paste(ImageColor.getrgb(palette.color(name)), (i * 4, 0, i * 4 + 2, 3))  # a handful of pixels each
    found = {color for _, color in indexed(image, 24).convert("RGB").getcolors()}
    assert {ImageColor.getrgb(palette.color(name)) for name in palette.CONCEPTS} <= found
