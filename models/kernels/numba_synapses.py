"""Synapses of the liquid time-constant cell, compiled; with their gradients.

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
from models.kernels.numba_dense import copy

FUSED, EXPONENTIAL, MIDPOINT, TANGENT = range(4)
SLOPE, SHIFT, WEIGHT, WEIGHT_EREV = range(4)
FIELDS = 4
CM, GLEAK, LEAK_CURRENT = range(3)
EPSILON = 1e-8  # as models.solvers
PER_EXPONENT = -0.6931471805599453  # d logistic2(z) / dz = PER_EXPONENT g (1 - g)
TERMS = 32  # summed apart before they join the others: near rest large sums differ by little, and less is lost so
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
    """Room to work in, lanes: sums (2 N), rates (2 N), middle (N), gates, more.

    gates: GROUP times the largest fan-in; with TANGENT of all synapses, and more of 3 N and again of all synapses
    """

    sums: np.ndarray
    rates: np.ndarray
    middle: np.ndarray
    gates: np.ndarray
    more: np.ndarray


def space_rows(solver: int, units: int, fan_in: int, synapses: int) -> int:
    """Rows of the scratch that ``space_in`` lays out."""
    return 5 * units + (3 * units + 2 * synapses if solver == TANGENT else GROUP * fan_in)


@compiled
def space_in(scratch, rule, group, units):
    end = 5 * units + len(group.source) if rule.solver == TANGENT else len(scratch)
    return Space(
        scratch[: 2 * units],
        scratch[2 * units : 4 * units],
        scratch[4 * units : 5 * units],
        scratch[5 * units : end],
        scratch[end:],
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
        for start in range(first, last, TERMS):
            zero = fill(0.0, load(rates, j, width))
            conductance, current = zero, zero
            for p in range(start, min(start + TERMS, last)):
                value = load(v, row + pick(group.source, p, 0, 1), width)
                gate = logistic(value * pick(group.table, p, SLOPE, FIELDS) + pick(group.table, p, SHIFT, FIELDS))
                if keep:
                    store(gates, p - begin, gate)
                conductance += gate * pick(group.table, p, WEIGHT, FIELDS)
                current += gate * pick(group.table, p, WEIGHT_EREV, FIELDS)
            store(rates, j, load(rates, j, width) + conductance)
            store(rates, units + j, load(rates, units + j, width) + current)

    return open_target


_open_bounded, _open_any = _opening(logistic2_bounded), _opening(logistic2)


@compiled
def open_gates(width, rule, group, v, row, first, last, space, keep):
    """rates of the targets first..last from the states ``v`` at ``row``; with ``keep`` the gates too, from row 0 on."""
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
def relaxed(state, conductance, current, cm, h):
    """What the state changes by over h while the gates stand: exact."""
    return (current / conductance - state) * relaxed_share(h * conductance * (1 / cm))


@compiled
def relax_back(a, state, conductance, current, cm, h):
    """Gradient of state + ``relaxed``, given that of its value: of conductance, current, cm, h and state."""
    one = fill(1.0, h)
    inverse = one / conductance
    target = current * inverse
    elapsed = h * conductance * (1 / cm)
    gone = relaxed_share(elapsed)
    distance = (target - state) * (one - gone)
    return (
        a * inverse * (distance * elapsed - target * gone),
        a * gone * inverse,
        a * distance * elapsed * (-1 / cm),
        a * distance * conductance * (1 / cm),
        a * (one - gone),
    )


@compiled
def gate_back(width, group, p, gate, by_gate, by_conductance, by_current, v, row, gradient, totals):
    """Of synapse p's gate, which the states ``v`` at ``row`` opened, from the gradients of conductance and current, and
    by_gate beside what they give it; all three times PER_EXPONENT. Adds to gradient (of v) and to totals.
    """
    i = pick(group.source, p, 0, 1)
    opened = (gate - gate * gate) * (
        by_gate
        + by_conductance * pick(group.table, p, WEIGHT, FIELDS)
        + by_current * pick(group.table, p, WEIGHT_EREV, FIELDS)
    )
    store(gradient, i, load(gradient, i, width) + opened * pick(group.table, p, SLOPE, FIELDS))
    value = load(v, row + i, width)
    add_totals(totals, p, opened * value, opened, gate * by_conductance, gate * by_current)
