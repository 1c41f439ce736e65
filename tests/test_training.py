"""`shared.training`: does it learn what can be learned, and no more; does a run survive whatever happens to it?"""

import io
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from shared.gpt import GPT, GPTConfig
from shared.modern import ModernConfig, ModernGPT
from shared.training import (
    Characters,
    CheckpointError,
    Line,
    Show,
    TrainingConfig,
    TrainingRun,
    Windows,
    checkpoint,
    choose_device,
    evaluate,
    live,
    load_weights,
    rate,
    save_ids,
    train,
)
from shared.training.__main__ import main
from shared.training.optimizers import make_optimizers
from shared.training.team import Team

ROOT = Path(__file__).resolve().parents[1]
VOCABULARY, CONTEXT = 5, 8
TEXT = torch.from_numpy(np.random.default_rng(0).integers(0, VOCABULARY, 400))


class WithDropout(nn.Module):
    """The smallest model with blocks, chance and a table that is used twice."""

    def __init__(self, vocab_size: int = VOCABULARY, width: int = 12):
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, width)
        up, down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.blocks = nn.ModuleList([nn.Sequential(up, nn.ReLU(), nn.Dropout(0.3), down)])
        self.head = nn.Linear(width, vocab_size, bias=False)
        self.head.weight = self.tokens.weight
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, ids: Tensor) -> Tensor:
        if self.training:
            self.calls += 1
        x = self.tokens(ids)
        return self.head(x + self.blocks[0](x))


def small(kind: str = "gpt", seed: int = 0, vocab_size: int = VOCABULARY) -> nn.Module:
    torch.manual_seed(seed)
    if kind == "dropout":
        return WithDropout(vocab_size)
    sizes = dict(vocab_size=vocab_size, context=CONTEXT, n_layers=2, n_heads=2, d_model=16)
    return GPT(GPTConfig(**sizes)) if kind == "gpt" else ModernGPT(ModernConfig(**sizes, bigram_rows=vocab_size**2))


def recipe(**changes) -> TrainingConfig:
    usual = {"steps": 12, "batch": 6, "context": CONTEXT, "warmup": min(3, changes.get("steps", 3)), "checkpoint_every": 4}
    return TrainingConfig(**(usual | changes))


def bits(model: nn.Module) -> dict[str, bytes]:
    return {name: tensor.detach().numpy().tobytes() for name, tensor in model.state_dict().items()}


class At(Show):
    """Does something after a given step, as the world outside might."""

    def __init__(self, step: int, what):
        self.step, self.what = step, what

    def update(self, run: TrainingRun) -> None:
        if run.step == self.step:
            self.what()


class PowerCut(BaseException):
    """Nothing catches it, nothing cleans up after it."""


def cut() -> None:
    raise PowerCut


# --- data -------------------------------------------------------------------------------------------------------------


@given(length=st.integers(2, 60), context=st.integers(1, 20), count=st.integers(1, 9), seed=st.integers(0, 99))
def test_windows_show_what_comes_next(length, context, count, seed):
    if length < context + 1:
        with pytest.raises(ValueError, match=f"needs {context + 1}"):
            Windows(list(range(length)), context)
        return
    data = Windows(torch.arange(length), context)
    inputs, targets = data.draw(count, np.random.default_rng(seed))
    assert inputs.shape == targets.shape == (count, context) and inputs.dtype == targets.dtype == torch.int64
    assert torch.equal(inputs + 1, targets)
    assert torch.equal(inputs, inputs[:, :1] + torch.arange(context))
    # every token but the first is a target once, and its input is the one before it
    parts = list(data.in_order(count))
    assert torch.cat([y.flatten() for _, y in parts]).tolist() == list(range(1, length))
    assert all(torch.equal(x + 1, y) for x, y in parts)


def test_every_window_is_drawn_and_none_reaches_beyond_the_text():
    data = Windows(torch.arange(12), 4)
    starts = {int(x[0]) for step in range(200) for x in data.draw(3, np.random.default_rng([0, step]))[0]}
    assert starts == set(range(8))


def test_a_file_on_the_disk_is_the_same_text(tmp_path):
    path = save_ids(TEXT, tmp_path / "deep" / "text.bin")
    on_disk, in_memory = Windows(path, CONTEXT), Windows(TEXT, CONTEXT)
    assert isinstance(on_disk.ids, np.memmap) and path.stat().st_size == 2 * len(TEXT)
    for theirs, ours in zip(on_disk.draw(5, np.random.default_rng(1)), in_memory.draw(5, np.random.default_rng(1))):
        assert torch.equal(theirs, ours)
    assert on_disk.fingerprint() == in_memory.fingerprint() == Windows(TEXT.tolist(), 3).fingerprint()
    results = []
    for ids in (TEXT, str(path)):
        model = small()
        results.append((train(model, ids, recipe(steps=3)).losses, bits(model)))
    assert results[0] == results[1]


