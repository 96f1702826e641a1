"""A model that cannot be used, or knows little, says so in the user's language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import i18n, usage
from app.domain.errors import KnownError
from app.importing.run import import_files
from app.jobs import forecasting, refusals
from app.jobs.refusals import in_words
from app.jobs.training import describe, train
from app.store.clinic import Clinic
from models import artifact
from models.errors import ArtifactError


class Quiet:
    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None:
        """No one is listening."""

    def cancelled(self) -> bool:
        return False


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A clinic of six patients, too few to hold some out, and its card."""
    folder = tmp_path_factory.mktemp("clinic")
    rows = [f"P{p},2024-01-{1 + 3 * d:02d},体重,{50 + d * p}" for p in range(6) for d in range(6)]
    table = folder / "t.csv"
    table.write_text("\n".join(["patient,date,item,value", *rows, "Q,2024-01-01,体温,37"]) + "\n", encoding="utf-8")
    with Clinic.open(folder / "c.db", plain=True) as clinic:
        import_files([table], clinic)
    return folder / "c.db", train(Quiet(), db=str(folder / "c.db"), name="m", epochs=1)


def test_a_clinic_too_small_to_hold_patients_out_is_trained_and_told_so(trained: tuple[Path, dict[str, Any]]):
    assert "留出" in describe(trained[1])[-1]


def test_a_forecast_without_any_record_says_that_it_is_what_is_usual(trained: tuple[Path, dict[str, Any]]):
    with Clinic.open(trained[0], plain=True) as clinic:
        forecaster = forecasting.load(clinic, "m")
        document = forecasting.document(forecasting.predict(clinic, forecaster, "Q"), forecaster.card)
    assert any("没有模型所用的任何记录" in line for line in forecasting.describe(document))


@pytest.mark.parametrize("section", ["series", "training", "score"])
def test_a_card_with_a_section_cut_out_is_refused(section: str, trained: tuple[Path, dict[str, Any]]):
    with Clinic.open(trained[0], plain=True) as clinic:
        path = clinic.models_folder / "m.json"
        before = path.read_bytes()
        card = json.loads(before)
        del card[section]
        path.write_text(json.dumps(card), encoding="utf-8")
        with pytest.raises(KnownError, match="incomplete"):
            forecasting.load(clinic, "m")
        path.write_bytes(before)


def test_refusals_of_model_files_are_told_in_chinese(tmp_path: Path):
    (tmp_path / "card.json").write_text("[]")
    (tmp_path / "half.json").write_text("{")
    told = []
    for name in ("none", "card", "half"):
        with pytest.raises(ArtifactError) as caught:
            artifact.load(tmp_path, name)
        told.append(in_words(caught.value))
    assert told[0] == "无法读取其文件（没有这个文件或文件夹）。请恢复文件或重新训练。"
    assert told[1] == told[2] == "其文件已损坏，或属于其他程序。请重新训练。"
    with i18n.speaking("en"):
        assert in_words(ArtifactError("something new")) == "something new"


def test_every_sentence_looked_up_in_a_table_has_its_chinese():
    tables = (refusals._KNOWN, usage._USAGE, usage._REASONS)
    assert not {text for table in tables for text in table.values()} - i18n.catalogue().keys()
