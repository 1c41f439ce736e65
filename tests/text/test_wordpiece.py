"""WordPiece against a naive trainer, hand-worked scores, and BERT's tokenizer in `tokenizers` and `transformers`."""

import argparse
import json
import shutil
import unicodedata
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import BertWordPieceTokenizer
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from shared.text.bert_words import normalize, split_words
from shared.text.wordpiece import SPECIAL, WordPieceTokenizer, alphabet, learn_pieces, longest_match, to_pieces

CAT = "The cat sat on the mat"
ANIMAL = "The animal didn't cross the street because it was too tired"
LONG_TEXT = Path(argparse.__file__).read_text(encoding="utf-8")[:60_000]
MIXED = f"{CAT}. {ANIMAL}! Ça va? Größe, größer; 你好，世界。 Привет! שלום 12,345.67 🙂🙂 naïve ΣΑΣ Ǆ İ ﬁ $5^2\n" * 3
CHARACTERS = st.one_of(
    st.characters(exclude_categories=("Cs", "Cn")),
    st.sampled_from("aeth AE 'STmd019\n\t\r\x00\x1c\x85\u00a0\u2003\u200b\u0301\u0327éÉßẞİΣς中字のдЙ🙂\ufe0f\ufffd!?.,[]MASK_$^|#ﬁǅ각"),
)
TEXTS = st.text(CHARACTERS, max_size=50)
LIBRARY_NORMALIZER = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)


def library_split(text: str) -> list[str]:
    return [word for word, _ in BertPreTokenizer().pre_tokenize_str(text)]


@pytest.fixture(scope="module")
def mixed() -> WordPieceTokenizer:
    return WordPieceTokenizer.train([MIXED, LONG_TEXT[:20_000]], 500, min_count=2)


@pytest.fixture(scope="module")
def saved(mixed, tmp_path_factory) -> Path:
    return mixed.save(tmp_path_factory.mktemp("wordpiece"), model_max_length=128)


@pytest.fixture(scope="module")
def library(mixed) -> LibraryTokenizer:
    """Built from the vocabulary alone, not from our tokenizer.json."""
    tokenizer = LibraryTokenizer(WordPiece(mixed.vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = LIBRARY_NORMALIZER
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer


# --- what BERT does to a text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Cat, it's ON.", ["the", "cat", ",", "it", "'", "s", "on", "."]),
        ("Café\u200b NAÏVE\x00", ["cafe", "naive"]),
        ("你好ab世", ["你", "好", "ab", "世"]),
        ("a\tb\u00a0c\n", ["a", "b", "c"]),
        ("$5^2 «x»", ["$", "5", "^", "2", "«", "x", "»"]),
        ("ΣΑΣ İ", ["σασ", "i"]),
        (" \n", []),
    ],
)
def test_words_are_plain_lower_case(text, words):
    assert split_words(normalize(text)) == words


@given(TEXTS)
@settings(max_examples=500)
def test_normalizing_and_splitting_are_those_of_the_library(text):
    assert normalize(text) == LIBRARY_NORMALIZER.normalize_str(text)
    assert split_words(text) == library_split(text)


def test_every_character_there_is_is_treated_as_in_the_library():
    known = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ("Cs", "Cn", "Co")]
    known += "\ue000\uf8ff\U000f0000\U0010fffd"  # for private use, all alike
    for i in range(0, len(known), 5000):
        text = "".join(f"a{c}b " for c in known[i : i + 1000])
        assert normalize(text) == LIBRARY_NORMALIZER.normalize_str(text)
        assert split_words(text) == library_split(text)


def test_characters_without_a_name_yet_are_kept():
    # the last two are accents since Unicode 11 and 16: for BERT's tables they are letters
    for c in "\u0378\U0001ffff\u07fd\U00010d69":
        assert normalize(c) == LIBRARY_NORMALIZER.normalize_str(c) == c


# --- training ---------------------------------------------------------------------------------------------------------


def test_scores_of_three_words_worked_out_by_hand():
    # hug ×10, pug ×5, hugs ×5: h 15, ##u 20, ##g 20, p 5, ##s 5. Scores: h,##u 15/300 = 1/20; ##u,##g 20/400 = 1/20;
    # p,##u 5/100 = 1/20; ##g,##s 5/100 = 1/20: four equal ones, of which ##u,##g is the most frequent.
    # Then ##ug 20: h,##ug 15/300, p,##ug 5/100, ##ug,##s 5/100: 1/20 again, h,##ug the most frequent.
    # Then hug 15, of which 5 before ##s: hug,##s 5/75 = 1/15; ##ug only 5 left, all behind p: p,##ug 5/25 = 1/5
    merges = learn_pieces({"hug": 10, "pug": 5, "hugs": 5})
    assert [(m.token, m.count) for m in merges] == [("##ug", 20), ("hug", 15), ("pug", 5), ("hugs", 5)]
    assert [m.score for m in merges] == pytest.approx([1 / 20, 1 / 20, 1 / 5, 1 / 15])
    assert (merges[1].left, merges[1].right) == ("h", "##ug")


