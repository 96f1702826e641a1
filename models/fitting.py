"""The steps of a fit: who trains, who stops it, who scores it; and the fitted parts a forecaster holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from models import artifact, evaluation, wiring
from models.baselines import mixed_model as mm
from models.batching import Batch, Cohort, cohort, feature_count, input_count
from models.course import Course
from models.crossfit import cross_fit
from models.encoding import Encoder, History, encode
from models.errors import ModelError, TrainingError
from models.forecast import QUANTILE_LEVELS, Array
from models.network import LiquidNetwork
from models.training import EVALUATION_BATCH

SMALL = 10  # patients; below it nothing is held back
ROOMY = 30  # patients; from here on the score has its own hold-out beside the validation patients
LOW, MIDDLE, HIGH = 0, 2, 4  # of QUANTILE_LEVELS: the 90 % interval and the median


@dataclass(frozen=True)
class Split:
    """train, validation: may be the same patients where there are few; holdout: may be empty."""

    train: list[Course]
    validation: list[Course]
    holdout: list[Course]

    @property
    def scored(self) -> tuple[list[Course], str]:
        """The patients the score comes from, and how that is told in the card."""
        if self.holdout:
            return self.holdout, "holdout"
        if self.validation is not self.train:
            return self.validation, "validation"
        return [], "none"


def check_courses(courses: Sequence[Course]) -> list[Course]:
    """Those with a visit. Raises TrainingError where none has, ModelError where variables disagree."""
    kept = [c for c in courses if len(c)]
    if not kept:
        raise TrainingError("no course has a visit: there is nothing to learn from")
    names = kept[0].names
    if not names:
        raise TrainingError("the courses have no variable: choose at least one to forecast")
    if len(set(names)) != len(names):
        raise ModelError(f"a variable comes twice: {', '.join(names)}")
    for course in kept:
        if course.names != names:
            raise ModelError(f"course {course.patient} has variables {course.names}, expected {names}")
    return kept


def split(courses: list[Course], validation: Sequence[Course] | None, seed: int, shares: tuple[float, float]) -> Split:
    """By patient, seeded. shares: of validation and hold-out; a given validation set is taken as it is."""
    order = np.random.default_rng([seed, 1]).permutation(len(courses))
    share, hold = shares
    held = round(hold * len(courses)) if len(courses) >= ROOMY else 0
    holdout = [courses[i] for i in order[:held]]
    rest = [courses[i] for i in order[held:]]
    if validation is not None:
        given = [c for c in validation if len(c)]
        return Split(rest, given or rest, holdout)
    if len(courses) < SMALL or share <= 0:
        return Split(rest, rest, holdout)
    aside = max(round(share * len(courses)), 2)
    return Split(rest[aside:], rest[:aside], holdout)


def fingerprint(settings: dict[str, Any], parts: Split) -> str:
    """Of settings, data and format: what must be equal for a training to be resumed."""
    digest = hashlib.sha256(json.dumps([artifact.VERSION, settings], sort_keys=True, default=str).encode())
    for courses in (parts.train, parts.validation, parts.holdout):
        for course in courses:
            variables = [(v.name, v.kind) for v in course.variables]
            digest.update(repr((course.patient, variables, sorted(course.static.items()))).encode())
            digest.update(repr(course.treatments).encode())
            digest.update(course.times.tobytes() + course.values.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Prepared:
    """Everything before the first epoch."""

    encoder: Encoder
    fixed: mm.Fixed
    train: Cohort
    validation: Cohort


def prepare(parts: Split, *, time_scale: float | None, max_treatments: int, joint: bool, seed: int) -> Prepared:
    """Scales, the mixed model and its cross-fitted copies, and the patients as tensors."""
    encoder = Encoder.fit(parts.train, time_scale=time_scale, max_treatments=max_treatments)
    rng = np.random.default_rng([seed, 2])
    fixed, apart = cross_fit(encoder, parts.train, joint=joint, rng=rng)
    train = cohort(encoder, [encode(encoder, f, c) for f, c in zip(apart, parts.train, strict=True)], rng)
    return Prepared(encoder, fixed, train, scoring_cohort(encoder, fixed, parts.validation))


def scoring_cohort(encoder: Encoder, fixed: mm.Fixed, courses: Sequence[Course]) -> Cohort:
    """Patients as tensors, with next-row questions only."""
    histories: list[History] = [encode(encoder, fixed, c) for c in courses]
    return cohort(encoder, histories, np.random.default_rng(0), far=0)


def build(encoder: Encoder, settings: dict[str, Any], member: int) -> LiquidNetwork:
    """A fresh network, seeded by (seed, member); its wiring too. Raises ModelError for impossible settings."""
    seed = int(settings["seed"])
    units = int(settings["units"])
    circuit = wiring.AutoNCP(units, max(units // 4, 1), float(settings["sparsity"]), 22222 + seed + member)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed * 1_000_003 + member)
        return LiquidNetwork(
            circuit,
            inputs=input_count(encoder),
            features=feature_count(encoder),
            statics=len(encoder.statics),
            binary=[v.kind == "binary" for v in encoder.variables],
            hidden=int(settings["hidden"]),
            dropout=float(settings["dropout"]),
            solver=settings["solver"],
            unfolds=int(settings["unfolds"]),
            likelihood=settings["likelihood"],
        )


@torch.no_grad()
def quantiles(networks: Sequence[LiquidNetwork], batch: Batch, factors: Array) -> Array:
    """z-scored quantiles of the members' average, widened by ``factors`` (V,) or (Q, V): (Q, V, levels)."""
    locations, scales, shapes = [], [], []
    for network in networks:
        location, log_scale = network(batch)
        locations.append(location.cpu().double().numpy())
        scales.append(np.exp(log_scale.cpu().double().numpy()))
        shapes.append(network.likelihood.quantiles(QUANTILE_LEVELS))
    location = np.mean(locations, 0)
    scale = np.sqrt(np.mean(np.square(scales), 0) + np.var(locations, 0)) * factors
    return location[..., None] + scale[..., None] * np.mean(shapes, 0)