def test_fingerprints_tell_texts_apart():
    other = TEXT.clone()
    other[-1] = (other[-1] + 1) % VOCABULARY
    texts = [TEXT, other, TEXT[:-1], TEXT.flip(0)]
    assert len({Windows(text, CONTEXT).fingerprint() for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("ids", "error", "says"),
    [
        ([], ValueError, "no tokens"),
        (np.empty(0, np.int64), ValueError, "no tokens"),
        ([1, 2, 3], ValueError, "3 tokens.*context=8 needs 9"),
        ([0.5] * 20, TypeError, "whole numbers.*float64"),
        (torch.zeros(2, 20, dtype=torch.int64), TypeError, r"one row.*\(2, 20\)"),
        ([True] * 20, TypeError, "bool"),
        (["a"] * 20, TypeError, "whole numbers"),
        ([0] * 19 + [-1], ValueError, "negative, got -1"),
        ("nowhere.bin", FileNotFoundError, "nowhere.bin"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_in_words(ids, error, says):
    with pytest.raises(error, match=says):
        Windows(ids, CONTEXT)
    with pytest.raises(error, match="validation.*" + says if error is not FileNotFoundError else says):
        train(small(), TEXT, recipe(), validation=ids)


def test_files_that_are_no_ids(tmp_path):
    (tmp_path / "odd.bin").write_bytes(b"abc")
    (tmp_path / "empty.bin").write_bytes(b"")
    with pytest.raises(ValueError, match="3 bytes, an odd number"):
        Windows(tmp_path / "odd.bin", 1)
    with pytest.raises(ValueError, match="no tokens"):
        Windows(tmp_path / "empty.bin", 1)
    with pytest.raises(ValueError, match="65,535.*70,000"):
        save_ids([70_000], tmp_path / "large.bin")


@given(st.text(min_size=1))
def test_characters_come_back(text):
    tokenizer = Characters(text)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == tokenizer.decode(torch.tensor(ids)) == text
    assert set(ids) == set(range(tokenizer.vocab_size)) and tokenizer.vocab_size == len(set(text))


def test_characters_keep_their_order_refuse_strangers_and_survive_a_file(tmp_path):
    tokenizer = Characters("banana\n")
    assert tokenizer.encode("\nabn") == [0, 1, 2, 3]
    assert Characters.load(tokenizer.save(tmp_path / "letters.json")).letters == "\nabn"
    with pytest.raises(ValueError, match="'q'"):
        tokenizer.encode("quick")
    with pytest.raises(ValueError, match="between 0 and 3, got -1"):
        tokenizer.decode([-1])
    with pytest.raises(ValueError, match="empty"):
        Characters("")
    with pytest.raises(TypeError, match="bytes"):
        Characters(b"abc")


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (dict(steps=10, warmup=4, decay=0.5), [0.25, 0.5, 0.75, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]),
        (dict(steps=4, warmup=0, decay=1.0, final=0.2), [1, 0.8, 0.6, 0.4]),
        (dict(steps=3, warmup=0, decay=0.0), [1, 1, 1]),
        (dict(steps=6, warmup=2, decay=1.0, decay_shape="cosine"), [0.5, 1, 1, 0.853553, 0.5, 0.146447]),
        (dict(steps=2, warmup=2), [0.5, 1]),
    ],
)
def test_schedule_by_hand(changes, expected):
    config = recipe(**changes)
    assert [rate(step, config) for step in range(config.steps)] == pytest.approx(expected, abs=1e-6)
    for outside in (-1, config.steps):
        with pytest.raises(ValueError, match="step must lie between"):
            rate(outside, config)


@given(st.integers(1, 300), st.integers(0, 50), st.floats(0, 1), st.floats(0, 1), st.sampled_from(["linear", "cosine"]))
def test_schedule_rises_stays_and_falls(steps, warmup, decay, final, shape):
    config = recipe(steps=steps, warmup=min(warmup, steps), decay=decay, final=final, decay_shape=shape)
    rates = [rate(step, config) for step in range(steps)]
    top = max(rates.index(max(rates)), config.warmup)
    assert rates[:top] == sorted(rates[:top]) and rates[top:] == sorted(rates[top:], reverse=True)
    assert all(0 < r <= 1 for r in rates) and max(rates) == 1
    assert all(r >= final - 1e-12 for r in rates[config.warmup :])


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        (dict(steps=0, warmup=0), ValueError, "steps must be at least 1, got 0"),
        (dict(steps=2.0, warmup=1), TypeError, "steps must be a whole number, got 2.0"),
        (dict(batch=True), TypeError, "batch must be a whole number, got True"),
        (dict(seed=-1), ValueError, "seed"),
        (dict(lr=0), ValueError, "lr must be above 0, got 0"),
        (dict(lr=float("nan")), ValueError, "lr must be above 0, got nan"),
        (dict(muon_lr="fast"), TypeError, "muon_lr must be a number, got 'fast'"),
        (dict(decay=1.5), ValueError, "decay must be between 0 and 1, got 1.5"),
        (dict(betas=(0.9, 2.0)), ValueError, r"betas\[1\]"),
        (dict(betas=(0.9,)), ValueError, "two numbers"),
        (dict(clip=-1.0), ValueError, "clip"),
        (dict(optimizer="sgd"), ValueError, "muon, adamw; got 'sgd'"),
        (dict(device="tpu"), ValueError, "device"),
        (dict(warmup=13), ValueError, "warmup=13.*steps=12"),
        (dict(accumulate=4), ValueError, "batch=6.*accumulate=4"),
    ],
)
def test_settings_that_cannot_be(changes, error, says):
    with pytest.raises(error, match=says):
        recipe(**changes)


