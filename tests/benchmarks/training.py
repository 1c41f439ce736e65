"""How fast the course's training learns: time to a loss, loss in a time, tokens per second, share of the machine's peak.

The yardstick is the CPU recipe that nanoGPT publishes (4 layers, 4 heads, 128 wide, context 64, batch 12, 2,000 steps of AdamW),
on a plain GPT-2; losses are those over the whole last tenth of Tiny Shakespeare, character by character.
TINY_SHAKESPEARE: the path of the text, else it is fetched once; SEEDS: how many seeds, 3 if it is not set.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from shared import gpt
from shared.gpt import GPT, GPTConfig
from shared.modern import ModernConfig, ModernGPT
from shared.text import tiny_shakespeare
from shared.training import Characters, TrainingConfig, Windows, evaluate, one_step
from shared.training.optimizers import make_optimizers
from shared.training.team import Team
from tests.benchmarks.table import Row, print_table

SIZES = dict(context=64, n_layers=4, n_heads=4, d_model=128)
TOKENS_PER_STEP = 12 * 64
PLAIN = TrainingConfig(
    steps=2000, batch=12, context=64, optimizer="adamw", lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, clip=1.0,
    warmup=100, decay=1.0, decay_shape="cosine", final=0.1,
)  # fmt: skip
MUON = TrainingConfig(steps=225, betas=(0.9, 0.99), weight_decay=0.0, pair_lr=0.02)
ADAMW = TrainingConfig(steps=440, optimizer="adamw", betas=(0.9, 0.99), weight_decay=0.0)
PARTS = 40  # pieces into which runs that are compared are cut, so that a busy minute hits all of them


class Contender:
    """One run that is measured while others take their turns. cpu: the CPU seconds of its training so far."""

    def __init__(self, model: nn.Module, config: TrainingConfig, text: Tensor):
        self.model, self.config, self.data = model.train(), config, Windows(text, config.context)
        self.optimizers, self.team, self.step, self.cpu = make_optimizers(model, config), Team(), 0, 0.0

    def go_to(self, share: float) -> None:
        """Train until this share of the run is done."""
        began = time.process_time()
        while self.step < round(share * self.config.steps):
            one_step(self.model, self.optimizers, self.data, self.config, self.step, self.team)
            self.step += 1
        self.cpu += time.process_time() - began


def plain(vocab_size: int) -> GPT:
    """GPT-2 at the yardstick's size."""
    return GPT(GPTConfig(vocab_size=vocab_size, **SIZES))


def modern(vocab_size: int) -> ModernGPT:
    """ModernGPT at the same size, with a vector for each pair of characters."""
    return ModernGPT(ModernConfig(vocab_size=vocab_size, bigram_rows=vocab_size**2, **SIZES))


def main() -> list[Row]:
    """Measure everything and return the rows."""
    torch.set_num_threads(1)
    return speed() + learning(int(os.environ.get("SEEDS", "3")))


# --- tokens per second ------------------------------------------------------------------------------------------------


def speed(rounds: int = 30) -> list[Row]:
    """Plain GPT against Hugging Face's GPT-2 with the same optimizer and clipping, and against the machine's peak."""
    torch.manual_seed(0)
    text = torch.randint(0, 65, (100_000,))
    ours, config = Contender(plain(65), PLAIN, text), PLAIN
    theirs, step_theirs = hugging_face(ours.data)
    left, right = torch.randn(1024, 1024), torch.randn(1024, 1024)

    def ours_step() -> None:
        one_step(ours.model, ours.optimizers, ours.data, config, 500, ours.team)

    turns = {
        "ours": ours_step,
        "torch's GELU": lambda: with_the_gelu_of_torch(ours_step),
        "theirs": step_theirs,
        "peak": lambda: left @ right,
    }
    seconds = {name: [] for name in turns}
    for turn in range(rounds + 1):
        for name, step in turns.items():
            began = time.process_time()
            for _ in range(4):
                step()
            if turn > 0:  # the first warms up
                seconds[name].append((time.process_time() - began) / 4)
    rates = [2 * 1024**3 / s for s in seconds["peak"]]
    work = TOKENS_PER_STEP * flops_per_token(ours.model)
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    faster = statistics.median(b / a for a, b in zip(seconds["ours"], seconds["theirs"]))
    bent = statistics.median(b / a for a, b in zip(seconds["ours"], seconds["torch's GELU"]))
    peak = statistics.median(rates)
    share = statistics.median(work / s / r for s, r in zip(seconds["ours"], rates))
    x, y = ours.data.draw(12, np.random.default_rng(0))
    mine = kept_for_backward(lambda: F.cross_entropy(ours.model(x).flatten(0, 1), y.flatten()))
    other = kept_for_backward(lambda: theirs(x, labels=x).loss)
    per_second = {name: f"{TOKENS_PER_STEP / middle[name]:,.0f} tokens/s" for name in ("ours", "torch's GELU", "theirs")}
    return [
        Row("training a plain GPT, against Hugging Face's", per_second["ours"], per_second["theirs"], faster, ">=1.25"),
        Row("the same, against itself with torch's own GELU", per_second["ours"], per_second["torch's GELU"], bent, ">=1.05"),
        Row("its share of the matrix-multiply peak", gigaflops(work / middle["ours"]), gigaflops(peak), share, ">=0.65"),
        Row("memory kept for a backward pass", f"{mine / 1e6:.1f} MB", f"{other / 1e6:.1f} MB", mine / other),
    ]


