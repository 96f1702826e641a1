import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, VisitKind
from app.domain.units import UnitConvention
from app.importing.casebook import read_cases
from app.importing.casebook_days import contradictions, fill_days
from app.importing.report import ImportReport


def visit(text: str = "", herbs: list[tuple[str, str]] | None = None, **more: Any) -> dict[str, Any]:
    given_herbs = [{"name": name, "dose_text": dose} for name, dose in herbs or []]
    mode = more.pop("formula_mode", "full" if herbs else "none")
    return {"text": text, "herbs": given_herbs, "formula_mode": mode, **more}


def case(*visits: Any, **more: Any) -> dict[str, Any]:
    return {"case_id": "b-001", "book": "医案", "chapter": "咳嗽", "patient": {}, "visits": list(visits), **more}


def read(
    folder: Path, *records: Any, convention: UnitConvention = UnitConvention.MODERN
) -> tuple[list[Case], ImportReport]:
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    path = folder / "book.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    report = ImportReport()
    return read_cases(path, convention, report), report


def test_a_case_becomes_a_patient_with_visits_and_facts_of_the_book(tmp_path: Path):
    facts = {"surname": "黎", "title": "左", "sex": "男", "age": 38, "age_unit": "岁"}
    (found,), report = read(tmp_path, case(visit("脉弦，咳嗽"), visit("咳减"), patient=facts, author="某"))
    assert (found.patient.code, found.patient.name, found.patient.sex, found.patient.age) == ("b-001", "黎", "M", 38.0)
    assert found.patient.chief == "咳嗽"
    assert found.attributes["author"] == "某"
    assert found.attributes["unit_convention"] == "modern"
    assert [v.kind for v in found.visits] == [VisitKind.FIRST, VisitKind.FOLLOW_UP]
    assert found.visits[0].text == "脉弦，咳嗽"
    assert (report.rows_read, report.rows_accepted, report.patients, report.visits) == (1, 1, 1, 2)


def test_dated_visits_are_exact_and_counted_from_the_first(tmp_path: Path):
    visits = [visit(date="1825-01-30", day_offset=0), visit(date="1825-02-02", day_offset=3)]
    (found,), _ = read(tmp_path, case(*visits))
    assert [(v.day, v.basis) for v in found.visits] == [(0.0, DateBasis.EXACT), (3.0, DateBasis.EXACT)]


def test_day_counts_without_a_date_are_relative(tmp_path: Path):
    (found,), _ = read(tmp_path, case(visit(day_offset=2), visit(day_offset=5)))
    assert [(v.day, v.basis) for v in found.visits] == [(0.0, DateBasis.RELATIVE), (3.0, DateBasis.RELATIVE)]


def test_a_visit_without_a_date_is_placed_by_its_order_and_says_so(tmp_path: Path):
    (found,), report = read(tmp_path, case(visit(day_offset=0), visit(), visit(day_offset=4), visit()))
    assert [v.day for v in found.visits] == [0.0, 2.0, 4.0, 11.0]
    assert [v.basis for v in found.visits] == [DateBasis.RELATIVE, DateBasis.ORDER, DateBasis.RELATIVE, DateBasis.ORDER]
    assert any(entry["to"] == "order" and entry["count"] == 2 for entry in report.normalised)


def test_a_day_that_contradicts_the_others_is_taken_back_to_its_order(tmp_path: Path):
    offsets = [0, -3048, -3042, -3039]
    (found,), report = read(tmp_path, case(*[visit(day_offset=day) for day in offsets]))
    assert [v.day for v in found.visits] == [0.0, 7.0, 13.0, 16.0]
    assert found.visits[0].basis is DateBasis.ORDER
    assert any(entry["from"] == "0" and entry["to"] == "order" for entry in report.normalised)


@given(st.lists(st.none() | st.floats(-1e4, 1e4), min_size=1, max_size=30))
def test_days_never_run_backwards_whatever_is_given(days: list[float | None]):
    for index in contradictions(days):
        days[index] = None
    filled = fill_days(days)
    assert all(before <= after + 1e-9 for before, after in pairwise(filled))
    assert all(day is None or day == out for day, out in zip(days, filled, strict=True))


