"""History, static facts and a treatment plan to a distribution at any future day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from torch import Tensor

from models import answering, artifact, distributed, fitting, packing, training
from models.backbone import CELLS
from models.card import describe
from models.checks import check_courses, check_days
from models.course import Course, Treatment
from models.encoding import GAP_IN_MODEL_TIME
from models.errors import ModelError, NotFittedError
from models.forecast import Array, Forecast, Trajectory
from models.history import History, encode
from models.network import LiquidNetwork
from models.settings import Configurable
from models.training import Checkpoint, TrainingProgress
from models.worth import worth

_TOLD = ("model", "last_value", "mixed_model", "best_simple", "beats_last_value", "beats_simple", "better_by")
_TOGETHER = 256  # courses asked about in one pass of the networks


class LiquidForecaster(Configurable):
    """A liquid network correcting simple forecasts, on scikit-learn's conventions.

    cell: one of ``models.backbone.CELLS``; units: neurons; sparsity: of the AutoNCP wiring; solver, unfolds: see
    ``models.cells.ltc``; mixed_memory: an LSTM's memory in front of a liquid cell
    time_scale: days of one unit of model time, None: twice the median gap between visits
    targets: variables forecast, None: all of them; the others are only seen
    origins: days at which histories are cut to learn from, for questions asked at fixed days; None: every visit
    trees: whether trees are among the simple forecasts; plain: no simple forecast but the last value, and
    nothing read beside the state (what a recurrent network does alone)
    epochs: at most; patience: epochs without improvement before a member stops; an untrained network is a candidate
    learning_rate, weight_decay, batch_size: of AdamW; hidden, dropout: of the read-out; unseen: share of what it sees
    beside the state that is left out in learning
    likelihood: "logistic", "student" or "gaussian", of the ``components`` a continuous forecast is mixed of; squared:
    weight of the squared error beside it; far: share of the questions over longer horizons learnt from in an epoch
    class_weights: "balanced", or by variable the weights of its classes in order: how much each counts in learning; the
    chances stay calibrated, see ``Heads.weigh``
    members: networks averaged; member m stops by fold m of the patients, of which there are 1 / validation_share, and
    every patient is forecast by those that never saw him, so that intervals cover what they should (see
    ``models.calibration``) and corrections are trusted as far as they help (see ``models.worth``). Of fewer than 100
    patients 10 members, each stopped by a tenth, forecast a little better.
    holdout_share: patients left out of everything, by ``seed``, for the score
    precision: "float32"; "mixed": the read-out learns in bfloat16, the state, whose exponentials need it, in float32;
    "auto": mixed on a GPU. A forecast is always in float32
    device: "auto" takes a GPU where there is one. Same seed, data and threads on a CPU: same result.
    Under torchrun the processes train one forecaster together and all end with it: see ``models.distributed``.

    Raises ModelError for impossible settings when ``fit`` is called.
    """

    _spent: Path | None = None  # checkpoint of a training that came to its end

    def __init__(
        self,
        *,
        cell: str = "ltc",
        units: int = 24,
        sparsity: float = 0.5,
        time_scale: float | None = None,
        epochs: int = 150,
        patience: int = 12,
        learning_rate: float = 1e-2,
        weight_decay: float = 2.0,
        batch_size: int = 64,
        hidden: int = 32,
        dropout: float = 0.3,
        solver: str = "exponential",
        unfolds: int = 4,
        likelihood: str = "logistic",
        components: int = 2,
        unseen: float = 0.0,
        class_weights: Literal["balanced"] | Mapping[str, Sequence[float]] | None = None,
        squared: float = 1.0,
        far: float = 0.1,
        max_treatments: int = 40,
        validation_share: float = 0.2,
        holdout_share: float = 0.15,
        mixed_memory: bool = False,
        targets: Sequence[str] | None = None,
        origins: Sequence[float] | None = None,
        trees: bool = True,
        plain: bool = False,
        members: int = 5,
        seed: int = 0,
        precision: Literal["auto", "float32", "mixed"] = "auto",
        device: str = "auto",
    ) -> None:
        self.cell = cell
        self.units = units
        self.sparsity = sparsity
        self.time_scale = time_scale
        self.epochs = epochs
        self.patience = patience
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.hidden = hidden
        self.dropout = dropout
        self.solver = solver
        self.unfolds = unfolds
        self.likelihood = likelihood
        self.components = components
        self.unseen = unseen
        self.class_weights = class_weights
        self.squared = squared
        self.far = far
        self.max_treatments = max_treatments
        self.validation_share = validation_share
        self.holdout_share = holdout_share
        self.mixed_memory = mixed_memory
        self.targets = targets
        self.origins = origins
        self.trees = trees
        self.plain = plain
        self.members = members
        self.seed = seed
        self.precision: Literal["auto", "float32", "mixed"] = precision
        self.device = device

    def fit(
        self,
        courses: Sequence[Course],
        validation: Sequence[Course] | None = None,
        progress: Callable[[TrainingProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        checkpoint: Path | None = None,
        resume: bool = False,
    ) -> Self:
        """Learn from courses of the same variables; courses without a visit are passed over.

        validation: patients for early stopping instead of a seeded share; progress: told after every epoch; cancel:
        asked before every batch, True stops and keeps the best so far; checkpoint: file written after every epoch,
        from which ``resume`` goes on as if never interrupted; ``save`` removes it once a whole training is on disk
        Under torchrun every process calls it with the same arguments and reads the same checkpoint; the first alone
        writes that and tells ``progress``, and True from one ``cancel`` stops them all.
        Raises ModelError for settings or data that cannot work, TrainingError where learning diverges.
        """
        self._check_settings()
        kept = check_courses(courses)
        parts = fitting.split(kept, validation, self.seed, (self.validation_share, self.holdout_share))
        keeper, standing = self._keeper(checkpoint, resume, parts)
        ready = fitting.prepare(parts, self.get_params())
        device = distributed.device(self.device)
        with distributed.joined(device) as group:
            if group.connected:
                group.check_same(self._told(parts, standing))
            networks, whole = self._train(parts, ready, progress, cancel, keeper, standing, group)
        found = worth(parts, ready, networks, device)
        self.fitted_ = packing.Fitted(
            ready.encoder, ready.plan, ready.ground, ready.grid, found.factors, found.trust, networks
        )
        self.card_ = describe(self.get_params(), parts, self.fitted_, found, cancelled=not whole)
        self._spent = keeper.path if keeper is not None and whole else None
        return self

    def _check_settings(self) -> None:
        if self.cell not in CELLS:
            raise ModelError(f"unknown cell {self.cell!r}; there are {', '.join(CELLS)}")
        for name in ("epochs", "patience", "batch_size", "hidden", "unfolds", "members"):
            if int(getattr(self, name)) < 1:
                raise ModelError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.precision not in ("auto", "float32", "mixed"):
            raise ModelError(f"precision must be auto, float32 or mixed, got {self.precision!r}")
        if not self.learning_rate > 0 or self.weight_decay < 0 or not 0 <= self.dropout < 1:
            raise ModelError("learning_rate must be above 0, weight_decay at least 0, dropout in [0, 1)")
        if self.time_scale is not None and not (np.isfinite(self.time_scale) and self.time_scale > 0):
            raise ModelError(f"time_scale must be a positive number of days, got {self.time_scale}")
        if min(self.validation_share, self.holdout_share) < 0 or self.validation_share + self.holdout_share > 0.8:
            raise ModelError("validation_share and holdout_share must be at least 0 and at most .8 together")

    def _keeper(
        self, checkpoint: Path | None, resume: bool, parts: fitting.Split
    ) -> tuple[Checkpoint | None, tuple[dict[str, Any], dict[str, Tensor]] | None]:
        if checkpoint is None:
            return None, None
        keeper = Checkpoint(Path(checkpoint), self._fingerprint(parts))
        return keeper, keeper.load() if resume else None

    def _fingerprint(self, parts: fitting.Split) -> str:
        settings = {k: v for k, v in self.get_params().items() if k not in ("epochs", "device")}
        return fitting.fingerprint(settings, parts)

    def _told(self, parts: fitting.Split, standing: tuple[dict[str, Any], dict[str, Tensor]] | None) -> str:
        """Of data, settings and where training stands: what several processes must agree on."""
        return repr((self._fingerprint(parts), self.epochs, None if standing is None else sorted(standing[0].items())))

    def _train(
        self,
        parts: fitting.Split,
        ready: fitting.Prepared,
        progress: Callable[[TrainingProgress], None] | None,
        cancel: Callable[[], bool] | None,
        keeper: Checkpoint | None,
        standing: tuple[dict[str, Any], dict[str, Tensor]] | None,
        group: distributed.Group,
    ) -> tuple[list[LiquidNetwork], bool]:
        """The members' networks, and whether training came to its own end."""
        settings = training.Settings(
            epochs=self.epochs,
            patience=self.patience,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            batch_size=self.batch_size,
            squared=self.squared,
            far=self.far,
            clip=1.0,
            seed=self.seed,
            mixed=self.precision == "mixed" or (self.precision == "auto" and group.device.type == "cuda"),
        )
        weights = fitting.class_weights(ready.encoder, ready.plan, parts.courses, self.class_weights)
        networks: list[LiquidNetwork] = []
        finished: list[dict[str, Tensor]] = []
        resumed_at = standing[0]["member"] if standing else -1
        for member in range(self.members):
            network = fitting.build(ready.encoder, ready.plan, ready.grid, self.get_params(), member)
            learn, stop = ready.parts(parts, member)
            network.heads.weigh(weights)
            network.warm_start(learn.next, ready.log_rate)
            network.to(group.device)
            if standing is not None and member < resumed_at:
                network.load_state_dict(training.under(standing[1], f"member{member}."))
                network.eval()
                whole = True
            else:
                whole = training.train_member(
                    network,
                    learn,
                    stop,
                    settings,
                    member=member,
                    members=self.members,
                    device=group.device,
                    progress=progress,
                    cancel=cancel,
                    checkpoint=keeper,
                    resumed=standing if member == resumed_at else None,
                    finished=finished,
                    group=group,
                )
            networks.append(network)
            finished.append(training.weights(network))
            if not whole:
                return networks, False
        return networks, True

    @property
    def card(self) -> dict[str, Any]:
        """What the model is, learnt from and is worth; JSON-able. Raises NotFittedError."""
        self._check_fitted()
        return self.card_

    def _check_fitted(self) -> None:
        if not hasattr(self, "fitted_"):
            raise NotFittedError("the forecaster is not fitted: call fit or load first")

    def predict(self, course: Course, at: Sequence[float] | Array, plan: Sequence[Treatment] | None = None) -> Forecast:
        """The distribution of every variable on the days ``at`` (H,), none before the course's last row.

        course: the whole of it is history; without a row the forecast rests on the static covariates alone
        plan: treatments after the last row instead of the recorded ones; a name never trained on has no influence and
        is told in ``basis["unknown_treatments"]``
        Raises ModelError for a day in the past or not finite or a missing variable, NotFittedError.
        """
        return self.predict_many([course], [at], [plan])[0]

    def predict_many(
        self,
        courses: Sequence[Course],
        at: Sequence[Sequence[float] | Array],
        plans: Sequence[Sequence[Treatment] | None] | None = None,
    ) -> list[Forecast]:
        """``predict`` for each course, its days and its plan; many at a time are quicker. Raises what ``predict`` does.

        The same course may come several times, with another plan each: what a changed prescription would do.
        """
        self._check_fitted()
        planned = [None] * len(courses) if plans is None else plans
        queries = [self._query(*one) for one in zip(courses, at, planned, strict=True)]
        starts = range(0, len(queries), _TOGETHER)
        return [f for s in starts for f in answering.forecasts(self.fitted_, queries[s : s + _TOGETHER])]

    def _query(self, course: Course, at: Sequence[float] | Array, plan: Sequence[Treatment] | None) -> answering.Query:
        history = self._history(course, plan)
        days = check_days(course.patient, at, float(history.anchor[-1]))
        return answering.Query(history, days, self._basis(history))

    def retrace(self, course: Course) -> Forecast:
        """What would have been forecast for each visit but the first, from the visits before it: ``at`` is their days.

        The recorded treatments count as planned. Raises ModelError, NotFittedError.
        """
        self._check_fitted()
        history = self._history(course, None)
        rows = np.arange(1, max(len(history), 1))
        return answering.forecast(self.fitted_, answering.Query(history, history.times[1:], self._basis(history), rows))

    def _basis(self, history: History) -> dict[str, Any]:
        card, used = self.card_, history.future
        return {
            "history": len(history),
            "last_day": float(history.anchor[-1]),
            "static_only": not history.mask.any(),
            "patients": card["training"]["patients"],
            "visits": card["training"]["visits"],
            "unknown_treatments": sorted({t.name for t in used} - set(self.fitted_.encoder.treatments)),
            "score": {k: card["score"].get(k) for k in _TOLD},
            "coverage90": card["coverage90"],
        }

    def _history(self, course: Course, plan: Sequence[Treatment] | None) -> History:
        return encode(self.fitted_.encoder, self.fitted_.ground.base, course, plan)

    @torch.no_grad()
    def trajectory(
        self,
        course: Course,
        until: float | None = None,
        points: int = 200,
        plan: Sequence[Treatment] | None = None,
    ) -> Trajectory:
        """The liquid state and its time constants from the first row to day ``until`` (None: the last row).

        points: of an even grid; the rows' own days are added, where the state is the one just after the observation.
        A forecaster of several members shows the first one's neurons. Raises ModelError, NotFittedError.
        """
        self._check_fitted()
        encoder, network = self.fitted_.encoder, self.fitted_.networks[0]
        history = self._history(course, plan)
        first, last = float(history.anchor[min(1, len(history))]), float(history.anchor[-1])
        end = last if until is None else float(until)
        if until is None and last == first:
            end = first + encoder.time_scale * GAP_IN_MODEL_TIME
        if not np.isfinite(end) or end < first or points < 2:
            raise ModelError(f"trajectory {course.patient}: {points} points to day {end:g}; it begins on day {first:g}")
        days = np.unique(np.concatenate([np.linspace(first, end, points), history.times[history.times <= end]]))
        prefix = np.searchsorted(history.times, days, side="right")
        batch = answering.batch(self.fitted_, history, prefix, days)
        state, tau = network.cross(network.states(batch), batch.questions)
        return Trajectory(
            times=days,
            state=state.cpu().double().numpy(),
            tau=tau.cpu().double().numpy() * encoder.time_scale,
            neurons=answering.neurons(network),
            observed_until=last,
            patient=course.patient,
        )

    def save(self, folder: Path, name: str) -> Path:
        """Write the model; returns the path of its card. Raises NotFittedError, ArtifactError, OSError.

        The checkpoint of a whole training is removed only now: killed before, the training can still be resumed.
        Of several processes under torchrun the first alone writes; the others return the path at once.
        """
        card = {**self.card, "name": name}
        if not distributed.is_main():
            self.card_ = card
            return Path(folder) / f"{artifact.check_name(name)}.json"
        path = artifact.save(Path(folder), name, *packing.pack(card, self.fitted_))
        self.card_ = card
        if self._spent is not None:
            self._spent.unlink(missing_ok=True)
            self._spent = None
        return path

    @classmethod
    def load(cls, folder: Path, name: str, device: str = "cpu") -> Self:
        """Raises ArtifactError where the model is missing, damaged, foreign or of another version."""
        card, tensors = artifact.load(Path(folder), name)
        settings = packing.check_settings(card.get("settings"), cls.parameters())
        fitted = packing.unpack(card, tensors)
        self = cls(**settings)
        self.fitted_ = fitted
        for network in fitted.networks:
            network.to(distributed.device(device))
        stored = ("encoder", "members", "format", "version", "weights", "sha256")
        self.card_ = {k: v for k, v in card.items() if k not in stored}
        return self
