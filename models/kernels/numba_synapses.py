"""Synapses and sub-steps of the liquid time-constant cell, compiled; with their gradients.

Arrays of lanes are (rows, W): a row is ``W = len(width)`` numbers, one a sample. Of a cell with N units:

    sums, rates, sum_gradients   (2 N)   conductances, then currents: of leak and inputs; of all; gradients
    neuron                       (3, N)  plain numbers: cm, gleak, gleak vleak

The backward pass recomputes the gates, so memory grows with states, not with synapses.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from models.kernels.lanes import (
    add_totals,
    fill,
    flush_row,
    load,
    logistic2,
    logistic2_bounded,
    pick,
    relaxed_share,
    store,
)
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear, copy

FUSED, EXPONENTIAL, MIDPOINT = range(3)
SLOPE, SHIFT, WEIGHT, WEIGHT_EREV = range(4)
FIELDS = 4
CM, GLEAK, LEAK_CURRENT = range(3)
EPSILON = 1e-8  # as models.solvers
PER_EXPONENT = -0.6931471805599453  # d logistic2(z) / dz = PER_EXPONENT g (1 - g)
GROUP = 4  # targets worked on together, so that one's divisions run while another's gates are computed


class Group(NamedTuple):
    """Synapses sorted by target. start: (N + 1,) where a target's begin; source: (synapses,);
    table: (synapses, 4) -sigma log2(e), sigma mu log2(e), w, w erev
    """

    start: np.ndarray
    source: np.ndarray
    table: np.ndarray


class Rule(NamedTuple):
    """How time is crossed. bounded: no recurrent gate's exponent leaves +-LARGEST_LOGISTIC."""

    solver: int
    substeps: int
    bounded: bool


class Inputs(NamedTuple):
    """u, seen: (steps inputs) lanes; values, and 1 where seen, 0 where not, read only where ``masked``."""

    u: np.ndarray
    seen: np.ndarray
    masked: bool


class Space(NamedTuple):
    """Room to work in, lanes: sums (2 N), rates (2 N), middle (N), gates (GROUP times the largest fan-in)."""

    sums: np.ndarray
    rates: np.ndarray
    middle: np.ndarray
    gates: np.ndarray


def space_rows(units: int, fan_in: int) -> int:
    """Rows of the scratch that ``space_in`` lays out."""
    return 5 * units + GROUP * fan_in


@compiled
def space_in(scratch, units):
    return Space(
        scratch[: 2 * units], scratch[2 * units : 4 * units], scratch[4 * units : 5 * units], scratch[5 * units :]
    )


class Gradients(NamedTuple):
    """What the backward pass adds to: sums (2 N), cm (N), h (1) lanes; totals: (synapses, 8), see ``flush``."""

    sums: np.ndarray
    cm: np.ndarray
    h: np.ndarray
    totals: np.ndarray


@compiled
def flush(totals, wide):
    """What ``add_totals`` summed of a step, each in two parts, goes to wide (synapses, 4) float64: as the table's
    columns, the last two times PER_EXPONENT. Few numbers are added in float32, so little is lost.
    """
    for p in range(len(wide)):
        flush_row(totals, p, wide)


@compiled
def sense(width, inputs, row, group, neuron, sums):
    """sums: conductance and current from leak and the inputs at ``row``."""
    units = neuron.shape[1]
    for j in range(units):
        first = load(inputs.u, row, width)
        conductance = fill(pick(neuron, GLEAK, j, units) + EPSILON, first)
        current = fill(pick(neuron, LEAK_CURRENT, j, units), first)
        for p in range(pick(group.start, j, 0, 1), pick(group.start, j + 1, 0, 1)):
            i = row + pick(group.source, p, 0, 1)
            value = load(inputs.u, i, width)
            gate = logistic2(value * pick(group.table, p, SLOPE, FIELDS) + pick(group.table, p, SHIFT, FIELDS))
            if inputs.masked:
                gate = gate * load(inputs.seen, i, width)
            conductance += gate * pick(group.table, p, WEIGHT, FIELDS)
            current += gate * pick(group.table, p, WEIGHT_EREV, FIELDS)
        store(sums, j, conductance)
        store(sums, units + j, current)


