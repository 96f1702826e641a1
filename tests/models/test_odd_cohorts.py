"""Whatever the records look like: no exception, no NaN in a forecast."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.course import Course, Treatment, Variable
from models.errors import TrainingError
from models.forecaster import LiquidForecaster


@st.composite
def courses(draw: st.DrawFn) -> list[Course]:
    """Cohorts with ties, constants, empty columns, single visits, absurd units and doses."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    variables = draw(st.integers(1, 4))
    names = tuple(
        Variable(f"v{i}", lower=draw(st.sampled_from([None, 0.0])), upper=draw(st.sampled_from([None, 6.0])))
        for i in range(variables)
    )
    offset = np.array([draw(st.sampled_from([0.0, 5.0, -1e6, 1e12])) for _ in names])
    size = np.array([draw(st.sampled_from([0.0, 1.0, 1e-6, 1e9])) for _ in names])
    missing = np.array([draw(st.sampled_from([0.0, 0.3, 0.95, 1.0])) for _ in names])
    step = draw(st.sampled_from([0.0, 0.01, 7.0, 4000.0]))
    herbs = draw(st.integers(0, 3))
    out = []
    for number in range(draw(st.integers(1, 14))):
        n = int(rng.integers(0, 6))
        times = np.cumsum(rng.integers(0, 3, n) * step).astype(np.float64)
        values = offset + size * np.round(rng.normal(size=(n, variables)), 1)
        values[rng.random(values.shape) < missing] = np.nan
        treatments = [
            Treatment(
                f"h{int(rng.integers(herbs))}", *_interval(rng, step), dose=float(rng.choice([0.0, 1.0, 1e6, -3.0]))
            )
            for _ in range(int(rng.integers(0, 4)) if herbs else 0)
        ]
        static = {"age": float(rng.choice([np.nan, 30.0, 1e9])), "sex": 1.0} if rng.random() < 0.7 else {}
        out.append(Course(f"p{number}", times, values, names, static, tuple(treatments)))
    return out


def _interval(rng: np.random.Generator, step: float) -> tuple[float, float]:
    start = float(rng.normal() * step)
    return start, start + float(rng.random()) * (step + 1.0) + 1e-6


@pytest.mark.filterwarnings("error")
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(courses())
def test_any_cohort_is_learnt_or_refused_with_a_reason(cohort: list[Course]):
    torch.set_num_threads(1)
    model = LiquidForecaster(units=6, epochs=1, hidden=4, unfolds=1, batch_size=8)
    try:
        model.fit(cohort)
    except TrainingError as error:
        assert "nothing to learn" in str(error)  # noqa: PT017
        return
    for course in cohort[:4]:
        end = float(course.times[-1]) if len(course) else 0.0
        forecast = model.predict(course, end + np.array([0.0, 1e-9, 10.0, 1e5]))
        assert np.isfinite(forecast.values).all()
        assert (np.diff(forecast.values, axis=-1) >= 0).all()
        path = model.trajectory(course, until=end + 30, points=5)
        assert np.isfinite(path.state).all()
        assert np.isfinite(path.tau).all()
