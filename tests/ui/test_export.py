"""Exporting from the window: without names unless they are wished for, and nothing half is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.importing.exported import read_exported
from app.jobs import worker
from app.jobs.events import Cancelled, Failed, Finished, Progress
from app.store.clinic import Credentials
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.export_dialog import ExportDialog
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow, settle
from tests.ui.people import PASSPHRASE
from tests.ui.seen import clinic_of
from tests.ui.test_lock import come_back, words


@pytest.fixture
def dialog(window: MainWindow, tmp_path: Path) -> ExportDialog:
    """Of the filled clinic, to a place of the test's own."""
    window.chores.show_export()
    made = cast(ExportDialog, window.dialogs["export"])
    made.choice.place.setText(str(tmp_path / "out"))
    return made


@pytest.fixture
def real(window: MainWindow, tmp_path: Path) -> Iterator[ExportDialog]:
    """With workers that do work."""
    made = ExportDialog(window.session, worker.start, window)
    window.dialogs.keep("export", made)
    made.choice.place.setText(str(tmp_path / "out"))
    yield made
    if shiboken6.isValid(made):
        made.end()
    settle()


def begun(dialog: ExportDialog, workshop: people.Workshop, qtbot: QtBot) -> people.FakeJob:
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.running)
    return workshop.job


def test_by_itself_it_asks_for_tables_without_names(
    dialog: ExportDialog, workshop: people.Workshop, qtbot: QtBot, tmp_path: Path
) -> None:
    assert "may still name someone" in dialog.choice.warning.text()
    job = begun(dialog, workshop, qtbot)
    assert job.target == "app.jobs.exporting:export"
    order = dialog._session.order()
    assert job.kwargs == {**order, "out": str(tmp_path / "out"), "form": "csv", "identified": False}
    assert not dialog.choice.isEnabled()


