"""Invented cases for the plots: no person, no source, figures chosen to look like a course."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

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
from models.course import Course, Variable
from models.forecast import Forecast, Neuron, Trajectory

DAYS = (0, 4, 7, 14, 21, 23, 35, 49, 56, 70, 84)
START = dt.date(2026, 3, 4)
SCORES = {
    "sym.insomnia": (6, 6, 5, 5, 4, 4, 3, 2, 2, 2, 1),
    "sym.palpitation": (4, 4, 4, 3, 3, 4, 3, 2, 2, 1, 1),
    "sym.hypochondriac_pain": (2, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0),
}
PULSES = (
    ("wiry", "thready", "rapid"),
    ("wiry", "thready", "rapid"),
    ("wiry", "thready", "rapid"),
    ("wiry", "thready", "rapid"),
    ("wiry", "thready"),
    ("wiry", "thready", "rapid"),
    ("wiry", "thready"),
    ("wiry",),
    ("moderate",),
    ("moderate",),
    ("moderate",),
)
TONGUES = (
    (("body_red", "coat_scanty"),) * 4
    + (("body_red", "coat_thin", "coat_yellow"),) * 3
    + (("body_pink", "coat_thin", "coat_white"),) * 4
)
ELEMENTS = {"liver": 4.0, "yin_deficiency": 3.5, "qi_stagnation": 3.0, "mind": 3.6}
NOTES = {
    0: "入睡困难三月，夜寐三四小时，心烦易怒，口干，两胁隐痛，遇劳加重。",
    5: "情绪激动后心悸复作，夜间惊醒两次。",
    7: "睡眠渐安，胁痛已轻。",
    9: "夜寐六小时，偶醒，饮食如常，二便调。",
}
FIRST = {"酸枣仁": 15, "知母": 10, "茯苓": 12, "川芎": 6, "甘草": 6, "柴胡": 10, "黄连": 3, "牡丹皮": 9, "栀子": 6}
THIRD = {**FIRST, "酸枣仁": 20}
LATER = {"酸枣仁": 20, "知母": 10, "茯苓": 12, "川芎": 6, "甘草": 6, "百合": 12, "合欢皮": 10}
LAST = {**LATER, "酸枣仁": 15}


def formula(index: int) -> Prescription:
    herbs = FIRST if index < 4 else THIRD if index < 6 else LATER if index < 7 else LAST
    if index >= 3:
        herbs = {k: v for k, v in herbs.items() if k != "黄连"}
    name = "酸枣仁汤合丹栀逍遥散" if index < 6 else "酸枣仁汤加减"
    items = tuple(PrescriptionItem(raw_name=k, grams=float(v)) for k, v in herbs.items())
    return Prescription(items, formula=name)


def pulse_readings(index: int) -> tuple[PulseReading, ...]:
    readings = []
    for side in (Side.LEFT, Side.RIGHT):
        for position in (Position.CUN, Position.GUAN, Position.CHI):
            terms = PULSES[index]
            if position is Position.CHI and side is Side.LEFT and index == 7:
                terms = ("moderate",)
            readings.append(PulseReading(side, position, tuple(f"pul.{x}" for x in terms)))
    return tuple(readings)


def visit(index: int, *, day: float | None = None, basis: DateBasis = DateBasis.EXACT) -> Visit:
    day = float(DAYS[index]) if day is None else day
    share = SCORES["sym.insomnia"][index] / 6
    observations = [Observation(name, ValueKind.SCORE, number=float(values[index])) for name, values in SCORES.items()]
    observations += [Observation(f"ton.{x}", ValueKind.CODE) for x in TONGUES[index]]
    observations += [
        Observation(f"ele.{name}", ValueKind.SCORE, number=round(weight * share, 2))
        for name, weight in ELEMENTS.items()
    ]
    syndrome = "肝郁阴虚" if index < 7 else "心肝血虚"
    return Visit(
        number=index + 1,
        kind=VisitKind.FIRST if index == 0 else VisitKind.FOLLOW_UP,
        day=day,
        basis=basis,
        date=START + dt.timedelta(days=round(day)) if basis is DateBasis.EXACT else None,
        text=NOTES.get(index, ""),
        observations=tuple(observations),
        pulses=pulse_readings(index),
        diagnoses=(Diagnosis("syndrome", syndrome),),
        prescriptions=(formula(index),) if index < len(DAYS) - 1 else (),
    )


def insomnia() -> Case:
    """Eleven visits over 84 days with scores, six-position pulses, tongue, syndrome, formulas and notes."""
    return Case(Patient("T-0001", name="试例", sex="F", age=46.0), tuple(visit(i) for i in range(len(DAYS))))


def with_absence(days: float = 120.0) -> Case:
    """The same course with a long absence before its ninth visit, outcomes, an operation and a score left out."""
    visits = list(insomnia().visits)
    for at in range(8, len(visits)):
        day = visits[at].day + days
        visits[at] = replace(visits[at], day=day, date=START + dt.timedelta(days=round(day)))
    scored = tuple(o for o in visits[5].observations if o.concept != "sym.palpitation")
    visits[3] = replace(visits[3], outcome="有效")
    visits[5] = replace(visits[5], observations=scored)
    operation = Observation("x.手术", ValueKind.CODE, code="x.手术")
    visits[6] = replace(visits[6], observations=(*visits[6].observations, operation))
    visits[9] = replace(visits[9], outcome="显效")
    return Case(Patient("T-0006", name="试例", sex="F", age=46.0), tuple(visits))


def single_visit() -> Case:
    return Case(Patient("T-0002"), (visit(0),))


def ordered_only() -> Case:
    """Four visits of which only the order is known."""
    visits = tuple(visit(i, day=float(i * 7), basis=DateBasis.ORDER) for i in range(4))
    return Case(Patient("T-0003"), visits)


def case_book(visits: int = 63, seed: int = 5) -> Case:
    """A long classical course: signs present or denied, the pulse as a whole, formulas without doses of days."""
    rng = np.random.default_rng(seed)
    signs = [f"sym.{n}" for n in ("cough", "fever", "thirst", "oedema", "sweating", "poor_appetite", "diarrhoea")]
    herbs = list(FIRST) + list(LATER) + ["桂枝", "附子", "杏仁", "半夏", "陈皮", "厚朴", "枳实", "生姜", "大枣", "干姜"]
    pulses = (("wiry", "rapid"), ("deep", "thready"), ("floating", "rapid"), ("moderate",), ("slippery",))
    days = np.cumsum(rng.choice([1, 2, 2, 3, 4, 9], visits)) - 1
    out = []
    for index in range(visits):
        said = [s for s in signs if rng.random() < 0.45]
        observations = tuple(
            Observation(s, ValueKind.CODE, number=None if (there := rng.random() < 0.75) else 0.0, negated=not there)
            for s in said
        )
        chosen = rng.choice(herbs, size=8, replace=False)
        items = tuple(PrescriptionItem(str(h), grams=float(rng.choice([6, 9, 12, 15]))) for h in sorted(set(chosen)))
        terms = tuple(f"pul.{x}" for x in pulses[int(rng.integers(len(pulses)))])
        out.append(
            Visit(
                index + 1,
                VisitKind.FIRST if index == 0 else VisitKind.FOLLOW_UP,
                float(days[index] - days[0]),
                DateBasis.RELATIVE,
                text="咳嗽痰多，身微热，渴不欲饮，小便不利，大便溏，苔白腻。" * (1 + index % 3),
                observations=observations,
                pulses=(PulseReading(Side.BOTH, Position.WHOLE, terms),) if rng.random() < 0.7 else (),
                prescriptions=(Prescription(items),),
            )
        )
    return Case(Patient("T-0004"), tuple(out))


def laboratory() -> Case:
    """Numeric findings over twelve years, some of them missing."""
    rng = np.random.default_rng(2)
    days = [0, 180, 370, 740, 1100, 1500, 2190, 2900, 3600, 4380]
    findings = {"bili": ("mg/dl", 1.2, 0.35), "albumin": ("g/dl", 3.6, -0.09), "ast": ("U/l", 96.0, 7.0)}
    findings |= {"platelet": ("10³/µl", 240.0, -11.0), "protime": ("s", 10.4, 0.14)}
    visits = []
    for index, day in enumerate(days):
        observations = tuple(
            Observation(f"lab.{n}", ValueKind.NUMBER, number=round(a + b * index + abs(b) * rng.normal(), 2), unit=u)
            for n, (u, a, b) in findings.items()
            if not (n == "ast" and index in (4, 5))
        )
        kind = VisitKind.FIRST if index == 0 else VisitKind.FOLLOW_UP
        visits.append(Visit(index + 1, kind, float(day), DateBasis.RELATIVE, observations=observations))
    return Case(Patient("T-0005"), tuple(visits))


def variables() -> tuple[Variable, ...]:
    labels = ("失眠", "心悸", "胁痛")
    return tuple(
        Variable(n, label, "ordinal", lower=0.0, upper=6.0, group="symptom")
        for n, label in zip(SCORES, labels, strict=True)
    )


def course() -> Course:
    values = np.array([SCORES[v.name] for v in variables()], dtype=np.float64).T
    return Course("T-0001", np.array(DAYS, dtype=np.float64), values, variables())


def forecast(horizon: int = 30) -> Forecast:
    """Day by day, the interval widening with the root of time."""
    ahead = np.arange(1, horizon + 1, dtype=np.float64)
    widths = np.array([-1.645, -0.674, 0.0, 0.674, 1.645])
    middle = np.stack([1.0 - 0.1 * np.sin(ahead / 9), 0.8 + ahead * 0.004, 0.25 + 0 * ahead], axis=1)
    spread = np.stack([0.18 * np.sqrt(ahead), 0.15 * np.sqrt(ahead), 0.1 * np.sqrt(ahead)], axis=1)
    values = np.clip(middle[:, :, None] + spread[:, :, None] * widths, 0.0, 6.0)
    last = {name: float(v[-1]) for name, v in SCORES.items()}
    basis = {"history": 11, "last_day": 84.0, "patients": 214, "visits": 1903}
    return Forecast(
        "T-0001",
        84.0 + ahead,
        variables(),
        values,
        last_value=last,
        basis=basis,
        quantile_levels=(0.05, 0.25, 0.5, 0.75, 0.95),
    )


def trajectory(neurons: int = 24, points: int = 200) -> Trajectory:
    """Waves of different speeds; inter neurons fast, command neurons slow."""
    times = np.linspace(0.0, 114.0, points)
    kinds = [("motor", "m", 3), ("command", "c", 8), ("inter", "i", neurons - 11)]
    names: list[Neuron] = []
    state: list[np.ndarray] = []
    tau: list[np.ndarray] = []
    for kind, letter, count in kinds:
        for index in range(count):
            period = 18 + 9 * index
            fade = 0.35 + 0.65 * np.exp(-times / 60)
            state.append(fade * np.sin(2 * np.pi * times / period + index * 0.8))
            tau.append(1.2 * 1.42**index * np.exp(0.3 * np.sin(times / 25 + index)))
            names.append(Neuron(f"{letter}{index}", kind))  # type: ignore[arg-type]
    return Trajectory(times, np.array(state).T, np.array(tau).T, tuple(names), 84.0, patient="T-0001")
