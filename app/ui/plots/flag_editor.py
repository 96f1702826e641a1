"""One line over the plot in which an annotation is written: Enter keeps it, Escape does not."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.plots.sheet import Flag
from app.ui.translation import Speaking

LONGEST = 500
WIDTH = 280


class FlagEditor(Speaking, QLineEdit):
    """Hidden until it is opened. What was typed is kept when the focus goes elsewhere, too."""

    written = Signal(object, str)  # Flag and its words
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._flag: Flag | None = None
        self._place = ""
        self.setMaxLength(LONGEST)
        self.hide()
        self.retranslate()

    @property
    def flag(self) -> Flag | None:
        """What is being written; None while it is closed."""
        return self._flag

    def open_at(self, flag: Flag, place: QPointF, inside: QRectF, title: str) -> None:
        """place: the flag's pole; title: the day in words."""
        self._flag, self._place = flag, title
        self.retranslate()
        self.setText(flag.text)
        left = min(max(place.x(), inside.left() + 4), max(inside.right() - WIDTH - 8, inside.left() + 4))
        self.setGeometry(round(left), round(place.y()), WIDTH, self.sizeHint().height())
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def give_up(self) -> None:
        """Close without keeping anything."""
        self._flag = None
        if self.isVisible():
            self.clear()
            self.hide()

    def finish(self) -> None:
        """Keep what was typed, where it says anything new."""
        flag, words = self._flag, " ".join(self.text().split())
        self.give_up()
        if flag is not None and words and words != flag.text:
            self.written.emit(flag, words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.finish()

    def retranslate(self) -> None:
        self.setPlaceholderText(self.tr("Annotation; Enter keeps it"))
        self.setAccessibleName(self.tr("Annotation {place}").format(place=self._place).strip())
