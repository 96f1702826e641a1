"""Plain records of a case: what every room above and below exchanges.

Times: ``Visit.day`` is days since the patient's first visit (float, 0 for the first); ``Visit.date`` is the civil date
where one is known. ``DateBasis`` says how the day came about, because a day that was only inferred from the order of
visits must never be taken for a measured one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class VisitKind(StrEnum):
    FIRST = "first"  # 初诊
    FOLLOW_UP = "follow_up"  # 复诊


class DateBasis(StrEnum):
    EXACT = "exact"  # a civil date (or an exact day) was recorded
    RELATIVE = "relative"  # days between visits are known, the calendar year is not
    ORDER = "order"  # only the order of visits is known; days are placed by convention


class ValueKind(StrEnum):
    NUMBER = "number"  # Observation.number, in Observation.unit
    SCORE = "score"  # Observation.number, an ordinal score (main 0/2/4/6, secondary 0-3)
    CODE = "code"  # Observation.code, a coded term
    TEXT = "text"  # Observation.text


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class Position(StrEnum):
    CUN = "cun"  # 寸
    GUAN = "guan"  # 关
    CHI = "chi"  # 尺
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact about one concept at one visit.

    concept: code of a vocabulary concept ("sym.insomnia", "ton.body_red", "lab.bili"), or "x." + the source's own
    variable name where the vocabulary has no such concept
    negated: the text says the sign is absent (不渴, 无汗); such a row carries number 0 and no positive finding
    raw: the words or value as given
    """

    concept: str
    kind: ValueKind
    number: float | None = None
    unit: str = ""
    code: str = ""
    text: str = ""
    negated: bool = False
    raw: str = ""


PRESENT, ABSENT = "present", "absent"  # codes of a sign that says no more


def is_denied(observation: Observation) -> bool:
    """The visit says that it is not there (不渴)."""
    return observation.negated or observation.code == ABSENT


@dataclass(frozen=True, slots=True)
class PulseReading:
    """Pulse at one place: component names in order, e.g. ("wiry", "slippery", "rapid") for 弦滑数.

    terms: codes of the pulse vocabulary; raw: the words as given
    """

    side: Side
    position: Position
    terms: tuple[str, ...]
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """kind: "disease" (病), "syndrome" (证), "element" (证素) or "western"; code is "" where only the text is known."""

    kind: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class PrescriptionItem:
    """One herb of a formula. grams is per day; None where no dose is given."""

    raw_name: str
    herb: str = ""  # canonical herb code, "" where unmapped
    grams: float | None = None
    processing: str = ""  # 炒, 酒蒸, 制 ...
    note: str = ""  # 先煎, 后下 ...
    raw_dose: str = ""


@dataclass(frozen=True, slots=True)
class Prescription:
    """mode: "full", or "modified" where it was rebuilt from the formula before it (于前方去X加Y)."""

    items: tuple[PrescriptionItem, ...]
    formula: str = ""  # 方名
    days: float | None = None  # doses dispensed, one a day
    mode: str = "full"
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    number: int
    kind: VisitKind
    day: float
    basis: DateBasis
    date: dt.date | None = None
    label: str = ""
    text: str = ""
    observations: tuple[Observation, ...] = ()
    pulses: tuple[PulseReading, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    prescriptions: tuple[Prescription, ...] = ()
    outcome: str = ""  # 痊愈 显效 有效 无效, or free text


@dataclass(frozen=True, slots=True)
class Patient:
    code: str  # the clinic's own number, unique after normalisation
    name: str = ""
    sex: str = ""  # "F", "M" or ""
    birth_date: dt.date | None = None
    age: float | None = None  # years at the first visit, where no birth date is known
    chief: str = ""  # 主病 / 主诉, one line
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A patient with the visits one source gives, ordered by (day, number)."""

    patient: Patient
    visits: tuple[Visit, ...]
    attributes: dict[str, str] = field(default_factory=dict)  # static facts of the source: book, chapter, arm ...
