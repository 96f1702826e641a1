"""The forecaster beside what it must beat: simple forecasters and networks alone, the same patients, one table."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import baselines
from models.card import never_seen
from models.course import Course, mark
from models.errors import ModelError
from models.evaluation import ahead, resampled
from models.forecast import Array, Forecast
from models.forecaster import LiquidForecaster

NETWORKS: Mapping[str, dict[str, Any]] = {
    "gru_d": {"cell": "gru_d"},
    "ode_rnn": {"cell": "ode_rnn"},
    "lstm": {"cell": "lstm"},
}
"""Recurrent networks alone: they read their state and correct the last value."""
SIMPLE = ("last_value", "patient_mean", "linear_trend", "mixed_effects", "boosted_trees")
LEAST = 5  # patients held out; of fewer a table would tell nothing
_SIMPLER: Mapping[str, dict[str, Any]] = {"boosted_trees": {"folds": 2}}  # whose errors widen its intervals alone
_ALONE: dict[str, Any] = {
    "plain": True,
    "members": 1,
    "components": 1,
    "learning_rate": 5e-3,
    "weight_decay": 0.01,  # what they learn is the forecast, not a correction that had better be small
    "holdout_share": 0.0,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A line of the table. rmse: pooled over all z-scored values of all next visits, low, high: its 90 % interval over
    patients; behind: rmse less the forecaster's, with its interval; coverage: of the 90 % intervals of numbers, None
    where there are none; seconds: of the training, None for the forecaster itself; why: what kept it from answering"""

    model: str
    rmse: float | None
    low: float | None
    high: float | None
    behind: tuple[float, float, float] | None
    coverage: float | None
    seconds: float | None
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


def alone(name: str, **settings: Any) -> LiquidForecaster:
    """A network of ``NETWORKS`` that has nothing beside its state."""
    return LiquidForecaster(**{**_ALONE, **NETWORKS[name], **settings})


def retraced(model: Any, courses: Sequence[Course]) -> list[Forecast]:
    """Every visit but the first, forecast from the visits before it: one forecast a course, its days in ``at``."""
    if isinstance(model, LiquidForecaster):
        return [model.retrace(course) for course in courses]
    asked = [(c.until_row(k), c.times[k : k + 1]) for c in courses for k in range(1, len(c))]
    answers = iter(model.predict_many([c for c, _ in asked], [at for _, at in asked]))
    return [_joined(c, [next(answers) for _ in range(1, len(c))]) for c in courses]


def _joined(course: Course, answers: Sequence[Forecast]) -> Forecast:
    if not answers:
        return Forecast(course.patient, np.zeros(0), course.variables, np.zeros((0, len(course.variables), 7)))
    first = answers[0]
    return Forecast(
        patient=course.patient,
        at=np.concatenate([a.at for a in answers]),
        variables=first.variables,
        values=np.concatenate([a.values for a in answers]),
        quantile_levels=first.quantile_levels,
        expected=np.concatenate([np.stack([a.mean[n] for n in a.names], -1) for a in answers]),
        probabilities={k: np.concatenate([a.probabilities[k] for a in answers]) for k in first.probabilities},
        classes=first.classes,
    )


def parted(forecaster: LiquidForecaster, courses: Sequence[Course]) -> tuple[list[Course], list[Course]]:
    """The patients the forecaster may have learnt from, and those it never saw.

    Raises ModelError where its card does not tell whom it never saw, or too few of them are among ``courses``.
    """
    marks = never_seen(forecaster.card)
    known = [forecaster.fitted_.encoder.align(c) for c in courses if len(c)]
    held = [c for c in known if mark(c) in marks]
    if len(held) < LEAST:
        raise ModelError(f"{len(held)} patients were held out of the training; a comparison needs {LEAST}")
    return [c for c in known if mark(c) not in marks], held


