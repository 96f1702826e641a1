"""Facts of a patient (name, sex, age, birth, static columns) from cells, the same for long and wide tables."""

from __future__ import annotations

from app.i18n import t
from app.importing import values
from app.importing.dates import DateStyle
from app.importing.people import MAX_NAME, Person, Place
from app.importing.report import ImportReport
from app.importing.roles import Role
from app.importing.tables import Cell, as_text

MAX_FACT = 2000  # characters of a static fact
FACTS = (Role.NAME, Role.SEX, Role.AGE, Role.BIRTH_DATE)


def learn(
    person: Person, role: Role, cell: Cell, header: str, place: Place, report: ImportReport, dates: DateStyle
) -> None:
    """Reads one fact; what cannot be read, or contradicts an earlier row, is listed as a refused cell.

    dates: how they are written. Age is only taken where the visits bring none.
    """
    if values.is_missing(cell):
        return
    if role == Role.NAME:
        name = as_text(cell)
        too_long = len(name) > MAX_NAME
        parsed = values.Parsed(reason=t("more than {n} characters", n=MAX_NAME)) if too_long else values.Parsed(name)
    elif role == Role.SEX:
        parsed = values.sex(cell)
    elif role == Role.BIRTH_DATE:
        parsed = values.date(cell, dates)
    else:
        parsed = values.age(cell)
    if parsed.value is None:
        report.refuse(place.file, place.row, header, cell, parsed.reason)
        return
    if parsed.rule:
        report.normalise(as_text(cell), parsed.value, parsed.rule)
    told = person.learn(role.value, parsed.value, place)
    if told is not None and role not in (Role.AGE, Role.NAME):
        report.refuse(place.file, place.row, header, cell, _contradicts(told))


def attribute(person: Person, name: str, cell: Cell, place: Place, report: ImportReport) -> None:
    """Keeps a static fact as text; a second, different value is listed as a refused cell."""
    if values.is_missing(cell):
        return
    text = as_text(cell)
    if len(text) > MAX_FACT:
        report.refuse(place.file, place.row, name, cell, t("more than {n} characters", n=MAX_FACT))
        return
    known = person.attributes.setdefault(name, text)
    told = person.told.setdefault(f"static {name}", place)
    if known != text:
        report.refuse(place.file, place.row, name, cell, _contradicts(told))


def _contradicts(told: Place) -> str:
    return t("contradicts {file}, row {row}, which was kept", file=told.file, row=told.row)
