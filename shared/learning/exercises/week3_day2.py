"""The exercises of week 3, day 2: what each asks, how its check knows the usual mistakes, two hints and a solution."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from shared.learning.exercises import Exercise, Mistake
from shared.text.bpe import join, merge_by_rank
from shared.text.wordpiece import longest_match

# --- exercise 1: back to text ------------------------------------------------------------------------------------------

PARTS = [b"the", b" cat", b"\xf0\x9f", b"\xa6\x8a", b"!", b"n"]  # 2 and 3 are the two halves of a fox
DECODE_CASES = [([0, 1, 4], PARTS), ([1, 5, 0], PARTS), ([1, 2, 3, 4], PARTS), ([0, 2], PARTS)]


def _decode(ids: Sequence[int], vocabulary: Sequence[bytes]) -> str:
    return b"".join(vocabulary[i] for i in ids).decode("utf-8", errors="replace")


def _each_alone(between: str) -> Callable:
    return lambda ids, vocabulary: between.join(vocabulary[i].decode("utf-8", errors="replace") for i in ids)


DECODE = Exercise(
    id="w3d2-e1",
    title="back to text",
    task="Fill in the two missing lines: the bytes of all tokens, and the text that they spell.",
    name="decode_ids",
    cases=DECODE_CASES,
    reference=_decode,
    mistakes=(
        Mistake("each token decoded alone", _each_alone(""),
                "You decode each token by itself. A character may be split between two tokens, and half of a fox is no character. Put the *bytes* together first."),
        Mistake("spaces between tokens", _each_alone(" "),
                "You put spaces between the tokens. The space before a word is inside of its token already; join with nothing between."),
        Mistake("strict decoding", lambda ids, vocabulary: b"".join(vocabulary[i] for i in ids).decode("utf-8"),
                "This raises an error when a text ends in the middle of a character, which happens to every model that is stopped. Say `errors=\"replace\"`."),
        Mistake("broken bytes dropped", lambda ids, vocabulary: b"".join(vocabulary[i] for i in ids).decode("utf-8", errors="ignore"),
                "You drop what is no character, and nobody sees that something is missing. Use `errors=\"replace\"`, which leaves a sign."),
        Mistake("one character a byte", lambda ids, vocabulary: b"".join(vocabulary[i] for i in ids).decode("latin-1"),
                "You made one character of each byte. In UTF-8 a character has 1 to 4 bytes: decode with \"utf-8\"."),
        Mistake("the first space is stripped", lambda ids, vocabulary: _decode(ids, vocabulary).strip(),
                "You strip the text. A space at its start is part of it: decode(encode(text)) must be the text."),
    ),
    hints=(
        "Two steps, in this order: bytes of all tokens behind each other, then one decoding for the whole.",
        "`b\"\".join(vocabulary[i] for i in ids)` puts them together; `.decode(\"utf-8\", errors=\"replace\")` reads them.",
    ),
    starter="""
def decode_ids(ids, vocabulary):  # vocabulary: a list, the bytes of each id
    data = ...   # all bytes, in order
    return ...   # the text; what is no character becomes the sign U+FFFD
""",
    solution="""
def decode_ids(ids, vocabulary):
    data = b"".join(vocabulary[i] for i in ids)
    return data.decode("utf-8", errors="replace")
""",
)

# --- exercise 2: which pair first ------------------------------------------------------------------------------------------

RANKS = {("t", "h"): 0, ("th", "e"): 1, ("h", "e"): 2, ("the", "r"): 3, ("he", "r"): 4, ("o", "t"): 5, ("e", "a"): 6, ("r", "o"): 7, ("ea", "r"): 8, ("h", "ear"): 9}
WORDS = ("other", "hea", "rot", "hear", "ththe")


def _encode(pieces: Sequence[str], ranks: dict) -> list[str]:
    return merge_by_rank(pieces, ranks)


def _join_by(choose: Callable, once: bool = False) -> Callable:
    def encode(pieces: Sequence[str], ranks: dict) -> list[str]:
        pieces = list(pieces)
        while known := [pair for pair in pairwise(pieces) if pair in ranks]:
            pair = choose(known, ranks)
            pieces = join(pieces, pair, pair[0] + pair[1])
            if once:
                break
        return pieces

    return encode


def _longest(pieces: Sequence[str], ranks: dict) -> list[str]:
    known = {*"".join(pieces), *(left + right for left, right in ranks)}
    word, out = "".join(pieces), []
    while word:
        end = next(end for end in range(len(word), 0, -1) if word[:end] in known)
        out.append(word[:end])
        word = word[end:]
    return out


ENCODE = Exercise(
    id="w3d2-e2",
    title="which pair first",
    task="Repair the function, so that pairs are joined in the order in which training found them.",
    name="encode_word",
    cases=[(list(word), RANKS) for word in WORDS],
    reference=_encode,
    mistakes=(
        Mistake("from left to right", _join_by(lambda known, ranks: known[0]),
                "You still take the first pair from the left that is known. Take the one with the lowest rank: of all pairs in the word, the one that was learned first."),
        Mistake("the newest first", _join_by(lambda known, ranks: max(known, key=ranks.get)),
                "You take the highest rank, the pair learned last. Training began with the lowest, and so does encoding: `min`."),
        Mistake("the longest token that fits", _longest,
                "You cut off the longest known token from the left. That is how WordPiece encodes; BPE joins by rank."),
        Mistake("only one join", _join_by(lambda known, ranks: min(known, key=ranks.get), once=True),
                "You join one pair and stop. Go on until no pair of neighbors is known."),
        Mistake("nothing joined", lambda pieces, ranks: list(pieces),
                "Nothing was joined: the letters come back as they went in."),
    ),
    hints=(
        "Only one line is wrong: which of the known pairs is taken. What does a low rank say about a pair?",
        "`pair = min(known, key=lambda pair: ranks[pair])`",
    ),
    starter="""
