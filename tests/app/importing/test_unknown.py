"""Terms no vocabulary knows are counted for the review, each with the place where it was first met."""

from __future__ import annotations

from pathlib import Path

from app.importing.report import ImportReport
from tests.app.importing.tables_in_text import cases_of


def told(report: ImportReport) -> list[tuple[str, str, int, int, str]]:
    return [(u["kind"], u["term"], u["count"], u["row"], u["column"]) for u in report.to_dict()["unknown"]]


def test_terms_are_counted_once_each_the_commonest_first():
    report = ImportReport()
    report.unknown("herb", "甲草", "a.csv", 2, "处方")
    for row in (3, 4):
        report.unknown("herb", " 乙草", "a.csv", row, "处方")
    report.unknown("herb", "乙草", "b.csv", 9, "药")
    report.unknown("pulse", "甲草", "b.csv", 9, "脉")
    assert told(report) == [
        ("herb", "乙草", 3, 3, "处方"), ("herb", "甲草", 1, 2, "处方"), ("pulse", "甲草", 1, 9, "脉"),
    ]  # fmt: skip
    assert report.to_dict()["unknown"][0]["file"] == "a.csv"
    assert any("乙草" in line and "3" in line for line in report.summary())


def test_a_wide_table_tells_its_unknown_herbs_signs_syndromes_and_units(tmp_path: Path):
    text = (
        "病历号,就诊日期,证型,舌质,脉象,处方,指数(古斗)\n"
        "1,2024-01-01,心脾两虚证,淡红,弦,黄芪30g、乌有草10g,1\n"
        "1,2024-01-08,无名证,怪状,弦怪,乌有草10g,2\n"
    )
    _cases, report = cases_of(tmp_path, text)
    assert told(report) == [
        ("herb", "乌有草", 2, 2, "处方"),
        ("pulse", "怪", 1, 3, "脉象"),
        ("syndrome", "无名证", 1, 3, "证型"),
        ("tongue", "怪状", 1, 3, "舌质"),
        ("unit", "古斗", 1, 1, "指数(古斗)"),
    ]


def test_a_long_table_tells_its_unknown_units_and_treatments(tmp_path: Path):
    text = (
        "patient,time,variable,value,unit\n"
        "1,0,bili,2,mg/dl\n1,0,treatment:乌有草,9,g\n1,0,treatment:黄芪,9,g\n1,7,rank,2,古斗\n1,8,rank,3,古斗\n"
    )
    _cases, report = cases_of(tmp_path, text)
    assert told(report) == [("unit", "古斗", 2, 5, "unit"), ("herb", "乌有草", 1, 3, "variable")]


def test_a_table_of_known_terms_leaves_nothing_to_review(tmp_path: Path):
    text = "病历号,就诊日期,证型,舌质,脉象,处方,体重(kg)\n1,2024-01-01,心脾两虚证,淡红,弦滑,黄芪30g,60\n"
    _cases, report = cases_of(tmp_path, text)
    assert told(report) == []
    assert not any("词表" in line for line in report.summary())
