"""Byte-pair encoding against a naive trainer, hand-worked merges, the `tokenizers` library and `transformers`."""

import argparse
import json
import shutil
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import ByteLevelBPETokenizer
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers.pre_tokenizers import ByteLevel

from shared.text.bpe import (
    LETTER_OF_BYTE, BytePairTokenizer, from_letters, join, learn_merges, merge_by_rank, merge_long, presplit, to_letters,
)  # fmt: skip

CAT = "The cat sat on the mat"
ANIMAL = "The animal didn't cross the street because it was too tired"
END = "<|endoftext|>"
# real text, English and code, that is on every machine
LONG_TEXT = Path(argparse.__file__).read_text(encoding="utf-8")[:60_000]
MIXED = f"{CAT}. {ANIMAL}! Ça va? Größe, größer; 你好，世界。 Привет! שלום 12,345.67 🙂🙂 👩‍👩‍👧 naïve\u0301\n\n\tx = f(x) + 1\n" * 3
# every character that this Python knows: the newest ones have no letters in everybody's tables yet
CHARACTERS = st.one_of(
    st.characters(exclude_categories=("Cs", "Cn")),
    st.sampled_from("aeth AE 'stvmlrd 019\n\t\r\x00\x1c\x85\u00a0\u2003\u200b\u0301éß中字のд🙂👩\u200d\ufe0f!?.,<|>endoftext_"),
)
TEXTS = st.text(CHARACTERS, max_size=60)


@pytest.fixture(scope="module")
def mixed() -> BytePairTokenizer:
    return BytePairTokenizer.train([MIXED, LONG_TEXT[:20_000]], 400)


@pytest.fixture(scope="module")
def saved(mixed, tmp_path_factory) -> Path:
    return mixed.save(tmp_path_factory.mktemp("bpe"), model_max_length=256)


@pytest.fixture(scope="module")
def library(saved) -> LibraryTokenizer:
    return LibraryTokenizer.from_file(str(saved / "tokenizer.json"))


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """Files in the form in which GPT-2's are published: made by the library, the end of text at the end, merges as strings."""
    folder = tmp_path_factory.mktemp("published")
    trained = ByteLevelBPETokenizer(add_prefix_space=False)
    trained.train_from_iterator([MIXED, LONG_TEXT], vocab_size=600, min_frequency=0, show_progress=False)
    trained.add_special_tokens([END])
    trained.save_model(str(folder))
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    (folder / "vocab.json").write_text(json.dumps(vocabulary | {END: 600}), encoding="utf-8")  # "Ġ" as \u0120, as OpenAI's
    merges = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")[1:-1]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    special = {"id": 600, "special": True, "content": END, "single_word": False, "lstrip": False, "rstrip": False, "normalized": True}
    model = {"dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False}
    whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [special], "normalizer": None}
    whole |= {"pre_tokenizer": byte_level, "post_processor": byte_level | {"trim_offsets": False}, "decoder": byte_level}
    whole |= {"model": model | {"vocab": vocabulary | {END: 600}, "merges": merges}}
    (folder / "tokenizer.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


# --- bytes and words --------------------------------------------------------------------------------------------------


def test_the_byte_letters_are_those_of_the_library():
    assert sorted(LETTER_OF_BYTE.values()) == sorted(ByteLevel.alphabet())
    assert to_letters(" cat\n".encode()) == "ĠcatĊ"
    assert all(from_letters(letter) == bytes([byte]) for byte, letter in LETTER_OF_BYTE.items())
    with pytest.raises(ValueError, match="'☃' stands for no byte"):
        from_letters("a☃")


def test_the_single_bytes_have_the_ids_that_gpt2_gave_them(mixed):
    # as published with GPT-2: "!" 0, "A" 32, "a" 64, newline 198, space 220, "\xad" is the last of the 256
    assert [mixed.token_bytes(i) for i in (0, 32, 64, 198, 220, 255)] == [b"!", b"A", b"a", b"\n", b" ", b"\xad"]
    assert list(mixed.vocabulary.values()) == list(range(mixed.vocab_size))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat sat.", ["The", " cat", " sat", "."]),
        ("didn't we'll I'M", ["didn", "'t", " we", "'ll", " I", "'", "M"]),
        ("a  b   \n c\n\n", ["a", " ", " b", "   \n", " c", "\n\n"]),
        ("x=12, 3.5%", ["x", "=", "12", ",", " 3", ".", "5", "%"]),
        ("日本 🙂é", ["日本", " 🙂", "é"]),
        ("\n", ["\n"]),
        ("", []),
    ],
)
def test_words_keep_the_space_before_them(text, words):
    assert presplit(text) == words


