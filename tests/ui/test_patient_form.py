"""A new patient is entered by hand, goes on to the first visit, and can be corrected."""

from __future__ import annotations

import datetime as dt
from typing import cast

from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui.pages.patient_form import PatientForm
from app.ui.window import MainWindow
from tests.ui.seen import clinic_of


def form_of(window: MainWindow, qtbot: QtBot) -> PatientForm:
    qtbot.waitUntil(lambda: bool(cast(PatientForm, window.dialogs["patient"]).code.text()))
    return cast(PatientForm, window.dialogs["patient"])


def test_a_new_patient_gets_the_next_number_and_goes_on_to_the_first_visit(window: MainWindow, qtbot: QtBot) -> None:
    window.people.new_patient()
    form = form_of(window, qtbot)
    assert form.code.text() == "P0009"
    form.name.setText("高翔")
    form.sex.setCurrentIndex(2)
    form.birth.setDate(QDate(1985, 5, 17))
    QTest.keyClick(form, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.case is not None and window.session.case.patient.code == "P0009")
    person = clinic_of(window).queries.case("P0009").patient
    assert (person.name, person.sex, person.birth_date, person.age) == ("高翔", "M", dt.date(1985, 5, 17), None)
    editor = window.visits.editor
    assert editor.entering
    window.activateWindow()
    qtbot.waitUntil(editor.symptom.hasFocus)  # the keyboard is where the first symptom is entered
    assert "Visit 1" in editor.title.text()
    editor.formula.line.setText("黄芪15 白术10")
    editor.formula.line.textEdited.emit("黄芪15 白术10")
    QTest.keyClick(editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert editor.fault.text() == ""
    qtbot.waitUntil(lambda: len(clinic_of(window).queries.case("P0009").visits) == 1)


def test_a_namesake_is_told_of_and_a_taken_number_refused(window: MainWindow, qtbot: QtBot) -> None:
    window.people.new_patient()
    form = form_of(window, qtbot)
    form.name.setText("陈素云")
    qtbot.waitUntil(lambda: "P0001" in form.namesakes.text())
    form.code.setText("p0001")
    form.store()
    qtbot.waitUntil(lambda: "taken" in form.trouble.text())
    assert form.isVisible()


def test_a_correction_of_the_data_is_undone_like_any_other(window: MainWindow, qtbot: QtBot) -> None:
    window.choose("P0001")
    window.people.correct_patient()
    form = form_of(window, qtbot)
    assert (form.name.text(), form.age.value()) == ("陈素云", 46)
    form.name.setText("陈素雲")
    form.store()
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素雲")
    window.records.undo()
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素云")


def test_an_age_counts_only_without_a_birth_date(window: MainWindow, qtbot: QtBot) -> None:
    window.people.new_patient()
    form = form_of(window, qtbot)
    form.age.setValue(46)
    assert form.person().age == 46
    form.birth.setDate(QDate(1980, 1, 1))
    assert form.person().age is None
    assert not form.age.isEnabled()


def test_the_form_closes_under_the_lock(window: MainWindow, qtbot: QtBot) -> None:
    window.choose("P0001")
    window.people.correct_patient()
    form_of(window, qtbot)
    window.session.lock()
    qtbot.waitUntil(lambda: "patient" not in window.dialogs)
