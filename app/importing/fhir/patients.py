"""Patients of a bundle, with their visits as encounters and dated resources make them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from app.domain.records import Case, DateBasis, Patient, Visit, VisitKind
from app.i18n import t
from app.importing.fhir import terms
from app.importing.fhir.entries import Entry, Resource
from app.importing.fhir.fields import Fields, ResourceError, build, date_of, own_code, rest_of, text_of
from app.importing.people import MAX_CODE, MAX_NAME
from app.importing.placing import Entry as VisitEntry
from app.importing.placing import place
from app.importing.report import ImportReport
from app.store.content import MAX_NUMBER
from app.store.names import code_key

_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(slots=True)
class VisitOf:
    """A visit as it comes together; own: what our extension says of it; groups: its medication requests."""

    entry: VisitEntry
    own: Fields = field(default_factory=dict)
    groups: dict[str, list[tuple[Entry, Resource]]] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    patient: Patient
    attributes: dict[str, str]
    visits: list[VisitOf] = field(default_factory=list)

    def visit_on(self, date: dt.date, sequence: int) -> VisitOf:
        """The first visit of that day, made where there is none."""
        found = next((visit for visit in self.visits if visit.entry.date == date), None)
        if found is None:
            found = VisitOf(VisitEntry(sequence, date=date))
            self.visits.append(found)
        return found

    def case(self, report: ImportReport) -> Case:
        """Visits stand where our extension places them if it does so for each, else where dates and order do."""
        numbers = [visit.own.get("number", -1) for visit in self.visits]
        if len(set(numbers)) == len(numbers) and all(0 <= number <= MAX_NUMBER for number in numbers):
            visits = sorted((_as_told(visit) for visit in self.visits), key=lambda visit: (visit.day, visit.number))
        else:
            visits = place([visit.entry for visit in self.visits], report)
        return Case(self.patient, tuple(visits), self.attributes)


def _as_told(visit: VisitOf) -> Visit:
    """The visit with number, day and basis as the bundle states them: it was written by this product."""
    entry, own = visit.entry, visit.own
    return Visit(
        number=own["number"],
        kind=own["kind"],
        day=own["day"],
        basis=own["basis"],
        date=entry.date,
        label=entry.label,
        text=entry.text,
        observations=tuple(entry.observations),
        pulses=tuple(entry.pulses),
        diagnoses=tuple(entry.diagnoses),
        prescriptions=tuple(entry.prescriptions),
        outcome=entry.outcome,
    )


def patient(resource: Resource) -> tuple[Fields, list[ResourceError]]:
    """Fields of a Patient, and what of it could not be read."""
    faults: list[ResourceError] = []
    name = next(iter(resource.get("name") or []), {})
    birth = None
    try:
        birth = date_of(resource.get("birthDate"), "Patient.birthDate")
    except ResourceError as fault:
        faults.append(fault)
    fields: Fields = {
        "code": _number(resource),
        "name": _name(name)[:MAX_NAME],
        "sex": terms.GENDERS.get(resource.get("gender", ""), ""),
        "birth_date": birth.isoformat() if birth else None,
        "age": None,
        "chief": "",
        "note": "",
        "attributes": {},
    }
    return fields, faults


def _number(resource: Resource) -> str:
    """Our own number where there is one, else an official or usual identifier, else the first, else the id."""
    listed = [one for one in resource.get("identifier") or [] if one.get("value")]

    def rank(one: Resource) -> int:
        if one.get("system") == terms.PATIENT_NUMBER:
            return 0
        return 1 if one.get("use") in ("usual", "official") else 2

    chosen = min(listed, key=rank)["value"] if listed else resource.get("id", "")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", chosen)).strip()


def _name(name: Resource) -> str:
    if name.get("text"):
        return name["text"]
    family, given = name.get("family") or "", [part for part in name.get("given") or [] if part]
    if _HAN.search(family):
        return family + "".join(given)
    return " ".join([*given, family]).strip()


def person(resource: Resource) -> tuple[Person, list[ResourceError]]:
    """Raises ResourceError where there is no number by which to know the patient."""
    fields, faults = patient(resource)
    rest = rest_of(resource)
    code = fields["code"]
    if "code" not in rest and (not code or len(code) > MAX_CODE or not code.isprintable()):
        reason = t("a patient number has at most {n} characters and no control characters", n=MAX_CODE)
        raise ResourceError("Patient.identifier", code, reason)
    fields |= rest
    attributes = fields.pop("attributes")
    path = "Patient.extension"
    if not isinstance(attributes, dict) or not all(isinstance(value, str) for value in attributes.values()):
        raise ResourceError(path, attributes, t("it is of the wrong kind"))
    made = build(Patient, fields, path)
    if not code_key(made.code):
        raise ResourceError("Patient.identifier", code, t("no patient number"))
    return Person(made, attributes), faults


def encounter(resource: Resource) -> Fields:
    """Fields of a visit that an Encounter tells. Raises ResourceError for a date that is none."""
    kinds = resource.get("type") or []
    told = next((own for one in kinds if (own := own_code(one)).startswith(terms.VISIT_KIND)), "")
    date = date_of((resource.get("period") or {}).get("start"), "Encounter.period.start")
    words = [text_of(reason) for reason in resource.get("reasonCode") or []]
    return {
        "kind": told.removeprefix(terms.VISIT_KIND) or None,
        "date": date.isoformat() if date else None,
        "label": kinds[0].get("text", "") if kinds else "",
        "text": "\n".join(word for word in words if word),
        "outcome": "",
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """The fields of an encounter once our extension has spoken; the last three only where it has."""

    date: dt.date | None
    label: str
    text: str
    outcome: str
    kind: VisitKind | None = None
    number: int | None = None
    day: float | None = None
    basis: DateBasis | None = None


def visit_of(resource: Resource, sequence: int) -> VisitOf:
    """Raises ResourceError for a date that is none."""
    rest = rest_of(resource)
    try:
        fields = encounter(resource)
    except ResourceError:
        if "date" not in rest:
            raise
        fields = encounter({**resource, "period": {}})
    told = build(_Told, fields | rest, "Encounter.extension")
    entry = VisitEntry(sequence, date=told.date, label=told.label, text=told.text, outcome=told.outcome)
    own: dict[str, Any] = {}
    if told.number is not None and told.day is not None and told.basis and told.kind:
        entry.order = float(told.number)
        own = {"number": told.number, "day": told.day, "basis": told.basis, "kind": told.kind}
    return VisitOf(entry, own)
