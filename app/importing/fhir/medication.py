"""Medication requests of one visit to prescriptions: as this product writes them, or one a herb, or one a formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.domain import herbs
from app.domain.prescription import items_of, parse_formula_text
from app.domain.records import Prescription, PrescriptionItem
from app.domain.units import UnitConvention
from app.importing.fhir import fields, terms
from app.importing.fhir.entries import Entry, Resource
from app.importing.fhir.fields import Fields, ResourceError, build, own_code, rest_of, text_of
from app.importing.report import ImportReport

_FORMULA_ENDS = ("汤", "散", "丸", "饮", "方", "膏", "丹", "煎", "剂")
Group = Sequence[tuple[Entry, Resource]]


def group_of(resource: Resource, number: int) -> str:
    """Requests of one visit with the same group are one prescription; single herbs without a group are one, too."""
    identifier = resource.get("groupIdentifier") or {}
    if identifier.get("value"):
        return f"{identifier.get('system', '')}|{identifier['value']}"
    return "" if herbs.match(text_of(resource.get("medicationCodeableConcept"))).herb else f"#{number}"


def role_of(resource: Resource) -> str:
    """PRESCRIPTION or HERB where this product wrote the request, else ""."""
    own = (own_code(category) for category in resource.get("category") or [])
    return next((code for code in own if code in (terms.PRESCRIPTION, terms.HERB)), "")


def head(resource: Resource) -> Fields:
    """Fields of a Prescription, its items aside."""
    named = text_of(resource.get("medicationCodeableConcept"))
    return {"formula": named, "days": fields.days(resource), "mode": "full", "raw": ""}


@dataclass(frozen=True, slots=True)
class Pharmacist:
    """Reads groups of requests; what cannot be read, or has no code, goes to the report with its entry."""

    report: ImportReport
    file: str
    convention: UnitConvention
    resolve: Callable[[Resource | None, Resource], Resource | None]  # a reference of the second resource

    def prescription(self, group: Group) -> Prescription | None:
        """None where nothing of the group could be read."""
        heads = [(entry, resource) for entry, resource in group if role_of(resource) == terms.PRESCRIPTION]
        items: list[PrescriptionItem] = []
        for entry, resource in group:
            if role_of(resource) == terms.PRESCRIPTION:
                continue
            if role_of(resource) == terms.HERB:
                items += self._own_item(entry, resource)
            else:
                items += self._items(entry, resource)
        self._count(items, group)
        if heads:
            return self._own_prescription(*heads[0], items)
        requests = [resource for _entry, resource in group]
        lasting = next((days for one in requests if (days := fields.days(one)) is not None and 0 < days <= 366), None)
        named = [name for one in requests if (name := self._formula(one))]
        if not items and not named:
            return None
        raw = "、".join(self._written(one) for one in requests)
        return Prescription(tuple(items), formula=named[0] if named else "", days=lasting, raw=raw)

    def _own_prescription(self, entry: Entry, resource: Resource, items: list[PrescriptionItem]) -> Prescription | None:
        told = {**head(resource), **rest_of(resource), "items": []}
        try:
            return replace(build(Prescription, told, "MedicationRequest.extension"), items=tuple(items))
        except ResourceError as fault:
            self._refuse(entry, fault)
            return None

    def _own_item(self, entry: Entry, resource: Resource) -> list[PrescriptionItem]:
        try:
            read = fields.item(resource) | rest_of(resource)
            return [build(PrescriptionItem, read, "MedicationRequest.extension")]
        except ResourceError as fault:
            self._refuse(entry, fault)
            return []

    def _items(self, entry: Entry, resource: Resource) -> list[PrescriptionItem]:
        """Of a foreign request: the ingredients of its medication, the herb it names, or the herbs in its words."""
        medication = self._medication(resource)
        if medication is not None and medication.get("ingredient"):
            return [item for part in medication["ingredient"] for item in self._ingredient(part)]
        named = self._name(resource)
        dosage = next(iter(resource.get("dosageInstruction") or []), {})
        if herbs.match(named).herb:
            found = items_of(named, dosage.get("text") or "", self.convention)
            weight = fields.grams(dosage)
            return [replace(one, grams=weight) if weight is not None and len(found) == 1 else one for one in found]
        notes = [note.get("text", "") for note in resource.get("note") or []]
        for words in (*notes, dosage.get("text") or "", named):
            found = parse_formula_text(words[: fields.MAX_TEXT], self.convention)
            if sum(bool(item.herb) for item in found) >= 2 or (words == named and any(item.herb for item in found)):
                return found
        if named.endswith(_FORMULA_ENDS):
            return []
        return list(items_of(named, dosage.get("text") or "", self.convention)) if named else []

    def _ingredient(self, part: Resource) -> Sequence[PrescriptionItem]:
        named = text_of(part.get("itemCodeableConcept"))
        strength = (part.get("strength") or {}).get("numerator") or {}
        dose = f"{strength.get('value', '')}{strength.get('unit') or strength.get('code') or ''}"
        return items_of(named, dose, self.convention) if named else ()

    def _medication(self, resource: Resource) -> Resource | None:
        return self.resolve(resource.get("medicationReference"), resource)

    def _name(self, resource: Resource) -> str:
        medication = self._medication(resource)
        told = resource.get("medicationCodeableConcept") or (medication or {}).get("code")
        return text_of(told) or (resource.get("medicationReference") or {}).get("display", "")

    def _formula(self, resource: Resource) -> str:
        named = self._name(resource)
        return named if named.endswith(_FORMULA_ENDS) and not herbs.match(named).herb else ""

    def _written(self, resource: Resource) -> str:
        dosage = next(iter(resource.get("dosageInstruction") or []), {})
        foreign = fields.foreign_codes(resource.get("medicationCodeableConcept"))
        return f"{self._name(resource)} {dosage.get('text', '')}{f' [{foreign}]' if foreign else ''}".strip()

    def _count(self, items: list[PrescriptionItem], group: Group) -> None:
        self.report.herb_items_total += len(items)
        self.report.herb_items_mapped += sum(bool(item.herb) for item in items)
        for item in items:
            if not item.herb:
                number = group[0][0].number
                self.report.unknown("herb", item.raw_name, self.file, number, "MedicationRequest.medication")

    def _refuse(self, entry: Entry, fault: ResourceError) -> None:
        self.report.refuse(self.file, entry.number, fault.path, fault.value, fault.reason)
