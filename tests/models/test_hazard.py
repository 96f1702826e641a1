"""Hazards by interval: what follows from them agrees with integrals, with lifelines and with how the data were made."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from models import hazard
from models.hazard import CENSORED, Grid, HazardGround, fit_ground, incidence, log_rates


@pytest.fixture(scope="module", autouse=True)
def little_ridge():
    """So little that coefficients may be compared with those of no ridge."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hazard, "_RIDGE", 0.01)
        yield


EDGES = np.array([0.0, 2.0, 5.0, 11.0])


@st.composite
def hazards(draw: st.DrawFn) -> tuple[np.ndarray, Grid]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    intervals = draw(st.integers(1, 5))
    edges = np.concatenate([[0.0], np.cumsum(rng.exponential(draw(st.sampled_from([0.01, 3.0, 900.0])), intervals))])
    size = draw(st.sampled_from([0.3, 3.0])) / edges[-1]
    return np.log(size) + rng.normal(0, 1.5, (draw(st.integers(1, 3)), intervals)), Grid(edges)


def _hazard_at(log_hazard: np.ndarray, edges: np.ndarray, day: float) -> np.ndarray:
    """Of each event (E,), told by going through the intervals."""
    for j in range(len(edges) - 2, -1, -1):
        if day > edges[j]:
            return np.exp(log_hazard[:, j])
    return np.exp(log_hazard[:, 0])


