"""A clinic: opened, created or upgraded here; its services write, its queries read."""

from __future__ import annotations

import contextlib
import hmac
import json
from collections.abc import Callable, Sequence
from contextvars import Token
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, select

from app.domain import scope
from app.domain.errors import KnownError
from app.store import accounts, audit, keys
from app.store.accounts import Accounts
from app.store.audit import Audit, Entry, Verdict
from app.store.autobackup import AutoBackup
from app.store.backup import Backups
from app.store.desk import Desk
from app.store.doctor import Doctor
from app.store.drafts import Drafts
from app.store.engine import BUSY_TIMEOUT, Database
from app.store.imports import Imports
from app.store.likeness import Likeness
from app.store.observer import Change, Changed, ChangeKind
from app.store.opening import Credentials, Opened, PassphraseNeededError, open_place, unlock
from app.store.patients import Patients
from app.store.photos import Photos
from app.store.postgres import PostgresDatabase
from app.store.profiles import Profiles
from app.store.queries import Queries
from app.store.rekeying import Rekeying
from app.store.review import Review
from app.store.roles import Actor, Role
from app.store.schema import upgrade
from app.store.settling import settle
from app.store.shelf import Shelf
from app.store.signatures import Signatures
from app.store.sqlite import SqliteDatabase, backups_beside, models_beside
from app.store.tables import audit_head
from app.store.terms import Terms
from app.store.undoing import Undoing
from app.store.visit_drafts import VisitDrafts
from app.store.visits import Visits
from app.store.watching import INTERVAL, Watcher

HASTE = 0.3  # seconds the lock waits for another writer

__all__ = ["Clinic", "Credentials", "PassphraseNeededError"]