@pytest.mark.parametrize("kind", ["gpt", "modern", "dropout"])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_every_weight_has_one_optimizer_and_muon_gets_the_matrices_inside(kind, optimizer):
    model = small(kind)
    groups = [(type(o).__name__, group) for o in make_optimizers(model, recipe(optimizer=optimizer)) for group in o.param_groups]
    found = [(by, group, p) for by, group in groups for p in group["params"]]
    assert sorted(id(p) for _, _, p in found) == sorted(id(p) for p in model.parameters())
    names = {id(p): name for name, p in model.named_parameters()}
    for by, group, p in found:
        inside = names[id(p)].startswith("blocks.") and p.ndim == 2
        assert by == ("Muon" if inside and optimizer == "muon" else "AdamW"), names[id(p)]
        pairs = names[id(p)] == "bigrams.table.weight"
        assert group["weight_decay"] == (0.1 if p.ndim == 2 and not pairs else 0.0)
        assert group["peak"] == (0.03 if by == "Muon" else 0.04 if pairs else 8e-3)
        if by == "Muon":
            assert group["parts"] == ((16, 16, 16) if "qkv" in names[id(p)] else (len(p),))


def test_shared_key_heads_are_cut_where_they_lie():
    model = ModernGPT(ModernConfig(vocab_size=5, context=8, n_layers=1, n_heads=4, d_model=16, n_kv_heads=1))
    parts = [group["parts"] for group in make_optimizers(model, recipe())[1].param_groups]
    assert (16, 4, 4) in parts


def test_muon_without_blocks_is_an_error_and_so_is_a_frozen_model():
    with pytest.raises(ValueError, match="adamw"):
        train(nn.Sequential(nn.Embedding(5, 5)), TEXT, recipe())
    with pytest.raises(ValueError, match="no parameters that learn"):
        train(small().requires_grad_(False), TEXT, recipe())


# --- what is learned --------------------------------------------------------------------------------------------------


def chain(length: int, seed: int) -> tuple[Tensor, np.ndarray]:
    """A text in which each token depends on the one before it, and the exact -log p of every token after the first."""
    rng = np.random.default_rng(seed)
    moves = np.array([[0.7, 0.2, 0.1, 0.0], [0.1, 0.1, 0.1, 0.7], [0.0, 0.5, 0.5, 0.0], [0.9, 0.0, 0.05, 0.05]])
    ids = [0]
    for chance in rng.random(length - 1):
        ids.append(int(np.searchsorted(np.cumsum(moves[ids[-1]]), chance, side="right")))
    return torch.tensor(ids), -np.log(moves[ids[:-1], ids[1:]])


@pytest.mark.parametrize(("kind", "changes"), [("modern", {}), ("gpt", dict(optimizer="adamw"))])
def test_the_loss_approaches_the_entropy_and_does_not_go_below(kind, changes):
    text, _ = chain(20_000, seed=1)
    held_out, costs = chain(6_000, seed=2)
    model = small(kind, vocab_size=4)
    run = train(model, text, recipe(steps=150, batch=32, warmup=10, evaluate_every=50, **changes), validation=held_out)
    floor = costs.mean()  # of this very text: no model that knows only the source can do better, but for chance
    losses = [loss for _, loss in run.evaluations]
    assert [step for step, _ in run.evaluations] == [0, 50, 100, 150]
    assert losses[0] > 1.3 and losses == sorted(losses, reverse=True)
    assert floor - 0.002 < losses[-1] < 1.02 * floor, (floor, losses)
    assert len(run.losses) == 150 and np.mean(run.losses[-20:]) == pytest.approx(floor, rel=0.05)


@pytest.mark.parametrize("kind", ["gpt", "dropout"])
@given(length=st.integers(CONTEXT + 1, 70), batch=st.integers(1, 9))
@settings(max_examples=15)
def test_evaluation_equals_a_loop_over_every_position(kind, length, batch):
    model, ids = small(kind), TEXT[:length]
    losses = []
    model.eval()
    for position in range(1, length):
        start = (position - 1) // CONTEXT * CONTEXT  # where the window began that has this target
        logits = model(ids[None, start:position])[0, -1].detach().double()
        losses.append(-torch.log_softmax(logits, -1)[ids[position]].item())
    model.train()
    assert evaluate(model, ids, CONTEXT, batch) == pytest.approx(np.mean(losses), abs=1e-6)
    assert model.training


@pytest.mark.parametrize("accumulate", [2, 3, 6])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_accumulation_equals_the_big_batch(accumulate, optimizer):
    runs, models = [], []
    for passes in (1, accumulate):
        models.append(small())
        runs.append(train(models[-1], TEXT, recipe(accumulate=passes, optimizer=optimizer)))
    assert runs[0].losses == pytest.approx(runs[1].losses, abs=1e-5)
    for p, q in zip(*(model.parameters() for model in models)):
        torch.testing.assert_close(p, q, rtol=0, atol=2e-4)


