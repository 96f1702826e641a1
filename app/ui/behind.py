"""Brings what stands behind a forecast to where it is shown: the forecast panel and the state page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.domain.errors import KnownError
from app.domain.records import Case
from app.jobs.events import Failed
from app.store.roles import Permission
from app.ui.forecasting import Forecaster
from app.ui.insight import Alike, Grounds
from app.ui.pages.timeline import TimelinePage
from app.ui.pages.trajectory import TrajectoryPage
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic


class Behind(QObject):
    """What comes for a patient no longer on screen is dropped. The two pages share one day under the cursor."""

    def __init__(
        self, parent: QObject, session: Session, forecaster: Forecaster, timeline: TimelinePage, state: TrajectoryPage
    ) -> None:
        super().__init__(parent)
        self._session, self._timeline, self._state = session, timeline, state
        forecaster.explained.connect(self._explained)
        forecaster.compared.connect(self._compared)
        forecaster.unexplained.connect(self._unexplained)
        timeline.view.hovered.connect(state.view.point_at)
        state.view.pointed.connect(timeline.view.canvas.point_at)

    def _on_screen(self, patient: str) -> bool:
        case = self._session.case
        return case is not None and case.patient.code == patient

    def _explained(self, grounds: Grounds) -> None:
        if self._on_screen(grounds.patient):
            self._timeline.panel.show_grounds(grounds)
            self._state.view.show_grounds(grounds)

    def _compared(self, alike: Alike) -> None:
        session = self._session
        if session.clinic is None or not self._on_screen(alike.patient) or not session.may(Permission.PATIENTS_READ):
            return
        self._state.view.show_alike(alike)
        codes = [one.patient for one in alike.neighbours]
        session.errands.run(
            partial(_cases, session.clinic, codes), partial(self._show_similar, alike), session.trouble.emit
        )

    def _show_similar(self, alike: Alike, cases: dict[str, Case]) -> None:
        if self._on_screen(alike.patient) and self._session.may(Permission.PATIENTS_READ):
            self._timeline.panel.show_similar(alike, cases)

    def _unexplained(self, ask: str, event: Failed) -> None:
        self._timeline.panel.show_unexplained(ask, event.message)
        self._state.view.show_unexplained(ask, event.message)


def _cases(clinic: Clinic, codes: Sequence[str]) -> dict[str, Case]:
    """By number; whoever was taken out meanwhile is left out."""
    found = {}
    for code in codes:
        try:
            found[code] = clinic.queries.case(code)
        except KnownError:
            continue
    return found
