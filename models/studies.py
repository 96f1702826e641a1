"""Where a study of trials lives: in memory, in a file, or in a database that several machines share.

A trial's process tells every ``HEARTBEAT`` seconds that it is alive. An address is never told with its password, nor
an error that could quote it.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning, OptunaError
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage, RetryHeartbeatStaleTrialCallback

from models.errors import ModelError

HEARTBEAT, GRACE = 30, 150  # seconds: a trial not heard of for as long as GRACE is begun again by someone else
RETRIES = 3  # of a trial whose process died
BUSY = 60.0  # seconds a process waits for others that write the same file
OPENINGS = 6  # tries to open a storage that others are creating at the same moment
_ADDRESS = re.compile(r"(?:[^:/]*(?::(?P<password>[^@]*))?@)?(?P<host>[^/?]*)(?:/(?P<database>[^?]*))?(?:\?.*)?")
_UNREADABLE = "the storage of a study is a file, or a database as postgresql://user@host/database"
_SCHEME = re.compile(r"postgres(?:ql)?(?:\+\w+)?://")


@contextlib.contextmanager
def opened(storage: str | Path | None) -> Iterator[BaseStorage]:
    """storage: None, a file or postgresql://user@host/database. Raises ModelError where it cannot be used."""
    if storage is None:
        yield InMemoryStorage()
        return
    on_server = isinstance(storage, str) and "://" in storage
    store = _retried(lambda: _server(str(storage))) if on_server else _retried(lambda: _file(Path(storage)))
    try:
        yield store
    finally:
        store.remove_session()
        store.engine.dispose()


def _retried(make: Callable[[], RDBStorage]) -> RDBStorage:
    """Two processes that create the same tables at once stand in each other's way: one tries again."""
    for attempt in range(1, OPENINGS):
        with contextlib.suppress(_CollisionError):
            return make()
        time.sleep(0.2 * attempt)
    return make()


class _CollisionError(ModelError):
    """Someone else may be creating the storage."""


def _file(path: Path) -> RDBStorage:
    if path.is_dir() or not path.parent.is_dir():
        raise ModelError(f"no study can be kept in {path}: it must be a file in a folder that exists")

    def connect() -> sqlite3.Connection:  # by itself, as a path can hold what means something else in a URL
        return sqlite3.connect(path, timeout=BUSY, isolation_level="IMMEDIATE", check_same_thread=False)

    return _storage("sqlite:///study", {"creator": connect}, f"in {path}", "", ("OperationalError",))


def _server(url: str) -> RDBStorage:
    scheme = _SCHEME.match(url)
    address = _ADDRESS.fullmatch(url[scheme.end() :]) if scheme else None
    if scheme is None or address is None or not address["database"]:
        raise ModelError(_UNREADABLE)
    options = {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}
    place = f"in the database {address['database']}" + (f" at {address['host']}" if address["host"] else "")
    try:
        return _storage(f"postgresql+psycopg://{url[scheme.end() :]}", options, place, address["password"] or "", ())
    except ModelError:
        raise
    except ValueError:
        raise ModelError(_UNREADABLE) from None  # it would quote a part of the address


def _storage(url: str, options: dict[str, Any], place: str, password: str, collisions: tuple[str, ...]) -> RDBStorage:
    """collisions: names of errors that another process may have caused, beside the usual ones."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return RDBStorage(
                url.replace("{", "{{").replace("}", "}}"),  # optuna fills a template
                engine_kwargs=options,
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=RETRIES),
            )
    except Exception as error:
        library = type(error).__module__.split(".")[0]
        if library not in ("sqlalchemy", "alembic") and not isinstance(error, OptunaError | RuntimeError | ImportError):
            raise
        kind = _CollisionError if _names(error) & {*collisions, "IntegrityError", "ProgrammingError"} else ModelError
        raise kind(f"no study can be kept {place}: {_reason(error, password)}") from None  # errors can quote the URL


def _names(error: BaseException) -> set[str]:
    cause = error.__cause__
    return {type(error).__name__} | (set() if cause is None else {type(cause).__name__})


def _reason(error: BaseException, password: str) -> str:
    """The first line of what the driver said, the password taken out."""
    said = error.__cause__ or error
    text = next(iter(str(getattr(said, "orig", None) or said).strip().splitlines()), "") or type(said).__name__
    text = text if not password else text.replace(password, "***")
    return re.sub(r"(password=)\S+", r"\1***", text)


def bury(study: optuna.Study) -> None:
    """Trials whose process died wait to be begun again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)
