"""Single resources to the fields of our records: what the standard elements say, then what our extension adds.

The writer reads back what it has written with these same functions, and puts into the extension exactly what did not
come back. So whatever record is written is read again as it was.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.domain.records import (
    ABSENT,
    PRESENT,
    Position,
    Side,
    ValueKind,
)
from app.domain.scores import SCALES, scale_of
from app.i18n import t
from app.importing import values
from app.importing.concepts import concept_of, syndrome_of
from app.importing.dates import YEARS
from app.importing.fhir import terms
from app.importing.fhir.entries import Resource, unsound
from app.importing.json_rows import parse

MAX_NAME = 200  # characters
MAX_TEXT = 20_000
R = TypeVar("R")
Fields = dict[str, Any]
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?", re.DOTALL)


class ResourceError(Exception):
    """A resource, or a part of it, that cannot be taken in. path: of the element; reason: in the user's language."""

    def __init__(self, path: str, value: object, reason: str) -> None:
        super().__init__(path, value, reason)
        self.path, self.value, self.reason = path, value, reason


def codings(concept: Resource | None, system: str | None = None) -> list[Resource]:
    """The codings of a CodeableConcept, of one system only where it is given."""
    listed = (concept or {}).get("coding") or []
    return [coding for coding in listed if system is None or coding.get("system") == system]


def own_code(concept: Resource | None) -> str:
    """The first code of our own system, "" where there is none."""
    return next((coding.get("code", "") for coding in codings(concept, terms.CONCEPT)), "")


def text_of(concept: Resource | None) -> str:
    """The words of a CodeableConcept: its text, else a display, else a code."""
    if not concept:
        return ""
    listed = codings(concept)
    shown = next((coding["display"] for coding in listed if coding.get("display")), "")
    return concept.get("text") or shown or next((coding["code"] for coding in listed if coding.get("code")), "")


def foreign_codes(concept: Resource | None) -> str:
    """The codes of other systems as one text: "http://loinc.org|718-7 ..."; "" where there is none."""
    listed = (coding for coding in codings(concept) if coding.get("system") != terms.CONCEPT and coding.get("code"))
    return " ".join(f"{coding.get('system', '')}|{coding['code']}" for coding in listed)


def date_of(text: object, path: str) -> dt.date | None:
    """The civil date of a FHIR date or dateTime, as written: a time zone moves no visit to another day.

    None where there is none. Raises ResourceError where the day is missing.
    """
    if not isinstance(text, str):
        return None
    found = _DATE.fullmatch(text)
    if not found:
        raise ResourceError(path, text, t("the day is missing"))
    try:
        date = dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ResourceError(path, text, t("there is no such day in the calendar")) from None
    if date.year not in YEARS:
        reason = t("the year is outside {low} to {high}", low=YEARS.start, high=YEARS.stop - 1)
        raise ResourceError(path, text, reason)
    return date


def rest_of(resource: Resource) -> Fields:
    """What our extension adds. Raises ResourceError where it is no JSON record."""
    for extension in resource.get("extension") or []:
        if extension.get("url") == terms.RECORD:
            path = f"{resource.get('resourceType', '')}.extension"
            try:
                rest = parse(extension.get("valueString") or "")
            except ValueError as error:
                raise ResourceError(path, extension.get("valueString"), str(error)) from error
            if not isinstance(rest, dict):
                raise ResourceError(path, extension.get("valueString"), t("not a record (names with values)"))
            if found := unsound(rest, path):
                raise ResourceError(*found)
            return rest
    return {}


def with_rest(resource: Resource, record: Fields, read: Fields) -> Resource:
    """The resource, extended by the fields of the record that were not read back from it."""
    rest = {name: value for name, value in record.items() if name not in read or read[name] != value}
    if rest:
        told = json.dumps(rest, ensure_ascii=True, allow_nan=False)
        resource["extension"] = [{"url": terms.RECORD, "valueString": told}]
    return resource


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def build(kind: type[R], fields: Fields, path: str) -> R:
    """A record from its fields as JSON has them. Raises ResourceError naming the field that does not fit."""
    try:
        return _adapter(kind).validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join([path, *(str(part) for part in first["loc"])])
        raise ResourceError(where, first.get("input"), t("it is of the wrong kind")) from error


