"""Diagonal liquid layer on long waveforms: over time at once against step by step, forward and backward in one run.

Three ways to the same states and gradients, float32, medians: the loop (the specification), Newton (states and
gradients over time at once) and what parallel="auto" does: on a CPU it iterates for few neurons and samples only, walks
the states without a graph for many, and takes the gradients at once in both. States and gradients are compared with the
loop's before anything is timed.

Measured on one thread of a shared CPU, 32 units, loop over Newton: one sample 9, 17, 27, 30 times at 256, 1,024, 4,096,
16,384 steps, eight samples 4, 8, 9, 6 times, six iterations, nothing walked. Most of it is the gradient that needs no
graph step by step: for many neurons and samples walking is as good as iterating. The method is one for GPUs; none was
at hand (``--device cuda``). Two threads gain only where the second core is free.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import torch
from torch import Tensor

from models.cells.diagonal import DiagonalCell, Parallel

LENGTHS = (256, 1024, 4096, 16384)
TOLERANCE = 1e-4  # largest error allowed, of the states and of every gradient, relative to their largest value
WAYS: dict[str, Parallel] = {"loop": False, "newton": True, "auto": "auto"}


def main(argv: list[str]) -> int:
    """Run and print the table; 1 where a way disagrees with the loop."""
    parser = argparse.ArgumentParser(prog="waveform", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8], help="batch sizes")
    parser.add_argument("--units", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=None, help="torch threads")
    parser.add_argument("--device", default="cpu")
    chosen = parser.parse_args(argv)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    print(f"{chosen.units} units on {chosen.device}, {torch.get_num_threads()} threads; ms forward + backward")
    print("batch  length      loop    newton      auto  loop/newton  loop/auto  iterations  walked      error")
    rows = [_row(b, n, chosen) for b in chosen.batch for n in chosen.lengths]
    if chosen.json:
        setting = {"device": chosen.device, "threads": torch.get_num_threads(), "units": chosen.units}
        chosen.json.write_text(json.dumps({"task": "waveform", **setting, "rows": rows}, indent=1))
    return 0 if all(row["error"] < TOLERANCE for row in rows) else 1


def _row(batch: int, length: int, chosen: argparse.Namespace) -> dict[str, float]:
    torch.manual_seed(0)
    cell = DiagonalCell(4, chosen.units).to(chosen.device)
    given = tuple(t.to(chosen.device) for t in _waveform(batch, length, chosen.units))
    spec, newton, auto = (_pass(cell, given, way) for way in WAYS.values())
    error = max(_difference(newton, spec), _difference(auto, spec))
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(chosen.repeats):
        for name, way in WAYS.items():
            began = time.perf_counter()
            _pass(cell, given, way)
            times[name].append((time.perf_counter() - began) * 1000)
    ms = {name: statistics.median(t) for name, t in times.items()}
    solution = cell.solve(*given)
    walked = solution.walked / solution.states.numel()
    newton_ratio, auto_ratio = ms["loop"] / ms["newton"], ms["loop"] / ms["auto"]
    print(
        f"{batch:5d}{length:8d}{ms['loop']:10.1f}{ms['newton']:10.1f}{ms['auto']:10.1f}{newton_ratio:13.1f}"
        f"{auto_ratio:11.1f}{solution.iterations:12d}{walked:8.2%}{error:11.1e}",
        flush=True,
    )
    return {
        "batch": batch,
        "length": length,
        **{f"{name}_ms": t for name, t in ms.items()},
        "loop_over_newton": newton_ratio,
        "loop_over_auto": auto_ratio,
        "newton_iterations": solution.iterations,
        "walked_share": walked,
        "error": error,
    }


def _waveform(batch: int, length: int, units: int) -> tuple[Tensor, Tensor, Tensor]:
    """Four noisy sines of different periods, phases by sample; dt 1; a start of zeros."""
    at = torch.arange(length).unsqueeze(-1) / torch.tensor([2.0, 9.0, 40.0, 300.0])
    x = torch.sin(at + 6.3 * torch.rand(batch, 1, 4)) + 0.3 * torch.randn(batch, length, 4)
    return x, torch.ones(batch, length), torch.zeros(batch, units)


def _pass(cell: DiagonalCell, given: tuple[Tensor, ...], way: Parallel) -> list[Tensor]:
    """States and the gradients of all parameters that matter, forward and backward."""
    cell.parallel = way
    x, dt, state = given
    path = cell.run(x, dt, state)
    grads = torch.autograd.grad(path.state.square().mean(), list(cell.parameters()), allow_unused=True)
    if x.is_cuda:
        torch.cuda.synchronize()
    return [path.state.detach(), *(g for g in grads if g is not None)]


def _difference(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """The largest error of any tensor, relative to its largest value."""
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(ours, theirs, strict=True))
