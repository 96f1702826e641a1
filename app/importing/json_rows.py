"""JSON and JSON lines: one flat record a row. NaN, Infinity and endless numbers are refused with their row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from app.domain.errors import KnownError
from app.i18n import t
from app.importing.kept_records import KeptRecords
from app.importing.limits import MAX_COLUMNS
from app.importing.tables import ROWS_BETWEEN_LOOKS, Row, Table, clean_headers
from app.importing.text_file import TextFile

_FLAT = frozenset({str, int, float, bool, type(None)})  # what is a cell as it is
_WRAPPERS = ("records", "rows", "data")  # {"records": [...]} is unwrapped


def read_json(text: TextFile, lines: bool, between: Callable[[], None] = lambda: None) -> Table:
    """lines: one record a line; otherwise one list. between: called every now and then, and may raise to stop.

    Row numbers are lines, or places in the list counted from 1.

    Raises KnownError where the file as a whole is no list of records.
    """
    file = text.file
    records = _Lines(text) if lines else _Listed(text.read(), file)
    kept = KeptRecords()
    length = 0
    for row in records.rows():
        length += 1
        if length % ROWS_BETWEEN_LOOKS == 0:
            between()
        kept.add(row, {} if row.problem else _flat_record(row.cells[0]))
        if len(kept.names) > MAX_COLUMNS:
            break
    names = kept.names
    if not names:
        raise KnownError("File {file} holds no record that can be read as JSON.", file=file)
    headers, notes = clean_headers(names, file)

    def open_rows() -> Iterator[Row]:
        if kept.whole:
            yield from kept.rows()
            return
        for row in records.rows():
            if not row.problem:
                row = Row(row.number, list(map(_flat_record(row.cells[0]).get, names)))
            yield row

    return Table(
        file=file,
        headers=headers,
        open_rows=open_rows,
        format="jsonl" if lines else "json",
        encoding=text.encoding,
        guessed=text.guessed,
        length=length,
        clean=kept.clean,
        notes=notes,
    )


def parse(text: str) -> Any:
    """One JSON value. Raises ValueError with a reason for the user, also for NaN, Infinity and deep nesting."""
    try:
        if text[:1] == "{":  # nothing before it, as a rule: without a search for white space
            value, end = _DECODER.raw_decode(text)
            if end == len(text):
                return value
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError(t("nested too deeply")) from error
    except json.JSONDecodeError as error:
        raise ValueError(t("no valid JSON at character {n}", n=error.pos + 1)) from error


def _no_constant(name: str) -> float:
    raise ValueError(t("{value} is not a number JSON allows", value=name))


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # made once: json.loads would make one for every line


def _flat_record(record: dict[str, Any]) -> dict[str, Any]:
    """Nested values are shown as their JSON: no column takes them, so they are refused where they matter."""
    if _FLAT.issuperset(map(type, record.values())):
        return record
    nested = (dict, list)
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, nested) else value
        for name, value in record.items()
    }


class _Lines:
    def __init__(self, text: TextFile) -> None:
        self._text = text

    def rows(self) -> Iterator[Row]:
        """The record is the only cell of each row."""
        for number, line in enumerate(self._text.rows(), start=1):
            if line.strip():
                yield _record(number, line)


def _record(number: int, line: str) -> Row:
    try:
        value = parse(line)
    except ValueError as error:
        return Row(number, [line], str(error))
    return Row(number, [value]) if value.__class__ is dict else _checked(number, value)


def _checked(number: int, value: object) -> Row:
    if not isinstance(value, dict):
        return Row(number, [json.dumps(value, ensure_ascii=False)], t("not a record (names with values)"))
    return Row(number, [value])


class _Listed:
    def __init__(self, text: str, file: str) -> None:
        try:
            value = parse(text)
        except ValueError as error:
            raise KnownError("File {file} is not valid JSON: {why}.", file=file, why=str(error)) from error
        if isinstance(value, dict):
            value = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), list)), value)
        if not isinstance(value, list):
            raise KnownError("File {file} holds no list of records.", file=file)
        self._values = value

    def rows(self) -> Iterator[Row]:
        return (_checked(number, value) for number, value in enumerate(self._values, start=1))
