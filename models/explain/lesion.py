"""What goes when a neuron or a synapse is taken out: the score on given courses, one patient's forecast."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from models import evaluation, fitting
from models.batching import Batch
from models.cells.ltc import LTCCell, Synapses
from models.cells.mixed_memory import MixedMemoryCell
from models.course import Course, Treatment
from models.distribution import distribution
from models.errors import ModelError
from models.explain.asking import Question, fitted, level_of, member_of, question
from models.explain.plain import plain
from models.explain.wiring_weights import Wires, ends, wired, wires
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.network import LiquidNetwork
from models.packing import Fitted
from models.wiring import Circuit

Part = Literal["neuron", "synapse"]
SHUT = -1e4  # before softplus: a conductance of exactly 0


@dataclass(frozen=True)
class Lesions:
    """K parts of one member, the ones most missed first.

    names: of neurons "m0"; of synapses "x3->i1", inputs by their number; kinds: of the neuron, or "sensory->inter";
    weights: of synapses (``WiredSynapse.weight``), of neurons the norm of what the read-out makes of them
    score: pooled error (root mean square, z-scored) of this member alone on the next visits of ``courses`` courses;
    change (K,): by how much it grows without the part, below 0 where it is better without
    forecast, forecast_change (K,): of one patient's ``variable`` by this member alone: the mean, and the mean without
    the part minus that; None where nobody was asked about
    A neuron taken out is silent: its synapses conduct nothing and the read-out hears its mean over the courses instead.
    """

    part: Part
    member: int
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    weights: Array
    score: float
    change: Array
    courses: int
    values: int
    patient: str | None
    variable: str | None
    at: float | None
    forecast: float | None
    forecast_change: Array | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return plain(self)


def lesions(
    forecaster: LiquidForecaster,
    courses: Sequence[Course],
    part: Part = "neuron",
    *,
    course: Course | None = None,
    at: float | None = None,
    variable: str | None = None,
    plan: Sequence[Treatment] | None = None,
    member: int = 0,
    strongest: int | None = None,
) -> Lesions:
    """Every neuron or synapse of one member taken out in turn; the forecaster itself is left as it is.

    courses: scored on, best not those learnt from; course, at, variable: also this patient's forecast, all three or
    none; strongest: only so many synapses, those of the greatest weight
    Raises ModelError for a cell without a wiring, courses without a second visit to score, a part that is none,
    NotFittedError.
    """
    parts = fitted(forecaster)
    network = copy.deepcopy(member_of(parts, member)).requires_grad_(False)
    cell = wired(network.layer.cell)
    if part not in ("neuron", "synapse"):
        raise ModelError(f"unknown part {part!r}; there are neuron, synapse")
    asked = None
    if course is not None and at is not None and variable is not None:
        asked = question(forecaster, course, at, variable, plan)
    elif (course, at, variable) != (None, None, None):
        raise ModelError("course, at and variable go together: give all three, or none")
    scored = _Scored(parts, courses)
    one = None if asked is None else _One(asked, network)
    before, first = scored(network), None if one is None else one(network)
    wiring = wires(cell)
    if part == "neuron":
        chosen = np.arange(cell.units)
        weights = network.inner.weight[:, : cell.units].norm(dim=0).cpu().double().numpy()
        mean = scored.mean_state(network)
        names, kinds = zip(*((n.name, n.kind) for n in cell.circuit.neurons), strict=True)
    else:
        chosen = np.argsort(-wiring.weight, kind="stable")[:strongest]
        weights, mean = wiring.weight[chosen], None
        names, kinds = zip(*(_named(cell.circuit, wiring, k) for k in chosen), strict=True)
    changes, forecasts = [], []
    for k in chosen:
        without = copy.deepcopy(network)
        if mean is None:
            _cut(without, wiring, np.arange(len(wiring.source)) == k)
        else:
            _silence(without, wiring, int(k), float(mean[k]))
        changes.append(scored(without) - before)
        forecasts.append(0.0 if one is None or first is None else one(without) - first)
    change, moved = np.array(changes), np.array(forecasts)
    order = np.argsort(-change, kind="stable")
    return Lesions(
        part=part,
        member=member,
        names=tuple(names[i] for i in order),
        kinds=tuple(kinds[i] for i in order),
        weights=weights[order],
        score=before,
        change=change[order],
        courses=len(courses),
        values=scored.values,
        patient=None if course is None else course.patient,
        variable=variable,
        at=None if at is None else float(at),
        forecast=first,
        forecast_change=None if one is None else moved[order],
    )


class _Scored:
    """Pooled error of a network alone, as ``evaluation.score`` counts it: a chance by its distance from 0 or 1."""

    def __init__(self, parts: Fitted, courses: Sequence[Course]) -> None:
        kept = [parts.encoder.align(c) for c in courses if len(c) > 1]
        cohort = fitting.scoring_cohort(parts.encoder, parts.ground, parts.plan, parts.grid, kept) if kept else None
        if cohort is None or not cohort.next.known.any():
            raise ModelError("no course has a second visit with a value to forecast: there is nothing to score on")
        self.parts = parts
        device = next(parts.networks[0].parameters()).device
        self.batch: Batch = cohort.batch(range(len(cohort))).to(device)
        questions = self.batch.questions
        self.known = questions.known.cpu().numpy()
        self.values = int(self.known.sum())
        at = list(parts.plan.targets)
        chance = np.array([parts.encoder.columns[t].is_chance for t in at])
        self.unit = np.where(chance, parts.encoder.scale[at], 1.0)
        self.target = questions.target.cpu().double().numpy()

    def __call__(self, network: LiquidNetwork) -> float:
        parts = self.parts
        found = distribution([network], parts.encoder, parts.plan.targets, self.batch, parts.trust)
        error = evaluation.rmse(((found.centre - self.target) / self.unit)[self.known])
        assert error is not None
        return error

    @torch.no_grad()
    def mean_state(self, network: LiquidNetwork) -> Array:
        """Of the states that are read for the answers: (N,)."""
        state, _ = network.cross(network.states(self.batch), self.batch.questions)
        return state.mean(0).cpu().double().numpy()


class _One:
    """One patient's forecast by a network alone."""

    def __init__(self, asked: Question, network: LiquidNetwork) -> None:
        self.asked = asked
        self.batch = asked.batch([asked.patient])
        self.column, _ = level_of(asked, None, asked.tell([asked.patient], [network]))

    def __call__(self, network: LiquidNetwork) -> float:
        parts = self.asked.parts
        found = distribution([network], parts.encoder, parts.plan.targets, self.batch, parts.trust)
        return float(found.expected[0, self.column])


