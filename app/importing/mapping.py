"""A mapping suggested by the headers of a table and its first rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

from app.domain.errors import KnownError
from app.domain.records import ValueKind
from app.domain.scores import scale_of
from app.importing import dates, measures, roles, values
from app.importing.column_map import Mapping, Scale, Variable
from app.importing.concepts import concept_of
from app.importing.dates import Order
from app.importing.roles import SHARED, Role
from app.importing.tables import EXAMPLE, Cell, Row, Table, as_text, is_blank

__all__ = ["MAX_NAME", "Mapping", "Variable", "suggest", "treatment_name", "variable_for"]

SAMPLE_ROWS = 5000
MAX_NAME = 200  # characters of a variable's name
MAX_VARIABLES = 5000
TREATMENT_PREFIXES = ("treatment:", "rx:", "药:", "药物:")
_VALUES_LOOKED_AT = 500  # of each variable of a long table
_MOST_TERMS = 20  # distinct texts of a column of categories
_SHARE = 0.8  # of a column's values that decides what the column is


def suggest(table: Table, kind: str | None = None, between: Callable[[], None] = lambda: None) -> Mapping:
    """A mapping by headers and the first rows.

    kind: "long" or "wide"; None tells by the headers. Raises KnownError where no column says which patient a row is
    of, or a long table is asked for and has no variable and value columns. between: called every now and then, and may
    raise to stop.
    """
    table = table.watched(between)
    sample = table.sample(SAMPLE_ROWS)
    columns: dict[str, Role] = {}
    for header in table.headers:
        role = roles.role_of(header)
        if role is not None and (role in SHARED or role not in columns.values()):
            columns[header] = role
    index = {header: at for at, header in enumerate(table.headers)}
    _settle_patient(columns, table)
    is_long = {Role.VARIABLE, Role.VALUE} <= set(columns.values()) and kind != "wide"
    if kind == "long" and not is_long:
        raise KnownError(
            "File {file} has no columns for variable and value, as a long table needs. It has {known}.",
            file=table.file,
            known=", ".join(table.headers[:40]),
        )
    if not is_long:  # a wide table may call a measurement "value" or "test"
        for header in [h for h, role in columns.items() if role in (Role.VARIABLE, Role.VALUE, Role.UNIT)]:
            del columns[header]
    _settle_time(columns, index, sample)
    if is_long and not {Role.TIME, Role.DATE} & set(columns.values()):
        _promote(columns, Role.VISIT, Role.TIME)
    variables: dict[str, Variable] = {}
    units = dict(zip(table.headers, table.units, strict=False))
    patient_at = index[_header(columns, Role.PATIENT)]
    for header in table.headers:
        between()
        if header not in columns:
            cells = [row.cells[index[header]] for row in sample]
            constant = _is_constant(sample, patient_at, index[header])
            columns[header] = _unnamed_role(header, cells, constant, is_long)
        if columns[header] == Role.OBSERVATION:
            cells = [row.cells[index[header]] for row in sample]
            variables[header] = variable_for(header, cells, units.get(header, ""))
    if is_long:
        variables = _long_variables(columns, index, table)
    ordered = {header: columns[header] for header in table.headers}
    date_headers = [h for h, role in columns.items() if role in (Role.DATE, Role.BIRTH_DATE)]
    return Mapping(
        kind="long" if is_long else "wide",
        columns=ordered,
        variables=variables,
        date_style=_date_style((row.cells[index[h]] for h in date_headers for row in sample), table.date_system),
        time_unit=_time_unit(next((h for h, role in columns.items() if role == Role.TIME), "")),
        sheet=table.sheet or None,
    )


def _header(columns: dict[str, Role], role: Role) -> str:
    return next(header for header, given in columns.items() if given == role)


def _promote(columns: dict[str, Role], old: Role, new: Role) -> None:
    for header in [h for h, role in columns.items() if role == old][:1]:
        columns[header] = new


def _settle_patient(columns: dict[str, Role], table: Table) -> None:
    if Role.PATIENT not in columns.values():
        _promote(columns, Role.NAME, Role.PATIENT)
    if Role.PATIENT not in columns.values():
        raise KnownError(
            "File {file}: no column tells the patient. Name one 病历号 or patient, or give a mapping. It has {known}.",
            file=table.file,
            known=", ".join(table.headers[:40]),
        )


def _settle_time(columns: dict[str, Role], index: dict[str, int], sample: list[Row]) -> None:
    """Is a column called time, or date, one of dates or of numbers? Its values say."""
    for role, other in ((Role.TIME, Role.DATE), (Role.DATE, Role.TIME)):
        for header in [h for h, given in columns.items() if given == role]:
            cells = [cell for row in sample if not values.is_missing(cell := row.cells[index[header]])]
            numbers = sum(isinstance(values.number(cell).value, float) for cell in cells)
            days = sum(values.date(cell, "dmy").value is not None for cell in cells)
            if role == Role.DATE:  # 就诊日期 over 45356: stored as the day number of a spreadsheet
                serials = sum(dates.is_likely_serial(cell) for cell in cells)
                days, numbers = days + serials, numbers - serials
            fits, rather = (numbers, days) if role == Role.TIME else (days, numbers)
            if cells and rather > fits and rather >= _SHARE * len(cells):
                if other in columns.values():
                    del columns[header]  # there is a better one already
                else:
                    columns[header] = other


def _is_constant(sample: list[Row], patient_at: int, at: int) -> bool | None:
    """Does a column keep its value within each patient? None where no patient has two rows to tell by."""
    first: dict[str, object] = {}
    repeated = False
    for row in sample:
        cell = row.cells[at]
        if values.is_missing(cell):
            continue
        patient = as_text(row.cells[patient_at])
        if patient in first:
            repeated = True
            if first[patient] != cell:
                return False
        else:
            first[patient] = cell
    return True if repeated else None


def _unnamed_role(header: str, cells: list[object], constant: bool | None, is_long: bool) -> Role:
    known = [cell for cell in cells if not values.is_missing(cell)]
    if is_long:
        return Role.STATIC if constant else Role.IGNORE
    if header.startswith("#") or not known:
        return Role.OBSERVATION if concept_of(header) else Role.IGNORE
    if concept_of(header):
        return Role.OBSERVATION
    if _numeric_share(known) >= _SHARE:
        return Role.STATIC if constant else Role.OBSERVATION
    # few words that come back are categories; many different ones (addresses, telephone numbers) stay out
    terms = len({as_text(cell) for cell in known})
    if terms > _MOST_TERMS or (constant is not True and terms * 2 > len(known)):
        return Role.IGNORE
    return Role.OBSERVATION if constant is False else Role.STATIC


def _numeric_share(known: list[object]) -> float:
    numbers = sum(isinstance(values.number(measures.split(cell)[0]).value, float) for cell in known)
    return numbers / len(known) if known else 0.0


def variable_for(name: str, cells: Iterable[object], unit: str = "") -> Variable:
    """A variable from its name and some of its values. unit: else that of its name, or the commonest in the values."""
    known = [cell for cell in cells if not values.is_missing(cell)]
    plain, bracketed = roles.split_unit(name)
    behind = Counter(found for cell in known if (found := measures.split(cell)[1]))
    unit = unit or bracketed or (behind.most_common(1)[0][0] if behind else "")
    known = [measures.split(cell)[0] for cell in known]
    concept = concept_of(plain)
    if concept is not None and concept.kind == "symptom":
        scale = _scale(known, scale_of(concept.code))
        kind = ValueKind.SCORE if scale in values.SCALES else ValueKind.NUMBER
        return Variable(name=plain, label=concept.zh, concept=concept.code, kind=kind, scale=scale, unit=unit)
    kind = ValueKind.NUMBER if not known or _numeric_share(known) >= 0.5 else ValueKind.TEXT
    return Variable(name=plain or name, kind=kind, unit=unit)


def _scale(known: list[object], rank: str) -> Scale:
    """The scale nine values in ten are on; one that several fit is told by the symptom's rank in the vocabulary."""
    words = sum(not isinstance(values.number(cell).value, float) for cell in known)
    numbers = [value for cell in known if isinstance(value := values.number(cell).value, float)]
    ranked: Scale = "main" if rank == "main" else "secondary"
    if not numbers:
        return ranked
    enough = 0.9 * len(numbers)
    fits: list[Scale] = [s for s in ("main", "secondary") if sum(x in values.SCALES[s] for x in numbers) >= enough]
    if fits:
        return ranked if ranked in fits else fits[0]
    if words > len(numbers):
        return ranked
    for scale in ("vas10", "vas100"):
        low, high = values.RANGES[scale]
        if sum(low <= x <= high for x in numbers) >= enough:
            return scale
    return ""