@compiled
def sense_back(width, inputs, row, group, sum_gradients, u_gradient, totals):
    """Gradient of ``sense``: adds to u_gradient at ``row``, unless it is empty, and to totals (synapses, 8)."""
    units = len(group.start) - 1
    for j in range(units):
        by_conductance = load(sum_gradients, j, width) * PER_EXPONENT
        by_current = load(sum_gradients, units + j, width) * PER_EXPONENT
        for p in range(pick(group.start, j, 0, 1), pick(group.start, j + 1, 0, 1)):
            i = row + pick(group.source, p, 0, 1)
            slope = pick(group.table, p, SLOPE, FIELDS)
            value = load(inputs.u, i, width)
            gate = logistic2(value * slope + pick(group.table, p, SHIFT, FIELDS))
            shut = fill(1.0, gate) - gate
            if inputs.masked:
                gate = gate * load(inputs.seen, i, width)
            opened = (
                by_conductance * pick(group.table, p, WEIGHT, FIELDS)
                + by_current * pick(group.table, p, WEIGHT_EREV, FIELDS)
            ) * (gate * shut)
            if len(u_gradient):
                store(u_gradient, i, load(u_gradient, i, width) + opened * slope)
            add_totals(totals, p, opened * value, opened, gate * by_conductance, gate * by_current)


def _opening(logistic: Any) -> Any:
    """A loop of its own for each kind of gate, for the compiler leaves the choice between two in the loop."""

    @compiled
    def open_target(width, group, v, row, begin, first, last, rates, j, gates, keep):
        units = len(group.start) - 1
        conductance, current = load(rates, j, width), load(rates, units + j, width)
        for p in range(first, last):
            value = load(v, row + pick(group.source, p, 0, 1), width)
            gate = logistic(value * pick(group.table, p, SLOPE, FIELDS) + pick(group.table, p, SHIFT, FIELDS))
            if keep:
                store(gates, p - begin, gate)
            conductance += gate * pick(group.table, p, WEIGHT, FIELDS)
            current += gate * pick(group.table, p, WEIGHT_EREV, FIELDS)
        store(rates, j, conductance)
        store(rates, units + j, current)

    return open_target


_open_bounded, _open_any = _opening(logistic2_bounded), _opening(logistic2)


@compiled
def open_gates(width, rule, group, v, row, first, last, space, keep):
    """rates of the targets first..last from the states ``v`` at ``row``; with ``keep`` the gates too."""
    units = len(group.start) - 1
    begin = pick(group.start, first, 0, 1)
    for j in range(first, last):
        copy(width, space.sums, j, space.rates, j, 1)
        copy(width, space.sums, units + j, space.rates, units + j, 1)
        here, end = pick(group.start, j, 0, 1), pick(group.start, j + 1, 0, 1)
        if rule.bounded:
            _open_bounded(width, group, v, row, begin, here, end, space.rates, j, space.gates, keep)
        else:
            _open_any(width, group, v, row, begin, here, end, space.rates, j, space.gates, keep)


@compiled
def cross(width, rule, group, neuron, v, row, base, base_row, out, out_row, h, space):
    """Gates at ``v``, then from ``base`` over h to ``out``."""
    units = neuron.shape[1]
    for first in range(0, units, GROUP):
        last = min(first + GROUP, units)
        open_gates(width, rule, group, v, row, first, last, space, False)
        for j in range(first, last):
            conductance = load(space.rates, j, width)
            current = load(space.rates, units + j, width)
            state = load(base, base_row + j, width)
            cm = pick(neuron, CM, j, units)
            if rule.solver == FUSED:
                change = h * (current - conductance * state) / (conductance * h + cm)
            else:
                change = (current / conductance - state) * relaxed_share(h * conductance * (1 / cm))
            store(out, out_row + j, state + change)


