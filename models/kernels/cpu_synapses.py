"""Between torch and ``numba_synapses``: what every pass over the synapses is given and gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.cells.base import Path, Run
from models.cells.ltc import LTCCell
from models.kernels import cpu_tables, numba_synapses, ragged, threads
from models.kernels.blocks import empty, pack, unpack, zeros
from models.kernels.cpu_tables import Layout, Lists, Parameters, Totals
from models.ragged import held

SOLVERS = {
    "fused": numba_synapses.FUSED,
    "exponential": numba_synapses.EXPONENTIAL,
    "exponential_midpoint": numba_synapses.MIDPOINT,
    "exponential_tangent": numba_synapses.TANGENT,
}


def refusal(cell: LTCCell) -> str | None:
    name = cell.solver.name
    return None if name in SOLVERS else f"solver {name!r} is not compiled, only {', '.join(SOLVERS)}"


class Fixed(NamedTuple):
    """What no gradient flows to. keep: leave behind what the backward pass wants to see again; path: every step's state
    and tau are wanted, not only the outputs
    """

    solver: int
    substeps: int
    softplus: bool
    keep: bool
    path: bool
    width: int
    outputs: int
    layout: Layout
    mask: Tensor | None
    inside: Tensor | None

    @classmethod
    def of(
        cls,
        cell: LTCCell,
        given: dict[str, Tensor],
        mask: Tensor | None,
        inside: Tensor | None,
        width: int,
        *,
        path: bool,
        checkpoint: bool,
    ) -> Fixed:
        """given: the cell's ``cpu_tables.parameters``."""
        return cls(
            SOLVERS[cell.solver.name],
            cell.unfolds,
            cell.nonnegative == "softplus",
            torch.is_grad_enabled() and not checkpoint,
            path,
            width,
            cell.output_size,
            cpu_tables.layout(cell, given),
            mask,
            inside,
        )

    def space_rows(self, units: int) -> int:
        recurrent = self.layout.recurrent
        return numba_synapses.space_rows(self.solver, units, recurrent.fan_in, len(recurrent.source))


def result(fixed: Fixed, output: Tensor, last: Tensor, states: Tensor, taus: Tensor) -> Run:
    """Of what a pass gave; states and taus are of every step, and empty where no path is wanted."""
    if not fixed.path:
        return Run(output, last, None)
    return Run(output, last, Path(states, taus if fixed.inside is None else held(taus, fixed.inside)))


class Packed(NamedTuple):
    """The arguments that both passes share, in their order."""

    width: tuple[int, ...]
    rule: numba_synapses.Rule
    thrifty: bool
    inputs: numba_synapses.Inputs
    dt: np.ndarray
    steps: np.ndarray
    kept: np.ndarray
    sensory: numba_synapses.Group
    recurrent: numba_synapses.Group
    neuron: np.ndarray


def arguments(
    fixed: Fixed, thrifty: bool, x: Tensor, dt: Tensor, reached: float, kept: np.ndarray, parameters: Parameters
) -> Packed:
    """x: (batch, length, inputs); reached: the largest of all that the neurons may start a step from."""
    width = fixed.width
    values = pack(x, width)
    seen = values[:0] if fixed.mask is None else pack(fixed.mask.to(x.dtype), width)
    kind, (sensory, recurrent) = values.dtype, parameters.tables()

    def group(lists: Lists, table: np.ndarray) -> numba_synapses.Group:
        return numba_synapses.Group(lists.start, lists.source, table.astype(kind))

    return Packed(
        (0,) * width,
        numba_synapses.Rule(fixed.solver, fixed.substeps, parameters.bounded(fixed.solver, recurrent, reached)),
        thrifty,
        numba_synapses.Inputs(values, seen, fixed.mask is not None),
        pack(dt, width),
        ragged.steps(fixed.inside, len(dt), dt.shape[1], width),
        kept,
        group(fixed.layout.sensory, sensory),
        group(fixed.layout.recurrent, recurrent),
        parameters.neuron().astype(kind),
    )


def room(start: Tensor, rows: int, width: int) -> np.ndarray:
    """Room for ``rows`` lanes a block, of which the first hold ``start``: (blocks rows, width)."""
    first = pack(start, width).reshape(-1, start.shape[1], width)
    states = empty((len(first), rows, width), first.dtype)
    states[:, : start.shape[1]] = first
    return states.reshape(-1, width)


def run_pass(work: Any, packed: Packed, rows: int, own: Callable[[int], tuple[Any, ...]]) -> None:
    """Run a pass on all blocks, shared among threads; own: the arguments of thread k after its scratch of ``rows``."""
    parts = []
    for k, share in enumerate(threads.shares(len(packed.steps))):
        scratch = zeros((rows, len(packed.width)), packed.dt.dtype)
        parts.append((*packed, *share, scratch, *own(k)))
    threads.spread(work, parts)


