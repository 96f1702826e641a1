"""Cases and visits of a document. All texts here are invented."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.importing.free_text.splitting import split


def parts(text: str) -> list[tuple[str, list[str]]]:
    """(first line of each case, texts of its visits)."""
    return [
        (text[c.start : c.end].splitlines()[0], [text[v.text_start : v.end].strip() for v in c.visits])
        for c in split(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("案1 咳嗽 王某\n咳嗽。\n案2 李某\n胁痛。\n", [("案1 咳嗽 王某", ["咳嗽。"]), ("案2 李某", ["胁痛。"])]),
        ("病案一\n咳。\n病案二\n喘。", [("病案一", ["咳。"]), ("病案二", ["喘。"])]),
        ("李右\n初诊 咳嗽。\n二诊 咳减。\n某左\n初诊 胁痛。", [("李右", ["咳嗽。", "咳减。"]), ("某左", ["胁痛。"])]),
        ("1. 张某，男，50岁\n初诊：咳。\n2. 王某，女，30岁\n初诊：喘。", [
            ("1. 张某，男，50岁", ["咳。"]), ("2. 王某，女，30岁", ["喘。"]),
        ]),
        ("患者：赵某，女，28岁\n咳嗽。\n患者：钱某，男，30岁\n胁痛。", [
            ("患者：赵某，女，28岁", ["咳嗽。"]), ("患者：钱某，男，30岁", ["胁痛。"]),
        ]),
        ("姚 三十二岁\n头痛。\n周 女 十六岁\n不寐。", [("姚 三十二岁", ["头痛。"]), ("周 女 十六岁", ["不寐。"])]),
        ("失眠，心烦。\n\n胁痛。", [("失眠，心烦。", ["失眠，心烦。"]), ("胁痛。", ["胁痛。"])]),
        ("初诊：咳。\n复诊：咳减。\n\n初诊：喘。", [("初诊：咳。", ["咳。", "咳减。"]), ("初诊：喘。", ["喘。"])]),
        ("医案选\n\n# 案1\n咳。\n", [("# 案1", ["咳。"])]),
    ],
)  # fmt: skip
def test_cases_begin_at_their_headings(text: str, expected: list[tuple[str, list[str]]]):
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("text", "visits"),
    [
        ("初诊 咳嗽。\n二诊 咳减。\n又 痰少。\n二十四诊 愈。", ["咳嗽。", "咳减。", "痰少。", "愈。"]),
        ("2024-03-05 咳嗽。\n2024年3月12日 咳减。", ["咳嗽。", "咳减。"]),
        ("三月初五日 咳嗽。\n十一日 咳减。", ["咳嗽。", "咳减。"]),
        ("乙酉五月十二日 咳嗽。\n十五日 咳减。", ["咳嗽。", "咳减。"]),
        ("第1诊：咳嗽。\n第2诊：咳减。", ["咳嗽。", "咳减。"]),
        ("【初诊】咳嗽。\n【二诊】咳减。", ["咳嗽。", "咳减。"]),
        ("初诊（2024-03-05）：咳嗽。二诊（2024-03-12）：咳减。", ["咳嗽。", "咳减。"]),
        ("2024年3月5日 初诊 咳嗽。\n2024年3月9日 复诊 咳减。", ["咳嗽。", "咳减。"]),
    ],
)
def test_visits_begin_at_labels_and_dates(text: str, visits: list[str]):
    ((_, found),) = parts(text)
    assert found == visits


@pytest.mark.parametrize(
    "text",
    [
        "初诊 咳嗽，前诊已述，至三诊后再议。又隔日服一丸。",
        "初诊 服至\n初六日方愈。",
        "初诊 自十二至十九日 去香附。",
        "初诊 曾于2024年3月5日住院。",
        "初诊 处方：\n1.黄芪 30g\n2.白术 15g",
    ],
)
def test_words_that_look_like_labels_inside_a_text_open_no_visit(text: str):
    ((_, visits),) = parts(text)
    assert len(visits) == 1


def test_facts_of_the_patient_are_read_with_their_places():
    text = "案1 病历号：A-17\n姓名：欧阳某 性别：女 年龄：45岁\n主诉：失眠三年。\n初诊：不寐。"
    (case,) = split(text)
    facts = case.facts
    assert (facts.code, facts.name, facts.sex, facts.age, facts.chief) == ("A-17", "欧阳某", "F", 45.0, "失眠三年")
    assert {fact: text[slice(*place)] for fact, place in facts.places.items()} == {
        "code": "A-17", "name": "欧阳某", "sex": "女", "age": "年龄：45岁", "chief": "失眠三年",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "name", "sex", "age"),
    [
        ("张某，女，45岁，2024年3月5日初诊。咳。", "张某", "F", 45.0),
        ("李右\n初诊 咳。", "李", "F", None),
        ("陈氏 七十岁\n咳。", "陈氏", "F", 70.0),
        ("案3 痢 周 5月\n咳。", "周", "", 5 / 12),
        ("患者王某，男，8岁。咳。", "王某", "M", 8.0),
        ("患者失眠多梦，男，50岁。", "", "M", 50.0),
    ],
)
def test_a_heading_tells_name_sex_and_age(heading: str, name: str, sex: str, age: float | None):
    facts = split(heading)[0].facts
    assert (facts.name, facts.sex, facts.age) == (name, sex, age)


_PIECES = st.sampled_from(
    ["案1 ", "案2", "李右", "初诊", "二诊：", "又 ", "2024-03-05", "三月初五日", "\n", "\n\n", "。", "，", "女", "45岁",
     "患者：", "咳嗽", "黄芪30g", " ", "（", "）", "主诉："]
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(_PIECES | st.text(max_size=3), max_size=25).map("".join))
def test_spans_are_in_order_and_lose_nothing_after_the_first_heading(text: str):
    cases = split(text)
    assert cases or not text.strip()
    assert not cases or not text[cases[-1].end :].strip()
    for case, following in pairwise(cases):
        assert not text[case.end : following.start].strip()
    for case in cases:
        assert case.visits and case.heading == (case.start, case.visits[0].start)
        assert case.visits[-1].end == case.end
        assert all(visit.end == after.start for visit, after in pairwise(case.visits))
        for visit in case.visits:
            assert case.start <= visit.start <= visit.text_start <= visit.end


@pytest.mark.parametrize(
    "text",
    [
        "某 咳嗽三月，痰多，夜不能寐，胸闷不舒，大便三天未行，年四十岁时曾患喘证，今复作。",
        "李右 产后二月，头晕心悸，腰酸带下，寐少，食欲不振，面色萎黄，四肢乏力已十天，胁痛。",
    ],
)
def test_a_text_on_the_line_of_its_heading_is_not_lost(text: str):
    (case,) = split(text)
    assert text[case.visits[0].text_start :].startswith(("某 咳嗽三月", "产后二月"))
