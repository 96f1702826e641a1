"""A clinic file: opened, created or upgraded here; its services write, its queries read."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from app.domain.errors import KnownError
from app.store.audit import Audit
from app.store.engine import BUSY_TIMEOUT, Database, told
from app.store.imports import Imports
from app.store.observer import Changed
from app.store.queries import Queries
from app.store.schema import FileState, inspect, make_empty, upgrade
from app.store.shelf import Shelf
from app.store.visits import Visits


class Clinic:
    """Context manager around one open file; ``open`` makes it.

    imports, visits, models: the services that write, each change in one transaction with its audit row
    queries: the questions; changed: the observer that tells of every commit made through this object
    backup: the copy made before an upgrade at opening, else None
    """

    def __init__(self, database: Database, who: str, backup: Path | None) -> None:
        audit = Audit(who)
        self._database = database
        self.backup = backup
        self.changed = Changed()
        self.imports = Imports(database, audit, self.changed)
        self.visits = Visits(database, audit, self.changed)
        self.models = Shelf(database, audit, self.changed, self.models_place)
        self.queries = Queries(database)

    @classmethod
    def open(
        cls, path: Path | str, create: bool = True, *, busy_timeout: float = BUSY_TIMEOUT, who: str = ""
    ) -> Clinic:
        """Open a clinic file, bringing it to today's tables; a copy is made before an older file is changed.

        create: False refuses a file that is not there
        busy_timeout: seconds to wait while another program writes; who: name for the audit log ("": the system's)
        Raises KnownError for whatever cannot be opened: missing, a folder, no clinic file, newer than this program,
        not writable, locked, damaged.
        """
        path = Path(path).absolute()
        state = inspect(path, busy_timeout)
        if state is not FileState.CLINIC and not create:
            raise KnownError("There is no clinic file at {file}. Check the name, or start a new one.", file=path)
        if state is FileState.MISSING:
            make_empty(path)
        database = Database(path, busy_timeout)
        try:
            with told(path):
                backup = upgrade(database)
        except BaseException:
            database.close()
            raise
        return cls(database, who, backup)

    @property
    def path(self) -> Path:
        return self._database.path

    @property
    def models_folder(self) -> Path:
        """Folder of the trained networks beside the file, made with mode 0700 where it is missing."""
        folder = self.models_place
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
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
        return self.path.with_name(self.path.stem + ".models")

    def close(self) -> None:
        """Again is harmless."""
        self._database.close()

    def __enter__(self) -> Clinic:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
