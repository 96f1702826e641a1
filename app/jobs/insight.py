"""What stands behind the forecast on screen: what raises and lowers it, the network's neurons, the courses like it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from app.analysis import series
from app.domain.errors import KnownError
from app.jobs import forecasting, refusals
from app.store.clinic import Clinic

if TYPE_CHECKING:
    from models.explain import Past, WiringWeights
    from models.forecast import Array
    from models.forecaster import LiquidForecaster

AHEAD = 30.0  # days after the last visit whose forecast is explained
INPUTS, SYNAPSES = 8, 160  # drawn of the wiring, the strongest
MOST = 300  # courses compared with
TOGETHER = 8  # remembered in one step: a forecast asked for meanwhile waits no longer than that
SECONDS = 20.0  # of work in all
STALE = 600.0  # seconds after which states are worked out again where visits have come
ALIKE = 5
FOLLOWED = 7.0  # days a past patient must have been known of after he was like this one


def grounds(clinic: Clinic, forecaster: LiquidForecaster, patient: str) -> Generator[None, None, dict[str, Any]]:
    """influences, drivers (``models.explain``) and wiring (None where the cell has none) as JSON can carry them.

    A little at a time, as a long course takes a second: what it returns is the answer.

    Raises KnownError for an unknown patient or one without a visit.
    """
    from models.errors import ModelError
    from models.explain import drivers, influences_in_steps

    course = forecasting.course_of(clinic, forecaster, patient)
    name = forecaster.card["name"]
    try:
        driven = drivers(forecaster, course)
        found = yield from influences_in_steps(forecaster, course, float(course.times[-1]) + AHEAD)
    except ModelError as error:
        raise KnownError("Explaining {name}: {reason}", name=name, reason=refusals.in_words(error)) from error
    return {
        "patient": patient,
        "model": name,
        "ahead": AHEAD,
        "influences": found.to_dict(),
        "drivers": driven.to_dict(),
        "wiring": wiring(forecaster),
    }


def wiring(forecaster: LiquidForecaster) -> dict[str, Any] | None:
    """Neurons, strongest inputs and synapses of the member the trajectory shows; None without a wiring.

    nodes: name, what (of inputs "value", "since", "treatment", "static", "time"; of neurons "neuron"), layer (0 of
    inputs); synapses: source and target among the nodes, share of the strongest weight, sign (-1 inhibits, 0 not told)
    """
    from models.errors import ModelError
    from models.explain import wiring_weights
    from models.explain.step_inputs import step_inputs

    try:
        found = wiring_weights(forecaster)
    except ModelError:
        return None
    inputs = step_inputs(forecaster.fitted_.encoder)
    kept = _strongest_inputs(found)
    nodes = [{"name": inputs[k].name, "what": inputs[k].kind, "layer": 0} for k in kept]
    neurons = [node for node in found.nodes if node.kind != "sensory"]
    nodes += [{"name": node.name, "what": "neuron", "layer": node.layer} for node in neurons]
    place = {**{f"x{k}": i for i, k in enumerate(kept)}, **{n.name: len(kept) + i for i, n in enumerate(neurons)}}
    synapses = [s for s in found.synapses if s.source in place and s.target in place and s.weight > 0]
    synapses = sorted(synapses, key=lambda s: -s.weight)[:SYNAPSES]
    peak = max((s.weight for s in synapses), default=1.0)
    return {
        "cell": found.cell,
        "nodes": nodes,
        "synapses": [
            {"source": place[s.source], "target": place[s.target], "share": s.weight / peak, "sign": s.polarity or 0}
            for s in synapses
        ],
    }


def _strongest_inputs(found: WiringWeights) -> list[int]:
    """By the weight of all their synapses together, in the order of the inputs."""
    total: dict[int, float] = {}
    for synapse in found.synapses:
        if synapse.source.startswith("x"):
            place = int(synapse.source[1:])
            total[place] = total.get(place, 0.0) + synapse.weight
    return sorted(sorted(total, key=lambda k: -total[k])[:INPUTS])


class Crowd:
    """Past courses as one model's states, at most MOST of them, remembered step by step and kept.

    Everything it tells is of patients by their numbers: the clinic refuses whoever may not read them.
    """

    def __init__(self, clinic: Clinic, forecaster: LiquidForecaster) -> None:
        self._clinic, self._forecaster = clinic, forecaster
        self._plan = series.SeriesPlan.from_dict(forecaster.card["series"])
        self._parts: list[Past] = []
        self._there: set[str] = set()  # looked at, whether they had a course or not
        self._left: list[str] | None = None  # None: not begun
        self._patients = 0
        self._spent, self._visits, self._made = 0.0, -1, 0.0

    def compare(self, patient: str) -> Generator[None, None, dict[str, Any]]:
        """``around``, once everybody has been remembered: a few at a time."""
        while self.step():
            yield
        return self.around(patient)

    def step(self) -> bool:
        """A few courses more; False once all are there, or the time is spent."""
        started = time.monotonic()
        if self._left is None:
            self._begin()
            return True
        here, self._left = self._left[:TOGETHER], self._left[TOGETHER:]
        if not here or self._spent > SECONDS:
            self._left = None
            return False
        self._remember(here)
        self._spent += time.monotonic() - started
        return True

    def _begin(self) -> None:
        codes = self._clinic.queries.patient_codes()
        visits = self._clinic.queries.counts()["visits"]
        aged = visits != self._visits and time.monotonic() - self._made > STALE
        if aged or not self._there <= set(codes):  # somebody was taken out, or much has come
            self._parts, self._there = [], set()
        if not self._there:
            self._visits, self._made = visits, time.monotonic()
        self._patients, self._spent = len(codes), 0.0
        chosen = sorted(codes, key=_by_chance)[:MOST]  # the same ones, whoever comes later
        self._left = [code for code in chosen if code not in self._there][: MOST - len(self._there)]

    def _remember(self, codes: list[str]) -> None:
        from models.explain import remember

        self._there.update(codes)
        cases = [self._clinic.queries.case(code) for code in codes]
        courses = series.courses((case for case in cases if len(case.visits) > 1), self._plan)
        if courses:
            self._parts.append(remember(self._forecaster, courses))

    def around(self, patient: str) -> dict[str, Any]:
        """The courses most like a patient's, and their ways on the plane of the crowd's states, as JSON can carry them.

        neighbours: patient, day he was like this one, distance (in standard deviations); of each and, ``own``, of the
        patient days and path (days, 2), which is empty where there are too few states for a plane
        share: of the states' variance that the plane shows; compared: courses, of ``patients``; typical: their median
        distance
        Raises KnownError for an unknown patient or one without a visit.
        """
        from models.explain import alike, plane, remember, together

        course = forecasting.course_of(self._clinic, self._forecaster, patient)
        told: dict[str, Any] = {"patient": patient, "model": self._forecaster.card["name"], "patients": self._patients}
        if not self._parts:
            return {**told, "compared": 0, "typical": None, "share": None, "own": None, "neighbours": []}
        past = together(self._parts)
        self._parts = [past]
        near = alike(self._forecaster, course, past, k=ALIKE, after=(AHEAD,), followed=FOLLOWED)
        units = self._forecaster.fitted_.networks[0].units
        states = past.state[:, :units]  # of the member whose neurons the trajectory shows
        drawn = plane(states) if min(len(states) - 2, units - 1) > 0 else None
        own = remember(self._forecaster, [course])
        owners = {one.patient: past.owner == i for i, one in enumerate(past.courses)}

        def way(days: Array, passed: Array) -> dict[str, Any]:
            return {"days": days.tolist(), "path": [] if drawn is None else drawn.place(passed).tolist()}

        neighbours = [
            {"patient": one.patient, "day": one.day, "distance": one.distance}
            | way(past.day[owners[one.patient]], states[owners[one.patient]])
            for one in near.neighbours
        ]
        return forecasting.plain(
            {
                **told,
                "compared": len([c for c in past.courses if c.patient != patient]),
                "typical": near.typical,
                "share": None if drawn is None else float(drawn.share.sum()),
                "own": way(own.day, own.state[:, :units]),
                "neighbours": neighbours,
            }
        )


def _by_chance(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
