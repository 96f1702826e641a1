"""Part "search" of the records benchmark: a clinic of 100,000 patients and ten million observations.

The patient list for what a clinician types, and one patient's whole record, each in turns with the bare SQL that
fetches the same rows through the driver, in a plain and in an encrypted clinic file.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.domain.records import Patient
from app.store.clinic import Clinic, Credentials
from app.store.names import search_range
from app.store.queries import listed
from app.store.search import sum_up
from app.store.sqlite import SqliteDatabase
from app.store.writing import insert_patients, patient_values
from tests.benchmarks.core_report import Part, at_most

if TYPE_CHECKING:
    from tests.benchmarks.records import Options

VISITS, SAID = 10, 10  # a patient's visits, a visit's observations
MOST_TIMES = 3.0  # of bare SQL
PAGE = 200  # rows of the list
TURNS = 15
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗单解曾欧阳"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂晓玲建国华文辉志鹏宇婷雪梅红玉兰春生海燕"
TYPED = ("王", "王小", "wang", "wxm", "zhangwei", "P0123", "98765", "", "nobodyatall")

_LIST = """
SELECT id, code, name, sex, age, chief, birth_date, visits, first_date, recent_date, recent_day FROM patient
{where} ORDER BY recent_date DESC, recent_day DESC, code_key DESC LIMIT {page}
"""
_KEYS = "WHERE id IN (SELECT patient_id FROM patient_key WHERE key >= ? AND key < ?)"
_SPARKS = """
SELECT v.patient_id, sum(CASE WHEN o.kind = 'score' AND o.number IS NOT NULL THEN o.number END),
  sum(CASE WHEN o.concept LIKE 'sym.%' AND NOT o.negated AND (o.number IS NULL OR o.number > 0) THEN 1 ELSE 0 END),
  sum(CASE WHEN o.concept LIKE 'sym.%' THEN 1 ELSE 0 END)
FROM visit v JOIN observation o ON o.visit_id = v.id WHERE v.patient_id IN ({ids})
GROUP BY v.id ORDER BY v.patient_id, v.day, v.number
"""
_PARTS = {
    "observation": "o.seq, o.concept, o.kind, o.number, o.unit, o.code, o.text, o.negated, o.raw",
    "pulse_reading": "o.seq, o.side, o.position, o.terms, o.raw",
    "diagnosis": "o.seq, o.kind, o.text, o.code",
    "prescription": "o.id, o.seq, o.formula, o.days, o.mode, o.raw",
}


def run(options: Options) -> Part:
    """Rows: one a question and kind of file; times in milliseconds, medians of ``TURNS``."""
    patients = options.values // (VISITS * SAID) * 10  # 100,000 of a full run
    part = Part()
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("plain", "encrypted"):
            began = time.monotonic()
            with _clinic(Path(folder) / f"{kind}.db", kind, patients) as clinic:
                built = time.monotonic() - began
                size = clinic.path.stat().st_size / 1e9
                part.notes.append(
                    f"{kind}: {clinic.queries.counts()['observations']:,} observations, {size:.2f} GB, {built:.0f} s"
                )
                _measure(part, clinic, kind, patients)
            (Path(folder) / f"{kind}.db").unlink()
    worst = max(row["times"] for row in part.rows)
    part.goals.append(at_most("the slowest question, times bare SQL", worst, MOST_TIMES))
    return part


def _clinic(path: Path, kind: str, patients: int) -> Clinic:
    """Built through the product's own tables and keys; the rows below the visits go in as bare tuples."""
    rng = random.Random(1)
    credentials = Credentials(passphrase="a benchmark") if kind == "encrypted" else None
    clinic = Clinic.open(path, credentials=credentials, plain=kind == "plain")
    with clinic._database.write() as connection:
        for start in range(0, patients, 5000):
            people = [
                Patient(f"P{n:06d}", _name(rng), rng.choice("FM"), chief="失眠") for n in range(start, start + 5000)
            ]
            insert_patients(connection, [patient_values(one, {}) for one in people[: patients - start]], None, 1)
        run_sql = connection.exec_driver_sql
        run_sql(
            "INSERT INTO visit (id, patient_id, number, source_number, kind, day, basis, date, label, text, outcome,"
            " content_hash, version) VALUES (?, ?, ?, ?, ?, ?, 'exact', ?, '', '', '', '', 1)",
            list(_visits(rng, patients)),
        )
        for start in range(1, patients * VISITS + 1, 100_000):
            rows = [
                (visit, seq, f"sym.s{seq}", "score", float((visit + seq) % 4))
                for visit in range(start, min(start + 100_000, patients * VISITS + 1))
                for seq in range(SAID)
            ]
            run_sql(
                "INSERT INTO observation (visit_id, seq, concept, kind, number, unit, code, text, negated, raw)"
                " VALUES (?, ?, ?, ?, ?, '', '', '', 0, '')",
                rows,
            )
        sum_up(connection, range(1, patients + 1))
    with clinic._database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
    clinic._database.after_large_write()
    return clinic


