"""A fitted forecaster drawn towards new patients without being drawn away from the old ones.

The mixed model, the scales and the wiring stay. Ridge and trees get an addition that learns what they miss of the new
patients, and nothing of the old ones: what is learnt of them is that nothing is to be added (learning without
forgetting). The networks are tuned on the new questions and a replay of old ones, held near their weights by

    strength / 2 sum_i F_i (theta_i - theta_i^0)^2

F the diagonal of the Fisher information of a replayed value (elastic weight consolidation).
Sources: Kirkpatrick et al., *Overcoming catastrophic forgetting in neural networks*, PNAS 2017; Li and Hoiem, *Learning
without forgetting*, ECCV 2016.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor

from models.batching import Batch, Cohort, Questions, cohort
from models.course import Course
from models.errors import TrainingError
from models.forecast import Array
from models.grounds import Asked, Ground, Posed, answer, odds_of, pose
from models.history import History, encode
from models.looking import crossed, straight, table
from models.network import LiquidNetwork
from models.packing import Fitted
from models.ridge import RIDGE_CLIP, Ridge
from models.trees import Forest, fit_forest

TREES = 24  # of an addition, shared by all outputs
_LEAF = 5
_SHARE = 0.4  # of the features looked at for a split
_FEWEST = 20  # rows
_PENALTY = 100.0  # of the squared weights added to the ridge, in rows, as there
_STAY = 12.0  # weight of an old row, from which is learnt that nothing is to be added
_FAR = 3  # one patient in so many is asked about longer horizons too, once a row
_FISHER_PATIENTS, _FISHER_GROUP = 48, 16
_CLIP = 1.0  # of the gradient
_LARGEST, _WORST = 1e4, 1e3  # weight and loss, beyond which learning has diverged


@dataclass(frozen=True)
class Lesson:
    """Patients to learn from, encoded. known (patients,): rows that were learnt before, all of an old patient's.

    owner (k,), fresh (k,): whether a question is new; rows, straight: what trees and ridge read; target (k, K): what
    trees grown anew are to tell, where that is not known what the mixed model would say, of ``odds`` (K,) the outcome;
    told (k, K): where there is a target, near questions alone;
    ridge_misses, trees_miss (k, K): what is to be added to these in force, of new questions
    """

    histories: list[History]
    posed: list[Posed]
    known: NDArray[np.int64]
    owner: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    rows: NDArray[np.float32]
    straight: NDArray[np.float32]
    target: Array
    odds: NDArray[np.bool_]
    told: NDArray[np.bool_]
    ridge_misses: Array
    trees_miss: Array

    @property
    def comes(self) -> NDArray[np.bool_]:
        """Which patients have something new."""
        return self.known < np.array([len(h) for h in self.histories])

    @property
    def half(self) -> NDArray[np.int64]:
        """Of each patient, for additions that have not seen the patients they are asked about."""
        return np.arange(len(self.histories)) % 2


def lesson(fitted: Fitted, courses: Sequence[Course], known: Sequence[int], seed: int) -> Lesson:
    encoder, at = fitted.encoder, list(fitted.plan.targets)
    rng, far = np.random.default_rng([seed, 7]), min(fitted.plan.far, 1)
    plans = [replace(fitted.plan, far=far if i % _FAR == 0 else 0) for i in range(len(courses))]
    histories = [encode(encoder, fitted.ground.base, c) for c in courses]
    posed = [pose(encoder, h, plan, rng) for h, plan in zip(histories, plans, strict=True)]
    owner = np.repeat(np.arange(len(posed)), [len(p.row) for p in posed])
    prefix = np.concatenate([p.looks.prefix for p in posed])
    near = np.concatenate([np.arange(len(p.row)) < p.near for p in posed])
    pairs = [(h, p) for h, p in zip(histories, posed, strict=True) if len(h)]
    z, mask = (np.concatenate([getattr(h, name)[p.row][:, at] for h, p in pairs]) for name in ("values", "mask"))
    fresh = prefix >= np.array(known)[owner]
    rows = np.concatenate([table(encoder, p.looks) for p in posed])
    lines = np.concatenate([straight(encoder, p.looks) for p in posed])
    mixed = np.concatenate([p.looks.mixed[:, at] for p in posed])
    missed = z - mixed
    ground = fitted.ground
    odds = odds_of(encoder, fitted.plan)
    outcome = np.round(encoder.mean[at] + encoder.scale[at] * z)

    def left(aim: Array, *parts: tuple[Ridge | Forest | None, NDArray[np.float32]]) -> Array:
        """Of a chance a Newton step of its log odds."""
        said = np.zeros_like(aim)
        for part, read in parts:
            if part is not None:
                said[fresh] += part(read[fresh])
        return np.where(odds, 4.0 * (outcome - expit(said)), aim - said)

    nearer = lines if ground.own is None else np.concatenate([crossed(encoder, p.looks) for p in posed])
    outright = np.zeros(len(at), dtype=bool) if ground.forest is None else ground.forest.outright

    return Lesson(
        histories=histories,
        posed=posed,
        known=np.array(known, dtype=np.int64),
        owner=owner,
        fresh=fresh,
        rows=rows,
        straight=lines,
        target=np.where(odds, outcome, np.where(mask, z, mixed) - np.where(outright, 0.0, mixed)),
        odds=odds,
        told=mask & near[:, None],
        ridge_misses=left(missed, (ground.ridge, lines), (ground.own, nearer)),
        trees_miss=left(np.where(outright, z, missed), (ground.forest, rows)),
    )


@dataclass(frozen=True)
class Addition:
    """What is added to the ridge and to the trees of a ground; None where it has none or there is too little."""

    weight: Array | None
    intercept: Array | None
    forest: Forest | None


def addition(ground: Ground, plain: bool, taught: Lesson, which: NDArray[np.bool_], seed: int) -> Addition:
    """Learnt from the questions ``which`` (k,): of the new ones what is missed, of the others nothing."""
    here = which & taught.told.any(1)
    fresh = (taught.fresh[:, None] & taught.told)[here]
    if plain or int(fresh.any(1).sum()) < _FEWEST:
        return Addition(None, None, None)
    rows, lines = taught.rows[here], taught.straight[here]
    weights = np.where(fresh.any(1), 1.0, _STAY)
    weight: Array | None = None
    intercept: Array | None = None
    forest: Forest | None = None
    if ground.ridge is not None:
        left = np.where(fresh, taught.ridge_misses[here], 0.0)
        x = ((lines - ground.ridge.centre) / ground.ridge.scale).clip(-RIDGE_CLIP, RIDGE_CLIP)
        x = np.concatenate([x, np.ones((len(x), 1))], 1)
        heavy = x * weights[:, None]
        found: Array = np.linalg.solve(heavy.T @ x + _PENALTY * np.eye(x.shape[1]), heavy.T @ left).astype(np.float64)
        weight, intercept = found[:-1], found[-1]
    if ground.forest is not None:
        forest = grown(rows, np.where(fresh, taught.trees_miss[here], 0.0), seed, weights)
    return Addition(weight, intercept, forest)


def added(ground: Ground, parts: Sequence[Addition]) -> Ground:
    """The ground with the mean of the additions."""
    ridge, forest, share = ground.ridge, ground.forest, 1.0 / max(len(parts), 1)
    for part in parts:
        if ridge is not None and part.weight is not None and part.intercept is not None:
            ridge = Ridge(ridge.weight + share * part.weight, ridge.intercept + share * part.intercept, *ridge[2:])
        if forest is not None and part.forest is not None:
            forest = _summed(forest, replace(part.forest, value=part.forest.value * np.float32(share)))
    return replace(ground, ridge=ridge, forest=forest)


def grown(rows: NDArray[np.float32], target: Array, seed: int, weights: Array | None = None) -> Forest:
    """A few trees that all outputs share: rows (k, features), target (k, outputs)."""
    from sklearn.ensemble import ExtraTreesRegressor

    settings: dict[str, Any] = {"n_estimators": TREES, "min_samples_leaf": _LEAF, "max_features": _SHARE}
    outputs = target.shape[1]
    model = ExtraTreesRegressor(**settings, random_state=seed)
    model.fit(rows, target if outputs > 1 else target[:, 0], sample_weight=weights)
    trees: list[Any] = [e.tree_ for e in model.estimators_]
    root = np.cumsum([0, *(t.node_count for t in trees)])
    left, right = (
        np.concatenate([np.where(getattr(t, n) < 0, 0, getattr(t, n) + r) for t, r in zip(trees, root, strict=False)])
        for n in ("children_left", "children_right")
    )
    leaf = np.concatenate([t.children_left < 0 for t in trees])
    value = np.concatenate([t.value[:, :, 0] for t in trees])
    return Forest(
        feature=np.where(leaf, -1, np.concatenate([t.feature for t in trees])).astype(np.int32),
        threshold=np.where(leaf, 0.0, np.concatenate([t.threshold for t in trees])),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        root=root[:-1].astype(np.int32),
        output=np.full(len(trees), -1, dtype=np.int32),
        value=(np.where(leaf[:, None], value, 0.0) / TREES).astype(np.float32),
        outright=np.zeros(outputs, dtype=bool),
        outputs=outputs,
        features=rows.shape[1],
    )


def _summed(first: Forest, second: Forest) -> Forest:
    """Trees of both, as trees that all outputs share."""
    a, b = _shared(first), _shared(second)
    moved = {n: np.where(b.feature >= 0, getattr(b, n) + len(a.feature), 0) for n in ("left", "right")}
    moved |= {"root": b.root + len(a.feature)}
    names = ("feature", "threshold", "left", "right", "root", "output", "value")
    later = {n: moved[n] if n in moved else getattr(b, n) for n in names}
    joined = {n: np.concatenate([getattr(a, n), later[n].astype(getattr(a, n).dtype)]) for n in names}
    return Forest(**joined, outright=first.outright, outputs=first.outputs, features=first.features)


def _shared(forest: Forest) -> Forest:
    if len(forest.root) and (forest.output < 0).all():
        return forest
    value = np.zeros((len(forest.feature), forest.outputs), dtype=np.float32)
    sizes = np.diff(np.append(forest.root, len(forest.feature)))
    value[np.arange(len(value)), np.repeat(forest.output, sizes)] = forest.value.sum(1)
    return replace(forest, value=value, output=np.full(len(forest.root), -1, dtype=np.int32))


def replayed(fitted: Fitted, taught: Lesson, seed: int) -> dict[int, Asked]:
    """What the simple forecasts say of the old patients, by place.

    The trees in force have learnt from them; trees grown on the other half of the old patients stand in, whose errors
    are honest.
    """
    ground, half = fitted.ground, taught.half
    old = ~taught.comes
    stand_in = {0: ground, 1: ground}
    if ground.forest is not None:
        for h in stand_in:
            here = old[taught.owner] & (half[taught.owner] != h) & taught.told.any(1)
            if int(here.sum()) >= _FEWEST:
                rows, target, told = taught.rows[here], taught.target[here], taught.told[here]
                quick = not taught.odds.any()
                forest = (
                    grown(rows, target, seed) if quick else fit_forest(rows, target, told, seed, taught.odds, target)
                )
                stand_in[h] = replace(ground, forest=replace(forest, outright=ground.forest.outright))
    places = np.flatnonzero(old).tolist()
    return {i: answer(fitted.encoder, stand_in[int(half[i])], fitted.plan, taught.posed[i]) for i in places}


def patients_of(
    fitted: Fitted, taught: Lesson, places: NDArray[np.int64], apart: dict[int, Addition], old: dict[int, Asked]
) -> Cohort:
    """These patients as tensors, every simple forecast an honest one.

    apart: by half the addition that was learnt from the other one; old: of ``replayed``
    """
    grounds = {h: added(fitted.ground, [part]) for h, part in apart.items()}
    asked: list[tuple[Asked, int]] = []
    for i in places.tolist():
        posed = taught.posed[i]
        said = old.get(i) or answer(fitted.encoder, grounds[int(taught.half[i])], fitted.plan, posed)
        asked.append((said, posed.near))
    histories = [taught.histories[i] for i in places.tolist()]
    whole = cohort(fitted.encoder, histories, asked, fitted.plan, fitted.grid)
    first = torch.from_numpy(np.where(taught.comes, taught.known, 0)[places])
    return replace(whole, next=_from(whole.next, first), far=_from(whole.far, first))


def _from(questions: Questions, first: Tensor) -> Questions:
    """Without what a patient who comes again has already been learnt from."""
    return questions.pick(torch.nonzero(questions.prefix >= first[questions.owner])[:, 0])


@dataclass(frozen=True)
class Anchor:
    """A network's weights before learning on, and how much each matters to old patients."""

    weights: list[Tensor]
    fisher: list[Tensor]

    def __call__(self, network: LiquidNetwork) -> Tensor:
        pairs = zip(self.fisher, learnable(network), self.weights, strict=True)
        return torch.stack([(f * (now - then) ** 2).sum() for f, now, then in pairs]).sum() / 2


