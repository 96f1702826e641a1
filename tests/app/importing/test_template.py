"""The template explains itself, offers the vocabulary's terms, and comes back without a mapping."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.errors import KnownError
from app.domain.records import Case
from app.domain.vocabulary import core
from app.importing.mapping import suggest
from app.importing.people import People
from app.importing.readers import read_table
from app.importing.report import ImportReport
from app.importing.roles import Role
from app.importing.tables import EXAMPLE
from app.importing.template import DATA, HELP, LISTS, columns, write_template
from app.importing.wide_table import WideReader


def filled(path: Path, rows: list[dict[str, object]], symptoms: tuple[str, ...] | None = None) -> Path:
    write_template(path) if symptoms is None else write_template(path, symptoms)
    book = load_workbook(path)
    sheet = book[DATA]
    assert isinstance(sheet, Worksheet)
    at = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, start=3):
        for header, value in row.items():
            sheet.cell(number, at[header], value)  # type: ignore[arg-type]
    book.save(path)
    return path


def imported(path: Path) -> tuple[dict[str, Case], ImportReport]:
    report = ImportReport()
    people = People(report)
    table = read_table(path)
    reader = WideReader(suggest(table), people, report)
    for _count in reader.read(table):
        """Every row is read."""
    return {case.patient.code: case for case in people.cases()}, report


FIRST = {
    "病历号": "007", "姓名": "张三", "性别": "男", "年龄": 40, "就诊日期": "2024-01-05", "初复诊": "初诊",
    "失眠": 4, "口苦": "2", "舌质": "舌红", "舌苔": "苔黄，苔腻", "脉象": "弦滑", "左关": "弦", "证型": "肝火扰心证",
    "处方": "黄芪15g、白术10g", "剂数": 7,
}  # fmt: skip
SECOND = {"病历号": "007", "就诊日期": dt.date(2024, 1, 12), "初复诊": "复诊", "失眠": 2, "处方": "去白术加当归10g"}


def test_a_filled_template_is_read_without_a_mapping_and_without_its_example(tmp_path: Path):
    cases, report = imported(filled(tmp_path / "a.xlsx", [FIRST, SECOND]))
    assert set(cases) == {"007"}
    first, second = cases["007"].visits
    assert (first.date, second.day) == (dt.date(2024, 1, 5), 7)
    assert {o.concept: o.number for o in first.observations if o.concept.startswith("sym.")} == {
        "sym.insomnia": 4, "sym.bitter_mouth": 2,
    }  # fmt: skip
    assert {"ton.body_red", "ton.coat_yellow", "ton.coat_greasy"} <= {o.concept for o in first.observations}
    assert len(first.pulses) == 2
    assert [item.herb for item in second.prescriptions[0].items] == ["herb.huangqi", "herb.danggui"]
    assert not report.refused
    assert [note for note in read_table(tmp_path / "a.xlsx").notes if note[0] == EXAMPLE]


def test_an_unfilled_template_has_no_rows_but_every_column_is_known(tmp_path: Path):
    write_template(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx")
    assert list(table.rows()) == []
    mapping = suggest(table)
    assert [header for header, role in mapping.columns.items() if role == Role.IGNORE] == []


def test_every_choice_of_the_lists_finds_its_code_when_it_is_read_back(tmp_path: Path):
    concepts = core()
    laid_out = {column.header: column for column in columns()}
    rows: list[dict[str, object]] = []
    for header, kind in (("舌质", "tongue"), ("舌苔", "tongue"), ("脉象", "pulse"), ("证型", "syndrome")):
        for choice in laid_out[header].choices:
            assert concepts.find(choice, kind) is not None, choice
            rows.append({"病历号": f"{header}{choice}", "就诊日期": "2024-01-05", header: choice})
    cases, report = imported(filled(tmp_path / "a.xlsx", rows))
    assert len(cases) == len(rows)
    assert report.unknown_terms == []
    assert report.refused == []


def test_each_column_has_help_and_the_lists_lie_on_a_hidden_sheet(tmp_path: Path):
    write_template(tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    sheet, lists = book[DATA], book[LISTS]
    assert isinstance(sheet, Worksheet)
    assert isinstance(lists, Worksheet)
    assert book.sheetnames == [DATA, HELP, LISTS]
    assert lists.sheet_state == "hidden"
    assert all(cell.comment is not None and cell.comment.text for cell in sheet[1])
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    sex = next(rule for place, rule in rules.items() if place.startswith("C2"))
    assert sex.showErrorMessage
    for rule in rules.values():
        column, last = rule.formula1.split("!")[1].replace("$", "").split(":")
        listed = [cell.value for (cell,) in lists[f"{column}:{last}"]]
        assert listed
        assert all(isinstance(value, str) for value in listed)
    assert not any(cell.data_type == "f" for page in (sheet, lists) for row in page.iter_rows() for cell in row)


def test_the_help_is_told_in_chinese_and_in_english(tmp_path: Path):
    write_template(tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")[HELP]
    assert isinstance(sheet, Worksheet)
    words = [str(row[1].value) for row in sheet.iter_rows()]
    assert "填写说明" in words
    assert "How to fill in this workbook" in words
    assert words.index("填写说明") < words.index("How to fill in this workbook")


def test_the_symptoms_are_the_clinics_choice(tmp_path: Path):
    path = filled(tmp_path / "a.xlsx", [{"病历号": "1", "就诊日期": "2024-01-05", "恶寒": 6}], ("sym.chills",))
    cases, _report = imported(path)
    assert [(o.concept, o.number) for o in cases["1"].visits[0].observations] == [("sym.chills", 6)]
    for wrong in (("sym.none",), ("ton.body_red",), ("sym.chills", "sym.chills")):
        with pytest.raises(KnownError):
            write_template(tmp_path / "b.xlsx", wrong)
    assert not (tmp_path / "b.xlsx").exists()


def test_a_clinics_own_column_is_a_measurement_with_its_unit(tmp_path: Path):
    path = filled(tmp_path / "a.xlsx", [FIRST, {**SECOND, "年龄": 40}])
    book = load_workbook(path)
    sheet = book[DATA]
    assert isinstance(sheet, Worksheet)
    last = sheet.max_column + 1
    for row, value in ((1, "体重(kg)"), (3, 61.5), (4, 61)):
        sheet.cell(row, last, value)
    book.save(path)
    cases, _report = imported(path)
    assert [(o.number, o.unit) for v in cases["007"].visits for o in v.observations if o.concept == "x.体重"] == [
        (61.5, "kg"), (61, "kg"),
    ]  # fmt: skip
