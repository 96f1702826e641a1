"""Who did what: accounts, the audit log with its chain, operations that can be undone, and what each changed.

The audit log has no foreign keys, so it outlives what it tells of.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Stored, UtcDateTime


class StoredAudit(Stored):
    """id: 1, 2, 3 ... without a gap; hash: of the row and of the hash before it, see ``app.store.audit``."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "entity", "entity_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    who: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(32))
    entity: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")


class StoredAuditHead(Stored):
    """The end of the chain, one row: how many entries there are, and the hash of the last. key: of the hashes."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))


class StoredAccount(Stored):
    """A user. roles: list of ``app.store.roles.Role`` values; secret: Argon2id hash of the passphrase."""

    __tablename__ = "account"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, unique=True)
    roles: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    created: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class StoredOperation(Stored):
    """One act of a person, undone or redone as a whole. state: "done" or "undone".

    kind: "add", "change", "delete", "import", "merge", "undo" ...; undoes: the operation this one took back
    label: {"template", "params"}, for the menu
    """

    __tablename__ = "operation"
    __table_args__ = (Index(None, "who", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    undoes: Mapped[int | None] = mapped_column(ForeignKey("operation.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"), index=True)


class StoredHistory(Stored):
    """What an operation made of one patient or visit; before and after are NULL where there was or is none.

    entity_id, patient_id: without a foreign key, because what they name may be deleted. version: of the row, after
    """

    __tablename__ = "history"
    __table_args__ = (Index(None, "entity", "entity_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id", ondelete="CASCADE"), index=True)
    entity: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[int]
    patient_id: Mapped[int] = mapped_column(index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int]


class StoredSetting(Stored):
    """What belongs to the clinic and not to a computer: its name, minutes until the lock, the pseudonyms' key ..."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
