"""What a model of the tiny tales is asked before it may ship: its loss against the floor, its stories, its heads.

The same functions write the model cards and serve the tests. All take a Hugging Face model and the course's tokenizer.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertForMaskedLM, GPT2LMHeadModel

from shared import heads
from shared.counts import check_count
from shared.text.bpe import BytePairTokenizer
from shared.text.corpus import entropy_per_token, read_story, spelled, vocabulary, words_of
from shared.text.tales import TALES
from shared.text.wordpiece import WordPieceTokenizer

PASSES = 0.15  # of the words are hidden from BERT, as in its own training

CROSSING = "The animal didn't cross the street because it was too tired"
SITTING = "The cat sat on the mat"


# --- a model that writes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StoryLoss:
    """Nats per token on the same stories: the model's, those of somebody who knows the grammar, and the latter's exact mean.

    gap, error: how much the model loses against the grammar, token by token, and the standard error of that; both are
    measured on the same words, so that lucky or unlucky stories cancel.
    """

    model: float
    grammar: float
    floor: float
    gap: float
    error: float


@torch.no_grad()
def story_loss(model: GPT2LMHeadModel, tokenizer: BytePairTokenizer, stories: Sequence[str]) -> StoryLoss:
    """The loss on whole stories, each read alone from its first word to the token that ends it."""
    end = tokenizer.special["<|endoftext|>"]
    losses, surprises, lengths = [], [], []
    for story in stories:
        ids = torch.tensor([[end, *tokenizer.encode(story), end]])
        losses.append(nn.functional.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="sum").item())
        reading = read_story(story)
        surprises.append(sum(reading.surprises) + reading.end_surprise)
        lengths.append(ids.shape[1] - 1)
    total = sum(lengths)
    gaps = torch.tensor(losses) - torch.tensor(surprises)
    per_token = len(lengths) / total
    error = gaps.std().item() / math.sqrt(len(gaps)) * per_token
    return StoryLoss(sum(losses) / total, sum(surprises) / total, entropy_per_token(), gaps.mean().item() * per_token, error)


@torch.no_grad()
def write(model: GPT2LMHeadModel, tokenizer: BytePairTokenizer, count: int, seed: int, longest: int = 240) -> list[str]:
    """So many texts sampled from the model as it is (temperature 1), each from its first word to its end or `longest` tokens."""
    end = tokenizer.special["<|endoftext|>"]
    generator = torch.Generator().manual_seed(seed)
    ids = torch.full((count, 1), end)
    seen, cache = ids, None
    for _ in range(longest):
        answer = model(seen, past_key_values=cache, use_cache=True)
        cache = answer.past_key_values
        seen = torch.multinomial(answer.logits[:, -1].softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, seen], dim=1)
        if (ids[:, 1:] == end).any(dim=1).all():
            break
    texts = []
    for row in ids[:, 1:].tolist():
        texts.append(tokenizer.decode(row[: row.index(end)] if end in row else row))
    return texts


def sentences_accepted(texts: Sequence[str]) -> tuple[int, int, int]:
    """(sentences that follow the grammar, sentences judged, whole stories accepted).

    A sentence is judged by everything before it: it must be a sentence that can come next in this very story. After the
    first one that cannot, nothing more of the story is judged.
    """
    good = judged = whole = 0
    for text in texts:
        reading = read_story(text)
        closed = sum(word in (".", "?") for word in reading.words)
        complete = reading.complete and spelled(words_of(text)) == text
        good, judged, whole = good + closed, judged + closed + (not complete), whole + complete
    return good, judged, whole


def repeated(tokenizer: BytePairTokenizer, words: int, times: int, rows: int, seed: int) -> Tensor:
    """Rows of random words of the tales, said again: (rows, words · times) ids. Errors: ValueError for more words than there are."""
    for name, value in (("words", words), ("times", times), ("rows", rows)):
        check_count(name, value)
    rng = random.Random(seed)
    ids = [tokenizer.encode(" " + word)[0] for word in vocabulary() if word[0].isalpha()]
    if words > len(ids):
        raise ValueError(f"words must be at most {len(ids)}, all that the tales know; got {words}")
    lines = [rng.sample(ids, words) for _ in range(rows)]
    return torch.tensor([line * times for line in lines])


@torch.no_grad()
def copying(model: GPT2LMHeadModel, ids: Tensor, words: int) -> tuple[float, Tensor, Tensor]:
    """On rows of `repeated`: (share of second-round words foretold, induction score, previous-token score), scores (layers, heads).

    The first word of the second round is not asked: nothing says that the round is over. Only the second round is.
    """
    answer = model(ids, output_attentions=True)
    guesses = answer.logits[:, words : 2 * words - 1].argmax(-1)
    right = (guesses == ids[:, words + 1 : 2 * words]).float().mean().item()
    maps = torch.stack(answer.attentions, dim=1)  # (rows, layers, heads, T, T)
    induction = torch.stack([heads.induction(one, row) for one, row in zip(maps, ids)]).mean(0)
    before = heads.previous_token(maps).mean(0)
    return right, induction, before


# --- a model that fills blanks ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Blanks:
    """Shares of hidden words found: by the model, by the best guesser there can be, and what the latter may expect."""

    model: float
    best: float
    ceiling: float
    asked: int


@torch.no_grad()
def fill_blanks(model: BertForMaskedLM, tokenizer: WordPieceTokenizer, stories: Sequence[str], seed: int) -> Blanks:
    """Hide 15 % of the pieces of each story behind [MASK] and let the model, and the grammar, say what they were.

    The grammar's guess is the likeliest word given everything that is left, from the exact chances: nobody can do better.
    """
    rng = random.Random(seed)
    special = tokenizer.special

    def spell(word: str) -> list[str]:
        return tokenizer.tokens(word)

    model_right = best_right = asked = 0
    expected = 0.0
    for story in stories:
        pieces = [piece for word in words_of(story) for piece in spell(word)]
        hidden = [place for place in range(len(pieces)) if rng.random() < PASSES]
        if not hidden:
            continue
        chances = TALES.fill([None if place in set(hidden) else piece for place, piece in enumerate(pieces)], spell)
        ids = [special["[CLS]"], *(tokenizer.vocabulary[piece] for piece in pieces), special["[SEP]"]]
        for place in hidden:
            ids[place + 1] = special["[MASK]"]
        guesses = model(torch.tensor([ids])).logits[0].argmax(-1).tolist()
        for place, shares in zip(hidden, chances, strict=True):
            model_right += guesses[place + 1] == tokenizer.vocabulary[pieces[place]]
            best_right += max(shares, key=shares.get) == pieces[place]
            expected += max(shares.values())
            asked += 1
    return Blanks(model_right / asked, best_right / asked, expected / asked, asked)


@torch.no_grad()
def bert_heads(model: BertForMaskedLM, tokenizer: WordPieceTokenizer, stories: Sequence[str]) -> dict[str, Tensor]:
    """Scores (layers, heads) of what tiny-bert's heads look at, averaged over stories: name of the habit → scores.

    Three habits are read on the story as it is, with its two halves as two segments. The twins need a pair that says the
    same twice: there the score is the weight from a hidden word in the second segment on its twin in the first.
    """
    names = list(tokenizer.vocabulary)
    sums: dict[str, Tensor] = {}
    for story in stories:
        sentences = [part + "." for part in story.rstrip(".").split(".")]
        half = len(sentences) // 2
        inputs = tokenizer.model_inputs("".join(sentences[:half]), "".join(sentences[half:]))
        maps, pieces = _attention(model, inputs), [names[id_] for id_ in inputs["input_ids"]]
        found = {
            "the token before": heads.previous_token(maps),
            "the token after": heads.next_token(maps),
            "the same word elsewhere": heads.same_token(maps, pieces, causal=False),
            "delimiters (. and [SEP])": heads.delimiter(maps, pieces, causal=False),
        }
        said = "".join(sentences[1:3]).strip()
        pair = tokenizer.model_inputs(said, said)
        length = len(tokenizer.encode(said))
        links = [(length + 2 + place, 1 + place) for place in range(1, length, 4)]
        for query, _ in links:
            pair["input_ids"][query] = tokenizer.special["[MASK]"]
        found["a hidden word's twin in the other segment"] = heads.linked(_attention(model, pair), links)
        for name, scores in found.items():
            sums[name] = sums.get(name, 0) + scores / len(stories)
    return sums


def _attention(model: BertForMaskedLM, inputs: dict[str, list[int]]) -> Tensor:
    answer = model(**{name: torch.tensor([values]) for name, values in inputs.items()}, output_attentions=True)
    return heads.as_weights(answer.attentions)
