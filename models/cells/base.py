"""The contract of a recurrent cell in continuous time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Step(NamedTuple):
    """state: (batch, state_size); tau: (batch, units) time constants, model time."""

    state: Tensor
    tau: Tensor


class Path(NamedTuple):
    """state: (batch, length, state_size); tau: (batch, length, units), after every step; tau in model time."""

    state: Tensor
    tau: Tensor


class Run(NamedTuple):
    """What a sequence gives: output (batch, length, output_size); state (batch, state_size) at its end; path: all of
    its steps, None where not wanted.
    """

    output: Tensor
    state: Tensor
    path: Path | None


class AbstractCell(nn.Module, ABC):
    """A state (batch, state_size) that inputs push and elapsed time carries on.

    The first ``units`` columns of the state are the neurons; memory beside them, if any, follows. A step is split in
    two so that a sequence computes everything that does not depend on the state at once: ``drive`` for all steps, then
    ``advance`` step by step. ``run`` is that loop, and the specification that every fast kernel is held to.
    """

    input_size: int
    units: int
    output_size: int

    @property
    def state_size(self) -> int:
        """Width of the state: the neurons and whatever memory the cell keeps beside them."""
        return self.units

    @abstractmethod
    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """inputs (..., input_size), mask alike (True seen; None: all seen) -> (..., drive_size).

        An input that was not seen is 0 in ``inputs`` and has no influence.
        """

    def frozen(self) -> object:
        """The parameters as ``advance`` wants them; computed once a sequence, not once a step."""
        return None

    @abstractmethod
    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        """drive (batch, drive_size), state (batch, state_size), dt (batch,) model time >= 0."""

    @abstractmethod
    def output(self, state: Tensor) -> Tensor:
        """state (..., state_size) -> read-out (..., output_size)."""

    def step(self, inputs: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """One step: inputs (batch, input_size), state (batch, state_size), dt (batch,) -> state alike."""
        return self.advance(self.drive(inputs), state, dt, self.frozen()).state

    def run(
        self, x: Tensor, dt: Tensor, state: Tensor, mask: Tensor | None = None, inside: Tensor | None = None
    ) -> Path:
        """All steps of a checked batch, the readable way.

        x: (batch, length, input_size), 0 where not seen; dt: (batch, length), 0 where padded; state: (batch,
        state_size); mask: as x, None: all seen; inside: (batch, length), False where padded, None: nowhere
        In a padded step state and tau stand still.
        """
        drive, frozen = self.drive(x, mask), self.frozen()
        tau = x.new_zeros(x.shape[0], self.units)
        states, taus = [], []
        # unbound once: indexing each step would fill a whole gradient with zeros each time
        for k, (pushed, elapsed) in enumerate(zip(drive.unbind(1), dt.unbind(1), strict=True)):
            step = self.advance(pushed, state, elapsed, frozen)
            if inside is None:
                state, tau = step
            else:
                here = inside[:, k].unsqueeze(-1)
                state, tau = torch.where(here, step.state, state), torch.where(here, step.tau, tau)
            states.append(state)
            taus.append(tau)
        if not states:
            return Path(x.new_zeros(x.shape[0], 0, self.state_size), x.new_zeros(x.shape[0], 0, self.units))
        return Path(torch.stack(states, 1), torch.stack(taus, 1))
