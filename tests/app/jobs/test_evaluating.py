"""A saved model is put beside what it must beat, in words of either language, or refused with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import i18n
from app.analysis.simulator import simulate
from app.domain.errors import KnownError
from app.jobs import evaluating
from app.jobs.worker import Reporter
from app.store.clinic import Clinic
from tests.app.jobs.conftest import filled, quiet, trained


def test_the_table_names_every_model_and_says_where_the_network_is_not_the_best(clinic: Clinic) -> None:
    told: list[str] = []
    reporter = Reporter(lambda event: told.append(getattr(event, "text", "")))
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
    for line in document["table"][1:]:
        line["behind"] = (-8.0, -8.1, -7.9)
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
    db = filled(tmp_path, simulate(patients=20, seed=3))
    trained(db, compare="simple")
    with (
        Clinic.open(db, create=False) as clinic,
        pytest.raises(KnownError, match=r"0 patients were held out|训练时只留出 0 位"),
    ):
        evaluating.evaluate(quiet(), clinic, "m")
