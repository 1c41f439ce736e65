"""Every test gets an empty folder as the learner's own, and a record room that remembers nothing of the test before."""

import json
from pathlib import Path

import pytest

from shared.learning import predictions, questions, record


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "my_course"
    monkeypatch.setenv("COURSE_FOLDER", str(folder))
    for kept in (record._waiting, record._notices, record._told, predictions._open):
        kept.clear()
    yield folder
    for kept in (record._waiting, record._notices, record._told, predictions._open):
        kept.clear()


@pytest.fixture
def write_questions(tmp_path, monkeypatch):
    """A function that replaces the course's questions by the given items, sorted into weeks."""

    def write(items: list[dict]) -> Path:
        folder = tmp_path / "questions"
        folder.mkdir(exist_ok=True)
        for week in {item["id"][1] for item in items}:
            of_week = [item for item in items if item["id"][1] == week]
            (folder / f"week{week}.json").write_text(json.dumps({"questions": of_week}), encoding="utf-8")
        monkeypatch.setattr(questions, "FOLDER", folder)
        questions._load_once.cache_clear()
        return folder

    yield write
    questions._load_once.cache_clear()
