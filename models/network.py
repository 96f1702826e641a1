"""The network behind the forecaster: liquid states along a history, a read-out that corrects simple forecasts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from models import likelihoods
from models.batching import Batch, Questions
from models.cells.ltc import Nonnegative
from models.layers import LTC
from models.wiring import Wiring


class LiquidNetwork(nn.Module):
    """History and question to location and log scale, z-scored.

    location = last + a (mixed - last) + b (mean - last) + correction(state, features); a, b and the correction are 0
    at first, so an untrained network forecasts the last value. The scale starts at ``exp(spread)`` and grows with the
    horizon.

    inputs, features, statics: sizes as in ``models.batching``; binary: which of the variables are 0 or 1. The location
    of those is an expected value, the chance of a 1, and learns by the squared error alone: a peaked likelihood would
    pull it towards the more frequent of the two and promise too much.
    """

    def __init__(
        self,
        wiring: Wiring,
        *,
        inputs: int,
        features: int,
        statics: int,
        binary: Sequence[bool],
        hidden: int = 32,
        dropout: float = 0.1,
        solver: str = "exponential",
        unfolds: int = 4,
        nonnegative: Nonnegative = "softplus",
        likelihood: str = "student",
    ) -> None:
        super().__init__()
        self.variables = variables = len(binary)
        self.binary: Tensor
        self.register_buffer("binary", torch.tensor(binary, dtype=torch.bool), persistent=False)
        self.layer = LTC(inputs, wiring, solver=solver, unfolds=unfolds, nonnegative=nonnegative)
        self.initial = nn.Linear(statics, wiring.units) if statics else None
        if self.initial is not None:
            nn.init.zeros_(self.initial.weight)
            nn.init.zeros_(self.initial.bias)
        self.inner = nn.Linear(wiring.units + features, hidden)
        self.dropout = nn.Dropout(dropout)
        self.outer = nn.Linear(hidden, 2 * variables)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)
        self.mix = nn.Parameter(torch.zeros(2, variables))
        self.log_scale = nn.Parameter(torch.zeros(variables))
        self.growth = nn.Parameter(torch.full((variables,), math.log(math.expm1(0.1))))
        self.likelihood = likelihoods.make(likelihood, variables)

    def start(self, static: Tensor) -> Tensor:
        """static (B, S) -> state before the first row (B, N)."""
        if self.initial is None:
            return static.new_zeros(len(static), self.layer.cell.units)
        return torch.tanh(self.initial(static))

    def states(self, batch: Batch) -> Tensor:
        """State after the first 0, 1, .. rows: (B, rows + 1, N)."""
        start = self.start(batch.static)
        run = self.layer(batch.x, batch.dt, start, batch.mask, batch.lengths, trajectory=True)
        assert run.trajectory is not None
        return torch.cat([start.unsqueeze(1), run.trajectory.state[:, 1::2]], 1)

    def cross(self, states: Tensor, questions: Questions) -> tuple[Tensor, Tensor]:
        """State and tau (Q, N) on the asked days, crossing from the prefix without observation."""
        start = states[questions.owner, questions.prefix]
        run = self.layer(
            questions.drive.unsqueeze(1),
            questions.dt.unsqueeze(1),
            start,
            questions.open.unsqueeze(1),
            trajectory=True,
        )
        assert run.trajectory is not None
        return run.state, run.trajectory.tau[:, 0]

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Location and log scale of every question: (Q, V) each."""
        questions = batch.questions
        state, _ = self.cross(self.states(batch), questions)
        return self.read(state, questions)

    def read(self, state: Tensor, questions: Questions) -> tuple[Tensor, Tensor]:
        hidden = torch.tanh(self.inner(torch.cat([state, questions.features], -1)))
        correction, widening = self.outer(self.dropout(hidden)).chunk(2, -1)
        last = questions.last
        location = last + self.mix[0] * (questions.mixed - last) + self.mix[1] * (questions.mean - last) + correction
        horizon = torch.log1p(questions.dt).unsqueeze(-1)
        return location, self.log_scale + softplus(self.growth) * horizon + widening.clamp(-4.0, 4.0)

    def loss(self, batch: Batch, squared: float) -> Tensor:
        """Mean negative log-likelihood of the known targets plus ``squared`` times the mean squared error."""
        location, log_scale = self(batch)
        known = batch.questions.known
        target = batch.questions.target[known]
        centre = torch.where(self.binary, location.detach(), location)
        nll = self.likelihood.nll(centre, log_scale, batch.questions.target)[known]
        return nll.mean() + squared * (location[known] - target).square().mean()

    @torch.no_grad()
    def warm_start(self, questions: Questions) -> None:
        """Mixing weights by ridge regression and scales from their residuals, so learning starts at a good forecast."""
        for v in range(self.variables):
            known = questions.known[:, v]
            if known.sum() < 10:
                continue
            last = questions.last[known, v].double()
            x = torch.stack([questions.mixed[known, v].double() - last, questions.mean[known, v].double() - last], -1)
            y = questions.target[known, v].double() - last
            gram = x.T @ x + 0.02 * len(y) * torch.eye(2, dtype=torch.float64)
            weights = torch.linalg.solve(gram, x.T @ y).clamp(-0.5, 1.5)
            self.mix[:, v] = weights.float()
            spread = (y - x @ weights).abs().median() / 0.6745
            self.log_scale[v] = math.log(max(float(spread), 0.02))