def calibrate(networks: Sequence[LiquidNetwork], patients: Cohort, device: torch.device) -> tuple[Array, Array]:
    """Interval factors from validation patients: of all of them (V,), and for each question of the others (Q, V).

    The second are for coverage measured on the same patients: one's own errors must not widen one's own intervals.
    """
    ones = np.ones(networks[0].variables)
    asked = patients.next
    if not len(asked):
        return ones, np.ones((0, len(ones)))
    levels = _answers(networks, patients, ones, device)
    error = np.abs(asked.target.numpy() - levels[..., MIDDLE])
    half = np.maximum(levels[..., HIGH] - levels[..., LOW], 1e-9) / 2
    known, owner = asked.known.numpy(), asked.owner.numpy()
    apart = np.ones_like(error)
    for patient in np.unique(owner):
        mine = owner == patient
        apart[mine] = evaluation.interval_factors(error[~mine], half[~mine], known[~mine])
    return evaluation.interval_factors(error, half, known), apart


def _answers(networks: Sequence[LiquidNetwork], patients: Cohort, factors: Array, device: torch.device) -> Array:
    """``quantiles`` of every next-row question, a bounded number of patients at a time."""
    widening = np.broadcast_to(factors, patients.next.target.shape)
    levels: list[Array] = []
    for start in range(0, len(patients), EVALUATION_BATCH):
        batch = patients.batch(range(start, min(start + EVALUATION_BATCH, len(patients)))).to(device)
        begun = sum(map(len, levels))
        levels.append(quantiles(networks, batch, widening[begun : begun + len(batch.questions)]))
    return np.concatenate(levels)


def evaluate(
    networks: Sequence[LiquidNetwork],
    encoder: Encoder,
    patients: Cohort,
    factors: Array,
    device: torch.device,
) -> tuple[dict[str, Any], float | None]:
    """Score and 90 % coverage of the next-row questions. Both are empty where there is no target."""
    asked = patients.next
    if not len(asked) or not bool(asked.known.any()):
        return no_score(encoder)
    levels = _answers(networks, patients, factors, device)
    target, known = asked.target.double().numpy(), asked.known.numpy()
    forecasts = {
        "model": levels[..., MIDDLE],
        "last_value": asked.last.double().numpy(),
        "mixed_model": asked.mixed.double().numpy(),
    }
    inside = (levels[..., LOW] <= target) & (target <= levels[..., HIGH])
    result = evaluation.score(encoder, forecasts, target, known, len(patients))
    return result, float(inside[known].mean())


def no_score(encoder: Encoder) -> tuple[dict[str, Any], None]:
    """A score's shape without figures."""
    blank = np.zeros((0, len(encoder.variables)))
    none: dict[str, Array] = dict.fromkeys(("model", "last_value", "mixed_model"), blank)
    return evaluation.score(encoder, none, blank, blank.astype(bool), 0), None
