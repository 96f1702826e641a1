"""The train dialogue: name, epochs, seed; start and stop; loss live. It blocks nothing and keeps the best so far."""

from __future__ import annotations

import datetime as dt
import math
import time
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.jobs.events import Failed, Progress
from app.ui import theme
from app.ui.jobs_bridge import JobBridge, Order, Starter
from app.ui.labels import SafeLabel
from app.ui.pages.loss_plot import LossPlot
from app.ui.translation import Speaking, number_text
from app.wording import CELLS

TARGET = "app.jobs.training:train"
DEVICES = ("auto", "cpu", "cuda")


class TrainDialog(Speaking, QDialog):
    """trained carries the model's name; failed a Failed event. Closing while it learns stops it (the best is kept)."""

    trained = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        order: Order,
        start: Starter,
        parent: QWidget | None = None,
        *,
        cases: int = 0,
        plot: LossPlot | None = None,
    ) -> None:
        """order: asked at each start, so that no key lies about in between; cases: of the clinic.

        plot: one to draw in, of the parent's, given back to it when the dialogue is done
        """
        super().__init__(parent)
        self._lent = plot is not None
        self.plot = plot if plot is not None else LossPlot()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._order, self._start, self._cases = order, start, cases
        self._job: JobBridge | None = None
        self._began = 0.0
        self._closing = False
        self._chosen: dict[str, Any] = {}  # what is being trained
        self._interrupted: dict[str, Any] = {}  # what a lock ended
        self._result: tuple[str, str] = ("idle", "")
        self._best: tuple[float, int] | None = None
        self._member = 0
        self._build()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tell_time)
        self.resize(760, 440)
        self.retranslate()
        self._set_running(False)

    def _name_after_cell(self) -> None:
        """As long as the name is one of those given here."""
        if self.name.text() in map(_usual_name, CELLS):
            self.name.setText(_usual_name(self.cell.currentData()))

    def _build(self) -> None:
        self.name = QLineEdit(_usual_name("ltc"))
        self.epochs = _spin(1, 5000, 150)
        self.seed = _spin(0, 2**31 - 1, 0)
        self.cell = QComboBox()
        for code, label in CELLS.items():
            self.cell.addItem(label, code)
        self.cell.currentIndexChanged.connect(self._name_after_cell)
        self.device = QComboBox()
        for device in DEVICES:
            self.device.addItem("", device)
        self.start_button, self.stop_button, self.close_button = QPushButton(), QPushButton(), QPushButton()
        self.start_button.setProperty("filled", True)
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        self.close_button.clicked.connect(self.close)
        self._intro = SafeLabel(tone="muted", wrap=True, size=theme.SMALL)
        self._form = QFormLayout()
        self._form.setVerticalSpacing(theme.GAP)
        self._form.setHorizontalSpacing(12)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._words = [SafeLabel(tone="muted") for _ in range(5)]
        fields = (self.name, self.epochs, self.seed, self.cell, self.device)
        for label, field in zip(self._words, fields, strict=True):
            label.setBuddy(field)
            self._form.addRow(label, field)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self._intro)
        left.addLayout(self._form)
        left.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        buttons.addWidget(self.start_button)
        buttons.addWidget(self.stop_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        self.plot.start()
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self.plot)
        self.plot.show()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.status = SafeLabel(tone="muted", wrap=True)
        right = QVBoxLayout()
        right.setSpacing(theme.GAP)
        right.addWidget(card, 1)
        right.addWidget(self.bar)
        right.addWidget(self.status)
        top = QHBoxLayout()
        top.setSpacing(theme.WIDE_GAP)
        holder = QWidget()
        holder.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        theme.follow(holder, "setFixedWidth", 248)
        top.addWidget(holder)
        top.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(top, 1)
        column.addLayout(buttons)

    @property
    def running(self) -> bool:
        return self._job is not None

    def start(self) -> None:
        """Begin learning in a worker process; the dialogue stays usable."""
        if self._job is not None:
            return
        name = self.name.text().strip()
        if not name:
            self._show("refused", self.tr("Give the model a name first."))
            self.name.setFocus()
            return
        chosen: dict[str, Any] = {
            "name": name,
            "cell": self.cell.currentData(),
            "epochs": self.epochs.value(),
            "seed": self.seed.value(),
            "device": self.device.currentData(),
        }
        kwargs = {**self._order(), **chosen, **({"resume": True} if chosen == self._interrupted else {})}
        self._chosen, self._interrupted = chosen, {}
        self.plot.start()
        self._best, self._member = None, 0
        self.bar.setRange(0, 0)
        self._began = time.monotonic()
        self._job = JobBridge(self._start(TARGET, kwargs), self)
        self._job.progress.connect(self._progress)
        self._job.finished.connect(self._finished)
        self._job.cancelled.connect(self._stopped)
        self._job.failed.connect(self._failed)
        self._set_running(True)
        self._show("running", self.tr("Reading the records…"))

    def stop(self) -> None:
        """Ask the worker to stop; it saves the best so far first."""
        if self._job is not None:
            self._job.cancel()
            self.stop_button.setEnabled(False)
            self._show("running", self.tr("Stopping; the best so far is kept…"))

    def done(self, result: int) -> None:
        if self._lent and (owner := self.parentWidget()) is not None:
            self.plot.setParent(owner)  # which hides it
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._puts_off_closing():
            event.ignore()
        else:
            super().closeEvent(event)

    def reject(self) -> None:  # Escape
        if not self._puts_off_closing():
            super().reject()

    def _puts_off_closing(self) -> bool:
        """While it learns, the dialogue only goes out of sight, until the worker has saved the best and ended."""
        if self._job is None or self._closing:
            return False
        self._closing = True
        self.stop()
        self.hide()
        return True

    def end(self) -> None:
        """The window closes: end the worker without waiting for its best."""
        if self._job is not None:
            self._job.close()
            self._job = None
        self._clock.stop()
        self.close()

    def seal(self) -> None:
        """The clinic is being locked: a worker that learns has access to it, so it ends."""
        if self._job is not None:
            self._job.close()
            self._over()
            self._interrupted = {} if self._closing else self._chosen
            self._show("stopped", self.tr("Ended by the lock."))
            self._close_if_asked()

    def unseal(self) -> None:
        """What the lock ended goes on from where it was."""
        if self._interrupted:
            self.start()

    def _progress(self, event: Progress) -> None:
        data = event.data
        if event.total:
            self.bar.setRange(0, event.total)
            self.bar.setValue(event.done)
        if "train_loss" not in data and "validation_loss" not in data:
            self._show("running", event.text)
            return
        epoch = int(data.get("epoch", event.done))
        member = int(data.get("member", 0))
        if member != self._member:  # another network, stopped by other patients: its losses are of its own
            self._member, self._best = member, None
        validation = data.get("validation_loss")
        self.plot.add(epoch, data.get("train_loss"), validation)
        if validation is not None and math.isfinite(validation) and (self._best is None or validation < self._best[0]):
            self._best = (float(validation), epoch)
        if self.stop_button.isEnabled():
            self._show("running", event.text)
        self._tell_time()

    def _finished(self, card: dict[str, Any]) -> None:
        self._end("done", card)

    def _stopped(self, card: dict[str, Any]) -> None:
        self._end("stopped", card)

    def _end(self, result: str, card: dict[str, Any]) -> None:
        name = card.get("name") or self.name.text().strip()
        self._over()
        if result == "stopped" and not card:
            self._show("stopped", self.tr("Stopped; nothing was kept."))
        elif result == "stopped":
            self._show("stopped", self.tr("Stopped; the best so far is saved as {name}.").format(name=name))
            self.trained.emit(name)
        else:
            self._show("done", self.tr("Saved as {name}.").format(name=name))
            self.trained.emit(name)
        self._close_if_asked()

    def _failed(self, event: Failed) -> None:
        self._over()
        self._show("failed", event.message or self.tr("The worker ended without a word."))
        self.failed.emit(event)
        self._close_if_asked()

    def _over(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
        self._set_running(False)

    def _close_if_asked(self) -> None:
        if self._closing:
            self.close()

    def _set_running(self, running: bool) -> None:
        self.start_button.setEnabled(not running)
        self.stop_button.setEnabled(running)
        self.bar.setVisible(running)
        for field in (self.name, self.epochs, self.seed, self.cell, self.device):
            field.setEnabled(not running)
        if running:
            self._clock.start()
        else:
            self._clock.stop()

    def _show(self, result: str, text: str) -> None:
        self._result = (result, text)
        self.status.set_tone("red" if result in ("failed", "refused") else "muted")
        self._tell_time()

    def _tell_time(self) -> None:
        parts = [self._result[1]] if self._result[1] else []
        if self._result[0] == "running":
            seconds = int(time.monotonic() - self._began)
            parts.append(
                self.tr("{minutes}:{seconds} elapsed").format(minutes=seconds // 60, seconds=f"{seconds % 60:02d}")
            )
        if self._best is not None and self._result[0] in ("running", "done", "stopped"):
            parts.append(
                self.tr("best {loss} at epoch {epoch}").format(loss=number_text(self._best[0], 3), epoch=self._best[1])
            )
        self.status.setText(" · ".join(parts))

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Train a model"))
        words = (self.tr("Name"), self.tr("Epochs"), self.tr("Seed"), self.tr("Cell"), self.tr("Device"))
        for label, text in zip(self._words, words, strict=True):
            label.setText(text)
        devices = (self.tr("Automatic"), self.tr("Processor"), self.tr("Graphics card (CUDA)"))
        for index, text in enumerate(devices):
            self.device.setItemText(index, text)
        self._intro.setText(
            self.tr(
                "A network learns from {count} cases of this clinic; a share of them is held out to check it."
            ).format(count=number_text(self._cases, 0))
        )
        self.start_button.setText(self.tr("Start"))
        self.stop_button.setText(self.tr("Stop"))
        self.close_button.setText(self.tr("Close"))


def _usual_name(cell: str) -> str:
    return f"{CELLS[cell]}-{dt.date.today():%Y%m%d}"


def _spin(low: int, high: int, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    return box
