"""Spreadsheets (xlsx, xlsm, xls, ods) through calamine, which knows the 1900 and 1904 date systems of Excel."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from app.domain.errors import KnownError
from app.importing import header
from app.importing.limits import MAX_CELLS, check_zip, opened_zip
from app.importing.tables import Row, Table, clean_headers, is_blank

_COUNTS_FROM_1904 = re.compile(rb"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904=["'](?:1|true)["']""")
T = TypeVar("T")


def read_sheet(path: Path, sheet: str | None = None, header_row: int | None = None) -> Table:
    """The named sheet, or the first that holds anything. header_row: as the user counts; None finds it.

    Raises KnownError for a password, damage, an unknown sheet, or a size beyond the limits.
    """
    if zipfile.is_zipfile(path):
        check_zip(path)
        _refuse_binary_workbook(path)
    book = _guarded(lambda: CalamineWorkbook.from_path(str(path)), path)
    names = tuple(book.sheet_names)
    if sheet is not None and sheet not in names:
        raise KnownError(
            "File {file} has no sheet {sheet}; it has {known}.", file=path.name, sheet=sheet, known=", ".join(names)
        )
    chosen = _choose(book, path, names if sheet is None else (sheet,))
    return _table(path, chosen, names, header_row)


def _refuse_binary_workbook(path: Path) -> None:
    with opened_zip(path) as archive:
        if any(name.lower().endswith("workbook.bin") for name in archive.namelist()):
            raise KnownError("File {file} is a binary workbook (xlsb): save it as xlsx first.", file=path.name)


def _choose(book: CalamineWorkbook, path: Path, names: tuple[str, ...]) -> CalamineSheet:
    kinds = {meta.name: meta.typ for meta in book.sheets_metadata}
    for name in names:
        if kinds.get(name, SheetTypeEnum.WorkSheet) != SheetTypeEnum.WorkSheet:
            continue
        sheet = _guarded(lambda name=name: book.get_sheet_by_name(name), path)
        if sheet.end is not None and sheet.height * sheet.width <= MAX_CELLS:
            return sheet
        if sheet.end is not None:
            raise KnownError(
                "File {file} claims a sheet of {rows} rows and {columns} columns: too large, or nearly empty. "
                "Delete the empty rows and columns, or export the table as CSV.",
                file=path.name,
                rows=sheet.height,
                columns=sheet.width,
            )
    raise KnownError("File {file} is empty.", file=path.name)


def _table(path: Path, sheet: CalamineSheet, names: tuple[str, ...], header_row: int | None) -> Table:
    rows = (Row(number, cells) for number, cells in enumerate(sheet.iter_rows(), start=1))
    found = header.find(rows, path.name, header_row)
    headers, notes = clean_headers(found.cells, path.name)

    def open_rows() -> Iterator[Row]:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if number > found.last and not all(is_blank(cell) for cell in cells):
                yield Row(number, cells)

    return Table(
        file=path.name,
        headers=headers,
        open_rows=open_rows,
        format=path.suffix.lower().lstrip(".") or "xlsx",
        sheet=sheet.name,
        sheets=names,
        header_row=found.number,
        units=found.units[: len(headers)],
        date_system=_date_system(path),
        length=sheet.height,
        notes=(*found.notes, *notes),
    )


def _date_system(path: Path) -> int:
    """1904 where an xlsx says so: numbers in it that are dates without the format of dates count from there."""
    if zipfile.is_zipfile(path):
        with opened_zip(path) as archive:
            name = next((part for part in archive.namelist() if part.lower() == "xl/workbook.xml"), "")
            if name and _COUNTS_FROM_1904.search(archive.read(name)):
                return 1904
    return 1900


def _guarded(read: Callable[[], T], path: Path) -> T:
    """Calamine's refusals, and its panics on hostile files, as known errors."""
    try:
        return read()
    except PasswordError as error:
        raise KnownError(
            "File {file} is protected by a password: save it without one first.", file=path.name
        ) from error
    except (CalamineError, OSError, ValueError, MemoryError) as error:
        raise KnownError(
            "File {file} is damaged ({why}): open it in a spreadsheet program and save it again.",
            file=path.name,
            why=str(error)[:120],
        ) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic is no subclass of Exception
            raise
        raise KnownError(
            "File {file} is damaged ({why}): open it in a spreadsheet program and save it again.",
            file=path.name,
            why=str(error)[:120],
        ) from error
