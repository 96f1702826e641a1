"""A fitted forecaster asked about one patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

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
    return _batch(fitted, [history], [prefix], [at])


def _batch(
    fitted: Fitted, histories: Sequence[History], prefixes: Sequence[NDArray[np.int64]], at: Sequence[Array]
) -> Batch:
    """The questions of several patients, one patient's after the other's."""
    questions = [
        batching.ask(fitted.encoder, history, owner, _ask(fitted, history, prefix, days), fitted.plan, fitted.grid)
        for owner, (history, prefix, days) in enumerate(zip(histories, prefixes, at, strict=True))
    ]
    device = next(fitted.networks[0].parameters()).device
    sequences = [batching.sequence(fitted.encoder, h) for h in histories]
    return batching.pad(sequences, batching.join(questions)).to(device)


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


class Query(NamedTuple):
    """What is asked of one patient. days (H,); rows (H,): how many of the first rows each day is asked from, None: all,
    and only then events are told; basis: what the forecast tells of its grounds"""

    history: History
    days: Array
    basis: dict[str, Any]
    rows: NDArray[np.int64] | None = None


def forecast(fitted: Fitted, query: Query) -> Forecast:
    """The distribution of every target on the days, and of the events from the last day known of."""
    return forecasts(fitted, [query])[0]


def forecasts(fitted: Fitted, queries: Sequence[Query]) -> list[Forecast]:
    """``forecast`` of several patients in one pass of the networks."""
    starts = [_known_until(fitted, q) for q in queries]
    asked = [q.days if s is None else np.append(q.days, s) for q, s in zip(queries, starts, strict=True)]
    prefixes = [
        np.full(len(days), len(q.history)) if q.rows is None else q.rows for q, days in zip(queries, asked, strict=True)
    ]
    histories = [q.history for q in queries]
    found = distribution(
        fitted.networks,
        fitted.encoder,
        fitted.plan.targets,
        _batch(fitted, histories, prefixes, asked),
        fitted.trust,
    )
    horizon = np.concatenate([a - h.anchor[p] for a, h, p in zip(asked, histories, prefixes, strict=True)])
    levels = found.quantiles(QUANTILE_LEVELS, fitted.factors(horizon))
    ends = np.cumsum([len(a) for a in asked])
    return [
        _forecast(fitted, q, found.part(slice(end - len(a), end)), levels[end - len(a) : end], start)
        for q, a, end, start in zip(queries, asked, ends.tolist(), starts, strict=True)
    ]


def _known_until(fitted: Fitted, query: Query) -> float | None:
    """The day events are asked from, None where they are not."""
    if not fitted.encoder.events or query.rows is not None:
        return None
    return max(float(query.history.anchor[-1]), query.history.course.known_until)


def _forecast(fitted: Fitted, query: Query, found: Distribution, levels: Array, start: float | None) -> Forecast:
    """found, levels: of the days, and behind them of ``start`` where there is one."""
    encoder, plan, days, course = fitted.encoder, fitted.plan, query.days, query.history.course
    variables = list(dict.fromkeys(encoder.columns[t].variable for t in plan.targets))
    values, probabilities, classes = _by_variable(fitted, found, levels[: len(days)], variables, len(days))
    chosen = tuple(encoder.variables[v] for v in variables)
    last = dict(zip(encoder.names, course.last_values().tolist(), strict=True))
    living = {}
    if start is not None:
        alive = survival(found, len(days), fitted.grid, days - start)
        living = {event: alive[:, e] for e, event in enumerate(encoder.events)}
    return Forecast(
        patient=course.patient,
        at=days,
        variables=chosen,
        values=clip_to_range(values, chosen),
        expected=clip_to_range(_means(fitted, found, variables)[: len(days), :, None], chosen)[..., 0],
        last_value={v.name: last[v.name] for v in chosen},
        basis=query.basis,
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
    places = _places(fitted)
    for place, v in enumerate(variables):
        here = places[v]
        column, name = encoder.columns[targets[here[0]]], encoder.variables[v].name
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


def _places(fitted: Fitted) -> dict[int, list[int]]:
    """By variable where its columns are among the targets."""
    found: dict[int, list[int]] = {}
    for i, target in enumerate(fitted.plan.targets):
        found.setdefault(fitted.encoder.columns[target].variable, []).append(i)
    return found


def _means(fitted: Fitted, found: Distribution, variables: list[int]) -> Array:
    """Of categorical variables the most probable level: (Q, V)."""
    expected, places = found.expected, _places(fitted)
    out = np.empty((len(expected), len(variables)))
    for place, v in enumerate(variables):
        here = places[v]
        out[:, place] = expected[:, here[0]] if len(here) == 1 else np.argmax(expected[:, here], 1)
    return out


def neurons(network: LiquidNetwork) -> tuple[Neuron, ...]:
    """Of a wiring where there is one, else numbered."""
    wiring = getattr(network.layer, "wiring", None)
    if isinstance(wiring, Wiring):
        return wiring.neurons
    return tuple(Neuron(f"n{k}", "inter") for k in range(network.units))