class Gaps:
    """A source of one's own, in which some targets are not to be predicted, more in some rows than in others."""

    def draw(self, count: int, rng: np.random.Generator, done: float = 1.0) -> tuple[Tensor, Tensor]:
        inputs = torch.from_numpy(rng.integers(0, VOCABULARY, (count, CONTEXT)))
        targets = (inputs + 1) % VOCABULARY
        targets[torch.arange(count)[:, None] > torch.arange(CONTEXT)] = -100
        return inputs, targets

    def in_order(self, count: int):
        yield self.draw(count, np.random.default_rng(0))


def test_a_source_of_ones_own_with_gaps():
    model, other = small(), small()
    run = train(model, Gaps(), recipe(steps=60, lr=0.02), validation=Gaps())
    assert run.evaluations[-1][1] < 0.1 < run.losses[0]
    first = Gaps().draw(6, np.random.default_rng([0, 0]))
    # the mean is over what is predicted, however unevenly the passes share it
    thirds = train(other, Gaps(), recipe(steps=60, lr=0.02, accumulate=3), validation=Gaps())
    assert thirds.losses[:20] == pytest.approx(run.losses[:20], abs=1e-4)
    assert (first[1] == -100).any()


def test_the_loss_is_that_of_the_batch_before_the_step():
    model, untouched = small(), small()
    run = train(model, TEXT, recipe(steps=1))
    rng = np.random.default_rng([0, 0])
    rng.integers(2**62)  # the seed of that step's dropout
    inputs, targets = Windows(TEXT, CONTEXT).draw(6, rng)
    assert run.losses[0] == pytest.approx(F.cross_entropy(untouched(inputs).flatten(0, 1), targets.flatten()).item(), abs=1e-6)


def test_one_step_of_adamw_by_hand():
    model, ours = small(), small()
    config = recipe(steps=1, optimizer="adamw", warmup=0, decay=0.0, clip=0.05, lr=0.01)
    rng = np.random.default_rng([0, 0])
    rng.integers(2**62)
    inputs, targets = Windows(TEXT, CONTEXT).draw(6, rng)
    F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten()).backward()
    length = math.sqrt(sum(p.grad.square().sum().item() for p in model.parameters()))
    assert length > 0.05
    train(ours, TEXT, config)
    for p, q in zip(model.parameters(), ours.parameters()):
        gradient = p.grad * 0.05 / (length + 1e-6)
        decay = 0.1 if p.ndim == 2 else 0.0
        # the first step of Adam is the gradient over its own size
        by_hand = p.detach() * (1 - 0.01 * decay) - 0.01 * gradient / (gradient.abs() + 1e-8)
        torch.testing.assert_close(q.detach(), by_hand, rtol=0, atol=3e-5)


def test_seeds_decide_and_the_users_own_chance_is_left_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    results = []
    for seed in (0, 0, 1):
        model = small("dropout")
        torch.manual_seed(7)
        train(model, TEXT, recipe(seed=seed))
        assert torch.equal(torch.rand(3), expected)
        results.append(bits(model))
    assert results[0] == results[1] != results[2]


def test_bfloat16_learns_the_same_to_its_precision():
    runs = [train(small(), TEXT, recipe(precision=precision)) for precision in ("float32", "bfloat16")]
    assert runs[0].losses != runs[1].losses
    assert runs[0].losses == pytest.approx(runs[1].losses, rel=0.01)


def test_looks_and_samples_are_kept_when_they_are_due(tmp_path):
    model = small()
    ids = TEXT[None, :CONTEXT]

    def look(m: nn.Module) -> Tensor:
        assert not m.training and not torch.is_grad_enabled()
        return torch.stack(m.attentions(ids))[:, 0]

    looks = dict(sample=lambda m: "x" * 3, look=look, look_at=[0, 5, 12, 99])
    run = train(model, TEXT, recipe(evaluate_every=6), validation=TEXT[:50], folder=tmp_path, **looks)
    assert [step for step, _ in run.snapshots] == [0, 5, 12]
    assert all(picture.shape == (2, 2, CONTEXT, CONTEXT) for _, picture in run.snapshots)
    np.testing.assert_array_equal(run.snapshots[2][1], torch.stack(model.attentions(ids))[:, 0])
    assert not np.allclose(run.snapshots[0][1], run.snapshots[1][1])
    assert run.samples == [(0, "xxx"), (6, "xxx"), (12, "xxx")] and [step for step, _ in run.evaluations] == [0, 6, 12]
    again = train(small(seed=5), TEXT, recipe(evaluate_every=6), validation=TEXT[:50], folder=tmp_path, resume=True)
    assert again.samples == run.samples and again.evaluations == run.evaluations and again.losses == run.losses
    for (step, ours), (other, theirs) in zip(run.snapshots, again.snapshots):
        assert step == other and np.array_equal(ours, theirs)


# --- a run survives ---------------------------------------------------------------------------------------------------


def unbroken(kind: str, config: TrainingConfig) -> tuple[TrainingRun, dict[str, bytes]]:
    model = small(kind)
    return train(model, TEXT, config, validation=TEXT[:100]), bits(model)


