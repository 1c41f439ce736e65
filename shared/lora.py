"""LoRA: teach a trained model something new with a few thousand numbers, and leave its own as they are.

Each chosen weight matrix W keeps still, and a product of two thin matrices is added to it: W + (alpha / rank) · B A.
Source: Hu et al. 2021, https://arxiv.org/abs/2106.09685, sections 4.1 and 4.2. Built in week 4 day 7.
"""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn


class LoRALinear(nn.Module):
    """A linear layer that stands still, and beside it a thin way that learns: y = W x + b + (alpha / rank) · B (A x).

    A (rank, d_in) starts at random and B (d_out, rank) at zero, so that nothing changes before the first step (section 4.1).
    Errors: TypeError for a layer that is not linear; ValueError for a rank that is not from 1 to the smaller side, or an alpha that is not positive.
    """

    def __init__(self, layer: nn.Linear, rank: int, alpha: float):
        super().__init__()
        if not isinstance(layer, nn.Linear):
            raise TypeError(f"LoRA is added to nn.Linear layers, got {type(layer).__name__}")
        smaller = min(layer.in_features, layer.out_features)
        if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= smaller:
            raise ValueError(f"rank must be a whole number from 1 to {smaller}, the smaller side of this layer; got {rank!r}")
        if not alpha > 0:
            raise ValueError(f"alpha must be a positive number, got {alpha!r}")
        self.layer, self.scale = layer.requires_grad_(False), alpha / rank
        self.A = nn.Parameter(torch.empty(rank, layer.in_features, device=layer.weight.device))
        self.B = nn.Parameter(torch.zeros(layer.out_features, rank, device=layer.weight.device))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))  # as nn.Linear starts its own weights

    def forward(self, x: Tensor) -> Tensor:
        """x (…, d_in) → (…, d_out)."""
        return self.layer(x) + self.scale * (x @ self.A.T) @ self.B.T

    def merged(self) -> nn.Linear:
        """One plain linear layer with the same outputs: what was learned is added to the weights, and the model is as fast as before."""
        with torch.no_grad():
            self.layer.weight += self.scale * self.B @ self.A
        return self.layer


def add_lora(model: nn.Module, rank: int, alpha: float | None = None, names: Sequence[str] = ("qkv",)) -> list[str]:
    """Freeze the model and put a `LoRALinear` in the place of every linear layer whose last name is in `names`; returns their full names.

    names: for the course's GPT "qkv", "out" (attention), "up", "down" (feed-forward). The paper adapts the attention only.
    alpha: 2 · rank if it is None. Errors: ValueError where no layer has such a name, or LoRA was added before; those of `LoRALinear`.
    """
    if any(isinstance(module, LoRALinear) for module in model.modules()):
        raise ValueError("this model has LoRA already: merge_lora first, then add it anew")
    found = [name for name, module in model.named_modules() if isinstance(module, nn.Linear) and name.rpartition(".")[2] in names]
    if not found:
        have = sorted({name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, nn.Linear)})
        raise ValueError(f"no linear layer is named {', '.join(names)}; this model has {', '.join(have) or 'none'}")
    wrapped = {name: LoRALinear(model.get_submodule(name), rank, 2 * rank if alpha is None else alpha) for name in found}
    model.requires_grad_(False)
    for name, layer in wrapped.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, layer)
        layer.A.requires_grad_(True), layer.B.requires_grad_(True)
    return found


def lora_parameters(model: nn.Module) -> Iterator[nn.Parameter]:
    """What an optimizer is given: the A and B of all layers."""
    for module in model.modules():
        if isinstance(module, LoRALinear):
            yield from (module.A, module.B)


def merge_lora(model: nn.Module) -> nn.Module:
    """Add what was learned to the weights and put the plain layers back, in place; everything can learn again. Returns the model."""
    for name, module in list(model.named_modules()):
        if isinstance(module, LoRALinear):
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, module.merged())
    return model.requires_grad_(True)
