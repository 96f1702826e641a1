"""What the window remembers."""

from __future__ import annotations

import json
from pathlib import Path

from app.ui import settings
from app.ui.settings import Settings
from app.ui.window import MainWindow


def test_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    settings.save(Settings(language="en", scheme="dark", last_file="/tmp/诊所.db"), path)
    assert settings.load(path) == Settings(language="en", scheme="dark", last_file="/tmp/诊所.db")


def test_without_a_file_the_language_is_chinese(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "none.json").language == "zh"


def test_unknown_keys_and_wrong_values_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"language": "xx", "scheme": 7, "colour": "pink", "last_file": "a.db"}))
    assert settings.load(path) == Settings(last_file="a.db")


def test_a_file_that_is_no_settings_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{half a fi")
    assert settings.load(path) == Settings()
    assert (tmp_path / "settings.json.bad").read_text() == "{half a fi"


def test_the_window_remembers_language_dress_and_file(window: MainWindow, clinic_file: Path) -> None:
    window.appearance.dark()
    window.appearance.chinese()
    window.close()
    found = settings.load()
    assert (found.language, found.scheme, found.last_file) == ("zh", "dark", str(clinic_file))
    assert found.geometry


def test_arrangements_of_lanes_come_back_and_what_is_none_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    kept = Settings(axis="visits", lanes={"order": ["notes"]}, layouts={"近期": {"pinned": ["scores"]}})
    settings.save(kept, path)
    assert settings.load(path) == kept
    path.write_text(json.dumps({"axis": "moons", "lanes": {"order": 3}, "layouts": {"a": {"hidden": [1]}}}))
    assert settings.load(path) == Settings()
