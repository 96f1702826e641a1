"""The patient list by keys alone: walk, jump, search, pin, tag, filter; it stays where it is when others write."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.domain.patient_filter import EVERYONE, PatientFilter
from app.domain.records import Patient
from app.jobs.events import Finished, Progress
from app.store.clinic import Clinic, Credentials
from app.ui import patient_desk, theme, translation
from app.ui.pages.filter_dialog import BETWEEN, FilterDialog
from app.ui.pages.filter_words import words
from app.ui.pages.patient_row import second_line
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Where the focus is, as from a keyboard."""
    target = QApplication.activePopupWidget() or QApplication.focusWidget()
    assert target is not None
    QTest.keyClick(target, key, modifiers)


def type_in(text: str) -> None:
    target = QApplication.focusWidget()
    assert target is not None
    QTest.keyClicks(target, text)


def clinic_of(window: MainWindow) -> Clinic:
    assert window.session.clinic is not None
    return window.session.clinic


def listed(window: MainWindow) -> list[str]:
    model = window.patients.model
    return [model.code_at(row) for row in range(model.rowCount())]


def tags_in_row(window: MainWindow, code: str) -> tuple[str, ...]:
    line = window.patients.model.line(window.patients.model.row_of(code))
    assert line is not None
    return tuple(line.tags)


def chosen(window: MainWindow) -> str:
    return window.session.case.patient.code if window.session.case is not None else ""


@pytest.fixture
def at_list(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.patients.list.setFocus()
    assert QApplication.focusWidget() is window.patients.list
    return window


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


def filters(window: MainWindow, qtbot: QtBot) -> FilterDialog:
    press(Key.Key_F, CTRL | SHIFT)
    dialog = cast(FilterDialog, window.dialogs["filters"])
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    qtbot.waitUntil(lambda: len(dialog.terms["herbs"].suggester.matching("")) == 3)
    return dialog


def walk_to(widget: QWidget) -> None:
    """With Tab alone."""
    for _ in range(40):
        if QApplication.focusWidget() is widget:
            return
        press(Key.Key_Tab)
    pytest.fail(f"Tab does not reach {widget.accessibleName()}")


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
