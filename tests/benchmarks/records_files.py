"""Made-up tables of a given number of values: long as CSV and JSON lines, wide as CSV. The same for the same number."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from pathlib import Path

VISITS = 20  # of a patient
LONG_VARIABLES = 10
WIDE_VARIABLES = 20
SHAPES = ("long.csv", "shuffled.csv", "distinct.csv", "long.jsonl", "wide.csv")
ABOUT = {
    "long.csv": "long, 20 visits x 10 variables a patient",
    "shuffled.csv": "the same rows in any order",
    "distinct.csv": "the same, every value another",
    "long.jsonl": "the same as JSON lines",
    "wide.csv": "wide, 20 variables a visit",
}


def write(folder: Path, shape: str, values: int) -> Path:
    path = folder / shape
    if shape == "wide.csv":
        _write_wide(path, values)
        return path
    rows = _long(values, digits=9 if shape == "distinct.csv" else 1)
    header = ("patient", "time", "variable", "value", "unit")
    if shape == "shuffled.csv":
        random.Random(3).shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        if shape == "long.jsonl":
            for patient, day, name, value, unit in rows:
                record = dict(zip(header, (patient, day, name, float(value), unit), strict=True))
                stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        else:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)
    return path


def _long(values: int, digits: int) -> list[tuple[str, int, str, str, str]]:
    rng = random.Random(1)
    labs = [f"lab{number}" for number in range(LONG_VARIABLES - 2)]
    rows: list[tuple[str, int, str, str, str]] = []
    for patient in range(values // (VISITS * LONG_VARIABLES)):
        for visit in range(VISITS):
            day = 7 * visit + rng.randrange(3)
            who = f"P{patient:06d}"
            rows += [(who, day, lab, f"{rng.gauss(50, 10):.{digits}f}", "mmol/L") for lab in labs]
            rows += [(who, day, "失眠", rng.choice("0246"), ""), (who, day, "口苦", rng.choice("0123"), "")]
    return rows


def _write_wide(path: Path, values: int) -> None:
    rng = random.Random(2)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["病历号", "就诊日期", *(f"lab{number}(mmol/L)" for number in range(WIDE_VARIABLES))])
        for patient in range(values // (VISITS * WIDE_VARIABLES)):
            date = dt.date(2020, 1, 1)
            for _visit in range(VISITS):
                date += dt.timedelta(days=5 + rng.randrange(5))
                numbers = [f"{rng.gauss(50, 10):.1f}" for _ in range(WIDE_VARIABLES)]
                writer.writerow([f"P{patient:06d}", date.isoformat(), *numbers])
