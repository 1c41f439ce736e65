"""The two models that ship with the course, held against what their lessons need: the same trials that wrote their cards."""

import json
import random

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer, BertForMaskedLM, GPT2LMHeadModel

from shared import heads
from shared.patching import silence, tapped
from shared.pretrained import load, recipes, shipped_folder, trials
from shared.pretrained.make import STEPS
from shared.text import spelled, stories, vocabulary, words_of
from shared.text.bpe import BytePairTokenizer
from shared.text.wordpiece import WordPieceTokenizer

UNSEEN = 77_777  # not the seed with which the cards were written
MOST_BYTES = 4_000_000


@pytest.fixture(scope="module")
def gpt() -> tuple[BytePairTokenizer, GPT2LMHeadModel]:
    folder = shipped_folder("tiny-gpt2")
    return BytePairTokenizer.load(folder), load("tiny-gpt2")[1]


@pytest.fixture(scope="module")
def bert() -> tuple[WordPieceTokenizer, BertForMaskedLM]:
    folder = shipped_folder("tiny-bert")
    return WordPieceTokenizer.load(folder), load("tiny-bert")[1]


# --- what lies in the folders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [("tiny-gpt2", AutoModelForCausalLM), ("tiny-bert", AutoModelForMaskedLM)])
def test_opens_with_transformers_as_it_is(name, kind):
    folder = shipped_folder(name)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= MOST_BYTES
    model, notes = kind.from_pretrained(folder, local_files_only=True, output_loading_info=True)
    assert not notes["missing_keys"] and not notes["unexpected_keys"] and not notes["mismatched_keys"]
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert model.config.model_type == name.removeprefix("tiny-")


@pytest.mark.parametrize(("name", "own"), [("tiny-gpt2", BytePairTokenizer), ("tiny-bert", WordPieceTokenizer)])
def test_both_tokenizers_give_the_same_ids(name, own):
    folder = shipped_folder(name)
    ours, theirs = own.load(folder), AutoTokenizer.from_pretrained(folder, local_files_only=True)
    for text in [*stories(20, seed=3), trials.CROSSING, trials.SITTING, "", "Naïve 😀 <b>2 + 2 = 4</b>\n\ttabs", "зима 冬 winter"]:
        assert ours.encode(text) == theirs(text, add_special_tokens=False)["input_ids"]
    assert theirs.model_max_length == recipes.CONTEXT


def test_every_word_of_the_tales_is_one_token(gpt, bert):
    for word in (w for w in vocabulary() if w[0].isalpha()):
        assert len(gpt[0].encode(word)) == len(gpt[0].encode(" " + word)) == len(bert[0].encode(word)) == 1, word
    assert gpt[0].tokens(trials.SITTING) == ["The", " cat", " sat", " on", " the", " mat"]
    # GPT-2's pre-splitting cuts "didn't" in two, whatever the merges
    assert gpt[0].tokens(trials.CROSSING) == "The| animal| didn|'t| cross| the| street| because| it| was| too| tired".split("|")
    assert bert[0].tokens(trials.CROSSING) == "the animal didn ' t cross the street because it was too tired".split()


def test_rows_of_training_are_what_the_tokenizer_makes_of_the_text(gpt):
    tokenizer, _ = gpt
    rows = recipes.GPTRows(tokenizer, steps=10, seed=4)
    ids, following = rows.batch(9, tokens=16 * recipes.CONTEXT)
    assert ids.shape == following.shape == (16, recipes.CONTEXT)
    assert torch.equal(ids[:, 1:], following[:, :-1])
    tales = [row for row in ids.tolist() if row[0] == rows.end]
    assert tales, "some rows begin with a tale"
    for row in tales:
        first = row[1 : row.index(rows.end, 1)] if rows.end in row[1:] else row[1:]
        text = tokenizer.decode(first)
        assert tokenizer.encode(text) == first and spelled(words_of(text)) == text


def test_rows_grow_and_a_batch_holds_as_many_tokens_as_any_other(gpt):
    rows = recipes.GPTRows(gpt[0], steps=100, seed=5)
    shapes = [tuple(rows.batch(step, tokens=2048)[0].shape) for step in range(100)]
    assert [shape[0] * shape[1] for shape in shapes] == [2048] * 100
    lengths = [shape[1] for shape in shapes]
    assert lengths == sorted(lengths) and lengths[0] == 32 and lengths[-1] == recipes.CONTEXT


# --- tiny-gpt2 --------------------------------------------------------------------------------------------------------


def test_loss_lies_just_above_the_floor_and_never_below(gpt):
    loss = trials.story_loss(gpt[1], gpt[0], stories(150, seed=UNSEEN))
    assert loss.model <= 1.02 * loss.grammar
    assert loss.gap <= 0.02 * loss.floor
    # a model that beats the exact entropy has seen the answers, or the entropy is wrong
    assert loss.gap >= -3 * loss.error
    assert loss.error < 0.01 * loss.floor


