"""The LTC of ncps: parameters at every place of a matrix, of which those under the mask never acted."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.cells.ltc import Synapses
from models.errors import ModelError
from models.layers import LTC
from models.migrate.given import CELL, Given, put, read_mask, read_memory
from models.wiring import Adjacency, Explicit
from models.wiring.base import repeated
from models.wiring.explicit import rows_of
from models.wiring.neurons import NeuronKind


def read_ltc(given: Given, implicit: bool, unfolds: int, outputs: int | None) -> LTC:
    """Plain or wired alike: ncps keeps masks for both."""
    inputs, units = given.shape(CELL + "sensory_sparsity_mask")
    if given.has(CELL + "output_w"):
        (said,) = given.shape(CELL + "output_w", 1)
        if outputs not in (None, said):
            raise ModelError(f"{CELL}output_w has {said} entries, outputs says {outputs}")
        outputs = said
    if outputs is None:
        raise ModelError(f"{CELL}output_w is missing, so nothing says how many motor neurons there are; pass outputs=")
    if not 1 <= outputs <= units:
        raise ModelError(f"{CELL}output_w: {units} units cannot have {outputs} outputs; expected 1..units")
    for scale, shift in ((CELL + "input_w", CELL + "input_b"), (CELL + "output_w", CELL + "output_b")):
        if given.has(shift) and not given.has(scale):
            raise ModelError(f"{scale} is missing beside {shift}")
    sizes = {"": units, "sensory_": inputs}
    masks = {p: read_mask(given, f"{CELL}{p}sparsity_mask", size, units) for p, size in sizes.items()}
    erev = {p: given.take(f"{CELL}{p}erev", size, units) for p, size in sizes.items()}
    polarity = {p: torch.where(erev[p] < 0, -1, 1) * masks[p] for p in sizes}
    layer = LTC(
        inputs,
        _explicit(polarity[""].numpy(), polarity["sensory_"].numpy(), outputs),
        solver="fused",
        unfolds=unfolds,
        nonnegative="softplus" if implicit else "projection",
        mixed_memory=given.has("lstm.input_map.weight"),
    ).to(given.dtype)
    cell = layer.liquid
    for name in ("gleak", "vleak", "cm"):
        put(getattr(cell, name), given.take(CELL + name, units))
    for name, size in (("input_w", inputs), ("input_b", inputs), ("output_w", outputs), ("output_b", outputs)):
        if given.has(CELL + name):  # without it the mapping is the identity, as this cell's is at first
            put(getattr(cell, name), given.take(CELL + name, size))
    for prefix, group in (("", cell.recurrent), ("sensory_", cell.sensory)):
        put(group.erev, erev[prefix][group.source, group.target])
        for name in ("sigma", "mu", "w"):
            _synapses(group, name, given.take(CELL + prefix + name, sizes[prefix], units))
    read_memory(given, layer, range(units))
    return layer


def _synapses(group: Synapses, name: str, matrix: Tensor) -> None:
    put(getattr(group, name), matrix[group.source, group.target])


def _explicit(adjacency: Adjacency, sensory: Adjacency, outputs: int) -> Explicit:
    """With kinds and layers where the synapses are those of a neural circuit policy."""
    hears = np.any(sensory != 0, axis=0).tolist()
    kinds: list[NeuronKind] = [*repeated(("motor", outputs))]
    for heard in hears[outputs:]:
        kinds.append("inter" if heard else "command")
    layer_of = [("inter", "command", "motor").index(kind) for kind in kinds]
    source, target = (np.array(layer_of)[index] for index in np.nonzero(adjacency))
    onward = (target == source + 1) | ((source == 1) & (target == 1))
    if set(layer_of) == {0, 1, 2} and onward.all() and not any(hears[:outputs]):
        return Explicit(rows_of(adjacency), rows_of(sensory), outputs, tuple(kinds), tuple(layer_of))
    return Explicit(rows_of(adjacency), rows_of(sensory), outputs)
