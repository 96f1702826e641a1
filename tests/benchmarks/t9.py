"""T9, control: half-cheetah traces, the next observation from those before (the task of the LTC paper).

Files in order: validation 0-4, test 5-14, training 15-24; windows of 32 steps, stride 10; the target is the window one
step on. Mean squared error over all 17 in their own units, at the epoch that is best on the validation traces. Nothing
of a trace is in two sets. LSTM and ncps train as published; ours may have at most 32 neurons.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from models.layers import LTC
from models.wiring import AutoNCP, FullyConnected
from tests.benchmarks.core_problem import DATA

WINDOW, STRIDE, SIZE = 32, 10, 17
FILES = {"valid": slice(0, 5), "test": slice(5, 15), "train": slice(15, 25)}
LAGS, PENALTY = 8, 1.0  # of the ridge regression; validation, one trace of which runs wild, would choose it worse
GOAL, UNITS = 2.0, 32
PUBLISHED = {"persistence": 62.9, "ridge": 3.13, "lstm": 2.50, "ncps": 2.308}
FOLDER = DATA / "half_cheetah"


class Windows(NamedTuple):
    """x, y: (windows, 32, 17), y one step on; before: (windows, 7, 17) of the same trace, 0 before its start."""

    x: Tensor
    y: Tensor
    before: Tensor


Data = dict[str, Windows]


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, and for ours what it is.

    schedule: "constant" or "cosine" (to 0 over all epochs); loss: "raw" units or "scaled" by the training deviations;
    wiring: "full" or "autoncp"; density 1 - sparsity of the latter; normalise: inputs and targets by the training
    traces' mean and deviation; lags: inputs beside the neurons in the read-out; hidden: its inner width, 0: linear;
    residual: the read-out is added to the last input; dt: model time a step
    """

    rate: float = 0.005
    epochs: int = 200
    batch: int = 16
    schedule: str = "cosine"
    weight_decay: float = 0.0
    clip: float = 0.0
    loss: str = "raw"
    units: int = UNITS
    wiring: str = "full"
    sparsity: float = 0.5
    solver: str = "exponential"
    unfolds: int = 6
    mixed_memory: bool = True
    normalise: bool = True
    lags: int = 1
    hidden: int = 0
    residual: bool = False
    dt: float = 1.0
    backend: str = "auto"


LIKE_PUBLISHED = Recipe(rate=0.001, schedule="constant")
RECIPES = {"lstm": LIKE_PUBLISHED, "ncps": Recipe(rate=0.01, schedule="constant"), "ours": Recipe()}
SIMPLE = ("persistence", "ridge")


def load(folder: Path = FOLDER) -> Data:
    """The three sets. Raises FileNotFoundError where the traces are not present."""
    paths = sorted(folder.glob("trace_*.npy"))
    if len(paths) < FILES["train"].stop:
        raise FileNotFoundError(f"{len(paths)} half-cheetah traces in {folder}, expected 25 or more (set MAILIU_DATA)")
    traces = [np.load(path).astype(np.float32) for path in paths]
    return {name: _windows(traces[part]) for name, part in FILES.items()}


def _windows(traces: list[np.ndarray]) -> Windows:
    x, y, before = [], [], []
    for trace in traces:
        padded = np.pad(trace, ((LAGS - 1, 0), (0, 0)))
        for start in range(0, len(trace) - WINDOW - 1, STRIDE):
            x.append(trace[start : start + WINDOW])
            y.append(trace[start + 1 : start + WINDOW + 1])
            before.append(padded[start : start + LAGS - 1])
    return Windows(*(torch.from_numpy(np.stack(part)) for part in (x, y, before)))


class ReadOut(nn.Module):
    """A recurrent network whose call returns (output, state), and a linear map to the next observation."""

    def __init__(self, network: nn.Module, units: int) -> None:
        super().__init__()
        self.network = network
        self.read = nn.Linear(units, SIZE)

    def forward(self, x: Tensor) -> Tensor:
        return self.read(self.network(x)[0])


