"""Scores say how far forecasts were off, how sure that is, and how much of a correction is worth keeping."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import evaluation
from models.calibration import Factors
from models.course import Course, Variable
from models.encoding import Encoder
from models.evaluation import NAMES, Answered

PAIN, SLEEP, RED = Variable("pain"), Variable("sleep"), Variable("red", kind="binary")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    rng = np.random.default_rng(0)
    values = np.stack([rng.normal(3, 2, 50), rng.normal(7, 0.5, 50), rng.choice([0.0, 1.0], 50)], -1)
    return Encoder.fit([Course("a", np.arange(50.0), values, (PAIN, SLEEP, RED))])


def _found(
    rng: np.random.Generator,
    rows: int = 400,
    patients: int = 40,
    model: float = 1.0,
    simple: float = 1.5,
    missing: float = 0.2,
    shared: float = 0.0,
) -> Answered:
    """Of two continuous columns. model, simple: standard deviations of the errors; shared: of them by patient."""
    owner = np.sort(rng.integers(0, patients, rows))
    shape = (rows, 2)
    target = 5 + rng.normal(size=shape)
    bias = shared * rng.normal(size=patients)[owner][:, None]
    unit = np.array([2.0, 0.5])
    centre = target + unit * (model * rng.normal(size=shape) + bias)
    worse = {n: target + unit * ((simple + i) * rng.normal(size=shape) + bias) for i, n in enumerate(NAMES.values())}
    half = 1.645 * unit * model
    return Answered(
        owner=owner,
        horizon=rng.uniform(5, 50, rows),
        target=np.where(rng.random(shape) < missing, np.nan, target),
        centre=centre,
        start=worse["last_value"],
        low=centre - half,
        median=centre,
        high=centre + half,
        simple=worse,
        unit=unit,
        chance=np.zeros(2, dtype=bool),
    )


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.nanmean(values**2)))


def test_the_table_tells_every_forecasts_error_pooled_and_by_variable(encoder: Encoder):
    found = _found(np.random.default_rng(1))
    table = evaluation.score(found, encoder, (0, 1))
    for name, forecast in {"model": found.centre, **found.simple}.items():
        error = forecast - found.target
        assert table[name] == pytest.approx(_root_mean_square(error / found.unit))
        for v, variable in enumerate(("pain", "sleep")):
            assert table["per_variable"][variable][name] == pytest.approx(_root_mean_square(error[:, v]))
    assert list(table["per_variable"]) == ["pain", "sleep"]
    assert table["values"] == np.isfinite(found.target).sum()
    assert table["per_variable"]["pain"]["values"] == np.isfinite(found.target[:, 0]).sum()
    assert table["patients"] == len(np.unique(found.owner))
    assert (table["beats_last_value"], table["beats_simple"], table["best_simple"]) == (True, True, "last_value")


def test_a_model_worse_than_a_simple_forecast_is_told_so(encoder: Encoder):
    table = evaluation.score(_found(np.random.default_rng(2), model=1.6, simple=1.5), encoder, (0, 1))
    assert (table["beats_last_value"], table["beats_simple"]) == (False, False)
    assert table["better_by"]["value"] < 0
    assert table["better_by"]["value"] == pytest.approx(table["last_value"] - table["model"])


def test_without_trees_their_error_is_not_told(encoder: Encoder):
    table = evaluation.score(_found(np.random.default_rng(3)), encoder, (0, 1), trees=False)
    assert NAMES["trees"] not in table
    assert NAMES["mixed"] in table


@pytest.mark.parametrize("found", [None, _found(np.random.default_rng(4), missing=1.1)])
def test_of_nothing_known_nothing_is_claimed(found: Answered | None, encoder: Encoder):
    table = evaluation.score(found, encoder, (0, 1))
    assert (table["model"], table["better_by"], table["values"]) == (None, None, 0)
    assert not table["beats_simple"]


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_the_interval_of_the_difference_holds_the_truth_nine_times_in_ten(shared: float, encoder: Encoder):
    rng = np.random.default_rng(5)
    truth = np.hypot(1.3, shared) - np.hypot(1.0, shared)
    tables = [evaluation.score(_found(rng, simple=1.3, shared=shared), encoder, (0, 1)) for _ in range(80)]
    better = [t["better_by"] for t in tables]
    assert all(b["low"] <= b["value"] <= b["high"] for b in better)
    held = np.mean([b["low"] <= truth <= b["high"] for b in better])
    assert 0.8 <= held <= 0.98


def test_more_visits_of_the_same_errors_make_nothing_surer_and_more_patients_do(encoder: Encoder):
    found = _found(np.random.default_rng(6), missing=0.0)
    often = found.pick(np.repeat(np.arange(len(found.owner)), 9))
    once, again = (evaluation.score(f, encoder, (0, 1))["better_by"] for f in (found, often))
    assert again == pytest.approx(once)
    others = replace(often, owner=often.owner * 9 + np.tile(np.arange(9), len(found.owner)))
    more = evaluation.score(others, encoder, (0, 1))["better_by"]
    assert more["high"] - more["low"] < 0.5 * (once["high"] - once["low"])


def test_coverage_is_the_share_of_known_values_inside(encoder: Encoder):
    found = _found(np.random.default_rng(7))
    factors = Factors(np.array([5.0, 50.0]), np.array([[0.5, 1.0], [1.5, 1.0]]))
    wide = factors(found.horizon)
    inside = np.abs(found.target - found.median) <= wide * (found.high - found.low) / 2
    assert evaluation.coverage(found, factors) == pytest.approx(inside[found.known].mean())
    assert evaluation.coverage(_found(np.random.default_rng(7), missing=1.1), factors) is None


def test_intervals_too_narrow_by_half_are_measured_as_covering_nine_in_ten_once_calibrated():
    found = _found(np.random.default_rng(8), rows=3000, patients=300)
    narrow = replace(found, low=(found.low + found.median) / 2, high=(found.high + found.median) / 2)
    assert evaluation.coverage(narrow, Factors.none(2)) == pytest.approx(0.59, abs=0.03)
    assert evaluation.coverage(narrow, None) == pytest.approx(0.9, abs=0.02)
    assert evaluation.coverage(narrow, evaluation.calibrate(narrow)) == pytest.approx(0.9, abs=0.01)


def test_nobodys_own_errors_widen_his_intervals_where_coverage_is_measured():
    found = _found(np.random.default_rng(9), rows=600, patients=60)
    kept = found.owner % 5 == 2  # a group of patients whose errors are beyond every interval
    wild = replace(found, median=np.where(kept[:, None], found.median + 1e6, found.median))
    wild = replace(wild, low=wild.median - 1.0, high=wild.median + 1.0)
    known = wild.known[kept].sum() / wild.known.sum()
    assert evaluation.coverage(wild, None) <= 1 - known
    factors = evaluation.calibrate(wild.pick(~kept))
    only = evaluation.coverage(wild.pick(kept), factors)
    assert only == 0.0


def test_the_coverage_of_each_group_is_that_of_factors_of_the_other_groups():
    found = _found(np.random.default_rng(10), rows=800, patients=50)
    inside = np.zeros(found.target.shape, dtype=bool)
    for group in range(5):
        own = found.owner % 5 == group
        wide = evaluation.calibrate(found.pick(~own))(found.horizon[own])
        inside[own] = np.abs(found.target - found.median)[own] <= wide * ((found.high - found.low) / 2)[own]
    assert evaluation.coverage(found, None) == pytest.approx(inside[found.known].mean())


def test_a_chance_has_no_interval_to_cover_it():
    found = _found(np.random.default_rng(11))
    chance = np.array([False, True])
    spoilt = replace(found, chance=chance, low=found.low.copy(), high=found.high.copy())
    spoilt.low[:, 1] = spoilt.high[:, 1] = 1e6
    first = found.known[:, 0]
    inside = ((found.low <= found.target) & (found.target <= found.high))[first, 0]
    assert evaluation.coverage(spoilt, Factors.none(2)) == pytest.approx(inside.mean())
    none = replace(found, chance=np.ones(2, dtype=bool))
    assert evaluation.coverage(none, None) is None


def _corrected(rng: np.random.Generator, rows: int, right: Any, noise: float) -> Answered:
    """right (2,): the share of what is missing that the correction tells; noise: what it tells beside."""
    found = _found(rng, rows)
    shape = found.target.shape
    start = found.centre
    missing = found.unit * rng.normal(size=shape)
    correction = np.asarray(right) * missing + found.unit * noise * rng.normal(size=shape)
    target = start + missing + found.unit * 0.5 * rng.normal(size=shape)
    target = np.where(np.isnan(found.target), np.nan, target)
    return replace(found, target=target, start=start, centre=start + correction)


def test_a_correction_that_is_noise_is_not_trusted():
    for seed in range(5):
        share = evaluation.trusted(_corrected(np.random.default_rng(seed), 4000, 0.0, 1.0))
        assert (share <= 0.08).all()


def test_a_correction_that_makes_things_worse_is_not_trusted_at_all():
    np.testing.assert_array_equal(evaluation.trusted(_corrected(np.random.default_rng(0), 4000, -0.5, 0.1)), 0.0)


def test_a_right_correction_is_trusted_and_one_too_timid_not_overdone():
    np.testing.assert_allclose(evaluation.trusted(_corrected(np.random.default_rng(1), 4000, 1.0, 0.0)), 1.0, atol=0.05)
    np.testing.assert_array_equal(evaluation.trusted(_corrected(np.random.default_rng(1), 4000, 0.5, 0.0)), 1.0)


def test_a_correction_half_noise_is_trusted_by_the_share_that_errs_least():
    found = _corrected(np.random.default_rng(2), 20_000, 1.0, 1.0)
    share = evaluation.trusted(found)
    np.testing.assert_allclose(share, 0.5, atol=0.03)
    scaled = (found.centre - found.start) / found.unit
    missing = (found.target - found.start) / found.unit

    def error(kept: np.ndarray) -> float:
        return float(np.nanmean((missing - kept * scaled) ** 2))

    assert error(share) < min(error(share - 0.1), error(share + 0.1), error(np.zeros(2)), error(np.ones(2)))


def test_of_few_values_a_column_is_trusted_as_all_are_and_of_many_by_its_own():
    many = evaluation.trusted(_corrected(np.random.default_rng(3), 20_000, [1.0, 0.0], 0.5))
    few = evaluation.trusted(_corrected(np.random.default_rng(3), 60, [1.0, 0.0], 0.5))
    assert many[0] > 0.75 and many[1] < 0.1
    assert few[0] - few[1] < 0.35


def test_no_correction_or_nothing_known_gives_a_share_all_the_same():
    found = _found(np.random.default_rng(4))
    same = replace(found, centre=found.start)
    blank = replace(found, target=np.full_like(found.target, np.nan))
    for case in (same, blank):
        share = evaluation.trusted(case)
        assert ((share >= 0) & (share <= 1)).all()


def test_folds_put_together_keep_their_patients_apart():
    parts = [_found(np.random.default_rng(f), rows=30, patients=6) for f in range(3)]
    whole = evaluation.joined([evaluation.renumbered(p, f, 3) for f, p in enumerate(parts)])
    assert len(whole.owner) == 90
    assert len(np.unique(whole.owner)) == sum(len(np.unique(p.owner)) for p in parts)
    for fold, part in enumerate(parts):
        here = whole.pick(whole.owner % 3 == fold)
        np.testing.assert_array_equal(here.target, part.target)
        np.testing.assert_array_equal(here.simple["last_value"], part.simple["last_value"])
