"""Kernels that start warm: forked from a process that has imported the large libraries, which takes longer than many a notebook.

A kernel of 28 notebooks imports torch and transformers for five seconds before its first cell. Here one process imports them once,
and each kernel is a copy of it, with nothing of the course, of pytest or of another notebook inside. On Linux only: elsewhere
a process with these libraries cannot be copied safely.
"""

import atexit
import json
import multiprocessing
import os
import subprocess
import sys
import types
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from multiprocessing.process import BaseProcess
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

NAME = "course-warm"
# what reads no setting of the kernel while it is imported: so neither matplotlib nor ipykernel, and nothing of the course
IMPORTED = ("torch._dynamo", "transformers.models.gpt2.modeling_gpt2", "transformers.models.bert.modeling_bert", "sklearn", "ipywidgets")


def starts_warm(spec: KernelSpec) -> KernelSpec:
    """The kernel's specification, so that it starts warm where this system can do that; else as it is."""
    if sys.platform == "linux":
        KernelProvisionerFactory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:WarmProvisioner", KernelProvisionerFactory.GROUP_NAME)
        spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": NAME}}
    return spec


class WarmProvisioner(LocalProvisioner):
    """Jupyter's own way to start a kernel on this machine, with a fork in place of a new program."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Mapping[str, Any]:
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        variables, folder = dict(kwargs["env"]), os.fspath(kwargs.get("cwd") or os.getcwd())
        # the path of a program that was just started: nothing that pytest added
        asked = subprocess.run([sys.executable, "-c", "import json, sys; print(json.dumps(sys.path[1:]))"], env=variables, capture_output=True, check=True)
        self.process = _Forked(arguments, variables, folder, json.loads(asked.stdout))
        self.pid, self.cwd = self.process.pid, folder
        return self.connection_info


class _Forked:
    """A forked kernel, with the methods of `subprocess.Popen` that its provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: Sequence[str], variables: dict[str, str], folder: str, path: Sequence[str]):
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(IMPORTED))
        self.process: BaseProcess = context.Process(target=_be_a_kernel, args=(arguments, variables, folder, path), daemon=True)
        # else the copy would import the program that runs here, pytest, once more
        main, sys.modules["__main__"] = sys.modules["__main__"], types.ModuleType("__main__")
        try:
            self.process.start()
        finally:
            sys.modules["__main__"] = main
        self.pid = self.process.pid

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.process.kill()

    def terminate(self) -> None:
        self.process.terminate()


def _be_a_kernel(arguments: Sequence[str], variables: dict[str, str], folder: str, path: Sequence[str]) -> None:
    """What the copy does: put everything as `python -m ipykernel_launcher` would find it, and be a kernel until its end."""
    os.setsid()
    for descriptor in (0, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    os.environ.clear()
    # a kernel ends when its parent does, which is now the process that it was copied from
    os.environ.update(variables, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(folder)
    sys.path[:], sys.argv[:] = path, ["ipykernel_launcher", *arguments]
    for name in [name for name in sys.modules if name.split(".")[0] == "shared"]:
        del sys.modules[name]
    import numpy
    import torch
    from ipykernel.kernelapp import launch_new_instance

    # else all copies would draw the same numbers; Python's own generator sees to that itself
    numpy.random.seed()
    torch.seed()
    launch_new_instance(argv=list(arguments))
    atexit._run_exitfuncs()  # a process of multiprocessing leaves them out
