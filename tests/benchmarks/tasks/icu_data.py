"""PhysioNet-2012 set-a as courses: 4,000 stays, the first 48 hours of intensive care (tasks T4 and T5).

Source: Silva, Moody, Scott, Celi, Mark, *Predicting In-Hospital Mortality of ICU Patients: The PhysioNet/Computing in
Cardiology Challenge 2012*, CinC 2012; Open Data Commons Attribution 1.0. Files under ``MAILIU_DATA`` or
``../shared/data``; the measurements are a parquet file, which pandas reads through pyarrow.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.course import Course, Variable

FOLDER = (
    Path(os.environ.get("MAILIU_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
    / "clinical"
    / "physionet2012"
)
MEASURED, OUTCOMES = "p12_set_a.parquet", "outcomes_a.csv"
STAYS, DEATHS = 4000, 554
MINUTES_A_DAY, LAST_MINUTE = 1440, 2880
DEATH, DEATH_DAY = "death", 2.0 + 1 / 1440
DESCRIPTORS = ("Age", "Gender", "Height", "Weight", "ICUType")
UNITS = ("CCU", "CSRU", "MICU", "SICU")  # ICUType 1..4: coronary, cardiac surgery recovery, medical, surgical

# Name: unit, lowest and highest value believed. Outside lie slips (a heart rate or pressure of 0 is a lead that fell
# off, a temperature of -17.8 C is 0 F); a value outside is dropped, not clipped. All 37 series of the challenge.
SERIES: dict[str, tuple[str, float, float]] = {
    "ALP": ("IU/L", 5, 5000),
    "ALT": ("IU/L", 1, 30000),
    "AST": ("IU/L", 1, 30000),
    "Albumin": ("g/dL", 0.5, 7),
    "BUN": ("mg/dL", 0.5, 250),
    "Bilirubin": ("mg/dL", 0.05, 80),
    "Cholesterol": ("mg/dL", 20, 700),
    "Creatinine": ("mg/dL", 0.05, 30),
    "DiasABP": ("mmHg", 10, 200),
    "FiO2": ("", 0.2, 1),
    "GCS": ("", 3, 15),
    "Glucose": ("mg/dL", 10, 1500),
    "HCO3": ("mmol/L", 2, 60),
    "HCT": ("%", 5, 70),
    "HR": ("1/min", 20, 250),
    "K": ("mmol/L", 1, 12),
    "Lactate": ("mmol/L", 0.1, 40),
    "MAP": ("mmHg", 20, 220),
    "MechVent": ("", 0, 1),
    "Mg": ("mmol/L", 0.3, 10),
    "NIDiasABP": ("mmHg", 10, 200),
    "NIMAP": ("mmHg", 20, 220),
    "NISysABP": ("mmHg", 30, 300),
    "Na": ("mmol/L", 95, 190),
    "PaCO2": ("mmHg", 5, 200),
    "PaO2": ("mmHg", 15, 700),
    "Platelets": ("1/nL", 1, 2000),
    "RespRate": ("1/min", 2, 80),
    "SaO2": ("%", 25, 100),
    "SysABP": ("mmHg", 30, 300),
    "Temp": ("C", 30, 43),
    "TroponinI": ("ug/L", 0, 100),
    "TroponinT": ("ug/L", 0, 100),
    "Urine": ("mL", 0, 5000),
    "WBC": ("1/nL", 0.05, 400),
    "Weight": ("kg", 30, 300),
    "pH": ("", 6.5, 8.0),
}
HEIGHT = (120.0, 220.0)  # cm
# Skewed ones; with ``logged`` their values are log(1 + x).
LOGGED = (
    *("ALP", "ALT", "AST", "BUN", "Bilirubin", "Creatinine", "Glucose", "Lactate", "PaCO2", "PaO2"),
    *("Platelets", "TroponinI", "TroponinT", "Urine", "WBC"),
)
NAMES = tuple(SERIES)


def read(folder: Path = FOLDER) -> pd.DataFrame:
    """All believable measurements: RecordID, minute 0..2880, variable, value; a line a measurement, in order.

    Of several of one series in one minute the mean. Also the descriptors as minute 0, -1 where unknown.
    Raises FileNotFoundError where the data are not present, ImportError where pandas has no reader of parquet.
    """
    path = folder / MEASURED
    if not path.is_file():
        raise FileNotFoundError(f"PhysioNet-2012 is not present at {folder} (set MAILIU_DATA)")
    try:
        frame = pd.read_parquet(path)
    except ImportError as error:
        raise ImportError(f"pandas needs pyarrow to read {path.name}: pip install pyarrow") from error
    frame["variable"] = frame["variable"].astype(str)
    frame["value"] = frame["value"].astype(np.float64)
    acid = (frame["variable"] == "pH").to_numpy()
    value = frame["value"].to_numpy(copy=True)
    value[acid & (value > 100)] /= 100  # 735 was 7.35
    value[acid & (value > 10)] /= 10
    frame["value"] = value
    lowest = frame["variable"].map({n: low for n, (_, low, _) in SERIES.items()})
    highest = frame["variable"].map({n: high for n, (_, _, high) in SERIES.items()})
    describes = frame["variable"].isin(DESCRIPTORS) & (frame["minute"] == 0)
    believed = (frame["value"] >= lowest) & (frame["value"] <= highest)
    kept = frame.loc[describes | believed]
    return kept.groupby(["RecordID", "minute", "variable"], sort=True)["value"].mean().reset_index()


def load_icu(*, hours: float = 1.0, logged: bool = False, death: bool = True, folder: Path = FOLDER) -> list[Course]:
    """The stays as courses, in the order of their record numbers.

    A row holds the means of what was measured in the ``hours`` that end at its time, in days since admission, so that
    nothing is known before its time and a row's edge falls on 24 h; hours=0: a row for every minute with a measurement.
    One hour keeps 83 % of the values told apart (30 minutes 91 %, two hours 55 %, the rest are averaged). T5 asks for
    hourly means; of T4 a recurrent state from two-hour rows told as much as from one-hour ones (AUC .842 each, 95 % of
    the difference within .005) in half the time; finer rows were not tried on either.
    static: age (years), male, height (cm), weight (kg), each absent where not known, and the unit one-hot.
    logged: see ``LOGGED``. death: a 38th, binary variable (in-hospital death), observed once in a row of its own after
    all others, a minute after day 2, so the history of the question, ``until_row(len - 1)``, never includes it.
    """
    frame = read(folder)
    died = _outcomes(folder)["In-hospital_death"].to_dict()
    variables = tuple(Variable(n, n, unit=u) for n, (u, _, _) in SERIES.items())
    if death:
        variables += (Variable(DEATH, "in-hospital death", kind="binary", lower=0.0, upper=1.0),)
    frame["code"] = frame["variable"].map({n: float(i) for i, n in enumerate(NAMES)})
    table = np.asarray(frame[["minute", "value", "code"]], dtype=np.float64)
    described = (frame["variable"].isin(DESCRIPTORS) & (frame["minute"] == 0)).to_numpy()
    records = frame["RecordID"].to_numpy()
    starts = np.flatnonzero(np.r_[True, records[1:] != records[:-1]])
    courses = []
    for start, end in zip(starts, [*starts[1:], len(records)], strict=True):
        here = slice(start, end)
        record, first = int(records[start]), described[here]
        names = frame["variable"].iloc[here].to_numpy()[first]
        statics = _static(dict(zip(names, table[here, 1][first], strict=True)))
        answer = float(died[record]) if death else None
        times, values = _rows(table[here][~first], hours, logged, answer)
        courses.append(Course(str(record), times, values, variables, static=statics))
    return courses


def _outcomes(folder: Path) -> pd.DataFrame:
    """SAPS-I, SOFA, Length_of_stay (days), Survival and In-hospital_death by record number."""
    return pd.read_csv(folder / OUTCOMES).set_index("RecordID")


def _static(described: dict[str, float]) -> dict[str, float]:
    known = {"age": described["Age"]}
    if described["Gender"] >= 0:
        known["male"] = described["Gender"]
    for name, (low, high) in {"Height": HEIGHT, "Weight": SERIES["Weight"][1:]}.items():
        if low <= described.get(name, -1.0) <= high:
            known[name.lower()] = described[name]
    return known | {unit: float(described["ICUType"] == i) for i, unit in enumerate(UNITS, start=1)}


def _rows(
    table: NDArray[np.float64], hours: float, logged: bool, died: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """table (m, 3): minute, value, variable. Times (n,) in days and values (n, 37 or 38)."""
    minute, value, code = table[:, 0], table[:, 1], table[:, 2].astype(np.int64)
    width = 60.0 * hours
    end = np.minimum(np.maximum(np.ceil(minute / width), 1.0) * width, LAST_MINUTE) if hours > 0 else minute
    ends, row = np.unique(end, return_inverse=True)
    shape = (len(ends), len(NAMES))
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (row, code), value)
    np.add.at(count, (row, code), 1.0)
    values = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
    if logged:
        columns = [NAMES.index(n) for n in LOGGED]
        values[:, columns] = np.log1p(values[:, columns])
    times = ends / MINUTES_A_DAY
    if died is None:
        return times, values
    values = np.pad(values, ((0, 1), (0, 1)), constant_values=np.nan)
    values[-1, -1] = died
    return np.append(times, DEATH_DAY), values


def folds(count: int, seed: int, parts: int = 5) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Places of the training and test stays of each fold, permuted by ``seed``."""
    order = np.random.RandomState(seed).permutation(count)
    for test in np.array_split(order, parts):
        yield np.setdiff1d(order, test), np.sort(test)


def outcomes(courses: Sequence[Course]) -> NDArray[np.float64]:
    """In-hospital death by stay: (n,)."""
    return np.array([c.values[-1, -1] for c in courses])


def saps(courses: Sequence[Course], folder: Path = FOLDER) -> NDArray[np.float64]:
    """The SAPS-I score that came with each stay, -1 where unknown: (n,)."""
    scores = _outcomes(folder)["SAPS-I"]
    return scores.loc[[int(c.patient) for c in courses]].to_numpy(dtype=np.float64)
