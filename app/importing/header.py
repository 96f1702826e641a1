"""Where the table begins: clinic exports put a title, a date of printing or empty lines above the names of the columns,
and sometimes the units below them.

A row further down is taken for the header only on evidence: names that are known as columns, and no number or date
among them. What was skipped is told in the notes; ``Mapping.header_row`` overrules all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.errors import KnownError
from app.i18n import t
from app.importing import measures, roles, values
from app.importing.concepts import concept_of
from app.importing.roles import Role
from app.importing.tables import EXAMPLE, Cell, Row, as_text, is_blank

LOOK_ROWS = 20  # not empty ones, among which the header is sought
_BELOW = 20  # rows looked at below it for numbers


@dataclass(frozen=True, slots=True)
class Header:
    """number: row of the header; last: the last row that is no data yet (its own, or that of the units)

    units: one a column, "" where none; notes: (from, to, rule) for the report
    """

    number: int
    cells: list[Cell]
    last: int
    units: tuple[str, ...]
    notes: tuple[tuple[str, str, str], ...]


def find(rows: Iterable[Row], file: str, asked: int | None = None) -> Header:
    """The header among the first rows (empty ones may be left out). asked: its row number, as the user counts.

    Raises KnownError where there is none, the row asked for is empty, or a record in it is broken.
    """
    head = _first(rows, asked)
    if not head:
        raise KnownError("File {file} is empty.", file=file)
    at = _asked(head, asked, file) if asked is not None else _guess(head)
    row = head[at]
    if row.problem:
        raise KnownError(
            "File {file}, row {row}: the header {problem}.", file=file, row=row.number, problem=row.problem
        )
    cells = list(row.cells)
    units = _units_below(head[at:], cells)
    rule = t("a title above the header, skipped")
    notes = [(_joined(above.cells), "", rule) for above in head[:at]]
    if units is not None:
        notes.append((_joined(head[at + 1].cells), "", t("units below the header")))
    notes += [(EXAMPLE, "", t("an example row, skipped")) for below in head[at:] if list(below.cells[:1]) == [EXAMPLE]]
    last = head[at + 1].number if units is not None else row.number
    return Header(row.number, cells, last, units or ("",) * len(cells), tuple(notes))


def _first(rows: Iterable[Row], asked: int | None) -> list[Row]:
    head: list[Row] = []
    for row in rows:
        if row.problem or not all(is_blank(cell) for cell in row.cells):
            head.append(row)
        if len(head) >= LOOK_ROWS + _BELOW and (asked is None or row.number > asked + _BELOW):
            break
    return head


def _asked(head: list[Row], asked: int, file: str) -> int:
    for at, row in enumerate(head):
        if row.number == asked:
            return at
    raise KnownError(
        "File {file} has nothing in row {row}, which was given as the header. Give the row with the names of the "
        "columns.",
        file=file,
        row=asked,
    )


def _guess(head: list[Row]) -> int:
    """The first row, unless it names fewer columns than a later one, or is a single cell above a wide row of names."""
    known = [_known(row) if _is_names(row) else 0 for row in head[:LOOK_ROWS]]
    filled = [_filled(row) for row in head[:LOOK_ROWS]]
    if head[0].problem:
        return 0
    best = max(range(len(known)), key=lambda at: (known[at], -at))
    if best > 0 and known[best] >= 2:
        names_less = known[0] <= known[best] - 2 and known[0] * 2 <= known[best]
        if filled[0] == 1 or names_less:
            return best
    if filled[0] > 1:
        return 0
    return next((at for at, n in enumerate(filled) if n > 2 and _is_names(head[at])), 0)


def _known(row: Row) -> int:
    """How many of the cells are known as names of columns."""
    texts = {as_text(cell) for cell in row.cells if not is_blank(cell)}
    return sum(roles.role_of(text) is not None or concept_of(roles.split_unit(text)[0]) is not None for text in texts)


def _is_names(row: Row) -> bool:
    """Different texts, and no number or date among them."""
    cells = [cell for cell in row.cells if not is_blank(cell)]
    if row.problem or not all(isinstance(cell, str) for cell in cells):
        return False
    texts = [as_text(cell) for cell in cells]
    return len(set(texts)) > 0.8 * len(texts) and not any(_is_value(text) for text in texts)


def _is_value(text: str) -> bool:
    return values.number(text).value is not None or values.date(text, "ymd").value is not None


def _filled(row: Row) -> int:
    return sum(not is_blank(cell) for cell in row.cells)


def _units_below(rows: Sequence[Row], header: list[Cell]) -> tuple[str, ...] | None:
    """Units where the row below the header holds them and nothing else, and numbers stand under one of them."""
    if len(rows) < 3 or rows[1].problem:
        return None
    if rows[1].number != rows[0].number + 1:
        return None
    units = measures.units_of(list(rows[1].cells), len(header))
    if units is None:
        return None
    patient = [at for at, cell in enumerate(header) if roles.role_of(as_text(cell)) == Role.PATIENT]
    if any(units[at] for at in patient):
        return None
    below = [row.cells for row in rows[2 : 2 + _BELOW] if not row.problem]
    measured = any(
        at < len(cells) and values.number(cells[at]).value is not None
        for cells in below
        for at, unit in enumerate(units)
        if unit
    )
    return units if measured else None


def _joined(cells: Iterable[Cell]) -> str:
    return " ".join(as_text(cell) for cell in cells if not is_blank(cell))
