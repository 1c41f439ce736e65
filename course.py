"""The one entry to the course. It needs nothing but Python 3.11, 3.12 or 3.13:

    python3 course.py open [WEEK DAY]        set everything up and open a day in JupyterLab
    python3 course.py test [PATH ...]        set everything up and run all tests
    python3 course.py build [PATH ...]       make the notebooks from their text sources
    python3 course.py publish [OWNER/NAME]   stamp the address of your own copy into Colab links and set-up cells
    python3 course.py plan [--start DAY]     write the 28 days as PDF, Markdown, CSV and calendar
"""

import sys

# before any other import, and in words that every Python understands: else an old one would say "invalid syntax"
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "The course needs Python 3.11, 3.12 or 3.13, and this is Python %d.%d. Get one from "
        "https://www.python.org/downloads/ and call it by its name: python3.12 course.py open" % sys.version_info[:2]
    )

from shared.building.commands import main

if __name__ == "__main__":
    sys.exit(main(__doc__))
