"""Tongue as bands of equal state: body, then coating."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.ui.plots.lanes.base import Frame, Lane, centred, paint_bands
from app.ui.plots.sheet import Sheet

_BAR = 22.0


class TongueLane(Lane):
    key = "tongue"
    height = 46.0

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Tongue")

    def subtitle(self, sheet: Sheet) -> str:
        return QCoreApplication.translate("TimelineLanes", "body · coating")

    def filled(self, sheet: Sheet) -> bool:
        return bool(sheet.tongue)

    def paint(self, frame: Frame) -> None:
        ink = frame.ink
        with frame.clipped():
            top = centred(frame.rect, _BAR)
            colours = ink.colour("sunk"), ink.colour("line"), ink.colour("text")
            paint_bands(frame, frame.sheet.tongue, top, _BAR, *colours)
