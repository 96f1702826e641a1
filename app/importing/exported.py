"""What ``app.exporting`` wrote, read back: the folder of CSV files and the JSON file, to cases equal in every field."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import datetime as dt
import functools
import json
import math
import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.domain.errors import KnownError
from app.domain.records import (
    Case,
    Diagnosis,
    Observation,
    Patient,
    Prescription,
    PrescriptionItem,
    PulseReading,
    Visit,
)
from app.exporting import as_json, columns
from app.importing.json_rows import parse

LONGEST_CELL = 1 << 24  # characters
_HEAD = 400  # bytes in which the JSON file says what it is


def recognises(path: Path) -> bool:
    """Is this a folder or a file that an export made?"""
    path = Path(path)
    try:
        if path.is_dir():
            return json.loads((path / columns.MANIFEST).read_bytes())["format"] == columns.FORMAT
        with path.open("rb") as stream:
            return f'"format": "{as_json.FORMAT}"'.encode() in stream.read(_HEAD)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_exported(path: Path) -> Iterator[Case]:
    """The cases, one after the other, for ``Imports.commit``. Raises KnownError with file and row of what is wrong."""
    return _tables(Path(path)) if Path(path).is_dir() else _json(Path(path))


# ---- JSON ------------------------------------------------------------------------------------------------------------


def _json(path: Path) -> Iterator[Case]:
    with _readable(path), path.open(encoding="utf-8-sig", newline="\n") as stream:
        head = stream.readline().rstrip()
        if not head.endswith("["):  # written anew by another program: read as a whole
            yield from _whole(path, head + stream.read())
            return
        _check_version(path, _parsed(path, 1, head + "]}"), as_json.VERSION)
        for row, line in enumerate(stream, start=2):
            record = line.rstrip("\n").rstrip(",")
            if record == "]}":
                return
            yield _case(path, row, _parsed(path, row, record))
    raise KnownError("{file} breaks off before its end. Nothing was imported; take a whole copy.", file=path.name)


def _whole(path: Path, text: str) -> Iterator[Case]:
    found = _parsed(path, 1, text)
    _check_version(path, found, as_json.VERSION)
    for number, record in enumerate(found.get("cases") or (), start=1):
        yield _case(path, number, record)


def _parsed(path: Path, row: int, text: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise _bad(path, row, str(error)) from error


def _case(path: Path, row: int, record: Any) -> Case:
    try:
        person = {field.name: record[field.name] for field in dataclasses.fields(Patient)}
        return Case(
            _decoded(Patient, person),
            _decoded(tuple[Visit, ...], record["visits"]),
            _decoded(dict[str, str], record["attributes"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _bad(path, row, str(error)) from error


def _decoded(kind: Any, value: Any) -> Any:
    """JSON to a record, by the types of its fields. Raises TypeError, ValueError, KeyError."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _decoded(inner[0], value)
    if origin is tuple and isinstance(value, list):
        return tuple(_decoded(inner[0], part) for part in value)
    if origin is dict and isinstance(value, dict):
        return {name: _decoded(inner[1], part) for name, part in value.items()}
    if isinstance(kind, type):
        if dataclasses.is_dataclass(kind) and isinstance(value, dict):
            hints = _hints(kind)
            return kind(**{name: _decoded(hints[name], part) for name, part in value.items()})
        if kind is float and type(value) in (int, float) and math.isfinite(value):
            return float(value)
        if kind is dt.date and isinstance(value, str):
            return dt.date.fromisoformat(value)
        if issubclass(kind, StrEnum) and isinstance(value, str):
            return kind(value)
        if type(value) is kind:
            return value
    raise TypeError(repr(value)[:80])


_hints = functools.cache(typing.get_type_hints)  # read from the source text of the annotations each time


# ---- CSV -------------------------------------------------------------------------------------------------------------


