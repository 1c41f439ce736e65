"""The quiz in its three forms: the widget's payload and messages, the static page, and `check` in plain code."""

import html.parser
import json
import re

import pytest

from shared.learning import check, new_words, predict, quiz, record, reveal, warm_up
from shared.learning.cards import inline
from shared.learning.forms import WIDGET_VIEW
from shared.learning.questions import questions_of
from tests.learning.samples import HOSTILE, choice, every_kind


class Page(html.parser.HTMLParser):
    """Reads a page: its tags with attributes, the text of each <summary>, and all text."""

    def __init__(self, source: str):
        super().__init__()
        self.tags, self.summaries, self.text, self._open = [], [], "", []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("img", "br"):
            self._open.append(tag)
        if tag == "summary":
            self.summaries.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if "style" in self._open:
            return
        self.text += data
        if "summary" in self._open:
            self.summaries[-1] += data


def bundle(shown) -> dict:
    found = shown._repr_mimebundle_()
    return found[0] if isinstance(found, tuple) else found


def send(form, **message) -> dict:
    """What the page would send; returns the state that goes back."""
    bundle(form)
    form._take(message)
    return json.loads(form._widget.state)


@pytest.fixture
def form(write_questions):
    write_questions(every_kind())
    return quiz("w1d4")


def test_what_is_right_does_not_travel_before_it_is_asked_for(form):
    bundle(form)
    payload = form._widget.content + form._widget.state
    for secret in ("correct", "feedback", "One dot product", "Rows times", '"answer"', "36"):
        assert secret not in payload, secret
    asked = json.loads(form._widget.content)["questions"]
    assert [q["kind"] for q in asked] == ["choice", "many", "number", "order", "picture", "picture"]
    assert asked[2]["options"] == []  # the known wrong numbers stay here too
    assert [o["text"] for o in asked[3]["options"]] != ["scores", "divide", "softmax", "mix"]


def test_answers_are_graded_and_recorded(form):
    wrong = send(form, do="grade", id="w1d4-01", given="a")["verdicts"]["w1d4-01"]
    assert not wrong["correct"] and wrong["lines"][0]["feedback"].startswith("Keys only score")
    problem = send(form, do="grade", id="w1d4-03", given="six")["verdicts"]["w1d4-03"]
    assert "not a number" in problem["problem"]
    send(form, do="grade", id="w1d4-01", given="b")
    assert [(a.question, a.given, a.correct, a.place, a.day) for a in record.answers()] == [
        ("w1d4-01", "a", False, "quiz", "w1d4"),
        ("w1d4-01", "b", True, "quiz", "w1d4"),
    ]


def test_the_score_comes_when_every_question_was_answered(form):
    order = {o.text: "abcd"[i] for i, o in enumerate(questions_of("w1d4")[3].shown)}
    in_order = "".join(order[text] for text in ("scores", "divide", "softmax", "mix"))
    assert send(form, do="grade", id="w1d4-01", given="a")["score"] == ""
    for item, given in (("02", "ac"), ("03", "36"), ("04", in_order), ("05", "b")):
        send(form, do="grade", id=f"w1d4-{item}", given=given)
    score = send(form, do="grade", id="w1d4-06", given="a")["score"]
    assert (
        score.startswith("4 of 6 right, 4 at the first try.") and "“Keys”; “Spread”" in score and "comes back" in score
    )
    score = send(form, do="grade", id="w1d4-01", given="b")["score"]
    assert score.startswith("5 of 6 right, 4 at the first try.") and "Keys" not in score


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"do": "grade"},
        {"do": "grade", "id": "w1d1-01", "given": "a"},
        {"do": "x", "id": "w1d4-01"},
        {"do": "grade", "id": "w1d4-01", "given": {"a": 1}},
        {"do": "grade", "id": "w1d4-01"},
    ],
)
def test_a_message_that_makes_no_sense_does_no_harm(form, message):
    send(form, **message)
    assert record.answers() == []
    bundle(form)
    form._take("text")


def test_the_record_s_trouble_is_shown_in_the_form(form, own_folder):
    own_folder.write_text("in the way")
    assert "Not saved" in send(form, do="grade", id="w1d4-01", given="b")["notice"]


def test_the_bundle_holds_widget_page_and_stable_text(form):
    first = bundle(form)
    assert set(first) == {WIDGET_VIEW, "text/html", "text/plain"}
    assert first["text/plain"] == "<Self-quiz, week 1 day 4: w1d4-01, w1d4-02, w1d4-03, w1d4-04, w1d4-05, w1d4-06>"
    again = bundle(quiz("w1d4"))
    assert again["text/html"] == first["text/html"] and again["text/plain"] == first["text/plain"]
    assert "0x" not in first["text/html"] and "0x" not in repr(form._widget)


def test_the_static_page_explains_every_option_and_hides_what_is_right(form):
    page = Page(bundle(form)["text/html"])
    for question in questions_of("w1d4"):
        for option in question.options:
            assert option.feedback in page.text
    assert len(page.summaries) == 3 + 3 + 1 + 1 + 2 + 2
    for summary in page.summaries:
        assert "✓" not in summary and "✗" not in summary and "36" not in summary and "Right" not in summary
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert [image["alt"] for image in images] == ["upper triangle", "lower triangle", "a line", "bent"]
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in images)
    assert not [
        1
        for tag, attributes in page.tags
        if tag in ("script", "iframe", "link") or any(name.startswith("on") for name in attributes)
    ]


