"""The learner's own record: one SQLite file that survives a crash, two notebooks at once and a restart.

Nothing here raises into a lesson. What cannot be written waits in memory, is seen by this session's reads, and is tried
again with the next write; one sentence (`take_notice`) says so. A damaged file is set aside under a new name, never
overwritten.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from shared.learning import places

FILE_NAME = "record.sqlite"
FORMAT = 2  # stored as the file's user_version; raise it with every change of TABLES
PATIENCE_S = 5.0  # how long to wait for another notebook's write, which takes milliseconds

# Only ever added to: the newest row counts, so two notebooks cannot undo each other. `at` is local time with its
# offset.
TABLES = {
    "answers": "question TEXT, given TEXT, correct INTEGER, place TEXT, day TEXT, at TEXT",
    "predictions": "prediction TEXT, said TEXT, at TEXT",
    "attempts": "exercise TEXT, passed INTEGER, at TEXT",
    "journal": "day TEXT, prompt TEXT, wrote TEXT, at TEXT",
    "visits": "day TEXT, at TEXT",
    "own_questions": "question TEXT, day TEXT, content TEXT, at TEXT",
}
SINCE = {"own_questions": 2}  # the format that brought a table; the others were there from the start

T = TypeVar("T")
_waiting: list[tuple[str, tuple]] = []  # writes that have not reached the file yet
_notices: list[str] = []
_told: set[str] = set()  # sentences already shown, so that a read-only folder is not lamented at every answer


class _Newer(Exception):
    """The file was written by a newer version of the course."""


class _Foreign(Exception):
    """A sound SQLite file that is no record of this course."""


@dataclass(frozen=True)
class Answer:
    """One answer to a question. place: "quiz", "warm-up" or "check"; day: where it was asked, "" if unknown; at: ISO
    time.
    """

    question: str
    given: str
    correct: bool
    place: str
    day: str
    at: str


def add_answer(question: str, given: str, correct: bool, place: str, day: str = "") -> None:
    """Note one answer to a question."""
    _add("answers", question, given, int(correct), place, day)


def answers() -> list[Answer]:
    """All answers, oldest first; none if there is no record."""
    rows = _rows("SELECT question, given, correct, place, day, at FROM answers ORDER BY rowid")
    return [Answer(question, given, bool(correct), place, day, at) for question, given, correct, place, day, at in rows]


def add_prediction(prediction: str, said: str) -> None:
    """Note what the learner commits to; a later commitment to the same prediction replaces it."""
    _add("predictions", prediction, said)


def prediction(prediction: str) -> str | None:
    """The learner's latest commitment, or None."""
    rows = _rows("SELECT said FROM predictions WHERE prediction = ? ORDER BY rowid", (prediction,))
    return rows[-1][0] if rows else None


def add_attempt(exercise: str, passed: bool) -> None:
    """Note one checked attempt at an exercise."""
    _add("attempts", exercise, int(passed))


def passed_exercises() -> set[str]:
    """The exercises that passed at least once."""
    return {exercise for exercise, in _rows("SELECT DISTINCT exercise FROM attempts WHERE passed = 1")}


def add_journal(day: str, entries: dict[str, str]) -> None:
    """Note what the learner wrote, prompt by prompt, in one transaction; a later text to a prompt replaces it."""
    _write([_insert("journal", day, prompt, wrote) for prompt, wrote in entries.items()])


def journal_entries(day: str) -> dict[str, str]:
    """Prompt → latest text, for one day."""
    return dict(_rows("SELECT prompt, wrote FROM journal WHERE day = ? ORDER BY rowid", (day,)))


def add_own_questions(day: str, contents: dict[str, str]) -> None:
    """Note questions that the learner wrote, name → content, in one transaction; a later content replaces an earlier one."""
    _write([_insert("own_questions", question, day, content) for question, content in contents.items()])


def own_questions() -> dict[str, tuple[str, str]]:
    """The learner's own questions, name → (day, latest content), in the order in which they were first written."""
    rows = _rows("SELECT question, day, content FROM own_questions ORDER BY rowid", table="own_questions")
    return {question: (day, content) for question, day, content in rows}


