"""The one linked time axis: days since the first visit to pixels, with zoom and pan held inside the whole extent."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MIN_SPAN = 0.25  # days: closer than six hours nothing is recorded


class Steps:
    """Visits at equal steps, whatever the days between them; before the first and after the last a day is a day.

    A step is the mean of the days between visits, so that a course is as long as it was. Places are strictly
    increasing: visits of one day share theirs. Raises ValueError for fewer than two days.
    """

    def __init__(self, days: Sequence[float]) -> None:
        self._days = np.unique(np.asarray(days, dtype=np.float64))
        if len(self._days) < 2:
            raise ValueError(f"steps need two days at least, got {len(self._days)}")
        self._places = np.linspace(self._days[0], self._days[-1], len(self._days))

    def place(self, day: float) -> float:
        return self._map(day, self._days, self._places)

    def day(self, place: float) -> float:
        return self._map(place, self._places, self._days)

    def places(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._map_all(days, self._days, self._places)

    def days(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._map_all(places, self._places, self._days)

    def _map_all(
        self, values: NDArray[np.float64], given: NDArray[np.float64], wanted: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        outside = (values < given[0]) | (values > given[-1])
        return np.where(outside, values, np.interp(values, given, wanted))

    def _map(self, value: float, given: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
        if value <= given[0] or value >= given[-1]:  # the two run alike there
            return value
        return float(np.interp(value, given, wanted))


class TimeScale:
    """Maps days to x.

    first, last: whole extent in days; low, high: the part in view; left, width: its pixels
    steps: visits stand at equal steps instead of by their days; None: a day is a day
    """

    def __init__(self, first: float = 0.0, last: float = 1.0) -> None:
        self.left, self.width = 0.0, 1.0
        self.steps: Steps | None = None
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
        """Days in view."""
        return self.high - self.low

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def fitted(self) -> bool:
        return self.low <= self.first and self.high >= self.last

    def x(self, day: float) -> float:
        low, span = self._view()
        return self.left + (self._place(day) - low) / span * self.width

    def xs(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        low, span = self._view()
        places = days if self.steps is None else self.steps.places(days)
        return self.left + (places - low) / span * self.width

    def day(self, x: float) -> float:
        low, span = self._view()
        return self._day(low + (x - self.left) / self.width * span)

    def days(self, xs: NDArray[np.float64]) -> NDArray[np.float64]:
        low, span = self._view()
        places = low + (xs - self.left) / self.width * span
        return places if self.steps is None else self.steps.days(places)

    def share(self, day: float) -> float:
        """Where a day stands in the whole extent, 0..1."""
        first, last = self._place(self.first), self._place(self.last)
        return (self._place(day) - first) / (last - first)

    def day_at_share(self, share: float) -> float:
        first, last = self._place(self.first), self._place(self.last)
        return self._day(first + share * (last - first))

    def sees(self, day: float, margin: float = 0.0) -> bool:
        """Whether a day lies in view, give or take ``margin`` pixels."""
        return self.left - margin <= self.x(day) <= self.right + margin

    def fit(self) -> None:
        self.low, self.high = self.first, self.last

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Show ``1 / factor`` of the present span, keeping the day ``around`` (the middle) at its place."""
        low, span = self._view()
        centre = low + span / 2 if around is None else min(max(self._place(around), low), low + span)
        share = (centre - low) / span
        span = min(max(span / factor, MIN_SPAN), self._whole())
        self._show(centre - share * span, span)

    def pan(self, pixels: float) -> None:
        low, span = self._view()
        self._show(low + pixels / self.width * span, span)

    def centre(self, day: float) -> None:
        """Bring a day into the middle."""
        _, span = self._view()
        self._show(self._place(day) - span / 2, span)

    def show(self, low: float, high: float) -> None:
        """View low..high, shifted and cut to stay inside the extent."""
        low, high = self._place(low), self._place(high)
        self._show(low, min(max(high - low, MIN_SPAN), self._whole()))

    def _show(self, low: float, span: float) -> None:
        low = min(max(low, self._place(self.first)), self._place(self.last) - span)
        self.low, self.high = self._day(low), self._day(low + span)

    def _view(self) -> tuple[float, float]:
        low = self._place(self.low)
        return low, self._place(self.high) - low

    def _whole(self) -> float:
        return self._place(self.last) - self._place(self.first)

    def _place(self, day: float) -> float:
        return day if self.steps is None else self.steps.place(day)

    def _day(self, place: float) -> float:
        return place if self.steps is None else self.steps.day(place)
