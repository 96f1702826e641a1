"""Train a forecaster on a clinic file. Called by the command line in its own process, by the window in a worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

from app.analysis import series
from app.domain.errors import KnownError
from app.domain.records import Case
from app.i18n import t
from app.jobs import refusals
from app.jobs.forecasting import rests_on
from app.jobs.worker import StoppedEarly
from app.store.clinic import Clinic, Credentials
from app.store.roles import Permission

if TYPE_CHECKING:
    from models.training import TrainingProgress


class Listener(Protocol):
    """Hears progress and says whether to stop."""

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None: ...

    def cancelled(self) -> bool: ...


def train(
    listener: Listener,
    *,
    db: str,
    name: str,
    cell: str = "ltc",
    epochs: int | None = None,
    device: str = "auto",
    seed: int = 0,
    resume: bool = False,
    access: dict[str, Any] | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Fit, score on held-out patients, save beside the clinic file and register. Returns the model's card.

    db: path or address of the clinic; access: of a parent that is in, see ``Credentials.to_json``

    Raises StoppedEarly with the card of the best so far where the listener asked to stop, KnownError where the
    clinic has too little to learn from.
    """
    listener.progress(0, 0, t("Reading the records"))
    import torch  # lazily: this takes seconds, and the window never does it

    from models import artifact
    from models.errors import ArtifactError, ModelError
    from models.forecaster import LiquidForecaster

    try:
        artifact.check_name(name)  # before the training, not after it
    except ArtifactError as error:
        raise KnownError(
            "Model name {name} cannot be a file name; use letters, digits or Chinese.", name=repr(name)[:80]
        ) from error
    # one core stays with the window
    torch.set_num_threads(threads or max((os.cpu_count() or 2) - 1, 1))
    with Clinic.open(db, create=False, credentials=Credentials.of(access)) as clinic:
        cases = cases_to_learn_from(clinic)
        plan = series.plan(cases)
        courses = series.courses(cases, plan)
        options: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
        try:
            forecaster = LiquidForecaster(cell=cell, seed=seed, device=device, **options).fit(
                courses,
                progress=lambda p: _tell(listener, p),
                cancel=listener.cancelled,
                checkpoint=clinic.models_folder / f"{name}.checkpoint",
                resume=resume,
            )
            forecaster.card["series"] = plan.to_dict()
            path = forecaster.save(clinic.models_folder, name)
        except ModelError as error:
            raise KnownError("Training {name}: {reason}", name=name, reason=refusals.in_words(error)) from error
        clinic.models.register(name, forecaster.card, path)
    if listener.cancelled():
        raise StoppedEarly(forecaster.card)
    return forecaster.card


def cases_to_learn_from(clinic: Clinic) -> list[Case]:
    """The cases with two visits or more: of all patients, or the cohort of a researcher, who may not see them."""
    whole = clinic.actor.may(Permission.PATIENTS_READ)
    read = clinic.queries.cases() if whole else clinic.queries.cohort()
    return [case for case in read if len(case.visits) >= 2]


def _tell(listener: Listener, p: TrainingProgress) -> None:
    """One bar over all networks; where one stops early it leaps."""
    text = t("Training network {number} of {members}", number=p.member + 1, members=p.members)
    listener.progress(p.member * p.epochs + p.epoch, p.members * p.epochs, text, **p.to_dict())


def describe(card: dict[str, Any]) -> list[str]:
    """A trained model as lines for a terminal."""
    basis = {**card["training"], "score": card["score"], "better_than_last_value": card["score"]["beats_last_value"]}
    return [t("Model {name} saved.", name=card["name"]), *rests_on(basis)]
