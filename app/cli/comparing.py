"""The verb that lays visits, a course before and after a formula, or two patients side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import AsJson, Database, open_clinic, tell_either
from app.domain.errors import KnownError
from app.i18n import t

if TYPE_CHECKING:
    from app.domain.comparison import By, Course, Effect, TwoCourses
    from app.domain.records import Case, Visit

MOST = 4  # visits side by side


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("compare", help=t("Visits side by side, before and after a formula, or two patients."))(compare)


def compare(
    db: Database,
    patient: Annotated[str, typer.Argument(help=t("Patient number"))],
    visits: Annotated[
        str, typer.Option(help=t("Numbers of two to four visits, e.g. 1,5; else the first and last"))
    ] = "",
    formula: Annotated[str, typer.Option(help=t("Name of a formula: before it and under it"))] = "",
    other: Annotated[str, typer.Option("--with", help=t("Number of another patient"))] = "",
    by: Annotated[str, typer.Option(help=t("With another patient: days or visits"))] = "days",
    changed: Annotated[bool, typer.Option("--changed", help=t("Only what differs"))] = False,
    as_json: AsJson = False,
) -> None:
    from app.domain import comparison

    if sum(map(bool, (visits, formula, other))) > 1:
        raise typer.BadParameter(t("Give one of --visits, --formula and --with."))
    if by not in list(comparison.By):
        raise typer.BadParameter(t("--by is {known}.", known=" | ".join(comparison.By)))
    with open_clinic(db) as clinic:  # the log is told who was looked at
        case = clinic.patients.open(patient).case
        beside = clinic.patients.open(other).case if other else None
    if beside is not None:
        _two_patients(case, beside, comparison.By(by), as_json)
        return
    told = [_side_by_side(chosen, only=changed) for chosen in _chosen(case, visits, formula)]
    tell_either([document for document, _ in told], [line for _, lines in told for line in (*lines, "")][:-1], as_json)


def _chosen(case: Case, visits: str, formula: str) -> list[list[Visit]]:
    from app.domain import comparison

    if formula:
        found = comparison.before_after(case, formula)
        pairs = [[one.before, one.after] for one in found if one.after is not None]
        if not pairs:
            raise KnownError("No visit of {patient} lies under {formula}, so there is nothing to set against the time "
                             "before.", patient=case.patient.code, formula=formula)  # fmt: skip
        return pairs
    known = {visit.number: visit for visit in case.visits}
    if len(known) < 2:
        raise KnownError("{patient} has {n} visits; two are needed.", patient=case.patient.code, n=len(known))
    if not visits:
        return [[case.visits[0], case.visits[-1]]]
    words = [word.strip() for word in visits.split(",")]
    missing = next((word for word in words if not word.isdecimal() or int(word) not in known), None)
    if missing is not None:
        raise KnownError("{patient} has no visit {number}; there are {known}.", patient=case.patient.code,
                         number=missing, known=", ".join(map(str, known)))  # fmt: skip
    numbers = list(dict.fromkeys(map(int, words)))
    if not 2 <= len(numbers) <= MOST:
        raise typer.BadParameter(t("Give two to {most} different visits.", most=MOST))
    return [[known[number] for number in numbers]]


def _side_by_side(visits: Sequence[Visit], *, only: bool) -> tuple[dict[str, Any], list[str]]:
    """As a document, and as lines with a tab between the columns."""
    from app import comparison_words as words
    from app.domain import comparison

    rows = [row for row in comparison.compare(visits) if row.differs or not only]
    effects = [comparison.effect_between(visits[0], later) for later in visits[1:]]
    lines = ["\t".join(["", *map(words.visit_name, visits)])]
    before = ""
    for row in rows:
        if (group := words.heading(row.kind)) != before:
            lines.append(f"[{group}]")
        before = group
        lines.append("\t".join([words.row_label(row), *(words.said(row, cell) for cell in row.cells)]))
    for later, effect in zip(visits[1:], effects, strict=True):
        lines.append(f"{words.visit_name(later)}: {words.effect_title(effect)}. {words.effect_basis(effect)}")
    document = {
        "visits": [visit.number for visit in visits],
        "rows": [
            {
                "kind": row.kind,
                "subject": row.key,
                "unit": row.unit,
                "label": words.row_label(row),
                "cells": [
                    {"text": words.cell_text(row, cell.fact), "number": cell.fact.number if cell.fact else None,
                     "recorded": cell.fact is not None, "change": cell.change, "verdict": cell.verdict}
                    for cell in row.cells
                ],
            }
            for row in rows
        ],
        "effects": [_effect(effect) for effect in effects],
    }  # fmt: skip
    return document, lines


def _effect(effect: Effect | None) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {
        "index": effect.index,
        "class": effect.label,
        "before": effect.before,
        "after": effect.after,
        "symptoms": effect.shared,
        "not_counted": effect.left_out,
    }


def _two_patients(first: Case, second: Case, by: By, as_json: bool) -> None:
    from app import comparison_words as words
    from app.domain import comparison

    two = comparison.compare_patients(first, second, by)
    codes = first.patient.code, second.patient.code
    lines = [t("Total scores by {by}", by=words.by_word(by))]
    for code, course in zip(codes, (two.first, two.second), strict=True):
        points = "  ".join(f"{point.at:g}: {point.total:g}{'' if point.whole else '*'}" for point in course.points)
        lines += [f"{code}\t{points}", f"{code}\t{words.effect_title(course.effect)}"]
    if not all(point.whole for course in (two.first, two.second) for point in course.points):
        lines.append(t("* a symptom graded elsewhere is not recorded there"))
    lines += words.herb_lines(two, codes)
    tell_either(_two_document(codes, two), lines, as_json)


def _two_document(codes: tuple[str, str], two: TwoCourses) -> dict[str, Any]:
    def told(code: str, course: Course) -> dict[str, Any]:
        points = [
            {"at": point.at, "visit": point.visit, "total": point.total, "whole": point.whole}
            for point in course.points
        ]
        return {"patient": code, "points": points, "effect": _effect(course.effect)}

    return {
        "by": two.by,
        "courses": [told(code, course) for code, course in zip(codes, (two.first, two.second), strict=True)],
        "herbs": {
            "shared": [herb.key for herb in two.shared],
            codes[0]: [herb.key for herb in two.only_first],
            codes[1]: [herb.key for herb in two.only_second],
        },
    }
