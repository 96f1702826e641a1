"""The LTC recurrence on the GPU: one launch runs whole sequences forward, one runs them backward.

One program takes one sample through all its steps and keeps every synapse's numbers in registers for the whole way.
The sensory drive of all steps does not depend on the state and is computed before, in parallel over the steps, by
``triton_drive``: it is not on this serial path, and a wide sensory layer takes no registers here.

Threads exchange neurons' states only through ``tl.gather`` and ``tl.sum``, whose shared memory and barriers are the
compiler's. What a launch writes to global memory it never reads, so no cache line can be stale and no barrier is
missing by our doing. The forward pass groups synapses by target, the backward pass by source, so each sums along its
own rows and nothing is added by atomics: two runs are equal to the last bit.

Kept for the backward pass: the state every gate evaluation saw and the slopes of the sub-step that followed, which
leaves it a product and one pass over the synapses. Where those would take more than ``KEPT`` bytes, or on request, the
backward pass goes through the sequence in pieces and runs each forward again from the state at its start.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from models.kernels.first_order import first_order
from models.kernels.triton_math import EPSILON, MIDPOINT, SOLVERS, gate, response
from models.kernels.triton_rows import Layout, Rows

KEPT = 2**30  # bytes
FIELDS: tl.constexpr = tl.constexpr(5)  # kept of a gate evaluation: state, slopes in c, v, h, g

# one kernel for all sizes, strides and alignments: nothing compiles again in mid-training
_COUNTS = ("units", "length", "first", "last", "unfolds", "inside_batch", "inside_step")
_NUMBERS = ("sigma", "mu", "w", "erev", "cm", "inside", "dt", "kept", "taus")


@triton.jit
def _per_neuron(rows, owned):
    """rows: (rows,) sums -> (N,) the one of every neuron's row, 0 where it owns none."""
    return tl.where(owned >= 0, tl.gather(rows, tl.maximum(owned, 0), 0), 0.0)


@triton.jit
def _load_slots(values, synapse):
    return tl.load(values + synapse, mask=synapse >= 0, other=0.0)


@triton.jit(
    do_not_specialize=[*_COUNTS, "start_batch", "write", "write_tau", "keep"],
    do_not_specialize_on_alignment=[*_NUMBERS, "leak", "drive", "start", "states"],
)
def forward(
    drive, dt, inside, start, states, taus, kept,
    sigma, mu, w, erev, cm, leak,
    synapse, far, owned,
    units, length, first, last, unfolds, inside_batch, inside_step, start_batch, write, write_tau, keep,
    N: tl.constexpr, ROWS: tl.constexpr, WIDTH: tl.constexpr, SOLVER: tl.constexpr, TERMS: tl.constexpr,
):  # fmt: skip
    """Steps first..last of every sample. write, write_tau, keep: units, or 0 where it is not stored."""
    sample = tl.program_id(0).to(tl.int64)
    n = tl.arange(0, N)
    real = n < units
    slot = tl.arange(0, ROWS * WIDTH)
    source = tl.load(far + slot)
    number = tl.load(synapse + slot)
    s, m = _load_slots(sigma, number), _load_slots(mu, number)
    opening = _load_slots(w, number)
    pushing = opening * _load_slots(erev, number)
    mine = tl.load(owned + n)
    capacity = tl.load(cm + n, mask=real, other=1.0)
    leak_g = tl.load(leak + n, mask=real, other=0.0) + EPSILON
    leak_c = tl.load(leak + units + n, mask=real, other=0.0)
    evaluations = unfolds
    if SOLVER == MIDPOINT:
        evaluations = 2 * unfolds
    v = tl.load(start + sample * start_batch + n, mask=real, other=0.0)
    tau = v * 0.0
    kept += sample * (last - first) * evaluations * FIELDS * units
    for t in range(first, last):
        here = tl.load(inside + sample * inside_batch + t * inside_step)
        step = sample * length + t
        if here != 0:
            constant_g = leak_g + tl.load(drive + step * 2 * units + n, mask=real, other=0.0)
            constant_c = leak_c + tl.load(drive + step * 2 * units + units + n, mask=real, other=0.0)
            h = tl.load(dt + step) / unfolds
            at = v
            for k in range(evaluations):
                open_share = gate(tl.gather(at, source, 0), s, m)
                g_rows = tl.sum(tl.reshape(open_share * opening, [ROWS, WIDTH]), 1)
                c_rows = tl.sum(tl.reshape(open_share * pushing, [ROWS, WIDTH]), 1)
                g = constant_g + _per_neuron(g_rows, mine)
                c = constant_c + _per_neuron(c_rows, mine)
                span = h
                if SOLVER == MIDPOINT:
                    span = tl.where(k % 2 == 0, h / 2, h)
                push, left, push_g, push_h = response(g, capacity, span, SOLVER, TERMS)
                force = c - g * v
                if keep != 0:
                    place = kept + ((t - first).to(tl.int64) * evaluations + k) * FIELDS * units + n
                    tl.store(place, at, mask=real)
                    tl.store(place + units, push, mask=real)
                    tl.store(place + 2 * units, left, mask=real)
                    tl.store(place + 3 * units, force * push_h, mask=real)
                    tl.store(place + 4 * units, force * push_g - push * v, mask=real)
                at = v + force * push
                # the middle only says where to look at the gates again
                v = tl.where(k % 2 == 0, v, at) if SOLVER == MIDPOINT else at
                tau = capacity / g
        tl.store(states + step * units + n, v, mask=n < write)
        tl.store(taus + step * units + n, tau, mask=n < write_tau)


