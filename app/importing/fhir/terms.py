"""The words of FHIR (R4) this product reads and writes: systems, units, and what has an address of our own."""

from __future__ import annotations

from app.importing import values

MAILIU = "https://mailiu.app"
CONCEPT = f"{MAILIU}/concept"  # system of the vocabulary's codes: sym.insomnia, syn.liver_qi, herb.huangqi ...
PATIENT_NUMBER = f"{MAILIU}/patient-number"  # system of the clinic's own numbers
RECORD = f"{MAILIU}/fhir/record"  # extension: JSON of the fields of our record that FHIR has no place for

PULSE = "pulse"  # codes of CONCEPT that are no concepts of the vocabulary
PRESCRIPTION, HERB = "prescription", "herb"
VISIT_KIND = "visit."
DIAGNOSIS_KIND = "diagnosis."

UCUM = "http://unitsofmeasure.org"
SCORE = "{score}"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
NEGATIVE = "NEG"

KINDS = ("Patient", "Encounter", "Observation", "Condition", "MedicationRequest")
WITHDRAWN = frozenset(("entered-in-error", "cancelled", "planned", "draft"))  # statuses of what did not happen
WESTERN_SYSTEMS = ("/sid/icd-9", "/sid/icd-10", "snomed.info/sct", "/icd/release/11", "/sid/icd-11", "icpc")
GENDERS = {"female": "F", "male": "M"}

# our spelling, folded by values.unit -> UCUM; others are written as text alone
_UCUM = {
    "kg": "kg", "g": "g", "mg": "mg", "ug": "ug", "cm": "cm", "m": "m", "mm": "mm", "mmhg": "mm[Hg]", "kpa": "kPa",
    "/min": "/min", "%": "%", "°c": "Cel", "h": "h", "min": "min", "s": "s", "ms": "ms", "l": "L", "ml": "mL",
    "g/l": "g/L", "g/dl": "g/dL", "mg/l": "mg/L", "mg/dl": "mg/dL", "mmol/l": "mmol/L", "umol/l": "umol/L",
    "nmol/l": "nmol/L", "pmol/l": "pmol/L", "ng/ml": "ng/mL", "pg/ml": "pg/mL", "u/l": "U/L", "iu/l": "[IU]/L",
    "10e9/l": "10*9/L", "10e12/l": "10*12/L", "kg/m2": "kg/m2", "mm/h": "mm/h",
}  # fmt: skip
_WRITTEN = {"mm[Hg]": "mmHg", "Cel": "°C", "[IU]/L": "IU/L", "10*9/L": "10^9/L", "10*12/L": "10^12/L", SCORE: ""}


def ucum(unit: str) -> str:
    """The UCUM code of a unit, "" where none is known."""
    return _UCUM.get(values.unit(unit), "")


def from_ucum(code: str) -> str:
    """A UCUM code as clinics write the unit."""
    return _WRITTEN.get(code, code)
