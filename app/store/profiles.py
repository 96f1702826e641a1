"""Column mappings that proved right, found again by the headers of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.store import audit
from app.store.desk import Service
from app.store.roles import Permission, needs
from app.store.tables import mapping_profile


@dataclass(frozen=True, slots=True)
class Profile:
    """signature: of the headers, see ``app.importing.profiles``; mapping: JSON of a Mapping."""

    signature: str
    mapping: dict[str, Any]
    at: dt.datetime
    who: str


class Profiles(Service):
    """Service of ``Clinic.profiles``."""

    @needs(Permission.PATIENTS_READ)
    def find(self, signature: str) -> dict[str, Any] | None:
        """The mapping last used for such headers; None where there is none."""
        query = select(mapping_profile.c.mapping).where(mapping_profile.c.signature == signature)
        with self._desk.database.read() as connection:
            return connection.execute(query).scalar()

    @needs(Permission.PATIENTS_READ)
    def list(self) -> list[Profile]:
        """The newest first."""
        p = mapping_profile.c
        query = select(p.signature, p.mapping, p.at, p.who).order_by(p.at.desc())
        with self._desk.database.read() as connection:
            return [Profile(*row) for row in connection.execute(query)]

    @needs(Permission.PATIENTS_WRITE)
    def remember(self, signature: str, mapping: Mapping[str, Any]) -> None:
        """Use this mapping for such headers from now on."""
        values = {"mapping": dict(mapping), "at": dt.datetime.now(dt.UTC), "who": self.actor.name}
        p = mapping_profile.c
        with self._desk.database.write() as connection:
            known = connection.execute(select(p.mapping).where(p.signature == signature)).scalar()
            if known == values["mapping"]:
                return
            if known is None:
                connection.execute(insert(mapping_profile), {"signature": signature, **values})
            else:
                connection.execute(update(mapping_profile).where(p.signature == signature).values(**values))
            detail = {"signature": signature}
            audit.write(connection, self.actor.name, [audit.Entry("remember", "mapping_profile", None, detail)])

    @needs(Permission.PATIENTS_WRITE)
    def forget(self, signature: str) -> None:
        """Suggest a mapping anew for such headers. Again is harmless."""
        with self._desk.database.write() as connection:
            connection.execute(delete(mapping_profile).where(mapping_profile.c.signature == signature))
