"""The kernel dies while a quiz is open: what was answered is kept, what is answered now says so, and the cell run again goes on."""

import contextlib
import re
import sqlite3

import nbformat

from tests.browser.lab import Notebook

CELL = """
import sys
from pathlib import Path
sys.path.insert(0, str(next(p for p in Path.cwd().parents if (p / "shared").is_dir())))
from shared.learning import quiz
quiz("w1d2")
"""


def test_a_kernel_that_dies_in_a_quiz_loses_no_answer(lab, browser, tmp_path):
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    notebook.cells = [nbformat.v4.new_code_cell(CELL.strip())]
    nbformat.write(notebook, tmp_path / "dies.ipynb")
    with Notebook(lab, browser, lab.place(tmp_path / "dies.ipynb")) as opened:
        page = opened.page
        opened.run_all()
        before = answers(lab)
        first, second = page.locator("form:visible").nth(0), page.locator("form:visible").nth(1)
        answer(first)
        first.locator(".learn-status").get_by_text(re.compile("[✓✗]")).first.wait_for()
        page.evaluate("() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code: 'import os; os._exit(1)'}) }")
        dialog = page.locator(".jp-Dialog")
        dialog.wait_for()  # JupyterLab tells that the kernel died and restarts it
        dialog.locator("button.jp-mod-accept").click()
        answer(second)
        second.get_by_text("No answer from Python yet").wait_for(timeout=15_000)
        page.wait_for_function("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")
        assert answers(lab) == before + 1, "the one that was acknowledged, and no other"
        opened.run_all()
        again = page.locator("form:visible")
        answer(again.nth(1))
        again.nth(1).locator(".learn-status").get_by_text(re.compile("[✓✗]")).first.wait_for()
        assert opened.cell_errors() == [] and answers(lab) == before + 2


def answers(lab) -> int:
    """How many answers to questions the record of this learner holds."""
    path = lab.folder / "record.sqlite"
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT count(*) FROM answers").fetchone()[0]


def answer(form) -> None:
    """Choose the first option, or write something, and send it."""
    if form.locator("input[type=radio]").count():
        form.locator("input[type=radio]").first.check()
    else:
        form.locator("input, textarea").first.fill("3")
    form.locator("button[type=submit]").click()
