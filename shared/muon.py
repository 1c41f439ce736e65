"""Muon: gradient descent for matrices, where every direction of a step gets the same length.

A gradient of a weight matrix has a few strong directions and many weak ones. Muon keeps the directions and makes their
strengths (the singular values) about equal, so that rare directions learn as fast as common ones.
Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

# the quintic of the source: five rounds bring singular values between 0.01 and 1 to about 0.7 … 1.2
QUINTIC = (3.4445, -4.7750, 2.0315)
LONGEST_STEP = 1000  # beyond, no learning rate is meant


def orthogonalize(matrix: Tensor, rounds: int = 5) -> Tensor:
    """The matrix with the same singular vectors and singular values near 1 (0.7 … 1.2), by Newton and Schulz's iteration.

    matrix: (out, in), or (…, out, in) for several at once, floating point. Returns the same shape.
    Errors: ValueError for fewer than two axes. Source: Jordan et al. 2024. Used from week 4 day 4 on.
    """
    if matrix.ndim < 2:
        raise ValueError(f"matrix must have at least two axes, got shape {tuple(matrix.shape)}")
    a, b, c = QUINTIC
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.mT if tall else matrix
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)  # now no singular value is above 1
    for _ in range(rounds):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum, then `orthogonalize`, for the weight matrices inside a network; everything else goes to AdamW.

    params: matrices (out, in), or groups of them as torch's optimizers take them. lr: the length of a step per direction.
    momentum: how much of the past a step keeps; it rises from 0.85 over the first 100 steps, because early gradients age fast.
    weight_decay: the share of a weight that a step of length 1 takes away.
    parts: matrices that lie one above the other in each parameter, each of which gets a step of its own: their number where they
    are equal, 3 for a fused q, k, v, or the rows of each.
    turned: parameters are stored as (in, out), as GPT-2's files do; parts then lie side by side.
    Errors: ValueError for a parameter that is not a matrix, one that cannot be cut into its parts, or a number out of its range.
    Source: Jordan et al. 2024. Used from week 4 day 4 on.
    """

    def __init__(
        self,
        params,
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        parts: int | Sequence[int] = 1,
        turned: bool = False,
    ):
        for name, value, most in (("lr", lr, LONGEST_STEP), ("momentum", momentum, 1), ("weight_decay", weight_decay, 1)):
            if not 0 <= value <= most:
                raise ValueError(f"{name} must be a number from 0 to {most}, got {value!r}")
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, parts=parts, turned=turned))
        for group in self.param_groups:
            for p in group["params"]:
                _rows_of_parts(p, group["parts"], group["turned"])

    @torch.no_grad()
    def step(self) -> None:
        """One step along the gradients that lie in the parameters; parameters without one stay."""
        for group in self.param_groups:
            learning = [p for p in group["params"] if p.grad is not None]
            cuts = [_rows_of_parts(p, group["parts"], group["turned"]) for p in learning]
            wishes = [self._with_momentum(p, group["momentum"]) for p in learning]
            pieces = [piece for wish, rows in zip(wishes, cuts) for piece in (wish.T if group["turned"] else wish).split(rows)]
            steps = iter(_orthogonalize_all(pieces))
            for p, rows in zip(learning, cuts):
                update = torch.cat([next(steps) for _ in rows])
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.T if group["turned"] else update, alpha=-group["lr"])

    def _with_momentum(self, p: Tensor, momentum: float) -> Tensor:
        """The gradient and its running average, mixed as Nesterov does: where the momentum will have carried us."""
        state = self.state[p]
        if not state:
            state["step"], state["average"] = torch.zeros(()), torch.zeros_like(p)
        state["step"] += 1
        momentum = 0.85 + (momentum - 0.85) * min(state["step"].item() / 100, 1.0)
        state["average"].lerp_(p.grad, 1 - momentum)
        return p.grad.lerp(state["average"], momentum)


def _orthogonalize_all(pieces: list[Tensor]) -> list[Tensor]:
    """`orthogonalize` for many matrices, those of one shape together: many small products cost more than one large one."""
    done: list[Tensor] = list(pieces)
    for shape in {piece.shape for piece in pieces}:
        same = [i for i, piece in enumerate(pieces) if piece.shape == shape]
        # a tall matrix writes into more outputs than it reads inputs: its step may be longer
        length = max(1.0, shape[0] / shape[1]) ** 0.5
        for i, step in zip(same, orthogonalize(torch.stack([pieces[i] for i in same]))):
            done[i] = step * length
    return done


def _rows_of_parts(p: Tensor, parts: int | Sequence[int], turned: bool) -> list[int]:
    if p.ndim != 2 or 0 in p.shape:
        raise ValueError(f"Muon takes matrices, got a parameter of shape {tuple(p.shape)}; give it to AdamW")
    rows = p.shape[1 if turned else 0]
    if isinstance(parts, int):
        cut = [rows // parts] * parts if parts >= 1 else []
    else:
        cut = list(parts)
    if not cut or sum(cut) != rows or min(cut) < 1:
        raise ValueError(f"a parameter of shape {tuple(p.shape)} cannot be cut into parts={parts}")
    return cut
