"""Closed-form continuous-time cell (Hasani et al., Nature MI 2022): the liquid equation's answer without a solver.

With z of the inputs and the state before the step (through the backbone, where there is one), four linear heads of z
ff1, ff2, a, b and s = logistic(a dt + b):

    default   h' = tanh(ff1) (1 - s) + tanh(ff2) s
    no_gate   h' = tanh(ff1) + tanh(ff2) s
    pure      h' = A - A exp(-dt (|w_tau| + |ff1|)) ff1

Each is a closed form of an input that jumps at the start of the step, so dt = 0 is *not* the identity: the new input
already shows, with s = logistic(b) in the gated forms and as A (1 - ff1) in the pure one. As dt grows the gated forms
settle at tanh(ff2) (default) or tanh(ff1) + tanh(ff2) (no_gate) where a > 0 and at tanh(ff1) where a < 0, the pure form
at A; where a = 0 time does nothing. Initial weights as in ncps 1.0.1: xavier uniform for every map on its own.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.cells.base import AbstractCell, Step
from models.cells.initial import within, xavier
from models.checks import share, whole
from models.errors import ModelError

Mode = Literal["default", "pure", "no_gate"]
HEADS: dict[str, tuple[str, ...]] = {
    "default": ("ff1", "ff2", "time_a", "time_b"),
    "no_gate": ("ff1", "ff2", "time_a", "time_b"),
    "pure": ("ff1",),
}
"""What the linear map before the closed form gives, side by side, by mode."""


def lecun_tanh(x: Tensor) -> Tensor:
    return 1.7159 * torch.tanh(0.666 * x)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "lecun_tanh": lecun_tanh,
    "silu": functional.silu,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "gelu": functional.gelu,
}


class Decay(NamedTuple):
    """What the pure form has beside its head. w_tau, A: (units,)"""

    w_tau: Tensor
    A: Tensor


def time_constant(rate: Tensor) -> Tensor:
    """1 / rate, infinite at 0, and a gradient that is finite even there."""
    there = rate > 0
    return torch.where(there, 1 / torch.where(there, rate, 1.0), torch.inf)


def gated(mode: Mode, heads: Tensor, dt: Tensor) -> Step:
    """heads (batch, 4 units): ff1, ff2, a, b; dt (batch,). tau = 1/|a|: the logit of s moves by 1 in it."""
    units = heads.shape[-1] // 4
    first, second = torch.tanh(heads[:, : 2 * units]).chunk(2, -1)
    a, b = heads[:, 2 * units :].chunk(2, -1)
    share = torch.sigmoid(torch.addcmul(b, a, dt.unsqueeze(-1)))
    state = torch.lerp(first, second, share) if mode == "default" else torch.addcmul(first, second, share)
    return Step(state, time_constant(a.abs()))


def pure(ff1: Tensor, decay: Decay, dt: Tensor) -> Step:
    """ff1 (batch, units), dt (batch,). tau = 1/(|w_tau| + |ff1|): the distance to A falls e-fold in it."""
    rate = decay.w_tau.abs() + ff1.abs()
    return Step(decay.A - decay.A * torch.exp(-dt.unsqueeze(-1) * rate) * ff1, time_constant(rate))


def closed_form(mode: Mode, heads: Tensor, decay: Decay | None, dt: Tensor) -> Step:
    """heads (batch, len(HEADS[mode]) * units) as ``HEADS`` orders them, dt (batch,) -> state and tau (batch, units)."""
    return gated(mode, heads, dt) if decay is None else pure(heads, decay, dt)


def _check_mode(mode: str) -> Mode:
    if mode not in tuple(HEADS):
        raise ModelError(f"unknown mode {mode!r}; there are {', '.join(HEADS)}")
    return cast("Mode", mode)


class ClosedFormCell(AbstractCell):
    """What the plain and the wired cell share: the pure form's parameters and the read-out."""

    def __init__(self, mode: Mode, bounds: Tensor, read: int, proj_size: int | None) -> None:
        """bounds: (units,) range of the pure form's initial w_tau and A; read: neurons that are read out."""
        super().__init__()
        self.mode: Mode = _check_mode(mode)
        self.w_tau = self.A = None
        if mode == "pure":
            self.w_tau = nn.Parameter(within(bounds))
            self.A = nn.Parameter(within(bounds))
        if proj_size is not None:
            proj_size = whole("proj_size", proj_size)
        self.read = read
        self.readout = None if proj_size is None else nn.Linear(read, proj_size)
        self.output_size = read if proj_size is None else proj_size

    def decay(self) -> Decay | None:
        return None if self.w_tau is None or self.A is None else Decay(self.w_tau, self.A)

    def output(self, state: Tensor) -> Tensor:
        shown = state[..., : self.read]
        return shown if self.readout is None else self.readout(shown)