def encode_word(pieces, ranks):  # ranks: {(left, right): 0 for the merge that was learned first, 1, 2, …}
    while True:
        known = [pair for pair in pairwise(pieces) if pair in ranks]
        if not known:
            return pieces
        pair = known[0]
        pieces = join(pieces, pair)
""",
    solution="""
def encode_word(pieces, ranks):
    while True:
        known = [pair for pair in pairwise(pieces) if pair in ranks]
        if not known:
            return pieces
        pair = min(known, key=lambda pair: ranks[pair])
        pieces = join(pieces, pair)
""",
    setup="from itertools import pairwise\nfrom shared.text.bpe import join as _join\ndef join(pieces, pair):\n    return _join(pieces, pair, pair[0] + pair[1])",
)

# --- exercise 3: WordPiece ---------------------------------------------------------------------------------------------

PIECES = ["[UNK]", "u", "un", "##n", "##a", "##b", "##le", "##able", "a", "able", "the", "them", "##m", "##e", "t", "##h", "th"]


def _wordpiece(word: str, vocabulary: Sequence[str]) -> list[str]:
    return longest_match(word, set(vocabulary)) or ["[UNK]"]


def _match(first: str = "", later: str = "##", shortest: bool = False, lost: str = "word", most: int = 99) -> Callable:
    """A longest match with something changed. lost: what becomes [UNK] where nothing fits: the "word", the "rest", a "letter", "nothing"."""

    def cut(word: str, vocabulary: Sequence[str]) -> list[str]:
        out, start = [], 0
        while start < len(word) and len(out) < most:
            ends = range(start + 1, len(word) + 1) if shortest else range(len(word), start, -1)
            mark = later if start else first
            end = next((end for end in ends if mark + word[start:end] in vocabulary), None)
            if end is None:
                if lost == "letter":
                    out.append("[UNK]")
                    start += 1
                    continue
                return {"word": ["[UNK]"], "rest": [*out, "[UNK]"], "nothing": out}[lost]
            out.append(mark + word[start:end])
            start = end
        return out

    return cut


WORDPIECE = Exercise(
    id="w3d2-e3",
    title="WordPiece's longest match",
    task="Write BERT's way to cut one word: the longest piece that fits, then the longest that fits behind it.",
    name="wordpiece_cut",
    cases=[(word, PIECES) for word in ("unable", "them", "able", "unxb", "a", "una", "aun")],
    reference=_wordpiece,
    mistakes=(
        Mistake("no ##", _match(later=""),
                "You look for pieces inside of the word without ##. “able” begins a word; inside of one the piece is called “##able”."),
        Mistake("## in front of the first, too", _match(first="##"),
                "You put ## before the first piece, too. It stands only before pieces that go on a word: where `start > 0`."),
        Mistake("the shortest piece", _match(shortest=True),
                "You take the shortest piece that fits. Start with the whole rest of the word and make it shorter: the longest wins."),
        Mistake("what fitted is kept", _match(lost="nothing"),
                "Where nothing fits you return the pieces so far, and nobody sees that letters are missing. The whole word becomes [\"[UNK]\"]."),
        Mistake("only the rest is unknown", _match(lost="rest"),
                "You keep the pieces before the place where nothing fits. BERT is stricter: the whole word becomes [\"[UNK]\"]."),
        Mistake("single letters are unknown", _match(lost="letter"),
                "You write [UNK] for a letter and go on behind it. BERT gives up the whole word: [\"[UNK]\"]."),
        Mistake("only the first piece", _match(most=1),
                "You return the first piece and forget the rest of the word."),
    ),
    hints=(
        "Two loops: `start` walks through the word; for each start, `end` runs from the word's end down to `start + 1`, until the piece is in the vocabulary.",
        "`piece = word[start:end] if start == 0 else \"##\" + word[start:end]`. A `for … else` tells you that no end fitted: then return [\"[UNK]\"].",
    ),
    starter="""
def wordpiece_cut(word, vocabulary):
    ...
""",
    solution="""
def wordpiece_cut(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else "##" + word[start:end]
            if piece in vocabulary:
                break
        else:
            return ["[UNK]"]
        pieces.append(piece)
        start = end
    return pieces
""",
    setup="",
)

EXERCISES = (DECODE, ENCODE, WORDPIECE)
