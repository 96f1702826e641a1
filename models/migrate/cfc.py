"""The CfC of ncps, with a backbone or wired layer by layer."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import torch

from models.cells.cfc import HEADS, CfCCell, ClosedFormCell, Mode
from models.cells.wired_cfc import WiredCfCCell
from models.errors import ModelError
from models.layers import CfC
from models.migrate.given import CELL, Given, put, read_mask, read_memory
from models.wiring import Explicit, Wiring
from models.wiring.base import repeated
from models.wiring.explicit import rows_of
from models.wiring.neurons import NeuronKind


def _mode(given: Given, prefix: str, mode: Mode | None) -> Mode:
    found = given.has(prefix + "w_tau")
    if mode is None:
        return "pure" if found else "default"
    if (mode == "pure") != found:
        raise ModelError(f"mode is {mode!r}, but {prefix}w_tau is {'there' if found else 'missing'}")
    return mode


def read_cfc(given: Given, mode: Mode | None, activation: str) -> CfC:
    """One given by units, with or without a backbone."""
    mode = _mode(given, CELL, mode)
    units = given.shape(CELL + "ff1.weight")[0]
    found = (re.fullmatch(r"rnn_cell\.backbone\.(\d+)\.weight", key) for key in given.entries)
    backbone = [f"{CELL}backbone.{number}" for number in sorted(int(match[1]) for match in found if match)]
    first = (backbone[0] if backbone else CELL + "ff1") + ".weight"
    width, inputs = given.shape(first)
    if inputs <= units:
        raise ModelError(f"{first} has {inputs} columns, expected more than {units}: the inputs beside the units")
    layer = CfC(
        inputs - units,
        units,
        mode=mode,
        backbone_units=width,
        backbone_layers=len(backbone),
        activation=activation,
        mixed_memory=given.has("lstm.input_map.weight"),
        proj_size=_projection(given),
    ).to(given.dtype)
    cell = layer.liquid
    assert isinstance(cell, CfCCell)
    *maps, heads = cell.maps()
    for key, linear in zip(backbone, maps, strict=True):
        given.linear(key, linear)
    for number, name in enumerate(HEADS[mode]):
        rows = slice(number * units, (number + 1) * units)
        put(heads.weight[rows], given.take(f"{CELL}{name}.weight", units, heads.in_features))
        put(heads.bias[rows], given.take(f"{CELL}{name}.bias", units))
    if cell.w_tau is not None and cell.A is not None:
        put(cell.w_tau, given.take(CELL + "w_tau", 1, units)[0])
        put(cell.A, given.take(CELL + "A", 1, units)[0])
    _readout(given, cell)
    read_memory(given, layer, range(units))
    return layer


def read_wired_cfc(given: Given, mode: Mode | None) -> CfC:
    """One given by a wiring: a cell for each layer of it."""
    mode = _mode(given, CELL + "layer_0.", mode)
    found = (re.match(r"rnn_cell\.layer_(\d+)\.", key) for key in given.entries)
    numbers = sorted({int(match[1]) for match in found if match})
    if numbers != list(range(len(numbers))):
        raise ModelError(f"layers are {numbers}, expected 0, 1, 2 ... without a gap")
    prefixes = [f"{CELL}layer_{number}." for number in numbers]
    sizes = [given.shape(prefix + "ff1.weight")[0] for prefix in prefixes]
    inputs = given.shape(prefixes[0] + "ff1.weight")[1] - sizes[0]
    if inputs < 1:
        raise ModelError(f"{prefixes[0]}ff1.weight has {inputs + sizes[0]} columns for {sizes[0]} units and no input")
    before = [inputs, *sizes[:-1]]
    wiring = _layered(given, prefixes, sizes, before)
    layer = CfC(
        inputs,
        wiring,
        mode=mode,
        recurrent="dense",
        mixed_memory=given.has("lstm.input_map.weight"),
        proj_size=_projection(given),
    ).to(given.dtype)
    cell = layer.liquid
    assert isinstance(cell, WiredCfCCell)
    _fill(given, cell, prefixes, before)
    _readout(given, cell)
    read_memory(given, layer, cell.order.tolist())
    return layer


def _layered(given: Given, prefixes: Sequence[str], sizes: Sequence[int], before: Sequence[int]) -> Wiring:
    """From the masks; state order is motor, command, inter, so the layers against the flow."""
    units, count = sum(sizes), len(sizes)
    starts = [sum(sizes[number + 1 :]) for number in range(count)]
    adjacency, sensory = np.zeros((units, units), np.int8), np.zeros((before[0], units), np.int8)
    for number, (prefix, size, wide) in enumerate(zip(prefixes, sizes, before, strict=True)):
        mask = read_mask(given, prefix + "sparsity_mask", size, wide + size).T.numpy()
        if not mask[wide:].all():
            raise ModelError(f"{prefix}sparsity_mask leaves out synapses within the layer; ncps has all of them")
        here = slice(starts[number], starts[number] + size)
        adjacency[here, here] = 1
        if number:
            adjacency[starts[number - 1] : starts[number - 1] + wide, here] = mask[:wide]
        else:
            sensory[:, here] = mask[:wide]
    kinds: list[NeuronKind] = [*repeated(("motor", sizes[-1]))]
    layer_of = [count - 1] * sizes[-1]
    for number in reversed(range(count - 1)):
        kinds += repeated(("command" if 0 < number == count - 2 else "inter", sizes[number]))
        layer_of += [number] * sizes[number]
    return Explicit(rows_of(adjacency), rows_of(sensory), sizes[-1], tuple(kinds), tuple(layer_of))


def _fill(given: Given, cell: WiredCfCCell, prefixes: Sequence[str], before: Sequence[int]) -> None:
    heads, row, start = HEADS[cell.mode], 0, 0
    maps = (cell.sensory, cell.forward_map, cell.recurrent)
    sensory, forward, recurrent = (cell.bias.new_zeros(part.shape) for part in maps)
    for number, (prefix, size, wide) in enumerate(zip(prefixes, cell.sizes, before, strict=True)):
        members = cell.order[start : start + size]
        for head in heads:
            rows = slice(row, row + size)
            weight = given.take(f"{prefix}{head}.weight", size, wide + size)
            recurrent[rows, members] = weight[:, wide:]
            if number:
                forward[rows, start - wide : start] = weight[:, :wide]
            else:
                sensory[rows] = weight[:, :wide]
            put(cell.bias[rows], given.take(f"{prefix}{head}.bias", size))
            row += size
        if cell.w_tau is not None and cell.A is not None:
            with torch.no_grad():
                cell.w_tau[members] = given.take(prefix + "w_tau", 1, size)[0]
                cell.A[members] = given.take(prefix + "A", 1, size)[0]
        start += size
    for part, matrix in zip(maps, (sensory, forward, recurrent), strict=True):
        part.fill(matrix)


def _projection(given: Given) -> int | None:
    return given.shape("fc.weight")[0] if given.has("fc.weight") else None


def _readout(given: Given, cell: ClosedFormCell) -> None:
    if cell.readout is not None:
        given.linear("fc", cell.readout)
