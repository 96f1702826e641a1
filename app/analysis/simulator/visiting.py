"""A patient's course: when they come, what is seen and written each time, when it ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from app.analysis.simulator.dynamics import STEP, advance, exposure
from app.analysis.simulator.people import Person
from app.analysis.simulator.prescribing import Written, prescribe
from app.analysis.simulator.readout import SYMPTOMS, pulse, scores, severity, syndrome, tongue
from app.analysis.simulator.records import PatientTruth, SimulatedPatient, SimulatedVisit
from app.analysis.simulator.world import HERBS, REMEDIES, Floats

FEWEST, MOST = 4, 16  # visits of a course
NEAREST, FARTHEST = 3, 21  # days between visits
_PERCEPTION_SD = 0.3  # error with which the clinician sees the state
_DOSES = (3, 5, 7, 10, 14, 21)
_NOTES = ("饮食如常", "近日工作劳累", "外感初愈", "情绪较前平稳", "睡前饮茶", "自述服药后胃中不适", "夜间偶有腿抽筋")
_HERB_NOTES = {r.name: r.note for r in REMEDIES}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A visit before anything was left out of the record."""

    day: int
    scores: tuple[int, ...]
    seen: Floats
    written: Written
    doses: int


def follow(
    person: Person, first: dt.date, gamma: float, missing: float, rng: np.random.Generator
) -> tuple[SimulatedPatient, PatientTruth]:
    """Simulate one course from its first visit on ``first``."""
    state, level, written = person.start, np.zeros(len(HERBS)), None
    latent, levels, visits = [state[None]], [level[None]], []
    day, outcome_base = 0, 0
    while True:
        seen = state + _PERCEPTION_SD * rng.standard_normal(len(state))
        written = prescribe(seen, gamma, written, rng)
        planned = _gap(state, rng)
        doses = min(_DOSES, key=lambda d: abs(d - planned))
        late = int(rng.integers(0, 4)) if rng.random() < 0.25 else 0
        gap = int(np.clip(planned + late, NEAREST, FARTHEST))
        now = _Seen(day, scores(state, person.bias, rng), seen, written, doses)
        outcome_base = outcome_base or sum(now.scores)
        visits.append(_record(now, len(visits) + 1, person, state, first, outcome_base, missing, rng))
        if _ends(len(visits), now.scores, outcome_base, rng):
            break
        step_levels = exposure(level, written.doses, float(min(doses, gap)), float(gap))
        path = advance(state, person.set_point, step_levels, person.response, rng)
        latent.append(path)
        levels.append(step_levels)
        state, level, day = path[-1], step_levels[-1], day + gap
    path = np.concatenate(latent)
    truth = PatientTruth(
        person.code,
        np.arange(len(path), dtype=np.float64) * STEP,
        path,
        np.concatenate(levels),
        person.set_point,
        person.response,
        person.bias,
    )
    return SimulatedPatient(person.code, person.name, person.sex, person.age, tuple(visits)), truth


def _gap(state: Floats, rng: np.random.Generator) -> int:
    """Days planned until the next visit: sooner when sicker, mostly a week or two."""
    sick = float(severity(state).mean()) - 0.9
    gap = float(np.exp(np.log(9.5) - 0.45 * sick + 0.38 * rng.standard_normal()))
    for week in (7, 14):
        if abs(gap - week) < 2.5 and rng.random() < 0.6:
            gap = week
    return int(np.clip(round(gap), NEAREST, FARTHEST))


def _ends(visits: int, now: tuple[int, ...], before: int, rng: np.random.Generator) -> bool:
    if visits < FEWEST:
        return False
    recovered = sum(now) <= 0.25 * before
    return visits >= MOST or bool(rng.random() < (0.4 if recovered else 0.1))


def _outcome(now: tuple[int, ...], before: int) -> str:
    """Class of the effect index n = (before - after) / before."""
    n = (before - sum(now)) / before if before else 0.0
    return "痊愈" if n >= 0.95 else "显效" if n >= 0.70 else "有效" if n >= 0.30 else "无效"


def _record(
    now: _Seen,
    number: int,
    person: Person,
    state: Floats,
    first: dt.date,
    before: int,
    missing: float,
    rng: np.random.Generator,
) -> SimulatedVisit:
    """Write the visit down, leaving cells out at random. Every draw is made whatever is left out."""
    lost = rng.random(len(SYMPTOMS) + 6) < missing
    body, coat = tongue(state, rng)
    felt = pulse(state, rng)
    note = _NOTES[int(rng.integers(len(_NOTES)))] if rng.random() < 0.25 else ""
    if lost[-1]:  # no pulse taken at all; more often only the two 尺 are left out
        felt = dict.fromkeys(felt, "")
    elif lost[-2]:
        felt = {place: "" if place.endswith("尺") else term for place, term in felt.items()}
    name = now.written.formula + ("加减" if now.written.modified else "")
    return SimulatedVisit(
        number=number,
        day=now.day,
        date=first + dt.timedelta(days=now.day),
        scores={
            s.name: None if gone else value
            for s, value, gone in zip(SYMPTOMS, now.scores, lost[: len(SYMPTOMS)], strict=True)
        },
        tongue_body="" if lost[-3] else body,
        tongue_coat="" if lost[-4] else coat,
        pulses=felt,
        syndrome="" if lost[-5] else syndrome(now.seen),
        formula=name,
        herbs=tuple((herb, grams, _HERB_NOTES[herb]) for herb, grams in now.written.items()),
        doses=now.doses,
        outcome="" if number == 1 or lost[-6] else _outcome(now.scores, before),
        note=note,
        chief=person.complaint,
        diagnosis=person.disease,
    )
