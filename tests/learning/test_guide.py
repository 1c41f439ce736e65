"""The guide: whole and valid HTML, nothing foreign in it, Markdown that stays text, and only what was chosen."""

import html
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from shared.learning import guide, journal, record
from shared.learning.guide import Chapter, Shown, check_guide, first_draft, material, save_guide, save_markdown
from shared.learning.places import portfolio
from shared.visuals.figure import figure, words_in

HOSTILE = "</p><script>alert(1)</script> *bold* [x](http://example.com) & <img src=x onerror=alert(1)>"
VOID = {"meta", "img", "br", "link", "input"}


class Balanced(HTMLParser):
    """Fails where tags do not close in order; gathers what the page shows and the ids it has."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.ids, self.words = [], [], [], ""

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        self.words += data


def read(path) -> Balanced:
    page = Balanced()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.open == [] and len(set(page.ids)) == len(page.ids)
    return page


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "mine"))


@pytest.fixture
def shown(tmp_path):
    path = tmp_path / "map.png"
    Image.new("RGB", (40, 30), "white").save(path)
    return Shown(path, "A map with a bright diagonal", "Each word looks one back.")


def test_a_picture_carries_its_words(tmp_path):
    import matplotlib.pyplot as plt

    drawing = plt.figure(figsize=(2, 1))
    made = figure(drawing, alt="Two bars; the left one is “higher”", caption="Left wins – by far.")
    path = made.save(tmp_path / "p.png")
    assert words_in(path) == ("Two bars; the left one is “higher”", "Left wins – by far.")
    with Image.open(path) as image, Image.open(__import__("io").BytesIO(made.png)) as plain:
        image.load()  # Pillow checks every chunk's checksum
        assert image.tobytes() == plain.tobytes()
    bare = tmp_path / "bare.png"
    bare.write_bytes(made.png)
    assert words_in(bare) == ("", "")


def test_material_is_what_was_written_and_drawn(tmp_path):
    journal("w1d3", ["What surprised you?", "Draw?"], answers=["The softmax.", ""])
    record.add_answer("w1d3-01", "a", True, "quiz", "w1d3")
    import matplotlib.pyplot as plt

    figure(plt.figure(figsize=(2, 1)), alt="Keys and queries as arrows", caption="Arrows.").save(portfolio() / "w1d3_attention.png")
    Image.new("P", (4, 4)).save(portfolio() / "w2d7_film.gif")
    (portfolio() / "w1d1_boundary.html").write_text("<html><title>The boundary bends &amp; bends</title></html>", encoding="utf-8")
    Image.new("RGB", (4, 4)).save(portfolio() / "w1d1_boundary.png")
    (portfolio() / "w1d3_journal.md").write_text("x", encoding="utf-8")
    (portfolio() / "broken.png").write_bytes(b"no picture")
    found = material()
    assert found.journal == {"w1d3": {"What surprised you?": "The softmax."}}
    assert found.pictures["w1d3_attention.png"].alt == "Keys and queries as arrows"
    assert found.pictures["w1d1_boundary.html"].alt == "The boundary bends & bends"
    assert found.pictures["w2d7_film.gif"].alt == "film" and "w1d3_journal.md" not in found.pictures
    assert found.states["w1d3"].known == 1
    draft = first_draft(found)
    assert [chapter.title[:7] for chapter in draft] == ["Week 1:", "Week 2:"]
    assert [s.path.name for s in draft[0].pictures] == ["w1d1_boundary.html", "w1d3_attention.png"]  # not the film's stand-in
    assert draft[0].quotes == (("What surprised you?", "The softmax."),)


def test_a_guide_is_no_material_for_the_next_one(shown):
    save_guide([Chapter("A", pictures=(shown,))], portfolio() / "w4d6_guide.html", title="T")
    (portfolio() / "w4d5_transformer.html").write_text("<html><title>A deck</title></html>", encoding="utf-8")
    assert list(material().pictures) == ["w4d5_transformer.html"], "a guide inside of itself grows with every run"


def test_nothing_yet_is_no_error():
    found = material()
    assert found.journal == {} and found.pictures == {} and first_draft(found) == []


def test_the_page_is_whole_valid_and_alone(shown, tmp_path):
    moving = tmp_path / "film.html"
    moving.write_text('<!doctype html><p id="chapter-1">"quoted" & <b>moving</b></p>', encoding="utf-8")
    chapters = [Chapter("Attention", "One.\n\nTwo\nlines.", (shown, Shown(moving, "A film"))), Chapter("Words", quotes=(("Why?", "Because."),))]
    path = save_guide(chapters, tmp_path / "guide.html", title="How I learned", author="Ada", states=material().states)
    page, text = read(path), path.read_text(encoding="utf-8")
    tags = [tag for tag, _ in page.seen]
    assert tags.count("h1") == 1 and tags.count("h2") == 2 and tags.count("figure") == 2 and "script" not in tags
    assert [a["href"] for tag, a in page.seen if tag == "a"] == ["#chapter-1", "#chapter-2"] and page.ids == ["chapter-1", "chapter-2"]
    images = [a for tag, a in page.seen if tag == "img"]
    assert [a["alt"] for a in images] == ["A map with a bright diagonal"] and images[0]["src"].startswith("data:image/png;base64,")
    frame = next(a for tag, a in page.seen if tag == "iframe")
    assert frame["sandbox"] == "allow-scripts" and frame["srcdoc"] == moving.read_text(encoding="utf-8") and frame["title"] == "A film"
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#)", html.unescape(re.sub(r'srcdoc="[^"]*"', "", text)))
    assert "Two lines." in page.words and "Because." in page.words


def test_the_days_that_were_opened_close_the_page(shown, tmp_path):
    record.add_answer("w1d3-01", "a", True, "quiz", "w1d3")
    page = read(save_guide([Chapter("A")], tmp_path / "g.html", title="T", states=material().states))
    assert "Week 1, day 3: Introduction to attention" in page.words and "Week 1, day 4" not in page.words


def test_hostile_words_stay_words(tmp_path, shown):
    chapters = [Chapter(HOSTILE, HOSTILE, (Shown(shown.path, HOSTILE, HOSTILE),), ((HOSTILE, HOSTILE),))]
    page = read(save_guide(chapters, tmp_path / "g.html", title=HOSTILE, author=HOSTILE))
    tags = [tag for tag, _ in page.seen]
    assert "script" not in tags and tags.count("img") == 1 and HOSTILE in page.words
    text = save_markdown(chapters, tmp_path / "blog", title=HOSTILE, author=HOSTILE).read_text(encoding="utf-8")
    assert "<" not in text and r"\*bold\*" in text and r"\[x\](http" in text


def test_markdown_brings_its_pictures(shown, tmp_path):
    path = save_markdown([Chapter("Attention", "Text.", (shown,), (("Why?", "a\nb"),))], tmp_path / "blog", title="T")
    text = path.read_text(encoding="utf-8")
    assert "![A map with a bright diagonal](pictures/map.png)" in text and "> a\n> b" in text and "## Attention" in text
    assert (path.parent / "pictures" / "map.png").read_bytes() == shown.path.read_bytes()


def test_the_check_says_what_a_reader_would_miss(shown):
    says = check_guide([Chapter("Maps", "", (Shown(shown.path, "alt"),)), Chapter("Me", "Write to ada@example.com.")])
    assert [s for s in says if "150 at least" in s] and [s for s in says if "“Maps” has pictures" in s]
    assert [s for s in says if "map.png has no caption" in s] and [s for s in says if "ada@example.com" in s]
    assert check_guide([Chapter("Good", "word " * 160, (shown, shown, shown))]) == []


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda p: Shown(p.parent / "none.png", "alt"), "there is no none.png"),
        (lambda p: Shown(p.parent / "x.exe", "alt"), "must be a .png, .gif, .html file"),
        (lambda p: Shown(p, " "), "needs an alt text"),
        (lambda p: Chapter(" "), "needs a title"),
        (lambda p: save_guide([], p.parent / "g.html", title="T"), "at least one Chapter"),
        (lambda p: save_guide([Chapter("A")], p.parent / "g.html", title=""), "what the guide is about"),
        (lambda p: save_markdown(["A"], p.parent, title="T"), "at least one Chapter"),
    ],
)
def test_bad_input_gets_a_sentence(make, words, shown):
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        make(shown.path)


def test_a_giant_is_refused(tmp_path, monkeypatch, shown):
    monkeypatch.setattr(guide, "LARGEST", 10)
    with pytest.raises(ValueError, match="more than the"):
        Shown(shown.path, "alt")
