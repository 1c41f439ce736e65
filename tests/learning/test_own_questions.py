"""The learner's own questions: kept, exported, asked back in time, never lost, never markup."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.learning import check, own_questions as own, places, quizzes, record, warm_up
from shared.learning.codes import day_code, day_number
from shared.learning.own_questions import Draft, due, own_questions, written
from shared.learning.quizzes import own_quiz
from shared.learning.record import Answer
from tests.learning.samples import HOSTILE, choice

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"prompt": "Who shares out 1?", "right": "the query", "why": "along its row", "wrong": {"the key": "turned table", "nobody": "softmax"}}


def draft(**changes) -> dict:
    """A finished question as the page sends it."""
    return {"prompt": "Who shares out 1?", "right": "the query", "why": "along its row", "wrong": [["the key", "a turned table"], ["nobody", ""]]} | changes


def send(form, *drafts, **message) -> dict:
    form._repr_mimebundle_()
    form._take({"do": "save", "drafts": list(drafts), **message})
    return json.loads(form._widget.state)


def three(day: str = "w1d5") -> None:
    own_questions(day, mine=[GOOD | {"prompt": f"{day}, question {i}?"} for i in (1, 2, 3)])


def answered(item: str, day: str, correct: bool = True, place: str = "warm-up") -> Answer:
    when = date(2026, 3, 1) + timedelta(days=day_number(day))
    return Answer(item, "a", correct, place, day, f"{when}T09:00:00+00:00")


# --- kept -------------------------------------------------------------------------------------------------------------


def test_what_was_written_comes_back_and_is_a_page(own_folder):
    form = own_questions("w1d5")
    assert repr(form) == "<your own questions, week 1 day 5: 0 of 3 ready>"
    state = send(form, draft(), None, None, time=7)
    assert state["saved"] == "Saved, also as portfolio/w1d5_my_questions.md." and state["time"] == 7
    assert state["said"][0].startswith("✓ Ready") and "Say for each answer why" in state["said"][0] and state["said"][1:] == ["", ""]
    page = (own_folder / "portfolio" / "w1d5_my_questions.md").read_text(encoding="utf-8")
    assert page.index("Who shares out 1?") < page.index("# Answers") < page.index("right: along its row")
    assert "right" not in page[: page.index("# Answers")], "the questions give nothing away"
    assert [path.name for path in (own_folder / "portfolio").iterdir()] == ["w1d5_my_questions.md"]
    again = own_questions("w1d5")
    assert repr(again) == "<your own questions, week 1 day 5: 1 of 3 ready>" and "turned table" in again.fallback()


def test_it_survives_a_restart(own_folder):
    code = "from shared.learning.own_questions import own_questions; own_questions('w1d5', mine=[{'prompt': 'Ä?', 'right': 'a', 'wrong': {'b': 'c'}}])"
    environment = os.environ | {"COURSE_FOLDER": str(own_folder), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert [question.prompt for question in written()] == ["Ä?"]


def test_a_draft_is_kept_and_not_asked(own_folder):
    state = send(own_questions("w1d5"), draft(right=""), None, None)
    assert state["saved"] == "Saved as drafts." and state["said"][0] == "Kept, and not yet ready to be asked: the right answer is missing."
    assert written() == [] and due("w1d7", []) is None and not (own_folder / "portfolio").exists()
    assert own_questions("w1d5").drafts()[0].prompt == "Who shares out 1?"


def test_only_what_changed_is_written(own_folder):
    three()
    form = own_questions("w1d5")
    send(form, None, draft(prompt="Another?"), None)
    assert [question.prompt for question in written("w1d5")] == ["w1d5, question 1?", "Another?", "w1d5, question 3?"]
    with closing(sqlite3.connect(own_folder / "record.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM own_questions").fetchone() == (4,)
        send(form, None, draft(prompt="Another?"), None)
        assert db.execute("SELECT count(*) FROM own_questions").fetchone() == (4,)


def test_an_emptied_question_is_gone(own_folder):
    three()
    send(own_questions("w1d5"), {"prompt": "", "right": " ", "why": "", "wrong": []}, None, None)
    assert [question.id for question in written()] == ["mine-w1d5-2", "mine-w1d5-3"]
    assert "question 1?" not in (own_folder / "portfolio" / "w1d5_my_questions.md").read_text()


def test_questions_of_two_days_live_side_by_side():
    three("w1d5"), three("w2d5")
    assert len(written()) == 6 and [q.id for q in written("w2d5")] == ["mine-w2d5-1", "mine-w2d5-2", "mine-w2d5-3"]


def test_a_portfolio_that_cannot_be_written_loses_no_question(own_folder):
    own_folder.mkdir()
    (own_folder / "portfolio").write_text("in the way")
    state = send(own_questions("w1d5"), draft(), None, None)
    assert "Kept in your record" in state["saved"] and len(written()) == 1


def test_a_crash_while_the_page_is_written_leaves_the_old_one(own_folder, monkeypatch):
    three()
    page = own_folder / "portfolio" / "w1d5_my_questions.md"
    before = page.read_text()
    monkeypatch.setattr(places.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert "No space left" in send(own_questions("w1d5"), draft(), None, None)["saved"] and page.read_text() == before


@pytest.mark.parametrize("drafts", ["x", [3], [{"prompt": 4, "wrong": "x"}], [None] * 3, [{}], [{"wrong": [["a"], 3, [1, 2]]}], [draft()] * 9, []])
def test_messages_that_make_no_sense(drafts):
    form = own_questions("w1d5")
    form._repr_mimebundle_()
    form._take({"do": "save", "drafts": drafts})
    form._take({"do": "other", "drafts": [draft()]})
    assert len(written()) in (0, 3)


def test_text_of_the_learner_is_never_markup(own_folder):
    own_questions("w1d5", mine=[{"prompt": HOSTILE, "right": HOSTILE + "1", "wrong": {HOSTILE + "2": HOSTILE}}])
    form, asked = own_questions("w1d5"), own_quiz("w1d5")
    assert "<img" not in form.fallback() and "<img" not in asked.fallback()
    form._repr_mimebundle_(), asked._repr_mimebundle_()
    assert "<" not in form._widget.state and "<" not in asked._widget.content
    assert HOSTILE in (own_folder / "portfolio" / "w1d5_my_questions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("mine, words", [
    ("x", "list of at most 3"), ([GOOD] * 4, "list of at most 3"), (["x"], r"mine\[0\] must look like"),
    ([GOOD | {"wrong": ["a"]}], "wrong must be a dictionary"), ([GOOD | {"answer": "x"}], "has the field 'answer'"),
    ([GOOD | {"wrong": {str(i): "" for i in range(4)}}], "at most 3"),
])  # fmt: skip
def test_slips_in_code_are_named(mine, words):
    with pytest.raises(ValueError, match=words):
        own_questions("w1d5", mine=mine)
    with pytest.raises(ValueError, match="w1d4"):
        own_questions("day 5")


@pytest.mark.parametrize("changes, missing", [
    (dict(prompt=""), "the question itself"), (dict(right=""), "the right answer"), (dict(wrong=()), "at least one wrong"),
    (dict(wrong=(("THE query", ""),)), "the same"), (dict(wrong=(("", "why"), ("a", ""))), "a reason and no words"),
])  # fmt: skip
def test_what_is_missing_is_said(changes, missing):
    full = dict(prompt="Who?", right="the query", why="", wrong=(("the key", ""),))
    assert Draft(**full).missing == "" and missing in Draft(**(full | changes)).missing


def test_an_answer_s_place_does_not_give_it_away():
    places_of_right = set()
    for i in range(20):
        own_questions("w1d5", mine=[GOOD | {"prompt": f"{i}?"}])
        (question,) = written()
        places_of_right.add([option.correct for option in question.options].index(True))
        assert written() == [question]
    assert places_of_right == {0, 1, 2}


# --- asked back -------------------------------------------------------------------------------------------------------


@pytest.fixture
def course(write_questions):
    write_questions([choice(f"{day_code(number)}-{i:02}", prompt=f"{number} {i}?") for number in range(28) for i in (1, 2)])


def test_a_warm_up_without_own_questions_is_as_before(course):
    form = warm_up("w1d6")
    assert len(form.questions) == 3 and "wrote" not in form.intro


def test_later_warm_ups_ask_one_own_question_last(course):
    three()
    assert len(warm_up("w1d5").questions) == 3, "not on the day on which it was written"
    form = warm_up("w1d6")
    assert list(form.questions)[3:] == ["mine-w1d5-1"] and form.intro.endswith("The last question is one that you wrote.")
    assert list(warm_up("w1d6").questions) == list(form.questions)
    form._repr_mimebundle_()
    right = [option.correct for option in form.questions["mine-w1d5-1"].options].index(True)
    form._take({"do": "grade", "id": "mine-w1d5-1", "given": "abc"[right]})
    assert record.answers()[-1].question == "mine-w1d5-1" and record.answers()[-1].place == "warm-up"
    assert list(warm_up("w1d6").questions)[3:] == ["mine-w1d5-1"], "a cell that is run again asks the same"
    assert list(warm_up("w1d7").questions)[3:] == ["mine-w1d5-2"]


def test_the_course_s_own_next_three_days_ask_all_three_back():
    three()
    asked = []
    for day in ("w1d6", "w1d7", "w2d1"):
        form = warm_up(day)  # on the questions that ship with the course
        mine = [item for item in form.questions if item.startswith("mine-")]
        assert len(form.questions) == 4 and list(form.questions)[-1:] == mine, day
        form._repr_mimebundle_()
        right = [option.correct for option in form.questions[mine[0]].options].index(True)
        form._take({"do": "grade", "id": mine[0], "given": "abc"[right]})
        asked += mine
    assert asked == ["mine-w1d5-1", "mine-w1d5-2", "mine-w1d5-3"]


def test_each_returns_three_times_with_growing_gaps():
    three()
    answers, returns = [], {question.id: [] for question in written()}
    for number in range(5, 28):
        day = day_code(number)
        if question := due(day, answers):
            returns[question.id].append(number)
            answers.append(answered(question.id, day))
    assert all(len(days) == 3 for days in returns.values())
    for days in returns.values():
        assert days[1] - days[0] >= 3 and days[2] - days[1] >= 6


def test_a_missed_one_returns_until_it_was_right_on_two_later_dates():
    three()
    answers = [answered("mine-w1d5-1", "w1d6", False)]
    assert due("w1d7", answers).id == "mine-w1d5-1"
    answers.append(answered("mine-w1d5-1", "w1d7"))
    assert due("w2d1", answers).id == "mine-w1d5-1"
    answers.append(answered("mine-w1d5-1", "w2d1"))
    assert due("w2d2", answers).id != "mine-w1d5-1"


def test_trying_one_s_own_quiz_is_no_return():
    three()
    form = own_quiz("w1d5")
    form._repr_mimebundle_()
    form._take({"do": "grade", "id": "mine-w1d5-1", "given": "a"})
    assert record.answers()[-1].place == "own" and due("w1d6", record.answers()).id == "mine-w1d5-1"


def test_an_own_quiz_without_questions_says_what_to_do():
    assert "No question of yours is ready yet" in own_quiz("w1d5").fallback() and own_quiz("w1d5").questions == {}


def test_check_answers_an_own_question_in_code():
    three()
    assert "mine-w1d5-1" in check("mine-w1d5-1", "a").text and record.answers()[-1].question == "mine-w1d5-1"
    assert "There are mine-w1d5-1, mine-w1d5-2, mine-w1d5-3." in check("mine-w1d5-9", "a").text
    assert "a to c" in check("mine-w1d5-1", "z").text


def test_own_questions_do_not_count_as_the_course_s(course):
    from shared.learning.progress_map import day_states

    three()
    check("mine-w1d5-1", "abc"[[o.correct for o in written()[0].options].index(True)])
    assert day_states()["w1d5"].known == 0


def test_a_row_that_cannot_be_read_is_left_out():
    three()
    record.add_own_questions("w1d5", {"mine-w1d5-2": "{broken", "mine-w1d5-3": "[1]"})
    assert [question.id for question in written()] == ["mine-w1d5-1"] and quizzes.own_quiz("w1d5").questions


# --- the record's second format ---------------------------------------------------------------------------------------


def a_record_of_format_1(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as db:
        for table, columns in record.TABLES.items():
            if table not in record.SINCE:
                db.execute(f"CREATE TABLE {table} ({columns})")
        db.execute("INSERT INTO predictions VALUES ('p', '12', '')")
        db.execute("PRAGMA user_version = 1")
        db.commit()


def test_an_older_record_grows_and_keeps_its_rows(own_folder):
    a_record_of_format_1(own_folder / "record.sqlite")
    assert record.own_questions() == {} and record.prediction("p") == "12"
    three()
    assert len(written()) == 3 and record.prediction("p") == "12" and record.take_notice() == ""
    assert [path.name for path in own_folder.glob("record*")] == ["record.sqlite"]
    with closing(sqlite3.connect(own_folder / "record.sqlite")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (record.FORMAT,)


def test_an_older_record_that_cannot_be_written_is_still_read(own_folder, monkeypatch):
    a_record_of_format_1(own_folder / "record.sqlite")
    plain = record._connect

    def connect(path):
        db = plain(path)
        db.execute("PRAGMA query_only = 1")
        return db

    monkeypatch.setattr(record, "_connect", connect)
    assert record.prediction("p") == "12" and record.own_questions() == {}
    assert not list(own_folder.glob("record.damaged*"))
    three()
    assert len(written()) == 3, "this session still knows them"
    assert "cannot be written" in record.take_notice()


def test_a_damaged_older_record_is_set_aside(own_folder):
    a_record_of_format_1(own_folder / "record.sqlite")
    with closing(sqlite3.connect(own_folder / "record.sqlite")) as db:
        db.execute("DROP TABLE answers")
    assert record.answers() == [] and "set aside" in record.take_notice()


def test_own_questions_are_carried_over_from_both_formats(own_folder, tmp_path, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    a_record_of_format_1(old / "record.sqlite")
    monkeypatch.setenv("COURSE_FOLDER", str(new))
    three()
    monkeypatch.setenv("COURSE_FOLDER", str(own_folder))
    for folder in (old, new, new):
        record.bring_in(folder / "record.sqlite")
    assert len(written()) == 3 and record.prediction("p") == "12" and record.take_notice() == ""


def test_two_notebooks_bring_an_older_record_up_to_date_at_once(own_folder):
    a_record_of_format_1(own_folder / "record.sqlite")
    code = "import sys; from shared.learning import record; sys.stdin.readline(); record.add_own_questions('w1d5', {sys.argv[1]: '{}'}); print(record.take_notice())"
    environment = os.environ | {"COURSE_FOLDER": str(own_folder), "PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen([sys.executable, "-c", code, name], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for name in "ab"]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0].strip() for process in both] == ["", ""]
    assert set(record.own_questions()) == {"a", "b"}


def test_the_gaps_are_those_that_the_docstring_names():
    assert own.GAPS == (1, 3, 6) and "1, 3 and 6" in due.__doc__
