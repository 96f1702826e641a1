"""What a report says, before it looks like anything."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, Observation, Patient, Prescription, PrescriptionItem, ValueKind
from app.reporting import build_report
from app.reporting.build import shown_visits
from app.reporting.model import CourseTable, Row
from tests.app.reporting.conftest import card, make_case, make_forecast, visit


def row(table: CourseTable, label: str) -> Row:
    return next(r for r in table.rows if r.label == label)


def texts(table: CourseTable, label: str) -> list[str]:
    return [cell.text for cell in row(table, label).cells]


def test_a_short_course_stands_in_one_table(case):
    report = build_report(case)
    (table,) = report.tables
    assert [c.title for c in table.columns] == ["第 1 诊", "第 2 诊", "第 3 诊"]
    assert [c.date for c in table.columns] == ["2024-03-04", "2024-03-11", "2024-03-18"]
    assert table.columns[2].day == "第 14 天"
    assert table.title == ""


def test_a_long_course_shows_the_first_and_the_most_recent_visits():
    report = build_report(make_case(16))
    numbers = [c.title for table in report.tables for c in table.columns]
    assert numbers == ["第 1 诊", *(f"第 {n} 诊" for n in range(6, 17))]
    assert [len(table.columns) for table in report.tables] == [6, 6]
    assert report.tables[0].title == "第 1 诊，第 6 诊至第 10 诊"
    assert "共 16 诊，此处列首诊与最近 11 诊" in report.table_note


def test_visits_are_spread_evenly_over_the_tables():
    assert shown_visits(12) == list(range(12))
    assert [len(t.columns) for t in build_report(make_case(7)).tables] == [4, 3]


def test_scores_carry_arrows_against_the_record_before():
    course = (visit(1, {"sym.insomnia": 4}), visit(2, {}), visit(3, {"sym.insomnia": 2}), visit(4, {"sym.insomnia": 6}))
    (table,) = build_report(Case(Patient("A"), course)).tables
    cells = row(table, "失眠").cells
    assert [c.text for c in cells] == ["4", "", "2", "6"]
    assert [c.trend for c in cells] == ["", "", "down", "up"]


def test_a_total_says_where_a_neighbouring_score_stands_in():
    course = (visit(1, {"sym.insomnia": 4}), visit(2, {"sym.insomnia": 2, "sym.palpitation": 2}), visit(3, {}))
    (table,) = build_report(Case(Patient("A"), course)).tables
    assert texts(table, "症状总分") == ["6*", "4", "4*"]


def test_tongue_pulse_syndrome_formula_and_doses_are_in_words(case):
    (table,) = build_report(case).tables
    assert texts(table, "舌象")[0] == "舌红"
    assert texts(table, "左脉 寸·关·尺")[0] == "—·弦细·—"
    assert texts(table, "右脉 寸·关·尺")[0] == "滑·—·—"
    assert texts(table, "证型")[0] == "气血两虚"
    assert texts(table, "方名")[0] == "酸枣仁汤"
    assert texts(table, "加减") == ["", "加 龙骨", "去 龙骨"]
    assert texts(table, "剂数")[0] == "7 剂"


def test_measured_quantities_have_rows_without_arrows(case):
    (table,) = build_report(case).tables
    cells = row(table, "lab.bili (mg/dL)").cells
    assert [(c.text, c.trend) for c in cells] == [("1.25", "")] * 3


def test_days_that_were_only_inferred_from_the_order_are_not_shown():
    report = build_report(make_case(3, basis=DateBasis.ORDER))
    assert {(c.date, c.day) for c in report.tables[0].columns} == {("", "")}
    assert ("病程", "3 诊，日期记载不全") in report.patient


def test_no_herb_of_a_changed_formula_falls_to_an_ellipsis():
    first, second = visit(1, {}), visit(2, {})
    many = tuple(PrescriptionItem(f"药名很长第{n}味") for n in range(40))
    changed = replace(second, prescriptions=(Prescription(many, "大方"),))
    (table,) = build_report(Case(Patient("A"), (first, changed))).tables
    assert all(item.raw_name in texts(table, "加减")[1] for item in many)


def test_symptoms_found_but_not_scored_are_named_without_arrows_in_the_note():
    found = Observation("sym.insomnia", ValueKind.CODE, number=1.0, code="present")
    absent = Observation("sym.palpitation", ValueKind.CODE, number=0.0, negated=True)
    report = build_report(Case(Patient("A"), (replace(visit(1, {}), observations=(found, absent)),)))
    assert texts(report.tables[0], "症状") == ["失眠"]
    assert report.table_note == ""


def test_the_patient_block_names_the_patient_or_only_the_surname(case):
    known = dict(build_report(case).patient)
    assert known["姓名"] == "单雨喆"
    assert known["年龄"] == "46 岁"
    assert known["病程"] == "3 诊，历时 14 天"
    assert dict(build_report(case, deidentify=True).patient)["姓名"] == "单某"


def test_the_effect_index_has_its_class(case):
    effect = build_report(case).effect
    assert effect is not None
    assert effect.effect_class == "有效"
    assert "8 → 4" in effect.summary
    assert "50.0%" in effect.summary
    assert effect.rows[0] == ("失眠", "6", "2", "67%")


def test_one_visit_has_no_effect_and_none_has_no_table():
    assert build_report(make_case(1)).effect is None
    empty = build_report(Case(Patient("A"), ()))
    assert empty.tables == ()
    assert empty.prescription == ()


def test_the_latest_prescription_is_given_in_full(case):
    (formula,) = build_report(make_case(2)).prescription
    assert formula.head == "酸枣仁汤，7 剂，第 2 诊，2024-03-11"
    assert formula.herbs == ("酸枣仁 15 g", "川芎 6 g", "龙骨（先煎） 20 g")


def test_a_forecast_stands_beside_the_last_value_and_what_it_rests_on(case):
    block = build_report(case, forecast=make_forecast(case), card=card()).forecast
    assert block is not None
    assert block.heads == ("项目", "末次值", "7 天后 (03-25)", "30 天后 (04-17)")
    assert block.rows[0] == ("失眠", "2", "1.0 (0.1–2.6)", "1.0 (0.1–2.6)")
    assert block.rows[1][:2] == ("bilirubin (mg/dL)", "—")
    basis = dict(block.basis)
    assert basis["病例数"] == "128"
    assert basis["诊次数"] == "1053"
    assert basis["时间跨度"] == "186 天"
    assert basis["预测误差（RMSE）"] == "0.671（留出患者 32 例）"
    assert basis["末次值误差"] == "0.832（预测低 19.4%）"
    assert basis["最好的简单预测误差"] == "0.690（混合模型、预测低 2.8%）"
    assert basis["90% 区间实测覆盖率"] == "90.2%"
    assert block.warning == ""


def test_a_model_that_does_not_beat_the_last_value_is_labelled(case):
    block = build_report(case, forecast=make_forecast(case), card=card(beats=False)).forecast
    assert block is not None
    assert "未优于末次值" in block.warning
    assert "预测高 3.2%" in dict(block.basis)["末次值误差"]


def test_a_forecast_without_a_card_is_not_to_be_relied_on(case):
    block = build_report(case, forecast=make_forecast(case)).forecast
    assert block is not None
    assert "未知" in block.warning


def test_english_reads_english(case):
    report = build_report(case, forecast=make_forecast(case), card=card(), language="en", printed=dt.date(2024, 4, 1))
    (table,) = report.tables
    assert report.title == "Course report"
    assert report.printed == "Printed 2024-04-01"
    assert texts(table, "Left pulse cun / guan / chi")[0] == "— / wiry thready / —"
    assert texts(table, "Tongue")[0] == "red"
    assert texts(table, "Outcome")[1] == "effective"
    assert report.page.format(page=1, pages=2) == "Page 1 of 2"


def test_an_unknown_language_is_refused(case):
    with pytest.raises(KnownError, match="Unknown language"):
        build_report(case, language="fr")


def test_control_characters_and_endless_words_do_not_reach_the_page():
    report = build_report(make_case(1, name="单\x00喆\n" + "长" * 500))
    name = dict(report.patient)["姓名"]
    assert name.startswith("单 喆 长")
    assert len(name) <= 160
