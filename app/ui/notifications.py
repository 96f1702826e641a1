"""One bar at the foot of the window for everything that went right, nearly right or wrong.

Refusals (KnownError) are told in the user's language; anything else is a bug, shown with details to copy. The hooks
catch what nobody caught, in this thread and in others.
"""

from __future__ import annotations

import datetime as dt
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import KnownError
from app.i18n import explain
from app.store.roles import NotAllowedError
from app.ui import icons, theme
from app.ui.labels import SafeLabel, SafeText
from app.ui.record_words import field_word
from app.ui.translation import QT_TRANSLATE_NOOP, Speaking, translate

BAR_WIDTH = 180
INFO_MS = 8000  # an information goes by itself; a warning or an error stays until it is closed
log = logging.getLogger(__name__)


class Level(StrEnum):
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


TONES = {Level.INFO: "text", Level.WARN: "gold", Level.ERROR: "red"}  # theme tokens


def level_word(level: Level) -> str:
    words = {
        Level.INFO: QT_TRANSLATE_NOOP("NoticeBar", "Notice"),
        Level.WARN: QT_TRANSLATE_NOOP("NoticeBar", "Please note"),
        Level.ERROR: QT_TRANSLATE_NOOP("NoticeBar", "Error"),
    }
    return translate("NoticeBar", words[level])


@dataclass(frozen=True, slots=True)
class Notice:
    """detail: what helps whoever mends it; empty where there is nothing more to say. at: in this computer's time."""

    level: Level
    text: str
    detail: str = ""
    at: dt.datetime = field(default_factory=dt.datetime.now, compare=False)


class NoticeBar(Speaking, QWidget):
    """Shows the latest notice, plain text only; hidden where there is none. What takes long shows how far it is."""

    stop_wanted = Signal()  # of the work that ``working`` told of
    told = Signal(object)  # a Notice; how far work under way is, is none
    details_wanted = Signal(object)  # of a Notice

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.notice: Notice | None = None
        self._mark = SafeLabel()
        self._text = SafeLabel(elide=True)
        self._details = QPushButton()
        self._details.setProperty("flat", True)
        self._details.clicked.connect(self.show_details)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        theme.follow(self.bar, "setFixedWidth", BAR_WIDTH)
        self.stop = QPushButton()
        self.stop.clicked.connect(self.stop_wanted)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.WIDE_GAP, 6, theme.GAP, 6)
        row.setSpacing(theme.GAP)
        row.addWidget(self._mark)
        row.addWidget(self._text, 1)
        row.addWidget(self.bar)
        row.addWidget(self.stop)
        row.addWidget(self._details)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        theme.notifier.changed.connect(self._dress)
        self.retranslate()
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        self._display(notice)
        self.told.emit(notice)

    def _display(self, notice: Notice) -> None:
        self.notice = notice
        self._text.setText(" ".join(notice.text.split()))
        worth = notice.level is Level.ERROR or bool(notice.detail) or len(notice.text) > 90
        self._details.setVisible(worth)
        for widget in (self.bar, self.stop):
            widget.hide()
        self._close.show()
        self._dress()
        self.show()
        if notice.level is Level.INFO:
            self._timer.start(INFO_MS)
        else:
            self._timer.stop()

    def info(self, text: str, detail: str = "") -> None:
        self.show_notice(Notice(Level.INFO, text, detail))

    def working(self, text: str, done: int = 0, total: int = 0) -> None:
        """Work under way that can be stopped: stays until another notice. total 0: how much there is is not known."""
        self._display(Notice(Level.INFO, text))
        self._timer.stop()
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.show()
        self.stop.show()
        self._close.hide()  # out of sight it could not be stopped any more

    def warn(self, text: str, detail: str = "") -> None:
        self.show_notice(Notice(Level.WARN, text, detail))

    def error(self, text: str, detail: str = "") -> None:
        self.show_notice(Notice(Level.ERROR, text, detail))

    def tell(self, error: BaseException) -> None:
        """A refusal in the user's words; a bug with its traceback."""
        if isinstance(error, KnownError):
            advice = self._advice(error)
            self.show_notice(Notice(Level.WARN if advice else Level.ERROR, explain(error), advice))
            return
        detail = "".join(traceback.format_exception(error))
        log.error("%s", detail)
        self.error(self.tr("Something unexpected went wrong: {what}").format(what=brief(error)), detail)

    def _advice(self, error: KnownError) -> str:
        """What to do where other people are concerned: someone else changed the record, or roles do not allow it."""
        if isinstance(error, NotAllowedError):
            return self.tr("Nothing was changed. An administrator gives and takes roles in the list of users.")
        fields = getattr(error, "fields", None)  # of a ConflictError, whose room is not loaded before a clinic is open
        if fields is None:
            return ""
        text = self.tr(
            "Nothing was overwritten. The patient's history shows who changed what; look at it, then decide."
        )
        if fields:
            text += "\n" + self.tr("Changed: {fields}").format(fields=", ".join(map(field_word, fields)))
        return text

    def dismiss(self) -> None:
        self.notice = None
        self._timer.stop()
        self.hide()

    def show_details(self) -> None:
        if self.notice is not None:
            self.details_wanted.emit(self.notice)

    def retranslate(self) -> None:
        self._details.setText(self.tr("Details"))
        self.stop.setText(self.tr("Stop"))
        self._close.setAccessibleName(self.tr("Close this notice"))
        self._dress()

    def _dress(self, *_: object) -> None:
        colors = theme.current()
        level = self.notice.level if self.notice else Level.INFO
        tone = "accent" if level is Level.INFO else TONES[level]
        sign = "info" if level is Level.INFO else "warn"
        self._mark.setPixmap(icons.pixmap(sign, getattr(colors, tone), theme.px(18)))
        self._mark.setAccessibleName(level_word(level))
        self._text.set_tone("red" if level is Level.ERROR else "text")
        self._close.setIcon(icons.icon("close", colors.muted, theme.px(16)))


class DetailsDialog(Speaking, QDialog):
    """All of a notice, to read; and to copy, with what helps whoever mends it."""

    copy_wanted = Signal()

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 420)
        self.notice = notice
        self.text = SafeText(f"{notice.text}\n\n{notice.detail}".strip())
        self.note = SafeLabel(tone="muted", wrap=True)
        self.note.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton("", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(self.copy_wanted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(self.note)
        column.addWidget(buttons)
        self.retranslate()

    def show_copied(self, text: str) -> None:
        """What is on the clipboard now."""
        self.text.setPlainText(text)
        self.note.show()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Details"))
        self.text.setAccessibleName(self.tr("Details"))
        self.copy.setText(self.tr("Copy debug information"))
        self.note.setText(
            self.tr(
                "This is on the clipboard. Names and numbers of patients were taken out by rules: look it through "
                "before you send it."
            )
        )


def brief(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


class Hooks(QObject):
    """Carries exceptions nobody caught to ``receive``, whichever thread they come from; ``remove`` restores."""

    caught = Signal(object)

    def __init__(self, receive: Callable[[BaseException], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.caught.connect(receive)
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        self.caught.emit(error)

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.caught.emit(args.exc_value)
