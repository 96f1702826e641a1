"""Looks a clinic through for what may have gone wrong, says what to do, and mends on request what can be mended.

Mended: the keys of the search, the figures of the patient list, modes of files, what programs that were killed left.
Everything else is told with what a person can do.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from app.domain.errors import KnownError
from app.domain.herbs import herbs
from app.domain.vocabulary import core
from app.i18n import explain, t
from app.store import audit, copies, keys
from app.store.audit import Entry
from app.store.backup import Backups
from app.store.desk import Desk, Service
from app.store.names import search_keys
from app.store.roles import Permission, needs
from app.store.search import index_patients, sum_up
from app.store.sqlite import SqliteDatabase
from app.store.tables import (
    concept,
    diagnosis,
    observation,
    patient,
    patient_key,
    prescription_item,
    pulse_reading,
    visit,
)
from app.store.tables.records import NEVER

OLD_BACKUP = 7  # days
SHOWN = 5  # codes named in one finding
PAGE = 1000  # patients looked at together
OWN_NAME = "x."  # begins a concept the source named itself


class Kind(StrEnum):
    PAGES = "pages"
    CODES = "codes"
    SEARCH = "search"
    SUMMARIES = "summaries"
    AUDIT = "audit"
    BACKUPS = "backups"
    MODES = "modes"
    KEYS = "keys"
    LEFTOVERS = "leftovers"


@dataclass(frozen=True, slots=True)
class Finding:
    """kind; what is the matter and remedy, in the user's language; mends: ``Doctor.repair`` sees to it."""

    kind: Kind
    what: str
    remedy: str
    mends: bool = False


