"""The simulated clinic's own files: a wide table as a Chinese clinic keeps it, and a long table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from app.analysis.simulator.readout import POSITIONS, SYMPTOMS
from app.analysis.simulator.records import Cohort
from app.files import replacing

Cell = str | int | None
WIDE_HEADERS: tuple[str, ...] = (
    "病历号", "姓名", "性别", "年龄", "就诊日期", "诊次", "主诉", "诊断", "证型",
    *(s.name for s in SYMPTOMS),
    "舌质", "舌苔", *POSITIONS, "方名", "处方", "剂数", "疗效", "备注",
)  # fmt: skip
LONG_HEADERS = ("patient", "time", "variable", "value", "unit")


def prescription_text(herbs: tuple[tuple[str, int, str], ...]) -> str:
    """酸枣仁15g、薄荷(后下)5g、..."""
    return "、".join(f"{name}({note}){grams}g" if note else f"{name}{grams}g" for name, grams, note in herbs)


def wide_rows(cohort: Cohort) -> Iterator[list[Cell]]:
    """One row a visit in the order of ``WIDE_HEADERS``; dates as ISO text, None where nothing was written."""
    for patient in cohort.patients:
        for v in patient.visits:
            yield [
                patient.code, patient.name, patient.sex, patient.age, v.date.isoformat(), v.number, v.chief,
                v.diagnosis, v.syndrome or None, *v.scores.values(), v.tongue_body or None, v.tongue_coat or None,
                *(v.pulses[place] or None for place in POSITIONS), v.formula, prescription_text(v.herbs), v.doses,
                v.outcome or None, v.note or None,
            ]  # fmt: skip


def long_rows(cohort: Cohort) -> Iterator[list[Cell]]:
    """One row an observed symptom score: patient, day since the first visit, symptom, score, no unit."""
    for patient in cohort.patients:
        for v in patient.visits:
            for name, value in v.scores.items():
                if value is not None:
                    yield [patient.code, v.day, name, value, ""]


def write_wide(cohort: Cohort, path: Path | str) -> Path:
    """Write the wide table: .xlsx, or .csv in UTF-8 with BOM. Raises ValueError for another ending."""
    target = Path(path)
    rows = list(wide_rows(cohort))
    if target.suffix.lower() == ".csv":
        return _replace(target, _csv(WIDE_HEADERS, rows))
    if target.suffix.lower() == ".xlsx":
        return _replace(target, _xlsx(rows))
    raise ValueError(f"a clinic file ends in .xlsx or .csv, not {target.suffix!r}")


def write_long(cohort: Cohort, path: Path | str) -> Path:
    """Write the long table of symptom scores as CSV, UTF-8 with BOM; time is days since the first visit."""
    return _replace(Path(path), _csv(LONG_HEADERS, list(long_rows(cohort))))


def _csv(headers: tuple[str, ...], rows: list[list[Cell]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[Cell]]) -> bytes:
    import datetime as dt

    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet("病历")
    sheet.freeze_panes = "C2"
    heads = []
    for text in WIDE_HEADERS:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = Font(bold=True)
        heads.append(cell)
    sheet.append(heads)
    when = WIDE_HEADERS.index("就诊日期")
    for row in rows:
        cells: list[object] = list(row)
        cells[when] = dt.date.fromisoformat(str(row[when]))
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _replace(target: Path, content: bytes) -> Path:
    with replacing(target) as aside:
        aside.write_bytes(content)
    return target
