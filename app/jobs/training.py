"""Train a forecaster on a clinic file. Called by the command line in its own process, by the window in a worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from app.analysis import series
from app.domain.errors import KnownError
from app.i18n import t
from app.jobs import cohort, comparison, keeping, refusals
from app.jobs.forecasting import rests_on
from app.jobs.listening import Listener
from app.jobs.worker import StoppedEarly
from app.store.clinic import Clinic, Credentials
from app.store.roles import Permission

if TYPE_CHECKING:
    from models.training import TrainingProgress


def train(
    listener: Listener,
    *,
    db: str,
    name: str,
    cell: str | None = None,
    epochs: int | None = None,
    device: str = "auto",
    seed: int = 0,
    resume: bool = False,
    compare: str = "simple",
    settings: dict[str, Any] | None = None,
    access: dict[str, Any] | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Fit, score on held-out patients, save beside the clinic file and register. Returns the model's card.

    db: path or address of the clinic; access: of a parent that is in, see ``Credentials.to_json``; compare: what the
    training ends with beside its score, "simple": a table of simple forecasters, "all": networks alone too, "none":
    nothing more; settings: of the forecaster, where they are not the usual ones

    Raises StoppedEarly with the card of the best so far where the listener asked to stop, KnownError where the
    clinic has too little to learn from.
    """
    listener.progress(0, 0, t("Reading the records"))
    import torch  # lazily: this takes seconds, and the window never does it

    from models import drift
    from models.errors import ModelError
    from models.forecaster import LiquidForecaster

    keeping.check_name(name)  # before the training, not after it
    # one core stays with the window
    torch.set_num_threads(threads or max((os.cpu_count() or 2) - 1, 1))
    with Clinic.open(db, create=False, credentials=Credentials.of(access)) as clinic:
        clinic.actor.require(Permission.MODELS_WRITE)
        cases = cohort.cases_to_learn_from(clinic)
        plan = series.plan(cases)
        courses = series.courses(cases, plan)
        options = {**(settings or {}), "seed": seed, "device": device}
        options |= {k: v for k, v in {"cell": cell, "epochs": epochs}.items() if v is not None}
        try:
            forecaster = LiquidForecaster(**options).fit(
                courses,
                progress=lambda p: _tell(listener, p),
                cancel=listener.cancelled,
                checkpoint=clinic.models_folder / f"{name}.checkpoint",
                resume=resume,
            )
            forecaster.card["series"] = plan.to_dict()
            forecaster.card["profile"] = drift.profile(forecaster, courses)
            keeping.shelve(clinic, forecaster, name)
        except ModelError as error:
            raise KnownError("Training {name}: {reason}", name=name, reason=refusals.in_words(error)) from error
        if compare != "none" and not listener.cancelled():
            found = comparison.after_training(listener, forecaster, courses, compare)
            if found is not None and keeping.stands(clinic, forecaster, name):
                forecaster.card["comparison"] = found
                keeping.shelve(clinic, forecaster, name, still_preferred=True)
    if listener.cancelled():
        raise StoppedEarly(forecaster.card)
    return forecaster.card


def _tell(listener: Listener, p: TrainingProgress) -> None:
    """One bar over all networks; where one stops early it leaps."""
    text = t("Training network {number} of {members}", number=p.member + 1, members=p.members)
    listener.progress(p.member * p.epochs + p.epoch, p.members * p.epochs, text, **p.to_dict())


def describe(card: dict[str, Any]) -> list[str]:
    """A trained model as lines for a terminal."""
    basis = {**card["training"], "score": card["score"], "better_than_last_value": card["score"]["beats_last_value"]}
    told = [t("Model {name} saved.", name=card["name"]), *rests_on(basis), *comparison.of_card(card)]
    if card["training"].get("cancelled"):
        told.append(t("Its training was broken off; the same line with --resume goes on."))
    return told
