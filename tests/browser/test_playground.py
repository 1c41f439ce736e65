"""The playground in a real browser: started as a notebook starts it, offline, by keyboard, narrow, and with two visitors."""

import re
import time
import urllib.request

import pytest

from shared.serving import start_playground

READY = "text=Roads not taken"


@pytest.fixture(scope="module")
def playground(browser, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_FOLDER", str(tmp_path_factory.mktemp("learner")))
        running = start_playground()
        yield running
        running.stop()


@pytest.fixture
def page(browser, playground):
    """A visitor's page, and what went wrong on it."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    page.faults, page.away = [], []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda request: page.away.append(request.url) if playground.url.split("//")[1] not in request.url and request.url.startswith("http") else None)
    page.goto(playground.url)
    page.wait_for_selector(READY, timeout=90_000)
    yield page
    context.close()


def test_it_opens_and_nothing_leaves_the_machine(page):
    page.get_by_role("tab", name="Where it looks").click()
    frame = page.frame_locator("iframe").first.frame_locator("iframe").first
    frame.get_by_text("Layer 0, head 0").first.wait_for(timeout=30_000)
    assert page.faults == [] and page.away == []


def test_a_setting_is_moved_by_keyboard(page):
    before = page.locator("p[style*='line-height:1.7'], p[style*='line-height: 1.7']").first.inner_text()
    slider = page.get_by_role("slider", name="Temperature")
    slider.focus()
    slider.press("Home")
    page.wait_for_selector("text=1 token was open", timeout=60_000)
    assert page.locator("p[style*='line-height']").first.inner_text() != before


def test_two_settings_stand_beside_each_other_uncut_and_a_button_goes_to_where_they_part(page):
    page.get_by_text("Compare two settings").click()
    page.get_by_role("button", name="Show the step where they part").click()
    framed = "[...document.querySelectorAll('p span[style*=border]')].map((e) => e.innerText.trim())"
    told = page.get_by_text("A and B part at step").inner_text().replace("␣", "")
    drawn = re.fullmatch(r"A and B part at step \d+: A draws “(.+)”, B draws “(.+)”\.", told).groups()
    page.wait_for_function(f"(drawn) => JSON.stringify({framed}) === JSON.stringify(drawn)", arg=list(drawn), timeout=60_000)
    assert drawn[0] != drawn[1]
    cut = "all => all.map((image) => image.getBoundingClientRect().right - image.closest('figure').getBoundingClientRect().right)"
    over = page.locator("figure img").evaluate_all(cut)
    assert len(over) == 4 and max(over) <= 0


def test_hostile_text_runs_nothing_and_stays_text(page):
    box = page.get_by_role("textbox", name="Your beginning")
    box.fill("<img src=x onerror=\"document.title='hit'\"></p><script>document.title='hit'</script>")
    box.press("Control+Enter")
    page.wait_for_function("() => [...document.querySelectorAll('p')].some((p) => p.innerText.includes('<img src=x'))", timeout=60_000)
    assert "hit" not in page.title() and page.locator("img[src=x]").count() == 0


def test_two_visitors_do_not_see_each_other(page, browser, playground):
    box = page.get_by_role("textbox", name="Your beginning")
    box.fill("The fox was sad")
    box.press("Control+Enter")
    page.wait_for_function("() => [...document.querySelectorAll('p')].some((p) => p.innerText.startsWith('The fox was sad'))", timeout=60_000)
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(playground.url)
        other.wait_for_selector(READY, timeout=90_000)
        assert "The fox" not in other.locator("body").inner_text()


def test_on_a_phone_nothing_hangs_over(browser, playground):
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        page = context.new_page()
        page.goto(playground.url)
        page.wait_for_selector(READY, timeout=90_000)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 360


def test_a_second_call_hands_out_the_same_app_and_stop_ends_it(playground):
    assert start_playground() is playground
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(playground.url + "/_stcore/health", timeout=5) as answer:
        assert answer.read() == b"ok"


def test_an_app_that_breaks_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("shared.serving._started", None)
    monkeypatch.setattr("shared.serving.PATIENCE", 20.0)
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="did not start: .*does not exist"):
        start_playground(tmp_path / "nothing.py")
    assert time.monotonic() - began < 30
