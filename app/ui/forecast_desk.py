"""The forecast of the patient on screen: asked for, and shown by the pages that have a part of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.jobs.events import Failed
from app.ui.behind import Behind
from app.ui.forecasting import Forecaster, Outlook
from app.ui.notifications import NoticeBar
from app.ui.pages.forecast import ForecastPage
from app.ui.pages.timeline import TimelinePage
from app.ui.pages.trajectory import TrajectoryPage
from app.ui.session import Session
from app.ui.visit_desk import VisitDesk

SOON_MS = 20  # a frame of the screen


class ForecastDesk(QObject):
    """outlook: what is shown, None while there is none. An answer about a patient no longer on screen is dropped."""

    def __init__(
        self,
        parent: QObject,
        session: Session,
        notices: NoticeBar,
        forecaster: Forecaster,
        *,
        visits: VisitDesk,
        timeline: TimelinePage,
        state: TrajectoryPage,
        page: ForecastPage,
    ) -> None:
        super().__init__(parent)
        self._session, self._notices, self._forecaster = session, notices, forecaster
        self._visits, self._timeline, self._state, self._page = visits, timeline, state, page
        self.outlook: Outlook | None = None
        self.behind = Behind(self, session, forecaster, timeline, state)
        forecaster.ready.connect(self._show)
        forecaster.failed.connect(self._fail)
        session.model_changed.connect(self.refresh)
        timeline.panel.refresh_wanted.connect(self.refresh)

    def follow_clinic(self) -> None:
        """Forecasts are asked of the clinic that is open, with the key it has now."""
        self._forecaster.connect_to(self._session.order() or None)

    def refresh(self) -> None:
        """Ask for the forecast of the patient on screen; say why where there can be none."""
        case, model = self._session.case, self._session.model
        state = "no patient" if case is None else ("no model" if not model else "waiting")
        self._show_state(state)
        if case is None or not model:
            self._forecaster.forget()
        elif not case.visits:
            self._forecaster.forget()
            self._show_state("failed", self.tr("A forecast needs at least one visit."))
        else:
            self._forecaster.ask(model, case.patient.code)

    def _show_state(self, state: str, reason: str = "") -> None:
        case = self._session.case
        self._timeline.panel.show_state(state, reason, "" if case is None else case.patient.code)
        self._state.show_state(state, reason)
        self._page.show_state(state, reason)

    def _show(self, outlook: Outlook) -> None:
        case = self._session.case
        if case is None or case.patient.code != outlook.patient:
            return
        self.outlook = outlook
        self._visits.show_outlook(outlook)
        if self._visits.is_open:  # who has just saved a visit looks at its card: that is painted before the rest
            QTimer.singleShot(SOON_MS, self, partial(self._fill, outlook))
        else:
            self._fill(outlook)

    def _fill(self, outlook: Outlook) -> None:
        case = self._session.case
        if case is None or self.outlook is not outlook:
            return
        card = self._session.card()
        self._timeline.show_outlook(outlook, card)
        self._state.show_outlook(outlook, case)
        self._page.show_outlook(outlook, case, card)

    def _fail(self, event: Failed) -> None:
        self._show_state("failed", event.message)
        if not event.is_known:
            self._notices.error(event.message, event.detail)
