"""Notices after they were shown: their details, the list of all of them, and what to copy for whoever mends a fault."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from app.ui.debugging import LogTail, told
from app.ui.dialog_shelf import DialogShelf
from app.ui.notifications import DetailsDialog, Level, Notice, NoticeBar
from app.ui.part import Part
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic

MOST = 200  # notices that are remembered


class Aftermath(Part):
    """Notices may name patients: they are forgotten with the lock, and with the clinic."""

    def __init__(self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf) -> None:
        super().__init__(window, session, notices, dialogs)
        self.notices: list[Notice] = []  # the newest last
        self.details: DetailsDialog | None = None
        self.tail = LogTail()
        logging.getLogger("app").addHandler(self.tail)
        notices.told.connect(self._remember)
        notices.details_wanted.connect(self.show_details)
        for signal in (session.closing, session.leaving):
            signal.connect(self._forget)

    def end(self) -> None:
        logging.getLogger("app").removeHandler(self.tail)

    def show_details(self, notice: Notice) -> None:
        dialog = DetailsDialog(notice, self._window)
        dialog.copy_wanted.connect(self._copy_details)
        self.details = dialog
        dialog.open()  # not kept: the lock gives it up, for it may name a patient

    def show_history(self) -> None:
        from app.ui.pages.notice_list import NoticeList

        if not self._dialogs.front("notices"):
            dialog = NoticeList(self.notices, self._window)
            dialog.details_wanted.connect(self.show_details)
            self._notices.told.connect(dialog.add)
            self._dialogs.keep("notices", dialog)

    def copy_debug_information(self) -> None:
        """About the last error that was told."""
        last = next((n for n in reversed(self.notices) if n.level is Level.ERROR), None)
        self._prepare(last, self._copied)

    def _copy_details(self) -> None:
        if self.details is not None:
            self._prepare(self.details.notice, self._details_copied)

    def _prepare(self, notice: Notice | None, done: Callable[[str], None]) -> None:
        """In a thread: the names to be taken out are those of the whole clinic."""
        clinic = None if self._session.locked else self._session.clinic
        error = f"{notice.text}\n{notice.detail}" if notice is not None else ""
        self._session.errands.run(partial(_told, error, self.tail.lines(), clinic), done, self._notices.tell)

    def _details_copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        if self.details is not None and shiboken6.isValid(self.details):
            self.details.show_copied(text)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._notices.info(self.tr("The debug information is on the clipboard. Look it through before you send it."))

    def _remember(self, notice: Notice) -> None:
        self.notices.append(notice)
        del self.notices[:-MOST]

    def _forget(self) -> None:
        self.notices.clear()
        self.tail.clear()


def _told(error: str, log: list[str], clinic: Clinic | None) -> str:
    from app.domain.scrubbing import Scrubber

    return told(error, log, Scrubber() if clinic is None else clinic.queries.scrubber())
