"""The training loop: patients in padded batches, early stopping by patient, a checkpoint every epoch.

Every epoch draws its order, its far questions and its dropout from a stream seeded by (seed, member, epoch), so a
checkpoint needs no state of a random generator: an interrupted training resumed from one ends where an uninterrupted
one does. Under torchrun the same loop runs in every process, each with its share of every batch: see
``models.distributed``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from models import artifact, kernels
from models.batching import Cohort
from models.distributed import ALONE, Group
from models.errors import TrainingError
from models.network import LiquidNetwork
from models.sequence import SequenceLayer

FEW_AND_MANY = (1, 4096)  # sequences in a batch: a backend may have one kernel for each


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """Told after every epoch. epoch counts from 1; losses are per observed value, smaller is better.

    gradient_norm, largest_gradient_norm: Euclidean, over all parameters, before clipping; mean and largest of the
    epoch's batches, 0 where none was learnt from
    """

    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    best: float
    best_epoch: int
    member: int
    members: int
    seconds: float
    gradient_norm: float = 0.0
    largest_gradient_norm: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Settings:
    """epochs: at most; patience: epochs without improvement; squared: weight of the squared error in the loss

    far: share of the far questions drawn each epoch; mixed: see ``LiquidForecaster.precision``
    """

    epochs: int
    patience: int
    learning_rate: float
    weight_decay: float
    batch_size: int
    squared: float
    far: float
    clip: float
    seed: int
    mixed: bool = False


@dataclass
class Run:
    """Where the training of one member stands."""

    epoch: int = 0
    best: float = float("inf")
    best_epoch: int = 0
    best_state: dict[str, Tensor] = field(default_factory=dict)


class Checkpoint:
    """The standing of a training in one file, replaced atomically: tensors, and JSON in the file's header.

    finished: best weights of members already trained; fingerprint: of data and settings, so that only the same
    training is ever resumed
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path = path
        self.fingerprint = fingerprint

    def save(
        self, member: int, run: Run, network: LiquidNetwork, optimizer: torch.optim.Optimizer, finished: list[dict]
    ) -> None:
        tensors = {f"now.{k}": v for k, v in network.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in run.best_state.items()}
        for number, state in enumerate(finished):
            tensors |= {f"member{number}.{k}": v for k, v in state.items()}
        for number, slots in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{k}": torch.as_tensor(v) for k, v in slots.items()}
        standing = {
            "fingerprint": self.fingerprint,
            "member": member,
            "finished": len(finished),
            "epoch": run.epoch,
            "best": run.best,
            "best_epoch": run.best_epoch,
        }
        artifact.write_tensors(self.path, tensors, standing)

    def load(self) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
        """Standing and tensors, None where there is no file. Raises ArtifactError, TrainingError."""
        if not self.path.exists():
            return None
        tensors, standing = artifact.read_tensors(self.path)
        if standing.get("fingerprint") != self.fingerprint:
            raise TrainingError(
                f"checkpoint {self.path.name} belongs to other data or settings: train anew with resume=False"
            )
        return standing, tensors


