"""What a person puts on a patient to find them again: tags that all share, pins of one's own."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from app.domain.errors import KnownError
from app.store import accounts, audit, beside
from app.store.desk import Service
from app.store.journal import Label
from app.store.names import name_key
from app.store.observer import Change, ChangeKind
from app.store.people import patient_row
from app.store.roles import Actor, Permission, needs
from app.store.tables import patient, pin, tag

LONGEST = 40  # characters of a tag


class Marks(Service):
    """Service of ``Clinic.marks``. Tags are undone like any other edit; a pin is a person's own and no edit."""

    @needs(Permission.PATIENTS_READ)
    def tags(self, code: str) -> list[str]:
        """Of a patient, in the order they were given."""
        with self._desk.database.read() as connection:
            return [row.name for row in _tags_of(connection, patient_row(connection, code).id)]

    @needs(Permission.PATIENTS_WRITE)
    def add_tag(self, code: str, name: str) -> bool:
        """False where the patient has it already. Raises KnownError for a name that is none."""
        word = clean(name)
        with self._desk.database.write() as connection:
            row = patient_row(connection, code)
            key = name_key(word)
            if any(found.name_key == key for found in _tags_of(connection, row.id)):
                return False
            label = Label("Tag {tag} for {patient}", {"tag": word, "patient": row.code})
            beside.add(connection, self.actor.name, "tag", row, [{"name": word, "name_key": key}], label)
        self._tell(row.code)
        return True

    @needs(Permission.PATIENTS_WRITE)
    def remove_tag(self, code: str, name: str) -> bool:
        """False where the patient has no such tag."""
        with self._desk.database.write() as connection:
            row = patient_row(connection, code)
            key = name_key(name)
            found = next((one for one in _tags_of(connection, row.id) if one.name_key == key), None)
            if found is None:
                return False
            label = Label("Tag {tag} taken from {patient}", {"tag": found.name, "patient": row.code})
            beside.change(connection, self.actor.name, "tag", row, found.id, None, label)
        self._tell(row.code)
        return True

    @needs(Permission.PATIENTS_READ)
    def pin(self, code: str) -> None:
        """Keep the patient at the top of one's own list. Again is harmless."""
        self._set_pin(code, wanted=True)

    @needs(Permission.PATIENTS_READ)
    def unpin(self, code: str) -> None:
        """Again is harmless."""
        self._set_pin(code, wanted=False)

    @needs(Permission.PATIENTS_READ)
    def pinned(self) -> list[str]:
        """Codes of the patients this person keeps at the top."""
        with self._desk.database.read() as connection:
            mine = pin.c.who == owner(connection, self.actor)
            query = select(patient.c.code).join(pin, pin.c.patient_id == patient.c.id).where(mine)
            return list(connection.execute(query.order_by(patient.c.code_key)).scalars())

    def _set_pin(self, code: str, *, wanted: bool) -> None:
        with self._desk.database.write() as connection:
            row = patient_row(connection, code)
            who = owner(connection, self.actor)
            mine = (pin.c.patient_id == row.id) & (pin.c.who == who)
            there = connection.execute(select(pin.c.who).where(mine)).first() is not None
            if there == wanted:
                return
            if wanted:
                connection.execute(insert(pin), {"patient_id": row.id, "who": who})
            else:
                connection.execute(delete(pin).where(mine))
            action = "pin" if wanted else "unpin"
            audit.write(connection, self.actor.name, [audit.Entry(action, "patient", row.id, {"patient": row.code})])
        self._tell(row.code)

    def _tell(self, code: str) -> None:
        self._desk.changed.emit(Change(ChangeKind.MARK, (code,)))


def owner(connection: Connection, actor: Actor) -> str:
    """Whose pins these are: "" where there are no accounts, and so one desk."""
    return actor.name if accounts.has_accounts(connection) else ""


def clean(name: str) -> str:
    """A tag as it is stored. Raises KnownError where it says nothing, or too much."""
    word = " ".join(unicodedata.normalize("NFC", name).split())
    if not name_key(word) or len(word) > LONGEST or not word.isprintable():
        raise KnownError("A tag is a word of 1 to {most} characters.", most=LONGEST)
    return word


def _tags_of(connection: Connection, patient_id: int) -> Sequence[Any]:
    t = tag.c
    query = select(t.id, t.name, t.name_key).where(t.patient_id == patient_id, t.removed.is_(False)).order_by(t.id)
    return connection.execute(query).all()
