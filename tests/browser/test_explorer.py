"""The attention explorer in a real browser: as a file of its own with the network off, from the keyboard, small, zoomed, in JupyterLab."""

import re
from functools import cache

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from shared.visuals import bertviz
from shared.visuals.explorer import attention_view
from tests.browser.lab import Notebook

TOKENS = "The cat sat on the mat".split()
HOSTILE = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\"'`&amp;\\\0", "😀👩‍👩‍👧", "שלום עולם", "\u202eabc", "\u200b", "x" * 300, "", "  ",
]  # fmt: skip


def maps(layers=2, heads=3, T=6, S=None, causal=False, seed=0, sharp=2.0) -> np.ndarray:
    scores = np.random.default_rng(seed).normal(size=(layers, heads, T, S or T)) * sharp
    if causal:
        scores = np.where(np.tril(np.ones((T, T), dtype=bool)), scores, -np.inf)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).astype(np.float32)


WEIGHTS = maps(causal=True)


@cache
def small(layer: int = 0, head: int = 0):
    """A small causal model's view; its still picture takes half a second, so it is made once."""
    return attention_view(TOKENS, WEIGHTS, layer=layer, head=head)


def says(frame) -> str:
    """The first line, as it is read."""
    return frame.locator("h2").inner_text()


def ink(frame, index: int) -> int:
    """How many pixels of a canvas are not white: 0 = all heads, 1 = the map, 2 = the arcs."""
    return frame.evaluate(
        """(i) => { const c = document.querySelectorAll("canvas")[i], d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
                    let n = 0; for (let p = 0; p < d.length; p += 4) if (d[p + 3] > 20 && d[p] + d[p + 1] + d[p + 2] < 740) n++; return n; }""",
        index,
    )


def select(frame, label: str):
    return frame.get_by_label(label, exact=True)


def nothing_cut(frame) -> None:
    """No sideways scrolling, nothing below the frame's edge, no text under 10 pt, no control under 32 px, nothing on top of another."""
    found = frame.evaluate(
        """() => { const all = [...document.querySelectorAll("main *")].filter(e => e.checkVisibility());
             const box = e => e.getBoundingClientRect(), page = document.documentElement;
             const parts = [...document.querySelectorAll(".says, .text, .bar, .panels, .foot")].map(box);
             return { wide: page.scrollWidth - innerWidth, high: document.body.scrollHeight - innerHeight, foot: box(document.querySelector(".foot")).bottom - innerHeight,
               small: all.filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && parseFloat(getComputedStyle(e).fontSize) < 13.3).length,
               low: all.filter(e => /BUTTON|SELECT|INPUT/.test(e.tagName) && (box(e).height < 32 || box(e).width < 32)).map(e => e.outerHTML.slice(0, 80)),
               out: all.filter(e => !e.closest(".text, .box") && box(e).right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80)),
               over: parts.slice(1).filter((b, i) => b.top < parts[i].bottom - 0.5).length,
               flat: [...document.querySelectorAll("canvas")].filter(c => box(c).height < 40 || box(c).width < 150).length }; }"""
    )
    assert found == {"wide": 0, "high": 0, "foot": pytest.approx(0, abs=80), "small": 0, "low": [], "out": [], "over": 0, "flat": 0}
    assert found["foot"] <= 0


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_the_first_screen_says_what_is_seen_and_draws_all_heads(show):
    page, frame = show(small())
    assert re.match(r"Layer 0, head 0: \w+", says(frame))
    assert all(ink(frame, i) > 500 for i in range(3))
    assert "to within 0.002" in frame.locator(".foot").inner_text() and "masked" in frame.locator(".foot").inner_text()
    assert frame.locator(".text button").all_inner_texts() == TOKENS
    assert page.locator("figcaption").inner_text().startswith("Attention of 2 layers with 3 heads each over 6 tokens.")
    assert not page.locator("img.behind").is_visible()


