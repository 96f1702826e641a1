"""The patient list by keys alone: walk, jump, search, pin, tag; it stays where it is when others write."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.domain.patient_filter import EVERYONE, PatientFilter
from app.domain.records import Patient
from app.store.clinic import Clinic, Credentials
from app.ui import patient_desk, theme
from app.ui.pages.patient_row import second_line
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.keyboard import press, type_in
from tests.ui.seen import chosen, clinic_of, listed

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def tags_in_row(window: MainWindow, code: str) -> tuple[str, ...]:
    line = window.patients.model.line(window.patients.model.row_of(code))
    assert line is not None
    return tuple(line.tags)


@pytest.fixture
def crowd(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> Iterator[MainWindow]:
    """A window on a clinic of 900 patients, of which the answers come in a moment, as from a large one."""
    case = people.cases()[2]
    many = [dataclasses.replace(case, patient=Patient(f"N{i:04}", f"患者{i}")) for i in range(899)]
    many.append(dataclasses.replace(case, patient=Patient("K1", "单志远")))
    with Clinic.open(tmp_path / "crowd.db", plain=True) as clinic:
        clinic.imports.commit(many)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patient_desk, "AT_ONCE", 0)
        window = open_window(tmp_path / "crowd.db")
        qtbot.waitUntil(lambda: bool(chosen(window)))
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.patients.list.setFocus()
        yield window


def test_the_whole_list_is_walked_by_keys(crowd: MainWindow, qtbot: QtBot) -> None:
    panel = crowd.patients
    assert panel.model.rowCount() == 900
    first = chosen(crowd)
    for key, row in ((Key.Key_End, 899), (Key.Key_Up, 898), (Key.Key_Home, 0), (Key.Key_Down, 1)):
        press(key)
        assert panel.list.currentIndex().row() == row
        assert chosen(crowd) == panel.model.code_at(row)
    press(Key.Key_PageDown)
    below = panel.list.currentIndex().row()
    assert 5 < below < 40
    press(Key.Key_PageUp)
    press(Key.Key_Home)
    assert chosen(crowd) == first


def test_letters_jump_to_the_next_whose_name_begins_so(crowd: MainWindow, qtbot: QtBot) -> None:
    panel = crowd.patients
    press(Key.Key_End)
    type_in("szy")
    qtbot.waitUntil(lambda: chosen(crowd) == "K1")
    assert panel.field.text() == ""
    assert panel.model.rowCount() == 900


def test_no_step_through_a_long_list_reads_more_than_is_seen(crowd: MainWindow) -> None:
    panel, slowest = crowd.patients, 0.0
    panel.model._pages.clear()
    bar = panel.list.verticalScrollBar()
    for at in range(0, bar.maximum() + 1, max(bar.maximum() // 30, 1)):
        began = time.perf_counter()
        bar.setValue(at)
        panel.list.viewport().repaint()
        slowest = max(slowest, time.perf_counter() - began)
        assert len(panel.model._pages) <= 64
    assert slowest < 1.0  # a tenth of that on an idle machine; tests.benchmarks.desk_list tells the figure


def test_the_search_field_leads_into_the_list_and_back(at_list: MainWindow, qtbot: QtBot) -> None:
    press(Key.Key_F, CTRL)
    assert QApplication.focusWidget() is at_list.patients.field
    type_in("lgf")
    press(Key.Key_Return)
    assert QApplication.focusWidget() is at_list.patients.list
    assert listed(at_list) == ["P0005"]
    assert chosen(at_list) == "P0005"


def test_p_pins_a_patient_to_the_top_and_takes_them_off_again(at_list: MainWindow, qtbot: QtBot) -> None:
    at_list.choose("P0005")
    press(Key.Key_P)
    qtbot.waitUntil(lambda: listed(at_list)[0] == "P0005")
    assert chosen(at_list) == "P0005"
    assert at_list.patients.current() == "P0005"
    assert clinic_of(at_list).marks.pinned() == ["P0005"]
    press(Key.Key_P)
    qtbot.waitUntil(lambda: listed(at_list)[0] != "P0005")
    assert at_list.patients.current() == "P0005"


def test_a_patient_is_tagged_and_untagged_by_keys(at_list: MainWindow, qtbot: QtBot) -> None:
    marks, strip = clinic_of(at_list).marks, at_list.patients.tags
    at_list.choose("P0002")
    press(Key.Key_T)
    assert QApplication.focusWidget() is strip.edit
    type_in("trial b")
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: [chip.key for chip in strip.chips] == ["trial b"])
    qtbot.waitUntil(lambda: tags_in_row(at_list, "P0002") == ("trial b",))
    assert strip.edit.text() == ""
    press(Key.Key_Tab)
    assert QApplication.focusWidget() is strip.chips[0]
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: marks.tags("P0002") == [] and not strip.chips)
    assert QApplication.focusWidget() is strip.edit
    press(Key.Key_Escape)
    assert QApplication.focusWidget() is at_list.patients.list
    assert not strip.isVisible()
    qtbot.waitUntil(lambda: "trial b" in at_list.actions_table["undo"].text())
    press(Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: marks.tags("P0002") == ["trial b"])


def test_a_tag_in_use_is_offered_while_it_is_typed(at_list: MainWindow, qtbot: QtBot) -> None:
    marks, strip = clinic_of(at_list).marks, at_list.patients.tags
    marks.add_tag("P0001", "随访")
    at_list.choose("P0002")
    press(Key.Key_T)
    qtbot.waitUntil(lambda: len(strip._suggester.matching("sf")) == 1)
    type_in("sf")
    press(Key.Key_Down)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: marks.tags("P0002") == ["随访"])


def test_the_menu_of_a_row_pins_and_takes_off_a_tag(at_list: MainWindow, qtbot: QtBot) -> None:
    marks = clinic_of(at_list).marks
    at_list.choose("P0003")
    marks.add_tag("P0003", "随访")
    view = at_list.patients.list
    qtbot.waitUntil(lambda: tags_in_row(at_list, "P0003") == ("随访",))
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0)))
    (menu,) = [one for one in view.findChildren(QMenu) if one.isVisible()]
    texts = [action.text() for action in menu.actions()]
    assert texts == ["Pin to the top", "Tag…", "Take off the tag 随访"]
    menu.actions()[2].trigger()
    menu.close()
    qtbot.waitUntil(lambda: marks.tags("P0003") == [])


def test_the_list_stays_where_it_is_while_others_write_above_it(crowd: MainWindow, qtbot: QtBot) -> None:
    panel = crowd.patients
    bar = panel.list.verticalScrollBar()
    press(Key.Key_End)
    bar.setValue(bar.maximum() // 2)
    seen, kept = panel.model.code_at(panel.list.top()[0]), panel.current()
    clinic_of(crowd).imports.commit([dataclasses.replace(people.cases()[0], patient=Patient("NEW", "新来"))])
    qtbot.waitUntil(lambda: panel.model.rowCount() == 901)
    assert panel.model.code_at(panel.list.top()[0]) == seen
    assert panel.current() == kept == chosen(crowd)


def test_an_answer_that_comes_too_late_changes_nothing(crowd: MainWindow, qtbot: QtBot) -> None:
    panel = crowd.patients
    panel.narrow(PatientFilter(sex="F"))
    panel.narrow(EVERYONE)
    crowd.session.errands.wait()
    qtbot.wait(20)
    assert panel.model.rowCount() == 900


@pytest.mark.parametrize(
    ("visit", "tags", "room"),
    [
        ("Last visit 15 April 2024", ("a very long tag", "another"), 188),
        ("末次就诊 今日", ("随访",), 124),
        ("x", (), 60),
    ],
)
def test_tags_and_last_visit_fit_side_by_side(qapp: QApplication, visit: str, tags: tuple[str, ...], room: int) -> None:
    metrics = QFontMetrics(theme.font(theme.SMALL))
    first, second = second_line(visit, tags, metrics, room)
    widths = metrics.horizontalAdvance(first), metrics.horizontalAdvance(second)
    assert bool(second) == bool(tags)
    assert sum(widths) + (theme.GAP if tags else 0) <= room


def test_the_lock_leaves_no_word_of_a_record_in_the_list(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window(people.fill_encrypted(tmp_path / "clinic.db"), Credentials(people.PASSPHRASE))
    clinic_of(window).marks.add_tag("P0001", "随访")
    window.choose("P0001")
    window.desk.tag()
    qtbot.waitUntil(lambda: len(window.patients.tags.chips) == 1)
    window.patients.narrow(PatientFilter(tags=("随访",), herbs=("herb.chaihu",)))
    window.entry.lock()
    assert window.session.locked
    assert window.patients.asked == EVERYONE
    assert window.patients.tags.chips == []
    assert window.patients.bar.words == []
    assert window.patients.model.rowCount() == 0
