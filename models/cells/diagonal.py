"""Diagonal liquid cell: every neuron feels itself and the input only, so long waveforms are solved over time at once.

Per neuron j, s the logistic function, p and q gates opened by the input:

    cm_j(x) dv_j/dt = -(gl_j + D_j) v_j + gl_j vl_j + N_j
    D_j = w_j s(sigma_j (v_j - mu_j)) + wp_j p_j(x) + wq_j q_j(x),   N_j = the same terms weighted by e_j, ep_j, eq_j
    p, q = s(dense maps of x),   cm_j(x) = cm_j / s(dense map of x)_j
    tau = cm(x) / (gl + D),   v_inf = (gl vl + N) / (gl + D)

A step is v <- v_inf + (v - v_inf) exp(-dt / tau), the gates frozen over it: elementwise in v, so the Jacobian over time
is diagonal and ``models.newton`` solves all steps together. Source: Farsang et al., *Scaling Up Liquid-Resistance
Liquid-Capacitance Networks for Efficient Sequence Modeling* (LrcSSM), NeurIPS 2025.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.functional import softplus

from models.cells.base import AbstractCell, Path, Step
from models.cells.initial import before_softplus, uniform
from models.checks import whole
from models.errors import ModelError
from models.newton import Solution, before, solve
from models.ragged import held
from models.scan import reversed_scan
from models.solvers import EPSILON

Parallel = Literal["auto"] | bool
SHORTEST = 16  # steps from which "auto" takes the gradients over time at once
NARROW = 192  # series up to which "auto" iterates on a CPU: beyond, a step has work enough for walking to cost less
WINDOW, FAR_WINDOW = 512, 4096  # steps solved together on a CPU, whose cache should hold them; elsewhere
ROUNDINGS = 64  # the default tolerance, in roundings of the type
LARGEST_LOG_CM = 25.0  # and, negative, the smallest: learning beyond leaves the range of the numbers


class Own(NamedTuple):
    """The self synapses, (units,) each; w >= 0."""

    sigma: Tensor
    mu: Tensor
    w: Tensor
    erev: Tensor


class Push(NamedTuple):
    """What reaches the neurons from outside: conductance, current (leak included), h = dt / cm(x); (..., units)."""

    conductance: Tensor
    current: Tensor
    h: Tensor


class Relaxed(NamedTuple):
    """A step and what it was made of, (..., units) each; faded: exp(-dt / tau) - 1."""

    state: Tensor
    gate: Tensor
    conductance: Tensor
    target: Tensor
    faded: Tensor


def _opened(v: Tensor, push: Push, own: Own) -> tuple[Tensor, Tensor]:
    """Self gates and total conductance."""
    gate = torch.sigmoid(own.sigma * (v - own.mu))
    return gate, push.conductance + own.w * gate + EPSILON


def _relax(v: Tensor, push: Push, own: Own) -> Relaxed:
    gate, conductance = _opened(v, push, own)
    target = (push.current + own.erev * own.w * gate) / conductance
    faded = torch.expm1(-push.h * conductance)
    return Relaxed(v - (target - v) * faded, gate, conductance, target, faded)


def _slope(v: Tensor, step: Relaxed, push: Push, own: Own) -> Tensor:
    """d state / dv of that step."""
    opening = own.w * own.sigma * step.gate * (1 - step.gate)
    kept = (1 + step.faded) * (1 + (step.target - v) * push.h * opening)
    return kept - step.faded * (own.erev - step.target) / step.conductance * opening


class _Steps(NamedTuple):
    """The cell's recurrence as ``models.newton`` wants it."""

    push: Push
    own: Own

    def linearised(self, previous: Tensor) -> tuple[Tensor, Tensor]:
        relaxed = _relax(previous, *self)
        return relaxed.state, _slope(previous, relaxed, *self)

    def walk(self, start: Tensor) -> Tensor:
        states = []
        for push in zip(*(p.unbind(1) for p in self.push), strict=True):
            start = _relax(start, Push(*push), self.own).state
            states.append(start)
        return torch.stack(states, 1)

    def over(self, steps: slice) -> _Steps:
        return _Steps(Push(*(p[:, steps] for p in self.push)), self.own)

    def only(self, series: Tensor) -> _Steps:
        push = Push(*(p.transpose(1, 2)[series].T.unsqueeze(0).contiguous() for p in self.push))
        own = Own(*(p.expand(*series.shape[:-1], p.shape[-1])[series] for p in self.own))
        return _Steps(push, own)


class _Solved(Function):
    """The states of a solved recurrence. f_k(v_{k-1}) with v_{k-1} held carries the direct gradient, slopes the rest.

    By the implicit function theorem the total derivative solves the linearised recurrence from the end.
    """

    @staticmethod
    def forward(ctx: Any, following: Tensor, slope: Tensor) -> Tensor:
        ctx.save_for_backward(slope)
        return following.view_as(following)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        if torch.is_grad_enabled():
            raise ModelError("gradients over time at once are of first order only; for others use parallel=False")
        (slope,) = ctx.saved_tensors
        return reversed_scan(slope, grads[0]), None


