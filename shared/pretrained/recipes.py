"""How the two small models that ship with the course learn: their tokenizers, their rows of text, their training.

Both have the layout of the famous model after which they are named, so that whatever opens that one opens these too.
`python -m shared.pretrained.make` runs these recipes and writes what comes out.
"""

import math
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertForMaskedLM, GPT2LMHeadModel

from shared.attention import positional_encoding
from shared.gpt import GPT, GPTConfig
from shared.heads import DELIMITERS
from shared.muon import Muon
from shared.text.bpe import BytePairTokenizer
from shared.text.corpus import vocabulary
from shared.text.echoes import echo
from shared.text.tales import TALES
from shared.text.wordpiece import WordPieceTokenizer
from shared.training.optimizers import block_layers, parts_of

CONTEXT, WIDTH, LAYERS, HEADS = 256, 128, 4, 4
IGNORE = -100  # a position that does not count in torch's cross-entropy
PRICE, PRICE_FROM = 0.05, 2 / 3  # of looking at a word, in nats, and the share of tiny-bert's training from which it is asked
PRINTABLE = [chr(code) for code in range(33, 127)]


# --- tokenizers -------------------------------------------------------------------------------------------------------


def gpt2_tokenizer() -> BytePairTokenizer:
    """Byte-level BPE in which every word of the tiny tales is one token, with and without a space before it.

    One token a word, because a word in pieces takes two steps to look up, and copying then comes late or not at all.
    """
    return BytePairTokenizer.train([form for word in vocabulary() for form in (word, " " + word)])


def bert_tokenizer() -> WordPieceTokenizer:
    """WordPiece in which every word of the tiny tales is whole; other words fall into letters, unknown letters into [UNK]."""
    learned = WordPieceTokenizer.train(vocabulary())
    letters = [form for sign in PRINTABLE if sign == sign.lower() for form in ([sign, "##" + sign] if sign.isalnum() else [sign])]
    return WordPieceTokenizer(list(dict.fromkeys([*learned.vocabulary, *letters])))


