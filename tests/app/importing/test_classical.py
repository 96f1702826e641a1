"""Findings in case text. All sentences here are invented; none is copied from a case book."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain import pulse
from app.domain.records import Position, Side, ValueKind
from app.importing.classical import code_pulse_terms, code_text, find_signs, strip_herbs


def found(text: str) -> set[str]:
    return {o.concept for o in code_text(text) if not o.negated}


def denied(text: str) -> set[str]:
    return {o.concept for o in code_text(text) if o.negated}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("身热口渴，咳嗽痰黄。", {"sym.fever", "sym.thirst", "sym.cough", "sym.thick_phlegm"}),
        (
            "患者失眠多梦，食欲不振，大便溏薄。",
            {"sym.insomnia", "sym.dream_disturbed", "sym.poor_appetite", "sym.loose_stool"},
        ),
        ("夜间不寐，不饥不食。", {"sym.insomnia", "sym.no_hunger", "sym.poor_appetite"}),
        ("恶寒无汗，大便不通。", {"sym.chills", "sym.no_sweating", "sym.constipation"}),
        ("少腹时时胀痛。", {"sym.lower_abdominal_distension", "sym.lower_abdominal_pain"}),
        ("胸胁腰背俱痛。", {"sym.chest_pain", "sym.hypochondriac_pain", "sym.low_back_pain", "sym.back_pain"}),
        ("小溲仍然不利，两足浮肿。", {"sym.dysuria", "sym.leg_oedema"}),
        ("头胀发热。", {"sym.head_distension", "sym.fever"}),
        ("右膝微微作痛，屈伸不利。", {"sym.leg_pain", "sym.joint_stiffness"}),
    ],
)
def test_terms_and_body_parts_with_complaints_are_coded(text: str, codes: set[str]):
    assert found(text) == codes


def test_an_observation_says_present_or_absent_with_its_words():
    present, absent = code_text("今日头痛，不渴。")
    assert (present.concept, present.kind, present.code, present.number) == (
        "sym.headache",
        ValueKind.CODE,
        "present",
        1.0,
    )
    assert present.raw == "今日头痛"
    assert (absent.concept, absent.code, absent.number, absent.negated) == ("sym.thirst", "absent", 0.0, True)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("不渴。", {"sym.thirst"}),
        ("并无恶寒。", {"sym.chills"}),
        ("腹不痛。", {"sym.abdominal_pain"}),
        ("未见呕吐。", {"sym.vomiting"}),
        ("否认头痛、心悸、胸闷。", {"sym.headache", "sym.palpitation", "sym.chest_oppression"}),
        ("已不呕。", {"sym.vomiting"}),
        ("咳止。", {"sym.cough"}),
        ("身热已退。", {"sym.fever"}),
        ("咳嗽、痰多、气喘俱止。", {"sym.cough", "sym.phlegm", "sym.dyspnoea"}),
        ("头痛悉除。", {"sym.headache"}),
        ("胁痛若失。", {"sym.hypochondriac_pain"}),
        ("寐已安。", {"sym.insomnia"}),
        ("大便畅行。", {"sym.constipation"}),
        ("遗泄未来。", {"sym.spermatorrhoea"}),
    ],
)
def test_what_is_denied_or_has_gone_is_absent(text: str, codes: set[str]):
    assert denied(text) == codes
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("咳减。", "sym.cough"),
        ("热渐退。", "sym.fever"),
        ("胁痛稍缓。", "sym.hypochondriac_pain"),
        ("咳仍未止。", "sym.cough"),
        ("热退大半。", "sym.fever"),
        ("喉痛未除。", "sym.sore_throat"),
        ("头痛止而复作。", "sym.headache"),
        ("腹痛不止。", "sym.abdominal_pain"),
        ("无不头痛。", "sym.headache"),
        ("得寐而未熟。", "sym.insomnia"),
        ("背痛难除。", "sym.back_pain"),
        ("仍难安寐。", "sym.insomnia"),
        ("两腿不时麻木。", "sym.limb_numbness"),
    ],
)
def test_what_has_only_lessened_or_come_back_is_still_there(text: str, code: str):
    assert found(text) == {code}


def test_a_recovery_word_belongs_to_its_own_complaint():
    assert found("热退咳减。") == {"sym.cough"}
    assert denied("热退咳减。") == {"sym.fever"}


@pytest.mark.parametrize(
    "text",
    [
        "恐其喘急，而神昏。",
        "若渴甚，加重石膏。",
        "如有谵语，再议。",
        "防呕吐。",
        "经云水停则肿胀。",
        "盖湿盛则泄泻。",
        "治咳化痰。",
        "令微汗。",
        "患者曾吐血。",
        "热退为度，不便再服。",
        "有厥脱之虞。",
        "脾胃不足，痰湿内阻。",
    ],
)
def test_fears_conditions_theory_aims_and_the_past_are_no_findings(text: str):
    assert found(text) == set()


def test_herbs_are_not_taken_for_complaints():
    assert found("拟方如下。牛膝（三钱） 痛泻散（一两，冲） 止嗽丸（二钱）") == set()
    assert found("照前法。牛膝 防风 远志肉 麻黄 咳喘草 痛经藤") == set()
    assert "牛膝" not in strip_herbs("咳嗽未减。牛膝（三钱） 防风（二钱，炒）")
    assert found("咳嗽未减。牛膝（三钱） 防风（二钱，炒）") == {"sym.cough"}


def test_a_line_broken_inside_a_word_is_read_across():
    assert found("今日胸\n闷，口\r\n干。") == {"sym.chest_oppression", "sym.dry_mouth"}


def test_a_complaint_without_place_is_not_counted_beside_the_pain_it_means():
    assert found("腹痛已三日，昨痛减。") == {"sym.abdominal_pain"}
    assert found("痛减。") == {"sym.pain"}


def test_found_wins_over_denied_in_one_text():
    assert found("头痛，午后头痛止，入夜又头痛。") == {"sym.headache"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("舌红苔黄。", {"ton.body_red", "ton.coat_yellow"}),
        ("舌苔白腻。", {"ton.coat_white", "ton.coat_greasy"}),
        ("舌白滑。", {"ton.coat_white", "ton.coat_slippery"}),
        ("苔白转黄。", {"ton.coat_yellow"}),
        ("舌绛无苔。", {"ton.body_crimson", "ton.coat_none"}),
        (
            "舌淡胖，边有齿痕，苔薄白。",
            {"ton.body_pale", "ton.body_swollen", "ton.tooth_marks", "ton.coat_thin", "ton.coat_white"},
        ),
        ("舌暗，有瘀斑，少苔。", {"ton.body_dusky", "ton.stasis_spots", "ton.coat_scanty"}),
        ("舌红，浊苔满布。", {"ton.body_red", "ton.coat_turbid", "ton.coat_thick"}),
        ("脉滑苔腻。", {"ton.coat_greasy"}),
        ("舌淡，有汗。", {"ton.body_pale", "sym.sweating"}),
        ("舌绛较淡。", {"ton.body_crimson"}),
        ("苔黄稍化。", {"ton.coat_yellow"}),
        ("舌质紫暗，舌下络脉迂曲。", {"ton.body_purple", "ton.veins_engorged"}),
        ("舌黄身热。", {"ton.coat_yellow", "sym.fever"}),
    ],
)
def test_tongue_body_and_coating_are_different_lanes(text: str, codes: set[str]):
    assert found(text) == codes


def test_a_coating_that_has_cleared_and_a_sign_denied_are_absent():
    assert denied("苔黄已化。") == {"ton.coat_yellow"}
    assert denied("舌白不燥。") == {"ton.coat_dry"}


def test_pulse_terms_without_clauses_are_one_reading():
    readings, total, coded, unknown = code_pulse_terms(["弦", "数", "怪"], [])
    assert (total, coded, unknown) == (3, 2, ["怪"])
    assert [(r.side, r.position, pulse.name(r.terms)) for r in readings] == [(Side.BOTH, Position.WHOLE, "弦数")]


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("左脉弦右脉滑", {("left", "whole"): "弦", ("right", "whole"): "滑"}),
        ("右关弦", {("right", "guan"): "弦"}),
        ("两尺沉", {("both", "chi"): "沉"}),
        ("脉细关弦", {("both", "whole"): "细", ("both", "guan"): "弦"}),
        ("右寸关滑大", {("right", "cun"): "滑大", ("right", "guan"): "滑大"}),
        ("六脉弦细不数", {("both", "whole"): "弦细"}),
        ("脉沉取带滑", {("both", "whole"): "滑"}),
        ("脉濡者已解", {}),
        ("脉弦微数", {("both", "whole"): "弦数"}),
        ("脉弦滑舌苔白滑", {("both", "whole"): "弦滑"}),
        ("脉络空虚", {}),
        ("已服数十帖", {}),
        ("左脉大于右", {("left", "whole"): "大"}),
        ("脉象\n沉细", {("both", "whole"): "沉细"}),
    ],
)
def test_clauses_place_the_pulse(clause: str, expected: dict[tuple[str, str], str]):
    readings, *_ = code_pulse_terms([], [clause])
    assert {(str(r.side), str(r.position)): pulse.name(r.terms) for r in readings} == expected


def test_one_place_has_one_reading():
    readings, *_ = code_pulse_terms(["弦", "弦", "数"], ["脉弦", "脉仍弦数"])
    assert [pulse.name(r.terms) for r in readings] == ["弦数"]
    assert readings[0].raw == "脉弦；脉仍弦数"


@pytest.mark.parametrize(("book", "with_symptom", "pulses"), [("wujutong", 0.72, 0.95), ("zhangyuqing", 0.93, 0.93)])
def test_real_case_books_reach_the_floor(shared_data: Path, book: str, with_symptom: float, pulses: float):
    path = shared_data / "yian_multivisit" / f"{book}.jsonl"
    visits = [v for line in path.read_text(encoding="utf-8").splitlines() for v in json.loads(line)["visits"]]
    hits = sum(any(c.startswith("sym.") for c in found(visit["text"])) for visit in visits)
    total = coded = 0
    for visit in visits:
        _, given, known, _ = code_pulse_terms(visit["pulse_terms"], visit["pulse_clauses"])
        total, coded = total + given, coded + known
    assert hits / len(visits) >= with_symptom
    assert coded / total >= pulses


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("欲泻腹痛。", {"sym.abdominal_pain"}),
        ("惊恐不寐。", {"sym.fright", "sym.insomnia"}),
        ("愁虑耳鸣。", {"sym.tinnitus"}),
        ("用防风后头痛未止。", {"sym.headache"}),
        ("口糜作痛。", {"sym.mouth_ulcer"}),
        ("大便六日不行。", {"sym.constipation"}),
        ("手心时热。", {"sym.five_hearts_heat"}),
        ("咳亦退轻。", {"sym.cough"}),
        ("素有痰饮。", {"sym.phlegm_fluid"}),
        ("行动不便。", set()),
        ("痰湿抑郁于中。", set()),
        ("多食瓜果。", set()),
        ("寒热互阻。", set()),
    ],
)
def test_words_that_look_alike_are_told_apart(text: str, codes: set[str]):
    assert found(text) == codes


def test_a_pulse_goes_on_behind_a_comma_with_its_place_but_not_with_another_matter():
    readings, *_ = code_pulse_terms([], ["脉左关弦滑，右尺沉细无力"])
    assert [(r.side, r.position, r.terms) for r in readings] == [
        (Side.LEFT, Position.GUAN, ("pul.wiry", "pul.slippery")),
        (Side.RIGHT, Position.CHI, ("pul.deep", "pul.thready")),
    ]
    (reading,), *_ = code_pulse_terms([], ["脉数，大便结"])
    assert reading.terms == ("pul.rapid",)


def test_both_guan_told_apart_by_side_stay_at_the_guan():
    readings, *_ = code_pulse_terms([], ["两关右弱左弦"])
    assert [(r.side, r.position) for r in readings] == [(Side.RIGHT, Position.GUAN), (Side.LEFT, Position.GUAN)]


def test_the_pulse_that_should_be_is_not_the_pulse_that_is():
    assert code_pulse_terms([], ["小儿脉当数"])[0] == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("身微热，神烦。", {"sym.fever", "sym.irritability"}),
        ("四肢困倦作酸。", {"sym.fatigue", "sym.body_soreness"}),
        ("非呕则哕。", {"sym.vomiting", "sym.hiccup"}),
        ("痛愈甚。", {"sym.pain"}),
        ("大便三旬未行。", {"sym.constipation"}),
        ("少腹偏左作胀。", {"sym.lower_abdominal_distension"}),
        ("胸足痛甚。", {"sym.chest_pain", "sym.leg_pain"}),
        ("腹胀大减。", {"sym.abdominal_distension"}),
        ("痛者为火。", set()),
        ("不宜再见呕吐。", set()),
        ("由胃气上逆所致。", set()),
        ("苔糜腐。", {"ton.coat_curdy"}),
    ],
)
def test_what_texts_say_in_their_own_way_is_read(text: str, codes: set[str]):
    assert found(text) == codes


def test_signs_know_their_place_in_the_original():
    text = "今日胸\n闷。黄芪（三钱） 舌红苔黄，口\r\n干。"
    assert [(text[s.start : s.end], s.code) for s in find_signs(text)] == [
        ("胸\n闷", "sym.chest_oppression"),
        ("红", "ton.body_red"),
        ("黄", "ton.coat_yellow"),
        ("口\r\n干", "sym.dry_mouth"),
    ]
