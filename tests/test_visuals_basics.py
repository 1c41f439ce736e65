"""The palette and the one way out for a picture: `shared.visuals.palette` and `shared.visuals.figure`."""

import base64
import html.parser
import io
import itertools
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from shared.visuals import figure, palette
from shared.visuals.figure import DOTS_PER_INCH, KINDS, Picture, saved, words_in

ROOT = Path(__file__).resolve().parents[1]

# How a color reaches eyes that lack one kind of cone, on linear RGB: Machado, Oliveira and Fernandes 2009,
# "A Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.0
EYES = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# ΔE (CIE 1976) of 2.3 is just noticeable side by side; 10 is told apart at a glance
APART = 10
READABLE, VISIBLE = 4.5, 3.0  # WCAG 2.2: contrast of text, and of borders and other parts of a drawing


def linear(color: str) -> np.ndarray:
    assert re.fullmatch(r"#[0-9A-Fa-f]{6}", color), color
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG's ratio, from 1 (same) to 21 (black on white)."""
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(color: str, eyes: str) -> np.ndarray:
    """CIE L*a*b* (white D65) of a color as these eyes see it."""
    seen = np.clip(np.asarray(EYES[eyes]) @ linear(color), 0, 1)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = to_xyz @ seen / [0.95047, 1, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def too_close(colors: dict[str, str], eyes: str) -> list[str]:
    pairs = itertools.combinations(colors, 2)
    distances = {(a, b): np.linalg.norm(lab(colors[a], eyes) - lab(colors[b], eyes)) for a, b in pairs}
    return [f"{a} and {b}: ΔE {d:.1f}" for (a, b), d in distances.items() if d < APART]


# --- palette ----------------------------------------------------------------------------------------------------------


def test_the_measures_themselves():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WCAG's well-known near miss
    assert lab("#FFFFFF", "normal") == pytest.approx([100, 0, 0], abs=0.01)
    # red and green that differ for most eyes, and nearly meet in deuteranopia
    assert too_close({"red": "#C04040", "green": "#7A6E1E"}, "normal") == []
    assert too_close({"red": "#C04040", "green": "#7A6E1E"}, "deuteranopia") != []


def test_every_concept_has_a_color_and_a_letter_of_its_own():
    wanted = {"query", "key", "value", "attention", "residual", "position", "feed-forward", "normalization"}
    assert set(palette.CONCEPTS) == wanted
    assert len({palette.color(c) for c in wanted}) == len({palette.letter(c) for c in wanted}) == len(wanted)
    assert all(re.fullmatch("[A-Z]", palette.letter(c)) for c in wanted)
    assert palette.color("query") == "#0072B2" and palette.letter("query") == "Q"


@pytest.mark.parametrize("eyes", EYES)
def test_concepts_stay_apart_for_color_blind_eyes(eyes):
    assert too_close({c: palette.color(c) for c in palette.CONCEPTS}, eyes) == []


@pytest.mark.parametrize("ground", ["CARD", "PAPER"])
@pytest.mark.parametrize("ink", ["INK", "QUIET"])
def test_text_is_readable_on_the_card(ink, ground):
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= READABLE


@pytest.mark.parametrize("concept", palette.CONCEPTS)
def test_words_and_borders_of_a_concept_are_seen_on_the_card(concept):
    for ground in (palette.CARD, palette.PAPER):
        assert contrast(palette.words(concept), ground) >= READABLE
        assert contrast(palette.outline(concept), ground) >= VISIBLE


@pytest.mark.parametrize("function", [palette.color, palette.letter, palette.outline, palette.words, palette.weights_map])
def test_an_unknown_concept_is_named_beside_the_known_ones(function):
    with pytest.raises(ValueError) as caught:
        function("querry")
    assert "'querry'" in str(caught.value) and all(c in str(caught.value) for c in palette.CONCEPTS)


@pytest.mark.parametrize("concept", palette.CONCEPTS)
def test_a_map_of_weights_goes_from_white_to_dark_and_never_back(concept):
    colors = palette.weights_map(concept)(np.linspace(0, 1, 101))[:, :3]
    assert colors[0] == pytest.approx([1, 1, 1])
    lightness = [lab("#" + "".join(f"{round(255 * c):02X}" for c in color), "normal")[0] for color in colors]
    assert all(later <= earlier + 0.5 for earlier, later in itertools.pairwise(lightness))
    assert lightness[-1] < 35


def test_the_signed_map_is_white_at_exactly_zero_and_tells_the_signs_apart():
    colors = palette.signed_map()
    assert colors(0.5)[:3] == pytest.approx((1, 1, 1), abs=1e-3)
    ends = {name: "#" + "".join(f"{round(255 * c):02X}" for c in colors(x)[:3]) for name, x in (("-", 0.25), ("+", 0.75))}
    for eyes in EYES:
        assert too_close(ends, eyes) == []


# --- figure -----------------------------------------------------------------------------------------------------------

WORDS = {"alt": "The line rises: twice the steps, twice the height", "caption": "Steps against height."}


def drawing(width: float = 4):
    picture, axes = plt.subplots(figsize=(width, 2))
    axes.plot([0, 1, 2], [0, 1, 2])
    axes.set_title("Twice the steps, twice the height")
    return picture


def png(width: int, height: int = 10) -> bytes:
    raw = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(raw, format="PNG")
    return raw.getvalue()


class Reader(html.parser.HTMLParser):
    """What a browser would find: tags with attributes, and the text between them."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def only(self, tag: str) -> dict:
        (attributes,) = [a for t, a in self.tags if t == tag]
        return attributes


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    plt.close("all")


@pytest.mark.parametrize("missing", ["alt", "caption"])
@pytest.mark.parametrize("text", ["", "   \n", None, 7])
def test_no_picture_leaves_without_words(missing, text):
    with pytest.raises(ValueError, match=f"{missing} must say something"):
        figure(drawing(), **(WORDS | {missing: text}))
    with pytest.raises(TypeError, match=missing):
        figure(drawing(), **{k: v for k, v in WORDS.items() if k != missing})


def test_the_card_holds_image_alt_text_and_caption():
    found = Reader(figure(drawing(), **WORDS).html)
    assert found.only("figure")["data-kind"] == "still"
    assert found.only("img")["alt"] == WORDS["alt"]
    assert found.text == WORDS["caption"]
    image = Image.open(io.BytesIO(base64.b64decode(found.only("img")["src"].removeprefix("data:image/png;base64,"))))
    assert image.format == "PNG" and image.width == 4 * DOTS_PER_INCH


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_is_said(kind):
    assert Reader(figure(png(20), kind=kind, **WORDS).html).only("figure")["data-kind"] == kind


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="kind must be one of still, animation, interactive; got 'movie'"):
        figure(png(20), kind="movie", **WORDS)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><script>alert(1)</script>', "</figcaption></figure><b>", "a & b < c", "'quoted' \"twice\"", "😀 naïve 猫"]
)
def test_words_are_text_whatever_they_hold(text):
    found = Reader(figure(png(20), alt=text, caption=text).html)
    assert [tag for tag, _ in found.tags] == ["figure", "div", "img", "figcaption"]
    assert found.only("img")["alt"] == text and found.text == text


def test_line_breaks_in_words_become_blanks():
    picture = figure(png(20), alt="one\n   two", caption="three\n\tfour")
    assert (picture.alt, picture.caption) == ("one two", "three four")


def test_the_drawing_is_closed_so_that_it_is_not_shown_twice():
    picture = drawing()
    other = drawing()
    figure(picture, **WORDS)
    assert plt.get_fignums() == [other.number]


def test_a_notebook_gets_html_and_a_bare_png():
    picture = figure(drawing(), **WORDS)
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/html"] == picture.html
    assert base64.b64decode(bundle["image/png"]) == picture.bare
    sharp, bare = (Image.open(io.BytesIO(data)) for data in (picture.png, picture.bare))
    assert (sharp.width, bare.width) == (600, 400), "one and a half dots a pixel on the card, one in the bare form"
    assert WORDS["caption"] in bundle["text/plain"] and "0x" not in bundle["text/plain"]


def two_panels():
    picture, axes = plt.subplots(1, 2, figsize=(6, 3))
    axes[0].imshow([[0, 1], [2, 3]])
    axes[0].set(title="A map", xlabel="keys", ylabel="queries")
    picture.colorbar(axes[0].images[0])
    axes[1].plot([1, 1000, 10], label="long numbers")
    axes[1].legend(loc="upper left")
    return picture


@pytest.mark.parametrize("dots", [100, 150])
def test_a_drawing_is_saved_as_matplotlib_itself_saves_it(dots):
    theirs = io.BytesIO()
    two_panels().savefig(theirs, format="png", dpi=dots)
    ours = saved(two_panels(), dots)
    assert np.array_equal(*(np.asarray(Image.open(one).convert("RGB")) for one in (theirs, ours)))


def test_a_drawing_is_arranged_and_drawn_once(monkeypatch):
    counted = {"draw": 0, "execute": 0}

    def count(owner, name):
        way = getattr(owner, name)

        def counting(*given, **named):
            counted[name] += 1
            return way(*given, **named)

        monkeypatch.setattr(owner, name, counting)

    count(Figure, "draw")
    count(ConstrainedLayoutEngine, "execute")
    picture = figure(two_panels(), **WORDS)
    assert counted == {"draw": 1, "execute": 1}
    assert picture.bare == picture.bare
    assert counted == {"draw": 2, "execute": 1}, "the second rendering waits until it is asked for, and moves nothing"


def test_a_drawing_that_was_changed_is_arranged_anew():
    drawn = two_panels()
    figure(drawn, **WORDS)
    drawn.axes[0].set_ylabel("queries\nin four\nlines of\nwords")
    changed = two_panels()
    changed.axes[0].set_ylabel("queries\nin four\nlines of\nwords")
    figure(drawn, **WORDS), figure(changed, **WORDS)
    # matplotlib comes near the same places from wherever it starts
    places = [[ax.get_position().bounds for ax in one.axes] for one in (drawn, changed)]
    assert places[0] == [pytest.approx(bounds, abs=0.002) for bounds in places[1]]
    assert places[0][0][0] > two_panels().axes[0].get_position().x0 + 0.05


def test_a_drawing_with_places_of_its_own_stays_as_it_is():
    drawn = Figure(figsize=(4, 2), layout="none")
    ax = drawn.add_axes((0.1, 0.2, 0.5, 0.6))
    figure(drawn, **WORDS)
    assert drawn.get_layout_engine() is None and ax.get_position().bounds == pytest.approx((0.1, 0.2, 0.5, 0.6))


def test_ipython_shows_the_bundle():
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(figure(png(20), **WORDS))
    assert {"text/html", "image/png"} <= set(data)


def test_the_same_drawing_gives_the_same_bytes():
    assert figure(drawing(), **WORDS).html == figure(drawing(), **WORDS).html


def test_another_process_gives_the_same_bytes():
    program = (
        "import hashlib, matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt; from shared.visuals import figure;"
        "f, a = plt.subplots(figsize=(4, 2)); a.imshow([[0, 1], [2, 3]]); a.set_title('t');"
        "print(hashlib.sha256(figure(f, alt='a', caption='c').png).hexdigest())"
    )
    runs = {subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1 and len(runs.pop().strip()) == 64


def test_a_picture_says_nothing_about_when_or_where_it_was_made():
    assert set(Image.open(io.BytesIO(figure(drawing(), **WORDS).png)).info) <= {"dpi"}


def test_a_picture_is_kept_small_and_its_colors_true():
    picture, axes = plt.subplots(figsize=(6, 3))
    for place, concept in enumerate(palette.CONCEPTS):
        axes.bar(place, 1, color=palette.color(concept))
    raw = io.BytesIO()
    picture.savefig(raw, format="png", dpi=150)
    small = figure(picture, **WORDS).png
    assert len(small) < len(raw.getvalue())
    there = {tuple(c) for c in np.array(Image.open(io.BytesIO(small)).convert("RGB")).reshape(-1, 3)}
    for concept in palette.CONCEPTS:
        wanted = [int(palette.color(concept)[i : i + 2], 16) for i in (1, 3, 5)]
        assert min(max(abs(int(a) - b) for a, b in zip(c, wanted, strict=True)) for c in there) <= 4, concept


def shown_width(picture: Picture) -> int:
    style = Reader(picture.html).only("img")["style"]
    assert "max-width:100%" in style and "height:auto" in style  # so that it shrinks on a phone
    return int(re.search(r"(?<![-\w])width:(\d+)px", style).group(1))


@pytest.mark.parametrize(("inches", "pixels"), [(4, 400), (9, 900), (14, 900)])
def test_a_drawing_is_shown_at_its_own_size_up_to_900_pixels(inches, pixels):
    assert shown_width(figure(drawing(inches), **WORDS)) == pixels


def test_width_can_be_chosen():
    assert shown_width(figure(drawing(), width=300, **WORDS)) == 300
    assert shown_width(figure(png(120), **WORDS)) == 120
    assert shown_width(figure(png(2000), **WORDS)) == 900


@pytest.mark.parametrize("width", [901, 5000, 0, -3, 2.5, True, "600"])
def test_a_width_that_cannot_be_is_named(width):
    with pytest.raises((TypeError, ValueError), match=f"width.*{re.escape(repr(width))}"):
        figure(png(20), width=width, **WORDS)


@pytest.mark.parametrize("picture", [b"GIF89a", b"", b"\x89PNG but no more", None, "picture.png", np.zeros((2, 2))])
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises((TypeError, ValueError), match="picture must be a matplotlib figure or the bytes of a PNG"):
        figure(picture, **WORDS)


def test_an_animated_png_stays_animated():
    raw = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), c) for c in ("white", "black", "red")]
    frames[0].save(raw, format="PNG", save_all=True, append_images=frames[1:], duration=100)
    picture = figure(raw.getvalue(), kind="animation", **WORDS)
    assert picture.png == raw.getvalue()


def test_a_wide_picture_scrolls_on_a_phone_instead_of_shrinking_away():
    found = Reader(figure(drawing(9), **WORDS).html)
    assert "overflow-x:auto" in found.only("div")["style"] and "min-width:600px" in found.only("img")["style"]
    assert "min-width:120px" in Reader(figure(png(120), **WORDS).html).only("img")["style"]


def test_nothing_in_a_card_is_fetched():
    assert not re.search(r"https?:|//|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", figure(drawing(), **WORDS).html))


def test_save_writes_the_png_and_makes_the_folder(tmp_path):
    picture = figure(png(20), **WORDS)
    path = picture.save(tmp_path / "new" / "picture.png")
    assert path == tmp_path / "new" / "picture.png"
    # the file is the picture with its words behind the header, and nothing else
    saved, header = path.read_bytes(), 33
    assert saved[:header] == picture.png[:header] and saved.endswith(picture.png[header:])
    assert words_in(path) == (picture.alt, picture.caption)
