"""GELU in its tanh form, as GPT-2 has it, cheap to train on a CPU.

    gelu(x) = x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))

torch computes the tanh twice in training, on the way forward and again on the way back, and its tanh is slow: in a small
GPT both together take a seventh of the time. Here the slope is computed on the way forward, where all that it needs is at
hand, and kept in place of x. And (1 + tanh z) / 2 is sigmoid(2z), which costs a quarter.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

A = 2 * math.sqrt(2 / math.pi)
B = 0.044715 * A


def gelu(x: Tensor) -> Tensor:
    """GELU of every number of x, any shape: the same as `F.gelu(x, approximate="tanh")`. A second derivative is an error.

    Source: https://arxiv.org/abs/1606.08415, section 2. Used from week 2 day 4 on.
    """
    if x.is_cpu and x.requires_grad and torch.is_grad_enabled():
        return _KeepsItsSlope.apply(x)
    return F.gelu(x, approximate="tanh")


class _KeepsItsSlope(torch.autograd.Function):
    """With z = A x + B x³ and s = sigmoid(z), gelu is x s, and its slope is s + (A x + 3 B x³) s (1 - s).

    A x + 3 B x³ is 3 (z - 2/3 A x), and `sigmoid_backward(w, s)` is w s (1 - s).
    """

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        # as few walks over memory as possible, and into as few tensors: both cost more than to multiply
        z = torch.addcmul(torch.tensor(A, dtype=x.dtype), x, x, value=B).mul_(x)
        s = z.sigmoid()
        z.add_(x, alpha=-2 / 3 * A)
        torch.ops.aten.sigmoid_backward.grad_input(z, s, grad_input=z)
        slope = torch.add(s, z, alpha=3, out=z)
        ctx.save_for_backward(slope)
        return s.mul_(x)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> Tensor:
        (slope,) = ctx.saved_tensors
        # on the last way back (`retain_graph` asks for more) nobody needs the slope after us: its memory takes the product
        again = torch._C._autograd._get_current_graph_task_keep_graph()
        return gradient * slope if again else slope.mul_(gradient)
