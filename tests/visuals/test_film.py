"""The film and the sheet, read back with Pillow: durations add up to the script's, the scenes are shown when they are due, words fit."""

import html
import html.parser
import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from shared.learning.storyboard import timed_script
from shared.visuals.figure import figure
from shared.visuals.film import Film, _font, drawable, film, storyboard_sheet, wrap

HUES = ("#0072B2", "#009E73", "#D55E00")


def png(color="#0072B2", size=(300, 200), mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, format="PNG")
    return out.getvalue()


def script_of(*words, speed=120, line="word"):
    return timed_script([(f"Scene {i}", " ".join([line] * n)) for i, n in enumerate(words, 1)], speed)


SCRIPT = script_of(7, 12, 21)  # 3.5, 6 and 10.5 s: starts at 0, 4, 10; 20 s


@pytest.fixture(scope="module")
def made() -> Film:
    return film([png(hue) for hue in HUES], SCRIPT, caption="A small film.", width=400)


def shown(gif):
    """(seconds, RGB frame) for each frame of a GIF."""
    with Image.open(io.BytesIO(gif)) as image:
        return [(frame.info["duration"] / 1000, frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]


def nearest(pixel):
    return min(range(3), key=lambda i: sum(abs(int(HUES[i][2 * k + 1 : 2 * k + 3], 16) - int(pixel[k])) for k in range(3)))


def test_each_scene_is_shown_as_long_as_its_line_takes(made):
    seconds = [0.0, 0.0, 0.0]
    for stay, frame in shown(made.gif):
        seconds[nearest(frame.getpixel((200, 140)))] += stay
    assert seconds == [scene.seconds for scene in SCRIPT.scenes] == [4, 6, 10]
    assert made.seconds == sum(seconds) == SCRIPT.seconds == 20


@pytest.mark.parametrize("speed, words", [(97, (9, 31)), (131, (17, 23, 40)), (200, (5, 5, 5, 5))])
def test_the_durations_add_up_to_the_script(speed, words):
    script = script_of(*words, speed=speed)
    made = film([png()] * len(words), script, caption="c", width=360)
    assert sum(stay for stay, _ in shown(made.gif)) == script.seconds


def test_the_bar_grows_and_is_full_at_the_end(made):
    frames = [np.asarray(frame).astype(int) for _, frame in shown(made.gif)]
    bars = [int((np.abs(frame[-10] - [0x8E, 0x45, 0x85]).sum(-1) < 30).sum()) for frame in frames]
    assert bars == sorted(bars) and len(set(bars)) == len(bars) == 20
    assert bars[0] == pytest.approx(400 / 20, abs=3) and bars[-1] >= 390


def test_it_plays_once(made):
    with Image.open(io.BytesIO(made.gif)) as image:
        assert "loop" not in image.info and image.format == "GIF" and image.width == 400


def test_a_longer_line_makes_the_frame_taller_and_stays_inside():
    short, long = (film([png()], script_of(n), caption="c", width=360).still for n in (10, 90))
    few, many = (Image.open(io.BytesIO(one.png)).convert("L") for one in (short, long))
    assert many.height > few.height and few.width == many.width == 360
    ink = np.asarray(many) < 120
    assert ink[:, 340:360][-200:-30].any() == False  # noqa: E712  nothing of the words at the right edge


def test_a_line_is_wrapped_and_a_long_word_is_cut():
    font = _font(16)
    for text in ("The cat sat on the mat. " * 12, "x" * 200, "a " + "wide" * 40 + " b"):
        lines = wrap(text, font, 240)
        assert len(lines) > 2 and all(font.getlength(line) <= 240 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap("  ", font, 100) == [""]


def test_what_the_font_lacks_is_named():
    assert drawable("a\n 🦊 é √d") == "a [fox face] é √d" and drawable("猫") == "[U+732B]"


class Images(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.alts, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "img":
            self.alts.append(dict(attributes)["alt"])


def test_words_cannot_break_out_of_the_card():
    nasty = 'She said "<script>alert(1)</script>" & left'
    script = timed_script([(nasty, nasty)])
    made = film([png()], script, caption=nasty, width=360)
    read = Images(made.html)
    assert "script" not in read.tags and read.tags.count("img") == 2
    assert all(nasty in alt for alt in read.alts) and html.escape(nasty) in made.html
    assert "script" not in Images(storyboard_sheet([png()], script, title=nasty, caption=nasty).html).tags


def test_the_card_starts_nothing_by_itself(made):
    text = made.html
    assert 'data-kind="animation"' in text and text.index("image/png") < text.index("<details>") < text.index("image/gif")
    assert "<details open" not in text and "Play the film, 0:20" in text
    assert made._repr_mimebundle_()["text/plain"] == "<film of 0:20: A small film.>"


def test_the_alt_text_reads_the_film_out(made):
    assert made.still.alt.startswith("A film of 3 scenes in 0:20. 0:00, Scene 1: word") and "0:10, Scene 3" in made.still.alt


def test_the_sheet_shows_every_picture_at_its_place():
    sheet = storyboard_sheet([png(hue) for hue in HUES], SCRIPT, title="My film", caption="c")
    image = np.asarray(Image.open(io.BytesIO(sheet.png)).convert("RGB")).astype(int)
    assert sheet.width == 900 and image.shape[1] == 1350
    centers = []
    for hue in HUES:
        mask = np.abs(image - [int(hue[i : i + 2], 16) for i in (1, 3, 5)]).sum(-1) < 20
        y, x = np.nonzero(mask)
        centers.append((x.mean() / 1350, y.mean() / image.shape[0]))
    assert centers[0][0] == pytest.approx(0.25, abs=0.02) and centers[1][0] == pytest.approx(0.75, abs=0.02)
    assert centers[2][0] == pytest.approx(0.25, abs=0.02) and centers[2][1] > centers[0][1] == pytest.approx(centers[1][1], abs=0.01)
    assert "2, Scene 2, from 0:04, 6 s: word" in sheet.alt and sheet.alt.startswith("My film: 3 scenes in 0:20.")


def test_pictures_come_as_bytes_files_and_pictures_also_transparent_and_animated(tmp_path):
    file = tmp_path / "one.png"
    file.write_bytes(png("#00000000", mode="RGBA"))
    moving = io.BytesIO()
    first, second = Image.new("RGB", (90, 60), "#009E73"), Image.new("RGB", (90, 60), "#D55E00")
    first.save(moving, format="PNG", save_all=True, append_images=[second], duration=100)
    pictures = [file, str(file), moving.getvalue(), figure(png(), alt="a", caption="c")]
    made = film(pictures, script_of(4, 4, 4, 4), caption="c", width=360)
    middles = [frame.getpixel((180, 130)) for _, frame in shown(made.gif)][::2]
    assert middles[0] == middles[1] == (255, 255, 255) and nearest(middles[2]) == 1 and nearest(middles[3]) == 0


def test_the_film_goes_to_a_file_and_is_the_same_twice(made, tmp_path):
    file = made.save(tmp_path / "new" / "film.gif")
    assert file.read_bytes() == made.gif == film([png(hue) for hue in HUES], SCRIPT, caption="A small film.", width=400).gif


@pytest.mark.parametrize("call, says", [
    (lambda: film([png()], SCRIPT, caption="c"), "3 scenes, got 1"),
    (lambda: film([png(), b"no image", png()], SCRIPT, caption="c"), "scene 2 cannot be read"),
    (lambda: film([png(), png(), "nowhere/missing.png"], SCRIPT, caption="c"), "scene 3 .*'missing.png'"),
    (lambda: film([png(), None, png()], SCRIPT, caption="c"), "scene 2 .*NoneType"),
    (lambda: film([png()] * 3, SCRIPT, caption="c", width=901), "360 to 900"),
    (lambda: film([png()] * 3, SCRIPT, caption="c", width=True), "360 to 900"),
    (lambda: film([png()] * 3, "script", caption="c"), "timed_script"),
    (lambda: film([png()], script_of(1300), caption="c"), "10:00 at most"),
    (lambda: film([png()] * 2, script_of(10, 1, speed=240), caption="c"), "0 s"),
    (lambda: film([png()] * 3, SCRIPT, caption=" "), "caption"),
    (lambda: storyboard_sheet([png()] * 2, SCRIPT, title="t", caption="c"), "3 scenes, got 2"),
    (lambda: storyboard_sheet([png()] * 3, SCRIPT, title=" ", caption="c"), "title"),
])  # fmt: skip
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