def learnable(network: LiquidNetwork) -> list[Tensor]:
    return [p for p in network.parameters() if p.requires_grad]


def anchor(network: LiquidNetwork, patients: Cohort, replay: NDArray[np.int64], seed: int) -> Anchor:
    """The Fisher information from the replayed patients, a few at a time.

    Gradients of independent patients have mean 0 where learning ended, so that the square of a sum estimates the sum
    of squares.
    """
    parameters = learnable(network)
    fisher, asked = [torch.zeros_like(p) for p in parameters], 0
    chosen = np.random.default_rng([seed, 8]).permutation(replay)[:_FISHER_PATIENTS]
    device = parameters[0].device
    for start in range(0, len(chosen), _FISHER_GROUP):
        batch = patients.batch(chosen[start : start + _FISHER_GROUP].tolist()).to(device)
        if not batch.questions.answered:
            continue
        found = network.likelihood(batch)
        gradients = torch.autograd.grad(found.values + found.waits, parameters, allow_unused=True)
        for total, gradient in zip(fisher, gradients, strict=True):
            if gradient is not None:
                total += gradient.nan_to_num(0.0, 0.0, 0.0) ** 2
        asked += found.known + found.asked
    return Anchor([p.detach().clone() for p in parameters], [f / max(asked, 1) for f in fisher])


