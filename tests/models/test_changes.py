"""Changes under treatment: what the simulator's truth allows, honest prefixes, and no say where levels know better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.analysis.simulator import tumour
from models import changes
from models.base import cross_fit_base
from models.course import Course, Treatment, Variable
from models.encoding import Encoder
from models.forecaster import LiquidForecaster
from models.history import Base, encode
from models.looking import look
from tests.benchmarks.tasks import tumour_data

FOLDS = 3


@pytest.fixture(scope="module")
def task() -> tumour_data.Task:
    return tumour_data.load(0, 2.0, train=100, test=20)


@pytest.fixture(scope="module")
def patients(task: tumour_data.Task) -> list[Course]:
    return tumour.courses(task.train)


@pytest.fixture(scope="module")
def based(patients: list[Course]) -> tuple[Encoder, Base]:
    return _based(patients)


def _based(courses: list[Course]) -> tuple[Encoder, Base]:
    encoder = Encoder.fit(courses)
    return encoder, cross_fit_base(encoder, courses, np.arange(len(courses)) % FOLDS, [0], joint=False)[0]


def _forecast(encoder: Encoder, base: Base, course: Course, plan: tuple[Treatment, ...], day: float) -> float:
    history = encode(encoder, base, course, plan)
    asked = look(encoder, history, np.array([len(course)]), np.array([day]))
    return float(encoder.mean[0] + encoder.scale[0] * asked.mixed[0, 0])


def test_counterfactual_volumes_are_nearly_as_good_as_the_best_possible(
    task: tumour_data.Task, based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    courses = tumour.courses(task.test)
    for tau, asked in task.questions.items():
        kept = np.random.default_rng(tau).permutation(len(asked))[:300]
        part = replace(asked, **{n: getattr(asked, n)[kept] for n in ("patient", "day", "plan", "volume")})
        said = []
        for patient, day, plan in zip(part.patient, part.day, part.plan, strict=True):
            whole = courses[patient]
            known = tuple(t for t in whole.treatments if t.start < day)
            history = replace(whole.until_row(int(day) + 1), treatments=known)
            said.append(_forecast(encoder, base, history, tumour.treatments(plan, float(day)), float(day + tau)))
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
    assert _forecast(encoder, base, known, radio, day + 1) < _forecast(encoder, base, known, (), day + 1)
    later = replace(known, treatments=(*known.treatments, Treatment("chemo", day + 5, day + 9, 5.0)))
    assert _forecast(encoder, base, later, radio, day + 2) == _forecast(encoder, base, known, radio, day + 2)


def test_what_comes_later_changes_nothing_of_what_was_known_of_a_patient(
    patients: list[Course], based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    assert base.changes is not None
    course = next(c for c in patients if len(c) > 12)
    other = replace(course, values=np.where(np.arange(len(course))[:, None] >= 6, 2 * course.values + 1, course.values))
    found, changed = (changes.responses(encoder, base.changes, c) for c in (course, other))
    np.testing.assert_array_equal(found.mean[:7], changed.mean[:7])
    assert not np.array_equal(found.mean[8:], changed.mean[8:])


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
    assert _based(courses)[1].changes is None


def test_gaps_and_zeros_are_passed_over_and_the_roll_out_stays_within_what_was_seen(
    patients: list[Course], based: tuple[Encoder, Base]
) -> None:
    encoder, base = based
    assert base.changes is not None
    course = next(c for c in patients if len(c) > 12)
    holes = course.values.copy()
    holes[[2, 3, 7]] = np.nan
    holes[5] = 0.0
    spoilt = replace(course, values=holes)
    steps = changes.steps(encoder, base.changes, spoilt, encoder.own(spoilt), 0)
    assert np.isfinite(steps.r).all()
    assert not set(steps.row.tolist()) & {2, 3, 5, 6, 7}
    far = _forecast(encoder, base, spoilt, (Treatment("radio", float(course.times[-1]), 1e4, 2.0),), 1e3)
    assert 0.0 <= far <= float(base.changes.high[0])


def test_a_concentration_rises_under_a_dose_and_falls_by_half_in_its_half_life(patients: list[Course]) -> None:
    encoder = Encoder.fit(patients)
    fitted = changes.fit(encoder, patients, [0])
    assert fitted is not None
    lives = np.full(len(fitted.treatments), 4.0)
    dose = float(encoder.doses[0])
    given = [Treatment(encoder.treatments[0], 0.0, 400.0, dose)]
    days = np.array([100.0, 400.0, 404.0, 408.0])
    found = changes.exposed(encoder, fitted, given, days, days, lives)[:, 0, 1]
    np.testing.assert_allclose(found, [1.0, 1.0, 0.5, 0.25], atol=1e-6)
    fine = np.linspace(400.0, 404.0, 4001)
    exact = float(np.mean(changes.exposed(encoder, fitted, given, fine, fine, lives)[:, 0, 1]))
    whole = changes.exposed(encoder, fitted, given, np.array([400.0]), np.array([404.0]), lives)[0, 0]
    np.testing.assert_allclose(whole, [0.0, exact], atol=1e-3)


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