def add_visit(day: str) -> None:
    """Note that a day was opened."""
    _add("visits", day)


def visited_days() -> list[str]:
    """The days that were opened, each once, the latest visit last."""
    days = [day for day, in _rows("SELECT day FROM visits ORDER BY rowid")]
    return list(reversed(dict.fromkeys(reversed(days))))


def take_notice() -> str:
    """What the learner should be told about the record, or ""; each trouble is told once until a write succeeds again.
    """
    said = " ".join(_notices)
    _notices.clear()
    return said


def bring_in(other: Path) -> None:
    """Copy the rows of another record that this one does not have yet. One that cannot be read is left alone, and that is said."""
    if not other.is_file():
        return
    try:
        with closing(_connect(other)) as source:
            found = {
                table: source.execute(f"SELECT {_columns(table)} FROM {table} ORDER BY rowid").fetchall()
                for table in _tables(_version(source))
            }
    except sqlite3.Error as error:
        _note(f"The record {_name(other)} of this session could not be carried over ({error}); it stays where it is.")
        return
    writes = []
    for table, rows in found.items():
        known = set(_rows(f"SELECT {_columns(table)} FROM {table}", table=table))
        marks = ", ".join("?" * len(_columns(table).split(",")))
        writes += [(f"INSERT INTO {table} VALUES ({marks})", row) for row in rows if row not in known]
    _write(writes)


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _tables(version: int) -> list[str]:
    """The tables that a file of this format must have."""
    return [table for table in TABLES if SINCE.get(table, 1) <= version]


def _columns(table: str) -> str:
    return ", ".join(column.split()[0] for column in TABLES[table].split(", "))


def _insert(table: str, *values) -> tuple[str, tuple]:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return f"INSERT INTO {table} VALUES ({', '.join('?' * (len(values) + 1))})", (*_storable(values), now)


def _storable(values: tuple) -> tuple:
    # half of a surrogate pair, which a browser can send, has no UTF-8 form
    return tuple(value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for value in values)


def _add(table: str, *values) -> None:
    _write([_insert(table, *values)])


def _write(writes: list[tuple[str, tuple]]) -> None:
    _waiting.extend(writes)

    def save(db: sqlite3.Connection) -> bool:
        for sql, values in _waiting:
            db.execute(sql, values)
        return True

    if _waiting and _with_file(save, "IMMEDIATE"):
        _waiting.clear()
        _told.clear()


def _rows(sql: str, values: tuple = (), table: str = "") -> list[tuple]:
    """What a query finds. table: one that a write-protected file of an older format may lack; it is empty then."""
    _write([])  # bring what waits into the file first
    found, values = os.path.exists(_file()), _storable(values)

    def read(db: sqlite3.Connection) -> list[tuple]:
        if table and table not in _tables(_version(db)):
            return []
        return db.execute(sql, values).fetchall()

    # a deferred transaction only reads, so that a write-protected record can still be read
    rows = _with_file(read, "DEFERRED") if found else []
    if rows is not None and not _waiting:
        return rows
    # The file cannot be used now. This session's own writes still answer, so that a guess can meet its reveal.
    with closing(sqlite3.connect(":memory:")) as db:
        _create(db)
        for waiting_sql, waiting_values in _waiting:
            db.execute(waiting_sql, waiting_values)
        return (rows or []) + db.execute(sql, values).fetchall()


def _file() -> Path:
    return places.own_folder() / FILE_NAME


def _connect(path: Path) -> sqlite3.Connection:
    # No automatic transactions: each one is begun by name, below. The rollback journal stays, Drive's file system has
    # no WAL.
    return sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)


def _with_file(action: Callable[[sqlite3.Connection], T], kind: str) -> T | None:
    """Run `action` in one transaction of this kind on the record; on trouble note the sentence and return None."""
    path = _file()
    for _ in range(2):  # a second time after a damaged file was set aside
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _transaction(path, action, kind)
        except _Newer as newer:
            _note(
                f"Your record ({_name(path)}) was written by a newer version of the course (format {newer}, this one"
                f" knows {FORMAT}): it is left as it is and nothing is saved. Update the course to go on with it."
            )
            return None
        except (sqlite3.Error, OSError, _Foreign) as error:
            if not (_is_damage(error) and _set_aside(path)):
                _note(_sentence(error, path))
                return None
    return None


