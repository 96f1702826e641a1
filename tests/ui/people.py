"""Invented patients and workers for window tests: the store is real, what runs in other processes is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from app.analysis.series import SeriesPlan
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
from app.jobs.events import Event, Finished
from app.store.clinic import Clinic, Credentials
from app.store.roles import Role
from models.course import Variable
from models.forecast import Forecast, Neuron, Trajectory
from models.surprise import Surprise

SYMPTOMS = ("sym.insomnia", "sym.palpitation", "sym.hypochondriac_pain")
# each course: scores of the three symptoms at each visit
BETTER = ((6, 4, 2), (6, 4, 3), (4, 4, 2), (4, 2, 1), (2, 2, 1), (2, 1, 1), (1, 1, 0))
WORSE = ((2, 2, 0), (2, 4, 0), (4, 4, 1), (4, 6, 1))
NAMES = (
    ("P0001", "陈素云", "F", 46.0, BETTER),
    ("P0002", "单志远", "M", 58.0, WORSE),
    ("P0003", "欧阳静", "F", 33.0, BETTER[:4]),
    ("P0004", "王喆", "M", 29.0, BETTER[1:5]),
    ("P0005", "李桂芳", "F", 67.0, WORSE[:3]),
    ("P0006", "赵堃", "M", 51.0, BETTER[2:]),
    ("P0007", "<img src=file:///etc/passwd>", "F", 40.0, BETTER[:2]),
    ("P0008", "周明霞", "F", 40.0, BETTER[:5]),
)
VARIABLES = tuple(Variable(code, code, "ordinal", "", 0.0, 6.0, "symptom") for code in SYMPTOMS)
TONGUE = (Observation("ton.body_red", ValueKind.CODE, number=1.0, code="ton.body_red", raw="舌红"),)


def visit(number: int, day: float, first: dt.date, scores: tuple[int, ...]) -> Visit:
    observations = tuple(
        Observation(code, ValueKind.SCORE, number=float(score)) for code, score in zip(SYMPTOMS, scores, strict=True)
    )
    items = (
        PrescriptionItem("酸枣仁", "herb.suanzaoren", 15.0 + number),
        PrescriptionItem("柴胡", "herb.chaihu", 10.0),
        PrescriptionItem("黄连", "herb.huanglian", 3.0),
    )
    pulses = tuple(
        PulseReading(side, position, ("pul.wiry", "pul.thready"), "弦细")
        for side in (Side.LEFT, Side.RIGHT)
        for position in (Position.CUN, Position.GUAN, Position.CHI)
    )
    return Visit(
        number=number,
        kind=VisitKind.FIRST if number == 1 else VisitKind.FOLLOW_UP,
        day=day,
        basis=DateBasis.EXACT,
        date=first + dt.timedelta(days=day),
        text="入睡困难 3 月，夜寐 3–4 小时，心烦易怒" if number == 1 else "",
        observations=observations + TONGUE,
        pulses=pulses,
        diagnoses=(Diagnosis("disease", "不寐"), Diagnosis("syndrome", "肝郁阴虚")),
        prescriptions=(Prescription(items, formula="酸枣仁汤", days=14.0),),
    )


def cases(first_of_all: dt.date = dt.date(2024, 3, 4)) -> list[Case]:
    """Each begins a day after the one before."""
    out = []
    for index, (code, name, sex, age, course) in enumerate(NAMES):
        first = first_of_all + dt.timedelta(days=index)
        visits = tuple(visit(n + 1, n * 14.0 - (n % 2) * 3.0, first, scores) for n, scores in enumerate(course))
        out.append(Case(Patient(code, name, sex, age=age, chief="不寐"), visits))
    return out


def fill(path: Path, *, model: bool = False) -> Path:
    """A clinic file of the invented patients, with a registered model where asked for."""
    with Clinic.open(path, plain=True) as clinic:
        _people(clinic, model)
    return path


def _people(clinic: Clinic, model: bool, first: dt.date = dt.date(2024, 3, 4)) -> None:
    clinic.imports.commit(cases(first), files=[], report_json="{}")
    if model:
        clinic.models_folder.mkdir(exist_ok=True)
        file = clinic.models_folder / "demo.safetensors"
        file.write_bytes(b"")
        clinic.models.register("demo", card(), file)


PASSPHRASE = "白日依山尽 1688"
STAFF = {"王主任": Role.ADMINISTRATOR, "李医师": Role.CLINICIAN, "赵研究": Role.RESEARCHER}


def staff(path: Path) -> Path:
    """Users with PASSPHRASE, one a role, into a clinic file without any."""
    with Clinic.open(path) as clinic:
        for name, role in STAFF.items():
            clinic.accounts.add(name, [role], PASSPHRASE)
    return path


def fill_encrypted(path: Path, *, model: bool = False, first: dt.date = dt.date(2024, 3, 4)) -> Path:
    """The same, encrypted under PASSPHRASE. first: day of the first visit of all."""
    with Clinic.open(path, credentials=Credentials(passphrase=PASSPHRASE)) as clinic:
        _people(clinic, model, first)
    return path


def card(*, beats: bool = True) -> dict[str, Any]:
    return {
        "name": "demo",
        "training": {"patients": 128, "visits": 1103, "span_days": 182.0, "epochs": 60, "seed": 0},
        "score": {
            "model": 0.72 if beats else 1.01,
            "last_value": 0.88,
            "mixed_model": 0.75,
            "trees": 0.74,
            "best_simple": "trees",
            "beats_simple": beats,
            "patients": 32,
            "beats_last_value": beats,
            "per_variable": {
                code: {"model": 0.4 + 0.2 * i, "last_value": 0.6 + 0.1 * i, "mixed_model": None, "values": 90}
                for i, code in enumerate(SYMPTOMS)
            },
        },
        "coverage90": 0.9,
        "series": SeriesPlan(VARIABLES, (), ()).to_dict(),
    }


def outlook_result(case: Case, model: str = "demo") -> dict[str, Any]:
    """What app.jobs.forecasting would give: widening bands from the last scores on, and a moving state."""
    end = case.visits[-1].day
    last = {o.concept: float(o.number or 0) for o in case.visits[-1].observations if o.kind is ValueKind.SCORE}
    variables = VARIABLES
    spread = np.array([-1.0, -0.4, 0.0, 0.4, 1.0])

    def at(days: np.ndarray) -> Forecast:
        values = np.empty((len(days), len(variables), len(spread)))
        for v, variable in enumerate(variables):
            middle = last.get(variable.name, 0.0) * np.exp(-days / 60)
            values[:, v] = np.clip(middle[:, None] + spread * np.sqrt(days / 10)[:, None] * 0.8, 0, 6)
        return Forecast(
            case.patient.code,
            end + days,
            variables,
            values,
            last_value=last,
            quantile_levels=(0.05, 0.25, 0.5, 0.75, 0.95),
        )

    times = np.linspace(0, end + 30, 120)
    neurons = tuple(Neuron(f"m{i}", "motor") for i in range(3))
    neurons += tuple(Neuron(f"c{i}", "command") for i in range(6))
    neurons += tuple(Neuron(f"i{i}", "inter") for i in range(11))
    phase = np.arange(len(neurons))
    state = np.sin(times[:, None] / 18 + phase) * np.exp(-times[:, None] / 150)
    tau = np.exp(1.0 + phase / 8 + 0.3 * np.sin(times[:, None] / 25 + phase))
    trajectory = Trajectory(times, state, tau, neurons, observed_until=end, patient=case.patient.code)
    return {
        "patient": case.patient.code,
        "model": model,
        "course_end": end,
        "forecast": at(np.array([7.0, 30.0])).to_dict(),
        "curve": at(np.linspace(0, 30, 31)).to_dict(),
        "trajectory": trajectory.to_dict(),
        "surprises": [one.to_dict() for one in surprises(case)],
    }


def surprises(case: Case) -> list[Surprise]:
    """The second symptom came out higher than expected, the others as expected; nothing after a first visit."""
    if len(case.visits) < 2:
        return []
    last = case.visits[-1]
    values = {o.concept: float(o.number or 0) for o in last.observations if o.kind is ValueKind.SCORE}
    first, second, third = SYMPTOMS
    high = values[second]
    return [
        Surprise(second, last.day, high, max(high - 1.9, 0.0), max(high - 1.2, 0.0), high - 0.6, 0.985, 0.97),
        Surprise(first, last.day, values[first], values[first] - 0.8, values[first], values[first] + 0.8, 0.5, 0.0),
        Surprise(third, last.day, values[third], values[third] - 0.2, values[third], values[third] + 0.8, 0.5, 0.0),
    ]


def grounds_result(case: Case, model: str = "demo") -> dict[str, Any]:
    """What app.jobs.insight would tell: every neuron follows the symptoms one way and the first herb the other."""
    trajectory = outlook_result(case, model)["trajectory"]
    neurons = [neuron["name"] for neuron in trajectory["neurons"]]
    sources = [{"name": name, "kind": "value"} for name in SYMPTOMS]
    sources += [{"name": "herb.suanzaoren", "kind": "treatment"}, {"name": "age", "kind": "static"}]
    effect = np.array([[0.6, 0.1, 0.0], [0.2, 0.5, 0.1], [0.0, 0.1, 0.3], [-0.4, -0.3, 0.0], [0.06, 0.0, 0.0]])
    strengths = np.array([0.55, 0.28, -0.12, -0.41, 0.07])[:, None] * np.cos(np.arange(len(neurons)) / 5)
    layers = {"i": 1, "c": 2, "m": 3}
    nodes = [{"name": name, "what": "value", "layer": 0} for name in SYMPTOMS]
    nodes += [{"name": SYMPTOMS[0], "what": "since", "layer": 0}]
    nodes += [{"name": "herb.suanzaoren", "what": "treatment", "layer": 0}, {"name": "gap", "what": "time", "layer": 0}]
    inputs = len(nodes)
    nodes += [{"name": name, "what": "neuron", "layer": layers[name[0]]} for name in neurons]
    synapses = [
        {"source": a, "target": b, "share": (1 + (7 * a + 5 * b) % 10) / 10, "sign": -1 if (a + b) % 3 == 0 else 1}
        for a, source in enumerate(nodes)
        for b, target in enumerate(nodes)
        if target["layer"] == source["layer"] + 1 and (3 * a + b) % 4 == 0 and b >= inputs
    ]
    return {
        "patient": case.patient.code,
        "model": model,
        "ahead": 30.0,
        "influences": {
            "variables": [asdict(v) for v in VARIABLES],
            "forecast": [1.2, 0.9, 0.3],
            "sources": sources,
            "effect": effect.tolist(),
        },
        "drivers": {
            "neurons": trajectory["neurons"],
            "drivers": [{**source, "sign": source["kind"] == "treatment"} for source in sources],
            "effect": strengths.tolist(),
            "tau": np.median(trajectory["tau"], axis=0).tolist(),
        },
        "wiring": {"cell": "ltc", "nodes": nodes, "synapses": sorted(synapses, key=lambda s: -s["share"])},
    }


def alike_result(case: Case, others: list[Case], model: str = "demo") -> dict[str, Any]:
    """What app.jobs.insight would tell: everybody goes the same way, a little apart."""

    def way(one: Case, apart: float) -> dict[str, Any]:
        days = [v.day for v in one.visits]
        steps = np.arange(len(days), dtype=float)
        path = np.stack([steps + apart * np.sin(steps + apart), steps * 0.8 + apart * np.cos(steps)], -1)
        return {"days": days, "path": path.tolist()}

    near = [one for one in others if one.patient.code != case.patient.code and len(one.visits) > 1][:5]
    return {
        "patient": case.patient.code,
        "model": model,
        "patients": len(others),
        "compared": len(others) - 1,
        "typical": 1.1,
        "share": 0.71,
        "own": way(case, 0.0),
        "neighbours": [
            {"patient": one.patient.code, "day": one.visits[1].day, "distance": 0.2 * (i + 1), **way(one, 0.4 * i - 1)}
            for i, one in enumerate(near)
        ],
    }


class FakeService:
    """Answers every forecast, and what stands behind it, at once from the clinic file."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.db, self.credentials = Path(order["db"]), Credentials.of(order["access"])
        self.asked: list[tuple[str, str]] = []
        self._number = 0
        self.closed = False
        self._events: list[Event] = []

    def request(self, model: str, patient: str, at: list[float] | None = None) -> int:
        self.asked.append((model, patient))
        with Clinic.open(self.db, create=False, credentials=self.credentials) as clinic:
            return self._answer(outlook_result(clinic.queries.case(patient), model))

    def explain(self, model: str, patient: str, ask: str) -> int:
        with Clinic.open(self.db, create=False, credentials=self.credentials) as clinic:
            case = clinic.queries.case(patient)
            if ask == "grounds":
                return self._answer(grounds_result(case, model))
            return self._answer(alike_result(case, list(clinic.queries.cases()), model))

    def _answer(self, result: dict[str, Any]) -> int:
        self._number += 1
        self._events.append(Finished(result, request=self._number))
        return self._number

    def poll(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        self.closed = True


class FakeJob:
    """A worker whose events the test gives."""

    def __init__(self, target: str = "", kwargs: dict[str, Any] | None = None) -> None:
        self.target, self.kwargs = target, kwargs or {}
        self.events: list[Event] = []
        self.cancelled = False
        self.closed = False
        self.alive = True

    def say(self, *events: Event) -> None:
        self.events.extend(events)

    def poll(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def cancel(self) -> None:
        self.cancelled = True

    def close(self, patience: float = 2.0) -> None:
        self.closed = True
        self.alive = False


class Workshop:
    """Starts fake jobs and remembers them; the last is ``job``."""

    def __init__(self) -> None:
        self.jobs: list[FakeJob] = []

    @property
    def job(self) -> FakeJob:
        return self.jobs[-1]

    def start(self, target: str, kwargs: dict[str, Any]) -> FakeJob:
        self.jobs.append(FakeJob(target, kwargs))
        return self.job
