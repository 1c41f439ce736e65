"""The stepper and the walk in a real browser: saved as files, opened, stepped with keys, looked at on a phone."""

import dataclasses
import functools
import math

import numpy as np
import pytest
from matplotlib.figure import Figure
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from shared.visuals import Matrix, Step, map_stepper, product_view, stepper, walk_view

TOKENS = "The cat sat on the mat".split()
HOSTILE = [
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>", "\"'`&amp;", "😀👩‍👩‍👧", "שלום עולם", "x" * 300, "", "   ",
]  # fmt: skip
WORDS = dict(alt="What a person learns from it.", caption="A caption below.")


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


MAPS = softmax(np.random.default_rng(3).normal(size=(6, 6, 6)) * np.arange(1, 7)[:, None, None])


def a_map(tokens=TOKENS, maps=MAPS):
    return map_stepper(maps, tokens, [f"Sentence {i}." for i in range(len(maps))], start=min(2, len(maps) - 1), **WORDS)


@functools.cache
def a_film():
    frames = []
    for i in range(4):
        drawing = Figure(figsize=(6, 3))
        drawing.subplots().bar([0, 1, 2], [1, i, 2])
        frames.append((drawing, f"Bar {i}: " + "it grows by one and stands between its two neighbors. " * (1 + i)))
    return stepper(frames, **WORDS)


def a_walk(tokens=TOKENS, width=64):
    random, n = np.random.default_rng(1), len(tokens)
    x, w_q, w_k = (
        random.normal(size=(n, width)),
        random.normal(size=(width, 32)) / 8,
        random.normal(size=(width, 32)) / 8,
    )
    q, k = x @ w_q, x @ w_k
    scores = q @ k.T / math.sqrt(32)
    weights = softmax(scores)
    by_token = dict(column_unit="tokens", columns=tokens)
    rows = lambda name, values, concept, **more: Matrix(name, values, concept, rows=tokens, **more)  # noqa: E731
    x_m, q_m, s_m = rows("X", x, "residual"), rows("Q", q, "query"), rows("scores", scores, "residual", **by_token)
    table, ids = np.concatenate([x, x]), np.arange(n)[:, None]
    return [
        Step("Lookup", "A row of the table.", Matrix("ids", ids, "residual"), Matrix("table", table, "residual", row_unit="features"), x_m, "lookup"),
        Step("Queries", "A row times a column.", x_m, Matrix("W_q", w_q, "query", row_unit="features"), q_m),
        Step("Scores", "A query times a key.", q_m, Matrix("Kᵀ", k.T, "key", row_unit="features", **by_token), s_m, divided_by=math.sqrt(32)),
        Step("Weights", "Shares.", s_m, None, rows("A", weights, "attention", **by_token), "softmax"),
        Step("Mixture", "Shares of vectors.", rows("A", weights, "attention", **by_token), q_m, rows("head", weights @ q, "value")),
        Step("ReLU", "Nothing below zero.", q_m, Matrix("W", np.eye(32), "feed-forward", row_unit="features"),
             rows("H", np.maximum(0, q - 0.1), "feed-forward"), bias=np.full(32, -0.1), relu=True),
        Step("Sum", "Added.", q_m, q_m, rows("2Q", 2 * q, "residual"), "sum"),
    ]  # fmt: skip


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def becomes(frame, selector: str, text: str) -> None:
    """Wait until an element says `text`: keys reach a sandboxed frame a moment later."""
    try:
        frame.wait_for_function(
            "([selector, text]) => document.querySelector(selector).textContent === text",
            arg=[selector, text],
            timeout=4000,
        )
    except PlaywrightTimeout:
        assert frame.locator(selector).first.text_content() == text


def enter(page, frame) -> None:
    """Tab into the frame."""
    page.keyboard.press("Tab")
    frame.wait_for_function("() => document.hasFocus() && document.activeElement !== document.body")


