"""Cases as a FHIR R4 bundle. Reading it again gives equal cases.

Standard elements say what they can in the words of FHIR; what has no place there, or would not come back as it was,
stands in our own extension beside them (see fields.with_rest).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.domain.records import (
    Case,
    Diagnosis,
    Observation,
    Prescription,
    PrescriptionItem,
    PulseReading,
    ValueKind,
    Visit,
)
from app.importing.dates import YEARS
from app.importing.fhir import fields, medication, patients, terms
from app.importing.fhir.entries import Resource
from app.importing.fhir.fields import Fields, ResourceError, with_rest
from app.wording import concept_label

_CODE = re.compile(r"[!-~]+")  # codes are printable ASCII without blanks
_MOST = 1e15  # numbers beyond are told by the extension: FHIR's decimals are no place for them


def to_bundle(cases: Iterable[Case], first: int = 0) -> Resource:
    """A bundle of type "collection". first: number of the first case, where a bundle is written in parts.

    Raises ValueError for a number that is not finite, which no case holds.
    """
    resources = [one for at, case in enumerate(cases, start=first + 1) for one in _case(case, f"p{at}")]
    listed = [
        {"fullUrl": f"{terms.MAILIU}/fhir/{one['resourceType']}/{one['id']}", "resource": one} for one in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", **({"entry": listed} if listed else {})}


def _case(case: Case, name: str) -> Iterator[Resource]:
    yield _patient(case, name)
    for at, visit in enumerate(case.visits, start=1):
        key = f"{name}-v{at}"
        yield _encounter(visit, key, name)
        around = {"subject": {"reference": f"Patient/{name}"}, "encounter": {"reference": f"Encounter/{key}"}}
        dated = _iso(visit.date)
        when = {"effectiveDateTime": dated} if dated else {}
        for n, observation in enumerate(visit.observations, start=1):
            yield _observation(observation, {"id": f"{key}-o{n}", **around, **when})
        for n, reading in enumerate(visit.pulses, start=1):
            yield _pulse(reading, {"id": f"{key}-m{n}", **around, **when})
        for n, diagnosis in enumerate(visit.diagnoses, start=1):
            yield _condition(diagnosis, {"id": f"{key}-d{n}", **around, **({"recordedDate": dated} if dated else {})})
        for n, prescription in enumerate(visit.prescriptions, start=1):
            asked = {**around, **({"authoredOn": dated} if dated else {})}
            yield from _prescription(prescription, f"{key}-r{n}", asked)


def _patient(case: Case, name: str) -> Resource:
    patient = case.patient
    resource: Resource = {"resourceType": "Patient", "id": name}
    if _sayable(patient.code):
        resource["identifier"] = [{"use": "usual", "system": terms.PATIENT_NUMBER, "value": patient.code}]
    if _sayable(patient.name):
        resource["name"] = [{"text": patient.name}]
    resource["gender"] = {"F": "female", "M": "male"}.get(patient.sex, "unknown")
    if birth := _iso(patient.birth_date):
        resource["birthDate"] = birth
    record = {**_plain(patient), "attributes": case.attributes}
    return with_rest(resource, record, _read(lambda: patients.patient(resource)[0]))


def _encounter(visit: Visit, key: str, patient: str) -> Resource:
    kind: Resource = {"coding": [{"system": terms.CONCEPT, "code": f"{terms.VISIT_KIND}{visit.kind.value}"}]}
    if _sayable(visit.label):
        kind["text"] = visit.label
    resource: Resource = {
        "resourceType": "Encounter",
        "id": key,
        "status": "finished",
        "class": {"system": terms.ACT_CODE, "code": "AMB"},
        "type": [kind],
        "subject": {"reference": f"Patient/{patient}"},
    }
    if date := _iso(visit.date):
        resource["period"] = {"start": date}
    names = ("number", "kind", "day", "basis", "date", "label", "text", "outcome")
    record = {name: value for name, value in _plain(visit).items() if name in names}
    return with_rest(resource, record, _read(lambda: patients.encounter(resource)))


def _observation(observation: Observation, around: Resource) -> Resource:
    code = _concept(observation.concept, _label(observation.concept))
    resource: Resource = {"resourceType": "Observation", "status": "final", "code": code, **around}
    if observation.negated:
        coding = {"system": terms.INTERPRETATION, "code": terms.NEGATIVE}
        resource["interpretation"] = [{"coding": [coding]}]
    if observation.kind == ValueKind.TEXT and _sayable(observation.text):
        resource["valueString"] = observation.text
    elif observation.kind == ValueKind.CODE and _CODE.fullmatch(observation.code):
        resource["valueCodeableConcept"] = _concept(observation.code, observation.raw)
    elif observation.number is not None and abs(observation.number) <= _MOST:
        resource["valueQuantity"] = _quantity(observation.number, observation.unit, observation.kind)
    return with_rest(resource, _plain(observation), _read(lambda: fields.observation(resource)))


def _quantity(number: float, unit: str, kind: ValueKind) -> Resource:
    quantity: Resource = {"value": number}
    code = terms.SCORE if kind == ValueKind.SCORE else terms.ucum(unit)
    if _sayable(unit):
        quantity["unit"] = unit
    return {**quantity, "system": terms.UCUM, "code": code} if code else quantity


def _pulse(reading: PulseReading, around: Resource) -> Resource:
    place = _concept(f"{reading.side.value}.{reading.position.value}", "")
    resource: Resource = {"resourceType": "Observation", "status": "final", **around}
    resource |= {"code": _concept(terms.PULSE, ""), "bodySite": place}
    value: Resource = {}
    if listed := [{"system": terms.CONCEPT, "code": term} for term in reading.terms if _CODE.fullmatch(term)]:
        value["coding"] = listed
    if _sayable(reading.raw):
        value["text"] = reading.raw
    if value:
        resource["valueCodeableConcept"] = value
    return with_rest(resource, _plain(reading), _read(lambda: fields.pulse(resource)))


def _condition(diagnosis: Diagnosis, around: Resource) -> Resource:
    resource: Resource = {"resourceType": "Condition", "code": _concept(diagnosis.code, diagnosis.text), **around}
    if _CODE.fullmatch(diagnosis.kind):
        resource["category"] = [_concept(f"{terms.DIAGNOSIS_KIND}{diagnosis.kind}", "")]
    return with_rest(resource, _plain(diagnosis), _read(lambda: fields.diagnosis(resource)))


def _prescription(prescription: Prescription, key: str, around: Resource) -> Iterator[Resource]:
    """A request for the formula, and one for each of its herbs, in one group."""
    asked = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", **around}
    asked["groupIdentifier"] = {"system": f"{terms.MAILIU}/prescription", "value": key}
    named = _concept("", prescription.formula)
    head: Resource = {**asked, "id": key, "category": [_concept(terms.PRESCRIPTION, "")]}
    head["medicationCodeableConcept"] = named
    if prescription.days is not None and 0 < prescription.days <= _MOST:
        lasting = {"value": prescription.days, "unit": "d", "system": terms.UCUM, "code": "d"}
        head["dispenseRequest"] = {"expectedSupplyDuration": lasting}
    record = {name: value for name, value in _plain(prescription).items() if name != "items"}
    yield with_rest(head, record, _read(lambda: medication.head(head)))
    for n, item in enumerate(prescription.items, start=1):
        yield _item(item, {**asked, "id": f"{key}-{n}", "basedOn": [{"reference": f"MedicationRequest/{key}"}]})


def _item(item: PrescriptionItem, asked: Resource) -> Resource:
    resource: Resource = {**asked, "category": [_concept(terms.HERB, "")]}
    resource["medicationCodeableConcept"] = _concept(item.herb, item.raw_name)
    dosage: Resource = {}
    if _sayable(item.raw_dose):
        dosage["text"] = item.raw_dose
    if item.grams is not None and abs(item.grams) <= _MOST:
        dosage["doseAndRate"] = [
            {"doseQuantity": {"value": item.grams, "unit": "g", "system": terms.UCUM, "code": "g"}}
        ]
    if _sayable(item.note):
        dosage["additionalInstruction"] = [{"text": item.note}]
    if dosage:
        resource["dosageInstruction"] = [dosage]
    return with_rest(resource, _plain(item), _read(lambda: fields.item(resource)))


def _concept(code: str, text: str) -> Resource:
    """A CodeableConcept of our own system, with words; "?" where there is neither a code nor words FHIR can hold."""
    concept: Resource = {}
    if _CODE.fullmatch(code):
        concept["coding"] = [{"system": terms.CONCEPT, "code": code}]
    if _sayable(text):
        concept["text"] = text
    return concept or {"text": "?"}


def _label(concept: str) -> str:
    return concept_label(concept)


def _sayable(text: str) -> bool:
    """Can a FHIR string hold the text? It is never empty, and has no control characters."""
    return bool(text.strip()) and all(character.isprintable() or character in "\t\r\n" for character in text)


def _iso(date: dt.date | None) -> str:
    return date.isoformat() if date is not None and date.year in YEARS else ""


def _read(reading: Callable[[], Fields]) -> Fields:
    try:
        return reading()
    except ResourceError:
        return {}


def _plain(record: Any) -> Fields:
    """A record's fields as JSON has them."""
    return {f.name: _json(getattr(record, f.name)) for f in dataclasses.fields(record)}


def _json(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_json(one) for one in value]
    return getattr(value, "value", value)