def test_an_untrained_model_is_as_surprised_as_a_die(gpt):
    torch.manual_seed(0)
    loss = trials.story_loss(recipes.in_standard_layout(recipes.new_gpt2(gpt[0]), gpt[0]), gpt[0], stories(5, seed=UNSEEN))
    assert loss.model == pytest.approx(torch.tensor(float(gpt[0].vocab_size)).log().item(), abs=1.0)


def test_what_it_writes_follows_the_grammar(gpt):
    good, judged, whole = trials.sentences_accepted(trials.write(gpt[1], gpt[0], 64, seed=123))
    assert judged >= 500
    assert good >= 0.98 * judged
    assert whole >= 40


def test_sentences_are_judged_by_the_story_so_far():
    story = stories(1, seed=8)[0]
    count = sum(word in ".?" for word in words_of(story))
    assert trials.sentences_accepted([story]) == (count, count, 1)
    assert trials.sentences_accepted([story.rsplit(" ", 3)[0]]) == (count - 1, count, 0)
    assert trials.sentences_accepted(["Elephants fly.", ""]) == (0, 2, 0)


@pytest.mark.parametrize(("words", "times"), [(8, 3), (40, 2)])
def test_one_head_looks_back_to_the_last_time_and_the_model_copies(gpt, words, times):
    tokenizer, model = gpt
    right, induction, before = trials.copying(model, trials.repeated(tokenizer, words, times, 16, seed=9), words)
    assert right >= 0.85
    assert induction.max() >= 0.85
    assert before.max() >= 0.9


def test_without_its_induction_heads_it_copies_badly_and_tells_tales_nearly_as_before(gpt):
    tokenizer, model = gpt
    words = 40
    ids = trials.repeated(tokenizer, words, 2, 16, seed=10)
    _, induction, _ = trials.copying(model, ids, words)
    found = [(layer, head) for layer, head in (induction > 0.5).nonzero().tolist()]
    above = max(layer for layer, _ in found) + 1  # the heads of the next layer neither look back nor serve those that do
    others = [(above, head) for head in range(model.config.n_head)]
    assert induction[above].max() < 0.5

    def losses() -> tuple[float, float]:
        """Nats per word: second round of repeats, tales."""
        with torch.no_grad():
            logits = model(ids).logits[:, words : 2 * words - 1]
        repeats = nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, words + 1 :].flatten()).item()
        return repeats, trials.story_loss(model, tokenizer, tales).model

    tales = stories(30, seed=UNSEEN)
    repeats_before, tales_before = losses()
    with tapped(model, silence(found)):
        repeats_without, tales_without = losses()
    assert losses() == pytest.approx((repeats_before, tales_before)), "the heads are back afterwards"
    assert repeats_without > repeats_before + 3
    assert repeats_without - repeats_before > 5 * (tales_without - tales_before)
    with tapped(model, silence(others)):
        assert losses()[0] < repeats_before + 1, "heads that do not look back are not missed in copying"


@pytest.mark.parametrize("sentence", [trials.CROSSING, trials.SITTING])
def test_a_previous_token_head_shows_on_the_sentences_of_the_course(gpt, sentence):
    maps = load_maps(gpt, sentence)[0]
    assert heads.previous_token(maps).max() >= 0.8


@pytest.mark.parametrize(
    ("sentence", "pronoun", "noun"),
    [(trials.CROSSING, "it", "animal"), ("Mia didn't cross the street because she was too tired", "she", "Mia")],
)
def test_before_it_writes_a_pronoun_it_looks_at_the_noun(gpt, sentence, pronoun, noun):
    maps, tokens = load_maps(gpt, sentence)
    link = heads.pronoun_to_name(maps, tokens, {pronoun: noun}, predicting=True)
    assert link.max() >= 0.5


def test_it_chooses_the_pronoun_by_the_name(gpt):
    tokenizer, model = gpt
    for name, pronoun, other in [("Mia", "she", "he"), ("Tom", "he", "she")]:
        ids = torch.tensor([tokenizer.encode(f"{name} didn't cross the street because")])
        with torch.no_grad():
            chances = model(ids).logits[0, -1].softmax(-1)
        assert chances[tokenizer.encode(" " + pronoun)[0]] > 0.3 > 0.02 > chances[tokenizer.encode(" " + other)[0]]


def load_maps(gpt, sentence: str) -> tuple[torch.Tensor, list[str]]:
    tokenizer, model = gpt
    with torch.no_grad():
        answer = model(torch.tensor([tokenizer.encode(sentence)]), output_attentions=True)
    return heads.as_weights(answer.attentions), [token.strip() for token in tokenizer.tokens(sentence)]


# --- tiny-bert --------------------------------------------------------------------------------------------------------


def test_it_finds_nearly_every_word_that_can_be_found(bert):
    blanks = trials.fill_blanks(bert[1], bert[0], stories(60, seed=UNSEEN), seed=5)
    assert blanks.asked > 500
    assert blanks.model >= 0.97 * blanks.ceiling
    assert blanks.best == pytest.approx(blanks.ceiling, abs=0.04), "the best guesser does as well as its chances say"


