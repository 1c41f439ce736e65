"""The words of the course, each met on one day and said in one sentence.

`glossary.json`: {"softmax": {"day": "w1d3", "means": "one sentence"}, …}; `code` in backticks is set as code.
`glossary_places.json` and the pictures are made from the notebooks, by `python -m shared.building.glossary_page`.
"""

import base64
import difflib
import functools
import html
import json
import re
from pathlib import Path

from shared.learning.cards import Card, inline
from shared.learning.codes import day_number, day_words

FILE = Path(__file__).parent / "glossary.json"
PLACES = FILE.with_name("glossary_places.json")
PICTURES = FILE.parent / "assets" / "words"


def new_words(day: str) -> Card:
    """The words that a day brings, with their meanings: `new_words("w1d4")`. Errors: ValueError for a day that the
    course does not have.
    """
    title = f"New words, {day_words(day)}"
    found = {name: entry["means"] for name, entry in _words().items() if entry["day"] == day}
    text = "\n".join([title, *(f"  {name}: {means}" for name, means in found.items())])
    say = f'`word("{next(iter(found), "")}")`'
    again = inline(f"Any word again, with a picture from where it came up: `from shared.learning import word`, then {say}. All of them: `shared/GLOSSARY.md`")
    return Card(text, f'{_listed(title, found)}<p class="learn-quiet">{again}</p>' if found else f"<p>{title}: none.</p>")


def word(name: str) -> Card:
    """One word of the glossary: `word("softmax")`. Errors: ValueError that names the nearest words."""
    known = {entry.casefold(): entry for entry in _words()}
    found = known.get(name.casefold()) if isinstance(name, str) else None
    if found is None:
        near = difflib.get_close_matches(str(name).casefold(), known, 3, 0.5)
        hint = f" Near it: {', '.join(known[n] for n in near)}." if near else ""
        raise ValueError(f"the glossary has no word {name!r}.{hint}")
    entry = _words()[found]
    where = f"First met in {day_words(entry['day'])}."
    place = _places().get(found)
    picture = _picture(place) if place else ""
    link = f' <a href="../{html.escape(place["notebook"])}#cell-id={place["cell"]}">{html.escape(place["heading"])}</a>' if place else ""
    return Card(
        f"{found}: {entry['means']} {where}",
        _listed("", {found: entry["means"]}) + f'{picture}<p class="learn-quiet">{where}{link}</p>',
    )


def _picture(place: dict) -> str:
    """The small picture from the place where a word is introduced, as an <img>; "" where there is none."""
    path = PICTURES / place["picture"]
    if not path.is_file():
        return ""
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{html.escape(place["alt"])}" style="display:block;margin:6px 0" src="data:image/png;base64,{data}">'


def load_glossary(path: Path) -> dict[str, dict]:
    """Read and check the glossary. Errors: ValueError that names the file, or the word and the field."""
    try:
        words = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_doubles)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name} is no valid JSON: {error}") from None
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}") from None
    if not isinstance(words, dict):
        raise ValueError(f"{path.name}: expected an object of words, got {type(words).__name__}")
    for name, entry in words.items():
        if not isinstance(entry, dict) or set(entry) != {"day", "means"}:
            raise ValueError(f'{path.name}, {name}: must be {{"day": …, "means": …}}, got {entry!r}')
        if not isinstance(entry["means"], str) or not entry["means"].strip():
            raise ValueError(f"{path.name}, {name}: field means: must be a sentence")
        try:
            day_number(entry["day"])
        except ValueError as error:
            raise ValueError(f"{path.name}, {name}: field day: {error}") from None
    return words


def _listed(title: str, words: dict[str, str]) -> str:
    head = f'<div class="learn-title"><strong>{html.escape(title)}</strong></div>' if title else ""
    flat = (  # a notebook's own rules would set it in two columns that overlap
        'style="float:none;width:auto;display:block;padding:0"'
    )
    rows = "".join(
        f'<dt id="{_anchor(name)}" {flat}><strong>{inline(name)}</strong></dt><dd {flat}>{inline(means)}</dd>'
        for name, means in words.items()
    )
    return f"{head}<dl>{rows}</dl>"


def _anchor(name: str) -> str:
    """ "residual stream" → "word-residual-stream"."""
    return "word-" + re.sub(r"\W+", "-", name.casefold()).strip("-")


def _words() -> dict[str, dict]:
    return _load_once(FILE, FILE.stat().st_mtime_ns) if FILE.exists() else {}


def _places() -> dict[str, dict]:
    """Where each word is introduced; {} where that was never written, as while a day is being made."""
    return json.loads(PLACES.read_text(encoding="utf-8")) if PLACES.exists() else {}


@functools.lru_cache(maxsize=4)
def _load_once(path: Path, changed: int) -> dict[str, dict]:
    return load_glossary(path)


def _no_doubles(pairs: list[tuple]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"glossary.json: {double} stands twice")
    return found
