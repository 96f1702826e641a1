"""Everything the notice bar said since the clinic was opened, the newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui.labels import SafeLabel
from app.ui.notifications import TONES, Notice, level_word
from app.ui.pages.form_dialog import button_row
from app.ui.pages.tables import ShowTable
from app.ui.translation import Speaking


class NoticeList(Speaking, QDialog):
    """details_wanted carries the Notice that is chosen."""

    details_wanted = Signal(object)

    def __init__(self, notices: Sequence[Notice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._notices = list(notices)
        self.note = SafeLabel(tone="muted", wrap=True)
        self.table = ShowTable(3, stretch=(2,))
        self.table.itemDoubleClicked.connect(self._show)
        self.details = QPushButton()
        self.details.setProperty("filled", True)
        self.details.clicked.connect(self._show)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.addLayout(button_row(self.details))
        foot.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        self.resize(720, 420)
        self.retranslate()

    def add(self, notice: Notice) -> None:
        """One more has been told."""
        self._notices.append(notice)
        self._fill()

    def seal(self) -> None:
        self._notices.clear()
        self._fill()

    def unseal(self) -> None:
        """What was told before the lock is not told again."""

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Notices"))
        self.table.setAccessibleName(self.tr("Notices, the newest first"))
        self.table.name_columns((self.tr("When"), self.tr("Kind"), self.tr("Notice")))
        self.details.setText(self.tr("Details…"))
        self._fill()

    def _fill(self) -> None:
        row = self.table.currentRow()
        self.table.setRowCount(len(self._notices))
        for place, notice in enumerate(reversed(self._notices)):
            texts = (notice.at.strftime("%H:%M:%S"), level_word(notice.level), notice.text)
            self.table.put(place, texts, tone=TONES[notice.level])
        if self._notices:
            self.table.setCurrentCell(max(row, 0), 0)
        self.note.setText("" if self._notices else self.tr("Nothing was told yet."))
        self.note.setVisible(not self._notices)
        self.details.setEnabled(bool(self._notices))

    def _show(self, *_: object) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._notices):
            self.details_wanted.emit(self._notices[len(self._notices) - 1 - row])
