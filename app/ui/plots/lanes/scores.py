"""Symptom scores as lines with their forecast; where nothing was scored, dots for signs present and denied."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from app.domain.scores import effect_class
from app.ui.plots.ink import (
    DASHES,
    FORECAST_DASH,
    INNER_BAND,
    MARKERS,
    OUTER_BAND,
    POINT_HOVER,
    RIGHT,
)
from app.ui.plots.lanes.base import INSET, Frame, Lane
from app.ui.plots.lanes.signs import paint_sign_focus, paint_signs
from app.ui.plots.lanes.traces import paint_trace, runs
from app.ui.plots.sheet import Line, Path, Sheet
from app.ui.words import effect_word

_LEGEND_HEIGHT = 26.0
_WHISKER = 6.0  # pixels between the end intervals of two series
_RING = 8.0  # radius about a value beyond expectation
_NUDGE = 1.5  # pixels between lines of equal scores, so that none hides another


class ScoresLane(Lane):
    key = "scores"
    height, stretch, tallest, shortest = 184.0, 3.0, 400.0, 140.0

    def __init__(self) -> None:
        self.steps = False  # scores hold until the next visit, rather than pass through what lies between
        self._chosen = 0  # the series whose bands are drawn: those of several would only hide each other
        self._legend: list[QRectF] = []

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Symptoms")

    def press(self, place: QPointF) -> bool:
        """A click on a name in the legend gives that series the bands."""
        hit = next((i for i, box in enumerate(self._legend) if box.contains(place)), None)
        if hit is None or hit == self._chosen:
            return False
        self._chosen = hit
        return True

    def subtitle(self, sheet: Sheet) -> str:
        if not sheet.scores:
            return QCoreApplication.translate("TimelineLanes", "● present\n○ denied")
        top = score_ticks(sheet)[-1]
        return QCoreApplication.translate("TimelineLanes", "scores 0–{top}").format(top=f"{top:g}")

    def filled(self, sheet: Sheet) -> bool:
        return bool(sheet.scores or sheet.signs)

    def paint(self, frame: Frame) -> None:
        if not frame.sheet.scores:
            paint_signs(frame)
            return
        ticks = score_ticks(frame.sheet)
        for tick in ticks:
            y = self._y(frame, tick)
            left = frame.plot.left()
            frame.ink.horizontal(frame.painter, left, frame.rect.right(), y, frame.ink.colour("grid"))
            frame.row_label(f"{tick:g}", y)
        with frame.clipped():
            self._paint_total(frame)
            chosen = self._chosen if self._chosen < len(frame.sheet.scores) else 0
            self._paint_bands(frame, chosen, frame.sheet.scores[chosen])
            for index, line in reversed(list(enumerate(frame.sheet.scores))):
                self._paint_line(frame, index, line)
            self._paint_surprises(frame)
        self._paint_legend(frame)

    def paint_focus(self, frame: Frame, index: int) -> None:
        if not frame.sheet.scores:
            paint_sign_focus(frame, index)
            return
        day = frame.sheet.visits[index].day
        with frame.clipped():
            for series, line in reversed(list(enumerate(frame.sheet.scores))):
                value = line.at(day)
                if not math.isnan(value):
                    centre = QPointF(frame.x(day), self._y(frame, value, series))
                    kind = MARKERS[series % len(MARKERS)]
                    frame.ink.marker(frame.painter, kind, centre, frame.ink.series(series), POINT_HOVER)

    def _y(self, frame: Frame, value: float, series: int | None = None) -> float:
        top, bottom = frame.rect.top() + _LEGEND_HEIGHT + 6, frame.rect.bottom() - 16
        highest = score_ticks(frame.sheet)[-1]
        y = bottom - (bottom - top) * value / highest
        return y if series is None else y + (series - (len(frame.sheet.scores) - 1) / 2) * _NUDGE

    def _ys(self, frame: Frame, series: int, values: np.ndarray) -> np.ndarray:
        zero, one = self._y(frame, 0.0, series), self._y(frame, 1.0, series)
        return zero + values * (one - zero)

    def _paint_line(self, frame: Frame, series: int, line: Line) -> None:
        ink, colour = frame.ink, frame.ink.series(series)
        height = partial(self._ys, frame, series)
        points = paint_trace(frame, line, height, colour, DASHES[series % len(DASHES)], steps=self.steps)
        if line.forecast is not None:
            ink.polyline(
                frame.painter, self._path(frame, line.forecast.days, line.forecast.median), colour, FORECAST_DASH
            )
            self._paint_whisker(frame, series, line.forecast)
        for centre in points:
            ink.marker(frame.painter, MARKERS[series % len(MARKERS)], centre, colour)

    def _paint_surprises(self, frame: Frame) -> None:
        """A ring about each value beyond expectation, and the words once, over the highest."""
        ink, red = frame.ink, frame.ink.colour("red")
        rings = [
            QPointF(frame.x(one.day), self._y(frame, line.at(one.day), series))
            for one in frame.sheet.surprises
            for series, line in enumerate(frame.sheet.scores)
            if line.name == one.name and not math.isnan(line.at(one.day))
        ]
        if not rings:
            return
        frame.painter.setBrush(Qt.BrushStyle.NoBrush)
        frame.painter.setPen(QPen(red, 1.5))
        for centre in rings:
            frame.painter.drawEllipse(centre, _RING, _RING)
        highest = min(rings, key=lambda centre: centre.y())
        words = QCoreApplication.translate("TimelineLanes", "beyond expectation")
        width = ink.width(words, ink.small) + 2
        left = highest.x() - _RING - 6 - width  # before the ring: after it comes the forecast
        left = left if left >= frame.plot.left() + 4 else highest.x() + _RING + 6
        rect = QRectF(left, highest.y() - _RING - 16, width, 16)
        ink.box(frame.painter, rect.adjusted(-3, 0, 3, 0), ink.colour("surface", 0.85))  # lines pass behind the words
        ink.text(frame.painter, rect, words, red, elide=False)

    def _paint_bands(self, frame: Frame, series: int, line: Line) -> None:
        path = line.forecast
        if path is None:
            return
        for (lower, upper), alpha in ((path.outer, OUTER_BAND), (path.inner, INNER_BAND)):
            edges = self._path(frame, path.days, lower), self._path(frame, path.days, upper)
            frame.ink.band(frame.painter, *edges, frame.ink.series(series, alpha))

    def _paint_whisker(self, frame: Frame, series: int, path: Path) -> None:
        """The intervals at the forecast's end beside the plot, so that every series carries its own."""
        x = frame.x(path.days[-1]) + 6 + series * _WHISKER
        for (lower, upper), width in ((path.outer, 1.0), (path.inner, 3.0)):
            top, bottom = self._y(frame, upper[-1]), self._y(frame, lower[-1])
            rect = QRectF(x - width / 2, top, width, max(bottom - top, 1.0))
            frame.painter.fillRect(rect, frame.ink.series(series))

    def _path(self, frame: Frame, days: np.ndarray, values: np.ndarray) -> list[QPointF]:
        return [QPointF(frame.x(d), self._y(frame, v)) for d, v in zip(days.tolist(), values.tolist(), strict=True)]

    def _paint_total(self, frame: Frame) -> None:
        """The sum as a quiet hill on a scale of its own behind the lines; the legend carries its figures."""
        total = frame.sheet.total
        if total is None or not len(total.observed) or not total.top():
            return
        base, height = self._y(frame, 0), self._y(frame, 0) - self._y(frame, score_ticks(frame.sheet)[-1])
        points = [
            None if math.isnan(v) else QPointF(frame.x(d), base - height * v / total.top())
            for d, v in zip(total.days.tolist(), total.values.tolist(), strict=True)
        ]
        for run in runs(points):
            floor = [QPointF(p.x(), base) for p in run]
            frame.ink.band(frame.painter, floor, run, frame.ink.colour("muted", 0.07))

    def _paint_legend(self, frame: Frame) -> None:
        x, y = frame.scale.left, frame.rect.top() + 13
        right = frame.rect.right() - 12
        if any(line.forecast for line in frame.sheet.scores) and frame.sheet.today is not None:
            right = self._paint_caption(frame, frame.sheet.today, y, right)
        self._legend = []
        for index, line in enumerate(frame.sheet.scores):
            after = _legend_entry(frame, index, line.label, x, y, right)
            width = 27 + frame.ink.width(line.label, frame.ink.small) + 6 if after > x else 0.0
            self._legend.append(QRectF(after - 10 - width, y - 9, width, 18))
            x = after
        total = frame.sheet.total
        if total is not None and len(total.observed):
            for words in (_total_words(total, frame.sheet.effect), _total_words(total, None)):
                if _hill_entry(frame, words, x, y, right):
                    break

    def _paint_caption(self, frame: Frame, today: float, y: float, right: float) -> float:
        """What dash and band mean: over the forecast, or in the label column where it is too narrow for the words.

        Returns where the legend must end.
        """
        ink = frame.ink
        words = QCoreApplication.translate("TimelineLanes", "forecast: median and 90% interval")
        width = ink.width(words, ink.small)
        if right - width >= frame.x(today) + 8:
            rect = QRectF(right - width, y - 9, width, 18)
            ink.text(frame.painter, rect, words, ink.colour("accent"), align=RIGHT, elide=False)
            return right - width - 12
        key = QCoreApplication.translate("TimelineLanes", "dashed: median\nband: 90%")
        column = QRectF(frame.rect.left() + INSET, frame.rect.top() + 24, 100, 18)
        for line in key.split("\n"):
            column.translate(0, 17)
            ink.text(frame.painter, column, line, ink.colour("accent"))
        return right


