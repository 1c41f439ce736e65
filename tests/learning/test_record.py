"""The record: two notebooks at once, a kill in mid write, damage, and every way in which a file refuses to be written.
"""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.learning import record

ROOT = Path(__file__).resolve().parents[2]


def run_python(code: str, folder: Path, **how) -> subprocess.Popen:
    """Another notebook: a second process with the same learner's folder."""
    environment = os.environ | {"COURSE_FOLDER": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how
    )


def use_connections(monkeypatch, prepare) -> None:
    """Let every connection that the record opens go through `prepare`."""
    plain = record._connect

    def connect(path):
        db = plain(path)
        prepare(db)
        return db

    monkeypatch.setattr(record, "_connect", connect)


def test_nothing_is_made_by_only_reading(own_folder):
    assert record.answers() == [] and record.prediction("p") is None and record.journal_entries("w1d4") == {}
    assert record.visited_days() == [] and record.passed_exercises() == set()
    assert not own_folder.exists()


def test_everything_comes_back(own_folder):
    record.add_answer("w1d4-01", "b", True, "quiz", "w1d4")
    record.add_answer("w1d4-01", "a", False, "check")
    record.add_prediction("p", "12")
    record.add_prediction("p", "36")
    record.add_attempt("w1d4-e1", False)
    record.add_attempt("w1d4-e2", True)
    record.add_journal("w1d4", {"What?": "old", "Why?": "🐈 \x00 '\""})
    record.add_journal("w1d4", {"What?": "new"})
    for day in ("w1d4", "w1d5", "w1d4"):
        record.add_visit(day)
    first, second = record.answers()
    assert (first.question, first.given, first.correct, first.place, first.day) == (
        "w1d4-01",
        "b",
        True,
        "quiz",
        "w1d4",
    )
    assert (second.correct, second.day) == (False, "")
    assert record.prediction("p") == "36"
    assert record.passed_exercises() == {"w1d4-e2"}
    assert record.journal_entries("w1d4") == {"What?": "new", "Why?": "🐈 \x00 '\""}
    assert record.visited_days() == ["w1d5", "w1d4"]
    assert record.take_notice() == ""
    with sqlite3.connect(own_folder / "record.sqlite") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (record.FORMAT,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)  # Drive's file system has no WAL


def test_half_a_surrogate_pair_is_no_trouble():
    record.add_prediction("p", "a\ud800b")
    assert record.prediction("p") == "a?b"


def test_two_notebooks_write_at_once(own_folder):
    code = """
import sys
from shared.learning import record
for i in range(60):
    record.add_answer(f"{sys.stdin.readline() if i == 0 else ''}".strip() or "q", str(i), True, "quiz")
print(record.take_notice())
"""
    both = [run_python(code, own_folder, stdin=subprocess.PIPE) for _ in range(2)]
    for process in both:  # both wait for a line, so that they start together on a folder that does not exist yet
        process.stdin.write("q\n")
        process.stdin.flush()
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0 and out.strip() == "", out + err
    assert len(record.answers()) == 120
    assert [path.name for path in own_folder.iterdir()] == ["record.sqlite"]


def test_a_kill_in_mid_write_loses_nothing_that_was_acknowledged(own_folder):
    code = """
from shared.learning import record
i = 0
while True:
    record.add_journal("w1d4", {f"prompt {i} {j}": "x" * 5000 for j in range(20)})
    print(i, flush=True)
    i += 1
"""
    process = run_python(code, own_folder)
    acknowledged = [process.stdout.readline() for _ in range(5)]
    time.sleep(0.013)  # somewhere inside a write
    process.kill()
    rest = process.stdout.read()
    process.wait()
    process.stderr.close()
    last = int((acknowledged + rest.split("\n")[:-1])[-1])
    entries = record.journal_entries("w1d4")
    assert {f"prompt {i} {j}" for i in range(last + 1) for j in range(20)} <= set(entries)
    assert len(entries) % 20 == 0  # the write that was cut off is there whole or not at all
    record.add_prediction("p", "1")
    assert record.prediction("p") == "1" and record.take_notice() == ""


