"""What was found out about a table before it is imported, to be shown beside the preview and overruled."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import t
from app.importing import values
from app.importing.mapping import Mapping
from app.importing.roles import Role
from app.importing.tables import Table, as_text

EXAMPLES = 3  # dates shown as written and as read
_SAMPLE_ROWS = 200
_SEPARATORS = {"\t": "Tab", " ": "␠"}


@dataclass(frozen=True, slots=True)
class Found:
    """field: of the Mapping that overrules it; value: what was found, as that field takes it; text: for the user

    sure: nothing in the file speaks for another reading
    """

    field: str
    value: str | int
    text: str
    sure: bool = True


def detected(table: Table, mapping: Mapping) -> list[Found]:
    """Encoding, separator, sheet, row of the header, units below it and date style, as far as the file has them."""
    found: list[Found] = []
    if table.encoding:
        words = t("Encoding: {encoding}", encoding=table.encoding)
        if table.guessed:
            words = t("Encoding: {encoding}, a guess: look at the words below", encoding=table.encoding)
        found.append(Found("encoding", table.encoding, words, sure=not table.guessed))
    if table.delimiter:
        shown = _SEPARATORS.get(table.delimiter, table.delimiter)
        found.append(Found("delimiter", table.delimiter, t("Columns separated by {delimiter}", delimiter=shown)))
    if table.sheet:
        found.append(Found("sheet", table.sheet, t("Sheet: {sheet}", sheet=table.sheet)))
    if table.header_row:
        found.append(Found("header_row", table.header_row, _header(table), sure=table.header_row == 1))
    if any(table.units):
        named = (f"{header} {unit}" for header, unit in zip(table.headers, table.units, strict=False) if unit)
        found.append(Found("variables", "", t("Units below the header: {units}", units=", ".join(named))))
    if dates := [h for h, role in mapping.columns.items() if role in (Role.DATE, Role.BIRTH_DATE)]:
        found.append(_dates(table, mapping, dates))
    return found


def _header(table: Table) -> str:
    skipped = [old for old, _new, rule in table.notes if rule == t("a title above the header, skipped")]
    if not skipped:
        return t("Names of the columns in row {row}", row=table.header_row)
    return t("Names of the columns in row {row}; skipped above: {skipped}", row=table.header_row, skipped=skipped[0])


def _dates(table: Table, mapping: Mapping, headers: list[str]) -> Found:
    at = [table.headers.index(header) for header in headers if header in table.headers]
    cells = [row.cells[i] for row in table.sample(_SAMPLE_ROWS) for i in at]
    known = [cell for cell in cells if not values.is_missing(cell)]
    read = [(as_text(cell), values.date(cell, mapping.dates)) for cell in known]
    examples = dict.fromkeys(
        f"{written} → {parsed.value.isoformat()}" for written, parsed in read if isinstance(parsed.value, dt.date)
    )
    refused = sum(parsed.value is None for _written, parsed in read)
    words = t(
        "Dates ({style}): {examples}", style=mapping.date_style, examples=", ".join(list(examples)[:EXAMPLES]) or "-"
    )
    if refused:
        reason = next(parsed.reason for _written, parsed in read if parsed.value is None)
        words += t("; {n} of {total} not read: {reason}", n=refused, total=len(read), reason=reason)
    return Found("date_style", mapping.date_style, words, sure=not refused)
