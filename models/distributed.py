"""Several processes that train one network, as torchrun starts them; a process on its own everywhere else.

    torchrun --standalone --nproc-per-node 2 script.py        # a script that calls LiquidForecaster.fit, unchanged

Every process holds all patients and draws the same seeded batches. Of each batch it takes its share of the patients;
DistributedDataParallel averages the gradients, so all take the same step. The figures that decide (losses, early
stopping, cancelling) are sums over the processes and the same to the last bit in each, so none goes its own way.
Dropout masks differ from process to process: with dropout, two processes learn as well as one but not the same.
"""

from __future__ import annotations

import hashlib
import os
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from models.errors import ModelError, TrainingError

if TYPE_CHECKING:
    from models.batching import Batch
    from models.network import LiquidNetwork

T = TypeVar("T")
_NEEDED = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
_DIGIT_BITS = 48  # whole numbers of this size are exact in float64


class Loss(nn.Module):
    """``network.loss`` as ``forward``, the one call DistributedDataParallel watches."""

    def __init__(self, network: LiquidNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch | None, squared: float) -> Tensor:
        """Mean over the known targets; None: nothing to learn from, a 0 whose backward still meets the others."""
        if batch is None:
            return next(p for p in self.network.parameters() if p.requires_grad).sum() * 0.0
        return self.network.loss(batch, squared)


@dataclass(frozen=True, slots=True)
class Group:
    """The processes that train together. rank: 0..size - 1; device: this process's own; connected: false: no others.

    ``total``, ``any``, ``together`` and ``check_same`` are meetings: every process must come to each of them.
    """

    rank: int
    size: int
    device: torch.device
    connected: bool

    @property
    def is_main(self) -> bool:
        """Whether this process is the one that reports and writes files."""
        return self.rank == 0

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """This process's part; empty where there are fewer items than processes."""
        return items[self.rank :: self.size]

    def total(self, value: float) -> float:
        """Its sum over the processes, in float64; the same bits in each."""
        return self._reduced([value], "SUM")[0]

    def any(self, flag: bool) -> bool:
        """Whether it is true in any process."""
        return self.total(float(flag)) > 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """For what one process does alone: where that fails, all of them stop instead of waiting for it for ever.

        Raises what failed here, TrainingError in the other processes.
        """
        try:
            yield
        except BaseException:
            self.any(True)
            raise
        if self.any(False):
            raise TrainingError("another process of this training failed; its own message tells why")

    def check_same(self, text: str) -> None:
        """Raises TrainingError, in every process, where ``text`` is not the same in all of them."""
        digest = hashlib.sha256(text.encode()).digest()
        step = _DIGIT_BITS // 8
        digits = [float(int.from_bytes(digest[k : k + step])) for k in range(0, len(digest), step)]
        highest = self._reduced([*digits, *(-d for d in digits)], "MAX")
        if any(high + low for high, low in zip(highest[: len(digits)], highest[len(digits) :], strict=True)):
            raise TrainingError(
                "the processes of this training were given other data, settings or checkpoints: "
                "run the same script on the same files in each"
            )

    def parallel(self, network: LiquidNetwork) -> nn.Module:
        """``Loss`` of the network; its backward leaves the mean gradient of all processes in each.

        The networks are made equal to the first process's. A parameter without gradient in every process keeps none.
        """
        loss = Loss(network)
        if not self.connected:
            return loss
        return DistributedDataParallel(loss, find_unused_parameters=True)

    def _reduced(self, values: list[float], how: str) -> list[float]:
        if not self.connected:
            return values
        tensor = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(tensor, getattr(dist.ReduceOp, how))
        return tensor.tolist()


ALONE = Group(0, 1, torch.device("cpu"), connected=False)


def launched() -> bool:
    """Whether torchrun, or something that speaks its protocol, started this process."""
    return all(name in os.environ for name in _NEEDED)


def is_main() -> bool:
    """Whether this process writes files: always where it runs on its own."""
    if _initialised():
        return dist.get_rank() == 0
    return not launched() or int(os.environ["RANK"]) == 0


def device(name: str) -> torch.device:
    """The device of that name ("auto", "cpu", "cuda", "cuda:1", ...) in this process.

    A GPU without number is that of the local rank under torchrun; with fewer GPUs than processes they share.
    Raises ModelError where it is not there.
    """
    try:
        chosen = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)
    except RuntimeError as error:
        raise ModelError(f"unknown device {name!r}; there are auto, cpu, cuda") from error
    if chosen.type != "cuda":
        return chosen
    if not torch.cuda.is_available():
        raise ModelError("there is no CUDA device here; use device='cpu' or 'auto'")
    if chosen.index is None and launched():
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    return chosen


@contextmanager
def joined(where: torch.device) -> Iterator[Group]:
    """The group of this process, entered here and left at the end; one that the caller has opened stays open.

    Tensors lie on ``where`` (see ``device``). gloo carries them; nccl where every process is on the GPU of its local
    rank, so that no two share one.
    Raises ModelError where this torch cannot do it.
    """
    opened = not _initialised()
    if opened and not launched():
        yield Group(0, 1, where, connected=False)
        return
    if opened:
        if not dist.is_available():
            raise ModelError("this build of torch cannot train in several processes; start the script without torchrun")
        store, rank, size = _meeting_place()
        # a prefix of its own: the keys of a group that was left would mislead the next one
        store = dist.distributed_c10d.PrefixStore(f"mailiu{next(_meetings)}", store)
        dist.init_process_group(_backend(where, store, rank, size), store=store, rank=rank, world_size=size)
    try:
        with torch.cuda.device(where) if where.type == "cuda" else nullcontext():
            yield Group(dist.get_rank(), dist.get_world_size(), where, connected=True)
    except BaseException as error:
        # Its frames hold DistributedDataParallel. Should that outlive the group, it would end the group while it holds
        # the interpreter's lock and wait for gloo's threads, which wait for the lock: seen to hang.
        traceback.clear_frames(error.__traceback__)
        raise
    finally:
        if opened:
            dist.destroy_process_group()


_meetings = count()


@cache
def _meeting_place() -> tuple[dist.distributed_c10d.Store, int, int]:
    """torchrun's store, this process's rank and how many there are; kept, for it cannot be opened twice."""
    from torch.distributed.rendezvous import rendezvous  # not there in a torch without distributed

    return next(iter(rendezvous("env://")))


def _backend(where: torch.device, store: dist.distributed_c10d.Store, rank: int, size: int) -> str:
    """The same in every process: one of them that shares its GPU brings all to gloo."""
    apart = where.type == "cuda" and where.index == int(os.environ["LOCAL_RANK"]) and dist.is_nccl_available()
    store.set(f"apart{rank}", "yes" if apart else "no")
    return "nccl" if all(store.get(f"apart{k}") == b"yes" for k in range(size)) else "gloo"


def _initialised() -> bool:
    return dist.is_available() and dist.is_initialized()
