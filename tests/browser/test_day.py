"""A day as a learner meets it, in a real JupyterLab: run, answered from the keyboard, saved, opened again, in the dark, exported.

Each day is run once; the tests that follow look at what that run left on the page. A day costs about a minute, so one of them
stands for all in every run of the tests; COURSE_DAYS=all takes all of them, COURSE_DAYS=week2/day3,week2/day4 those two.
"""

import os
import re
from pathlib import Path

import pytest

from tests.browser.lab import ROOT, Notebook, Watch

DAYS = os.environ.get("COURSE_DAYS", "week1/day4").split(",")
if DAYS == ["all"]:
    DAYS = [f"{path.parent.name}/{path.name.split('_')[0]}" for path in sorted(ROOT.glob("week?/day?_*.ipynb"))]
READABLE = 4.5  # WCAG 2.2: contrast of text
TABS = 60  # more than from the start of a cell to any control in its output

# the text that is hard to read on a page: {contrast, text, colors} for every visible piece below READABLE
UNREADABLE = """
([selector, least]) => {
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
  const luminance = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.a === 1) return color.rgb;
    }
    return [255, 255, 255];  // a frame without a background shows the light card that it stands on
  };
  const found = [];
  for (const root of selector ? document.querySelectorAll(selector) : [document.body]) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement;
      if (!text || !e.checkVisibility({ checkVisibilityCSS: true }) || /^(STYLE|SCRIPT|NOSCRIPT)$/.test(e.tagName)) continue;
      const style = getComputedStyle(e);
      const ink = parse(e instanceof SVGElement ? style.fill : style.color), ground = behind(e);
      if (e instanceof SVGElement || ink.a < 1) continue;  // drawings are held to the palette, which has tests of its own
      const [dark, light] = [luminance(ink.rgb), luminance(ground)].sort((x, y) => x - y);
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < least) found.push(`${contrast.toFixed(2)} "${text.slice(0, 40)}" ${style.color} on ${ground}`);
    }
  }
  return found;
}
"""


def notebook_path(day: str) -> Path:
    found = sorted(ROOT.glob(f"{day}_*.ipynb"))
    assert len(found) == 1, f"{day}: {len(found)} notebooks"
    return found[0]


@pytest.fixture(scope="module", params=DAYS)
def ran(request, lab, browser):
    """The day after "Run all cells", with the page that shows it."""
    lab.choose_theme("light")
    with Notebook(lab, browser, lab.place(notebook_path(request.param))) as notebook:
        notebook.run_all()
        yield notebook


def tab_to(notebook: Notebook, cell, script: str) -> None:
    """Press Tab, from a cell on, until `script` says that the focused element is the one. Nothing but keys is used."""
    cell.locator(".jp-InputPrompt").click()  # selects the cell, as Escape in its editor does
    notebook.page.keyboard.press("Escape")
    for _ in range(TABS):
        notebook.page.keyboard.press("Tab")
        if notebook.page.evaluate(f"() => {{ const e = document.activeElement; return !!({script}) }}"):
            return
    focused = notebook.page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
    pytest.fail(f"{TABS} times Tab did not reach {script}; the focus is on {focused}")


def cell_with(notebook: Notebook, tag: str):
    """The first cell with a tag."""
    index = notebook.page.evaluate(
        """(tag) => window.jupyterapp.shell.currentWidget.content.widgets
             .findIndex((cell) => (cell.model.getMetadata("tags") ?? []).includes(tag))""",
        tag,
    )
    assert index >= 0, f"no cell is tagged {tag}"
    return notebook.cells().nth(index)


def sources(notebook: Notebook) -> list[str]:
    return notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model.type + cell.model.sharedModel.getSource())"
    )


# --- run --------------------------------------------------------------------------------------------------------------


def test_runs_from_top_to_bottom_and_asks_nobody_else(ran):
    assert ran.cell_errors() == []
    assert ran.watch.problems() == []


def living_picture(figure):
    """What widgets show now, beside the figure that stands in for them where they cannot live; nothing for any other figure."""
    output = figure.locator('xpath=ancestor::div[starts-with(@class, "live-")]/ancestor::div[contains(@class, "jp-OutputArea ")][1]')
    return output.locator(".jupyter-widgets figure img")


