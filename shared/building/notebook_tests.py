"""A pytest plugin for nbval: every notebook is tested as it was built, with an empty learner's folder and a kernel of its own."""

import os
import tempfile

import pytest
from nbval.kernel import NbvalKernelspecManager
from nbval.plugin import IPyNbFile

from shared.building.settings import folders_in
from shared.building.warm_kernel import starts_warm

WORTH_WARMING = 3  # so many notebooks: to make one process ready takes as long as to start two kernels


@pytest.hookimpl(trylast=True)  # once it is known what will run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there are several notebooks, let their kernels start warm."""
    if len({item.parent for item in items if isinstance(item.parent, IPyNbFile)}) >= WORTH_WARMING:
        found = NbvalKernelspecManager.get_kernel_spec
        NbvalKernelspecManager.get_kernel_spec = lambda self, name: starts_warm(found(self, name))


@pytest.hookimpl(tryfirst=True)  # before nbval starts the notebook's kernel, which inherits the variables
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a notebook its folder when the first of its cells is about to run."""
    notebook = item.parent
    if isinstance(notebook, IPyNbFile) and not hasattr(notebook, "folder_of_this_run"):
        notebook.folder_of_this_run = tempfile.TemporaryDirectory(prefix="course-test-")
        notebook.variables_before = dict(os.environ)
        os.environ.update(folders_in(notebook.folder_of_this_run.name))


@pytest.hookimpl(trylast=True)  # after nbval ended the kernel
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Take the folder back after the last of its cells."""
    notebook = item.parent
    if isinstance(notebook, IPyNbFile) and (nextitem is None or nextitem.parent is not notebook):
        for name in folders_in(""):
            os.environ.pop(name, None)
            os.environ.update({name: notebook.variables_before[name]} if name in notebook.variables_before else {})
        notebook.folder_of_this_run.cleanup()
