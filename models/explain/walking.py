"""The states of many courses, every step of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from models import batching
from models.batching import Steps
from models.course import Course
from models.history import encode
from models.network import LiquidNetwork
from models.packing import Fitted

TOGETHER = 256  # courses walked at once


class Walked(NamedTuple):
    """n rows of one course. before, after (n, state): as each row's observation meets and leaves it; tau (2 n, N) after
    every step, model time; steps: what was heard."""

    before: Tensor
    after: Tensor
    tau: Tensor
    steps: Steps


def encoded(parts: Fitted, courses: Sequence[Course]) -> list[Steps]:
    """The steps of every course. Raises ModelError where a variable is missing."""
    return [batching.sequence(parts.encoder, encode(parts.encoder, parts.ground.base, c)) for c in courses]


@torch.no_grad()
def walk(network: LiquidNetwork, sequences: Sequence[Steps]) -> Iterator[Walked]:
    """Each course's way, in their order."""
    device = next(network.parameters()).device
    empty = torch.zeros(0, 0)
    for first in range(0, len(sequences), TOGETHER):
        here = sequences[first : first + TOGETHER]
        padded = batching.pad(here, batching.Questions(*[empty] * 13)).to(device)
        start = network.start(padded.static)
        path = network.layer.states(padded.x, padded.dt, start, padded.mask, padded.lengths)
        for i, steps in enumerate(here):
            count = len(steps.dt)
            state = path.state[i, :count]
            yield Walked(state[0::2], state[1::2], path.tau[i, :count], steps)