def nothing_cut(frame, readable: bool = True) -> None:
    """No sideways scrolling, no content below the frame, no text that its box cuts off or that is too small to read."""
    high, seen, wide, across = frame.evaluate(
        "() => [document.querySelector('main').getBoundingClientRect().bottom, innerHeight, document.documentElement.scrollWidth, innerWidth]"
    )
    assert high <= seen, f"content {high} px high in a frame of {seen} px"
    assert wide <= across, f"content {wide} px wide in a frame of {across} px"
    small = frame.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e => {
             if (e.tagName === 'title' || !e.getClientRects().length) return false;
             if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) return false;
             const turn = e.ownerSVGElement?.getScreenCTM();  // text in a drawing shrinks with it
             return parseFloat(getComputedStyle(e).fontSize) * (turn ? Math.hypot(turn.a, turn.b) : 1) < 12.4;
           }).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert small == [] or not readable
    low = frame.evaluate(
        "() => [...document.querySelectorAll('button, input')].map(e => e.getBoundingClientRect()).filter(b => b.height < 32 || b.width < 32).length"
    )
    assert low == 0, "a control is smaller than 32 px"


# --- the stepper ------------------------------------------------------------------------------------------------------


def test_the_numbers_in_the_page_are_the_tensor(show):
    _, frame = show(a_map())
    sent = frame.evaluate("async () => Array.from(await course.unpack(course.data.maps))")
    assert np.abs(np.array(sent).reshape(MAPS.shape) - MAPS).max() <= 1 / 510
    cells = [
        float(text)
        for text in frame.locator(".map svg > text").all_text_contents()
        if text.replace(".", "").isdigit() and "." in text
    ]
    assert np.allclose(np.array(cells).reshape(6, 6), MAPS[2], atol=0.0071)


def test_the_stepper_from_the_keyboard_alone(show):
    page, frame = show(a_map())
    at, says = frame.locator(".at"), frame.locator(".says")
    assert at.inner_text() == "frame 3 of 6" and says.inner_text() == "Sentence 2."
    enter(page, frame)
    for key, frame_now in [
        ("ArrowRight", 4),
        ("ArrowRight", 5),
        ("ArrowLeft", 4),
        ("Home", 1),
        ("ArrowLeft", 1),
        ("End", 6),
        ("ArrowRight", 6),
    ]:
        page.keyboard.press(key)
        becomes(frame, ".at", f"frame {frame_now} of 6")
        becomes(frame, ".says", f"Sentence {frame_now - 1}.")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")  # the play button
    frame.wait_for_function("() => document.activeElement.textContent === 'Play'")
    assert frame.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press(" ")
    becomes(frame, ".play", "Pause")
    becomes(frame, ".at", "frame 3 of 6")
    page.keyboard.press(" ")
    becomes(frame, ".play", "Play")
    stood = at.inner_text()
    page.wait_for_timeout(1600)
    assert at.inner_text() == stood
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the slider
    page.keyboard.press("ArrowUp")
    becomes(frame, ".at", "frame 2 of 6")
    assert frame.locator("input").get_attribute("aria-valuetext") == "frame 2 of 6: Sentence 1."


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_until_it_is_asked_to(show, motion):
    page, frame = show(a_map(), reduced_motion=motion)
    first = page.screenshot()
    page.wait_for_timeout(2200)
    assert page.screenshot() == first and frame.locator(".at").inner_text() == "frame 3 of 6"
    moving = frame.evaluate(
        "() => parseFloat(getComputedStyle(document.querySelector('.map rect:nth-of-type(5)')).transitionDuration)"
    )
    assert (moving > 0) == (motion == "no-preference")


