"""Case books as JSON lines, one case a line: case, visits, herbs with doses, the doctor's own words.

Structural faults (no case number, visits that are no list, a visit that is no object) refuse the case; a single
value of the wrong kind is refused alone and its case kept. Either way the report has file, row, column, value, reason.

Days: a visit with a date is EXACT, one with only a day count RELATIVE. One with neither is placed by its order, evenly
between its dated neighbours or ``ORDER_GAP_DAYS`` from the last, and marked ORDER, so that no one takes it for
measured. Days that run backwards are the contradiction of one date with the rest: the fewest visits are taken back to
ORDER that make the rest run forward.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import KnownError
from app.domain.herbs import match
from app.domain.records import Case, DateBasis, Patient, PulseReading, Visit, VisitKind
from app.domain.units import UnitConvention
from app.i18n import t
from app.importing.casebook_days import placed
from app.importing.casebook_formula import FormulaBook, GivenHerb
from app.importing.encoding import split_lines
from app.importing.limits import check_size
from app.importing.report import ImportReport
from app.store.names import code_key

MAX_LINE = 30_000_000  # characters of one case
MAX_CODE = 100  # characters of a case number
MAX_TEXT = 200_000  # characters of one visit
MAX_NAME = 1_000  # characters of a name or any other single fact
MAX_VISITS = 5_000  # of one case
MAX_HERBS = 2_000  # of one visit
MAX_DAY = 150 * 366.0
_SEXES = {"男": "M", "女": "F", "M": "M", "F": "F", "male": "M", "female": "F"}
_AGE_UNITS = {"岁": 1.0, "月": 1 / 12, "个月": 1 / 12, "天": 1 / 365.25, "日": 1 / 365.25, "": 1.0}
_FACTS = ("book", "author", "era", "chapter", "volume", "dates")
_SEX_MARKS = ("左", "右")  # of 张聿青: man, woman; no part of the name


@dataclass(eq=False)
class _CaseError(Exception):
    """A case that cannot be taken in; reason is in the user's language."""

    column: str
    value: object
    reason: str


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    row: int
    convention: UnitConvention
    report: ImportReport

    def refuse(self, column: str, value: object, reason: str) -> None:
        self.report.refuse(self.file, self.row, column, value, reason)


def read_cases(
    path: Path,
    convention: UnitConvention,
    report: ImportReport,
    *,
    encoding: str | None = None,
    told: dict[str, Any] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Case]:
    """The cases of a file, in its order; counts and lists everything else in ``report`` (a row is a case).

    encoding: of the file; None tries byte order mark, UTF-8, GB 18030. told: gets the encoding, and whether it is a
    guess
    progress(lines read, lines in all, text) after every 50 lines; cancelled() -> True stops with KnownError. Raises
    KnownError where the file cannot be read at all.
    """
    cases: list[Case] = []
    first_rows: dict[str, int] = {}
    lines = split_lines(_bytes(path), path.name, encoding)
    if told is not None:
        told.update(encoding=lines.encoding, encoding_guessed=lines.guessed)
    for row, line, broken_at in lines.texts():
        if not line.strip():
            continue
        if cancelled is not None and cancelled():
            raise KnownError("The import was stopped; nothing of it was stored.")
        report.rows_read += 1
        reader = _Reader(path.name, row, convention, report)
        try:
            if broken_at:
                reason = t("not {encoding} text at byte {n}", encoding=lines.encoding.upper(), n=broken_at)
                raise _CaseError("", line[:80], reason)
            case = _case(reader, _parse(line), first_rows)
        except _CaseError as error:
            report.rows_refused += 1
            reader.refuse(error.column, error.value, error.reason)
            continue
        report.rows_accepted += 1
        report.patients += 1
        report.visits += len(case.visits)
        cases.append(case)
        if progress is not None and row % 50 == 0:
            progress(row, len(lines.raw), t("Reading {file}", file=path.name))
    return cases


