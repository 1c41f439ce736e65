"""How long the 28 days take: CPU seconds of each notebook's kernel, from its first cell to its last, and `import shared`.

The environment variable DAYS chooses: "week1/day4,week4/day4"; without it, all. Seconds of CPU, since a learner's wall clock depends
on what else their machine does; limits are those that the build enforces.
"""

import os
import statistics
import subprocess
import sys
import time

from shared.building import ROOT
from shared.building.build import cpu_limit
from shared.building.execute import run_cells
from shared.building.places import sources
from shared.building.source import read_source
from tests.benchmarks.table import Row

IMPORT_MS = 50
RUNS = 5


def import_milliseconds() -> float:
    """CPU milliseconds of `import shared` in a fresh Python: the median of some runs."""
    code = "import time; began = time.process_time(); import shared; print(time.process_time() - began)"
    said = [subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout for _ in range(RUNS)]
    return 1000 * statistics.median(map(float, said))


def main() -> list[Row]:
    """Run the chosen days; about ten minutes for all."""
    chosen = [name for name in os.environ.get("DAYS", "").split(",") if name]
    taken: list[tuple[float, float, str]] = []
    rows = []
    for source in sources(ROOT):
        name = f"{source.parent.parent.name}/{source.stem}"
        if chosen and not any(name.startswith(wanted) for wanted in chosen):
            continue
        notebook = read_source(source)
        limit, began = cpu_limit(notebook), time.monotonic()
        seconds = run_cells(notebook, source.parent.parent)
        wall = time.monotonic() - began
        taken.append((seconds, wall, name))
        rows.append(Row(name, f"{seconds:.1f} s of CPU", f"{wall:.0f} s by the clock", seconds, f"<={limit}"))
    if taken:
        slowest = max(taken)
        rows.append(Row("the slowest notebook", slowest[2], ratio=slowest[0]))
        rows.append(Row(f"all {len(taken)} notebooks", f"{sum(t[0] for t in taken):.0f} s of CPU", f"{sum(t[1] for t in taken):.0f} s by the clock"))
    milliseconds = import_milliseconds()
    rows.append(Row("import shared", f"{milliseconds:.0f} ms of CPU", ratio=milliseconds, wanted=f"<={IMPORT_MS}"))
    return rows
