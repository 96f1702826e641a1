"""Compiled gradients cannot be differentiated again, and say so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch

from models.errors import ModelError


def first_order(backward: Callable[..., Any]) -> Callable[..., Any]:
    """A backward pass that torch cannot differentiate again; whoever asks for that gets a ModelError.

    ``once_differentiable`` would not do: it lets a second derivative pass, and be wrong, wherever another path leads to
    the same parameter.
    """

    @wraps(backward)
    def once(ctx: Any, *gradients: Any) -> Any:
        if torch.is_grad_enabled():
            raise ModelError("compiled gradients are of first order only; for others use backend='reference'")
        return backward(ctx, *gradients)

    return once