def _bytes(path: Path) -> bytes:
    check_size(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise KnownError("File {file} cannot be read: {why}.", file=str(path), why=error.strerror or "?") from error


def _parse(text: str) -> dict[str, object]:
    if len(text) > MAX_LINE:
        raise _CaseError("", text[:80], t("the line is longer than {n} million characters", n=MAX_LINE // 10**6))
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _CaseError("", text, t("no valid JSON at character {n}", n=error.pos + 1)) from error
    except RecursionError as error:
        raise _CaseError("", text, t("nested too deeply")) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise _CaseError("", text, t("a number has too many digits")) from error
    if not isinstance(found, dict):
        raise _CaseError("", text, t("expected an object with case_id and visits"))
    return found


def _no_constant(name: str) -> float:
    raise _CaseError("", name, t("{value} is not a number JSON allows", value=name))


def _case(reader: _Reader, record: dict[str, object], first_rows: dict[str, int]) -> Case:
    code = record.get("case_id")
    if not isinstance(code, str) or not code.strip():
        raise _CaseError("case_id", code, t("no case number"))
    code = code.strip()
    if len(code) > MAX_CODE or not code.isprintable():
        reason = t("a patient number has at most {n} characters and no control characters", n=MAX_CODE)
        raise _CaseError("case_id", code, reason)
    visits = record.get("visits")
    if not isinstance(visits, list) or not visits:
        raise _CaseError("visits", visits, t("expected a list of at least one visit"))
    if len(visits) > MAX_VISITS:
        raise _CaseError("visits", len(visits), t("more than {n} visits in one case", n=MAX_VISITS))
    for index, visit in enumerate(visits):
        _check_shape(visit, f"visits[{index}]")
    key = code_key(code)
    if key in first_rows:
        reason = t("the same case number stands in row {row}; only that one was kept", row=first_rows[key])
        raise _CaseError("case_id", code, reason)
    first_rows[key] = reader.row
    attributes = _attributes(reader, record)
    return Case(_patient(reader, record, code, attributes.get("chapter", "")), _visits(reader, visits), attributes)


def _check_shape(visit: object, column: str) -> None:
    """Everything a visit is read by has its kind, before the first figure of the case is counted."""
    if not isinstance(visit, dict):
        raise _CaseError(column, visit, t("expected an object"))
    for name in ("herbs", "pulse_terms", "pulse_clauses"):
        value = visit.get(name)
        if value is not None and not isinstance(value, list):
            raise _CaseError(f"{column}.{name}", value, t("expected a list"))
    for name in ("pulse_terms", "pulse_clauses"):
        for index, word in enumerate(visit.get(name) or ()):
            if not _is_text(word):
                raise _CaseError(f"{column}.{name}[{index}]", word, t("expected text"))
    text = visit.get("text")
    if text is not None and not _is_text(text):
        raise _CaseError(f"{column}.text", text, t("expected text"))
    if text is not None and len(text) > MAX_TEXT:
        raise _CaseError(f"{column}.text", text, t("the text is longer than {n} characters", n=MAX_TEXT))
    herbs = visit.get("herbs") or ()
    if len(herbs) > MAX_HERBS:
        raise _CaseError(f"{column}.herbs", len(herbs), t("more than {n} herbs in one visit", n=MAX_HERBS))
    for index, herb in enumerate(herbs):
        if not isinstance(herb, dict) or not _is_text(herb.get("name")) or len(herb["name"]) > MAX_NAME:
            raise _CaseError(f"{column}.herbs[{index}]", herb, t("expected an object with a name"))


def _is_text(value: object) -> bool:
    """Text a database can hold: JSON may escape half a character (a lone surrogate), which no file can."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _patient(reader: _Reader, record: dict[str, object], code: str, chief: str) -> Patient:
    facts = record.get("patient")
    if facts is not None and not isinstance(facts, dict):
        reader.refuse("patient", facts, t("expected an object"))
    facts = facts if isinstance(facts, dict) else {}
    title = _text(reader, facts, "title", "patient.")
    surname = _text(reader, facts, "surname", "patient.")
    sex = _text(reader, facts, "sex", "patient.")
    if sex and sex not in _SEXES:
        reader.refuse("patient.sex", sex, t("expected 男 or 女"))
    elif sex and _SEXES[sex] != sex:
        reader.report.normalise(sex, _SEXES[sex], t("sex"))
    return Patient(
        code=code,
        name=surname if title in _SEX_MARKS else surname + title,
        sex=_SEXES.get(sex, ""),
        age=_age(reader, facts),
        chief=chief,
        note=_text(reader, facts, "age_group", "patient."),
    )


def _age(reader: _Reader, facts: dict[str, object]) -> float | None:
    age = _number(reader, facts, "age", "patient.")
    unit = _text(reader, facts, "age_unit", "patient.")
    if age is None:
        return None
    if unit not in _AGE_UNITS or not 0 <= age * _AGE_UNITS[unit] <= 130:
        reader.refuse("patient.age", f"{age:g} {unit}", t("no age of a person"))
        return None
    return age * _AGE_UNITS[unit]


def _attributes(reader: _Reader, record: dict[str, object]) -> dict[str, str]:
    facts = {name: _text(reader, record, name) for name in _FACTS}
    return {name: value for name, value in facts.items() if value} | {"unit_convention": reader.convention.value}


def _visits(reader: _Reader, records: list[dict[str, object]]) -> tuple[Visit, ...]:
    from app.importing.classical import code_text

    book = FormulaBook(reader.convention, reader.report)
    days = _placed(reader, records)
    visits: list[Visit] = []
    for index, (record, (day, basis, date)) in enumerate(zip(records, days, strict=True)):
        column = f"visits[{index}]."
        text = str(record.get("text") or "")
        label = _text(reader, record, "label", column) or _text(reader, record, "date_text", column)
        observations = tuple(code_text(text))
        has_symptom = any(o.concept.startswith("sym.") and not o.negated for o in observations)
        reader.report.visits_with_symptom += has_symptom
        mode = _text(reader, record, "formula_mode", column)
        visits.append(
            Visit(
                number=index + 1,
                kind=VisitKind.FIRST if index == 0 else VisitKind.FOLLOW_UP,
                day=day,
                basis=basis,
                date=date,
                label=label,
                text=text,
                observations=observations,
                pulses=_pulses(reader, record, column),
                prescriptions=book.prescribe(_herbs(reader, record, column), mode or "full", label, text),
            )
        )
    return tuple(visits)


def _pulses(reader: _Reader, record: dict[str, object], column: str) -> tuple[PulseReading, ...]:
    from app.importing.classical import code_pulse_terms

    terms: list[str] = list(record.get("pulse_terms") or ())  # type: ignore[call-overload]  # checked by _check_shape
    clauses: list[str] = list(record.get("pulse_clauses") or ())  # type: ignore[call-overload]
    readings, total, coded, unknown = code_pulse_terms(terms, clauses)
    reader.report.pulse_terms_total += total
    reader.report.pulse_terms_coded += coded
    for term in unknown:
        reader.refuse(f"{column}pulse_terms", term, t("no pulse of the vocabulary; kept in the text"))
    return tuple(readings)


def _herbs(reader: _Reader, record: dict[str, object], column: str) -> list[GivenHerb]:
    given: list[GivenHerb] = []
    for index, herb in enumerate(record.get("herbs") or ()):  # type: ignore[arg-type]  # checked by _check_shape
        place = f"{column}herbs[{index}]."
        name = herb["name"].strip()
        reader.report.herb_items_total += 1
        found = match(name)
        if found.herb is None:
            reader.refuse(f"{place}name", name, t("no herb of the table; kept as written"))
        else:
            reader.report.herb_items_mapped += 1
            if found.rule != "exact":
                reader.report.normalise(name, "、".join(h.zh for h in found.all), herb_rule(found.rule))
        qian, grams = _number(reader, herb, "dose_qian", place), _number(reader, herb, "dose_g", place)
        given.append(GivenHerb(name, _text(reader, herb, "dose_text", place), qian, grams))
    return given


def herb_rule(rule: str) -> str:
    """The rules of ``app.domain.herbs`` in the user's words; joined rules ("processing+part") are named one by one."""
    words = {
        "alias": t("another name of the herb"),
        "pair": t("two herbs in one name"),
        "processing": t("processing word taken off"),
        "qualifier": t("word of place or grade taken off"),
        "part": t("word of form taken off"),
        "damaged": t("name with a lost character"),
        "run_on": t("several names without a gap"),
        "lead_in": t("words before the name taken off"),
    }
    return ", ".join(words.get(part, part) for part in rule.split("+"))


def _placed(reader: _Reader, records: list[dict[str, object]]) -> list[tuple[float, DateBasis, dt.date | None]]:
    """Day, basis and date of every visit, the first at day 0, never backwards."""
    dates = [_date(reader, record, f"visits[{index}].") for index, record in enumerate(records)]
    offsets = [_offset(reader, record, f"visits[{index}].") for index, record in enumerate(records)]
    return placed(dates, offsets, reader.report)


def _date(reader: _Reader, record: dict[str, object], column: str) -> dt.date | None:
    text = _text(reader, record, "date", column)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        reader.refuse(f"{column}date", text, t("no date of the form 1824-03-09"))
        return None


def _offset(reader: _Reader, record: dict[str, object], column: str) -> float | None:
    offset = _number(reader, record, "day_offset", column)
    if offset is not None and abs(offset) > MAX_DAY:
        reader.refuse(f"{column}day_offset", offset, t("more than {n} days", n=f"{MAX_DAY:g}"))
        return None
    return offset


def _text(reader: _Reader, record: dict[str, object], name: str, column: str = "") -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not _is_text(value) or len(value) > MAX_NAME:
        reader.refuse(f"{column}{name}", value, t("expected text"))
        return ""
    return value.strip()


def _number(reader: _Reader, record: dict[str, object], name: str, column: str = "") -> float | None:
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        reader.refuse(f"{column}{name}", value, t("expected a number"))
        return None
    return float(value)
