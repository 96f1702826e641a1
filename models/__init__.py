"""Liquid networks for irregular courses. Names load on first use, so importing this package loads no torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.cells.ltc import LTCCell
    from models.course import Course, Treatment, Variable
    from models.forecast import Forecast, Neuron, Trajectory
    from models.forecaster import LiquidForecaster
    from models.layers import LTC
    from models.training import TrainingProgress
    from models.wiring import NCP, AutoNCP, FullyConnected, Random

_HOME = {
    "AutoNCP": "models.wiring",
    "Course": "models.course",
    "Forecast": "models.forecast",
    "FullyConnected": "models.wiring",
    "LTC": "models.layers",
    "LTCCell": "models.cells.ltc",
    "LiquidForecaster": "models.forecaster",
    "NCP": "models.wiring",
    "Neuron": "models.forecast",
    "Random": "models.wiring",
    "TrainingProgress": "models.training",
    "Trajectory": "models.forecast",
    "Treatment": "models.course",
    "Variable": "models.course",
}

__all__ = [
    "LTC",
    "NCP",
    "AutoNCP",
    "Course",
    "Forecast",
    "FullyConnected",
    "LTCCell",
    "LiquidForecaster",
    "Neuron",
    "Random",
    "TrainingProgress",
    "Trajectory",
    "Treatment",
    "Variable",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'models' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
