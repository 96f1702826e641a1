"""The filters of the patient list: asked, kept and cleared by keys, answered by a worker where a model is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.domain.patient_filter import EVERYONE, PatientFilter
from app.jobs.events import Finished, Progress
from app.ui import translation
from app.ui.pages.filter_dialog import BETWEEN, FilterDialog
from app.ui.pages.filter_words import words
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.keyboard import press, type_in, walk_to
from tests.ui.seen import clinic_of, listed

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def filters(window: MainWindow, qtbot: QtBot) -> FilterDialog:
    press(Key.Key_F, CTRL | SHIFT)
    dialog = cast(FilterDialog, window.dialogs["filters"])
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    qtbot.waitUntil(lambda: len(dialog.terms["herbs"].suggester.matching("")) == 3)
    return dialog


def test_a_filter_is_made_kept_and_cleared_by_keys(at_list: MainWindow, qtbot: QtBot) -> None:
    panel = at_list.patients
    translation.install(translation.application(), "zh")
    dialog = filters(at_list, qtbot)
    qtbot.waitUntil(lambda: [one.text for one in dialog.terms["herbs"].suggester.matching("chaih")] == ["柴胡"])
    walk_to(dialog.terms["herbs"].edit)
    type_in("chaih")
    press(Key.Key_Return)
    assert panel.asked == PatientFilter(herbs=("herb.chaihu",))
    qtbot.waitUntil(lambda: dialog.terms["herbs"].edit.text() == "")
    dialog.activateWindow()  # the off-screen platform leaves a closed popup active, which no other does
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    walk_to(dialog.flags["worse"])
    press(Key.Key_Space)
    assert panel.asked.worse
    assert set(listed(at_list)) == {"P0002", "P0005", "P0007"}
    assert panel.bar.quick["worse"].isChecked()
    assert [chip.text() for chip in panel.bar.words] == ["柴胡 ×"]
    walk_to(dialog.name)
    type_in("worse")
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: [one.name for one in clinic_of(at_list).filters.list()] == ["worse"])
    qtbot.waitUntil(lambda: panel.bar.saved.isVisible())
    press(Key.Key_Escape)
    qtbot.waitUntil(lambda: "filters" not in at_list.dialogs)
    at_list.activateWindow()
    qtbot.waitUntil(at_list.isActiveWindow)
    panel.field.setFocus()
    walk_to(panel.bar.words[0])
    press(Key.Key_Delete)
    assert panel.asked == PatientFilter(worse=True)
    walk_to(panel.bar.clear)
    press(Key.Key_Space)
    assert panel.asked == EVERYONE
    assert len(listed(at_list)) == len(people.NAMES)


def test_a_saved_filter_is_asked_from_its_menu(at_list: MainWindow, qtbot: QtBot) -> None:
    panel = at_list.patients
    clinic_of(at_list).filters.save("women", PatientFilter(sex="F"))
    qtbot.waitUntil(lambda: panel.bar.saved.isVisible())
    panel.field.setFocus()
    walk_to(panel.bar.saved)
    press(Key.Key_Space)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    press(Key.Key_Down)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: panel.asked == PatientFilter(sex="F"))
    assert len(listed(at_list)) == 5


def test_the_filters_follow_the_chips_and_say_what_cannot_be(at_list: MainWindow, qtbot: QtBot) -> None:
    dialog = filters(at_list, qtbot)
    QTest.mouseClick(at_list.patients.bar.quick["pinned"], Qt.MouseButton.LeftButton)
    assert dialog.flags["pinned"].isChecked()
    assert listed(at_list) == []
    dialog.young.setValue(50)
    dialog.old.setValue(40)
    assert dialog.trouble.isVisible()
    assert at_list.patients.asked.age_to is None
    dialog.old.setValue(60)
    assert not dialog.trouble.isVisible()
    assert (at_list.patients.asked.age_from, at_list.patients.asked.age_to) == (50.0, 60.0)
    dialog.seen.setCurrentIndex(dialog.seen.findData(BETWEEN))
    assert at_list.patients.asked.seen_from is not None
    dialog.clear.click()
    assert at_list.patients.asked == EVERYONE
    assert dialog.young.value() == -1


def test_choosing_within_days_and_sex_narrows_at_once(at_list: MainWindow, qtbot: QtBot) -> None:
    dialog = filters(at_list, qtbot)
    dialog.sex.setCurrentIndex(dialog.sex.findData("M"))
    assert set(listed(at_list)) == {"P0002", "P0004", "P0006"}
    dialog.seen.setCurrentIndex(dialog.seen.findData(30))
    assert at_list.patients.asked == PatientFilter(sex="M", seen_within=30)
    assert listed(at_list) == []


def test_who_is_beyond_expectation_is_looked_for_beside_the_window(
    at_list: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    panel = at_list.patients
    QTest.mouseClick(panel.bar.quick["beyond"], Qt.MouseButton.LeftButton)
    assert workshop.job.target == "app.jobs.standing:look"
    assert workshop.job.kwargs["model"] == "demo"
    assert listed(at_list) == []
    numbers = {"P0002": [None, 0.01], "P0003": [0.9, 0.6]}
    workshop.job.say(Progress(2, 8, "", {"numbers": numbers}))
    qtbot.waitUntil(lambda: listed(at_list) == ["P0002"])
    assert panel.stop.isVisible()
    workshop.job.say(Finished({"patients": 8}))
    qtbot.waitUntil(lambda: not panel.stop.isVisible())
    panel.narrow(PatientFilter(at_risk=True))
    assert listed(at_list) == ["P0003"]
    record = clinic_of(at_list).patients.open("P0003")
    clinic_of(at_list).patients.change("P0003", version=record.version, note="x")
    qtbot.waitUntil(lambda: listed(at_list) == [])


def test_looking_is_stopped_and_what_was_found_stays(
    at_list: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    at_list.actions_table["beyond"].trigger()
    workshop.job.say(Progress(1, 8, "", {"numbers": {"P0002": [None, 0.01]}}))
    qtbot.waitUntil(lambda: bool(at_list.desk.standing.numbers))
    at_list.patients.stop.click()
    assert workshop.job.cancelled
    at_list.desk.standing.forget()
    assert workshop.job.closed
    assert at_list.desk.standing.numbers == {}


def test_every_control_of_the_list_and_the_filters_has_a_name(at_list: MainWindow, qtbot: QtBot) -> None:
    dialog = filters(at_list, qtbot)
    at_list.patients.narrow(PatientFilter(herbs=("herb.chaihu",)))
    found: list[QWidget] = [*at_list.patients.findChildren(QWidget), *dialog.findChildren(QWidget)]
    reached = [w for w in found if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible() and w.isEnabled()]
    assert len(reached) > 20
    name: Callable[[QWidget], str] = lambda w: w.accessibleName() or getattr(w, "text", lambda: "")()
    nameless = [type(w).__name__ for w in reached if not name(w) and w.parent() not in reached]
    assert nameless == []


def test_every_question_of_a_filter_has_words(qapp: QApplication) -> None:
    asked = PatientFilter(
        diagnoses=("不寐",), herbs=("herb.chaihu",), pinned=True, seen_within=7, worse=True, sex="F", age_from=40.0,
        beyond=True, at_risk=True,
    )  # fmt: skip
    assert [text for _, _, text in words(asked)] == [
        "不寐", "bupleurum", "seen within 7 days", "F", "age 40 or more", "pinned", "worse than at first",
        "beyond expectation", "at risk",
    ]  # fmt: skip
