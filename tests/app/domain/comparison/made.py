"""Visits written in a line, and any visits at all."""

from __future__ import annotations

from hypothesis import strategies as st

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

SYMPTOMS = ("sym.insomnia", "sym.palpitation", "sym.thirst", "x.mood")
TONGUE = ("ton.body_red", "ton.body_pale", "ton.coat_white", "ton.coat_greasy")
PULSES = ("pul.wiry", "pul.thready", "pul.rapid")
HERBS = (("酸枣仁", "herb.suanzaoren"), ("柴胡", "herb.chaihu"), ("无名草", ""))


def score(concept: str, number: float) -> Observation:
    return Observation(concept, ValueKind.SCORE, number=number)


def found(concept: str) -> Observation:
    return Observation(concept, ValueKind.CODE, number=1.0, code=concept)


def denied(concept: str) -> Observation:
    return Observation(concept, ValueKind.CODE, number=0.0, code=concept, negated=True)


def measured(concept: str, number: float, unit: str = "mmol/L") -> Observation:
    return Observation(concept, ValueKind.NUMBER, number=number, unit=unit)


def formula(text: str, name: str = "", *, days: float | None = 7.0, mode: str = "full") -> Prescription:
    """ "酸枣仁 15, 柴胡": names of HERBS with their grams."""
    items = []
    for part in text.split(","):
        herb, *grams = part.split()
        items.append(PrescriptionItem(herb, dict(HERBS).get(herb, ""), float(grams[0]) if grams else None))
    return Prescription(tuple(items), name, days, mode)


def visit(number: int, *observations: Observation, day: float | None = None, **more: object) -> Visit:
    return Visit(
        number,
        VisitKind.FIRST if number == 1 else VisitKind.FOLLOW_UP,
        7.0 * (number - 1) if day is None else day,
        DateBasis.RELATIVE,
        observations=observations,
        **more,  # type: ignore[arg-type]
    )


def case(*visits: Visit, code: str = "P1") -> Case:
    return Case(Patient(code), visits)


_observation = st.one_of(
    st.builds(score, st.sampled_from(SYMPTOMS), st.sampled_from([0.0, 1.0, 2.0, 4.0, 6.0])),
    st.builds(found, st.sampled_from((*SYMPTOMS, *TONGUE))),
    st.builds(denied, st.sampled_from(SYMPTOMS)),
    st.builds(measured, st.just("lab.glucose"), st.sampled_from([4.0, 5.5, 7.0])),
    st.builds(lambda text: Observation("x.note", ValueKind.TEXT, text=text), st.sampled_from(["夜寐不安", "夜寐尚可"])),
)
_pulse = st.builds(
    lambda side, place, terms: PulseReading(side, place, tuple(terms)),
    st.sampled_from(Side),
    st.sampled_from(Position),
    st.lists(st.sampled_from(PULSES), min_size=1, unique=True),
)
_item = st.builds(
    lambda herb, grams: PrescriptionItem(herb[0], herb[1], grams),
    st.sampled_from(HERBS),
    st.sampled_from([None, 3.0, 10.0]),
)
_formula = st.builds(
    lambda items, name, days: Prescription(tuple(items), name, days),
    st.lists(_item, min_size=1, max_size=3),
    st.sampled_from(["", "酸枣仁汤", "逍遥散"]),
    st.sampled_from([None, 7.0]),
)
_diagnosis = st.builds(
    Diagnosis, st.sampled_from(["disease", "syndrome"]), st.sampled_from(["不寐", "心脾两虚", "肝郁"])
)
any_visit = st.builds(
    lambda observations, pulses, diagnoses, formulas: visit(
        1,
        *observations,
        pulses=tuple(pulses),
        diagnoses=tuple(diagnoses),
        prescriptions=tuple(formulas),
    ),
    st.lists(_observation, max_size=8),
    st.lists(_pulse, max_size=3),
    st.lists(_diagnosis, max_size=2),
    st.lists(_formula, max_size=2),
)
