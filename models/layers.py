"""The layers a user builds: a cell, its wiring and its options by name, run by ``SequenceLayer``."""

from __future__ import annotations

from typing import TypedDict, Unpack

from torch import Tensor

from models import solvers
from models.cells.cfc import CfCCell, Mode
from models.cells.diagonal import DiagonalCell, Parallel
from models.cells.gru import GRUCell
from models.cells.gru_d import GRUDCell
from models.cells.lstm import LSTMCell
from models.cells.ltc import LTCCell, Nonnegative
from models.cells.mixed_memory import MixedMemoryCell, with_memory
from models.cells.ode import CTRNNCell, NeuralODECell, ODERNNCell
from models.cells.wired_cfc import Recurrent, WiredCfCCell, check_recurrent
from models.errors import ModelError
from models.sequence import SequenceLayer
from models.wiring import Wiring


class Running(TypedDict, total=False):
    """How a layer is run, see ``SequenceLayer``."""

    backend: str
    checkpoint: bool


class LTC(SequenceLayer):
    """A layer of liquid time-constant neurons.

    input_size: features a step; wiring: see ``models.wiring``; solver, unfolds, nonnegative: see ``LTCCell``;
    mixed_memory: an LSTM's memory in front, ``cell`` is then a ``MixedMemoryCell`` around ``liquid``; a number instead
    of True: of steps that it should reach back from the start
    """

    def __init__(
        self,
        input_size: int,
        wiring: Wiring,
        *,
        solver: str | solvers.Solver = "exponential",
        unfolds: int = 6,
        nonnegative: Nonnegative = "softplus",
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        cell = LTCCell(wiring.circuit(input_size), solver=solver, unfolds=unfolds, nonnegative=nonnegative)
        super().__init__(with_memory(cell, mixed_memory), **running)
        self.wiring = wiring

    @property
    def liquid(self) -> LTCCell:
        """The liquid cell itself, whether a mixed memory stands in front of it or not."""
        cell = self.cell.inner if isinstance(self.cell, MixedMemoryCell) else self.cell
        assert isinstance(cell, LTCCell)
        return cell


class CfC(SequenceLayer):
    """A layer of closed-form continuous-time neurons.

    units_or_wiring: neurons behind a dense backbone, see ``CfCCell``; or a wiring, see ``WiredCfCCell``, which has no
    backbone; mode: "default", "pure" or "no_gate", all of which move even where dt is 0; backbone_*, activation: of a
    layer given by units; recurrent: "wired" or "dense", of a layer given by a wiring; mixed_memory: as in ``LTC``;
    proj_size: width of a linear read-out, None: the neurons themselves, of a wiring the motor neurons
    """

    def __init__(
        self,
        input_size: int,
        units_or_wiring: int | Wiring,
        *,
        mode: Mode = "default",
        backbone_units: int = 128,
        backbone_layers: int = 1,
        backbone_dropout: float = 0.0,
        activation: str = "lecun_tanh",
        recurrent: Recurrent = "wired",
        mixed_memory: bool | int = False,
        proj_size: int | None = None,
        **running: Unpack[Running],
    ) -> None:
        check_recurrent(recurrent)
        if isinstance(units_or_wiring, Wiring):
            if (backbone_units, backbone_layers, backbone_dropout, activation) != (128, 1, 0.0, "lecun_tanh"):
                raise ModelError("a wired CfC has no backbone; leave backbone_* and activation at their defaults")
            circuit = units_or_wiring.circuit(input_size)
            cell = WiredCfCCell(circuit, mode, recurrent=recurrent, proj_size=proj_size)
        else:
            cell = CfCCell(
                input_size,
                units_or_wiring,
                mode=mode,
                backbone_units=backbone_units,
                backbone_layers=backbone_layers,
                backbone_dropout=backbone_dropout,
                activation=activation,
                proj_size=proj_size,
            )
        super().__init__(with_memory(cell, mixed_memory), **running)
        self.wiring = units_or_wiring if isinstance(units_or_wiring, Wiring) else None

    @property
    def liquid(self) -> CfCCell | WiredCfCCell:
        """The closed-form cell itself, whether a mixed memory stands in front of it or not."""
        cell = self.cell.inner if isinstance(self.cell, MixedMemoryCell) else self.cell
        assert isinstance(cell, CfCCell | WiredCfCCell)
        return cell


class CTRNN(SequenceLayer):
    """A layer of continuous-time recurrent neurons: see ``CTRNNCell``. mixed_memory: as in ``LTC``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        solver: str | solvers.Solver = "exponential",
        unfolds: int = 6,
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        cell = CTRNNCell(input_size, units, solver=solver, unfolds=unfolds)
        super().__init__(with_memory(cell, mixed_memory), **running)


class NeuralODE(SequenceLayer):
    """A layer that solves a learned equation, its input held over each step: see ``NeuralODECell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        hidden: int | None = None,
        depth: int = 1,
        solver: str | solvers.Solver = "rk4",
        unfolds: int = 2,
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        cell = NeuralODECell(input_size, units, hidden=hidden, depth=depth, solver=solver, unfolds=unfolds)
        super().__init__(with_memory(cell, mixed_memory), **running)


class ODERNN(SequenceLayer):
    """A layer that solves a learned equation between observations and jumps at them: see ``ODERNNCell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        hidden: int | None = None,
        depth: int = 1,
        solver: str | solvers.Solver = "rk4",
        unfolds: int = 2,
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        cell = ODERNNCell(input_size, units, hidden=hidden, depth=depth, solver=solver, unfolds=unfolds)
        super().__init__(with_memory(cell, mixed_memory), **running)


class GRU(SequenceLayer):
    """A layer of gated recurrent units. time_input: hear dt as one more feature; see ``GRUCell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        time_input: bool = True,
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        cell = GRUCell(input_size, units, time_input=time_input)
        super().__init__(with_memory(cell, mixed_memory), **running)


class GRUD(SequenceLayer):
    """A layer of gated units that let unseen inputs fade. mean: (input_size,) they fade to; see ``GRUDCell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        mean: Tensor | None = None,
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        super().__init__(with_memory(GRUDCell(input_size, units, mean=mean), mixed_memory), **running)


class LSTM(SequenceLayer):
    """A layer of long short-term memory. time_input: hear dt as one more feature; see ``LSTMCell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        time_input: bool = True,
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        cell = LSTMCell(input_size, units, time_input=time_input)
        super().__init__(with_memory(cell, mixed_memory), **running)


class LiquidSSM(SequenceLayer):
    """A layer of diagonal liquid neurons for long waveforms, solved over time at once: see ``DiagonalCell``.

    A mixed memory joins the neurons, so with it the layer runs step by step.
    """

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        output_size: int | None = None,
        parallel: Parallel = "auto",
        taus: tuple[float, float] = (1.0, 100.0),
        mixed_memory: bool | int = False,
        **running: Unpack[Running],
    ) -> None:
        cell = DiagonalCell(input_size, units, output_size=output_size, parallel=parallel, taus=taus)
        super().__init__(with_memory(cell, mixed_memory), **running)
