"""The verbs on models, as they are typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.cli.main import run
from tests.app.jobs.conftest import filled, trained


@pytest.fixture(scope="module")
def _first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from app.analysis.simulator import simulate

    folder = tmp_path_factory.mktemp("models")
    trained(filled(folder, simulate(patients=44, seed=3)))
    return folder


@pytest.fixture
def db(_first: Path, tmp_path: Path) -> str:
    shutil.copytree(_first, tmp_path / "c")
    return str(tmp_path / "c" / "clinic.db")


@pytest.fixture
def say(db: str, capsys: pytest.CaptureFixture[str]):
    """Run a verb on the clinic, in English; returns exit code, output and complaints."""

    def act(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--language", "en", *words, "--db", db])
        told = capsys.readouterr()
        return code, told.out, told.err

    return act


def test_a_model_is_listed_exported_deleted_and_taken_in_again(say, tmp_path: Path):
    code, out, _ = say("models", "list")
    assert code == 0
    assert out.startswith("* m  ")
    file = str(tmp_path / "m.mailiu-model")
    code, out, _ = say("models", "export", "m", "--out", file)
    digest = out.split()[-1]
    assert (code, len(digest)) == (0, 64)
    assert say("models", "import", file)[0] == 1
    code, _, err = say("models", "delete", "m")
    assert code == 1
    assert "--yes" in err
    assert say("models", "delete", "m", "--yes")[0] == 0
    assert say("models", "list")[1].startswith("There is no model yet")
    code, _, err = say("models", "import", file, "--hash", "0" * 64)
    assert code == 1
    assert "SHA-256" in err
    assert say("models", "import", file, "--hash", digest, "--name", "again") == (0, "Model again is here.\n", "")
    code, out, _ = say("models", "list", "--json")
    assert [(row["name"], row["in_use"]) for row in json.loads(out)] == [("again", False)]
    assert say("models", "promote", "again")[0] == 0
    assert say("models", "list")[1].startswith("* again")


def test_the_model_in_use_answers_where_none_is_named(say, db: str, tmp_path: Path):
    asked = ("--patient", "M00001", "--json", str(tmp_path / "f.json"))
    assert say("forecast", *asked)[0] == 0
    found = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert found["model"] == "m"
    assert found["survival"] == {}
    signs = [v for v in found["variables"].values() if v["kind"] == "binary"]
    assert signs
    for one in signs:
        assert one["chances"]["1"] == pytest.approx(one["median"], abs=1e-6)
        assert [a + b for a, b in zip(one["chances"]["0"], one["chances"]["1"], strict=True)] == pytest.approx([1, 1])
    code, out, _ = say("explain", "--patient", "M00001", "--at", "+14d", "--json", str(tmp_path / "e.json"))
    assert code == 0
    assert "in 14 days" in out
    assert json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))["model"] == "m"
    assert say("explain", "--patient", "M00001", "--at", "+0d")[0] == 2
    assert say("explain", "--patient", "M00001", "--at", "+7d,+30d")[0] == 2
    models = str(Path(db).with_name("clinic.models") / "m.json")
    code, _, err = say("forecast", "--patient", "M00001", "--json", models)
    assert code == 1
    assert "would be lost" in err
    assert say("models", "promote", "m")[0] == 0
    assert say("models", "promote", "none")[0] == 1
    assert say("models", "promote", "--none")[0] == 0
    for wrong in ([], ["m", "--none"]):
        code, _, said = say("models", "promote", *wrong)
        assert code == 2
        assert "--none" in said
    assert say("models", "take-back", "m")[0] == 1
    code, _, err = say("update", "--model", "m")
    assert code == 1
    assert "No visit has come" in err
    say("models", "delete", "m", "--yes")
    code, _, err = say("forecast", "--patient", "M00001")
    assert code == 1
    assert "Train one" in err


def test_a_training_ends_with_the_table_and_so_does_a_study(say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from models import comparing

    monkeypatch.setattr(comparing, "SIMPLE", ("last_value", "patient_mean"))
    code, out, _ = say("train", "--name", "n", "--epochs", "1", "--cell", "gru", "--device", "cpu")
    assert code == 0
    lines = out.splitlines()
    assert any(line.startswith("  this model: ") for line in lines)
    assert any(line.startswith("  patient's mean: ") for line in lines)
    code, out, _ = say("models", "compare", "m", "n", "--json")
    assert code == 0
    assert [line["model"] for line in json.loads(out)["table"]] == ["m", "n"]
    assert say("tune", "--trials", "1", "--name", "a/b")[0] == 1
    study = str(tmp_path / "s.json")
    code, out, _ = say("tune", "--trials", "1", "--minutes", "0", "--epochs", "1", "--json", study)
    assert (code, out) == (0, "Study mailiu: 0 trials, 0 broken off.\n")
    assert not json.loads(Path(study).read_text(encoding="utf-8"))["trials"]
