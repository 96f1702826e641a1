"""Which model forecasts for everyone: preferred by somebody, or left to what results choose."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from app.ui.notifications import NoticeBar
from app.ui.session import Session


class ModelChoice(QObject):
    """What the buttons ask of the session, and the words for what came of it."""

    def __init__(self, owner: QObject, session: Session, notices: NoticeBar) -> None:
        super().__init__(owner)
        self._session, self._notices = session, notices
        session.followed.connect(self._tell)

    def prefer(self, name: str) -> None:
        """Forecast with this model from now on."""
        self._session.prefer_model(name, self._preferred)

    def stop_preferring(self, name: str) -> None:
        """This one is no longer preferred: forecast with the model that results choose from now on."""
        self._session.stop_preferring(name, self._released)

    def _preferred(self, model: Any) -> None:
        self._tell(model.name)

    def _released(self, model: Any) -> None:
        if model is None:
            self._notices.info(self.tr("No model is preferred any more. One from elsewhere has to be chosen by hand."))
        else:
            self._notices.info(
                self.tr("The model is chosen automatically from now on: {name} forecasts.").format(name=model.name)
            )

    def _tell(self, name: str) -> None:
        self._notices.info(self.tr("{name} forecasts from now on.").format(name=name))