def test_the_rarest_letters_win_unless_a_least_count_is_asked_for():
    words = {"the": 50, "then": 20, "qz": 1}
    assert learn_pieces(words, 1)[0].token == "qz"
    assert "qz" not in [merge.token for merge in learn_pieces(words, min_count=2)]


def test_the_alphabet_holds_both_forms_of_letters_inside_words():
    assert alphabet(["ba", ".", "c"]) == [".", "a", "b", "c", "##a", "##b"]
    assert to_pieces("mat") == ["m", "##a", "##t"] and to_pieces("") == []


def naive_pieces(word_counts: dict[str, int], n_pieces: int | None, min_count: int) -> list[tuple[str, str, int, Fraction]]:
    """Count everything, join the pair with the best score everywhere, begin again; scores as exact fractions."""
    letters = {letter for word in word_counts for letter in word}
    inside = {letter for word in word_counts for letter in word if len(word) > 1}
    vocabulary = sorted(letters) + ["##" + letter for letter in sorted(inside)]
    size = len(vocabulary)
    words = [([word[0], *("##" + letter for letter in word[1:])], count) for word, count in word_counts.items()]
    found = []
    while n_pieces is None or len(vocabulary) < size + n_pieces:
        alone, pairs = Counter(), Counter()
        for word, count in words:
            for i, piece in enumerate(word):
                alone[piece] += count
                if i:
                    pairs[word[i - 1], piece] += count
        pairs = {pair: count for pair, count in pairs.items() if count >= min_count}
        if not pairs:
            break
        scores = {(a, b): Fraction(count, alone[a] * alone[b]) for (a, b), count in pairs.items()}
        left, right = best = max(
            scores, key=lambda pair: (scores[pair], pairs[pair], -vocabulary.index(pair[0]), -vocabulary.index(pair[1]))
        )
        token = left + right[2:]
        found.append((left, right, pairs[best], scores[best]))
        if token not in vocabulary:
            vocabulary.append(token)
        for word, _ in words:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = [token]
                i += 1
    return found


@given(
    st.dictionaries(st.text("abcd", min_size=1, max_size=10), st.integers(1, 6), min_size=1, max_size=9),
    st.one_of(st.none(), st.integers(0, 10)),
    st.integers(1, 4),
)
@settings(max_examples=300)
def test_training_finds_what_the_naive_trainer_finds(word_counts, n_pieces, min_count):
    ours = learn_pieces(word_counts, n_pieces, min_count)
    theirs = naive_pieces(word_counts, n_pieces, min_count)
    assert [(m.left, m.right, m.count) for m in ours] == [(left, right, count) for left, right, count, _ in theirs]
    assert [m.score for m in ours] == [float(score) for *_, score in theirs]


def test_training_on_real_text_finds_what_the_naive_trainer_finds():
    words = dict(Counter(split_words(normalize(LONG_TEXT[:5_000]))))
    ours = learn_pieces(words, 60, min_count=2)
    assert [m[:3] for m in ours] == [step[:3] for step in naive_pieces(words, 60, 2)]


