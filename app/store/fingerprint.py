"""What tables hold, in one figure each: two databases whose figures agree hold the same rows.

The hashes are keyed, so that the figures may stand beside an encrypted file without telling anything of it. ``raw``
reads a clinic file as it lies there, in its own order and whatever revision its tables are of; ``typed`` reads through
the types of the tables and is the same for a clinic file and a server, in whatever order they give their rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.store.tables import Stored, audit_head

_MODULUS = 1 << 256
PAGE = 2000  # rows fetched together


@dataclass(frozen=True, slots=True)
class Mark:
    """Of one table. digest: 64 hexadecimal digits."""

    count: int
    digest: str


def key_of(connection: Connection) -> bytes:
    """The key of the hashes: that of the clinic's audit chain, which every copy of the clinic holds."""
    return bytes.fromhex(connection.execute(select(audit_head.c.key)).scalar_one())


def raw(connection: Any, key: bytes) -> dict[str, Mark]:
    """Every table of a clinic file. connection: of the driver."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    return {name: _raw_mark(connection, name, key) for (name,) in connection.execute(query).fetchall()}


def _raw_mark(connection: Any, name: str, key: bytes) -> Mark:
    hashed, count = _begun(name, key), 0
    cursor = connection.execute(f'SELECT * FROM "{name}"')
    while rows := cursor.fetchmany(PAGE):
        hashed.update(repr(rows).encode("utf-8", "surrogatepass"))
        count += len(rows)
    return Mark(count, hashed.hexdigest())


def typed(connection: Connection, key: bytes) -> dict[str, Mark]:
    """Every table the program knows."""
    streaming = connection.execution_options(yield_per=PAGE)
    return {
        table.name: _typed_mark(streaming.execute(select(table)), table.name, key)
        for table in Stored.metadata.sorted_tables
    }


def _typed_mark(rows: Iterable[Any], name: str, key: bytes) -> Mark:
    begun, total, count = _begun(name, key), 0, 0
    for row in rows:
        one = begun.copy()
        one.update(json.dumps(list(row), ensure_ascii=False, sort_keys=True, default=str).encode())
        total += int.from_bytes(one.digest(), "big")
        count += 1
    return Mark(count, f"{total % _MODULUS:064x}")


def _begun(name: str, key: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(name.encode() + b"\0", digest_size=32, key=key)
