"""One JupyterLab and one Chromium for all browser tests of a run; a test opens its own page in a context of its own."""

import os

import pytest

from tests.browser.lab import chromium, find_chromium, serve


@pytest.fixture(scope="session")
def browser():
    """A running Chromium. Where there is none the test is skipped, saying so; on CI that is a failure."""
    if find_chromium() is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium), so nothing was seen in a browser"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def lab(browser):
    """A running JupyterLab that serves a copy of the course; see `tests.browser.lab.Lab`."""
    with serve() as running:
        yield running


@pytest.fixture(autouse=True)
def stills_left_out(request):
    """Stills are not drawn, unless a test is marked `drawn`; in JupyterLab, whose kernels are programs of their own, they always are."""
    if not request.node.get_closest_marker("drawn"):
        request.getfixturevalue("plain_stills")


@pytest.fixture
def inside_of(browser, tmp_path):
    """A function that opens a view on a page of its own and returns the inside of its frame, once it has drawn itself."""
    contexts = []

    def opened(view, width: int = 900, height: int = 1200):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}))
        page = contexts[-1].new_page()
        page.goto(view.save(tmp_path / "view.html").as_uri())
        inside = page.frames[1]
        inside.wait_for_selector("body[data-ready=yes]")
        return inside

    yield opened
    for context in contexts:
        context.close()
