"""JupyterLab, opened on a day: on a free port, with a secret of its own, ended by Ctrl-C."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from shared.building import CourseError

SECONDS_TO_START = 120


def open_lab(python: Path, root: Path, notebook: Path, browser: bool, say: Callable[[str], None] = print) -> None:
    """Serve the course with JupyterLab until Ctrl-C, and open `notebook` in the browser, or only say its address.

    python: that of .venv; root: the course's folder. Errors: CourseError where JupyterLab does not start.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # a closed terminal ends the server as Ctrl-C does
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    # JupyterLab shows what moves only in a notebook that it trusts: this one came with the course.py that is running
    trust = [str(python), "-m", "nbformat.sign", str(notebook)]
    quietly = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    signing = subprocess.Popen(trust, cwd=root, **quietly)
    token = secrets.token_urlsafe(24)
    with tempfile.TemporaryFile() as log:
        port, server = _start(python, root, token, log)
        try:
            _wait_until_it_answers(server, port, token, log)
            signing.wait()
            place = quote(notebook.relative_to(root).as_posix())
            address = f"http://127.0.0.1:{port}/lab/tree/{place}?token={token}"
            say(f"{notebook.relative_to(root).as_posix()} is open at\n\n  {address}\n\nCtrl-C ends it.")
            if browser:
                webbrowser.open(address)
            while server.poll() is None:
                time.sleep(0.2)  # and not server.wait(), which Ctrl-C cannot interrupt on Windows
            if server.returncode:
                raise CourseError(f"JupyterLab has ended: {_end_of(log)}")
            say("JupyterLab has ended.")  # by its own menu, File > Shut Down
        except KeyboardInterrupt:
            say("JupyterLab has ended.")
        finally:
            _end(server)
            signing.kill()


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _start(python: Path, root: Path, token: str, log) -> tuple[int, subprocess.Popen]:
    port = free_port()
    command = [
        str(python),
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        # port_retries=0: if somebody took the port meanwhile, fail, and do not serve at an address that nobody knows
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container
    # the token goes by the environment: a command line can be read by everybody on the machine
    environment = {**os.environ, "JUPYTER_TOKEN": token, "PYTHONUTF8": "1"}
    # a group of its own, so that Ctrl-C reaches this process alone, which then ends the server unasked
    windows = sys.platform == "win32"
    own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if windows else {"start_new_session": True}
    server = subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **own_group
    )
    return port, server


def free_port() -> int:
    """A port of this machine on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_it_answers(server: subprocess.Popen, port: int, token: str, log) -> None:
    """Only our own server knows the token, so an answer shows that it, and no other program, has the port."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/status", headers={"Authorization": f"token {token}"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CourseError(f"JupyterLab did not start: {_end_of(log)}")
        try:
            direct.open(request, timeout=5).close()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise CourseError(f"JupyterLab did not answer within {SECONDS_TO_START} seconds: {_end_of(log)}")


def _end_of(log) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it gave no reason"


def _end(server: subprocess.Popen) -> None:
    """Ask the server to end, which ends its kernels too; after ten seconds, insist."""
    if server.poll() is not None:
        return
    server.send_signal(signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGTERM)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