def _named(circuit: Circuit, wiring: Wires, k: int) -> tuple[str, str]:
    source, target = int(wiring.source[k]), circuit.neurons[wiring.target[k]]
    if wiring.sensory[k]:
        return f"x{source}->{target.name}", f"sensory->{target.kind}"
    heard = circuit.neurons[source]
    return f"{heard.name}->{target.name}", f"{heard.kind}->{target.kind}"


def _silence(network: LiquidNetwork, wiring: Wires, neuron: int, mean: float) -> None:
    """No synapse to or from it conducts, a memory in front does not hear it, the read-out hears its mean."""
    _cut(network, wiring, (wiring.target == neuron) | (~wiring.sensory & (wiring.source == neuron)))
    cell = network.layer.cell
    if isinstance(cell, MixedMemoryCell):
        cell.memory.recurrent_map.weight[:, neuron] = 0.0
    network.inner.bias.add_(network.inner.weight[:, neuron] * mean)
    network.inner.weight[:, neuron] = 0.0


def _cut(network: LiquidNetwork, wiring: Wires, which: NDArray[np.bool_]) -> None:
    """These synapses of the network conduct nothing any more, in place."""
    cell = wired(network.layer.cell)
    if isinstance(cell, LTCCell):
        count = int(wiring.sensory.sum())
        for group, cut in ((cell.sensory, which[:count]), (cell.recurrent, which[count:])):
            _shut(group, cut)
        return
    gone = np.zeros((2, max(cell.input_size, cell.units), cell.units), dtype=bool)
    gone[(~wiring.sensory[which]).astype(int), wiring.source[which], wiring.target[which]] = True
    for place, matrix in enumerate((cell.sensory, cell.forward_map, cell.recurrent)):
        source, target = ends(cell, matrix)
        matrix.weight[torch.from_numpy(gone[min(place, 1), source, target]).to(matrix.weight.device)] = 0.0


def _shut(group: Synapses, cut: NDArray[np.bool_]) -> None:
    closed = SHUT if group.nonnegative == "softplus" else 0.0
    group.w[torch.from_numpy(cut).to(group.w.device)] = closed
