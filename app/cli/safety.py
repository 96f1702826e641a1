"""The verbs that keep records safe: backup, restore, export, rekey, doctor."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import AsJson, ConsoleListener, Database, asking, new_passphrase, open_clinic, say, say_json
from app.domain.errors import KnownError
from app.i18n import t

if TYPE_CHECKING:
    from app.store.catalogue import Backup
    from app.store.rekeying import NewKey


class Form(StrEnum):
    CSV = "csv"
    JSON = "json"
    FHIR = "fhir"


class NewKeyKind(StrEnum):
    PASSPHRASE = "passphrase"
    RECOVERY = "recovery"
    REMEMBER = "remember"
    FORGET = "forget"
    ENCRYPT = "encrypt"
    DATA_KEY = "data-key"


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command line."""
    backups = typer.Typer(help=t("Make, list and verify backups."), rich_markup_mode=None)
    backups.command("make", help=t("Make a verified backup beside the clinic file."))(make)
    backups.command("list", help=t("The backups there are, and what is wrong with any."))(list_)
    backups.command("verify", help=t("Open a backup and compare every row with what it should hold."))(verify)
    app.add_typer(backups, name="backup")
    app.command(help=t("Make a new clinic of a backup; never over one that is there."))(restore)
    app.command("export", help=t("Write all records: without what names the patients, unless asked for."))(export_)
    app.command(help=t("A new passphrase, recovery code or key; encrypt a plain file."))(rekey)
    app.command(help=t("Look a clinic through, say what is wrong and what to do."))(doctor)


def make(
    db: Database,
    own: Annotated[
        bool, typer.Option("--own-passphrase", help=t("Under a passphrase of its own; or MAILIU_NEW_PASSPHRASE"))
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help=t("Do not encrypt the backup of a server"))] = False,
) -> None:
    with open_clinic(db) as clinic:
        made = clinic.backups.make(passphrase=new_passphrase() if own else "", plain=plain)
    say(t("Backup made and verified: {file}", file=made.path))


def list_(db: Database, as_json: AsJson = False) -> None:
    with open_clinic(db) as clinic:
        listed = clinic.backups.list()
    if as_json:
        say_json([_as_json(one) for one in listed])
        return
    for one in listed:
        say(_line(one))
    if not listed:
        say(t("There is no backup yet."))


def verify(
    db: Database,
    name: Annotated[str | None, typer.Argument(help=t("File name of the backup; the newest where not given"))] = None,
) -> None:
    with open_clinic(db) as clinic:
        chosen = _chosen(clinic.backups.list(thorough=False), name)
        checked = asking(lambda given: clinic.backups.verify(chosen, given))
    say(_line(checked))
    if not checked.sound:
        raise typer.Exit(1)


def restore(
    backup: Annotated[Path, typer.Argument(help=t("The backup"))],
    to: Annotated[str, typer.Option("--to", help=t("New clinic file, or address of an empty database"))],
) -> None:
    from app.store import postgres, restoring

    key, _ = asking(lambda given: restoring.admit(backup, given))
    if postgres.is_url(to):
        counts = restoring.restore_server(backup, to, key)
    else:
        counts = restoring.restore_file(backup, Path(to), key)
    say(
        t(
            "Restored and compared: {patients} patients, {visits} visits, {tables} tables equal.",
            patients=counts["patient"],
            visits=counts["visit"],
            tables=len(counts),
        )
    )


def export_(
    out: Annotated[Path, typer.Argument(help=t("New folder for CSV, or a file .json"))],
    db: Database,
    form: Annotated[Form | None, typer.Option(help=t("csv, json or fhir; by the name where not given"))] = None,
    identified: Annotated[
        bool, typer.Option("--identified", help=t("With names, numbers and dates as they are"))
    ] = False,
) -> None:
    from app.exporting.run import export

    chosen = form or (Form.JSON if out.suffix.lower() == ".json" else Form.CSV)
    with open_clinic(db) as clinic, ConsoleListener().listening() as listener:
        count = export(
            clinic,
            out,
            chosen.value,
            identified=identified,
            progress=listener.progress,
            cancelled=listener.cancelled,
        )
    say(t("Written: {path}", path=out))
    if identified:
        say(t("{n} patients with their names. Keep this as safe as the records themselves.", n=count))
    else:
        say(
            t(
                "{n} patients without names, dates shifted. Free text was cleaned by rules and may still name someone: "
                "read it before you give it away.",
                n=count,
            )
        )


