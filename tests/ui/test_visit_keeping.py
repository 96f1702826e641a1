"""What becomes of a visit that was entered: kept while one types, saved, forecast, undone, in conflict, locked away."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, Patient, Visit
from app.ui.editor.draft_keeping import DraftKeeping
from app.ui.editor.editor import VisitEditor
from app.ui.window import MainWindow
from tests.ui.editing import CTRL, SHIFT, answer_all, clinic_of, open_editor, saved
from tests.ui.keyboard import write
from tests.ui.people import cases
from tests.ui.test_window import texts


@pytest.fixture
def editor(window: MainWindow, qtbot: QtBot) -> VisitEditor:
    return open_editor(window, qtbot)


def test_saving_shows_the_forecast_with_the_visit_beside_the_one_before(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    before = window.outlook
    qtbot.waitUntil(lambda: window.outlook is not None)
    before = window.outlook
    editor.scores.rows[0].choose(6.0)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: bool(editor.card.rows()))
    assert window.outlook is not before
    name, old, new, interval = editor.card.rows()[0]
    assert name == "Insomnia"
    assert old.endswith("→")
    assert float(new) > float(old.removesuffix(" →"))
    assert "–" in interval
    assert "Visit 8 is saved" in editor.card.title.text()


def test_a_visit_just_as_it_was_copied_is_asked_about_once(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    assert "Nothing was changed" in editor.fault.text()
    assert len(clinic_of(window).queries.case("P0001").visits) == 7
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    saved(window, qtbot)


def test_a_reason_signs_for_the_visit_it_was_written_for_alone(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.formula.enter()
    write(editor.formula.line, " 加半夏9 附子6")
    for line in editor.formula.fields()[2:]:
        line.setText("small dose")  # pyright: ignore[reportAttributeAccessIssue]
    window.visits.discard()
    window.choose("P0003")
    window.visits.new_visit()
    editor.formula.enter()
    write(editor.formula.line, " 加半夏9 附子6")
    assert editor.formula.unanswered()
    assert not editor.formula.reasons()


def test_another_patient_chosen_while_a_visit_is_saved_sees_nothing_of_it(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, gate, printed = clinic_of(window), threading.Event(), []
    add = clinic.visits.add_visit

    def slowly(*args):
        assert gate.wait(10)
        return add(*args)

    monkeypatch.setattr(clinic.visits, "add_visit", slowly)
    window.printing.preview_prescription = lambda *of: printed.append(of)  # type: ignore[method-assign]
    window.visits.print_wanted.connect(window.printing.preview_prescription)
    editor.scores.rows[0].choose(4.0)
    QTest.keyClick(editor, Qt.Key.Key_Return, CTRL | SHIFT)
    window.choose("P0002")
    assert editor.isHidden()
    window.visits.new_visit()
    assert editor.isHidden()  # one at a time
    gate.set()
    qtbot.waitUntil(lambda: ("P0001", 8) in printed)
    assert editor.isHidden()
    assert len(clinic.queries.case("P0001").visits) == 8
    assert clinic.visit_drafts.list() == []


def test_a_forecast_quicker_than_the_store_stands_with_the_visit_all_the_same(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: window.outlook is not None)
    shown = threading.Event()
    window.forecaster.ready.connect(lambda _: shown.set())
    work = DraftKeeping.end
    monkeypatch.setattr(DraftKeeping, "end", lambda *args: (work(*args), shown.wait(10))[0])
    shown.clear()
    editor.scores.rows[0].choose(6.0)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: bool(editor.card.rows()))
    assert "Visit 8 is saved" in editor.card.title.text()


def test_undo_takes_the_visit_back_and_redo_brings_it_again(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.scores.rows[0].choose(4.0)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    saved(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: window.session.case is not None and len(window.session.case.visits) == 7)
    qtbot.waitUntil(lambda: window.actions_table["redo"].isEnabled())
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    qtbot.waitUntil(lambda: window.session.case is not None and len(window.session.case.visits) == 8)


def test_what_was_typed_is_a_draft_and_goes_on_where_it_was(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.note.setPlainText("夜寐 6 小时")
    editor.scores.rows[0].choose(4.0)
    qtbot.waitUntil(lambda: clinic_of(window).visit_drafts.get("P0001") is not None)  # by itself, nobody saved
    window.choose("P0002")
    qtbot.waitUntil(editor.isHidden)
    window.choose("P0001")
    window.visits.new_visit()
    assert editor.note.toPlainText() == "夜寐 6 小时"
    assert editor.scores.rows[0].finding.value == 4.0
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    saved(window, qtbot)
    assert clinic_of(window).visit_drafts.get("P0001") is None


def test_a_draft_can_be_given_up(window: MainWindow, editor: VisitEditor, qtbot: QtBot) -> None:
    editor.scores.rows[0].choose(4.0)
    qtbot.waitUntil(lambda: clinic_of(window).visit_drafts.get("P0001") is not None)
    window.visits.discard()
    qtbot.waitUntil(lambda: clinic_of(window).visit_drafts.get("P0001") is None)
    window.visits.new_visit()
    assert editor.scores.rows[0].finding.value == 1.0


def change_meanwhile(window: MainWindow, number: int, **fields: object) -> Visit:
    """What somebody else makes of a visit of P0001 while it is entered here."""
    clinic = clinic_of(window)
    record = clinic.patients.open("P0001")
    other = dataclasses.replace(record.case.visits[number - 1], **fields)  # pyright: ignore[reportArgumentType]
    clinic.visits.change_visit("P0001", number, other, version=record.visits[number])
    return other


def test_a_correction_conflicts_with_what_another_changed_meanwhile(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    window.visits.close()
    window.visits.correct_visit(3)
    clinic = clinic_of(window)
    other = change_meanwhile(window, 3, outcome="有效", text="家人代诉")
    qtbot.waitUntil(lambda: window.session.case is not None and window.session.case.visits[2].outcome == "有效")
    editor.scores.rows[0].choose(0.0)
    answer_all(editor)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: window.notices.notice is not None and window.notices.notice.level == "warn")
    assert editor.entering
    assert clinic.queries.case("P0001").visits[2] == other
    qtbot.waitUntil(editor.differences.isVisible)
    assert editor.differences.toPlainText().splitlines() == [
        "Insomnia: theirs 4 / yours 0",
        "Outcome: theirs effective / yours not recorded",
        "Note: theirs 家人代诉 / yours not recorded",
    ]
    assert "Somebody changed this visit meanwhile" in editor.state.text()
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not editor.entering)
    after = clinic.queries.case("P0001").visits[2]
    assert (after.outcome, after.text, after.observations[0].number) == ("", "", 0.0)


def test_a_third_change_after_the_differences_were_shown_is_told_again(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    window.visits.close()
    window.visits.correct_visit(3)
    answer_all(editor)
    change_meanwhile(window, 3, outcome="有效")
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "theirs effective" in editor.differences.toPlainText())
    other = change_meanwhile(window, 3, outcome="无效")
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "theirs no effect" in editor.differences.toPlainText())
    assert clinic_of(window).queries.case("P0001").visits[2] == other


def test_a_refused_save_is_a_draft_that_meets_the_conflict_again(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    window.visits.close()
    window.visits.correct_visit(3)
    change_meanwhile(window, 3, outcome="有效")
    editor.note.setPlainText("夜寐 6 小时")
    answer_all(editor)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(editor.differences.isVisible)
    qtbot.waitUntil(lambda: clinic_of(window).visit_drafts.get("P0001", 3) is not None)
    window.choose("P0002")
    assert editor.differences.toPlainText() == ""
    window.choose("P0001")
    window.visits.correct_visit(3)
    assert editor.note.toPlainText() == "夜寐 6 小时"
    assert not editor.differences.isVisible()
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(editor.differences.isVisible)
    assert "Note: theirs not recorded / yours 夜寐 6 小时" in editor.differences.toPlainText()


def test_a_save_refused_after_another_patient_was_chosen_is_a_draft(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, gate = clinic_of(window), threading.Event()

    def refuse(*_: object) -> int:
        assert gate.wait(10)
        raise KnownError("The disk is full.")

    monkeypatch.setattr(clinic.visits, "add_visit", refuse)
    editor.note.setPlainText("夜寐 6 小时")
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    window.choose("P0002")
    assert editor.isHidden()
    gate.set()
    qtbot.waitUntil(lambda: (clinic.visit_drafts.get("P0001") or {}).get("note") == "夜寐 6 小时")
    assert window.notices.notice is not None
    assert "The disk is full" in window.notices.notice.text


def test_a_correction_changes_what_was_changed_alone(window: MainWindow, editor: VisitEditor, qtbot: QtBot) -> None:
    window.visits.close()
    before = clinic_of(window).queries.case("P0001").visits[1]
    window.visits.correct_visit(2)
    assert "Visit 2" in editor.title.text()
    editor.syndrome.setText("心肾不交")
    answer_all(editor)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: clinic_of(window).queries.case("P0001").visits[1] != before)
    after = clinic_of(window).queries.case("P0001").visits[1]
    assert dataclasses.replace(after, diagnoses=before.diagnoses) == before


def test_the_days_of_a_visit_without_a_date_are_corrected(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    window.visits.close()
    first, second, third = cases()[0].visits[:3]
    course = tuple(
        dataclasses.replace(one, date=None, basis=DateBasis.RELATIVE, day=day, prescriptions=())
        for one, day in ((first, 0.0), (second, 7.5), (third, 14.0))
    )
    clinic_of(window).imports.commit([Case(Patient("U0001", "无日期"), course)], files=[], report_json="{}")
    qtbot.waitUntil(lambda: window.patients.model.row_of("U0001") >= 0)
    window.choose("U0001")
    window.visits.correct_visit(2)
    assert editor.days.isVisible()
    assert not editor.date.isVisible()
    assert editor.form().days_after == 7.5
    editor.days.setValue(15.0)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    assert "Visit 3 is 14 days after" in editor.fault.text()
    assert editor.days.hasFocus()
    editor.days.setValue(9.0)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not editor.entering)
    assert [one.day for one in clinic_of(window).queries.case("U0001").visits] == [0.0, 9.0, 14.0]


def test_a_lock_keeps_the_draft_and_leaves_no_word_on_screen(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.note.setPlainText("夜寐 6 小时")
    window.session.lock()
    assert editor.isHidden()
    assert (editor.note.toPlainText(), editor.case, editor.scores.rows) == ("", None, [])
    assert (editor.formula.line.text(), editor.formula.table.rows(), editor.formula.reasons()) == ("", [], {})
    assert editor.pulse.pulses() == {}
    assert not any("P0001" in text or "酸枣仁" in text for text in texts(editor))


def test_the_prescription_goes_to_paper_with_its_signature(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    window.visits.print_wanted.emit("P0001", 7)
    qtbot.waitUntil(lambda: "prescription" in window.dialogs)
    window.session.lock()
    qtbot.waitUntil(lambda: "prescription" not in window.dialogs)
