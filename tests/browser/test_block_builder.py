"""The block builder in a real browser: switches light the tower, the loss on the scale is that of the model, nothing is cut off."""

import pytest

from shared.visuals.block_drawing import Recipe, Trained, block_builder

WAYS = [Recipe(mix, ff, cut) for mix in ("", "average", "heads") for ff in (False, True) for cut in (False, True) if mix or ff or not cut]
MODELS = {recipe: Trained(3.6 - 0.2 * i, f"Once upon a time there was a number {i} " * 3) for i, recipe in enumerate(WAYS)}


@pytest.fixture
def frame(inside_of, request):
    view = block_builder(
        MODELS, even=5.94, floor=0.66, alt="Eleven ways to assemble the block, each with its loss.", caption="Switch parts on and off."
    )
    return inside_of(view, getattr(request, "param", 900), 1000)


def test_every_way_shows_its_own_loss_and_text(frame):
    for recipe, model in MODELS.items():
        frame.locator(f"input[value='{recipe.mix}']").check()
        for box, on in zip(frame.locator("input[type=checkbox]").all(), (recipe.feed_forward, recipe.shortcuts)):
            box.set_checked(on)
        assert f"Loss {model.loss:.2f} nats" in frame.locator(".said").inner_text(), recipe
        assert model.text.strip() in frame.locator(".wrote").inner_text()
        lit = frame.locator(".tower rect:not([stroke-dasharray])").count()
        assert lit == 2 + bool(recipe.mix) + recipe.feed_forward + 3 * recipe.shortcuts


def test_the_keyboard_switches_and_the_change_is_said(frame):
    frame.locator("input[value='']").press("ArrowDown")
    assert frame.locator("input[value=average]").is_checked()
    better = MODELS[Recipe("")].loss - MODELS[Recipe("average")].loss
    assert f"better by {better:.2f}" in frame.locator(".said").inner_text()
    frame.locator("input[value=average]").press("ArrowUp")
    assert f"worse by {better:.2f}" in frame.locator(".said").inner_text()


def test_a_shortcut_around_nothing_is_said_to_be_one(frame):
    frame.locator("input[type=checkbox]").nth(1).check()
    assert "around nothing" in frame.locator(".said").inner_text()
    assert f"Loss {MODELS[Recipe()].loss:.2f}" in frame.locator(".said").inner_text()


@pytest.mark.parametrize("frame", [340, 900], indirect=True)
def test_the_words_on_the_scale_keep_their_size(frame):
    # a busy machine draws first and learns its width a moment later
    frame.wait_for_function("""() => [...document.querySelectorAll('.scale text')].map((t) => t.getBoundingClientRect().height)
      .every((pixels) => 13 <= pixels && pixels <= 30)""")
    assert frame.locator(".scale text").count() > 1


def test_the_scale_follows_its_room_also_where_the_window_stays_as_it_is(frame):
    """As on a busy machine, where a page is drawn before it knows its width."""
    wide = "() => +document.querySelector('.scale').getAttribute('viewBox').split(' ')[2]"
    frame.evaluate("() => (document.querySelector('.right').style.width = '300px')")
    frame.wait_for_function(f"() => ({wide})() === 300")
    frame.evaluate("() => (document.querySelector('.right').style.width = '')")
    frame.wait_for_function(f"() => ({wide})() > 400")


@pytest.mark.parametrize("frame", [340, 360, 480, 560, 640, 720, 900], indirect=True)
def test_nothing_is_cut_off(frame):
    high, seen, wide, across = frame.evaluate("[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]")
    assert high <= seen and wide <= across
    assert seen - high < 330  # and no desert below
