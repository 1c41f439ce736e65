"""A word's card in a real JupyterLab: its link goes to the cell of another notebook that introduces the word."""

import json

import nbformat

from shared.building import ROOT
from shared.learning.glossary import PLACES
from tests.browser.lab import Notebook

CELL = """
import sys
from pathlib import Path
sys.path.insert(0, str(next(p for p in Path.cwd().parents if (p / "shared").is_dir())))
from shared.learning import word
word("softmax")
"""


def test_the_link_of_a_word_leads_to_its_cell(lab, browser, tmp_path):
    place = json.loads(PLACES.read_text(encoding="utf-8"))["softmax"]
    lab.place(ROOT / place["notebook"])
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    notebook.cells = [nbformat.v4.new_code_cell(CELL.strip())]
    nbformat.write(notebook, tmp_path / "words.ipynb")
    with Notebook(lab, browser, lab.place(tmp_path / "words.ipynb")) as opened:
        page = opened.page
        # with its tabs, as `course.py open` shows it: a link opens the other notebook beside this one
        page.goto(f"{lab.url}lab/tree/{opened.path}?token={lab.token}&reset")
        page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel")
        opened.run_all()
        assert opened.cell_errors() == []
        assert page.locator(".learn img").evaluate("img => img.complete && img.naturalWidth > 100")
        link = page.get_by_role("link", name=place["heading"])
        link.click()
        page.locator(".jp-MarkdownOutput h2", has_text=place["heading"]).wait_for()
        page.get_by_role("tab", name="words.ipynb").click()
        link.click()  # a notebook that is open already goes to the cell itself; one that is just loading may stay at its top
        bold = page.locator(".jp-MarkdownOutput strong", has_text="softmax").first
        page.wait_for_function("e => { const b = e.getBoundingClientRect(); return b.top > 0 && b.bottom < innerHeight }", arg=bold.element_handle())
        assert opened.watch.problems() == []