def _nodes(edges: np.ndarray, until: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss points and weights of every interval until a day."""
    stops = np.concatenate([edges[:-1][edges[:-1] < until], [until]])
    x, w = np.polynomial.legendre.leggauss(20)
    half = np.diff(stops)[:, None] / 2
    return (stops[:-1, None] + half * (x + 1)).ravel(), (half * w).ravel()


def _integrated(log_hazard: np.ndarray, edges: np.ndarray, until: float) -> np.ndarray:
    """Each event's chance until a day by numerical integration of h_e(u) S(u): (E,)."""
    days, weight = _nodes(edges, until)
    out = np.zeros(len(log_hazard))
    for day, share in zip(days, weight, strict=True):
        inner, inner_weight = _nodes(edges, day)
        gone = sum(w * _hazard_at(log_hazard, edges, u).sum() for u, w in zip(inner, inner_weight, strict=True))
        out += share * _hazard_at(log_hazard, edges, day) * np.exp(-gone)
    return out


@settings(max_examples=15, deadline=None, derandomize=True)
@given(hazards(), st.floats(0.01, 2.0))
def test_the_chance_of_each_event_is_the_integral_of_its_hazard_while_none_has_come(
    drawn: tuple[np.ndarray, Grid], share: float
):
    log_hazard, grid = drawn
    until = share * float(grid.edges[-1])
    np.testing.assert_allclose(
        incidence(log_hazard, grid, np.array([until]))[0], _integrated(log_hazard, grid.edges, until), rtol=1e-6
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(hazards())
def test_the_chances_sum_to_that_of_any_event_and_grow_from_none(drawn: tuple[np.ndarray, Grid]):
    log_hazard, grid = drawn
    days = np.concatenate([[0.0], np.linspace(0, 2 * grid.edges[-1], 40), grid.edges])
    days = np.sort(days)
    found = incidence(log_hazard, grid, days)
    survived = np.exp(-(grid.spent(days) * np.exp(log_hazard).sum(0)).sum(1))
    np.testing.assert_allclose(found.sum(1), 1 - survived, atol=1e-12)
    assert not found[0].any()
    assert (np.diff(found, axis=0) >= -1e-12).all()
    assert (found >= 0).all() and (found <= 1).all()


def test_one_constant_hazard_is_the_exponential_distribution():
    days = np.array([-1.0, 0.0, 0.5, 30.0, 1e5])
    found = incidence(np.full((1, 3), np.log(0.03)), Grid(EDGES), days)[:, 0]
    np.testing.assert_allclose(found, stats.expon(scale=1 / 0.03).cdf(days), rtol=1e-12)


def test_of_two_competing_events_each_takes_its_share_in_the_end():
    found = incidence(np.log([[0.03] * 3, [0.01] * 3]), Grid(EDGES), np.array([1e6]))[0]
    np.testing.assert_allclose(found, [0.75, 0.25], rtol=1e-9)


def test_hazards_of_nothing_and_without_bound_give_chances_still():
    for level in (-800.0, -100.0, 10.0, 300.0):
        found = incidence(np.full((2, 3), level), Grid(EDGES), np.array([0.0, 1e-9, 3.0, 1e4]))
        assert np.isfinite(found).all()
        assert (found.sum(1) <= 1 + 1e-12).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(hazards(), st.integers(0, 2**32 - 1))
def test_the_likelihood_is_that_of_the_event_seen_or_of_none_until_then(drawn: tuple[np.ndarray, Grid], seed: int):
    log_hazard, grid = drawn
    rng = np.random.default_rng(seed)
    spell = rng.uniform(0, 1.5 * grid.edges[-1], 6)
    cause = rng.integers(0, len(log_hazard) + 1, 6)
    found = hazard.nll(
        torch.from_numpy(np.tile(log_hazard, (6, 1, 1))),
        torch.from_numpy(grid.spent(spell)),
        torch.from_numpy(grid.place(spell)),
        torch.from_numpy(cause),
    ).numpy()
    for days, which, value in zip(spell, cause, found, strict=True):
        points, weight = _nodes(grid.edges, days)
        gone = sum(w * _hazard_at(log_hazard, grid.edges, u).sum() for u, w in zip(points, weight, strict=True))
        seen = 0.0 if which == CENSORED else np.log(_hazard_at(log_hazard, grid.edges, days)[which - 1])
        np.testing.assert_allclose(value, gone - seen, rtol=1e-9, atol=1e-9)


def test_the_density_of_the_likelihood_integrates_to_the_incidence():
    log_hazard, grid = np.log([[0.1, 0.3, 0.05], [0.2, 0.02, 0.4]]), Grid(EDGES)

    def density(day: float) -> float:
        asked = np.array([day])
        told = (np.tile(log_hazard, (1, 1, 1)), grid.spent(asked), grid.place(asked), np.array([2]))
        return float(torch.exp(-hazard.nll(*(torch.from_numpy(t) for t in told))))

    found, _ = integrate.quad(density, 0, 9.0, points=[2.0, 5.0])
    np.testing.assert_allclose(incidence(log_hazard, grid, np.array([9.0]))[0, 1], found, rtol=1e-6)


def test_gradients_of_the_likelihood_are_those_of_small_steps():
    rng = np.random.default_rng(0)
    spell, grid = rng.uniform(0, 14, 5), Grid(EDGES)
    told = (torch.from_numpy(a) for a in (grid.spent(spell), grid.place(spell), np.array([0, 1, 2, 0, 1])))
    spent, place, cause = told
    rates = torch.randn(5, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda r: hazard.nll(r, spent, place, cause), rates)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, 7.0, 7.0, 7.5, 30.0, 30.0, 365.25, 1e4]), max_size=40), st.data())
def test_a_grid_of_any_spells_rises_from_0_and_holds_every_day_once(spells: list[float], data: st.DataObject):
    spell = np.array(spells)
    cause = np.array([data.draw(st.integers(-1, 2)) for _ in spells], dtype=np.int64)
    grid = Grid.fit(spell, cause)
    assert grid.edges[0] == 0.0
    assert (np.diff(grid.edges) > 0).all()
    np.testing.assert_allclose(grid.spent(spell).sum(1), spell)
    came = (cause > CENSORED) & (spell > 0)
    # where an event came, there time was spent: else no rate could be told from the two
    assert (grid.spent(spell)[np.arange(len(spell)), grid.place(spell)] > 0)[came].all()


def test_no_event_gives_one_interval_low_rates_and_a_ground_that_adds_nothing():
    spell, cause = np.array([0.0, 10.0, 90.0]), np.zeros(3, dtype=np.int64)
    grid = Grid.fit(spell, cause)
    assert len(grid) == 1
    rates = log_rates(spell, cause, 2, grid)
    assert np.isfinite(rates).all()
    assert (np.exp(rates) < 0.01).all()
    ground = fit_ground(np.ones((3, 2)), spell, cause, 2, grid)
    assert not ground(np.random.default_rng(0).normal(size=(4, 2))).any()
    assert fit_ground(np.ones((3, 2)), spell, cause, 0, grid)(np.ones((4, 2))).shape == (4, 0)
    assert log_rates(spell, cause, 0, grid).shape == (0, 1)