def under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose name starts with ``prefix``, without it."""
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}


def optimizer_for(network: LiquidNetwork, settings: Settings) -> torch.optim.AdamW:
    """Weight decay pulls the read-out towards "no correction"; neurons keep their ranges and are not decayed."""
    decayed = [network.inner.weight, network.outer.weight]
    if network.initial is not None:
        decayed.append(network.initial.weight)
    ids = {id(p) for p in decayed}
    rest = [p for p in network.parameters() if id(p) not in ids]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": rest, "weight_decay": 0.0}],
        lr=settings.learning_rate,
    )


def evaluate(
    network: LiquidNetwork, patients: Cohort, squared: float, device: torch.device, group: Group = ALONE
) -> float:
    """Loss of the near questions over all patients; NaN where there is no target. The same in every process."""
    network.eval()
    sums = np.zeros(4)
    with torch.no_grad():
        for owners in group.share(patients.groups()):
            batch = patients.batch(owners).to(device)
            found = network.likelihood(batch)
            sums += [float(found.values + squared * found.squares), found.known, float(found.waits), found.asked]
    values, known, waits, asked = (group.total(float(s)) for s in sums)
    if not known and not asked:
        return float("nan")
    return values / max(known, 1) + waits / max(asked, 1)


def train_member(
    network: LiquidNetwork,
    train: Cohort,
    validation: Cohort,
    settings: Settings,
    *,
    member: int = 0,
    members: int = 1,
    device: torch.device,
    progress: Callable[[TrainingProgress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    checkpoint: Checkpoint | None = None,
    resumed: tuple[dict[str, Any], dict[str, Tensor]] | None = None,
    finished: list[dict[str, Tensor]],
    group: Group = ALONE,
) -> bool:
    """Train in place; the network ends with the weights that were best on the validation patients.

    group: the processes that train it together. All of them call this with the same arguments, are cancelled where
    one is, and end with equal networks; the first alone reports progress and writes checkpoints.
    Returns False where ``cancel`` stopped it. Raises TrainingError where the loss is not finite.
    """
    optimizer = optimizer_for(network, settings)
    run = Run(best_state=weights(network))
    if resumed is not None:
        _restore(run, network, optimizer, *resumed)
    _prepare_kernels(network)
    model = group.parallel(network)
    began = time.monotonic()
    cancelled = False
    if resumed is None:  # an untrained network is a candidate: it forecasts as the best mixture of simple ones does
        run.best = evaluate(network, validation, settings.squared, device, group)
        run.best = run.best if np.isfinite(run.best) else float("inf")
    while run.epoch < settings.epochs and run.epoch - run.best_epoch < settings.patience:
        epoch = run.epoch + 1
        network.mixed = settings.mixed
        try:
            learnt = _epoch(model, network, train, optimizer, settings, member, epoch, device, cancel, group)
        finally:
            network.mixed = False  # whoever learns on later says so anew
        if learnt is None:
            cancelled = True
            break
        score = evaluate(network, validation, settings.squared, device, group)
        if np.isnan(score):
            score = learnt.loss  # no validation target at all: stop by the training loss
        if not np.isfinite([learnt.loss, score]).all():
            raise _diverged(epoch)
        run.epoch = epoch
        if score < run.best:
            run.best, run.best_epoch, run.best_state = score, epoch, weights(network)
        with group.together():
            if checkpoint is not None and group.is_main:
                checkpoint.save(member, run, network, optimizer, finished)
            if progress is not None and group.is_main:
                progress(
                    TrainingProgress(
                        epoch=epoch,
                        epochs=settings.epochs,
                        train_loss=learnt.loss,
                        validation_loss=score,
                        best=run.best,
                        best_epoch=run.best_epoch,
                        member=member,
                        members=members,
                        seconds=time.monotonic() - began,
                        gradient_norm=learnt.gradient_norm,
                        largest_gradient_norm=learnt.largest_gradient_norm,
                    )
                )
    network.load_state_dict(run.best_state)
    network.eval()
    return not cancelled


def _prepare_kernels(network: LiquidNetwork) -> None:
    """Wait for the kernels now: one that took over between two batches would change the last bits of a resumed run."""
    for layer in network.modules():
        if isinstance(layer, SequenceLayer):
            nothing = next(layer.parameters()).new_zeros(())
            for rows in FEW_AND_MANY:
                kernels.prepare(layer.cell, layer.backend, nothing.expand(rows, 1, layer.input_size))


class _Learnt(NamedTuple):
    loss: float
    gradient_norm: float
    largest_gradient_norm: float


def _diverged(epoch: int) -> TrainingError:
    return TrainingError(f"learning diverged at epoch {epoch}: try a smaller learning rate")


def _epoch(
    model: nn.Module,
    network: LiquidNetwork,
    train: Cohort,
    optimizer: torch.optim.Optimizer,
    settings: Settings,
    member: int,
    epoch: int,
    device: torch.device,
    cancel: Callable[[], bool] | None,
    group: Group,
) -> _Learnt | None:
    """Mean loss of the epoch and its gradients, None where cancelled. model: ``distributed.Loss`` of the network."""
    rng = np.random.default_rng([settings.seed, member, epoch])
    order = rng.permutation(len(train))
    share = settings.far if train.next.answered else 1.0  # single visits: only the empty history is asked
    far = torch.from_numpy(np.flatnonzero(rng.random(len(train.far)) < share))
    network.train()
    total, count = 0.0, 0.0
    norms: list[float] = []
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(int(rng.integers(2**62)) + group.rank)
        for start in range(0, len(order), settings.batch_size):
            if group.any(cancel is not None and cancel()):
                return None
            owners = group.share(order[start : start + settings.batch_size].tolist())
            batch = train.batch(owners, far).to(device) if owners else None
            known = 0 if batch is None else batch.questions.answered
            asked = group.total(known)
            if not asked:
                continue
            loss = model(batch if known else None, settings.squared)
            lost = group.total(float(loss.detach()) * known)
            if not np.isfinite(lost):
                raise _diverged(epoch)
            optimizer.zero_grad(set_to_none=True)
            # the processes' gradients are averaged: so weighted, that is the gradient of the mean over the whole batch
            (loss * (known * group.size / asked)).backward()
            norm = float(torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip))
            if not np.isfinite(norm):
                raise _diverged(epoch)
            optimizer.step()
            norms.append(norm)
            total += lost
            count += asked
    return _Learnt(total / max(count, 1.0), float(np.mean(norms or [0.0])), max(norms, default=0.0))


def weights(network: LiquidNetwork) -> dict[str, Tensor]:
    """A copy of its tensors, on the CPU."""
    return {k: v.detach().cpu().clone() for k, v in network.state_dict().items()}


def _restore(
    run: Run,
    network: LiquidNetwork,
    optimizer: torch.optim.Optimizer,
    standing: dict[str, Any],
    tensors: dict[str, Tensor],
) -> None:
    network.load_state_dict(under(tensors, "now."))
    run.best_state = under(tensors, "best.")
    run.epoch, run.best, run.best_epoch = standing["epoch"], standing["best"], standing["best_epoch"]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in under(tensors, "optimizer.").items():
        number, slot = name.split(".", 1)
        state.setdefault(int(number), {})[slot] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