def go_on(kind: str, config: TrainingConfig, folder: Path, **settings) -> tuple[TrainingRun, dict[str, bytes]]:
    """Go on as a new process would: with a model that has never been trained, of another chance."""
    model = small(kind, seed=99 if checkpoint.exists(folder) else 0)
    return train(model, TEXT, config, validation=TEXT[:100], folder=folder, resume=True, **settings), bits(model)


@pytest.mark.parametrize("kind", ["gpt", "modern", "dropout"])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_run_that_is_cut_off_anywhere_ends_with_the_same_bits(kind, optimizer, tmp_path):
    config = recipe(optimizer=optimizer, evaluate_every=5)
    run, weights = unbroken(kind, config)
    for step in np.random.default_rng(0).permutation(np.arange(1, 13))[:3]:
        folder = tmp_path / str(step)
        with pytest.raises(PowerCut):
            go_on(kind, config, folder, show=At(int(step), cut))
        assert checkpoint.load(folder)[1]["step"] == (step - 1) // 4 * 4
        again, same = go_on(kind, config, folder)
        assert same == weights, f"cut off after step {step}"
        assert (again.losses, again.evaluations) == (run.losses, run.evaluations)
    model = small(kind, seed=5)
    load_weights(model, tmp_path / str(step))
    assert bits(model) == weights


WRITING = ["save_file", "_to_the_disk", "replace", "_to_the_disk again"]


@pytest.mark.parametrize("where", WRITING)
def test_a_power_cut_while_a_checkpoint_is_written(where, tmp_path, monkeypatch):
    config = recipe()
    _, weights = unbroken("gpt", config)
    calls = {"_to_the_disk": 0}
    save_file, to_the_disk = checkpoint.save_file, checkpoint._to_the_disk

    def half(tensors, path, metadata):
        save_file(tensors, path, metadata)
        path.write_bytes(path.read_bytes()[:1000])
        cut()

    def fail_on_sync(path):
        calls["_to_the_disk"] += 1
        to_the_disk(path) if calls["_to_the_disk"] < (1 if where == "_to_the_disk" else 2) else cut()

    def armed() -> None:
        if where == "save_file":
            monkeypatch.setattr(checkpoint, "save_file", half)
        elif where == "replace":
            monkeypatch.setattr(checkpoint.os, "replace", lambda *_: cut())
        else:
            monkeypatch.setattr(checkpoint, "_to_the_disk", fail_on_sync)

    with pytest.raises(PowerCut):
        go_on("gpt", config, tmp_path, show=At(8, armed))
    monkeypatch.undo()
    # the last file sync comes after the rename: then the new one is there, else the old one
    assert checkpoint.load(tmp_path)[1]["step"] == (8 if where == "_to_the_disk again" else 4)
    assert go_on("gpt", config, tmp_path)[1] == weights
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.NAME]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_process_killed_at_random_again_and_again(tmp_path):
    # a process of its own forks the victims, so that torch is imported once and pytest never forks
    code = f"""
import os, random, signal, sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(Path(__file__).parent)!r}]
from pathlib import Path
from test_training import TEXT, bits, checkpoint, recipe, small, train

config, folder = recipe(steps=40, checkpoint_every=1), Path(sys.argv[1])
chance, steps = random.Random(0), []

def written():
    return (folder / checkpoint.NAME).stat().st_mtime_ns if checkpoint.exists(folder) else 0

while not steps or steps[-1] < 30:
    child = os.fork()
    if child == 0:
        train(small(seed=99 if checkpoint.exists(folder) else 0), TEXT, config, folder=folder, resume=True)
        os._exit(0)
    for _ in range(chance.randint(1, 5)):  # let it write some checkpoints, and strike while it trains or writes the next
        before = written()
        while written() == before:
            time.sleep(0.0005)
    time.sleep(chance.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    steps.append(checkpoint.load(folder)[1]["step"])
model, whole = small(seed=99), small()
train(model, TEXT, config, folder=folder, resume=True)
train(whole, TEXT, config)
assert bits(model) == bits(whole)
print(*steps)
"""
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=500)
    assert told.returncode == 0, told.stderr[-3000:]
    steps = [int(step) for step in told.stdout.split()]
    assert len(steps) >= 5 and steps == sorted(steps) and steps[-1] >= 30, steps


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_full_disk_is_said_and_harms_nothing(tmp_path):
    import resource

    config = recipe()
    _, weights = unbroken("gpt", config)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # files may not grow beyond 4 kB: a real write fails, as on a full disk
    full = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(CheckpointError, match="could not write.*(too large|27).*The checkpoint before it is unharmed"):
            go_on("gpt", config, tmp_path, show=At(6, full))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert checkpoint.load(tmp_path)[1]["step"] == 4
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.NAME]
    assert go_on("gpt", config, tmp_path)[1] == weights


def test_a_folder_that_cannot_be_written_is_found_out_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("in the way")
    steps = []
    with pytest.raises(CheckpointError, match="There is no earlier one"):
        train(small(), TEXT, recipe(), folder=tmp_path / "file", show=At(1, lambda: steps.append(1)))
    assert steps == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_loses_nothing(number, tmp_path):
    config = recipe(evaluate_every=5)
    run, weights = unbroken("gpt", config)
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    stopped, _ = go_on("gpt", config, tmp_path, show=At(5, lambda: signal.raise_signal(number)))
    assert stopped.interrupted and stopped.step == 5 and len(stopped.losses) == 5
    assert checkpoint.load(tmp_path)[1]["step"] == 5
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
    again, same = go_on("gpt", config, tmp_path)
    assert same == weights and not again.interrupted
    assert (again.losses, again.evaluations) == (run.losses, run.evaluations)