def test_a_kill_with_the_journal_on_disk_is_rolled_back(own_folder):
    record.add_prediction("p", "before")
    code = """
import os, sqlite3, time
db = sqlite3.connect(os.path.join(os.environ["COURSE_FOLDER"], "record.sqlite"), isolation_level=None)
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE predictions SET said = 'half'")
for i in range(500):
    db.execute("INSERT INTO journal VALUES ('d', ?, ?, '')", (str(i), "x" * 2000))
print("now", flush=True)
time.sleep(60)
"""
    process = run_python(code, own_folder)
    assert process.stdout.readline().strip() == "now"
    process.kill()
    process.communicate()
    assert (own_folder / "record.sqlite-journal").exists()  # pages were already written over
    assert record.prediction("p") == "before" and record.journal_entries("d") == {}
    assert record.take_notice() == ""


@pytest.mark.parametrize("damage", ["no database", "broken pages", "lost table", "all tables lost", "another program's"])
def test_a_damaged_file_is_set_aside_and_never_overwritten(own_folder, damage):
    own_folder.mkdir()
    file = own_folder / "record.sqlite"
    if damage == "no database":
        file.write_bytes(b"this is no database at all" * 100)
    elif damage == "another program's":
        with sqlite3.connect(file) as db:
            db.execute("CREATE TABLE songs (name)")
        db.close()
    else:
        record.add_prediction("p", "old")
        record.add_journal("w1d4", {str(i): "x" * 3000 for i in range(20)})
        if "lost" in damage:
            with sqlite3.connect(file) as db:
                for table in record.TABLES if damage == "all tables lost" else ["predictions"]:
                    db.execute(f"DROP TABLE {table}")
            db.close()
        else:
            content = file.read_bytes()
            file.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    before = file.read_bytes()
    record.add_prediction("p", "new")
    assert record.prediction("p") == "new"
    notice = record.take_notice()
    assert (
        notice.count(".sqlite") == 1 and "my_course/record.damaged-1.sqlite" in notice and "fresh one begins" in notice
    )
    assert (own_folder / "record.damaged-1.sqlite").read_bytes() == before
    file.write_bytes(b"again" * 1000)
    assert record.prediction("p") is None
    assert "record.damaged-2.sqlite" in record.take_notice()
    assert (own_folder / "record.damaged-1.sqlite").read_bytes() == before


def test_two_notebooks_that_find_the_same_damage_set_aside_one_file(own_folder):
    own_folder.mkdir()
    (own_folder / "record.sqlite").write_bytes(b"rubbish" * 1000)
    code = (
        "from shared.learning import record; import sys; sys.stdin.readline(); record.add_answer('q', 'a', True,"
        " 'quiz')"
    )
    both = [run_python(code, own_folder, stdin=subprocess.PIPE) for _ in range(3)]
    time.sleep(0.5)
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert len(list(own_folder.glob("record.damaged-*.sqlite"))) == 1
    assert len(record.answers()) == 3


def test_a_sound_record_that_is_busy_is_not_set_aside(own_folder, monkeypatch):
    monkeypatch.setattr(record, "PATIENCE_S", 0.05)
    record.add_prediction("p", "old")
    holder = sqlite3.connect(own_folder / "record.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")  # another notebook has just mended it, and is writing
    assert record._set_aside(own_folder / "record.sqlite") is False
    holder.close()
    assert record.prediction("p") == "old" and not list(own_folder.glob("record.damaged-*"))


def test_a_record_of_a_newer_version_is_left_alone(own_folder):
    record.add_prediction("p", "old")
    with sqlite3.connect(own_folder / "record.sqlite") as db:
        db.execute("PRAGMA user_version = 7")
    db.close()
    before = (own_folder / "record.sqlite").read_bytes()
    record.add_prediction("p", "new")
    notice = record.take_notice()
    assert "newer version" in notice and "format 7" in notice
    assert (own_folder / "record.sqlite").read_bytes() == before
    assert record.prediction("p") == "new"  # within the session the guess still meets its reveal