class DiagonalCell(AbstractCell):
    """Diagonal liquid cell; tau: (batch, units) cm(x) / (gl + D) as the step was computed with.

    output_size: of a linear read-out, None: all units; parallel: True: states and gradients over time at once, False:
    the loop, "auto": gradients at once from 16 steps on, states too on a GPU and, where batch x units is at most 192,
    on a CPU; tolerance: largest correction accepted, relative to max(1, |v|), None: 64 roundings; series still above it
    after max_iterations are walked step by step; window: steps solved together, None: 512 on a CPU, 4096 elsewhere;
    taus: (shortest, longest) time constant at first, model time, neurons spread evenly over its logarithm
    Gradients taken over time at once are exact, of first order only. Raises ModelError for sizes below 1, unknown
    ``parallel`` or times that are not 0 < shortest <= longest.
    """

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        output_size: int | None = None,
        parallel: Parallel = "auto",
        tolerance: float | None = None,
        max_iterations: int = 16,
        window: int | None = None,
        taus: tuple[float, float] = (1.0, 100.0),
    ) -> None:
        super().__init__()
        for name, value in (("input_size", input_size), ("units", units), ("max_iterations", max_iterations)):
            whole(name, value)
        for name, value in (("output_size", output_size), ("window", window)):
            if value is not None:
                whole(name, value)
        if parallel not in ("auto", True, False):
            raise ModelError(f"unknown parallel {parallel!r}; there are 'auto', True, False")
        if not 0 < taus[0] <= taus[1] < math.inf:
            raise ModelError(f"taus is {taus}, expected 0 < shortest <= longest")
        self.input_size, self.units = input_size, units
        self.output_size = units if output_size is None else output_size
        self.parallel: Parallel = parallel
        self.tolerance, self.max_iterations, self.window = tolerance, max_iterations, window
        conductances = uniform(0.001, 1.0, 4, units)
        times = torch.logspace(math.log10(taus[0]), math.log10(taus[1]), units)
        cm = times * (conductances[0] + conductances[1:].sum(0) / 2) / 2  # gates half open, capacitance at twice cm
        self.conductances = nn.Parameter(before_softplus(conductances))  # softplus: gl, w, wp, wq
        self.log_cm = nn.Parameter(torch.log(cm))
        self.vleak = nn.Parameter(uniform(-0.2, 0.2, units))
        self.sigma = nn.Parameter(uniform(3.0, 8.0, units))
        self.mu = nn.Parameter(uniform(0.3, 0.8, units))
        polarity = torch.randint(0, 2, (1, units)) * 2.0 - 1.0
        self.erev = nn.Parameter(torch.cat([polarity, torch.ones(1, units), -torch.ones(1, units)]))
        self.dense = nn.Linear(input_size, 3 * units)
        self.readout = nn.Identity() if output_size is None else nn.Linear(units, output_size)

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """[conductance, current, 1 / cm(x)], leak included: (..., 3 units). An unseen input adds nothing to its map."""
        leak, _, excite, inhibit = softplus(self.conductances)
        p, q, elastance = torch.sigmoid(self.dense(inputs)).chunk(3, -1)
        excited, inhibited = excite * p, inhibit * q
        conductance = leak + excited + inhibited
        current = leak * self.vleak + self.erev[1] * excited + self.erev[2] * inhibited
        slowness = self.log_cm.clamp(-LARGEST_LOG_CM, LARGEST_LOG_CM)
        return torch.cat([conductance, current, elastance * torch.exp(-slowness)], -1)

    def frozen(self) -> Own:
        return Own(self.sigma, self.mu, softplus(self.conductances[1]), self.erev[0])

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        assert isinstance(frozen, Own)
        push, elastance = _push(drive, dt)
        step = _relax(state, push, frozen)
        return Step(step.state, 1 / (elastance * step.conductance))

    def output(self, state: Tensor) -> Tensor:
        return self.readout(state)

    def run(
        self, x: Tensor, dt: Tensor, state: Tensor, mask: Tensor | None = None, inside: Tensor | None = None
    ) -> Path:
        """As ``AbstractCell.run``, over time at once where ``parallel`` says so."""
        length = x.shape[1]
        if self.parallel is False or length < (SHORTEST if self.parallel == "auto" else 1):
            return super().run(x, dt, state, mask, inside)
        dt = dt if inside is None else torch.where(inside, dt, 0.0)
        push, elastance = _push(self.drive(x, mask), dt)
        steps = _Steps(push, self.frozen())
        with torch.no_grad():
            previous = self._solve(steps, state).states if self._iterates(state) else steps.walk(state)
        previous = before(state, previous)
        relaxed = _relax(previous, *steps)
        states = relaxed.state
        if states.requires_grad:
            with torch.no_grad():
                slope = _slope(previous, relaxed, *steps)
            states = cast("Tensor", _Solved.apply(states, slope))
        tau = 1 / (elastance * _opened(before(state, states), *steps)[1])
        return Path(states, tau if inside is None else held(tau, inside))

    @torch.no_grad()
    def solve(self, x: Tensor, dt: Tensor, state: Tensor, mask: Tensor | None = None) -> Solution:
        """The Newton solution of a checked batch alone, without gradients: how many iterations, what was walked."""
        return self._solve(_Steps(_push(self.drive(x, mask), dt)[0], self.frozen()), state)

    def _iterates(self, state: Tensor) -> bool:
        return self.parallel is True or state.device.type != "cpu" or state.numel() <= NARROW

    def _solve(self, steps: _Steps, state: Tensor) -> Solution:
        return solve(
            steps,
            state,
            steps.push.h.shape[1],
            tolerance=ROUNDINGS * torch.finfo(state.dtype).eps if self.tolerance is None else self.tolerance,
            max_iterations=self.max_iterations,
            window=self.window or (WINDOW if state.device.type == "cpu" else FAR_WINDOW),
        )


def _push(drive: Tensor, dt: Tensor) -> tuple[Push, Tensor]:
    """drive (..., 3 units), dt (...) -> push over dt, and 1 / cm(x)."""
    conductance, current, elastance = drive.chunk(3, -1)
    return Push(conductance, current, dt.unsqueeze(-1) * elastance), elastance