def _total_words(total: Line, effect: Line | None) -> str:
    """The first and the last sum, and the class of effect between them."""
    first, last = f"{total.observed[0]:g}", f"{total.observed[-1]:g}"
    if len(total.observed) == 1:
        return QCoreApplication.translate("TimelineLanes", "total {first}").format(first=first)
    words = QCoreApplication.translate("TimelineLanes", "total {first} → {last}").format(first=first, last=last)
    if effect is None:
        return words
    index = float(effect.observed[-1])
    return f"{words} · {index:.0%} {effect_word(effect_class(index))}".replace("-", "−")


def _legend_entry(frame: Frame, index: int, label: str, x: float, y: float, right: float) -> float:
    """Line, marker and name of a series; returns where the next entry starts."""
    ink = frame.ink
    width = ink.width(label, ink.small)
    start = _beyond_today(frame, x, 27 + width)
    if start + 24 + width > right:
        return x
    x = start
    sample_line(frame, index, x, y)
    ink.text(frame.painter, QRectF(x + 27, y - 9, width + 2, 18), label, ink.colour("text"), elide=False)
    return x + 27 + width + 16


def _beyond_today(frame: Frame, x: float, width: float) -> float:
    """Where an entry of this width may start so that the firm line does not run through it."""
    if frame.sheet.today is None:
        return x
    line = frame.x(frame.sheet.today)
    return line + 8 if x - 4 < line < x + width + 4 else x


