"""The painted part of the timeline: header, lanes, today, crosshair; wheel, drag and keys on one time scale."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.ui import theme
from app.ui.plots import magnified
from app.ui.plots.axis import TimeAxis
from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.header import paint_header
from app.ui.plots.ink import Ink
from app.ui.plots.lanes import Frame, all_lanes
from app.ui.plots.magnified import at, room
from app.ui.plots.readout import ReadOut, paint_read_out, read_out
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Sheet

_LEFT_MARGIN, _RIGHT_MARGIN = 14.0, 36.0  # pixels between the plot's edges and the first and last day
_WHEEL = 1.0015  # zoom per eighth of a degree
_CLOSEST_GRID = 5.0  # pixels between vertical grid lines, at least


class TimelineCanvas(QAbstractScrollArea):
    """Lanes keep their order; one that has been needed once stays open, so going through patients moves nothing."""

    hovered = Signal(float)  # day under the cursor
    moved = Signal()  # the view was zoomed or shifted

    def __init__(self, scale: TimeScale, ink: Ink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lanes = all_lanes()
        self._open: dict[str, float] = {}  # heights of the lanes that were needed so far
        self._scale, self._ink = scale, ink
        self._sheet: Sheet | None = None
        self._axis = TimeAxis()
        self._empty = ""
        self._drawn: QPixmap | None = None
        self._cursor: QPointF | None = None
        self._read_out: ReadOut | None = None
        self._drag: QPointF | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setSingleStep(20)

    def show_sheet(self, sheet: Sheet | None, axis: TimeAxis, empty: str = "") -> None:
        self._sheet, self._axis, self._empty = sheet, axis, empty
        self._cursor = self._read_out = None
        if sheet is not None:
            for lane in self.lanes:
                if lane.filled(sheet):
                    self._open[lane.key] = max(self._open.get(lane.key, 0.0), lane.wanted(sheet))
        self._arrange()
        self.redraw()

    def set_ink(self, ink: Ink) -> None:
        self._ink = ink
        self._arrange()
        self.redraw()

    def redraw(self) -> None:
        """Forget the drawn lanes: scale, case or colours changed."""
        self._drawn = None
        self.viewport().update()

    @property
    def read_out(self) -> ReadOut | None:
        return self._read_out

    def lane_rects(self) -> dict[str, QRectF]:
        """Place of every lane in the viewport, by key, in order."""
        view = room(self.viewport(), self._ink.zoom)
        heights = self._heights(view.height() - HEADER)
        y = HEADER - self.verticalScrollBar().value()
        out: dict[str, QRectF] = {}
        for lane in self.lanes:
            out[lane.key] = QRectF(0, y, view.width(), heights[lane.key])
            y += heights[lane.key]
        return out

    def content_height(self, room: float = math.inf) -> int:
        """Height the lanes take in a viewport of height ``room``, header included; by default their comfortable one."""
        room = room if math.isfinite(room) else HEADER + 2 + sum(self._comfortable().values())
        return round(HEADER + sum(self._heights(room - HEADER).values()) + 2)

    def _comfortable(self) -> dict[str, float]:
        return {lane.key: self._open.get(lane.key, lane.collapsed) for lane in self.lanes}

    def _heights(self, room: float) -> dict[str, float]:
        heights = self._comfortable()
        spare = room - 2 - sum(heights.values())
        stretching = [lane for lane in self.lanes if lane.stretch and lane.key in self._open]
        shares = sum(lane.stretch for lane in stretching)
        for lane in stretching:
            wanted = round(lane.height + spare * lane.stretch / shares)
            heights[lane.key] = min(max(wanted, lane.shortest), lane.tallest)
        return heights

    def _arrange(self) -> None:
        view = room(self.viewport(), self._ink.zoom)
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
        if self.hasFocus():  # whoever works by keyboard sees where the arrow keys act
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._ink.frame(
                painter, room(self.viewport(), self._ink.zoom), self._ink.colour("accent"), theme.PANEL_RADIUS
            )
        if self._sheet is not None and self._read_out is not None and self._cursor is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_crosshair(painter, self._sheet, self._read_out, self._cursor)

    def _draw(self) -> QPixmap:
        pixmap = magnified.paper(self.viewport(), self._ink.zoom)
        pixmap.fill(self._ink.colour("bg"))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = room(self.viewport(), self._ink.zoom)
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
        bottom = min(rects[self.lanes[-1].key].bottom(), area.bottom())
        painter.save()
        painter.setClipRect(QRectF(theme.LABEL_COLUMN, 0, area.width(), bottom), Qt.ClipOperation.IntersectClip)
        if sheet.today is not None:
            left = scale.x(sheet.today)
            painter.fillRect(QRectF(left, 0, area.right() - left, bottom), ink.colour("accent", 0.07))
        previous = -_CLOSEST_GRID
        for visit in sheet.visits:
            x = scale.x(visit.day)
            if x - previous >= _CLOSEST_GRID:
                ink.vertical(painter, x, HEADER, bottom, ink.colour("grid"))
                previous = x
        painter.restore()
        painter.save()
        painter.setClipRect(QRectF(0, HEADER, area.width(), area.height() - HEADER), Qt.ClipOperation.IntersectClip)
        for lane in self.lanes:
            rect = rects[lane.key]
            if rect.height() and rect.bottom() > HEADER and rect.top() < area.bottom():
                lane.paint_all(Frame(painter, rect, sheet, scale, ink))
                ink.horizontal(painter, area.left(), area.right(), rect.bottom() - 1, ink.colour("line"))
        painter.restore()
        paint_header(painter, QRectF(0, 0, area.width(), HEADER), sheet, self._axis, scale, ink)
        ink.horizontal(painter, area.left(), area.right(), HEADER - 1, ink.colour("line"))
        if sheet.today is not None and scale.sees(sheet.today):
            words = max(rects[self.lanes[-1].key].top(), HEADER)  # among the notes only a trace: words cross it
            ink.vertical(painter, scale.x(sheet.today), 22, words, ink.colour("accent"), 2)
            ink.vertical(painter, scale.x(sheet.today), words, bottom, ink.colour("accent", 0.3), 2)

    def _paint_crosshair(self, painter: QPainter, sheet: Sheet, out: ReadOut, cursor: QPointF) -> None:
        rects, ink = self.lane_rects(), self._ink
        view = room(self.viewport(), ink.zoom)
        bottom = min(rects[self.lanes[-1].key].bottom(), view.height())
        x = min(max(self._scale.x(out.day) if out.index is not None else cursor.x(), theme.LABEL_COLUMN), view.width())
        ink.vertical(painter, cursor.x(), HEADER, bottom, ink.colour("muted", 0.7))
        painter.save()
        painter.setClipRect(QRectF(0, HEADER, view.width(), view.height()), Qt.ClipOperation.IntersectClip)
        if out.index is not None:
            for lane in self.lanes:
                if lane.filled(sheet):
                    lane.paint_focus(Frame(painter, rects[lane.key], sheet, self._scale, ink), out.index)
        painter.restore()
        header = QRectF(0, 0, view.width(), HEADER)
        if out.index is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink.colour("accent"))
            painter.drawEllipse(QPointF(self._scale.x(out.day), header.bottom() - 9), 5, 5)
        inside = QRectF(theme.LABEL_COLUMN, HEADER, view.width() - theme.LABEL_COLUMN - 4, view.height() - HEADER)
        paint_read_out(painter, ink, out, QPointF(x, cursor.y()), inside)

    def point_at(self, day: float, y: float | None = None) -> None:
        """Put the crosshair on a day, as the mouse or the arrow keys do."""
        if self._sheet is None:
            return
        self._cursor = QPointF(self._scale.x(day), HEADER + 40 if y is None else y)
        self._read_out = read_out(self._sheet, self._axis, day)
        self.viewport().update()
        self.hovered.emit(day)

    def leave(self) -> None:
        self._cursor = self._read_out = None
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        super().focusOutEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.leave()
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = at(event, self._ink.zoom)
        if self._drag is not None:
            self._scale.pan(self._drag.x() - place.x())
            bar = self.verticalScrollBar()
            bar.setValue(round(bar.value() + self._drag.y() - place.y()))
            self._drag = place
            self._changed()
        if place.x() >= theme.LABEL_COLUMN:
            self.point_at(self._scale.day(place.x()), place.y())
        else:
            self.leave()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._sheet is not None:
            if any(lane.press(at(event, self._ink.zoom)) for lane in self.lanes):
                self.redraw()
                return
            self._drag = at(event, self._ink.zoom)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._scale.fit()
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor; over the label column or with Shift, scroll the lanes; sideways, shift in time."""
        delta = event.angleDelta()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift or at(event, self._ink.zoom).x() < theme.LABEL_COLUMN:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - (delta.y() or delta.x()) // 2)
        elif abs(delta.x()) > abs(delta.y()):
            self._scale.pan(-delta.x() / 2)
            self._changed()
        else:
            self._scale.zoom(_WHEEL ** delta.y(), self._scale.day(at(event, self._ink.zoom).x()))
            self._changed()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if key in steps and self._sheet is not None and self._sheet.visits:
            self._step(self._sheet, steps[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape and self._read_out is not None:
            self.leave()
        else:
            super().keyPressEvent(event)

    def _step(self, sheet: Sheet, step: int) -> None:
        """Crosshair to the visit before or after; the view follows."""
        last = len(sheet.visits) - 1
        index = self._read_out.index if self._read_out is not None else None
        index = (last if step < 0 else 0) if index is None else min(max(index + step, 0), last)
        day = sheet.visits[index].day
        if not self._scale.sees(day):
            self._scale.show(day - self._scale.span / 2, day + self._scale.span / 2)
            self._changed()
        self.point_at(day)

    def _changed(self) -> None:
        self.redraw()
        self.moved.emit()
