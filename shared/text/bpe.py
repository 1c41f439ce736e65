"""Byte-pair encoding as GPT-2 does it: the lesson of week 3 day 2, in the order in which it is built.

A text becomes numbers in three steps:

    1. `presplit` cuts it into words; a word keeps the space before it: "the cat" → "the", " cat"
    2. each word starts as its UTF-8 bytes, of which there are only 256: so no text is ever unknown
    3. pairs of neighbors are joined, in the order in which training found them worth joining

Training is the same step over and over: count the pairs of neighbors, join the most frequent one, count again.

Sources: Sennrich et al. 2016, https://arxiv.org/abs/1508.07909 (pairs); Radford et al. 2019, "Language Models are
Unsupervised Multitask Learners", section 2.2 (bytes, and the cut into words).
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from os.path import exists
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import regex

from shared.text import files

END_OF_TEXT = "<|endoftext|>"
Piece = TypeVar("Piece")  # a piece of a word: an id while training, bytes while encoding


class Merge(NamedTuple):
    """One line of what training found: `left` and `right` become one token. count: how often they were neighbors then."""

    left: bytes
    right: bytes
    count: int | None  # None where the merge was read from a file, which does not say

    @property
    def token(self) -> bytes:
        return self.left + self.right


# --- bytes that can be written down -----------------------------------------------------------------------------------


def _byte_letters() -> dict[int, str]:
    """A visible letter for each byte. 188 bytes stand for themselves; the others (blanks, control codes) borrow U+0100 …

    So a space looks like "Ġ" in GPT-2's files. The order of this dictionary is the order of GPT-2's first 256 ids.
    """
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + i) for i, byte in enumerate(hidden)}


LETTER_OF_BYTE = _byte_letters()
BYTE_OF_LETTER = {letter: byte for byte, letter in LETTER_OF_BYTE.items()}
SINGLE_BYTES = [bytes([byte]) for byte in LETTER_OF_BYTE]  # the first 256 tokens, in GPT-2's order


def to_letters(piece: bytes) -> str:
    """A token as vocab.json and merges.txt write it, one visible letter a byte: " cat" → "Ġcat". Built in week 3 day 2."""
    return "".join(LETTER_OF_BYTE[byte] for byte in piece)


def from_letters(letters: str) -> bytes:
    """Undo `to_letters`. Errors: ValueError for a letter that stands for no byte."""
    try:
        return bytes(BYTE_OF_LETTER[letter] for letter in letters)
    except KeyError as error:
        raise ValueError(f"{letters!r} is no token in byte letters: {error.args[0]!r} stands for no byte") from None


# --- step 1: words ----------------------------------------------------------------------------------------------------

# GPT-2's own pattern, alternatives in order: an English ending; letters, digits or other signs, each with the one space
# before them; blanks up to the last one, which goes with the word that follows; blanks at the end
WORDS = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


def presplit(text: str) -> list[str]:
    """Cut a text into the words inside which pairs may be joined; nothing is lost: "".join(presplit(text)) == text.

    Without this step frequent phrases such as "of the" would become tokens, and "dog." "dog!" "dog?" three of them.
    Errors: TypeError, and ValueError for a lone surrogate. Source: GPT-2's encoder. Built in week 3 day 2.
    """
    return WORDS.findall(files.check_text("text", text))


# --- training ---------------------------------------------------------------------------------------------------------


def join(pieces: Sequence[Piece], pair: tuple[Piece, Piece], joined: Piece) -> list[Piece]:
    """Replace each `pair`, from left to right, by `joined`: join("aaa", ("a", "a"), "aa") is ["aa", "a"]."""
    left, right = pair
    out: list[Piece] = []
    i, last = 0, len(pieces) - 1
    while i <= last:
        if i < last and pieces[i] == left and pieces[i + 1] == right:
            out.append(joined)
            i += 2
        else:
            out.append(pieces[i])
            i += 1
    return out


def learn_merges(word_counts: Mapping[bytes, int], n_merges: int | None = None) -> list[Merge]:
    """Join the most frequent pair of neighbors, again and again. Returns the merges in the order in which they were found.

    word_counts: how often each word occurs. n_merges: when to stop; None = when every word is one piece.
    A pair counts at every place where it stands in a word ("aaa" holds "a","a" twice), times the word's count.
    Tie rule: of equally frequent pairs the one whose left piece has the lower id (is older); if it is one piece, the one
    whose right piece has the lower id. Ids run over the 256 bytes in GPT-2's order, then over the merges.
    Source: Sennrich et al. 2016, algorithm 1. Built in week 3 day 2.

    The plain algorithm counts every pair of the whole text before each merge. This one gives the same merges faster,
    by three observations: a text has far fewer different words than words; a merge changes only the words that hold
    the pair, so only their pairs are counted anew; and the largest count need not be searched for if it lies on top of
    a heap. A heap cannot change a note that lies inside it: whenever a count changes, a new note goes in, and a note that
    no longer tells the truth is thrown away when it comes up.
    """
    pieces = list(SINGLE_BYTES)
    ids = {piece: i for i, piece in enumerate(pieces)}
    words = [[ids[bytes([byte])] for byte in word] for word in word_counts]
    times = list(word_counts.values())

    counts: dict[tuple[int, int], int] = defaultdict(int)
    homes: dict[tuple[int, int], set[int]] = defaultdict(set)  # the words that hold a pair
    for home, word in enumerate(words):
        for pair in pairwise(word):
            counts[pair] += times[home]
            homes[pair].add(home)

    # smallest first: (-count, pair), so the tie rule is the order of pairs of ids
    heap = [(-count, pair) for pair, count in counts.items()]
    heapq.heapify(heap)
    merges: list[Merge] = []
    while heap and len(merges) != n_merges:
        count, pair = heapq.heappop(heap)
        if counts[pair] != -count:
            continue  # an old note
        left, right = pieces[pair[0]], pieces[pair[1]]
        merges.append(Merge(left, right, -count))
        new = ids.setdefault(left + right, len(pieces))
        if new == len(pieces):
            pieces.append(left + right)

        change: dict[tuple[int, int], int] = defaultdict(int)
        for home in homes.pop(pair):
            before, after = words[home], join(words[home], pair, new)
            for neighbors in pairwise(before):
                change[neighbors] -= times[home]
            for neighbors in pairwise(after):
                change[neighbors] += times[home]
                homes[neighbors].add(home)
            words[home] = after
        for neighbors, by in change.items():
            if by:
                counts[neighbors] += by
                if counts[neighbors]:
                    heapq.heappush(heap, (-counts[neighbors], neighbors))
    return merges


# --- encoding one word ------------------------------------------------------------------------------------------------

LONG = 128  # bytes: above, the plain loop would read the word too often


def merge_by_rank(pieces: Sequence[Piece], ranks: Mapping[tuple[Piece, Piece], int]) -> list[Piece]:
    """Do what training did, in its order: of all pairs of neighbors, join the one that was learned first; repeat.

    pieces: a word's bytes, one by one; ranks: for each pair its place among the merges. Returns the tokens of the word.
    Source: Sennrich et al. 2016, section 3.2. Built in week 3 day 2.
    """
    pieces = list(pieces)
    while len(pieces) > 1:
        pair = min(pairwise(pieces), key=lambda neighbors: ranks.get(neighbors, len(ranks)))
        if pair not in ranks:
            break
        pieces = join(pieces, pair, pair[0] + pair[1])
    return pieces


def merge_long(pieces: Sequence[Piece], ranks: Mapping[tuple[Piece, Piece], int]) -> list[Piece]:
    """The same tokens as `merge_by_rank`, for words of thousands of bytes (a line of base64, a wall of one letter).

    The plain loop reads the whole word for each kind of pair. Here all pairs wait in a heap, lowest rank first, and each
    piece knows its neighbors, so that a merge looks at two new pairs only: n·log n steps instead of n·n.
    """
    out: list[Piece | None] = list(pieces)  # None: swallowed by the piece before it
    before = list(range(-1, len(out) - 1))
    after = list(range(1, len(out) + 1))

    def note(i: int, j: int) -> Iterator[tuple]:
        if i >= 0 and j < len(out) and (out[i], out[j]) in ranks:
            yield ranks[out[i], out[j]], i, out[i], out[j]

    heap = [entry for i in range(len(out) - 1) for entry in note(i, i + 1)]
    heapq.heapify(heap)
    while heap:
        rank, fresh = heap[0][0], []
        while heap and heap[0][0] == rank:  # every occurrence of one pair, from left to right, before anything new
            _, i, left, right = heapq.heappop(heap)
            j = after[i]
            if j == len(out) or out[i] != left or out[j] != right:
                continue  # one of the two has been joined to something else
            out[i], out[j] = left + right, None
            after[i] = after[j]
            if after[j] < len(out):
                before[after[j]] = i
            fresh += [(before[i], i), (i, after[i])]
        for pair in fresh:
            for entry in note(*pair):
                heapq.heappush(heap, entry)
    return [piece for piece in out if piece is not None]


# --- the tokenizer ----------------------------------------------------------------------------------------------------


class BytePairTokenizer:
    """A byte-level BPE tokenizer: any text to ids and back, without loss. Its files have the form of GPT-2's.

    Made by `BytePairTokenizer.train(texts, …)` or `BytePairTokenizer.load(folder)`.
    merges: what training found, in order. special: {token: id} of tokens that no text is made of, such as "<|endoftext|>".
    Ids, after training: 0 … 255 the single bytes in GPT-2's order, then the merges in order, then the special tokens.
    Built in week 3 day 2.
    """

    def __init__(self, merges: Sequence[Merge], special: Sequence[str] = (END_OF_TEXT,)):
        """Errors: TypeError, ValueError for a special token that is empty, comes twice or is an ordinary token as well."""
        tokens = dict.fromkeys([*SINGLE_BYTES, *(merge.token for merge in merges)])
        ids = {token: i for i, token in enumerate(tokens)}
        special = _check_special(special, ids)
        self._set(merges, ids, {token: len(ids) + i for i, token in enumerate(special)})

    def _set(self, merges: Sequence[Merge], ids: Mapping[bytes, int], special: Mapping[str, int]) -> None:
        self.merges = tuple(merges)
        self.special = dict(sorted(special.items(), key=lambda item: item[1]))
        self._ids = dict(ids)
        self._bytes = [b""] * (len(ids) + len(special))
        for token, i in ids.items():
            self._bytes[i] = token
        for token, i in special.items():
            self._bytes[i] = token.encode()
        # a pair that comes twice is never reached the second time
        self._ranks: dict[tuple[bytes, bytes], int] = {}
        for rank, merge in enumerate(self.merges):
            self._ranks.setdefault((merge.left, merge.right), rank)
        longest_first = sorted(self.special, key=len, reverse=True)
        self._special_pattern = regex.compile("(" + "|".join(map(regex.escape, longest_first)) + ")")
        self._known: dict[str, list[int]] = {}  # words that were encoded before: a text repeats most of its words

    @classmethod
    def train(
        cls, texts: Iterable[str], n_merges: int | None = None, special: Sequence[str] = (END_OF_TEXT,)
    ) -> "BytePairTokenizer":
        """Learn merges from texts; see `learn_merges` for what is counted and for the tie rule.

        n_merges: how many; None = until every word of the texts (as `presplit` cuts them) is one token.
        special: tokens to add behind the learned ones. Where they stand in the texts, they are read as plain text.
        Errors: TypeError or ValueError for texts or arguments of another kind, no text at all, or more merges than
        there are.
        """
        files.check_texts(texts)
        if n_merges is not None and (isinstance(n_merges, bool) or not isinstance(n_merges, int) or n_merges < 0):
            raise ValueError(f"n_merges must be a whole number from 0 on, or None for all, got {n_merges!r}")
        special = _check_special(special, ())
        words: Counter[str] = Counter()
        for text in texts:
            words.update(presplit(text))
        if not words:
            raise ValueError("texts hold nothing to learn from: there is no text, or only empty ones")
        merges = learn_merges({word.encode(): count for word, count in words.items()}, n_merges)
        if n_merges is not None and len(merges) < n_merges:
            raise ValueError(
                f"n_merges={n_merges}, but after {len(merges)} every word of the texts is one token; None takes them all"
            )
        return cls(merges, special)

    @property
    def vocab_size(self) -> int:
        """How many ids there are: single bytes, learned tokens and special tokens."""
        return len(self._bytes)

    @property
    def vocabulary(self) -> dict[str, int]:
        """{token: id} in order of ids; tokens in byte letters ("Ġcat") as in vocab.json, special tokens as they are."""
        names = {i: to_letters(token) for token, i in self._ids.items()}
        names |= {i: token for token, i in self.special.items()}
        return {names[i]: i for i in range(len(names))}

    def encode(self, text: str, special: bool = False) -> list[int]:
        """The ids of a text; of an empty text, none.

        special: False = "<|endoftext|>" in the text is thirteen characters like any others, so that nobody who types
        into a program can end a text or forge a turn. True = special tokens are recognized, for text you have built
        yourself. (Hugging Face recognizes them unless told otherwise.)
        Errors: TypeError, and ValueError for a lone surrogate.
        """
        return [i for part in self._parts(text, special) for i in self._encode_part(part, special)]

    def tokens(self, text: str, special: bool = False) -> list[str]:
        """The pieces of a text, readable: " cat" with its space; a part of a character as its bytes, "\\xf0\\x9f"."""
        return [self.token_bytes(i).decode("utf-8", errors="backslashreplace") for i in self.encode(text, special)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; special tokens as they are written. decode(encode(text)) == text, for any text.

        Bytes that form no character, as when a model stops in the middle of an emoji, become U+FFFD.
        ids: whole numbers, also a one-dimensional tensor or array of them.
        Errors: TypeError for something else than whole numbers, ValueError for an id that does not exist.
        """
        whole = b"".join(self._bytes[files.check_id(i, place, self.vocab_size)] for place, i in enumerate(ids))
        return whole.decode("utf-8", errors="replace")

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes that one id stands for. Errors: as `decode`."""
        return self._bytes[files.check_id(token_id, 0, self.vocab_size)]

    def _parts(self, text: str, special: bool) -> list[str]:
        files.check_text("text", text)
        return self._special_pattern.split(text) if special and self.special else [text]

    def _encode_part(self, part: str, special: bool) -> list[int]:
        if special and part in self.special:
            return [self.special[part]]
        return [i for word in WORDS.findall(part) for i in self._encode_word(word)]

    def _encode_word(self, word: str) -> list[int]:
        known = self._known.get(word)
        if known is None:
            data = word.encode()
            merge = merge_by_rank if len(data) <= LONG else merge_long
            known = [self._ids[piece] for piece in merge([data[i : i + 1] for i in range(len(data))], self._ranks)]
            if len(self._known) >= 100_000:  # a few tens of megabytes
                self._known.clear()
            if len(data) <= LONG:
                self._known[word] = known
        return known

    # --- files --------------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path, model_max_length: int | None = None) -> Path:
        """Write vocab.json, merges.txt, tokenizer.json and tokenizer_config.json; returns the folder, made if need be.

        `transformers.AutoTokenizer.from_pretrained(folder)` reads them as a GPT2Tokenizer with the same ids, whose
        beginning- and end-of-text token is the first special token. The counts of the merges are not in these files.
        model_max_length: the model's context in tokens, None = not said.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        pairs = [[to_letters(merge.left), to_letters(merge.right)] for merge in self.merges]
        files.write_json(folder / "vocab.json", self.vocabulary, indent=None)
        lines = ["#version: 0.2", *(f"{left} {right}" for left, right in pairs)]
        (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": ""}
        model |= {"end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "ignore_merges": False}
        whole = {"version": "1.0", "truncation": None, "padding": None, "normalizer": None}
        whole |= {"added_tokens": files.added_tokens(self.special), "pre_tokenizer": byte_level, "decoder": byte_level}
        whole |= {"post_processor": byte_level | {"trim_offsets": False}}
        whole |= {"model": model | {"vocab": self.vocabulary, "merges": pairs}}
        files.write_json(folder / "tokenizer.json", whole, indent=None)
        first = next(iter(self.special), None)
        config: dict[str, Any] = {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": False, "errors": "replace"}
        config |= {"bos_token": first, "eos_token": first, "unk_token": first, "pad_token": None}
        files.write_json(folder / "tokenizer_config.json", config | files.length_setting(model_max_length))
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> "BytePairTokenizer":
        """Read what `save` wrote, or GPT-2's own files: tokenizer.json, or vocab.json with merges.txt.

        If all three are there, they must agree. Ids are those of the files, whatever their order. Special tokens are
        those that tokenizer.json adds; without it, "<|endoftext|>" if vocab.json has it.
        Errors: FileNotFoundError for a missing file; ValueError that names the file for one that is cut off, altered, or
        asks for something that GPT-2's tokenizer does not do.
        """
        folder = Path(folder)
        whole, pair = folder / "tokenizer.json", (folder / "vocab.json", folder / "merges.txt")
        read = []
        if exists(whole) or not any(map(exists, pair)):
            read.append((whole.name, *_read_whole(whole)))
        if any(map(exists, pair)):
            added = read[0][3] if read else {}
            read.append((" and ".join(path.name for path in pair), *_read_pair(*pair, added)))
        (name, *parts), (other_name, *other_parts) = read[0], read[-1]
        for what, one, other in zip(("merges", "ids"), parts, other_parts):
            if one != other:
                raise ValueError(f"{name} and {other_name} in {folder} hold different {what}; one of them was altered")
        self = cls.__new__(cls)
        self._set(*parts)
        return self

    def __repr__(self) -> str:
        counted = f"256 bytes, {len(self.merges)} merges, {len(self.special)} special"
        return f"BytePairTokenizer({self.vocab_size} tokens: {counted})"


def _check_special(special: Sequence[str], ordinary: Iterable[bytes]) -> list[str]:
    if isinstance(special, str):
        raise TypeError(f"special must be a sequence of strings, such as ({special!r},), got one string")
    special = list(special)
    for token in special:
        if not files.check_text("a special token", token):
            raise ValueError("a special token must not be empty")
        if special.count(token) > 1:
            raise ValueError(f"special holds {token!r} twice")
        if token in map(to_letters, ordinary):
            raise ValueError(f"special token {token!r} is an ordinary token as well; give it a name that no text holds")
    return special


# --- reading GPT-2's files --------------------------------------------------------------------------------------------

Parts = tuple[list[Merge], dict[bytes, int], dict[str, int]]  # merges, ids of ordinary tokens, ids of special ones


def _read_whole(path: Path) -> Parts:
    whole = files.read_json(path)
    model = files.part(path, whole, "model")
    files.check_settings(path, model, {"type": ("BPE",), "dropout": (None, 0.0), "unk_token": (None, END_OF_TEXT)})
    files.check_settings(path, model, {"continuing_subword_prefix": (None, ""), "end_of_word_suffix": (None, "")})
    files.check_settings(path, model, {"byte_fallback": (False,), "ignore_merges": (False,)})
    files.check_settings(path, whole, {"normalizer": (None,), "truncation": (None,), "padding": (None,)})
    cut = files.part(path, whole, "pre_tokenizer")
    files.check_settings(path, cut, {"type": ("ByteLevel",), "add_prefix_space": (False,), "use_regex": (True,)})
    files.check_settings(path, whole.get("post_processor") or {}, {"type": ("ByteLevel",)})
    added = files.read_added_tokens(path, whole)
    vocabulary = files.part(path, model, "vocab")
    merges = []
    for number, line in enumerate(files.part(path, model, "merges", kind=list), start=1):
        # older files write a merge as "Ġ t", newer ones as ["Ġ", "t"]
        merges.append(_read_merge(f"{path}, merge {number}", line.split(" ") if isinstance(line, str) else line))
    return merges, *_divide(path, path, vocabulary, merges, added)


def _read_pair(vocab_path: Path, merges_path: Path, added: Mapping[str, int]) -> Parts:
    vocabulary = files.read_json(vocab_path)
    merges = []
    for number, line in enumerate(files.read_lines(merges_path), start=1):
        if number > 1 or not line.startswith("#version"):
            merges.append(_read_merge(f"{merges_path}, line {number}", line.split(" ")))
    special = dict(added) or {token: i for token, i in vocabulary.items() if token == END_OF_TEXT}
    return merges, *_divide(vocab_path, merges_path, vocabulary, merges, special)


def _read_merge(where: str, halves: Any) -> Merge:
    if not isinstance(halves, list) or len(halves) != 2 or not all(isinstance(half, str) and half for half in halves):
        raise ValueError(f"{where} must be two tokens, got {halves!r}")
    try:
        return Merge(from_letters(halves[0]), from_letters(halves[1]), None)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _divide(
    vocab_path: Path, merges_path: Path, vocabulary: dict[str, int], merges: Sequence[Merge], special: Mapping[str, int]
) -> tuple[dict[bytes, int], dict[str, int]]:
    """Ids of ordinary and of special tokens. Ordinary ones must be bytes or come from merges, and none may be missing."""
    files.check_numbers(vocab_path, vocabulary | special)
    made = set(SINGLE_BYTES)
    for number, merge in enumerate(merges, start=1):
        for half in (merge.left, merge.right):
            if half not in made:
                made_by_none = f"joins {to_letters(half)!r}, which no merge before it makes"
                raise ValueError(f"{merges_path}: merge {number} {made_by_none}")
        made.add(merge.token)
    ids = {}
    for letters, i in vocabulary.items():
        if letters in special:
            if i != special[letters]:
                raise ValueError(f"{vocab_path}: {letters!r} has the id {i}, but as a special token {special[letters]}")
            continue
        try:
            token = from_letters(letters)
        except ValueError as error:
            raise ValueError(f"{vocab_path}: {error}") from None
        if token not in made:
            raise ValueError(
                f"{vocab_path} has {letters!r}, which is neither a byte, nor made by {merges_path.name}, nor special"
            )
        ids[token] = i
    missing = sorted(made - set(ids))
    if missing:
        raise ValueError(f"{vocab_path} has no {to_letters(missing[0])!r}, and {len(missing) - 1} others are missing")
    return ids, dict(special)
