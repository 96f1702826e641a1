"""A follow-up visit is entered with the keyboard: scores, pulse, tongue, pictures, formula."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.records import Position, Side, ValueKind
from app.ui.editor.editor import VisitEditor
from app.ui.editor.photo_strip import LONGEST, read_picture
from app.ui.pages.tongue_pictures import TonguePictures
from app.ui.window import MainWindow
from tests.ui.editing import CTRL, Keyboard, clinic_of, drop, open_editor, saved
from tests.ui.keyboard import write


@pytest.fixture
def editor(window: MainWindow, qtbot: QtBot) -> VisitEditor:
    return open_editor(window, qtbot)


def test_a_follow_up_takes_few_keys_beyond_its_values(window: MainWindow, editor: VisitEditor, qtbot: QtBot) -> None:
    keys = Keyboard(window)
    keys.leading = 1  # F2, by which the editor was opened
    keys.value("200")  # three scores, each goes on to the next row
    keys.value("fl")  # a further symptom by its initials
    keys.press(Qt.Key.Key_Return)
    keys.value("2")
    keys.press(Qt.Key.Key_F6)
    assert editor.pulse.line.hasFocus()
    keys.press(Qt.Key.Key_A, CTRL)
    keys.value("弦滑")
    keys.press(Qt.Key.Key_Return)
    assert editor.formula.line.hasFocus()
    keys.value(" 加百合12")
    keys.press(Qt.Key.Key_S, CTRL)
    visit = saved(window, qtbot)
    assert keys.leading <= 45
    scores = {one.concept: one.number for one in visit.observations if one.kind is ValueKind.SCORE}
    assert [scores[name] for name in ("sym.insomnia", "sym.palpitation", "sym.hypochondriac_pain")] == [2, 0, 0]
    assert len(scores) == 4
    assert {one.raw for one in visit.pulses} == {"弦滑"}
    assert ("百合", 12.0) in [(one.raw_name, one.grams) for one in visit.prescriptions[0].items]
    assert visit.date == dt.date.today()


def test_a_picture_never_goes_to_another_patient(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = QImage(30, 20, QImage.Format.Format_RGB32)
    image.save(str(tmp_path / "a.png"))
    gate = threading.Event()

    def slowly(path: Path):
        assert gate.wait(10)
        return read_picture(path)

    monkeypatch.setattr("app.ui.editor.photo_strip.read_picture", slowly)
    drop(editor, tmp_path / "a.png")
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    assert "still being read" in editor.fault.text()
    window.choose("P0003")
    window.visits.new_visit()
    gate.set()
    window.session.errands.wait()
    QApplication.processEvents()
    assert editor.photos.photos == []


def test_a_pulse_that_differs_by_hand_goes_on_as_it_was(window: MainWindow, editor: VisitEditor, qtbot: QtBot) -> None:
    board = editor.pulse
    given = {(Side.LEFT, Position.WHOLE): "弦细", (Side.RIGHT, Position.WHOLE): "滑数"}
    board.show_pulses(given)
    assert board.line.text() == "左弦细 右滑数"
    assert board.pulses() == given
    board.enter()
    QTest.keyClick(board.line, Qt.Key.Key_End)
    QTest.keyClick(board.line, Qt.Key.Key_Backspace)
    assert board.pulses() == given | {(Side.RIGHT, Position.WHOLE): "滑"}


def test_a_fault_is_told_where_it_is_and_nothing_is_saved(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.formula.line.setText("原方 加蓝精草10")
    editor.formula.line.textEdited.emit("原方 加蓝精草10")
    assert "蓝精草" in editor.formula.remark.text()
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    assert "蓝精草" in editor.fault.text()
    assert editor.formula.line.hasFocus()
    assert editor.entering
    assert len(clinic_of(window).queries.case("P0001").visits) == 7


def test_an_incompatible_pair_is_marked_at_once_and_wants_a_reason(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.formula.enter()
    write(editor.formula.line, " 加半夏9 附子6")
    marks = {name: (remark, warns) for name, remark, _, warns in editor.formula.table.rows()}
    assert any(warns and "clashes" in remark for remark, warns in marks.values())
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    assert editor.entering
    keys = Keyboard(window)
    while editor.formula.unanswered():
        keys.value("small dose")
        keys.press(Qt.Key.Key_S, CTRL)
    saved(window, qtbot)
    (signed, *_) = [one for one in clinic_of(window).signatures.list("P0001") if one.rule == "incompatible"]
    assert (signed.visit, signed.reason) == (8, "small dose")


def test_the_pulse_is_given_by_position_or_in_words(editor: VisitEditor) -> None:
    board = editor.pulse
    place = (Side.LEFT, Position.GUAN)
    QTest.mouseClick(board.map, Qt.MouseButton.LeftButton, pos=board.map.cell(place).center().toPoint())
    board.line.setFocus()
    board.line.selectAll()
    write(board.line, "沉弱")
    assert board.pulses()[place] == "沉弱"
    assert board.pulses()[Side.RIGHT, Position.GUAN] == "弦细"
    write(board.line, "蓝")
    assert board.map.faulty == {place}


def test_of_one_group_the_tongue_shows_one_sign(editor: VisitEditor) -> None:
    tiles = {tile.concept.code: tile for tile in editor.tongue.tiles()}
    tiles["ton.body_pale"].click()
    tiles["ton.coat_white"].click()
    tiles["ton.coat_thin"].click()
    assert set(editor.tongue.signs()) == {"ton.body_pale", "ton.coat_white", "ton.coat_thin"}
    tiles["ton.coat_yellow"].click()
    assert "ton.coat_white" not in editor.tongue.signs()


def test_a_number_that_is_no_step_is_told_and_changes_nothing(editor: VisitEditor) -> None:
    row = editor.scores.rows[2]
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_5)
    assert "5 is not a score of this scale; possible are 0, 2, 4, 6" in editor.fault.text()
    assert row.finding.value == 0.0
    assert row.finding.copied


def test_a_dropped_photo_is_stored_with_the_visit(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot, tmp_path: Path
) -> None:
    image = QImage(2 * LONGEST, LONGEST, QImage.Format.Format_RGB32)
    image.fill(QColor("#D0584F"))
    image.setText("Comment", "GPS 39.9 116.4")
    assert image.save(str(tmp_path / "舌.png"))
    drop(editor, tmp_path / "舌.png")
    qtbot.waitUntil(lambda: len(editor.photos.photos) == 1)
    QTest.keyClick(editor, Qt.Key.Key_S, CTRL)
    saved(window, qtbot)
    (kept,) = clinic_of(window).photos.list("P0001")
    content = clinic_of(window).photos.content(kept.id)
    assert kept.visit == 8
    assert b"GPS" not in content
    assert max(QImage.fromData(content).width(), QImage.fromData(content).height()) == LONGEST


def test_stored_pictures_stand_along_time_and_in_the_correction_where_one_can_go(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot, tmp_path: Path
) -> None:
    window.visits.close()
    image = QImage(30, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("#D0584F"))
    image.save(str(tmp_path / "a.jpg"))
    for number in (3, 7):
        clinic_of(window).photos.add("P0001", number, read_picture(tmp_path / "a.jpg"))
    window.visits.show_pictures()
    dialog = window.dialogs["tongue"]
    assert isinstance(dialog, TonguePictures)
    qtbot.waitUntil(lambda: [one.photo.visit for one in dialog.pictures] == [3, 7])
    dialog.close()
    window.visits.correct_visit(3)
    qtbot.waitUntil(lambda: "1 picture" in editor.photos.accessibleName())
    editor.photos.remove(0)
    qtbot.waitUntil(lambda: [one.visit for one in clinic_of(window).photos.list("P0001")] == [7])
    window.records.undo()
    qtbot.waitUntil(lambda: len(clinic_of(window).photos.list("P0001")) == 2)


def test_what_is_no_picture_is_refused_in_words(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "letter.png").write_bytes(b"%PDF-1.7")
    drop(editor, tmp_path / "letter.png")
    qtbot.waitUntil(lambda: window.notices.notice is not None and "letter.png" in window.notices.notice.text)
    assert editor.photos.photos == []


def test_a_sideways_photo_is_stored_upright(tmp_path: Path) -> None:
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    assert image.save(str(tmp_path / "a.jpg"))
    raw = (tmp_path / "a.jpg").read_bytes()
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    (tmp_path / "b.jpg").write_bytes(raw[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + raw[2:])
    turned = QImage.fromData(read_picture(tmp_path / "b.jpg").content)
    assert (turned.width(), turned.height()) == (20, 40)
    assert b"Exif" not in read_picture(tmp_path / "b.jpg").content


def test_tab_goes_down_the_form(window: MainWindow, editor: VisitEditor) -> None:
    rows = editor.scores.rows
    for row in rows[1:]:
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert row.hasFocus()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert editor.symptom.hasFocus()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert editor.pulse.line.hasFocus()


def test_the_editor_speaks_the_other_language_with_what_was_typed(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.scores.rows[0].choose(4.0)
    window.appearance.chinese()
    qtbot.waitUntil(lambda: "第 8 诊" in editor.title.text())
    assert editor.scores.rows[0].finding.value == 4.0
    window.appearance.english()


def test_who_may_not_write_gets_no_editor(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window.session, "may", lambda permission: False)
    window.visits.new_visit()
    assert window.visits.editor.isHidden()
