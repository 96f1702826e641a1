"""The shelf of trained networks: which there are, what their cards say, where their files lie."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.domain import standing
from app.domain.errors import KnownError
from app.store import audit
from app.store.audit import Entry
from app.store.desk import Desk, Service
from app.store.observer import Change, ChangeKind
from app.store.roles import Permission, needs
from app.store.tables import model


@dataclass(frozen=True, slots=True)
class StoredModel:
    """path: absolute; created: an aware moment in UTC."""

    name: str
    card: dict[str, Any]
    path: Path
    created: dt.datetime


class Shelf(Service):
    """Service of ``Clinic.models``. The files themselves belong to whoever saved them; only the entry lives here."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        super().__init__(desk)
        self._folder = folder

    @needs(Permission.MODELS_WRITE)
    def register(self, name: str, card: Mapping[str, Any], path: Path, *, still_preferred: bool = False) -> StoredModel:
        """Enter a network, or replace the entry of that name (its old card goes to the audit log).

        still_preferred: where the entry was preferred the new one is, too. A card's own word for it does not count.

        Raises KnownError for an empty name, ValueError for a card that is not plain JSON with finite numbers.
        """
        name = name.strip()
        if not name:
            raise KnownError("A model needs a name.")
        plain = json.loads(json.dumps(card, allow_nan=False))
        plain.pop(standing.PREFERRED, None)
        values = {"card": plain, "path": self._to_store(path), "created": dt.datetime.now(dt.UTC)}
        with self._desk.database.write() as connection:
            old = connection.execute(select(model.c.id, model.c.card, model.c.path).where(model.c.name == name)).first()
            if old is not None and still_preferred and old.card.get(standing.PREFERRED):
                plain[standing.PREFERRED] = old.card[standing.PREFERRED]
            if old is None:
                adding = insert(model).returning(model.c.id)
                key = int(connection.execute(adding, {"name": name, **values}).scalar_one())
                entry = Entry("add", "model", key, {"name": name, "card": plain})
            else:
                connection.execute(update(model).where(model.c.id == old.id).values(**values))
                before = {"card": old.card, "path": old.path}
                entry = Entry("update", "model", old.id, {"name": name, "before": before})
            audit.write(connection, self.actor.name, [entry])
        self._desk.changed.emit(Change(ChangeKind.MODEL, (name,)))
        return StoredModel(name, plain, self._from_store(values["path"]), values["created"])

    @needs(Permission.MODELS_READ)
    def list(self) -> list[StoredModel]:
        """Newest first."""
        query = select(model.c.name, model.c.card, model.c.path, model.c.created)
        with self._desk.database.read() as connection:
            rows = connection.execute(query.order_by(model.c.created.desc(), model.c.id.desc())).all()
        return [StoredModel(row.name, row.card, self._from_store(row.path), row.created) for row in rows]

    @needs(Permission.MODELS_READ)
    def get(self, name: str) -> StoredModel:
        """Raises KnownError, with the names there are, where there is none of that name."""
        known = self.list()
        for found in known:
            if found.name == name:
                return found
        raise _no_such_model(name, [found.name for found in known])

    @needs(Permission.MODELS_READ)
    def in_use(self) -> StoredModel | None:
        """What forecasts where nobody names a model, see ``standing.in_use``; None where there is none."""
        return standing.in_use(self.list())

    @needs(Permission.MODELS_WRITE)
    def prefer(self, name: str) -> StoredModel:
        """From now on this one is in use, until another is preferred or it is trained anew. Raises KnownError."""
        found = self.get(name)
        with self._desk.database.write() as connection:
            row = connection.execute(select(model.c.id, model.c.card).where(model.c.name == name)).first()
            if row is None:  # gone since we looked
                raise _no_such_model(name, [])
            _prefer_none(connection)  # an older choice never comes back to life
            key, card = row.id, {**row.card, standing.PREFERRED: dt.datetime.now(dt.UTC).isoformat()}
            connection.execute(update(model).where(model.c.id == key).values(card=card))
            audit.write(connection, self.actor.name, [Entry("update", "model", key, {"name": name, "preferred": True})])
        self._desk.changed.emit(Change(ChangeKind.MODEL, (name,)))
        return replace(found, card=card)

    @needs(Permission.MODELS_WRITE)
    def prefer_none(self, only: str | None = None) -> StoredModel | None:
        """From now on results choose, see ``standing.in_use``; returns what they choose, None where there is none.

        only: nothing changes where another one is preferred by now
        """
        with self._desk.database.write() as connection:
            before = _prefer_none(connection, only)
            told = [Entry("update", "model", key, {"name": name, "preferred": False}) for key, name in before]
            audit.write(connection, self.actor.name, told)
        self._desk.changed.emit(Change(ChangeKind.MODEL, tuple(name for _, name in before)))
        return standing.in_use(self.list())

    @needs(Permission.MODELS_WRITE)
    def forget(self, name: str) -> StoredModel:
        """Take the entry away and return it; its files stay. Raises KnownError where there is none of that name."""
        found = self.get(name)
        with self._desk.database.write() as connection:
            key = connection.execute(delete(model).where(model.c.name == name).returning(model.c.id)).scalar()
            if key is None:  # gone since we looked
                raise _no_such_model(name, [])
            before = {"card": found.card, "path": self._to_store(found.path)}
            audit.write(connection, self.actor.name, [Entry("forget", "model", key, {"name": name, "before": before})])
        self._desk.changed.emit(Change(ChangeKind.MODEL, (name,)))
        return found

    def _to_store(self, path: Path) -> str:
        """Relative inside the models folder, so that clinic file and folder can be moved together."""
        path, folder = Path(path).absolute(), self._folder.absolute()
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)

    def _from_store(self, path: str) -> Path:
        return self._folder.absolute() / path


def _prefer_none(connection: Connection, only: str | None = None) -> list[tuple[int, str]]:
    """Keys and names of those that were preferred, and are so no longer. only: this one, None: any."""
    before: list[tuple[int, str]] = []
    for row in connection.execute(select(model.c.id, model.c.name, model.c.card)).all():
        if standing.PREFERRED in row.card and only in (None, row.name):
            rest = {k: v for k, v in row.card.items() if k != standing.PREFERRED}
            connection.execute(update(model).where(model.c.id == row.id).values(card=rest))
            before.append((row.id, row.name))
    return before


def _no_such_model(name: str, known: list[str]) -> KnownError:
    return KnownError(
        "There is no model {name} in this clinic file; there are: {known}.", name=name, known=", ".join(known) or "-"
    )
