"""Several processes that train one model together: each reads its part of every batch, and all take the same step.

`torchrun` starts the processes and tells each its number in the environment; they meet in `torch.distributed`. A process
that trains alone is a team of one, for which everything here does nothing.
"""

import os
from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor


class Team:
    """Who I am among how many: `rank` from 0, `size`; and what the processes tell each other."""

    def __init__(self):
        together = dist.is_available() and dist.is_initialized()
        self.rank, self.size = (dist.get_rank(), dist.get_world_size()) if together else (0, 1)

    def part_of(self, rows: Tensor) -> Tensor:
        """This process's part of a batch: neighboring rows, about as many for each process."""
        return rows[self.rank * len(rows) // self.size : (self.rank + 1) * len(rows) // self.size]

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace every tensor by its sum over all processes, all of them in one message."""
        if self.size > 1:
            together = torch.cat([tensor.reshape(-1) for tensor in tensors])
            dist.all_reduce(together)
            for tensor, total in zip(tensors, together.split([tensor.numel() for tensor in tensors])):
                tensor.copy_(total.view_as(tensor))

    def follow_first(self, tensors: Sequence[Tensor]) -> None:
        """Replace every tensor by that of process 0, so that all begin with the same weights."""
        for tensor in tensors if self.size > 1 else ():
            dist.broadcast(tensor.detach(), src=0)

    def any(self, mine: bool) -> bool:
        """Whether any process says yes: all hear the same answer."""
        if self.size == 1:
            return mine
        said = torch.tensor(float(mine), device="cuda" if dist.get_backend() == "nccl" else "cpu")
        dist.all_reduce(said)
        return bool(said)

    def agree_on(self, number: int) -> bool:
        """Whether all processes hold the same number as process 0; all hear the same answer."""
        if self.size == 1:
            return True
        first = torch.tensor(number, device="cuda" if dist.get_backend() == "nccl" else "cpu")
        dist.broadcast(first, src=0)
        return not self.any(int(first) != number)

    def wait(self) -> None:
        """Go on when all have come here."""
        if self.size > 1:
            dist.barrier()


def join_team() -> bool:
    """Meet the other processes that `torchrun` started; False where nobody started any. `leave_team` says goodbye.

    On a GPU machine every process takes the GPU of its own number and they talk by NCCL, else by Gloo.
    Used from week 4 day 4 on.
    """
    if "WORLD_SIZE" not in os.environ:
        return False
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return True


def leave_team() -> None:
    """End what `join_team` began."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
