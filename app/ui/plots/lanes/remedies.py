"""Formulas as named bars, under them the most telling herbs with their doses, and where herbs came and went."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QColor, QLinearGradient

from app.ui.plots.ink import LEFT, RIGHT
from app.ui.plots.lanes.base import Frame, Lane, paint_bands
from app.ui.plots.sheet import Dose, Herb, Sheet

_TOP, _BAR, _ROW, _ROW_PITCH = 8.0, 20.0, 13.0, 17.0
_MARK = 34.0  # room wanted for a 加 or 去: in crowded courses the marks would only hide each other


class RemediesLane(Lane):
    key = "remedies"
    height = 91.0

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Formula")

    def subtitle(self, sheet: Sheet) -> str:
        return QCoreApplication.translate("TimelineLanes", "g a day")

    def filled(self, sheet: Sheet) -> bool:
        return bool(sheet.remedies.formulas or sheet.remedies.herbs)

    def wanted(self, sheet: Sheet) -> float:
        return max(self.height, _TOP + _BAR + 12 + len(sheet.remedies.herbs) * _ROW_PITCH)

    def paint(self, frame: Frame) -> None:
        ink, found = frame.ink, frame.sheet.remedies
        top = frame.rect.top() + _TOP
        with frame.clipped():
            named = tuple(b for b in found.formulas if b.text)
            paint_bands(frame, named, top, _BAR, ink.colour("accent"), None, ink.colour("on_accent"))
        top += _BAR + 6
        heaviest = _heavy(found.herbs)
        for row, herb in enumerate(found.herbs):
            y = top + row * _ROW_PITCH
            frame.row_label(herb.name, y + _ROW / 2, left=64)
            with frame.clipped():
                self._paint_herb(frame, herb, y, heaviest)
        if found.others:
            words = QCoreApplication.translate("TimelineLanes", "+{n} herbs").format(n=found.others)
            rect = QRectF(frame.rect.left() + 16, frame.rect.top() + 41, 90, 18)
            ink.text(frame.painter, rect, words, ink.colour("muted"))

    def _paint_herb(self, frame: Frame, herb: Herb, top: float, heaviest: float | None) -> None:
        for index, dose in enumerate(herb.doses):
            box = frame.bar(dose.start, dose.end, top, _ROW)
            if box.right() < frame.plot.left() or box.left() > frame.rect.right():
                continue
            share = min(dose.grams / heaviest, 1.0) if dose.grams and heaviest else 0.6
            alpha = 0.28 + 0.66 * share
            self._paint_bar(frame, box, frame.ink.colour("green", alpha), dose.fades)
            self._paint_dose(frame, box, dose, alpha)
            before = frame.x(herb.doses[index - 1].end) if index else frame.plot.left()
            after = frame.x(herb.doses[index + 1].start) if index + 1 < len(herb.doses) else frame.rect.right()
            self._paint_marks(frame, box, dose, box.left() - before, after - box.right())

    def _paint_bar(self, frame: Frame, box: QRectF, fill: QColor, fades: bool) -> None:
        if not fades:
            frame.ink.box(frame.painter, box, fill)
            return
        gradient = QLinearGradient(box.topLeft(), box.topRight())
        clear = QColor(fill)
        clear.setAlphaF(0.0)
        gradient.setColorAt(0.0, fill)
        gradient.setColorAt(max(0.0, 1 - 40 / box.width()), fill)
        gradient.setColorAt(1.0, clear)
        frame.painter.fillRect(box, gradient)

    def _paint_dose(self, frame: Frame, box: QRectF, dose: Dose, alpha: float) -> None:
        if dose.grams is None:
            return
        ink, words = frame.ink, f"{dose.grams:g}"
        left = max(box.left(), frame.plot.left()) + 5
        if box.right() - left >= ink.width(words, ink.tiny) + 2:
            colour = ink.readable_on("green", alpha)
            rect = QRectF(left, box.top(), box.right() - left, box.height())
            ink.text(frame.painter, rect, words, colour, font=ink.tiny, elide=False)

    def _paint_marks(self, frame: Frame, box: QRectF, dose: Dose, room_before: float, room_after: float) -> None:
        """加 before a herb that came in, 去 after one that was left out, where there is room for the word."""
        ink = frame.ink
        added = QCoreApplication.translate("TimelineLanes", "in")
        removed = QCoreApplication.translate("TimelineLanes", "out")
        if dose.added and room_before >= _MARK:
            rect = QRectF(box.left() - 24, box.top() - 1, 20, 15)
            ink.text(frame.painter, rect, added, ink.colour("green"), font=ink.tiny, align=RIGHT, elide=False)
        if dose.removed and room_after >= _MARK:
            rect = QRectF(box.right() + 4, box.top() - 1, 24, 15)
            ink.text(frame.painter, rect, removed, ink.colour("red"), font=ink.tiny, align=LEFT, elide=False)


def _heavy(herbs: tuple[Herb, ...]) -> float | None:
    """The dose drawn darkest: the ninth tenth, because a few minerals run to hundreds of grams."""
    grams = sorted(d.grams for h in herbs for d in h.doses if d.grams)
    return grams[min(int(len(grams) * 0.9), len(grams) - 1)] if grams else None
