"""A state dict as it is read: every entry once, of the shape it should have, and none left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from models.cells.mixed_memory import MixedMemoryCell
from models.errors import ModelError
from models.sequence import SequenceLayer

CELL = "rnn_cell."


class Given:
    """A state dict of which every entry is taken once, of the shape it should have."""

    def __init__(self, state_dict: Mapping[str, Tensor]) -> None:
        self.entries = dict(state_dict)
        self.dtype: torch.dtype | None = None
        for key, value in self.entries.items():
            if not isinstance(value, Tensor) or not value.is_floating_point():
                raise ModelError(f"{key} is {getattr(value, 'dtype', type(value).__name__)}, expected real numbers")
            if not torch.isfinite(value).all():
                raise ModelError(f"{key} holds NaN or infinity")
            if self.dtype not in (None, value.dtype):
                raise ModelError(f"{key} is {value.dtype}, the entries before it {self.dtype}")
            self.dtype = value.dtype

    def has(self, key: str) -> bool:
        return key in self.entries

    def shape(self, key: str, dimensions: int = 2) -> tuple[int, ...]:
        """Of an entry that stays to be taken."""
        if key not in self.entries:
            raise ModelError(f"{key} is missing")
        shape = tuple(self.entries[key].shape)
        if len(shape) != dimensions or 0 in shape:
            raise ModelError(f"{key} is {shape}, expected {dimensions} dimensions, none of them empty")
        return shape

    def take(self, key: str, *shape: int) -> Tensor:
        if key not in self.entries:
            raise ModelError(f"{key} is missing")
        value = self.entries.pop(key)
        if tuple(value.shape) != shape:
            raise ModelError(f"{key} is {tuple(value.shape)}, expected {shape}")
        return value.detach().cpu()

    def linear(self, key: str, linear: nn.Linear) -> None:
        put(linear.weight, self.take(f"{key}.weight", *linear.weight.shape))
        if linear.bias is not None:
            put(linear.bias, self.take(f"{key}.bias", *linear.bias.shape))

    def finish(self) -> None:
        if self.entries:
            raise ModelError(f"unknown entries: {', '.join(sorted(self.entries))}")


def put(parameter: Tensor, value: Tensor) -> None:
    """A value of the same shape into a parameter, or a part of one."""
    with torch.no_grad():
        parameter.copy_(value)


def read_mask(given: Given, key: str, *shape: int) -> Tensor:
    """True where there is a synapse."""
    mask = given.take(key, *shape)
    if not ((mask == 0) | (mask == 1)).all():
        raise ModelError(f"{key} holds other entries than 0 and 1")
    return mask.bool()


def read_memory(given: Given, layer: SequenceLayer, order: Sequence[int]) -> None:
    """The LSTM in front of the cell, where there is one. order: (units,) which of our neurons each of theirs is."""
    if not isinstance(layer.cell, MixedMemoryCell):
        return
    memory, units = layer.cell.memory, len(order)
    given.linear("lstm.input_map", memory.input_map)
    given.linear("lstm.recurrent_map", memory.recurrent_map)
    theirs = torch.argsort(torch.tensor(list(order)))
    rows = torch.cat([theirs + gate * units for gate in range(4)])
    put(memory.input_map.weight, memory.input_map.weight[rows])
    put(memory.input_map.bias, memory.input_map.bias[rows])
    put(memory.recurrent_map.weight, memory.recurrent_map.weight[rows][:, theirs])