def test_playing_stops_at_the_end_and_starts_again_from_the_front(show):
    _, frame = show(map_stepper(MAPS[:2], TOKENS, ["One.", "Two."], **WORDS))
    frame.locator(".play").click()
    frame.wait_for_function(
        "() => document.querySelector('.at').textContent === 'frame 2 of 2' && document.querySelector('.play').textContent === 'Play'"
    )
    assert frame.locator(".says").get_attribute("aria-live") == "polite"
    frame.locator(".play").click()
    assert frame.locator(".at").inner_text() == "frame 1 of 2"
    assert frame.locator(".says").get_attribute("aria-live") == "off"  # a reader's voice cannot keep up with it


def test_a_drawing_is_shown_as_it_was_drawn(show):
    page, frame = show(a_film())
    heights = []
    enter(page, frame)
    for i in range(4):
        becomes(frame, ".at", f"frame {i + 1} of 4")
        # how many pixels of the middle bar's column have the bar's color
        heights.append(frame.evaluate(
            """() => { const c = document.querySelector('canvas'), d = c.getContext('2d').getImageData(c.width * 0.54 | 0, 0, 1, c.height).data;
                       let n = 0; for (let i = 0; i < d.length; i += 4) n += d[i + 2] > d[i] + 60; return n; }"""
        ))  # fmt: skip
        page.keyboard.press("ArrowRight")
    assert heights[0] == 0 and heights[1] > 20 and heights[1] < heights[2]


@pytest.mark.parametrize("width", [900, 640, 360, 320])
@pytest.mark.parametrize("view", [a_map, a_film, lambda: a_map(HOSTILE, softmax(np.zeros((3, 8, 8)))),
                                  lambda: a_map([f"token{i}" for i in range(40)], softmax(np.zeros((2, 40, 40))))],
                         ids=["map", "film", "hostile", "forty"])  # fmt: skip
def test_the_stepper_fits_every_width(show, view, width):
    page, frame = show(view(), width=width)
    nothing_cut(frame)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_without_script_the_words_remain(show):
    page, _ = show(a_map(), script=False)
    assert "What a person learns from it." in page.frames[1].locator("noscript, p").all_inner_texts()[0]


def test_where_frames_are_stripped_the_still_shows(new_page, tmp_path):
    """GitHub and an untrusted notebook take away the frame and the style; then the picture must be there."""
    page = new_page(900, 700)
    page.goto(a_map().save(tmp_path / "view.html").as_uri())
    still = page.locator("img.behind")
    assert not still.is_visible() and still.get_attribute("alt") == WORDS["alt"]
    page.evaluate("() => document.querySelectorAll('iframe, style').forEach(e => e.remove())")
    assert still.is_visible() and still.bounding_box()["width"] > 200


# --- the walk ---------------------------------------------------------------------------------------------------------


def test_the_rail_shows_marks_where_there_are_some(show):
    steps = a_walk()
    steps[1] = dataclasses.replace(steps[1], mark="4a")
    page, frame = show(walk_view(steps, **WORDS))
    assert frame.locator(".stops button").all_inner_texts()[:3] == ["1", "4a", "3"]


def test_every_cell_of_a_product_shows_its_number_and_where_it_comes_from(show):
    steps = a_walk()
    page, frame = show(walk_view(steps, **WORDS))
    frame.locator(".stops button").nth(2).click()
    q, kt, scores = steps[2].left.values, steps[2].right.values, steps[2].result.values
    for r, c in [(0, 0), (1, 5), (5, 3)]:
        frame.locator("tbody tr").nth(r).locator("td").nth(c).click()
        head = frame.locator(".reason h3").inner_text()
        assert number(head.split("=")[1]) == pytest.approx(scores[r, c], abs=0.0051)
        lines = frame.locator(".reason .line").all_inner_texts()
        assert number(lines[0].split("=")[-1]) == pytest.approx(q[r] @ kt[:, c], abs=0.0051)
        assert "(32 products)" in lines[0] and "√32" in lines[1]
        assert number(lines[1].split("=")[-1]) == pytest.approx(scores[r, c], abs=0.0051)
        first = frame.locator(".term").first.inner_text().split("×")
        assert number(first[0]) == pytest.approx(q[r, 0], abs=0.0051) and number(first[1]) == pytest.approx(
            kt[0, c], abs=0.0051
        )
        # the curve ends where the sum ends: its last point and the dot are one place
        last, dot = frame.evaluate(
            """() => { const d = document.querySelector('.chart path').getAttribute('d').split('L').pop().split(' ').map(Number);
                       const c = document.querySelector('.chart circle'); return [d, [+c.getAttribute('cx'), +c.getAttribute('cy')]]; }"""
        )
        assert np.allclose(last, dot, atol=0.6)


