"""The deck: what is written comes back through python-pptx, nothing hangs over the edge, bad input gets a sentence."""

import re
import zipfile

import pytest
from PIL import Image
from pptx import Presentation
from pptx.util import Emu

from shared.decks import Slide, save_pptx, save_reveal

HOSTILE = "</script><img src=x onerror=alert(1)> & \x0b \ud800 ‮ $x$ {{y}}"


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "wide.png"
    Image.new("RGB", (1600, 400), "white").save(path)
    return path


@pytest.fixture
def slides(picture, tmp_path):
    tall = tmp_path / "tall.gif"
    Image.new("P", (200, 900)).save(tall)
    return [
        Slide("Attention is a soft lookup", picture, "A map of attention with a bright diagonal", ("Queries ask", "Keys answer"), "Say: who asks whom?"),
        Slide("The picture alone", tall, "A tall picture of a tower of blocks"),
        Slide("Words alone", points=("one", "two", "three", "four")),
    ]


def test_powerpoint_reads_back_what_was_written(slides, tmp_path, picture):
    path = save_pptx(slides, tmp_path / "deck.pptx", title="Transformers", author="Ada")
    deck = Presentation(path)
    titles = [page.shapes.title.text_frame.text for page in deck.slides]
    assert titles == ["Transformers", "Attention is a soft lookup", "The picture alone", "Words alone"]
    assert deck.core_properties.title == "Transformers" and deck.core_properties.author == "Ada"
    assert deck.slides[1].notes_slide.notes_text_frame.text == "Say: who asks whom?"
    assert not deck.slides[2].has_notes_slide
    shown = [shape for shape in deck.slides[1].shapes if shape.shape_type == 13]
    assert len(shown) == 1 and shown[0].image.blob == picture.read_bytes()
    assert shown[0]._element.nvPicPr.cNvPr.get("descr") == "A map of attention with a bright diagonal"
    assert "Queries ask\nKeys answer" in [shape.text_frame.text for shape in deck.slides[1].shapes if shape.has_text_frame]


def test_nothing_hangs_over_the_edge_or_over_another(slides, tmp_path):
    deck = Presentation(save_pptx(slides, tmp_path / "deck.pptx", title="T"))
    for page in deck.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in page.shapes]
        for left, top, right, bottom in boxes:
            assert left >= 0 and top >= 0 and right <= deck.slide_width and bottom <= deck.slide_height
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a[2] <= b[0] + Emu(2) or b[2] <= a[0] + Emu(2) or a[3] <= b[1] + Emu(2) or b[3] <= a[1] + Emu(2)
                assert apart, (page.shapes.title.text_frame.text, a, b)


def test_pictures_keep_their_shape(slides, tmp_path):
    deck = Presentation(save_pptx(slides, tmp_path / "deck.pptx", title="T"))
    for page, ratio in ((deck.slides[1], 4.0), (deck.slides[2], 2 / 9)):
        shown = next(shape for shape in page.shapes if shape.shape_type == 13)
        assert shown.width / shown.height == pytest.approx(ratio, rel=1e-3)


def test_hostile_words_are_words(tmp_path):
    slide = Slide("A <b>title</b> & more", points=(HOSTILE,), notes=HOSTILE)
    deck = Presentation(save_pptx([slide], tmp_path / "deck.pptx", title=HOSTILE, author=HOSTILE))
    assert "<img src=x onerror=alert(1)> &" in deck.slides[1].shapes[1].text_frame.text
    page = save_reveal([slide], tmp_path / "deck.html", title=HOSTILE, author=HOSTILE).read_text(encoding="utf-8")
    assert "<img src=x" not in page and "<b>title" not in page
    assert page.count("</script>") == 3  # the page's own three scripts


def test_the_web_deck_names_no_address(slides, tmp_path):
    page = save_reveal(slides, tmp_path / "deck.html", title="Transformers").read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page) and "@import" not in page and "url(http" not in page
    assert page.count("<section>") == 4 and page.count('src="data:image/') == 2 and 'data:image/gif' in page


def test_a_pptx_is_a_whole_zip(slides, tmp_path):
    with zipfile.ZipFile(save_pptx(slides, tmp_path / "new" / "deck.pptx", title="T")) as archive:
        assert archive.testzip() is None and "ppt/presentation.xml" in archive.namelist()


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda p: Slide(""), "a title has 1 to 60"),
        (lambda p: Slide("x" * 61), "this one has 61"),
        (lambda p: Slide("T", points="abc"), "must be a list of lines"),
        (lambda p: Slide("T", points=("a",) * 5), "5 points"),
        (lambda p: Slide("T", points=("x" * 111,)), "a point has 1 to 110"),
        (lambda p: Slide("T", p, "short"), "needs an alt text"),
        (lambda p: Slide("T", p.with_name("none.png"), "an alt text that is long enough"), "there is no picture none.png"),
        (lambda p: Slide("T", __import__("pathlib").Path(__file__), "an alt text that is long enough"), "is not a whole picture"),
        (lambda p: save_pptx([], p, title="T"), "at least one slide"),
        (lambda p: save_pptx([Slide("T")], p, title=" "), "what the deck is about"),
        (lambda p: save_reveal(["T"], p, title="T"), "slides\\[0\\] must be a Slide, got str"),
    ],
)
def test_bad_input_gets_a_sentence(make, words, picture):
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        make(picture)


def test_half_a_picture_is_refused(picture):
    whole = picture.read_bytes()
    picture.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="is not a whole picture"):
        Slide("T", picture, "an alt text that is long enough")
