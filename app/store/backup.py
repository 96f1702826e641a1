"""Backups beside the clinic: made in one read transaction, reopened and compared before they count, thinned by age.

A backup is a clinic file like any other, with its key header where it is encrypted: with the clinic's key, or with one
of its own. It gets its name only after every page, reference and row in it was found equal to the clinic's at the
same moment and its audit log sound; until then it is a ``.part`` that the next backup sweeps away. Networks are kept
as they lie in the models folder, each file once.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, select

from app.domain.errors import KnownError
from app.files import flush_folder, replacing
from app.i18n import t
from app.store import audit, catalogue, copies, fingerprint, keys, restoring
from app.store.audit import Entry
from app.store.autobackup import MINUTES, MINUTES_SETTING, AutoBackup
from app.store.catalogue import MODELS, Backup
from app.store.desk import Desk, Service
from app.store.keys import Header
from app.store.opening import Credentials
from app.store.roles import Permission, needs
from app.store.sqlite import ERRORS, SqliteDatabase
from app.store.tables import audit_head, setting
from app.store.thinning import superfluous

PART = ".part"
SUFFIX = ".db"


class Backups(Service):
    """Service of ``Clinic.backups``."""

    def __init__(self, desk: Desk, folder: Path, models: Path) -> None:
        """folder: where the backups lie, made at the first one; models: folder of the trained networks."""
        super().__init__(desk)
        self._folder = folder
        self._models = models

    @property
    def folder(self) -> Path:
        return self._folder

    @needs(Permission.BACKUP)
    def make(self, *, passphrase: str = "", plain: bool = False) -> Backup:
        """A new backup, verified. Raises KnownError where it cannot be made or proves unlike the clinic.

        passphrase: of this backup alone, under a key of its own; "": the clinic's key. Of a plain clinic file without
        one the backup is plain; of a clinic on a server it has to be given, or ``plain`` asked for.
        """
        return self.make_now(passphrase=passphrase, plain=plain)

    @needs(Permission.BACKUP)
    def list(self, *, thorough: bool = True) -> list[Backup]:
        """The newest first, also what is wrong with each. thorough: False does not read the files to find that out."""
        if not self._folder.is_dir():
            return []
        known = catalogue.read(self._folder)
        if thorough:
            known = [replace(one, problem=catalogue.fault(one)) for one in known]
        return sorted([*known, *_uncatalogued(self._folder, known)], key=lambda one: one.at, reverse=True)

    @needs(Permission.BACKUP)
    def verify(self, backup: Backup, credentials: Credentials | None = None) -> Backup:
        """The same with what was found wrong after opening it and reading every row.

        credentials: of a backup with another key than the clinic's. Raises PassphraseNeededError, WrongKeyError.
        """
        known = bool(backup.sha256)
        found = catalogue.fault(backup) if known else ""
        if not found:
            key = self._key_of(backup.path, credentials)
            marks, head = (backup.tables, (backup.entries, backup.head)) if known else (None, None)
            found = copies.problem(backup.path, key, marks, head)
        return replace(backup, problem=found)

    @needs(Permission.BACKUP)
    def restore(self, backup: Backup, target: Path, credentials: Credentials | None = None) -> dict[str, int]:
        """Make a new clinic file of a backup, with the networks beside it; rows by table, each compared.

        Raises KnownError where something lies at ``target`` or the backup is not sound.
        """
        counts = restoring.restore_file(backup.path, target, self._key_of(backup.path, credentials))
        self._note("restore", {"name": backup.path.name})
        return counts

    @needs(Permission.BACKUP)
    def thin(self) -> list[Path]:
        """Take away the backups that newer ones make superfluous; the files taken away."""
        return self._thin()

    @needs(Permission.ANYONE)
    def heads(self) -> dict[int, str]:
        """Hashes of the audit log at the time of each backup, by number of the entry: what ``Audit.verify`` takes."""
        return {one.entries: one.head for one in catalogue.read(self._folder) if one.entries}

    @needs(Permission.ANYONE)
    def make_now(self, *, passphrase: str = "", plain: bool = False) -> Backup:
        """``make`` for the program itself: a backup that is due is made whoever is at work."""
        self._may_be_made(passphrase, plain=plain)
        restoring.make_folder(self._folder)
        with catalogue.turn(self._folder):
            self._sweep()
            backup = self._written(passphrase)
            try:
                self._note("backup", {"name": backup.path.name, "size": backup.size})
            except KnownError:  # a backup the log does not know of must not be; the catalogue forgets what is gone
                _drop(backup)
                raise
        self._thin()
        return backup

    @property
    def automatic_is_possible(self) -> bool:
        """Of a clinic file; a backup of a server needs a passphrase that nobody can be asked for."""
        return copies.is_file(self._desk.database)

    @needs(Permission.ANYONE)
    def automatic(self, failed: Callable[[KnownError], None], *, minutes: float | None = None) -> AutoBackup:
        """Begin to make backups by themselves, until ``AutoBackup.close``. See there.

        minutes: None takes the clinic's setting
        """
        return AutoBackup(
            self.make_now if self.automatic_is_possible else None,
            self._desk.changed,
            self._minutes() if minutes is None else minutes,
            failed,
        )

    def _minutes(self) -> float:
        with self._desk.database.read() as connection:
            found = connection.execute(select(setting.c.value).where(setting.c.name == MINUTES_SETTING)).scalar()
        return float(found) if isinstance(found, int | float) and found > 0 else MINUTES

    @needs(Permission.ANYONE)
    def refresh_headers(self) -> None:
        """After a change of passphrase: backups with the clinic's key open with the new one as well."""
        database = self._desk.database
        header = keys.read_header(database.path) if isinstance(database, SqliteDatabase) else None
        if header is None or not self._folder.is_dir():
            return
        now = header.entries[-1]
        for one in self._folder.glob(f"*{SUFFIX}"):
            found = keys.read_header(one)
            if found is not None and [entry.id for entry in found.entries] == [now.id]:
                keys.write_header(one, Header((replace(now, file_salt=b""),)))

    def _may_be_made(self, passphrase: str, *, plain: bool) -> None:
        if passphrase:
            keys.check_passphrase(passphrase)
            if copies.is_file(self._desk.database) and not self._encrypted:
                raise KnownError("The clinic file is plain, and so are its backups. Encrypt the clinic file first.")
        elif not copies.is_file(self._desk.database) and not plain:
            raise KnownError(
                "The clinic is on a server: give the backup a passphrase of its own, or ask for a plain one."
            )

    @property
    def _encrypted(self) -> bool:
        database = self._desk.database
        return isinstance(database, SqliteDatabase) and database.encrypted

    def _written(self, passphrase: str) -> Backup:
        at = dt.datetime.now(dt.UTC)
        path = self._folder / f"{self._folder.stem}-{at.strftime('%Y%m%dT%H%M%S%fZ')}{SUFFIX}"
        part = path.with_name(path.name + PART)
        header, key = self._header(passphrase)
        try:
            try:
                with self._desk.database.read() as connection:
                    count, head = tuple(connection.execute(select(*audit_head.c["count", "hash"])).one())
                    marks = self._copied(connection, part, key)
            except (OSError, *ERRORS) as error:
                raise KnownError(
                    "The backup {file} cannot be written ({reason}). Free some space or check the folder; the clinic "
                    "itself is unharmed.",
                    file=path,
                    reason=getattr(error, "strerror", None) or str(error),
                ) from error
            found = copies.problem(part, key, marks, (count, head))
            if found:
                raise KnownError(
                    "The backup {file} proved bad and was not kept: {why}. Try again; check the disk.",
                    file=path,
                    why=found,
                )
            backup = Backup(
                path=path,
                at=at,
                size=part.stat().st_size,
                sha256=catalogue.digest(part),
                tables=marks,
                entries=count,
                head=head,
                encrypted=key is not None,
                own_key=bool(passphrase),
                models=self._models_kept(),
            )
            self._enter(backup, part, header)
        finally:
            copies.remove(part)
        return backup

    def _enter(self, backup: Backup, part: Path, header: Header | None) -> None:
        """Key and catalogue before the name: what has a name can be opened, and is known."""
        if header is not None:
            keys.write_header(backup.path, header)
        # an entry whose file is not there yet counts for nothing, a file without an entry would look foreign
        catalogue.write(self._folder, [*catalogue.read(self._folder), backup])
        part.replace(backup.path)
        flush_folder(self._folder)

    def _copied(self, connection: Connection, part: Path, key: bytes | None) -> dict[str, fingerprint.Mark]:
        """The copy, and the figures of its tables as the clinic has them at this moment."""
        seal = fingerprint.key_of(connection)
        if copies.is_file(self._desk.database):
            marks = fingerprint.raw(copies.driver(connection), seal)
            copies.copy_file(connection, part, key)
            return marks
        copies.copy_server(connection, part, key)
        with copies.reading(part, key) as copy:
            restoring.compare(fingerprint.typed(connection, seal), fingerprint.typed(copy, seal))
            return fingerprint.raw(copies.driver(copy), seal)

    def _header(self, passphrase: str) -> tuple[Header | None, bytes | None]:
        if passphrase:
            key = keys.new_data_key()
            return Header((keys.new_entry([keys.wrap(key, keys.PASSPHRASE, passphrase)]),)), key
        database = self._desk.database
        if not isinstance(database, SqliteDatabase) or not database.encrypted:
            return None, None
        header = keys.read_header(database.path)
        if header is None:
            raise KnownError(
                "The key file {file} is missing; without it a backup could not be opened.",
                file=keys.header_path(database.path),
            )
        # the copy begins with a salt of its own
        return Header((replace(header.entry_for(copies.salt_of(database)), file_salt=b""),)), database.key

    def _key_of(self, path: Path, credentials: Credentials | None) -> bytes | None:
        database = self._desk.database
        header = keys.read_header(path)
        if header is not None and isinstance(database, SqliteDatabase) and database.key is not None:
            ours = keys.read_header(database.path)
            entry = header.entry_for(keys.file_salt(path))
            if ours is not None and ours.entry_for(copies.salt_of(database)).id == entry.id:
                return database.key
        return restoring.key_of(path, credentials or Credentials())

    def _models_kept(self) -> dict[str, str]:
        """Every file of the models folder into the backups' own, where it is not there yet; path -> SHA-256."""
        kept: dict[str, str] = {}
        store = self._folder / MODELS
        restoring.make_folder(store)
        for path in sorted(self._models.rglob("*")) if self._models.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                name = catalogue.digest(path)
                kept[path.relative_to(self._models).as_posix()] = name
                if not (store / name).exists():
                    with replacing(store / name) as aside:
                        shutil.copyfile(path, aside)
        return kept

    def _sweep(self) -> None:
        """What backups that were cut short left; nobody else is at work here."""
        for part in self._folder.glob(f"*{PART}*"):
            part.unlink(missing_ok=True)
        for header in self._folder.glob(f"*{SUFFIX}.key"):
            if not header.with_suffix("").exists():
                header.unlink()

    def _thin(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        with catalogue.turn(self._folder):
            known = {one.at.astimezone(): one for one in catalogue.read(self._folder)}
            today = dt.datetime.now().astimezone().date()
            drop = superfluous(known, today, lambda moment: not catalogue.fault(known[moment]))
            kept = [one for moment, one in known.items() if moment not in drop]
            if drop:
                catalogue.write(self._folder, kept)
            for moment in drop:
                _drop(known[moment])
            if drop:
                wanted = {name for one in kept for name in one.models.values()}
                for path in (self._folder / MODELS).iterdir():
                    if path.name not in wanted:
                        path.unlink()
        return sorted(known[moment].path for moment in drop)

    def _note(self, action: str, detail: dict[str, object]) -> None:
        with self._desk.database.write() as connection:
            audit.write(connection, self.actor.name, [Entry(action, "backup", None, detail)])


def _drop(backup: Backup) -> None:
    backup.path.unlink(missing_ok=True)
    keys.header_path(backup.path).unlink(missing_ok=True)


def _uncatalogued(folder: Path, known: Iterable[Backup]) -> Iterable[Backup]:
    names = {one.path for one in known}
    for path in folder.glob(f"*{SUFFIX}"):
        if path not in names:
            status = path.stat()
            at = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
            foreign = t("it is not in the catalogue; verify it before you rely on it")
            encrypted = keys.header_path(path).exists()
            yield Backup(path, at, status.st_size, encrypted=encrypted, problem=foreign)