def test_the_page_adds_up_the_same_numbers_as_python(show):
    steps = a_walk()
    _, frame = show(walk_view(steps, **WORDS))
    made = frame.evaluate(
        """() => course.data.steps.filter(s => s.how === 'product').map(s => {
             const n = s.left.shape[1], a = course.parts[s.leftRows], b = course.parts[s.rightColumns];
             const term = (r, c) => (sum, _, i) => sum + a[r * n + i] * b[c * n + i];
             return s.rows.map((_, r) => s.columns.map((_, c) => Array.from({length: n}).reduce(term(r, c), 0))); })"""
    )
    products = [step for step in steps if step.how == "product"]
    chosen = frame.evaluate("() => course.data.steps.filter(s => s.how === 'product').map(s => s.columns)")
    for step, sums, columns in zip(products, made, chosen):
        total = (step.left.values @ step.right.values)[:, columns]
        assert np.abs(np.array(sums) - total).max() < 3e-4 * np.abs(total).max()


def test_softmax_sum_lookup_and_relu_tell_their_own_story(show):
    steps = a_walk()
    _, frame = show(walk_view(steps, **WORDS))
    reason = frame.locator(".reason")
    assert "Nothing is computed" in reason.inner_text()
    frame.locator(".stops button").nth(3).click()
    frame.locator("tbody tr").nth(1).locator("td").nth(4).click()
    shares = [number(row.locator("td").nth(2).inner_text()) for row in frame.locator(".shares tbody tr").all()]
    assert np.allclose(shares, steps[3].result.values[1], atol=0.0051)
    frame.locator(".stops button").nth(4).click()
    assert frame.locator(".chart rect").count() == 7  # six shares of six values, and their sum
    frame.locator(".stops button").nth(5).click()
    negative = np.argwhere(steps[5].result.values[:, frame.evaluate("() => course.data.steps[5].columns")] == 0)[0]
    frame.locator("tbody tr").nth(int(negative[0])).locator("td").nth(int(negative[1])).click()
    assert "bias" in reason.inner_text() and "silenced" in reason.inner_text()
    frame.locator(".stops button").nth(6).click()
    assert reason.locator(".line").inner_text().count("+") == 1


def test_the_walk_from_the_keyboard_alone(show):
    page, frame = show(walk_view(a_walk(), **WORDS))
    enter(page, frame)  # the rail is one stop
    for key, title in [("ArrowRight", "Queries"), ("ArrowRight", "Scores"), ("End", "Sum"), ("Home", "Lookup")]:
        page.keyboard.press(key)
        becomes(frame, "h2", title)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Next
    becomes(frame, "h2", "Queries")
    page.keyboard.press("Tab")  # the grid is one stop, on the pinned cell
    frame.wait_for_function("() => document.activeElement.tagName === 'TD'")
    place = "() => [document.activeElement.parentElement.rowIndex - 1, document.activeElement.cellIndex - 1]"
    heading = ".reason h3"
    row, column = frame.evaluate(place)
    pinned = frame.locator(heading).text_content()
    page.keyboard.press("ArrowDown" if row < 5 else "ArrowUp")
    page.keyboard.press("End")
    at = [row + (1 if row < 5 else -1), 15]
    frame.wait_for_function(f"at => JSON.stringify(({place})()) === JSON.stringify(at)", arg=at)
    moved = frame.locator(heading).text_content()
    assert moved != pinned
    assert frame.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    frame.wait_for_function("() => document.activeElement.getAttribute('aria-selected') === 'true'")
    assert frame.locator("td[aria-selected=true]").count() == 1
    page.keyboard.press("Home")
    frame.wait_for_function("() => document.activeElement.cellIndex === 1")
    assert frame.locator(heading).text_content() != moved
    page.keyboard.press("Shift+Tab")  # leaving the grid brings the pinned cell back
    becomes(frame, heading, moved)
    assert moved in frame.locator(".reason .unseen").text_content()  # and a screen reader heard it


