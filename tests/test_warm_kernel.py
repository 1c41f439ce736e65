"""Warm kernels: with the large libraries inside, and in all else like one that was started alone."""

import json
import os
import subprocess
import sys
import time

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from shared.building import ROOT
from shared.building.warm_kernel import starts_warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels start warm on Linux only")


class WarmSpecs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name):
        return starts_warm(super().get_kernel_spec(kernel_name))


class Kernel:
    """A kernel and what it prints."""

    def __init__(self, folder, specs=WarmSpecs, **variables):
        self.manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs())
        self.manager.start_kernel(cwd=str(folder), env={**os.environ, **variables}, stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def says(self, code: str) -> str:
        """What the code prints, or the name of the error it ends in."""
        words = []

        def hear(message):
            content = message["content"]
            words.append(content.get("text") or content.get("ename") or "")

        self.client.execute_interactive(code, timeout=120, output_hook=hear)
        return "".join(words)

    def end(self):
        if self.client is not None:
            self.client.stop_channels()
            self.client = None
            self.manager.shutdown_kernel(now=False)


@pytest.fixture
def kernels(tmp_path):
    started = []

    def start(*arguments, **variables):
        started.append(Kernel(tmp_path, *arguments, **variables))
        return started[-1]

    yield start
    for kernel in started:
        kernel.end()


ABOUT = """
import json, os, signal, sys
import matplotlib, torch
print(json.dumps(dict(
    path=sys.path, folder=os.getcwd(), name=__name__, backend=matplotlib.get_backend(), threads=torch.get_num_threads(), started=sys.argv[1:2],
    variables={k: v for k, v in os.environ.items() if not k.startswith("JPY_")},
    interrupt=str(signal.getsignal(signal.SIGINT)), modules=[m for m in sys.modules if m.split(".")[0] in ("shared", "pytest", "_pytest", "tests", "nbval")],
)))
"""


def test_it_is_like_one_that_was_started_alone(kernels):
    warm, cold = kernels(COURSE_MARK="7"), kernels(KernelSpecManager, COURSE_MARK="7")
    assert warm.says("import sys; print('torch' in sys.modules)").strip() == "True"
    assert cold.says("import sys; print('torch' in sys.modules)").strip() == "False"
    one, other = (json.loads(kernel.says(ABOUT)) for kernel in (warm, cold))
    assert one == other
    assert one["variables"]["COURSE_MARK"] == "7" and str(ROOT) not in one["path"] and one["modules"] == []


def test_two_know_nothing_of_each_other(kernels):
    first, second = kernels(), kernels()
    first.says("import torch, random; torch.mark = 1; random.seed(3)")
    assert second.says("import torch; print(hasattr(torch, 'mark'))").strip() == "False"
    # every program draws other numbers, unless it is told from where to start
    for draw in ("random.random()", "numpy.random.rand()", "torch.rand(1).item()"):
        ask = f"import random, numpy, torch; print({draw})"
        assert kernels().says(ask) != second.says(ask)


def test_it_can_be_interrupted_and_goes_on(kernels):
    kernel = kernels()
    kernel.client.execute("import time\nprint('begun')\ntime.sleep(100)")
    while kernel.client.get_iopub_msg(timeout=60)["content"].get("text") != "begun\n":
        pass
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=60)["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.says("print(1 + 1)") == "2\n"


def test_its_death_is_seen(kernels):
    kernel = kernels()
    kernel.client.execute("import os; os._exit(3)")
    end = time.monotonic() + 30
    while kernel.manager.is_alive() and time.monotonic() < end:
        time.sleep(0.1)
    assert not kernel.manager.is_alive()


def test_what_was_to_be_done_at_the_end_is_done(kernels, tmp_path):
    kernel = kernels()
    kernel.says("import atexit, pathlib; atexit.register(lambda: pathlib.Path('end.txt').write_text('done'))")
    kernel.end()
    assert (tmp_path / "end.txt").read_text() == "done"
