"""Encoded patients to tensors: an interleaved sequence a patient, and the questions asked about it.

A row is two steps of the liquid layer: the gap before it, crossed without observation under the treatments then in
force, and a short glance at what was observed. After 2 k steps the state knows the first k rows.

Features of a step: [values V | days since last seen V | treatments T | static S | time, gap]; the first 2 V are
closed (mask False) while crossing a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.encoding import CLIP, Encoder, History, Looks, look
from models.forecast import Array

GLANCE = 0.5  # model time an observation is held before the neurons
_LOG_TIME = 0.25  # brings log1p(days / time_scale) to about 0..1


def _centred(z: Array) -> Array:
    """z-scores into the range the synapses' thresholds lie in, 0.3..0.8 at first."""
    return 0.5 + 0.25 * np.clip(z, -CLIP, CLIP)


def _log_time(days: Array, time_scale: float) -> Array:
    return _LOG_TIME * np.log1p(np.maximum(days, 0.0) / time_scale)


@dataclass(frozen=True)
class Steps:
    """One patient's steps: x, mask (2 n, F); dt (2 n,) model time; static (S,)."""

    x: Tensor
    mask: Tensor
    dt: Tensor
    static: Tensor


def crossing(encoder: Encoder, exposure: Array, static: Array, at: Array, gap: Array) -> tuple[Array, Array]:
    """Input of k steps without observation: features (k, F) and mask (k, F)."""
    k, closed = len(at), 2 * len(encoder.variables)
    times = np.stack([_log_time(at, encoder.time_scale), _log_time(gap, encoder.time_scale)], -1)
    x = np.concatenate([np.zeros((k, closed)), exposure, np.tile(_centred(static), (k, 1)), times], -1)
    mask = np.ones(x.shape, dtype=bool)
    mask[:, :closed] = False
    return x, mask


def sequence(encoder: Encoder, history: History) -> Steps:
    """The interleaved steps of all rows of one patient."""
    n, variables = history.values.shape
    start, now = history.anchor[:-1], history.times
    gap = np.maximum(now - start, 0.0)
    past = history.course.treatments
    in_force = encoder.exposure(past, now, now)
    if n and history.future is not past:  # another plan replaces what the last visit prescribed
        in_force[-1:] = encoder.exposure(history.future, now[-1:], now[-1:])
    cross, cross_mask = crossing(encoder, encoder.exposure(past, start, now), history.static, now, gap)
    glance, glance_mask = crossing(encoder, in_force, history.static, now, gap)
    glance[:, :variables] = _centred(history.values)
    glance_mask[:, :variables] = history.mask
    glance[:, variables : 2 * variables] = _log_time(now[:, None] - history.last_time[:-1], encoder.time_scale)
    glance_mask[:, variables : 2 * variables] = np.logical_and(history.mask, history.seen[:-1] > 0)
    x = np.stack([cross, glance], 1).reshape(2 * n, cross.shape[1])
    mask = np.stack([cross_mask, glance_mask], 1).reshape(2 * n, cross.shape[1])
    dt = np.stack([gap / encoder.time_scale, np.full(n, GLANCE)], 1).reshape(2 * n)
    return Steps(_float(x), torch.from_numpy(mask), _float(dt), _float(history.static))


def _float(array: Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))


@dataclass(frozen=True)
class Questions:
    """Forecast questions of several patients, flat: Q of them.

    owner, prefix (Q,); drive, open (Q, F) and dt (Q,): the crossing from the prefix to the asked day; features (Q, K)
    for the read-out; last, mean, mixed (Q, V) z-scored
    target, known (Q, V): the truth and where there is one
    """

    owner: Tensor
    prefix: Tensor
    drive: Tensor
    open: Tensor
    dt: Tensor
    features: Tensor
    last: Tensor
    mean: Tensor
    mixed: Tensor
    target: Tensor
    known: Tensor

    def __len__(self) -> int:
        return len(self.owner)

    def pick(self, index: Tensor) -> Questions:
        return Questions(*(getattr(self, f.name)[index] for f in fields(self)))

    def to(self, device: torch.device) -> Questions:
        return Questions(*(getattr(self, f.name).to(device) for f in fields(self)))

    def owned_by(self, owners: Sequence[int]) -> Questions:
        """Those of these patients, with owner renumbered to the position in ``owners``."""
        wanted = torch.tensor(owners, dtype=torch.long)
        place = torch.full((max(int(o.max()) if len(o) else 0 for o in (wanted, self.owner)) + 1,), -1)
        place[wanted] = torch.arange(len(wanted))
        chosen = self.pick(torch.nonzero(place[self.owner] >= 0)[:, 0])
        return replace(chosen, owner=place[chosen.owner])


