"""How far what came lay outside what had been forecast for it, one variable at a time, and a patient as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.forecast import Array, Forecast

OUTSIDE = 0.9  # of the probability nearer the middle: the value lies outside the 90 % interval


@dataclass(frozen=True, slots=True)
class Surprise:
    """One observed value beside the forecast made before it came.

    low, median, high: its 90 % interval, in the variable's unit; of a yes-or-no sign all three are the chance it had
    rank: the chance the forecast gave to a lower value, half that of the same one; 0..1
    beyond: the probability the forecast put nearer its middle, 0 in the middle, 1 where nothing was expected to come;
    above ``OUTSIDE`` the value is outside the 90 % interval, and a sign (or a level) had a chance below 5 %
    """

    name: str
    day: float
    value: float
    low: float
    median: float
    high: float
    rank: float
    beyond: float

    @property
    def outside(self) -> bool:
        return self.beyond > OUTSIDE

    @property
    def higher(self) -> bool:
        """More than was expected."""
        return self.rank > 0.5

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Surprise:
        return cls(**data)


def surprises(found: Forecast, observed: Mapping[str, float]) -> tuple[Surprise, ...]:
    """Of each variable observed (NaN: not observed) on the first day of a forecast, the least expected first."""
    told = [
        _surprise(found, place, value)
        for place, variable in enumerate(found.variables)
        if np.isfinite(value := float(observed.get(variable.name, np.nan)))
    ]
    return tuple(sorted(told, key=lambda one: -one.beyond))


def overall(told: Sequence[Surprise]) -> float:
    """One number for a patient, 0..1: how likely no value would have lain as far out as the least expected one does.

    Of many values one is always far out: the largest ``beyond`` counts for the less the more values there are
    (Šidák's correction, which takes them for independent and so errs on the quiet side). 0 where there is none.
    """
    return max(one.beyond for one in told) ** len(told) if told else 0.0


def _surprise(found: Forecast, place: int, value: float) -> Surprise:
    variable, day = found.variables[place], float(found.at[0])
    if variable.kind in ("binary", "categorical"):
        chances = found.probabilities[variable.name][0]
        classes = found.classes[variable.name]
        chance = float(chances[classes.index(value)]) if value in classes else 0.0
        shown = float(chances[-1]) if variable.kind == "binary" else chance
        lower = float(sum(c for c, k in zip(chances.tolist(), classes, strict=True) if k < value))
        beyond = 1.0 - 2.0 * min(chance, 0.5)
        return Surprise(variable.name, day, value, shown, shown, shown, _share(lower + chance / 2), beyond)
    levels, values = np.array(found.quantile_levels), found.values[0, place]
    at_most, below = _at_most(values, levels, value), _below(values, levels, value)
    low, median, high = (float(found.quantile(q)[variable.name][0]) for q in (0.05, 0.5, 0.95))
    beyond = 1.0 - 2.0 * min(at_most, 1.0 - below, 0.5)
    return Surprise(variable.name, day, value, low, median, high, _share((at_most + below) / 2), _share(beyond))


def _at_most(values: Array, levels: Array, value: float) -> float:
    """The chance of ``value`` or less, by the quantiles: (Q,) each."""
    after = int(np.searchsorted(values, value, side="right"))
    if after == 0:
        return _tail(values, levels, value)
    if after == len(values):
        return float(levels[-1]) if value == values[-1] else 1.0 - _tail(-values[::-1], 1.0 - levels[::-1], -value)
    return _between(values, levels, after - 1, value)


def _below(values: Array, levels: Array, value: float) -> float:
    """The chance of less than ``value``: where several quantiles are one, all of that lies at or above them."""
    return 1.0 - _at_most(-values[::-1], 1.0 - levels[::-1], -value)


def _between(values: Array, levels: Array, place: int, value: float) -> float:
    share = (value - values[place]) / (values[place + 1] - values[place])
    return float(levels[place] + share * (levels[place + 1] - levels[place]))


def _tail(values: Array, levels: Array, value: float) -> float:
    """The chance of ``value`` or less below the lowest quantile: the logistic tail through the lowest two there are."""
    other = int(np.searchsorted(values, values[0], side="right"))
    if other == len(values):  # the forecast was certain: what comes all the same has half of what is left
        return float(levels[0]) / 2
    odds = np.log(levels / (1.0 - levels))
    slope = (odds[other] - odds[0]) / (values[other] - values[0])
    return float(1.0 / (1.0 + np.exp(min(slope * (values[0] - value) - odds[0], 700.0))))


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
