"""What holds for every test: a learner's folder of its own, one thread, and no hub."""

import io
import os
import sys
import tempfile

import pytest
from hypothesis import settings

# before any test module imports torch or the hub's client, which read these once
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["COURSE_MODELS"] = "shipped"
_FOLDER = tempfile.TemporaryDirectory(prefix="course-test-")
os.environ["COURSE_FOLDER"] = os.path.join(_FOLDER.name, "my_course")

# no time limits on a busy machine, and the same examples in every run: a failure here is a failure everywhere
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")


@pytest.fixture
def plain_stills(monkeypatch):
    """An empty picture of the right size in place of every drawing: what it shows is tested in tests/visuals, and to draw it takes
    longer than all else that some tests do."""
    import matplotlib.pyplot as plt
    from PIL import Image

    import shared.visuals

    def plain(drawing, dots_per_inch, arrange=True):
        plt.close(drawing)
        png = io.BytesIO()
        Image.new("P", [round(inches * dots_per_inch) for inches in drawing.get_size_inches()]).save(png, format="PNG")
        return png.getvalue()

    # the module: `shared.visuals.figure` itself is the function of that name
    monkeypatch.setattr(sys.modules[shared.visuals.figure.__module__], "_png", plain)
