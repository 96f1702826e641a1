"""Back to where one was: the patient who was looked at last, of whom the clinic itself knows, and the page.

The settings name no patient: records stay in the clinic. Its audit log tells who looked at whom.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject

from app.domain.errors import KnownError
from app.store.roles import Permission
from app.ui.session import Session

log = logging.getLogger(__name__)


class Returning(QObject):
    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def choose(self) -> bool:
        """Show the patient whom this person looked at last; False where there is none any more."""
        clinic = self._session.clinic
        if clinic is None or not self._session.may(Permission.PATIENTS_READ):
            return False
        try:
            code = clinic.queries.seen_last()
            if code:
                self._session.select(code)
        except KnownError as error:  # taken out meanwhile
            log.info("nobody to come back to: %s", type(error).__name__)
            return False
        return bool(code)
