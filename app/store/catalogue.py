"""The catalogue of a folder of backups: what each holds, so that a changed or broken one is found without its key."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.domain.errors import KnownError
from app.files import write_json
from app.i18n import t
from app.store import keys
from app.store.fingerprint import Mark

CATALOGUE = "catalogue.json"
FORMAT = "mailiu-backups-1"
MODELS = "models"  # folder of the networks, each file once, named by its SHA-256
LOCK = "lock"
WAIT = 120.0  # seconds for another program that is just making a backup


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup.

    at: an aware moment in UTC; size: bytes; sha256: of the file; tables: count and digest of each
    entries, head: number and hash of the last entry of its audit log
    own_key: under another key than the clinic's; models: files of the trained networks, path -> SHA-256
    problem: what is wrong with it, "" where it is sound as far as was looked
    """

    path: Path
    at: dt.datetime
    size: int = 0
    sha256: str = ""
    tables: dict[str, Mark] = field(default_factory=dict)
    entries: int = 0
    head: str = ""
    encrypted: bool = False
    own_key: bool = False
    models: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def sound(self) -> bool:
        return not self.problem

    @property
    def counts(self) -> dict[str, int]:
        """Rows by table."""
        return {name: mark.count for name, mark in self.tables.items()}


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(folder: Path, backups: Iterable[Backup]) -> None:
    """Old or new, never half."""
    entries = []
    for one in sorted(backups, key=lambda backup: backup.at):
        entry = asdict(one)
        del entry["path"], entry["problem"]
        entries.append({"name": one.path.name, **entry, "at": one.at.isoformat()})
    write_json(folder / CATALOGUE, {"format": FORMAT, "backups": entries})


def read(folder: Path) -> list[Backup]:
    """The oldest first; entries whose file is gone are left out. Raises KnownError for a damaged catalogue."""
    path = folder / CATALOGUE
    try:
        found = json.loads(path.read_bytes())
        if found["format"] != FORMAT:
            raise _damaged(path)
        listed = [_backup(folder, entry) for entry in found["backups"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path) from error
    return [one for one in listed if one.path.is_file()]


def fault(backup: Backup) -> str:
    """What is wrong with a backup's file as far as can be told without its key; reads it whole. "" where nothing."""
    try:
        if backup.path.stat().st_size != backup.size or digest(backup.path) != backup.sha256:
            return t("the file was changed since it was made, or is damaged")
        if backup.encrypted and keys.read_header(backup.path) is None:
            return t("its key file is missing")
        missing = [name for name, one in backup.models.items() if not _has(backup.path.parent, one)]
    except KnownError as error:
        return t(error.template, **error.params)
    except OSError as error:
        return t("it cannot be read ({reason})", reason=error.strerror or str(error))
    return t("files of networks are missing or changed: {names}", names=", ".join(missing)) if missing else ""


def _has(folder: Path, name: str) -> bool:
    path = folder / MODELS / name
    return path.is_file() and digest(path) == name


@contextlib.contextmanager
def turn(folder: Path) -> Iterator[None]:
    """One program at a time works in a folder. The lock is SQLite's: it works everywhere and dies with its holder."""
    path = folder / LOCK
    path.touch(0o600)
    with contextlib.closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise KnownError(
                "Another program is working in the folder {folder} of backups. Try again when it is done.",
                folder=folder,
            ) from error
        yield


def _backup(folder: Path, entry: dict[str, Any]) -> Backup:
    name, at = str(entry["name"]), dt.datetime.fromisoformat(entry["at"])
    models = {str(path): str(one) for path, one in entry["models"].items()}
    inside = [Path(name), *map(Path, models), *map(Path, models.values())]
    if at.tzinfo is None or any(path.is_absolute() or ".." in path.parts for path in inside) or Path(name).name != name:
        raise ValueError("a path that leads out of the folder")
    return Backup(
        path=folder / name,
        at=at,
        size=int(entry["size"]),
        sha256=str(entry["sha256"]),
        tables={str(table): Mark(int(m["count"]), str(m["digest"])) for table, m in entry["tables"].items()},
        entries=int(entry["entries"]),
        head=str(entry["head"]),
        encrypted=bool(entry["encrypted"]),
        own_key=bool(entry["own_key"]),
        models=models,
    )


def _damaged(path: Path) -> KnownError:
    return KnownError(
        "The catalogue {file} of the backups is damaged. Move it away: the backups beside it can still be restored, "
        "and the next one begins a new catalogue.",
        file=path,
    )