@triton.jit(
    do_not_specialize=[
        *_COUNTS, "synapses", "state_units", "state_batch", "state_step", "state_unit",
        "tau_units", "tau_batch", "tau_step", "tau_unit",
    ],
    do_not_specialize_on_alignment=[
        *_NUMBERS, "grad_states", "grad_taus", "adjoint",
        "grad_drive", "grad_dt", "grad_adjoint", "grad_synapses", "grad_neurons",
    ],
)  # fmt: skip
def backward(
    dt, inside, taus, kept, grad_states, grad_taus, adjoint,
    sigma, mu, w, erev, cm,
    synapse, far, near, owned,
    grad_drive, grad_dt, grad_adjoint, grad_synapses, grad_neurons,
    units, synapses, length, first, last, unfolds, inside_batch, inside_step,
    state_units, state_batch, state_step, state_unit, tau_units, tau_batch, tau_step, tau_unit,
    N: tl.constexpr, ROWS: tl.constexpr, WIDTH: tl.constexpr, SOLVER: tl.constexpr, TERMS: tl.constexpr,
):  # fmt: skip
    """Steps last..first of every sample.

    state_units, tau_units: units, or 0 where no gradient comes; adjoint, grad_adjoint: (batch, 2, units) of state and
    tau, what comes from behind step last, what goes on before step first; grad_synapses: (batch, 4, synapses) sigma,
    mu, w, erev; grad_neurons: (batch, 3, units) cm, leak conductance, leak current
    """
    sample = tl.program_id(0).to(tl.int64)
    n = tl.arange(0, N)
    real = n < units
    slot = tl.arange(0, ROWS * WIDTH)
    target = tl.load(far + slot)
    number = tl.load(synapse + slot)
    s, m = _load_slots(sigma, number), _load_slots(mu, number)
    opening, reversal = _load_slots(w, number), _load_slots(erev, number)
    source = tl.load(near + tl.arange(0, ROWS))
    mine = tl.load(owned + n)
    capacity = tl.load(cm + n, mask=real, other=1.0)
    evaluations = unfolds
    if SOLVER == MIDPOINT:
        evaluations = 2 * unfolds
    adjoint += sample * 2 * units + n
    a = tl.load(adjoint, mask=real, other=0.0)
    a_tau = tl.load(adjoint + units, mask=real, other=0.0)
    kept += sample * (last - first) * evaluations * FIELDS * units
    grad_states += sample * state_batch + n * state_unit
    grad_taus += sample * tau_batch + n * tau_unit
    sum_s, sum_m, sum_w, sum_e = s * 0.0, s * 0.0, s * 0.0, s * 0.0
    sum_cm, sum_g, sum_c = a * 0.0, a * 0.0, a * 0.0
    for back in range(last - first):
        t = last - 1 - back
        here = tl.load(inside + sample * inside_batch + t * inside_step)
        step = sample * length + t
        a += tl.load(grad_states + t.to(tl.int64) * state_step, mask=n < state_units, other=0.0)
        a_tau += tl.load(grad_taus + t.to(tl.int64) * tau_step, mask=n < tau_units, other=0.0)
        step_g, step_c, step_h = a * 0.0, a * 0.0, a * 0.0
        if here != 0:
            h = tl.load(dt + step) / unfolds
            tau = tl.load(taus + step * units + n, mask=n < tau_units, other=0.0)  # cm / g of the last evaluation
            sum_cm += a_tau * tau / capacity
            a_last = -a_tau * tau * tau / capacity
            a_tau = a_tau * 0.0
            a_start = a * 0.0
            for turn in range(evaluations):
                k = evaluations - 1 - turn
                place = kept + ((t - first).to(tl.int64) * evaluations + k) * FIELDS * units
                told = tl.load(place + source)
                a_c = a * tl.load(place + units + n, mask=real, other=0.0)
                a_v = a * tl.load(place + 2 * units + n, mask=real, other=0.0)
                a_h = a * tl.load(place + 3 * units + n, mask=real, other=0.0)
                a_g = a * tl.load(place + 4 * units + n, mask=real, other=0.0) + a_last
                a_last = a_last * 0.0
                step_g += a_g
                step_c += a_c
                half = k % 2 == 0  # the evaluation before the middle
                if SOLVER == MIDPOINT:
                    step_h += tl.where(half, a_h / 2, a_h)
                    sum_cm -= a_h * tl.where(half, h / 2, h) / capacity
                else:
                    step_h += a_h
                    sum_cm -= a_h * h / capacity
                slot_v = tl.reshape(tl.broadcast_to(told[:, None], [ROWS, WIDTH]), [ROWS * WIDTH])
                slot_c = tl.gather(a_c, target, 0)
                push = tl.gather(a_g, target, 0) + reversal * slot_c
                open_share = gate(slot_v, s, m)
                bend = push * opening * open_share * (1.0 - open_share)
                pull = bend * s
                sum_s += bend * (slot_v - m)
                sum_m -= pull
                sum_w += push * open_share
                sum_e += opening * open_share * slot_c
                through = _per_neuron(tl.sum(tl.reshape(pull, [ROWS, WIDTH]), 1), mine)
                if SOLVER == MIDPOINT:  # after the full step, `through` is the middle's adjoint
                    a = tl.where(half, a_start + a_v + through, through)
                    a_start = a_v
                else:
                    a = a_v + through
        sum_g += step_g
        sum_c += step_c
        tl.store(grad_drive + step * 2 * units + n, step_g, mask=real)
        tl.store(grad_drive + step * 2 * units + units + n, step_c, mask=real)
        tl.store(grad_dt + step, tl.sum(step_h, 0) / unfolds)
    grad_adjoint += sample * 2 * units + n
    tl.store(grad_adjoint, a, mask=real)
    tl.store(grad_adjoint + units, a_tau, mask=real)
    there = number >= 0
    grad_synapses += sample * 4 * synapses + number
    tl.store(grad_synapses, sum_s, mask=there)
    tl.store(grad_synapses + synapses, sum_m, mask=there)
    tl.store(grad_synapses + 2 * synapses, sum_w, mask=there)
    tl.store(grad_synapses + 3 * synapses, sum_e, mask=there)
    grad_neurons += sample * 3 * units + n
    tl.store(grad_neurons, sum_cm, mask=real)
    tl.store(grad_neurons + units, sum_g, mask=real)
    tl.store(grad_neurons + 2 * units, sum_c, mask=real)


