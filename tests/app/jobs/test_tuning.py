"""A study on the records of a clinic: gone on with, and trained from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.domain.errors import KnownError
from app.jobs import forecasting, tuning
from app.store.clinic import Clinic
from models import tuning as searching
from models.spaces import OneOf, Whole
from tests.app.jobs.conftest import QUICK, quiet, trained


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two settings, of small networks."""
    monkeypatch.setattr(searching, "SPACE", {"hidden": OneOf((4, 8)), "components": Whole(1, 2)})


def _study(clinic: Clinic, **options: Any) -> dict[str, Any]:
    return tuning.tune(quiet(), clinic, **{"epochs": 1, "settings": QUICK, **options})


def test_a_study_is_gone_on_with_and_its_best_settings_are_trained(folder: Path, clinic: Clinic):
    first = _study(clinic, trials=1)
    assert len(first["trials"]) == 1
    document = _study(clinic, trials=3)
    assert [one["number"] for one in document["trials"]] == [0, 1, 2]
    assert document["trials"][0] == first["trials"][0]
    json.dumps(document, allow_nan=False)
    with i18n.speaking("en"):
        told = tuning.describe(document)
    assert told[0].startswith("Study mailiu: 3 trials")
    assert f"{document['value']:.4f}" in told[1]
    settings = tuning.settings_of(document)
    assert "seed" not in settings
    trained(folder / "clinic.db", "best", settings={**settings, "epochs": 1}, epochs=None)
    assert forecasting.load(clinic, "best").hidden == document["settings"]["hidden"]


def test_a_study_of_other_records_is_not_gone_on_with(clinic: Clinic):
    _study(clinic, trials=1, seed=1)
    with pytest.raises(KnownError, match="--study"), i18n.speaking("en"):
        _study(clinic, trials=2, seed=2)
    assert len(_study(clinic, trials=1, seed=2, study="other")["trials"]) == 1


def test_a_study_is_kept_nowhere_but_beside_the_models_or_on_a_server(clinic: Clinic, tmp_path: Path):
    for place in ("nonsense", str(tmp_path / "clinic.db"), "sqlite:///x.db"):
        with pytest.raises(KnownError, match="postgresql://"), i18n.speaking("en"):
            _study(clinic, trials=1, storage=place)
    assert not Path("nonsense").exists()


def test_without_a_finished_trial_there_is_nothing_to_train_with(clinic: Clinic):
    document = _study(clinic, trials=3, minutes=0.0)
    assert not document["trials"]
    with pytest.raises(KnownError, match="Allow more trials"), i18n.speaking("en"):
        tuning.settings_of(document)
