"""Which lanes stand where: heights they take of a window, pinned ones above, the others scrolled below them."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF

from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.lanes import Lane, all_lanes
from app.ui.plots.layout import LaneLayout
from app.ui.plots.sheet import Sheet

_PINNED_SHARE = 0.6  # of the window at most: under more, nothing would be left to scroll


class LaneStack:
    """A lane that has been needed once stays open, so that going through patients moves nothing."""

    def __init__(self) -> None:
        self.lanes: tuple[Lane, ...] = all_lanes()
        self.keys = tuple(lane.key for lane in self.lanes)
        self._by_key = {lane.key: lane for lane in self.lanes}
        self._open: dict[str, float] = {}  # heights of the lanes that were needed so far
        self.layout = LaneLayout()

    def __getitem__(self, key: str) -> Lane:
        return self._by_key[key]

    def open_for(self, sheet: Sheet) -> None:
        for lane in self.lanes:
            if lane.filled(sheet):
                self._open[lane.key] = max(self._open.get(lane.key, 0.0), lane.wanted(sheet))

    def shown(self) -> list[Lane]:
        """From top to bottom."""
        return [self._by_key[key] for key in self.layout.shown(self.keys)]

    def pinned_height(self, room: float) -> float:
        """Pixels under the header that do not scroll, in a viewport of height ``room``."""
        heights = self._heights(room - HEADER)
        wanted = sum(heights[lane.key] for lane in self.shown() if lane.key in self.layout.pinned)
        return wanted if wanted <= (room - HEADER) * _PINNED_SHARE else 0.0

    def rects(self, width: float, room: float, scrolled: float) -> dict[str, QRectF]:
        """Place of every shown lane in a viewport, by key, from top to bottom."""
        heights = self._heights(room - HEADER)
        fixed = self.pinned_height(room)
        top, y = float(HEADER), HEADER - scrolled
        out: dict[str, QRectF] = {}
        for lane in self.shown():
            height = heights[lane.key]
            stays = fixed > 0 and lane.key in self.layout.pinned
            out[lane.key] = QRectF(0, top if stays else y, width, height)
            top, y = top + height, y + height
        return out

    def content_height(self, room: float = math.inf) -> int:
        """Height the lanes take in a viewport of height ``room``, header included; by default their comfortable one."""
        room = room if math.isfinite(room) else HEADER + 2 + sum(self._comfortable().values())
        return round(HEADER + sum(self._heights(room - HEADER).values()) + 2)

    def _comfortable(self) -> dict[str, float]:
        return {lane.key: self._open.get(lane.key, lane.collapsed) for lane in self.shown()}

    def _heights(self, room: float) -> dict[str, float]:
        heights = self._comfortable()
        spare = room - 2 - sum(heights.values())
        stretching = [lane for lane in self.shown() if lane.stretch and lane.key in self._open]
        shares = sum(lane.stretch for lane in stretching)
        for lane in stretching:
            wanted = round(lane.height + spare * lane.stretch / shares)
            heights[lane.key] = min(max(wanted, lane.shortest), lane.tallest)
        return heights
