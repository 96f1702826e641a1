"""What the worker tells beside a forecast, as the window keeps it: plain data, without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.course import Variable, variable_from
from models.forecast import Trajectory

Array = NDArray[np.float64]


class Effect(NamedTuple):
    """One part of the record and what it does. kind: "value", "treatment" or "static"; sign: there or not"""

    name: str
    kind: str
    size: float
    sign: bool = False


def movement(trajectory: Trajectory) -> Array:
    """How far each neuron's state has come from the first day to the last visit: (N,)."""
    until = max(int(np.searchsorted(trajectory.times, trajectory.observed_until, side="right")), 1)
    return trajectory.state[until - 1] - trajectory.state[0]


class Node(NamedTuple):
    """what: of an input "value", "since", "treatment", "static", "time", else "neuron"; layer: 0 of inputs"""

    name: str
    what: str
    layer: int


class Synapse(NamedTuple):
    """source, target: places among the nodes; share: of the strongest weight; sign: -1 inhibits, 0 not told"""

    source: int
    target: int
    share: float
    sign: int


@dataclass(frozen=True)
class Wiring:
    nodes: tuple[Node, ...]
    synapses: tuple[Synapse, ...]


@dataclass(frozen=True)
class Grounds:
    """influences: by variable's name what raises and lowers its forecast, the strongest first; forecast: by name

    ahead: days after the last visit; drivers: the same by neuron's name, of its state; tau: by neuron in days
    """

    patient: str
    model: str
    ahead: float
    variables: dict[str, Variable]
    forecast: dict[str, float]
    influences: dict[str, tuple[Effect, ...]]
    drivers: dict[str, tuple[Effect, ...]]
    tau: dict[str, float]
    wiring: Wiring | None

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Grounds:
        told, driven = result["influences"], result["drivers"]
        variables = tuple(variable_from(v) for v in told["variables"])
        neurons = [neuron["name"] for neuron in driven["neurons"]]
        influences = _by_column(told["sources"], told["effect"], [v.name for v in variables])
        return cls(
            patient=result["patient"],
            model=result["model"],
            ahead=float(result["ahead"]),
            variables={v.name: v for v in variables},
            forecast={v.name: float(mean) for v, mean in zip(variables, told["forecast"], strict=True)},
            influences=influences,
            drivers=_by_column(driven["drivers"], driven["effect"], neurons),
            tau=dict(zip(neurons, [float(t) for t in driven["tau"]], strict=True)),
            wiring=None if result["wiring"] is None else _wiring(result["wiring"]),
        )


def _by_column(
    sources: list[dict[str, Any]], effect: list[list[float]], names: list[str]
) -> dict[str, tuple[Effect, ...]]:
    table = np.array(effect, dtype=np.float64).reshape(len(sources), len(names))
    found = {}
    for column, name in enumerate(names):
        sizes = table[:, column].tolist()
        each = [Effect(s["name"], s["kind"], z, s.get("sign", False)) for s, z in zip(sources, sizes, strict=True)]
        found[name] = tuple(sorted(each, key=lambda one: -abs(one.size)))
    return found


def _wiring(told: dict[str, Any]) -> Wiring:
    return Wiring(
        tuple(Node(n["name"], n["what"], int(n["layer"])) for n in told["nodes"]),
        tuple(Synapse(s["source"], s["target"], float(s["share"]), int(s["sign"])) for s in told["synapses"]),
    )


@dataclass(frozen=True)
class Way:
    """A course on the plane of states: days (n,), points (n, 2); no points where there is no plane."""

    days: Array
    points: Array

    @classmethod
    def of(cls, told: dict[str, Any]) -> Way:
        points = np.array(told["path"], dtype=np.float64).reshape(-1, 2)
        return cls(np.array(told["days"], dtype=np.float64)[: len(points)], points)

    def at(self, day: float) -> tuple[float, float]:
        """Where it is on a day, straight from visit to visit."""
        x, y = (float(np.interp(day, self.days, self.points[:, axis])) for axis in (0, 1))
        return x, y


class Neighbour(NamedTuple):
    """A past course. day: when it was most like this one; distance: in standard deviations of the states"""

    patient: str
    day: float
    distance: float
    way: Way


@dataclass(frozen=True)
class Alike:
    """The courses most like one, the nearest first. compared: of how many; typical: their median distance

    own: the patient's own way, None where nobody was there to be compared with; share: of the variance the plane shows
    """

    patient: str
    model: str
    compared: int
    typical: float | None
    share: float | None
    own: Way | None
    neighbours: tuple[Neighbour, ...]

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Alike:
        return cls(
            patient=result["patient"],
            model=result["model"],
            compared=int(result["compared"]),
            typical=result["typical"],
            share=result["share"],
            own=None if result["own"] is None else Way.of(result["own"]),
            neighbours=tuple(
                Neighbour(one["patient"], float(one["day"]), float(one["distance"]), Way.of(one))
                for one in result["neighbours"]
            ),
        )