def test_without_a_limit_every_word_of_the_texts_becomes_one_token():
    tokenizer = WordPieceTokenizer.train([CAT, ANIMAL])
    assert tokenizer.tokens(CAT) == CAT.lower().split()
    assert tokenizer.tokens(ANIMAL) == "the animal didn ' t cross the street because it was too tired".split()
    assert list(tokenizer.special.values()) == [0, 1, 2, 3, 4] and tuple(tokenizer.special) == SPECIAL
    letters = alphabet(split_words(f"{CAT} {ANIMAL}".lower()))
    assert list(tokenizer.vocabulary) == [*SPECIAL, *letters, *(merge.token for merge in tokenizer.merges)]
    assert "[UNK]" not in tokenizer.tokens("dim hats rebuild meadows")  # new words of known letters
    assert tokenizer.tokens("the zebra") == ["the", "[UNK]"]


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"texts": "one text"}, TypeError, "texts must be an iterable of strings.*got str"),
        ({"texts": [None]}, TypeError, "text must be a string, got NoneType"),
        ({"texts": []}, ValueError, "nothing to learn from"),
        ({"texts": ["\x00 \n"]}, ValueError, "nothing to learn from"),
        ({"texts": ["\ud83d"]}, ValueError, r"U\+D83D at place 0 is a lone surrogate"),
        ({"texts": ["abc"], "vocab_size": 10}, ValueError, "vocab_size=10 is too small.* are 11"),
        ({"texts": ["abc"], "vocab_size": 14}, ValueError, "vocab_size=14, but with min_count=1 these texts give 13"),
        ({"texts": ["abc"], "vocab_size": 12, "min_count": 2}, ValueError, "min_count=2 these texts give 11"),
        ({"texts": ["abc"], "vocab_size": 0}, ValueError, "vocab_size must be .*got 0"),
        ({"texts": ["abc"], "vocab_size": 12.0}, ValueError, "vocab_size must be .*got 12.0"),
        ({"texts": ["abc"], "min_count": 0}, ValueError, "min_count must be .*got 0"),
        ({"texts": ["abc"], "min_count": None}, ValueError, "min_count must be .*got None"),
    ],
)
def test_training_refuses(arguments, error, says):
    with pytest.raises(error, match=says):
        WordPieceTokenizer.train(**arguments)


# --- encoding and decoding --------------------------------------------------------------------------------------------


def test_the_longest_piece_wins_even_if_a_shorter_one_would_save_the_word():
    known = {"un", "una", "##able", "##ble", "##a"}
    assert longest_match("unable", known) == ["una", "##ble"]
    assert longest_match("unable", known - {"##ble"}) is None  # un + ##able is never tried
    assert longest_match("xy", known) is None and longest_match("", known) == []


@given(TEXTS)
@settings(max_examples=400)
def test_ids_are_those_of_the_library(mixed, library, text):
    assert mixed.encode(text) == library.encode(text).ids
    assert mixed.tokens(text) == library.encode(text).tokens


def test_ids_of_long_texts_are_those_of_the_library(mixed, library):
    for text in (LONG_TEXT, MIXED, "the " + "a" * 100 + " " + "a" * 101, "##a [MASK] [UNK]"):
        assert mixed.encode(text) == library.encode(text).ids
    assert mixed.tokens("a" * 101) == ["[UNK]"] and "[UNK]" not in mixed.tokens("a" * 100)


def test_words_too_long_to_encode_are_not_learned_from():
    tokenizer = WordPieceTokenizer.train(["b " + "a" * 101])
    assert list(tokenizer.vocabulary) == [*SPECIAL, "b"]


def test_model_inputs_are_those_of_transformers(mixed, saved):
    from transformers import AutoTokenizer, BertTokenizer, BertTokenizerFast

    theirs = AutoTokenizer.from_pretrained(saved, local_files_only=True)
    assert isinstance(theirs, BertTokenizer) and isinstance(theirs, BertTokenizerFast)
    assert theirs.model_max_length == 128 and len(theirs) == mixed.vocab_size
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    assert {getattr(theirs, name): getattr(theirs, f"{name}_id") for name in names} == mixed.special
    for texts in ((CAT,), (CAT, ANIMAL), ("",), ("The [MASK] sat", "[SEP]x[CLS]"), (MIXED[:150], "Größe")):
        assert mixed.model_inputs(*texts, special=True) == dict(theirs(*texts))
        assert mixed.model_inputs(*texts) == dict(theirs(*texts, split_special_tokens=True))
    for text in (CAT, MIXED, "it's 3.5%, isn't it? \"Yes!\" do not"):
        assert mixed.decode(mixed.encode(text)) == theirs.backend_tokenizer.decode(mixed.encode(text), skip_special_tokens=False)


def test_transformers_reads_vocab_txt_alone(mixed, saved, tmp_path):
    from transformers import BertTokenizerFast

    shutil.copy(saved / "vocab.txt", tmp_path)
    theirs = BertTokenizerFast.from_pretrained(tmp_path, local_files_only=True)
    assert theirs(MIXED, ANIMAL)["input_ids"] == mixed.model_inputs(MIXED, ANIMAL)["input_ids"]


def test_transformers_writes_what_can_be_read_here(mixed, saved, tmp_path):
    from transformers import BertTokenizer

    BertTokenizer.from_pretrained(saved, local_files_only=True).save_pretrained(tmp_path)
    assert WordPieceTokenizer.load(tmp_path).vocabulary == mixed.vocabulary


