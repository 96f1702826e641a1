"""A sub-step of ``exponential_tangent``, compiled; with its gradient. Arrays as in ``numba_synapses``.

Per neuron j, gates s_p open at the states v: g, c their summed conductance and current, and then

    d = (c / g - v) (1 - exp(-h g / 2 cm))              what v changes by to the middle of the sub-step
    dg_j = sum_p w_p ds_p,  dc_j = sum_p w_p erev_p ds_p,   ds_p = s_p (1 - s_p) sigma_p d_i
    G = g + q dg,  C = c + q dc                         q = 1, or what leaves half of g
    v <- v + (C / G - v) (1 - exp(-h G / cm))
"""

from __future__ import annotations

from models.kernels.lanes import add_totals, choose, fill, load, pick, store
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear
from models.kernels.numba_synapses import (
    CM,
    EPSILON,
    FIELDS,
    PER_EXPONENT,
    SLOPE,
    WEIGHT,
    WEIGHT_EREV,
    gate_back,
    open_gates,
    relax_back,
    relaxed,
)

FALL = 0.5  # as models.solvers.relaxing


@compiled
def _changes(width, neuron, v, row, h, space):
    """d, to middle, from the rates."""
    units = neuron.shape[1]
    for j in range(units):
        conductance, current = load(space.rates, j, width), load(space.rates, units + j, width)
        state, cm = load(v, row + j, width), pick(neuron, CM, j, units)
        store(space.middle, j, relaxed(state, conductance, current, cm, h * 0.5))


@compiled
def _along(width, group, j, space):
    """dg, dc of the target j."""
    zero = fill(0.0, load(space.middle, j, width))
    by_conductance, by_current = zero, zero
    for p in range(pick(group.start, j, 0, 1), pick(group.start, j + 1, 0, 1)):
        gate = load(space.gates, p, width)
        change = load(space.middle, pick(group.source, p, 0, 1), width)
        moved = (gate - gate * gate) * change * pick(group.table, p, SLOPE, FIELDS)
        by_conductance += moved * pick(group.table, p, WEIGHT, FIELDS)
        by_current += moved * pick(group.table, p, WEIGHT_EREV, FIELDS)
    return by_conductance * PER_EXPONENT, by_current * PER_EXPONENT


@compiled
def _too_far(conductance, fall):
    """Above 0 where the conductance falls too far; what it may lose; what it loses there, else 1."""
    allowed = (conductance - fill(EPSILON, conductance)) * FALL
    beyond = fall * -1.0 - allowed
    return beyond, allowed, choose(beyond, fall * -1.0, fill(1.0, fall))


@compiled
def follow(width, rule, group, neuron, v, row, h, space):
    """From the states ``v`` at ``row`` over h to those behind them; rates become G, C."""
    units = neuron.shape[1]
    open_gates(width, rule, group, v, row, 0, units, space, True)
    _changes(width, neuron, v, row, h, space)
    for j in range(units):
        conductance, current = load(space.rates, j, width), load(space.rates, units + j, width)
        state = load(v, row + j, width)
        dg, dc = _along(width, group, j, space)
        beyond, allowed, loss = _too_far(conductance, dg)
        share = choose(beyond, allowed / loss, fill(1.0, loss))
        conductance = conductance + share * dg
        current = current + share * dc
        store(space.rates, j, conductance)
        store(space.rates, units + j, current)
        store(v, row + units + j, state + relaxed(state, conductance, current, pick(neuron, CM, j, units), h))


@compiled
def follow_back(
    width, rule, group, neuron, v, row, h, out_gradient, gradient, with_tau, tau_gradient, tau_row, space, gradients
):
    """Gradient of ``follow``: reads out_gradient (N), adds to gradient (of v, 0 at first) and gradients.

    with_tau: tau = cm / G was handed out, its gradient stands in tau_gradient at tau_row
    """
    units = neuron.shape[1]
    by_rates, by_change, by_gates = space.more[: 2 * units], space.more[2 * units : 3 * units], space.more[3 * units :]
    clear(width, by_change, 0, units)
    open_gates(width, rule, group, v, row, 0, units, space, True)
    _changes(width, neuron, v, row, h, space)
    for j in range(units):
        _relax_back(
            width, group, neuron, v, row, h, out_gradient, gradient, with_tau, tau_gradient, tau_row, space, gradients,
            j, by_rates, by_change, by_gates,
        )  # fmt: skip
    for j in range(units):
        _changes_back(width, neuron, v, row, h, gradient, space, gradients, j, by_rates, by_change)
    for j in range(units):
        by_conductance, by_current = load(by_rates, j, width), load(by_rates, units + j, width)
        for p in range(pick(group.start, j, 0, 1), pick(group.start, j + 1, 0, 1)):
            gate, by_gate = load(space.gates, p, width), load(by_gates, p, width)
            gate_back(
                width, group, p, gate, by_gate, by_conductance, by_current, v, row, gradient, gradients.totals
            )  # fmt: skip