def test_herbs_are_normalised_weighed_and_counted(tmp_path: Path):
    herbs = [("元参", "三钱"), ("大枣", "二枚"), ("新纱", "一钱"), ("赤白苓", "各二钱")]
    (found,), report = read(tmp_path, case(visit("", herbs)), convention=UnitConvention.KUPING)
    (formula,) = found.visits[0].prescriptions
    assert [item.herb for item in formula.items] == ["herb.xuanshen", "herb.dazao", "", "herb.chifuling", "herb.fuling"]
    assert [item.grams for item in formula.items] == pytest.approx([11.19, None, 3.73, 7.46, 7.46])
    assert (report.herb_items_total, report.herb_items_mapped) == (4, 3)
    assert [(r.column, r.value) for r in report.refused] == [("visits[0].herbs[2].name", "新纱")]
    assert ("元参", "玄参") in {(entry["from"], entry["to"]) for entry in report.normalised}
    assert ("1 钱", "3.73 g", 3) in {(entry["from"], entry["to"], entry["count"]) for entry in report.normalised}


def test_a_follow_up_that_only_modifies_is_rebuilt_from_the_formula_before(tmp_path: Path):
    visits = [
        visit("咳嗽", [("连翘", "三钱"), ("知母", "二钱")]),
        visit("于前方内去知母，加∶桔梗（二钱）", [("桔梗", "二钱")], formula_mode="modify"),
        visit("咳减，仍服前方二帖。"),
        visit("停药。"),
    ]
    (found,), _ = read(tmp_path, case(*visits))
    first, second, third, fourth = (list(v.prescriptions) for v in found.visits)
    assert first[0].mode == "full"
    assert [(item.herb, item.grams) for item in second[0].items] == [("herb.lianqiao", 9.0), ("herb.jiegeng", 6.0)]
    assert (second[0].mode, third[0].mode, third[0].items) == ("modified", "repeated", second[0].items)
    assert fourth == []


def test_a_short_list_that_names_no_base_is_a_formula_of_its_own(tmp_path: Path):
    visits = [
        visit("", [("连翘", "三钱")]),
        visit("议小承气汤微和之。", [("生大黄", "三钱"), ("厚朴", "三钱")], formula_mode="modify"),
    ]
    (found,), _ = read(tmp_path, case(*visits))
    (formula,) = found.visits[1].prescriptions
    assert formula.mode == "full"
    assert [item.herb for item in formula.items] == ["herb.dahuang", "herb.houpo"]


def test_an_earlier_formula_named_by_its_day_is_the_base(tmp_path: Path):
    visits = [
        visit("", [("连翘", "三钱")], date_text="十一日"),
        visit("", [("桂枝", "三钱")], date_text="十五日"),
        visit("仍服十一日方。"),
    ]
    (found,), _ = read(tmp_path, case(*visits))
    assert found.visits[2].prescriptions[0].items[0].herb == "herb.lianqiao"


def test_a_decoction_and_the_paste_behind_it_are_two_prescriptions(tmp_path: Path):
    day = [("党参", "三钱"), ("白术", "二钱"), ("茯苓", "三钱"), ("甘草", "五分")]
    batch = [("党参", "四两"), ("白术", "二两"), ("茯苓", "三两"), ("当归", "三两"), ("熟地", "四两")]
    (found,), _ = read(tmp_path, case(visit("", day + batch)))
    decoction, paste = found.visits[0].prescriptions
    assert (len(decoction.items), len(paste.items)) == (4, 5)
    assert (decoction.formula, paste.formula) == ("", "丸膏料")


def test_symptoms_and_pulse_are_coded(tmp_path: Path):
    given_visit = visit("头痛，不渴。脉弦滑", pulse_terms=["弦", "滑"], pulse_clauses=["脉弦滑"])
    (found,), report = read(tmp_path, case(given_visit))
    assert report.visits_with_symptom == 1
    assert (report.pulse_terms_total, report.pulse_terms_coded) == (2, 2)
    assert found.visits[0].pulses[0].terms == ("pul.wiry", "pul.slippery")


