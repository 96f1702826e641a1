"""What elapsed times of every sample's own cost over none at all; ncps cannot run them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from models.sequence import SequenceLayer
from tests.benchmarks.core_cfc import build
from tests.benchmarks.core_problem import TABLE, Size, data, ours, published, step
from tests.benchmarks.core_report import Options, Part, at_most
from tests.benchmarks.core_timing import in_turns

GOAL = 1.10


def run(options: Options) -> Part:
    part = Part(notes=["elapsed times U(0.1, 2) per sample and step; forward and backward, float32, medians"])
    for size in TABLE:
        x, weights = data(size)
        for solver in ("fused", "exponential"):
            layer = ours(size, options.backend, solver)
            _row(part, f"LTC {solver} {size.label}", layer, x, weights, options)
    for size in (TABLE[1], TABLE[3]):
        x, _ = data(size)
        layer, backend = build(size, options.backend, x)
        weights = torch.ones(size.batch, size.length, size.neurons)
        _row(part, f"CfC {size.batch} x {size.length} x {size.neurons} ({backend})", layer, x, weights, options)
    part.notes.append(f"ncps with such times: {_published(TABLE[1])}")
    return part


def _times(x: Tensor) -> Tensor:
    return torch.rand(x.shape[:2], generator=torch.Generator().manual_seed(2)) * 1.9 + 0.1


def _row(part: Part, name: str, layer: SequenceLayer, x: Tensor, weights: Tensor, options: Options) -> None:
    dt = _times(x)
    works: dict[str, Callable[[], object]] = {
        "regular": lambda: step(lambda x: layer(x).output, layer, x, weights),
        "irregular": lambda: step(lambda x: layer(x, dt).output, layer, x, weights),
    }
    times = in_turns(works, turns=7 if options.quick else 25, slot=0.03)
    ratio = times["irregular"].median / times["regular"].median
    row: dict[str, Any] = {
        "layer": name,
        "regular ms": times["regular"].median * 1e3,
        "irregular ms": times["irregular"].median * 1e3,
        "ratio": ratio,
        "of shortest": times["irregular"].shortest / times["regular"].shortest,
    }
    part.rows.append(row)
    part.goals.append(at_most(f"{name} irregular over regular", ratio, GOAL))


def _published(size: Size) -> str:
    x, _ = data(size)
    try:
        published(size)(x, timespans=_times(x))
    except RuntimeError as error:
        return f"raises {type(error).__name__}"
    return "runs"
