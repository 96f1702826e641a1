"""Pictures of visits: of the tongue, so far. They lie in the clinic's database, encrypted with it.

Which picture a file holds, and whether it is one, is looked at where it comes in (``app.ui``): this takes PNG and JPEG.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.domain.errors import KnownError, no_such_visit
from app.domain.photos import NewPhoto
from app.store import beside
from app.store.desk import Service
from app.store.journal import Label
from app.store.observer import Change, ChangeKind
from app.store.people import patient_row
from app.store.roles import Permission, needs
from app.store.tables import photo, visit


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored picture, without its bytes. visit: the number of its visit."""

    id: int
    visit: int
    kind: str
    name: str
    at: dt.datetime


class Photos(Service):
    """Service of ``Clinic.photos``."""

    @needs(Permission.PATIENTS_READ)
    def list(self, patient_code: str) -> list[Photo]:
        """Of all visits, in the order of time."""
        p, v = photo.c, visit.c
        with self._desk.database.read() as connection:
            owner = patient_row(connection, patient_code)
            query = (
                select(p.id, v.number, p.kind, p.name, p.at)
                .select_from(photo.join(visit, v.id == p.visit_id))
                .where(v.patient_id == owner.id, p.removed.is_(False))
                .order_by(v.day, v.number, p.id)
            )
            return [Photo(*row) for row in connection.execute(query)]

    @needs(Permission.PATIENTS_READ)
    def content(self, photo_id: int) -> bytes:
        """The bytes of a picture. Raises KnownError where there is none."""
        query = (  # not of a visit that was taken out
            select(photo.c.content)
            .select_from(photo.join(visit, visit.c.id == photo.c.visit_id))
            .where(photo.c.id == photo_id, photo.c.removed.is_(False))
        )
        with self._desk.database.read() as connection:
            found = connection.execute(query).scalar()
        if found is None:
            raise KnownError("This picture is gone; someone may have taken it out.")
        return bytes(found)

    @needs(Permission.PATIENTS_WRITE)
    def add(self, patient_code: str, number: int, new: NewPhoto) -> int:
        """A picture to a visit there is; returns its id."""
        with self._desk.database.write() as connection:
            owner = patient_row(connection, patient_code)
            visit_id = _visit_id(connection, owner, number)
            values = {**new.values(), "visit_id": visit_id, "at": dt.datetime.now(dt.UTC)}
            label = Label("Picture for visit {number} of {patient}", {"number": number, "patient": owner.code})
            (key,) = beside.add(connection, self.actor.name, "photo", owner, [values], label)
        self._desk.changed.emit(Change(ChangeKind.VISIT, (owner.code,)))
        return key

    @needs(Permission.PATIENTS_WRITE)
    def remove(self, patient_code: str, photo_id: int) -> None:
        """Take a picture out; undo brings it back."""
        with self._desk.database.write() as connection:
            owner = patient_row(connection, patient_code)
            label = Label("Picture of {patient} taken out", {"patient": owner.code})
            beside.change(connection, self.actor.name, "photo", owner, photo_id, None, label)
        self._desk.changed.emit(Change(ChangeKind.VISIT, (owner.code,)))


def _visit_id(connection: Connection, owner: Any, number: int) -> int:
    found = connection.execute(select(visit.c.id).where(visit.c.patient_id == owner.id, visit.c.number == number))
    key = found.scalar()
    if key is None:
        raise no_such_visit(owner.code, number)
    return int(key)
