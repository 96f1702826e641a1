"""How forecast figures are written."""

from __future__ import annotations

import numpy as np
import pytest

from app.ui.figures import figure_texts, likelihood, percent_text
from app.ui.plots.reading.scores import forecast_path
from app.ui.plots.sheet import Line
from app.ui.translation import dose_text, number_text
from models.course import Variable
from models.forecast import Forecast

SIGN = Variable("sym.cough", "咳嗽", "binary", "", 0.0, 1.0, "symptom")
SCORE = Variable("sym.insomnia", "失眠", "ordinal", "", 0.0, 6.0, "symptom")


def forecast(*quantiles: list[float]) -> Forecast:
    """A sign and a score a week ahead."""
    return Forecast(
        "P1",
        np.array([7.0]),
        (SIGN, SCORE),
        np.array([quantiles]),
        last_value={"sym.cough": 1.0},
        quantile_levels=(0.05, 0.25, 0.5, 0.75, 0.95),
    )


def test_an_interval_of_signed_figures_never_shows_a_dash_beside_a_minus():
    assert figure_texts(-0.2, -0.42, 0.12) == ("−0.2", "−0.4~0.1")
    assert figure_texts(1.0, 0.3, 1.8) == ("1.0", "0.3–1.8")


def test_a_figure_that_rounds_to_zero_has_no_minus():
    assert number_text(-0.04, 1) == "0.0"
    assert number_text(-0.4, 0) == "0"
    assert number_text(-1.25, 2) == "−1.25"


def test_figures_from_a_hundred_on_have_no_decimals():
    assert figure_texts(104.6, 98.2, 120.0) == ("105", "98–120")


@pytest.mark.parametrize(("share", "word"), [(0.95, "likely"), (0.5, "open"), (0.1, "unlikely")])
def test_a_chance_comes_with_a_word(share: float, word: str):
    assert likelihood(share) == word
    assert percent_text(share) == f"{round(100 * share)}%"


def test_a_sign_is_drawn_as_its_chance_without_a_band_a_score_with_its_intervals():
    found = forecast([0.0, 0.0, 0.0, 1.0, 1.0], [0, 1, 2, 3, 6])
    sign, score = (
        forecast_path(found, Line(v.name, v.label, np.array([0.0]), np.array([1.0])), 0.0) for v in (SIGN, SCORE)
    )
    assert sign is not None
    assert score is not None
    assert sign.chance
    assert sign.outer[0].tolist() == sign.outer[1].tolist() == sign.median.tolist()
    assert (score.outer[0][0], score.median[0], score.outer[1][0]) == (0.0, 2.0, 6.0)


def test_a_dose_is_told_with_every_digit_that_was_given():
    assert [dose_text(grams) for grams in (30.0, 7.5, 0.15, 0.025, 0.001)] == ["30", "7.5", "0.15", "0.025", "0.001"]
