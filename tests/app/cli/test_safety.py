"""backup, restore, export, rekey and doctor at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run
from app.store import keys
from app.store.clinic import Clinic, Credentials
from tests.app.store.cases import simulated

OLD, NEW = "白日依山尽 1688", "黄河入海流 1688"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KDF", {**keys.KDF, "time": 1, "memory_kib": 64, "lanes": 1})
    monkeypatch.setenv("MAILIU_PASSPHRASE", OLD)
    monkeypatch.setenv("MAILIU_NEW_PASSPHRASE", NEW)


@pytest.fixture
def db(tmp_path: Path) -> str:
    """An encrypted clinic file with patients."""
    with Clinic.open(tmp_path / "clinic.db", credentials=Credentials(passphrase=OLD)) as clinic:
        clinic.imports.commit([simulated(number) for number in range(3)])
    return str(tmp_path / "clinic.db")


def test_a_backup_is_made_listed_verified_and_restored(db: str, tmp_path: Path, capsys):
    assert run(["backup", "make", "--db", db]) == 0
    assert run(["backup", "list", "--db", db]) == 0
    assert "完好" in capsys.readouterr().out
    assert run(["backup", "list", "--db", db, "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["counts"]["patient"], listed["problem"], listed["encrypted"]) == (3, "", True)
    assert run(["backup", "verify", "--db", db]) == 0
    new = tmp_path / "restored.db"
    assert run(["restore", listed["file"], "--to", str(new)]) == 0
    assert "3 名患者" in capsys.readouterr().out
    assert run(["restore", listed["file"], "--to", str(new)]) == 1
    assert "已存在" in capsys.readouterr().err
    Path(listed["file"]).write_bytes(b"broken")
    assert run(["backup", "verify", "--db", db]) == 1
    assert run(["restore", listed["file"], "--to", str(tmp_path / "other.db")]) == 1
    assert not (tmp_path / "other.db").exists()


def test_a_backup_with_an_own_passphrase_is_restored_with_it(db: str, tmp_path: Path, capsys, monkeypatch):
    assert run(["backup", "make", "--db", db, "--own-passphrase"]) == 0
    file = next((tmp_path / "clinic.backups").glob("*.db"))
    assert run(["restore", str(file), "--to", str(tmp_path / "r.db")]) == 1
    monkeypatch.setenv("MAILIU_PASSPHRASE", NEW)
    assert run(["restore", str(file), "--to", str(tmp_path / "r.db")]) == 0


def test_an_import_is_backed_up_when_it_is_done(tmp_path: Path):
    table = tmp_path / "t.csv"
    table.write_text("病历号,就诊日期,失眠\n1,2024-01-01,6\n", encoding="utf-8")
    db = str(tmp_path / "new.db")
    assert run(["import", str(table), "--db", db]) == 0
    assert len(list((tmp_path / "new.backups").glob("*.db"))) == 1
    assert run(["import", str(table), "--db", db]) == 0  # changes nothing
    assert run(["info", "--db", db]) == 0
    assert len(list((tmp_path / "new.backups").glob("*.db"))) == 1


def test_an_export_names_nobody_unless_asked_to(db: str, tmp_path: Path, capsys):
    assert run(["export", str(tmp_path / "out"), "--db", db]) == 0
    assert "交出前请先通读" in capsys.readouterr().out
    assert "王小明" not in (tmp_path / "out" / "patients.csv").read_text(encoding="utf-8-sig")
    assert run(["export", str(tmp_path / "out.json"), "--db", db, "--identified"]) == 0
    assert "王小明" in (tmp_path / "out.json").read_text(encoding="utf-8")
    assert run(["export", str(tmp_path / "out"), "--db", db]) == 1
    assert run(["export", db, "--db", db, "--form", "json"]) == 1
    assert Clinic.open(Path(db), create=False, credentials=Credentials(passphrase=OLD)).close() is None


@pytest.mark.parametrize(("what", "opens"), [("passphrase", NEW), ("recovery", OLD), ("data-key", NEW)])
def test_keys_are_exchanged(db: str, capsys, what: str, opens: str):
    assert run(["rekey", what, "--db", db]) == 0
    with Clinic.open(Path(db), create=False, credentials=Credentials(passphrase=opens)) as clinic:
        assert clinic.queries.counts()["patients"] == 3
    assert ("恢复码" in capsys.readouterr().out) == (what != "passphrase")


def test_a_plain_file_is_encrypted_and_a_short_passphrase_refused(tmp_path: Path, capsys, monkeypatch):
    path = tmp_path / "plain.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(1)])
    monkeypatch.setenv("MAILIU_NEW_PASSPHRASE", "short")
    assert run(["rekey", "encrypt", "--db", str(path)]) == 1
    assert path.read_bytes().startswith(b"SQLite")
    monkeypatch.setenv("MAILIU_NEW_PASSPHRASE", NEW)
    assert run(["rekey", "encrypt", "--db", str(path)]) == 0
    assert "未加密" in capsys.readouterr().out
    assert not path.read_bytes().startswith(b"SQLite")


def test_without_a_terminal_a_new_passphrase_is_not_waited_for(db: str, capsys, monkeypatch):
    monkeypatch.delenv("MAILIU_NEW_PASSPHRASE")
    assert run(["rekey", "--db", db]) == 1
    assert "MAILIU_NEW_PASSPHRASE" in capsys.readouterr().err


def test_the_doctor_tells_and_mends(db: str, capsys):
    assert run(["doctor", "--db", db]) == 1
    assert "backup make" in capsys.readouterr().out
    Path(db).chmod(0o644)
    assert run(["doctor", "--db", db, "--repair", "--json"]) == 1  # the words of the test cases are no vocabulary
    told = json.loads(capsys.readouterr().out)
    assert told["mended"] == ["modes"]
    assert {one["kind"] for one in told["found"]} == {"codes"}
