"""Model files are whole or refused."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch

from models import artifact
from models.errors import ArtifactError

TENSORS = {"a": torch.arange(200.0), "b": torch.ones(2, 3)}


def _weights(folder: Path) -> Path:
    return next(folder.glob("*.safetensors"))


def test_what_was_saved_comes_back(tmp_path: Path):
    path = artifact.save(tmp_path, "失眠 v1.2", {"units": 8}, TENSORS)
    card, tensors = artifact.load(tmp_path, "失眠 v1.2")
    assert path.name == "失眠 v1.2.json"
    assert card["units"] == 8
    assert {k: v.tolist() for k, v in tensors.items()} == {k: v.tolist() for k, v in TENSORS.items()}


def test_saving_again_leaves_one_card_and_one_weights_file_and_other_models_alone(tmp_path: Path):
    artifact.save(tmp_path, "model", {}, TENSORS)
    artifact.save(tmp_path, "model-2", {}, TENSORS)
    artifact.save(tmp_path, "model", {}, {"a": torch.zeros(3)})
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json", ".json", ".safetensors", ".safetensors"]
    assert artifact.load(tmp_path, "model")[1]["a"].shape == (3,)
    assert artifact.load(tmp_path, "model-2")[1]["a"].shape == (200,)


def test_a_failed_save_keeps_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    artifact.save(tmp_path, "model", {"round": 1}, TENSORS)
    real, calls = artifact.write_bytes, []

    def fails_at_the_card(path: Path, data: bytes) -> None:
        calls.append(path)
        if path.suffix == ".json":
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(artifact, "write_bytes", fails_at_the_card)
    with pytest.raises(OSError, match="No space"):
        artifact.save(tmp_path, "model", {"round": 2}, {"a": torch.zeros(3)})
    assert artifact.load(tmp_path, "model")[0]["round"] == 1
    assert len(calls) == 2


def test_what_a_killed_process_left_half_written_is_swept_away(tmp_path: Path):
    left = [".model.json.x1.partial", ".model-0123abcd.safetensors.x2.partial"]
    other = [".other.json.x3.partial", "model-notes.txt"]
    for name in (*left, *other):
        (tmp_path / name).touch()
    artifact.save(tmp_path, "model", {}, TENSORS)
    assert not any((tmp_path / name).exists() for name in left)
    assert all((tmp_path / name).exists() for name in other)


def test_a_failed_write_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.artifact.os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        artifact.save(tmp_path, "model", {}, TENSORS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9, 0.99])
def test_truncated_weights_are_refused(share: float, tmp_path: Path):
    artifact.save(tmp_path, "model", {}, TENSORS)
    data = _weights(tmp_path).read_bytes()
    _weights(tmp_path).write_bytes(data[: int(share * len(data))])
    with pytest.raises(ArtifactError, match="damaged"):
        artifact.load(tmp_path, "model")


def test_exchanged_weights_are_refused(tmp_path: Path):
    artifact.save(tmp_path, "a", {}, TENSORS)
    artifact.save(tmp_path, "b", {}, {"a": torch.zeros(200)})
    first, second = sorted(tmp_path.glob("*.safetensors"))
    first.write_bytes(second.read_bytes())
    with pytest.raises(ArtifactError, match="exchanged"):
        artifact.load(tmp_path, "a")


def test_a_pickle_under_our_name_is_never_opened(tmp_path: Path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("executed").touch, ())

    artifact.save(tmp_path, "model", {}, TENSORS)
    _weights(tmp_path).write_bytes(pickle.dumps(Bomb()))
    card = json.loads((tmp_path / "model.json").read_text())
    import hashlib

    card["sha256"] = hashlib.sha256(_weights(tmp_path).read_bytes()).hexdigest()
    (tmp_path / "model.json").write_text(json.dumps(card))
    with pytest.raises(ArtifactError, match="not a readable model file"):
        artifact.load(tmp_path, "model")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 99}, "format version 99; this program reads 3"),
        ({"format": "other"}, "not a model card"),
        ({"weights": "../../secrets.safetensors"}, "does not name its weights"),
        ({"weights": "model-00000000.safetensors"}, "missing"),
        ({"weights": None}, "does not name its weights"),
    ],
)
def test_foreign_cards_are_refused(change: dict, words: str, tmp_path: Path):
    path = artifact.save(tmp_path, "model", {}, TENSORS)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ArtifactError, match=words):
        artifact.load(tmp_path, "model")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '"card"', "\udcff"])
def test_damaged_cards_are_refused(text: str, tmp_path: Path):
    artifact.save(tmp_path, "model", {}, TENSORS)
    (tmp_path / "model.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ArtifactError):
        artifact.load(tmp_path, "model")


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "c:x", "a\x00b", " a", "a.", "x" * 81])
def test_names_that_are_no_file_names_are_refused(name: str, tmp_path: Path):
    with pytest.raises(ArtifactError, match="cannot name a model"):
        artifact.save(tmp_path, name, {}, TENSORS)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_not_there_is_told_so(tmp_path: Path):
    with pytest.raises(ArtifactError, match="no readable model 'model'"):
        artifact.load(tmp_path, "model")