def test_special_tokens_in_a_text_are_plain_text_unless_asked_for():
    tokenizer = WordPieceTokenizer.train([f"{CAT} [mask]"])
    assert tokenizer.tokens("The [MASK] sat") == ["the", "[", "mask", "]", "sat"]
    assert tokenizer.tokens("The [MASK] sat", special=True) == ["the", "[MASK]", "sat"]
    assert tokenizer.tokens("[mask]", special=True) == ["[", "mask", "]"]  # exactly as written
    assert tokenizer.model_inputs("") == {"input_ids": [2, 3], "token_type_ids": [0, 0], "attention_mask": [1, 1]}
    assert tokenizer.model_inputs("cat", "")["token_type_ids"] == [0, 0, 0, 1]


def test_decoding_glues_the_pieces():
    tokenizer = WordPieceTokenizer([*SPECIAL, "mat", "##s", "the", ".", ",", "'"])
    assert tokenizer.decode(tokenizer.encode("The mats, the mat's.")) == "the mats, the mat ' [UNK]."
    assert tokenizer.decode([6, 5]) == "##s mat" and tokenizer.decode([]) == ""
    ids = tokenizer.encode("the mats")
    assert tokenizer.decode(torch.tensor(ids)) == tokenizer.decode(np.array(ids)) == tokenizer.decode(iter(ids)) == "the mats"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda t: t.encode("a\ud800b"), ValueError, r"text holds half a character: U\+D800 at place 1"),
        (lambda t: t.encode(b"cat"), TypeError, "text must be a string, got bytes"),
        (lambda t: t.tokens(None), TypeError, "text must be a string, got NoneType"),
        (lambda t: t.model_inputs("a", 3), TypeError, "text must be a string, got int"),
        (lambda t: normalize("\udfff"), ValueError, r"U\+DFFF at place 0"),
        (lambda t: split_words(1), TypeError, "text must be a string, got int"),
        (lambda t: t.decode([1, 500]), ValueError, "ids must be 0 … 499, got 500 at place 1"),
        (lambda t: t.decode([-1]), ValueError, "got -1 at place 0"),
        (lambda t: t.decode([0, 1.0]), TypeError, "whole numbers, got 1.0 at place 1"),
        (lambda t: WordPieceTokenizer([*SPECIAL, "a", "a"]), ValueError, "pieces holds 'a' twice"),
        (lambda t: WordPieceTokenizer(["[PAD]", "[UNK]", "a"]), ValueError, r"lacks the special tokens \[CLS\], \[SEP\], \[MASK\]"),
    ],
)
def test_bad_input_is_refused(mixed, call, error, says):
    with pytest.raises(error, match=says):
        call(mixed)


# --- files ------------------------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back(mixed, saved):
    assert sorted(path.name for path in saved.iterdir()) == ["tokenizer.json", "tokenizer_config.json", "vocab.txt"]
    again = WordPieceTokenizer.load(str(saved))
    assert list(again.vocabulary.items()) == list(mixed.vocabulary.items())
    assert again.special == mixed.special and again.merges == ()
    assert again.encode(MIXED) == mixed.encode(MIXED)
    assert "500 pieces" in repr(again)


@pytest.mark.parametrize("keep", ["tokenizer.json", "vocab.txt"])
def test_either_form_of_the_files_is_enough(mixed, saved, tmp_path, keep):
    shutil.copy(saved / keep, tmp_path)
    assert WordPieceTokenizer.load(tmp_path).vocabulary == mixed.vocabulary


@pytest.mark.parametrize("keep", ["tokenizer.json", "vocab.txt"])
def test_files_of_the_library_give_equal_ids(tmp_path, keep):
    theirs = BertWordPieceTokenizer(lowercase=True)
    theirs.train_from_iterator([MIXED, LONG_TEXT], vocab_size=600, show_progress=False)
    theirs.save_model(str(tmp_path))
    if keep == "tokenizer.json":
        (tmp_path / "vocab.txt").unlink()
        theirs.save(str(tmp_path / keep))
    ours = WordPieceTokenizer.load(tmp_path)
    for text in (MIXED, LONG_TEXT):
        assert ours.encode(text) == theirs.encode(text, add_special_tokens=False).ids


def test_special_tokens_may_have_the_ids_of_the_published_bert(tmp_path):
    # bert-base-uncased: [PAD] 0, [unused…] 1 … 99, [UNK] 100, [CLS] 101, [SEP] 102, [MASK] 103; here with Windows line ends
    pieces = ["[PAD]", *(f"[unused{i}]" for i in range(99)), "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat"]
    (tmp_path / "vocab.txt").write_bytes("".join(f"{piece}\r\n" for piece in pieces).encode())
    ours = WordPieceTokenizer.load(tmp_path)
    assert ours.model_inputs("the cat [MASK] x", special=True)["input_ids"] == [101, 104, 105, 103, 100, 102]