@compiled
def cross_back(
    width, rule, group, neuron, v, row, base, base_row, h, out_gradient, gradient, base_gradient,
    with_tau, tau_gradient, tau_row, space, gradients,
):  # fmt: skip
    """Gradient of ``cross``: reads out_gradient (N), adds to gradient (of v), base_gradient (of base) and gradients.

    with_tau: this sub-step's tau = cm / conductance was handed out, its gradient stands in tau_gradient at tau_row
    """
    units = neuron.shape[1]
    one = fill(1.0, h)
    for first in range(0, units, GROUP):
        last = min(first + GROUP, units)
        begin = pick(group.start, first, 0, 1)
        open_gates(width, rule, group, v, row, first, last, space, True)
        for j in range(first, last):
            conductance = load(space.rates, j, width)
            current = load(space.rates, units + j, width)
            a = load(out_gradient, j, width)
            state = load(base, base_row + j, width)
            cm = pick(neuron, CM, j, units)
            if rule.solver == FUSED:
                inverse = one / (conductance * h + cm)
                rate = (current - conductance * state) * inverse
                by_current = a * h * inverse
                by_conductance = by_current * (h * rate + state) * -1.0
                by_cm = by_current * rate * -1.0
                by_h = a * rate * inverse * cm
                by_base = a * inverse * cm
            else:
                inverse = one / conductance
                target = current * inverse
                elapsed = h * conductance * (1 / cm)
                gone = relaxed_share(elapsed)
                distance = (target - state) * (one - gone)
                by_current = a * gone * inverse
                by_conductance = a * inverse * (distance * elapsed - target * gone)
                by_cm = a * distance * elapsed * (-1 / cm)
                by_h = a * distance * conductance * (1 / cm)
                by_base = a * (one - gone)
            if with_tau:
                by_tau = load(tau_gradient, tau_row + j, width) / conductance
                by_cm = by_cm + by_tau
                by_conductance = by_conductance - by_tau * cm / conductance
            # PER_EXPONENT here, once a neuron: what the synapses below make of it is then the gradient by exponent
            store(space.rates, j, by_conductance * PER_EXPONENT)
            store(space.rates, units + j, by_current * PER_EXPONENT)
            store(base_gradient, j, load(base_gradient, j, width) + by_base)
            store(gradients.sums, j, load(gradients.sums, j, width) + by_conductance)
            store(gradients.sums, units + j, load(gradients.sums, units + j, width) + by_current)
            store(gradients.cm, j, load(gradients.cm, j, width) + by_cm)
            store(gradients.h, 0, load(gradients.h, 0, width) + by_h)
        for j in range(first, last):
            by_conductance = load(space.rates, j, width)
            by_current = load(space.rates, units + j, width)
            for p in range(pick(group.start, j, 0, 1), pick(group.start, j + 1, 0, 1)):
                i = pick(group.source, p, 0, 1)
                gate = load(space.gates, p - begin, width)
                opened = (gate - gate * gate) * (
                    by_conductance * pick(group.table, p, WEIGHT, FIELDS)
                    + by_current * pick(group.table, p, WEIGHT_EREV, FIELDS)
                )
                store(gradient, i, load(gradient, i, width) + opened * pick(group.table, p, SLOPE, FIELDS))
                value = load(v, row + i, width)
                add_totals(gradients.totals, p, opened * value, opened, gate * by_conductance, gate * by_current)


# Both below have one place that calls what they repeat, for the compiler copies it into every place.


@compiled
def step(width, rule, group, neuron, v, row, h, count, space):
    """``count`` sub-steps of length h: from the states ``v`` at ``row`` on, each written behind the one before."""
    units = neuron.shape[1]
    stages = 2 if rule.solver == MIDPOINT else 1
    for _ in range(count):
        for stage in range(stages):
            half = stage + 1 < stages
            seen, seen_row = (v, row) if stage == 0 else (space.middle, 0)
            out, out_row = (space.middle, 0) if half else (v, row + units)
            length = h * 0.5 if half else h
            cross(width, rule, group, neuron, seen, seen_row, v, row, out, out_row, length, space)
        row += units


@compiled
def step_back(
    width, rule, group, neuron, v, row, h, out_gradient, gradient, middle_gradient,
    with_tau, tau_gradient, tau_row, space, gradients,
):  # fmt: skip
    """Gradient of a whole ``step``; out_gradient (N) comes in as that of its end, goes out as that of its start.

    v: the state before each sub-step, from ``row`` on. gradient, middle_gradient (N): room to work in
    """
    units = neuron.shape[1]
    zero = fill(0.0, h)
    midpoint = rule.solver == MIDPOINT
    for k in range(rule.substeps - 1, -1, -1):
        now = row + k * units
        clear(width, gradient, 0, units)
        if midpoint:
            clear(width, middle_gradient, 0, units)
            cross(width, rule, group, neuron, v, now, v, now, space.middle, 0, h * 0.5, space)
        for stage in range(1 if midpoint else 0, -1, -1):
            half = midpoint and stage == 0
            final = with_tau and k == rule.substeps - 1 and not half
            seen, seen_row = (space.middle, 0) if stage == 1 else (v, now)
            by_out = middle_gradient if half else out_gradient
            by_seen = middle_gradient if stage == 1 else gradient
            before = load(gradients.h, 0, width)
            store(gradients.h, 0, zero)
            cross_back(
                width, rule, group, neuron, seen, seen_row, v, now, h * 0.5 if half else h, by_out, by_seen,
                gradient, final, tau_gradient, tau_row, space, gradients,
            )  # fmt: skip
            by_h = load(gradients.h, 0, width)
            store(gradients.h, 0, before + (by_h * 0.5 if half else by_h))
        copy(width, gradient, 0, out_gradient, 0, units)
