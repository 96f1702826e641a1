"""A promoted model takes the name, and each promotion can be taken back."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import artifact, generations
from models.errors import ArtifactError
from models.forecaster import LiquidForecaster
from tests.models.cohorts import cohort, patient

QUICK: dict[str, Any] = {"units": 8, "epochs": 1, "hidden": 8, "unfolds": 2, "members": 1, "trees": False}


@pytest.fixture(scope="module")
def models() -> list[LiquidForecaster]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    found = [LiquidForecaster(**QUICK, seed=seed).fit(cohort(20)) for seed in range(3)]
    torch.set_num_threads(before)
    return found


def _says(folder: Path) -> np.ndarray:
    return LiquidForecaster.load(folder, "m").predict(patient(9, np.random.default_rng(9), visits=4), [400.0]).values


@pytest.fixture
def saying(models: list[LiquidForecaster], tmp_path: Path) -> list[np.ndarray]:
    """What each of the models says."""
    out = []
    for number, model in enumerate(models):
        model.save(tmp_path / f"apart{number}", "m")
        out.append(_says(tmp_path / f"apart{number}"))
    return out


@pytest.fixture
def folder(models: list[LiquidForecaster], tmp_path: Path) -> Path:
    """Where the first model stands, and the second and third were promoted."""
    place = tmp_path / "models"
    models[0].save(place, "m")
    for model in models[1:]:
        generations.promote(place, "m", model)
    return place


def test_each_promotion_can_be_taken_back(folder: Path, saying: list[np.ndarray]):
    assert [(g.number, g.current) for g in generations.generations(folder, "m")] == [(2, True), (1, False), (0, False)]
    np.testing.assert_array_equal(_says(folder), saying[2])
    assert generations.take_back(folder, "m") == 1
    np.testing.assert_array_equal(_says(folder), saying[1])
    assert generations.take_back(folder, "m") == 0
    np.testing.assert_array_equal(_says(folder), saying[0])
    with pytest.raises(ArtifactError, match="nothing to take back"):
        generations.take_back(folder, "m")
    assert len(generations.generations(folder, "m")) == 1


def test_a_first_model_may_be_promoted_and_a_candidate_is_left_as_it_is(models: list[LiquidForecaster], tmp_path: Path):
    before = json.dumps(models[0].card)
    assert generations.promote(tmp_path, "m", models[0]) == 0
    assert json.dumps(models[0].card) == before
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json", ".safetensors"]


def test_a_model_trained_anew_and_saved_over_comes_after_the_others(
    folder: Path, models: list[LiquidForecaster], saying: list[np.ndarray]
):
    models[0].save(folder, "m")
    assert [g.number for g in generations.generations(folder, "m")] == [2, 1, 0]
    assert generations.promote(folder, "m", models[1]) == 3
    assert generations.take_back(folder, "m") == 2
    np.testing.assert_array_equal(_says(folder), saying[0])


def test_other_models_keep_their_own_history(folder: Path, models: list[LiquidForecaster]):
    models[0].save(folder, "m-2")
    generations.promote(folder, "m-2", models[1])
    assert len(generations.generations(folder, "m")) == 3
    assert len(generations.generations(folder, "m-2")) == 2


class Killed(BaseException):
    pass


@pytest.mark.parametrize("act", ["promote", "take_back"])
@pytest.mark.parametrize("at", range(1, 9))
def test_a_killed_act_leaves_the_one_generation_or_the_other_in_force_and_loses_none_before(
    act: str,
    at: int,
    folder: Path,
    models: list[LiquidForecaster],
    saying: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
):
    calls = {"count": 0}
    replace, unlink = Path.replace, Path.unlink

    def dies() -> None:
        calls["count"] += 1
        if calls["count"] == at:
            raise Killed

    def replacing(self: Path, target: Path) -> Path:
        dies()
        return replace(self, target)

    def unlinking(self: Path, missing_ok: bool = False) -> None:
        if not self.name.endswith(".partial"):
            dies()
        unlink(self, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replacing)
        patch.setattr(Path, "unlink", unlinking)
        with contextlib.suppress(Killed):  # or it came to its end before the kill
            if act == "promote":
                generations.promote(folder, "m", models[0])
            else:
                generations.take_back(folder, "m")
    now = _says(folder)
    possible = (saying[2], saying[0]) if act == "promote" else (saying[2], saying[1])
    assert any(np.array_equal(now, said) for said in possible)
    numbers = [g.number for g in generations.generations(folder, "m")]
    assert numbers == sorted(set(numbers), reverse=True)
    while numbers[0] > 0:
        numbers = numbers[1:]
        assert generations.take_back(folder, "m") == numbers[0]
    np.testing.assert_array_equal(_says(folder), saying[0])


def test_a_damaged_generation_is_told_and_refused_and_what_is_in_force_stays(folder: Path, saying: list[np.ndarray]):
    kept = folder / "m.generations"
    next(kept.glob("g000001-*.safetensors")).write_bytes(b"rubbish")
    with pytest.raises(ArtifactError, match="damaged"):
        generations.take_back(folder, "m")
    np.testing.assert_array_equal(_says(folder), saying[2])
    (kept / "g000001.json").write_text("{")
    assert [g.intact for g in generations.generations(folder, "m")] == [True, False, True]


def test_a_damaged_model_in_force_can_be_taken_back_but_not_promoted_over(
    folder: Path, models: list[LiquidForecaster], saying: list[np.ndarray]
):
    next(folder.glob("m-*.safetensors")).write_bytes(b"rubbish")
    with pytest.raises(ArtifactError, match="damaged"):
        generations.promote(folder, "m", models[0])
    assert generations.take_back(folder, "m") == 1
    np.testing.assert_array_equal(_says(folder), saying[1])


@pytest.mark.parametrize("number", [-1, "x", None, 10**9])
def test_a_card_with_an_impossible_number_is_refused(number: object, folder: Path):
    card = json.loads((folder / "m.json").read_text())
    (folder / "m.json").write_text(json.dumps({**card, "generation": number}))
    with pytest.raises(ArtifactError, match="generation"):
        generations.generations(folder, "m")


def test_a_model_that_is_not_there_has_no_generations(tmp_path: Path):
    with pytest.raises(ArtifactError, match="no readable model card"):
        generations.generations(tmp_path, "m")
    with pytest.raises(ArtifactError, match="cannot name a model"):
        generations.take_back(tmp_path, "../m")


def test_the_digest_of_tensors_is_what_the_card_of_their_file_bears(tmp_path: Path):
    tensors = {"a": torch.arange(5.0), "b": torch.ones(2, 2)}
    artifact.save(tmp_path, "m", {}, tensors)
    assert json.loads((tmp_path / "m.json").read_text())["sha256"] == artifact.digest(tensors)
