"""Steps of change: which are learnt from, and what is learnt of a treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import changes
from models.course import Course, Treatment
from models.encoding import Encoder
from models.history import Base
from tests.models import tumours


@pytest.fixture(scope="module")
def patients() -> list[Course]:
    return tumours.patients()


@pytest.fixture(scope="module")
def based(patients: list[Course]) -> tuple[Encoder, Base]:
    return tumours.based(patients)


def test_zeros_are_passed_over_and_a_gap_is_one_change_a_step_at_a_time(
    patients: list[Course], based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    assert base.changes is not None
    course = next(c for c in patients if len(c) > 12)
    values = course.values.copy()
    values[[2, 3, 7]] = np.nan
    values[5] = 0.0
    spoilt = replace(course, values=values)
    found = changes.steps(encoder, base.changes, spoilt, encoder.own(spoilt), 0)
    assert not set(found.row.tolist()) & {2, 3, 5, 6, 7}
    gap = found.r[found.row.tolist().index(4)]  # from row 1, three days
    np.testing.assert_allclose((1 + gap) ** 3, values[4, 0] / values[1, 0])


def test_two_measurements_within_an_hour_are_no_change_a_day(
    patients: list[Course], based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    assert base.changes is not None
    course = next(c for c in patients if len(c) > 12)
    twice = replace(
        course,
        times=np.insert(course.times, 3, course.times[2] + 0.01),
        values=np.insert(course.values, 3, 2 * course.values[2], axis=0),
    )
    found = changes.steps(encoder, base.changes, twice, encoder.own(twice), 0)
    assert 3 not in found.row
    assert np.isfinite(found.r).all()
    again = changes.fit(encoder, [twice, *patients], [0])
    assert again is not None
    assert np.isfinite(again.beta).all()


def test_both_treatments_are_learnt_to_shrink_and_the_chemotherapys_half_life_of_a_day_is_found(
    based: tuple[Encoder, Base],
) -> None:
    found = based[1].changes
    assert found is not None
    chemo = [based[0].treatments[t] for t in found.treatments].index("chemo")
    assert found.half_life[chemo] == 1.0
    assert (found.shape[0, :, 0] < 0).all()


def test_nothing_is_learnt_where_nobody_is_treated_or_no_target_is_a_positive_quantity(patients: list[Course]) -> None:
    untreated = [replace(c, treatments=()) for c in patients]
    assert changes.fit(Encoder.fit(untreated), untreated, [0]) is None
    scored = [replace(c, variables=(replace(c.variables[0], lower=None),)) for c in patients]
    assert changes.fit(Encoder.fit(scored), scored, [0]) is None
    rare = [replace(c.until_row(2), treatments=(Treatment("radio", 0.0, 1.0, 2.0),)) for c in patients[:20]]
    assert changes.fit(Encoder.fit(rare), rare, [0]) is None