def test_a_long_text_says_that_its_sums_are_less_exact(show):
    _, frame = show(attention_view(["a"] * 300, maps(1, 1, 300)))
    assert "all numbers to within 0.003" in frame.locator(".foot").inner_text()


@pytest.mark.parametrize("width", [900, 850, 760, 600, 360])
def test_the_first_words_are_all_in_view(show, width):
    """Also where the first sentence takes two lines, the hint below stands whole."""
    _, frame = show(attention_view([f"word{i}" for i in range(12)], np.full((2, 2, 12, 12), 1 / 12)), width=width, height=2000)
    assert "spreads its attention" in says(frame) and "Point at a token" in frame.locator(".says").inner_text()
    high, room = frame.evaluate("() => { const e = document.querySelector('.says'); return [e.scrollHeight, e.clientHeight] }")
    assert high <= room


@pytest.mark.parametrize("causal", [True, False])
def test_every_number_of_the_page_is_the_tensors_number(show, causal):
    weights = maps(3, 2, 7, causal=causal, seed=4)
    _, frame = show(attention_view(list("abcdefg"), weights))
    # every cell of every head, by menu and arrow keys, as the words say it
    said = frame.evaluate(
        """() => { const n = (k) => [...Array(k).keys()], [, map] = document.querySelectorAll("canvas");
             const press = (key) => map.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
             const choose = (label, value) => { const menu = document.querySelector(`select[aria-label="${label}"]`);
               menu.value = value; menu.dispatchEvent(new Event("change")); };
             const told = () => document.querySelector(".says").textContent;
             return n(3).map(l => n(2).map(h => { choose("layer", l); choose("head", h); press("Escape"); press("ArrowDown");
               return n(7).map(t => { if (t) press("ArrowDown"); n(6).forEach(() => press("ArrowLeft"));
                 return n(7).map(s => { if (s) press("ArrowRight"); return told(); }); }); })); }"""
    )
    share, sum_ = np.full(weights.shape, np.nan), np.full(weights.shape, np.nan)
    for place in np.ndindex(weights.shape):
        told, (layer, head, t, s) = said[place[0]][place[1]][place[2]][place[3]], place
        assert told.startswith(f"Layer {layer}, head {head}: {'abcdefg'[t]} ")
        if causal and s > t:
            assert f"may not look at {'abcdefg'[s]}" in told
            continue
        name = "itself" if s == t else "abcdefg"[s]
        share[place] = re.search(rf" gives {name} (\d\.\d{{3}}) of its attention", told)[1]
        sum_[place] = re.search(rf"{'abcdefg'[s]} receives (\d+\.\d\d) in all", told)[1]
    given = np.isfinite(share)
    # what is stated, and half of the last digit
    assert np.abs(share - weights)[given].max() <= 1 / 510 + 0.0005 + 1e-7
    assert np.abs(sum_ - weights.sum(-2, keepdims=True))[given].max() <= 0.002 + 0.005 + 1e-6


def test_a_cell_a_row_and_a_column_are_read_out(show):
    page, frame = show(small(1, 2))
    head = WEIGHTS[1, 2]
    t, best = 4, int(head[4].argmax())
    frame.locator(".text button").nth(t).hover()
    name = "itself" if best == t else TOKENS[best]
    assert says(frame).endswith(f"{name} ({head[t, best]:.2f}).") and says(frame).startswith("Layer 1, head 2: the looks m")
    second = frame.locator(".says p").first.inner_text()
    assert "adds up to 1.00" in second and f"what it receives, to {head[:, t].sum():.2f}" in second
    assert f"({sum(1 / (i + 1) for i in range(t, 6)):.2f} if all looked evenly)" in second
    # a cell, from the map: the pointer finds the one that the words then name
    found = {}
    box = frame.locator("canvas").nth(1).bounding_box()
    for x in np.arange(80, box["width"], 22):
        for y in np.arange(60, min(330, box["height"]), 22):
            page.mouse.move(box["x"] + float(x), box["y"] + float(y))
            told = re.search(r": (\S+) gives (\S+) (0\.\d{3}|1\.000) of its attention", says(frame))
            if told:
                found[told[1], told[2]] = float(told[3])
    assert len(found) > 12
    for (query, key), share in found.items():
        rows = [i for i, token in enumerate(TOKENS) if token == query]
        columns = rows if key == "itself" else [i for i, token in enumerate(TOKENS) if token == key]
        assert min(abs(head[r, c] - share) for r in rows for c in columns) <= 0.0025


