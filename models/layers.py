"""The layers a user builds: a cell, its wiring and its options by name, run by ``SequenceLayer``."""

from __future__ import annotations

from numbers import Integral
from typing import TypedDict, Unpack

from torch import Tensor

from models import solvers
from models.cells.base import AbstractCell
from models.cells.cfc import CfCCell, Mode
from models.cells.diagonal import DiagonalCell, Parallel
from models.cells.gru import GRUCell
from models.cells.gru_d import GRUDCell
from models.cells.lstm import LSTMCell
from models.cells.ltc import LTCCell, Nonnegative
from models.cells.mixed_memory import MixedMemoryCell, with_memory
from models.cells.ode import CTRNNCell, NeuralODECell, ODERNNCell
from models.cells.wired_cfc import Recurrent, WiredCfCCell, check_recurrent
from models.checks import shown
from models.errors import ModelError
from models.sequence import SequenceLayer
from models.wiring import Circuit, Wiring

WIRING = "a wiring such as AutoNCP(32, 4) or FullyConnected(32, 4)"


class Running(TypedDict, total=False):
    """Options of every layer. backend, checkpoint: how it is run, see ``SequenceLayer``; mixed_memory: an LSTM's memory
    in front, ``cell`` is then a ``MixedMemoryCell``; memory_reach: steps, at least 3, that this should look back from
    the start, None: as published."""

    mixed_memory: bool
    memory_reach: int | None
    backend: str
    checkpoint: bool


class _Layer(SequenceLayer):
    def __init__(
        self,
        cell: AbstractCell,
        *,
        mixed_memory: bool = False,
        memory_reach: int | None = None,
        backend: str = "auto",
        checkpoint: bool = False,
    ) -> None:
        super().__init__(with_memory(cell, mixed_memory, memory_reach), backend=backend, checkpoint=checkpoint)


def _circuit(wiring: object, input_size: int) -> Circuit:
    if not isinstance(wiring, Wiring):
        raise ModelError(f"wiring must be {WIRING}, got {shown(wiring)}")
    return wiring.circuit(input_size)


class LTC(_Layer):
    """A layer of liquid time-constant neurons.

    input_size: features a step; wiring: see ``models.wiring``; solver, unfolds, nonnegative: see ``LTCCell``; running:
    see ``Running``
    """

    def __init__(
        self,
        input_size: int,
        wiring: Wiring,
        *,
        solver: str | solvers.Solver = "exponential",
        unfolds: int = 6,
        nonnegative: Nonnegative = "softplus",
        **running: Unpack[Running],
    ) -> None:
        cell = LTCCell(_circuit(wiring, input_size), solver=solver, unfolds=unfolds, nonnegative=nonnegative)
        super().__init__(cell, **running)
        self.wiring = wiring

    @property
    def liquid(self) -> LTCCell:
        """The liquid cell itself, whether a mixed memory stands in front of it or not."""
        cell = self.cell.inner if isinstance(self.cell, MixedMemoryCell) else self.cell
        assert isinstance(cell, LTCCell)
        return cell


class CfC(_Layer):
    """A layer of closed-form continuous-time neurons.

    units_or_wiring: neurons behind a dense backbone, see ``CfCCell``; or a wiring, see ``WiredCfCCell``, which has no
    backbone; mode: "default", "pure" or "no_gate", all of which move even where dt is 0; backbone_*, activation: of a
    layer given by units; recurrent: "wired" or "dense", of a layer given by a wiring; running: see ``Running``;
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
        proj_size: int | None = None,
        **running: Unpack[Running],
    ) -> None:
        check_recurrent(recurrent)
        if isinstance(units_or_wiring, Wiring):
            if (backbone_units, backbone_layers, backbone_dropout, activation) != (128, 1, 0.0, "lecun_tanh"):
                raise ModelError("a wired CfC has no backbone; leave backbone_* and activation at their defaults")
            cell = WiredCfCCell(units_or_wiring.circuit(input_size), mode, recurrent=recurrent, proj_size=proj_size)
        else:
            if isinstance(units_or_wiring, bool) or not isinstance(units_or_wiring, Integral):
                raise ModelError(f"units_or_wiring must be a number of units or {WIRING}, got {shown(units_or_wiring)}")
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
        super().__init__(cell, **running)
        self.wiring = units_or_wiring if isinstance(units_or_wiring, Wiring) else None

    @property
    def liquid(self) -> CfCCell | WiredCfCCell:
        """The closed-form cell itself, whether a mixed memory stands in front of it or not."""
        cell = self.cell.inner if isinstance(self.cell, MixedMemoryCell) else self.cell
        assert isinstance(cell, CfCCell | WiredCfCCell)
        return cell


class CTRNN(_Layer):
    """A layer of continuous-time recurrent neurons: see ``CTRNNCell``; running: see ``Running``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        solver: str | solvers.Solver = "exponential",
        unfolds: int = 6,
        **running: Unpack[Running],
    ) -> None:
        cell = CTRNNCell(input_size, units, solver=solver, unfolds=unfolds)
        super().__init__(cell, **running)


class NeuralODE(_Layer):
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
        **running: Unpack[Running],
    ) -> None:
        cell = NeuralODECell(input_size, units, hidden=hidden, depth=depth, solver=solver, unfolds=unfolds)
        super().__init__(cell, **running)


class ODERNN(_Layer):
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
        **running: Unpack[Running],
    ) -> None:
        cell = ODERNNCell(input_size, units, hidden=hidden, depth=depth, solver=solver, unfolds=unfolds)
        super().__init__(cell, **running)


class GRU(_Layer):
    """A layer of gated recurrent units. time_input: hear dt as one more feature; see ``GRUCell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        time_input: bool = True,
        **running: Unpack[Running],
    ) -> None:
        cell = GRUCell(input_size, units, time_input=time_input)
        super().__init__(cell, **running)


class GRUD(_Layer):
    """A layer of gated units that let unseen inputs fade. mean: (input_size,) they fade to; see ``GRUDCell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        mean: Tensor | None = None,
        **running: Unpack[Running],
    ) -> None:
        super().__init__(GRUDCell(input_size, units, mean=mean), **running)


class LSTM(_Layer):
    """A layer of long short-term memory. time_input: hear dt as one more feature; see ``LSTMCell``."""

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        time_input: bool = True,
        **running: Unpack[Running],
    ) -> None:
        cell = LSTMCell(input_size, units, time_input=time_input)
        super().__init__(cell, **running)


class LiquidSSM(_Layer):
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
        **running: Unpack[Running],
    ) -> None:
        cell = DiagonalCell(input_size, units, output_size=output_size, parallel=parallel, taus=taus)
        super().__init__(cell, **running)
