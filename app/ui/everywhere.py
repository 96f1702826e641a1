"""What serves from wherever one is: palette, keys, tour, notices, recent clinics, memory; put together."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget

from app.ui.action_table import ActionTable
from app.ui.aftermath import Aftermath
from app.ui.appearance import Appearance
from app.ui.dialog_shelf import DialogShelf
from app.ui.entry import Entry
from app.ui.guide import Guide
from app.ui.keeper import Keeper
from app.ui.notifications import NoticeBar
from app.ui.palette import Finder
from app.ui.recent import RecentClinics
from app.ui.returning import Returning
from app.ui.session import Session
from app.ui.settings import Settings


def only_this_counts(pages: QStackedWidget) -> None:
    """The page in view alone says how narrow the window may become: one out of sight must not widen it."""
    kept, none = QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored
    for index in range(pages.count()):
        page = pages.widget(index)
        if page is not None:
            policy = kept if page is pages.currentWidget() else none
            page.setSizePolicy(policy, policy)


class Everywhere(QObject):
    """Made after the parts of the window; ``follow`` once its commands are there."""

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        notices: NoticeBar,
        dialogs: DialogShelf,
        *,
        entry: Entry,
        appearance: Appearance,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self.keeper = Keeper(self, settings)
        self.aftermath = Aftermath(window, session, notices, dialogs)
        self.finder = Finder(window, session, settings)
        self.guide = Guide(window, session, dialogs, settings)
        self.recent = RecentClinics(session, entry, settings)
        self.returning = Returning(session)
        for changed in (self.finder.used, self.guide.kept, appearance.kept, self.recent.kept):
            changed.connect(self.keeper.soon)

    def follow(self, table: ActionTable) -> None:
        self.finder.follow(table)
        self.guide.follow(table)
        table.menus["file"].insertMenu(table["open_demo"], self.recent.menu)

    def end(self) -> None:
        """The window closes."""
        self.finder.end()
        self.recent.end()
        self.aftermath.end()
