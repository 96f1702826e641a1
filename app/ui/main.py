"""Start of the window, in order: application, language, dress, window, clinic file, hooks, event loop."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app import paths
from app.ui import icons, theme, translation
from app.ui import settings as memory
from app.ui.notifications import Hooks
from app.ui.window import MainWindow

PULSE_MS = 200


def run(db: Path | None, *, scheme: str | None = None, language: str | None = None) -> int:
    """Show the window on a clinic file (None: the last one, else the user's own) until it is closed; exit code."""
    app = application()
    before = signal.signal(signal.SIGINT, _ask_to_close)
    window = open_window(db, app, scheme=scheme, language=language)
    hooks = Hooks(window.notices.tell, window)
    pulse = QTimer(app)  # Qt's loop sits in C++; Python hears Ctrl-C only when it is called now and then
    pulse.timeout.connect(_breathe)
    pulse.start(PULSE_MS)
    window.show()
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


def open_window(
    db: Path | None, app: QApplication, *, scheme: str | None = None, language: str | None = None
) -> MainWindow:
    """A window on a clinic file, not yet shown. scheme and language are remembered from the last time where None."""
    settings = memory.load()
    settings.scheme = scheme or settings.scheme
    settings.language = language or settings.language
    translation.install(app, settings.language)
    theme.apply(app, settings.scheme)
    app.setWindowIcon(QIcon(icons.pixmap("trajectory", theme.LIGHT.accent, 64)))
    window = MainWindow(settings)
    window.open_path(str(db or last_file(settings) or paths.default_clinic()))
    return window


def last_file(settings: memory.Settings) -> Path | None:
    """The file of the last time, None where it is gone."""
    path = Path(settings.last_file) if settings.last_file else None
    return path if path is not None and path.is_file() else None
