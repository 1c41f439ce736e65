"""The Universal Declaration of Human Rights: one text in many languages, on which tokenizers are compared.

Adopted by the United Nations on December 10, 1948, General Assembly resolution 217 A (III); the translations are those of the
Office of the High Commissioner for Human Rights, and the English is spelled as the United Nations spell it.
"""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("declaration.json")


@cache
def _read() -> dict:
    return json.loads(FILE.read_text(encoding="utf-8"))


def article(number: int) -> dict[str, str]:
    """{language: text} of article 1 or 2, the same content in each of nine languages; English comes first.

    (Hindi and Japanese have the first half of article 2 only.) Errors: ValueError for another number. Used in week 3 day 2.
    """
    if number not in (1, 2):
        raise ValueError(f"number must be 1 or 2, the articles that are here in all languages; got {number!r}")
    return dict(_read()[f"article_{number}"])


def english_articles() -> list[str]:
    """Articles 3 to 30 in English, in order: about 7,500 letters, without the numbers of paragraphs. Used in week 3 day 2."""
    return list(_read()["english_3_to_30"])
