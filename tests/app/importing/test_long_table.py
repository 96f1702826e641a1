"""Long tables: measurements become visits by patient and time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from app.domain.records import DateBasis, ValueKind, VisitKind
from app.importing.mapping import Mapping, Variable
from app.importing.roles import Role
from app.importing.run import import_files
from tests.app.importing.tables_in_text import cases_of, refused, rules

HEAD = "patient,time,variable,value,unit\n"


def test_rows_of_one_patient_and_time_are_one_visit(tmp_path: Path):
    cases, report = cases_of(tmp_path, HEAD + "1,0,bili,1.2,\n1,0,alb,3.5,\n1,7.5,bili,1.1,\n2,0,bili,9,\n")
    first, second = cases["1"].visits
    assert [(o.concept, o.number) for o in first.observations] == [("x.bili", 1.2), ("x.alb", 3.5)]
    assert (second.day, second.number, second.kind, second.basis) == (7.5, 2, VisitKind.FOLLOW_UP, DateBasis.EXACT)
    assert report.rows_accepted == 4
    assert report.refused == []


def test_dates_give_days_since_the_first_visit_whatever_the_order_of_rows(tmp_path: Path):
    cases, _ = cases_of(tmp_path, "id,date,variable,value\n1,2024-03-11,x,2\n1,2024-03-01,x,1\n")
    assert [(v.day, v.date) for v in cases["1"].visits] == [(0, dt.date(2024, 3, 1)), (10, dt.date(2024, 3, 11))]


def test_a_clock_that_starts_elsewhere_is_counted_from_the_first_visit_and_told(tmp_path: Path):
    cases, report = cases_of(tmp_path, HEAD + "1,-30,x,1,\n1,5,x,2,\n")
    assert [v.day for v in cases["1"].visits] == [0, 35]
    assert ("-30", "0") in rules(report)


def test_hours_become_days(tmp_path: Path):
    cases, _ = cases_of(tmp_path, "id,hours,variable,value\n1,0,x,1\n1,12,x,2\n")
    assert cases["1"].visits[1].day == pytest.approx(0.5)


def test_an_equal_repeat_is_merged_and_a_different_one_refused(tmp_path: Path):
    cases, report = cases_of(tmp_path, HEAD + "1,0,x,1,\n1,0,x,1.0,\n1,0,x,2,\n")
    assert [o.number for o in cases["1"].visits[0].observations] == [1.0]
    assert refused(report) == [(4, "value", "2")]
    assert report.rows_accepted == 2


@pytest.mark.parametrize("value", ["<0.1", "0.1↓", "high", "inf", "9" * 16])
def test_a_value_that_is_no_number_is_refused_with_row_and_column(tmp_path: Path, value: str):
    rows = "".join(f"1,{day},x,{day},\n" for day in range(5))
    _, report = cases_of(tmp_path, HEAD + rows + f"1,9,x,{value},\n")
    assert refused(report) == [(7, "value", value)]
    assert report.refused[0].reason


def test_text_is_taken_where_the_mapping_says_so(tmp_path: Path):
    mapping = Mapping(
        kind="long",
        columns={"patient": Role.PATIENT, "time": Role.TIME, "variable": Role.VARIABLE, "value": Role.VALUE},
        variables={"mood": Variable(name="mood", kind=ValueKind.TEXT)},
    )
    cases, report = cases_of(tmp_path, HEAD + "1,0,mood,<0.1,\n", mapping)
    assert cases["1"].visits[0].observations[0].text == "<0.1"
    assert report.refused == []


def test_a_missing_value_is_an_empty_visit_and_is_counted(tmp_path: Path):
    cases, report = cases_of(tmp_path, HEAD + "1,0,x,NA,\n1,3,x,1,\n")
    assert [len(v.observations) for v in cases["1"].visits] == [0, 1]
    assert rules(report) == {("NA", ""): 1}


def test_rows_without_a_time_are_facts_of_the_patient(tmp_path: Path):
    text = HEAD + "1,,sex,f,\n1,,age,58.5,\n1,,arm,placebo,\n1,0,x,1,\n"
    cases, report = cases_of(tmp_path, text)
    assert (cases["1"].patient.sex, cases["1"].patient.age) == ("F", 58.5)
    assert cases["1"].attributes == {"arm": "placebo"}
    assert report.refused == []


def test_a_measurement_that_lost_its_time_is_refused(tmp_path: Path):
    _, report = cases_of(tmp_path, HEAD + "1,0,x,1,\n1,,x,2,\n")
    assert refused(report) == [(3, "time", "")]


def test_a_patient_of_facts_alone_has_no_visit_and_is_refused(tmp_path: Path):
    cases, report = cases_of(tmp_path, HEAD + "1,0,x,1,\n2,,arm,a,\n")
    assert list(cases) == ["1"]
    assert refused(report) == [(3, "time", "")]


def test_static_columns_that_contradict_themselves_are_told_once(tmp_path: Path):
    text = "patient,time,variable,value,sex,trt\n" + "1,0,x,1,f,1\n1,1,x,1,f,1\n1,2,x,1,m,1\n1,3,x,1,m,1\n"
    cases, report = cases_of(tmp_path, text)
    assert cases["1"].patient.sex == "F"
    assert refused(report) == [(4, "sex", "m")]
    assert report.rows_accepted == 4


def test_units_are_converted_only_where_that_is_exact(tmp_path: Path):
    rows = "".join(f"1,{day},cr,0.08,mmol/L\n" for day in range(3))
    cases, report = cases_of(tmp_path, HEAD + rows + "1,8,cr,90,umol/L\n1,9,cr,1,mg/dL\n")
    assert cases["1"].visits[3].observations[0].number == pytest.approx(0.09)
    assert refused(report) == [(6, "value", "1")]
    assert ("90 umol/L", "0.09 mmol/L") in rules(report)


def test_limits_of_the_mapping_are_held(tmp_path: Path):
    mapping = Mapping(
        kind="long",
        columns={"patient": Role.PATIENT, "time": Role.TIME, "variable": Role.VARIABLE, "value": Role.VALUE},
        variables={"x": Variable(name="x", lower=0, upper=10)},
    )
    _, report = cases_of(tmp_path, HEAD + "1,0,x,11,\n1,1,x,10,\n", mapping)
    assert refused(report) == [(2, "value", "11")]


def test_treatments_become_a_prescription_in_grams(tmp_path: Path):
    cases, report = cases_of(tmp_path, HEAD + "1,0,treatment:黄芪,30,g\n1,0,treatment:白术,1500,mg\n1,0,x,1,\n")
    items = cases["1"].visits[0].prescriptions[0].items
    assert [(item.herb, item.grams) for item in items] == [("herb.huangqi", 30.0), ("herb.baizhu", 1.5)]
    assert (report.herb_items_total, report.herb_items_mapped) == (2, 2)


def test_a_chinese_symptom_is_the_concept_of_the_vocabulary(tmp_path: Path):
    cases, _ = cases_of(tmp_path, HEAD + "1,0,失眠,6,\n1,7,失眠,4,\n")
    observation = cases["1"].visits[0].observations[0]
    assert (observation.concept, observation.kind) == ("sym.insomnia", ValueKind.SCORE)


def test_patient_numbers_that_differ_in_width_case_and_space_are_one_patient(tmp_path: Path):
    cases, report = cases_of(tmp_path, HEAD + "P001,0,x,1,\nＰ００１,1,x,1,\n p001 ,2,x,1,\n")
    assert list(cases) == ["P001"]
    assert len(cases["P001"].visits) == 3
    assert ("Ｐ００１", "P001") in rules(report)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",0,x,1,", "patient"),
        ("1,0,,1,", "variable"),
        ("1,soon,x,1,", "time"),
        ("1,1e9,x,1,", "time"),
        (f"{'9' * 101},0,x,1,", "patient"),
    ],
)
def test_a_row_that_lacks_what_it_needs_is_refused_by_column(tmp_path: Path, row: str, column: str):
    _, report = cases_of(tmp_path, HEAD + "1,0,x,1,\n" + row + "\n")
    assert [entry[:2] for entry in refused(report)] == [(3, column)]


def test_the_pbc_trial_imports_whole(tmp_path: Path):
    from tests.benchmarks.datasets import write_pbc

    write_pbc(tmp_path / "pbc.csv")
    report = import_files([tmp_path / "pbc.csv"], None, dry_run=True)
    assert (report.patients, report.visits) == (312, 1945)
    assert (report.rows_read, report.rows_refused) == (17505, 0)
    assert report.mapping is not None
    assert report.mapping.columns["trt"] == Role.STATIC


def test_the_first_unit_given_is_the_variables_from_then_on(tmp_path: Path):
    columns = {"patient": Role.PATIENT, "time": Role.TIME, "variable": Role.VARIABLE, "value": Role.VALUE}
    mapping = Mapping(kind="long", columns={**columns, "unit": Role.UNIT})
    cases, _ = cases_of(tmp_path, HEAD + "1,0,x,1,\n1,1,x,1,g/L\n1,2,x,1,\n1,3,x,1,g/dL\n", mapping)
    found = [(v.observations[0].number, v.observations[0].unit) for v in cases["1"].visits]
    assert found == [(1.0, ""), (1.0, "g/L"), (1.0, "g/L"), (10.0, "g/L")]


def test_an_unknown_unit_is_reported_though_all_else_of_its_row_is_known(tmp_path: Path):
    rows = "".join(
        f"P1,2024-01-0{day},{name},{day},{unit}\n" for day in (1, 2) for name, unit in (("A", ""), ("B", ""))
    )
    _, report = cases_of(tmp_path, "patient,date,variable,value,unit\n" + rows.replace("02,B,2,", "02,B,2,furlong"))
    assert [unknown.term for unknown in report.unknown_terms] == ["furlong"]


def test_rows_with_cells_too_many_tell_nothing_about_their_variable(tmp_path: Path):
    text = (
        "patient,date,variable,value,unit\n" + "P1,2024-01-01,PLT,120,000,/ul\n" * 2 + "P1,2024-01-02,PLT,90000,/ul\n"
    )
    cases, report = cases_of(tmp_path, text)
    assert (report.rows_accepted, report.rows_refused) == (1, 2)
    assert [o.number for o in cases["P1"].visits[0].observations] == [90000.0]