def library_words(text: str) -> list[str]:
    return [from_letters(word).decode() for word, _ in ByteLevel(add_prefix_space=False, use_regex=True).pre_tokenize_str(text)]


@given(TEXTS)
@settings(max_examples=400)
def test_words_are_those_of_the_library(text):
    assert presplit(text) == library_words(text)
    assert "".join(presplit(text)) == text


def test_every_character_there_is_falls_into_the_words_of_the_library():
    known = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ("Cs", "Cn", "Co")]
    assert len(known) > 140_000
    for i in range(0, len(known), 5000):
        text = "".join(f"a{c}1 {c}" for c in known[i : i + 5000])
        assert presplit(text) == library_words(text)


# --- training ---------------------------------------------------------------------------------------------------------


def test_merges_of_three_words_worked_out_by_hand():
    # words "low", " lower", " lowest". l,o and o,w stand three times: l is the older piece. Then lo,w three times.
    # Ġ,low and low,e twice: Ġ is older than low. Then Ġlow,e twice. Then all once: s is the oldest left piece;
    # of Ġlowe,r and Ġlowe,st the right piece r is older
    found = BytePairTokenizer.train(["low lower lowest"]).merges
    assert [(to_letters(m.left), to_letters(m.right), m.count) for m in found] == [
        ("l", "o", 3), ("lo", "w", 3), ("Ġ", "low", 2), ("Ġlow", "e", 2), ("s", "t", 1), ("Ġlowe", "r", 1), ("Ġlowe", "st", 1),
    ]  # fmt: skip
    assert [m.token for m in found[:3]] == [b"lo", b"low", b" low"]


def test_overlapping_pairs_count_at_every_place_and_join_from_the_left():
    # a a a a a → aa aa a, where aa,a and aa,aa tie: "a" is older
    assert [(m.token, m.count) for m in learn_merges({b"aaaaa": 1})] == [(b"aa", 4), (b"aaa", 1), (b"aaaaa", 1)]
    assert join("aaaaa", ("a", "a"), "aa") == ["aa", "aa", "a"]
    assert join([], ("a", "b"), "ab") == []


def naive_merges(word_counts: dict[bytes, int], n_merges: int | None) -> list[tuple[bytes, bytes, int]]:
    """The algorithm as the paper has it: count everything, join the best pair everywhere, begin again."""
    ids = {bytes([byte]): i for i, byte in enumerate(LETTER_OF_BYTE)}
    words = [([bytes([byte]) for byte in word], count) for word, count in word_counts.items()]
    found = []
    while n_merges is None or len(found) < n_merges:
        pairs = Counter()
        for word, count in words:
            for i in range(len(word) - 1):
                pairs[word[i], word[i + 1]] += count
        if not pairs:
            break
        left, right = best = min(pairs, key=lambda pair: (-pairs[pair], ids[pair[0]], ids[pair[1]]))
        found.append((left, right, pairs[best]))
        ids.setdefault(left + right, len(ids))
        for word, _ in words:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = [left + right]
                i += 1
    return found


@given(
    st.dictionaries(st.text("ab c", min_size=1, max_size=14).map(str.encode), st.integers(1, 5), min_size=1, max_size=8),
    st.one_of(st.none(), st.integers(0, 12)),
)
@settings(max_examples=300)
def test_training_finds_what_the_naive_trainer_finds(word_counts, n_merges):
    assert [tuple(merge) for merge in learn_merges(word_counts, n_merges)] == naive_merges(word_counts, n_merges)


