"""The table of findings: kept, exported, read back on a later day, never markup, never a lost row."""

import json

import pytest

from shared.learning import journal, record
from shared.learning.findings import COLUMNS, ROWS, findings, findings_of
from tests.learning.samples import HOSTILE

GOOD = {"head": "layer 0, head 0", "what it does": "looks one back", "evidence": "0.72 over 30 tales", "counter-example": "after a full stop"}


def send(form, *rows, **message) -> dict:
    form._repr_mimebundle_()
    form._take({"do": "save", "rows": list(rows), **message})
    return json.loads(form._widget.state)


def test_what_was_written_comes_back_and_is_a_page(own_folder):
    form = findings("w2d3")
    assert repr(form) == "<findings, week 2 day 3: 0 of 4 rows written>" and findings_of("w2d3") == []
    state = send(form, list(GOOD.values()), None, ["layer 1", "", "", ""], time=7)
    assert state["saved"] == "Saved, also as portfolio/w2d3_findings.md." and state["time"] == 7
    assert state["said"] == ["✓ A finding with evidence, and with a case against it.", "", "Kept. Still empty: what it does, evidence, counter-example.", ""]
    page = (own_folder / "portfolio" / "w2d3_findings.md").read_text(encoding="utf-8")
    assert "| layer 0, head 0 | looks one back | 0.72 over 30 tales | after a full stop |" in page
    assert findings_of("w2d3") == [GOOD, dict.fromkeys(COLUMNS, "") | {"head": "layer 1"}]
    again = findings("w2d3")
    assert again.rows()[0] == GOOD and len(again.rows()) == ROWS and "looks one back" in again.fallback()


@pytest.mark.parametrize("text", [HOSTILE, "a | b", "two\nlines", "&#124; &amp; <br>", "\\| `x` *y*", "  "])
def test_any_text_survives_the_table(text):
    findings("w2d3", mine=[GOOD | {"evidence": text}])
    assert findings_of("w2d3")[0]["evidence"] == text.strip()
    assert "<img" not in findings("w2d3").fallback()


def test_only_what_changed_is_written_and_rows_keep_their_places():
    form = findings("w2d3", mine=[GOOD, GOOD | {"head": "layer 1"}])
    findings("w2d3").save([None, {**GOOD, "head": "layer 2"}])
    assert [row["head"] for row in form.rows()] == ["layer 0, head 0", "layer 2", "", ""]
    findings("w2d3", mine=[{}, {"head": "layer 3"}])
    assert [row["head"] for row in form.rows()] == ["layer 0, head 0", "layer 3", "", ""]
    findings("w2d3").save([dict.fromkeys(COLUMNS, "")])
    assert [row["head"] for row in form.rows()] == ["", "layer 3", "", ""], "a row can be emptied"


def test_the_journal_beside_it_stays_readable(own_folder):
    findings("w2d3", mine=[GOOD])
    journal("w2d3", ["Which head?"], answers=["head 0"])
    page = (own_folder / "portfolio" / "w2d3_journal.md").read_text(encoding="utf-8")
    assert "## My findings\n\n| head |" in page and "head 0" in page and findings_of("w2d3") == [GOOD]


def test_a_record_of_another_kind_is_no_table():
    record.add_journal("w2d3", {"My findings": "just words"})
    assert findings_of("w2d3") == [] and findings("w2d3").rows()[0] == dict.fromkeys(COLUMNS, "")


@pytest.mark.parametrize("message", [{}, {"do": "save"}, {"do": "save", "rows": "x"}, {"do": "save", "rows": [7, ["a"], [None, 3]]}])
def test_strange_messages_do_no_harm(message):
    form = findings("w2d3", mine=[GOOD])
    form.receive(message)
    assert len(form.rows()) == ROWS


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="week 2, day 9"):
        findings("w2d9")
    with pytest.raises(ValueError, match="at most 4"):
        findings("w2d3", mine=[GOOD] * 5)
    with pytest.raises(ValueError, match=r"mine\[0\] holds 'score'; a finding has the columns head"):
        findings("w2d3", mine=[{"score": "1"}])
