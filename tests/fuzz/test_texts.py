"""Texts and tokenizers, the grammar, slide decks and architectures: each function with fifty inputs that nobody would want."""

import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared import architecture, days
from shared.decks import legible, pptx_deck, preview, reveal_deck, slides
from shared.text import bert_words, bpe, corpus, declaration, echoes, wordpiece
from shared.text.grammar import Grammar, Pick, Reading, Say, evenly
from tests.fuzz.harness import bad_ends, good

FOLDER = tempfile.TemporaryDirectory(prefix="course-test-")
PLACE = Path(FOLDER.name)
PICTURE = PLACE / "map.png"
Image.new("RGB", (40, 30), "white").save(PICTURE)

TALE = corpus.stories(1, seed=0)[0]
TEXTS = ["the cat sat on the mat .", "the dog saw the cat , too ."]
PAIRS = bpe.BytePairTokenizer.train(TEXTS, 20)
PIECES = wordpiece.WordPieceTokenizer.train(TEXTS, 40)
for tokenizer, name in ((PAIRS, "pairs"), (PIECES, "pieces")):
    tokenizer.save(PLACE / name)

FAMILIES = {"animal": ["cat", "dog"], "food": ["fish", "bread"]}
FORMS = {"cat": {"says": "meow"}, "dog": {"says": "woof"}}
START = ("the", Pick("animal", "hero"), "ate", evenly(Pick("food"), "nothing"), "and", "said", Say("hero", "says"))
TINY = Grammar(START, FAMILIES, FORMS)

POINTS = ("Queries ask", "Keys answer")
SLIDE = dict(title="Attention is a soft lookup", picture=PICTURE, alt="A map with a bright diagonal", points=POINTS, notes="Say it.")
DECK = [slides.Slide(**SLIDE), slides.Slide("Words alone", points=("one", "two"))]

ENCODER, GPT = architecture.ARCHITECTURES["encoder-only"], architecture.ARCHITECTURES["decoder-only"]
TWO = architecture.ARCHITECTURES["encoder-decoder"]
SIZE = architecture.Size("tiny", 8, 2, 32, 50, context=16, segments=2)