def hostile_questions() -> list[dict]:
    items = json.loads(json.dumps(every_kind()))
    for item in items:
        item["prompt"] += HOSTILE
        item["shows"] += HOSTILE
        for field in ("unit", "feedback", "otherwise"):
            if field in item:
                item[field] += HOSTILE
        if "axes" in item:
            item["axes"] = [name + HOSTILE for name in item["axes"]]
        for option in item["options"]:
            option["feedback"] += HOSTILE
            option["text"] += HOSTILE if item["kind"] != "number" else ""
    return items


def test_hostile_text_stays_text(write_questions):
    write_questions(hostile_questions())
    form = quiz("w1d4")
    page = Page(bundle(form)["text/html"])
    assert not [tag for tag, attributes in page.tags if tag == "script" or "onerror" in attributes]
    assert page.text.count("<img src=x onerror=") > 20
    state = send(form, do="grade", id="w1d4-01", given="a" + HOSTILE)
    assert HOSTILE in state["verdicts"]["w1d4-01"]["problem"]
    send(form, do="grade", id="w1d4-01", given="a")
    for payload in (form._widget.content, form._widget.state):
        assert "<" not in payload and "</script><img src=x" in str(json.loads(payload))
    for shown in (
        check("w1d4-01", "a"),
        check("w1d4-01", HOSTILE),
        check(HOSTILE, "a"),
        predict("p", HOSTILE, options=[HOSTILE, "b"]),
        reveal("p", HOSTILE, HOSTILE),
        predict("p2", HOSTILE, "text", mine=HOSTILE),
    ):
        found = Page(bundle(shown)["text/html"])
        assert not [tag for tag, attributes in found.tags if tag in ("script", "img") or "onerror" in attributes]
        assert "</script><img" in found.text


def test_the_drawings_are_sound_and_hold_no_markup(write_questions):
    import base64
    import xml.etree.ElementTree as xml

    write_questions(hostile_questions())
    page = Page(bundle(quiz("w1d4"))["text/html"])
    for _, attributes in [tag for tag in page.tags if tag[0] == "img"]:
        root = xml.fromstring(base64.b64decode(attributes["src"].split(",")[1]))
        kinds = {element.tag.split("}")[1] for element in root.iter()}
        assert kinds <= {"svg", "rect", "path", "polyline", "text"}


def test_a_map_is_white_at_0_and_dark_at_1(write_questions):
    import base64

    write_questions([every_kind()[4]])
    page = Page(bundle(quiz("w1d4"))["text/html"])
    svg = base64.b64decode([a for tag, a in page.tags if tag == "img"][1]["src"].split(",")[1]).decode()
    fills = re.findall(r'fill="(#\w+)" stroke', svg)
    assert fills[:2] == ["#3d1339", "#ffffff"] and fills[2] == fills[3]
    assert "queries" in svg and "keys" in svg


def test_check_in_plain_code(write_questions):
    write_questions(every_kind())
    right, wrong = check("w1d4-01", "b"), check("w1d4-01", "a")
    assert (
        repr(right).startswith("✓ w1d4-01: Right.")
        and "One dot product" in repr(right)
        and "shown in" not in repr(right)
    )
    assert (
        repr(wrong).startswith("✗ w1d4-01: Not yet.")
        and "Keys only score" in repr(wrong)
        and "It is shown in “Keys”." in repr(wrong)
    )
    assert repr(check("w1d4-03", 36)).startswith("✓") and repr(check("w1d4-02", "ac")).startswith("✓")
    assert [a.place for a in record.answers()] == ["check"] * 4
    for item, given in (("w1d4-01", "z"), ("w1d4-01", None), ("w1d4-99", "a"), (None, "a"), ("", "")):
        assert repr(check(item, given)).endswith((".", "?"))
    assert len(record.answers()) == 4


def test_warm_up_notes_the_visit_and_says_what_it_asks(write_questions):
    write_questions([choice("w1d1-01"), choice("w1d1-02", prompt="Second?"), choice("w1d2-01")])
    first = warm_up("w1d1")
    assert "What do you already know?" in first.fallback() and list(first.questions) == ["w1d1-01", "w1d1-02"]
    assert list(warm_up("w1d2").questions) == ["w1d1-01", "w1d1-02"] and "From memory" in warm_up("w1d2").fallback()
    assert record.visited_days() == ["w1d1", "w1d2"]
    (write_questions([choice("w2d1-01")]) / "week1.json").unlink()
    assert "nothing to ask here yet" in warm_up("w1d3").fallback()
    for day in ("w1d8", "w5d1", "4", None):
        with pytest.raises(ValueError, match="week|w1d4"):
            quiz(day)


def test_markup_is_code_and_stress_only():
    assert inline("2 * 3 * 4 and a*b*c") == "2 * 3 * 4 and a*b*c"
    assert inline("see *this* **") == "see <em>this</em> **"
    assert re.fullmatch(r'<code style="[^"]+">a\*b\* &lt;</code> `', inline("`a*b* <` `"))
    assert inline("a\nb") == "a<br>b"


def test_new_words_can_hold_hostile_text(monkeypatch, tmp_path):
    from shared.learning import glossary

    file = tmp_path / "glossary.json"
    file.write_text(json.dumps({HOSTILE: {"day": "w1d4", "means": HOSTILE}}))
    monkeypatch.setattr(glossary, "FILE", file)
    page = Page(new_words("w1d4").html)
    assert "</script><img" in page.text and not [tag for tag, a in page.tags if tag == "img"]
