"""A real JupyterLab and a real Chromium, for the browser tests and for `look`.

The lab serves a copy of the course (the package is linked, notebooks are copied), so nothing that happens in the browser
reaches the working tree: no autosave over a built notebook, no answers in somebody's own record.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from shared.building.lab import free_port

ROOT = Path(__file__).resolve().parents[2]
# the one without windows draws the same in less time
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# no window, and nothing that Chromium would do on its own behalf over the network
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS, RUN_SECONDS = 90, 300


def find_chromium() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium without a window. Errors: FileNotFoundError where there is none."""
    path = find_chromium()
    if path is None:
        raise FileNotFoundError(f"no Chromium found; looked for {', '.join(CHROMIUM)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


# --- the server -------------------------------------------------------------------------------------------------------


@dataclass
class Lab:
    """A running JupyterLab: `root` is the folder it serves, `folder` the learner's own folder, `url` ends with a slash."""

    root: Path
    folder: Path
    settings: Path
    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def address(self, notebook: str) -> str:
        """Where one notebook opens alone, in a fresh workspace."""
        return f"{self.url}doc/tree/{quote(notebook)}?token={self.token}&reset"

    def place(self, notebook: Path) -> str:
        """Copy a notebook into the served folder, fresh and untrusted, and return its path there.

        A notebook of the course keeps its week; any other goes to `scratch/`.
        """
        notebook = notebook.resolve()
        week = notebook.parent.name if notebook.parent.parent == ROOT else "scratch"
        (self.root / week).mkdir(exist_ok=True)
        shutil.copyfile(notebook, self.root / week / notebook.name)
        return f"{week}/{notebook.name}"

    def choose_theme(self, theme: str) -> None:
        """"light" or "dark", for every page opened from now on."""
        if theme not in ("light", "dark"):
            raise ValueError(f"theme must be light or dark, got {theme!r}")
        _write_setting(self.settings, "apputils-extension/themes", {"theme": f"JupyterLab {theme.capitalize()}"})


@contextlib.contextmanager
def serve() -> Iterator[Lab]:
    """Start a JupyterLab of our own: own port, token, configuration, workspace and learner's folder, all thrown away after.

    Errors: RuntimeError, with the server's last words, where it does not answer on the port it was given.
    """
    with tempfile.TemporaryDirectory(prefix="course-lab-", ignore_cleanup_errors=True) as temporary:
        home = Path(temporary)
        root = _copy_course(home / "course")
        lab = Lab(root, home / "my_course", home / "settings", free_port(), secrets.token_hex(16))
        _write_settings(lab.settings)
        process, log = _launch(lab, home)
        try:
            _wait_until_it_answers(lab, process, log)
            yield lab
        finally:
            process.terminate()  # a signal lets the server end its kernels
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _copy_course(root: Path) -> Path:
    root.mkdir()
    for part in ("shared", "requirements.txt", "constraints.txt", "course.py"):
        if (ROOT / part).exists():
            try:
                (root / part).symlink_to(ROOT / part)
            except OSError:  # Windows without the right to link
                (shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile)(ROOT / part, root / part)
    return root


def _write_setting(folder: Path, plugin: str, values: dict) -> None:
    path = folder / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values), encoding="utf-8")


def _write_settings(folder: Path) -> None:
    # JupyterLab normally renders only the cells in view; a test and a picture need all of them
    _write_setting(folder, "notebook-extension/tracker", {"windowingMode": "none", "recordTiming": False})
    _write_setting(folder, "docmanager-extension/plugin", {"autosave": False})
    _write_setting(
        folder, "apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
    )


