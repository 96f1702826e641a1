"""Shared fixtures: isolated settings, the real data where it is present."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import i18n

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def isolated_user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the folders of the person who runs it."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Each test begins in Chinese, whatever the one before it chose."""
    with i18n.speaking("zh"):
        yield


@pytest.fixture(autouse=True)
def promised(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """The report of a run tells which promises a test shows."""
    for mark in request.node.iter_markers("promise"):
        record_property("promise", mark.args[0])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets; skips where they are not present."""
    folder = Path(os.environ.get("MAILIU_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data sets are not present at {folder} (set MAILIU_DATA)")
    return folder
