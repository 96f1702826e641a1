"""A dialogue over the clinic's records: reads in a thread, follows what others commit, is empty under the lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.domain.errors import KnownError
from app.i18n import explain
from app.ui.labels import SafeLabel
from app.ui.session import Session
from app.ui.translation import Speaking

T = TypeVar("T")
Tell = Callable[[BaseException], None]


class RecordsDialog(Speaking, QDialog):
    """Whoever derives gives ``load`` and ``empty``, and puts ``trouble`` somewhere."""

    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self._tell_all = session, tell
        self.trouble = SafeLabel(tone="red", wrap=True)
        self.trouble.hide()
        session.changed.connect(self.load)

    def load(self) -> None:
        """Read what is shown anew."""
        raise NotImplementedError

    def empty(self) -> None:
        """Nothing of a record stays in any widget."""
        raise NotImplementedError

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
