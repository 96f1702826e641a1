"""An export as a job: told how far it is, stopped whenever, and nothing half is left."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import KnownError
from app.files import sweep, unfinished
from app.importing.exported import read_exported
from app.jobs import worker
from app.jobs.events import Cancelled, Failed, Finished
from app.jobs.exporting import export
from app.jobs.worker import StoppedEarly
from app.store.clinic import Clinic, Credentials
from app.store.roles import NotAllowedError, Role
from tests.app.store.cases import simulated

TARGET = "app.jobs.exporting:export"
PATIENTS = 120
PASSPHRASE = "白日依山尽 1688"


class Ear:
    """Stands in for a reporter. stop: wish to stop after so many tidings of progress, or at once."""

    def __init__(self, stop: Callable[[int], bool] = lambda _: False) -> None:
        self.told: list[tuple[int, int, str]] = []
        self._stop = stop

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None:
        self.told.append((done, total, text))

    def cancelled(self) -> bool:
        return self._stop(len(self.told))


@pytest.fixture(scope="module")
def clinic_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clinic") / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(number) for number in range(PATIENTS)])
    return path


def exported(ear: Ear, clinic_file: Path, out: Path, form: str, **more: Any) -> dict[str, Any]:
    return export(ear, db=str(clinic_file), out=str(out), form=form, **more)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("form", "name"), [("csv", "out"), ("json", "out.json"), ("fhir", "out.fhir.json")])
def test_the_result_tells_where_it_lies_and_how_many_patients(clinic_file: Path, tmp_path: Path, form: str, name: str):
    ear = Ear()
    assert exported(ear, clinic_file, tmp_path / name, form) == {"path": str(tmp_path / name), "patients": PATIENTS}
    assert ear.told == [(done, PATIENTS, "正在导出患者") for done in (50, 100, 120)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_names_go_out_only_where_they_were_asked_for(clinic_file: Path, tmp_path: Path):
    exported(Ear(), clinic_file, tmp_path / "bare.json", "json")
    exported(Ear(), clinic_file, tmp_path / "whole.json", "json", identified=True)
    with Clinic.open(clinic_file) as clinic:
        cases = list(clinic.queries.cases())
    assert list(read_exported(tmp_path / "whole.json")) == cases
    assert not {case.patient.code for case in read_exported(tmp_path / "bare.json")} & {c.patient.code for c in cases}


@pytest.mark.parametrize("form", ["csv", "json", "fhir"])
def test_stopped_on_the_way_nothing_is_left(clinic_file: Path, tmp_path: Path, form: str):
    with pytest.raises(StoppedEarly):
        exported(Ear(lambda told: told > 0), clinic_file, tmp_path / "out", form)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_no_stop(clinic_file: Path, tmp_path: Path):
    (tmp_path / "dear.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(KnownError, match="is there already"):
        exported(Ear(), clinic_file, tmp_path, "csv")
    with pytest.raises(KnownError, match="would be lost"):
        exported(Ear(), clinic_file, clinic_file, "json")


def test_a_researcher_gets_no_names_out(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(1)])
        clinic.accounts.add("王主任", [Role.ADMINISTRATOR], PASSPHRASE)
        clinic.accounts.add("赵研究", [Role.RESEARCHER], PASSPHRASE)
    with Clinic.open(path, credentials=Credentials(PASSPHRASE, "赵研究")) as clinic:
        access = clinic.hand_over().to_json()
    with pytest.raises(NotAllowedError):
        exported(Ear(), path, tmp_path / "out", "csv", access=access, identified=True)
    assert exported(Ear(), path, tmp_path / "out", "csv", access=access)["patients"] == 1


def test_in_a_worker_it_tells_how_far_it_is_and_can_be_stopped(clinic_file: Path, tmp_path: Path):
    job = worker.start(TARGET, {"db": str(clinic_file), "out": str(tmp_path / "out.json"), "form": "json"})
    assert job.wait(60) == Finished({"path": str(tmp_path / "out.json"), "patients": PATIENTS})
    job.close()
    job = worker.start(TARGET, {"db": str(clinic_file), "out": str(tmp_path / "other.json"), "form": "json"})
    job.cancel()  # while it is still reading its modules
    assert job.wait(60) == Cancelled({})
    job.close()
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_refusal_in_a_worker_is_told_in_the_users_language(clinic_file: Path, tmp_path: Path):
    job = worker.start(TARGET, {"db": str(clinic_file), "out": str(tmp_path / "o"), "form": "pdf"})
    event = job.wait(60)
    job.close()
    assert isinstance(event, Failed)
    assert event.is_known
    assert "pdf" in event.message and "csv" in event.message


def killed_while_it_writes(clinic_file: Path, out: Path, form: str) -> None:
    """A worker killed as soon as something of it lies beside ``out``; begun anew where it was too quick."""
    before = unfinished(out)
    for _ in range(5):
        job = worker.start(TARGET, {"db": str(clinic_file), "out": str(out), "form": form})
        until = time.monotonic() + 60
        while unfinished(out) == before and time.monotonic() < until:
            time.sleep(0.0005)
        os.kill(job.pid, signal.SIGKILL)
        job.close()
        if unfinished(out) > before:
            return
        shutil.rmtree(out) if out.is_dir() else out.unlink()
    raise AssertionError("the worker was too quick each time")


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize(("form", "name"), [("csv", "out.2024"), ("json", "诊所 [1].json")])
def test_what_a_killed_worker_left_is_swept_and_nothing_else(clinic_file: Path, tmp_path: Path, form: str, name: str):
    out = tmp_path / name
    dear = [f".{out.name}-12345678" if form == "csv" else f".{out.stem}-12345678.json", f".{out.stem}-notes"]
    for one in dear:
        (tmp_path / one).write_text("dear", encoding="utf-8")
    before = unfinished(out)
    assert before == {tmp_path / dear[0]}  # somebody else's, under a name as an export would give
    killed_while_it_writes(clinic_file, out, form)
    sweep(out, before)
    assert {path.name for path in tmp_path.iterdir()} == set(dear)
