"""Tokens as text that a drawing can show: no empty labels, no boxes where the font has no glyph."""

import unicodedata
from functools import lru_cache

from matplotlib import font_manager, ft2font

LONGEST_LABEL = 18  # letters; a longer token is shortened in the middle, never dropped


def label(token: str) -> str:
    """The token as a drawn label: shortened in the middle, blanks made visible, missing glyphs named.

    An emoji becomes its Unicode name in brackets ("[cat face]"), a letter of another script that the font lacks its code
    point ("[U+732B]"), because a drawing that shows an empty box says nothing. Browsers show such tokens as they are.
    """
    token = "".join(c for c in token if unicodedata.category(c) not in ("Cf", "Cc"))  # these have no shape of their own
    if not token.strip():
        return "␣" * len(token) or "“”"
    if len(token) > LONGEST_LABEL:
        half = LONGEST_LABEL // 2
        token = f"{token[:half]}…{token[-half + 1:]}"
    return "".join(c if c in _glyphs() else _named(c) for c in token)


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    is_symbol = unicodedata.category(character) == "So"
    return f"[{name.lower()}]" if name and is_symbol else f"[U+{ord(character):04X}]"


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[str]:
    path = font_manager.findfont("DejaVu Sans")  # ships with matplotlib, so labels agree on every machine
    return frozenset(chr(code) for code in ft2font.FT2Font(path).get_charmap())
