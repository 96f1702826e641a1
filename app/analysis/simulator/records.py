"""What a simulated cohort holds: the observable records, and apart from them the truth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from app.analysis.simulator import world
from app.analysis.simulator.readout import SYMPTOMS
from app.analysis.simulator.world import Floats
from models.course import Course, Treatment, Variable


@dataclass(frozen=True, slots=True)
class SimulatedVisit:
    """One visit as written down; None or "" where it was not. herbs: (name, grams a day, note such as 先煎)."""

    number: int
    day: int
    date: dt.date
    scores: dict[str, int | None]
    tongue_body: str
    tongue_coat: str
    pulses: dict[str, str]  # six positions, 左寸 ... 右尺
    syndrome: str
    formula: str
    herbs: tuple[tuple[str, int, str], ...]
    doses: int | None
    outcome: str
    note: str
    chief: str
    diagnosis: str


@dataclass(frozen=True, slots=True)
class SimulatedPatient:
    code: str
    name: str
    sex: str  # 男, 女
    age: int
    visits: tuple[SimulatedVisit, ...]


@dataclass(frozen=True)
class PatientTruth:
    """times (T,) days, from 0 by ``dynamics.STEP``; latent (T, elements); levels (T, herbs); bias (symptoms,)."""

    code: str
    times: Floats
    latent: Floats
    levels: Floats
    set_point: Floats
    response: float
    bias: Floats


@dataclass(frozen=True)
class Truth:
    """What no clinic knows. herb_effects (herbs, elements) at the reference dose; tau, onset, offset in days."""

    gamma: float
    seed: int
    patients: tuple[PatientTruth, ...]
    elements: tuple[str, ...] = world.ELEMENT_NAMES
    herbs: tuple[str, ...] = world.HERBS
    tau: Floats = field(default_factory=world.TAU.copy)
    herb_effects: Floats = field(default_factory=world.EFFECTS.copy)
    onset: Floats = field(default_factory=world.ONSET.copy)
    offset: Floats = field(default_factory=world.OFFSET.copy)
    coupling: Floats = field(default_factory=world.COUPLING.copy)


@dataclass(frozen=True)
class Cohort:
    """patients: what the clinic wrote; truth: what it does not know, in the same order."""

    patients: tuple[SimulatedPatient, ...]
    truth: Truth

    @property
    def visits(self) -> int:
        return sum(len(p.visits) for p in self.patients)

    def courses(self) -> list[Course]:
        """The symptom scores and herbs of every patient as the series models learn from."""
        variables = tuple(Variable(s.name, s.name, "ordinal", "", 0.0, float(s.scale[-1]), "symptom") for s in SYMPTOMS)
        return [_course(p, variables) for p in self.patients]


def _course(patient: SimulatedPatient, variables: tuple[Variable, ...]) -> Course:
    days = np.array([v.day for v in patient.visits], dtype=float)
    values = np.array([[np.nan if x is None else float(x) for x in v.scores.values()] for v in patient.visits])
    plan: list[Treatment] = []
    ends = [b.day for _, b in pairwise([*patient.visits])]
    for visit, end in zip(patient.visits, [*ends, None], strict=True):
        length = visit.doses if visit.doses is not None else 7
        stop = visit.day + length if end is None else min(end, visit.day + length)
        plan += [Treatment(name, float(visit.day), float(stop), float(grams)) for name, grams, _ in visit.herbs]
    static = {"age": float(patient.age), "female": float(patient.sex == "女")}
    return Course(patient.code, days, values, variables, static, tuple(plan))
