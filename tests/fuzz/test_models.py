"""The models, what trains them and what looks into them, each with fifty inputs that nobody would want. All models are as small as they can be."""

from dataclasses import asdict

import numpy as np
import pytest
import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from shared import gpt, lora, modern, muon, patching, replay, rollout, tracing, training
from shared.pretrained import shipped_folder, trials
from shared.text.bpe import BytePairTokenizer
from shared.training import data, loop, optimizers, schedule, tales
from shared.transformer import Transformer, TransformerConfig
from tests.fuzz.harness import bad_ends, good

torch.manual_seed(0)
SIZES = dict(vocab_size=11, context=8, n_layers=1, n_heads=2, d_model=8)
GPT = gpt.GPT(gpt.GPTConfig(**SIZES)).eval()
MODERN = modern.ModernGPT(modern.ModernConfig(**SIZES)).eval()
PAIR = Transformer(TransformerConfig(7, 7, n_layers=1, n_heads=2, d_model=8, d_ff=8, dropout=0.0, pad_id=0)).eval()
THEIRS = GPT2LMHeadModel._from_config(
    GPT2Config(vocab_size=11, n_positions=8, n_embd=8, n_layer=1, n_head=2), attn_implementation="eager"
).eval()  # fmt: skip
TOKENIZER = BytePairTokenizer.load(shipped_folder("tiny-gpt2"))
WRITER = gpt.GPT(gpt.GPTConfig(TOKENIZER.vocab_size, 12, 1, 1, 8)).eval()
REPLAY = replay.write(WRITER, TOKENIZER, "a girl", replay.Settings(length=3))
IDS = torch.tensor([[1, 2, 3, 4]])
MAPS = torch.randn(2, 2, 4, 4).softmax(-1)
RECIPE = training.TrainingConfig(steps=2, batch=2, context=3, warmup=1, device="cpu")
WRITING = dict(ids=IDS, max_new_tokens=2, temperature=0.8, top_k=3, top_p=0.9, repetition_penalty=1.1, stop=5, seed=0, use_cache=True)


def with_lora() -> nn.Module:
    model = gpt.GPT(gpt.GPTConfig(**SIZES))
    lora.add_lora(model, 2)
    return model


def part(kind: str, **sizes) -> None:
    """A part of the model alone, on rows of the right width."""
    kinds = {"attention": gpt.CausalSelfAttention, "feed-forward": gpt.FeedForward, "block": gpt.Block}
    kinds[kind](gpt.GPTConfig(**sizes))(torch.randn(2, 3, sizes["d_model"]))


def stream(**arguments) -> list:
    """All of the tokens: the first one alone would leave the rest undone."""
    return list(GPT.stream(**arguments))


def tapped(**arguments) -> None:
    with patching.tapped(THEIRS, **arguments) as model:
        model(IDS)


def silenced(**arguments) -> None:
    with patching.tapped(THEIRS, patching.silence(**arguments)) as model:
        model(IDS)


def put_in(**arguments) -> None:
    with patching.tapped(THEIRS, {("resid_pre", 0): patching.put_in(**arguments)}) as model:
        model(IDS)


def muon_step(values: torch.Tensor, **arguments) -> None:
    parameter = nn.Parameter(values.clone())
    optimizer = muon.Muon([parameter], **arguments)
    parameter.grad = torch.ones_like(parameter)
    optimizer.step()


def windows(ids: torch.Tensor, context: int, count: int) -> list:
    source = data.Windows(ids, context)
    return [source.draw(count, np.random.default_rng(0)), *source.in_order(count), source.fingerprint()]


def tale_rows(told: list[str], count: int, done: float) -> list:
    rows = tales.TaleRows(told, TOKENIZER)
    return [rows.draw(count, np.random.default_rng(0), done), *rows.in_order(count), rows.fingerprint()]


def characters(text: str, other: str, ids: list[int]) -> list:
    known = data.Characters(text)
    return [known.encode(other), known.decode(ids)]


def measured(logits: torch.Tensor) -> torch.Tensor:
    return logits[0, -1, 5]


def branched(**arguments) -> str:
    return replay.branch(WRITER, TOKENIZER, **arguments)


