"""What the pages of a model's output share: an empty state that says what is missing, and the view once it is there."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.pages.empty import EmptyState
from app.ui.translation import Speaking


class ModelPage(Speaking, QWidget):
    """A subclass makes its view, hands it over, and says ``waiting_text``, ``failed_text`` and ``promise``."""

    training_wanted = Signal()

    def __init__(self, icon: str, shown: QWidget, parent: QWidget | None = None) -> None:
        """icon: of the empty state; shown: what is seen once there is something to draw."""
        super().__init__(parent)
        self._state = "no model"
        self._reason = ""
        self._shown = shown
        self.empty = EmptyState(icon, 1)
        self.empty.buttons[0].clicked.connect(self.training_wanted)
        framed = QWidget()
        margin = QVBoxLayout(framed)
        margin.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        margin.addWidget(shown)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(framed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.retranslate()

    def show_state(self, state: str, reason: str = "") -> None:
        """One of "no patient", "no model", "waiting", "failed": nothing to draw yet, and why."""
        self._state, self._reason = state, reason
        self._stack.setCurrentIndex(0)
        self.clear()
        self.retranslate()

    def show_view(self) -> None:
        """There is something to see."""
        self._state = "ready"
        self._stack.setCurrentIndex(1)

    def picture(self) -> QPixmap:
        return self._shown.grab()

    def clear(self) -> None:
        """Empty the view."""
        raise NotImplementedError

    def waiting_text(self) -> str:
        raise NotImplementedError

    def failed_text(self) -> str:
        raise NotImplementedError

    def promise(self) -> str:
        """What a trained model will show here."""
        raise NotImplementedError

    def retranslate(self) -> None:
        titles = {
            "no patient": self.tr("No patient is chosen"),
            "no model": self.tr("There is no model yet"),
            "waiting": self.waiting_text(),
            "failed": self.failed_text(),
            "ready": "",
        }
        texts = {
            "no patient": self.tr("Choose a patient in the list at the left."),
            "no model": self.promise(),
            "waiting": "",
            "failed": self._reason,
            "ready": "",
        }
        self.empty.say(titles[self._state], texts[self._state], self.tr("Train a model"))
        self.empty.buttons[0].setVisible(self._state == "no model")
