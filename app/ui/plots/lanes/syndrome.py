"""Syndrome (证) as bands, and its elements (证素) as heat along the visits."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QColor, QLinearGradient

from app.ui.plots.lanes.base import Frame, Lane, centred, paint_bands
from app.ui.plots.sheet import Line, Sheet

_TOP, _BAR, _ROW, _ROW_PITCH = 9.0, 20.0, 12.0, 16.0
_FADE = 40.0
_TOKENS = ("green", "blue", "gold", "red")


class SyndromeLane(Lane):
    key = "syndrome"
    height = 46.0

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Syndrome")

    def subtitle(self, sheet: Sheet) -> str:
        return QCoreApplication.translate("TimelineLanes", "elements") if sheet.elements else ""

    def filled(self, sheet: Sheet) -> bool:
        return bool(sheet.syndromes or sheet.elements)

    def wanted(self, sheet: Sheet) -> float:
        bands = _BAR + 6 if sheet.syndromes else 0.0
        return max(self.height, _TOP + bands + len(sheet.elements) * _ROW_PITCH + 1) if sheet.elements else self.height

    def paint(self, frame: Frame) -> None:
        ink = frame.ink
        top = frame.rect.top() + _TOP if frame.sheet.elements else centred(frame.rect, _BAR)
        with frame.clipped():
            fill, border = ink.colour("accent", 0.12), ink.colour("accent", 0.35)
            paint_bands(frame, frame.sheet.syndromes, top, _BAR, fill, border, ink.colour("text"))
        if frame.sheet.syndromes:
            top += _BAR + 6
        for row, line in enumerate(frame.sheet.elements):
            y = top + row * _ROW_PITCH
            frame.row_label(line.label, y + _ROW / 2, left=62)
            with frame.clipped():
                self._paint_heat(frame, line, _TOKENS[row % len(_TOKENS)], y)

    def _paint_heat(self, frame: Frame, line: Line, token: str, top: float) -> None:
        low = line.lower if line.lower is not None else 0.0
        high = line.upper if line.upper is not None else max(line.top(), low + 1e-9)

        def shade(value: float) -> QColor:
            return frame.ink.colour(token, 0.06 + 0.84 * min(max((value - low) / (high - low), 0.0), 1.0))

        days, values = line.days.tolist(), line.values.tolist()
        for index, (day, value) in enumerate(zip(days, values, strict=True)):
            if math.isnan(value):
                continue
            following = index + 1 < len(days)
            end = days[index + 1] if following else frame.sheet.today or day
            after = values[index + 1] if following else value
            left, right = frame.x(day), max(frame.x(end), frame.x(day) + 6)
            if (day, end) in frame.sheet.absences:  # what was in between nobody knows
                fade = QRectF(left, top, min(right - left, _FADE), _ROW)
                self._strip(frame, fade, shade(value), frame.ink.colour(token, 0.0))
                continue
            self._strip(
                frame, QRectF(left, top, right - left, _ROW), shade(value), shade(value if math.isnan(after) else after)
            )
        if line.forecast is not None:
            path = line.forecast
            for i in range(len(path.days) - 1):
                left, right = frame.x(path.days[i]), frame.x(path.days[i + 1])
                strip = QRectF(left, top + 2, right - left, _ROW - 4)
                self._strip(frame, strip, shade(path.median[i]), shade(path.median[i + 1]))

    def _strip(self, frame: Frame, rect: QRectF, start: QColor, end: QColor) -> None:
        frame.painter.fillRect(rect, frame.ink.colour("surface"))
        gradient = QLinearGradient(rect.topLeft(), rect.topRight())
        gradient.setColorAt(0.0, start)
        gradient.setColorAt(1.0, end)
        frame.painter.fillRect(rect, gradient)
