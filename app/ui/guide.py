"""Commands that explain the window itself: keys and how to change them, and a tour of its main parts."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QWidget

from app.ui import keys
from app.ui.action_table import ActionTable
from app.ui.dialog_shelf import DialogShelf
from app.ui.dialogs import key_text
from app.ui.session import Session
from app.ui.settings import Settings
from app.ui.tour import Stop, Tour

PARTS = {"search": "patient_search"}  # where the object is called otherwise
SETTLE_MS = 600  # the window is seen before it is explained


class Guide(QObject):
    """kept: something of the settings has changed; tour_wanted: show the page that it is about."""

    kept = Signal()
    tour_wanted = Signal()

    def __init__(self, window: QMainWindow, session: Session, dialogs: DialogShelf, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._session, self._dialogs, self._settings = window, session, dialogs, settings
        self._table: ActionTable | None = None
        self.tour = Tour(window, self._stops())
        self.tour.over.connect(self._tour_over)
        for signal in (session.closing, session.leaving):
            signal.connect(self.tour.break_off)

    def follow(self, table: ActionTable) -> None:
        """The person's own keys hold from now on."""
        self._table = table
        table.set_shortcuts(keys.in_force(self._settings.shortcuts))

    def show_shortcuts(self) -> None:
        from app.ui.pages.shortcuts_dialog import ShortcutsDialog

        if self._table is not None and not self._dialogs.front("shortcuts"):
            dialog = ShortcutsDialog(self._table, self._settings.shortcuts, self._window)
            dialog.changed.connect(self._keep_keys)
            self._dialogs.keep("shortcuts", dialog)

    # -- the tour

    def offer_tour(self) -> None:
        """Once a clinic with patients is on screen for the first time."""
        if not self._settings.tour_seen:
            self._session.selected.connect(self._first_patient)

    def show_tour(self) -> None:
        self.tour_wanted.emit()
        self.tour.start()

    def _first_patient(self, case: object) -> None:
        if case is not None:
            self._session.selected.disconnect(self._first_patient)
            QTimer.singleShot(SETTLE_MS, self, self.show_tour)

    def _tour_over(self) -> None:
        self._settings.tour_seen = True
        self.kept.emit()

    def _stops(self) -> tuple[Stop, ...]:
        names = ("search", "course", "new_visit", "forecast_panel")
        stops = [Stop(name, partial(self._widget, name), partial(self._words, name)) for name in names]
        return (*stops, Stop("palette", None, partial(self._words, "palette")))

    def _widget(self, name: str) -> QWidget | None:
        """The parts are known by name; one that is not built is not shown."""
        return self._window.findChild(QWidget, PARTS.get(name, name))

    def _words(self, name: str) -> tuple[str, str]:
        keys = key_text(self._table.shortcut("palette")) if self._table is not None else ""
        words = {
            "search": (
                self.tr("Find a patient"),
                self.tr("By name, pinyin, initials or number. The line beside each name is the course of the score."),
            ),
            "course": (
                self.tr("The course"),
                self.tr("Symptoms, pulse, tongue and formulas under one time. The wheel zooms, arrows step by visit."),
            ),
            "new_visit": (
                self.tr("A new visit"),
                self.tr("The last visit is copied forward: change what has changed, and save."),
            ),
            "forecast_panel": (
                self.tr("The forecast"),
                self.tr("Where this course may go, each figure with its interval, and what it rests on."),
            ),
            "palette": (
                self.tr("Everything by a few letters"),
                self.tr("{keys} finds every command, page and patient: by words, pinyin or initials.").format(
                    keys=keys
                ),
            ),
        }
        return words[name]

    # -- keys

    def _keep_keys(self, own: dict[str, str]) -> None:
        self._settings.shortcuts = own
        self.kept.emit()
