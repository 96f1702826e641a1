"""Treated tumours for the tests: simulated patients, and the mixed models they are looked at through."""

from __future__ import annotations

import numpy as np

from app.analysis.simulator import tumour
from models.base import cross_fit_base
from models.course import Course, Treatment
from models.encoding import Encoder
from models.history import Base, encode
from models.looking import look

FOLDS = 3


def patients(count: int = 100, gamma: float = 2.0) -> list[Course]:
    return tumour.courses(tumour.simulate(count, 0, gamma))


def based(courses: list[Course]) -> tuple[Encoder, Base]:
    encoder = Encoder.fit(courses)
    return encoder, cross_fit_base(encoder, courses, np.arange(len(courses)) % FOLDS, [0], joint=False)[0]


def forecast(encoder: Encoder, base: Base, course: Course, plan: tuple[Treatment, ...], day: float) -> float:
    """What the mixed models say of the first variable, in its own unit."""
    asked = look(encoder, encode(encoder, base, course, plan), np.array([len(course)]), np.array([day]))
    return float(encoder.mean[0] + encoder.scale[0] * asked.mixed[0, 0])
