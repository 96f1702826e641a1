"""The lock: nothing of a record stays on screen or in a widget, no worker and no key; and everything comes back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QCoreApplication, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.jobs.events import Progress
from app.store.clinic import Clinic, Credentials
from app.store.engine import LockedError
from app.store.observer import Change, ChangeKind
from app.store.roles import Role
from app.ui.entry import Face
from app.ui.idle import NOTICE, IdleWatch
from app.ui.pages.settings_dialog import SettingsDialog
from app.ui.pages.train_dialog import TrainDialog
from app.ui.settings import LOCK_AFTER, NEVER, Settings
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow, settle
from tests.ui.people import PASSPHRASE

pytestmark = pytest.mark.promise("R18")

OTHER = "another passphrase"


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.fill_encrypted(tmp_path_factory.mktemp("sealed") / "clinic.db").parent


@pytest.fixture
def sealed(open_window: OpenWindow, sealed_once: Path, tmp_path: Path) -> MainWindow:
    """A window on an encrypted clinic."""
    for file in sealed_once.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return open_window(tmp_path / "clinic.db", Credentials(passphrase=PASSPHRASE))


def come_back(window: MainWindow, qtbot: QtBot, passphrase: str = PASSPHRASE, user: str = "") -> None:
    gate = window.entry.gate
    if user:
        gate.user.setText(user)
    gate.passphrase.setText(passphrase)
    with qtbot.waitSignal(window.session.was_unlocked, timeout=20_000):
        gate.unlock()


def words(root: QWidget) -> str:
    """Every text any widget of the program holds, seen or not."""
    found: list[str] = [root.windowTitle()]
    for top in QApplication.topLevelWidgets():
        for widget in (top, *top.findChildren(QWidget)):
            if isinstance(widget, QLabel | QLineEdit):
                found.append(widget.text())
            elif isinstance(widget, QPlainTextEdit):
                found.append(widget.toPlainText())
            elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
                found += cells(widget.model())
            found.append(widget.accessibleName())
    return "\n".join(found)


def cells(model: QAbstractItemModel) -> list[str]:
    columns = model.columnCount() if isinstance(model, QAbstractTableModel) else 1
    return [str(model.data(model.index(r, c))) for r in range(model.rowCount()) for c in range(columns)]


def test_locked_nothing_of_a_record_is_in_any_widget(sealed: MainWindow, qtbot: QtBot) -> None:
    sealed.choose("P0001")
    sealed.records.show_history()
    sealed.records.show_imports()
    sealed.office.show_audit()
    qtbot.wait(200)
    names = [text for code, name, *_ in people.NAMES for text in (code, name)]
    assert any(name in words(sealed) for name in names)
    sealed.entry.lock()
    assert sealed.front.currentIndex() == Face.GATE
    assert [name for name in (*names, "不寐", "酸枣仁") if name in words(sealed)] == []
    assert sealed.session.case is None
    assert sealed.timeline.view.sheet is None
    assert not any(top.isVisible() for top in QApplication.topLevelWidgets() if top is not sealed and top.isWindow())


def test_locked_there_is_no_key_and_no_worker_with_one(sealed: MainWindow) -> None:
    service = sealed.forecaster._service
    assert isinstance(service, people.FakeService)
    clinic = sealed.session.clinic
    assert clinic is not None
    sealed.entry.lock()
    assert service.closed
    assert clinic.locked
    assert clinic._database.key is None  # type: ignore[attr-defined]
    assert sealed.session.order() == {}
    with pytest.raises(LockedError):
        clinic.queries.counts()


def test_unlocked_the_same_patient_and_page_come_back(sealed: MainWindow, qtbot: QtBot) -> None:
    sealed.choose("P0004")
    sealed.show_models()
    QTest.keyClick(sealed, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert sealed.session.locked
    come_back(sealed, qtbot)
    assert sealed.front.currentIndex() == Face.WORK
    assert sealed.session.case is not None
    assert sealed.session.case.patient.code == "P0004"
    assert sealed.patients.current() == "P0004"
    assert sealed.pages.currentWidget() is sealed.training
    assert sealed.patients.model.rowCount() == len(people.NAMES)
    assert sealed.forecaster._service is not None


def test_a_wrong_passphrase_lets_nobody_in(sealed: MainWindow, qtbot: QtBot) -> None:
    sealed.entry.lock()
    gate = sealed.entry.gate
    gate.passphrase.setText("nothing of the kind")
    gate.unlock()
    qtbot.waitUntil(lambda: "wrong" in gate.trouble.text())
    assert sealed.front.currentIndex() == Face.GATE
    assert sealed.session.locked
    assert sealed.session.clinic is not None
    assert sealed.session.clinic.locked


def test_what_others_commit_while_it_is_locked_is_shown_only_afterwards(sealed: MainWindow, qtbot: QtBot) -> None:
    sealed.entry.lock()
    sealed.session.committed.emit(Change(ChangeKind.ELSEWHERE, ("P0001",)))
    qtbot.wait(20)
    assert sealed.patients.model.rowCount() == 0


def test_what_was_typed_into_an_open_dialogue_is_kept(sealed: MainWindow, qtbot: QtBot) -> None:
    sealed.chores.show_training()
    dialog = cast(TrainDialog, sealed.chores.dialog("train"))
    dialog.name.setText("不寐-夜")
    sealed.entry.lock()
    assert not dialog.isVisible()
    come_back(sealed, qtbot)
    assert dialog.isVisible()
    assert dialog.name.text() == "不寐-夜"


def test_training_ends_with_the_lock_and_goes_on_afterwards(
    sealed: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    sealed.chores.show_training()
    dialog = cast(TrainDialog, sealed.chores.dialog("train"))
    dialog.start()
    job = workshop.job
    job.say(Progress(3, 20, "Training"))
    sealed.entry.lock()
    assert job.closed
    come_back(sealed, qtbot)
    assert workshop.job is not job
    assert workshop.job.kwargs["resume"]
    assert workshop.job.kwargs["name"] == job.kwargs["name"]
    assert workshop.job.kwargs["access"]["key"] is not None


def test_an_import_under_way_ends_with_the_lock(sealed: MainWindow, workshop: people.Workshop, tmp_path: Path) -> None:
    sealed.chores.import_files([str(tmp_path / "a.csv")])
    job = workshop.job
    sealed.entry.lock()
    assert job.closed
    assert sealed.chores.dialog("import") is not None


def test_another_person_finds_neither_the_patient_nor_the_dialogues_of_the_first(
    open_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = people.fill(tmp_path / "clinic.db")
    with Clinic.open(path) as clinic:
        clinic.accounts.add("王主任", [Role.ADMINISTRATOR, Role.CLINICIAN], PASSPHRASE)
        clinic.accounts.add("李医师", [Role.CLINICIAN], OTHER)
    window = open_window(path, Credentials(passphrase=PASSPHRASE, user="王主任"))
    window.choose("P0004")
    window.office.show_users()
    assert window.actions_table["users"].isVisible()
    window.entry.lock()
    assert window.entry.gate.user.text() == "王主任"
    come_back(window, qtbot, OTHER, "李医师")
    assert "users" not in window.dialogs
    assert not window.actions_table["users"].isVisible()
    assert window.session.case is not None
    assert window.session.case.patient.code != "P0004"  # the first of the list, as at opening


def test_a_clinic_without_a_passphrase_is_only_hidden(window: MainWindow, qtbot: QtBot) -> None:
    assert not window.idle.watch.watching
    window.entry.lock()
    gate = window.entry.gate
    assert gate.go.isEnabled()
    assert not gate.passphrase.isVisible()
    with qtbot.waitSignal(window.session.was_unlocked):
        gate.unlock()
    assert window.session.case is not None


def test_a_lock_that_cannot_be_written_down_yet_is_tried_again(
    sealed: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = sealed.session.clinic
    assert clinic is not None
    real, refusals = clinic.audit.note, [LockedError("The clinic is locked. Unlock it with the passphrase.")]

    def refuse(*args: object, **kwargs: object) -> None:
        if refusals:
            raise refusals.pop()
        real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(clinic.audit, "note", refuse)
    sealed.entry.lock()
    assert sealed.patients.model.rowCount() == 0
    qtbot.waitUntil(lambda: clinic.locked)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def idle(qapp: QApplication, clock: Clock) -> IdleWatch:
    watch = IdleWatch(qapp, clock=clock)
    watch.set_limit(600.0)
    watch.watch(True)
    return watch


def test_it_locks_within_a_second_of_the_limit_by_the_clock(idle: IdleWatch, clock: Clock, qtbot: QtBot) -> None:
    expired: list[float] = []
    idle.expired.connect(lambda: expired.append(clock.now))
    for _ in range(2410):
        clock.now += 0.25
        idle.check()
    assert expired == [1600.0]


def test_a_minute_before_it_is_told_once(idle: IdleWatch, clock: Clock) -> None:
    told: list[float] = []
    idle.soon.connect(lambda: told.append(clock.now))
    for _ in range(595):
        clock.now += 1
        idle.check()
    assert told == [1600.0 - NOTICE]


def test_a_touch_begins_the_count_anew(idle: IdleWatch, clock: Clock, qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    qtbot.waitExposed(field)
    expired: list[float] = []
    idle.expired.connect(lambda: expired.append(clock.now))
    touches = (
        lambda: QTest.keyClick(field, Qt.Key.Key_A),
        lambda: QTest.mouseMove(field.windowHandle(), QPoint(3, 3)),
        lambda: QTest.mouseClick(field, Qt.MouseButton.LeftButton),
    )
    for touch in touches:
        clock.now += 597
        touch()
        QCoreApplication.processEvents()
        clock.now += 2
        idle.check()
    assert expired == []
    clock.now += 600
    idle.check()
    assert len(expired) == 1


def test_the_hand_that_wakes_a_sleeping_computer_comes_too_late(idle: IdleWatch, clock: Clock, qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    qtbot.waitExposed(field)
    clock.now += 3600
    with qtbot.waitSignal(idle.expired):
        QTest.keyClick(field, Qt.Key.Key_A)


def test_never_means_never_and_is_warned_of(sealed: MainWindow) -> None:
    assert sealed.settings.lock_after == "10"
    assert sealed.idle.watch.watching
    sealed.idle.show_settings()
    dialog = cast(SettingsDialog, sealed.dialogs["settings"])
    dialog.lock_after.setCurrentIndex(LOCK_AFTER.index(NEVER))
    dialog.lock_after.activated.emit(LOCK_AFTER.index(NEVER))
    assert "Whoever comes" in dialog.note.text()
    assert sealed.settings.lock_after == NEVER
    assert not sealed.idle.watch.watching


def test_left_alone_the_window_locks_within_a_second_of_the_limit(sealed: MainWindow, qtbot: QtBot) -> None:
    limit = 1.5
    sealed.idle.watch.set_limit(limit)
    began = time.monotonic()
    qtbot.waitUntil(lambda: sealed.session.clinic is not None and sealed.session.clinic.locked, timeout=5000)
    assert limit - 0.05 <= time.monotonic() - began <= limit + 1.0
    assert sealed.front.currentIndex() == Face.GATE


def test_with_real_workers_the_key_is_gone_within_a_second(sealed_once: Path, tmp_path: Path, qtbot: QtBot) -> None:
    """A forecast service that has just begun, and a course of patients seen that is still to be written down."""
    for file in sealed_once.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    window = MainWindow(Settings(language="en", scheme="light"))
    window.session.open(tmp_path / "clinic.db", Credentials(passphrase=PASSPHRASE))
    window.show()
    for _ in range(5):
        window.next_patient()
    began = time.monotonic()
    window.entry.lock()
    assert window.session.clinic is not None
    assert window.session.clinic.locked
    assert time.monotonic() - began < 1.0
    window.close()
    settle()


def test_one_dialogue_that_fails_at_the_lock_leaves_no_other_on_screen(
    sealed: MainWindow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sealed.records.show_imports()
    sealed.records.show_history()
    first, second = sealed.dialogs["imports"], sealed.dialogs["history"]
    assert first is not None and second is not None and first.isVisible() and second.isVisible()

    def fails() -> None:
        raise MemoryError

    monkeypatch.setattr(first, "seal", fails)
    sealed.entry.lock()
    assert not first.isVisible() and not second.isVisible()
    assert sealed.session.clinic is not None and sealed.session.clinic.locked
    assert "could not be sealed" in caplog.text