def test_a_visit_where_every_sign_is_denied_has_no_symptom(tmp_path: Path):
    _, report = read(tmp_path, case(visit("不渴。")))
    assert report.visits_with_symptom == 0


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("{", ""),
        ("[]", ""),
        ("7", ""),
        ('{"case_id": NaN, "visits": []}', ""),
        ('{"case_id": "a", "visits": [{"day_offset": Infinity}]}', ""),
        ('{"case_id": "a", "visits": [{"day_offset": ' + "9" * 5000 + "}]}", ""),
        ("[" * 100_000, ""),
        ('{"visits": [{}]}', "case_id"),
        ('{"case_id": 7, "visits": [{}]}', "case_id"),
        ('{"case_id": "a\\u0000", "visits": [{}]}', "case_id"),
        ('{"case_id": "a"}', "visits"),
        ('{"case_id": "a", "visits": {}}', "visits"),
        ('{"case_id": "a", "visits": []}', "visits"),
        ('{"case_id": "a", "visits": [1]}', "visits[0]"),
        ('{"case_id": "a", "visits": [{"text": 5}]}', "visits[0].text"),
        ('{"case_id": "a", "visits": [{"text": "\\ud800"}]}', "visits[0].text"),
        ('{"case_id": "a", "visits": [{"herbs": "x"}]}', "visits[0].herbs"),
        ('{"case_id": "a", "visits": [{"herbs": [{"dose_text": "三钱"}]}]}', "visits[0].herbs[0]"),
        ('{"case_id": "a", "visits": [{"pulse_terms": [1]}]}', "visits[0].pulse_terms[0]"),
    ],
)
def test_a_line_that_is_no_case_is_refused_with_its_place(tmp_path: Path, line: str, column: str):
    found, report = read(tmp_path, case(visit()), line)
    assert len(found) == 1
    (refusal,) = report.refused
    assert (refusal.file, refusal.row, refusal.column) == ("book.jsonl", 2, column)
    assert refusal.reason
    assert (report.rows_read, report.rows_accepted, report.rows_refused) == (2, 1, 1)


@pytest.mark.parametrize(
    ("facts", "column"),
    [
        ({"patient": {"age": 999, "age_unit": "岁"}}, "patient.age"),
        ({"patient": {"age": "many"}}, "patient.age"),
        ({"patient": {"sex": "?"}}, "patient.sex"),
        ({"patient": []}, "patient"),
        ({"chapter": 3}, "chapter"),
        ({"visits": [{"date": "1825-02-30"}]}, "visits[0].date"),
        ({"visits": [{"day_offset": "two"}]}, "visits[0].day_offset"),
        ({"visits": [{"day_offset": 10**9}]}, "visits[0].day_offset"),
        ({"visits": [{"herbs": [{"name": "黄芪", "dose_text": 3}]}]}, "visits[0].herbs[0].dose_text"),
    ],
)
def test_a_single_wrong_value_is_refused_alone(tmp_path: Path, facts: dict[str, Any], column: str):
    found, report = read(tmp_path, {**case(visit()), **facts})
    assert len(found) == 1
    assert [refusal.column for refusal in report.refused] == [column]
    assert report.rows_refused == 0


def test_a_case_number_that_stands_twice_is_kept_once(tmp_path: Path):
    found, report = read(tmp_path, case(visit("a")), case(visit("b")), case(visit("c"), case_id="Ｂ-００１"))
    assert [c.visits[0].text for c in found] == ["a"]
    assert [(r.row, r.column) for r in report.refused] == [(2, "case_id"), (3, "case_id")]


def test_bytes_that_are_no_text_are_refused_and_a_byte_order_mark_is_not(tmp_path: Path):
    path = tmp_path / "book.jsonl"
    good = json.dumps(case(visit()), ensure_ascii=False).encode()
    path.write_bytes(b"\xef\xbb\xbf" + good + b"\n\n" + "医案".encode("gb18030") + b"\n")
    report = ImportReport()
    assert len(read_cases(path, UnitConvention.MODERN, report)) == 1
    assert [refusal.row for refusal in report.refused] == [3]


def test_a_missing_file_is_a_known_error(tmp_path: Path):
    with pytest.raises(KnownError):
        read_cases(tmp_path / "none.jsonl", UnitConvention.MODERN, ImportReport())


