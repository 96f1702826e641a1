"""What drives each neuron of one patient: its state after the last visit with an input raised, lowered, left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch

from models import answering
from models.batching import Steps, centred
from models.course import Course
from models.encoding import Encoder
from models.errors import ModelError
from models.explain.asking import fitted, member_of
from models.explain.plain import plain
from models.explain.step_inputs import column_names
from models.explain.walking import encoded, walk
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.wiring.neurons import Neuron

HALF = 0.5  # standard deviations a figure is raised, and lowered


@dataclass(frozen=True, slots=True)
class Driver:
    """One input. name: of a variable ("tongue=red" of a level), treatment or static; sign: it is there or not"""

    name: str
    kind: Literal["value", "treatment", "static"]
    sign: bool


@dataclass(frozen=True)
class Drivers:
    """What D inputs, those this patient has, make of the states of N neurons of one member after the last visit.

    effect (D, N): of a figure the state with it half a standard deviation higher on every visit that recorded it minus
        that with it as much lower; of a sign there on every visit that speaks of it minus denied on all; of a treatment
        as given minus never given; of a static covariate as of a figure
    state (N,): as it is
    tau (N,): median time constant over the visits in days
    Everything else stays as it was: what the network makes of an input, not what the input does to the patient.
    """

    patient: str
    day: float
    neurons: tuple[Neuron, ...]
    drivers: tuple[Driver, ...]
    effect: Array
    state: Array
    tau: Array
    visits: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it: lists, None for what is not finite."""
        return plain(self)


def drivers(forecaster: LiquidForecaster, course: Course, *, member: int = 0) -> Drivers:
    """Of one patient. Raises ModelError for a course without a visit, NotFittedError."""
    parts = fitted(forecaster)
    encoder, network = parts.encoder, member_of(parts, member)
    course = encoder.align(course)
    if not len(course):
        raise ModelError(f"course {course.patient} has no visit: there is no state to be driven")
    (steps,) = encoded(parts, [course])
    pairs = _pairs(encoder, course, steps)
    walked = list(walk(network, [steps, *(one for _, high, low in pairs for one in (high, low))]))
    last = np.stack([w.after[-1, : network.units].cpu().double().numpy() for w in walked])
    return Drivers(
        patient=course.patient,
        day=float(course.times[-1]),
        neurons=answering.neurons(network),
        drivers=tuple(driver for driver, _, _ in pairs),
        effect=last[1::2] - last[2::2],
        state=last[0],
        tau=np.median(walked[0].tau.cpu().double().numpy(), 0) * encoder.time_scale,
        visits=len(course),
    )


def _pairs(encoder: Encoder, course: Course, steps: Steps) -> list[tuple[Driver, Steps, Steps]]:
    """Each input with the steps in which it is high and those in which it is low."""
    count, drugs = len(encoder.columns), len(encoder.treatments)
    seen = steps.mask[:, :count]
    found = []
    for place, name in enumerate(column_names(encoder)):
        if bool(seen[:, place].any()):
            sign = encoder.columns[place].is_chance
            ends = [(end - encoder.mean[place]) / encoder.scale[place] for end in (1.0, 0.0)] if sign else None
            high, low = (_moved(steps, place, seen[:, place], way, ends) for way in (0, 1))
            found.append((Driver(name, "value", sign), high, low))
    for place, name in enumerate(encoder.treatments):
        column = 2 * count + place
        if bool((steps.x[:, column] != 0).any()):
            without = steps.x.clone()
            without[:, column] = 0.0
            found.append((Driver(name, "treatment", sign=True), steps, replace(steps, x=without)))
    for place, name in enumerate(encoder.statics):
        if np.isfinite(course.static.get(name, np.nan)):
            high, low = (_other_fact(steps, 2 * count + drugs + place, place, move) for move in (HALF, -HALF))
            found.append((Driver(name, "static", sign=False), high, low))
    return found


def _moved(steps: Steps, column: int, seen: torch.Tensor, way: int, ends: list[float] | None) -> Steps:
    """A variable higher (way 0) or lower (1) wherever it was seen; ends: of a sign, its z when there and when not."""
    x = steps.x.clone()
    unit = float(centred(np.array(1.0)) - centred(np.array(0.0)))
    if ends is None:
        x[seen, column] += unit * (HALF if way == 0 else -HALF)
    else:
        x[seen, column] = float(centred(np.array(ends[way])))
    return replace(steps, x=x)


def _other_fact(steps: Steps, column: int, place: int, move: float) -> Steps:
    x, static = steps.x.clone(), steps.static.clone()
    x[:, column] += float(centred(np.array(move)) - centred(np.array(0.0)))
    static[place] += move
    return replace(steps, x=x, static=static)