class _Rows:
    """One table, read in step with the patients."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.csv"
        self._columns = columns.TABLES[name]
        self._stream = self.path.open(encoding="utf-8-sig", newline="")
        self._reader = csv.reader(self._stream, strict=True)
        try:
            if (header := next(self._reader, [])) != list(self._columns):
                raise _bad(self.path, 1, ", ".join(header)[:80])
            self._next = self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._stream.close()

    def take(self, *key: Any) -> Iterator[list[Any]]:
        """The rows that begin with ``key``, without it."""
        while self._next is not None and self._next[: len(key)] == list(key):
            found, self._next = self._next, self._read()
            yield found[len(key) :]

    def one(self) -> list[Any] | None:
        found, self._next = self._next, self._read() if self._next is not None else None
        return found

    def check_end(self) -> None:
        if self._next is not None:
            raise KnownError(
                "{file}, before row {row}: patient {patient} does not stand where it should. The tables of an export "
                "belong together and keep their order; nothing was imported.",
                file=self.path.name,
                row=self._reader.line_num,
                patient=self._next[0],
            )

    def _read(self) -> list[Any] | None:
        try:
            cells = next(self._reader, None)
            if cells is None:
                return None
            return [kind.read(cell) for kind, cell in zip(self._columns.values(), cells, strict=True)]
        except (ValueError, csv.Error, RecursionError, OverflowError) as error:
            raise _bad(self.path, self._reader.line_num, str(error)) from error


def _tables(folder: Path) -> Iterator[Case]:
    manifest = folder / columns.MANIFEST
    with _readable(manifest):
        _check_version(manifest, _parsed(manifest, 1, manifest.read_text(encoding="utf-8")), columns.VERSION)
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        with contextlib.ExitStack() as stack, _readable(folder):
            tables = {name: stack.enter_context(contextlib.closing(_Rows(folder, name))) for name in columns.TABLES}
            while (row := tables["patients"].one()) is not None:
                yield _case_of(tables, row)
            for table in tables.values():
                table.check_end()
    finally:
        csv.field_size_limit(before)


def _case_of(tables: dict[str, _Rows], row: list[Any]) -> Case:
    *person, attributes = row
    visits = []
    for number, kind, day, basis, date, label, text, outcome in tables["visits"].take(row[0]):
        at = (row[0], number)
        prescriptions = []
        for order, formula, days, mode, raw in tables["prescriptions"].take(*at):
            items = tuple(PrescriptionItem(*item) for item in tables["items"].take(*at, order))
            prescriptions.append(Prescription(items, formula, days, mode, raw))
        visits.append(
            Visit(
                number=number,
                kind=kind,
                day=day,
                basis=basis,
                date=date,
                label=label,
                text=text,
                outcome=outcome,
                observations=tuple(Observation(*seen) for seen in tables["observations"].take(*at)),
                pulses=tuple(PulseReading(*felt) for felt in tables["pulses"].take(*at)),
                diagnoses=tuple(Diagnosis(*made) for made in tables["diagnoses"].take(*at)),
                prescriptions=tuple(prescriptions),
            )
        )
    return Case(Patient(*person), tuple(visits), attributes)


def _check_version(path: Path, found: Any, known: int) -> None:
    version = found.get("version") if isinstance(found, dict) else None
    if version != known:
        raise KnownError(
            "{file} was exported in version {found} of the format; this program knows {known}. Update Mailiu.",
            file=path.name,
            found=version,
            known=known,
        )


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise KnownError("{file} is not in UTF-8. Take the file as it was exported.", file=path.name) from error
    except OSError as error:
        raise KnownError(
            "File {file} cannot be read ({reason}).", file=error.filename or path, reason=error.strerror or str(error)
        ) from error


def _bad(path: Path, row: int, why: str) -> KnownError:
    return KnownError(
        "{file}, row {row}: this is not as an export writes it ({why}). Nothing was imported.",
        file=path.name,
        row=row,
        why=why,
    )