def _long_variables(columns: dict[str, Role], index: dict[str, int], table: Table) -> dict[str, Variable]:
    """All variables of the whole table: one may well begin after a hundred thousand rows of another."""
    name_at, value_at = index[_header(columns, Role.VARIABLE)], index[_header(columns, Role.VALUE)]
    unit_at = index[_header(columns, Role.UNIT)] if Role.UNIT in columns.values() else None
    cells: dict[str, list[object]] = {}
    units: dict[str, Counter[str]] = {}
    enough: set[Cell] = set()  # names with values enough
    width = len(table.headers)
    for row in table.open_rows():  # what is wrong with a row is told when it is read
        said = row.cells
        if row.problem or len(said) < width or (cell := said[name_at]) in enough or said[0] == EXAMPLE:
            continue
        if len(said) > width and not all(map(is_blank, said[width:])):
            continue
        if not (name := as_text(cell)) or len(name) > MAX_NAME or not name.isprintable():
            continue
        found = cells.setdefault(name, [])
        if len(found) < _VALUES_LOOKED_AT:
            found.append(said[value_at])
            if unit_at is not None and (unit := as_text(said[unit_at])):
                units.setdefault(name, Counter())[unit] += 1
        elif isinstance(cell, str):
            enough.add(cell)
        if len(cells) > MAX_VARIABLES:
            raise KnownError(
                "File {file}: column {column} holds more than {limit} different variables; is it the right column?",
                file=table.file,
                column=table.headers[name_at],
                limit=MAX_VARIABLES,
            )
    return {
        name: variable_for(name, found, units[name].most_common(1)[0][0] if name in units else "")
        for name, found in cells.items()
        if not treatment_name(name)
    }


