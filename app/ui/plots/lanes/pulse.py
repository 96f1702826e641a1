"""Pulse: six positions as glyphs where both hands were felt place by place, else the eight axes (位数形势)."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen

from app.ui.plots.ink import CENTRE, spread
from app.ui.plots.lanes.base import Frame, Lane
from app.ui.plots.sheet import Pulse, Sheet

POSITIONS = tuple((side, place) for side in ("left", "right") for place in ("cun", "guan", "chi"))
AXES = ("depth", "rate", "rhythm", "width", "length", "strength", "fluency", "tension")
_NAMES_HEIGHT = 24.0
_TOP = 12.0
_GLYPH_HEIGHT = 10.0


class PulseLane(Lane):
    key = "pulse"
    height = 126.0

    def __init__(self) -> None:
        self.as_axes = False  # the eight axes also where six positions were felt

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Pulse")

    def subtitle(self, sheet: Sheet) -> str:
        if self._by_position(sheet):
            return QCoreApplication.translate("TimelineLanes", "red: rapid\nblue: slow\nnarrow: thready")
        return QCoreApplication.translate("TimelineLanes", "red: more\nblue: less")

    def filled(self, sheet: Sheet) -> bool:
        return bool(sheet.pulses)

    def paint(self, frame: Frame) -> None:
        rows = position_names() if self._by_position(frame.sheet) else axis_names()
        for row, name in enumerate(rows):
            frame.row_label(name, self._row_y(frame, row, len(rows)), tiny=len(rows) > 6)
        widest = _room(frame)
        with frame.clipped():
            for pulse in frame.sheet.pulses:
                if frame.scale.sees(pulse.day, 20):
                    self._paint_pulse(frame, pulse, widest)
            self._paint_names(frame)

    def _by_position(self, sheet: Sheet) -> bool:
        return six_positions(sheet) and not self.as_axes

    def _row_y(self, frame: Frame, row: int, rows: int) -> float:
        pitch = (frame.rect.height() - _NAMES_HEIGHT - _TOP + 2) / rows
        return frame.rect.top() + _TOP / 2 + pitch * (row + 0.5)

    def _paint_pulse(self, frame: Frame, pulse: Pulse, widest: float) -> None:
        x = frame.x(pulse.day)
        if self._by_position(frame.sheet):
            for row, place in enumerate(POSITIONS):
                axes = pulse.axes.get(place)
                if axes is not None:
                    _glyph(frame, QPointF(x, self._row_y(frame, row, 6)), axes, widest)
            if not any(place in pulse.axes for place in POSITIONS):
                self._paint_whole(frame, pulse, x, widest)
            return
        axes = pulse.axes[("", "")]
        for row, axis in enumerate(AXES):
            _axis_mark(frame, QPointF(x, self._row_y(frame, row, 8)), axes.get(axis, 0.0), min(widest, 11.0))

    def _paint_whole(self, frame: Frame, pulse: Pulse, x: float, widest: float) -> None:
        """A visit that gives the pulse as a whole among six-position ones: one tall glyph, as no place is known."""
        colour = glyph_colour(frame, pulse.axes[("", "")])
        top, bottom = self._row_y(frame, 0, 6) - 4, self._row_y(frame, 5, 6) + 4
        width = glyph_width(pulse.axes[("", "")], widest)
        frame.ink.box(frame.painter, QRectF(x - width / 2, top, width, bottom - top), colour, radius=width / 2)

    def _paint_names(self, frame: Frame) -> None:
        """Names under the visits where they have room: the last and the first before those that changed."""
        ink, pulses = frame.ink, frame.sheet.pulses
        entries: list[tuple[float, float, float]] = []
        shown: list[Pulse] = []
        for index, pulse in enumerate(pulses):
            changed = index == 0 or pulse.name != pulses[index - 1].name
            if frame.scale.sees(pulse.day, 10):
                half = ink.width(pulse.name, ink.small) / 2
                x = _beside_today(frame, frame.x(pulse.day), half)
                x = min(max(x, frame.plot.left() + half + 2), frame.rect.right() - half - 4)
                last, first = index == len(pulses) - 1, index == 0
                entries.append((x - half, x + half, 4.0 if last else 3.0 if first else 2.0 if changed else 1.0))
                shown.append(pulse)
        y = frame.rect.bottom() - _NAMES_HEIGHT + 2
        for index in spread(entries, gap=6):
            left, right, _ = entries[index]
            rect = QRectF(left - 2, y, right - left + 4, 16)
            ink.text(frame.painter, rect, shown[index].name, ink.colour("text"), align=CENTRE, elide=False)


def _beside_today(frame: Frame, x: float, half: float) -> float:
    """The middle of a name 2 * half wide, moved so that the firm line does not run through it."""
    line = frame.x(frame.sheet.today) if frame.sheet.today is not None else x - half - 4
    if abs(line - x) >= half + 3:
        return x
    return line + half + 4 if x >= line - 1 else line - half - 4


def six_positions(sheet: Sheet) -> bool:
    """Whether most pulses were felt place by place: a few such among whole ones would leave the rows empty."""
    placed = sum(any(place in pulse.axes for place in POSITIONS) for pulse in sheet.pulses)
    return placed > 0 and placed * 2 >= len(sheet.pulses)


def position_names() -> list[str]:
    return [
        QCoreApplication.translate("TimelineLanes", "L cun"),
        QCoreApplication.translate("TimelineLanes", "L guan"),
        QCoreApplication.translate("TimelineLanes", "L chi"),
        QCoreApplication.translate("TimelineLanes", "R cun"),
        QCoreApplication.translate("TimelineLanes", "R guan"),
        QCoreApplication.translate("TimelineLanes", "R chi"),
    ]


def axis_names() -> list[str]:
    """The eight axes; the second of each pair is the positive end."""
    return [
        QCoreApplication.translate("TimelineLanes", "depth"),
        QCoreApplication.translate("TimelineLanes", "rate"),
        QCoreApplication.translate("TimelineLanes", "rhythm"),
        QCoreApplication.translate("TimelineLanes", "width"),
        QCoreApplication.translate("TimelineLanes", "length"),
        QCoreApplication.translate("TimelineLanes", "force"),
        QCoreApplication.translate("TimelineLanes", "fluency"),
        QCoreApplication.translate("TimelineLanes", "tension"),
    ]


def glyph_colour(frame: Frame, axes: dict[str, float]) -> QColor:
    """Rapid red, slow blue, tense (弦 紧) gold, else green; the shade grows with the force."""
    if axes.get("rate", 0.0) > 0:
        token = "red"
    elif axes.get("rate", 0.0) < -1:
        token = "blue"
    else:
        token = "gold" if axes.get("tension", 0.0) > 0 else "green"
    return frame.ink.colour(token, 0.76 + 0.12 * max(-2.0, min(2.0, axes.get("strength", 0.0))))


def glyph_width(axes: dict[str, float], widest: float) -> float:
    return widest * (0.70 + 0.15 * max(-2.0, min(2.0, axes.get("width", 0.0))))


def _glyph(frame: Frame, centre: QPointF, axes: dict[str, float], widest: float) -> None:
    frame.painter.setPen(Qt.PenStyle.NoPen)
    frame.painter.setBrush(glyph_colour(frame, axes))
    frame.painter.drawEllipse(centre, glyph_width(axes, widest) / 2, _GLYPH_HEIGHT / 2)


def _axis_mark(frame: Frame, centre: QPointF, value: float, size: float) -> None:
    """A square deepening with the deviation; a point where the axis is normal."""
    ink, painter = frame.ink, frame.painter
    if abs(value) < 0.05:
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(ink.colour("line"))
        painter.drawEllipse(centre, 1.3, 1.3)
        return
    colour = ink.colour("red" if value > 0 else "blue", 0.3 + 0.35 * min(abs(value), 2.0))
    width = max(min(size, 9.0), 3.0)
    ink.box(painter, QRectF(centre.x() - width / 2, centre.y() - 4, width, 8), colour, radius=2)


def _room(frame: Frame) -> float:
    """Widest glyph that leaves close visits apart, 4..14 pixels."""
    xs = sorted(frame.x(p.day) for p in frame.sheet.pulses)
    gaps = [b - a for a, b in pairwise(xs) if b - a > 0.5]
    return min(14.0, max(4.0, min(gaps, default=14.0) * 1.1))