def test_an_interrupt_without_a_folder_hands_back_what_there_is():
    run = train(small(), TEXT, recipe(), show=At(7, lambda: signal.raise_signal(signal.SIGINT)))
    assert run.interrupted and run.step == 7 and "interrupted" in repr(run)


def test_a_second_interrupt_breaks_off(tmp_path):
    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        go_on("gpt", recipe(), tmp_path, show=At(6, twice))
    assert checkpoint.load(tmp_path)[1]["step"] == 4
    assert go_on("gpt", recipe(), tmp_path)[1] == unbroken("gpt", recipe())[1]


def test_a_run_goes_on_only_as_what_it_was(tmp_path):
    train(small(), TEXT, recipe(), folder=tmp_path)
    before = (tmp_path / checkpoint.NAME).read_bytes()
    for settings_, error, says in (
        (dict(resume=False), FileExistsError, "holds a run already"),
        (dict(config=recipe(lr=0.5, batch=7)), ValueError, r"batch: 6, not 7; lr: 0.008, not 0.5"),
        (dict(ids=TEXT[:-1]), ValueError, "another text"),
        (dict(model=small("modern")), ValueError, "another model: GPT"),
        (dict(model=GPT(GPTConfig(vocab_size=5, context=8, n_layers=2, n_heads=4, d_model=16))), ValueError, "n_heads=4"),
    ):
        call = dict(model=small(), ids=TEXT, config=recipe(), resume=True) | settings_
        with pytest.raises(error, match=says):
            train(call["model"], call["ids"], call["config"], folder=tmp_path, resume=call["resume"])
    assert (tmp_path / checkpoint.NAME).read_bytes() == before
    with pytest.raises(ValueError, match="resume=True needs the folder"):
        train(small(), TEXT, recipe(), resume=True)
    with pytest.raises(ValueError, match="blocks.0.0.bias is missing there"):
        load_weights(WithDropout(), tmp_path)
    # how often it is evaluated and saved is not what it learns
    train(small(), TEXT, recipe(checkpoint_every=5, evaluate_every=6, accumulate=2), folder=tmp_path, resume=True)


def test_a_file_that_is_no_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        load_weights(small(), tmp_path)
    train(small(), TEXT, recipe(steps=4), folder=tmp_path)
    path = tmp_path / checkpoint.NAME
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_weights(small(), tmp_path)
    checkpoint.save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="no checkpoint of form 1"):
        load_weights(small(), tmp_path)


def test_a_checkpoint_holds_numbers_and_words_and_nothing_that_runs(tmp_path):
    train(small(), TEXT, recipe(steps=4), folder=tmp_path)
    raw = (tmp_path / checkpoint.NAME).read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    facts = json.loads(header.pop("__metadata__")["facts"])
    assert facts["step"] == 4 and facts["config"]["optimizer"] == "muon"
    assert {entry["dtype"] for entry in header.values()} <= {"F32", "F64"}
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(raw) - 8 - size


# --- what does not fit ------------------------------------------------------------------------------------------------


class Wrapped(nn.Module):
    """Hands back something else than logits."""

    def __init__(self, what):
        super().__init__()
        self.inside, self.what = small(), what

    def forward(self, ids: Tensor):
        return self.what(self.inside(ids))


@pytest.mark.parametrize(
    ("what", "says"),
    [(lambda x: (x,), "got tuple"), (lambda x: x[:, 0], r"got \(1, 5\)"), (lambda x: x[:, :3], r"got \(1, 3, 5\)")],
)
def test_a_model_must_give_logits(what, says):
    with pytest.raises(TypeError, match=r"logits \(1, 8, vocab_size\), " + says):
        train(Wrapped(what), TEXT, recipe())


@pytest.mark.parametrize("where", ["ids", "validation"])
def test_an_id_that_the_model_does_not_know_is_named(where):
    strange = TEXT.clone()
    strange[-1] = VOCABULARY
    texts = {"ids": TEXT, "validation": TEXT} | {where: strange}
    with pytest.raises(ValueError, match=f"{where} holds the token id 5, and the model's vocabulary ends at 4"):
        train(small(), texts["ids"], recipe(), validation=texts["validation"])


def test_a_window_longer_than_the_models_context():
    with pytest.raises(ValueError, match="context"):
        train(small(), TEXT, recipe(context=9))


def test_a_loss_that_is_no_number_ends_the_run_and_is_not_saved(tmp_path):
    model = small()

    def spoil() -> None:
        with torch.no_grad():
            model.head.weight.fill_(float("nan"))

    with pytest.raises(FloatingPointError, match="loss of step 7 is nan.*lower learning rate"):
        train(model, TEXT, recipe(), folder=tmp_path, show=At(6, spoil))
    assert checkpoint.load(tmp_path)[1]["step"] == 4


