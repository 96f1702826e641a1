"""The models of a clinic: which there are, which is in use, and none lost or half there."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.domain.errors import KnownError
from app.jobs import forecasting, keeping
from app.store.clinic import Clinic
from app.store.roles import Actor, NotAllowedError, Role
from models import bundle, generations
from tests.app.jobs.conftest import trained


@pytest.fixture(scope="module")
def _both(_first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clinic of ``folder`` with a second model, of another cell."""
    folder = tmp_path_factory.mktemp("both") / "clinic"
    shutil.copytree(_first, folder)
    trained(folder / "clinic.db", "n", cell="gru")
    return folder


@pytest.fixture
def two(_both: Path, folder: Path) -> Iterator[Clinic]:
    """A clinic with two models, in ``folder``."""
    shutil.copytree(_both, folder, dirs_exist_ok=True)
    with Clinic.open(folder / "clinic.db", create=False) as opened:
        yield opened


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
    trained(folder / "clinic.db", "m")  # another model now, whom nobody has chosen
    assert not [one.name for one in two.models.list() if "preferred" in one.card]
    with pytest.raises(KnownError, match="no model"), i18n.speaking("en"):
        keeping.prefer(two, "no model")


def test_figures_choose_again_where_nobody_is_to_be_promoted(two: Clinic):
    earned = [row["name"] for row in keeping.overview(two) if row["in_use"]]
    other = "m" if earned == ["n"] else "n"
    keeping.prefer(two, other)
    assert [row["name"] for row in keeping.overview(two) if row["in_use"]] == [other]
    with i18n.speaking("en"):
        assert keeping.prefer_none(two)[1] == f"In use: {earned[0]}."
    assert [row["name"] for row in keeping.overview(two) if row["in_use"]] == earned
    assert two.models.prefer_none() is not None  # nobody was promoted: nothing changes


@pytest.mark.parametrize("standing", ["worse", "elsewhere"])
def test_what_is_chosen_then_is_told_as_what_it_is(standing: str, two: Clinic):
    for model in two.models.list():
        card = dict(model.card)
        if standing == "worse":
            card["score"] = {**card["score"], "beats_last_value": False}
        else:
            card["imported"] = "2024-01-01T00:00:00+00:00"
        two.models.register(model.name, card, model.path)
    with i18n.speaking("en"):
        told = keeping.prefer_none(two)
    assert told[-1].startswith("It is beaten" if standing == "worse" else "No model is in use")


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
        assert other.models.in_use() is None  # its figures are of other patients
        keeping.prefer(other, "m")
        used = other.models.in_use()
        assert used is not None
        with pytest.raises(KnownError, match="--name"), i18n.speaking("en"):
            keeping.bring_in(other, file)
        with pytest.raises(KnownError, match="SHA-256"), i18n.speaking("en"):
            keeping.bring_in(other, file, "again", "0" * 64)
        assert [one.name for one in other.models.list()] == ["m"]


