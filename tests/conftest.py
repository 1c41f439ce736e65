"""What holds for every test: a learner's folder of its own, one thread, and no hub."""

import os
import tempfile

# before any test module imports torch or the hub's client, which read these once
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
_FOLDER = tempfile.TemporaryDirectory(prefix="course-test-")
os.environ["COURSE_FOLDER"] = os.path.join(_FOLDER.name, "my_course")
