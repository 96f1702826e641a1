"""FHIR R4 (bundle, list or lines of resources) to cases: Patient, Encounter, Observation, Condition, MedicationRequest.

A row of the report is a resource, its number that of the entry (of lines: the line), its column the path of the
element. Whatever else the file holds is counted and left out. An Encounter is a visit; what is dated but belongs to
none, or to another day than its own, makes a visit of that day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.errors import KnownError
from app.domain.records import Case, Diagnosis, Observation, PulseReading
from app.domain.units import UnitConvention
from app.i18n import t
from app.importing import roles
from app.importing.encoding import decode
from app.importing.examination import Examiner
from app.importing.fhir import fields, patients, terms
from app.importing.fhir.entries import Entry, Resource, entries
from app.importing.fhir.fields import ResourceError, build, own_code, rest_of
from app.importing.fhir.medication import Pharmacist, group_of
from app.importing.fhir.patients import Person, VisitOf
from app.importing.limits import check_size
from app.importing.people import Place
from app.importing.report import ImportReport
from app.importing.roles import PULSE_PLACES, Role
from app.store.names import code_key

_BETWEEN_CHECKS = 200
_DATES = {  # the first that is there tells the day
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
    "Condition": ("recordedDate", "onsetDateTime", "onsetPeriod"),
    "MedicationRequest": ("authoredOn",),
}


def read_bundle(
    path: Path,
    convention: UnitConvention,
    report: ImportReport,
    *,
    encoding: str | None = None,
    told: dict[str, Any] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Case]:
    """The cases of a file, in the order of its patients; counts and lists everything else in ``report``.

    told: gets format, encoding, and whether that is a guess. progress(resources read, 0, text); cancelled() -> True
    stops with KnownError. Raises KnownError where the file cannot be read at all.
    """
    path = Path(path)
    check_size(path)
    decoded = decode(path.read_bytes(), path.name, encoding)
    if told is not None:
        told.update(format="fhir", encoding=decoded.encoding, encoding_guessed=decoded.guessed)
    reader = _Reader(path.name, convention, report)
    for count, entry in enumerate(entries(decoded, path), start=1):
        reader.sort_in(entry)
        if count % _BETWEEN_CHECKS == 0:
            if cancelled is not None and cancelled():
                raise KnownError("The import was stopped; nothing of it was stored.")
            if progress is not None:
                progress(count, 0, t("Reading {file}", file=path.name))
    return reader.cases()


@dataclass(slots=True)
class _Reader:
    file: str
    convention: UnitConvention
    report: ImportReport
    known: dict[str, Entry] = field(default_factory=dict)  # full URL, and "Kind/id" -> resource
    waiting: dict[str, list[Entry]] = field(default_factory=lambda: {kind: [] for kind in terms.KINDS})
    people: dict[int, Person] = field(default_factory=dict)  # by key of the Patient's entry
    visits: dict[int, tuple[Person, VisitOf]] = field(default_factory=dict)  # by key of its entry
    sequence: int = 0

    def sort_in(self, entry: Entry) -> None:
        """Counts an entry and keeps it where its turn will come."""
        kind = entry.resource.get("resourceType", "")
        if entry.problem is None and kind not in terms.KINDS:
            self._index(entry)
            self.report.normalise(kind, "", t("a kind of resource that is not imported"))
            return
        self.report.rows_read += 1
        problem = entry.problem
        if problem is None and not self._index(entry):
            problem = (f"{kind}.id", entry.resource.get("id", ""), t("the same id was read before"))
        if problem is not None:
            self._refuse_row(entry, ResourceError(*problem))
        else:
            self.waiting[kind].append(entry)

    def _index(self, entry: Entry) -> bool:
        """False where another resource has the same address."""
        names = [entry.url] if entry.url else []
        if entry.resource.get("id"):
            names.append(f"{entry.resource['resourceType']}/{entry.resource['id']}")
        if any(name in self.known for name in names):
            return False
        self.known |= dict.fromkeys(names, entry)
        return True

    def cases(self) -> list[Case]:
        """Every patient, with or without visits. To be called once, after the last entry."""
        keys: set[str] = set()
        for entry in self.waiting["Patient"]:
            self._take(entry, lambda entry: self._patient(entry, keys))
        for entry in self.waiting["Encounter"]:
            self._take(entry, self._encounter)
        takes = {"Observation": self._observation, "Condition": self._condition, "MedicationRequest": self._request}
        for kind, take in takes.items():
            for entry in self.waiting[kind]:
                self._take(entry, take)
        pharmacist = Pharmacist(self.report, self.file, self.convention, self._held)
        for person in self.people.values():
            for visit in person.visits:
                made = (pharmacist.prescription(group) for group in visit.groups.values())
                visit.entry.prescriptions += [prescription for prescription in made if prescription is not None]
        return [person.case(self.report) for person in self.people.values()]

    def _take(self, entry: Entry, take: Callable[[Entry], None]) -> None:
        resource = entry.resource
        status = resource.get("status", "")
        verified = [coding.get("code") for coding in fields.codings(resource.get("verificationStatus"))]
        withdrawn = next((word for word in (status, *verified) if word in terms.WITHDRAWN or word == "refuted"), "")
        if withdrawn or resource.get("doNotPerform"):
            self.report.rows_accepted += 1
            self.report.normalise(withdrawn or "doNotPerform", "", t("withdrawn or not carried out; left out"))
            return
        try:
            take(entry)
        except ResourceError as fault:
            self._refuse_row(entry, fault)
        else:
            self.report.rows_accepted += 1

    def _refuse_row(self, entry: Entry, fault: ResourceError) -> None:
        self.report.rows_refused += 1
        self._refuse(entry, fault)

    def _refuse(self, entry: Entry, fault: ResourceError) -> None:
        self.report.refuse(self.file, entry.number, fault.path, fault.value, fault.reason)

    def _resolve(self, reference: Resource | None) -> Entry | None:
        """The entry a reference means: by full URL, or by kind and id, with or without server and version."""
        text = (reference or {}).get("reference") or ""
        plain = text.partition("/_history/")[0]
        return self.known.get(plain) or self.known.get("/".join(plain.rsplit("/", 2)[-2:]))

    def _held(self, reference: Resource | None, resource: Resource) -> Resource | None:
        """The resource a reference means, one contained in the resource included."""
        text = (reference or {}).get("reference") or ""
        if text.startswith("#"):
            return next((one for one in resource.get("contained") or [] if one.get("id") == text[1:]), None)
        found = self._resolve(reference)
        return found.resource if found else None

    def _patient(self, entry: Entry, keys: set[str]) -> None:
        person, faults = patients.person(entry.resource)
        key = code_key(person.patient.code)
        if key in keys:
            reason = t("the patient number was read before; only the first was kept")
            raise ResourceError("Patient.identifier", person.patient.code, reason)
        keys.add(key)
        self.people[_key(entry)] = person
        for fault in faults:
            self._refuse(entry, fault)

    def _person(self, resource: Resource) -> Person:
        found = self._resolve(resource.get("subject"))
        person = self.people.get(_key(found)) if found else None
        if person is None:
            path = f"{resource['resourceType']}.subject"
            told = (resource.get("subject") or {}).get("reference", "")
            raise ResourceError(path, told, t("the patient is not in the file, or was refused"))
        return person

    def _encounter(self, entry: Entry) -> None:
        person = self._person(entry.resource)
        self.sequence += 1
        visit = patients.visit_of(entry.resource, self.sequence)
        person.visits.append(visit)
        self.visits[_key(entry)] = (person, visit)

    def _visit(self, resource: Resource) -> VisitOf:
        """The visit a resource belongs to: its encounter's, unless it is dated on another day."""
        kind = resource["resourceType"]
        person = self._person(resource)
        date = None
        for name in _DATES[kind]:
            value = resource.get(name)
            date = date or fields.date_of(value.get("start") if isinstance(value, dict) else value, f"{kind}.{name}")
        found = self._resolve(resource.get("encounter"))
        owner, visit = self.visits.get(_key(found), (None, None)) if found else (None, None)
        if owner is not None and owner is not person:
            told = resource["encounter"]["reference"]
            raise ResourceError(f"{kind}.encounter", told, t("the encounter is another patient's"))
        if visit is not None and (date is None or visit.entry.date is None or visit.entry.date == date):
            return visit
        if date is None:
            raise ResourceError(f"{kind}.encounter", "", t("neither an encounter in the file nor a date"))
        self.sequence += 1
        return person.visit_on(date, self.sequence)

    def _observation(self, entry: Entry) -> None:
        resource = entry.resource
        visit = self._visit(resource).entry
        if own_code(resource.get("code")) == terms.PULSE:
            reading = build(PulseReading, fields.pulse(resource) | rest_of(resource), "Observation.extension")
            visit.pulses.append(reading)
            self.report.pulse_terms_total += len(reading.terms)
            self.report.pulse_terms_coded += len(reading.terms)
            return
        words = fields.text_of(resource.get("code"))
        role = roles.role_of(words) if "valueString" in resource and not own_code(resource.get("code")) else None
        if role is not None and (role == Role.TONGUE or role in PULSE_PLACES):
            examiner = Examiner(self.report, Place(self.file, entry.number))
            written = resource["valueString"][: fields.MAX_TEXT]
            if role == Role.TONGUE:
                visit.observations += examiner.tongue(written, words)
            else:
                visit.pulses += examiner.pulse(written, words, role)
            return
        parts = resource.get("component") or []
        if not parts or any(name.startswith("value") for name in resource):
            visit.observations.append(self._built(resource))
        for part in parts:
            try:
                read = fields.observation(resource, part)
                visit.observations.append(build(Observation, read, "Observation.component"))
            except ResourceError as fault:
                self._refuse(entry, fault)

    @staticmethod
    def _built(resource: Resource) -> Observation:
        rest = rest_of(resource)
        try:
            read = fields.observation(resource)
        except ResourceError:
            if not rest:
                raise
            read = {}
        return build(Observation, read | rest, "Observation.extension")

    def _condition(self, entry: Entry) -> None:
        visit = self._visit(entry.resource).entry
        rest = rest_of(entry.resource)
        try:
            read = fields.diagnosis(entry.resource)
        except ResourceError:
            if not rest:
                raise
            read = {}
        made = build(Diagnosis, read | rest, "Condition.extension")
        if made.kind == "syndrome" and not made.code:
            self.report.unknown("syndrome", made.text, self.file, entry.number, "Condition.code")
        visit.diagnoses.append(made)

    def _request(self, entry: Entry) -> None:
        visit = self._visit(entry.resource)
        visit.groups.setdefault(group_of(entry.resource, _key(entry)), []).append((entry, entry.resource))


def _key(entry: Entry) -> int:
    """Entries of one line share its number; each has a resource of its own, which is kept while the file is read."""
    return id(entry.resource)
