"""Files beside the database are old or new, never half."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.files import new_folder, replacing, sweep, unfinished, write_json


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


@pytest.mark.skipif(os.name != "posix", reason="devices are files only there")
def test_a_device_is_never_replaced_by_a_file():
    with pytest.raises(KnownError):
        write_json(Path("/dev/null"), {})
    assert Path("/dev/null").is_char_device()


def test_a_link_stays_and_what_it_points_to_is_written(tmp_path: Path):
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_json(tmp_path / "link.json", {"a": 1})
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text()) == {"a": 1}


def test_what_a_writer_left_is_known_and_swept_and_nothing_older(tmp_path: Path):
    file, folder = tmp_path / "诊所 [1].json", tmp_path / "out.2024"
    with replacing(file), new_folder(folder) as aside:
        (aside / "patient.csv").write_text("half")
        older = unfinished(file)
        assert len(older) == len(unfinished(folder)) == 1
        sweep(file, older)
        sweep(folder, ())
        assert unfinished(file) == older and unfinished(folder) == set()
        aside.mkdir()
    assert {path.name for path in tmp_path.iterdir()} == {file.name, folder.name}


def test_sweeping_where_there_is_no_folder_is_harmless(tmp_path: Path):
    sweep(tmp_path / "gone" / "out", ())
    assert unfinished(tmp_path / "gone" / "out") == set()
    assert list(tmp_path.iterdir()) == []
