"""How fast the course's GPT writes: tokens per CPU second of one thread, against Hugging Face's GPT-2 with the same weights.

4 layers, 4 heads, 128 wide, a vocabulary of 65, greedy, 1,024 new tokens after a prompt of 8. Each round measures ours with
cache, theirs with cache, and ours again; the median of the rounds' ratios counts. Without a cache the same is read over and
over: one round of it is enough. GENERATION_ROUNDS: how many rounds, 7 where it is not set.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable

import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from shared.gpt import GPT, GPTConfig
from tests.benchmarks.table import Row, print_table

NEW = 1024
PROMPT = 8
SIZES = GPTConfig(vocab_size=65, context=PROMPT + NEW, n_layers=4, n_heads=4, d_model=128)


def two_models() -> tuple[GPT, GPT2LMHeadModel]:
    """The course's GPT and Hugging Face's with the same random weights, large enough that the text does not stand still."""
    torch.manual_seed(0)
    ours = GPT(SIZES)
    with torch.no_grad():
        for parameter in ours.parameters():
            if parameter.ndim == 2:
                parameter.mul_(5)
    with tempfile.TemporaryDirectory() as folder:
        ours.save_pretrained(folder)
        theirs = GPT2LMHeadModel.from_pretrained(folder)
    return ours, theirs.eval()


def seconds(write: Callable[[], Tensor]) -> tuple[float, Tensor]:
    """CPU seconds that `write` takes, and what it wrote."""
    start = time.process_time()
    text = write()
    return time.process_time() - start, text


def main() -> list[Row]:
    """Measure; see the module's docstring."""
    torch.set_num_threads(1)
    ours, theirs = two_models()
    ids = torch.randint(SIZES.vocab_size, (1, PROMPT))
    choices = {"do_sample": False, "pad_token_id": 0, "attention_mask": torch.ones_like(ids)}

    def cached() -> Tensor:
        return ours.generate(ids, NEW, temperature=0)

    def their_cached() -> Tensor:
        return theirs.generate(ids, max_new_tokens=NEW, **choices)

    cached(), their_cached()  # warm
    mine, others, ratios = [], [], []
    for _ in range(int(os.environ.get("GENERATION_ROUNDS", "7"))):
        (a, text), (b, their_text), (c, _) = seconds(cached), seconds(their_cached), seconds(cached)
        if not torch.equal(text, their_text):
            raise AssertionError("the two models wrote different texts, so their times cannot be compared")
        mine += [a, c]
        others.append(b)
        ratios.append(b / ((a + c) / 2))
    slow, uncached_text = seconds(lambda: ours.generate(ids, NEW, temperature=0, use_cache=False))
    if not torch.equal(text, uncached_text):
        raise AssertionError("with and without cache the model wrote different texts")
    fast, sampled = statistics.median(mine), seconds(lambda: ours.generate(ids, NEW, temperature=0.8, top_k=40, seed=1))[0]
    shown = f"{NEW / fast:,.0f} tokens/s"
    return [
        Row(f"writing {NEW} tokens, with cache, against Hugging Face with cache", shown,
            f"{NEW / statistics.median(others):,.0f} tokens/s", statistics.median(ratios), ">=2"),
        Row(f"writing {NEW} tokens, with cache, against without", shown, f"{NEW / slow:,.0f} tokens/s", slow / fast),
        Row(f"writing {NEW} tokens, with cache, temperature 0.8 and top-k 40", f"{NEW / sampled:,.0f} tokens/s"),
    ]  # fmt: skip


if __name__ == "__main__":
    print_table(main())