class ByReadOut(NamedTuple):
    """Gradients: states (batch, length, as many as it reaches), None: it reaches none; weights, shifts (outputs,)."""

    states: Tensor | None
    weights: np.ndarray
    shifts: np.ndarray


class ReadOut(NamedTuple):
    """states: (batch, length, outputs) that are read out; weights: (outputs,)"""

    states: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, states: Tensor, parameters: Parameters) -> tuple[Tensor, ReadOut]:
        numbers = states.numpy()
        weights = parameters["output_w"].astype(numbers.dtype)
        output = numbers * weights
        output += parameters["output_b"].astype(numbers.dtype)
        return torch.from_numpy(output), cls(numbers, weights)

    @np.errstate(all="ignore")  # a gradient that is infinite is told by whoever looks at it
    def back(self, by_output: Tensor | None, by_path: Tensor | None) -> ByReadOut:
        """From the gradients of the output and of every step's state, (batch, length, states); None: there is none."""
        none = np.zeros_like(self.weights)
        if by_output is None:
            return ByReadOut(by_path, none, none)
        numbers = by_output.detach().numpy()
        by_states = numbers * self.weights
        by_weights = (numbers * self.states).sum((0, 1), dtype=np.float64)
        by_shifts = numbers.sum((0, 1), dtype=np.float64)
        if by_path is None:
            return ByReadOut(torch.from_numpy(by_states), by_weights, by_shifts)
        by_path = by_path.clone()
        by_path.numpy()[..., : len(self.weights)] += by_states
        return ByReadOut(by_path, by_weights, by_shifts)


class Sums(NamedTuple):
    """Room for the gradients that a backward pass adds up.

    with_tau, by_tau: whether tau has a gradient, and which; by_state: what the loss gives the states after each step,
    of as many rows as it reaches; by_end, by_start: of the states behind the last step and before the first; x: empty
    where unwanted; the last five apart for each thread, the parts for a step's sums
    """

    with_tau: bool
    by_tau: np.ndarray
    by_state: np.ndarray
    by_end: np.ndarray
    by_start: np.ndarray
    x: np.ndarray
    dt: np.ndarray
    sensory_parts: np.ndarray
    sensory: np.ndarray
    recurrent_parts: np.ndarray
    recurrent: np.ndarray
    neuron: np.ndarray

    @classmethod
    def of(
        cls,
        packed: Packed,
        by_state: Tensor | None,
        by_end: Tensor | None,
        by_tau: Tensor | None,
        states: int,
        *,
        with_x: bool,
    ) -> Sums:
        """states: width of the whole state; by_tau: None or of no neurons where none was handed out."""
        count, width, kind = len(threads.shares(len(packed.steps))), len(packed.width), packed.dt.dtype
        sensory, recurrent = len(packed.sensory.table), len(packed.recurrent.table)
        start = zeros((len(packed.steps) * states, width), kind)
        with_tau = by_tau is not None and by_tau.numel() > 0
        return cls(
            with_tau,
            pack(by_tau, width) if by_tau is not None and with_tau else start[:0],
            start[:0] if by_state is None else pack(by_state, width),
            start if by_end is None else pack(by_end, width),
            start,
            zeros((len(packed.inputs.u) if with_x else 0, width), kind),
            zeros(packed.dt.shape, kind),
            zeros((count, sensory, 8), kind),
            np.zeros((count, sensory, 4)),
            zeros((count, recurrent, 8), kind),
            np.zeros((count, recurrent, 4)),
            zeros((count, packed.neuron.size, width), kind),
        )

    def shared(self) -> tuple[Any, ...]:
        """What all threads are given, in the order of the passes."""
        return self[:7]

    def own(self, k: int) -> tuple[np.ndarray, ...]:
        """Those of thread k, in the order of the passes."""
        return tuple(array[k] for array in self[7:])

    def tensors(self, batch: int, length: int, states: int) -> tuple[Tensor | None, Tensor, Tensor]:
        """Gradients of x (batch, length, inputs), of dt (batch, length), of the first state (batch, states)."""
        by_x = unpack(self.x, batch, length, len(self.x) // len(self.dt)) if self.x.size else None
        return by_x, unpack(self.dt, batch, length), unpack(self.by_start, batch, states)

    def totals(self, output_w: np.ndarray, output_b: np.ndarray) -> Totals:
        neuron = self.neuron.sum((0, 2), dtype=np.float64).reshape(3, -1)
        return Totals(self.sensory.sum(0), self.recurrent.sum(0), neuron, output_w, output_b)
