"""Tables written as text in a test, and the small import they go through."""

from __future__ import annotations

from pathlib import Path

from app.domain.records import Case
from app.importing.long_table import LongReader
from app.importing.mapping import Mapping, suggest
from app.importing.people import People
from app.importing.readers import read_table
from app.importing.report import ImportReport
from app.importing.tables import Table
from app.importing.wide_table import WideReader


def table_of(folder: Path, text: str, name: str = "a.csv") -> Table:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_table(path)


def cases_of(folder: Path, text: str, mapping: Mapping | None = None) -> tuple[dict[str, Case], ImportReport]:
    """Cases by patient number, and the report."""
    table = table_of(folder, text)
    chosen = mapping or suggest(table)
    report = ImportReport()
    people = People(report)
    kind = LongReader if chosen.kind == "long" else WideReader
    reader = kind(chosen, people, report)
    for _count in reader.read(table):
        """Every row is read."""
    reader.finish()
    assert report.rows_read == report.rows_accepted + report.rows_refused
    return {case.patient.code: case for case in people.cases()}, report


def refused(report: ImportReport) -> list[tuple[int, str, str]]:
    """(row, column, value) of every refusal."""
    return [(r.row, r.column, r.value) for r in report.refused]


def rules(report: ImportReport) -> dict[tuple[str, str], int]:
    """(from, to): count."""
    return {(entry["from"], entry["to"]): entry["count"] for entry in report.normalised}