# --- rows of text -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A part of the training: up to which share of the steps it lasts, how long the rows are, and what is in them.

    middle: share of the rows of tales that begin in the middle of a tale, without the token that ends the one before: so
    begins a sentence that somebody types. echo: the longest line of random words.
    """

    until: float
    length: int
    middle: float
    echo: int


# Short rows first. Among 32 tokens the one before is soon found, among 256 it is not: an untrained head spreads its
# attention evenly, and the signal of one right token drowns. What is found in short rows then carries over to long ones.
STAGES = (Stage(0.12, 32, 0.75, 10), Stage(0.2, 64, 0.75, 20), Stage(0.3, 128, 0.5, 40), Stage(1.0, CONTEXT, 0.25, 60))


class GPTRows:
    """Batches for tiny-gpt2: rows of tiny tales, and among them rows in which random words are said again and again.

    Echoes are half of the rows at first and a fifth from 40 % of the training on. Rows get longer in STAGES; each batch
    holds as many tokens as any other.
    """

    def __init__(self, tokenizer: BytePairTokenizer, steps: int, seed: int):
        self.steps, self.rng = steps, random.Random(seed)
        self.first = {word: tokenizer.encode(word)[0] for word in vocabulary()}  # at the start of a text: no space before it
        self.inside = {word: tokenizer.encode(word if word == "'t" else " " + word)[0] for word in vocabulary()}
        self.inside |= {mark: tokenizer.encode(mark)[0] for mark in vocabulary() if not mark[0].isalpha()}
        self.end = tokenizer.special["<|endoftext|>"]
        self.words = sorted(id_ for word, id_ in self.inside.items() if word[0].isalpha())

    def batch(self, step: int, tokens: int) -> tuple[Tensor, Tensor]:
        """Ids and what comes next, each (rows, length) with rows · length = tokens."""
        progress = step / self.steps
        stage = next(stage for stage in STAGES if progress < stage.until)
        echoes = 0.5 - 0.3 * min(progress / 0.4, 1.0)
        rows = []
        for _ in range(tokens // stage.length):
            if self.rng.random() < echoes:
                rows.append(echo(self.words, stage.length + 1, stage.echo, self.rng, mark=self.inside["."]))
            else:
                rows.append(self._tales(stage))
        ids = torch.tensor(rows)
        return ids[:, :-1], ids[:, 1:]

    def _tales(self, stage: Stage) -> list[int]:
        row: list[int] = []
        if self.rng.random() < stage.middle:
            words, _ = TALES.draw(self.rng)
            starts = [place + 1 for place, word in enumerate(words[:-1]) if word in (".", "?")]
            row += self._ids(words[self.rng.choice(starts) :])
        while len(row) < stage.length + 1:
            words, _ = TALES.draw(self.rng)
            row += [self.end, *self._ids(words)]
        return row[: stage.length + 1]

    def _ids(self, words: list[str]) -> list[int]:
        return [self.first[words[0]], *(self.inside[word] for word in words[1:])]


class BertRows:
    """Batches for tiny-bert: tiny tales, whole or in two segments, and pairs of segments that say the same with the same odd words.

    In the pairs 30 % of the words are replaced by random ones, alike in both halves: what stands at a blank can then only be
    found at its twin in the other segment. As Devlin et al. 2019 do it, but for the share, of the chosen positions 80 % become
    [MASK], 10 % a random word and 10 % stay; 30 % are chosen, for there is much less text than BERT had. One row in ten holds
    a few sentences alone, as somebody may type them; in the first third of the training there are no whole tales yet, for in
    short rows the neighbors and the twins are found sooner.
    """

    PAIRS, ALONE, ODD, CHOSEN, SHORT_UNTIL = 0.4, 0.1, 0.3, 0.3, 1 / 3

    def __init__(self, tokenizer: WordPieceTokenizer, steps: int, seed: int):
        self.steps, self.most = steps, 4  # most: sentences in a row that holds no tale
        self._waiting: list[list[dict[str, list[int]]]] = []
        self.rng, self.special = random.Random(seed), tokenizer.special
        self.ids = {word: tokenizer.encode(word) for word in vocabulary()}
        self.words = sorted({ids[0] for word, ids in self.ids.items() if len(ids) == 1 and word[0].isalpha()})

    def batch(self, step: int, tokens: int) -> tuple[dict[str, Tensor], Tensor]:
        """What BERT reads, each (rows, longest), and the labels (rows, longest), IGNORE where nothing is asked.

        rows · longest is at most `tokens`. Rows of about one length stand together, so that little of it is filler.
        """
        if not self._waiting:
            self._waiting = self._draw_batches(step, tokens)
        rows = self._waiting.pop()
        length = max(len(row["input_ids"]) for row in rows)
        filler = {"input_ids": self.special["[PAD]"], "token_type_ids": 0, "attention_mask": 0, "labels": IGNORE}
        columns = {name: torch.tensor([row[name] + [fill] * (length - len(row[name])) for row in rows]) for name, fill in filler.items()}
        labels = columns.pop("labels")
        return columns, labels

    def _draw_batches(self, step: int, tokens: int) -> list[list[dict[str, list[int]]]]:
        """A dozen batches or so, in any order."""
        short = step < self.SHORT_UNTIL * self.steps
        tales, self.most = (0.0, 2) if short else (1 - self.PAIRS - self.ALONE, 4)
        shares = (self.PAIRS, 1 - self.PAIRS - tales, tales)
        kinds = self.rng.choices((self._pair, self._alone, self._tale), shares, k=1000 if short else 500)
        rows = sorted((self.row(*draw()) for draw in kinds), key=lambda row: len(row["input_ids"]))
        batches: list[list[dict[str, list[int]]]] = [[]]
        for row in rows:
            if (len(batches[-1]) + 1) * len(row["input_ids"]) > tokens:
                batches.append([])
            batches[-1].append(row)
        self.rng.shuffle(batches)
        return batches

    def row(self, first: list[int], second: list[int]) -> dict[str, list[int]]:
        """[CLS] first [SEP] second [SEP], or [CLS] first [SEP] where there is no second, with some of the words hidden."""
        tail = [*second, self.special["[SEP]"]] if second else []
        ids = [self.special["[CLS]"], *first, self.special["[SEP]"], *tail]
        segments = [0] * (len(first) + 2) + [1] * len(tail)
        fixed = {self.special["[CLS]"], self.special["[SEP]"]}
        labels = [IGNORE] * len(ids)
        hidden = list(ids)
        for place, id_ in enumerate(ids):
            if id_ in fixed or self.rng.random() >= self.CHOSEN:
                continue
            labels[place], chance = id_, self.rng.random()
            if chance < 0.8:
                hidden[place] = self.special["[MASK]"]
            elif chance < 0.9:
                hidden[place] = self.rng.choice(self.words)
        return {"input_ids": hidden, "token_type_ids": segments, "attention_mask": [1] * len(ids), "labels": labels}

    def _sentences(self) -> list[list[int]]:
        sentences: list[list[int]] = [[]]
        words, _ = TALES.draw(self.rng)
        for word in words:
            sentences[-1] += self.ids[word]
            if word in (".", "?"):
                sentences.append([])
        return sentences[:-1]

    def _tale(self) -> tuple[list[int], list[int]]:
        sentences = self._sentences()
        cut = self.rng.choice((len(sentences), self.rng.randint(1, len(sentences) - 1)))
        return sum(sentences[:cut], []), sum(sentences[cut:], [])

    def _alone(self) -> tuple[list[int], list[int]]:
        sentences = self._sentences()
        count = self.rng.randint(1, self.most)
        start = self.rng.randint(0, len(sentences) - count)
        return sum(sentences[start : start + count], []), []

    def _pair(self) -> tuple[list[int], list[int]]:
        said, _ = self._alone()
        said = [self.rng.choice(self.words) if self.rng.random() < self.ODD else id_ for id_ in said]
        return said, list(said)


# --- models and training ----------------------------------------------------------------------------------------------


def start_positions(tokens: nn.Embedding, positions: nn.Embedding) -> None:
    """Let positions start as the 2017 paper's sines and cosines, half as high, and tokens as noise of 0.1.

    Both are learned from there. In sines, "one place before" is the same turn at every position, so a head that learns it in
    short rows knows it in long ones.
    """
    with torch.no_grad():
        positions.weight.copy_(0.5 * positional_encoding(*positions.weight.shape))
        tokens.weight.normal_(0.0, 0.1)


def new_gpt2(tokenizer: BytePairTokenizer) -> GPT:
    """An untrained GPT-2 of the small size: the course's own, which learns faster than Hugging Face's and has the same weights."""
    model = GPT(GPTConfig(vocab_size=tokenizer.vocab_size, context=CONTEXT, n_layers=LAYERS, n_heads=HEADS, d_model=WIDTH))
    start_positions(model.tokens, model.positions)
    return model


def in_standard_layout(model: GPT, tokenizer: BytePairTokenizer) -> GPT2LMHeadModel:
    """The same weights in Hugging Face's GPT-2, which knows the token that ends a text."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        standard = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager", local_files_only=True)
    for config in (standard.config, standard.generation_config):
        config.bos_token_id = config.eos_token_id = tokenizer.special["<|endoftext|>"]
    return standard.eval()