def edit(name: str, change):
    def damage(folder: Path) -> None:
        path = folder / name
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")

    return damage


def edit_json(name: str, change):
    def damage(folder: Path) -> None:
        value = json.loads((folder / name).read_text(encoding="utf-8"))
        change(value)
        (folder / name).write_text(json.dumps(value), encoding="utf-8")

    return damage


def only(*names: str, then=lambda folder: None):
    def damage(folder: Path) -> None:
        for path in folder.iterdir():
            if path.name not in names:
                path.unlink()
        then(folder)

    return damage


WHOLE, PLAIN = "tokenizer.json", "vocab.txt"
DAMAGES = {
    "nothing there": (only(), FileNotFoundError, "no tokenizer.json in .*the folder holds nothing"),
    "half of tokenizer.json": (edit(WHOLE, lambda text: text[: len(text) // 2]), ValueError, "tokenizer.json is cut off or damaged"),
    "no model": (edit_json(WHOLE, lambda v: v.pop("model")), ValueError, "has no 'model'"),
    "a BPE model": (edit_json(WHOLE, lambda v: v["model"].update(type="BPE")), ValueError, "type = 'BPE'"),
    "a cased model": (edit_json(WHOLE, lambda v: v["normalizer"].update(lowercase=False)), ValueError, "lowercase = False"),
    "accents kept": (edit_json(WHOLE, lambda v: v["normalizer"].update(strip_accents=False)), ValueError, "strip_accents = False"),
    "a cased model by its settings": (edit_json("tokenizer_config.json", lambda v: v.update(do_lower_case=False)), ValueError, "do_lower_case = False"),
    "another cut": (edit_json(WHOLE, lambda v: v.update(pre_tokenizer={"type": "Whitespace"})), ValueError, "type = 'Whitespace'"),
    "another length of words": (edit_json(WHOLE, lambda v: v["model"].update(max_input_chars_per_word=50)), ValueError, "max_input_chars_per_word = 50"),
    "another id for [MASK]": (edit_json(WHOLE, lambda v: v["added_tokens"][4].update(id=9)), ValueError, r"'\[MASK\]' has the id 4, but as a special token 9"),
    "an id missing": (edit_json(WHOLE, lambda v: v["model"]["vocab"].pop("a")), ValueError, "no token has the id"),
    "an id twice": (edit_json(WHOLE, lambda v: v["model"]["vocab"].update(a=0)), ValueError, "both have the id 0"),
    "altered vocab.txt": (edit(PLAIN, lambda text: text.replace("\na\n", "\nzzz\n")), ValueError, "hold different pieces"),
    "vocab.txt cut in a line": (only(PLAIN, then=edit(PLAIN, lambda text: text[:-1])), ValueError, "vocab.txt is cut off: its last line has no end"),
    "vocab.txt cut between lines": (edit(PLAIN, lambda text: "\n".join(text.split("\n")[:20]) + "\n"), ValueError, "hold different pieces"),
    "vocab.txt cut near its start": (only(PLAIN, then=edit(PLAIN, lambda text: "[PAD]\n[UNK]\n")), ValueError, r"vocab.txt lacks \[CLS\], \[SEP\], \[MASK\]"),
    "an empty vocab.txt": (only(PLAIN, then=edit(PLAIN, lambda text: "")), ValueError, "vocab.txt is cut off|lacks"),
    "an empty line": (only(PLAIN, then=edit(PLAIN, lambda text: text + "\n")), ValueError, "line 501 must be one piece without blanks, got ''"),
    "a blank in a piece": (only(PLAIN, then=edit(PLAIN, lambda text: text + "a b\n")), ValueError, "line 501 must be one piece"),
    "a piece twice": (only(PLAIN, then=edit(PLAIN, lambda text: text + "[CLS]\n")), ValueError, "line 501 repeats line 3"),
    "not UTF-8": (lambda folder: (folder / PLAIN).write_bytes(b"[PAD]\n\xff\n"), ValueError, "byte 6 is not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "error", "says"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_files_are_named(saved, tmp_path, damage, error, says):
    folder = shutil.copytree(saved, tmp_path / "damaged")
    damage(folder)
    with pytest.raises(error, match=says):
        WordPieceTokenizer.load(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path, mixed):
    with pytest.raises(FileNotFoundError, match="the folder does not exist"):
        WordPieceTokenizer.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="model_max_length must be"):
        mixed.save(tmp_path, model_max_length=0)