def treatment_name(name: str) -> str:
    """'treatment:黄芪' -> '黄芪'; "" for a variable that is no treatment."""
    prefix = next((p for p in TREATMENT_PREFIXES if name.casefold().startswith(p)), "")
    return name[len(prefix) :].strip() if prefix else ""


def _date_style(cells: Iterable[object], date_system: int) -> Order:
    """A day above 12 in either place tells the order, a column of day numbers the spreadsheet's; else unstated."""
    known = [cell for cell in cells if not values.is_missing(cell)]
    serials = sum(dates.is_likely_serial(cell) for cell in known)
    unread = sum(values.date(cell).value is None for cell in known)
    if serials >= max(2, _SHARE * unread, 0.3 * len(known)):  # one alone among dates is rather a slip
        return "excel1904" if date_system == 1904 else "excel1900"
    texts = [as_text(cell) for cell in known if isinstance(cell, str)]
    day_first = sum(_reads(text, "dmy") and not _reads(text, "mdy") for text in texts)
    month_first = sum(_reads(text, "mdy") and not _reads(text, "dmy") for text in texts)
    if day_first and not month_first:
        return "dmy"
    return "mdy" if month_first and not day_first else "auto"


def _reads(text: str, order: str) -> bool:
    return values.date(text, order).value is not None


def _time_unit(header: str) -> Literal["minute", "hour", "day", "week", "month", "year"]:
    text = header.casefold()
    for words, unit in (
        (("分钟", "minute"), "minute"),
        (("小时", "hour", "(h)"), "hour"),
        (("周", "week"), "week"),
        (("月", "month"), "month"),
        (("(年)", "year"), "year"),
    ):
        if any(word in text for word in words):
            return unit  # type: ignore[return-value]
    return "day"
