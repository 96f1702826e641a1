"""CfC against ncps 1.0.1's, same weights, agreement checked first."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models import kernels
from models.cells.cfc import HEADS, CfCCell
from models.errors import ModelError
from models.layers import CfC
from tests.benchmarks.core_problem import Pair, Pairs, Size, copied, data, disagreement, step
from tests.benchmarks.core_report import Options, Part, at_least, at_most
from tests.benchmarks.core_timing import in_turns

GOAL = 4.0
BACKBONE = 128
SIZES = (Size(32, 32, 64, "default", 24), Size(32, 64, 128, "default", 32))


def run(options: Options) -> Part:
    part = Part(
        notes=[f"forward and backward, float32, medians; backbone of one layer, {BACKBONE} units; all neurons are read"]
    )
    for size in SIZES:
        _row(part, size, options)
    return part


def build(size: Size, backend: str, x: Tensor) -> tuple[CfC, str]:
    """The layer on that backend where it has the cell, else on the fastest that has; and which it is."""
    torch.manual_seed(0)
    layer = CfC(size.inputs, size.neurons, backbone_units=BACKBONE, backend=backend)
    try:
        return layer, kernels.prepare(layer.cell, backend, x)
    except ModelError:
        layer.backend = "auto"
        return layer, kernels.prepare(layer.cell, "auto", x)


def _row(part: Part, size: Size, options: Options) -> None:
    from ncps.torch import CfC as PublishedCfC

    x, _ = data(size)
    weights = torch.randn(size.batch, size.length, size.neurons, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(0)
    theirs = PublishedCfC(size.inputs, size.neurons, mode="default", backbone_units=BACKBONE)
    mine, backend = build(size, options.backend, x)
    theirs_call, our_call = lambda x: theirs(x)[0], lambda x: mine(x).output
    agreement = disagreement(theirs, our_call, mine, _copy(theirs, mine), x, weights)
    if agreement.note:
        part.notes.append(f"{size.label} {agreement.note}")
    times = in_turns(
        {
            "ncps": lambda: step(theirs_call, theirs, x, weights),
            "ours": lambda: step(our_call, mine, x, weights),
        },
        turns=5 if options.quick else 15,
    )
    ratio = times["ncps"].median / times["ours"].median
    part.rows.append(
        {
            "batch x length x neurons": size.label,
            "backend": backend,
            "ncps ms": times["ncps"].median * 1e3,
            "ours ms": times["ours"].median * 1e3,
            "time ratio": ratio,
            "of shortest": times["ncps"].shortest / times["ours"].shortest,
            "disagreement": agreement.direct,
            "at": agreement.at,
        }
    )
    part.goals += [
        at_most(f"{size.label} disagreement", agreement.error, agreement.allowed),
        at_least(f"{size.label} time ratio", ratio, GOAL),
    ]


def _copy(theirs: Any, layer: CfC) -> Pairs:
    """Give ``layer`` the weights of ncps's. ``heads`` holds its four output maps one below the other."""
    cell = layer.liquid
    assert isinstance(cell, CfCCell)
    first, heads = cell.maps()
    backbone = theirs.rnn_cell.backbone[0]
    pairs = {"backbone.weight": Pair(backbone.weight, first.weight), "backbone.bias": Pair(backbone.bias, first.bias)}
    for number, name in enumerate(HEADS["default"]):
        rows = slice(number * cell.units, (number + 1) * cell.units)
        linear = getattr(theirs.rnn_cell, name)
        for kind in ("weight", "bias"):
            pairs[f"{name}.{kind}"] = Pair(getattr(linear, kind), getattr(heads, kind), ours_as=lambda t, r=rows: t[r])
    return copied(pairs)
