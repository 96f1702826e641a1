"""After an exchange of keys that was cut short: the header is left with the key of the file that lies there."""

from __future__ import annotations

from app.store import copies, keys
from app.store.engine import Database
from app.store.keys import Header
from app.store.sqlite import SqliteDatabase


def settle(database: Database) -> None:
    """Called while a connection of ``database`` is open, which no exchange of keys can be beside."""
    if not isinstance(database, SqliteDatabase):
        return
    if keys.exchange_part(database.path).exists():
        copies.remove(keys.exchange_part(database.path))
    header = keys.read_header(database.path)
    if header is None or len(header.entries) < 2:
        return
    entry = header.entry_for(copies.salt_of(database))
    if entry.id == keys.NO_KEY:
        keys.header_path(database.path).unlink()
    else:
        keys.write_header(database.path, Header((entry,)))
