"""Visits to irregular series: which variables a cohort has, and one patient's case as a ``models.course.Course``.

A ``SeriesPlan`` is decided once, on the cohort a model is trained on, and travels in the model's card, so that a
patient met later is read in exactly the same way. What becomes what:

    score or number observation   variable of the concept's code; several at one visit are averaged
    coded sign (present, absent)  0/1 variable; a sign that nobody mentions is unknown (NaN), not absent, unless
                                  another sign of its exclusive group is there (a red tongue is not a pale one)
    pulse readings                eight axes 位数形势 (``pulse.depth`` ...), mean over sides and positions
    herbs                         treatments from the visit to the end of the prescription (``end_of``, as the timeline
                                  draws it); dose in g a day; pill and paste batches left out
    age, sex, numeric attributes  static covariates
    columns of relapses, deaths   events, the first of each kind (``app.domain.happenings``); followed to the last visit
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np

from app.domain import pulse
from app.domain.errors import KnownError
from app.domain.happenings import first_days
from app.domain.prescription import BATCH_FORMULA, end_of
from app.domain.records import Case, Observation, ValueKind, Visit
from app.domain.vocabulary import active
from app.wording import concept_label
from models.course import Course, Event, Treatment, Variable, variable_from

MIN_SHARE = 0.05  # of patients with at least two observations of a variable, and of patients given a herb
MIN_PATIENTS = 4
MAX_VARIABLES = 24
MAX_TREATMENTS = 32
DEFAULT_DOSE_G = 9.0  # a herb named without a dose counts as one usual dose
PULSE = "pulse."


@dataclass(frozen=True)
class SeriesPlan:
    """Which variables, treatments, static covariates and events make up a course."""

    variables: tuple[Variable, ...]
    treatments: tuple[str, ...]
    static: tuple[str, ...]
    events: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "variables": [asdict(v) for v in self.variables],
            "treatments": list(self.treatments),
            "static": list(self.static),
            "events": list(self.events),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SeriesPlan:
        variables = tuple(variable_from(v) for v in data["variables"])
        events = tuple(data.get("events", ()))  # cards of before know of none
        return cls(variables, tuple(data["treatments"]), tuple(data["static"]), events)


def plan(cases: Sequence[Case], *, max_variables: int = MAX_VARIABLES) -> SeriesPlan:
    """Decide on a cohort. Raises KnownError where nothing is observed often enough to learn from."""
    observed: Counter[str] = Counter()
    herbs: Counter[str] = Counter()
    static: Counter[str] = Counter()
    befallen: Counter[str] = Counter()
    seen: dict[str, list[float]] = defaultdict(list)
    units: dict[str, str] = {}
    kinds: dict[str, ValueKind] = {}
    for case in cases:
        per_case: Counter[str] = Counter()
        given: set[str] = set()
        for visit in case.visits:
            for name, value in _values(visit).items():
                per_case[name] += 1
                seen[name].append(value)
            for observation in visit.observations:
                units.setdefault(observation.concept, observation.unit)
                kinds.setdefault(observation.concept, observation.kind)
            given.update(item.herb for p in visit.prescriptions for item in p.items if item.herb)
        observed.update(name for name, count in per_case.items() if count >= 2)
        herbs.update(given)
        static.update(_static(case).keys())
        befallen.update(kind.value for kind, day in first_days(case).items() if day > case.visits[0].day)
    least = max(MIN_PATIENTS, MIN_SHARE * len(cases))
    names = [name for name, count in _ranked(observed) if count >= least and np.std(seen[name]) > 0]
    if not names:
        raise KnownError(
            "No variable is observed at two visits in at least {least} of {patients} patients: "
            "there is nothing to learn a course from. Import more follow-up visits.",
            least=int(np.ceil(least)),
            patients=len(cases),
        )
    variables = tuple(_variable(name, kinds.get(name), units.get(name, ""), seen[name]) for name in names)
    kept = sorted(variables, key=_rank)[:max_variables]
    return SeriesPlan(
        variables=tuple(kept),
        treatments=tuple(sorted(h for h, count in _ranked(herbs)[:MAX_TREATMENTS] if count >= least)),
        static=tuple(sorted(name for name, count in static.items() if count >= 0.5 * len(cases))),
        events=tuple(sorted(kind for kind, count in befallen.items() if count >= least)),
    )


def _rank(variable: Variable) -> tuple[int, float]:
    """Symptoms first, the main ones (0-6) before the secondary (0-3), then laboratory, pulse, tongue."""
    group = {"symptom": 0, "lab": 1, "pulse": 2, "tongue": 3}.get(variable.group, 9)
    return group, -(variable.upper or 0.0) if variable.kind == "ordinal" else 0.0


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent first, ties by name: every process must plan alike, or no training could be resumed."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def course(case: Case, series: SeriesPlan) -> Course:
    """One patient as a Course: times in days since the first visit, NaN where a variable was not observed."""
    names = [v.name for v in series.variables]
    values = np.full((len(case.visits), len(names)), np.nan)
    for row, visit in enumerate(case.visits):
        found = _values(visit)
        values[row] = [found.get(name, np.nan) for name in names]
    static = _static(case)
    return Course(
        patient=case.patient.code,
        times=np.array([v.day for v in case.visits], dtype=np.float64),
        values=values,
        variables=series.variables,
        static={name: static.get(name, float("nan")) for name in series.static},
        treatments=tuple(t for t in treatments(case) if t.name in series.treatments),
        events=tuple(Event(kind, day) for kind, day in first_days(case).items() if kind in series.events),
    )


def courses(cases: Iterable[Case], series: SeriesPlan) -> list[Course]:
    """Courses of all patients with at least one observation of the plan's variables."""
    made = (course(case, series) for case in cases)
    return [c for c in made if len(c) and not np.isnan(c.values).all()]


