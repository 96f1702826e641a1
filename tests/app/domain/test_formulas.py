"""Classic formulas are whole, are found by the names in use, and are recognised beneath a prescription."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.domain.formulas import TERMINOLOGY, Formula, as_prescription, find, find_all, formulas, load, similar
from app.domain.herbs import herbs
from app.domain.prescription import parse_formula_text
from app.domain.records import PrescriptionItem
from app.domain.safety import Rule, check

BOOKS = {"伤寒论", "金匮要略", "太平惠民和剂局方", "脾胃论", "温病条辨", "医林改错", "景岳全书", "丹溪心法"}


def zh(formula: Formula | None) -> str:
    return "" if formula is None else formula.zh


def test_there_are_more_than_the_promised_formulas_from_the_great_books():
    assert len(formulas()) >= 250
    assert {formula.source for formula in formulas().values()} >= BOOKS
    for formula in formulas().values():
        assert formula.code.startswith("form.")
        assert formula.en.isascii(), formula.zh
        assert formula.pinyin
        assert formula.function
        assert formula.indication
        assert len(formula.items) >= 2, formula.zh


def test_a_formula_holds_no_herb_twice():
    twice = [f.zh for f in formulas().values() if len(f.herbs) != len(f.items)]
    assert twice == ["升阳散火汤"]  # raw and honey-fried licorice


def test_the_cinnamon_twig_decoction_is_as_the_book_has_it():
    guizhi = find("桂枝汤")
    assert guizhi is not None
    assert [(item.name, item.dose, item.role) for item in guizhi.items] == [
        ("桂枝", "三两", "君"),
        ("白芍", "三两", "臣"),
        ("炙甘草", "二两", "使"),
        ("生姜", "三两", "佐"),
        ("大枣", "十二枚", "佐"),
    ]
    assert guizhi.items[2].processing == "炙"


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("小柴胡汤", "小柴胡汤"),
        ("小柴胡汤加减", "小柴胡汤"),
        ("小柴胡", "小柴胡汤"),
        ("逍遥丸", "逍遥散"),
        ("丹栀逍遥散", "加味逍遥散"),
        ("理中汤", "理中丸"),
        ("六味地黄汤加味", "六味地黄丸"),
        ("葛根芩连汤", "葛根黄芩黄连汤"),
        ("補中益氣湯", "补中益气汤"),
        ("黄芩", ""),  # a herb
        ("左归", ""),  # 左归丸 or 左归饮
        ("左归饮", "左归饮"),
        ("某某汤", ""),
        ("", ""),
    ],
)
def test_a_formula_is_found_by_the_names_in_use(name: str, formula: str):
    assert zh(find(name)) == formula


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("小柴胡汤合五苓散加减", ["小柴胡汤", "五苓散"]),
        ("百合固金汤合四物汤", ["百合固金汤", "四物汤"]),
        ("二陈汤合三子养亲汤合平胃散", ["二陈汤", "三子养亲汤", "平胃散"]),
        ("六和汤", ["六和汤"]),
        ("小柴胡汤合某某汤", []),
        ("", []),
    ],
)
def test_a_compound_name_is_taken_apart(name: str, parts: list[str]):
    assert [formula.zh for formula in find_all(name)] == parts


def test_a_formula_becomes_a_prescription_with_its_grams():
    mahuang = find("麻黄汤")
    assert mahuang is not None
    prescription = as_prescription(mahuang)
    assert prescription.formula == "麻黄汤"
    assert [(item.raw_name, item.grams) for item in prescription.items][:2] == [("麻黄", 9.0), ("桂枝", 6.0)]
    pills = find("左归丸")
    assert pills is not None
    assert pills.batch
    assert all(item.grams is None for item in as_prescription(pills).items)


def test_no_formula_of_the_books_breaks_a_rule_by_an_error_of_the_table():
    """Those that do are known for it."""
    breaking = {
        formula.zh
        for formula in formulas().values()
        if any(c.rule in (Rule.INCOMPATIBLE, Rule.ANTAGONISTIC) for c in check(as_prescription(formula).items))
    }
    assert breaking == {"回阳救急汤"}  # 附子 with 半夏


def test_a_prescription_is_traced_to_the_formula_beneath_it():
    text = "党参15g 白术10g 茯苓15g 炙甘草6g 陈皮9g 法半夏9g 黄芪20g 丹参15g"
    best = similar(parse_formula_text(text))[0]
    assert best.formula.zh == "六君子汤"
    assert best.contained == 1.0
    assert [herbs()[code].zh for code in best.added] == ["黄芪", "丹参"]
    assert best.missing == ()


def test_nothing_is_claimed_of_a_prescription_like_none():
    assert similar([]) == ()
    assert similar(parse_formula_text("板蓝根15g")) == ()


def _changed(formula: Formula, rng: random.Random) -> list[PrescriptionItem]:
    """One herb taken out, two put in."""
    codes = [item.herb for item in formula.items]
    codes.remove(rng.choice(codes))
    others = [code for code in sorted(herbs()) if code not in formula.herbs and not herbs()[code].prepared]
    return [PrescriptionItem(code, code) for code in codes + rng.sample(others, 2)]


def test_a_formula_is_recognised_though_one_herb_was_taken_out_and_two_put_in():
    rng = random.Random(7)
    larger = [formula for formula in formulas().values() if len(formula.items) >= 6]
    hits = [formula.code in [like.formula.code for like in similar(_changed(formula, rng), 1)] for formula in larger]
    among = [formula.code in [like.formula.code for like in similar(_changed(formula, rng), 5)] for formula in larger]
    assert sum(hits) / len(larger) >= 0.85
    assert sum(among) / len(larger) >= 0.98


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("formulas.csv", "formula_items.csv"):
        shutil.copy(TERMINOLOGY / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "row", "word"),
    [
        ("formula_items.csv", "form.guizhitang,9,herb.nothing,某药,一两,3,,,佐", "no herb"),
        ("formula_items.csv", "form.guizhitang,9,herb.gancao,甘草,一两,3,,,王", "no role"),
        ("formula_items.csv", "form.guizhitang,9,herb.gancao,甘草,一两,much,,,佐", "no weight"),
        ("formula_items.csv", "form.nothing,1,herb.gancao,甘草,一两,3,,,佐", "not in the list"),
        ("formulas.csv", "form.guizhitang,桂枝汤,Twig,guì,,书,类,功,治,", "given twice"),
        ("formulas.csv", "form.new,某汤,New,mǒu,,书,类,功,治,", "has no herbs"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(folder: Path, name: str, row: str, word: str):
    with (folder / name).open("a", encoding="utf-8") as stream:
        stream.write(row + "\n")
    with pytest.raises(KnownError, match=word):
        load(folder)
