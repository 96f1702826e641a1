"""A fitted forecaster asked about one patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import batching
from models.batching import Batch
from models.distribution import Distribution, distribution, survival
from models.forecast import QUANTILE_LEVELS, Array, Forecast, clip_to_range
from models.grounds import Asked, Posed, answer
from models.hazard import NOT_ASKED
from models.history import History
from models.looking import look
from models.network import LiquidNetwork
from models.packing import Fitted
from models.wiring import Wiring
from models.wiring.neurons import Neuron


def batch(fitted: Fitted, history: History, prefix: NDArray[np.int64], at: Array) -> Batch:
    """The questions (prefix[i], at[i]) of one patient, ready for the networks."""
    asked = _ask(fitted, history, prefix, at)
    questions = batching.ask(fitted.encoder, history, 0, asked, fitted.plan, fitted.grid)
    device = next(fitted.networks[0].parameters()).device
    return batching.pad([batching.sequence(fitted.encoder, history)], questions).to(device)


def _ask(fitted: Fitted, history: History, prefix: NDArray[np.int64], at: Array) -> Asked:
    count = len(at)
    posed = Posed(
        looks=look(fitted.encoder, history, prefix, at),
        row=np.full(count, -1),
        spell=np.zeros(count),
        cause=np.full(count, NOT_ASKED),
        near=count,
    )
    return answer(fitted.encoder, fitted.ground, fitted.plan, posed)


def forecast(
    fitted: Fitted,
    history: History,
    days: Array,
    basis: dict[str, Any],
    rows: NDArray[np.int64] | None = None,
) -> Forecast:
    """The distribution of every target on ``days`` (H,), and of the events from the last day known of.

    rows (H,): how many of the first rows each day is asked from; None: all, and only then events are told
    """
    encoder, plan = fitted.encoder, fitted.plan
    known_until = max(float(history.anchor[-1]), history.course.known_until) if encoder.events else None
    known_until = known_until if rows is None else None
    asked = days if known_until is None else np.append(days, known_until)
    prefix = np.full(len(asked), len(history)) if rows is None else rows
    found = distribution(fitted.networks, encoder, plan.targets, batch(fitted, history, prefix, asked), fitted.trust)
    horizon = asked - history.anchor[prefix]
    levels = found.quantiles(QUANTILE_LEVELS, fitted.factors(horizon))[: len(days)]
    variables = list(dict.fromkeys(encoder.columns[t].variable for t in plan.targets))
    values, probabilities, classes = _by_variable(fitted, found, levels, variables, len(days))
    chosen = tuple(encoder.variables[v] for v in variables)
    last = dict(zip(encoder.names, history.course.last_values().tolist(), strict=True))
    living = {}
    if known_until is not None:
        alive = survival(found, len(days), fitted.grid, days - known_until)
        living = {event: alive[:, e] for e, event in enumerate(encoder.events)}
    return Forecast(
        patient=history.course.patient,
        at=days,
        variables=chosen,
        values=clip_to_range(values, chosen),
        expected=clip_to_range(_means(fitted, found, variables)[: len(days), :, None], chosen)[..., 0],
        last_value={v.name: last[v.name] for v in chosen},
        basis=basis,
        probabilities=probabilities,
        classes=classes,
        survival=living,
    )


def _by_variable(
    fitted: Fitted, found: Distribution, levels: Array, variables: list[int], days: int
) -> tuple[Array, dict[str, Array], dict[str, tuple[float, ...]]]:
    """Columns to variables: values (H, V, Q), and the chances of the classes where there are such."""
    encoder, targets = fitted.encoder, fitted.plan.targets
    values = np.empty((days, len(variables), levels.shape[-1]))
    probabilities: dict[str, Array] = {}
    classes: dict[str, tuple[float, ...]] = {}
    for place, v in enumerate(variables):
        here = [i for i, t in enumerate(targets) if encoder.columns[t].variable == v]
        column, name = encoder.columns[targets[here[0]]], encoder.names[v]
        values[:, place] = levels[:, here[0]]
        chance = found.centre[:days, here]
        if column.form == "class":
            values[:, place] = np.argmax(chance, 1)[:, None]
            probabilities[name], classes[name] = chance, tuple(float(k) for k in range(len(here)))
        elif column.form == "binary":
            probabilities[name], classes[name] = np.concatenate([1 - chance, chance], 1), (0.0, 1.0)
        elif column.form == "ordinal":
            probabilities[name], classes[name] = found.classes[here[0]][:days], encoder.steps[targets[here[0]]]
    return values, probabilities, classes


def _means(fitted: Fitted, found: Distribution, variables: list[int]) -> Array:
    """Of categorical variables the most probable level: (Q, V)."""
    encoder, targets = fitted.encoder, fitted.plan.targets
    expected = found.expected
    out = np.empty((len(expected), len(variables)))
    for place, v in enumerate(variables):
        here = [i for i, t in enumerate(targets) if encoder.columns[t].variable == v]
        out[:, place] = expected[:, here[0]] if len(here) == 1 else np.argmax(expected[:, here], 1)
    return out


def neurons(network: LiquidNetwork) -> tuple[Neuron, ...]:
    """Of a wiring where there is one, else numbered."""
    wiring = getattr(network.layer, "wiring", None)
    if isinstance(wiring, Wiring):
        return wiring.neurons
    return tuple(Neuron(f"n{k}", "inter") for k in range(network.units))