def _name(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2))))


def _visits(rng: random.Random, patients: int) -> Iterator[tuple[Any, ...]]:
    for patient in range(patients):
        first = rng.randrange(700_000, 730_000)
        for n in range(VISITS):
            date = time.strftime("%Y-%m-%d", time.gmtime((first + 7 * n - 719_163) * 86_400))
            kind = "follow_up" if n else "first"
            yield patient * VISITS + n + 1, patient + 1, n + 1, n + 1, kind, 7.0 * n, date


def _measure(part: Part, clinic: Clinic, kind: str, patients: int) -> None:
    database = clinic._database
    assert isinstance(database, SqliteDatabase)
    with closing(database.connect()) as bare:
        bare.execute("PRAGMA cache_size = -65536")
        for typed in TYPED:
            ours, floor = _in_turns(
                lambda t=typed: clinic.queries.search(t, limit=PAGE), lambda t=typed: _bare_list(bare, t)
            )
            part.rows.append(_row(kind, f"list: {typed or '(everyone)'}", ours, floor, _plan(clinic, typed)))
        codes = [f"P{random.Random(n).randrange(patients):06d}" for n in range(TURNS)]
        fetch = partial(_bare_case, bare)
        ours, floor = _in_turns(_each(codes, clinic.queries.case), _each(codes, fetch))
        part.rows.append(_row(kind, "open a record", ours, floor, ""))
        audited, floor = _in_turns(
            _each(codes, clinic.patients.open), _each(codes, lambda code: _bare_case(bare, code))
        )
        words = "opened by a person, with the audit entry flushed to the disk"
        part.notes.append(f"{kind}: {words}: {audited:.1f} ms against {floor:.1f}")


def _each(codes: list[str], ask: Callable[[str], object]) -> Callable[[], object]:
    """Another patient at each call, so that nothing is answered from memory alone."""
    left = iter(codes * 3)
    return lambda: ask(next(left))


def _in_turns(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """Medians in milliseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS + 1):
        for ask, kept in zip((ours, bare), times, strict=True):
            began = time.perf_counter()
            ask()
            if turn:  # the first one warms up
                kept.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times[0]), statistics.median(times[1])


def _bare_list(connection: Any, typed: str) -> list[Any]:
    bounds = search_range(typed)
    where, values = (_KEYS, bounds) if bounds else ("", ())
    rows = connection.execute(_LIST.format(where=where, page=PAGE), values).fetchall()
    ids = ",".join(str(row[0]) for row in rows)
    return [rows, connection.execute(_SPARKS.format(ids=ids)).fetchall() if rows else []]


def _bare_case(connection: Any, code: str) -> list[Any]:
    patient = connection.execute("SELECT * FROM patient WHERE code_key = ?", (code.lower(),)).fetchall()
    key = patient[0][0]
    found: list[Any] = [patient]
    found.append(connection.execute("SELECT * FROM visit WHERE patient_id = ? ORDER BY day, number", (key,)).fetchall())
    for table, columns in _PARTS.items():
        found.append(
            connection.execute(
                f"SELECT o.visit_id, {columns} FROM {table} o JOIN visit v ON v.id = o.visit_id WHERE v.patient_id = ?"
                " ORDER BY o.visit_id, o.seq",
                (key,),
            ).fetchall()
        )
    found.append(
        connection.execute(
            "SELECT i.* FROM prescription_item i JOIN prescription p ON p.id = i.prescription_id JOIN visit v"
            " ON v.id = p.visit_id WHERE v.patient_id = ? ORDER BY p.id, i.seq",
            (key,),
        ).fetchall()
    )
    return found


def _plan(clinic: Clinic, typed: str) -> str:
    """How SQLite finds the rows, in its own words."""
    with clinic._database.read() as connection:
        bounds = search_range(typed)
        given = {"limit": PAGE, "offset": 0} | (dict(zip(("low", "high"), bounds, strict=True)) if bounds else {})
        query = listed(searched=bounds is not None).params(**given)
        query = query.compile(connection, compile_kwargs={"literal_binds": True})
        rows = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    return "; ".join(str(row[3]) for row in rows if "patient" in str(row[3]) or "B-TREE" in str(row[3]))


def _row(kind: str, what: str, ours: float, bare: float, plan: str) -> dict[str, Any]:
    return {"file": kind, "question": what, "ms": ours, "bare ms": bare, "times": ours / bare, "plan": plan}