CALLS = [
    # texts and the grammar that writes them
    good(corpus.stories, count=2, seed=1),
    good(corpus.spelled, words=["the", "cat", "sat", "."]),
    good(corpus.words_of, text=TALE),
    good(corpus.read_story, text=TALE),
    good(corpus.is_story, text=TALE),
    good(declaration.article, number=1),
    good(echoes.echo, words=[5, 6, 7], length=20, longest=6, rng=lambda: random.Random(0), mark=4),
    good(Grammar, start=START, families=FAMILIES, forms=FORMS),
    good(TINY.follow, words=["the", "cat", "ate", "fish", "and", "said", "meow"]),
    good(TINY.accepts, words=["the", "cat", "ate", "fish", "and", "said", "meow"]),
    good(TINY.fill, words=["the", None, "ate", None, "and", "said", "meow"]),
    good(Reading(TINY).read, word="the"),
    # byte-pair encoding
    good(bpe.to_letters, piece=b" cat"),
    good(bpe.from_letters, letters="\u0120cat"),
    good(bpe.presplit, text=TALE),
    good(bpe.join, pieces=["a", "a", "b"], pair=("a", "a"), joined="aa"),
    good(bpe.learn_merges, word_counts={b"the": 3, b" cat": 2, b" mat": 1}, n_merges=4),
    good(bpe.merge_by_rank, pieces=list("banana"), ranks={("a", "n"): 0, ("an", "a"): 1}),
    good(bpe.merge_long, pieces=list("banana"), ranks={("a", "n"): 0, ("an", "a"): 1}),
    good(bpe.BytePairTokenizer, merges=[bpe.Merge(b"a", b"n", 2), bpe.Merge(b"an", b"a", 1)], special=("<|endoftext|>",)),
    good(bpe.BytePairTokenizer.train, texts=TEXTS, n_merges=5, special=("<|endoftext|>",)),
    good(PAIRS.encode, text=TALE, special=True),
    good(PAIRS.tokens, text=TALE, special=True),
    good(PAIRS.decode, ids=[3, 256, 257]),
    good(PAIRS.token_bytes, token_id=3),
    good(PAIRS.save, ["folder"], folder=PLACE / "pairs", model_max_length=64),
    good(bpe.BytePairTokenizer.load, folder=PLACE / "pairs"),
    # WordPiece
    *(good(change, text=TALE) for change in (bert_words.clean, bert_words.space_chinese, bert_words.strip_accents)),
    good(bert_words.normalize, text=TALE),
    good(bert_words.split_words, text=TALE),
    good(wordpiece.to_pieces, word="mats"),
    good(wordpiece.alphabet, words=["the", "mat"]),
    good(wordpiece.learn_pieces, word_counts={"the": 3, "cat": 2, "mats": 1}, n_pieces=3, min_count=1),
    good(wordpiece.longest_match, word="mats", known={"mat": 0, "##s": 1}),
    good(wordpiece.WordPieceTokenizer, pieces=[*wordpiece.SPECIAL, "m", "##a"], merges=[wordpiece.PieceMerge("m", "##a", 2, 0.5)]),
    good(wordpiece.WordPieceTokenizer.train, texts=TEXTS, vocab_size=40, min_count=1),
    good(PIECES.encode, text=TALE, special=True),
    good(PIECES.tokens, text=TALE, special=True),
    good(PIECES.model_inputs, text=TEXTS[0], pair=TEXTS[1], special=True),
    good(PIECES.decode, ids=[3, 8, 9]),
    good(PIECES.save, ["folder"], folder=PLACE / "pieces", model_max_length=64),
    good(wordpiece.WordPieceTokenizer.load, folder=PLACE / "pieces"),
    # slide decks
    good(slides.Slide, **SLIDE),
    good(slides.picture_size, path=PICTURE),
    good(slides.fitted, size=(40, 30), left=0.0, top=1.0, right=8.0, bottom=6.0),
    good(slides.check_slides, slides=DECK, title="Transformers"),
    good(pptx_deck.save_pptx, ["path"], slides=DECK, path=PLACE / "deck.pptx", title="Transformers", author="Ada"),
    good(pptx_deck.picture_room, slide=DECK[0]),
    good(reveal_deck.save_reveal, ["path"], slides=DECK, path=PLACE / "deck.html", title="Transformers", author="Ada"),
    good(preview.draw_slide, slide=DECK[0], number=1, count=2),
    good(legible.linear, color="#0072B2"),
    good(legible.luminance, color="#0072B2"),
    good(legible.contrast, one="#0072B2", other="#FFFFFF"),
    good(legible.arc_minutes, height=0.1, distance=8.0),
    good(legible.letter_height, points=20.0, slide_height=7.5, screen_height=1.5),
    good(legible.seen_without, picture=np.full((4, 5, 3), 120, np.uint8), cones="red cones (protanopia)"),
    # architectures and days
    good(architecture.block, parts=["fork", "norm", "attention", "add"], times=12),
    good(architecture.part, name="norm"),
    good(architecture.unknown, name="norms"),
    *(good(read, diagram=diagram) for read in (architecture.towers, architecture.places) for diagram in (GPT, TWO)),
    good(architecture.written_out, parts=GPT),
    good(architecture.shapes, diagram=TWO, size=SIZE, tokens={"encoder": 5, "decoder": 4}),
    good(architecture.parameters, diagram=TWO, size=SIZE),
    good(architecture.branches, parts=["fork", "norm", "attention", "add", "fork", "feed-forward", "add", "norm"]),
    good(architecture.features, tower=ENCODER),
    good(architecture.compare, one=GPT, other=ENCODER),
    good(days.find_day, week=1, day=4),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_works_or_says_what_is_wrong(call):
    assert bad_ends(call) == []
