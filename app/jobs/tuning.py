"""Look for better settings of a forecaster on the records of a clinic; the study can be gone on with, and shared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.analysis import series
from app.domain.errors import KnownError
from app.i18n import t
from app.jobs import cohort, refusals
from app.jobs.listening import Listener
from app.store.clinic import Clinic
from app.store.postgres import is_url
from app.store.roles import Permission

if TYPE_CHECKING:
    from models.tuning import TuningProgress

STUDIES = "studies.db"  # beside the models: settings and losses, nothing of a patient


def tune(
    listener: Listener,
    clinic: Clinic,
    *,
    trials: int,
    study: str = "mailiu",
    storage: str | None = None,
    minutes: float | None = None,
    epochs: int | None = None,
    seed: int = 0,
    device: str = "auto",
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """``models.tuning.Tuned`` as JSON: settings, value, trials. Asked to stop, what is finished counts.

    storage: postgresql://user@host/database, shared by several machines; None: a file beside the models; settings: of
    the forecaster, those not searched for, where they are not the usual ones
    Raises KnownError where the clinic has too little to learn from, or the study is of other data.
    """
    clinic.actor.require(Permission.MODELS_WRITE)
    if storage is not None and not is_url(storage):
        raise KnownError("{storage} is no address. Write postgresql://user@host/database.", storage=storage)
    listener.progress(0, 0, t("Reading the records"))
    from models.errors import ModelError
    from models.forecaster import LiquidForecaster
    from models.tuning import tune as search

    cases = cohort.cases_to_learn_from(clinic)
    courses = series.courses(cases, series.plan(cases))
    options = {**(settings or {}), **({} if epochs is None else {"epochs": epochs})}
    place: str | Path = clinic.models_folder / STUDIES if storage is None else storage
    try:
        found = search(
            courses,
            trials=trials,
            timeout=None if minutes is None else 60 * minutes,
            storage=place,
            study=study,
            seed=seed,
            progress=lambda p: _tell(listener, p),
            cancel=listener.cancelled,
            base=LiquidForecaster(seed=seed, device=device, **options),
        )
    except ModelError as error:
        raise KnownError("Tuning: {reason}", reason=refusals.in_words(error)) from error
    return found.to_dict()


def _tell(listener: Listener, p: TuningProgress) -> None:
    told = p.training
    share = 100 * (told.member * told.epochs + told.epoch) // (told.members * told.epochs)
    text = t("Trial {number} of {trials}", number=min(p.finished + 1, p.trials), trials=p.trials)
    listener.progress(min(100 * p.finished + share, 100 * p.trials), 100 * p.trials, text, **told.to_dict())


def settings_of(document: dict[str, Any]) -> dict[str, Any]:
    """The best settings found, to train with. Raises KnownError where no trial came to its end."""
    if document["value"] is None:
        raise KnownError("No trial came to its end: there are no settings to train with. Allow more trials or time.")
    return {k: v for k, v in document["settings"].items() if k not in ("seed", "device")}


def describe(document: dict[str, Any]) -> list[str]:
    """The study as lines for a terminal: what was found, then the trials, the best first."""
    trials = document["trials"]
    whole = [one for one in trials if not one["pruned"] and one["value"] is not None]
    head = t(
        "Study {study}: {n} trials, {pruned} broken off.",
        study=document["study"],
        n=len(trials),
        pruned=len(trials) - len(whole),
    )
    lines = []
    for one in sorted(whole, key=lambda x: x["value"])[:10]:
        told = ", ".join(f"{k}={_short(v)}" for k, v in sorted(one["settings"].items()))
        error = "" if one["rmse"] is None else t("error {error:.3f}, ", error=one["rmse"])
        lines.append(f"  {one['number']}: " + t("loss {value:.4f}, ", value=one["value"]) + error + told)
    return [head, *lines]


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
