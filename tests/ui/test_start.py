"""The start: recent clinics, and back to the patient and the page of the last time, also after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.store.clinic import Clinic
from app.ui import settings
from app.ui.recent import clinic_name, folder_name, missing
from app.ui.settings import RECENT_CLINICS, Settings
from app.ui.window import MainWindow
from tests.conftest import ROOT
from tests.ui import people
from tests.ui.conftest import OpenWindow, settle

GO = """
import os, signal, sys
from PySide6.QtTest import QTest
from app.ui import settings
from app.ui.main import application, first_place, make_window
window = make_window(application(), scheme="light", language="en")
window.show()
window.entry.start(sys.argv[1] or first_place(window.settings))
while window.session.case is None:
    QTest.qWait(10)
if sys.argv[2]:
    window.choose(sys.argv[2])
    window.actions_table[sys.argv[3]].trigger()
    queries = window.session.clinic.queries
    while settings.load() != window.settings or queries.seen_last() != sys.argv[2]:
        QTest.qWait(10)  # as a person would rest there
    os.kill(os.getpid(), signal.SIGKILL)
QTest.qWait(50)
print(window.session.case.patient.code, window.settings.last_page, window.patients.current())
window.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_window_comes_back_to_its_clinic_patient_and_page(tmp_path: Path) -> None:
    clinic = people.fill(tmp_path / "clinic.db")

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", GO, *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    killed = start(str(clinic), "P0004", "page_forecast")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    kept = settings.location().read_text(encoding="utf-8")
    assert "P0004" not in kept  # who it was stands in the clinic alone
    assert "王喆" not in kept
    back = start("", "", "")
    assert back.stdout.split() == ["P0004", "page_forecast", "P0004"], back.stderr


def test_a_dropped_window_has_kept_page_and_clinic(window: MainWindow, clinic_file: Path, qtbot: QtBot) -> None:
    window.actions_table["page_training"].trigger()
    qtbot.waitUntil(lambda: settings.load().last_page == "page_training")
    assert settings.load().last_file == str(clinic_file)


def test_each_user_comes_back_to_their_own_patient(tmp_path: Path) -> None:
    path = people.fill(tmp_path / "clinic.db")
    with Clinic.open(path) as clinic:
        assert clinic.queries.seen_last() == ""
        clinic.patients.open("P0003")
        clinic.patients.open("P0005")
        assert clinic.queries.seen_last() == "P0005"


def test_a_patient_who_is_gone_gives_way_to_the_first(
    open_window: OpenWindow, clinic_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.queries.Queries.seen_last", lambda _: "P9999")
    window = open_window(clinic_file)
    assert window.session.case is not None
    assert window.patients.list.currentIndex().row() == 0


# -- recent clinics


def window_with(places: list[str], workshop: people.Workshop) -> MainWindow:
    window = MainWindow(
        Settings(language="en", scheme="light", recent_clinics=places),
        start=workshop.start,
        make_service=people.FakeService,
    )
    window.show()
    return window


def test_opened_clinics_are_remembered_latest_first_and_no_more_than_eight(
    open_window: OpenWindow, clinic_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(clinic_file)
    window.settings.recent_clinics += [f"/gone/{n}.db" for n in range(20)]
    second = people.fill(tmp_path / "second.db")
    window.session.open(second)
    assert window.settings.recent_clinics[:2] == [str(second), str(clinic_file)]
    assert len(window.settings.recent_clinics) == RECENT_CLINICS
    window.session.open(clinic_file)
    assert window.settings.recent_clinics[:2] == [str(clinic_file), str(second)]
    qtbot.waitUntil(lambda: settings.load().recent_clinics == window.settings.recent_clinics)


def test_the_welcome_page_opens_one_and_takes_a_missing_one_off(
    workshop: people.Workshop, clinic_file: Path, qtbot: QtBot
) -> None:
    window = window_with(["/gone/away.db", str(clinic_file)], workshop)
    table = window.entry.welcome.recent
    assert table.isVisible()
    qtbot.waitUntil(lambda: table.table.text_at(0, 2) == "missing")
    assert [table.table.text_at(row, 0) for row in range(2)] == ["away", "clinic"]
    assert not table.open.isEnabled()
    QTest.mouseClick(table.forget, Qt.MouseButton.LeftButton)
    assert window.settings.recent_clinics == [str(clinic_file)]
    table.table.setFocus()
    QTest.keyClick(table.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.clinic is not None)
    window.close()
    settle()


def test_the_file_menu_has_them_grey_where_they_are_missing(
    workshop: people.Workshop, clinic_file: Path, qtbot: QtBot
) -> None:
    window = window_with([str(clinic_file), "/gone/away.db"], workshop)
    menu = window.everywhere.recent.menu
    assert menu.menuAction() in window.actions_table.menus["file"].actions()
    qtbot.waitUntil(lambda: any("(missing)" in action.text() for action in menu.actions()))
    there, gone, _, forget = menu.actions()
    assert there.isEnabled()
    assert not gone.isEnabled()
    forget.trigger()
    assert window.settings.recent_clinics == [str(clinic_file)]
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: window.session.clinic is not None)
    window.close()
    settle()


def test_a_fresh_start_offers_new_open_and_the_demo_in_one_click(
    bare_window: MainWindow, workshop: people.Workshop
) -> None:
    welcome = bare_window.entry.welcome
    assert not welcome.recent.isVisible()
    assert all(button.isVisible() for button in welcome.empty.buttons)
    QTest.mouseClick(welcome.empty.buttons[2], Qt.MouseButton.LeftButton)
    assert workshop.job.target == "app.jobs.demo:prepare"


def test_places_are_named_by_file_and_folder(tmp_path: Path) -> None:
    assert clinic_name("/a/b/诊所.db") == "诊所"
    assert clinic_name("postgresql://host/clinic") == "clinic"
    assert folder_name("postgresql://host/clinic") == "postgresql://host"
    assert folder_name(str(Path.home() / "x" / "c.db")) == str(Path("~") / "x")
    assert missing([str(tmp_path / "no.db"), "postgresql://host/clinic"]) == {str(tmp_path / "no.db")}


def test_start_settings_of_the_wrong_type_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"recent_clinics": [1], "tour_seen": "yes", "last_page": 3, "language": "en"}))
    assert settings.load(path) == Settings(language="en")