def test_training_on_real_text_finds_what_the_library_finds():
    theirs = ByteLevelBPETokenizer(add_prefix_space=False)
    theirs.train_from_iterator([LONG_TEXT], vocab_size=256 + 800, min_frequency=0, show_progress=False)
    ours = BytePairTokenizer.train([LONG_TEXT], 800, special=())
    assert ours.vocabulary == dict(sorted(theirs.get_vocab().items(), key=lambda item: item[1]))


def test_without_a_limit_every_word_of_the_texts_becomes_one_token():
    tokenizer = BytePairTokenizer.train([CAT, ANIMAL, *(f" {word}" for word in f"{CAT} {ANIMAL}".split())])
    assert tokenizer.tokens(CAT) == ["The", " cat", " sat", " on", " the", " mat"]
    assert tokenizer.tokens(ANIMAL) == presplit(ANIMAL)
    assert tokenizer.tokens(" The") == [" The"]
    assert tokenizer.vocab_size == 256 + len(tokenizer.merges) + 1
    assert tokenizer.decode(tokenizer.encode("zebra 斑馬")) == "zebra 斑馬"  # any other text still works


def test_training_reads_many_texts_once_and_gives_the_same_again():
    texts = [LONG_TEXT[:3000], "", MIXED]
    assert BytePairTokenizer.train(iter(texts), 50).merges == BytePairTokenizer.train(texts, 50).merges
    assert BytePairTokenizer.train(texts, 0).merges == ()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"texts": "one text"}, TypeError, "texts must be an iterable of strings.*got str"),
        ({"texts": 3}, TypeError, "texts must be an iterable"),
        ({"texts": [b"bytes"]}, TypeError, "text must be a string, got bytes"),
        ({"texts": []}, ValueError, "nothing to learn from"),
        ({"texts": ["", ""]}, ValueError, "nothing to learn from"),
        ({"texts": ["\ud83d"]}, ValueError, r"U\+D83D at place 0 is a lone surrogate"),
        ({"texts": ["abc"], "n_merges": 3}, ValueError, "n_merges=3, but after 2 "),
        ({"texts": ["abc"], "n_merges": -1}, ValueError, "n_merges must be .*got -1"),
        ({"texts": ["abc"], "n_merges": True}, ValueError, "n_merges must be .*got True"),
        ({"texts": ["abc"], "n_merges": 1.0}, ValueError, "n_merges must be .*got 1.0"),
        ({"texts": ["abc"], "special": END}, TypeError, "special must be a sequence"),
        ({"texts": ["abc"], "special": [""]}, ValueError, "must not be empty"),
        ({"texts": ["abc"], "special": ["<a>", "<a>"]}, ValueError, "'<a>' twice"),
        ({"texts": ["abc"], "special": ["abc"]}, ValueError, "'abc' is an ordinary token as well"),
        ({"texts": ["abc"], "special": ["a"]}, ValueError, "'a' is an ordinary token as well"),
        ({"texts": ["abc"], "special": [1]}, TypeError, "a special token must be a string, got int"),
    ],
)
def test_training_refuses(arguments, error, says):
    with pytest.raises(error, match=says):
        BytePairTokenizer.train(**arguments)


# --- encoding and decoding --------------------------------------------------------------------------------------------


@given(TEXTS)
@settings(max_examples=400)
def test_ids_are_those_of_the_library_and_come_back_as_the_same_text(mixed, library, text):
    ids = mixed.encode(text)
    assert mixed.encode(text, special=True) == library.encode(text).ids
    assert END in text or ids == library.encode(text).ids
    assert mixed.decode(ids) == text
    assert mixed.encode(text) == ids  # from the memory of words
    assert b"".join(map(mixed.token_bytes, ids)) == text.encode()


