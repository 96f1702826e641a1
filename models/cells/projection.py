"""Parameters that every optimiser step brings back to where they make sense; nothing for a user to remember."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook

SMALLEST_CM = 1e-6  # a neuron without capacitance would have no equation


class NonNegativeParameter(nn.Parameter):
    """A parameter kept >= ``lowest``."""

    lowest = 0.0

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.data, self.requires_grad)


class Capacitance(NonNegativeParameter):
    lowest = SMALLEST_CM


class KeepsProjection(nn.Module):
    """A module whose projected parameters stay so when a state dict is assigned to it."""

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        kinds = {name: type(p) for name, p in self._parameters.items() if isinstance(p, NonNegativeParameter)}
        super()._load_from_state_dict(*args, **kwargs)
        for name, kind in kinds.items():
            given = self._parameters[name]
            if given is not None and not isinstance(given, kind):
                self._parameters[name] = _rebuilt(kind, given.detach(), given.requires_grad)


def _rebuilt(kind: type[NonNegativeParameter], data: Tensor, requires_grad: bool) -> NonNegativeParameter:
    return kind(data, requires_grad=requires_grad)


def _project(optimizer: torch.optim.Optimizer, _args: object, _kwargs: object) -> None:
    with torch.no_grad():
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if isinstance(parameter, NonNegativeParameter):
                    parameter.clamp_(min=parameter.lowest)


register_optimizer_step_post_hook(_project)
