"""Packed pages: what is sent comes back, in letters that nothing has to escape; small scripts are those of the files that people edit."""

import html
import json
import re
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.building import small_scripts
from shared.visuals.packed import deflated, spelled

ALPHABET = [chr(code) for code in range(32, 127) if chr(code) not in '"&<\\']


def read(text: str, size: int) -> bytes:
    """Letters back to bytes, digit by digit: the long way round, with whole numbers and no bits."""
    number = 0
    for i in range(0, len(text), 2):
        number = number * 2**13 + ALPHABET.index(text[i]) * 91 + ALPHABET.index(text[i + 1])
    return (number >> (len(text) // 2 * 13 - 8 * size)).to_bytes(size, "big")


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=1, max_size=300))
def test_bytes_survive_spelling(raw):
    text = spelled(raw)
    assert read(text, len(raw)) == raw and len(text) == 2 * -(-8 * len(raw) // 13)
    assert html.escape(text, quote=False).replace("&gt;", ">") == text and json.dumps(text)[1:-1] == text


def test_letters_are_worked_by_hand():
    # 0xFF 0xF8 are thirteen ones and three zeros: 8191 = 90 · 91 + 1, then 0 = 0 · 91 + 0
    assert spelled(b"\xff\xf8") == ALPHABET[90] + ALPHABET[1] + "  " == "~!  "


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(max_size=400), min_size=1, max_size=5))
def test_parts_come_back_as_one(parts):
    assert zlib.decompress(deflated(parts), wbits=-15) == b"".join(parts)


def test_parts_have_codes_of_their_own():
    small, wide = (np.random.default_rng(0).integers(0, n, 4000).astype(np.uint8).tobytes() for n in (4, 256))
    # two and eight bits a number; with one code for both it would be three and nine
    assert len(deflated([small, wide])) < 1.03 * (2 + 8) / 8 * 4000 < 0.9 * len(zlib.compress(small + wide, 9))


# --- small scripts ----------------------------------------------------------------------------------------------------


def test_small_scripts_are_those_of_the_files_that_people_edit():
    if sys.platform != "linux":  # there it is installed
        pytest.importorskip("minify", reason="tdewolff-minify is not installed here")
    stored = {path.name: path.read_text(encoding="utf-8") for path in small_scripts.FOLDER.iterdir()}
    assert stored == small_scripts.small(), "make them again: python -m shared.building.small_scripts"


@pytest.mark.parametrize(
    "script",
    [
        "course.fail = (e) => e; pass(course);",
        "course.fail = (e) => e; const {data: d} = course;",
        "const {data} = course;",
    ],
)
def test_a_script_that_cannot_be_joined_is_refused(monkeypatch, script):
    monkeypatch.setattr(small_scripts, "asset", lambda name: script)
    with pytest.raises(ValueError, match="a.js: `course` may be used only as course.name"):
        small_scripts.joined(["a.js"])


def test_what_is_handed_on_becomes_a_variable(monkeypatch):
    files = {"a.js": "const {data, fail} = course;\ncourse.twice = (n) => 2 * n + data.x;\n", "b.js": "course.fail = (e) => e;\n"}
    monkeypatch.setattr(small_scripts, "asset", files.get)
    text = small_scripts.joined(["b.js", "a.js"])
    assert "let course_fail, course_twice;" in text and "const data = course_data, fail = course_fail;" in text
    assert re.findall(r"\bcourse\b", text) == ["course"] and text.endswith("(course)")


def test_without_the_minifier_all_stays_as_it_is(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "minify", None)
    before = {path.name: path.stat().st_mtime_ns for path in small_scripts.FOLDER.iterdir()}
    small_scripts.main()
    assert "small stays as it is: what makes it, tdewolff-minify, is not installed" in capsys.readouterr().err
    assert {path.name: path.stat().st_mtime_ns for path in small_scripts.FOLDER.iterdir()} == before