def test_reading_can_be_stopped(tmp_path: Path):
    path = tmp_path / "book.jsonl"
    path.write_text(json.dumps(case(visit())), encoding="utf-8")
    with pytest.raises(KnownError):
        read_cases(path, UnitConvention.MODERN, ImportReport(), cancelled=lambda: True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "dose_text", "dose_qian", "text", "date", "day_offset", "herbs", "sex", "age"]),
            inner,
        )
    ),
    max_leaves=8,
)
odd_visits = st.dictionaries(
    st.sampled_from(["text", "herbs", "date", "day_offset", "pulse_terms", "pulse_clauses", "formula_mode", "label"]),
    json_values,
)
odd_cases = st.fixed_dictionaries(
    {"case_id": st.just("a") | json_values, "visits": st.lists(odd_visits, max_size=3) | json_values},
    optional={"patient": json_values, "chapter": json_values, "book": json_values},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(odd_cases.map(json.dumps) | st.text(max_size=40), max_size=3))
def test_whatever_the_lines_hold_each_is_accepted_or_refused(tmp_path: Path, lines: list[str]):
    path = tmp_path / "odd.jsonl"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    report = ImportReport()
    found = read_cases(path, UnitConvention.MODERN, report)
    assert report.rows_read == report.rows_accepted + report.rows_refused
    assert len(found) == report.rows_accepted
    json.loads(report.to_json())
    for one in found:
        days = [v.day for v in one.visits]
        assert days[0] == 0.0
        assert days == sorted(days)


@pytest.mark.parametrize(
    ("book", "cases", "visits", "symptom", "herbs"),
    [("wujutong", 282, 1173, 0.72, 0.93), ("zhangyuqing", 759, 1570, 0.93, 0.88)],
)
def test_the_real_case_books_are_read_whole(
    shared_data: Path, book: str, cases: int, visits: int, symptom: float, herbs: float
):
    report = ImportReport()
    found = read_cases(shared_data / "yian_multivisit" / f"{book}.jsonl", UnitConvention.KUPING, report)
    assert (len(found), report.visits, report.rows_refused) == (cases, visits, 0)
    assert report.visits_with_symptom / report.visits >= symptom
    assert report.pulse_terms_coded / report.pulse_terms_total >= 0.95
    assert report.herb_items_mapped / report.herb_items_total >= herbs


@pytest.mark.parametrize("given", [None, "gb18030"])
def test_a_case_book_in_gbk_is_read(given: str | None, tmp_path: Path):
    path = tmp_path / "book.jsonl"
    path.write_bytes(json.dumps(case(visit("失眠"), chapter="不寐"), ensure_ascii=False).encode("gb18030"))
    report, told = ImportReport(), {}
    (found,) = read_cases(path, UnitConvention.MODERN, report, encoding=given, told=told)
    assert found.patient.chief == "不寐"
    assert told == {"encoding": "gb18030", "encoding_guessed": given is None}


def test_one_broken_line_costs_no_other_case(tmp_path: Path):
    path = tmp_path / "book.jsonl"
    good = [json.dumps(case(visit("失眠"), case_id=f"医案{n}"), ensure_ascii=False).encode() for n in range(3)]
    path.write_bytes(b"\n".join([*good, b'{"case_id": "\xff\xfe"}']))
    report = ImportReport()
    assert len(read_cases(path, UnitConvention.MODERN, report)) == 3
    assert (report.refused[0].row, report.rows_refused) == (4, 1)


def test_a_list_that_holds_only_what_is_added_or_lessened_is_no_formula_of_its_own(tmp_path: Path):
    visits = [
        visit("议甘寒法", [("石膏", "五钱"), ("知母", "三钱"), ("半夏", "四钱")]),
        visit("咳未止，加∶桔梗（二钱）", [("桔梗", "二钱")]),
        visit("病减者减其制，减∶半夏（二钱）", [("半夏", "二钱")]),
    ]
    (found,), _ = read(tmp_path, case(*visits))
    second, third = found.visits[1].prescriptions[0], found.visits[2].prescriptions[0]
    assert [(i.herb, i.grams) for i in second.items] == [
        ("herb.shigao", 15.0),
        ("herb.zhimu", 9.0),
        ("herb.banxia", 12.0),
        ("herb.jiegeng", 6.0),
    ]
    assert {i.herb: i.grams for i in third.items}["herb.banxia"] == 6.0


def test_taken_as_above_is_a_direction_and_no_earlier_formula(tmp_path: Path):
    visits = [visit("议甘寒法", [("石膏", "五钱"), ("知母", "三钱")]), visit("末药每包五钱，服如上法。")]
    (found,), _ = read(tmp_path, case(*visits))
    assert found.visits[1].prescriptions == ()
