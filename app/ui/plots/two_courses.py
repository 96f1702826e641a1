"""Total scores of two patients on one axis, aligned at their first visits or by the number of the visit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app import comparison_words as words
from app.domain.comparison import By, Course, TwoCourses
from app.ui import theme
from app.ui.plots import magnified
from app.ui.plots.forecast import even_ticks
from app.ui.plots.ink import DASHES, MARKERS, POINT, RIGHT, Ink, marker_path
from app.ui.theme import Theme
from app.ui.translation import Speaking, figure_text, number_text

HEIGHT = 152
LEFT, TOP, BOTTOM, MARGIN = 44, 30, 26, 16
RIGHT_ROOM = 34  # half a label beyond the last point
LEGEND_LINE = 26


class TwoCoursesPlot(Speaking, QWidget):
    """The second line is dashed and has square points. A hollow point lacks a score that is recorded elsewhere."""

    def __init__(self, colours: Theme | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._two: TwoCourses | None = None
        self._names = ("", "")
        self._marked: tuple[float | None, float | None] = (None, None)
        self._ink = Ink(colours or theme.current(), 1.0 if colours is not None else theme.text_size())
        self.setFixedHeight(round(HEIGHT * self._ink.zoom))
        if colours is None:
            theme.notifier.changed.connect(self._dress)
        self.retranslate()

    def show_courses(
        self, two: TwoCourses | None, names: tuple[str, str] = ("", ""), marked: Sequence[float | None] = (None, None)
    ) -> None:
        """marked: where on the axis the two visits lie that are compared."""
        self._two, self._names = two, names
        self._marked = (marked[0], marked[1])
        self.retranslate()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, round(HEIGHT * self._ink.zoom))

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Total scores of both patients"))
        self.setAccessibleDescription("; ".join(self._told()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = magnified.painter(self, self._ink.zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, room = self._ink, magnified.room(self, self._ink.zoom)
        ink.box(painter, room, ink.colour("surface"), ink.colour("line"), theme.PANEL_RADIUS)
        if self._two is None:
            return
        courses = (self._two.first, self._two.second)
        points = [point for course in courses for point in course.points]
        if not points:
            ink.text(
                painter, room, self.tr("Neither of the two has scores"), ink.colour("muted"),
                align=Qt.AlignmentFlag.AlignCenter,
            )  # fmt: skip
            return
        low = 1.0 if self._two.by is By.VISITS else 0.0
        high = max(max(point.at for point in points), low + 1)
        top = max(max(point.total for point in points), 1.0)
        box = QRectF(LEFT, TOP, room.width() - LEFT - RIGHT_ROOM, room.height() - TOP - BOTTOM)
        self._paint_axes(painter, box, low, high, top)
        for index in (1, 0):  # this patient's line lies above the other's
            self._paint_course(painter, box, courses[index], index, (low, high, top))
        self._paint_legend(painter, all(point.whole for point in points))

    def _paint_axes(self, painter: QPainter, box: QRectF, low: float, high: float, top: float) -> None:
        ink, two = self._ink, self._two
        assert two is not None
        for value in even_ticks(0, top, 3):
            y = box.bottom() - value / top * box.height()
            ink.horizontal(painter, box.left(), box.right(), y, ink.colour("grid"))
            label = QRectF(0, y - 8, box.left() - 8, 16)
            ink.text(painter, label, figure_text(value), ink.colour("muted"), align=RIGHT)
        wanted = max(2, int(box.width() // 90))
        ticks = even_ticks(low, high, wanted) if high > low else [low]
        for value in (tick for tick in ticks if two.by is By.DAYS or tick.is_integer()):
            x = box.left() + (value - low) / (high - low) * box.width()
            text = self.tr("Day {n}") if two.by is By.DAYS else self.tr("Visit {n}")
            place = QRectF(x - RIGHT_ROOM, box.bottom() + 5, 2 * RIGHT_ROOM, 16)
            ink.text(
                painter, place, text.format(n=figure_text(value)),
                ink.colour("muted"), align=Qt.AlignmentFlag.AlignCenter,
            )  # fmt: skip
        for index, at in enumerate(self._marked):
            if at is not None and low <= at <= high:
                x = box.left() + (at - low) / (high - low) * box.width()
                ink.vertical(painter, x, box.top() - 4, box.bottom(), ink.series(index, 0.45))

    def _paint_course(
        self, painter: QPainter, box: QRectF, course: Course, index: int, span: tuple[float, float, float]
    ) -> None:
        low, high, top = span
        colour = self._ink.series(index)
        places = [
            QPointF(box.left() + (p.at - low) / (high - low) * box.width(), box.bottom() - p.total / top * box.height())
            for p in course.points
        ]
        self._ink.polyline(painter, places, colour, DASHES[index])
        for point, place in zip(course.points, places, strict=True):
            if point.whole:
                self._ink.marker(painter, MARKERS[index], place, colour)
            else:
                painter.setPen(QPen(colour, 1.5))
                painter.setBrush(self._ink.colour("surface"))
                painter.drawPath(marker_path(MARKERS[index], place, POINT))

    def _paint_legend(self, painter: QPainter, whole: bool) -> None:
        ink, x = self._ink, float(LEFT)
        title = self.tr("Total score")
        ink.text(painter, QRectF(x, 6, 120, 18), title, ink.colour("text"), font=ink.bold)
        x += ink.width(title, ink.bold) + 18
        for index, name in enumerate(self._names):
            colour = ink.series(index)
            ink.polyline(painter, [QPointF(x, 15), QPointF(x + LEGEND_LINE, 15)], colour, DASHES[index])
            ink.marker(painter, MARKERS[index], QPointF(x + LEGEND_LINE / 2, 15), colour)
            x += LEGEND_LINE + 6
            width = min(ink.width(name, ink.small) + 2, 160)
            ink.text(painter, QRectF(x, 6, width, 18), name, ink.colour("text"))
            x += width + 18
        if not whole:
            note = self.tr("hollow: a symptom graded elsewhere is not recorded there")
            ink.text(
                painter,
                QRectF(x, 6, magnified.room(self, ink.zoom).width() - x - MARGIN, 18),
                note,
                ink.colour("muted"),
            )

    def _told(self) -> list[str]:
        """The curves in words, for who cannot see them."""
        if self._two is None:
            return []
        out = []
        for name, course in zip(self._names, (self._two.first, self._two.second), strict=True):
            totals = ", ".join(number_text(point.total, 0) for point in course.points) or words.t("none")
            out.append(f"{name}: {totals}")
        return out

    def _dress(self, *_: object) -> None:
        self._ink = Ink(theme.current(), theme.text_size())
        self.setFixedHeight(round(HEIGHT * self._ink.zoom))
        self.update()
