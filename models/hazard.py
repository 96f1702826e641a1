"""Time to the first of several events: hazards constant between the edges of a grid, so that everything is closed form.

    log h_e(u) = base_e,j + what the patient adds,   u days from the question's day, j the interval u lies in
    S(u) = exp(-sum_e H_e(u)),   incidence_e(u) = sum_j S(start of j) h_e,j / h_j (1 - exp(-h_j d_j))

with h_j the sum over the events and d_j the time spent in interval j: cause-specific hazards with competing risks.
Source: Friedman, Annals of Statistics 1982; Andersen et al., *Competing risks in epidemiology*, Int J Epidemiol 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.forecast import Array

INTERVALS = 8
NOT_ASKED, CENSORED = -1, 0  # of ``cause``; event number e is e + 1
FEWEST = 5  # patients with an event, for coefficients of the linear ground
_RIDGE = 0.2  # of the linear ground, an event


@dataclass(frozen=True)
class Grid:
    """edges (J + 1,) days, from 0; the last interval has no end."""

    edges: Array

    @classmethod
    def fit(cls, spell: Array, cause: NDArray[np.int64]) -> Grid:
        """Edges at the quantiles of the days until an event: spell (k,), cause (k,)."""
        days = spell[(cause > CENSORED) & (spell > 0)]
        if not len(days):
            return cls(np.array([0.0, 1.0]))
        inner = np.unique(np.quantile(days, np.linspace(0, 1, INTERVALS + 1)[1:-1]))
        return cls(np.concatenate([[0.0], inner[inner > 0], [max(float(days.max()), inner[-1] * 1.01)]]))

    def __len__(self) -> int:
        return len(self.edges) - 1

    def spent(self, days: Array) -> Array:
        """Days spent in each interval until ``days`` (k,): (k, J)."""
        upper = np.concatenate([self.edges[1:-1], [np.inf]])
        return np.clip(np.minimum(days[:, None], upper) - self.edges[:-1], 0.0, None)

    def place(self, days: Array) -> np.ndarray:
        """The interval of each day, an edge being the last moment of the one before it: (k,)."""
        return np.clip(np.searchsorted(self.edges, days, side="left") - 1, 0, len(self) - 1)


def nll(log_hazard: Tensor, spent: Tensor, place: Tensor, cause: Tensor) -> Tensor:
    """log_hazard (k, E, J), spent (k, J), place and cause (k,) -> negative log-likelihood (k,)."""
    cumulative = (log_hazard.exp() * spent.unsqueeze(1)).sum((1, 2))
    happened = cause > CENSORED
    at = torch.arange(len(cause), device=cause.device)
    return cumulative - torch.where(happened, log_hazard[at, (cause - 1).clamp(min=0), place], cumulative.new_zeros(()))


def incidence(log_hazard: Array, grid: Grid, days: Array) -> Array:
    """Chance that each event has come within ``days`` (H,) as the first: log_hazard (E, J) -> (H, E)."""
    hazard = np.exp(log_hazard)
    whole = hazard.sum(0)
    spent = grid.spent(np.maximum(days, 0.0))
    passed = spent * whole
    before = np.exp(-(np.cumsum(passed, 1) - passed))
    return ((before * -np.expm1(-passed)) @ (hazard / np.maximum(whole, 1e-300)).T).clip(0.0, 1.0)


@dataclass(frozen=True)
class HazardGround:
    """A linear hazard model, the ground a network corrects. weight (E, F), centre and scale (F,), grid of the base."""

    weight: Array
    centre: Array
    scale: Array

    def __call__(self, rows: Array) -> Array:
        """rows (k, F) -> what each patient adds to the log hazards (k, E)."""
        return np.clip((rows - self.centre) / self.scale, -6.0, 6.0) @ self.weight.T


def fit_ground(
    rows: Array, spell: Array, cause: NDArray[np.int64], events: int, grid: Grid, owner: NDArray[np.int64] | None = None
) -> HazardGround:
    """Poisson regression of the patient-intervals (equal to a piecewise-exponential Cox model), by scikit-learn.

    rows (k, F) without NaN; several questions of one patient count as several landmarks. owner (k,): whose they are,
    None: everyone's own; an event of few patients has no coefficients, however often they are asked about
    Source: van Houwelingen, *Dynamic prediction by landmarking*, Scand J Stat 2007.
    """
    from sklearn.linear_model import PoissonRegressor

    centre, scale = rows.mean(0), rows.std(0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    z = np.clip((rows - centre) / scale, -6.0, 6.0)
    spent, place = grid.spent(spell), grid.place(spell)
    who, interval = np.nonzero(spent > 0)
    exposure = spent[who, interval]
    whose = np.arange(len(rows)) if owner is None else owner
    design = np.concatenate([z[who], np.eye(len(grid))[interval]], 1)
    weight = np.zeros((events, rows.shape[1]))
    for e in range(events):
        died = (cause[who] == e + 1) & (place[who] == interval)
        if len(np.unique(whose[who[died]])) < FEWEST:
            continue
        # time by which one event is expected: the solver's tolerance is absolute, and would end at once on rates a day
        expected = exposure * (died.sum() / exposure.sum())
        model: Any = PoissonRegressor(alpha=_RIDGE, max_iter=300, tol=1e-5)
        model.fit(design, died / expected, sample_weight=expected)
        weight[e] = model.coef_[: rows.shape[1]]
    return HazardGround(weight, centre, scale)


def log_rates(spell: Array, cause: NDArray[np.int64], events: int, grid: Grid, risk: Array | None = None) -> Array:
    """Events over time at risk by interval, towards the overall rate where few: (E, J).

    risk (k, E): what a linear model adds to each log hazard; with it the rates are those of a patient of risk 0, so
    that as many events are expected as have come (Breslow's estimate of the base)
    """
    whole = grid.spent(spell)
    weight = np.ones((len(spell), events)) if risk is None else np.exp(risk)
    place = grid.place(spell)
    out = np.zeros((events, len(grid)))
    for e in range(events):
        spent = weight[:, e] @ whole
        counts = np.bincount(place[cause == e + 1], minlength=len(grid)).astype(np.float64)
        overall = (counts.sum() + 0.5) / max(spent.sum(), 1e-9)
        out[e] = np.log((counts + 2.0) / (spent + 2.0 / overall))
    return out
