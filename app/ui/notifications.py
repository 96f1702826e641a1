"""One bar at the foot of the window for everything that went right, nearly right or wrong.

Refusals (KnownError) are told in the user's language; anything else is a bug, shown with details to copy. The hooks
catch what nobody caught, in this thread and in others.
"""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
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
from app.ui.translation import Speaking

PACKAGES = ("mailiu", "PySide6-Essentials", "pyqtgraph", "numpy", "torch", "pandas", "SQLAlchemy", "safetensors")
BAR_WIDTH = 180
INFO_MS = 8000  # an information goes by itself; a warning or an error stays until it is closed
log = logging.getLogger(__name__)


class Level(StrEnum):
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """detail: what helps whoever mends it; empty where there is nothing more to say."""

    level: Level
    text: str
    detail: str = ""


class NoticeBar(Speaking, QWidget):
    """Shows the latest notice, plain text only; hidden where there is none. What takes long shows how far it is."""

    stop_wanted = Signal()  # of the work that ``working`` told of

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.notice: Notice | None = None
        self._mark = SafeLabel(self.tr("Notice"))
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
        self.notice = notice
        self._text.setText(" ".join(notice.text.split()))
        self._details.setVisible(bool(notice.detail) or len(notice.text) > 90)
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
        self.show_notice(Notice(Level.INFO, text))
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
            dialog = DetailsDialog(self.notice, self.window())
            dialog.open()

    def retranslate(self) -> None:
        self._details.setText(self.tr("Details"))
        self.stop.setText(self.tr("Stop"))
        self._close.setAccessibleName(self.tr("Close this notice"))
        self._dress()

    def _dress(self, *_: object) -> None:
        colors = theme.current()
        level = self.notice.level if self.notice else Level.INFO
        names = {
            Level.INFO: (self.tr("Notice"), "accent"),
            Level.WARN: (self.tr("Please note"), "gold"),
            Level.ERROR: (self.tr("Error"), "red"),
        }
        text, tone = names[level]
        sign = "info" if level is Level.INFO else "warn"
        self._mark.setPixmap(icons.pixmap(sign, getattr(colors, tone), theme.px(18)))
        self._mark.setAccessibleName(text)
        self._text.set_tone("red" if level is Level.ERROR else "text")
        self._close.setIcon(icons.icon("close", colors.muted, theme.px(16)))


class DetailsDialog(QDialog):
    """All of a notice, with the versions that go with it, to read and to copy."""

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Details"))
        self.resize(680, 420)
        self._text = SafeText(f"{notice.text}\n\n{notice.detail}\n\n{debug_information()}")
        self._text.setAccessibleName(self.tr("Details"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(self.tr("Copy debug information"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self._text)
        column.addWidget(buttons)

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())


def debug_information() -> str:
    """Versions and platform, no data: what a bug report needs. Imports none of the packages it names."""
    lines = [f"Python {platform.python_version()} on {platform.platform()}"]
    for name in PACKAGES:
        try:
            lines.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{name}: not installed")
    return "\n".join(lines)


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