def names(code: Resource | None, path: str) -> tuple[str, str]:
    """(concept code, its words) of what an Observation is about; "x." and the words where the vocabulary has none."""
    own = own_code(code)
    words = text_of(code)
    if own:
        return own, words
    if not words or len(words) > MAX_NAME or not words.isprintable():
        raise ResourceError(path, words, t("no name that can be read"))
    concept = concept_of(words)
    return (concept.code if concept else f"x.{words}"), words


def observation(resource: Resource, part: Resource | None = None) -> Fields:
    """Fields of an Observation, from the resource or one component of it. Raises ResourceError."""
    held = part or resource
    path = "Observation.component" if part else "Observation"
    concept, _words = names(held.get("code"), f"{path}.code")
    fields: Fields = {"concept": concept, "kind": ValueKind.NUMBER.value, "number": None, "unit": "", "code": ""}
    fields |= {"text": "", "negated": _is_negative(held), "raw": ""}
    if "valueQuantity" in held:
        fields |= _quantity(held["valueQuantity"], concept, f"{path}.valueQuantity")
    elif "valueInteger" in held:
        fields |= _quantity({"value": held["valueInteger"]}, concept, f"{path}.valueInteger")
    elif "valueString" in held:
        if len(held["valueString"]) > MAX_TEXT:
            reason = t("more than {n} characters", n=MAX_TEXT)
            raise ResourceError(f"{path}.valueString", held["valueString"], reason)
        fields |= {"kind": ValueKind.TEXT.value, "text": held["valueString"], "raw": held["valueString"]}
    elif "valueCodeableConcept" in held:
        fields |= _coded(held["valueCodeableConcept"])
    elif "valueBoolean" in held:
        fields |= _present(bool(held["valueBoolean"]))
    elif other := next((name for name in held if name.startswith("value")), ""):
        raise ResourceError(f"{path}.{other}", held[other], t("a value of a kind that is not read"))
    else:
        raise ResourceError(f"{path}.value", "", t("no value"))
    if foreign := foreign_codes(held.get("code")):
        fields["raw"] = f"{fields['raw']} [{foreign}]".strip()
    return fields


def _is_negative(held: Resource) -> bool:
    return any(
        coding.get("code") == terms.NEGATIVE
        for concept in held.get("interpretation") or []
        for coding in codings(concept, terms.INTERPRETATION)
    )


def _quantity(quantity: Resource, concept: str, path: str) -> Fields:
    if quantity.get("comparator"):
        reason = t("a bound, not a value: write the number itself or leave the cell empty")
        raise ResourceError(path, f"{quantity['comparator']}{quantity.get('value')}", reason)
    number, why = _number(quantity.get("value"))
    if number is None:
        raise ResourceError(path, quantity.get("value"), why or t("no value"))
    code = quantity.get("code", "") if quantity.get("system") == terms.UCUM else ""
    unit = "" if code == terms.SCORE else quantity.get("unit") or terms.from_ucum(code)
    is_score = code == terms.SCORE or (
        concept.startswith("sym.") and not unit and number in SCALES.get(scale_of(concept), ())
    )
    kind = ValueKind.SCORE if is_score else ValueKind.NUMBER
    return {"kind": kind.value, "number": number, "unit": unit, "raw": f"{number:g} {unit}".strip()}


def _number(value: object) -> tuple[float | None, str]:
    parsed = values.number(value) if isinstance(value, int | float | str) else values.Parsed()
    return (parsed.value if isinstance(parsed.value, float) else None), parsed.reason


def _coded(concept: Resource) -> Fields:
    words, own = text_of(concept), own_code(concept)
    if own:
        return {"kind": ValueKind.CODE.value, "code": own, "raw": words}
    raw = f"{words} [{foreign}]" if (foreign := foreign_codes(concept)) else words
    return {"kind": ValueKind.TEXT.value, "text": words, "raw": raw}


