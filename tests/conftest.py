"""What holds for every test: a learner's folder of its own, one thread, and no hub."""

import os
import tempfile

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
