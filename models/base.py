"""What courses are looked at through, cross-fitted: mixed models of levels, and of changes where these know better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models import changes
from models.baselines import mixed_model as mm
from models.changes import Changes
from models.course import Course
from models.encoding import Encoder
from models.forecast import Array
from models.history import Base, encode
from models.looking import look

_MIXED_LIMIT = 5e6  # numbers in the sums of the mixed model's patients
BETTER = 0.98  # times the squared error of the levels, below which a column is forecast by its changes
_ROUNDS, _MANY = 60, 64  # of the mixed model; columns, beyond which a third of them has to do, as for networks alone
_ASKED = 400  # patients the two are compared on


def cross_fit_base(
    encoder: Encoder,
    courses: Sequence[Course],
    fold: NDArray[np.int64],
    targets: Sequence[int],
    *,
    joint: bool,
    plain: bool = False,
) -> tuple[Base, dict[int, Base]]:
    """That of all courses, and by fold the one fitted without it. plain: for networks that start from the last value
    alone and only need something to tell where there is none; it is that of all courses in every fold, without changes.
    """
    chosen = _enough(encoder, len(courses))
    sums = [(encoder.sums(encoder.align(courses[i])), int(fold[i])) for i in chosen]
    folds = sorted(set(fold.tolist()))
    rounds = _ROUNDS // 3 if plain or len(encoder.columns) > _MANY else _ROUNDS
    levels = {-1: mm.fit(mm.stack([s for s, _ in sums]), joint=joint, rounds=rounds)}
    if len(folds) > 1 and not plain:
        levels |= {f: mm.fit(mm.stack([s for s, own in sums if own != f]), joint=joint, rounds=rounds) for f in folds}
    aligned = [encoder.align(courses[i]) for i in chosen] if not plain else []
    whole = changes.fit(encoder, aligned, targets) if not plain else None
    apart: dict[int, Changes | None] = {-1: whole}
    if whole is not None and len(folds) > 1:
        own = fold[chosen]
        apart |= {
            f: changes.fit(encoder, [c for c, o in zip(aligned, own, strict=True) if o != f], targets) for f in folds
        }
        kept = _better(encoder, courses, fold, levels, apart)
        apart = {f: None if c is None else c.part(np.isin(c.columns, kept)) for f, c in apart.items()}
    elif whole is not None:  # nobody is left out to say which knows better
        apart = {-1: None}
    bases = {f: Base(levels[f], apart.get(f)) for f in levels}
    return bases[-1], {f: bases.get(f, bases[-1]) for f in folds}


def _enough(encoder: Encoder, courses: int) -> list[int]:
    """Places of the courses the mixed model is fitted on: all, or a random part where its sums would be too large."""
    design = 3 + 2 * encoder.design_statics
    most = int(_MIXED_LIMIT / (len(encoder.columns) * design**2))
    if courses <= most:
        return list(range(courses))
    return np.sort(np.random.default_rng(6).choice(courses, max(most, 100), replace=False)).tolist()


def _better(
    encoder: Encoder,
    courses: Sequence[Course],
    fold: NDArray[np.int64],
    levels: dict[int, mm.Fixed],
    apart: dict[int, Changes | None],
) -> list[int]:
    """The columns whose next values the changes forecast better, by models fitted without the patient."""
    everywhere = [set(c.columns.tolist()) if c is not None else set() for c in apart.values()]
    both = sorted(set.intersection(*everywhere))
    places = np.random.default_rng(9).permutation(len(courses))[:_ASKED]
    lost = np.zeros((2, len(both)))
    for i in places:
        f, course = int(fold[i]), encoder.align(courses[i])
        if len(course) < 2:
            continue
        rows = np.arange(1, len(course))
        for way, found in enumerate((None, apart[f])):
            history = encode(encoder, Base(levels[f], found), course)
            off: Array = look(encoder, history, rows, course.times[1:]).mixed[:, both] - history.values[1:, both]
            lost[way] += np.where(history.mask[1:, both], off**2, 0.0).sum(0)
    return [c for c, old, new in zip(both, *lost, strict=True) if new < BETTER * old]
