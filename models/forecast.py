"""What a forecaster hands back: plain arrays the window, the reports and the store can hold without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.course import Variable, variable_from
from models.wiring.neurons import Neuron

Array = NDArray[np.float64]
QUANTILE_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True)
class Forecast:
    """The distribution of every variable at future days of one patient.

    at: (H,) days on the course's clock
    values: (H, V, Q) quantiles in each variable's own units, non-decreasing along Q, inside lower..upper. Of a binary
        variable the middle one is the chance of a 1 (see ``chance``); its outer ones are no interval of that chance
    last_value: the last observed value by variable, NaN where none was ever seen
    expected: (H, V) means, what a squared error asks for; the median where None was given
    probabilities: of ordinal, categorical and binary variables the chance of each class (H, K); the classes are the
        ``classes`` of that variable, as values
    survival: by event the chance that it has not come by that day (H,), given that none has by the end of the history;
        1 - survival is the cumulative incidence, other events having their share
    basis: what stands behind the figures: history (rows used), last_day, patients, visits (trained on),
        static_only (True where the patient had no row yet)
    Raises ValueError where shapes disagree.
    """

    patient: str
    at: Array
    variables: tuple[Variable, ...]
    values: Array
    quantile_levels: tuple[float, ...] = QUANTILE_LEVELS
    last_value: dict[str, float] = field(default_factory=dict)
    basis: dict[str, Any] = field(default_factory=dict)
    probabilities: dict[str, Array] = field(default_factory=dict)
    classes: dict[str, tuple[float, ...]] = field(default_factory=dict)
    survival: dict[str, Array] = field(default_factory=dict)
    expected: Array | None = None

    def __post_init__(self) -> None:
        at = np.atleast_1d(np.asarray(self.at, dtype=np.float64))
        values = np.asarray(self.values, dtype=np.float64)
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "values", values)
        expected = (len(at), len(self.variables), len(self.quantile_levels))
        if values.shape != expected:
            raise ValueError(f"forecast {self.patient}: values {values.shape}, expected {expected}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.variables)

    @property
    def median(self) -> dict[str, Array]:
        """Median by variable: (H,) each."""
        return self.quantile(0.5)

    @property
    def mean(self) -> dict[str, Array]:
        """Mean by variable: (H,) each."""
        if self.expected is None:
            return self.median
        return {name: self.expected[:, v] for v, name in enumerate(self.names)}

    @property
    def chance(self) -> dict[str, Array]:
        """The chance that a binary variable is 1, by variable: (H,) each, in 0..1."""
        median = self.median
        return {v.name: median[v.name] for v in self.variables if v.kind == "binary"}

    def quantile(self, level: float) -> dict[str, Array]:
        """The quantile at ``level`` by variable: (H,) each. Raises KeyError for a level that was not computed."""
        for index, known in enumerate(self.quantile_levels):
            if abs(known - level) < 1e-9:
                return {name: self.values[:, v, index] for v, name in enumerate(self.names)}
        raise KeyError(f"no quantile {level}; there are {', '.join(map(str, self.quantile_levels))}")

    def select(self, names: Sequence[str]) -> Forecast:
        """The same forecast of these variables, in this order. Raises ValueError for an unknown name."""
        index = [self.names.index(name) for name in names]
        return replace(
            self,
            variables=tuple(self.variables[i] for i in index),
            values=self.values[:, index],
            probabilities={k: v for k, v in self.probabilities.items() if k in names},
            classes={k: v for k, v in self.classes.items() if k in names},
            expected=None if self.expected is None else self.expected[:, index],
        )

    def on(self, part: slice) -> Forecast:
        """The same forecast of some of its days."""
        return replace(
            self,
            at=self.at[part],
            values=self.values[part],
            probabilities={k: v[part] for k, v in self.probabilities.items()},
            survival={k: v[part] for k, v in self.survival.items()},
            expected=None if self.expected is None else self.expected[part],
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it: lists, None for NaN. ``from_dict`` gives the same forecast back."""
        return {
            "patient": self.patient,
            "at": self.at.tolist(),
            "variables": [asdict(v) for v in self.variables],
            "values": self.values.tolist(),
            "quantile_levels": list(self.quantile_levels),
            "last_value": {name: None if np.isnan(value) else value for name, value in self.last_value.items()},
            "basis": self.basis,
            "probabilities": {name: p.tolist() for name, p in self.probabilities.items()},
            "classes": {name: list(values) for name, values in self.classes.items()},
            "survival": {name: s.tolist() for name, s in self.survival.items()},
            "expected": None if self.expected is None else self.expected.tolist(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Forecast:
        variables = tuple(variable_from(v) for v in data["variables"])
        levels = tuple(data["quantile_levels"])
        return cls(
            patient=data["patient"],
            at=np.array(data["at"], dtype=np.float64),
            variables=variables,
            values=np.array(data["values"], dtype=np.float64).reshape(len(data["at"]), len(variables), len(levels)),
            quantile_levels=levels,
            last_value={k: np.nan if v is None else v for k, v in data["last_value"].items()},
            basis=data["basis"],
            probabilities={k: np.array(v, dtype=np.float64) for k, v in data.get("probabilities", {}).items()},
            classes={k: tuple(v) for k, v in data.get("classes", {}).items()},
            survival={k: np.array(v, dtype=np.float64) for k, v in data.get("survival", {}).items()},
            expected=None
            if data.get("expected") is None
            else np.array(data["expected"], dtype=np.float64).reshape(len(data["at"]), len(variables)),
        )


@dataclass(frozen=True)
class Trajectory:
    """The liquid state of one patient along time.

    times: (T,) days on the course's clock, ascending
    state: (T, N) membrane potentials, without unit
    tau: (T, N) system time constants in days
    observed_until: the day of the last row; later points run without observation
    Raises ValueError where shapes disagree.
    """

    times: Array
    state: Array
    tau: Array
    neurons: tuple[Neuron, ...]
    observed_until: float
    patient: str = ""

    def __post_init__(self) -> None:
        for name in ("times", "state", "tau"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        expected = (len(self.times), len(self.neurons))
        if self.state.shape != expected or self.tau.shape != expected:
            raise ValueError(f"trajectory: state {self.state.shape}, tau {self.tau.shape}, expected {expected}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(n.name for n in self.neurons)

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it. ``from_dict`` gives the same trajectory back."""
        return {
            "patient": self.patient,
            "times": self.times.tolist(),
            "state": self.state.tolist(),
            "tau": self.tau.tolist(),
            "neurons": [asdict(n) for n in self.neurons],
            "observed_until": self.observed_until,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Trajectory:
        neurons = tuple(Neuron(**n) for n in data["neurons"])
        shape = (len(data["times"]), len(neurons))
        return cls(
            times=np.array(data["times"], dtype=np.float64),
            state=np.array(data["state"], dtype=np.float64).reshape(shape),
            tau=np.array(data["tau"], dtype=np.float64).reshape(shape),
            neurons=neurons,
            observed_until=data["observed_until"],
            patient=data["patient"],
        )


def clip_to_range(values: Array, variables: Sequence[Variable]) -> Array:
    """values (..., V, Q) in own units, clipped to each variable's closed range; a count is never below 0."""
    out = values.copy()
    for v, variable in enumerate(variables):
        lowest = 0.0 if variable.lower is None and variable.kind == "count" else variable.lower
        if lowest is not None or variable.upper is not None:
            out[..., v, :] = np.clip(out[..., v, :], lowest, variable.upper)
    return out