def test_every_figure_is_shown_and_every_frame_has_drawn(ran):
    kinds = ran.page.locator("figure[data-kind]").evaluate_all("all => all.map(f => f.dataset.kind)")
    assert {"still", "animation", "interactive"} <= set(kinds)
    for figure in ran.page.locator("figure[data-kind]").all():
        picture, frame = figure.locator("img").first, figure.locator("> iframe")
        if frame.count():
            inner = frame.element_handle().content_frame()
            assert inner.locator("#view > *").count() > 0, "an empty frame"
            assert not picture.is_visible(), "the still stands beside its live view"
            # what is drawn fits into the frame, so nothing is cut off and no second scroll bar appears
            assert inner.evaluate("() => document.documentElement.scrollHeight <= window.innerHeight + 1"), figure.inner_text()
        elif (alive := living_picture(figure)).count():  # the picture of widgets that answer, shown in place of the one that stands in
            assert not picture.is_visible() and alive.first.is_visible() and alive.first.evaluate("i => i.naturalWidth > 0")
        else:
            assert picture.is_visible() and picture.evaluate("i => i.naturalWidth > 0")


def test_nothing_is_wider_than_the_page(ran):
    wide = ran.page.locator(".jp-OutputArea-output").evaluate_all(
        "all => all.filter(o => o.scrollWidth > o.clientWidth + 1 && !o.querySelector('pre')).map(o => o.innerText.slice(0, 80))"
    )
    assert wide == []


def test_a_live_form_stands_alone(ran):
    quiz = cell_with(ran, "quiz")
    assert quiz.locator("form:visible").count() >= 6
    assert quiz.locator("details:visible").count() == 0, "the page for places without a kernel stands beside the live quiz"


# --- keyboard ---------------------------------------------------------------------------------------------------------


def test_a_quiz_question_is_answered_from_the_keyboard(ran):
    page, quiz = ran.page, cell_with(ran, "quiz")
    tab_to(ran, quiz, "e.type === 'radio' && e.closest('.learn')")
    form = page.locator("form:focus-within")
    assert form.locator(".learn-status").inner_text().strip() == ""
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")  # the second option
    chosen = form.locator("input:checked")
    assert chosen.count() == 1 and chosen.evaluate("e => e === document.activeElement")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.type") == "submit"
    page.keyboard.press("Enter")
    status = page.locator("form:focus-within .learn-status")
    status.get_by_text(re.compile("[✓✗]")).first.wait_for()
    words = status.inner_text()
    assert status.get_attribute("role") == "status", "a screen reader must hear the feedback"
    assert len(words) > 60, f"feedback must explain: {words!r}"
    # a second try: back to the options, to the next one, and Enter from there, as forms do
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("() => document.activeElement.checked"), "Shift+Tab must lead back to the chosen option"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("([e, before]) => /[✓✗]/.test(e.innerText) && e.innerText !== before", arg=[status.element_handle(), words])


def test_keys_in_our_controls_are_not_commands_of_jupyterlab(ran):
    page, before = ran.page, sources(ran)
    keys = ["b", "a", "d", "d", "m", "y", "x", "v", "0", "0", "Shift+M"]

    tab_to(ran, cell_with(ran, "quiz"), "e.type === 'radio' && e.closest('.learn')")
    for key in keys:
        page.keyboard.press(key)
    assert sources(ran) == before, "a key pressed on a radio button changed the cells"

    page.keyboard.press("Tab")
    while page.evaluate("() => document.activeElement.type") != "submit":
        page.keyboard.press("Tab")
    for key in keys:
        page.keyboard.press(key)
    assert sources(ran) == before, "a key pressed on a button changed the cells"

    for box in page.locator(".learn textarea, .learn input[type=text], .learn input[type=number], .learn input:not([type])").all():
        box.focus()
        numbers = box.get_attribute("type") == "number" or box.get_attribute("inputmode") in ("decimal", "numeric")
        page.keyboard.type("36" if numbers else "bad day, dd")
        assert box.input_value() == ("36" if numbers else "bad day, dd"), "typed text did not arrive"
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        assert box.input_value() == ""
        assert sources(ran) == before, "typing in a box changed the cells"

    for frame in ran.page.locator("figure > iframe").all():
        frame.element_handle().content_frame().locator("button, input, [tabindex='0']").first.focus()
        for key in keys:
            page.keyboard.press(key)
        assert sources(ran) == before, "a key pressed in a picture changed the cells"

    # and the same keys on a selected cell do what JupyterLab says, so the lines above could have failed
    cell_with(ran, "quiz").locator(".jp-InputPrompt").click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.wait_for_function("(count) => window.jupyterapp.shell.currentWidget.content.widgets.length === count", arg=len(before) + 1)
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.wait_for_function("(count) => window.jupyterapp.shell.currentWidget.content.widgets.length === count", arg=len(before))
    assert sources(ran) == before