@given(st.text(max_size=30))
def test_any_text_at_all_comes_back(mixed, text):
    assert mixed.decode(mixed.encode(text)) == text


ODD = ["", "\n", "\x00", "\r\n", "\x7f\x80\x9f", "👩‍👩‍👧‍👦", "\ufeff", "\ufffd", "\U0010ffff", " ", "   ", "e\u0301"]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_come_back(mixed, text):
    assert mixed.decode(mixed.encode(text)) == text


def test_tokens_can_be_read(mixed):
    assert "".join(mixed.tokens(ANIMAL)) == ANIMAL
    assert BytePairTokenizer.train(["🦊"], 1).tokens("🦊") == ["\\xf0", "\\x9f", "\\xa6\\x8a"]
    assert mixed.tokens("") == []


def test_half_a_character_is_shown_as_such(mixed):
    ids = mixed.encode("a🦊b")
    assert len(ids) > 3
    assert mixed.decode(ids[:-2]).startswith("a\ufffd") and mixed.decode(ids[2:]).endswith("\ufffdb")


@given(st.text("abc", max_size=40), st.lists(st.text("abc", min_size=1, max_size=10).map(str.encode), max_size=5))
@settings(max_examples=300)
def test_long_words_give_the_tokens_of_the_plain_loop(word, trained_on):
    ranks = {(merge.left, merge.right): i for i, merge in enumerate(learn_merges(Counter(trained_on)))}
    pieces = [letter.encode() for letter in word]
    assert merge_long(pieces, ranks) == merge_by_rank(pieces, ranks)


def test_a_word_of_thousands_of_letters_is_encoded_like_any_other(mixed, library):
    letters = np.random.default_rng(0).choice(list("etaoinshrdlu"), 5_000)
    for text in ("".join(letters), "a" * 5_000, "中文" * 2_000):
        assert mixed.encode(text) == library.encode(text).ids
    assert merge_long([], {}) == [] and merge_by_rank([], {}) == []


def test_special_tokens_in_a_text_are_plain_text_unless_asked_for(mixed):
    text = f"{CAT}{END}{CAT}"
    end = mixed.special[END]
    assert end == mixed.vocab_size - 1
    assert end not in mixed.encode(text) and mixed.decode(mixed.encode(text)) == text
    with_end = mixed.encode(text, special=True)
    assert with_end == [*mixed.encode(CAT), end, *mixed.encode(CAT)]
    assert mixed.decode(with_end) == text and mixed.tokens(END, special=True) == [END] and mixed.token_bytes(end) == END.encode()
    assert mixed.encode("", special=True) == []


def test_the_longest_special_token_wins_as_in_the_library(tmp_path):
    ours = BytePairTokenizer.train([CAT], special=("<|a|>", "<|a|><|b|>", "🙂", ".*"))
    theirs = LibraryTokenizer.from_file(str(ours.save(tmp_path) / "tokenizer.json"))
    for text in ("x<|a|><|b|><|a|>", "<|a|> <|b|>", "🙂cat.*.*", "<|a|", "🙂🙂"):
        assert ours.encode(text, special=True) == theirs.encode(text).ids
        assert ours.decode(ours.encode(text, special=True)) == text


def test_ids_may_come_from_a_tensor_or_an_array(mixed):
    ids = mixed.encode(CAT)
    assert mixed.decode(torch.tensor(ids)) == mixed.decode(np.array(ids)) == mixed.decode(iter(ids)) == CAT
    assert mixed.decode([]) == ""


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda t: t.encode("a\ud800b"), ValueError, r"text holds half a character: U\+D800 at place 1 is a lone surrogate"),
        (lambda t: t.encode(b"cat"), TypeError, "text must be a string, got bytes"),
        (lambda t: t.encode(None), TypeError, "text must be a string, got NoneType"),
        (lambda t: t.tokens(["cat"]), TypeError, "text must be a string, got list"),
        (lambda t: presplit("\udfff"), ValueError, r"U\+DFFF at place 0"),
        (lambda t: t.decode([1, 657]), ValueError, r"ids must be 0 … 656, got 657 at place 1"),
        (lambda t: t.decode([-1]), ValueError, "got -1 at place 0"),
        (lambda t: t.decode([0, 1.0]), TypeError, "whole numbers, got 1.0 at place 1"),
        (lambda t: t.decode([True]), TypeError, "whole numbers, got True"),
        (lambda t: t.decode("12"), TypeError, "whole numbers, got '1' at place 0"),
        (lambda t: t.decode(torch.tensor([[1, 2]])), TypeError, "whole numbers"),
        (lambda t: t.token_bytes(657), ValueError, "got 657"),
    ],
)
def test_bad_input_is_refused(mixed, call, error, says):
    with pytest.raises(error, match=says):
        call(mixed)