def compare(
    forecaster: LiquidForecaster,
    courses: Sequence[Course],
    *,
    models: Sequence[str] = (*SIMPLE, *NETWORKS),
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> list[Compared]:
    """The table on the patients the forecaster never saw; every other model is fitted here on the rest of them.

    The forecaster's line comes first, the others by their error. progress: told (done, of all, name) before each;
    cancel: True ends the table with the lines there are. Raises what ``parted`` raises, ModelError for unknown names.
    """
    unknown = set(models) - {*baselines.NAMES, *NETWORKS}
    if unknown:
        raise ModelError(f"unknown models {', '.join(sorted(unknown))}; there are {', '.join((*SIMPLE, *NETWORKS))}")
    learn, held = parted(forecaster, courses)
    names = _names(forecaster)
    own = _Answers.of(forecaster, forecaster, held, names)
    lines = [own.line("liquid", own, None)]
    rest: list[Compared] = []
    for done, name in enumerate(models):
        if cancel is not None and cancel():
            break
        if progress is not None:
            progress(done, len(models), name)
        began = time.monotonic()
        settings = {"targets": names, **{k: getattr(forecaster, k) for k in ("seed", "device", "epochs", "units")}}
        model = alone(name, **settings) if name in NETWORKS else baselines.make(name, **_SIMPLER.get(name, {}))
        try:
            if isinstance(model, LiquidForecaster):
                model.fit(learn, cancel=cancel)
            else:
                model.fit([c.select(names) for c in learn])
            took = time.monotonic() - began
            seen = held if isinstance(model, LiquidForecaster) else [c.select(names) for c in held]
            rest.append(_Answers.of(forecaster, model, seen, names).line(name, own, took))
        except ModelError as error:  # too little for this one: the table tells so and goes on
            rest.append(Compared(name, None, None, None, None, None, None, str(error)))
    return lines + sorted(rest, key=lambda line: (line.rmse is None, line.rmse))


def versus(
    first: LiquidForecaster, second: LiquidForecaster, courses: Sequence[Course], names: tuple[str, str]
) -> list[Compared]:
    """Two forecasters on the patients neither ever saw, the variables both forecast; names: of the lines.

    Errors are z-scored as the first one does. Raises ModelError where too few such patients are among ``courses``, or
    they forecast nothing in common.
    """
    held = [c for c in parted(first, courses)[1] if mark(second.fitted_.encoder.align(c)) in never_seen(second.card)]
    if len(held) < LEAST:
        raise ModelError(f"{len(held)} patients were held out of both trainings; a comparison needs {LEAST}")
    shared = [n for n in _names(first) if n in _names(second)]
    if not shared:
        raise ModelError("the two models forecast no variable in common")
    own = _Answers.of(first, first, held, shared)
    other = _Answers.of(first, second, held, shared)
    return [own.line(names[0], own, None), other.line(names[1], own, None)]


def best_of(table: Sequence[Compared]) -> Compared | None:
    """The best of what the forecaster must beat; None where there is none."""
    found = [line for line in table if line.model != "liquid" and line.rmse is not None]
    return min(found, key=lambda line: line.rmse or 0.0) if found else None


def _names(forecaster: LiquidForecaster) -> list[str]:
    """Of the variables that have a number to be off by: all forecast but categorical ones."""
    kinds = {v.name: v.kind for v in forecaster.fitted_.encoder.variables}
    names = [n for n in forecaster.card["targets"] if kinds[n] != "categorical"]
    if not names:
        raise ModelError("only categorical variables are forecast: there is no error to compare")
    return names


@dataclass(frozen=True)
class _Answers:
    """error (k, V) z-scored, NaN where nothing is known; inside (k, V); owner (k,)."""

    error: Array
    inside: Array
    owner: NDArray[np.int64]

    @classmethod
    def of(cls, forecaster: LiquidForecaster, model: Any, held: Sequence[Course], names: list[str]) -> _Answers:
        encoder = forecaster.fitted_.encoder
        places = [encoder.names.index(n) for n in names]
        columns = [next(i for i, c in enumerate(encoder.columns) if c.variable == p) for p in places]
        chance = np.array([encoder.columns[c].is_chance for c in columns])
        errors, inside, owner = [], [], []
        for number, (course, found) in enumerate(zip(held, retraced(model, held), strict=True)):
            truth = course.select(names).values[1:]
            said = np.stack([found.chance[n] if c else found.mean[n] for n, c in zip(names, chance, strict=True)], -1)
            levels = found.select(names).values
            errors.append((said - truth) / _unit(encoder, columns))
            within = ((levels[..., 0] <= truth) & (truth <= levels[..., -1])).astype(np.float64)
            inside.append(np.where(np.isnan(truth) | chance, np.nan, within))
            owner.append(np.full(len(truth), number))
        return cls(np.concatenate(errors), np.concatenate(inside), np.concatenate(owner))

    def line(self, name: str, own: _Answers, seconds: float | None) -> Compared:
        covered = float(np.nanmean(self.inside)) if np.isfinite(self.inside).any() else None
        low, high = np.quantile(resampled(self.error, self.owner), [0.05, 0.95])
        gap = None if own is self else ahead(self.error, own.error, self.owner)
        behind = None if gap is None else (gap["value"], gap["low"], gap["high"])
        error = float(np.sqrt(np.nanmean(self.error**2)))
        return Compared(name, error, float(low), float(high), behind, covered, seconds)


def _unit(encoder: Any, columns: Sequence[int]) -> Array:
    """Standard deviations in the variables' own units; of counts that of log1p at their mean."""
    scale = encoder.scale[list(columns)].copy()
    for place, column in enumerate(columns):
        if encoder.columns[column].form == "count":
            scale[place] *= np.exp(encoder.mean[column])
    return scale
