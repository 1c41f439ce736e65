"""Tokens as text: the same way of writing them in a drawing and in a browser. " can" and "can" are two tokens, so it must be seen."""

import unicodedata
from functools import lru_cache

from matplotlib import font_manager, ft2font

LONGEST_LABEL = 18  # letters; a longer token is shortened in the middle, never dropped


def visible(token: object) -> str:
    """The token with what has no shape of its own made visible: "∅" for nothing, "␣" for blanks at its ends, "⏎" and "⇥"."""
    text = str(token).replace("\n", "⏎").replace("\t", "⇥")
    core = text.strip(" ")
    if not core:
        return "␣" * len(text) or "∅"
    before = len(text) - len(text.lstrip(" "))
    after = len(text) - before - len(core)
    return "␣" * before + core + "␣" * after


def label(token: object) -> str:
    """The token as a label in a drawing: visible, shortened in the middle, missing glyphs named.

    An emoji becomes its Unicode name in brackets ("[fox face]"), a letter of another script that the font lacks its code
    point ("[U+732B]"), because a drawing that shows an empty box says nothing. Browsers show such tokens as they are.
    """
    text = visible(token)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc")) or "∅"
    if len(text) > LONGEST_LABEL:
        half = LONGEST_LABEL // 2
        text = f"{text[:half]}…{text[-half + 1:]}"
    return "".join(c if c in _glyphs() else _named(c) for c in text)


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    is_symbol = unicodedata.category(character) == "So"
    return f"[{name.lower()}]" if name and is_symbol else f"[U+{ord(character):04X}]"


def check_font_size(name: str, points: float) -> None:
    """Raise one clear error unless words of so many points can be drawn."""
    if not 1 <= points <= 100:
        raise ValueError(f"{name} must be a font size from 1 to 100 points, got {points!r}")


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[str]:
    path = font_manager.findfont("DejaVu Sans")  # ships with matplotlib, so labels agree on every machine
    return frozenset(chr(code) for code in ft2font.FT2Font(path).get_charmap())
