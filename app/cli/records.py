"""Verbs on the records of patients: merge, undo, redo, history."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import AsJson, Database, open_clinic, say, show
from app.i18n import t

if TYPE_CHECKING:
    from app.domain.comparison import Row
    from app.store.undoing import Edit


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("merge", help=t("Patients that look like one person; make two of them one."))(merge)
    app.command("undo", help=t("Take back the last change, or the one of that number."))(undo)
    app.command("redo", help=t("Do again what was taken back last."))(redo)
    app.command("history", help=t("Who changed what of a patient."))(history)


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
    field: Annotated[
        str, typer.Option(help=t("Name or code of one finding, herb, place of the pulse or kind of diagnosis"))
    ] = "",
    as_json: AsJson = False,
) -> None:
    with open_clinic(db) as clinic:
        edits = clinic.undoing.history(patient, visit)
    if field:
        show(_of_field(edits, field), as_json)
        return
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


def _of_field(edits: list[Edit], name: str) -> list[dict[str, Any]]:
    from app import comparison_words as words
    from app.store.field_history import of_field

    return [
        {
            "at": edit.at.isoformat(timespec="seconds"),
            "who": edit.who,
            "what": edit.label,
            "field": words.row_label(edit.row),
            "change": f"{words.cell_text(edit.row, edit.row.before)} → {words.cell_text(edit.row, edit.row.after)}",
        }
        for edit in of_field(edits, partial(_named, name))
    ]


def _named(name: str, row: Row) -> bool:
    from app import comparison_words as words

    return name in (row.key, row.name, words.row_label(row))
