"""Forecasting speed: 200 visits of 40 variables at 30 times; training 1,000 patients beside a plain torch GRU-D.

The forecast is timed after loading, a warm-up apart, median of the repetitions, beside one forward pass of
``torch.nn.LSTM`` of the same width over the same rows. Training: the whole of ``fit`` (the simple forecasts, every
member, the score) and the members' epochs alone, each against a GRU-D written plainly in torch (Che et al., Sci Rep
2018; a Python loop over the visits) that learns the next visit for as many epochs as one member may have, with the same
batches. Training has two threads, a forecast one, as the service of the window has.

Measured with ``--device cuda --epochs 6`` on an H100 80GB (torch 2.11): an epoch of a member .55 times one of GRU-D;
all of five members, the simple forecasts, which stay on the CPU, and the score 42 s.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.course import Course, Variable
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.training import TrainingProgress

VARIABLES, VISITS, PATIENTS = 40, 12, 1000
LONG, ASKED = 200, 30
GOAL_SECONDS, GOAL_RATIO = 0.05, 2.0
UNITS, BATCH = 24, 64


def course(number: int, visits: int, rng: np.random.Generator, seen: float = 0.7) -> Course:
    """Slow walks about a level of the patient's own, irregular visits, three in ten values missing."""
    times = np.cumsum(rng.exponential(14.0, visits))
    values = rng.normal(size=VARIABLES) + np.cumsum(0.3 * rng.normal(size=(visits, VARIABLES)), 0)
    values = np.where(rng.random(values.shape) < seen, values, np.nan)
    return Course(f"P{number}", times, values, tuple(Variable(f"v{i}") for i in range(VARIABLES)))


def cohort(count: int, visits: int = VISITS, seed: int = 0) -> list[Course]:
    rng = np.random.default_rng(seed)
    return [course(i, visits, rng) for i in range(count)]


def median_of(act: Callable[[], object], times: int) -> float:
    """Seconds; the first call does not count."""
    act()
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def forecasting(repetitions: int) -> dict[str, float]:
    fitted = LiquidForecaster(units=UNITS, epochs=1, device="cpu").fit(cohort(60))
    with tempfile.TemporaryDirectory() as folder:
        fitted.save(Path(folder), "m")
        model = LiquidForecaster.load(Path(folder), "m")
    long = course(0, LONG, np.random.default_rng(1))
    days = long.times[-1] + np.arange(1.0, ASKED + 1)
    lstm = nn.LSTM(2 * VARIABLES, UNITS, batch_first=True)
    rows = torch.zeros(1, LONG, 2 * VARIABLES)

    @torch.no_grad()
    def passing() -> None:
        lstm(rows)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        spent, beside = median_of(lambda: model.predict(long, days), repetitions), median_of(passing, repetitions)
    finally:
        torch.set_num_threads(threads)
    return {"milliseconds": 1000 * spent, "lstm_milliseconds": 1000 * beside, "ratio": spent / beside}


class GRUD(nn.Module):
    """What a value was decays to its mean, the state to 0, as time goes by unseen."""

    def __init__(self) -> None:
        super().__init__()
        self.decay_value = nn.Parameter(torch.zeros(2, VARIABLES))
        self.decay_state = nn.Linear(VARIABLES, UNITS)
        self.cell = nn.GRUCell(2 * VARIABLES, UNITS)
        self.out = nn.Linear(UNITS, VARIABLES)

    def forward(self, x: Tensor, mask: Tensor, dt: Tensor) -> Tensor:
        """x 0 where not seen, mask (B, T, V), dt (B, T, V) since last seen -> forecasts of the next rows (B, T, V)."""
        state, last = x.new_zeros(len(x), UNITS), torch.zeros_like(x[:, 0])
        said = []
        for k in range(x.shape[1]):
            gone = torch.exp(-torch.relu(self.decay_value[0] * dt[:, k] + self.decay_value[1]))
            value = mask[:, k] * x[:, k] + (1 - mask[:, k]) * gone * last
            last = mask[:, k] * x[:, k] + (1 - mask[:, k]) * last
            state = state * torch.exp(-torch.relu(self.decay_state(dt[:, k])))
            state = self.cell(torch.cat([value, mask[:, k]], -1), state)
            said.append(self.out(state))
        return torch.stack(said, 1)


