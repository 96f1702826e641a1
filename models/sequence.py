"""Runs a liquid cell along ragged, masked, irregular sequences."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.amp.autocast_mode import is_autocast_available

from models import kernels
from models.cells.base import AbstractCell
from models.checks import shown
from models.errors import ModelError


class StatePath(NamedTuple):
    """state, tau: (batch, length, units) after every step; tau in model time."""

    state: Tensor
    tau: Tensor


class SequenceResult(NamedTuple):
    """output: (batch, length, output_size), held after a sequence's end; state: (batch, state_size) at its end."""

    output: Tensor
    state: Tensor
    trajectory: StatePath | None


class SequenceLayer(nn.Module):
    """A cell run along sequences; the one signature of every layer.

    backend: "auto" takes the fastest kernel that is there for the cell, device and solver; "reference", "cpu" and
    "cuda" insist. See ``models.kernels``.
    checkpoint: gradients by backpropagation through time either keep every sub-step, or, True, keep little and compute
    the rest again in the backward pass: more time, less memory
    """

    def __init__(self, cell: AbstractCell, *, backend: str = "auto", checkpoint: bool = False) -> None:
        super().__init__()
        kernels.check_name(backend)
        if not isinstance(cell, AbstractCell):
            raise ModelError(f"cell must be an AbstractCell, got {shown(cell)}; LTC, CfC and the others make their own")
        self.cell = cell
        self.backend = backend
        self.checkpoint = checkpoint

    @property
    def input_size(self) -> int:
        return self.cell.input_size

    @property
    def output_size(self) -> int:
        return self.cell.output_size

    @property
    def state_size(self) -> int:
        return self.cell.state_size

    def forward(
        self,
        x: Tensor,
        dt: Tensor | None = None,
        state: Tensor | None = None,
        mask: Tensor | None = None,
        lengths: Tensor | Sequence[int] | None = None,
        trajectory: bool = False,
    ) -> SequenceResult:
        """Every step holds its input ``x[:, k]`` for ``dt[:, k]``.

        x: (batch, length, input_size); dt: (batch, length) model time >= 0, 0 is the identity for cells that solve an
        equation, None: 1 everywhere; state: (batch, state_size), None: zeros; mask: as x, True or 1 where observed (x
        may be NaN elsewhere and has no influence there); lengths: (batch,) steps that count, also as a list of numbers,
        whatever follows is ignored, NaN included; trajectory: also return the neurons' state and tau after every step
        Raises ModelError for anything that is no tensor, shapes or types that disagree, NaN or infinity in an observed
        place or in the state, negative or infinite time, a mask of other entries than 0 and 1, and lengths that are not
        whole numbers from 0 to length.
        """
        x, dt, state, mask, inside = self._check(x, dt, state, mask, lengths)
        with _full_precision(x.device.type):
            run = kernels.run(
                self.cell, self.backend, x, dt, state, mask, inside, path=trajectory, checkpoint=self.checkpoint
            )
        path = None if run.path is None else StatePath(run.path.state[..., : self.cell.units], run.path.tau)
        return SequenceResult(run.output, run.state, path)

    def states(
        self, x: Tensor, dt: Tensor, state: Tensor, mask: Tensor, lengths: Tensor | Sequence[int] | None = None
    ) -> StatePath:
        """The whole state after every step, memory beside the neurons included: a sequence can go on from any of them.

        Arguments and errors as of ``forward``; state: (batch, length, state_size); tau: (batch, length, units)
        """
        x, dt, state, seen, inside = self._check(x, dt, state, mask, lengths)
        with _full_precision(x.device.type):
            run = kernels.run(
                self.cell, self.backend, x, dt, state, seen, inside, path=True, checkpoint=self.checkpoint
            )
        assert run.path is not None
        return StatePath(run.path.state, run.path.tau)

    def _check(
        self,
        x: Tensor,
        dt: Tensor | None,
        state: Tensor | None,
        mask: Tensor | None,
        lengths: Tensor | Sequence[int] | None,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor | None]:
        """The one gate: after it nothing is NaN, an unseen value is 0 and a padded step takes no time."""
        size = self.cell.input_size
        check_tensor("x", x, f"(batch, length, {size})")
        if x.ndim != 3 or x.shape[2] != size:
            raise ModelError(f"x is {tuple(x.shape)}, expected (batch, length, {size})")
        wanted = next((p for p in self.cell.parameters() if p.is_floating_point()), x)
        if is_autocast_available(x.device.type) and torch.is_autocast_enabled(x.device.type):
            x = x.to(wanted.dtype)  # what an autocast layer before this one handed on
        if x.dtype != wanted.dtype or x.device != wanted.device:
            raise ModelError(
                f"x is {x.dtype} on {x.device}, the layer {wanted.dtype} on {wanted.device}; "
                "move one of them with .to(...)"
            )
        batch, length = x.shape[:2]
        for name, got, expected in (
            ("dt", dt, "(batch, length)"),
            ("state", state, f"(batch, {self.cell.state_size})"),
            ("mask", mask, f"(batch, length, {size})"),
        ):
            if got is not None:
                check_tensor(name, got, expected)
        lengths = as_lengths(lengths)
        for name, got, wanted_shape in (
            ("dt", dt, (batch, length)),
            ("state", state, (batch, self.cell.state_size)),
            ("mask", mask, (batch, length, size)),
            ("lengths", lengths, (batch,)),
        ):
            if got is not None and tuple(got.shape) != wanted_shape:
                raise ModelError(f"{name} is {tuple(got.shape)}, expected {wanted_shape}")
        own_dt, own_state = dt is None, state is None
        dt = x.new_ones(batch, length) if dt is None else dt.to(x)
        state = x.new_zeros(batch, self.cell.state_size) if state is None else state.to(x)
        seen = None if mask is None else _seen(mask.to(x.device))
        inside = None if lengths is None else _inside(lengths.to(x.device), length)
        if inside is not None:
            dt = torch.where(inside, dt, 0.0)
            x = torch.where(inside.unsqueeze(-1), x, 0.0)
            seen = None if seen is None else seen & inside.unsqueeze(-1)
        if seen is not None:
            x = torch.where(seen, x, 0.0)
        if not _all_finite(x):
            raise ModelError("x holds NaN or infinity in an observed place; pass a mask that is False there")
        if not (own_dt or (_all_finite(dt) and (dt >= 0).all())):
            raise ModelError("dt must be finite and not negative")
        if not (own_state or _all_finite(state)):
            raise ModelError("state must be finite")
        return x, dt, state, seen, inside