def test_the_other_question_who_looks_at_a_token(show):
    weights = maps(1, 1, 6, seed=9)
    _, frame = show(attention_view(TOKENS, weights))
    select(frame, "pointing shows").select_option("k")
    frame.locator(".text button").nth(1).hover()
    best = int(weights[0, 0, :, 1].argmax())
    name = "itself" if best == 1 else TOKENS[best]
    assert says(frame).endswith(f"cat is looked at most by {name} ({weights[0, 0, best, 1]:.2f}).")
    assert f"Its column adds up to {weights[0, 0, :, 1].sum():.2f} from 6 tokens" in frame.locator(".says p").first.inner_text()


def test_a_click_keeps_what_pointing_only_shows(show):
    page, frame = show(small())
    start, buttons = says(frame), frame.locator(".text button")
    buttons.nth(3).hover()
    shown = says(frame)
    assert shown != start
    frame.locator(".foot").hover()
    expect(frame.locator("h2")).to_have_text(start)
    buttons.nth(3).click()
    frame.locator(".foot").hover()
    page.wait_for_timeout(150)
    assert says(frame) == shown and buttons.nth(3).get_attribute("aria-pressed") == "true"
    assert shown in frame.locator("[aria-live]").text_content()
    buttons.nth(3).click()
    frame.locator(".foot").hover()
    expect(frame.locator("h2")).to_have_text(start)


def test_the_text_is_shaded_by_the_weights(show):
    _, frame = show(small(1))
    frame.locator(".text button").nth(5).click()
    shades = frame.evaluate("() => [...document.querySelectorAll('.text button')].map(b => getComputedStyle(b).backgroundColor.match(/\\d+/g).map(Number))")
    light = [sum(shade) for shade in shades]
    assert np.array_equal(np.argsort(light), np.argsort(-WEIGHTS[1, 0, 5], kind="stable"))
    frame.locator(".text button").nth(2).click()
    assert frame.locator(".text button.off").count() == 3 and frame.locator(".text button.ring").inner_text() == "sat"


def test_the_threshold_says_what_it_leaves_out(show):
    _, frame = show(small())
    all_arcs = ink(frame, 2)
    select(frame, "arcs from").select_option("0.2")
    below = int(((WEIGHTS[0, 0] > 1 / 510) & (WEIGHTS[0, 0] < 0.2)).sum())
    assert f"{below} below 0.2 not drawn" in frame.locator("h3").nth(1).inner_text() and ink(frame, 2) < all_arcs


def test_heads_are_chosen_by_picture_and_by_menu(show):
    page, frame = show(small())
    drawn = ink(frame, 1)
    select(frame, "layer").select_option("1")
    select(frame, "head").select_option("2")
    assert says(frame).startswith("Layer 1, head 2:") and ink(frame, 1) != drawn
    box = frame.locator("canvas").first.bounding_box()
    frame.locator("canvas").first.click(position={"x": 60, "y": 40})
    assert says(frame).startswith("Layer 0, head 0:") and select(frame, "layer").input_value() == "0" and box["width"] > 200