def plain_grud(courses: list[Course], epochs: int, device: str = "cpu") -> float:
    """Seconds of learning the next visit."""
    values = np.stack([c.values for c in courses])
    mask = torch.from_numpy(~np.isnan(values)).float()
    x = torch.from_numpy(np.nan_to_num(values)).float()
    dt = torch.from_numpy(np.stack([_since(c) for c in courses])).float() / 14
    x, mask, dt = x.to(device), mask.to(device), dt.to(device)
    network = GRUD().to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    began = time.perf_counter()
    for _ in range(epochs):
        for part in torch.randperm(len(x)).split(BATCH):
            off = (network(x[part], mask[part], dt[part])[:, :-1] - x[part][:, 1:]) * mask[part][:, 1:]
            loss = (off**2).sum() / mask[part][:, 1:].sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - began


def _since(course: Course) -> Array:
    out = np.zeros_like(course.values)
    for k in range(1, len(course)):
        gap = course.times[k] - course.times[k - 1]
        out[k] = gap + np.where(np.isnan(course.values[k - 1]), out[k - 1], 0.0)
    return out


def training(patients: int, epochs: int, device: str = "cpu") -> dict[str, float]:
    courses = cohort(patients, seed=2)
    plain_grud(courses[:BATCH], 1, device)
    LiquidForecaster(units=UNITS, epochs=1, members=1, device=device).fit(courses[:60])  # kernels are compiled apart
    told: list[TrainingProgress] = []
    began = time.perf_counter()
    model = LiquidForecaster(units=UNITS, epochs=epochs, patience=epochs, batch_size=BATCH, device=device)
    model.fit(courses, progress=told.append)
    whole = time.perf_counter() - began
    by_member = {p.member: p.seconds for p in told}
    epoch = sum(by_member.values()) / len(told)
    beside = plain_grud(courses, epochs, device)
    return {
        "whole_seconds": whole,
        "gru_d_seconds": beside,
        "whole_ratio": whole / beside,
        "member_epoch_seconds": epoch,
        "gru_d_epoch_seconds": beside / epochs,
        "epoch_ratio": epoch / (beside / epochs),
        "members": float(len(by_member)),
    }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="forecast_speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the patients and repetitions")
    parser.add_argument("--epochs", type=int, default=30, help="of each member and of GRU-D")
    parser.add_argument("--device", default="cpu", help="that both train on; a forecast is timed on the CPU")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args(argv)
    torch.set_num_threads(2)
    said = forecasting(5 if chosen.quick else 50)
    print(
        f"forecast of {LONG} visits, {VARIABLES} variables at {ASKED} times: {said['milliseconds']:.1f} ms "
        f"(goal {1000 * GOAL_SECONDS:.0f}), {said['ratio']:.1f} times an LSTM's pass",
        flush=True,
    )
    learnt = training(PATIENTS // 10 if chosen.quick else PATIENTS, 3 if chosen.quick else chosen.epochs, chosen.device)
    print(
        f"training: an epoch of a member {learnt['epoch_ratio']:.2f} times one of GRU-D (goal {GOAL_RATIO:g}); all of "
        f"{learnt['members']:.0f} members, simple forecasts and score {learnt['whole_ratio']:.1f} times "
        f"({learnt['whole_seconds']:.0f} of {learnt['gru_d_seconds']:.0f} s)"
    )
    met = {"forecast": said["milliseconds"] < 1000 * GOAL_SECONDS, "training": learnt["whole_ratio"] <= GOAL_RATIO}
    if chosen.json:
        chosen.json.write_text(
            json.dumps({"forecast": said, "training": learnt, "met": met}, indent=1), encoding="utf-8"
        )
    return 0