def test_a_locked_record_keeps_the_answer_for_later(own_folder, monkeypatch):
    monkeypatch.setattr(record, "PATIENCE_S", 0.05)
    record.add_answer("q1", "a", True, "quiz")
    holder = sqlite3.connect(own_folder / "record.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    record.add_answer("q2", "b", True, "quiz")
    notice = record.take_notice()
    assert notice.startswith("Not saved") and "another program holds it" in notice and str(own_folder) not in notice
    record.add_answer("q3", "c", True, "quiz")
    assert record.take_notice() == ""  # told once
    assert [answer.question for answer in record.answers()] == ["q2", "q3"]  # what this session knows
    holder.execute("ROLLBACK")
    holder.close()
    record.add_answer("q4", "d", True, "quiz")
    assert [answer.question for answer in record.answers()] == ["q1", "q2", "q3", "q4"]
    assert record.take_notice() == ""


def test_a_read_only_record_is_still_read(own_folder, monkeypatch):
    record.add_prediction("p", "12")
    use_connections(monkeypatch, lambda db: db.execute("PRAGMA query_only = 1"))
    assert record.prediction("p") == "12" and record.take_notice() == ""
    record.add_prediction("p", "36")
    assert "cannot be written" in record.take_notice()
    assert record.prediction("p") == "36"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_folder(own_folder):
    own_folder.mkdir()
    own_folder.chmod(0o500)
    record.add_prediction("p", "1")
    assert "cannot be written" in record.take_notice()
    own_folder.chmod(0o700)


def test_a_folder_that_cannot_be_made(own_folder):
    own_folder.write_text("a file stands where the folder should be")
    record.add_prediction("p", "12")
    assert "cannot be written" in record.take_notice()
    assert record.prediction("p") == "12"
    own_folder.unlink()
    record.add_prediction("p", "13")
    assert record.prediction("p") == "13" and record.take_notice() == ""


def test_a_full_disk(own_folder, monkeypatch):
    record.add_prediction("p", "1")
    use_connections(monkeypatch, lambda db: db.execute("PRAGMA max_page_count = 1"))
    record.add_journal("w1d4", {"What?": "x" * 100_000})
    assert "the disk is full" in record.take_notice()
    assert record.journal_entries("w1d4") == {"What?": "x" * 100_000}
    monkeypatch.undo()
    os.environ["COURSE_FOLDER"] = str(own_folder)
    record.add_prediction("p", "2")
    with sqlite3.connect(own_folder / "record.sqlite") as db:
        assert db.execute("SELECT count(*) FROM journal").fetchone() == (1,)


def test_bring_in_adds_what_is_missing_once(own_folder, tmp_path, monkeypatch):
    other = tmp_path / "other"
    monkeypatch.setenv("COURSE_FOLDER", str(other))
    record.add_answer("q1", "a", True, "quiz")
    record.add_journal("w1d4", {"What?": "there"})
    monkeypatch.setenv("COURSE_FOLDER", str(own_folder))
    record.add_answer("q2", "a", True, "quiz")
    for _ in range(2):
        record.bring_in(other / "record.sqlite")
    assert [answer.question for answer in record.answers()] == ["q2", "q1"]
    assert record.journal_entries("w1d4") == {"What?": "there"}
    (other / "record.sqlite").write_bytes(b"rubbish" * 999)
    record.bring_in(other / "record.sqlite")
    record.bring_in(other / "none.sqlite")
    assert len(record.answers()) == 2


def test_a_record_that_cannot_be_carried_over_stays_and_says_so(tmp_path, own_folder):
    other = tmp_path / "old" / record.FILE_NAME
    other.parent.mkdir()
    other.write_bytes(b"this is no record" * 100)
    record.bring_in(other)
    assert "old/" in record.take_notice() and other.read_bytes().startswith(b"this is no record")
