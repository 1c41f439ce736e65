"""The training loop. Its heart is `one_step`: a batch, the loss, the gradients, one step of the optimizers."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from shared.counts import check_count
from shared.training import checkpoint
from shared.training.config import TrainingConfig
from shared.training.data import Windows, largest_id
from shared.training.live import Show, choose_show
from shared.training.optimizers import make_optimizers, set_rates
from shared.training.run import TrainingRun, load_run, save_run
from shared.training.schedule import rate
from shared.training.stopping import Stop
from shared.training.team import Team

IGNORED = -100  # a target that is not to be predicted, as torch marks it


def one_step(
    model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], data: Windows, config: TrainingConfig, step: int, team: Team
) -> float:
    """Change the weights once; returns the loss of the batch, in nats per token, before the change. Built in week 4 day 4."""
    device = next(model.parameters()).device
    # what step 17 draws follows from the seed and from 17, so a run that goes on later goes on as if it had never stopped
    rng = np.random.default_rng([config.seed, step])
    seed_dropout(device, int(rng.integers(2**62)) + team.rank)
    inputs, targets = data.draw(config.batch, rng, step / config.steps)
    counted = int((targets != IGNORED).sum())
    inputs, targets = team.part_of(inputs).to(device), team.part_of(targets).to(device)

    loss = torch.zeros((), device=device)
    for x, y in zip(inputs.chunk(config.accumulate), targets.chunk(config.accumulate)):
        with autocast(config, device):
            logits = model(x)
        # divided by the whole batch's tokens, so that the parts of all passes and processes add up to its mean
        part = F.cross_entropy(logits.flatten(0, -2).float(), y.flatten(), ignore_index=IGNORED, reduction="sum") / counted
        part.backward()
        loss += part.detach()

    learning = [p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    team.add_up([loss, *(p.grad for p in learning)])
    length = nn.utils.get_total_norm([p.grad for p in learning])
    if length > config.clip:
        nn.utils.clip_grads_with_norm_(learning, config.clip, length)
    set_rates(optimizers, rate(step, config))
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad()
    return loss.item()


@torch.no_grad()
def evaluate(model: nn.Module, ids, context: int, batch: int = 64) -> float:
    """The mean loss over every position of a text, in nats per token: every token but the first is predicted once.

    ids: as `Windows` takes them, or a `Windows`; context: tokens in a window, which do not overlap; batch: windows at a time.
    In a team every process computes a part, and all get the mean of the whole. Errors: those of `Windows`.
    Built in week 2 day 1.
    """
    check_count("batch", batch)
    data, team = ids if hasattr(ids, "in_order") else Windows(ids, context), Team()
    device, was_training = next(model.parameters()).device, model.training
    model.eval()
    # in float64, because a sum over a million positions loses digits in float32
    total = torch.zeros(2, dtype=torch.float64)
    for number, (x, y) in enumerate(data.in_order(batch)):
        if number % team.size == team.rank:
            logits, y = model(x.to(device)).flatten(0, -2).float(), y.to(device).flatten()
            if y.max() >= logits.shape[-1]:
                raise ValueError(f"ids holds the token id {int(y.max())}, and the model's vocabulary ends at {logits.shape[-1] - 1}")
            total[0] += F.cross_entropy(logits, y, ignore_index=IGNORED, reduction="sum").item()
            total[1] += int((y != IGNORED).sum())
    model.train(was_training)
    total = total.to(device if device.type == "cuda" else "cpu")
    team.add_up([total])
    return float(total[0] / total[1])


def train(
    model: nn.Module,
    ids,
    config: TrainingConfig,
    *,
    validation=None,
    folder: str | Path | None = None,
    resume: bool = False,
    floor: float | None = None,
    sample: Callable[[nn.Module], str] | None = None,
    look: Callable[[nn.Module], Tensor] | None = None,
    look_at: Sequence[int] = (),
    show: str | Show | None = "auto",
) -> TrainingRun:
    """Train a model in place, and hand back the record of it.

    model: `model(ids (B, T)) -> logits (B, T, vocab_size)`.
    ids: token ids as `Windows` takes them, or a source of one's own whose `draw(count, rng, done)` gives (inputs, targets) made with
    no other chance than `rng`, for a run of which the share `done` lies behind; a target of -100 is not predicted. validation: the held-out part, in the same forms (`in_order`).
    folder: where the checkpoint lies; without one nothing is written. resume: go on with the run in it, if there is one.
    floor: the least loss possible, to be drawn. sample: writes a text; called and kept at every evaluation.
    look: takes a picture of the model, such as an attention map; called and kept after each number of steps in `look_at`.
    show: "auto" is a live picture in a notebook, a line in a terminal, else nothing; None is nothing.

    An interrupt finishes the step, writes the checkpoint and hands the run back with `interrupted` set. A run that goes on
    from a checkpoint, after an interrupt or a crash, ends with the same weights to the bit as one that was never broken.
    Under `torchrun` (see `join_team`) all processes train one model; each reads its part of every batch.
    Errors: TypeError or ValueError for data or settings that do not fit the model, FileExistsError for a folder that holds a run
    already, CheckpointError where one cannot be written or read, FloatingPointError where the loss is no longer a number.
    Built in week 4 day 4.
    """
    team, device = Team(), choose_device(config.device)
    data = ids if hasattr(ids, "draw") else Windows(ids, config.context)
    held_out = validation
    if validation is not None and not hasattr(validation, "in_order"):
        held_out = Windows(validation, config.context, "validation")
    model.to(device).train()
    _check_fit(model, config, {"ids": data, "validation": held_out}, device)
    if config.batch < team.size * config.accumulate:
        asked = f"{team.size} processes with accumulate={config.accumulate}"
        raise ValueError(f"batch={config.batch} has too few windows for {asked}")
    run, optimizers = TrainingRun(config, floor), make_optimizers(model, config)
    keep = _Keeper(folder, data, team)
    keep.begin(run, model, optimizers, resume)
    if not team.agree_on(run.step):
        raise ValueError(f"not all processes found the same checkpoint: {folder} must be one folder that all of them see")
    team.follow_first([*model.parameters(), *model.buffers()])
    look_at, shown = set(look_at), choose_show(show if team.rank == 0 else None)

    started = time.perf_counter() - run.seconds
    with Stop() as stop, _chance_kept(device), shown.of(run):
        while not team.any(stop.asked):
            _look_around(run, model, held_out, sample, look if run.step in look_at else None)
            run.seconds = time.perf_counter() - started
            if keep.is_due(run):
                keep.save(run, model, optimizers)
            if run.step == config.steps:
                break
            began = time.perf_counter()
            loss = one_step(model, optimizers, data, config, run.step, team)
            run.training_seconds += time.perf_counter() - began
            run.losses.append(loss)
            run.step += 1
            shown.update(run)
            if not math.isfinite(loss):
                raise FloatingPointError(f"the loss of step {run.step} is {loss}: try a lower learning rate")
        else:
            run.interrupted = True
            keep.save(run, model, optimizers)
    return run


class _Keeper:
    """Writes checkpoints into a folder, if there is one: process 0 does, the others wait for it."""

    def __init__(self, folder: str | Path | None, data, team: Team):
        self.folder, self.team = None if folder is None else Path(folder), team
        self.text = data.fingerprint() if self.folder and hasattr(data, "fingerprint") else None
        self.last = -1  # the step of the newest checkpoint

    def begin(self, run: TrainingRun, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], resume: bool) -> None:
        if resume and self.folder is None:
            raise ValueError("resume=True needs the folder in which the run lies")
        if self.folder is None or not checkpoint.exists(self.folder):
            return
        if not resume:
            raise FileExistsError(f"{self.folder} holds a run already: go on with it by resume=True, or choose another folder")
        load_run(self.folder, run, model, optimizers, self.text)
        self.last = run.step

    def is_due(self, run: TrainingRun) -> bool:
        # step 0 counts: a folder that cannot be written to is found out before hours of work, not after
        return run.step % run.config.checkpoint_every == 0 or run.step == run.config.steps

    def save(self, run: TrainingRun, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        if self.folder is not None and run.step != self.last:
            if self.team.rank == 0:
                save_run(self.folder, run, model, optimizers, self.text)
            self.last = run.step
            self.team.wait()


def _look_around(
    run: TrainingRun, model: nn.Module, held_out: Windows | None, sample: Callable | None, look: Callable | None
) -> None:
    """What is due between two steps: a look, an evaluation, a sample. What was done before an interrupt is not done again."""
    every, step = run.config.evaluate_every, run.step
    due = step == run.config.steps or (every > 0 and step % every == 0)
    model.eval()
    with torch.no_grad():
        if look is not None and step not in dict(run.snapshots):
            picture = torch.as_tensor(look(model)).detach().cpu()
            run.snapshots.append((step, picture.numpy().copy()))
        if due and held_out is not None and step not in dict(run.evaluations):
            run.evaluations.append((step, evaluate(model, held_out, run.config.context)))
        if due and sample is not None and step not in dict(run.samples):
            run.samples.append((step, sample(model)))
    model.train()


def _check_fit(model: nn.Module, config: TrainingConfig, texts: dict[str, Windows | None], device: torch.device) -> None:
    """Try the model once, so that what does not fit is said now and in words, not in step 731 by a kernel."""
    for name, data in texts.items():
        if isinstance(data, Windows):
            model.eval()
            with torch.no_grad():
                logits = model(torch.zeros(1, config.context, dtype=torch.int64, device=device))
            model.train()
            if not isinstance(logits, Tensor) or logits.ndim != 3 or logits.shape[:2] != (1, config.context):
                came = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
                wanted = f"ids (1, {config.context}) into logits (1, {config.context}, vocab_size)"
                raise TypeError(f"model must turn {wanted}, got {came}")
            largest = largest_id(data.ids)
            if largest >= logits.shape[-1]:
                last = logits.shape[-1] - 1
                raise ValueError(f"{name} holds the token id {largest}, and the model's vocabulary ends at {last}")


# --- where and how numbers are computed -------------------------------------------------------------------------------


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is a GPU where there is one (CUDA, then Apple's MPS), else the CPU.

    Errors: ValueError for a device that this machine does not have. Used from week 4 day 4 on.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, is_there in there.items() if is_there)
    if not there.get(name, False):
        present = ", ".join(device for device, is_there in there.items() if is_there)
        raise ValueError(f"device={name!r} is not there; this machine has {present}")
    return torch.device(name, torch.cuda.current_device()) if name == "cuda" else torch.device(name)


def autocast(config: TrainingConfig, device: torch.device) -> contextlib.AbstractContextManager:
    """The context in which matrix products use bfloat16: on a GPU that is built for it. On a CPU we measured no gain."""
    auto = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    wanted = auto if config.precision == "auto" else config.precision == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16) if wanted else contextlib.nullcontext()


def seed_dropout(device: torch.device, seed: int) -> None:
    """Seed the generator that dropout uses on this device, and no other: `torch.manual_seed` sees to every kind of device,
    which takes longer than drawing the batch."""
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        getattr(torch, device.type).manual_seed(seed)


@contextlib.contextmanager
def _chance_kept(device: torch.device) -> Iterator[None]:
    """Give the notebook its random numbers back as they were: `one_step` seeds them anew for every step."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield
