"""Verbs that bring records in: import, the imports so far, the review of what could not be coded, the template."""

from __future__ import annotations

import contextlib
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import AsJson, ConsoleListener, Database, clinic_file, complain, open_clinic, say, show
from app.cli.vocabulary import TermKind
from app.domain.errors import KnownError
from app.domain.units import UnitConvention
from app.files import keep_apart, write_json
from app.i18n import t

if TYPE_CHECKING:
    from app.store.clinic import Clinic


class Kind(StrEnum):
    AUTO = "auto"
    LONG = "long"
    WIDE = "wide"
    CASES = "cases"
    EXPORT = "export"
    FHIR = "fhir"
    TEXT = "text"


class DateOrder(StrEnum):
    AUTO = "auto"
    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    EXCEL1900 = "excel1900"
    EXCEL1904 = "excel1904"
    LUNAR = "lunar"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("import", help=t("Import case files into a clinic file: all accepted rows or none."))(import_)
    app.add_typer(imports, name="imports")
    app.add_typer(review, name="review")
    app.command("template", help=t("Write an Excel template for records."))(template)


def import_(
    files: Annotated[list[Path], typer.Argument(help=t("CSV, Excel, ODS, JSON, FHIR, Word or text"))],
    db: Database,
    kind: Annotated[Kind, typer.Option(help=t("Form of the files"))] = Kind.AUTO,
    mapping: Annotated[Path | None, typer.Option(help=t("Saved column mapping (JSON)"))] = None,
    save_mapping: Annotated[Path | None, typer.Option(help=t("Save the column mapping used"))] = None,
    encoding: Annotated[str | None, typer.Option(help=t("Text encoding; found out where not given"))] = None,
    unit_convention: Annotated[UnitConvention, typer.Option(help=t("Grams of one qian"))] = UnitConvention.MODERN,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("Read and report, change nothing"))] = False,
    report: Annotated[Path | None, typer.Option(help=t("Write the import report (JSON)"))] = None,
    near: Annotated[int | None, typer.Option(help=t("A year near which dates of the sixty-year cycle lie"))] = None,
    header_row: Annotated[int | None, typer.Option(help=t("Row of the column names"), min=1)] = None,
    delimiter: Annotated[str | None, typer.Option(help=t("What separates the columns"))] = None,
    date_style: Annotated[DateOrder | None, typer.Option(help=t("How dates are written"))] = None,
    century: Annotated[int | None, typer.Option(help=t("First of the hundred years two-digit years lie in"))] = None,
    plain: Annotated[bool, typer.Option("--plain", help=t("Do not encrypt a new clinic file"))] = False,
) -> None:
    from app.importing.mapping import Mapping
    from app.importing.run import import_files
    from app.store.opening import check_place

    for out in (report, save_mapping):
        keep_apart(out, [*files, *clinic_file(db), mapping])
    keep_apart(report, [save_mapping])
    chosen = Mapping.load(mapping) if mapping else None
    overruled = {
        "header_row": header_row,
        "delimiter": delimiter,
        "date_style": date_style.value if date_style else None,
        "century": century,
        "lunar_epoch": near,
    }
    overruled = {name: value for name, value in overruled.items() if value is not None}
    new = check_place(db)  # no clinic file? Told before a long reading

    def store() -> Clinic:
        if new and plain:
            complain(t("The new clinic file is not encrypted: whoever gets the file can read the records."))
        return stack.enter_context(open_clinic(db, create=True, plain=plain))

    with ConsoleListener().listening() as listener, contextlib.ExitStack() as stack:
        result = import_files(
            files,
            (None if dry_run else store) if new else stack.enter_context(open_clinic(db)),
            kind=kind.value,
            mapping=chosen,
            overruled=overruled,
            near=near,
            encoding=encoding,
            convention=unit_convention,
            dry_run=dry_run,
            progress=listener.progress,
            cancelled=listener.cancelled,
        )
    for line in result.summary():  # first: whatever becomes of the files below, what was stored is told
        say(line)
    if report is not None:
        result.save(report)
    if save_mapping is not None and result.mapping is not None:
        result.mapping.save(save_mapping)
    if result.rows_read and not result.rows_accepted:
        raise typer.Exit(1)  # nothing of the file was taken: refused, as the summary says


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
    from app.importing.free_text.importing import import_reviewed
    from app.importing.free_text.reviewing import Review
    from app.importing.report import ImportReport
    from app.store.imports import FileInfo

    keep_apart(draft, [file, corrections])
    review = Review(read_document(file, UnitConvention.MODERN, ImportReport(), near=near))
    if draft is not None:
        write_json(draft, review.draft.to_dict())
    for one in _read_json(corrections) if corrections else []:
        review.correct(Correction.from_dict(one))
    if db is not None:
        with open_clinic(db) as clinic:
            report = import_reviewed(clinic, review, FileInfo.of(file))
    else:
        _, report = review.cases()
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
