"""The palette in the window: opened by a key, filled by typing, done by Enter, gone by Esc."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.store.clinic import Credentials
from app.ui.palette.panel import PalettePanel
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow


@pytest.fixture
def panel(window: MainWindow, qtbot: QtBot) -> PalettePanel:
    """Open, with every reading learnt."""
    window.activateWindow()
    window.patients.list.setFocus()
    window.everywhere.finder.show_palette()
    qtbot.waitUntil(lambda: window.everywhere.finder._sounds is not None)
    return window.everywhere.finder.panel


def offered(panel: PalettePanel) -> list[str]:
    rows = [panel.model.found(row) for row in range(panel.model.rowCount())]
    return [found.entry.key for found in rows if found is not None]


def write(panel: PalettePanel, text: str) -> None:
    panel.field.setText(text)


def test_its_key_opens_it_over_the_top_of_the_window_and_closes_it_again(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    panel = window.everywhere.finder.panel
    assert panel.isVisible()
    assert panel.field.hasFocus()
    assert abs(panel.geometry().center().x() - window.rect().center().x()) <= 1
    assert panel.y() < 40
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert not panel.isVisible()


def test_enter_does_the_command_that_is_marked(window: MainWindow, panel: PalettePanel) -> None:
    write(panel, "switch light")
    assert offered(panel)[0] == "theme_toggle"
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert not panel.isVisible()
    assert window.appearance is not None
    assert window.settings.scheme == "dark"
    assert window.settings.recent_commands[0] == "theme_toggle"


def test_pages_are_found_in_both_languages_and_by_initials(window: MainWindow, panel: PalettePanel) -> None:
    for query in ("State tra", "状态轨迹", "ztgj"):
        write(panel, query)
        assert offered(panel)[0] == "page_trajectory", query
    window.appearance.chinese()
    for query in ("State tra", "状态轨迹", "ztgj"):
        window.everywhere.finder.show_palette()
        if not panel.isVisible():
            window.everywhere.finder.show_palette()
        write(panel, query)
        assert offered(panel)[0] == "page_trajectory", query


def test_a_patient_is_found_by_initials_and_gone_to_from_any_page(window: MainWindow, panel: PalettePanel) -> None:
    window.show_models()
    window.everywhere.finder.panel.shut()
    window.everywhere.finder.show_palette()
    write(panel, "oyj")
    assert "P0003" in offered(panel)
    panel.list.setCurrentIndex(panel.model.index(offered(panel).index("P0003")))
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert window.session.case is not None
    assert window.session.case.patient.code == "P0003"
    assert window.patients.isVisible()


def test_arrows_go_round_and_the_field_keeps_the_focus(panel: PalettePanel) -> None:
    rows = panel.model.rowCount()
    assert rows > 10
    QTest.keyClick(panel.field, Qt.Key.Key_Down)
    assert panel.list.currentIndex().row() == 1
    QTest.keyClick(panel.field, Qt.Key.Key_Tab)
    assert panel.list.currentIndex().row() == 2
    for _ in range(3):
        QTest.keyClick(panel.field, Qt.Key.Key_Up)
    assert panel.list.currentIndex().row() == rows - 1
    assert panel.field.hasFocus()


def test_esc_leaves_and_the_focus_goes_back(window: MainWindow, panel: PalettePanel) -> None:
    write(panel, "陈")
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert panel.model.rowCount() == 0
    assert panel.field.text() == ""
    assert QApplication.focusWidget() is window.patients.list


def test_losing_the_focus_closes_it(window: MainWindow, panel: PalettePanel) -> None:
    window.patients.field.setFocus()
    assert not panel.isVisible()
    assert window.patients.field.hasFocus()


def test_what_cannot_be_done_is_not_offered(bare_window: MainWindow) -> None:
    bare_window.everywhere.finder.show_palette()
    keys = offered(bare_window.everywhere.finder.panel)
    assert "open_clinic" in keys
    assert "report" not in keys
    bare_window.everywhere.finder.panel.shut()


def test_nothing_found_says_so(panel: PalettePanel) -> None:
    write(panel, "qqqq zzzz")
    assert panel.nothing.isVisible()
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.isVisible()


def test_the_lock_takes_the_patients_off_the_palette(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = people.fill_encrypted(tmp_path / "sealed.db")
    window = open_window(path, Credentials(passphrase=people.PASSPHRASE))
    window.everywhere.finder.show_palette()
    panel = window.everywhere.finder.panel
    write(panel, "陈素云")
    assert "P0001" in offered(panel)
    window.entry.lock()
    assert not panel.isVisible()
    assert panel.model.rowCount() == 0
    assert panel.field.text() == ""
    window.everywhere.finder.show_palette()
    write(panel, "陈素云")
    assert "P0001" not in offered(panel)
    panel.shut()


def test_a_screen_reader_hears_title_menu_and_keys(panel: PalettePanel) -> None:
    write(panel, "forecast again")
    told = panel.model.data(panel.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert told == "Forecast again, Model, F5"
    assert panel.field.accessibleName()
    assert panel.list.accessibleName()