def test_an_animation_is_stepped_with_the_arrow_keys(ran):
    page = ran.page
    figure = page.locator("figure[data-kind=animation]:has(> iframe)").first
    if figure.count() == 0:
        assert_a_film_is_opened_by_a_key(ran)
        return
    inner = figure.locator("> iframe").element_handle().content_frame()
    cell = page.locator(".jp-Cell", has=figure).first
    tab_to(ran, cell, "e.tagName === 'IFRAME' && e.closest('figure[data-kind=animation]')")

    def now() -> tuple[int, int]:
        return tuple(map(int, re.search(r"frame (\d+) of (\d+)", inner.locator("#view").inner_text()).groups()))

    start, last = now()
    if start == last:  # one that opens at its end has no next frame
        page.keyboard.press("ArrowLeft")
        start, last = now()
    sentence = inner.locator("[aria-live]").first.inner_text()
    page.keyboard.press("ArrowRight")
    assert now() == (start + 1, last)
    assert inner.locator("[aria-live]").first.inner_text() != sentence, "the frame says nothing new"
    page.keyboard.press("ArrowLeft")
    assert now() == (start, last)
    page.keyboard.press("End")
    assert now() == (last, last)
    page.keyboard.press("ArrowRight")
    assert now() == (last, last)
    page.keyboard.press("Home")
    assert now() == (1, last)
    assert 8 <= last <= 40


def assert_a_film_is_opened_by_a_key(notebook: Notebook) -> None:
    """A film runs by itself, so it waits behind a line that a key opens and closes."""
    page, film = notebook.page, notebook.page.locator("figure[data-kind=animation] details").first
    line, moving = film.locator("summary"), film.locator("img")
    line.focus()
    for shown in (True, False):
        page.keyboard.press("Enter")
        moving.wait_for(state="visible" if shown else "hidden")
    assert moving.get_attribute("src").startswith("data:image/gif")


# --- saved and opened again -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reopened(ran, lab, browser):
    """The notebook that the learner ran and saved, opened again and not run."""
    ran.save()
    ran.shut_down_kernel()
    with Notebook(lab, browser, ran.path) as notebook:
        yield notebook


@pytest.fixture(scope="module", params=DAYS)
def untrusted(request, lab, browser):
    """The notebook as it comes with a fresh clone: built elsewhere, so JupyterLab shows no script and no frame."""
    lab.choose_theme("light")
    path = lab.place(notebook_path(request.param))
    renamed = lab.root / path.replace(".ipynb", "_fresh.ipynb")
    (lab.root / path).rename(renamed)  # the other tests keep the one that they ran
    with Notebook(lab, browser, renamed.relative_to(lab.root).as_posix()) as notebook:
        yield notebook


def test_opened_again_pictures_and_interactives_are_there(reopened):
    frames = (reopened.lab.root / reopened.path).read_text(encoding="utf-8").count("<iframe class=")
    reopened.page.locator("figure > iframe").nth(frames - 1).wait_for()
    test_every_figure_is_shown_and_every_frame_has_drawn(reopened)
    test_an_animation_is_stepped_with_the_arrow_keys(reopened)
    assert reopened.watch.outgoing == []


def test_opened_again_the_quiz_can_be_read_without_a_kernel(reopened):
    assert_quiz_can_be_read(reopened)
    # JupyterLab looks for the widget that ran before, in vain, and says so in its console
    assert [line for line in reopened.watch.problems() if "widget model not found" not in line] == []


