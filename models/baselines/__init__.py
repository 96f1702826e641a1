"""What a forecast must beat: simple forecasters of one interface, by name. They load on first use, torch never."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from models.errors import ModelError

if TYPE_CHECKING:
    from models.baselines.estimator import Baseline

_HOME = {
    "last_value": ("models.baselines.last_value", "LastValue"),
    "patient_mean": ("models.baselines.patient_mean", "PatientMean"),
    "linear_trend": ("models.baselines.linear_trend", "LinearTrend"),
    "mixed_effects": ("models.baselines.mixed_effects", "MixedEffects"),
    "logistic": ("models.baselines.logistic", "Logistic"),
    "boosted_trees": ("models.baselines.boosted_trees", "BoostedTrees"),
    "cox": ("models.baselines.cox", "Cox"),
}
NAMES = tuple(_HOME)


def get(name: str) -> type[Baseline]:
    """The class of that name. Raises ModelError, listing the valid names, for an unknown one."""
    if name not in _HOME:
        raise ModelError(f"unknown baseline {name!r}; there are {', '.join(NAMES)}")
    module, of = _HOME[name]
    return getattr(import_module(module), of)


def make(name: str, **settings: Any) -> Baseline:
    """A new forecaster of that name. Raises ModelError for an unknown name or setting."""
    return get(name)().set_params(**settings)
