"""A window per test on a clinic file of invented patients, closed and gone afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.store import keys
from app.store.clinic import Credentials
from app.ui import forecasting, theme, translation
from app.ui.pages.draft_dialog import DraftDialog
from app.ui.settings import Settings
from app.ui.window import MainWindow
from tests.app.conftest import quick_tables
from tests.ui import drafts, people

__all__ = ["quick_tables"]


@pytest.fixture(autouse=True)
def plain_dress(qapp: QApplication) -> Iterator[None]:
    """Every test starts in English and light, and leaves them so.

    What it has closed is gone before the application is dressed again: else that would dress it as well.
    """
    translation.install(qapp, "en")
    theme.apply(qapp, "light")
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    translation.install(qapp, "en")
    theme.apply(qapp, "light")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled clinic file, made once: migrations take most of a window test's time."""
    return people.fill(tmp_path_factory.mktemp("clinic") / "clinic.db", model=True).parent


@pytest.fixture
def clinic_file(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "filled")
    return tmp_path / "filled" / "clinic.db"


@pytest.fixture
def workshop() -> people.Workshop:
    return people.Workshop()


@pytest.fixture(scope="session", autouse=True)
def quick_keys() -> Iterator[None]:
    """Argon2id as quick as it can be; what slow keys mean for the window is the subject of one test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "KDF", {**keys.KDF, "time": 1, "memory_kib": 64, "lanes": 1})
        yield


class OpenWindow(Protocol):
    def __call__(self, path: Path, credentials: Credentials | None = None) -> MainWindow: ...


@pytest.fixture
def open_window(qtbot: QtBot, workshop: people.Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenWindow]:
    """Makes a shown window on a clinic file; every one is closed at the end."""
    monkeypatch.setattr(forecasting, "SETTLE_MS", 20)
    monkeypatch.setattr(forecasting, "POLL_MS", 10)
    made: list[MainWindow] = []

    def make(path: Path, credentials: Credentials | None = None) -> MainWindow:
        settings = Settings(language="en", scheme="light")
        window = MainWindow(settings, start=workshop.start, make_service=people.FakeService)
        made.append(window)
        window.show()
        window.session.open(path, credentials)
        qtbot.waitExposed(window)
        return window

    yield make
    for window in made:
        if shiboken6.isValid(window):
            window.close()
    settle()


@pytest.fixture
def window(open_window: OpenWindow, clinic_file: Path, qtbot: QtBot) -> MainWindow:
    """A window with the invented patients and a model, the first forecast shown."""
    made = open_window(clinic_file)
    qtbot.waitUntil(lambda: made.outlook is not None)
    return made


@pytest.fixture
def at_list(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.patients.list.setFocus()
    assert QApplication.focusWidget() is window.patients.list
    return window


@pytest.fixture
def looking(window: MainWindow, qtbot: QtBot) -> DraftDialog:
    """The window with the draft open."""
    return drafts.look_through(window, qtbot)


@pytest.fixture
def bare_window(qtbot: QtBot, workshop: people.Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """A shown window without a clinic."""
    monkeypatch.setattr(forecasting, "SETTLE_MS", 20)
    window = MainWindow(Settings(language="en", scheme="light"), start=workshop.start, make_service=people.FakeService)
    window.show()
    qtbot.waitExposed(window)
    yield window
    if shiboken6.isValid(window):
        window.close()
    settle()


def settle() -> None:
    """Let what was asked to be deleted be deleted."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
