"""What the clinic adds to the shipped vocabulary: loaded packs with their concepts, and synonyms of its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Stored, UtcDateTime


class StoredPack(Stored):
    """A loaded vocabulary pack, e.g. a national table; the newest of a name is in force."""

    __tablename__ = "vocabulary_pack"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    version: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)


class StoredConcept(Stored):
    """A concept of a pack. valid_from, valid_to: ISO dates or ""; withdrawn concepts stay, with valid_to."""

    __tablename__ = "concept"
    __table_args__ = (UniqueConstraint("kind", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("vocabulary_pack.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)
    synonyms: Mapped[list[str]] = mapped_column(JSON)
    unit: Mapped[str] = mapped_column(Text)
    scale: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[str] = mapped_column(String(10))
    valid_to: Mapped[str] = mapped_column(String(10))
    extra: Mapped[dict[str, Any]] = mapped_column(JSON)


class StoredSynonym(Stored):
    """A term this clinic uses for a concept, learned when a person coded it. term_key: as ``normal_term`` makes it."""

    __tablename__ = "synonym"
    __table_args__ = (UniqueConstraint("kind", "term_key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    term: Mapped[str] = mapped_column(Text)
    term_key: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
