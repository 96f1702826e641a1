"""Start of the window, in order: application, language, dress, window, clinic file, hooks, event loop."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app import paths
from app.ui import icons, theme, translation
from app.ui import settings as memory
from app.ui.notifications import Hooks
from app.ui.window import MainWindow

PULSE_MS = 200
TITLE_BAR = 32  # pixels; what the window manager really takes is known only when the window is up


def run(db: Path | str | None, *, scheme: str | None = None, language: str | None = None) -> int:
    """Show the window on a clinic file (None: the last one, else the user's own) until it is closed; exit code."""
    app = application()
    before = signal.signal(signal.SIGINT, _ask_to_close)
    window = make_window(app, scheme=scheme, language=language)
    hooks = Hooks(window.notices.tell, window)
    pulse = QTimer(app)  # Qt's loop sits in C++; Python hears Ctrl-C only when it is called now and then
    pulse.timeout.connect(_breathe)
    pulse.start(PULSE_MS)
    fit_to_screen(window)
    window.show()
    window.entry.folder = window.chores.folder
    window.everywhere.guide.offer_tour()
    QTimer.singleShot(0, window, partial(window.entry.start, str(db) if db else first_place(window.settings)))
    try:
        return app.exec()
    finally:
        pulse.stop()
        signal.signal(signal.SIGINT, before)
        hooks.remove()


def _ask_to_close(*_: object) -> None:
    """Ctrl-C in the terminal closes the window in its ordinary way: workers end, settings are kept."""
    QApplication.closeAllWindows()


def _breathe() -> None:
    """Nothing: the call itself is the point."""


def application() -> QApplication:
    """The one QApplication, made where there is none yet."""
    found = QCoreApplication.instance()
    if isinstance(found, QApplication):
        return found
    QCoreApplication.setApplicationName("Mailiu")
    QCoreApplication.setOrganizationName("Mailiu")
    return QApplication(sys.argv[:1])


def make_window(app: QApplication, *, scheme: str | None = None, language: str | None = None) -> MainWindow:
    """A window without a clinic file, not yet shown. scheme and language: as the last time where None."""
    settings = memory.load()
    settings.scheme = scheme or settings.scheme
    settings.language = language or settings.language
    translation.install(app, settings.language)
    theme.apply(app, settings.scheme, settings.percent)
    app.setWindowIcon(QIcon(icons.pixmap("trajectory", theme.LIGHT.accent, 64)))
    return MainWindow(settings)


def open_window(db: Path, app: QApplication, *, scheme: str | None = None, language: str | None = None) -> MainWindow:
    """A window on a clinic file that opens without a passphrase, not yet shown. Raises KnownError."""
    window = make_window(app, scheme=scheme, language=language)
    window.session.open(db)
    return window


def first_place(settings: memory.Settings) -> str:
    """The clinic of the last time; the user's own where that is gone; "" where there is none yet."""
    last, own = settings.last_file, paths.data_place() / paths.CLINIC
    if "://" in last or (last and Path(last).is_file()):
        return last
    return str(own) if own.is_file() else ""


def fit_to_screen(window: MainWindow) -> None:
    """Not larger than the screen has room for, title bar included."""
    room = window.screen().availableSize() - QSize(0, TITLE_BAR)
    window.resize(window.size().boundedTo(room))
