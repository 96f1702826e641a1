"""A SELECT compiled once and then run through the driver itself.

What is asked at every key stroke or every patient shown costs less than SQLAlchemy's own work on each execution; the
statement is still written in its language and runs inside the transaction of its connection, or of a ``Glance``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, PoolProxiedConnection, Select

Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Glance:
    """A pooled connection of the driver inside one read transaction, for prepared statements alone."""

    connection: PoolProxiedConnection
    dialect: Dialect


@dataclass(slots=True)
class _Compiled:
    """names: of the parameters in order, None where the driver takes them by name; processors: by column, None until
    the driver has told the types of the first answer."""

    sql: str
    names: Sequence[str] | None
    fixed: dict[str, Any]
    processors: list[tuple[int, Processor]] | None = None


class Prepared:
    """statement: its parameters are ``bindparam(name)`` with plain values (text and numbers)."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection | Glance, **values: Any) -> list[tuple[Any, ...]]:
        """All rows, in Python's types."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            text = self._statement.compile(dialect=dialect)
            names = text.positiontup if text.positional else None
            compiled = self._compiled[dialect.name] = _Compiled(text.string, names, dict(text.params))
        given = {**compiled.fixed, **values}
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, given if compiled.names is None else [given[name] for name in compiled.names])
            if compiled.processors is None:
                compiled.processors = self._processors(dialect, cursor.description)
            rows: list[tuple[Any, ...]] = list(cursor.fetchall())
        finally:
            cursor.close()
        for at, process in compiled.processors:
            rows = [(*row[:at], process(row[at]), *row[at + 1 :]) for row in rows]
        return rows

    def _processors(self, dialect: Dialect, description: Any) -> list[tuple[int, Processor]]:
        """What brings the driver's values into Python's types, of the columns that need it."""
        kinds = [column.type.dialect_impl(dialect) for column in self._statement.selected_columns]
        told = [kind.result_processor(dialect, about[1]) for kind, about in zip(kinds, description, strict=True)]
        return [(at, process) for at, process in enumerate(told) if process is not None]