def test_rates_of_exponential_waiting_are_told_in_every_interval():
    rng = np.random.default_rng(1)
    truth = np.array([0.02, 0.005])
    spell, cause = _compete(np.tile(truth, (6000, 1)), rng, follow=120.0)
    grid = Grid.fit(spell, cause)
    found = log_rates(spell, cause, 2, grid)
    assert len(grid) == hazard.INTERVALS
    np.testing.assert_allclose(found[0], np.log(0.02), atol=0.2)
    np.testing.assert_allclose(found[1], np.log(0.005), atol=0.4)
    asked = np.array([10.0, 40.0, 100.0])
    whole = truth / truth.sum() * (1 - np.exp(-truth.sum() * asked[:, None]))
    np.testing.assert_allclose(incidence(found, grid, asked), whole, atol=0.02)


def test_rates_of_visits_on_fixed_days_are_told_where_the_events_came():
    """All events on the same days, as where they are found out at visits: a quarter each month."""
    rng = np.random.default_rng(2)
    months = rng.geometric(0.25, 4000)
    spell, cause = 30.0 * np.minimum(months, 6), (months <= 6).astype(np.int64)
    grid = Grid.fit(spell, cause)
    found = incidence(log_rates(spell, cause, 1, grid), grid, np.array([30.0, 60.0, 90.0, 180.0]))[:, 0]
    # a quarter of a month's patients in the month they all wait through
    np.testing.assert_allclose(found, 1 - np.exp(-0.25 * np.array([1, 2, 3, 6])), atol=0.02)


def _compete(rates: np.ndarray, rng: np.random.Generator, follow: float) -> tuple[np.ndarray, np.ndarray]:
    """rates (k, E) a day, all followed for ``follow`` days at most -> spell, cause (k,)."""
    waits = rng.exponential(1.0, rates.shape) / rates
    end = rng.uniform(0.3, 1.0, len(rates)) * follow
    first = waits.min(1)
    return np.minimum(first, end), np.where(first <= end, waits.argmin(1) + 1, CENSORED)


BETA = np.array([[0.7, -0.5, 0.0], [-0.6, 0.0, 0.9]])


