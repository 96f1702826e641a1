"""What every page is made of: its measures and inks, the shipped font, and rich text that fetches nothing."""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QFontDatabase, QGuiApplication, QTextDocument

from app.domain.errors import KnownError
from app.paths import RESOURCES

DPI = 600
PAGE = (210.0, 297.0)  # mm, A4
SIDE, TOP, BOTTOM = 16.0, 15.0, 18.0  # margins, mm; the page number stands inside the bottom one
RUNNING = 8.0  # mm, the head of every page but the first
INK, MUTED, LINE, ACCENT = "#1E282B", "#5B676B", "#DCD7CB", "#1B6670"


def mm(value: float) -> float:
    """Millimetres to device units."""
    return value * DPI / 25.4


WIDTH = mm(PAGE[0] - 2 * SIDE)
HEIGHT = mm(PAGE[1] - TOP - BOTTOM)

_made_here: list[QGuiApplication] = []  # an application made by this module lives as long as the process
_families: list[str] = []


def ready() -> str:
    """Make sure there is an application and the shipped font; returns the font's family.

    Raises KnownError where the font is missing.
    """
    if QGuiApplication.instance() is None:
        from PySide6.QtWidgets import QApplication  # a plain QGuiApplication would bar the window from opening later

        screenless = sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        )
        if screenless:
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _made_here.append(QApplication(["mailiu"]))
    if not _families:
        folder = RESOURCES / "fonts"
        for file in sorted([*folder.glob("*.otf"), *folder.glob("*.ttf")]):
            known = QFontDatabase.addApplicationFont(str(file))
            _families.extend(QFontDatabase.applicationFontFamilies(known) if known >= 0 else [])
    if not _families:
        raise KnownError(
            "The font for reports is missing from {folder}: install Mailiu again.", folder=RESOURCES / "fonts"
        )
    return _families[0]


class Document(QTextDocument):
    """Rich text that fetches nothing, whatever stands in it."""

    def loadResource(self, type: int, name: object) -> object:  # noqa: A002 - Qt's own parameter name
        return None