def rekey(
    db: Database,
    what: Annotated[NewKeyKind, typer.Argument(help=t("What is to be new"))] = NewKeyKind.PASSPHRASE,
) -> None:
    with open_clinic(db) as clinic:
        keys = clinic.rekeying
        match what:
            case NewKeyKind.PASSPHRASE:
                keys.change_passphrase(new_passphrase())
                say(t("The new passphrase opens the clinic file and its backups; the old one no more."))
            case NewKeyKind.RECOVERY:
                _tell_recovery(keys.new_recovery_code())
            case NewKeyKind.REMEMBER:
                keys.remember()
                say(t("This computer opens the clinic file by itself from now on."))
            case NewKeyKind.FORGET:
                keys.forget()
                say(t("The clinic file opens with a passphrase only."))
            case NewKeyKind.ENCRYPT:
                _tell_new_key(keys.encrypt(new_passphrase()))
                say(
                    t(
                        "Encrypted. The disk may still hold old pages of the plain file, and older backups and copies "
                        "are plain: take them away, and encrypt the disk as well."
                    )
                )
            case NewKeyKind.DATA_KEY:
                _tell_new_key(keys.new_data_key(new_passphrase()))
                say(t("Encrypted anew. Older backups keep their key and the passphrase of their time."))


def doctor(
    db: Database,
    repair: Annotated[bool, typer.Option("--repair", help=t("Mend what can be mended, after a backup"))] = False,
    as_json: AsJson = False,
) -> None:
    with open_clinic(db) as clinic:
        mended = clinic.doctor.repair() if repair else []
        found = clinic.doctor.check()
    if as_json:
        lines = [{"kind": one.kind, "what": one.what, "remedy": one.remedy, "mends": one.mends} for one in found]
        say_json({"mended": [one.kind for one in mended], "found": lines})
    else:
        for one in mended:
            say(t("Mended: {what}", what=one.what))
        for one in found:
            say(f"{one.what}\n    {one.remedy}")
        if not found:
            say(t("Nothing is wrong."))
    if found:
        raise typer.Exit(1)


def _chosen(listed: Sequence[Backup], name: str | None) -> Backup:
    for one in listed:
        if name is None or one.path.name == Path(name).name:
            return one
    raise KnownError(
        "There is no backup {name}; there are: {known}.",
        name=name or "-",
        known=", ".join(one.path.name for one in listed) or "-",
    )


def _line(one: Backup) -> str:
    at = one.at.astimezone().strftime("%Y-%m-%d %H:%M")
    state = t("sound") if one.sound else t("BAD: {why}", why=one.problem)
    return t(
        "{at}  {file}  {size} KB  {patients} patients  {state}",
        at=at,
        file=one.path.name,
        size=one.size // 1024,
        patients=one.counts.get("patient", "?"),
        state=state,
    )


def _as_json(one: Backup) -> dict[str, object]:
    return {
        "file": str(one.path),
        "at": one.at.isoformat(),
        "size": one.size,
        "counts": one.counts,
        "encrypted": one.encrypted,
        "own_key": one.own_key,
        "problem": one.problem,
    }


def _tell_recovery(code: str) -> None:
    say(t("Recovery code: {code}", code=code))
    say(t("Print it and keep it apart: with it the file opens when the passphrase is lost."))


def _tell_new_key(new: NewKey) -> None:
    _tell_recovery(new.recovery)
    if new.users:
        say(t("These users need a new passphrase from an administrator: {names}", names=", ".join(new.users)))
