"""Names and chances in the user's language, wherever they are shown."""

from __future__ import annotations

import pytest

from app import wording
from app.cli.modelling import Cell
from app.wording import best_simple, chance_text, concept_label, variable_label
from models import comparing
from models.backbone import CELLS
from models.course import Variable


@pytest.mark.parametrize(("share", "text"), [(0.0, "<2%"), (0.354, "35%"), (0.98, "98%"), (1.0, ">98%")])
def test_a_chance_is_never_told_as_certain(share, text):
    assert chance_text(share) == text


def test_a_pulse_axis_is_named_by_its_two_ends():
    assert concept_label("pulse.rate") == "脉 迟数"
    assert concept_label("pulse.rate", "en") == "Pulse: rate"


def test_a_variable_of_the_source_keeps_its_own_label():
    assert variable_label(Variable("x.bili", "胆红素")) == "胆红素"
    assert variable_label(Variable("x.bili")) == "bili"
    assert variable_label(Variable("sym.insomnia", "不寐"), "en") == "Insomnia"


def test_herbs_and_formulas_have_their_names():
    assert (concept_label("herb.chaihu"), concept_label("herb.chaihu", "en")) == ("柴胡", "bupleurum")
    assert concept_label("form.mahuangtang", "en") == "Ephedra Decoction"
    assert concept_label("herb.nobody") == "herb.nobody"


def test_the_best_simple_forecast_is_named_and_whether_the_model_beats_it():
    score = {"model": 0.6, "mixed_model": 0.62, "trees": 0.59, "best_simple": "trees"}
    assert best_simple(score, "en") == ("trees", 0.59, False)
    assert best_simple({**score, "best_simple": None}, "zh") == ("混合模型", 0.62, True)
    assert best_simple({"model": None, "mixed_model": None}) is None


def test_every_cell_of_a_forecaster_can_be_chosen_on_the_command_line_and_has_its_name():
    assert tuple(wording.CELLS) == CELLS == tuple(Cell)


def test_every_line_of_a_comparison_has_words():
    for code in ("liquid", *comparing.SIMPLE, *comparing.NETWORKS):
        assert wording.model_name(code, "en") != code or code in wording.CELLS
        assert wording.model_name(code, "zh")
    assert wording.model_name("unheard of") == "unheard of"
