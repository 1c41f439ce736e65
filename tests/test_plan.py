"""The plan to take along: read back by other eyes than those that wrote it."""

import csv
import io
import re
from datetime import date, datetime, timedelta

import pytest

from shared.building import ROOT, CourseError
from shared.building.plan import as_calendar, as_csv, as_markdown, planned_days, write_plan
from shared.building.places import sources
from shared.days import find_day

START = date(2027, 2, 26)  # runs over the end of a month


@pytest.fixture(scope="module")
def days():
    return planned_days(ROOT)


def unfolded(text: str) -> list[str]:
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode("utf-8")) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_every_day_is_planned_as_its_notebook_says(days):
    assert [(d.week, d.day) for d in days] == [(int(s.parent.parent.name[-1]), int(s.stem[3])) for s in sources(ROOT)]
    for day in days:
        assert day.title == find_day(day.week, day.day).title and 60 <= day.minutes <= 90
        assert len(day.promise.split()) > 5 and "*" not in day.promise and "#" not in day.promise
        assert 1 <= len(day.links) <= 6 and all(address.startswith("http") for _, address in day.links)


def test_the_calendar_is_one_that_others_read(days):
    lines = unfolded(as_calendar(days, START))
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(days)
    begins = [datetime.strptime(line[8:], "%Y%m%dT%H%M%S") for line in lines if line.startswith("DTSTART:")]
    ends = [datetime.strptime(line[6:], "%Y%m%dT%H%M%S") for line in lines if line.startswith("DTEND:")]
    assert [b.date() for b in begins] == [START + timedelta(days=i) for i in range(len(days))]
    assert [(e - b).seconds // 60 for b, e in zip(begins, ends)] == [day.minutes for day in days]
    assert len({line for line in lines if line.startswith("UID:")}) == len(days)
    said = [line[12:] for line in lines if line.startswith("DESCRIPTION:")]
    for day, text in zip(days, said):
        assert not re.search(r"(?<!\\)[;,]", text)  # those would part values
        plain = text.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
        assert plain.startswith(f"{day.promise}\n{day.colab}") and all(address in plain for _, address in day.links)


def test_the_table_and_the_list_hold_everything(days):
    rows = list(csv.DictReader(io.StringIO(as_csv(days))))
    assert [int(row["Minutes"]) for row in rows] == [day.minutes for day in days]
    assert rows[2]["Name"] == "W1D3 Introduction to attention" and rows[2]["Promise"] == days[2].promise
    text = as_markdown(days)
    assert text.count("- [ ] **Day ") == len(days)
    assert all(day.notebook in text and day.colab in text and all(address in text for _, address in day.links) for day in days)


def test_the_pdf_has_a_page_a_week_and_every_link(days, tmp_path):
    made = write_plan(ROOT, tmp_path / "new", START)
    assert [path.name for path in made] == ["plan.md", "plan.csv", "plan.ics", "plan.pdf"]
    pdf = made[-1].read_bytes()
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == len({day.week for day in days})
    linked = {address.decode().replace("\\(", "(").replace("\\)", ")") for address in re.findall(rb"/URI \(((?:\\.|[^\\)])*)\)", pdf)}
    for day in days:
        assert {day.notebook, day.colab, *(address for _, address in day.links)} <= linked
    assert write_plan(ROOT, tmp_path / "again", START)[-1].read_bytes() == pdf


def test_nothing_on_a_page_hangs_over_its_edge(days):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from shared.building.plan import PAPER, _draw_week

    for week in {day.week for day in days}:
        page = Figure(figsize=PAPER)
        page.set_layout_engine("none")
        _draw_week(page, week, "title", [day for day in days if day.week == week])
        renderer = FigureCanvasAgg(page).get_renderer()
        for text in page.texts:
            box = text.get_window_extent(renderer)
            assert 0 <= box.x0 and box.x1 <= page.bbox.x1 and 0 <= box.y0 and box.y1 <= page.bbox.y1, text.get_text()


def test_what_cannot_be_planned_gets_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="no day to plan"):
        write_plan(tmp_path, tmp_path, START)
    with pytest.raises(CourseError, match="too late for"):
        write_plan(ROOT, tmp_path, date(9999, 12, 20))
    (tmp_path / "file").write_text("x")
    with pytest.raises(CourseError, match="could not be written"):
        write_plan(ROOT, tmp_path / "file" / "below", START)
    broken = tmp_path / "week1" / "source"
    broken.mkdir(parents=True)
    (broken / "day1_x.py").write_text("# %% [markdown]\n# # Week 1\n")
    with pytest.raises(CourseError, match="has no promise in bold"):
        planned_days(tmp_path)


def test_the_command_wants_a_day(capsys):
    from shared.building.commands import main

    assert main("", ["plan", "--start", "soon"]) == 1
    assert "must be a day such as 2027-03-01" in capsys.readouterr().err
