"""Free-text cases that were split and coded, kept with the original text until a person has looked through them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.domain.errors import KnownError
from app.store import audit
from app.store.conflicts import ConflictError
from app.store.desk import Service
from app.store.roles import Permission, needs
from app.store.tables import draft


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """name: of the original file, sha256: of its bytes; version: to be named when it is saved."""

    id: int
    name: str
    sha256: str
    at: dt.datetime
    who: str
    version: int


class Drafts(Service):
    """Service of ``Clinic.drafts``."""

    @needs(Permission.PATIENTS_READ)
    def list(self) -> list[KeptDraft]:
        """The newest first, without their content."""
        d = draft.c
        query = select(d.id, d.name, d.sha256, d.at, d.who, d.version).order_by(d.id.desc())
        with self._desk.database.read() as connection:
            return [KeptDraft(*row) for row in connection.execute(query)]

    @needs(Permission.PATIENTS_READ)
    def get(self, draft_id: int) -> tuple[dict[str, Any], int]:
        """Content (``Draft.to_dict`` and the corrections) and version. Raises KnownError where there is none."""
        query = select(draft.c.content, draft.c.version).where(draft.c.id == draft_id)
        with self._desk.database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise _no_such_draft(draft_id)
        return row.content, row.version

    @needs(Permission.PATIENTS_WRITE)
    def keep(self, name: str, sha256: str, content: Mapping[str, Any]) -> int:
        """Id of a new draft."""
        values = {"name": name, "sha256": sha256, "at": dt.datetime.now(dt.UTC), "who": self.actor.name}
        with self._desk.database.write() as connection:
            adding = insert(draft).returning(draft.c.id)
            key = int(connection.execute(adding, {**values, "content": dict(content), "version": 1}).scalar_one())
            audit.write(connection, self.actor.name, [audit.Entry("add", "draft", key, {"name": name})])
        return key

    @needs(Permission.PATIENTS_WRITE)
    def save(self, draft_id: int, content: Mapping[str, Any], *, version: int) -> int:
        """Keep what was corrected so far; returns the new version. Raises ConflictError where another did since."""
        with self._desk.database.write() as connection:
            change = update(draft).where(draft.c.id == draft_id, draft.c.version == version)
            done = connection.execute(change.values(content=dict(content), version=version + 1))
            if not done.rowcount:
                raise ConflictError("This draft was corrected by someone else meanwhile, or is gone. Open it again.")
        return version + 1

    @needs(Permission.PATIENTS_WRITE)
    def drop(self, draft_id: int) -> None:
        """Take it away: its cases were imported, or nobody wants them. Raises KnownError where there is none."""
        with self._desk.database.write() as connection:
            name = connection.execute(delete(draft).where(draft.c.id == draft_id).returning(draft.c.name)).scalar()
            if name is None:
                raise _no_such_draft(draft_id)
            audit.write(connection, self.actor.name, [audit.Entry("remove", "draft", draft_id, {"name": name})])


def _no_such_draft(draft_id: int) -> KnownError:
    return KnownError("There is no draft with the number {n}.", n=draft_id)
