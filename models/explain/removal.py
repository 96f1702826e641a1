"""The whole forecast with something taken away: exact differences, whatever the forecast is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.course import Course
from models.encoding import Encoder
from models.explain.asking import Told, Variant
from models.forecast import Array


@dataclass(frozen=True)
class Effects:
    """The forecast minus the forecast without it, so a positive one raises the forecast; 0 where there was nothing.

    visits (n,): all that was observed on a visit; variables (V,): all that was ever observed of a variable; treatments
    (T,): every interval of a treatment, planned ones too; statics (S,): a static covariate; values (n, V): one observed
    value, None where that was not asked for
    Effects of one kind do not add up to the forecast: two values that tell the same are each of little effect.
    """

    visits: Array
    variables: Array
    treatments: Array
    statics: Array
    values: Array | None


class Parts(NamedTuple):
    """What can be taken away. observed: (n, V); known: of the treatments those the forecaster has learnt about;
    by_visit: whether whole visits are, too, which takes time where there are many"""

    observed: NDArray[np.bool_]
    treatments: tuple[str, ...]
    known: NDArray[np.bool_]
    statics: tuple[str, ...]
    by_visit: bool = True

    @property
    def there(self) -> list[NDArray[np.bool_]]:
        """Where there is something to take away: of the visits, variables, treatments and statics."""
        visits, variables = (np.asarray(self.observed.any(axis), dtype=bool) for axis in (1, 0))
        return [visits & self.by_visit, variables, self.known, np.ones(len(self.statics), dtype=bool)]


def parts_of(patient: Variant, encoder: Encoder) -> Parts:
    """Statics that the forecaster does not know are left out."""
    names = tuple(sorted({t.name for t in (*patient.course.treatments, *(patient.plan or ()))}))
    return Parts(
        observed=~np.isnan(patient.course.values),
        treatments=names,
        known=np.array([name in encoder.treatments for name in names], dtype=bool),
        statics=tuple(s for s in encoder.statics if np.isfinite(patient.course.static.get(s, np.nan))),
    )


def nothing_known(patient: Variant) -> Variant:
    """The baseline: the same visits on the same days, nothing observed, nothing given, no static covariate known."""
    course = patient.course
    blank = replace(course, values=np.full_like(course.values, np.nan), treatments=(), static={})
    return Variant(blank, None if patient.plan is None else ())


def variants(patient: Variant, parts: Parts, *, each: bool) -> list[Variant]:
    """The patient without a visit, a variable, a treatment, a static, each in turn; each: also without a value.

    A visit taken away still takes place, but nothing is observed on it.
    """
    course, plan = patient
    n, columns = parts.observed.shape
    out = []
    visits, seen, known, _ = parts.there
    for r in np.flatnonzero(visits):
        out.append(_unseen(patient, (np.arange(n) == r)[:, None]))
    for v in np.flatnonzero(seen):
        out.append(_unseen(patient, (np.arange(columns) == v)[None]))
    for name in np.array(parts.treatments, dtype=object)[known]:
        others = tuple(t for t in course.treatments if t.name != name)
        planned = None if plan is None else tuple(t for t in plan if t.name != name)
        out.append(Variant(replace(course, treatments=others), planned))
    for name in parts.statics:
        out.append(Variant(replace(course, static={k: v for k, v in course.static.items() if k != name}), plan))
    if each:
        for r, v in np.argwhere(parts.observed):
            here = np.zeros((n, columns), dtype=bool)
            here[r, v] = True
            out.append(_unseen(patient, here))
    return out


def _unseen(patient: Variant, here: NDArray[np.bool_]) -> Variant:
    course: Course = patient.course
    return Variant(replace(course, values=np.where(here, np.nan, course.values)), patient.plan)


def effects(parts: Parts, told: Told, column: int, *, each: bool) -> tuple[Effects, Effects]:
    """Of the whole forecast and of the simple forecasts alone. told: the patient, then his ``variants``."""
    whole, simple = (_split(parts, table[:1, column] - table[1:, column], each=each) for table in told)
    return whole, simple


def _split(parts: Parts, change: Array, *, each: bool) -> Effects:
    there = [*parts.there, parts.observed] if each else parts.there
    tables = [np.zeros(t.shape) for t in there]
    for table, places, found in zip(tables, there, np.split(change, np.cumsum([t.sum() for t in there])), strict=False):
        table[places] = found
    return Effects(*tables[:4], values=tables[4] if each else None)
