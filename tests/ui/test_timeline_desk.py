"""The timeline as it is arranged in the window: remembered, and annotated through the store."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.store.clinic import Clinic
from app.ui import settings as memory
from app.ui.lane_menu import LaneMenu
from app.ui.pages.layout_dialog import LayoutDialog
from app.ui.plots.axis import AxisMode
from app.ui.plots.layout import PULSE_AXES, STEPS, LaneLayout
from app.ui.plots.sheet import Flag
from app.ui.window import MainWindow

Key, Mod = Qt.Key, Qt.KeyboardModifier


def entry(menu: QMenu, words: str) -> QAction:
    return next(action for action in menu.actions() if action.text().partition("\t")[0] == words)


def open_menu(window: MainWindow) -> LaneMenu:
    window.actions_table["lanes"].trigger()
    menu = window.course.menu
    assert menu is not None
    return menu


def flags(window: MainWindow) -> tuple[Flag, ...]:
    sheet = window.timeline.view.sheet
    return sheet.flags if sheet is not None else ()


def annotate(window: MainWindow, qtbot: QtBot, day: float, words: str) -> None:
    before = len(flags(window))
    window.timeline.view.canvas.annotate(day)
    window.timeline.view.canvas.editor.insert(words)
    QTest.keyClick(window.timeline.view.canvas.editor, Key.Key_Return)
    qtbot.waitUntil(lambda: len(flags(window)) == before + 1)


def test_what_the_axis_counts_is_chosen_by_command_marked_and_remembered(window: MainWindow):
    for name, mode in (("axis_visits", AxisMode.VISITS), ("axis_days", AxisMode.DAYS)):
        window.actions_table[name].trigger()
        assert window.timeline.view.axis_mode is mode
        assert window.actions_table[name].isChecked()
    window.close()
    assert memory.load().axis == "days"


def test_lanes_are_hidden_and_shown_from_the_menu(window: MainWindow):
    canvas = window.timeline.view.canvas
    entry(open_menu(window), "Tongue").trigger()
    assert "tongue" not in canvas.lane_rects()
    menu = open_menu(window)
    assert not entry(menu, "Tongue").isChecked()
    assert entry(menu, "Pulse").isChecked()
    entry(menu, "Effect index").trigger()
    assert "effect" in canvas.lane_rects()
    entry(open_menu(window), "Standard layout").trigger()
    assert canvas.layout_of_lanes == LaneLayout()


def test_how_scores_and_pulse_are_drawn_is_chosen_in_the_menu(window: MainWindow):
    entry(open_menu(window), "Scores as steps").trigger()
    entry(open_menu(window), "Pulse as eight axes").trigger()
    assert window.timeline.view.canvas.layout_of_lanes.options == {STEPS, PULSE_AXES}
    assert not window.timeline.view.grab().isNull()


def test_an_arrangement_is_there_again_at_the_next_start(window: MainWindow):
    canvas = window.timeline.view.canvas
    canvas.choose("notes")
    QTest.keyClick(canvas, Key.Key_P)
    QTest.keyClick(canvas, Key.Key_H)
    window.close()
    kept = LaneLayout.of_json(memory.load().lanes)
    assert kept == LaneLayout().with_pinned("notes", True).with_hidden("notes", True)


def test_layouts_are_kept_under_names_taken_and_forgotten(window: MainWindow):
    canvas = window.timeline.view.canvas
    canvas.arrange(LaneLayout().with_pinned("remedies", True))
    entry(open_menu(window), "Keep this layout…").trigger()
    dialog = window.dialogs["layout"]
    assert isinstance(dialog, LayoutDialog)
    assert not dialog.go.isEnabled()
    dialog.field.setText("  R&D  ")
    dialog.go.click()
    entry(open_menu(window), "Standard layout").trigger()
    assert canvas.layout_of_lanes == LaneLayout()
    entry(open_menu(window), "R&&D").trigger()
    assert canvas.layout_of_lanes.pinned == {"remedies"}
    menu = open_menu(window)
    assert entry(menu, "R&&D").isChecked()
    menu.forget.actions()[0].trigger()
    assert window.settings.layouts == {}
    assert canvas.layout_of_lanes.pinned == {"remedies"}  # what is on screen stays


def test_a_name_that_is_taken_is_told_before_it_is_replaced(window: MainWindow):
    window.course.keep_layout("a")
    window.course.ask_for_name()
    dialog = window.dialogs["layout"]
    assert isinstance(dialog, LayoutDialog)
    dialog.field.setText("a")
    assert "replaced" in dialog.hint.text()


def test_an_annotation_is_stored_shown_changed_taken_out_and_all_of_it_undone(
    window: MainWindow, qtbot: QtBot, clinic_file: Path
):
    canvas = window.timeline.view.canvas
    annotate(window, qtbot, 7.0, "a cold")
    (first,) = flags(window)
    assert (first.day, first.text) == (7.0, "a cold")
    canvas.edit(first)
    canvas.editor.setText("a bad cold")
    QTest.keyClick(canvas.editor, Key.Key_Return)
    qtbot.waitUntil(lambda: [flag.text for flag in flags(window)] == ["a bad cold"])
    canvas.drop(flags(window)[0])
    qtbot.waitUntil(lambda: flags(window) == ())
    for wanted in (["a bad cold"], ["a cold"], []):
        window.actions_table["undo"].trigger()
        qtbot.waitUntil(lambda wanted=wanted: [flag.text for flag in flags(window)] == wanted)
    window.actions_table["redo"].trigger()
    qtbot.waitUntil(lambda: [flag.text for flag in flags(window)] == ["a cold"])
    code = window.session.case.patient.code if window.session.case is not None else ""
    window.close()
    with Clinic.open(clinic_file, create=False) as clinic:
        assert [one.text for one in clinic.annotations.list(code)] == ["a cold"]


def test_writing_an_annotation_asks_for_no_other_forecast_and_moves_nothing(window: MainWindow, qtbot: QtBot):
    view = window.timeline.view
    view.zoom_in()
    low, outlook = view.scale.low, window.outlook
    annotate(window, qtbot, 30.0, "x")
    assert view.scale.low == low
    assert window.outlook is outlook


def test_each_patient_has_their_own_annotations(window: MainWindow, qtbot: QtBot):
    annotate(window, qtbot, 7.0, "x")
    code = window.session.case.patient.code if window.session.case is not None else ""
    window.next_patient()
    assert flags(window) == ()
    window.choose(code)
    qtbot.waitUntil(lambda: [flag.text for flag in flags(window)] == ["x"])


def test_the_command_measures_and_brings_the_page(window: MainWindow):
    window.show_trajectory()
    window.actions_table["measure"].trigger()
    assert window.pages.currentIndex() == 0
    assert window.timeline.view.canvas.measured is not None


@pytest.mark.parametrize("key", [Key.Key_A, Key.Key_M, Key.Key_P])
def test_single_letters_act_on_the_timeline_only(window: MainWindow, key: Qt.Key):
    window.focus_search()
    QTest.keyClick(window.patients.field, key)
    assert window.timeline.view.canvas.measured is None
    assert not window.timeline.view.canvas.editor.isVisible()
