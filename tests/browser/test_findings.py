"""The table of findings and live drop-downs in a browser: nothing typed is lost, keys stay with their control, a picture follows."""

import nbformat

from tests.browser.lab import Notebook
from tests.browser.test_forms import opened

COLUMNS = ["head", "what it does", "evidence", "counter-example"]
CONTENT = {"title": "Findings", "columns": COLUMNS, "count": 2, "stand_in": "none"}


def state(*rows, said: str = "✓ A finding.") -> dict:
    return {"rows": [list(row) for row in rows], "said": [said, ""], "saved": "Saved.", "time": 1}


EMPTY = ("", "", "", "")


def test_only_the_row_that_was_changed_is_sent_and_leaving_saves(browser):
    page = opened(browser, "findings.js", CONTENT, state(("0", "one back", "0.7", "after a stop"), EMPTY))
    assert page.get_by_label("evidence").first.input_value() == "0.7"
    page.get_by_label("head", exact=True).nth(1).fill("layer 1")
    page.get_by_role("button", name="Save").click()
    assert page.evaluate("window.sent.at(-1).rows") == [None, ["layer 1", "", "", ""]]
    page.get_by_label("evidence").nth(1).fill("0.9")
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate("window.sent.at(-1).rows[1]") == ["layer 1", "", "0.9", ""]


def test_an_answer_from_python_overwrites_nothing_that_is_being_typed(browser):
    page = opened(browser, "findings.js", CONTENT, state(EMPTY, EMPTY))
    first, second = page.get_by_label("head", exact=True).all()
    first.fill("mine ")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("evidence").first.fill("0.7")
    page.evaluate("s => answer(s)", state(("mine", "", "", ""), ("from another window", "", "", "")))
    assert page.get_by_label("evidence").first.input_value() == "0.7" and second.input_value() == "from another window"
    page.get_by_role("button", name="Save").click()
    sent = page.evaluate("window.sent.at(-1).rows")
    assert [text.strip() for text in sent[0]] == ["mine", "", "0.7", ""] and sent[1] is None


def test_text_is_never_markup_and_the_form_fits_a_phone(browser):
    page = opened(browser, "findings.js", CONTENT, state(("<img src=x onerror=alert(1)>", "", "", ""), EMPTY, said="<b>x</b>"))
    assert page.locator("img, b").count() == 0 and page.get_by_text("<b>x</b>").is_visible()
    assert page.locator("textarea").evaluate_all("all => all.every(e => e.dataset.lmSuppressShortcuts)")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


CELLS = """
import sys
from pathlib import Path
sys.path.insert(0, str(next(p for p in Path.cwd().parents if (p / "shared").is_dir())))
import ipywidgets as widgets
import matplotlib.pyplot as plt
from shared.learning.findings import findings
from shared.visuals import figure
from shared.visuals.live import live

def draw(name):
    return figure(plt.figure(figsize=(2, 2)), alt=f"A picture that shows the letter {name}.", caption=f"Now {name}.", kind="interactive")

box, screen = widgets.Dropdown(options=["a", "b", "c"], description="letter"), widgets.HTML(draw("a").html)
box.observe(lambda change: setattr(screen, "value", draw(change["new"]).html), names="value")
#
live([box, screen], still=draw("a"))
#
findings("w2d3")
"""


def test_in_jupyterlab_both_live(lab, browser, tmp_path):
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    notebook.cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS.split("#\n")]
    nbformat.write(notebook, tmp_path / "live.ipynb")
    with Notebook(lab, browser, lab.place(tmp_path / "live.ipynb")) as opened_one:
        page = opened_one.page
        opened_one.run_all()
        assert opened_one.cell_errors() == []
        choice = page.locator(".jp-OutputArea select").first
        page.wait_for_function("() => document.querySelector('.jp-OutputArea select')?.dataset.lmSuppressShortcuts === 'true'")
        assert page.get_by_text("Now a.").locator("visible=true").count() == 1, "the still hides while the widgets live"
        choice.select_option(label="b")
        page.get_by_text("Now b.").wait_for()
        choice.focus()
        choice.press("b")  # a key that adds a cell where nobody keeps it from doing so
        page.wait_for_timeout(300)
        assert len(opened_one.cells().all()) == 3
        form = page.locator("section[aria-label^='Findings']")
        form.get_by_label("head", exact=True).first.press_sequentially("b a d d")
        form.get_by_role("button", name="Save").click()
        form.get_by_text("Saved, also as portfolio/w2d3_findings.md.").wait_for()
        assert len(opened_one.cells().all()) == 3
        assert opened_one.watch.problems() == []