def test_two_heads_side_by_side(show):
    _, frame = show(small())
    frame.get_by_role("button", name="Compare two heads").click()
    select(frame, "with layer").select_option("1")
    select(frame, "with head").select_option("2")
    assert frame.locator("h3").all_inner_texts() == ["Layer 0, head 0", "Layer 1, head 2"]
    apart = np.abs(WEIGHTS[0, 0] - WEIGHTS[1, 2]).sum() / 2 / 6
    told = re.search(r"(\d+) % of a token's attention lies elsewhere", frame.locator(".says").inner_text())
    assert abs(int(told[1]) / 100 - apart) < 0.01
    maps_ink = ink(frame, 1), ink(frame, 2)
    frame.get_by_role("button", name="Show arcs").click()
    assert (ink(frame, 1), ink(frame, 2)) != maps_ink
    frame.locator(".text button").nth(2).hover()
    lines = frame.locator(".says").inner_text()
    assert "Layer 0, head 0: sat" in lines and "Layer 1, head 2: sat" in lines
    frame.get_by_role("button", name="Compare two heads").click()
    assert frame.locator("h3").first.inner_text().strip() == "Map"


def test_heads_in_the_order_of_a_measure(show):
    mine = np.array([[0.1, 0.9, 0.3], [0.5, 0.2, 0.7]])
    page, frame = show(attention_view(TOKENS, WEIGHTS, measures={"my score": mine}))
    select(frame, "order").select_option("my score")
    first, second = {"x": 20, "y": 20}, {"x": 80, "y": 20}
    frame.locator("canvas").first.click(position=first)
    assert says(frame).startswith("Layer 0, head 1:")
    frame.locator("canvas").first.click(position=second)
    assert says(frame).startswith("Layer 1, head 2:")
    frame.get_by_role("button", name="highest first").click()
    frame.locator("canvas").first.click(position=first)
    assert says(frame).startswith("Layer 0, head 0:")


def test_a_pair_of_texts_is_cut_into_its_four_parts(show):
    weights = maps(1, 1, 8, seed=2)
    tokens = "[CLS] a b [SEP] c d e [SEP]".split()
    _, frame = show(attention_view(tokens, weights, second=4))
    whole = ink(frame, 2)
    select(frame, "pair").select_option("a → b")
    assert ink(frame, 2) < whole
    frame.locator(".text button").nth(1).hover()
    best = 4 + int(weights[0, 0, 1, 4:].argmax())
    assert says(frame).endswith(f"{tokens[best]} ({weights[0, 0, 1, best]:.2f}).")
    told = re.search(r"About (\d\.\d\d) of its attention", frame.locator(".says").inner_text())
    assert float(told[1]) == pytest.approx(weights[0, 0, 1, 4:].sum(), abs=0.02)
    frame.locator(".text button").nth(5).hover()
    assert "does not belong to the part" in says(frame)


def test_across_two_texts(show):
    weights = maps(1, 2, 3, 5, seed=3)
    _, frame = show(attention_view(["der", "Hund", "schläft"], weights, keys="the old dog is asleep".split()))
    rows, columns = frame.locator(".text").all()
    rows.locator("button").nth(1).click()
    best = int(weights[0, 0, 1].argmax())
    assert says(frame).endswith(f"{'the old dog is asleep'.split()[best]} ({weights[0, 0, 1, best]:.2f}).")
    columns.locator("button").nth(2).hover()
    assert "dog is looked at most by" in says(frame)
    assert frame.get_by_text("pointing shows").count() == 0 and "masked" not in frame.locator(".foot").inner_text()


# --- keys alone -------------------------------------------------------------------------------------------------------


