"""Questions about one patient as arrays: what is known when a forecast is asked for, and what simple forecasts say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import rollout
from models.course import Treatment
from models.encoding import CLIP, Encoder
from models.forecast import Array
from models.history import History
from models.running import Running

FEW_COLUMNS = 64  # of more, trees and wide regressions would be large and slow
TABLE = (
    "last",
    "previous",
    "mean",
    "fast",
    "slow",
    "lasting",
    "recent",
    "deviation",
    "low",
    "high",
    "mixed_change",
    "mixed",
    "slope",
    "since",
    "seen",
)  # what ``table`` tells of each column
_OF_OTHERS = ("last", "mean", "recent")  # and what trees about one column read of all others
BLOCKS = 8  # of as many numbers as there are columns in ``wide``
LOG_SPREAD = 4  # place of the mixed model's log standard deviation among the blocks of ``wide``
_LOG_TIME = 0.25  # brings log1p(days / time_scale) to about 0..1


@dataclass(frozen=True)
class Looks:
    """k questions of one patient: the first ``prefix`` rows are known, asked about day ``at``.

    prefix (k,); at (k,); horizon (k,) days; exposure (k, T) over the horizon; static (S,); sofar (k, C) each, the mixed
    model's forecast of what was never seen; mixed (k, C) z-scored, of levels or of changes; spread (k, C) its standard
    deviation; since (k, C) days since each column was seen; slope (k, C) of the mixed model of levels, a unit of model
    time
    """

    prefix: np.ndarray
    at: Array
    horizon: Array
    exposure: Array
    static: Array
    sofar: Running
    mixed: Array
    spread: Array
    since: Array
    slope: Array

    def __len__(self) -> int:
        return len(self.at)


_UNFILLED = ("seen", "last_time", "deviation")


def look(encoder: Encoder, history: History, prefix: np.ndarray, at: Array) -> Looks:
    """The questions (prefix[i], at[i]); no target is read."""
    x, z = encoder.design(history.course, at)
    effects = history.effects[prefix]
    levels = history.base.levels
    mixed = x @ levels.beta.T + np.einsum("ka,kva->kv", z, effects)
    variance = np.einsum("ka,kvab,kb->kv", z, history.spread[prefix], z) + levels.noise
    mixed = np.clip(mixed, -CLIP, CLIP)
    spread = np.sqrt(np.maximum(variance, 1e-8))
    sofar = Running(*(a[prefix] for a in history.sofar))
    known = sofar.seen > 0
    _roll_out(encoder, history, prefix, at, sofar, mixed, spread)
    filled = {n: np.where(known, getattr(sofar, n), mixed) for n in Running._fields if n not in _UNFILLED}
    start = np.minimum(history.anchor[prefix], at)
    return Looks(
        prefix=prefix,
        at=at,
        horizon=at - start,
        exposure=_exposure(encoder, history, start, at),
        static=history.static,
        sofar=sofar._replace(**filled),
        mixed=mixed,
        spread=spread,
        since=np.maximum(at[:, None] - sofar.last_time, 0.0),
        slope=effects[:, :, 1] / encoder.span * encoder.time_scale,
    )


def _roll_out(
    encoder: Encoder, history: History, prefix: np.ndarray, at: Array, sofar: Running, mixed: Array, spread: Array
) -> None:
    """Puts what the changes say in the place of what the levels say, z-scored, where there is a value to change."""
    found, own = history.base.changes, history.responses
    if found is None or own is None:
        return
    columns = found.columns
    mean, scale = encoder.mean[columns], encoder.scale[columns]
    known = sofar.seen[:, columns] > 0
    last = np.where(known, mean + scale * sofar.last[:, columns], np.nan)
    since = np.where(known, sofar.last_time[:, columns], np.nan)
    value, doubt = rollout.roll(encoder, found, own, history.static, _in_force(history), prefix, last, since, at)
    mixed[:, columns] = np.where(known, (value - mean) / scale, mixed[:, columns])
    spread[:, columns] = np.where(known, np.maximum(doubt / scale, 1e-4), spread[:, columns])


def _in_force(history: History) -> list[Treatment]:
    """Those recorded until the last row, those planned after it."""
    recorded, planned, end = history.course.treatments, history.future, float(history.anchor[-1])
    if planned is recorded:
        return list(recorded)
    past = [replace(t, end=min(t.end, end)) for t in recorded if t.start < end]
    return past + [replace(t, start=max(t.start, end)) for t in planned if t.end > end]


def _exposure(encoder: Encoder, history: History, start: Array, at: Array) -> Array:
    """The recorded treatments, but the plan where the question starts at the end of the history."""
    out = encoder.exposure(history.course.treatments, start, at)
    if history.future is not history.course.treatments:
        late = start >= history.anchor[-1]
        out[late] = encoder.exposure(history.future, start[late], at[late])
    return out


def log_time(days: Array, time_scale: float) -> Array:
    return _LOG_TIME * np.log1p(np.maximum(days, 0.0) / time_scale)


def _common(encoder: Encoder, looks: Looks) -> list[Array]:
    """Of a question as a whole: exposure, statics, horizon, day, number of visits."""
    scalars = (
        log_time(looks.horizon, encoder.time_scale),
        log_time(looks.at, encoder.time_scale),
        _LOG_TIME * np.log1p(looks.prefix),
    )
    return [looks.exposure, np.tile(looks.static, (len(looks), 1)), np.stack(scalars, -1)]


def wide(encoder: Encoder, looks: Looks, *, plain: bool = False) -> Array:
    """What the read-out sees beside the state: (k, 8 C + T + S + 3), plain: (k, T + S + 3)."""
    if plain:
        return np.concatenate(_common(encoder, looks), -1)
    sofar = looks.sofar
    columns = [
        np.clip(sofar.last, -CLIP, CLIP),
        np.clip(sofar.mean - sofar.last, -CLIP, CLIP),
        np.clip(looks.mixed - sofar.last, -CLIP, CLIP),
        np.clip(looks.mixed, -CLIP, CLIP),
        np.log(looks.spread),
        log_time(looks.since, encoder.time_scale),
        (sofar.seen > 0).astype(np.float64),
        np.clip(sofar.recent - sofar.last, -CLIP, CLIP),
    ]
    return np.concatenate(columns + _common(encoder, looks), -1)


def wide_count(encoder: Encoder, *, plain: bool = False) -> int:
    return (0 if plain else BLOCKS * len(encoder.columns)) + len(encoder.treatments) + len(encoder.statics) + 3


def table(encoder: Encoder, looks: Looks) -> NDArray[np.float32]:
    """What the trees see: (k, 15 C + T + S + 3), ``TABLE`` of every column first."""
    sofar = looks.sofar
    columns = {
        "last": sofar.last,
        **{n: getattr(sofar, n) - sofar.last for n in ("previous", "mean", "fast", "slow", "lasting", "recent")},
        "deviation": sofar.deviation,
        "low": sofar.low,
        "high": sofar.high,
        "mixed_change": looks.mixed - sofar.last,
        "mixed": looks.mixed,
        "slope": looks.slope,
        "since": looks.since,
        "seen": sofar.seen,
    }
    return np.concatenate([columns[n] for n in TABLE] + _common(encoder, looks), -1).astype(np.float32)


def table_near(encoder: Encoder, column: int) -> NDArray[np.int64]:
    """Where ``table`` tells of one column, of what is ``_OF_OTHERS`` of all, and of the question as a whole."""
    count = len(encoder.columns)
    own = np.arange(len(TABLE)) * count + column
    others = [TABLE.index(n) * count + np.arange(count) for n in _OF_OTHERS]
    return np.unique(np.concatenate([own, *others, np.arange(len(TABLE) * count, table_count(encoder))]))


def table_count(encoder: Encoder) -> int:
    return len(TABLE) * len(encoder.columns) + len(encoder.treatments) + len(encoder.statics) + 3


def crossed(encoder: Encoder, looks: Looks) -> NDArray[np.float32]:
    """``table``, and what it tells of each column times how far ahead is asked: (k, crossed_count)."""
    told = table(encoder, looks)
    ahead = log_time(looks.horizon, encoder.time_scale)[:, None].astype(np.float32)
    return np.concatenate([told, ahead * told[:, : len(TABLE) * len(encoder.columns)]], -1)


def crossed_near(encoder: Encoder, column: int) -> NDArray[np.int64]:
    """Where ``crossed`` has what is told of one column: that of ``table_near``, its own times how far ahead."""
    count = len(encoder.columns)
    own = table_count(encoder) + np.arange(len(TABLE)) * count + column
    return np.concatenate([table_near(encoder, column), own])


def crossed_count(encoder: Encoder) -> int:
    return table_count(encoder) + len(TABLE) * len(encoder.columns)


def straight(encoder: Encoder, looks: Looks) -> NDArray[np.float32]:
    """What ridge and logistic regression see, where columns are few the table too: (k, straight_count)."""
    sofar, ahead = looks.sofar, log_time(looks.horizon, encoder.time_scale)[:, None]
    parts: list[NDArray[Any]] = [wide(encoder, looks)]
    if len(encoder.columns) <= FEW_COLUMNS:
        parts.append(table(encoder, looks))
        parts += [ahead * np.clip(x - sofar.last, -CLIP, CLIP) for x in (looks.mixed, sofar.mean)]
    return np.concatenate(parts, -1).astype(np.float32)


def straight_count(encoder: Encoder) -> int:
    columns = len(encoder.columns)
    few = table_count(encoder) + 2 * columns if columns <= FEW_COLUMNS else 0
    return wide_count(encoder) + few


def risk_rows(looks: Looks) -> Array:
    """What the linear hazard model sees: last values, statics, day, visits, days since the last: (k, C + S + 3)."""
    known = (looks.sofar.seen > 0).astype(np.float64)
    many = np.log1p(np.stack([np.maximum(looks.at, 0.0), looks.prefix, looks.horizon], -1))
    last = np.clip(looks.sofar.last, -CLIP, CLIP)
    return np.concatenate([last * known, np.tile(looks.static, (len(looks), 1)), many], -1)


def risk_count(encoder: Encoder) -> int:
    return len(encoder.columns) + len(encoder.statics) + 3
