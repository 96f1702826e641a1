"""The network behind the forecaster: liquid states along a history, a read-out that corrects simple forecasts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from models import hazard
from models.batching import Batch, Questions
from models.encoding import Encoder
from models.forecast import Array
from models.grounds import SIMPLE
from models.heads import Heads, Mixture
from models.looking import LOG_SPREAD
from models.sequence import SequenceLayer

_TO_SCALE = 0.55  # of a logistic distribution, for a standard deviation of 1
_LOGISTIC_DOUBT = 10.0  # the same of a logistic one, in all
_MANY_CHANCES = 100  # each more draws every one firmer to what all show together, up to so many; most are rare then
_MOST_SHARED = 100_000
_DOUBT = 1.0  # ridge of the first mixture of simple forecasts, a value
_TOLD = 0.5  # of the usual change; where less is left, the simple forecasts tell most of it
_CLEARLY = 0.9  # times the squared error of both together
PEAKED = 0.3  # share of the second component at first, the one that stays at the last value


class Answers(NamedTuple):
    """mixture: z-scored, or log odds of a chance; start (Q, K): what it corrects; log_hazard (Q, E, J), a day."""

    mixture: Mixture
    start: Tensor
    log_hazard: Tensor


class Likelihood(NamedTuple):
    """Sums over a batch and what they are of: values known, questions about events."""

    values: Tensor
    squares: Tensor
    waits: Tensor
    known: int
    asked: int


class LiquidNetwork(nn.Module):
    """History and question to location and log scale, z-scored.

    location = last + sum of a_g (simple_g - last) + correction(state, what is known), with a and the correction 0 at
    first, so an untrained network forecasts the last value; log odds alike, from a constant. Of ``components`` such
    locations, each with its own scale, a distribution is mixed: one that stays and one that moves tell a course that
    mostly stays. Scales grow with the horizon, and with what
    the mixed model says of its own doubt. Log hazards = base + a risk + correction.

    wide: size as in ``models.looking``; unseen: share of what the read-out sees beside the state that is left out in
    learning
    """

    def __init__(
        self,
        encoder: Encoder,
        targets: Sequence[int],
        layer: SequenceLayer,
        *,
        wide: int,
        intervals: int,
        plain: bool = False,
        hidden: int = 32,
        dropout: float = 0.1,
        unseen: float = 0.0,
        likelihood: str = "logistic",
        components: int = 2,
    ) -> None:
        super().__init__()
        self.heads = Heads(encoder, targets, likelihood)
        self.layer = layer
        self.columns, self.events = len(targets), len(encoder.events)
        statics, state = len(encoder.statics), layer.state_size
        self.units = layer.cell.units
        self.initial = nn.Linear(statics, self.units) if statics else None
        self.beside = state - self.units  # memory beside the neurons, empty at first
        if self.initial is not None:
            nn.init.zeros_(self.initial.weight)
            nn.init.zeros_(self.initial.bias)
        self.inner = nn.Linear(self.units + wide, hidden)
        self.dropout = nn.Dropout(dropout)
        self.unseen = nn.Dropout(unseen)
        self.components = components
        self.outer = nn.Linear(hidden, 3 * components * self.columns + 2 * self.events)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)
        shape = (components, self.columns)
        self.mix = nn.Parameter(torch.zeros(components, len(SIMPLE), self.columns), requires_grad=not plain)
        self.plain = plain
        self.mixed = False  # whether the read-out learns in bfloat16, where nearly all multiplications are
        self.bias = nn.Parameter(torch.zeros(shape))
        self.log_scale = nn.Parameter(torch.zeros(shape))
        self.weight = nn.Parameter(torch.zeros(shape))
        self.follow = nn.Parameter(torch.zeros(shape), requires_grad=not plain)
        self.spreads = [] if plain else [LOG_SPREAD * len(encoder.columns) + t for t in targets]
        self.growth = nn.Parameter(torch.full(shape, math.log(math.expm1(0.1))))
        self.log_rate = nn.Parameter(torch.zeros(self.events, intervals))
        self.trust = nn.Parameter(torch.ones(self.events))

    def start(self, static: Tensor) -> Tensor:
        """static (B, S) -> state before the first row (B, state)."""
        if self.initial is None:
            return static.new_zeros(len(static), self.units + self.beside)
        neurons = torch.tanh(self.initial(static))
        return torch.cat([neurons, neurons.new_zeros(len(static), self.beside)], -1) if self.beside else neurons

    def states(self, batch: Batch) -> Tensor:
        """State after the first 0, 1, .. rows: (B, rows + 1, state)."""
        start = self.start(batch.static)
        whole = self.layer.states(batch.x, batch.dt, start, batch.mask, batch.lengths)
        return torch.cat([start.unsqueeze(1), whole.state[:, 1::2]], 1)

    def cross(self, states: Tensor, questions: Questions) -> tuple[Tensor, Tensor]:
        """Neurons and tau (Q, N) on the asked days, crossing from the prefix without observation."""
        start = states[questions.owner, questions.prefix]
        path = self.layer.states(
            questions.drive.unsqueeze(1), questions.dt.unsqueeze(1), start, questions.open.unsqueeze(1)
        )
        return path.state[:, 0, : self.units], path.tau[:, 0]

    def forward(self, batch: Batch) -> Answers:
        """The answers to every question of the batch."""
        state, _ = self.cross(self.states(batch), batch.questions)
        return self.read(state, batch.questions)

    def read(self, state: Tensor, questions: Questions) -> Answers:
        halved = self.mixed and self.training
        with torch.autocast(state.device.type, torch.bfloat16) if halved else nullcontext():
            hidden = self.dropout(torch.tanh(self.inner(torch.cat([state, self.unseen(questions.wide)], -1))))
            said = self.outer(hidden)
        sizes = [3 * self.components * self.columns, self.events, self.events]
        values, level, tilt = said.to(state.dtype).split(sizes, -1)
        correction, widening, leaning = values.view(len(state), 3, self.columns, self.components).unbind(1)
        start = self.simple(questions.simple)
        horizon = torch.log1p(questions.dt).view(-1, 1, 1)
        log_scale = self.log_scale.T + softplus(self.growth).T * horizon + widening.clamp(-4.0, 4.0)
        if not self.plain:
            log_scale = log_scale + self.follow.T * questions.wide[:, self.spreads].unsqueeze(-1)
        log_weight = (self.weight.T + leaning).log_softmax(-1)
        late = torch.linspace(-1.0, 1.0, self.log_rate.shape[1], device=state.device, dtype=state.dtype)
        adds = self.trust * questions.risk + level
        log_hazard = self.log_rate + adds.unsqueeze(-1) + tilt.unsqueeze(-1) * late
        still = self.weight.T.softmax(-1)
        return Answers(
            Mixture(start + correction, log_scale, log_weight), (start * still).sum(-1), log_hazard.clamp(max=10.0)
        )

    def simple(self, simple: Tensor) -> Tensor:
        """The mixtures of simple forecasts (Q, K, G) the components start from: (Q, K, M)."""
        anchor = torch.where(self.heads.chance, torch.zeros_like(simple[..., 0]), simple[..., 0]).unsqueeze(-1)
        return anchor + self.bias.T + torch.einsum("qkg,mgk->qkm", simple - anchor, self.mix)

    def likelihood(self, batch: Batch) -> Likelihood:
        """What the batch's answers are worth."""
        found = self(batch)
        asked = batch.questions
        values = self.heads.nll(found.mixture, asked.target, asked.known)
        numbers = asked.known & ~self.heads.chance
        squares = torch.where(numbers, (found.mixture.mean - asked.target) ** 2, torch.zeros_like(values))
        waits = asked.cause != hazard.NOT_ASKED
        lost = values.new_zeros(())
        if self.events and bool(waits.any()):
            lost = hazard.nll(found.log_hazard[waits], asked.spent[waits], asked.place[waits], asked.cause[waits]).sum()
        return Likelihood(
            values.sum(), squares.sum(), lost, int(asked.known.sum()), int(waits.sum()) if self.events else 0
        )

    def loss(self, batch: Batch, squared: float) -> Tensor:
        """Mean negative log-likelihood of the known targets plus ``squared`` times the mean squared error.

        Questions about events count by themselves, beside those about values.
        """
        found = self.likelihood(batch)
        of_values = (found.values + squared * found.squares) / max(found.known, 1)
        return of_values + found.waits / max(found.asked, 1)

    @torch.no_grad()
    def warm_start(self, questions: Questions, log_rate: Array) -> None:
        """Mixing weights by ridge or logistic regression, scales from their residuals, rates from the intervals."""
        self.log_rate.copy_(torch.from_numpy(log_rate))
        shared = self._shared(questions)
        for v in range(self.columns):
            known = questions.known[:, v]
            if known.sum() < 10:  # single visits: nobody shows how much a last value tells, the mixed model guesses it
                if not self.plain and not bool(self.heads.chance[v]):
                    self.mix[:, SIMPLE.index("mixed"), v] = 1.0
                continue
            simple = questions.simple[known, v].double()
            y = questions.target[known, v].double()
            if self.plain and bool(self.heads.chance[v]):
                rate = float((y.sum() + 0.5) / (len(y) + 1.0))
                self.bias[:, v] = math.log(rate / (1 - rate))
                continue
            if bool(self.heads.chance[v]):
                weights, bias = _logistic(simple, y, shared)
                self.mix[:, :, v], self.bias[:, v] = weights.float(), float(bias)
                continue
            change = y - simple[:, 0]
            if self.plain:  # it has all to learn: from the scale of a course that mostly stays nothing would move it
                self.log_scale[:, v] = math.log(max(float((change**2).mean().sqrt()) * _TO_SCALE, 1e-4))
                self.log_scale[:, v] -= torch.arange(self.components)  # alike at the start they would be alike for ever
                continue
            weights, residual = _ridge(simple[:, 1:] - simple[:, :1], change)
            moves, off = change.abs().median() / 0.6745, residual.abs()
            doubt = questions.wide[known, self.spreads[v]].double()
            self.follow[:, v] = float(_slope(doubt, (off + 1e-6).log()))
            off = off * torch.exp(-float(self.follow[0, v]) * doubt)
            self.log_scale[:, v] = math.log(max(float(off.median()) / 0.6745 * _TO_SCALE, 1e-4))
            if float((residual**2).mean()) < _TOLD**2 * float((change**2).mean()):  # nobody stays who is told to move
                self.mix[:, 1:, v] = weights.float()
                self.log_scale[1:, v] += 1.0
                continue
            share = 1.0 if self.components == 1 else 1.0 - PEAKED
            self.mix[0, 1:, v] = (weights / share).float()  # so that the mean is that of the regression
            if self.components > 1:
                self.weight[1:, v] = math.log(PEAKED / (1 - PEAKED) / (self.components - 1))
                self.log_scale[1:, v] = math.log(max(float(moves) * _TO_SCALE / 2, 0.01))
                self.follow[1:, v] = 0.0

    def _shared(self, questions: Questions) -> _Prior:
        """Weights of the simple forecasts for the log odds of any chance, learnt from all of them."""
        towards = torch.zeros(questions.simple.shape[-1], dtype=torch.float64)
        towards[-2:] = 0.5
        chances = torch.nonzero(self.heads.chance.cpu())[:, 0]
        known = questions.known[:, chances]
        if self.plain or len(chances) < 2 or int(known.sum()) < 10:
            return _Prior(towards)
        x, y = questions.simple[:, chances][known].double(), questions.target[:, chances][known].double()
        step = max(len(x) // _MOST_SHARED, 1)
        weights, bias = _logistic(x[::step], y[::step], _Prior(towards))
        return _Prior(weights, float(bias), _LOGISTIC_DOUBT * min(len(chances), _MANY_CHANCES))


class _Prior(NamedTuple):
    """What a logistic regression is drawn to, and how firmly; bias: None where its constant is free."""

    weights: Tensor
    bias: float | None = None
    doubt: float = _LOGISTIC_DOUBT


def _ridge(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Drawn towards trusting the last two of the simple forecasts, which have the others in them, or one of the last
    three alone where that was clearly better."""
    prior = torch.zeros(x.shape[1], dtype=torch.float64)
    prior[-2:] = 0.5
    least = ((y - x @ prior) ** 2).mean() * _CLEARLY
    for place in range(x.shape[1] - 3, x.shape[1]):
        alone = torch.zeros_like(prior)
        alone[place] = 1.0
        error = ((y - x @ alone) ** 2).mean()
        if error < least:
            prior, least = alone, error
    gram = x.T @ x + _DOUBT * len(y) * torch.eye(x.shape[1], dtype=torch.float64)
    weights = (prior + torch.linalg.solve(gram, x.T @ (y - x @ prior))).clamp(-0.5, 1.5)
    return weights, y - x @ weights


def _slope(x: Tensor, y: Tensor) -> Tensor:
    """Of y on x by least squares, 0..1."""
    off = x - x.mean()
    return ((off * y).sum() / (off**2).sum().clamp(min=1e-9)).clamp(0.0, 1.0)


def _logistic(x: Tensor, y: Tensor, prior: _Prior) -> tuple[Tensor, Tensor]:
    """Ridge logistic regression by Newton's steps."""
    design = torch.cat([x, torch.ones(len(x), 1, dtype=torch.float64)], 1)
    ridge = prior.doubt * torch.ones(design.shape[1], dtype=torch.float64)
    goal = torch.cat([prior.weights, torch.tensor([prior.bias or 0.0], dtype=torch.float64)])
    weights = goal.clone()
    if prior.bias is None:
        ridge[-1] = 1e-3
        rate = float((y.sum() + 0.5) / (len(y) + 1.0))
        weights[-1] = math.log(rate / (1 - rate)) - float((x @ prior.weights).mean())

    def lost(w: Tensor) -> float:
        z = design @ w
        return float((softplus(z) - y * z).sum() + 0.5 * (ridge * (w - goal) ** 2).sum())

    least = lost(weights)
    for _ in range(40):
        chance = torch.sigmoid(design @ weights)
        gradient = design.T @ (chance - y) + ridge * (weights - goal)
        curve = (design.T * (chance * (1 - chance)).clamp(min=1e-4)) @ design + torch.diag(ridge)
        step = torch.linalg.solve(curve, gradient)
        for _ in range(12):  # halved until it helps
            tried = lost(weights - step)
            if tried < least:
                break
            step = step / 2
        else:
            break
        weights, gain, least = weights - step, least - tried, tried
        if gain < 1e-7 * len(y):
            break
    return weights[:-1], weights[-1]
