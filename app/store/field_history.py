"""The history of one field of a visit: what each edit made of it, out of the lists an edit keeps whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.domain.comparison import Row, compare_visits
from app.domain.records import DateBasis, Visit, VisitKind
from app.store.snapshots import visit_json, visit_of
from app.store.undoing import Edit

_LISTS = ("observations", "pulses", "diagnoses", "prescriptions")
_NOTHING = visit_json(Visit(0, VisitKind.FOLLOW_UP, 0.0, DateBasis.ORDER))


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """row: the field before and after, as two cells."""

    at: dt.datetime
    who: str
    label: str
    row: Row


def of_field(edits: Iterable[Edit], wanted: Callable[[Row], bool]) -> list[FieldEdit]:
    """In the order of the edits; those that left the field as it was are passed over."""
    return [
        FieldEdit(edit.at, edit.who, edit.label, row)
        for edit in edits
        if edit.entity == "visit"
        for row in compare_visits(_said(edit, 0), _said(edit, 1))
        if row.differs and wanted(row)
    ]


def _said(edit: Edit, side: int) -> Visit:
    """What an edit touched of the visit, as it was (0) or became (1)."""
    touched = {name: edit.fields[name][side] or [] for name in _LISTS if name in edit.fields}
    return visit_of({**_NOTHING, **touched})
