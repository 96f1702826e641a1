"""Learning on: a model takes in the visits that came since it learnt, and stays as it was where that is no help.

What it has learnt from already its card tells (rows by patient); a visit entered later between two old ones is not seen
as new, a patient whose first visit was changed is.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.i18n import t
from app.jobs import cohort, forecasting, keeping, refusals
from app.jobs.listening import Listener
from app.store.clinic import Clinic
from app.store.roles import Permission
from app.wording import concept_label

if TYPE_CHECKING:
    from models.continual import Updated, UpdateProgress
    from models.course import Course


def update(listener: Listener, clinic: Clinic, model: str, *, seed: int = 0) -> dict[str, Any]:
    """model, promoted, generation (None where nothing was promoted), reason, new, old, drift: JSON-able.

    Raises KnownError where nothing new has come, for an unknown or damaged model, one that is too old to know what it
    learnt from, and for whom may not change models.
    """
    clinic.actor.require(Permission.MODELS_WRITE)
    from models import continual, drift, generations
    from models.errors import ModelError

    listener.progress(0, 0, t("Reading the records"))
    forecaster = forecasting.load(clinic, model)
    if forecaster.card.get("generation", 0) != clinic.models.get(model).card.get("generation", 0):
        keeping.enter(clinic, model)  # a process was killed between the two
    seen, came = parted(forecaster.card, cohort.courses_for(clinic, forecaster), forecaster.fitted_.encoder.align)
    if not came:
        raise KnownError("No visit has come since model {name} learnt. Nothing was changed.", name=model)
    try:
        watched = drift.watch(forecaster, came)
        updated = continual.update(
            forecaster, came, seen, seed=seed, progress=lambda p: _tell(listener, p), cancel=listener.cancelled
        )
        generation = generations.promote(clinic.models_folder, model, updated.candidate) if updated.promote else None
    except ModelError as error:
        raise KnownError("Updating {name}: {reason}", name=model, reason=refusals.in_words(error)) from error
    if generation is not None:
        keeping.enter(clinic, model)
    return _document(model, generation, updated, watched.to_dict())


def parted(card: dict[str, Any], courses: list[Course], align: Any) -> tuple[list[Course], list[Course]]:
    """What the model has learnt from, as it was then, and the courses with something new. Raises KnownError."""
    from models.card import rows_known
    from models.course import mark

    known = rows_known(card)
    if not known.keys() & {mark(align(course)) for course in courses}:
        raise KnownError(
            "Nobody here is among those whom model {name} learnt from. Train it again.", name=card.get("name", "")
        )
    rows = [known.get(mark(align(course)), 0) for course in courses]
    pairs = list(zip(courses, rows, strict=True))
    seen = [course.until_row(min(row, len(course))) for course, row in pairs if row]
    return seen, [course for course, row in pairs if len(course) > row]


def _tell(listener: Listener, p: UpdateProgress) -> None:
    done = ((p.block - 1) * p.members + p.member - 1) * p.epochs + p.epoch
    text = t("Learning on: network {number} of {members}", number=p.member, members=p.members)
    listener.progress(done, p.blocks * p.members * p.epochs, text)


def _document(model: str, generation: int | None, updated: Updated, drift: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": model,
        "promoted": generation is not None,
        "generation": generation,
        "reason": asdict(updated.reason),
        "new": asdict(updated.new),
        "old": asdict(updated.old),
        "drift": drift,
    }


def describe(document: dict[str, Any]) -> list[str]:
    """What came of it, for a terminal."""
    told = [_verdict(document)]
    names = {"new": t("patients with new visits"), "old": t("patients held out before")}
    for part, name in names.items():
        errors = document[part]
        if errors["before"] is not None:
            told.append(
                "  "
                + t(
                    "{who} ({n}): error {after:.3f}, before {before:.3f}",
                    who=name,
                    n=errors["patients"],
                    before=errors["before"],
                    after=errors["after"],
                )
            )
    return [*told, *(f"  {line}" for line in map(_found, document["drift"]["told"]) if line)]


def _verdict(document: dict[str, Any]) -> str:
    code, found = document["reason"]["code"], document["reason"]["parameters"]
    if document["promoted"]:
        return t(
            "Model {name} has learnt on and is in force as number {number}; mailiu models take-back undoes it.",
            name=document["model"],
            number=document["generation"],
        )
    why = {
        "worse_on_new": t("on the new visits it would be worse"),
        "worse_on_old": t("on the old patients it would be worse"),
        "cancelled": t("it was stopped"),
    }
    if code == "too_few":
        reason = t("{n} patients to judge it by, {needed} are needed", n=found["patients"], needed=found["needed"])
    else:
        reason = why[code]
    return t("Model {name} stays as it was: {reason}.", name=document["model"], reason=reason)


def _found(finding: dict[str, Any]) -> str:
    """A finding of ``models.drift`` in words; "" for one that is not told."""
    code, p = finding["code"], finding["parameters"]
    name = concept_label(p["name"]) if "name" in p else ""
    if code in ("shift_large", "shift_noticeable"):
        return t(
            "Patients with new visits differ in {name}: {value:+.2f} standard deviations.",
            name=name,
            value=p["difference"],
        )
    if code == "spread":
        return t("In patients with new visits {name} varies {ratio:.1f} times as much.", name=name, ratio=p["ratio"])
    if code == "unknown_treatment":
        return t(
            "{share:.0%} of the patients with new visits take {name}, of which the model knows nothing.",
            share=p["share"],
            name=name,
        )
    if code == "error_rising":
        return t(
            "Its error has risen to {latest:.3f}, expected {expected:.3f}.", latest=p["latest"], expected=p["expected"]
        )
    if code in ("coverage_low", "coverage_high"):
        return t("Its 90% intervals held {latest:.0%} of the new values.", latest=p["latest"])
    return ""
