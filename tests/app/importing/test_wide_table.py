"""Wide tables: one row a visit, as clinics keep them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from app.domain.records import DateBasis, Position, Side, ValueKind, VisitKind
from app.importing.mapping import Mapping, Variable
from app.importing.roles import Role
from app.importing.run import import_files
from tests.app.importing.tables_in_text import cases_of, refused, rules

FULL = "病历号,姓名,性别,年龄,就诊日期,诊次,主诉,诊断,证型,失眠,口苦,舌质,舌苔,左关,右寸,方名,处方,剂数,疗效,备注\n"
ROW = (
    "1,张三,女,40,{date},{n},失眠3月,不寐,{syndrome},{s},1,淡红、胖大,薄白,弦滑,弱,"
    "归脾汤,黄芪30g、炒白术15g 茯苓12克,7剂,有效,好转\n"
)


def row(date: str, n: object = 1, s: object = 4, syndrome: str = "心脾两虚证") -> str:
    return ROW.format(date=date, n=n, s=s, syndrome=syndrome)


def test_a_row_of_a_clinic_sheet_becomes_a_whole_visit(tmp_path: Path):
    cases, report = cases_of(tmp_path, FULL + row("2024-01-01", 1, 6) + row("2024-01-08", 2, 4))
    case = cases["1"]
    assert (case.patient.name, case.patient.sex, case.patient.age, case.patient.chief) == ("张三", "F", 40, "失眠3月")
    visit = case.visits[1]
    assert (visit.day, visit.kind, visit.outcome, visit.label) == (7, VisitKind.FOLLOW_UP, "有效", "2")
    codes = {o.concept: o for o in visit.observations}
    assert (codes["sym.insomnia"].number, codes["sym.insomnia"].kind) == (4, ValueKind.SCORE)
    assert {"ton.body_swollen", "ton.coat_white", "ton.coat_thin"} <= set(codes)
    assert [(p.side, p.position, p.terms) for p in visit.pulses] == [
        (Side.LEFT, Position.GUAN, ("pul.wiry", "pul.slippery")),
        (Side.RIGHT, Position.CUN, ("pul.weak",)),
    ]
    assert [(d.kind, d.text, bool(d.code)) for d in visit.diagnoses] == [
        ("disease", "不寐", False),
        ("syndrome", "心脾两虚证", True),
    ]
    prescription = visit.prescriptions[0]
    assert (prescription.formula, prescription.days) == ("归脾汤", 7)
    assert [(i.herb, i.grams) for i in prescription.items][:2] == [("herb.huangqi", 30), ("herb.baizhu", 15)]
    assert "好转" in visit.text
    assert report.refused == []
    assert (report.pulse_terms_total, report.pulse_terms_coded) == (6, 6)
    assert (report.herb_items_total, report.herb_items_mapped) == (6, 6)


def test_a_score_off_its_scale_is_a_refused_cell_of_an_accepted_row(tmp_path: Path):
    scores = [6, 4, 2, 0, 6, 4, 2, 0, 6, 4, 3]
    text = FULL + "".join(row(f"2024-01-{n:02d}", n, s) for n, s in enumerate(scores, start=1))
    cases, report = cases_of(tmp_path, text)
    assert refused(report) == [(12, "失眠", "3")]
    assert report.rows_refused == 0
    last = {o.concept for o in cases["1"].visits[-1].observations}
    assert "sym.insomnia" not in last
    assert "sym.bitter_mouth" in last


@pytest.mark.parametrize("date", ["2024-13-01", "24-1-5", "昨天", "45000"])
def test_an_unreadable_date_refuses_the_row(tmp_path: Path, date: str):
    cases, report = cases_of(tmp_path, FULL + row("2024-01-01") + row(date, 2))
    assert refused(report) == [(3, "就诊日期", date)]
    assert report.rows_refused == 1
    assert len(cases["1"].visits) == 1


def test_dates_in_different_spellings_are_normalised_and_listed(tmp_path: Path):
    cases, report = cases_of(tmp_path, FULL + row("2024年1月2日") + row("2024/1/9", 2) + row("20240116", 3))
    assert [v.day for v in cases["1"].visits] == [0, 7, 14]
    assert rules(report)[("2024年1月2日", "2024-01-02")] == 1


def test_two_visits_on_one_day_stay_two_in_order(tmp_path: Path):
    cases, _ = cases_of(tmp_path, "病历号,日期,诊次,失眠\n1,2024-01-05,3,2\n1,2024-01-05,2,4\n1,2024-01-01,1,6\n")
    assert [(v.day, v.number, v.label) for v in cases["1"].visits] == [(0, 1, "1"), (4, 2, "2"), (4, 3, "3")]


def test_visits_without_any_date_are_placed_by_their_order(tmp_path: Path):
    cases, _ = cases_of(tmp_path, "病历号,诊次,失眠\n1,三诊,2\n1,初诊,6\n1,二诊,4\n")
    visits = cases["1"].visits
    assert [v.label for v in visits] == ["初诊", "二诊", "三诊"]
    assert [v.day for v in visits] == [0, 7, 14]
    assert {v.basis for v in visits} == {DateBasis.ORDER}
    assert {v.date for v in visits} == {None}


def test_a_visit_without_a_date_is_placed_by_its_order_between_dated_ones(tmp_path: Path):
    text = "病历号,日期,诊次,失眠\n1,2024-01-01,1,6\n1,,2,4\n1,2024-01-11,3,2\n1,,4,0\n"
    cases, _ = cases_of(tmp_path, text)
    assert [(v.day, v.basis) for v in cases["1"].visits] == [
        (0, DateBasis.EXACT),
        (5, DateBasis.ORDER),
        (10, DateBasis.EXACT),
        (17, DateBasis.ORDER),
    ]


def test_another_name_under_the_same_number_refuses_the_row(tmp_path: Path):
    cases, report = cases_of(tmp_path, FULL + row("2024-01-01") + row("2024-01-08", 2).replace("张三", "李四"))
    assert refused(report) == [(3, "姓名", "李四")]
    assert len(cases["1"].visits) == 1


def test_a_name_with_a_space_in_it_is_the_same_name(tmp_path: Path):
    cases, report = cases_of(tmp_path, FULL + row("2024-01-01") + row("2024-01-08", 2).replace("张三", "张 三"))
    assert report.refused == []
    assert len(cases["1"].visits) == 2


def test_a_name_left_out_on_a_later_row_is_no_other_name(tmp_path: Path):
    cases, report = cases_of(tmp_path, FULL + row("2024-01-01") + row("2024-01-08", 2).replace("张三", "不详"))
    assert report.refused == []
    assert cases["1"].patient.name == "张三"


def test_a_text_too_long_for_a_record_is_left_out_and_told_never_cut(tmp_path: Path):
    cases, report = cases_of(tmp_path, f"病历号,日期,失眠,备注\n1,2024-01-01,2,{'长' * 20_001}\n")
    assert [entry[:2] for entry in refused(report)] == [(2, "备注")]
    assert cases["1"].visits[0].text == ""
    assert len(cases["1"].visits[0].observations) == 1


def test_the_age_is_that_of_the_first_visit(tmp_path: Path):
    text = FULL + row("2024-06-01", 2).replace(",40,", ",41,") + row("2024-01-08", 1)
    cases, report = cases_of(tmp_path, text)
    assert cases["1"].patient.age == 40
    assert report.refused == []


def test_the_same_row_twice_is_one_visit(tmp_path: Path):
    cases, report = cases_of(tmp_path, FULL + row("2024-01-01") * 2)
    assert len(cases["1"].visits) == 1
    assert report.rows_accepted == 2
    assert ("1", "1") in rules(report)


def test_words_for_severity_become_scores_and_are_listed(tmp_path: Path):
    text = "病历号,日期,失眠\n" + "".join(
        f"1,2024-01-{n:02d},{word}\n" for n, word in enumerate(["重", "中度", "轻", "无"], start=1)
    )
    cases, report = cases_of(tmp_path, text)
    assert [v.observations[0].number for v in cases["1"].visits] == [6, 4, 2, 0]
    assert ("中度", "4") in rules(report)


def test_unknown_pulse_words_are_told_and_the_known_ones_kept(tmp_path: Path):
    cases, report = cases_of(tmp_path, "病历号,日期,脉象\n1,2024-01-01,弦魑数\n")
    assert cases["1"].visits[0].pulses[0].terms == ("pul.wiry", "pul.rapid")
    assert refused(report) == [(2, "脉象", "弦魑数")]
    assert (report.pulse_terms_total, report.pulse_terms_coded) == (3, 2)


def test_one_cell_may_tell_both_hands_apart(tmp_path: Path):
    cases, _ = cases_of(tmp_path, "病历号,日期,脉象\n1,2024-01-01,左弦数，右沉细\n")
    assert [(p.side, p.terms) for p in cases["1"].visits[0].pulses] == [
        (Side.LEFT, ("pul.wiry", "pul.rapid")),
        (Side.RIGHT, ("pul.deep", "pul.thready")),
    ]


def test_an_unknown_herb_is_kept_under_its_name_and_listed(tmp_path: Path):
    cases, report = cases_of(tmp_path, "病历号,日期,处方\n1,2024-01-01,黄芪30g、魑魅草9g\n")
    items = cases["1"].visits[0].prescriptions[0].items
    assert [(i.raw_name, bool(i.herb)) for i in items] == [("黄芪", True), ("魑魅草", False)]
    assert refused(report) == [(2, "处方", "魑魅草")]


def test_a_formula_that_only_changes_the_one_before_is_rebuilt(tmp_path: Path):
    text = "病历号,日期,处方\n1,2024-01-01,黄芪30g、白术15g、茯苓12g\n1,2024-01-08,于前方内去白术，加当归10g\n"
    cases, report = cases_of(tmp_path, text)
    rebuilt = cases["1"].visits[1].prescriptions[0]
    assert [i.herb for i in rebuilt.items] == ["herb.huangqi", "herb.fuling", "herb.danggui"]
    assert rebuilt.mode == "modified"
    assert report.refused == []


def test_free_text_is_coded_with_its_denials(tmp_path: Path):
    cases, _ = cases_of(tmp_path, "病历号,日期,现病史\n1,2024-01-01,失眠心悸，无头痛\n")
    coded = {o.concept: o.negated for o in cases["1"].visits[0].observations}
    assert coded["sym.insomnia"] is False
    assert coded["sym.headache"] is True


def test_a_syndrome_outside_the_vocabulary_is_kept_as_text(tmp_path: Path):
    cases, report = cases_of(tmp_path, "病历号,日期,证型\n1,2024-01-01,心脾两虚、魑魅内扰证\n")
    known, unknown = cases["1"].visits[0].diagnoses
    assert known.code.startswith("syn.")
    assert (unknown.code, unknown.text) == ("", "魑魅内扰证")
    assert report.refused == []


def test_columns_left_out_are_told(tmp_path: Path):
    mapping = Mapping(kind="wide", columns={"病历号": Role.PATIENT, "日期": Role.DATE, "血压": Role.IGNORE})
    _, report = cases_of(tmp_path, "病历号,日期,血压\n1,2024-01-01,120/80\n", mapping)
    assert ("血压", "") in rules(report)


def test_a_number_outside_the_limits_of_the_mapping_is_a_refused_cell(tmp_path: Path):
    mapping = Mapping(
        kind="wide",
        columns={"病历号": Role.PATIENT, "日期": Role.DATE, "体温": Role.OBSERVATION},
        variables={"体温": Variable(name="体温", unit="℃", lower=30, upper=45)},
    )
    cases, report = cases_of(tmp_path, "病历号,日期,体温\n1,2024-01-01,365\n1,2024-01-02,36.5\n", mapping)
    assert refused(report) == [(2, "体温", "365")]
    assert cases["1"].visits[1].observations[0].unit == "℃"
    assert cases["1"].visits[0].date == dt.date(2024, 1, 1)


def test_formula_like_and_markup_texts_are_kept_as_plain_text(tmp_path: Path):
    name = '=HYPERLINK(""http://x"")'
    cases, report = cases_of(tmp_path, f'病历号,姓名,日期,备注\n1,"{name}",2024-01-01,<img src=file:///x>\n')
    assert cases["1"].patient.name == '=HYPERLINK("http://x")'
    assert "<img src=file:///x>" in cases["1"].visits[0].text
    assert report.refused == []


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_the_simulated_clinic_imports_without_a_refusal(tmp_path: Path, suffix: str):
    from app.analysis.simulator import simulate, write_wide

    cohort = simulate(patients=12, seed=3)
    path = write_wide(cohort, tmp_path / f"clinic.{suffix}")
    report = import_files([path], None, dry_run=True)
    assert report.refused == []
    assert report.patients == 12
    assert report.visits == report.rows_accepted == sum(len(patient.visits) for patient in cohort.patients)
    assert report.visits_with_symptom == report.visits
    assert report.herb_items_mapped == report.herb_items_total > 0
    assert report.pulse_terms_coded == report.pulse_terms_total > 0


def test_a_birth_after_the_first_visit_is_refused_and_the_visit_kept(tmp_path: Path):
    path = tmp_path / "w.csv"
    path.write_text("病历号,就诊日期,出生日期,失眠\nP1,2020-01-01,2030-01-01,2\n", encoding="utf-8")
    report = import_files([path], None, dry_run=True)
    assert (report.rows_accepted, len(report.refused)) == (1, 1)
    assert (report.refused[0].row, report.refused[0].value) == (2, "2030-01-01")


def test_a_number_beyond_any_measurement_is_refused(tmp_path: Path):
    path = tmp_path / "w.csv"
    rest = "".join(f"P1,2020-01-0{day},6{day}\n" for day in range(2, 8))
    path.write_text("病历号,就诊日期,体重\nP1,2020-01-01,1e300\n" + rest, encoding="utf-8")
    report = import_files([path], None, dry_run=True)
    assert [(r.row, r.value) for r in report.refused] == [(2, "1e300")]


def test_a_formula_s_name_in_place_of_herbs_is_the_formula(tmp_path: Path):
    cases, report = cases_of(tmp_path, "病历号,日期,处方\n1,2024-03-05,归脾汤\n1,2024-03-12,归脾汤加减\n")
    first, second = (visit.prescriptions[0] for visit in cases["1"].visits)
    assert (first.formula, first.items) == ("归脾汤", ())
    assert second.formula == "归脾汤加减"
    assert report.unknown_terms == []
