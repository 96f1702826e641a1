"""What tuning may try: a range for every setting of a forecaster, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from models.checks import shown
from models.errors import ModelError


@dataclass(frozen=True, slots=True)
class Real:
    """Numbers from low to high; log: evenly by their logarithm. cells: asked for these cells alone, (): for all."""

    low: float
    high: float
    log: bool = False
    cells: tuple[str, ...] = ()

    def distribution(self) -> BaseDistribution:
        return FloatDistribution(self.low, self.high, log=self.log)

    def holds(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers from low to high, both possible; see ``Real``."""

    low: int
    high: int
    log: bool = False
    cells: tuple[str, ...] = ()

    def distribution(self) -> BaseDistribution:
        return IntDistribution(self.low, self.high, log=self.log)

    def holds(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the choices: numbers, words or truth values; see ``Real``."""

    choices: tuple[bool | int | float | str, ...]
    cells: tuple[str, ...] = ()

    def distribution(self) -> BaseDistribution:
        return CategoricalDistribution(self.choices)

    def holds(self, value: object) -> bool:
        return value in self.choices


Range = Real | Whole | OneOf
Space = Mapping[str, Range]

_LIQUID = ("ltc", "cfc")
SPACE: dict[str, Range] = {
    "cell": OneOf(_LIQUID),
    "units": Whole(8, 64, log=True),
    "sparsity": Real(0.1, 0.9, cells=_LIQUID),
    "unfolds": Whole(1, 6, cells=("ltc", "ctrnn")),
    "mixed_memory": OneOf((False, True), cells=_LIQUID),
    "hidden": Whole(8, 96, log=True),
    "components": Whole(1, 3),
    "learning_rate": Real(1e-3, 3e-2, log=True),
    "weight_decay": Real(0.1, 10.0, log=True),
    "dropout": Real(0.0, 0.6),
    "unseen": Real(0.0, 0.5),
    "far": Real(0.0, 0.3),
    "batch_size": OneOf((32, 64, 128)),
}
FIXED = {
    "squared": "it is part of the loss that trials are compared by",
    "targets": "trials would be compared on different values",
    "origins": "trials would be compared on different questions",
    "members": "trials would be compared on different folds",
    "validation_share": "trials would be compared on different folds",
    "holdout_share": "held-out patients must stay out of every trial",
    "seed": "a lucky seed is no setting",
    "precision": "it changes no result but for rounding",
    "device": "it changes no result",
}
"""Settings that cannot be tuned, and why."""


def check(space: Space, known: Mapping[str, Any]) -> None:
    """Raises ModelError, saying which setting cannot be tried and why. known: all settings of the forecaster."""
    if not space:
        raise ModelError(f"the space is empty: name at least one setting, such as {', '.join(list(SPACE)[:3])}")
    for name, choice in space.items():
        if name in FIXED:
            raise ModelError(f"{name} cannot be tuned: {FIXED[name]}")
        if name not in known:
            raise ModelError(f"unknown setting {name!r} in the space; there are {', '.join(known)}")
        if not isinstance(choice, Range):
            raise ModelError(f"{name} in the space must be Real, Whole or OneOf, got {shown(choice)}")
        try:
            choice.distribution()
        except (ValueError, TypeError) as error:
            raise ModelError(f"{name} in the space cannot be drawn from: {error}") from error


def suggest(trial: optuna.Trial, space: Space, cell: str) -> dict[str, Any]:
    """What the trial tries, the cell first: others depend on it. cell: where the space says nothing of it."""
    chosen: dict[str, Any] = {}
    for name in sorted(space, key=lambda n: n != "cell"):
        cells = space[name].cells
        if not cells or chosen.get("cell", cell) in cells:
            chosen[name] = _draw(trial, name, space[name])
    return chosen


def _draw(trial: optuna.Trial, name: str, choice: Range) -> Any:
    if isinstance(choice, OneOf):
        return trial.suggest_categorical(name, choice.choices)
    if isinstance(choice, Whole):
        return trial.suggest_int(name, choice.low, choice.high, log=choice.log)
    return trial.suggest_float(name, choice.low, choice.high, log=choice.log)
