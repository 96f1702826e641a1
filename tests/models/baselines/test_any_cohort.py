"""Whatever the records look like, every simple forecaster answers: no exception, no warning, no NaN."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import baselines
from models.course import Course, Event, Treatment, Variable
from models.errors import TrainingError

QUICK = {"boosted_trees": {"rounds": 3, "folds": 2, "smallest_leaf": 2}, "logistic": {"folds": 2}}


@st.composite
def cohorts(draw: st.DrawFn) -> list[Course]:
    """Every kind of variable; ties, constants, empty columns, single visits, absurd units, events or none."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = draw(
        st.lists(st.sampled_from(["continuous", "ordinal", "binary", "categorical", "count"]), min_size=1, max_size=4)
    )
    variables = tuple(
        Variable(
            f"v{i}",
            kind=kind,  # type: ignore[arg-type]
            lower=draw(st.sampled_from([None, 0.0])),
            upper=draw(st.sampled_from([None, 6.0])),
            levels=("a", "b", "c") if kind == "categorical" and rng.random() < 0.7 else (),
        )
        for i, kind in enumerate(kinds)
    )
    offset = np.array([draw(st.sampled_from([0.0, 5.0, -1e6, 1e12])) if k == "continuous" else 1.0 for k in kinds])
    size = np.array([draw(st.sampled_from([0.0, 1.0, 1e-6, 1e9])) if k == "continuous" else 1.0 for k in kinds])
    missing = np.array([draw(st.sampled_from([0.0, 0.3, 0.95, 1.0])) for _ in kinds])
    step = draw(st.sampled_from([0.0, 0.01, 7.0, 4000.0]))
    events = draw(st.sampled_from([(), ("death",), ("death", "relapse")]))
    out = []
    for number in range(draw(st.integers(1, 14))):
        n = int(rng.integers(0, 6))
        times = np.cumsum(rng.integers(0, 3, n) * step).astype(np.float64)
        drawn = rng.normal(size=(n, len(kinds)))
        whole = np.clip(np.round(drawn), -1, 1)
        values = offset + size * np.where([k == "continuous" for k in kinds], np.round(drawn, 1), whole)
        values = np.where([k == "binary" for k in kinds], values > 1, values).astype(np.float64)
        values[rng.random(values.shape) < missing] = np.nan
        start = float(rng.normal() * step)
        treatments = (Treatment("h", start, start + step + 1, float(rng.choice([0.0, 1.0, 1e6, -3.0]))),)
        end = (float(times[-1]) if n else 0.0) + float(rng.integers(0, 3)) * step
        came = (Event(str(rng.choice(events)), end),) if events and rng.random() < 0.5 else ()
        static = {"age": float(rng.choice([np.nan, 30.0, 1e9])), "sex": 1.0} if rng.random() < 0.7 else {}
        out.append(
            Course(
                f"p{number}",
                times,
                values,
                variables,
                static,
                treatments if rng.random() < 0.5 else (),
                came,
                end if rng.random() < 0.8 else None,
            )
        )
    return out


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", baselines.NAMES)
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(cohort=cohorts())
def test_any_cohort_is_learnt_or_refused_with_a_reason(name: str, cohort: list[Course]):
    model = baselines.make(name, **QUICK.get(name, {}))
    try:
        model.fit(cohort)
    except TrainingError as error:
        assert "nothing to learn" in str(error)  # noqa: PT017
        return
    days = [(float(c.times[-1]) if len(c) else 0.0) + np.array([0.0, 1e-9, 10.0, 1e5]) for c in cohort]
    for forecast in model.predict_many(cohort, days):
        assert np.isfinite(forecast.values).all()
        assert (np.diff(forecast.values, axis=-1) >= 0).all()
        for v, variable in enumerate(forecast.variables):
            low, high = variable.lower, variable.upper
            assert low is None or (forecast.values[:, v] >= low).all()
            assert high is None or (forecast.values[:, v] <= high).all()
            if variable.kind in ("binary", "categorical"):
                assert variable.name in forecast.probabilities
        for chance in forecast.probabilities.values():
            np.testing.assert_allclose(chance.sum(-1), 1.0)
            assert (chance > 0).all()
        assert all(((p >= 0) & (p <= 1)).all() for p in forecast.chance.values())
        for share in forecast.survival.values():
            assert ((share >= 0) & (share <= 1)).all()
            assert (np.diff(share) <= 0).all()
