"""Which weight is changed by which rule: Muon for the matrices inside the blocks, AdamW for everything else."""

import torch
from torch import nn

from shared.muon import Muon
from shared.training.config import TrainingConfig


def make_optimizers(model: nn.Module, config: TrainingConfig) -> list[torch.optim.Optimizer]:
    """The optimizers of a run. Every group of parameters in them knows its highest learning rate as "peak".

    Muon takes the weights of the linear layers inside the model's blocks (its `nn.ModuleList`), where one called `qkv` counts
    as the three matrices that lie in it. Tables, head, norms, biases and gates are AdamW's. A table of pairs, in a part called
    `bigrams`, has a rate of its own: each row is seen rarely and must learn from little. It does not decay, nor do vectors.
    Errors: ValueError where nothing learns, or Muon is asked for and there is no matrix for it. Used from week 4 day 4 on.
    """
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError("model has no parameters that learn")
    by_parts: dict[tuple[int, ...], list[nn.Parameter]] = {}
    if config.optimizer == "muon":
        for name, layer in block_layers(model).items():
            by_parts.setdefault(parts_of(name, layer), []).append(layer.weight)
        if not by_parts:
            raise ValueError('optimizer="muon" needs linear layers inside an nn.ModuleList, and model has none; use "adamw"')
    taken = {id(p) for group in by_parts.values() for p in group}
    rest = {name: p for name, p in model.named_parameters() if p.requires_grad and id(p) not in taken}
    pairs = [p for name, p in rest.items() if "bigrams" in name.split(".")]
    others = [p for name, p in rest.items() if "bigrams" not in name.split(".")]
    groups = [
        {"params": pairs, "weight_decay": 0.0, "peak": config.pair_lr},
        {"params": [p for p in others if p.ndim >= 2], "weight_decay": config.weight_decay, "peak": config.lr},
        {"params": [p for p in others if p.ndim < 2], "weight_decay": 0.0, "peak": config.lr},
    ]
    groups = [group for group in groups if group["params"]]
    optimizers: list[torch.optim.Optimizer] = []
    if groups:
        optimizers.append(torch.optim.AdamW(groups, lr=config.lr, betas=config.betas, fused=True))
    if by_parts:
        groups = [{"params": params, "parts": parts, "peak": config.muon_lr} for parts, params in by_parts.items()]
        optimizers.append(Muon(groups, lr=config.muon_lr, momentum=config.momentum, weight_decay=config.weight_decay))
    return optimizers


def parts_of(name: str, layer: nn.Linear) -> tuple[int, ...]:
    """The rows of the matrices that lie one above the other in a layer's weight: q, k and v in one called `qkv`, else one."""
    if name.split(".")[-1] != "qkv":
        return (layer.out_features,)
    # queries are as wide as the vectors they are made from; keys and values share the rest, which may be less
    rest = (layer.out_features - layer.in_features) // 2
    return (layer.in_features, rest, rest)


def block_layers(model: nn.Module) -> dict[str, nn.Linear]:
    """The linear layers that learn inside the model's blocks, by name."""
    inside = tuple(f"{name}." for name, module in model.named_modules() if isinstance(module, nn.ModuleList))
    layers = {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    return {name: layer for name, layer in layers.items() if name.startswith(inside) and layer.weight.requires_grad}


def set_rates(optimizers: list[torch.optim.Optimizer], share: float) -> None:
    """Give every group of parameters this share of its highest learning rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = share * group["peak"]