def _transaction(path: Path, action: Callable[[sqlite3.Connection], T], kind: str) -> T:
    with closing(_connect(path)) as db:
        version = _version(db)
        if version > FORMAT:
            raise _Newer(version)
        if version == 0:
            db.execute("BEGIN IMMEDIATE")
            # asked again under the lock: another notebook may have made the tables in the meantime
            if _version(db) == 0:
                if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    raise _Foreign("it holds tables of another program")
                _create(db)
            db.execute("COMMIT")
        elif version < FORMAT:
            _bring_up_to_date(db, kind)
        db.execute(f"BEGIN {kind}")
        result = action(db)
        db.execute("COMMIT")  # a failure before this line leaves by an exception; closing then rolls back
        return result


def _create(db: sqlite3.Connection, have: int = 0) -> None:
    """Make the tables that a file of format `have` lacks."""
    for table, columns in TABLES.items():
        if have == 0 or SINCE.get(table, 1) > have:
            db.execute(f"CREATE TABLE {table} ({columns})")
    db.execute(f"PRAGMA user_version = {FORMAT}")


def _bring_up_to_date(db: sqlite3.Connection, kind: str) -> None:
    """Add the tables of newer formats to an older file, its rows untouched. A file that can only be read stays as it is."""
    try:
        db.execute("BEGIN IMMEDIATE")
        have = _version(db)  # under the lock: another notebook may have been faster
        if have < FORMAT:
            _create(db, have)
        db.execute("COMMIT")
    except sqlite3.OperationalError:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if kind == "IMMEDIATE":
            raise


def _primary_code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_damage(error: BaseException) -> bool:
    lost_table = isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such table")
    return (
        isinstance(error, _Foreign)
        or lost_table
        or _primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    )


def _set_aside(path: Path) -> bool:
    """Move a damaged record out of the way, under a new name. False if that failed."""
    try:
        # Two notebooks may find the damage at the same moment. SQLite's own lock, freed even by a kill, lets only one
        # of them rename; the other then finds a sound record and leaves it alone.
        with closing(_connect(path.with_name(".record.mending"))) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            if _is_sound(path):
                return True
            number = 1
            while (aside := path.with_name(f"record.damaged-{number}.sqlite")).exists():
                number += 1
            path.rename(aside)
            journal = Path(f"{path}-journal")  # it belongs to the damaged file, and would spoil the fresh one
            if journal.exists():
                journal.rename(f"{aside}-journal")
    except (sqlite3.Error, OSError):
        return False
    _note(f"Your record could not be read; it was set aside as {_name(aside)}, and a fresh one begins.")
    return True


def _is_sound(path: Path) -> bool:
    if not path.exists():
        return True
    try:
        with closing(_connect(path)) as db:
            tables = {name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            version = _version(db)
            whole = not tables if version == 0 else set(_tables(version)) <= tables
            return db.execute("PRAGMA quick_check").fetchone()[0] == "ok" and whole
    except sqlite3.Error as error:
        if _is_damage(error):
            return False
        raise  # busy, say: that is no reason to move it


def _sentence(error: BaseException, path: Path) -> str:
    code = _primary_code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        why = "another program holds it"
    elif code == sqlite3.SQLITE_FULL:
        why = "the disk is full"
    elif code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN) or isinstance(error, OSError):
        why = "its folder or file cannot be written"
    else:
        why = str(error)
    return (
        f"Not saved: your record ({_name(path)}) cannot be used, because {why}. The notebook goes on, and saving is"
        " tried again."
    )


def _name(path: Path) -> str:
    """Folder and file only: a full path would differ from machine to machine."""
    return f"{path.parent.name}/{path.name}"


def _note(sentence: str) -> None:
    if sentence not in _told:
        _told.add(sentence)
        _notices.append(sentence)
