"""The one linked time axis: days since the first visit to pixels, with zoom and pan held inside the whole extent."""

from __future__ import annotations

import math

MIN_SPAN = 0.25  # days: closer than six hours nothing is recorded


class TimeScale:
    """Maps days to x.

    first, last: whole extent in days; low, high: the part in view; left, width: its pixels
    """

    def __init__(self, first: float = 0.0, last: float = 1.0) -> None:
        self.left, self.width = 0.0, 1.0
        self.first = self.low = 0.0
        self.last = self.high = 1.0
        self.set_extent(first, last)

    def set_extent(self, first: float, last: float) -> None:
        """Take a new whole extent and show all of it. Raises ValueError where it is not finite."""
        if not (math.isfinite(first) and math.isfinite(last)):
            raise ValueError(f"time extent must be finite, got {first}..{last}")
        self.first, self.last = first, max(last, first + MIN_SPAN)
        self.fit()

    def set_pixels(self, left: float, width: float) -> None:
        self.left, self.width = left, max(width, 1.0)

    @property
    def span(self) -> float:
        return self.high - self.low

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def fitted(self) -> bool:
        return self.low <= self.first and self.high >= self.last

    def x(self, day: float) -> float:
        return self.left + (day - self.low) / self.span * self.width

    def day(self, x: float) -> float:
        return self.low + (x - self.left) / self.width * self.span

    def sees(self, day: float, margin: float = 0.0) -> bool:
        """Whether a day lies in view, give or take ``margin`` pixels."""
        return self.left - margin <= self.x(day) <= self.right + margin

    def fit(self) -> None:
        self.low, self.high = self.first, self.last

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Show ``1 / factor`` of the present span, keeping the day ``around`` (the middle) at its place."""
        centre = (self.low + self.high) / 2 if around is None else min(max(around, self.low), self.high)
        span = min(max(self.span / factor, MIN_SPAN), self.last - self.first)
        share = (centre - self.low) / self.span
        self.show(centre - share * span, centre + (1 - share) * span)

    def pan(self, pixels: float) -> None:
        days = pixels / self.width * self.span
        self.show(self.low + days, self.high + days)

    def show(self, low: float, high: float) -> None:
        """View low..high, shifted and cut to stay inside the extent."""
        span = min(max(high - low, MIN_SPAN), self.last - self.first)
        low = min(max(low, self.first), self.last - span)
        self.low, self.high = low, low + span
