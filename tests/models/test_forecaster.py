"""The forecaster: learns, answers, refuses, saves, resumes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone

from models.course import Course, Treatment, Variable
from models.errors import ArtifactError, ModelError, NotFittedError, TrainingError
from models.forecast import QUANTILE_LEVELS
from models.forecaster import LiquidForecaster
from models.grounds import SIMPLE
from models.training import TrainingProgress
from tests.models.cohorts import VARIABLES, cohort, patient

QUICK: dict[str, Any] = {"units": 8, "epochs": 4, "hidden": 8, "unfolds": 2, "members": 1}


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(40)


@pytest.fixture(scope="module")
def fitted(courses: list[Course]) -> LiquidForecaster:
    return LiquidForecaster(**QUICK).fit(courses)


@pytest.fixture
def someone() -> Course:
    return patient(999, np.random.default_rng(999), visits=5)


def test_a_forecast_has_ordered_quantiles_inside_each_variables_range(fitted: LiquidForecaster, someone: Course):
    forecast = fitted.predict(someone, someone.times[-1] + np.array([0.0, 7.0, 90.0, 5000.0]))
    assert forecast.values.shape == (4, 2, len(QUANTILE_LEVELS))
    assert np.isfinite(forecast.values).all()
    assert (np.diff(forecast.values, axis=-1) >= 0).all()
    assert (forecast.values[:, 0] >= 0).all()
    assert (forecast.values[:, 0] <= 6).all()
    assert forecast.median["sleep"].shape == (4,)
    assert forecast.last_value == dict(zip(someone.names, someone.last_values(), strict=True))
    assert forecast.basis["history"] == 5
    assert forecast.basis["patients"] == fitted.card["training"]["patients"]


def test_uncertainty_grows_with_the_horizon(fitted: LiquidForecaster, someone: Course):
    values = fitted.predict(someone, someone.times[-1] + np.array([1.0, 30.0, 120.0])).values[:, 1]
    assert (np.diff(values[:, -1] - values[:, 0]) > 0).all()


def test_an_untrained_network_forecasts_the_last_value(courses: list[Course]):
    from models import fitting

    settings = LiquidForecaster(**QUICK).get_params()
    ready = fitting.prepare(fitting.split(courses, None, 0, (0.2, 0.0)), settings)
    network = fitting.build(ready.encoder, ready.plan, ready.grid, settings, 0).eval()
    batch = ready.cohort.batch(range(len(courses)))
    torch.testing.assert_close(network(batch).mixture.mean, batch.questions.simple[..., SIMPLE.index("last")])


def test_the_card_tells_what_it_was_learnt_from_and_what_it_is_worth(fitted: LiquidForecaster):
    card = json.loads(json.dumps(fitted.card, allow_nan=False))
    assert card["variables"] == ["pain", "sleep"]
    assert card["training"]["patients"] + card["score"]["patients"] == 40
    assert card["training"]["folds"] == 5
    assert card["score"]["scored_on"] == "holdout"
    assert set(card["score"]["per_variable"]) == {"pain", "sleep"}
    assert card["score"]["beats_last_value"] == (card["score"]["model"] < card["score"]["last_value"])
    assert 0 <= card["coverage90"] <= 1


def test_learning_beats_the_last_value_where_there_is_something_to_learn():
    model = LiquidForecaster(units=12, epochs=25, seed=1).fit(cohort(120, seed=4))
    assert model.card["score"]["beats_last_value"]
    assert 0.75 <= model.card["coverage90"] <= 1.0


def test_another_plan_changes_the_forecast_and_an_unknown_herb_is_told(fitted: LiquidForecaster, someone: Course):
    day = someone.times[-1:] + 20
    last = float(someone.times[-1])
    none = fitted.predict(someone, day, plan=[])
    herb = fitted.predict(someone, day, plan=[Treatment("黄芪", last, last + 100, 15.0)])
    assert not np.allclose(none.values, herb.values)
    unknown = fitted.predict(someone, day, plan=[Treatment("仙草", last, last + 100, 15.0)])
    np.testing.assert_array_equal(unknown.values, none.values)
    assert unknown.basis["unknown_treatments"] == ["仙草"]


def test_a_plan_does_not_rewrite_the_past(fitted: LiquidForecaster, someone: Course):
    recorded = replace(someone, treatments=(Treatment("黄芪", 0.0, 1000.0, 15.0),))
    same = fitted.predict(recorded, someone.times[-1:] + 9, plan=recorded.treatments)
    np.testing.assert_allclose(same.values, fitted.predict(recorded, someone.times[-1:] + 9).values, rtol=1e-6)


def test_what_comes_later_never_changes_an_earlier_forecast(fitted: LiquidForecaster, someone: Course):
    known = someone.until(float(someone.times[2]))
    changed = replace(someone, values=np.where(np.arange(5)[:, None] > 2, 3.0, someone.values))
    np.testing.assert_array_equal(
        fitted.predict(known, [200.0]).values,
        fitted.predict(changed.until(float(someone.times[2])), [200.0]).values,
    )


def test_a_patient_without_any_visit_gets_the_population_of_the_static_facts(fitted: LiquidForecaster):
    empty = Course("new", np.zeros(0), np.zeros((0, 2)), VARIABLES, {"age": 40.0})
    forecast = fitted.predict(empty, [0.0, 30.0])
    assert forecast.basis["static_only"]
    assert np.isfinite(forecast.values).all()
    assert np.isnan(list(forecast.last_value.values())).all()
    assert fitted.trajectory(empty).observed_until == 0.0


def test_other_variables_in_a_course_are_passed_over(fitted: LiquidForecaster, someone: Course):
    extra = replace(
        someone,
        values=np.concatenate([np.full((5, 1), 1.0), someone.values[:, ::-1]], 1),
        variables=(Variable("tongue"), *VARIABLES[::-1]),
    )
    np.testing.assert_array_equal(fitted.predict(extra, [300.0]).values, fitted.predict(someone, [300.0]).values)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, c: m.predict(c, [float(c.times[-1]) - 1]), "before the last visit"),
        (lambda m, c: m.predict(c, [np.nan]), "finite"),
        (lambda m, c: m.predict(c, [[1.0]]), "row of finite numbers"),
        (lambda m, c: m.predict(c.select(["pain"]), [500.0]), "lacks the variables sleep"),
        (lambda m, c: m.trajectory(c, until=-5.0), "begins on day 0"),
        (lambda m, c: m.trajectory(c, points=1), "1 points"),
    ],
)
def test_impossible_questions_are_refused_with_the_reason(
    call: Callable[[LiquidForecaster, Course], object], words: str, fitted: LiquidForecaster, someone: Course
):
    with pytest.raises(ValueError, match=words):
        call(fitted, someone)


def test_no_day_asked_gives_an_empty_forecast(fitted: LiquidForecaster, someone: Course):
    assert fitted.predict(someone, []).values.shape == (0, 2, len(QUANTILE_LEVELS))


def test_a_trajectory_runs_from_the_first_row_in_days(fitted: LiquidForecaster, someone: Course):
    end = float(someone.times[-1]) + 60
    path = fitted.trajectory(someone, until=end, points=50)
    assert path.times[0] == someone.times[0]
    assert path.times[-1] == end
    assert set(someone.times) <= set(path.times)
    assert path.observed_until == someone.times[-1]
    assert path.state.shape == path.tau.shape == (len(path.times), 8)
    assert (path.tau > 0).all()
    assert [n.kind for n in path.neurons][:2] == ["motor", "motor"]
    assert np.isfinite(path.state).all()


def test_tau_is_in_days_whatever_the_models_own_time(courses: list[Course], someone: Course):
    taus = []
    for scale in (10.0, 1000.0):
        model = LiquidForecaster(**{**QUICK, "epochs": 1, "learning_rate": 1e-9}, time_scale=scale).fit(courses)
        taus.append(np.median(model.trajectory(someone).tau))
    assert 30 < taus[1] / taus[0] < 300


def test_the_same_seed_gives_the_same_model_and_another_seed_another(courses: list[Course], someone: Course):
    def values(seed: int) -> np.ndarray:
        return LiquidForecaster(**QUICK, seed=seed).fit(courses).predict(someone, [400.0]).values

    np.testing.assert_array_equal(values(3), values(3))
    assert not np.array_equal(values(3), values(4))


def test_a_saved_model_answers_the_same(fitted: LiquidForecaster, someone: Course, tmp_path: Path):
    fitted.save(tmp_path, "失眠")
    again = LiquidForecaster.load(tmp_path, "失眠")
    np.testing.assert_array_equal(again.predict(someone, [400.0]).values, fitted.predict(someone, [400.0]).values)
    np.testing.assert_array_equal(again.trajectory(someone).tau, fitted.trajectory(someone).tau)
    assert again.card == fitted.card
    assert again.get_params() == fitted.get_params()


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"units": 9}},
        {"settings": {"unknown": 1}},
        {"settings": None},
        {"encoder": {}},
        {"members": 2},
        {"members": "many"},
    ],
)
def test_a_card_that_does_not_fit_its_weights_is_refused(change: dict, fitted: LiquidForecaster, tmp_path: Path):
    path = fitted.save(tmp_path, "model")
    card = json.loads(path.read_text())
    if isinstance(change.get("settings"), dict):
        change = {"settings": {**card["settings"], **change["settings"]}}
    path.write_text(json.dumps({**card, **change}))
    with pytest.raises(ArtifactError):
        LiquidForecaster.load(tmp_path, "model")


class InterruptError(Exception):
    pass


def _interrupt_after(epochs: int) -> Callable[[TrainingProgress], None]:
    def heard(progress: TrainingProgress) -> None:
        if progress.member * 100 + progress.epoch == epochs:
            raise InterruptError

    return heard


@pytest.mark.parametrize("after", [1, 3, 102])
def test_an_interrupted_training_resumes_to_the_same_result(
    after: int, courses: list[Course], someone: Course, tmp_path: Path
):
    settings = {**QUICK, "members": 2}
    whole = LiquidForecaster(**settings).fit(courses)
    file = tmp_path / "training.checkpoint"
    with pytest.raises(InterruptError):
        LiquidForecaster(**settings).fit(courses, checkpoint=file, progress=_interrupt_after(after))
    assert file.exists()
    heard: list[TrainingProgress] = []
    resumed = LiquidForecaster(**settings).fit(courses, checkpoint=file, resume=True, progress=heard.append)
    assert heard[0].member * 100 + heard[0].epoch == after + 1
    np.testing.assert_array_equal(resumed.predict(someone, [400.0]).values, whole.predict(someone, [400.0]).values)


def test_a_checkpoint_lasts_until_the_trained_weights_are_on_disk(
    courses: list[Course], someone: Course, tmp_path: Path
):
    file = tmp_path / "training.checkpoint"
    first = LiquidForecaster(**QUICK).fit(courses, checkpoint=file)
    heard: list[TrainingProgress] = []
    again = LiquidForecaster(**QUICK).fit(courses, checkpoint=file, resume=True, progress=heard.append)
    assert not heard  # it had come to its end: nothing is learnt twice
    np.testing.assert_array_equal(again.predict(someone, [400.0]).values, first.predict(someone, [400.0]).values)
    again.save(tmp_path, "model")
    assert not file.exists()


def test_a_checkpoint_of_other_data_is_refused(courses: list[Course], tmp_path: Path):
    file = tmp_path / "training.checkpoint"
    with pytest.raises(InterruptError):
        LiquidForecaster(**QUICK).fit(courses, checkpoint=file, progress=_interrupt_after(1))
    with pytest.raises(TrainingError, match="other data or settings"):
        LiquidForecaster(**QUICK).fit(courses[1:], checkpoint=file, resume=True)
    file.write_bytes(b"rubbish")
    with pytest.raises(ArtifactError, match="not a readable model file"):
        LiquidForecaster(**QUICK).fit(courses, checkpoint=file, resume=True)


def test_resuming_without_a_checkpoint_starts_anew(courses: list[Course], someone: Course, tmp_path: Path):
    model = LiquidForecaster(**QUICK).fit(courses, checkpoint=tmp_path / "none", resume=True)
    whole = LiquidForecaster(**QUICK).fit(courses)
    np.testing.assert_array_equal(model.predict(someone, [400.0]).values, whole.predict(someone, [400.0]).values)


def test_cancelling_keeps_the_best_so_far(courses: list[Course], someone: Course, tmp_path: Path):
    heard: list[TrainingProgress] = []
    model = LiquidForecaster(**{**QUICK, "epochs": 50}).fit(
        courses, progress=heard.append, cancel=lambda: len(heard) >= 2, checkpoint=tmp_path / "kept"
    )
    assert len(heard) == 2
    assert model.card["training"]["cancelled"]
    assert np.isfinite(model.predict(someone, [400.0]).values).all()
    assert (tmp_path / "kept").exists()


def test_progress_is_told_every_epoch(courses: list[Course]):
    heard: list[TrainingProgress] = []
    LiquidForecaster(**QUICK).fit(courses, progress=heard.append)
    assert [p.epoch for p in heard] == [1, 2, 3, 4]
    assert all(np.isfinite([p.train_loss, p.validation_loss]).all() for p in heard)
    assert heard[-1].best <= min(p.validation_loss for p in heard)
    assert json.loads(json.dumps(heard[-1].to_dict()))["epochs"] == 4


def test_diverging_says_what_to_try(courses: list[Course]):
    with pytest.raises(TrainingError, match=r"diverged at epoch [12]: try a smaller learning rate"):
        LiquidForecaster(**{**QUICK, "learning_rate": 1e30}).fit(courses)


def test_settings_follow_scikit_learns_conventions():
    model = LiquidForecaster(units=9)
    twin = LiquidForecaster(**model.get_params())
    assert twin.get_params() == model.get_params()
    assert model.set_params(units=11, seed=2) is model
    assert (model.units, model.seed) == (11, 2)
    twin: Any = clone(model)  # type: ignore[arg-type]
    assert twin.get_params() == model.get_params()
    with pytest.raises(ModelError, match="unknown setting 'legs'"):
        model.set_params(legs=6)
    with pytest.raises(NotFittedError):
        _ = model.card


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cell": "brain"}, "there are ltc, cfc"),
        ({"units": 3}, "AutoNCP"),
        ({"solver": "euler"}, "exponential_midpoint"),
        ({"likelihood": "cauchy"}, "logistic, student, gaussian"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"time_scale": -1.0}, "positive number of days"),
        ({"holdout_share": 0.9}, "at most .8"),
        ({"device": "abacus"}, "unknown device"),
        ({"precision": "half"}, "auto, float32 or mixed"),
    ],
)
def test_impossible_settings_are_refused_with_the_reason(settings: dict, words: str, courses: list[Course]):
    with pytest.raises(ModelError, match=words):
        LiquidForecaster(**{**QUICK, **settings}).fit(courses)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda c: [], "no course has a visit"),
        (lambda c: [c[0].until(-1.0)], "no course has a visit"),
        (lambda c: [c[0], c[1].select(["sleep", "pain"])], "expected"),
        (lambda c: [replace(x, values=np.full_like(x.values, np.nan)) for x in c], "no value is observed"),
        (lambda c: [x.select([]) for x in c], "no variable"),
    ],
)
def test_data_there_is_nothing_to_learn_from_are_refused(
    spoil: Callable[[list[Course]], list[Course]], words: str, courses: list[Course]
):
    with pytest.raises(ModelError, match=words):
        LiquidForecaster(**QUICK).fit(spoil(courses))


@pytest.mark.parametrize("likelihood", ["student", "gaussian", "logistic"])
@pytest.mark.parametrize("solver", ["fused", "exponential_midpoint"])
def test_every_likelihood_and_solver_learns(likelihood: str, solver: str, courses: list[Course], someone: Course):
    model = LiquidForecaster(**{**QUICK, "epochs": 2}, likelihood=likelihood, solver=solver).fit(courses)
    assert np.isfinite(model.predict(someone, [400.0]).values).all()


def test_mixed_precision_learns_in_half_the_bits_and_forecasts_in_full(courses: list[Course], someone: Course):
    seen: list[tuple[bool, torch.dtype]] = []

    def hear(module: torch.nn.Module, _: object, out: Any) -> None:
        if isinstance(module, torch.nn.Linear):
            seen.append((module.training, out.dtype))

    known = torch.nn.modules.module.register_module_forward_hook(hear)
    try:
        mixed = LiquidForecaster(**{**QUICK, "precision": "mixed"}).fit(courses)
    finally:
        known.remove()
    assert (True, torch.bfloat16) in seen
    assert (False, torch.bfloat16) not in seen
    whole = LiquidForecaster(**{**QUICK, "precision": "float32"}).fit(courses)
    assert all(p.dtype == torch.float32 for network in mixed.fitted_.networks for p in network.parameters())
    days = [someone.times[-1] + 7.0]
    half, full = mixed.predict(someone, days), whole.predict(someone, days)
    assert not np.array_equal(half.values, full.values)
    np.testing.assert_allclose(half.values, full.values, atol=0.25)


def test_given_validation_patients_are_used_as_they_are(courses: list[Course]):
    model = LiquidForecaster(**QUICK, holdout_share=0.0).fit(courses[:30], validation=courses[30:])
    training = model.card["training"]
    assert (training["patients"], training["validation_patients"]) == (30, 10)
    assert model.card["score"]["scored_on"] == "validation"
