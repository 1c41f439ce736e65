"""Two questions about a built notebook: does it still say what its source says, and is it fit to be published?"""

import ast
import difflib
import json
import os
import re
import tempfile
from pathlib import Path

from nbformat import NotebookNode

from shared.building import ROOT
from shared.building.places import day_of
from shared.building.publish import TEMPLATE, colab_link
from shared.colab import required

MOST_BYTES = 1_500_000
CPU_SECONDS = 60
CPU_SECONDS_TRAINING = 180  # for a day whose set-up cell carries the tag "training"

_DAY_LINE = re.compile(r'^WEEK, NEEDS = ("week\d"), (\[.*?\])(  #.*)$', re.MULTILINE)


def differences(source: NotebookNode, notebook: NotebookNode) -> list[str]:
    """Where the cells of a notebook are not those of its source, in type, text or tags. An empty list: they agree.

    Each entry is one line of a unified diff, "-" for what the source says and "+" for what the notebook says.
    """
    ours, theirs = _as_text(source), _as_text(notebook)
    return list(difflib.unified_diff(ours, theirs, "source", "notebook", lineterm="", n=1))


def _as_text(notebook: NotebookNode) -> list[str]:
    lines = []
    for cell in notebook.cells:
        lines.append(f"%% [{cell.cell_type}] tags={json.dumps(cell.metadata.get('tags', []))}")
        lines += cell.source.split("\n")
    return lines


def source_faults(path: Path, source: NotebookNode) -> list[str]:
    """What keeps a day's text from being built: its set-up cell and its link to Colab. `path` is where the text lies.

    Each fault is one sentence. An empty list: none.
    """
    faults = []
    tagged = [cell for cell in source.cells if "setup" in cell.metadata.get("tags", [])]
    code = [cell for cell in source.cells if cell.cell_type == "code"]
    template = TEMPLATE.read_text(encoding="utf-8").strip()
    if tagged != code[:1]:
        faults.append('the first code cell, and no other, must carry the tag "setup"')
    elif _DAY_LINE.sub("", tagged[0].source) != _DAY_LINE.sub("", template):
        template_name = TEMPLATE.relative_to(ROOT).as_posix()
        faults.append(f"the set-up cell is not the one in {template_name}: copy it, and change only WEEK and NEEDS")
    else:
        week, needs = map(ast.literal_eval, _DAY_LINE.search(tagged[0].source).groups()[:2])
        if week != f"week{day_of(path)[0]}":
            faults.append(f"the set-up cell says WEEK = {week!r}, and the notebook is one of week {day_of(path)[0]}")
        unknown = sorted(set(needs) - set(required()))
        if unknown:
            faults.append(f"the set-up cell's NEEDS names {', '.join(unknown)}, which requirements.txt does not")
    if not source.cells or f"]({colab_link(path)})" not in source.cells[0].source:
        faults.append(f"the first cell must link to Colab: [Open in Colab]({colab_link(path)})")
    return faults


def output_faults(notebook: NotebookNode) -> list[str]:
    """What must not stand in a stored output: errors, warnings, and what differs from machine to machine or run to run.

    Each fault is one sentence with the number of its cell. An empty list: none.
    """
    faults = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            faults += [f"cell {number}: {fault}" for fault in _faults_of_one(output)]
    return faults


def _faults_of_one(output: NotebookNode) -> list[str]:
    if output.output_type == "error":
        return [f"an output is the error {output.ename}"]
    if output.get("name") == "stderr":
        return [f"something went to stderr: {output.text.strip().split(chr(10))[0]!r}"]
    data = output.get("data", {"text/plain": output.get("text", "")})
    texts = [value for kind, value in data.items() if not kind.startswith("image/")]
    text = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in texts)
    # what is packed into base64 is no text, and chance would sooner or later spell anything there
    text = re.sub(r"[A-Za-z0-9+/=]{120,}", "", text)
    # names of XML languages look like addresses, and nobody fetches them
    text = re.sub(r"https?://www\.w3\.org/", "", text)
    faults = []
    for pattern, what in _UNWANTED:
        found = re.search(pattern, text)
        if found:
            faults.append(f"{what}: {found[0]!r}")
    return faults


_HERE = "|".join(re.escape(folder) for folder in {str(ROOT), os.path.expanduser("~"), tempfile.gettempdir()} - {"/"})
_PATHS = rf"(?<![\w.])(?:(?:{_HERE})(?!\w)|/(?:home|root|Users|tmp)/)|\b[A-Z]:\\{{1,2}}Users\\"
_UNWANTED = (
    (r"\bat 0x[0-9a-fA-F]{6,}", "an object's address differs in every run"),
    (_PATHS, "a path of this machine"),
    (r"Traceback \(most recent call last\)", "a traceback"),
    (r"https?://[^\s\"'<>&]+", "an address, though an output must work without a network"),
)