def test_names_go_out_when_they_are_wished_for_and_that_is_warned_of(
    dialog: ExportDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    dialog.choice.identified.setChecked(True)
    assert "as safe as the records" in dialog.choice.warning.text()
    assert begun(dialog, workshop, qtbot).kwargs["identified"]


def test_the_name_of_the_file_follows_the_form(dialog: ExportDialog, tmp_path: Path) -> None:
    names = []
    for form in ("json", "fhir", "csv"):
        dialog.choice.forms[form].click()
        names.append(dialog.choice.out())
    assert names == [tmp_path / "out.json", tmp_path / "out.fhir.json", tmp_path / "out"]
    dialog.choice.place.setText("out")
    assert dialog.choice.out() == Path.home() / "out"
    dialog.choice.place.setText("~/out")
    assert dialog.choice.out() == Path.home() / "out"
    dialog.choice.place.setText(" ")
    assert not dialog.go.isEnabled()


def test_what_was_exported_with_names_comes_back_equal(
    real: ExportDialog, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    real.choice.forms["json"].click()
    real.choice.identified.setChecked(True)
    with qtbot.waitSignal(real.written, timeout=60_000) as told:
        real.go.click()
    assert told.args == [str(tmp_path / "out.json")]
    assert "8 patients" in real.told.text()
    assert list(read_exported(tmp_path / "out.json")) == list(clinic_of(window).queries.cases())
    assert clinic_of(window).audit.entries(action="export")[0].detail["identified"]


def test_what_was_exported_without_names_names_nobody(real: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(real.written, timeout=60_000):
        real.go.click()
    content = "".join(file.read_text(encoding="utf-8-sig") for file in (tmp_path / "out").iterdir())
    assert [text for code, name, *_ in people.NAMES for text in (code, name) if text in content] == []
    assert len(list(read_exported(tmp_path / "out"))) == len(people.NAMES)


def test_the_window_tells_where_it_was_written(
    dialog: ExportDialog, window: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    job = begun(dialog, workshop, qtbot)
    job.say(Progress(50, 120, "Exporting patients"))
    qtbot.waitUntil(lambda: dialog.told.text() == "Exporting patients")
    assert (dialog.bar.value(), dialog.bar.maximum()) == (50, 120)
    job.say(Finished({"path": "/tmp/out", "patients": 1200}))
    qtbot.waitUntil(lambda: not dialog.running)
    assert "/tmp/out" in window.notices._text.text()
    assert "1,200 patients" in dialog.told.text()
    assert dialog.leave.text() == "Close"
    assert job.closed


def test_stopping_keeps_the_dialogue_and_says_that_nothing_was_written(
    dialog: ExportDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    job = begun(dialog, workshop, qtbot)
    assert dialog.leave.text() == "Stop"
    dialog.leave.click()
    assert job.cancelled
    assert not dialog.leave.isEnabled()
    job.say(Cancelled({}))
    qtbot.waitUntil(lambda: "nothing was written" in dialog.told.text())
    assert dialog.isVisible()
    assert dialog.go.isEnabled()


def test_closing_it_stops_the_export_first(dialog: ExportDialog, workshop: people.Workshop, qtbot: QtBot) -> None:
    job = begun(dialog, workshop, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert job.cancelled
    assert dialog.isVisible()
    job.say(Cancelled({}))
    with qtbot.waitSignal(dialog.destroyed):
        pass


def test_a_refusal_is_told_in_place_and_a_bug_in_the_window(
    dialog: ExportDialog, window: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    begun(dialog, workshop, qtbot).say(Failed("/tmp/out is there already.", is_known=True))
    qtbot.waitUntil(lambda: "there already" in dialog.trouble.text())
    assert window.notices.notice is None
    begun(dialog, workshop, qtbot).say(Failed("ValueError: 7", detail="traceback"))
    qtbot.waitUntil(lambda: window.notices.notice is not None)
    assert dialog.go.isEnabled()


def test_a_real_refusal_comes_from_the_worker(real: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "dear.txt").write_text("dear", encoding="utf-8")
    real.go.click()
    qtbot.waitUntil(real.trouble.isVisible, timeout=60_000)
    assert "nothing was written over" in real.trouble.text()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["dear.txt"]


def test_writing_over_a_file_is_asked_about(
    dialog: ExportDialog, workshop: people.Workshop, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.choice.forms["json"].click()
    (tmp_path / "out.json").write_text("dear", encoding="utf-8")
    dialog.go.click()

    def questions() -> list[ConfirmDialog]:
        found = (w for w in QApplication.topLevelWidgets() if isinstance(w, ConfirmDialog))
        return [question for question in found if question.isVisible()]

    qtbot.waitUntil(lambda: bool(questions()))
    questions()[0].leave.click()
    assert not dialog.running
    dialog.go.click()
    qtbot.waitUntil(lambda: bool(questions()))
    questions()[0].go.click()
    assert dialog.running


def test_the_lock_ends_the_export_and_nothing_is_left(
    sealed: tuple[MainWindow, ExportDialog], workshop: people.Workshop, qtbot: QtBot, tmp_path: Path
) -> None:
    window, dialog = sealed
    dialog.choice.place.setText(str(tmp_path / "out" / "cases"))
    (tmp_path / "out").mkdir()
    job = begun(dialog, workshop, qtbot)
    half = tmp_path / "out" / ".cases-a1b2c3d4"  # as a worker leaves it that is ended at once
    half.mkdir()
    (half / "patients.csv").write_text("陈素云", encoding="utf-8")
    window.entry.lock()
    assert job.closed
    assert not dialog.isVisible()
    assert [name for _, name, *_ in people.NAMES if name in words(window)] == []
    qtbot.waitUntil(lambda: not half.exists())
    assert list((tmp_path / "out").iterdir()) == []
    come_back(window, qtbot)
    assert dialog.isVisible()
    assert "Ended by the lock" in dialog.trouble.text()
    assert dialog.choice.out() == tmp_path / "out" / "cases"
    assert dialog.go.isEnabled()


@pytest.fixture
def sealed(open_window: OpenWindow, tmp_path: Path) -> tuple[MainWindow, ExportDialog]:
    """On an encrypted clinic."""
    path = people.fill_encrypted(tmp_path / "clinic.db")
    window = open_window(path, Credentials(passphrase=PASSPHRASE))
    window.chores.show_export()
    return window, cast(ExportDialog, window.dialogs["export"])


def test_a_real_export_ended_by_the_lock_leaves_nothing(
    sealed: tuple[MainWindow, ExportDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    window, _ = sealed
    dialog = ExportDialog(window.session, worker.start, window)
    window.dialogs.keep("export", dialog)
    (tmp_path / "out").mkdir()
    dialog.choice.place.setText(str(tmp_path / "out" / "cases"))
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.running)
    window.entry.lock()
    window.session.errands.wait()
    assert not dialog.running
    assert list((tmp_path / "out").iterdir()) == []
    come_back(window, qtbot)
    with qtbot.waitSignal(dialog.written, timeout=60_000):  # and it can be done again
        dialog.go.click()


def test_another_clinic_closes_it_when_it_is_done(
    dialog: ExportDialog, window: MainWindow, workshop: people.Workshop, qtbot: QtBot, tmp_path: Path
) -> None:
    job = begun(dialog, workshop, qtbot)
    window.session.open(people.fill(tmp_path / "other.db"))
    assert dialog.running
    job.say(Finished({"path": "/tmp/out", "patients": 8}))
    with qtbot.waitSignal(dialog.destroyed):
        pass
    window.chores.show_export()
    assert "other" in cast(ExportDialog, window.dialogs["export"]).title.text()
    window.session.open(people.fill(tmp_path / "third.db"))
    assert "export" not in window.dialogs


def test_the_window_ends_it_when_it_closes(
    dialog: ExportDialog, window: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    job = begun(dialog, workshop, qtbot)
    window.close()
    assert job.closed


def test_names_are_offered_only_to_whoever_may_take_them_out(open_window: OpenWindow, tmp_path: Path) -> None:
    path = people.fill(tmp_path / "clinic.db")
    people.staff(path)
    offered = {}
    for name in people.STAFF:
        window = open_window(path, Credentials(user=name, passphrase=PASSPHRASE))
        offered[name] = window.actions_table["export"].isVisible()
        if offered[name]:
            window.chores.show_export()
            dialog = cast(ExportDialog, window.dialogs["export"])
            assert dialog.choice.identified.isVisible() == (name == "李医师")
        window.close()
    assert offered == {"王主任": False, "李医师": True, "赵研究": True}