def _changed(file: Path, **change: Any) -> None:
    """Another card in the file."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    card = {**json.loads(parts[bundle.CARD]), **change}
    parts[bundle.CARD] = json.dumps({k: v for k, v in card.items() if v is not None}).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    "change",
    [
        {"series": None},
        {"series": {"variables": [5], "treatments": [], "static": []}},
        {"score": {"model": "x", "last_value": 1.0, "mixed_model": 1.0, "patients": 9, "beats_last_value": True}},
        {"training": {"patients": 9, "visits": 9, "span_days": 9.0, "rows": [1]}},
        {"comparison": [1]},
        {"comparison": {"patients": 9, "seed": 0, "table": [{"model": "liquid", "rmse": None}]}},
        {"lineage": {"held_out": 5}},
    ],
)
def test_a_card_that_is_not_what_it_should_be_is_refused_and_what_was_there_stays(
    change: dict[str, Any], clinic: Clinic, tmp_path: Path
):
    file = tmp_path / f"m{bundle.SUFFIX}"
    keeping.export(clinic, "m", file)
    _changed(file, **change)
    with Clinic.open(tmp_path / "other.db", plain=True) as other:
        (other.models_folder / "m.checkpoint").write_bytes(b"x")
        with pytest.raises(KnownError, match="incomplete"), i18n.speaking("en"):
            keeping.bring_in(other, file)
        assert other.models.list() == []
        assert [p.name for p in other.models_folder.glob("*")] == ["m.checkpoint"]


def test_a_file_cannot_say_of_itself_that_it_is_preferred_or_what_it_beat(clinic: Clinic, tmp_path: Path):
    file = tmp_path / f"m{bundle.SUFFIX}"
    keeping.export(clinic, "m", file)
    table = [{"model": "liquid", "rmse": 0.1, "low": 0.1, "high": 0.1, "behind": None}]
    _changed(file, preferred="9999", comparison={"patients": 9, "seed": 0, "table": table})
    before = clinic.models.in_use()
    keeping.bring_in(clinic, file, "evil")
    assert clinic.models.in_use() == before
    assert not {"preferred", "comparison"} & clinic.models.get("evil").card.keys()


def test_a_name_is_taken_where_an_entry_or_a_file_is_left(folder: Path, clinic: Clinic, tmp_path: Path):
    file = tmp_path / f"m{bundle.SUFFIX}"
    keeping.export(clinic, "m", file)
    shutil.copytree(folder / "clinic.models", folder / "kept")
    for left in (folder / "clinic.models").iterdir():
        left.unlink()
    with pytest.raises(KnownError, match="delete it first"), i18n.speaking("en"):  # an entry of another workstation
        keeping.bring_in(clinic, file)
    (folder / "clinic.models" / "n.checkpoint").write_bytes(b"x")
    with pytest.raises(KnownError, match="delete it first"), i18n.speaking("en"):
        keeping.bring_in(clinic, file, "n")
    keeping.delete(clinic, "n")  # no entry: what is left goes
    assert keeping.bring_in(clinic, file, "n") == "n"
    with pytest.raises(KnownError, match="file name"), i18n.speaking("en"):
        keeping.bring_in(clinic, file, "a/b")
    with pytest.raises(KnownError, match="file name"), i18n.speaking("en"):
        keeping.delete(clinic, "a/b")


def test_an_export_never_lands_among_the_models(folder: Path, clinic: Clinic):
    with pytest.raises(KnownError, match="would be lost"), i18n.speaking("en"):
        keeping.export(clinic, "m", folder / "clinic.models" / "m.json")
    forecasting.load(clinic, "m")
    table = folder / "clinic.csv"
    before = table.read_bytes()
    with pytest.raises(KnownError, match="no exported model"), i18n.speaking("en"):
        keeping.export(clinic, "m", table)
    assert table.read_bytes() == before


def test_a_model_trained_anew_since_its_update_is_not_taken_back(folder: Path, clinic: Clinic):
    generations.promote(folder / "clinic.models", "m", forecasting.load(clinic, "m"))
    trained(folder / "clinic.db", "m", seed=9)
    with pytest.raises(KnownError, match="trained anew"), i18n.speaking("en"):
        keeping.take_back(clinic, "m")
    assert forecasting.load(clinic, "m").seed == 9


def test_what_was_deleted_or_replaced_meanwhile_no_longer_stands(folder: Path, clinic: Clinic):
    forecaster = forecasting.load(clinic, "m")
    assert keeping.stands(clinic, forecaster, "m")
    forecaster.card["created"] = "2020-01-01T00:00:00"
    assert not keeping.stands(clinic, forecaster, "m")
    assert not keeping.stands(clinic, forecaster, "n")


def test_who_may_not_change_models_or_take_data_out_writes_no_file(folder: Path, clinic: Clinic, tmp_path: Path):
    file = tmp_path / f"m{bundle.SUFFIX}"
    keeping.export(clinic, "m", file)
    forecaster = forecasting.load(clinic, "m")
    before = sorted(p.name for p in (folder / "clinic.models").iterdir())
    actor = Actor("admin", frozenset({Role.ADMINISTRATOR}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(clinic), "actor", property(lambda _: actor))
        for act in (
            lambda: keeping.shelve(clinic, forecaster, "new"),
            lambda: keeping.bring_in(clinic, file, "new"),
            lambda: keeping.take_back(clinic, "m"),
            lambda: keeping.delete(clinic, "m"),
            lambda: keeping.export(clinic, "m", tmp_path / "out.mailiu-model"),
        ):
            with pytest.raises(NotAllowedError):
                act()
    assert sorted(p.name for p in (folder / "clinic.models").iterdir()) == before
    assert not (tmp_path / "out.mailiu-model").exists()


def test_an_update_is_taken_back(folder: Path, clinic: Clinic):
    models = folder / "clinic.models"
    forecaster = forecasting.load(clinic, "m")
    with pytest.raises(KnownError, match="no generation before"), i18n.speaking("en"):
        keeping.take_back(clinic, "m")
    keeping.prefer(clinic, "m")
    assert generations.promote(models, "m", forecaster) == 1
    assert keeping.take_back(clinic, "m") == 0
    card = clinic.models.get("m").card
    assert card["generation"] == 0
    assert card["preferred"]
