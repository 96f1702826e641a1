"""The members' answers put together are one distribution: its quantiles, its counts, its chances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from models import likelihoods
from models.course import Course, Variable
from models.distribution import Distribution, distribution, survival
from models.encoding import Encoder
from models.forecast import QUANTILE_LEVELS
from models.hazard import Grid, incidence
from models.heads import Heads, Mixture
from models.network import Answers

FAMILIES: dict[str, Any] = {"logistic": stats.logistic, "gaussian": stats.norm, "student": stats.t(8.102475)}
MIDDLE = QUANTILE_LEVELS.index(0.5)


def _made(rng: np.random.Generator, questions: int, columns: int, components: int, family: str = "logistic", **kinds):
    """A distribution of random mixtures; kinds: which columns are chances or counts."""
    shape = (questions, columns, components)
    location, scale = 2 * rng.normal(size=shape), np.exp(rng.normal(size=shape))
    weight = special.softmax(2 * rng.normal(size=shape), -1)
    flags = {n: np.isin(np.arange(columns), kinds.get(n, [])) for n in ("chance", "count")}
    centre = (weight * location).sum(-1)
    centre = np.where(flags["chance"], special.expit(centre), centre)
    known = likelihoods.make(family, columns)
    return Distribution(
        location=location,
        scale=scale,
        weight=weight,
        centre=centre,
        start=centre * 0.5,
        classes={},
        log_hazard=np.zeros((questions, 0, 1)),
        **flags,
        cumulative=lambda z, column: known.cumulative(z, known.tails[column, None]),
        ppf=lambda levels: known.ppf(levels)[:, None, :].repeat(components, 1),
        mean=rng.normal(size=columns),
        unit=np.exp(rng.normal(size=columns)),
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_quantiles_invert_the_distribution_function_of_the_mixture(family: str):
    found = _made(np.random.default_rng(0), 5, 3, 4, family)
    quantiles = found.quantiles(QUANTILE_LEVELS, np.ones((5, 3)))
    standard = FAMILIES[family]
    for q, k in np.ndindex(5, 3):
        location, scale, weight = found.location[q, k], found.scale[q, k], found.weight[q, k]

        def short(x: float, level: float, location=location, scale=scale, weight=weight) -> float:
            return float((weight * standard.cdf((x - location) / scale)).sum() - level)

        root: Any = optimize.brentq
        expected = [root(short, -200.0, 200.0, args=(level,), xtol=1e-12) for level in QUANTILE_LEVELS]
        z = (quantiles[q, k] - found.mean[k]) / found.unit[k]
        np.testing.assert_allclose(z, np.array(expected, dtype=np.float64), atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_mixture_of_one_has_the_quantiles_of_its_family(family: str):
    found = _made(np.random.default_rng(1), 4, 2, 1, family)
    z = found.location + found.scale * FAMILIES[family].ppf(np.array(QUANTILE_LEVELS))
    np.testing.assert_allclose(
        found.quantiles(QUANTILE_LEVELS, np.ones((4, 2))), found.mean[:, None] + found.unit[:, None] * z, rtol=1e-5
    )


@settings(max_examples=80, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), components=st.integers(1, 6), factor=st.floats(0.4, 3.0))
def test_quantiles_never_fall_as_their_level_rises(seed: int, components: int, factor: float):
    found = _made(np.random.default_rng(seed), 3, 4, components, chance=[1], count=[2])
    quantiles = found.quantiles(QUANTILE_LEVELS, np.full((3, 4), factor))
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()


def test_factors_stretch_every_distance_from_the_median_and_leave_it():
    found = _made(np.random.default_rng(2), 6, 3, 3)
    factors = np.random.default_rng(3).uniform(0.4, 3.0, (6, 3))
    plain, stretched = (found.quantiles(QUANTILE_LEVELS, f) for f in (np.ones((6, 3)), factors))
    middle = plain[..., MIDDLE : MIDDLE + 1]
    np.testing.assert_allclose(stretched, middle + factors[..., None] * (plain - middle), rtol=1e-9)


def _least_count(level: float, mean: float, size: float) -> int:
    """The smallest count that with all below it has at least this chance, by summing them up."""
    count, total = 0, 0.0
    while True:
        total += np.exp(
            special.gammaln(count + size)
            - special.gammaln(count + 1)
            - special.gammaln(size)
            + size * np.log(size / (size + mean))
            + count * np.log(mean / (size + mean))
        )
        if total >= level:
            return count
        count += 1


def test_counts_have_the_quantiles_of_the_negative_binomial_they_learn_by():
    found = _made(np.random.default_rng(4), 8, 1, 2, count=[0])
    found = replace(found, scale=np.repeat(found.scale[..., :1], 2, -1))
    quantiles = found.quantiles(QUANTILE_LEVELS, np.ones((8, 1)))
    for q in range(8):
        mean = max(np.expm1(found.mean[0] + found.unit[0] * found.centre[q, 0]), 1e-3)
        size = (found.scale[q, 0, 0] * found.unit[0]) ** -2
        assert quantiles[q, 0].tolist() == [_least_count(level, mean, size) for level in QUANTILE_LEVELS]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    centre=st.floats(-40, 60),
    scale=st.floats(1e-9, 1e4),
    factor=st.floats(0.4, 3.0),
    unit=st.sampled_from([1e-3, 1, 2]),
)
def test_counts_are_whole_numbers_and_never_below_none(centre: float, scale: float, factor: float, unit: float):
    found = _made(np.random.default_rng(5), 1, 1, 1, count=[0])
    found = replace(
        found, centre=np.array([[centre]]), scale=np.array([[[scale]]]), mean=np.array([1.0]), unit=np.array([unit])
    )
    quantiles = found.quantiles(QUANTILE_LEVELS, np.array([[factor]]))
    assert (quantiles >= 0).all()
    np.testing.assert_array_equal(quantiles, np.round(quantiles))
    assert np.isfinite(found.expected).all()


def test_wider_factors_scatter_counts_more():
    found = _made(np.random.default_rng(6), 1, 1, 1, count=[0])
    found = replace(
        found, centre=np.full((1, 1), 3.0), mean=np.zeros(1), unit=np.ones(1), scale=np.full((1, 1, 1), 0.3)
    )
    narrow, plain, wide = (found.quantiles(QUANTILE_LEVELS, np.full((1, 1), f))[0, 0] for f in (0.5, 1.0, 2.0))
    assert narrow[-1] - narrow[0] < plain[-1] - plain[0] < wide[-1] - wide[0]


def test_a_chance_is_the_same_at_every_level():
    found = _made(np.random.default_rng(7), 4, 3, 2, chance=[1])
    quantiles = found.quantiles(QUANTILE_LEVELS, np.full((4, 3), 2.0))
    np.testing.assert_array_equal(quantiles[:, 1], np.tile(found.centre[:, 1:2], len(QUANTILE_LEVELS)))


PAIN = Variable("pain", kind="ordinal", lower=0.0, upper=6.0)
TONGUE = Variable("tongue", kind="categorical", levels=("pale", "red", "purple"))
VARIABLES = (Variable("sleep"), PAIN, Variable("red", kind="binary"), TONGUE, Variable("stools", kind="count"))
SLEEP_AT, PAIN_AT, RED_AT, TONGUE_AT, STOOLS_AT = 0, 1, 2, [3, 4, 5], 6  # columns


class _Member:
    """A network that always gives the same answers."""

    def __init__(self, encoder: Encoder, rng: np.random.Generator, events: int, likelihood: str = "logistic") -> None:
        columns = len(encoder.columns)
        self.heads = Heads(encoder, tuple(range(columns)), likelihood)
        with torch.no_grad():
            for cut in self.heads.cuts.values():
                cut += torch.tensor(rng.normal(0, 0.3, len(cut)), dtype=torch.float32)

        def drawn(*shape: int) -> torch.Tensor:
            return torch.tensor(rng.normal(size=shape), dtype=torch.float32)

        mixture = Mixture(drawn(5, columns, 2), drawn(5, columns, 2), drawn(5, columns, 2).log_softmax(-1))
        self.answers = Answers(mixture, drawn(5, columns), drawn(5, events, 3))

    def __call__(self, batch: object) -> Answers:
        return self.answers


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    rng = np.random.default_rng(0)
    values = np.stack(
        [
            rng.normal(7, 1, 40),
            rng.choice([0.0, 2.0, 3.0, 6.0], 40),
            rng.choice([0.0, 1.0], 40),
            rng.choice([0.0, 1.0, 2.0], 40),
            rng.poisson(3.0, 40).astype(np.float64),
        ],
        -1,
    )
    return Encoder.fit([Course("a", np.arange(40.0), values, VARIABLES)])


def _together(encoder: Encoder, members: list[_Member], trust: np.ndarray | None = None) -> Distribution:
    chosen: Any = members
    batch: Any = None
    return distribution(chosen, encoder, tuple(range(len(encoder.columns))), batch, trust)


@pytest.fixture
def members(encoder: Encoder) -> list[_Member]:
    rng = np.random.default_rng(1)
    return [_Member(encoder, rng, 2) for _ in range(3)]


def test_chances_of_classes_and_levels_sum_to_1(encoder: Encoder, members: list[_Member]):
    found = _together(encoder, members)
    np.testing.assert_allclose(found.centre[:, TONGUE_AT].sum(1), 1.0)
    np.testing.assert_allclose(found.classes[PAIN_AT].sum(1), 1.0)
    np.testing.assert_allclose(found.weight.sum(-1), 1.0, rtol=1e-6)
    assert found.classes[PAIN_AT].shape == (5, 4)
    assert (found.classes[PAIN_AT] >= 0).all()
    assert ((found.centre[:, RED_AT] > 0) & (found.centre[:, RED_AT] < 1)).all()


def test_the_chances_are_those_the_members_learn_by(encoder: Encoder, members: list[_Member]):
    """What the likelihood gives each class, averaged over the members."""
    found = _together(encoder, members)
    everything = torch.ones(5, len(encoder.columns), dtype=torch.bool)
    z = (np.array([0.0, 2.0, 3.0, 6.0]) - encoder.mean[PAIN_AT]) / encoder.scale[PAIN_AT]
    for place, value in enumerate(z):
        target = torch.full(everything.shape, float(value))
        told = [torch.exp(-m.heads.nll(m.answers.mixture, target, everything))[:, PAIN_AT] for m in members]
        np.testing.assert_allclose(
            found.classes[PAIN_AT][:, place], np.mean([t.detach().numpy() for t in told], 0), rtol=1e-3, atol=1e-6
        )
    for column in (RED_AT, *TONGUE_AT):
        target = torch.zeros(everything.shape)
        target[:, column] = 1.0
        first = column if column == RED_AT else TONGUE_AT[0]
        told = [torch.exp(-m.heads.nll(m.answers.mixture, target, everything))[:, first] for m in members]
        np.testing.assert_allclose(found.centre[:, column], np.mean([t.detach().numpy() for t in told], 0), rtol=1e-4)


def test_a_count_is_forecast_with_the_scatter_it_learns_by(encoder: Encoder, members: list[_Member]):
    found = _together(encoder, members[:1])
    everything = torch.ones(5, len(encoder.columns), dtype=torch.bool)
    counts = np.arange(400)
    target = (np.log1p(counts) - encoder.mean[STOOLS_AT]) / encoder.scale[STOOLS_AT]
    nll = [
        members[0].heads.nll(members[0].answers.mixture, torch.full(everything.shape, float(t)), everything)
        for t in target
    ]
    cdf = np.cumsum(np.exp(-np.stack([n[:, STOOLS_AT].detach().numpy() for n in nll])), 0)
    quantiles = found.quantiles(QUANTILE_LEVELS, np.ones(found.centre.shape))[:, STOOLS_AT]
    for q in range(5):
        expected = [int(np.searchsorted(cdf[:, q], level)) for level in QUANTILE_LEVELS]
        if expected[-1] < len(counts):
            assert quantiles[q].tolist() == expected


def test_no_trust_gives_the_simple_forecasts_and_half_of_it_the_middle(encoder: Encoder, members: list[_Member]):
    columns = len(encoder.columns)
    whole, half, none = (_together(encoder, members, np.full(columns, t)) for t in (1.0, 0.5, 0.0))
    np.testing.assert_allclose(whole.centre, _together(encoder, members).centre)
    np.testing.assert_allclose(none.centre, none.start, rtol=1e-5)
    np.testing.assert_allclose(none.expected, none.uncorrected, rtol=1e-5)
    numbers = [SLEEP_AT, PAIN_AT, STOOLS_AT]
    np.testing.assert_allclose(half.centre[:, numbers], (whole.centre + whole.start)[:, numbers] / 2, rtol=1e-5)
    for found in (half, none):
        np.testing.assert_allclose(found.centre[:, TONGUE_AT].sum(1), 1.0)
        np.testing.assert_allclose(
            found.centre[:, SLEEP_AT], (found.weight * found.location).sum(-1)[:, SLEEP_AT], rtol=1e-5
        )


@pytest.mark.parametrize("likelihood", ["logistic", "gaussian"])
def test_the_quantiles_of_members_together_lie_between_their_own(likelihood: str, encoder: Encoder):
    rng = np.random.default_rng(8)
    members = [_Member(encoder, rng, 0, likelihood) for _ in range(3)]
    ones = np.ones((5, len(encoder.columns)))
    apart = np.stack([_together(encoder, [m]).quantiles(QUANTILE_LEVELS, ones) for m in members])[:, :, SLEEP_AT]
    together = _together(encoder, members).quantiles(QUANTILE_LEVELS, ones)[:, SLEEP_AT]
    assert (together >= apart.min(0) - 1e-3).all()
    assert (together <= apart.max(0) + 1e-3).all()


def test_every_member_keeps_the_tails_it_has_learnt(encoder: Encoder):
    rng = np.random.default_rng(9)
    members = [_Member(encoder, rng, 0, "student") for _ in range(2)]
    for member, tails in zip(members, (-5.0, 40.0), strict=True):
        with torch.no_grad():
            member.heads.family.free.fill_(tails)  # type: ignore[union-attr, operator]
    found = _together(encoder, members)
    quantiles = found.quantiles(QUANTILE_LEVELS, np.ones(found.centre.shape))[:, SLEEP_AT]
    z = (quantiles - encoder.mean[SLEEP_AT]) / encoder.scale[SLEEP_AT]
    df = np.repeat(2.1 + np.logaddexp(0, [-5.0, 40.0]), 2)
    for q, level in np.ndindex(z.shape):
        parts = (z[q, level] - found.location[q, SLEEP_AT]) / found.scale[q, SLEEP_AT]
        chance = (found.weight[q, SLEEP_AT] * stats.t(df).cdf(parts)).sum()
        np.testing.assert_allclose(chance, QUANTILE_LEVELS[level], atol=1e-3)


def test_survival_is_that_of_the_mean_hazard(encoder: Encoder, members: list[_Member]):
    found, grid, days = _together(encoder, members), Grid(np.array([0.0, 1.0, 3.0, 9.0])), np.linspace(-1, 20, 30)
    hazard = np.log(np.mean([m.answers.log_hazard[2].double().exp().numpy() for m in members], 0))
    alive = survival(found, 2, grid, days)
    np.testing.assert_allclose(alive, 1 - incidence(hazard, grid, days), rtol=1e-6)
    assert (alive[0] == 1).all()
    assert (np.diff(alive, axis=0) <= 1e-12).all()
    assert ((alive >= 0) & (alive <= 1)).all()


def test_a_hazard_too_small_to_be_told_from_none_is_none(encoder: Encoder, members: list[_Member]):
    for member in members:
        member.answers = member.answers._replace(log_hazard=torch.full((5, 2, 3), -200.0))
    alive = survival(_together(encoder, members), 0, Grid(np.array([0.0, 1.0, 3.0, 9.0])), np.array([1.0, 1e4]))
    np.testing.assert_allclose(alive, 1.0)
