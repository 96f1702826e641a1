"""What a question about a later day sees of the history, in the columns' own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from models.course import Course, Treatment
from models.encoding import Encoder
from models.forecast import Array

MOST_LESSONS = 30_000  # more cost time and memory and teach a simple model little


@dataclass(frozen=True)
class Asked:
    """k questions of one patient: of the course, in columns, the first ``prefix`` rows are known; asked about ``at``.

    prefix: (k,) whole numbers; at: (k,) days; plan: treatments after the history instead of the recorded ones
    """

    course: Course
    prefix: np.ndarray
    at: Array
    plan: tuple[Treatment, ...] | None = None

    @property
    def anchor(self) -> Array:
        """The day each history ends: (k,)."""
        first = min(0.0, float(self.course.times[0])) if len(self.course) else 0.0
        return np.concatenate([[first], self.course.times])[self.prefix]


@dataclass(frozen=True)
class Summary:
    """k questions, C columns, S static covariates, T treatments. Nothing looks ahead of the history.

    last, mean, low, high: (k, C), NaN where never seen; count: (k, C) times seen; slope: (k, C) least squares a day,
        0 below two days; line: (k, C) that line on the asked day, carried beyond the last sight at most as far as the
        sights span, the last value below two days; since: (k, C) days from the last sight, NaN where never seen
    static: (k, S) z-scored; gap, before: (k, T) mean scaled dose from the end of the history to the asked day, and
        until the end of the history; horizon, day: (k,) days; visits: (k,) rows known
    """

    last: Array
    mean: Array
    low: Array
    high: Array
    count: Array
    slope: Array
    line: Array
    since: Array
    static: Array
    gap: Array
    before: Array
    horizon: Array
    day: Array
    visits: Array

    def __len__(self) -> int:
        return len(self.day)

    @property
    def seen(self) -> np.ndarray:
        """(k, C): whether there is a last value."""
        return self.count > 0

    def take(self, rows: np.ndarray) -> Summary:
        return Summary(*(getattr(self, f.name)[rows] for f in fields(self)))

    def features(self) -> Array:
        """All of it side by side, for models that choose by themselves: (k, F), NaN where never seen."""
        wide = (self.last, self.mean, self.low, self.high, self.slope, self.count, self.since)
        single = (self.horizon, self.day, self.visits)
        return np.concatenate([*wide, self.static, self.gap, self.before, np.stack(single, -1)], axis=1)


def join(parts: Sequence[Summary]) -> Summary:
    """The questions of several patients after one another."""
    return Summary(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Summary)))


def summarise(encoder: Encoder, asked: Asked) -> Summary:
    """encoder: of the courses in columns."""
    course, prefix, at = asked.course, asked.prefix, asked.at
    anchor = asked.anchor
    start = np.minimum(anchor, at)
    origin = np.full(len(at), min(0.0, float(course.times[0])) if len(course) else 0.0)
    future = course.treatments if asked.plan is None else asked.plan
    return Summary(
        **_looking_back(encoder, course, prefix, at),
        static=np.tile(encoder.static(course), (len(at), 1)),
        gap=encoder.exposure(future, start, at),
        before=encoder.exposure(course.treatments, origin, anchor),
        horizon=at - start,
        day=at.copy(),
        visits=prefix.astype(np.float64),
    )


def _looking_back(encoder: Encoder, course: Course, prefix: np.ndarray, at: Array) -> dict[str, Array]:
    """The fields of ``Summary`` that follow from rows; running sums over rows, then the rows asked for."""
    n, columns = course.values.shape
    blank = np.full((1, columns), np.nan)
    day = course.times - (course.times[0] if n else 0.0)
    asked_day = (at - (course.times[0] if n else 0.0))[:, None]
    y, seen = course.values, ~np.isnan(course.values)
    centred = np.where(seen, y - encoder.mean, 0.0)
    when = np.where(seen, day[:, None], 0.0)

    def upto(rows: Array) -> Array:
        """Running sums of rows (n, C) at each question: (k, C)."""
        return np.concatenate([np.zeros((1, columns)), np.cumsum(rows, 0)])[prefix]

    def running(rows: Array) -> Array:
        return np.concatenate([blank, rows])[prefix]

    count = upto(seen.astype(np.float64))
    some = np.maximum(count, 1.0)
    place = np.maximum.accumulate(np.where(seen, np.arange(1, n + 1)[:, None], 0), 0) if n else np.zeros((0, columns))
    place = np.concatenate([np.zeros((1, columns)), place])[prefix].astype(int)
    known = place > 0
    column = np.arange(columns)
    last = np.where(known, np.concatenate([blank, y])[place, column], np.nan)
    last_day = np.where(known, np.concatenate([[0.0], day])[place], np.nan)
    first_day = running(np.fmin.accumulate(np.where(seen, day[:, None], np.nan), 0))
    level, middle = upto(centred) / some, upto(when) / some
    spread = upto(when * when) - some * middle**2
    sloped = spread > 1e-9 * np.maximum(upto(when * when), 1e-300)
    slope = np.where(sloped, (upto(when * centred) - some * middle * level) / np.where(sloped, spread, 1.0), 0.0)
    reach = np.minimum(asked_day, 2 * last_day - first_day)
    line = np.where(sloped, encoder.mean + level + slope * (reach - middle), last)
    return {
        "last": last,
        "mean": np.where(known, encoder.mean + level, np.nan),
        "low": running(np.fmin.accumulate(y, 0)),
        "high": running(np.fmax.accumulate(y, 0)),
        "count": count,
        "slope": slope,
        "line": np.where(known, line, np.nan),
        "since": np.maximum(asked_day - last_day, 0.0),
    }


@dataclass(frozen=True)
class Lessons:
    """Questions of training patients with their answers: summary of k questions, target (k, C), owner (k,)."""

    summary: Summary
    target: Array
    owner: np.ndarray


def lessons(encoder: Encoder, courses: Sequence[Course], far: int, rng: np.random.Generator) -> Lessons:
    """After every prefix the next row and ``far`` random later ones, a random share of them where they are too many."""
    summaries, targets, owners = [], [], []
    share = MOST_LESSONS / max(sum(len(c) + far * max(len(c) - 1, 0) for c in courses), 1)
    for number, course in enumerate(courses):
        n = len(course)
        nearest = np.arange(n)
        open_ended = np.tile(np.arange(max(n - 1, 0)), far)
        later = rng.integers(open_ended + 1, n) if len(open_ended) else open_ended
        prefix, row = np.concatenate([nearest, open_ended]), np.concatenate([nearest, later])
        if share < 1:
            kept = rng.random(len(row)) < share
            prefix, row = prefix[kept], row[kept]
        summaries.append(summarise(encoder, Asked(course, prefix, course.times[row])))
        targets.append(course.values[row])
        owners.append(np.full(len(row), number))
    return Lessons(join(summaries), np.concatenate(targets), np.concatenate(owners))
