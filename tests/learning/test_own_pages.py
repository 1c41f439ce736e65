"""Journal, glossary, progress, and where the learner's own things lie."""

import json
import sys
import types

import pytest

from shared.days import DAYS
from shared.learning import (
    glossary,
    journal,
    keep_on_drive,
    new_words,
    places,
    portfolio,
    progress,
    progress_map,
    record,
    warm_up,
    word,
)
from shared.learning.exercises import exercise_ids
from shared.learning.questions import questions_of
from tests.learning.samples import HOSTILE, choice

PROMPTS = ["What surprised you?", "What is foggy?"]


def send(form, **message) -> dict:
    form._repr_mimebundle_()
    form._take(message)
    return json.loads(form._widget.state)


def test_a_journal_comes_back_and_is_a_page(own_folder):
    form = journal("w1d4", PROMPTS)
    assert repr(form) == "<journal w1d4: 0 of 2 prompts written>"
    state = send(form, do="save", texts=["The softmax.\n\nTwo lines.", ""])
    assert state["saved"] == "Saved, also as portfolio/w1d4_journal.md." and state["written"] == [
        "The softmax.\n\nTwo lines.",
        "",
    ]
    page = own_folder / "portfolio" / "w1d4_journal.md"
    assert page.read_text() == "# Journal, week 1 day 4\n\n## What surprised you?\n\nThe softmax.\n\nTwo lines.\n"
    again = journal("w1d4", PROMPTS)
    assert (
        again.written() == {PROMPTS[0]: "The softmax.\n\nTwo lines.", PROMPTS[1]: ""}
        and "Two lines." in again.fallback()
    )
    journal("w1d4", PROMPTS, answers=["", "The heads " + HOSTILE])
    assert again.written()[PROMPTS[0]].startswith("The softmax") and HOSTILE in page.read_text(encoding="utf-8")
    assert "<img" not in again.fallback() and repr(again) == "<journal w1d4: 2 of 2 prompts written>"
    assert journal("w1d5", PROMPTS).written() == {PROMPTS[0]: "", PROMPTS[1]: ""}
    assert [path.name for path in page.parent.iterdir()] == ["w1d4_journal.md"]  # nothing half-written stays


def test_an_empty_journal_writes_nothing(own_folder):
    assert send(journal("w1d4", PROMPTS), do="save", texts=["", " "])["saved"] == "Nothing is written yet."
    assert not (own_folder / "portfolio").exists()


def test_a_text_can_be_emptied_again():
    form = journal("w1d4", PROMPTS)
    send(form, do="save", texts=["one", "two"])
    send(form, do="save", texts=["one", ""])
    assert journal("w1d4", PROMPTS).written() == {PROMPTS[0]: "one", PROMPTS[1]: ""}


def test_a_journal_that_cannot_be_written_says_so(own_folder):
    own_folder.mkdir()
    (own_folder / "portfolio").write_text("in the way")
    state = send(journal("w1d4", PROMPTS), do="save", texts=["kept", ""])
    assert "could not be written to your portfolio" in state["saved"] and record.journal_entries("w1d4") == {
        PROMPTS[0]: "kept"
    }


def test_messages_that_make_no_sense_and_the_author_s_slips():
    form = journal("w1d4", PROMPTS)
    for message in (
        {},
        {"do": "save"},
        {"do": "save", "texts": "x"},
        {"do": "save", "texts": [1, None]},
        {"do": "save", "texts": []},
    ):
        send(form, **message)
    assert record.journal_entries("w1d4") == {}
    for bad in ([], ["a", "a"], [" "], [3]):
        with pytest.raises(ValueError, match="prompts"):
            journal("w1d4", bad)
    with pytest.raises(ValueError, match="as many as prompts, 2; got 1"):
        journal("w1d4", PROMPTS, answers=["x"])
    with pytest.raises(ValueError, match="w1d4"):
        journal("day 4", PROMPTS)


def test_the_course_s_glossary_is_sound():
    words = glossary.load_glossary(glossary.FILE)
    assert words and len({name.casefold() for name in words}) == len(words)
    for name in words:
        assert name in repr(word(name.upper()))
    assert len({glossary._anchor(name) for name in words}) == len(words)


@pytest.fixture
def three_words(tmp_path, monkeypatch):
    file = tmp_path / "glossary.json"
    file.write_text(
        json.dumps(
            {
                "softmax": {"day": "w1d3", "means": "Turns scores into shares."},
                "soft cap": {"day": "w1d4", "means": "A bound."},
            }
        )
    )
    monkeypatch.setattr(glossary, "FILE", file)
    return file


def test_words(three_words):
    assert repr(word("Softmax")) == "softmax: Turns scores into shares. First met in week 1 day 3."
    assert repr(new_words("w1d4")) == "New words, week 1 day 4\n  soft cap: A bound."
    assert '<dt id="word-soft-cap"' in new_words("w1d4").html and "none" in new_words("w1d5").html
    with pytest.raises(ValueError, match="no word 'sofmax'. Near it: softmax"):
        word("sofmax")
    with pytest.raises(ValueError, match="no word 3"):
        word(3)


@pytest.mark.parametrize(
    "text, problem",
    [
        ("[]", "expected an object"),
        ("{", "no valid JSON"),
        ('{"a": {"day": "w1d4"}}', "a: must be"),
        ('{"a": {"day": "w1d9", "means": "x"}}', "a: field day"),
        ('{"a": {"day": "w1d4", "means": ""}}', "a: field means"),
        ('{"a": {"day": "w1d4", "means": "x"}, "a": {"day": "w1d4", "means": "y"}}', "a stands twice"),
    ],
)
def test_a_broken_glossary_is_named(three_words, text, problem):
    three_words.write_text(text)
    with pytest.raises(ValueError, match=f"glossary.json.*{problem}"):
        glossary.load_glossary(three_words)


