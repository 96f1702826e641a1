"""A saved model is put beside what it must beat, in words of either language, or refused with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import i18n
from app.analysis.simulator import simulate, write_wide
from app.domain.errors import KnownError
from app.importing.run import import_files
from app.jobs import evaluating
from app.jobs.training import train
from app.jobs.worker import Reporter
from app.store.clinic import Clinic


def _clinic(folder: Path, patients: int) -> Path:
    table, db = folder / "clinic.csv", folder / "clinic.db"
    write_wide(simulate(patients=patients, seed=3), table)
    with Clinic.open(db, plain=True) as clinic:
        import_files([table], clinic)
    train(Reporter(lambda event: None), db=str(db), name="m", epochs=2, device="cpu")
    return db


def test_the_table_names_every_model_and_says_where_the_network_is_not_the_best(tmp_path: Path) -> None:
    told: list[str] = []
    reporter = Reporter(lambda event: told.append(getattr(event, "text", "")))
    with Clinic.open(_clinic(tmp_path, 44), create=False) as clinic:
        document = evaluating.evaluate(reporter, clinic, "m")
    json.dumps(document, allow_nan=False)
    names = {line["model"] for line in document["table"]}
    assert names == {
        *("liquid", "last_value", "patient_mean", "linear_trend", "mixed_effects", "boosted_trees"),
        *("gru_d", "ode_rnn", "lstm"),
    }
    assert document["patients"] >= 5
    assert any("GRU-D" in text for text in told)
    document["table"][0]["rmse"] = 9.0
    with i18n.speaking("en"):
        english = evaluating.describe(document)
    with i18n.speaking("zh"):
        chinese = evaluating.describe(document)
    assert english[1].startswith("  this model: 9.000")
    assert "rely on that one" in english[-1]
    assert chinese[1].startswith("  本模型: 9.000")
    assert "请以后者为准" in chinese[-1]
    assert len(english) == len(chinese) == len(names) + 2


def test_a_model_that_held_nobody_out_is_not_compared(tmp_path: Path) -> None:
    with (
        Clinic.open(_clinic(tmp_path, 20), create=False) as clinic,
        pytest.raises(KnownError, match=r"0 patients were held out|训练时只留出 0 位"),
    ):
        evaluating.evaluate(Reporter(lambda event: None), clinic, "m")
