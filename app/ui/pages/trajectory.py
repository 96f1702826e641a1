"""The trajectory page: states and time constants of the network's neurons for the patient on screen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.records import Case
from app.ui.forecasting import Outlook
from app.ui.pages.model_page import ModelPage
from app.ui.plots.trajectory import TrajectoryView


class TrajectoryPage(ModelPage):
    def __init__(self, parent: QWidget | None = None) -> None:
        self.view = TrajectoryView()
        super().__init__("trajectory", self.view, parent)

    def show_outlook(self, outlook: Outlook, case: Case | None) -> None:
        self.view.show_trajectory(outlook.trajectory, case)
        self.show_view()

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
