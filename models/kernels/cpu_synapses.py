"""Between torch and ``numba_synapses``: synapses sorted by target, and what every pass over them is given and gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.cells.ltc import LTCCell
from models.kernels import numba_synapses, ragged, reference, threads
from models.kernels.blocks import pack, total, unpack
from models.kernels.lanes import LARGEST, LOG2E

SOLVERS = {
    "fused": numba_synapses.FUSED,
    "exponential": numba_synapses.EXPONENTIAL,
    "exponential_midpoint": numba_synapses.MIDPOINT,
}
_TOTALS = np.array([1.0, 1.0, *[1.0 / numba_synapses.PER_EXPONENT] * 2])
_NARROW = 8  # lanes of a half-width pass, where registers are short


def refusal(cell: LTCCell) -> str | None:
    name = cell.solver.name
    return None if name in SOLVERS else f"solver {name!r} is not compiled, only {', '.join(SOLVERS)}"


class Lists(NamedTuple):
    """Synapses sorted by target. start (units + 1,), source (synapses,); order (synapses,): as the parameters lie."""

    start: np.ndarray
    source: np.ndarray
    order: Tensor

    @property
    def fan_in(self) -> int:
        return int(np.diff(self.start).max(initial=0))

    def group(self, table: Tensor, like: Tensor) -> numba_synapses.Group:
        return numba_synapses.Group(self.start, self.source, table.detach().to(like.dtype).contiguous().numpy())


class Fixed(NamedTuple):
    """What no gradient flows to. keep: leave behind what the backward pass wants to see again."""

    solver: int
    substeps: int
    keep: bool
    tau: bool
    width: int
    sensory: Lists
    recurrent: Lists
    mask: Tensor | None
    inside: Tensor | None


class Tables(NamedTuple):
    """What gradients flow to. sensory, recurrent: (synapses, 4), neuron: (3, units), as in ``numba_synapses``.

    Those of synapses are float64, as the gradient of sigma is a difference of large sums.
    """

    sensory: Tensor
    recurrent: Tensor
    neuron: Tensor


def prepare(
    cell: LTCCell, mask: Tensor | None, inside: Tensor | None, width: int, *, tau: bool, checkpoint: bool
) -> tuple[Fixed, Tables]:
    groups = cell.sensory.effective(), cell.recurrent.effective()
    sensory, recurrent = (_lists(group) for group in groups)
    keep = torch.is_grad_enabled() and not checkpoint
    fixed = Fixed(SOLVERS[cell.solver.name], cell.unfolds, keep, tau, width, sensory, recurrent, mask, inside)
    neuron = torch.cat(cell.neurons()).view(3, -1)
    return fixed, Tables(_table(groups[0], sensory.order), _table(groups[1], recurrent.order), neuron)


def _table(synapses: reference.Synapses, order: Tensor) -> Tensor:
    sigma, mu, w, erev = (p[order].double() for p in synapses[2:6])
    return torch.stack([-LOG2E * sigma, LOG2E * sigma * mu, w, w * erev], 1)


def _lists(synapses: reference.Synapses) -> Lists:
    return _sorted(synapses.source.numpy().tobytes(), synapses.target.numpy().tobytes(), synapses.units)


@lru_cache(maxsize=256)
def _sorted(source: bytes, target: bytes, units: int) -> Lists:
    sources, targets = np.frombuffer(source, np.int64), np.frombuffer(target, np.int64)
    order = np.argsort(targets, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(targets, minlength=units))]).astype(np.int64)
    with torch.inference_mode(False):  # what is remembered must serve a training too
        return Lists(start, sources[order], torch.from_numpy(order))


class Packed(NamedTuple):
    """The arguments that both passes share, in their order."""

    width: tuple[int, ...]
    narrow: tuple[int, ...]
    rule: numba_synapses.Rule
    thrifty: bool
    inputs: numba_synapses.Inputs
    dt: np.ndarray
    steps: np.ndarray
    kept: np.ndarray
    sensory: numba_synapses.Group
    recurrent: numba_synapses.Group
    neuron: np.ndarray


def packed(
    fixed: Fixed, thrifty: bool, u: Tensor, dt: Tensor, states: Tensor, kept: np.ndarray, tables: Tables
) -> Packed:
    """u: (batch, length, inputs) sensed; states: all that the neurons may start a step from, whatever its shape."""
    width = fixed.width
    sensed = pack(u, width)
    seen = sensed[:0] if fixed.mask is None else pack(fixed.mask.to(u.dtype), width)
    return Packed(
        (0,) * width,
        (0,) * min(width, _NARROW),
        numba_synapses.Rule(fixed.solver, fixed.substeps, _bounded(states, tables)),
        thrifty,
        numba_synapses.Inputs(sensed, seen, fixed.mask is not None),
        pack(dt, width),
        ragged.steps(fixed.inside, len(dt), dt.shape[1], width),
        kept,
        fixed.sensory.group(tables.sensory, u),
        fixed.recurrent.group(tables.recurrent, u),
        tables.neuron.detach().contiguous().numpy(),
    )


def _bounded(states: Tensor, tables: Tables) -> bool:
    """Whether no recurrent gate's exponent can leave +-LARGEST, so that the kernel need not look.

    Each solver moves a state towards a weighted mean of leak and reversal potentials, so it never leaves their hull.
    """
    sensory, recurrent, neuron = tables
    w, w_erev = torch.cat([sensory, recurrent])[:, 2:].unbind(1)
    _, gleak, leak_current = neuron.detach().double()
    if not len(recurrent) or not bool((w > 0).all() and (gleak > 0).all()):
        return False
    hull = max(float(v.abs().max()) for v in (states, w_erev / w, leak_current / gleak))
    return bool((recurrent[:, 0].abs() * hull + recurrent[:, 1].abs()).max() < LARGEST)


def kept(start: Tensor, rows: int, width: int) -> np.ndarray:
    """Room for ``rows`` lanes a block, of which the first hold ``start``: (blocks rows, width)."""
    first = pack(start, width).reshape(-1, start.shape[1], width)
    room = np.empty((len(first), rows, width), first.dtype)
    room[:, : start.shape[1]] = first
    return room.reshape(-1, width)


def spread(work: Any, packed: Packed, rows: int, own: Callable[[int], tuple[Any, ...]]) -> None:
    """Run a pass on all blocks, shared among threads; own: the arguments of thread k after its scratch of ``rows``."""
    parts = []
    for k, share in enumerate(threads.shares(len(packed.steps))):
        scratch = np.zeros((rows, len(packed.width)), packed.dt.dtype)
        parts.append((*packed, *share, scratch, *own(k)))
    threads.spread(work, parts)


class Sums(NamedTuple):
    """Room for the gradients that a backward pass adds up; the last three apart for each thread."""

    u: np.ndarray
    dt: np.ndarray
    sensory: np.ndarray
    recurrent: np.ndarray
    neuron: np.ndarray

    @classmethod
    def of(cls, packed: Packed) -> Sums:
        count = len(threads.shares(len(packed.steps)))
        sensory, recurrent = (np.zeros((count, len(g.table), 4)) for g in (packed.sensory, packed.recurrent))
        neuron = np.zeros((count, packed.neuron.size, len(packed.width)), packed.dt.dtype)
        return cls(np.zeros_like(packed.inputs.u), np.zeros_like(packed.dt), sensory, recurrent, neuron)

    def own(self, k: int) -> tuple[np.ndarray, ...]:
        """Those of thread k, in the order of the passes."""
        return self.sensory[k], self.recurrent[k], self.neuron[k]

    def tensors(self, batch: int, length: int) -> tuple[Tensor, ...]:
        """Gradients of u (batch, length, inputs), of dt (batch, length) and of the three tables."""
        return (
            unpack(self.u, batch, length, len(self.u) // len(self.dt)),
            unpack(self.dt, batch, length),
            *(torch.from_numpy(totals.sum(0) * _TOTALS) for totals in (self.sensory, self.recurrent)),
            total(self.neuron.sum(0), 3, self.neuron.shape[1] // 3),
        )
