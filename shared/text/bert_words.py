"""How BERT (uncased) cuts a text into words, before WordPiece cuts these: lower case, no accents, punctuation apart.

The same as `BertNormalizer` and `BertPreTokenizer` of Hugging Face, character by character.
Source: Devlin et al. 2019, https://arxiv.org/abs/1810.04805, and the rules of its published tokenizer.
"""

import string
import unicodedata
from functools import lru_cache

import regex

from shared.text import files

# characters of Chinese, and those that Japanese and Korean share with it: written without spaces, so each is a word
CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip

# Hugging Face's tables stand at Unicode 8 (2015), Python's are newer, and differ from one Python to the next. These are
# the accents, marks of punctuation and formats that Unicode added since (up to 18): they must count as plain letters
ADDED_SINCE = """
    5c8-5c9 61d 7fd 890-891 897-89f 8ca-8e2 9fd-9fe a76 afa-aff b53-b55 c04 c3c c77 c84 d00 d3b-d3c d81 eba ece 180f
    1885-1886 1abf-1af0 1b4e-1b4f 1b7d-1b7f 1df6-1dfb 2e43-2e4f 2e52-2e5d 2e60-2e63 a82c a8c5 a8ff a9bd 10d24-10d27
    10d69-10d6e 10eab-10ead 10ecb-10ed0 10ef0-10eff 10f46-10f50 10f55-10f59 10f82-10f89 11070 11073-11074 110c2 110cd
    111c9 111cf 1123e 11241 1133b 113bb-113c0 113ce 113d0 113d2 113d4-113d5 113d7-113d8 113e1-113e2 11438-1143f
    11442-11444 11446 1144b-1144f 1145a-1145b 1145d-1145e 11660-1166c 116b9 1182f-11837 11839-1183b 1193b-1193c 1193e
    11943-11946 119d4-119d7 119da-119db 119e0 119e2 11a01-11a0a 11a33-11a38 11a3b-11a47 11a51-11a56 11a59-11a5b
    11a8a-11a96 11a98-11a9c 11a9e-11aa2 11b00-11b09 11b60 11b62-11b64 11b66 11be1 11c30-11c36 11c38-11c3d 11c3f
    11c41-11c45 11c70-11c71 11c92-11ca7 11caa-11cb0 11cb2-11cb3 11cb5-11cb6 11d31-11d36 11d3a 11d3c-11d3d 11d3f-11d45
    11d47 11d90-11d91 11d95 11d97 11df0 11ef3-11ef4 11ef7-11ef8 11f00-11f01 11f36-11f3a 11f40 11f42-11f4f 11f5a 11fff
    12ff1-12ff2 13430-13440 13447-13455 1611e-16129 1612d-1612f 16d6d-16d6f 16e97-16e9a 16f4f 16fe2 16fe4 1cf00-1cf2d
    1cf30-1cf46 1d127-1d128 1d25b-1d25c 1e000-1e006 1e008-1e018 1e01b-1e021 1e023-1e024 1e026-1e02a 1e08f 1e130-1e136
    1e2ae 1e2ec-1e2ef 1e4ec-1e4ef 1e5ee-1e5ef 1e5ff 1e6e3 1e6e6 1e6ee-1e6ef 1e6f5 1e944-1e94a 1e95e-1e95f
"""
COMPOSED_SINCE = "\U00011938"  # a letter that Python takes apart and Unicode 8 did not know
# what Unicode 8 called four others; they have moved to another category since
MOVED_SINCE = {0x1734: "Mn", 0x1171E: "Mn", 0x166D: "Po", 0x111C9: "Po"}


def _table() -> dict[str, str]:
    spans = [[int(end, 16) for end in span.split("-")] for span in ADDED_SINCE.split()]
    added = {chr(code): "Lo" for span in spans for code in range(span[0], span[-1] + 1)}
    return added | {chr(code): kind for code, kind in MOVED_SINCE.items()}


_OTHERWISE = _table()


@lru_cache(maxsize=4096)
def kind_of(character: str) -> str:
    """A character's general category, as Unicode 8 had it: "Lu" a capital, "Mn" an accent, "Po" a comma."""
    return _OTHERWISE.get(character) or unicodedata.category(character)


def clean(text: str) -> str:
    """Drop what cannot be seen (control and format characters, U+FFFD); any blank becomes a space."""
    out = []
    for c in text:
        if c in "\t\n\r":
            out.append(" ")
        elif c == "\ufffd" or kind_of(c) in ("Cc", "Cf", "Co"):
            continue
        else:
            out.append(" " if c.isspace() else c)
    return "".join(out)


def space_chinese(text: str) -> str:
    """Put spaces around every Chinese character, which makes each a word of its own."""
    return "".join(f" {c} " if any(first <= ord(c) <= last for first, last in CHINESE) else c for c in text)


def strip_accents(text: str) -> str:
    """é → e: take letters apart into letter and accents (Unicode's form NFD), and drop the accents."""
    apart = COMPOSED_SINCE.join(unicodedata.normalize("NFD", part) for part in text.split(COMPOSED_SINCE))
    return "".join(c for c in apart if kind_of(c) != "Mn")


def normalize(text: str) -> str:
    """The text as BERT (uncased) sees it: "Café\u200b\tÜBER" → "cafe uber".

    Lower case is found letter by letter (a Greek sigma does not care about being the last).
    Errors: TypeError, and ValueError for a lone surrogate. Built in week 3 day 2.
    """
    text = clean(files.check_text("text", text))
    if text.isascii():
        return text.lower()  # no Chinese and no accents to look for
    return "".join(c.lower() for c in strip_accents(space_chinese(text)))


def is_punctuation(character: str) -> bool:
    """Every ASCII sign that is neither letter, digit nor blank, "$" and "^" too, and all that Unicode calls punctuation."""
    return character in string.punctuation or kind_of(character).startswith("P")


def split_words(text: str) -> list[str]:
    """Cut a normalized text at blanks and around every sign of punctuation: "it's on." → "it", "'", "s", "on", ".".

    Errors: TypeError, and ValueError for a lone surrogate. Built in week 3 day 2.
    """
    spaced = "".join(f" {c} " if is_punctuation(c) else c for c in files.check_text("text", text))
    # str.split would also cut at four old control codes, which are no blanks in Unicode
    return regex.findall(r"\S+", spaced)
