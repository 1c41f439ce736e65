"""No word of the glossary is used before the day that introduces it, unless the text sends the reader there."""

import re

import pytest

from shared.building import ROOT
from shared.building.places import day_of, sources
from shared.days import DAYS
from shared.learning.glossary import FILE, load_glossary
from shared.learning.plain_words import EVERYDAY

NUMBER = {day.code: place for place, day in enumerate(DAYS.values())}
# in everyday use long before their day, or a name that is said and not explained
PLAIN = EVERYDAY | {"claim", "gate", "cone", "prior", "contrast", "snapshot", "BERT"}
# explained in the very sentence, and taken up as a word of the course only later: (day, word)
IN_PASSING = {
    ("w1d4", "encoder"), ("w1d4", "decoder"), ("w1d4", "start token"), ("w1d4", "special token"),  # what a real Transformer also has
    ("w2d1", "entropy"),  # of a text, as a floor; on week 2 day 3 of a row of attention
    ("w2d3", "tokenizer"),  # seen at work
    ("w3d5", "singular values"), ("w4d4", "singular values"),  # how long a matrix is along its directions
}  # fmt: skip


def paragraphs(source: str) -> list[str]:
    """The text of a day without code, addresses, formulas, and what it points to for later."""
    lines = [line[2:] if line.startswith("# ") else "" for line in source.splitlines() if not line.startswith("# %%")]
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|\$[^$]*\$", " ", "\n".join(lines))
    text = re.sub(r"^## Go further.*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]


def too_early(day: str, source: str, glossary: dict[str, str]) -> list[str]:
    """Every use of a word before its day. glossary: word → day. A paragraph that names a later day may use its words."""
    found = []
    for paragraph in paragraphs(source):
        if re.search(r"\bday \d\b|\bweeks? \d\b|\b[Tt]omorrow\b|\b[Nn]ext week\b", paragraph):
            continue
        for word, since in glossary.items():
            if NUMBER[since] > NUMBER[day] and word not in PLAIN and word.casefold() not in PLAIN and (day, word) not in IN_PASSING:
                case = 0 if word.isupper() else re.IGNORECASE
                if match := re.search(rf"(?<![\w-]){re.escape(word)}s?(?![\w-])", paragraph, case):
                    found.append(f"{word!r} is a word of {since}: “… {paragraph[max(0, match.start() - 40) : match.end() + 30]} …”")
    return found


@pytest.mark.parametrize("path", sources(ROOT), ids=lambda path: f"{path.parent.parent.name}-{path.stem[:4]}")
def test_no_word_comes_before_its_day(path):
    glossary = {word: entry["day"] for word, entry in load_glossary(FILE).items()}
    day = "w{}d{}".format(*day_of(path))
    assert too_early(day, path.read_text(encoding="utf-8"), glossary) == []


def test_an_early_word_is_found():
    glossary = {"softmax": "w1d3", "KV cache": "w4d2"}
    text = "# %% [markdown]\n# The scores go\n# through a softmax.\n#\n# A softmax, which day 3 explains.\n\n# %%\nsoftmax = 1\n"
    assert [line[:9] for line in too_early("w1d1", text, glossary)] == ["'softmax'"]
    assert too_early("w1d3", text, glossary) == []
    assert too_early("w1d1", "# `softmax` and [x](softmax)\n# $softmax$\n# ## Go further\n# softmax\n", glossary) == []