def check_tensor(name: str, value: Any, expected: str) -> None:
    """Raises ModelError, saying what to give instead, for anything that is no tensor."""
    if isinstance(value, Tensor):
        return
    trial = "torch.full((batch, length), ...)" if isinstance(value, int | float) else "torch.as_tensor(...)"
    raise ModelError(f"{name} is {shown(value)}, expected a tensor {expected}; try {trial}")


def _all_finite(x: Tensor) -> bool:
    """On one thread where x is on the CPU: a second one of torch's, once awake, spins on the core of a kernel's."""
    try:
        return bool(np.isfinite(x.detach().numpy()).all())
    except (TypeError, RuntimeError):  # on another device, of a type numpy has not, or within torch.func
        return bool(torch.isfinite(x).all())


def _full_precision(device: str) -> AbstractContextManager[object]:
    """Autocast off: time constants need all their digits."""
    autocast = is_autocast_available(device) and torch.is_autocast_enabled(device)
    return torch.autocast(device, enabled=False) if autocast else nullcontext()


def as_lengths(lengths: Tensor | Sequence[int] | None) -> Tensor | None:
    """As a tensor. Raises ModelError where they do not make one."""
    if lengths is None:
        return None
    if isinstance(lengths, Tensor):  # small unsigned types would wrap around below
        return lengths if lengths.is_floating_point() or lengths.dtype == torch.bool else lengths.long()
    try:
        tensor = torch.as_tensor(lengths)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"lengths is {shown(lengths)}, expected (batch,) whole numbers") from error
    return tensor if tensor.numel() else tensor.long()


def _seen(mask: Tensor) -> Tensor:
    if mask.dtype != torch.bool and not ((mask == 0) | (mask == 1)).all():
        raise ModelError("mask holds other entries than 0 and 1, expected 1 or True where observed")
    return mask.bool()


def _inside(lengths: Tensor, length: int) -> Tensor:
    if lengths.is_floating_point() or lengths.dtype == torch.bool:
        raise ModelError(f"lengths is {lengths.dtype}, expected whole numbers")
    if not ((lengths >= 0) & (lengths <= length)).all():
        raise ModelError(f"lengths lie in {int(lengths.min())}..{int(lengths.max())}, expected 0..{length}")
    return torch.arange(length, device=lengths.device) < lengths.unsqueeze(-1)
