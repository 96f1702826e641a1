"""Levels or changes: each column by what forecasts it better, told by models that have not seen the patient."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.base import cross_fit_base
from models.course import Course, Treatment, Variable
from models.encoding import Encoder
from models.forecaster import LiquidForecaster
from models.history import Base
from tests.models import tumours

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def patients() -> list[Course]:
    return tumours.patients()


@pytest.fixture(scope="module")
def based(patients: list[Course]) -> tuple[Encoder, Base]:
    return tumours.based(patients)


def test_a_treated_quantity_is_forecast_by_its_changes(based: tuple[Encoder, Base]) -> None:
    assert based[1].changes is not None
    assert based[1].changes.columns.tolist() == [0]


def test_where_nothing_depends_on_treatment_the_levels_are_kept() -> None:
    rng = np.random.default_rng(0)
    variable = Variable("score", lower=0.0, upper=100.0)
    courses = [
        Course(
            f"P{i}",
            np.arange(6.0) * 7,
            (50 + 10 * rng.normal() + 8 * rng.normal(size=6))[:, None],
            (variable,),
            {},
            (Treatment("herb", 0.0, 21.0 * rng.integers(1, 3)),),
        )
        for i in range(40)
    ]
    assert tumours.based(courses)[1].changes is None


def test_without_folds_nobody_can_tell_so_the_levels_are_kept(patients: list[Course]) -> None:
    encoder = Encoder.fit(patients)
    nobody = np.zeros(len(patients), dtype=int)
    assert cross_fit_base(encoder, patients, nobody, [0], joint=False)[0].changes is None
    fold = np.arange(len(patients)) % 3
    untried, apart = cross_fit_base(encoder, patients, fold, [0], joint=False, plain=True)
    assert untried.changes is None
    assert sorted(apart) == [0, 1, 2]


def test_a_forecaster_with_changes_is_saved_and_loaded_whole(patients: list[Course], tmp_path: Path) -> None:
    model = LiquidForecaster(members=1, epochs=1, trees=False, units=8, device="cpu").fit(patients[:60])
    assert model.fitted_.ground.base.changes is not None
    model.save(tmp_path, "m")
    back = LiquidForecaster.load(tmp_path, "m")
    course = patients[70].until_row(5)
    plan = (Treatment("chemo", 4.0, 6.0, 5.0),)
    np.testing.assert_array_equal(back.predict(course, [6.0], plan).values, model.predict(course, [6.0], plan).values)
    several = back.predict_many(
        [course, course, patients[71].until_row(3)], [[6.0], [5.0, 9.0], [4.0]], [plan, (), None]
    )
    np.testing.assert_allclose(several[0].values, model.predict(course, [6.0], plan).values, rtol=1e-5)
    assert several[1].values.shape == (2, 1, 7)
    assert several[2].patient == patients[71].patient