def treatments(case: Case) -> list[Treatment]:
    """Herbs of a case as intervals. See ``end_of`` for when a prescription ends.

    Ends know the next prescription: to look back as from an earlier day, cut the case, not the course.
    """
    found: list[Treatment] = []
    prescribed = [v.day for v in case.visits if v.prescriptions]
    for visit in case.visits:
        for prescription in visit.prescriptions:
            if prescription.formula == BATCH_FORMULA:
                continue
            end = end_of(prescription, visit.day, prescribed)
            doses: dict[str, float] = defaultdict(float)
            for item in prescription.items:
                if item.herb:
                    doses[item.herb] += DEFAULT_DOSE_G if item.grams is None else item.grams
            found.extend(Treatment(herb, visit.day, end, dose) for herb, dose in doses.items() if end > visit.day)
    return found


def _values(visit: Visit) -> dict[str, float]:
    """Numbers of one visit by variable name."""
    gathered: dict[str, list[float]] = defaultdict(list)
    excluded: set[str] = set()
    for observation in visit.observations:
        value = _number(observation)
        if value is not None:
            gathered[observation.concept].append(value)
        if value and observation.kind is ValueKind.CODE:
            excluded.update(_rivals(observation.concept))
    for reading in visit.pulses:
        for axis, value in pulse.axes(reading.terms).items():
            gathered[PULSE + axis].append(value)
    for concept in excluded - gathered.keys():
        gathered[concept].append(0.0)
    return {name: float(np.mean(numbers)) for name, numbers in gathered.items()}


@cache
def _rivals(concept: str) -> frozenset[str]:
    """The other tongue signs of the concept's exclusive group."""
    known = active().concepts.get(concept)
    group = known.extra.get("group") if known and known.kind == "tongue" else None
    if not group:
        return frozenset()
    return frozenset(c.code for c in active().by_kind("tongue") if c.extra.get("group") == group) - {concept}


def _number(observation: Observation) -> float | None:
    if observation.kind is ValueKind.TEXT:
        return None
    if observation.kind is ValueKind.CODE:
        return 0.0 if observation.negated else 1.0
    return observation.number


def _static(case: Case) -> dict[str, float]:
    found: dict[str, float] = {}
    if case.patient.age is not None:
        found["age"] = case.patient.age
    if case.patient.sex:
        found["female"] = float(case.patient.sex == "F")
    for name, text in case.attributes.items():
        try:
            value = float(text)
        except (TypeError, ValueError):
            continue
        if np.isfinite(value):
            found[name] = value
    return found


def _variable(name: str, kind: ValueKind | None, unit: str, seen: list[float]) -> Variable:
    if name.startswith(PULSE):
        return Variable(name, concept_label(name, "zh"), "ordinal", "", -2.0, 2.0, "pulse")
    concept = active().concepts.get(name)
    label = concept.zh if concept else name.removeprefix("x.")
    group = {"symptom": "symptom", "tongue": "tongue"}.get(concept.kind, "lab") if concept else "lab"
    if kind is ValueKind.SCORE:
        upper = next((scale for scale in (3.0, 6.0, 10.0, 100.0) if max(seen) <= scale), None)
        return Variable(name, label, "ordinal", unit, 0.0, upper, "symptom" if group == "lab" else group)
    if kind is ValueKind.CODE:
        return Variable(name, label, "binary", unit, 0.0, 1.0, group)
    lower = 0.0 if min(seen) >= 0 else None
    return Variable(name, label, "continuous", unit, lower, None, group)
