"""Files beside the database are old or new, never half."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.files import replacing, write_json


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text("old")

    def fail_half_way() -> None:
        with replacing(path) as aside:
            aside.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_replaces_the_old_one(tmp_path: Path):
    path = tmp_path / "deep" / "a.json"
    write_json(path, {"脉": 1})
    write_json(path, {"脉": 2})
    assert json.loads(path.read_text(encoding="utf-8")) == {"脉": 2}


def test_nan_is_never_written_as_json(tmp_path: Path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path):
    with pytest.raises(KnownError, match="is a folder"), replacing(tmp_path):
        pass


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "f").write_text("")
    with pytest.raises(KnownError, match="Cannot write"), replacing(tmp_path / "f" / "a.json"):
        pass
