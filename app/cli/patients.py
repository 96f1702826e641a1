"""The patient list on a terminal: who is there, found and filtered as in the window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import AsJson, Database, open_clinic, say, show
from app.domain.patient_filter import EVERYONE, PatientFilter
from app.i18n import t

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.queries import PatientRow

SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("patients", help=t("Patients of a clinic, all or those a filter asks for, the latest visit first."))(
        patients
    )


def patients(
    db: Database,
    text: Annotated[str, typer.Argument(help=t("Name, pinyin, initials or number"))] = "",
    diagnosis: Annotated[list[str] | None, typer.Option(help=t("One of these diagnoses (may be repeated)"))] = None,
    syndrome: Annotated[list[str] | None, typer.Option(help=t("One of these syndromes (may be repeated)"))] = None,
    formula: Annotated[list[str] | None, typer.Option(help=t("One of these formulas (may be repeated)"))] = None,
    herb: Annotated[list[str] | None, typer.Option(help=t("Every one of these herbs (may be repeated)"))] = None,
    tag: Annotated[list[str] | None, typer.Option(help=t("Every one of these tags (may be repeated)"))] = None,
    seen_within: Annotated[int | None, typer.Option(min=0, help=t("Last visit at most so many days ago"))] = None,
    worse: Annotated[bool, typer.Option("--worse", help=t("Worse than at first"))] = False,
    pinned: Annotated[bool, typer.Option("--pinned", help=t("Only pinned patients"))] = False,
    sex: Annotated[str, typer.Option(help=t("F or M"))] = "",
    saved: Annotated[str, typer.Option("--filter", help=t("What the saved filter of this name asks for, too"))] = "",
    limit: Annotated[int, typer.Option(min=0, help=t("Show so many at most; 0 tells only how many there are"))] = SHOWN,
    as_json: AsJson = False,
) -> None:
    given = {"diagnoses": diagnosis, "syndromes": syndrome, "formulas": formula, "herbs": herb, "tags": tag}
    with open_clinic(db) as clinic:
        asked = _asked(clinic, saved, given)
        more = {"seen_within": seen_within, "worse": worse or None, "pinned": pinned or None, "sex": sex or None}
        flags = {name: value for name, value in more.items() if value is not None}
        asked = PatientFilter.from_json({**asked.to_json(), **flags, "text": text})
        ids = clinic.queries.find(asked).ids
        rows = clinic.queries.rows(ids[:limit])
        found = [_line(rows[key]) for key in ids[:limit] if key in rows]
    show(found, as_json)
    if not as_json:
        say(t("{n} patients, {k} of them shown.", n=len(ids), k=len(found)))


def _asked(clinic: Clinic, saved: str, given: dict[str, list[str] | None]) -> PatientFilter:
    """The saved filter with the words that were given put to its own."""
    asked = clinic.filters.get(saved) if saved else EVERYONE
    for kind, words in given.items():
        keys = (clinic.filters.key(kind, word) for word in words or ())
        asked = replace(asked, **{kind: tuple(dict.fromkeys((*getattr(asked, kind), *keys)))})
    return asked


def _line(row: PatientRow) -> dict[str, object]:
    return {
        "number": row.code,
        "name": row.name,
        "sex": row.sex,
        "age": None if row.age is None else f"{row.age:g}",
        "chief": row.chief,
        "last_visit": None if row.last_date is None else row.last_date.isoformat(),
        "visits": row.visits,
        "tags": " ".join(row.tags),
        "pinned": t("pinned") if row.pinned else "",
    }
