"""Look at a notebook as a learner sees it: every cell and every figure as a picture, and what the browser complained about.

    python -m tests.browser.look week1/day4_….ipynb --out FOLDER [--run | --reopen] [--theme dark] [--width 360]

Without --run the notebook is only opened, untrusted, as in a fresh clone. --run runs all cells; --reopen runs all, saves,
ends the kernel and opens the saved notebook again. For maintainers; the notebook itself is copied, never changed.
"""

import argparse
import re
import sys
from pathlib import Path

from tests.browser.lab import Notebook, chromium, serve

# what counts as a visual: a figure card, a form or card of the learning room, and whatever would be a picture without a card
VISUAL = "figure[data-kind], .learn, .jupyter-widgets, .jp-RenderedImage, .jp-RenderedSVG"


def main() -> int:
    """Take the pictures, print the report; status 1 where the browser or a cell complained."""
    options = _read_arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with serve() as lab, chromium() as browser:
        lab.choose_theme(options.theme)
        path = lab.place(options.notebook)
        with Notebook(lab, browser, path, width=options.width) as notebook:
            if options.run or options.reopen:
                notebook.run_all()
                failures = notebook.cell_errors()
            else:
                failures = []
            if options.reopen:
                notebook.save()
                notebook.shut_down_kernel()
                notebook.open()
            take_pictures(notebook, options.out)
            problems = failures + notebook.watch.problems()
    print("\n".join(problems) if problems else "no errors, nothing left the machine")
    return bool(problems)


def take_pictures(notebook: Notebook, out: Path) -> None:
    """Save cell_000.png … in order, and cell_000_visual_0_KIND.png for every visual in it; print one line for each cell."""
    for old in [*out.glob("cell_*.png")]:
        old.unlink()  # pictures of an earlier, longer version would be read as this one's
    cells = notebook.cells()
    heights = cells.evaluate_all("all => all.map(cell => cell.getBoundingClientRect().height)")
    # an element higher than the window would be cut off by the notebook's own scroll bar
    width = notebook.page.viewport_size["width"]
    notebook.page.set_viewport_size({"width": width, "height": int(max(heights)) + 300})
    notebook.settle()
    for number in range(len(heights)):
        cell = cells.nth(number)
        cell.scroll_into_view_if_needed()
        cell.screenshot(path=out / f"cell_{number:03}.png")
        visuals = cell.locator(VISUAL)
        shown = []
        for index in range(visuals.count()):
            visual = visuals.nth(index)
            inside_another = visual.evaluate("(e, visual) => !!e.parentElement.closest(visual)", VISUAL)
            if inside_another or not visual.is_visible():
                continue
            kind = visual.get_attribute("data-kind") or "card"
            visual.screenshot(path=out / f"cell_{number:03}_visual_{index}_{kind}.png")
            shown.append(kind)
        text = re.sub(r"\s+", " ", cell.inner_text()).strip()
        print(f"cell_{number:03}  {' '.join(shown):24} {text[:90]}")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.look", description=__doc__.split("\n", 1)[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=900, help="width of the window in pixels (a phone has 360)")
    state = parser.add_mutually_exclusive_group()
    state.add_argument("--run", action="store_true", help="run all cells first")
    state.add_argument("--reopen", action="store_true", help="run all cells, save, and open the saved notebook without a kernel")
    options = parser.parse_args()
    if not options.notebook.is_file():
        parser.error(f"there is no notebook {options.notebook}")
    return options


if __name__ == "__main__":
    sys.exit(main())