# --- files ------------------------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back(mixed, saved):
    assert sorted(path.name for path in saved.iterdir()) == ["merges.txt", "tokenizer.json", "tokenizer_config.json", "vocab.json"]
    again = BytePairTokenizer.load(saved)
    assert again.vocabulary == mixed.vocabulary and again.special == mixed.special
    assert [(m.left, m.right) for m in again.merges] == [(m.left, m.right) for m in mixed.merges]
    assert {m.count for m in again.merges} == {None}
    assert again.encode(MIXED) == mixed.encode(MIXED)
    assert "400 merges" in repr(again)


@pytest.mark.parametrize("keep", [("tokenizer.json",), ("vocab.json", "merges.txt")])
def test_either_form_of_the_files_is_enough(mixed, saved, tmp_path, keep):
    for name in keep:
        shutil.copy(saved / name, tmp_path)
    again = BytePairTokenizer.load(str(tmp_path))
    assert again.vocabulary == mixed.vocabulary and again.special == mixed.special


def test_transformers_reads_what_was_saved(mixed, saved, tmp_path):
    from transformers import AutoTokenizer, GPT2Tokenizer, GPT2TokenizerFast

    theirs = AutoTokenizer.from_pretrained(saved, local_files_only=True)
    assert isinstance(theirs, GPT2Tokenizer) and isinstance(theirs, GPT2TokenizerFast)
    assert theirs.model_max_length == 256 and len(theirs) == mixed.vocab_size
    assert theirs.bos_token == theirs.eos_token == END and theirs.eos_token_id == mixed.special[END]
    for text in (CAT, MIXED[:400], f"{CAT}{END}{CAT}"):
        assert theirs(text)["input_ids"] == mixed.encode(text, special=True)
        assert theirs(text, split_special_tokens=True)["input_ids"] == mixed.encode(text)
        assert theirs.decode(mixed.encode(text)) == mixed.decode(mixed.encode(text))
    # and what it writes in turn
    theirs.save_pretrained(tmp_path)
    assert BytePairTokenizer.load(tmp_path).vocabulary == mixed.vocabulary


def test_transformers_reads_vocab_and_merges_alone(mixed, saved, tmp_path):
    from transformers import GPT2TokenizerFast

    for name in ("vocab.json", "merges.txt"):
        shutil.copy(saved / name, tmp_path)
    theirs = GPT2TokenizerFast.from_pretrained(tmp_path, local_files_only=True)
    assert theirs(MIXED + END)["input_ids"] == mixed.encode(MIXED + END, special=True)


@pytest.mark.parametrize("special", [(), ("<|start|>", "<|stop|>")])
def test_transformers_adds_no_special_token_of_its_own(tmp_path, special):
    from transformers import AutoTokenizer

    ours = BytePairTokenizer.train([CAT], special=special)
    theirs = AutoTokenizer.from_pretrained(ours.save(tmp_path), local_files_only=True)
    assert len(theirs) == ours.vocab_size and theirs.get_vocab() == ours.vocabulary
    assert theirs.eos_token == (special[0] if special else None)
    assert theirs("<|stop|> cat")["input_ids"] == ours.encode("<|stop|> cat", special=True)
    assert BytePairTokenizer.load(tmp_path).special == ours.special


