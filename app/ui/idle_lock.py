"""Locks the clinic when nobody touches the window, after the time that the person chose."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMainWindow

from app.ui.dialog_shelf import DialogShelf
from app.ui.idle import IdleWatch
from app.ui.notifications import NoticeBar
from app.ui.part import Part
from app.ui.session import Session
from app.ui.settings import Settings


class IdleLock(Part):
    """``watch.expired`` asks for the lock."""

    def __init__(
        self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf, settings: Settings
    ) -> None:
        super().__init__(window, session, notices, dialogs)
        self._settings = settings
        self._on = False
        application = QCoreApplication.instance()
        assert application is not None
        self.watch = IdleWatch(application, self)
        self.watch.set_limit(settings.lock_seconds)
        self.watch.soon.connect(self._warn)

    def follow(self) -> None:
        """Watch while there is something to lock; what is watched already is not counted anew."""
        on = self._session.guarded and not self._session.locked
        if on != self._on:
            self._on = on
            self.watch.watch(on)

    def choose(self, minutes: str) -> None:
        """minutes: one of ``settings.LOCK_AFTER``."""
        self._settings.lock_after = minutes
        self.watch.set_limit(self._settings.lock_seconds)

    def show_settings(self) -> None:
        from app.ui.pages.settings_dialog import SettingsDialog

        if not self._dialogs.front("settings"):
            dialog = SettingsDialog(self._settings.lock_after, self._window)
            dialog.lock_chosen.connect(self.choose)
            self._dialogs.keep("settings", dialog)

    def end(self) -> None:
        self.watch.watch(False)

    def _warn(self) -> None:
        self._notices.info(self.tr("Untouched for a while: the clinic locks in a minute."))
