"""A mapping that was settled once serves again for tables of the same columns."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterable

from app.importing import values
from app.importing.column_map import Mapping
from app.importing.roles import Role
from app.importing.tables import Table

_SAMPLE_ROWS = 200
_DATES_READ = 0.5  # of the dates in the sample that must be read, else the table is written in another style


def header_signature(headers: Iterable[str], kind: str) -> str:
    """What tables of the same columns share, in whatever order, width and case: 64 hexadecimal digits.

    kind: of the table as the reader tells it ("csv", "xlsx") or of the mapping ("wide", "long"); the caller's choice,
    as long as it is the same when a profile is kept and when it is looked for.
    """
    folded = sorted(map(_folded, headers))
    return hashlib.sha256("\x1f".join([kind, *folded]).encode("utf-8", "surrogatepass")).hexdigest()


def apply_profile(table: Table, mapping: Mapping) -> Mapping | None:
    """The mapping with the headers spelt as the table spells them, or None where it no longer fits.

    It fits where each column it uses is there, no column is new to it, and most dates are read in its style. How the
    file was read (encoding, row of the header, sheet) is the table's own affair and is left open again.
    """
    if mapping.kind == "cases":
        return None
    known: dict[str, str] = {}
    for header in mapping.columns:
        known.setdefault(_folded(header), header)
    spelt = {_folded(header): header for header in table.headers}
    if len(spelt) < len(table.headers) or any(folded not in known for folded in spelt):
        return None
    lacking = [role for header, role in mapping.columns.items() if _folded(header) not in spelt]
    if any(role != Role.IGNORE for role in lacking):
        return None
    respelt = {known[folded]: header for folded, header in spelt.items()}
    columns = {respelt[header]: role for header, role in mapping.columns.items() if header in respelt}
    by_header = mapping.kind == "wide"
    variables = {respelt.get(h, h) if by_header else h: variable for h, variable in mapping.variables.items()}
    fitted = mapping.model_copy(
        update={
            "columns": {header: columns[header] for header in table.headers},
            "variables": variables,
            "encoding": None,
            "header_row": None,
            "delimiter": None,
            "sheet": table.sheet or None,
        }
    )
    return fitted if _reads_dates(table, fitted) else None


def _folded(header: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", header).casefold().split())


def _reads_dates(table: Table, mapping: Mapping) -> bool:
    header = mapping.column(Role.DATE)
    if header is None:
        return True
    at = table.headers.index(header)
    cells = [row.cells[at] for row in table.sample(_SAMPLE_ROWS)]
    known = [cell for cell in cells if not values.is_missing(cell)]
    read = sum(isinstance(values.date(cell, mapping.dates).value, dt.date) for cell in known)
    return read >= _DATES_READ * len(known)
