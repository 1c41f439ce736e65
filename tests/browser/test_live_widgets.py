"""Live widgets with a model behind them, in a real JupyterLab: it lets a thread of their own answer, and every move must be answered."""

import nbformat

from tests.browser.lab import ROOT, Notebook

# of week 4 day 3 only what its last form needs
NEEDED = ("# Set-up", "import csv", "WHICH =", "def look", "LENGTH, tales", "def asked", "def views_of", "def draw_views", "my_text =", "def my_choice", "choose_text =", "live(")


def test_each_move_is_answered_also_the_third(lab, browser):
    whole = nbformat.read(next(ROOT.glob("week4/day3_*.ipynb")), as_version=4)
    cells = [next(cell for cell in whole.cells if cell.cell_type == "code" and cell.source.startswith(start)) for start in NEEDED]
    (lab.root / "week4").mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=whole.metadata), lab.root / "week4" / "only_the_form.ipynb")
    with Notebook(lab, browser, "week4/only_the_form.ipynb") as notebook:
        notebook.run_all()
        assert notebook.cell_errors() == []
        form = notebook.cells().nth(len(NEEDED) - 1)
        picture, slider, text = form.locator("figure img").first, form.locator(".noUi-handle"), form.locator("input[type=text]").first

        def after(act) -> str:
            """What the picture says once the move is answered."""
            before = picture.get_attribute("alt")
            act()
            notebook.page.wait_for_function("([e, old]) => e.isConnected ? e.alt !== old : true", arg=[picture.element_handle(), before])
            return picture.get_attribute("alt")

        def write(words: str) -> None:
            text.fill(words)
            text.press("Enter")

        assert "the word after" in after(lambda: form.locator("select").select_option("GPT"))
        assert "over 2 tokens" in after(lambda: slider.press("Home"))
        assert "over 2 tokens" not in after(lambda: slider.press("End"))
        assert form.get_by_text("This text ends earlier").is_visible()
        after(lambda: write("<b>x</b> said $x$ the cat"))
        after(lambda: write("cat"))
        assert form.get_by_text("At least two words, please.").is_visible()
        assert notebook.watch.problems() == []