def with_the_gelu_of_torch(step: Callable[[], None]) -> None:
    """One step of the same model with `F.gelu` in place of the course's."""
    kept, gpt.gelu = gpt.gelu, lambda x: F.gelu(x, approximate="tanh")
    try:
        step()
    finally:
        gpt.gelu = kept


def gigaflops(rate: float) -> str:
    return f"{rate / 1e9:.0f} GFLOP/s"


def hugging_face(data: Windows) -> tuple[nn.Module, Callable[[], None]]:
    """Hugging Face's GPT-2 at the same size without dropout, and one step of it in a plain loop."""
    from transformers import GPT2Config, GPT2LMHeadModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    config = GPT2Config(
        vocab_size=65, n_positions=64, n_layer=4, n_head=4, n_embd=128, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = GPT2LMHeadModel(config).train()
    optimizer, rng = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), fused=True), np.random.default_rng(0)

    def step() -> None:
        ids, _ = data.draw(12, rng)
        loss = model(ids, labels=ids).loss
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        loss.item()

    return model, step


def flops_per_token(model: GPT) -> int:
    """Multiplications and additions in matrix products per token, forward and backward: 6 for each weight, and attention."""
    c = model.config
    weights = 12 * c.n_layers * c.d_model**2 + c.vocab_size * c.d_model
    return 6 * weights + 12 * c.n_layers * c.d_model * c.context


def kept_for_backward(forward: Callable[[], Tensor]) -> int:
    """Bytes that autograd keeps for the backward pass, each tensor counted once."""
    kept = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = forward()
    del loss
    return sum(kept.values())


# --- time to a loss ---------------------------------------------------------------------------------------------------


def learning(seeds: int) -> list[Row]:
    """The yardstick, our recipes with Muon and with AdamW, and our recipe with Muon given the yardstick's time."""
    text = tiny_shakespeare(os.environ.get("TINY_SHAKESPEARE"))
    tokenizer = Characters(text)
    ids = torch.tensor(tokenizer.encode(text))
    train, held_out = ids[: int(0.9 * len(ids))], ids[int(0.9 * len(ids)) :]
    results = [race(seed, train, held_out, tokenizer.vocab_size) for seed in range(seeds)]
    cpu = {name: statistics.mean(result[name][0] for result in results) for name in results[0]}
    loss = {name: statistics.mean(result[name][1] for result in results) for name in results[0]}

    def said(name: str) -> str:
        spread = "/".join(f"{result[name][1]:.3f}" for result in results)
        return f"{cpu[name]:.0f} s, loss {loss[name]:.3f}" + (f" ({spread})" if seeds > 1 else "")

    rows = []
    for name, wanted in (("Muon", "<=0.2"), ("AdamW", "<=0.25")):
        ratio, worst = cpu[name] / cpu["yardstick"], max(r[name][1] / r["yardstick"][1] for r in results)
        rows.append(Row(f"CPU time of {name} to the yardstick's loss", said(name), said("yardstick"), ratio, wanted))
        rows.append(Row("  worst seed's loss over the yardstick's", "", "", worst, "<=1.0"))
    rows.append(Row("loss given the yardstick's CPU time", said("equal time"), said("yardstick"), loss["equal time"], "<=1.70"))
    rows.append(Row("  share of that time it took", "", "", cpu["equal time"] / cpu["yardstick"], "<=1.0"))
    return rows


def race(seed: int, train: Tensor, held_out: Tensor, vocab_size: int) -> dict[str, tuple[float, float]]:
    """All runs of one seed, in turns: {name: (CPU seconds of training, loss over the whole held-out part)}."""
    torch.manual_seed(seed)
    length = steps_in_equal_time(train, vocab_size)
    runs = {
        "yardstick": Contender(plain(vocab_size), _seeded(PLAIN, seed), train),
        "Muon": Contender(modern(vocab_size), _seeded(MUON, seed), train),
        "AdamW": Contender(modern(vocab_size), _seeded(ADAMW, seed), train),
        "equal time": Contender(modern(vocab_size), _seeded(MUON, seed, steps=length), train),
    }
    for part in range(1, PARTS + 1):
        for run in runs.values():
            run.go_to(part / PARTS)
        print(f"  seed {seed}: {part / PARTS:.0%} of all runs", end="\r", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {name: (run.cpu, evaluate(run.model, held_out, 64)) for name, run in runs.items()}


def steps_in_equal_time(train: Tensor, vocab_size: int, rounds: int = 8) -> int:
    """How many steps of ModernGPT with Muon take as long as the yardstick's, less a little."""
    ours, theirs = Contender(modern(vocab_size), MUON, train), Contender(plain(vocab_size), PLAIN, train)
    for part in range(1, rounds + 1):
        ours.go_to(part * 4 / MUON.steps)
        theirs.go_to(part * 4 / PLAIN.steps)
    return int(0.97 * PLAIN.steps * theirs.cpu / ours.cpu)


def _seeded(config: TrainingConfig, seed: int, **changes) -> TrainingConfig:
    return TrainingConfig(**(vars(config) | {"seed": seed} | changes))


if __name__ == "__main__":
    print_table(main())
