"""Where records came from: imports, their open questions, saved mappings, drafts of free text; trained networks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Stored, UtcDateTime


class StoredImportBatch(Stored):
    """files: [{"name", "size", "sha256"}]; counts: what the import added, changed and found unchanged."""

    __tablename__ = "import_batch"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


OPEN, CODED, KEPT = "open", "coded", "kept"  # states of a term in the review queue


class StoredReviewItem(Stored):
    """A term no import could code, waiting for a person. state: OPEN, CODED (code says as what) or KEPT.

    file, row, column: the first place it stands at; count: how often it was met
    """

    __tablename__ = "review_item"
    __table_args__ = (UniqueConstraint("kind", "term_key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    term: Mapped[str] = mapped_column(Text)
    term_key: Mapped[str] = mapped_column(Text)
    count: Mapped[int]
    file: Mapped[str] = mapped_column(Text)
    row: Mapped[int]
    column: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    code: Mapped[str] = mapped_column(Text)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"), index=True)


class StoredMappingProfile(Stored):
    """A column mapping that proved right for files of these headers."""

    __tablename__ = "mapping_profile"

    signature: Mapped[str] = mapped_column(String(64), primary_key=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)


class StoredDraft(Stored):
    """Free-text cases that were split and coded and wait for a person's review. sha256: of the original file."""

    __tablename__ = "draft"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)


class StoredModel(Stored):
    """A trained network. path: relative to the clinic's models folder where it lies inside, else absolute."""

    __tablename__ = "model"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    card: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(Text)
    created: Mapped[dt.datetime] = mapped_column(UtcDateTime)
