"""The models of a clinic: put on the shelf, listed, compared, put in use, taken back, deleted, carried elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain import standing
from app.domain.errors import KnownError
from app.files import keep_apart, replacing
from app.i18n import t
from app.jobs import cohort, comparison, forecasting, refusals
from app.store.clinic import Clinic
from app.store.roles import Permission

if TYPE_CHECKING:
    from models.forecaster import LiquidForecaster


def check_name(name: str) -> None:
    """Raises KnownError for one that cannot be a file name."""
    from models import artifact
    from models.errors import ArtifactError

    try:
        artifact.check_name(name)
    except ArtifactError as error:
        raise KnownError(
            "Model name {name} cannot be a file name; use letters, digits or Chinese.", name=repr(name)[:80]
        ) from error


def shelve(clinic: Clinic, forecaster: LiquidForecaster, name: str, *, still_preferred: bool = False) -> None:
    """Save beside the clinic file and enter. Raises ModelError, OSError, KnownError."""
    clinic.actor.require(Permission.MODELS_WRITE)
    path = forecaster.save(clinic.models_folder, name)
    clinic.models.register(name, forecaster.card, path, still_preferred=still_preferred)


def stands(clinic: Clinic, forecaster: LiquidForecaster, name: str) -> bool:
    """Whether the entry of that name is still of this training: nobody has deleted or replaced it."""
    entries = {one.name: one.card for one in clinic.models.list()}
    return name in entries and entries[name].get("created") == forecaster.card["created"]


def used_now(clinic: Clinic) -> list[str]:
    """A line on which model is in use, where there are several to choose from."""
    known = clinic.models.list()
    used = standing.in_use(known)
    return [t("In use: {name}.", name=used.name)] if used is not None and len(known) > 1 else []


def overview(clinic: Clinic) -> list[dict[str, Any]]:
    """A line a model, the newest first. in_use: what forecasts where nobody names one; see ``standing.verdict``."""
    known = clinic.models.list()
    used = standing.in_use(known)
    return [
        {
            "name": one.name,
            "in_use": used is not None and one.name == used.name,
            "created": one.created.isoformat(timespec="seconds"),
            "cell": one.card.get("cell"),
            "generation": one.card.get("generation", 0),
            "patients": one.card.get("training", {}).get("patients"),
            "error": one.card.get("score", {}).get("model"),
            "last_value": one.card.get("score", {}).get("last_value"),
            "coverage90": one.card.get("coverage90"),
            "verdict": standing.verdict(one.card),
        }
        for one in known
    ]


def describe(rows: list[dict[str, Any]]) -> list[str]:
    """The same as lines for a terminal."""
    if not rows:
        return [t("There is no model yet. Train one with mailiu train.")]
    words = {
        "better": t("beats all it was compared with"),
        "alike": t("no clear difference from the best of the others"),
        "worse": t("beaten by a simple one: not to be relied on"),
        None: t("not checked on patients it never saw"),
    }
    told = []
    for row in rows:
        mark = "*" if row["in_use"] else " "
        error = "-" if row["error"] is None else f"{row['error']:.3f} ({row['last_value']:.3f})"
        told.append(
            f"{mark} {row['name']}  {row['created'][:16]}  {row['cell']}  "
            + t("{n} patients", n=row["patients"])
            + f"  {error}  {words[row['verdict']]}"
        )
    return [
        *told,
        t("* in use; error of the next visit in standard deviations, in brackets that of repeating the last value"),
    ]


def compare(clinic: Clinic, first: str, second: str) -> dict[str, Any]:
    """patients neither has seen, table: the two lines of ``models.comparing.versus``. Raises KnownError."""
    from models.comparing import versus

    with _told_as(first, "Model {name} cannot be compared: {reason}"):
        one, other = (forecasting.load(clinic, name) for name in (first, second))
        if one.card["series"]["variables"] != other.card["series"]["variables"]:
            raise KnownError(
                "Models {first} and {second} read other variables of the records. Train one of them again, then both "
                "read the same.",
                first=first,
                second=second,
            )
        table = versus(one, other, cohort.courses_for(clinic, one), (first, second))
    return {"models": [first, second], "table": [line.to_dict() for line in table]}


def describe_comparison(document: dict[str, Any]) -> list[str]:
    head = t("On patients neither model ever saw, error of the next visit:")
    table = document["table"]
    off, low, high = table[1]["behind"]
    told = [head, *comparison.lines(table)]
    if low <= 0 <= high:
        return [*told, t("The difference may be chance.")]
    better = document["models"][off < 0]
    return [*told, t("{name} is the better one.", name=better)]


def prefer(clinic: Clinic, name: str) -> list[str]:
    """The model is in use from now on. Returns what is to be told."""
    card = clinic.models.prefer(name).card
    return [t("Model {name} forecasts from now on.", name=name), *_warned(card)]


def prefer_none(clinic: Clinic) -> list[str]:
    """Results choose the model in use from now on. Returns what is to be told."""
    used = clinic.models.prefer_none()
    told = [t("No model is promoted any more: it is chosen by its results on patients it never saw.")]
    if used is not None:
        return [*told, t("In use: {name}.", name=used.name), *_warned(used.card)]
    if clinic.models.list():
        told.append(t("No model is in use: one that came from elsewhere has to be promoted. See mailiu models."))
    return told


def _warned(card: dict[str, Any]) -> list[str]:
    beaten = standing.verdict(card) == "worse"
    return [t("It is beaten by a simple forecast: see mailiu evaluate.")] if beaten else []


def take_back(clinic: Clinic, name: str) -> int:
    """The generation before is in force again; returns its number. Raises KnownError."""
    from models import generations

    clinic.actor.require(Permission.MODELS_WRITE)
    clinic.models.get(name)
    with _told_as(name, "Model {name} cannot be taken back: {reason}"):
        number = generations.take_back(clinic.models_folder, name)
    enter(clinic, name)
    return number


def enter(clinic: Clinic, name: str) -> None:
    """The entry says what the model in force says, whoever put it there; it stays preferred where it was."""
    from models.forecaster import LiquidForecaster

    with _told_as(name, "Model {name} cannot be used: {reason}"):
        card = LiquidForecaster.load(clinic.models_folder, name).card
    clinic.models.register(name, card, clinic.models_folder / f"{name}.json", still_preferred=True)


def delete(clinic: Clinic, name: str) -> None:
    """The entry first, then the files: a model without an entry is offered to nobody. Files that were left without an
    entry go too. Raises KnownError."""
    from models import artifact

    clinic.actor.require(Permission.MODELS_WRITE)
    with _told_as(name, "Model {name} cannot be deleted: {reason}"):
        left = artifact.taken(clinic.models_folder, name)
    if not left or name in [one.name for one in clinic.models.list()]:
        clinic.models.forget(name)
    artifact.remove(clinic.models_folder, name)


def export(clinic: Clinic, name: str, out: Path) -> str:
    """Write the model to one file; returns its SHA-256. Raises KnownError, OSError."""
    from models import bundle

    clinic.actor.require(Permission.EXPORT_DEIDENTIFIED)
    clinic.models.get(name)
    folder = clinic.models_folder
    keep_apart(out, [folder])
    if out.exists() and out.suffix != bundle.SUFFIX:
        raise KnownError("{path} exists and is no exported model. Choose another name.", path=out)
    with _told_as(name, "Model {name} cannot be exported: {reason}"):
        data, digest = bundle.pack(folder, name)
    with replacing(out) as aside:
        aside.write_bytes(data)
        clinic.audit.note("export", "model", {"name": name, "file": out.name, "sha256": digest})
    return digest


def bring_in(clinic: Clinic, file: Path, name: str | None = None, sha256: str | None = None) -> str:
    """Take in a file that ``export`` wrote; returns the model's name here. It is in use once it is promoted.

    Raises KnownError, OSError; nothing is written then.
    """
    from app.jobs import cards
    from models import artifact, bundle

    clinic.actor.require(Permission.MODELS_WRITE)
    if name is not None:
        check_name(name)
    with _told_as(file.name, "The file {name} cannot be taken in: {reason}"), bundle.opened(file, sha256) as found:
        if not cards.usable(found.card):
            raise KnownError("The card of the model in {file} is incomplete. Export it again.", file=file)
        called = artifact.check_name(str(found.card.get("name") or "") if name is None else name)
        known = [one.name for one in clinic.models.list()]
        if called in known or artifact.taken(clinic.models_folder, called):
            raise KnownError(
                "There is a model {name} already, or something is left of one. Give another name with --name, or "
                "delete it first.",
                name=called,
            )
        cards.of_elsewhere(found)
        found.card[standing.IMPORTED] = dt.datetime.now(dt.UTC).isoformat()
        try:
            shelve(clinic, found, called)
        except BaseException:
            artifact.remove(clinic.models_folder, called)  # nothing of that name was there
            raise
    return called


@contextmanager
def _told_as(name: str, template: str) -> Iterator[None]:
    """What the models refuse, in the user's language; the template holds {name} and {reason}."""
    from models.errors import ModelError

    try:
        yield
    except ModelError as error:
        raise KnownError(template, name=name, reason=refusals.in_words(error)) from error
