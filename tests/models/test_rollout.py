"""Forecasts by changes: as good as the simulator's truth allows, from the past and the plan alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.analysis.simulator import tumour
from models import rollout
from models.course import Course, Treatment
from models.encoding import Encoder
from models.history import Base
from tests.benchmarks.tasks import tumour_data
from tests.models import tumours


@pytest.fixture(scope="module")
def patients() -> list[Course]:
    return tumours.patients()


@pytest.fixture(scope="module")
def based(patients: list[Course]) -> tuple[Encoder, Base]:
    return tumours.based(patients)


def test_counterfactual_volumes_are_nearly_as_good_as_the_best_possible(based: tuple[Encoder, Base]) -> None:
    encoder, base = based
    task = tumour_data.load(0, 2.0, train=100, test=20)
    courses = tumour.courses(task.test)
    for tau, asked in task.questions.items():
        kept = np.random.default_rng(tau).permutation(len(asked))[:300]
        part = replace(asked, **{n: getattr(asked, n)[kept] for n in ("patient", "day", "plan", "volume")})
        said = []
        for patient, day, plan in zip(part.patient, part.day, part.plan, strict=True):
            whole = courses[patient]
            known = tuple(t for t in whole.treatments if t.start < day)
            history = replace(whole.until_row(int(day) + 1), treatments=known)
            said.append(tumours.forecast(encoder, base, history, tumour.treatments(plan, float(day)), float(day + tau)))
        scores = {
            "changes": tumour_data.score(np.array(said), part),
            "best": tumour_data.score(tumour_data.bayes(task.test, part), part),
            "last": tumour_data.score(tumour_data.last_value(task.test, part), part),
        }
        assert scores["changes"] < scores["best"] + 0.35 * (scores["last"] - scores["best"]), (tau, scores)


def test_a_planned_treatment_shrinks_the_tumour_and_a_recorded_future_one_is_not_seen(
    patients: list[Course], based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    course = next(c for c in patients if len(c) > 30 and 10 < c.values[9, 0] < 500)
    known = course.until_row(10)
    day = float(known.times[-1])
    radio = (Treatment("radio", day, day + 1, 2.0),)
    assert tumours.forecast(encoder, base, known, radio, day + 1) < tumours.forecast(encoder, base, known, (), day + 1)
    later = replace(known, treatments=(*known.treatments, Treatment("chemo", day + 5, day + 9, 5.0)))
    assert tumours.forecast(encoder, base, later, radio, day + 2) == tumours.forecast(
        encoder, base, known, radio, day + 2
    )


def test_what_comes_later_changes_nothing_of_what_was_known_of_a_patient(
    patients: list[Course], based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    assert base.changes is not None
    course = next(c for c in patients if len(c) > 12)
    other = replace(course, values=np.where(np.arange(len(course))[:, None] >= 6, 2 * course.values + 1, course.values))
    found, changed = (rollout.responses(encoder, base.changes, c) for c in (course, other))
    np.testing.assert_array_equal(found.mean[:7], changed.mean[:7])
    assert not np.array_equal(found.mean[8:], changed.mean[8:])


def test_a_roll_out_stays_within_what_was_ever_seen_and_its_doubt_grows(
    patients: list[Course], based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    assert base.changes is not None
    course = next(c for c in patients if len(c) > 12).until_row(10)
    end = float(course.times[-1])
    far = tumours.forecast(encoder, base, course, (Treatment("radio", end, 1e4, 2.0),), 1e3)
    assert 0.0 <= far <= float(base.changes.high[0])
    found = rollout.responses(encoder, base.changes, course)
    days = end + np.array([0.0, 1.0, 2.0, 4.0])
    last = np.full((4, 1), course.values[-1, 0])
    value, spread = rollout.roll(
        encoder, base.changes, found, encoder.static(course), (), np.full(4, 10), last, np.full((4, 1), end), days
    )
    assert value[0, 0] == course.values[-1, 0]
    assert spread[0, 0] == 0.0
    assert (np.diff(spread[:, 0] / value[:, 0]) > 0).all()
    nothing = rollout.roll(
        encoder, base.changes, found, encoder.static(course), (), np.zeros(4, int), last * np.nan, last * np.nan, days
    )
    assert np.isnan(nothing[0]).all()


def test_a_column_seen_at_other_times_is_rolled_out_from_its_own_last_value(patients: list[Course]) -> None:
    pairs = [_with_a_second(c) for c in patients if len(c) > 4]
    encoder, base = tumours.based(pairs)
    alone = tumours.based([c.select(["volume"]) for c in pairs])
    course = next(c for c in pairs if len(c) > 12).until_row(9)
    plan = (Treatment("chemo", float(course.times[-1]), float(course.times[-1]) + 1, 5.0),)
    day = float(course.times[-1]) + 2
    both = tumours.forecast(encoder, base, course, plan, day)
    np.testing.assert_allclose(both, tumours.forecast(*alone, course.select(["volume"]), plan, day), rtol=1e-6)


def _with_a_second(course: Course) -> Course:
    """The same volume again, but not seen at the last two rows of any prefix: every third row alone."""
    second = np.where(np.arange(len(course)) % 3 == 0, course.values[:, 0], np.nan)
    variables = (course.variables[0], replace(course.variables[0], name="again"))
    return replace(course, values=np.stack([course.values[:, 0], second], 1), variables=variables)
