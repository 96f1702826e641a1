"""Records: a patient, the visits, and everything said at each.

Deleting a patient deletes what hangs below (ON DELETE CASCADE). ``seq`` keeps the order a source gave. ``version``
counts the edits of a row.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Date, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.records import DateBasis, Position, Side, ValueKind, VisitKind
from app.store.tables.base import Stored, byte_order, choice

NEVER = dt.date(1, 1, 1)  # recent_date of a patient without a dated visit


class StoredPatient(Stored):
    """code_key: the code after NFKC, strip and casefold, so that 'P001 ' and 'Ｐ００１' are one patient.

    name_key: the name, folded; what the search looks through stands in ``StoredPatientKey``
    visits, first_date, recent_date, recent_day: over the patient's visits, kept by ``app.store.summaries`` so that a
    page of the list costs one walk along an index; recent_date is NEVER and recent_day -1 where there is none
    batch_id: the import the patient came with, NULL where entered by hand; without a foreign key, because SQLite would
    have to copy the table to gain one
    """

    __tablename__ = "patient"
    __table_args__ = (
        Index(None, "recent_date", "recent_day", "code_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    code_key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(String(8))
    birth_date: Mapped[dt.date | None] = mapped_column(Date)
    age: Mapped[float | None] = mapped_column(Float)
    chief: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    visits: Mapped[int] = mapped_column(default=0, server_default="0")
    first_date: Mapped[dt.date | None] = mapped_column(Date)
    recent_date: Mapped[dt.date] = mapped_column(Date, default=NEVER, server_default="0001-01-01")
    recent_day: Mapped[float] = mapped_column(Float, default=-1.0, server_default="-1")
    batch_id: Mapped[int | None] = mapped_column(index=True)


class StoredPatientKey(Stored):
    """Everything a patient is found by, cut so that the search is a walk along the index: see ``app.store.names``."""

    __tablename__ = "patient_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(byte_order(), primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True, index=True)


class StoredPatientAlias(Stored):
    """Numbers of patients that were merged into another one: an import under them finds that one."""

    __tablename__ = "patient_alias"

    code_key: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)


class StoredUnlike(Stored):
    """Two patients that look alike and are not the same, as a person said; first_id < second_id."""

    __tablename__ = "unlike"

    first_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True, index=True)


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
    kind: Mapped[VisitKind] = mapped_column(choice(VisitKind, "kind"))
    day: Mapped[float] = mapped_column(Float)
    basis: Mapped[DateBasis] = mapped_column(choice(DateBasis, "basis"))
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
    kind: Mapped[ValueKind] = mapped_column(choice(ValueKind, "kind"))
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
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    position: Mapped[Position] = mapped_column(choice(Position, "position"))
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
