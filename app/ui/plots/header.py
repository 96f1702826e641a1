"""The axis row on top: a marker for every visit, the dates (or days, or visit numbers) that find room, today."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.ui import theme
from app.ui.plots.axis import TimeAxis
from app.ui.plots.ink import CENTRE, LEFT, Ink, spread
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Sheet

HEIGHT = 40.0
_MARKER = 4.0


def paint_header(
    painter: QPainter, rect: QRectF, sheet: Sheet, axis: TimeAxis, scale: TimeScale, ink: Ink, focus: int | None = None
) -> None:
    column = QRectF(rect.left() + 16, rect.top() + 6, theme.LABEL_COLUMN - 20, 18)
    ink.text(painter, column, axis.caption(), ink.colour("muted"))
    painter.save()
    plot = rect.adjusted(theme.LABEL_COLUMN, 0, 0, 0)
    painter.setClipRect(plot, Qt.ClipOperation.IntersectClip)
    _paint_labels(painter, plot, sheet, axis, scale, ink)
    y = rect.bottom() - 9
    _paint_absences(painter, sheet, scale, ink, y)
    for index, visit in enumerate(sheet.visits):
        if scale.sees(visit.day, 8):
            painter.setPen(QPen(ink.colour("accent"), 1.6))
            painter.setBrush(ink.colour("accent") if index == focus else ink.colour("surface"))
            radius = _MARKER + (1 if index == focus else 0)
            painter.drawEllipse(QPointF(scale.x(visit.day), y), radius, radius)
    painter.restore()


def _paint_absences(painter: QPainter, sheet: Sheet, scale: TimeScale, ink: Ink, y: float) -> None:
    """How long nobody came, between the two visits."""
    for start, end in sheet.absences:
        words = QCoreApplication.translate("TimelineHeader", "{n} days without a visit").format(n=f"{end - start:.0f}")
        short = QCoreApplication.translate("TimelineHeader", "{n} days").format(n=f"{end - start:.0f}")
        room = scale.x(end) - scale.x(start) - 4 * _MARKER
        text = next((t for t in (words, short) if ink.width(t, ink.tiny) <= room), "")
        left, right = scale.x(start) + 2 * _MARKER, scale.x(end) - 2 * _MARKER
        if text:
            middle = QRectF(left, y - 8, right - left, 16)
            ink.text(painter, middle, text, ink.colour("muted"), font=ink.tiny, align=CENTRE, elide=False)


def _paint_labels(painter: QPainter, plot: QRectF, sheet: Sheet, axis: TimeAxis, scale: TimeScale, ink: Ink) -> None:
    words: list[str] = []
    tokens: list[str] = []
    places: list[tuple[float, float, float]] = []

    def want(day: float, text: str, importance: float, token: str = "muted") -> None:
        width = ink.width(text, ink.small)
        left = scale.x(day) - 4
        if left + width > plot.right() - 6:
            left = plot.right() - 6 - width
        if scale.sees(day, 2) and text:
            words.append(text)
            tokens.append(token)
            places.append((left, left + width, importance))

    _want_today(sheet, axis, want)
    visits = sheet.visits
    for index, visit in enumerate(visits):
        text = axis.visit_label(visit)
        if index == 0:
            first = QCoreApplication.translate("TimelineHeader", "first visit")
            dated = visit.date is not None and axis.visit_number(visit.number) != text
            text = f"{text} {first}" if dated else first
        edge = index in (0, len(visits) - 1)
        want(visit.day, text, 3.0 if edge else 1.0)
    if sum(scale.sees(v.day) for v in visits) < 3:
        for day, text in axis.ticks(scale):
            want(day, text, 0.5)
    y = plot.top() + 6
    for index in spread(places, gap=10):
        left, right, _ = places[index]
        rect = QRectF(left, y, right - left + 2, 18)
        ink.text(painter, rect, words[index], ink.colour(tokens[index]), align=LEFT, elide=False)


def _want_today(sheet: Sheet, axis: TimeAxis, want) -> None:
    if sheet.today is None:
        return
    name = QCoreApplication.translate("TimelineHeader", "today")
    place = axis.place(sheet.today)
    if sheet.today_is_last_visit:
        name = QCoreApplication.translate("TimelineHeader", "last visit")
        place = axis.visit_label(sheet.visits[-1]) if sheet.visits else place
    want(sheet.today, f"{place} {name}".strip(), 5.0, "accent")
    if sheet.forecast_until is not None and sheet.forecast_until > sheet.today:
        ahead = sheet.forecast_until - sheet.today
        text = QCoreApplication.translate("TimelineHeader", "+{n} days").format(n=f"{ahead:.0f}")
        want(sheet.forecast_until, text, 4.0)
