"""The forecaster on a GPU: it learns what it learns on a CPU, in full and in mixed precision, and is read anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch

from models.continual import update
from models.course import Course
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.training import TrainingProgress
from tests.models.cohorts import cohort, patient

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU at hand")

Precision = Literal["auto", "float32", "mixed"]
# without dropout, whose random numbers are another device's others
SAME: dict[str, Any] = {"units": 8, "epochs": 6, "hidden": 8, "members": 1, "dropout": 0.0}


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(60)


@pytest.fixture
def someone() -> Course:
    return patient(999, np.random.default_rng(999), visits=5)


def _said(model: LiquidForecaster, someone: Course) -> Array:
    return model.predict(someone, someone.times[-1] + np.array([1.0, 30.0, 120.0])).values


@pytest.mark.parametrize("cell", ["ltc", "cfc"])
def test_a_gpu_learns_what_a_cpu_learns(cell: str, courses: list[Course], someone: Course):
    losses: dict[str, list[float]] = {"cpu": [], "cuda": []}
    models = {}
    for device, told in losses.items():
        model = LiquidForecaster(**SAME, cell=cell, device=device, precision="float32")
        models[device] = model.fit(courses, progress=lambda p, told=told: told.append(p.train_loss))
    np.testing.assert_allclose(losses["cuda"], losses["cpu"], rtol=0.01)
    np.testing.assert_allclose(_said(models["cuda"], someone), _said(models["cpu"], someone), rtol=0.02, atol=0.05)


def test_mixed_precision_is_the_choice_of_a_gpu_and_costs_no_skill(courses: list[Course]):
    told: dict[Precision, list[TrainingProgress]] = {"auto": [], "mixed": [], "float32": []}
    for precision, said in told.items():
        LiquidForecaster(**SAME, device="cuda", precision=precision).fit(courses, progress=said.append)
    lost = {precision: said[-1].validation_loss for precision, said in told.items()}
    assert lost["auto"] == pytest.approx(lost["mixed"], abs=1e-4)
    assert lost["mixed"] != lost["float32"]
    assert lost["mixed"] == pytest.approx(lost["float32"], abs=0.03)


def test_what_a_gpu_has_learnt_a_cpu_reads(courses: list[Course], someone: Course, tmp_path: Path):
    model = LiquidForecaster(**SAME, device="cuda").fit(courses)
    model.save(tmp_path, "m")
    np.testing.assert_allclose(
        _said(LiquidForecaster.load(tmp_path, "m"), someone), _said(model, someone), rtol=1e-3, atol=1e-3
    )


def test_an_interrupted_training_resumes_to_the_same_result_on_a_gpu(
    courses: list[Course], someone: Course, tmp_path: Path
):
    whole = LiquidForecaster(**{**SAME, "dropout": 0.3}, device="cuda").fit(courses)
    seen: list[int] = []
    LiquidForecaster(**{**SAME, "dropout": 0.3}, device="cuda").fit(
        courses, progress=lambda p: seen.append(p.epoch), cancel=lambda: len(seen) >= 3, checkpoint=tmp_path / "c"
    )
    resumed = LiquidForecaster(**{**SAME, "dropout": 0.3}, device="cuda").fit(
        courses, checkpoint=tmp_path / "c", resume=True
    )
    assert seen == [1, 2, 3]
    np.testing.assert_allclose(_said(resumed, someone), _said(whole, someone), rtol=1e-3, atol=1e-3)


def test_a_network_learns_on_on_a_gpu(courses: list[Course]):
    model = LiquidForecaster(**SAME, device="cuda").fit(courses)
    later = [
        Course(f"N{c.patient}", c.times, c.values, c.variables, static=c.static, treatments=c.treatments)
        for c in cohort(20, seed=7)
    ]
    found = update(model, later, courses)
    assert np.isfinite(found.candidate.predict(later[0], [later[0].times[-1] + 7.0]).values).all()