def test_untrusted_every_picture_is_there_as_a_still(untrusted):
    page = untrusted.page
    assert page.locator("figure iframe").count() == 0, "JupyterLab trusts a notebook that it has never seen"
    shown = page.locator("figure img")  # its attributes other than alt and src are gone
    assert shown.count() >= page.locator("figure").count() == page.locator("figure:has(img)").count() >= 6
    for image in shown.all():
        closed = image.evaluate("i => i.closest('details:not([open])') !== null")  # a film, which runs when it is asked for
        assert closed or image.is_visible() and image.evaluate("i => i.naturalWidth > 0")
        assert len(image.get_attribute("alt")) >= 40
    assert untrusted.watch.problems() == []


def test_untrusted_the_quiz_can_be_read(untrusted):
    assert_quiz_can_be_read(untrusted)
    assert not re.search("(Error displaying|Loading) widget", untrusted.page.locator(".jp-Notebook").inner_text())


def assert_quiz_can_be_read(notebook: Notebook) -> None:
    """Every option of the quiz opens its feedback, by the keyboard, with nothing but the page."""
    quiz = cell_with(notebook, "quiz")
    options = quiz.locator("details:visible")
    assert options.count() >= 12, f"the quiz cannot be read: {quiz.inner_text()!r}"
    first = options.first
    told = first.locator("> :not(summary)").first
    assert not told.is_visible()
    first.locator("summary").focus()
    notebook.page.keyboard.press("Enter")
    told.wait_for(state="visible")
    assert len(told.inner_text()) > 20


# --- dark, and elsewhere ----------------------------------------------------------------------------------------------


@pytest.fixture
def dark(ran):
    theme = "(name) => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
    ran.page.evaluate(theme, "JupyterLab Dark")
    ran.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    yield ran
    ran.page.evaluate(theme, "JupyterLab Light")
    ran.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'true'")


def unreadable(notebook: Notebook) -> list[str]:
    found = notebook.page.evaluate(UNREADABLE, [".learn, figure[data-kind]", READABLE])
    for frame in notebook.page.locator("figure > iframe").all():
        found += frame.element_handle().content_frame().evaluate(UNREADABLE, [None, READABLE])
    return found


def test_words_on_our_cards_are_readable_in_the_dark(dark):
    assert dark.page.locator(".learn").count() >= 5
    assert unreadable(dark) == []


def test_words_on_our_cards_are_readable_in_the_light(ran):
    assert unreadable(ran) == []


def test_unreadable_words_would_be_found(dark):
    dark.page.evaluate("() => { document.querySelector('figcaption').style.color = '#999999' }")
    try:
        assert any("153, 153, 153" in line for line in unreadable(dark))
    finally:
        dark.page.evaluate("() => { document.querySelector('figcaption').style.color = '' }")


def test_fresh_cards_are_readable_in_the_dark(lab, browser, untrusted):
    lab.choose_theme("dark")
    try:
        with Notebook(lab, browser, untrusted.path) as notebook:
            assert notebook.page.evaluate("() => document.body.dataset.jpThemeLight") == "false"
            assert unreadable(notebook) == []
    finally:
        lab.choose_theme("light")


@pytest.mark.parametrize("day", DAYS)
def test_exported_html_opens_offline_with_every_figure(day, browser, tmp_path):
    from nbconvert import HTMLExporter

    page_text, _ = HTMLExporter().from_filename(str(notebook_path(day)))
    exported = tmp_path / "day.html"
    exported.write_text(page_text, encoding="utf-8")
    context = browser.new_context(viewport={"width": 1000, "height": 1200})
    watch = Watch(exported.as_uri())
    watch.attach(context)
    try:
        page = context.new_page()
        page.goto(exported.as_uri(), wait_until="load")
        figures = page.locator("figure[data-kind]")
        assert figures.count() >= 6
        for figure in figures.all():
            figure.scroll_into_view_if_needed()
            frame = figure.locator("> iframe")
            if frame.count():
                inner = frame.element_handle().content_frame()
                inner.locator("#view > *").first.wait_for()
                assert not figure.locator("img").first.is_visible()
            else:
                assert figure.locator("img").first.evaluate("i => i.complete && i.naturalWidth > 0")
            assert figure.locator("figcaption").inner_text().strip()
        # nbconvert's own page asks for MathJax and friends; of ours, nothing may ask for anything
        own = [line for line in watch.outgoing if not re.search(r"https://(cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|unpkg\.com)/", line)]
        assert own == []
    finally:
        context.close()
