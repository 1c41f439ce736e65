"""Make the small models that ship with the course: `python -m shared.pretrained.make tiny-gpt2 tiny-bert`.

Not quite half an hour of one CPU core for tiny-gpt2, a quarter of an hour for tiny-bert. Trains as `recipes.py` says, puts the model through `trials.py`, and
writes weights, tokenizer, model card and checksums. Weights go to disk in half precision, which costs them nothing that
the trials can see; the configuration says float32, so whoever loads them computes in float32.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from transformers import BertForMaskedLM, GPT2LMHeadModel, PreTrainedModel

from shared import heads
from shared.pretrained import recipes, trials
from shared.pretrained.checkpoints import write_sums
from shared.pretrained.loading import SHIPPED
from shared.text.bpe import BytePairTokenizer
from shared.text.corpus import stories, vocabulary
from shared.text.wordpiece import WordPieceTokenizer

UNSEEN = 1_000_003  # the seed of stories that no training has used
STEPS = {"tiny-gpt2": 4000, "tiny-bert": 1200}


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m shared.pretrained.make", description="Make the course's small models.")
    parser.add_argument("names", nargs="+", choices=sorted(STEPS), help="which to make")
    parser.add_argument("--seed", type=int, default=0, help="of weights and text (default 0)")
    usual = ", ".join(f"{steps} for {name}" for name, steps in STEPS.items())
    parser.add_argument("--steps", type=int, help=f"training steps (default: {usual})")
    parser.add_argument("--into", type=Path, default=SHIPPED, help="folder for the folders (default: where the course looks)")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)  # the same sums in the same order, however many cores there are
    for name in asked.names:
        make(name, asked.into / name, asked.steps or STEPS[name], asked.seed)
    return 0


def make(name: str, folder: Path, steps: int, seed: int) -> None:
    """Train one model, write it into `folder`, measure what was written, and write the card."""
    begun = time.process_time()
    train = {"tiny-gpt2": recipes.train_gpt2, "tiny-bert": recipes.train_bert}[name]
    tokenizer, model = train(steps, seed, lambda step, loss: _say(name, steps, step, loss, begun))
    seconds = time.process_time() - begun
    save(model, tokenizer, folder)
    kind = {"tiny-gpt2": GPT2LMHeadModel, "tiny-bert": BertForMaskedLM}[name]
    model = kind.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32, local_files_only=True).eval()
    card = {"tiny-gpt2": gpt2_card, "tiny-bert": bert_card}[name](model, tokenizer, steps, seed, seconds)
    (folder / "README.md").write_text(card, encoding="utf-8", newline="\n")
    write_sums(folder)
    print(card)


def save(model: PreTrainedModel, tokenizer: BytePairTokenizer | WordPieceTokenizer, folder: Path) -> None:
    """Write a model in Hugging Face's layout, weights in half precision, with its tokenizer."""
    model.config.dtype = torch.float32
    halves = {name: tensor.half() for name, tensor in model.state_dict().items()}
    model.save_pretrained(folder, state_dict=halves)
    tokenizer.save(folder, model_max_length=recipes.CONTEXT)


# --- the cards --------------------------------------------------------------------------------------------------------


def gpt2_card(model: GPT2LMHeadModel, tokenizer: BytePairTokenizer, steps: int, seed: int, seconds: float) -> str:
    """What tiny-gpt2 is, how it was made and what it can do, measured now."""
    loss = trials.story_loss(model, tokenizer, stories(300, seed=UNSEEN))
    good, judged, whole = trials.sentences_accepted(texts := trials.write(model, tokenizer, 64, seed=0))
    short, short_induction, before = trials.copying(model, trials.repeated(tokenizer, 8, 3, 32, seed=1), 8)
    long, long_induction, _ = trials.copying(model, trials.repeated(tokenizer, 40, 2, 32, seed=2), 40)
    maps, tokens = attention_on(model, tokenizer, trials.CROSSING)
    link = heads.pronoun_to_name(maps, tokens, {"it": "animal"}, predicting=True)
    config = model.config
    return f"""---
license: mit
language: en
tags: [education, gpt2, tiny-tales]
---

# tiny-gpt2

A GPT-2 of {model.num_parameters():,} parameters in the standard layout: {_shape(config.n_layer, config.n_head, config.n_embd)},
context {config.n_positions}, tied head. It has read tiny tales and rows of repeated words, nothing else; it knows no world
but theirs.

## Data

Tiny tales, drawn afresh for every step from the grammar in `shared/text/tales.py` ({len(vocabulary())} different words and
marks), and rows of random words said again and again (`shared/text/echoes.py`): half of the rows at first, a fifth later. No real
text, no real people. The tokenizer is a byte-level BPE of {tokenizer.vocab_size:,} tokens in which every word of the tales is one
token; any other text falls into smaller pieces.

## Recipe

`python -m shared.pretrained.make tiny-gpt2 --seed {seed} --steps {steps}`: {steps:,} steps of 2,048 tokens, {steps * 2048 / 1e6:.1f} million in all,
in rows that grow from 32 to {recipes.CONTEXT} tokens; Muon (0.02) on the blocks' matrices, AdamW (0.005) on the rest, 50 steps of warm-up,
linear decay over the last 70 %, one thread, {seconds / 60:.0f} minutes of CPU. Positions start as sines and cosines and are learned from there.

## What it can do

| measure | value |
|---|---|
| loss on 300 unseen tales, nats per token | {loss.model:.4f} |
| the exact surprise of the same tales | {loss.grammar:.4f} |
| the floor: the exact entropy of the grammar | {loss.floor:.4f} |
| loss above the floor | {100 * loss.gap / loss.floor:.2f} % (standard error {100 * loss.error / loss.floor:.2f} %) |
| sentences it writes that the grammar accepts | {good} of {judged} ({100 * good / judged:.1f} %) |
| whole tales it writes that the grammar accepts | {whole} of {len(texts)} |
| words foretold in the second round, 8 random words said three times | {100 * short:.1f} % |
| words foretold in the second round, 40 random words said twice | {100 * long:.1f} % |

## Heads found

Layers and heads count from 0. Scores as `shared/heads.py` defines them.

| head | where | score |
|---|---|---|
| previous token, on repeated words | {_place(before)} |
| induction, on 8 words said three times | {_place(short_induction)} |
| induction, on 40 words said twice | {_place(long_induction)} |
| pronoun to its noun ("because" to "animal", before "it") | {_place(link)} |
"""