def test_devices():
    assert choose_device("cpu") == torch.device("cpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="device='cuda' is not there; this machine has cpu"):
            choose_device("cuda")


@pytest.mark.skipif(choose_device().type == "cpu", reason="this machine has no GPU: not run")
def test_a_gpu_learns_the_same_and_goes_on_with_the_same_bits(tmp_path):
    config = recipe(device="auto", precision="float32")
    on_cpu = train(small(), TEXT, recipe(device="cpu"))
    model = small()
    run = train(model, TEXT, config)
    assert next(model.parameters()).device.type != "cpu"
    assert run.losses == pytest.approx(on_cpu.losses, abs=1e-3)
    with pytest.raises(PowerCut):
        train(small(), TEXT, config, folder=tmp_path, show=At(6, cut))
    again = train(small(seed=99), TEXT, config, folder=tmp_path, resume=True)
    assert again.losses == run.losses
    assert math.isfinite(train(small(), TEXT, recipe(precision="auto")).losses[-1])


# --- several processes ------------------------------------------------------------------------------------------------


@given(rows=st.integers(1, 40), size=st.integers(1, 8))
def test_every_row_of_a_batch_belongs_to_one_process(rows, size):
    team, parts = Team(), []
    team.size = size
    for team.rank in range(size):
        parts.append(team.part_of(torch.arange(rows)))
    assert torch.cat(parts).tolist() == list(range(rows))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_two_processes_equal_one_with_twice_the_batch(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("".join(chr(97 + i) for i in TEXT.tolist()) * 3)
    sizes, times = "--batch 8 --context 8 --layers 2 --heads 2 --width 16", "--steps 20 --warmup 3 --evaluate-every 10 --sample 5"
    settings_ = [*sizes.split(), *times.split(), "--checkpoint-every", "9"]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", "--standalone", "-m", "shared.training"]
    command += [str(text), *settings_, "--out", str(tmp_path / "two")]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stderr[-3000:]
    assert main([str(text), *settings_, "--out", str(tmp_path / "one")]) == 0
    (one, facts), (two, others) = (checkpoint.load(tmp_path / name) for name in ("one", "two"))
    assert len(one["losses"]) == 20
    torch.testing.assert_close(one["losses"], two["losses"], rtol=0, atol=1e-5)
    for (step, ours), (same, theirs) in zip(facts["evaluations"], others["evaluations"], strict=True):
        assert step == same and ours == pytest.approx(theirs, abs=1e-5)
    assert told.stdout.count("\n") == 1, "only one of them writes"


# --- what is seen -----------------------------------------------------------------------------------------------------


def seen_run(**changes) -> TrainingRun:
    run = TrainingRun(recipe(steps=100), floor=1.25)
    run.losses, run.step = [3.0 - 0.01 * i for i in range(60)], 60
    run.evaluations, run.samples, run.training_seconds = [(0, 3.1), (50, 2.6)], [(50, "To <b>be</b> & not")], 2.0
    for name, value in changes.items():
        setattr(run, name, value)
    return run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_says_it_all():
    numbers = "step 60/100 · loss 2.505 · held out 2.600 · floor 1.250 · 1,440 tokens/s"
    assert live.progress_line(seen_run(), "0:12") == f"{numbers} · 0:12 left"
    assert live.progress_line(TrainingRun(recipe())) == "step 0/12 · 0 tokens/s"
    assert live.progress_line(seen_run(interrupted=True)).endswith("stopped")


def test_a_terminal_gets_one_line_and_a_file_one_for_each_evaluation():
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        line = Line(stream)
        line.seconds = 0.0
        train(small(), TEXT, recipe(evaluate_every=4), validation=TEXT[:50], show=line)
    assert terminal.getvalue().count("\n") == 1 and terminal.getvalue().count("\r") == 13
    assert terminal.getvalue().rstrip().split("\r")[-1].startswith("step 12/12")
    lines = file.getvalue().splitlines()
    assert len(lines) == 4 and "\r" not in file.getvalue() and lines[-1].startswith("step 12/12")


def test_what_is_shown_where(monkeypatch):
    assert type(live.choose_show(None)) is Show and type(live.choose_show("line")) is Line
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert type(live.choose_show("auto")) is Show  # nobody looks
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert type(live.choose_show("auto")) is Line
    monkeypatch.setattr(live, "_in_notebook", lambda: True)
    assert type(live.choose_show("auto")).__name__ == "LivePicture"
    with pytest.raises(ValueError, match="'loud'"):
        live.choose_show("loud")


def test_the_live_picture_changes_one_widget_and_leaves_nothing_else_in_a_notebook(monkeypatch):
    from shared.training import picture

    shown = []
    monkeypatch.setattr(picture, "display", lambda data, raw: shown.append((data, raw)))
    show = picture.LivePicture()
    show.seconds = 0.0
    train(small(), TEXT, recipe(evaluate_every=4), validation=TEXT[:50], floor=1.0, sample=lambda m: "<i>hello</i>", show=show)
    assert len(shown) == 1 and list(shown[0][0]) == [picture.WIDGET_VIEW] and shown[0][1] is True
    page = show.widget.value
    assert "step 12/12" in page and "floor 1.00" in page and "After step 12" in page
    assert "&lt;i&gt;hello&lt;/i&gt;" in page and "<i>" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    "run",
    [
        TrainingRun(recipe()),
        seen_run(),
        seen_run(floor=None, evaluations=[], samples=[]),
        seen_run(losses=[2.0] * 60),
        seen_run(losses=[float("nan")] * 60),
    ],
)
def test_the_curve_is_whole_and_inside_its_frame(run):
    import xml.etree.ElementTree as ElementTree

    from shared.training import picture

    drawing = ElementTree.fromstring(picture.curve(run))
    assert drawing.get("role") == "img" and "step" in drawing.get("aria-label")
    for line in drawing.iter("{http://www.w3.org/2000/svg}polyline"):
        for point in line.get("points").split():
            x, y = map(float, point.split(","))
            assert picture.LEFT <= x <= picture.WIDTH - picture.RIGHT and picture.TOP <= y <= picture.HEIGHT - picture.BOTTOM


@given(st.lists(st.floats(0, 10), min_size=1, max_size=2000))
def test_a_long_curve_is_thinned_but_keeps_its_mean(losses):
    from shared.training import picture

    points = picture.thinned(losses)
    assert len(points) <= picture.POINTS and points == sorted(points)
    assert 0 < points[0][0] <= points[-1][0] <= len(losses)
    assert min(losses) - 1e-9 <= min(y for _, y in points) and max(y for _, y in points) <= max(losses) + 1e-9


# --- the command line -------------------------------------------------------------------------------------------------

FEW = "--steps 6 --batch 4 --context 8 --layers 1 --heads 2 --width 16 --warmup 2 --sample 12".split()


@pytest.fixture
def book(tmp_path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text("the cat sat on the mat. the dog sat on the log. " * 12, encoding="utf-8")
    return path


def test_a_text_becomes_a_model_and_a_sample(book, tmp_path, capsys):
    out = tmp_path / "out"
    assert main([str(book), *FEW, "--out", str(out), "--model", "gpt", "--prompt", "the c"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("the c") and len(said.out) == 5 + 12 + 1
    assert "step 6/6" in said.err and "held out" in said.err
    assert Characters.load(out / "characters.json").letters == "".join(sorted(set(book.read_text())))
    written = GPT.from_pretrained(out / "model")
    trained = GPT(written.config)
    load_weights(trained, out)
    for p, q in zip(written.parameters(), trained.parameters()):
        assert torch.equal(p, q)
    # once more is refused, going on is not
    assert main([str(book), *FEW, "--out", str(out), "--model", "gpt"]) == 2
    assert "holds a run already" in capsys.readouterr().err
    assert main([str(book), *FEW, "--out", str(out), "--model", "gpt", "--resume"]) == 0


def test_byte_pairs_and_ids_from_a_file(book, tmp_path, capsys):
    pairs = ["--tokens", "bpe", "--merges", "10", "--optimizer", "adamw"]
    assert main([str(book), *FEW, *pairs, "--out", str(tmp_path / "bpe")]) == 0
    assert capsys.readouterr().out.startswith("the")
    assert (tmp_path / "bpe" / "model" / "tokenizer.json").is_file()
    save_ids(TEXT, tmp_path / "ids.bin")
    assert main([str(tmp_path / "ids.bin"), *FEW]) == 2
    assert "--vocab-size" in capsys.readouterr().err
    assert main([str(tmp_path / "ids.bin"), *FEW, "--vocab-size", "5", "--held-out", "0"]) == 0


def test_an_interrupted_command_says_so_and_goes_on(book, tmp_path, capsys, monkeypatch):
    out = [*FEW, "--out", str(tmp_path / "out")]
    update = Line.update

    def press(line: Line, run: TrainingRun) -> None:
        if run.step == 3:
            signal.raise_signal(signal.SIGINT)
        update(line, run)

    monkeypatch.setattr(Line, "update", press)
    assert main([str(book), *out]) == 130
    assert "step 3/6" in capsys.readouterr().err
    monkeypatch.undo()
    assert main([str(book), *out, "--resume"]) == 0
    assert main([str(book), *FEW, "--out", str(tmp_path / "whole")]) == 0
    assert torch.equal(checkpoint.load(tmp_path / "out")[0]["losses"], checkpoint.load(tmp_path / "whole")[0]["losses"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.txt"], "nowhere.txt"),
        (["BOOK", "--context", "5000"], "too few"),
        (["BOOK", "--held-out", "1"], "--held-out"),
        (["BOOK", "--lr", "-1"], "lr must be above 0"),
        (["BOOK", "--prompt", "Ω"], "'Ω'"),
        (["BOOK", "--width", "15"], "does not divide"),
        (["EMPTY"], "is empty"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(book, tmp_path, capsys, arguments, says):
    (tmp_path / "empty.txt").write_text("")
    names = {"BOOK": str(book), "EMPTY": str(tmp_path / "empty.txt")}
    assert main([names.get(arguments[0], arguments[0]), *FEW, *arguments[1:]]) == 2
    assert says in capsys.readouterr().err


def test_help_names_every_setting(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert end.value.code == 0
    for name, field in TrainingConfig.__dataclass_fields__.items():
        assert f"--{name.replace('_', '-')}" in said and field.metadata["says"].split(";")[0][:40] in said
