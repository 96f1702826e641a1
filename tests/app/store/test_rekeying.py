"""New keys: what opened the file before and after, and that no row is lost on the way."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from app.domain.errors import KnownError
from app.store import rekeying
from app.store.clinic import Clinic, Credentials, PassphraseNeededError
from app.store.engine import LockedError
from app.store.keys import WrongKeyError, header_path
from app.store.roles import NotAllowedError, Role
from app.store.sqlite import SqliteDatabase
from tests.app.store.cases import simulated
from tests.app.store.conftest import PASSPHRASE
from tests.app.store.safety_child import NEW

OLD = PASSPHRASE
MARKER = "独一无二的标记"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A clinic file, encrypted, with patients."""
    path = tmp_path / "clinic.db"
    with Clinic.open(path, credentials=Credentials(passphrase=OLD)) as clinic:
        clinic.imports.commit([simulated(number, name=MARKER) for number in range(5)])
    return path


def opened(path: Path, passphrase: str = "", *, user: str = "", recovery: str = "") -> Clinic:
    return Clinic.open(path, create=False, credentials=Credentials(passphrase, user, recovery))


def holds_all(path: Path, passphrase: str = "") -> bool:
    with opened(path, passphrase) as clinic:
        return list(clinic.queries.cases()) == [simulated(number, name=MARKER) for number in range(5)]


def test_after_a_change_of_passphrase_the_new_one_opens_and_the_old_one_does_not(path: Path):
    before = path.read_bytes()
    with opened(path, OLD) as clinic:
        made = clinic.backups.make()
        clinic.rekeying.change_passphrase(NEW)
        assert clinic.queries.counts()["patients"] == 5
    assert holds_all(path, NEW)
    with pytest.raises(WrongKeyError):
        opened(path, OLD)
    assert path.read_bytes()[:16] == before[:16]  # the header alone was written
    assert holds_all(made.path, NEW)  # backups with the clinic's key follow
    with pytest.raises(WrongKeyError):
        opened(made.path, OLD)


def test_a_new_recovery_code_replaces_the_old_one(tmp_path: Path):
    with Clinic.open(tmp_path / "c.db", credentials=Credentials(passphrase=OLD)) as clinic:
        first = clinic.recovery
        second = clinic.rekeying.new_recovery_code()
    opened(tmp_path / "c.db", recovery=second.lower().replace("0", "O")).close()
    with pytest.raises(WrongKeyError):
        opened(tmp_path / "c.db", recovery=first)
    opened(tmp_path / "c.db", OLD).close()


def test_a_short_passphrase_is_refused_everywhere(path: Path):
    with opened(path, OLD) as clinic:
        for act in (clinic.rekeying.change_passphrase, clinic.rekeying.new_data_key):
            with pytest.raises(KnownError, match="at least 8"):
                act("short")
    assert holds_all(path, OLD)


class Pocket(KeyringBackend):
    """A keyring in memory."""

    kept: dict[tuple[str, str], str]

    def __init__(self) -> None:
        super().__init__()
        self.kept = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_a_computer_remembers_and_forgets_the_key(path: Path):
    before, pocket = keyring.get_keyring(), Pocket()
    keyring.set_keyring(pocket)
    try:
        with opened(path, OLD) as clinic:
            clinic.rekeying.remember()
        assert holds_all(path)
        assert all(secret not in path.read_text("latin-1") for secret in pocket.kept.values())
        with opened(path) as clinic:
            clinic.rekeying.forget()
        with pytest.raises(PassphraseNeededError):
            opened(path)
    finally:
        keyring.set_keyring(before)


def test_a_plain_file_is_encrypted_in_its_place(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(number, name=MARKER) for number in range(5)])
        new = clinic.rekeying.encrypt(NEW)
        assert clinic.encrypted
        clinic.imports.commit([simulated(5, name=MARKER)])  # work goes on in the new file
        assert clinic.audit.verify().sound
    for file in tmp_path.iterdir():
        assert MARKER.encode() not in file.read_bytes(), file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with opened(path, recovery=new.recovery) as clinic:
        assert clinic.queries.counts()["patients"] == 6
    with pytest.raises(PassphraseNeededError):
        opened(path)
    assert {file.name for file in tmp_path.iterdir()} == {"clinic.db", "clinic.db.key"}


def test_a_new_data_key_shuts_out_whoever_kept_the_old_one(path: Path):
    with opened(path, OLD) as clinic:
        assert isinstance(clinic._database, SqliteDatabase)
        old_key, old_header = clinic._database.key, header_path(path).read_bytes()
        clinic.rekeying.new_data_key(NEW)
        clinic.imports.commit([simulated(1, name=MARKER)])
    assert holds_all(path, NEW)
    assert len(json.loads(header_path(path).read_bytes())["keys"]) == 1
    with pytest.raises(WrongKeyError):
        opened(path, OLD)
    header_path(path).write_bytes(old_header)
    with pytest.raises(KnownError, match="damaged"):
        Clinic.open(path, create=False, credentials=Credentials(key=old_key))


