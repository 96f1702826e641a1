"""A part of the window that gives commands: what each of them needs to do its work, say so, and open a dialogue."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QMainWindow

from app.ui.dialog_shelf import DialogShelf
from app.ui.notifications import NoticeBar
from app.ui.session import Session

Trouble = Callable[[BaseException], None]
Maker = Callable[[Session, Trouble, QMainWindow], QDialog]


class Part(QObject):
    def __init__(self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf) -> None:
        super().__init__(window)
        self._window, self._session, self._notices, self._dialogs = window, session, notices, dialogs

    def _show_once(self, name: str, make: Maker) -> None:
        """Bring the dialogue of that name to the front; where there is none yet, make it. Without a clinic: nothing."""
        if self._session.clinic is not None and not self._dialogs.front(name):
            self._dialogs.keep(name, make(self._session, self._notices.tell, self._window))
