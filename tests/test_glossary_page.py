"""The glossary's page: every word with a place that has it in bold and a picture from there, as the notebooks are now."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from shared.building import ROOT
from shared.building.glossary_page import PAGE, Found, all_words, find_word, page, small
from shared.learning.glossary import FILE, PICTURES, PLACES, load_glossary, word

MAKE = "make it again: python -m shared.building.glossary_page"


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    return all_words()


def test_the_page_is_that_of_the_notebooks(found):
    assert PAGE.read_text(encoding="utf-8") == page(found), MAKE
    assert list(found) == sorted(load_glossary(FILE), key=str.casefold)


def test_every_link_leads_to_a_cell_that_has_the_word_in_bold(found):
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|.*\]\(\.\./([^)#]+)#cell-id=([\w-]+)\)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name, _, _ in rows] == list(found)
    cells: dict[str, dict] = {}
    for name, notebook, id_ in rows:
        if notebook not in cells:
            stored = json.loads((ROOT / notebook).read_text(encoding="utf-8"))["cells"]
            cells[notebook] = {cell["id"]: " ".join("".join(cell["source"]).split()) for cell in stored}
        assert f"**{name}".casefold() in cells[notebook][id_].casefold()


def test_pictures_are_small_and_those_of_the_notebooks(found):
    files = set(re.findall(r'src="([^"]+)"', PAGE.read_text(encoding="utf-8")))
    assert {(PAGE.parent / name).resolve() for name in files} == set(PICTURES.glob("*.png")), MAKE
    table = json.loads(PLACES.read_text(encoding="utf-8"))
    assert list(table) == list(found)
    for name, place in found.items():
        path = PICTURES / table[name]["picture"]
        assert path.stat().st_size < 15_000
        with Image.open(path) as there, Image.open(io.BytesIO(small(place))) as again:
            assert there.size == again.size
            difference = np.abs(np.asarray(there.convert("RGB"), float) - np.asarray(again.convert("RGB"), float))
            assert difference.mean() < 2, MAKE


def test_every_picture_says_what_it_shows():
    for name, alt in re.findall(r'^\| \*\*(.+?)\*\* \| <img [^>]*alt="([^"]*)"', PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        assert len(alt) > 15, name


def test_a_word_s_card_shows_picture_and_place(found):
    card = word("softmax")
    place = json.loads(PLACES.read_text(encoding="utf-8"))["softmax"]
    assert f'href="../{place["notebook"]}#cell-id={found["softmax"].cell}"' in card.html
    assert base64.b64encode((PICTURES / place["picture"]).read_bytes()).decode() in card.html


# --- finding a word, by hand ------------------------------------------------------------------------------------------


def text(source: str, id_: str) -> dict:
    return {"cell_type": "markdown", "source": source, "id": id_}


def shown(png: bytes, alt: str, id_: str) -> dict:
    data = {"image/png": base64.b64encode(png).decode(), "text/html": [f'<img alt="{alt}">']}
    return {"cell_type": "code", "source": "", "id": id_, "outputs": [{"data": data}]}


CELLS = [
    text("# Day", "a"), shown(b"map", "A map.", "b"), text("## 1 · Shares (10 min)\nWe need **shares**.", "c"),
    shown(b"one", "Bars &amp; shares.", "d"), text("### Inside\nThis is a **soft\nmax**, and **NLP**.", "e"), text("## 2 · Next (5 min, optional)\n**later**", "f"),
    {**shown(b"sheet", "", "s"), "source": "sketch(1)"}, shown(b"two", "", "g"), text("The **end**.", "h"), text("## 3 · Last\nThis **nlp** is none. **bare** words", "i"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("share", Found("c", "1 · Shares", b"one", "Bars & shares.")),
        ("soft max", Found("e", "Inside", b"one", "Bars & shares.")),  # no picture after it in its section: the last one before it
        ("NLP", Found("e", "Inside", b"one", "Bars & shares.")),  # capitals count
        ("Later", Found("f", "2 · Next", b"two", "")),
        ("end", Found("h", "2 · Next", b"two", "")),
        ("bare", Found("i", "3 · Last", b"two", "")),  # none in the section, none after it
    ],
)
def test_a_word_is_found_with_the_picture_of_its_section(name, expected):
    assert find_word(CELLS, name) == expected


def test_a_word_that_nobody_introduces_is_an_error():
    with pytest.raises(ValueError, match=r"no text has \*\*day\*\*"):
        find_word(CELLS, "day")
    with pytest.raises(ValueError, match="no picture"):
        find_word([CELLS[2]], "share")
