"""What course.py runs inside .venv: `python -m shared.building [PATH …]` builds the named days, or all."""

import sys
from pathlib import Path

from shared.building import ROOT, CourseError
from shared.building import glossary_page, small_scripts, thumbnails
from shared.building.build import build

try:
    small_scripts.main()
    build([Path(argument) for argument in sys.argv[1:]], ROOT)
    # what README and glossary show of the notebooks
    thumbnails.main()
    glossary_page.write()
except CourseError as problem:
    sys.exit(str(problem))
