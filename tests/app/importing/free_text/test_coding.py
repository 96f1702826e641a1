"""Findings and their places. All texts here are invented."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.vocabulary import core
from app.importing.free_text.coding import KINDS, code_visit

TEXT = (
    "失眠三年，口干，无头痛，大\n便干结。左脉弦，右关滑数。舌红苔薄黄。\n中医诊断：不寐（心肾不交证） 治法：滋阴降火\n"
    "上方已效。黄连（二钱，姜汁炒） 制半夏（三钱）茯苓神（各二钱） 怪药子（一钱）"
)


def found(kind: str, text: str = TEXT) -> list[tuple[str, str, bool]]:
    return [(f.text, f.code, f.negated) for f in code_visit(text) if f.kind == kind]


def test_signs_are_found_at_their_words_also_across_a_broken_line():
    assert found("symptom") == [
        ("失眠", "sym.insomnia", False),
        ("口干", "sym.dry_mouth", False),
        ("头痛", "sym.headache", True),
        ("大\n便干结", "sym.constipation", False),
    ]
    assert [(words, code) for words, code, _ in found("tongue")] == [
        ("红", "ton.body_red"),
        ("薄", "ton.coat_thin"),
        ("黄", "ton.coat_yellow"),
    ]


def test_a_pulse_says_its_side_and_position():
    assert [(f.text, f.code, f.detail) for f in code_visit(TEXT) if f.kind == "pulse"] == [
        ("弦", "pul.wiry", "left whole"),
        ("滑", "pul.slippery", "right guan"),
        ("数", "pul.rapid", "right guan"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("脉弦不数。", [("弦", False), ("数", True)]),
        ("脉紧者已和，仍弦。", [("紧", True), ("弦", False)]),
        ("弦滑之脉，两尺转沉。", [("弦", False), ("滑", False), ("沉", False)]),
        ("任脉空虚，血脉不和，用复脉汤。", []),
        ("小儿脉当数。", []),
    ],
)
def test_pulses_that_are_denied_gone_or_none_are_told_apart(text: str, words: list[tuple[str, bool]]):
    assert [(word, negated) for word, _, negated in found("pulse", text)] == words


def test_named_diagnoses_are_coded_where_the_vocabulary_has_them_and_kept_where_not():
    assert found("disease") == [("不寐", "", False)]
    assert found("syndrome") == [("心肾不交证", "syn.heart_kidney_not_crossing", False)]
    assert found("method") == [("滋阴降火", "", False)]


def test_herbs_carry_their_dose_and_a_herb_taken_out_is_negated():
    herbs = [(f.text, f.code, f.detail) for f in code_visit(TEXT) if f.kind == "herb"]
    assert herbs == [
        ("黄连", "herb.huanglian", "二钱，姜汁炒"),
        ("制半夏", "herb.banxia", "三钱"),
        ("茯苓神", "herb.fuling", "各二钱"),
        ("茯苓神", "herb.fushen", "各二钱"),
        ("怪药子", "", "一钱"),
    ]
    assert found("herb", "前方去黄芩。") == [("黄芩", "herb.huangqin", True)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("三帖而愈。", "痊愈"),
        ("服药后诸症大减。", "显效"),
        ("已见小效。", "有效"),
        ("服之不效。", "无效"),
        ("以热退为度，若不效再议。", ""),
        ("恐难痊愈。", ""),
    ],
)
def test_the_outcome_is_what_the_text_says_of_the_treatment(text: str, code: str):
    assert [code for _, code, _ in found("outcome", text)] == ([code] if code else [])


_TERMS = st.sampled_from([term for c in core().by_kind("symptom")[:120] for term in (c.zh, *c.synonyms[:3])])
_PIECES = st.sampled_from(
    ["。", "，", "、", "\n", " ", "不", "无", "脉弦滑", "左关", "舌红", "苔黄腻", "黄芪（三钱）", "白术15g",
     "去黄芩", "加栀子10g", "制半夏 广皮 茯苓", "治法：", "二剂而愈", "恐", "若", "（", "）", "已止"]
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(_PIECES | _TERMS | st.text(max_size=3), max_size=20).map("".join))
def test_the_text_at_a_findings_place_is_what_was_coded(text: str):
    findings = code_visit(text)
    assert findings == sorted(findings, key=lambda f: (f.start, f.end, f.kind, f.code))
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)
        assert text[finding.start : finding.end] == finding.text
        assert finding.text.strip()
        assert finding.kind in KINDS
