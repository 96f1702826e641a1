"""T1-T8 and T10 of the evaluation plan: the liquid forecaster beside every baseline, the same folds, three seeds.

``--task T1`` runs one of them, several times where several are wanted. Two processes of one thread each work through
the folds of all tasks. A figure is the mean over the seeds with the spread (standard deviation) behind it; minutes are
a task's share of the whole time.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import time
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.tasks import protocol
from tests.benchmarks.tasks.protocol import Figures, Task

MODULES = ("next_visit", "landmark", "icu", "tumour", "trial", "diary", "casebook")
_loaded: dict[str, Any] = {}


def tasks() -> dict[str, Task]:
    found = [importlib.import_module(f"tests.benchmarks.tasks.{name}").TASKS for name in MODULES]
    return {task.name: task for group in found for task in group}


def _begin() -> None:
    import torch

    torch.set_num_threads(1)


def _run(name: str, seed: int, fold: int) -> tuple[Any, float]:
    """In a worker process: one fold, and the seconds it took."""
    task = tasks()[name]
    key = f"{task.load.__module__}.{task.load.__qualname__}"
    if key not in _loaded:
        _loaded[key] = task.load()
    return protocol.seconds(lambda: task.run(_loaded[key], seed, fold))


@dataclass(frozen=True)
class _Waiting:
    """Tasks with the same folds and the same run, their data, and by seed the folds under way."""

    group: list[Task]
    data: Any
    jobs: dict[int, list[Future[tuple[Any, float]]]]

    @classmethod
    def of(cls, group: list[Task], seeds: int, pool: ProcessPoolExecutor) -> _Waiting:
        """Raises FileNotFoundError where the data are not there."""
        first = group[0]
        data = first.load()
        jobs = {s: [pool.submit(_run, first.name, s, f) for f in range(first.folds)] for s in first.seeds[:seeds]}
        return cls(group, data, jobs)

    def measured(self, processes: int) -> dict[str, Any]:
        """Figures by seed, their mean and spread."""
        by_seed: list[Figures] = []
        took = 0.0
        for seed, jobs in self.jobs.items():
            done = [job.result() for job in jobs]
            took += sum(seconds for _, seconds in done)
            by_seed.append(self.group[0].score(self.data, seed, [found for found, _ in done]))
            print(f"  {self.group[0].name} seed {seed}", flush=True)
        models = by_seed[0]
        mean = {m: {k: float(np.mean([s[m][k] for s in by_seed])) for k in models[m]} for m in models}
        spread = {m: {k: float(np.std([s[m][k] for s in by_seed])) for k in models[m]} for m in models}
        minutes = round(took / 60 / processes, 2)
        return {"seeds": list(self.jobs), "mean": mean, "spread": spread, "by_seed": by_seed, "minutes": minutes}


def show(task: Task, found: dict[str, Any]) -> None:
    mean, spread = found["mean"], found["spread"]
    met = task.met(mean)
    print(f"\n{task.name}  {task.title}   goal: {task.goal} - {'met' if met else 'NOT met'}   {found['minutes']} min")
    print(f"  {'':24s}" + "".join(f"{m:>20s}" for m in task.metrics))
    for model, row in mean.items():
        cells = [f"{row[m]:.4f} ({spread[model][m]:.4f})" if m in row else "-" for m in task.metrics]
        print(f"  {model:24s}" + "".join(f"{c:>20s}" for c in cells), flush=True)


def main(argv: list[str]) -> int:
    known = tasks()
    parser = argparse.ArgumentParser(prog="forecasts", description=__doc__)
    parser.add_argument("--task", action="append", choices=sorted(known), help="which (default: all)")
    parser.add_argument("--seeds", type=int, default=3, help="permutation seeds 0..N-1")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args(argv)
    os.environ["OMP_NUM_THREADS"] = "1"
    wanted = [known[name] for name in chosen.task or known]
    results: dict[str, Any] = {}
    began = time.monotonic()
    with ProcessPoolExecutor(chosen.processes, get_context("spawn"), _begin) as pool:
        waiting: list[_Waiting] = []
        while wanted:
            group = [t for t in wanted if t.run is wanted[0].run]
            wanted = [t for t in wanted if t.run is not group[0].run]
            try:
                waiting.append(_Waiting.of(group, chosen.seeds, pool))
            except FileNotFoundError as missing:
                print(f"{', '.join(t.name for t in group)} skipped: {missing}")
                results |= {t.name: {"skipped": str(missing)} for t in group}
        for one in waiting:
            try:
                found = one.measured(chosen.processes)
            except BaseException:  # or the folds of all other tasks would run before anyone hears of it
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            for task in one.group:
                show(task, found)
                results[task.name] = {"goal": task.goal, "met": task.met(found["mean"]), **found}
            if chosen.json:
                chosen.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(f"\n{(time.monotonic() - began) / 60:.1f} minutes")
    return 0
