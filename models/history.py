"""What a forecast looks back on: one patient encoded, with everything the first k rows tell, for every k.

Nothing here looks ahead: entry k of a prefix array knows the first k rows only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import rollout
from models.baselines import mixed_model as mm
from models.changes import Changes
from models.course import Course, Treatment
from models.encoding import CLIP, Encoder
from models.forecast import Array
from models.rollout import Responses
from models.running import Running, running

_RECENT = 2.0  # units of model time over which the weight of a value in ``Running.recent`` falls to 1 / e


class Base(NamedTuple):
    """The mixed models a course is looked at through. levels: of every column; changes: of those columns that are
    forecast better by how they change under treatment, None where there are none"""

    levels: mm.Fixed
    changes: Changes | None


@dataclass(frozen=True)
class History:
    """n rows, prefixes 0..n: entry k of a prefix array is what the first k rows tell.

    times (n,) days; values (n, C) z-scored, 0 where missing; mask (n, C); static (S,); anchor (n + 1,) day the prefix
    ends; sofar: running figures of the columns, (n + 1, C) each; effects (n + 1, C, 2); spread (n + 1, C, 2, 2) of the
    mixed model of levels; responses: of the changes, None where none are forecast by them
    treatments: those that count in the past and, ``future``, after the last row
    """

    course: Course
    times: Array
    values: Array
    mask: NDArray[np.bool_]
    static: Array
    anchor: Array
    sofar: Running
    effects: Array
    spread: Array
    responses: Responses | None
    base: Base
    future: tuple[Treatment, ...]

    def __len__(self) -> int:
        return len(self.times)


def encode(encoder: Encoder, base: Base, course: Course, plan: Sequence[Treatment] | None = None) -> History:
    """``base``: the mixed models to look through, cross-fitted for a training patient. plan: after the last row."""
    course = encoder.align(course)
    z = encoder.values(course)
    mask = ~np.isnan(z)
    values = np.where(mask, z, 0.0)
    first = min(0.0, float(course.times[0])) if len(z) else 0.0
    x, design = encoder.design(course, course.times)
    effects, spread = mm.filtered(base.levels, x, design, np.clip(z, -CLIP, CLIP))
    return History(
        course=course,
        times=course.times,
        values=values,
        mask=mask,
        static=encoder.static(course),
        anchor=np.concatenate([[first], course.times]),
        sofar=running(values, mask, course.times, first, _RECENT * encoder.time_scale),
        effects=effects,
        spread=spread,
        responses=None if base.changes is None else rollout.responses(encoder, base.changes, course),
        base=base,
        future=course.treatments if plan is None else tuple(plan),
    )
