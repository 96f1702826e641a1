"""Plain cases for the store's tests, the same for the same number."""

from __future__ import annotations

import datetime as dt
import random

from app.domain.records import (
    Case,
    DateBasis,
    Diagnosis,
    Observation,
    Patient,
    Position,
    Prescription,
    PrescriptionItem,
    PulseReading,
    Side,
    ValueKind,
    Visit,
    VisitKind,
)

START = dt.date(2024, 1, 1)


def simulated(number: int, *, visits: int = 6, observations: int = 8, name: str = "王小明") -> Case:
    """A plain dated case, the same for the same number."""
    rng = random.Random(number)
    return Case(
        Patient(f"P{number:05d}", name, rng.choice("FM"), dt.date(1970, 5, 17), None, "失眠", ""),
        tuple(dated(rng, n, START + dt.timedelta(days=7 * n), observations) for n in range(visits)),
        {"arm": rng.choice(["a", "b"])},
    )


def dated(rng: random.Random, index: int, date: dt.date, observations: int = 8) -> Visit:
    return Visit(
        number=index + 1,
        kind=VisitKind.FOLLOW_UP if index else VisitKind.FIRST,
        day=7.0 * index,
        basis=DateBasis.EXACT,
        date=date,
        text="脉弦数，不渴",
        observations=tuple(
            Observation(f"sym.s{k}", ValueKind.SCORE, number=float(rng.randrange(4))) for k in range(observations)
        ),
        pulses=(PulseReading(Side.LEFT, Position.GUAN, ("pul.wiry", "pul.rapid"), "弦数"),),
        diagnoses=(Diagnosis("syndrome", "肝郁化火", "syn.liver_fire"),),
        prescriptions=(
            Prescription(
                (PrescriptionItem("柴胡", "herb.chaihu", 9.0), PrescriptionItem("炒白术", "herb.baizhu", 12.0, "炒")),
                "丹栀逍遥散",
                7.0,
            ),
        ),
    )


def undated(number: int, day: float, *said: Observation) -> Visit:
    kind = VisitKind.FIRST if number == 1 else VisitKind.FOLLOW_UP
    return Visit(number, kind, day, DateBasis.ORDER, observations=said)
