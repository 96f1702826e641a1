"""The painted part of the timeline: header, lanes, today, crosshair, measure. What is done with it is the canvas's."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.ui import theme
from app.ui.plots import magnified
from app.ui.plots.axis import TimeAxis
from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.header import paint_header
from app.ui.plots.ink import Ink
from app.ui.plots.lane_stack import LaneStack
from app.ui.plots.lanes import Frame, Lane
from app.ui.plots.lanes.pulse import PulseLane
from app.ui.plots.lanes.scores import ScoresLane
from app.ui.plots.layout import PULSE_AXES, STEPS, LaneLayout
from app.ui.plots.measure import paint_measure
from app.ui.plots.readout import ReadOut, paint_read_out
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Sheet

_LEFT_MARGIN, _RIGHT_MARGIN = 14.0, 36.0  # pixels between the plot's edges and the first and last day
_CLOSEST_GRID = 5.0  # pixels between vertical grid lines, at least


class LaneView(QAbstractScrollArea):
    """Lanes on one time scale; one that has been needed once stays open, so going through patients moves nothing."""

    def __init__(self, scale: TimeScale, ink: Ink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stack = LaneStack()
        self._scale, self._ink = scale, ink
        self._sheet: Sheet | None = None
        self._axis = TimeAxis()
        self._empty = ""
        self._drawn: QPixmap | None = None
        self._cursor: QPointF | None = None
        self._read_out: ReadOut | None = None
        self._ends: tuple[int, int] | None = None  # the two visits measured
        self._chosen = ""  # the lane the keys act on
        self._drop = ""  # where a lane being dragged would go
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setSingleStep(20)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All of them, hidden ones too, in the order they have by default."""
        return self.stack.lanes

    @property
    def layout_of_lanes(self) -> LaneLayout:
        return self.stack.layout

    def set_layout(self, layout: LaneLayout) -> None:
        self.stack.layout = layout
        for lane in self.lanes:
            if isinstance(lane, ScoresLane):
                lane.steps = STEPS in layout.options
            elif isinstance(lane, PulseLane):
                lane.as_axes = PULSE_AXES in layout.options
        if self._chosen in layout.hidden:
            self._chosen = ""
        self._arrange()
        self.redraw()

    def set_ink(self, ink: Ink) -> None:
        self._ink = ink
        self._arrange()
        self.redraw()

    @property
    def room(self) -> QRectF:
        """The viewport in the plot's own measures, whatever the text size."""
        return magnified.room(self.viewport(), self._ink.zoom)

    def redraw(self) -> None:
        """Forget the drawn lanes: scale, case or colours changed."""
        self._drawn = None
        self.viewport().update()

    @property
    def read_out(self) -> ReadOut | None:
        """What the box at the crosshair says: of a visit, of the forecast, or of two visits measured."""
        return self._read_out

    def lane_rects(self) -> dict[str, QRectF]:
        """Place of every shown lane in the viewport, by key, in order."""
        view = self.room
        return self.stack.rects(int(view.width()), int(view.height()), self.verticalScrollBar().value())

    def content_height(self, room: float = math.inf) -> int:
        """Height the lanes take in a viewport of height ``room``, header included; by default their comfortable one."""
        return self.stack.content_height(room)

    def _arrange(self) -> None:
        view = self.room
        self._scale.set_pixels(
            theme.LABEL_COLUMN + _LEFT_MARGIN, view.width() - theme.LABEL_COLUMN - _LEFT_MARGIN - _RIGHT_MARGIN
        )
        bar = self.verticalScrollBar()
        height = int(view.height())
        bar.setRange(0, max(0, self.content_height(height) - height))
        bar.setPageStep(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        self.redraw()
        super().resizeEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = magnified.painter(self.viewport(), self._ink.zoom)
        if self._drawn is None:
            self._drawn = self._draw()
        painter.drawPixmap(0, 0, self._drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():  # whoever works by keyboard sees where the arrow keys act
            self._ink.frame(painter, self.room, self._ink.colour("accent"), theme.PANEL_RADIUS)
        if self._sheet is None:
            return
        self._paint_chosen(painter)
        if self._ends is not None:
            area = self.room.adjusted(theme.LABEL_COLUMN, HEADER, 0, 0)
            painter.save()
            painter.setClipRect(area.adjusted(0, -HEADER, 0, 0))
            paint_measure(painter, self._ink, self._scale, self._sheet, self._ends, area)
            painter.restore()
        if self._read_out is not None and self._cursor is not None:
            self._paint_crosshair(painter, self._sheet, self._read_out, self._cursor)

    def _draw(self) -> QPixmap:
        pixmap = magnified.paper(self.viewport(), self._ink.zoom)
        pixmap.fill(self._ink.colour("bg"))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.room
        ink = self._ink
        ink.box(painter, area, ink.colour("surface"), ink.colour("line"), theme.PANEL_RADIUS)
        outline = QPainterPath()
        outline.addRoundedRect(area.adjusted(1, 1, -1, -1), theme.PANEL_RADIUS - 1, theme.PANEL_RADIUS - 1)
        painter.setClipPath(outline)
        if self._sheet is None or not self._sheet.visits:
            ink.text(painter, area, self._empty, ink.colour("muted"), font=ink.base, align=Qt.AlignmentFlag.AlignCenter)
        else:
            self._draw_case(painter, area, self._sheet)
        painter.end()
        return pixmap

    def _draw_case(self, painter: QPainter, area: QRectF, sheet: Sheet) -> None:
        ink, scale = self._ink, self._scale
        rects = self.lane_rects()
        bottom = self._bottom(rects)
        painter.save()
        painter.setClipRect(QRectF(theme.LABEL_COLUMN, 0, area.width(), bottom), Qt.ClipOperation.IntersectClip)
        self._draw_behind(painter, area, sheet, bottom)
        painter.restore()
        fixed = HEADER + self.stack.pinned_height(area.height())
        for pinned in (False, True):
            top = HEADER if pinned else fixed
            painter.save()
            painter.setClipRect(QRectF(0, top, area.width(), area.height() - top), Qt.ClipOperation.IntersectClip)
            for lane in self.stack.shown():
                rect = rects[lane.key]
                stays = fixed > HEADER and lane.key in self.layout_of_lanes.pinned
                if stays is pinned and rect.height() and rect.bottom() > top and rect.top() < area.bottom():
                    lane.paint_all(Frame(painter, rect, sheet, scale, ink))
                    ink.horizontal(painter, area.left(), area.right(), rect.bottom() - 1, ink.colour("line"))
                    if lane.key in self.layout_of_lanes.pinned:
                        _paint_pin(painter, ink, rect)
            painter.restore()
        if fixed > HEADER and self.verticalScrollBar().maximum():  # below it lanes go past
            painter.fillRect(QRectF(area.left(), fixed - 2, area.width(), 2), ink.colour("line"))
        paint_header(painter, QRectF(0, 0, area.width(), HEADER), sheet, self._axis, scale, ink)
        ink.horizontal(painter, area.left(), area.right(), HEADER - 1, ink.colour("line"))
        self._draw_today(painter, sheet, rects, bottom)
        self._draw_flags(painter, sheet, bottom)

    def _draw_behind(self, painter: QPainter, area: QRectF, sheet: Sheet, bottom: float) -> None:
        """The future, long absences, and a grid line a visit."""
        ink, scale = self._ink, self._scale
        if sheet.today is not None:
            left = scale.x(sheet.today)
            painter.fillRect(QRectF(left, 0, area.right() - left, bottom), ink.colour("accent", 0.07))
        for start, end in sheet.absences:
            left, right = scale.x(start) + 1, scale.x(end) - 1
            brush = QBrush(ink.colour("line", 0.8), Qt.BrushStyle.BDiagPattern)
            painter.fillRect(QRectF(left, HEADER, right - left, bottom - HEADER), brush)
        previous = -_CLOSEST_GRID
        for visit in sheet.visits:
            x = scale.x(visit.day)
            if x - previous >= _CLOSEST_GRID:
                ink.vertical(painter, x, HEADER, bottom, ink.colour("grid"))
                previous = x

    def _draw_today(self, painter: QPainter, sheet: Sheet, rects: dict[str, QRectF], bottom: float) -> None:
        """A firm line; among the notes only a trace, as words cross it."""
        if sheet.today is None or not self._scale.sees(sheet.today):
            return
        ink, x = self._ink, self._scale.x(sheet.today)
        words = rects.get("notes", QRectF(0, bottom, 0, 0))
        top = min(max(words.top(), HEADER), bottom)
        end = min(max(words.bottom(), top), bottom)
        ink.vertical(painter, x, 22, top, ink.colour("accent"), 2)
        ink.vertical(painter, x, top, end, ink.colour("accent", 0.3), 2)
        ink.vertical(painter, x, end, bottom, ink.colour("accent"), 2)

    def _draw_flags(self, painter: QPainter, sheet: Sheet, bottom: float) -> None:
        """A notch under the axis and a dotted line down the lanes; the words stand among the notes."""
        ink = self._ink
        painter.save()
        painter.setClipRect(QRectF(theme.LABEL_COLUMN, 0, self.room.width(), bottom), Qt.ClipOperation.IntersectClip)
        for flag in sheet.flags:
            x = self._scale.x(flag.day)
            pen = QPen(ink.colour("accent", 0.55), 1)
            pen.setDashPattern([1.0, 4.0])
            painter.setPen(pen)
            painter.drawLine(QPointF(round(x) + 0.5, HEADER), QPointF(round(x) + 0.5, bottom))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink.colour("accent"))
            painter.drawPolygon([QPointF(x - 4.5, HEADER), QPointF(x, HEADER - 5), QPointF(x + 4.5, HEADER)])
        painter.restore()

    def _bottom(self, rects: dict[str, QRectF]) -> float:
        lowest = max((rect.bottom() for rect in rects.values()), default=float(HEADER))
        return min(lowest, self.room.height())

    def _paint_chosen(self, painter: QPainter) -> None:
        """The lane the keys act on, and where a dragged one would go."""
        rects, ink = self.lane_rects(), self._ink
        painter.save()
        top = float(HEADER)
        if self._chosen not in self.layout_of_lanes.pinned:
            top += self.stack.pinned_height(self.room.height())
        painter.setClipRect(QRectF(0, top, self.room.width(), self.room.height()))
        if self._chosen in rects and (self.hasFocus() or self._drop):
            rect = rects[self._chosen].adjusted(3, 1, 0, -2)
            rect.setWidth(theme.LABEL_COLUMN - 6)
            ink.frame(painter, rect, ink.colour("accent"), theme.CONTROL_RADIUS)
        if self._drop in rects and self._drop != self._chosen and self._chosen in rects:
            place = rects[self._drop]
            below = rects[self._chosen].top() < place.top()
            y = place.bottom() - 2 if below else place.top()
            painter.fillRect(QRectF(4, y, self.room.width() - 8, 3), ink.colour("accent"))
        painter.restore()

    def _paint_crosshair(self, painter: QPainter, sheet: Sheet, out: ReadOut, cursor: QPointF) -> None:
        rects, ink = self.lane_rects(), self._ink
        bottom = self._bottom(rects)
        x = min(
            max(self._scale.x(out.day) if out.index is not None else cursor.x(), theme.LABEL_COLUMN), self.room.width()
        )
        if self._ends is None:
            ink.vertical(painter, cursor.x(), HEADER, bottom, ink.colour("muted", 0.7))
        painter.save()
        top = HEADER + self.stack.pinned_height(self.room.height())
        painter.setClipRect(QRectF(0, HEADER, self.room.width(), self.room.height()), Qt.ClipOperation.IntersectClip)
        if out.index is not None:
            for lane in self.stack.shown():
                rect = rects[lane.key]
                hidden = rect.bottom() <= top and lane.key not in self.layout_of_lanes.pinned
                if lane.filled(sheet) and not hidden:
                    lane.paint_focus(Frame(painter, rect, sheet, self._scale, ink), out.index)
        painter.restore()
        header = QRectF(0, 0, self.room.width(), HEADER)
        if out.index is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink.colour("accent"))
            painter.drawEllipse(QPointF(self._scale.x(out.day), header.bottom() - 9), 5, 5)
        inside = self.room.adjusted(theme.LABEL_COLUMN, HEADER, -4, 0)
        paint_read_out(painter, ink, out, QPointF(x, cursor.y()), inside)


def _paint_pin(painter: QPainter, ink: Ink, rect: QRectF) -> None:
    """A small pin before the lane's name."""
    centre = QPointF(rect.left() + 9, rect.top() + 13)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.colour("accent"))
    painter.drawEllipse(centre, 3, 3)
    painter.fillRect(QRectF(centre.x() - 0.75, centre.y() + 2, 1.5, 6), ink.colour("accent"))