class Recipe(NamedTuple):
    """How a cell's recurrence runs.

    solver: its name; unfolds: sub-steps a step; differentiable: a gradient may be asked for; tau: its path is wanted;
    checkpoint: keep nothing of the sub-steps
    """

    solver: str
    unfolds: int
    layout: Layout
    differentiable: bool
    tau: bool = True
    checkpoint: bool = False

    @property
    def evaluations(self) -> int:
        return self.unfolds * (2 if self.solver == "exponential_midpoint" else 1)

    def piece(self, batch: int, length: int, units: int, bytes_each: int) -> int:
        """Steps whose sub-steps are kept at once."""
        allowed = KEPT // max(batch * self.evaluations * FIELDS.value * units * bytes_each, 1)
        wanted = math.isqrt(length - 1) + 1 if self.checkpoint else length
        return max(min(wanted, allowed), 1)


def warps(slots: int) -> int:
    """Sixteen synapses a thread where they are many, so that the neurons' arithmetic, which every warp repeats, weighs
    little and the backward pass still fits its registers; where they are few, four warps run side by side.
    """
    return max(min(slots // 256, 4), min(slots // 512, 16), 1)


def constants(recipe: Recipe, rows: Rows, dtype: torch.dtype) -> dict[str, Any]:
    """What the kernels are compiled for."""
    threads = 32 * warps(rows.slots)
    return {
        "N": recipe.layout.neurons,
        "ROWS": rows.rows,
        "WIDTH": rows.width,
        "SOLVER": SOLVERS[recipe.solver],
        "TERMS": 16 if dtype == torch.float64 else 9,
        "num_warps": threads // 32,
        "maxnreg": min(65536 // threads, 255),  # all there are: without the word ptxas may settle for a few
        "enable_fp_fusion": True,
    }


class Recurrence(torch.autograd.Function):
    """drive (batch, length, 2 units), dt (batch, length), inside alike or None, state (batch, units), the recurrent
    synapses' numbers, cm (units,), leak (2 units,) -> state and tau after every step, (batch, length, units) each.
    """

    @staticmethod
    def forward(
        ctx: Any, recipe: Recipe, drive: Tensor, dt: Tensor, inside: Tensor | None, state: Tensor,
        sigma: Tensor, mu: Tensor, w: Tensor, erev: Tensor, cm: Tensor, leak: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        (batch, length), units = dt.shape, state.shape[1]
        numbers = tuple(p.contiguous() for p in (sigma, mu, w, erev, cm, leak))
        drive, dt, state = drive.contiguous(), dt.contiguous(), state.contiguous()
        inside = recipe.layout.one.expand(batch, length) if inside is None else inside.view(torch.uint8)
        states = drive.new_empty(batch, length, units)
        taus = drive.new_empty(batch, length, units if recipe.tau else 0)
        keep = recipe.differentiable and recipe.piece(batch, length, units, drive.element_size()) == length
        kept = _room(recipe, drive, batch, length, units) if keep else drive
        span = (0, length)
        _forward(recipe, drive, dt, inside, state, states, taus, kept, numbers, span, write=True, keep=keep)
        if recipe.differentiable:
            ctx.recipe, ctx.inside, ctx.kept = recipe, inside, kept if keep else None
            ctx.save_for_backward(drive, dt, state, states, taus, *numbers)
            ctx.set_materialize_grads(False)
        return states, taus

    @staticmethod
    @first_order
    def backward(ctx: Any, grad_states: Tensor | None, grad_taus: Tensor | None) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        recipe, inside = ctx.recipe, ctx.inside
        drive, dt, state, states, taus, *numbers = ctx.saved_tensors
        batch, length, units = states.shape
        synapses, rows = len(numbers[0]), recipe.layout.tells
        adjoint = drive.new_zeros(batch, 2, units)
        grad_drive, grad_dt = torch.empty_like(drive), torch.empty_like(dt)
        per_synapse, per_neuron = drive.new_zeros(4, synapses), drive.new_zeros(3, units)
        piece = recipe.piece(batch, length, units, drive.element_size())
        for last in range(length, 0, -piece):
            first = max(last - piece, 0)
            kept = ctx.kept
            if kept is None:
                kept = _room(recipe, drive, batch, last - first, units)
                start, span = states[:, first - 1] if first else state, (first, last)
                _forward(recipe, drive, dt, inside, start, states, taus, kept, numbers, span, write=False, keep=True)
            before, grad_synapses = torch.empty_like(adjoint), drive.new_empty(batch, 4, synapses)
            grad_neurons = drive.new_empty(batch, 3, units)
            launch: Any = backward[(batch,)]
            launch(
                dt, inside, taus, kept, _or(grad_states, drive), _or(grad_taus, drive), adjoint,
                *numbers[:5], rows.synapse, rows.far, rows.near, rows.owned,
                grad_drive, grad_dt, before, grad_synapses, grad_neurons,
                units, synapses, length, first, last, recipe.unfolds, *inside.stride(),
                *_extent(grad_states), *_extent(grad_taus),
                **constants(recipe, rows, drive.dtype),
            )  # fmt: skip
            adjoint = before
            per_synapse += grad_synapses.sum(0)
            per_neuron += grad_neurons.sum(0)
        return (
            None, grad_drive, grad_dt, None, adjoint[:, 0],
            *per_synapse, per_neuron[0], per_neuron[1:].reshape(-1),
        )  # fmt: skip


def _forward(
    recipe: Recipe, drive: Tensor, dt: Tensor, inside: Tensor, start: Tensor, states: Tensor, taus: Tensor,
    kept: Tensor, numbers: Sequence[Tensor], span: tuple[int, int], *, write: bool, keep: bool,
) -> None:  # fmt: skip
    batch, length, units = states.shape
    rows = recipe.layout.hears
    launch: Any = forward[(batch,)]
    launch(
        drive, dt, inside, start, states, taus, kept,
        *numbers, rows.synapse, rows.far, rows.owned,
        units, length, *span, recipe.unfolds, *inside.stride(), start.stride(0),
        units * write, taus.shape[2] * write, units * keep,
        **constants(recipe, rows, drive.dtype),
    )  # fmt: skip


def _room(recipe: Recipe, like: Tensor, batch: int, steps: int, units: int) -> Tensor:
    return like.new_empty(batch, steps, recipe.evaluations, FIELDS.value, units)


def _or(gradient: Tensor | None, other: Tensor) -> Tensor:
    """Something to point at; nothing is read there."""
    return other if gradient is None else gradient


def _extent(gradient: Tensor | None) -> tuple[int, ...]:
    """units and strides; 0 units where no gradient comes."""
    return (0, 0, 0, 0) if gradient is None else (gradient.shape[2], *gradient.stride())
