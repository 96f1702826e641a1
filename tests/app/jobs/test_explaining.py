"""What a forecast rests on, told for the variable asked about."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app import i18n
from app.domain.errors import KnownError
from app.jobs import explaining, forecasting
from app.store.clinic import Clinic
from app.wording import variable_label
from tests.app.jobs.conftest import trained


@pytest.fixture
def patient(clinic: Clinic) -> str:
    return next(iter(clinic.queries.cases())).patient.code


def test_a_variable_is_found_by_code_or_by_its_name_in_either_language(clinic: Clinic, patient: str):
    one = forecasting.load(clinic, "m").fitted_.encoder.variables[0]
    for name in (one.name, variable_label(one, "zh"), variable_label(one, "en")):
        document = explaining.explain(clinic, "m", patient, name, 14.0, 3)
        assert document["attribution"]["variable"] == one.name
        assert len(document["alike"]["neighbours"]) == 3
        assert patient not in [n["patient"] for n in document["alike"]["neighbours"]]
    json.dumps(document, allow_nan=False)
    with pytest.raises(KnownError, match="does not forecast"), i18n.speaking("en"):
        explaining.explain(clinic, "m", patient, "没有的")


def test_without_a_variable_it_is_the_one_that_changes_most(clinic: Clinic, patient: str):
    document = explaining.explain(clinic, "m", patient)
    forecaster = forecasting.load(clinic, "m")
    found = forecasting.predict(clinic, forecaster, patient, [30.0])["forecast"]
    encoder = forecaster.fitted_.encoder
    scale = {encoder.variables[c.variable].name: s for c, s in zip(encoder.columns, encoder.scale, strict=True)}
    changes = {
        v["name"]: abs(mean - found["last_value"][v["name"]]) / scale[v["name"]]
        for v, mean in zip(found["variables"], found["expected"][0], strict=True)
        if found["last_value"][v["name"]] is not None
    }
    assert document["attribution"]["variable"] == max(changes, key=lambda name: changes[name])


def test_the_words_hold_the_figures(clinic: Clinic, patient: str):
    document = explaining.explain(clinic, "m", patient)
    with i18n.speaking("en"):
        told = explaining.describe(document)
    found = document["attribution"]
    figure = f"{found['forecast']:.0%}" if found["scale"] == "chance" else f"{found['forecast']:.2f}"
    assert f"{figure} on average" in told[0]
    effects = np.array(found["removal"]["variables"], dtype=float)
    largest = effects[np.nanargmax(np.abs(effects))]
    if abs(largest) >= explaining.SMALL:
        assert any(line.endswith(f"{largest:+.2f}") for line in told)
    assert "most like this one" in " ".join(told)


def test_a_cell_without_gradients_is_explained_by_what_is_taken_away(folder: Path, clinic: Clinic, patient: str):
    trained(folder / "clinic.db", "n", cell="cfc")
    document = explaining.explain(clinic, "n", patient)
    assert np.isfinite(document["attribution"]["forecast"])
