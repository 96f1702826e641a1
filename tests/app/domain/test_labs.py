"""Measured values of a visit: offered anew, never carried over, and what an import brought stays as it is."""

from __future__ import annotations

import dataclasses
import json

import pytest

from app.domain.errors import KnownError
from app.domain.labs import Lab, LastValue, far_off, last_values, named, number_words, read_number
from app.domain.local_terms import LocalVocabulary, using
from app.domain.records import Case, Observation, ValueKind
from app.domain.visit_form import copied_forward, corrected, from_json, to_json
from app.domain.visit_making import faults_of, to_visit
from app.domain.vocabulary import Concept
from tests.app.domain.test_visit_form import CASE, TODAY

BILI = Observation("lab.bili", ValueKind.NUMBER, 3.25, "mg/dl", code="14631-6", raw="3.250 H [LOINC 14631-6]")
ALT = Observation("x.ALT", ValueKind.NUMBER, 41.0, "U/L", raw="41")


def measured(*by_visit: tuple[Observation, ...]) -> Case:
    """The invented patient with these values at the first visits."""
    visits = list(CASE.visits)
    for place, rows in enumerate(by_visit):
        visits[place] = dataclasses.replace(visits[place], observations=(*rows, *visits[place].observations))
    return dataclasses.replace(CASE, visits=tuple(visits))


def typed(form, **values: str):
    labs = tuple(
        dataclasses.replace(one, typed=values.get(one.concept.partition(".")[2], one.typed)) for one in form.labs
    )
    return dataclasses.replace(form, labs=labs)


def numbers(visit) -> list[Observation]:
    return [one for one in visit.observations if one.kind is ValueKind.NUMBER]


def test_a_new_visit_offers_what_was_measured_and_carries_no_value_over():
    case = measured((BILI,), (ALT,))
    form = copied_forward(case, TODAY)
    assert form.labs == (Lab("lab.bili", "mg/dl"), Lab("x.ALT", "U/L"))
    assert numbers(to_visit(form, case)) == []
    assert last_values(case.visits)["x.ALT", "U/L"] == LastValue(41.0, 11.0)


def test_a_typed_value_is_recorded_with_its_unit():
    case = measured((BILI, ALT))
    visit = to_visit(typed(copied_forward(case, TODAY), bili="2.9"), case)
    assert numbers(visit) == [Observation("lab.bili", ValueKind.NUMBER, 2.9, "mg/dl", raw="2.9")]


def test_an_imported_row_nobody_touched_stays_as_it_was_to_the_letter():
    case = measured((BILI, ALT, BILI))
    form = corrected(case, 1)
    assert [one.typed for one in form.labs] == ["3.25", "41", "3.25"]
    assert to_visit(form, case) == case.visits[0]
    visit = to_visit(typed(form, ALT="44"), case)
    assert numbers(visit) == [BILI, dataclasses.replace(ALT, number=44.0, raw="44"), BILI]
    assert numbers(to_visit(dataclasses.replace(form, labs=()), case)) == [BILI, ALT, BILI]  # a form that shows none


def test_a_value_that_is_emptied_goes_and_one_retyped_the_same_stays_as_it_was():
    case = measured((BILI, ALT))
    form = corrected(case, 1)
    assert numbers(to_visit(typed(form, ALT=""), case)) == [BILI]
    assert numbers(to_visit(typed(form, bili="3.250"), case)) == [BILI, ALT]


def test_a_correction_offers_what_was_measured_before_it_alone():
    case = measured((BILI,), (), (ALT,))
    assert corrected(case, 2).labs == (Lab("lab.bili", "mg/dl"),)
    assert corrected(case, 3).labs == (Lab("x.ALT", "U/L", "41"), Lab("lab.bili", "mg/dl"))


@pytest.mark.parametrize("words", ["<0.1", "41↑", "4..1", "many", "10²", "1e999", "1e16", "nan", "inf"])
def test_what_is_no_number_is_a_fault_where_it_stands(words: str):
    case = measured((BILI, ALT))
    (fault,) = faults_of(typed(copied_forward(case, TODAY), ALT=words), case, TODAY)
    assert fault.where == "labs.1"
    assert words in str(fault.error)


@pytest.mark.parametrize(
    ("words", "number"),
    [("4.1", 4.1), (" １２．５ ", 12.5), ("1,284", 1284.0), ("-3", -3.0), ("−3", -3.0), (".5", 0.5)],
)
def test_a_number_is_read_however_it_is_written(words: str, number: float):
    assert read_number(words) == number


def test_a_slip_of_the_point_is_told_and_a_change_is_not():
    last = LastValue(3.2, 0.0)
    assert far_off("32", last)
    assert far_off("0.32", last)
    assert far_off("-3.2", last)
    assert not far_off("12", last)
    assert not far_off("32", None)
    assert not far_off("32", LastValue(0.0, 0.0))
    assert not far_off("x", last)


def test_a_measure_is_named_by_its_own_words_as_an_import_names_it():
    assert named("ALT U/L") == Lab("x.ALT", "U/L")
    assert named("谷丙转氨酶（U/L）") == Lab("x.谷丙转氨酶", "U/L")
    assert named("空腹 血糖 mmol/L") == Lab("x.空腹 血糖", "mmol/L")
    assert named("体重 kg") == Lab("x.体重", "kg")
    assert named("INR") == Lab("x.INR", "")
    for words in ("", "a" * 61):
        with pytest.raises(KnownError, match="no name of a measure"):
            named(words)


def test_a_measure_of_the_vocabulary_is_its_concept_in_its_unit():
    concept = Concept("SD10", "谷丙转氨酶", "ALT", "", "western", ("ALT",), unit="U/L")
    with using(LocalVocabulary((concept,))):
        assert named("alt") == Lab("SD10", "U/L")
        assert named("ALT μkat/L") == Lab("SD10", "μkat/L")


def test_a_draft_keeps_the_values_even_one_that_is_no_number_yet():
    case = measured((BILI, ALT))
    form = typed(copied_forward(case, TODAY), ALT="4.")
    assert from_json(json.loads(json.dumps(to_json(form)))) == form
    kept = to_json(form)
    del kept["labs"]
    assert from_json(kept).labs == ()


def test_no_digit_is_lost_where_a_value_is_shown():
    assert [number_words(one) for one in (3.25, 41.0, 1234567.25, 0.1 + 0.2, None)] == [
        "3.25", "41", "1234567.25", "0.3", "",
    ]  # fmt: skip


def test_a_value_alone_is_something_to_save():
    case = dataclasses.replace(CASE, visits=())
    form = dataclasses.replace(copied_forward(case, TODAY), labs=(Lab("x.ALT", "U/L", "41"),))
    assert faults_of(form, case, TODAY) == []