class Doctor(Service):
    """Service of ``Clinic.doctor``."""

    def __init__(self, desk: Desk, backups: Backups, models: Path) -> None:
        super().__init__(desk)
        self._backups = backups
        self._models = models

    @needs(Permission.BACKUP)
    def check(self) -> list[Finding]:
        """Everything that was found, the gravest first; changes nothing."""
        database = self._desk.database
        found: list[Finding] = []
        with database.read() as connection:
            if isinstance(database, SqliteDatabase):
                found += _pages(connection, encrypted=database.encrypted)
            found += _chain(connection, self._backups)
            found += _codes(connection)
            found += _search(connection)
            found += _summaries(connection)
        found += self._look_at_backups()
        if isinstance(database, SqliteDatabase):
            found += _keys(database)
            found += _modes(self._places(database))
            found += _leftovers(database)
        return found

    @needs(Permission.BACKUP)
    def repair(self) -> list[Finding]:
        """Mend what can be mended, after a backup; what was mended. Raises KnownError where no backup can be made."""
        wanted = [finding for finding in self.check() if finding.mends]
        kinds = {finding.kind for finding in wanted}
        if not kinds:
            return []
        database = self._desk.database
        if self._backups.automatic_is_possible:
            self._backups.make_now()
        if kinds & {Kind.SEARCH, Kind.SUMMARIES}:
            with database.write() as connection:
                _rebuild(connection)
                audit.write(connection, self.actor.name, [Entry("repair", "clinic", None, {"kinds": sorted(kinds)})])
        if isinstance(database, SqliteDatabase):
            for path in self._places(database):
                if _too_open(path):
                    path.chmod(0o700 if path.is_dir() else 0o600)
            for path in _left(database):
                path.unlink(missing_ok=True)
        return wanted

    def _look_at_backups(self) -> Iterator[Finding]:
        try:
            listed = self._backups.list()
        except KnownError as error:
            yield Finding(Kind.BACKUPS, explain(error), t("Look into the folder of the backups."))
            return
        for one in listed:
            if not one.sound:
                yield Finding(
                    Kind.BACKUPS,
                    t("The backup {file} is bad: {why}", file=one.path.name, why=one.problem),
                    t("It does not count. Make a new one, and check the disk."),
                )
        newest = max((one.at for one in listed if one.sound), default=None)
        if newest is None:
            yield Finding(Kind.BACKUPS, t("There is no sound backup."), t("Make one: mailiu backup make"))
        elif (age := (dt.datetime.now(dt.UTC) - newest).days) >= OLD_BACKUP:
            yield Finding(
                Kind.BACKUPS, t("The last sound backup is {n} days old.", n=age), t("Make one: mailiu backup make")
            )

    def _places(self, database: SqliteDatabase) -> Iterator[Path]:
        path = database.path
        yield from (path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm", ".key"))
        for folder in (self._backups.folder, self._models):
            yield folder
            yield from folder.rglob("*")


def _pages(connection: Connection, *, encrypted: bool) -> Iterator[Finding]:
    if found := copies.integrity(connection, encrypted=encrypted):
        yield Finding(
            Kind.PAGES,
            t("The clinic file is damaged: {why}", why=found),
            t("Do not work on with it. Restore the newest sound backup under a new name: mailiu restore"),
        )


def _chain(connection: Connection, backups: Backups) -> Iterator[Finding]:
    try:
        heads = backups.heads()
    except KnownError:  # a damaged catalogue is told of elsewhere
        heads = {}
    verdict = audit.verify(connection, heads)
    if not verdict.sound:
        yield Finding(
            Kind.AUDIT,
            t("The audit log was tampered with: {why}", why=verdict.problem),
            t("Find out who had access to the file, and compare it with a backup."),
        )


def _codes(connection: Connection) -> Iterator[Finding]:
    known = {*core().concepts, *connection.execute(select(concept.c.code)).scalars()}
    o, d, i = observation.c, diagnosis.c, prescription_item.c
    used: dict[str, Iterable[str]] = {
        t("observations"): connection.execute(
            select(o.concept).where(or_(o.concept.startswith("sym."), o.concept.startswith("ton."))).distinct()
        ).scalars(),
        t("diagnoses"): connection.execute(select(d.code).where(d.code != "").distinct()).scalars(),
        t("pulses"): {term for terms in connection.execute(select(pulse_reading.c.terms)).scalars() for term in terms},
    }
    unknown = {name: sorted(set(codes) - known) for name, codes in used.items()}
    unknown[t("herbs")] = sorted(
        set(connection.execute(select(i.herb).where(i.herb != "").distinct()).scalars()) - known - set(herbs())
    )
    for name, codes in unknown.items():
        if codes:
            yield Finding(
                Kind.CODES,
                t(
                    "{n} codes of {what} are not in the vocabulary: {codes}",
                    n=len(codes),
                    what=name,
                    codes=", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else ""),
                ),
                t("Load the vocabulary pack they come from; until then they are shown as they are."),
            )


def _search(connection: Connection) -> Iterator[Finding]:
    wrong = 0
    for people in _pages_of_patients(connection):
        ids = [row.id for row in people]
        stored: dict[int, set[str]] = {key: set() for key in ids}
        query = select(patient_key.c.patient_id, patient_key.c.key).where(patient_key.c.patient_id.in_(ids))
        for owner, key in connection.execute(query):
            stored[owner].add(key)
        wrong += sum(stored[row.id] != search_keys(row.code, row.name) for row in people)
    if wrong:
        yield Finding(
            Kind.SEARCH, t("{n} patients are not found by every part of their name.", n=wrong), _mended(), mends=True
        )


def _summaries(connection: Connection) -> Iterator[Finding]:
    v, p = visit.c, patient.c
    figures = (
        select(
            v.patient_id,
            func.count().label("visits"),
            func.min(v.date).label("first"),
            func.max(v.date).label("last"),
            func.max(v.day).label("day"),
        )
        .group_by(v.patient_id)
        .subquery()
    )
    f = figures.c
    differs: tuple[ColumnElement[bool], ...] = (
        p.visits != func.coalesce(f.visits, 0),
        p.first_date.is_distinct_from(f.first),
        p.recent_date.is_distinct_from(func.coalesce(f.last, NEVER)),
        p.recent_day != func.coalesce(f.day, -1.0),
    )
    joined = patient.outerjoin(figures, f.patient_id == p.id)
    wrong = connection.execute(select(func.count()).select_from(joined).where(and_(or_(*differs)))).scalar_one()
    if wrong:
        yield Finding(
            Kind.SUMMARIES, t("The list shows wrong figures for {n} patients.", n=wrong), _mended(), mends=True
        )


def _rebuild(connection: Connection) -> None:
    for people in _pages_of_patients(connection):
        index_patients(connection, [(row.id, row.code, row.name) for row in people], new=False)
        sum_up(connection, [row.id for row in people])


def _pages_of_patients(connection: Connection) -> Iterator[list]:
    last = 0
    query = select(patient.c.id, patient.c.code, patient.c.name).order_by(patient.c.id).limit(PAGE)
    while rows := connection.execute(query.where(patient.c.id > last)).all():
        yield list(rows)
        last = rows[-1].id


def _keys(database: SqliteDatabase) -> Iterator[Finding]:
    if not database.encrypted:
        yield Finding(
            Kind.KEYS,
            t("The clinic file is not encrypted: whoever gets it can read the records."),
            t("Encrypt it: mailiu rekey encrypt"),
        )
    elif keys.read_header(database.path) is None:
        yield Finding(
            Kind.KEYS,
            t("The key file is missing: once closed, the clinic file cannot be opened again."),
            t("Put the copy from a backup in its place now."),
        )


def _modes(places: Iterable[Path]) -> Iterator[Finding]:
    wrong = [path for path in places if _too_open(path)]
    if wrong:
        yield Finding(
            Kind.MODES,
            t("Other users of this computer may reach {n} files, among them {file}.", n=len(wrong), file=wrong[0]),
            _mended(),
            mends=True,
        )


def _leftovers(database: SqliteDatabase) -> Iterator[Finding]:
    left = _left(database)
    if left:
        yield Finding(
            Kind.LEFTOVERS,
            t("A program that was killed left {n} files, among them {file}.", n=len(left), file=left[0].name),
            _mended(),
            mends=True,
        )


def _left(database: SqliteDatabase) -> list[Path]:
    """What ``app.files.replacing`` and a change of keys write aside, and nobody took into use."""
    path = database.path
    return [*path.parent.glob(f".{path.name}-*.key"), *path.parent.glob(f"{keys.exchange_part(path).name}*")]


def _too_open(path: Path) -> bool:
    """Reachable by others than the owner; a link says nothing of what it leads to."""
    if os.name != "posix" or path.is_symlink() or not path.exists():
        return False
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _mended() -> str:
    return t("mailiu doctor --repair mends it.")
