"""Learning on: new visits update a copy of a fitted forecaster, which is promoted only where forecasts do not worsen.

New patients come in blocks. Each is first forecast by the copy as it then stands, then learnt from, with a replay of
old patients (``renewing``), so that every error counted here was made before its answer was learnt (prequential:
Dawid, *Statistical theory*, JRSS A 1984). Some of the new patients are never learnt from, and neither are the old ones
held out when the forecaster was fitted: on these the finished copy is compared with the model in force.
"""

from __future__ import annotations

import copy
import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import artifact, evaluation, fitting, packing, renewing, rolling
from models.calibration import ENOUGH, Factors, Misses
from models.card import never_seen, rows_known
from models.course import Course, mark
from models.errors import ModelError, TrainingError
from models.evaluation import Answered
from models.forecaster import LiquidForecaster
from models.packing import Fitted
from models.renewing import Addition, Lesson, Tuning
from models.rolling import Asking, Compared, Errors, Finding, compared

BLOCKS = 2
FEWEST = 8  # patients in a block, and to be judged by
REPLAY = 0.75  # old patients that the ground sees for each new one
LEAST_REPLAY = 40
MARGIN = 0.02  # by how much the error on old patients may grow where the new ones gain
UNSURE = 0.05  # the same where it may be noise
NOISE = 1.645  # standard errors: one-sided 5 %
_FACTORS = (0.4, 3.0)


@dataclass(frozen=True, slots=True)
class UpdateProgress:
    """Told after every epoch of every network; block, member and epoch count from 1."""

    block: int
    blocks: int
    member: int
    members: int
    epoch: int
    epochs: int
    loss: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


@dataclass(frozen=True)
class Updated:
    """candidate: the copy that has learnt on; the model it was made from is as it was

    new: forecasts of new patients before they were learnt from; old: of patients held out of all learning; rolling:
    by block of the stream from the second on, forecast by the copy that knows the blocks before it
    reason: why it is promoted or not. Codes: better; worse_on_new, worse_on_old (both with worse, z); too_few (with
    patients, needed); cancelled
    """

    candidate: LiquidForecaster
    new: Compared
    old: Compared
    rolling: tuple[Compared, ...]
    promote: bool
    reason: Finding


@dataclass(frozen=True)
class _Roles:
    """Who does what. learn: new patients in the order they came, with the rows known before; aside: the new ones never
    learnt from; replay, held: old ones to learn from again, and held out; unseen: whether the model in force has not
    learnt from ``held`` either; marks: of all who are held out
    """

    learn: list[tuple[Course, int]]
    aside: list[tuple[Course, int]]
    replay: list[Course]
    held: list[Course]
    unseen: bool
    marks: set[str]


