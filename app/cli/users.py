"""Verbs on who may do what, and on who did: users and the audit log."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.cli.console import AsJson, Database, new_passphrase, open_clinic, say, show
from app.domain.errors import KnownError
from app.i18n import t
from app.store.roles import Role


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.add_typer(user, name="user")
    app.add_typer(audit, name="audit")


user = typer.Typer(help=t("Users and their roles."), no_args_is_help=True)
Roles = Annotated[list[Role], typer.Option("--role", help=t("clinician, researcher or administrator; may be repeated"))]


@user.command("list", help=t("Who may come in, and as what."))
def user_list(db: Database, as_json: AsJson = False) -> None:
    with open_clinic(db) as clinic:
        rows = [
            {
                "name": one.name,
                "roles": ", ".join(sorted(one.roles)),
                "active": "" if one.active else t("suspended"),
            }
            for one in clinic.accounts.list()
        ]
    show(rows, as_json)


@user.command("add", help=t("A new user; the passphrase is asked for, or read from MAILIU_NEW_PASSPHRASE."))
def user_add(name: Annotated[str, typer.Argument(help=t("Name of the user"))], role: Roles, db: Database) -> None:
    with open_clinic(db) as clinic:
        clinic.accounts.add(name, role, new_passphrase())


@user.command("change", help=t("Other roles, suspended or active again, a new passphrase."))
def user_change(
    name: Annotated[str, typer.Argument(help=t("Name of the user"))],
    db: Database,
    role: Annotated[list[Role] | None, typer.Option("--role", help=t("All roles of the user from now on"))] = None,
    active: Annotated[bool | None, typer.Option(help=t("Active, or suspended"))] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help=t("Give a new passphrase"))] = False,
) -> None:
    with open_clinic(db) as clinic:
        if role or active is not None:
            clinic.accounts.change(name, roles=role, active=active)
        if passphrase:
            clinic.accounts.reset_passphrase(name, new_passphrase())


audit = typer.Typer(help=t("The audit log."), no_args_is_help=True)


@audit.command("list", help=t("Entries, the newest first."))
def audit_list(
    db: Database,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    action: Annotated[str, typer.Option(help=t("Only entries of this action"))] = "",
    as_json: AsJson = False,
) -> None:
    with open_clinic(db) as clinic:
        rows = [
            {
                "id": one.id,
                "at": one.at.isoformat(timespec="seconds"),
                "who": one.who,
                "action": one.action,
                "entity": one.entity,
                "entity_id": one.entity_id,
                "detail": one.detail if as_json else json.dumps(one.detail, ensure_ascii=False),
            }
            for one in clinic.audit.entries(limit=limit, action=action)
        ]
    show(rows, as_json)


@audit.command("verify", help=t("Whether the log is whole: nothing changed, taken out, moved or cut off."))
def audit_verify(db: Database) -> None:
    with open_clinic(db) as clinic:
        verdict = clinic.verify_audit()
    if not verdict.sound:
        raise KnownError("The audit log does not hold together: {problem}.", problem=verdict.problem)
    say(t("The audit log is whole: {n} entries.", n=verdict.count))
