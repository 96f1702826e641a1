"""The comparison page: visits side by side, before and after a formula, beside another patient."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.records import Prescription, PrescriptionItem
from app.store.clinic import Clinic, Credentials
from app.ui import translation
from app.ui.pages.compare import FORMULA, OTHER, VISITS, ComparePage
from app.ui.pages.compare_model import MARK, TONE
from app.ui.pages.field_history import FieldHistoryDialog
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.seen import clinic_of
from tests.ui.test_lock import come_back, words

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(window: MainWindow) -> ComparePage:
    window.choose("P0001")
    window.show_compare()
    return window.compare


def lines(page: ComparePage) -> dict[str, list[str]]:
    """Label -> what the columns say, with the sign of the change."""
    model = page.table.rows
    out: dict[str, list[str]] = {}
    for line in range(model.rowCount()):
        row = model.row_at(line)
        if row is not None:
            label = str(model.index(line, 0).data())
            out[label] = [model.said(row, column) for column in range(1, model.columnCount())]
    return out


def headings(page: ComparePage) -> list[str]:
    return [str(page.table.rows.index(line, 0).data()) for line in page.table.rows.headings()]


def numbers(page: ComparePage) -> list[int]:
    return [visit.number for visit in page.visits.chosen()]


def beside(window: MainWindow, qtbot: QtBot, code: str = "P0002") -> ComparePage:
    window.compare.choose_mode(OTHER)
    window.comparing.look_at(code)
    qtbot.waitUntil(lambda: window.compare.other_code == code)
    return window.compare


def test_the_header_the_command_and_the_rail_lead_to_it(window: MainWindow) -> None:
    window.header.buttons["compare"].click()
    assert window.pages.currentWidget() is window.compare
    window.show_timeline()
    QTest.keyClick(window, Qt.Key.Key_M, CTRL)
    assert window.pages.currentWidget() is window.compare
    assert window.rail.buttons["page_compare"].isChecked()
    assert window.compare.table.hasFocus()


def test_the_first_and_the_last_visit_stand_side_by_side(page: ComparePage) -> None:
    assert numbers(page) == [1, 7]
    assert headings(page) == ["Symptoms", "Tongue", "Pulse", "Diagnosis", "Formula and herbs"]
    assert lines(page)["Insomnia"] == ["6", "1 ↓ 5 better"]
    assert lines(page)["Left cun"] == ["wiry thready", "wiry thready ="]
    assert page.effects[0].large.text() == "83% markedly better"
    assert "12 → 2 over 3 symptoms" in page.effects[0].basis.text()
    assert page.effects[1].isHidden()


def test_a_difference_has_a_sign_beside_its_colour(page: ComparePage) -> None:
    index = page.table.rows.index(1, 2)
    assert (index.data(MARK), index.data(TONE)) == ("↓ 5 better", "green")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Insomnia, Visit 7 · 2024-05-27: 1 ↓ 5 better"
    whole = page.table.rows.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert whole == "Insomnia; Visit 1 · 2024-03-04: 6; Visit 7 · 2024-05-27: 1 ↓ 5 better"


def test_only_what_differs_is_shown_where_asked(page: ComparePage) -> None:
    page.only.click()
    assert headings(page) == ["Symptoms", "Formula and herbs"]
    assert set(lines(page)) == {"Insomnia", "Palpitation", "Hypochondriac pain", "suānzǎorén"}


def test_left_and_right_move_the_last_visit_and_with_shift_the_first(page: ComparePage) -> None:
    QTest.keyClick(page.table, Qt.Key.Key_Left)
    assert numbers(page) == [1, 6]
    QTest.keyClick(page.table, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert numbers(page) == [2, 6]
    assert lines(page)["Insomnia"] == ["6", "2 ↓ 4 better"]
    for _ in range(9):
        QTest.keyClick(page.table, Qt.Key.Key_Left)
    assert numbers(page) == [2, 3]  # columns never cross
    assert not page.visits.steps.back.isEnabled()


def test_up_to_four_visits_stand_side_by_side(page: ComparePage) -> None:
    page.visits.more.click()
    page.visits.more.click()
    assert numbers(page) == [1, 2, 4, 7]
    assert not page.visits.more.isEnabled()
    assert lines(page)["Hypochondriac pain"] == ["2", "3 ↑ 1 worse", "1 ↓ 2 better", "0 ↓ 1 better"]
    assert "Visit 4 · 2024-04-12: 42%" in page.effects[0].more.text()
    page.visits.fewer.click()
    assert numbers(page) == [1, 2, 7]


def test_a_visit_chosen_in_a_box_takes_its_place_in_time(page: ComparePage) -> None:
    page.visits.boxes[0].setCurrentIndex(4)
    page.visits.boxes[0].activated.emit(4)
    assert numbers(page) == [5, 7]
    page.visits.boxes[0].setCurrentIndex(6)
    page.visits.boxes[0].activated.emit(6)
    assert numbers(page) == [5, 7]  # it stands at the right already
    assert page.visits.boxes[0].currentIndex() == 4


def test_another_patient_begins_with_the_first_and_last_visit(window: MainWindow, page: ComparePage) -> None:
    page.step(-1)
    window.choose("P0002")
    assert numbers(page) == [1, 4]
    assert "−175%" in page.effects[0].large.text()


def test_who_is_walked_past_is_compared_only_when_the_page_is_looked_at(window: MainWindow, page: ComparePage) -> None:
    window.show_timeline()
    window.choose("P0002")
    assert lines(page)["Insomnia"] == ["6", "1 ↓ 5 better"]
    window.show_compare()
    assert lines(page)["Insomnia"] == ["2", "4 ↑ 2 worse"]


def test_what_somebody_changes_shows_and_the_choice_stays(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    page.visits.choose([2, 5])
    clinic = clinic_of(window)
    record = clinic.patients.open("P0001")
    last = record.case.visits[4]
    without = dataclasses.replace(last, observations=last.observations[1:])
    clinic.visits.change_visit("P0001", 5, without, version=record.visits[5])
    qtbot.waitUntil(lambda: lines(page)["Insomnia"] == ["6", "not recorded"])
    assert numbers(page) == [2, 5]
    assert "not counted" in page.effects[0].basis.text()


def test_before_and_after_a_formula(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    clinic = clinic_of(window)
    record = clinic.patients.open("P0001")
    fifth = record.case.visits[4]
    other = Prescription((PrescriptionItem("茯苓", "herb.fuling", 12.0),), formula="茯苓饮", days=7.0)
    changed = dataclasses.replace(fifth, prescriptions=(other,))
    clinic.visits.change_visit("P0001", 5, changed, version=record.visits[5])
    page.choose_mode(FORMULA)
    qtbot.waitUntil(lambda: page.formula.box.count() == 3)
    names = [page.formula.box.itemText(place) for place in range(3)]
    assert names == ["酸枣仁汤 · Visits 1 to 4", "茯苓饮 · Visit 5", "酸枣仁汤 · Visits 6 to 7"]
    page.formula.box.setCurrentIndex(0)
    page.formula.box.activated.emit(0)
    assert lines(page)["Insomnia"] == ["6", "4 ↓ 2 better"]  # the next visit is three days after the last dose
    assert lines(page)["suānzǎorén"] == ["16 g", "19 g ↑ 3 g"]
    QTest.keyClick(page.table, Qt.Key.Key_Right)
    assert page.formula.box.currentIndex() == 1


def test_a_formula_nobody_was_seen_under_is_told(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    case = people.cases()[0]
    alone = dataclasses.replace(case, patient=dataclasses.replace(case.patient, code="P0100"), visits=case.visits[:1])
    clinic_of(window).imports.commit([alone])
    qtbot.waitUntil(lambda: window.session.counts()["patients"] == 9)
    window.choose("P0100")
    assert page.empty.title.text() == "Only one visit so far"
    page.choose_mode(FORMULA)
    assert page.empty.title.text() == "No visit under this formula yet"
    assert "Visit 1 · 2024-03-04" in page.empty.text.text()


def test_the_other_patient_is_found_as_in_the_list_and_the_log_is_told(
    window: MainWindow, page: ComparePage, qtbot: QtBot
) -> None:
    page.choose_mode(OTHER)
    assert page.patient.field.hasFocus()
    QTest.keyClicks(page.patient.field, "shanzhiyuan")
    QTest.keyClick(page.patient.field, Qt.Key.Key_Return)
    assert page.found.hasFocus()
    assert page.found.patients.code_at(0) == "P0002"
    page.found.activated.emit(page.found.currentIndex())
    qtbot.waitUntil(lambda: page.other_code == "P0002")
    qtbot.waitUntil(page.table.hasFocus)
    assert page.patient.field.text() == "单志远"
    seen = [entry.detail["patient"] for entry in clinic_of(window).audit.entries(action="view")]
    assert "P0002" in seen
    assert window.session.case is not None
    assert window.session.case.patient.code == "P0001"


def test_two_patients_are_aligned_by_days_or_by_visits(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    page = beside(window, qtbot)
    assert not page.plot.isHidden()
    assert page.effects[1].large.text() == "−175% no effect"
    assert "Herbs of both: suānzǎorén, cháihú, huánglián" in page.herbs.toPlainText()
    assert lines(page)["Insomnia"] == ["1", "4 ↑ 3"]  # between two people nothing is better or worse
    page.step(-1)
    page.step(-1)
    page.step(-1)
    assert "Visit 4 · 2024-04-13" in str(page.table.rows.headerData(2, Qt.Orientation.Horizontal))
    page.patient.by.setCurrentIndex(1)
    page.patient.by.activated.emit(1)
    page.step(-1)
    assert "Visit 3" in str(page.table.rows.headerData(2, Qt.Orientation.Horizontal))


def test_escape_in_the_field_goes_back_to_who_was_shown(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    page = beside(window, qtbot)
    page.patient.field.setFocus()
    page.patient.field.selectAll()
    QTest.keyClicks(page.patient.field, "wangzhe")
    qtbot.waitUntil(lambda: page.found.isVisible() and page.found.patients.rowCount() == 1)
    assert [page.found.patients.code_at(row) for row in range(page.found.patients.rowCount())] == ["P0004"]
    QTest.keyClick(page.patient.field, Qt.Key.Key_Escape)
    assert page.table.isVisible()
    assert page.patient.field.text() == "单志远"


def test_nobody_found_is_said(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    page.choose_mode(OTHER)
    QTest.keyClicks(page.patient.field, "zzz")
    qtbot.waitUntil(lambda: page.empty.isVisible() and page.empty.title.text() == "No patient found")


def test_where_the_other_has_no_such_visit_that_is_said(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    page = beside(window, qtbot)
    page.patient.by.setCurrentIndex(1)
    page.patient.by.activated.emit(1)
    assert page.table.rows.rowCount() == 0
    assert "no visit of this number" in page.herbs.toPlainText()


def test_the_table_and_the_picture_go_to_the_clipboard(window: MainWindow, page: ComparePage) -> None:
    QTest.keyClick(page.table, Qt.Key.Key_C, CTRL)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0] == "\tVisit 1 · 2024-03-04\tVisit 7 · 2024-05-27"
    assert copied[1:3] == ["Symptoms", "Insomnia\t6\t1 ↓ 5 better"]
    assert copied[-1].startswith("Effect index, Visit 1 to Visit 7 83% markedly better Total 12 → 2")
    window.actions_table["copy_picture"].trigger()
    assert QGuiApplication.clipboard().pixmap().width() > 300


def test_the_language_changes_what_is_shown(
    window: MainWindow, page: ComparePage, qapp: QApplication, qtbot: QtBot
) -> None:
    translation.install(qapp, "zh")
    qtbot.waitUntil(lambda: page.effects[0].large.text() == "83% 显效")
    assert lines(page)["失眠"] == ["6", "1 ↓ 5 好转"]
    assert page.modes[VISITS].text() == "诊次"


def test_nothing_stays_under_the_lock_and_all_comes_back(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = people.fill_encrypted(tmp_path / "clinic.db")
    window = open_window(path, Credentials(passphrase=people.PASSPHRASE))
    window.choose("P0001")
    window.show_compare()
    page = beside(window, qtbot)
    window.entry.lock()
    assert page.table.rows.rowCount() == 0
    assert page.found.patients.rowCount() == 0
    assert "单志远" not in words(window)
    assert "陈素云" not in words(window)
    assert page.herbs.toPlainText() == ""
    come_back(window, qtbot)
    qtbot.waitUntil(lambda: page.isVisible() and page.found.patients.rowCount() == 8)
    page.choose_mode(VISITS)
    assert lines(page)["Insomnia"] == ["6", "1 ↓ 5 better"]


def test_who_is_shown_beside_and_taken_out_meanwhile_goes(window: MainWindow, page: ComparePage, qtbot: QtBot) -> None:
    page = beside(window, qtbot)
    clinic = clinic_of(window)
    record = clinic.patients.open("P0002")
    clinic.patients.delete("P0002", version=record.version, visits=record.visits)
    qtbot.waitUntil(lambda: page.other_code == "")


def test_a_clinic_on_another_file_brings_its_own_patients(
    window: MainWindow, page: ComparePage, qtbot: QtBot, tmp_path: Path
) -> None:
    beside(window, qtbot)
    with Clinic.open(tmp_path / "other.db", plain=True):
        pass
    window.session.open(tmp_path / "other.db")
    assert page.other_code == ""
    assert page.table.rows.rowCount() == 0


def test_the_history_of_the_chosen_row_tells_who_changed_it(
    window: MainWindow, page: ComparePage, qtbot: QtBot
) -> None:
    clinic = clinic_of(window)
    record = clinic.patients.open("P0001")
    last = record.case.visits[6]
    insomnia = dataclasses.replace(last.observations[0], number=2.0)
    changed = dataclasses.replace(last, observations=(insomnia, *last.observations[1:]))
    clinic.visits.change_visit("P0001", 7, changed, version=record.visits[7])
    qtbot.waitUntil(lambda: lines(page)["Insomnia"] == ["6", "2 ↓ 4 better"])
    page.table.setCurrentIndex(page.table.rows.index(1, 0))
    QTest.keyClick(window, Qt.Key.Key_H, CTRL | Qt.KeyboardModifier.ShiftModifier)
    dialog = cast(FieldHistoryDialog, window.dialogs["field_history"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    told = [dialog.table.text_at(0, column) for column in range(1, 6)]
    assert told == [clinic.actor.name, "Visit 7 of P0001", "Visit 7", "1", "2"]
    page.table.setCurrentIndex(page.table.rows.index(2, 0))
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    dialog = cast(FieldHistoryDialog, window.dialogs["field_history"])
    qtbot.waitUntil(dialog.note.isVisible)
    assert dialog.title.text() == "History of Palpitation"
    dialog.seal()
    assert dialog.title.text() == ""


def test_away_from_the_comparison_there_is_no_row_to_tell_of(window: MainWindow, page: ComparePage) -> None:
    window.show_timeline()
    window.comparing.show_field_history()
    assert "field_history" not in window.dialogs
    notice = window.notices.notice
    assert notice is not None
    assert notice.text == "Choose a row of the comparison first."


def test_the_state_page_leads_to_another_patient_and_to_its_figure(window: MainWindow, qtbot: QtBot) -> None:
    buttons = window.header.buttons
    assert not buttons["other"].isVisible() and not buttons["figure"].isVisible()
    window.show_trajectory()
    assert buttons["other"].isVisible() and buttons["figure"].isVisible()
    assert not buttons["compare"].isVisible() and not buttons["report"].isVisible()
    buttons["figure"].click()
    assert "file" in window.dialogs
    window.dialogs.end()
    buttons["other"].click()
    assert window.pages.currentWidget() is window.compare
    assert window.compare.mode == OTHER
    qtbot.waitUntil(window.compare.patient.field.hasFocus)
    assert buttons["compare"].isVisible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_beside_the_editor_leaves_the_window_as_narrow_as_it_was(
    window: MainWindow, page: ComparePage, language: str
) -> None:
    translation.install(translation.application(), language)
    window.visits.new_visit()
    for mode in (VISITS, FORMULA, OTHER):
        page.choose_mode(mode)
        window.resize(1080, 800)
        QApplication.processEvents()
        assert window.width() == 1080, mode
