"""What a run has seen so far, what it hands back, and how it goes into a checkpoint and comes out again."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from shared.training import checkpoint
from shared.training.config import TrainingConfig


@dataclass
class TrainingRun:
    """The record of a run; `train` hands it back.

    step: steps taken; losses: one per step, in nats per token, of the batch before the step changed the weights;
    evaluations: (step, loss over the whole held-out part); samples: (step, text); snapshots: (step, array that `look` gave);
    seconds: time spent, evaluations and checkpoints included; training_seconds: without them; interrupted: whether somebody
    stopped it; floor: the least loss possible, where it is known.
    """

    config: TrainingConfig
    floor: float | None = None
    step: int = 0
    losses: list[float] = field(default_factory=list)
    evaluations: list[tuple[int, float]] = field(default_factory=list)
    samples: list[tuple[int, str]] = field(default_factory=list)
    snapshots: list[tuple[int, np.ndarray]] = field(default_factory=list)
    seconds: float = 0.0
    training_seconds: float = 0.0
    interrupted: bool = False

    @property
    def tokens_per_second(self) -> float:
        """Tokens trained on in a second of training."""
        return self.step * self.config.batch * self.config.context / self.training_seconds if self.training_seconds else 0.0

    def __repr__(self) -> str:
        last = f", evaluated {self.evaluations[-1][1]:.3f}" if self.evaluations else ""
        state = " (interrupted)" if self.interrupted else ""
        loss = f"loss {np.mean(self.losses[-20:]):.3f}" if self.losses else "no loss yet"
        return f"<training run: step {self.step} of {self.config.steps}, {loss}{last}{state}>"


def save_run(folder: Path, run: TrainingRun, model: nn.Module, optimizers: list[torch.optim.Optimizer], text: str | None) -> None:
    """Write everything that the rest of the run depends on. text: the fingerprint of what is trained on.

    Nothing is said about chance: which windows a step draws follows from the seed and the number of the step alone.
    """
    tensors = {f"model/{name}": tensor for name, tensor in _weights(model).items()}
    tensors |= {f"optimizer/{name}": tensor for name, tensor in _memories(model, optimizers).items()}
    tensors["losses"] = torch.tensor(run.losses, dtype=torch.float64)
    tensors |= {f"snapshot/{i}": torch.from_numpy(array) for i, (_, array) in enumerate(run.snapshots)}
    facts = {name: getattr(run, name) for name in ("step", "evaluations", "samples", "seconds", "training_seconds")}
    facts |= {"config": asdict(run.config), "model": _kind(model), "text": text, "snapshots": [step for step, _ in run.snapshots]}
    checkpoint.save(folder, tensors, facts)


def load_run(folder: Path, run: TrainingRun, model: nn.Module, optimizers: list[torch.optim.Optimizer], text: str | None) -> None:
    """Put run, model and optimizers back into the state that `save_run` wrote.

    Errors: those of `checkpoint.load`; ValueError where the checkpoint is of another configuration, text or model.
    """
    tensors, facts = checkpoint.load(folder)
    other = run.config.differences(facts["config"])
    if other:
        raise ValueError(f"the run in {folder} was begun with another configuration ({'; '.join(other)}); go on with its own")
    if facts["text"] != text:
        raise ValueError(f"the run in {folder} was begun on another text than the one that ids holds now")
    if facts["model"] != _kind(model):
        raise ValueError(f"the run in {folder} trained another model: {facts['model']}, not {_kind(model)}")
    _put_weights(model, tensors, folder)
    memories = {name.removeprefix("optimizer/"): t for name, t in tensors.items() if name.startswith("optimizer/")}
    for optimizer in optimizers:
        for name, p in _named(model, optimizer):
            mine = {key: memories[key] for key in memories if key.rpartition("/")[0] == name}
            # torch keeps an optimizer's count of steps where it made it, and everything else beside the weight
            optimizer.state[p] = {key.rpartition("/")[2]: t.to(p.device) for key, t in mine.items()}
    run.losses = tensors["losses"].tolist()
    run.snapshots = [(step, tensors[f"snapshot/{i}"].numpy()) for i, step in enumerate(facts["snapshots"])]
    run.evaluations = [(step, loss) for step, loss in facts["evaluations"]]
    run.samples = [(step, text) for step, text in facts["samples"]]
    run.step, run.seconds, run.training_seconds = facts["step"], facts["seconds"], facts["training_seconds"]


def load_weights(model: nn.Module, folder: str | Path) -> None:
    """Give a model the weights of the checkpoint in a folder. Errors: those of `checkpoint.load`; ValueError for other shapes.

    Used from week 4 day 2 on.
    """
    tensors, _ = checkpoint.load(Path(folder))
    _put_weights(model, tensors, Path(folder))


def _put_weights(model: nn.Module, tensors: dict[str, Tensor], folder: Path) -> None:
    saved = {name.removeprefix("model/"): tensor for name, tensor in tensors.items() if name.startswith("model/")}
    ours = _weights(model)
    odd = sorted(name for name in saved.keys() | ours.keys() if _shape(saved.get(name)) != _shape(ours.get(name)))
    if odd:
        there, here = _shape(saved.get(odd[0])), _shape(ours.get(odd[0]))
        raise ValueError(f"the run in {folder} trained another model: {odd[0]} is {there} there and {here} here")
    with torch.no_grad():
        for name, tensor in ours.items():
            tensor.copy_(saved[name])


def _shape(tensor: Tensor | None) -> str:
    return "missing" if tensor is None else str(tuple(tensor.shape))


def _kind(model: nn.Module) -> str:
    """What a model is, in words: two models may have equal weights and still compute different things."""
    return f"{type(model).__name__}({getattr(model, 'config', '')!r})"


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers by name; one that two layers share is named once."""
    kept = model.state_dict().keys()
    return dict(model.named_parameters()) | {name: buffer for name, buffer in model.named_buffers() if name in kept}


def _named(model: nn.Module, optimizer: torch.optim.Optimizer) -> list[tuple[str, nn.Parameter]]:
    of = {id(p): name for name, p in model.named_parameters()}
    return [(of[id(p)], p) for group in optimizer.param_groups for p in group["params"]]


def _memories(model: nn.Module, optimizers: list[torch.optim.Optimizer]) -> dict[str, Tensor]:
    """What the optimizers remember of each parameter: averages of its gradients, and how many steps they have seen."""
    return {
        f"{name}/{key}": value
        for optimizer in optimizers
        for name, p in _named(model, optimizer)
        for key, value in optimizer.state[p].items()
    }
