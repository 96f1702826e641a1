"""Time constants by neuron: at rest, along courses, and what shortens or lengthens them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import answering
from models.cells.base import AbstractCell
from models.cells.cfc import ClosedFormCell
from models.cells.ltc import LTCCell
from models.cells.mixed_memory import MixedMemoryCell
from models.cells.ode import CTRNNCell
from models.course import Course
from models.errors import ModelError
from models.explain.asking import fitted, member_of
from models.explain.plain import plain
from models.explain.step_inputs import Input, step_inputs, step_slopes
from models.explain.walking import Walked, encoded, walk
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.network import LiquidNetwork
from models.wiring.neurons import Neuron

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SETTLING = 200  # units of model time, one a step, in which a silent network comes to rest


@dataclass(frozen=True)
class TimeConstants:
    """Time constants of N neurons of one member in days, and what F inputs do to them.

    rest (N,): nothing heard, the state where it settles
    range (N, L): quantiles ``levels`` of what they are after every step of the courses: on the way and on the visits
    effect (N, F): mean of d log tau / d input over the visits where the input is heard, with the state as the visit
        meets it; below 0 the input shortens tau; of an input that rises by one ``Input.per`` tau becomes exp(effect)
        times as long, for a small rise; 0 where never heard
    spread (N, F): its standard deviation over the visits; heard (F,): visits it was heard on
    With a mixed memory the effect is that through memory and neurons together.
    """

    neurons: tuple[Neuron, ...]
    inputs: tuple[Input, ...]
    rest: Array
    levels: tuple[float, ...]
    range: Array
    effect: Array
    spread: Array
    heard: Array
    courses: int
    visits: int
    member: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it: lists, None for what is not finite."""
        return plain(self)


def time_constants(
    forecaster: LiquidForecaster, courses: Sequence[Course], *, member: int = 0, levels: Sequence[float] = LEVELS
) -> TimeConstants:
    """Time constants along the courses: of one patient, or of a cohort. Members differ in wiring: ``member`` chooses.

    Raises ModelError for a cell without time constants of its own, courses without a visit, NotFittedError.
    """
    parts = fitted(forecaster)
    encoder, network = parts.encoder, member_of(parts, member)
    _check(network)
    kept = [c for c in courses if len(c)]
    if not kept:
        raise ModelError("no course has a visit: there is no state to tell time constants of")
    walked = list(walk(network, encoded(parts, kept)))
    tau = torch.cat([w.tau for w in walked]).cpu().double().numpy() * encoder.time_scale
    slopes, heard = _slopes(network, walked)
    slopes = slopes * step_slopes(encoder)
    count = heard.sum(0)
    mean = slopes.sum(0) / np.maximum(count, 1)
    apart = np.where(heard[:, None], slopes - mean, 0.0)
    return TimeConstants(
        neurons=answering.neurons(network),
        inputs=step_inputs(encoder),
        rest=_rest(network) * encoder.time_scale,
        levels=tuple(float(level) for level in levels),
        range=np.quantile(tau, list(levels), axis=0, method="lower").T,  # no difference of two infinities
        effect=mean,
        spread=np.sqrt((apart**2).sum(0) / np.maximum(count, 1)),
        heard=count,
        courses=len(kept),
        visits=len(heard),
        member=member,
    )


def _check(network: LiquidNetwork) -> None:
    cell = network.layer.cell
    inner = cell.inner if isinstance(cell, MixedMemoryCell) else cell
    if not isinstance(inner, LTCCell | ClosedFormCell | CTRNNCell):
        raise ModelError(
            f"{type(inner).__name__} has no time constants of its own: what it tells as tau depends on the step taken; "
            "ltc, cfc and ctrnn have them"
        )


@torch.no_grad()
def _rest(network: LiquidNetwork) -> Array:
    """Model time: (N,)."""
    cell = network.layer.cell
    like = next(cell.parameters())
    nothing = like.new_zeros(1, cell.input_size)
    pushed, frozen = cell.drive(nothing, torch.zeros_like(nothing, dtype=torch.bool)), cell.frozen()
    state, tau = like.new_zeros(1, cell.state_size), like.new_zeros(1, cell.units)
    for _ in range(SETTLING):
        state, tau = cell.advance(pushed, state, like.new_ones(1), frozen)
    return tau[0].cpu().double().numpy()


def _slopes(network: LiquidNetwork, walked: Sequence[Walked]) -> tuple[Array, Array]:
    """d log tau / d input of the layer on every visit (R, N, F), and which inputs were heard (R, F)."""
    cell = network.layer.cell
    state = torch.cat([w.before for w in walked])
    x = torch.cat([w.steps.x[1::2] for w in walked]).to(state.device).requires_grad_()
    mask = torch.cat([w.steps.mask[1::2] for w in walked]).to(state.device)
    with torch.enable_grad():
        log_tau = _log_tau(cell, x, mask, state)
        found = [_gradient(log_tau[:, j].sum(), x) for j in range(cell.units)]
    slopes = torch.stack(found, 1).cpu().double().numpy()
    heard = mask.cpu().numpy()
    return np.where(heard[:, None], slopes, 0.0), heard


def _log_tau(cell: AbstractCell, x: Tensor, mask: Tensor, state: Tensor) -> Tensor:
    """Just as the input is heard, before the state follows: a step without time."""
    return cell.advance(cell.drive(x, mask), state, x.new_zeros(len(x)), cell.frozen()).tau.log()


def _gradient(total: Tensor, x: Tensor) -> Tensor:
    if not total.requires_grad:
        return torch.zeros_like(x)
    found = torch.autograd.grad(total, x, retain_graph=True, allow_unused=True)[0]
    return torch.zeros_like(x) if found is None else found
