"""Samples of a block whose sequence is over stand still while the others go on."""

from __future__ import annotations

from models.kernels.lanes import choose, load, store
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear, copy


@compiled
def stand_still(width, here, at, states, before, after, units):
    """The state at row ``after`` becomes the one at ``before`` again in the lanes where row ``at`` of here is 0."""
    switch = load(here, at, width)
    for j in range(units):
        moved, still = load(states, after + j, width), load(states, before + j, width)
        store(states, after + j, choose(switch, moved, still))


@compiled
def divide(width, ragged, here, at, carried, row, gradient, units):
    """The gradient of the state after a step, carried, goes to ``gradient`` where the step counts, else stays."""
    if not ragged:
        copy(width, carried, row, gradient, 0, units)
        clear(width, carried, row, units)
        return
    switch = load(here, at, width)
    none = switch * 0.0
    for j in range(units):
        now = load(carried, row + j, width)
        store(gradient, j, choose(switch, now, none))
        store(carried, row + j, choose(switch, none, now))
