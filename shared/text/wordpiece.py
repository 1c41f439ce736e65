"""WordPiece as BERT uses it, beside byte-pair encoding: the second half of week 3 day 2.

Two things differ from BPE. Training does not join the most frequent pair but the one whose pieces are least often seen
apart: score = count(pair) / (count(left) · count(right)). And encoding knows nothing of an order: it takes the longest
piece that fits, then the longest that fits behind it. Inside a word, a piece has ## before it: "mats" → "mat", "##s".

What BERT's authors trained with was never published; the score is what is known of it, from Schuster and Nakajima 2012,
"Japanese and Korean Voice Search", and the course of Hugging Face. The encoding is published: Devlin et al. 2019,
https://arxiv.org/abs/1810.04805.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import pairwise
from os.path import exists
from pathlib import Path
from typing import Any, NamedTuple

import regex

from shared.text import files
from shared.text.bert_words import normalize, split_words
from shared.text.bpe import join

PAD, UNK, CLS, SEP, MASK = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
INSIDE = "##"  # stands before a piece that does not begin a word
LONGEST_WORD = 100  # letters; BERT gives up on longer words


class PieceMerge(NamedTuple):
    """One step of training: `left` and `right` became one piece. count: how often neighbors; score: why they won."""

    left: str
    right: str
    count: int
    score: float

    @property
    def token(self) -> str:
        return self.left + self.right.removeprefix(INSIDE)


# --- training ---------------------------------------------------------------------------------------------------------


def to_pieces(word: str) -> list[str]:
    """A word as single letters, where training starts: "mat" → "m", "##a", "##t"."""
    return [letter if i == 0 else INSIDE + letter for i, letter in enumerate(word)]


def alphabet(words: Iterable[str]) -> list[str]:
    """The pieces of one letter, sorted: each letter as it begins a word, then, if it was seen in a longer word, with ##.

    Both forms wherever the letter was seen, so that every word made of known letters can be written.
    """
    words = list(words)
    inside = {letter for word in words if len(word) > 1 for letter in word}
    return sorted({letter for word in words for letter in word}) + sorted(INSIDE + letter for letter in inside)


def learn_pieces(word_counts: Mapping[str, int], n_pieces: int | None = None, min_count: int = 1) -> list[PieceMerge]:
    """Join the pair with the highest count(pair) / (count(left) · count(right)), again and again. Returns the steps.

    word_counts: how often each word occurs. n_pieces: stop after so many new pieces; None = when nothing is left.
    min_count: rarer pairs are left alone; the score alone would join the rarest letters first, and learn by heart what
    was seen once. A pair counts at every place where it stands in a word, times the word's count.
    Tie rule: of equal scores the more frequent pair; then the one whose left piece is older (lower id), then whose right
    piece is. Ids run over `alphabet`, then over the merges.
    Errors: ValueError for a count below 1. Built in week 3 day 2.

    The heap holds notes as in BPE's `learn_merges`. One thing more changes here: a merge uses up its two pieces, which
    raises the score of every other pair that holds one of them; so these get new notes too. On 1 MB that takes a second
    for 2,000 pieces, two for 8,000, and about a minute to the last word.
    """
    least = min(word_counts.values(), default=1)
    if min(least, min_count) < 1:
        raise ValueError(f"the counts of words and min_count must be at least 1, got {least} and min_count={min_count}")
    pieces = alphabet(word_counts)
    ids = {piece: i for i, piece in enumerate(pieces)}
    words = [[ids[piece] for piece in to_pieces(word)] for word in word_counts]
    times = list(word_counts.values())

    alone: Counter[int] = Counter()  # how often each piece occurs
    counts: dict[tuple[int, int], int] = defaultdict(int)
    homes: dict[tuple[int, int], set[int]] = defaultdict(set)  # the words that hold a pair
    partners: dict[int, set[tuple[int, int]]] = defaultdict(set)  # the pairs that hold a piece
    for home, word in enumerate(words):
        for piece in word:
            alone[piece] += times[home]
        for pair in pairwise(word):
            counts[pair] += times[home]
            homes[pair].add(home)
    for left, right in counts:
        partners[left].add((left, right))
        partners[right].add((left, right))

    def note(pair: tuple[int, int]) -> tuple[float, int, tuple[int, int]]:
        return -counts[pair] / (alone[pair[0]] * alone[pair[1]]), -counts[pair], pair

    heap = [note(pair) for pair, count in counts.items() if count >= min_count]
    heapq.heapify(heap)
    merges: list[PieceMerge] = []
    n_letters = len(pieces)
    while heap and (n_pieces is None or len(pieces) - n_letters < n_pieces):
        score, count, pair = heapq.heappop(heap)
        if counts[pair] != -count or not count or note(pair)[0] != score:
            continue  # an old note; a newer one lies in the heap
        merge = PieceMerge(pieces[pair[0]], pieces[pair[1]], -count, -score)
        merges.append(merge)
        new = ids.setdefault(merge.token, len(pieces))
        if new == len(pieces):
            pieces.append(merge.token)

        change: dict[tuple[int, int], int] = defaultdict(int)
        for home in homes.pop(pair):
            before, after = words[home], join(words[home], pair, new)
            joined = len(before) - len(after)
            for piece, by in ((pair[0], -joined), (pair[1], -joined), (new, joined)):
                alone[piece] += by * times[home]
            for neighbors in pairwise(before):
                change[neighbors] -= times[home]
            for neighbors in pairwise(after):
                change[neighbors] += times[home]
                homes[neighbors].add(home)
            words[home] = after
        for neighbors, by in change.items():
            counts[neighbors] += by
            for piece in neighbors:
                partners[piece].add(neighbors)
        for piece in {*pair, new}:
            partners[piece] = {held for held in partners[piece] if counts[held] >= min_count}
        for neighbors in {held for piece in {*pair, new} for held in partners[piece]}.union(change):
            if counts[neighbors] >= min_count:
                heapq.heappush(heap, note(neighbors))
    return merges


# --- encoding one word ------------------------------------------------------------------------------------------------


def longest_match(word: str, known: Container[str]) -> list[str] | None:
    """Cut a word from left to right, each time taking the longest piece that is known; None if at some place none fits.

    Source: Devlin et al. 2019, their published tokenizer. Built in week 3 day 2.
    """
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else INSIDE + word[start:end]
            if piece in known:
                break
        else:
            return None
        pieces.append(piece)
        start = end
    return pieces


# --- the tokenizer ----------------------------------------------------------------------------------------------------


class WordPieceTokenizer:
    """BERT's uncased tokenizer: text to ids, lower case and without accents; words with unknown letters become [UNK].

    Made by `WordPieceTokenizer.train(texts, …)` or `WordPieceTokenizer.load(folder)`.
    vocabulary: {piece: id} in order of ids. special: the ids of [PAD], [UNK], [CLS], [SEP], [MASK].
    merges: the steps of training, in order; empty after loading, for BERT's files do not keep them.
    Ids, after training: 0 … 4 the special tokens in the order above, then `alphabet`, then the merges in order.
    Built in week 3 day 2.
    """

    def __init__(self, pieces: Sequence[str], merges: Sequence[PieceMerge] = (), special: Iterable[str] = SPECIAL):
        """pieces: the whole vocabulary, special tokens among it. Errors: ValueError for one missing or there twice."""
        self.vocabulary = {piece: i for i, piece in enumerate(pieces)}
        if len(self.vocabulary) != len(pieces):
            twice = next(piece for piece, times in Counter(pieces).items() if times > 1)
            raise ValueError(f"pieces holds {twice!r} twice")
        special = list(dict.fromkeys([*SPECIAL, *special]))
        missing = [token for token in special if token not in self.vocabulary]
        if missing:
            raise ValueError(f"pieces lacks the special tokens {', '.join(missing)}")
        self.special = {token: self.vocabulary[token] for token in special}
        self.merges = tuple(merges)
        self._pieces = list(pieces)
        longest_first = sorted(self.special, key=len, reverse=True)
        self._special_pattern = regex.compile("(" + "|".join(map(regex.escape, longest_first)) + ")")

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int | None = None, min_count: int = 1) -> "WordPieceTokenizer":
        """Learn pieces from texts; see `learn_pieces` for the score, min_count and the tie rule.

        vocab_size: pieces in all, special tokens and single letters included; None = join until nothing is left, which
        with min_count=1 makes every word of the texts one token. Words of more than 100 letters, which BERT encodes as
        [UNK] in any case, are not learned from.
        Errors: TypeError or ValueError for texts or arguments of another kind, no word at all, a vocab_size that does
        not hold the letters, or one that the texts cannot fill.
        """
        files.check_texts(texts)
        for name, value in (("min_count", min_count), ("vocab_size", 1 if vocab_size is None else vocab_size)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number from 1 on, got {value!r}")
        words: Counter[str] = Counter()
        for text in texts:
            words.update(word for word in split_words(normalize(text)) if len(word) <= LONGEST_WORD)
        if not words:
            raise ValueError("texts hold nothing to learn from: there is not one word")
        pieces = [*SPECIAL, *alphabet(words)]
        if vocab_size is not None and vocab_size < len(pieces):
            raise ValueError(f"vocab_size={vocab_size} is too small: special tokens and letters alone are {len(pieces)}")
        merges = learn_pieces(words, None if vocab_size is None else vocab_size - len(pieces), min_count)
        pieces = list(dict.fromkeys([*pieces, *(merge.token for merge in merges)]))
        if vocab_size is not None and len(pieces) < vocab_size:
            given = f"with min_count={min_count} these texts give {len(pieces)}"
            raise ValueError(f"vocab_size={vocab_size}, but {given}; None takes them all")
        return cls(pieces, merges)

    @property
    def vocab_size(self) -> int:
        """How many ids there are."""
        return len(self._pieces)

    def tokens(self, text: str, special: bool = False) -> list[str]:
        """The pieces of a text: "Mats!" → "mat", "##s", "!". special: as in `encode`. Errors: as in `encode`."""
        return [self._pieces[i] for i in self.encode(text, special)]

    def encode(self, text: str, special: bool = False) -> list[int]:
        """The ids of a text, without [CLS] and [SEP], which `model_inputs` adds.

        special: False = "[MASK]" in the text is the word mask in brackets, as whoever typed it may have meant. True =
        special tokens are recognized, for text you have built yourself. (Hugging Face recognizes them unless told
        otherwise.)
        Errors: TypeError, and ValueError for a lone surrogate.
        """
        files.check_text("text", text)
        ids: list[int] = []
        for part in self._special_pattern.split(text) if special else [text]:
            if special and part in self.special:
                ids.append(self.special[part])
            else:
                ids += [i for word in split_words(normalize(part)) for i in self._encode_word(word)]
        return ids

    def _encode_word(self, word: str) -> list[int]:
        pieces = longest_match(word, self.vocabulary) if len(word) <= LONGEST_WORD else None
        return [self.vocabulary[piece] for piece in (pieces or [UNK])]

    def model_inputs(self, text: str, pair: str | None = None, special: bool = False) -> dict[str, list[int]]:
        """What BERT reads: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP], under the names of its arguments.

        Returns lists of one length: input_ids; token_type_ids, 0 up to the first [SEP] and 1 behind it; attention_mask,
        all 1.
        special, errors: as in `encode`. Source: Devlin et al. 2019, figure 2.
        """
        first = [self.special[CLS], *self.encode(text, special), self.special[SEP]]
        second = [] if pair is None else [*self.encode(pair, special), self.special[SEP]]
        segments = [0] * len(first) + [1] * len(second)
        return {"input_ids": first + second, "token_type_ids": segments, "attention_mask": [1] * len(segments)}

    def decode(self, ids: Iterable[int]) -> str:
        """The words of ids, with one space between them and none before . ? ! or a comma; capitals and accents are gone.

        ids: whole numbers, also a one-dimensional tensor or array of them.
        Errors: TypeError for something else than whole numbers, ValueError for an id that does not exist.
        """
        text = ""
        for place, number in enumerate(ids):
            piece = self._pieces[files.check_id(number, place, self.vocab_size)]
            if place == 0:
                text = piece
            elif piece.startswith(INSIDE):
                text += piece.removeprefix(INSIDE)
            else:
                text += piece if piece in (".", "?", "!", ",") else " " + piece
        return text

    # --- files --------------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path, model_max_length: int | None = None) -> Path:
        """Write vocab.txt, tokenizer.json and tokenizer_config.json; returns the folder, made if need be.

        `transformers.AutoTokenizer.from_pretrained(folder)` reads them as a BertTokenizer with the same ids.
        model_max_length: the model's context in tokens, None = not said.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(piece + "\n" for piece in self._pieces)
        (folder / "vocab.txt").write_text(lines, encoding="utf-8", newline="\n")
        files.write_json(folder / "tokenizer.json", self._whole(), indent=None)
        config: dict[str, Any] = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": None}
        config |= {"tokenize_chinese_chars": True, "pad_token": PAD, "unk_token": UNK, "cls_token": CLS, "sep_token": SEP}
        config |= {"mask_token": MASK} | files.length_setting(model_max_length)
        files.write_json(folder / "tokenizer_config.json", config)
        return folder

    def _whole(self) -> dict[str, Any]:
        def token(name: str, segment: int) -> dict[str, Any]:
            return {"SpecialToken": {"id": name, "type_id": segment}}

        def text(name: str, segment: int) -> dict[str, Any]:
            return {"Sequence": {"id": name, "type_id": segment}}

        single = [token(CLS, 0), text("A", 0), token(SEP, 0)]
        frame = {"type": "TemplateProcessing", "single": single, "pair": [*single, text("B", 1), token(SEP, 1)]}
        ends = {name: {"id": name, "ids": [self.special[name]], "tokens": [name]} for name in (CLS, SEP)}
        frame["special_tokens"] = ends
        model = {"type": "WordPiece", "unk_token": UNK, "continuing_subword_prefix": INSIDE}
        model |= {"max_input_chars_per_word": LONGEST_WORD, "vocab": self.vocabulary}
        cleaning = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True}
        whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": files.added_tokens(self.special)}
        whole |= {"normalizer": cleaning | {"strip_accents": None, "lowercase": True}}
        whole |= {"pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": frame, "model": model}
        return whole | {"decoder": {"type": "WordPiece", "prefix": INSIDE, "cleanup": True}}

    @classmethod
    def load(cls, folder: str | Path) -> "WordPieceTokenizer":
        """Read what `save` wrote, or the files of an uncased BERT: tokenizer.json or vocab.txt.

        If both are there, they must agree.
        Errors: FileNotFoundError for a missing file; ValueError that names the file for one that is cut off, altered, or
        asks for something else than BERT's uncased tokenizer does.
        """
        folder = Path(folder)
        whole, plain, config = (folder / name for name in ("tokenizer.json", "vocab.txt", "tokenizer_config.json"))
        if exists(config):
            settings = files.read_json(config)
            files.check_settings(config, settings, {"do_lower_case": (True,), "strip_accents": (None, True)})
        special: Iterable[str] = SPECIAL
        if exists(whole) or not exists(plain):
            pieces, own, special = _read_whole(whole)
            source = whole
        if exists(plain):
            lines = _read_plain(plain)
            if exists(whole) and lines not in (pieces, own):
                names = f"{whole.name} and {plain.name} in {folder}"
                raise ValueError(f"{names} hold different pieces; one of them was altered")
            if not exists(whole):
                pieces, source = lines, plain
        missing = [token for token in SPECIAL if token not in pieces]
        if missing:
            raise ValueError(f"{source} lacks {', '.join(missing)}: it is cut off, or not the vocabulary of a BERT")
        return cls(pieces, special=special)

    def __repr__(self) -> str:
        return f"WordPieceTokenizer({self.vocab_size} pieces, {len(self.special)} of them special)"


