"""A dialogue over the clinic's records: reads in a thread, follows what others commit, is empty under the lock."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLayout, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.i18n import explain
from app.ui.labels import SafeLabel
from app.ui.session import Session
from app.ui.translation import Speaking

T = TypeVar("T")
Tell = Callable[[BaseException], None]


class RecordsDialog(Speaking, QDialog):
    """Whoever derives gives ``load`` and ``empty``, and calls ``_lay_out`` once."""

    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self._tell_all = session, tell
        self.trouble = SafeLabel(tone="red", wrap=True)
        self.trouble.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(
            False
        )  # Enter in a field is not "away"
        self.buttons.rejected.connect(self.reject)
        session.changed.connect(self.load)

    def _lay_out(self, *parts: QWidget | QLayout | tuple[QWidget, int], width: int, height: int) -> None:
        """From top to bottom, then what went wrong and the buttons. A tuple: the widget and its share of the height."""
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        for part in parts:
            if isinstance(part, QLayout):
                column.addLayout(part)
            elif isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addWidget(*part)
        column.addWidget(self.trouble)
        column.addWidget(self.buttons)
        self.resize(width, height)

    def load(self) -> None:
        """Read what is shown anew."""
        raise NotImplementedError

    def empty(self) -> None:
        """Nothing of a record stays in any widget."""
        raise NotImplementedError

    def read(self, work: Callable[[], T], show: Callable[[T], None]) -> None:
        """As ``ask``, for what is only shown: what comes after the seal is dropped, and read anew after it."""
        self.ask(work, partial(self._show_unless_locked, show))

    def _show_unless_locked(self, show: Callable[[T], None], found: T) -> None:
        if not self.session.locked:
            show(found)

    def ask(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """``work`` in a thread, then ``done``; a refusal is told here and in the window."""
        self.trouble.hide()
        self.session.errands.run(work, done, self.refuse)

    def refuse(self, error: BaseException) -> None:
        if self.session.locked:
            return
        if isinstance(error, KnownError):
            self.trouble.setText(explain(error))
            self.trouble.show()
        self._tell_all(error)

    def seal(self) -> None:
        self.trouble.hide()
        self.empty()

    def unseal(self) -> None:
        self.load()
