"""A clinic of many patients for the desk's benchmarks: visits with scores, diagnoses, a formula and its herbs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.domain.records import Patient
from app.store.clinic import Clinic, Credentials
from app.store.search import sum_up
from app.store.writing import insert_patients, patient_values
from tests.benchmarks.records_search import VISITS, _name, _visits

SCORES, HERBS = 3, 6  # of a visit
DISEASES, SYNDROMES, FORMULAS, HERB_KINDS = 60, 120, 150, 300  # the first of each are the commonest
PART = 20_000  # patients whose rows are in memory at once


def build(path: Path, patients: int, *, encrypted: bool = False) -> Clinic:
    """Open, analysed. The rows below the patients go in as bare tuples; a SQLite file alone."""
    rng = random.Random(1)
    clinic = Clinic.open(
        path, credentials=Credentials(passphrase="a benchmark") if encrypted else None, plain=not encrypted
    )
    with clinic._database.write() as connection:
        for start in range(0, patients, PART):
            some = range(start, min(start + PART, patients))
            people = [
                Patient(f"P{n:06d}", _name(rng), rng.choice("FM"), age=float(18 + n % 70), chief="失眠") for n in some
            ]
            insert_patients(connection, [patient_values(one, {}) for one in people], None, 1)
        connection.exec_driver_sql(
            "INSERT INTO visit (id, patient_id, number, source_number, kind, day, basis, date, label, text, outcome,"
            " content_hash, version) VALUES (?, ?, ?, ?, ?, ?, 'exact', ?, '', '', '', '', 1)",
            list(_visits(rng, patients)),
        )
        for start in range(0, patients, PART):
            for sql, rows in _said(rng, range(start, min(start + PART, patients))):
                connection.exec_driver_sql(sql, rows)
        sum_up(connection, range(1, patients + 1))
    with clinic._database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
    clinic._database.after_large_write()
    return clinic


def _said(rng: random.Random, patients: range) -> Iterator[tuple[str, list[Any]]]:
    """Statements with the rows of these patients' visits: what a patient has stays mostly the same from visit to
    visit."""
    observations: list[Any] = []
    diagnoses: list[Any] = []
    prescriptions: list[Any] = []
    items: list[Any] = []
    for patient in patients:
        disease, syndrome, formula = (_common(rng, most) for most in (DISEASES, SYNDROMES, FORMULAS))
        herbs = [_common(rng, HERB_KINDS) for _ in range(HERBS)]
        slope = rng.choice((-0.4, -0.2, 0.2))
        for number in range(VISITS):
            visit = patient * VISITS + number + 1
            observations += [
                (visit, seq, f"sym.s{seq}", max(0.0, min(6.0, round(3 + slope * number)))) for seq in range(SCORES)
            ]
            diagnoses.append((visit, 0, "disease", f"病{disease}", f"dis.{disease}" if disease % 2 else ""))
            diagnoses.append((visit, 1, "syndrome", f"证{syndrome}", f"syn.s{syndrome}"))
            prescriptions.append((visit, visit, f"方{formula}"))
            items += [(visit, seq, f"药{herb}", f"herb.h{herb}", 10.0) for seq, herb in enumerate(herbs)]
    yield (
        "INSERT INTO observation (visit_id, seq, concept, kind, number, unit, code, text, negated, raw)"
        " VALUES (?, ?, ?, 'score', ?, '', '', '', 0, '')",
        observations,
    )
    yield "INSERT INTO diagnosis (visit_id, seq, kind, text, code) VALUES (?, ?, ?, ?, ?)", diagnoses
    yield (
        "INSERT INTO prescription (id, visit_id, seq, formula, days, mode, raw) VALUES (?, ?, 0, ?, 7, 'full', '')",
        prescriptions,
    )
    yield (
        "INSERT INTO prescription_item (prescription_id, seq, raw_name, herb, grams, processing, note, raw_dose)"
        " VALUES (?, ?, ?, ?, ?, '', '', '')",
        items,
    )


def _common(rng: random.Random, kinds: int) -> int:
    """A number below ``kinds``, small ones far more often."""
    return int(kinds * rng.random() ** 3)