def _launch(lab: Lab, home: Path) -> tuple[subprocess.Popen, Path]:
    own = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    environment = os.environ | own | {
        "JUPYTERLAB_SETTINGS_DIR": str(lab.settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "COURSE_FOLDER": str(lab.folder),
        "HF_HUB_OFFLINE": "1",
        "COURSE_MODELS": "shipped",
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    environment.pop("COURSE_BUILD", None)  # a learner's browser, not a build
    environment.pop("PYTHONPATH", None)  # the notebook must find the course by itself
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.root_dir={lab.root}",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={lab.port}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={lab.token}", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]  # fmt: skip
    log = home / "server.log"
    with log.open("wb") as stream:
        return subprocess.Popen(command, cwd=home, env=environment, stdout=stream, stderr=stream), log


def _wait_until_it_answers(lab: Lab, process: subprocess.Popen, log: Path) -> None:
    ask = urllib.request.Request(f"{lab.url}api/status", headers={"Authorization": f"token {lab.token}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy must not stand between two local programs
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            # our own token is accepted: so it is our server that holds the port, not another one
            if opener.open(ask, timeout=5).status == 200:
                return
        time.sleep(0.2)
    process.kill()
    words = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"JupyterLab did not answer on port {lab.port} within {START_SECONDS} s. Its last words:\n{words}")


# --- the page ---------------------------------------------------------------------------------------------------------


@dataclass
class Watch:
    """What went wrong on a page: errors in its console, and requests that left the machine (they are stopped)."""

    base: str
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    outgoing: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        context.on("page", self._attach_page)
        context.route("**/*", self._route)

    def _attach_page(self, page: Page) -> None:
        page.on("console", lambda m: self.errors.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(f"page: {e}"))
        page.on("requestfailed", lambda r: self.failed.append(f"{r.method} {r.url}: {r.failure}"))
        page.on("websocket", lambda w: None if self._is_local(w.url) else self.outgoing.append(w.url))

    def _is_local(self, url: str) -> bool:
        sockets = self.base.replace("http://", "ws://", 1)
        return url.startswith(("data:", "blob:", "about:", self.base, sockets))

    def _route(self, route) -> None:
        if self._is_local(route.request.url):
            route.continue_()
        else:
            self.outgoing.append(f"{route.request.method} {route.request.url}")
            route.abort()

    def problems(self) -> list[str]:
        """Everything that a page of this course must not do, one line each."""
        # a request that JupyterLab itself gives up when it closes or renames something is no failure
        failed = [line for line in self.failed if "ERR_ABORTED" not in line]
        return self.errors + [f"failed: {line}" for line in failed] + [f"left the machine: {line}" for line in self.outgoing]


class Notebook:
    """One notebook open in JupyterLab."""

    def __init__(self, lab: Lab, browser: Browser, path: str, width: int = 900, height: int = 1200, **context_options):
        self.lab, self.path = lab, path
        self.context = browser.new_context(viewport={"width": width, "height": height}, **context_options)
        self.watch = Watch(lab.url)
        self.watch.attach(self.context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)

    def __enter__(self) -> "Notebook":
        self.open()
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(Exception):  # a page that is gone has no kernel to end
            self.shut_down_kernel()
        self.context.close()

    def open(self) -> None:
        """Open the notebook, or open it again as a new visit would."""
        self.page.goto(self.lab.address(self.path), timeout=START_SECONDS * 1000)
        self.page.wait_for_function(
            """() => { const panel = window.jupyterapp?.shell.currentWidget;
                       return panel?.context?.isReady && panel.content?.widgets?.length > 0
                              && panel.sessionContext?.isReady && panel.sessionContext.session?.kernel }""",
            timeout=START_SECONDS * 1000,
        )
        self.page.wait_for_selector(".jp-Cell")
        self.settle()

    def run_all(self, seconds: int = RUN_SECONDS) -> None:
        """Run every cell and wait for the last. Errors: TimeoutError; a failing cell shows up in `cell_errors`."""
        self.page.set_default_timeout(seconds * 1000)
        self.page.evaluate(
            """async () => { const app = window.jupyterapp;
                             await app.shell.currentWidget.sessionContext.ready;
                             window.runIsOver = false;
                             app.commands.execute("notebook:run-all-cells").finally(() => { window.runIsOver = true; }) }"""
        )
        self.page.wait_for_function("() => window.runIsOver", timeout=seconds * 1000)
        self.page.wait_for_function(
            """() => ![...document.querySelectorAll(".jp-InputPrompt")].some(p => p.textContent.includes("*"))""",
            timeout=seconds * 1000,
        )
        self.page.set_default_timeout(30_000)
        self.settle()

    def settle(self) -> None:
        """Wait until pictures are decoded, frames are loaded and nothing moves any more."""
        self.page.evaluate("() => Promise.all([...document.images].map(i => i.decode().catch(() => null)))")
        for frame in self.page.frames[1:]:
            with contextlib.suppress(Exception):  # a frame may be replaced while we look
                frame.wait_for_load_state("load", timeout=10_000)
        self.page.wait_for_timeout(800)

    def save(self) -> None:
        """Save to the served folder, as Ctrl+S does."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def shut_down_kernel(self) -> None:
        """End the kernel, so that what is seen next comes from the file alone."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def cell_errors(self) -> list[str]:
        """One line for each cell that ended in an error or was never run."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap((cell, i) => {
                 if (cell.model.type !== "code" || !cell.model.sharedModel.getSource().trim()) return [];
                 const outputs = cell.model.outputs.toJSON();
                 const failed = outputs.find(o => o.output_type === "error");
                 if (failed) return [`cell ${i}: ${failed.ename}: ${failed.evalue}`];
                 return cell.model.executionCount === null ? [`cell ${i}: not run`] : []; })"""
        )

    def cells(self):
        """The cells on the page, in order."""
        return self.page.locator(".jp-Notebook .jp-Cell")
