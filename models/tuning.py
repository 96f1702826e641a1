"""Settings of a forecaster found by trying: a study of trials that several processes and machines may share.

A trial fits the forecaster and is worth the mean, over its members, of the lowest loss on the fold each member has not
learnt from: the negative log-likelihood of every value plus the weighted squared error, which early stopping minimises
too. A likelihood is a proper score: it pays for a well placed centre and for an honest width, where a root mean squared
error (told beside it) would choose blind to the intervals. Every member's best epoch was chosen on its own fold, so
the value is a little too good, alike for all trials; what the chosen settings are worth is told by patients held out.
Those, ``holdout_share`` of the base forecaster by its seed, never enter a study.

Every trial draws its settings from a stream of its own, by seed and number: which process takes it changes nothing.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.trial import FrozenTrial, TrialState

from models import fitting, spaces, studies
from models.checks import check_courses, whole
from models.course import Course
from models.errors import ModelError, TrainingError
from models.forecaster import LiquidForecaster
from models.spaces import SPACE, Space
from models.training import TrainingProgress

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True, slots=True)
class Pruning:
    """A trial is broken off where its loss is above that which ``share`` of the finished ones had at the same epoch.

    share: .5 is the median, 0 breaks off whatever is not the best so far; trials: that must be finished first; epochs:
    of the first member, before which none is broken off
    """

    share: float = 0.5
    trials: int = 5
    epochs: int = 5


@dataclass(frozen=True, slots=True)
class TuningProgress:
    """Told after every epoch. trial: its number; finished, best: of the study when the trial began."""

    trial: int
    finished: int
    trials: int
    best: float | None
    settings: dict[str, Any]
    training: TrainingProgress


@dataclass(frozen=True, slots=True)
class Tried:
    """One trial. value: mean loss on the folds, of a pruned one at its end, None where there is none; rmse: pooled and
    z-scored, on the same folds; why: what went wrong, "" where nothing did."""

    number: int
    pruned: bool
    value: float | None
    settings: dict[str, Any]
    rmse: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a study has found so far.

    settings: all of a forecaster, the best found among them; value: their loss, None where no trial came to its end
    (settings are then the base's); trials: those finished, by number; running: trials others are still at
    """

    study: str
    settings: dict[str, Any]
    value: float | None
    trials: tuple[Tried, ...]
    running: int = 0

    def forecaster(self) -> LiquidForecaster:
        """A new one of these settings."""
        return LiquidForecaster(**self.settings)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


