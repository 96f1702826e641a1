"""Training and import from the window, with workers whose words the tests choose."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.importing.roles import Role
from app.jobs.events import Cancelled, Failed, Finished, Progress
from app.jobs.importing import preview
from app.ui.notifications import Hooks, Level, Notice, NoticeBar
from app.ui.pages.import_dialog import ImportDialog
from app.ui.pages.train_dialog import TrainDialog
from app.ui.report_writer import ReportWriter
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import settle

WIDE = "病历号,姓名,日期,失眠,心悸\nA1,钱一,2024-01-02,4,2\nA1,钱一,2024-01-16,2,0\nA2,孙二,2024-02-01,6,4\n"
REPORT: dict[str, Any] = {
    "rows_read": 10,
    "rows_accepted": 9,
    "rows_refused": 1,
    "patients": 3,
    "visits": 9,
    "visits_with_symptom": 9,
    "pulse_terms_total": 20,
    "pulse_terms_coded": 19,
    "herb_items_total": 0,
    "herb_items_mapped": 0,
    "committed": True,
    "refused": [{"file": "a.csv", "row": 4, "column": "失眠", "value": "<b>9</b>", "reason": "not a score"}],
    "normalised": [],
}


def order() -> dict[str, Any]:
    return {"db": "clinic.db", "access": None}


def epoch(number: int, train: float, validation: float, member: int = 0) -> Progress:
    figures = {"epoch": number, "train_loss": train, "validation_loss": validation, "best": validation}
    return Progress(20 * member + number, 100, "Training", {**figures, "member": member})


@pytest.fixture
def training(qapp: QApplication, workshop: people.Workshop) -> Iterator[TrainDialog]:
    dialog = TrainDialog(order, workshop.start, cases=8)
    dialog.show()
    yield dialog
    if shiboken6.isValid(dialog):
        dialog.end()
    settle()


def test_training_starts_a_worker_with_what_was_typed(training: TrainDialog, workshop: people.Workshop) -> None:
    training.name.setText("不寐-LTC")
    training.epochs.setValue(20)
    training.seed.setValue(3)
    training.start_button.click()
    assert workshop.job.target == "app.jobs.training:train"
    assert workshop.job.kwargs == {
        "db": "clinic.db",
        "access": None,
        "name": "不寐-LTC",
        "cell": "ltc",
        "epochs": 20,
        "seed": 3,
        "device": "auto",
    }
    assert not training.start_button.isEnabled()
    assert training.stop_button.isEnabled()


def test_the_usual_name_follows_the_cell_and_one_that_was_typed_does_not(
    training: TrainDialog, workshop: people.Workshop
) -> None:
    training.cell.setCurrentIndex(training.cell.findText("GRU-D"))
    assert training.name.text().startswith("GRU-D-2")
    training.name.setText("mine")
    training.cell.setCurrentIndex(training.cell.findText("CfC"))
    assert training.name.text() == "mine"
    training.start_button.click()
    assert workshop.job.kwargs["cell"] == "cfc"


def test_every_epoch_adds_a_point_and_the_best_is_told(
    training: TrainDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    training.start()
    workshop.job.say(epoch(1, 1.0, 0.9), epoch(2, 0.8, 0.7), epoch(3, 0.7, 0.75))
    qtbot.waitUntil(lambda: len(training.plot) == 3)
    assert "best 0.700 at epoch 2" in training.status.text()
    assert training.bar.value() == 3


def test_each_network_has_its_own_curve_and_its_own_best(
    training: TrainDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    training.start()
    workshop.job.say(epoch(1, 1.0, 0.9), epoch(2, 0.8, 0.5), epoch(1, 1.0, 0.8, member=1), epoch(2, 0.9, 0.7, member=1))
    qtbot.waitUntil(lambda: len(training.plot) == 4)
    assert "best 0.700 at epoch 2" in training.status.text()  # the losses of other patients are no measure of it
    assert training.bar.value() == 22
    curve = training.plot.listDataItems()[0].getData()[0]
    assert np.isnan(curve[2]) and len(curve) == 5


def test_the_end_of_training_tells_the_window_which_model_is_new(
    training: TrainDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    training.start()
    workshop.job.say(epoch(1, 1.0, 0.9), Finished({"name": "demo"}))
    with qtbot.waitSignal(training.trained) as told:
        pass
    assert told.args == ["demo"]
    assert workshop.job.closed
    assert training.start_button.isEnabled()


def test_stopping_asks_the_worker_and_keeps_the_best_so_far(
    training: TrainDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    training.start()
    training.stop_button.click()
    assert workshop.job.cancelled
    assert training.running
    workshop.job.say(Cancelled({"name": "half"}))
    with qtbot.waitSignal(training.trained) as told:
        pass
    assert told.args == ["half"]
    assert "best so far is saved" in training.status.text()


def test_closing_while_it_learns_stops_it_and_waits_out_of_sight(
    training: TrainDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    training.start()
    training.close()
    assert not training.isVisible()
    assert workshop.job.cancelled
    workshop.job.say(Cancelled({"name": "half"}))
    with qtbot.waitSignal(training.destroyed):
        pass


def test_escape_while_it_learns_does_the_same(training: TrainDialog, workshop: people.Workshop) -> None:
    training.start()
    QTest.keyClick(training, Qt.Key.Key_Escape)
    assert workshop.job.cancelled
    assert training.running


def test_a_refusal_of_the_worker_is_shown_in_the_dialogue(
    training: TrainDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    training.start()
    workshop.job.say(Failed("There is nothing to learn from.", is_known=True))
    qtbot.waitUntil(lambda: "nothing to learn" in training.status.text())
    assert training.start_button.isEnabled()


def test_a_model_needs_a_name(training: TrainDialog, workshop: people.Workshop) -> None:
    training.name.clear()
    training.start()
    assert workshop.jobs == []
    assert "name" in training.status.text()


def test_a_worker_that_dies_without_a_word_is_noticed(
    training: TrainDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    training.start()
    workshop.job.alive = False
    qtbot.waitUntil(lambda: not training.running, timeout=3000)
    assert "without a word" in training.status.text()


class Ear:
    """Stands in for a reporter where the test calls a job's function itself."""

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None: ...

    def cancelled(self) -> bool:
        return False


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(WIDE, encoding="gb18030")
    return path


