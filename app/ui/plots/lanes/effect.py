"""Effect index (疗效指数, nimodipine method) of the total score along the visits, with the limits of its classes."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF

from app.domain.scores import CURED, EFFECTIVE, INEFFECTIVE, MARKED, effect_class
from app.ui.plots.ink import POINT_HOVER, spread
from app.ui.plots.lanes.base import Frame, Lane
from app.ui.plots.lanes.traces import paint_trace
from app.ui.plots.sheet import Line, Sheet
from app.ui.words import effect_word

_LIMITS = ((0.95, CURED), (0.70, MARKED), (0.30, EFFECTIVE), (0.0, INEFFECTIVE))
_TONES = {CURED: "green", MARKED: "green", EFFECTIVE: "gold", INEFFECTIVE: "red"}
_LABEL = 64.0  # pixels for a limit's words
_LOWEST = -0.25  # a course that got worse than this is drawn at the lower edge; the figure beside it tells


class EffectLane(Lane):
    key = "effect"
    height, stretch, tallest, shortest = 104.0, 1.0, 160.0, 96.0

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Effect index")

    def subtitle(self, sheet: Sheet) -> str:
        return QCoreApplication.translate("TimelineLanes", "total against\nthe first")

    def filled(self, sheet: Sheet) -> bool:
        return sheet.effect is not None and len(sheet.effect.observed) > 0

    def paint(self, frame: Frame) -> None:
        ink, line = frame.ink, frame.sheet.effect
        assert line is not None
        for limit, name in _LIMITS:
            y = self._y(frame, limit)
            ink.horizontal(frame.painter, frame.plot.left(), frame.rect.right(), y, ink.colour("grid"))
            words = f"{limit:.0%} {effect_word(name)}"
            fits = limit > 0 and ink.width(words, ink.tiny) <= _LABEL
            frame.row_label(words if fits else f"{limit:.0%}", y, tiny=True)
        with frame.clipped():
            points = paint_trace(frame, line, self._curve(frame), ink.colour("muted"))
            for point, value in zip(points, self._seen(frame, line), strict=False):
                ink.marker(frame.painter, "circle", point, ink.colour(_TONES[effect_class(value)]))
            self._paint_figures(frame, line)

    def paint_focus(self, frame: Frame, index: int) -> None:
        line, day = frame.sheet.effect, frame.sheet.visits[index].day
        value = math.nan if line is None else line.at(day)
        if not math.isnan(value):
            with frame.clipped():
                centre = QPointF(frame.x(day), self._y(frame, value))
                colour = frame.ink.colour(_TONES[effect_class(value)])
                frame.ink.marker(frame.painter, "circle", centre, colour, POINT_HOVER)

    def _y(self, frame: Frame, value: float) -> float:
        top, bottom = frame.rect.top() + 14, frame.rect.bottom() - 14
        return bottom - (bottom - top) * (max(min(value, 1.0), _LOWEST) - _LOWEST) / (1.0 - _LOWEST)

    def _curve(self, frame: Frame):
        def heights(values: np.ndarray) -> np.ndarray:
            low, high = self._y(frame, _LOWEST), self._y(frame, 1.0)
            return low + (np.clip(values, _LOWEST, 1.0) - _LOWEST) / (1.0 - _LOWEST) * (high - low)

        return heights

    def _seen(self, frame: Frame, line: Line) -> list[float]:
        """The values whose markers ``paint_trace`` gave, in its order."""
        low, high = frame.scale.day(frame.plot.left()), frame.scale.day(frame.rect.right())
        start, stop = line.pyramid.between(low, high)
        values = line.values[max(start - 1, 0) : stop + 1]
        return values[~np.isnan(values)].tolist()

    def _paint_figures(self, frame: Frame, line: Line) -> None:
        ink = frame.ink
        found = [(d, v) for d, v in zip(line.days.tolist(), line.values.tolist(), strict=True) if not math.isnan(v)]
        found = [(d, v) for d, v in found if frame.scale.sees(d, 4)]
        words = [f"{v:.0%}".replace("-", "−") for _, v in found]
        places = []
        for at, ((day, _), text) in enumerate(zip(found, words, strict=True)):
            width = ink.width(text, ink.tiny)
            left = min(frame.x(day) - width / 2, frame.rect.right() - width - 4)
            today = frame.x(frame.sheet.today) if frame.sheet.today is not None else None
            if today is not None and left - 2 < today < left + width + 2:  # the firm line would run through it
                left = today - width - 5
            places.append((left, left + width, 2.0 if at == len(found) - 1 else 1.0))
        for at in spread(places, gap=6):
            left, right, _ = places[at]
            y = self._y(frame, found[at][1])
            above = y - 19 if y - 19 > frame.rect.top() else y + 5
            ink.text(
                frame.painter, QRectF(left, above, right - left + 2, 14), words[at], ink.colour("text"),
                font=ink.tiny, elide=False,
            )  # fmt: skip
