"""A case with the characters that PDF text layers lose, and a forecast for it."""

from __future__ import annotations

import datetime as dt
import struct
import zlib

import numpy as np
import pytest

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
from models.course import Variable
from models.forecast import Forecast

START = dt.date(2024, 3, 4)


def visit(number: int, scores: dict[str, float], *, basis: DateBasis = DateBasis.EXACT, extra: str = "") -> Visit:
    day = 7.0 * (number - 1)
    herbs = [PrescriptionItem("酸枣仁", "herb.suanzaoren", 15.0), PrescriptionItem("川芎", "herb.chuanxiong", 6.0)]
    if number % 2 == 0:
        herbs.append(PrescriptionItem("龙骨", "herb.longgu", 20.0, note="先煎"))
    return Visit(
        number=number,
        kind=VisitKind.FIRST if number == 1 else VisitKind.FOLLOW_UP,
        day=day,
        basis=basis,
        date=START + dt.timedelta(days=day) if basis is DateBasis.EXACT else None,
        observations=(
            *(Observation(code, ValueKind.SCORE, number=value) for code, value in scores.items()),
            Observation("ton.body_red", ValueKind.CODE, code="ton.body_red"),
            Observation("lab.bili", ValueKind.NUMBER, number=1.25, unit="mg/dL"),
        ),
        pulses=(
            PulseReading(Side.LEFT, Position.GUAN, ("pul.wiry", "pul.thready"), "弦细"),
            PulseReading(Side.RIGHT, Position.CUN, ("pul.slippery",), "滑"),
        ),
        diagnoses=(Diagnosis("syndrome", f"气血两虚{extra}"), Diagnosis("disease", "血瘀")),
        prescriptions=(Prescription(tuple(herbs), "酸枣仁汤", 7.0),),
        outcome="有效" if number > 1 else "",
    )


def make_case(visits: int, name: str = "单雨喆", **options: DateBasis) -> Case:
    course = tuple(
        visit(n, {"sym.insomnia": float(max(6 - 2 * (n - 1), 0)), "sym.palpitation": 2.0}, **options)
        for n in range(1, visits + 1)
    )
    return Case(Patient("P007", name, "F", age=46.0, chief="入睡困难、心慌"), course)


def card(*, beats: bool = True) -> dict:
    return {
        "name": "demo",
        "training": {"patients": 128, "visits": 1053, "span_days": 186.0},
        "score": {
            "model": 0.671,
            "last_value": 0.832 if beats else 0.65,
            "mixed_model": 0.69,
            "patients": 32,
            "beats_last_value": beats,
        },
        "coverage90": 0.902,
    }


def make_forecast(case: Case) -> Forecast:
    variables = (
        Variable("sym.insomnia", "失眠", "ordinal", upper=6.0),
        Variable("log_bili", "bilirubin", unit="mg/dL"),
    )
    last = case.visits[-1].day
    values = np.tile([0.12, 0.5, 1.0, 1.71, 2.64], (2, 2, 1))
    return Forecast(
        "P007",
        np.array([last + 7, last + 30]),
        variables,
        values,
        last_value={"sym.insomnia": 2.0},
        quantile_levels=(0.05, 0.25, 0.5, 0.75, 0.95),
    )


def png(width: int = 40, height: int = 24) -> bytes:
    """A small grey picture."""
    chunk = lambda kind, data: (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) & 0xFFFFFFFF)
    )
    rows = b"".join(b"\x00" + b"\xb0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def case() -> Case:
    return make_case(3)
