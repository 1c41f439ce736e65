"""Start the playground beside a notebook, here or in Colab, and end it with the notebook. Built in week 4 day 2."""

import atexit
import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from shared.building.lab import free_port

APP = Path(__file__).resolve().parents[1] / "week4" / "playground.py"
PATIENCE = 60.0  # seconds that a slow machine may take


class Playground:
    """A running app. `url` is where it answers on this machine; `stop()` ends it. A notebook shows it as a link."""

    def __init__(self, process: subprocess.Popen, port: int):
        self.process, self.port, self.url = process, port, f"http://127.0.0.1:{port}"

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End the app; a second call does nothing."""
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def show(self):
        """In Colab a button-free window of its own below the cell; elsewhere a link to click."""
        if output := _colab_output():
            return output.serve_kernel_port_as_iframe(self.port, height="900")
        from IPython.display import HTML

        return HTML(f'<p><a href="{self.url}" target="_blank" rel="noopener">Open the playground in a new tab</a></p>')

    def __repr__(self) -> str:
        return f"<the playground, {'running' if self.running else 'stopped'}>"


_started: Playground | None = None


def start_playground(app: Path = APP) -> Playground:
    """Start the app on a free port of this machine and wait until it answers; the one that runs already is handed out again.

    Only this machine can reach it. It ends with the notebook's kernel.
    Errors: ImportError where streamlit is missing; RuntimeError with the app's own last words where it does not come up in a minute.
    """
    global _started
    if _started is not None and _started.running:
        return _started
    if importlib.util.find_spec("streamlit") is None:
        raise ImportError('the playground needs streamlit: run the set-up cell, or "pip install streamlit"')
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    if _colab_output():  # its window has another origin, which streamlit would refuse
        command += ["--server.enableCORS", "false", "--server.enableXsrfProtection", "false"]
    # a file, not a pipe: nobody empties a pipe while the notebook goes on, and a full one would stop the app
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=app.parent, env=os.environ | {"BROWSER": "none"})
        found = Playground(process, port)
        atexit.register(found.stop)
        until = time.monotonic() + PATIENCE
        while not _answers(f"{found.url}/_stcore/health"):
            if not found.running or time.monotonic() > until:
                found.stop()
                log.seek(0)
                words = log.read().decode("utf-8", "replace").strip().splitlines()[-3:]
                raise RuntimeError("the playground did not start: " + (" ".join(words) or "it said nothing"))
            time.sleep(0.1)
    _started = found
    return found


def _answers(url: str) -> bool:
    # no proxy: the address is this machine
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def _colab_output():
    try:
        return importlib.import_module("google.colab.output")
    except ImportError:
        return None
