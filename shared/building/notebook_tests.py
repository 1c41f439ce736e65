"""A pytest plugin for nbval: every notebook is tested as it was built, with an empty learner's folder of its own."""

import os
import tempfile

import pytest
from nbval.plugin import IPyNbFile


@pytest.hookimpl(tryfirst=True)  # before nbval starts the notebook's kernel, which inherits the variable
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a notebook its folder when the first of its cells is about to run, and take it back with the notebook's end."""
    notebook = item.parent
    if not isinstance(notebook, IPyNbFile) or hasattr(notebook, "course_folder"):
        return
    notebook.course_folder = tempfile.TemporaryDirectory(prefix="course-test-")
    notebook.addfinalizer(notebook.course_folder.cleanup)
    os.environ["COURSE_FOLDER"] = os.path.join(notebook.course_folder.name, "my_course")
    os.environ["IPYTHONDIR"] = os.path.join(notebook.course_folder.name, "ipython")
