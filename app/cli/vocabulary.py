"""Verbs on the vocabulary, and on a prescription written in it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import AsJson, Database, open_clinic, say, show
from app.i18n import t


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
    app.add_typer(vocab, name="vocab")
    app.command("check", help=t("Look a prescription over: pairs, doses, poisons, pregnancy."))(check)


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
