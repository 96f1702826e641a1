"""What each kind of variable learns by is its textbook likelihood, whatever the network answers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from torch import Tensor

from models.course import Course, Variable
from models.encoding import Encoder
from models.heads import Heads, Mixture, mean_count

PRESSURE = Variable("pressure", unit="mmHg")
SLEEP = Variable("sleep", unit="h")
PAIN = Variable("pain", kind="ordinal", lower=0.0, upper=6.0)
RED = Variable("red", kind="binary")
TONGUE = Variable("tongue", kind="categorical", levels=("pale", "red", "purple"))
STOOLS = Variable("stools", kind="count", lower=0.0)
VARIABLES = (PRESSURE, PAIN, RED, TONGUE, STOOLS, SLEEP)
PRESSURE_AT, PAIN_AT, RED_AT, TONGUE_AT, STOOLS_AT, SLEEP_AT = 0, 1, 2, 3, 6, 7  # columns


def _values(rows: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.stack(
        [
            rng.normal(130, 20, rows),  # far above what an exponential of it could hold
            rng.choice([0.0, 1.0, 2.0, 4.0, 6.0], rows),
            rng.choice([0.0, 1.0], rows),
            rng.choice([0.0, 1.0, 2.0], rows),
            rng.poisson(4.0, rows).astype(np.float64),
            rng.normal(7, 1, rows),
        ],
        -1,
    )


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.fit([Course("a", np.arange(60.0), _values(60), VARIABLES)])


def _heads(encoder: Encoder, family: str = "logistic", targets: tuple[int, ...] | None = None) -> Heads:
    return Heads(encoder, tuple(range(len(encoder.columns))) if targets is None else targets, family)


class Asked(NamedTuple):
    mixture: Mixture
    target: Tensor
    values: np.ndarray  # (Q, V) in own units, those of the targets


def _asked(encoder: Encoder, dtype: torch.dtype, size: float = 1.0, rows: int = 12, components: int = 3) -> Asked:
    rng = np.random.default_rng(1)
    values = _values(60)[:rows]
    z = encoder.values(Course("b", np.arange(float(rows)), values, VARIABLES))
    chances = [c.is_chance for c in encoder.columns]
    target = np.where(chances, np.round(encoder.mean + encoder.scale * z), z)
    shape = (rows, len(encoder.columns), components)
    location, log_scale, weight = (size * rng.normal(0, s, shape) for s in (1.0, 0.5, 1.0))
    tensors = [torch.tensor(a, dtype=dtype) for a in (location, log_scale, weight)]
    return Asked(Mixture(tensors[0], tensors[1], tensors[2].log_softmax(-1)), torch.tensor(target, dtype=dtype), values)


def _nll(heads: Heads, asked: Asked) -> np.ndarray:
    known = torch.ones(asked.target.shape, dtype=torch.bool)
    return heads.nll(asked.mixture, asked.target, known).detach().numpy()


def _arrays(mixture: Mixture, column: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    location, log_scale, log_weight = (t[:, column].double().numpy() for t in mixture)
    return location, np.exp(log_scale), np.exp(log_weight)


REFERENCE: dict[str, Any] = {"logistic": stats.logistic, "gaussian": stats.norm}


@pytest.mark.parametrize("family", ["logistic", "gaussian", "student"])
def test_a_continuous_variable_learns_by_a_mixture_of_its_family(family: str, encoder: Encoder):
    heads, asked = _heads(encoder, family).double(), _asked(encoder, torch.float64)
    for column in (PRESSURE_AT, SLEEP_AT):
        if family == "student":
            with torch.no_grad():
                heads.family.free[column] = 1.0 + column  # type: ignore[index, operator]
            reference: Any = stats.t(2.1 + np.logaddexp(0, 1.0 + column))
        else:
            reference = REFERENCE[family]
        location, scale, weight = _arrays(asked.mixture, column)
        z = (asked.target[:, column, None].numpy() - location) / scale
        expected = -np.log((weight * reference.pdf(z) / scale).sum(-1))
        np.testing.assert_allclose(_nll(heads, asked)[:, column], expected, rtol=1e-9)


def test_an_ordinal_variable_learns_by_what_lies_between_the_thresholds_of_its_class(encoder: Encoder):
    heads, asked = _heads(encoder).double(), _asked(encoder, torch.float64)
    with torch.no_grad():
        heads.cuts[str(PAIN_AT)] += 0.3 * torch.randn(4, dtype=torch.float64)
    cuts = heads.thresholds(PAIN_AT).detach().numpy()
    assert (np.diff(cuts) > 0).all()
    location, scale, weight = _arrays(asked.mixture, PAIN_AT)
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    place = np.searchsorted([0.0, 1.0, 2.0, 4.0, 6.0], asked.values[:, 1])
    logistic = stats.logistic()
    upper, lower = (logistic.cdf((edges[place + i][:, None] - location) / scale) for i in (1, 0))
    np.testing.assert_allclose(
        _nll(heads, asked)[:, PAIN_AT], -np.log((weight * (upper - lower)).sum(-1)), rtol=1e-6, atol=1e-9
    )


def test_the_thresholds_lie_at_first_in_the_middle_between_the_classes(encoder: Encoder):
    cuts = _heads(encoder).double().thresholds(PAIN_AT).detach().numpy()
    np.testing.assert_allclose(encoder.mean[PAIN_AT] + encoder.scale[PAIN_AT] * cuts, [0.5, 1.5, 3.0, 5.0], rtol=1e-5)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    location=st.floats(-30, 30),
    apart=st.floats(-8, 8),
    log_scale=st.floats(-4, 4),
    weight=st.floats(-5, 5),
)
def test_the_chances_of_the_classes_sum_to_1(location: float, apart: float, log_scale: float, weight: float):
    encoder = Encoder.fit([Course("a", np.arange(60.0), _values(60), VARIABLES)])
    heads = _heads(encoder, targets=(PAIN_AT,)).double()
    z = (np.array([0.0, 1.0, 2.0, 4.0, 6.0]) - encoder.mean[PAIN_AT]) / encoder.scale[PAIN_AT]
    mixture = Mixture(
        torch.tensor([location, location + apart]).double().expand(5, 1, 2),
        torch.tensor([log_scale, -log_scale]).double().expand(5, 1, 2),
        torch.tensor([weight, 0.0]).double().log_softmax(-1).expand(5, 1, 2),
    )
    nll = heads.nll(mixture, torch.from_numpy(z)[:, None], torch.ones(5, 1, dtype=torch.bool))
    np.testing.assert_allclose(torch.exp(-nll).sum().item(), 1.0, rtol=1e-4)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 2e-4)])
def test_a_count_learns_by_the_negative_binomial(dtype: torch.dtype, tolerance: float, encoder: Encoder):
    heads, asked = _heads(encoder).to(dtype), _asked(encoder, dtype)
    location, scale, weight = _arrays(asked.mixture, STOOLS_AT)
    unit, middle = (float(a[STOOLS_AT]) for a in (heads.scale, heads.mean))
    mean = mean_count(middle + unit * (weight * location).sum(-1))
    size = (scale[:, 0] * unit) ** -2
    expected = -stats.nbinom.logpmf(asked.values[:, 4], size, size / (size + mean))
    np.testing.assert_allclose(_nll(heads, asked)[:, STOOLS_AT], expected, rtol=tolerance, atol=tolerance)


def test_a_count_that_hardly_scatters_learns_by_poissons_distribution_in_single_precision_too(encoder: Encoder):
    heads, asked = _heads(encoder), _asked(encoder, torch.float32)
    sure = asked._replace(mixture=asked.mixture._replace(log_scale=torch.full_like(asked.mixture.log_scale, -12.0)))
    location, _, weight = _arrays(asked.mixture, STOOLS_AT)
    mean = mean_count(encoder.mean[STOOLS_AT] + encoder.scale[STOOLS_AT] * (weight * location).sum(-1))
    expected = -stats.poisson.logpmf(asked.values[:, 4], mean)
    np.testing.assert_allclose(_nll(heads, sure)[:, STOOLS_AT], expected, rtol=1e-3, atol=1e-3)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(location=st.floats(-2, 2), log_scale=st.floats(-2, 0.5))
def test_the_chances_of_all_counts_sum_to_1(location: float, log_scale: float):
    encoder = Encoder.fit([Course("a", np.arange(60.0), _values(60), VARIABLES)])
    heads = _heads(encoder, targets=(STOOLS_AT,)).double()
    counts = np.arange(6000.0)
    z = (np.log1p(counts) - encoder.mean[STOOLS_AT]) / encoder.scale[STOOLS_AT]
    shape = (len(counts), 1, 1)
    mixture = Mixture(*(torch.full(shape, v, dtype=torch.float64) for v in (location, log_scale, 0.0)))
    nll = heads.nll(mixture, torch.from_numpy(z)[:, None], torch.ones(shape[:2], dtype=torch.bool))
    np.testing.assert_allclose(torch.exp(-nll).sum().item(), 1.0, rtol=1e-4)


def test_a_yes_or_no_learns_by_its_chance(encoder: Encoder):
    heads, asked = _heads(encoder).double(), _asked(encoder, torch.float64)
    location, _, weight = _arrays(asked.mixture, RED_AT)
    expected = -stats.bernoulli.logpmf(asked.values[:, 2], special.expit((weight * location).sum(-1)))
    np.testing.assert_allclose(_nll(heads, asked)[:, RED_AT], expected, rtol=1e-9)


def test_a_categorical_variable_learns_by_the_chance_of_its_level_and_counts_once(encoder: Encoder):
    heads, asked = _heads(encoder).double(), _asked(encoder, torch.float64)
    columns = list(range(TONGUE_AT, TONGUE_AT + 3))
    odds = asked.mixture.mean[:, columns].numpy()
    level = asked.values[:, 3].astype(int)
    found = _nll(heads, asked)[:, columns]
    np.testing.assert_allclose(found[:, 0], -special.log_softmax(odds, -1)[np.arange(len(level)), level], rtol=1e-9)
    assert not found[:, 1:].any()


def test_two_categorical_variables_keep_their_levels_apart():
    pair = (TONGUE, Variable("pulse", kind="categorical", levels=("slow", "fast")))
    values = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 1.0]])
    encoder = Encoder.fit([Course("a", np.arange(3.0), values, pair)])
    heads = _heads(encoder).double()
    odds = torch.randn(3, 5, 1, dtype=torch.float64)
    mixture = Mixture(odds, torch.zeros_like(odds), torch.zeros_like(odds))
    target = torch.tensor([[1, 0, 0, 0, 1], [0, 0, 1, 1, 0], [0, 1, 0, 0, 1]]).double()
    found = heads.nll(mixture, target, torch.ones(3, 5, dtype=torch.bool)).numpy()
    first, second = (special.log_softmax(odds[..., 0].numpy()[:, p], -1) for p in (slice(0, 3), slice(3, 5)))
    np.testing.assert_allclose(found[:, 0], -first[[0, 1, 2], [0, 2, 1]], rtol=1e-9)
    np.testing.assert_allclose(found[:, 3], -second[[0, 1, 2], [1, 0, 1]], rtol=1e-9)


@pytest.mark.parametrize("family", ["logistic", "gaussian", "student"])
@pytest.mark.parametrize("size", [1.0, 20.0])
@pytest.mark.parametrize("shift", [-60.0, 0.0, 60.0])
def test_values_and_gradients_are_finite_whatever_the_network_answers(
    family: str, size: float, shift: float, encoder: Encoder
):
    heads, asked = _heads(encoder, family), _asked(encoder, torch.float32)
    location = (size * asked.mixture.location + shift).requires_grad_()
    log_scale = (size * asked.mixture.log_scale).requires_grad_()
    weight = (size * asked.mixture.log_weight).requires_grad_()
    known = torch.ones(asked.target.shape, dtype=torch.bool)
    nll = heads.nll(Mixture(location, log_scale, weight.log_softmax(-1)), asked.target, known)
    assert torch.isfinite(nll).all()
    nll.sum().backward()
    for name, leaf in {
        "location": location,
        "scale": log_scale,
        "weight": weight,
        **dict(heads.named_parameters()),
    }.items():
        assert leaf.grad is not None
        assert torch.isfinite(leaf.grad).all(), name


def test_gradients_are_those_of_small_steps(encoder: Encoder):
    heads, asked = _heads(encoder, "student").double(), _asked(encoder, torch.float64, rows=2)
    known = torch.ones(asked.target.shape, dtype=torch.bool)

    def of(location: Tensor, log_scale: Tensor, weight: Tensor) -> Tensor:
        return heads.nll(Mixture(location, log_scale, weight.log_softmax(-1)), asked.target, known)

    assert torch.autograd.gradcheck(of, tuple(t.clone().requires_grad_() for t in asked.mixture))


def test_what_is_not_known_counts_nothing_and_pulls_at_nothing(encoder: Encoder):
    heads, asked = _heads(encoder), _asked(encoder, torch.float32)
    known = torch.rand(asked.target.shape) < 0.5
    known[:, TONGUE_AT : TONGUE_AT + 3] = known[:, TONGUE_AT : TONGUE_AT + 1]
    leaves = [t.clone().requires_grad_() for t in asked.mixture]
    nll = heads.nll(Mixture(*leaves), asked.target, known)
    whole = heads.nll(asked.mixture, asked.target, torch.ones_like(known))
    torch.testing.assert_close(nll, torch.where(known, whole, torch.zeros_like(whole)))
    nll.sum().backward()
    for leaf in leaves:
        assert leaf.grad is not None
        assert not leaf.grad[~known].any()
        assert torch.isfinite(leaf.grad).all()
    spoilt = torch.where(known, asked.target, torch.full_like(asked.target, 1e3))
    torch.testing.assert_close(heads.nll(asked.mixture, spoilt, known), nll.detach())


def test_a_column_learns_the_same_whatever_stands_beside_it(encoder: Encoder):
    asked = _asked(encoder, torch.float64)
    whole = _nll(_heads(encoder).double(), asked)
    for columns in ((PRESSURE_AT,), (PAIN_AT,), (RED_AT,), (STOOLS_AT,), (TONGUE_AT, TONGUE_AT + 1, TONGUE_AT + 2)):
        part = asked._replace(
            mixture=Mixture(*(t[:, list(columns)] for t in asked.mixture)), target=asked.target[:, list(columns)]
        )
        np.testing.assert_allclose(
            _nll(_heads(encoder, targets=columns).double(), part), whole[:, list(columns)], rtol=1e-9
        )


@pytest.mark.parametrize("column", [RED_AT, TONGUE_AT, STOOLS_AT])
def test_only_what_a_kind_has_is_pulled_at(column: int, encoder: Encoder):
    """A chance has no width, a count has one."""
    heads, asked = _heads(encoder), _asked(encoder, torch.float32)
    leaves = [t.clone().requires_grad_() for t in asked.mixture]
    known = torch.zeros(asked.target.shape, dtype=torch.bool)
    known[:, column] = True
    heads.nll(Mixture(*leaves), asked.target, known).sum().backward()
    width = leaves[1].grad
    assert width is not None
    assert bool(width[:, column, 0].any()) == (column == STOOLS_AT)
    assert not width[:, column, 1:].any()


def test_class_weights_leave_the_best_chance_where_it_was_and_count_in_training_alone(encoder: Encoder):
    heads, asked = _heads(encoder).double(), _asked(encoder, torch.float64)
    plain = _nll(heads, asked)
    heads.weigh({RED_AT: np.array([1.0, 20.0])})
    np.testing.assert_array_equal(_nll(heads.eval(), asked), plain)
    odds = torch.linspace(-6, 6, 2401, dtype=torch.float64)
    share = 0.03  # of a rare sign
    one = asked.mixture._replace(
        location=odds[:, None, None].expand(-1, *asked.mixture.location.shape[1:]),
        log_scale=torch.zeros(len(odds), *asked.mixture.location.shape[1:], dtype=torch.float64),
        log_weight=torch.full(
            (len(odds), *asked.mixture.location.shape[1:]), -math.log(asked.mixture.location.shape[2])
        ),
    )
    known = torch.ones(len(odds), asked.mixture.location.shape[1], dtype=torch.bool)
    heads.train()
    losses = [heads.nll(one, torch.full(known.shape, float(y)).double(), known)[:, RED_AT] for y in (0, 1)]
    expected = (1 - share) * losses[0] + share * losses[1]
    assert torch.sigmoid(odds[expected.argmin()]).item() == pytest.approx(share, rel=0.02)
