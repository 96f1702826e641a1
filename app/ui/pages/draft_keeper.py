"""Writes down the corrections of a draft, one state after the other, in the clinic they were made in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.session import Session

if TYPE_CHECKING:
    from app.importing.free_text.reviewing import Review
    from app.store.clinic import Clinic
    from app.store.drafts import KeptDraft

KEEP_MS = 800  # of rest, after which corrections are written down
log = logging.getLogger(__name__)


class DraftKeeper(QObject):
    """failed: a state could not be written; it is tried again with the next, or when it is asked for.

    version: of what is stored. Only one thread writes at a time, so it is always that of the last writing.
    """

    failed = Signal(object)

    def __init__(self, session: Session, clinic: Clinic, kept: KeptDraft, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._clinic, self._kept = session, clinic, kept
        self.version = kept.version
        self._review: Review | None = None
        self._made = self._stored = 0  # states made since it was read, and the last of them that is stored
        self._writing = False
        self._then: Callable[[], None] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(KEEP_MS)
        self._rest.timeout.connect(self._write)
        session.leaving.connect(self.write_now)

    @property
    def rests(self) -> bool:
        """Everything is stored, and nothing is being written."""
        return self._made == self._stored and not self._writing

    def read(self) -> Review:
        """In a thread. Raises KnownError where the draft is gone or broken."""
        from app.importing.free_text.reviewing import Review

        content, self.version = self._clinic.drafts.get(self._kept.id)
        return Review.from_dict(content)

    def keep(self, review: Review) -> None:
        """It was corrected: to be written down when the person rests."""
        self._review = review
        self._made += 1
        self._rest.start()

    def when_kept(self, then: Callable[[], None] | None) -> None:
        """``then``, here, as soon as all is stored; only the last one asked for, None for none."""
        self._then = then
        if then is not None:
            self._write()

    def write_now(self) -> None:
        """Before this returns, as far as it can be: the clinic is about to be locked or closed."""
        self._then = None
        self._rest.stop()
        if self._writing:
            self._session.errands.wait()
        if self._made == self._stored or self._review is None:
            return
        try:
            self._store(self._made, self._review)
        except Exception as error:  # the lock, or the other clinic, does not wait for a draft
            log.exception("the last corrections of a draft were not kept")
            self._stored = self._made
            self._session.trouble.emit(error)

    def _write(self) -> None:
        self._rest.stop()
        if self._writing:
            return
        if self._made == self._stored or self._review is None:
            then, self._then = self._then, None
            if then is not None:
                then()
            return
        self._writing = True
        now = self._review.copy()  # the person goes on correcting
        self._session.errands.run(partial(self._store, self._made, now), self._written, self._not_written)

    def _store(self, made: int, review: Review) -> None:
        self.version = self._clinic.drafts.save(self._kept.id, review.to_dict(), version=self.version)
        self._stored = made

    def _written(self, _: object) -> None:
        self._writing = False
        if self._then is not None:
            self._write()
        elif self._made != self._stored:
            self._rest.start()

    def _not_written(self, error: BaseException) -> None:
        self._writing, self._then = False, None
        self.failed.emit(error)
