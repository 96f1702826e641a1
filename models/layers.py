"""The layers a user builds: a cell, its wiring and its options by name, run by ``SequenceLayer``."""

from __future__ import annotations

from models.cells.ltc import LTCCell, Nonnegative
from models.sequence import SequenceLayer
from models.wiring import Wiring


class LTC(SequenceLayer):
    """A layer of liquid time-constant neurons.

    input_size: features a step; wiring: see ``models.wiring``; solver, unfolds, nonnegative: see ``LTCCell``
    """

    cell: LTCCell

    def __init__(
        self,
        input_size: int,
        wiring: Wiring,
        *,
        solver: str = "exponential",
        unfolds: int = 6,
        nonnegative: Nonnegative = "softplus",
        backend: str = "auto",
    ) -> None:
        cell = LTCCell(wiring.circuit(input_size), solver=solver, unfolds=unfolds, nonnegative=nonnegative)
        super().__init__(cell, backend=backend)
        self.wiring = wiring
