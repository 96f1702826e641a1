"""Tables of a clinic file. The plain ``Table`` objects serve the bulk statements of the services and the queries."""

from __future__ import annotations

from app.store.tables import desk, journal, records, sources, vocabulary
from app.store.tables.base import NAMING, Stored, UtcDateTime

__all__ = [
    "NAMING",
    "Stored",
    "UtcDateTime",
    "account",
    "annotation",
    "audit",
    "audit_head",
    "concept",
    "diagnosis",
    "draft",
    "history",
    "import_batch",
    "mapping_profile",
    "model",
    "observation",
    "operation",
    "patient",
    "patient_alias",
    "patient_key",
    "photo",
    "pin",
    "prescription",
    "prescription_item",
    "pulse_reading",
    "review_item",
    "saved_filter",
    "setting",
    "signature",
    "synonym",
    "tag",
    "unlike",
    "visit",
    "visit_draft",
    "vocabulary_pack",
]

_tables = Stored.metadata.tables
patient = _tables[records.StoredPatient.__tablename__]
patient_key = _tables[records.StoredPatientKey.__tablename__]
patient_alias = _tables[records.StoredPatientAlias.__tablename__]
unlike = _tables[records.StoredUnlike.__tablename__]
visit = _tables[records.StoredVisit.__tablename__]
observation = _tables[records.StoredObservation.__tablename__]
pulse_reading = _tables[records.StoredPulseReading.__tablename__]
diagnosis = _tables[records.StoredDiagnosis.__tablename__]
prescription = _tables[records.StoredPrescription.__tablename__]
prescription_item = _tables[records.StoredPrescriptionItem.__tablename__]
import_batch = _tables[sources.StoredImportBatch.__tablename__]
review_item = _tables[sources.StoredReviewItem.__tablename__]
mapping_profile = _tables[sources.StoredMappingProfile.__tablename__]
draft = _tables[sources.StoredDraft.__tablename__]
model = _tables[sources.StoredModel.__tablename__]
audit = _tables[journal.StoredAudit.__tablename__]
audit_head = _tables[journal.StoredAuditHead.__tablename__]
account = _tables[journal.StoredAccount.__tablename__]
operation = _tables[journal.StoredOperation.__tablename__]
history = _tables[journal.StoredHistory.__tablename__]
setting = _tables[journal.StoredSetting.__tablename__]
vocabulary_pack = _tables[vocabulary.StoredPack.__tablename__]
concept = _tables[vocabulary.StoredConcept.__tablename__]
synonym = _tables[vocabulary.StoredSynonym.__tablename__]
tag = _tables[desk.StoredTag.__tablename__]
annotation = _tables[desk.StoredAnnotation.__tablename__]
signature = _tables[desk.StoredSignature.__tablename__]
photo = _tables[desk.StoredPhoto.__tablename__]
pin = _tables[desk.StoredPin.__tablename__]
saved_filter = _tables[desk.StoredFilter.__tablename__]
visit_draft = _tables[desk.StoredVisitDraft.__tablename__]