def test_a_file_open_elsewhere_is_not_given_another_key(path: Path):
    with (
        opened(path, OLD) as other,
        Clinic.open(path, create=False, credentials=Credentials(passphrase=OLD), busy_timeout=0.1) as clinic,
    ):
        assert other.queries.counts()["patients"] == 5
        with pytest.raises(KnownError, match="open elsewhere"):
            clinic.rekeying.new_data_key(NEW)
        assert clinic.queries.counts()["patients"] == 5
        assert other.queries.counts()["patients"] == 5
    assert holds_all(path, OLD)


def test_a_copy_that_proves_bad_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch):
    with opened(path, OLD) as clinic:
        monkeypatch.setattr("app.store.copies.problem", lambda *_: "as told")
        with pytest.raises(KnownError, match="proved bad"):
            clinic.rekeying.new_data_key(NEW)
        assert clinic.queries.counts()["patients"] == 5
    assert holds_all(path, OLD)
    assert not list(path.parent.glob("*.rekey*"))


def test_users_are_named_whose_passphrases_have_to_be_set_anew(path: Path):
    with opened(path, OLD) as clinic:
        clinic.accounts.add("Admin", [Role.ADMINISTRATOR], "admin passphrase")
        clinic.accounts.add("Doc", [Role.CLINICIAN], "doctor passphrase")
    with opened(path, "doctor passphrase", user="Doc") as clinic, pytest.raises(NotAllowedError):
        clinic.rekeying.new_data_key(NEW)
    with opened(path, "admin passphrase", user="Admin") as clinic:
        assert clinic.rekeying.new_data_key("admin passphrase").users == ("Doc",)
        clinic.accounts.reset_passphrase("Doc", "doctor passphrase")
    with opened(path, "doctor passphrase", user="Doc") as clinic:
        assert clinic.queries.counts()["patients"] == 5
    with opened(path, "admin passphrase", user="Admin") as clinic:
        assert clinic.audit.verify().sound


def test_keys_of_a_server_and_of_a_plain_file_are_refused_with_a_word(new_database: Callable[[], str], plain: Clinic):
    with pytest.raises(KnownError, match="Encrypt it first"):
        plain.rekeying.change_passphrase(NEW)
    with Clinic.open(new_database(), who="tester") as clinic, pytest.raises(KnownError, match="on a server"):
        clinic.rekeying.change_passphrase(NEW)


def test_an_encrypted_file_is_not_encrypted_again(path: Path):
    with opened(path, OLD) as clinic, pytest.raises(KnownError, match="encrypted already"):
        clinic.rekeying.encrypt(NEW)


def test_a_plain_file_beside_a_whole_header_is_still_refused(path: Path, tmp_path: Path):
    with Clinic.open(tmp_path / "other.db", plain=True):
        pass
    (tmp_path / "other.db").replace(path)
    with pytest.raises(KnownError, match="is not encrypted, although"):
        opened(path, OLD)


def test_who_locks_while_the_file_is_written_anew_finds_it_locked_afterwards(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    with opened(path, OLD) as clinic:
        replace = rekeying._replace

        def replaced(*given: Any) -> None:
            clinic.lock()
            replace(*given)

        monkeypatch.setattr(rekeying, "_replace", replaced)
        new = clinic.rekeying.new_data_key(NEW)
        assert clinic.locked
        with pytest.raises(LockedError):
            clinic.queries.counts()
        clinic.unlock(Credentials(recovery=new.recovery))
        assert clinic.queries.counts()["patients"] == 5


def test_a_new_recovery_code_is_told_though_the_log_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch):
    with opened(path, OLD) as clinic:
        keys = clinic.rekeying

        def busy(*_: object) -> None:
            raise KnownError("The clinic file {file} is being written by another program.", file=path)

        monkeypatch.setattr(keys, "_note", busy)
        code = keys.new_recovery_code()
    with opened(path, recovery=code) as clinic:
        assert clinic.queries.counts()["patients"] == 5


def test_an_unlocking_refused_while_the_file_is_written_anew_leaves_it_locked(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    with opened(path, OLD) as clinic:
        replace = rekeying._replace

        def replaced(*given: Any) -> None:
            clinic.lock()
            with pytest.raises(KnownError):
                clinic.unlock(Credentials(passphrase="nothing of the kind"))
            replace(*given)

        monkeypatch.setattr(rekeying, "_replace", replaced)
        clinic.rekeying.new_data_key(NEW)
        assert clinic.locked