class Ours(nn.Module):
    """An LTC of at most 32 neurons and a read-out of them and the last inputs."""

    mean: Tensor
    scale: Tensor

    def __init__(self, recipe: Recipe, train: Windows) -> None:
        super().__init__()
        if recipe.units > UNITS:
            raise ValueError(f"{recipe.units} units, the task allows {UNITS}")
        wiring = (
            FullyConnected(recipe.units, recipe.units)
            if recipe.wiring == "full"
            else AutoNCP(recipe.units, recipe.units // 2, recipe.sparsity)
        )
        self.recipe = recipe
        self.layer = LTC(
            SIZE,
            wiring,
            solver=recipe.solver,
            unfolds=recipe.unfolds,
            mixed_memory=recipe.mixed_memory,
            backend=recipe.backend,
        )
        wide = wiring.units + recipe.lags * SIZE
        hidden = [nn.Linear(wide, recipe.hidden), nn.SiLU()] if recipe.hidden else []
        self.read = nn.Sequential(*hidden, nn.Linear(recipe.hidden or wide, SIZE))
        self.register_buffer("mean", train.x.mean((0, 1)) if recipe.normalise else torch.zeros(SIZE))
        self.register_buffer("scale", train.x.std((0, 1)) if recipe.normalise else torch.ones(SIZE))

    def forward(self, x: Tensor) -> Tensor:
        scaled = (x - self.mean) / self.scale
        result = self.layer(scaled, torch.full(x.shape[:2], self.recipe.dt), trajectory=True)
        assert result.trajectory is not None
        seen = [_earlier(scaled, lag) for lag in range(self.recipe.lags)]
        guess = self.read(torch.cat([result.trajectory.state, *seen], -1))
        return self.mean + self.scale * (guess + scaled if self.recipe.residual else guess)


def _earlier(x: Tensor, lag: int) -> Tensor:
    """x ``lag`` steps before, 0 before the window."""
    return torch.cat([x.new_zeros(x.shape[0], lag, x.shape[2]), x[:, : x.shape[1] - lag]], 1)


def build(name: str, recipe: Recipe, data: Data) -> nn.Module:
    if name == "lstm":
        return ReadOut(nn.LSTM(SIZE, UNITS, batch_first=True), UNITS)
    if name == "ncps":
        import ncps.torch

        return ReadOut(ncps.torch.LTC(SIZE, UNITS), UNITS)
    return Ours(recipe, data["train"])


def train(model: nn.Module, recipe: Recipe, data: Data, seed: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Test error at the epoch that is best on the validation traces."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)
    draw = torch.Generator().manual_seed(seed)
    windows = data["train"]
    scale = windows.y.std((0, 1)) if recipe.loss == "scaled" else torch.ones(SIZE)
    steps = len(windows.x) // recipe.batch
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps * recipe.epochs)
    best = {"valid": float("inf"), "test": float("inf"), "epoch": -1.0}
    began = time.monotonic()
    for epoch in range(recipe.epochs):
        total = 0.0
        for rows in torch.randperm(len(windows.x), generator=draw)[: steps * recipe.batch].split(recipe.batch):
            optimizer.zero_grad(set_to_none=True)
            loss = ((model(windows.x[rows]) - windows.y[rows]) / scale).square().mean()
            loss.backward()
            if recipe.clip:
                nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            if recipe.schedule == "cosine":
                schedule.step()
            total += loss.item()
        valid = _error(model, data["valid"])
        if valid < best["valid"]:
            best = {"valid": valid, "test": _error(model, data["test"]), "epoch": float(epoch)}
        seconds = time.monotonic() - began
        tell(
            f"epoch {epoch:3d}  train {total / steps:.3f}  valid {valid:.3f}  "
            f"best {best['epoch']:.0f}: valid {best['valid']:.3f} test {best['test']:.3f}  ({seconds:.0f} s)"
        )
        if not np.isfinite(total):
            break
    return {**best, "seconds": time.monotonic() - began}


def _error(model: nn.Module, windows: Windows) -> float:
    model.eval()
    with torch.no_grad():
        error = (model(windows.x) - windows.y).square().mean().item()
    model.train()
    return error


def persistence(data: Data) -> float:
    """The next observation is the last one."""
    return (data["test"].x - data["test"].y).square().mean().item()


def ridge(data: Data) -> float:
    """Linear in the last eight observations; unlike the networks it sees those before the window."""
    design, target = _regression(data["train"])
    gram = design.T @ design + PENALTY * torch.eye(design.shape[1], dtype=design.dtype)
    weights = torch.linalg.solve(gram, design.T @ target)
    design, target = _regression(data["test"])
    return (design @ weights - target).square().mean().item()


def _regression(windows: Windows) -> tuple[Tensor, Tensor]:
    """(steps, 8 x 17 + 1) and (steps, 17), float64."""
    history = torch.cat([windows.before, windows.x], 1)
    past = torch.cat([history[:, LAGS - 1 - lag : LAGS - 1 - lag + WINDOW] for lag in range(LAGS)], -1)
    design = torch.cat([past, past.new_ones(*past.shape[:2], 1)], -1)
    return design.flatten(0, 1).double(), windows.y.flatten(0, 1).double()


def _recipe(name: str, chosen: argparse.Namespace) -> Recipe:
    recipe = asdict(RECIPES[name])
    if chosen.epochs:
        recipe["epochs"] = chosen.epochs
    kinds = {field.name: type(recipe[field.name]) for field in fields(Recipe)}
    for text in chosen.set if name == "ours" else ():
        key, _, value = text.partition("=")
        if key not in kinds:
            raise SystemExit(f"unknown option {key!r} of ours; there are {', '.join(kinds)}")
        recipe[key] = value.lower() in ("1", "true", "yes") if kinds[key] is bool else kinds[key](value)
    return Recipe(**recipe)


def main(argv: list[str]) -> int:
    """Run the chosen rows; 1 where ours misses the goal."""
    parser = argparse.ArgumentParser(prog="t9", description=__doc__)
    parser.add_argument("--models", default=",".join((*SIMPLE, *RECIPES)), help="NAME,... (default: all)")
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0..N-1")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of ours, see Recipe")
    parser.add_argument("--threads", type=int, default=None, help="torch threads")
    parser.add_argument("--every", type=int, default=10, help="print every N-th epoch")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args(argv)
    names = chosen.models.split(",")
    if unknown := set(names) - {*SIMPLE, *RECIPES}:
        parser.error(f"unknown model {', '.join(sorted(unknown))}")
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    data = load()
    rows: dict[str, dict[str, Any]] = {}
    for name in names:
        rows[name] = _row(name, data, chosen)
        print(f"{name:12s} test MSE {rows[name]['mean']:.3f}   published {PUBLISHED.get(name, '-')}", flush=True)
    met = "ours" not in rows or rows["ours"]["mean"] < GOAL
    result = {"task": "t9", "windows": {n: len(w.x) for n, w in data.items()}, "goal": GOAL, "met": met, "rows": rows}
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))
    return 0 if met else 1


def _row(name: str, data: Data, chosen: argparse.Namespace) -> dict[str, Any]:
    if name == "persistence":
        return {"mean": persistence(data)}
    if name == "ridge":
        return {"mean": ridge(data)}
    recipe, runs = _recipe(name, chosen), []
    for seed in range(chosen.seeds):
        torch.manual_seed(seed)
        model = build(name, recipe, data)
        count = iter(range(recipe.epochs))

        def tell(line: str, seed: int = seed, count: Any = count) -> None:
            if next(count) % chosen.every == chosen.every - 1:
                print(f"{name} seed {seed}  {line}", flush=True)

        runs.append(train(model, recipe, data, seed, tell))
    tests = [run["test"] for run in runs]
    return {"mean": float(np.mean(tests)), "sd": float(np.std(tests)), "seeds": runs, "recipe": asdict(recipe)}
