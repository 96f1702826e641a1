"""The liquid core on a GPU against ncps 1.0.1 on the same GPU: time and memory of a training step.

The table of ``core``: same weights, agreement in outputs and every gradient checked before timing; forward + backward,
float32, fused, six unfolds; CUDA events, both libraries in turns, medians. Memory is torch's own count of what a step
allocates over what stood before it. Then 256 x 1024 x 128 AutoNCP, ours alone.

The exit code is 1 where a goal is missed, 2 where there is no GPU. The kernels' numbers are checked without one too,
in Triton's interpreter (tests/models/kernels/test_cuda.py).

Measured on an H100 80GB (torch 2.11, CUDA 13.0, Triton 3.6), two runs: 32 x 32 x 32 AutoNCP 60 and 66 times faster than
ncps, 32 x 32 x 64 59 and 69, 32 x 32 x 64 FullyConnected 57 and 57, 32 x 64 x 128 AutoNCP 115 and 119; 17 to 65 times
less memory; disagreement 1.2e-06 to 4.6e-06; 256 x 1024 x 128 AutoNCP 59 ms, 1.95 GB. A small step takes 3 to 4 ms
whatever its size, of which the card works .3: the rest is Python and the launching of some 40 kernels, which a CUDA
graph would save.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from tests.benchmarks.core_problem import TABLE, Size, copy_ltc, data, disagreement, ours, published, step
from tests.benchmarks.core_report import Part, at_least, at_most

FASTER = 100
BIG = Size(256, 1024, 128, "AutoNCP", 32)
BIG_GB = 4
Work = Callable[[], object]


def main(argv: list[str]) -> int:
    """Run and print the tables; 0 where every goal is met."""
    parser = argparse.ArgumentParser(
        prog="gpu", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--turns", type=int, default=7, help="rounds in which both libraries take a turn")
    parser.add_argument("--device", type=int, default=0, help="number of the card")
    chosen = parser.parse_args(argv)
    if not torch.cuda.is_available():
        print("gpu: there is no CUDA device here, so nothing was timed")
        return 2
    device = torch.device("cuda", chosen.device)
    machine = {
        "card": torch.cuda.get_device_name(device),
        **{name: _version(name) for name in ("torch", "triton", "ncps")},
        "cuda": torch.version.cuda,
    }
    print("  ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    with torch.cuda.device(device):
        parts = {"speed": _speed(device, chosen.turns), "big": _big(device, chosen.turns)}
    result = {
        "task": "gpu",
        **machine,
        "parts": {name: asdict(part) for name, part in parts.items()},
        "met": all(goal.met for part in parts.values() for goal in part.goals),
    }
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))
    return 0 if result["met"] else 1


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _speed(device: torch.device, turns: int) -> Part:
    part = Part(notes=["outputs are an eighth of the neurons; disagreement: as in core"])
    for size in TABLE:
        _row(part, size, device, turns)
    part.show("training step against ncps")
    return part


def _row(part: Part, size: Size, device: torch.device, turns: int) -> None:
    theirs, mine = published(size).to(device), ours(size, "cuda").to(device)
    pairs = copy_ltc(theirs, mine)
    x, weights = (t.to(device) for t in data(size))
    theirs_call, our_call = lambda x: theirs(x)[0], lambda x: mine(x).output
    agreement = disagreement(theirs, our_call, mine, pairs, x, weights)
    if agreement.note:
        part.notes.append(f"{size.label} {agreement.note}")
    works: dict[str, Work] = {
        "ncps": lambda: step(theirs_call, theirs, x, weights),
        "ours": lambda: step(our_call, mine, x, weights),
    }
    modules = {"ncps": theirs, "ours": mine}
    megabytes = {name: _allocated(work, modules[name]) / 1e6 for name, work in works.items()}
    times = _in_turns(works, turns)
    part.rows.append(
        {
            "batch x length x neurons": size.label,
            "inputs": size.inputs,
            "ncps ms": times["ncps"],
            "ours ms": times["ours"],
            "time ratio": times["ncps"] / times["ours"],
            "ncps MB": megabytes["ncps"],
            "ours MB": megabytes["ours"],
            "memory ratio": megabytes["ncps"] / megabytes["ours"],
            "disagreement": agreement.direct,
            "at": agreement.at,
        }
    )
    part.goals += [
        at_most(f"{size.label} disagreement", agreement.error, agreement.allowed),
        at_least(f"{size.label} time ratio", times["ncps"] / times["ours"], FASTER),
    ]


def _big(device: torch.device, turns: int) -> Part:
    layer = ours(BIG, "cuda", "exponential").to(device)
    x, weights = (t.to(device) for t in data(BIG))
    work = lambda: step(lambda x: layer(x).output, layer, x, weights)
    work()
    gigabytes = _allocated(work, layer) / 1e9
    milliseconds = _in_turns({"ours": work}, turns)["ours"]
    part = Part(rows=[{"batch x length x neurons": BIG.label, "ours ms": milliseconds, "ours GB": gigabytes}])
    part.goals.append(at_most(f"{BIG.label} GB", gigabytes, BIG_GB))
    part.show("a long batch, exponential, ours alone")
    return part


def _allocated(work: Work, module: torch.nn.Module) -> float:
    """Bytes that a step allocates at most, over what stood before it."""
    work()
    module.zero_grad(set_to_none=True)
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    work()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def _in_turns(works: dict[str, Work], turns: int, repeats: int = 3) -> dict[str, float]:
    """Median milliseconds of each work between two events on the card, which hold the host's share as well."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(turns):
        for name, work in works.items():
            for _ in range(repeats):
                began, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                torch.cuda.synchronize()
                began.record()
                work()
                ended.record()
                ended.synchronize()
                times[name].append(began.elapsed_time(ended))
    return {name: statistics.median(taken) for name, taken in times.items()}
