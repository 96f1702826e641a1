"""The contract of a recurrent cell in continuous time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor, nn

from models.wiring import Circuit


class Step(NamedTuple):
    """state: (batch, units); tau: (batch, units) system time constants, model time."""

    state: Tensor
    tau: Tensor


class AbstractCell(nn.Module, ABC):
    """A state (batch, units) that inputs push and elapsed time carries on.

    A step is split in two so that a sequence computes everything that does not depend on the state at once:
    ``drive`` for all steps, then ``advance`` step by step.
    """

    circuit: Circuit

    @abstractmethod
    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """inputs (..., input_size), mask alike (1 seen, 0 not; None: all seen) -> (..., drive_size).

        An input that was not seen has no influence: its synapses are closed.
        """

    @abstractmethod
    def frozen(self) -> object:
        """The parameters as ``advance`` wants them; computed once a sequence, not once a step."""

    @abstractmethod
    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        """drive (batch, drive_size), state (batch, units), dt (batch,) model time >= 0; 0 is the identity."""

    @abstractmethod
    def output(self, state: Tensor) -> Tensor:
        """state (..., units) -> read-out of the motor neurons (..., output_size)."""

    def step(self, inputs: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """One step: inputs (batch, input_size), state (batch, units), dt (batch,) -> state (batch, units)."""
        return self.advance(self.drive(inputs), state, dt, self.frozen()).state

    @property
    def units(self) -> int:
        return self.circuit.units