def test_its_heads_have_clear_habits(bert):
    found = trials.bert_heads(bert[1], bert[0], stories(20, seed=UNSEEN))
    strongest = {name: heads.strongest(scores)[2] for name, scores in found.items()}
    assert max(strongest["the token before"], strongest["the token after"]) >= 0.6
    assert max(strongest["the same word elsewhere"], strongest["a hidden word's twin in the other segment"]) >= 0.5
    assert strongest["delimiters (. and [SEP])"] >= 0.6


def test_looking_is_what_words_spend_on_words():
    weights = torch.zeros(1, 2, 4, 4)
    weights[0, 0] = torch.tensor([[0.1, 0.2, 0.7, 0.0], [0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    weights[0, 1, :, 2] = 1.0  # a head that rests on the mark, everywhere
    ids, attended, marks = torch.tensor([[5, 6, 9, 0]]), torch.tensor([[1, 1, 1, 0]]), torch.tensor([9, 8])
    # the words 5 and 6 ask; the mark's own row and the filler's do not count: (0.3 + 1.0) / 2 in one head, 0 in the other
    assert recipes.looking(weights, ids, attended, marks).item() == pytest.approx((0.65 + 0.0) / 2)


def test_looking_is_paid_for_in_the_last_third(monkeypatch):
    losses = {}
    for price in (0.0, 100.0):
        monkeypatch.setattr(recipes, "PRICE", price)
        losses[price] = []
        recipes.train_bert(3, seed=3, say=lambda step, loss: losses[price].append(loss))
    assert losses[0.0][:2] == losses[100.0][:2], "the first two of three steps are free"
    # before it has learned anything a head spreads its attention evenly, and most of the tokens are words
    assert 60 < losses[100.0][2] - losses[0.0][2] < 100


def test_blanks_in_rows_follow_the_paper(bert):
    tokenizer, _ = bert
    rows = recipes.BertRows(tokenizer, steps=10, seed=6)
    mask, chosen, kinds = tokenizer.special["[MASK]"], 0, {"masked": 0, "kept": 0, "changed": 0}
    total = 0
    for _ in range(200):
        first, second = rows._tale()
        row = rows.row(first, second)
        plain = [tokenizer.special["[CLS]"], *first, tokenizer.special["[SEP]"], *second]
        plain += [tokenizer.special["[SEP]"]] if second else []
        total += len(first) + len(second)
        for was, is_, label in zip(plain, row["input_ids"], row["labels"], strict=True):
            if label == recipes.IGNORE:
                assert is_ == was
                continue
            assert label == was
            chosen += 1
            kinds["masked" if is_ == mask else "kept" if is_ == was else "changed"] += 1
    assert chosen / total == pytest.approx(0.3, abs=0.02)
    assert kinds["masked"] / chosen == pytest.approx(0.8, abs=0.02)
    assert kinds["changed"] / chosen == pytest.approx(0.1, abs=0.02)


def test_pairs_say_the_same_twice(bert):
    rows = recipes.BertRows(bert[0], steps=10, seed=7)
    pairs = [rows._pair() for _ in range(50)]
    assert all(first == second for first, second in pairs)
    likely = {id_ for ids in rows.ids.values() for id_ in ids}
    assert all(set(first) <= likely for first, _ in pairs)


# --- the cards --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tiny-gpt2", "tiny-bert"])
def test_the_card_belongs_to_the_weights(name):
    folder = shipped_folder(name)
    card = (folder / "README.md").read_text(encoding="utf-8")
    for part in ("## Data", "## Recipe", "## What it can do", "## Heads found", f"shared.pretrained.make {name}"):
        assert part in card
    model = load(name)[1]
    assert f"{model.num_parameters():,} parameters" in card
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["dtype"] == "float32"


def test_the_card_of_tiny_bert_says_what_looking_cost():
    card = " ".join((shipped_folder("tiny-bert") / "README.md").read_text(encoding="utf-8").split())
    begins = round(recipes.PRICE_FROM * STEPS["tiny-bert"])
    assert f"From step {begins:,} on the heads of the last layer pay {recipes.PRICE:.2f} nats for looking at a word" in card


def test_making_a_model_is_one_command(tmp_path):
    """The whole way with three steps of training: what it writes is bad at everything, but it loads and has its card."""
    from shared.pretrained.make import main

    assert main(["tiny-gpt2", "--steps", "3", "--into", str(tmp_path)]) == 0
    tokenizer, model = load(tmp_path / "tiny-gpt2")
    assert model.num_parameters() == load("tiny-gpt2")[1].num_parameters()
    assert "3 steps" in (tmp_path / "tiny-gpt2" / "README.md").read_text(encoding="utf-8")
    random_word = random.Random(0).choice(vocabulary())
    assert tokenizer.decode(tokenizer.encode(random_word)) == random_word
