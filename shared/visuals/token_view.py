"""Any text in colored tokens: type, and several tokenizers cut it while you type. The page holds the tokenizers itself.

It repeats in the browser what `shared/text/bpe.py` and `shared/text/wordpiece.py` do, with the same ids.
"""

from collections.abc import Mapping, Sequence

from shared.text.bpe import LETTER_OF_BYTE, to_letters
from shared.text.bert_words import CHINESE
from shared.text.wordpiece import INSIDE, LONGEST_WORD, UNK
from shared.visuals.figure import figure
from shared.visuals.page import Page
from shared.visuals.token_boxes import TINTS, tokens_drawing

LONGEST_TEXT = 600  # letters that can be typed
MOST_TOKENIZERS, MOST_EXAMPLES = 6, 8


def token_view(
    pairs: Mapping[str, Sequence[tuple]],
    pieces: Mapping[str, Sequence[str]],
    text: str,
    tokens: Sequence[str],
    *,
    examples: Mapping[str, str],
    alt: str,
    caption: str,
) -> Page:
    """Type a text and see its tokens, colored, with their ids and bytes; choose among tokenizers and example texts.

    pairs: {name: merges of a byte-level BPE, in order; of each the first two entries are read, the halves as bytes}.
    pieces: {name: vocabulary of a WordPiece tokenizer (uncased), in order of ids}. The first name of `pairs` is chosen at first.
    text: what stands there at first, up to 600 letters; tokens: its tokens under the first tokenizer, for the still.
    examples: {short name: text} for buttons. alt: what a person would learn from it; caption: shown below it.
    Errors: ValueError that names the argument, for no byte-level tokenizer, too many, a name that comes twice, a text too long, a vocabulary
    without [UNK]. Used from week 3 day 2 on.
    """
    names = [*pairs, *pieces]
    if not pairs or len(names) > MOST_TOKENIZERS or len(set(names)) < len(names):
        raise ValueError(f"pairs and pieces must name 1 to {MOST_TOKENIZERS} different tokenizers, at least one in pairs; got {names}")
    if len(examples) > MOST_EXAMPLES:
        raise ValueError(f"examples must be at most {MOST_EXAMPLES}, got {len(examples)}")
    for name, one in {"text": text, **examples}.items():
        if not isinstance(one, str) or not 1 <= len(one) <= LONGEST_TEXT:
            raise ValueError(f"{name} must be a text of 1 to {LONGEST_TEXT} letters, got {len(one) if isinstance(one, str) else type(one).__name__}")
    for name, known in pieces.items():
        if UNK not in known:
            raise ValueError(f"pieces: {name!r} lacks {UNK}")
    if not tokens:
        raise ValueError("tokens must be the tokens of text, got none")
    data = {
        "bpe": {name: "\n".join(f"{to_letters(merge[0])} {to_letters(merge[1])}" for merge in merges) for name, merges in pairs.items()},
        "wordpiece": {name: "\n".join(known) for name, known in pieces.items()},
        "letters": "".join(LETTER_OF_BYTE[byte] for byte in range(256)), "order": "".join(LETTER_OF_BYTE.values()),
        "inside": INSIDE, "unknown": UNK, "longest": LONGEST_WORD, "chinese": [list(span) for span in CHINESE],
        "most": LONGEST_TEXT, "text": text, "examples": [[name, one] for name, one in examples.items()], "tints": list(TINTS), "alt": " ".join(alt.split()),
    }  # fmt: skip
    drawing = tokens_drawing({next(iter(pairs)): [[token] for token in tokens]}, title=f"{len(text)} letters, {len(tokens)} tokens")
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["token_view.js"], styles=["token_view.css"],
        heights={least: f"{_height(names, list(examples), max(least, 205))}px" for least in (0, 240, 330, 420, 540, 640, 760)}, still=figure(drawing, alt=alt, caption=caption),
    )  # fmt: skip


def _height(names: Sequence[str], examples: Sequence[str], width: int) -> int:
    """Mirrors assets/token_view.css: label and text, rows of buttons, the counts, the tokens, and the lines about one of them."""
    rows = _count_rows(names, width - 4) + _count_rows(examples, width - 4)
    counts = -(-84 * 8 // (width - 4))  # a line of up to 84 letters
    says = max(2, -(-118 * 7 // (width - 4)))  # of a token with long halves
    return 128 + 42 * rows + 4 + 21 * counts + 8 + 186 + 10 + 21 * says


def _count_rows(texts: Sequence[str], width: float) -> int:
    x, rows = 0.0, 1
    for text in texts:
        wide = 7.9 * len(text) + 28
        if x and x + wide - 6 > width:
            x, rows = 0.0, rows + 1
        x += wide
    return rows
