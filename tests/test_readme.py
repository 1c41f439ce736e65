"""The front door: every day is in the table, every notebook is linked, and no link leads nowhere."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.building.front_picture import PATH, draw, moments
from shared.building.places import day_of, notebooks
from shared.building.thumbnails import FOLDER, thumbnail, today_s_picture
from shared.days import DAYS, WEEKS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def week_of(week: int) -> str:
    """The README's part about one week."""
    start = README.index(f"**Week {week}: {WEEKS[week]}**")
    return README[start:].split("**Week", 2)[1]


@pytest.mark.parametrize("week, day", sorted(DAYS))
def test_every_day_has_its_row(week, day):
    row = next(line for line in week_of(week).splitlines() if line.startswith(f"| {day} |"))
    assert DAYS[week, day].title in row
    built = list(ROOT.glob(f"week{week}/day{day}_*.ipynb"))
    if built:
        path = built[0].relative_to(ROOT).as_posix()
        assert f"({path})" in row, "a notebook that exists is linked"
        assert f"](shared/visuals/assets/days/w{week}d{day}.png)" in row
        assert re.search(rf"\(https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/main/{re.escape(path)}\)", row)
    else:
        assert "to come" in row


def test_relative_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(links) >= 3
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_files_named_in_the_text_exist():
    for path in re.findall(r"(?:build|test) (week\d/\S+)", README):
        assert (ROOT / path).exists(), path


def test_pictures_say_what_they_show():
    for alt in re.findall(r"!\[([^\]]*)\]", README):
        assert len(alt) >= 40 or alt == "Open in Colab"


@pytest.mark.parametrize("notebook", notebooks(ROOT), ids=lambda path: path.stem)
def test_thumbnails_are_those_of_the_notebooks(notebook):
    """Made again from the notebook, a thumbnail is the one that is there, up to what another library version may round."""
    path = FOLDER / "w{}d{}.png".format(*day_of(notebook))
    assert path.is_file(), "make them: python -m shared.building.thumbnails"
    with Image.open(path) as there, Image.open(io.BytesIO(thumbnail(today_s_picture(notebook)))) as again:
        assert there.size == again.size and path.stat().st_size < 20_000
        difference = np.abs(np.asarray(there.convert("RGB"), float) - np.asarray(again.convert("RGB"), float))
        assert difference.mean() < 2, "make them again: python -m shared.building.thumbnails"


def test_the_moving_picture_shows_what_the_shipped_model_does():
    shown = moments()
    with Image.open(PATH) as picture:
        assert picture.n_frames == 2 * len(shown) and PATH.stat().st_size < 400_000, "make it again: python -m shared.building.front_picture"
        picture.seek(picture.n_frames - 1)
        last = np.asarray(picture.convert("RGB"), float)
    again = np.asarray(draw(shown[-1], written=True), float)
    assert np.abs(last - again).mean() < 4, "make it again: python -m shared.building.front_picture"
    for before, after in zip(shown, shown[1:]):
        assert after.words == [*before.words, before.chosen]
        assert all(0 <= place < len(before.words) and 0 <= weight <= 1 for place, weight in before.looks) and len(before.looks) == 16
        assert [p for _, p in before.likely] == sorted((p for _, p in before.likely), reverse=True) and sum(p for _, p in before.likely) <= 1.0001


def test_a_notebook_without_its_picture_is_named(tmp_path):
    path = tmp_path / "day1_x.ipynb"
    path.write_text('{"cells": [{"cell_type": "markdown", "source": ["## Today in one picture (2 min)"]}]}')
    with pytest.raises(ValueError, match="day1_x.ipynb shows no picture"):
        today_s_picture(path)
