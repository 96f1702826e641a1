"""What the small forms share: a row that answers, a bar while something works, and a refusal told in place."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.i18n import explain
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking


def busy_bar() -> QProgressBar:
    """Of work whose length nobody knows."""
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setRange(0, 0)
    return bar


def button_row(*buttons: QPushButton, right: bool = False) -> QHBoxLayout:
    """Side by side, at the left or at the right; Enter in a field presses none that is not the default."""
    row = QHBoxLayout()
    row.setSpacing(theme.GAP)
    if right:
        row.addStretch(1)
    for button in buttons:
        button.setAutoDefault(button.isDefault())
        row.addWidget(button)
    if not right:
        row.addStretch(1)
    return row


def place_row(place: QLineEdit, browse: QPushButton) -> QHBoxLayout:
    """A path that is typed or looked for; Enter in it does not look."""
    row = QHBoxLayout()
    row.setSpacing(theme.GAP)
    browse.setAutoDefault(False)
    row.addWidget(place, 1)
    row.addWidget(browse)
    return row


class FormDialog(Speaking, QDialog):
    """``go`` does it and ``leave`` does not. Whoever derives gives ``_tell``, and calls ``_lay_out`` once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._working = False
        self.trouble = SafeLabel(tone="red", wrap=True)
        self.bar = busy_bar()
        self.go, self.leave = QPushButton(), QPushButton()
        self.go.setProperty("filled", True)
        self.go.setDefault(True)

    def _lay_out(self, *parts: QWidget | QLayout) -> None:
        """The parts from top to bottom, then what went wrong, the bar and the answers."""
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        for part in parts:
            if isinstance(part, QLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)
        column.addWidget(self.trouble)
        column.addWidget(self.bar)
        column.addStretch(1)
        column.addLayout(button_row(self.leave, self.go, right=True))

    def _work(self, working: bool) -> None:
        self._working = working
        if working:
            self.trouble.setText("")
        self._tell()

    def _refused(self, error: BaseException) -> None:
        self._work(False)
        if not isinstance(error, KnownError):
            raise error
        self.trouble.setText(explain(error))
        self._tell()

    def _tell(self, *_: object) -> None:
        """What can be answered now."""
        self.bar.setVisible(self._working)
        self.trouble.setVisible(bool(self.trouble.text()))
        QTimer.singleShot(0, self, self._grow)

    def _grow(self) -> None:
        """A line that came up must not squeeze the fields; a wrapped one counts with the height it takes."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            needed = layout.totalHeightForWidth(self.width())
            if needed > self.height():
                self.resize(self.width(), needed)