class Clinic:
    """Context manager around one open clinic; ``open`` makes it.

    imports, review, drafts, profiles, patients, visits, visit_drafts, photos, signatures, likeness, undoing, terms,
    models, accounts, audit, backups, rekeying, doctor: the services, each change in one transaction with its audit
    entry; queries: the questions;
    changed: the observer that tells of every commit made through this object
    backup: the copy made before an upgrade at opening, else None
    recovery: the code to print, where this object created an encrypted file; "" otherwise
    """

    def __init__(self, database: Database, actor: Actor, backup: Path | None, recovery: str = "") -> None:
        desk = Desk(database, actor, Changed())
        self._desk = desk
        self._watcher: Watcher | None = None
        self._held: Token[scope.LocalVocabulary] | None = None
        self._automatic: AutoBackup | None = None
        self.backup = backup
        self.recovery = recovery
        self.changed = desk.changed
        self.accounts = Accounts(desk)
        self.audit = Audit(desk)
        self.backups = Backups(desk, self.backups_place, self.models_place)
        self.rekeying = Rekeying(desk, self.backups)
        self.doctor = Doctor(desk, self.backups, self.models_place)
        self.imports = Imports(desk)
        self.patients = Patients(desk)
        self.visits = Visits(desk)
        self.visit_drafts = VisitDrafts(desk)
        self.photos = Photos(desk)
        self.signatures = Signatures(desk)
        self.undoing = Undoing(desk)
        self.review = Review(desk)
        self.terms = Terms(desk)
        self.profiles = Profiles(desk)
        self.drafts = Drafts(desk)
        self.likeness = Likeness(desk)
        self.models = Shelf(desk, self.models_place)
        self.queries = Queries(desk)
        self.changed.subscribe(self._heard)

    @classmethod
    def open(
        cls,
        place: Path | str,
        create: bool = True,
        *,
        credentials: Credentials | None = None,
        plain: bool = False,
        busy_timeout: float = BUSY_TIMEOUT,
        who: str = "",
    ) -> Clinic:
        """Open a clinic, bringing it to today's tables; a copy is made before an older file is changed.

        place: path of a clinic file, or a postgresql:// address
        create: False refuses a file that is not there; a new one is encrypted unless ``plain``
        busy_timeout: seconds to wait while another program writes
        who: name for the audit log where there are no accounts ("": the system's)
        Raises KnownError for whatever cannot be opened: missing, a folder, no clinic file, newer than this program,
        not writable, locked, damaged; PassphraseNeededError and WrongKeyError where the person has to be asked.
        """
        given = credentials or Credentials()
        opened = open_place(place, given, create=create, plain=plain, busy_timeout=busy_timeout)
        try:
            backup = upgrade(opened.database)
            settle(opened.database)
            actor = _admit(opened, given, who)
        except BaseException:
            opened.database.close()
            raise
        return cls(opened.database, actor, backup, opened.recovery)

    @property
    def _database(self) -> Database:
        return self._desk.database

    @property
    def actor(self) -> Actor:
        """Who is at work."""
        return self._desk.actor

    @property
    def is_file(self) -> bool:
        """A clinic file, as opposed to a clinic on a server."""
        return isinstance(self._database, SqliteDatabase)

    @property
    def path(self) -> Path:
        """Of a clinic file. Raises KnownError for a clinic on a server."""
        if not isinstance(self._database, SqliteDatabase):
            raise KnownError("The clinic {place} is on a server; this needs a clinic file.", place=self.label)
        return self._database.path

    @property
    def label(self) -> str:
        """What to call it in a message: the path, or the address without the password."""
        return self._database.label

    @property
    def place(self) -> str:
        """What ``open`` takes: the path, or the whole address without the password (``hand_over`` has that)."""
        database = self._database
        if isinstance(database, PostgresDatabase):
            return database.url.set(drivername="postgresql", password=None).render_as_string()
        return self.label

    @property
    def name(self) -> str:
        """Short, for a heading: the file's or the database's."""
        database = self._database
        return database.path.stem if isinstance(database, SqliteDatabase) else self.label.rpartition("/")[2]

    @property
    def encrypted(self) -> bool:
        return isinstance(self._database, SqliteDatabase) and self._database.encrypted

    @property
    def locked(self) -> bool:
        return isinstance(self._database, SqliteDatabase | PostgresDatabase) and self._database.locked

    def lock(self) -> None:
        """Drop the key and close every connection: reading and writing raise LockedError until ``unlock``.

        Whoever writes at this moment is not waited for: then the audit log tells of the unlocking alone.
        """
        database = self._database
        if isinstance(database, SqliteDatabase):
            database.stays_locked = True
        if self.locked or not isinstance(database, SqliteDatabase | PostgresDatabase):
            return
        hasty = database.again(HASTE)
        try:
            with contextlib.suppress(KnownError), hasty.write() as connection:
                audit.write(connection, self.actor.name, [Entry("lock", "session", None, {})])
        finally:
            hasty.close()
            database.lock()
        self.changed.emit(Change(ChangeKind.LOCK, ("locked",)))

    def unlock(self, credentials: Credentials) -> None:
        """By the same or another person. Raises WrongKeyError and stays locked where they are not let in."""
        database = self._database
        if isinstance(database, SqliteDatabase):
            header = keys.read_header(database.path) if database.encrypted else None
            database.unlock(None if header is None else unlock(database.path, header, credentials, keyring=False))
        elif isinstance(database, PostgresDatabase):
            database.unlock()
        try:
            self._desk.actor = _admit(Opened(database, created=False), credentials, self.actor.name, "unlock")
        except BaseException:
            if isinstance(database, SqliteDatabase | PostgresDatabase):
                database.lock()
            raise
        if isinstance(database, SqliteDatabase):
            database.stays_locked = False
        self.changed.emit(Change(ChangeKind.LOCK, ("unlocked",)))

    def hand_over(self) -> Credentials:
        """What a worker process of this one needs to open the same clinic as the same person."""
        database = self._database
        key = database.key if isinstance(database, SqliteDatabase) else None
        password = database.url.password if isinstance(database, PostgresDatabase) else None
        roles = tuple(sorted(self.actor.roles))
        with database.read() as connection:
            seal = _seal(connection, self.actor.name, roles)
        return Credentials(user=self.actor.name, key=key, roles=roles, server_password=password or "", seal=seal)

    @property
    def models_folder(self) -> Path:
        """Folder of the trained networks beside the file, made with mode 0700 where it is missing."""
        folder = self.models_place
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KnownError(
                "The folder {folder} for trained models cannot be made ({reason}).",
                folder=folder,
                reason=error.strerror or str(error),
            ) from error
        return folder

    @property
    def models_place(self) -> Path:
        """Where that folder is or would be; makes nothing."""
        if isinstance(self._database, PostgresDatabase):
            from app.paths import data_folder

            return data_folder() / "models" / self._database.folder_name  # each workstation keeps its own
        assert isinstance(self._database, SqliteDatabase)
        return models_beside(self._database.path)

    def _heard(self, change: Change) -> None:
        if change.kind is ChangeKind.KEY and "users" in change.ids:
            self.backups.refresh_headers()

    def watch(self, interval: float = INTERVAL) -> None:
        """From now on ``changed`` also tells of what other windows and workstations write. interval: seconds."""
        if self._watcher is None:
            self._watcher = Watcher(self._desk, interval)

    @property
    def backups_place(self) -> Path:
        """Where the folder of the backups is or would be; makes nothing."""
        if isinstance(self._database, SqliteDatabase):
            return backups_beside(self._database.path)
        from app.paths import data_place

        return data_place() / "backups" / self.name

    def verify_audit(self) -> Verdict:
        """Walks the audit log's chain, also against what the backups know of it."""
        return self.audit.verify(self.backups.heads())

    def back_up_automatically(self, failed: Callable[[KnownError], None]) -> None:
        """From now on, until it is closed: see ``app.store.autobackup``. failed: told what went wrong, in a thread."""
        if self._automatic is None:
            self._automatic = self.backups.automatic(failed)

    def close(self) -> None:
        """Again is harmless; makes the automatic backup that is due."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.close()
        automatic, self._automatic = self._automatic, None
        if automatic is not None:
            automatic.close()
        self._database.close()

    def __enter__(self) -> Clinic:
        """The clinic's own vocabulary holds inside the block."""
        self._held = scope.holding.set(self.terms.local())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        held, self._held = self._held, None
        if held is not None:
            scope.holding.reset(held)
        self.close()


