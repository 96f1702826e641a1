"""The recurrent layer of a forecaster by name: liquid ones, and those they are compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.errors import ModelError
from models.layers import CTRNN, GRU, GRUD, LSTM, LTC, ODERNN, CfC
from models.sequence import SequenceLayer
from models.wiring import AutoNCP, Wiring

Settings = dict[str, Any]


def _wiring(settings: Settings, member: int) -> Wiring:
    units = int(settings["units"])
    return AutoNCP(units, max(units // 4, 1), float(settings["sparsity"]), 22222 + int(settings["seed"]) + member)


def _ltc(inputs: int, settings: Settings, member: int) -> SequenceLayer:
    return LTC(
        inputs,
        _wiring(settings, member),
        solver=settings["solver"],
        unfolds=int(settings["unfolds"]),
        mixed_memory=bool(settings["mixed_memory"]),
    )


def _cfc(inputs: int, settings: Settings, member: int) -> SequenceLayer:
    wired = _wiring(settings, member)
    return CfC(inputs, wired, mixed_memory=bool(settings["mixed_memory"]), recurrent="dense")


_CELLS: dict[str, Callable[[int, Settings, int], SequenceLayer]] = {
    "ltc": _ltc,
    "cfc": _cfc,
    "ctrnn": lambda inputs, s, _: CTRNN(inputs, int(s["units"]), unfolds=int(s["unfolds"])),
    "ode_rnn": lambda inputs, s, _: ODERNN(inputs, int(s["units"]), unfolds=1),
    "gru_d": lambda inputs, s, _: GRUD(inputs, int(s["units"])),
    "gru": lambda inputs, s, _: GRU(inputs, int(s["units"])),
    "lstm": lambda inputs, s, _: LSTM(inputs, int(s["units"])),
}
CELLS = tuple(_CELLS)


def make(cell: str, inputs: int, settings: Settings, member: int) -> SequenceLayer:
    """A fresh layer; settings: of the forecaster. Raises ModelError, listing the valid names, for an unknown one."""
    if cell not in _CELLS:
        raise ModelError(f"unknown cell {cell!r}; there are {', '.join(CELLS)}")
    return _CELLS[cell](inputs, settings, member)
