"""The controls of week 4 day 7 in JupyterLab: the plan form keeps what a person chose, the dial turns to both ends."""

import nbformat
import pytest

from tests.browser.lab import ROOT, Notebook

BEFORE = """
import sys
from pathlib import Path
sys.path.insert(0, str(next(p for p in Path.cwd().parents if (p / "shared").is_dir())))
import re, textwrap
import ipywidgets as widgets
import matplotlib.pyplot as plt
from shared.learning import portfolio
from shared.visuals import color, figure
from shared.visuals.live import live
from shared.visuals.palette import INK, words as ink_of

strengths = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0]
dial = {s: (abs(s - 1) + 1, s + 1, f"a tale at {s:g}") for s in strengths}  # in place of seven measured models
"""


def cells_of_the_day(*starts: str) -> list[str]:
    """The cells of the day that begin like this, as they stand in it."""
    source = next(ROOT.glob("week4/source/day7_*.py")).read_text(encoding="utf-8")
    cells = [cell.split("\n", 1)[1] for cell in source.split("\n# %%")[1:]]
    return [next(cell for cell in cells if cell.startswith(start)) for start in starts]


@pytest.fixture(scope="module")
def notebook(lab, browser, tmp_path_factory):
    """A notebook with the plan form in its fifth cell and the dial in its last, run from top to bottom."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    cells = cells_of_the_day("PLANS = {", "OPEN, plan_file", "def draw_plan", "live([road", "def draw_dial", "live([strength")
    made.cells = [nbformat.v4.new_code_cell(source.strip()) for source in (BEFORE, *cells)]
    path = tmp_path_factory.mktemp("forms") / "forms.ipynb"
    nbformat.write(made, path)
    with Notebook(lab, browser, lab.place(path)) as opened:
        opened.run_all()
        assert opened.cell_errors() == []
        yield opened


def run_again(notebook: Notebook) -> None:
    notebook.run_all()
    assert notebook.cell_errors() == []


def test_a_plan_is_kept_and_comes_back(lab, notebook):
    page, form, kept = notebook.page, notebook.cells().nth(4), lab.folder / "portfolio" / "w4d7_plan.md"
    assert not kept.exists(), "a plan that nobody made"
    form.locator("select").select_option(label="explain it to others")
    form.locator("img[alt*='explain it to others: send one picture of mine']").first.wait_for()
    form.locator("[role=slider]").focus()
    page.keyboard.press("End")
    begins = "<b>Tuesday</b> $8_p$ " + "and later " * 20
    form.locator("input[type=text]").fill(begins)
    page.keyboard.press("Enter")
    for _ in range(100):  # the kernel draws first, then writes
        if (text := kept.read_text(encoding="utf-8")) and "Tuesday" in text:
            break
        page.wait_for_timeout(200)
    assert text.startswith("# Next phase: explain it to others\n\n10 hours a week. I begin: <b>Tuesday</b> $8_p$ and later")
    run_again(notebook)
    assert kept.read_text(encoding="utf-8") == text, "to run the cells again wrote over the plan"
    assert form.locator("select").input_value() == "explain it to others"
    assert form.locator("input[type=text]").input_value() == " ".join(begins.split())
    assert form.locator(".widget-readout").inner_text() == "10"


def test_the_dial_turns_to_both_ends(notebook):
    page, dial = notebook.page, notebook.cells().last
    handle = dial.locator("[role=slider]")
    for key, end in (("End", "2"), ("Home", "0")):
        handle.focus()
        page.keyboard.press(key)
        dial.locator(f"figure:visible img[alt*='here {end}. At 0']").wait_for()
    assert notebook.watch.problems() == []


def test_on_a_phone_a_live_picture_scrolls_inside_of_its_card(notebook):
    page, dial = notebook.page, notebook.cells().last
    page.set_viewport_size({"width": 360, "height": 800})
    card = dial.locator("figure:visible")
    room = dial.locator(".jp-OutputArea-output").first
    page.wait_for_function("([card, room]) => card.getBoundingClientRect().right <= room.getBoundingClientRect().right + 1",
                           arg=[card.element_handle(), room.element_handle()], timeout=10_000)  # fmt: skip
    below, picture = card.locator("figcaption").bounding_box(), card.locator("img").bounding_box()
    assert below["x"] + below["width"] <= 360 < picture["x"] + picture["width"]
    number = dial.locator(".widget-readout").bounding_box()
    assert number["x"] + number["width"] <= 360, "the number of a slider is cut off"
    assert card.locator("img").evaluate("i => getComputedStyle(i.parentElement).overflowX") == "auto"
