"""Every benchmark of the project, one table: `python -m tests.benchmarks [NAME …]`, with no name all of them.

A benchmark is a module of this folder whose `main()` takes no arguments and returns a list of `table.Row`. What it must know
comes from the environment, and each docstring names it. Timings are CPU seconds of one thread, taken in turns with those of the
baseline: on a busy machine only ratios of such timings mean something.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from pathlib import Path

# before torch is imported, which reads it once
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from tests.benchmarks.table import print_table  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Run the named benchmarks, or all, and print one table. Returns 1 where something wanted was not met."""
    there = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    there = [name for name in there if name not in ("__main__", "table")]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(there)}")
    parser.add_argument("--tiny-shakespeare", metavar="PATH", help="a copy of the text, so that nothing is fetched")
    parser.add_argument("--seeds", type=int, help="how often whole trainings are repeated (default: 3)")
    args = parser.parse_args(arguments)
    for name in set(args.names) - set(there):
        parser.error(f"there is no benchmark {name!r}; there are {', '.join(there)}")
    for variable, value in (("TINY_SHAKESPEARE", args.tiny_shakespeare), ("SEEDS", args.seeds)):
        if value is not None:
            os.environ[variable] = str(value)
    rows = []
    for name in args.names or there:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"tests.benchmarks.{name}").main()
    print_table(rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
