"""Verbs on the records of a clinic: imports, review, merging, undo, vocabulary, users, audit log."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.domain.errors import KnownError
from app.files import keep_apart, write_json
from app.i18n import t
from app.store.roles import Role

if TYPE_CHECKING:
    from app.store.clinic import Clinic

Database = Annotated[str, typer.Option("--db", help=t("Clinic file, or address of a clinic on a server"))]
AsJson = Annotated[bool, typer.Option("--json", help=t("As JSON"))]


class TermKind(StrEnum):
    SYMPTOM = "symptom"
    TONGUE = "tongue"
    PULSE = "pulse"
    SYNDROME = "syndrome"
    ELEMENT = "element"
    DISEASE = "disease"
    METHOD = "method"
    WESTERN = "western"
    FORMULA = "formula"
    HERB = "herb"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for name, group in (("vocab", vocab), ("imports", imports), ("user", user), ("audit", audit), ("review", review)):
        app.add_typer(group, name=name)
    app.command("merge", help=t("Patients that look like one person; make two of them one."))(merge)
    app.command("undo", help=t("Take back the last change, or the one of that number."))(undo)
    app.command("redo", help=t("Do again what was taken back last."))(redo)
    app.command("history", help=t("Who changed what of a patient."))(history)
    app.command("template", help=t("Write an Excel template for records."))(template)
    app.command("check", help=t("Look a prescription over: pairs, doses, poisons, pregnancy."))(check)


def open_clinic(db: str) -> Clinic:
    """As ``app.access.open_clinic``, which takes its time to load."""
    from app.access import open_clinic as opened

    return opened(db)


def say(text: str) -> None:
    typer.echo(text)


def show(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Rows as JSON, or as lines with the values apart."""
    if as_json:
        say(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    for row in rows:
        say("  ".join(str(value) for value in row.values() if value not in ("", None)))


# ---- vocabulary ------------------------------------------------------------------------------------------------------

vocab = typer.Typer(help=t("Vocabulary: packs, synonyms, suggestions, conflicts."), no_args_is_help=True)


@vocab.command("diff", help=t("What loading a pack (CSV: code, term, aliases) would change."))
def vocab_diff(
    pack: Annotated[Path, typer.Argument(help=t("Vocabulary pack (CSV)"))],
    db: Database,
    name: Annotated[str, typer.Option(help=t("Name of the pack; the file's where not given"))] = "",
) -> None:
    from app.domain import packs

    read = packs.read(pack, name=name)
    with open_clinic(db) as clinic:
        for line in clinic.terms.diff(read).describe():
            say(t(line.template, **line.params))


@vocab.command("apply", help=t("Load a pack, or a later version of it."))
def vocab_apply(
    pack: Annotated[Path, typer.Argument(help=t("Vocabulary pack (CSV)"))],
    db: Database,
    name: Annotated[str, typer.Option(help=t("Name of the pack; the file's where not given"))] = "",
    version: Annotated[str, typer.Option(help=t("Its version, to be shown"))] = "",
) -> None:
    from app.domain import packs

    read = packs.read(pack, name=name)
    with open_clinic(db) as clinic:
        for line in clinic.terms.apply(read, version).describe(limit=0)[:1]:
            say(t(line.template, **line.params))


@vocab.command("list", help=t("Loaded packs and the clinic's own synonyms."))
def vocab_list(db: Database, as_json: AsJson = False) -> None:
    with open_clinic(db) as clinic:
        packs = [
            {"pack": one.name, "version": one.version, "concepts": one.concepts, "at": one.at, "who": one.who}
            for one in clinic.terms.packs()
        ]
        synonyms = [{"kind": one.kind, "term": one.term, "code": one.code} for one in clinic.terms.synonyms()]
    show([*packs, *synonyms], as_json)


@vocab.command("remove", help=t("Take a pack out; records keep its codes."))
def vocab_remove(name: Annotated[str, typer.Argument(help=t("Name of the pack"))], db: Database) -> None:
    with open_clinic(db) as clinic:
        clinic.terms.remove(name)


@vocab.command("synonym", help=t("Teach the clinic a term of its own."))
def vocab_synonym(
    kind: Annotated[TermKind, typer.Argument(help=t("Kind of the term"))],
    term: Annotated[str, typer.Argument(help=t("The term"))],
    code: Annotated[str, typer.Argument(help=t("Code of what it means"))],
    db: Database,
) -> None:
    with open_clinic(db) as clinic:
        clinic.terms.add_synonym(kind.value, term, code)


@vocab.command("suggest", help=t("What a term may mean, the likeliest first."))
def vocab_suggest(
    term: Annotated[str, typer.Argument(help=t("The term"))],
    kind: Annotated[TermKind, typer.Option(help=t("Kind of the term"))] = TermKind.HERB,
    as_json: AsJson = False,
) -> None:
    from app.domain.suggesting import suggest

    show(
        [
            {"score": f"{s.score:.0f}", "code": s.code, "zh": s.zh, "matched": s.matched}
            for s in suggest(term, kind.value)
        ],
        as_json,
    )


@vocab.command("duplicates", help=t("Terms that several concepts claim."))
def vocab_duplicates(db: Database) -> None:
    with open_clinic(db) as clinic:
        for line in clinic.terms.duplicates().describe():
            say(t(line.template, **line.params))


def check(
    prescription: Annotated[str, typer.Argument(help=t("e.g. 黄芪30g 白术15g 甘草6g"))],
    pregnant: Annotated[bool | None, typer.Option(help=t("Is the patient pregnant? Unknown where not given"))] = None,
) -> None:
    from app.domain.prescription import parse_formula_text
    from app.domain.safety import check as look_over
    from app.i18n import language

    found = look_over(parse_formula_text(prescription), pregnant=pregnant)
    for caution in found:
        message = caution.message(language())
        say(t(message.template, **message.params))
    if not found:
        say(t("Nothing to be said against it from the lists here; they are advisory."))


# ---- imports and their review ----------------------------------------------------------------------------------------

imports = typer.Typer(help=t("Imports so far; take one back as a whole."), no_args_is_help=True)


@imports.command("list", help=t("Every import, the newest first."))
def imports_list(db: Database, as_json: AsJson = False) -> None:
    with open_clinic(db) as clinic:
        rows = [
            {
                "import": one.id,
                "at": one.at.isoformat(timespec="seconds"),
                "who": one.who,
                "files": ", ".join(one.files),
                **one.counts,
                "undone": t("taken back") if one.undone else "",
            }
            for one in clinic.imports.batches()
        ]
    show(rows, as_json)


@imports.command("undo", help=t("Take an import back as a whole."))
def imports_undo(number: Annotated[int, typer.Argument(help=t("Number of the import"))], db: Database) -> None:
    with open_clinic(db) as clinic:
        batch = next((one for one in clinic.imports.batches() if one.id == number), None)
        if batch is None or batch.operation_id is None:
            raise KnownError("There is no import with the number {n}.", n=number)
        say(t("Taken back: {what}", what=clinic.undoing.undo(batch.operation_id)))


review = typer.Typer(help=t("Terms no import could code, and free-text cases, for a person to decide."))


@review.command("list", help=t("Unknown terms with what they may mean."))
def review_list(
    db: Database,
    kind: Annotated[TermKind | None, typer.Option(help=t("Kind of the term"))] = None,
    limit: Annotated[int, typer.Option(min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    with open_clinic(db) as clinic:
        rows = []
        for item in clinic.review.items(kind=kind.value if kind else "", limit=limit):
            meant = [f"{one.zh} {one.code} ({one.score:.0f})" for one in clinic.review.suggestions(item, 3)]
            row = {"item": item.id, "kind": item.kind, "term": item.term, "count": item.count}
            rows.append({**row, "place": f"{item.file}:{item.row} {item.column}", "may_mean": meant})
    show(rows, as_json)


@review.command("code", help=t("The term means this, from now on and in what is stored."))
def review_code(
    item: Annotated[int, typer.Argument(help=t("Number in the list"))],
    code: Annotated[str, typer.Argument(help=t("Code of what it means"))],
    db: Database,
) -> None:
    with open_clinic(db) as clinic:
        say(t("Coded in {n} visits.", n=clinic.review.code(item, code)))


@review.command("keep", help=t("The term stays as it is written."))
def review_keep(item: Annotated[int, typer.Argument(help=t("Number in the list"))], db: Database) -> None:
    with open_clinic(db) as clinic:
        clinic.review.keep(item)


@review.command("text", help=t("Split and code free-text cases; write the draft, or import it with corrections."))
def review_text(
    file: Annotated[Path, typer.Argument(help=t("Word document or text"))],
    draft: Annotated[Path | None, typer.Option(help=t("Write the draft here (JSON)"))] = None,
    corrections: Annotated[Path | None, typer.Option(help=t("Corrections (JSON) to import with"))] = None,
    db: Annotated[str | None, typer.Option("--db", help=t("Import into this clinic"))] = None,
    near: Annotated[int | None, typer.Option(help=t("A year near which dates of the sixty-year cycle lie"))] = None,
) -> None:
    from app.domain.units import UnitConvention
    from app.importing.free_text.correcting import Correction
    from app.importing.free_text.document import read_document
    from app.importing.report import ImportReport
    from app.store.imports import FileInfo

    keep_apart(draft, [file, corrections])
    report = ImportReport()
    read = read_document(file, UnitConvention.MODERN, report, near=near)
    changes = [Correction.from_dict(one) for one in _read_json(corrections)] if corrections else []
    if draft is not None:
        write_json(draft, read.to_dict())
    cases = read.accept(changes, report)
    if db is not None:
        with open_clinic(db) as clinic:
            clinic.imports.commit(cases, files=[FileInfo.of(file)], report_json=report.to_json)
        report.committed = True
    for line in report.summary():
        say(line)


def _read_json(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise KnownError("File {file} cannot be read as JSON: {why}.", file=path, why=str(error)[:120]) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise KnownError("File {file} holds no list of corrections.", file=path)
    return found


def template(out: Annotated[Path, typer.Argument(help=t("FILE.xlsx"))]) -> None:
    from app.importing.template import write_template

    write_template(out)
    say(t("Written: {path}", path=out))


# ---- patients --------------------------------------------------------------------------------------------------------


def merge(
    db: Database,
    keep: Annotated[str, typer.Argument(help=t("Number of the patient who stays; without one, who looks alike"))] = "",
    other: Annotated[str, typer.Argument(help=t("Number of the patient who goes into the first"))] = "",
    apart: Annotated[bool, typer.Option("--apart", help=t("The two are different people"))] = False,
    as_json: AsJson = False,
) -> None:
    with open_clinic(db) as clinic:
        if not keep:
            pairs = clinic.likeness.pairs()
            show(
                [
                    {"score": p.score, "first": f"{p.first} {p.first_name}", "second": f"{p.second} {p.second_name}"}
                    for p in pairs
                ],
                as_json,
            )
        elif not other:
            raise typer.BadParameter(t("Give the numbers of two patients."))
        elif apart:
            clinic.likeness.tell_apart(keep, other)
        else:
            clinic.patients.merge(keep, other)
            say(t("{other} is part of {patient} now; undo takes it back.", other=other, patient=keep))


def undo(
    db: Database,
    operation: Annotated[int | None, typer.Argument(help=t("Number of the change; your last where not given"))] = None,
    listed: Annotated[bool, typer.Option("--list", help=t("Show the changes with their numbers"))] = False,
    as_json: AsJson = False,
) -> None:
    with open_clinic(db) as clinic:
        if listed:
            rows = [
                {
                    "operation": one.id,
                    "at": one.at.isoformat(timespec="seconds"),
                    "who": one.who,
                    "what": one.label,
                    "undone": t("taken back") if one.undone else "",
                }
                for one in clinic.undoing.operations()
            ]
            show(rows, as_json)
        else:
            say(t("Taken back: {what}", what=clinic.undoing.undo(operation)))


def redo(db: Database) -> None:
    with open_clinic(db) as clinic:
        say(t("Done again: {what}", what=clinic.undoing.redo()))


def history(
    db: Database,
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    visit: Annotated[int | None, typer.Option(help=t("Number of the visit"))] = None,
    as_json: AsJson = False,
) -> None:
    with open_clinic(db) as clinic:
        edits = clinic.undoing.history(patient, visit)
    rows = [
        {
            "at": edit.at.isoformat(timespec="seconds"),
            "who": edit.who,
            "what": edit.label,
            "fields": {name: {"old": old, "new": new} for name, (old, new) in edit.fields.items()}
            if as_json
            else ", ".join(edit.fields),
        }
        for edit in edits
    ]
    show(rows, as_json)


# ---- users and the audit log -----------------------------------------------------------------------------------------

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


def new_passphrase() -> str:
    """Asked for twice at the terminal, or from the environment."""
    from app.access import ask

    return os.environ.get("MAILIU_NEW_PASSPHRASE", "") or ask(new=True).passphrase


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