@pytest.mark.parametrize("keep", [("tokenizer.json",), ("vocab.json", "merges.txt"), ("tokenizer.json", "vocab.json", "merges.txt")])
def test_files_in_the_form_of_gpt2s_give_equal_ids(published, tmp_path, keep):
    for name in keep:
        shutil.copy(published / name, tmp_path)
    ours = BytePairTokenizer.load(tmp_path)
    theirs = LibraryTokenizer.from_file(str(published / "tokenizer.json"))
    assert ours.special == {END: 600} and ours.vocab_size == 601 and len(ours.merges) == 344
    for text in (MIXED, LONG_TEXT[-20_000:], f"{CAT}{END}"):
        assert ours.encode(text, special=True) == theirs.encode(text).ids


def test_ids_may_stand_in_any_order(tmp_path):
    trained = ByteLevelBPETokenizer(add_prefix_space=False)  # with its special token first, at 0
    trained.train_from_iterator([MIXED], vocab_size=400, special_tokens=[END], show_progress=False)
    trained.save_model(str(tmp_path))
    ours = BytePairTokenizer.load(tmp_path)
    assert ours.special == {END: 0}
    assert ours.encode(f"{MIXED}{END}", special=True) == trained.encode(f"{MIXED}{END}").ids
    again = BytePairTokenizer.load(ours.save(tmp_path / "again"))
    assert again.vocabulary == ours.vocabulary


def edit(name: str, change):
    """A fault in the text of one file."""

    def damage(folder: Path) -> None:
        path = folder / name
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")

    return damage


def edit_json(name: str, change):
    """A fault in what one JSON file says."""

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


PAIR = ("vocab.json", "merges.txt")
WHOLE = "tokenizer.json"


def drop_line(number: int):
    return lambda text: "\n".join(line for i, line in enumerate(text.split("\n")) if i != number)


