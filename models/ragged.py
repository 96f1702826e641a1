"""Sequences of one batch that end at different steps: what is shown of them after their end. On any device."""

from __future__ import annotations

import torch
from torch import Tensor


def kept(values: Tensor, lengths: Tensor) -> Tensor:
    """values (batch, length, n), lengths (batch,); after a sequence's end its last one.

    A sequence without a step keeps the value of the first step.
    """
    at = torch.arange(values.shape[1], device=values.device)
    last = (lengths.to(values.device, torch.long).unsqueeze(1) - 1).clamp(min=0)
    return values.gather(1, torch.minimum(at, last).unsqueeze(-1).expand_as(values))


def held(values: Tensor, inside: Tensor) -> Tensor:
    """As ``kept``, inside (batch, length), True first; 0 for a sequence without a step."""
    lengths = inside.sum(1)
    return torch.where((lengths > 0)[:, None, None], kept(values, lengths), 0.0)
