"""Look into a case file, and import it, as jobs: the window shows the first before it asks for the second."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.i18n import t
from app.importing.tables import as_text
from app.jobs.worker import StoppedEarly

if TYPE_CHECKING:
    from app.jobs.worker import Reporter
    from app.store.clinic import Clinic

PREVIEW_ROWS = 12


def preview(
    listener: Reporter,
    *,
    file: str,
    encoding: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    delimiter: str | None = None,
    db: str | None = None,
    access: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What the file holds and what each column is taken for.

    db, access: of the clinic whose saved mappings and vocabulary are looked at; None for none
    Returns kind, format, encoding, guessed (the encoding is a guess), sheet, sheets, headers, rows (first ones as
    text), cases (of a file of whole cases: who, about what, visits, text of the first ones), mapping (JSON of a
    Mapping), notes (lines that describe it), detected (see ``app.importing.detected``), saved (the mapping is one of
    the clinic's). Raises KnownError for a file it cannot read.
    """
    from app.store.clinic import Clinic, Credentials

    listener.progress(0, 0, t("Reading {file}", file=Path(file).name))
    with contextlib.ExitStack() as stack:
        clinic = None
        if db is not None:
            clinic = stack.enter_context(Clinic.open(db, create=False, credentials=Credentials.of(access)))
        return _preview(Path(file), clinic, encoding, sheet, header_row, delimiter)


def _preview(
    path: Path,
    clinic: Clinic | None,
    encoding: str | None,
    sheet: str | None,
    header_row: int | None,
    delimiter: str | None,
) -> dict[str, Any]:
    from app.importing.detected import detected
    from app.importing.mapping import Mapping, suggest
    from app.importing.readers import read_table
    from app.importing.run import saved_mapping, whole_kind

    kind = whole_kind(path, encoding)
    shown: dict[str, Any]
    if kind is not None:
        mapping = Mapping(kind="cases")
        shown = {"format": kind, "encoding": encoding or "", "guessed": False, "headers": [], "rows": []}
        shown |= {"sheet": "", "sheets": [], "detected": [], "saved": False}
        shown["cases"] = _first_cases(path, encoding) if kind == "cases" else _cases_of(path, kind, encoding)
    else:
        table = read_table(path, encoding, sheet, header_row, delimiter)
        saved = saved_mapping(clinic, table, "auto")
        overruled = {"encoding": encoding, "header_row": header_row, "delimiter": delimiter}
        mapping = (saved or suggest(table)).model_copy(update=overruled)
        shown = {
            "format": table.format,
            "encoding": table.encoding,
            "guessed": table.guessed,
            "headers": list(table.headers),
            "rows": [[as_text(cell)[:200] for cell in row.cells] for row in table.sample(PREVIEW_ROWS)],
            "sheet": table.sheet,
            "sheets": list(table.sheets),
            "detected": [dataclasses.asdict(found) for found in detected(table, mapping)],
            "saved": saved is not None,
        }
    return {
        **shown,
        "kind": kind or mapping.kind,
        "mapping": mapping.model_dump(mode="json"),
        "notes": mapping.describe() if kind is None else [],
    }


def _cases_of(path: Path, kind: str, encoding: str | None) -> list[dict[str, Any]]:
    """The first cases of a FHIR file or of free text, as they would be imported."""
    from app.domain.units import UnitConvention
    from app.importing.fhir import read_bundle
    from app.importing.free_text.document import read_document
    from app.importing.report import ImportReport

    report = ImportReport()
    if kind == "fhir":
        cases = read_bundle(path, UnitConvention.MODERN, report, encoding=encoding)
    else:
        cases = read_document(path, UnitConvention.MODERN, report, encoding=encoding).accept()
    return [
        {
            "who": case.patient.name or case.patient.code,
            "about": case.patient.chief,
            "visits": len(case.visits),
            "text": " ".join(case.visits[0].text.split())[:200] if case.visits else "",
        }
        for case in cases[:PREVIEW_ROWS]
    ]


def _first_cases(path: Path, encoding: str | None) -> list[dict[str, Any]]:
    """The first records of a case book in short; a broken one is left to the import, which tells of it."""
    from app.importing.encoding import split_lines
    from app.importing.json_rows import parse

    out: list[dict[str, Any]] = []
    for _row, line, _broken in split_lines(path.read_bytes(), path.name, encoding).texts():
        if len(out) == PREVIEW_ROWS:
            break
        with contextlib.suppress(ValueError):
            record = parse(line)
            visits = record.get("visits") if isinstance(record, dict) else None
            if isinstance(visits, list) and visits and isinstance(visits[0], dict):
                who = record.get("patient")
                names = [who.get("surname"), who.get("title")] if isinstance(who, dict) else []
                name = "".join(str(n) for n in names if n) or record.get("case_id") or ""
                text = " ".join(str(visits[0].get("text") or "").split())[:200]
                out.append(
                    {"who": str(name), "about": str(record.get("chapter") or ""), "visits": len(visits), "text": text}
                )
    return out


def import_files(
    listener: Reporter,
    *,
    db: str,
    files: list[str],
    kind: str = "auto",
    mapping: dict[str, Any] | None = None,
    encoding: str | None = None,
    convention: str = "modern",
    access: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The real import: everything accepted is committed at once, or nothing. Returns the report as a dictionary.

    Raises StoppedEarly where the listener asked to stop before the commit: nothing was kept.
    """
    from app.domain.units import UnitConvention
    from app.importing import run
    from app.importing.mapping import Mapping
    from app.store.clinic import Clinic, Credentials

    with Clinic.open(db, create=False, credentials=Credentials.of(access)) as clinic:
        try:
            report = run.import_files(
                [Path(file) for file in files],
                clinic,
                kind=kind,
                mapping=None if mapping is None else Mapping.of(mapping),
                encoding=encoding,
                convention=UnitConvention(convention),
                progress=listener.progress,
                cancelled=listener.cancelled,
            )
        except run.ImportCancelledError as stopped:
            raise StoppedEarly({}) from stopped
    return report.to_dict()
