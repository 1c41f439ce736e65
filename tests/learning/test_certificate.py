"""The certificate says what the record knows, and growth compares first answers with latest ones."""

import pytest
from PIL import Image

from shared.learning import record
from shared.learning.certificate import achieved, certificate
from shared.learning.exam import exam
from shared.learning.growth import Growth, growth
from shared.learning.places import portfolio
from shared.visuals.figure import words_in


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "mine"))


def test_an_empty_record_claims_nothing():
    found = achieved()
    assert (found.days, found.known, found.passed, found.best) == (0, 0, 0, None) and found.questions > 100
    assert len(found.lines) == 3


def test_what_was_done_is_counted():
    record.add_answer("w1d3-01", "b", False, "quiz", "w1d3")
    record.add_answer("w1d3-01", "a", True, "quiz", "w1d3")
    record.add_answer("w1d4-01", "a", True, "quiz", "w1d4")
    record.add_attempt("w1d3-e1", True)
    found = achieved()
    assert (found.days, found.known, found.passed) == (2, 2, 1)


def test_the_best_final_exam_counts():
    exam("w4d7", "course", count=5, mine={1: "a"})
    taken = achieved().best
    assert taken is not None and taken.total <= 5
    assert achieved().lines[-1].startswith(f"had {taken.right} of {taken.total} right in the final exam on 2")


@pytest.mark.filterwarnings("ignore:Glyph")  # a machine may have no font with these letters
@pytest.mark.parametrize("name", ["Ada", "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff of Bergedorf and Philadelphia", "W" * 80, "$x^2$ <b>李小龙</b>"])
def test_picture_and_pdf_are_written(name):
    picture = certificate(f"  {name} ")
    assert picture.alt.startswith(f"A certificate for {name}: opened 0 of 28 days")
    assert (portfolio() / "certificate.pdf").read_bytes().startswith(b"%PDF")
    assert words_in(portfolio() / "certificate.png")[0] == picture.alt
    with Image.open(portfolio() / "certificate.png") as image:
        assert image.size == (1320, 930)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, None])
def test_a_name_is_needed(name):
    with pytest.raises(ValueError, match="name must be 1 to 80 letters"):
        certificate(name)


def test_growth_compares_the_first_answer_with_the_latest():
    for question, right in (("w1d3-01", False), ("w1d3-02", True), ("w1d3-01", True), ("w1d3-02", False), ("w1d3-01", True), ("w1d4-01", False)):
        record.add_answer(question, "a", right, "quiz", question[:4])
    assert growth() == [Growth("w1d3", 1, 1, 2)]  # one learned, one forgotten; w1d4 has no second answer
    assert growth(["w1d4"]) == [] and growth(["w1d3", "w1d3"]) == [Growth("w1d3", 1, 1, 2)]
    with pytest.raises(ValueError, match='written like "w1d4"'):
        growth(["monday"])