def sample_line(frame: Frame, index: int, x: float, y: float) -> None:
    """22 pixels of a series as it is drawn."""
    colour = frame.ink.series(index)
    frame.ink.polyline(frame.painter, [QPointF(x, y), QPointF(x + 22, y)], colour, DASHES[index % len(DASHES)])
    frame.ink.marker(frame.painter, MARKERS[index % len(MARKERS)], QPointF(x + 11, y), colour)


def _hill_entry(frame: Frame, label: str, x: float, y: float, right: float) -> bool:
    """False where there is no room for it."""
    width = frame.ink.width(label, frame.ink.small)
    x = _beyond_today(frame, x, 18 + width)
    if x + 18 + width <= right:
        frame.painter.setPen(QPen(Qt.PenStyle.NoPen))
        frame.painter.fillRect(QRectF(x, y - 4, 12, 9), frame.ink.colour("muted", 0.22))
        rect = QRectF(x + 18, y - 9, width + 2, 18)
        frame.ink.text(frame.painter, rect, label, frame.ink.colour("muted"), elide=False)
        return True
    return False


def score_ticks(sheet: Sheet) -> list[float]:
    """Ticks from 0 to the first even one at or above everything drawn, at least 3."""
    highest = sheet.highest_score
    step = next((s for s in (1.0, 2.0, 5.0, 10.0) if highest / s <= 4), 20.0)
    count = math.ceil(highest / step - 1e-9)
    return [i * step for i in range(count + 1)]