class Frozen(NamedTuple):
    """recurrent: (units, width) from the state into the first map; rest: weight and bias of the maps after it."""

    recurrent: Tensor
    rest: tuple[tuple[Tensor, Tensor], ...]
    decay: Decay | None


class CfCCell(ClosedFormCell):
    """Closed-form cell with a dense backbone; the read-out is every neuron, through ``proj_size`` if that is given.

    mode: see the module; backbone_units, backbone_layers: of the network before the heads, 0 layers: none;
    backbone_dropout: share of its values dropped after each layer, in training only; activation: name in
    ``ACTIVATIONS``. tau: 1/|a| of the gated forms and 1/(|w_tau| + |ff1|) of the pure one, infinite at 0.
    """

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        mode: Mode = "default",
        backbone_units: int = 128,
        backbone_layers: int = 1,
        backbone_dropout: float = 0.0,
        activation: str = "lecun_tanh",
        proj_size: int | None = None,
    ) -> None:
        for name, got, lowest in (
            ("input_size", input_size, 1),
            ("units", units, 1),
            ("backbone_units", backbone_units, 1),
            ("backbone_layers", backbone_layers, 0),
        ):
            whole(name, got, lowest)
        share("backbone_dropout", backbone_dropout)
        if activation not in tuple(ACTIVATIONS):
            raise ModelError(f"unknown activation {activation!r}; there are {', '.join(ACTIVATIONS)}")
        super().__init__(mode, torch.full((units,), xavier(1, units)), units, proj_size)
        self.input_size, self.units = input_size, units
        self.activation, self.backbone_dropout = activation, backbone_dropout
        widths = (input_size + units, *(backbone_units,) * backbone_layers)
        self.backbone = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.heads = nn.Linear(widths[-1], len(HEADS[mode]) * units)
        with torch.no_grad():
            for linear in self.backbone:
                nn.init.xavier_uniform_(cast("nn.Linear", linear).weight)
            for block in self.heads.weight.split(units):
                nn.init.xavier_uniform_(block)

    def maps(self) -> tuple[nn.Linear, ...]:
        """All linear maps in order, the heads last."""
        return (*(cast("nn.Linear", linear) for linear in self.backbone), self.heads)

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """The inputs' part of the first map: (..., its width). An unseen input is 0, and 0 adds nothing."""
        first = self.maps()[0]
        return functional.linear(inputs, first.weight[:, : self.input_size], first.bias)

    def frozen(self) -> Frozen:
        first, *rest = self.maps()
        after = tuple((linear.weight, linear.bias) for linear in rest)
        return Frozen(first.weight[:, self.input_size :].T, after, self.decay())

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        assert isinstance(frozen, Frozen)
        z = torch.addmm(drive, state, frozen.recurrent)
        for weight, bias in frozen.rest:
            z = ACTIVATIONS[self.activation](z)
            if self.training and self.backbone_dropout:
                z = functional.dropout(z, self.backbone_dropout)
            z = functional.linear(z, weight, bias)
        return closed_form(self.mode, z, frozen.decay, dt)
