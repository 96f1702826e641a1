"""Liquid networks for irregular courses. Names load on first use, so importing this package loads no torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.cells.ltc import LTCCell
    from models.comparing import compare
    from models.continual import update
    from models.course import Course, Event, Treatment, Variable
    from models.drift import watch
    from models.explain import alike, attribute
    from models.forecast import Forecast, Neuron, Trajectory
    from models.forecaster import LiquidForecaster
    from models.gradients import GradientNorms, gradient_norms
    from models.layers import CTRNN, GRU, GRUD, LSTM, LTC, ODERNN, CfC, LiquidSSM, NeuralODE
    from models.migrate import from_ncps
    from models.sequence import SequenceLayer, SequenceResult
    from models.stack import Bidirectional, Stack
    from models.training import TrainingProgress
    from models.tuning import tune
    from models.wiring import NCP, AutoNCP, Circuit, Explicit, FullyConnected, Random, Wiring

_HOME = {
    "AutoNCP": "models.wiring",
    "Bidirectional": "models.stack",
    "CTRNN": "models.layers",
    "CfC": "models.layers",
    "Circuit": "models.wiring",
    "Course": "models.course",
    "Event": "models.course",
    "Explicit": "models.wiring",
    "Forecast": "models.forecast",
    "FullyConnected": "models.wiring",
    "GRU": "models.layers",
    "GRUD": "models.layers",
    "GradientNorms": "models.gradients",
    "LSTM": "models.layers",
    "LTC": "models.layers",
    "LTCCell": "models.cells.ltc",
    "LiquidForecaster": "models.forecaster",
    "LiquidSSM": "models.layers",
    "NCP": "models.wiring",
    "NeuralODE": "models.layers",
    "Neuron": "models.forecast",
    "ODERNN": "models.layers",
    "Random": "models.wiring",
    "SequenceLayer": "models.sequence",
    "SequenceResult": "models.sequence",
    "Stack": "models.stack",
    "TrainingProgress": "models.training",
    "Trajectory": "models.forecast",
    "Treatment": "models.course",
    "Variable": "models.course",
    "Wiring": "models.wiring",
    "alike": "models.explain",
    "attribute": "models.explain",
    "compare": "models.comparing",
    "from_ncps": "models.migrate",
    "gradient_norms": "models.gradients",
    "tune": "models.tuning",
    "update": "models.continual",
    "watch": "models.drift",
}

__all__ = [
    "CTRNN",
    "GRU",
    "GRUD",
    "LSTM",
    "LTC",
    "NCP",
    "ODERNN",
    "AutoNCP",
    "Bidirectional",
    "CfC",
    "Circuit",
    "Course",
    "Event",
    "Explicit",
    "Forecast",
    "FullyConnected",
    "GradientNorms",
    "LTCCell",
    "LiquidForecaster",
    "LiquidSSM",
    "NeuralODE",
    "Neuron",
    "Random",
    "SequenceLayer",
    "SequenceResult",
    "Stack",
    "TrainingProgress",
    "Trajectory",
    "Treatment",
    "Variable",
    "Wiring",
    "alike",
    "attribute",
    "compare",
    "from_ncps",
    "gradient_norms",
    "tune",
    "update",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'models' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
