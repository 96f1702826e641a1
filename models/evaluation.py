"""Scores against the simple forecasts, and intervals scaled to what they should cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.course import Variable
from models.encoding import Encoder
from models.forecast import Array

ENOUGH = 40  # observed values before a variable's intervals are scaled by its own errors
_FACTOR = (0.5, 3.0)


def interval_factors(error: Array, half: Array, known: np.ndarray, coverage: float = 0.9) -> Array:
    """By how much to widen each variable's intervals so that they cover what they should: (V,).

    error: absolute error of the median, half: half width of the ``coverage`` interval; (k, V) on patients not trained
    on. Split-conformal quantile of error / half; pooled over variables where one has too few values, 1 where all have.
    """
    factors = np.ones(error.shape[1])
    pooled = _conformal((error / half)[known], coverage)
    for v in range(len(factors)):
        ratio = (error[:, v] / half[:, v])[known[:, v]]
        own = _conformal(ratio, coverage)
        factors[v] = own if own is not None else pooled if pooled is not None else 1.0
    return np.clip(factors, *_FACTOR)


def _conformal(ratio: Array, coverage: float) -> float | None:
    if len(ratio) < ENOUGH:
        return None
    rank = min(int(np.ceil((len(ratio) + 1) * coverage)), len(ratio))
    return float(np.sort(ratio)[rank - 1])


def rmse(error: Array) -> float | None:
    """Root mean square of the given errors, None where there is none."""
    return float(np.sqrt(np.mean(np.square(error)))) if error.size else None


def score(
    encoder: Encoder,
    forecasts: dict[str, Array],
    target: Array,
    known: np.ndarray,
    patients: int,
) -> dict[str, Any]:
    """Root mean squared errors by forecast: pooled over all z-scored values, and by variable in its own unit.

    forecasts: z-scored, (k, V) each, "model", "last_value" and "mixed_model" among them
    """
    errors = {name: (f - target) for name, f in forecasts.items()}
    pooled = {name: rmse(e[known]) for name, e in errors.items()}
    per_variable = {}
    for v, variable in enumerate(encoder.variables):
        here = known[:, v]
        own = {name: rmse(e[here, v] * encoder.scale[v]) for name, e in errors.items()}
        per_variable[variable.name] = {**own, "values": int(here.sum())}
    model, last = pooled["model"], pooled["last_value"]
    return {
        **pooled,
        "per_variable": per_variable,
        "patients": patients,
        "values": int(known.sum()),
        "beats_last_value": bool(model is not None and last is not None and model < last),
    }


def clip_to_range(values: Array, variables: Sequence[Variable]) -> Array:
    """values (..., V, Q) in own units, clipped to each variable's closed range."""
    out = values.copy()
    for v, variable in enumerate(variables):
        if variable.lower is not None or variable.upper is not None:
            out[..., v, :] = np.clip(out[..., v, :], variable.lower, variable.upper)
    return out
