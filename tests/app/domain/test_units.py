import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.units import UnitConvention, begins_with_dose, chinese_number, grams_per_qian, parse_dose


@pytest.mark.parametrize(
    ("text", "qian"),
    [
        ("三钱", 3),
        ("两半", 15),
        ("钱半", 1.5),
        ("一两五钱", 15),
        ("两六钱", 16),
        ("八分", 0.8),
        ("钱四分", 1.4),
        ("一钱煨", 1),
        ("炒一钱五分", 1.5),
        ("土炒钱半", 1.5),
        ("各三钱", 3),
        ("半斤", 80),
        ("十二两", 120),
        ("五厘", 0.05),
        ("二钱成五钱", 5),
        ("用明矾三分化水磨冲七分", 0.7),
        ("一两，去渣后入上火二三沸", 10),
    ],
)
def test_traditional_weights_follow_the_chosen_convention(text: str, qian: float):
    assert parse_dose(text, UnitConvention.MODERN).grams == pytest.approx(qian * 3.0)
    assert parse_dose(text, UnitConvention.KUPING).grams == pytest.approx(qian * 3.73)


def test_one_qian_is_three_grams_today_and_3_73_at_the_qing_treasury():
    assert (grams_per_qian(UnitConvention.MODERN), grams_per_qian(UnitConvention.KUPING)) == (3.0, 3.73)


@pytest.mark.parametrize(
    ("text", "grams"), [("15g", 15), ("先煎30克", 30), ("１２ｇ", 12), ("1.5G", 1.5), ("500mg", 0.5)]
)
def test_grams_are_grams_whatever_the_convention(text: str, grams: float):
    assert parse_dose(text, UnitConvention.KUPING).grams == pytest.approx(grams)


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("三枚", 3, "枚"),
        ("去毛四片", 4, "片"),
        ("二十片", 20, "片"),
        ("两只", 2, "只"),
        ("半张", 0.5, "张"),
        ("一丸两次化服", 1, "丸"),
    ],
)
def test_a_count_is_kept_and_never_turned_into_grams(text: str, count: float, unit: str):
    dose = parse_dose(text)
    assert (dose.grams, dose.count, dose.unit) == (None, count, unit)


def test_words_beside_the_dose_are_told_apart():
    dose = parse_dose("三钱，酒炒，后下")
    assert (dose.grams, dose.processing, dose.note) == (9.0, "酒炒", "后下")
    assert parse_dose("各三钱").each
    assert not parse_dose("三钱").each


@pytest.mark.parametrize("text", ["", "少许", "独活寄生二陈两汤煎汤送下", "9" * 50 + "g", "x" * 1000])
def test_what_is_no_dose_has_no_grams(text: str):
    assert parse_dose(text).grams is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十", 10),
        ("十二", 12),
        ("廿四", 24),
        ("一百二十", 120),
        ("三百零五", 305),
        ("一二", 12),
        ("半", 0.5),
        ("12.5", 12.5),
    ],
)
def test_chinese_numbers(text: str, number: float):
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "三钱", "abc", "٣", "1e5", "9" * 30])
def test_what_is_no_number_is_none(text: str):
    assert chinese_number(text) is None


def test_a_text_begins_with_a_dose_or_not():
    assert begins_with_dose("三钱炒")
    assert begins_with_dose("各二两")
    assert not begins_with_dose("半夏9g")


@given(st.text(max_size=80), st.sampled_from(list(UnitConvention)))
def test_any_text_gives_a_finite_dose_or_none(text: str, convention: UnitConvention):
    dose = parse_dose(text, convention)
    assert dose.grams is None or 0 <= dose.grams < 1e22
