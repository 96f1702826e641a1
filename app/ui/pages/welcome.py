"""Without a clinic: make one, open one, or look at simulated patients."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.pages.empty import EmptyState
from app.ui.pages.recent_list import RecentList
from app.ui.translation import Speaking


class WelcomePage(Speaking, QWidget):
    new_wanted = Signal()
    open_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._opening = ""
        self.empty = EmptyState("trajectory", 3)
        for button, signal in zip(
            self.empty.buttons, (self.new_wanted, self.open_wanted, self.demo_wanted), strict=True
        ):
            button.clicked.connect(signal)
        self.recent = RecentList()
        self.empty.add(self.recent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        self.retranslate()

    def show_opening(self, name: str) -> None:
        """A clinic of this name is being opened; "" for none."""
        self._opening = name
        self.retranslate()

    def retranslate(self) -> None:
        for button in self.empty.buttons:
            button.setVisible(not self._opening)
        self.recent.setEnabled(not self._opening)
        if self._opening:
            self.empty.say(self.tr("Opening {file}…").format(file=self._opening), "", "", "", "")
            return
        self.empty.say(
            self.tr("Case records over time"),
            self.tr(
                "Records lie in a clinic file on this computer, encrypted unless you choose otherwise. Make a new one, "
                "open one that is there, or look round in a demo clinic of simulated patients."
            ),
            self.tr("New clinic file…"),
            self.tr("Open clinic…"),
            self.tr("Make a demo clinic…"),
        )