@dataclass(frozen=True)
class Tuning:
    """replay: old patients for each new one in an epoch; strength: of the penalty, see above."""

    epochs: int
    learning_rate: float
    strength: float
    replay: float
    squared: float
    batch_size: int
    seed: int


def tune(
    network: LiquidNetwork,
    held: Anchor,
    patients: Cohort,
    new: NDArray[np.int64],
    old: NDArray[np.int64],
    settings: Tuning,
    told: Callable[[int, float], None],
    cancel: Callable[[], bool] | None,
) -> bool:
    """Tune in place; False where it was cancelled. told: epoch and its mean loss. Raises TrainingError."""
    optimizer = torch.optim.Adam(learnable(network), lr=settings.learning_rate)
    device = learnable(network)[0].device
    try:
        for epoch in range(1, settings.epochs + 1):
            network.train()
            rng = np.random.default_rng([settings.seed, epoch, 9])
            again = rng.permutation(old)[: int(np.ceil(settings.replay * len(new)))]
            order = rng.permutation(np.concatenate([new, again]))
            far = torch.arange(len(patients.far))
            with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
                torch.manual_seed(int(rng.integers(2**62)))
                losses: list[float] = []
                for start in range(0, len(order), settings.batch_size):
                    if cancel is not None and cancel():
                        return False
                    batch = patients.batch(order[start : start + settings.batch_size].tolist(), far).to(device)
                    if batch.questions.answered:
                        losses.append(_step(network, held, batch, optimizer, settings))
            if (
                not _is_sound(network, patients, order[: settings.batch_size], settings)
                or not np.isfinite(losses).all()
            ):
                raise TrainingError(f"learning on diverged at epoch {epoch}: try a smaller learning rate")
            told(epoch, float(np.mean(losses or [0.0])))
    finally:
        network.eval()
    return True


@torch.no_grad()
def _is_sound(network: LiquidNetwork, patients: Cohort, some: NDArray[np.int64], settings: Tuning) -> bool:
    """A step that is too long shows in the loss after it."""
    if not all(bool((p.abs() < _LARGEST).all()) for p in learnable(network)):
        return False
    batch = patients.batch(some.tolist()).to(learnable(network)[0].device)
    return not batch.questions.answered or float(network.loss(batch, settings.squared)) < _WORST


def _step(
    network: LiquidNetwork, held: Anchor, batch: Batch, optimizer: torch.optim.Optimizer, settings: Tuning
) -> float:
    """The loss before the step; NaN, and no step, where its gradient is not finite."""
    loss = network.loss(batch, settings.squared) + settings.strength * held(network)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(learnable(network), _CLIP)
    if not torch.isfinite(norm):
        return float("nan")
    optimizer.step()
    return float(loss.detach())


def copied(networks: Sequence[LiquidNetwork]) -> list[LiquidNetwork]:
    return [copy.deepcopy(n) for n in networks]
