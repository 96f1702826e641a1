"""Many rows at once: the driver's own ``executemany`` with positional tuples, past the ORM's work on every row.

A value still goes through the bind processor of its column, so a row is stored exactly as ``insert(table)`` would.
Only the placeholder and the source of new ids depend on the database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text

_PLACEHOLDERS = {"qmark": "?", "format": "%s", "pyformat": "%s"}  # by the driver's paramstyle (PEP 249)

Row = tuple[Any, ...]


def insert_tuples(connection: Connection, table: Table, columns: Collection[str], rows: Sequence[Row]) -> None:
    """rows: one value a column, in a form the driver takes (see ``encoder``)."""
    if not rows:
        return
    dialect = connection.dialect
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    marks = ", ".join([_PLACEHOLDERS[dialect.paramstyle]] * len(columns))
    # one list for every driver; SQLAlchemy hands it on as it is
    connection.exec_driver_sql(f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})", list(rows))


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """rows: values by column name, all with the same columns."""
    if not rows:
        return
    columns = tuple(rows[0])
    encoders = [(name, encode) for name in columns if (encode := encoder(connection, table, name)) is not None]
    tuples: list[Row] = []
    for row in rows:
        if encoders:
            row = {**row, **{name: encode(row[name]) for name, encode in encoders}}
        tuples.append(tuple([row[name] for name in columns]))
    insert_tuples(connection, table, columns, tuples)


def insert_with_ids(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """As ``insert_rows``; returns the ids given to the rows, in order."""
    ids = reserve_ids(connection, table, len(rows))
    insert_rows(connection, table, [{"id": key, **row} for key, row in zip(ids, rows, strict=True)])
    return ids


def encoder(connection: Connection, table: Table, column: str) -> Callable[[Any], Any] | None:
    """What brings a value of the column into the driver's form; None where it is in it already."""
    dialect = connection.dialect
    return table.c[column].type.dialect_impl(dialect).bind_processor(dialect)


def encoded(connection: Connection, table: Table, column: str, values: Iterable[Any]) -> dict[Any, Any]:
    """The driver's form of a few values that come again and again."""
    encode = encoder(connection, table, column)
    return {value: value if encode is None else encode(value) for value in values}


def reserve_ids(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """Ids that no row of the table has or, where it never gives an id twice, ever had. Ascending."""
    if not count:
        return ()
    if connection.dialect.name == "sqlite":  # the caller holds the only write lock
        last = int(connection.execute(_last_id(table)).scalar_one())
        return range(last + 1, last + 1 + count)
    sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return sorted(connection.execute(sequence, {"name": table.name, "count": count}).scalars())


def _last_id(table: Table) -> Any:
    given = "(SELECT coalesce(max(id), 0) FROM {table})"
    if table.dialect_options["sqlite"]["autoincrement"]:
        given = "max(" + given + ", coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0))"
    return text("SELECT " + given.format(table=table.name))
