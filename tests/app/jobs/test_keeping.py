"""The models of a clinic: which there are, which is in use, and none lost or half there."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from app import i18n
from app.domain.errors import KnownError
from app.jobs import forecasting, keeping
from app.store.clinic import Clinic
from models import bundle, generations
from tests.app.jobs.conftest import trained


@pytest.fixture
def two(folder: Path, clinic: Clinic) -> Clinic:
    """A clinic with a second model, of another cell."""
    trained(folder / "clinic.db", "n", cell="gru")
    return clinic


def test_the_list_tells_of_every_model_and_which_is_in_use(two: Clinic):
    rows = keeping.overview(two)
    assert [row["name"] for row in rows] == ["n", "m"]
    assert [row["cell"] for row in rows] == ["gru", "ltc"]
    assert sum(row["in_use"] for row in rows) == 1
    json.dumps(rows, allow_nan=False)
    with i18n.speaking("en"):
        lines = keeping.describe(rows)
    assert len(lines) == 3
    assert [line.startswith("* ") for line in lines[:2]].count(True) == 1
    with i18n.speaking("zh"):
        assert "尚无" in keeping.describe([])[0] or "还没有模型" in keeping.describe([])[0]


def test_what_is_promoted_is_in_use_until_it_is_trained_anew(folder: Path, two: Clinic):
    for name in ("m", "n", "m"):
        keeping.prefer(two, name)
        assert [row["name"] for row in keeping.overview(two) if row["in_use"]] == [name]
    trained(folder / "clinic.db", "m")
    chosen = two.models.in_use()
    assert chosen is not None
    assert chosen.name == "n"
    with pytest.raises(KnownError, match="no model"), i18n.speaking("en"):
        keeping.prefer(two, "no model")


def test_two_models_are_compared_on_patients_neither_saw(two: Clinic):
    document = keeping.compare(two, "m", "n")
    json.dumps(document, allow_nan=False)
    assert [line["model"] for line in document["table"]] == ["m", "n"]
    with i18n.speaking("en"):
        told = keeping.describe_comparison(document)
    assert told[1].startswith("  m: ")
    assert told[-1] in ("The difference may be chance.", "m is the better one.", "n is the better one.")
    document["table"][1]["behind"] = (-0.3, -0.4, -0.2)
    with i18n.speaking("en"):
        assert keeping.describe_comparison(document)[-1] == "n is the better one."


def test_models_that_held_out_others_are_not_compared(folder: Path, clinic: Clinic):
    trained(folder / "clinic.db", "n", seed=5)
    with pytest.raises(KnownError, match="held out of both trainings"), i18n.speaking("en"):
        keeping.compare(clinic, "m", "n")


def test_a_deleted_model_leaves_no_file_and_no_other_is_touched(folder: Path, two: Clinic):
    models = folder / "clinic.models"
    generations.promote(models, "m", forecasting.load(two, "m"))
    (models / "m.checkpoint").write_bytes(b"x")
    keeping.delete(two, "m")
    assert [p.name for p in sorted(models.iterdir()) if p.name.startswith("m")] == []
    assert [one.name for one in two.models.list()] == ["n"]
    forecasting.load(two, "n")
    with pytest.raises(KnownError):
        keeping.delete(two, "m")


def test_an_exported_model_is_taken_in_by_another_clinic(clinic: Clinic, tmp_path: Path):
    file = tmp_path / f"m{bundle.SUFFIX}"
    digest = keeping.export(clinic, "m", file)
    with Clinic.open(tmp_path / "other.db", plain=True) as other:
        assert keeping.bring_in(other, file, sha256=digest) == "m"
        assert forecasting.load(other, "m").card["variables"] == forecasting.load(clinic, "m").card["variables"]
        with pytest.raises(KnownError, match="--name"), i18n.speaking("en"):
            keeping.bring_in(other, file)
        with pytest.raises(KnownError, match="SHA-256"), i18n.speaking("en"):
            keeping.bring_in(other, file, "again", "0" * 64)
        assert [one.name for one in other.models.list()] == ["m"]


def test_a_model_that_cannot_forecast_here_is_not_left_on_the_shelf(clinic: Clinic, tmp_path: Path):
    file = tmp_path / f"m{bundle.SUFFIX}"
    keeping.export(clinic, "m", file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    card = json.loads(parts[bundle.CARD])
    del card["series"]
    parts[bundle.CARD] = json.dumps(card).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with Clinic.open(tmp_path / "other.db", plain=True) as other:
        with pytest.raises(KnownError, match="incomplete"), i18n.speaking("en"):
            keeping.bring_in(other, file)
        assert other.models.list() == []
        assert list(other.models_folder.glob("*")) == []


def test_an_update_is_taken_back(folder: Path, clinic: Clinic):
    models = folder / "clinic.models"
    forecaster = forecasting.load(clinic, "m")
    with pytest.raises(KnownError, match="no generation before"), i18n.speaking("en"):
        keeping.take_back(clinic, "m")
    assert generations.promote(models, "m", forecaster) == 1
    assert keeping.take_back(clinic, "m") == 0
    assert clinic.models.get("m").card["generation"] == 0
