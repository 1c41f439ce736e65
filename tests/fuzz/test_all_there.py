"""Is anything left out? Whatever the notebooks use of `shared` and can be given something has fifty bad inputs here."""

import ast
import importlib
import inspect
from pathlib import Path

from shared.building import ROOT

# notebooks read these, nobody makes one by hand
RESULTS = {"ChartStops", "Growth", "Replay"}
# each call starts another program, which takes too long for fifty: where it is given something bad, and the words that show it
STARTERS = {"install": ("test_setup_cell.py", "packages must stand in requirements.txt"), "start_playground": ("browser/test_playground.py", "start_playground(")}


def used() -> dict[str, object]:
    """Name → what the notebooks and the playground import from `shared` and can call."""
    found = {}
    for path in [*sorted(ROOT.glob("week*/source/*.py")), ROOT / "week4" / "playground.py"]:
        for line in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(line, ast.ImportFrom) and (line.module or "").split(".")[0] == "shared":
                module = importlib.import_module(line.module)
                found |= {name.name: thing for name in line.names if callable(thing := getattr(module, name.name, None))}
    return found


def fuzzed() -> set[str]:
    """Every name that the code of the other tests here uses; to import one or to write about it does not count."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("*.py") if path != Path(__file__)]
    return {getattr(part, "id", None) or part.attr for tree in trees for part in ast.walk(tree) if isinstance(part, (ast.Name, ast.Attribute))}


def test_every_function_that_a_notebook_calls_is_fuzzed():
    names = fuzzed()
    missing = []
    for name, thing in used().items():
        takes_nothing = inspect.isfunction(thing) and not inspect.signature(thing).parameters
        if name not in (RESULTS | STARTERS.keys()) and not takes_nothing and name not in names:
            missing.append(name)
    assert missing == []


def test_what_is_too_slow_to_fuzz_is_tested_elsewhere():
    for name, (file, words) in STARTERS.items():
        assert name in used() and words in (ROOT / "tests" / file).read_text(encoding="utf-8")
