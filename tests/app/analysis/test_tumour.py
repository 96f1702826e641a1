"""The tumour simulator: its equation, its luck kept apart by patient, its policy, its counterfactual truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.analysis.simulator import tumour
from app.analysis.simulator.tumour import ARMS, DEATH_VOLUME, Cohort, courses, one_step, roll_out, simulate, visits


@pytest.fixture(scope="module")
def trial() -> Cohort:
    """Treatment by coin flips."""
    return simulate(250, seed=3)


@pytest.fixture(scope="module")
def confounded() -> Cohort:
    return simulate(250, seed=3, gamma=10.0)


def scalar_course(cohort: Cohort, k: int, gamma: float) -> tuple[list[float], list[float], bool]:
    """One patient told slowly, from the same luck: volumes, concentrations, and whether every treatment agrees."""
    who = cohort.patients
    chances = np.random.default_rng(np.random.SeedSequence(cohort.seed, spawn_key=(k, 1))).random((60, 3))
    capacity, death = (math.pi / 6.0 * d**3 for d in (30.0, 13.0))
    volumes, concentrations, agree, dose = [float(who.start[k])], [0.0], True, 0.0
    for t in range(1, 60):
        v, c = volumes[-1], concentrations[-1]
        rate = who.rho[k] * math.log(capacity / v) - who.beta_c[k] * c
        rate -= who.alpha[k] * dose + who.alpha[k] / 10.0 * dose**2
        v *= 1.0 + rate + cohort.noise[k, t]
        if v > death or chances[t, 2] < math.exp(min(0.0, -5.8e8 * v)):
            return [*volumes, death if v > death else 0.0], concentrations, agree
        window = volumes[-15:]
        diameter = sum((6.0 * w / math.pi) ** (1.0 / 3.0) for w in window) / len(window)
        chance = 1.0 / (1.0 + math.exp(-gamma / 13.0 * (diameter - 6.5)))
        chemo, radio = (t < 59 and chances[t, arm] < chance for arm in (0, 1))
        agree &= (chemo, radio) == (bool(cohort.chemo[k, t]), bool(cohort.radio[k, t]))
        dose = 2.0 * radio
        concentrations.append(c / 2.0 + 5.0 * chemo)
        volumes.append(v)
    return volumes, concentrations, agree


@pytest.mark.parametrize("gamma", [0.0, 4.0])
def test_a_slow_scalar_telling_of_the_equations_gives_the_same_courses(gamma):
    cohort = simulate(40, seed=5, gamma=gamma)
    for k in range(len(cohort)):
        volumes, concentrations, agree = scalar_course(cohort, k, gamma)
        assert len(volumes) == cohort.days[k]
        assert agree
        np.testing.assert_allclose(cohort.volume[k, : len(volumes)], volumes, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(cohort.concentration[k, : len(concentrations)], concentrations)
        assert np.isnan(cohort.volume[k, len(volumes) :]).all()


def test_more_patients_do_not_alter_the_ones_before_and_a_seed_repeats_itself():
    few, more, later = simulate(3, seed=5, gamma=2.0), simulate(6, seed=5, gamma=2.0), simulate(2, 5, 2.0, first=3)
    np.testing.assert_array_equal(few.volume, more.volume[:3])
    np.testing.assert_array_equal(later.volume, more.part(3, 5).volume)
    of_few, of_more = roll_out(few, 3, "random"), roll_out(more, 3, "random")
    np.testing.assert_array_equal(of_few.plan, of_more.plan[of_more.patient < 3])
    np.testing.assert_array_equal(visits(few), visits(more)[:3])
    np.testing.assert_array_equal(roll_out(later, 3, "random").plan, roll_out(more.part(3, 5), 3, "random").plan)
    assert not np.array_equal(few.volume, simulate(3, seed=6, gamma=2.0).volume)


def test_another_gamma_meets_the_same_patients(trial, confounded):
    np.testing.assert_array_equal(trial.patients.alpha, confounded.patients.alpha)
    np.testing.assert_array_equal(trial.volume[:, :2], confounded.volume[:, :2])
    np.testing.assert_array_equal(trial.noise, confounded.noise)


def test_arguments_out_of_range_are_refused(trial):
    for patients, gamma, first, days in ((0, 0.0, 0, 60), (3, -1.0, 0, 60), (3, 0.0, -1, 60), (3, 0.0, 0, 1)):
        with pytest.raises(ValueError, match="expected"):
            simulate(patients, 0, gamma, first=first, days=days)
    for tau in (0, 60):
        with pytest.raises(ValueError, match="days expected"):
            roll_out(trial, tau)
    with pytest.raises(ValueError, match="plans"):
        roll_out(trial, 2, "alternative")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="expected"):
        courses(trial, np.ones((2, 60), dtype=bool))


def test_the_population_is_the_published_one():
    who = simulate(4000, seed=0, days=2).patients
    weights = np.array([s[0] for s in tumour.STAGES.values()])
    np.testing.assert_allclose(np.bincount(who.stage) / 4000, weights / weights.sum(), atol=0.025)
    np.testing.assert_allclose(np.bincount(who.kind)[1:] / 4000, 1 / 3, atol=0.025)
    diameter = tumour.diameter_of(who.start)
    assert diameter.min() > 0.3 - 1e-9 and diameter.max() < 13 + 1e-9
    assert diameter[who.stage == 0].max() < 5 + 1e-9
    assert (who.alpha > 0).all() and (who.rho > 0).all()
    np.testing.assert_array_equal(who.beta, who.alpha / 10)
    assert np.corrcoef(who.alpha, who.rho)[0, 1] > 0.6
    for kind, mean in ((1, 0.028), (2, 0.028), (3, 0.0308)):
        assert who.beta_c[who.kind == kind].mean() == pytest.approx(mean, abs=1e-4)
    assert who.alpha[who.kind == 1].min() > 0.00398


def test_volumes_and_diameters_are_those_of_spheres():
    assert pytest.approx(1150.35, abs=0.01) == DEATH_VOLUME
    np.testing.assert_allclose(tumour.diameter_of(tumour.volume_of(np.array([0.3, 6.5, 30.0]))), [0.3, 6.5, 30.0])


def test_confounding_grows_with_gamma():
    """At gamma 0 the treated are as large as the untreated, then ever larger."""
    gaps = []
    for gamma in (0.0, 2.0, 4.0, 10.0):
        cohort = simulate(400, seed=1, gamma=gamma)
        size = tumour.diameter_of(cohort.volume[:, 1:10])
        radio, alive = cohort.radio[:, 1:10], np.arange(1, 10) < cohort.days[:, None] - 1
        gaps.append(size[radio & alive].mean() - size[~radio & alive].mean())
    assert abs(gaps[0]) < 0.2
    assert np.all(np.diff(gaps) > 0.3)


def test_blind_treatment_is_given_half_of_the_days_and_none_on_the_first_and_last(trial):
    alive = np.arange(1, 59) < trial.days[:, None] - 1
    for given in (trial.chemo, trial.radio):
        assert given[:, 1:59][alive].mean() == pytest.approx(0.5, abs=0.02)
        assert not given[:, 0].any() and not given[np.arange(len(trial)), trial.days - 1].any()


def test_the_concentration_halves_in_a_day_and_each_dose_adds_five(trial):
    for given, added in ((False, 0.0), (True, 5.0)):
        alive = np.arange(1, 60) < trial.days[:, None] - 1
        here = alive & (trial.chemo[:, 1:] == given)
        halved = trial.concentration[:, :-1][here] / 2
        np.testing.assert_allclose(trial.concentration[:, 1:][here], halved + added)


def test_deaths_stay_at_the_largest_volume_and_the_recovered_at_none():
    cohort = simulate(800, seed=0)
    last = cohort.volume[np.arange(800), cohort.days - 1]
    assert cohort.died.any() and cohort.recovered.any() and not (cohort.died & cohort.recovered).any()
    assert (last[cohort.died] == DEATH_VOLUME).all() and (last[cohort.recovered] == 0).all()
    assert (cohort.days[~cohort.died & ~cohort.recovered] == 60).all()
    inner = cohort.volume[np.arange(60) < cohort.days[:, None] - 1]
    assert (inner > 0).all() and (inner <= DEATH_VOLUME).all()


def test_the_arm_really_taken_ends_in_the_volume_really_seen(confounded):
    questions = one_step(confounded)
    taken = np.stack([confounded.chemo, confounded.radio], -1)[questions.patient, questions.day]
    factual = (questions.plan[:, 0] == taken).all(1)
    assert factual.sum() * 4 == len(questions) == 4 * np.maximum(confounded.days - 2, 0).sum()
    seen = confounded.volume[questions.patient, questions.day + 1][factual]
    np.testing.assert_allclose(questions.volume[factual, 0], seen, rtol=1e-12, atol=1e-8)


def test_treated_tumours_shrink_and_untreated_ones_grow(trial):
    questions = one_step(trial, noise=False)
    now = trial.volume[questions.patient, questions.day].reshape(-1, 4)
    none, chemo, radio, both = (questions.volume[:, 0].reshape(-1, 4) / now).T
    fresh = trial.concentration[questions.patient, questions.day - 1].reshape(-1, 4)[:, 0] == 0
    assert (none[fresh] >= 1).all()
    assert (chemo < none).all() and (radio < none).all()
    assert (both <= chemo).all() and (both <= radio).all()
    assert np.median(both) < 0.75


def test_a_plan_of_days_is_the_one_day_step_repeated(trial):
    """Two days of an arm, the second asked from where the first ended."""
    ahead = roll_out(trial, 2, "sliding", noise=False)
    first_day_chemo = (ahead.plan[:, 0, 0]).nonzero()[0]
    who = trial.patients.take(ahead.patient[first_day_chemo])
    left = tumour.decay(trial.concentration[ahead.patient, ahead.day - 1][first_day_chemo]) + 5.0
    now = trial.volume[ahead.patient, ahead.day][first_day_chemo]
    none = np.zeros(len(now))
    tomorrow = np.clip(tumour.step(who, now, left, none), 0, DEATH_VOLUME)
    after = np.clip(tumour.step(who, tomorrow, left / 2, none), 0, DEATH_VOLUME)
    np.testing.assert_allclose(ahead.volume[first_day_chemo], np.stack([tomorrow, after], 1))


def test_sliding_plans_hold_each_single_treatment_once_and_random_ones_half_of_all(trial):
    sliding, random = roll_out(trial, 4), roll_out(trial, 4, "random")
    assert len(sliding) == len(random) == 8 * (trial.days[:, None] - 1 > np.arange(1, 56)).sum()
    first = sliding.plan[:8]
    assert (first.sum((1, 2)) == 1).all() and (first.sum(0) == 1).all()
    assert random.plan.mean() == pytest.approx(0.5, abs=0.01)
    assert (random.volume >= 0).all() and (random.volume <= DEATH_VOLUME).all()


def test_the_same_plan_leads_to_the_same_end_from_one_step_and_from_a_roll_out(trial):
    single, rolled = one_step(trial), roll_out(trial, 2)
    chemo = single.volume[(single.plan[:, 0] == ARMS[1]).all(1) & (single.day < 58), 0]
    np.testing.assert_array_equal(rolled.volume[rolled.plan[:, 0, 0], 0], chemo)


def test_large_and_treated_tumours_are_visited_more_often(trial):
    seen = visits(trial)
    assert seen[:, 0].all()
    size = tumour.diameter_of(trial.volume[:, 0])
    within = np.where(np.isnan(trial.volume), False, seen).sum(1) / trial.days
    assert within[size > 8].mean() > 1.5 * within[size < 3].mean()
    assert visits(trial.part(0, 50), runs=20).mean() > seen[:50].mean()


def test_a_hawkes_process_without_offspring_is_a_poisson_process():
    rng = np.random.default_rng(0)
    plain = np.mean([tumour._hawkes(rng, 0.05, 0.0, 60) for _ in range(400)])
    excited = np.mean([tumour._hawkes(rng, 0.05, 0.9, 60) for _ in range(400)])
    assert plain == pytest.approx(1 - math.exp(-0.05), abs=0.005)
    assert excited > 1.5 * plain


def test_courses_hold_the_volumes_the_types_and_a_day_of_each_treatment(trial):
    made = courses(trial)
    assert len(made) == len(trial) and len({c.patient for c in made}) == len(made)
    for k, course in enumerate(made[:30]):
        np.testing.assert_array_equal(course.times, np.arange(trial.days[k]))
        np.testing.assert_array_equal(course.column("volume"), trial.volume[k, : trial.days[k]])
        kind = trial.patients.kind[k]
        assert course.static == {"type 1": float(kind == 1), "type 3": float(kind == 3)}
        for name, given, dose in (("chemo", trial.chemo[k], 5.0), ("radio", trial.radio[k], 2.0)):
            mine = [t for t in course.treatments if t.name == name]
            assert [t.start for t in mine] == given.nonzero()[0].tolist()
            assert all(t.end == t.start + 1 and t.dose == dose for t in mine)


def test_courses_of_irregular_visits_keep_the_daily_treatments(trial):
    seen = visits(trial)
    full, few = courses(trial), courses(trial, seen)
    assert sum(map(len, few)) < 0.8 * sum(map(len, full))
    for a, b in zip(full, few, strict=True):
        assert set(b.times) <= set(a.times) and b.treatments == a.treatments


def test_a_plan_becomes_treatments_from_the_asked_day():
    plan = np.array([[True, False], [False, False], [True, True]])
    assert [(t.name, t.start, t.end, t.dose) for t in tumour.treatments(plan, 7.0)] == [
        ("chemo", 7.0, 8.0, 5.0),
        ("chemo", 9.0, 10.0, 5.0),
        ("radio", 9.0, 10.0, 2.0),
    ]