def tune(
    courses: Sequence[Course],
    *,
    trials: int = 50,
    timeout: float | None = None,
    storage: str | Path | None = None,
    study: str = "mailiu",
    space: Space | None = None,
    seed: int = 0,
    progress: Callable[[TuningProgress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    base: LiquidForecaster | None = None,
    pruning: Pruning | None = Pruning(),
) -> Tuned:
    """Try settings until the study has ``trials`` finished trials in all, this process's and others' together.

    timeout: seconds after which no trial is begun; storage: where the study lives, a file or postgresql://user@host/
    database, None: nowhere; called again with the same storage and study it goes on; space: what to try, by setting,
    None: ``SPACE``; cancel: asked before every batch, True gives up the trial begun, which then does not count; base:
    the other settings, None: the defaults; its own values are tried first, where the space holds them; pruning None: no
    trial is broken off
    Raises ModelError for a space, study or storage that cannot be used, for settings of the space that cannot work and
    for courses of other data than the study's.
    """
    whole("trials", trials)
    base = LiquidForecaster() if base is None else base
    space = SPACE if space is None else dict(space)
    spaces.check(space, base.get_params())
    shares = (base.validation_share, base.holdout_share)
    parts = fitting.split(check_courses(courses), None, base.seed, shares)
    first = {n: v for n, v in base.get_params().items() if n in space and space[n].holds(v)}
    end = np.inf if timeout is None else time.monotonic() + timeout
    with _quiet(), studies.opened(storage) as store:
        work = optuna.create_study(
            storage=store,
            study_name=study,
            load_if_exists=True,
            direction="minimize",
            sampler=_ByNumber(seed, first),
            pruner=optuna.pruners.NopPruner() if pruning is None else _Behind(pruning),
        )
        _check_same(work, _fingerprint(base, space, parts))
        trying = _Trying(parts.courses, base, space, trials, progress, cancel)
        while time.monotonic() < end and not trying.stop():
            studies.bury(work)
            if _begun(work) >= trials:
                break
            work.optimize(trying, n_trials=1, catch=(_VoidError,))
        return _tuned(work, base)


class _VoidError(Exception):
    """The trial does not count."""


@dataclass
class _Trying:
    """The objective of a study."""

    courses: list[Course]
    base: LiquidForecaster
    space: Space
    trials: int
    progress: Callable[[TuningProgress], None] | None
    cancel: Callable[[], bool] | None
    stopped: bool = field(default=False, init=False)

    def stop(self) -> bool:
        self.stopped = self.stopped or (self.cancel is not None and self.cancel())
        return self.stopped

    def __call__(self, trial: optuna.Trial) -> float:
        """Raises TrialPruned, _VoidErrorError, ModelError."""
        if _begun(trial.study, before=trial.number) >= self.trials:  # two processes began the last one at once
            raise _VoidError("the study is complete")
        chosen = spaces.suggest(trial, self.space, self.base.cell)
        model = LiquidForecaster(**{**self.base.get_params(), **chosen, "holdout_share": 0.0})
        best: dict[int, float] = {}
        finished = _finished(trial.study)
        top = min((t.value for t in finished if t.state is TrialState.COMPLETE and t.value is not None), default=None)

        def heard(told: TrainingProgress) -> None:
            best[told.member] = told.best
            if self.progress is not None:
                self.progress(TuningProgress(trial.number, len(finished), self.trials, top, chosen, told))
            trial.report(float(np.mean(list(best.values()))), told.member * told.epochs + told.epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        try:
            model.fit(self.courses, progress=heard, cancel=self.stop)
        except TrainingError as error:
            trial.set_user_attr("why", str(error))
            raise optuna.TrialPruned(str(error)) from None
        if model.card["training"]["cancelled"]:
            raise _VoidError("cancelled")
        trial.set_user_attr("rmse", model.card["score"]["model"])
        return float(np.mean(list(best.values())))


class _ByNumber(optuna.samplers.BaseSampler):
    """Tree-structured Parzen estimators, for each trial with a random stream of its own; the first is given.

    A process's one stream would repeat its draws in every process and after every resumption.
    """

    def __init__(self, seed: int, first: Mapping[str, Any]) -> None:
        self.seed, self.first = seed, first
        self.within = _parzen(seed)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        own = np.random.SeedSequence([self.seed, trial.number]).generate_state(1)
        self.within = _parzen(int(own[0]))

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self.within.infer_relative_search_space(study, trial) if trial.number else {}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self.within.sample_relative(study, trial, search_space) if trial.number else {}

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        if trial.number == 0 and param_name in self.first:
            return self.first[param_name]
        return self.within.sample_independent(study, trial, param_name, param_distribution)


def _parzen(seed: int) -> optuna.samplers.TPESampler:
    """Settings jointly, those that only some cells have apart; trials under way count as poor ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return optuna.samplers.TPESampler(multivariate=True, group=True, constant_liar=True, seed=seed)


class _Behind(optuna.pruners.BasePruner):
    """Optuna's percentile pruner takes a trial by its best step. Here steps go on from fold to fold, and an easy first
    fold would shield a trial for good: what counts is where each stands now. One that stopped early stands where it
    stopped."""

    def __init__(self, pruning: Pruning) -> None:
        self.pruning = pruning

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        step = trial.last_step
        if step is None or step < self.pruning.epochs:
            return False
        complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        others = [_standing(t, step) for t in complete if t.intermediate_values]
        if len(others) < self.pruning.trials:
            return False
        return trial.intermediate_values[step] > float(np.quantile(others, self.pruning.share))


def _standing(trial: FrozenTrial, step: int) -> float:
    return trial.intermediate_values[max((s for s in trial.intermediate_values if s <= step), default=1)]


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=FINISHED)


def _begun(study: optuna.Study, before: int | None = None) -> int:
    """Trials finished and running; before a number: those waiting to be begun again too, for they come first."""
    states = (*FINISHED, TrialState.RUNNING) if before is None else (*FINISHED, TrialState.RUNNING, TrialState.WAITING)
    return sum(before is None or t.number < before for t in study.get_trials(deepcopy=False, states=states))


def _tuned(study: optuna.Study, base: LiquidForecaster) -> Tuned:
    tried = tuple(_tried(t) for t in sorted(_finished(study), key=lambda t: t.number))
    complete = [t for t in tried if not t.pruned and t.value is not None]
    best = min(complete, key=lambda t: (t.value, t.number), default=None)
    return Tuned(
        study=study.study_name,
        settings={**base.get_params(), **({} if best is None else best.settings)},
        value=None if best is None else best.value,
        trials=tried,
        running=len(study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))),
    )


def _tried(trial: FrozenTrial) -> Tried:
    """A pruned trial has its last report as value."""
    return Tried(
        number=trial.number,
        pruned=trial.state is TrialState.PRUNED,
        value=trial.value,
        settings=dict(trial.params),
        rmse=trial.user_attrs.get("rmse"),
        epochs=len(trial.intermediate_values),
        seconds=0.0 if trial.duration is None else trial.duration.total_seconds(),
        why=trial.user_attrs.get("why", ""),
    )


def _fingerprint(base: LiquidForecaster, space: Space, parts: fitting.Split) -> str:
    kept = {k: v for k, v in base.get_params().items() if k not in space and k != "device"}
    return fitting.fingerprint({**kept, "space": sorted((n, repr(r)) for n, r in space.items())}, parts)


def _check_same(study: optuna.Study, fingerprint: str) -> None:
    if "fingerprint" not in study.user_attrs:
        study.set_user_attr("fingerprint", fingerprint)
    if study.user_attrs["fingerprint"] != fingerprint:
        raise ModelError(
            f"study {study.study_name!r} has trials of other patients, settings or ranges: give the study another name"
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Optuna tells every trial on standard error."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