CALLS = [
    good(gpt.GPTConfig, **SIZES),
    good(gpt.GPTConfig.named, name="gpt2"),
    *(good(part, ["kind"], kind=kind, **SIZES) for kind in ("attention", "feed-forward", "block")),
    good(trials.repeated, ["tokenizer"], tokenizer=TOKENIZER, words=4, times=2, rows=3, seed=0),
    good(
        gpt.next_token_probabilities, logits=torch.randn(2, 11), ids=torch.tensor([[1, 2], [3, 3]]), temperature=0.8, top_k=4, top_p=0.9,
        repetition_penalty=1.2,
    ),  # fmt: skip
    good(GPT.forward, ids=IDS),
    good(GPT.attentions, ids=IDS),
    good(GPT.generate, **WRITING),
    good(stream, **WRITING),
    good(MODERN.forward, ids=IDS),
    good(MODERN.attentions, ids=IDS),
    good(MODERN.generate, **WRITING),
    good(modern.ModernConfig, **SIZES, n_kv_heads=1, rotary_base=100.0, norm="rms", feed_forward="swiglu", bigram_rows=13),
    good(modern.plain_norm, x=torch.randn(2, 3, 4)),
    good(modern.rotary_turns, length=4, d_k=6, base=100.0),
    good(modern.rotate, x=torch.randn(2, 4, 6), turns=modern.rotary_turns(4, 6)),
    good(modern.share_heads, x=torch.randn(1, 2, 4, 3), n_heads=4),
    good(modern.smear, x=torch.randn(2, 4, 6), share=torch.tensor(0.5)),
    good(TransformerConfig, source_vocab_size=7, target_vocab_size=7, n_layers=1, n_heads=2, d_model=8, d_ff=8, dropout=0.1, pad_id=0),
    good(PAIR.forward, source=IDS, target=IDS[:, :3]),
    good(PAIR.attentions, source=IDS, target=IDS[:, :3]),
    good(PAIR.greedy, source=IDS, start_id=1, stop_id=2, max_new_tokens=3),
    good(lora.LoRALinear, layer=lambda: nn.Linear(4, 6), rank=2, alpha=4.0),
    good(lora.add_lora, model=lambda: gpt.GPT(gpt.GPTConfig(**SIZES)), rank=2, alpha=4.0, names=["qkv", "out"]),
    good(lora.lora_parameters, model=with_lora()),
    good(lora.merge_lora, model=lambda: with_lora()),
    good(muon.orthogonalize, matrix=torch.randn(4, 6), rounds=5),
    good(muon_step, values=torch.randn(6, 2), lr=0.02, momentum=0.95, weight_decay=0.1, parts=3, turned=False),
    good(patching.caught, ["model"], model=THEIRS, ids=IDS),
    good(patching.mean_outputs, ["model"], model=THEIRS, texts=[IDS, IDS[0, :2]]),
    good(patching.patching_grid, ["model", "measure"], model=THEIRS, clean=IDS[:, :2], corrupt=IDS[:, 1:3], measure=measured),
    good(patching.logit_lens, ["model"], model=THEIRS, ids=IDS),
    good(patching.next_token_loss, ["model"], model=THEIRS, ids=IDS, start=1),
    good(tapped, taps={("z", 0): torch.neg, ("mlp_out", 0): torch.neg}),
    good(silenced, heads=[(0, 1)], instead={0: torch.randn(2, 4)}),
    good(put_in, rows=torch.randn(1, 4, 8), position=2),
    good(replay.Settings, temperature=0.8, top_k=4, top_p=0.9, repetition_penalty=1.1, length=3, seed=1),
    good(
        replay.write, ["model", "tokenizer"], model=WRITER, tokenizer=TOKENIZER, prompt="a girl", show=4, fresh=True,
        settings=replay.Settings(0.8, 4, 0.9, 1.1, 3, 1),
    ),  # fmt: skip
    good(branched, replay=REPLAY, step=1, candidate=REPLAY.steps[1].candidates[0], length=3),
    good(replay.parting, first=REPLAY, second=REPLAY),
    good(replay.prompt_ids, ["model", "tokenizer"], model=WRITER, tokenizer=TOKENIZER, prompt="a girl", length=3, fresh=True),
    good(replay.spelled, ["tokenizer"], tokenizer=TOKENIZER, ids=[5, 6, 7]),
    good(rollout.layer_mix, heads=MAPS[0], residual=0.5),
    good(rollout.rollout, maps=MAPS, residual=0.5),
    good(tracing.trace, ["model"], model=GPT, ids=[1, 2, 3], tokens=["a", "b", "c"]),
    good(tracing.trace, ["model"], model=THEIRS, ids=IDS, tokens=["a", "b", "c", "d"]),
    good(tracing.trace, ["model"], model=PAIR, ids=([1, 2, 3], [4, 5]), tokens=(["a", "b", "c"], ["d", "e"])),
    good(tracing.short_name, function="gelu_new"),
    good(
        training.TrainingConfig, steps=2, batch=4, context=3, accumulate=2, optimizer="muon", lr=0.01, betas=(0.9, 0.95), decay=0.5,
        decay_shape="cosine", warmup=1, clip=1.0,
    ),  # fmt: skip
    good(RECIPE.differences, other=asdict(RECIPE)),
    good(schedule.rate, step=1, config=RECIPE),
    good(windows, ids=torch.arange(9), context=3, count=2),
    good(tale_rows, told=["Once there was a girl.", "A fox ran."], count=1, done=0.5),
    good(characters, text="banana", other="ban", ids=[0, 1, 2]),
    good(loop.choose_device, name="cpu"),
    good(loop.evaluate, ["model"], model=GPT, ids=torch.arange(9), context=3, batch=2),
    good(
        loop.train, ["show"], model=lambda: gpt.GPT(gpt.GPTConfig(**SIZES)), ids=torch.arange(9), config=RECIPE, validation=torch.arange(8),
        floor=1.0, look_at=[1], show=None,
    ),  # fmt: skip
    good(optimizers.make_optimizers, model=lambda: gpt.GPT(gpt.GPTConfig(**SIZES)), config=RECIPE),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_works_or_says_what_is_wrong(call):
    assert bad_ends(call) == []
