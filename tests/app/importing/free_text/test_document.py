"""From a file to cases, with a reviewer's corrections between. All texts here are invented."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, Side
from app.domain.units import UnitConvention
from app.importing.free_text import Correction, Draft, Source, draft_of, read_document
from app.importing.report import ImportReport
from app.store.content import check_case

TEXT = """案1 张某，女，45岁
主诉：失眠三年。
初诊（2024-03-05）：失眠，口干，无头痛。舌红苔薄黄，左脉弦。证型：心肾不交证
黄连6g 黄芩9g 白芍12g 怪药子9g，7剂。
二诊（2024-03-12）：失眠减轻，口干已除。上方去黄芩，加栀子10g。
案2 李某，男，30岁
咳嗽。制半夏（二钱） 茯苓神（各二钱） 杏仁（三钱）
"""


def draft(text: str = TEXT, report: ImportReport | None = None, near: int | None = None) -> Draft:
    return draft_of(Source("book.txt", "text", text), UnitConvention.MODERN, report or ImportReport(), near=near)


def place(words: str, text: str = TEXT) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


@pytest.mark.parametrize("mark", ["医案一", "案 12", "【病例3】", "第二案", "## 例4：", "一、"])
def test_a_patient_presented_under_the_line_of_the_case_is_known(mark: str):
    text = f"{mark}\n张某，女，45岁。\n初诊：失眠三月。\n二诊：失眠减轻。\n"
    (case,) = draft(text).cases
    assert (case.name, case.sex, case.age, len(case.visits)) == ("张某", "F", 45.0, 2)


def test_what_only_looks_like_a_person_under_the_line_of_the_case_is_none():
    (grown, title, hand) = draft(
        "医案一\n5岁起即患哮喘，今四十余岁。咳。\n医案二\n女性更年期失眠案\n失眠。\n医案三\n王左\n咳。\n"
    ).cases
    assert (grown.age, title.sex) == (None, "")
    assert (hand.name, hand.sex) == ("王", "M")


def test_cases_without_a_number_are_known_again_and_never_taken_for_those_of_another_document():
    one, again = draft().accept(), draft(TEXT.replace("案1", "序\n\n案1")).accept()
    assert [case.patient.code for case in one] == [case.patient.code for case in again][-2:]  # however they are counted
    (other,) = draft("案1 王某，男，50岁\n初诊：咳嗽。\n").accept()
    assert other.patient.code not in {case.patient.code for case in one}
    twins = draft("案1 王某，男\n咳。\n案1 王某，男\n咳。\n").accept()
    assert len({case.patient.code for case in twins}) == 2


def test_one_number_of_two_people_is_refused_and_told():
    report = ImportReport()
    text = "案1\n编号：001\n姓名：张某 性别：女\n初诊：失眠。\n案2\n编号：001\n姓名：李某 性别：男\n初诊：咳嗽。\n"
    (first,) = draft(text, report).accept(report=report)
    assert (first.patient.name, len(first.visits)) == ("张某", 1)
    assert report.rows_refused == 1
    assert (report.refused[0].row, report.refused[0].value) == (5, "001")


def herbs(case: Case, visit: int) -> list[tuple[str, float | None]]:
    return [(item.herb, item.grams) for item in case.visits[visit].prescriptions[0].items]


def test_a_document_becomes_cases_with_visits_and_formulas():
    first, second = draft().accept()
    assert (first.patient.name, first.patient.sex, first.patient.age) == ("张某", "F", 45.0)
    assert first.patient.code.startswith("book-") and first.patient.code != second.patient.code
    assert first.patient.chief == "失眠三年"
    one, two = first.visits
    assert (one.date, two.day, two.basis) == (dt.date(2024, 3, 5), 7.0, DateBasis.EXACT)
    assert {o.concept for o in one.observations if not o.negated} >= {"sym.insomnia", "sym.dry_mouth", "ton.body_red"}
    assert [o.concept for o in one.observations if o.negated] == ["sym.headache"]
    assert [(p.side, p.terms) for p in one.pulses] == [(Side.LEFT, ("pul.wiry",))]
    assert [(d.kind, d.code) for d in one.diagnoses] == [("syndrome", "syn.heart_kidney_not_crossing")]
    assert herbs(first, 0) == [("herb.huanglian", 6.0), ("herb.huangqin", 9.0), ("herb.baishao", 12.0), ("", 9.0)]
    assert one.prescriptions[0].days == 7.0
    assert herbs(first, 1) == [("herb.huanglian", 6.0), ("herb.baishao", 12.0), ("", 9.0), ("herb.zhizi", 10.0)]
    assert (two.prescriptions[0].mode, two.outcome) == ("modified", "有效")
    assert herbs(second, 0) == [
        ("herb.banxia", 6.0), ("herb.fuling", 6.0), ("herb.fushen", 6.0), ("herb.kuxingren", 9.0),
    ]  # fmt: skip


def test_the_report_counts_and_names_what_no_table_explains():
    report = ImportReport()
    draft(report=report)
    assert (report.rows_read, report.rows_accepted, report.visits, report.visits_with_symptom) == (2, 2, 3, 3)
    assert (report.herb_items_total, report.herb_items_mapped) == (10, 9)
    assert [(one.file, one.row, one.term) for one in report.unknown_terms] == [("book.txt", 4, "怪药子")]


def test_a_file_is_read_the_same_way(tmp_path: Path):
    path = tmp_path / "book.txt"
    path.write_text(TEXT, encoding="gb18030")
    assert read_document(path, UnitConvention.MODERN, ImportReport()) == draft()


def test_a_draft_goes_to_json_and_back():
    again = Draft.from_dict(json.loads(json.dumps(draft().to_dict())))
    assert again == draft()
    assert again.accept() == draft().accept()


@pytest.mark.parametrize("change", [{"version": 99}, {"cases": 5}, {"convention": "stone"}, {"cases": [{"start": 1}]}])
def test_a_draft_of_another_shape_is_refused(change: dict[str, Any]):
    with pytest.raises(KnownError):
        Draft.from_dict({**draft().to_dict(), **change})


def test_a_finding_can_be_dropped_recoded_and_added():
    start, end = place("口干")
    unknown = place("怪药子")
    spot = place("口干已除")
    corrected = draft().accept(
        [
            Correction("drop", start, end, "symptom", "sym.dry_mouth"),
            Correction("recode", *unknown, "herb", "", to="herb.suanzaoren"),
            Correction("add", *spot, "symptom", "sym.thirst", negated=True),
            Correction("drop", *place("栀子"), "herb", "herb.zhizi"),
        ]
    )
    one, two = corrected[0].visits
    assert "sym.dry_mouth" not in {o.concept for o in one.observations}
    assert ("sym.thirst", True) in {(o.concept, o.negated) for o in two.observations}
    assert herbs(corrected[0], 0)[-1] == ("herb.suanzaoren", 9.0)
    assert herbs(corrected[0], 1) == [("herb.huanglian", 6.0), ("herb.baishao", 12.0), ("herb.suanzaoren", 9.0)]


def test_a_change_the_reviewer_drops_leaves_the_herb_in_the_formula():
    at = TEXT.index("去黄芩") + 1
    corrected = draft().accept([Correction("drop", at, at + 2, "herb", "herb.huangqin")])
    assert ("herb.huangqin", 9.0) in herbs(corrected[0], 1)


def test_boundaries_can_be_cut_joined_and_moved():
    at = TEXT.index("舌红")
    cut = draft().corrected([Correction("cut", at, kind="visit")])
    assert [len(case.visits) for case in cut.cases] == [3, 1]
    assert cut.text[cut.cases[0].visits[1].text_start :].startswith("舌红")
    assert [f.text for f in cut.cases[0].visits[1].findings][:2] == ["红", "薄"]
    second = cut.cases[1].start
    joined = draft().corrected([Correction("join", second, kind="case")])
    assert [len(case.visits) for case in joined.cases] == [3]
    moved = draft().corrected([Correction("move", second, TEXT.index("咳嗽"), kind="case")])
    assert moved.cases[0].end == TEXT.index("咳嗽")
    assert moved.cases[1].visits[0].findings == draft().cases[1].visits[0].findings


def test_facts_can_be_set_right():
    start = draft().cases[1].start
    told = (
        draft()
        .accept(
            [
                Correction("fact", start, kind="code", to="A-7"),
                Correction("fact", start, kind="age", to="31"),
                Correction("fact", start, kind="sex", to="F"),
            ]
        )[1]
        .patient
    )
    assert (told.code, told.age, told.sex) == ("A-7", 31.0, "F")


@pytest.mark.parametrize(
    "correction",
    [
        Correction("drop", 0, 1, "symptom", "sym.cough"),
        Correction("recode", 0, 1, "symptom", "sym.cough", to="sym.thirst"),
        Correction("add", 5, 5, "symptom", "sym.cough"),
        Correction("add", 10**6, 10**6 + 1, "symptom", "sym.cough"),
        Correction("cut", 10**6, kind="visit"),
        Correction("cut", 3, kind="chapter"),
        Correction("join", 7, kind="case"),
        Correction("fact", 0, kind="age", to="old"),
        Correction("fact", 1, kind="name", to="王"),
    ],
)
def test_a_correction_that_fits_nothing_is_refused(correction: Correction):
    with pytest.raises(KnownError):
        draft().corrected([correction])


def test_corrections_go_to_json_and_back():
    one = Correction("recode", 3, 5, "herb", "", to="herb.banxia", negated=True)
    assert Correction.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    for broken in ({"do": "shout", "start": 1}, {"start": 1}, {"do": "drop", "start": 1, "stop": 2}):
        with pytest.raises(KnownError):
            Correction.from_dict(broken)


def test_parts_of_one_patient_number_are_one_case():
    text = "案1 病历号：A1 张某 女 45岁\n初诊 2024-03-05 咳嗽。\n案2 病历号：a1 张某\n二诊 2024-03-09 咳减。\n"
    (case,) = draft(text).accept()
    assert [v.number for v in case.visits] == [1, 2]
    assert [v.day for v in case.visits] == [0.0, 4.0]


def test_lunar_dates_are_civil_where_the_year_is_told_and_days_between_where_not():
    text = "案1 王某\n乙酉五月十二日 咳嗽。\n十五日 咳减。\n"
    assert [v.date for v in draft(text, near=1820).accept()[0].visits] == [dt.date(1825, 6, 27), dt.date(1825, 6, 30)]
    undated = draft(text).accept()[0].visits
    assert [(v.date, v.day, v.basis) for v in undated] == [
        (None, 0.0, DateBasis.RELATIVE),
        (None, 3.0, DateBasis.RELATIVE),
    ]


_LINES = st.sampled_from(
    ["案1 张某，女，45岁\n", "案2 李某\n", "初诊：", "二诊 2024-03-12 ", "2024-03-05 ", "乙酉五月十二日 ",
     "失眠，口干。", "脉弦滑。", "\n", "黄芪30g 白术15g 甘草6g。", "上方去黄芪，加党参12g。", "照前方服三帖。",
     "茯苓神（各二钱）",
     "怪药子（一钱）", "病历号：A1 ", "治法：疏肝。"]
)  # fmt: skip


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.lists(_LINES | st.text(max_size=4), max_size=14).map("".join), st.data())
def test_whatever_is_read_can_be_kept_corrected_and_stored(text: str, data: st.DataObject):
    made = draft(text)
    assert Draft.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    findings = [f for case in made.cases for visit in case.visits for f in visit.findings]
    drops = {(f.start, f.end, f.kind, f.code) for f in findings if data.draw(st.booleans())}
    corrected = made.corrected([Correction("drop", *key) for key in drops])
    left = [f for case in corrected.cases for visit in case.visits for f in visit.findings]
    assert left == [f for f in findings if (f.start, f.end, f.kind, f.code) not in drops]
    cases = made.accept([Correction("drop", *key) for key in drops])
    for case in cases:
        check_case(case)
        days = [visit.day for visit in case.visits]
        assert days[0] == 0.0 and days == sorted(days)
    kept: set[str] = {f.code for f in left if f.kind == "herb"}
    assert {i.herb for c in cases for v in c.visits for p in v.prescriptions for i in p.items if i.herb} <= kept


def test_a_book_whose_visits_nobody_marked_is_told_of_and_takes_no_time():
    report = ImportReport()
    made = draft("案1 王某\n" + "咳加去" * 11_000, report=report)
    assert made.cases[0].visits[0].findings == ()
    assert [(r.row, r.reason[:4]) for r in report.refused] == [(2, "一诊超过")]


def test_cases_without_headings_begin_with_the_lines_that_present_the_patient():
    text = "王某 男\n初诊 咳嗽。\n二诊 咳减。\n\n李某 女\n初诊 胁痛。"
    assert [(case.name, len(case.visits)) for case in draft(text).cases] == [("王某", 2), ("李某", 1)]


MODERN = """案例一 胃脘痛
患者刘某某，男，52岁。初诊日期：2023年4月12日。
主诉：胃脘胀痛2年。
中医诊断：胃痛（脾胃虚弱证） 西医诊断：慢性胃炎
处方：党参15g 木香6g（后下）
7剂，水煎服，日1剂，早晚分服。
2023-04-19 复诊：胀痛减轻。守方继服14剂。
"""


def test_a_modern_case_with_named_fields_is_read():
    (case,) = draft(MODERN).accept()
    assert (case.patient.name, case.patient.sex, case.patient.age) == ("刘某某", "M", 52.0)
    first, second = case.visits
    assert (first.date, second.date) == (dt.date(2023, 4, 12), dt.date(2023, 4, 19))
    assert [(d.kind, d.text, d.code) for d in first.diagnoses] == [
        ("disease", "胃痛", ""),
        ("syndrome", "脾胃虚弱证", "syn.spleen_stomach_qi"),
        ("western", "慢性胃炎", ""),
    ]
    assert [(i.herb, i.grams, i.note) for i in first.prescriptions[0].items] == [
        ("herb.dangshen", 15.0, ""),
        ("herb.muxiang", 6.0, "后下"),
    ]
    assert [v.prescriptions[0].days for v in case.visits] == [7.0, 14.0]
    assert second.prescriptions[0].mode == "repeated"
