"""Bundles of other systems: what each resource becomes, and that a broken one is refused alone with its place."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, Diagnosis, Position, Side, ValueKind
from app.domain.units import UnitConvention
from app.importing.fhir import holds_fhir, read_bundle
from app.importing.report import ImportReport

LOINC, ICD = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "1",
    "identifier": [{"system": "urn:oid:1", "value": "ID9"}, {"use": "usual", "system": "urn:9", "value": " Ｐ０１ "}],
    "name": [{"family": "张", "given": ["三"]}],
    "gender": "female",
    "birthDate": "1984-02-03",
}  # fmt: skip
ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "AMB"},
    "subject": {"reference": "urn:uuid:p"},
    "period": {"start": "2024-01-05T23:30:00+08:00"},
    "reasonCode": [{"text": "失眠三月"}],
}


def about(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": kind,
        "subject": {"reference": "Patient/1"},
        "encounter": {"reference": "Encounter/e1"},
        **more,
    }


def observation(name: str, **more: Any) -> dict[str, Any]:
    return about("Observation", status="final", code={"text": name}, **more)


def request(name: str, **more: Any) -> dict[str, Any]:
    return about("MedicationRequest", status="active", intent="order", medicationCodeableConcept={"text": name}, **more)


def bundle(*resources: object) -> dict[str, Any]:
    first = [{"fullUrl": "urn:uuid:p", "resource": PATIENT}, {"fullUrl": "urn:uuid:e", "resource": ENCOUNTER}]
    return {"resourceType": "Bundle", "type": "collection", "entry": [*first, *({"resource": r} for r in resources)]}


def read(folder: Path, content: object, name: str = "a.json") -> tuple[list[Case], ImportReport]:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    assert holds_fhir(path)
    report = ImportReport()
    cases = read_bundle(path, UnitConvention.MODERN, report)
    assert report.rows_read == report.rows_accepted + report.rows_refused
    return cases, report


def test_a_patient_and_an_encounter_are_a_case_with_a_visit(tmp_path: Path):
    (case,), report = read(tmp_path, bundle())
    patient, (visit,) = case.patient, case.visits
    assert (patient.code, patient.name, patient.sex, patient.birth_date) == ("P01", "张三", "F", dt.date(1984, 2, 3))
    assert (visit.date, visit.day, visit.basis) == (dt.date(2024, 1, 5), 0, DateBasis.EXACT)
    assert visit.text == "失眠三月"
    assert (report.rows_read, report.refused) == (2, [])


def test_observations_keep_value_unit_and_the_codes_of_other_systems(tmp_path: Path):
    quantity = {"value": 6.3, "unit": "g/dL", "system": "http://unitsofmeasure.org", "code": "g/dL"}
    hemoglobin = observation("", valueQuantity=quantity)
    hemoglobin["code"] = {"coding": [{"system": LOINC, "code": "718-7", "display": "Hemoglobin"}]}
    celsius = {"value": 37, "system": "http://unitsofmeasure.org", "code": "Cel"}
    (case,), report = read(
        tmp_path,
        bundle(
            hemoglobin,
            observation("体温", valueQuantity=celsius),
            observation("失眠", valueInteger=4),
            observation("口苦", valueBoolean=False),
            observation("睡眠", valueString="尚可"),
            observation("舌象", valueString="舌淡红苔薄白"),
            observation("脉象", valueString="左弦右滑"),
        ),
    )
    assert not report.refused
    found = {o.concept: o for o in case.visits[0].observations}
    first = found["x.Hemoglobin"]
    assert (first.number, first.unit, first.raw) == (6.3, "g/dL", "6.3 g/dL [http://loinc.org|718-7]")
    assert (found["x.体温"].number, found["x.体温"].unit) == (37, "°C")
    assert (found["sym.insomnia"].kind, found["sym.insomnia"].number) == (ValueKind.SCORE, 4)
    assert found["sym.bitter_mouth"].negated
    assert found["x.睡眠"].text == "尚可"
    assert "ton.body_pink" in found
    assert {(p.side, p.position) for p in case.visits[0].pulses} == {
        (Side.LEFT, Position.WHOLE), (Side.RIGHT, Position.WHOLE),
    }  # fmt: skip


def test_components_are_observations_of_their_own_and_a_bad_one_is_refused_alone(tmp_path: Path):
    parts = [
        {"code": {"text": "收缩压"}, "valueQuantity": {"value": 120, "unit": "mmHg"}},
        {"code": {"text": "舒张压"}, "valueQuantity": {"value": 80, "comparator": "<", "unit": "mmHg"}},
    ]
    (case,), report = read(tmp_path, bundle(observation("血压", component=parts)))
    assert [(o.concept, o.number) for o in case.visits[0].observations] == [("x.收缩压", 120)]
    assert [(r.row, r.column, r.value) for r in report.refused] == [(3, "Observation.component.valueQuantity", "<80")]
    assert report.rows_refused == 0


def test_what_is_dated_on_another_day_or_has_no_encounter_makes_a_visit_of_its_day(tmp_path: Path):
    later = observation("体温", valueQuantity={"value": 38}, effectiveDateTime="2024-01-08T10:00:00Z")
    alone = {**observation("体温", valueQuantity={"value": 39}, effectiveDateTime="2024-01-10"), "encounter": {}}
    del alone["encounter"]
    same = {**alone, "code": {"text": "脉率"}}
    (case,), report = read(tmp_path, bundle(later, alone, same))
    assert not report.refused
    assert [(v.day, len(v.observations)) for v in case.visits] == [(0, 0), (3, 1), (5, 2)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ({"text": "心脾两虚证"}, "syndrome"),
        ({"text": "无名证"}, "syndrome"),
        ({"text": "不寐"}, "disease"),
        ({"text": "失眠症", "coding": [{"system": ICD, "code": "G47.0"}]}, "western"),
    ],
)
def test_a_condition_is_a_diagnosis_of_the_kind_its_system_and_words_tell(tmp_path: Path, code: dict, expected: str):
    (case,), _report = read(tmp_path, bundle(about("Condition", code=code)))
    (diagnosis,) = case.visits[0].diagnoses
    assert diagnosis.kind == expected
    assert diagnosis.text.startswith(code["text"])
    assert ("G47.0" in diagnosis.text) == (expected == "western")
    assert bool(diagnosis.code) == (code["text"] == "心脾两虚证")


def test_a_concept_of_our_own_system_is_taken_by_its_code(tmp_path: Path):
    coding = [{"system": "https://mailiu.app/concept", "code": "syn.heart_spleen_deficiency"}]
    (case,), _report = read(tmp_path, bundle(about("Condition", code={"text": "any", "coding": coding})))
    assert case.visits[0].diagnoses == (Diagnosis("syndrome", "any", "syn.heart_spleen_deficiency"),)


def test_single_herbs_of_a_visit_or_of_a_group_are_one_prescription(tmp_path: Path):
    def dose(grams: float, **more: Any) -> dict[str, Any]:
        return {"dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": grams, "unit": "g"}}]}], **more}

    group = {"groupIdentifier": {"value": "g7"}}
    lasting = {"dispenseRequest": {"quantity": {"value": 7, "unit": "剂"}}}
    (case,), report = read(
        tmp_path,
        bundle(
            request("黄芪", **dose(30)),
            request("白术", **dose(10)),
            request("当归", **dose(9, **group, **lasting)),
            request("乌有草", **dose(9, **group)),
        ),
    )
    loose, grouped = case.visits[0].prescriptions
    assert [(i.herb, i.grams) for i in loose.items] == [("herb.huangqi", 30), ("herb.baizhu", 10)]
    assert ([i.raw_name for i in grouped.items], grouped.days) == (["当归", "乌有草"], 7)
    assert [(u.kind, u.term) for u in report.unknown_terms] == [("herb", "乌有草")]


def test_a_formula_is_read_from_its_words_its_note_or_its_ingredients(tmp_path: Path):
    strength = {"numerator": {"value": 15, "unit": "g"}, "denominator": {"value": 1}}
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": [
            {"itemCodeableConcept": {"text": "黄芪"}, "strength": strength},
            {"itemCodeableConcept": {"text": "白术"}},
        ],
    }  # fmt: skip
    contained = request("", contained=[medication], medicationReference={"reference": "#m", "display": "某汤"})
    del contained["medicationCodeableConcept"]
    (case,), report = read(
        tmp_path,
        bundle(
            request("黄芪30g、白术10g"),
            request("归脾汤", note=[{"text": "黄芪15g 当归10g"}]),
            request("甘麦大枣汤"),
            contained,
        ),
    )
    assert not report.refused
    one, two, three, four = case.visits[0].prescriptions
    assert [(i.herb, i.grams) for i in one.items] == [("herb.huangqi", 30), ("herb.baizhu", 10)]
    assert (two.formula, len(two.items)) == ("归脾汤", 2)
    assert (three.formula, three.items) == ("甘麦大枣汤", ())
    assert (four.formula, [(i.herb, i.grams) for i in four.items]) == (
        "某汤", [("herb.huangqi", 15), ("herb.baizhu", None)],
    )  # fmt: skip


def test_what_was_withdrawn_or_is_of_another_kind_is_left_out_and_counted(tmp_path: Path):
    wrong = observation("体温", valueQuantity={"value": 38})
    wrong["status"] = "entered-in-error"
    (case,), report = read(tmp_path, bundle(wrong, {"resourceType": "Organization", "id": "o"}))
    assert not case.visits[0].observations
    assert not report.refused
    assert {entry["from"] for entry in report.normalised} == {"entered-in-error", "Organization"}


def broken(path: str, value: Any) -> dict[str, Any]:
    resource = copy.deepcopy(observation("体温", valueQuantity={"value": 38}))
    *inner, last = path.split(".")
    held: Any = resource
    for name in inner:
        held = held[name]
    held[last] = value
    return resource


@pytest.mark.parametrize(
    ("resource", "column"),
    [
        (broken("valueQuantity.value", "warm"), "Observation.valueQuantity.value"),
        (broken("valueQuantity.value", 10**400), "Observation.valueQuantity"),
        (broken("valueQuantity.value", None), "Observation.valueQuantity"),
        (broken("colour", "red"), "Observation.colour"),
        (broken("code.text", "\ud800"), "Observation.code.text"),
        (broken("effectiveDateTime", "2024"), "Observation.effectiveDateTime"),
        (broken("effectiveDateTime", "1024-01-01"), "Observation.effectiveDateTime"),
        (broken("valueString", "x"), "Observation"),
        (broken("subject.reference", "Patient/2"), "Observation.subject"),
        ({**broken("id", "a"), "encounter": {"reference": "Encounter/9"}}, "Observation.encounter"),
        ({"resourceType": "Bundle"}, "resourceType"),
        ("text", "resourceType"),
        (None, "resourceType"),
    ],
)
def test_a_broken_resource_is_refused_alone_with_entry_path_and_reason(tmp_path: Path, resource: object, column: str):
    good = observation("脉率", valueQuantity={"value": 70})
    (case,), report = read(tmp_path, bundle(resource, good))
    assert [o.concept for o in case.visits[0].observations] == ["x.脉率"]
    (refusal,) = report.refused
    assert (refusal.row, refusal.column) == (3, column)
    assert refusal.reason
    assert report.rows_refused == 1


def test_a_refused_patient_takes_its_resources_along(tmp_path: Path):
    other = {**PATIENT, "id": "2", "identifier": [{"value": "p01"}]}
    cases, report = read(
        tmp_path, bundle(other, {**about("Condition", code={"text": "不寐"}), "subject": {"reference": "Patient/2"}})
    )
    assert len(cases) == 1
    assert [(r.row, r.column) for r in report.refused] == [(3, "Patient.identifier"), (4, "Condition.subject")]


def test_a_patient_without_a_whole_birth_date_is_kept_without_it(tmp_path: Path):
    content = bundle()
    content["entry"][0] = {"fullUrl": "urn:uuid:p", "resource": {**PATIENT, "birthDate": "1984-02"}}
    (case,), report = read(tmp_path, content)
    assert case.patient.birth_date is None
    assert [(r.row, r.column, r.value) for r in report.refused] == [(1, "Patient.birthDate", "1984-02")]


def test_lines_of_resources_are_read_by_line_and_a_broken_line_is_refused_alone(tmp_path: Path):
    lines = [PATIENT, {**ENCOUNTER, "subject": {"reference": "http://host/fhir/Patient/1/_history/3"}}]
    text = "\n".join([*map(json.dumps, lines), "{", "", json.dumps(about("Condition", code={"text": "不寐"}))])
    (case,), report = read(tmp_path, text, "a.ndjson")
    assert case.visits[0].diagnoses == (Diagnosis("disease", "不寐"),)
    assert [r.row for r in report.refused] == [3]


def test_a_table_in_json_is_no_fhir_and_broken_json_is_refused(tmp_path: Path):
    (tmp_path / "a.json").write_text('[{"patient": 1}]', encoding="utf-8")
    (tmp_path / "b.csv").write_text('"resourceType": "Patient"', encoding="utf-8")
    assert not holds_fhir(tmp_path / "a.json")
    assert not holds_fhir(tmp_path / "b.csv")
    (tmp_path / "c.json").write_text('{"resourceType": "Bundle", ', encoding="utf-8")
    with pytest.raises(KnownError, match=r"c\.json"):
        read_bundle(tmp_path / "c.json", UnitConvention.MODERN, ImportReport())


@pytest.mark.parametrize("rest", ["{", "[]", '{"number": 1e400}', '{"number": "x"}', '{"negated": []}'])
def test_a_forged_extension_is_refused_with_its_path(tmp_path: Path, rest: str):
    forged = observation("体温", valueQuantity={"value": 38})
    forged["extension"] = [{"url": "https://mailiu.app/fhir/record", "valueString": rest}]
    (case,), report = read(tmp_path, bundle(forged))
    assert not case.visits[0].observations
    assert report.refused[0].column.startswith("Observation.extension")


def test_visits_that_claim_the_same_number_are_placed_by_their_dates(tmp_path: Path):
    told = json.dumps({"number": 1, "day": 5, "basis": "exact", "kind": "first"})
    extended = {**ENCOUNTER, "extension": [{"url": "https://mailiu.app/fhir/record", "valueString": told}]}
    same = [{**extended, "id": f"x{n}", "period": {"start": f"2024-02-0{n}"}} for n in (1, 2)]
    (case,), _report = read(tmp_path, bundle(*same))
    assert [visit.number for visit in case.visits] == [1, 2, 3]


def test_reading_can_be_stopped(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(bundle(*[observation("体温", valueInteger=37)] * 300)), encoding="utf-8")
    with pytest.raises(KnownError, match="stopped"):
        read_bundle(path, UnitConvention.MODERN, ImportReport(), cancelled=lambda: True)
