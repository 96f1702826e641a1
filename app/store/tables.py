"""Tables of a clinic file: one patient's visits and everything said at each, then imports, models and the audit log.

Deleting a patient deletes what hangs below (ON DELETE CASCADE); the audit log has no foreign keys, so it outlives
what it tells of. ``seq`` keeps the order a source gave. ``version`` counts the edits of a row.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Dialect,
    Enum,
    Float,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.domain.records import DateBasis, Position, Side, ValueKind, VisitKind

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment: aware in Python, UTC without a zone in the file. Naive datetimes are refused with ValueError."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone, got the naive {value}")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


def _choice(kind: type[StrEnum], name: str) -> Enum:
    """A StrEnum stored by value, guarded by a CHECK constraint."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class Stored(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class StoredPatient(Stored):
    """code_key: the code after NFKC, strip and casefold, so that 'P001 ' and 'Ｐ００１' are one patient.

    name_key, pinyin, initials: what the search compares with, see ``app.store.names``.
    """

    __tablename__ = "patient"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    code_key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(String(8))
    birth_date: Mapped[dt.date | None] = mapped_column(Date)
    age: Mapped[float | None] = mapped_column(Float)
    chief: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)


class StoredVisit(Stored):
    """source_number, content_hash: number and content as the source gave them; they recognise a visit imported again.

    batch_id: the import the visit came with, NULL where it was entered by hand.
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("patient_id", "number"),
        Index(None, "patient_id", "day", "number"),
        Index(None, "patient_id", "date"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"))
    number: Mapped[int]
    source_number: Mapped[int]
    kind: Mapped[VisitKind] = mapped_column(_choice(VisitKind, "kind"))
    day: Mapped[float] = mapped_column(Float)
    basis: Mapped[DateBasis] = mapped_column(_choice(DateBasis, "basis"))
    date: Mapped[dt.date | None] = mapped_column(Date)
    label: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="SET NULL"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class StoredObservation(Stored):
    __tablename__ = "observation"
    __table_args__ = (UniqueConstraint("visit_id", "seq"), Index(None, "concept", "visit_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    seq: Mapped[int]
    concept: Mapped[str] = mapped_column(Text)
    kind: Mapped[ValueKind] = mapped_column(_choice(ValueKind, "kind"))
    number: Mapped[float | None] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    negated: Mapped[bool]
    raw: Mapped[str] = mapped_column(Text)


class StoredPulseReading(Stored):
    """terms: a list of pulse codes in the order they were named."""

    __tablename__ = "pulse_reading"
    __table_args__ = (UniqueConstraint("visit_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    seq: Mapped[int]
    side: Mapped[Side] = mapped_column(_choice(Side, "side"))
    position: Mapped[Position] = mapped_column(_choice(Position, "position"))
    terms: Mapped[list[str]] = mapped_column(JSON)
    raw: Mapped[str] = mapped_column(Text)


class StoredDiagnosis(Stored):
    __tablename__ = "diagnosis"
    __table_args__ = (UniqueConstraint("visit_id", "seq"), Index(None, "code", "visit_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)


class StoredPrescription(Stored):
    __tablename__ = "prescription"
    __table_args__ = (UniqueConstraint("visit_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    seq: Mapped[int]
    formula: Mapped[str] = mapped_column(Text)
    days: Mapped[float | None] = mapped_column(Float)
    mode: Mapped[str] = mapped_column(String(32))
    raw: Mapped[str] = mapped_column(Text)


class StoredPrescriptionItem(Stored):
    """grams: a day's dose."""

    __tablename__ = "prescription_item"
    __table_args__ = (UniqueConstraint("prescription_id", "seq"), Index(None, "herb", "prescription_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    prescription_id: Mapped[int] = mapped_column(ForeignKey("prescription.id", ondelete="CASCADE"))
    seq: Mapped[int]
    raw_name: Mapped[str] = mapped_column(Text)
    herb: Mapped[str] = mapped_column(Text)
    grams: Mapped[float | None] = mapped_column(Float)
    processing: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    raw_dose: Mapped[str] = mapped_column(Text)


class StoredImportBatch(Stored):
    """files: [{"name", "size", "sha256"}]; counts: what the import added, changed and found unchanged."""

    __tablename__ = "import_batch"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


class StoredModel(Stored):
    """A trained network. path: relative to the clinic's models folder where it lies inside, else absolute."""

    __tablename__ = "model"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    card: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(Text)
    created: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class StoredAudit(Stored):
    __tablename__ = "audit"
    __table_args__ = (Index(None, "entity", "entity_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    who: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(32))
    entity: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


# the plain tables, for the bulk statements of the services and the queries
patient = Stored.metadata.tables["patient"]
visit = Stored.metadata.tables["visit"]
observation = Stored.metadata.tables["observation"]
pulse_reading = Stored.metadata.tables["pulse_reading"]
diagnosis = Stored.metadata.tables["diagnosis"]
prescription = Stored.metadata.tables["prescription"]
prescription_item = Stored.metadata.tables["prescription_item"]
import_batch = Stored.metadata.tables["import_batch"]
model = Stored.metadata.tables["model"]
audit = Stored.metadata.tables["audit"]
