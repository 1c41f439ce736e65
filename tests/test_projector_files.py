"""The two files that week 1 day 2 leaves in the portfolio, read by the embedding projector's own rules and by nothing of the lesson's."""

import csv
import math
import re
from collections import Counter
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
WRITES = re.compile(r"^# %%\n((?:(?!^# %%).)*?w1d2_vectors\.tsv(?:(?!^# %%).)*)", re.MULTILINE | re.DOTALL)


def projector_faults(vectors: Path, metadata: Path) -> list[str]:
    """What the projector would not accept, or would show under a wrong name.

    Its rules: tabs between columns; vectors.tsv is numbers only, one vector a line, all of one width; metadata.tsv has a
    heading exactly if it has more than one column, and then one line for each vector, in the same order.
    """
    rows = list(csv.reader(vectors.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    about = list(csv.reader(metadata.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    faults = []
    if len({len(row) for row in rows}) != 1:
        faults.append("vectors of different width")
    for number, row in enumerate(rows, 1):
        try:
            if not all(math.isfinite(float(value)) for value in row):
                faults.append(f"line {number} of the vectors holds a number that is not finite")
        except ValueError:
            faults.append(f"line {number} of the vectors holds something else than numbers")
    if len({len(row) for row in about}) != 1 or not all(map(all, about)):
        faults.append("a line of the metadata lacks a column")
    heading = len(about[0]) > 1
    if len(about) != len(rows) + heading:
        faults.append(f"{len(about)} lines of metadata for {len(rows)} vectors")
    return faults


@pytest.fixture
def written(tmp_path):
    """The lesson's own writing cell, run on three small vectors; a word in two families and one in none are among them."""
    source = next((ROOT / "week1" / "source").glob("day2_*.py"))
    found = WRITES.findall(source.read_text(encoding="utf-8"))
    cell = next(text for text in found if "open(" in text)
    world = {
        "portfolio": lambda: tmp_path, "unit": torch.tensor([[0.6, -0.8], [1.0, 0.0], [0.0, 1e-7]]),
        "vocabulary": ["cat", "honey", "the"], "homes": {"cat": {"animal"}, "honey": {"food", "song"}},
        "counts": Counter(cat=3, honey=2, the=9),
    }  # fmt: skip
    exec(compile(cell, str(source), "exec"), world)
    return tmp_path / "w1d2_vectors.tsv", tmp_path / "w1d2_metadata.tsv"


def test_the_projector_takes_what_the_lesson_writes(written):
    vectors, metadata = written
    assert projector_faults(vectors, metadata) == []
    assert [float(value) for value in vectors.read_text().splitlines()[0].split("\t")] == [0.6, -0.8]
    lines = [line.split("\t") for line in metadata.read_text().splitlines()]
    assert [line[0] for line in lines[1:]] == ["cat", "honey", "the"]
    assert lines[2][1] == "food and song"


@pytest.mark.parametrize(
    ("which", "old", "new", "fault"),
    [
        (0, "0.60000\t", "a\tb\n0.60000\t", "something else than numbers"),  # a heading slipped in
        (0, "0.60000\t", "", "different width"),
        (0, "0.60000", "nan", "not finite"),
        (1, "word\tfamily\tcount\n", "", "lines of metadata"),
        (1, "cat\tanimal\t3\n", "", "lines of metadata"),
        (1, "food and song", "", "lacks a column"),
    ],
)
def test_files_that_the_projector_would_not_take_are_found(written, which, old, new, fault):
    path = written[which]
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert any(fault in found for found in projector_faults(*written))