# --- reading BERT's files ---------------------------------------------------------------------------------------------


def _read_plain(path: Path) -> list[str]:
    pieces = files.read_lines(path)
    seen: dict[str, int] = {}
    for number, piece in enumerate(pieces, start=1):
        if not piece or piece.split() != [piece]:
            raise ValueError(f"{path}, line {number} must be one piece without blanks, got {piece!r}")
        if piece in seen:
            raise ValueError(f"{path}: line {number} repeats line {seen[piece]}, {piece!r}")
        seen[piece] = number
    return pieces


def _read_whole(path: Path) -> tuple[list[str], list[str], list[str]]:
    """All pieces in order of ids; those that the model itself lists, which vocab.txt repeats; and the special tokens."""
    whole = files.read_json(path)
    model = files.part(path, whole, "model")
    files.check_settings(path, model, {"type": ("WordPiece",), "unk_token": (UNK,)})
    files.check_settings(path, model, {"continuing_subword_prefix": (INSIDE,), "max_input_chars_per_word": (LONGEST_WORD,)})
    cleaning = files.part(path, whole, "normalizer")
    files.check_settings(path, cleaning, {"type": ("BertNormalizer",), "clean_text": (True,), "lowercase": (True,)})
    files.check_settings(path, cleaning, {"handle_chinese_chars": (True,), "strip_accents": (None, True)})
    files.check_settings(path, files.part(path, whole, "pre_tokenizer"), {"type": ("BertPreTokenizer",)})
    files.check_settings(path, whole, {"truncation": (None,), "padding": (None,)})
    vocabulary, special = files.part(path, model, "vocab"), files.read_added_tokens(path, whole)
    for token, number in special.items():
        if vocabulary.get(token, number) != number:
            raise ValueError(f"{path}: {token!r} has the id {vocabulary[token]}, but as a special token {number}")
    every = vocabulary | special
    files.check_numbers(path, every)
    pieces = sorted(every, key=every.__getitem__)
    return pieces, [piece for piece in pieces if piece in vocabulary], list(special)
