from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.store import keys
from app.store.clinic import Clinic, Credentials, PassphraseNeededError
from app.store.engine import LockedError
from app.store.keys import WrongKeyError
from app.store.observer import Change, ChangeKind
from app.store.sqlite import SqliteDatabase
from tests.app.store.cases import simulated
from tests.app.store.conftest import PASSPHRASE

IN = Credentials(passphrase=PASSPHRASE)


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Path, str]:
    """An encrypted file with one patient, closed; and its recovery code."""
    path = tmp_path / "clinic.db"
    with Clinic.open(path, credentials=IN) as clinic:
        clinic.imports.commit([simulated(1)])
        return path, clinic.recovery


def test_a_new_file_is_encrypted_unless_plain_is_asked_for(tmp_path: Path):
    with pytest.raises(PassphraseNeededError, match="A new clinic file is encrypted"):
        Clinic.open(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []
    with Clinic.open(tmp_path / "a.db", credentials=IN) as clinic:
        assert clinic.encrypted
        assert len(keys.plain_code(clinic.recovery)) == 32
    assert not (tmp_path / "a.db").read_bytes().startswith(b"SQLite")
    with Clinic.open(tmp_path / "b.db", plain=True) as clinic:
        assert not clinic.encrypted
        assert clinic.recovery == ""


def test_a_file_and_its_key_header_are_read_by_their_owner_only(sealed: tuple[Path, str]):
    if os.name != "nt":
        assert {stat.S_IMODE(file.stat().st_mode) for file in sealed[0].parent.iterdir()} == {0o600}


def test_the_passphrase_or_the_recovery_code_opens_the_file(sealed: tuple[Path, str]):
    path, recovery = sealed
    spelt = recovery.lower().replace("-", " ").replace("0", "o").replace("1", "l")  # as misread from paper
    for given in (IN, Credentials(recovery=recovery), Credentials(recovery=spelt)):
        with Clinic.open(path, create=False, credentials=given) as clinic:
            assert list(clinic.queries.cases()) == [simulated(1)]


@pytest.mark.parametrize(
    "given",
    [Credentials(passphrase="wrong passphrase"), Credentials(recovery="0000-0000"), Credentials(passphrase=" ")],
)
def test_nothing_else_does(sealed: tuple[Path, str], given: Credentials):
    with pytest.raises(WrongKeyError, match="wrong"):
        Clinic.open(sealed[0], create=False, credentials=given)
    with pytest.raises(PassphraseNeededError, match="a passphrase is needed"):
        Clinic.open(sealed[0], create=False)


def test_plain_is_never_taken_for_an_encrypted_file(sealed: tuple[Path, str], tmp_path: Path):
    path, _ = sealed
    with pytest.raises(PassphraseNeededError):
        Clinic.open(path, plain=True)
    with Clinic.open(tmp_path / "other.db", plain=True):
        pass
    path.write_bytes((tmp_path / "other.db").read_bytes())  # someone puts a plain file in its place
    with pytest.raises(KnownError, match="is not encrypted, although a key file"):
        Clinic.open(path, credentials=IN)


def test_a_missing_or_damaged_key_header_is_told_of(sealed: tuple[Path, str]):
    path, _ = sealed
    header = keys.header_path(path)
    whole = header.read_bytes()
    for cut in range(0, len(whole), 97):
        header.write_bytes(whole[:cut])
        with pytest.raises(KnownError, match="is damaged"):
            Clinic.open(path, create=False, credentials=IN)
    for change in ({"format": "x"}, {"keys": []}, {"keys": [{}]}):
        header.write_text(json.dumps({**json.loads(whole), **change}), encoding="utf-8")
        with pytest.raises(KnownError, match="is damaged"):
            Clinic.open(path, create=False, credentials=IN)
    header.unlink()
    with pytest.raises(KnownError, match=r"its key file clinic\.db\.key is missing"):
        Clinic.open(path, create=False, credentials=IN)


def test_a_header_that_asks_for_all_the_memory_is_refused(sealed: tuple[Path, str]):
    header = keys.header_path(sealed[0])
    found = json.loads(header.read_bytes())
    found["keys"][0]["slots"][0]["kdf"]["memory_kib"] = 1 << 30
    header.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(KnownError, match="is damaged"):
        Clinic.open(sealed[0], create=False, credentials=IN)


def test_a_key_header_without_its_file_is_not_overwritten(sealed: tuple[Path, str]):
    path, _ = sealed
    path.unlink()
    with pytest.raises(KnownError, match="its key file is there"):
        Clinic.open(path, credentials=IN)


def test_a_slot_is_bound_to_its_user(sealed: tuple[Path, str]):
    header = keys.read_header(sealed[0])
    assert header is not None
    slot = keys.wrap(b"k" * 32, keys.PASSPHRASE, "a long passphrase", "李医师")
    stolen = keys.Slot(slot.kind, "院长", slot.kdf, slot.salt, slot.nonce, slot.wrapped)
    entry = keys.KeyEntry("x", b"", (slot, stolen))
    assert keys.unwrap(entry, keys.PASSPHRASE, "a long passphrase", "李医师") == b"k" * 32
    with pytest.raises(WrongKeyError):
        keys.unwrap(entry, keys.PASSPHRASE, "a long passphrase", "院长")


def test_the_last_passphrase_cannot_be_taken_away(sealed: tuple[Path, str]):
    header = keys.read_header(sealed[0])
    assert header is not None
    with pytest.raises(KnownError, match="only passphrase"):
        keys.without_slot(header, keys.PASSPHRASE)


def test_a_short_passphrase_is_refused_and_nothing_is_made(tmp_path: Path):
    with pytest.raises(KnownError, match="at least 8 characters"):
        Clinic.open(tmp_path / "a.db", credentials=Credentials(passphrase="kurz"))
    assert list(tmp_path.iterdir()) == []


def test_the_real_key_derivation_costs_what_the_design_says():
    from app.store.keys import _LIMITS

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "KDF", {"name": "argon2id", "time": 3, "memory_kib": 65536, "lanes": 4})
        assert all(keys.KDF[name] <= most for name, most in _LIMITS.items())
        slot = keys.wrap(b"k" * 32, keys.PASSPHRASE, PASSPHRASE)
        assert slot.kdf == {"name": "argon2id", "time": 3, "memory_kib": 65536, "lanes": 4}
        assert keys.unwrap(keys.KeyEntry("x", b"", (slot,)), keys.PASSPHRASE, PASSPHRASE) == b"k" * 32


