"""The closed-form cell with a dense backbone on the CPU: torch on the outside, ``numba_cfc`` on the inside."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from models.cells.base import AbstractCell, Path
from models.cells.cfc import CfCCell, time_constant
from models.kernels import numba_cfc, ragged, threads, windows
from models.kernels.blocks import empty, pack, samples, total, unpack, zeros
from models.kernels.first_order import first_order
from models.ragged import held

MODES = {"default": numba_cfc.GATED, "no_gate": numba_cfc.UNGATED, "pure": numba_cfc.PURE}
ACTIVATIONS = {"lecun_tanh": (1.7159, 0.666), "tanh": (1.0, 1.0)}
"""scale and slope of scale tanh(slope z)"""

PASSES = numba_cfc.forward, numba_cfc.backward


def refusal(cell: AbstractCell) -> str | None:
    cell = cast("CfCCell", cell)
    if cell.backbone and cell.activation not in ACTIVATIONS:
        return f"activation {cell.activation!r} is not compiled, only {', '.join(ACTIVATIONS)}"
    if cell.backbone and cell.training and cell.backbone_dropout:
        return f"dropout of the backbone is not compiled; it is {cell.backbone_dropout:g} and the layer is training"
    return None


def run(
    cell: AbstractCell,
    x: Tensor,
    dt: Tensor,
    state: Tensor,
    mask: Tensor | None,
    inside: Tensor | None,
    width: int,
    *,
    path: bool,
    checkpoint: bool,
) -> Path:
    cell = cast("CfCCell", cell)
    scale, slope = ACTIVATIONS[cell.activation] if cell.backbone else (1.0, 1.0)
    fixed = _Fixed(MODES[cell.mode], scale, slope, path, torch.is_grad_enabled() and not checkpoint, width, inside)
    own, maps = cell.decay(), cell.maps()
    table = state.new_zeros(2, cell.units) if own is None else torch.stack([own.w_tau.abs(), own.A])
    parameters = (p for linear in maps for p in (linear.weight, linear.bias))
    states, rate = _Path.apply(fixed, x, dt, state, table, *parameters)
    if not path:
        return Path(states, rate)
    taus = time_constant(rate.abs() if own is None else rate.abs() + table[0])
    return Path(states, taus if inside is None else held(taus, inside))


class _Fixed(NamedTuple):
    """What no gradient flows to. keep: leave behind what the backward pass wants to see again."""

    mode: int
    scale: float
    slope: float
    tau: bool
    keep: bool
    width: int
    inside: Tensor | None


class _Packed(NamedTuple):
    """What both passes share; see ``numba_cfc``. slots: steps that ``values`` has room for."""

    sizes: np.ndarray
    own: np.ndarray
    heard: np.ndarray
    dt: np.ndarray
    here: np.ndarray
    steps: np.ndarray
    slots: int
    values: np.ndarray


class _Path(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, fixed: _Fixed, x: Tensor, dt: Tensor, state: Tensor, own: Tensor, *maps: Tensor
    ) -> tuple[Tensor, Tensor]:
        batch, length = dt.shape
        units = state.shape[1]
        keep = fixed.keep and any(ctx.needs_input_grad)
        packed = _packed(fixed, x, dt, state, own, maps, length if keep else 1)
        rate = zeros((len(packed.dt) * units if fixed.tau else 0, fixed.width), packed.dt.dtype)
        _forward(fixed, packed, maps, (0, length), fixed.tau, rate)
        ctx.fixed, ctx.packed = fixed, packed
        ctx.save_for_backward(*maps)
        ctx.set_materialize_grads(False)
        heard = packed.heard.reshape(len(packed.steps), length + 1, -1, fixed.width)
        states = samples(heard, batch, (1, length + 1), (heard.shape[2] - units, heard.shape[2]))
        return states, unpack(rate, batch, length, units) if fixed.tau else dt.new_zeros(batch, length, 0)

    @staticmethod
    @first_order
    def backward(ctx: Any, state_gradient: Tensor | None, rate_gradient: Tensor | None) -> Any:  # type: ignore[override]
        fixed, packed, maps = cast("_Fixed", ctx.fixed), cast("_Packed", ctx.packed), ctx.saved_tensors
        given = next((g for g in (state_gradient, rate_gradient) if g is not None and g.shape[2]), None)
        if given is None:
            return (None,) * (5 + len(maps))
        batch, length, units = given.shape
        inputs, width, count = int(packed.sizes[0]) - units, fixed.width, len(packed.steps)
        with_x = ctx.needs_input_grad[1]
        by_state = pack(torch.zeros_like(given) if state_gradient is None else state_gradient, width)
        with_rate = rate_gradient is not None and fixed.tau
        by_rate = pack(rate_gradient, width) if rate_gradient is not None and fixed.tau else by_state[:0]
        hears = inputs + units if with_x else units
        transposed = [w.detach().T if k else w.detach().T[-hears:] for k, w in enumerate(maps[::2])]
        flat = torch.cat([w.reshape(-1) for w in transposed]).numpy()
        shares = threads.shares(count)
        carried = zeros((count * units, width), by_state.dtype)
        x_gradient = zeros((len(packed.dt) * (hears - units), width), by_state.dtype)
        dt_gradient = zeros(packed.dt.shape, packed.dt.dtype)
        own_gradient = zeros((len(shares), 2 * units, width), by_state.dtype)
        scratch = zeros((len(shares), inputs + 2 * units, width), by_state.dtype)
        sums = [torch.zeros_like(m) for m in maps]
        rows = int(packed.sizes[1:].sum())
        window = windows.size(length, count * width)
        again = packed.slots < length  # nothing was kept
        if again:
            packed = packed._replace(slots=window, values=zeros((count * window * rows, width), by_state.dtype))
        for begin, end in windows.latest_first(length, window):
            if again:
                _forward(fixed, packed, maps, (begin, end), False, by_state[:0])
            by_values = empty((count * (end - begin) * rows, width), by_state.dtype)
            threads.spread(
                numba_cfc.backward,
                [
                    (
                        *_arguments(fixed, packed, flat, None),
                        *(begin, end, packed.slots, packed.values),
                        *(hears, by_state, with_rate, by_rate, carried, by_values, x_gradient, dt_gradient),
                        *(own_gradient[k], scratch[k], *share),
                    )
                    for k, share in enumerate(shares)
                ],
            )
            _add_sums(sums, packed, by_values, batch, begin, end)
        return (
            None,
            unpack(x_gradient, batch, length, inputs) if with_x else None,
            unpack(dt_gradient, batch, length),
            unpack(carried, batch, units),
            total(own_gradient.sum(0), 2, units),
            *sums,
        )


def _add_sums(sums: list[Tensor], packed: _Packed, by_values: np.ndarray, batch: int, begin: int, end: int) -> None:
    """Add to the gradients of all weights and biases what steps begin..end give."""
    count, width = len(packed.steps), by_values.shape[1]
    sizes = packed.sizes.tolist()
    hidden, first = sum(sizes[1:-1]), begin % packed.slots
    shape, steps = (count, -1, hidden + sizes[-1], width), end - begin
    heard = samples(packed.heard.reshape(count, -1, sizes[0], width), batch, (begin, end), (0, sizes[0]))
    values = samples(packed.values.reshape(shape), batch, (first, first + steps), (0, hidden))
    layers = (heard.flatten(0, 1), *values.flatten(0, 1).split(sizes[1:-1], 1))
    gradients = samples(by_values.reshape(shape), batch, (0, steps), (0, shape[2])).flatten(0, 1)
    by_bias = gradients.sum(0).split(sizes[1:])
    for k, (gradient, source) in enumerate(zip(gradients.split(sizes[1:], 1), layers, strict=True)):
        sums[2 * k].addmm_(gradient.T, source)
        sums[2 * k + 1].add_(by_bias[k])


def _forward(
    fixed: _Fixed, packed: _Packed, maps: tuple[Tensor, ...], steps: tuple[int, int], tau: bool, rate: np.ndarray
) -> None:
    weights, biases = (torch.cat([m.detach().reshape(-1) for m in maps[k::2]]).numpy() for k in (0, 1))
    arguments = _arguments(fixed, packed, weights, biases)
    threads.spread(
        numba_cfc.forward,
        [
            (*arguments, *steps, packed.slots, packed.values, tau, rate, *share)
            for share in threads.shares(len(packed.steps))
        ],
    )


def _arguments(fixed: _Fixed, packed: _Packed, weights: np.ndarray, biases: np.ndarray | None) -> tuple[Any, ...]:
    """The arguments that both passes share, in their order; biases: of the forward pass."""
    return (
        *((0,) * fixed.width, fixed.mode, fixed.scale, fixed.slope, packed.sizes, weights),
        *(() if biases is None else (biases,)),
        *(packed.own, packed.heard, packed.dt, fixed.inside is not None, packed.here, packed.steps),
    )


def _packed(
    fixed: _Fixed, x: Tensor, dt: Tensor, state: Tensor, own: Tensor, maps: tuple[Tensor, ...], slots: int
) -> _Packed:
    width, (batch, length, inputs) = fixed.width, x.shape
    steps = ragged.steps(fixed.inside, batch, length, width)
    sizes = np.array([maps[0].shape[1], *(bias.shape[0] for bias in maps[1::2])])
    times = pack(dt, width)
    heard = zeros((len(steps), length + 1, int(sizes[0]), width), times.dtype)
    heard[:, :-1, :inputs] = pack(x, width).reshape(len(steps), length, inputs, width)
    heard[:, 0, inputs:] = pack(state, width).reshape(len(steps), -1, width)
    return _Packed(
        sizes,
        own.detach().numpy(),
        heard.reshape(-1, width),
        times,
        times[:0] if fixed.inside is None else pack(fixed.inside.to(dt.dtype), width),
        steps,
        slots,
        zeros((len(steps) * slots * int(sizes[1:].sum()), width), times.dtype),
    )


def warm(dtype: str, width: int) -> None:
    """Compile both passes, or load them from disk."""
    cell = CfCCell(1, 1, backbone_units=1).to(getattr(torch, dtype))
    x = torch.zeros(1, 1, 1, dtype=getattr(torch, dtype))
    path = run(cell, x, x[..., 0], x.new_zeros(1, 1), None, None, width, path=True, checkpoint=False)
    path.state.sum().backward()