def _seal(connection: Connection, user: str, roles: Sequence[str]) -> str:
    """Proves to a worker that whoever hands over was in: the key of it stands in the clinic itself."""
    key = connection.execute(select(audit_head.c.key)).scalar_one()
    return hmac.new(bytes.fromhex(key), json.dumps([user, sorted(roles)]).encode(), "sha256").hexdigest()


def _handed_over(connection: Connection, given: Credentials, *, known: bool) -> Actor:
    """The person a process of ours works for. Raises WrongKeyError where the seal or the account does not hold."""
    actor = Actor(given.user, frozenset(Role(name) for name in given.roles if name in {role.value for role in Role}))
    sound = hmac.compare_digest(given.seal, _seal(connection, given.user, given.roles))
    # one who came in before there were users has no account, and stays until the end of the sitting
    now = accounts.named(connection, given.user) if known and accounts.exists(connection, given.user) else actor
    if not sound or now is None:
        raise keys.WrongKeyError("The name or the passphrase is wrong.")
    return Actor(actor.name, actor.roles & now.roles)


def _proved(database: Database, given: Credentials) -> bool:
    """Whether the recovery code opened the file: who holds it may be any user. Nothing else checks a code."""
    return isinstance(database, SqliteDatabase) and database.encrypted and given.key is None


def _admit(opened: Opened, given: Credentials, who: str, action: str = "login") -> Actor:
    """The person at work. Raises PassphraseNeededError, WrongKeyError; both ways are audited."""
    database = opened.database
    with database.read() as connection:
        known = accounts.has_accounts(connection)
        if given.handed_over:
            return _handed_over(connection, given, known=known)
        if not known:
            actor = Actor(who or given.user or audit.system_user())
        elif given.user and given.recovery and _proved(database, given):
            actor = accounts.named(connection, given.user)
        elif not given.user or not given.passphrase:
            raise PassphraseNeededError(
                "The clinic {place} has users: a name and a passphrase are needed.", place=database.label
            )
        else:
            try:
                actor = accounts.authenticate(connection, given.user, given.passphrase)
            except keys.WrongKeyError:
                actor = None
    asked = known or bool(given.passphrase or given.recovery) or action == "unlock"
    if asked:
        with database.write() as connection:
            name, detail = (actor.name, {}) if actor else (given.user, {"refused": True})
            if given.recovery:
                detail["recovery"] = True
            audit.write(connection, name, [Entry(action, "session", None, detail)])
    if actor is None:
        raise keys.WrongKeyError("The name or the passphrase is wrong.")
    return actor