@pytest.fixture
def importing(qtbot: QtBot, workshop: people.Workshop, table: Path) -> Iterator[ImportDialog]:
    """An import dialogue that has looked into the table."""
    dialog = ImportDialog(order, [str(table)], workshop.start)
    dialog.show()
    workshop.job.say(Finished(preview(Ear(), file=str(table))))  # pyright: ignore[reportArgumentType]
    qtbot.waitUntil(lambda: dialog.go.isEnabled())
    yield dialog
    if shiboken6.isValid(dialog):
        dialog.end()
    settle()


def test_the_preview_shows_encoding_and_what_each_column_is_taken_for(importing: ImportDialog) -> None:
    assert "GB18030" in importing.preview.encoding.currentText().upper()
    columns = importing.preview.mapping()["columns"]
    assert columns["病历号"] == Role.PATIENT
    assert columns["失眠"] == Role.OBSERVATION
    item = importing.preview.table.item(1, 1)
    assert item is not None
    assert item.text() == "钱一"


def test_a_column_changed_in_the_preview_goes_into_the_import(
    importing: ImportDialog, workshop: people.Workshop
) -> None:
    box = importing.preview._role_box(4)
    box.setCurrentIndex(box.findData(Role.IGNORE.value))
    importing.go.click()
    assert workshop.job.target == "app.jobs.importing:import_files"
    assert workshop.job.kwargs["mapping"]["columns"]["心悸"] == Role.IGNORE
    assert workshop.job.kwargs["kind"] == "wide"


def test_a_mapping_without_a_patient_is_refused_where_it_stands(
    importing: ImportDialog, workshop: people.Workshop
) -> None:
    box = importing.preview._role_box(0)
    box.setCurrentIndex(box.findData(Role.IGNORE.value))
    importing.go.click()
    assert len(workshop.jobs) == 1
    assert importing.status.text()
    assert importing.go.isEnabled()


def test_the_report_of_an_import_lists_what_was_refused_and_can_be_saved(
    importing: ImportDialog, workshop: people.Workshop, qtbot: QtBot, tmp_path: Path
) -> None:
    importing.go.click()
    workshop.job.say(Progress(5, 10, "Reading"), Finished(REPORT))
    with qtbot.waitSignal(importing.imported):
        pass
    item = importing.outcome.table.item(0, 3)
    assert item is not None
    assert item.text() == "<b>9</b>"
    importing.save_report(str(tmp_path / "report.json"))
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == REPORT


