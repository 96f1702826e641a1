"""What every forecaster is, liquid or simple: fit on courses, ask about later days, get a distribution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, Self

from models.course import Course, Treatment
from models.forecast import Array, Forecast


class Forecaster(Protocol):
    """The interface a liquid network and its baselines share, on scikit-learn's conventions."""

    def fit(
        self,
        courses: Sequence[Course],
        validation: Sequence[Course] | None = None,
        progress: Callable[..., None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Self:
        """Learn from courses of the same variables; those without a row are passed over."""
        ...

    def predict(self, course: Course, at: Sequence[float] | Array, plan: Sequence[Treatment] | None = None) -> Forecast:
        """The distribution of every variable on the days ``at`` (H,), none before the course's last row."""
        ...

    def get_params(self, deep: bool = True) -> dict[str, Any]: ...

    def set_params(self, **settings: Any) -> Self: ...