def bert_card(model: BertForMaskedLM, tokenizer: WordPieceTokenizer, steps: int, seed: int, seconds: float) -> str:
    """What tiny-bert is, how it was made and what it can do, measured now."""
    blanks = trials.fill_blanks(model, tokenizer, stories(60, seed=UNSEEN), seed=0)
    found = trials.bert_heads(model, tokenizer, stories(20, seed=UNSEEN + 1))
    rows = "\n".join(f"| {what} | {_place(scores)} |" for what, scores in found.items())
    config = model.config
    shape = _shape(config.num_hidden_layers, config.num_attention_heads, config.hidden_size)
    return f"""---
license: mit
language: en
tags: [education, bert, tiny-tales]
---

# tiny-bert

A BERT of {model.num_parameters():,} parameters in the standard layout: {shape},
{config.max_position_embeddings} positions, two segments. It fills blanks in tiny tales; it knows no world but theirs.

## Data

Tiny tales, drawn afresh for every step from the grammar in `shared/text/tales.py` ({len(vocabulary())} different words and
marks), whole or in two segments, and pairs of segments that say the same one to four sentences with the same odd words. No real text, no real people.
The tokenizer is a lower-case WordPiece of {tokenizer.vocab_size:,} pieces in which every word of the tales is whole.

## Recipe

`python -m shared.pretrained.make tiny-bert --seed {seed} --steps {steps}`: {steps:,} steps of up to 4,096 tokens; 30 % of the words
chosen, of these 80 % behind [MASK], 10 % replaced, 10 % left; Muon (0.02) on the blocks' matrices, AdamW (0.005) on the rest, 50 steps of warm-up, linear decay
over the last 70 %, one thread, {seconds / 60:.0f} minutes of CPU. From step {round(recipes.PRICE_FROM * steps):,} on the heads of the last layer pay {recipes.PRICE:.2f} nats for
looking at a word and nothing for resting on a full stop or [SEP]: heads of a large BERT come to that by themselves, this one is too small.

## What it can do

On {blanks.asked:,} hidden words (15 %) of 60 unseen tales:

| measure | value |
|---|---|
| words found | {100 * blanks.model:.1f} % |
| words found by the best guesser there can be, who knows the grammar | {100 * blanks.best:.1f} % |
| what that guesser may expect (exact chances) | {100 * blanks.ceiling:.1f} % |

## Heads found

Layers and heads count from 0. Scores as `shared/heads.py` defines them, on 20 unseen tales.

| head | where | score |
|---|---|---|
{rows}
"""


def attention_on(model: PreTrainedModel, tokenizer: BytePairTokenizer, text: str) -> tuple[torch.Tensor, list[str]]:
    """Attention of a model on one text, (layers, heads, T, T), and the tokens without their spaces."""
    with torch.no_grad():
        answer = model(torch.tensor([tokenizer.encode(text)]), output_attentions=True)
    return heads.as_weights(answer.attentions), [token.strip() for token in tokenizer.tokens(text)]


def _shape(layers: int, n_heads: int, width: int) -> str:
    return f"{layers} layers of {n_heads} heads, {width} wide"


def _place(scores: torch.Tensor) -> str:
    layer, head, score = heads.strongest(scores)
    return f"layer {layer}, head {head} | {score:.2f}"


def _say(name: str, steps: int, step: int, loss: float, begun: float) -> None:
    if step % 50 and step != steps - 1:
        return
    spent = time.process_time() - begun
    left = spent / (step + 1) * (steps - step - 1)
    end = "\n" if step == steps - 1 or not sys.stderr.isatty() else "\r"
    text = f"{name}: step {step + 1:,} of {steps:,}, loss {loss:.3f}, about {left / 60:.0f} minutes of CPU left"
    print(text, end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
