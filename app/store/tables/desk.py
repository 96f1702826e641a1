"""What a clinician puts beside a record: tags, annotations, signatures, photos; and the desk's own: pins, saved
filters, visits begun and not yet saved.

Rows beside a record are never deleted: ``removed`` takes them out of sight, so that undo puts them back as they were,
photos with their bytes. They name patient and visit without a foreign key, as the history does: a record that is taken
out and put back finds them again. version: of the operation that changed the row last.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Stored, UtcDateTime


class StoredTag(Stored):
    """A word a patient is found by; name_key: folded."""

    __tablename__ = "tag"
    __table_args__ = (Index(None, "name_key", "patient_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    removed: Mapped[bool]
    version: Mapped[int]


class StoredAnnotation(Stored):
    """Words at a time of a course. day, until: days since the first visit; until is NULL for a moment."""

    __tablename__ = "annotation"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(index=True)
    day: Mapped[float] = mapped_column(Float)
    until: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    removed: Mapped[bool]
    version: Mapped[int]


class StoredSignature(Stored):
    """A prescriber's second signature beside a caution, with the reason. herbs: codes; digest: of what was signed."""

    __tablename__ = "signature"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(index=True)
    visit_id: Mapped[int] = mapped_column(index=True)
    rule: Mapped[str] = mapped_column(String(32))
    herbs: Mapped[list[str]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    removed: Mapped[bool]
    version: Mapped[int]


class StoredPhoto(Stored):
    """A picture of a visit. kind: "tongue"; content: the bytes, without what a camera notes beside."""

    __tablename__ = "photo"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(index=True)
    visit_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    removed: Mapped[bool]
    version: Mapped[int]


class StoredPin(Stored):
    """A patient a person keeps at the top of the list. who: "" where there are no accounts."""

    __tablename__ = "pin"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True)
    who: Mapped[str] = mapped_column(Text, primary_key=True)


class StoredFilter(Stored):
    """A question to the patient list under a name. content: ``app.store.filters`` writes and reads it."""

    __tablename__ = "saved_filter"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class StoredVisitDraft(Stored):
    """A visit a person has begun to enter, one a patient and person. number: of the one it corrects, 0: new."""

    __tablename__ = "visit_draft"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True)
    who: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