def features(encoder: Encoder, history: History, looks: Looks) -> Array:
    """What the read-out sees beside the state: (k, 7 V + T + S + 3)."""
    scalars = np.stack(
        [
            _log_time(looks.horizon, encoder.time_scale),
            _log_time(looks.at, encoder.time_scale),
            _LOG_TIME * np.log1p(looks.prefix),
        ],
        -1,
    )
    columns = [
        np.clip(looks.last, -CLIP, CLIP),
        np.clip(looks.mean - looks.last, -CLIP, CLIP),
        np.clip(looks.mixed - looks.last, -CLIP, CLIP),
        np.clip(looks.mixed, -CLIP, CLIP),
        np.log(looks.spread),
        _log_time(looks.since, encoder.time_scale),
        (looks.seen > 0).astype(np.float64),
        looks.exposure,
        np.tile(history.static, (len(looks.at), 1)),
        scalars,
    ]
    return np.concatenate(columns, -1)


def feature_count(encoder: Encoder) -> int:
    return 7 * len(encoder.variables) + len(encoder.treatments) + len(encoder.statics) + 3


def input_count(encoder: Encoder) -> int:
    return 2 * len(encoder.variables) + len(encoder.treatments) + len(encoder.statics) + 2


def ask(
    encoder: Encoder, history: History, owner: int, prefix: np.ndarray, at: Array, row: np.ndarray | None = None
) -> Questions:
    """Questions of one patient. row (k,): the row that holds each answer; None: the answer is not known."""
    looks = look(encoder, history, prefix, at)
    drive, mask = crossing(encoder, looks.exposure, history.static, at, looks.horizon)
    target = np.zeros_like(looks.last) if row is None else history.values[row]
    known = np.zeros(looks.last.shape, dtype=bool) if row is None else history.mask[row]
    return Questions(
        owner=torch.full((len(at),), owner, dtype=torch.long),
        prefix=torch.from_numpy(prefix.astype(np.int64)),
        drive=_float(drive),
        open=torch.from_numpy(mask),
        dt=_float(looks.horizon / encoder.time_scale),
        features=_float(features(encoder, history, looks)),
        last=_float(looks.last),
        mean=_float(looks.mean),
        mixed=_float(looks.mixed),
        target=_float(target),
        known=torch.from_numpy(known),
    )


def join(questions: Sequence[Questions]) -> Questions:
    return Questions(*(torch.cat([getattr(q, f.name) for q in questions]) for f in fields(Questions)))


@dataclass(frozen=True)
class Batch:
    """x, mask (B, L, F); dt (B, L); lengths (B,); static (B, S); questions with owner in 0..B-1."""

    x: Tensor
    mask: Tensor
    dt: Tensor
    lengths: Tensor
    static: Tensor
    questions: Questions

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, f.name).to(device) for f in fields(self)))


def pad(sequences: Sequence[Steps], questions: Questions) -> Batch:
    """A padded batch; sequences may be ragged and empty."""
    return Batch(
        x=pad_sequence([s.x for s in sequences], batch_first=True),
        mask=pad_sequence([s.mask for s in sequences], batch_first=True),
        dt=pad_sequence([s.dt for s in sequences], batch_first=True),
        lengths=torch.tensor([len(s.dt) for s in sequences]),
        static=torch.stack([s.static for s in sequences]),
        questions=questions,
    )


@dataclass(frozen=True)
class Cohort:
    """Patients ready to learn from or to be scored on. far: extra questions over longer horizons, owner-aligned."""

    sequences: tuple[Steps, ...]
    next: Questions
    far: Questions

    def __len__(self) -> int:
        return len(self.sequences)

    def batch(self, owners: Sequence[int], far: Tensor | None = None) -> Batch:
        """far: which of the far questions take part (indices); None: none of them."""
        chosen = [self.next.owned_by(owners)]
        if far is not None and len(far):
            chosen.append(self.far.pick(far).owned_by(owners))
        return pad([self.sequences[o] for o in owners], join(chosen))


def cohort(encoder: Encoder, histories: Sequence[History], rng: np.random.Generator, far: int = 3) -> Cohort:
    """Every next-row question (k >= 1), and ``far`` random older prefixes of every row, the empty one included."""
    near, distant = [], []
    for owner, history in enumerate(histories):
        rows = np.arange(1, len(history))
        near.append(ask(encoder, history, owner, rows, history.times[rows], rows))
        target = np.repeat(np.arange(len(history)), far)
        prefix = np.floor(rng.random(len(target)) * np.maximum(target, 1)).astype(np.int64)
        distant.append(ask(encoder, history, owner, prefix, history.times[target], target))
    return Cohort(tuple(sequence(encoder, h) for h in histories), join(near), join(distant))
