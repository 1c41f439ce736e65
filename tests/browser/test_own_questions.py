"""The learner's own questions and drawings in a browser: nothing typed is lost, and what is drawn reaches the portfolio."""

import nbformat

from tests.browser.lab import Notebook
from tests.browser.test_forms import opened

EMPTY = {"prompt": "", "right": "", "why": "", "wrong": []}
CONTENT = {"title": "Your own questions", "count": 3, "wrong": 3, "stand_in": "none"}
STATE = {"drafts": [EMPTY] * 3, "said": ["", "", ""], "saved": "", "time": None}


def written(prompt: str) -> dict:
    return {"prompt": prompt, "right": "the query", "why": "", "wrong": [["the key", "a turned table"]]}


def state(*drafts, said: str = "✓ Ready.") -> dict:
    return STATE | {"drafts": list(drafts), "said": [said, "", ""], "saved": "Saved.", "time": 1}


def test_only_the_question_that_was_changed_is_sent(browser):
    page = opened(browser, "own_questions.js", CONTENT, state(written("Mine?"), EMPTY, EMPTY))
    assert page.get_by_label("Question", exact=True).first.input_value() == "Mine?"
    assert page.get_by_label("Why one falls for it, and why it is wrong").first.input_value() == "a turned table"
    page.get_by_label("Question", exact=True).nth(1).fill("Second?")
    page.get_by_role("button", name="Save").click()
    sent = page.evaluate("window.sent.at(-1).drafts")
    assert sent[0] is None and sent[1]["prompt"] == "Second?" and sent[1]["wrong"] == [["", ""]] * 3 and sent[2] is None


def test_leaving_the_form_saves_and_enter_does_too(browser):
    page = opened(browser, "own_questions.js", CONTENT, STATE)
    page.get_by_label("Right answer").first.fill("the query")
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate("window.sent.at(-1).drafts[0].right") == "the query"
    page.evaluate("s => answer(s)", state(EMPTY | {"right": "the query"}, EMPTY, EMPTY, said="Kept, and not yet ready."))
    assert page.get_by_text("Kept, and not yet ready.").is_visible()
    count = page.evaluate("window.sent.length")
    page.get_by_label("Right answer").first.focus()
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate("window.sent.length") == count, "nothing new, nothing sent"


def test_an_answer_from_python_overwrites_nothing_that_is_being_typed(browser):
    page = opened(browser, "own_questions.js", CONTENT, STATE)
    first, second = page.get_by_label("Question", exact=True).all()[:2]
    first.fill("Mine?  ")
    page.get_by_role("button", name="Save").click()
    first.fill("Mine, and longer?")
    page.evaluate("s => answer(s)", state(EMPTY | {"prompt": "Mine?"}, written("From another window?"), EMPTY))
    assert first.input_value() == "Mine, and longer?" and second.input_value() == "From another window?"
    page.get_by_role("button", name="Save").click()
    sent = page.evaluate("window.sent.at(-1).drafts")
    assert sent[0]["prompt"] == "Mine, and longer?" and sent[1] is None


def test_text_is_never_markup_and_the_form_fits_a_phone(browser):
    page = opened(browser, "own_questions.js", CONTENT, state(written("<img src=x onerror=alert(1)>"), EMPTY, EMPTY, said="<b>x</b>"))
    assert page.locator("img, b").count() == 0 and page.get_by_text("<b>x</b>").is_visible()
    assert page.locator("input, textarea").evaluate_all("all => all.every(e => e.dataset.lmSuppressShortcuts)")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


CELLS = """
import sys
from pathlib import Path
sys.path.insert(0, str(next(p for p in Path.cwd().parents if (p / "shared").is_dir())))
from shared.learning.own_questions import own_questions
from shared.learning.sketches import sketch
#
sketch("w1d5", "flow", alt="An empty sheet, for the flow of attention from memory.", caption="Draw here.")
#
own_questions("w1d5")
"""


def test_in_jupyterlab_both_reach_the_portfolio_and_come_back(lab, browser, tmp_path):
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    notebook.cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS.split("#\n")]
    nbformat.write(notebook, tmp_path / "own.ipynb")
    with Notebook(lab, browser, lab.place(tmp_path / "own.ipynb")) as opened_one:
        page = opened_one.page
        opened_one.run_all()
        assert opened_one.cell_errors() == []
        sheet = next(frame for frame in page.frames if frame.locator("canvas.sheet").count())
        sheet.frame_element().evaluate("frame => frame.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(300)
        box = sheet.locator("canvas").bounding_box()
        page.mouse.move(box["x"] + 50, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + 300, box["y"] + 200, steps=5)
        page.mouse.up()
        sheet.get_by_role("button", name="Save to portfolio").click()
        sheet.wait_for_function("() => document.querySelector('.said').textContent === 'Saved as portfolio/w1d5_flow.png.'")
        form = page.locator("section[aria-label^='Your own questions']")
        for label, text in (("Question", "Who shares out 1? b a d d"), ("Right answer", "the query"), ("Wrong answer 1", "the key")):
            form.get_by_label(label, exact=True).first.press_sequentially(text)
        form.get_by_role("button", name="Save").click()
        form.get_by_text("Saved, also as portfolio/w1d5_my_questions.md.").wait_for()
        assert (lab.folder / "portfolio" / "w1d5_flow.png").is_file() and len(opened_one.cells().all()) == 3
        opened_one.shut_down_kernel()
        opened_one.open()  # a new visit: a new kernel
        opened_one.run_all()
        sheet = next(frame for frame in page.frames if frame.locator("canvas.sheet").count())
        sheet.wait_for_function("() => [...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 880, 580).data].some(v => v < 60)")
        form = page.locator("section[aria-label^='Your own questions']")
        assert form.get_by_label("Question", exact=True).first.input_value() == "Who shares out 1? b a d d"
        assert opened_one.watch.problems() == []
