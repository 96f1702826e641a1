from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.store import keys
from app.store.clinic import Clinic, Credentials
from tests.app.store import postgres_server

PASSPHRASE = "白日依山尽 1688"
_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def quick_keys() -> Iterator[None]:
    """Argon2id as quick as it can be: its strength is the subject of one test, which asks for the real figures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "KDF", {**keys.KDF, "time": 1, "memory_kib": 64, "lanes": 1})
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a running PostgreSQL with {name} for the database."""
    with postgres_server.running() as address:
        with Clinic.open(_new_database(address, "template1", "migrated"), who="tester"):
            pass
        yield address


def _new_database(address: str, template: str, name: str) -> str:
    engine = create_engine(address.format(name="postgres").replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return address.format(name=name)


@pytest.fixture
def new_database(server: str) -> Callable[[], str]:
    """Makes an empty clinic on the server each time it is called; returns its address."""
    return lambda: _new_database(server, "migrated", f"clinic{next(_numbers)}")


@pytest.fixture(params=["plain", "encrypted", "postgres"])
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    """An empty clinic of each kind in turn."""
    with open_kind(request.param, request, tmp_path) as opened:
        yield opened


@pytest.fixture(params=["plain", "encrypted"])
def clinic_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    """An empty clinic file, plain and encrypted."""
    with open_kind(request.param, request, tmp_path) as opened:
        yield opened


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Clinic]:
    """An empty plain clinic file."""
    with Clinic.open(tmp_path / "clinic.db", plain=True, who="tester") as opened:
        yield opened


def open_kind(kind: str, request: pytest.FixtureRequest, folder: Path) -> Clinic:
    if kind == "postgres":
        return Clinic.open(request.getfixturevalue("new_database")(), who="tester")
    return Clinic.open(
        folder / "clinic.db",
        plain=kind == "plain",
        credentials=None if kind == "plain" else Credentials(passphrase=PASSPHRASE),
        who="tester",
    )
