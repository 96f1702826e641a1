"""What can be done with the lanes, however it was asked for: crosshair, measure, annotations, order of the lanes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Signal
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.plots.axis import TimeAxis
from app.ui.plots.flag_editor import FlagEditor
from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.ink import Ink
from app.ui.plots.lane_view import LaneView
from app.ui.plots.layout import LaneLayout
from app.ui.plots.measure import measure, place_box
from app.ui.plots.readout import axis_read_out, read_out
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Flag, Sheet


class LaneDesk(LaneView):
    hovered = Signal(float)  # day under the cursor
    moved = Signal()  # the view was zoomed or shifted
    arranged = Signal(object)  # LaneLayout: lanes were moved, hidden or pinned here
    menu_wanted = Signal(QPoint, float, str)  # place on the screen; day and lane there ("": none)
    flag_written = Signal(object, str)  # Flag (key 0: a new one) and its words
    flag_dropped = Signal(object)  # Flag to take out

    def __init__(self, scale: TimeScale, ink: Ink, parent: QWidget | None = None) -> None:
        super().__init__(scale, ink, parent)
        self.editor = FlagEditor(self.viewport())
        self.editor.written.connect(self.flag_written)
        self.editor.closed.connect(self.setFocus)
        self.may_annotate = False  # whoever keeps the annotations says so
        self._measuring = False  # by keys: Left and Right move the second end

    def show_sheet(self, sheet: Sheet | None, axis: TimeAxis, empty: str = "") -> None:
        self._sheet, self._axis, self._empty = sheet, axis, empty
        self.editor.give_up()
        self.leave()
        self.end_measure()
        if sheet is not None:
            self.stack.open_for(sheet)
        self._arrange()
        self.redraw()

    def show_flags(self, sheet: Sheet) -> None:
        """The same course with other annotations: crosshair and measure stay."""
        self._sheet = sheet
        self.stack.open_for(sheet)
        self._arrange()
        self.redraw()
        if self._read_out is not None and self._read_out.index is not None and self._ends is None:
            self._read_out = read_out(sheet, self._axis, self._read_out.day)

    # -- crosshair and measure

    def point_at(self, day: float, y: float | None = None) -> None:
        """Put the crosshair on a day, as the mouse or the arrow keys do; on the axis it tells the day itself."""
        if self._sheet is None:
            return
        self._cursor = QPointF(self._scale.x(day), HEADER + 40 if y is None else y)
        on_axis = y is not None and y < HEADER
        self._read_out = (axis_read_out if on_axis else read_out)(self._sheet, self._axis, day)
        self.viewport().update()
        self.hovered.emit(day)

    def leave(self) -> None:
        if self._ends is None:
            self._cursor = self._read_out = None
            self.viewport().update()

    def measure(self, first: int, second: int) -> None:
        """Hold two visits, by index, against each other."""
        if self._sheet is None or not self._sheet.visits:
            return
        self._ends = (first, second)
        self._read_out = measure(self._sheet, self._axis, first, second)
        self._cursor = place_box(self._scale, self._sheet, self._ends)
        self._say(self._read_out.title)
        self.viewport().update()

    def start_measure(self) -> None:
        """From the visit at the crosshair, or the last one, to the one before it until Left or Right moves the end."""
        if self._sheet is None or len(self._sheet.visits) < 2:
            return
        index = self._index()
        start = len(self._sheet.visits) - 1 if index is None else index
        self.end_measure()
        self._measuring = True
        self.measure(start, start - 1 if start else 1)

    def end_measure(self) -> None:
        if self._ends is not None:
            self._ends, self._measuring = None, False
            self.leave()

    @property
    def measured(self) -> tuple[int, int] | None:
        """Indices of the two visits held against each other."""
        return self._ends

    def _index(self) -> int | None:
        """The visit at the crosshair."""
        return self._read_out.index if self._read_out is not None else None

    def _day(self) -> float:
        """Where something put down by key goes: the crosshair, else the last visit."""
        assert self._sheet is not None
        if self._read_out is None or self._cursor is None:
            return self._sheet.last_day
        return self._read_out.day

    def _say(self, words: str) -> None:
        self.setAccessibleDescription(words)

    # -- annotations

    def flag_near(self, day: float) -> Flag | None:
        """The annotation within reach of a day."""
        flags = self._sheet.flags if self._sheet is not None else ()
        near = [(abs(self._scale.x(flag.day) - self._scale.x(day)), flag.key, flag) for flag in flags]
        return min(near)[2] if near and min(near)[0] <= 12.0 else None

    def annotate(self, day: float | None = None) -> None:
        """Write at a day, by default at the crosshair."""
        if self._sheet is not None and self._sheet.visits and self.may_annotate:
            self.edit(Flag(0, round(self._day() if day is None else day, 2), ""))

    def edit(self, flag: Flag) -> None:
        """Change the words of an annotation, where it stands."""
        if not self.may_annotate:
            return
        if not self._scale.sees(flag.day):
            self._scale.centre(flag.day)
            self._changed()
        notes = self.lane_rects().get("notes", QRectF(0, HEADER, 0, 0))
        top = min(max(notes.top() + 6, HEADER + 4), self.room.height() - 40)
        title = self._axis.place(flag.day) or self._axis.caption()
        zoom = self._ink.zoom  # the field is a widget: it lies in pixels
        area = self.room.adjusted(theme.LABEL_COLUMN, 0, 0, 0)
        place = QPointF(self._scale.x(flag.day), top) * zoom
        self.editor.open_at(flag, place, QRectF(area.topLeft() * zoom, area.size() * zoom), title)

    def drop(self, flag: Flag) -> None:
        if self.may_annotate:
            self.flag_dropped.emit(flag)

    # -- lanes

    def lane_at(self, y: float) -> str:
        """Key of the lane there, the pinned one where it lies above another; "" on the axis."""
        pinned = self.layout_of_lanes.pinned
        found = [key for key, rect in self.lane_rects().items() if rect.top() <= y < rect.bottom() and y >= HEADER]
        return min(found, key=lambda key: key not in pinned) if found else ""

    @property
    def chosen(self) -> str:
        return self._chosen

    def choose(self, key: str) -> None:
        """The lane the keys act on; it is scrolled into sight."""
        rects = self.lane_rects()
        self._chosen = key if key in rects else ""
        if self._chosen:
            rect, bar = rects[key], self.verticalScrollBar()
            top = HEADER + self.stack.pinned_height(self.room.height())
            if rect.top() < top and key not in self.layout_of_lanes.pinned:
                bar.setValue(round(bar.value() + rect.top() - top))
            elif rect.bottom() > self.room.height():
                bar.setValue(round(bar.value() + rect.bottom() - self.room.height()))
            self._say(self.stack[key].title())
        self.viewport().update()

    def arrange(self, layout: LaneLayout) -> None:
        """A new layout by the person's own hand: shown, and told."""
        if layout != self.layout_of_lanes:
            self.set_layout(layout)
            self.choose(self._chosen)
            self.arranged.emit(layout)

    def move_lane(self, key: str, step: int) -> None:
        """So many places down (negative: up) among the lanes there are to see, pinned ones among the pinned."""
        layout = self.layout_of_lanes
        rects = self.lane_rects()
        part = [k for k, r in rects.items() if r.height() and (k in layout.pinned) == (key in layout.pinned)]
        if key in part:
            self.arrange(layout.put(self.stack.keys, key, part[min(max(part.index(key) + step, 0), len(part) - 1)]))

    def _choose_next(self, step: int) -> None:
        keys = [key for key, rect in self.lane_rects().items() if rect.height()]
        if keys:
            at = keys.index(self._chosen) + step if self._chosen in keys else (0 if step > 0 else len(keys) - 1)
            self.choose(keys[min(max(at, 0), len(keys) - 1)])

    # -- from place to place

    def _escape(self) -> bool:
        if self._ends is not None:
            self.end_measure()
        elif self._read_out is not None:
            self.leave()
        elif self._chosen:
            self.choose("")
        else:
            return False
        return True

    def _step(self, sheet: Sheet, step: int) -> None:
        """To the visit before or after: the crosshair, or the second end of what is measured."""
        last = len(sheet.visits) - 1
        index = self._ends[1] if self._ends is not None else self._index()
        self._go(sheet, (last if step < 0 else 0) if index is None else min(max(index + step, 0), last))

    def _go(self, sheet: Sheet, index: int) -> None:
        day = sheet.visits[index].day
        if not self._scale.sees(day):
            self._scale.centre(day)
            self._changed()
        if self._ends is not None:
            self.measure(self._ends[0], index)
            return
        self.point_at(day)
        if self._read_out is not None:
            self._say("; ".join([self._read_out.title, *(f"{row.label} {row.value}" for row in self._read_out.rows)]))

    def _zoom(self, factor: float, x: float | None) -> None:
        self._scale.zoom(factor, None if x is None else self._scale.day(x))
        self._changed()

    def _changed(self) -> None:
        self.redraw()
        if self._ends is not None and self._sheet is not None:
            self._cursor = place_box(self._scale, self._sheet, self._ends)
        self.moved.emit()
