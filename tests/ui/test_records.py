"""Undo, redo, the history of a record and the list of imports, from the window."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.records import Case, Patient, PrescriptionItem
from app.jobs.events import Finished
from app.store.clinic import Clinic
from app.ui.notifications import Level
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.history import HistoryDialog
from app.ui.pages.import_dialog import ImportDialog
from app.ui.pages.imports import ImportsDialog
from app.ui.pages.review import ReviewDialog
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.seen import clinic_of, listed
from tests.ui.test_dialogs import REPORT

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def rename(window: MainWindow, name: str) -> None:
    record = clinic_of(window).patients.open("P0001")
    clinic_of(window).patients.change("P0001", version=record.version, name=name)


def test_undo_and_redo_say_what_they_do_and_do_it(window: MainWindow, qtbot: QtBot) -> None:
    window.choose("P0001")
    rename(window, "陈素雲")
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素雲")
    undo, redo = window.actions_table["undo"], window.actions_table["redo"]
    assert undo.text() == "Undo: Data of P0001"
    assert not redo.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素云")
    qtbot.waitUntil(redo.isEnabled)
    assert redo.text() == "Redo: Data of P0001"
    qtbot.waitUntil(lambda: "Taken back: Data of P0001" in window.notices._text.text())
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素雲")


def test_taking_back_an_import_is_asked_about_first(window: MainWindow, qtbot: QtBot) -> None:
    clinic_of(window).imports.commit([dataclasses.replace(people.cases()[0], patient=Patient("P0099", "高翔"))])
    qtbot.waitUntil(lambda: "P0099" in listed(window))
    window.records.undo()
    dialog = cast(ConfirmDialog, window.dialogs["confirm"])
    assert dialog.leave.isDefault()
    dialog.leave.click()
    assert "P0099" in listed(window)
    window.records.undo()
    cast(ConfirmDialog, window.dialogs["confirm"]).go.click()
    qtbot.waitUntil(lambda: "P0099" not in listed(window))


def test_what_another_one_changed_since_stands_in_the_way_and_is_told(
    window: MainWindow, clinic_file: Path, qtbot: QtBot
) -> None:
    rename(window, "陈素雲")
    with Clinic.open(clinic_file, who="李医师") as other:
        other.patients.change("P0001", version=other.patients.open("P0001").version, note="moved away")
    window.records.undo()
    qtbot.waitUntil(lambda: window.notices.notice is not None)
    notice = window.notices.notice
    assert notice is not None
    assert notice.level is Level.WARN
    assert "李医师" in notice.text
    assert window.notices._details.isVisible()


def test_what_another_window_writes_appears_by_itself(window: MainWindow, clinic_file: Path, qtbot: QtBot) -> None:
    window.choose("P0001")
    with Clinic.open(clinic_file, who="李医师") as other:
        other.patients.change("P0001", version=other.patients.open("P0001").version, name="陈素雲")
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素雲", timeout=5000)


def test_the_list_stays_where_it_was_when_someone_writes(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    case = people.cases()[2]
    many = [dataclasses.replace(case, patient=Patient(f"N{i:04}", f"患者{i}")) for i in range(450)]
    clinic_of(window).imports.commit(many)
    qtbot.waitUntil(lambda: window.patients.model.rowCount() == 458)
    bar = window.patients.list.verticalScrollBar()
    bar.setValue(bar.maximum() - 40)
    height = bar.value()
    assert height > 0
    rename(window, "陈素雲")
    qtbot.wait(50)
    assert bar.value() == height


def test_the_history_tells_who_changed_which_field_from_what_to_what(window: MainWindow, qtbot: QtBot) -> None:
    window.choose("P0001")
    record = clinic_of(window).patients.open("P0001")
    visit = record.case.visits[1]
    later = dataclasses.replace(visit, text="夜寐五小时", observations=visit.observations[1:])
    clinic_of(window).visits.change_visit("P0001", visit.number, later, version=record.visits[visit.number])
    rename(window, "陈素雲")
    window.records.show_history()
    dialog = cast(HistoryDialog, window.dialogs["history"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 3)
    lines = [[dialog.table.text_at(row, column) for column in range(7)] for row in range(3)]
    assert lines[0][1:] == [clinic_of(window).actor.name, "Data of P0001", "patient", "name", "陈素云", "陈素雲"]
    assert lines[1][4:] == ["text", "–", "夜寐五小时"]
    assert lines[2][4:] == ["findings", "Insomnia 6", "–"] or lines[2][4] == "findings"
    assert lines[2][6] == "–"
    dialog.what.setCurrentIndex(dialog.what.findData(1))
    dialog.what.activated.emit(1)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert dialog.note.isVisible()


def test_an_import_is_listed_with_its_report_and_can_be_taken_back(window: MainWindow, qtbot: QtBot) -> None:
    case = dataclasses.replace(people.cases()[0], patient=Patient("P0099", "高翔"))
    clinic_of(window).imports.commit([case], report_json=json.dumps(REPORT))
    window.records.show_imports()
    dialog = cast(ImportsDialog, window.dialogs["imports"])
    qtbot.waitUntil(dialog.report.isVisible)
    assert dialog.table.rowCount() == 2
    assert [dialog.table.text_at(0, column) for column in (3, 4)] == ["+1", "+7"]
    assert dialog.report.table.rowCount() == 1
    dialog.take_back.click()
    (confirm,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, ConfirmDialog))
    confirm.go.click()
    qtbot.waitUntil(lambda: dialog.table.text_at(0, 5) == "taken back")
    assert not dialog.take_back.isEnabled()
    assert "P0099" not in listed(window)
    dialog.table.selectRow(1)
    qtbot.waitUntil(lambda: not dialog.report.isVisible())  # of that one no report was stored


def test_an_import_that_others_built_on_is_not_taken_back_and_says_why(window: MainWindow, qtbot: QtBot) -> None:
    rename(window, "陈素雲")
    window.records.show_imports()
    dialog = cast(ImportsDialog, window.dialogs["imports"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    dialog.undo()
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "changed again since" in dialog.trouble.text()
    assert window.notices.notice is not None
    assert len(listed(window)) == len(people.NAMES)
    assert dialog.take_back.isEnabled()


def unknown(term: str) -> str:
    one = {"kind": "herb", "term": term, "count": 3, "file": "a.csv", "row": 7, "column": "方药"}
    return json.dumps(REPORT | {"unknown": [one]})


def test_a_term_no_import_knew_is_coded_by_a_person_and_the_records_with_it(window: MainWindow, qtbot: QtBot) -> None:
    visit = people.cases()[0].visits[0]
    given = dataclasses.replace(visit.prescriptions[0], items=(PrescriptionItem("黄苓", "", 9.0),))
    case = Case(Patient("P0099", "高翔"), (dataclasses.replace(visit, prescriptions=(given,)),))
    clinic_of(window).imports.commit([case], report_json=unknown("黄苓"))
    window.records.show_review()
    dialog = cast(ReviewDialog, window.dialogs["review"])
    qtbot.waitUntil(dialog.means.isEnabled)
    assert dialog.terms.text_at(0, 0) == "黄苓"
    assert "is learned" in dialog.note.text()
    shown = [dialog._suggested[row].code for row in range(dialog.meanings.rowCount())]
    dialog.meanings.selectRow(shown.index("herb.huangqin"))
    dialog.means.click()
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 0)
    (item,) = clinic_of(window).queries.case("P0099").visits[0].prescriptions[0].items
    assert item.herb == "herb.huangqin"
    assert "Nothing is waiting" in dialog.note.text()


def test_a_term_may_stay_as_it_is_written(window: MainWindow, qtbot: QtBot) -> None:
    clinic_of(window).imports.commit([people.cases()[0]], report_json=unknown("祖传秘药"))
    window.records.show_review()
    dialog = cast(ReviewDialog, window.dialogs["review"])
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 1)
    dialog.keep.click()
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 0)
    (item,) = clinic_of(window).review.items(state="kept")
    assert item.term == "祖传秘药"


def test_after_an_import_its_unknown_terms_are_one_click_away(
    window: MainWindow, workshop: people.Workshop, qtbot: QtBot, tmp_path: Path
) -> None:
    window.chores.import_files([str(tmp_path / "a.csv")])
    dialog = cast(ImportDialog, window.chores.dialog("import"))
    dialog._state = "importing"
    workshop.job.say(Finished(json.loads(unknown("黄苓"))))
    qtbot.waitUntil(dialog.review.isVisible)
    assert dialog.review.text() == "1 unknown term…"
    dialog.review.click()
    assert "review" in window.dialogs
