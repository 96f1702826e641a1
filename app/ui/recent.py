"""Clinics that were opened lately: on the welcome page and in the file menu, and the way back to one of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from app.ui.entry import Entry
from app.ui.errands import Errands
from app.ui.session import Session
from app.ui.settings import RECENT_CLINICS, Settings
from app.ui.translation import QT_TRANSLATE_NOOP, translate

CONTEXT = "RecentClinics"
TITLE = QT_TRANSLATE_NOOP("RecentClinics", "Recent clinics")


class RecentClinics(QObject):
    """kept: the list in the settings has changed. Whether files are there is asked in a thread: a share may be slow."""

    kept = Signal()

    def __init__(self, session: Session, entry: Entry, settings: Settings) -> None:
        super().__init__(entry)
        self._session, self._entry, self._settings = session, entry, settings
        self._missing: frozenset[str] = frozenset()
        self._errands = Errands(self)
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self.look)
        self._list = entry.welcome.recent
        self._list.chosen.connect(entry.open)
        self._list.removed.connect(self.remove)
        session.opened.connect(self._opened)
        self._fill()
        self.look()

    def end(self) -> None:
        self._errands.wait()
        self.menu.deleteLater()

    def look(self) -> None:
        """Which of them are gone; what is shown follows."""
        if not self._errands.busy:
            places = list(self._settings.recent_clinics)
            self._errands.run(partial(missing, places), self._seen, self._not_seen)

    def remove(self, place: str) -> None:
        if place in self._settings.recent_clinics:
            self._settings.recent_clinics.remove(place)
            self._fill()
            self.kept.emit()

    def remove_missing(self) -> None:
        for place in self._missing:
            self.remove(place)

    def retranslate(self) -> None:
        self.menu.setTitle(translate(CONTEXT, TITLE))
        self._fill()

    def _opened(self) -> None:
        clinic = self._session.clinic
        if clinic is not None:
            others = [place for place in self._settings.recent_clinics if place != clinic.label]
            self._settings.recent_clinics = [clinic.label, *others][:RECENT_CLINICS]
            self._missing -= {clinic.label}
            self._fill()
            self.kept.emit()

    def _seen(self, gone: frozenset[str]) -> None:
        if gone != self._missing:
            self._missing = gone
            self._fill()

    def _not_seen(self, error: BaseException) -> None:
        """Then each says so when it is opened."""

    def _fill(self) -> None:
        places = self._settings.recent_clinics
        self._list.show_places(places, self._missing)
        self.menu.clear()
        for place in places:
            name = f"{clinic_name(place)}  —  {folder_name(place)}".replace("&", "&&")
            if place in self._missing:
                name = translate(CONTEXT, QT_TRANSLATE_NOOP("RecentClinics", "{name} (missing)")).format(name=name)
            action = self.menu.addAction(name)
            action.setData(place)
            action.setEnabled(place not in self._missing)
            action.triggered.connect(self._choose)
        if not places:
            self.menu.addAction(translate(CONTEXT, QT_TRANSLATE_NOOP("RecentClinics", "None yet"))).setEnabled(False)
        elif self._missing & set(places):
            self.menu.addSeparator()
            words = QT_TRANSLATE_NOOP("RecentClinics", "Remove what is missing from the list")
            self.menu.addAction(translate(CONTEXT, words)).triggered.connect(self.remove_missing)

    def _choose(self) -> None:
        action = self.sender()
        self._entry.open(action.data())  # type: ignore[union-attr]


def missing(places: list[str]) -> frozenset[str]:
    """The files among them that are not there; of a server nobody asks."""
    return frozenset(place for place in places if "://" not in place and not Path(place).is_file())


def clinic_name(place: str) -> str:
    return place.rpartition("/")[2] if "://" in place else Path(place).stem


def folder_name(place: str) -> str:
    """Where it lies, the home folder as "~"."""
    if "://" in place:
        return place.rpartition("/")[0]
    folder, home = str(Path(place).parent), str(Path.home())
    return "~" + folder.removeprefix(home) if folder == home or folder.startswith(home + "/") else folder
