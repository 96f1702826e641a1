"""What a screen reader says: every control a person can get to has a name, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.store.clinic import Credentials
from app.ui.window import MainWindow
from tests.ui import people, walking
from tests.ui.conftest import OpenWindow

PAGES = ("page_timeline", "page_trajectory", "page_forecast", "page_training")
LANGUAGES = ("chinese", "english")


def name_of(widget: QWidget) -> str:
    """As the toolkit tells it: the accessible name, the text, the buddy's text."""
    told = QAccessible.queryAccessibleInterface(widget)
    return told.text(QAccessible.Text.Name).strip() if told is not None else ""


def nameless(top: QWidget) -> list[str]:
    out = [walking.called(widget) for widget in walking.controls(top) if not name_of(widget)]
    title = top.windowTitle().strip()
    return out if title else [*out, f"title of {type(top).__name__}"]


def speak(window: MainWindow, language: str) -> None:
    getattr(window.appearance, language)()
    QApplication.processEvents()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_of_every_page_has_a_name(window: MainWindow, language: str) -> None:
    speak(window, language)
    for page in PAGES:
        window.actions_table[page].trigger()
        QApplication.processEvents()
        assert nameless(window) == [], page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_welcome_page_the_notice_bar_the_palette_and_the_tour_have_names(
    bare_window: MainWindow, language: str
) -> None:
    speak(bare_window, language)
    bare_window.settings.recent_clinics.append("/gone/clinic.db")
    bare_window.everywhere.recent.retranslate()
    bare_window.notices.error("torn")
    assert nameless(bare_window) == []
    bare_window.notices.working("half way", 1, 2)
    bare_window.everywhere.finder.show_palette()
    bare_window.everywhere.guide.tour.start()
    assert nameless(bare_window) == []
    bare_window.everywhere.finder.panel.shut()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_of_the_visit_editor_has_a_name(window: MainWindow, qtbot: QtBot, language: str) -> None:
    speak(window, language)
    window.choose("P0001")
    window.actions_table["new_visit"].trigger()
    qtbot.waitUntil(window.visits.editor.isVisible)
    assert nameless(window) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gate_has_names(open_window: OpenWindow, tmp_path: Path, language: str) -> None:
    window = open_window(people.fill_encrypted(tmp_path / "sealed.db"), Credentials(passphrase=people.PASSPHRASE))
    speak(window, language)
    window.entry.lock()
    assert nameless(window) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_of_every_dialogue_has_a_name(window: MainWindow, qtbot: QtBot, language: str) -> None:
    speak(window, language)
    wrong = {command: nameless(dialog) for command, dialog in walking.each_dialog(window, qtbot)}
    assert {command: found for command, found in wrong.items() if found} == {}


# what these ask is asked in place, in the toolkit's own dialogue for files and paper, or not in this clinic
ELSEWHERE = {
    "annotate", "field_history", "import_file", "lanes", "open_demo", "palette", "passphrase", "print_prescription",
    "report", "save_picture", "tag",
}  # fmt: skip


def test_the_commands_that_ask_something_open_a_dialogue_here(window: MainWindow, qtbot: QtBot) -> None:
    """Else the walks above would go nowhere."""
    closed = set()
    for command in walking.ASKING:
        if walking.open_dialog(window, qtbot, command) is None:
            closed.add(command)
        window.dialogs.end()
    assert closed == ELSEWHERE


def test_a_control_without_a_name_is_found_out(window: MainWindow) -> None:
    window.patients.field.setAccessibleName("")
    window.patients.field.setPlaceholderText("")
    assert [told for told in nameless(window) if "patient_search" in told]
