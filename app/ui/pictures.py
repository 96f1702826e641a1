"""Plots as pictures without a window: for the demo, the reports and the documentation.

Each ``*_png`` writes a file, each ``*_bytes`` returns PNG bytes. theme: "light", "dark", or "print" (white paper, no
controls, drawn at twice the pixels). size: width and height in points; a picture for print grows in height until
nothing is cut off.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QTranslator
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QApplication, QWidget

from app import i18n
from app.domain.records import Case
from app.paths import RESOURCES
from app.ui import theme as themes
from app.ui.plots.forecast import ForecastView
from app.ui.plots.reading.words import Vocabulary
from app.ui.plots.timeline import TimelineView
from app.ui.plots.trajectory import TrajectoryView
from models.course import Course
from models.forecast import Forecast, Trajectory
from models.surprise import Surprise

Size = tuple[int, int]
SIZE: Size = (1280, 800)
PRINT = replace(themes.LIGHT, name="print", bg="#FFFFFF", sunk="#F4F2EC", grid="#E6E2D8")
_THEMES = {"light": themes.LIGHT, "dark": themes.DARK, "print": PRINT}
_PRINT_RATIO = 2.0


class _English(QTranslator):
    """Answers every lookup with the source text, which is English, over whatever the application has installed."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return source

    def isEmpty(self) -> bool:
        return False


MOST_PANELS = 12  # what one page shows legibly


def timeline_bytes(
    case: Case,
    vocabulary: Vocabulary | None,
    forecast: Forecast | None = None,
    today: float | None = None,
    course: Course | None = None,
    *,
    size: Size = SIZE,
    theme: str = "light",
    language: str = "zh",
    surprises: Sequence[Surprise] = (),
) -> bytes:
    """The course of one patient with all lanes. Raises KeyError for an unknown theme."""
    with _stage(language):
        view = TimelineView(colours=_THEMES[theme])
        view.show_case(case, vocabulary, forecast, today, course, surprises=surprises)
        if theme == "print":
            view.overview.hide()
            size = size[0], max(size[1], view.canvas.content_height())
        return _png(view, size, theme)


def trajectory_bytes(
    trajectory: Trajectory,
    case: Case | None = None,
    *,
    size: Size = SIZE,
    theme: str = "light",
    language: str = "zh",
) -> bytes:
    """States and time constants of the network. Raises KeyError for an unknown theme."""
    with _stage(language):
        view = TrajectoryView(colours=_THEMES[theme])
        view.hide_controls()
        view.show_trajectory(trajectory, case)
        return _png(view, size, theme)


def forecast_bytes(
    course: Course, forecast: Forecast, *, size: Size = SIZE, theme: str = "light", language: str = "zh"
) -> bytes:
    """Small multiples of the first ``MOST_PANELS`` variables seen in this patient. KeyError for an unknown theme."""
    seen = [n for n in forecast.names if n in course.names and not np.isnan(course.column(n)).all()]
    with _stage(language):
        view = ForecastView(colours=_THEMES[theme])
        view.hide_controls()
        view.show_forecast(course, forecast.select((seen or list(forecast.names))[:MOST_PANELS]))
        return _png(view, (size[0], max(size[1], view.content_height(size[0]))), theme)


def timeline_png(
    path: Path,
    case: Case,
    vocabulary: Vocabulary | None,
    forecast: Forecast | None = None,
    today: float | None = None,
    course: Course | None = None,
    *,
    size: Size = SIZE,
    theme: str = "light",
    language: str = "zh",
) -> None:
    png = timeline_bytes(case, vocabulary, forecast, today, course, size=size, theme=theme, language=language)
    Path(path).write_bytes(png)


def trajectory_png(
    path: Path,
    trajectory: Trajectory,
    case: Case | None = None,
    *,
    size: Size = SIZE,
    theme: str = "light",
    language: str = "zh",
) -> None:
    Path(path).write_bytes(trajectory_bytes(trajectory, case, size=size, theme=theme, language=language))


def forecast_png(
    path: Path,
    course: Course,
    forecast: Forecast,
    *,
    size: Size = SIZE,
    theme: str = "light",
    language: str = "zh",
) -> None:
    Path(path).write_bytes(forecast_bytes(course, forecast, size=size, theme=theme, language=language))


def ensure_application() -> QApplication:
    """The application there is, else one that needs no screen."""
    app = QApplication.instance()
    if app is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        app = QApplication(["mailiu"])
    if not isinstance(app, QApplication):
        raise TypeError(f"pictures need a QApplication, there is a {type(app).__name__}")
    return app


@contextlib.contextmanager
def _stage(language: str) -> Iterator[None]:
    """An application that speaks ``language`` while a picture is drawn, and what it spoke before afterwards."""
    app = ensure_application()
    if _speaks(language):  # a translator more would make every open window translate itself again
        with i18n.speaking(language):
            yield
        return
    translator = _English(app)
    if language != "en":
        translator = QTranslator(app)
        translator.load(f"mailiu_{language}", str(RESOURCES / "i18n"))
    with i18n.speaking(language):
        app.installTranslator(translator)
        try:
            yield
        finally:
            app.removeTranslator(translator)
            translator.deleteLater()


def _speaks(language: str) -> bool:
    """Whether the application's installed catalogue is that of ``language`` already."""
    foreign = QCoreApplication.translate("TimelineLanes", "Notes") != "Notes"
    return foreign == (language != "en")


def _png(view: QWidget, size: Size, theme: str) -> bytes:
    ratio = _PRINT_RATIO if theme == "print" else 1.0
    view.resize(*size)
    image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(_THEMES[theme].color("bg"))
    view.grab()  # settles layouts and pending resizes, which a widget that was never shown still owes
    view.render(image)
    view.deleteLater()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"png")
    if not writer.write(image):
        raise RuntimeError(f"the picture could not be encoded as PNG: {writer.errorString()}")
    return bytes(data.data())