def update(
    forecaster: LiquidForecaster,
    new_courses: Sequence[Course],
    replay: Sequence[Course],
    *,
    strength: float = 10.0,
    epochs: int = 1,
    learning_rate: float = 3e-3,
    seed: int = 0,
    progress: Callable[[UpdateProgress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Updated:
    """A copy of the forecaster that has learnt from the new visits, and whether it may take its place.

    new_courses: in the order they came; of a patient who is in ``replay`` too only the later rows are new
    replay: the courses it was fitted on, as given to ``fit``; where they are others, nobody is known to be held out, a
    part of them is compared on as it is, and the card says so
    strength: of the importance penalty, 1: an old value weighs as much as a new one; epochs: for each block
    Raises NotFittedError, TrainingError where there is no new visit or learning diverges, ModelError for a course that
    lacks a variable or impossible settings.
    """
    if epochs < 1 or not learning_rate > 0 or not strength >= 0:
        raise ModelError("epochs must be at least 1, learning_rate above 0, strength at least 0")
    _ = forecaster.card  # raises NotFittedError
    parent: Fitted = forecaster.fitted_
    roles = _roles(forecaster, new_courses, replay, seed)
    taught = renewing.lesson(
        parent,
        [c for c, _ in roles.learn] + roles.replay,
        [k for _, k in roles.learn] + [len(c) for c in roles.replay],
        seed,
    )
    tuning = Tuning(epochs, learning_rate, strength, 1.0, forecaster.squared, forecaster.batch_size, seed)
    stream = _Stream(parent, taught, len(roles.learn), tuning, progress, cancel)
    now, rolled, whole = stream.learnt()
    aside = rolling.asking(parent, [c for c, _ in roles.aside], [k for _, k in roles.aside])
    newest = [*rolled, _judged(parent, now, aside)]
    held = _judged(parent, now, rolling.asking(parent, roles.held))
    return _concluded(forecaster, now, roles, rolled, newest, held, whole)


@dataclass(frozen=True)
class _Pair:
    """Errors of the model in force and of the copy on the same patients, and what the copy said."""

    before: Errors
    after: Errors
    said: Answered | None


def _judged(parent: Fitted, now: Fitted, asked: Asking) -> _Pair:
    said = rolling.answers(parent, asked)
    before = rolling.errors(parent, said, len(asked))
    if now is parent:
        return _Pair(before, before, said)
    said = rolling.answers(now, asked)
    return _Pair(before, rolling.errors(now, said, len(asked)), said)


@dataclass
class _Stream:
    """New patients, the first ``count`` of those taught, block by block: forecast, then learnt from."""

    parent: Fitted
    taught: Lesson
    count: int
    tuning: Tuning
    progress: Callable[[UpdateProgress], None] | None
    cancel: Callable[[], bool] | None

    def learnt(self) -> tuple[Fitted, list[_Pair], bool]:
        """The copy, the errors by block, and whether it came to its end."""
        parent, taught, count = self.parent, self.taught, self.count
        blocks = np.array_split(np.arange(count), min(BLOCKS, max(count // FEWEST, 1)))
        old = np.arange(count, len(taught.histories))
        waiting = rolling.asking_of(parent, taught.histories[:count], taught.known[:count].tolist())
        asked = renewing.replayed(parent, taught, self.tuning.seed)
        networks, anchors = renewing.copied(parent.networks), []
        now, rolled, began = parent, [], time.monotonic()
        for number, block in enumerate(blocks):
            if number:
                rolled.append(_judged(parent, now, waiting.part(block)))
            parts = self._additions(np.concatenate([*blocks[: number + 1], old]))
            order = np.concatenate([block, old, *blocks[:number]])
            patients = renewing.patients_of(parent, taught, order, parts, asked)
            fresh, again = np.split(np.arange(len(order)), [len(block)])
            now = parent._replace(ground=renewing.added(parent.ground, list(parts.values())), networks=networks)
            for member, network in enumerate(networks):
                if not number:
                    anchors.append(renewing.anchor(network, patients, again, self.tuning.seed))
                told = self._teller(number + 1, len(blocks), member + 1, len(networks), began)
                own = replace(self.tuning, seed=self.tuning.seed * 1009 + number * 101 + member)
                if not renewing.tune(network, anchors[member], patients, fresh, again, own, told, self.cancel):
                    return now, rolled, False
        return now, rolled, True

    def _additions(self, seen: NDArray[np.int64]) -> dict[int, Addition]:
        """By half of the patients what the other half of those seen teaches the ground."""
        parent, taught, inside = self.parent, self.taught, np.isin(self.taught.owner, seen)
        half = taught.half[taught.owner]
        return {
            h: renewing.addition(parent.ground, parent.plan.plain, taught, inside & (half != h), self.tuning.seed)
            for h in (0, 1)
        }

    def _teller(self, block: int, blocks: int, member: int, members: int, began: float) -> Callable[[int, float], None]:
        def told(epoch: int, loss: float) -> None:
            if self.progress is not None:
                spent = time.monotonic() - began
                self.progress(UpdateProgress(block, blocks, member, members, epoch, self.tuning.epochs, loss, spent))

        return told


def _concluded(
    forecaster: LiquidForecaster,
    now: Fitted,
    roles: _Roles,
    rolled: list[_Pair],
    newest: list[_Pair],
    held: _Pair,
    whole: bool,
) -> Updated:
    new = _compared(newest)
    old = _compared([held])
    reason = verdict(new, old) if whole else Finding("cancelled")
    said = [p.said for p in newest if p.said is not None]
    fresh = _renumbered(said)
    found = _renumbered([*said, *([held.said] if held.said is not None else [])])
    now = now._replace(factors=refreshed(now.factors, found if _few(fresh) else fresh))
    candidate = LiquidForecaster(**forecaster.get_params())
    candidate.fitted_ = now
    updated = Updated(candidate, new, old, tuple(_compared([p]) for p in rolled), reason.code == "better", reason)
    candidate.card_ = _card(forecaster, roles, updated, found)
    return updated


def _compared(pairs: list[_Pair]) -> Compared:
    return compared(rolling.together([p.before for p in pairs]), rolling.together([p.after for p in pairs]))


def verdict(new: Compared, old: Compared) -> Finding:
    """Better where the error on new patients does not grow, and that on old ones not beyond noise; a cost to these that
    is beyond noise must stay within ``MARGIN`` and be worth a gain beyond noise, and no cost may exceed ``UNSURE``,
    however few they are. Without old patients to compare on the new ones decide.
    """
    if new.patients < FEWEST:
        return Finding("too_few", {"patients": new.patients, "needed": FEWEST})
    if new.worse > 0:
        return Finding("worse_on_new", {"worse": new.worse, "z": new.z})
    costs, gains = old.worse > 0 and old.z > NOISE, new.z < -NOISE
    if old.worse > UNSURE or (costs and (old.worse > MARGIN or not gains)):
        return Finding("worse_on_old", {"worse": old.worse, "z": old.z})
    return Finding("better", {"new": new.worse, "old": old.worse})


def _renumbered(said: list[Answered]) -> Answered | None:
    """Of several groups of patients, none with another's number."""
    parts = [evaluation.renumbered(s, i, len(said)) for i, s in enumerate(said)]
    return evaluation.joined(parts) if parts else None


def _few(found: Answered | None) -> bool:
    return found is None or int((found.known & ~found.chance).sum()) < 2 * ENOUGH


def refreshed(factors: Factors, found: Answered | None) -> Factors:
    """The factors times what makes these errors lie inside as often as they should; alike over all horizons."""
    if found is None:
        return factors
    half = (found.high - found.low) / 2 * factors(found.horizon)
    error = np.abs(found.target - found.median)
    by = Misses(error, half, found.known & ~found.chance, found.horizon).factors()
    return Factors(factors.days, np.clip(factors.factor * by, *_FACTORS))


def _coverage(factors: Factors, found: Answered | None) -> float | None:
    """Of refreshed factors: each half of the patients by those of the other half."""
    if found is None or not (found.known & ~found.chance).any():
        return None
    inside = values = 0.0
    for half in (0, 1):
        here = found.owner % 2 == half
        part = found.pick(here)
        covered = evaluation.coverage(part, refreshed(factors, found.pick(~here)))
        count = float((part.known & ~part.chance).sum())
        inside, values = inside + (covered or 0.0) * count, values + count
    return inside / values


def _roles(forecaster: LiquidForecaster, new: Sequence[Course], replay: Sequence[Course], seed: int) -> _Roles:
    encoder = forecaster.fitted_.encoder
    before = {c.patient: encoder.align(c) for c in replay if len(c)}
    came: dict[str, tuple[Course, int]] = {}
    for course in (encoder.align(c) for c in new if len(c)):
        known = _known(before.get(course.patient), course)
        if known < len(course):
            came[course.patient] = (course, known)
    if not came:
        raise TrainingError("no course has a visit that is new: there is nothing to learn from")
    marks, unseen = _held_out(forecaster, list(replay))
    rest = [c for c in before.values() if c.patient not in came]
    rng = np.random.default_rng([seed, 6])
    held = [c for c in rest if mark(c) in marks]
    free = [c for c in rest if mark(c) not in marks]
    if not unseen:
        order = rng.permutation(len(free))
        cut = len(free) // 5
        held, free = [free[i] for i in order[:cut]], [free[i] for i in order[cut:]]
    pairs = list(came.values())
    apart = round(forecaster.holdout_share * len(pairs)) if len(pairs) >= fitting.ROOMY else 0
    chosen = set(rng.permutation(len(pairs))[:apart].tolist())
    chosen |= {i for i, (c, _) in enumerate(pairs) if marks & {mark(c), mark(before.get(c.patient, c))}}
    learn = [p for i, p in enumerate(pairs) if i not in chosen]
    if not learn:
        raise TrainingError("every patient with a new visit is held out: there is nothing to learn from")
    most = max(int(REPLAY * len(learn)), LEAST_REPLAY)
    again = [free[i] for i in np.sort(rng.permutation(len(free))[:most])]
    return _Roles(learn, [pairs[i] for i in sorted(chosen)], again, held, unseen, marks)


def _known(before: Course | None, now: Course) -> int:
    """How many rows of a course were known; 0 where they have been written anew."""
    if before is None or len(before) > len(now):
        return 0
    rows = len(before)
    same = np.array_equal(before.times, now.times[:rows])
    return rows if same and np.array_equal(before.values, now.values[:rows], equal_nan=True) else 0


def _held_out(forecaster: LiquidForecaster, replay: list[Course]) -> tuple[set[str], bool]:
    """Marks of the patients held out so far, and whether no learning at all has seen them."""
    lineage = forecaster.card.get("lineage")
    if lineage is not None:
        return set(lineage["held_out"]), bool(lineage["held_out_unseen"])
    encoder = forecaster.fitted_.encoder
    marks = never_seen(forecaster.card) & {mark(encoder.align(c)) for c in replay if len(c)}
    return marks, bool(marks)


def _card(forecaster: LiquidForecaster, roles: _Roles, updated: Updated, found: Answered | None) -> dict[str, Any]:
    card = forecaster.card
    fitted = updated.candidate.fitted_
    _, tensors = packing.pack(card, forecaster.fitted_)
    parent = {"sha256": artifact.digest(tensors), "name": card["name"], "created": card["created"]}
    earlier = card.get("lineage") or {"ancestors": [], "parent": None}
    out = {k: v for k, v in copy.deepcopy(card).items() if k not in ("generation", "comparison")}
    rows = sum(len(c) - k for c, k in roles.learn)
    out["created"] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    out["training"]["patients"] += sum(not known for _, known in roles.learn)
    out["training"]["visits"] += rows
    out["training"]["rows"] = {**rows_known(card), **{mark(c): len(c) for c, _ in (*roles.learn, *roles.aside)}}
    out["score"] = {
        **evaluation.score(found, fitted.encoder, fitted.plan.targets, trees=fitted.ground.forest is not None),
        "scored_on": "rolling",
    }
    out["coverage90"] = _coverage(forecaster.fitted_.factors, found)
    encoder, factors = fitted.encoder, fitted.factors
    names = [encoder.names[encoder.columns[t].variable] for t in fitted.plan.targets]
    by_name = dict(zip(names, factors.factor.T.tolist(), strict=True))
    out["interval_factors"] = {"days": factors.days.tolist(), "factor": by_name}
    held = [*roles.held, *(c for c, _ in roles.aside)] if roles.unseen else []
    out["lineage"] = {
        "parent": parent,
        "ancestors": [*earlier["ancestors"], *([earlier["parent"]] if earlier["parent"] else [])],
        "patients_added": len(roles.learn),
        "visits_added": rows,
        "replayed": len(roles.replay),
        "new": asdict(updated.new),
        "old": asdict(updated.old),
        "rolling": [asdict(c) for c in updated.rolling],
        "promote": updated.promote,
        "reason": asdict(updated.reason),
        "held_out": sorted(roles.marks | {mark(c) for c in held}),
        "held_out_unseen": roles.unseen,
    }
    return out
