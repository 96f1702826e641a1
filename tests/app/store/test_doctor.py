"""Each thing that may be wrong is found; what can be mended is, after a backup."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.domain.records import Case, Diagnosis, Observation, Patient, Position, PulseReading, Side, ValueKind
from app.store import catalogue
from app.store.clinic import Clinic
from app.store.doctor import Kind
from app.store.keys import header_path
from tests.app.store.cases import simulated, undated

GOOD = Case(
    Patient("P1", "王小明"),
    (
        replace(
            undated(1, 0.0, Observation("sym.insomnia", ValueKind.SCORE, 2.0), Observation("x.自拟", ValueKind.TEXT)),
            pulses=(PulseReading(Side.BOTH, Position.WHOLE, ("pul.wiry",), "弦"),),
        ),
    ),
)


def kinds(clinic: Clinic) -> set[Kind]:
    return {finding.kind for finding in clinic.doctor.check()}


def run(clinic: Clinic, *statements: str) -> None:
    with clinic._database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_healthy_clinic_with_a_backup_has_nothing(clinic: Clinic):
    clinic.imports.commit([GOOD])
    clinic.backups.make(plain=not clinic.encrypted)
    expected = {Kind.KEYS} if clinic.is_file and not clinic.encrypted else set()
    assert kinds(clinic) == expected
    assert clinic.doctor.repair() == []


def test_codes_the_vocabulary_does_not_have_are_named(clinic: Clinic):
    said = replace(
        undated(1, 0.0, Observation("sym.nonsense", ValueKind.SCORE, 1.0)),
        diagnoses=(Diagnosis("syndrome", "怪证", "syn.nonsense"),),
        pulses=(PulseReading(Side.LEFT, Position.CUN, ("pul.nonsense",), ""),),
    )
    clinic.imports.commit([Case(Patient("1"), (said,))])
    told = " ".join(finding.what for finding in clinic.doctor.check() if finding.kind is Kind.CODES)
    assert all(code in told for code in ("sym.nonsense", "syn.nonsense", "pul.nonsense"))


def test_the_search_and_the_list_are_brought_in_step_after_a_backup(clinic: Clinic):
    clinic.imports.commit([simulated(number) for number in range(3)])
    run(clinic, "DELETE FROM patient_key WHERE patient_id = 1", "UPDATE patient SET visits = 99 WHERE code = 'P00002'")
    assert {Kind.SEARCH, Kind.SUMMARIES} <= kinds(clinic)
    assert {finding.kind for finding in clinic.doctor.repair()} >= {Kind.SEARCH, Kind.SUMMARIES}
    assert not {Kind.SEARCH, Kind.SUMMARIES} & kinds(clinic)
    assert len(clinic.queries.search("wangxiaoming")) == 3
    assert clinic.audit.entries(action="repair")[0].detail == {"kinds": ["search", "summaries"]} or clinic.is_file
    if clinic.is_file:
        assert clinic.backups.list()[0].sound


def test_a_tampered_audit_log_is_told_of(clinic: Clinic):
    clinic.imports.commit([GOOD])
    run(clinic, "UPDATE audit SET who = 'nobody' WHERE id = 1")
    assert Kind.AUDIT in kinds(clinic)


def test_references_that_lead_nowhere_are_told_of(clinic_file: Clinic):
    clinic_file.imports.commit([GOOD])
    with clinic_file._database.read() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("DELETE FROM patient")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN")
    assert Kind.PAGES in kinds(clinic_file)


def test_missing_old_and_bad_backups_are_told_of(plain: Clinic):
    assert Kind.BACKUPS in kinds(plain)
    made = plain.backups.make()
    assert Kind.BACKUPS not in kinds(plain)
    catalogue.write(made.path.parent, [replace(made, at=made.at.replace(year=2020))])
    assert Kind.BACKUPS in kinds(plain)
    catalogue.write(made.path.parent, [made])
    made.path.write_bytes(b"broken")
    told = [finding.what for finding in plain.doctor.check() if finding.kind is Kind.BACKUPS]
    assert len(told) == 2 and made.path.name in told[0]
    (made.path.parent / catalogue.CATALOGUE).write_text("{", encoding="utf-8")
    assert Kind.BACKUPS in kinds(plain)


@pytest.mark.skipif(os.name != "posix", reason="file modes mean little on Windows")
def test_modes_and_leftovers_are_mended(clinic_file: Clinic):
    clinic_file.imports.commit([GOOD])
    path = clinic_file.path
    clinic_file.backups.make()
    path.chmod(0o644)
    clinic_file.backups.folder.chmod(0o755)
    left = path.with_name(f".{path.name}-abc.key")
    left.write_bytes(b"")
    assert {Kind.MODES, Kind.LEFTOVERS} <= kinds(clinic_file)
    clinic_file.doctor.repair()
    assert not {Kind.MODES, Kind.LEFTOVERS} & kinds(clinic_file)
    assert not left.exists()


def test_a_missing_key_file_is_told_of_while_it_can_still_be_put_back(clinic_file: Clinic, tmp_path: Path):
    if clinic_file.encrypted:
        header_path(clinic_file.path).rename(tmp_path / "away")
    assert Kind.KEYS in kinds(clinic_file)
    if clinic_file.encrypted:
        (tmp_path / "away").rename(header_path(clinic_file.path))
        assert Kind.KEYS not in kinds(clinic_file)
