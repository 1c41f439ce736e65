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
def new_page(browser):
    """A function that opens an empty page, cut off from the network, until the test is over: new_page(width, height, **options)."""
    contexts = []

    def opened(width: int, height: int, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, offline=True, **options))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def show(new_page, tmp_path):
    """Open a view as a file of its own: show(view, width=900) -> (page, frame). A test that uses it fails where anything went wrong."""
    pages = []

    def open_it(view, width=900, height=1100, script=True, **options):
        path = view.save(tmp_path / f"view{len(pages)}.html")
        page = new_page(width, height, java_script_enabled=script, **options)
        pages.append(page)
        page.set_default_timeout(30_000)  # a loaded machine is slow, not wrong
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(f"error: {error}"))
        page.on("console", lambda message: page.wrong.append(message.text)
                if message.type in ("error", "warning") and "willReadFrequently" not in message.text else None)  # fmt: skip
        page.on("dialog", lambda dialog: (page.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: page.wrong.append(request.url)
                if not request.url.startswith(("data:", "about:", "blob:", path.as_uri())) else None)  # fmt: skip
        page.goto(path.as_uri())
        frame = page.frames[1] if len(page.frames) > 1 else None
        if script:
            frame.wait_for_selector("body[data-ready]")
        return page, frame

    yield open_it
    assert [line for page in pages for line in page.wrong] == []


@pytest.fixture
def inside_of(show):
    """A function that opens a view and returns the inside of its frame, once it has drawn itself."""
    return lambda view, width=900, height=1200: show(view, width, height)[1]