def new_bert(tokenizer: WordPieceTokenizer) -> BertForMaskedLM:
    """An untrained BERT of the small size, as Hugging Face initializes it but for `start_positions`."""
    config = BertConfig(
        vocab_size=tokenizer.vocab_size, max_position_embeddings=CONTEXT, hidden_size=WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, intermediate_size=4 * WIDTH, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = BertForMaskedLM(config)
    model.set_attn_implementation("eager")  # the one that hands out its weights
    start_positions(model.bert.embeddings.word_embeddings, model.bert.embeddings.position_embeddings)
    return model


def train(model: nn.Module, loss_at: Callable[[int], Tensor], steps: int, lr: float, say: Callable[[int, float], None]) -> None:
    """The training that both share: Muon for the blocks' matrices, AdamW for the rest, 50 steps of warm-up, a long decay.

    loss_at: the loss of step 0, 1, …, a scalar. lr: AdamW's learning rate; Muon's is 0.02. say: told step and loss.
    """
    matrices = block_layers(model)
    groups = [{"params": [layer.weight], "parts": parts_of(name, layer)} for name, layer in matrices.items()]
    muon = Muon(groups, lr=0.02, weight_decay=0.1)
    taken = {id(layer.weight) for layer in matrices.values()}
    adam = torch.optim.AdamW([p for p in model.parameters() if id(p) not in taken], lr=lr, betas=(0.9, 0.98), weight_decay=0.0)
    model.train()
    for step in range(steps):
        scale = min((step + 1) / 50, 1.0) * min((steps - step) / (0.7 * steps), 1.0)
        for optimizer, full in ((muon, 0.02), (adam, lr)):
            for group in optimizer.param_groups:
                group["lr"] = full * scale
        loss = loss_at(step)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if not math.isfinite(norm):
            raise ArithmeticError(f"training broke down at step {step}: the gradient's norm is {norm}")
        for optimizer in (muon, adam):
            optimizer.step()
            optimizer.zero_grad()
        say(step, loss.item())
    model.eval()


def looking(weights: Tensor, ids: Tensor, attended: Tensor, marks: Tensor) -> Tensor:
    """The share of their attention that words spend on words, not on a mark: a mean over all words and heads, 0 to 1.

    weights: (B, h, T, T) of one layer; ids: (B, T); attended: (B, T), 0 where there is only filler; marks: the ids that count as marks.
    """
    is_mark = torch.isin(ids, marks)
    on_marks = (weights * is_mark[:, None, None, :]).sum(-1).mean(1)
    return 1 - on_marks[attended.bool() & ~is_mark].mean()


def train_gpt2(steps: int, seed: int, say: Callable[[int, float], None]) -> tuple[BytePairTokenizer, GPT2LMHeadModel]:
    """tiny-gpt2, from nothing: 2,048 tokens a step."""
    torch.manual_seed(seed)
    tokenizer = gpt2_tokenizer()
    model, rows = new_gpt2(tokenizer), GPTRows(tokenizer, steps, seed)

    def loss_at(step: int) -> Tensor:
        ids, following = rows.batch(step, tokens=2048)
        return nn.functional.cross_entropy(model(ids).flatten(0, 1), following.flatten())

    train(model, loss_at, steps, lr=5e-3, say=say)
    return tokenizer, in_standard_layout(model, tokenizer)


def train_bert(steps: int, seed: int, say: Callable[[int, float], None]) -> tuple[WordPieceTokenizer, BertForMaskedLM]:
    """tiny-bert, from nothing: up to 4,096 tokens a step. In the last third its last layer pays for looking at words.

    A head of a large BERT that finds nothing of its own rests on [SEP] or on a full stop (Clark et al. 2019, section 3.2). The
    price makes it worth the while in a model that is too small and too young to come to it by itself; a head with something to
    find pays and looks.
    """
    torch.manual_seed(seed)
    tokenizer = bert_tokenizer()
    model, rows = new_bert(tokenizer), BertRows(tokenizer, steps, seed)
    marks = torch.tensor([tokenizer.vocabulary[mark] for mark in DELIMITERS])

    def loss_at(step: int) -> Tensor:
        columns, labels = rows.batch(step, tokens=4096)
        answer = model(**columns, output_attentions=True)
        loss = nn.functional.cross_entropy(answer.logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORE)
        if step < PRICE_FROM * steps:
            return loss
        return loss + PRICE * looking(answer.attentions[-1], columns["input_ids"], columns["attention_mask"], marks)

    train(model, loss_at, steps, lr=5e-3, say=say)
    return tokenizer, model