def fill(days, whole: bool) -> None:
    for day in days:
        record.add_visit(day)
        for i, question in enumerate(questions_of(day)):
            record.add_answer(question.id, "a", whole or i % 2 == 0, "quiz", day)
        for item in exercise_ids(day) if whole else exercise_ids(day)[:1]:
            record.add_attempt(item, True)


def test_progress_of_an_empty_record_is_always_the_same():
    first, again = progress(), progress()
    assert first.png == again.png and first.alt == "Progress over 4 weeks of 7 days: no day is opened yet."
    assert "ring" not in first.caption


def test_progress_says_in_words_what_it_draws(write_questions):
    write_questions([choice(f"w1d{day}-0{i}", prompt=f"{day}{i}") for day in (1, 2) for i in (1, 2, 3)])
    empty = progress()
    fill(["w1d1"], whole=True)
    record.add_answer("w1d2-01", "b", True, "check")
    record.add_answer("w1d1-01", "a", False, "warm-up", "w1d2")  # known once, missed now
    warm_up("w1d3")
    mixed = progress()
    assert "Week 1 day 1: 2 of 3 questions known" in mixed.alt and "Week 1 day 2: 1 of 3 questions known" in mixed.alt
    assert "Progress: 3 of 28 days opened, 0 complete." in mixed.alt and mixed.alt.endswith(
        "The day opened last is week 1 day 3."
    )
    assert "ring marks the day you opened last" in mixed.caption and mixed.png != empty.png
    # right in a warm-up: the question is known, and its own day was not opened by that
    record.add_answer("w1d6-01", "a", True, "warm-up", "w1d3")
    assert "Progress: 3 of 28 days opened" in progress().alt
    fill(["w1d1", "w1d2"], whole=True)
    assert "2 complete" in progress().alt


def test_progress_of_a_full_record(monkeypatch):
    full = {day.code: progress_map.State(6, 6, 3, 3, True) for day in DAYS.values()}
    monkeypatch.setattr(progress_map, "day_states", lambda: full)
    picture = progress()
    assert "28 of 28 days opened, 28 complete" in picture.alt and len(picture.png) < 100_000


def test_progress_shows_the_record_s_trouble(own_folder):
    own_folder.mkdir()
    (own_folder / "record.sqlite").write_bytes(b"rubbish" * 500)
    assert "set aside" in progress().caption


def test_the_portfolio_is_made_when_asked_for(own_folder, monkeypatch):
    assert not own_folder.exists()
    assert portfolio() == own_folder / "portfolio" and portfolio().is_dir()
    monkeypatch.delenv("COURSE_FOLDER")
    assert (
        places.own_folder() == places.COURSE_ROOT / "my_course"
        and (places.COURSE_ROOT / "shared" / "learning").is_dir()
    )


@pytest.fixture
def colab(monkeypatch, tmp_path):
    """A Colab whose Drive is an empty folder; `mounted` tells how often it was asked for."""
    drive = types.ModuleType("google.colab.drive")
    drive.mounted = 0

    def mount(path):
        drive.mounted += 1
        (tmp_path / "drive" / "MyDrive").mkdir(parents=True, exist_ok=True)

    drive.mount = mount
    colab = types.ModuleType("google.colab")
    colab.drive = drive
    for name, module in (
        ("google", types.ModuleType("google")),
        ("google.colab", colab),
        ("google.colab.drive", drive),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(places, "DRIVE", tmp_path / "drive")
    return drive


def test_keep_on_drive_moves_along_and_is_picked_up(colab, own_folder, monkeypatch, tmp_path, capsys):
    there = tmp_path / "drive" / "MyDrive" / "transformers_course"
    (there / "portfolio").mkdir(parents=True)
    (there / "portfolio" / "old.md").write_text("from an earlier day")
    record.add_prediction("p", "12")
    (portfolio() / "old.md").write_text("must not overwrite")
    (portfolio() / "new.md").write_text("from today")
    keep_on_drive()
    assert (
        colab.mounted == 1
        and capsys.readouterr().out
        == "Your record and portfolio are kept on your Google Drive, in transformers_course.\n"
    )
    assert places.own_folder() == there and record.prediction("p") == "12"
    assert (portfolio() / "old.md").read_text() == "from an earlier day" and (
        portfolio() / "new.md"
    ).read_text() == "from today"
    monkeypatch.delenv("COURSE_FOLDER")  # a later notebook of the same machine, which does not call it
    assert places.own_folder() == there


def test_a_refused_mount_is_one_sentence(colab, own_folder, capsys):
    colab.mount = lambda path: (_ for _ in ()).throw(ValueError("mount failed"))
    keep_on_drive()
    assert (
        capsys.readouterr().out
        == "Google Drive could not be used (mount failed): your record stays in this session, and goes when it ends.\n"
    )
    assert places.own_folder() == own_folder


def test_a_full_drive_is_one_sentence_more(colab, own_folder, monkeypatch, capsys):
    def copyfile(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", copyfile)
    (portfolio() / "new.md").write_text("from today")
    keep_on_drive()
    said = capsys.readouterr().out
    assert said.startswith("Not all of this session's files could be copied") and "No space left" in said


def test_outside_of_colab_nothing_is_needed(own_folder, capsys):
    keep_on_drive()
    assert "not Colab" in capsys.readouterr().out and places.own_folder() == own_folder