def test_stopping_an_import_waits_for_the_worker_to_say_that_nothing_was_kept(
    importing: ImportDialog, workshop: people.Workshop, qtbot: QtBot
) -> None:
    importing.go.click()
    importing.close()
    assert workshop.job.cancelled
    assert importing.isVisible()
    workshop.job.say(Cancelled({}))
    with qtbot.waitSignal(importing.destroyed):
        pass


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    qtbot: QtBot, workshop: people.Workshop, tmp_path: Path
) -> None:
    dialog = ImportDialog(order, [str(tmp_path / "gone.csv")], workshop.start)
    qtbot.addWidget(dialog)
    dialog.show()
    workshop.job.say(Failed("File gone.csv cannot be read.", is_known=True))
    qtbot.waitUntil(lambda: "cannot be read" in dialog.status.text())
    assert not dialog.go.isEnabled()


def test_importing_from_the_window_refreshes_the_list(
    window: MainWindow, workshop: people.Workshop, table: Path, qtbot: QtBot
) -> None:
    window.chores.import_files([str(table)])
    dialog = window.chores.dialog("import")
    assert isinstance(dialog, ImportDialog)
    with qtbot.waitSignal(window.session.changed):
        dialog.imported.emit(REPORT)
    assert "3 patients and 9 visits" in window.notices._text.text()


def test_the_demo_is_made_by_a_worker_and_opened_when_ready(
    window: MainWindow, workshop: people.Workshop, qtbot: QtBot, tmp_path: Path
) -> None:
    other = people.fill(tmp_path / "demo.db")
    window.chores.make_demo()
    assert workshop.job.target == "app.jobs.demo:prepare"
    assert window.notices.isVisible()
    workshop.job.say(Progress(1, 4, "Simulating"), Finished({"db": str(other)}))
    qtbot.waitUntil(lambda: window.session.path == other)


OUT = "import sys; out = sys.argv[sys.argv.index('--out') + 1]"
WRITES = f"{OUT}; open(out, 'w').write(' '.join(sys.argv[1:]))"
REFUSES = "import sys; sys.stderr.write('没有这位患者'.encode().decode()); sys.exit(1)"


def test_a_report_is_written_by_another_process_in_the_language_of_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    writer = ReportWriter(command=(sys.executable, "-c", WRITES))
    out = tmp_path / "报告.pdf"
    with qtbot.waitSignal(writer.written, timeout=20_000):
        writer.write({"db": "clinic.db", "access": None}, "P0001", out, "demo")
        assert writer.running
    said = out.read_text(encoding="utf-8")
    assert "--language en report" in said
    assert "--patient P0001" in said
    assert said.endswith("--model demo")


def test_a_report_that_is_refused_gives_its_reason(qtbot: QtBot, tmp_path: Path) -> None:
    writer = ReportWriter(command=(sys.executable, "-c", REFUSES))
    with qtbot.waitSignal(writer.failed, timeout=20_000) as told:
        writer.write({"db": "clinic.db", "access": None}, "P9", tmp_path / "r.pdf")
    assert told.args == ["没有这位患者"]


def test_a_notice_is_plain_text(qtbot: QtBot) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.show_notice(Notice(Level.ERROR, "<b>torn</b> record", "Traceback: line 1"))
    assert bar._text.text() == "<b>torn</b> record"


def test_what_nobody_caught_becomes_a_notice_with_details(qtbot: QtBot) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    hooks = Hooks(bar.tell, bar)
    try:
        try:
            raise RuntimeError("a wire came loose")
        except RuntimeError as error:
            hooks._uncaught(RuntimeError, error, error.__traceback__)
    finally:
        hooks.remove()
    assert bar.notice is not None
    assert "a wire came loose" in bar.notice.text
    assert "Traceback" in bar.notice.detail


def test_an_information_goes_by_itself_and_an_error_stays(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.notifications.INFO_MS", 20)
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.info("saved")
    qtbot.waitUntil(lambda: bar.isHidden())
    bar.error("not saved")
    qtbot.wait(60)
    assert not bar.isHidden()