def _simulated(days: float, patients: int = 2500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """days: how long a year of the simulation is."""
    rng = np.random.default_rng(3)
    rows = rng.normal(2.0, [1.0, 3.0, 0.2], (patients, 3))
    z = (rows - 2.0) / [1.0, 3.0, 0.2]
    return rows, *_compete(np.exp(z @ BETA.T) * [0.4, 0.2] / days, rng, follow=3.0 * days)


@pytest.fixture(scope="module")
def ground() -> HazardGround:
    rows, spell, cause = _simulated(1.0)
    return fit_ground(rows, spell, cause, 2, Grid.fit(spell, cause))


def test_the_linear_ground_finds_the_coefficients_the_data_were_made_with(ground: HazardGround):
    np.testing.assert_allclose(ground.weight, BETA, atol=0.12)


@pytest.mark.parametrize("event", [1, 2])
def test_the_linear_ground_agrees_with_the_cox_models_of_lifelines(event: int, ground: HazardGround):
    lifelines = pytest.importorskip("lifelines")
    pandas = pytest.importorskip("pandas")
    rows, spell, cause = _simulated(1.0)
    frame = pandas.DataFrame(rows, columns=list("abc")).assign(waits=spell, came=cause == event)
    reference = lifelines.CoxPHFitter().fit(frame, "waits", "came").params_.to_numpy()
    # the ridge and the grid stand between the two
    np.testing.assert_allclose((ground.weight / ground.scale)[event - 1], reference, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("days", [365.25, 1e5, 1e-3])
def test_the_coefficients_are_the_same_in_whatever_unit_time_is_told(days: float, ground: HazardGround):
    rows, spell, cause = _simulated(days)
    found = fit_ground(rows, spell, cause, 2, Grid.fit(spell, cause))
    np.testing.assert_allclose(found.weight, ground.weight, atol=0.01)


def test_events_that_all_came_on_the_same_days_teach_too():
    rows, spell, cause = _simulated(1.0)
    seen = np.ceil(spell * 4) / 4  # found out at the next quarterly visit
    found = fit_ground(rows, seen, cause, 2, Grid.fit(seen, cause))
    np.testing.assert_allclose(found.weight, BETA, atol=0.2)


def test_spells_of_no_day_neither_break_nor_bend_the_ground(ground: HazardGround):
    rows, spell, cause = _simulated(1.0)
    grid = Grid.fit(spell, cause)
    extra = rows[:50] + 0.0
    again = fit_ground(
        np.concatenate([rows, extra]),
        np.concatenate([spell, np.zeros(50)]),
        np.concatenate([cause, np.zeros(50, dtype=np.int64)]),
        2,
        grid,
    )
    np.testing.assert_allclose(again.weight, ground.weight, atol=0.03)
    place, spent = grid.place(np.zeros(2)), grid.spent(np.zeros(2))
    told = hazard.nll(
        torch.full((2, 2, len(grid)), -3.0),
        torch.from_numpy(spent).float(),
        torch.from_numpy(place),
        torch.tensor([0, 1]),
    )
    assert told.tolist() == [0.0, 3.0]


def test_a_fact_that_is_the_same_of_everyone_adds_nothing():
    rows, spell, cause = _simulated(1.0, 400)
    rows[:, 1] = 7.0
    found = fit_ground(rows, spell, cause, 2, Grid.fit(spell, cause))
    np.testing.assert_allclose(found.weight[:, 1], 0.0, atol=1e-12)
    assert np.isfinite(found(rows * 1e9)).all()


def test_a_rare_event_has_no_coefficients_and_leaves_the_other_its_own(ground: HazardGround):
    rows, spell, cause = _simulated(1.0)
    grid = Grid.fit(spell, cause)
    second = np.flatnonzero(cause == 2)
    rare = cause.copy()
    rare[second[4:]] = CENSORED
    found = fit_ground(rows, spell, rare, 2, grid)
    assert not found.weight[1].any()
    np.testing.assert_allclose(found.weight[0], ground.weight[0], atol=0.01)


def test_one_patient_asked_about_often_is_one_event_still():
    rows, spell, _ = _simulated(1.0, 400)
    came = np.zeros(400, dtype=np.int64)
    came[:20] = 1
    grid = Grid.fit(spell, came)
    often = np.where(np.arange(400) < 20, 0, np.arange(400))  # all twenty are questions about the first
    assert not fit_ground(rows, spell, came, 1, grid, often).weight.any()
    assert fit_ground(rows, spell, came, 1, grid, np.arange(400)).weight.any()


def test_rates_beside_a_risk_expect_as_many_events_as_have_come(ground: HazardGround):
    rows, spell, cause = _simulated(1.0)
    grid = Grid.fit(spell, cause)
    risk = ground(rows)
    base = log_rates(spell, cause, 2, grid, risk)
    spent = grid.spent(spell)
    for e in range(2):
        expected = (spent * np.exp(base[e] + risk[:, e : e + 1])).sum()
        assert expected == pytest.approx((cause == e + 1).sum(), rel=0.02)
    np.testing.assert_allclose(base, np.tile(np.log([[0.4], [0.2]]), len(grid)), atol=0.45)


def test_the_ridge_counts_by_the_event_whatever_the_unit_of_time(ground: HazardGround, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hazard, "_RIDGE", 0.3)
    found = []
    for days in (1.0, 365.25):
        rows, spell, cause = _simulated(days)
        found.append(fit_ground(rows, spell, cause, 2, Grid.fit(spell, cause)).weight)
    np.testing.assert_allclose(found[0], found[1], atol=0.01)
    strong = np.abs(BETA) > 0
    assert (np.abs(found[0])[strong] < 0.9 * np.abs(ground.weight)[strong]).all()
    assert (np.sign(found[0])[strong] == np.sign(BETA)[strong]).all()
