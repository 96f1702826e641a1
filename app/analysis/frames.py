"""Courses as pandas tables: what a researcher looks at in a notebook or takes to another program."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from models.course import Course


def values_frame(courses: Iterable[Course]) -> pd.DataFrame:
    """A row an observed value: patient, time (days since the first visit), variable, label, unit, value."""
    rows = [
        (course.patient, time, variable.name, variable.label, variable.unit, value)
        for course in courses
        for time, seen in zip(course.times.tolist(), course.values.tolist(), strict=True)
        for variable, value in zip(course.variables, seen, strict=True)
        if not np.isnan(value)
    ]
    return pd.DataFrame(rows, columns=pd.Index(["patient", "time", "variable", "label", "unit", "value"]))


def treatments_frame(courses: Iterable[Course]) -> pd.DataFrame:
    """A row a treatment: patient, treatment, start and end (days), dose (a day)."""
    rows = [(c.patient, t.name, t.start, t.end, t.dose) for c in courses for t in c.treatments]
    return pd.DataFrame(rows, columns=pd.Index(["patient", "treatment", "start", "end", "dose"]))
