"""The de-identification of one clinic: its key, made at first use and kept in the clinic, and the names to take out."""

from __future__ import annotations

import secrets

from sqlalchemy import insert, select

from app.domain.deidentify import KEPT_ATTRIBUTES, KEY_BYTES, Deidentifier
from app.domain.scrubbing import Scrubber
from app.store.engine import Database
from app.store.tables import patient, patient_alias, setting

KEY_SETTING = "pseudonyms.key"


def deidentifier(database: Database, attributes: frozenset[str] | None = KEPT_ATTRIBUTES) -> Deidentifier:
    """For the patients as they are now. attributes: see ``Deidentifier``."""
    return Deidentifier(_key(database), *_people(database), attributes)


def scrubber(database: Database) -> Scrubber:
    """For the patients as they are now."""
    return Scrubber(*_people(database))


def _people(database: Database) -> tuple[list[str], list[str]]:
    """Names, and numbers: those of patients merged into others, too."""
    with database.read() as connection:
        people = connection.execute(select(patient.c.name, patient.c.code)).all()
        merged = connection.execute(select(patient_alias.c.code)).scalars().all()
    return [name for name, _ in people], [*(code for _, code in people), *merged]


def _key(database: Database) -> bytes:
    stored = select(setting.c.value).where(setting.c.name == KEY_SETTING)
    with database.read() as connection:
        found = connection.execute(stored).scalar()
    if found is None:
        with database.write() as connection:
            found = connection.execute(stored).scalar()  # again: another program may have been faster
            if found is None:
                found = secrets.token_hex(KEY_BYTES)
                connection.execute(insert(setting), {"name": KEY_SETTING, "value": found})
    return bytes.fromhex(found)
