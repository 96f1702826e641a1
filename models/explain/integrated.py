"""Integrated gradients of the networks' correction over what they hear: values fade in, treatments and statics grow.

Source: Sundararajan, Taly and Yan, *Axiomatic Attribution for Deep Networks* (ICML 2017); by captum.

A value is not moved from some neutral number to its own, for an unseen value is not a number here: on the path its
synapses open, from closed (unseen) to open (seen). Where a cell adds inputs up, that is the same as the input growing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.batching import Batch
from models.cells.base import AbstractCell
from models.cells.cfc import ClosedFormCell
from models.cells.gru import GRUCell
from models.cells.lstm import LSTMCell
from models.cells.ltc import LTCCell
from models.cells.mixed_memory import MixedMemoryCell
from models.cells.ode import CTRNNCell
from models.encoding import Encoder
from models.errors import ModelError
from models.explain.asking import Question
from models.forecast import Array
from models.looking import BLOCKS
from models.network import LiquidNetwork

POINTS = (16, 48, 144)  # of the path: the next number where the sum is not complete with the one before
TOLERANCE = 0.01  # of the difference, or
SMALLEST = 1e-3  # of the variable's standard deviation (of log odds: 1e-3)


@dataclass(frozen=True)
class Gradients:
    """Contributions to the networks' correction, relative to the patient of whom nothing is known; mean of the members.

    scale: "value": in the variable's own unit; "log1p": of a count; "log odds": of a chance, of a level against the
        others
    correction, baseline: what the networks add to the simple forecasts, and what they would add knowing nothing
    values (n, V): heard by the state at each visit; summaries (V,): read as a whole beside the state (last value, mean,
        the mixed model's forecast, days since); treatments (T,), statics (S,) alike in both; weighing: the simple
        forecasts, which the networks weigh anew
    gap: correction - baseline - the sum of all contributions, 0 but for the numerical error of the path
    points: of the path; trust: share of the correction that is kept, 0: the networks add nothing
    """

    scale: str
    correction: float
    baseline: float
    values: Array
    summaries: Array
    treatments: Array
    statics: Array
    weighing: float
    gap: float
    points: int
    trust: float

    @property
    def total(self) -> float:
        """The sum of all contributions."""
        parts = (self.values, self.summaries, self.treatments, self.statics)
        return float(sum(part.sum() for part in parts)) + self.weighing


class _Heard(NamedTuple):
    """What differs from the baseline; leading axis 1, or the points of the path.

    seen (2 n, 2 C): 1 where a value or the days since the last are open; given (2 n, T + S), crossed (T + S,):
    treatments and statics in the steps and on the way to the asked day; static (S,): of the first state; wide (W,);
    simple (K, G)
    """

    seen: Tensor
    given: Tensor
    crossed: Tensor
    static: Tensor
    wide: Tensor
    simple: Tensor


def check_cell(network: LiquidNetwork) -> None:
    """Raises ModelError for a cell in which an input cannot fade in."""
    cell = network.layer.cell
    inner = cell.inner if isinstance(cell, MixedMemoryCell) else cell
    if not isinstance(inner, LTCCell | ClosedFormCell | CTRNNCell | GRUCell | LSTMCell):
        raise ModelError(
            f"{type(inner).__name__} hears whether a value was seen as yes or no, so there are no gradients; "
            "there are of ltc, cfc, ctrnn, gru, lstm; removal alone (gradients=False) works for every cell"
        )


def gradients(asked: Question, actual: Batch, nothing: Batch, column: int) -> Gradients:
    """actual, nothing: one question each, of the patient and of the baseline; column: the target explained."""
    parts = asked.parts
    encoder = parts.encoder
    for network in parts.networks:
        check_cell(network)
    unit = 1.0 if parts.networks[0].heads.chance[column] else float(encoder.scale[parts.plan.targets[column]])
    heard, blank = (_heard(encoder, batch) for batch in (actual, nothing))
    members = []
    for network in parts.networks:
        function = _correction(network, encoder, actual, parts.trust, column, list(asked.columns), unit)
        members.append(_integrated(function, heard, blank, unit))
    found = _Heard(*(np.mean([m.parts[i] for m in members], 0) for i in range(len(_Heard._fields))))
    correction, baseline, gap = (float(np.mean([getattr(m, n) for m in members])) for n in ("end", "start", "gap"))
    by_column = _by_column(encoder, found, plain=parts.plan.plain)
    scale = "value"
    if parts.networks[0].heads.chance[column]:
        scale = "log odds"
    elif parts.networks[0].heads.count[column]:
        scale = "log1p"
    return Gradients(
        scale=scale,
        correction=correction,
        baseline=baseline,
        **by_column,
        weighing=float(np.sum(found.simple)),
        gap=gap,
        points=max(m.points for m in members),
        trust=float(parts.trust[column]),
    )


def _heard(encoder: Encoder, batch: Batch) -> _Heard:
    closed, given = 2 * len(encoder.columns), len(encoder.treatments) + len(encoder.statics)
    return _Heard(
        seen=batch.mask[..., :closed].to(batch.x.dtype),
        given=batch.x[..., closed : closed + given],
        crossed=batch.questions.drive[..., closed : closed + given],
        static=batch.static,
        wide=batch.questions.wide,
        simple=batch.questions.simple,
    )


def _correction(
    network: LiquidNetwork, encoder: Encoder, held: Batch, trust: Array, column: int, columns: list[int], unit: float
) -> Callable[..., Tensor]:
    """What one member adds to the simple forecasts, as a function of what it hears: (P,)."""
    cell, closed = network.layer.cell, 2 * len(encoder.columns)
    kept = torch.as_tensor(trust, dtype=held.x.dtype, device=held.x.device)

    def faded_in(*parts: Tensor) -> Tensor:
        heard = _Heard(*parts)
        points = len(heard.seen)
        frozen = cell.frozen()
        x = torch.cat([_spread(held.x[..., :closed], points), heard.given, _spread(held.x[..., -2:], points)], -1)
        opened = torch.cat([heard.seen, torch.ones_like(x[..., closed:])], -1)
        state = network.start(heard.static)
        for pushed, dt in zip(_drive(cell, x, opened).unbind(1), _spread(held.dt, points).unbind(1), strict=True):
            state = cell.advance(pushed, state, dt, frozen).state
        asked = held.questions
        way = torch.cat(
            [_spread(asked.drive[:, :closed], points), heard.crossed, _spread(asked.drive[:, -2:], points)], -1
        )
        dt = _spread(asked.dt, points)
        pushed = _drive(cell, way, _spread(asked.open.to(way.dtype), points))
        state = cell.advance(pushed, state, dt, frozen).state[:, : network.units]
        read = replace(asked, dt=dt, risk=_spread(asked.risk, points), wide=heard.wide, simple=heard.simple)
        answers = network.read(state, read)
        moved = answers.start + kept * (answers.mixture.mean - answers.start)
        if len(columns) > 1:
            found = _odds(moved, column, columns) - _odds(answers.start, column, columns)
        else:
            found = unit * (moved[:, column] - answers.start[:, column])
        return found + sum(0.0 * p.flatten(1).sum(1) for p in parts)  # a part without influence has a gradient of 0

    return faded_in


def _spread(one: Tensor, points: int) -> Tensor:
    return one.expand(points, *one.shape[1:])


def _drive(cell: AbstractCell, x: Tensor, opened: Tensor) -> Tensor:
    """The drive of inputs that are open in part, opened (..., F) in 0..1; at 0 and 1 that of the mask."""
    if isinstance(cell, MixedMemoryCell):
        return torch.cat([cell.memory.input_map(x * opened), _drive(cell.inner, x, opened)], -1)
    return cell.drive(x if isinstance(cell, LTCCell) else x * opened, opened)


def _odds(location: Tensor, column: int, columns: list[int]) -> Tensor:
    """Log odds of one level against the others."""
    return location[:, column] - torch.logsumexp(location[:, [c for c in columns if c != column]], -1)


class _Sum(NamedTuple):
    """parts: as ``_Heard``, without the leading axis; start, end: the function at both ends of the path."""

    parts: tuple[Array, ...]
    start: float
    end: float
    gap: float
    points: int


def _integrated(function: Callable[..., Tensor], actual: _Heard, nothing: _Heard, unit: float) -> _Sum:
    from captum.attr import IntegratedGradients  # loads matplotlib: only when it is asked for

    method: Any = IntegratedGradients(function)
    with torch.no_grad():
        start, end = (float(function(*heard)) for heard in (nothing, actual))
    allowed = max(TOLERANCE * abs(end - start), SMALLEST * unit)
    parts: tuple[Array, ...] = ()
    gap, points = np.inf, 0
    for points in POINTS:
        with torch.enable_grad():
            found = method.attribute(tuple(actual), baselines=tuple(nothing), n_steps=points, method="gausslegendre")
        parts = tuple(f.detach().cpu().double().numpy()[0] for f in found)
        gap = end - start - float(sum(p.sum() for p in parts))
        if abs(gap) <= allowed:
            break
    return _Sum(parts, start, end, gap, points)


def _by_column(encoder: Encoder, found: Any, *, plain: bool) -> dict[str, Array]:
    """Contributions of the inputs to visits, variables, treatments and statics."""
    count, drugs, statics = len(encoder.columns), len(encoder.treatments), len(encoder.statics)
    member = np.zeros((count, len(encoder.variables)))
    member[np.arange(count), [c.variable for c in encoder.columns]] = 1.0
    seen = found.seen.reshape(-1, 2, 2, count).sum((1, 2))  # both steps of a row; value and days since
    own = 0 if plain else BLOCKS * count
    summaries = found.wide[:own].reshape(-1, count).sum(0)
    given = found.given.sum(0) + found.crossed + found.wide[own : own + drugs + statics]
    return {
        "values": seen @ member,
        "summaries": summaries @ member,
        "treatments": given[:drugs],
        "statics": given[drugs:] + found.static,
    }
