"""Verbs on the models of a clinic: list, compare, promote, take back, delete, export, import."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import AsJson, Database, clinic_file, open_clinic, say, tell_either
from app.domain.errors import KnownError
from app.files import keep_apart
from app.i18n import t

if TYPE_CHECKING:
    from app.store.clinic import Clinic

models = typer.Typer(help=t("The models of a clinic."), no_args_is_help=True)
Name = Annotated[str, typer.Argument(help=t("Name of the model"))]


def named(clinic: Clinic, model: str | None) -> str:
    """The model meant; the one in use where none is named. Raises KnownError where there is none."""
    if model is not None:
        return model
    used = clinic.models.in_use()
    if used is None and clinic.models.list():
        raise KnownError("No model is in use: one that came from elsewhere has to be promoted. See mailiu models.")
    if used is None:
        raise KnownError("There is no model in this clinic yet. Train one with mailiu train.")
    return used.name


@models.command("list", help=t("Which there are, how well they forecast, and which is in use."))
def listed(db: Database, as_json: AsJson = False) -> None:
    from app.jobs import keeping

    with open_clinic(db) as clinic:
        rows = keeping.overview(clinic)
    tell_either(rows, keeping.describe(rows), as_json)


@models.command(help=t("Two models beside each other, on patients neither ever saw."))
def compare(first: Name, second: Name, db: Database, as_json: AsJson = False) -> None:
    from app.jobs import keeping

    with open_clinic(db) as clinic:
        document = keeping.compare(clinic, first, second)
    tell_either(document, keeping.describe_comparison(document), as_json)


@models.command(help=t("Forecast with this one where no model is named."))
def promote(
    db: Database,
    name: Annotated[str | None, typer.Argument(help=t("Name of the model"), show_default=False)] = None,
    none: Annotated[
        bool, typer.Option("--none", help=t("Promote none: the model is chosen automatically again"))
    ] = False,
) -> None:
    from app.jobs import keeping

    if (name is None) != none:
        raise typer.BadParameter(t("Give the name of a model or --none, one of the two."))
    with open_clinic(db) as clinic:
        for line in keeping.prefer_none(clinic) if name is None else keeping.prefer(clinic, name):
            say(line)


@models.command("take-back", help=t("Undo the last update of a model."))
def take_back(name: Name, db: Database) -> None:
    from app.jobs import keeping

    with open_clinic(db) as clinic:
        number = keeping.take_back(clinic, name)
        used = keeping.used_now(clinic)
    for line in [t("Model {name} is number {number} again.", name=name, number=number), *used]:
        say(line)


@models.command(help=t("Delete a model with its files and earlier generations."))
def delete(name: Name, db: Database, yes: Annotated[bool, typer.Option("--yes", help=t("Do not ask"))] = False) -> None:
    from app.jobs import keeping

    with open_clinic(db) as clinic:
        if not yes:
            if sys.stdin is None or not sys.stdin.isatty():
                raise KnownError("Deleting model {name} cannot be undone. Say --yes to do it.", name=name)
            typer.confirm(t("Delete model {name}? This cannot be undone.", name=name), abort=True)
        keeping.delete(clinic, name)
        used = keeping.used_now(clinic)
    for line in [t("Model {name} is deleted.", name=name), *used]:
        say(line)


@models.command(help=t("Write a model to one file, and tell its SHA-256."))
def export(name: Name, out: Annotated[Path, typer.Option(help=t("FILE.mailiu-model"))], db: Database) -> None:
    from app.jobs import keeping

    keep_apart(out, clinic_file(db))
    with open_clinic(db) as clinic:
        digest = keeping.export(clinic, name, out)
    say(t("Written: {path}", path=out))
    say(f"SHA-256 {digest}")


@models.command("import", help=t("Take in a model that was exported."))
def bring_in(
    file: Annotated[Path, typer.Argument(help=t("FILE.mailiu-model"))],
    db: Database,
    name: Annotated[str | None, typer.Option(help=t("Name here; as it was called where not given"))] = None,
    sha256: Annotated[str | None, typer.Option("--hash", help=t("The SHA-256 that was told at its export"))] = None,
) -> None:
    from app.jobs import keeping

    with open_clinic(db) as clinic:
        called = keeping.bring_in(clinic, file, name, sha256)
    say(t("Model {name} is here.", name=called))
