"""The sheet to draw on in a real browser: pen, eraser, words, undo, keys, touch, a phone, a download, and the ear in the notebook."""

import base64
import io
import json

import pytest
from PIL import Image

from shared.learning.cards import ASSETS
from shared.visuals.attention_flow import label_the_flow
from shared.visuals.canvas import canvas_view
from tests.browser.test_forms import MODEL
from tests.browser.test_interactives import enter, nothing_cut

WORDS = dict(alt="An empty sheet, for the flow of attention from memory.", caption="Draw here.")


def sheet(**more):
    return canvas_view("w1d5_flow", **WORDS, **more)


def seen(frame) -> Image.Image:
    """What stands on the sheet."""
    address = frame.evaluate("() => document.querySelector('canvas').toDataURL('image/png')")
    return Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).convert("RGB")


def ink(frame, color=None) -> int:
    """How many pixels are not white, or are of one color."""
    colors = {found: count for count, found in seen(frame).getcolors(10**6)}
    return colors.get(color, 0) if color else sum(count for found, count in colors.items() if found != (255, 255, 255))


def drag(page, frame, *places) -> None:
    """Draw from place to place; places are shares of the sheet's width and height."""
    box = frame.locator("canvas").bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def test_a_line_is_drawn_where_the_pointer_goes_and_undone(show):  # noqa: F811
    page, frame = show(sheet())
    assert ink(frame) == 0 and frame.get_by_role("button", name="Undo").is_disabled()
    drag(page, frame, (0.1, 0.5), (0.9, 0.5))
    picture = seen(frame)
    assert picture.getpixel((picture.width // 2, picture.height // 2)) == (31, 41, 55)
    assert picture.getpixel((picture.width // 2, picture.height // 4)) == (255, 255, 255)
    first = ink(frame)
    drag(page, frame, (0.5, 0.1), (0.5, 0.9))
    assert ink(frame) > 1.4 * first
    frame.get_by_role("button", name="Undo").click()
    assert ink(frame) == first
    frame.get_by_role("button", name="Undo").click()
    assert ink(frame) == 0


def test_colors_eraser_and_clear(show):  # noqa: F811
    page, frame = show(sheet())
    frame.get_by_role("button", name="color of query").click()
    drag(page, frame, (0.1, 0.3), (0.9, 0.3))
    blue = (0, 114, 178)
    whole = ink(frame, blue)
    assert whole > 1000
    frame.get_by_role("button", name="Eraser").click()
    drag(page, frame, (0.5, 0.1), (0.5, 0.5))
    assert 0 < ink(frame, blue) < whole
    frame.get_by_role("button", name="Clear").click()
    assert ink(frame) == 0 and "Undo brings it back" in frame.locator("[role=status]").inner_text()
    frame.get_by_role("button", name="Undo").click()
    frame.get_by_role("button", name="Undo").click()
    assert ink(frame, blue) == whole
    frame.get_by_role("button", name="color of key").click()  # a color is for the pen
    assert frame.get_by_role("button", name="Pen").get_attribute("aria-pressed") == "true"


def test_a_word_is_put_where_one_points(show):  # noqa: F811
    page, frame = show(sheet())
    frame.get_by_role("button", name="Word").click()
    drag(page, frame, (0.5, 0.5), (0.5, 0.5))
    assert ink(frame) == 0 and "Write a word" in frame.locator("[role=status]").inner_text()
    frame.get_by_label("word to put on the sheet").fill("<b>softmax</b>")
    drag(page, frame, (0.5, 0.5), (0.5, 0.5))
    assert ink(frame) > 300 and "“<b>softmax</b>” stands" in frame.locator("[role=status]").inner_text()


def test_from_the_keyboard_alone(show):  # noqa: F811
    page, frame = show(sheet())
    enter(page, frame)
    for _ in range(14):
        if frame.evaluate("() => document.activeElement.tagName") == "CANVAS":
            break
        page.keyboard.press("Tab")
    assert frame.evaluate("() => document.activeElement.tagName") == "CANVAS", "every button lies before it, and none keeps the focus"
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert frame.locator("[role=status]").inner_text() == "Pen up."
    line = frame.evaluate("() => { document.querySelector('canvas').blur(); return 1 }") and ink(frame)
    assert line > 300, "a line of ten steps, without the cross"
    frame.locator("canvas").focus()
    page.keyboard.press("Control+z")
    frame.evaluate("() => document.querySelector('canvas').blur()")
    assert ink(frame) == 0


def test_a_finger_draws_and_does_not_scroll(show):  # noqa: F811
    page, frame = show(sheet(), width=360, has_touch=True)
    box = frame.locator("canvas").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert ink(frame) > 5 and frame.locator("canvas").evaluate("e => getComputedStyle(e).touchAction") == "none"


def test_it_downloads_its_picture(show):  # noqa: F811
    page, frame = show(sheet())
    drag(page, frame, (0.1, 0.1), (0.9, 0.9))
    with page.expect_download() as waiting:
        frame.get_by_role("button", name="Download PNG").click()
    assert waiting.value.suggested_filename == "w1d5_flow.png"
    assert Image.open(waiting.value.path()).size == (880, 580)
    assert not frame.get_by_role("button", name="Save to portfolio").is_visible(), "nobody listens here"


def test_an_earlier_drawing_can_be_gone_on_from(show):  # noqa: F811
    out = io.BytesIO()
    Image.new("RGB", (880, 580), "#00694D").save(out, format="PNG")
    page, frame = show(sheet(start=out.getvalue()))
    frame.wait_for_function("() => document.querySelector('canvas').getContext('2d').getImageData(9, 9, 1, 1).data[0] === 0")
    frame.get_by_role("button", name="Clear").click()
    assert ink(frame) == 0
    frame.get_by_role("button", name="Undo").click()
    assert ink(frame) == 880 * 580


@pytest.mark.parametrize("width", [900, 800, 732, 640, 480, 360, 320])
def test_it_fits_every_width(show, width):  # noqa: F811
    page, frame = show(sheet(), width=width)
    frame.get_by_role("button", name="Word").click()  # the bar is longest with its box
    frame.evaluate("() => { for (const b of document.querySelectorAll('button')) b.hidden = false }")
    frame.evaluate("() => { document.querySelector('.said').textContent = 'Saved as portfolio/w1d5_attention_flow.png.' }")
    nothing_cut(frame)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert all(height >= 32 for height in frame.locator("button").evaluate_all("all => all.map(b => b.offsetHeight)"))


def test_the_ear_takes_only_what_its_own_sheet_sends(show):  # noqa: F811
    page, frame = show(sheet())
    code = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in ("form.js", "sketch.js"))
    values = json.dumps(json.dumps({"content": json.dumps({"name": "w1d5_flow"}), "state": json.dumps({"said": ""})}))
    page.add_script_tag(content="{" + code.replace("export default { render };", MODEL.replace("VALUES", values) + "render({ model, el: document.body });") + "}")
    save = frame.get_by_role("button", name="Save to portfolio")
    save.wait_for()
    save.click()
    assert "still empty" in frame.locator("[role=status]").inner_text() and page.evaluate("window.sent.length") == 0
    drag(page, frame, (0.1, 0.1), (0.9, 0.9))
    save.click()
    page.wait_for_function("() => window.sent.length === 1")
    sent = page.evaluate("window.sent[0]")
    assert sent["do"] == "save" and sent["png"].startswith("data:image/png;base64,")
    page.evaluate("answer({said: 'Saved as portfolio/w1d5_flow.png.'})")
    frame.wait_for_function("() => document.querySelector('.said').textContent.startsWith('Saved as')")
    # the page itself, or a sheet of another name, is not heard
    page.evaluate("""() => { postMessage({course: "sketch", name: "w1d5_flow", png: "data:image/png;base64,AA"}, "*") }""")
    frame.evaluate("""() => { parent.postMessage({course: "sketch", name: "other", png: "data:image/png;base64,AA"}, "*") }""")
    page.wait_for_timeout(200)
    assert page.evaluate("window.sent.length") == 1


# --- the flow with blanks ----------------------------------------------------------------------------------------------


def blanks():
    long = "A learned matrix makes each word's query from its whole row: (6, 512)(512, 64) = (6, 64)."
    labels = {"w_q": "× W_q", "k": "K", "mask": "mask: −∞", "softmax": "softmax along each row", "v": "V", "mix": "A V", "w_o": "× W_o"}
    return label_the_flow(labels, ["<b>A K</b>"], {part: long for part in labels}, {("k", "V"): "That one is mixed. " + long}, **WORDS)


@pytest.mark.drawn
def test_labels_are_checked_one_by_one(show):  # noqa: F811
    page, frame = show(blanks())
    menus = frame.locator("select")
    frame.get_by_role("button", name="Check").click()
    assert "Nothing is chosen" in frame.locator(".sum").inner_text()
    menus.nth(0).select_option("× W_q")
    menus.nth(1).select_option("V")
    menus.nth(2).select_option("<b>A K</b>")
    frame.get_by_role("button", name="Check").click()
    said = frame.locator(".said").all_inner_texts()
    assert said[0].startswith("✓ A learned") and said[1].startswith("✗ That one is mixed") and said[2].startswith("✗ Not this one") and said[3] == ""
    assert frame.locator(".sum").inner_text() == "1 of 7 right, 4 still open."
    assert not frame.locator("b").count()
    empty = frame.locator("img").get_attribute("src")
    for menu, label in zip(menus.all(), ("× W_q", "K", "mask: −∞", "softmax along each row", "V", "A V", "× W_o")):
        menu.select_option(label)
    assert frame.locator(".said").nth(1).inner_text() == "", "a reason goes when the choice does"
    frame.get_by_role("button", name="Check").click()
    assert "All 7 right" in frame.locator(".sum").inner_text() and frame.locator("img").get_attribute("src") != empty


@pytest.mark.parametrize("width", [900, 732, 640, 480, 360, 320])
def test_reasons_fit_every_width(show, width):  # noqa: F811
    page, frame = show(blanks(), width=width)
    for menu in frame.locator("select").all():
        menu.select_option("V")
    frame.get_by_role("button", name="Check").click()
    nothing_cut(frame)
    for menu, label in zip(frame.locator("select").all(), ("× W_q", "K", "mask: −∞", "softmax along each row", "V", "A V", "× W_o")):
        menu.select_option(label)
    frame.get_by_role("button", name="Check").click()
    nothing_cut(frame)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