def test_a_cell_lights_up_its_row_and_its_column(show):
    _, frame = show(product_view(*toy(), **WORDS))
    frame.locator("tbody tr").nth(1).locator("td").nth(2).hover()
    boxes = frame.evaluate(
        """() => [...document.querySelectorAll('.drawing svg > g:last-child rect[stroke="#1F2937"]')].map(
                   r => ['x', 'y', 'width', 'height'].map(k => +r.getAttribute(k)))"""
    )
    cell, across, down = boxes
    assert (
        across[0] + across[2] < cell[0] and abs(across[1] - cell[1]) < 1 and abs(across[3] - cell[3]) < 1
    )  # same line, to the left
    assert (
        down[1] + down[3] < cell[1] and abs(down[0] - cell[0]) < 1 and abs(down[2] - cell[2]) < 1
    )  # same column, above
    assert frame.locator(".reason h3").inner_text().endswith("= −1.50")


def toy():
    left, right = (
        np.array([[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]]),
        np.array([[1.0, 0.0, -1.0, 2.0], [0.5, 1.0, -1.5, 2.0]]),
    )
    return (
        Matrix("a", left, "query", ["x", "y", "z"]),
        Matrix("b", right, "key", row_unit="features"),
        Matrix("c", left @ right, "value", ["x", "y", "z"]),
    )


def test_hostile_tokens_are_text_in_every_step(show):
    page, frame = show(walk_view(a_walk(HOSTILE), **WORDS))
    for i in range(7):
        frame.locator(".stops button").nth(i).click()
        for r in range(len(HOSTILE)):
            frame.locator("tbody tr").nth(r).locator("td").nth(0).click()
        nothing_cut(frame)
    assert frame.locator("script").count() == 2 and frame.locator("img").count() == 0
    titles = frame.evaluate("() => [...document.querySelectorAll('tbody th')].map(th => th.title)")
    assert titles[:3] == HOSTILE[:3]
    page.wait_for_timeout(200)


@pytest.mark.parametrize("width", [900, 700, 540, 360, 320])
def test_the_walk_fits_every_width(show, width):
    page, frame = show(walk_view(a_walk(), **WORDS), width=width)
    for i in range(7):
        frame.locator(".stops button").nth(i).click()
        nothing_cut(frame, readable=width >= 360)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_page_that_is_turned_is_laid_out_anew(show):
    page, frame = show(walk_view(a_walk(), **WORDS), width=900)
    page.set_viewport_size({"width": 360, "height": 700})
    page.wait_for_timeout(300)
    nothing_cut(frame)
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_timeout(300)
    nothing_cut(frame)


def test_a_walk_at_full_size_is_light(show):
    random = np.random.default_rng(0)
    x, w = random.normal(size=(6, 512)), random.normal(size=(512, 512))
    left, right = Matrix("X", x, "residual", TOKENS), Matrix("W", w, "query", row_unit="features")
    _, frame = show(walk_view([Step("One", "Wide.", left, right, Matrix("Q", x @ w, "query", TOKENS))] * 3, **WORDS))
    assert frame.evaluate("() => document.querySelectorAll('*').length") < 400
    assert frame.locator("tbody td").count() == 6 * 16
