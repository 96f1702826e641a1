"""How the GPU lays out a sparse circuit: synapses grouped by the neuron at one end, one row a neuron.

A program holds all synapses of a circuit in registers as ``rows x width`` slots, both powers of two. A neuron without
synapses owns no row: of a neural circuit policy, where most neurons hear inputs only, the motor and command neurons
remain. The forward pass groups by target (it sums what a neuron hears), the backward pass by source (it sums what a
neuron tells), so neither needs atomics and both add in a fixed order.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from models.wiring import Circuit

NARROWEST = 4  # synapses a row: one 16-byte load of the tables
ENDS_AT_MOST = 32  # of sensory synapses, that one program of the drive looks after


class Rows(NamedTuple):
    """int32 tables; -1 where a place is empty.

    synapse, far: (rows width,) number of the slot's synapse and the neuron at its other end (0 where empty);
    near: (rows,) whose row it is; owned: (neurons,) every neuron's row, neurons padded to a power of two
    """

    synapse: Tensor
    far: Tensor
    near: Tensor
    owned: Tensor
    rows: int
    width: int

    @property
    def slots(self) -> int:
        return self.rows * self.width


class Listing(NamedTuple):
    """Sensory synapses for a loop over ``depth``: number and other end of synapse k of each near end.

    synapse, far: (depth near ends,) int32, -1 and 0 where there are fewer
    """

    synapse: Tensor
    far: Tensor
    depth: int


class Layout(NamedTuple):
    """neurons: units padded to a power of two; hears, tells: recurrent synapses by target, by source; sensory alike;
    one: (1, 1) uint8, what a mask that was not given says everywhere.
    """

    neurons: int
    hears: Rows
    tells: Rows
    sensory_hears: Listing
    sensory_tells: Listing
    one: Tensor

    @property
    def slots(self) -> int:
        return max(self.hears.slots, self.tells.slots)


_layouts: WeakKeyDictionary[Circuit, dict[torch.device, Layout]] = WeakKeyDictionary()


def layout(circuit: Circuit, device: torch.device) -> Layout:
    """Of a circuit, whose synapses count in row-major order of the adjacency; made once a device."""
    known = _layouts.setdefault(circuit, {})
    if device not in known:
        known[device] = _layout(circuit, device)
    return known[device]


def power_of_two(count: int) -> int:
    """The smallest power of two >= count, at least 1."""
    return 1 << int(max(count - 1, 0)).bit_length()


def _layout(circuit: Circuit, device: torch.device) -> Layout:
    source, target = np.nonzero(circuit.adjacency)
    sense, hearer = np.nonzero(circuit.sensory)
    units = circuit.units
    return Layout(
        power_of_two(units),
        _rows(target, source, units, device),
        _rows(source, target, units, device),
        _listing(hearer, sense, units, device),
        _listing(sense, hearer, circuit.input_size, device),
        torch.ones(1, 1, dtype=torch.uint8, device=device),
    )


def _rows(near: np.ndarray, far: np.ndarray, units: int, device: torch.device) -> Rows:
    owners, counts = np.unique(near, return_counts=True)
    rows, width = power_of_two(len(owners)), power_of_two(max(counts.max(initial=0), NARROWEST))
    synapse, other = np.full((rows, width), -1), np.zeros((rows, width))
    owner, owned = np.zeros(rows), np.full(power_of_two(units), -1)
    for row, neuron in enumerate(owners):
        mine = np.flatnonzero(near == neuron)
        synapse[row, : len(mine)], other[row, : len(mine)] = mine, far[mine]
        owner[row], owned[neuron] = neuron, row
    synapse, other, owner, owned = (_table(t, device) for t in (synapse, other, owner, owned))
    return Rows(synapse, other, owner, owned, rows, width)


def _listing(near: np.ndarray, far: np.ndarray, ends: int, device: torch.device) -> Listing:
    depth = int(np.bincount(near, minlength=ends).max(initial=0))
    synapse, other = np.full((depth, ends), -1), np.zeros((depth, ends))
    for end in range(ends):
        mine = np.flatnonzero(near == end)
        synapse[: len(mine), end], other[: len(mine), end] = mine, far[mine]
    return Listing(_table(synapse, device), _table(other, device), depth)


def _table(values: np.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.int32).reshape(-1)).to(device)
