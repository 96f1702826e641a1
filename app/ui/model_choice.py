"""Which model forecasts: looked through for now, preferred for everyone, or left to what results choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from app.ui.notifications import NoticeBar
from app.ui.session import Session


class ModelChoice(QObject):
    """refresh: asks for the forecast on screen again."""

    def __init__(self, owner: QObject, session: Session, notices: NoticeBar, refresh: Callable[[], None]) -> None:
        super().__init__(owner)
        self._session, self._notices, self._refresh = session, notices, refresh
        session.followed.connect(self._follow)

    def use(self, name: str) -> None:
        """Forecast with this model until the clinic is opened again."""
        self._session.use_model(name)
        self._refresh()

    def prefer(self, name: str) -> None:
        """Forecast with this model from now on."""
        self._session.prefer_model(name, self._preferred)
        self._refresh()

    def stop_preferring(self, name: str) -> None:
        """This one is no longer preferred: forecast with the model that results choose from now on."""
        self._session.stop_preferring(name, self._released)

    def _preferred(self, model: Any) -> None:
        self._tell(model.name)

    def _released(self, model: Any) -> None:
        self.use("" if model is None else model.name)
        if model is None:
            self._notices.info(self.tr("No model is preferred any more. One from elsewhere has to be chosen by hand."))
        else:
            self._notices.info(
                self.tr("The model is chosen automatically from now on: {name} forecasts.").format(name=model.name)
            )

    def _follow(self, name: str) -> None:
        """A training ended, or somebody elsewhere chose."""
        self._tell(name)
        self._refresh()

    def _tell(self, name: str) -> None:
        self._notices.info(self.tr("{name} forecasts from now on.").format(name=name))
