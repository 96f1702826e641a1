"""A file of any supported kind to a Table. What the file is, its first bytes say; the name decides only among texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from app.domain.errors import KnownError
from app.importing.delimited import read_delimited
from app.importing.encoding import split_lines
from app.importing.json_rows import parse, read_json
from app.importing.limits import check_size
from app.importing.sheets import read_sheet
from app.importing.tables import Row, Table
from app.importing.text_file import open_text

__all__ = ["Row", "Table", "holds_visits", "read_table", "sheet_names"]

_SHEET_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\x09\x08\x10\x00", b"\x09\x08\x08\x00")
_FOREIGN_MARKS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"SQLite format 3")
_JSON_LINES = (".jsonl", ".ndjson")


def read_table(
    path: Path,
    encoding: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    delimiter: str | None = None,
    *,
    between: Callable[[], None] = lambda: None,
) -> Table:
    """Reads the header and opens the rows.

    encoding: of a text file; None tries byte order mark, UTF-8, GB 18030. sheet: of a spreadsheet; None takes the
    first that holds anything. header_row: as the user counts, delimiter: one character; None finds either.
    between: called every now and then, and may raise to stop. Raises KnownError with the file and what to do.
    """
    path = Path(path)
    check_size(path)
    with path.open("rb") as stream:
        head = stream.read(16)
    if head.startswith(_SHEET_MARKS):
        return read_sheet(path, sheet, header_row)
    if head.startswith(_FOREIGN_MARKS):
        raise KnownError("File {file} is not a text table. Expected CSV, Excel, ODS or JSON.", file=path.name)
    text = open_text(path, encoding, between)
    suffix = path.suffix.lower()
    if suffix in _JSON_LINES:
        return read_json(text, lines=True, between=between)
    if suffix == ".json":
        whole = text.read()
        return read_json(text, lines=not whole.lstrip().startswith("[") and _is_lines(whole), between=between)
    format_ = "tsv" if suffix in (".tsv", ".tab") else "csv"
    return read_delimited(text, format_, delimiter, header_row)


def sheet_names(path: Path) -> tuple[str, ...]:
    """Sheets to choose among; empty for a file that has none."""
    return read_table(path).sheets


def holds_visits(path: Path, encoding: str | None = None) -> bool:
    """Is this a case book: JSON lines whose first record has a list of visits?"""
    path = Path(path)
    if path.suffix.lower() not in (*_JSON_LINES, ".json"):
        return False
    check_size(path)
    first = next((line for line in _lines(path, encoding) if line.strip()), "")
    try:
        record = parse(first)
    except ValueError:
        return False
    return isinstance(record, dict) and isinstance(record.get("visits"), list)


def _lines(path: Path, encoding: str | None) -> Iterator[str]:
    try:
        yield from open_text(path, encoding).rows()
    except KnownError:  # a case book may hold a few lines of another encoding
        yield from (line for _row, line, _broken in split_lines(path.read_bytes(), path.name, encoding).texts())


def _is_lines(text: str) -> bool:
    """Is a .json file really JSON lines: is its first line a whole record, and another follows?"""
    lines = [line for line in text.split("\n", 3) if line.strip()]
    try:
        return len(lines) > 1 and isinstance(json.loads(lines[0]), dict)
    except (ValueError, RecursionError):
        return False
