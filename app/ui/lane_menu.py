"""The menu of the timeline's lanes: which are shown, where they stand, how they draw, and what is done at a day."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.ui.plots.canvas import TimelineCanvas
from app.ui.plots.layout import PULSE_AXES, STEPS, LaneLayout


class Keeper(Protocol):
    """Who keeps layouts under names."""

    def layouts(self) -> dict[str, LaneLayout]: ...
    def ask_for_name(self) -> None: ...
    def take_layout(self, name: str) -> None: ...
    def forget_layout(self, name: str) -> None: ...
    def reset_lanes(self) -> None: ...


class LaneMenu(QMenu):
    """day: where it was asked for, None by key and away from the plot; lane: the one pinned and moved, "" for none."""

    def __init__(self, keeper: Keeper, canvas: TimelineCanvas, day: float | None, lane: str) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._canvas, self._keeper = canvas, keeper
        self._add_day(day)
        layout = canvas.layout_of_lanes
        for key in layout.arranged(canvas.stack.keys):
            shown = key not in layout.hidden
            self._add(canvas.stack[key].title(), partial(self._show_lane, key), checked=shown)
        if lane:
            self.addSeparator()
            pin = self.tr("Pin at the top: {lane}").format(lane=canvas.stack[lane].title())
            self._add(pin, partial(self._pin, lane), key="P", checked=lane in layout.pinned)
            self._add(self.tr("Move up"), partial(canvas.move_lane, lane, -1), key="Alt+Up")
            self._add(self.tr("Move down"), partial(canvas.move_lane, lane, 1), key="Alt+Down")
        self.addSeparator()
        for name, words in ((STEPS, self.tr("Scores as steps")), (PULSE_AXES, self.tr("Pulse as eight axes"))):
            self._add(words, partial(self._set_option, name), checked=name in layout.options)
        self._add_layouts(layout)

    def _add_day(self, day: float | None) -> None:
        canvas = self._canvas
        if day is None:
            return
        flag = canvas.flag_near(day)
        if canvas.may_annotate:
            self._add(self.tr("Annotate here…"), partial(canvas.annotate, day), key="A")
            if flag is not None:
                self._add(self.tr("Change the annotation…"), partial(canvas.edit, flag), key="Enter")
                self._add(self.tr("Take the annotation out"), partial(canvas.drop, flag), key="Del")
        self._add(self.tr("Measure from here"), partial(self._measure, day), key="M")
        self.addSeparator()

    def _add_layouts(self, layout: LaneLayout) -> None:
        keeper = self._keeper
        self.addSeparator()
        self._add(self.tr("Standard layout"), keeper.reset_lanes, checked=layout == LaneLayout())
        kept = keeper.layouts()
        for name, content in kept.items():
            self._add(_plain(name), partial(keeper.take_layout, name), checked=content == layout)
        self._add(self.tr("Keep this layout…"), keeper.ask_for_name)
        self.forget = QMenu(self.tr("Forget a layout"), self)
        if kept:
            self.addMenu(self.forget)
            for name in kept:
                action = self.forget.addAction(_plain(name))
                action.triggered.connect(partial(_call, partial(keeper.forget_layout, name)))

    def _add(self, words: str, what: Callable[[], object], *, key: str = "", checked: bool | None = None) -> QAction:
        """key: the one that does the same on the timeline; told, not bound here."""
        action = self.addAction(f"{words}\t{_key(key)}" if key else words)
        if checked is not None:
            action.setCheckable(True)
            action.setChecked(checked)
        action.triggered.connect(partial(_call, what))
        return action

    def _show_lane(self, key: str) -> None:
        layout = self._canvas.layout_of_lanes
        self._canvas.arrange(layout.with_hidden(key, key not in layout.hidden))

    def _pin(self, key: str) -> None:
        layout = self._canvas.layout_of_lanes
        self._canvas.arrange(layout.with_pinned(key, key not in layout.pinned))

    def _set_option(self, name: str) -> None:
        layout = self._canvas.layout_of_lanes
        self._canvas.arrange(layout.with_option(name, name not in layout.options))

    def _measure(self, day: float) -> None:
        self._canvas.end_measure()
        self._canvas.point_at(day)
        self._canvas.start_measure()


def _call(what: Callable[[], object], checked: bool = False) -> None:
    del checked  # what is so now is asked of the canvas
    what()


def _plain(name: str) -> str:
    return name.replace("&", "&&")  # a name is no mnemonic


def _key(key: str) -> str:
    """As it is printed on the keyboard."""
    words = {"Enter": QCoreApplication.translate("LaneMenu", "Enter"), "Del": "Del"}
    return words.get(key, key)
