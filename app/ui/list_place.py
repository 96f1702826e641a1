"""How much of the window the patient list takes: less where it is narrow, nothing where the editor needs it all."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from app.ui import theme
from app.ui.editor import WIDTH as EDITOR
from app.ui.pages.patients import WIDTH, PatientPanel

ROOMY, NARROW = 1180, 200  # below this width of the window the list gives room to the course
CROWDED = 1400  # below it the list gives its whole place to the visit editor


class ListPlace(QObject):
    """To be told of every size of the window, of the editor, and of pages that are about no patient."""

    def __init__(self, window: QMainWindow, patients: PatientPanel) -> None:
        super().__init__(window)
        self._window, self._patients = window, patients
        self._editing = False
        self._about_patients = True
        theme.notifier.changed.connect(self._share_width)
        self._share_width()

    def share(self) -> None:
        """Give the list the room that this window has for it."""
        self._share_width()
        self._patients.setVisible(self._about_patients and not self.gives_way())

    def make_room_for_editor(self, taken: bool) -> None:
        self._editing = taken
        self.share()

    def gives_way(self) -> bool:
        """The editor has the place of the list."""
        return self._editing and self._window.width() < theme.px(CROWDED)

    def show_for(self, about_patients: bool) -> None:
        """about_patients: the page in view is."""
        self._about_patients = about_patients
        self.share()

    def _share_width(self, *_: object) -> None:
        wanted = ROOMY + EDITOR if self._editing else ROOMY
        self._patients.setFixedWidth(theme.px(WIDTH if self._window.width() >= theme.px(wanted) else NARROW))
