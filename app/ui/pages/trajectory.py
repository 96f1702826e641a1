"""The state page: the network's neurons for the patient on screen, their path, their wiring, and what drives one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.domain.records import Case
from app.ui.forecasting import Outlook
from app.ui.pages.model_page import ModelPage
from app.ui.plots.state import StateView


class TrajectoryPage(ModelPage):
    """Scrolls where the window is lower than the panels need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.view = StateView()
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.view)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the view has the keyboard, and leaves the scrolling keys to it
        super().__init__("trajectory", scroll, parent)

    def show_outlook(self, outlook: Outlook, case: Case | None) -> None:
        self.view.show_trajectory(outlook.trajectory, case)
        self.show_view()

    def picture(self) -> QPixmap:
        return self.view.grab()

    def clear(self) -> None:
        self.view.clear()

    def waiting_text(self) -> str:
        return self.tr("Computing the trajectory…")

    def failed_text(self) -> str:
        return self.tr("The trajectory could not be computed")

    def promise(self) -> str:
        return self.tr(
            "A trained network shows here how its neurons follow this patient: their state, and how fast each one "
            "forgets."
        )
