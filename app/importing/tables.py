"""The one shape every reader brings a file into: headers, and rows that still know the number the user sees."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from app.domain.errors import KnownError
from app.i18n import t
from app.importing.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS

ROWS_BETWEEN_LOOKS = 100  # rows read without a look at whether to stop
EXAMPLE = "示例（不导入）"  # first cell of a row that shows how to fill in a template
Cell = Any  # str, int, float, bool, None, datetime.date/datetime/time/timedelta


class Row(NamedTuple):
    """number: as the user counts, the header being row 1; problem: why the row cannot be used ("" where it can)."""

    number: int
    cells: Sequence[Cell]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """open_rows gives a fresh iterator over the rows below the header each time it is called.

    guessed: the encoding is a guess that should be shown; length: rows, roughly, for a progress bar
    header_row: as the user counts, 0 where the file has none (JSON); units: of a row below it, one a header, or empty
    date_system: 1904 where the workbook counts its dates from there
    """

    file: str
    headers: tuple[str, ...]
    open_rows: Callable[[], Iterator[Row]]
    format: str
    encoding: str = ""
    guessed: bool = False
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 0
    units: tuple[str, ...] = ()
    date_system: int = 1900
    length: int = 0
    clean: bool = False  # the reader knows every text to be short and printable
    notes: tuple[tuple[str, str, str], ...] = field(default=())  # (from, to, rule) for the report

    def rows(self) -> Iterator[Row]:
        """Rows with one cell a header; a row that breaks a limit or does not fit comes with its problem.

        The example row of a template is passed over.

        Raises KnownError past MAX_ROWS: leaving the rest out would lose it without a word.
        """
        width = len(self.headers)
        for count, row in enumerate(self.open_rows(), start=1):
            if count > MAX_ROWS:
                raise KnownError(
                    "File {file} has more than {limit} rows. Split it and import the parts.",
                    file=self.file,
                    limit=MAX_ROWS,
                )
            cells = row.cells
            if not cells or cells[0] != EXAMPLE:
                fits = len(cells) == width and not row.problem and (self.clean or _is_plain(cells))
                yield row if fits else self._checked(row)

    def watched(self, between: Callable[[], None]) -> Table:
        """The same table; ``between`` is called every now and then while its rows are read, and may raise to stop."""

        def open_rows() -> Iterator[Row]:
            for count, row in enumerate(self.open_rows(), start=1):
                if count % ROWS_BETWEEN_LOOKS == 0:
                    between()
                yield row

        return replace(self, open_rows=open_rows)

    def sample(self, rows: int) -> list[Row]:
        """The first usable rows."""
        return list(itertools.islice((row for row in self.rows() if not row.problem), rows))

    def _checked(self, row: Row) -> Row:
        if row.problem:
            return row
        width, cells = len(self.headers), row.cells
        if len(cells) != width:
            if len(cells) < width:
                problem = t(
                    "the row has {n} cells, the header {m}: a separator or a quotation mark is missing",
                    n=len(cells),
                    m=width,
                )
                return Row(row.number, cells, problem)
            if any(not is_blank(cell) for cell in cells[width:]):
                problem = t(
                    "the row has {n} cells, the header {m}: text that holds a separator needs quotation marks, "
                    "and every column a header",
                    n=len(cells),
                    m=width,
                )
                return Row(row.number, cells, problem)
            cells = cells[:width]
        checked = row if cells is row.cells else Row(row.number, cells)
        for cell in cells:
            if isinstance(cell, str) and (len(cell) > MAX_CELL_CHARACTERS or "\x00" in cell or _is_torn(cell)):
                return Row(row.number, cells, t("a cell holds a NUL, half a character, or over a million characters"))
        return checked


def is_clean(text: str) -> bool:
    """Neither NUL nor half a character is printable."""
    return text.isprintable() and len(text) <= MAX_CELL_CHARACTERS


def _is_plain(cells: Sequence[Cell]) -> bool:
    """Clean text throughout, as most rows are: nothing to look for cell by cell."""
    try:
        text = "".join(cells)
    except TypeError:  # of a workbook or of JSON
        text = "".join([cell for cell in cells if cell.__class__ is str])
    return is_clean(text)


def _is_torn(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """A cell as the user reads it: 1001.0 from a spreadsheet is 1001, full-width digits are digits."""
    if isinstance(cell, str):
        return (cell if cell.isascii() else unicodedata.normalize("NFKC", cell)).strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def clean_headers(cells: Sequence[Cell], file: str) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """Unique, stripped headers and notes on what was renamed. Raises KnownError for none or too many."""
    cells = list(cells)
    while cells and is_blank(cells[-1]):
        cells.pop()
    if not cells:
        raise KnownError("File {file} has no header row. Put the names of the columns into the first row.", file=file)
    if len(cells) > MAX_COLUMNS:
        raise KnownError(
            "File {file} has {n} columns; at most {limit} can be read.", file=file, n=len(cells), limit=MAX_COLUMNS
        )
    headers: list[str] = []
    notes: list[tuple[str, str, str]] = []
    taken: set[str] = set()
    for index, cell in enumerate(cells, start=1):
        name = as_text(cell).replace("\n", " ")[:200] or f"#{index}"
        unique, copy = name, 2
        while unique in taken:
            unique, copy = f"{name}#{copy}", copy + 1
        if unique != name:
            notes.append((name, unique, t("a second column of the same name")))
        taken.add(unique)
        headers.append(unique)
    return tuple(headers), tuple(notes)
