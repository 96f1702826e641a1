"""What a file may ask of this machine: each limit named once, and the check of a zipped sheet before it is opened.

A 159 KB workbook can inflate to 64 MB and a 5 KB one can claim 1,048,576 rows: both are refused from their table of
contents and a streamed look at the cell addresses, before any reader builds a grid of them.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.domain.errors import KnownError
from app.files import check_regular

MAX_FILE_BYTES = 256 * 2**20
MAX_INFLATED_BYTES = 384 * 2**20
MAX_INFLATION = 200  # times; XML tables reach 10-60
INFLATION_FREE_BYTES = 8 * 2**20  # below this any ratio is harmless
MAX_ROWS = 2_000_000
MAX_COLUMNS = 2_000
MAX_CELLS = 20_000_000  # of the rectangle a sheet spans: readers build it whole
SPARSE_FREE_CELLS = 1_000_000  # a sheet above this spans no more cells than it has bytes
MAX_CELL_CHARACTERS = 1_000_000
MAX_ZIP_PARTS = 10_000

_CHUNK = 1 << 20
_ADDRESS = re.compile(rb"""[\s]r=["'](?:([A-Z]{1,3})([0-9]{1,7})|([0-9]{1,7}))["']""")
_ODS_TAG = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell|table)\b([^>]*)>")
_ODS_REPEAT = re.compile(rb"""number-(?:rows|columns)-repeated=["']([0-9]{1,12})["']""")


def check_size(path: Path) -> int:
    """Bytes of the file. Raises KnownError where it is missing, unreadable or too large."""
    check_regular(path)  # opening a pipe would wait for ever, and a device may never end
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except FileNotFoundError as error:
        raise KnownError("File {file} does not exist.", file=str(path)) from error
    except OSError as error:
        raise KnownError("File {file} cannot be read: {why}.", file=str(path), why=error.strerror or "?") from error
    if size > MAX_FILE_BYTES:
        raise KnownError(
            "File {file} has {size} MB; at most {limit} MB can be imported at once. Split it and import the parts.",
            file=path.name,
            size=size // 2**20,
            limit=MAX_FILE_BYTES // 2**20,
        )
    return size


@contextlib.contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zipped workbook to look into; whatever turns out to be broken in it on the way is a KnownError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise KnownError(
            "File {file} is damaged ({why}): open it in a spreadsheet program and save it again.",
            file=path.name,
            why=str(error)[:120],
        ) from error


def check_zip(path: Path) -> None:
    """Refuses (KnownError) a zipped workbook that would inflate or spread out beyond the limits, or is damaged."""
    with opened_zip(path) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise KnownError("File {file} is protected by a password: save it without one first.", file=path.name)
        _check_inflation(path, parts)
        for part in parts:
            if part.filename.endswith(".xml") and "worksheets/" in part.filename:
                with archive.open(part) as stream:
                    _check_span(path, *_xlsx_span(stream), part.file_size)
            elif part.filename == "content.xml":
                with archive.open(part) as stream:
                    for rows, columns in _ods_spans(stream):
                        _check_span(path, rows, columns, part.file_size)


def _check_inflation(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    inflated = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    too_dense = inflated > INFLATION_FREE_BYTES and inflated / packed > MAX_INFLATION
    if inflated > MAX_INFLATED_BYTES or too_dense or len(parts) > MAX_ZIP_PARTS:
        raise KnownError(
            "File {file} would unpack to {size} MB ({ratio} times its size): it looks like a zip bomb and was not "
            "opened. Export the table as CSV instead.",
            file=path.name,
            size=inflated // 2**20,
            ratio=round(inflated / packed),
        )


def _check_span(path: Path, rows: int, columns: int, size: int) -> None:
    cells = rows * columns
    if rows > MAX_ROWS or cells > MAX_CELLS or (cells > SPARSE_FREE_CELLS and cells > size):
        raise KnownError(
            "File {file} claims a sheet of {rows} rows and {columns} columns: too large, or nearly empty. "
            "Delete the empty rows and columns, or export the table as CSV.",
            file=path.name,
            rows=rows,
            columns=columns,
        )


def _xlsx_span(stream: IO[bytes]) -> tuple[int, int]:
    """(last row, last column) by the addresses of rows and cells."""
    last_row = last_column = 0
    tail = b""
    while chunk := stream.read(_CHUNK):
        for letters, digits, row in _ADDRESS.findall(tail + chunk):
            last_row = max(last_row, int(digits or row))
            if letters:
                last_column = max(last_column, _column_number(letters))
        tail = chunk[-32:]
    return last_row, max(1, last_column)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _ods_spans(stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """(last row, last column) that holds a value, of each table; repeats count, empty tails do not."""
    row = column = repeat = last_row = last_column = 0
    row_filled = False
    for closing, tag, attributes in _ods_tags(stream):
        times = int(found[1]) if (found := _ODS_REPEAT.search(attributes)) else 1
        if tag == b"table":
            if closing:
                yield last_row, max(1, last_column)
            row = last_row = last_column = 0
        elif tag == b"table-row":
            if closing:
                row += repeat
                last_row = row if row_filled else last_row
            else:
                column, repeat, row_filled = 0, times, False
                if attributes.endswith(b"/"):
                    row += times
        elif not closing:
            column += times
            if b"value-type" in attributes:
                row_filled, last_column = True, max(last_column, column)


def _ods_tags(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    tail = b""
    while chunk := stream.read(_CHUNK):
        text = tail + chunk
        end = text.rfind(b">") + 1
        for match in _ODS_TAG.finditer(text, 0, end):
            yield match[1], match[2], match[3]
        tail = text[end:][:_CHUNK]
