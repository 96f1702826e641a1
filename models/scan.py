"""Linear recurrences solved over time at once: v_k = a_k v_{k-1} + b_k in logarithmic depth, with its exact gradient.

Time is cut into groups of ``RADIX`` steps. All groups walk their few steps together, each from zero, noting the product
of its a so far; the ends of the groups are again such a recurrence, ``RADIX`` times shorter; its solution is what every
group should have begun with. Work O(length), depth O(log length). Only products of a are formed, never quotients, so
nothing overflows while |a| <= 1. The backward pass is the same recurrence run from the end. Sources: Blelloch 1990;
Martin and Cundy, ICLR 2018.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import pad

from models.errors import ModelError

RADIX = 8


def scan(a: Tensor, b: Tensor, start: Tensor | None = None) -> Tensor:
    """All v_k = a_k v_{k-1} + b_k, (batch, length, units); a, b alike; start: (batch, units) is v_0, None: zeros.

    Differentiable in all three, to any order. Raises ModelError for shapes that disagree.
    """
    if a.ndim != 3 or a.shape != b.shape:
        raise ModelError(f"a is {tuple(a.shape)}, b is {tuple(b.shape)}, expected both (batch, length, units)")
    if start is None:
        start = b.new_zeros(b.shape[0], b.shape[2])
    if start.shape != (b.shape[0], b.shape[2]):
        raise ModelError(f"start is {tuple(start.shape)}, expected {(b.shape[0], b.shape[2])}")
    return _Scan.apply(a, b, start) if b.shape[1] else b  # type: ignore[return-value]


def reversed_scan(a: Tensor, b: Tensor) -> Tensor:
    """What reaches v_k from the end: w_k = b_k + a_{k+1} w_{k+1}, w after the last step 0. Shapes as ``scan``.

    With b the gradient on every v_k, w is the total derivative with respect to it.
    """
    later = pad(a[:, 1:], (0, 0, 0, 1))
    return scan(later.flip(1), b.flip(1)).flip(1)


class _Scan(Function):
    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, start: Tensor) -> Tensor:
        first = torch.addcmul(b[:, :1], a[:, :1], start.unsqueeze(1))
        v = _from_zero(a, torch.cat([first, b[:, 1:]], 1))
        ctx.save_for_backward(a, start, v)
        return v

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        a, start, v = ctx.saved_tensors
        total = reversed_scan(a, grads[0])
        before = torch.cat([start.unsqueeze(1), v[:, :-1]], 1)
        return total * before, total, total[:, 0] * a[:, 0]


def _from_zero(a: Tensor, b: Tensor) -> Tensor:
    """The recurrence with v_0 = 0."""
    batch, length, units = b.shape
    if length <= RADIX:
        steps = [b[:, 0]]
        for k in range(1, length):
            steps.append(torch.addcmul(b[:, k], a[:, k], steps[-1]))
        return torch.stack(steps, 1)
    groups = -(-length // RADIX)
    fill = groups * RADIX - length
    if fill:
        a, b = pad(a, (0, 0, 0, fill)), pad(b, (0, 0, 0, fill))
    a, b = a.view(batch, groups, RADIX, units), b.view(batch, groups, RADIX, units)
    v, product = torch.empty_like(b), torch.empty_like(b)
    v[:, :, 0], product[:, :, 0] = b[:, :, 0], a[:, :, 0]
    for k in range(1, RADIX):
        torch.addcmul(b[:, :, k], a[:, :, k], v[:, :, k - 1], out=v[:, :, k])
        torch.mul(a[:, :, k], product[:, :, k - 1], out=product[:, :, k])
    ends = _from_zero(product[:, :-1, -1].contiguous(), v[:, :-1, -1].contiguous())
    v[:, 1:].addcmul_(product[:, 1:], ends.unsqueeze(2))
    return v.view(batch, groups * RADIX, units)[:, :length]
