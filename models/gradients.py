"""How far a loss reaches back along a sequence: norms of its gradient at every step and for every parameter."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from models.errors import ModelError
from models.sequence import SequenceResult, as_lengths, check_tensor
from models.stack import Bidirectional

VANISHING = 1e-3  # the first step's gradient over the last one's, below: nothing early can be learnt
EXPLODING = 1e3  # above: the early steps drown all others

Loss = Callable[[SequenceResult], Tensor]
"""result of a layer, without trajectory -> scalar"""


class GradientNorms(NamedTuple):
    """states: (length,) 2-norm, over batch and state, of the loss's total derivative in the state after every step;
    parameters: the 2-norm of the loss's gradient in each, by name."""

    states: Tensor
    parameters: dict[str, float]

    @property
    def ratio(self) -> float:
        """The first step's norm over that of the last step the loss depends on; NaN where a norm is not finite."""
        norms = self.states.tolist()
        if not all(map(math.isfinite, norms)):
            return math.nan
        return norms[0] / next((n for n in reversed(norms) if n > 0), math.inf)

    @property
    def verdict(self) -> Literal["vanishing", "steady", "exploding"]:
        """``ratio`` below VANISHING, above EXPLODING (or a norm not finite), or between."""
        if self.ratio < VANISHING:
            return "vanishing"
        return "steady" if self.ratio <= EXPLODING else "exploding"


def gradient_norms(
    layer: nn.Module,
    loss: Loss,
    x: Tensor,
    dt: Tensor | None = None,
    state: Tensor | None = None,
    mask: Tensor | None = None,
    lengths: Tensor | Sequence[int] | None = None,
) -> GradientNorms:
    """Run a layer step by step and differentiate; arguments as the layer's own.

    Costs about three forward passes, one of them in one call and two in calls of a step each, and one backward pass.
    Leaves the gradients of the parameters as they are. Raises ModelError for a layer that is not causal or drops
    values out, an empty sequence, a loss that is no finite scalar or does not depend on the states.
    """
    if any(isinstance(part, Bidirectional) for part in layer.modules()):
        raise ModelError("a bidirectional layer has no state after a step; measure its two layers one by one")
    if any(part.training and _dropout(part) for part in layer.modules()):
        raise ModelError("dropout would differ between a step's state and its output; call layer.eval() first")
    check_tensor("x", x, "(batch, length, features)")
    lengths = as_lengths(lengths)
    if x.ndim != 3 or x.shape[1] == 0:
        raise ModelError(f"x is {tuple(x.shape)}, expected (batch, length, features) with at least one step")
    _refuse(layer, x, dt, state, mask, lengths)
    with torch.enable_grad():
        outputs, states = _step_by_step(layer, x, dt, state, mask, lengths)
        value = loss(SequenceResult(torch.cat(outputs, 1), states[-1], None))
        if value.numel() != 1 or not torch.isfinite(value).all():
            raise ModelError(f"the loss is {value.detach().tolist()}, expected one finite number")
        named = {name: p for name, p in layer.named_parameters() if p.requires_grad}
        wanted = [*states, *named.values()]
        if not value.requires_grad:
            raise ModelError("the loss depends on no state of the layer")
        grads = torch.autograd.grad(value.reshape(()), wanted, allow_unused=True)
    norms = [0.0 if g is None else float(torch.linalg.vector_norm(g)) for g in grads]
    if not any(norms[: len(states)]):
        raise ModelError("the loss depends on no state of the layer")
    return GradientNorms(torch.tensor(norms[: len(states)]), dict(zip(named, norms[len(states) :], strict=True)))


def _dropout(part: nn.Module) -> float:
    return part.p if isinstance(part, nn.Dropout) else getattr(part, "backbone_dropout", 0.0)


def _refuse(layer: nn.Module, *given: Tensor | None) -> None:
    """The layer's own checks of the whole call, before it is cut into steps."""
    with torch.no_grad():
        layer(*given)


def _step_by_step(
    layer: nn.Module,
    x: Tensor,
    dt: Tensor | None,
    state: Tensor | None,
    mask: Tensor | None,
    lengths: Tensor | None,
) -> tuple[list[Tensor], list[Tensor]]:
    """Outputs (batch, 1, output_size) and states after every step, each output a function of its state.

    The output is read by a second call of no step: what a layer puts out before its first step is what its state reads.
    """
    outputs, states = [], []
    none = torch.zeros(x.shape[0], dtype=torch.long, device=x.device)
    for k in range(x.shape[1]):
        here = slice(k, k + 1)
        step = [None if v is None else v[:, here] for v in (dt, mask)]
        alive = none + 1 if lengths is None else (lengths.to(none) - k).clamp(0, 1)
        after: Tensor = layer(x[:, here], step[0], state, step[1], alive).state
        state = after if after.requires_grad else after.requires_grad_()
        outputs.append(layer(x[:, here], step[0], state, step[1], none).output)
        states.append(state)
    return outputs, states
