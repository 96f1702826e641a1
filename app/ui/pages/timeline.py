"""The timeline page: the course with its lanes, the forecast beside it; or what to do where there is nothing yet."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.domain.records import Case
from app.domain.vocabulary import active
from app.ui import theme
from app.ui.forecasting import Outlook
from app.ui.pages.empty import EmptyState
from app.ui.pages.forecast_panel import ForecastPanel, panel_width
from app.ui.plots.timeline import TimelineView
from app.ui.translation import Speaking

PANEL_SHARE, WIDEST_PANEL = 0.235, 380
NARROW = 640  # below this width there is no room for the panel


class TimelinePage(Speaking, QWidget):
    """``panel`` is the forecast at the right; the empty state offers an import or the demo clinic."""

    import_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._may_read = True
        self._has_patients = self._taken = False
        self.view = TimelineView()
        self.panel = ForecastPanel()
        self.view.setObjectName("course")
        self.empty = EmptyState("import", 2)
        self.empty.buttons[0].clicked.connect(self.import_wanted)
        self.empty.buttons[1].clicked.connect(self.demo_wanted)
        course = QWidget()
        margin = QVBoxLayout(course)
        margin.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        margin.addWidget(self.view)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(course)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._stack, 1)
        row.addWidget(self.panel)
        theme.notifier.changed.connect(self._share_width)
        self.show_case(None, has_patients=False)
        self.retranslate()

    def show_case(self, case: Case | None, *, has_patients: bool, may_read: bool = True) -> None:
        """Show a course; without one, the empty state of a clinic without patients or without a choice.

        may_read: False says that the person's roles do not include records
        """
        self._case, self._may_read, self._has_patients = case, may_read, has_patients
        self.retranslate()
        self._stack.setCurrentIndex(1 if has_patients else 0)
        self._show_panel()
        if case is None:
            self.view.clear()
            self.panel.show_state("no patient")
        else:
            self.view.show_case(case, active())

    def make_room(self, taken: bool) -> None:
        """The place of the panel is taken by the visit editor, or free again."""
        self._taken = taken
        self._show_panel()

    def show_outlook(self, outlook: Outlook, card: dict[str, Any]) -> None:
        if self._case is not None and self._case.patient.code == outlook.patient:
            self.view.show_case(self._case, active(), outlook.curve, outlook.course_end, surprises=outlook.surprises)
            self.panel.show_outlook(outlook, card, self._case)

    def minimumSizeHint(self) -> QSize:
        """The panel goes before the window would be kept from becoming narrower."""
        return QSize(theme.px(320), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A wide window gives the panel room for long names."""
        self._share_width()
        super().resizeEvent(event)

    def _share_width(self, *_: object) -> None:
        share = int(self.width() * PANEL_SHARE)
        self.panel.setFixedWidth(min(max(share, panel_width(self.width())), theme.px(WIDEST_PANEL)))
        self._show_panel()

    def _show_panel(self) -> None:
        """A narrow page is all course: the forecast has its own page, too."""
        room = self.width() >= theme.px(NARROW)
        self.panel.setVisible(self._has_patients and not self._taken and room)

    def picture(self) -> QPixmap:
        return self.view.grab()

    def retranslate(self) -> None:
        self._share_width()
        for button in self.empty.buttons:
            button.setVisible(self._may_read)
        if not self._may_read:
            self.empty.say(
                self.tr("Records are not part of your roles"),
                self.tr("What you may do stands in the menus. Roles are given by an administrator."),
                "",
                "",
            )
            return
        self.empty.say(
            self.tr("This clinic has no cases yet"),
            self.tr("Import a case file (CSV, Excel, JSON lines), or make a demo clinic of simulated patients."),
            self.tr("Import case file…"),
            self.tr("Make a demo clinic…"),
        )
