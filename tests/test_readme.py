"""The front door: every day is in the table, every notebook is linked, and no link leads nowhere."""

import re
from pathlib import Path

import pytest

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
