"""A clinic with a model that was trained quickly, copied for every test that asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.analysis.simulator import simulate, write_wide
from app.analysis.simulator.records import Cohort
from app.importing.run import import_files
from app.jobs.training import train
from app.jobs.worker import Reporter
from app.store.clinic import Clinic

QUICK: dict[str, Any] = {"members": 2, "trees": False, "units": 8, "hidden": 8}
PATIENTS = 60


def quiet() -> Reporter:
    """Hears everything and tells nobody."""
    return Reporter(lambda event: None)


def filled(folder: Path, cohort: Cohort) -> Path:
    """A clinic file of a simulated cohort."""
    table, db = folder / "clinic.csv", folder / "clinic.db"
    write_wide(cohort, table)
    with Clinic.open(db, plain=True) as clinic:
        import_files([table], clinic)
    return db


def trained(db: Path, name: str = "m", **options: Any) -> dict[str, Any]:
    """A model of two small networks; returns its card."""
    order: dict[str, Any] = {"epochs": 2, "device": "cpu", "compare": "none", "settings": QUICK, "threads": 1}
    return train(quiet(), db=str(db), name=name, **{**order, **options})


@pytest.fixture(scope="session")
def _first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Most patients with all their visits but the last two, and without the last patients."""
    folder = tmp_path_factory.mktemp("trained")
    whole = simulate(patients=PATIENTS, seed=3)
    early = [replace(one, visits=one.visits[: max(len(one.visits) - 2, 2)]) for one in whole.patients[:44]]
    trained(filled(folder, replace(whole, patients=tuple(early))))
    return folder


@pytest.fixture
def folder(_first: Path, tmp_path: Path) -> Path:
    """Of the clinic, ``clinic.db``, with its model "m"."""
    shutil.copytree(_first, tmp_path / "clinic")
    return tmp_path / "clinic"


@pytest.fixture
def clinic(folder: Path) -> Iterator[Clinic]:
    with Clinic.open(folder / "clinic.db", create=False) as opened:
        yield opened