def test_everything_from_the_keyboard(show):
    page, frame = show(small())
    heading, live = frame.locator("h2"), frame.locator("[aria-live]")
    page.keyboard.press("Tab")  # the text is one stop
    frame.wait_for_function("() => document.activeElement.closest('.text')")
    expect(heading).to_have_text(re.compile("The can look only at itself"))
    for key, token in [("ArrowRight", "cat"), ("End", "mat"), ("ArrowLeft", "the"), ("Home", "The")]:
        page.keyboard.press(key)
        expect(heading).to_have_text(re.compile(rf"head 0: {token} (looks|spreads|can)"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(frame.locator(".text button").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(live).to_contain_text("cat")
    assert frame.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    # on through the controls to the heads
    for _ in range(12):
        page.keyboard.press("Tab")
        if frame.evaluate("() => document.activeElement === document.querySelector('canvas')"):
            break
    expect(frame.locator("canvas").first).to_be_focused()
    for key, name in [("ArrowRight", "Layer 0, head 1"), ("ArrowDown", "Layer 1, head 1"), ("End", "Layer 1, head 2"), ("Home", "Layer 0, head 0")]:
        page.keyboard.press(key)
        expect(heading).to_have_text(re.compile(f"^{name}: cat"))
        expect(live).to_contain_text(name)
    page.keyboard.press("Shift+ArrowRight")  # a second head
    expect(frame.locator("h3").nth(1)).to_have_text(re.compile("Layer 0, head 1"))
    frame.get_by_role("button", name="Compare two heads").press("Enter")
    # the map: a cell with the arrow keys
    frame.locator("canvas").nth(1).focus()
    page.keyboard.press("Escape")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(heading).to_have_text(re.compile(r"cat gives itself 0\.\d{3} of its attention"))
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text(re.compile("cat may not look at sat: it comes later"))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    # the arcs: along a column of tokens, and over to the other
    page.keyboard.press("Tab")
    expect(frame.locator("canvas").nth(2)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text(re.compile("head 0: sat looks"))
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text(re.compile("is looked at most by"))
    page.keyboard.press("Escape")
    expect(heading).not_to_have_text(re.compile("looked at"))
    # letters change layer and head from anywhere
    page.keyboard.press("l")
    expect(heading).to_have_text(re.compile("^Layer 1, head 0"))
    page.keyboard.press("H")
    expect(heading).to_have_text(re.compile("^Layer 1, head 2"))


# --- sizes, widths, hostile text --------------------------------------------------------------------------------------


def test_twelve_by_twelve_heads_and_256_tokens_are_few_elements(show):
    tokens = [f"word{i % 60}" for i in range(256)]
    _, frame = show(attention_view(tokens, maps(12, 12, 256, causal=True, sharp=1.0)))
    frame.locator(".text button").nth(250).click()
    frame.get_by_role("button", name="Compare two heads").click()
    select(frame, "order").select_option("entropy")
    assert frame.evaluate("() => document.querySelectorAll('*').length") <= 2000
    assert all(ink(frame, i) > 500 for i in range(3))


@pytest.mark.parametrize("kind", ["small", "pair", "across", "deep"])
def test_it_fits_every_width(show, kind):
    view = {
        "small": small,
        "pair": lambda: attention_view("[CLS] the animal was tired [SEP] it slept [SEP]".split() * 2, maps(12, 12, 18), second=7),
        "across": lambda: attention_view(TOKENS, maps(1, 8, 6, 9), keys="die Katze saß lange auf der Matte im Haus".split()),
        "deep": lambda: attention_view([f"token{i}" for i in range(70)], maps(24, 16, 70, causal=True)),
    }[kind]()
    page, frame = show(view, height=2600)
    for width in (900, 700, 540, 360, 320):
        page.set_viewport_size({"width": width, "height": 2600})
        page.wait_for_timeout(250)
        nothing_cut(frame)
        frame.locator(".text button").nth(3).click()  # longer words
        nothing_cut(frame)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert all(ink(frame, i) > 300 for i in range(3))


def test_nothing_moves_under_the_pointer(show):
    """Words of other lengths must not push the tokens away that are pointed at."""
    page, frame = show(attention_view([*TOKENS[:5], "incomprehensibilities"], maps(seed=1)), width=360, height=2000)
    places = lambda: frame.evaluate("() => [...document.querySelectorAll('.text button, canvas')].map(e => e.getBoundingClientRect().top)")  # noqa: E731
    before = places()
    for i in range(6):
        frame.locator(".text button").nth(i).hover()
        assert places() == before


def test_at_200_percent_the_drawings_stay_sharp(show, browser):
    # a browser's zoom halves the width in CSS pixels and doubles the dots of each
    _, frame = show(small(), width=450, height=2000, device_scale_factor=2)
    nothing_cut(frame)
    # a sandboxed frame is not told of the emulated dots, so its document is looked at alone
    page = browser.new_page(viewport={"width": 430, "height": 1700}, device_scale_factor=2)
    page.set_content(small().document)
    page.wait_for_selector("body[data-ready]")
    ratio = page.evaluate("() => [...document.querySelectorAll('canvas')].map(c => c.width / c.getBoundingClientRect().width)")
    page.close()
    assert ratio == pytest.approx([2, 2, 2], abs=0.02)


def test_hostile_tokens_are_text_and_run_nothing(show):
    page, frame = show(attention_view(HOSTILE, maps(2, 2, len(HOSTILE))))
    for i in range(len(HOSTILE)):
        frame.locator(".text button").nth(i).click()
        assert "Layer 0, head 0: " in says(frame)
        nothing_cut(frame)
    assert frame.locator("script").count() == 2 and frame.locator("img").count() == 0
    titles = frame.evaluate("() => [...document.querySelectorAll('.text button')].map(b => b.title)")
    assert titles[0] == HOSTILE[0] and titles[7] == HOSTILE[7]
    page.wait_for_timeout(200)


def test_without_script_the_words_remain(new_page, tmp_path):
    """Where a viewer lets no script run in the frame, it holds what a person would learn from the view, and says it once."""
    view = small()
    path = view.save(tmp_path / "view.html")
    # a browser's own switch reaches a sandboxed frame too late at times; the frame's permission is there from the start
    text = path.read_text(encoding="utf-8")
    assert text.count('sandbox="allow-scripts"') == 1
    path.write_text(text.replace('sandbox="allow-scripts"', 'sandbox=""'), encoding="utf-8")
    page = new_page(900, 1100)
    page.goto(path.as_uri())
    words = page.frames[1].locator("p")
    expect(words).to_have_count(1)
    assert words.inner_text() == view.alt
    assert page.frames[1].locator("canvas, button").count() == 0


# --- JupyterLab -------------------------------------------------------------------------------------------------------

CELL = '''
import sys
from pathlib import Path
sys.path.insert(0, str(next(p for p in [Path.cwd(), *Path.cwd().parents] if (p / "shared").exists())))
import numpy as np
from shared.visuals import bertviz
from shared.visuals.explorer import attention_view
weights = np.tril(np.random.default_rng(0).random((2, 3, 6, 6)) + 0.01)
attention_view("The cat sat on the mat".split(), weights / weights.sum(-1, keepdims=True))
'''


@pytest.fixture(scope="module")
def ran(lab, browser, tmp_path_factory):
    """A notebook with one view, run in a dark JupyterLab."""
    path = tmp_path_factory.mktemp("explorer") / "attention.ipynb"
    cell = nbformat.v4.new_code_cell(CELL.strip(), id="view")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}), path)
    lab.choose_theme("dark")
    try:
        with Notebook(lab, browser, lab.place(path)) as notebook:
            notebook.run_all()
            yield notebook
    finally:
        lab.choose_theme("light")


def in_lab(notebook):
    """The view's frame, which must have drawn, on a light card."""
    notebook.page.locator("figure > iframe").wait_for()
    frame = next(f for f in notebook.page.frames if f.parent_frame)
    frame.wait_for_selector("body[data-ready]")
    assert frame.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    frame.locator(".text button").nth(4).hover()
    assert re.match("Layer 0, head 0: the (looks|spreads)", says(frame))
    assert all(ink(frame, i) > 500 for i in range(3))
    nothing_cut(frame)


def test_run_in_a_dark_jupyterlab(ran):
    assert ran.cell_errors() == []
    in_lab(ran)
    assert ran.watch.problems() == []


def test_keys_stay_in_the_view(ran):
    cells = ran.cells().count()
    frame = next(f for f in ran.page.frames if f.parent_frame)
    frame.locator("canvas").first.focus()
    for key in ("b", "d", "d", "a", "ArrowRight"):  # JupyterLab adds and deletes cells with these
        ran.page.keyboard.press(key)
    ran.page.wait_for_timeout(200)
    assert ran.cells().count() == cells and says(frame).startswith("Layer 0, head 1:")


def test_saved_and_opened_again_without_a_kernel(ran, lab, browser):
    ran.save()
    ran.shut_down_kernel()
    with Notebook(lab, browser, ran.path) as again:
        in_lab(again)
        assert again.watch.problems() == []


def test_untrusted_the_still_remains(ran, lab, browser):
    ran.save()
    stored = lab.root / ran.path
    copy = stored.with_name("attention_untrusted.ipynb")
    text = stored.read_text(encoding="utf-8").replace('"trusted": true', '"trusted": false')
    copy.write_text(re.sub(r'("source": \[\s*")', r"\1# seen before\\n", text, count=1), encoding="utf-8")
    with Notebook(lab, browser, copy.relative_to(lab.root).as_posix()) as other:
        image = other.page.locator("figure img.behind")
        image.wait_for()
        assert other.page.locator("figure > iframe").count() == 0 and image.is_visible()
        assert "Attention of 2 layers with 3 heads each over 6 tokens." in image.get_attribute("alt")
        assert image.evaluate("i => i.naturalWidth") > 500


# --- BertViz in its frame ---------------------------------------------------------------------------------------------

# in the place of the loader: it notes what is asked for, and draws a line where BertViz would
LOADER = """
window.require = {config: () => {}};
window.requirejs = (names) => { window.asked = names; document.getElementById("vis").innerHTML = "<svg><g></g></svg>"; };
"""


@pytest.fixture
def framed(monkeypatch):
    monkeypatch.setattr(bertviz, "_reachable", lambda address: True)
    return bertviz.bertviz_head_view(HOSTILE, maps(2, 2, len(HOSTILE)))


def test_bertviz_starts_with_any_token_where_its_scripts_arrive(browser, framed):
    page, wrong = browser.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.route("**/*", lambda route: route.fulfill(body=LOADER, content_type="text/javascript"))
    page.set_content(framed.document)
    page.wait_for_function("() => window.asked")
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.asked") == ["jquery", "d3"] and wrong == []
    assert page.locator("#outer").is_visible() and page.locator("#instead").is_hidden() and page.locator("iframe").count() == 0
    page.close()


def test_bertviz_gives_way_to_the_explorer_where_they_do_not(new_page, framed, tmp_path):
    page = new_page(900, 1100)
    page.goto(framed.save(tmp_path / "view.html").as_uri())
    outer = page.frames[1]
    expect(outer.locator("#instead")).to_have_text(re.compile("BertViz needs scripts from the network.*the course's own explorer"))
    frame = outer.locator("iframe").element_handle().content_frame()
    frame.wait_for_selector("body[data-ready]")
    frame.locator(".text button").nth(1).click()
    assert says(frame).startswith("Layer 0, head 0: ") and ink(frame, 1) > 300


# --- a page that cannot unpack itself ---------------------------------------------------------------------------------


def test_in_a_browser_that_cannot_inflate_the_page_is_its_text(new_page):
    page = new_page(700, 500)
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto("about:blank")
    page.set_content(small().document)
    page.wait_for_timeout(300)
    assert page.locator("p.unseen").inner_text() == small().alt and page.locator("p.unseen").bounding_box()["height"] > 20


def test_a_script_that_fails_says_so(new_page):
    page = new_page(700, 500)
    page.add_init_script("CanvasRenderingContext2D.prototype.fillText = () => { throw new Error('no letters') }")
    page.goto("about:blank")
    page.set_content(small().document)
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text() == "This view could not start in this browser. " + small().alt
