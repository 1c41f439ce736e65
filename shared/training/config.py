"""Everything that decides how a run goes, in one place: two runs of one configuration, data and model are equal to the bit."""

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from shared.counts import check_count

CHOICES = {
    "optimizer": ("muon", "adamw"),
    "decay_shape": ("linear", "cosine"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "precision": ("auto", "float32", "bfloat16"),
}
# these may differ between a run and its continuation: they change what is written down, or where it runs, not what is learned
FREE = ("accumulate", "evaluate_every", "checkpoint_every", "device")


def setting(default: Any, says: str) -> Any:
    """A field of `TrainingConfig` with its default and what it means, which `--help` says too."""
    return field(default=default, metadata={"says": says})


@dataclass(frozen=True)
class TrainingConfig:
    """The recipe of a run. The numbers that stand here are the recipe for `ModernGPT` on a laptop.

    Errors: TypeError or ValueError that names the setting, what came and what was expected. Used from week 4 day 4 on.
    """

    steps: int = setting(300, "how often the weights are changed")
    batch: int = setting(12, "windows per step, over all processes together")
    context: int = setting(64, "tokens in a window")
    accumulate: int = setting(1, "passes into which a process cuts its part of a batch, where memory is short")
    optimizer: str = setting("muon", "muon for the matrices inside the blocks and AdamW for the rest, or adamw for everything")
    lr: float = setting(8e-3, "AdamW's learning rate at its highest")
    muon_lr: float = setting(0.03, "Muon's learning rate at its highest")
    pair_lr: float = setting(0.04, "AdamW's learning rate for a table of pairs of tokens, whose rows are seen rarely")
    warmup: int = setting(10, "steps in which the learning rate rises to its highest")
    decay: float = setting(0.6, "share of the steps, counted from the end, in which it falls again")
    decay_shape: str = setting("linear", "how it falls")
    final: float = setting(0.0, "what it falls to, as a share of the highest")
    betas: tuple[float, float] = setting((0.9, 0.95), "how long AdamW remembers gradients, and their squares")
    momentum: float = setting(0.95, "how long Muon remembers gradients")
    weight_decay: float = setting(0.1, "matrices shrink by this times the learning rate in each step")
    clip: float = setting(1.0, "a gradient longer than this is cut to this length")
    seed: int = setting(0, "decides which windows are drawn, and dropout where a model has it")
    evaluate_every: int = setting(0, "steps between two looks at the held-out part; 0 is only at the end")
    checkpoint_every: int = setting(100, "steps between two checkpoints, where there is a folder for them")
    device: str = setting("auto", "auto is cuda where there is one, else mps, else cpu")
    precision: str = setting("auto", "of matrix products; auto is bfloat16 on a CUDA GPU that has it, else float32")

    def __post_init__(self):
        for name in ("steps", "batch", "context", "accumulate", "warmup", "seed", "evaluate_every", "checkpoint_every"):
            check_count(name, getattr(self, name), least=0 if name in ("warmup", "seed", "evaluate_every") else 1)
        object.__setattr__(self, "betas", tuple(self.betas))
        if len(self.betas) != 2:
            raise ValueError(f"betas must be two numbers, got {self.betas}")
        for name in ("lr", "muon_lr", "pair_lr", "clip"):
            self._check_number(name, getattr(self, name))
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        shares = {name: getattr(self, name) for name in ("decay", "final", "momentum", "weight_decay")}
        for name, value in (shares | {"betas[0]": self.betas[0], "betas[1]": self.betas[1]}).items():
            self._check_number(name, value)
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must be between 0 and 1, got {value}")
        if 1 in self.betas:
            raise ValueError(f"betas must lie below 1, else AdamW never learns of a gradient; got {self.betas}")
        object.__setattr__(self, "betas", tuple(map(float, self.betas)))  # torch takes no whole number beside a float
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {getattr(self, name)!r}")
        if self.batch % self.accumulate:
            raise ValueError(f"batch={self.batch} windows cannot be cut into accumulate={self.accumulate} equal parts")
        if self.warmup > self.steps:
            raise ValueError(f"warmup={self.warmup} must not be longer than the run, steps={self.steps}")

    def _check_number(self, name: str, value: float) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name} must be a number, got {value!r}")

    def differences(self, other: dict) -> list[str]:
        """What decides the result and is not the same in another configuration, given as a dict: one "name: 1, not 2" each."""
        ours = asdict(self) | {"betas": list(self.betas)}
        names = [each.name for each in fields(self) if each.name not in FREE]
        return [f"{name}: {other.get(name)}, not {ours[name]}" for name in names if other.get(name) != ours[name]]
