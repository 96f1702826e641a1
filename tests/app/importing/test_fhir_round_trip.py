"""Whatever case is written as FHIR is read again as it was, and what is written is valid FHIR R4."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.records import Case
from app.domain.units import UnitConvention
from app.importing.fhir import read_bundle, to_bundle
from app.importing.report import ImportReport
from tests.app.importing.tables_in_text import cases_of
from tests.app.store.arbitrary_cases import arbitrary


def read_again(cases: list[Case]) -> tuple[list[Case], ImportReport]:
    report = ImportReport()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_text(json.dumps(to_bundle(cases), allow_nan=False), encoding="utf-8")
        return read_bundle(path, UnitConvention.MODERN, report), report


@settings(
    max_examples=150, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.lists(arbitrary(), max_size=3))
def test_any_cases_come_back_as_they_were(cases: list[Case]):
    again, report = read_again(cases)
    assert again == cases
    assert not report.refused
    Bundle.model_validate(to_bundle(cases))


CLINIC = (
    "病历号,姓名,性别,年龄,出生日期,就诊日期,诊次,主诉,诊断,证型,失眠,体重(kg),舌质,脉象,左关,方名,处方,剂数,疗效,现病史\n"
    "1,张三,女,40,1984-02-03,2024-01-01,1,失眠,不寐,心脾两虚证,6,61.5,淡,弦滑,弦,归脾汤,黄芪15g、白术10g,7,,夜寐不安，口苦\n"
    "1,张三,女,40,1984-02-03,2024-01-09,2,失眠,不寐,心脾两虚证,4,61,淡,弦,弦,归脾汤,去白术加当归10g,7,有效,不渴\n"
)


def test_a_clinic_table_says_in_standard_elements_what_they_can_hold(tmp_path: Path):
    cases, _report = cases_of(tmp_path, CLINIC)
    bundle = to_bundle(cases.values())
    Bundle.model_validate(bundle)
    resources = [entry["resource"] for entry in bundle["entry"]]
    weight = next(one for one in resources if one.get("valueQuantity", {}).get("unit") == "kg")
    assert weight["valueQuantity"] == {
        "value": 61.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg",
    }  # fmt: skip
    assert weight["effectiveDateTime"] == "2024-01-01"
    patient = resources[0]
    assert (patient["gender"], patient["birthDate"], patient["name"]) == ("female", "1984-02-03", [{"text": "张三"}])
    herbs = [r for r in resources if r["resourceType"] == "MedicationRequest" and "basedOn" in r]
    assert herbs[0]["medicationCodeableConcept"]["coding"][0]["code"] == "herb.huangqi"
    assert herbs[0]["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 15
    assert not any("extension" in one for one in herbs)
    again, _report = read_again(list(cases.values()))
    assert again == list(cases.values())


def test_a_written_bundle_goes_through_the_reading_of_files(tmp_path: Path):
    cases, _report = cases_of(tmp_path, CLINIC)
    again, report = read_again(list(cases.values()))
    assert (report.rows_read, report.rows_refused) == (report.rows_accepted, 0)
    assert report.herb_items_mapped == report.herb_items_total > 0
    assert len(again) == 1


def test_no_cases_are_a_bundle_without_entries():
    assert to_bundle([]) == {"resourceType": "Bundle", "type": "collection"}
