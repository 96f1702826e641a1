"""The timeline under mouse, wheel, touchpad and keys: zoom, shift, crosshair, measure, lanes moved about."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from app.ui import theme
from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.ink import Ink
from app.ui.plots.lane_desk import LaneDesk
from app.ui.plots.lanes.notes import NotesLane
from app.ui.plots.magnified import at
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Sheet

_WHEEL = 1.0015  # zoom per eighth of a degree
_STEP = 1.5  # zoom per key
_PAN = 0.25  # share of the view per key
_STARTS = 6.0  # pixels a label is dragged before the lane follows

Key, Mod = Qt.Key, Qt.KeyboardModifier


class TimelineCanvas(LaneDesk):
    """Left and Right go from visit to visit, with Ctrl they shift; + and - zoom, Home and End go to the ends.

    Up and Down choose a lane, with Alt they move it; P pins it, H hides it. M measures from the visit at the crosshair
    to wherever Left and Right go; A annotates, Enter changes the annotation at the crosshair, Delete takes it out;
    Escape ends whatever it is.
    """

    def __init__(self, scale: TimeScale, ink: Ink, parent: QWidget | None = None) -> None:
        super().__init__(scale, ink, parent)
        self._drag: QPointF | None = None
        self._lane_drag: QPointF | None = None
        self._touchpad = False  # it tells of pinches itself: Qt's own reading of them would zoom twice
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)

    # -- events

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        super().focusOutEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.leave()
        elif isinstance(event, QNativeGestureEvent) and self._native_gesture(event):
            return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture) and not self._touchpad:
                centre = self.viewport().mapFromGlobal(pinch.hotSpot())
                self._zoom(pinch.scaleFactor(), centre.x() / self._ink.zoom)
                return True
        return super().viewportEvent(event)

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        """A pinch on a touchpad zooms about the cursor."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._touchpad = True
        self._zoom(1.0 + event.value(), at(event, self._ink.zoom).x())
        return True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = at(event, self._ink.zoom)
        if self._lane_drag is not None:
            if abs(place.y() - self._lane_drag.y()) > _STARTS or self._drop:
                self._drop = self._droppable(place.y())
                self.viewport().setCursor(Qt.CursorShape.SizeVerCursor)
                self.viewport().update()
            return
        if self._drag is not None:
            self._scale.pan(self._drag.x() - place.x())
            bar = self.verticalScrollBar()
            bar.setValue(round(bar.value() + self._drag.y() - place.y()))
            self._drag = place
            self._changed()
        elif self._ends is not None:
            if event.buttons() & Qt.MouseButton.LeftButton and self._sheet is not None and not self._measuring:
                self.measure(self._ends[0], self._sheet.nearest(self._scale.day(place.x())))
            return
        if place.x() >= theme.LABEL_COLUMN:
            self.point_at(self._scale.day(place.x()), place.y())
        else:
            self.leave()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._sheet is None:
            return
        place = at(event, self._ink.zoom)
        if place.x() < theme.LABEL_COLUMN and self.lane_at(place.y()):
            self.choose(self.lane_at(place.y()))
            self._lane_drag = place
        elif event.modifiers() & Mod.ShiftModifier and self._sheet.visits:
            self.end_measure()
            nearest = self._sheet.nearest(self._scale.day(place.x()))
            self.measure(nearest, nearest)
        elif any(lane.press(place) for lane in self.stack.shown()):
            self.redraw()
        else:
            self.end_measure()
            self._drag = place

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drop and self._chosen and self._drop != self._chosen:
            self.arrange(self.layout_of_lanes.put(self.stack.keys, self._chosen, self._drop))
        self._drag, self._lane_drag, self._drop = None, None, ""
        self.viewport().unsetCursor()
        if self._ends is not None and self._ends[0] == self._ends[1]:  # a click measures nothing
            self.end_measure()
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an annotation change it, elsewhere show the whole course."""
        notes = self.stack["notes"]
        flag = notes.flag_at(at(event, self._ink.zoom)) if isinstance(notes, NotesLane) else None
        if flag is not None:
            self.edit(flag)
        else:
            self._scale.fit()
            self._changed()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._sheet is None:
            return
        zoom = self._ink.zoom
        place = QPointF(event.pos().x() / zoom, event.pos().y() / zoom)
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            rect = self.lane_rects().get(self._chosen, QRectF(0, HEADER, 0, 0))
            where = QPointF(theme.LABEL_COLUMN, rect.top() + 8) * self._ink.zoom
            self.menu_wanted.emit(self.viewport().mapToGlobal(where.toPoint()), self._day(), self._chosen)
        else:
            key = self.lane_at(place.y())
            if key:
                self.choose(key)
            self.menu_wanted.emit(event.globalPos(), self._scale.day(max(place.x(), theme.LABEL_COLUMN)), key)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor; over the label column or with Shift, scroll the lanes; sideways, shift in time.

        Two fingers on a touchpad shift both ways; with Ctrl they zoom.
        """
        delta, pixels, modifiers = event.angleDelta(), event.pixelDelta(), event.modifiers()
        bar, over_labels = self.verticalScrollBar(), at(event, self._ink.zoom).x() < theme.LABEL_COLUMN
        if modifiers & Mod.ControlModifier:
            self._zoom(_WHEEL ** delta.y(), at(event, self._ink.zoom).x())
        elif not pixels.isNull():
            if pixels.x() and not over_labels:
                self._scale.pan(-pixels.x())
                self._changed()
            bar.setValue(bar.value() - pixels.y())
        elif modifiers & Mod.ShiftModifier or over_labels:
            bar.setValue(bar.value() - (delta.y() or delta.x()) // 2)
        elif abs(delta.x()) > abs(delta.y()):
            self._scale.pan(-delta.x() / 2)
            self._changed()
        else:
            self._zoom(_WHEEL ** delta.y(), at(event, self._ink.zoom).x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._sheet is None or not self._sheet.visits or not self._press_key(self._sheet, event):
            super().keyPressEvent(event)

    def _press_key(self, sheet: Sheet, event: QKeyEvent) -> bool:
        """True where the key meant something here."""
        key, held = Key(event.key()), event.modifiers() & ~Mod.KeypadModifier
        steps = {Key.Key_Left: -1, Key.Key_Right: 1, Key.Key_Up: -1, Key.Key_Down: 1}
        if key in (Key.Key_Left, Key.Key_Right) and held == Mod.ControlModifier:
            self._scale.pan(steps[key] * _PAN * self._scale.width)
            self._changed()
        elif key in (Key.Key_Up, Key.Key_Down) and held == Mod.AltModifier and self._chosen:
            self.move_lane(self._chosen, steps[key])
        elif key == Key.Key_Escape:
            return self._escape()
        elif held not in (Mod.NoModifier, Mod.ShiftModifier):
            return False
        elif key in (Key.Key_Left, Key.Key_Right):
            self._step(sheet, steps[key])
        elif key in (Key.Key_Up, Key.Key_Down):
            self._choose_next(steps[key])
        elif key in (Key.Key_Home, Key.Key_End):
            self._go(sheet, 0 if key == Key.Key_Home else len(sheet.visits) - 1)
        elif key in (Key.Key_Plus, Key.Key_Equal, Key.Key_Minus):
            factor = 1 / _STEP if key == Key.Key_Minus else _STEP
            self._zoom(factor, self._cursor.x() if self._cursor is not None else None)
        else:
            return self._press_letter(key)
        return True

    def _press_letter(self, key: Qt.Key) -> bool:
        layout, lane = self.layout_of_lanes, self._chosen
        if key == Key.Key_M:
            self.start_measure()
        elif key == Key.Key_A:
            self.annotate()
        elif key == Key.Key_P and lane:
            self.arrange(layout.with_pinned(lane, lane not in layout.pinned))
        elif key == Key.Key_H and lane:
            self._choose_next(1)
            self.arrange(layout.with_hidden(lane, True))
        elif key in (Key.Key_Return, Key.Key_Enter, Key.Key_F2, Key.Key_Delete):
            flag = self.flag_near(self._day())
            if flag is None:
                return False
            (self.drop if key == Key.Key_Delete else self.edit)(flag)
        else:
            return False
        return True

    def _droppable(self, y: float) -> str:
        """The lane whose place a dragged one would take: one of the same part, pinned or not."""
        pinned = self.layout_of_lanes.pinned
        rects = {k: r for k, r in self.lane_rects().items() if (k in pinned) == (self._chosen in pinned) and r.height()}
        return min(rects, key=lambda key: abs(rects[key].center().y() - y), default="")
