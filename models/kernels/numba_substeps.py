"""Sub-steps of the liquid time-constant cell, compiled; with their gradients. Arrays as in ``numba_synapses``."""

from __future__ import annotations

from models.kernels.lanes import fill, load, pick, store
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear, copy
from models.kernels.numba_synapses import (
    CM,
    FUSED,
    GROUP,
    MIDPOINT,
    PER_EXPONENT,
    TANGENT,
    gate_back,
    open_gates,
    relax_back,
    relaxed,
)
from models.kernels.numba_tangent import follow, follow_back


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
                change = relaxed(state, conductance, current, cm, h)
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
                by_conductance, by_current, by_cm, by_h, by_base = relax_back(a, state, conductance, current, cm, h)
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
                gate = load(space.gates, p - begin, width)
                gate_back(
                    width, group, p, gate, fill(0.0, gate), by_conductance, by_current, v, row, gradient,
                    gradients.totals,
                )  # fmt: skip


# Both below have one place that calls what they repeat, for the compiler copies it into every place.


@compiled
def step(width, rule, group, neuron, v, row, h, count, space):
    """``count`` sub-steps of length h: from the states ``v`` at ``row`` on, each written behind the one before."""
    units = neuron.shape[1]
    stages = 2 if rule.solver == MIDPOINT else 1
    for _ in range(count):
        if rule.solver == TANGENT:
            follow(width, rule, group, neuron, v, row, h, space)
            stages = 0
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
        if rule.solver == TANGENT:
            follow_back(
                width, rule, group, neuron, v, now, h, out_gradient, gradient,
                with_tau and k == rule.substeps - 1, tau_gradient, tau_row, space, gradients,
            )  # fmt: skip
            copy(width, gradient, 0, out_gradient, 0, units)
            continue
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
