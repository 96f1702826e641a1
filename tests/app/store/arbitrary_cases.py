"""Any storable case, by hypothesis."""

from __future__ import annotations

import itertools

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

_words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)  # as the gate asks
_reals = st.floats(allow_nan=False, allow_infinity=False)
_maybe = st.none() | _reals
_dates = st.none() | st.dates()


def _tuples(part: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(part, max_size=3).map(tuple)


_observations = st.builds(
    Observation,
    concept=_words,
    kind=st.sampled_from(ValueKind),
    number=_maybe,
    unit=_words,
    code=_words,
    text=_words,
    negated=st.booleans(),
    raw=_words,
)
_pulses = st.builds(
    PulseReading, side=st.sampled_from(Side), position=st.sampled_from(Position), terms=_tuples(_words), raw=_words
)
_items = st.builds(
    PrescriptionItem,
    raw_name=_words,
    herb=_words,
    grams=_maybe,
    processing=_words,
    note=_words,
    raw_dose=_words,
)
_prescriptions = st.builds(
    Prescription,
    items=_tuples(_items),
    formula=_words,
    days=_maybe,
    mode=st.sampled_from(["full", "modified"]),
    raw=_words,
)
_visits = st.builds(
    Visit,
    number=st.integers(0, 1_000_000),
    kind=st.sampled_from(VisitKind),
    day=_reals,
    basis=st.sampled_from(DateBasis),
    date=_dates,
    label=_words,
    text=_words,
    observations=_tuples(_observations),
    pulses=_tuples(_pulses),
    diagnoses=_tuples(st.builds(Diagnosis, kind=_words, text=_words, code=_words)),
    prescriptions=_tuples(_prescriptions),
    outcome=_words,
)
_serial = itertools.count()


@st.composite
def arbitrary(draw: st.DrawFn) -> Case:
    """Any storable case of a patient not met before, visits ordered by (day, number)."""
    person = Patient(
        code=f"{next(_serial)} {draw(_words)}",
        name=draw(_words),
        sex=draw(st.sampled_from(["", "F", "M"])),
        birth_date=draw(_dates),
        age=draw(_maybe),
        chief=draw(_words),
        note=draw(_words),
    )
    visits = draw(st.lists(_visits, max_size=4, unique_by=lambda visit: visit.number))
    ordered = sorted(visits, key=lambda visit: (visit.day, visit.number))
    return Case(person, tuple(ordered), draw(st.dictionaries(_words, _words, max_size=3)))