@compiled
def _relax_back(
    width, group, neuron, v, row, h, out_gradient, gradient, with_tau, tau_gradient, tau_row, space, gradients,
    j, by_rates, by_change, by_gates,
):  # fmt: skip
    """Of the relaxation of neuron j, of G and C, of dg and dc: adds to by_change; writes by_rates as of g and c, and
    by_gates, times PER_EXPONENT, of what of each gate they are.
    """
    units = neuron.shape[1]
    one = fill(1.0, h)
    raw, current = load(space.rates, j, width), load(space.rates, units + j, width)
    dg, dc = _along(width, group, j, space)
    beyond, allowed, loss = _too_far(raw, dg)
    share = choose(beyond, allowed / loss, one)
    conductance = raw + share * dg
    current = current + share * dc

    a, state, cm = load(out_gradient, j, width), load(v, row + j, width), pick(neuron, CM, j, units)
    by_conductance, by_current, by_cm, by_h, by_base = relax_back(a, state, conductance, current, cm, h)
    if with_tau:
        by_tau = load(tau_gradient, tau_row + j, width) / conductance
        by_cm = by_cm + by_tau
        by_conductance = by_conductance - by_tau * cm / conductance
    store(gradients.cm, j, load(gradients.cm, j, width) + by_cm)
    store(gradients.h, 0, load(gradients.h, 0, width) + by_h)
    store(gradient, j, load(gradient, j, width) + by_base)

    by_share = choose(beyond, by_conductance * dg + by_current * dc, fill(0.0, h)) / loss
    by_dg, by_dc = share * by_conductance + by_share * share, share * by_current
    store(by_rates, j, by_conductance + by_share * FALL)
    store(by_rates, units + j, by_current)
    for p in range(pick(group.start, j, 0, 1), pick(group.start, j + 1, 0, 1)):
        i, slope = pick(group.source, p, 0, 1), pick(group.table, p, SLOPE, FIELDS)
        gate, change = load(space.gates, p, width), load(space.middle, i, width)
        bend = (gate - gate * gate) * PER_EXPONENT
        by_moved = by_dg * pick(group.table, p, WEIGHT, FIELDS) + by_dc * pick(group.table, p, WEIGHT_EREV, FIELDS)
        by_bend = by_moved * change * slope
        store(by_change, i, load(by_change, i, width) + by_moved * bend * slope)
        store(by_gates, p, by_bend * (one - gate - gate) * (PER_EXPONENT * PER_EXPONENT))
        moved = bend * change * (slope * PER_EXPONENT)
        add_totals(gradients.totals, p, by_moved * bend * change, fill(0.0, h), moved * by_dg, moved * by_dc)


@compiled
def _changes_back(width, neuron, v, row, h, gradient, space, gradients, j, by_rates, by_change):
    """Of d of neuron j; by_rates go out times PER_EXPONENT."""
    units = neuron.shape[1]
    conductance, current = load(space.rates, j, width), load(space.rates, units + j, width)
    a, state = load(by_change, j, width), load(v, row + j, width)
    by_conductance, by_current, by_cm, by_half, by_state = relax_back(
        a, state, conductance, current, pick(neuron, CM, j, units), h * 0.5
    )
    by_conductance = by_conductance + load(by_rates, j, width)
    by_current = by_current + load(by_rates, units + j, width)
    store(gradient, j, load(gradient, j, width) + (by_state - a))
    store(gradients.cm, j, load(gradients.cm, j, width) + by_cm)
    store(gradients.h, 0, load(gradients.h, 0, width) + by_half * 0.5)
    store(gradients.sums, j, load(gradients.sums, j, width) + by_conductance)
    store(gradients.sums, units + j, load(gradients.sums, units + j, width) + by_current)
    store(by_rates, j, by_conductance * PER_EXPONENT)
    store(by_rates, units + j, by_current * PER_EXPONENT)
