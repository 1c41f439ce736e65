"""Code beside the model in a real browser: a line lights its parts, a part leads to its lines, keys work, nothing is cut off."""

import inspect

import pytest

from shared.gpt import GPT, Block, FeedForward
from shared.visuals.model_code import code_view, note_of

PIECES = {"GPT": inspect.getsource(GPT.__init__), "Block": inspect.getsource(Block), "FeedForward": inspect.getsource(FeedForward)}
SIZES = dict(B=1, T=6, d=768, h=12, k=64, V=50257, C=1024, n=12)


@pytest.fixture
def frame(inside_of, request):
    view = code_view(PIECES, SIZES, alt="Each line lights its own parts of the drawing.", caption="Choose a line.")
    return inside_of(view, getattr(request, "param", 900), 1200)


def lit(frame) -> set[str]:
    return set(frame.locator("g.on").evaluate_all("all => all.map(g => g.dataset.part)"))


def test_each_line_lights_its_parts(frame):
    for name in PIECES:
        frame.get_by_role("button", name=name, exact=True).click()
        for i in range(frame.locator(".line").count()):
            line = frame.locator(".line").nth(i)
            line.click()
            note = note_of(line.inner_text())
            assert lit(frame) == set(note.lights)
            assert frame.locator(".says").inner_text() == note.says
            assert bool(frame.locator(".shape").inner_text()) == bool(note.gives)


def test_keys_and_parts_lead_to_lines(frame):
    frame.get_by_role("button", name="Block").click()
    frame.locator(".line").first.focus()
    for _ in range(3):
        frame.page.keyboard.press("ArrowDown")
    assert "self.norm_1" in frame.locator("[aria-selected=true]").inner_text()
    assert frame.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    frame.locator("g[data-part=up]").click()
    assert "up" in lit(frame) and frame.locator(".tabs [aria-pressed=true]").inner_text() == "FeedForward"


@pytest.mark.parametrize("frame", [250, 360, 420, 460, 700, 760, 900], indirect=True)
def test_nothing_is_cut_off(frame):
    for name in PIECES:
        frame.get_by_role("button", name=name, exact=True).click()
        high, seen, wide, across = frame.evaluate("[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]")
        assert high <= seen and wide <= across
