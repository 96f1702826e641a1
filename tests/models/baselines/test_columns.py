"""Variables become numeric columns and come back as values and chances of classes."""

from __future__ import annotations

import numpy as np
import pytest

from models.baselines.columns import Columns, around_the_middle
from models.checks import check_courses
from models.course import Course, Variable
from models.errors import ModelError
from tests.models.baselines.clinic import VARIABLES, clinic

LEVELS = (0.1, 0.5, 0.9)


def _of(kind: str, *values: float, **more: object) -> Columns:
    variable = Variable("v", kind=kind, **more)  # type: ignore[arg-type]
    return Columns.of([Course("a", np.arange(float(len(values))), np.array(values)[:, None], (variable,))])


def test_a_categorical_variable_is_an_indicator_a_class_and_the_others_stay_as_they_are():
    course = clinic(1)[0]
    columns = Columns.of(clinic())
    expanded = columns.expand(course)
    assert expanded.values.shape[1] == len(VARIABLES) + 2
    tongue = course.column("tongue")
    seen = ~np.isnan(tongue)
    np.testing.assert_array_equal(expanded.values[seen, columns.places[3]].argmax(1), tongue[seen])
    assert np.isnan(expanded.values[~seen, columns.places[3]]).all()
    np.testing.assert_array_equal(expanded.values[:, :3], course.values[:, :3])
    np.testing.assert_array_equal(columns.binary, [False, False, True, True, True, True, False])


def test_the_classes_are_the_whole_scale_where_its_ends_are_known():
    assert _of("ordinal", 1.0, 3.0, lower=0.0, upper=4.0).classes["v"] == (0.0, 1.0, 2.0, 3.0, 4.0)
    assert _of("ordinal", 1.0, 3.0).classes["v"] == (1.0, 3.0)
    assert _of("ordinal", 1.5, 3.0, lower=0.0, upper=4.0).classes["v"] == (1.5, 3.0)
    assert _of("binary", 1.0).classes["v"] == (0.0, 1.0)
    assert _of("categorical", 1.0, levels=("a", "b", "c")).classes["v"] == (0.0, 1.0, 2.0)


def test_an_ordinal_variable_of_very_many_values_is_taken_as_continuous():
    assert _of("ordinal", *np.arange(50.0)).classes == {}


def test_quantiles_of_an_ordinal_variable_follow_from_the_chances_around_its_location():
    columns = _of("ordinal", 0.0, 1.0, 2.0, 3.0)
    located = np.full((1, 1, 3), 1.4)
    found = columns.collapse(located, {"v": np.array([[0.05, 0.55, 0.2, 0.2]])}, LEVELS)
    np.testing.assert_allclose(found[0, 0], [1.0, 1.4, 3.0])


def test_a_binary_variable_is_its_chance_and_a_categorical_one_its_likeliest_class():
    binary = _of("binary", 0.0, 1.0).collapse(np.zeros((1, 1, 3)), {"v": np.array([[0.3, 0.7]])}, LEVELS)
    np.testing.assert_allclose(binary[0, 0], 0.7)
    coded = _of("categorical", 0.0, 1.0, 2.0)
    found = coded.collapse(np.zeros((1, 3, 3)), {"v": np.array([[0.2, 0.3, 0.5]])}, LEVELS)
    np.testing.assert_allclose(found[0, 0], 2.0)


def test_values_stay_in_the_range_of_the_variable_and_counts_above_nothing():
    wide = np.array([[[-9.0, 1.0, 9.0]]])
    np.testing.assert_allclose(_of("continuous", 1.0, lower=0.0, upper=5.0).collapse(wide, {}, LEVELS)[0, 0], [0, 1, 5])
    np.testing.assert_allclose(_of("count", 1.0).collapse(wide, {}, LEVELS)[0, 0], [0, 1, 9])


def test_quantiles_are_put_in_order_without_moving_the_middle():
    np.testing.assert_array_equal(around_the_middle(np.array([4.0, 1.0, 2.0, 1.5, 3.0])), [1.0, 1.0, 2.0, 2.0, 3.0])


def test_courses_of_different_variables_are_refused():
    one, other = clinic(1)[0], clinic(1)[0].select(["pain"])
    with pytest.raises(ModelError, match="expected"):
        check_courses([one, other])
