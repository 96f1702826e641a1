"""Encoded patients to tensors: an interleaved sequence a patient, and the questions asked about it.

A row is two steps of the liquid layer: the gap before it, crossed without observation under the treatments then in
force, and a short glance at what was observed. After 2 k steps the state knows the first k rows.

Features of a step: [values C | days since last seen C | treatments T | static S | time, gap]; the first 2 C are
closed (mask False) while crossing a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.encoding import CLIP, Encoder
from models.forecast import Array
from models.grounds import Asked, Plan
from models.hazard import NOT_ASKED, Grid
from models.history import History
from models.looking import log_time, wide

GLANCE = 0.5  # model time an observation is held before the neurons
TOGETHER = 256  # patients evaluated in one pass


def centred(z: Array) -> Array:
    """z-scores into the range the synapses' thresholds lie in, 0.3..0.8 at first."""
    return 0.5 + 0.25 * np.clip(z, -CLIP, CLIP)


@dataclass(frozen=True)
class Steps:
    """One patient's steps: x, mask (2 n, F); dt (2 n,) model time; static (S,)."""

    x: Tensor
    mask: Tensor
    dt: Tensor
    static: Tensor


def crossing(encoder: Encoder, exposure: Array, static: Array, at: Array, gap: Array) -> tuple[Array, Array]:
    """Input of k steps without observation: features (k, F) and mask (k, F)."""
    k, closed = len(at), 2 * len(encoder.columns)
    times = np.stack([log_time(at, encoder.time_scale), log_time(gap, encoder.time_scale)], -1)
    x = np.concatenate([np.zeros((k, closed)), exposure, np.tile(centred(static), (k, 1)), times], -1)
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
    glance[:, :variables] = centred(history.values)
    glance_mask[:, :variables] = history.mask
    glance[:, variables : 2 * variables] = log_time(now[:, None] - history.sofar.last_time[:-1], encoder.time_scale)
    glance_mask[:, variables : 2 * variables] = np.logical_and(history.mask, history.sofar.seen[:-1] > 0)
    x = np.stack([cross, glance], 1).reshape(2 * n, cross.shape[1])
    mask = np.stack([cross_mask, glance_mask], 1).reshape(2 * n, cross.shape[1])
    dt = np.stack([gap / encoder.time_scale, np.full(n, GLANCE)], 1).reshape(2 * n)
    return Steps(_float(x), torch.from_numpy(mask), _float(dt), _float(history.static))


def _float(array: Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))


@dataclass(frozen=True)
class Questions:
    """Forecast questions of several patients, flat: Q of them about K target columns.

    owner, prefix (Q,); drive, open (Q, F) and dt (Q,): the crossing from the prefix to the asked day; wide (Q, W) for
    the read-out; simple (Q, K, G): see ``grounds.Asked``
    target, known (Q, K): the truth, z-scored or 0 and 1, and where there is one
    spent (Q, J), place, cause (Q,), risk (Q, E): of a question about events, see ``models.hazard``
    """

    owner: Tensor
    prefix: Tensor
    drive: Tensor
    open: Tensor
    dt: Tensor
    wide: Tensor
    simple: Tensor
    target: Tensor
    known: Tensor
    spent: Tensor
    place: Tensor
    cause: Tensor
    risk: Tensor

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def answered(self) -> int:
        """How many answers can be learnt from: values known, and questions about events."""
        return int(self.known.sum()) + int((self.cause != NOT_ASKED).sum())

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


def input_count(encoder: Encoder) -> int:
    return 2 * len(encoder.columns) + len(encoder.treatments) + len(encoder.statics) + 2


def ask(encoder: Encoder, history: History, owner: int, asked: Asked, plan: Plan, grid: Grid) -> Questions:
    """Questions of one patient as tensors."""
    looks, at, row = asked.looks, list(plan.targets), asked.row
    drive, mask = crossing(encoder, looks.exposure, history.static, looks.at, looks.horizon)
    known = np.zeros((len(row), len(at)), dtype=bool)
    target = np.zeros((len(row), len(at)))
    if len(history):
        known = history.mask[row][:, at] & (row >= 0)[:, None]
        target = np.where(known, history.values[row][:, at], 0.0)
    chances = [i for i, t in enumerate(at) if encoder.columns[t].is_chance]
    own = np.array(at, dtype=np.int64)[chances]
    target[:, chances] = np.round(encoder.mean[own] + encoder.scale[own] * target[:, chances])
    return Questions(
        owner=torch.full((len(row),), owner, dtype=torch.long),
        prefix=torch.from_numpy(looks.prefix.astype(np.int64)),
        drive=_float(drive),
        open=torch.from_numpy(mask),
        dt=_float(looks.horizon / encoder.time_scale),
        wide=_float(wide(encoder, looks, plain=plan.plain)),
        simple=_float(asked.simple),
        target=_float(np.where(known, target, 0.0)),
        known=torch.from_numpy(known),
        spent=_float(grid.spent(asked.spell)),
        place=torch.from_numpy(grid.place(asked.spell)),
        cause=torch.from_numpy(asked.cause.astype(np.int64)),
        risk=_float(asked.risk),
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

    def groups(self) -> list[list[int]]:
        """All patients in groups of at most ``TOGETHER``, alike in length: little of a padded batch is padding."""
        order = sorted(range(len(self)), key=lambda owner: len(self.sequences[owner].dt))
        return [order[start : start + TOGETHER] for start in range(0, len(order), TOGETHER)]

    def part(self, owners: Sequence[int]) -> Cohort:
        """These patients alone, in this order."""
        return Cohort(tuple(self.sequences[o] for o in owners), self.next.owned_by(owners), self.far.owned_by(owners))


def cohort(
    encoder: Encoder,
    histories: Sequence[History],
    answers: Sequence[tuple[Asked, int]],
    plan: Plan,
    grid: Grid,
) -> Cohort:
    """answers: by patient, with the number of near ones, which come first; questions about events count as near."""
    near, distant = [], []
    for owner, (history, (asked, count)) in enumerate(zip(histories, answers, strict=True)):
        questions = ask(encoder, history, owner, asked, plan, grid)
        is_far = (torch.arange(len(questions)) >= count) & (questions.cause == NOT_ASKED)
        near.append(questions.pick(torch.nonzero(~is_far)[:, 0]))
        distant.append(questions.pick(torch.nonzero(is_far)[:, 0]))
    return Cohort(tuple(sequence(encoder, h) for h in histories), join(near), join(distant))