def _present(is_there: bool) -> Fields:
    """A sign that is there or not, as the coder of free text tells it."""
    told = {"kind": ValueKind.CODE.value, "number": float(is_there), "negated": not is_there}
    return {**told, "code": PRESENT if is_there else ABSENT, "raw": "true" if is_there else "false"}


def pulse(resource: Resource) -> Fields:
    """Fields of a PulseReading, of an Observation whose code is our own PULSE."""
    side, _, position = own_code(resource.get("bodySite")).partition(".")
    value = resource.get("valueCodeableConcept") or {}
    return {
        "side": side if side in set(Side) else Side.BOTH.value,
        "position": position if position in set(Position) else Position.WHOLE.value,
        "terms": [coding.get("code", "") for coding in codings(value, terms.CONCEPT)],
        "raw": value.get("text", ""),
    }


def diagnosis(resource: Resource) -> Fields:
    """Fields of a Diagnosis, of a Condition. Its kind is told by our category, else by code system and words."""
    code, words = own_code(resource.get("code")), text_of(resource.get("code"))
    told = next((own for category in resource.get("category") or [] if (own := own_code(category))), "")
    if told.startswith(terms.DIAGNOSIS_KIND):
        return {"kind": told.removeprefix(terms.DIAGNOSIS_KIND), "text": words, "code": code}
    if not code and (not words or not words.isprintable()):
        raise ResourceError("Condition.code", words, t("no name that can be read"))
    systems = [coding.get("system", "").casefold() for coding in codings(resource.get("code"))]
    syndrome = syndrome_of(words)
    if code.startswith("syn.") or (not code and syndrome):
        return {"kind": "syndrome", "text": words, "code": code or (syndrome.code if syndrome else "")}
    if code.startswith("ele."):
        return {"kind": "element", "text": words, "code": code}
    if foreign := foreign_codes(resource.get("code")):
        words = f"{words} [{foreign}]"
    is_western = any(known in system for system in systems for known in terms.WESTERN_SYSTEMS)
    if words.endswith(("证", "證")) or "证 [" in words:
        return {"kind": "syndrome", "text": words, "code": code}
    return {"kind": "western" if is_western else "disease", "text": words, "code": code}


def item(resource: Resource) -> Fields:
    """Fields of a PrescriptionItem, of a MedicationRequest of one herb as this product writes it."""
    medication = resource.get("medicationCodeableConcept")
    dosage = next(iter(resource.get("dosageInstruction") or []), {})
    notes: Iterable[str] = (text_of(one) for one in dosage.get("additionalInstruction") or [])
    return {
        "raw_name": text_of(medication),
        "herb": own_code(medication),
        "grams": grams(dosage),
        "processing": "",
        "note": "、".join(note for note in notes if note),
        "raw_dose": dosage.get("text", ""),
    }


def grams(dosage: Resource) -> float | None:
    """Grams of one day by a dosage's quantity; None where it has none in a unit of weight."""
    rate = next(iter(dosage.get("doseAndRate") or []), {})
    quantity = rate.get("doseQuantity") or {}
    number, _why = _number(quantity.get("value"))
    unit = quantity.get("code") or quantity.get("unit") or ""
    return None if number is None or quantity.get("comparator") else values.convert(number, unit, "g")


def days(resource: Resource) -> float | None:
    """Days a MedicationRequest lasts, or doses dispensed, one a day."""
    dispensed = resource.get("dispenseRequest") or {}
    lasting = dispensed.get("expectedSupplyDuration") or {}
    number, _why = _number(lasting.get("value"))
    unit = lasting.get("code") or lasting.get("unit") or "d"
    scale = {"d": 1.0, "天": 1.0, "日": 1.0, "wk": 7.0, "周": 7.0}.get(unit)
    if number is not None and scale:
        return number * scale
    quantity = dispensed.get("quantity") or {}
    number, _why = _number(quantity.get("value"))
    return number if quantity.get("unit") in ("剂", "付", "帖", "贴", "服") else None