DAMAGES = {
    "nothing there": (only(), FileNotFoundError, "no tokenizer.json in .*the folder holds nothing"),
    "no merges": (only("vocab.json"), FileNotFoundError, "no merges.txt in .*holds vocab.json"),
    "no vocabulary": (only("merges.txt"), FileNotFoundError, "no vocab.json"),
    "half of tokenizer.json": (edit(WHOLE, lambda text: text[: len(text) // 2]), ValueError, "tokenizer.json is cut off or damaged"),
    "empty tokenizer.json": (edit(WHOLE, lambda text: ""), ValueError, "tokenizer.json is cut off or damaged"),
    "a list": (edit(WHOLE, lambda text: "[]"), ValueError, "must hold a JSON object, got list"),
    "not UTF-8": (lambda folder: (folder / WHOLE).write_bytes(b"\xff{}"), ValueError, "byte 0 is not UTF-8"),
    "no model": (edit_json(WHOLE, lambda v: v.pop("model")), ValueError, "has no 'model'"),
    "no merges in it": (edit_json(WHOLE, lambda v: v["model"].pop("merges")), ValueError, "has no 'merges'"),
    "merges of another type": (edit_json(WHOLE, lambda v: v["model"].update(merges={})), ValueError, "'merges' must be of type list"),
    "a word-level model": (edit_json(WHOLE, lambda v: v["model"].update(type="WordLevel")), ValueError, "type = 'WordLevel'"),
    "dropout": (edit_json(WHOLE, lambda v: v["model"].update(dropout=0.1)), ValueError, "dropout = 0.1"),
    "a prefix": (edit_json(WHOLE, lambda v: v["model"].update(continuing_subword_prefix="##")), ValueError, "continuing_subword_prefix"),
    "ignore_merges": (edit_json(WHOLE, lambda v: v["model"].update(ignore_merges=True)), ValueError, "ignore_merges = True"),
    "a space in front": (edit_json(WHOLE, lambda v: v["pre_tokenizer"].update(add_prefix_space=True)), ValueError, "add_prefix_space = True"),
    "another cut": (edit_json(WHOLE, lambda v: v.update(pre_tokenizer={"type": "Whitespace"})), ValueError, "type = 'Whitespace'"),
    "no cut": (edit_json(WHOLE, lambda v: v.update(pre_tokenizer=None)), ValueError, "'pre_tokenizer' must be of type dict"),
    "a normalizer": (edit_json(WHOLE, lambda v: v.update(normalizer={"type": "NFC"})), ValueError, "normalizer = {'type': 'NFC'}"),
    "a greedy special token": (edit_json(WHOLE, lambda v: v["added_tokens"][0].update(lstrip=True)), ValueError, "lstrip = True"),
    "a special token twice": (edit_json(WHOLE, lambda v: v["added_tokens"].append(v["added_tokens"][0])), ValueError, "comes twice"),
    "another id for it": (edit_json(WHOLE, lambda v: v["added_tokens"][0].update(id=3)), ValueError, "both have the id 3"),
    "altered merge": (edit_json(WHOLE, lambda v: v["model"]["merges"].insert(1, v["model"]["merges"].pop())), ValueError, "which no merge before it makes|hold different merges"),
    "swapped ids": (edit_json(WHOLE, lambda v: v["model"]["vocab"].update({"!": 1, '"': 0})), ValueError, "hold different ids"),
    "half of vocab.json": (edit("vocab.json", lambda text: text[: len(text) // 2]), ValueError, "vocab.json is cut off or damaged"),
    "an id missing": (only(*PAIR, then=edit_json("vocab.json", lambda v: v.pop("a"))), ValueError, "no token has the id 64"),
    "an id twice": (only(*PAIR, then=edit_json("vocab.json", lambda v: v.update(a=65))), ValueError, "'a' and 'b' both have the id 65"),
    "an id of another type": (only(*PAIR, then=edit_json("vocab.json", lambda v: v.update(a="64"))), ValueError, "the id of 'a' must be a whole number"),
    "a token no merge makes": (only(*PAIR, then=edit_json("vocab.json", lambda v: v.update(zzz=657))), ValueError, "'zzz', which is neither a byte, nor made by merges.txt"),
    "a token no byte makes": (only(*PAIR, then=edit_json("vocab.json", lambda v: v.update({"☃": 657}))), ValueError, "'☃' stands for no byte"),
    "a byte missing": (only(*PAIR, then=edit_json("vocab.json", lambda v: v.update({"<|endoftext|>": v.pop("a")}))), ValueError, "has no 'a'"),
    "merges cut in a line": (only(*PAIR, then=edit("merges.txt", lambda text: text[:-3])), ValueError, "merges.txt is cut off"),
    "merges cut between lines": (only(*PAIR, then=edit("merges.txt", lambda text: "\n".join(text.split("\n")[:200]) + "\n")), ValueError, "neither a byte, nor made by merges.txt"),
    "a merge missing": (only(*PAIR, then=edit("merges.txt", drop_line(1))), ValueError, "neither a byte, nor made|no merge before it makes"),
    "a line of one token": (only(*PAIR, then=edit("merges.txt", lambda text: text + "abc\n")), ValueError, r"line 402 must be two tokens, got \['abc'\]"),
    "an empty line": (only(*PAIR, then=edit("merges.txt", lambda text: text + "\n")), ValueError, "line 402 must be two tokens"),
    "a foreign letter": (only(*PAIR, then=edit("merges.txt", lambda text: text + "☃ a\n")), ValueError, "line 402: .*'☃' stands for no byte"),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "error", "says"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_files_are_named(saved, tmp_path, damage, error, says):
    folder = shutil.copytree(saved, tmp_path / "damaged")
    damage(folder)
    with pytest.raises(error, match=says):
        BytePairTokenizer.load(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path, mixed):
    with pytest.raises(FileNotFoundError, match="the folder does not exist"):
        BytePairTokenizer.load(tmp_path / "nowhere")
    for length in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="model_max_length must be"):
            mixed.save(tmp_path, model_max_length=length)