@pytest.mark.promise("R5")
def test_a_flipped_bit_on_any_page_is_noticed_before_data_are_shown(sealed: tuple[Path, str]):
    path, _ = sealed
    whole = path.read_bytes()
    for page in range(len(whole) // 4096):
        damaged = bytearray(whole)
        damaged[page * 4096 + 16 + (page * 37) % 4000] ^= 1 << (page % 8)
        path.write_bytes(damaged)
        assert told_of_damage(path), f"page {page}"
    path.write_bytes(whole)
    assert not told_of_damage(path)


def told_of_damage(path: Path) -> bool:
    try:
        with Clinic.open(path, create=False, credentials=IN) as clinic:
            found = clinic.queries.check()
            assert list(clinic.queries.cases()) == [simulated(1)]  # where it opens at all, what it shows is true
            return bool(found)
    except KnownError as error:
        return "damaged" in str(error)


# ---- the lock --------------------------------------------------------------------------------------------------------


def test_a_locked_clinic_reads_and_writes_nothing_until_it_is_unlocked(clinic: Clinic):
    heard: list[Change] = []
    clinic.imports.commit([simulated(1)])
    clinic.changed.subscribe(heard.append)
    clinic.lock()
    assert clinic.locked
    for act in (clinic.queries.counts, lambda: clinic.queries.case("P00001"), lambda: clinic.imports.commit([])):
        with pytest.raises(LockedError, match="locked"):
            act()
    clinic.unlock(IN)
    assert clinic.queries.counts()["patients"] == 1
    assert [change.ids for change in heard if change.kind is ChangeKind.LOCK] == [("locked",), ("unlocked",)]
    assert [entry.action for entry in clinic.audit.entries()][:2] == ["unlock", "lock"]


def test_a_lock_drops_the_key(sealed: tuple[Path, str]):
    with Clinic.open(sealed[0], create=False, credentials=IN) as clinic:
        assert clinic.hand_over().key is not None
        begun = time.monotonic()
        clinic.lock()
        assert time.monotonic() - begun < 1.0
        assert isinstance(clinic._database, SqliteDatabase) and clinic._database.key is None
        with pytest.raises(LockedError):
            clinic.hand_over()
        with pytest.raises(WrongKeyError):
            clinic.unlock(Credentials(passphrase="wrong passphrase"))
        assert clinic.locked
        clinic.unlock(IN)
        assert clinic.hand_over().key is not None


def test_a_worker_opens_with_what_it_is_handed_and_no_passphrase(sealed: tuple[Path, str]):
    with Clinic.open(sealed[0], create=False, credentials=IN, who="李") as clinic:
        order = json.loads(json.dumps(clinic.hand_over().to_json()))
    assert PASSPHRASE not in json.dumps(order)
    with Clinic.open(sealed[0], create=False, credentials=Credentials.of(order)) as worker:
        assert worker.actor == clinic.actor
        assert worker.queries.counts()["patients"] == 1
